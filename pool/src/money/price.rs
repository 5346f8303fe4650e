//! Prices of an SMS by destination, and the destinations that cannot be reached.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::MicroUsd;

/// Listed prices per message part, by calling code. No claim to be current: a pool for tests needs
/// prices that differ, not the bill.
///
/// - `1` (United States, Canada and the other countries of that numbering plan): 0.00645 USD, the
///   price in the Amazon SNS developer guide's example of a daily SMS usage report, page "Monitoring
///   SMS activity", as it stood in 2023.
/// - `91` (India): 0.00278 USD, the price of a domestic route as cited from the Amazon Pinpoint
///   price list, 2024.
const LISTED: [(&str, u64); 2] = [("1", 6_450), ("91", 2_780)];

/// Our own round figure for every other country: AWS's list price of most of them lies between
/// 0.02 and 0.15 USD.
const ELSEWHERE: u64 = 50_000;

/// Calling codes of the countries that the AWS End User Messaging SMS user guide, page "SMS and MMS
/// country capabilities and limitations" (2025), names as unreachable: Cuba, Sudan, North Korea,
/// Syria, Iran.
const UNREACHABLE: [&str; 5] = ["53", "249", "850", "963", "98"];

/// What a message to a number would cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
    /// The number can be reached for this price per message part.
    PerPart(MicroUsd),
    /// No message can be sent to the number's country.
    Unreachable,
}

/// A price list: what one part of an SMS costs by the destination's calling code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Prices {
    /// Price by the leading digits of the number, without `+`; the longest that fits counts.
    by_prefix: BTreeMap<String, MicroUsd>,
    /// Price where no prefix fits.
    elsewhere: MicroUsd,
    /// Leading digits of numbers that cannot be reached, without `+`.
    unreachable: Vec<String>,
    /// The most that one message (all its parts) may cost; a dearer one is not sent.
    max_per_message: Option<MicroUsd>,
}

impl Default for Prices {
    fn default() -> Self {
        Self {
            by_prefix: LISTED
                .iter()
                .map(|(prefix, price)| ((*prefix).to_owned(), MicroUsd::new(*price)))
                .collect(),
            elsewhere: MicroUsd::new(ELSEWHERE),
            unreachable: UNREACHABLE.iter().map(|code| (*code).to_owned()).collect(),
            max_per_message: None,
        }
    }
}

impl Prices {
    /// The same price for every number that can be reached.
    #[must_use]
    pub fn flat(price: MicroUsd) -> Self {
        Self {
            by_prefix: BTreeMap::new(),
            elsewhere: price,
            ..Self::default()
        }
    }

    /// The list with a limit on what one message may cost.
    #[must_use]
    pub fn with_max_per_message(self, max: MicroUsd) -> Self {
        Self {
            max_per_message: Some(max),
            ..self
        }
    }

    /// What one message part to `phone_number` (E.164, `+` and digits) costs.
    #[must_use]
    pub fn quote(&self, phone_number: &str) -> Quote {
        let digits = phone_number.strip_prefix('+').unwrap_or(phone_number);
        if self
            .unreachable
            .iter()
            .any(|prefix| digits.starts_with(prefix.as_str()))
        {
            return Quote::Unreachable;
        }
        let listed = self
            .by_prefix
            .iter()
            .filter(|(prefix, _)| digits.starts_with(prefix.as_str()))
            .max_by_key(|(prefix, _)| prefix.len());
        Quote::PerPart(listed.map_or(self.elsewhere, |(_, price)| *price))
    }

    /// The most that one message may cost, if there is a limit.
    #[must_use]
    pub fn max_per_message(&self) -> Option<MicroUsd> {
        self.max_per_message
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_longest_fitting_prefix_sets_the_price() {
        let prices = Prices {
            by_prefix: BTreeMap::from([
                ("1".to_owned(), MicroUsd::new(6_450)),
                ("1242".to_owned(), MicroUsd::new(30_000)),
            ]),
            ..Prices::default()
        };
        assert_eq!(
            prices.quote("+15550100"),
            Quote::PerPart(MicroUsd::new(6_450))
        );
        assert_eq!(
            prices.quote("+12425550100"),
            Quote::PerPart(MicroUsd::new(30_000))
        );
    }

    #[test]
    fn a_country_without_a_listed_price_costs_the_common_one() {
        assert_eq!(
            Prices::default().quote("+4915112345678"),
            Quote::PerPart(MicroUsd::new(ELSEWHERE))
        );
    }

    #[test]
    fn five_countries_cannot_be_reached_and_their_neighbours_can() {
        let prices = Prices::default();
        for number in [
            "+5351234567",
            "+249912345678",
            "+8501234567",
            "+963912345678",
            "+989121234567",
        ] {
            assert_eq!(prices.quote(number), Quote::Unreachable, "{number}");
        }
        // South Sudan, South Korea, Jordan, Turkmenistan.
        for number in [
            "+211912345678",
            "+821012345678",
            "+962791234567",
            "+99365123456",
        ] {
            assert_ne!(prices.quote(number), Quote::Unreachable, "{number}");
        }
    }

    #[test]
    fn a_price_list_is_read_from_settings_with_defaults_for_what_is_left_out() {
        let prices: Prices =
            serde_json::from_str(r#"{"byPrefix":{"49":75000},"maxPerMessage":100000}"#).unwrap();
        assert_eq!(
            prices.quote("+4915112345678"),
            Quote::PerPart(MicroUsd::new(75_000))
        );
        assert_eq!(prices.max_per_message(), Some(MicroUsd::new(100_000)));
        assert_eq!(prices.quote("+989121234567"), Quote::Unreachable);
        assert!(serde_json::from_str::<Prices>(r#"{"perCountry":{}}"#).is_err());
    }
}
