//! The browser's side of the machine: texts in, texts out.
//!
//! Requests, storage and the lock between tabs are in `js/`, where they take a quarter of the
//! bytes. There is no `if` about signing in on either side. What comes in is JSON as `JSON.stringify`
//! writes it; what goes out is one JSON text for all that an input brought. So nothing of the page
//! runs while the machine works, and nothing of the machine is borrowed while JavaScript runs.

use std::cell::{Cell, RefCell};

use gloo_timers::callback::Timeout;
use js_sys::{Date, Math};
use serde_wasm_bindgen::to_value;
use wasm_bindgen::prelude::*;
use web_sys::Performance;

use crate::{
    ask::Ask,
    config::Config,
    effect::{Effect, Slot},
    error::{Code, FlowError},
    event::{Event, EventType},
    fields::Fields,
    flow::{Body, Flow, Given, Input, Outcome, Stored},
    json::Object,
    secret::Text,
    text,
    time::{Moment, Randomness},
};

/// `setTimeout` counts in 31 bits; the machine is simply woken early.
const LONGEST_TIMER_MS: f64 = 2_147_483_647.0;

/// The statuses that say that there was no answer.
const NOT_SENT: i32 = -1;
const LOST: i32 = -2;

#[wasm_bindgen]
extern "C" {
    /// What surrounds the machine: `js/host.js`.
    pub type Host;

    /// The timer has run out: it wakes the machine.
    #[wasm_bindgen(method)]
    fn wake(this: &Host);
}

/// One flow, as `js/host.js` drives it.
#[wasm_bindgen]
pub struct Machine {
    open: RefCell<Option<Open>>,
    host: Host,
    clock: Performance,
    timer: RefCell<Option<Timeout>>,
    revision: Cell<u32>,
}

struct Open {
    flow: Flow,
    url: Text,
}

#[wasm_bindgen]
impl Machine {
    /// Empty: the first input opens it.
    #[wasm_bindgen(constructor)]
    pub fn new(host: Host, clock: Performance) -> Self {
        Self {
            open: RefCell::default(),
            host,
            clock,
            timer: RefCell::default(),
            revision: Cell::new(0),
        }
    }

    /// Takes one input, and answers with JSON: a list of what the host must do, each a list of its
    /// name and what belongs to it. The last two are `["show", snapshot, accepts]`, if the snapshot is
    /// another one, with the events that are accepted now; and `["misuse", error]`, with the members
    /// of a `FlowError`.
    ///
    /// A stored record is its text, empty if there is none, and no text if nothing is kept.
    ///
    /// | kind | number | name | text |
    /// |---|---|---|---|
    /// | 0 open | | | `{ options, session, pending, devices }`, the records as strings |
    /// | 1 event | | | the event |
    /// | 2 ask | the ticket | what is asked | its arguments |
    /// | 3 reply | the request's id | `x-amzn-ErrorType` | the body, if it is an object; empty if there is none |
    /// | 4 locked | the lock's id | | |
    /// | 5 stored | the slot | | the record |
    /// | 6 wake | | | |
    /// | 7 passkey | the prompt's id | how it ended without one | the credential, or `{}` if one can be offered |
    /// | 8 returned | | | what with |
    /// | 9 idle | | | |
    ///
    /// Of a reply, `status` is the HTTP status, or -1 if nothing was sent, or -2 if no answer will
    /// come; `blocked` says that a firewall answered (`x-amzn-waf-action`).
    pub fn feed(
        &self,
        kind: u32,
        number: u32,
        status: i32,
        blocked: bool,
        name: Option<String>,
        text: Option<String>,
    ) -> JsValue {
        let (name, text) = (name.map(Text::from), text.map(Text::from));
        let mut said = Object::list();
        let input = Raw {
            kind,
            number,
            status,
            blocked,
            name,
            text,
        };
        if let Err(error) = self.take(&input, &mut said) {
            begin(&mut said, "misuse")
                .raw_item(&error.json())
                .end_list();
        }
        to_value(said.written().secret()).unwrap_or_default()
    }
}

/// An input as JavaScript hands it over.
struct Raw {
    kind: u32,
    number: u32,
    status: i32,
    blocked: bool,
    name: Option<Text>,
    text: Option<Text>,
}

impl Machine {
    fn take(&self, raw: &Raw, said: &mut Object) -> Result<(), FlowError> {
        // Only a trap can have left it borrowed; the flow is then of no more use.
        let mut open = self.open.try_borrow_mut().map_err(|_| Code::Disposed)?;
        let now = moment(&self.clock)?;
        let text = raw.text.as_deref().unwrap_or_default();
        if raw.kind == 0 {
            *open = Some(Open::new(text, &now)?);
        }
        let Open { flow, url } = open.as_mut().ok_or(Code::Disposed)?;
        let name = raw.name.as_deref().unwrap_or_default();
        let input = match raw.kind {
            1 => {
                let (event, metadata) = Event::read(text)?;
                Input::Event { event, metadata }
            }
            2 => Input::Ask {
                ticket: raw.number,
                ask: Ask::read(name, text)?,
            },
            3 => Input::Reply {
                id: raw.number,
                outcome: raw.outcome(),
            },
            4 => Input::Locked { id: raw.number },
            5 => Input::Stored {
                slot: match raw.number {
                    0 => Slot::Session,
                    1 => Slot::Pending,
                    _ => Slot::Devices,
                },
                record: stored(raw.text.as_deref()),
            },
            7 => Input::Passkey {
                id: raw.number,
                given: match Fields::new(text) {
                    Some(credential) => Given::Credential(credential),
                    None => Given::Ended(name),
                },
            },
            8 => Input::Returned {
                with: Fields::new(text).unwrap_or_default(),
            },
            9 => Input::Idle,
            _ => Input::Wake,
        };
        let result = flow.handle(input, &now);
        while let Some(effect) = flow.poll_effect() {
            write(&effect, url, said);
        }
        if self.revision.replace(flow.revision()) != flow.revision() {
            let accepts = |event: &EventType| flow.accepts(*event);
            let accepted = EventType::ALL.iter().filter(|event| accepts(event));
            begin(said, "show").raw_item(flow.snapshot()).raw_item("[");
            for event in accepted {
                said.string_item(event.as_str());
            }
            said.end_list().end_list();
        }
        self.timer.replace(flow.deadline().map(|deadline| {
            #[allow(clippy::manual_clamp)] // which could panic
            let delay = (deadline - now.steady)
                .ceil()
                .max(0.0)
                .min(LONGEST_TIMER_MS);
            let host: Host = self.host.clone().unchecked_into();
            Timeout::new(delay as u32, move || host.wake())
        }));
        result
    }
}

impl Open {
    fn new(json: &str, now: &Moment) -> Result<Self, FlowError> {
        let opening = Fields::new(json).unwrap_or_default();
        let text = |name| opening.string(name);
        let config = Config::read(&text("options").unwrap_or_default())?;
        let [session, pending, devices] = ["session", "pending", "devices"].map(text);
        let record = |text| stored(Option::<&Text>::map(text, Text::as_str));
        Ok(Self {
            url: config.endpoint.clone(),
            flow: Flow::new(
                config,
                record(session.as_ref()),
                record(pending.as_ref()),
                record(devices.as_ref()),
                now,
            ),
        })
    }
}

impl Raw {
    fn outcome(&self) -> Outcome<'_> {
        match self.status {
            NOT_SENT => Outcome::NotSent,
            LOST => Outcome::Lost,
            status => Outcome::Answer {
                status: u16::try_from(status).unwrap_or_default(),
                error_type: self.name.clone(),
                blocked: self.blocked,
                body: match self.text.as_deref() {
                    Some("") => Body::Empty,
                    Some(body) => Fields::new(body).map_or(Body::Other, Body::Object),
                    None => Body::Other,
                },
            },
        }
    }
}

fn stored(record: Option<&str>) -> Stored<'_> {
    match record {
        None => Stored::Unshared,
        Some("") => Stored::Nothing,
        Some(text) => Stored::Record(Fields::new(text).unwrap_or_default()),
    }
}

/// What the host must do, as a list: a name, a number, and what else it needs.
fn write(effect: &Effect, url: &str, said: &mut Object) {
    let (name, number) = match effect {
        Effect::Send { id, .. } => ("send", *id),
        Effect::Abort { id } => ("abort", *id),
        Effect::Save { slot, .. } => ("save", *slot as u32),
        Effect::Erase { slot } => ("erase", *slot as u32),
        Effect::Passkey { id, .. } => ("passkey", *id),
        Effect::PasskeyUnknown { .. } => ("unknown", 0),
        Effect::Lock { id } => ("lock", *id),
        Effect::Unlock { id } => ("unlock", *id),
        Effect::Redirect { .. } => ("redirect", 0),
        Effect::Reject { .. } => ("reject", 0),
        Effect::Answer { ticket, result } => {
            (if result.is_ok() { "answer" } else { "refuse" }, *ticket)
        }
    };
    begin(said, name).raw_item(&text::digits(number.into()));
    match effect {
        Effect::Send { request, .. } => {
            said.string_item(url)
                .string_item(request.operation)
                .string_item(request.body.secret())
                .raw_item(if request.keepalive { "true" } else { "false" });
        }
        Effect::Passkey {
            wanted, options, ..
        } => {
            said.string_item(wanted.as_str())
                .string_item(options.secret());
        }
        Effect::PasskeyUnknown {
            relying_party,
            credential,
        } => {
            said.string_item(credential);
            if let Some(relying_party) = relying_party {
                said.string_item(relying_party);
            }
        }
        Effect::Save { record, in_tab, .. } => {
            said.string_item(record.secret())
                .raw_item(if *in_tab { "true" } else { "false" });
        }
        Effect::Reject { error }
        | Effect::Answer {
            result: Err(error), ..
        } => {
            said.raw_item(&error.json());
        }
        Effect::Answer {
            result: Ok(value), ..
        }
        | Effect::Redirect { to: value } => {
            said.raw_item(value.secret());
        }
        _ => {}
    }
    said.end_list();
}

/// Begins a list that has a name as its first, until [`Object::end_list`].
fn begin<'a>(said: &'a mut Object, name: &str) -> &'a mut Object {
    said.raw_item("[").string_item(name)
}

/// Now, with fresh randomness.
///
/// # Errors
/// `unsupported` where the browser gives no randomness: without it nothing may be proven.
fn moment(clock: &Performance) -> Result<Moment, FlowError> {
    let random = Randomness::drawn(getrandom::fill).map_err(|_| Code::Unsupported)?;
    Ok(Moment {
        wall: Date::now(),
        steady: clock.now(),
        random,
        jitter: Math::random(),
    })
}
