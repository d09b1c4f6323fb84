//! From a rule's decision to a durable, receipted statement: the one commit path.

use std::collections::BTreeSet;
use std::pin::Pin;

use bytes::Bytes;
use postfach_crypto::ids::{Address, Blind, LeafHash, ReceiptId, StatementHash, UnixMillis};
use postfach_crypto::party::Party;
use postfach_crypto::statement::{
    Context, DelegationPurpose, Event, Head, Invalid, Kind, ListHead, Reason, Receipt, Signed,
    Statement, Subject,
};
use postfach_storage::{CommitError, Committed, List, NewPart, Transaction};

use super::log::LogProof;
use super::reads::LoggedStatement;
use super::{MAX_ATTEMPTS, MAX_CLOCK_SKEW, Service, ServiceError};
use crate::entropy;

/// A rule at work. Boxed, so that the compiler sees that requests may move between threads.
pub(super) type Deciding<'d, P = Plan> =
    Pin<Box<dyn Future<Output = Result<P, ServiceError>> + Send + 'd>>;

/// What a rule decided: where the statement belongs, what the decision rests on, what happened.
#[derive(Default)]
pub(super) struct Plan {
    /// Lists that the statement joins.
    pub(super) joins: Vec<List>,
    /// Lists that the receipt joins as well.
    pub(super) receipt_joins: Vec<List>,
    /// Lists that the rule has read, with the length they had.
    pub(super) relied_on: Vec<(List, u64)>,
    /// Parties whose record takes the statement and its receipt.
    pub(super) concerns: BTreeSet<Address>,
    /// Parts of the envelope.
    pub(super) parts: Vec<NewPart>,
    /// What happened; ascending.
    pub(super) events: Vec<Event>,
    /// Fields of the receipt.
    pub(super) header: Option<StatementHash>,
    pub(super) certificate: Option<StatementHash>,
    pub(super) binding: Option<StatementHash>,
    pub(super) previous: Option<StatementHash>,
    pub(super) reasons: Option<Vec<Reason>>,
    pub(super) legal_rule: Option<String>,
    /// The receipt is not dated before this, whatever the clock says: times of one envelope's
    /// receipts never run backwards.
    pub(super) not_before: Option<UnixMillis>,
    /// The list whose head comes with the answer.
    pub(super) subject: Option<Subject>,
}

/// A statement with its receipt, both durable.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// The statement's name.
    pub statement: StatementHash,
    /// Its place in the log.
    pub position: u64,
    /// Its entry in the log.
    pub leaf: LeafHash,
    /// The receipt with its place in the log.
    pub receipt: LoggedStatement,
    /// Where both stand in the log.
    pub proof: LogProof,
    /// The head of the list that the statement joined.
    pub head: Option<Bytes>,
    /// Whether the statement was known before this request.
    pub repeated: bool,
    /// Lists that grew by this commit, for those who wait for them.
    pub grown: Vec<List>,
}

impl Plan {
    /// A plan whose event is the plain acceptance of a statement that is not mail.
    pub(super) fn acceptance() -> Self {
        Self {
            events: vec![Event::StatementAcceptance],
            ..Self::default()
        }
    }

    /// The plan, resting on the keys of this party as well.
    pub(super) fn resting_on(mut self, party: &Party) -> Self {
        self.relied_on.push(keys_of(party));
        self
    }
}

/// A party's list of keys, with the length it had when they were read.
pub(super) fn keys_of(party: &Party) -> (List, u64) {
    (List::Party(party.address()), party.head().count)
}

impl Service {
    /// Runs `rule` and commits what it decides, until no list it relied on has grown meanwhile.
    pub(super) async fn accept<'d, S, R>(
        &self,
        statement: &Signed<S>,
        rule: R,
    ) -> Result<Accepted, ServiceError>
    where
        S: Statement + Sync,
        R: Fn() -> Deciding<'d> + Sync,
    {
        for _ in 0..MAX_ATTEMPTS {
            if let Some(known) = self.answered(&statement.hash(), statement.leaf()).await? {
                return Ok(known);
            }
            self.check_context(S::KIND, statement.payload().context())?;
            let mut plan = rule().await?;
            self.check_closings(S::KIND, &mut plan).await?;
            self.check_working_keys(plan.not_before)?;
            match self.commit(statement, plan).await {
                Err(CommitError::Conflict { .. } | CommitError::Duplicate { .. }) => {}
                Err(error) => return Err(ServiceError::Commit(error)),
                Ok(accepted) => return Ok(accepted),
            }
        }
        Err(ServiceError::Contention)
    }

    /// Commits a receipt that answers no statement: what the server itself saw happen. Nothing
    /// where the rule decides that it is recorded already.
    pub(super) async fn observe<'d, R>(
        &self,
        rule: R,
    ) -> Result<Option<StatementHash>, ServiceError>
    where
        R: Fn() -> Deciding<'d, Option<Plan>> + Sync,
    {
        for _ in 0..MAX_ATTEMPTS {
            let Some(plan) = rule().await? else {
                return Ok(None);
            };
            self.check_working_keys(plan.not_before)?;
            match self.commit_receipted(None, plan).await {
                Err(CommitError::Conflict { .. }) => {}
                Err(error) => return Err(ServiceError::Commit(error)),
                Ok((receipt, _)) => return Ok(Some(receipt.hash())),
            }
        }
        Err(ServiceError::Contention)
    }

    /// The original answer to a statement that is stored already.
    async fn answered(
        &self,
        hash: &StatementHash,
        leaf: LeafHash,
    ) -> Result<Option<Accepted>, ServiceError> {
        let answers = self.store.entries(&List::Answer(*hash), 0, 1).await?;
        let Some(receipt) = answers.first() else {
            return Ok(None);
        };
        let statement = self.stored(hash).await?;
        let receipt = self.stored(receipt).await?;
        let proof = self.proof_of(statement.position, receipt.position).await?;
        Ok(Some(Accepted {
            statement: *hash,
            position: statement.position,
            leaf,
            receipt,
            proof,
            head: None,
            repeated: true,
            grown: Vec::new(),
        }))
    }

    /// Genesis and delegations are signed offline, by a key whose word counts whenever it was given.
    fn check_context(&self, kind: Kind, context: &Context) -> Result<(), ServiceError> {
        if context.origin != self.operator.origin() || context.epoch != self.epoch {
            return Err(ServiceError::OtherLog);
        }
        let server = self.now();
        let offline = matches!(kind, Kind::Genesis | Kind::Delegation);
        if !offline && context.time.0.abs_diff(server.0) > MAX_CLOCK_SKEW {
            return Err(ServiceError::ClockOutOfRange { server });
        }
        Ok(())
    }

    /// Receipts and checkpoints that no delegation covers would count nowhere, so nothing is
    /// accepted then.
    pub(super) fn check_working_keys(
        &self,
        not_before: Option<UnixMillis>,
    ) -> Result<(), ServiceError> {
        let time = self.now().max(not_before.unwrap_or(UnixMillis(0)));
        for (key, purpose) in [
            (&self.receipt_key, DelegationPurpose::Receipt),
            (self.log.key(), DelegationPurpose::Checkpoint),
        ] {
            self.operator
                .delegated(&key.verifying_key(), purpose, time)
                .map_err(|_| ServiceError::KeyNotDelegated)?;
        }
        Ok(())
    }

    async fn commit<S: Statement>(
        &self,
        statement: &Signed<S>,
        plan: Plan,
    ) -> Result<Accepted, CommitError> {
        let hash = statement.hash();
        let subject = plan.subject;
        let said = (hash, Bytes::copy_from_slice(statement.bytes()));
        let (receipt, committed) = self.commit_receipted(Some(said), plan).await?;
        let head = subject.and_then(|subject| {
            let list = list_of(&subject);
            let (_, head) = committed.heads.iter().find(|(known, _)| *known == list)?;
            Some(self.sign_head(subject, *head))
        });
        Ok(Accepted {
            statement: hash,
            position: committed.first,
            leaf: statement.leaf(),
            receipt: LoggedStatement {
                bytes: Bytes::copy_from_slice(receipt.bytes()),
                position: committed.first + 1,
                receipt: None,
            },
            proof: self.proof_of_commit(committed.log, committed.proofs),
            head,
            repeated: false,
            grown: committed.heads.iter().map(|(list, _)| *list).collect(),
        })
    }

    /// The commit point: nothing signed here leaves before the store says that it is durable.
    async fn commit_receipted(
        &self,
        said: Option<(StatementHash, Bytes)>,
        plan: Plan,
    ) -> Result<(Signed<Receipt>, Committed), CommitError> {
        let mut context = self.context();
        context.time = context.time.max(plan.not_before.unwrap_or(context.time));
        let receipt = self.sign(Receipt {
            context,
            id: ReceiptId(entropy::array()),
            events: plan.events,
            header: plan.header,
            answers: said.as_ref().map(|(hash, _)| *hash),
            certificate: plan.certificate,
            binding: plan.binding,
            previous: plan.previous,
            reasons: plan.reasons,
            checkpoint: self.cosigned_checkpoint().map(Vec::from),
            legal_rule: plan.legal_rule,
            ext: None,
        });
        let (mut statements, mut appends) = (Vec::with_capacity(2), Vec::new());
        let mut expect = plan.relied_on;
        if let Some((hash, bytes)) = said {
            appends.extend(plan.joins.iter().map(|list| (*list, hash)));
            let records = plan.concerns.iter().map(|party| List::Record(*party));
            appends.extend(records.map(|record| (record, hash)));
            appends.push((List::Answer(hash), receipt.hash()));
            expect.push((List::Answer(hash), 0));
            statements.push(bytes);
        }
        let records = plan.concerns.iter().map(|party| List::Record(*party));
        let joined = plan.receipt_joins.iter().copied().chain(records);
        appends.extend(joined.map(|list| (list, receipt.hash())));
        statements.push(Bytes::copy_from_slice(receipt.bytes()));
        let committed = self
            .store
            .commit(Transaction {
                statements,
                appends,
                expect,
                parts: plan.parts,
                vault: None,
            })
            .await?;
        if committed
            .heads
            .iter()
            .any(|(list, _)| *list == List::Notify)
        {
            self.notices.notify_one();
        }
        Ok((receipt, committed))
    }

    /// Signs the head of a list.
    pub(super) fn sign_head(&self, subject: Subject, head: ListHead) -> Bytes {
        let head = self.sign(Head {
            context: self.context(),
            subject,
            head,
            checkpoint: self.newest_checkpoint().map(Vec::from),
            ext: None,
        });
        Bytes::copy_from_slice(head.bytes())
    }

    pub(super) fn sign<S: Statement>(&self, payload: S) -> Signed<S> {
        Signed::sign(payload, &self.receipt_key)
            .expect("the server's own statements obey the rules of their kind")
    }

    pub(super) fn context(&self) -> Context {
        Context {
            origin: self.operator.origin().to_owned(),
            epoch: self.epoch,
            time: self.now(),
            blind: Blind(entropy::array()),
        }
    }
}

/// The stored list that a head is about.
pub(crate) fn list_of(subject: &Subject) -> List {
    match *subject {
        Subject::Party(party) => List::Party(party),
        Subject::Mailbox(party) => List::Mailbox(party),
        Subject::Sent(party) => List::Sent(party),
        Subject::Record(party) => List::Record(party),
        Subject::Envelope(header) => List::Envelope(header),
        Subject::Relation(citizen, authority) => List::Relation(citizen, authority),
        Subject::Certificates => List::Certificates,
        Subject::Certified(party) => List::Certified(party),
        Subject::Contact(party) => List::Contact(party),
    }
}

impl From<Invalid> for ServiceError {
    fn from(invalid: Invalid) -> Self {
        ServiceError::Statement(invalid.into())
    }
}
