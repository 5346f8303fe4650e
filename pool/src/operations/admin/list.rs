//! ListUsers: filters and pages.

use serde_json::{Value, json};

use super::users::described;
use crate::call::{Call, Input};
use crate::error::{Outcome, Refusal, invalid_parameter};
use crate::state::User;

pub(crate) fn list_users(call: &mut Call<'_>, input: &Value) -> Outcome {
    let app = call.administered(input)?;
    let filter = input.optional("Filter").filter(|text| !text.is_empty());
    let filter = filter.map(Filter::read).transpose()?;
    let limit = input.get("Limit").and_then(Value::as_u64).unwrap_or(60);
    let limit = usize::try_from(limit).unwrap_or(60);
    let after = input.optional("PaginationToken").map(decoded).transpose()?;
    // An empty list is one of no attributes: aws/aws-sdk-js#2203.
    let shown = input.get("AttributesToGet").filter(|it| it.is_array());
    let shown = shown.map(|_| input.texts("AttributesToGet"));
    let pool = call.pool(&app.pool_id)?;
    let mut matching = pool
        .users
        .iter()
        .filter(|(key, _)| after.as_ref().is_none_or(|after| *key > after))
        .filter(|(_, user)| filter.as_ref().is_none_or(|filter| filter.matches(user)));
    let page: Vec<(&String, &User)> = matching.by_ref().take(limit).collect();
    let lacks = |user: &User, name: &String| !user.attributes.contains_key(name);
    if let Some(shown) = &shown
        && (page.iter()).any(|(_, user)| shown.iter().any(|name| lacks(user, name)))
    {
        // aws/aws-sdk-js#3091: so it is when one user of the page lacks one of them.
        return Err(invalid_parameter(
            "One or more requested attributes do not exist.",
        ));
    }
    let users: Vec<Value> = page
        .iter()
        .map(|(_, user)| {
            let mut out = described(user, "Attributes");
            if let Some(shown) = &shown
                && let Some(Value::Array(attributes)) = out.get_mut("Attributes")
            {
                attributes.retain(|pair| shown.iter().any(|name| name == pair.text("Name")));
            }
            Value::Object(out)
        })
        .collect();
    let mut out = json!({ "Users": users });
    if let (Some((last, _)), Some(_), Some(members)) =
        (page.last(), matching.next(), out.as_object_mut())
    {
        members.insert("PaginationToken".into(), json!(encoded(last)));
    }
    Ok(out)
}

/// `name = "value"` or `name ^= "prefix"`.
struct Filter {
    name: String,
    value: String,
    prefix: bool,
}

const SEARCHABLE: [&str; 10] = [
    "username",
    "email",
    "phone_number",
    "name",
    "given_name",
    "family_name",
    "preferred_username",
    "cognito:user_status",
    "status",
    "sub",
];

impl Filter {
    fn read(text: &str) -> Result<Self, Refusal> {
        let broken = || invalid_parameter("Error while parsing filter.");
        let (left, right) = text.split_once('=').ok_or_else(broken)?;
        let prefix = left.trim_end().ends_with('^');
        let name = left
            .trim()
            .trim_end_matches('^')
            .trim()
            .trim_matches('"')
            .to_owned();
        let value = right.trim();
        let value = value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'))
            .or_else(|| {
                value
                    .strip_prefix('\'')
                    .and_then(|value| value.strip_suffix('\''))
            })
            .ok_or_else(broken)?
            .replace("\\\"", "\"");
        if !SEARCHABLE.contains(&name.as_str()) {
            return Err(invalid_parameter(format!(
                "Invalid search attribute: {name}"
            )));
        }
        Ok(Self {
            name,
            value,
            prefix,
        })
    }

    fn matches(&self, user: &User) -> bool {
        let enabled = if user.enabled { "Enabled" } else { "Disabled" };
        let actual = match self.name.as_str() {
            "username" => &user.username,
            "cognito:user_status" => {
                let wanted = self.value.to_ascii_uppercase();
                let status = user.status.name();
                return status == wanted || (self.prefix && status.starts_with(&wanted));
            }
            "status" => enabled,
            name => user.attribute(name).unwrap_or_default(),
        };
        if self.prefix {
            actual.starts_with(&self.value)
        } else {
            actual == self.value
        }
    }
}

/// Hexadecimal: a user name may have any letters, a token may not.
fn encoded(key: &str) -> String {
    key.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn decoded(token: &str) -> Result<String, Refusal> {
    let broken = || invalid_parameter("Invalid pagination token.");
    let digits: Vec<u32> = token
        .chars()
        .map(|c| c.to_digit(16))
        .collect::<Option<_>>()
        .ok_or_else(broken)?;
    let bytes: Option<Vec<u8>> = digits
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(high * 16 + low).ok(),
            _ => None,
        })
        .collect();
    String::from_utf8(bytes.ok_or_else(broken)?).map_err(|_| broken())
}
