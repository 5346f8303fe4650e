//! ListUsers: filters and pages.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::users::described;
use crate::call::{Call, Input};
use crate::error::{Outcome, Refusal, invalid_parameter};
use crate::state::{ENABLED, FOUND_BY, STATUS, User};
use crate::table::Table;

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
    let mut matching = matching(&pool.users, filter.as_ref(), after.as_deref());
    let page: Vec<(&str, &User)> = matching.by_ref().take(limit).collect();
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

/// The users that a filter lets through, in the order of their keys. What the index has is not looked
/// for among all of them.
fn matching<'a>(
    users: &'a Table<User>,
    filter: Option<&'a Filter>,
    after: Option<&'a str>,
) -> Box<dyn Iterator<Item = (&'a str, &'a User)> + 'a> {
    let row = |key: &'a str| Some((key, users.get(key)?));
    let Some(filter) = filter else {
        return Box::new(users.after(after));
    };
    match filter.indexed() {
        Some(what) if filter.prefix => {
            let keys = users.beginning(what, &filter.value);
            let keys: BTreeSet<&str> = keys
                .filter(|key| after.is_none_or(|after| *key > after))
                .collect();
            Box::new(keys.into_iter().filter_map(row))
        }
        Some(what) => Box::new(users.with(what, &filter.value, after).filter_map(row)),
        None => Box::new((users.after(after)).filter(|(_, user)| filter.matches(user))),
    }
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
    STATUS,
    ENABLED,
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
        if name.is_empty() {
            return Err(broken());
        }
        if !SEARCHABLE.contains(&name.as_str()) {
            return Err(invalid_parameter(format!(
                "Invalid search attribute: {name}"
            )));
        }
        let value = if name == STATUS {
            value.to_ascii_uppercase()
        } else {
            value
        };
        Ok(Self {
            name,
            value,
            prefix,
        })
    }

    /// What the index calls it. An empty value is also that of who has none, which no index knows.
    fn indexed(&self) -> Option<&'static str> {
        let known = FOUND_BY.into_iter().chain([STATUS, ENABLED]);
        let mut known = known.filter(|_| !self.value.is_empty());
        known.find(|known| *known == self.name)
    }

    fn matches(&self, user: &User) -> bool {
        let actual = match self.name.as_str() {
            "username" => &user.username,
            STATUS => user.status.name(),
            ENABLED => user.enabled_name(),
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
pub(crate) fn encoded(key: &str) -> String {
    key.bytes().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn decoded(token: &str) -> Result<String, Refusal> {
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
