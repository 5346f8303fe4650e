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

/// Dollars, with or without a fraction of up to six digits: `1`, `0.99`.
impl std::str::FromStr for MicroUsd {
    type Err = NotMoney;

    fn from_str(text: &str) -> Result<Self, NotMoney> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let is_digits = |it: &str| !it.is_empty() && it.bytes().all(|digit| digit.is_ascii_digit());
        if !is_digits(whole) || !is_digits(fraction) || fraction.len() > 6 {
            return Err(NotMoney);
        }
        let part = |it: &str| it.parse::<u64>().map_err(|_| NotMoney);
        let sum = part(whole)?
            .checked_mul(1_000_000)
            .and_then(|whole| whole.checked_add(part(&format!("{fraction:0<6}")).ok()?));
        sum.map(Self).ok_or(NotMoney)
    }
}

/// A text that says no amount of dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotMoney;

impl std::fmt::Display for NotMoney {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not an amount of dollars, such as 1 or 0.99")
    }
}

impl std::error::Error for NotMoney {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_read_to_the_millionth() {
        for (text, micro_usd) in [
            ("1", 1_000_000),
            ("1.00", 1_000_000),
            ("0.99", 990_000),
            ("0", 0),
        ] {
            assert_eq!(text.parse(), Ok(MicroUsd::new(micro_usd)), "{text}");
        }
        assert_eq!("0.000001".parse(), Ok(MicroUsd::new(1)));
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "-1",
            "+1",
            "1e3",
            "1.0000001",
            "99999999999999999999",
        ] {
            assert_eq!(text.parse::<MicroUsd>(), Err(NotMoney), "{text}");
        }
    }
}
