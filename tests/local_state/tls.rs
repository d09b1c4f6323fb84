//! TLS.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use postfach::server::tls::{self, LocalAuthority, ServerCertificate, TlsError};

fn local(folder: &Path) -> LocalAuthority {
    tls::make_local_authority(folder, &["localhost", "127.0.0.1"], postfach::clock::now()).unwrap()
}

/// A handshake in memory between the server's configuration and a client that trusts `authority`.
fn handshake(
    server: rustls::ServerConfig,
    authority: &Path,
    name: &str,
) -> Result<rustls::ClientConnection, rustls::Error> {
    use rustls::pki_types::pem::PemObject;
    let mut roots = rustls::RootCertStore::empty();
    let root = rustls::pki_types::CertificateDer::from_pem_file(authority).unwrap();
    roots.add(root).unwrap();
    let mut config = rustls::ClientConfig::builder_with_provider(Arc::new(tls::provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let name = rustls::pki_types::ServerName::try_from(name.to_owned()).unwrap();
    let mut client = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let mut server = rustls::ServerConnection::new(Arc::new(server)).unwrap();
    while client.is_handshaking() {
        let mut wire = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut wire).unwrap();
        }
        let mut bytes = &wire[..];
        while !bytes.is_empty() {
            server.read_tls(&mut bytes).unwrap();
            server.process_new_packets()?;
        }
        let mut wire = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut wire).unwrap();
        }
        let mut bytes = &wire[..];
        while !bytes.is_empty() {
            client.read_tls(&mut bytes).unwrap();
            client.process_new_packets()?;
        }
    }
    Ok(client)
}

#[test]
fn the_handshake_is_tls_1_3_with_post_quantum_exchange() {
    let folder = tempfile::tempdir().unwrap();
    let files = local(folder.path());
    assert_eq!(fs::metadata(&files.key).unwrap().mode() & 0o777, 0o600);
    let certificate = ServerCertificate::load(&files.certificate, &files.key).unwrap();
    for name in ["localhost", "127.0.0.1"] {
        let config = tls::server_config(certificate.clone()).unwrap();
        let client = handshake(config, &files.authority, name).unwrap();
        assert_eq!(
            client.protocol_version(),
            Some(rustls::ProtocolVersion::TLSv1_3)
        );
        let group = client.negotiated_key_exchange_group().unwrap().name();
        assert_eq!(group, rustls::NamedGroup::X25519MLKEM768);
        assert_eq!(client.alpn_protocol(), Some(&b"h2"[..]));
    }
    let config = tls::server_config(certificate).unwrap();
    assert!(handshake(config, &files.authority, "example.org").is_err());
}

#[test]
fn a_certificate_is_reloaded_and_a_bad_one_never_replaces_it() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (first, second) = (local(one.path()), local(two.path()));
    let certificate = ServerCertificate::load(&first.certificate, &first.key).unwrap();
    fs::copy(&second.certificate, &first.certificate).unwrap();
    assert!(matches!(certificate.reload(), Err(TlsError::Mismatch(_))));
    let config = tls::server_config(certificate.clone()).unwrap();
    assert!(
        handshake(config, &first.authority, "localhost").is_ok(),
        "the old one still serves"
    );
    fs::copy(&second.key, &first.key).unwrap();
    certificate.reload().unwrap();
    let config = tls::server_config(certificate.clone()).unwrap();
    assert!(handshake(config, &second.authority, "localhost").is_ok());
    fs::write(&first.certificate, "nothing").unwrap();
    assert!(matches!(certificate.reload(), Err(TlsError::File { .. })));
}
