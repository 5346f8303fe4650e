//! The attributes that users can have.

use serde::{Deserialize, Serialize};

use super::PoolSettings;
use crate::error::{Refusal, invalid_parameter};

/// One attribute of the schema.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct SchemaAttribute {
    pub(crate) name: String,
    pub(crate) attribute_data_type: Option<DataType>,
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

/// No attribute is longer, whatever its own limit.
const LONGEST: usize = 2048;

impl SchemaAttribute {
    /// A standard attribute with the limits that the service gives it (boto/boto3#2516).
    fn standard(name: &str, data_type: DataType, mutable: bool) -> Self {
        let lengths = |least: &str, most: &str| StringConstraints {
            min_length: Some(least.into()),
            max_length: Some(most.into()),
        };
        let text = match name {
            "sub" => lengths("1", "2048"),
            "birthdate" => lengths("10", "10"),
            _ => lengths("0", "2048"),
        };
        let number = NumberConstraints {
            min_value: Some("0".into()),
            max_value: None,
        };
        Self {
            name: name.into(),
            attribute_data_type: Some(data_type),
            mutable: Some(mutable),
            required: name == "sub",
            string_attribute_constraints: (data_type == DataType::String).then_some(text),
            number_attribute_constraints: (data_type == DataType::Number).then_some(number),
            developer_only_attribute: false,
        }
    }

    /// A standard attribute as a request describes it.
    fn described(mut self, given: &Self) -> Result<Self, Refusal> {
        let another = given.attribute_data_type != self.attribute_data_type;
        if (given.attribute_data_type.is_some() && another) || given.developer_only_attribute {
            return Err(invalid_parameter(format!(
                "You can not change AttributeDataType or set developerOnlyAttribute for standard \
                 schema attribute {}",
                self.name
            )));
        }
        self.required |= given.required;
        self.mutable = given.mutable.or(self.mutable);
        let text = given.string_attribute_constraints.clone();
        let number = given.number_attribute_constraints.clone();
        self.string_attribute_constraints = text.or(self.string_attribute_constraints);
        self.number_attribute_constraints = number.or(self.number_attribute_constraints);
        self.with_own_constraints()
    }

    /// What a custom attribute of a request becomes: its name gets the prefix.
    pub(crate) fn custom(mut self) -> Result<Self, Refusal> {
        let Some(data_type) = self.attribute_data_type else {
            return Err(invalid_parameter(
                "Invalid AttributeDataType input, consider using the provided AttributeDataType \
                 enum.",
            ));
        };
        if self.required {
            return Err(invalid_parameter(
                "Required custom attributes are not supported currently.",
            ));
        }
        let prefix = if self.developer_only_attribute {
            "dev:custom:"
        } else {
            "custom:"
        };
        self.name = format!("{prefix}{}", self.name);
        self.mutable = Some(self.mutable.unwrap_or(false));
        // A text always shows constraints, if empty ones: a plan that names an empty block of them
        // finds it again.
        if data_type == DataType::String {
            self.string_attribute_constraints.get_or_insert_default();
        }
        self.with_own_constraints()
    }

    /// Without the constraints of another type; those of its own make sense.
    fn with_own_constraints(mut self) -> Result<Self, Refusal> {
        if self.attribute_data_type != Some(DataType::String) {
            self.string_attribute_constraints = None;
        }
        if self.attribute_data_type != Some(DataType::Number) {
            self.number_attribute_constraints = None;
        }
        let refused = |why: &str| Err(invalid_parameter(format!("user.{}: {why}", self.name)));
        if let Some(lengths) = &self.string_attribute_constraints {
            let least = self.limit::<usize>(&lengths.min_length, "StringAttributeConstraints")?;
            let most = self.limit::<usize>(&lengths.max_length, "StringAttributeConstraints")?;
            if least.max(most) > Some(LONGEST) {
                return refused("String attributes cannot have a length of more than 2048");
            }
            if most.is_some() && least > most {
                return refused("Max length cannot be less than min length.");
            }
        }
        if let Some(values) = &self.number_attribute_constraints {
            let least = self.limit::<i64>(&values.min_value, "NumberAttributeConstraints")?;
            let most = self.limit::<i64>(&values.max_value, "NumberAttributeConstraints")?;
            if most.is_some() && least > most {
                return refused("Max value cannot be less than min value.");
            }
        }
        Ok(self)
    }

    fn limit<T: std::str::FromStr>(
        &self,
        text: &Option<String>,
        of: &str,
    ) -> Result<Option<T>, Refusal> {
        let Some(text) = text else { return Ok(None) };
        let wrong =
            |_| invalid_parameter(format!("Invalid {of} for schema attribute {}", self.name));
        text.parse().map(Some).map_err(wrong)
    }

    pub(crate) fn is_mutable(&self) -> bool {
        self.mutable.unwrap_or(true)
    }

    /// The value as it is stored, if a user may have it.
    pub(super) fn read(&self, value: String) -> Result<String, &'static str> {
        match self.attribute_data_type.unwrap_or_default() {
            DataType::String => {
                let length = value.chars().count();
                let given = self.string_attribute_constraints.as_ref();
                let least = given.and_then(|it| bound(&it.min_length)).unwrap_or(0);
                let most = given.and_then(|it| bound(&it.max_length));
                let most: usize = most.unwrap_or(LONGEST);
                if length < least {
                    Err("The value is shorter than the schema allows")
                } else if length > most {
                    Err("The value is longer than the schema allows")
                } else {
                    Ok(value)
                }
            }
            DataType::Number => {
                let Ok(number) = value.parse::<i64>() else {
                    return Err("The value is not a whole number");
                };
                let given = self.number_attribute_constraints.as_ref();
                let least = given.and_then(|it| bound::<i64>(&it.min_value));
                let most = given.and_then(|it| bound::<i64>(&it.max_value));
                if least.is_none_or(|least| number >= least)
                    && most.is_none_or(|most| number <= most)
                {
                    Ok(value)
                } else {
                    Err("The value is not within the limits of the schema")
                }
            }
            // Clients in Python write `True`.
            DataType::Boolean => match value.to_ascii_lowercase() {
                value if value == "true" || value == "false" => Ok(value),
                _ => Err("The value is neither true nor false"),
            },
            DataType::DateTime => Ok(value),
        }
    }
}

impl PoolSettings {
    /// Adds the standard attributes that the request did not describe, and the prefix of custom
    /// ones.
    pub(crate) fn complete_schema(&mut self) -> Result<(), Refusal> {
        let given = std::mem::take(&mut self.schema);
        for (name, data_type, mutable) in STANDARD {
            let mut described = given.iter().filter(|attribute| attribute.name == name);
            let mut attribute = SchemaAttribute::standard(name, data_type, mutable);
            if let Some(first) = described.next() {
                attribute = attribute.described(first)?;
            }
            if described.next().is_some() {
                return Err(named_twice(name));
            }
            self.schema.push(attribute);
        }
        let is_standard = |name: &str| STANDARD.iter().any(|(standard, ..)| *standard == name);
        for attribute in given {
            if !is_standard(&attribute.name) {
                self.add_custom(attribute)?;
            }
        }
        Ok(())
    }

    /// Adds a custom attribute, as a request describes it.
    pub(crate) fn add_custom(&mut self, attribute: SchemaAttribute) -> Result<(), Refusal> {
        let attribute = attribute.custom()?;
        if self.schema_of(&attribute.name).is_some() {
            return Err(named_twice(&attribute.name));
        }
        self.schema.push(attribute);
        Ok(())
    }

    pub(crate) fn schema_of(&self, name: &str) -> Option<&SchemaAttribute> {
        self.schema.iter().find(|attribute| attribute.name == name)
    }
}

fn named_twice(name: &str) -> Refusal {
    invalid_parameter(format!(
        "{name}: Existing attribute already has name {name}."
    ))
}

fn bound<T: std::str::FromStr>(text: &Option<String>) -> Option<T> {
    text.as_deref().and_then(|text| text.parse().ok())
}
