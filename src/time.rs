//! Time and chance as the machine sees them: given from outside, with each input.

use std::fmt;

use zeroize::Zeroizing;

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
    /// From a cryptographic source, fresh for each input.
    pub random: Randomness,
    /// A number in `0.0..1.0` that spreads retries. It is no secret.
    pub jitter: f64,
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Moment(…)")
    }
}

/// Random bytes for one input, each part for one use: on the heap alone, wiped when dropped.
#[derive(Clone)]
pub struct Randomness(Box<Zeroizing<[u8; Self::BYTES]>>);

impl Randomness {
    /// How many bytes are drawn for one input.
    pub const BYTES: usize = 96;

    /// Room for the bytes, which `fill` fills.
    ///
    /// # Errors
    /// Those of `fill`.
    pub fn drawn<E>(fill: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Self, E> {
        let mut bytes = Box::new(Zeroizing::new([0; Self::BYTES]));
        fill(&mut **bytes)?;
        Ok(Self(bytes))
    }

    /// The secret exponent of SRP, should this input start a proof.
    pub(crate) fn exponent(&self) -> &[u8; 32] {
        self.part::<0, 32>()
    }

    /// What is to be a device's password.
    pub(crate) fn device_secret(&self) -> &[u8; 40] {
        self.part::<32, 40>()
    }

    /// The salt of a device's verifier.
    pub(crate) fn device_salt(&self) -> &[u8; 16] {
        self.part::<72, 16>()
    }

    /// By what a session is known.
    pub(crate) fn session_id(&self) -> &[u8; 8] {
        self.part::<88, 8>()
    }

    fn part<const START: usize, const LENGTH: usize>(&self) -> &[u8; LENGTH] {
        const { assert!(START + LENGTH <= Self::BYTES) };
        let part = self.0.get(START..).and_then(<[u8]>::first_chunk);
        part.unwrap_or(&[0; LENGTH])
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

    /// Whether it is [`Deadline::NEVER`].
    pub(crate) fn is_never(&self) -> bool {
        self.steady == f64::INFINITY
    }

    /// As it is shown: `None` for [`Deadline::NEVER`].
    pub(crate) fn shown(self) -> Option<f64> {
        (!self.is_never()).then_some(self.wall)
    }

    /// `ms` from now. (Inlined, this and `is_over` are 0.3 kB more.)
    #[inline(never)]
    pub(crate) fn after(now: &Moment, ms: f64) -> Self {
        Self {
            wall: now.wall + ms,
            steady: now.steady + ms,
        }
    }

    /// A deadline known by its wall-clock time alone, as after a reload. What is left is at
    /// most `longest` ms, whatever the record or the wall clock says.
    pub(crate) fn at_wall(wall: f64, longest: f64, now: &Moment) -> Self {
        Self::after(now, (wall - now.wall).min(longest))
    }

    #[inline(never)]
    pub(crate) fn is_over(&self, now: &Moment) -> bool {
        now.wall >= self.wall || now.steady >= self.steady
    }
}
