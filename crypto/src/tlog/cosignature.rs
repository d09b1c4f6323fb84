//! Signatures over checkpoints: the log's own, and the cosignatures of witnesses with their time
//! (C2SP signed-note, "Ed25519 signatures"; C2SP tlog-cosignature).
//!
//! Why none of these can be taken for anything else that a key of ours signs: a note's text is UTF-8
//! without control characters but newlines, and ends in one. A COSE `Sig_structure` begins with
//! 0x84, which no UTF-8 text does; a key-possession message has a zero byte; an RFC 9421 signature
//! base does not end in a newline. A cosigned message begins with `cosignature/v1` and a line
//! `time …`; a checkpoint's second line is a bare number. ML-DSA-44 messages have a label with a
//! zero byte, and keys of their own.
//!
//! Absent: making ML-DSA-44 cosignatures; our witness signs with Ed25519 and accepts both.

use ml_dsa::{EncodedVerifyingKey, MlDsa44, Signature as MlDsaSignature};

use crate::ids::UnixMillis;
use crate::keys::{BadSignature, Signature, SigningDomain, SigningKey, VerifyingKey};
use crate::tlog::checkpoint::Checkpoint;
use crate::tlog::note::NoteSignature;
use crate::tlog::vkey::{KeyName, ML_DSA_44_KEY, NoteKey, VerifierKey};

/// Latest time that a cosignature may carry (tlog-cosignature, "Format").
const MAX_TIME: u64 = (1 << 63) - 1;

/// A moment in seconds since 1970-01-01T00:00:00Z, as cosignatures carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixSeconds(pub u64);

impl UnixSeconds {
    /// The last whole second.
    pub fn of(time: UnixMillis) -> Self {
        Self(time.0 / 1000)
    }

    /// The beginning of the second; the latest millisecond that exists, if it is beyond that.
    pub fn to_millis(self) -> UnixMillis {
        UnixMillis(self.0.saturating_mul(1000))
    }
}

/// Who cosigns: a name and the key it stands for. Each cosigner has a key of its own, because the
/// Ed25519 message does not name its signer.
#[derive(Debug, Clone)]
pub struct Cosigner {
    name: KeyName,
    key: SigningKey,
}

impl Cosigner {
    /// A cosigner that signs with `key`.
    pub fn new(name: KeyName, key: SigningKey) -> Self {
        Self { name, key }
    }

    /// The key by which others know this cosigner.
    pub fn verifier_key(&self) -> VerifierKey {
        let key = NoteKey::Ed25519Cosigner(self.key.verifying_key());
        VerifierKey::new(self.name.clone(), key)
    }

    /// States that at `time` this was the largest tree of its log that the cosigner knew, and that
    /// it continues all earlier ones. The caller has checked that and stored it.
    pub fn cosign(&self, checkpoint: &Checkpoint, time: UnixSeconds) -> NoteSignature {
        let message = timed_text(time, &checkpoint.to_string());
        let signature = self.key.sign(SigningDomain::Cosignature, &message);
        NoteSignature {
            name: self.name.clone(),
            id: self.verifier_key().id(),
            bytes: [&time.0.to_be_bytes(), &signature.0[..]].concat(),
        }
    }
}

/// Signs a checkpoint as its log: type 0x01, under the origin as key name.
pub(crate) fn sign_text(checkpoint: &str, name: KeyName, key: &SigningKey) -> NoteSignature {
    let signature = key.sign(SigningDomain::Checkpoint, checkpoint.as_bytes());
    let public = VerifierKey::new(name, NoteKey::Ed25519(key.verifying_key()));
    NoteSignature {
        name: public.name().clone(),
        id: public.id(),
        bytes: signature.0.to_vec(),
    }
}

/// Verifies an Ed25519 signature over a note's text (type 0x01).
pub(crate) fn verify_text(
    text: &str,
    key: &VerifyingKey,
    signature: &[u8],
) -> Result<(), BadSignature> {
    let signature = Signature(signature.try_into().map_err(|_| BadSignature)?);
    key.verify_strict(SigningDomain::Checkpoint, text.as_bytes(), &signature)
}

/// Verifies an Ed25519 cosignature (type 0x04) and answers its time.
pub(crate) fn verify_ed25519(
    text: &str,
    key: &VerifyingKey,
    signature: &[u8],
) -> Result<Option<UnixSeconds>, BadSignature> {
    Checkpoint::parse(text).map_err(|_| BadSignature)?; // cosignatures are over checkpoints only
    let (time, signature) = split_time(signature)?;
    let signature = Signature(signature.try_into().map_err(|_| BadSignature)?);
    key.verify_strict(
        SigningDomain::Cosignature,
        &timed_text(time, text),
        &signature,
    )?;
    Ok(stated(time))
}

/// Verifies an ML-DSA-44 cosignature of a whole tree (type 0x06) and answers its time.
pub(crate) fn verify_ml_dsa_44(
    text: &str,
    cosigner: &KeyName,
    key: &[u8; ML_DSA_44_KEY],
    signature: &[u8],
) -> Result<Option<UnixSeconds>, BadSignature> {
    let checkpoint = Checkpoint::parse(text).map_err(|_| BadSignature)?;
    let (time, signature) = split_time(signature)?;
    let message = cosigned_message(cosigner, time, &checkpoint).ok_or(BadSignature)?;
    let signature = MlDsaSignature::<MlDsa44>::try_from(signature).map_err(|_| BadSignature)?;
    let encoded = EncodedVerifyingKey::<MlDsa44>::from(*key);
    let key = ml_dsa::VerifyingKey::<MlDsa44>::decode(&encoded);
    if key.verify_with_context(&message, &[], &signature) {
        Ok(stated(time))
    } else {
        Err(BadSignature)
    }
}

/// `timestamped_signature`: eight bytes of time, then the signature.
fn split_time(bytes: &[u8]) -> Result<(UnixSeconds, &[u8]), BadSignature> {
    let (time, signature) = bytes.split_first_chunk().ok_or(BadSignature)?;
    let time = u64::from_be_bytes(*time);
    if time > MAX_TIME {
        return Err(BadSignature);
    }
    Ok((UnixSeconds(time), signature))
}

/// Zero says nothing about when.
fn stated(time: UnixSeconds) -> Option<UnixSeconds> {
    (time.0 != 0).then_some(time)
}

/// The time line and the checkpoint; the header line before them is the signing domain.
fn timed_text(time: UnixSeconds, checkpoint: &str) -> Vec<u8> {
    format!("time {}\n{checkpoint}", time.0).into_bytes()
}

/// `cosigned_message` of a whole tree; none if a name is longer than the structure can hold.
fn cosigned_message(
    cosigner: &KeyName,
    time: UnixSeconds,
    checkpoint: &Checkpoint,
) -> Option<Vec<u8>> {
    let head = checkpoint.head();
    let mut message = b"subtree/v1\n\0".to_vec();
    let put_name = |message: &mut Vec<u8>, name: &str| {
        message.push(u8::try_from(name.len()).ok()?);
        message.extend(name.as_bytes());
        Some(())
    };
    put_name(&mut message, cosigner.as_str())?;
    message.extend(time.0.to_be_bytes());
    put_name(&mut message, checkpoint.origin())?;
    message.extend(0u64.to_be_bytes());
    message.extend(head.size.to_be_bytes());
    message.extend(head.root.0);
    Some(message)
}
