//! The pages in the browser: stated in the log when the server starts, and compared by `postfach audit`, which notices
//! a line that changes them.

use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use postfach::server::tls::{ServerCertificate, server_config};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

use crate::machine::{Machine, ORIGIN, Transcript};

/// A path that is changed, and for whom.
const CHANGED: &str = "/check.js";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lie {
    None,
    /// Another script for everybody.
    Plain,
    /// Another script for whoever takes brotli, as browsers do.
    Brotli,
    LeftOut,
    /// Nothing is said of the pages.
    Unstated,
    /// The list is another one than was signed.
    OtherList,
}

/// A line to the real server that may lie.
struct Line {
    target: String,
    client: reqwest::Client,
    lie: Mutex<Lie>,
}

async fn forward(State(line): State<Arc<Line>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let coding = request.headers().get(header::ACCEPT_ENCODING).cloned();
    let asked = request.uri().path_and_query().unwrap();
    let mut asked = line.client.get(format!("{}{asked}", line.target));
    if let Some(coding) = &coding {
        asked = asked.header(header::ACCEPT_ENCODING, coding);
    }
    let answer = asked.send().await.unwrap();
    let mut headers = HeaderMap::new();
    for name in [header::CONTENT_TYPE, header::CONTENT_ENCODING] {
        if let Some(value) = answer.headers().get(&name) {
            headers.insert(name, value.clone());
        }
    }
    let (status, body) = (answer.status(), answer.bytes().await.unwrap());
    let takes_brotli = coding.is_some_and(|it| it.to_str().unwrap().contains("br"));
    let other = Bytes::from_static(b"alert('other');");
    match *line.lie.lock().unwrap() {
        Lie::Plain if path == CHANGED => other.into_response(),
        Lie::Brotli if path == CHANGED && takes_brotli => other.into_response(),
        Lie::LeftOut if path == CHANGED => StatusCode::NOT_FOUND.into_response(),
        Lie::Unstated if path == "/v1/bundle" => StatusCode::NOT_FOUND.into_response(),
        Lie::OtherList if path == "/v1/bundle" => {
            let text = String::from_utf8(body.to_vec()).unwrap();
            let text = text.replace(CHANGED, "/other.js");
            (status, headers, text).into_response()
        }
        _ => (status, headers, body).into_response(),
    }
}

/// Opens the line under the server's own certificate; answers its address.
fn open(runtime: &Runtime, machine: &Machine) -> (Arc<Line>, String) {
    let ca = reqwest::Certificate::from_pem(&machine.read("tls/authority.pem")).unwrap();
    let client = reqwest::Client::builder().tls_certs_only([ca]);
    let line = Arc::new(Line {
        target: machine.service(),
        client: client.build().unwrap(),
        lie: Mutex::new(Lie::None),
    });
    let certificate = ServerCertificate::load(
        &machine.path("tls/server.pem"),
        &machine.path("tls/server-key.pem"),
    );
    let acceptor = TlsAcceptor::from(Arc::new(server_config(certificate.unwrap()).unwrap()));
    let app = Router::new()
        .fallback(forward)
        .with_state(Arc::clone(&line));
    let listener = runtime
        .block_on(TcpListener::bind(("127.0.0.1", 0)))
        .unwrap();
    let url = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, app) = (acceptor.clone(), app.clone());
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    let service = TowerToHyperService::new(app);
                    let _ = Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                }
            });
        }
    });
    (line, url)
}

fn audit(machine: &Machine, url: &str, more: &[&str]) -> Transcript {
    let base = ["audit", url, "--root", &machine.root, "--origin", ORIGIN];
    let ca = ["--ca", "tls/authority.pem"];
    machine.run(&[&base[..], &ca, more].concat())
}

/// Whether this program has pages: they are built from `web/`, which needs Node.
fn built_pages() -> Option<&'static str> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/web/dist/pages");
    Path::new(folder)
        .join("index.html")
        .exists()
        .then_some(folder)
}

#[test]
fn pages_are_stated_once_and_every_change_of_them_is_named() {
    let mut machine = Machine::prepared();
    machine.serve();
    let runtime = Runtime::new().unwrap();
    let (line, url) = open(&runtime, &machine);
    let first = audit(&machine, &url, &["--json"]).done();
    let Some(folder) = built_pages() else {
        assert_eq!(first["pages"], serde_json::Value::Null);
        return;
    };
    assert!(first["pages"]["count"].as_u64().unwrap() > 20, "{first}");

    // Started again with the same pages, the server says nothing new.
    machine.kill_server();
    machine.serve();
    let again = audit(&machine, &url, &["--json", "--pages", folder]).done();
    for field in ["files", "since", "version"] {
        assert_eq!(again["pages"][field], first["pages"][field], "{field}");
    }
    assert_eq!(again["size"], first["size"]);
    assert!(again["pages"]["position"].as_u64() < again["size"].as_u64());
    assert_eq!(again["pages"]["different"], serde_json::json!([]));

    // A folder that was built from something else.
    let other = machine.path("other-pages");
    std::fs::create_dir_all(&other).unwrap();
    std::fs::write(other.join("index.html"), "other").unwrap();
    let transcript = audit(&machine, &url, &["--pages", "other-pages"]);
    assert_eq!(transcript.exit, 8, "{transcript:?}");
    assert!(transcript.out.contains("/index.html") && transcript.out.contains("OPERATOR_FILE"));

    for (lie, said) in [
        (Lie::Plain, "another /check.js than it stated"),
        (Lie::Brotli, "another /check.js than it stated"),
        (Lie::LeftOut, "does not serve /check.js"),
        (Lie::Unstated, "that its log says nothing about"),
        (Lie::OtherList, "not the one that the operator signed"),
    ] {
        *line.lie.lock().unwrap() = lie;
        let transcript = audit(&machine, &url, &[]);
        assert_eq!(transcript.exit, 1, "{lie:?}: {transcript:?}");
        assert!(transcript.err.contains(said), "{lie:?}: {transcript:?}");
    }
    *line.lie.lock().unwrap() = Lie::None;
    assert_eq!(audit(&machine, &url, &["--lang", "de"]).exit, 0);
}
