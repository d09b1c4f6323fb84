//! What prints, read back by programs that did not make it: poppler, qpdf, zbar.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use postfach::demo::documents;
use postfach::paper::{
    ActivationLetter, Date, Document, Language, PaperError, Properties, RecoverySheet,
    activation_letter, groups_of, recovery_sheet,
};

const CODE: &str = "K7QF2M9XBT4HRW3DPY8GN6VCJ5ZAE7QF";
const FINGERPRINT: &str = "3f9ac04417be52d8a1e6047cc95b1d320f8e6a7b4c13d95e2287fa0b6c41d3e9";
const LINK: &str = "https://postfach.example/oeffnen#i=pf1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0jqg&r=\
                    3f9ac04417be52d8a1e6047cc95b1d320f8e6a7b4c13d95e2287fa0b6c41d3e9&c=K7QF2M9XBT4HRW3DPY8GN6VCJ5ZAE7QF";

fn day(year: u16, month: u8, day: u8) -> Date {
    Date::new(year, month, day).expect("a real day")
}

fn letter() -> ActivationLetter {
    ActivationLetter {
        authority: documents::letterhead("Bürgerbüro"),
        return_line: documents::return_line().to_owned(),
        recipient_name: "Zoë Šťastná-Großmüller".to_owned(),
        recipient_address: [
            "Zoë Šťastná-Großmüller",
            "Äußere Straße 7",
            "92353 Postbauer-Heng",
        ]
        .map(str::to_owned)
        .to_vec(),
        date: day(2026, 3, 9),
        reference: "4711".to_owned(),
        code_groups: groups_of(CODE, 4),
        service_address: "https://postfach.example".to_owned(),
        fingerprint_groups: groups_of(FINGERPRINT, 4),
        expires: day(2026, 6, 30),
        qr_content: LINK.to_owned(),
    }
}

fn recovery() -> RecoverySheet {
    RecoverySheet {
        label: "Postfach von Maria Huber".to_owned(),
        address: "pf1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0jqgfq3xq".to_owned(),
        service_address: "https://postfach.example".to_owned(),
        root_key: "5f".repeat(32),
        date: day(2026, 3, 9),
        secret_groups: groups_of(CODE, 4),
        qr_content: format!("postfach-recovery:{CODE}"),
    }
}

fn run(tool: &str, arguments: &[&str]) -> Output {
    Command::new(tool)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| {
            panic!("cannot run {tool} ({error}); run tests/tools/install, which installs it")
        })
}

fn stdout(tool: &str, arguments: &[&str]) -> String {
    let output = run(tool, arguments);
    assert!(
        output.status.success(),
        "{tool}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn kept(name: &str, bytes: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).expect("the test folder is writable");
    path
}

/// The text layer in reading order, its words one space apart.
fn text(path: &Path) -> String {
    let text = stdout(
        "pdftotext",
        &["-enc", "UTF-8", &path.to_string_lossy(), "-"],
    );
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Sound, tagged, titled, in the language named, every font embedded as a subset with a text layer.
fn assert_accessible(path: &Path, title: &str, language: &str, pages: usize) {
    let path = path.to_string_lossy();
    stdout("qpdf", &["--check", &path]);
    let info = stdout("pdfinfo", &["-enc", "UTF-8", &path]);
    let field = |name: &str| {
        let line = info.lines().find(|line| line.starts_with(name));
        line.map_or("", |line| line[name.len()..].trim())
    };
    assert_eq!(field("Title:"), title);
    assert_eq!(field("Tagged:"), "yes");
    assert_eq!(field("Pages:"), pages.to_string());
    assert!(field("Page size:").contains("(A4)"), "{info}");
    let fonts = stdout("pdffonts", &[&path]);
    let rows: Vec<&str> = fonts.lines().skip(2).collect();
    assert!(!rows.is_empty(), "no fonts in {path}");
    for row in rows {
        let columns: Vec<&str> = row.split_whitespace().rev().collect();
        assert_eq!(
            columns[2..5],
            ["yes", "yes", "yes"],
            "embedded, subset, Unicode: {row}"
        );
    }
    let objects = stdout(
        "qpdf",
        &[
            "--qdf",
            "--object-streams=disable",
            "--stream-data=uncompress",
            &path,
            "-",
        ],
    );
    assert!(
        objects.contains(&format!("/Lang ({language})")),
        "{path} does not say its language"
    );
    assert!(
        objects.contains("pdfuaid:part"),
        "{path} does not claim PDF/UA"
    );
}

/// The given pieces appear in this order.
fn assert_order(text: &str, pieces: &[&str]) {
    let mut from = 0;
    for piece in pieces {
        let found = text[from..].find(piece);
        from += found.unwrap_or_else(|| panic!("{piece:?} is missing or too early in:\n{text}"))
            + piece.len();
    }
}

fn scanned(path: &Path, page: &str) -> String {
    let image = path.with_extension("scan");
    let image = image.to_string_lossy();
    stdout(
        "pdftoppm",
        &[
            "-r",
            "150",
            "-f",
            page,
            "-l",
            page,
            "-png",
            "-singlefile",
            &path.to_string_lossy(),
            &image,
        ],
    );
    stdout("zbarimg", &["-q", "--raw", &format!("{image}.png")])
        .trim_end()
        .to_owned()
}

#[test]
fn activation_letter_is_readable_and_scans() {
    for (language, tag, title) in [
        (Language::German, "de-DE", "Ihr Zugang zu „Mein Postfach“"),
        (Language::English, "en", "Your access to “Mein Postfach”"),
    ] {
        let bytes = activation_letter(&letter(), language).expect("the letter is made");
        assert_eq!(
            bytes,
            activation_letter(&letter(), language).expect("made again"),
            "same input, same bytes"
        );
        let path = kept(&format!("letter-{tag}.pdf"), &bytes);
        assert_accessible(&path, title, tag, 2);
        assert_eq!(scanned(&path, "1"), LINK);
        let text = text(&path);
        assert_order(
            &text,
            &[
                "Zoë Šťastná-Großmüller",
                "Äußere Straße 7",
                title,
                "K7QF 2M9X BT4H RW3D",
                "PY8G N6VC J5ZA E7QF",
            ],
        );
        assert_order(
            &text,
            &[
                "1. ",
                "https://postfach.example",
                "2. ",
                "3. ",
                "3f9a c044 17be 52d8",
            ],
        );
    }
    let german = text(&kept(
        "letter.pdf",
        &activation_letter(&letter(), Language::German).expect("made"),
    ));
    assert_order(
        &german,
        &[
            "9. März 2026",
            "Guten Tag",
            "30. Juni 2026",
            "Niemand wird Sie je nach dem Code fragen",
            "nicht erwartet?",
            "Seite 2 von 2",
        ],
    );
}

#[test]
fn recovery_sheet_is_one_page_and_scans() {
    for (language, tag, title) in [
        (Language::German, "de-DE", "Ihr Ersatzblatt"),
        (Language::English, "en", "Your recovery sheet"),
    ] {
        let path = kept(
            &format!("recovery-{tag}.pdf"),
            &recovery_sheet(&recovery(), language).expect("the sheet is made"),
        );
        assert_accessible(&path, title, tag, 1);
        assert_eq!(scanned(&path, "1"), recovery().qr_content);
        assert_order(
            &text(&path),
            &[
                "Postfach von Maria Huber",
                "K7QF 2M9X BT4H RW3D",
                "pf1qqqsyqcyq5",
            ],
        );
    }
}

#[test]
fn notices_read_in_order() {
    let date = day(2026, 3, 9);
    let notice = documents::dog_tax_notice(date).expect("the notice is made");
    assert_eq!(
        notice,
        documents::dog_tax_notice(date).expect("made again"),
        "same date, same bytes"
    );
    let path = kept(&notice.name, &notice.bytes);
    assert_accessible(
        &path,
        "Hundesteuerbescheid für das Kalenderjahr 2026",
        "de-DE",
        3,
    );
    assert_order(
        &text(&path),
        &[
            "Maria Huber",
            "Festsetzung",
            "einen Monat nach Bekanntgabe",
            "15. Mai 2026",
            "15. November 2026",
            "Gründe",
            "Kommunalabgabengesetz",
            "Rechtsbehelfsbelehrung",
            "Widerspruch",
            "Haidplatz 1, 93047 Regensburg",
            "Art. 12 AGVwGO",
        ],
    );
    let layout = stdout("pdftotext", &["-layout", &path.to_string_lossy(), "-"]);
    let end = |amount: &str| {
        let row = layout
            .lines()
            .find(|line| line.contains(amount))
            .expect("the amount is printed");
        row.chars().count()
    };
    assert_eq!(end("100,00"), end("Summe"), "amounts are flush right");

    let order = documents::leash_order(date, day(2026, 2, 3)).expect("the order is made");
    let path = kept(&order.name, &order.bytes);
    assert_accessible(
        &path,
        "Anordnung zum Führen Ihres Hundes an der Leine",
        "de-DE",
        2,
    );
    assert_order(
        &text(&path),
        &[
            "Förmliche Zustellung",
            "Maria Huber",
            "3. Februar 2026",
            "Klage",
        ],
    );

    let bylaw = documents::bylaw_excerpt(date).expect("the excerpt is made");
    assert_accessible(
        &kept(&bylaw.name, &bylaw.bytes),
        "Merkblatt zur Hundesteuer mit Auszug aus der Satzung",
        "de-DE",
        1,
    );
    let certificate = documents::rabies_certificate(date).expect("the certificate is made");
    let path = kept(&certificate.name, &certificate.bytes);
    assert_accessible(
        &path,
        "Bescheinigung über die Impfung gegen Tollwut",
        "de-DE",
        1,
    );
}

#[test]
fn notices_of_every_month_are_made() {
    for month in 1..=12 {
        documents::dog_tax_notice(day(2027, month, 28)).expect("the notice is made");
    }
}

#[test]
fn bad_input_is_refused_by_name() {
    let refused = |change: &dyn Fn(&mut ActivationLetter)| {
        let mut letter = letter();
        change(&mut letter);
        activation_letter(&letter, Language::German).expect_err("refused")
    };
    assert_eq!(
        refused(&|l| l.recipient_name = "\u{7}".to_owned()),
        PaperError::Unprintable('\u{7}')
    );
    assert_eq!(
        refused(&|l| l.recipient_name = "王".to_owned()),
        PaperError::Unprintable('王')
    );
    let address = refused(&|l| l.recipient_address = vec!["Zeile".to_owned(); 7]);
    assert_eq!(address, PaperError::AddressTooLong { lines: 7, limit: 6 });
    assert_eq!(
        refused(&|l| l.qr_content = "x".repeat(3000)),
        PaperError::QrTooLong(3000)
    );
}

#[test]
fn a_long_text_keeps_every_word_once_and_in_order() {
    let words: Vec<String> = (0..4000).map(|n| format!("Wort{n}")).collect();
    let properties = Properties {
        title: "Langer Text".to_owned(),
        author: "Amt".to_owned(),
        language: Language::German,
        date: day(2026, 1, 1),
    };
    let document =
        Document::new(properties, documents::letterhead("Amt")).heading(1, "Langer Text");
    let document = words.chunks(170).fold(document, |document, part| {
        document.paragraph(part.join(" "))
    });
    let unbroken = "x".repeat(300);
    let bytes = document
        .paragraph(&unbroken)
        .finish()
        .expect("the document is made");
    let text = text(&kept("long.pdf", &bytes));
    let found: Vec<&str> = text
        .split_whitespace()
        .filter(|word| word.starts_with("Wort"))
        .collect();
    assert_eq!(found, words);
    let cut: String = text
        .split_whitespace()
        .filter(|word| word.chars().all(|c| c == 'x'))
        .collect();
    assert_eq!(cut, unbroken);
}

#[test]
fn days_exist_or_not() {
    assert!(Date::new(2028, 2, 29).is_some() && Date::new(2100, 2, 29).is_none());
    assert!(
        Date::new(2026, 4, 31).is_none()
            && Date::new(2026, 13, 1).is_none()
            && Date::new(0, 1, 1).is_none()
    );
    assert_eq!(day(2026, 3, 9).numeric(), "09.03.2026");
    assert_eq!(
        day(2026, 3, 9).long(Language::English),
        "9\u{a0}March\u{a0}2026"
    );
}
