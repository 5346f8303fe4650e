//! Settings that change nothing here, and are kept to be given back: the look of the classic pages,
//! what threat protection does, where logs go.

use serde_json::{Map, Value, json};

use super::pools::seconds;
use crate::call::{Call, Input};
use crate::error::{Outcome, Refusal, invalid_parameter, resource_not_found};

/// What stands for all app clients of a pool.
const ALL: &str = "ALL";

pub(crate) fn set_ui_customization(call: &mut Call<'_>, input: &Value) -> Outcome {
    let pool = call.pool(input.text("UserPoolId"))?;
    if !pool.managed_login.has_domain() {
        return Err(invalid_parameter(
            "There has to be an existing domain associated with this user pool",
        ));
    }
    let client = client(call, input)?;
    let now = call.now;
    let kept = read(call, input, &ui_key(&client))?;
    let created = kept.and_then(|kept| kept.get("CreationDate").cloned());
    let mut look = Map::new();
    look.insert("UserPoolId".into(), json!(input.text("UserPoolId")));
    look.insert("ClientId".into(), json!(client));
    if let Some(css) = input.optional("CSS") {
        look.insert("CSS".into(), json!(css));
        look.insert("CSSVersion".into(), json!((now / 1000).to_string()));
    }
    if let Some(image) = input.optional("ImageFile") {
        // There is no other place that it could be fetched from.
        let kind = if image.starts_with("/9j/") {
            "jpeg"
        } else {
            "png"
        };
        let url = format!("data:image/{kind};base64,{image}");
        look.insert("ImageUrl".into(), json!(url));
    }
    look.insert("LastModifiedDate".into(), seconds(now));
    look.insert(
        "CreationDate".into(),
        created.unwrap_or_else(|| seconds(now)),
    );
    let look = Value::Object(look);
    keep(call, input, ui_key(&client), look.clone())?;
    Ok(json!({ "UICustomization": look }))
}

/// That of the client, else the pool's; nothing is an empty shape (the API model).
pub(crate) fn ui_customization(call: &mut Call<'_>, input: &Value) -> Outcome {
    let client = client(call, input)?;
    let own = read(call, input, &ui_key(&client))?;
    let look = match own {
        Some(look) => Some(look),
        None => read(call, input, &ui_key(ALL))?,
    };
    Ok(json!({ "UICustomization": look.cloned().unwrap_or_else(|| json!({})) }))
}

pub(crate) fn set_risk(call: &mut Call<'_>, input: &Value) -> Outcome {
    let client = client(call, input)?;
    let mut risk = input.as_object().cloned().unwrap_or_default();
    risk.retain(|_, value| !value.is_null());
    risk.insert("LastModifiedDate".into(), seconds(call.now));
    let risk = Value::Object(risk);
    keep(call, input, format!("risk:{client}"), risk.clone())?;
    Ok(json!({ "RiskConfiguration": risk }))
}

pub(crate) fn risk(call: &mut Call<'_>, input: &Value) -> Outcome {
    let client = client(call, input)?;
    let risk = read(call, input, &format!("risk:{client}"))?.cloned();
    let none = || {
        let mut ids = input.as_object().cloned().unwrap_or_default();
        ids.retain(|_, value| !value.is_null());
        Value::Object(ids)
    };
    Ok(json!({ "RiskConfiguration": risk.unwrap_or_else(none) }))
}

pub(crate) fn set_log_delivery(call: &mut Call<'_>, input: &Value) -> Outcome {
    let logs = input.list("LogConfigurations").to_vec();
    keep(call, input, "logs".into(), json!(logs))?;
    log_delivery(call, input)
}

pub(crate) fn log_delivery(call: &mut Call<'_>, input: &Value) -> Outcome {
    let logs = read(call, input, "logs")?;
    let logs = logs.cloned().unwrap_or_else(|| json!([]));
    Ok(json!({ "LogDeliveryConfiguration": {
        "UserPoolId": input.text("UserPoolId"),
        "LogConfigurations": logs,
    } }))
}

/// The app client that a request names, which must be there; or all of them.
fn client(call: &Call<'_>, input: &Value) -> Result<String, Refusal> {
    let pool = call.pool(input.text("UserPoolId"))?;
    match input.optional("ClientId") {
        None | Some(ALL) => Ok(ALL.to_owned()),
        Some(id) if pool.clients.contains_key(id) => Ok(id.to_owned()),
        Some(id) => Err(resource_not_found(format!(
            "User pool client {id} does not exist."
        ))),
    }
}

fn ui_key(client: &str) -> String {
    format!("ui:{client}")
}

fn read<'a>(call: &'a Call<'_>, input: &Value, key: &str) -> Result<Option<&'a Value>, Refusal> {
    let pool = call.pool(input.text("UserPoolId"))?;
    Ok(pool.settings.kept.get(key))
}

fn keep(call: &mut Call<'_>, input: &Value, key: String, value: Value) -> Result<(), Refusal> {
    let pool = call.pool_mut(input.text("UserPoolId"))?;
    let mut settings = (*pool.settings).clone();
    settings.kept.insert(key, value);
    pool.settings = settings.into();
    Ok(())
}
