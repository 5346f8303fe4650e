//! The machine: one input in, the next step and some effects out.

mod authorized;
mod calls;
mod challenge;
mod reset;
mod session;
mod sign_in;
mod sign_out;
mod sign_up;
mod step;
mod store;
mod table;
mod verify;

use std::mem;

use crate::{
    ask::Ask,
    config::Config,
    effect::{Effect, Slot},
    error::{Code, FlowError},
    event::{Event, EventType},
    fields::Fields,
    secret::{Secret, Text},
    time::{Deadline, Moment},
    value::{Members, Value},
};

use calls::Call;
use session::{Refresh, Tokens};
use step::Step;
use verify::User;

pub use calls::{Body, Outcome};
pub use store::Stored;
pub use table::{StepName, TRANSITIONS, Transition};

/// A password is held this long for what may follow by itself: signing in after confirmation,
/// sending another code.
const HOLD_MS: f64 = 600_000.0;
/// Signing out does not wait longer than this for the revocation; it goes on behind the scenes.
const SIGN_OUT_MS: f64 = 3_000.0;

/// One input of the machine.
pub enum Input<'a> {
    /// The page asks for something.
    Event(Event),
    /// The page asks for an answer; it comes as [`Effect::Answer`] with the same ticket.
    Ask {
        /// Chosen by the host.
        ticket: u32,
        /// What is asked.
        ask: Ask,
    },
    /// What came of an [`Effect::Send`]. Unknown and stale ids are ignored.
    Reply {
        /// The id of the request.
        id: u32,
        /// What came of it.
        outcome: Outcome<'a>,
    },
    /// The lock of an [`Effect::Lock`] is ours.
    Locked {
        /// The id of the lock.
        id: u32,
    },
    /// A record is not what this flow last wrote or was told: another tab, frame or flow has
    /// changed it. The host looks before each other input.
    Stored {
        /// Which record.
        slot: Slot,
        /// As it stands.
        record: Stored<'a>,
    },
    /// Time has passed. Always harmless.
    Wake,
}

/// Signing up and signing in, as a machine without I/O. See the crate's documentation for its law.
pub struct Flow {
    config: Config,
    step: Step,
    busy: Option<EventType>,
    error: Option<FlowError>,
    held: Option<Held>,
    /// Who has confirmed a sign-up here without signing in since.
    newly_confirmed: Option<Text>,
    tokens: Option<Tokens>,
    user: Option<User>,
    refresh: Option<Refresh>,
    calls: Vec<Call>,
    /// While signing out: until when `send` waits for the revocation.
    signing_out: Deadline,
    effects: Vec<Effect>,
    ids: u32,
    saved: store::Saved,
    snapshot: Value,
    revision: u32,
}

/// A password held for what may follow by itself.
struct Held {
    username: Text,
    password: Secret,
    until: Deadline,
}

impl Flow {
    /// A flow that begins where the stored records left off, or signed out.
    pub fn new(config: Config, session: Stored<'_>, pending: Stored<'_>, now: &Moment) -> Self {
        let mut flow = Self {
            config,
            step: Step::signed_out(None),
            busy: None,
            error: None,
            held: None,
            newly_confirmed: None,
            tokens: None,
            user: None,
            refresh: None,
            calls: Vec::new(),
            signing_out: Deadline::NEVER,
            effects: Vec::new(),
            ids: 0,
            saved: store::Saved::default(),
            snapshot: Value::Null,
            revision: 0,
        };
        flow.restore(session, pending, now);
        flow.expire_step(now);
        flow.publish();
        flow
    }

    /// Takes one input.
    ///
    /// # Errors
    /// Misuse: `notAccepted` and `busy`. Nothing has changed then. What the pool refuses is in the
    /// snapshot. And `challengeSpent` from [`Input::Stored`], where the session is not the one that
    /// it was: what the page asks for in the belief that it were must not be given to the flow.
    pub fn handle(&mut self, input: Input<'_>, now: &Moment) -> Result<(), FlowError> {
        let result = match input {
            Input::Event(event) => self.on_event(event, now),
            Input::Ask { ticket, ask } => {
                self.on_ask(ticket, ask, now);
                Ok(())
            }
            Input::Reply { id, outcome } => {
                self.on_reply(id, outcome, now);
                Ok(())
            }
            Input::Locked { id } => {
                self.on_locked(id, now);
                Ok(())
            }
            Input::Stored { slot, record } => {
                match slot == Slot::Session && self.on_session_changed(record, now) {
                    true => Err(Code::ChallengeSpent.into()),
                    false => Ok(()),
                }
            }
            Input::Wake => Ok(()),
        };
        self.pass_time(now);
        self.publish();
        result
    }

    /// The next thing that the host must do.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        (!self.effects.is_empty()).then(|| self.effects.remove(0))
    }

    /// When to wake the machine at the latest, on the monotonic clock.
    pub fn deadline(&self) -> Option<f64> {
        let mut first = f64::INFINITY;
        let mut consider = |deadline: Deadline| {
            if deadline.steady < first {
                first = deadline.steady;
            }
        };
        // A step does not change by time while its answer is under way.
        if self.busy.is_none() {
            consider(self.step.challenge_expires());
            if let Some(sent) = self.step.sent() {
                consider(sent.resend);
                if !sent.over {
                    consider(sent.expires);
                }
            }
        }
        if let Some(held) = &self.held {
            consider(held.until);
        }
        if let Some(refresh) = &self.refresh {
            consider(refresh.deadline());
        }
        consider(self.signing_out);
        for call in &self.calls {
            consider(call.deadline());
        }
        (first < f64::INFINITY).then_some(first)
    }

    /// What the person sees now.
    pub fn snapshot(&self) -> &Value {
        &self.snapshot
    }

    /// Changes whenever the snapshot does.
    pub fn revision(&self) -> u32 {
        self.revision
    }

    /// Whether the event would be accepted now. What its members say is not looked at.
    pub fn accepts(&self, event: EventType) -> bool {
        self.check(event).is_ok()
    }

    fn check(&self, event: EventType) -> Result<(), FlowError> {
        if self.busy.is_some() {
            // Leaving is always possible, but for one who is leaving or would lose tokens.
            let can_leave =
                !matches!(self.step, Step::SignedIn) && self.signing_out == Deadline::NEVER;
            return match event {
                EventType::Cancel if can_leave => Ok(()),
                _ => Err(Code::Busy.into()),
            };
        }
        if !table::accepts(self.step.name(), event) {
            return Err(Code::NotAccepted.into());
        }
        match (event, &self.step) {
            (EventType::ResendCode, Step::MfaCode(step))
                if !step.can_resend(self.held.is_some()) =>
            {
                Err(Code::NotAccepted.into())
            }
            (EventType::ResendCode, step) => {
                match step.sent().and_then(|sent| sent.resend.shown()) {
                    Some(resend) => Err(FlowError::from(Code::NotAccepted).retry_at(resend)),
                    None => Ok(()),
                }
            }
            (EventType::SkipVerification, Step::VerifyAttribute(step)) if !step.skippable => {
                Err(Code::NotAccepted.into())
            }
            _ => Ok(()),
        }
    }

    fn on_event(&mut self, event: Event, now: &Moment) -> Result<(), FlowError> {
        let before = self.step.name();
        // The timer may be late: what time has opened or closed counts at once.
        self.held.take_if(|held| held.until.is_over(now));
        if self.busy.is_none()
            && let Some(sent) = self.step.sent_mut()
        {
            sent.pass_cool_down(now);
        }
        self.check(event.kind())?;
        if let Event::ConfirmSignUp { username: None, .. } = &event
            && self.step.username().is_none()
        {
            return Err(FlowError::malformed(
                "confirmSignUp",
                "username",
                "a string",
            ));
        }
        // What has run out by now counts as run out, and the snapshot says so: no misuse.
        self.pass_time(now);
        if self.step.name() != before {
            return Ok(());
        }
        self.error = None;
        if !matches!(event, Event::Cancel) {
            self.busy = Some(event.kind());
        }
        match event {
            Event::SignUp {
                username,
                password,
                attributes,
            } => {
                self.sign_up(username, password, &attributes, now);
            }
            Event::ConfirmSignUp { code, username } => self.confirm_sign_up(code, username, now),
            Event::SignIn { username, password } => {
                self.hold(&username, &password, now);
                let after_sign_up = self.newly_confirmed.as_ref() == Some(&username);
                self.start_sign_in(step::SignIn::new(username, after_sign_up), password, now);
            }
            Event::ResendCode => self.resend(now),
            Event::SubmitCode { code } => match &self.step {
                Step::MfaCode(_) => self.submit_mfa_code(code, now),
                _ => self.submit_attribute_code(code, now),
            },
            Event::SetNewPassword {
                password,
                attributes,
            } => {
                self.set_new_password(password, &attributes, now);
            }
            Event::VerifyAttribute { attribute } => self.verify_now(attribute, now),
            Event::SkipVerification => self.skip_verification(now),
            Event::ForgotPassword { username } => self.forgot_password(username, now),
            Event::ResetPassword { code, password } => self.reset_password(code, password, now),
            Event::SignOut { everywhere } => self.sign_out(everywhere, now),
            Event::Cancel => self.cancel(now),
        }
        Ok(())
    }

    fn resend(&mut self, now: &Moment) {
        match &self.step {
            Step::ConfirmSignUp(step) => self.resend_confirmation(step.username.clone(), now),
            Step::ResetPassword(step) => self.forgot_password(step.username.clone(), now),
            Step::VerifyAttribute(step) => {
                let (attribute, remaining) = (step.attribute, step.remaining);
                self.send_attribute_code(attribute, remaining, step.skippable, now);
            }
            _ => self.resend_mfa_code(now),
        }
    }

    /// Ends the work on an event: this is the step now, and this went wrong.
    fn settle(&mut self, step: Step, error: impl Into<Option<FlowError>>) {
        self.step = step;
        self.settle_here(error);
    }

    /// The same, in the step where the person is.
    fn settle_here(&mut self, error: impl Into<Option<FlowError>>) {
        self.busy = None;
        self.error = error.into();
    }

    fn hold(&mut self, username: &Text, password: &Secret, now: &Moment) {
        self.held = Some(Held {
            username: username.clone(),
            password: password.clone(),
            until: Deadline::after(now, HOLD_MS),
        });
    }

    /// Does what time alone does. Harmless however often it is called.
    fn pass_time(&mut self, now: &Moment) {
        self.pass_calls_time(now);
        self.pass_refresh_time(now);
        self.held.take_if(|held| held.until.is_over(now));
        if self.signing_out.is_over(now) {
            self.end_sign_out();
        }
        self.expire_step(now);
    }

    fn expire_step(&mut self, now: &Moment) {
        if self.busy.is_some() {
            return;
        }
        if self.step.challenge_expires().is_over(now) {
            self.held = None;
            let username = self.step.username().cloned();
            self.settle(
                Step::SignedOut(step::SignedOut { username }),
                error(Code::ChallengeExpired),
            );
        }
        if let Some(sent) = self.step.sent_mut() {
            sent.pass_cool_down(now);
            if sent.is_over(now) && !mem::replace(&mut sent.over, true) {
                self.error = error(Code::CodeExpired);
            }
        }
    }

    /// Makes the snapshot and the stored records anew where something changed.
    fn publish(&mut self) {
        self.save();
        let mut shown = Members::default();
        self.step.show(self.held.is_some(), &mut shown);
        if let Step::SignedIn = self.step {
            self.show_user(&mut shown);
        }
        let error = self.error.as_ref().map_or(Value::Null, FlowError::value);
        let snapshot = shown
            .name("busy", self.busy.map(EventType::as_str))
            .add("error", error)
            .end();
        if snapshot != self.snapshot {
            self.snapshot = snapshot;
            self.revision = self.revision.wrapping_add(1);
        }
    }

    fn next_id(&mut self) -> u32 {
        self.ids = self.ids.wrapping_add(1);
        self.ids
    }
}

impl std::fmt::Debug for Flow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flow")
            .field("snapshot", &self.snapshot)
            .finish_non_exhaustive()
    }
}

fn error(code: Code) -> Option<FlowError> {
    Some(code.into())
}

/// What an awaited reply brought: its body, or what failed.
type Answer<'a> = Result<Fields<'a>, calls::Failed>;
