//! One flow, its host, its network and its clock.

mod answers;
mod checks;
mod prompts;

use std::collections::{BTreeSet, HashMap};

use cognito_flow::{
    Ask, Config, Effect, Event, EventType, Fields, Flow, FlowError, Input, Pairs, Secret, Slot,
    StepName, Stored,
};
use serde_json::{Value, json};

pub(crate) use prompts::Prompt;

use super::{
    Clock, Fault, LocalPool, Storage,
    network::{Network, Pending},
    pool::merge,
    secrets::Secrets,
    transitions::{Started, step},
};

/// Drives a flow as a browser would, and holds it to the law with every input.
pub(crate) struct World {
    pub(crate) flow: Flow,
    pub(crate) clock: Clock,
    pub(crate) network: Network,
    /// `None`: nothing is kept.
    pub(crate) storage: Option<Storage>,
    pub(crate) pending: Option<String>,
    /// The session record of this tab alone, where the session is kept so.
    pub(crate) own_session: Option<String>,
    /// The session record as this tab last wrote or saw it.
    known: Option<String>,
    known_devices: Option<String>,
    /// Where the page was left for, and with what.
    pub(crate) left_for: Vec<Value>,
    /// What whoever waited for the last event was told, if it was not done.
    pub(crate) rejected: Option<FlowError>,
    options: Value,
    pub(crate) tab: u32,
    wanted_locks: Vec<u32>,
    /// What the browser is asked for just now.
    pub(crate) prompts: Vec<Prompt>,
    /// The passkeys that the browser was told to forget, each after whose it is.
    pub(crate) forgotten: Vec<(Option<String>, String)>,
    answers: HashMap<u32, Result<Value, FlowError>>,
    unanswered: BTreeSet<u32>,
    tickets: u32,
    started: Option<Started>,
    secrets: Secrets,
    typed: Secrets,
    shown_once: Secrets,
    last: (u32, Value),
    /// How far the hands of the clock were apart at the last input.
    lag: f64,
    /// Every snapshot that the page has seen.
    pub(crate) seen: Vec<Value>,
    /// Whether each input is held to the law; not where it is a repetition of one that was.
    pub(crate) watched: bool,
}

impl World {
    /// A world of scripted answers alone. The password is sent as it is: SRP has its own tests.
    pub(crate) fn scripted() -> Self {
        Self::scripted_with(json!({}))
    }

    pub(crate) fn scripted_with(more: Value) -> Self {
        let mut options = json!({ "signInWith": "password" });
        merge(&mut options, more);
        Self::new(None, options, Some(Storage::default()), None)
    }

    /// A world around a pool, where people sign in by SRP.
    pub(crate) fn with(pool: &LocalPool) -> Self {
        Self::with_options(pool, json!({}))
    }

    pub(crate) fn with_options(pool: &LocalPool, options: Value) -> Self {
        Self::new(Some(pool.clone()), options, Some(Storage::default()), None)
    }

    pub(crate) fn new(
        pool: Option<LocalPool>,
        more: Value,
        storage: Option<Storage>,
        pending: Option<String>,
    ) -> Self {
        let (user_pool_id, client_id) = pool.as_ref().map_or_else(
            || ("eu-west-1_Scripted1".into(), "scripted0client".into()),
            |pool| (pool.user_pool_id.clone(), pool.client_id.clone()),
        );
        let mut options = json!({ "userPoolId": user_pool_id, "clientId": client_id });
        merge(&mut options, more);
        let mut clock = Clock::new();
        let tab = storage.as_ref().map_or(0, Storage::new_tab);
        clock.source = tab;
        let known = storage.as_ref().and_then(Storage::session);
        let known_devices = storage.as_ref().and_then(Storage::devices);
        let flow = open(
            &options,
            storage.as_ref(),
            pending.as_ref(),
            None,
            &mut clock,
        );
        let last = (flow.revision(), shown(&flow));
        let mut world = Self {
            flow,
            clock,
            network: Network::new(pool),
            storage,
            pending,
            own_session: None,
            known,
            known_devices,
            left_for: Vec::new(),
            rejected: None,
            options,
            tab,
            wanted_locks: Vec::new(),
            prompts: Vec::new(),
            forgotten: Vec::new(),
            answers: HashMap::new(),
            unanswered: BTreeSet::new(),
            tickets: 0,
            started: None,
            secrets: Secrets::default(),
            typed: Secrets::default(),
            shown_once: Secrets::default(),
            seen: vec![last.1.clone()],
            last,
            lag: 0.0,
            watched: true,
        };
        world.after_input();
        world
    }

    /// The page is loaded anew: what was under way is lost, what was stored is there.
    pub(crate) fn reload(&mut self) {
        self.network.under_way.clear();
        self.wanted_locks.clear();
        self.prompts.clear();
        self.unanswered.clear();
        self.started = None;
        if let Some(storage) = &self.storage {
            storage.unlock(self.tab);
        }
        let (storage, pending) = (self.storage.as_ref(), self.pending.as_ref());
        let own = self.own_session.as_ref();
        self.known = own.cloned().or_else(|| storage.and_then(Storage::session));
        self.known_devices = storage.and_then(Storage::devices);
        self.flow = open(&self.options, storage, pending, own, &mut self.clock);
        self.last = (self.flow.revision(), shown(&self.flow));
        self.seen.push(self.last.1.clone());
        self.after_input();
    }

    /// The page is loaded anew, with other options.
    pub(crate) fn reload_with(&mut self, more: Value) {
        merge(&mut self.options, more);
        self.reload();
    }

    /// Another tab of the same browser, at the same time.
    pub(crate) fn new_tab(&self) -> Self {
        let pool = self.network.pool.clone();
        let mut tab = Self::new(pool, self.options.clone(), self.storage.clone(), None);
        tab.clock.wall = self.clock.wall;
        tab.clock.steady = self.clock.steady;
        tab.reload();
        tab
    }

    /// The next request of this operation will meet this.
    pub(crate) fn expect(&mut self, operation: &str, fault: Fault) -> &mut Self {
        self.network.expect(operation, fault);
        self
    }

    /// An option that the flow was made with.
    #[allow(dead_code)] // for tests/proof
    pub(crate) fn option(&self, name: &str) -> &Value {
        &self.options[name]
    }

    /// What the person sees; the form's number is apart (see [`World::round`]).
    pub(crate) fn snapshot(&self) -> Value {
        let mut snapshot = self.last.1.clone();
        snapshot.as_object_mut().unwrap().remove("round");
        snapshot
    }

    /// The number of the form that the person sees.
    pub(crate) fn round(&self) -> f64 {
        self.last.1["round"].as_f64().unwrap()
    }

    pub(crate) fn step(&self) -> String {
        self.last.1["step"].as_str().unwrap().into()
    }

    /// The code of the snapshot's error; empty when there is none.
    pub(crate) fn error(&self) -> String {
        self.last.1["error"]["code"]
            .as_str()
            .unwrap_or_default()
            .into()
    }

    /// What was sent since this was last asked: each operation, with its flow or challenge.
    pub(crate) fn sent(&mut self) -> Vec<String> {
        self.network
            .log
            .drain(..)
            .map(|(operation, body)| {
                let kind = ["AuthFlow", "ChallengeName"]
                    .into_iter()
                    .find_map(|name| body[name].as_str());
                kind.map_or_else(|| operation.into(), |kind| format!("{operation} {kind}"))
            })
            .collect()
    }

    /// The latest body of an operation.
    pub(crate) fn body_of(&self, operation: &str) -> Value {
        let mut log = self.network.log.iter().rev();
        log.find(|(name, _)| *name == operation).unwrap().1.clone()
    }

    /// Sends an event, answers what it asks of the network, and gives the settled snapshot.
    pub(crate) fn send(&mut self, event: Value) -> Value {
        self.start(event).unwrap();
        self.run();
        self.snapshot()
    }

    /// Sends an event and leaves its requests unanswered.
    pub(crate) fn start(&mut self, event: Value) -> Result<(), FlowError> {
        self.secrets.learn(&event);
        self.typed.learn(&event);
        let (event, metadata) = Event::read(&event.to_string())?;
        self.secrets
            .check_absent("the debug output of an event", &format!("{event:?}"));
        self.event(event, metadata)
    }

    fn event(&mut self, event: Event, metadata: Pairs) -> Result<(), FlowError> {
        // It is not taken at all when another tab has changed the session.
        self.look_at_storage()
            .inspect_err(|error| self.check_error(error))?;
        let kind = event.kind();
        let from = step(&self.last.1);
        let offered = from == StepName::SignedOut && self.flow.accepts(EventType::Cancel);
        let was_busy = !self.last.1["busy"].is_null() || offered;
        // Time comes first: a step that it ends is not left by the event.
        let late = self
            .flow
            .deadline()
            .is_some_and(|deadline| deadline <= self.clock.steady)
            || self.clock.wall - self.clock.steady != self.lag;
        let result = self.feed(Input::Event { event, metadata });
        match &result {
            Ok(()) if late => self.started = None,
            Ok(()) => {
                self.started = Some(Started {
                    from,
                    event: kind,
                    was_busy,
                })
            }
            Err(error) => {
                // What is accepted by its name may lack a member; and a late timer may end,
                // with this very input, what the flow was busy with, or the step that it was in.
                let accepted = self.flow.accepts(kind) && !was_busy;
                let excused = late || error.code.as_str() == "malformed";
                assert!(!accepted || excused, "{error:?}");
                self.check_error(error);
            }
        }
        self.after_input();
        result
    }

    /// Calls one of `session` and the `account` calls, and gives its answer.
    pub(crate) fn call(&mut self, name: &str, arguments: Value) -> Result<Value, FlowError> {
        let ticket = self.start_call(name, arguments)?;
        self.run();
        self.answers.remove(&ticket).expect("a call is answered")
    }

    pub(crate) fn start_call(&mut self, name: &str, arguments: Value) -> Result<u32, FlowError> {
        self.secrets.learn(&arguments);
        self.typed.learn(&arguments);
        let ask = Ask::read(name, &arguments.to_string())?;
        self.secrets
            .check_absent("the debug output of what is asked", &format!("{ask:?}"));
        self.tickets += 1;
        let ticket = self.tickets;
        self.feed(Input::Ask { ticket, ask })?;
        self.unanswered.insert(ticket);
        self.after_input();
        Ok(ticket)
    }

    /// Whether a call waits for its answer.
    pub(crate) fn is_asked(&self) -> bool {
        !self.unanswered.is_empty()
    }

    /// What calls were answered, by their tickets.
    #[allow(dead_code)] // for tests/proof
    pub(crate) fn answered(&self) -> impl Iterator<Item = (u32, &Result<Value, FlowError>)> {
        self.answers
            .iter()
            .map(|(ticket, answer)| (*ticket, answer))
    }

    /// How many locks the flow waits for.
    #[allow(dead_code)] // for tests/proof
    pub(crate) fn locks_wanted(&self) -> usize {
        self.wanted_locks.len()
    }

    /// The person is back from another page.
    pub(crate) fn come_back(&mut self, with: Value) {
        self.secrets.learn(&with);
        self.typed.learn(&with);
        let with = with.to_string();
        let with = Fields::new(&with).unwrap();
        self.feed(Input::Returned { with }).unwrap();
        self.after_input();
    }

    /// What a call was answered, if it was.
    pub(crate) fn answer(&mut self, ticket: u32) -> Option<Result<Value, FlowError>> {
        self.answers.remove(&ticket)
    }

    pub(crate) fn session(&mut self) -> Result<Value, FlowError> {
        self.call("session", json!({}))
    }

    /// Lets time pass on both hands, and wakes the flow whenever it asked for it.
    pub(crate) fn pass(&mut self, ms: f64) {
        let end = self.clock.steady + ms;
        while let Some(deadline) = self.flow.deadline().filter(|deadline| *deadline <= end) {
            self.clock.pass_until_steady(deadline);
            self.wake();
            self.answer_all();
        }
        self.clock.pass_until_steady(end);
        self.wake();
        self.answer_all();
    }

    /// The same, while no answer comes.
    pub(crate) fn pass_without_answers(&mut self, ms: f64) {
        let end = self.clock.steady + ms;
        while let Some(deadline) = self.flow.deadline().filter(|deadline| *deadline <= end) {
            self.clock.pass_until_steady(deadline);
            self.wake();
        }
        self.clock.pass_until_steady(end);
        self.wake();
    }

    /// Wakes the flow, at whatever time it is.
    pub(crate) fn wake(&mut self) {
        self.feed(Input::Wake).unwrap();
        self.after_input();
        let deadline = self.flow.deadline();
        assert!(
            deadline.is_none_or(|deadline| deadline > self.clock.steady),
            "woken at its deadline, a flow asks to be woken at once: {:?}",
            self.flow
        );
    }

    /// The page has nothing to do.
    pub(crate) fn idle(&mut self) {
        self.feed(Input::Idle).unwrap();
        self.after_input();
    }

    /// Gives the flow an input, after what the storage holds if that is not what this tab knows.
    fn feed(&mut self, input: Input<'_>) -> Result<(), FlowError> {
        let noticed = self.look_at_storage();
        if let Input::Event { .. } | Input::Ask { .. } = input {
            noticed?;
        }
        self.flow.handle(input, &self.clock.moment())
    }

    /// Another tab may have changed the session record: the host looks before each input.
    pub(crate) fn notice_storage(&mut self) {
        let _ = self.look_at_storage();
    }

    fn look_at_storage(&mut self) -> Result<(), FlowError> {
        let Some(storage) = &self.storage else {
            return Ok(());
        };
        // A write counts when it reads back; where it does not, nobody can say what is gone.
        if storage.is_forgetful() {
            return Ok(());
        }
        let session = self.own_session.clone().or_else(|| storage.session());
        let devices = storage.devices();
        if devices != self.known_devices {
            self.known_devices.clone_from(&devices);
            self.tell_of(Slot::Devices, devices.as_deref())?;
        }
        if session != self.known {
            self.known.clone_from(&session);
            self.tell_of(Slot::Session, session.as_deref())?;
        }
        Ok(())
    }

    fn tell_of(&mut self, slot: Slot, record: Option<&str>) -> Result<(), FlowError> {
        let record = stored(record);
        let input = Input::Stored { slot, record };
        let result = self.flow.handle(input, &self.clock.moment());
        self.after_input();
        result
    }

    /// The session record as this tab last wrote or saw it.
    pub(crate) fn known_record(&self) -> Value {
        let record = self.known.as_deref();
        record.map_or(Value::Null, |record| {
            serde_json::from_str(record).unwrap_or_default()
        })
    }

    /// Answers requests, and lets time pass while somebody waits for it, until all has settled.
    pub(crate) fn run(&mut self) {
        loop {
            self.answer_all();
            if self.last.1["busy"].is_null() && self.unanswered.is_empty() {
                break;
            }
            let deadline = self.flow.deadline();
            let Some(deadline) = deadline else {
                panic!("somebody waits, and nothing will happen: {:?}", self.flow);
            };
            self.clock.pass_until_steady(deadline);
            self.wake();
        }
    }

    /// Lets time pass until a request is under way.
    pub(crate) fn run_until_sent(&mut self) {
        while self.network.under_way.is_empty() {
            let deadline = self.flow.deadline().expect("a request will be sent");
            self.clock.pass_until_steady(deadline);
            self.wake();
        }
    }

    pub(crate) fn look_at_locks(&mut self) {
        while let Some(id) = self.wanted_locks.first().copied() {
            if self
                .storage
                .as_ref()
                .is_some_and(|storage| !storage.lock(self.tab))
            {
                return;
            }
            self.wanted_locks.remove(0);
            self.feed(Input::Locked { id }).unwrap();
            self.after_input();
        }
    }

    /// Does what the flow asks of its host, and checks the law.
    fn after_input(&mut self) {
        self.lag = self.clock.wall - self.clock.steady;
        while let Some(effect) = self.flow.poll_effect() {
            if self.watched {
                let printed = format!("{effect:?}");
                self.secrets
                    .check_absent("the debug output of an effect", &printed);
            }
            self.perform(effect);
        }
        if self.watched {
            self.check_snapshot();
        } else {
            self.look();
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Send { id, request } => {
                let body: Value = serde_json::from_str(request.body.secret()).unwrap();
                self.secrets.learn(&body);
                let operation = request.operation;
                self.network.log.push((operation, body.clone()));
                self.network.under_way.push_back(Pending {
                    id,
                    operation,
                    body,
                    keepalive: request.keepalive,
                });
            }
            Effect::Abort { id } => {
                self.network.under_way.retain(|pending| pending.id != id);
                self.prompts.retain(|prompt| prompt.id != id);
            }
            Effect::Passkey {
                id,
                wanted,
                options,
            } => {
                assert!(
                    self.prompts.is_empty(),
                    "a browser has one prompt at a time"
                );
                self.prompts.push(Prompt::new(id, wanted, &options));
            }
            Effect::PasskeyUnknown {
                relying_party,
                credential,
            } => {
                let relying_party = relying_party.map(|id| id.as_str().into());
                self.forgotten
                    .push((relying_party, credential.as_str().into()));
            }
            Effect::Save {
                slot,
                record,
                in_tab,
            } => self.keep(slot, Some(record.secret().into()), in_tab),
            Effect::Erase { slot } => self.keep(slot, None, self.own_session.is_some()),
            Effect::Lock { id } => self.wanted_locks.push(id),
            Effect::Unlock { id } => {
                self.wanted_locks.retain(|wanted| *wanted != id);
                if let Some(storage) = &self.storage {
                    storage.unlock(self.tab);
                }
            }
            Effect::Redirect { to } => {
                let to: Value = serde_json::from_str(to.secret()).unwrap();
                self.secrets.learn(&to);
                self.left_for.push(to);
            }
            Effect::Reject { error } => {
                assert!(!self.last.1["busy"].is_null(), "nobody waits for an event");
                self.check_error(&error);
                self.started = None;
                self.rejected = Some(error);
            }
            Effect::Answer { ticket, result } => {
                assert!(
                    self.unanswered.remove(&ticket),
                    "answered twice, or never asked"
                );
                if let Err(error) = &result {
                    self.check_error(error);
                }
                let value = |json: Secret| from_json(json.secret());
                self.answers.insert(ticket, result.map(value));
            }
        }
    }

    fn keep(&mut self, slot: Slot, record: Option<String>, in_tab: bool) {
        if let Some(record) = &record {
            self.typed.check_absent("a stored record", record);
            self.shown_once.check_absent("a stored record", record);
        }
        match (slot, &self.storage) {
            (_, None) => {}
            (Slot::Session, Some(storage)) if in_tab => {
                // What others keep is no matter of this tab any more, until it is back among them.
                self.known = record.clone().or_else(|| storage.session());
                self.own_session = record;
            }
            (Slot::Session, Some(storage)) => {
                self.own_session = None;
                self.known.clone_from(&record);
                storage.set_session(record);
            }
            (Slot::Pending, Some(_)) => self.pending = record,
            (Slot::Devices, Some(storage)) => {
                self.known_devices.clone_from(&record);
                storage.set_devices(record);
            }
        }
    }
}

fn open(
    options: &Value,
    storage: Option<&Storage>,
    pending: Option<&String>,
    own_session: Option<&String>,
    clock: &mut Clock,
) -> Flow {
    let config = Config::read(&options.to_string()).unwrap();
    let session = |storage: &Storage| own_session.cloned().or_else(|| storage.session());
    let kept = storage.map(|storage| (session(storage), storage.devices()));
    let [session, pending, devices] = match &kept {
        None => [Stored::Unshared; 3],
        Some((session, devices)) => [
            session.as_deref(),
            pending.map(String::as_str),
            devices.as_deref(),
        ]
        .map(stored),
    };
    Flow::new(config, session, pending, devices, &clock.moment())
}

fn stored(record: Option<&str>) -> Stored<'_> {
    record.map_or(Stored::Nothing, |text| {
        Stored::Record(Fields::new(text).unwrap_or_default())
    })
}

fn shown(flow: &Flow) -> Value {
    from_json(flow.snapshot())
}

/// A JSON text as a value; its numbers are as those of JavaScript.
fn from_json(text: &str) -> Value {
    fn with_floats(value: Value) -> Value {
        match value {
            Value::Number(number) => json!(number.as_f64()),
            Value::Array(items) => items.into_iter().map(with_floats).collect(),
            Value::Object(members) => members
                .into_iter()
                .map(|(name, value)| (name, with_floats(value)))
                .collect(),
            other => other,
        }
    }
    with_floats(serde_json::from_str(text).unwrap())
}
