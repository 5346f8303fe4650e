//! A passkey that the browser offers in the field for the name, while the form stays usable: the
//! challenge for it is kept fresh until one is chosen there, or the person does something else.

use crate::{
    effect::Wanted,
    error::{Code, FlowError},
    event::EventType,
    flow::{
        Flow, awaiting::Awaiting, calls::Answer, challenge::Challenge, choice, next::Next,
        prompt::Waits, sign_in::SignIn, step::Step,
    },
    secret::Secret,
    snapshot::Choice,
    time::{Deadline, Moment},
};

/// A challenge is renewed so long before its end, or at half of its time.
const MARGIN_MS: f64 = 30_000.0;

/// A passkey that is offered.
pub(crate) struct Offer {
    sign_in: SignIn,
    /// The latest, where the pool has given one.
    challenge: Option<Box<Challenge>>,
    /// When the next one is to be asked for.
    pub(crate) renew: Deadline,
}

impl Flow {
    /// First of all the browser is asked whether it can.
    #[inline(never)] // a door: scripts/lib/doors.mjs
    pub(crate) fn begin_offer(&mut self, mut sign_in: SignIn, now: &Moment) {
        sign_in.find_device(&self.known.devices);
        self.known.offer = Some(Box::new(Offer {
            sign_in,
            challenge: None,
            renew: Deadline::NEVER,
        }));
        self.prompt(
            Wanted::Offer,
            Secret::from(""),
            Waits::Offer,
            Deadline::NEVER,
            now,
        );
    }

    /// Ends with whatever else is done.
    pub(crate) fn end_offer(&mut self) {
        if self.known.offer.take().is_some() {
            self.calls.abort(Awaiting::is_of_offer, &mut self.effects);
            self.withdraw_prompt();
        }
    }

    pub(crate) fn pass_offer_time(&mut self, now: &Moment) {
        let offer = self.known.offer.as_ref();
        if offer.is_some_and(|offer| offer.renew.is_over(now)) {
            self.renew_offer(now);
        }
    }

    #[inline(never)] // a door: scripts/lib/doors.mjs
    fn renew_offer(&mut self, now: &Moment) {
        let Some(offer) = &mut self.known.offer else {
            return;
        };
        offer.renew = Deadline::NEVER;
        if let Next::Send(out, _) = choice::begin(offer.sign_in.clone(), Some(Choice::Passkey)) {
            self.request(out, Awaiting::Offer, now);
        }
    }

    /// What the pool says to a name and the wish for a passkey. Of anything but a challenge for one
    /// the person, who has not asked for it, hears nothing.
    #[inline(never)] // a door: scripts/lib/doors.mjs
    pub(crate) fn on_offer(&mut self, answer: Answer<'_>, now: &Moment) {
        let Some(offer) = &mut self.known.offer else {
            return;
        };
        let session_ms = self.config.session_ms;
        let wait = (session_ms - MARGIN_MS).max(session_ms / 2.0);
        offer.renew = Deadline::after(now, wait);
        let reply = match answer {
            Ok(reply) => reply,
            // Trouble on the way may be over by then; what the pool refuses stays refused.
            Err(failed) if failed.is_passing() => return,
            Err(failed) if offer.sign_in.lacks_device(&failed) => {
                let key = offer.sign_in.leave_device();
                self.known.devices.forget(&key);
                return self.renew_offer(now);
            }
            Err(_) => return self.end_offer(),
        };
        let mut sign_in = offer.sign_in.clone();
        sign_in.first = true;
        let next = self.ask_step(now, |_, cx| sign_in.proven(reply, cx));
        match (next, &mut self.known.offer) {
            (Next::Prompt(Some(Step::Challenge(challenge)), options), Some(offer)) => {
                let until = challenge.expires;
                offer.challenge = Some(challenge);
                self.prompt(Wanted::Offer, options, Waits::Offer, until, now);
            }
            _ => self.end_offer(),
        }
    }

    /// Whether it can be offered; or what was chosen in the field.
    pub(crate) fn on_offered(&mut self, answer: Result<Secret, FlowError>, now: &Moment) {
        let Some(offer) = &mut self.known.offer else {
            return;
        };
        match (answer, offer.challenge.take()) {
            (Ok(_), None) => self.renew_offer(now),
            (Ok(credential), Some(challenge)) => {
                self.end_offer();
                self.follow(Next::go(Step::Challenge(challenge)), now);
                // After its time nothing is sent; the step says so.
                if !self.step.challenge_expires().is_over(now) {
                    self.busy = Some(EventType::SignIn);
                    self.give_passkey(&credential, now);
                }
            }
            // It can be offered again with the next challenge.
            (Err(error), Some(_)) if error.code == Code::PasskeyFailed => {}
            (Err(_), _) => self.end_offer(),
        }
    }
}
