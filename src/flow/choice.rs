//! `USER_AUTH`: the pool says with what the person can begin.

use crate::{
    error::Code,
    fields::Fields,
    flow::{
        awaiting::Expect,
        calls::Answer,
        challenge::{self, ExpectAnswered, select_factor::SELECT_CHALLENGE},
        next::{Cx, Next},
        prove::password::ExpectPasswordVerifier,
        sign_in::SignIn,
        step::Step,
        ways::{PASSWORD, PASSWORD_SRP, Ways},
    },
    json::Object,
    protocol::{self, operation},
    secret::Secret,
    snapshot::Choice,
    srp::Handshake,
};

/// After `InitiateAuth`, but for that with a proof.
pub(crate) struct ExpectChoice {
    sign_in: SignIn,
    /// The person wants to begin with the password, and is still to be asked for it.
    by_password: bool,
    /// The pool was told so.
    told: bool,
}

/// Begins with what is preferred; with what the pool offers, where that is nothing.
pub(crate) fn begin(sign_in: SignIn, preferred: Option<Choice>) -> Next {
    let by_password = preferred == Some(Choice::Password);
    let name = preferred.map(|choice| sign_in.ways.name_of(choice));
    open(sign_in, name, by_password)
}

fn open(mut sign_in: SignIn, preferred: Option<&str>, by_password: bool) -> Next {
    sign_in.first = true;
    let body = opening(&sign_in, preferred, &|_| {});
    let operation = match preferred {
        Some("SMS_OTP" | "EMAIL_OTP") => &operation::INITIATE_AUTH_ONCE,
        _ => &operation::INITIATE_AUTH,
    };
    let expect = ExpectChoice {
        sign_in,
        by_password,
        told: preferred.is_some(),
    };
    Next::send(operation, body, Expect::Choice(expect))
}

/// Begins with the password: what proves it goes along at once.
pub(crate) fn begin_with_password(mut sign_in: SignIn, password: Secret, cx: &Cx<'_>) -> Next {
    if takes_it_bare(&sign_in.ways) {
        let body = opening(&sign_in, Some(PASSWORD), &|body| {
            body.secret("PASSWORD", &password);
        });
        let expect = Expect::Choice(ExpectChoice {
            sign_in,
            by_password: false,
            told: true,
        });
        return Next::send(&operation::INITIATE_AUTH_ONCE, body, expect);
    }
    sign_in.first = true;
    let handshake = Handshake::new(*cx.now.random.exponent());
    let body = opening(&sign_in, Some(PASSWORD_SRP), &|body| {
        body.string("SRP_A", &handshake.public_key_hex());
    });
    let expect = ExpectPasswordVerifier::new(sign_in, password, handshake, false);
    let expect = Expect::PasswordVerifier(expect);
    Next::send(&operation::INITIATE_AUTH, body, expect)
}

fn opening(sign_in: &SignIn, preferred: Option<&str>, add: &dyn Fn(&mut Object)) -> Object {
    let mut body = Object::new();
    body.begin("AuthParameters")
        .string("USERNAME", &sign_in.username)
        .optional("PREFERRED_CHALLENGE", preferred);
    add(&mut body);
    body.close().string("AuthFlow", "USER_AUTH");
    body
}

/// Answers the challenge of this name, which asks for the password or lets it be chosen.
pub(crate) fn answer_with_password(
    name: &str,
    session: &Secret,
    mut sign_in: SignIn,
    password: Secret,
    cx: &Cx<'_>,
) -> Next {
    let bare = name == PASSWORD || takes_it_bare(&sign_in.ways);
    let handshake = Handshake::new(*cx.now.random.exponent());
    let mut body = challenge::response(name, Some(session), &sign_in);
    if name == SELECT_CHALLENGE {
        body.string("ANSWER", if bare { PASSWORD } else { PASSWORD_SRP });
    }
    let expect = if bare {
        body.secret("PASSWORD", &password);
        sign_in.first = false;
        Expect::Answered(ExpectAnswered { sign_in })
    } else {
        body.string("SRP_A", &handshake.public_key_hex());
        let expect = ExpectPasswordVerifier::new(sign_in, password, handshake, true);
        Expect::PasswordVerifier(expect)
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
    match protocol::secret(reply, "Session") {
        Some(session) if asks => answer_with_password(challenge, &session, sign_in, password, cx),
        _ => {
            cx.known.drop_held();
            sign_in.proven(reply, cx)
        }
    }
}

impl ExpectChoice {
    pub(crate) fn take(mut self, answer: Answer<'_>, cx: &mut Cx<'_>) -> Next {
        let by_password = self.by_password;
        match answer {
            Ok(reply) => {
                // Whatever was sent along is not what the person can begin with.
                self.sign_in.first |=
                    reply.string("ChallengeName").as_deref() == Some(SELECT_CHALLENGE);
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
            Err(failed) => self.sign_in.failed(failed.error, cx),
        }
    }
}
