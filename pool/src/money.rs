//! What an SMS costs, what an account may spend in a month, and what it has spent.
//!
//! Everything is counted in millionths of a US dollar, as integers: a price list in dollars has up
//! to five decimals, and sums of floating money drift.

mod calendar;
mod price;
mod spending;

use serde::{Deserialize, Serialize};

pub use calendar::{Month, iso8601};
pub use price::{Prices, Quote};
pub use spending::Spending;

/// An amount of money in millionths of a US dollar.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct MicroUsd(u64);

impl MicroUsd {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount given in millionths of a dollar.
    #[must_use]
    pub const fn new(micro_usd: u64) -> Self {
        Self(micro_usd)
    }

    /// An amount given in whole dollars; amounts too large to count stop at the largest.
    #[must_use]
    pub const fn from_usd(usd: u64) -> Self {
        Self(usd.saturating_mul(1_000_000))
    }

    /// The amount in millionths of a dollar.
    #[must_use]
    pub const fn micro_usd(self) -> u64 {
        self.0
    }

    /// The amount in whole dollars, rounded down.
    #[must_use]
    pub const fn whole_usd(self) -> u64 {
        self.0 / 1_000_000
    }

    /// The sum, or `None` where it is too large to count.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// `self` taken `count` times; amounts too large to count stop at the largest.
    #[must_use]
    pub const fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count))
    }
}
