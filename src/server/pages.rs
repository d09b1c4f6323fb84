//! The pages in the browser: files that were built into the program.
//!
//! Invariants: what is served was there when the program was built, nothing is read from disk; a
//! page runs its own scripts only, names no third party, and makes no script out of text (content
//! security policy, Trusted Types); files whose name is a hash of their content may be kept for
//! good, all others are asked for again each time. Without pages in the program the addresses
//! answer that they are missing and how to build them.
//!
//! Absent: anything about parties; cookies; content that depends on who asks. Specification:
//! docs/format/http.md, "Pages".

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use postfach_crypto::file_list::FileList;
use sha2::{Digest, Sha256};

use super::refusal::Refusal;
use crate::api::PAGE_ADDRESSES;
use crate::service::{Service, ServiceError};

/// One built file.
struct Page {
    path: &'static str,
    plain: &'static [u8],
    brotli: Option<&'static [u8]>,
}

/// All of them, in the order of their paths.
const PAGES: &[Page] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// Folder of the files whose names are hashes.
const HASHED: &str = "/assets/";
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";
/// CSP level 3 with Trusted Types. `data:` is for the pictures inside the style sheet, `blob:` for
/// what was decrypted here. The two policies make addresses of workers of these pages, nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
     font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; media-src blob:; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types postfach-worker";
/// What pages may ask the device for: taking a picture for a reply, and the person's own passkey.
const PERMISSIONS: &str = "camera=(self), geolocation=(), microphone=(), payment=(), usb=(), \
     publickey-credentials-create=(self), publickey-credentials-get=(self)";

/// Said where a page should be and none was built in. Both languages: nobody has chosen one yet.
const MISSING: &str = "<!doctype html><html lang=\"de\"><meta charset=\"utf-8\"><title>Mein Postfach</title>\
     <h1>Mein Postfach</h1><p>Die Seiten fehlen in diesem Programm. Node 20 installieren, dann \
     <code>make web</code> und das Programm neu bauen. Die Befehlszeile und die Schnittstelle arbeiten.</p>\
     <p lang=\"en\">The pages are missing in this program. Install Node 20, run <code>make web</code>, and build the \
     program again. The command line and the interface work.</p></html>\n";

/// Whether the pages were there when the program was built.
pub(crate) const fn built_in() -> bool {
    !PAGES.is_empty()
}

/// What is served at every path, addresses of people included; none without pages.
pub(crate) fn file_list() -> Option<FileList> {
    let mut list = FileList::default();
    let addresses = PAGE_ADDRESSES
        .iter()
        .filter_map(|(address, file)| Some((*address, find(file)?)));
    let files = PAGES.iter().map(|page| (page.path, page));
    for (path, page) in addresses.chain(files) {
        list.add(path, page.plain)
            .expect("the build names files as lists take them");
    }
    (!list.is_empty()).then_some(list)
}

/// Says in the log which pages are served, unless that was said last.
///
/// # Errors
/// [`ServiceError`].
pub(super) async fn state(service: &Service) -> Result<(), ServiceError> {
    match file_list() {
        None => Ok(()),
        Some(files) => {
            service
                .state_bundle(env!("CARGO_PKG_VERSION"), &files)
                .await
        }
    }
}

/// Answers what no route of the interface answers: a page, or that there is none.
pub(super) async fn page(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path();
    let file = PAGE_ADDRESSES
        .iter()
        .find(|(address, _)| *address == path)
        .map(|(_, file)| *file);
    let found = find(file.unwrap_or(path));
    if found.is_none() && file.is_none() {
        return Refusal::NoSuchPath.into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return Refusal::Method.into_response();
    }
    let Some(page) = found else {
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        return (StatusCode::OK, [(header::CONTENT_TYPE, html)], MISSING).into_response();
    };
    answer(page, &headers)
}

fn find(path: &str) -> Option<&'static Page> {
    let at = PAGES.binary_search_by(|page| page.path.cmp(path)).ok()?;
    PAGES.get(at)
}

fn answer(page: &Page, asked: &HeaderMap) -> Response {
    let digest = Sha256::digest(page.plain);
    let tag: String = digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let tag = format!("\"{tag}\"");
    let known = asked.get(header::IF_NONE_MATCH);
    let unchanged = known.is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let brotli = page.brotli.filter(|_| takes_brotli(asked));
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        brotli.unwrap_or(page.plain).into_response()
    };
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::CONTENT_TYPE, media_type(page.path));
    if brotli.is_some() && !unchanged {
        set(header::CONTENT_ENCODING, "br");
    }
    if page.brotli.is_some() {
        set(header::VARY, "accept-encoding");
    }
    let hashed = page.path.starts_with(HASHED);
    set(
        header::CACHE_CONTROL,
        if hashed { FOR_GOOD } else { ASK_AGAIN },
    );
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(HeaderName::from_static("permissions-policy"), PERMISSIONS);
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// Whether a client named brotli without refusing it (RFC 9110 §12.5.3).
fn takes_brotli(asked: &HeaderMap) -> bool {
    let codings = asked.get_all(header::ACCEPT_ENCODING).iter();
    let mut codings = codings
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    codings.any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim().eq_ignore_ascii_case("br")
            && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

/// Media types of what Vite writes; what is not listed is never run or shown.
fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "webmanifest" => "application/manifest+json",
        "json" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(method: Method, path: &str, coding: Option<&'static str>) -> Response {
        let mut headers = HeaderMap::new();
        if let Some(coding) = coding {
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(coding));
        }
        page(method, path.parse().unwrap(), headers).await
    }

    #[tokio::test]
    async fn with_or_without_pages_every_address_of_people_answers() {
        for (address, _) in PAGE_ADDRESSES {
            let answer = ask(Method::GET, address, None).await;
            assert_eq!(answer.status(), StatusCode::OK, "{address}");
            let html = &answer.headers()[header::CONTENT_TYPE];
            assert_eq!(html, "text/html; charset=utf-8");
            let policy = answer.headers().get(header::CONTENT_SECURITY_POLICY);
            assert_eq!(policy.is_some(), built_in());
            let written = ask(Method::POST, address, None).await;
            assert_eq!(written.status(), StatusCode::METHOD_NOT_ALLOWED);
        }
        for other in [
            "/nothing",
            "/assets/../index.html",
            "//",
            "/index.html.br",
            "/assets/",
        ] {
            assert_eq!(
                ask(Method::GET, other, None).await.status(),
                StatusCode::NOT_FOUND
            );
        }
    }

    #[test]
    fn the_list_names_every_file_and_every_address() {
        let list = file_list();
        assert_eq!(list.is_some(), built_in());
        let Some(list) = list else { return };
        let named = PAGES.len() + PAGE_ADDRESSES.len();
        assert_eq!(list.count(), u64::try_from(named).unwrap());
        for (address, file) in PAGE_ADDRESSES {
            assert!(list.holds(address, find(file).unwrap().plain));
        }
    }

    #[test]
    fn pages_lie_in_the_order_of_their_paths() {
        assert!(PAGES.is_sorted_by(|a, b| a.path < b.path));
        assert!(!POLICY.contains("unsafe"));
    }

    #[test]
    fn brotli_is_sent_to_whom_takes_it() {
        let takes = |value| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            takes_brotli(&headers)
        };
        assert!(takes("gzip, deflate, br, zstd") && takes("BR;q=0.5"));
        assert!(!takes("gzip") && !takes("br;q=0, gzip") && !takes("brotli"));
    }
}
