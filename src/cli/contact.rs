//! `postfach party contact`: where to be told that a letter waits; words for what became of it.

use clap::{Args, ValueEnum};
use postfach_crypto::statement::ContactLanguage;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::{Explained as _, Failure};
use crate::cli::lang::{Language, text};
use crate::cli::printable::printable;
use crate::fold::Notification;

#[derive(Args)]
pub(crate) struct ContactArguments {
    /// The e-mail address that is told when a letter waits.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "none")]
    email: Option<String>,
    /// No notifications any more.
    #[arg(long)]
    none: bool,
    /// Language of the notifications; that of this program without it.
    #[arg(long, value_enum)]
    mail_lang: Option<MailLanguage>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum MailLanguage {
    De,
    En,
}

impl From<MailLanguage> for ContactLanguage {
    fn from(choice: MailLanguage) -> Self {
        match choice {
            MailLanguage::De => Self::German,
            MailLanguage::En => Self::English,
        }
    }
}

/// Without a change asked for, shows what is in force.
pub(crate) async fn run(arguments: &ContactArguments, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let session = context.desk().await?.session;
    if arguments.email.is_some() || arguments.none {
        let language = arguments.mail_lang.map_or(
            match lang {
                Language::German => ContactLanguage::German,
                Language::English => ContactLanguage::English,
            },
            Into::into,
        );
        let email = arguments.email.as_deref().map(str::trim);
        let receipted = session
            .change_contact(email, language)
            .await
            .explained(lang)?;
        let receipt = receipted.receipt.hash().to_string();
        let value = json!({ "email": email, "language": language.name(), "receipt": receipt });
        context.ui.result(&value, || words(email, lang));
        return Ok(());
    }
    let contact = session.contact().await.explained(lang)?;
    let email = contact
        .as_ref()
        .and_then(|contact| contact.email.as_deref());
    let language = contact.as_ref().map(|contact| contact.language.name());
    let value = json!({ "email": email, "language": language });
    context.ui.result(&value, || words(email, lang));
    Ok(())
}

/// How far a notification got, in a few words.
pub(crate) fn state(notification: Notification, lang: Language) -> String {
    match notification {
        Notification::Sent => text!(lang, "Benachrichtigung abgesandt", "notification sent"),
        Notification::Delivered => {
            text!(lang, "Benachrichtigung angekommen", "notification arrived")
        }
        Notification::Failed => {
            text!(lang, "Benachrichtigung gescheitert", "notification failed")
        }
    }
}

fn words(email: Option<&str>, lang: Language) -> String {
    match email.map(printable) {
        Some(email) => text!(
            lang,
            "Wartet ein Brief, schreibt der Server an {email}. Mit dieser Benachrichtigung können Fristen beginnen: Postfach und E-Mail regelmäßig ansehen.",
            "When a letter waits, the server writes to {email}. Periods may begin with that notification: look at mailbox and e-mail regularly."
        ),
        None => text!(
            lang,
            "Keine Benachrichtigungen. Einrichten mit „postfach party contact --email ADRESSE“.",
            "No notifications. Set them up with 'postfach party contact --email ADDRESS'."
        ),
    }
}
