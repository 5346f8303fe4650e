//! A user pool as it is described: with what is in force, whether a request said it or not.

use serde_json::{Map, Value, json};

use super::pools::seconds;
use crate::delivery::pool_arn;
use crate::settings::{PoolSettings, SmsConfiguration};
use crate::state::UserPool;

/// `UserPoolType`. What nobody set has the values with which the service shows a new pool
/// (localstack/localstack#11747 and what hashicorp/terraform-provider-aws reads back).
pub(super) fn user_pool(pool: &UserPool) -> Value {
    let mut out = serde_json::to_value(&*pool.settings).unwrap_or_default();
    let Some(members) = out.as_object_mut() else {
        return out;
    };
    members.remove("Kept");
    for (name, value) in [
        ("Id", json!(pool.id)),
        ("Arn", json!(pool_arn(&pool.id))),
        ("CreationDate", seconds(pool.created)),
        ("LastModifiedDate", seconds(pool.modified)),
        ("EstimatedNumberOfUsers", json!(pool.users.len())),
        ("LambdaConfig", lambda_config(&pool.settings)),
    ] {
        members.insert(name.into(), value);
    }
    for (name, value) in [
        ("DeletionProtection", json!("INACTIVE")),
        ("EmailConfiguration", json!({})),
        ("UserPoolTier", json!("ESSENTIALS")),
        ("UserPoolTags", json!({})),
        ("AccountRecoverySetting", recovery()),
    ] {
        members.entry(name).or_insert(value);
    }
    let inner = [
        (
            "EmailConfiguration",
            "EmailSendingAccount",
            json!("COGNITO_DEFAULT"),
        ),
        (
            "Policies",
            "SignInPolicy",
            json!({ "AllowedFirstAuthFactors": ["PASSWORD"] }),
        ),
        (
            "AdminCreateUserConfig",
            "UnusedAccountValidityDays",
            json!(
                pool.settings
                    .policies
                    .password_policy
                    .temporary_password_validity_days
            ),
        ),
    ];
    for (part, member, value) in inner {
        if let Some(Value::Object(part)) = members.get_mut(part) {
            part.entry(member).or_insert(value);
        }
    }
    if let Some(sms) = &pool.settings.sms_configuration {
        members.insert("SmsConfiguration".into(), sms_configuration(sms, &pool.id));
    }
    for domain in pool.managed_login.domains.values() {
        let member = if domain.is_custom() {
            "CustomDomain"
        } else {
            "Domain"
        };
        members.insert(member.into(), json!(domain.name));
    }
    out
}

/// The functions of a pool. The two members that name the one for tokens say the same.
pub(super) fn lambda_config(settings: &PoolSettings) -> Value {
    let given = settings.other.get("LambdaConfig");
    let mut config: Map<String, Value> = given
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let configured = config.get("PreTokenGenerationConfig");
    let configured = configured.and_then(|it| it.get("LambdaArn")).cloned();
    if let Some(arn) = configured {
        config.insert("PreTokenGeneration".into(), arn);
    } else if let Some(arn) = config.get("PreTokenGeneration").cloned() {
        let first = json!({ "LambdaVersion": "V1_0", "LambdaArn": arn });
        config.insert("PreTokenGenerationConfig".into(), first);
    }
    Value::Object(config)
}

/// `SmsConfigurationType`: SMS are sent in the pool's own region, unless another is named.
pub(super) fn sms_configuration(sms: &SmsConfiguration, pool_id: &str) -> Value {
    let mut out = json!(sms);
    if let Some(members) = out.as_object_mut() {
        let region = || json!(region_of(pool_id));
        members.entry("SnsRegion").or_insert_with(region);
    }
    out
}

/// How a password is recovered where the pool does not say: by phone, else by email.
fn recovery() -> Value {
    let mechanism = |priority: u32, name: &str| json!({ "Priority": priority, "Name": name });
    json!({ "RecoveryMechanisms": [
        mechanism(1, "verified_phone_number"), mechanism(2, "verified_email"),
    ] })
}

fn region_of(pool_id: &str) -> &str {
    pool_id.split_once('_').map_or("", |(region, _)| region)
}
