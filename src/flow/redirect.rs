//! Signing in on another page, the pool's own or an identity provider's: OAuth 2.0 with PKCE. The
//! addresses are the host's, and so is what must be kept until the person is back.
//!
//! Source: developer guide, *User pool endpoints and managed login reference*.

use crate::{
    error::{Code, FlowError},
    event::EventType,
    fields::{Fields, Pairs},
    flow::{
        Flow,
        awaiting::{Awaiting, Expect},
        calls::{Answer, Outgoing},
        next::{Cx, Next},
        session::NewTokens,
        sign_in::SignIn,
    },
    json::Object,
    protocol::{self, Refusal, operation},
    secret::{Secret, Text},
    srp,
    time::Moment,
};

/// After the code was sent.
pub(crate) struct ExpectRedirected {
    nonce: Secret,
}

/// Leaves the page. Whoever comes back with this state shows the verifier, and tokens with this nonce.
pub(crate) fn leave(parameters: &Pairs, state: Option<&Text>, now: &Moment) -> Next {
    let secret = |bytes| Secret::new(srp::hex(bytes));
    let verifier = secret(now.random.verifier());
    let mut to = Object::new();
    to.secret("state", &secret(now.random.state()))
        .secret("nonce", &secret(now.random.nonce()))
        .secret("verifier", &verifier)
        .string("hash", &srp::base64_hash(verifier.secret()))
        .map("parameters", parameters)
        .text("app", state.map(Text::as_str));
    Next::Redirect(to.end().0)
}

impl Flow {
    /// The person is back from another page, with a code or with an error; or was never there.
    pub(crate) fn on_returned(&mut self, with: Fields<'_>, now: &Moment) {
        if self.busy.is_some() {
            return;
        }
        let secret = |name| protocol::secret(with, name);
        let (Some(code), Some(verifier), Some(nonce)) =
            (secret("code"), secret("verifier"), secret("nonce"))
        else {
            let text = |name| with.string(name).unwrap_or_default();
            let mut error = FlowError::from(Code::RedirectFailed);
            error.message = protocol::words(&text("description"));
            error.server = protocol::plain_name(&text("error"));
            return self.settle(Some(error));
        };
        // Whoever was signed in meanwhile stays so until somebody else is.
        self.step_aside(now);
        self.busy = Some(EventType::SignInWithRedirect);
        let mut body = Object::new();
        body.string("grant_type", "authorization_code")
            .secret("code", &code)
            .secret("code_verifier", &verifier);
        let out = Outgoing::new(&operation::TOKEN, body);
        let expect = Expect::Redirected(ExpectRedirected { nonce });
        self.request(out, Awaiting::Event(expect), now);
    }
}

impl ExpectRedirected {
    pub(crate) fn take(self, answer: Answer<'_>, cx: &Cx<'_>) -> Next {
        let failed = match answer {
            Ok(reply) => {
                let result = reply.object("AuthenticationResult").unwrap_or_default();
                let says = |name| protocol::secret(result, name);
                let name = result.string("Username").filter(|name| !name.is_empty());
                // Tokens that do not repeat it were made for somebody else.
                return match (NewTokens::read_redirected(result, cx.now), name) {
                    (Some(tokens), Some(name)) if says("Nonce") == Some(self.nonce) => {
                        Next::SignedIn(tokens, SignIn::new(name, false))
                    }
                    _ => Next::fail(Code::RedirectFailed),
                };
            }
            Err(failed) => failed,
        };
        let mut error = failed.error;
        if failed.refusal != Refusal::None {
            let server = error.server.take();
            error = Code::RedirectFailed.into();
            error.server = server;
        }
        Next::Stay(Some(error))
    }
}
