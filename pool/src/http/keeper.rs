//! The thread that owns the pool.
//!
//! Requests reach it through a bounded queue and are answered in turn: no lock can be poisoned, and
//! arithmetic that takes milliseconds never holds up the threads that read from sockets. What of it
//! needs nothing but numbers is done before and after a request's turn, beside that of others, and so
//! are functions behind a URL asked: the request is taken back meanwhile and has another turn. Where
//! there is a file, replies wait for the thread that owns it (`writer`).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::spawn_blocking;

use super::callback::Asker;
use super::clock::Clock;
use super::store::{Store, StoreError};
use super::writer::{Durable, KeyKeeper, Settled, Turn, Writer, not_kept};
use crate::service::{Ahead, Answered};
use crate::srp::{Sum, Worked};
use crate::tokens::Unsigned;
use crate::triggers::remote::{Asked, Told};
use crate::{Event, Pool, Randomness, Request, Response};

/// How many requests may wait before those after them are held back at their sockets.
const QUEUE: usize = 256;

/// How long a file that could not be written is left alone before it is tried again.
const PAUSE: Duration = Duration::from_secs(1);

enum Work {
    LookAhead(Ahead, Request, oneshot::Sender<(Request, Option<Sum>)>),
    Answer(Request, Worked, Told, oneshot::Sender<Turn>),
    Events(u64, oneshot::Sender<(u64, Vec<Event>)>),
    Close(oneshot::Sender<()>),
}

/// A handle to the thread. The thread ends when it is told to or the last handle is gone.
#[derive(Clone)]
pub(super) struct Keeper {
    queue: mpsc::Sender<Work>,
    sequence: watch::Receiver<u64>,
    asker: Asker,
}

impl Keeper {
    /// Gives `pool` to a thread of its own, and its file to another, if it is kept in one. Who makes a
    /// key for the file hears from `new_key` how to keep it.
    pub(super) fn start(
        pool: Pool,
        store: Option<Store>,
        new_key: Option<std::sync::mpsc::Sender<KeyKeeper>>,
        clock: Clock,
        randomness: Box<dyn Randomness + Send>,
    ) -> std::io::Result<Self> {
        let (queue, work) = mpsc::channel(QUEUE);
        let (latest, sequence) = watch::channel(pool.sequence());
        let latest = Arc::new(latest);
        let writer = match store {
            Some(store) => Some(Writer::start(store, latest.clone())?),
            None => None,
        };
        if let (Some(new_key), Some(writer)) = (new_key, &writer) {
            // Who has not waited for it needs it no more.
            let _ = new_key.send(writer.key_keeper());
        }
        let owner = Owner {
            pool,
            clock,
            randomness,
            latest,
            writer,
            failure: None,
        };
        thread::Builder::new()
            .name("pool".to_owned())
            .spawn(move || owner.run(work))?;
        Ok(Self {
            queue,
            sequence,
            asker: Asker::new(),
        })
    }

    /// The pool's reply to `request`; `None` when its thread is gone.
    pub(super) async fn answer(&self, request: Request) -> Option<Response> {
        let (request, worked) = self.work_ahead(request).await?;
        match self.turn(request, worked, Told::default()).await? {
            Turn::Answered(answered, durable) => finish(answered, durable).await,
            Turn::Asked(asked) => {
                // A client that leaves meanwhile has asked all the same.
                let keeper = self.clone();
                let asking = tokio::spawn(async move { keeper.ask(*asked).await });
                asking.await.ok()?
            }
        }
    }

    async fn turn(&self, request: Request, worked: Worked, told: Told) -> Option<Turn> {
        let (reply, answer) = oneshot::channel();
        let work = Work::Answer(request, worked, told, reply);
        self.queue.send(work).await.ok()?;
        answer.await.ok()
    }

    /// Asks the functions that a request needs, and gives it again.
    async fn ask(&self, asked: (Request, Worked, Asked)) -> Option<Response> {
        let (mut request, mut worked, mut asked) = asked;
        loop {
            let said = self.asker.ask(&asked.question).await;
            let Asked { question, mut told } = asked;
            told.hear(question, said);
            match self.turn(request, worked, told).await? {
                Turn::Answered(answered, durable) => return finish(answered, durable).await,
                Turn::Asked(again) => (request, worked, asked) = *again,
            }
        }
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

    /// The log's entries after that sequence number, and the number before the first of them; `None`
    /// when the pool's thread is gone.
    pub(super) async fn events(&self, after: u64) -> Option<(u64, Vec<Event>)> {
        let (reply, events) = oneshot::channel();
        self.queue.send(Work::Events(after, reply)).await.ok()?;
        events.await.ok()
    }

    /// The log's latest sequence number, and word of every change.
    pub(super) fn sequence(&self) -> watch::Receiver<u64> {
        self.sequence.clone()
    }

    /// Answers what was asked before, closes the file and ends the thread.
    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Work::Close(done)).await.is_ok() {
            let _ = closed.await;
        }
    }
}

struct Owner {
    pool: Pool,
    clock: Clock,
    randomness: Box<dyn Randomness + Send>,
    latest: Arc<watch::Sender<u64>>,
    writer: Option<Writer>,
    /// When and why the file could not be opened again.
    failure: Option<(Instant, StoreError)>,
}

impl Owner {
    fn run(mut self, mut work: mpsc::Receiver<Work>) {
        let mut closing = None;
        while let Some(work) = work.blocking_recv() {
            match work {
                Work::LookAhead(ahead, request, reply) => {
                    let sum = self.pool.look_ahead(&ahead, &request);
                    let _ = reply.send((request, sum));
                }
                Work::Answer(request, worked, told, reply) => {
                    self.answer(request, worked, told, reply);
                }
                Work::Events(after, reply) => {
                    let events = self.pool.events(after);
                    let count = u64::try_from(events.len()).unwrap_or(u64::MAX);
                    // Who was away for long does not get what there is no more.
                    let before = self.pool.sequence().saturating_sub(count);
                    // Those that are not durable yet may never have been.
                    let latest = *self.latest.borrow();
                    let durable = usize::try_from(latest.saturating_sub(before));
                    let events = events.iter().take(durable.unwrap_or(usize::MAX));
                    let _ = reply.send((before, events.cloned().collect()));
                }
                Work::Close(done) => {
                    closing = Some(done);
                    break;
                }
            }
        }
        if let Some(writer) = self.writer {
            writer.close();
        }
        if let Some(done) = closing {
            let _ = done.send(());
        }
    }

    fn answer(
        &mut self,
        request: Request,
        worked: Worked,
        told: Told,
        reply: oneshot::Sender<Turn>,
    ) {
        if let Err(why) = self.begin_again_after_failure() {
            let refused = Turn::Answered(not_kept(&why).into(), Durable::Already);
            let _ = reply.send(refused);
            return;
        }
        let now = self.clock.now();
        let answered = match handle(
            &mut self.pool,
            &request,
            now,
            self.randomness.as_mut(),
            &worked,
            told,
        ) {
            Ok(answered) => answered,
            Err(asked) => {
                let _ = reply.send(Turn::Asked(Box::new((request, worked, *asked))));
                return;
            }
        };
        let settled = Settled {
            changes: self.pool.take_changes().unwrap_or_default(),
            sequence: self.pool.sequence(),
        };
        let durable = match &self.writer {
            Some(writer) => writer.write(settled, &self.latest),
            None => {
                settled.tell(&self.latest);
                Durable::Already
            }
        };
        let _ = reply.send(Turn::Answered(answered, durable));
    }

    /// What could not be written is not to be in memory either: the pool begins again with what the
    /// file holds.
    fn begin_again_after_failure(&mut self) -> Result<(), StoreError> {
        let Some(writer) = &self.writer else {
            return Ok(());
        };
        if !writer.has_failed() {
            return Ok(());
        }
        if let Some((at, why)) = &self.failure
            && at.elapsed() < PAUSE
        {
            return Err(why.clone());
        }
        let begun = writer.reopen().and_then(|contents| {
            let taken = self.pool.begin_with(contents.rows);
            taken.map_err(|_| {
                writer.fail_again();
                StoreError::other_rows()
            })
        });
        self.failure = begun.clone().err().map(|why| (Instant::now(), why));
        if begun.is_ok() {
            tracing::info!("the file can be written again");
            self.latest.send_replace(self.pool.sequence());
        }
        begun
    }
}

/// The pool does not panic. Should it all the same, the one request fails in Cognito's own way and
/// the service lives on.
fn handle(
    pool: &mut Pool,
    request: &Request,
    now: u64,
    randomness: &mut dyn Randomness,
    worked: &Worked,
    told: Told,
) -> Result<Answered, Box<Asked>> {
    let work = AssertUnwindSafe(|| pool.settle(request, now, randomness, worked, told));
    let done = catch_unwind(work);
    done.unwrap_or_else(|_| {
        tracing::error!("the pool failed at a request: please report it");
        pool.give_up();
        Ok(super::reply::error(500, "InternalErrorException", "").into())
    })
}

/// The reply, once what it depends on is durable. Its tokens are signed meanwhile, both at once.
async fn finish(answered: Answered, durable: Durable) -> Option<Response> {
    let (signed, durable) = tokio::join!(sign(answered), durable.wait());
    match durable? {
        Ok(()) => signed,
        Err(why) => Some(not_kept(&why)),
    }
}

async fn sign(mut settled: Answered) -> Option<Response> {
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
