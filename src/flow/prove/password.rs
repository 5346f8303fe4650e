//! The password: proven by SRP, or sent.

use crate::{
    config::SignInWith,
    error::{Code, FlowError},
    fields::Fields,
    flow::{
        awaiting::Expect,
        calls::Answer,
        next::{Cx, Next},
        sign_in::{ExpectProven, SignIn},
    },
    json::Object,
    protocol::{self, operation},
    secret::{Secret, Text},
    srp::{self, Handshake},
};

const PASSWORD_VERIFIER: &str = "PASSWORD_VERIFIER";

/// After `InitiateAuth` by SRP.
pub(crate) struct ExpectPasswordVerifier {
    sign_in: SignIn,
    password: Secret,
    handshake: Handshake,
}

/// `USER_SRP_AUTH`, or `CUSTOM_AUTH` that begins with it: the password never leaves the browser.
pub(crate) fn prove(sign_in: SignIn, password: Secret, cx: &Cx<'_>) -> Next {
    let handshake = Handshake::new(*cx.now.random.exponent());
    let (flow, first) = match cx.config.sign_in_with {
        SignInWith::CustomAfterSrp => ("CUSTOM_AUTH", Some("SRP_A")),
        SignInWith::Srp | SignInWith::Password | SignInWith::Choice | SignInWith::Custom => {
            ("USER_SRP_AUTH", None)
        }
    };
    let mut body = Object::new();
    body.begin("AuthParameters")
        .string("USERNAME", &sign_in.username)
        .string("SRP_A", &handshake.public_key_hex())
        .optional("CHALLENGE_NAME", first)
        .close()
        .string("AuthFlow", flow);
    let expect = Expect::PasswordVerifier(ExpectPasswordVerifier {
        sign_in,
        password,
        handshake,
    });
    Next::send(&operation::INITIATE_AUTH, body, expect)
}

/// `USER_PASSWORD_AUTH`: the password is sent, as migration triggers need it.
pub(crate) fn send(sign_in: SignIn, password: &Secret) -> Next {
    let mut body = Object::new();
    body.begin("AuthParameters")
        .string("USERNAME", &sign_in.username)
        .secret("PASSWORD", password)
        .close()
        .string("AuthFlow", "USER_PASSWORD_AUTH");
    let expect = Expect::Proven(ExpectProven { sign_in });
    Next::send(&operation::INITIATE_AUTH_BY_PASSWORD, body, expect)
}

impl ExpectPasswordVerifier {
    pub(crate) fn take(self, answer: Answer<'_>, cx: &mut Cx<'_>) -> Next {
        let Self {
            mut sign_in,
            password,
            handshake,
        } = self;
        let reply = match answer {
            Ok(reply) => reply,
            Err(failed) => return sign_in.failed(failed.error, cx),
        };
        let name = reply.string("ChallengeName").unwrap_or_default();
        let parameters = reply.object("ChallengeParameters");
        // What is missing is empty, and refused like all that no honest pool sends.
        let parameter = |name| text_of(parameters, name);
        let user_id = parameter("USER_ID_FOR_SRP");
        let secret_block = parameter("SECRET_BLOCK");
        let challenge = srp::Challenge {
            pool_name: cx.config.pool_name(),
            user_id_for_srp: &user_id,
            salt_hex: &parameter("SALT"),
            b_hex: &parameter("SRP_B"),
            secret_block: &secret_block,
        };
        let proof = match name == PASSWORD_VERIFIER && !user_id.is_empty() {
            true => handshake
                .prove(&challenge, password.secret(), cx.now.wall)
                .ok(),
            false => None,
        };
        let Some(proof) = proof else {
            let mut refused = FlowError::from(Code::Server);
            if name != PASSWORD_VERIFIER {
                refused.server = protocol::plain_name(&name);
            }
            return sign_in.failed(refused, cx);
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
        let expect = Expect::Proven(ExpectProven { sign_in });
        Next::send(&operation::RESPOND_TO_AUTH_CHALLENGE, body, expect)
    }
}

fn text_of(fields: Option<Fields<'_>>, name: &str) -> Text {
    let text = fields.and_then(|fields| fields.string(name));
    text.unwrap_or_default()
}
