//! Sending an SMS: permission first, then reach, then money.
//!
//! The seam between the user pools and the AWS [`Account`] that pays for their messages.

use crate::money::{MicroUsd, Quote};

pub use crate::aws::{Account, READY_ROLE_ARN, RoleError};

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

/// What became of an SMS that a user pool wanted to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It went out, at this price in millionths of a US dollar.
    Delivered {
        /// The price.
        cost_micro_usd: u64,
    },
    /// It was accepted and then lost, as over a spend limit: Cognito does not learn of it, SNS's
    /// delivery log says why.
    Dropped {
        /// What the delivery log says.
        reason: String,
    },
    /// It could not even be asked for: the role is wrong.
    Refused(RoleError),
}

/// Why a message was not sent, in the words of SNS's delivery log (Amazon SNS developer guide, "SMS
/// delivery failure reasons", and logs quoted in public), save for the country, whose words are ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DropReason {
    SpendLimit,
    MaxPrice,
    Unreachable,
    InvalidNumber,
}

/// What SMS cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spending {
    /// Of the calendar month so far.
    pub month_to_date_micro_usd: u64,
    /// The account's monthly limit.
    pub limit_micro_usd: u64,
}

impl Account {
    /// Sends `sms` at `now` (milliseconds since the epoch) and pays for it, or says why not.
    pub fn send_sms(&mut self, sms: Sms<'_>, now: u64) -> Delivery {
        let Sms {
            role_arn,
            external_id,
            pool_arn,
            to,
            ..
        } = sms;
        if let Err(error) = self.may_send(role_arn, external_id, pool_arn, to) {
            return Delivery::Refused(error);
        }
        match self.charge(&sms, now) {
            Ok(cost) => Delivery::Delivered {
                cost_micro_usd: cost.micro_usd(),
            },
            Err(reason) => Delivery::Dropped {
                reason: reason.message().to_owned(),
            },
        }
    }

    /// Whether a pool may send with that role at all, asked when its SmsConfiguration is set.
    ///
    /// # Errors
    /// When the role does not trust Cognito, or may not publish to any phone number.
    pub fn check_role(
        &self,
        role_arn: &str,
        external_id: Option<&str>,
        pool_arn: &str,
    ) -> Result<(), RoleError> {
        self.may_send(role_arn, external_id, pool_arn, "*")
    }

    /// Spending of the calendar month (UTC) of `now` and its limit.
    #[must_use]
    pub fn spending(&self, now: u64) -> Spending {
        Spending {
            month_to_date_micro_usd: self.budget().month_to_date(now).micro_usd(),
            limit_micro_usd: self.budget().limit().micro_usd(),
        }
    }

    fn charge(&mut self, sms: &Sms<'_>, now: u64) -> Result<MicroUsd, DropReason> {
        if !is_e164(sms.to) {
            return Err(DropReason::InvalidNumber);
        }
        let Quote::PerPart(price) = self.prices().quote(sms.to) else {
            return Err(DropReason::Unreachable);
        };
        let cost = price.times(parts(sms.text));
        if self
            .prices()
            .max_per_message()
            .is_some_and(|max| cost > max)
        {
            return Err(DropReason::MaxPrice);
        }
        if self.spend(cost, now) {
            Ok(cost)
        } else {
            Err(DropReason::SpendLimit)
        }
    }
}

impl DropReason {
    fn message(self) -> &'static str {
        match self {
            Self::SpendLimit => "No quota left for account",
            Self::MaxPrice => "This delivery would exceed max price",
            Self::Unreachable => "Destination country cannot be reached",
            Self::InvalidNumber => "Invalid phone number",
        }
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
    use super::*;
    use crate::money::Prices;

    const POOL: &str = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbCdEfGhI";

    fn sms<'a>(to: &'a str, text: &'a str) -> Sms<'a> {
        Sms {
            role_arn: READY_ROLE_ARN,
            external_id: Some("e-1"),
            pool_arn: POOL,
            to,
            text,
        }
    }

    fn delivered(cost_micro_usd: u64) -> Delivery {
        Delivery::Delivered { cost_micro_usd }
    }

    fn dropped(reason: DropReason) -> Delivery {
        Delivery::Dropped {
            reason: reason.message().to_owned(),
        }
    }

    #[test]
    fn a_message_costs_what_its_country_costs() {
        let mut account = Account::default();
        assert_eq!(
            account.send_sms(sms("+12025550100", "Your code is 123456"), 0),
            delivered(6_450)
        );
        assert_eq!(
            account.spending(0),
            Spending {
                month_to_date_micro_usd: 6_450,
                limit_micro_usd: 1_000_000
            }
        );
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
        let mut account = Account::default();
        let text = "a".repeat(161);
        assert_eq!(
            account.send_sms(sms("+12025550100", &text), 0),
            delivered(12_900)
        );
    }

    #[test]
    fn messages_are_dropped_once_the_limit_would_be_passed() {
        let mut account = Account::default();
        let mut sent = 0;
        while account.send_sms(sms("+12025550100", "x"), 0) == delivered(6_450) {
            sent += 1;
        }
        // 155 × 6,450 = 999,750; one more would pass a million.
        assert_eq!(sent, 155);
        assert_eq!(
            account.send_sms(sms("+12025550100", "x"), 0),
            dropped(DropReason::SpendLimit)
        );
        assert_eq!(account.spending(0).month_to_date_micro_usd, 999_750);
    }

    #[test]
    fn a_message_may_be_too_dear() {
        let mut account = Account::default();
        let price = MicroUsd::new(30_000);
        account.set_prices(Prices::flat(price).with_max_per_message(price));
        assert_eq!(
            account.send_sms(sms("+4915112345678", "x"), 0),
            delivered(30_000)
        );
        assert_eq!(
            account.send_sms(sms("+4915112345678", &"x".repeat(161)), 0),
            dropped(DropReason::MaxPrice)
        );
    }

    #[test]
    fn what_cannot_be_reached_costs_nothing() {
        let mut account = Account::default();
        for (to, reason) in [
            ("+989121234567", DropReason::Unreachable),
            ("12025550100", DropReason::InvalidNumber),
            ("+1202x50100", DropReason::InvalidNumber),
            ("+1234567890123456", DropReason::InvalidNumber),
            ("+1", DropReason::InvalidNumber),
        ] {
            assert_eq!(account.send_sms(sms(to, "x"), 0), dropped(reason), "{to}");
        }
        assert_eq!(account.spending(0).month_to_date_micro_usd, 0);
    }

    #[test]
    fn permission_comes_before_reach_and_money() {
        let mut account = Account::default();
        let unknown = "arn:aws:iam::123456789012:role/unknown";
        let message = Sms {
            role_arn: unknown,
            ..sms("+989121234567", "x")
        };
        assert_eq!(
            account.send_sms(message, 0),
            Delivery::Refused(RoleError::Trust)
        );
        assert_eq!(
            account.check_role(unknown, None, POOL),
            Err(RoleError::Trust)
        );
        assert_eq!(account.check_role(READY_ROLE_ARN, None, POOL), Ok(()));
    }

    #[test]
    fn a_request_that_is_taken_back_costs_nothing() {
        let mut account = Account::default();
        account.send_sms(sms("+12025550100", "kept"), 0);
        account.commit();
        account.send_sms(sms("+12025550100", "one"), 0);
        account.send_sms(sms("+12025550100", "two"), 0);
        account.roll_back();
        assert_eq!(account.spending(0).month_to_date_micro_usd, 6_450);
        account.roll_back();
        assert_eq!(account.spending(0).month_to_date_micro_usd, 6_450);
    }
}
