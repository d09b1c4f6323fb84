//! Statements that the operator shows in others' names, with genuine receipts and heads of its own:
//! whoever is named must have signed. And what was signed by keys that ended since stays true.

use postfach::api::resources::{Base64, Logged, PartyResource, RelationResource};
use postfach::client::error::Dishonest;
use postfach::client::session::Session;
use postfach::entropy::{array, entropy};
use postfach_crypto::ids::{Address, Blind, PersonCommitment, ReceiptId, TextHash};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::statement::{
    AssuranceLevel, Binding, BindingMethod, Consent, ConsentClass, Receipt, Signed, Statement,
    Subject,
};

use crate::history::{answer, head};
use crate::relay::Fate;
use crate::town::{Town, lie, mailbox, open, prepare, reopened, send};

/// A statement in a list, with a receipt of the operator's that answers it, like one beside it.
fn receipted<S: Statement>(key: &SigningKey, statement: &Signed<S>, like: &Logged) -> Logged {
    let like: Signed<Receipt> = Signed::verify(like.receipt.as_ref().unwrap().as_ref()).unwrap();
    let mut receipt = like.payload().clone();
    receipt.context.time = postfach::clock::now();
    receipt.context.blind = Blind(array());
    receipt.id = ReceiptId(array());
    receipt.answers = Some(statement.hash());
    let receipt = Signed::sign(receipt, key).unwrap();
    Logged {
        statement: Base64(statement.bytes().to_vec()),
        position: 1000,
        receipt: Some(Base64(receipt.bytes().to_vec())),
    }
}

/// The operator shows one more statement between the citizen and the authority.
fn show_between<S: Statement + Clone + Send + 'static>(town: &Town, statement: &Signed<S>) {
    let citizen = town.citizen.address().unwrap();
    let authority = town.authority.address().unwrap();
    let (key, statement) = (town.receipt_key(), statement.clone());
    let path = format!("/v1/relations/{citizen}/{authority}");
    town.relay.tamper(move |_, target, body| {
        if target != path {
            return Fate::Answer(body);
        }
        let mut relation: RelationResource = serde_json::from_slice(&body).unwrap();
        let shown = receipted(&key, &statement, &relation.entries[0]);
        relation.entries.push(shown);
        let subject = Subject::Relation(citizen, Some(authority));
        relation.head = head(&key, &relation.head, subject, &relation.entries);
        answer(&relation)
    });
}

fn binding(town: &Town, key: &SigningKey) -> Signed<Binding> {
    let address = town.citizen.address().unwrap();
    let party = town.citizen.kept().party(address).unwrap().unwrap();
    let binding = Binding {
        context: town.authority.context(),
        issuer: town.authority.address().unwrap(),
        address,
        key_statement: party.first(),
        claim: None,
        person: PersonCommitment([5; 32]),
        method: BindingMethod::Counter,
        assurance: AssuranceLevel::High,
        until: None,
        ext: None,
    };
    Signed::sign(binding, key).unwrap()
}

fn consent(town: &Town, class: ConsentClass, key: &SigningKey) -> Signed<Consent> {
    let context = town.citizen.context();
    let consent = Consent {
        from: context.time,
        context,
        citizen: town.citizen.address().unwrap(),
        authority: Some(town.authority.address().unwrap()),
        class,
        text: TextHash::of("never shown to anybody"),
        ext: None,
    };
    Signed::sign(consent, key).unwrap()
}

async fn relation(of: &Session, town: &Town) -> Result<(), postfach::client::error::ClientError> {
    let citizen = town.citizen.address().unwrap();
    let authority = town.authority.address().unwrap();
    of.relation(citizen, authority).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_binding_by_another_than_its_issuer_is_named_by_both_sides() {
    // By another authority, by the citizen herself, by nobody.
    for forger in 0..3 {
        let town = Town::unconsented().await;
        let office = town.office("Landratsamt").await;
        let nobody = SigningKey::generate(&mut entropy());
        let key = match forger {
            0 => office.daily_key().unwrap(),
            1 => town.citizen.daily_key().unwrap(),
            _ => &nobody,
        };
        show_between(&town, &binding(&town, key));
        let address = town.citizen.address().unwrap();
        let forged = Dishonest::ForgedBinding { address };
        assert_eq!(lie(relation(&town.citizen, &town).await), forged);
        assert_eq!(lie(relation(&town.authority, &town).await), forged);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_the_citizen_did_not_give_is_named() {
    let town = Town::unconsented().await;
    let forged = consent(
        &town,
        ConsentClass::Service,
        town.authority.daily_key().unwrap(),
    );
    show_between(&town, &forged);
    let forged = Dishonest::ForgedStatement {
        address: town.citizen.address().unwrap(),
        kind: "consent",
    };
    assert_eq!(lie(relation(&town.citizen, &town).await), forged);
    assert_eq!(lie(relation(&town.authority, &town).await), forged);
    // The head that the operator signed over the lie convicts it when it goes back to the truth.
    town.relay.behave();
    assert!(matches!(
        lie(prepare(&town.authority, &town.registered()).await),
        Dishonest::Regression { .. }
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_another_party_certifies_nobody() {
    let town = Town::unconsented().await;
    let pretender = town.person("pretender").await;
    let address = pretender.address().unwrap();
    let genuine = town.authority.address().unwrap();
    let genuine = town.authority.party(genuine).await.unwrap();
    let certificate = genuine.certification.certificates[0].0.clone();
    let key = town.receipt_key();
    let path = format!("/v1/parties/{address}");
    let show = |party: Address| {
        let (key, certificate, path) = (key_of(&key), certificate.clone(), path.clone());
        town.relay.tamper(move |_, target, body| {
            if target != path {
                return Fate::Answer(body);
            }
            let mut shown: PartyResource = serde_json::from_slice(&body).unwrap();
            let entry = receipted(&key, &certificate, &shown.keys[0]);
            shown.certificates.push(entry);
            let subject = Subject::Certified(party);
            let like = shown.certificates_head.clone();
            shown.certificates_head = head(&key, &like, subject, &shown.certificates);
            answer(&shown)
        });
    };
    // With the genuine head's subject, and with one that fits the answer.
    for subject in [certificate.subject, address] {
        show(subject);
        assert!(matches!(
            lie(pretender.party(address).await),
            Dishonest::Statement(_) | Dishonest::ForeignHead
        ));
    }
    town.relay.behave();
    let known = pretender.party(address).await.unwrap();
    assert_eq!(known.certified_name(), None);
}

fn key_of(key: &SigningKey) -> SigningKey {
    SigningKey::from_seed(&key.seed())
}

#[tokio::test(flavor = "multi_thread")]
async fn bindings_consents_and_letters_outlive_the_keys_that_signed_them() {
    let town = Town::found().await;
    let before = send(&town.authority, &town.to_citizen()).await.unwrap();
    let (statement, keys) = town.authority.rotation().await.unwrap();
    town.authority.submit(&statement).await.unwrap();
    let authority = reopened(&town.authority, keys).await;
    let (statement, keys) = town.citizen.rotation().await.unwrap();
    town.citizen.submit(&statement).await.unwrap();
    let citizen = reopened(&town.citizen, keys).await;

    // What the old keys signed is still in force for both.
    relation(&citizen, &town).await.unwrap();
    relation(&authority, &town).await.unwrap();
    let after = send(&authority, &town.registered()).await.unwrap();
    assert_eq!(mailbox(&citizen).await, [before.statement, after.statement]);
    let folder = town.saved("citizen");
    for letter in [before, after] {
        open(&citizen, letter.statement, &folder).await.unwrap();
        authority.delivery(letter.statement).await.unwrap();
    }

    // The ended keys themselves say nothing more, with whatever receipt.
    let me = citizen.address().unwrap();
    let old = town.authority.daily_key().unwrap();
    town.refused_statement(binding(&town, old).bytes(), "not-allowed")
        .await;
    show_between(&town, &binding(&town, old));
    let forged = Dishonest::ForgedBinding { address: me };
    assert_eq!(lie(relation(&citizen, &town).await), forged);
    assert_eq!(lie(relation(&authority, &town).await), forged);
}
