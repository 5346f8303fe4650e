//! The search: breadth first, so that the story of what is found is the shortest one.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    time::Instant,
};

use cognito_flow::EventType;
use serde_json::{Value, json};

use crate::{
    fold::fingerprint,
    laws::{self, Known},
    moves::{Came, Move, asked, faults},
    story,
    support::{LocalPool, Storage, World},
};

/// A pool, and how the flow in front of it is set up.
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    pub(crate) pool: LocalPool,
    pub(crate) options: Value,
    /// Whether anything is kept over a reload.
    pub(crate) storage: bool,
    /// What the person does not do.
    pub(crate) without: &'static [EventType],
    /// Steps that the search must have met: one that does not go far shows little.
    pub(crate) reaches: &'static [&'static str],
}

/// How far the search goes.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    /// The most states whose moves are tried.
    pub(crate) states: usize,
    /// The most requests that go wrong, on one way.
    pub(crate) faults: u32,
}

impl Bounds {
    /// The small ones, or what `PROOF_STATES` and `PROOF_FAULTS` say.
    pub(crate) fn of_environment() -> Self {
        let number = |name: &str| std::env::var(name).ok()?.parse().ok();
        Self {
            states: number("PROOF_STATES").unwrap_or(400),
            faults: number("PROOF_FAULTS").map_or(1, |faults| faults as u32),
        }
    }
}

/// A state is the way to it, and the pool as it then is.
struct Node {
    way: Option<Rc<Link>>,
    depth: usize,
    pool: Rc<Saved>,
    known: Known,
}

/// What the pool keeps.
struct Saved {
    text: String,
    value: Value,
}

impl Saved {
    fn of(pool: &LocalPool) -> Rc<Self> {
        let text = pool.save();
        let value = serde_json::from_str(&text).unwrap();
        Rc::new(Self { text, value })
    }
}

struct Link {
    before: Option<Rc<Link>>,
    did: Move,
    /// In words, with what was then seen.
    told: String,
}

impl Setting {
    /// Fails with the story of how to get there where a state breaks a law.
    pub(crate) fn prove(&self, bounds: Bounds) {
        let began = Instant::now();
        let pool = &self.pool;
        let mut search = Search {
            setting: self,
            pool: pool.clone(),
            met: HashSet::new(),
            open: VecDeque::new(),
            transitions: 0,
            steps: BTreeMap::new(),
            errors: BTreeSet::new(),
        };
        let start = Node {
            way: None,
            depth: 0,
            pool: Saved::of(pool),
            known: Known::new(bounds.faults),
        };
        let world = search.replay(&start);
        search.meet(start, &world);
        let (mut tried, mut depth) = (0, 0);
        while tried < bounds.states
            && let Some(node) = search.open.pop_front()
        {
            (tried, depth) = (tried + 1, node.depth);
            search.try_all(&node);
        }
        let whole = if search.open.is_empty() {
            "all there are"
        } else {
            "bounded"
        };
        println!(
            "{}: {} states met, {tried} of them tried ({whole}), {} transitions, depth {depth}, {:.1} s\n  \
             steps: {:?}\n  errors: {:?}",
            self.name,
            search.met.len(),
            search.transitions,
            began.elapsed().as_secs_f64(),
            search.steps,
            search.errors,
        );
        for step in self.reaches {
            assert!(
                search.steps.contains_key(*step),
                "{}: {step} is not reached",
                self.name
            );
        }
    }
}

struct Search<'a> {
    setting: &'a Setting,
    pool: LocalPool,
    met: HashSet<u128>,
    open: VecDeque<Node>,
    transitions: usize,
    steps: BTreeMap<String, usize>,
    errors: BTreeSet<String>,
}

impl Search<'_> {
    fn replay(&self, node: &Node) -> World {
        let storage = self.setting.storage.then(Storage::default);
        let pool = Some(self.pool.clone());
        let mut world = World::new(pool, self.setting.options.clone(), storage, None);
        world.watched = false;
        let mut way = Vec::new();
        let mut link = node.way.as_ref();
        while let Some(it) = link {
            way.push(&it.did);
            link = it.before.as_ref();
        }
        for did in way.into_iter().rev() {
            did.happen(&mut world);
        }
        world.watched = true;
        world
    }

    /// Everything that can happen next.
    fn try_all(&mut self, node: &Node) {
        let world = self.replay(node);
        let (code, stale) = codes(&node.pool.value);
        for did in asked(
            &world,
            self.setting.without,
            code.as_deref(),
            stale.as_deref(),
        ) {
            self.happen(node, &world, did, None, false);
        }
        for at in 0..world.network.under_way.len().min(2) {
            let request = &world.network.under_way[at];
            let seed = node.depth as u64;
            let restored = self.pool.restored(&node.pool.text, seed);
            let answer = restored.answer(request.operation, &request.body, world.clock.wall);
            let saved = Saved::of(&restored);
            let came = Move::Reply(at, Came::Answer(answer));
            self.happen(node, &world, came, Some(saved.clone()), false);
            if node.known.faults == 0 {
                continue;
            }
            self.happen(node, &world, Move::Reply(at, Came::Lost), Some(saved), true);
            for (_, came) in faults() {
                self.happen(node, &world, Move::Reply(at, came), None, true);
            }
        }
        if world.flow.deadline().is_some() {
            self.happen(node, &world, Move::Wait, None, false);
        }
        self.happen(node, &world, Move::Reload, None, false);
    }

    /// `pool`: as it then is, where it hears of it.
    fn happen(
        &mut self,
        node: &Node,
        before: &World,
        did: Move,
        pool: Option<Rc<Saved>>,
        fault: bool,
    ) {
        let mut world = self.replay(node);
        let told = story::of(&did, before, pool.is_some());
        let pool = pool.unwrap_or_else(|| node.pool.clone());
        let taken = catch_unwind(AssertUnwindSafe(|| did.happen(&mut world)));
        let taken = taken.unwrap_or_else(|_| self.tell(node, &told, "the flow broke its law"));
        if !taken {
            return;
        }
        self.transitions += 1;
        let mut known = node.known.clone();
        known.faults -= u32::from(fault);
        if let Err(broken) = known.follow(before, &did, &world, &pool.value) {
            self.tell(node, &told, &broken)
        }
        let way = Rc::new(Link {
            before: node.way.clone(),
            told: format!("{told}\n      → {}", story::seen(&world)),
            did,
        });
        let next = Node {
            way: Some(way),
            depth: node.depth + 1,
            pool,
            known,
        };
        self.meet(next, &world);
    }

    fn meet(&mut self, node: Node, world: &World) {
        let state = &node.pool.value;
        let (code, stale) = codes(state);
        let more = json!([node.known.folded(), code, stale]);
        if !self.met.insert(fingerprint(world, state, &more)) {
            return;
        }
        *self.steps.entry(world.step()).or_default() += 1;
        self.errors.insert(world.error());
        let left = || {
            let pool = self.pool.restored(&node.pool.text, node.depth as u64);
            let mut world = self.replay(&node);
            world.network.pool = Some(pool);
            laws::can_be_left(&mut world)
        };
        match catch_unwind(AssertUnwindSafe(left)) {
            Ok(Ok(())) => self.open.push_back(node),
            Ok(Err(broken)) => self.tell(&node, "the person wants to leave", &broken),
            Err(_) => self.tell(&node, "the person wants to leave", "the flow broke its law"),
        }
    }

    fn tell(&self, node: &Node, last: &str, broken: &str) -> ! {
        let mut lines = vec![format!("  - {last}")];
        let mut link = node.way.as_ref();
        while let Some(it) = link {
            lines.push(format!("  - {}", it.told));
            link = it.before.as_ref();
        }
        lines.reverse();
        panic!("{}: {broken}\n{}", self.setting.name, lines.join("\n"));
    }
}

/// The codes of the latest message and of the one before.
fn codes(saved: &Value) -> (Option<String>, Option<String>) {
    let mut codes = Vec::new();
    collect_codes(&saved["log"], &mut codes);
    (codes.pop(), codes.pop())
}

fn collect_codes(value: &Value, codes: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(code)) = members.get("code") {
                codes.push(code.clone());
            }
            members
                .values()
                .for_each(|member| collect_codes(member, codes));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_codes(item, codes)),
        _ => {}
    }
}
