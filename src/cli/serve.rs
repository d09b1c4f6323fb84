//! `postfach serve`: the server.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::cli::context::Context;
use crate::cli::error::{Exit, Explained as _, Failure};
use crate::cli::lang::text;
use crate::cli::operator::operator_failure;
use crate::notify::Notifier;
use crate::publish::timestamps::Stamper;
use crate::publish::{self, Publisher};
pub(crate) use crate::server::config::KEYS;
use crate::server::config::{Config, Layers};
use crate::server::listen::Server;
use crate::server::operator::{load_operator, open_service};
use crate::server::{logging, pages, tls};

/// Folder of the store inside the data folder.
pub(crate) const STORE: &str = "store";

#[derive(Args)]
pub(crate) struct Serve {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE", env = "POSTFACH_CONFIG")]
    config: Option<PathBuf>,
    /// Data folder.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Address to serve HTTPS on.
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Any setting, as name=value; may be repeated.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    settings: Vec<String>,
    /// Print the effective configuration with the source of each value, and stop.
    #[arg(long)]
    print_config: bool,
}

pub(crate) async fn run(arguments: Serve, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let (config, effective) = Config::from_layers(&layers(&arguments, context)?).explained(lang)?;
    if arguments.print_config {
        let values: serde_json::Map<String, serde_json::Value> = effective
            .values()
            .map(|(name, value, _)| (name.to_owned(), value.into()))
            .collect();
        context.ui.result(&values, || effective.to_string());
        return Ok(());
    }
    logging::init(config.log).map_err(|error| usage(context, &error))?;
    let keys = load_operator(&config.data.join(KEYS))
        .map_err(|error| operator_failure(&error, context))?;
    if keys.operator.origin() != config.origin {
        return Err(Failure::new(
            Exit::Usage,
            text!(
                lang,
                "die Schlüssel gehören zu einem anderen Protokoll ({}) als die Konfiguration",
                "the keys are for another log origin ({}) than the configuration",
                keys.operator.origin()
            ),
            text!(
                lang,
                "origin in der Konfiguration anpassen",
                "set origin in the configuration"
            ),
        ));
    }
    let certificate =
        tls::ServerCertificate::load(&config.tls.certificate, &config.tls.key).explained(lang)?;
    let tls = tls::server_config(Arc::clone(&certificate)).explained(lang)?;
    let store = config.data.join(STORE);
    let marked =
        publish::marked(&config.publish.mark, &keys).map_err(|error| usage(context, &error))?;
    let options = postfach_storage::embedded::Options::default();
    let service = open_service(&store, &options, keys, marked)
        .await
        .map_err(|error| {
            Failure::new(
                Exit::Local,
                error.to_string(),
                text!(
                    lang,
                    "läuft schon ein Server auf diesem Ordner? Sonst Ordner, Rechte und Platz prüfen",
                    "is another server running on this folder? Otherwise check folder, permissions and space"
                ),
            )
        })?;
    let server = Server::bind(config.listen, Some(config.metrics_listen))
        .await
        .map_err(|error| usage(context, &error))?;
    let server = server
        .locally(config.listen_local)
        .await
        .map_err(|error| usage(context, &error))?;
    let notifier = match config.notify {
        None => None,
        Some(settings) => Some(
            Notifier::set_up(settings, &config.data, &config.data.join(KEYS))
                .map_err(|error| usage(context, &error))?,
        ),
    };
    let stamper = match config.publish.timestamps.clone() {
        None => None,
        Some(settings) => Some(Stamper::set_up(settings).map_err(|error| usage(context, &error))?),
    };
    let mut publisher = Publisher::open(config.publish).map_err(|error| usage(context, &error))?;
    publisher
        .begin(&service)
        .await
        .map_err(|error| usage(context, &error))?;
    let server = server
        .notifying(notifier)
        .time_stamping(stamper)
        .publishing(publisher);
    let (address, local) = (server.address(), server.local_address());
    context.ui.say(text!(
        lang,
        "Postfach läuft auf https://{address}. Beenden mit Strg+C.",
        "Postfach serves on https://{address}. Stop with Ctrl+C."
    ));
    if let Some(local) = local {
        let port = local.port();
        context.ui.say(text!(
            lang,
            "Auf diesem Gerät auch: http://localhost:{port}",
            "On this machine also: http://localhost:{port}"
        ));
    }
    if !pages::built_in() {
        context.ui.say(text!(
            lang,
            "Die Seiten für den Browser fehlen in diesem Programm: Node installieren, „make web“, neu bauen.",
            "The pages for the browser are missing in this program: install Node, 'make web', build again."
        ));
    }
    let reload = async move { certificate.reload_on_hangup().await };
    let reload = tokio::spawn(reload);
    let authority = config.public_authority.clone();
    let served = server
        .serve(
            service,
            &authority,
            Arc::new(tls),
            config.limits,
            stop_signal(),
        )
        .await;
    reload.abort();
    served.map_err(|error| {
        Failure::new(
            Exit::TryAgain,
            error.to_string(),
            text!(
                lang,
                "Protokoll ansehen, Datenträger prüfen, neu starten",
                "see the log, check the disk, start again"
            ),
        )
    })
}

fn layers(arguments: &Serve, context: &Context) -> Result<Layers, Failure> {
    let mut layers = Layers {
        environment: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
        ..Layers::default()
    };
    if let Some(path) = &arguments.config {
        let content = std::fs::read_to_string(path).map_err(|error| usage(context, &error))?;
        layers.file = Some((path.clone(), content));
    }
    let mut flag = |name: &str, value: String| layers.flags.push((name.to_owned(), value));
    if let Some(data) = &arguments.data {
        flag("data", data.display().to_string());
    }
    if let Some(listen) = &arguments.listen {
        flag("listen", listen.clone());
    }
    for setting in &arguments.settings {
        let (name, value) = setting
            .split_once('=')
            .ok_or_else(|| usage(context, &format!("--set {setting}: name=value expected")))?;
        flag(name, value.to_owned());
    }
    Ok(layers)
}

fn usage(context: &Context, error: &impl std::fmt::Display) -> Failure {
    Failure::new(
        Exit::Usage,
        error.to_string(),
        text!(
            context.lang(),
            "Konfiguration prüfen: „postfach serve --print-config“",
            "check the configuration: 'postfach serve --print-config'"
        ),
    )
}

/// Resolves on SIGTERM or SIGINT.
pub(crate) async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = signal(SignalKind::terminate());
    let Ok(mut terminate) = terminate else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
