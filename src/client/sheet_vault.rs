//! The recovery sheet's vault: the age identities with which old mail opens after every device is lost.
//!
//! Invariant: what is in it decides nothing but what may be tried on old mail; who the party is, says its
//! key history. Absent: writing vaults, which the pages do for the sheets that they print.
//! Specification: docs/format/vault.md.

use postfach_crypto::age::HybridIdentity;
use postfach_crypto::enrolment::RecoverySecret;
use postfach_crypto::ids::Address;
use postfach_crypto::vault::{VaultContent, VaultKeys, VaultSecret};

use super::error::ClientError;
use super::http::Http;

/// The age identities in the sheet's vault, newest first; none where it has none, or none of this party.
pub(super) async fn openers(
    http: &Http,
    address: Address,
    sheet: &RecoverySecret,
) -> Result<Vec<HybridIdentity>, ClientError> {
    let keys = VaultKeys::derive(VaultSecret::Sheet(sheet));
    let Some(sealed) = http.vault(&keys).await? else {
        return Ok(Vec::new());
    };
    // Bytes that do not open cost the old mail, not the address.
    let opened = keys.open(&sealed).ok();
    let content = opened.and_then(|bytes| VaultContent::decode(&bytes).ok());
    let own = content.filter(|content| content.address == address);
    Ok(own.map_or_else(Vec::new, |content| {
        content.openers.iter().map(|seed| seed.opener()).collect()
    }))
}

/// `known` and what of `found` is not among them, in this order.
pub(super) fn joined(known: &[HybridIdentity], found: Vec<HybridIdentity>) -> Vec<HybridIdentity> {
    let mut all = known.to_vec();
    for identity in found {
        if !all
            .iter()
            .any(|other| other.to_seed() == identity.to_seed())
        {
            all.push(identity);
        }
    }
    all
}
