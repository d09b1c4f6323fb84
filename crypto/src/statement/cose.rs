//! COSE_Sign1 around every statement (RFC 9052 §4.2), always tagged 18.
//!
//! The protected header is a byte template, `{1: -19, 4: kid, 16: media type}`, where `kid` is the
//! Ed25519 public key itself; the unprotected header is empty; the external AAD is
//! `postfach/<kind>/v1`. Invariant: verification runs over the received bytes, and only bytes that
//! this module would write are read. Specification: docs/format/statements.md, "Signature".

use crate::codec::{self, DecodeError};
use crate::ids::{LeafHash, StatementHash};
use crate::keys::{BadSignature, ED25519, Signature, SigningKey, VerifyingKey};
use crate::statement::{Invalid, Kind, MAX_STATEMENT, Statement};

/// CBOR tag of COSE_Sign1 (RFC 9052 §2).
const TAG_SIGN1: u64 = 18;

/// CBOR major types (RFC 8949 §3.1).
const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;

/// COSE header labels: algorithm, key id (RFC 9052 §3.1), type (RFC 9596).
const LABEL_ALG: u64 = 1;
const LABEL_KID: u64 = 4;
const LABEL_TYP: u64 = 16;

/// Why bytes are not a valid statement of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The bytes are not a COSE_Sign1 of our form.
    #[error("not a signed statement: {0}")]
    Envelope(DecodeError),
    /// It is a statement of another kind.
    #[error("statement is of another kind than expected")]
    Kind,
    /// The signature does not hold.
    #[error("signature of the statement is not valid")]
    Signature(#[from] BadSignature),
    /// The signed payload is not canonical.
    #[error("payload of the statement: {0}")]
    Payload(DecodeError),
    /// The payload breaks a rule of its kind.
    #[error("statement breaks a rule: {0}")]
    Rule(#[from] Invalid),
}

/// A statement with a valid signature by [`Signed::signer`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed<S> {
    payload: S,
    signer: VerifyingKey,
    hash: StatementHash,
    bytes: Vec<u8>,
}

impl<S: Statement> Signed<S> {
    /// Signs `payload`, after checking its rules and size.
    pub fn sign(payload: S, key: &SigningKey) -> Result<Self, VerifyError> {
        payload.check()?;
        let signer = key.verifying_key();
        let protected = protected_header(S::KIND, &signer);
        let encoded = codec::encode(&payload);
        codec::check_framing(&encoded).map_err(VerifyError::Payload)?;
        let signature = key.sign_exact(&sig_structure(S::KIND, &protected, &encoded));
        let bytes = assemble(&protected, &encoded, &signature);
        if bytes.len() > MAX_STATEMENT {
            return Err(VerifyError::Payload(DecodeError::TooLarge {
                actual: bytes.len(),
                limit: MAX_STATEMENT,
            }));
        }
        Ok(Self {
            payload,
            signer,
            hash: StatementHash::of(&bytes),
            bytes,
        })
    }

    /// Verifies tagged bytes: form, kind, signature, canonical payload, the payload's own rules.
    pub fn verify(bytes: &[u8]) -> Result<Self, VerifyError> {
        let parts = Sign1::parse(bytes).map_err(VerifyError::Envelope)?;
        if parts.kind != S::KIND {
            return Err(VerifyError::Kind);
        }
        let message = sig_structure(S::KIND, parts.protected, parts.payload);
        parts.signer.verify_exact(&message, &parts.signature)?;
        let payload: S =
            codec::decode(parts.payload, MAX_STATEMENT).map_err(VerifyError::Payload)?;
        payload.check()?;
        Ok(Self {
            payload,
            signer: parts.signer,
            hash: StatementHash::of(bytes),
            bytes: bytes.to_vec(),
        })
    }

    /// What was said.
    pub fn payload(&self) -> &S {
        &self.payload
    }

    /// Who signed.
    pub fn signer(&self) -> VerifyingKey {
        self.signer
    }

    /// The name of this statement.
    pub fn hash(&self) -> StatementHash {
        self.hash
    }

    /// The entry of this statement in the public log.
    pub fn leaf(&self) -> LeafHash {
        LeafHash::of(&self.bytes)
    }

    /// The exact tagged bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl<S> std::ops::Deref for Signed<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.payload
    }
}

/// Reads the kind of a statement without verifying it, to choose what to verify it as.
pub fn kind_of(bytes: &[u8]) -> Result<Kind, DecodeError> {
    Sign1::parse(bytes).map(|parts| parts.kind)
}

/// The pieces of a COSE_Sign1 that has our exact form.
struct Sign1<'a> {
    kind: Kind,
    signer: VerifyingKey,
    protected: &'a [u8],
    payload: &'a [u8],
    signature: Signature,
}

impl<'a> Sign1<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        if bytes.len() > MAX_STATEMENT {
            return Err(DecodeError::TooLarge {
                actual: bytes.len(),
                limit: MAX_STATEMENT,
            });
        }
        let mut rest = bytes;
        expect(&mut rest, TAG, TAG_SIGN1)?;
        expect(&mut rest, ARRAY, 4)?;
        let protected = take_string(&mut rest, BYTES)?;
        expect(&mut rest, MAP, 0)?;
        let payload = take_string(&mut rest, BYTES)?;
        let signature = take_string(&mut rest, BYTES)?;
        if !rest.is_empty() {
            return Err(DecodeError::Framing);
        }
        let signature = Signature(signature.try_into().map_err(|_| DecodeError::Shape)?);
        let (kind, signer) = parse_protected(protected)?;
        if assemble(protected, payload, &signature) != bytes {
            return Err(DecodeError::NotCanonical);
        }
        Ok(Self {
            kind,
            signer,
            protected,
            payload,
            signature,
        })
    }
}

fn parse_protected(protected: &[u8]) -> Result<(Kind, VerifyingKey), DecodeError> {
    let mut rest = protected;
    expect(&mut rest, MAP, 3)?;
    expect(&mut rest, UNSIGNED, LABEL_ALG)?;
    expect(&mut rest, NEGATIVE, ED25519.unsigned_abs() - 1)?;
    expect(&mut rest, UNSIGNED, LABEL_KID)?;
    let kid = take_string(&mut rest, BYTES)?;
    let signer = VerifyingKey(kid.try_into().map_err(|_| DecodeError::Shape)?);
    expect(&mut rest, UNSIGNED, LABEL_TYP)?;
    let media_type = take_string(&mut rest, TEXT)?;
    let kind = Kind::ALL
        .iter()
        .copied()
        .find(|kind| kind.media_type().as_bytes() == media_type)
        .ok_or(DecodeError::Shape)?;
    if protected_header(kind, &signer) != protected {
        return Err(DecodeError::NotCanonical);
    }
    Ok((kind, signer))
}

fn protected_header(kind: Kind, signer: &VerifyingKey) -> Vec<u8> {
    let mut out = Vec::with_capacity(96);
    codec::write_head(&mut out, MAP, 3);
    codec::write_head(&mut out, UNSIGNED, LABEL_ALG);
    codec::write_head(&mut out, NEGATIVE, ED25519.unsigned_abs() - 1);
    codec::write_head(&mut out, UNSIGNED, LABEL_KID);
    put_string(&mut out, BYTES, &signer.0);
    codec::write_head(&mut out, UNSIGNED, LABEL_TYP);
    put_string(&mut out, TEXT, kind.media_type().as_bytes());
    out
}

/// `Sig_structure` of RFC 9052 §4.4.
fn sig_structure(kind: Kind, protected: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + protected.len() + 64);
    codec::write_head(&mut out, ARRAY, 4);
    put_string(&mut out, TEXT, b"Signature1");
    put_string(&mut out, BYTES, protected);
    put_string(&mut out, BYTES, kind.external_aad());
    put_string(&mut out, BYTES, payload);
    out
}

fn assemble(protected: &[u8], payload: &[u8], signature: &Signature) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + protected.len() + 80);
    codec::write_head(&mut out, TAG, TAG_SIGN1);
    codec::write_head(&mut out, ARRAY, 4);
    put_string(&mut out, BYTES, protected);
    codec::write_head(&mut out, MAP, 0);
    put_string(&mut out, BYTES, payload);
    put_string(&mut out, BYTES, &signature.0);
    out
}

fn put_string(out: &mut Vec<u8>, major: u8, content: &[u8]) {
    codec::write_head(out, major, content.len() as u64);
    out.extend_from_slice(content);
}

fn expect(rest: &mut &[u8], major: u8, argument: u64) -> Result<(), DecodeError> {
    let (found_major, found, after) = codec::read_head(rest)?;
    if (found_major, found) != (major, argument) {
        return Err(DecodeError::Shape);
    }
    *rest = after;
    Ok(())
}

fn take_string<'a>(rest: &mut &'a [u8], major: u8) -> Result<&'a [u8], DecodeError> {
    let (found_major, len, after) = codec::read_head(rest)?;
    if found_major != major {
        return Err(DecodeError::Shape);
    }
    let len = usize::try_from(len).map_err(|_| DecodeError::Framing)?;
    let content = after.get(..len).ok_or(DecodeError::Framing)?;
    *rest = &after[len..];
    Ok(content)
}
