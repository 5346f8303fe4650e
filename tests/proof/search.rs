//! The search: breadth first, so that the story of what is found is the shortest one.

mod told;
mod walk;

use std::{
    collections::{BTreeSet, HashSet, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    rc::Rc,
    time::Instant,
};

use cognito_flow::EventType;
use serde_json::{Value, json};

use crate::{
    browser::Browser,
    domain,
    fold::fingerprint,
    laws::{self, Known},
    moves::{Act, Came, Codes, Move, asked, faults, times},
    planted::Planted,
    report::{Found, Report},
    script, story,
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
    /// So many times dearer than others is a state, for its arithmetic; and so many fewer are tried.
    pub(crate) weight: usize,
    /// Steps that the search must have met: one that does not go far shows little.
    pub(crate) reaches: &'static [&'static str],
    /// Error codes that it must have met: those that it is there for.
    pub(crate) meets: &'static [&'static str],
}

/// How far the search goes.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    /// The most states whose moves are tried, in a setting of weight one.
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
#[derive(Clone)]
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
    /// In words, and what was then seen.
    told: String,
    seen: String,
    /// The same, to be read by [`script::read`].
    line: Value,
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
        for code in self.meets {
            let met = report.found.errors.contains(*code);
            assert!(met, "{}: {code} is not met", self.name);
        }
        report.keep();
        println!("{report}");
    }

    /// What a search has told, once more: one way, held to every law. It ends with the person leaving.
    pub(crate) fn happens(&self, told: &str) {
        self.plays(serde_json::from_str(told).unwrap(), None);
    }

    /// The same; answers with what was seen after each line. `anew`: as what it is to be kept, and where.
    pub(crate) fn plays(&self, lines: Vec<Value>, anew: Option<(&Path, &str)>) -> Vec<String> {
        let mut search = Search::new(self, None);
        let mut node = search.nothing_yet(lines.len() as u32);
        let mut browser = search.replay(&node);
        for line in lines {
            let codes = codes(&node.pool.value);
            let (did, at) = script::read(&line, &browser, &codes, self.key.as_ref());
            let (did, mut pool) = match did.act {
                Act::Administrator(operation) => {
                    let saved = search.administer(&node, &browser, operation);
                    (did, Some(saved))
                }
                Act::Return(Ok(_)) => {
                    let back = search.come_back(&node, &browser, did.tab);
                    let (act, saved) = back.expect("the page was left");
                    (Move { act, ..did }, Some(saved))
                }
                _ => (did, None),
            };
            let did = match at {
                None => did,
                Some((at, lost)) => {
                    let (came, saved) = search.answer(&node, &browser, did.tab, at);
                    pool = Some(saved);
                    let came = if lost { Came::Lost } else { came };
                    Move {
                        act: Act::Reply(at, came),
                        ..did
                    }
                }
            };
            let happened = search.happen(&node, &browser, did, pool, false);
            (node, _) = happened.unwrap_or_else(|| panic!("this is not taken: {line}"));
            // To hold a browser to the laws changes it.
            browser = search.replay(&node);
        }
        if let Some((folder, name)) = anew {
            search.keep_story(folder, name, &node);
        }
        let seen = node.way().iter().map(|it| it.seen.clone()).collect();
        search.meet(node, browser);
        seen
    }

    /// The search; with a fault planted, it is the search that is tested.
    pub(crate) fn search(&self, bounds: Bounds, planted: Option<Planted>) -> Report {
        let began = Instant::now();
        let mut search = Search::new(self, planted);
        let (start, browser) = search.start(bounds.faults);
        search.meet(start, browser);
        let most = bounds.states.div_ceil(self.weight);
        let (mut tried, mut depth) = (0, 0);
        let mut deepest = None;
        while tried < most
            && let Some(node) = search.open.pop_front()
        {
            (tried, depth) = (tried + 1, node.depth);
            search.try_all(&node);
            deepest = Some(node);
        }
        if let (Some(folder), Some(node)) = (std::env::var_os("PROOF_STORIES"), &deepest) {
            let name = self.name.replace(',', "").replace(' ', "-");
            search.keep_story(&PathBuf::from(folder), &name, node);
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

impl<'a> Search<'a> {
    fn new(setting: &'a Setting, planted: Option<Planted>) -> Self {
        Self {
            setting,
            pool: setting.pool.clone(),
            planted,
            met: HashSet::new(),
            open: VecDeque::new(),
            found: Found::default(),
        }
    }

    fn nothing_yet(&self, faults: u32) -> Node {
        Node {
            way: None,
            depth: 0,
            pool: Saved::of(&self.pool),
            known: Known::new(faults, self.setting.tabs),
        }
    }

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
        let mut node = self.nothing_yet(faults);
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
        let (body, wall) = (&request.body, world.clock.wall);
        let answer = match domain::is_of_domain(request.operation) {
            true => domain::answer(&pool, body, browser.back[tab].as_ref(), wall),
            false => pool.answer(request.operation, body, wall),
        };
        (Came::Answer(answer), Saved::of(&pool))
    }

    /// Alice signs in on the page that this tab was left for, if it was.
    fn come_back(&self, node: &Node, browser: &Browser, tab: usize) -> Option<(Act, Rc<Saved>)> {
        let left_for = browser.away[tab].as_ref()?;
        let pool = self.restored(node);
        let code = domain::sign_in(&pool, left_for, browser.tabs[tab].clock.wall);
        Some((Act::Return(Ok(code)), Saved::of(&pool)))
    }

    /// An administrator does something to alice. Some of it is refused: who is gone cannot be disabled.
    fn administer(&self, node: &Node, browser: &Browser, operation: &str) -> Rc<Saved> {
        let pool = self.restored(node);
        let input = json!({ "Username": USER, "UserPoolId": self.setting.pool.user_pool_id });
        pool.answer(operation, &input, browser.tabs[0].clock.wall);
        Saved::of(&pool)
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
            if let Some((act, saved)) = self.come_back(node, &browser, tab) {
                self.go(node, &browser, Move { tab, act }, Some(saved), false);
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
                    for (_, came) in faults() {
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
                let act = Act::Administrator(operation);
                let saved = Some(self.administer(node, &browser, operation));
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
        let line = script::line(&did, before, pool.is_some(), &codes(&node.pool.value));
        let mut pool = pool.unwrap_or_else(|| node.pool.clone());
        if let Some(planted) = self.planted {
            planted.before(&mut did, &mut browser, &mut pool, &node.pool);
        }
        let taken = catch_unwind(AssertUnwindSafe(|| browser.happen(&did)));
        let taken = taken
            .unwrap_or_else(|_| self.tell(node, Some((&told, &line)), "the flow broke its law"));
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
            Ok(Err(broken)) => self.tell(node, Some((&told, &line)), &broken),
            Err(_) => self.tell(node, Some((&told, &line)), "the flow broke its law"),
        }
        let seen = story::seen(&browser.tabs[did.tab]);
        let way = Rc::new(Link {
            before: node.way.clone(),
            told,
            seen,
            line,
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
        let errors = &mut self.found.errors;
        let left = || {
            for tab in &mut browser.tabs {
                errors.extend(laws::changes_nothing(tab)?);
            }
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
            Ok(Err(broken)) => self.tell(&node, None, &broken),
            Err(_) => self.tell(&node, None, "the flow broke its law"),
        }
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
