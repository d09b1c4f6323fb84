//! Tokens in evidence files, read for [`postfach_crypto::evidence::verify_stamped`].

use postfach_crypto::evidence::{StampedAt, TokenFault};

use super::TsaCertificates;
use super::token::{TokenError, verify_token};

impl TsaCertificates {
    /// Reads a token over the text of a checkpoint note; none where it is under another certificate.
    ///
    /// # Errors
    /// [`TokenFault`].
    pub fn read_token(
        &self,
        checkpoint_text: &str,
        token: &[u8],
    ) -> Result<Option<StampedAt>, TokenFault> {
        let error = match verify_token(token, checkpoint_text, self) {
            Ok(stamped) => return Ok(Some(stamped)),
            Err(error) => error,
        };
        Err(match error {
            TokenError::Certificate => return Ok(None),
            TokenError::TooLong | TokenError::Malformed(_) | TokenError::CriticalExtension => {
                TokenFault::Form
            }
            TokenError::Digest | TokenError::Algorithm => TokenFault::Algorithm,
            // What the signed attributes do not say of the content was not signed for it.
            TokenError::Attribute(_) | TokenError::Signature => TokenFault::Signature,
            TokenError::Imprint => TokenFault::OtherText,
            TokenError::Validity => TokenFault::Validity,
        })
    }
}
