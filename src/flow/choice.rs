//! `USER_AUTH`: the pool says with what the person can begin.

use crate::{
    error::Code,
    fields::Fields,
    flow::{
        awaiting::Expect,
        calls::Answer,
        challenge::{self, ExpectAnswered, select_factor::SELECT_CHALLENGE},
        next::{Cx, Next},
        prove::password::begin_proof,
        sign_in::{ExpectProven, SignIn},
        step::Step,
        steps::confirm_sign_up::sign_in_confirmed,
        ways::{PASSWORD, PASSWORD_SRP, Ways},
    },
    json::Object,
    protocol::{self, Operation, Refusal, operation},
    secret::Secret,
    snapshot::Choice,
};

/// After `InitiateAuth`, but for that with a proof.
pub(crate) struct ExpectChoice {
    sign_in: SignIn,
    /// The person wants to begin with the password, and is still to be asked for it.
    by_password: bool,
    /// The pool was told so.
    told: bool,
}

/// After `InitiateAuth` with the session of a sign-up.
pub(crate) struct ExpectConfirmed {
    sign_in: SignIn,
}

/// Begins with what is preferred; with what the pool offers, where that is nothing.
pub(crate) fn begin(mut sign_in: SignIn, preferred: Option<Choice>) -> Next {
    sign_in.preferred = preferred;
    let by_password = preferred == Some(Choice::Password);
    let name = preferred.map(|choice| sign_in.ways.name_of(choice));
    open(sign_in, name, by_password)
}

fn open(mut sign_in: SignIn, preferred: Option<&str>, by_password: bool) -> Next {
    sign_in.first = true;
    let body = opening(&sign_in, preferred);
    let operation = match preferred {
        Some("SMS_OTP" | "EMAIL_OTP") => &operation::INITIATE_AUTH_ONCE,
        _ => &operation::INITIATE_AUTH,
    };
    let expect = Expect::Choice(ExpectChoice {
        sign_in,
        by_password,
        told: preferred.is_some(),
    });
    initiate(operation, body, expect)
}

/// Begins with the password: what proves it goes along at once.
pub(crate) fn begin_with_password(mut sign_in: SignIn, password: Secret, cx: &mut Cx<'_>) -> Next {
    if takes_it_bare(&sign_in.ways) {
        let mut body = opening(&sign_in, Some(PASSWORD));
        body.secret("PASSWORD", &password);
        let expect = Expect::Choice(ExpectChoice {
            sign_in,
            by_password: false,
            told: true,
        });
        return initiate(&operation::INITIATE_AUTH_ONCE, body, expect);
    }
    sign_in.first = true;
    let mut body = opening(&sign_in, Some(PASSWORD_SRP));
    let expect = begin_proof(&mut body, sign_in, password, false, cx);
    initiate(&operation::INITIATE_AUTH, body, expect)
}

/// Begins with the session of a sign-up that was just confirmed: its code was the first factor.
pub(crate) fn begin_confirmed(sign_in: SignIn, session: &Secret) -> Next {
    let mut body = opening(&sign_in, None);
    body.close().secret("Session", session);
    body.string("AuthFlow", "USER_AUTH");
    let expect = Expect::Confirmed(ExpectConfirmed { sign_in });
    Next::send(&operation::INITIATE_AUTH_ONCE, body, expect)
}

/// What is written until [`initiate`] is among the parameters.
fn opening(sign_in: &SignIn, preferred: Option<&str>) -> Object {
    let mut body = Object::new();
    body.begin("AuthParameters")
        .string("USERNAME", &sign_in.username)
        .optional("DEVICE_KEY", sign_in.device.as_deref())
        .optional("PREFERRED_CHALLENGE", preferred);
    body
}

fn initiate(operation: &'static Operation, mut body: Object, expect: Expect) -> Next {
    body.close().string("AuthFlow", "USER_AUTH");
    Next::send(operation, body, expect)
}

/// Answers the challenge of this name, which asks for the password or lets it be chosen.
pub(crate) fn answer_with_password(
    name: &str,
    session: Option<&Secret>,
    mut sign_in: SignIn,
    password: Secret,
    cx: &mut Cx<'_>,
) -> Next {
    let bare = name == PASSWORD || takes_it_bare(&sign_in.ways);
    let mut body = challenge::response(name, session, &sign_in);
    if name == SELECT_CHALLENGE {
        body.string("ANSWER", if bare { PASSWORD } else { PASSWORD_SRP });
    }
    let expect = if bare {
        body.secret("PASSWORD", &password);
        sign_in.first = false;
        match sign_in.in_step {
            true => Expect::Answered(ExpectAnswered { sign_in }),
            false => Expect::Proven(ExpectProven { sign_in }),
        }
    } else {
        begin_proof(&mut body, sign_in, password, true, cx)
    };
    body.close();
    Next::send(&operation::RESPOND_TO_AUTH_CHALLENGE, body, expect)
}

/// Whether the pool takes the password itself alone.
fn takes_it_bare(ways: &Ways) -> bool {
    ways.has(PASSWORD) && !ways.has(PASSWORD_SRP)
}

/// Goes on where the pool did not take up the proof. One that takes the password itself alone gets
/// it without asking the person again.
pub(crate) fn go_on_without_proof(
    mut sign_in: SignIn,
    password: Secret,
    challenge: &str,
    reply: Fields<'_>,
    cx: &mut Cx<'_>,
) -> Next {
    sign_in.learn(challenge, reply, cx);
    let asks = match challenge {
        SELECT_CHALLENGE => takes_it_bare(&sign_in.ways),
        PASSWORD => !sign_in.ways.has(PASSWORD_SRP),
        _ => false,
    };
    let session = protocol::secret(reply, "Session");
    if asks && session.is_some() {
        return answer_with_password(challenge, session.as_ref(), sign_in, password, cx);
    }
    cx.known.drop_held();
    sign_in.proven(reply, cx)
}

impl ExpectChoice {
    pub(crate) fn take(mut self, answer: Answer<'_>, cx: &mut Cx<'_>) -> Next {
        let by_password = self.by_password;
        match answer {
            Ok(reply) => {
                // Whatever was sent along is not what the person can begin with.
                self.sign_in.first |= asks_to_choose(reply);
                match self.sign_in.proven(reply, cx) {
                    Next::Go(Step::Challenge(step), None) if by_password => {
                        Next::go(Step::Challenge(step.by_password()))
                    }
                    next => next,
                }
            }
            // Some pools want to be told of the password only with it.
            Err(failed)
                if by_password && self.told && failed.error.code == Code::InvalidParameter =>
            {
                open(self.sign_in, None, true)
            }
            Err(failed) => self.sign_in.refused(failed, cx),
        }
    }
}

impl ExpectConfirmed {
    /// Where the session is not taken, the password may still be held; else the person signs in.
    pub(crate) fn take(self, answer: Answer<'_>, step: &Step, cx: &mut Cx<'_>) -> Next {
        let error = match answer {
            Ok(reply) if !asks_to_choose(reply) => return self.sign_in.proven(reply, cx),
            Ok(_) => None,
            Err(failed) => match (step, failed.refusal) {
                // It stays, and an error would say there that the code was not taken.
                (Step::SignedOut(_), _) => None,
                // What the pool refuses is the session.
                (_, refusal) => (refusal == Refusal::None).then_some(failed.error),
            },
        };
        sign_in_confirmed(self.sign_in, error, cx)
    }
}

fn asks_to_choose(reply: Fields<'_>) -> bool {
    reply.string("ChallengeName").as_deref() == Some(SELECT_CHALLENGE)
}
