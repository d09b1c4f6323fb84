//! Activation codes and bindings.

use postfach::client::enrol::ClaimOutcome;
use postfach::client::error::Dishonest;
use postfach::client::session::Session;
use postfach::entropy::entropy;
use postfach::fold::ClaimAnswer;
use postfach_crypto::enrolment::{ActivationCode, Invitation};
use postfach_crypto::ids::{PersonCommitment, UnixMillis};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::statement::{
    AssuranceLevel, Binding, BindingMethod, ConsentClass, EnrolmentClaim, MIN_OBJECTION, Reason,
    RefusalReason, Role, Signed, SignerGrant,
};

use crate::town::{REFERENCE, Town, letter_to, lie, prepare, refusal, reopened, send};

/// How the citizen's newest claim was answered, as the citizen sees it.
async fn answer_seen(town: &Town, citizen: &Session) -> ClaimAnswer {
    let (me, authority) = (
        citizen.address().unwrap(),
        town.authority.address().unwrap(),
    );
    let relation = citizen.relation(me, authority).await.unwrap().relation;
    relation.claims.last().unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_code_is_refused_and_the_person_learns_why() {
    let mut town = Town::strangers().await;
    let yesterday = UnixMillis(postfach::clock::now().0 - 24 * 60 * 60 * 1000);
    let invitation = town.letter_until(REFERENCE, yesterday);
    town.citizen.claim(&invitation).await.unwrap();
    let outcomes = town.answer().await;
    assert!(matches!(
        outcomes.as_slice(),
        [ClaimOutcome::Refused(RefusalReason::Expired)]
    ));
    assert_eq!(
        answer_seen(&town, &town.citizen).await,
        ClaimAnswer::Refused(RefusalReason::Expired)
    );
    assert!(town.answer().await.is_empty(), "answered once");
    // A new letter helps.
    let invitation = town.letter(REFERENCE);
    town.citizen.claim(&invitation).await.unwrap();
    assert!(matches!(
        town.answer().await.as_slice(),
        [ClaimOutcome::Bound { .. }]
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_used_once_and_its_owner_may_claim_again() {
    let mut town = Town::strangers().await;
    let invitation = town.letter(REFERENCE);
    town.citizen.claim(&invitation).await.unwrap();
    assert_eq!(town.answer().await.len(), 1);
    let thief = town.person("thief").await;
    thief.claim(&invitation).await.unwrap();
    assert!(matches!(
        town.answer().await.as_slice(),
        [ClaimOutcome::Refused(RefusalReason::AlreadyUsed)]
    ));
    assert_eq!(
        answer_seen(&town, &thief).await,
        ClaimAnswer::Refused(RefusalReason::AlreadyUsed)
    );
    let entry = town.book.by_reference(REFERENCE).unwrap();
    let bound = entry.current().unwrap().clone();
    assert_eq!(bound.address, town.citizen.address().unwrap());

    // The same person once more, from a client that lost the answer: still bound, not twice.
    let again = town.citizen.claim(&invitation).await;
    assert_eq!(refusal(again), "already-bound");
    assert!(town.answer().await.is_empty());
    let entry = town.book.by_reference(REFERENCE).unwrap();
    assert_eq!(entry.current(), Some(&bound));
    send(&town.authority, &town.to_citizen()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_made_twice_before_its_answer_binds_once() {
    let mut town = Town::strangers().await;
    let invitation = town.letter(REFERENCE);
    town.citizen.claim(&invitation).await.unwrap();
    town.citizen.claim(&invitation).await.unwrap();
    let outcomes = town.answer().await;
    assert!(matches!(
        outcomes.as_slice(),
        [
            ClaimOutcome::Bound { .. },
            ClaimOutcome::Refused(RefusalReason::AlreadyUsed)
        ]
    ));
    assert!(town.answer().await.is_empty());
    send(&town.authority, &town.to_citizen()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn guessed_codes_are_refused_and_then_not_even_accepted() {
    let mut town = Town::strangers().await;
    let honest = town.letter(REFERENCE);
    for _ in 0..5 {
        let guess = Invitation {
            code: ActivationCode::generate(&mut entropy()),
            ..honest.clone()
        };
        town.citizen.claim(&guess).await.unwrap();
        assert!(matches!(
            town.answer().await.as_slice(),
            [ClaimOutcome::Refused(RefusalReason::UnknownCode)]
        ));
    }
    let before = town.stored().await;
    for _ in 0..2 {
        let result = town.citizen.claim(&honest).await;
        assert_eq!(refusal(result), "too-many-claims");
    }
    assert_eq!(town.stored().await, before);
    assert!(town.answer().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_takes_few_claims_whoever_makes_them() {
    let mut town = Town::strangers().await;
    let invitation = town.letter(REFERENCE);
    // Somebody saw the code's id, but not the code: the proof is wrong.
    for number in 0..5 {
        let guesser = town.person(&format!("guesser-{number}")).await;
        let claim = claim(&guesser, &invitation, [number; 32]);
        guesser.submit(&claim).await.unwrap();
    }
    let outcomes = town.answer().await;
    assert_eq!(outcomes.len(), 5);
    assert!(
        outcomes
            .iter()
            .all(|outcome| matches!(outcome, ClaimOutcome::Refused(RefusalReason::WrongProof)))
    );
    let late = town.person("late").await;
    let before = town.stored().await;
    assert_eq!(refusal(late.claim(&invitation).await), "too-many-claims");
    assert_eq!(town.stored().await, before);
}

fn claim(of: &Session, invitation: &Invitation, mac: [u8; 32]) -> Signed<EnrolmentClaim> {
    let first = of
        .kept()
        .party(of.address().unwrap())
        .unwrap()
        .unwrap()
        .first();
    let claim = EnrolmentClaim {
        context: of.context(),
        issuer: invitation.issuer,
        address: of.address().unwrap(),
        key_statement: first,
        code_id: invitation.code.id(),
        mac,
        ext: None,
    };
    Signed::sign(claim, of.keys().identity().unwrap()).unwrap()
}

#[test]
fn a_mistyped_code_is_noticed_before_it_is_sent() {
    let code = ActivationCode::generate(&mut entropy()).to_text();
    for position in [0, 5, 20, code.len() - 1] {
        let mut typed: Vec<char> = code.chars().collect();
        typed[position] = if typed[position] == 'A' { 'B' } else { 'A' };
        if typed.iter().collect::<String>() == *code || code.as_bytes()[position] == b'-' {
            continue;
        }
        let typed: String = typed.into_iter().collect();
        assert!(typed.parse::<ActivationCode>().is_err(), "{position}");
    }
    let shorter = &code[..code.len() - 1];
    assert!(shorter.parse::<ActivationCode>().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_in_somebody_elses_name_is_refused() {
    let mut town = Town::strangers().await;
    let invitation = town.letter(REFERENCE);
    let thief = town.person("thief").await;
    let genuine = claim(&town.citizen, &invitation, [1; 32]);
    let forged = Signed::sign(genuine.payload().clone(), thief.keys().identity().unwrap()).unwrap();
    town.refused_statement(forged.bytes(), "not-allowed").await;
    // To somebody who is no authority.
    let mut misdirected = genuine.payload().clone();
    misdirected.issuer = thief.address().unwrap();
    let misdirected = Signed::sign(misdirected, town.citizen.keys().identity().unwrap()).unwrap();
    town.refused_statement(misdirected.bytes(), "not-certified")
        .await;
}

fn binding_of(town: &Town, issuer: &Session, key: &SigningKey) -> Signed<Binding> {
    let person = town.citizen.address().unwrap();
    let first = town.citizen.kept().party(person).unwrap().unwrap().first();
    let binding = Binding {
        context: issuer.context(),
        issuer: issuer.address().unwrap(),
        address: person,
        key_statement: first,
        claim: None,
        person: PersonCommitment([5; 32]),
        method: BindingMethod::Counter,
        assurance: AssuranceLevel::High,
        until: None,
        ext: None,
    };
    Signed::sign(binding, key).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_binding_by_the_wrong_issuer_is_refused() {
    let town = Town::strangers().await;
    let office = town.office("Landratsamt").await;
    let pretender = town.person("pretender").await;
    // In the authority's name, by another's key.
    let key = office.daily_key().unwrap();
    let forged = binding_of(&town, &town.authority, key);
    town.refused_statement(forged.bytes(), "not-allowed").await;
    // In its own name, without a certificate.
    let own = binding_of(&town, &pretender, pretender.daily_key().unwrap());
    town.refused_statement(own.bytes(), "not-certified").await;
    // Naming another's claim.
    let mut borrowed = binding_of(&town, &office, key).payload().clone();
    borrowed.claim = Some(forged.hash());
    let borrowed = Signed::sign(borrowed, key).unwrap();
    town.refused_statement(borrowed.bytes(), "unknown-reference")
        .await;
    // Naming other keys than the address has.
    let mut other = binding_of(&town, &office, key).payload().clone();
    other.key_statement = forged.hash();
    let other = Signed::sign(other, key).unwrap();
    town.refused_statement(other.bytes(), "unknown-reference")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_binding_needs_a_signer_with_the_right_to_register() {
    let town = Town::strangers().await;
    let clerk = SigningKey::generate(&mut entropy());
    let grant = |roles: Vec<Role>| SignerGrant {
        key: clerk.verifying_key(),
        roles,
        from: UnixMillis(0),
        until: None,
    };
    let sending = grant(vec![Role::Send, Role::Read]);
    town.authority
        .change_signers(|signers| signers.push(sending))
        .await
        .unwrap();
    let binding = binding_of(&town, &town.authority, &clerk);
    town.refused_statement(binding.bytes(), "not-allowed").await;
    let registering = grant(vec![Role::Send, Role::Register]);
    town.authority
        .change_signers(|signers| *signers = vec![registering])
        .await
        .unwrap();
    // The very same statement counts now.
    let accepted = town.submit_statement(binding.bytes()).await.unwrap();
    assert!(!accepted.repeated);
    let again = town.submit_statement(binding.bytes()).await.unwrap();
    assert!(again.repeated);
    assert_eq!(again.receipt.statement, accepted.receipt.statement);
    let second = binding_of(&town, &town.authority, &clerk);
    town.refused_statement(second.bytes(), "already-bound")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_binding_shown_by_the_operator_is_named() {
    let town = Town::found().await;
    let office = town.office("Landratsamt").await;
    let me = town.citizen.address().unwrap();
    let forged = binding_of(&town, &town.authority, office.daily_key().unwrap());
    let result = town.citizen.check_own_binding(&forged).await;
    assert_eq!(lie(result), Dishonest::ForgedBinding { address: me });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_binding_takes_no_mail() {
    let mut town = Town::found().await;
    let waiting = prepare(&town.authority, &town.to_citizen()).await.unwrap();
    town.authority
        .withdraw_binding(&mut town.book, REFERENCE, Reason::KeyLost)
        .await
        .unwrap();
    let before = town.stored().await;
    let result = crate::town::deliver(&town.authority, waiting).await;
    assert_eq!(refusal(result), "binding-not-in-force");
    let result = prepare(&town.authority, &town.to_citizen()).await;
    assert!(matches!(
        result,
        Err(postfach::client::error::ClientError::NotFound(_))
    ));
    assert_eq!(town.stored().await, before);
    assert!(town.authority.outbox().unwrap().is_empty());
    let again = town
        .authority
        .withdraw_binding(&mut town.book, REFERENCE, Reason::KeyLost)
        .await;
    assert!(again.is_err());
    // The person keeps the right to write, and a new letter binds anew.
    let reply = letter_to(town.authority.address().unwrap());
    send(&town.citizen, &reply).await.unwrap();
    let invitation = town.letter(REFERENCE);
    town.citizen.claim(&invitation).await.unwrap();
    town.answer().await;
    send(&town.authority, &town.to_citizen()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_code_does_not_revive_a_withdrawn_binding() {
    let mut town = Town::strangers().await;
    let invitation = town.letter(REFERENCE);
    town.citizen.claim(&invitation).await.unwrap();
    town.answer().await;
    town.authority
        .withdraw_binding(&mut town.book, REFERENCE, Reason::KeyLost)
        .await
        .unwrap();
    town.citizen.claim(&invitation).await.unwrap();
    assert!(matches!(
        town.answer().await.as_slice(),
        [ClaimOutcome::Refused(RefusalReason::AlreadyUsed)]
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_to_a_succeeded_address_is_refused_unless_the_old_keys_object() {
    use postfach_crypto::statement::{Objection, Succession};
    let mut town = Town::found().await;
    let renewed = town.person("renewed").await;
    let invitation = town.letter("4711-neu");
    renewed.claim(&invitation).await.unwrap();
    town.answer().await;
    let entry = town.book.by_reference("4711-neu").unwrap();
    let binding = entry.current().unwrap().binding;
    let (old, new) = (town.citizen.address().unwrap(), renewed.address().unwrap());
    let succession = |objection_until| {
        let succession = Succession {
            context: town.authority.context(),
            issuer: town.authority.address().unwrap(),
            old,
            new,
            binding,
            objection_until,
            ext: None,
        };
        Signed::sign(succession, town.authority.daily_key().unwrap()).unwrap()
    };
    let in_time = UnixMillis(postfach::clock::now().0 + MIN_OBJECTION + 60_000);
    let waiting = prepare(&town.authority, &town.to_citizen()).await.unwrap();
    let named = succession(in_time);
    let foreign =
        Signed::sign(named.payload().clone(), renewed.keys().identity().unwrap()).unwrap();
    town.refused_statement(foreign.bytes(), "not-allowed").await;
    town.authority.submit(&named).await.unwrap();

    let result = crate::town::deliver(&town.authority, waiting).await;
    assert_eq!(refusal(result), "binding-not-in-force");
    send(&town.authority, &letter_to(new)).await.unwrap();
    let again = succession(in_time);
    town.refused_statement(again.bytes(), "binding-not-in-force")
        .await;

    let objection = |by: &Session| {
        let objection = Objection {
            context: by.context(),
            address: by.address().unwrap(),
            succession: named.hash(),
            ext: None,
        };
        Signed::sign(objection, by.keys().identity().unwrap()).unwrap()
    };
    let wrong = objection(&renewed);
    town.refused_statement(wrong.bytes(), "unknown-reference")
        .await;
    town.citizen
        .submit(&objection(&town.citizen))
        .await
        .unwrap();
    let twice = objection(&town.citizen);
    town.refused_statement(twice.bytes(), "already-ended").await;
    // The old address receives again, the new one no more.
    send(&town.authority, &town.to_citizen()).await.unwrap();
    assert!(prepare(&town.authority, &letter_to(new)).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_succession_leaves_the_old_keys_time_to_object() {
    use postfach_crypto::statement::{Succession, VerifyError};
    let town = Town::found().await;
    let succession = Succession {
        context: town.authority.context(),
        issuer: town.authority.address().unwrap(),
        old: town.citizen.address().unwrap(),
        new: postfach_crypto::ids::Address([8; 32]),
        binding: postfach_crypto::ids::StatementHash([8; 32]),
        objection_until: postfach::clock::now(),
        ext: None,
    };
    let hasty = Signed::sign(succession, town.authority.daily_key().unwrap());
    assert!(matches!(hasty, Err(VerifyError::Rule(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_survives_a_rotation_of_keys() {
    let mut town = Town::strangers().await;
    let (statement, keys) = town.citizen.rotation().await.unwrap();
    town.citizen.submit(&statement).await.unwrap();
    town.citizen = reopened(&town.citizen, keys).await;
    let invitation = town.letter(REFERENCE);
    town.citizen.claim(&invitation).await.unwrap();
    town.answer().await;
    town.consent(ConsentClass::Notification).await;
    send(&town.authority, &town.to_citizen()).await.unwrap();
}
