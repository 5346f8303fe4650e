//! Every message that was sent, and what became of it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::table::Journal;

/// How a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Medium {
    /// A text message.
    Sms,
    /// An email.
    Email,
}

impl Medium {
    /// The medium that reaches an attribute.
    pub(crate) fn of(attribute: &str) -> Self {
        if attribute == "phone_number" {
            Self::Sms
        } else {
            Self::Email
        }
    }

    /// The wire's `DeliveryMedium`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sms => "SMS",
            Self::Email => "EMAIL",
        }
    }
}

/// A message in the outbox.
#[derive(Clone, Serialize, Deserialize)]
pub struct Message {
    /// The address or phone number.
    pub to: String,
    /// How it went.
    pub medium: Medium,
    /// Why: `signUp`, `resendCode`, `authentication`, `forgotPassword`, `verifyAttribute`,
    /// `updateAttribute`, `adminCreateUser`.
    pub kind: String,
    /// The text; an email's subject stands in a first line of its own.
    pub text: String,
    /// The code in it.
    pub code: Option<String>,
    /// The link in it.
    pub link: Option<String>,
    /// When it was sent, in milliseconds since the epoch.
    pub at: u64,
}

// A message is mostly its secret.
impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("kind", &self.kind)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// A line of the delivery log.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeliveryRecord {
    /// The address or phone number.
    pub to: String,
    /// How it was to go.
    pub medium: Medium,
    /// Whether it arrived.
    pub outcome: DeliveryOutcome,
    /// Why it did not.
    pub reason: Option<String>,
    /// What it cost, in millionths of a US dollar.
    #[serde(rename = "costMicroUsd")]
    pub cost_micro_usd: u64,
    /// When, in milliseconds since the epoch.
    pub at: u64,
}

/// Whether a message arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryOutcome {
    /// It did.
    Delivered,
    /// It was lost on the way.
    Dropped,
}

/// An entry of the log of everything that was sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Event {
    /// A message that arrived in somebody's inbox.
    Message(Message),
    /// What became of a message.
    Delivery(DeliveryRecord),
}

/// The most entries that the log holds: a server that runs for months does not grow by them.
const MOST: usize = 10_000;
/// How many of the oldest go at once, when there are more.
const GOING: usize = 1_000;

/// The log, in the order of time. An entry's place in it, counted from 1, is its sequence number;
/// of a log that was brought back from a snapshot, the place after all that there ever was.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct MessageLog {
    events: Vec<Event>,
    /// How many older entries were given up.
    #[serde(default, skip_serializing_if = "is_none")]
    given_up: u64,
    #[serde(skip)]
    committed: usize,
    /// How many entries there once were, and are not.
    #[serde(skip)]
    forgotten: u64,
}

impl MessageLog {
    pub(crate) fn delivered(&mut self, message: Message, cost_micro_usd: u64) {
        let record = DeliveryRecord {
            to: message.to.clone(),
            medium: message.medium,
            outcome: DeliveryOutcome::Delivered,
            reason: None,
            cost_micro_usd,
            at: message.at,
        };
        self.events.push(Event::Message(message));
        self.events.push(Event::Delivery(record));
    }

    pub(crate) fn dropped(&mut self, message: &Message, reason: String) {
        self.events.push(Event::Delivery(DeliveryRecord {
            to: message.to.clone(),
            medium: message.medium,
            outcome: DeliveryOutcome::Dropped,
            reason: Some(reason),
            cost_micro_usd: 0,
            at: message.at,
        }));
    }

    pub(crate) fn sequence(&self) -> u64 {
        let entries = u64::try_from(self.events.len()).unwrap_or(u64::MAX);
        self.before_first().saturating_add(entries)
    }

    /// The sequence number before the oldest entry's.
    fn before_first(&self) -> u64 {
        self.forgotten.saturating_add(self.given_up)
    }

    /// How many older entries were given up.
    pub(crate) fn given_up(&self) -> u64 {
        self.given_up
    }

    pub(crate) fn after(&self, sequence: u64) -> &[Event] {
        let skip = sequence.saturating_sub(self.before_first());
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        self.events.get(skip..).unwrap_or_default()
    }

    pub(crate) fn outbox(&self, to: Option<&str>) -> Value {
        let messages = self.events.iter().filter_map(|event| match event {
            Event::Message(message) if to.is_none_or(|to| message.to == to) => Some(json!(message)),
            _ => None,
        });
        messages.collect()
    }

    pub(crate) fn deliveries(&self) -> Value {
        let records = self.events.iter().filter_map(|event| match event {
            Event::Delivery(record) => Some(json!(record)),
            Event::Message(_) => None,
        });
        records.collect()
    }

    /// As [`Table::commit`](crate::table::Table::commit). A key is the sequence number in hexadecimal
    /// digits, so that the order of keys is that of time.
    pub(crate) fn commit(&mut self, journal: &mut impl Journal) {
        for (key, event) in self.keyed().skip(self.committed) {
            journal.row("log", &key, Some(event));
        }
        if self.events.len() > MOST {
            for (key, _) in self.keyed().take(GOING) {
                journal.row::<Event>("log", &key, None);
            }
            self.events.drain(..GOING);
            self.given_up = self.given_up.saturating_add(GOING as u64);
        }
        self.committed = self.events.len();
    }

    /// Takes the place of `other`: whoever has read that one misses nothing that comes now.
    pub(crate) fn replaces(&mut self, other: &Self) {
        self.forgotten = 0;
        self.forgotten = other.sequence().saturating_sub(self.sequence());
    }

    /// The entries, by the keys that the journal has them under.
    pub(crate) fn keyed(&self) -> impl Iterator<Item = (String, &Event)> {
        let places = self.given_up.saturating_add(1)..;
        places
            .zip(&self.events)
            .map(|(place, event)| (format!("{place:016x}"), event))
    }

    /// Takes back an entry that the journal was told of. They come in their order.
    #[cfg(all(feature = "server", not(target_arch = "wasm32")))]
    pub(crate) fn put(&mut self, key: &str, event: Event) -> Option<()> {
        let place = u64::from_str_radix(key, 16).ok()?;
        if self.events.is_empty() {
            self.given_up = place.checked_sub(1)?;
        }
        self.events.push(event);
        self.committed = self.events.len();
        Some(())
    }

    pub(crate) fn roll_back(&mut self) {
        self.events.truncate(self.committed);
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde has it
fn is_none(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::NotKept;

    fn log_of(count: u64) -> MessageLog {
        let mut log = MessageLog::default();
        for at in 1..=count {
            log.events.push(Event::Delivery(DeliveryRecord {
                to: String::new(),
                medium: Medium::Email,
                outcome: DeliveryOutcome::Dropped,
                reason: None,
                cost_micro_usd: 0,
                at,
            }));
            log.commit(&mut NotKept);
        }
        log
    }

    #[test]
    fn the_log_is_bounded_and_goes_on_counting() {
        let log = log_of(10_000);
        assert_eq!((log.given_up(), log.events.len()), (0, 10_000));
        let log = log_of(12_345);
        assert_eq!((log.given_up(), log.sequence()), (3_000, 12_345));
        assert_eq!(log.events.len(), 9_345);
        assert_eq!(log.after(12_344).len(), 1);
        // Who was away for too long gets what there is.
        assert_eq!(log.after(7).len(), 9_345);
        let first = log.keyed().next().map(|(key, _)| key);
        assert_eq!(first, Some(format!("{:016x}", 3_001)));
    }
}
