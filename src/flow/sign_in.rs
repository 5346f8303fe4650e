//! Signing in: proving the password, and what the pool asks for then.

use crate::{
    config::SignInWith,
    error::{Code, FlowError},
    fields::Fields,
    flow::{
        Answer, Flow,
        calls::Awaiting,
        session::Tokens,
        step::{Challenge, MfaCode, NewPassword, Sent, SignIn, Step},
    },
    json::Object,
    protocol::{self, operation},
    secret::{Secret, Text},
    snapshot::Medium,
    srp::{self, Handshake},
    time::{Deadline, Moment},
};

const PASSWORD_VERIFIER: &str = "PASSWORD_VERIFIER";

/// After `InitiateAuth` by SRP.
pub(crate) struct ExpectPasswordVerifier {
    sign_in: SignIn,
    password: Secret,
    handshake: Handshake,
}

/// After the password, or the proof that it is known, was sent.
pub(crate) struct ExpectPasswordProven {
    sign_in: SignIn,
}

impl Flow {
    pub(crate) fn start_sign_in(&mut self, sign_in: SignIn, password: Secret, now: &Moment) {
        let mut body = Object::new();
        body.begin("AuthParameters")
            .string("USERNAME", &sign_in.username);
        let (operation, awaiting) = match self.config.sign_in_with {
            SignInWith::Srp => {
                let handshake = Handshake::new(now.random);
                body.string("SRP_A", &handshake.public_key_hex())
                    .close()
                    .string("AuthFlow", "USER_SRP_AUTH");
                let expect = ExpectPasswordVerifier {
                    sign_in,
                    password,
                    handshake,
                };
                (
                    &operation::INITIATE_AUTH,
                    Awaiting::PasswordVerifier(expect),
                )
            }
            SignInWith::Password => {
                body.secret("PASSWORD", &password)
                    .close()
                    .string("AuthFlow", "USER_PASSWORD_AUTH");
                let expect = ExpectPasswordProven { sign_in };
                (
                    &operation::INITIATE_AUTH_BY_PASSWORD,
                    Awaiting::PasswordProven(expect),
                )
            }
        };
        self.call(operation, body, awaiting, now);
    }

    /// Goes on where the pool accepted what was sent: tokens, or the next challenge.
    pub(crate) fn proven(&mut self, reply: Fields<'_>, mut sign_in: SignIn, now: &Moment) {
        if let Some(result) = reply.object("AuthenticationResult") {
            match Tokens::read(result, None, now) {
                Some(tokens) => self.receive_tokens(tokens, sign_in, now),
                None => self.fail_sign_in(sign_in, Code::Server.into()),
            }
            return;
        }
        let name = reply.string("ChallengeName").unwrap_or_default();
        let parameters = reply.object("ChallengeParameters");
        let session = protocol::secret(reply, "Session");
        let (Some(parameters), Some(session)) = (parameters, session) else {
            return self.fail_sign_in(sign_in, Code::Server.into());
        };
        let user_id = parameters
            .string("USER_ID_FOR_SRP")
            .or(parameters.string("USERNAME"));
        sign_in.user_id = user_id.or(sign_in.user_id);
        sign_in.for_another_code = false;
        let expires = Deadline::after(now, self.config.session_ms);
        let medium = Medium::of_challenge(&name);
        if medium.is_none() && name != "NEW_PASSWORD_REQUIRED" {
            // Another challenge of the protocol, or none at all: not for this version.
            let mut unknown = FlowError::from(Code::Server);
            unknown.server = protocol::plain_name(&name);
            return self.fail_sign_in(sign_in, unknown);
        }
        let challenge = Challenge {
            sign_in,
            session,
            expires,
        };
        let step = match medium {
            Some(medium) => Step::MfaCode(Box::new(MfaCode {
                challenge,
                medium,
                delivery: protocol::challenge_delivery(medium, parameters),
            })),
            None => {
                self.held = None;
                Step::NewPassword(Box::new(NewPassword {
                    challenge,
                    missing: protocol::required_attributes(parameters),
                }))
            }
        };
        self.settle(step, None);
    }

    /// The sign-in has failed for good. One that was begun behind the scenes for another code
    /// leaves the step, whose own session is still good, as it was.
    pub(crate) fn fail_sign_in(&mut self, sign_in: SignIn, error: FlowError) {
        if sign_in.for_another_code {
            return self.settle_here(error);
        }
        let username = sign_in.username;
        let step = match error.code {
            // The password stays held: after the confirmation the sign-in goes on by itself.
            Code::UserNotConfirmed => {
                let step = Step::confirm_sign_up(username, Sent::unknown());
                return self.settle(step, error);
            }
            Code::PasswordResetRequired => Step::reset_password(username, Sent::unknown()),
            _ => Step::signed_out(username),
        };
        self.held = None;
        self.settle(step, error);
    }
}

impl ExpectPasswordVerifier {
    pub(crate) fn take(self, flow: &mut Flow, answer: Answer<'_>, now: &Moment) {
        let Self {
            mut sign_in,
            password,
            handshake,
        } = self;
        let reply = match answer {
            Ok(reply) => reply,
            Err(failed) => return flow.fail_sign_in(sign_in, failed.error),
        };
        let name = reply.string("ChallengeName").unwrap_or_default();
        let parameters = reply.object("ChallengeParameters");
        // What is missing is empty, and refused like all that no honest pool sends.
        let parameter = |name| text_of(parameters, name);
        let user_id = parameter("USER_ID_FOR_SRP");
        let secret_block = parameter("SECRET_BLOCK");
        let challenge = srp::Challenge {
            pool_name: flow.config.pool_name(),
            user_id_for_srp: &user_id,
            salt_hex: &parameter("SALT"),
            b_hex: &parameter("SRP_B"),
            secret_block: &secret_block,
        };
        let proof = match name == PASSWORD_VERIFIER && !user_id.is_empty() {
            true => handshake
                .prove(&challenge, password.secret(), now.wall)
                .ok(),
            false => None,
        };
        let Some(proof) = proof else {
            let mut refused = FlowError::from(Code::Server);
            if name != PASSWORD_VERIFIER {
                refused.server = protocol::plain_name(&name);
            }
            return flow.fail_sign_in(sign_in, refused);
        };
        let mut body = Object::new();
        body.string("ChallengeName", PASSWORD_VERIFIER)
            .begin("ChallengeResponses")
            .string("USERNAME", &user_id)
            .string("PASSWORD_CLAIM_SIGNATURE", &proof.signature)
            .string("PASSWORD_CLAIM_SECRET_BLOCK", &secret_block)
            .string("TIMESTAMP", &proof.timestamp)
            .close();
        sign_in.user_id = Some(user_id);
        let awaiting = Awaiting::PasswordProven(ExpectPasswordProven { sign_in });
        flow.call(&operation::RESPOND_TO_AUTH_CHALLENGE, body, awaiting, now);
    }
}

impl ExpectPasswordProven {
    pub(crate) fn take(self, flow: &mut Flow, answer: Answer<'_>, now: &Moment) {
        match answer {
            Ok(reply) => flow.proven(reply, self.sign_in, now),
            Err(failed) => flow.fail_sign_in(self.sign_in, failed.error),
        }
    }
}

fn text_of(fields: Option<Fields<'_>>, name: &str) -> Text {
    let text = fields.and_then(|fields| fields.string(name));
    text.unwrap_or_default()
}
