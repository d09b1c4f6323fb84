//! `[publish]` in the server's configuration: how often, where the mark is, which witnesses, which time-stamps.

use std::path::{Path, PathBuf};
use std::time::Duration;

use postfach_crypto::tlog::Policy;

use super::timestamps::settings as timestamps;
use crate::server::config::{ConfigError, Effective};

/// File of the mark in the operator's key folder, unless the configuration names another.
pub const MARK: &str = "checkpoint.mark";
/// Folder of the cosigned checkpoints in the data folder.
pub const HISTORY: &str = "checkpoints";
/// Largest policy file that is read, in bytes.
const MAX_POLICY: u64 = 256 * 1024;

/// How the log is published.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Time between two published checkpoints.
    pub interval: Duration,
    /// How long a witness may take.
    pub timeout: Duration,
    /// Where the mark is.
    pub mark: PathBuf,
    /// Where cosigned checkpoints are kept for good.
    pub history: PathBuf,
    /// Time between two that are kept.
    pub history_interval: Duration,
    /// How old cosignatures may get while the log rests.
    pub renew: Duration,
    /// Which witnesses are asked, and how many are enough; none: nobody is asked.
    pub policy: Option<Policy>,
    /// How checkpoints are time-stamped, if they are.
    pub timestamps: Option<timestamps::Settings>,
}

impl Settings {
    /// What is published without any setting: every ten seconds, without witnesses.
    #[must_use]
    pub fn without_witnesses(mark: PathBuf, history: PathBuf) -> Self {
        Self {
            interval: Duration::from_secs(10),
            timeout: Duration::from_secs(5),
            mark,
            history,
            history_interval: Duration::from_secs(60),
            renew: Duration::from_secs(3600),
            policy: None,
            timestamps: None,
        }
    }

    /// Reads the settings; `keys` is the operator's key folder.
    pub(crate) fn from_effective(effective: &Effective, keys: &Path) -> Result<Self, ConfigError> {
        let mark = effective.optional("publish.mark").map(PathBuf::from);
        let policy = match effective.optional("publish.policy") {
            None => None,
            Some(path) => {
                let read = read_policy(Path::new(path));
                Some(read.map_err(|why| effective.invalid("publish.policy", &why))?)
            }
        };
        Ok(Self {
            interval: effective.seconds("publish.interval_seconds")?,
            timeout: effective.seconds("publish.timeout_seconds")?,
            mark: mark.unwrap_or_else(|| keys.join(MARK)),
            history: effective.parse::<PathBuf>("data")?.join(HISTORY),
            history_interval: effective.seconds("publish.history_seconds")?,
            renew: effective.seconds("publish.renew_seconds")?,
            policy,
            timestamps: timestamps::Settings::from_effective(effective)?,
        })
    }
}

fn read_policy(path: &Path) -> Result<Policy, String> {
    let length = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if length.len() > MAX_POLICY {
        return Err(format!("longer than {MAX_POLICY} bytes"));
    }
    let text = std::fs::read(path).map_err(|error| error.to_string())?;
    let policy = Policy::parse(&text).map_err(|error| error.to_string())?;
    match policy
        .witnesses()
        .iter()
        .find(|witness| witness.url.is_none())
    {
        Some(witness) => Err(format!(
            "the witness {} has no URL",
            String::from_utf8_lossy(&witness.name)
        )),
        None => Ok(policy),
    }
}
