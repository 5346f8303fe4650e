//! `GET /_pool/events`: the outbox and the delivery log as server-sent events.
//!
//! An event's `id` is its place in the log; a client that comes back with `Last-Event-ID` misses
//! nothing. Without it the stream begins with the log's first entry.

use std::convert::Infallible;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use tokio::sync::watch;

use super::connections::Busy;
use super::keeper::Keeper;

/// The stream; it ends when `stopping` turns true.
pub(super) fn stream(
    keeper: Keeper,
    headers: &HeaderMap,
    stopping: watch::Receiver<bool>,
    busy: Busy,
) -> Response {
    let after = headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok()?.parse().ok())
        .unwrap_or_default();
    let reader = Reader {
        sequence: keeper.sequence(),
        keeper,
        stopping,
        sent: after,
        ready: Vec::new(),
        _busy: busy,
    };
    let events = futures_util::stream::unfold(reader, |mut reader| async move {
        let event = reader.next().await?;
        Some((Ok::<_, Infallible>(event), reader))
    });
    let alive = KeepAlive::new().interval(Duration::from_secs(15));
    Sse::new(events).keep_alive(alive).into_response()
}

struct Reader {
    keeper: Keeper,
    sequence: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    /// The number of the last event that was handed out.
    sent: u64,
    /// Events that follow it, the next one last.
    ready: Vec<crate::Event>,
    _busy: Busy,
}

impl Reader {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop() {
                self.sent = self.sent.saturating_add(1);
                let (name, data) = match &event {
                    crate::Event::Message(message) => ("message", serde_json::to_string(message)),
                    crate::Event::Delivery(record) => ("delivery", serde_json::to_string(record)),
                };
                return Some(
                    Event::default()
                        .id(self.sent.to_string())
                        .event(name)
                        .data(data.ok()?),
                );
            }
            self.sequence.mark_unchanged();
            let (before, ready) = self.keeper.events(self.sent).await?;
            self.ready = ready;
            self.ready.reverse();
            if !self.ready.is_empty() {
                self.sent = before;
            } else {
                tokio::select! {
                    changed = self.sequence.changed() => changed.ok()?,
                    _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                }
            }
        }
    }
}
