//! Return paths that nobody can guess and that need no database (VERP).
//!
//! A notification is number `n` of the queue. Its token is `mask(n) ‖ tag`, 6 and 12 bytes in hex:
//! the tag is an HMAC over `n` and the letter's header, the mask an HMAC over the tag. So a token
//! tells strangers neither letter nor number, and we read the number, look the header up in the
//! queue, and check the tag. Invariant: a token that was not made here under this key leads nowhere.
//! Losing the key loses the way back for mails already sent, nothing else.
//!
//! Absent: secrecy towards whoever handles the mail. They see the token and can make a report on
//! *this* notification; evidence then says that a report came, not that it is true.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use hmac::{Hmac, KeyInit as _, Mac as _};
use postfach_crypto::ids::StatementHash;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::SetUpError;
use crate::durable::{self, Access, Existing};
use crate::entropy;

/// Bytes of the number: more notifications than this are not sent in centuries.
const NUMBER: usize = 6;
/// Bytes of the tag: 96 bits, out of reach for guesses by mail.
const TAG: usize = 12;
/// Digits of a token.
pub(super) const TOKEN_DIGITS: usize = 2 * (NUMBER + TAG);
/// Bytes of the Message-ID's left side, before hex.
const MESSAGE_ID: usize = 16;

const FOR_TAG: &[u8] = b"postfach/notify-tag/v1\0";
const FOR_MASK: &[u8] = b"postfach/notify-mask/v1\0";
const FOR_MESSAGE_ID: &[u8] = b"postfach/notify-message-id/v1\0";

/// Makes and reads tokens.
pub(super) struct TokenKey(Zeroizing<[u8; 32]>);

/// A token's content before it is known to be genuine.
pub(super) struct Claimed {
    /// Number in the queue.
    pub(super) number: u64,
    tag: [u8; TAG],
}

impl TokenKey {
    /// Reads the key file, or makes it the first time.
    pub(super) fn open(path: &Path) -> Result<Self, SetUpError> {
        match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::create(path),
            Err(error) => return Err(SetUpError::file(path)(error)),
            Ok(metadata) if metadata.permissions().mode() & 0o077 != 0 => {
                let loose = io::Error::new(io::ErrorKind::PermissionDenied, "mode must be 0600");
                return Err(SetUpError::file(path)(loose));
            }
            Ok(_) => {}
        }
        let text = Zeroizing::new(fs::read_to_string(path).map_err(SetUpError::file(path))?);
        // Any 32-byte hash type reads hex.
        let key: StatementHash = text
            .trim()
            .parse()
            .map_err(|_| SetUpError::Key(path.to_owned()))?;
        Ok(Self(Zeroizing::new(key.0)))
    }

    fn create(path: &Path) -> Result<Self, SetUpError> {
        let key = Zeroizing::new(entropy::array::<32>());
        let text = Zeroizing::new(format!("{}\n", StatementHash(*key)));
        durable::write(path, text.as_bytes(), Access::Private, Existing::Refuse)
            .map_err(SetUpError::file(path))?;
        Ok(Self(key))
    }

    /// The token of a notification.
    pub(super) fn token(&self, number: u64, header: &StatementHash) -> String {
        let tag: [u8; TAG] = self.tag(number, header);
        let number = &number.to_be_bytes()[8 - NUMBER..];
        let masked = xor(number, &self.mask(&tag));
        hex(&masked) + &hex(&tag)
    }

    /// What a token says, if it has the form of one.
    pub(super) fn read(&self, token: &str) -> Option<Claimed> {
        let bytes = unhex(token)?;
        let (masked, tag) = bytes.split_at_checked(NUMBER)?;
        let tag = <[u8; TAG]>::try_from(tag).ok()?;
        let mut number = [0; 8];
        number[8 - NUMBER..].copy_from_slice(&xor(masked, &self.mask(&tag)));
        Some(Claimed {
            number: u64::from_be_bytes(number),
            tag,
        })
    }

    /// Whether a token was made here for this letter at its number.
    pub(super) fn genuine(&self, claimed: &Claimed, header: &StatementHash) -> bool {
        let mac = self.over(FOR_TAG, &[&claimed.number.to_be_bytes(), &header.0]);
        mac.verify_truncated_left(&claimed.tag).is_ok()
    }

    /// The left side of the mail's Message-ID: the same when it is sent again.
    pub(super) fn message_id(&self, number: u64, header: &StatementHash) -> String {
        let mac = self.over(FOR_MESSAGE_ID, &[&number.to_be_bytes(), &header.0]);
        hex(&mac.finalize().into_bytes()[..MESSAGE_ID])
    }

    fn tag(&self, number: u64, header: &StatementHash) -> [u8; TAG] {
        let mac = self.over(FOR_TAG, &[&number.to_be_bytes(), &header.0]);
        first(&mac.finalize().into_bytes())
    }

    fn mask(&self, tag: &[u8; TAG]) -> [u8; NUMBER] {
        first(&self.over(FOR_MASK, &[tag]).finalize().into_bytes())
    }

    fn over(&self, purpose: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&*self.0).expect("HMAC takes any key");
        mac.update(purpose);
        for part in parts {
            mac.update(part);
        }
        mac
    }
}

fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut first = [0; N];
    first.copy_from_slice(&bytes[..N]);
    first
}

fn xor(bytes: &[u8], mask: &[u8; NUMBER]) -> Vec<u8> {
    bytes
        .iter()
        .zip(mask)
        .map(|(byte, mask)| byte ^ mask)
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.len() != TOKEN_DIGITS || !text.is_ascii() {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> TokenKey {
        TokenKey(Zeroizing::new([byte; 32]))
    }

    #[test]
    fn a_token_leads_back_and_no_other_does() {
        let (key, header) = (key(1), StatementHash([7; 32]));
        for number in [0, 1, 255, 1 << 40] {
            let token = key.token(number, &header);
            assert_eq!(token.len(), TOKEN_DIGITS);
            let claimed = key.read(&token.to_uppercase()).unwrap();
            assert_eq!(claimed.number, number);
            assert!(key.genuine(&claimed, &header));
            assert!(!key.genuine(&claimed, &StatementHash([8; 32])));
            for at in 0..TOKEN_DIGITS {
                let mut other = token.clone().into_bytes();
                other[at] = if other[at] == b'0' { b'1' } else { b'0' };
                let claimed = key.read(std::str::from_utf8(&other).unwrap()).unwrap();
                assert!(!key.genuine(&claimed, &header), "digit {at}");
            }
        }
        let foreign = super::tests::key(2).token(1, &header);
        assert!(!key.genuine(&key.read(&foreign).unwrap(), &header));
        for bad in ["", "00", &"g".repeat(36), &"0".repeat(37), &"é".repeat(18)] {
            assert!(key.read(bad).is_none());
        }
    }

    #[test]
    fn neighbours_look_unrelated() {
        let header = StatementHash([7; 32]);
        let (one, two) = (key(1).token(1, &header), key(1).token(2, &header));
        assert_ne!(one[..2 * NUMBER], two[..2 * NUMBER]);
        assert_ne!(key(1).message_id(1, &header), key(1).message_id(2, &header));
    }

    #[test]
    fn the_key_is_made_once_private_and_refused_when_loose_or_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify.key");
        let made = TokenKey::open(&path).unwrap();
        assert_eq!(*TokenKey::open(&path).unwrap().0, *made.0);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(
            TokenKey::open(&path),
            Err(SetUpError::File { .. })
        ));
        fs::remove_file(&path).unwrap();
        durable::write(&path, b"x\n", Access::Private, Existing::Refuse).unwrap();
        assert!(matches!(TokenKey::open(&path), Err(SetUpError::Key(_))));
    }
}
