//! The JSON resources, shared by server and client.
//!
//! Statements inside them are base64 of their exact bytes; hashes are lower-case hex, addresses
//! bech32m, times Unix milliseconds, lengths bytes.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::ToSchema;

/// Bytes that stand as base64 in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default, ToSchema)]
#[schema(value_type = String, format = Byte)]
pub struct Base64(pub Vec<u8>);

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64_STANDARD
            .decode(text)
            .map(Base64)
            .map_err(|_| de::Error::custom("not base64"))
    }
}

impl AsRef<[u8]> for Base64 {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// `GET /v1/info`: what a client must know before it trusts or sends anything.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Info {
    /// Version of the server software.
    pub version: String,
    /// Origin of the log.
    pub origin: String,
    /// Epoch of the log.
    pub epoch: u64,
    /// Host and port that request signatures cover.
    pub authority: String,
    /// The operator's root key, hex. Clients compare it with the one that they pinned.
    pub root: String,
    /// The operator's delegations.
    pub delegations: Vec<Base64>,
    /// The log's key in the form of C2SP signed-note, for log clients; ours take it from `delegations`.
    pub log_key: String,
    /// What the server accepts at most.
    pub limits: Limits,
    /// The server's time.
    pub time: u64,
}

/// What the server accepts at most, in bytes.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct Limits {
    /// One statement.
    pub statement: u64,
    /// One submission.
    pub submission: u64,
    /// One payload inside a submission; longer ones are uploaded.
    pub inline_payload: u64,
    /// Every `PATCH` of an upload but the last is a multiple of this.
    pub upload_chunk: u64,
    /// One `PATCH` of an upload.
    pub upload_append: u64,
    /// One upload.
    pub upload: u64,
}

/// A statement with its place in the log.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Logged {
    /// The exact bytes.
    pub statement: Base64,
    /// Its position in the log.
    pub position: u64,
    /// The receipt that answers it, in lists of keys, certificates, bindings and consents.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub receipt: Option<Base64>,
}

/// The answer to every accepted write.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AcceptedStatement {
    /// Hash of the accepted statement.
    pub statement: String,
    /// Its position in the log.
    pub position: u64,
    /// Its entry in the log.
    pub leaf: String,
    /// The receipt.
    pub receipt: Logged,
    /// Where both stand in the log.
    pub proof: LogProofResource,
    /// Head of the list that the statement joined; absent when it was known before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub head: Option<Base64>,
    /// Whether the statement was known before this request.
    pub repeated: bool,
    /// After a handover: the envelope's age headers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub age_headers: Option<Vec<Base64>>,
}

/// Where a statement and its receipt stand in the log, under one checkpoint.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LogProofResource {
    /// The signed checkpoint (C2SP tlog-checkpoint).
    pub checkpoint: String,
    /// Inclusion proof of the statement (RFC 6962 section 2.1.1).
    pub statement: Vec<Base64>,
    /// Inclusion proof of its receipt.
    pub receipt: Vec<Base64>,
}

/// `GET /log/timestamp/{position}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TimestampResource {
    /// Size of the checkpoint's tree: statements at smaller positions are covered.
    pub size: u64,
    /// The signed checkpoint (C2SP tlog-checkpoint).
    pub checkpoint: String,
    /// The time-stamp token over the text of the checkpoint's note (RFC 3161).
    pub token: Base64,
}

/// `GET /v1/bundle`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BundleResource {
    /// The newest bundle statement, with its receipt.
    pub bundle: Logged,
    /// The list of files whose hash it names.
    pub files: String,
}

/// `GET /v1/parties/{address}`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PartyResource {
    /// Key statements from number 0.
    pub keys: Vec<Logged>,
    /// Head of the key statements.
    pub keys_head: Base64,
    /// Certificates and revocations.
    pub certificates: Vec<Logged>,
    /// Head of the certificates.
    pub certificates_head: Base64,
}

/// `GET /v1/relations/{citizen}/{authority}`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RelationResource {
    /// Claims, bindings, consents and what ends them.
    pub entries: Vec<Logged>,
    /// Their head.
    pub head: Base64,
    /// Consents to all authorities.
    pub general: Vec<Logged>,
    /// Their head.
    pub general_head: Base64,
}

/// A page of a list: a mailbox, what was sent, a record, all certificates.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Page {
    /// Statements in order.
    pub entries: Vec<Logged>,
    /// Number of the first one, from 0.
    pub first: u64,
    /// How long the list is.
    pub count: u64,
    /// Head of the whole list.
    pub head: Base64,
}

/// A claim with the claimant's keys.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Claim {
    /// The claim.
    pub claim: Logged,
    /// The claimant's key statements.
    pub keys: Vec<Logged>,
}

/// `GET /v1/parties/{address}/claims`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Claims {
    /// Claims from the number asked for.
    pub claims: Vec<Claim>,
    /// Number to ask for next.
    pub next: u64,
}

/// `GET /v1/vaults`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Vaults {
    /// The signer's vaults, oldest first.
    pub vaults: Vec<VaultResource>,
}

/// A vault without what it holds.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VaultResource {
    /// Its id, hex.
    pub id: String,
    /// Its version, hex.
    pub version: String,
}

/// `GET /v1/envelopes/{hash}`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EnvelopeResource {
    /// Header, receipts and statements, in log order.
    pub entries: Vec<Logged>,
    /// Their head.
    pub head: Base64,
    /// The age headers, unless withheld until handover.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub age_headers: Option<Vec<Base64>>,
}

/// `POST /v1/uploads`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUpload {
    /// The sender's name for it, 16 bytes hex.
    #[serde(with = "crate::api::resources::text")]
    #[schema(value_type = String)]
    pub id: postfach_crypto::ids::UploadId,
    /// Its length.
    pub length: u64,
}

/// How far an upload is.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct UploadResource {
    /// Bytes it will have.
    pub length: u64,
    /// Bytes durably received: the offset to continue at.
    pub received: u64,
    /// Whether an envelope took it.
    pub taken: bool,
}

/// An error (RFC 9457).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// `urn:postfach:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened, in English.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What to do, in English.
    pub detail: String,
    /// What happened, in German.
    pub title_de: String,
    /// What to do, in German.
    pub detail_de: String,
    /// The server's time, for clocks that are wrong.
    pub time: u64,
    /// Where an upload continues.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub received: Option<u64>,
}

impl Problem {
    /// The code at the end of the type.
    pub fn code(&self) -> &str {
        self.kind.rsplit(':').next().unwrap_or(&self.kind)
    }
}

/// Values by their text form.
pub mod text {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize, Deserializer, Serializer, de};

    /// Writes the text form.
    pub fn serialize<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    /// Reads the text form.
    pub fn deserialize<'de, T: FromStr, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
        let text = String::deserialize(from)?;
        text.parse()
            .map_err(|_| de::Error::custom("value has another form than expected"))
    }
}
