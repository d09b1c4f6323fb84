//! Deleting a letter and closing the mailbox, as evidence shows them.
#![allow(clippy::unwrap_used)] // in helpers of tests

mod support;

use postfach_crypto::deadline::Verdict as Served;
use postfach_crypto::evidence::{Cause, CheckName, verify};
use postfach_crypto::party::NotAllowed;
use postfach_crypto::statement::{DeliveryClass, Event, Kind, Reason, Signed};
use support::findings::{fails, faults};
use support::story::Story;

#[test]
fn a_deleted_letter_keeps_its_evidence_and_its_date() {
    let date = |deleted: bool| {
        let mut story = Story::told();
        if deleted {
            story.delete();
        }
        let evidence = story.evidence();
        assert_eq!(faults(&story, &evidence), []);
        let report = verify(&evidence, &story.policy());
        let last = report.timeline.last().unwrap();
        assert_eq!(last.event == Event::EnvelopeDeletion, deleted);
        assert_eq!(last.answers == Some(Kind::Deletion), deleted);
        report.legal_date.unwrap().verdict
    };
    assert!(matches!(date(false), Served::ServedOn(_)));
    assert_eq!(date(true), date(false));
}

#[test]
fn registered_mail_is_deleted_only_after_it_was_decided() {
    let decided: [fn(&mut Story); 2] = [Story::hand_over, Story::withdraw];
    for decide in decided {
        let mut story = Story::new(DeliveryClass::Registered);
        story.submit();
        decide(&mut story);
        story.delete();
        let evidence = story.evidence();
        let answered = verify(&evidence, &story.policy()).outcome(CheckName::ReceiptChain);
        assert_eq!(answered, Some(postfach_crypto::evidence::Outcome::Passed));
    }
    let mut story = Story::new(DeliveryClass::Registered);
    story.submit();
    story.delete();
    story.fail(Reason::NotDecryptable);
    let evidence = story.evidence();
    let check = CheckName::ReceiptChain;
    fails(&story, &evidence, check, Cause::OutOfOrder);
}

#[test]
fn nothing_is_handed_over_after_it_was_deleted() {
    let mut story = Story::new(DeliveryClass::Ordinary);
    story.submit();
    story.delete();
    story.hand_over();
    let evidence = story.evidence();
    let check = CheckName::ReceiptChain;
    fails(&story, &evidence, check, Cause::OutOfOrder);
}

#[test]
fn only_the_recipient_deletes() {
    let mut story = Story::told();
    let deletion = Signed::sign(story.deletion(), &story.world.clerk).unwrap();
    story.say(&deletion, Event::EnvelopeDeletion);
    let evidence = story.evidence();
    let cause = Cause::NotAllowed(NotAllowed::UnknownKey);
    fails(&story, &evidence, CheckName::AnsweredStatements, cause);
}

#[test]
fn who_closes_the_mailbox_revokes_every_consent() {
    let mut before = Story::told();
    before.world.close();
    let evidence = before.evidence();
    assert_eq!(faults(&before, &evidence), []);

    let mut after = Story::new(DeliveryClass::Registered);
    after.world.close();
    after.submit();
    after.hand_over();
    let evidence = after.evidence();
    let cause = Cause::ConsentNotInForce;
    fails(&after, &evidence, CheckName::Consent, cause);
}
