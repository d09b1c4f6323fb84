//! All checks in order. Each is one line here and one function below or beside.

use std::collections::HashSet;

use super::delivery::Delivery;
use super::log::{self, Judge, Positions, Trees};
use super::moment::{Accepted, Moment, Moments};
use super::parties::KeyHistory;
use super::relation::{self, Relations, binding_list, issuer};
use super::report::{Cause, Check, CheckName, Gap, Outcome, Report, Verdict};
use super::timestamps::{Proven, TokenReader};
use super::{Evidence, Policy, content, legal};
use crate::ids::StatementHash;
use crate::operator::Operator;
use crate::statement::{Binding, Context, DeliveryClass, EnvelopeHeader, Event, Receipt, Signed};
use crate::tlog;

/// Why a check did not pass.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shortfall {
    Failed(Cause),
    NotProven(Gap),
}

impl From<Cause> for Shortfall {
    fn from(cause: Cause) -> Self {
        Self::Failed(cause)
    }
}

impl From<Gap> for Shortfall {
    fn from(gap: Gap) -> Self {
        Self::NotProven(gap)
    }
}

/// Statements count for one log only.
pub(super) fn check_origin(context: &Context, origin: &str) -> Result<(), Shortfall> {
    if context.origin == origin {
        Ok(())
    } else {
        Err(Cause::OtherOrigin.into())
    }
}

/// Verifies an evidence file against what the verifier knows beforehand.
///
/// The report lists only checks that apply to this envelope. When the header's own signature does
/// not hold, nothing further is checked.
pub fn verify(evidence: &Evidence, policy: &Policy) -> Report {
    report(evidence, policy, None)
}

/// As [`verify()`], and reads the file's time-stamp tokens under the certificates of the authorities
/// that the verifier pinned.
pub fn verify_stamped(evidence: &Evidence, policy: &Policy, tokens: &TokenReader<'_>) -> Report {
    report(evidence, policy, Some(tokens))
}

fn report(evidence: &Evidence, policy: &Policy, tokens: Option<&TokenReader<'_>>) -> Report {
    let mut report = Report {
        checks: Vec::with_capacity(CheckName::ALL.len()),
        timeline: Vec::new(),
        disputed: Vec::new(),
        timestamps: Vec::new(),
        not_shown: Vec::new(),
        header: None,
        binding: None,
        certificate: None,
        manifest: None,
        legal_date: None,
    };
    let operator = report.make(CheckName::Operator, operator(evidence, policy));
    let header = report.make(CheckName::HeaderSignature, header(evidence, policy));
    if let Some(header) = header {
        report.header = Some(header.clone());
        Verification {
            evidence,
            origin: &policy.origin,
            witnesses: &policy.witnesses,
            header: &header,
            operator,
            tokens,
            report: &mut report,
        }
        .run();
    }
    report
}

impl Report {
    /// Records a check and hands on what it found.
    pub(super) fn make<T>(&mut self, name: CheckName, result: Result<T, Shortfall>) -> Option<T> {
        let (outcome, found) = match result {
            Ok(found) => (Outcome::Passed, Some(found)),
            Err(Shortfall::Failed(cause)) => (Outcome::Failed(cause), None),
            Err(Shortfall::NotProven(gap)) => (Outcome::NotProven(gap), None),
        };
        self.checks.push(Check { name, outcome });
        found
    }
}

fn operator(evidence: &Evidence, policy: &Policy) -> Result<Operator, Shortfall> {
    if evidence.root != policy.root {
        return Err(Cause::ForeignRoot.into());
    }
    if evidence.origin != policy.origin {
        return Err(Cause::OtherOrigin.into());
    }
    Operator::new(&policy.origin, policy.root, &evidence.delegations)
        .map_err(|error| Cause::Operator(error).into())
}

fn header(evidence: &Evidence, policy: &Policy) -> Result<Signed<EnvelopeHeader>, Shortfall> {
    let bytes = evidence.entries.first().map_or(&[][..], |bytes| bytes);
    let header: Signed<EnvelopeHeader> = Signed::verify(bytes).map_err(Cause::Statement)?;
    check_origin(&header.context, &policy.origin)?;
    Ok(header)
}

/// A verification whose header's signature holds.
pub(super) struct Verification<'a> {
    pub(super) evidence: &'a Evidence,
    origin: &'a str,
    witnesses: &'a tlog::Policy,
    pub(super) header: &'a Signed<EnvelopeHeader>,
    pub(super) operator: Option<Operator>,
    /// Where an authority is pinned.
    pub(super) tokens: Option<&'a TokenReader<'a>>,
    pub(super) report: &'a mut Report,
}

/// What the log's proofs gave.
#[derive(Default)]
struct Logged {
    positions: Option<Positions>,
    trees: Option<Trees>,
}

/// Result of a check that another check must precede.
pub(super) fn needs<T>(value: Option<T>, check: CheckName) -> Result<T, Shortfall> {
    value.ok_or(Gap::Needs(check).into())
}

impl Verification<'_> {
    fn run(mut self) {
        let (header, evidence) = (self.header, self.evidence);
        let delivery = Delivery::read(&evidence.entries[1..], self.origin, self.operator.as_ref());
        let (receipts, receipts_hold) = self.receipts();
        let all: Vec<&Signed<Receipt>> = delivery.receipts().chain(&receipts).collect();
        let readable = receipts_hold.and(delivery.check_receipts());
        let logged = self.log(&all, readable);
        let moments = Moments::new(&all, logged.positions.as_ref(), logged.trees.as_ref());
        let accepted = moments.accepted(&receipts);

        let mut history = |name, address, list| {
            let verified = KeyHistory::verify(address, list, self.origin, &accepted);
            self.report.make(name, verified)
        };
        let sender = history(CheckName::SenderKeyHistory, header.sender, &evidence.sender);
        let recipient = history(
            CheckName::RecipientKeyHistory,
            header.recipient,
            &evidence.recipient,
        );
        let (sender, recipient) = (sender.as_ref(), recipient.as_ref());

        let signed = needs(self.operator.as_ref(), CheckName::Operator).and(readable);
        let receipts_signed = self.report.make(CheckName::ReceiptSignature, signed);
        let said = delivery.check_statements(header, sender, recipient, &moments);
        let statement_failed = matches!(said, Err(Shortfall::Failed(_)));
        self.report.make(CheckName::AnsweredStatements, said);
        let readable = needs(receipts_signed, CheckName::ReceiptSignature).and(needs(
            (!statement_failed).then_some(()),
            CheckName::AnsweredStatements,
        ));
        let chain = readable.and_then(|()| delivery.check_chain(header));
        let chain = self.report.make(CheckName::ReceiptChain, chain);
        let chained = needs(chain, CheckName::ReceiptChain);
        let times = chained.and_then(|()| moments.check_times(delivery.receipts()));
        self.report.make(CheckName::ReceiptTimes, times);
        self.times_bounded(chained, &logged, &moments, &delivery);
        let submission = chained.and_then(|()| delivery.submission(header));
        let submission = self.report.make(CheckName::Submission, submission);
        let submitted = submission.map(|receipt| moments.of(receipt));

        self.keys(sender, recipient, submitted);
        self.binding(sender, recipient, &accepted, submission, submitted);
        self.certificate(submission, &accepted, submitted);
        self.receipted(&receipts, receipts_signed, &accepted);
        self.delivered(&delivery, recipient, chained);
        let known_until = self.heads(readable, submitted);
        self.opened();

        self.report.timeline = delivery.timeline(header.hash());
        self.report.disputed = delivery.disputed();
        self.report.not_shown = self.not_shown(&delivery);
        if let (Some(recipient), Some(submitted)) = (recipient, submitted)
            && self.report.verdict() != Verdict::Failed
        {
            let relations = self.relations(recipient, &accepted);
            let sources = legal::Sources {
                delivery: &delivery,
                moments: &moments,
                relations: &relations,
                issuer: sender,
                evidence,
                known_until: known_until.unwrap_or(submitted.time),
            };
            self.report.legal_date = Some(sources.finding(self.report));
        }
    }

    /// The receipts outside the envelope's list, and whether all of them hold.
    fn receipts(&self) -> (Vec<Signed<Receipt>>, Result<(), Shortfall>) {
        let Some(operator) = &self.operator else {
            return (Vec::new(), Ok(()));
        };
        let receipts = self.evidence.receipts.iter();
        let receipts: Result<_, _> = receipts.map(|bytes| operator.receipt(bytes)).collect();
        match receipts {
            Ok(receipts) => (receipts, Ok(())),
            Err(error) => (Vec::new(), Err(Cause::Operator(error).into())),
        }
    }

    /// The log: its newest checkpoint, what stands in it, what it continues, who has seen it.
    fn log(&mut self, receipts: &[&Signed<Receipt>], readable: Result<(), Shortfall>) -> Logged {
        let operator = needs(self.operator.as_ref(), CheckName::Operator);
        let record = self.evidence.log.as_ref();
        let record = record.ok_or(Shortfall::NotProven(Gap::Log));
        let epoch = self.header.context.epoch;
        let judge = operator.and_then(|operator| Judge::new(operator, epoch, self.witnesses));
        let judged = judge
            .as_ref()
            .map_err(|shortfall| *shortfall)
            .and_then(|judge| judge.checkpoints(record?));
        let judged = self.report.make(CheckName::LogCheckpoint, judged);
        let (Some(judged), Ok(judge), Ok(record)) = (&judged, &judge, record) else {
            let stamped = self.tokens.map(|_| CheckName::TimeStamped);
            let rest = [CheckName::LogInclusion, CheckName::LogCosigned];
            for name in rest.into_iter().chain(stamped) {
                let needs = Err(Gap::Needs(CheckName::LogCheckpoint).into());
                self.report.make::<()>(name, needs);
            }
            return Logged::default();
        };
        let newest = judged
            .last()
            .ok_or(Gap::Needs(CheckName::LogCheckpoint).into());
        let positions = newest
            .and_then(|newest| log::positions(self.evidence, record, &newest.checkpoint().head()));
        let positions = self.report.make(CheckName::LogInclusion, positions);
        let trees = needs(readable.ok(), CheckName::ReceiptSignature)
            .and_then(|()| judge.trees(record, judged, receipts));
        let mut trees = self.report.make(CheckName::LogConsistency, trees);
        let cosigned = newest.and_then(|newest| judge.check_cosigned(newest));
        self.report.make(CheckName::LogCosigned, cosigned);
        self.timestamps(Proven {
            record,
            judged,
            positions: positions.as_ref(),
            trees: trees.as_mut(),
            receipts,
        });
        Logged { positions, trees }
    }

    /// Between which cosigned times the envelope's receipts were made.
    fn times_bounded(
        &mut self,
        chained: Result<(), Shortfall>,
        logged: &Logged,
        moments: &Moments,
        delivery: &Delivery,
    ) {
        let witnessed = self.report.outcome(CheckName::LogCosigned)
            != Some(Outcome::NotProven(Gap::NoWitnesses));
        let bounded = needs(witnessed.then_some(()), CheckName::LogCosigned)
            .and(needs(logged.positions.as_ref(), CheckName::LogInclusion))
            .and(needs(logged.trees.as_ref(), CheckName::LogConsistency))
            .and(chained)
            .and_then(|()| moments.check_bounds(delivery.receipts()));
        self.report.make(CheckName::TimesBounded, bounded);
    }

    /// Every statement beside the envelope's own has its receipt in the file, and every receipt
    /// outside the envelope's list its statement.
    fn receipted(&mut self, receipts: &[Signed<Receipt>], signed: Option<()>, accepted: &Accepted) {
        let evidence = self.evidence;
        let issuer = evidence.issuer.iter();
        let related: HashSet<StatementHash> = [
            &evidence.sender,
            &evidence.recipient,
            &evidence.relation,
            &evidence.relation_all,
            &evidence.certificates,
        ]
        .into_iter()
        .chain(issuer.flat_map(|issuer| [&issuer.keys, &issuer.relation]))
        .flatten()
        .map(|bytes| StatementHash::of(bytes))
        .collect();
        let answers = |receipt: &Signed<Receipt>| {
            let answered = receipt.answers;
            answered.is_some_and(|answered| related.contains(&answered))
        };
        let receipted = needs(signed, CheckName::ReceiptSignature).and_then(|()| {
            if !receipts.iter().all(answers) {
                Err(Cause::AnswersNothing.into())
            } else if related.iter().all(|hash| accepted.contains_key(hash)) {
                Ok(())
            } else {
                Err(Gap::Receipt.into())
            }
        });
        self.report.make(CheckName::StatementsReceipted, receipted);
    }

    fn relations<'r>(&'r self, recipient: &'r KeyHistory, accepted: &'r Accepted) -> Relations<'r> {
        Relations {
            header: self.header,
            origin: self.origin,
            accepted,
            recipient,
        }
    }

    /// Who signed, with keys of when.
    fn keys(
        &mut self,
        sender: Option<&KeyHistory>,
        recipient: Option<&KeyHistory>,
        submitted: Option<Moment>,
    ) {
        let header = self.header;
        let sender = needs(sender, CheckName::SenderKeyHistory);
        let recipient = needs(recipient, CheckName::RecipientKeyHistory);
        let submitted = needs(submitted, CheckName::Submission);
        let current = |history: Result<&KeyHistory, Shortfall>, named| {
            let position = history?.position(&named)?;
            history?.check_current(position, &submitted?)
        };
        let sender_keys = current(sender, header.sender_keys);
        self.report.make(CheckName::SenderKeys, sender_keys);
        let recipient_keys = current(recipient, header.recipient_keys);
        self.report.make(CheckName::RecipientKeys, recipient_keys);
        let role = sender.and_then(|sender| {
            if header.signer != header.signer() {
                return Err(Cause::OtherSigner.into());
            }
            let named = sender.at(sender.position(&header.sender_keys)?);
            let time = submitted?.time;
            named
                .allows(&header.signer, crate::statement::Role::Send, time)
                .map_err(|error| Cause::NotAllowed(error).into())
        });
        self.report.make(CheckName::SignerRole, role);
        let seen = sender.and_then(|sender| {
            let position = sender.position(&header.sender_keys)?;
            sender.check_seen(position, header.sender_head)
        });
        self.report.make(CheckName::SenderHead, seen);
    }

    /// Binding and consent, where the header names them.
    fn binding(
        &mut self,
        sender: Option<&KeyHistory>,
        recipient: Option<&KeyHistory>,
        accepted: &Accepted,
        submission: Option<&Signed<Receipt>>,
        submitted: Option<Moment>,
    ) {
        let relations =
            needs(recipient, CheckName::RecipientKeyHistory).map(|recipient| Relations {
                header: self.header,
                origin: self.origin,
                accepted,
                recipient,
            });
        let submitted = needs(submitted, CheckName::Submission);
        if let Some(hash) = self.header.binding {
            let list = binding_list(self.evidence);
            let (header, evidence, origin) = (self.header, self.evidence, self.origin);
            let issuer = |binding: &Binding| issuer(evidence, header, binding, origin, accepted);
            let binding = needs(sender, CheckName::SenderKeyHistory)
                .and(relations.as_ref().map_err(|gap| *gap))
                .and_then(|relations| relations.binding(hash, list, issuer))
                .and_then(|binding| {
                    if binding.issuer == header.sender {
                        Ok(binding)
                    } else {
                        Err(Gap::Certificate.into()) // the file has room for the parties' alone
                    }
                });
            let binding = self.report.make(CheckName::Binding, binding);
            let in_force = needs(binding.as_ref(), CheckName::Binding).and_then(|binding| {
                let issuer = issuer(binding)?;
                let relations = relations.as_ref().map_err(|gap| *gap)?;
                relations.check_binding_in_force(binding, list, &issuer, &submitted?)?;
                match submission.and_then(|receipt| receipt.binding) {
                    Some(_) => Ok(()), // the submission check compared it
                    None => Err(Gap::BindingNotChecked.into()),
                }
            });
            self.report.make(CheckName::BindingInForce, in_force);
            self.report.binding = binding;
        }
        let needs_consent = self.header.binding.is_some()
            && (self.header.class == DeliveryClass::Registered || self.header.legal_rule.is_some());
        if needs_consent && self.header.consent.is_none() {
            self.report
                .make::<()>(CheckName::Consent, Err(Gap::ConsentNotNamed.into()));
        }
        if let Some(hash) = self.header.consent {
            let lists = [
                self.evidence.relation.as_slice(),
                &self.evidence.relation_all,
            ];
            let consent =
                relations.and_then(|relations| relations.check_consent(hash, &lists, &submitted?));
            self.report.make(CheckName::Consent, consent);
        }
    }

    fn certificate(
        &mut self,
        submission: Option<&Signed<Receipt>>,
        accepted: &Accepted,
        submitted: Option<Moment>,
    ) {
        let named = submission.and_then(|receipt| receipt.certificate);
        let (Some(hash), Some(submitted)) = (named, submitted) else {
            return;
        };
        let certificate = needs(self.operator.as_ref(), CheckName::Operator).and_then(|operator| {
            let list = &self.evidence.certificates;
            relation::certificate(hash, list, self.header, operator, accepted, &submitted)
        });
        self.report.certificate = self.report.make(CheckName::Certificate, certificate);
    }

    /// Handover and access, where they happened; age headers, where there are or must be some.
    fn delivered(
        &mut self,
        delivery: &Delivery,
        recipient: Option<&KeyHistory>,
        chained: Result<(), Shortfall>,
    ) {
        let handed_over = delivery.happened(Event::ContentHandover);
        if handed_over {
            let answered = chained.and_then(|()| delivery.check_handover(self.header));
            self.report
                .make(CheckName::HandoverAnswersRequest, answered);
        }
        let age_headers = &self.evidence.age_headers;
        let must = handed_over && self.header.class == DeliveryClass::Registered;
        if must || !age_headers.is_empty() {
            let same = needs(recipient, CheckName::RecipientKeyHistory).and_then(|recipient| {
                if age_headers.is_empty() {
                    return Err(Gap::AgeHeaders.into());
                }
                content::check_age_headers(self.header, age_headers, recipient)
            });
            self.report.make(CheckName::AgeHeaders, same);
        }
        if let Some(access) = delivery.check_access(self.header) {
            self.report.make(CheckName::Access, access);
        }
    }

    fn opened(&mut self) {
        if let Some(opened) = &self.evidence.opened {
            let manifest = content::open(self.header, &self.evidence.age_headers, opened);
            self.report.manifest = self.report.make(CheckName::OpenedContent, manifest);
        }
    }
}
