//! Becoming a party: first keys, claims of letters, and the authority's answers to them.
//!
//! Invariant: the letter's code never travels; the authority, not the server, compares what the
//! citizen sent with its own address book and signs the binding.
//!
//! Absent: changing keys (`rotation`) and consents (`consents`). Specification:
//! docs/format/enrolment.md.

use postfach_crypto::age::HybridIdentity;
use postfach_crypto::enrolment::{Invitation, RecoverySecret};
use postfach_crypto::ids::{Address, UnixMillis};
use postfach_crypto::keys::{SigningKey, VerifyingKey};
use postfach_crypto::party::Party;
use postfach_crypto::statement::{
    AssuranceLevel, Binding, BindingMethod, BindingWithdrawal, Context, EnrolmentClaim,
    EnrolmentRefusal, KeyStatement, Reason, RefusalReason, Signed,
};

use super::book::{Book, BoundAddress};
use super::error::{ClientError, Dishonest};
use super::http::Http;
use super::keyfile::{KeyRole, Keys};
use super::profile::Profile;
use super::rotation::recipients;
use super::session::{Receipted, Session, verified};
use super::trust::check_binding;
use crate::api::resources::{Claims, Info};
use crate::{clock, entropy};

/// New keys of a party, before the server has seen them.
pub struct NewParty {
    /// The private keys.
    pub keys: Keys,
    /// The secret that goes on paper.
    pub recovery: RecoverySecret,
    /// The party's address.
    pub address: Address,
}

/// How a claim was answered.
#[derive(Debug, Clone)]
pub enum ClaimOutcome {
    /// The person with this reference is bound.
    Bound {
        /// The authority's reference.
        reference: String,
        /// The receipt of the binding.
        receipted: Box<Receipted>,
    },
    /// The claim was refused.
    Refused(RefusalReason),
}

/// What the server says of itself, accepted under a root key that is already known, or on first
/// use by an authority that compares the fingerprint itself.
pub async fn learn_service(
    service: &str,
    ca: Option<&std::path::Path>,
    root: Option<VerifyingKey>,
) -> Result<(Info, VerifyingKey), ClientError> {
    let http = Http::new(service, ca)?;
    let info: Info = http.get("/v1/info", None).await?;
    let shown: postfach_crypto::ids::StatementHash = info
        .root
        .parse()
        .map_err(|_| ClientError::Answer("root key".into()))?;
    let shown = VerifyingKey(shown.0);
    if root.is_some_and(|root| root != shown) {
        return Err(Dishonest::RootKey.into());
    }
    Ok((info, shown))
}

impl NewParty {
    /// Draws identity key, age identity and recovery secret.
    pub fn generate() -> Self {
        let mut rng = entropy::entropy();
        let identity = SigningKey::generate(&mut rng);
        let recovery = RecoverySecret::generate(&mut rng);
        let recovery_hash = recovery.recovery_key().verifying_key().recovery_hash();
        let address = Address::of(&identity.verifying_key(), &recovery_hash);
        let mut keys = Keys::new();
        keys.add_signing(KeyRole::Identity, identity);
        keys.add_age_identity(HybridIdentity::generate(&mut rng));
        keys.set_address(address);
        Self {
            keys,
            recovery,
            address,
        }
    }

    /// Key statement number 0.
    pub fn key_statement(&self, context: Context) -> Result<Signed<KeyStatement>, ClientError> {
        let identity = self.keys.identity()?;
        let statement = KeyStatement {
            context,
            address: self.address,
            number: 0,
            previous: None,
            identity: identity.verifying_key(),
            recovery: self.recovery.recovery_key().verifying_key().recovery_hash(),
            recipients: recipients(&self.keys),
            signers: Vec::new(),
            possession: None,
            recovered_with: None,
            home: None,
            ext: None,
        };
        Ok(Signed::sign(statement, identity)?)
    }
}

impl Session {
    /// Registers the party's first keys.
    pub async fn register(
        &self,
        statement: &Signed<KeyStatement>,
    ) -> Result<Receipted, ClientError> {
        let receipted = self.submit(statement).await?;
        self.kept
            .remember_history(statement.address, std::slice::from_ref(statement))
            .map_err(super::session::contradiction)?;
        Ok(receipted)
    }

    /// Claims a letter's code for this party's address.
    pub async fn claim(&self, invitation: &Invitation) -> Result<Receipted, ClientError> {
        let me = self.own_party()?;
        let first = me.first();
        let claim = EnrolmentClaim {
            context: self.context(),
            issuer: invitation.issuer,
            address: me.address(),
            key_statement: first,
            code_id: invitation.code.id(),
            mac: invitation.code.claim_mac(&first, self.operator.origin()),
            ext: None,
        };
        let claim = Signed::sign(claim, self.keys.identity()?)?;
        self.submit(&claim).await
    }

    /// The party's own history as it is kept here.
    fn own_party(&self) -> Result<Party, ClientError> {
        let address = self.address()?;
        self.kept
            .party(address)?
            .ok_or_else(|| ClientError::NotFound("this profile's keys are not registered".into()))
    }

    /// Answers the claims that wait for this authority, from its address book.
    ///
    /// The book is the caller's to save; a binding that was accepted but not saved is found again
    /// on the next run, because the server answers the same claim the same way.
    pub async fn answer_claims(&self, book: &mut Book) -> Result<Vec<ClaimOutcome>, ClientError> {
        let me = self.address()?;
        let (mut outcomes, mut after) = (Vec::new(), 0);
        loop {
            let path = format!("/v1/parties/{me}/claims?after={after}");
            let claims: Claims = self.http.get(&path, Some(self.signer()?)).await?;
            if claims.claims.is_empty() {
                return Ok(outcomes);
            }
            after = claims.next;
            self.answer_page(me, book, &claims, &mut outcomes).await?;
        }
    }

    async fn answer_page(
        &self,
        me: Address,
        book: &mut Book,
        claims: &Claims,
        outcomes: &mut Vec<ClaimOutcome>,
    ) -> Result<(), ClientError> {
        for waiting in &claims.claims {
            let claim: Signed<EnrolmentClaim> =
                Signed::verify(waiting.claim.statement.as_ref()).map_err(Dishonest::Statement)?;
            let address = claim.address;
            let history = verified::<KeyStatement>(&waiting.keys, self.operator.origin())?;
            let claimant = Party::from_history(address, history.iter().cloned())
                .map_err(|cause| Dishonest::SlippedInKey { address, cause })?;
            if claim.issuer != me || claim.key_statement != claimant.first() {
                return Err(Dishonest::ForgedBinding { address }.into());
            }
            let relation = self.relation(address, me).await?.relation;
            let open = relation.claims.iter().any(|(known, answer)| {
                known.hash() == claim.hash() && *answer == crate::fold::ClaimAnswer::Open
            });
            self.kept
                .remember_history(address, &history)
                .map_err(super::session::contradiction)?;
            if let Some(outcome) = self.answer_claim(book, &claim, &relation, open).await? {
                outcomes.push(outcome);
            }
        }
        Ok(())
    }

    async fn answer_claim(
        &self,
        book: &mut Book,
        claim: &Signed<EnrolmentClaim>,
        relation: &crate::fold::Relation,
        open: bool,
    ) -> Result<Option<ClaimOutcome>, ClientError> {
        let now = clock::now();
        let entry = match book.check_claim(claim, now) {
            Ok(entry) => entry,
            Err(_) if !open => return Ok(None),
            Err(reason) => {
                self.refuse(claim, reason).await?;
                return Ok(Some(ClaimOutcome::Refused(reason)));
            }
        };
        let reference = entry.reference.clone();
        let person = entry.person().commitment();
        let known = relation
            .bindings
            .iter()
            .find(|(binding, _)| binding.claim == Some(claim.hash()));
        if let Some((binding, _)) = known {
            // Accepted before; only the book did not learn of it.
            if book.by_binding(&binding.hash()).is_none() {
                book.bind(
                    &reference,
                    bound(claim.address, binding, binding.context.time),
                )?;
            }
            return Ok(None);
        }
        if !open {
            return Ok(None);
        }
        if relation.binding_in_force(now).is_some() {
            // Claimed twice before the first was answered; that one is bound.
            let reason = RefusalReason::AlreadyUsed;
            self.refuse(claim, reason).await?;
            return Ok(Some(ClaimOutcome::Refused(reason)));
        }
        let binding = Binding {
            context: self.context(),
            issuer: claim.issuer,
            address: claim.address,
            key_statement: claim.key_statement,
            claim: Some(claim.hash()),
            person,
            method: BindingMethod::Letter,
            assurance: AssuranceLevel::Substantial,
            until: None,
            ext: None,
        };
        let binding = Signed::sign(binding, self.daily_key()?)?;
        let receipted = self.submit(&binding).await?;
        book.bind(&reference, bound(claim.address, &binding, now))?;
        Ok(Some(ClaimOutcome::Bound {
            reference,
            receipted: Box::new(receipted),
        }))
    }

    async fn refuse(
        &self,
        claim: &Signed<EnrolmentClaim>,
        reason: RefusalReason,
    ) -> Result<Receipted, ClientError> {
        let refusal = EnrolmentRefusal {
            context: self.context(),
            issuer: claim.issuer,
            address: claim.address,
            claim: claim.hash(),
            reason,
            ext: None,
        };
        let refusal = Signed::sign(refusal, self.daily_key()?)?;
        self.submit(&refusal).await
    }

    /// Withdraws the binding of the person with this reference.
    pub async fn withdraw_binding(
        &self,
        book: &mut Book,
        reference: &str,
        reason: Reason,
    ) -> Result<Receipted, ClientError> {
        let entry = book.by_reference(reference);
        let current = entry.and_then(|entry| entry.current());
        let current = current.ok_or_else(|| ClientError::NotEnrolled(reference.to_owned()))?;
        let withdrawal = BindingWithdrawal {
            context: self.context(),
            issuer: self.address()?,
            address: current.address,
            binding: current.binding,
            reason,
            ext: None,
        };
        let binding = current.binding;
        let withdrawal = Signed::sign(withdrawal, self.daily_key()?)?;
        let receipted = self.submit(&withdrawal).await?;
        book.withdraw(&binding, clock::now())?;
        Ok(receipted)
    }

    /// Accepts a binding of this citizen only with its issuer's genuine signature.
    pub async fn check_own_binding(&self, binding: &Signed<Binding>) -> Result<(), ClientError> {
        let me = self.own_party()?;
        let known = self.relation(me.address(), binding.issuer).await?;
        check_binding(&known.relation, binding.hash(), binding.issuer, &me)
    }
}

/// Notes the address of a profile that was just registered.
pub fn note_address(profile: &mut Profile, address: Address) -> Result<(), ClientError> {
    let lock = profile.lock()?;
    profile.change(&lock, |settings| settings.address = Some(address))?;
    Ok(())
}

fn bound(address: Address, binding: &Signed<Binding>, since: UnixMillis) -> BoundAddress {
    BoundAddress {
        address,
        binding: binding.hash(),
        since,
        withdrawn: None,
    }
}
