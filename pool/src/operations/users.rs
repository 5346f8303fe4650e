//! What signed-in users can do to themselves as a whole.

use serde_json::{Map, Value, json};

use crate::call::{Bearer, Call, Who};
use crate::error::{Outcome, Refusal, nothing};
use crate::state::{ASKED, Factor, User};

pub(crate) fn user(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { who, .. } = call.bearer(input)?;
    let settings = who.app.client_settings();
    let user = call.user(&who)?;
    let mut out = factors(user);
    out.insert("Username".into(), json!(user.username));
    out.insert(
        "UserAttributes".into(),
        attribute_list(user, |name| name == "sub" || settings.may_read(name)),
    );
    Ok(Value::Object(out))
}

pub(crate) fn delete(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { who, .. } = call.bearer(input)?;
    call.remove_user(&who)?;
    Ok(nothing())
}

impl Call<'_> {
    /// Removes a user with its names, its sign-ins and its challenges.
    pub(crate) fn remove_user(&mut self, who: &Who) -> Result<(), Refusal> {
        for attribute in ["email", "phone_number", "preferred_username"] {
            if let Some(value) = self.attribute(who, attribute)? {
                self.release_alias(who, attribute, &value)?;
            }
        }
        let pool = self.pool_mut(&who.app.pool_id)?;
        let sign_ins = pool.sign_ins_of(&who.key);
        for id in &sign_ins {
            pool.sign_ins.remove(id);
        }
        // Nor does what the user was asked for wait for the next one of that name.
        let asked = pool.challenges.with(ASKED, &who.key, None);
        let asked: Vec<String> = asked.map(String::from).collect();
        for session in asked {
            pool.challenges.remove(&session);
        }
        pool.users.remove(&who.key);
        Ok(())
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
        .more
        .mfa
        .enabled
        .iter()
        .map(|factor| factor.name())
        .collect();
    if !enabled.is_empty() {
        out.insert("UserMFASettingList".into(), json!(enabled));
    }
    if let Some(preferred) = user.more.mfa.preferred {
        out.insert("PreferredMfaSetting".into(), json!(preferred.name()));
    }
    if user.more.mfa.enabled.contains(&Factor::Sms) {
        let option = json!({ "DeliveryMedium": "SMS", "AttributeName": "phone_number" });
        out.insert("MFAOptions".into(), json!([option]));
    }
    out
}
