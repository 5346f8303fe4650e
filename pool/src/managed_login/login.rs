//! `/login`: a password, then whatever the pool asks for besides.

use serde_json::{Value, json};

use super::authorize::Authorization;
use super::page::{Field, Form, Page};
use super::parameters::Parameters;
use super::{Answer, cookies, page, recover, sign_up};
use crate::call::{Call, Input, Who, secret_hash};
use crate::error::{Refusal, invalid_parameter};
use crate::operations::{self, sign_in};
use crate::wire::{Request, Response};

const EXPIRED: &str = "This took too long, or was tried too often. Please begin again.";

/// Where people sign in by identity providers alone.
pub(super) const NO_USERS: &str = "This app has no users of this pool.";

pub(super) fn answer(call: &mut Call<'_>, request: &Request) -> Answer {
    let authorization = match Authorization::read(call, request) {
        Ok(authorization) => authorization,
        Err(fault) => return Ok(fault.response()),
    };
    if request.method == "GET" {
        let name = authorization.login_hint.clone().unwrap_or_default();
        return Ok(first_page(call, request, &authorization, &name, None));
    }
    let form = Parameters::of_form(request);
    check_form(request, &form)?;
    if form.get("action") == Some("continue") {
        return go_on_as(call, request, &authorization);
    }
    if !authorization.own_users() {
        return Ok(page::failure(400, NO_USERS));
    }
    let (username, password) = (form.text("username"), form.text("password"));
    let outcome = match (asked(&form), form.get("action")) {
        (Some(challenge), _) => respond(call, &authorization, &challenge, &form)?,
        (None, Some(factor)) => begin_by_code(call, &authorization, username, factor)?,
        (None, None) => begin(call, &authorization, username, password)?,
    };
    settle(call, request, &authorization, outcome)
}

pub(super) fn refused(call: &mut Call<'_>, request: &Request, refusal: &Refusal) -> Response {
    let authorization = match Authorization::read(call, request) {
        Ok(authorization) => authorization,
        Err(fault) => return fault.response(),
    };
    let form = Parameters::of_form(request);
    let username = form.text("username");
    let why = Some(refusal.message.as_str());
    match (refusal.name, asked(&form)) {
        ("UserNotConfirmedException", _) => {
            sign_up::confirm_page(call, request, &authorization, username, None)
        }
        ("PasswordResetRequiredException", _) => {
            recover::page(call, request, &authorization, username, why)
        }
        // The session is over; a code that is wrong is another exception.
        ("NotAuthorizedException", Some(_)) => {
            let why = Some(EXPIRED);
            first_page(call, request, &authorization, username, why)
        }
        (_, Some(challenge)) => challenge_page(call, request, &authorization, &challenge, why),
        _ => first_page(call, request, &authorization, username, why),
    }
}

/// Forms are ours alone.
pub(super) fn check_form(request: &Request, form: &Parameters) -> Result<(), Refusal> {
    if cookies::is_our_form(request, form) {
        Ok(())
    } else {
        Err(invalid_parameter(
            "This form is too old, or was not sent by this page. Please try again.",
        ))
    }
}

/// Begins to sign in with a password; gives a challenge, or who has signed in.
pub(super) fn begin(
    call: &mut Call<'_>,
    authorization: &Authorization,
    username: &str,
    password: &str,
) -> Result<Value, Refusal> {
    let parameters = with_hash(
        authorization,
        username,
        json!({ "USERNAME": username, "PASSWORD": password }),
    );
    let input = json!({
        "ClientId": authorization.app.client_id(),
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": parameters,
    });
    sign_in::by_managed_login(call, &authorization.app, &input)
}

/// Begins with a code in the place of a password.
fn begin_by_code(
    call: &mut Call<'_>,
    authorization: &Authorization,
    username: &str,
    factor: &str,
) -> Result<Value, Refusal> {
    let wish = json!({ "USERNAME": username, "PREFERRED_CHALLENGE": factor });
    let begun = begin_by_choice(call, authorization, username, wish, None)?;
    // What the person would be let choose from instead is the form that they come from.
    let is_code = (sign_up::codes(authorization).iter()).any(|(code, _)| *code == factor);
    if is_code && begun.text("ChallengeName") == factor {
        Ok(begun)
    } else {
        Err(invalid_parameter("No code can be sent to this user."))
    }
}

/// Begins by the session that a confirmed sign-up left.
pub(super) fn begin_by_session(
    call: &mut Call<'_>,
    authorization: &Authorization,
    username: &str,
    session: &str,
) -> Result<Value, Refusal> {
    let wish = json!({ "USERNAME": username });
    begin_by_choice(call, authorization, username, wish, Some(session))
}

fn begin_by_choice(
    call: &mut Call<'_>,
    authorization: &Authorization,
    username: &str,
    wish: Value,
    session: Option<&str>,
) -> Result<Value, Refusal> {
    let mut input = json!({
        "ClientId": authorization.app.client_id(),
        "AuthFlow": "USER_AUTH",
        "AuthParameters": with_hash(authorization, username, wish),
    });
    if let Some(session) = session {
        set(&mut input, "Session", session);
    }
    sign_in::by_managed_login(call, &authorization.app, &input)
}

fn respond(
    call: &mut Call<'_>,
    authorization: &Authorization,
    challenge: &Value,
    form: &Parameters,
) -> Result<Value, Refusal> {
    let name = challenge.text("ChallengeName");
    let username = user_of(challenge, form);
    let mut session = challenge.text("Session").to_owned();
    let mut answers = json!({ "USERNAME": username });
    let code = form.text("code").trim();
    match name {
        "SMS_MFA" | "EMAIL_OTP" | "SMS_OTP" | "SOFTWARE_TOKEN_MFA" => {
            set(&mut answers, &format!("{name}_CODE"), code);
        }
        "SELECT_MFA_TYPE" => set(&mut answers, "ANSWER", form.text("factor")),
        "NEW_PASSWORD_REQUIRED" => {
            set(&mut answers, "NEW_PASSWORD", form.text("new_password"));
            for (attribute, value) in form.beginning("attribute.") {
                set(&mut answers, &format!("userAttributes.{attribute}"), value);
            }
        }
        "MFA_SETUP" => {
            if let Some(email) = form.get("email") {
                set(&mut answers, "EMAIL", email);
            } else {
                let input = json!({ "Session": session, "UserCode": code });
                let verified = operations::run(call, "VerifySoftwareToken", &input)?;
                session = verified.text("Session").to_owned();
            }
        }
        _ => {
            return Err(invalid_parameter(format!(
                "{name} cannot be answered here."
            )));
        }
    }
    let input = json!({
        "ClientId": authorization.app.client_id(),
        "ChallengeName": name,
        "Session": session,
        "ChallengeResponses": with_hash(authorization, &username, answers),
    });
    sign_in::by_managed_login(call, &authorization.app, &input)
}

/// What a step of signing in leads to: the next challenge, or back to the app.
pub(super) fn settle(
    call: &mut Call<'_>,
    request: &Request,
    authorization: &Authorization,
    outcome: Value,
) -> Answer {
    if let Some(key) = outcome.optional(sign_in::SIGNED_IN) {
        let who = Who {
            app: authorization.app.clone(),
            key: key.into(),
        };
        return authorization.signed_in(call, &who, None);
    }
    let mut challenge = outcome;
    let offered = challenge.entry("ChallengeParameters", "MFAS_CAN_SETUP");
    if offered.is_some_and(|offered| offered.contains("SOFTWARE_TOKEN_MFA")) {
        let input = json!({ "Session": challenge.text("Session") });
        let secret = operations::run(call, "AssociateSoftwareToken", &input)?;
        for member in ["SecretCode", "Session"] {
            set(&mut challenge, member, secret.text(member));
        }
    }
    Ok(challenge_page(
        call,
        request,
        authorization,
        &challenge,
        None,
    ))
}

/// Somebody who has signed in here already goes on.
fn go_on_as(call: &mut Call<'_>, request: &Request, authorization: &Authorization) -> Answer {
    match authorization.known(call, request) {
        Some(browser) => authorization.give_code(call, &browser.user, browser.auth_time),
        None => Err(invalid_parameter("Please sign in again.")),
    }
}

/// The page that everything begins at.
pub(super) fn first_page(
    call: &mut Call<'_>,
    request: &Request,
    authorization: &Authorization,
    username: &str,
    error: Option<&str>,
) -> Response {
    first_page_with(call, request, authorization, username, error, None)
}

/// The same, with good news.
pub(super) fn first_page_with(
    call: &mut Call<'_>,
    request: &Request,
    authorization: &Authorization,
    username: &str,
    error: Option<&str>,
    notice: Option<&str>,
) -> Response {
    let providers = authorization.providers(call);
    if !authorization.own_users() && providers.is_empty() {
        return page::failure(
            400,
            "Login pages unavailable: the app supports no identity provider \
             (SupportedIdentityProviders).",
        );
    }
    let mut page = Page::new(authorization, "Sign in").error(error);
    if let Some(notice) = notice {
        page = page.text(notice);
    }
    let login = authorization.link("/login");
    let browser = authorization.known(call, request);
    let known = browser.and_then(|browser| {
        let pool = call.pool(&authorization.app.pool_id).ok()?;
        let user = pool.users.get(&browser.user)?;
        Some(user.attribute("email").unwrap_or(&user.username).to_owned())
    });
    if let Some(known) = known {
        let form = Form::to(&login).hidden("action", "continue");
        page = page.form(form.button(&format!("Continue as {known}")));
    }
    for provider in providers {
        let to = authorization.link_by("/oauth2/authorize", &provider);
        page = page.link(&to, &format!("Continue with {provider}"));
    }
    if authorization.own_users() {
        let form = Form::to(&login)
            .field(
                &Field::text("username", sign_up::name_label(authorization), "username")
                    .value(username),
            )
            .field(&Field::password("password", "Password", "current-password"))
            .button("Sign in");
        let form = (sign_up::codes(authorization).into_iter())
            .fold(form, |form, (factor, label)| {
                form.other_button(factor, label)
            });
        page = page.form(form).link(
            &authorization.link("/forgotPassword"),
            "Forgot your password?",
        );
        if sign_up::is_open(authorization) {
            page = page.link(&authorization.link("/signup"), "Create an account");
        }
    }
    page.response(call, request)
}

fn challenge_page(
    call: &mut Call<'_>,
    request: &Request,
    authorization: &Authorization,
    challenge: &Value,
    error: Option<&str>,
) -> Response {
    let name = challenge.text("ChallengeName");
    let parameter = |name: &str| {
        challenge
            .entry("ChallengeParameters", name)
            .unwrap_or_default()
    };
    let form =
        || Form::to(&authorization.link("/login")).hidden("challenge", &challenge.to_string());
    let code = Field::code("code", "Code");
    let page = |title| Page::new(authorization, title).error(error);
    let page = match name {
        "SMS_MFA" | "EMAIL_OTP" | "SMS_OTP" => {
            let destination = parameter("CODE_DELIVERY_DESTINATION");
            page("Enter the code")
                .text(&format!("A code was sent to {destination}."))
                .form(form().field(&code).button("Go on"))
        }
        "SOFTWARE_TOKEN_MFA" => page("Enter the code")
            .text("Your authenticator app shows the code.")
            .form(form().field(&code).button("Go on")),
        "SELECT_MFA_TYPE" => {
            let options: Vec<(String, String)> = names_in(parameter("MFAS_CAN_CHOOSE"))
                .filter_map(|name| Some((name.clone(), factor_label(&name)?.to_owned())))
                .collect();
            let form = form().choice(
                "factor",
                "How do you want to prove that it is you?",
                &options,
            );
            page("Choose a way").form(form.button("Go on"))
        }
        "MFA_SETUP" => {
            let mut page = page("Set up a second factor");
            let secret = challenge.text("SecretCode");
            if !secret.is_empty() {
                page = page
                    .code("Add this key to your authenticator app:", secret)
                    .form(form().field(&code).button("Go on"));
            }
            if parameter("MFAS_CAN_SETUP").contains("EMAIL_OTP") {
                let email = Field {
                    kind: "email",
                    ..Field::text("email", "Email for codes", "email")
                };
                page = page.form(form().field(&email).button("Send a code"));
            }
            page
        }
        "NEW_PASSWORD_REQUIRED" => {
            let mut form = form().field(&Field::password(
                "new_password",
                "New password",
                "new-password",
            ));
            for name in names_in(parameter("requiredAttributes")) {
                let attribute = name.strip_prefix("userAttributes.").unwrap_or(&name);
                let field = format!("attribute.{attribute}");
                form = form.field(&Field::text(&field, attribute, autocomplete(attribute)));
            }
            page("Choose a new password").form(form.button("Go on"))
        }
        _ => page("Sign in").text(&format!(
            "This pool asks for {name}, which these pages do not have."
        )),
    };
    page.link(&authorization.link("/login"), "Begin again")
        .response(call, request)
}

/// The challenge that a form answers, as the page before had it. It is not believed: its session is.
fn asked(form: &Parameters) -> Option<Value> {
    let challenge = serde_json::from_str(form.get("challenge")?).ok()?;
    Some(challenge).filter(Value::is_object)
}

fn user_of(challenge: &Value, form: &Parameters) -> String {
    let parameter = |name: &str| challenge.entry("ChallengeParameters", name);
    let name = parameter("USER_ID_FOR_SRP").or_else(|| parameter("USERNAME"));
    name.unwrap_or_else(|| form.text("username")).to_owned()
}

fn with_hash(authorization: &Authorization, username: &str, mut answers: Value) -> Value {
    if let Some(hash) = secret_hash(&authorization.app, username) {
        set(&mut answers, "SECRET_HASH", &hash);
    }
    answers
}

fn set(object: &mut Value, name: &str, value: &str) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.into(), json!(value));
    }
}

/// The strings of a list that is itself a string.
fn names_in(text: &str) -> impl Iterator<Item = String> {
    let names: Vec<String> = serde_json::from_str(text).unwrap_or_default();
    names.into_iter()
}

/// What a factor is called, if these pages can ask for it.
fn factor_label(name: &str) -> Option<&'static str> {
    match name {
        "SMS_MFA" => Some("A code by SMS"),
        "EMAIL_OTP" => Some("A code by email"),
        "SOFTWARE_TOKEN_MFA" => Some("An authenticator app"),
        _ => None,
    }
}

/// What a browser may fill in for an attribute.
pub(super) fn autocomplete(attribute: &str) -> &'static str {
    match attribute {
        "email" => "email",
        "phone_number" => "tel",
        "name" => "name",
        "given_name" => "given-name",
        "family_name" => "family-name",
        _ => "off",
    }
}
