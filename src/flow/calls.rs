//! Requests under way: ids, deadlines, retries. The ground floor: whoever waits for a reply is a
//! type that is not known here.

use crate::{
    effect::{Effect, Request},
    error::{Code, FlowError},
    fields::{Fields, Pairs},
    json::Object,
    protocol::{self, Answered, Operation, Refusal, Retry},
    secret::{Secret, Text},
    time::{Deadline, Moment},
};

/// Full jitter over 200 ms·2ⁿ.
const FIRST_RETRY_MS: f64 = 200.0;
const TRIES: u32 = 3;
/// What ends a session at the pool is tried for some ten minutes.
const PATIENT_TRIES: u32 = 10;

/// What came of a request.
pub enum Outcome<'a> {
    /// An answer, of whatever kind.
    Answer {
        /// The HTTP status.
        status: u16,
        /// The header `x-amzn-ErrorType`.
        error_type: Option<Text>,
        /// A firewall says that it answered in the pool's place (`x-amzn-waf-action`).
        blocked: bool,
        /// What came with it.
        body: Body<'a>,
    },
    /// Nothing was sent.
    NotSent,
    /// It may have been sent; no answer will come.
    Lost,
}

/// What an answer came with.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    /// Nothing at all.
    Empty,
    /// A JSON object of sane size.
    Object(Fields<'a>),
    /// Anything else.
    Other,
}

/// Why there is no reply to go on with.
pub(crate) struct Failed {
    pub(crate) error: FlowError,
    /// What the pool refused, where the machine has to tell it apart.
    pub(crate) refusal: Refusal,
}

impl Failed {
    /// It may go well the next time.
    pub(crate) fn is_passing(&self) -> bool {
        self.refusal == Refusal::None
    }

    /// The pool does not know what the request was about.
    pub(crate) fn is_of_unknown(&self) -> bool {
        self.error.server.as_deref() == Some("ResourceNotFoundException")
    }
}

impl From<Code> for Failed {
    fn from(code: Code) -> Self {
        Self {
            error: code.into(),
            refusal: Refusal::None,
        }
    }
}

/// What an awaited reply brought: its body, or what failed.
pub(crate) type Answer<'a> = Result<Fields<'a>, Failed>;

/// A request that is ready to be sent, but for the members that many have in common.
pub(crate) struct Outgoing {
    pub(crate) operation: &'static Operation,
    pub(crate) body: Object,
}

impl Outgoing {
    pub(crate) fn new(operation: &'static Operation, body: Object) -> Self {
        Self { operation, body }
    }

    /// Adds what the operation takes of the client and of what the app tells the pool's triggers.
    pub(crate) fn complete(&mut self, client_id: &str, metadata: &Pairs) {
        if self.operation.of_client {
            self.body.string("ClientId", client_id);
        }
        if self.operation.with_metadata && !metadata.is_empty() {
            self.body.map("ClientMetadata", metadata);
        }
    }
}

/// What the host must do, in its order, and the ids in it.
#[derive(Default)]
pub(crate) struct Effects {
    queue: Vec<Effect>,
    ids: u32,
}

impl Effects {
    pub(crate) fn push(&mut self, effect: Effect) {
        self.queue.push(effect);
    }

    pub(crate) fn next_id(&mut self) -> u32 {
        self.ids += 1;
        self.ids
    }

    pub(crate) fn pop(&mut self) -> Option<Effect> {
        (!self.queue.is_empty()).then(|| self.queue.remove(0))
    }
}

/// The requests under way, each with whoever waits for its reply.
pub(crate) struct Calls<W> {
    under_way: Vec<Box<Call<W>>>,
    timeout_ms: f64,
}

/// One request under way, or waiting to be tried again.
struct Call<W> {
    id: u32,
    operation: &'static Operation,
    request: Request,
    /// Those in the request, which no error may repeat.
    secrets: Vec<Secret>,
    tries: u32,
    /// Sent, or waiting to be sent again.
    sent: bool,
    /// Until when it waits, for the answer or to be sent.
    until: Deadline,
    waits: W,
}

impl<W> Calls<W> {
    pub(crate) fn new(timeout_ms: f64) -> Self {
        Self {
            under_way: Vec::new(),
            timeout_ms,
        }
    }

    /// When the first of them has waited long enough.
    pub(crate) fn deadline(&self) -> f64 {
        let mut first = f64::INFINITY;
        for call in &self.under_way {
            if call.until.steady < first {
                first = call.until.steady;
            }
        }
        first
    }

    /// Sends a request.
    pub(crate) fn send(&mut self, out: Outgoing, waits: W, effects: &mut Effects, now: &Moment) {
        let (body, secrets) = out.body.end();
        let call = Box::new(Call {
            id: 0,
            operation: out.operation,
            request: Request {
                operation: out.operation.name,
                body,
                keepalive: out.operation.retry == Retry::UntilDone,
            },
            secrets,
            tries: 0,
            sent: false,
            until: Deadline::NEVER,
            waits,
        });
        self.send_again(call, effects, now);
    }

    /// Who waited, and what for, where an answer ends a request. Unknown and stale ids end none.
    pub(crate) fn on_reply<'a>(
        &mut self,
        id: u32,
        outcome: &Outcome<'a>,
        now: &Moment,
    ) -> Option<(W, Answer<'a>)> {
        let call = self.take(|call| call.id == id && call.sent)?;
        self.judge(call, outcome, false, now)
    }

    /// Times out what was sent too long ago, and sends again what has waited long enough. To be
    /// asked again until it has nobody who waited in vain.
    pub(crate) fn pass_time(
        &mut self,
        effects: &mut Effects,
        now: &Moment,
    ) -> Option<(W, Answer<'static>)> {
        while let Some(call) = self.take(|call| call.until.is_over(now)) {
            if call.sent {
                effects.push(Effect::Abort { id: call.id });
                let ended = self.judge(call, &Outcome::Lost, true, now);
                if ended.is_some() {
                    return ended;
                }
            } else {
                self.send_again(call, effects, now);
            }
        }
        None
    }

    /// Forgets the requests of those whom `which` names, and gives them back.
    pub(crate) fn abort(&mut self, which: fn(&W) -> bool, effects: &mut Effects) -> Vec<W> {
        let mut aborted = Vec::new();
        while let Some(call) = self.take(|call| which(&call.waits)) {
            if call.sent {
                effects.push(Effect::Abort { id: call.id });
            }
            aborted.push(call.waits);
        }
        aborted
    }

    /// Whether any of those whom `which` names has been sent and may still be answered.
    pub(crate) fn awaits(&self, which: impl Fn(&W) -> bool) -> bool {
        self.under_way
            .iter()
            .any(|call| call.sent && which(&call.waits))
    }

    fn take(&mut self, which: impl Fn(&Call<W>) -> bool) -> Option<Box<Call<W>>> {
        let position = self.under_way.iter().position(|call| which(call))?;
        Some(self.under_way.swap_remove(position))
    }

    fn send_again(&mut self, mut call: Box<Call<W>>, effects: &mut Effects, now: &Moment) {
        call.id = effects.next_id();
        call.tries += 1;
        call.sent = true;
        call.until = Deadline::after(now, self.timeout_ms);
        effects.push(Effect::Send {
            id: call.id,
            request: call.request.clone(),
        });
        self.under_way.push(call);
    }

    /// Tries again where that is allowed; otherwise tells whoever waits.
    fn judge<'a>(
        &mut self,
        mut call: Box<Call<W>>,
        outcome: &Outcome<'a>,
        timed_out: bool,
        now: &Moment,
    ) -> Option<(W, Answer<'a>)> {
        let retry = call.operation.retry;
        let (failed, again) = match outcome {
            Outcome::NotSent => (Failed::from(Code::Offline), retry != Retry::Throttled),
            Outcome::Lost if retry == Retry::Throttled => (Code::OutcomeUnknown.into(), false),
            Outcome::Lost if timed_out => (Code::Timeout.into(), true),
            Outcome::Lost => (Code::Offline.into(), true),
            Outcome::Answer {
                status,
                error_type,
                blocked,
                body,
            } => {
                let error_type = error_type.as_deref();
                match protocol::sort(call.operation, *status, error_type, *blocked, *body) {
                    Answered::Success(body) => return Some((call.waits, Ok(body))),
                    Answered::Refused { name, message } => {
                        let failed =
                            protocol::meaning(call.operation, &call.secrets, name, &message);
                        return Some((call.waits, Err(failed)));
                    }
                    Answered::Throttled { name } => {
                        let mut failed = Failed::from(Code::Throttled);
                        failed.error.server = name;
                        (failed, true)
                    }
                    Answered::Blocked { name } => {
                        let mut failed = Failed::from(Code::Blocked);
                        failed.error.server = name;
                        (failed, false)
                    }
                    Answered::Broken { name } => {
                        let again = retry != Retry::Throttled && (500..600).contains(status);
                        let mut failed = Failed::from(Code::Server);
                        failed.error.server = name;
                        (failed, again)
                    }
                }
            }
        };
        let patient = retry == Retry::UntilDone;
        let (tries, longest) = match patient {
            true => (PATIENT_TRIES, 1000.0 * power_of_two(call.tries)),
            false => (TRIES, FIRST_RETRY_MS * power_of_two(call.tries - 1)),
        };
        if (again || patient) && call.tries < tries {
            call.sent = false;
            call.until = Deadline::after(now, longest * now.jitter);
            self.under_way.push(call);
            return None;
        }
        Some((call.waits, Err(failed)))
    }
}

fn power_of_two(exponent: u32) -> f64 {
    f64::from(1_u32 << exponent.min(9))
}
