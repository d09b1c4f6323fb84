//! The pages in `docs/format` against the code: every field, code, kind and name, by number.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use postfach_crypto::envelope::Replies;
use postfach_crypto::evidence::{Agreement, CheckName, NotShown, Verdict};
use postfach_crypto::statement::{
    AssuranceLevel, BindingMethod, ConsentClass, ContactLanguage, DelegationPurpose, DeliveryClass,
    Event, Kind, MandateScope, Reason, RefusalReason, Role, SubjectKind,
};
use postfach_crypto::vault::HolderKind;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// A struct on the wire, as the source declares it: field names with whether they are optional.
struct Declared {
    name: String,
    fields: Vec<(String, bool)>,
}

/// All structs that encode as maps with integer keys.
fn declared() -> Vec<Declared> {
    let mut structs: Vec<Declared> = Vec::new();
    for folder in ["statement", "envelope", "evidence", "vault"] {
        let folder = root().join("crypto/src").join(folder);
        let mut files: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        for file in files {
            declared_in(&fs::read_to_string(file).unwrap(), &mut structs);
        }
    }
    assert!(structs.len() > 30, "the source could be read");
    structs
}

fn declared_in(source: &str, structs: &mut Vec<Declared>) {
    let mut strict = false;
    let mut open = false;
    let mut optional = false;
    for line in source.lines() {
        let line = line.trim();
        if line == "#[serde(deny_unknown_fields)]" {
            strict = true;
        } else if let (true, Some(rest)) = (strict, line.strip_prefix("pub struct ")) {
            let name = rest.trim_end_matches(" {").to_owned();
            structs.push(Declared {
                name,
                fields: vec![],
            });
            (strict, open) = (false, true);
        } else if line == "}" {
            open = false;
        } else if open && line.contains("skip_serializing_if") {
            optional = true;
        } else if let (true, Some(field)) = (open, line.strip_prefix("pub ")) {
            let name = field.split(':').next().unwrap().to_owned();
            let fields = &mut structs.last_mut().unwrap().fields;
            fields.push((name, std::mem::take(&mut optional)));
        }
    }
}

/// `HandoverRequest` becomes `handover-request`; key statements are the kind `key`.
fn rule_name(name: &str) -> String {
    if name == "KeyStatement" {
        return "key".into();
    }
    let mut rule = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !rule.is_empty() {
            rule.push('-');
        }
        rule.push(letter.to_ascii_lowercase());
    }
    rule
}

/// The lines of a CDDL rule as (number, optional, field name).
fn rule_fields(cddl: &str, rule: &str) -> Vec<(usize, bool, String)> {
    let start = format!("\n{rule} = {{\n");
    let at = cddl
        .find(&start)
        .unwrap_or_else(|| panic!("no rule {rule}"));
    cddl[at + start.len()..]
        .lines()
        .take_while(|line| *line != "}")
        .map(|line| {
            let line = line.trim();
            let optional = line.starts_with('?');
            let (number, rest) = line.trim_start_matches("? ").split_once(": ").unwrap();
            let name = match rest.split_once("; ") {
                Some((_, name)) => name.trim(),
                None => rest.trim_end_matches(','), // context and ext are named by their type
            };
            (number.parse().unwrap(), optional, name.to_owned())
        })
        .collect()
}

pub fn fields() {
    let cddl = read("docs/format/postfach.cddl");
    let pages = [
        "statements.md",
        "envelope.md",
        "enrolment.md",
        "evidence.md",
        "vault.md",
    ]
    .map(|page| read(&format!("docs/format/{page}")))
    .concat();
    for Declared { name, fields } in declared() {
        let rule = rule_name(&name);
        let expected: Vec<_> = fields
            .iter()
            .enumerate()
            .map(|(number, (field, optional))| (number, *optional, field.clone()))
            .collect();
        assert_eq!(rule_fields(&cddl, &rule), expected, "rule {rule}");
        let rows: Vec<_> = fields
            .iter()
            .enumerate()
            .map(|(number, (field, _))| format!("| {number} | `{field}` | `"))
            .collect();
        assert!(has_table(&pages, &rows), "no table for {name}: {rows:#?}");
    }
}

/// Whether lines with these beginnings follow each other, and no further row follows them.
fn has_table(pages: &str, rows: &[String]) -> bool {
    let lines: Vec<_> = pages.lines().collect();
    lines.windows(rows.len() + 1).any(|window| {
        let (table, after) = window.split_at(rows.len());
        table
            .iter()
            .zip(rows)
            .all(|(line, row)| line.starts_with(row))
            && !after[0].starts_with('|')
    })
}

pub fn codes() {
    let pages = ["statements.md", "envelope.md", "vault.md"]
        .map(|page| read(&format!("docs/format/{page}")))
        .concat();
    let cddl = read("docs/format/postfach.cddl");
    let check = |rule: Option<&str>, codes: Vec<(u64, &str)>| {
        for (number, name) in &codes {
            let row = format!("| {number} | `{name}` | ");
            assert!(pages.contains(&row), "no row {row}");
        }
        if let Some(rule) = rule {
            let line = cddl
                .lines()
                .find_map(|line| line.strip_prefix(&format!("{rule} = ")))
                .unwrap_or_else(|| panic!("no rule {rule}"));
            let numbers: Vec<_> = codes.iter().map(|(number, _)| *number).collect();
            assert_eq!(expand(line), numbers, "rule {rule}");
        }
    };
    macro_rules! check {
        ($($rule:expr => $type:ty,)*) => {$(
            check($rule, <$type>::ALL.iter().map(|code| (*code as u64, code.name())).collect());
        )*};
    }
    check! {
        Some("role") => Role,
        Some("reason") => Reason,
        Some("refusal-reason") => RefusalReason,
        Some("binding-method") => BindingMethod,
        Some("assurance-level") => AssuranceLevel,
        Some("consent-class") => ConsentClass,
        Some("contact-language") => ContactLanguage,
        Some("delegation-purpose") => DelegationPurpose,
        Some("mandate-scope") => MandateScope,
        Some("delivery-class") => DeliveryClass,
        Some("event") => Event,
        Some("replies") => Replies,
        Some("holder-kind") => HolderKind,
        None => SubjectKind,
    }
}

/// The numbers of `1..2 / 10 / 12..14`.
fn expand(line: &str) -> Vec<u64> {
    line.split(" / ")
        .flat_map(|range| {
            let (from, to) = range.split_once("..").unwrap_or((range, range));
            from.parse::<u64>().unwrap()..=to.parse().unwrap()
        })
        .collect()
}

pub fn names() {
    let statements = read("docs/format/statements.md");
    let cddl = read("docs/format/postfach.cddl");
    for kind in Kind::ALL {
        let (name, media_type) = (kind.name(), kind.media_type());
        assert!(statements.contains(&format!("### `{name}`")), "{name}");
        let line = format!("signed-{name} = sign1<\"{media_type}\", {name}>");
        assert!(cddl.lines().any(|it| it == line), "{line}");
        assert!(cddl.contains(&format!("signed-{name} /")) || *kind == Kind::Head);
    }
    let evidence = read("docs/format/evidence.md");
    let checks = CheckName::ALL.iter().map(|item| item.name());
    let not_shown = NotShown::ALL.iter().map(|item| item.name());
    let verdicts = Verdict::ALL.iter().map(|item| item.name());
    for agreement in Agreement::ALL {
        let name = agreement.name();
        assert!(evidence.contains(&format!("`{name}`")), "{name}");
    }
    for name in checks.chain(not_shown).chain(verdicts) {
        assert!(evidence.contains(&format!("| `{name}` | ")), "{name}");
    }
    // Causes and gaps by their literals: their enums hold values.
    let sources = ["cause.rs", "compare.rs"];
    let sources = sources.map(|file| read(&format!("crypto/src/evidence/{file}")));
    for name in sources
        .concat()
        .split("=> \"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
    {
        assert!(evidence.contains(&format!("`{name}`")), "{name}");
    }
}

pub fn domains() {
    let encoding = read("docs/format/encoding.md");
    let hash = read("crypto/src/hash.rs");
    let prefixes: Vec<_> = hash
        .split("b\"postfach/")
        .skip(1)
        .filter_map(|rest| rest.split_once("/v1").map(|(what, _)| what))
        .collect();
    assert!(prefixes.len() >= 12);
    for what in prefixes {
        assert!(encoding.contains(&format!("| `{what}` | ")), "{what}");
    }
}

/// A CDDL library that nobody here wrote agrees that the vectors fit the grammar.
pub fn grammar() {
    let tools = root().join("tests/tools");
    let python = tools.join("venv/bin/python");
    let output = Command::new(&python)
        .arg(tools.join("check_cddl.py"))
        .arg(root().join(Path::new("docs/format")))
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}; run tests/tools/install", python.display()));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}
