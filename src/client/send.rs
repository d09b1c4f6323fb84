//! Sending: a letter becomes a signed header over encrypted parts, once, on disk.
//!
//! ```text
//!   Letter ──seal──▶ parts ──sign──▶ outbox/<envelope id>/ : header, submission, large payloads
//! ```
//!
//! Invariant: the header names the binding that this authority itself signed and the consent in
//! force, never what the server says of them.
//!
//! Absent: encryption (`seal`) and delivery ([`super::outbox`]). Specification:
//! docs/format/envelope.md, "Header".

use std::path::PathBuf;

use postfach_crypto::envelope::{Act, LetterSet, Replies};
use postfach_crypto::ids::{Address, EnvelopeId, ManifestHash, StatementHash, UnixMillis};
use postfach_crypto::statement::{
    ConsentClass, DeliveryClass, EnvelopeHeader, PartReference, Signed,
};

use super::error::ClientError;
use super::outbox::Prepared;
use super::session::{KnownParty, Session};
use super::trust::check_binding;
use crate::durable;
use crate::service::Submission;
use crate::{clock, entropy};

/// What is to be sent.
#[derive(Debug, Clone)]
pub struct Letter {
    /// To whom.
    pub recipient: Address,
    /// Ordinary or registered.
    pub class: DeliveryClass,
    /// The legal rule by which it is delivered.
    pub legal_rule: Option<String>,
    /// Until when the recipient is asked to acknowledge receipt, if at all.
    pub acceptance_until: Option<UnixMillis>,
    /// Subject.
    pub subject: String,
    /// Text.
    pub text: String,
    /// Files to attach.
    pub files: Vec<PathBuf>,
    /// The letter that this one replies to.
    pub in_reply_to: Option<StatementHash>,
    /// Whether replies are read.
    pub replies: Option<Replies>,
    /// The administrative act in it.
    pub act: Option<Act>,
    /// The set it belongs to.
    pub set: Option<LetterSet>,
    /// The letter whose archive copy this is.
    pub copy_of: Option<StatementHash>,
}

/// Is told of progress: bytes done of bytes in all.
pub type Progress<'a> = &'a mut (dyn FnMut(u64, u64) + Send);

impl Session {
    /// Encrypts and signs a letter into the outbox.
    pub async fn prepare(
        &self,
        letter: &Letter,
        progress: Progress<'_>,
    ) -> Result<Prepared, ClientError> {
        self.prepare_as(EnvelopeId(entropy::array()), letter, progress)
            .await
    }

    /// Encrypts and signs a letter into the outbox under an id that the caller has noted before,
    /// so that it knows its own letter again whenever the process ends.
    pub async fn prepare_as(
        &self,
        envelope_id: EnvelopeId,
        letter: &Letter,
        progress: Progress<'_>,
    ) -> Result<Prepared, ClientError> {
        let recipient = self.party(letter.recipient).await?;
        let folder = self.profile.outbox_folder().join(envelope_id.to_string());
        durable::private_folder(&folder).map_err(ClientError::file(&folder))?;
        let sealed = tokio::task::block_in_place(|| {
            self.seal_parts(letter, envelope_id, &recipient, &folder, progress)
        });
        let (parts, manifest) = sealed.inspect_err(|_| {
            let _ = std::fs::remove_dir_all(&folder); // nothing of it was sent
        })?;
        let mut submission = Submission {
            header: Vec::new(),
            parts: Vec::with_capacity(parts.len()),
        };
        let mut references = Vec::with_capacity(parts.len());
        for part in parts {
            references.push(part.reference);
            submission.parts.push(part.submission);
        }
        let header = self
            .sign_header(letter, envelope_id, &recipient, references, manifest)
            .await
            .inspect_err(|_| {
                let _ = std::fs::remove_dir_all(&folder); // nothing of it was sent
            })?;
        let mut prepared = Prepared {
            folder,
            header,
            submission,
        };
        prepared.save()?;
        Ok(prepared)
    }

    async fn sign_header(
        &self,
        letter: &Letter,
        envelope_id: EnvelopeId,
        recipient: &KnownParty,
        parts: Vec<PartReference>,
        manifest: ManifestHash,
    ) -> Result<Signed<EnvelopeHeader>, ClientError> {
        let me = self.party(self.address()?).await?;
        let mut header = EnvelopeHeader {
            context: self.context(),
            envelope_id,
            sender: me.party.address(),
            signer: self.daily_key()?.verifying_key(),
            sender_keys: me.party.current().hash(),
            recipient: letter.recipient,
            recipient_keys: recipient.party.current().hash(),
            binding: None,
            parts,
            manifest,
            class: letter.class,
            legal_rule: letter.legal_rule.clone(),
            consent: None,
            previous: self.last_sent(letter.recipient).await?,
            sender_head: me.party.head(),
            acting_under: None,
            on_behalf_of: None,
            tenant: None,
            providers: None,
            ext: None,
            acceptance_until: letter.acceptance_until,
        };
        let to_citizen =
            recipient.certified_name().is_none() && recipient.party.address() != me.party.address();
        if to_citizen {
            self.rely_on_binding(&me, recipient, &mut header).await?;
        }
        Ok(Signed::sign(header, self.daily_key()?)?)
    }

    /// Names the binding, which must be our own signature over the recipient's first keys, and the
    /// consent in force.
    async fn rely_on_binding(
        &self,
        me: &KnownParty,
        recipient: &KnownParty,
        header: &mut EnvelopeHeader,
    ) -> Result<(), ClientError> {
        let relation = self.relation(header.recipient, header.sender).await?;
        let now = clock::now();
        let binding = relation.relation.binding_in_force(now).ok_or_else(|| {
            ClientError::NotFound("the person's binding to this authority is not in force".into())
        })?;
        check_binding(
            &relation.relation,
            binding.hash(),
            me.party.address(),
            &recipient.party,
        )?;
        header.binding = Some(binding.hash());
        let class = match header.class {
            DeliveryClass::Registered => ConsentClass::Service,
            DeliveryClass::Ordinary => ConsentClass::Notification,
        };
        header.consent = relation.consent_in_force(class, now).map(Signed::hash);
        Ok(())
    }
}
