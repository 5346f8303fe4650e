//! What signed-in users can do to themselves as a whole.

use serde_json::{Map, Value, json};

use crate::call::{App, Bearer, Call, Found};
use crate::error::{Outcome, nothing};
use crate::state::{Factor, User};

pub(crate) fn user(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { app, found, .. } = call.bearer(input)?;
    let settings = app.client_settings();
    let mut out = factors(&found.user);
    out.insert("Username".into(), json!(found.user.username));
    out.insert(
        "UserAttributes".into(),
        attribute_list(&found.user, |name| name == "sub" || settings.may_read(name)),
    );
    Ok(Value::Object(out))
}

pub(crate) fn delete(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { app, found, .. } = call.bearer(input)?;
    call.remove_user(&app, &found);
    Ok(nothing())
}

impl Call<'_> {
    /// Removes a user with its names and its sign-ins.
    pub(crate) fn remove_user(&mut self, app: &App, found: &Found) {
        let Some(pool) = self.state.pools.get_mut(&app.pool_id) else {
            return;
        };
        for attribute in ["email", "phone_number", "preferred_username"] {
            if let Some(value) = found.user.attribute(attribute) {
                let alias = pool.alias_key(attribute, value);
                if pool
                    .aliases
                    .get(&alias)
                    .is_some_and(|owner| *owner == found.key)
                {
                    pool.aliases.remove(&alias);
                }
            }
        }
        for id in &found.user.sign_ins {
            pool.sign_ins.remove(id);
        }
        pool.users.remove(&found.key);
    }
}

/// The attributes as the wire has them.
pub(crate) fn attribute_list(user: &User, shown: impl Fn(&str) -> bool) -> Value {
    user.attributes
        .iter()
        .filter(|(name, _)| shown(name))
        .map(|(name, value)| json!({ "Name": name, "Value": value }))
        .collect()
}

/// What GetUser and AdminGetUser say of factors; what is empty is left out.
pub(crate) fn factors(user: &User) -> Map<String, Value> {
    let mut out = Map::new();
    let enabled: Vec<&str> = user
        .mfa
        .enabled
        .iter()
        .map(|factor| factor.name())
        .collect();
    if !enabled.is_empty() {
        out.insert("UserMFASettingList".into(), json!(enabled));
    }
    if let Some(preferred) = user.mfa.preferred {
        out.insert("PreferredMfaSetting".into(), json!(preferred.name()));
    }
    if user.mfa.enabled.contains(&Factor::Sms) {
        let option = json!({ "DeliveryMedium": "SMS", "AttributeName": "phone_number" });
        out.insert("MFAOptions".into(), json!([option]));
    }
    out
}
