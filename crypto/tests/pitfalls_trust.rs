//! Evidence files: keys, bindings, consents and certificates that do not hold are named.
#![allow(clippy::unwrap_used)] // in helpers of tests

mod support;

use postfach_crypto::evidence::{Cause, CheckName, Gap, IssuerRecord, Outcome};
use postfach_crypto::ids::Address;
use postfach_crypto::party::{HistoryError, NotAllowed};
use postfach_crypto::statement::{
    BindingWithdrawal, CertificateRevocation, ConsentRevocation, DeliveryClass, ListHead, Reason,
    Signed, Subject,
};
use serde_bytes::ByteBuf;
use support::findings::{fails, faults, not_proven};
use support::story::Story;
use support::world::{World, blobs, first_keys, key, key_blobs};

#[test]
fn a_dropped_withdrawal_of_the_binding_contradicts_the_head() {
    let mut story = Story::new(DeliveryClass::Registered);
    withdraw_binding(&mut story);
    story.submit();
    let mut evidence = story.evidence();
    evidence.relation.pop();
    story.drop_newest_receipt(&mut evidence);
    let dropped = Cause::EntriesDropped {
        counted: 4,
        given: 3,
    };
    fails(&story, &evidence, CheckName::RelationComplete, dropped);
}

fn withdraw_binding(story: &mut Story) {
    let withdrawal = BindingWithdrawal {
        context: story.world.context(),
        issuer: story.world.authority.address(),
        address: story.world.citizen.address(),
        binding: story.world.binding.hash(),
        reason: Reason::KeyLost,
        ext: None,
    };
    let withdrawal = Signed::sign(withdrawal, &story.world.clerk).unwrap();
    story.world.relate(&withdrawal);
}

#[test]
fn a_binding_withdrawn_before_submission_is_named() {
    let mut story = Story::new(DeliveryClass::Registered);
    withdraw_binding(&mut story);
    story.submit();
    let evidence = story.evidence();
    let cause = Cause::BindingEnded;
    fails(&story, &evidence, CheckName::BindingInForce, cause);
}

#[test]
fn a_binding_withdrawn_after_submission_still_held() {
    let mut story = Story::new(DeliveryClass::Registered);
    story.submit();
    withdraw_binding(&mut story);
    let mut evidence = story.evidence();
    assert_eq!(faults(&story, &evidence), []);
    story.drop_newest_receipt(&mut evidence); // now nobody can tell which came first
    assert_eq!(
        faults(&story, &evidence),
        [
            (CheckName::BindingInForce, Outcome::NotProven(Gap::Order)),
            (
                CheckName::StatementsReceipted,
                Outcome::NotProven(Gap::Receipt)
            ),
        ]
    );
}

#[test]
fn a_binding_of_another_address_is_named() {
    let mut story = Story::new(DeliveryClass::Registered);
    let mut binding = story.world.binding.payload().clone();
    binding.address = Address([9; 32]);
    let binding = Signed::sign(binding, &story.world.clerk).unwrap();
    story.world.relate(&binding);
    let clerk = key("authority clerk");
    story.resign(|header| header.binding = Some(binding.hash()), &clerk);
    story.submit_with(|receipt| receipt.binding = Some(binding.hash()));
    let evidence = story.evidence();
    let cause = Cause::BindingOfOther;
    fails(&story, &evidence, CheckName::Binding, cause);
}

#[test]
fn a_binding_signed_by_a_key_that_may_not_register_is_named() {
    let mut story = Story::new(DeliveryClass::Registered);
    let binding = story.world.binding.payload().clone();
    let binding = Signed::sign(binding, &key("operator receipts")).unwrap();
    story.world.relate(&binding);
    let clerk = key("authority clerk");
    story.resign(|header| header.binding = Some(binding.hash()), &clerk);
    story.submit_with(|receipt| receipt.binding = Some(binding.hash()));
    let evidence = story.evidence();
    let cause = Cause::NotAllowed(NotAllowed::UnknownKey);
    fails(&story, &evidence, CheckName::Binding, cause);
}

#[test]
fn a_binding_by_an_issuer_of_whom_nothing_is_known_is_not_proven() {
    let mut story = Story::new(DeliveryClass::Registered);
    let mut world = World::new();
    let mut binding = world.binding.payload().clone();
    binding.issuer = Address::of(
        &key("gate").verifying_key(),
        &key("gate recovery").verifying_key().recovery_hash(),
    );
    let gate = first_keys(
        world.context(),
        &key("gate"),
        &key("gate recovery").verifying_key(),
        &world.authority.age,
        vec![],
    );
    let gate = Signed::sign(gate, &key("gate")).unwrap();
    let binding = Signed::sign(binding, &key("gate")).unwrap();
    story.world.relate(&binding);
    let clerk = key("authority clerk");
    story.resign(|header| header.binding = Some(binding.hash()), &clerk);
    story.submit_with(|receipt| receipt.binding = Some(binding.hash()));
    let mut evidence = story.evidence();
    not_proven(&story, &evidence, CheckName::Binding, Gap::IssuerKeys);
    story.world.accept(gate.bytes());
    let accepted = story.world.receipts.last().unwrap().bytes();
    evidence.receipts.push(ByteBuf::from(accepted));
    let relation = [binding.bytes().to_vec()];
    let (citizen, issuer) = (story.world.citizen.address(), gate.address);
    let subject = Subject::Relation(citizen, Some(issuer));
    let head = story.world.head(subject, &relation);
    evidence.heads.push(ByteBuf::from(head.bytes()));
    evidence.issuer = Some(IssuerRecord {
        keys: key_blobs(&[gate]),
        relation: blobs(&relation),
    });
    story.world.publish();
    story.prove(&mut evidence);
    not_proven(&story, &evidence, CheckName::Binding, Gap::Certificate);
}

#[test]
fn a_revoked_consent_is_named() {
    let mut story = Story::new(DeliveryClass::Registered);
    let revocation = ConsentRevocation {
        context: story.world.context(),
        citizen: story.world.citizen.address(),
        authority: Some(story.world.authority.address()),
        consent: story.world.consent.hash(),
        ext: None,
    };
    let revocation = Signed::sign(revocation, &story.world.citizen.identity).unwrap();
    story.world.relate(&revocation);
    story.submit();
    let evidence = story.evidence();
    let cause = Cause::ConsentNotInForce;
    fails(&story, &evidence, CheckName::Consent, cause);
}

#[test]
fn a_revoked_certificate_is_named() {
    let mut story = Story::new(DeliveryClass::Registered);
    let revocation = CertificateRevocation {
        context: story.world.context(),
        subject: story.world.authority.address(),
        certificate: story.world.certificate.hash(),
        reason: Reason::KeyLost,
        ext: None,
    };
    let revocation = Signed::sign(revocation, &story.world.certification_key).unwrap();
    story.world.certified.push(revocation.bytes().to_vec());
    story.world.accept(revocation.bytes());
    story.submit();
    let evidence = story.evidence();
    let cause = Cause::CertificateNotInForce;
    fails(&story, &evidence, CheckName::Certificate, cause);
}

#[test]
fn a_header_signed_by_a_stranger_is_named() {
    let mut story = Story::new(DeliveryClass::Registered);
    let stranger = key("stranger");
    let named = stranger.verifying_key();
    story.resign(|header| header.signer = named, &stranger);
    story.submit();
    let evidence = story.evidence();
    let cause = Cause::NotAllowed(NotAllowed::UnknownKey);
    fails(&story, &evidence, CheckName::SignerRole, cause);
}

/// The authority drops its clerk.
fn drop_clerk(story: &mut Story) {
    let before = story.world.authority.current().clone();
    let mut next = story.world.next_keys(&before);
    next.signers.clear();
    let next = Signed::sign(next, &story.world.authority.identity).unwrap();
    story.world.accept(next.bytes());
    story.world.authority.keys.push(next);
}

#[test]
fn a_superseded_key_is_named() {
    let mut story = Story::new(DeliveryClass::Registered);
    drop_clerk(&mut story);
    story.submit();
    let evidence = story.evidence();
    let cause = Cause::KeysNotCurrent;
    fails(&story, &evidence, CheckName::SenderKeys, cause);
}

#[test]
fn a_key_superseded_later_still_counted() {
    let mut story = Story::told();
    drop_clerk(&mut story);
    let mut evidence = story.evidence();
    // The binding was signed by the clerk too, before the change.
    assert_eq!(faults(&story, &evidence), []);
    story.drop_newest_receipt(&mut evidence); // now nobody can tell which came first
    assert_eq!(
        faults(&story, &evidence),
        [
            (CheckName::SenderKeys, Outcome::NotProven(Gap::Order)),
            (CheckName::Binding, Outcome::NotProven(Gap::Order)),
            (
                CheckName::StatementsReceipted,
                Outcome::NotProven(Gap::Receipt)
            ),
        ]
    );
}

#[test]
fn a_branch_in_the_senders_history_is_named() {
    let mut story = Story::told();
    let before = story.world.authority.current().clone();
    let mut branch = story.world.next_keys(&before);
    branch.previous = Some(story.header.hash());
    let branch = Signed::sign(branch, &story.world.authority.identity).unwrap();
    story.world.accept(branch.bytes());
    story.world.authority.keys.push(branch);
    let evidence = story.evidence();
    let cause = Cause::History(HistoryError::Branch(1));
    fails(&story, &evidence, CheckName::SenderKeyHistory, cause);
}

#[test]
fn a_sender_who_saw_another_history_is_named() {
    let mut story = Story::new(DeliveryClass::Registered);
    let clerk = key("authority clerk");
    story.resign(|header| header.sender_head = ListHead::EMPTY, &clerk);
    story.submit();
    let evidence = story.evidence();
    let cause = Cause::SenderSawOtherHistory;
    fails(&story, &evidence, CheckName::SenderHead, cause);
}

#[test]
fn statements_made_for_another_log_do_not_count() {
    let mut story = Story::new(DeliveryClass::Registered);
    let clerk = key("authority clerk");
    story.resign(
        |header| header.context.origin = "other.example".into(),
        &clerk,
    );
    let evidence = story.evidence();
    let cause = Cause::OtherOrigin;
    fails(&story, &evidence, CheckName::HeaderSignature, cause);
}
