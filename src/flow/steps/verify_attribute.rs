//! `verifyAttribute`: give the code for an email address or a phone number, one after the other.

use crate::{
    error::{Code, Misuse},
    event::{Event, EventType as E},
    flow::{
        authorized::Authorized,
        calls::Answer,
        next::{Cx, Known, Next},
        record::Restoring,
        session::{ExpectUser, Session},
        step::Step,
        steps::{CODE_MS, Sent, SignedIn},
        table::{
            Row,
            StepName::{self, SignedOut},
            row,
        },
    },
    json::Object,
    protocol,
    snapshot::{Attribute, Attributes},
};

pub(crate) struct VerifyAttribute {
    what: Verification,
    pub(crate) sent: Sent,
}

/// Which attribute is verified, and what comes after it.
#[derive(Clone, Copy)]
pub(crate) struct Verification {
    pub(crate) attribute: Attribute,
    pub(crate) remaining: Attributes,
    pub(crate) skippable: bool,
}

pub(crate) const ROWS: &[Row] = &[
    row(
        E::SubmitCode,
        &[StepName::VerifyAttribute, StepName::SignedIn, SignedOut],
    ),
    row(E::ResendCode, &[StepName::VerifyAttribute, SignedOut]),
    row(
        E::SkipVerification,
        &[StepName::VerifyAttribute, StepName::SignedIn, SignedOut],
    ),
    row(E::SignOut, &[SignedOut]),
    row(E::Cancel, &[StepName::SignedIn, SignedOut]),
];

impl VerifyAttribute {
    /// It belongs to the session in which it was begun.
    pub(crate) fn restore(record: &mut Restoring<'_>) -> Option<Self> {
        let session = record.session?;
        let reader = &mut record.reader;
        if !session.is(&reader.text("of")) {
            return None;
        }
        let what = Verification {
            attribute: reader.attribute("attribute"),
            remaining: Attributes::named(&reader.texts("remaining")),
            skippable: reader.flag("skippable", true),
        };
        let sent = Sent::restore(record, CODE_MS);
        Some(Self { what, sent })
    }

    pub(crate) fn keep(&self, known: &Known, record: &mut Object) {
        record.optional(
            "of",
            known
                .session
                .as_deref()
                .map(|session| session.id().as_str()),
        );
    }

    pub(crate) fn show(&self, shown: &mut Object) {
        shown
            .string("attribute", self.what.attribute.as_str())
            .boolean("skippable", self.what.skippable);
        self.what.remaining.show("remaining", shown);
        self.sent.show(shown);
    }

    pub(crate) fn check(&self, event: E) -> Result<(), Misuse> {
        match event {
            E::SkipVerification if !self.what.skippable => Err(Misuse::NotAccepted),
            event => self.sent.check(event),
        }
    }

    pub(crate) fn on(&mut self, event: Event, cx: &mut Cx<'_>) -> Next {
        let what = self.what;
        match event {
            Event::SubmitCode { .. } if self.sent.is_over(cx.now) => Next::fail(Code::CodeExpired),
            Event::SubmitCode { code, .. } => {
                Next::Authorize(Authorized::AttributeVerified { what, code })
            }
            Event::ResendCode => Next::Authorize(Authorized::AttributeCode(what)),
            Event::SkipVerification => following(what.remaining, what.skippable),
            Event::SignOut { everywhere } => Next::SignOut { everywhere },
            Event::Cancel if what.skippable => Next::go(Step::SignedIn(SignedIn)),
            Event::Cancel => Next::Leave(None),
            Event::SignUp { .. }
            | Event::ConfirmSignUp { .. }
            | Event::SignIn { .. }
            | Event::SetNewPassword { .. }
            | Event::VerifyAttribute { .. }
            | Event::ForgotPassword { .. }
            | Event::ResetPassword { .. }
            | Event::SelectFactor { .. }
            | Event::SubmitPassword { .. }
            | Event::UsePasskey
            | Event::AnswerChallenge { .. }
            | Event::SetUpEmail { .. }
            | Event::SignInWithRedirect { .. } => Next::Stay(None),
        }
    }
}

/// The person asks to verify an attribute.
pub(crate) fn now(attribute: Attribute, cx: &mut Cx<'_>) -> Next {
    let what = Verification {
        attribute,
        remaining: Attributes::default(),
        skippable: true,
    };
    let session = cx.known.session.as_mut();
    match session.and_then(|session| session.take_announced(attribute, cx.now)) {
        // Changing the attribute has sent the code already.
        Some(delivery) => {
            let sent = Sent::now(Some(delivery), CODE_MS, cx.now);
            Next::go(Step::VerifyAttribute(Box::new(VerifyAttribute {
                what,
                sent,
            })))
        }
        None => Next::Authorize(Authorized::AttributeCode(what)),
    }
}

/// The next of them, or the end of it.
pub(crate) fn following(mut remaining: Attributes, skippable: bool) -> Next {
    match remaining.pop() {
        Some(attribute) => Next::Authorize(Authorized::AttributeCode(Verification {
            attribute,
            remaining,
            skippable,
        })),
        None => Next::go(Step::SignedIn(SignedIn)),
    }
}

impl Verification {
    /// After `GetUserAttributeVerificationCode`.
    pub(crate) fn on_code(self, answer: Answer<'_>, step: &mut Step, cx: &mut Cx<'_>) -> Next {
        let here = match step {
            Step::VerifyAttribute(step) if step.what.attribute == self.attribute => {
                Some(&mut step.sent)
            }
            _ => None,
        };
        match (answer, here) {
            (Ok(reply), here) => {
                let sent = Sent::now(protocol::delivery_details(reply), CODE_MS, cx.now);
                if let Some(here) = here {
                    *here = sent;
                    return Next::Stay(None);
                }
                Next::go(self.step(sent))
            }
            (Err(failed), None) => {
                // Asked for in `signedIn`, a code that was not sent is not waited for.
                let asked = matches!(step, Step::SignedIn(_));
                if asked && failed.error.code != Code::OutcomeUnknown {
                    return Next::fail(failed.error);
                }
                Next::Go(self.step(Sent::unknown()), Some(failed.error))
            }
            (Err(failed), Some(_)) => Next::fail(failed.error),
        }
    }

    fn step(self, sent: Sent) -> Step {
        Step::VerifyAttribute(Box::new(VerifyAttribute { what: self, sent }))
    }

    /// After `VerifyUserAttribute`.
    pub(crate) fn on_verified(self, answer: Answer<'_>, known: &mut Known) -> Next {
        if let Err(failed) = answer {
            return Next::fail(failed.error);
        }
        let verified = |session: &mut Session| session.mark_verified(self.attribute);
        match known.session.as_deref_mut().is_some_and(verified) {
            true => following(self.remaining, self.skippable),
            // Where the pool held a changed value back until now, only the pool knows it.
            false => Next::Authorize(Authorized::User(ExpectUser::Verified(self))),
        }
    }
}
