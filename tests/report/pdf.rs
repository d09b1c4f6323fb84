//! The PDF form: sound, tagged, with a text layer, and complete.

use std::path::{Path, PathBuf};
use std::process::Command;

use postfach::cli::report::document::{Document, document};
use postfach::cli::report::pdf;
use postfach::paper::{Language, Repertoire};

use crate::{LANGUAGES, MADE, examined, finding, source, spans, without_spaces};

pub(crate) fn kept(name: &str, bytes: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn stdout(tool: &str, arguments: &[&str]) -> String {
    let output = Command::new(tool).args(arguments).output();
    let output = output
        .unwrap_or_else(|error| panic!("cannot run {tool} ({error}); run tests/tools/install"));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{tool}: {complaint}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Writes it, and reads it back with strangers' tools: sound, tagged, every word in it.
pub(crate) fn assert_readable(name: &str, report: &Document) -> String {
    let path = kept(name, &pdf(report).unwrap());
    let path = path.to_string_lossy();
    stdout("qpdf", &["--check", &path]);
    let info = stdout("pdfinfo", &["-enc", "UTF-8", &path]);
    let field = |name: &str| {
        let line = info.lines().find(|line| line.starts_with(name));
        line.map_or("", |line| line[name.len()..].trim()).to_owned()
    };
    assert_eq!(field("Tagged:"), "yes");
    assert_eq!(field("JavaScript:"), "no");
    assert_eq!(field("Title:"), report.title);
    // As drawn: a cell's lines one after the other.
    let text = stdout("pdftotext", &["-raw", "-enc", "UTF-8", &path, "-"]);
    let all = without_spaces(&text);
    let repertoire = Repertoire::load();
    for span in spans(report) {
        for word in repertoire.printed(&span).split_whitespace() {
            // A word longer than a line may go over to the next page.
            let word: String = word.chars().take(24).collect();
            assert!(all.contains(&word), "{word} of {span} is missing");
        }
    }
    text
}

#[test]
fn the_paper_is_tagged_and_says_all() {
    let (examined, finding) = (examined(|_| {}), finding(MADE));
    for (lang, tag) in LANGUAGES.into_iter().zip(["de", "en"]) {
        let report = document(lang, &source(&examined, Some(&finding)));
        assert_readable(&format!("report-{tag}.pdf"), &report);
        let path = kept("report-structure.pdf", &pdf(&report).unwrap());
        let structure = stdout("pdfinfo", &["-struct", &path.to_string_lossy()]);
        for role in [
            "H1", "H2", "H3", "Table", "TH", "TD", "Figure", "L (", "P (",
        ] {
            assert!(structure.contains(role), "no {role} in\n{structure}");
        }
    }
}

#[test]
fn the_same_input_gives_the_same_paper() {
    let examined = examined(|_| {});
    let report = document(Language::German, &source(&examined, None));
    assert_eq!(pdf(&report), pdf(&report));
}
