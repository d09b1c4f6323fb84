//! Letters whose provision ends unread: VwVfG § 41(2a) sentence 3.
//!
//! A notice under that rule that is not retrieved within ten days of the notification has no effect,
//! and its provision ends. The server says so by a receipt (ETSI EN 319 522-1 C.5) and hands nothing
//! over any more; the sender must notify the act again. Only letters whose notification was queued
//! are looked at, since the ten days begin with one.
//!
//! Invariant: the receipt comes after the tenth day in Germany has ended, by the server's clock, and
//! only if the log has no handover before it. Absent: other rules, which end nothing.

use postfach_crypto::deadline::Day;
use postfach_crypto::ids::{StatementHash, UnixMillis};
use postfach_crypto::statement::Event;
use postfach_storage::List;

use super::delivery::delivery_plan;
use super::{Service, ServiceError};
use crate::fold::Delivery;

/// The rule under which provision ends.
const RULE: &str = "VwVfG-41-2a";
/// Days after that of the notification in which the letter can be retrieved.
const DAYS: u16 = 10;
/// Letters looked at in one sweep.
const MAX_SWEEP: usize = 10_000;
/// Letters read from the queue at once.
const PAGE: usize = 500;

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unread {
    /// Letters whose provision ended.
    pub expired: u64,
    /// Number in the queue up to which it looked.
    pub reached: u64,
    /// The first letter on the way that can still expire.
    pub first_open: Option<u64>,
    /// Whether it came to the end of the queue.
    pub whole: bool,
}

/// Where a letter stands.
enum Provision {
    /// Nothing will end it any more, or it has ended.
    Settled,
    /// It ends at this time, unless it is retrieved before.
    Until(UnixMillis),
    /// Its notification is not sent yet.
    Open,
}

impl Service {
    /// Ends the provision of letters unread for too long at `now`, from number `after` of the queue
    /// on.
    pub async fn expire_unread(&self, after: u64, now: UnixMillis) -> Result<Unread, ServiceError> {
        let (mut at, mut first_open, mut expired) = (after, None, 0);
        let whole = loop {
            let headers = self.store.entries(&List::Notify, at, PAGE).await?;
            if headers.is_empty() {
                break true;
            }
            for header in headers {
                let (delivery, _) = self.delivery(header).await?;
                match provision(&delivery) {
                    Provision::Settled => {}
                    Provision::Until(end) if end <= now => {
                        expired += u64::from(self.expire(header, now).await?);
                    }
                    Provision::Until(_) | Provision::Open => {
                        first_open.get_or_insert(at);
                    }
                }
                at += 1;
            }
            if at - after >= MAX_SWEEP as u64 {
                break false;
            }
        };
        Ok(Unread {
            expired,
            reached: at,
            first_open,
            whole,
        })
    }

    /// Records the end, unless the letter was retrieved meanwhile.
    async fn expire(&self, header: StatementHash, now: UnixMillis) -> Result<bool, ServiceError> {
        let recorded = self.observe(|| {
            Box::pin(async {
                let (delivery, count) = self.delivery(header).await?;
                if !matches!(provision(&delivery), Provision::Until(end) if end <= now) {
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

fn provision(delivery: &Delivery) -> Provision {
    let ended = delivery.withdrawal.is_some()
        || delivery.rejection.is_some()
        || delivery.has(Event::ContentHandover)
        || delivery.has(Event::ConsignmentNotificationFailure)
        || delivery.has(Event::AcceptanceRejectionExpiry);
    if ended || delivery.header.legal_rule.as_deref() != Some(RULE) {
        return Provision::Settled;
    }
    let sent = (delivery.receipts.iter())
        .find(|receipt| receipt.events.contains(&Event::ConsignmentNotification));
    match sent {
        None => Provision::Open,
        Some(sent) => {
            let end = Day::of(sent.context.time).plus_days(DAYS + 1).start();
            Provision::Until(end)
        }
    }
}
