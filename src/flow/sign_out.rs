//! Leaving: a step, or the session. The tokens are gone here at once; the pool is told behind
//! the scenes until it has heard.

use crate::{
    event::EventType,
    flow::{
        Answer, Flow, SIGN_OUT_MS,
        calls::Awaiting,
        session::{Refresh, Tokens, refresh_body},
        step::Step,
    },
    json::Object,
    protocol::operation,
    time::{Deadline, Moment},
};

/// After a call that ends a session at the pool.
pub(crate) enum ExpectRevocation {
    /// Signing out everywhere takes an access token that still lives.
    FreshTokens(Box<Tokens>),
    Everywhere(Box<Tokens>),
    Here,
}

impl Flow {
    pub(crate) fn sign_out(&mut self, everywhere: bool, now: &Moment) {
        let tokens = self.tokens.take();
        self.forget_session(None);
        let Some(tokens) = tokens else { return };
        if self.revoke(tokens, everywhere, now) {
            self.busy = Some(EventType::SignOut);
            self.signing_out = Deadline::after(now, SIGN_OUT_MS);
        }
    }

    /// Leaves the step, whatever is under way in it.
    pub(crate) fn cancel(&mut self, now: &Moment) {
        self.abort_event();
        if let Some(refresh) = &mut self.refresh {
            Refresh::drop_event(refresh);
        }
        // Who was signing in, or signing up, is not in the step yet.
        let typed = self.held.take().map(|held| held.username);
        match &self.step {
            Step::VerifyAttribute(step) if step.skippable => self.settle(Step::SignedIn, None),
            step => {
                let username = typed.or_else(|| step.username().cloned());
                // A sign-in that was all but done has left tokens behind.
                match self.tokens.take() {
                    Some(tokens) => {
                        self.forget_session(None);
                        self.revoke(tokens, false, now);
                    }
                    None => self.settle(Step::signed_out(username), None),
                }
            }
        }
    }

    /// `send` no longer waits for the revocation.
    pub(crate) fn end_sign_out(&mut self) {
        if self.signing_out != Deadline::NEVER {
            self.signing_out = Deadline::NEVER;
            self.busy = None;
        }
    }

    /// Whether there is anything to tell the pool.
    fn revoke(&mut self, tokens: Tokens, everywhere: bool, now: &Moment) -> bool {
        let mut body = Object::new();
        let (operation, expect) = match (&tokens.refresh, everywhere) {
            (Some(refresh), true) if tokens.expires.is_over(now) => {
                body = refresh_body(refresh);
                let expect = ExpectRevocation::FreshTokens(Box::new(tokens));
                (&operation::INITIATE_AUTH, expect)
            }
            (_, true) => {
                body.secret("AccessToken", &tokens.access);
                let expect = ExpectRevocation::Everywhere(Box::new(tokens));
                (&operation::GLOBAL_SIGN_OUT, expect)
            }
            (Some(refresh), false) => {
                body.secret("Token", refresh);
                (&operation::REVOKE_TOKEN, ExpectRevocation::Here)
            }
            (None, false) => return false,
        };
        self.call(operation, body, Awaiting::Revocation(expect), now);
        true
    }
}

impl ExpectRevocation {
    pub(crate) fn take(self, flow: &mut Flow, answer: Answer<'_>, now: &Moment) {
        match (self, answer) {
            (Self::FreshTokens(before), Ok(reply)) => {
                let read = reply
                    .object("AuthenticationResult")
                    .and_then(|result| Tokens::read(result, Some(&before), now));
                if let Some(tokens) = read
                    && flow.revoke(tokens, true, now)
                {
                    return;
                }
            }
            // The access token is no longer good; what can be ended is this session.
            (Self::FreshTokens(tokens) | Self::Everywhere(tokens), Err(_)) => {
                if flow.revoke(*tokens, false, now) {
                    return;
                }
            }
            (Self::Everywhere(_) | Self::Here, _) => {}
        }
        flow.end_sign_out();
    }
}
