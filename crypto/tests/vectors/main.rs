//! The vectors in `docs/format/vectors`: made from fixed seeds, compared with what is committed.
//!
//! `POSTFACH_WRITE_VECTORS=1` writes them anew; a difference is a change of format and must be
//! meant. `POSTFACH_WRITE_SEEDS=DIR` writes a corpus for the fuzz targets.
#![allow(unreachable_pub, clippy::unwrap_used)] // a test binary without public interface

#[path = "../support/mod.rs"]
mod support;

mod documents;
mod evidence;
mod histories;
mod log;
mod log_policies;
mod manifest;
mod mutations;
mod paper;
mod rules;
mod seeds;
mod statements;
mod vaults;

use std::path::PathBuf;

use serde_json::Value;

fn path(name: &str) -> PathBuf {
    let vectors = "../docs/format/vectors";
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join(vectors)
        .join(name)
}

/// Compares with the committed file, or writes it.
#[track_caller]
fn compare(name: &str, vectors: &Value) {
    let made = serde_json::to_string_pretty(vectors).unwrap() + "\n";
    if std::env::var_os("POSTFACH_WRITE_VECTORS").is_some() {
        std::fs::write(path(name), &made).unwrap();
    }
    let committed = std::fs::read_to_string(path(name)).unwrap_or_default();
    assert!(
        made == committed,
        "{name} differs from what the code makes: if the format is meant to change, \
         run POSTFACH_WRITE_VECTORS=1 cargo test -p postfach-crypto --test vectors"
    );
}

#[test]
fn statements() {
    compare("statements.json", &statements::vectors());
}

#[test]
fn histories() {
    compare("histories.json", &histories::vectors());
}

#[test]
fn log() {
    compare("log.json", &log::vectors());
}

#[test]
fn addresses() {
    compare("addresses.json", &paper::addresses());
}

#[test]
fn codes() {
    compare("codes.json", &paper::codes());
}

#[test]
fn manifests() {
    compare("manifest.json", &manifest::vectors());
}

#[test]
fn vaults() {
    compare("vaults.json", &vaults::vectors());
}

#[test]
fn evidence_files() {
    compare("evidence.json", &evidence::vectors());
}

#[test]
fn documents_list_every_field() {
    documents::fields();
}

#[test]
fn documents_list_every_code() {
    documents::codes();
}

#[test]
fn documents_list_every_name() {
    documents::names();
    documents::domains();
}

#[test]
fn vectors_fit_the_grammar() {
    documents::grammar();
}

#[test]
fn corpus() {
    if let Some(folder) = std::env::var_os("POSTFACH_WRITE_SEEDS") {
        seeds::write(&PathBuf::from(folder));
    }
}
