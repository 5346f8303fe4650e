//! How many connections there may be, and which one makes room for the next.
//!
//! A connection waits for its client (between two requests, within one that comes slowly) or its
//! client waits for the server. Only the former are closed to make room, the one that has waited for
//! longest first: whoever keeps connections open without use shuts nobody out. Streams of events are
//! counted apart, and the oldest of them makes room for the next: its client, if there still is one,
//! comes back and takes up where it was.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// How many connections may be open at once.
const MOST: usize = 1024;
/// How many of them may be streams of events, which do not end by themselves.
const MOST_STREAMS: usize = 256;

/// All connections of a server.
#[derive(Clone)]
pub(super) struct Connections(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// Told when a connection closes or begins to wait.
    room: Notify,
}

#[derive(Default)]
struct State {
    open: usize,
    next: u64,
    /// Those that wait for their client, by when they began to.
    waiting: BTreeMap<u64, Arc<Notify>>,
    /// The streams of events, by when they began.
    streams: BTreeMap<u64, Arc<Notify>>,
}

impl Connections {
    pub(super) fn new() -> Self {
        Self(Arc::new(Shared {
            state: Mutex::default(),
            room: Notify::new(),
        }))
    }

    /// Waits until one more connection may be accepted, and closes one for it where there are too
    /// many.
    pub(super) async fn room(&self) {
        loop {
            let room = self.0.room.notified();
            {
                let mut state = self.0.lock();
                if state.open < MOST || state.close_oldest() {
                    return;
                }
            }
            room.await;
        }
    }

    /// A connection that was accepted.
    pub(super) fn opened(&self) -> Connection {
        let close = Arc::new(Notify::new());
        let mut state = self.0.lock();
        state.open += 1;
        let since = state.wait(close.clone());
        drop(state);
        Connection(Arc::new(Handle {
            connections: self.clone(),
            close,
            since: Mutex::new(since),
        }))
    }

    /// Closes a connection that waits for its client, and waits until one is gone: the process has
    /// no more file descriptors.
    pub(super) async fn give_back(&self) {
        let gone = self.0.room.notified();
        self.0.lock().close_oldest();
        gone.await;
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }
}

impl State {
    fn wait(&mut self, close: Arc<Notify>) -> u64 {
        self.next += 1;
        self.waiting.insert(self.next, close);
        self.next
    }

    fn close_oldest(&mut self) -> bool {
        let oldest = self.waiting.pop_first();
        if let Some((_, close)) = &oldest {
            close.notify_one();
        }
        oldest.is_some()
    }
}

/// One connection: handed to its requests, and kept by what serves it.
#[derive(Clone)]
pub(super) struct Connection(Arc<Handle>);

struct Handle {
    connections: Connections,
    close: Arc<Notify>,
    since: Mutex<u64>,
}

impl Connection {
    /// Ends when the connection is to be closed.
    pub(super) async fn closed(&self) {
        self.0.close.notified().await;
    }

    /// From now on the client waits for the server.
    pub(super) fn busy(&self) -> Busy {
        let since = *locked(&self.0.since);
        self.0.connections.0.lock().waiting.remove(&since);
        Busy {
            connection: self.clone(),
            stream: None,
        }
    }

    /// The same, with a stream of events.
    pub(super) fn stream(&self) -> Busy {
        let mut busy = self.busy();
        let mut state = self.0.connections.0.lock();
        if state.streams.len() >= MOST_STREAMS
            && let Some((_, close)) = state.streams.pop_first()
        {
            close.notify_one();
        }
        state.next += 1;
        let since = state.next;
        state.streams.insert(since, self.0.close.clone());
        busy.stream = Some(since);
        busy
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let mut state = self.connections.0.lock();
        state.open = state.open.saturating_sub(1);
        state.waiting.remove(&*locked(&self.since));
        drop(state);
        self.connections.0.room.notify_one();
    }
}

/// While this is there the connection is not closed to make room.
pub(super) struct Busy {
    connection: Connection,
    stream: Option<u64>,
}

impl Drop for Busy {
    fn drop(&mut self) {
        let handle = &self.connection.0;
        let shared = &handle.connections.0;
        let mut state = shared.lock();
        if let Some(stream) = self.stream {
            state.streams.remove(&stream);
        }
        let since = state.wait(handle.close.clone());
        drop(state);
        *locked(&handle.since) = since;
        shared.room.notify_one();
    }
}

/// Nothing panics while it holds one of these locks.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
