//! A party at its server: every answer is verified before anything is done with it.
//!
//! Invariant: what a method returns was checked against the pinned root key, against the party's
//! own signatures and against what the server said before ([`super::kept`]); otherwise the method
//! fails with [`Dishonest`], which names the lie. Nothing that the operator could forge is used.

use postfach_crypto::ids::{Address, Blind, StatementHash, UnixMillis};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::operator::Operator;
use postfach_crypto::party::Party;
use postfach_crypto::statement::{
    Consent, ConsentClass, Context, Event, Head, KeyStatement, ListHead, Receipt, Signed,
    Statement, Subject,
};

use super::error::{ClientError, Dishonest};
use super::http::{Http, Signer};
use super::kept::{Contradiction, KeepError, Kept};
use super::keyfile::{KeyRole, Keys};
use super::profile::{Profile, Settings};
use super::trust::{Acquaintance, DatedKeys};
use crate::api::resources::{
    AcceptedStatement, Info, Limits, Logged, PartyResource, RelationResource,
};
use crate::fold::{Certification, Relation};
use crate::{clock, entropy};

/// A party at its server.
pub struct Session {
    pub(super) profile: Profile,
    pub(super) keys: Keys,
    pub(super) http: Http,
    pub(super) operator: Operator,
    pub(super) kept: Kept,
    pub(super) limits: Limits,
}

/// A party whose keys and certificates were verified.
#[derive(Debug, Clone)]
pub struct KnownParty {
    /// Its keys.
    pub party: Party,
    /// Its certificates.
    pub certification: Certification,
    /// Its key statements with the times of their receipts.
    pub(super) keys: DatedKeys,
    /// The answer that this was verified from.
    pub(super) resource: PartyResource,
}

/// What stands between a citizen and an authority, verified.
#[derive(Debug, Clone)]
pub struct KnownRelation {
    /// Between the two.
    pub relation: Relation,
    /// Between the citizen and all authorities.
    pub general: Relation,
    /// The answer that this was verified from.
    pub(super) resource: RelationResource,
}

/// A statement that the server receipted.
#[derive(Debug, Clone)]
pub struct Receipted {
    /// The statement.
    pub statement: StatementHash,
    /// Its position in the log.
    pub position: u64,
    /// The receipt.
    pub receipt: Signed<Receipt>,
    /// Whether the server knew the statement before.
    pub repeated: bool,
    /// After a handover: the age headers.
    pub age_headers: Option<Vec<Vec<u8>>>,
}

/// What the receipt of a write must say besides what it answers.
#[derive(Clone, Copy)]
pub(super) struct Expected<'a> {
    /// The envelope that it is about.
    pub(super) header: Option<StatementHash>,
    /// What must have happened.
    pub(super) events: &'a [Event],
}

impl Expected<'_> {
    /// Whether a receipt says it.
    pub(super) fn check(
        &self,
        statement: StatementHash,
        receipt: &Receipt,
    ) -> Result<(), Dishonest> {
        let happened = self
            .events
            .iter()
            .all(|event| receipt.events.contains(event));
        if happened && receipt.answers == Some(statement) && receipt.header == self.header {
            Ok(())
        } else {
            Err(Dishonest::ForeignReceipt)
        }
    }
}

/// Fetches what a server says of itself and accepts it only under the pinned root key.
pub(super) async fn introduce(
    http: &Http,
    settings: &Settings,
) -> Result<(Info, Operator), ClientError> {
    let info: Info = http.get("/v1/info", None).await?;
    if info.root != StatementHash(settings.operator_root.0).to_string() {
        return Err(Dishonest::RootKey.into());
    }
    if info.origin != settings.origin || info.epoch < settings.epoch {
        return Err(Dishonest::Origin.into());
    }
    let operator = Operator::new(&settings.origin, settings.operator_root, &info.delegations)?;
    Ok((info, operator))
}

/// The context of a new statement for the log that a profile names.
pub fn new_context(settings: &Settings) -> Context {
    Context {
        origin: settings.origin.clone(),
        epoch: settings.epoch,
        time: clock::now(),
        blind: Blind(entropy::array()),
    }
}

impl Session {
    /// Connects with a profile and its unlocked keys.
    pub async fn open(mut profile: Profile, keys: Keys) -> Result<Self, ClientError> {
        let settings = profile.settings();
        let http = Http::new(&settings.service, settings.ca_file.as_deref())?;
        let (info, operator) = introduce(&http, settings).await?;
        if info.epoch > settings.epoch {
            // The log was continued after a loss; statements for the old epoch are refused now.
            let lock = profile.lock()?;
            profile.change(&lock, |settings| settings.epoch = info.epoch)?;
        }
        let folder = profile.kept_folder();
        let kept = Kept::open(&folder).map_err(ClientError::file(&folder))?;
        let session = Self {
            profile,
            keys,
            http,
            operator,
            kept,
            limits: info.limits,
        };
        session.follow_log().await?;
        session.finish_rotation().await?;
        Ok(session)
    }

    /// The profile.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The profile, to be changed.
    pub fn profile_mut(&mut self) -> &mut Profile {
        &mut self.profile
    }

    /// The private keys.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The operator.
    pub fn operator(&self) -> &Operator {
        &self.operator
    }

    /// What this client keeps.
    pub fn kept(&self) -> &Kept {
        &self.kept
    }

    /// This party's address.
    pub fn address(&self) -> Result<Address, ClientError> {
        self.profile
            .settings()
            .address
            .ok_or_else(|| ClientError::NotFound("this profile has no address yet".into()))
    }

    /// The key that daily work is signed with: a signer key where there is one.
    pub fn daily_key(&self) -> Result<&SigningKey, ClientError> {
        match self.keys.of_role(KeyRole::Signer).next() {
            Some(key) => Ok(key),
            None => Ok(self.keys.identity()?),
        }
    }

    pub(super) fn signer(&self) -> Result<Signer<'_>, ClientError> {
        Ok(Signer {
            address: self.address()?,
            key: self.daily_key()?,
        })
    }

    /// Who signs requests that only the identity key may make.
    pub(super) fn identity_signer(&self) -> Result<Signer<'_>, ClientError> {
        Ok(Signer {
            address: self.address()?,
            key: self.keys.identity()?,
        })
    }

    /// The context of a new statement.
    pub fn context(&self) -> Context {
        new_context(self.profile.settings())
    }

    /// Submits a statement that is not mail and returns its verified receipt, which is kept.
    pub async fn submit<S: Statement>(
        &self,
        statement: &Signed<S>,
    ) -> Result<Receipted, ClientError> {
        let expected = Expected {
            header: None,
            events: &[Event::StatementAcceptance],
        };
        self.submit_for(statement, expected).await
    }

    /// Submits a statement whose receipt must say what is expected.
    pub(super) async fn submit_for<S: Statement>(
        &self,
        statement: &Signed<S>,
        expected: Expected<'_>,
    ) -> Result<Receipted, ClientError> {
        self.kept.keep(statement)?;
        let answer = self.http.post_statement(statement.bytes()).await?;
        self.accepted(statement, expected, answer)
    }

    /// Verifies and keeps the answer to a write.
    pub(super) fn accepted<S: Statement>(
        &self,
        statement: &Signed<S>,
        expected: Expected<'_>,
        answer: AcceptedStatement,
    ) -> Result<Receipted, ClientError> {
        let receipt = self.operator.receipt(answer.receipt.statement.as_ref())?;
        expected.check(statement.hash(), &receipt)?;
        self.kept.keep_receipt(&receipt)?;
        self.check_logged(
            &answer.proof,
            (statement.leaf(), answer.position),
            (receipt.leaf(), answer.receipt.position),
        )?;
        if let Some(head) = &answer.head {
            self.remember(&self.operator.head(head.as_ref())?)?;
        }
        Ok(Receipted {
            statement: statement.hash(),
            position: answer.position,
            receipt,
            repeated: answer.repeated,
            age_headers: answer
                .age_headers
                .map(|headers| headers.into_iter().map(|header| header.0).collect()),
        })
    }

    /// A party's keys, from the server, verified up to its address and against what is kept.
    pub async fn party(&self, address: Address) -> Result<KnownParty, ClientError> {
        let signer = if self.profile.settings().address.is_some() {
            Some(self.signer()?)
        } else {
            None
        };
        let resource: PartyResource = self
            .http
            .get(&format!("/v1/parties/{address}"), signer)
            .await?;
        let history = verified::<KeyStatement>(&resource.keys, self.operator.origin())?;
        let party = Party::from_history(address, history.iter().cloned())
            .map_err(|cause| Dishonest::SlippedInKey { address, cause })?;
        self.check_list(
            &resource.keys,
            resource.keys_head.as_ref(),
            Subject::Party(address),
        )?;
        self.kept
            .remember_history(address, &history)
            .map_err(contradiction)?;
        for entry in &resource.certificates {
            let bytes = entry.statement.as_ref();
            self.operator
                .certificate(bytes)
                .map(drop)
                .or_else(|_| self.operator.revocation(bytes).map(drop))?;
        }
        let certification = Certification::fold(address, &statements(&resource.certificates))
            .map_err(Dishonest::Statement)?;
        let times = resource.keys.iter().map(|entry| self.receipted_at(entry));
        let times = times.collect::<Result<Vec<_>, _>>()?;
        let head = resource.certificates_head.as_ref();
        self.check_list(&resource.certificates, head, Subject::Certified(address))?;
        Ok(KnownParty {
            party,
            certification,
            keys: DatedKeys::new(history.into_iter().zip(times).collect()),
            resource,
        })
    }

    /// What stands between a citizen and an authority, every statement by whom it names.
    pub async fn relation(
        &self,
        citizen: Address,
        authority: Address,
    ) -> Result<KnownRelation, ClientError> {
        self.relation_among(citizen, authority, &mut Acquaintance::default())
            .await
    }

    pub(super) async fn relation_among(
        &self,
        citizen: Address,
        authority: Address,
        known: &mut Acquaintance,
    ) -> Result<KnownRelation, ClientError> {
        let path = format!("/v1/relations/{citizen}/{authority}");
        let resource: RelationResource = self.http.get(&path, Some(self.signer()?)).await?;
        let fold =
            |entries: &[Logged]| Relation::fold(&statements(entries)).map_err(Dishonest::Statement);
        let (relation, general) = (fold(&resource.entries)?, fold(&resource.general)?);
        let subject = Subject::Relation(citizen, Some(authority));
        self.check_list(&resource.entries, resource.head.as_ref(), subject)?;
        let subject = Subject::Relation(citizen, None);
        self.check_list(&resource.general, resource.general_head.as_ref(), subject)?;
        let entries = &resource.entries;
        self.check_relation(entries, citizen, Some(authority), &relation, known)
            .await?;
        self.check_relation(&resource.general, citizen, None, &general, known)
            .await?;
        Ok(KnownRelation {
            relation,
            general,
            resource,
        })
    }

    /// Checks that entries are the whole list that the signed head speaks of, and keeps the head.
    pub(super) fn check_list(
        &self,
        entries: &[Logged],
        head: &[u8],
        subject: Subject,
    ) -> Result<Signed<Head>, ClientError> {
        let head = self.head_of(head, subject)?;
        let hashes: Vec<_> = entries
            .iter()
            .map(|entry| StatementHash::of(entry.statement.as_ref()))
            .collect();
        if ListHead::of(&hashes) != head.head {
            return Err(Dishonest::DroppedEntry {
                head: head.head.count,
                shown: hashes.len() as u64,
            }
            .into());
        }
        self.remember(&head)?;
        Ok(head)
    }

    pub(super) fn head_of(
        &self,
        bytes: &[u8],
        subject: Subject,
    ) -> Result<Signed<Head>, ClientError> {
        let head = self.operator.head(bytes)?;
        if head.subject != subject {
            return Err(Dishonest::ForeignHead.into());
        }
        Ok(head)
    }

    pub(super) fn remember(&self, head: &Signed<Head>) -> Result<(), ClientError> {
        self.kept.remember_head(head).map_err(contradiction)
    }
}

impl KnownRelation {
    /// The consent of this class that the authority may rely on, if any.
    pub fn consent_in_force(
        &self,
        class: ConsentClass,
        now: UnixMillis,
    ) -> Option<&Signed<Consent>> {
        self.relation.consent_or_general(&self.general, class, now)
    }
}

impl KnownParty {
    /// The certified name, if a certificate is in force.
    pub fn certified_name(&self) -> Option<&str> {
        self.certification
            .in_force(clock::now())
            .map(|certificate| certificate.name.as_str())
    }
}

/// The exact bytes of listed statements.
pub(super) fn statements(entries: &[Logged]) -> Vec<&[u8]> {
    entries
        .iter()
        .map(|entry| entry.statement.as_ref())
        .collect()
}

/// Listed statements of one kind, each made for the log of `origin`.
pub(super) fn verified<S: Statement>(
    entries: &[Logged],
    origin: &str,
) -> Result<Vec<Signed<S>>, ClientError> {
    entries
        .iter()
        .map(|entry| {
            let signed: Signed<S> =
                Signed::verify(entry.statement.as_ref()).map_err(Dishonest::Statement)?;
            if signed.context().origin != origin {
                return Err(Dishonest::Origin.into());
            }
            Ok(signed)
        })
        .collect()
}

/// What a kept head or history convicts the server of.
pub(super) fn contradiction(error: KeepError) -> ClientError {
    match error {
        KeepError::Contradiction(cause) => convict(cause).into(),
        other => other.into(),
    }
}

fn convict(cause: Contradiction) -> Dishonest {
    match cause {
        Contradiction::CountWentBackwards { kept, now }
        | Contradiction::OlderHead { kept, now } => Dishonest::Regression { kept, now },
        Contradiction::OtherContent { count } => Dishonest::Fork { count },
        Contradiction::NotAnExtension { kept, now } => Dishonest::DroppedEntry {
            head: now,
            shown: kept,
        },
        Contradiction::OtherLog => Dishonest::Origin,
        Contradiction::LogForked { size } => Dishonest::LogForked { size },
        Contradiction::HistoryRewritten { address, number } => {
            Dishonest::RewrittenHistory { address, number }
        }
        Contradiction::HistoryShortened { address, now, .. } => Dishonest::RewrittenHistory {
            address,
            number: now,
        },
    }
}
