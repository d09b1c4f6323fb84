//! Poly1305 with AVX-512 IFMA: sixteen blocks at a time, two in each of eight lanes.
//!
//! A number modulo p = 2^130 - 5 is three limbs of 44, 44 and 42 bits, because IFMA multiplies 52 bits by 52 and leaves
//! room for carries. Since 2^132 = 20 (mod p), what a product has above its third limb comes back multiplied by 20.
//!
//! Invariants: time depends on lengths alone, never on the key or the data. Limbs are *carried* between any two steps:
//! below 2^44, 2^44 + 2^15 and 2^42; the comments count from there that nothing overflows. A [`Poly1305`] holds the
//! proof that the processor has the instructions.
//!
//! Unsafe: one call, of the one function compiled for those instructions, where the last invariant is needed. No
//! pointer is read or written; vectors are made from words and summed into words.
//!
//! Absent by intent: blocks that end in less than 16 bytes without padding (RFC 8439, section 2.8 pads), processors
//! without IFMA (the crate `poly1305` serves them), wiping of registers and of what the compiler keeps beside them.
//!
//! Specification: RFC 8439, section 2.5.

use core::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_and_si512, _mm512_madd52hi_epu64, _mm512_madd52lo_epu64,
    _mm512_or_si512, _mm512_reduce_add_epi64, _mm512_set1_epi64, _mm512_setr_epi64,
    _mm512_setzero_si512, _mm512_slli_epi64, _mm512_srli_epi64, _mm512_unpackhi_epi64,
    _mm512_unpacklo_epi64,
};

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const BLOCK_LEN: usize = 16;
/// Blocks side by side in the lanes of a vector.
const LANES: usize = 8;
type Group = [u8; LANES * BLOCK_LEN];
const PAIR_LEN: usize = 2 * size_of::<Group>();
/// Which block of a group each lane holds after [`load`].
const BLOCK_OF_LANE: [usize; LANES] = [0, 4, 1, 5, 2, 6, 3, 7];

/// 44, 44 and 42 bits, least significant first.
type Limbs = [u64; 3];
type Vectors = [__m512i; 3];

const LOW_44: u64 = (1 << 44) - 1;
const LOW_42: u64 = (1 << 42) - 1;
/// The bit above a block's 16 bytes, in its third limb: 2^128 = 2^40 · 2^88.
const ABOVE_BLOCK: u64 = 1 << 40;

/// Proof that the processor has AVX-512 IFMA and the system saves its registers.
pub(super) struct Instructions(());

impl Instructions {
    pub(super) fn detect() -> Option<Self> {
        let found = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512ifma");
        found.then_some(Self(()))
    }
}

/// The authenticator under one key, which is used once.
#[derive(ZeroizeOnDrop)]
pub(super) struct Poly1305 {
    #[zeroize(skip)]
    _instructions: Instructions,
    r: Limbs,
    s: u128,
    accumulator: Limbs,
}

impl Poly1305 {
    pub(super) fn new(instructions: Instructions, key: &[u8; 32]) -> Self {
        let [r, s] = [0, BLOCK_LEN]
            .map(|at| u128::from_le_bytes(core::array::from_fn(|index| key[at + index])));
        Self {
            _instructions: instructions,
            r: limbs(r & 0x0fff_fffc_0fff_fffc_0fff_fffc_0fff_ffff),
            s,
            accumulator: [0; 3],
        }
    }

    /// Takes the data in, filled up with zeros to a multiple of 16 bytes.
    pub(super) fn update_padded(&mut self, data: &[u8]) {
        let (groups, _) = data.as_chunks();
        let (pairs, _) = groups.as_chunks();
        if let Some((last, before)) = pairs.split_last() {
            #[allow(unsafe_code, reason = "see the module's documentation")]
            // SAFETY: `self` holds the proof that the instructions that `update_pairs` is compiled for are there.
            unsafe {
                self.update_pairs(before, last);
            }
        }
        let (blocks, tail) = data[pairs.len() * PAIR_LEN..].as_chunks();
        for block in blocks {
            self.update_block(block);
        }
        if !tail.is_empty() {
            let mut block = [0; BLOCK_LEN];
            block[..tail.len()].copy_from_slice(tail);
            self.update_block(&block);
        }
    }

    /// The tag: (accumulator mod p) + s, modulo 2^128.
    pub(super) fn finalize(self) -> [u8; 16] {
        // Carried limbs are a number below 2^130 + 2^60. So p fits in at most once, and does if adding 5 reaches 2^130;
        // taking p away is then adding 5, for the 2^130 vanishes modulo 2^128.
        let [a0, a1, a2] = self.accumulator;
        let carry = (a0 + 5) >> 44;
        let carry = (a1 + carry) >> 44;
        let fits = (a2 + carry) >> 42;
        u128::from(a0 + 5 * fits)
            .wrapping_add(u128::from(a1) << 44)
            .wrapping_add(u128::from(a2) << 88)
            .wrapping_add(self.s)
            .to_le_bytes()
    }

    /// accumulator = (accumulator + block) · r
    fn update_block(&mut self, block: &[u8; BLOCK_LEN]) {
        let [b0, b1, b2] = limbs(u128::from_le_bytes(*block));
        let [a0, a1, a2] = self.accumulator;
        self.accumulator = multiply([a0 + b0, a1 + b1, a2 + b2 + ABOVE_BLOCK], self.r);
    }

    /// The same for sixteen blocks a time. Each lane takes every eighth block and multiplies by r^8 from one to the
    /// next; only for the last pair, each block is multiplied by the power of r that its own place asks for.
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn update_pairs(&mut self, before: &[[Group; 2]], last: &[Group; 2]) {
        let mut powers = Zeroizing::new([self.r; 2 * LANES]); // powers[i] = r^(i + 1)
        for index in 1..powers.len() {
            powers[index] = multiply(powers[index - 1], self.r);
        }
        let first_lane = |limb| _mm512_setr_epi64(u64::cast_signed(limb), 0, 0, 0, 0, 0, 0, 0);
        let mut accumulator = self.accumulator.map(first_lane);

        let across = [&powers[15], &powers[7]].map(|power| Factor::new([power; LANES]));
        for pair in before {
            accumulator = add_and_multiply(accumulator, pair, &across);
        }
        let places =
            [15, 7].map(|first| Factor::new(BLOCK_OF_LANE.map(|block| &powers[first - block])));
        accumulator = add_and_multiply(accumulator, last, &places);

        // Eight carried limbs add up to less than 2^48.
        let sums = accumulator.map(|limb| _mm512_reduce_add_epi64(limb).cast_unsigned());
        self.accumulator = carry(sums.map(u128::from));
    }
}

/// A number in each lane to multiply by: its limbs, and 20 times its limbs.
#[derive(Zeroize, ZeroizeOnDrop)]
struct Factor {
    limbs: Vectors,
    limbs_20: Vectors,
}

impl Factor {
    #[target_feature(enable = "avx512f")]
    fn new(lanes: [&Limbs; LANES]) -> Self {
        let vector = |limb: usize, times: u64| {
            let [l0, l1, l2, l3, l4, l5, l6, l7] =
                lanes.map(|lane| (lane[limb] * times).cast_signed());
            _mm512_setr_epi64(l0, l1, l2, l3, l4, l5, l6, l7)
        };
        Self {
            limbs: [0, 1, 2].map(|limb| vector(limb, 1)),
            limbs_20: [0, 1, 2].map(|limb| vector(limb, 20)),
        }
    }
}

/// (accumulator + first group) · first factor + second group · second factor
#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
fn add_and_multiply(accumulator: Vectors, pair: &[Group; 2], factors: &[Factor; 2]) -> Vectors {
    let [first, second] = pair.each_ref().map(|group| load(group));
    let sum = [0, 1, 2].map(|limb| _mm512_add_epi64(accumulator[limb], first[limb]));
    let mut product = ([_mm512_setzero_si512(); 3], [_mm512_setzero_si512(); 3]);
    multiply_lanes(&mut product, second, &factors[1]);
    multiply_lanes(&mut product, sum, &factors[0]);
    carry_lanes(product)
}

/// Eight blocks as limbs, in the order of [`BLOCK_OF_LANE`].
#[target_feature(enable = "avx512f")]
#[inline]
fn load(group: &Group) -> Vectors {
    let (words, _) = group.as_chunks();
    let word = |index: usize| i64::from_le_bytes(words[index]);
    let half = |at: usize| {
        let [w0, w1, w2, w3, w4, w5, w6, w7] = core::array::from_fn(|index| word(at + index));
        _mm512_setr_epi64(w0, w1, w2, w3, w4, w5, w6, w7)
    };
    let halves = [half(0), half(LANES)];
    let low = _mm512_unpacklo_epi64(halves[0], halves[1]);
    let high = _mm512_unpackhi_epi64(halves[0], halves[1]);
    let middle = _mm512_or_si512(_mm512_srli_epi64::<44>(low), _mm512_slli_epi64::<20>(high));
    [
        _mm512_and_si512(low, every_lane(LOW_44)),
        _mm512_and_si512(middle, every_lane(LOW_44)),
        _mm512_or_si512(_mm512_srli_epi64::<24>(high), every_lane(ABOVE_BLOCK)),
    ]
}

/// Adds a · factor to `product`, whose limbs have two parts: the low 52 bits of each limb product, and what is above.
/// A factor's limbs, also 20-fold, are below 21 · 2^44, those of a below 2^45 + 2^15. So a low part is below 2^52, a
/// high one below 2^42, and the six that one sum takes in make less than 2^55 and 2^45.
#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
fn multiply_lanes(product: &mut (Vectors, Vectors), a: Vectors, factor: &Factor) {
    let [r0, r1, r2] = factor.limbs;
    let [_, r1_20, r2_20] = factor.limbs_20;
    let rows = [[r0, r2_20, r1_20], [r1, r0, r2_20], [r2, r1, r0]];
    for (limb, row) in rows.into_iter().enumerate() {
        for (a, r) in a.into_iter().zip(row) {
            product.0[limb] = _mm512_madd52lo_epu64(product.0[limb], a, r);
            product.1[limb] = _mm512_madd52hi_epu64(product.1[limb], a, r);
        }
    }
}

/// Carries the limbs of a product in every lane. A high part counts 2^52: 2^8 of the next limb, of 44 bits, or 2^10 of
/// what lies beyond the last limb, of 42.
#[target_feature(enable = "avx512f")]
#[inline]
fn carry_lanes((low, high): (Vectors, Vectors)) -> Vectors {
    let (low_44, low_42) = (every_lane(LOW_44), every_lane(LOW_42));
    let carry = _mm512_add_epi64(
        _mm512_srli_epi64::<44>(low[0]),
        _mm512_slli_epi64::<8>(high[0]), // below 2^54
    );
    let limb_1 = _mm512_add_epi64(low[1], carry);
    let carry = _mm512_add_epi64(
        _mm512_srli_epi64::<44>(limb_1),
        _mm512_slli_epi64::<8>(high[1]),
    );
    let limb_2 = _mm512_add_epi64(low[2], carry);
    let carry = _mm512_add_epi64(
        _mm512_srli_epi64::<42>(limb_2),
        _mm512_slli_epi64::<10>(high[2]), // below 2^56, and five times that below 2^59
    );
    let times_5 = _mm512_add_epi64(carry, _mm512_slli_epi64::<2>(carry));
    let limb_0 = _mm512_add_epi64(_mm512_and_si512(low[0], low_44), times_5);
    let limb_1 = _mm512_and_si512(limb_1, low_44);
    [
        _mm512_and_si512(limb_0, low_44),
        _mm512_add_epi64(limb_1, _mm512_srli_epi64::<44>(limb_0)), // below 2^44 + 2^15
        _mm512_and_si512(limb_2, low_42),
    ]
}

#[target_feature(enable = "avx512f")]
#[inline]
fn every_lane(word: u64) -> __m512i {
    _mm512_set1_epi64(word.cast_signed())
}

/// a · b; b is carried, a at most the sum of carried limbs and a block's.
fn multiply(a: Limbs, b: Limbs) -> Limbs {
    let product = |a: u64, b: u64| u128::from(a) * u128::from(b);
    let [a0, a1, a2] = a;
    let [b0, b1, b2] = b;
    let [b1_20, b2_20] = [20 * b1, 20 * b2];
    // Each sum is below 3 · 2^46 · 2^49 < 2^97.
    carry([
        product(a0, b0) + product(a1, b2_20) + product(a2, b1_20),
        product(a0, b1) + product(a1, b0) + product(a2, b2_20),
        product(a0, b2) + product(a1, b1) + product(a2, b0),
    ])
}

/// Carries limbs below 2^97.
fn carry([d0, d1, d2]: [u128; 3]) -> Limbs {
    let d1 = d1 + (d0 >> 44);
    let d2 = d2 + (d1 >> 44);
    let d0 = low_44(d0) + 5 * low_64(d2 >> 42); // below 2^44 + 5 · 2^56
    [
        d0 & LOW_44,
        low_44(d1) + (d0 >> 44), // below 2^44 + 2^15
        low_64(d2) & LOW_42,
    ]
}

fn limbs(block: u128) -> Limbs {
    [low_44(block), low_44(block >> 44), low_64(block >> 88)]
}

fn low_44(number: u128) -> u64 {
    low_64(number) & LOW_44
}

#[allow(clippy::cast_possible_truncation, reason = "says so")]
fn low_64(number: u128) -> u64 {
    number as u64
}
