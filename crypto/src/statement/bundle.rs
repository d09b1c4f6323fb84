//! Bundle: which pages the server serves to browsers, said in the log.
//!
//! The server says it when it starts with other pages than it said last, so whoever is served
//! something else can prove it. Absent: the files themselves ([`crate::file_list`] lists them).
//! Specification: docs/format/statements.md, "bundle"; docs/format/bundle.md.

use serde::{Deserialize, Serialize};

use crate::file_list::MAX_FILES;
use crate::ids::BundleHash;
use crate::statement::common::{check_count, check_text};
use crate::statement::{Context, Extensions, Invalid, statement};

/// Longest version of the server software, in bytes.
const MAX_VERSION: usize = 100;

/// The server names the pages that it serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// Version of the server software.
    pub version: String,
    /// How many lines the list of files has.
    pub count: u64,
    /// Hash of the list of files.
    pub files: BundleHash,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

impl Bundle {
    fn rules(&self) -> Result<(), Invalid> {
        check_text("version", &self.version, MAX_VERSION)?;
        let count = usize::try_from(self.count).unwrap_or(usize::MAX);
        check_count("files", count, 1, MAX_FILES)
    }
}

statement!(Bundle, Bundle);
