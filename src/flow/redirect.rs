//! Signing in on another page, the pool's own or an identity provider's: OAuth 2.0 with PKCE. The
//! addresses are the host's, and so is what is kept until the person is back and given for tokens then.
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

/// Leaves the page. Whoever comes back shows the verifier, of which the page there sees the hash.
pub(crate) fn leave(parameters: &Pairs, state: Option<&Text>, now: &Moment) -> Next {
    // An input that leaves the page begins no proof.
    let verifier = Secret::new(srp::hex(now.random.exponent()));
    let mut to = Object::new();
    to.string("verifier", verifier.secret())
        .string("hash", &srp::base64_hash(verifier.secret()))
        .map("parameters", parameters)
        .text("state", state.map(Text::as_str));
    Next::Redirect(to.end().0)
}

impl Flow {
    /// The person is back from another page; or was never there.
    #[inline(never)] // a door: scripts/lib/doors.mjs
    pub(crate) fn on_returned(&mut self, with: Fields<'_>, now: &Moment) {
        if self.busy.is_some() {
            return;
        }
        if let Some(name) = with.string("error") {
            let mut error = FlowError::from(Code::RedirectFailed);
            let words = with.string("description").unwrap_or_default();
            error.message = protocol::words(&words);
            error.server = protocol::plain_name(&name);
            return self.settle(Some(error));
        }
        // Whoever was signed in meanwhile stays so until somebody else is.
        self.step_aside(now);
        self.busy = Some(EventType::SignInWithRedirect);
        let out = Outgoing::new(&operation::TOKEN, Object::new());
        self.request(out, Awaiting::Event(Expect::Redirected), now);
    }
}

/// What came for the code that the person came back with.
pub(crate) fn take(answer: Answer<'_>, cx: &Cx<'_>) -> Next {
    let mut error = FlowError::from(Code::RedirectFailed);
    match answer {
        Ok(reply) => {
            // The host has seen for whom the tokens were made: those of another sign-in are none.
            let result = reply.object("AuthenticationResult").unwrap_or_default();
            let name = result.string("Username");
            if let (Some(tokens), Some(name)) = (NewTokens::read_redirected(result, cx.now), name) {
                return Next::SignedIn(tokens, SignIn::new(name, false));
            }
        }
        Err(failed) if failed.refusal == Refusal::None => error = failed.error,
        Err(mut failed) => error.server = failed.error.server.take(),
    }
    Next::fail(error)
}
