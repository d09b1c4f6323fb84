//! The report for machines. Fields are only ever added; names of checks, causes, gaps and events
//! are those of docs/format/evidence.md.

use postfach_crypto::deadline::appeal::Appeal;
use postfach_crypto::deadline::{self, Day, Finding};
use postfach_crypto::envelope::Manifest;
use postfach_crypto::evidence::{Cause, Check, Gap, Outcome, TimelineEntry, Timestamped};
use postfach_crypto::ids::StatementHash;
use postfach_crypto::statement::{Binding, Certificate, EnvelopeHeader, Signed};
use serde::Serialize;

use super::{Examined, OPERATOR_NOT_PINNED, Pinning};
use crate::calendar::rfc3339;

/// One verified file.
#[derive(Debug, Serialize)]
pub struct Form<'a> {
    file: &'a str,
    verdict: &'static str,
    operator: OperatorForm<'a>,
    envelope: Option<EnvelopeForm<'a>>,
    certificate: Option<CertificateForm<'a>>,
    binding: Option<BindingForm>,
    checks: Vec<CheckForm>,
    timeline: Vec<EventForm>,
    disputed: Vec<&'static str>,
    time_stamps: Vec<TimestampForm<'a>>,
    not_shown: Vec<&'static str>,
    legal_date: Option<LegalDateForm>,
    content: Option<ContentForm<'a>>,
}

/// When it counts as served; codes are those of docs/legal-dates.md.
#[derive(Debug, Serialize)]
struct LegalDateForm {
    verdict: &'static str,
    /// Of a verdict other than `served-on`: why, or on what it depends.
    reasons: Vec<&'static str>,
    /// The days that come into question; exactly one where it is served.
    days: Vec<String>,
    rule: Option<&'static str>,
    rules_version: &'static str,
    steps: Vec<&'static str>,
    used: Vec<UsedForm>,
    appeal: Vec<AppealForm>,
}

#[derive(Debug, Serialize)]
struct UsedForm {
    what: &'static str,
    time: String,
    position: u64,
}

#[derive(Debug, Serialize)]
struct AppealForm {
    length: &'static str,
    served: String,
    first_day: String,
    ends: Vec<String>,
}

#[derive(Debug, Serialize)]
struct OperatorForm<'a> {
    origin: &'a str,
    root: String,
    pinned: bool,
    /// How many witnesses the policy names.
    witnesses: usize,
    /// How many certificates of time-stamping authorities are pinned.
    time_stamping: usize,
}

#[derive(Debug, Serialize)]
struct EnvelopeForm<'a> {
    hash: String,
    sender: String,
    recipient: String,
    class: &'static str,
    legal_rule: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acceptance_until: Option<String>,
    /// As the sender states it.
    written: String,
    parts: usize,
}

#[derive(Debug, Serialize)]
struct CertificateForm<'a> {
    hash: String,
    subject: String,
    name: &'a str,
    municipality_code: String,
}

#[derive(Debug, Serialize)]
struct BindingForm {
    hash: String,
    issuer: String,
    method: &'static str,
    assurance: &'static str,
    time: String,
}

#[derive(Debug, Serialize)]
struct CheckForm {
    name: &'static str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// The check that must pass first, where the reason is `needs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    needs: Option<&'static str>,
    /// Entries that the head counts and that the file holds, where the reason is
    /// `entries-dropped`.
    #[serde(skip_serializing_if = "Option::is_none")]
    counted: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    given: Option<u64>,
}

#[derive(Debug, Serialize)]
struct EventForm {
    event: &'static str,
    uri: Option<String>,
    time: String,
    receipt: String,
    answers: Option<&'static str>,
    reasons: Vec<&'static str>,
}

/// A token that holds.
#[derive(Debug, Serialize)]
struct TimestampForm<'a> {
    authority: &'a str,
    /// As the authority states it, and how far that may be off.
    time: String,
    accuracy_microseconds: u64,
    /// The entries existed before this.
    before: String,
    /// How many of the envelope's entries, from the first.
    entries: usize,
    tree_size: u64,
    serial: &'a str,
}

#[derive(Debug, Serialize)]
struct ContentForm<'a> {
    subject: &'a str,
    text: &'a str,
    attachments: Vec<AttachmentForm<'a>>,
    act: Option<ActForm<'a>>,
    replies: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct AttachmentForm<'a> {
    name: &'a str,
    media_type: &'a str,
    size: u64,
}

#[derive(Debug, Serialize)]
struct ActForm<'a> {
    kind: &'a str,
    file_number: &'a str,
    remedy: Option<RemedyForm<'a>>,
    amount: Option<AmountForm<'a>>,
    contact: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct RemedyForm<'a> {
    kind: &'a str,
    body: &'a str,
    period: &'a str,
    rule: &'a str,
    until: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct AmountForm<'a> {
    minor_units: u64,
    currency: &'a str,
}

impl<'a> From<&'a Examined> for Form<'a> {
    fn from(examined: &'a Examined) -> Self {
        let (report, policy) = (&examined.report, &examined.policy);
        let pinned = examined.pinning == Pinning::Pinned;
        let own = (!pinned).then_some(OPERATOR_NOT_PINNED);
        let not_shown = report.not_shown.iter().map(|item| item.name());
        Self {
            file: &examined.file,
            verdict: examined.verdict().name(),
            operator: OperatorForm {
                origin: &policy.origin,
                root: StatementHash(policy.root.0).to_string(), // hexadecimal digits
                pinned,
                witnesses: policy.witnesses.witnesses().len(),
                time_stamping: examined.authorities.len(),
            },
            envelope: report.header.as_ref().map(envelope),
            certificate: report.certificate.as_ref().map(certificate),
            binding: report.binding.as_ref().map(binding),
            checks: report
                .checks
                .iter()
                .map(|found| check(examined, found))
                .collect(),
            timeline: report.timeline.iter().map(event).collect(),
            disputed: report.disputed.iter().map(|reason| reason.name()).collect(),
            time_stamps: report.timestamps.iter().map(timestamp).collect(),
            not_shown: own.into_iter().chain(not_shown).collect(),
            legal_date: report.legal_date.as_ref().map(legal_date),
            content: report.manifest.as_ref().map(content),
        }
    }
}

fn legal_date(finding: &Finding) -> LegalDateForm {
    let reasons = match &finding.verdict {
        deadline::Verdict::ServedOn(_) => Vec::new(),
        deadline::Verdict::NotServed(reason) => vec![reason.code()],
        deadline::Verdict::Open { depends, .. } => depends.iter().map(|on| on.code()).collect(),
        deadline::Verdict::Disputed { dispute, .. } => vec![dispute.code()],
    };
    let days = |days: &[Day]| days.iter().map(Day::to_string).collect();
    let periods = match &finding.appeal {
        Appeal::NotComputed(_) => &[][..],
        Appeal::Periods { periods, .. } => periods,
    };
    LegalDateForm {
        verdict: finding.verdict.code(),
        reasons,
        days: days(finding.verdict.days()),
        rule: finding.rule.map(|rule| rule.id),
        rules_version: finding.rules_version,
        steps: finding.steps.iter().map(|step| step.code()).collect(),
        used: finding
            .used
            .iter()
            .map(|used| UsedForm {
                what: used.what.name(),
                time: rfc3339(used.at.time),
                position: used.at.position,
            })
            .collect(),
        appeal: periods
            .iter()
            .map(|period| AppealForm {
                length: period.length.code(),
                served: period.served.to_string(),
                first_day: period.first_day.to_string(),
                ends: days(&period.ends),
            })
            .collect(),
    }
}

fn envelope(header: &Signed<EnvelopeHeader>) -> EnvelopeForm<'_> {
    EnvelopeForm {
        hash: header.hash().to_string(),
        sender: header.sender.to_string(),
        recipient: header.recipient.to_string(),
        class: header.class.name(),
        legal_rule: header.legal_rule.as_deref(),
        acceptance_until: header.acceptance_until.map(rfc3339),
        written: rfc3339(header.context.time),
        parts: header.parts.len(),
    }
}

fn certificate(certificate: &Signed<Certificate>) -> CertificateForm<'_> {
    CertificateForm {
        hash: certificate.hash().to_string(),
        subject: certificate.subject.to_string(),
        name: &certificate.name,
        municipality_code: certificate.municipality_code.to_string(),
    }
}

fn binding(binding: &Signed<Binding>) -> BindingForm {
    BindingForm {
        hash: binding.hash().to_string(),
        issuer: binding.issuer.to_string(),
        method: binding.method.name(),
        assurance: binding.assurance.name(),
        time: rfc3339(binding.context.time),
    }
}

fn check(examined: &Examined, Check { name, outcome }: &Check) -> CheckForm {
    let mut form = CheckForm {
        name: name.name(),
        outcome: "passed",
        reason: None,
        needs: None,
        counted: None,
        given: None,
    };
    match outcome {
        Outcome::Passed if examined.stands_on_itself(*name, *outcome) => {
            (form.outcome, form.reason) = ("not-proven", Some(OPERATOR_NOT_PINNED));
        }
        Outcome::Passed => {}
        Outcome::Failed(cause) => {
            (form.outcome, form.reason) = ("failed", Some(cause.name()));
            if let Cause::EntriesDropped { counted, given } = cause {
                (form.counted, form.given) = (Some(*counted), Some(*given));
            }
        }
        Outcome::NotProven(gap) => {
            (form.outcome, form.reason) = ("not-proven", Some(gap.name()));
            if let Gap::Needs(first) = gap {
                form.needs = Some(first.name());
            }
        }
    }
    form
}

fn event(entry: &TimelineEntry) -> EventForm {
    EventForm {
        event: entry.event.name(),
        uri: entry.event.uri(),
        time: rfc3339(entry.time),
        receipt: entry.receipt.to_string(),
        answers: entry.answers.map(|kind| kind.name()),
        reasons: entry.reasons.iter().map(|reason| reason.name()).collect(),
    }
}

fn timestamp(found: &Timestamped) -> TimestampForm<'_> {
    let stamped = &found.stamped;
    TimestampForm {
        authority: &stamped.authority,
        time: rfc3339(stamped.at),
        accuracy_microseconds: stamped.accuracy_micros,
        before: rfc3339(stamped.latest()),
        entries: found.entries,
        tree_size: found.size,
        serial: &stamped.serial,
    }
}

fn content(manifest: &Manifest) -> ContentForm<'_> {
    ContentForm {
        subject: &manifest.subject,
        text: &manifest.text,
        attachments: manifest
            .attachments
            .iter()
            .map(|attachment| AttachmentForm {
                name: &attachment.name,
                media_type: &attachment.media_type,
                size: attachment.size,
            })
            .collect(),
        act: manifest.act.as_ref().map(|act| ActForm {
            kind: &act.kind,
            file_number: &act.file_number,
            remedy: act.remedy.as_ref().map(|remedy| RemedyForm {
                kind: &remedy.kind,
                body: &remedy.body,
                period: &remedy.period,
                rule: &remedy.rule,
                until: remedy.until.as_deref(),
            }),
            amount: act.amount.as_ref().map(|amount| AmountForm {
                minor_units: amount.minor_units,
                currency: &amount.currency,
            }),
            contact: act.contact.as_deref(),
        }),
        replies: manifest.replies.map(|replies| replies.name()),
    }
}
