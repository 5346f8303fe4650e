//! Sending an SMS: permission first, then reach, then money.

use super::{Account, SmsRoleError};
use crate::money::{MicroUsd, Quote};

/// An SMS on its way.
#[derive(Clone, Copy)]
pub struct Sms<'a> {
    /// `SmsConfiguration.SnsCallerArn`: the role to send with.
    pub role_arn: &'a str,
    /// `SmsConfiguration.ExternalId`.
    pub external_id: Option<&'a str>,
    /// The ARN of the user pool that sends.
    pub pool_arn: &'a str,
    /// The phone number, E.164: `+` and digits.
    pub to: &'a str,
    /// The text, which decides how many parts are charged.
    pub text: &'a str,
}

// The text holds a code.
impl std::fmt::Debug for Sms<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sms")
            .field("role_arn", &self.role_arn)
            .finish_non_exhaustive()
    }
}

/// What became of a message that Cognito was permitted to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was sent, for this price.
    Delivered(MicroUsd),
    /// It was not; Cognito does not learn of it, SNS's delivery log says why.
    Dropped(DropReason),
}

/// Why a message was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DropReason {
    /// The account's monthly spend limit would be passed.
    SpendLimit,
    /// The message would cost more than one message may.
    MaxPrice,
    /// AWS cannot send to the number's country.
    Unreachable,
    /// Not `+` and 5 to 15 digits (ITU-T E.164).
    InvalidNumber,
}

/// Sends `sms` at `now_ms` (milliseconds since the epoch) and pays for it, or says why not.
///
/// # Errors
/// When the role lacks the trust or the permission; Cognito answers its caller with that exception.
pub fn deliver(account: &mut Account, sms: &Sms<'_>, now_ms: u64) -> Result<Outcome, SmsRoleError> {
    account.may_send(sms.role_arn, sms.external_id, sms.pool_arn, sms.to)?;
    Ok(match charge(account, sms, now_ms) {
        Ok(cost) => Outcome::Delivered(cost),
        Err(reason) => Outcome::Dropped(reason),
    })
}

/// Whether a pool of that ARN may send with that role at all: what Cognito checks when a pool is
/// given its `SmsConfiguration`.
///
/// # Errors
/// When the role does not trust Cognito, or may not publish to any phone number.
pub fn check_role(
    account: &Account,
    role_arn: &str,
    external_id: Option<&str>,
    pool_arn: &str,
) -> Result<(), SmsRoleError> {
    account.may_send(role_arn, external_id, pool_arn, "*")
}

impl DropReason {
    /// The words of SNS's delivery log (Amazon SNS developer guide, "SMS delivery failure reasons",
    /// and logs quoted in public), save for [`DropReason::Unreachable`], whose words are ours.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::SpendLimit => "No quota left for account",
            Self::MaxPrice => "This delivery would exceed max price",
            Self::Unreachable => "Destination country cannot be reached",
            Self::InvalidNumber => "Invalid phone number",
        }
    }
}

fn charge(account: &mut Account, sms: &Sms<'_>, now_ms: u64) -> Result<MicroUsd, DropReason> {
    if !is_e164(sms.to) {
        return Err(DropReason::InvalidNumber);
    }
    let Quote::PerPart(price) = account.prices.quote(sms.to) else {
        return Err(DropReason::Unreachable);
    };
    let cost = price.times(parts(sms.text));
    if account
        .prices
        .max_per_message()
        .is_some_and(|max| cost > max)
    {
        return Err(DropReason::MaxPrice);
    }
    if account.spending.spend(cost, now_ms) {
        Ok(cost)
    } else {
        Err(DropReason::SpendLimit)
    }
}

fn is_e164(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| {
        (5..=15).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit())
    })
}

/// How many parts a text is sent in (Amazon SNS developer guide, "Publishing to a mobile phone":
/// 140 bytes each, which hold 160 characters of GSM 03.38 or 70 of UCS-2).
///
/// A text with any character outside ASCII is counted as UCS-2, and ASCII as GSM, though a few
/// characters differ: `é` is GSM too, and `[` takes two places there.
fn parts(text: &str) -> u64 {
    let (length, per_part) = if text.is_ascii() {
        (text.len(), 160)
    } else {
        (text.encode_utf16().count(), 70)
    };
    u64::try_from(length.div_ceil(per_part).max(1)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::money::Prices;

    const POOL: &str = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbCdEfGhI";
    const ROLE: &str = "arn:aws:iam::123456789012:role/service-role/sms";

    fn account() -> Account {
        let mut account = Account::new("123456789012");
        assert!(account.add_sms_role(ROLE, Some("e-1"), 0));
        account
    }

    fn send(account: &mut Account, to: &str, text: &str) -> Outcome {
        let external_id = Some("e-1");
        let sms = Sms {
            role_arn: ROLE,
            external_id,
            pool_arn: POOL,
            to,
            text,
        };
        deliver(account, &sms, 0).unwrap()
    }

    #[test]
    fn a_message_costs_what_its_country_costs() {
        let mut account = account();
        let cost = MicroUsd::new(6_450);
        let outcome = send(&mut account, "+12025550100", "Your code is 123456");
        assert_eq!(outcome, Outcome::Delivered(cost));
        assert_eq!(account.spending().month_to_date(0), cost);
    }

    #[test]
    fn long_texts_cost_several_parts() {
        assert_eq!(parts(""), 1);
        assert_eq!(parts(&"a".repeat(160)), 1);
        assert_eq!(parts(&"a".repeat(161)), 2);
        assert_eq!(parts(&"ж".repeat(70)), 1);
        assert_eq!(parts(&"ж".repeat(71)), 2);
        // Two UTF-16 units each.
        assert_eq!(parts(&"😀".repeat(36)), 2);
        let outcome = send(&mut account(), "+12025550100", &"a".repeat(161));
        assert_eq!(outcome, Outcome::Delivered(MicroUsd::new(12_900)));
    }

    #[test]
    fn messages_are_dropped_once_the_limit_would_be_passed() {
        let mut account = account();
        let mut delivered = 0;
        while let Outcome::Delivered(_) = send(&mut account, "+12025550100", "x") {
            delivered += 1;
        }
        // 155 × 6,450 = 999,750; one more would pass a million.
        assert_eq!(delivered, 155);
        let outcome = send(&mut account, "+12025550100", "x");
        assert_eq!(outcome, Outcome::Dropped(DropReason::SpendLimit));
        assert_eq!(account.spending().month_to_date(0), MicroUsd::new(999_750));
    }

    #[test]
    fn a_message_may_be_too_dear() {
        let mut account = account();
        let price = MicroUsd::new(30_000);
        account.set_prices(Prices::flat(price).with_max_per_message(price));
        let outcome = send(&mut account, "+4915112345678", "x");
        assert_eq!(outcome, Outcome::Delivered(price));
        let outcome = send(&mut account, "+4915112345678", &"x".repeat(161));
        assert_eq!(outcome, Outcome::Dropped(DropReason::MaxPrice));
    }

    #[test]
    fn what_cannot_be_reached_costs_nothing() {
        let mut account = account();
        for (to, reason) in [
            ("+989121234567", DropReason::Unreachable),
            ("12025550100", DropReason::InvalidNumber),
            ("+1202x50100", DropReason::InvalidNumber),
            ("+1234567890123456", DropReason::InvalidNumber),
            ("+1", DropReason::InvalidNumber),
        ] {
            let outcome = send(&mut account, to, "x");
            assert_eq!(outcome, Outcome::Dropped(reason), "{to}");
        }
        assert_eq!(account.spending().month_to_date(0), MicroUsd::ZERO);
    }

    #[test]
    fn permission_comes_before_reach_and_money() {
        let mut account = account();
        let external_id = Some("e-2");
        let to = "+989121234567";
        let sms = Sms {
            role_arn: ROLE,
            external_id,
            pool_arn: POOL,
            to,
            text: "x",
        };
        let refused = Err(SmsRoleError::TrustRelationship);
        assert_eq!(deliver(&mut account, &sms, 0), refused);
        assert_eq!(
            check_role(&account, ROLE, external_id, POOL),
            refused.map(|_| ())
        );
        assert_eq!(check_role(&account, ROLE, Some("e-1"), POOL), Ok(()));
    }

    #[test]
    fn a_role_is_made_ready_once_and_only_in_the_own_account() {
        let mut account = account();
        assert!(!account.add_sms_role(ROLE, Some("e-2"), 0));
        assert_eq!(check_role(&account, ROLE, Some("e-1"), POOL), Ok(()));
        for arn in [
            "arn:aws:iam::999999999999:role/sms",
            "arn:aws:iam::123456789012:user/sms",
            "arn:aws:iam::123456789012:role/",
            "sms",
        ] {
            assert!(!account.add_sms_role(arn, None, 0), "{arn}");
        }
    }
}
