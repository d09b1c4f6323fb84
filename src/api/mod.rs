//! What client and server say to each other over HTTP.
//!
//! Statements and submissions travel as canonical CBOR and COSE; everything around them is JSON
//! ([`resources`]). Reads and uploads carry an RFC 9421 signature ([`http_signature`]). Words for
//! people are in [`words`].

pub mod http_signature;
pub mod resources;
pub mod words;

/// Media type of a statement.
pub const COSE: &str = "application/cose";
/// Media type of a submission.
pub const CBOR: &str = "application/cbor";
/// Header that says where an upload continues.
pub const UPLOAD_OFFSET: &str = "upload-offset";
/// Header with the digest of an upload's bytes (RFC 9530).
pub const CONTENT_DIGEST: &str = "content-digest";

/// The pages' addresses of people, and the file behind each.
pub const PAGE_ADDRESSES: &[(&str, &str)] = &[
    ("/", "/index.html"),
    ("/enrol", "/index.html"),
    ("/desk", "/desk/index.html"),
    ("/desk/", "/desk/index.html"),
    ("/verify", "/verify/index.html"),
    ("/verify/", "/verify/index.html"),
];
