//! The client's connection: requests, their signatures, and problems turned into errors.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use postfach_crypto::ids::{Address, StatementHash, UploadId};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::tlog::Resource;
use postfach_crypto::tlog::note::MAX_NOTE;
use postfach_crypto::vault::VaultKeys;
use reqwest::{Body, Method, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;

use super::error::ClientError;
use crate::api::http_signature::{Covered, KeyHolder, content_digest, sign};
use crate::api::resources::{
    AcceptedStatement, NewUpload, Problem, UploadResource, VaultResource, Vaults,
};
use crate::api::{CBOR, CONTENT_DIGEST, COSE, UPLOAD_OFFSET};
use crate::clock;

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the server may be silent within an answer; long-polls stay below it.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// Largest JSON answer that is read.
const MAX_ANSWER: u64 = 64 << 20;
/// Largest file of the log that is read: a checkpoint with all its cosignatures.
const MAX_LOG_FILE: u64 = MAX_NOTE as u64;
/// Largest file of the pages that is read, as it comes over the wire.
const MAX_PAGE_FILE: u64 = 16 << 20;
/// Largest vault that is read.
const MAX_VAULT: u64 = postfach_storage::vault::MAX_VAULT as u64;
/// Largest problem that is read.
const MAX_PROBLEM: u64 = 64 << 10;

/// In whose name a request is signed.
#[derive(Clone, Copy)]
pub struct Signer<'a> {
    /// The party.
    pub address: Address,
    /// One of its keys.
    pub key: &'a SigningKey,
}

/// A connection to one service.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    service: String,
    authority: String,
}

impl Http {
    /// Prepares requests to `service`, trusting the system's certificate authorities or the one in
    /// `ca`.
    pub fn new(service: &str, ca: Option<&Path>) -> Result<Self, ClientError> {
        let url = reqwest::Url::parse(service)
            .ok()
            .filter(|url| url.scheme() == "https" && url.has_host())
            .ok_or_else(|| ClientError::Input(format!("not an https address: {service}")))?;
        let host = url.host_str().unwrap_or_default();
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let mut builder = reqwest::Client::builder()
            .https_only(true)
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("postfach/", env!("CARGO_PKG_VERSION")));
        if let Some(path) = ca {
            let pem = std::fs::read(path).map_err(ClientError::file(path))?;
            let certificate = reqwest::Certificate::from_pem(&pem)
                .map_err(|error| ClientError::Input(error.to_string()))?;
            builder = builder.tls_certs_only([certificate]);
        }
        let client = builder
            .build()
            .map_err(|error| ClientError::Input(error.to_string()))?;
        Ok(Self {
            client,
            service: service.trim_end_matches('/').to_owned(),
            authority,
        })
    }

    /// The service's base URL.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// Fetches a JSON resource; signed where a signer is given.
    pub async fn get<T: DeserializeOwned>(
        &self,
        path_and_query: &str,
        signer: Option<Signer<'_>>,
    ) -> Result<T, ClientError> {
        let response = self
            .send(self.request(&Method::GET, path_and_query, signer, &[]))
            .await?;
        json(response).await
    }

    /// Fetches a public JSON resource; none where the server says that it has none.
    pub async fn find<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, ClientError> {
        let request = self.client.get(format!("{}{path}", self.service));
        let response = request.send().await.map_err(unreachable)?;
        match response.status() {
            StatusCode::OK => json(response).await.map(Some),
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(refusal(response).await?),
        }
    }

    /// Fetches a file of the public log.
    pub async fn log_file(&self, file: Resource) -> Result<Vec<u8>, ClientError> {
        let path = format!("/log/{file}");
        let response = self
            .send(self.request(&Method::GET, &path, None, &[]))
            .await?;
        body(response, MAX_LOG_FILE).await
    }

    /// Fetches a file of the public log; none where the server says that it has none.
    pub async fn find_log_file(
        &self,
        file: impl std::fmt::Display,
    ) -> Result<Option<Vec<u8>>, ClientError> {
        let request = self.client.get(format!("{}/log/{file}", self.service));
        let response = request.send().await.map_err(unreachable)?;
        match response.status() {
            StatusCode::OK => body(response, MAX_LOG_FILE).await.map(Some),
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
            _ => Err(refusal(response).await?),
        }
    }

    /// Fetches a file of the pages as a browser would that takes this coding; none where the server
    /// has none. Says whether it came in brotli.
    pub async fn find_page_file(
        &self,
        path: &str,
        coding: &'static str,
    ) -> Result<Option<(Vec<u8>, bool)>, ClientError> {
        let request = self.client.get(format!("{}{path}", self.service));
        let request = request.header("accept-encoding", coding);
        let response = request.send().await.map_err(unreachable)?;
        if response.status() != StatusCode::OK {
            return Ok(None);
        }
        let coded = response.headers().get("content-encoding");
        let brotli = coded.is_some_and(|coded| coded.as_bytes() == b"br");
        let content = body(response, MAX_PAGE_FILE).await?;
        Ok(Some((content, brotli)))
    }

    /// What a vault holds, sealed; none where there is none for these keys.
    pub async fn vault(&self, keys: &VaultKeys) -> Result<Option<Vec<u8>>, ClientError> {
        let path = format!("/v1/vaults/{}", keys.id());
        let request = self.client.get(format!("{}{path}", self.service));
        let covered = Covered {
            method: Method::GET.as_str(),
            authority: &self.authority,
            path: &path,
            query: None,
            fields: &[],
        };
        let headers = sign(&covered, KeyHolder::Vault, &keys.key, clock::now().0 / 1000);
        let request = request
            .header("signature-input", headers.input)
            .header("signature", headers.signature);
        let response = request.send().await.map_err(unreachable)?;
        match response.status() {
            StatusCode::OK => body(response, MAX_VAULT).await.map(Some),
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(refusal(response).await?),
        }
    }

    /// The signer's vaults.
    pub async fn vaults(&self, signer: Signer<'_>) -> Result<Vaults, ClientError> {
        self.get("/v1/vaults", Some(signer)).await
    }

    /// Deletes this version of a vault; one that is gone already is no error.
    pub async fn delete_vault(
        &self,
        signer: Signer<'_>,
        vault: &VaultResource,
    ) -> Result<(), ClientError> {
        let path = format!("/v1/vaults/{}", vault.id);
        let version = format!("\"{}\"", vault.version);
        let fields = [("if-match", version.as_str())];
        let request = self.request(&Method::DELETE, &path, Some(signer), &fields);
        let response = request.header("if-match", &version).send().await;
        let response = response.map_err(unreachable)?;
        match response.status() {
            StatusCode::NO_CONTENT | StatusCode::NOT_FOUND => Ok(()),
            _ => Err(refusal(response).await?),
        }
    }

    /// Submits a statement.
    pub async fn post_statement(&self, bytes: &[u8]) -> Result<AcceptedStatement, ClientError> {
        self.post("/v1/statements", COSE, bytes.to_vec()).await
    }

    /// Submits an envelope.
    pub async fn post_envelope(&self, body: Vec<u8>) -> Result<AcceptedStatement, ClientError> {
        self.post("/v1/envelopes", CBOR, body).await
    }

    async fn post(
        &self,
        path: &str,
        media_type: &str,
        body: Vec<u8>,
    ) -> Result<AcceptedStatement, ClientError> {
        let request = self
            .client
            .post(format!("{}{path}", self.service))
            .header("content-type", media_type)
            .body(body);
        json(self.send(request).await?).await
    }

    /// Creates an upload, or finds it as it stands.
    pub async fn create_upload(
        &self,
        signer: Signer<'_>,
        id: UploadId,
        length: u64,
    ) -> Result<UploadResource, ClientError> {
        let body = serde_json::to_vec(&NewUpload { id, length }).expect("two plain fields");
        let request = self
            .request(&Method::POST, "/v1/uploads", Some(signer), &[])
            .header("content-type", "application/json")
            .body(body);
        json(self.send(request).await?).await
    }

    /// Continues an upload.
    pub async fn append_upload(
        &self,
        signer: Signer<'_>,
        id: UploadId,
        offset: u64,
        bytes: Bytes,
    ) -> Result<UploadResource, ClientError> {
        let path = format!("/v1/uploads/{id}");
        let (offset, digest) = (offset.to_string(), content_digest(&bytes));
        let request = self
            .request(
                &Method::PATCH,
                &path,
                Some(signer),
                &[(UPLOAD_OFFSET, &offset), (CONTENT_DIGEST, &digest)],
            )
            .header(UPLOAD_OFFSET, &offset)
            .header(CONTENT_DIGEST, &digest)
            .header("content-type", "application/octet-stream")
            .body(Body::from(bytes));
        json(self.send(request).await?).await
    }

    /// Opens a part's payload from `offset` on, to be read in pieces.
    pub async fn payload(
        &self,
        signer: Signer<'_>,
        header: StatementHash,
        index: usize,
        offset: u64,
    ) -> Result<Response, ClientError> {
        let path = format!("/v1/envelopes/{header}/parts/{index}");
        let mut request = self.request(&Method::GET, &path, Some(signer), &[]);
        if offset > 0 {
            request = request.header("range", format!("bytes={offset}-"));
        }
        let response = self.send(request).await?;
        let expected = if offset > 0 {
            StatusCode::PARTIAL_CONTENT
        } else {
            StatusCode::OK
        };
        if response.status() == expected {
            Ok(response)
        } else {
            Err(ClientError::Answer("the range was ignored".into()))
        }
    }

    fn request(
        &self,
        method: &Method,
        path_and_query: &str,
        signer: Option<Signer<'_>>,
        fields: &[(&str, &str)],
    ) -> RequestBuilder {
        let (path, query) = match path_and_query.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path_and_query, None),
        };
        let request = self
            .client
            .request(method.clone(), format!("{}{path_and_query}", self.service));
        let Some(signer) = signer else {
            return request;
        };
        let covered = Covered {
            method: method.as_str(),
            authority: &self.authority,
            path,
            query,
            fields,
        };
        let headers = sign(&covered, signer.address, signer.key, clock::now().0 / 1000);
        request
            .header("signature-input", headers.input)
            .header("signature", headers.signature)
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        let response = request.send().await.map_err(unreachable)?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(refusal(response).await?)
    }
}

/// What an answer that is no success says.
async fn refusal(response: Response) -> Result<ClientError, ClientError> {
    let status = response.status();
    let body = body(response, MAX_PROBLEM).await?;
    Ok(match serde_json::from_slice::<Problem>(&body) {
        Ok(problem) => ClientError::Refused(Box::new(problem)),
        Err(_) => ClientError::Answer(format!("status {status}")),
    })
}

async fn json<T: DeserializeOwned>(response: Response) -> Result<T, ClientError> {
    let body = body(response, MAX_ANSWER).await?;
    serde_json::from_slice(&body).map_err(|error| ClientError::Answer(error.to_string()))
}

/// Reads an answer of at most `limit` bytes.
async fn body(mut response: Response, limit: u64) -> Result<Vec<u8>, ClientError> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(unreachable)? {
        if (body.len() + piece.len()) as u64 > limit {
            return Err(ClientError::Answer("answer too long".into()));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// The innermost cause, without the URL, which could name a party.
fn unreachable(error: reqwest::Error) -> ClientError {
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    ClientError::Unreachable(cause.to_string())
}
