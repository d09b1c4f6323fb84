//! HTTP message signatures (RFC 9421) in the one profile that reads and uploads use.
//!
//! Covered: `@method`, `@authority`, `@path`, `@query`, on uploads `upload-offset` and
//! `content-digest`, and on writes of vaults their precondition and `content-digest`. Parameters:
//! `created`, `expires`, `keyid` = address and key, `alg` = ed25519, `tag` = postfach/1. `@authority` is configured on both sides, so proxies do not break it.
//! Invariant: exactly this list in this order is accepted; a request that covers less is refused.
//! Specification: docs/format/http.md.

use std::fmt;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use postfach_crypto::ids::{Address, StatementHash};
use postfach_crypto::keys::{Signature, SigningDomain, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// How far `created` may be from the server's time, in seconds (RFC 9421 §7.2.3).
pub const MAX_SKEW: u64 = 300;
/// How long a signature made here lives, in seconds.
pub const LIFETIME: u64 = 120;
/// The application's tag.
const TAG: &str = "postfach/1";
/// What stands in place of an address where a vault's own key signs.
const VAULT: &str = "vault";
/// The label of our signature.
const LABEL: &str = "sig";
/// Longest signature header that is read, in bytes.
const MAX_HEADER: usize = 1024;

/// What of a request is signed.
#[derive(Debug, Clone, Copy)]
pub struct Covered<'a> {
    /// Method in upper case.
    pub method: &'a str,
    /// Host and port, in lower case, as configured.
    pub authority: &'a str,
    /// Path.
    pub path: &'a str,
    /// Query without its question mark.
    pub query: Option<&'a str>,
    /// Header fields that the route wants covered, in its order: lower-case name and value.
    pub fields: &'a [(&'a str, &'a str)],
}

/// The two header values of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureHeaders {
    /// `Signature-Input`.
    pub input: String,
    /// `Signature`.
    pub signature: String,
}

/// Why a request's signature does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestSignatureError {
    /// There is none.
    #[error("the request is not signed")]
    Missing,
    /// It is not of our profile.
    #[error("the signature covers other components or has other parameters than required")]
    Profile,
    /// It is too old, too new or expired.
    #[error("the signature was made at another time; set the clock")]
    Time,
    /// It does not hold.
    #[error("the signature is not valid for this request")]
    Invalid,
}

/// Whose key signs a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyHolder {
    /// A party.
    Party(Address),
    /// Whoever holds the vault that the path names.
    Vault,
}

impl From<Address> for KeyHolder {
    fn from(address: Address) -> Self {
        KeyHolder::Party(address)
    }
}

impl fmt::Display for KeyHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyHolder::Party(address) => address.fmt(f),
            KeyHolder::Vault => f.write_str(VAULT),
        }
    }
}

/// Who signed a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestSigner {
    /// Whose key it is.
    pub holder: KeyHolder,
    /// Its key.
    pub key: VerifyingKey,
}

/// Signs a request at `now`, in Unix seconds.
pub fn sign(
    covered: &Covered<'_>,
    holder: impl Into<KeyHolder>,
    key: &SigningKey,
    now: u64,
) -> SignatureHeaders {
    let signer = RequestSigner {
        holder: holder.into(),
        key: key.verifying_key(),
    };
    let parameters = parameters(covered, &signer, now, now + LIFETIME);
    let base = signature_base(covered, &parameters);
    let signature = key.sign(SigningDomain::HttpRequest, base.as_bytes());
    SignatureHeaders {
        input: format!("{LABEL}={parameters}"),
        signature: format!("{LABEL}=:{}:", BASE64_STANDARD.encode(signature.0)),
    }
}

/// Verifies a request's signature at `now`, in Unix seconds.
///
/// Parsing is by template: from the values found, the one accepted header is written again and
/// compared, so every other spelling is refused.
pub fn verify(
    covered: &Covered<'_>,
    headers: &SignatureHeaders,
    now: u64,
) -> Result<RequestSigner, RequestSignatureError> {
    use RequestSignatureError::{Invalid, Profile, Time};
    if headers.input.len() > MAX_HEADER || headers.signature.len() > MAX_HEADER {
        return Err(Profile);
    }
    let input = headers.input.strip_prefix("sig=").ok_or(Profile)?;
    let created: u64 = parameter(input, "created")
        .and_then(|v| v.parse().ok())
        .ok_or(Profile)?;
    let expires: u64 = parameter(input, "expires")
        .and_then(|v| v.parse().ok())
        .ok_or(Profile)?;
    let keyid = parameter(input, "keyid").ok_or(Profile)?;
    let (holder, key) = keyid.trim_matches('"').split_once('/').ok_or(Profile)?;
    let signer = RequestSigner {
        holder: match holder {
            VAULT => KeyHolder::Vault,
            address => KeyHolder::Party(address.parse().map_err(|_| Profile)?),
        },
        key: VerifyingKey(key.parse::<StatementHash>().map_err(|_| Profile)?.0),
    };
    let parameters = parameters(covered, &signer, created, expires);
    if parameters != input {
        return Err(Profile);
    }
    if created.abs_diff(now) > MAX_SKEW || expires <= now || expires > created + MAX_SKEW {
        return Err(Time);
    }
    let encoded = headers
        .signature
        .strip_prefix("sig=:")
        .and_then(|rest| rest.strip_suffix(':'))
        .ok_or(Profile)?;
    let bytes = BASE64_STANDARD.decode(encoded).map_err(|_| Profile)?;
    let signature = Signature(bytes.try_into().map_err(|_| Profile)?);
    let base = signature_base(covered, &parameters);
    signer
        .key
        .verify_strict(SigningDomain::HttpRequest, base.as_bytes(), &signature)
        .map_err(|_| Invalid)?;
    Ok(signer)
}

/// The value of a parameter in `input`.
fn parameter<'a>(input: &'a str, name: &str) -> Option<&'a str> {
    input
        .split(';')
        .find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
}

/// The `@signature-params` value (RFC 9421 §2.3).
fn parameters(covered: &Covered<'_>, signer: &RequestSigner, created: u64, expires: u64) -> String {
    let fields: String = (covered.fields.iter())
        .map(|(name, _)| format!(" \"{name}\""))
        .collect();
    format!(
        r#"("@method" "@authority" "@path" "@query"{fields});created={created};expires={expires};keyid="{}/{}";alg="ed25519";tag="{TAG}""#,
        signer.holder,
        StatementHash(signer.key.0),
    )
}

/// The signature base (RFC 9421 §2.5).
fn signature_base(covered: &Covered<'_>, parameters: &str) -> String {
    let fields: String = (covered.fields.iter())
        .map(|(name, value)| format!("\"{name}\": {value}\n"))
        .collect();
    format!(
        "\"@method\": {}\n\"@authority\": {}\n\"@path\": {}\n\"@query\": ?{}\n{fields}\"@signature-params\": {parameters}",
        covered.method,
        covered.authority,
        covered.path,
        covered.query.unwrap_or(""),
    )
}

/// The `Content-Digest` value of a body (RFC 9530 §2).
pub fn content_digest(body: &[u8]) -> String {
    digest_value(&Sha256::digest(body).into())
}

/// The `Content-Digest` value of a body with this SHA-256.
pub fn digest_value(sha256: &[u8; 32]) -> String {
    format!("sha-256=:{}:", BASE64_STANDARD.encode(sha256))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_790_000_000;

    fn covered() -> Covered<'static> {
        Covered {
            method: "GET",
            authority: "localhost:8443",
            path: "/v1/mailboxes/pf1/envelopes",
            query: Some("after=3"),
            fields: &[],
        }
    }

    fn signed(covered: &Covered<'_>) -> SignatureHeaders {
        sign(
            covered,
            Address([1; 32]),
            &SigningKey::from_seed(&[2; 32]),
            NOW,
        )
    }

    #[test]
    fn a_signature_holds_for_its_request_only() {
        let headers = signed(&covered());
        let signer = verify(&covered(), &headers, NOW + 5).expect("own signature");
        assert_eq!(signer.holder, KeyHolder::Party(Address([1; 32])));
        for other in [
            Covered {
                method: "PUT",
                ..covered()
            },
            Covered {
                authority: "evil.example",
                ..covered()
            },
            Covered {
                path: "/v1/mailboxes/pf2/envelopes",
                ..covered()
            },
            Covered {
                query: Some("after=4"),
                ..covered()
            },
            Covered {
                query: None,
                ..covered()
            },
        ] {
            assert_eq!(
                verify(&other, &headers, NOW),
                Err(RequestSignatureError::Invalid)
            );
        }
    }

    #[test]
    fn a_missing_component_is_refused() {
        let upload = Covered {
            fields: &[("upload-offset", "0"), ("content-digest", "sha-256=:x:")],
            ..covered()
        };
        let headers = signed(&covered());
        assert_eq!(
            verify(&upload, &headers, NOW),
            Err(RequestSignatureError::Profile)
        );
        let headers = signed(&upload);
        assert_eq!(
            verify(&covered(), &headers, NOW),
            Err(RequestSignatureError::Profile)
        );
        let other_digest = Covered {
            fields: &[("upload-offset", "0"), ("content-digest", "sha-256=:y:")],
            ..covered()
        };
        assert_eq!(
            verify(&other_digest, &headers, NOW),
            Err(RequestSignatureError::Invalid)
        );
    }

    #[test]
    fn replayed_and_expired_requests_are_refused() {
        let headers = signed(&covered());
        assert!(verify(&covered(), &headers, NOW + LIFETIME - 1).is_ok());
        assert_eq!(
            verify(&covered(), &headers, NOW + LIFETIME),
            Err(RequestSignatureError::Time)
        );
        assert_eq!(
            verify(&covered(), &headers, NOW - MAX_SKEW - 1),
            Err(RequestSignatureError::Time)
        );
    }

    #[test]
    fn other_spellings_are_refused() {
        let good = signed(&covered());
        for input in [
            good.input.replace("ed25519", "hmac-sha256"),
            good.input.replace("postfach/1", "other"),
            good.input.replace(";created", "; created"),
            format!("{};nonce=\"x\"", good.input),
            good.input.replace("\"@query\"", ""),
        ] {
            let headers = SignatureHeaders {
                input,
                signature: good.signature.clone(),
            };
            assert_eq!(
                verify(&covered(), &headers, NOW),
                Err(RequestSignatureError::Profile)
            );
        }
    }
}
