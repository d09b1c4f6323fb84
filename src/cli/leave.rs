//! `postfach delete`, `postfach close`: what a person takes away, and what stays.

use clap::Args;
use postfach_crypto::ids::StatementHash;
use postfach_crypto::statement::{DeliveryClass, Event};
use serde_json::json;

use crate::cli::answer::confirm;
use crate::cli::context::Context;
use crate::cli::error::{Exit, Explained as _, Failure};
use crate::cli::lang::{date_time, text};
use crate::client::lists::OwnList;
use crate::fold::Delivery;

#[derive(Args)]
pub(crate) struct Delete {
    /// The letters: their numbers in the inbox or the starts of their hashes.
    #[arg(required = true)]
    references: Vec<String>,
}

/// Nothing is deleted unless everything that was named can be.
pub(crate) async fn run_delete(arguments: Delete, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let session = context.desk().await?.session;
    let (mut headers, mut named) = (Vec::<StatementHash>::new(), Vec::new());
    for reference in &arguments.references {
        let header = session.find(reference, OwnList::Mailbox).await;
        let header = header.explained(lang)?;
        if !headers.contains(&header) {
            headers.push(header);
            named.push(reference);
        }
    }
    let deliveries = session.deliveries(&headers).await.explained(lang)?;
    for (delivery, reference) in deliveries.iter().zip(named) {
        check_decided(delivery, reference, context)?;
    }
    let unread = deliveries
        .iter()
        .filter(|delivery| !delivery.has(Event::ContentAccessTracking))
        .count();
    if unread > 0 {
        context.ui.warn(text!(
            lang,
            "{unread} davon haben Sie noch nicht geöffnet.",
            "{unread} of them you have not opened yet."
        ));
    }
    let count = headers.len();
    confirm(
        context,
        &text!(
            lang,
            "{count} Sendung(en) löschen? Der Server gibt den Inhalt dann an keines Ihrer Geräte mehr aus, das lässt sich nicht zurücknehmen. Fristen laufen weiter, Nachweise bleiben, der Absender sieht die Löschung und behält seine Kopie. Was Sie behalten wollen, vorher mit „postfach read“ speichern.",
            "Delete {count} letter(s)? The server then hands their content to none of your devices any more, and that cannot be taken back. Periods keep running, evidence stays, the sender sees the deletion and keeps a copy. Save what you want to keep with 'postfach read' first."
        ),
    )?;
    let mut rows = Vec::new();
    for header in &headers {
        let deleted = session.delete(*header).await.explained(lang)?;
        let receipt = deleted.map(|deleted| deleted.receipt.hash().to_string());
        rows.push(json!({ "header": header.to_string(), "receipt": receipt }));
    }
    context.ui.result(&rows, || {
        text!(
            lang,
            "Gelöscht und quittiert: {count}. Der Inhalt wird nicht mehr ausgegeben; verschlüsselt bleibt er auf der Platte des Servers, wo noch nichts gelöscht wird.",
            "Deleted and receipted: {count}. The content is not served any more; encrypted it stays on the server's disk, where nothing is erased yet."
        )
    });
    Ok(())
}

/// Registered mail is retrieved or refused first.
fn check_decided(delivery: &Delivery, reference: &str, context: &Context) -> Result<(), Failure> {
    if delivery.header.class != DeliveryClass::Registered || delivery.decided() {
        return Ok(());
    }
    let lang = context.lang();
    Err(Failure::new(
        Exit::Conflict,
        text!(
            lang,
            "{reference} ist eine förmliche Zustellung, die noch nicht abgeholt oder abgelehnt ist; gelöscht wurde nichts",
            "{reference} is registered mail that was not retrieved or refused yet; nothing was deleted"
        ),
        text!(
            lang,
            "zuerst „postfach read {reference}“ oder „postfach reject {reference}“",
            "'postfach read {reference}' or 'postfach reject {reference}' first"
        ),
    ))
}

pub(crate) async fn run_close(context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let session = context.desk().await?.session;
    if session.closed().await.explained(lang)?.is_none() {
        confirm(
            context,
            &text!(
                lang,
                "Das Postfach für immer schließen? Es nimmt keine Post mehr an, Behörden schreiben Ihnen dann auf Papier. Alle Einwilligungen gelten als widerrufen, Benachrichtigungen enden. Fristen für Post, die schon da ist, laufen weiter. Lesen und speichern können Sie noch 30 Tage. Die Adresse lässt sich nicht wieder öffnen; ein neues Postfach braucht einen neuen Brief.",
                "Close the mailbox for good? It takes no mail any more, and authorities will write to you on paper. All consents count as revoked, notifications end. Periods for mail that is there already keep running. You can read and save for 30 more days. The address cannot be opened again; a new mailbox needs a new letter."
            ),
        )?;
    }
    let closed = session.close_mailbox().await.explained(lang)?;
    let until = closed.readable_until();
    let value = json!({
        "closure": closed.statement.to_string(),
        "closed": closed.at.0,
        "readable_until": until.0,
    });
    let (until, home) = (date_time(lang, until), session.profile().home().display());
    context.ui.result(&value, || {
        text!(
            lang,
            "Geschlossen und quittiert. Lesbar bis {until}. Die Schlüssel auf diesem Gerät bleiben bis dahin in {home}; danach den Ordner löschen.",
            "Closed and receipted. Readable until {until}. The keys on this device stay in {home} until then; delete the folder after that."
        )
    });
    Ok(())
}
