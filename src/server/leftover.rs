//! What a refused HTTP/1.1 request still has on the wire.
//!
//! A server that answers and closes while the client is still sending makes the client's system
//! drop the answer (RFC 9112 §9.6). So the unread rest of a refused body is read and dropped,
//! within bounds, before the answer is written. HTTP/2 resets the stream instead.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::Version;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;
use tokio::time::timeout;

use super::limits::{Limits, MAX_DRAIN};

/// Where a body goes when nobody reads it to its end.
#[derive(Clone, Default)]
pub(super) struct Leftover(Arc<Mutex<Option<Body>>>);

/// A body that is left over when it is dropped unread.
struct Lent {
    body: Option<Body>,
    leftover: Leftover,
}

impl Leftover {
    /// Lends a request's body to the handler.
    pub(super) fn lend(request: Request) -> (Request, Self) {
        let leftover = Self::default();
        if request.version() >= Version::HTTP_2 || request.body().is_end_stream() {
            return (request, leftover);
        }
        let lender = leftover.clone();
        let request = request.map(|body| {
            Body::new(Lent {
                body: Some(body),
                leftover: lender,
            })
        });
        (request, leftover)
    }

    /// Reads and drops what is left, within bounds.
    pub(super) async fn drain(self, limits: &Limits) {
        let left = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut body) = left else { return };
        let dropped = async {
            let mut bytes = 0;
            while let Some(Ok(frame)) = body.frame().await {
                bytes += frame.data_ref().map_or(0, Bytes::len);
                if bytes > MAX_DRAIN {
                    return;
                }
            }
        };
        // Too slow to wait for: the answer is written all the same.
        let _ = timeout(limits.body_grace, dropped).await;
    }
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or(SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let left = self.body.take().filter(|body| !body.is_end_stream());
        *self
            .leftover
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = left;
    }
}
