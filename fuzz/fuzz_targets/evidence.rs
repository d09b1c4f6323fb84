//! Evidence files: decoding, and every check on whatever decoded.
#![no_main]

use libfuzzer_sys::fuzz_target;
use postfach_crypto::evidence::{Evidence, Policy, StampedAt, compare, verify, verify_stamped};
use postfach_crypto::ids::UnixMillis;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(evidence) = Evidence::decode(bytes) {
        assert_eq!(evidence.encode().expect("it was decoded"), bytes);
        let policy = Policy::without_witnesses(evidence.origin.clone(), evidence.root);
        assert!(compare(&evidence, &evidence, &policy).differences.is_empty());
        let report = verify(&evidence, &policy);
        assert!(!report.checks.is_empty());
        let stamped = verify_stamped(&evidence, &policy, &|_, token| {
            let at = token.first_chunk().copied().map(u64::from_le_bytes);
            Ok(at.map(|at| StampedAt {
                authority: String::new(),
                at: UnixMillis(at),
                accuracy_micros: at,
                serial: String::new(),
            }))
        });
        assert!(stamped.checks.len() >= report.checks.len());
    }
});
