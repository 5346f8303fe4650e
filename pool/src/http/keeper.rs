//! The thread that owns the pool.
//!
//! Requests reach it through a bounded queue and are answered in turn: no lock can be poisoned, and
//! arithmetic that takes milliseconds never holds up the threads that read from sockets. What of it
//! needs nothing but numbers is done before and after a request's turn, beside that of others.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::spawn_blocking;

use super::clock::Clock;
use crate::service::{Ahead, Settled};
use crate::srp::{Sum, Worked};
use crate::tokens::Unsigned;
use crate::{Event, Pool, Randomness, Request, Response};

/// How many requests may wait before those after them are held back at their sockets.
const QUEUE: usize = 256;

enum Work {
    LookAhead(Ahead, Request, oneshot::Sender<(Request, Option<Sum>)>),
    Answer(Request, Worked, oneshot::Sender<Settled>),
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
        let (request, worked) = self.work_ahead(request).await?;
        let (reply, answer) = oneshot::channel();
        let work = Work::Answer(request, worked, reply);
        self.queue.send(work).await.ok()?;
        finish(answer.await.ok()?).await
    }

    /// Does what arithmetic a request needs on another thread, where requests of others do the same
    /// at the same time.
    async fn work_ahead(&self, request: Request) -> Option<(Request, Worked)> {
        let Some(ahead) = Ahead::of(&request) else {
            return Some((request, Worked::Nothing));
        };
        let (reply, answer) = oneshot::channel();
        let work = Work::LookAhead(ahead, request, reply);
        self.queue.send(work).await.ok()?;
        let (request, sum) = answer.await.ok()?;
        let worked = match sum {
            Some(sum) => spawn_blocking(|| sum.work()).await.ok()?,
            None => Worked::Nothing,
        };
        Some((request, worked))
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
            Work::LookAhead(ahead, request, reply) => {
                let sum = pool.look_ahead(&ahead, &request);
                let _ = reply.send((request, sum));
            }
            Work::Answer(request, worked, reply) => {
                let now = clock.now();
                let response = answer(&mut pool, &request, now, randomness.as_mut(), &worked);
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
    worked: &Worked,
) -> Settled {
    let work = AssertUnwindSafe(|| pool.settle(request, now, randomness, worked));
    catch_unwind(work).unwrap_or_else(|_| {
        tracing::error!("the pool failed at a request: please report it");
        Settled {
            response: super::reply::error(500, "InternalErrorException", ""),
            unsigned: None,
        }
    })
}

/// Signs both tokens at once.
async fn finish(mut settled: Settled) -> Option<Response> {
    let Some((key, claims)) = settled.unsigned.take() else {
        return Some(settled.response);
    };
    let Unsigned { access, id } = claims;
    let other = key.clone();
    let access = spawn_blocking(move || other.sign(&access));
    let id = spawn_blocking(move || key.sign(&id));
    let (access, id) = (access.await.ok()?, id.await.ok()?);
    Some(settled.finish_with(access, id))
}
