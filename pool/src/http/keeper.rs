//! The thread that owns the pool.
//!
//! Requests reach it through a bounded queue and are answered in turn: no lock can be poisoned, and
//! arithmetic that takes milliseconds never holds up the threads that read from sockets.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use tokio::sync::{mpsc, oneshot, watch};

use super::clock::Clock;
use crate::{Event, Pool, Randomness, Request, Response};

/// How many requests may wait before those after them are held back at their sockets.
const QUEUE: usize = 256;

enum Work {
    Answer(Request, oneshot::Sender<Response>),
    Events(u64, oneshot::Sender<Vec<Event>>),
}

/// A handle to the thread. The thread ends when the last handle is gone.
#[derive(Clone)]
pub(super) struct Keeper {
    queue: mpsc::Sender<Work>,
    sequence: watch::Receiver<u64>,
}

impl Keeper {
    /// Gives `pool` to a thread of its own.
    pub(super) fn start(
        pool: Pool,
        clock: Clock,
        randomness: Box<dyn Randomness + Send>,
    ) -> std::io::Result<Self> {
        let (queue, work) = mpsc::channel(QUEUE);
        let (latest, sequence) = watch::channel(pool.sequence());
        thread::Builder::new()
            .name("pool".to_owned())
            .spawn(move || keep(pool, clock, randomness, work, &latest))?;
        Ok(Self { queue, sequence })
    }

    /// The pool's reply to `request`; `None` when its thread is gone.
    pub(super) async fn answer(&self, request: Request) -> Option<Response> {
        let (reply, answer) = oneshot::channel();
        self.queue.send(Work::Answer(request, reply)).await.ok()?;
        answer.await.ok()
    }

    /// The log's entries after that sequence number; `None` when the pool's thread is gone.
    pub(super) async fn events(&self, after: u64) -> Option<Vec<Event>> {
        let (reply, events) = oneshot::channel();
        self.queue.send(Work::Events(after, reply)).await.ok()?;
        events.await.ok()
    }

    /// The log's latest sequence number, and word of every change.
    pub(super) fn sequence(&self) -> watch::Receiver<u64> {
        self.sequence.clone()
    }
}

fn keep(
    mut pool: Pool,
    clock: Clock,
    mut randomness: Box<dyn Randomness + Send>,
    mut work: mpsc::Receiver<Work>,
    latest: &watch::Sender<u64>,
) {
    while let Some(work) = work.blocking_recv() {
        // That a client has gone away meanwhile is nobody's concern here.
        match work {
            Work::Answer(request, reply) => {
                let response = answer(&mut pool, &request, clock.now(), randomness.as_mut());
                let sequence = pool.sequence();
                latest.send_if_modified(|latest| std::mem::replace(latest, sequence) != sequence);
                let _ = reply.send(response);
            }
            Work::Events(after, reply) => {
                let _ = reply.send(pool.events(after).to_vec());
            }
        }
    }
}

/// The pool does not panic. Should it all the same, the one request fails in Cognito's own way and
/// the service lives on.
fn answer(
    pool: &mut Pool,
    request: &Request,
    now: u64,
    randomness: &mut dyn Randomness,
) -> Response {
    let work = AssertUnwindSafe(|| pool.handle(request, now, randomness));
    catch_unwind(work).unwrap_or_else(|_| {
        tracing::error!("the pool failed at a request: please report it");
        super::reply::error(500, "InternalErrorException", "")
    })
}
