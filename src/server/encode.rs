//! From the service's views to the JSON resources of [`crate::api::resources`].

use bytes::Bytes;
use postfach_crypto::ids::TreeHash;
use postfach_crypto::statement::Signed;
use postfach_storage::UploadStatus;

use crate::api::resources::{
    AcceptedStatement, Base64, Claim, EnvelopeResource, Info, Limits, LogProofResource, Logged,
    Page, PartyResource, RelationResource, UploadResource,
};
use crate::service::{
    Accepted, ClaimView, EntryPage, EnvelopeView, LogProof, LoggedStatement, PartyView,
    RelationView, Service,
};

fn base64(bytes: &Bytes) -> Base64 {
    Base64(bytes.to_vec())
}

fn logged(statements: &[LoggedStatement]) -> Vec<Logged> {
    statements.iter().map(Logged::from).collect()
}

impl From<&LoggedStatement> for Logged {
    fn from(statement: &LoggedStatement) -> Self {
        Self {
            statement: base64(&statement.bytes),
            position: statement.position,
            receipt: statement.receipt.as_ref().map(base64),
        }
    }
}

impl From<&Accepted> for AcceptedStatement {
    fn from(accepted: &Accepted) -> Self {
        Self {
            statement: accepted.statement.to_string(),
            position: accepted.position,
            leaf: accepted.leaf.to_string(),
            receipt: (&accepted.receipt).into(),
            proof: (&accepted.proof).into(),
            head: accepted.head.as_ref().map(base64),
            repeated: accepted.repeated,
            age_headers: None,
        }
    }
}

impl From<&LogProof> for LogProofResource {
    fn from(proof: &LogProof) -> Self {
        let hashes =
            |proof: &[TreeHash]| proof.iter().map(|hash| Base64(hash.0.to_vec())).collect();
        Self {
            checkpoint: String::from_utf8_lossy(&proof.checkpoint).into_owned(),
            statement: hashes(&proof.statement),
            receipt: hashes(&proof.receipt),
        }
    }
}

/// Age headers as they stand in resources.
pub(super) fn age_headers(headers: &[Bytes]) -> Vec<Base64> {
    headers.iter().map(base64).collect()
}

impl From<&PartyView> for PartyResource {
    fn from(view: &PartyView) -> Self {
        Self {
            keys: logged(&view.keys),
            keys_head: base64(&view.keys_head),
            certificates: logged(&view.certificates),
            certificates_head: base64(&view.certificates_head),
        }
    }
}

impl From<&RelationView> for RelationResource {
    fn from(view: &RelationView) -> Self {
        Self {
            entries: logged(&view.entries),
            head: base64(&view.head),
            general: logged(&view.general),
            general_head: base64(&view.general_head),
        }
    }
}

impl From<&EntryPage> for Page {
    fn from(page: &EntryPage) -> Self {
        Self {
            entries: logged(&page.entries),
            first: page.first,
            count: page.count,
            head: base64(&page.head),
        }
    }
}

impl From<&ClaimView> for Claim {
    fn from(view: &ClaimView) -> Self {
        Self {
            claim: (&view.claim).into(),
            keys: logged(&view.keys),
        }
    }
}

impl From<&EnvelopeView> for EnvelopeResource {
    fn from(view: &EnvelopeView) -> Self {
        Self {
            entries: logged(&view.entries),
            head: base64(&view.head),
            age_headers: view.age_headers.as_deref().map(age_headers),
        }
    }
}

impl From<UploadStatus> for UploadResource {
    fn from(status: UploadStatus) -> Self {
        Self {
            length: status.length,
            received: status.received,
            taken: status.taken_by.is_some(),
        }
    }
}

/// What `GET /v1/info` says.
pub(super) fn info(service: &Service, authority: &str) -> Info {
    let operator = service.operator();
    Info {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        origin: operator.origin().to_owned(),
        epoch: service.epoch(),
        authority: authority.to_owned(),
        root: hex(&operator.root().0),
        delegations: operator
            .delegations()
            .iter()
            .map(|delegation: &Signed<_>| Base64(delegation.bytes().to_vec()))
            .collect(),
        limits: Limits {
            statement: super::limits::STATEMENT_BODY as u64,
            submission: super::limits::SUBMISSION_BODY as u64,
            inline_payload: postfach_storage::transaction::MAX_INLINE_PAYLOAD as u64,
            upload_chunk: postfach_storage::store::UPLOAD_CHUNK,
            upload_append: super::limits::APPEND_BODY as u64,
            upload: postfach_storage::store::MAX_UPLOAD,
        },
        log_key: service.log_key().to_string(),
        time: service.now().0,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
