//! Statements of every kind: whole ones, and bare payloads past the signature.
#![no_main]

use libfuzzer_sys::fuzz_target;
use postfach_crypto::codec;
use postfach_crypto::keys::SigningKey;
use postfach_crypto::statement::{
    Acceptance, Access, Binding, BindingWithdrawal, Bundle, Certificate, CertificateRevocation, Closure, Consent,
    ConsentRevocation, Contact, Delegation, Deletion, EnrolmentClaim, EnrolmentRefusal, EnvelopeHeader,
    Failure, Genesis, HandoverRequest, Head, KeyStatement, Kind, MAX_STATEMENT, Mandate, Objection,
    Receipt, Rejection, Signed, Statement, Succession, Withdrawal, kind_of,
};

/// What verifies keeps its bytes; a payload that decodes can be signed, or breaks a rule by name.
fn check<S: Statement>(whole: Option<Kind>, bytes: &[u8]) {
    if whole == Some(S::KIND) {
        if let Ok(signed) = Signed::<S>::verify(bytes) {
            assert_eq!(signed.bytes(), bytes);
            assert_eq!(signed.payload().check(), Ok(()));
        }
        return;
    }
    let Ok(payload) = codec::decode::<S>(bytes, MAX_STATEMENT) else {
        return;
    };
    assert_eq!(codec::encode(&payload), bytes);
    let allowed = payload.check();
    match Signed::sign(payload, &SigningKey::from_seed(&[7; 32])) {
        Ok(signed) => {
            assert!(allowed.is_ok());
            let again = Signed::<S>::verify(signed.bytes()).expect("we signed it");
            assert_eq!((again.hash(), again.leaf()), (signed.hash(), signed.leaf()));
        }
        Err(_) => assert!(allowed.is_err() || bytes.len() + 200 > MAX_STATEMENT),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let kind = kind_of(bytes).ok();
    check::<KeyStatement>(kind, bytes);
    check::<EnrolmentClaim>(kind, bytes);
    check::<EnrolmentRefusal>(kind, bytes);
    check::<Binding>(kind, bytes);
    check::<BindingWithdrawal>(kind, bytes);
    check::<Succession>(kind, bytes);
    check::<Objection>(kind, bytes);
    check::<Consent>(kind, bytes);
    check::<ConsentRevocation>(kind, bytes);
    check::<Contact>(kind, bytes);
    check::<Closure>(kind, bytes);
    check::<Certificate>(kind, bytes);
    check::<CertificateRevocation>(kind, bytes);
    check::<Genesis>(kind, bytes);
    check::<Delegation>(kind, bytes);
    check::<Bundle>(kind, bytes);
    check::<Mandate>(kind, bytes);
    check::<EnvelopeHeader>(kind, bytes);
    check::<HandoverRequest>(kind, bytes);
    check::<Access>(kind, bytes);
    check::<Failure>(kind, bytes);
    check::<Acceptance>(kind, bytes);
    check::<Rejection>(kind, bytes);
    check::<Deletion>(kind, bytes);
    check::<Withdrawal>(kind, bytes);
    check::<Receipt>(kind, bytes);
    check::<Head>(kind, bytes);
});
