//! The whole service as it was at some moment, to be brought back as often as one likes: what a test
//! suite does between its tests. Kept in memory; rows are shared with the present state, so that one
//! costs a pointer for each row.

use std::collections::{BTreeMap, VecDeque};

use crate::randomness::{Draw, Randomness};
use crate::state::State;

/// How many there are; the oldest makes room for the next.
const MOST: usize = 1000;

#[derive(Default)]
pub(crate) struct Snapshots {
    by_id: BTreeMap<String, State>,
    order: VecDeque<String>,
}

impl Snapshots {
    /// Remembers `state`; gives the id by which it comes back.
    pub(crate) fn take(&mut self, state: &State, randomness: &mut dyn Randomness) -> String {
        if self.order.len() >= MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_id.remove(&oldest);
        }
        let id = randomness.uuid();
        self.order.push_back(id.clone());
        self.by_id.insert(id.clone(), state.snapshot());
        id
    }

    /// Makes `state` what it was; false where there is no such snapshot.
    pub(crate) fn restore(&self, id: &str, state: &mut State) -> bool {
        let snapshot = self.by_id.get(id);
        if let Some(snapshot) = snapshot {
            state.become_again(snapshot);
        }
        snapshot.is_some()
    }
}
