//! What a party holds against the whole log of the real server.

use axum::body::Bytes;
use postfach::api::resources::Page;
use postfach::client::audit::{AuditError, Auditor, Finding, Own, Pinned, Visit};
use postfach::client::error::{ClientError, Dishonest};

use crate::relay::Fate;
use crate::town::Town;

fn auditor(town: &Town, state: Option<&str>) -> Auditor {
    let settings = town.citizen.profile().settings();
    let pinned = Pinned {
        operator: Some((settings.operator_root, settings.origin.clone())),
        policy: None,
    };
    let state = state.map(|name| town.folder.path().join(name));
    Auditor::new(
        &settings.service,
        settings.ca_file.as_deref(),
        pinned,
        state,
    )
    .unwrap()
}

async fn audit(town: &Town, state: Option<&str>) -> Result<Visit, AuditError> {
    let auditor = auditor(town, state);
    auditor.visit(Some(&town.citizen), |_, _| {}).await
}

/// Changes the citizen's record from now on.
fn tamper_record(town: &Town, change: impl Fn(&mut Page) + Send + 'static) {
    town.relay.tamper(move |_, path, body| {
        if !path.contains("/record?") {
            return Fate::Answer(body);
        }
        let mut page: Page = serde_json::from_slice(&body).unwrap();
        change(&mut page);
        Fate::Answer(Bytes::from(serde_json::to_vec(&page).unwrap()))
    });
}

#[tokio::test]
async fn all_that_a_party_holds_is_found_in_the_log_it_walks() {
    let town = Town::found().await;
    let first = audit(&town, Some("notes")).await.unwrap();
    let own = first.own.unwrap();
    assert!(own.sought > 4 && own.found == own.sought, "{own:?}");
    // At the next visit, what is old is sought where it was said to be.
    let again = audit(&town, Some("notes")).await.unwrap();
    assert_eq!((again.own, again.read), (Some(own), 0));
    let stranger = auditor(&town, None).visit(None, |_, _| {}).await.unwrap();
    assert_eq!((stranger.own, stranger.head), (None, first.head));
    let Own { pending, .. } = own;
    assert_eq!(pending, 0);
}

#[tokio::test]
async fn a_record_at_odds_with_the_log_is_named() {
    let town = Town::found().await;
    tamper_record(&town, |page| {
        let last = page.entries.last_mut().unwrap();
        last.position += 1_000_000;
    });
    // Beyond the published log it could be news; but the walk passes it elsewhere.
    assert!(matches!(
        audit(&town, None).await,
        Err(AuditError::Finding(Finding::OtherPosition { said, log, .. })) if said > log
    ));
    tamper_record(&town, |page| {
        page.entries[0].position = page.entries[1].position;
    });
    assert!(matches!(
        audit(&town, None).await,
        Err(AuditError::Finding(Finding::RecordOrder { .. }))
    ));
    tamper_record(&town, |page| {
        page.entries.pop();
    });
    assert!(matches!(
        audit(&town, None).await,
        Err(AuditError::Client(ClientError::Dishonest(
            Dishonest::DroppedEntry { .. }
        )))
    ));
    town.relay.behave();
    audit(&town, None).await.unwrap();
}

#[tokio::test]
async fn a_receipt_that_is_not_in_the_log_is_named() {
    use postfach::server::operator::load_operator;
    use postfach_crypto::statement::Signed;

    let town = Town::found().await;
    audit(&town, Some("notes")).await.unwrap();
    // A receipt with the real key that the log never took in.
    let kept = town.citizen.kept().receipts().unwrap().remove(0);
    let mut receipt = kept.payload().clone();
    receipt.context.blind.0[0] ^= 1;
    let keys = load_operator(&town.world.folder().join("keys")).unwrap();
    let forged = Signed::sign(receipt, &keys.receipt).unwrap();
    town.citizen.kept().keep_receipt(&forged).unwrap();
    for state in [None, Some("notes")] {
        assert!(matches!(
            audit(&town, state).await,
            Err(AuditError::Finding(Finding::NotInLog { statement })) if statement == forged.hash()
        ));
    }
}

#[tokio::test]
async fn the_real_server_behind_a_lying_line_is_caught() {
    let town = Town::found().await;
    audit(&town, Some("notes")).await.unwrap();
    town.relay.tamper(|_, path, body| {
        let mut body = body.to_vec();
        if path.contains("/log/tile/entries/") {
            body[34 * 3 + 7] ^= 1;
        }
        Fate::Answer(body.into())
    });
    assert!(matches!(
        audit(&town, None).await,
        Err(AuditError::Finding(Finding::Entry { position: 3 }))
    ));
    town.relay.behave();
    // What an auditor saw is kept though the server is restarted and its log grows.
    town.person("somebody").await;
    let visit = audit(&town, Some("notes")).await.unwrap();
    assert!(visit.before.is_some_and(|before| before < visit.head.size) && visit.read > 0);
}
