//! The opened letter: subject, act, attachments, text.
//!
//! All of it is the sender's words. Dates and amounts are repeated, never computed.

use postfach_crypto::envelope::{Act, Amount, Manifest, Remedy, Replies};

use super::page::Page;
use super::words::Both;
use crate::cli::lang::{self, Language, text};
use crate::cli::printable::{printable, printable_lines};

/// What begins each line of the letter's text, so that it cannot pass for words of ours.
const QUOTE: &str = "  │ ";

/// Who wrote the letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// An authority, by its certificate.
    Authority,
    /// Anyone else.
    Sender,
}

/// The letter as indented lines.
#[must_use]
pub fn content(lang: Language, manifest: &Manifest, author: Author) -> String {
    let mut page = Page {
        lang,
        text: String::new(),
    };
    for (label, value) in fields(lang, manifest, author) {
        page.field("  ", label, &value);
    }
    if !manifest.text.is_empty() {
        page.text.push('\n');
        for line in printable_lines(&manifest.text) {
            page.paragraph(QUOTE, QUOTE, &line);
        }
    }
    page.text
}

/// What the letter states beside its text, by label; without a label where the one before goes on.
pub(super) fn fields(lang: Language, manifest: &Manifest, author: Author) -> Vec<(Both, String)> {
    let mut fields = vec![(Both("Betreff", "Subject"), printable(&manifest.subject))];
    if let Some(act) = &manifest.act {
        show_act(&mut fields, lang, act, author);
    }
    if let Some(replies) = manifest.replies {
        let read = match replies {
            Replies::Answered => Both("werden gelesen", "are read"),
            Replies::Unmonitored => Both("werden nicht gelesen", "are not read"),
        };
        fields.push((Both("Antworten", "Replies"), read.pick(lang).to_owned()));
    }
    for (index, attachment) in manifest.attachments.iter().enumerate() {
        let number = index + 1;
        let (name, kind) = (
            printable(&attachment.name),
            printable(&attachment.media_type),
        );
        let size = lang::bytes(lang, attachment.size);
        let value = format!("{number}. {name} ({kind}, {size})");
        fields.push((Both("Anlage", "Attachment"), value));
    }
    fields
}

fn show_act(fields: &mut Vec<(Both, String)>, lang: Language, act: &Act, author: Author) {
    fields.push((Both("Bescheid", "Act"), printable(&act.kind)));
    let number = printable(&act.file_number);
    fields.push((Both("Aktenzeichen", "File number"), number));
    if let Some(amount) = &act.amount {
        let value = money(lang, amount);
        fields.push((Both("Betrag", "Amount"), value));
    }
    if let Some(remedy) = &act.remedy {
        show_remedy(fields, lang, remedy, author);
    }
    if let Some(contact) = &act.contact {
        fields.push((Both("Auskunft", "Contact"), printable(contact)));
    }
}

fn show_remedy(fields: &mut Vec<(Both, String)>, lang: Language, remedy: &Remedy, author: Author) {
    let kind = printable(&remedy.kind);
    let by = match author {
        Author::Authority => Both("die Behörde", "the authority"),
        Author::Sender => Both("der Absender", "the sender"),
    }
    .pick(lang);
    let value = match &remedy.until {
        Some(until) => {
            let day = lang::day(lang, until);
            text!(
                lang,
                "{kind} bis {day} (so gibt es {by} an)",
                "{kind} until {day} (as {by} states it)"
            )
        }
        None => text!(
            lang,
            "{kind} (so gibt es {by} an)",
            "{kind} (as {by} states it)"
        ),
    };
    fields.push((Both("Rechtsbehelf", "Remedy"), value));
    let (body, period) = (printable(&remedy.body), printable(&remedy.period));
    let rule = printable(&remedy.rule);
    fields.push((Both("", ""), format!("{body}; {period}; {rule}")));
}

/// Only the euro's minor unit is known here.
fn money(lang: Language, amount: &Amount) -> String {
    let units = amount.minor_units;
    if amount.currency == "EUR" {
        return lang::euros(lang, units);
    }
    let (units, currency) = (lang::number(lang, units), printable(&amount.currency));
    text!(
        lang,
        "{units} (kleinste Einheit), {currency}",
        "{units} (minor units), {currency}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_currencies_are_not_guessed() {
        let yen = Amount {
            minor_units: 12_000,
            currency: "JPY".into(),
        };
        assert_eq!(money(Language::English, &yen), "12,000 (minor units), JPY");
    }
}
