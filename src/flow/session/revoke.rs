//! Signing out. The tokens are gone here at once; the pool is told behind the scenes until it has
//! heard. Whether the other devices are signed out as well, the person is told.

use crate::{
    effect::Effect,
    error::{Code, FlowError},
    event::EventType,
    flow::{
        Flow,
        awaiting::Awaiting,
        calls::{Answer, Outgoing},
        next::Next,
        session::{
            Session,
            tokens::{Tokens, Way},
        },
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
    /// Then the person signs out at the pool's domain as well, which leaves the page.
    redirects: bool,
}

/// After a call that ends a session at the pool.
pub(crate) enum ExpectRevocation {
    /// Signing out everywhere takes an access token that still lives.
    FreshTokens {
        left: Box<Left>,
        way: Way,
    },
    Everywhere {
        left: Box<Left>,
        refreshed: bool,
    },
    Here {
        settled: u32,
    },
}

impl ExpectRevocation {
    pub(crate) fn settled(&self) -> u32 {
        match self {
            Self::FreshTokens { left, .. } | Self::Everywhere { left, .. } => left.settled,
            Self::Here { settled } => *settled,
        }
    }
}

/// A session that was left.
pub(crate) struct Left {
    tokens: Tokens,
    device: Option<Text>,
    /// The outcome by which it was left. After another one nobody waits, or may belong to somebody else.
    settled: u32,
}

impl Left {
    fn new(session: Session, settled: u32) -> Box<Self> {
        let device = session.device_key().cloned();
        Box::new(Self {
            tokens: session.tokens,
            device,
            settled,
        })
    }
}

impl Flow {
    /// The person signs out.
    pub(crate) fn sign_out(&mut self, everywhere: bool, now: &Moment) {
        let Some(session) = self.drop_session(&Code::NotAccepted.into(), now) else {
            return self.follow(Next::go(Step::signed_out(None)), now);
        };
        let step = Step::signed_out(session.typed_name());
        self.follow(Next::go(step), now);
        let left = Left::new(*session, self.settled);
        let signs_out = self.config.redirect.is_some_and(|to| to.signs_out);
        self.busy = Some(EventType::SignOut);
        self.leaving = Some(Leaving {
            until: Deadline::after(now, WAIT_MS),
            everywhere,
            redirects: signs_out && left.tokens.from_redirect,
        });
        if everywhere {
            self.revoke_everywhere(left, now);
        } else if !self.revoke_here(&left, now) {
            self.left();
        }
    }

    /// Ends a sign-in that was all but done, without the person waiting for it.
    #[inline(never)] // a door: scripts/lib/doors.mjs
    pub(crate) fn leave(&mut self, username: Option<Text>, now: &Moment) {
        let session = self.drop_session(&Code::NotAccepted.into(), now);
        let username = match &session {
            Some(session) => session.typed_name(),
            None => username,
        };
        self.follow(Next::go(Step::signed_out(username)), now);
        if let Some(session) = session {
            let left = Left::new(*session, self.settled);
            self.revoke_here(&left, now);
        }
    }

    /// `send` no longer waits for the pool. Where the other devices were to be signed out and
    /// that is not known to be done, the person is told.
    pub(crate) fn end_leaving(&mut self) {
        if self.left().is_some_and(|leaving| leaving.everywhere) {
            self.error = Some(Code::OutcomeUnknown.into());
        }
    }

    fn revoke_everywhere(&mut self, left: Box<Left>, now: &Moment) {
        match left.tokens.expires.is_over(now) {
            true => {
                let way = left.tokens.way(&self.config);
                self.refresh_to_revoke(left, way, now);
            }
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

    /// Gets an access token that lives.
    fn refresh_to_revoke(&mut self, left: Box<Left>, way: Way, now: &Moment) {
        let Some(out) = left.tokens.refresh(left.device.as_ref(), way) else {
            return self.not_everywhere(&left, Code::ChallengeSpent.into(), now);
        };
        let expect = ExpectRevocation::FreshTokens { left, way };
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
        let settled = left.settled;
        let expect = ExpectRevocation::Here { settled };
        self.request(out, Awaiting::Revocation(expect), now);
        true
    }

    /// The other devices stay signed in; what can be ended is this session.
    fn not_everywhere(&mut self, left: &Left, error: FlowError, now: &Moment) {
        self.revoke_here(left, now);
        self.tell(left.settled, Some(error));
    }

    /// Says it where the person still is: signed out, and nothing else begun.
    fn tell(&mut self, settled: u32, error: Option<FlowError>) {
        if settled != self.settled {
            return;
        }
        self.left();
        if self.busy.is_none() {
            self.error = error;
        }
    }

    #[inline(never)] // a door: scripts/lib/doors.mjs
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
            (ExpectRevocation::FreshTokens { left, way }, Err(failed)) => {
                let other_way = match failed.refusal {
                    Refusal::NotThisWay => left.tokens.way_after(way),
                    _ => None,
                };
                match other_way {
                    Some(way) => self.refresh_to_revoke(left, way, now),
                    None => self.not_everywhere(&left, failed.error, now),
                }
            }
            (ExpectRevocation::Everywhere { left, refreshed }, Err(failed)) => {
                match failed.refusal == Refusal::DeadAccessToken && !refreshed {
                    true => {
                        let way = left.tokens.way(&self.config);
                        self.refresh_to_revoke(left, way, now);
                    }
                    false => self.not_everywhere(&left, failed.error, now),
                }
            }
            // It is done after all: what was said of it holds no more.
            (ExpectRevocation::Everywhere { left, .. }, Ok(_)) => self.tell(left.settled, None),
            // Whoever waits for it, waits no longer than it is under way.
            (ExpectRevocation::Here { .. }, _) => {}
        }
    }

    /// The person waits no longer.
    fn left(&mut self) -> Option<Leaving> {
        let leaving = self.leaving.take()?;
        self.busy = None;
        if leaving.redirects {
            let to = Object::new().end().0;
            self.effects.push(Effect::Redirect { to });
        }
        Some(leaving)
    }
}
