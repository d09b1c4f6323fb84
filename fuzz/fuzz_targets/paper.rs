//! What people type or scan: codes, recovery secrets, the letter's web address, addresses.
#![no_main]

use libfuzzer_sys::fuzz_target;
use postfach_crypto::age::Identity;
use postfach_crypto::enrolment::{ActivationCode, Invitation, RecoverySecret};
use postfach_crypto::ids::{Address, StatementHash};

fuzz_target!(|text: &str| {
    if let Ok(code) = text.parse::<ActivationCode>() {
        let again: ActivationCode = code.to_text().parse().expect("own text");
        assert_eq!(again.id(), code.id());
    }
    if let Ok(secret) = text.parse::<RecoverySecret>() {
        let again: RecoverySecret = secret.to_text().parse().expect("own text");
        let key = |secret: &RecoverySecret| secret.recovery_key().verifying_key();
        assert_eq!(key(&again), key(&secret));
    }
    if let Ok(invitation) = text.parse::<Invitation>() {
        let url = invitation.to_url();
        let again: Invitation = url.parse().expect("own URL");
        assert_eq!(again.to_url(), url);
    }
    if let Ok(address) = text.parse::<Address>() {
        assert_eq!(address.to_string(), text.to_lowercase());
    }
    if let Ok(hash) = text.parse::<StatementHash>() {
        assert_eq!(hash.to_string(), text);
    }
    let _ = Identity::parse(text);
});
