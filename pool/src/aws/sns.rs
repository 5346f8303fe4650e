//! The SMS settings of SNS: the monthly spend limit and its neighbours.
//!
//! Attribute names and their values from the SNS API reference, SetSMSAttributes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::query::{Form, QueryError, Xml};
use crate::money::{MicroUsd, Spending};

const MONTHLY_SPEND_LIMIT: &str = "MonthlySpendLimit";

/// The attributes that change nothing here: they are kept and given back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SmsAttributes(BTreeMap<String, String>);

impl SmsAttributes {
    /// Answers an SNS operation.
    pub(super) fn handle(
        &mut self,
        spending: &mut Spending,
        action: &str,
        form: &Form,
    ) -> Result<Option<Xml>, QueryError> {
        match action {
            "SetSMSAttributes" => self.set(spending, &form.entries("attributes")),
            "GetSMSAttributes" => Ok(Some(self.xml(spending, &form.members("attributes")))),
            _ => Err(super::unknown_action(action, "2010-03-31")),
        }
    }

    /// All or nothing: every attribute is checked before the first is set.
    fn set(
        &mut self,
        spending: &mut Spending,
        attributes: &[(&str, &str)],
    ) -> Result<Option<Xml>, QueryError> {
        if attributes.is_empty() {
            return Err(invalid("attributes", "No attributes were given"));
        }
        let mut limit = None;
        for (name, value) in attributes {
            if *name == MONTHLY_SPEND_LIMIT {
                limit = Some(checked_limit(value, spending)?);
            } else if !is_valid(name, value) {
                return Err(invalid(name, "Value or attribute is not valid"));
            }
        }
        if let Some(limit) = limit {
            spending.set_limit(limit);
        }
        for (name, value) in attributes {
            if *name != MONTHLY_SPEND_LIMIT {
                self.0.insert((*name).to_owned(), (*value).to_owned());
            }
        }
        Ok(Some(Xml::default()))
    }

    fn xml(&self, spending: &Spending, wanted: &[&str]) -> Xml {
        let limit = spending.limit().whole_usd().to_string();
        let entries = std::iter::once((MONTHLY_SPEND_LIMIT, limit.as_str()))
            .chain(self.0.iter().map(|(name, value)| (&**name, &**value)))
            .filter(|(name, _)| wanted.is_empty() || wanted.contains(name))
            .fold(Xml::default(), |xml, (name, value)| {
                let entry = Xml::default().text("key", name).text("value", value);
                xml.element("entry", entry)
            });
        Xml::default().element("attributes", entries)
    }
}

/// Whole dollars, and no more than AWS allows the account.
fn checked_limit(value: &str, spending: &Spending) -> Result<MicroUsd, QueryError> {
    let limit = value.parse().map(MicroUsd::from_usd).map_err(|_| {
        invalid(
            MONTHLY_SPEND_LIMIT,
            "Value must be a whole number of dollars",
        )
    })?;
    if limit > spending.quota() {
        return Err(invalid(
            MONTHLY_SPEND_LIMIT,
            "Value exceeds the account's spending quota; request an increase from AWS Support",
        ));
    }
    Ok(limit)
}

fn is_valid(name: &str, value: &str) -> bool {
    match name {
        "DefaultSMSType" => matches!(value, "Promotional" | "Transactional"),
        "DeliveryStatusSuccessSamplingRate" => value.parse().is_ok_and(|rate: u32| rate <= 100),
        "DefaultSenderID" => {
            (1..=11).contains(&value.len())
                && value
                    .chars()
                    .all(|it| it.is_ascii_alphanumeric() || it == '-')
                && value.chars().any(|it| it.is_ascii_alphabetic())
        }
        "DeliveryStatusIAMRole" | "UsageReportS3Bucket" => true,
        _ => false,
    }
}

fn invalid(name: &str, why: &str) -> QueryError {
    QueryError::new(
        400,
        "InvalidParameter",
        format!("Invalid parameter: {name} Reason: {why}"),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::query::reply;
    use super::*;

    fn set(
        attributes: &mut SmsAttributes,
        spending: &mut Spending,
        pairs: &[(&str, &str)],
    ) -> Result<(), QueryError> {
        attributes.set(spending, pairs).map(|_| ())
    }

    fn shown(attributes: &SmsAttributes, spending: &Spending, wanted: &[&str]) -> String {
        let xml = attributes.xml(spending, wanted);
        String::from_utf8(reply("Get", "urn:x", "id", Ok(Some(xml))).body).unwrap()
    }

    #[test]
    fn the_limit_is_one_dollar_until_it_is_set_and_never_above_the_quota() {
        let (mut attributes, mut spending) = (SmsAttributes::default(), Spending::default());
        assert!(
            shown(&attributes, &spending, &[])
                .contains("<key>MonthlySpendLimit</key><value>1</value>")
        );
        let error = set(
            &mut attributes,
            &mut spending,
            &[("MonthlySpendLimit", "20")],
        )
        .unwrap_err();
        assert_eq!(error.code, "InvalidParameter");
        spending.raise_quota(MicroUsd::from_usd(20));
        set(
            &mut attributes,
            &mut spending,
            &[("MonthlySpendLimit", "20")],
        )
        .unwrap();
        assert!(
            shown(&attributes, &spending, &["MonthlySpendLimit"]).contains("<value>20</value>")
        );
    }

    #[test]
    fn what_is_not_a_valid_attribute_changes_nothing() {
        for pairs in [
            vec![],
            vec![("MonthlySpendLimit", "1.5")],
            vec![("MonthlySpendLimit", "-1")],
            vec![("MonthlySpendLimit", "99999999999999999999")],
            vec![("DefaultSMSType", "Transactional"), ("Nonsense", "x")],
            vec![("DefaultSMSType", "Urgent")],
            vec![
                ("MonthlySpendLimit", "0"),
                ("DefaultSenderID", "much-too-long"),
            ],
            vec![("DefaultSenderID", "12345")],
            vec![("DeliveryStatusSuccessSamplingRate", "101")],
        ] {
            let (mut attributes, mut spending) = (SmsAttributes::default(), Spending::default());
            assert!(
                set(&mut attributes, &mut spending, &pairs).is_err(),
                "{pairs:?}"
            );
            assert_eq!(attributes, SmsAttributes::default(), "{pairs:?}");
            assert_eq!(spending, Spending::default(), "{pairs:?}");
        }
    }

    #[test]
    fn only_what_was_asked_for_is_shown() {
        let (mut attributes, mut spending) = (SmsAttributes::default(), Spending::default());
        let pairs = [
            ("DefaultSMSType", "Transactional"),
            ("DefaultSenderID", "Example"),
        ];
        set(&mut attributes, &mut spending, &pairs).unwrap();
        let one = shown(&attributes, &spending, &["DefaultSenderID"]);
        assert!(one.contains("Example") && !one.contains("Transactional"));
        let all = shown(&attributes, &spending, &[]);
        assert!(all.contains("Example") && all.contains("Transactional"));
    }
}
