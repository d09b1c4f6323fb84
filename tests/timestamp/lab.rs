//! A time-stamping authority made of `openssl` in a folder: a root, the authority's certificate, its
//! configuration; and an HTTP server before it that may misbehave.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use postfach::timestamp::TsaCertificates;

/// Extensions of a certificate for time-stamping.
pub const TIME_STAMPING: &str =
    "keyUsage = critical, digitalSignature\nextendedKeyUsage = critical, timeStamping\n";
pub const RSA: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
pub const P256: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
pub const P384: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"];

pub struct Lab {
    folder: tempfile::TempDir,
}

impl Lab {
    /// An authority with a key of this kind, whose certificate has these extensions.
    pub fn new(key: &[&str], extensions: &str) -> Self {
        let lab = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        lab.write("tsa.ext", extensions);
        let request = "[req]\ndistinguished_name = dn\n[dn]\n";
        lab.write("req.cnf", request);
        lab.key("root.key", P256);
        let root = "req -x509 -config req.cnf -new -key root.key -subj /CN=Root -days 30 \
                    -addext basicConstraints=critical,CA:true -out root.pem";
        lab.openssl(&words(root));
        lab.key("tsa.key", key);
        let request = "req -utf8 -config req.cnf -new -key tsa.key -out tsa.csr -subj";
        lab.openssl(&[&words(request)[..], &["/O=Test/CN=Zeitstempel Prüfstelle"]].concat());
        let issue = "x509 -req -in tsa.csr -CA root.pem -CAkey root.key -days 30 -set_serial 7 \
                     -extfile tsa.ext -out tsa.pem";
        lab.openssl(&words(issue));
        lab.configure("sha256", "sha256", "sha256, sha384, sha512");
        lab
    }

    fn key(&self, name: &str, kind: &[&str]) {
        let make = [&["genpkey", "-out", name][..], kind].concat();
        self.openssl(&make);
    }

    /// Which hash the authority signs over, names its certificate by, and accepts.
    pub fn configure(&self, signer: &str, certificate: &str, accepted: &str) {
        self.write("serial", "1000");
        let config = format!(
            "[t]\nserial = serial\nsigner_cert = tsa.pem\nsigner_key = tsa.key\n\
             signer_digest = {signer}\ndefault_policy = 1.2.3.4.1\ndigests = {accepted}\n\
             accuracy = secs:1, millisecs:500, microsecs:100\nclock_precision_digits = 3\n\
             ordering = yes\ntsa_name = yes\ness_cert_id_chain = no\ness_cert_id_alg = {certificate}\n"
        );
        self.write("ts.cnf", &config);
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// Runs openssl in the folder; says whether it succeeded.
    pub fn try_openssl(&self, arguments: &[&str]) -> Result<String, String> {
        let mut command = Command::new("openssl");
        command.current_dir(self.folder.path()).args(arguments);
        let done = command.output().expect("openssl is installed");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if done.status.success() {
            Ok(text(&done.stdout))
        } else {
            Err(text(&done.stderr))
        }
    }

    pub fn openssl(&self, arguments: &[&str]) -> String {
        self.try_openssl(arguments)
            .unwrap_or_else(|why| panic!("openssl {arguments:?}: {why}"))
    }

    /// The reply of `openssl ts` to a query.
    pub fn reply(&self, query: &[u8]) -> Vec<u8> {
        self.write("query.tsq", query);
        let reply = "ts -reply -config ts.cnf -section t -queryfile query.tsq -out reply.tsr";
        self.openssl(&words(reply));
        self.read("reply.tsr")
    }

    /// A CMS SignedData around any TSTInfo, by `openssl cms`.
    pub fn sign(&self, tst_info: &[u8], more: &str) -> Vec<u8> {
        self.write("info.der", tst_info);
        let sign = "cms -sign -binary -nodetach -in info.der -econtent_type 1.2.840.113549.1.9.16.1.4 \
                    -signer tsa.pem -inkey tsa.key -outform DER -out token.der";
        self.openssl(&[words(sign), words(more)].concat());
        self.read("token.der")
    }

    pub fn certificates(&self) -> TsaCertificates {
        TsaCertificates::from_pem(&self.read("tsa.pem")).unwrap()
    }

    /// Whether `openssl ts` accepts a token over this text.
    pub fn accepts(&self, token: &Path, text: &str) -> bool {
        self.write("text", text);
        let token = token.to_str().unwrap();
        let verify = "ts -verify -token_in -data text -CAfile root.pem -in";
        self.try_openssl(&[&words(verify)[..], &[token]].concat())
            .is_ok()
    }
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// How the HTTP server before the authority behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    Honest,
    Garbage,
    Endless,
    Late,
    Broken,
    /// Passes a query on with this byte changed, counted from its end.
    Changed(usize),
}

/// The HTTP server of an authority; ends with the runtime of its test.
pub struct Authority {
    pub lab: Arc<Lab>,
    pub address: SocketAddr,
    behaviour: Arc<Mutex<Behaviour>>,
}

/// From the end of a query: the last byte of the nonce stands before `certReq`.
pub const OF_NONCE: usize = 4;
/// From the end of a query: the last byte of the imprint stands before the nonce.
pub const OF_IMPRINT: usize = OF_NONCE + 10;

impl Authority {
    pub async fn start(lab: Lab) -> Self {
        let lab = Arc::new(lab);
        let behaviour = Arc::new(Mutex::new(Behaviour::Honest));
        let state = (Arc::clone(&lab), Arc::clone(&behaviour));
        let router = Router::new().route("/tsa", post(answer)).with_state(state);
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = tokio::net::TcpListener::bind(loopback).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(axum::serve(listener, router).into_future());
        Self {
            lab,
            address,
            behaviour,
        }
    }

    pub fn behave(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap() = behaviour;
    }

    pub fn url(&self) -> String {
        format!("http://{}/tsa", self.address)
    }
}

type Front = (Arc<Lab>, Arc<Mutex<Behaviour>>);

async fn answer(
    State((lab, behaviour)): State<Front>,
    headers: HeaderMap,
    query: Bytes,
) -> (StatusCode, Vec<u8>) {
    assert_eq!(headers["content-type"], "application/timestamp-query");
    let behaviour = *behaviour.lock().unwrap();
    let reply = match behaviour {
        Behaviour::Honest => lab.reply(&query),
        Behaviour::Garbage => b"<html>maintenance</html>".to_vec(),
        Behaviour::Endless => vec![0x30; 1024 * 1024],
        Behaviour::Late => std::future::pending().await,
        Behaviour::Broken => return (StatusCode::SERVICE_UNAVAILABLE, Vec::new()),
        Behaviour::Changed(from_end) => {
            let mut query = query.to_vec();
            let at = query.len() - from_end;
            query[at] ^= 1;
            lab.reply(&query)
        }
    };
    (StatusCode::OK, reply)
}
