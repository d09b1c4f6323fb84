//! `postfach witness`: a witness of other people's logs.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use postfach_crypto::tlog::KeyName;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::{Exit, Explained as _, Failure};
use crate::cli::lang::text;
use crate::cli::serve::stop_signal;
use crate::entropy;
use crate::server::logging::{self, LogFormat, LogSettings};
use crate::server::tls::{ServerCertificate, server_config};
use crate::witness::listen::{Server, limits};
use crate::witness::{Witness, key, logs};

#[derive(Subcommand)]
pub(crate) enum WitnessCommand {
    /// Make the witness's key, once, and print its verifier key.
    Init(Init),
    /// Run the witness.
    Serve(Serve),
}

#[derive(Args)]
pub(crate) struct Init {
    /// Key file to make; the verifier key is written beside it as FILE.vkey.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Name of the witness, such as witness.example/w1.
    #[arg(long, value_parser = key_name)]
    name: KeyName,
}

#[derive(Args)]
pub(crate) struct Serve {
    /// Key file made by `postfach witness init`.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The logs to follow: a policy (C2SP tlog-policy), or verifier keys, one a line.
    #[arg(long, value_name = "FILE")]
    logs: PathBuf,
    /// Folder for what was cosigned. Losing it, or restoring an older copy, ends the witness.
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
    /// Address to serve on.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8480")]
    listen: SocketAddr,
    /// Certificate chain as a PEM file; without it, plain HTTP is served.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// Its private key as a PEM file.
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
}

pub(crate) async fn run(command: WitnessCommand, context: &Context) -> Result<(), Failure> {
    match command {
        WitnessCommand::Init(arguments) => init(arguments, context),
        WitnessCommand::Serve(arguments) => serve(&arguments, context).await,
    }
}

fn init(arguments: Init, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let made = key::create(&arguments.key, arguments.name, &mut entropy::entropy());
    let public = made.explained(lang)?.to_string();
    context
        .ui
        .result(&json!({ "key": arguments.key, "vkey": public }), || {
            public.clone()
        });
    context.ui.say(text!(
        lang,
        "Diese Zeile gehört in die Richtlinie der Protokolle und Prüfer: witness NAME {public} https://…",
        "This line belongs in the policy of logs and auditors: witness NAME {public} https://…"
    ));
    Ok(())
}

async fn serve(arguments: &Serve, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    logging::init(LogSettings {
        format: LogFormat::Text,
        level: tracing::Level::INFO,
    })
    .map_err(|error| Failure::new(Exit::Local, error.to_string(), "postfach witness serve"))?;
    let cosigner = key::load(&arguments.key).explained(lang)?;
    let logs = logs::read(&arguments.logs).map_err(|error| {
        let path = arguments.logs.display();
        Failure::new(
            Exit::Usage,
            format!("{path}: {error}"),
            text!(
                lang,
                "eine Richtlinie nach C2SP tlog-policy oder je Zeile einen Prüfschlüssel hineinschreiben; Beispiel in docs/operations.md",
                "write a policy as in C2SP tlog-policy into it, or a verifier key a line; docs/operations.md has an example"
            ),
        )
    })?;
    let tls = match (&arguments.tls_certificate, &arguments.tls_key) {
        (Some(certificate), Some(key)) => {
            let certificate = ServerCertificate::load(certificate, key).explained(lang)?;
            let config = server_config(Arc::clone(&certificate)).explained(lang)?;
            Some((certificate, Arc::new(config)))
        }
        _ => None,
    };
    let witness = Witness::open(cosigner, logs, &arguments.state).explained(lang)?;
    let witness = Arc::new(witness);
    let server = Server::bind(arguments.listen).await.map_err(|error| {
        let address = arguments.listen;
        Failure::new(
            Exit::Local,
            text!(
                lang,
                "auf {address} kann nicht gelauscht werden: {error}",
                "cannot listen on {address}: {error}"
            ),
            text!(
                lang,
                "eine andere Adresse wählen, oder beenden, was sie benutzt",
                "choose another address, or stop what uses it"
            ),
        )
    })?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{}/", server.address());
    let public = witness.verifier_key().to_string();
    let followed = witness.followed().await;
    let sizes: Vec<_> = followed
        .iter()
        .map(|log| json!({ "origin": log.origin, "size": log.head.map(|head| head.size) }))
        .collect();
    context.ui.result(
        &json!({ "url": url, "vkey": public, "logs": sizes }),
        || {
            text!(
                lang,
                "Zeuge {public} läuft auf {url}. Beenden mit Strg+C.",
                "Witness {public} serves on {url}. Stop with Ctrl+C."
            )
        },
    );
    let (certificate, tls) = tls.unzip();
    let reload = certificate
        .map(|certificate| tokio::spawn(async move { certificate.reload_on_hangup().await }));
    server.serve(witness, tls, limits(), stop_signal()).await;
    if let Some(reload) = reload {
        reload.abort();
    }
    Ok(())
}

fn key_name(text: &str) -> Result<KeyName, String> {
    KeyName::new(text).map_err(|error| error.to_string())
}
