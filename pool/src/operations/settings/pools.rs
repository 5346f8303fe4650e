//! User pools.

use std::sync::Arc;

use serde_json::{Value, json};

use super::describe::{lambda_config, user_pool};
use crate::aws::sms::check_role;
use crate::call::{Call, Input};
use crate::delivery::pool_arn;
use crate::error::{Outcome, Refusal, invalid_parameter, limit_exceeded, nothing};
use crate::randomness::Draw;
use crate::settings::{MfaMode, MfaSettings, PoolSettings, SchemaAttribute, SessionSettings};
use crate::state::{Head, UserPool};

/// More than an account's pools in Cognito unless raised.
const MOST_POOLS: usize = 1000;

pub(crate) fn create(call: &mut Call<'_>, input: &Value) -> Outcome {
    let id = create_with_id(call, input, None)?;
    Ok(json!({ "UserPool": user_pool(call.pool(&id)?) }))
}

pub(crate) fn create_with_id(
    call: &mut Call<'_>,
    input: &Value,
    id: Option<String>,
) -> Result<String, Refusal> {
    let mut settings = read(input)?;
    settings.complete_schema()?;
    check(&settings)?;
    let mfa = MfaSettings::of_new_pool(&settings, call.options.guide_2017)?;
    check_passkeys(&settings, &mfa)?;
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let region = call.region().to_owned();
    let id = id.unwrap_or_else(|| format!("{region}_{}", call.randomness.text(9, alphabet)));
    if id.len() > 55
        || !id
            .split_once('_')
            .is_some_and(|(region, name)| is_id(region, name))
    {
        return Err(invalid_parameter(
            "Invalid user pool id: REGION_NAME is expected.",
        ));
    }
    if call.state.pools.contains_key(&id) {
        return Err(invalid_parameter(format!("User pool {id} exists.")));
    }
    if call.state.pools.len() >= MOST_POOLS {
        return Err(limit_exceeded("Too many user pools."));
    }
    check_sms_role(call, &settings, &id)?;
    let pool = UserPool::new(
        id.clone(),
        Head {
            settings: Arc::new(settings),
            mfa: Arc::new(mfa),
            sessions: SessionSettings::default(),
            created: call.now,
            modified: call.now,
            pepper: call.randomness.opaque(),
        },
    );
    call.state.new_pools.push(id.clone());
    call.state.pools.insert(id.clone(), pool);
    Ok(id)
}

pub(crate) fn describe(call: &mut Call<'_>, input: &Value) -> Outcome {
    Ok(json!({ "UserPool": user_pool(call.pool(input.text("UserPoolId"))?) }))
}

/// As in Cognito, what the request leaves out goes back to its default, save for what can only be
/// said at creation, and what is kept.
pub(crate) fn update(call: &mut Call<'_>, input: &Value) -> Outcome {
    let pool = call.pool(input.text("UserPoolId"))?;
    let (id, old, mfa) = (pool.id.clone(), pool.settings.clone(), pool.mfa.clone());
    let mut settings = read(input)?;
    if settings.name.is_empty() {
        settings.name.clone_from(&old.name);
    }
    settings.alias_attributes.clone_from(&old.alias_attributes);
    settings
        .username_attributes
        .clone_from(&old.username_attributes);
    settings
        .username_configuration
        .clone_from(&old.username_configuration);
    settings.schema.clone_from(&old.schema);
    settings.kept.clone_from(&old.kept);
    keep(&mut settings, &old, input);
    if settings.mfa_configuration == MfaMode::On && old.mfa_configuration != MfaMode::On {
        return Err(invalid_parameter(
            "Cannot turn MFA functionality ON, once the user pool has been created.",
        ));
    }
    check(&settings)?;
    let mut mfa = (*mfa).clone();
    if settings.mfa_configuration == MfaMode::Off {
        mfa = mfa.without_factors();
    } else if old.mfa_configuration == MfaMode::Off {
        mfa = MfaSettings {
            webauthn: mfa.webauthn,
            ..MfaSettings::of_new_pool(&settings, call.options.guide_2017)?
        };
    }
    mfa.check(&settings)?;
    check_passkeys(&settings, &mfa)?;
    check_sms_role(call, &settings, &id)?;
    let now = call.now;
    let pool = call.pool_mut(&id)?;
    pool.settings = Arc::new(settings);
    pool.mfa = Arc::new(mfa);
    pool.modified = now;
    Ok(nothing())
}

pub(crate) fn delete(call: &mut Call<'_>, input: &Value) -> Outcome {
    let pool = call.pool(input.text("UserPoolId"))?;
    if pool.settings.protected_from_deletion() {
        return Err(invalid_parameter(
            "The user pool cannot be deleted because deletion protection is activated. Deletion \
             protection must be inactivated first.",
        ));
    }
    if pool.managed_login.has_domain() {
        return Err(invalid_parameter(
            "User pool cannot be deleted. It has a domain configured that should be deleted first.",
        ));
    }
    let id = pool.id.clone();
    call.state.remove_pool(&id);
    Ok(nothing())
}

pub(crate) fn list(call: &mut Call<'_>, input: &Value) -> Outcome {
    let after = input.text("NextToken");
    let pools: Vec<&UserPool> = (call.state.pools.values())
        .filter(|pool| pool.id.as_str() > after && call.lists(&pool.id))
        .collect();
    let most = super::most(input, 60);
    let list: Vec<Value> = (pools.iter().take(most))
        .map(|pool| {
            json!({
                "Id": pool.id,
                "Name": pool.settings.name,
                "LambdaConfig": lambda_config(&pool.settings),
                "LastModifiedDate": seconds(pool.modified),
                "CreationDate": seconds(pool.created),
            })
        })
        .collect();
    let ids = pools.iter().map(|pool| pool.id.as_str());
    Ok(super::with_next(json!({ "UserPools": list }), ids, most))
}

pub(crate) fn add_custom_attributes(call: &mut Call<'_>, input: &Value) -> Outcome {
    let pool = call.pool(input.text("UserPoolId"))?;
    let id = pool.id.clone();
    let mut settings = (*pool.settings).clone();
    for attribute in input.list("CustomAttributes") {
        let attribute: SchemaAttribute = serde_json::from_value(attribute.clone())
            .map_err(|_| invalid_parameter("Invalid custom attribute."))?;
        settings.add_custom(attribute)?;
    }
    call.pool_mut(&id)?.settings = Arc::new(settings);
    Ok(nothing())
}

/// Times on the wire are seconds with a fraction.
pub(crate) fn seconds(milliseconds: u64) -> Value {
    if milliseconds.is_multiple_of(1000) {
        return json!(milliseconds / 1000);
    }
    let whole = u32::try_from(milliseconds / 1000).map_or(f64::from(u32::MAX), f64::from);
    let rest = u32::try_from(milliseconds % 1000).map_or(0.0, f64::from);
    json!(whole + rest / 1000.0)
}

pub(super) fn check_sms_role(
    call: &Call<'_>,
    settings: &PoolSettings,
    id: &str,
) -> Result<(), Refusal> {
    let Some(sms) = &settings.sms_configuration else {
        return Ok(());
    };
    let account = call.state.account.get();
    check_role(
        account,
        &sms.sns_caller_arn,
        sms.external_id.as_deref(),
        &pool_arn(id),
    )
    .map_err(|error| call.role_refusal(error))
}

fn read(input: &Value) -> Result<PoolSettings, Refusal> {
    let mut members = input.as_object().cloned().unwrap_or_default();
    // Neither is a setting that a request can make.
    members.remove("UserPoolId");
    members.remove("Kept");
    members.retain(|_, value| !value.is_null());
    let mut settings: PoolSettings = serde_json::from_value(Value::Object(members))
        .map_err(|error| invalid_parameter(format!("Invalid user pool configuration: {error}")))?;
    settings.agree_on_messages();
    // An empty one is that of a pool that was never told.
    let recovery = settings.account_recovery_setting.take();
    settings.account_recovery_setting = recovery.filter(|it| !it.recovery_mechanisms.is_empty());
    Ok(settings)
}

/// What an update that does not speak of it leaves as it is. (Terraform's provider updates pools
/// without their tags, and sends an empty list to take UserAttributeUpdateSettings away.)
fn keep(settings: &mut PoolSettings, old: &PoolSettings, input: &Value) {
    let said = |name: &str| input.get(name).is_some_and(|value| !value.is_null());
    let policy_said = |name: &str| {
        let policies = input.get("Policies");
        policies.is_some_and(|policies| policies.get(name).is_some_and(|it| !it.is_null()))
    };
    if !said("MfaConfiguration") {
        settings.mfa_configuration = old.mfa_configuration;
    }
    if !policy_said("PasswordPolicy") {
        (settings.policies.password_policy).clone_from(&old.policies.password_policy);
    }
    if !policy_said("SignInPolicy") {
        (settings.policies.sign_in_policy).clone_from(&old.policies.sign_in_policy);
    }
    if !said("UserAttributeUpdateSettings") {
        let mut kept = old.user_attribute_update_settings.clone();
        if let Some(kept) = &mut kept {
            // Without a code that is sent by itself nothing would ever be verified.
            let named = &mut kept.attributes_require_verification_before_update;
            named.retain(|name| settings.auto_verifies(name));
        }
        settings.user_attribute_update_settings = kept;
    }
    for name in ["UserPoolTags", "UserPoolTier"] {
        if let (false, Some(kept)) = (said(name), old.other.get(name)) {
            settings.other.insert(name.into(), kept.clone());
        }
    }
}

/// The words are those of hashicorp/terraform-provider-aws#50110.
fn check_passkeys(settings: &PoolSettings, mfa: &MfaSettings) -> Result<(), Refusal> {
    if mfa.lets_passkeys_begin(settings) {
        return Ok(());
    }
    Err(invalid_parameter(
        "WEB_AUTHN cannot be used as an auth factor when MFA is enabled if not configured for MFA.",
    ))
}

fn check(settings: &PoolSettings) -> Result<(), Refusal> {
    if !settings.alias_attributes.is_empty() && !settings.username_attributes.is_empty() {
        return Err(invalid_parameter(
            "Only one of the aliasAttributes or usernameAttributes can be set in a user pool.",
        ));
    }
    let days = &settings
        .policies
        .password_policy
        .temporary_password_validity_days;
    let unused = settings
        .admin_create_user_config
        .unused_account_validity_days;
    if unused.is_some_and(|unused| unused != *days && *days != 7) {
        return Err(invalid_parameter(
            "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of \
             UnusedAccountValidityDays",
        ));
    }
    if let Some(update) = &settings.user_attribute_update_settings {
        let named = &update.attributes_require_verification_before_update;
        if let Some(other) = named.iter().find(|name| !settings.auto_verifies(name)) {
            return Err(invalid_parameter(format!(
                "AttributesRequireVerificationBeforeUpdate needs {other} in AutoVerifiedAttributes."
            )));
        }
    }
    if let Some(recovery) = &settings.account_recovery_setting {
        let names = &recovery.recovery_mechanisms;
        let admin_only = names.iter().any(|mechanism| mechanism.name == "admin_only");
        if admin_only && names.len() > 1 {
            return Err(invalid_parameter(
                "admin_only cannot be combined with other recovery mechanisms.",
            ));
        }
    }
    Ok(())
}

fn is_id(region: &str, name: &str) -> bool {
    !region.is_empty()
        && !name.is_empty()
        && region
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && name.bytes().all(|b| b.is_ascii_alphanumeric())
}
