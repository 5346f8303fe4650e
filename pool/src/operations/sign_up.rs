//! Signing up: SignUp, ConfirmSignUp, ResendConfirmationCode, and the link that does the same.

use serde_json::{Map, Value, json};

use super::challenges::invalid_session;
use super::codes::{account_with, carrier_at_sign_up, made_up_delivery, no_code};
use super::password::check_policy;
use crate::call::{App, Call, Input, Who};
use crate::delivery::Kind;
use crate::error::{
    Outcome, Refusal, invalid_parameter, not_authorized, user_not_found, username_exists,
};
use crate::randomness::Draw;
use crate::settings::{MfaMode, PoolSettings, is_email, is_phone_number};
use crate::state::{Expects, Purpose, User, UserStatus};

pub(crate) fn sign_up(call: &mut Call<'_>, input: &Value) -> Outcome {
    let name = input.text("Username");
    let app = call.app(input, Some(name))?;
    if app
        .settings
        .admin_create_user_config
        .allow_admin_create_user_only
    {
        return Err(not_authorized("SignUp is not permitted for this user pool"));
    }
    let password = input.optional("Password");
    if let Some(password) = password {
        check_policy(&app.settings, password, call.operation)?;
    }
    let attributes = input.attributes("UserAttributes");
    for attribute in attributes.keys() {
        let writable = app.client_settings().may_write(attribute)
            && !matches!(
                attribute.as_str(),
                "sub" | "email_verified" | "phone_number_verified"
            );
        if !writable {
            return Err(not_authorized(
                "A client attempted to write unauthorized attribute",
            ));
        }
    }
    let (attributes, mut faults) = app.settings.read_attributes(attributes);
    let who = call.new_user(&app, name, UserStatus::Unconfirmed)?;
    let user = call.user_mut(&who)?;
    user.give(&attributes);
    for missing in (app.settings).missing_attributes(|name| user.attribute(name).is_some()) {
        faults.add(missing, "The attribute is required");
    }
    faults.at_creation()?;
    if password.is_none() && !can_do_without(&app, user) {
        return Err(invalid_parameter(
            "Password is required for this user pool.",
        ));
    }
    let auto = pre_sign_up(call, &who, input)?;
    claim_names(call, &who)?;
    if let Some(password) = password {
        call.set_password(&who, password)?;
    }
    let user = call.user_mut(&who)?;
    for attribute in ["email", "phone_number"] {
        if user.attribute(attribute).is_some() {
            user.set_verified(attribute, auto.verifies(attribute));
        }
    }
    let sub = user.sub().to_owned();
    if auto.confirms {
        user.status = UserStatus::Confirmed;
        // The API model names post confirmation among the functions that SignUp invokes.
        call.tell_confirmed(&who, "ConfirmSignUp")?;
    }
    let user = call.user(&who)?;
    let carrier = carrier_at_sign_up(&app, user).filter(|_| !auto.confirms);
    let mut out = Map::new();
    if let Some((attribute, value)) = carrier {
        let carrier = (attribute.as_str(), value.as_str());
        let details = call.send_new_code(&who, Purpose::SignUp, Kind::SignUp, carrier)?;
        out.insert("CodeDeliveryDetails".into(), details);
        if let Some(session) = call.session_for(&who, Expects::SignUp)? {
            out.insert("Session".into(), json!(session));
        }
    }
    out.insert("UserConfirmed".into(), json!(auto.confirms));
    out.insert("UserSub".into(), json!(sub));
    Ok(Value::Object(out))
}

pub(crate) fn confirm_sign_up(call: &mut Call<'_>, input: &Value) -> Outcome {
    let name = input.text("Username");
    let app = call.app(input, Some(name))?;
    let Some(who) = call.find(&app, name) else {
        return Err(if app.prevents_user_existence_errors() {
            no_code()
        } else {
            user_not_found("Username/client id combination not found.")
        });
    };
    call.count(&who, "ConfirmSignUp", 15)?;
    check_unconfirmed(call.user(&who)?)?;
    let session = input.optional("Session");
    if let Some(session) = session {
        let Expects::SignUp = call.open_challenge(&app, session, name)?.expects else {
            return Err(invalid_session());
        };
    }
    let code = input.text("ConfirmationCode");
    let code = call.use_code(&who, Purpose::SignUp, code)?;
    // Not before: a code that was mistyped does not cost the session.
    if let Some(session) = session {
        call.spend_challenge(&app, session)?;
    }
    call.verify_attribute(&who, &code, input.flag("ForceAliasCreation"))?;
    call.modify(&who)?.status = UserStatus::Confirmed;
    call.tell_confirmed(&who, "ConfirmSignUp")?;
    let mut out = Map::new();
    if let Some(session) = call.session_for(&who, Expects::Confirmed)? {
        out.insert("Session".into(), json!(session));
    }
    Ok(Value::Object(out))
}

pub(crate) fn resend_confirmation_code(call: &mut Call<'_>, input: &Value) -> Outcome {
    let name = input.text("Username");
    let app = call.app(input, Some(name))?;
    let Some(who) = call.find(&app, name) else {
        return if app.prevents_user_existence_errors() {
            Ok(json!({ "CodeDeliveryDetails": made_up_delivery(&app, name) }))
        } else {
            Err(user_not_found("Username/client id combination not found."))
        };
    };
    call.count(&who, "ResendConfirmationCode", 5)?;
    let user = call.user(&who)?;
    if user.status != UserStatus::Unconfirmed {
        return Err(invalid_parameter("User is already confirmed."));
    }
    let Some((attribute, value)) = carrier_at_sign_up(&app, user) else {
        return Err(invalid_parameter("Auto verification not turned on."));
    };
    let carrier = (attribute.as_str(), value.as_str());
    let details = call.send_new_code(&who, Purpose::SignUp, Kind::ResendCode, carrier)?;
    Ok(json!({ "CodeDeliveryDetails": details }))
}

/// What the link in an email does. The person is shown whether it did; why not is nobody's business.
///
/// The function PostConfirmation is told of it as of ConfirmSignUp: the developer guide has it run
/// after a person confirms the account, and names no way of doing so that is left out.
pub(crate) fn confirm_by_link(
    call: &mut Call<'_>,
    client_id: &str,
    username: &str,
    code: &str,
) -> Result<(), Refusal> {
    let app = call.app_of(client_id)?;
    let who = call.find(&app, username).ok_or_else(no_code)?;
    let user = call.user(&who)?;
    check_unconfirmed(user)?;
    if !user.enabled {
        return Err(not_authorized("User is disabled."));
    }
    let code = call.use_code(&who, Purpose::SignUp, code)?;
    call.verify_attribute(&who, &code, false)?;
    call.modify(&who)?.status = UserStatus::Confirmed;
    call.tell_confirmed(&who, "ConfirmSignUp")
}

pub(super) fn check_unconfirmed(user: &User) -> Result<(), Refusal> {
    if user.status == UserStatus::Unconfirmed {
        return Ok(());
    }
    Err(not_authorized(format!(
        "User cannot be confirmed. Current status is {}",
        user.status.name()
    )))
}

/// Whether the user can begin with a code, so that a password is not needed.
fn can_do_without(app: &App, user: &User) -> bool {
    let by_code = [("EMAIL_OTP", "email"), ("SMS_OTP", "phone_number")];
    app.settings.mfa_configuration != MfaMode::On
        && by_code.iter().any(|(factor, attribute)| {
            app.settings.allows_first_factor(factor) && user.attribute(attribute).is_some()
        })
}

impl Call<'_> {
    /// A session that leads from signing up to the first sign-in, for clients that sign in by
    /// USER_AUTH.
    fn session_for(&mut self, who: &Who, on: Expects) -> Result<Option<String>, Refusal> {
        if !who.app.client_settings().allows("ALLOW_USER_AUTH") {
            return Ok(None);
        }
        let session = self.randomness.opaque();
        self.remember_challenge(&who.app, &who.key, None, session.clone(), on)?;
        Ok(Some(session))
    }

    /// Makes a user of that name. Where users are known by email or phone number, the name given is
    /// that attribute, and the real user name is made up.
    pub(crate) fn new_user(
        &mut self,
        app: &App,
        name: &str,
        status: UserStatus,
    ) -> Result<Who, Refusal> {
        let sub = self.randomness.uuid();
        let now = self.now;
        let settings = &app.settings;
        // Said so in localstack/localstack#4465.
        let by_administrator = self.operation == "AdminCreateUser";
        let exists = username_exists(if by_administrator {
            "User account already exists"
        } else {
            "User already exists"
        });
        let pool = self.pool_mut(&app.pool_id)?;
        let (key, user) = if settings.username_attributes.is_empty() {
            check_not_an_alias(settings, name)?;
            let user = User::new(name.into(), sub, status, now);
            (settings.comparable(name), user)
        } else {
            let attribute = named_attribute(settings, name)?;
            if pool.aliases.contains_key(&pool.alias_key(attribute, name)) {
                let taken = || username_exists(account_with(attribute));
                return Err(if by_administrator { exists } else { taken() });
            }
            let mut user = User::new(sub.clone(), sub.clone(), status, now);
            user.attributes.insert(attribute, name);
            (sub, user)
        };
        if pool.users.contains_key(&key) {
            return Err(exists);
        }
        pool.users.insert(key.clone(), user);
        Ok(Who {
            app: app.clone(),
            key,
        })
    }
}

/// Takes the names that users of a pool of `UsernameAttributes` sign in by, verified or not.
pub(super) fn claim_names(call: &mut Call<'_>, who: &Who) -> Result<(), Refusal> {
    for attribute in &who.app.settings.username_attributes {
        let value = call.attribute(who, attribute)?.unwrap_or_default();
        // The name is taken, whatever the API calls it there.
        call.claim_alias(who, attribute, &value, false)?;
    }
    Ok(())
}

fn check_not_an_alias(settings: &PoolSettings, name: &str) -> Result<(), Refusal> {
    let has = |attribute: &str| settings.alias_attributes.iter().any(|a| a == attribute);
    if has("email") && is_email(name) {
        return Err(invalid_parameter(
            "Username cannot be of email format, since user pool is configured for email alias.",
        ));
    }
    if has("phone_number") && is_phone_number(name) {
        return Err(invalid_parameter(
            "Username cannot be of phone number format, since user pool is configured for phone \
             number alias.",
        ));
    }
    Ok(())
}

fn named_attribute(settings: &PoolSettings, name: &str) -> Result<&'static str, Refusal> {
    let has = |attribute: &str| settings.username_attributes.iter().any(|a| a == attribute);
    match (has("email"), has("phone_number")) {
        (true, _) if is_email(name) => Ok("email"),
        (_, true) if is_phone_number(name) => Ok("phone_number"),
        (true, true) => Err(invalid_parameter(
            "Username should be either an email or a phone number.",
        )),
        (true, false) => Err(invalid_parameter("Username should be an email.")),
        _ => Err(invalid_parameter("Username should be a phone number.")),
    }
}

/// What the trigger PreSignUp wants done at once.
#[derive(Default)]
struct Automatic {
    confirms: bool,
    email: bool,
    phone_number: bool,
}

impl Automatic {
    fn verifies(&self, attribute: &str) -> bool {
        if attribute == "email" {
            self.email
        } else {
            self.phone_number
        }
    }
}

fn pre_sign_up(call: &mut Call<'_>, who: &Who, input: &Value) -> Result<Automatic, Refusal> {
    let request = json!({
        "validationData": input.attributes("ValidationData"),
        "clientMetadata": input.get("ClientMetadata").cloned().unwrap_or_default(),
    });
    let Some(response) = call.trigger("PreSignUp", "PreSignUp_SignUp", who, request)? else {
        return Ok(Automatic::default());
    };
    Ok(Automatic {
        confirms: response.flag("autoConfirmUser"),
        email: response.flag("autoVerifyEmail"),
        phone_number: response.flag("autoVerifyPhone"),
    })
}
