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

/// The log, in the order of time. An entry's place in it, counted from 1, is its sequence number;
/// of a log that was brought back from a snapshot, the place after all that there ever was.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct MessageLog {
    events: Vec<Event>,
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
        self.forgotten.saturating_add(entries)
    }

    pub(crate) fn after(&self, sequence: u64) -> &[Event] {
        let skip = sequence.saturating_sub(self.forgotten);
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
        for (at, event) in self.events.iter().enumerate().skip(self.committed) {
            journal.row("log", &key(at + 1), Some(event));
        }
        self.committed = self.events.len();
    }

    /// Takes the place of `other`: whoever has read that one misses nothing that comes now.
    pub(crate) fn replaces(&mut self, other: &Self) {
        self.forgotten = 0;
        self.forgotten = other.sequence().saturating_sub(self.sequence());
    }

    /// The entries, by the keys that the journal has them under.
    #[cfg(all(feature = "server", not(target_arch = "wasm32")))]
    pub(crate) fn keyed(&self) -> impl Iterator<Item = (String, &Event)> {
        self.events
            .iter()
            .enumerate()
            .map(|(at, event)| (key(at + 1), event))
    }

    /// Takes back an entry that the journal was told of. They come in their order.
    #[cfg(all(feature = "server", not(target_arch = "wasm32")))]
    pub(crate) fn put(&mut self, event: Event) {
        self.events.push(event);
        self.committed = self.events.len();
    }

    pub(crate) fn roll_back(&mut self) {
        self.events.truncate(self.committed);
    }
}

/// What an entry is kept under.
fn key(place: usize) -> String {
    format!("{place:016x}")
}
