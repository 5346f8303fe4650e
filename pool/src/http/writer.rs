//! The thread that owns the file of `--data`.
//!
//! A reply that depends on a change goes out after the change is durable, so replies pass through
//! here, in their order, each with what its request changed. While one transaction is being written
//! the next requests are answered and pile up; they become the next transaction together.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use tokio::sync::{oneshot, watch};

use super::reply::error;
use super::store::{Contents, Store, StoreError};
use crate::service::Answered;
use crate::srp::Worked;
use crate::state::Change;
use crate::triggers::remote::Asked;
use crate::{Request, Response};

/// What comes of a request's turn.
pub(super) enum Turn {
    Answered(Answered),
    /// A function is to be asked first. The request comes back, to be given again.
    Asked(Box<(Request, Worked, Asked)>),
}

/// A request that the pool has settled.
pub(super) struct Settled {
    pub(super) changes: Vec<Change>,
    pub(super) response: Answered,
    pub(super) reply: oneshot::Sender<Turn>,
    /// The log's sequence number after it.
    pub(super) sequence: u64,
}

impl Settled {
    /// Sends the reply. That a client has gone away meanwhile is nobody's concern here.
    pub(super) fn send(self, latest: &watch::Sender<u64>) {
        let Self {
            response,
            reply,
            sequence,
            ..
        } = self;
        latest.send_if_modified(|latest| std::mem::replace(latest, sequence) != sequence);
        let _ = reply.send(Turn::Answered(response));
    }

    fn refuse(self, why: &StoreError) {
        let _ = self.reply.send(Turn::Answered(not_kept(why).into()));
    }
}

/// What a request is answered whose changes cannot be kept.
pub(super) fn not_kept(why: &StoreError) -> Response {
    let message = format!("Nothing was changed, because it cannot be kept: {why}");
    error(500, "InternalErrorException", &message)
}

enum Work {
    Settled(Settled),
    Reopen(mpsc::SyncSender<Result<Contents, StoreError>>),
}

/// How many requests become one transaction at most.
const MOST_AT_ONCE: usize = 1024;

/// A handle to the thread.
pub(super) struct Writer {
    queue: mpsc::Sender<Work>,
    /// How many requests it was given and has not answered.
    waiting: Arc<AtomicUsize>,
    /// Whether writing failed: what the pool has in memory is not what the file holds.
    failed: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Writer {
    /// Gives `store` to a thread of its own. Replies are counted into `latest`.
    pub(super) fn start(store: Store, latest: Arc<watch::Sender<u64>>) -> std::io::Result<Self> {
        let (queue, work) = mpsc::channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let failed = Arc::new(AtomicBool::new(false));
        let owner = Owner {
            store,
            failure: None,
            waiting: waiting.clone(),
            failed: failed.clone(),
            latest,
        };
        let thread = thread::Builder::new()
            .name("file".to_owned())
            .spawn(move || owner.run(&work))?;
        Ok(Self {
            queue,
            waiting,
            failed,
            thread,
        })
    }

    /// Answers once everything that the reply may depend on is durable; at once, where that is all.
    pub(super) fn answer(&self, settled: Settled, latest: &watch::Sender<u64>) {
        if settled.changes.is_empty() && self.waiting.load(Ordering::Acquire) == 0 {
            settled.send(latest);
            return;
        }
        self.waiting.fetch_add(1, Ordering::AcqRel);
        // The thread ends only after this handle.
        let _ = self.queue.send(Work::Settled(settled));
    }

    /// Whether the pool is to begin again with what [`Writer::reopen`] gives.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// What the file holds was of no use: it is to be opened once more.
    pub(super) fn fail_again(&self) {
        self.failed.store(true, Ordering::Release);
    }

    /// Opens the file once more, after all replies before were sent.
    ///
    /// # Errors
    /// When it cannot be.
    pub(super) fn reopen(&self) -> Result<Contents, StoreError> {
        let (answer, contents) = mpsc::sync_channel(1);
        let _ = self.queue.send(Work::Reopen(answer));
        contents
            .recv()
            .unwrap_or_else(|_| Err(StoreError::closed()))
    }

    /// Writes what is left and closes the file.
    pub(super) fn close(self) {
        drop(self.queue);
        let _ = self.thread.join();
    }
}

struct Owner {
    store: Store,
    /// Why the last transaction was not written, until the file was opened again.
    failure: Option<StoreError>,
    waiting: Arc<AtomicUsize>,
    failed: Arc<AtomicBool>,
    latest: Arc<watch::Sender<u64>>,
}

impl Owner {
    fn run(mut self, work: &mpsc::Receiver<Work>) {
        let mut batch = Vec::new();
        while let Ok(first) = work.recv() {
            let mut next = Some(first);
            while let Some(Work::Settled(settled)) = next {
                batch.push(settled);
                next = (batch.len() < MOST_AT_ONCE)
                    .then(|| work.try_recv().ok())
                    .flatten();
            }
            self.settle(&mut batch);
            if let Some(Work::Reopen(answer)) = next {
                let _ = answer.send(self.reopen());
            }
        }
    }

    fn settle(&mut self, batch: &mut Vec<Settled>) {
        let changes = || batch.iter().flat_map(|it| &it.changes);
        if self.failure.is_none()
            && changes().next().is_some()
            && let Err(error) = self.store.write(changes())
        {
            tracing::error!("{error}");
            self.failure = Some(error);
            self.failed.store(true, Ordering::Release);
        }
        let answered = batch.len();
        for settled in batch.drain(..) {
            match &self.failure {
                None => settled.send(&self.latest),
                Some(error) => settled.refuse(error),
            }
        }
        self.waiting.fetch_sub(answered, Ordering::AcqRel);
    }

    fn reopen(&mut self) -> Result<Contents, StoreError> {
        let contents = self.store.reopen()?;
        self.failure = None;
        self.failed.store(false, Ordering::Release);
        Ok(contents)
    }
}
