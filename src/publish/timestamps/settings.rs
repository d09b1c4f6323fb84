//! `publish.tsa_*` in the server's configuration: which authority is asked, how often, and which
//! certificate its tokens must be under.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;

use crate::server::config::{ConfigError, Effective};
use crate::timestamp::TsaCertificates;

/// Folder of the tokens in the data folder.
pub const FOLDER: &str = "timestamps";

/// How checkpoints are time-stamped.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the authority takes requests (RFC 3161 section 3.4).
    pub url: Url,
    /// Time between two tokens.
    pub interval: Duration,
    /// How long the authority may take.
    pub timeout: Duration,
    /// What its tokens must be signed under.
    pub certificates: TsaCertificates,
    /// Where tokens are kept.
    pub folder: PathBuf,
}

impl Settings {
    /// Reads the settings; nothing where no authority is named.
    pub(crate) fn from_effective(effective: &Effective) -> Result<Option<Self>, ConfigError> {
        if effective.optional("publish.tsa_url").is_none() {
            return Ok(None);
        }
        let url: Url = effective.parse("publish.tsa_url")?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(effective.invalid("publish.tsa_url", "expected http:// or https://"));
        }
        let file: PathBuf = effective.parse("publish.tsa_certificate")?;
        let certificates = TsaCertificates::load(&file)
            .map_err(|why| effective.invalid("publish.tsa_certificate", &why.to_string()))?;
        Ok(Some(Self {
            url,
            interval: effective.seconds("publish.tsa_seconds")?,
            timeout: effective.seconds("publish.tsa_timeout_seconds")?,
            certificates,
            folder: effective.parse::<PathBuf>("data")?.join(FOLDER),
        }))
    }
}
