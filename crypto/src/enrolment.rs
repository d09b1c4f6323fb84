//! Enrolment: how a letter's code ties a person to an address without ever travelling.
//!
//! ```text
//!   authority ──letter: code, issuer address, operator root key──▶ person
//!   person    ──EnrolmentClaim: code id, HMAC over key statement 0──▶ server ──▶ authority
//!   authority ──Binding, signed by the issuer's client──▶ server ──▶ person
//! ```
//!
//! The server sees code id and HMAC only; neither lets it claim another key. The recovery secret
//! on the sheet yields the recovery key by HKDF with a label of its own; under others it yields the
//! keys of the sheet's vault ([`crate::vault`]). Specification: docs/format/enrolment.md.

use std::fmt;
use std::str::FromStr;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::ids::{Address, CodeId, StatementHash};
use crate::keys::{SigningKey, VerifyingKey};
use crate::secret_text::{self, SecretTextError};

const CODE_ID_INFO: &[u8] = b"postfach/code-id/v1";
const CODE_MAC_INFO: &[u8] = b"postfach/code-mac/v1";
const RECOVERY_INFO: &[u8] = b"postfach/recovery-key/v1";

/// The code of an activation letter: 128 random bits, 32 characters on paper.
#[derive(Clone)]
pub struct ActivationCode(Zeroizing<[u8; 16]>);

/// The secret of a recovery sheet: 160 random bits, 40 characters on paper.
#[derive(Clone)]
pub struct RecoverySecret(Zeroizing<[u8; 20]>);

/// The claim's proof does not fit this code, key statement and origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the claim was not made with this letter's code for this key")]
pub struct BadClaim;

impl ActivationCode {
    /// Makes a new code.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut secret = Zeroizing::new([0; 16]);
        rng.fill_bytes(secret.as_mut());
        Self(secret)
    }

    /// The code as printed: eight groups of four.
    pub fn to_text(&self) -> Zeroizing<String> {
        secret_text::write::<16, 20>(&self.0)
    }

    /// Names the code without revealing it.
    pub fn id(&self) -> CodeId {
        let mut id = [0; 16];
        expand(&*self.0, CODE_ID_INFO, &mut id);
        CodeId(id)
    }

    /// The proof that a claim carries.
    pub fn claim_mac(&self, key_statement: &StatementHash, origin: &str) -> [u8; 32] {
        self.mac(key_statement, origin)
            .finalize()
            .into_bytes()
            .into()
    }

    /// Verifies that proof in constant time.
    pub fn verify_claim(
        &self,
        key_statement: &StatementHash,
        origin: &str,
        mac: &[u8; 32],
    ) -> Result<(), BadClaim> {
        self.mac(key_statement, origin)
            .verify_slice(mac)
            .map_err(|_| BadClaim)
    }

    fn mac(&self, key_statement: &StatementHash, origin: &str) -> Hmac<Sha256> {
        let mut key = Zeroizing::new([0; 32]);
        expand(&*self.0, CODE_MAC_INFO, key.as_mut());
        let mut mac =
            Hmac::<Sha256>::new_from_slice(key.as_ref()).expect("HMAC takes keys of any length");
        mac.update(&key_statement.0);
        mac.update(origin.as_bytes());
        mac
    }
}

impl FromStr for ActivationCode {
    type Err = SecretTextError;

    fn from_str(text: &str) -> Result<Self, SecretTextError> {
        secret_text::read::<16, 20>(text).map(Self)
    }
}

impl fmt::Debug for ActivationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ActivationCode(secret)")
    }
}

impl RecoverySecret {
    /// Makes a new secret.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut secret = Zeroizing::new([0; 20]);
        rng.fill_bytes(secret.as_mut());
        Self(secret)
    }

    /// The secret as printed: ten groups of four.
    pub fn to_text(&self) -> Zeroizing<String> {
        secret_text::write::<20, 25>(&self.0)
    }

    /// The key that can replace all other keys of the address.
    pub fn recovery_key(&self) -> SigningKey {
        let mut seed = Zeroizing::new([0; 32]);
        expand(&*self.0, RECOVERY_INFO, seed.as_mut());
        SigningKey::from_seed(&seed)
    }

    /// What the sheet's vault is derived from.
    pub(crate) fn bytes(&self) -> &[u8; 20] {
        &self.0
    }
}

impl FromStr for RecoverySecret {
    type Err = SecretTextError;

    fn from_str(text: &str) -> Result<Self, SecretTextError> {
        secret_text::read::<20, 25>(text).map(Self)
    }
}

impl fmt::Debug for RecoverySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoverySecret(secret)")
    }
}

fn expand(secret: &[u8], info: &[u8], out: &mut [u8]) {
    Hkdf::<Sha256>::new(None, secret)
        .expand(info, out)
        .expect("at most 32 bytes, far below HKDF's limit");
}

/// What a letter tells a person's client: where, whom to trust, and the code.
///
/// It travels in a URL fragment, which browsers do not send.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Base URL of the service, without a trailing slash.
    pub service: String,
    /// The authority that sent the letter.
    pub issuer: Address,
    /// The operator's root key.
    pub root: VerifyingKey,
    /// The code.
    pub code: ActivationCode,
}

/// The text is not the address that a letter's QR code holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvitationError {
    /// A part is missing or of another version.
    #[error("not the web address from an activation letter; scan the QR code again")]
    Form,
    /// The code in it is damaged.
    #[error(transparent)]
    Code(#[from] SecretTextError),
}

impl Invitation {
    /// The URL in the letter's QR code.
    pub fn to_url(&self) -> Zeroizing<String> {
        let root: String = self
            .root
            .0
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Zeroizing::new(format!(
            "{}/enrol#1.{}.{root}.{}",
            self.service,
            self.issuer,
            self.code.to_text().as_str()
        ))
    }
}

impl FromStr for Invitation {
    type Err = InvitationError;

    fn from_str(url: &str) -> Result<Self, InvitationError> {
        let (page, fragment) = url.trim().split_once('#').ok_or(InvitationError::Form)?;
        let service = page.strip_suffix("/enrol").ok_or(InvitationError::Form)?;
        let mut fields = fragment.split('.');
        let mut next = || fields.next().ok_or(InvitationError::Form);
        if next()? != "1" {
            return Err(InvitationError::Form);
        }
        let issuer = next()?.parse().map_err(|_| InvitationError::Form)?;
        let root: StatementHash = next()?.parse().map_err(|_| InvitationError::Form)?;
        let code = next()?.parse()?;
        if fields.next().is_some() {
            return Err(InvitationError::Form);
        }
        Ok(Self {
            service: service.to_owned(),
            issuer,
            root: VerifyingKey(root.0),
            code,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code() -> ActivationCode {
        ActivationCode(Zeroizing::new([9; 16]))
    }

    #[test]
    fn a_claim_fits_one_code_key_and_origin() {
        let statement = StatementHash([1; 32]);
        let mac = code().claim_mac(&statement, "a.example");
        assert!(code().verify_claim(&statement, "a.example", &mac).is_ok());
        assert!(code().verify_claim(&statement, "b.example", &mac).is_err());
        assert!(
            code()
                .verify_claim(&StatementHash([2; 32]), "a.example", &mac)
                .is_err()
        );
        let other = ActivationCode(Zeroizing::new([8; 16]));
        assert!(other.verify_claim(&statement, "a.example", &mac).is_err());
    }

    #[test]
    fn invitations_survive_the_qr_code() {
        let invitation = Invitation {
            service: "https://localhost:8443".into(),
            issuer: Address([3; 32]),
            root: SigningKey::from_seed(&[4; 32]).verifying_key(),
            code: code(),
        };
        let url = invitation.to_url();
        let read: Invitation = url.parse().expect("own URL");
        assert_eq!(read.to_url(), url);
        assert!(url.replace("#1.", "#2.").parse::<Invitation>().is_err());
    }

    #[test]
    fn secrets_do_not_show_in_debug() {
        assert_eq!(format!("{:?}", code()), "ActivationCode(secret)");
    }
}
