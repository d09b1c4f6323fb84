//! SMTP (RFC 5321) to the operator's own mail system, with TLS at once, by STARTTLS, or, on this
//! machine only, without.
//!
//! Invariants: *refused* is said only where the answer is about the recipient or the mail (to RCPT
//! and to the end of DATA); a 5xx to greeting, TLS, login or return path is a quarrel with us, tried
//! again until the time is over. The mail counts as taken with the 250 to the end of DATA, whatever
//! happens to the goodbye. One connection carries one mail: a conversation that was cut off by its
//! time-out is never continued, where one mail's answer could be taken for another's.
//!
//! Absent: MX look-ups, pools, DSN requests (RFC 3461): the mail system's job and choice.

use std::time::Duration;

use async_trait::async_trait;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters,
};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use tokio::time::timeout;

use super::SetUpError;
use super::mail::Mail;
use super::settings::{Security, SmtpSettings};
use super::transport::{SendError, Transport, Trouble};

/// How long the goodbye may take, once the mail is taken.
const GOODBYE: Duration = Duration::from_secs(1);

/// Sends through one mail system.
pub struct SmtpTransport {
    host: String,
    port: u16,
    security: Security,
    tls: Option<TlsParameters>,
    credentials: Option<Credentials>,
    hello: ClientId,
    most: Duration,
}

impl SmtpTransport {
    /// Prepares TLS. `most` is how long one mail may take.
    ///
    /// # Errors
    /// [`SetUpError::Tls`], [`SetUpError::File`].
    pub fn new(server: &SmtpSettings, most: Duration) -> Result<Self, SetUpError> {
        let tls = match server.security {
            Security::None => None,
            Security::Tls | Security::StartTls => Some(tls(server)?),
        };
        Ok(Self {
            host: server.host.clone(),
            port: server.port,
            security: server.security,
            tls,
            credentials: server
                .login
                .as_ref()
                .map(|login| Credentials::new(login.user.clone(), login.password.to_string())),
            hello: ClientId::Domain(server.hello.clone()),
            most,
        })
    }

    async fn conversation(&self, mail: &Mail) -> Result<AsyncSmtpConnection, SendError> {
        let mut connection = self.connect().await?;
        let from = Some(mail.from.as_lettre().clone());
        connection
            .command(MailFrom::new(from, Vec::new()))
            .await
            .map_err(with_us)?;
        connection
            .command(Rcpt::new(mail.to.as_lettre().clone(), Vec::new()))
            .await
            .map_err(with_the_mail)?;
        connection.command(Data).await.map_err(with_us)?;
        connection
            .message(&mail.message)
            .await
            .map_err(with_the_mail)?;
        Ok(connection)
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, SendError> {
        let at_once = match self.security {
            Security::Tls => self.tls.clone(),
            Security::StartTls | Security::None => None,
        };
        let server = (self.host.as_str(), self.port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            server,
            Some(self.most),
            &self.hello,
            at_once,
            None,
        )
        .await
        .map_err(with_us)?;
        if let (Security::StartTls, Some(tls)) = (self.security, &self.tls) {
            if !connection.can_starttls() {
                return Err(SendError::Later(Trouble::Tls));
            }
            connection
                .starttls(tls.clone(), &self.hello)
                .await
                .map_err(with_us)?;
        }
        if let Some(credentials) = &self.credentials {
            connection
                .auth(&[Mechanism::Plain, Mechanism::Login], credentials)
                .await
                .map_err(with_us)?;
        }
        Ok(connection)
    }
}

#[async_trait]
impl Transport for SmtpTransport {
    async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        let taken = timeout(self.most, self.conversation(mail)).await;
        let mut connection = taken.map_err(|_| SendError::Later(Trouble::Timeout))??;
        let _ = timeout(GOODBYE, connection.quit()).await;
        Ok(())
    }
}

fn tls(server: &SmtpSettings) -> Result<TlsParameters, SetUpError> {
    let failed = |error: Error| SetUpError::Tls(error.to_string());
    let mut builder = TlsParameters::builder(server.host.clone());
    if let Some(path) = &server.ca {
        let pem = std::fs::read(path).map_err(SetUpError::file(path))?;
        builder = builder
            .certificate_store(CertificateStore::None)
            .add_root_certificate(Certificate::from_pem(&pem).map_err(failed)?);
    }
    builder.build().map_err(failed)
}

/// An answer about the recipient or the mail.
fn with_the_mail(error: Error) -> SendError {
    match error.status() {
        Some(code) if error.is_permanent() => SendError::Refused(code.into()),
        _ => with_us(error),
    }
}

/// Any other trouble: the recipient is not to blame.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn with_us(error: Error) -> SendError {
    SendError::Later(match error.status() {
        Some(code) => Trouble::Answer(code.into()),
        None if error.is_timeout() => Trouble::Timeout,
        None if error.is_tls() => Trouble::Tls,
        None if error.is_response() || error.is_client() => Trouble::Protocol,
        None => Trouble::Connection,
    })
}
