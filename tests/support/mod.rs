//! A real server on loopback, with its operator, its store in a folder, and parties to speak to it.
#![allow(dead_code, unreachable_pub)] // each test binary uses its own part of it
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use postfach::api::http_signature::{Covered, SignatureHeaders, sign};
use postfach::entropy::{array, entropy};
use postfach::publish::Publisher;
use postfach::server::limits::Limits;
use postfach::server::operator::{certification_key, init_operator, load_operator, open_service};
use postfach::server::{ServeError, Server, tls};
use postfach::service::{PartSubmission, Service, Submission};
use postfach_crypto::age::{self, HybridIdentity, Recipients};
use postfach_crypto::codec;
use postfach_crypto::ids::{
    Address, AgeHeaderHash, Blind, EnvelopeId, ManifestHash, PayloadHash, StatementHash,
    UnixMillis, UploadId,
};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::statement::{
    Certificate, Context, DeliveryClass, EnvelopeHeader, KeyStatement, ListHead, PartReference,
    RecipientKey, Signed,
};
use postfach_storage::embedded::Options;
use reqwest::{Client, Method, RequestBuilder, Response};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const ORIGIN: &str = "mailbox.example/test";
const MIB: u64 = 1024 * 1024;

/// A running server.
pub struct World {
    pub address: SocketAddr,
    pub observation: SocketAddr,
    /// The door of this machine alone: plain HTTP.
    pub local: SocketAddr,
    pub authority: String,
    pub service: Arc<Service>,
    pub root_certificate: PathBuf,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<Result<(), ServeError>>>,
    folder: tempfile::TempDir,
}

/// Small segments and caches, so that a test's store is small.
pub fn small_store() -> Options {
    Options {
        segment_bytes: 4 * MIB,
        index_cache: 4 * MIB,
        reserve_bytes: MIB,
        ..Options::default()
    }
}

impl World {
    /// Starts a server with these limits.
    pub async fn start(limits: Limits) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), limits, &small_store(), None).await
    }

    /// Starts a server with the usual limits, and a party that it knows.
    pub async fn with_party() -> (Self, Client, Party) {
        let world = Self::start(Limits::default()).await;
        let client = world.client();
        let party = world.party(&client).await;
        (world, client, party)
    }

    /// Starts a server over what lies in `folder`; clients know it as `public`, where it is not
    /// its own address.
    pub async fn start_in(
        folder: tempfile::TempDir,
        limits: Limits,
        options: &Options,
        public: Option<String>,
    ) -> Self {
        let _ = tls::provider().install_default();
        let keys = folder.path().join("keys");
        let now = postfach::clock::now();
        let files = folder.path().join("tls");
        if !keys.exists() {
            init_operator(&keys, ORIGIN, now, &mut entropy()).unwrap();
            tls::make_local_authority(&files, &["localhost"], now).unwrap();
        }
        let data = folder.path().join("data");
        let service = open_service(&data, options, load_operator(&keys).unwrap(), None)
            .await
            .unwrap();
        Self::serve(folder, service, limits, public).await
    }

    /// Serves a service with the certificate in `folder`.
    pub async fn serve(
        folder: tempfile::TempDir,
        service: Arc<Service>,
        limits: Limits,
        public: Option<String>,
    ) -> Self {
        Self::serve_published(folder, service, limits, public, None).await
    }

    /// The same, and publishes the log.
    pub async fn serve_published(
        folder: tempfile::TempDir,
        service: Arc<Service>,
        limits: Limits,
        public: Option<String>,
        publisher: Option<Publisher>,
    ) -> Self {
        let more = |server: Server| match publisher {
            Some(publisher) => server.publishing(publisher),
            None => server,
        };
        Self::serve_with(folder, service, limits, public, more).await
    }

    /// The same, with more that the server does.
    pub async fn serve_with(
        folder: tempfile::TempDir,
        service: Arc<Service>,
        limits: Limits,
        public: Option<String>,
        more: impl FnOnce(Server) -> Server,
    ) -> Self {
        let files = folder.path().join("tls");
        let certificate =
            tls::ServerCertificate::load(&files.join("server.pem"), &files.join("server-key.pem"))
                .unwrap();
        let config = Arc::new(tls::server_config(certificate).unwrap());

        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = Server::bind(loopback, Some(loopback)).await.unwrap();
        let server = more(server.locally(Some(loopback)).await.unwrap());
        let local = server.local_address().unwrap();
        let (address, observation) = (server.address(), server.observation_address().unwrap());
        let authority = public.unwrap_or_else(|| format!("localhost:{}", address.port()));
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn({
            let (service, authority) = (Arc::clone(&service), authority.clone());
            async move {
                let shutdown = async { drop(stopped.await) };
                server
                    .serve(service, &authority, config, limits, shutdown)
                    .await
            }
        });
        Self {
            address,
            observation,
            local,
            authority,
            service,
            root_certificate: files.join("authority.pem"),
            stop: Some(stop),
            serving: Some(serving),
            folder,
        }
    }

    /// What speaks to a server in another process, over the operator's keys in `folder`. The service
    /// here has a store of its own and only knows the operator.
    pub async fn beside(
        folder: tempfile::TempDir,
        address: SocketAddr,
        observation: SocketAddr,
    ) -> Self {
        let keys = load_operator(&folder.path().join("keys")).unwrap();
        let beside = folder.path().join("beside");
        let service = open_service(&beside, &small_store(), keys, None).await;
        Self {
            address,
            observation,
            local: address,
            authority: format!("localhost:{}", address.port()),
            service: service.unwrap(),
            root_certificate: folder.path().join("tls/authority.pem"),
            stop: None,
            serving: None,
            folder,
        }
    }

    /// Where the operator's keys, certificates and data are.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Stops the server and gives its folder back.
    pub async fn into_folder(mut self) -> tempfile::TempDir {
        self.stop();
        self.serving.take().unwrap().await.unwrap().unwrap();
        self.folder
    }

    /// Tells the server to stop.
    pub fn stop(&mut self) {
        self.stop.take().map(|stop| stop.send(()));
    }

    /// How the server ended.
    pub async fn ended(mut self) -> Result<(), ServeError> {
        self.stop();
        self.serving.take().unwrap().await.unwrap()
    }

    /// A client of the server.
    pub fn client(&self) -> Client {
        self.client_with(|builder| builder)
    }

    /// A client with further settings.
    pub fn client_with(
        &self,
        set: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> Client {
        let pem = std::fs::read(&self.root_certificate).unwrap();
        let root = reqwest::Certificate::from_pem(&pem).unwrap();
        let builder = Client::builder()
            .tls_certs_only([root])
            .resolve("localhost", self.address)
            .timeout(Duration::from_secs(60));
        set(builder).build().unwrap()
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.authority)
    }

    pub fn context(&self) -> Context {
        Context {
            origin: ORIGIN.to_owned(),
            epoch: self.service.epoch(),
            time: self.service.now(),
            blind: Blind(array()),
        }
    }

    /// A party with a certificate, which may upload.
    pub async fn authority(&self, client: &Client) -> Party {
        let party = self.party(client).await;
        self.certify(client, &party).await;
        party
    }

    /// Makes a party an authority.
    pub async fn certify(&self, client: &Client, party: &Party) {
        let key = certification_key(&self.folder().join("keys")).unwrap();
        let certificate = certificate(self.context(), party.address, &key);
        let answer = self.post_statement(client, certificate.bytes()).await;
        assert_eq!(answer.status(), 201);
    }

    /// A new party, known to the server.
    pub async fn party(&self, client: &Client) -> Party {
        let party = Party::generate(self.context());
        let answer = self.post_statement(client, party.keys.bytes()).await;
        assert_eq!(answer.status(), 201);
        party
    }

    pub async fn post_statement(&self, client: &Client, bytes: &[u8]) -> Response {
        client
            .post(self.url("/v1/statements"))
            .header("content-type", "application/cose")
            .body(bytes.to_vec())
            .send()
            .await
            .unwrap()
    }

    pub async fn post_envelope(&self, client: &Client, bytes: Vec<u8>) -> Response {
        client
            .post(self.url("/v1/envelopes"))
            .header("content-type", "application/cbor")
            .body(bytes)
            .send()
            .await
            .unwrap()
    }

    /// The server's time in seconds.
    pub fn seconds(&self) -> u64 {
        self.service.now().0 / 1000
    }

    /// What a signature of this request covers.
    pub fn covered<'a>(&'a self, method: &'a Method, target: &'a str) -> Covered<'a> {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        Covered {
            method: method.as_str(),
            authority: &self.authority,
            path,
            query,
            fields: &[],
        }
    }

    /// A request in a party's name.
    pub fn signed(
        &self,
        client: &Client,
        party: &Party,
        method: Method,
        target: &str,
    ) -> RequestBuilder {
        let headers = party.sign(&self.covered(&method, target), self.seconds());
        with_signature(client.request(method, self.url(target)), &headers)
    }

    /// What the server answers to a request in a party's name.
    pub async fn ask(
        &self,
        client: &Client,
        party: &Party,
        method: Method,
        target: &str,
    ) -> Response {
        let request = self.signed(client, party, method, target);
        request.send().await.unwrap()
    }

    /// A signed piece of an upload.
    pub fn piece(
        &self,
        client: &Client,
        party: &Party,
        id: UploadId,
        offset: u64,
        digest: &str,
        bytes: Vec<u8>,
    ) -> RequestBuilder {
        let (target, offset) = (format!("/v1/uploads/{id}"), offset.to_string());
        let covered = Covered {
            fields: &[("upload-offset", &offset), ("content-digest", digest)],
            ..self.covered(&Method::PATCH, &target)
        };
        let headers = party.sign(&covered, self.seconds());
        with_signature(client.patch(self.url(&target)), &headers)
            .header("content-type", "application/octet-stream")
            .header("upload-offset", &offset)
            .header("content-digest", digest)
            .body(bytes)
    }

    /// An envelope from a party to its own archive; its parts inline or uploaded before.
    pub fn archive(
        &self,
        party: &Party,
        texts: &[&[u8]],
        uploads: &[Option<UploadId>],
    ) -> Archived {
        party.archive(self.context(), None, texts, uploads)
    }
}

/// A certificate that makes a party an authority.
pub fn certificate(context: Context, subject: Address, key: &SigningKey) -> Signed<Certificate> {
    let now = postfach::clock::now();
    let certificate = Certificate {
        context,
        subject,
        name: "Stadt Musterhausen".to_owned(),
        municipality_code: "09".parse().unwrap(),
        from: now,
        until: UnixMillis(now.0 + 1_000_000),
        ext: None,
    };
    Signed::sign(certificate, key).unwrap()
}

/// A party with its keys.
pub struct Party {
    pub address: Address,
    pub key: SigningKey,
    pub identity: HybridIdentity,
    pub keys: Signed<KeyStatement>,
}

impl Party {
    /// A party that no server knows yet.
    pub fn generate(context: Context) -> Self {
        let key = SigningKey::generate(&mut entropy());
        let recovery = SigningKey::generate(&mut entropy())
            .verifying_key()
            .recovery_hash();
        let identity = HybridIdentity::generate(&mut entropy());
        let address = Address::of(&key.verifying_key(), &recovery);
        let statement = KeyStatement {
            context,
            address,
            number: 0,
            previous: None,
            identity: key.verifying_key(),
            recovery,
            recipients: vec![RecipientKey::x_wing(&identity.recipient().to_bytes())],
            signers: Vec::new(),
            possession: None,
            recovered_with: None,
            home: None,
            ext: None,
        };
        let keys = Signed::sign(statement, &key).unwrap();
        Self {
            address,
            key,
            identity,
            keys,
        }
    }

    /// An envelope to its own archive after `previous`; its parts inline or uploaded before.
    pub fn archive(
        &self,
        context: Context,
        previous: Option<StatementHash>,
        texts: &[&[u8]],
        uploads: &[Option<UploadId>],
    ) -> Archived {
        let recipients = Recipients::Hybrid(vec![self.identity.recipient()]);
        let (mut references, mut parts, mut payloads) = (Vec::new(), Vec::new(), Vec::new());
        for (text, upload) in texts.iter().zip(uploads) {
            let (header, payload) = age::encrypt(&recipients, text, &mut entropy()).unwrap();
            references.push(PartReference(
                AgeHeaderHash::of(header.as_bytes()),
                header.as_bytes().len() as u64,
                PayloadHash::of(&payload),
                payload.len() as u64,
            ));
            parts.push(PartSubmission {
                age_header: header.as_bytes().to_vec(),
                payload: upload.is_none().then(|| payload.clone()),
                upload: *upload,
            });
            payloads.push(payload);
        }
        let header = EnvelopeHeader {
            context,
            envelope_id: EnvelopeId(array()),
            sender: self.address,
            signer: self.key.verifying_key(),
            sender_keys: self.keys.hash(),
            recipient: self.address,
            recipient_keys: self.keys.hash(),
            binding: None,
            parts: references,
            manifest: ManifestHash::of(texts[0]),
            class: DeliveryClass::Ordinary,
            legal_rule: None,
            consent: None,
            previous,
            sender_head: ListHead::of(&[self.keys.hash()]),
            acting_under: None,
            on_behalf_of: None,
            tenant: None,
            providers: None,
            ext: None,
            acceptance_until: None,
        };
        let header = Signed::sign(header, &self.key).unwrap();
        let submission = codec::encode(&Submission {
            header: header.bytes().to_vec(),
            parts,
        });
        Archived {
            header,
            submission,
            payloads,
        }
    }

    pub fn sign(&self, covered: &Covered<'_>, now: u64) -> SignatureHeaders {
        sign(covered, self.address, &self.key, now)
    }
}

/// An envelope to oneself.
pub struct Archived {
    pub header: Signed<EnvelopeHeader>,
    pub submission: Vec<u8>,
    pub payloads: Vec<Vec<u8>>,
}

pub fn with_signature(request: RequestBuilder, headers: &SignatureHeaders) -> RequestBuilder {
    request
        .header("signature-input", &headers.input)
        .header("signature", &headers.signature)
}

/// Asserts that an answer is this problem, complete in all that a client relies on.
pub async fn assert_problem(answer: Response, status: u16, code: &str) -> serde_json::Value {
    assert_eq!(answer.status(), status, "{code}");
    let headers = answer.headers().clone();
    assert_eq!(headers["content-type"], "application/problem+json");
    assert_eq!(headers["cache-control"], "no-store");
    let problem: serde_json::Value =
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(problem["type"], format!("urn:postfach:problem:{code}"));
    assert_eq!(problem["status"], status);
    assert!(problem["time"].as_u64().unwrap() > 1_700_000_000_000);
    for field in ["title", "detail", "title_de", "detail_de"] {
        assert!(!problem[field].as_str().unwrap().is_empty());
    }
    assert_eq!(
        headers.contains_key("retry-after"),
        matches!(status, 429 | 503 | 507)
    );
    problem
}
