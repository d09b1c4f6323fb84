//! The `[notify]` part of the configuration.
//!
//! Invariants: nothing is sent unless a transport is chosen; without TLS mail goes to this machine
//! only; the password is a file, so no setting is a secret. docs/operations.md, "Notifications".

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use zeroize::Zeroizing;

use super::token::TOKEN_DIGITS;
use crate::mail_address::{MAX_LOCAL_PART, MailAddress};
use crate::server::config::{ConfigError, Effective};

/// Longest local part of the bounce address: the token and a plus sign follow it.
const MAX_BOUNCE_LOCAL: usize = MAX_LOCAL_PART - TOKEN_DIGITS - 1;
/// Most notifications that are handed over at the same time.
const MAX_CONNECTIONS: usize = 64;
/// Largest password file.
const MAX_PASSWORD: usize = 1024;

/// How notifications are sent.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Written as the sender.
    pub from: MailAddress,
    /// Bounces go to `local+token@domain` of this one.
    pub bounces_to: MailAddress,
    /// Where the mailbox is, for people.
    pub url: String,
    /// Who takes the mails.
    pub transport: TransportSettings,
    /// Maildir that the mail system delivers bounces to.
    pub spool: Option<PathBuf>,
    /// How often it is looked into.
    pub spool_interval: Duration,
    /// Mails handed over at the same time.
    pub connections: usize,
    /// How long one mail may take.
    pub timeout: Duration,
    /// The first wait before another attempt; each next one is twice as long.
    pub retry: Duration,
    /// The longest wait between attempts.
    pub retry_most: Duration,
    /// How long after the letter's acceptance the last attempt may be.
    pub give_up: Duration,
}

/// Who takes the mails.
#[derive(Debug, Clone)]
pub enum TransportSettings {
    /// A folder.
    Folder(PathBuf),
    /// A mail system.
    Smtp(SmtpSettings),
}

/// How to reach the mail system.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// Its name, as in its certificate.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// The authority that signed its certificate, as PEM; without it those of the system.
    pub ca: Option<PathBuf>,
    /// User name and password.
    pub login: Option<Login>,
    /// Our name in EHLO.
    pub hello: String,
}

/// How the connection to the mail system is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// STARTTLS (RFC 3207), without which nothing is sent.
    StartTls,
    /// Nothing; for this machine only.
    None,
}

/// User name and password.
#[derive(Clone)]
pub struct Login {
    /// The user.
    pub user: String,
    /// The password.
    pub password: Zeroizing<String>,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Login(…)")
    }
}

impl Settings {
    /// Reads and checks `notify.*`; nothing where no transport is chosen.
    ///
    /// # Errors
    /// [`ConfigError`], which names the setting and its source.
    pub fn from_effective(effective: &Effective) -> Result<Option<Self>, ConfigError> {
        let transport = match effective.text("notify.transport")? {
            "none" => return Ok(None),
            "folder" => TransportSettings::Folder(effective.parse("notify.folder")?),
            "smtp" => TransportSettings::Smtp(smtp(effective)?),
            _ => return Err(effective.invalid("notify.transport", "expected none, folder or smtp")),
        };
        let from = mail_address(effective, "notify.from")?;
        let bounces_to = match effective.optional("notify.bounces_to") {
            None => from.clone(),
            Some(_) => mail_address(effective, "notify.bounces_to")?,
        };
        if bounces_to.local_part().len() > MAX_BOUNCE_LOCAL {
            let why = format!("at most {MAX_BOUNCE_LOCAL} characters before the @");
            return Err(effective.invalid("notify.bounces_to", &why));
        }
        let connections = effective.positive("notify.connections")?;
        if connections > MAX_CONNECTIONS {
            let why = format!("at most {MAX_CONNECTIONS}");
            return Err(effective.invalid("notify.connections", &why));
        }
        Ok(Some(Self {
            from,
            bounces_to,
            url: format!("https://{}/", effective.text("public_authority")?),
            transport,
            spool: effective.optional("notify.spool").map(PathBuf::from),
            spool_interval: effective.seconds("notify.spool_seconds")?,
            connections,
            timeout: effective.seconds("notify.timeout_seconds")?,
            retry: effective.seconds("notify.retry_seconds")?,
            retry_most: effective.seconds("notify.retry_most_seconds")?,
            give_up: effective.seconds("notify.give_up_seconds")?,
        }))
    }
}

fn smtp(effective: &Effective) -> Result<SmtpSettings, ConfigError> {
    let host = effective.text("notify.smtp.host")?.to_owned();
    let (security, port) = match effective.text("notify.smtp.security")? {
        "tls" => (Security::Tls, 465),
        "starttls" => (Security::StartTls, 587),
        "none" if is_loopback(&host) => (Security::None, 25),
        "none" => {
            let why = "without TLS the mail system must be on this machine";
            return Err(effective.invalid("notify.smtp.security", why));
        }
        _ => {
            let why = "expected tls, starttls or none";
            return Err(effective.invalid("notify.smtp.security", why));
        }
    };
    let authority = effective.text("public_authority")?;
    Ok(SmtpSettings {
        security,
        port: match effective.optional("notify.smtp.port") {
            None => port,
            Some(_) => effective.positive("notify.smtp.port")?,
        },
        ca: effective.optional("notify.smtp.ca").map(PathBuf::from),
        login: login(effective)?,
        hello: authority.split(':').next().unwrap_or(authority).to_owned(),
        host,
    })
}

fn login(effective: &Effective) -> Result<Option<Login>, ConfigError> {
    let Some(user) = effective.optional("notify.smtp.user") else {
        return Ok(None);
    };
    let path: PathBuf = effective.parse("notify.smtp.password_file")?;
    let invalid = |why: &str| effective.invalid("notify.smtp.password_file", why);
    let text = std::fs::read_to_string(&path).map_err(|error| invalid(&error.to_string()))?;
    let text = Zeroizing::new(text);
    let password = text.lines().next().unwrap_or_default();
    if password.is_empty() || text.len() > MAX_PASSWORD {
        return Err(invalid("expected a password in the first line"));
    }
    Ok(Some(Login {
        user: user.to_owned(),
        password: Zeroizing::new(password.to_owned()),
    }))
}

fn mail_address(effective: &Effective, name: &'static str) -> Result<MailAddress, ConfigError> {
    MailAddress::parse(effective.text(name)?)
        .ok_or_else(|| effective.invalid(name, "expected an e-mail address, name@domain"))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

impl Settings {
    /// The return path with this token.
    pub(super) fn return_path(&self, token: &str) -> MailAddress {
        let (local, domain) = (self.bounces_to.local_part(), self.bounces_to.domain());
        MailAddress::parse(&format!("{local}+{token}@{domain}"))
            .expect("a checked address with hex digits added, within the limit that was checked")
    }
}
