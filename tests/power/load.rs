//! Parties who send as fast as they are answered, and remember what was acknowledged.
//!
//! Invariant: what stands in [`Acknowledged`] had been answered with 2xx, whole; a request whose
//! answer did not come is in nobody's books.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use postfach::api::http_signature::{Covered, SignatureHeaders, content_digest};
use postfach::api::resources::AcceptedStatement;
use postfach::entropy::array;
use postfach_crypto::ids::{StatementHash, UploadId};
use postfach_crypto::statement::Context;
use reqwest::{Client, Method, RequestBuilder};

use crate::machine::Machine;
use crate::support::{Archived, Party, certificate, with_signature};

/// Bytes of a large attachment: three chunks of an upload, the last of them short.
const LARGE: usize = (2 << 20) + 4321;
/// Bytes of an attachment that stays in the journal.
const SMALL: usize = 20_000;
const CHUNK: usize = 1 << 20;

/// What a round of load sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mix {
    /// Manifests, small attachments and large ones, as a day brings them.
    Everything,
    /// Large attachments only.
    Large,
}

/// A request that was acknowledged, and with what.
pub(crate) enum Acknowledged {
    /// A statement with its receipt.
    Statement {
        bytes: Vec<u8>,
        answer: Box<AcceptedStatement>,
    },
    /// An envelope with its receipt.
    Envelope {
        archived: Box<Archived>,
        answer: Box<AcceptedStatement>,
        sender: Arc<Sender>,
    },
    /// An upload up to this offset.
    Upload {
        id: UploadId,
        received: u64,
        sender: Arc<Sender>,
    },
}

/// A party with connections of its own.
pub(crate) struct Sender {
    pub(crate) party: Party,
    pub(crate) client: Client,
    authority: String,
    outbox: Mutex<Outbox>,
    powerless: AtomicBool,
}

/// Where a sender stands: the envelope receipted last, and the one that was on its way.
#[derive(Default)]
struct Outbox {
    previous: Option<StatementHash>,
    pending: Option<Box<Archived>>,
}

impl Sender {
    /// Registers a new party and certifies it.
    pub(crate) async fn register(
        machine: &Machine,
        acknowledged: &mut Vec<Acknowledged>,
    ) -> Result<Arc<Self>, Lost> {
        let sender = Self {
            party: Party::generate(machine.context()),
            client: machine.client(),
            authority: machine.authority(),
            outbox: Mutex::default(),
            powerless: AtomicBool::new(false),
        };
        let key = machine.certification_key();
        let certificate = certificate(machine.context(), sender.party.address, &key);
        for bytes in [sender.party.keys.bytes(), certificate.bytes()] {
            let answer = Box::new(sender.accepted(sender.post_statement(bytes)).await?);
            acknowledged.push(Acknowledged::Statement {
                bytes: bytes.to_vec(),
                answer,
            });
        }
        Ok(Arc::new(sender))
    }

    /// The power goes at this moment: answers that come later reach nobody. The kernel goes on
    /// after [`crate::disk::Disk::cut`], and was seen to confirm a sync that it had dropped.
    pub(crate) fn lose_power(&self) {
        self.powerless.store(true, Ordering::SeqCst);
    }

    /// The power is back.
    pub(crate) fn regain_power(&self) {
        self.powerless.store(false, Ordering::SeqCst);
    }

    fn is_powerless(&self) -> bool {
        self.powerless.load(Ordering::SeqCst)
    }

    /// Sends a request; a refusal for another reason than the power is a fault of the server.
    pub(crate) async fn answer(&self, request: RequestBuilder) -> Result<Bytes, Lost> {
        let answer = request.send().await.map_err(|_| Lost)?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(|_| Lost)?;
        if status.is_server_error() || self.is_powerless() {
            return Err(Lost);
        }
        assert!(
            status.is_success(),
            "refused with {status}: {}",
            String::from_utf8_lossy(&body)
        );
        Ok(body)
    }

    /// Sends a request and reads the receipt.
    pub(crate) async fn accepted(
        &self,
        request: RequestBuilder,
    ) -> Result<AcceptedStatement, Lost> {
        let body = self.answer(request).await?;
        Ok(serde_json::from_slice(&body).unwrap())
    }

    fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.authority)
    }

    pub(crate) fn post_statement(&self, bytes: &[u8]) -> RequestBuilder {
        let request = self.client.post(self.url("/v1/statements"));
        request
            .header("content-type", "application/cose")
            .body(bytes.to_vec())
    }

    pub(crate) fn post_envelope(&self, archived: &Archived) -> RequestBuilder {
        let request = self.client.post(self.url("/v1/envelopes"));
        request
            .header("content-type", "application/cbor")
            .body(archived.submission.clone())
    }

    /// A request without a body, signed.
    pub(crate) fn signed(&self, method: Method, path: &str) -> RequestBuilder {
        let headers = self.sign(&method, path, &[]);
        with_signature(self.client.request(method, self.url(path)), &headers)
    }

    fn sign(&self, method: &Method, path: &str, fields: &[(&str, &str)]) -> SignatureHeaders {
        let covered = Covered {
            method: method.as_str(),
            authority: &self.authority,
            path,
            query: None,
            fields,
        };
        self.party.sign(&covered, postfach::clock::now().0 / 1000)
    }

    /// Sends until the power is gone.
    pub(crate) async fn work(
        self: Arc<Self>,
        context: impl Fn() -> Context,
        mix: Mix,
    ) -> Vec<Acknowledged> {
        let mut acknowledged = Vec::new();
        if self.send_pending(&mut acknowledged).await.is_err() {
            return acknowledged;
        }
        let mut number = 0_u32;
        while !self.is_powerless() {
            number += 1;
            let sent = match (mix, number % 8) {
                (Mix::Large, _) | (Mix::Everything, 5) => {
                    self.send_large(context(), &mut acknowledged).await
                }
                (Mix::Everything, n) => {
                    let text = vec![7; SMALL];
                    let texts: &[&[u8]] = if n.is_multiple_of(2) {
                        &[b"a notice", &text]
                    } else {
                        &[b"a notice"]
                    };
                    let archived = self.seal(context(), texts, None);
                    self.send(archived, &mut acknowledged).await
                }
            };
            if sent.is_err() {
                break;
            }
        }
        acknowledged
    }

    /// Sends an envelope; where no answer comes, it stays in the outbox.
    async fn send(
        self: &Arc<Self>,
        archived: Archived,
        acknowledged: &mut Vec<Acknowledged>,
    ) -> Result<(), Lost> {
        self.outbox.lock().unwrap().pending = Some(Box::new(archived));
        self.send_pending(acknowledged).await
    }

    /// Sends what is in the outbox: the same bytes, whether they had arrived before or not.
    async fn send_pending(
        self: &Arc<Self>,
        acknowledged: &mut Vec<Acknowledged>,
    ) -> Result<(), Lost> {
        let Some(archived) = self.outbox.lock().unwrap().pending.take() else {
            return Ok(());
        };
        let answer = self.accepted(self.post_envelope(&archived)).await;
        let mut outbox = self.outbox.lock().unwrap();
        match answer {
            Ok(answer) => {
                outbox.previous = Some(archived.header.hash());
                acknowledged.push(Acknowledged::Envelope {
                    archived,
                    answer: Box::new(answer),
                    sender: Arc::clone(self),
                });
                Ok(())
            }
            Err(lost) => {
                outbox.pending = Some(archived);
                Err(lost)
            }
        }
    }

    /// An envelope after the one receipted last.
    fn seal(&self, context: Context, texts: &[&[u8]], upload: Option<UploadId>) -> Archived {
        let previous = self.outbox.lock().unwrap().previous;
        self.party
            .archive(context, previous, texts, &[None, upload])
    }

    async fn send_large(
        self: &Arc<Self>,
        context: Context,
        acknowledged: &mut Vec<Acknowledged>,
    ) -> Result<(), Lost> {
        let id = UploadId(array());
        let text = vec![9; LARGE];
        let archived = self.seal(context, &[b"a long notice", &text], Some(id));
        let payload = &archived.payloads[1];
        let create = self.signed(Method::POST, "/v1/uploads");
        let body = format!("{{\"id\":\"{id}\",\"length\":{}}}", payload.len());
        self.answer(create.header("content-type", "application/json").body(body))
            .await?;
        let path = format!("/v1/uploads/{id}");
        let mut received = 0;
        for piece in payload.chunks(CHUNK) {
            let (digest, offset) = (content_digest(piece), received.to_string());
            let fields = [
                ("upload-offset", offset.as_str()),
                ("content-digest", digest.as_str()),
            ];
            let headers = self.sign(&Method::PATCH, &path, &fields);
            let request = with_signature(self.client.patch(self.url(&path)), &headers)
                .header("content-type", "application/octet-stream")
                .header("upload-offset", &offset)
                .header("content-digest", &digest);
            self.answer(request.body(piece.to_vec())).await?;
            received += piece.len() as u64;
            acknowledged.push(Acknowledged::Upload {
                id,
                received,
                sender: Arc::clone(self),
            });
        }
        self.send(archived, acknowledged).await
    }
}

/// No answer came in time, or that the server cannot store any more.
#[derive(Debug)]
pub(crate) struct Lost;
