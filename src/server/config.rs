//! The server's configuration: defaults, then a TOML file, then the environment, then flags.
//!
//! Invariants: every setting has one dotted name, the same in all four places (`limits.idle_seconds`,
//! `[limits] idle_seconds = …`, `POSTFACH_LIMITS_IDLE_SECONDS`, `--set limits.idle_seconds=…`); an
//! unknown one is refused by its name; each value knows where it came from ([`Effective`]). Units
//! stand in the names. No setting is a secret: keys are named by the path of their file.
//!
//! Absent: changing a running server, except for its certificate (`server::tls`).

mod layers;

use std::net::SocketAddr;
use std::path::PathBuf;

use postfach_storage::UploadQuota;
use tracing::Level;

pub use self::layers::{Effective, Layers, Source};
use crate::server::limits::{DAY, Limits};
use crate::server::logging::{LogFormat, LogSettings};

/// Every setting with its default, `None` where there is no sensible one.
const SETTINGS: &[(&str, Option<&str>)] = &[
    ("data", None),
    ("listen", Some("127.0.0.1:8443")),
    ("listen_local", None),
    ("metrics_listen", Some("127.0.0.1:9464")),
    ("origin", None),
    ("public_authority", None),
    ("tls.certificate", None),
    ("tls.key", None),
    ("log.format", Some("text")),
    ("log.level", Some("info")),
    ("publish.interval_seconds", Some("10")),
    ("publish.timeout_seconds", Some("5")),
    ("publish.history_seconds", Some("60")),
    ("publish.renew_seconds", Some("3600")),
    ("publish.mark", None),
    ("publish.policy", None),
    ("publish.tsa_url", None),
    ("publish.tsa_certificate", None),
    ("publish.tsa_seconds", Some("3600")),
    ("publish.tsa_timeout_seconds", Some("30")),
    ("notify.transport", Some("none")),
    ("notify.from", None),
    ("notify.bounces_to", None),
    ("notify.folder", None),
    ("notify.smtp.host", None),
    ("notify.smtp.port", None),
    ("notify.smtp.security", Some("starttls")),
    ("notify.smtp.ca", None),
    ("notify.smtp.user", None),
    ("notify.smtp.password_file", None),
    ("notify.spool", None),
    ("notify.spool_seconds", Some("30")),
    ("notify.connections", Some("4")),
    ("notify.timeout_seconds", Some("60")),
    ("notify.retry_seconds", Some("60")),
    ("notify.retry_most_seconds", Some("3600")),
    ("notify.give_up_seconds", Some("86400")),
    ("limits.connections", Some("10000")),
    ("limits.unauthenticated", Some("5000")),
    ("limits.unauthenticated_per_address", Some("32")),
    ("limits.connections_per_party", Some("64")),
    ("limits.body_memory_bytes", Some("268435456")),
    ("limits.writes", Some("4096")),
    ("limits.waiters", Some("8192")),
    ("limits.handshake_seconds", Some("10")),
    ("limits.head_seconds", Some("10")),
    ("limits.body_grace_seconds", Some("10")),
    ("limits.body_rate_bytes_per_second", Some("1000")),
    ("limits.handling_seconds", Some("30")),
    ("limits.stall_seconds", Some("30")),
    ("limits.idle_seconds", Some("75")),
    ("limits.lifetime_seconds", Some("14400")),
    ("limits.shutdown_seconds", Some("20")),
    ("limits.open_uploads", Some("256")),
    ("limits.open_upload_bytes", Some("68719476736")),
    ("limits.upload_days", Some("7")),
];
/// Folder of the operator's keys inside the data folder.
pub const KEYS: &str = "keys";
/// Longest log origin, in bytes.
const MAX_ORIGIN: usize = 255;

/// The server's configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folder with journal, index and large parts.
    pub data: PathBuf,
    /// Where HTTPS is served.
    pub listen: SocketAddr,
    /// Where this machine alone is served in plain HTTP, if anywhere: always loopback.
    pub listen_local: Option<SocketAddr>,
    /// Where health and metrics are served, without TLS: never to the public.
    pub metrics_listen: SocketAddr,
    /// Origin of the log (C2SP tlog-checkpoint), such as `postfach.example/2026`.
    pub origin: String,
    /// `@authority` of request signatures (RFC 9421 section 2.2.3): the host, and the port where
    /// it is not 443, as clients see it.
    pub public_authority: String,
    /// Certificate chain and key, as PEM files.
    pub tls: TlsFiles,
    /// Bounds that the operator may set.
    pub limits: Limits,
    /// How to log.
    pub log: LogSettings,
    /// How the log is published.
    pub publish: crate::publish::settings::Settings,
    /// How recipients are told of mail, if they are.
    pub notify: Option<crate::notify::settings::Settings>,
}

/// Paths of PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate chain, the server's own first.
    pub certificate: PathBuf,
    /// The key.
    pub key: PathBuf,
}

impl Config {
    /// Puts the layers together and checks every value.
    ///
    /// # Errors
    /// [`ConfigError`], which names the setting and its source.
    pub fn from_layers(layers: &Layers) -> Result<(Self, Effective), ConfigError> {
        let effective = Effective::from_layers(layers)?;
        let config = Self {
            data: effective.parse("data")?,
            listen: effective.parse("listen")?,
            listen_local: effective.parse_given("listen_local")?,
            metrics_listen: effective.parse("metrics_listen")?,
            origin: effective.checked("origin", check_origin)?,
            public_authority: effective.checked("public_authority", check_authority)?,
            tls: TlsFiles {
                certificate: effective.parse("tls.certificate")?,
                key: effective.parse("tls.key")?,
            },
            limits: limits(&effective)?,
            log: LogSettings {
                format: effective.parse::<LogFormat>("log.format")?,
                level: effective.parse::<Level>("log.level")?,
            },
            publish: crate::publish::settings::Settings::from_effective(
                &effective,
                &effective.parse::<PathBuf>("data")?.join(KEYS),
            )?,
            notify: crate::notify::settings::Settings::from_effective(&effective)?,
        };
        if config.listen == config.metrics_listen && config.listen.port() != 0 {
            return Err(effective.invalid("metrics_listen", "the same as listen"));
        }
        if config
            .listen_local
            .is_some_and(|local| !local.ip().is_loopback())
        {
            let why = "plain HTTP is for this machine only: 127.0.0.1 or [::1], and a port";
            return Err(effective.invalid("listen_local", why));
        }
        Ok((config, effective))
    }
}

/// The bounds that an operator may set, from their settings.
fn limits(effective: &Effective) -> Result<Limits, ConfigError> {
    Ok(Limits {
        connections: effective.positive("limits.connections")?,
        unauthenticated: effective.positive("limits.unauthenticated")?,
        unauthenticated_per_address: effective.positive("limits.unauthenticated_per_address")?,
        connections_per_party: effective.positive("limits.connections_per_party")?,
        body_memory: effective.positive("limits.body_memory_bytes")?,
        writes: effective.positive("limits.writes")?,
        waiters: effective.positive("limits.waiters")?,
        handshake: effective.seconds("limits.handshake_seconds")?,
        head: effective.seconds("limits.head_seconds")?,
        body_grace: effective.seconds("limits.body_grace_seconds")?,
        body_rate: effective.positive("limits.body_rate_bytes_per_second")?,
        handling: effective.seconds("limits.handling_seconds")?,
        stall: effective.seconds("limits.stall_seconds")?,
        idle: effective.seconds("limits.idle_seconds")?,
        lifetime: effective.seconds("limits.lifetime_seconds")?,
        shutdown: effective.seconds("limits.shutdown_seconds")?,
        upload_quota: UploadQuota {
            uploads: effective.positive("limits.open_uploads")?,
            bytes: effective.positive("limits.open_upload_bytes")?,
        },
        upload_life: DAY * effective.positive::<u16>("limits.upload_days")?.into(),
    })
}

/// C2SP tlog-checkpoint: a schema-less URL, no spaces, no plus sign.
fn check_origin(origin: &str) -> Result<(), &'static str> {
    let allowed = |letter: char| letter.is_ascii_graphic() && letter != '+';
    let shaped = origin.chars().all(allowed) && origin.len() <= MAX_ORIGIN;
    if shaped && !origin.contains("://") {
        Ok(())
    } else {
        Err("expected a name like postfach.example/2026, without https://, spaces or +")
    }
}

/// RFC 9421 section 2.2.3: lower case, without the default port.
fn check_authority(authority: &str) -> Result<(), &'static str> {
    let parsed = authority.parse::<hyper::http::uri::Authority>();
    let lower = !authority.bytes().any(|byte| byte.is_ascii_uppercase());
    let plain = !authority.contains('@') && !authority.ends_with(":443");
    if parsed.is_ok() && lower && plain {
        Ok(())
    } else {
        Err("expected host or host:port in lower case, without user name and without :443")
    }
}

/// Why the configuration is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A setting that does not exist.
    #[error("unknown setting {0} ({1})")]
    Unknown(String, Source),
    /// A setting without default that is given nowhere.
    #[error("the setting {0} is missing")]
    Missing(&'static str),
    /// A value that cannot be.
    #[error("{name}: {why} ({source_of_value})")]
    Invalid {
        /// The setting.
        name: &'static str,
        /// Why.
        why: String,
        /// Where the value came from.
        source_of_value: Source,
    },
    /// The file is not TOML: path, line and reason.
    #[error("{}, line {line}: {why}", .0.display(), line = .1, why = .2)]
    File(PathBuf, usize, String),
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const FILE: &str = "data = '/srv/p'\norigin = 'p.example'\npublic_authority = 'p.example'\n\
        [tls]\ncertificate = 'c.pem'\nkey = 'k.pem'\n[limits]\nidle_seconds = 60\n";

    fn layers(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Layers {
        let owned = |pairs: &[(&str, &str)]| {
            let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            pairs.iter().map(own).collect()
        };
        Layers {
            file: Some(("p.toml".into(), file.to_owned())),
            environment: owned(environment),
            flags: owned(flags),
        }
    }

    fn refused(layers: &Layers) -> String {
        Config::from_layers(layers).unwrap_err().to_string()
    }

    #[test]
    fn later_layers_win_and_say_so() {
        let environment = [
            ("POSTFACH_LISTEN", "[::]:443"),
            ("POSTFACH_LANG", "de"),
            ("HOME", "/"),
        ];
        let flags = [("log.level", "debug")];
        let (config, effective) = Config::from_layers(&layers(FILE, &environment, &flags)).unwrap();
        assert_eq!(config.listen.port(), 443);
        assert_eq!(config.limits.idle, Duration::from_secs(60));
        assert_eq!(config.log.level, Level::DEBUG);
        let shown = effective.to_string();
        for line in [
            "listen = \"[::]:443\"  # environment POSTFACH_LISTEN",
            "limits.idle_seconds = \"60\"  # p.toml",
            "log.level = \"debug\"  # command line",
            "log.format = \"text\"  # default",
        ] {
            assert!(shown.lines().any(|shown| shown == line), "{line}\n{shown}");
        }
    }

    #[test]
    fn the_built_in_limits_are_the_servers_own() {
        let (config, _) =
            Config::from_layers(&layers(&FILE.replace("idle_seconds = 60", ""), &[], &[])).unwrap();
        assert_eq!(
            format!("{:?}", config.limits),
            format!("{:?}", Limits::default())
        );
    }

    #[test]
    fn unknown_names_are_refused_by_name() {
        let file = format!("{FILE}\nidel_seconds = 1\n");
        assert_eq!(
            refused(&layers(&file, &[], &[])),
            "unknown setting limits.idel_seconds (p.toml)"
        );
        let variable = refused(&layers(FILE, &[("POSTFACH_LISTNE", "x")], &[]));
        assert!(variable.starts_with("unknown setting POSTFACH_LISTNE"));
        assert!(refused(&layers(FILE, &[], &[("x", "1")])).contains("(command line)"));
        assert!(refused(&layers("data = ", &[], &[])).starts_with("p.toml, line 1: "));
    }

    #[test]
    fn notifications_are_off_until_chosen_and_then_checked() {
        let chosen = |more: &[(&str, &str)]| {
            let folder = [("notify.transport", "folder"), ("notify.folder", "/out")];
            layers(FILE, &[], &[&folder[..], more].concat())
        };
        let (config, _) = Config::from_layers(&layers(FILE, &[], &[])).unwrap();
        assert!(config.notify.is_none());
        assert_eq!(refused(&chosen(&[])), "the setting notify.from is missing");
        let from = ("notify.from", "post@p.example");
        let (config, _) = Config::from_layers(&chosen(&[from])).unwrap();
        let notify = config.notify.unwrap();
        assert_eq!(notify.url, "https://p.example/");
        assert_eq!(notify.bounces_to.local_part(), "post");
        let long = format!("{}@p.example", "p".repeat(28));
        for bad in [
            ("notify.from", "post"),
            ("notify.bounces_to", long.as_str()),
            ("notify.transport", "carrier pigeon"),
            ("notify.connections", "65"),
            ("notify.give_up_seconds", "0"),
        ] {
            assert!(refused(&chosen(&[from, bad])).starts_with(bad.0), "{bad:?}");
        }
        let smtp = |host| {
            let named = [("notify.transport", "smtp"), ("notify.smtp.host", host)];
            layers(
                FILE,
                &[],
                &[&named[..], &[from, ("notify.smtp.security", "none")]].concat(),
            )
        };
        assert!(Config::from_layers(&smtp("127.0.0.1")).is_ok());
        assert!(refused(&smtp("mail.p.example")).contains("on this machine"));
    }

    #[test]
    fn values_are_checked() {
        let with = |name, value| refused(&layers(FILE, &[], &[(name, value)]));
        assert!(with("listen", "8443").starts_with("listen: "));
        assert!(with("limits.writes", "0").contains("greater than zero"));
        assert!(with("origin", "https://p.example").starts_with("origin: "));
        assert!(with("public_authority", "P.example").starts_with("public_authority: "));
        assert!(with("metrics_listen", "127.0.0.1:8443").contains("the same as listen"));
        assert!(with("listen_local", "0.0.0.0:8080").contains("this machine only"));
        assert_eq!(with("tls.key", ""), "the setting tls.key is missing");
    }
}
