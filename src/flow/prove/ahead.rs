//! The first half of a proof, made ahead of its need: while the page has nothing else to do.

use crate::{
    config::SignInWith,
    flow::next::HOLD_MS,
    srp::Handshake,
    time::{Deadline, Moment},
};

/// A handshake that nobody has begun yet. Dropped, it is wiped; and it is given out once.
#[derive(Default)]
pub(crate) struct Ahead(Option<(Handshake, Deadline)>);

impl Ahead {
    #[inline(never)] // a door: scripts/lib/doors.mjs
    pub(crate) fn prepare(&mut self, sign_in_with: SignInWith, now: &Moment) {
        // Asked in here: a module in two parts is whole then, whatever the form that is shown sends.
        if self.0.is_none() && sign_in_with.may_prove() {
            let until = Deadline::after(now, HOLD_MS);
            self.0 = Some((fresh(now), until));
        }
    }

    /// The one that was prepared, else another one.
    pub(crate) fn take(&mut self, now: &Moment) -> Handshake {
        self.pass_time(now);
        match self.0.take() {
            Some((handshake, _)) => handshake,
            None => fresh(now),
        }
    }

    pub(crate) fn until(&self) -> Deadline {
        self.0.as_ref().map_or(Deadline::NEVER, |(_, until)| *until)
    }

    pub(crate) fn pass_time(&mut self, now: &Moment) {
        self.0.take_if(|(_, until)| until.is_over(now));
    }
}

#[inline(never)]
fn fresh(now: &Moment) -> Handshake {
    Handshake::new(*now.random.exponent())
}
