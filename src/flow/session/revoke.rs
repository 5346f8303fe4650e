//! Signing out. The tokens are gone here at once; the pool is told behind the scenes until it has
//! heard. Whether the other devices are signed out as well, the person is told.

use std::mem;

use crate::{
    error::{Code, FlowError},
    event::EventType,
    flow::{
        Flow,
        awaiting::Awaiting,
        calls::{Answer, Outgoing},
        next::Next,
        session::{Session, refresh::by_token, tokens::Tokens},
        step::Step,
    },
    json::Object,
    protocol::{Refusal, operation},
    secret::Text,
    time::{Deadline, Moment},
};

/// Signing out does not wait longer than this for the revocation; it goes on behind the scenes.
const WAIT_MS: f64 = 3_000.0;

/// The person waits for the pool to hear of it.
pub(crate) struct Leaving {
    pub(crate) until: Deadline,
    everywhere: bool,
}

/// After a call that ends a session at the pool.
pub(crate) enum ExpectRevocation {
    /// Signing out everywhere takes an access token that still lives.
    FreshTokens {
        left: Box<Left>,
        second_way: bool,
    },
    Everywhere {
        left: Box<Left>,
        refreshed: bool,
    },
    Here,
}

/// A session that was left.
pub(crate) struct Left {
    tokens: Tokens,
    device: Option<Text>,
}

impl Left {
    fn new(session: Session) -> Box<Self> {
        let device = session.device_key().cloned();
        Box::new(Self {
            tokens: session.tokens,
            device,
        })
    }
}

impl Flow {
    /// The person signs out.
    pub(crate) fn sign_out(&mut self, everywhere: bool, now: &Moment) {
        let Some(session) = self.drop_session(&Code::NotAccepted.into(), now) else {
            return self.follow(Next::go(Step::signed_out(None)), now);
        };
        let step = Step::signed_out(session.username().clone());
        self.follow(Next::go(step), now);
        let left = Left::new(*session);
        self.busy = Some(EventType::SignOut);
        self.leaving = Some(Leaving {
            until: Deadline::after(now, WAIT_MS),
            everywhere,
        });
        if everywhere {
            self.revoke_everywhere(left, now);
        } else if !self.revoke_here(&left, now) {
            self.left();
        }
    }

    /// Ends a sign-in that was all but done, without the person waiting for it.
    pub(crate) fn leave(&mut self, username: Option<Text>, now: &Moment) {
        let session = self.drop_session(&Code::NotAccepted.into(), now);
        let username = match &session {
            Some(session) => Some(session.username().clone()),
            None => username,
        };
        self.follow(Next::go(Step::signed_out(username)), now);
        if let Some(session) = session {
            self.revoke_here(&Left::new(*session), now);
        }
    }

    /// `send` no longer waits for the pool. Where the other devices were to be signed out and
    /// that is not known to be done, the person is told.
    pub(crate) fn end_leaving(&mut self) {
        if let Some(leaving) = self.leaving.take() {
            self.busy = None;
            if leaving.everywhere {
                self.tell(Code::OutcomeUnknown.into());
                self.told_unknown = self.error.is_some();
            }
        }
    }

    fn revoke_everywhere(&mut self, left: Box<Left>, now: &Moment) {
        match left.tokens.expires.is_over(now) {
            true => self.refresh_to_revoke(left, None, now),
            false => self.revoke_all(left, false, now),
        }
    }

    fn revoke_all(&mut self, left: Box<Left>, refreshed: bool, now: &Moment) {
        let mut body = Object::new();
        body.secret("AccessToken", &left.tokens.access);
        let out = Outgoing::new(&operation::GLOBAL_SIGN_OUT, body);
        let expect = ExpectRevocation::Everywhere { left, refreshed };
        self.request(out, Awaiting::Revocation(expect), now);
    }

    /// Gets an access token that lives; the other way, where the pool has refused one.
    fn refresh_to_revoke(&mut self, left: Box<Left>, refused: Option<FlowError>, now: &Moment) {
        let Some(token) = &left.tokens.refresh else {
            let error = refused.unwrap_or_else(|| Code::ChallengeSpent.into());
            return self.not_everywhere(&left, error, now);
        };
        let second_way = refused.is_some();
        let rotating = left.tokens.rotates || second_way;
        let out = by_token(token, left.device.as_ref(), rotating);
        let expect = ExpectRevocation::FreshTokens { left, second_way };
        self.request(out, Awaiting::Revocation(expect), now);
    }

    /// Whether there is anything to tell the pool.
    fn revoke_here(&mut self, left: &Left, now: &Moment) -> bool {
        let Some(token) = &left.tokens.refresh else {
            return false;
        };
        let mut body = Object::new();
        body.secret("Token", token);
        let out = Outgoing::new(&operation::REVOKE_TOKEN, body);
        self.request(out, Awaiting::Revocation(ExpectRevocation::Here), now);
        true
    }

    /// The other devices stay signed in; what can be ended is this session.
    fn not_everywhere(&mut self, left: &Left, error: FlowError, now: &Moment) {
        self.leaving = None;
        if self.busy == Some(EventType::SignOut) {
            self.busy = None;
        }
        self.tell(error);
        self.revoke_here(left, now);
    }

    /// Says it where the person still is: signed out, and nothing else begun.
    fn tell(&mut self, error: FlowError) {
        if let Step::SignedOut(_) = self.step
            && self.busy.is_none()
        {
            self.error = Some(error);
        }
    }

    pub(crate) fn on_revoked(
        &mut self,
        expect: ExpectRevocation,
        answer: Answer<'_>,
        now: &Moment,
    ) {
        match (expect, answer) {
            (ExpectRevocation::FreshTokens { mut left, .. }, Ok(reply)) => {
                let read = reply
                    .object("AuthenticationResult")
                    .and_then(|result| Tokens::read(result, Some(&left.tokens), now));
                match read {
                    Some(tokens) => {
                        left.tokens = tokens;
                        self.revoke_all(left, true, now);
                    }
                    None => self.not_everywhere(&left, Code::Server.into(), now),
                }
            }
            (ExpectRevocation::FreshTokens { left, second_way }, Err(failed)) => {
                let other_way = !second_way && !left.tokens.rotates;
                match other_way && failed.refusal == Refusal::NotThisWay {
                    true => self.refresh_to_revoke(left, Some(failed.error), now),
                    false => self.not_everywhere(&left, failed.error, now),
                }
            }
            (ExpectRevocation::Everywhere { left, refreshed }, Err(failed)) => {
                match failed.refusal == Refusal::DeadAccessToken && !refreshed {
                    true => self.refresh_to_revoke(left, None, now),
                    false => self.not_everywhere(&left, failed.error, now),
                }
            }
            (ExpectRevocation::Everywhere { .. }, Ok(_)) => {
                // It is done after all: what was said of it holds no more.
                if mem::take(&mut self.told_unknown) {
                    self.error = None;
                }
                self.left();
            }
            (ExpectRevocation::Here, _) => self.left(),
        }
    }

    fn left(&mut self) {
        if self.leaving.take().is_some() {
            self.busy = None;
        }
    }
}
