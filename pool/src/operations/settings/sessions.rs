//! Whether a pool keeps records of who is signed in where.

use serde_json::{Value, json};

use crate::call::{Call, Input};
use crate::error::Outcome;
use crate::settings::SessionSettings;

pub(crate) fn config(call: &mut Call<'_>, input: &Value) -> Outcome {
    let pool = call.pool(input.text("UserPoolId"))?;
    Ok(described(&pool.id, pool.sessions))
}

/// Sign-ins that there are already are neither recorded nor ended by it.
pub(crate) fn set_config(call: &mut Call<'_>, input: &Value) -> Outcome {
    let pool = call.pool_mut(input.text("UserPoolId"))?;
    let most = input
        .get("TokenSession")
        .and_then(|it| it.get("MaxPerUser"));
    let most = most.and_then(Value::as_u64).unwrap_or(20);
    pool.sessions = SessionSettings {
        tracked: input.text("UserSessionTracking") == "ENABLED",
        most_per_user: usize::try_from(most).unwrap_or(20),
    };
    Ok(described(&pool.id, pool.sessions))
}

fn described(id: &str, sessions: SessionSettings) -> Value {
    let tracking = if sessions.tracked {
        "ENABLED"
    } else {
        "DISABLED"
    };
    json!({
        "UserPoolId": id,
        "UserSessionTracking": tracking,
        "TokenSession": { "MaxPerUser": sessions.most_per_user },
    })
}
