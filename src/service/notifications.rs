//! What the server itself saw happen to a notification, as receipts that answer no statement.
//!
//! ```text
//!   queued ─▶ sent (D.3) ─▶ delivered
//!      │         └────────────┴──▶ failed (D.4: it came back)
//!      └─▶ failed (D.4: refused, or nobody took it in time)
//! ```
//!
//! Invariants: each step is recorded once, whoever reports it how often; the receipts stand in the
//! envelope's list and in both parties' records; what was queued is in [`List::Notify`] until the
//! end of the log, and its state is the fold of the envelope's receipts. Absent: the address, in
//! receipts and errors; sending ([`crate::notify`]).
//! BayDiG Art. 24(2), (3): sending begins the period and must be logged; ETSI EN 319 522-1 §6.

use postfach_crypto::ids::{StatementHash, UnixMillis};
use postfach_crypto::statement::{Closing, ContactLanguage, Event, Reason};
use postfach_storage::{List, ReadError};

use super::delivery::delivery_plan;
use super::{Service, ServiceError};
use crate::fold::Notification;
use crate::mail_address::MailAddress;

/// A notification that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The letter.
    pub header: StatementHash,
    /// Where to.
    pub to: MailAddress,
    /// In which language.
    pub language: ContactLanguage,
    /// When the letter was accepted.
    pub since: UnixMillis,
}

/// What became of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotificationOutcome {
    /// A mail system took it.
    Sent,
    /// The recipient's mail system refused it for good.
    Refused,
    /// Nobody took it in the time allowed.
    Expired,
    /// It was taken and came back undeliverable.
    Returned,
    /// The recipient's mail system says that it arrived.
    Delivered,
}

/// What recording an outcome did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// A receipt was committed.
    Now,
    /// This, or what makes it moot, had been recorded before.
    Before,
    /// It follows a sending that is not recorded yet: report it again later.
    TooEarly,
}

impl NotificationOutcome {
    fn event(self) -> Event {
        match self {
            Self::Sent => Event::ConsignmentNotification,
            Self::Delivered => Event::NotificationDelivered,
            Self::Refused | Self::Expired | Self::Returned => Event::ConsignmentNotificationFailure,
        }
    }

    fn reasons(self) -> Option<Vec<Reason>> {
        match self {
            Self::Sent | Self::Delivered => None,
            Self::Refused => Some(vec![Reason::NotificationRefused]),
            Self::Expired => Some(vec![Reason::NotificationExpired]),
            Self::Returned => Some(vec![Reason::NotificationReturned]),
        }
    }

    /// Whether it can still happen after what is recorded.
    fn follows(self, recorded: Option<Notification>) -> Recorded {
        use Notification as N;
        match (self, recorded) {
            (Self::Returned | Self::Delivered, None) => Recorded::TooEarly,
            (Self::Sent | Self::Refused | Self::Expired, None)
            | (Self::Returned, Some(N::Sent | N::Delivered))
            | (Self::Delivered, Some(N::Sent)) => Recorded::Now,
            _ => Recorded::Before,
        }
    }
}

impl Service {
    /// How many notifications were ever queued.
    pub async fn queued_notices(&self) -> Result<u64, ReadError> {
        Ok(self.store.head(&List::Notify).await?.count)
    }

    /// Headers of the queue from number `after` on; none: there are none.
    pub async fn notice_queue(
        &self,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StatementHash>, ReadError> {
        self.store.entries(&List::Notify, after, limit).await
    }

    /// Resolves when the queue grew since the last call.
    pub async fn notices_grew(&self) {
        self.notices.notified().await;
    }

    /// What is still to be sent about a letter. Nothing, once the outcome is recorded, the letter
    /// was handed over or withdrawn, or its recipient wants no notification any more or has closed the
    /// mailbox. A letter that was deleted unread is still told of: periods begin with that.
    pub async fn notice(&self, header: StatementHash) -> Result<Option<Notice>, ServiceError> {
        let (delivery, _) = self.delivery(header).await?;
        let moot = delivery.notification().is_some()
            || delivery.withdrawal.is_some()
            || delivery.has(Event::ContentHandover);
        if moot {
            return Ok(None);
        }
        let (closing, _) = self.closing(delivery.header.recipient).await?;
        if closing != Closing::Open {
            return Ok(None);
        }
        let (contact, _) = self.newest_contact(delivery.header.recipient).await?;
        let Some((to, language)) = contact.and_then(|contact| {
            let to = MailAddress::parse(contact.email.as_deref()?)?;
            Some((to, contact.language))
        }) else {
            return Ok(None);
        };
        let accepted = delivery.receipts.first().ok_or(ServiceError::Damaged)?;
        Ok(Some(Notice {
            header,
            to,
            language,
            since: accepted.context.time,
        }))
    }

    /// Records what became of a notification, once.
    pub async fn record_notification(
        &self,
        header: StatementHash,
        outcome: NotificationOutcome,
    ) -> Result<Recorded, ServiceError> {
        let follows = std::sync::atomic::AtomicBool::new(true);
        let recorded = self
            .observe(|| {
                Box::pin(async {
                    let (delivery, count) = self.delivery(header).await?;
                    match outcome.follows(delivery.notification()) {
                        Recorded::Now => {}
                        other => {
                            let early = other == Recorded::TooEarly;
                            follows.store(!early, std::sync::atomic::Ordering::Relaxed);
                            return Ok(None);
                        }
                    }
                    let relied_on = vec![(List::Envelope(header), count)];
                    let (event, reasons) = (outcome.event(), outcome.reasons());
                    let plan = delivery_plan(&delivery, relied_on, event, reasons);
                    Ok(Some(plan))
                })
            })
            .await?;
        Ok(match recorded {
            Some(_) => Recorded::Now,
            None if follows.into_inner() => Recorded::Before,
            None => Recorded::TooEarly,
        })
    }
}
