//! The pages in the browser: stated in the log, served as stated, built as served.
//!
//! ```text
//! /v1/bundle ─▶ statement by the operator, in the log ─▶ list of files ─▶ each file, plain and brotli
//!                                                             └─▶ a folder built from source, if named
//! ```
//! Invariant: every path of the list is fetched as two kinds of browsers would, and what differs is
//! named. Absent: what the server shows to others than the auditor; docs/threat-model.md says so.
//! Specification: docs/format/bundle.md.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use postfach_crypto::file_list::FileList;
use postfach_crypto::ids::{BundleHash, UnixMillis};
use postfach_crypto::operator::Operator;
use postfach_crypto::statement::{Bundle, Signed};
use postfach_crypto::tlog::proof::verify_inclusion;
use postfach_crypto::tlog::tree::leaf_hash;
use postfach_crypto::tlog::{ProofPlan, TreeHead};

use super::walk::Walk;
use super::{AuditError, Finding};
use crate::api::PAGE_ADDRESSES;
use crate::api::resources::BundleResource;
use crate::client::error::ClientError;
use crate::client::http::Http;

/// Files fetched at the same time.
const PARALLEL: usize = 8;
/// Largest file of the pages, in bytes.
const MAX_FILE: u64 = 64 << 20;
/// What browsers say that they take: nothing, and what all of today's do.
const CODINGS: [&str; 2] = ["identity", "gzip, deflate, br, zstd"];

/// The pages, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pages {
    /// Version of the server, as it states it.
    pub version: String,
    /// Hash of the list of files.
    pub files: BundleHash,
    /// How many files were compared, each in two codings.
    pub count: u64,
    /// When they were stated.
    pub since: UnixMillis,
    /// Position of the statement in the log; none while it is newer than the checkpoint.
    pub position: Option<u64>,
    /// Whether they are those of a folder, if one was named.
    pub built: Option<Built>,
}

/// How a folder that was built from source compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Built {
    /// Every file is the same.
    Same,
    /// These paths differ, or are on one side only.
    Different(Vec<String>),
}

/// Checks statement and files; none where the server has no pages.
pub(super) async fn visit(
    http: &Http,
    operator: &Operator,
    walk: &Walk<'_>,
    head: TreeHead,
    folder: Option<&Path>,
) -> Result<Option<Pages>, AuditError> {
    let Some(served) = http.find::<BundleResource>("/v1/bundle").await? else {
        // Scripts without a word about them would be pages that nobody can check.
        let page = http.find_page_file("/", CODINGS[0]).await?;
        return match page.is_some_and(|(content, _)| has_script(&content)) {
            true => Err(Finding::PagesUnstated.into()),
            false => Ok(None),
        };
    };
    let bundle = operator.bundle(&served.bundle.statement.0);
    let bundle = bundle.map_err(ClientError::from)?;
    let files = FileList::parse(&served.files).map_err(|_| Finding::PagesList)?;
    if files.hash() != bundle.files || files.count() != bundle.count {
        return Err(Finding::PagesList.into());
    }
    let position = served.bundle.position;
    let logged = position < head.size;
    if logged {
        check_logged(walk, &bundle, position, head).await?;
    }
    compare(http, &files).await?;
    let built = match folder {
        None => None,
        Some(folder) => Some(compare_built(&files, folder)?),
    };
    Ok(Some(Pages {
        version: bundle.version.clone(),
        files: bundle.files,
        count: bundle.count,
        since: bundle.context.time,
        position: logged.then_some(position),
        built,
    }))
}

fn has_script(page: &[u8]) -> bool {
    page.windows(7)
        .any(|some| some.eq_ignore_ascii_case(b"<script"))
}

/// The statement is in the tree that was walked.
async fn check_logged(
    walk: &Walk<'_>,
    bundle: &Signed<Bundle>,
    position: u64,
    head: TreeHead,
) -> Result<(), AuditError> {
    let statement = bundle.hash();
    let absent = Finding::NotInLog { statement };
    let plan = ProofPlan::inclusion(position, head.size).map_err(|_| absent.clone())?;
    let tiles = walk.tiles(plan.nodes()).await?;
    let proof = plan.compute(|node| tiles.node(node));
    let proof = proof.map_err(Finding::Tiles)?;
    let leaf = leaf_hash(&bundle.leaf());
    Ok(verify_inclusion(&leaf, position, &head, &proof).map_err(|_| absent)?)
}

/// Every file, as two kinds of browsers get it.
async fn compare(http: &Http, files: &FileList) -> Result<(), AuditError> {
    let wanted = files
        .paths()
        .flat_map(|path| CODINGS.map(|coding| (path, coding)));
    stream::iter(wanted)
        .map(|(path, coding)| async move {
            let found = http.find_page_file(path, coding).await?;
            let (content, brotli) = found.ok_or_else(|| Finding::PagesMissing(path.to_owned()))?;
            let content = match brotli {
                true => unpacked(&content).ok(),
                false => Some(content),
            };
            match content.is_some_and(|content| files.holds(path, &content)) {
                true => Ok(()),
                false => Err(AuditError::from(Finding::PagesChanged(path.to_owned()))),
            }
        })
        .buffered(PARALLEL)
        .try_collect()
        .await
}

fn unpacked(packed: &[u8]) -> io::Result<Vec<u8>> {
    const BUFFER: usize = 64 << 10;
    let mut content = Vec::new();
    let decoder = brotli_decompressor::Decompressor::new(packed, BUFFER);
    decoder.take(MAX_FILE).read_to_end(&mut content)?;
    Ok(content)
}

/// The files of a folder as `make web` writes it, with the addresses of people that show them.
fn compare_built(served: &FileList, folder: &Path) -> Result<Built, AuditError> {
    let mut built = FileList::default();
    let mut add = |path: &str, file: &Path| -> Result<(), AuditError> {
        let content = std::fs::read(file).map_err(ClientError::file(file))?;
        let added = built.add(path, &content);
        added.map_err(|error| ClientError::Input(format!("{}: {error}", file.display())).into())
    };
    for file in files_below(folder).map_err(ClientError::file(folder))? {
        let inside = file.strip_prefix(folder).unwrap_or(&file);
        let inside = inside.to_string_lossy().replace('\\', "/");
        add(&format!("/{inside}"), &file)?;
    }
    for (address, file) in PAGE_ADDRESSES {
        let file = folder.join(file.trim_start_matches('/'));
        if file.is_file() {
            add(address, &file)?;
        }
    }
    let different = served.differences(&built);
    Ok(match different.is_empty() {
        true => Built::Same,
        false => Built::Different(different),
    })
}

/// All files but the brotli forms, which are made from the others.
fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if path.extension().is_none_or(|ending| ending != "br") {
                files.push(path);
            }
        }
    }
    Ok(files)
}
