//! The password: proven by SRP, or sent.

use crate::{
    config::SignInWith,
    error::{Code, FlowError},
    flow::{
        awaiting::Expect,
        calls::Answer,
        challenge::ExpectAnswered,
        choice,
        next::{Cx, Next},
        prove::{Prover, proof_for},
        sign_in::{ExpectProven, SignIn},
    },
    json::Object,
    protocol::{self, operation},
    secret::Secret,
    srp::Handshake,
};

const PASSWORD_VERIFIER: &str = "PASSWORD_VERIFIER";

/// After the first half of SRP.
pub(crate) struct ExpectPasswordVerifier {
    sign_in: SignIn,
    password: Secret,
    handshake: Handshake,
    /// What was sent answers the challenge that the person is at.
    answers: bool,
}

/// `USER_SRP_AUTH`, or `CUSTOM_AUTH` that begins with it: the password never leaves the browser.
pub(crate) fn prove(sign_in: SignIn, password: Secret, cx: &mut Cx<'_>) -> Next {
    let (flow, first) = match cx.config.sign_in_with {
        SignInWith::CustomAfterSrp => ("CUSTOM_AUTH", Some("SRP_A")),
        SignInWith::Srp | SignInWith::Password | SignInWith::Choice | SignInWith::Custom => {
            ("USER_SRP_AUTH", None)
        }
    };
    let mut body = Object::new();
    body.begin("AuthParameters")
        .string("USERNAME", &sign_in.username)
        .optional("DEVICE_KEY", sign_in.device.as_deref())
        .optional("CHALLENGE_NAME", first);
    let expect = begin_proof(&mut body, sign_in, password, false, cx);
    body.close().string("AuthFlow", flow);
    Next::send(&operation::INITIATE_AUTH, body, expect)
}

/// Writes the first half of a proof; gives who waits for the pool's half.
pub(crate) fn begin_proof(
    body: &mut Object,
    sign_in: SignIn,
    password: Secret,
    answers: bool,
    cx: &mut Cx<'_>,
) -> Expect {
    let handshake = cx.known.ahead.take(cx.now);
    body.string("SRP_A", &handshake.public_key_hex());
    Expect::PasswordVerifier(ExpectPasswordVerifier {
        sign_in,
        password,
        handshake,
        answers,
    })
}

/// `USER_PASSWORD_AUTH`: the password is sent, as migration triggers need it.
pub(crate) fn send(sign_in: SignIn, password: &Secret) -> Next {
    let mut body = Object::new();
    body.begin("AuthParameters")
        .string("USERNAME", &sign_in.username)
        .optional("DEVICE_KEY", sign_in.device.as_deref())
        .secret("PASSWORD", password)
        .close()
        .string("AuthFlow", "USER_PASSWORD_AUTH");
    let expect = Expect::Proven(ExpectProven { sign_in });
    Next::send(&operation::INITIATE_AUTH_ONCE, body, expect)
}

impl ExpectPasswordVerifier {
    pub(crate) fn take(self, answer: Answer<'_>, cx: &mut Cx<'_>) -> Next {
        let Self {
            mut sign_in,
            password,
            handshake,
            answers,
        } = self;
        let reply = match answer {
            Ok(reply) => reply,
            failed if answers => return ExpectAnswered { sign_in }.take(failed, cx),
            Err(failed) => return sign_in.refused(failed, cx),
        };
        let name = reply.string("ChallengeName").unwrap_or_default();
        if name != PASSWORD_VERIFIER && cx.config.sign_in_with == SignInWith::Choice {
            return choice::go_on_without_proof(sign_in, password, &name, reply, cx);
        }
        let user_id = reply
            .object("ChallengeParameters")
            .and_then(|parameters| parameters.string("USER_ID_FOR_SRP"))
            .unwrap_or_default();
        let body = match name == PASSWORD_VERIFIER && !user_id.is_empty() {
            true => {
                sign_in.user_id = Some(user_id.clone());
                sign_in.first = false;
                sign_in.find_device(&cx.known.devices);
                let prover = Prover {
                    group: cx.config.pool_name(),
                    id: &user_id,
                    password: &password,
                };
                proof_for(&name, reply, &sign_in, handshake, &prover, cx.now)
            }
            false => None,
        };
        let Some(body) = body else {
            let mut refused = FlowError::from(Code::Server);
            if name != PASSWORD_VERIFIER {
                refused.server = protocol::plain_name(&name);
            }
            return sign_in.failed(refused, cx);
        };
        let expect = Expect::Proven(ExpectProven { sign_in });
        Next::send(&operation::RESPOND_TO_AUTH_CHALLENGE, body, expect)
    }
}
