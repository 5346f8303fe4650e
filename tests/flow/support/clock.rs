//! A clock with two hands.

use cognito_flow::{Moment, Randomness};

use super::Dice;

pub(crate) const SECOND: f64 = 1_000.0;
pub(crate) const MINUTE: f64 = 60.0 * SECOND;
pub(crate) const HOUR: f64 = 60.0 * MINUTE;
pub(crate) const DAY: f64 = 24.0 * HOUR;

/// The wall clock, which can be set and goes on while a laptop sleeps, and the steady one, which
/// cannot and (in some browsers) does not.
pub(crate) struct Clock {
    pub(crate) wall: f64,
    pub(crate) steady: f64,
    pub(crate) jitter: f64,
    /// Whose chance it is: no two tabs draw the same.
    pub(crate) source: u32,
    drawn: u32,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self {
            wall: 1_800_000_000_000.0,
            steady: 4_321.0,
            jitter: 0.5,
            source: 0,
            drawn: 0,
        }
    }

    pub(crate) fn pass(&mut self, ms: f64) {
        self.wall += ms;
        self.steady += ms;
    }

    pub(crate) fn pass_until_steady(&mut self, steady: f64) {
        self.pass((steady - self.steady).max(0.0));
    }

    /// The moment now, with randomness that was never given before.
    pub(crate) fn moment(&mut self) -> Moment {
        self.drawn += 1;
        let mut dice = Dice(u64::from(self.source) << 32 | u64::from(self.drawn));
        Moment {
            wall: self.wall,
            steady: self.steady,
            random: Randomness::drawn(|bytes| {
                bytes.fill_with(|| dice.roll(256) as u8);
                Ok::<(), ()>(())
            })
            .unwrap(),
            jitter: self.jitter,
        }
    }
}
