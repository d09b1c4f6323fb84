//! `postfach audit`: a whole log, walked and checked by an outsider.

use std::path::{Path, PathBuf};
use std::time::Duration;

use postfach_crypto::ids::{StatementHash, UnixMillis};
use postfach_crypto::keys::VerifyingKey;
use postfach_crypto::tlog::policy_text::MAX_POLICY;
use postfach_crypto::tlog::{Policy, UnixSeconds};
use serde::Serialize;
use tokio::time::sleep;

use crate::cli::context::Context;
use crate::cli::error::{Exit, Explain as _, Explained as _, Failure};
use crate::cli::lang::{self, Language, text};
use crate::cli::printable::printable;
use crate::cli::serve::stop_signal;
use crate::cli::verify::parse_root;
use crate::client::audit::{AuditError, Auditor, Built, Pages, Pinned, Visit};
use crate::client::session::Session;

/// Folder of the auditor's notes in a profile.
const NOTES: &str = "audit";

/// The arguments of `postfach audit`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The service, https://…, whose log is below /log/.
    #[arg(value_name = "URL")]
    url: String,
    /// The operator's root key in hexadecimal digits, as on the letter; spaces are ignored.
    #[arg(long, value_name = "HEX", value_parser = parse_root, requires = "origin")]
    root: Option<VerifyingKey>,
    /// The origin of the operator's log, such as postfach.example.
    #[arg(long, value_name = "NAME", requires = "root")]
    origin: Option<String>,
    /// A policy (C2SP tlog-policy): logs, witnesses, and how many are enough.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Folder for what was seen, so that the next visit compares and reads only what is new.
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Folder with the pages as built from source (web/dist/pages): compared with those served.
    #[arg(long, value_name = "DIR")]
    pages: Option<PathBuf>,
    /// Certificate authority to trust, as a PEM file.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Go on: visit again and again.
    #[arg(long)]
    watch: bool,
    /// Seconds between two visits.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "watch",
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    every: u64,
}

/// A visit as JSON.
#[derive(Serialize)]
struct Form {
    origin: String,
    size: u64,
    root: String,
    before: Option<u64>,
    read: u64,
    cosigned: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quorum: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seen_by: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    own: Option<OwnForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pages: Option<PagesForm>,
}

#[derive(Serialize)]
struct PagesForm {
    version: String,
    files: String,
    count: u64,
    since: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u64>,
    /// Paths that differ from the folder that was built from source; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    different: Option<Vec<String>>,
}

#[derive(Serialize)]
struct OwnForm {
    sought: u64,
    found: u64,
    pending: u64,
}

/// Audits once, or until something is found or the command is stopped.
pub(crate) async fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    // Only a profile named on the command line is a party that proves its own receipts.
    let party = match context.home {
        Some(_) => Some(context.desk().await?.session),
        None => None,
    };
    let auditor = auditor(&arguments, party.as_ref(), context)?;
    let mut stopped = std::pin::pin!(stop_signal());
    loop {
        let label = text!(lang, "Protokoll", "log");
        let visit = auditor.visit(party.as_ref(), context.progress(&label));
        let visited = tokio::select! {
            visited = visit => visited,
            // What was walked is noted; the next visit continues there.
            () = stopped.as_mut() => return Ok(Exit::TryAgain),
        };
        let exit = match visited {
            Ok(visit) => {
                context
                    .ui
                    .result(&Form::from(&visit), || page(lang, &visit));
                exit_of(&visit)
            }
            Err(error) => {
                let failure = error.explain(lang);
                if !arguments.watch || is_final(&error, &failure) {
                    return Err(failure);
                }
                context.ui.fail(&failure);
                failure.exit
            }
        };
        if !arguments.watch {
            return Ok(exit);
        }
        tokio::select! {
            () = sleep(Duration::from_secs(arguments.every)) => {}
            () = stopped.as_mut() => return Ok(exit),
        }
    }
}

/// Witnesses that are missing, or pages that nobody can build, leave something unproven.
fn exit_of(visit: &Visit) -> Exit {
    let built = visit.pages.as_ref().and_then(|pages| pages.built.as_ref());
    match visit.quorum == Some(false) || matches!(built, Some(Built::Different(_))) {
        true => Exit::NotProven,
        false => Exit::Done,
    }
}

/// Watching goes on through what may pass, such as a server that restarts.
fn is_final(error: &AuditError, failure: &Failure) -> bool {
    let passing = matches!(failure.exit, Exit::Unreachable | Exit::TryAgain);
    matches!(error, AuditError::Finding(_)) || !passing
}

fn auditor(
    arguments: &Arguments,
    party: Option<&Session>,
    context: &Context,
) -> Result<Auditor, Failure> {
    let lang = context.lang();
    let settings = party.map(|party| party.profile().settings());
    let policy = match &arguments.policy {
        Some(path) => Some(read_policy(path, lang)?),
        None => None,
    };
    let named = arguments.root.zip(arguments.origin.clone());
    let operator = named.or_else(|| {
        let settings = settings?;
        Some((settings.operator_root, settings.origin.clone()))
    });
    if operator.is_none() && policy.is_none() {
        return Err(Failure::new(
            Exit::Usage,
            text!(
                lang,
                "es ist nicht festgelegt, wessen Protokoll das ist",
                "it is not pinned whose log this is"
            ),
            text!(
                lang,
                "--root HEX und --origin NAME vom Brief abtippen, oder --policy FILE oder --home DIR angeben",
                "type --root HEX and --origin NAME from the letter, or give --policy FILE or --home DIR"
            ),
        ));
    }
    let state = arguments.state.clone();
    let state = state.or_else(|| Some(party?.profile().home().join(NOTES)));
    if state.is_none() {
        context.ui.warn(text!(
            lang,
            "ohne --state wird nichts gemerkt: Eine Spaltung seit dem letzten Besuch fällt nicht auf.",
            "without --state nothing is remembered: a fork since the last visit goes unnoticed."
        ));
    }
    let ca = arguments.ca.clone();
    let ca = ca.or_else(|| settings?.ca_file.clone());
    let pinned = Pinned { operator, policy };
    let auditor = Auditor::new(&arguments.url, ca.as_deref(), pinned, state).explained(lang)?;
    Ok(auditor.with_built_pages(arguments.pages.clone()))
}

fn read_policy(path: &Path, lang: Language) -> Result<Policy, Failure> {
    let length = std::fs::metadata(path).explained(lang)?.len();
    let parsed = if length > MAX_POLICY as u64 {
        Err(format!("more than {MAX_POLICY} bytes"))
    } else {
        let text = std::fs::read(path).explained(lang)?;
        Policy::parse(&text).map_err(|error| error.to_string())
    };
    parsed.map_err(|why| {
        let path = path.display();
        Failure::new(
            Exit::Usage,
            format!("{path}: {why}"),
            text!(
                lang,
                "berichtigen; ein Beispiel steht in docs/operations.md",
                "correct it; docs/operations.md has an example"
            ),
        )
    })
}

impl From<&Visit> for Form {
    fn from(visit: &Visit) -> Self {
        Self {
            origin: visit.origin.clone(),
            size: visit.head.size,
            root: StatementHash(visit.head.root.0).to_string(),
            before: visit.before,
            read: visit.read,
            cosigned: visit.cosigned.clone(),
            quorum: visit.quorum,
            seen_by: visit.seen_by.map(|time| time.0),
            own: visit.own.map(|own| OwnForm {
                sought: own.sought,
                found: own.found,
                pending: own.pending,
            }),
            pages: visit.pages.as_ref().map(PagesForm::from),
        }
    }
}

impl From<&Pages> for PagesForm {
    fn from(pages: &Pages) -> Self {
        let different = pages.built.as_ref().map(|built| match built {
            Built::Same => Vec::new(),
            Built::Different(paths) => paths.clone(),
        });
        Self {
            version: pages.version.clone(),
            files: pages.files.to_string(),
            count: pages.count,
            since: pages.since.0,
            position: pages.position,
            different,
        }
    }
}

fn page(lang: Language, visit: &Visit) -> String {
    let (origin, size, read) = (printable(&visit.origin), visit.head.size, visit.read);
    let root = StatementHash(visit.head.root.0);
    let mut lines = vec![text!(
        lang,
        "Protokoll {origin}: {size} Einträge, Wurzel {root}. Alles stimmt; neu gelesen: {read}.",
        "Log {origin}: {size} entries, root {root}. All of it fits; read this time: {read}."
    )];
    lines.push(match visit.before {
        Some(before) => text!(
            lang,
            "Es setzt die {before} Einträge des letzten Besuchs unverändert fort.",
            "It continues the {before} entries of the last visit unchanged."
        ),
        None => text!(
            lang,
            "Erster Besuch: Was vorher gezeigt wurde, ist nicht bekannt.",
            "First visit: what was shown before is not known."
        ),
    });
    if let Some(quorum) = visit.quorum {
        lines.push(witnesses(lang, visit, quorum));
    }
    if let Some(own) = visit.own {
        let (sought, found, pending) = (own.sought, own.found, own.pending);
        lines.push(text!(
            lang,
            "Eigene Belege und Akteneinträge: {found} von {sought} stehen an ihrer Stelle im Protokoll, {pending} sind neuer als der Prüfpunkt, keiner fehlt.",
            "Own receipts and record entries: {found} of {sought} stand at their place in the log, {pending} are newer than the checkpoint, none is missing."
        ));
    }
    lines.extend(visit.pages.iter().flat_map(|it| pages(lang, it)));
    lines.join("\n")
}

fn pages(lang: Language, pages: &Pages) -> Vec<String> {
    let (count, files, version) = (pages.count, pages.files, printable(&pages.version));
    let since = lang::date_time(lang, pages.since);
    let mut lines = vec![text!(
        lang,
        "Seiten im Browser: alle {count} Dateien sind die, die der Betreiber am {since} erklärt hat (Version {version}, Liste {files}).",
        "Pages in the browser: all {count} files are those that the operator stated on {since} (version {version}, list {files})."
    )];
    if pages.position.is_none() {
        lines.push(text!(
            lang,
            "Diese Erklärung ist neuer als der Prüfpunkt; der nächste Besuch sieht sie im Protokoll.",
            "That statement is newer than the checkpoint; the next visit sees it in the log."
        ));
    }
    match &pages.built {
        None => {}
        Some(Built::Same) => lines.push(text!(
            lang,
            "Sie sind dieselben wie die selbst gebauten.",
            "They are the same as those that were built from source."
        )),
        Some(Built::Different(paths)) => {
            let paths = paths.iter().map(|path| printable(path));
            let paths = paths.collect::<Vec<_>>().join(", ");
            lines.push(text!(
                lang,
                "Anders als die selbst gebauten: {paths}. Mit den Angaben des Betreibers bauen (OPERATOR_FILE, von /operator.json) und mit demselben Stand des Quelltexts.",
                "Different from those that were built: {paths}. Build with the operator's facts (OPERATOR_FILE, from /operator.json) and from the same source."
            ));
        }
    }
    lines
}

fn witnesses(lang: Language, visit: &Visit, quorum: bool) -> String {
    let names = visit.cosigned.iter().map(|name| printable(name));
    let names = names.collect::<Vec<_>>().join(", ");
    let count = visit.cosigned.len();
    let list = if count == 0 {
        String::new()
    } else {
        format!(" ({names})")
    };
    let enough = match (quorum, visit.seen_by) {
        (true, Some(UnixSeconds(seconds))) => {
            let time = UnixMillis(seconds.saturating_mul(1000));
            let time = lang::date_time(lang, time);
            text!(
                lang,
                "genug, spätestens am {time}",
                "enough, by {time} at the latest"
            )
        }
        (true, None) => text!(lang, "genug", "enough"),
        (false, _) => text!(
            lang,
            "zu wenige; Mitzeichnung ausstehend",
            "too few; cosignature pending"
        ),
    };
    text!(
        lang,
        "Zeugen: {count}{list}, {enough}.",
        "Witnesses: {count}{list}, {enough}."
    )
}
