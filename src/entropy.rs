//! The operating system's randomness: the one place that draws it.
//!
//! Invariant: every key, salt, blind and identifier outside tests comes from here. Absent: seeds,
//! user-space generators, a fallback. Where the kernel has no randomness the process stops, since
//! nothing it would go on to sign or encrypt could be trusted.

use getrandom::SysRng;
use rand_core::UnwrapErr;

/// A cryptographic random source that cannot run dry.
pub type Entropy = UnwrapErr<SysRng>;

/// The operating system's randomness.
///
/// # Panics
/// Drawing panics where the kernel refuses, which a running Linux does not.
#[must_use]
pub fn entropy() -> Entropy {
    UnwrapErr(SysRng)
}

/// Fresh random bytes, for identifiers, blinds and salts.
#[must_use]
pub fn array<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand_core::Rng::fill_bytes(&mut entropy(), &mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::Rng as _;

    #[test]
    fn draws_differ() {
        let (mut a, mut b) = ([0; 32], [0; 32]);
        entropy().fill_bytes(&mut a);
        entropy().fill_bytes(&mut b);
        assert_ne!(a, b);
    }
}
