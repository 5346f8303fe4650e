//! The machine: one input in, the next step and some effects out. No challenge is named here.

mod authorized;
mod awaiting;
mod calls;
mod challenge;
mod choice;
mod next;
mod offer;
mod prompt;
mod prove;
mod record;
mod redirect;
mod session;
mod sign_in;
mod step;
mod steps;
mod table;
mod totp;
mod ways;

use std::mem;

use crate::{
    ask::Ask,
    config::Config,
    effect::{Effect, Slot, Wanted},
    error::{Code, FlowError, Misuse},
    event::{Event, EventType},
    fields::{Fields, Pairs},
    json::Object,
    secret::Text,
    time::{Deadline, Moment},
};

use awaiting::Awaiting;
use calls::{Calls, Effects, Outgoing};
use next::{Cx, Known, Next};
use prompt::{Prompt, Waits};
use prove::ahead::Ahead;
use session::{Leaving, Session};
use step::Step;

pub(crate) use calls::Failed;
pub use calls::{Body, Outcome};
pub use prompt::Given;
pub use record::Stored;
pub use table::StepName;
#[cfg(not(target_arch = "wasm32"))]
pub use table::{Transition, transitions};

/// One input of the machine.
pub enum Input<'a> {
    /// The page asks for something.
    Event {
        /// What the person did.
        event: Event,
        /// What the app tells the pool's triggers with each call of this event.
        metadata: Pairs,
    },
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
    /// How an [`Effect::Passkey`] ended. Unknown and stale ids are ignored.
    Passkey {
        /// The id of the prompt.
        id: u32,
        /// What came of it.
        given: Given<'a>,
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
    /// The person is back from another page.
    Returned {
        /// `{ error, description }` of what went wrong there, or on the way there; an empty object if
        /// they have brought a code.
        with: Fields<'a>,
    },
    /// The page has nothing else to do: what a sign-in will need is made ready. Always harmless.
    Idle,
    /// Time has passed. Always harmless.
    Wake,
}

/// Signing up and signing in, as a machine without I/O. See the crate's documentation for its law.
pub struct Flow {
    config: Config,
    step: Step,
    /// Grows with each new form.
    round: u32,
    busy: Option<EventType>,
    /// What the pool's triggers are told with the calls of the event that is worked on.
    metadata: Pairs,
    error: Option<FlowError>,
    known: Known,
    calls: Calls<Awaiting>,
    /// While the browser asks for a passkey.
    prompt: Option<Prompt>,
    /// The id of the passkey that was just given, until the pool has judged it.
    given: Option<Text>,
    /// While the person waits for the pool to hear of their signing out.
    leaving: Option<Leaving>,
    /// Grows with each outcome that is shown: of what was left before the last one nobody hears any more.
    settled: u32,
    /// Whom another tab has signed in while this one was in the middle of something.
    elsewhere: Option<Box<Session>>,
    /// When this tab, idle at last, follows.
    follows: Deadline,
    effects: Effects,
    saved: record::Saved,
    snapshot: Text,
    revision: u32,
}

impl Flow {
    /// A flow that begins where the stored records left off, or signed out.
    pub fn new(
        config: Config,
        session: Stored<'_>,
        pending: Stored<'_>,
        devices: Stored<'_>,
        now: &Moment,
    ) -> Self {
        let mut flow = Self {
            calls: Calls::new(config.timeout_ms),
            config,
            prompt: None,
            given: None,
            step: Step::signed_out(None),
            round: 1,
            busy: None,
            metadata: Pairs::default(),
            error: None,
            known: Known::default(),
            leaving: None,
            settled: 0,
            elsewhere: None,
            follows: Deadline::NEVER,
            effects: Effects::default(),
            saved: record::Saved::default(),
            snapshot: Text::default(),
            revision: 0,
        };
        flow.restore(session, pending, devices, now);
        flow.expire_step(now);
        flow.publish();
        flow
    }

    /// Takes one input.
    ///
    /// # Errors
    /// Misuse: `notAccepted` and `busy`. Nothing has changed then. What the pool refuses is in the
    /// snapshot. And from [`Input::Stored`] `challengeSpent`, where the session is not the one that it
    /// was, and `notAccepted`, where there was none: what the page asks for in the belief that nothing
    /// had changed must not be given to the flow.
    pub fn handle(&mut self, input: Input<'_>, now: &Moment) -> Result<(), FlowError> {
        let result = match input {
            Input::Event { event, metadata } => self.on_event(event, &metadata, now),
            Input::Ask { ticket, ask } => {
                self.on_ask(ticket, ask, now);
                Ok(())
            }
            Input::Reply { id, outcome } => {
                if let Some((awaiting, answer)) = self.calls.on_reply(id, &outcome, now) {
                    self.deliver(awaiting, answer, now);
                }
                Ok(())
            }
            Input::Passkey { id, given } => {
                self.on_passkey(id, given, now);
                Ok(())
            }
            Input::Locked { id } => {
                self.on_locked(id, now);
                Ok(())
            }
            Input::Stored { slot, record } => self.on_stored(slot, record, now),
            Input::Returned { with } => {
                self.on_returned(with, now);
                Ok(())
            }
            Input::Idle => {
                if self.is_idle() {
                    self.known.ahead.prepare(self.config.sign_in_with, now);
                }
                Ok(())
            }
            Input::Wake => {
                if self.follows.is_over(now) {
                    self.look_elsewhere(now);
                }
                Ok(())
            }
        };
        self.pass_time(now);
        self.follow_elsewhere(now);
        self.publish();
        result
    }

    /// The next thing that the host must do.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop()
    }

    /// When to wake the machine at the latest, on the monotonic clock.
    pub fn deadline(&self) -> Option<f64> {
        let mut first = self.calls.deadline();
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
        consider(self.known.held_until());
        consider(self.known.ahead.until());
        if let Some(session) = &self.known.session {
            consider(session.deadline());
        }
        if let Some(leaving) = &self.leaving {
            consider(leaving.until);
        }
        if let Some(prompt) = &self.prompt {
            consider(prompt.until);
        }
        if let Some(offer) = &self.known.offer {
            consider(offer.renew);
        }
        consider(self.follows);
        (first < f64::INFINITY).then_some(first)
    }

    /// What the person sees now, as JSON: the package's type `Snapshot`.
    pub fn snapshot(&self) -> &str {
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

    fn check(&self, event: EventType) -> Result<(), Misuse> {
        let nowhere = event == EventType::SignInWithRedirect && self.config.redirect.is_none();
        let accepted = !nowhere && self.step.name().accepts(event);
        if self.busy.is_some() && !(accepted && self.is_prompting()) {
            // Leaving is always possible, but for one who is leaving or would lose tokens.
            let can_leave = !matches!(self.step, Step::SignedIn(_)) && self.leaving.is_none();
            return match event == EventType::Cancel && can_leave {
                true => Ok(()),
                false => Err(Misuse::Busy),
            };
        }
        // A passkey that is offered can be withdrawn, though there is no form to leave.
        if event == EventType::Cancel && self.known.offer.is_some() {
            return Ok(());
        }
        if !accepted {
            return Err(Misuse::NotAccepted);
        }
        self.step.check(event, &self.known)
    }

    fn on_event(&mut self, event: Event, metadata: &Pairs, now: &Moment) -> Result<(), FlowError> {
        let before = self.step.name();
        // The timer may be late: what time has opened or closed counts at once.
        self.known.pass_time(now);
        if self.busy.is_none()
            && let Some(sent) = self.step.sent_mut()
        {
            sent.pass_cool_down(now);
        }
        self.check(event.kind())
            .map_err(|misuse| misuse.at(now.wall))?;
        if let Event::ConfirmSignUp { username: None, .. } = &event
            && self.step.username().is_none()
        {
            return Err(FlowError::malformed(
                "confirmSignUp",
                "username",
                "a string",
            ));
        }
        if let Event::SignIn { password: None, .. } = &event
            && self.config.sign_in_with.needs_password()
        {
            return Err(FlowError::malformed("signIn", "password", "a string"));
        }
        if let Event::SelectFactor { choice, .. } = &event
            && !self.step.offers(*choice)
        {
            let expected = "one of those that the step offers";
            return Err(FlowError::malformed("selectFactor", "choice", expected));
        }
        // What has run out by now counts as run out, and the snapshot says so: no misuse.
        self.pass_time(now);
        if self.step.name() != before {
            return Ok(());
        }
        self.end_offer();
        self.stop_prompt(now);
        self.given = None;
        self.error = None;
        self.metadata = laid_over(&self.config.client_metadata, metadata);
        if let Event::Cancel = event {
            self.cancel(now);
        } else {
            self.busy = Some(event.kind());
            self.decide(now, |step, cx| step.on(event, cx));
        }
        Ok(())
    }

    /// Leaves the step, whatever is under way in it.
    #[inline(never)] // a door: scripts/lib/doors.mjs
    fn cancel(&mut self, now: &Moment) {
        self.calls.abort(Awaiting::is_of_event, &mut self.effects);
        if let Some(session) = &mut self.known.session {
            session.drop_event();
        }
        // Who was signing in, or signing up, is not in the step yet.
        let typed = self.known.drop_held();
        let mut next = self.ask_step(now, |step, cx| step.on(Event::Cancel, cx));
        if let (Next::Leave(username), Some(typed)) = (&mut next, typed) {
            *username = Some(typed);
        }
        self.follow(next, now);
    }

    /// Lets a handler decide what comes next, and does that.
    fn decide(&mut self, now: &Moment, handler: impl FnOnce(&mut Step, &mut Cx<'_>) -> Next) {
        let next = self.ask_step(now, handler);
        self.follow(next, now);
    }

    fn ask_step(
        &mut self,
        now: &Moment,
        handler: impl FnOnce(&mut Step, &mut Cx<'_>) -> Next,
    ) -> Next {
        let mut cx = Cx {
            config: &self.config,
            now,
            known: &mut self.known,
        };
        handler(&mut self.step, &mut cx)
    }

    fn follow(&mut self, next: Next, now: &Moment) {
        match next {
            Next::Stay(error) => self.settle(error),
            Next::Go(step, error) => {
                self.enter(step);
                self.settle(error);
            }
            Next::Send(out, expect) => self.request(out, Awaiting::Event(expect), now),
            Next::Authorize(what) => self.authorize(what, now),
            Next::Prompt(step, options) => {
                if let Some(step) = step {
                    self.enter(step);
                }
                let until = self.step.challenge_expires();
                self.prompt(Wanted::Get, options, Waits::Step, until, now);
            }
            Next::Offer(sign_in) => {
                self.settle(None);
                self.begin_offer(sign_in, now);
            }
            Next::SignedIn(tokens, sign_in) => {
                self.known.drop_held();
                self.known.ahead = Ahead::default();
                self.known.newly_confirmed = None;
                let (session, first) =
                    Session::begin(tokens, sign_in, &self.known, &self.config, now);
                self.known.session = Some(session);
                self.elsewhere = None;
                self.authorize(first, now);
            }
            Next::Redirect(to) => {
                self.effects.push(Effect::Redirect { to });
                self.settle(None);
            }
            Next::Leave(username) => self.leave(username, now),
            Next::SignOut { everywhere } => self.sign_out(everywhere, now),
        }
    }

    fn enter(&mut self, step: Step) {
        // A refused sign-in is tried again in the same form.
        if !matches!(
            (&self.step, &step),
            (Step::SignedOut(_), Step::SignedOut(_))
        ) {
            self.round = self.round.wrapping_add(1);
        }
        self.step = step;
    }

    /// Ends the work on an event, and says what went wrong.
    fn settle(&mut self, error: Option<FlowError>) {
        self.busy = None;
        self.error = error;
        self.settled = self.settled.wrapping_add(1);
    }

    fn request(&mut self, mut out: Outgoing, awaiting: Awaiting, now: &Moment) {
        // What is offered belongs to the event that was last, which has settled.
        let of_event = self.busy.is_some() && awaiting.is_of_event();
        let metadata = match of_event || awaiting.is_of_offer() {
            true => &self.metadata,
            false => &self.config.client_metadata,
        };
        out.complete(&self.config.client_id, metadata);
        self.calls.send(out, awaiting, &mut self.effects, now);
    }

    /// Does what time alone does. Harmless however often it is called.
    fn pass_time(&mut self, now: &Moment) {
        while let Some((awaiting, answer)) = self.calls.pass_time(&mut self.effects, now) {
            self.deliver(awaiting, answer, now);
        }
        self.pass_refresh_time(now);
        self.pass_prompt_time(now);
        self.pass_offer_time(now);
        self.known.pass_time(now);
        let waits = self.leaving.as_ref().map(|leaving| leaving.until);
        // What is tried again goes on without the person.
        if waits.is_some_and(|until| until.is_over(now))
            || !self.calls.awaits(|who| who.is_revocation_of(self.settled))
        {
            self.end_leaving();
        }
        self.expire_step(now);
    }

    /// Nobody is signed in here, and nothing is under way.
    fn is_idle(&self) -> bool {
        self.busy.is_none() && matches!(self.step, Step::SignedOut(_))
    }

    fn expire_step(&mut self, now: &Moment) {
        if self.busy.is_some() {
            return;
        }
        if self.step.challenge_expires().is_over(now) {
            self.known.drop_held();
            let step = Step::signed_out(self.step.username().cloned());
            self.follow(Next::Go(step, Some(Code::ChallengeExpired.into())), now);
        }
        if let Some(sent) = self.step.sent_mut() {
            sent.pass_cool_down(now);
            if sent.is_over(now) && !mem::replace(&mut sent.over, true) {
                self.error = Some(Code::CodeExpired.into());
            }
        }
    }

    /// Makes the snapshot and the stored records anew where something changed.
    fn publish(&mut self) {
        self.save();
        let mut shown = Object::new();
        self.step.show(&self.known, &mut shown);
        if let Step::Challenge(step) = &self.step {
            step.show_once(&self.config, &mut shown);
        }
        let error = self.error.as_ref().map(FlowError::json);
        shown
            .text("busy", self.busy.map(EventType::as_str))
            .raw("error", error.as_deref().unwrap_or("null"))
            .millis("round", self.round.into());
        let snapshot = shown.json();
        if snapshot != self.snapshot {
            self.snapshot = snapshot;
            self.revision = self.revision.wrapping_add(1);
        }
    }
}

impl std::fmt::Debug for Flow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flow")
            .field("step", &self.step.name())
            .field("busy", &self.busy)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

/// Some pairs, and those of the others that they do not name.
fn laid_over(under: &Pairs, over: &Pairs) -> Pairs {
    if over.is_empty() {
        return under.clone();
    }
    let mut pairs = Vec::clone(over);
    for (name, value) in under.iter() {
        if !over.iter().any(|(own, _)| own == name) {
            pairs.push((name.clone(), value.clone()));
        }
    }
    pairs.into()
}
