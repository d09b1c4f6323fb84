//! Who wrote to whom, and the letter: what its envelope shows, and its content where it was opened.

use postfach_crypto::ids::Address;
use postfach_crypto::statement::{EnvelopeHeader, Signed};

use super::super::page::{certified_name, grouped};
use super::super::words::{self, Both};
use super::super::{Author, content};
use super::blocks::Fields;
use super::{Block, Section, Source, Words};
use crate::cli::lang::{self, Language, text};

/// Most lines of the letter's text that a report repeats; what is beyond stays in the file.
const MAX_LINES: usize = 2000;

pub(super) fn sections(lang: Language, source: &Source<'_>) -> Vec<Section> {
    let Some(header) = &source.examined.report.header else {
        return Vec::new();
    };
    vec![parties(lang, source, header), letter(lang, source, header)]
}

fn parties(lang: Language, source: &Source<'_>, header: &Signed<EnvelopeHeader>) -> Section {
    let mut fields = Fields::new(lang);
    fields.add(
        Both("Absender", "Sender"),
        party(lang, source, header.sender),
    );
    fields.add(
        Both("Empfänger", "Recipient"),
        party(lang, source, header.recipient),
    );
    if let Some(binding) = &source.examined.report.binding {
        let day = lang::date(lang, binding.context.time);
        let method = words::method(binding.method).pick(lang);
        let level = words::assurance(binding.assurance).pick(lang);
        let how = text!(
            lang,
            "Am {day} einer Person zugeordnet ({method}; Vertrauensniveau {level}) durch:",
            "Bound to a person on {day} ({method}; assurance level {level}) by:"
        );
        let issuer = party(lang, source, binding.issuer);
        fields.add(
            Both("Zuordnung der Adresse", "Binding of the address"),
            Words::own(how).below(issuer),
        );
    }
    Section::new(
        lang,
        Both("Absender und Empfänger", "Sender and recipient"),
        vec![fields.block()],
    )
}

/// Certified name and municipality code, and the whole address.
fn party(lang: Language, source: &Source<'_>, address: Address) -> Words {
    let address_words = Words::code(address.to_string());
    match certified_name(source.examined, address) {
        Some((name, code)) => {
            let code = text!(
                lang,
                " (beglaubigt; Amtlicher Gemeindeschlüssel {code})",
                " (certified; municipality code {code})"
            );
            Words::foreign(&name)
                .and(Words::own(code))
                .below(address_words)
        }
        None => address_words,
    }
}

fn letter(lang: Language, source: &Source<'_>, header: &Signed<EnvelopeHeader>) -> Section {
    let mut fields = Fields::new(lang);
    let class = words::class(header.class).pick(lang);
    fields.add(Both("Versandart", "Kind of delivery"), Words::own(class));
    let rule = match &header.legal_rule {
        Some(rule) => Words::foreign(rule).and(Words::own(as_stated(lang))),
        None => Words::own(Both("keine genannt", "none named").pick(lang)),
    };
    fields.add(Both("Rechtsgrundlage", "Legal rule"), rule);
    if let Some(until) = header.acceptance_until {
        let until = lang::date_time(lang, until);
        fields.add(words::ACCEPTANCE_UNTIL, Words::own(until));
    }
    let written = lang::date_time(lang, header.context.time);
    fields.add(
        Both("Geschrieben", "Written"),
        Words::own(written + &as_stated(lang)),
    );
    fields.add(
        Both("Kennung des Umschlags", "Envelope's hash"),
        Words::code(grouped(&header.hash())),
    );
    let mut blocks = vec![fields.block()];
    blocks.push(Block::Heading(Both("Inhalt", "Content").pick(lang)));
    match &source.examined.report.manifest {
        None => blocks.push(Block::Paragraph(Words::own(
            Both(
                "Der Inhalt ist in dieser Datei nicht offengelegt. Betreff, Aktenzeichen und Text kennen nur Absender und Empfänger.",
                "The content is not disclosed in this file. Subject, file number and text are known to sender and recipient only.",
            )
            .pick(lang),
        ))),
        Some(manifest) => {
            let certified = certified_name(source.examined, manifest.sender).is_some();
            let author = if certified { Author::Authority } else { Author::Sender };
            blocks.push(Block::Paragraph(Words::own(
                Both(
                    "Alles Folgende sind Worte des Absenders. Die Prüfung zeigt, dass genau dies gesandt wurde, nicht, dass es zutrifft.",
                    "All that follows are the sender's words. The checks show that exactly this was sent, not that it is true.",
                )
                .pick(lang),
            )));
            let mut fields = Fields::new(lang);
            for (label, value) in content::fields(lang, manifest, author) {
                fields.add(label, Words::foreign(&value));
            }
            blocks.push(fields.block());
            blocks.extend(quoted(lang, &manifest.text));
        }
    }
    Section::new(lang, Both("Das Schreiben", "The letter"), blocks)
}

/// The letter's text, its empty lines left out.
fn quoted(lang: Language, text: &str) -> Vec<Block> {
    let mut lines = crate::cli::printable::printable_lines(text)
        .filter(|line| !line.trim().is_empty())
        .map(|line| Words::foreign(&line));
    let shown: Vec<Words> = lines.by_ref().take(MAX_LINES).collect();
    let left = lines.count();
    let mut blocks = Vec::new();
    if !shown.is_empty() {
        blocks.push(Block::Quote(shown));
    }
    if left > 0 {
        blocks.push(Block::Warning(Words::own(text!(
            lang,
            "Hier nicht wiederholt: {left} weitere Zeilen. Sie stehen in der Nachweisdatei.",
            "Not repeated here: {left} more lines. They are in the evidence file."
        ))));
    }
    blocks
}

fn as_stated(lang: Language) -> String {
    Both(" (Angabe des Absenders)", " (as the sender states it)")
        .pick(lang)
        .to_owned()
}
