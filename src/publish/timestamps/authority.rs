//! The time-stamping authority, asked over HTTP (RFC 3161 section 3.4).
//!
//! Invariant: its answer is bounded in size and time, and is a time-stamp only after it was checked
//! against the request and the pinned certificates.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{StatusCode, Url};

use crate::timestamp::{MAX_REPLY, ReplyError, Request, Stamped, TsaCertificates};

#[derive(Debug)]
pub(super) struct Authority {
    url: Url,
    client: reqwest::Client,
    certificates: TsaCertificates,
}

/// Why the authority gave no token. Its address is the operator's business and stands in no message.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// It cannot be reached, or takes too long.
    #[error("the time-stamping authority does not answer: {0}")]
    Away(#[source] reqwest::Error),
    /// It answered with another status than 200.
    #[error("the time-stamping authority answered {0}")]
    Status(StatusCode),
    /// Its answer is no good reply.
    #[error(transparent)]
    Reply(#[from] ReplyError),
}

impl Authority {
    pub(super) fn new(
        url: Url,
        timeout: Duration,
        certificates: TsaCertificates,
    ) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .timeout(timeout)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("postfach/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self {
            url,
            client,
            certificates,
        })
    }

    /// Asks for a token.
    pub(super) async fn ask(&self, request: &Request) -> Result<Stamped, AuthorityError> {
        let away = |error: reqwest::Error| AuthorityError::Away(error.without_url());
        let query = self.client.post(self.url.clone());
        let query = query.header(CONTENT_TYPE, Request::MEDIA_TYPE);
        let answer = query.body(request.to_der()).send().await;
        let mut answer = answer.map_err(away)?;
        if answer.status() != StatusCode::OK {
            return Err(AuthorityError::Status(answer.status()));
        }
        let mut reply = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(away)? {
            if reply.len() + chunk.len() > MAX_REPLY {
                return Err(ReplyError::TooLong.into());
            }
            reply.extend_from_slice(&chunk);
        }
        Ok(request.check(&reply, &self.certificates)?)
    }
}
