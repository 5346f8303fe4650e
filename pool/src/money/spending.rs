//! An account's SMS spending in the current month, and its limit.

use serde::{Deserialize, Serialize};

use super::{MicroUsd, Month};

/// Month-to-date spending on SMS and what bounds it.
///
/// The quota is what AWS allows the account; the limit is what the account allows itself, and never
/// more than the quota (Amazon SNS developer guide, "Requesting increases to your monthly SMS
/// spending quota": both are 1.00 USD for a new account).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spending {
    month: Month,
    spent: MicroUsd,
    limit: MicroUsd,
    quota: MicroUsd,
}

impl Default for Spending {
    fn default() -> Self {
        Self {
            month: Month::default(),
            spent: MicroUsd::ZERO,
            limit: MicroUsd::from_usd(1),
            quota: MicroUsd::from_usd(1),
        }
    }
}

impl Spending {
    /// What was spent in the calendar month (UTC) of `now_ms`.
    ///
    /// A clock that was set back to an earlier month does not give money back.
    #[must_use]
    pub fn month_to_date(&self, now_ms: u64) -> MicroUsd {
        if Month::of(now_ms) > self.month {
            MicroUsd::ZERO
        } else {
            self.spent
        }
    }

    /// The account's own monthly limit.
    #[must_use]
    pub fn limit(&self) -> MicroUsd {
        self.limit
    }

    /// The highest limit that the account may set.
    #[must_use]
    pub fn quota(&self) -> MicroUsd {
        self.quota
    }

    /// Sets the account's own monthly limit; false, and no change, when it is above the quota.
    pub fn set_limit(&mut self, limit: MicroUsd) -> bool {
        let allowed = limit <= self.quota;
        if allowed {
            self.limit = limit;
        }
        allowed
    }

    /// Raises the quota to at least `quota`. The limit stays: raising it is the account's choice.
    pub fn raise_quota(&mut self, quota: MicroUsd) {
        self.quota = self.quota.max(quota);
    }

    /// Spends `cost` at `now_ms`; false, and nothing spent, when the month's limit would be passed.
    ///
    /// The real service stops "within minutes" and may overshoot; here the limit is never passed.
    pub fn spend(&mut self, cost: MicroUsd, now_ms: u64) -> bool {
        let month = Month::of(now_ms).max(self.month);
        let Some(total) = self.month_to_date(now_ms).checked_add(cost) else {
            return false;
        };
        if total > self.limit {
            return false;
        }
        self.month = month;
        self.spent = total;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOVEMBER: u64 = 1_796_083_199_999;
    const DECEMBER: u64 = 1_796_083_200_000;

    #[test]
    fn spending_stops_before_the_limit_is_passed_and_may_reach_it() {
        let mut spending = Spending::default();
        assert!(spending.spend(MicroUsd::new(999_999), NOVEMBER));
        assert!(!spending.spend(MicroUsd::new(2), NOVEMBER));
        assert!(spending.spend(MicroUsd::new(1), NOVEMBER));
        assert!(!spending.spend(MicroUsd::new(1), NOVEMBER));
        assert_eq!(spending.month_to_date(NOVEMBER), MicroUsd::from_usd(1));
    }

    #[test]
    fn a_new_month_begins_at_nothing_spent() {
        let mut spending = Spending::default();
        assert!(spending.spend(MicroUsd::from_usd(1), NOVEMBER));
        assert_eq!(spending.month_to_date(DECEMBER), MicroUsd::ZERO);
        assert!(spending.spend(MicroUsd::from_usd(1), DECEMBER));
    }

    #[test]
    fn a_clock_set_back_gives_no_money_back() {
        let mut spending = Spending::default();
        assert!(spending.spend(MicroUsd::from_usd(1), DECEMBER));
        assert!(!spending.spend(MicroUsd::new(1), NOVEMBER));
        assert!(!spending.spend(MicroUsd::new(1), DECEMBER));
    }

    #[test]
    fn the_limit_never_passes_the_quota() {
        let mut spending = Spending::default();
        assert!(!spending.set_limit(MicroUsd::from_usd(2)));
        assert_eq!(spending.limit(), MicroUsd::from_usd(1));
        spending.raise_quota(MicroUsd::from_usd(20));
        assert_eq!(spending.limit(), MicroUsd::from_usd(1));
        assert!(spending.set_limit(MicroUsd::from_usd(20)));
        spending.raise_quota(MicroUsd::from_usd(5));
        assert_eq!(spending.quota(), MicroUsd::from_usd(20));
    }

    #[test]
    fn a_limit_of_nothing_sends_only_what_is_free() {
        let mut spending = Spending::default();
        assert!(spending.set_limit(MicroUsd::ZERO));
        assert!(!spending.spend(MicroUsd::new(1), NOVEMBER));
        assert!(spending.spend(MicroUsd::ZERO, NOVEMBER));
    }

    #[test]
    fn sums_too_large_to_count_are_refused() {
        let mut spending = Spending::default();
        spending.raise_quota(MicroUsd::new(u64::MAX));
        assert!(spending.set_limit(MicroUsd::new(u64::MAX)));
        assert!(spending.spend(MicroUsd::new(u64::MAX), NOVEMBER));
        assert!(!spending.spend(MicroUsd::new(1), NOVEMBER));
    }
}
