//! The values of users' attributes: which ones a pool takes, and what is said of those it does not.

use std::collections::BTreeMap;

use super::PoolSettings;
use crate::error::{Refusal, invalid_parameter};

/// What is wrong with the attributes of a request: all of it, one a line. Operations that make a user
/// and those that change one say it differently (aws-amplify/amplify-flutter#509 has the former).
#[derive(Debug, Default)]
pub(crate) struct AttributeFaults {
    /// An address that is none is said alone.
    format: Option<&'static str>,
    faults: Vec<(String, String)>,
}

impl AttributeFaults {
    pub(crate) fn add(&mut self, name: &str, why: &str) {
        self.faults.push((name.into(), why.into()));
    }

    pub(crate) fn append(&mut self, mut others: Self) {
        self.format = self.format.or(others.format);
        self.faults.append(&mut others.faults);
    }

    /// Refuses a new user who would have such attributes.
    pub(crate) fn at_creation(&self) -> Result<(), Refusal> {
        self.refuse("Attributes did not conform to the schema: ", "")
    }

    /// Refuses such a change of a user.
    pub(crate) fn at_update(&self) -> Result<(), Refusal> {
        self.refuse("", "user.")
    }

    fn refuse(&self, intro: &str, prefix: &str) -> Result<(), Refusal> {
        if let Some(format) = self.format {
            return Err(invalid_parameter(format));
        }
        if self.faults.is_empty() {
            return Ok(());
        }
        let lines = self.faults.iter();
        let lines: String = lines
            .map(|(name, why)| format!("{prefix}{name}: {why}\n"))
            .collect();
        Err(invalid_parameter(format!("{intro}{lines}")))
    }
}

impl PoolSettings {
    /// Attributes as they are stored, and what is wrong with the others. A blank value stays: it
    /// removes what is there.
    pub(crate) fn read_attributes(
        &self,
        given: BTreeMap<String, String>,
    ) -> (BTreeMap<String, String>, AttributeFaults) {
        let (mut read, mut faults) = (BTreeMap::new(), AttributeFaults::default());
        for (name, value) in given {
            let Some(attribute) = self.schema_of(&name) else {
                faults.add(&name, "Attribute does not exist in the schema.");
                continue;
            };
            if value.is_empty() {
                read.insert(name, value);
                continue;
            }
            match name.as_str() {
                "email" if !is_email(&value) => {
                    faults.format.get_or_insert("Invalid email address format.");
                }
                "phone_number" if !is_phone_number(&value) => {
                    faults.format.get_or_insert("Invalid phone number format.");
                }
                _ => {}
            }
            match attribute.read(value) {
                Ok(value) => {
                    read.insert(name, value);
                }
                Err(why) => faults.add(&name, why),
            }
        }
        (read, faults)
    }

    /// Whether a user may be given one value.
    pub(crate) fn check_attribute(&self, name: &str, value: &str) -> Result<(), Refusal> {
        let given = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        self.read_attributes(given).1.at_creation()
    }

    /// The required attributes that are missing.
    pub(crate) fn missing_attributes<'a>(
        &'a self,
        has: impl Fn(&str) -> bool + 'a,
    ) -> impl Iterator<Item = &'a str> {
        self.schema
            .iter()
            .filter(move |a| a.required && a.name != "sub" && !has(&a.name))
            .map(|attribute| attribute.name.as_str())
    }
}

/// Good enough to be sent to: one `@` with something on both sides and no blanks.
pub(crate) fn is_email(value: &str) -> bool {
    let mut parts = value.split('@');
    let (local, domain) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    parts.next().is_none()
        && !local.is_empty()
        && !domain.is_empty()
        && !value.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// E.164: `+`, then up to 15 digits.
pub(crate) fn is_phone_number(value: &str) -> bool {
    let Some(digits) = value.strip_prefix('+') else {
        return false;
    };
    (5..=15).contains(&digits.len())
        && digits.bytes().all(|digit| digit.is_ascii_digit())
        && !digits.starts_with('0')
}
