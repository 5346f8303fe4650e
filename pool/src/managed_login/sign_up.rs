//! `/signup` and `/confirm`.

use serde_json::{Value, json};

use super::authorize::{Authorization, once_more};
use super::login::{self, NO_USERS, autocomplete, check_form};
use super::page::{Field, Form, Page};
use super::parameters::Parameters;
use super::{Answer, page};
use crate::call::{Call, Input, secret_hash};
use crate::error::Refusal;
use crate::operations;
use crate::wire::{Request, Response};

pub(super) fn answer(call: &mut Call<'_>, request: &Request) -> Answer {
    let authorization = match Authorization::read(call, request) {
        Ok(authorization) => authorization,
        Err(fault) => return Ok(fault.response()),
    };
    if !is_open(&authorization) {
        return Ok(page::failure(
            403,
            "SignUp is not permitted for this user pool",
        ));
    }
    let form = Parameters::of_form(request);
    if request.method == "GET" {
        return Ok(sign_up_page(call, request, &authorization, &form, None));
    }
    check_form(request, &form)?;
    let (username, password) = (form.text("username"), form.text("password"));
    let attributes: Vec<Value> = (form.beginning("attribute."))
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| json!({ "Name": name, "Value": value }))
        .collect();
    let mut input = json!({ "UserAttributes": attributes });
    if let (false, Some(members)) = (password.is_empty(), input.as_object_mut()) {
        members.insert("Password".into(), json!(password));
    }
    let input = named(&authorization, username, input);
    let signed_up = operations::run(call, "SignUp", &input)?;
    if !signed_up.flag("UserConfirmed") {
        return Ok(confirm_page(call, request, &authorization, username, None));
    }
    if password.is_empty() {
        return Ok(confirmed_page(call, request, &authorization, username));
    }
    let outcome = login::begin(call, &authorization, username, password)?;
    login::settle(call, request, &authorization, outcome)
}

pub(super) fn refused(call: &mut Call<'_>, request: &Request, refusal: &Refusal) -> Response {
    once_more(call, request, |call, authorization, form| {
        sign_up_page(call, request, authorization, form, Some(&refusal.message))
    })
}

pub(super) fn confirm(call: &mut Call<'_>, request: &Request) -> Answer {
    let authorization = match Authorization::read(call, request) {
        Ok(authorization) => authorization,
        Err(fault) => return Ok(fault.response()),
    };
    if !authorization.own_users() {
        return Ok(page::failure(400, NO_USERS));
    }
    let form = Parameters::of_form(request);
    check_form(request, &form)?;
    let username = form.text("username");
    if form.get("action") == Some("resend") {
        let input = named(&authorization, username, json!({}));
        operations::run(call, "ResendConfirmationCode", &input)?;
        let page = confirm_page(call, request, &authorization, username, None);
        return Ok(page);
    }
    let code = json!({ "ConfirmationCode": form.text("code").trim() });
    let input = named(&authorization, username, code);
    let confirmed = operations::run(call, "ConfirmSignUp", &input)?;
    // The code was a first factor too, where the client may have it so.
    if let Some(session) = confirmed.optional("Session")
        && let Ok(outcome) = login::begin_by_session(call, &authorization, username, session)
    {
        return login::settle(call, request, &authorization, outcome);
    }
    Ok(confirmed_page(call, request, &authorization, username))
}

fn confirmed_page(
    call: &mut Call<'_>,
    request: &Request,
    authorization: &Authorization,
    username: &str,
) -> Response {
    let notice = Some("Your account is confirmed. You can sign in now.");
    login::first_page_with(call, request, authorization, username, None, notice)
}

pub(super) fn confirm_refused(
    call: &mut Call<'_>,
    request: &Request,
    refusal: &Refusal,
) -> Response {
    once_more(call, request, |call, authorization, form| {
        let (username, why) = (form.text("username"), Some(refusal.message.as_str()));
        confirm_page(call, request, authorization, username, why)
    })
}

/// Whether people may sign up by themselves.
pub(super) fn is_open(authorization: &Authorization) -> bool {
    let settings = &authorization.app.settings;
    authorization.own_users()
        && !settings
            .admin_create_user_config
            .allow_admin_create_user_only
}

/// The codes that can stand in the place of a password, with what their buttons say.
pub(super) fn codes(authorization: &Authorization) -> Vec<(&'static str, &'static str)> {
    let settings = &authorization.app.settings;
    let mut codes = vec![
        ("EMAIL_OTP", "Send me a code by email"),
        ("SMS_OTP", "Send me a code by SMS"),
    ];
    codes.retain(|(factor, _)| settings.allows_first_factor(factor));
    codes
}

/// What a name is called, by what it can be.
pub(super) fn name_label(authorization: &Authorization) -> &'static str {
    let attributes = &authorization.app.settings.username_attributes;
    let has = |name: &str| attributes.iter().any(|attribute| attribute == name);
    match (has("email"), has("phone_number")) {
        (true, true) => "Email or phone number",
        (true, false) => "Email",
        (false, true) => "Phone number",
        (false, false) => "User name",
    }
}

/// The request of an operation that names the app and a user.
pub(super) fn named(authorization: &Authorization, username: &str, mut input: Value) -> Value {
    let hash = secret_hash(&authorization.app, username);
    if let Some(members) = input.as_object_mut() {
        members.insert("ClientId".into(), json!(authorization.app.client_id()));
        members.insert("Username".into(), json!(username));
        if let Some(hash) = hash {
            members.insert("SecretHash".into(), json!(hash));
        }
    }
    input
}

pub(super) fn confirm_page(
    call: &mut Call<'_>,
    request: &Request,
    authorization: &Authorization,
    username: &str,
    error: Option<&str>,
) -> Response {
    let form = Form::to(&authorization.link("/confirm"))
        .hidden("username", username)
        .field(&Field::code("code", "Code"))
        .button("Confirm account")
        .other_button("resend", "Send a new code");
    Page::new(authorization, "Confirm your account")
        .error(error)
        .text(&format!(
            "Enter the code that was sent when {username} signed up."
        ))
        .form(form)
        .link(&authorization.link("/login"), "Back to signing in")
        .response(call, request)
}

fn sign_up_page(
    call: &mut Call<'_>,
    request: &Request,
    authorization: &Authorization,
    form: &Parameters,
    error: Option<&str>,
) -> Response {
    let settings = &authorization.app.settings;
    let names = &settings.username_attributes;
    // With one kind of name alone it is that attribute.
    let is_name = |attribute: &str| matches!(names.as_slice(), [only] if only == attribute);
    let required: Vec<&str> = settings.missing_attributes(is_name).collect();
    let mut wanted: Vec<(&str, bool)> = required.iter().map(|name| (*name, false)).collect();
    for attribute in &settings.auto_verified_attributes {
        let name = attribute.as_str();
        if !is_name(name) && !required.contains(&name) {
            wanted.push((name, true));
        }
    }
    let username = Field::text("username", name_label(authorization), "username");
    let mut fields = Form::to(&authorization.link("/signup"))
        .field(&username.value(form.text("username")))
        .field(&Field {
            optional: !codes(authorization).is_empty(),
            ..Field::password("password", "Password", "new-password")
        });
    for (attribute, optional) in wanted {
        let name = format!("attribute.{attribute}");
        let label = match attribute {
            "email" => "Email",
            "phone_number" => "Phone number",
            other => other,
        };
        fields = fields.field(&Field {
            optional,
            ..Field::text(&name, label, autocomplete(attribute)).value(form.text(&name))
        });
    }
    Page::new(authorization, "Create an account")
        .error(error)
        .form(fields.button("Create account"))
        .link(&authorization.link("/login"), "Back to signing in")
        .response(call, request)
}
