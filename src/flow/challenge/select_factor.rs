//! `selectFactor`: the person chooses how to go on.

use crate::{
    event::{Event, EventType as E},
    fields::Fields,
    flow::{
        challenge::{Asks, Challenge, enrol},
        next::{Cx, Next},
        record::Restoring,
        sign_in::{SIGNING_IN, SignIn},
        step::Step,
        table::{Row, StepName::SignedOut, row},
        ways::{ENROLMENTS, SECOND_FACTORS, Ways},
    },
    json::Object,
    protocol,
    secret::Secret,
    snapshot::Choice,
};

pub(crate) const SELECT_CHALLENGE: &str = "SELECT_CHALLENGE";
const SELECT_MFA_TYPE: &str = "SELECT_MFA_TYPE";

/// Of what there is a choice.
pub(crate) enum SelectFactor {
    /// Of what the sign-in begins with: its `ways`.
    FirstFactor,
    /// Of the second factors that the person has.
    Mfa(Ways),
    /// Of those that can be set up.
    MfaSetUp(Ways),
}

pub(crate) const ROWS: &[Row] = &[
    row(E::SelectFactor, SIGNING_IN),
    row(E::Cancel, &[SignedOut]),
];

impl SelectFactor {
    pub(super) fn read(name: &str, parameters: Fields<'_>, sign_in: &SignIn) -> Option<Self> {
        let of = match name {
            SELECT_CHALLENGE if sign_in.first => Self::FirstFactor,
            SELECT_MFA_TYPE => {
                let names = protocol::names_in(parameters, "MFAS_CAN_CHOOSE");
                Self::Mfa(Ways::read(&names, &SECOND_FACTORS))
            }
            _ => return None,
        };
        // Without anything to choose it would be a dead end.
        (!of.ways(sign_in).is_empty()).then_some(of)
    }

    pub(super) fn restore(record: &mut Restoring<'_>, sign_in: &SignIn) -> Option<Self> {
        let names = record.reader.fields().strings("kinds").unwrap_or_default();
        let of = match record.reader.text("of").as_str() {
            "firstFactor" => Self::FirstFactor,
            "mfa" => Self::Mfa(Ways::read(&names, &SECOND_FACTORS)),
            "mfaSetUp" => Self::MfaSetUp(Ways::read(&names, &ENROLMENTS)),
            _ => return None,
        };
        (!of.ways(sign_in).is_empty()).then_some(of)
    }

    pub(super) fn show(&self, shown: &mut Object) {
        let of = match self {
            Self::FirstFactor => "firstFactor",
            Self::Mfa(_) => "mfa",
            Self::MfaSetUp(_) => "mfaSetUp",
        };
        shown.string("of", of);
    }

    /// What the pool calls them, where the sign-in does not know it.
    pub(super) fn keep(&self, record: &mut Object) {
        if let Self::Mfa(ways) | Self::MfaSetUp(ways) = self {
            record.strings("kinds", &mut ways.names());
        }
    }

    pub(super) fn ways<'a>(&'a self, sign_in: &'a SignIn) -> &'a Ways {
        match self {
            Self::FirstFactor => &sign_in.ways,
            Self::Mfa(ways) | Self::MfaSetUp(ways) => ways,
        }
    }
}

pub(super) fn on(event: Event, challenge: &Challenge, cx: &mut Cx<'_>) -> Next {
    match event {
        Event::SelectFactor { choice, password } => match &challenge.asks {
            Asks::SelectFactor(SelectFactor::Mfa(ways)) => {
                let name = ways.said_of(choice);
                let mut sign_in = challenge.sign_in.clone();
                sign_in.first = false;
                challenge.answer(SELECT_MFA_TYPE, sign_in, &|body| {
                    body.string("ANSWER", name);
                })
            }
            Asks::SelectFactor(SelectFactor::MfaSetUp(_)) => enrol::chosen(choice, challenge),
            _ => select(choice, password, challenge, cx),
        },
        Event::SignUp { .. }
        | Event::ConfirmSignUp { .. }
        | Event::ResendCode
        | Event::SignIn { .. }
        | Event::SubmitCode { .. }
        | Event::SetNewPassword { .. }
        | Event::VerifyAttribute { .. }
        | Event::SkipVerification
        | Event::ForgotPassword { .. }
        | Event::ResetPassword { .. }
        | Event::SignOut { .. }
        | Event::Cancel
        | Event::SubmitPassword { .. }
        | Event::UsePasskey
        | Event::AnswerChallenge { .. }
        | Event::SetUpEmail { .. }
        | Event::SignInWithRedirect { .. } => Next::Stay(None),
    }
}

/// Goes on with one of the first factors.
fn select(
    choice: Choice,
    password: Option<Secret>,
    challenge: &Challenge,
    cx: &mut Cx<'_>,
) -> Next {
    match (choice, password) {
        (Choice::Password, None) => {
            let asking = Box::new(Challenge {
                sign_in: challenge.sign_in.clone(),
                session: challenge.session.clone(),
                expires: challenge.expires,
                asks: Asks::SelectFactor(SelectFactor::FirstFactor),
            });
            Next::go(Step::Challenge(asking.by_password()))
        }
        (Choice::Password, Some(password)) => {
            challenge.give_password(SELECT_CHALLENGE, password, cx)
        }
        (choice, _) => {
            let mut sign_in = challenge.sign_in.clone();
            sign_in.preferred = Some(choice);
            let name = challenge.sign_in.ways.name_of(choice);
            challenge.answer(SELECT_CHALLENGE, sign_in, &|body| {
                body.string("ANSWER", name);
            })
        }
    }
}
