//! Who said what: every statement that the server shows is judged by its speaker's keys.
//!
//! ```text
//!   key statements ──receipts──▶ which of them was the newest when something was receipted
//!   header      sender's key statement that it names, role send
//!   relation    claims, consents, objections, closure: the citizen; bindings and what ends them: the issuer
//!   envelope    handover, access, failure, acceptance, rejection, deletion: the recipient;
//!               withdrawal: sender
//! ```
//!
//! Invariant: keys that ended keep what they signed before and can say nothing after; what decides
//! is the receipt that answers the statement, never the time that its signer claims. So a rotated
//! key or a dismissed clerk invalidates no earlier binding, and the operator, who can sign receipts
//! but nothing else, can write in nobody's name.
//!
//! Absent: what is in force ([`crate::fold`]), and proofs for strangers
//! (`postfach_crypto::evidence`). Specification: docs/format/statements.md, "Who signs what".

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use postfach_crypto::ids::{Address, StatementHash, UnixMillis};
use postfach_crypto::keys::VerifyingKey;
use postfach_crypto::party::Party;
use postfach_crypto::statement::{
    Acceptance, Access, Binding, BindingWithdrawal, Closure, Consent, ConsentRevocation, Deletion,
    EnrolmentClaim, EnrolmentRefusal, EnvelopeHeader, Event, Failure, HandoverRequest,
    KeyStatement, Kind, Objection, Rejection, Role, Signed, SignedBy, Statement, Succession,
    VerifyError, Withdrawal, kind_of,
};

use super::error::{ClientError, Dishonest};
use super::mailbox::KnownEnvelope;
use super::session::{KnownParty, KnownRelation, Session};
use crate::api::resources::Logged;
use crate::fold::Relation;

/// A party's key statements with the times of their receipts.
#[derive(Debug, Clone)]
pub(super) struct DatedKeys(Vec<(Signed<KeyStatement>, UnixMillis)>);

impl DatedKeys {
    /// A history whose statements the server receipted at these times.
    pub(super) fn new(statements: Vec<(Signed<KeyStatement>, UnixMillis)>) -> Self {
        Self(statements)
    }

    /// The key statement with this hash.
    pub(super) fn named(&self, hash: &StatementHash) -> Option<&Signed<KeyStatement>> {
        let mut statements = self.0.iter().map(|(statement, _)| statement);
        statements.find(|statement| statement.hash() == *hash)
    }

    /// Whether `key` had `role` when the server receipted something at `time`. Of statements
    /// receipted in that very millisecond either may have been the newest.
    fn allowed(&self, key: &VerifyingKey, role: Role, time: UnixMillis) -> bool {
        let newest_before = self.0.iter().rposition(|(_, since)| *since < time);
        let start = newest_before.unwrap_or(0);
        self.0[start..]
            .iter()
            .enumerate()
            .take_while(|(index, (_, since))| *index == 0 || *since <= time)
            .any(|(_, (statement, _))| statement.allows(key, role, time).is_ok())
    }
}

/// What one operation has learned already, so that the server is not asked twice.
#[derive(Default)]
pub(super) struct Acquaintance {
    parties: HashMap<Address, KnownParty>,
    relations: HashMap<(Address, Address), KnownRelation>,
}

impl Acquaintance {
    /// A party, verified.
    pub(super) async fn party(
        &mut self,
        session: &Session,
        address: Address,
    ) -> Result<&KnownParty, ClientError> {
        match self.parties.entry(address) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(unknown) => Ok(unknown.insert(session.party(address).await?)),
        }
    }

    /// What stands between a citizen and an authority, verified.
    pub(super) async fn relation(
        &mut self,
        session: &Session,
        citizen: Address,
        authority: Address,
    ) -> Result<&KnownRelation, ClientError> {
        let pair = (citizen, authority);
        if !self.relations.contains_key(&pair) {
            let relation = session.relation_among(citizen, authority, self).await?;
            self.relations.insert(pair, relation);
        }
        Ok(&self.relations[&pair])
    }

    fn is_empty(&self) -> bool {
        self.parties.is_empty() && self.relations.is_empty()
    }
}

/// A statement as far as it matters here.
struct Said {
    kind: Kind,
    hash: StatementHash,
    origin: String,
    signer: VerifyingKey,
    speaker: Address,
    belongs: bool,
}

/// Reads a statement; `about` tells who speaks in it and whether it belongs where it was shown.
fn said<S: Statement>(
    bytes: &[u8],
    about: impl FnOnce(&S) -> (Address, bool),
) -> Result<Said, VerifyError> {
    let signed: Signed<S> = Signed::verify(bytes)?;
    let (speaker, belongs) = about(signed.payload());
    Ok(Said {
        kind: S::KIND,
        hash: signed.hash(),
        origin: signed.context().origin.clone(),
        signer: signed.signer(),
        speaker,
        belongs,
    })
}

/// A statement in the list of `citizen` and `authority`, or of `citizen` and everybody.
fn said_in_relation(
    bytes: &[u8],
    citizen: Address,
    authority: Option<Address>,
    relation: &Relation,
) -> Result<Said, VerifyError> {
    let pair = |issuer: Address, address: Address| address == citizen && Some(issuer) == authority;
    match kind_of(bytes).map_err(VerifyError::Envelope)? {
        Kind::EnrolmentClaim => said::<EnrolmentClaim>(bytes, |claim| {
            (claim.address, pair(claim.issuer, claim.address))
        }),
        Kind::EnrolmentRefusal => said::<EnrolmentRefusal>(bytes, |refusal| {
            (refusal.issuer, pair(refusal.issuer, refusal.address))
        }),
        Kind::Binding => said::<Binding>(bytes, |binding| {
            (binding.issuer, pair(binding.issuer, binding.address))
        }),
        Kind::BindingWithdrawal => {
            said::<BindingWithdrawal>(bytes, |end| (end.issuer, pair(end.issuer, end.address)))
        }
        Kind::Succession => said::<Succession>(bytes, |succession| {
            let concerned = [succession.old, succession.new].contains(&citizen);
            let issued = Some(succession.issuer) == authority;
            (succession.issuer, concerned && issued)
        }),
        Kind::Objection => said::<Objection>(bytes, |objection| {
            let named = relation.successions.iter().any(|(succession, _)| {
                succession.hash() == objection.succession && succession.old == objection.address
            });
            (objection.address, named)
        }),
        Kind::Consent => said::<Consent>(bytes, |consent| {
            let belongs = consent.citizen == citizen && consent.authority == authority;
            (consent.citizen, belongs)
        }),
        Kind::ConsentRevocation => said::<ConsentRevocation>(bytes, |end| {
            let belongs = end.citizen == citizen && end.authority == authority;
            (end.citizen, belongs)
        }),
        Kind::Closure => said::<Closure>(bytes, |closure| {
            let belongs = closure.citizen == citizen && authority.is_none();
            (closure.citizen, belongs)
        }),
        _ => Err(VerifyError::Kind),
    }
}

/// A statement about an envelope that was sent, other than receipts.
fn said_of_envelope(bytes: &[u8], header: &Signed<EnvelopeHeader>) -> Result<Said, VerifyError> {
    let about = |named: StatementHash, speaker: Address, side: Address| {
        (speaker, named == header.hash() && speaker == side)
    };
    let (sender, recipient) = (header.sender, header.recipient);
    match kind_of(bytes).map_err(VerifyError::Envelope)? {
        Kind::HandoverRequest => {
            said::<HandoverRequest>(bytes, |s| about(s.header, s.recipient, recipient))
        }
        Kind::Access => said::<Access>(bytes, |s| about(s.header, s.recipient, recipient)),
        Kind::Failure => said::<Failure>(bytes, |s| about(s.header, s.recipient, recipient)),
        Kind::Acceptance => said::<Acceptance>(bytes, |s| about(s.header, s.recipient, recipient)),
        Kind::Rejection => said::<Rejection>(bytes, |s| about(s.header, s.recipient, recipient)),
        Kind::Deletion => said::<Deletion>(bytes, |s| about(s.header, s.recipient, recipient)),
        Kind::Withdrawal => said::<Withdrawal>(bytes, |s| about(s.header, s.sender, sender)),
        _ => Err(VerifyError::Kind),
    }
}

impl Said {
    fn forged(&self) -> Dishonest {
        Dishonest::ForgedStatement {
            address: self.speaker,
            kind: self.kind.name(),
        }
    }

    /// It is made for this log, belongs here, and its signer had the role for the speaker.
    fn check(&self, origin: &str, keys: &DatedKeys, time: UnixMillis) -> Result<(), Dishonest> {
        let SignedBy::Role(role) = self.kind.signed_by() else {
            return Err(self.forged());
        };
        if self.origin != origin {
            return Err(Dishonest::Origin);
        }
        if self.belongs && keys.allowed(&self.signer, role, time) {
            Ok(())
        } else {
            Err(self.forged())
        }
    }
}

impl Session {
    /// When the server receipted a listed statement, by the receipt beside it.
    pub(super) fn receipted_at(&self, entry: &Logged) -> Result<UnixMillis, ClientError> {
        let receipt = entry.receipt.as_ref().ok_or(Dishonest::Unreceipted)?;
        let receipt = self.operator.receipt(receipt.as_ref())?;
        if receipt.answers != Some(StatementHash::of(entry.statement.as_ref())) {
            return Err(Dishonest::ForeignReceipt.into());
        }
        Ok(receipt.context.time)
    }

    /// Every statement of a relation's list was signed by whom it names.
    pub(super) async fn check_relation(
        &self,
        entries: &[Logged],
        citizen: Address,
        authority: Option<Address>,
        relation: &Relation,
        known: &mut Acquaintance,
    ) -> Result<(), ClientError> {
        let me = self.address()?;
        for entry in entries {
            let said = said_in_relation(entry.statement.as_ref(), citizen, authority, relation)
                .map_err(Dishonest::Statement)?;
            let time = self.receipted_at(entry)?;
            let party_to = said.speaker == citizen || Some(said.speaker) == authority;
            if said.belongs && !party_to && Some(me) != authority {
                // The old address objected. Its keys are not the successor's to see; the receipt
                // counts the objection, which can only keep mail away from the new address.
                continue;
            }
            if !said.belongs {
                return Err(said.forged().into());
            }
            let speaker = known.party(self, said.speaker).await?;
            said.check(self.operator.origin(), &speaker.keys, time)
                .map_err(|error| match (said.kind, error) {
                    (Kind::Binding, Dishonest::ForgedStatement { .. }) => {
                        Dishonest::ForgedBinding { address: citizen }
                    }
                    (_, error) => error,
                })?;
        }
        Ok(())
    }

    /// Header and statements of an envelope come from whom they name, and the sender knew the
    /// recipient.
    pub(super) async fn check_envelope(
        &self,
        envelope: &KnownEnvelope,
        known: &mut Acquaintance,
    ) -> Result<(), ClientError> {
        let fresh = known.is_empty();
        match self.check_envelope_among(envelope, known).await {
            Err(ClientError::Dishonest(_)) if !fresh => {
                // Keys or bindings may be newer than what was learned before.
                *known = Acquaintance::default();
                self.check_envelope_among(envelope, known).await
            }
            result => result,
        }
    }

    async fn check_envelope_among(
        &self,
        envelope: &KnownEnvelope,
        known: &mut Acquaintance,
    ) -> Result<(), ClientError> {
        let (header, origin) = (&envelope.delivery.header, self.operator.origin());
        let receipt_of = |hash: StatementHash| {
            let mut receipts = envelope.delivery.receipts.iter();
            receipts
                .find(|receipt| receipt.answers == Some(hash))
                .ok_or(Dishonest::Unreceipted)
        };
        let submission = receipt_of(header.hash())?;
        if !submission.events.contains(&Event::SubmissionAcceptance) {
            return Err(Dishonest::ForeignReceipt.into());
        }
        let sender = known.party(self, header.sender).await?;
        check_header(header, &sender.keys, origin, submission.context.time)?;
        let recipient = known.party(self, header.recipient).await?;
        let citizen = recipient.certification.certificates.is_empty();
        let person = recipient.party.clone();
        match header.binding {
            Some(binding) => {
                self.check_named_binding(header, binding, &person, known)
                    .await?;
            }
            // A letter to a citizen rests on a binding, whoever sends it.
            None if citizen && header.sender != header.recipient => {
                return Err(Dishonest::ForgedHeader {
                    sender: header.sender,
                }
                .into());
            }
            None => {}
        }
        for entry in envelope.resource.entries.iter().skip(1) {
            let bytes = entry.statement.as_ref();
            if kind_of(bytes) == Ok(Kind::Receipt) {
                continue; // verified when the list was
            }
            let said = said_of_envelope(bytes, header).map_err(Dishonest::Statement)?;
            let time = receipt_of(said.hash)?.context.time;
            if !said.belongs {
                return Err(said.forged().into());
            }
            let speaker = known.party(self, said.speaker).await?;
            said.check(origin, &speaker.keys, time)?;
        }
        Ok(())
    }

    /// The binding that a header names is the sender's own, over the recipient's first keys.
    async fn check_named_binding(
        &self,
        header: &EnvelopeHeader,
        binding: StatementHash,
        person: &Party,
        known: &mut Acquaintance,
    ) -> Result<(), ClientError> {
        let relation = known
            .relation(self, header.recipient, header.sender)
            .await?;
        check_binding(&relation.relation, binding, header.sender, person)
    }
}

/// The sender's key statement that the header names lets its signer send.
fn check_header(
    header: &Signed<EnvelopeHeader>,
    sender: &DatedKeys,
    origin: &str,
    receipted: UnixMillis,
) -> Result<(), Dishonest> {
    if header.context.origin != origin {
        return Err(Dishonest::Origin);
    }
    let signer = header.signer();
    let allowed = sender
        .named(&header.sender_keys)
        .is_some_and(|keys| keys.allows(&signer, Role::Send, receipted).is_ok());
    if allowed && signer == header.signer {
        Ok(())
    } else {
        Err(Dishonest::ForgedHeader {
            sender: header.sender,
        })
    }
}

/// A binding of a verified relation counts for the issuer that signed it and the person's first
/// keys.
pub(super) fn check_binding(
    relation: &Relation,
    binding: StatementHash,
    issuer: Address,
    person: &Party,
) -> Result<(), ClientError> {
    let genuine = relation.bindings.iter().any(|(known, _)| {
        known.hash() == binding
            && known.issuer == issuer
            && known.address == person.address()
            && known.key_statement == person.first()
    });
    if genuine {
        Ok(())
    } else {
        Err(Dishonest::ForgedBinding {
            address: person.address(),
        }
        .into())
    }
}

#[cfg(test)]
mod tests {
    use postfach_crypto::ids::{Blind, EnvelopeId, ManifestHash, PayloadHash};
    use postfach_crypto::keys::SigningKey;
    use postfach_crypto::statement::{Context, DeliveryClass, ListHead, PartReference};

    use super::*;
    use crate::client::enrol::NewParty;
    use crate::entropy;

    const ORIGIN: &str = "postfach.example/2026";

    fn context(time: u64) -> Context {
        Context {
            origin: ORIGIN.into(),
            epoch: 1,
            time: UnixMillis(time),
            blind: Blind(entropy::array()),
        }
    }

    /// A letter in the name of `sender`, signed by `key`.
    fn letter(sender: &Signed<KeyStatement>, key: &SigningKey) -> Signed<EnvelopeHeader> {
        let part = PartReference(
            postfach_crypto::ids::AgeHeaderHash::of(b"header"),
            6,
            PayloadHash::of(b"payload"),
            64,
        );
        let header = EnvelopeHeader {
            context: context(200),
            envelope_id: EnvelopeId([1; 16]),
            sender: sender.address,
            signer: key.verifying_key(),
            sender_keys: sender.hash(),
            recipient: Address([9; 32]),
            recipient_keys: sender.hash(),
            binding: None,
            parts: vec![part],
            manifest: ManifestHash([0; 32]),
            class: DeliveryClass::Ordinary,
            legal_rule: None,
            consent: None,
            previous: None,
            sender_head: ListHead::EMPTY.append(&sender.hash()),
            acting_under: None,
            on_behalf_of: None,
            tenant: None,
            providers: None,
            ext: None,
            acceptance_until: None,
        };
        Signed::sign(header, key).unwrap()
    }

    #[test]
    fn a_letter_that_the_operator_writes_in_an_authoritys_name_is_refused() {
        let authority = NewParty::generate();
        let keys = authority.key_statement(context(100)).unwrap();
        let dated = DatedKeys::new(vec![(keys.clone(), UnixMillis(100))]);
        let time = UnixMillis(300);
        let genuine = letter(&keys, authority.keys.identity().unwrap());
        assert_eq!(check_header(&genuine, &dated, ORIGIN, time), Ok(()));
        assert_eq!(
            check_header(&genuine, &dated, "elsewhere/2026", time),
            Err(Dishonest::Origin)
        );
        let operator = SigningKey::generate(&mut entropy::entropy());
        assert_eq!(
            check_header(&letter(&keys, &operator), &dated, ORIGIN, time),
            Err(Dishonest::ForgedHeader {
                sender: authority.address
            })
        );
    }
}
