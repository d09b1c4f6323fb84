//! The hostile requests: a kind is a name, and what is fired at the server in one shot.
//!
//! Every kind comes from network addresses of its own (127.77.0.0/16), so that the honest client's
//! share is its own, as it is outside.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use postfach::entropy::array;
use postfach::service::{PartSubmission, Submission};
use postfach_crypto::codec;
use postfach_crypto::ids::{AgeHeaderHash, UploadId};
use postfach_crypto::statement::Signed;
use reqwest::{Client, Method};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PING, PREFACE, RESET, SETTINGS, WINDOW,
    bomb, frame, get, literal,
};
use crate::support::{Party, World};

/// Requests or frames of one shot, where a kind floods.
const BURST: usize = 100;
/// How long a shot waits for what the server has to say to it.
const PATIENCE: Duration = Duration::from_millis(500);

/// One kind of hostile request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    NoTls,
    TlsRecords,
    HalfOpenTls,
    OldTls,
    Flood,
    Pipelining,
    TwoLengths,
    TwoHosts,
    FoldedHeader,
    OtherHost,
    ManyHeaders,
    LongHeader,
    SlowHead,
    SlowBody,
    Traversal,
    SettingsFlood,
    PingFlood,
    RapidReset,
    ContinuationFlood,
    HeaderBomb,
    NoWindow,
    BadStreams,
    StrayData,
    Replay,
    Moved,
    Forged,
    Foreign,
    Expired,
    DeepCbor,
    LongCbor,
    ManyStanzas,
    WorkFactor,
    Oversize,
    Uploads,
    RepeatedStatement,
}

use Kind::*;

/// Every kind.
pub(crate) const KINDS: &[Kind] = &[
    NoTls,
    TlsRecords,
    HalfOpenTls,
    OldTls,
    Flood,
    Pipelining,
    TwoLengths,
    TwoHosts,
    FoldedHeader,
    OtherHost,
    ManyHeaders,
    LongHeader,
    SlowHead,
    SlowBody,
    Traversal,
    SettingsFlood,
    PingFlood,
    RapidReset,
    ContinuationFlood,
    HeaderBomb,
    NoWindow,
    BadStreams,
    StrayData,
    Replay,
    Moved,
    Forged,
    Foreign,
    Expired,
    DeepCbor,
    LongCbor,
    ManyStanzas,
    WorkFactor,
    Oversize,
    Uploads,
    RepeatedStatement,
];

/// What attackers have.
pub(crate) struct Rig {
    world: Arc<World>,
    one: Arc<rustls::ClientConfig>,
    two: Arc<rustls::ClientConfig>,
    old: Arc<rustls::ClientConfig>,
    /// A party of their own, which anybody can make, and one they want to read.
    own: Party,
    victim: Party,
}

impl Rig {
    pub(crate) async fn new(world: &Arc<World>, client: &Client) -> Self {
        let mut roots = rustls::RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_file(&world.root_certificate).unwrap())
            .unwrap();
        let config = |versions: &[&'static rustls::SupportedProtocolVersion], alpn: &[u8]| {
            let mut config = rustls::ClientConfig::builder_with_protocol_versions(versions)
                .with_root_certificates(roots.clone())
                .with_no_client_auth();
            config.alpn_protocols = vec![alpn.to_vec()];
            Arc::new(config)
        };
        Self {
            world: Arc::clone(world),
            one: config(&[&rustls::version::TLS13], b"http/1.1"),
            two: config(&[&rustls::version::TLS13], b"h2"),
            old: config(&[&rustls::version::TLS12], b"http/1.1"),
            own: world.party(client).await,
            victim: world.party(client).await,
        }
    }
}

/// Who fires one kind: from one address, with the connections that it holds open.
struct Attacker<'r> {
    rig: &'r Rig,
    from: SocketAddr,
    held: VecDeque<TlsStream<TcpStream>>,
}

/// Fires one kind until it was this many requests, and says how many it was.
pub(crate) async fn fire(rig: &Rig, number: usize, kind: Kind, requests: usize) -> usize {
    let host = u8::try_from(number).unwrap() + 1;
    let mut attacker = Attacker {
        rig,
        from: SocketAddr::from(([127, 77, host, 1], 0)),
        held: VecDeque::new(),
    };
    let mut fired = 0;
    while fired < requests {
        fired += Box::pin(attacker.shot(kind)).await;
    }
    fired
}

impl Attacker<'_> {
    /// One shot; how many requests it was. What becomes of it is the server's business.
    async fn shot(&mut self, kind: Kind) -> usize {
        let authority = self.rig.world.authority.clone();
        let info = format!("GET /v1/info HTTP/1.1\r\nhost: {authority}\r\n");
        match kind {
            NoTls => self.bytes(&array::<256>()).await,
            TlsRecords => {
                self.bytes(&[&[22, 3, 1, 0xff, 0xff][..], &[1; 64]].concat())
                    .await
            }
            HalfOpenTls => self.bytes(&[22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]).await,
            OldTls => {
                let _ = self.connect(&self.rig.old).await;
                1
            }
            Flood => self.repeat(&format!("{info}\r\n")).await,
            Pipelining => {
                let many = format!("{info}\r\n").repeat(BURST);
                self.one(many.as_bytes()).await;
                BURST
            }
            TwoLengths => {
                let both = "content-length: 5\r\ntransfer-encoding: chunked\r\n";
                let smuggled =
                    format!("0\r\n\r\nGET /v1/vaults HTTP/1.1\r\nhost: {authority}\r\n\r\n");
                self.repeat(&format!(
                    "POST /v1/statements HTTP/1.1\r\nhost: {authority}\r\n{both}\r\n{smuggled}"
                ))
                .await
            }
            TwoHosts => {
                self.repeat(&format!("{info}host: other.example\r\n\r\n"))
                    .await
            }
            FoldedHeader => self.repeat(&format!("{info}x: a\r\n b\r\n\r\n")).await,
            OtherHost => {
                let target = "GET https://other.example/v1/info HTTP/1.1";
                self.repeat(&format!("{target}\r\nhost: {authority}\r\n\r\n"))
                    .await
            }
            ManyHeaders => {
                let many: String = (0..200).map(|n| format!("x-{n}: y\r\n")).collect();
                self.repeat(&format!("{info}{many}\r\n")).await
            }
            LongHeader => {
                let long = "a".repeat(64 * 1024);
                self.repeat(&format!("{info}x: {long}\r\n\r\n")).await
            }
            SlowHead => self.hold(&format!("{info}x: ")).await,
            SlowBody => {
                let slow = "content-type: application/cbor\r\ncontent-length: 8000000\r\n\r\nab";
                self.hold(&format!(
                    "POST /v1/envelopes HTTP/1.1\r\nhost: {authority}\r\n{slow}"
                ))
                .await
            }
            Traversal => {
                let paths = "GET /v1/../../keys/receipt.key HTTP/1.1";
                let more = "GET /assets/%2e%2e%2f%2e%2e%2fkeys%00 HTTP/1.1";
                let host = format!("\r\nhost: {authority}\r\n\r\n");
                self.repeat(&format!("{paths}{host}{more}{host}")).await
            }
            SettingsFlood => self.two(frame(SETTINGS, 0, 0, &[]).repeat(BURST)).await,
            PingFlood => self.two(frame(PING, 0, 0, &[0; 8]).repeat(BURST)).await,
            RapidReset => {
                let block = get(&authority, "/v1/info");
                let pair = |n: usize| {
                    let stream = u32::try_from(2 * n + 1).unwrap();
                    let open = frame(HEADERS, END_STREAM | END_HEADERS, stream, &block);
                    [open, frame(RESET, 0, stream, &[0, 0, 0, 8])].concat()
                };
                self.two((0..BURST).flat_map(pair).collect()).await
            }
            ContinuationFlood => {
                let begun = frame(HEADERS, END_STREAM, 1, &get(&authority, "/v1/info"));
                let field = literal(0, "x");
                let field = [&field[..], &[1, b'y']].concat();
                let more = frame(CONTINUATION, 0, 1, &field.repeat(50)).repeat(BURST);
                self.two([begun, more].concat()).await
            }
            HeaderBomb => {
                let block = bomb(&authority);
                self.two(frame(HEADERS, END_STREAM | END_HEADERS, 1, &block))
                    .await;
                1
            }
            NoWindow => {
                let none = frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]);
                let block = get(&authority, "/v1/openapi.json");
                let ask = |n: usize| {
                    let stream = u32::try_from(2 * n + 1).unwrap();
                    frame(HEADERS, END_STREAM | END_HEADERS, stream, &block)
                };
                let asked: Vec<u8> = (0..60).flat_map(ask).collect();
                if let Some(mut stream) = self.connect(&self.rig.two).await {
                    let _ = stream.write_all(&[PREFACE, &none, &asked].concat()).await;
                    self.keep(stream);
                }
                60
            }
            BadStreams => {
                let block = get(&authority, "/v1/info");
                let open = |stream| frame(HEADERS, END_STREAM | END_HEADERS, stream, &block);
                self.two([open(9), open(3), open(2), open(0)].concat())
                    .await;
                4
            }
            StrayData => {
                let window = frame(WINDOW, 0, 0, &[0x7f, 0xff, 0xff, 0xff]);
                let data = frame(DATA, 0, 77, &[0; 1000]);
                self.two([window.repeat(2), data].concat()).await;
                3
            }
            Replay => self.signed(&self.rig.own, &self.rig.own, 0, "").await,
            Moved => {
                self.signed(&self.rig.own, &self.rig.own, 0, "?after=1")
                    .await
            }
            Forged => {
                let headers = "signature-input: sig=(\"@method\")\r\nsignature: sig=:AAAA:\r\n";
                self.repeat(&format!("{info}{headers}\r\n").replace("/v1/info", "/v1/vaults"))
                    .await
            }
            Foreign => self.signed(&self.rig.own, &self.rig.victim, 0, "").await,
            Expired => self.signed(&self.rig.own, &self.rig.own, 10_000, "").await,
            DeepCbor => self.post("statements", "cose", &[0x81; 60_000]).await,
            LongCbor => {
                let lengths = [0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
                self.post("envelopes", "cbor", &lengths).await
            }
            ManyStanzas => {
                let stanza = "-> X25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nAAAA\n";
                let header = format!("age-encryption.org/v1\n{}--- AAAA\n", stanza.repeat(1000));
                self.submission(header.into_bytes()).await
            }
            WorkFactor => {
                let header =
                    b"age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 64\nAAAA\n--- AAAA\n";
                self.submission(header.to_vec()).await
            }
            Oversize => {
                let length = "content-type: application/cose\r\ncontent-length: 99999999999\r\n";
                self.repeat(&format!(
                    "POST /v1/statements HTTP/1.1\r\nhost: {authority}\r\n{length}\r\n"
                ))
                .await
            }
            Uploads => {
                let target = "/v1/uploads";
                let headers = self.sign(&self.rig.own, &Method::POST, target, 0);
                let id = UploadId(array());
                let body = format!("{{\"id\":\"{id}\",\"length\":17179869184}}");
                self.repeat(&format!(
                    "POST {target} HTTP/1.1\r\nhost: {authority}\r\n{headers}content-type: \
                     application/json\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                ))
                .await
            }
            RepeatedStatement => {
                let bytes = self.rig.victim.keys.bytes();
                self.post("statements", "cose", bytes).await
            }
        }
    }

    /// A connection from this attacker's address, as far as it gets.
    async fn tcp(&self) -> Option<TcpStream> {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(self.from).unwrap();
        timeout(PATIENCE, socket.connect(self.rig.world.address))
            .await
            .ok()?
            .ok()
    }

    async fn connect(&self, config: &Arc<rustls::ClientConfig>) -> Option<TlsStream<TcpStream>> {
        let socket = self.tcp().await?;
        let name = ServerName::try_from("localhost").unwrap();
        let shaking = TlsConnector::from(Arc::clone(config)).connect(name, socket);
        timeout(4 * PATIENCE, Box::pin(shaking)).await.ok()?.ok()
    }

    /// Bytes without TLS.
    async fn bytes(&self, bytes: &[u8]) -> usize {
        if let Some(mut socket) = self.tcp().await {
            let _ = socket.write_all(bytes).await;
        }
        1
    }

    /// Bytes over TLS as HTTP/1.1; the end of what comes back is waited for, but not for long.
    async fn one(&self, bytes: &[u8]) {
        if let Some(stream) = self.connect(&self.rig.one).await {
            converse(stream, bytes).await;
        }
    }

    /// Frames over TLS as HTTP/2.
    async fn two(&self, frames: Vec<u8>) -> usize {
        if let Some(stream) = self.connect(&self.rig.two).await {
            let hello = frame(SETTINGS, 0, 0, &[]);
            converse(stream, &[PREFACE, &hello, &frames].concat()).await;
        }
        BURST
    }

    /// The same request ten times on one connection.
    async fn repeat(&self, request: &str) -> usize {
        self.one(request.repeat(10).as_bytes()).await;
        10
    }

    /// A request that is begun and never ended.
    async fn hold(&mut self, begun: &str) -> usize {
        if let Some(mut stream) = self.connect(&self.rig.one).await {
            let _ = stream.write_all(begun.as_bytes()).await;
            self.keep(stream);
        }
        1
    }

    /// Keeps as many connections as one address may have, and a few more.
    fn keep(&mut self, stream: TlsStream<TcpStream>) {
        self.held.push_back(stream);
        if self.held.len() > 40 {
            self.held.pop_front();
        }
    }

    fn sign(&self, signer: &Party, method: &Method, target: &str, age: u64) -> String {
        let world = &self.rig.world;
        let headers = signer.sign(&world.covered(method, target), world.seconds() - age);
        let (input, signature) = (headers.input, headers.signature);
        format!("signature-input: {input}\r\nsignature: {signature}\r\n")
    }

    /// A signed look into a mailbox, sent ten times; `added` to the path after it was signed.
    async fn signed(&self, signer: &Party, owner: &Party, age: u64, added: &str) -> usize {
        let target = format!("/v1/mailboxes/{}/envelopes", owner.address);
        let headers = self.sign(signer, &Method::GET, &target, age);
        let host = &self.rig.world.authority;
        self.repeat(&format!(
            "GET {target}{added} HTTP/1.1\r\nhost: {host}\r\n{headers}\r\n"
        ))
        .await
    }

    async fn post(&self, to: &str, kind: &str, body: &[u8]) -> usize {
        let host = &self.rig.world.authority;
        let head = format!(
            "POST /v1/{to} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/{kind}\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        let request = [head.as_bytes(), body].concat();
        self.one(&request.repeat(4)).await;
        4
    }

    /// A well-formed submission around a hostile age header.
    async fn submission(&self, age_header: Vec<u8>) -> usize {
        let archived = self
            .rig
            .world
            .archive(&self.rig.own, &[b"manifest"], &[None]);
        // The header names the hostile one, so that it gets as far as it can.
        let mut header = archived.header.payload().clone();
        header.parts[0].0 = AgeHeaderHash::of(&age_header);
        header.parts[0].1 = age_header.len() as u64;
        let header = Signed::sign(header, &self.rig.own.key).unwrap();
        let submission = codec::encode(&Submission {
            header: header.bytes().to_vec(),
            parts: vec![PartSubmission {
                age_header,
                payload: Some(archived.payloads[0].clone()),
                upload: None,
            }],
        });
        self.post("envelopes", "cbor", &submission).await
    }
}

/// Says this, ends its side, and hears what the server has to say, but not for long.
async fn converse(mut stream: TlsStream<TcpStream>, bytes: &[u8]) {
    let talk = async {
        if stream.write_all(bytes).await.is_ok() {
            let _ = stream.shutdown().await;
            let mut heard = vec![0; 16 * 1024];
            while matches!(stream.read(&mut heard).await, Ok(1..)) {}
        }
    };
    let _ = timeout(PATIENCE, Box::pin(talk)).await;
}
