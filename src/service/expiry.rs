//! Letters whose time runs out, each with a receipt (ETSI EN 319 522-1 C.5).
//!
//! - Unread (VwVfG § 41(2a) sentence 3): a notice under that rule that is not retrieved within ten
//!   days of the notification has no effect, and its provision ends: nothing is handed over any more,
//!   and the sender must notify the act again. Only letters whose notification was queued are looked
//!   at, since the ten days begin with one.
//! - Unanswered: the sender asked for an acknowledgement of receipt, and none came in the header's
//!   time. The letter can still be read, and acknowledged late.
//!
//! Invariant: the receipt comes after the time has ended, by the server's clock, and only if the log
//! has no handover, or answer, before it. Absent: other rules, which end nothing.

use postfach_crypto::deadline::Day;
use postfach_crypto::ids::{StatementHash, UnixMillis};
use postfach_crypto::statement::Event;
use postfach_storage::List;

use super::delivery::delivery_plan;
use super::{Service, ServiceError};
use crate::fold::Delivery;

/// The queues of letters that may run out of time.
pub const EXPIRING: [List; 2] = [List::Notify, List::Acceptance];
/// Days after that of the notification in which the letter can be retrieved.
const DAYS: u16 = 10;
/// Letters looked at in one sweep.
const MAX_SWEEP: usize = 10_000;
/// Letters read from the queue at once.
const PAGE: usize = 500;

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Letters whose time ran out.
    pub expired: u64,
    /// Number in the queue up to which it looked.
    pub reached: u64,
    /// The first letter on the way that can still expire.
    pub first_open: Option<u64>,
    /// Whether it came to the end of the queue.
    pub whole: bool,
}

/// How long a letter has.
enum Term {
    /// Nothing will end any more, or it has ended.
    Settled,
    /// It ends at this time, unless the recipient acts before.
    Until(UnixMillis),
    /// Its notification is not sent yet.
    Open,
}

impl Service {
    /// Records which letters of a queue have run out of time at `now`, from number `after` on.
    pub async fn expire(
        &self,
        queue: &List,
        after: u64,
        now: UnixMillis,
    ) -> Result<Swept, ServiceError> {
        let (mut at, mut first_open, mut expired) = (after, None, 0);
        let whole = loop {
            let headers = self.store.entries(queue, at, PAGE).await?;
            if headers.is_empty() {
                break true;
            }
            for header in headers {
                let (delivery, _) = self.delivery(header).await?;
                match term(&delivery) {
                    Term::Settled => {}
                    Term::Until(end) if end <= now => {
                        expired += u64::from(self.expire_one(header, now).await?);
                    }
                    Term::Until(_) | Term::Open => {
                        first_open.get_or_insert(at);
                    }
                }
                at += 1;
            }
            if at - after >= MAX_SWEEP as u64 {
                break false;
            }
        };
        Ok(Swept {
            expired,
            reached: at,
            first_open,
            whole,
        })
    }

    /// Records the end, unless the recipient acted meanwhile.
    async fn expire_one(
        &self,
        header: StatementHash,
        now: UnixMillis,
    ) -> Result<bool, ServiceError> {
        let recorded = self.observe(|| {
            Box::pin(async {
                let (delivery, count) = self.delivery(header).await?;
                if !matches!(term(&delivery), Term::Until(end) if end <= now) {
                    return Ok(None);
                }
                let relied_on = vec![(List::Envelope(header), count)];
                let event = Event::AcceptanceRejectionExpiry;
                Ok(Some(delivery_plan(&delivery, relied_on, event, None)))
            })
        });
        Ok(recorded.await?.is_some())
    }
}

fn term(delivery: &Delivery) -> Term {
    let ended = delivery.withdrawal.is_some()
        || delivery.rejection.is_some()
        || delivery.has(Event::AcceptanceRejectionExpiry);
    match delivery.header.acceptance_until {
        _ if ended => Term::Settled,
        _ if delivery.ends_unread() => unread_term(delivery),
        Some(until) if delivery.acceptance.is_none() => Term::Until(until),
        _ => Term::Settled,
    }
}

fn unread_term(delivery: &Delivery) -> Term {
    if delivery.has(Event::ContentHandover) || delivery.has(Event::ConsignmentNotificationFailure) {
        return Term::Settled;
    }
    let sent = (delivery.receipts.iter())
        .find(|receipt| receipt.events.contains(&Event::ConsignmentNotification));
    match sent {
        None => Term::Open,
        Some(sent) => {
            let end = Day::of(sent.context.time).plus_days(DAYS + 1).start();
            Term::Until(end)
        }
    }
}
