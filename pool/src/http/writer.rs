//! The thread that owns the file of `--data`.
//!
//! A reply that depends on a change goes out after the change is durable, so replies pass through
//! here, in their order, each with what its request changed. While one transaction is being written
//! the next requests are answered and pile up; they become the next transaction together, and tokens
//! are signed meanwhile.

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
    Answered(Answered, Durable),
    /// A function is to be asked first. The request comes back, to be given again.
    Asked(Box<(Request, Worked, Asked)>),
}

/// Whether what a reply depends on is durable. Before it is, nobody may see the reply.
pub(super) enum Durable {
    Already,
    Soon(oneshot::Receiver<Result<(), StoreError>>),
}

impl Durable {
    /// Waits until it is, or cannot be. `None` when the thread of the file is gone.
    pub(super) async fn wait(self) -> Option<Result<(), StoreError>> {
        match self {
            Self::Already => Some(Ok(())),
            Self::Soon(written) => written.await.ok(),
        }
    }
}

/// A request that the pool has settled.
pub(super) struct Settled {
    pub(super) changes: Vec<Change>,
    /// The log's sequence number after it.
    pub(super) sequence: u64,
}

impl Settled {
    /// Tells of what is new in the log.
    pub(super) fn tell(&self, latest: &watch::Sender<u64>) {
        let now = self.sequence;
        latest.send_if_modified(|latest| std::mem::replace(latest, now) != now);
    }
}

/// One whose reply waits.
struct Waiting {
    settled: Settled,
    written: oneshot::Sender<Result<(), StoreError>>,
}

/// What a request is answered whose changes cannot be kept.
pub(super) fn not_kept(why: &StoreError) -> Response {
    let message = format!("Nothing was changed, because it cannot be kept: {why}");
    error(500, "InternalErrorException", &message)
}

enum Work {
    Settled(Waiting),
    Key(String, mpsc::SyncSender<Result<(), StoreError>>),
    Reopen(mpsc::SyncSender<Result<Contents, StoreError>>),
}

/// What puts a new signing key into the file.
pub(super) struct KeyKeeper(mpsc::Sender<Work>);

impl KeyKeeper {
    /// Writes a key and returns when it is durable.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn keep(&self, pem: String) -> Result<(), StoreError> {
        let (answer, kept) = mpsc::sync_channel(1);
        // The thread ends only after this handle, too.
        let _ = self.0.send(Work::Key(pem, answer));
        kept.recv().unwrap_or_else(|_| Err(StoreError::closed()))
    }
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

    /// Writes what was changed. The reply may depend on what others changed before, too: it waits
    /// until all of it is durable; not at all, where that is so by now.
    pub(super) fn write(&self, settled: Settled, latest: &watch::Sender<u64>) -> Durable {
        if settled.changes.is_empty() && self.waiting.load(Ordering::Acquire) == 0 {
            settled.tell(latest);
            return Durable::Already;
        }
        self.waiting.fetch_add(1, Ordering::AcqRel);
        let (written, durable) = oneshot::channel();
        // The thread ends only after this handle.
        let _ = self.queue.send(Work::Settled(Waiting { settled, written }));
        Durable::Soon(durable)
    }

    /// What keeps a key that is made beside.
    pub(super) fn key_keeper(&self) -> KeyKeeper {
        KeyKeeper(self.queue.clone())
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
            while let Some(Work::Settled(waiting)) = next {
                batch.push(waiting);
                next = (batch.len() < MOST_AT_ONCE)
                    .then(|| work.try_recv().ok())
                    .flatten();
            }
            self.settle(&mut batch);
            match next {
                Some(Work::Key(pem, answer)) => {
                    let _ = answer.send(self.keep_key(&pem));
                }
                Some(Work::Reopen(answer)) => {
                    let _ = answer.send(self.reopen());
                }
                Some(Work::Settled(_)) | None => {}
            }
        }
    }

    fn settle(&mut self, batch: &mut Vec<Waiting>) {
        let changes = || batch.iter().flat_map(|it| &it.settled.changes);
        if self.failure.is_none() && changes().next().is_some() {
            let written = self.store.write(changes());
            self.note(written);
        }
        let answered = batch.len();
        for Waiting { settled, written } in batch.drain(..) {
            if self.failure.is_none() {
                settled.tell(&self.latest);
            }
            // That a client has gone away meanwhile is nobody's concern here.
            let _ = written.send(self.failure.clone().map_or(Ok(()), Err));
        }
        self.waiting.fetch_sub(answered, Ordering::AcqRel);
    }

    fn keep_key(&mut self, pem: &str) -> Result<(), StoreError> {
        if self.failure.is_none() {
            let written = self.store.keep_key(pem);
            self.note(written);
        }
        self.failure.clone().map_or(Ok(()), Err)
    }

    /// After an error nothing more is written until the file was opened again.
    fn note(&mut self, written: Result<(), StoreError>) {
        if let Err(error) = written {
            tracing::error!("{error}");
            self.failure = Some(error);
            self.failed.store(true, Ordering::Release);
        }
    }

    fn reopen(&mut self) -> Result<Contents, StoreError> {
        let contents = self.store.reopen()?;
        self.failure = None;
        self.failed.store(false, Ordering::Release);
        Ok(contents)
    }
}
