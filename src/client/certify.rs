//! The operator's desk: certifying an authority's address.
//!
//! Absent: making and delegating the certification key (`crate::server::operator`). Specification:
//! docs/format/statements.md, "certificate".

use postfach_crypto::ids::{Address, UnixMillis};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::statement::{
    Certificate, Context, DelegationPurpose, Event, MunicipalityCode, Signed,
};

use super::error::ClientError;
use super::http::Http;
use super::profile::Settings;
use super::session::{Expected, introduce};
use crate::{clock, entropy};

/// The operator certifies an authority.
pub async fn certify(
    settings: &Settings,
    certification_key: &SigningKey,
    subject: Address,
    name: &str,
    municipality_code: MunicipalityCode,
    until: UnixMillis,
) -> Result<Signed<Certificate>, ClientError> {
    let http = Http::new(&settings.service, settings.ca_file.as_deref())?;
    let (info, operator) = introduce(&http, settings).await?;
    let now = clock::now();
    operator.delegated(
        &certification_key.verifying_key(),
        DelegationPurpose::Certification,
        now,
    )?;
    let certificate = Certificate {
        context: Context {
            origin: info.origin,
            epoch: info.epoch,
            time: now,
            blind: postfach_crypto::ids::Blind(entropy::array()),
        },
        subject,
        name: name.to_owned(),
        municipality_code,
        from: now,
        until,
        ext: None,
    };
    let certificate = Signed::sign(certificate, certification_key)?;
    let answer = http.post_statement(certificate.bytes()).await?;
    let receipt = operator.receipt(answer.receipt.statement.as_ref())?;
    let expected = Expected {
        header: None,
        events: &[Event::StatementAcceptance],
    };
    expected.check(certificate.hash(), &receipt)?;
    Ok(certificate)
}
