//! Users as a whole: described, enabled, disabled, deleted.

use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::error::{Outcome, nothing};
use crate::operations::settings::pools::seconds;
use crate::operations::users::{attribute_list, factors};
use crate::state::User;

pub(crate) fn user(call: &mut Call<'_>, input: &Value) -> Outcome {
    let who = call.administered_user(input)?;
    let user = call.user(&who)?;
    let mut out = described(user, "UserAttributes");
    out.extend(factors(user));
    Ok(Value::Object(out))
}

pub(crate) fn enable(call: &mut Call<'_>, input: &Value) -> Outcome {
    set_enabled(call, input, true)
}

/// A disabled user's tokens are revoked: enabling brings nobody back in.
pub(crate) fn disable(call: &mut Call<'_>, input: &Value) -> Outcome {
    set_enabled(call, input, false)
}

pub(crate) fn delete(call: &mut Call<'_>, input: &Value) -> Outcome {
    let who = call.administered_user(input)?;
    call.remove_user(&who)?;
    Ok(nothing())
}

/// A user as AdminGetUser, AdminCreateUser and ListUsers show it; they name the list of attributes
/// differently.
pub(crate) fn described(user: &User, attributes: &str) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("Username".into(), json!(user.username));
    out.insert(attributes.into(), attribute_list(user, |_| true));
    out.insert("UserCreateDate".into(), seconds(user.created));
    out.insert("UserLastModifiedDate".into(), seconds(user.modified));
    out.insert("Enabled".into(), json!(user.enabled));
    out.insert("UserStatus".into(), json!(user.status.name()));
    out
}

fn set_enabled(call: &mut Call<'_>, input: &Value, enabled: bool) -> Outcome {
    let who = call.administered_user(input)?;
    if !enabled {
        call.sign_out_everywhere(&who)?;
    }
    call.modify(&who)?.enabled = enabled;
    Ok(nothing())
}
