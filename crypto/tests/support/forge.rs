//! COSE_Sign1 written out by hand, a second time and without the crate's own encoder, so that
//! every byte of a statement can be wrong in a chosen way.

use ed25519_dalek::Signer as _;
use postfach_crypto::statement::Kind;

/// A statement whose every piece can be replaced before it is assembled.
#[derive(Clone)]
pub struct Forge {
    pub tag: Vec<u8>,
    pub protected: Vec<u8>,
    pub unprotected: Vec<u8>,
    pub aad: Vec<u8>,
    pub payload: Vec<u8>,
    pub seed: [u8; 32],
}

/// The head of a CBOR item.
pub fn head(major: u8, argument: u64) -> Vec<u8> {
    let top = major << 5;
    let bytes = argument.to_be_bytes();
    match argument {
        0..=23 => vec![top | bytes[7]],
        24..=0xff => vec![top | 24, bytes[7]],
        0x100..=0xffff => [&[top | 25][..], &bytes[6..]].concat(),
        0x1_0000..=0xffff_ffff => [&[top | 26][..], &bytes[4..]].concat(),
        _ => [&[top | 27][..], &bytes].concat(),
    }
}

/// A byte string (2) or text (3).
pub fn string(major: u8, content: &[u8]) -> Vec<u8> {
    [&head(major, content.len() as u64)[..], content].concat()
}

/// The protected header's bytes.
pub fn protected(algorithm: &[u8], kid: &[u8], media_type: &str) -> Vec<u8> {
    [
        &[0xa3, 0x01][..],
        algorithm,
        &[0x04],
        &string(2, kid),
        &[0x10],
        &string(3, media_type.as_bytes()),
    ]
    .concat()
}

/// −19, Ed25519.
pub const ED25519: &[u8] = &[0x32];

impl Forge {
    /// A genuine statement so far.
    pub fn new(kind: Kind, payload: &[u8], seed: [u8; 32]) -> Self {
        let kid = ed25519_dalek::SigningKey::from_bytes(&seed)
            .verifying_key()
            .to_bytes();
        Self {
            tag: vec![0xd2],
            protected: protected(ED25519, &kid, kind.media_type()),
            unprotected: vec![0xa0],
            aad: kind.external_aad().to_vec(),
            payload: payload.to_vec(),
            seed,
        }
    }

    /// The signature over what is there now.
    pub fn signature(&self) -> [u8; 64] {
        let message = [
            &[0x84][..],
            &string(3, b"Signature1"),
            &string(2, &self.protected),
            &string(2, &self.aad),
            &string(2, &self.payload),
        ]
        .concat();
        ed25519_dalek::SigningKey::from_bytes(&self.seed)
            .sign(&message)
            .to_bytes()
    }

    /// The statement with its own signature.
    pub fn build(&self) -> Vec<u8> {
        self.with_signature(&self.signature())
    }

    /// The statement with any bytes in the signature's place.
    pub fn with_signature(&self, signature: &[u8]) -> Vec<u8> {
        [
            &self.tag[..],
            &[0x84],
            &string(2, &self.protected),
            &self.unprotected,
            &string(2, &self.payload),
            &string(2, signature),
        ]
        .concat()
    }
}
