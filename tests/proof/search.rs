//! The search: breadth first, so that the story of what is found is the shortest one.

use std::{
    collections::{BTreeSet, HashSet, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    time::Instant,
};

use cognito_flow::EventType;
use serde_json::{Value, json};

use crate::{
    browser::Browser,
    fold::fingerprint,
    laws::{self, Known},
    moves::{Act, Came, Codes, Move, asked, faults, times},
    planted::Planted,
    report::{Found, Report},
    story,
    support::{Authenticator, LocalPool, USER},
};

/// A pool, and how the flow in front of it is set up.
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    pub(crate) pool: LocalPool,
    pub(crate) options: Value,
    /// Whether anything is kept over a reload.
    pub(crate) storage: bool,
    pub(crate) tabs: usize,
    /// Who signs in.
    pub(crate) people: &'static [&'static str],
    /// What the person does not do.
    pub(crate) without: &'static [EventType],
    /// Whether they sign up without a password.
    pub(crate) without_password: bool,
    /// What the page calls besides `session`, each with its arguments.
    pub(crate) calls: &'static [(&'static str, &'static str)],
    /// What an administrator does meanwhile; each time is one of the things that go wrong.
    pub(crate) administrator: &'static [&'static str],
    /// Whether alice has passkeys, and whose key the browser then signs with.
    pub(crate) passkeys: bool,
    pub(crate) key: Option<Authenticator>,
    /// What a pool that was restored lacks: its functions.
    pub(crate) prepare: fn(&LocalPool),
    /// What happens before the search begins: events, each after the latest code, and what they lead to.
    pub(crate) first: &'static [fn(&str) -> Value],
    /// So many times more dear than the others is a state, for its arithmetic.
    pub(crate) weight: usize,
    /// Steps that the search must have met: one that does not go far shows little.
    pub(crate) reaches: &'static [&'static str],
}

/// How far the search goes.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    /// The most states whose moves are tried.
    pub(crate) states: usize,
    /// The most things that go wrong, on one way.
    pub(crate) faults: u32,
}

impl Bounds {
    /// The small ones, or what `PROOF_STATES` and `PROOF_FAULTS` say.
    pub(crate) fn of_environment() -> Self {
        let number = |name: &str| std::env::var(name).ok()?.parse().ok();
        Self {
            states: number("PROOF_STATES").unwrap_or(160),
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
pub(crate) struct Saved {
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

/// What a request came to at the pool, and the pool after it.
type Answered = (Came, Rc<Saved>);

impl Setting {
    /// Fails with the story of how to get there where a state breaks a law.
    pub(crate) fn prove(&self, bounds: Bounds) {
        if let Some(known) = Report::of_earlier_run(self.name, bounds) {
            return println!("{known}");
        }
        let report = self.search(bounds, None);
        for step in self.reaches {
            let reached = report.found.steps.contains_key(*step);
            assert!(reached, "{}: {step} is not reached", self.name);
        }
        report.keep();
        println!("{report}");
    }

    /// The search; with a fault planted, it is the search that is tested.
    pub(crate) fn search(&self, bounds: Bounds, planted: Option<Planted>) -> Report {
        let began = Instant::now();
        let mut search = Search {
            setting: self,
            pool: self.pool.clone(),
            planted,
            met: HashSet::new(),
            open: VecDeque::new(),
            found: Found::default(),
        };
        let (start, browser) = search.start(bounds.faults);
        search.meet(start, browser);
        // Those of arithmetic are fewer in the small search, which has its time.
        let most = match bounds.states {
            small if small < 1000 => small / self.weight,
            all => all,
        };
        let (mut tried, mut depth) = (0, 0);
        while tried < most
            && let Some(node) = search.open.pop_front()
        {
            (tried, depth) = (tried + 1, node.depth);
            search.try_all(&node);
        }
        Report {
            name: self.name,
            bounds,
            tried,
            depth,
            met: search.met.len(),
            all: search.open.is_empty(),
            seconds: began.elapsed().as_secs_f64(),
            found: search.found,
        }
    }
}

struct Search<'a> {
    setting: &'a Setting,
    pool: LocalPool,
    planted: Option<Planted>,
    met: HashSet<u128>,
    open: VecDeque<Node>,
    found: Found,
}

impl Search<'_> {
    fn replay(&self, node: &Node) -> Browser {
        let mut browser = Browser::open(self.setting, &self.pool);
        let mut way = Vec::new();
        let mut link = node.way.as_ref();
        while let Some(it) = link {
            way.push(&it.did);
            link = it.before.as_ref();
        }
        for did in way.into_iter().rev() {
            browser.happen(did);
        }
        browser.watch(true);
        browser
    }

    /// Where the search begins: what the setting has happen first is done, and answered.
    fn start(&mut self, faults: u32) -> (Node, Browser) {
        let mut node = Node {
            way: None,
            depth: 0,
            pool: Saved::of(&self.pool),
            known: Known::new(faults, self.setting.tabs),
        };
        let mut browser = self.replay(&node);
        for event in self.setting.first {
            let code = codes(&node.pool.value).latest.unwrap_or_default();
            let act = Act::Event(event(&code));
            (node, browser) = self.must_happen(&node, &browser, act, None);
            while !browser.tabs[0].network.under_way.is_empty() {
                let (came, saved) = self.answer(&node, &browser, 0, 0);
                (node, browser) =
                    self.must_happen(&node, &browser, Act::Reply(0, came), Some(saved));
            }
        }
        (node, browser)
    }

    fn must_happen(
        &mut self,
        node: &Node,
        before: &Browser,
        act: Act,
        pool: Option<Rc<Saved>>,
    ) -> (Node, Browser) {
        let did = Move { tab: 0, act };
        let next = self.happen(node, before, did, pool, false);
        next.expect("what comes first is taken")
    }

    /// The pool does what the request asks for.
    fn answer(&self, node: &Node, browser: &Browser, tab: usize, at: usize) -> Answered {
        let world = &browser.tabs[tab];
        let request = &world.network.under_way[at];
        let pool = self.restored(node);
        let answer = pool.answer(request.operation, &request.body, world.clock.wall);
        (Came::Answer(answer), Saved::of(&pool))
    }

    fn restored(&self, node: &Node) -> LocalPool {
        let pool = self.pool.restored(&node.pool.text, node.depth as u64);
        (self.setting.prepare)(&pool);
        pool
    }

    /// Everything that can happen next.
    fn try_all(&mut self, node: &Node) {
        let browser = self.replay(node);
        let codes = codes(&node.pool.value);
        let may_fail = node.known.faults > 0;
        for tab in 0..browser.tabs.len() {
            let key = self.setting.key.as_ref();
            for act in asked(self.setting, &browser, tab, &codes, key) {
                self.go(node, &browser, Move { tab, act }, None, false);
            }
            for at in 0..browser.tabs[tab].network.under_way.len().min(2) {
                let reply = |came| Move {
                    tab,
                    act: Act::Reply(at, came),
                };
                let (came, saved) = self.answer(node, &browser, tab, at);
                self.go(node, &browser, reply(came), Some(saved.clone()), false);
                if may_fail {
                    self.go(node, &browser, reply(Came::Lost), Some(saved), true);
                    for came in faults() {
                        self.go(node, &browser, reply(came), None, true);
                    }
                }
            }
        }
        for act in times(&browser) {
            self.go(node, &browser, Move { tab: 0, act }, None, false);
        }
        if may_fail {
            for operation in self.setting.administrator {
                let pool = self.restored(node);
                let wall = browser.tabs[0].clock.wall;
                let input =
                    json!({ "Username": USER, "UserPoolId": self.setting.pool.user_pool_id });
                // Some of it is refused: who is gone cannot be disabled.
                pool.answer(operation, &input, wall);
                let act = Act::Administrator(operation);
                let saved = Some(Saved::of(&pool));
                self.go(node, &browser, Move { tab: 0, act }, saved, true);
            }
        }
    }

    fn go(
        &mut self,
        node: &Node,
        before: &Browser,
        did: Move,
        pool: Option<Rc<Saved>>,
        fault: bool,
    ) {
        if let Some((next, browser)) = self.happen(node, before, did, pool, fault) {
            self.meet(next, browser);
        }
    }

    /// What comes of it, if it was taken; `pool`: as it then is, where it hears of it.
    fn happen(
        &mut self,
        node: &Node,
        before: &Browser,
        mut did: Move,
        pool: Option<Rc<Saved>>,
        fault: bool,
    ) -> Option<(Node, Browser)> {
        let mut browser = self.replay(node);
        let told = story::of(&did, before, pool.is_some());
        let mut pool = pool.unwrap_or_else(|| node.pool.clone());
        if let Some(planted) = self.planted {
            planted.before(&mut did, &mut browser, &mut pool, &node.pool);
        }
        let taken = catch_unwind(AssertUnwindSafe(|| browser.happen(&did)));
        let taken = taken.unwrap_or_else(|_| self.tell(node, &told, "the flow broke its law"));
        if !taken {
            return None;
        }
        if let Some(planted) = self.planted {
            planted.after(&mut did, before, &mut browser);
        }
        self.found.transitions += 1;
        let mut known = node.known.clone();
        known.faults -= u32::from(fault);
        let held = AssertUnwindSafe(|| known.follow(before, &did, &mut browser, &pool.value));
        match catch_unwind(held) {
            Ok(Ok(())) => {}
            Ok(Err(broken)) => self.tell(node, &told, &broken),
            Err(_) => self.tell(node, &told, "the flow broke its law"),
        }
        let seen = story::seen(&browser.tabs[did.tab]);
        let way = Rc::new(Link {
            before: node.way.clone(),
            told: format!("{told}\n      → {seen}"),
            did,
        });
        let next = Node {
            way: Some(way),
            depth: node.depth + 1,
            pool,
            known,
        };
        Some((next, browser))
    }

    fn meet(&mut self, node: Node, mut browser: Browser) {
        let state = &node.pool.value;
        let Codes { latest, earlier } = codes(state);
        let more = json!([node.known.folded(), latest, earlier]);
        if !self.met.insert(fingerprint(&browser, state, &more)) {
            return;
        }
        self.found.see(&browser);
        let can_leave = self.planted != Some(Planted::NobodyLeaves);
        // The person leaves in one tab, and what is under way in the others is answered meanwhile.
        let pool = self.restored(&node);
        let left = || {
            for tab in &mut browser.tabs {
                tab.network.pool = Some(pool.clone());
            }
            for _ in 0..2 {
                browser.tabs.iter_mut().for_each(|tab| tab.answer_all());
            }
            let mut tabs = browser.tabs.iter_mut();
            tabs.try_for_each(|tab| laws::can_be_left(tab, can_leave))
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
fn codes(saved: &Value) -> Codes {
    let mut codes = Vec::new();
    collect_codes(&saved["log"], &mut codes);
    let latest = codes.pop();
    Codes {
        latest,
        earlier: codes.pop(),
    }
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

impl Found {
    fn see(&mut self, browser: &Browser) {
        for tab in &browser.tabs {
            *self.steps.entry(tab.step()).or_default() += 1;
            let errors: BTreeSet<_> = (tab.answered())
                .filter_map(|(_, answer)| answer.as_ref().err())
                .map(|error| error.code.as_str().to_owned())
                .chain([tab.error()])
                .filter(|code| !code.is_empty())
                .collect();
            self.errors.extend(errors);
        }
    }
}
