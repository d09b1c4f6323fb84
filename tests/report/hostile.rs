//! Texts of strangers: markup, bidirectional and control characters, letters that no font has,
//! great lengths. All of it appears as text and does nothing.

use postfach::cli::report::document::{Source, document};
use postfach::cli::report::{PinnedAuthority, Pinning, html};
use postfach_crypto::envelope::{Act, Amount, Remedy};
use postfach_crypto::evidence::{Cause, Check, CheckName, Outcome, StampedAt, Timestamped};
use postfach_crypto::ids::UnixMillis;
use postfach_crypto::keys::SigningKey;
use postfach_crypto::party::HistoryError;
use postfach_crypto::statement::{Reason, Signed};

use crate::html::assert_inert;
use crate::pdf::assert_readable;
use crate::{LANGUAGES, examined, source, witnesses};

const HOSTILE: &str = "</title></style><script>alert(1)</script><img src=x onerror=alert(1)>\"'`&amp;\
                       \u{202e}gpj.exe\u{2066}\u{7}\u{0}\u{1b}[2J ]]>--><!-- {{x}} שלום 漢字 \u{1f9fe}\u{e000}";

/// The vector with a hostile text wherever somebody else chooses the words.
fn hostile() -> postfach::cli::report::Examined {
    let mut examined = examined(|_| {});
    examined.file = format!("a/{}", HOSTILE.replace('/', ""));
    examined.policy.origin = HOSTILE.into();
    let report = &mut examined.report;
    let key = SigningKey::from_seed(&[7; 32]);
    let mut header = report.header.as_ref().unwrap().payload().clone();
    header.legal_rule = Some("<script>alert(2)</script>".into());
    report.header = Some(Signed::sign(header, &key).unwrap());
    let mut certificate = report.certificate.as_ref().unwrap().payload().clone();
    certificate.name = "<b>Markt</b> \u{5d0}\u{5d1} &lt;".into();
    report.certificate = Some(Signed::sign(certificate, &key).unwrap());
    let manifest = report.manifest.as_mut().unwrap();
    manifest.subject = HOSTILE.into();
    manifest.text = format!("{HOSTILE}\n\n{}\n✓ BESTÄTIGT", "x".repeat(3000));
    for attachment in &mut manifest.attachments {
        attachment.name = HOSTILE.into();
        attachment.media_type = HOSTILE.into();
    }
    manifest.act = Some(Act {
        kind: HOSTILE.into(),
        file_number: HOSTILE.into(),
        remedy: Some(Remedy {
            kind: HOSTILE.into(),
            body: HOSTILE.into(),
            period: HOSTILE.into(),
            rule: HOSTILE.into(),
            until: Some(HOSTILE.into()),
        }),
        amount: Some(Amount {
            minor_units: u64::MAX,
            currency: HOSTILE.into(),
        }),
        contact: Some(HOSTILE.into()),
    });
    report.checks.push(Check {
        name: CheckName::TimeStamped,
        outcome: Outcome::Passed,
    });
    report.timestamps = vec![Timestamped {
        size: 9,
        entries: 7,
        stamped: StampedAt {
            authority: HOSTILE.into(),
            at: UnixMillis(u64::MAX),
            accuracy_micros: u64::MAX,
            serial: "01".into(),
        },
    }];
    examined.authorities = vec![PinnedAuthority {
        name: HOSTILE.into(),
        sha256: [7; 32],
    }];
    report.disputed = vec![Reason::NotDecryptable, Reason::ContentMismatch];
    report.checks[0].outcome = Outcome::Failed(Cause::History(HistoryError::Empty));
    examined
}

#[test]
fn hostile_texts_are_text_on_the_page() {
    let examined = hostile();
    for lang in LANGUAGES {
        let report = document(lang, &source(&examined, None));
        let page = html(&report);
        let elements = assert_inert(&page);
        let seen = "</title></style><script>alert(1)</script><img src=x onerror=alert(1)>\"'`&amp;⟨U+202E⟩gpj.exe";
        assert!(elements[0].text.contains(seen));
        for raw in [
            "<script", "<img", "<b>", "\u{202e}", "\u{2066}", "\u{7}", "\u{0}", "\u{1b}",
        ] {
            assert!(!page.contains(raw), "{raw:?}");
        }
        let isolated = elements.iter().filter(|it| it.name == "bdi");
        assert!(isolated.filter(|it| it.text.contains("gpj.exe")).count() > 10);
    }
}

#[test]
fn hostile_texts_are_text_on_paper() {
    let examined = hostile();
    for (lang, tag) in LANGUAGES.into_iter().zip(["de", "en"]) {
        let report = document(lang, &source(&examined, None));
        let text = assert_readable(&format!("report-hostile-{tag}.pdf"), &report);
        assert!(text.contains("‹U+6F22›"), "{text}");
    }
}

#[test]
fn very_long_letters_and_stories_are_written() {
    let mut examined = examined(|_| {});
    let report = &mut examined.report;
    report.manifest.as_mut().unwrap().text = "\u{202e}\n".repeat(4000);
    let entry = report.timeline[0].clone();
    report.timeline = (0..600)
        .map(|number| {
            let mut entry = entry.clone();
            entry.time.0 += number * 3_600_000;
            entry.receipt.0[0] = u8::try_from(number % 251).unwrap();
            entry.reasons = vec![Reason::NotDecryptable; 8];
            entry
        })
        .collect();
    for lang in LANGUAGES {
        let report = document(lang, &source(&examined, None));
        let elements = assert_inert(&html(&report));
        assert!(
            elements[0].text.contains("576"),
            "events beyond the picture are counted"
        );
        assert!(
            elements[0].text.contains("2000 "),
            "lines beyond the limit are counted"
        );
    }
    let report = document(LANGUAGES[0], &source(&examined, None));
    assert_readable("report-long.pdf", &report);
}

#[test]
fn witnesses_and_an_operator_from_the_file_are_said() {
    let mut examined = examined(|_| {});
    examined.pinning = Pinning::FromFile;
    let witnesses = witnesses();
    let report = document(
        LANGUAGES[1],
        &Source {
            witnesses: Some(&witnesses),
            ..source(&examined, None)
        },
    );
    let text = assert_inert(&html(&report)).swap_remove(0).text;
    assert!(text.contains("2 of 3 of the group"), "{text}");
    assert!(text.contains("NOT pinned"), "{text}");
    assert!(
        text.contains("NOT PROVEN: the file agrees with itself"),
        "{text}"
    );
}
