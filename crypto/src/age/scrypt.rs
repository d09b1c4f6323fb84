//! Passphrases, for key files that stay on their device.
//!
//! Specification: C2SP age, "The scrypt recipient type"; RFC 7914.

use core::fmt;

use rand_core::CryptoRng;
use scrypt::Params;
use zeroize::Zeroizing;

use super::FileKey;
use super::header::{HeaderError, UnwrapError};
use super::stanza::{WRAPPED_KEY_LEN, decode_argument, decode_body, encode_argument};
use super::x25519::{open_file_key, seal_file_key};

pub(super) const STANZA: &str = "scrypt";
const SALT_LABEL: &[u8] = b"age-encryption.org/v1/scrypt";
const SALT_LEN: usize = 16;

/// Base-two logarithm of scrypt's N; memory is 2^(n + 10) bytes, so 18 means 256 MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkFactor(u8);

impl WorkFactor {
    /// For new files: about a second on a current machine.
    pub const DEFAULT: Self = Self(18);
    /// Highest accepted when opening unless the caller says otherwise: 1 GiB of memory.
    pub const DEFAULT_LIMIT: Self = Self(20);
    /// Highest this implementation computes at all: 4 GiB of memory.
    const MAX: u8 = 22;

    /// A work factor between 1 and 22.
    #[must_use]
    pub fn new(log_n: u8) -> Option<Self> {
        (1..=Self::MAX).contains(&log_n).then_some(Self(log_n))
    }

    /// Base-two logarithm of N.
    #[must_use]
    pub fn log_n(self) -> u8 {
        self.0
    }
}

/// A passphrase with the work it costs: to seal, and at most to open.
#[derive(Clone)]
pub struct Passphrase {
    secret: Zeroizing<String>,
    work_factor: WorkFactor,
    limit: WorkFactor,
}

impl Passphrase {
    /// A passphrase with [`WorkFactor::DEFAULT`] and [`WorkFactor::DEFAULT_LIMIT`].
    #[must_use]
    pub fn new(secret: Zeroizing<String>) -> Self {
        Self {
            secret,
            work_factor: WorkFactor::DEFAULT,
            limit: WorkFactor::DEFAULT_LIMIT,
        }
    }

    /// The work factor for new files.
    #[must_use]
    pub fn with_work_factor(self, work_factor: WorkFactor) -> Self {
        Self {
            work_factor,
            ..self
        }
    }

    /// The highest work factor accepted when opening.
    #[must_use]
    pub fn with_limit(self, limit: WorkFactor) -> Self {
        Self { limit, ..self }
    }

    pub(super) fn wrap<R: CryptoRng + ?Sized>(
        &self,
        file_key: &FileKey,
        rng: &mut R,
    ) -> WrappedKey {
        let mut salt = [0u8; SALT_LEN];
        rng.fill_bytes(&mut salt);
        let key = self.wrap_key(&salt, self.work_factor);
        WrappedKey {
            salt,
            log_n: self.work_factor.0,
            body: seal_file_key(&key, file_key),
        }
    }

    pub(super) fn unwrap(&self, wrapped: &WrappedKey) -> Result<Option<FileKey>, UnwrapError> {
        let too_high = UnwrapError::WorkFactor {
            log_n: wrapped.log_n,
            limit: self.limit.0,
        };
        let work_factor = WorkFactor::new(wrapped.log_n).ok_or(too_high)?;
        if work_factor > self.limit {
            return Err(too_high);
        }
        Ok(open_file_key(
            &self.wrap_key(&wrapped.salt, work_factor),
            &wrapped.body,
        ))
    }

    /// `scrypt(N = work factor, r = 8, p = 1, dkLen = 32, S = label ‖ salt, P = passphrase)`.
    fn wrap_key(&self, salt: &[u8; SALT_LEN], work_factor: WorkFactor) -> Zeroizing<[u8; 32]> {
        let mut labelled = SALT_LABEL.to_vec();
        labelled.extend_from_slice(salt);
        let params = Params::new(work_factor.0, 8, 1).expect("work factors are 1 to 22");
        let mut key = Zeroizing::new([0u8; 32]);
        scrypt::scrypt(
            self.secret.as_bytes(),
            &labelled,
            &params,
            key.as_mut_slice(),
        )
        .expect("32 bytes are within scrypt's output limit");
        key
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(redacted)")
    }
}

/// Content of a `scrypt` stanza.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WrappedKey {
    salt: [u8; SALT_LEN],
    log_n: u8,
    body: [u8; WRAPPED_KEY_LEN],
}

impl WrappedKey {
    pub(super) fn parse(arguments: &[String], body: &[u8]) -> Result<Self, HeaderError> {
        let [salt, log_n] = arguments else {
            return Err(HeaderError::Stanza);
        };
        // %x31-39 *DIGIT: no sign, no leading zero.
        if log_n.starts_with('0') || !log_n.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(HeaderError::Stanza);
        }
        Ok(Self {
            salt: decode_argument(salt)?,
            log_n: log_n.parse().map_err(|_| HeaderError::Stanza)?,
            body: decode_body(body)?,
        })
    }

    pub(super) fn to_parts(&self) -> (Vec<String>, Vec<u8>) {
        let arguments = vec![
            STANZA.to_owned(),
            encode_argument(&self.salt),
            self.log_n.to_string(),
        ];
        (arguments, self.body.to_vec())
    }
}
