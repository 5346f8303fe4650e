//! Requests under way: timeouts, retries, and who waits for the reply.

use crate::{
    effect::{Effect, Request},
    error::{Code, FlowError},
    fields::Fields,
    flow::{
        Answer, Flow,
        authorized::Authorized,
        challenge::ExpectChallengeAnswered,
        reset::{ExpectPasswordReset, ExpectResetCode},
        session::ExpectRefresh,
        sign_in::{ExpectPasswordProven, ExpectPasswordVerifier},
        sign_out::ExpectRevocation,
        sign_up::{ExpectConfirmation, ExpectConfirmationCode, ExpectSignUp},
    },
    json::Object,
    protocol::{self, Answered, Operation},
    secret::{Secret, Text},
    text,
    time::{Deadline, Moment},
};

/// Full jitter over 200 ms·2ⁿ.
const FIRST_RETRY_MS: f64 = 200.0;
const TRIES: u32 = 3;
/// Revocations are tried for some ten minutes.
const REVOCATION_TRIES: u32 = 10;

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

/// One request under way, or waiting to be tried again.
pub(crate) struct Call {
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
    awaiting: Awaiting,
}

/// Who waits for the reply, named by what is awaited.
pub(crate) enum Awaiting {
    SignUp(ExpectSignUp),
    Confirmation(ExpectConfirmation),
    ConfirmationCode(ExpectConfirmationCode),
    PasswordVerifier(ExpectPasswordVerifier),
    PasswordProven(ExpectPasswordProven),
    ChallengeAnswered(ExpectChallengeAnswered),
    ResetCode(ExpectResetCode),
    PasswordReset(ExpectPasswordReset),
    Authorized { what: Authorized, refreshed: bool },
    Refresh(ExpectRefresh),
    Revocation(ExpectRevocation),
}

/// Why there is no reply to go on with.
pub(crate) struct Failed {
    pub(crate) error: FlowError,
    /// The pool's own words, in lower case, where it refused. Not for showing.
    pub(crate) said: Text,
}

impl Failed {
    pub(crate) fn is(&self, exception: &str) -> bool {
        self.error.server.as_deref() == Some(exception)
    }

    pub(crate) fn says(&self, part: &str) -> bool {
        text::contains(&self.said, part)
    }
}

impl From<Code> for Failed {
    fn from(code: Code) -> Self {
        Self {
            error: code.into(),
            said: Text::default(),
        }
    }
}

impl Awaiting {
    fn is_revocation(&self) -> bool {
        matches!(self, Self::Revocation(_))
    }

    /// Whether the person waits for it: it then ends when they leave.
    fn is_of_event(&self) -> bool {
        match self {
            Self::Authorized { what, .. } => what.is_of_event(),
            Self::Refresh(_) | Self::Revocation(_) => false,
            _ => true,
        }
    }

    fn take(self, flow: &mut Flow, answer: Answer<'_>, now: &Moment) {
        match self {
            Self::SignUp(expect) => expect.take(flow, answer, now),
            Self::Confirmation(expect) => expect.take(flow, answer, now),
            Self::ConfirmationCode(expect) => expect.take(flow, answer, now),
            Self::PasswordVerifier(expect) => expect.take(flow, answer, now),
            Self::PasswordProven(expect) => expect.take(flow, answer, now),
            Self::ChallengeAnswered(expect) => expect.take(flow, answer, now),
            Self::ResetCode(expect) => expect.take(flow, answer, now),
            Self::PasswordReset(expect) => expect.take(flow, answer),
            Self::Authorized { what, refreshed } => {
                flow.on_authorized(what, refreshed, answer, now);
            }
            Self::Refresh(expect) => expect.take(flow, answer, now),
            Self::Revocation(expect) => expect.take(flow, answer, now),
        }
    }
}

impl Call {
    pub(crate) fn deadline(&self) -> Deadline {
        self.until
    }
}

impl Flow {
    /// Sends a request: the members of its body that many have in common are added here.
    pub(crate) fn call(
        &mut self,
        operation: &'static Operation,
        mut body: Object,
        awaiting: Awaiting,
        now: &Moment,
    ) {
        if operation.of_client {
            body.string("ClientId", &self.config.client_id);
        }
        if operation.with_metadata && !self.config.client_metadata.is_empty() {
            body.map("ClientMetadata", &self.config.client_metadata);
        }
        let (body, secrets) = body.end();
        let request = Request {
            operation: operation.name,
            body,
            keepalive: awaiting.is_revocation(),
        };
        let call = Call {
            id: 0,
            operation,
            request,
            secrets,
            tries: 0,
            sent: false,
            until: Deadline::NEVER,
            awaiting,
        };
        self.send(call, now);
    }

    pub(crate) fn on_reply(&mut self, id: u32, outcome: Outcome<'_>, now: &Moment) {
        let position = self
            .calls
            .iter()
            .position(|call| call.id == id && call.sent);
        if let Some(position) = position {
            let call = self.calls.swap_remove(position);
            self.judge(call, outcome, false, now);
        }
    }

    /// Times out what was sent too long ago, and tries again what waited long enough.
    pub(crate) fn pass_calls_time(&mut self, now: &Moment) {
        while let Some(position) = self
            .calls
            .iter()
            .position(|call| call.deadline().is_over(now))
        {
            let call = self.calls.swap_remove(position);
            if call.sent {
                self.effects.push(Effect::Abort { id: call.id });
                self.judge(call, Outcome::Lost, true, now);
            } else {
                self.send(call, now);
            }
        }
    }

    /// Forgets the requests that the person waited for.
    pub(crate) fn abort_event(&mut self) {
        self.abort(Awaiting::is_of_event);
    }

    /// Forgets the requests that `which` names, and tells who waits with a ticket.
    pub(crate) fn abort(&mut self, which: fn(&Awaiting) -> bool) {
        for call in std::mem::take(&mut self.calls) {
            if !which(&call.awaiting) {
                self.calls.push(call);
                continue;
            }
            if call.sent {
                self.effects.push(Effect::Abort { id: call.id });
            }
            if let Awaiting::Authorized { what, .. } = call.awaiting {
                what.reject(self, Code::NotAccepted.into());
            }
        }
    }

    fn send(&mut self, mut call: Call, now: &Moment) {
        call.id = self.next_id();
        call.tries += 1;
        call.sent = true;
        call.until = Deadline::after(now, self.config.timeout_ms);
        self.effects.push(Effect::Send {
            id: call.id,
            request: call.request.clone(),
        });
        self.calls.push(call);
    }

    /// Tries again where that is allowed; otherwise tells whoever waits.
    fn judge(&mut self, mut call: Call, outcome: Outcome<'_>, timed_out: bool, now: &Moment) {
        let repeatable = call.operation.repeatable;
        let (failed, again) = match &outcome {
            Outcome::NotSent => (Failed::from(Code::Offline), repeatable),
            Outcome::Lost if !repeatable && !call.awaiting.is_revocation() => {
                (Code::OutcomeUnknown.into(), false)
            }
            Outcome::Lost if timed_out => (Code::Timeout.into(), repeatable),
            Outcome::Lost => (Code::Offline.into(), repeatable),
            Outcome::Answer {
                status,
                error_type,
                body,
                ..
            } => match protocol::sort(*status, error_type.as_deref(), *body) {
                Answered::Success(body) => return self.deliver(call, Ok(body), now),
                Answered::Refused { name, message } => {
                    let operation = call.operation.name;
                    let said: Text = message.to_ascii_lowercase().into();
                    let error = protocol::meaning(operation, &call.secrets, name, &message, &said);
                    let failed = Failed { error, said };
                    return self.deliver(call, Err(failed), now);
                }
                Answered::Throttled { name } => {
                    let mut failed = Failed::from(Code::Throttled);
                    failed.error.server = name;
                    (failed, true)
                }
                Answered::Broken => (
                    Code::Server.into(),
                    repeatable && (500..600).contains(status),
                ),
            },
        };
        // A revocation is tried until it is done.
        let (again, longest) = match call.awaiting.is_revocation() {
            true => (
                call.tries < REVOCATION_TRIES,
                f64::from(1_u32 << call.tries.min(9)) * 1000.0,
            ),
            false => (
                again && call.tries < TRIES,
                FIRST_RETRY_MS * f64::from(1_u32 << (call.tries - 1).min(9)),
            ),
        };
        if again {
            if call.awaiting.is_revocation() {
                // It goes on without the person waiting for it.
                self.end_sign_out();
            }
            call.sent = false;
            call.until = Deadline::after(now, longest * now.jitter);
            self.calls.push(call);
        } else {
            self.deliver(call, Err(failed), now);
        }
    }

    fn deliver(&mut self, call: Call, answer: Result<Fields<'_>, Failed>, now: &Moment) {
        call.awaiting.take(self, answer, now);
    }
}
