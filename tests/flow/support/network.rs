//! The network between a flow and its pool, and what can go wrong in it.

use std::collections::{HashMap, VecDeque};

use serde_json::Value;

use super::LocalPool;

/// What becomes of one request.
pub(crate) enum Fault {
    /// The scripted answer instead of the pool's.
    Answer(Answer),
    /// A firewall's answer, which says that it is one (`x-amzn-waf-action`).
    Firewall(Answer),
    /// It never left.
    NotSent,
    /// It left, and the connection broke before the pool heard of it.
    Lost,
    /// The pool did it, and the answer was lost.
    AnswerLost,
    /// No answer ever comes.
    Silence,
    /// The pool does it at once, and the answer takes so many ms.
    Late(f64),
}

/// An HTTP answer as the host hands it to the machine.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) error_type: Option<String>,
    /// `None` when it is no JSON object, or an absurdly large one; [`Value::Null`] when it is empty.
    pub(crate) body: Option<Value>,
}

/// A request on its way.
#[derive(Clone)]
pub(crate) struct Pending {
    pub(crate) id: u32,
    pub(crate) operation: &'static str,
    pub(crate) body: Value,
    /// It goes on when the page is left.
    #[allow(dead_code)] // not for tests/proof
    pub(crate) keepalive: bool,
}

pub(crate) struct Network {
    pub(crate) pool: Option<LocalPool>,
    faults: HashMap<String, VecDeque<Fault>>,
    pub(crate) under_way: VecDeque<Pending>,
    pub(crate) log: Vec<(&'static str, Value)>,
}

impl Network {
    pub(crate) fn new(pool: Option<LocalPool>) -> Self {
        Self {
            pool,
            faults: HashMap::new(),
            under_way: VecDeque::new(),
            log: Vec::new(),
        }
    }

    pub(crate) fn expect(&mut self, operation: &str, fault: Fault) {
        self.faults
            .entry(operation.into())
            .or_default()
            .push_back(fault);
    }

    pub(crate) fn next_fault(&mut self, operation: &str) -> Option<Fault> {
        self.faults.get_mut(operation)?.pop_front()
    }

    /// What the pool says; there must be one, or a scripted answer in its place.
    pub(crate) fn ask_pool(&mut self, pending: &Pending, wall: f64) -> Answer {
        let Some(pool) = &self.pool else {
            panic!("no answer is scripted for {}", pending.operation);
        };
        pool.answer(pending.operation, &pending.body, wall)
    }
}
