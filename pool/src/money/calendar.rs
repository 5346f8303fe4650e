//! Months and dates in UTC, from milliseconds since the epoch.

use serde::{Deserialize, Serialize};

const DAY_MS: u64 = 86_400_000;

/// A calendar month in UTC: what a monthly spend limit counts by.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Month {
    year: u64,
    /// 1 to 12.
    month: u64,
}

impl Month {
    /// The month in which `now_ms` (milliseconds since the epoch) lies.
    #[must_use]
    pub fn of(now_ms: u64) -> Self {
        let (year, month, _) = civil(now_ms / DAY_MS);
        Self { year, month }
    }
}

/// `now_ms` (milliseconds since the epoch) as `2026-11-23T04:05:06Z`, cut to the second.
#[must_use]
pub fn iso8601(now_ms: u64) -> String {
    let (year, month, day) = civil(now_ms / DAY_MS);
    let second = now_ms / 1000 % 86_400;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month (1 to 12) and day (1 to 31) of a day counted from 1970-01-01.
///
/// Years are counted from March, so that the leap day is a year's last and every month's start is
/// one linear formula: months from March alternate 31 and 30 days in runs of five (153 days).
fn civil(day: u64) -> (u64, u64, u64) {
    // 1970-01-01 is day 719,468 counted from 0000-03-01.
    let day = day.saturating_add(719_468);
    let (era, day_of_era) = (day / 146_097, day % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let months_from_march = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * months_from_march + 2) / 5 + 1;
    let (month, next_year) = if months_from_march < 10 {
        (months_from_march + 3, 0)
    } else {
        (months_from_march - 9, 1)
    };
    (era * 400 + year_of_era + next_year, month, day_of_month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_across_leap_days_and_centuries() {
        for (ms, date) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399_000, "2000-02-28T23:59:59Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (951_868_800_000, "2000-03-01T00:00:00Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59Z"),
            (1_795_406_706_000, "2026-11-23T04:05:06Z"),
            (4_107_542_399_000, "2100-02-28T23:59:59Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(iso8601(ms), date);
        }
    }

    #[test]
    fn a_month_begins_at_midnight_utc() {
        let november = Month::of(1_796_083_199_999);
        let december = Month::of(1_796_083_200_000);
        assert_eq!((november.year, november.month), (2026, 11));
        assert_eq!((december.year, december.month), (2026, 12));
        assert!(november < december);
    }

    #[test]
    fn the_last_representable_moment_has_a_date() {
        assert!(iso8601(u64::MAX).ends_with('Z'));
    }
}
