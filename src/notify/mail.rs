//! What a notification says: that a letter waits, and where. Nothing else.
//!
//! Invariant: neither sender, subject, reference nor the recipient's name stands in it, so whoever
//! carries or sees the mail learns only that its addressee has a mailbox here. RFC 5322;
//! RFC 3834 section 5 (Auto-Submitted); RFC 5321 section 4.5.5 (the return path).

use std::time::{Duration, SystemTime};

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, SinglePart};
use postfach_crypto::ids::UnixMillis;
use postfach_crypto::statement::ContactLanguage;

use super::settings::Settings;
use super::token::TokenKey;
use crate::mail_address::MailAddress;
use crate::service::Notice;

/// The name beside the sender's address.
const NAME: &str = "Mein Postfach";

/// A mail, ready to be handed over.
pub struct Mail {
    /// Its return path.
    pub from: MailAddress,
    /// Its recipient.
    pub to: MailAddress,
    /// Header and body, in ASCII.
    pub message: Vec<u8>,
    /// The left side of its Message-ID.
    pub id: String,
}

/// Words of a notification.
struct Words {
    subject: &'static str,
    greeting: &'static str,
    after: &'static str,
}

const GERMAN: Words = Words {
    subject: "Eine Nachricht wartet in Ihrem Postfach",
    greeting: "Guten Tag,\n\nin Ihrem Postfach liegt eine neue Nachricht bereit:\n",
    after: "Wer sie geschickt hat und worum es geht, steht zu Ihrem Schutz nur dort.\n\
            Bitte sehen Sie bald nach: Mit dieser Benachrichtigung können Fristen\n\
            beginnen.\n\n\
            Diese E-Mail wurde automatisch erzeugt; Antworten liest niemand. Sie hat\n\
            keine Anhänge und fragt nie nach Passwörtern oder Schlüsseln.\n",
};

const ENGLISH: Words = Words {
    subject: "A message is waiting in your mailbox",
    greeting: "Hello,\n\na new message is ready for you in your mailbox:\n",
    after: "Who sent it and what it is about is shown only there, for your protection.\n\
            Please look soon: periods may begin with this notification.\n\n\
            This e-mail was generated automatically; nobody reads replies. It has no\n\
            attachments and never asks for passwords or keys.\n",
};

/// Writes the notification with this number in the queue.
pub(super) fn compose(
    notice: &Notice,
    number: u64,
    settings: &Settings,
    key: &TokenKey,
    now: UnixMillis,
) -> Mail {
    let words = match notice.language {
        ContactLanguage::German => &GERMAN,
        ContactLanguage::English => &ENGLISH,
    };
    let id = key.message_id(number, &notice.header);
    let text = format!(
        "{}\n    {}\n\n{}",
        words.greeting, settings.url, words.after
    );
    let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
    let message = Message::builder()
        .from(Mailbox::new(
            Some(NAME.to_owned()),
            settings.from.as_lettre().clone(),
        ))
        .to(Mailbox::new(None, notice.to.as_lettre().clone()))
        .subject(words.subject)
        .date(SystemTime::UNIX_EPOCH + Duration::from_millis(now.0))
        .message_id(Some(format!("<{id}@{}>", settings.from.domain())))
        .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
        .singlepart(SinglePart::plain(text))
        .expect("sender and recipient are given");
    Mail {
        from: settings.return_path(&key.token(number, &notice.header)),
        to: notice.to.clone(),
        message: message.formatted(),
        id,
    }
}
