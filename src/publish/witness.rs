//! One witness, asked over HTTP (C2SP tlog-witness, `add-checkpoint`).
//!
//! Invariant: what it answers is bounded in size and time, and is a signature only after the
//! publisher verified it.

use std::time::Duration;

use postfach_crypto::tlog::note::{MAX_NOTE, parse_signature_lines};
use postfach_crypto::tlog::policy::PolicyWitness;
use postfach_crypto::tlog::witness::parse_conflict;
use postfach_crypto::tlog::{AddCheckpoint, NoteSignature, SignedCheckpoint, VerifierKey};
use reqwest::StatusCode;

use crate::service::{Service, ServiceError};

/// A witness and how far it has followed.
#[derive(Debug)]
pub(super) struct Witness {
    name: String,
    key: VerifierKey,
    url: String,
    client: reqwest::Client,
    /// Size of the checkpoint that it cosigned last, as far as is known here.
    seen: u64,
}

/// Why a witness did not cosign.
#[derive(Debug, thiserror::Error)]
pub(super) enum WitnessError {
    #[error("the witness does not answer")]
    Away(#[source] reqwest::Error),
    #[error("the witness answered {0}")]
    Status(StatusCode),
    #[error("the witness's answer is not one of its protocol")]
    Answer,
    #[error("the witness has cosigned {theirs} statements that this log does not continue")]
    Contradiction { theirs: u64 },
    #[error(transparent)]
    Proof(#[from] ServiceError),
}

/// What came of one request.
enum Answer {
    Cosigned(Vec<NoteSignature>),
    /// It wants to go on from this size.
    From(u64),
}

impl Witness {
    /// None where the policy names no usable URL.
    pub(super) fn new(named: &PolicyWitness, timeout: Duration) -> Option<Self> {
        let url = String::from_utf8(named.url.clone()?).ok()?;
        let client = reqwest::Client::builder()
            .timeout(timeout)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("postfach/", env!("CARGO_PKG_VERSION")))
            .build()
            .ok()?;
        Some(Self {
            name: String::from_utf8_lossy(&named.name).into_owned(),
            key: named.key.clone(),
            url: format!("{}/add-checkpoint", url.trim_end_matches('/')),
            client,
            seen: 0,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// Asks for a cosignature; where the witness is elsewhere than thought, once more from there.
    pub(super) async fn ask(
        &mut self,
        service: &Service,
        signed: &SignedCheckpoint,
    ) -> Result<Vec<NoteSignature>, WitnessError> {
        let size = signed.head().size;
        for _ in 0..2 {
            match self.request(service, signed).await? {
                Answer::Cosigned(lines) => {
                    self.seen = size;
                    return Ok(lines);
                }
                Answer::From(theirs) if theirs > size => {
                    return Err(WitnessError::Contradiction { theirs });
                }
                Answer::From(theirs) => self.seen = theirs,
            }
        }
        Err(WitnessError::Answer)
    }

    async fn request(
        &self,
        service: &Service,
        signed: &SignedCheckpoint,
    ) -> Result<Answer, WitnessError> {
        let proof = service.consistency(self.seen, signed.head().size).await?;
        let body = AddCheckpoint::new(self.seen, proof, signed).to_body();
        let request = self.client.post(&self.url).body(body);
        let mut response = request.send().await.map_err(WitnessError::Away)?;
        let status = response.status();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(WitnessError::Away)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MAX_NOTE {
                return Err(WitnessError::Answer);
            }
        }
        let text = String::from_utf8(bytes).map_err(|_| WitnessError::Answer)?;
        match status {
            StatusCode::OK => parse_signature_lines(&text)
                .map(Answer::Cosigned)
                .map_err(|_| WitnessError::Answer),
            StatusCode::CONFLICT => parse_conflict(&text)
                .map(Answer::From)
                .ok_or(WitnessError::Answer),
            StatusCode::UNPROCESSABLE_ENTITY => {
                Err(WitnessError::Contradiction { theirs: self.seen })
            }
            other => Err(WitnessError::Status(other)),
        }
    }
}
