//! The attributes that users can have.

use serde::{Deserialize, Serialize};

use super::PoolSettings;
use crate::error::{Refusal, invalid_parameter};

/// One attribute of the schema.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct SchemaAttribute {
    pub(crate) name: String,
    pub(crate) attribute_data_type: DataType,
    pub(crate) developer_only_attribute: bool,
    pub(crate) mutable: Option<bool>,
    pub(crate) required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) number_attribute_constraints: Option<NumberConstraints>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) string_attribute_constraints: Option<StringConstraints>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DataType {
    #[default]
    String,
    Number,
    DateTime,
    Boolean,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct NumberConstraints {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) min_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_value: Option<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct StringConstraints {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) min_length: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_length: Option<String>,
}

/// The standard attributes with their type and whether they can be changed.
const STANDARD: [(&str, DataType, bool); 20] = [
    ("sub", DataType::String, false),
    ("name", DataType::String, true),
    ("given_name", DataType::String, true),
    ("family_name", DataType::String, true),
    ("middle_name", DataType::String, true),
    ("nickname", DataType::String, true),
    ("preferred_username", DataType::String, true),
    ("profile", DataType::String, true),
    ("picture", DataType::String, true),
    ("website", DataType::String, true),
    ("email", DataType::String, true),
    ("email_verified", DataType::Boolean, true),
    ("gender", DataType::String, true),
    ("birthdate", DataType::String, true),
    ("zoneinfo", DataType::String, true),
    ("locale", DataType::String, true),
    ("phone_number", DataType::String, true),
    ("phone_number_verified", DataType::Boolean, true),
    ("address", DataType::String, true),
    ("updated_at", DataType::Number, true),
];

impl SchemaAttribute {
    fn standard(name: &str, attribute_data_type: DataType, mutable: bool) -> Self {
        Self {
            name: name.into(),
            attribute_data_type,
            mutable: Some(mutable),
            required: name == "sub",
            ..Self::default()
        }
    }

    /// What a custom attribute of a request becomes: its name gets the prefix.
    pub(crate) fn custom(mut self) -> Self {
        let prefix = if self.developer_only_attribute {
            "dev:custom:"
        } else {
            "custom:"
        };
        self.name = format!("{prefix}{}", self.name);
        self.mutable = Some(self.mutable.unwrap_or(false));
        self
    }

    pub(crate) fn is_mutable(&self) -> bool {
        self.mutable.unwrap_or(true)
    }

    fn check(&self, value: &str) -> Result<(), Refusal> {
        let fits = match self.attribute_data_type {
            DataType::String => {
                let length = value.chars().count();
                let bounds = self
                    .string_attribute_constraints
                    .clone()
                    .unwrap_or_default();
                bound(&bounds.min_length).is_none_or(|least| length >= least)
                    && bound(&bounds.max_length).is_none_or(|most| length <= most)
            }
            DataType::Number => value.parse::<i64>().is_ok_and(|number| {
                let bounds = self
                    .number_attribute_constraints
                    .clone()
                    .unwrap_or_default();
                bound::<i64>(&bounds.min_value).is_none_or(|least| number >= least)
                    && bound::<i64>(&bounds.max_value).is_none_or(|most| number <= most)
            }),
            DataType::Boolean => matches!(value, "true" | "false"),
            DataType::DateTime => true,
        };
        if fits {
            Ok(())
        } else {
            Err(invalid_attribute(
                &self.name,
                "value does not fit the schema",
            ))
        }
    }
}

impl PoolSettings {
    /// Adds the standard attributes that the request did not describe, and the prefix of custom
    /// ones.
    pub(crate) fn complete_schema(&mut self) {
        let given = std::mem::take(&mut self.schema);
        for (name, data_type, mutable) in STANDARD {
            let described = given.iter().find(|attribute| attribute.name == name);
            let mut attribute = SchemaAttribute::standard(name, data_type, mutable);
            if let Some(described) = described {
                attribute.required |= described.required;
                attribute.mutable = described.mutable.or(attribute.mutable);
                attribute
                    .string_attribute_constraints
                    .clone_from(&described.string_attribute_constraints);
                attribute
                    .number_attribute_constraints
                    .clone_from(&described.number_attribute_constraints);
            }
            self.schema.push(attribute);
        }
        let custom = given
            .into_iter()
            .filter(|a| STANDARD.iter().all(|(name, ..)| a.name != *name));
        self.schema.extend(custom.map(SchemaAttribute::custom));
    }

    /// Whether a user may be given this value, by the schema and by what the attribute means.
    pub(crate) fn check_attribute(&self, name: &str, value: &str) -> Result<(), Refusal> {
        let attribute = self.schema.iter().find(|attribute| attribute.name == name);
        let Some(attribute) = attribute else {
            return Err(invalid_parameter(format!(
                "Attributes did not conform to the schema: {name}: Attribute does not exist in \
                 the schema.\n"
            )));
        };
        match name {
            "email" if !value.is_empty() && !is_email(value) => {
                return Err(invalid_parameter("Invalid email address format."));
            }
            "phone_number" if !value.is_empty() && !is_phone_number(value) => {
                return Err(invalid_parameter("Invalid phone number format."));
            }
            "birthdate" if !value.is_empty() && value.chars().count() != 10 => {
                return Err(invalid_attribute(name, "expected YYYY-MM-DD"));
            }
            _ => {}
        }
        attribute.check(value)
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

fn bound<T: std::str::FromStr>(text: &Option<String>) -> Option<T> {
    text.as_deref().and_then(|text| text.parse().ok())
}

fn invalid_attribute(name: &str, why: &str) -> Refusal {
    invalid_parameter(format!(
        "Attributes did not conform to the schema: {name}: {why}\n"
    ))
}
