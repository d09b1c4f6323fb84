//! Evidence files: each manipulation fails in the check that is there for it, for its own reason.
#![allow(clippy::unwrap_used)] // in helpers of tests

mod support;

use postfach_crypto::envelope::BindingError;
use postfach_crypto::evidence::{
    Cause, CheckName, Evidence, Gap, NotShown, Outcome, Verdict, verify,
};
use postfach_crypto::ids::{ManifestHash, UnixMillis};
use postfach_crypto::keys::BadSignature;
use postfach_crypto::operator::OperatorError;
use postfach_crypto::party::NotAllowed;
use postfach_crypto::statement::{
    DeliveryClass, Event, Kind, Reason, Signed, Subject, VerifyError,
};
use serde_bytes::ByteBuf;
use support::findings::{fails, faults, not_proven};
use support::story::Story;
use support::world::{START, key};

#[test]
fn a_registered_letter_handed_over_and_read_is_verified() {
    let mut story = Story::told();
    let evidence = story.evidence();
    let bytes = evidence.encode().unwrap();
    let decoded = Evidence::decode(&bytes).unwrap();
    assert_eq!(decoded, evidence);
    let report = verify(&decoded, &story.policy());
    assert_eq!(faults(&story, &decoded), []);
    assert_eq!(report.verdict(), Verdict::Verified);
    let events: Vec<_> = report.timeline.iter().map(|entry| entry.event).collect();
    assert_eq!(
        events,
        [
            Event::SubmissionAcceptance,
            Event::ContentConsignment,
            Event::ConsignmentNotification,
            Event::ContentHandover,
            Event::ContentAccessTracking
        ]
    );
    assert_eq!(report.timeline[3].answers, Some(Kind::HandoverRequest));
    assert_eq!(report.manifest.unwrap().subject, "Hundesteuerbescheid 2026");
    assert!(report.not_shown.contains(&NotShown::PersonRead));
    assert!(!report.not_shown.contains(&NotShown::Handover));
}

#[test]
fn another_root_key_is_named() {
    let mut story = Story::told();
    let evidence = story.evidence();
    let mut policy = story.policy();
    policy.root = key("somebody else").verifying_key();
    let report = verify(&evidence, &policy);
    assert_eq!(
        report.outcome(CheckName::Operator),
        Some(Outcome::Failed(Cause::ForeignRoot))
    );
    assert_eq!(
        report.outcome(CheckName::ReceiptSignature),
        Some(Outcome::NotProven(Gap::Needs(CheckName::Operator)))
    );
}

#[test]
fn a_changed_header_is_named() {
    let mut story = Story::told();
    let mut evidence = story.evidence();
    let middle = evidence.entries[0].len() / 2;
    evidence.entries[0][middle] ^= 1;
    let cause = Cause::Statement(VerifyError::Signature(BadSignature));
    fails(&story, &evidence, CheckName::HeaderSignature, cause);
}

#[test]
fn a_receipt_by_an_undelegated_key_is_named() {
    let mut story = Story::new(DeliveryClass::Registered);
    story.submit();
    story.world.receipt_key = key("a key of nobody");
    story.hand_over();
    story.world.receipt_key = key("operator receipts");
    let evidence = story.evidence();
    let cause = Cause::Operator(OperatorError::NotDelegated);
    fails(&story, &evidence, CheckName::ReceiptSignature, cause);
}

#[test]
fn a_receipt_dropped_in_the_middle_breaks_the_chain() {
    let mut story = Story::told();
    let mut evidence = story.evidence();
    evidence.entries.drain(3..5);
    story.prove(&mut evidence);
    let dropped = Cause::EntriesDropped {
        counted: 7,
        given: 5,
    };
    assert_eq!(
        faults(&story, &evidence),
        [
            (CheckName::ReceiptChain, Outcome::Failed(Cause::ChainBroken)),
            (CheckName::EnvelopeComplete, Outcome::Failed(dropped)),
        ]
    );
}

#[test]
fn a_receipt_dropped_at_the_end_contradicts_the_head() {
    let mut story = Story::told();
    let mut evidence = story.evidence();
    evidence.entries.truncate(5);
    story.prove(&mut evidence);
    let dropped = Cause::EntriesDropped {
        counted: 7,
        given: 5,
    };
    fails(&story, &evidence, CheckName::EnvelopeComplete, dropped);
}

#[test]
fn a_statement_without_its_receipt_is_named() {
    let mut story = Story::told();
    let statement = story.handover_request();
    let statement = Signed::sign(statement, &story.world.citizen.identity).unwrap();
    story.entries.push(statement.bytes().to_vec());
    let evidence = story.evidence();
    let cause = Cause::StatementWithoutReceipt;
    fails(&story, &evidence, CheckName::ReceiptChain, cause);
}

#[test]
fn heads_are_missed_and_compared() {
    let mut story = Story::told();
    let mut evidence = story.evidence();
    let subject = Subject::Envelope(story.header.hash());
    let envelope = evidence.heads.remove(Story::head_of(&evidence, subject));
    not_proven(&story, &evidence, CheckName::EnvelopeComplete, Gap::Head);
    evidence.heads.push(envelope);
    let other = story.world.head(
        Subject::Party(story.world.citizen.address()),
        &[story.header.bytes()],
    );
    evidence.heads.push(ByteBuf::from(other.bytes()));
    let cause = Cause::OtherEntries;
    fails(&story, &evidence, CheckName::RecipientKeysComplete, cause);
}

#[test]
fn a_registered_handover_needs_a_request_for_these_age_headers() {
    let mut story = Story::new(DeliveryClass::Registered);
    story.submit();
    let mut request = story.handover_request();
    request.age_headers.swap(0, 1);
    let request = Signed::sign(request, &story.world.citizen.identity).unwrap();
    story.say(&request, Event::ContentHandover);
    let evidence = story.evidence();
    let (name, cause) = (
        CheckName::HandoverAnswersRequest,
        Cause::HandoverWithoutRequest,
    );
    fails(&story, &evidence, name, cause);
}

#[test]
fn a_handover_that_nobody_asked_for_is_named() {
    let mut story = Story::new(DeliveryClass::Registered);
    story.submit();
    story.receipt(vec![Event::ContentHandover], None, |_| {});
    let evidence = story.evidence();
    let cause = Cause::EventDoesNotFit;
    fails(&story, &evidence, CheckName::ReceiptChain, cause);
}

#[test]
fn an_acknowledgement_is_asked_for_exactly_as_the_header_says() {
    let chain = CheckName::ReceiptChain;
    for (asks, says, expired) in [
        (false, false, None),
        (true, true, None),
        (true, true, Some(0)),
    ] {
        let mut story = Story::asking(asks, says, expired);
        let report = verify(&story.evidence(), &story.policy());
        assert_eq!(report.outcome(chain), Some(Outcome::Passed));
    }
    for (asks, says, expired) in [
        (true, false, None),
        (false, true, None),
        (true, true, Some(-1)),
        (false, false, Some(0)),
    ] {
        let mut story = Story::asking(asks, says, expired);
        let evidence = story.evidence();
        fails(&story, &evidence, chain, Cause::EventDoesNotFit);
    }
}

#[test]
fn a_request_by_somebody_else_is_named() {
    let mut story = Story::new(DeliveryClass::Registered);
    story.submit();
    let request = story.handover_request();
    let request = Signed::sign(request, &story.world.clerk).unwrap();
    story.say(&request, Event::ContentHandover);
    let evidence = story.evidence();
    let cause = Cause::NotAllowed(NotAllowed::UnknownKey);
    fails(&story, &evidence, CheckName::AnsweredStatements, cause);
}

#[test]
fn a_statement_about_another_letter_is_named() {
    let mut story = Story::new(DeliveryClass::Registered);
    story.submit();
    let mut request = story.handover_request();
    request.header = story.world.binding.hash();
    let request = Signed::sign(request, &story.world.citizen.identity).unwrap();
    story.say(&request, Event::ContentHandover);
    let evidence = story.evidence();
    let cause = Cause::OtherEnvelope;
    fails(&story, &evidence, CheckName::AnsweredStatements, cause);
}

#[test]
fn registered_handover_without_age_headers_is_not_proven() {
    let mut story = Story::told();
    let mut evidence = story.evidence();
    evidence.age_headers.clear();
    evidence.opened = None;
    not_proven(&story, &evidence, CheckName::AgeHeaders, Gap::AgeHeaders);
}

#[test]
fn exchanged_age_headers_are_named() {
    let mut story = Story::told();
    let mut evidence = story.evidence();
    evidence.age_headers.swap(0, 1);
    evidence.opened = None;
    let cause = Cause::Content(BindingError::AgeHeader(0));
    fails(&story, &evidence, CheckName::AgeHeaders, cause);
}

#[test]
fn access_to_another_manifest_is_named() {
    let mut story = Story::new(DeliveryClass::Registered);
    story.submit();
    story.hand_over();
    story.access(ManifestHash([7; 32]));
    let evidence = story.evidence();
    fails(&story, &evidence, CheckName::Access, Cause::OtherManifest);
}

#[test]
fn a_failure_to_open_makes_it_disputed() {
    let mut story = Story::new(DeliveryClass::Registered);
    story.submit();
    story.hand_over();
    story.fail(Reason::NotDecryptable);
    let evidence = story.evidence();
    let report = verify(&evidence, &story.policy());
    assert_eq!(report.verdict(), Verdict::Disputed);
    assert_eq!(report.disputed, [Reason::NotDecryptable]);
}

#[test]
fn an_opened_part_must_be_the_named_one() {
    let mut story = Story::told();
    let other = *story.parts[1].file_key.disclose();
    let mut evidence = story.evidence();
    evidence.opened.as_mut().unwrap().file_key = other;
    let name = CheckName::OpenedContent;
    fails(&story, &evidence, name, Cause::DisclosedKey);
    let mut evidence = story.evidence();
    evidence.opened.as_mut().unwrap().payload[40] ^= 1;
    let cause = Cause::Content(BindingError::Payload(0));
    fails(&story, &evidence, name, cause);
}

#[test]
fn a_letter_handed_over_after_its_withdrawal_is_named() {
    let mut story = Story::new(DeliveryClass::Registered);
    story.submit();
    story.withdraw();
    let evidence = story.evidence();
    assert_eq!(faults(&story, &evidence), []);
    story.hand_over();
    let evidence = story.evidence();
    let cause = Cause::WithdrawalTooLate;
    fails(&story, &evidence, CheckName::ReceiptChain, cause);
}

#[test]
fn a_receipt_that_contradicts_the_header_is_named() {
    let mut story = Story::new(DeliveryClass::Registered);
    story.submit_with(|receipt| receipt.legal_rule = Some("VwZG § 5a".into()));
    let evidence = story.evidence();
    let cause = Cause::ReceiptContradictsHeader;
    fails(&story, &evidence, CheckName::Submission, cause);
}

#[test]
fn a_letter_without_a_receipt_proves_its_signature_only() {
    let mut story = Story::new(DeliveryClass::Ordinary);
    let evidence = story.evidence();
    let report = verify(&evidence, &story.policy());
    assert_eq!(report.verdict(), Verdict::NotProven);
    assert_eq!(
        report.outcome(CheckName::Submission),
        Some(Outcome::NotProven(Gap::SubmissionReceipt))
    );
    assert!(report.timeline.is_empty());
}

#[test]
fn a_clock_that_ran_backwards_is_named() {
    let mut story = Story::new(DeliveryClass::Registered);
    story.submit();
    let request = story.handover_request();
    let request = Signed::sign(request, &story.world.citizen.identity).unwrap();
    story.entries.push(request.bytes().to_vec());
    let earlier = UnixMillis(START + 1);
    story.receipt(
        vec![Event::ContentHandover],
        Some(request.hash()),
        |receipt| {
            receipt.context.time = earlier;
        },
    );
    let mut evidence = story.evidence();
    assert_eq!(
        faults(&story, &evidence),
        [
            (
                CheckName::ReceiptTimes,
                Outcome::Failed(Cause::TimesContradictOrder)
            ),
            (
                CheckName::TimesBounded,
                Outcome::Failed(Cause::TimeOutOfBounds)
            ),
        ]
    );
    evidence.log = None;
    assert!(
        faults(&story, &evidence)
            .contains(&(CheckName::ReceiptTimes, Outcome::NotProven(Gap::Times)))
    );
}

#[test]
fn every_check_cause_and_gap_has_its_own_name() {
    let mut names: Vec<_> = CheckName::ALL.iter().map(|name| name.name()).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}
