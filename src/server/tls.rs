//! TLS for the server: TLS 1.3 only, post-quantum key exchange first, certificates reloaded in place.
//!
//! Invariants: no TLS 1.2, no client certificates (requests are signed instead, RFC 9421); a
//! certificate that does not fit its key, or cannot be read, never replaces a working one. Key
//! exchange prefers X25519MLKEM768, so that recorded traffic stays closed to later quantum
//! computers. RFC 8446; draft-ietf-tls-ecdhe-mlkem.
//!
//! Absent: sockets and ACME. [`make_local_authority`] is for demo and development: its authority's
//! key is thrown away at once, so nobody can issue more with it.

use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use postfach_crypto::ids::UnixMillis;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert, ServerConfig};
use rustls::sign::CertifiedKey;

use crate::calendar::calendar_day;
use crate::durable::{self, Access, Existing};

/// How long a local certificate is valid; browsers refuse more than 398 days.
const LOCAL_VALIDITY_DAYS: u64 = 397;
const DAY_MILLIS: u64 = 86_400_000;

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A PEM file cannot be read, or does not hold what it should.
    #[error("{}: {why}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Certificate and key do not belong together, or the key's type is not supported.
    #[error("certificate and key do not fit together: {0}")]
    Mismatch(rustls::Error),
    /// The configuration is refused by the TLS library.
    #[error("TLS configuration: {0}")]
    Configuration(rustls::Error),
    /// A local certificate cannot be made.
    #[error("local certificate: {0}")]
    Local(#[from] rcgen::Error),
    /// The file system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The server's certificate, replaceable while connections are open.
#[derive(Debug)]
pub struct ServerCertificate {
    certificate: PathBuf,
    key: PathBuf,
    provider: CryptoProvider,
    current: RwLock<Arc<CertifiedKey>>,
}

impl ServerCertificate {
    /// Reads certificate chain and key from PEM files.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn load(certificate: &Path, key: &Path) -> Result<Arc<Self>, TlsError> {
        let provider = provider();
        let current = RwLock::new(read_pair(certificate, key, &provider)?);
        Ok(Arc::new(Self {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            provider,
            current,
        }))
    }

    /// Reads the files again; new connections use what they hold now.
    ///
    /// # Errors
    /// [`TlsError`]; the certificate before stays in use.
    pub fn reload(&self) -> Result<(), TlsError> {
        let fresh = read_pair(&self.certificate, &self.key, &self.provider)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// Reloads on each SIGHUP, for as long as it is polled.
    ///
    /// # Errors
    /// Where the signal cannot be watched.
    pub async fn reload_on_hangup(&self) -> io::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut hangups = signal(SignalKind::hangup())?;
        while hangups.recv().await.is_some() {
            match self.reload() {
                Ok(()) => tracing::info!("certificate reloaded"),
                Err(error) => tracing::error!(error = %error, "certificate not reloaded"),
            }
        }
        Ok(())
    }
}

impl ResolvesServerCert for ServerCertificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Some(current.clone())
    }
}

/// The server's TLS configuration.
///
/// # Errors
/// [`TlsError::Configuration`].
pub fn server_config(certificate: Arc<ServerCertificate>) -> Result<ServerConfig, TlsError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(TlsError::Configuration)?
        .with_no_client_auth()
        .with_cert_resolver(certificate);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.ticketer = aws_lc_rs::Ticketer::new().map_err(TlsError::Configuration)?;
    Ok(config)
}

/// aws-lc-rs with the post-quantum group first; the client uses the same.
#[must_use]
pub fn provider() -> CryptoProvider {
    use aws_lc_rs::kx_group::{SECP256R1, SECP384R1, X25519, X25519MLKEM768};
    CryptoProvider {
        kx_groups: vec![X25519MLKEM768, X25519, SECP256R1, SECP384R1],
        ..aws_lc_rs::default_provider()
    }
}

/// Files of a local authority and the server certificate it issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalAuthority {
    /// What clients are told to trust.
    pub authority: PathBuf,
    /// The server's certificate chain.
    pub certificate: PathBuf,
    /// The server's key, readable by its owner only.
    pub key: PathBuf,
}

/// Makes a local authority and a server certificate for `names` (host names or IP addresses), for
/// demo and development. The authority may only ever have issued for these names, and its key is
/// not kept.
///
/// # Errors
/// [`TlsError`]; [`io::ErrorKind::AlreadyExists`] where the files are.
pub fn make_local_authority(
    folder: &Path,
    names: &[&str],
    now: UnixMillis,
) -> Result<LocalAuthority, TlsError> {
    durable::private_folder(folder)?;
    let files = LocalAuthority {
        authority: folder.join("authority.pem"),
        certificate: folder.join("server.pem"),
        key: folder.join("server-key.pem"),
    };
    let authority_key = KeyPair::generate()?;
    let authority_params = authority_params(names, now);
    let authority = authority_params.self_signed(&authority_key)?;
    let issuer = Issuer::new(authority_params, authority_key);
    let server_key = KeyPair::generate()?;
    let server = server_params(names, now)?.signed_by(&server_key, &issuer)?;
    let chain = format!("{}{}", server.pem(), authority.pem());
    let write = |path: &Path, text: &str, access| {
        durable::write(path, text.as_bytes(), access, Existing::Refuse)
    };
    write(&files.key, &server_key.serialize_pem(), Access::Private)?;
    write(&files.certificate, &chain, Access::Public)?;
    write(&files.authority, &authority.pem(), Access::Public)?;
    Ok(files)
}

fn authority_params(names: &[&str], now: UnixMillis) -> CertificateParams {
    let subtree = |name: &&str| match name.parse() {
        Ok(IpAddr::V4(ip)) => GeneralSubtree::IpAddress(CidrSubnet::V4(ip.octets(), [0xff; 4])),
        Ok(IpAddr::V6(ip)) => GeneralSubtree::IpAddress(CidrSubnet::V6(ip.octets(), [0xff; 16])),
        Err(_) => GeneralSubtree::DnsName((*name).to_owned()),
    };
    let mut params = valid_from(now, "Mein Postfach, local authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: names.iter().map(subtree).collect(),
        excluded_subtrees: Vec::new(),
    });
    params
}

fn server_params(names: &[&str], now: UnixMillis) -> Result<CertificateParams, rcgen::Error> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let named = CertificateParams::new(names)?;
    let mut params = valid_from(now, "Mein Postfach, local server");
    params.subject_alt_names = named.subject_alt_names;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

/// Valid from the day before, since clocks differ.
fn valid_from(now: UnixMillis, name: &str) -> CertificateParams {
    let day = |millis: u64| {
        let day = calendar_day(UnixMillis(millis));
        rcgen::date_time_ymd(i32::from(day.year()), day.month(), day.day())
    };
    let mut params = CertificateParams::default();
    params.not_before = day(now.0.saturating_sub(DAY_MILLIS));
    params.not_after = day(now.0.saturating_add((LOCAL_VALIDITY_DAYS - 1) * DAY_MILLIS));
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn read_pair(
    certificate: &Path,
    key: &Path,
    provider: &CryptoProvider,
) -> Result<Arc<CertifiedKey>, TlsError> {
    let unreadable = |path: &Path, why: rustls::pki_types::pem::Error| TlsError::File {
        path: path.to_owned(),
        why: why.to_string(),
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|why| unreadable(certificate, why))?;
    if chain.is_empty() {
        return Err(TlsError::File {
            path: certificate.to_owned(),
            why: "no certificate in the file".to_owned(),
        });
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|why| unreadable(key, why))?;
    CertifiedKey::from_der(chain, secret, provider)
        .map(Arc::new)
        .map_err(TlsError::Mismatch)
}
