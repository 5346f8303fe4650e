//! Time as the machine sees it: two clocks, given from outside.

/// What the host gives with every input: the time on two clocks, and randomness.
///
/// The wall clock jumps when it is set; the monotonic one stands still while a laptop sleeps in
/// some browsers. The machine uses both (see `Deadline`).
#[derive(Clone)]
pub struct Moment {
    /// The wall clock, in ms since the epoch (`Date.now()`).
    pub wall: f64,
    /// A clock that is never set, in ms since any start (`performance.now()`).
    pub steady: f64,
    /// 32 bytes from a cryptographic source, fresh for each input: the secret exponent of SRP,
    /// should this input start a sign-in.
    pub random: [u8; 32],
    /// A number in `0.0..1.0` that spreads retries. It is no secret.
    pub jitter: f64,
}

impl std::fmt::Debug for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Moment(…)")
    }
}

/// A moment after which something is over: as soon as either clock says so.
///
/// A laptop that slept is caught by the wall clock, a wall clock that was set back by the
/// monotonic one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Deadline {
    pub(crate) wall: f64,
    pub(crate) steady: f64,
}

impl Deadline {
    /// What has no end.
    pub(crate) const NEVER: Self = Self {
        wall: f64::INFINITY,
        steady: f64::INFINITY,
    };

    /// As it is shown: `None` for [`Deadline::NEVER`].
    pub(crate) fn shown(self) -> Option<f64> {
        (self.wall < f64::INFINITY).then_some(self.wall)
    }

    /// `ms` from now.
    pub(crate) fn after(now: &Moment, ms: f64) -> Self {
        Self {
            wall: now.wall + ms,
            steady: now.steady + ms,
        }
    }

    /// A deadline known by its wall-clock time alone, as after a reload. What is left is at
    /// most `longest` ms, whatever the wall clock says now.
    pub(crate) fn at_wall(wall: f64, longest: f64, now: &Moment) -> Self {
        // Not `clamp`: its panic message would bring the formatting of floats into the module.
        let left = (wall - now.wall).max(0.0);
        let left = if left > longest { longest } else { left };
        Self {
            wall,
            steady: now.steady + left,
        }
    }

    pub(crate) fn is_over(&self, now: &Moment) -> bool {
        now.wall >= self.wall || now.steady >= self.steady
    }
}
