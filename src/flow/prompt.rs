//! The browser's prompt for a passkey: one at a time, as browsers have it.

use crate::{
    effect::{Effect, Wanted},
    error::{Code, FlowError},
    fields::Fields,
    flow::{Flow, authorized::Authorized, calls::Failed, session::NewPasskey},
    protocol::Refusal,
    secret::Secret,
    time::{Deadline, Moment},
};

/// What came of a prompt.
#[derive(Clone, Copy)]
pub enum Given<'a> {
    /// A credential, as `PublicKeyCredential.toJSON` has it.
    Credential(Fields<'a>),
    /// None: the name of the exception. Empty where there is no WebAuthn here, `options` where the
    /// browser cannot read the pool's options.
    Ended(&'a str),
}

/// A prompt under way.
pub(crate) struct Prompt {
    id: u32,
    /// When the pool's challenge is over, and with it the use of asking.
    pub(crate) until: Deadline,
    waits: Waits,
}

/// Who waits for a prompt.
pub(crate) enum Waits {
    /// A call that makes a passkey.
    Registration(NewPasskey),
    /// The person, in the step.
    Step,
    /// Nobody: it is offered.
    Offer,
}

impl Flow {
    /// Asks the browser, in place of whatever it was asked before.
    #[inline(never)] // a door: scripts/lib/doors.mjs
    pub(crate) fn prompt(
        &mut self,
        wanted: Wanted,
        options: Secret,
        waits: Waits,
        until: Deadline,
        now: &Moment,
    ) {
        match self.prompt {
            Some(Prompt {
                waits: Waits::Offer,
                ..
            }) => {
                self.withdraw_prompt();
            }
            _ => self.stop_prompt(now),
        }
        let id = self.effects.next_id();
        self.effects.push(Effect::Passkey {
            id,
            wanted,
            options,
        });
        self.prompt = Some(Prompt { id, until, waits });
    }

    #[inline(never)] // a door: scripts/lib/doors.mjs
    pub(crate) fn on_passkey(&mut self, id: u32, given: Given<'_>, now: &Moment) {
        if let Some(prompt) = self.prompt.take_if(|prompt| prompt.id == id) {
            // What comes when the challenge is over is not sent. (An offer says so itself.)
            let late = prompt.until.is_over(now) && !matches!(prompt.waits, Waits::Offer);
            let answer = match given {
                Given::Credential(_) if late => Err(ending("NotAllowedError")),
                Given::Credential(fields) => Ok(Secret::from(fields.json())),
                Given::Ended(name) => Err(ending(name)),
            };
            self.prompted(prompt.waits, answer, now);
        }
    }

    #[inline(never)] // a door: scripts/lib/doors.mjs
    pub(crate) fn prompted(
        &mut self,
        waits: Waits,
        answer: Result<Secret, FlowError>,
        now: &Moment,
    ) {
        match (waits, answer) {
            (Waits::Registration(passkey), Ok(credential)) => {
                self.authorize(Authorized::Passkey(passkey, credential), now);
            }
            (Waits::Registration(passkey), Err(error)) => self.answer(passkey.ticket, Err(error)),
            (Waits::Step, Ok(credential)) => self.give_passkey(&credential, now),
            (Waits::Step, Err(error)) => self.settle(Some(error)),
            (Waits::Offer, answer) => self.on_offered(answer, now),
        }
    }

    /// Answers the challenge of the step.
    pub(crate) fn give_passkey(&mut self, credential: &Secret, now: &Moment) {
        self.given = Fields::new(credential.secret()).and_then(|given| given.string("id"));
        self.decide(now, |step, _| step.give_passkey(credential));
    }

    /// What the pool says to the passkey that was just given, if one was. The browser need not keep
    /// one that the pool does not know.
    #[inline(never)] // a door: scripts/lib/doors.mjs
    pub(crate) fn judge_given(&mut self, failed: Option<&Failed>) {
        let id = self.given.take();
        if failed.is_some_and(|failed| failed.refusal == Refusal::UnknownPasskey) {
            let relying_party = self.step.relying_party();
            self.forget_passkey(relying_party, id);
        }
    }

    /// Something else is asked for: the browser is to ask no more.
    pub(crate) fn stop_prompt(&mut self, now: &Moment) {
        self.end_prompt("AbortError", now);
    }

    pub(crate) fn pass_prompt_time(&mut self, now: &Moment) {
        if self.prompt.as_ref().is_some_and(|p| p.until.is_over(now)) {
            self.end_prompt("NotAllowedError", now);
        }
    }

    /// The browser is to ask no more, and whoever waits for it is told why, by an exception's name.
    fn end_prompt(&mut self, name: &str, now: &Moment) {
        if let Some(waits) = self.withdraw_prompt() {
            self.prompt_ended(waits, name, now);
        }
    }

    #[inline(never)] // a door: scripts/lib/doors.mjs
    fn prompt_ended(&mut self, waits: Waits, name: &str, now: &Moment) {
        self.prompted(waits, Err(ending(name)), now);
    }

    /// The browser is to ask no more.
    pub(crate) fn withdraw_prompt(&mut self) -> Option<Waits> {
        let prompt = self.prompt.take()?;
        self.effects.push(Effect::Abort { id: prompt.id });
        Some(prompt.waits)
    }

    /// Whether the person is busy with the browser's prompt alone: it ends with whatever else they do.
    pub(crate) fn is_prompting(&self) -> bool {
        let step = |prompt: &Prompt| matches!(prompt.waits, Waits::Step);
        self.prompt.as_ref().is_some_and(step)
    }
}

/// What an exception of `navigator.credentials` means.
fn ending(name: &str) -> FlowError {
    let (code, words) = match name {
        "NotAllowedError" => (
            Code::PasskeyFailed,
            "The passkey was refused, or its time ran out.",
        ),
        "AbortError" => (
            Code::PasskeyFailed,
            "Asking for a passkey was stopped by something else.",
        ),
        "InvalidStateError" => (
            Code::PasskeyFailed,
            "There is a passkey of this user on this device already.",
        ),
        "SecurityError" => (
            Code::PasskeyUnsupported,
            "The passkeys of this user pool are not for this site.",
        ),
        "" | "NotSupportedError" => (Code::PasskeyUnsupported, ""),
        "options" => (Code::Server, ""),
        _ => (Code::PasskeyFailed, ""),
    };
    let mut error = FlowError::from(code);
    error.message = (!words.is_empty()).then(|| words.into());
    error
}
