//! The report as a page of text that a clerk of a court can read.
//!
//! Invariant: each line that repeats words from the file begins with an indent, and lines are
//! wrapped here and not by the terminal; so no text from the file can begin a line of its own.

use postfach_crypto::evidence::{Check, CheckName, Outcome, TimelineEntry, Verdict};
use postfach_crypto::ids::{Address, StatementHash};
use postfach_crypto::statement::{EnvelopeHeader, Signed};

use super::timestamps::{Sentence, sentences};
use super::words::{self, Both};
use super::{Author, Examined, Pinning, causes, content, deadline, events};
use crate::cli::lang::{self, Language, text};
use crate::cli::printable::printable;
use crate::paper::groups_of;

/// Longest line, in columns.
const WIDTH: usize = 80;
/// Characters of a shortened address before and after the gap.
const SHOWN: (usize, usize) = (10, 6);

/// The whole page.
#[must_use]
pub fn page(lang: Language, examined: &Examined) -> String {
    let mut page = Page {
        lang,
        text: String::new(),
    };
    page.paragraph("", "", &printable(&examined.file));
    let line = verdict_line(lang, examined);
    page.paragraph(
        &format!("{} ", verdict_mark(examined.verdict())),
        "  ",
        &line,
    );
    if let Some(header) = &examined.report.header {
        page.blank();
        parties(&mut page, examined, header);
    }
    legal_date(&mut page, examined);
    timeline(&mut page, examined);
    checks(&mut page, examined);
    not_shown(&mut page, examined);
    if let Some(manifest) = &examined.report.manifest {
        page.heading(Both("Inhalt (offengelegt)", "Content (disclosed)"));
        let author = match certified_name(examined, manifest.sender) {
            Some(_) => Author::Authority,
            None => Author::Sender,
        };
        page.text.push_str(&content(lang, manifest, author));
    }
    page.text
}

/// A page that is being written.
pub(super) struct Page {
    pub(super) lang: Language,
    pub(super) text: String,
}

impl Page {
    fn blank(&mut self) {
        self.text.push('\n');
    }

    fn heading(&mut self, title: Both) {
        self.blank();
        self.text.push_str(title.pick(self.lang));
        self.blank();
    }

    /// A text wrapped at words, its first line after `first`, the others after `rest`.
    pub(super) fn paragraph(&mut self, first: &str, rest: &str, text: &str) {
        let (mut line, mut used, mut empty) = (first.to_owned(), columns(first), true);
        for word in text.split(' ') {
            let mut word = word;
            loop {
                let gap = usize::from(!empty);
                let fitting = WIDTH
                    .checked_sub(used + gap)
                    .map(|room| fitting(word, room));
                if fitting == Some(word.len()) {
                    line.extend((!empty).then_some(' '));
                    line.push_str(word);
                    (used, empty) = (used + gap + columns(word), false);
                    break;
                }
                // A word longer than any line is cut, after one character at least.
                if empty {
                    let one = word.chars().next().map_or(0, char::len_utf8);
                    let (now, later) = word.split_at(fitting.unwrap_or(0).max(one));
                    line.push_str(now);
                    word = later;
                }
                self.end_line(&line);
                (line, used, empty) = (rest.to_owned(), columns(rest), true);
            }
        }
        self.end_line(&line);
    }

    fn end_line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// `Absender     Markt …`, continued under the value.
    pub(super) fn field(&mut self, indent: &str, label: Both, value: &str) {
        let label = label.pick(self.lang);
        let first = format!("{indent}{label:<15} ");
        let rest = " ".repeat(columns(&first));
        self.paragraph(&first, &rest, value);
    }
}

fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// Columns that a character takes; those beyond the European scripts count double, which they take
/// at most.
fn width(letter: char) -> usize {
    match letter {
        '–' | '…' | '„' | '“' | '”' | '€' | '│' | '✓' | '✗' | '⟨' | '⟩' | '\0'..'\u{1100}' => {
            1
        }
        _ => 2,
    }
}

/// How many bytes of a word take at most `room` columns.
fn fitting(word: &str, room: usize) -> usize {
    let mut used = 0;
    word.char_indices()
        .find(|(_, letter)| {
            used += width(*letter);
            used > room
        })
        .map_or(word.len(), |(index, _)| index)
}

fn verdict_mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Verified => "✓",
        Verdict::Failed => "✗",
        Verdict::Disputed | Verdict::NotProven => "–",
    }
}

fn verdict_line(lang: Language, examined: &Examined) -> String {
    let word = words::verdict(examined.verdict()).pick(lang);
    let checks = &examined.report.checks;
    let total = checks.len();
    let failed = checks
        .iter()
        .filter(|check| matches!(check.outcome, Outcome::Failed(_)));
    let failed = failed.count();
    let unpinned = examined.verdict() != examined.report.verdict();
    match examined.verdict() {
        Verdict::Verified => text!(
            lang,
            "{word}: Alle {total} Prüfungen sind bestanden.",
            "{word}: all {total} checks passed."
        ),
        Verdict::Disputed => text!(
            lang,
            "{word}: Alle {total} Prüfungen sind bestanden, aber der Empfänger erklärt, er habe den Inhalt nicht öffnen können.",
            "{word}: all {total} checks passed, but the recipient states that the content could not be opened."
        ),
        Verdict::NotProven if unpinned => text!(
            lang,
            "{word}: Die Datei stimmt in sich, aber der Betreiber ist nicht festgelegt. Mit --root und --origin gegen den Fingerabdruck auf dem Brief prüfen.",
            "{word}: the file agrees with itself, but the operator is not pinned. Verify with --root and --origin against the fingerprint on the letter."
        ),
        Verdict::NotProven => text!(
            lang,
            "{word}: Nichts ist falsch, aber der Datei fehlt etwas (unten mit – bezeichnet).",
            "{word}: nothing is wrong, but the file lacks something (marked – below)."
        ),
        Verdict::Failed => text!(
            lang,
            "{word}: {failed} von {total} Prüfungen sind gescheitert (unten mit ✗ bezeichnet).",
            "{word}: {failed} of {total} checks failed (marked ✗ below)."
        ),
    }
}

fn parties(page: &mut Page, examined: &Examined, header: &Signed<EnvelopeHeader>) {
    let lang = page.lang;
    let party = |address: Address| party(lang, examined, address);
    page.field("", Both("Absender", "Sender"), &party(header.sender));
    page.field("", Both("Empfänger", "Recipient"), &party(header.recipient));
    if let Some(binding) = &examined.report.binding {
        let day = lang::date(lang, binding.context.time);
        let issuer = party(binding.issuer);
        let method = words::method(binding.method).pick(lang);
        let level = words::assurance(binding.assurance).pick(lang);
        let value = text!(
            lang,
            "am {day} von {issuer}; {method}, Vertrauensniveau {level}",
            "on {day} by {issuer}; {method}, assurance level {level}"
        );
        page.field("", Both("Zuordnung", "Bound"), &value);
    }
    let class = words::class(header.class).pick(lang);
    page.field("", Both("Versandart", "Delivery"), class);
    if let Some(rule) = &header.legal_rule {
        let rule = printable(rule);
        let value = text!(
            lang,
            "{rule} (Angabe des Absenders)",
            "{rule} (as the sender states it)"
        );
        page.field("", Both("Rechtsgrundlage", "Legal rule"), &value);
    }
    if let Some(until) = header.acceptance_until {
        let until = lang::date_time(lang, until);
        page.field("", words::ACCEPTANCE_UNTIL, &until);
    }
    let time = lang::date_time(lang, header.context.time);
    let value = text!(
        lang,
        "{time} (Angabe des Absenders)",
        "{time} (as the sender states it)"
    );
    page.field("", Both("Geschrieben", "Written"), &value);
    page.field("", Both("Umschlag", "Envelope"), &grouped(&header.hash()));
    let origin = printable(&examined.policy.origin);
    page.field("", Both("Betreiber", "Operator"), &origin);
    // Any 32 bytes print as this identifier does.
    let root = grouped(&StatementHash(examined.policy.root.0));
    let root = match examined.pinning {
        Pinning::Pinned => root,
        Pinning::FromFile => text!(
            lang,
            "{root} (aus der Datei, NICHT festgelegt)",
            "{root} (from the file, NOT pinned)"
        ),
    };
    page.field("", Both("Hauptschlüssel", "Root key"), &root);
}

/// "Markt Postbauer-Heng (AGS 09373151), pf1qqqqqqq…qqqqqq".
fn party(lang: Language, examined: &Examined, address: Address) -> String {
    let short = shortened(address);
    match certified_name(examined, address) {
        Some((name, code)) => text!(
            lang,
            "{name} (AGS {code}), {short}",
            "{name} (municipality code {code}), {short}"
        ),
        None => short,
    }
}

/// Name and municipality code, where the certificate passed and is this party's.
pub(super) fn certified_name(examined: &Examined, address: Address) -> Option<(String, String)> {
    let certificate = examined.report.certificate.as_ref()?;
    (certificate.subject == address).then(|| {
        let code = certificate.municipality_code.to_string();
        (printable(&certificate.name), code)
    })
}

/// The beginning and end of an address; enough to recognise, not to send to.
fn shortened(address: Address) -> String {
    let text = address.to_string();
    let (before, after) = SHOWN;
    format!("{}…{}", &text[..before], &text[text.len() - after..])
}

/// 32 bytes as people compare them.
pub(super) fn grouped(hash: &StatementHash) -> String {
    groups_of(&hash.to_string(), 4).join(" ")
}

/// When the letter counts as served, with every step; under reservation where the operator is not
/// pinned.
fn legal_date(page: &mut Page, examined: &Examined) {
    let lang = page.lang;
    page.heading(Both(
        "Bekanntgabe oder Zustellung",
        "When it counts as served",
    ));
    let Some(finding) = &examined.report.legal_date else {
        let none = Both(
            "Nicht berechnet: Die Prüfungen der Quittungen sind nicht bestanden.",
            "Not computed: the checks of the receipts did not pass.",
        );
        page.paragraph("  – ", "    ", none.pick(lang));
        return;
    };
    if examined.pinning == Pinning::FromFile {
        let own = Both(
            "Nur, wenn der Betreiber der richtige ist:",
            "Only if the operator is the right one:",
        );
        page.paragraph("  ", "  ", own.pick(lang));
    }
    for (index, line) in deadline::lines(lang, finding).iter().enumerate() {
        let (first, rest) = if index == 0 {
            ("  ", "  ")
        } else {
            ("  – ", "    ")
        };
        page.paragraph(first, rest, line);
    }
}

fn timeline(page: &mut Page, examined: &Examined) {
    let report = &examined.report;
    if report.timeline.is_empty() {
        return;
    }
    page.heading(Both(
        "Verlauf (Uhr des Betreibers, deutsche Zeit)",
        "Timeline (operator's clock, German time)",
    ));
    let passed = |name| report.outcome(name) == Some(Outcome::Passed);
    let holds = [
        CheckName::Operator,
        CheckName::ReceiptSignature,
        CheckName::AnsweredStatements,
        CheckName::ReceiptChain,
    ];
    if !holds.into_iter().all(passed) {
        let warning = Both(
            "Nicht verlässlich: Die Prüfungen der Quittungen sind nicht alle bestanden.",
            "Not reliable: the checks of the receipts did not all pass.",
        );
        page.paragraph("  ", "  ", warning.pick(page.lang));
    }
    for entry in &report.timeline {
        happened(page, entry);
    }
}

fn happened(page: &mut Page, entry: &TimelineEntry) {
    let lang = page.lang;
    let time = lang::date_time(lang, entry.time);
    let name = entry.event.name();
    let source = match events::clause(entry.event) {
        Some(clause) => format!("ETSI EN 319 522 {clause}"),
        None => text!(lang, "eigene Erweiterung", "extension of ours"),
    };
    page.paragraph("  ", "    ", &format!("{time} – {name} ({source})"));
    let mut sentence = events::event(lang, entry.event).to_owned();
    if let Some(answered) = entry.answers.and_then(events::answered) {
        let answered = answered.pick(lang);
        sentence = text!(
            lang,
            "{sentence} Quittiert {answered}.",
            "{sentence} Receipted {answered}."
        );
    }
    page.paragraph("    ", "    ", &sentence);
    for reason in &entry.reasons {
        let reason = events::reason(lang, *reason);
        let line = text!(lang, "Grund: {reason}.", "Reason: {reason}.");
        page.paragraph("    ", "    ", &line);
    }
}

fn checks(page: &mut Page, examined: &Examined) {
    page.heading(Both("Prüfungen", "Checks"));
    let lang = page.lang;
    for Check { name, outcome } in &examined.report.checks {
        let (label, fact) = words::check(*name);
        let label = label.pick(lang);
        let (mark, sentence) = match outcome {
            Outcome::Passed if examined.stands_on_itself(*name, *outcome) => {
                ("–", words::OWN_ROOT.pick(lang).to_owned())
            }
            Outcome::Passed => ("✓", fact.pick(lang).to_owned()),
            Outcome::Failed(cause) => ("✗", causes::cause(lang, cause)),
            Outcome::NotProven(gap) => ("–", causes::gap(lang, *gap)),
        };
        page.paragraph(
            &format!("  {mark} "),
            "    ",
            &format!("{label}: {sentence}"),
        );
        if *name == CheckName::TimeStamped {
            for Sentence(before, authority, after) in sentences(lang, &examined.report) {
                let line = format!("{before}{}{after}", printable(&authority));
                page.paragraph("    ", "    ", &line);
            }
        }
    }
    if !examined.report.disputed.is_empty() {
        page.heading(Both("Der Empfänger erklärt", "The recipient states"));
        for reason in &examined.report.disputed {
            page.paragraph("  – ", "    ", events::reason(lang, *reason));
        }
    }
}

fn not_shown(page: &mut Page, examined: &Examined) {
    let unpinned = examined.pinning == Pinning::FromFile;
    if !unpinned && examined.report.not_shown.is_empty() {
        return;
    }
    page.heading(Both(
        "Was diese Datei nicht beweist",
        "What this file does not prove",
    ));
    let own = unpinned.then_some(words::OWN_ROOT_NOT_SHOWN);
    let others = examined.report.not_shown.iter();
    for item in own
        .into_iter()
        .chain(others.map(|item| words::not_shown(*item)))
    {
        page.paragraph("  – ", "    ", item.pick(page.lang));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str) -> Vec<String> {
        let mut page = Page {
            lang: Language::German,
            text: String::new(),
        };
        page.paragraph("1 ", "  ", text);
        page.text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn no_text_reaches_the_end_of_the_line_or_begins_one() {
        let forged = format!("a{}✓ BESTÄTIGT", " ".repeat(300));
        for text in [
            forged.as_str(),
            &"x".repeat(500),
            &"漢".repeat(99),
            "",
            "a b",
        ] {
            for (index, line) in wrapped(text).iter().enumerate() {
                assert!(columns(line) <= WIDTH, "{line}");
                assert!(line.starts_with(if index == 0 { "1" } else { "  " }) || line.is_empty());
            }
        }
        assert_eq!(wrapped("a b"), ["1 a b"]);
        assert_eq!(
            wrapped(&"x".repeat(100))[1],
            format!("  {}", "x".repeat(22))
        );
    }

    #[test]
    fn a_long_text_takes_no_long_time() {
        assert!(wrapped(&"x".repeat(512 * 1024)).len() > 6000);
        assert!(wrapped(&" ".repeat(512 * 1024)).len() > 6000);
    }
}
