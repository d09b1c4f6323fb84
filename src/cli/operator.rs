//! `postfach operator`: make the operator's keys, certify authorities.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use postfach_crypto::ids::{Address, StatementHash, UnixMillis};
use postfach_crypto::statement::MunicipalityCode;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::{Exit, Explained as _, Failure};
use crate::cli::lang::text;
use crate::client::certify::certify;
use crate::client::profile::{KeyFileKind, ProfileKind, Settings};
use crate::server::operator::{
    OperatorFileError, certification_key, describe_operator, init_operator,
};
use crate::{clock, entropy};

/// Milliseconds of a year.
const YEAR: u64 = 365 * 24 * 60 * 60 * 1000;

#[derive(Subcommand)]
pub(crate) enum Operator {
    /// Make root key, working keys and delegations, once.
    Init(Init),
    /// Certify that an address belongs to an authority.
    Certify(Certify),
}

#[derive(Args)]
pub(crate) struct Init {
    /// Folder that will hold the keys; must not exist yet.
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    /// Origin of the log, such as postfach.bayern/2026.
    #[arg(long)]
    origin: String,
}

#[derive(Args)]
pub(crate) struct Certify {
    /// Folder with the operator's keys.
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    /// The service, https://…
    #[arg(long)]
    service: String,
    /// Certificate authority to trust, as a PEM file.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The authority's address.
    #[arg(long)]
    address: Address,
    /// The authority's official name.
    #[arg(long)]
    name: String,
    /// Its official municipality code (AGS).
    #[arg(long)]
    ags: MunicipalityCode,
    /// For how many years.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=10))]
    years: u64,
}

pub(crate) async fn run(operator: Operator, context: &Context) -> Result<(), Failure> {
    match operator {
        Operator::Init(init) => run_init(&init, context),
        Operator::Certify(arguments) => run_certify(arguments, context).await,
    }
}

fn run_init(init: &Init, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    init_operator(
        &init.keys,
        &init.origin,
        clock::now(),
        &mut entropy::entropy(),
    )
    .map_err(|error| operator_failure(&error, context))?;
    let described = describe_operator(&init.keys);
    let (operator, _) = described.map_err(|error| operator_failure(&error, context))?;
    let root = StatementHash(operator.root().0).to_string();
    let folder = init.keys.display();
    context.ui.result(&json!({ "keys": init.keys, "origin": init.origin, "root": root }), || {
        text!(
            lang,
            "Schlüssel des Betreibers: {folder}\nWurzelschlüssel: {root}\nAls Nächstes: root.key an einen sicheren Ort ohne Netz bringen.",
            "Operator's keys: {folder}\nRoot key: {root}\nNext: move root.key to a safe place without a network."
        )
    });
    Ok(())
}

async fn run_certify(arguments: Certify, context: &Context) -> Result<(), Failure> {
    let failed = |error| operator_failure(&error, context);
    let (operator, epoch) = describe_operator(&arguments.keys).map_err(failed)?;
    let key = certification_key(&arguments.keys).map_err(failed)?;
    let settings = Settings {
        kind: ProfileKind::Operator,
        key_file: KeyFileKind::Permissions,
        service: arguments.service,
        origin: operator.origin().to_owned(),
        epoch,
        operator_root: operator.root(),
        address: None,
        name: None,
        ca_file: arguments.ca,
    };
    let until = UnixMillis(clock::now().0 + arguments.years * YEAR);
    let (name, code) = (&arguments.name, arguments.ags.clone());
    let certificate = certify(&settings, &key, arguments.address, name, code, until)
        .await
        .explained(context.lang())?;
    let hash = certificate.hash().to_string();
    context.ui.result(
        &json!({ "certificate": hash, "address": arguments.address.to_string() }),
        || {
            text!(
                context.lang(),
                "Beglaubigt: {name} (AGS {}), Zertifikat {hash}",
                "Certified: {name} (AGS {}), certificate {hash}",
                arguments.ags
            )
        },
    );
    Ok(())
}

/// Words for trouble with the operator's key folder.
pub(crate) fn operator_failure(error: &OperatorFileError, context: &Context) -> Failure {
    Failure::new(
        Exit::Local,
        text!(
            context.lang(),
            "Schlüssel des Betreibers: {error}",
            "operator's keys: {error}"
        ),
        text!(
            context.lang(),
            "Ordner und Rechte prüfen, fehlende Schlüssel aus der Sicherung holen; neue macht „postfach operator init“ nur für einen neuen Betreiber",
            "check folder and permissions, restore missing keys from the backup; 'postfach operator init' makes new ones for a new operator only"
        ),
    )
}
