//! Identity providers, all of which are one page of this pool: it asks who one wants to be, and
//! stands for Google and the like in tests.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Answer;
use super::authorize::{Authorization, Fault};
use super::login::check_form;
use super::page::{Field, Form, Page};
use super::parameters::Parameters;
use super::state::IdentityProvider;
use crate::call::{Call, Who};
use crate::error::{Refusal, invalid_parameter, not_authorized};
use crate::randomness::Draw;
use crate::state::{Group, User, UserStatus, verified_flag};
use crate::wire::{Request, Response};

/// The page of the provider.
pub(super) fn ask(call: &mut Call<'_>, request: &Request) -> Answer {
    Ok(match wanted(call, request) {
        Ok((authorization, provider)) => {
            provider_page(call, request, &authorization, &provider, None)
        }
        Err(fault) => fault.response(),
    })
}

/// What the provider says: who the person is, or that nothing came of it.
pub(super) fn answer(call: &mut Call<'_>, request: &Request) -> Answer {
    let (authorization, provider) = match wanted(call, request) {
        Ok(wanted) => wanted,
        Err(fault) => return Ok(fault.response()),
    };
    let form = Parameters::of_form(request);
    check_form(request, &form)?;
    if form.get("action") == Some("cancel") {
        let fault = authorization.fault("access_denied", "The person did not want to sign in.");
        return Ok(fault.response());
    }
    let sub = form.text("sub").trim();
    if sub.is_empty() || sub.len() > 100 || !sub.chars().all(|c| c.is_ascii_graphic()) {
        return Err(invalid_parameter(
            "sub must be a word of up to 100 letters, digits or signs.",
        ));
    }
    let who = vouched_for(call, &authorization, &provider, sub, &form)?;
    authorization.signed_in(call, &who, Some(&provider.name))
}

pub(super) fn refused(call: &mut Call<'_>, request: &Request, refusal: &Refusal) -> Response {
    let (authorization, provider) = match wanted(call, request) {
        Ok(wanted) => wanted,
        Err(fault) => return fault.response(),
    };
    match refusal.name {
        // What the person can mend is asked for again.
        "InvalidParameterException" => {
            let why = Some(refusal.message.as_str());
            provider_page(call, request, &authorization, &provider, why)
        }
        _ => (authorization.fault("invalid_request", refusal.message.as_str())).response(),
    }
}

fn wanted(call: &Call<'_>, request: &Request) -> Result<(Authorization, IdentityProvider), Fault> {
    let authorization = Authorization::read(call, request)?;
    let name = authorization.only_provider(call);
    let pool = call.pool(&authorization.app.pool_id).ok();
    let provider = name.and_then(|name| pool?.managed_login.providers.get(&name).cloned());
    match provider {
        Some(provider) => Ok((authorization, provider)),
        None => Err(authorization.fault("invalid_request", "identity_provider is missing.")),
    }
}

/// The user of this pool behind a person of the provider: made, or brought up to date.
fn vouched_for(
    call: &mut Call<'_>,
    authorization: &Authorization,
    provider: &IdentityProvider,
    sub: &str,
    form: &Parameters,
) -> Result<Who, Refusal> {
    let app = &authorization.app;
    let username = format!("{}_{sub}", provider.name);
    let key = app.settings.comparable(&username);
    let who = Who {
        app: app.clone(),
        key,
    };
    let is_new = call.user(&who).is_err();
    if is_new {
        make(call, &who, &username, provider, sub)?;
    }
    let user = call.user(&who)?;
    // Whom an administrator gave a password may come by the provider all the same.
    if user.attribute("identities").is_none() {
        return Err(not_authorized(format!(
            "Already found an entry for username {username}"
        )));
    }
    if !user.enabled {
        return Err(not_authorized("User is disabled."));
    }
    if !is_new {
        call.tell_before(&who)?;
    }
    let mut claimed: BTreeMap<String, String> = BTreeMap::new();
    for (here, there) in &provider.mapping {
        let value = match there.as_str() {
            "sub" => Some(sub),
            // The provider has always seen the address.
            "email_verified" => Some("true"),
            claim => form.get(claim),
        };
        if let (Some(value), true) = (value, here != "username" && here != "sub") {
            claimed.insert(here.clone(), value.to_owned());
        }
    }
    let (claimed, faults) = app.settings.read_attributes(claimed);
    faults.at_creation()?;
    let user = call.modify(&who)?;
    user.attributes.extend(&claimed);
    user.attributes.retain(|_, value| !value.is_empty());
    for attribute in ["email", "phone_number"] {
        let flag = verified_flag(attribute);
        if user.attribute(attribute).is_some() && !provider.mapping.contains_key(&flag) {
            user.set_verified(attribute, false);
        }
    }
    let missing: Vec<&str> = (app.settings)
        .missing_attributes(|name| user.attribute(name).is_some())
        .collect();
    if !missing.is_empty() {
        return Err(invalid_parameter(format!(
            "attributes required: [{}]",
            missing.join(", ")
        )));
    }
    // Which functions hear of it the first time and which later: the developer guide's "Federated
    // user trigger sources", and aws-amplify/amplify-js#5885.
    if is_new {
        pre_sign_up(call, &who)?;
        call.tell_confirmed(&who, "ConfirmSignUp")?;
    } else {
        call.tell_after(&who, false, &Value::Null)?;
    }
    Ok(who)
}

fn make(
    call: &mut Call<'_>,
    who: &Who,
    username: &str,
    provider: &IdentityProvider,
    sub: &str,
) -> Result<(), Refusal> {
    let (now, id) = (call.now, call.randomness.uuid());
    let identity = json!([{
        "userId": sub,
        "providerName": provider.name,
        "providerType": provider.kind,
        "issuer": null,
        "primary": true,
        "dateCreated": now,
    }]);
    let mut user = User::new(username.to_owned(), id, UserStatus::ExternalProvider, now);
    user.attributes.insert("identities", &identity.to_string());
    let group = format!("{}_{}", who.app.pool_id, provider.name);
    user.more.groups.insert(group.clone());
    let pool = call.pool_mut(&who.app.pool_id)?;
    if !pool.groups.contains_key(&group) {
        let row = Group {
            name: group.clone(),
            description: Some(format!(
                "Autogenerated group for users who sign in using {}",
                provider.name
            )),
            role_arn: None,
            precedence: None,
            created: now,
            modified: now,
        };
        pool.groups.insert(group, row);
    }
    pool.users.insert(who.key.clone(), user);
    Ok(())
}

/// The function of the app may refuse somebody who comes for the first time.
fn pre_sign_up(call: &mut Call<'_>, who: &Who) -> Result<(), Refusal> {
    let request = json!({
        "validationData": {},
        "clientMetadata": Value::Null,
    });
    call.trigger("PreSignUp", "PreSignUp_ExternalProvider", who, request)?;
    Ok(())
}

fn provider_page(
    call: &mut Call<'_>,
    request: &Request,
    authorization: &Authorization,
    provider: &IdentityProvider,
    error: Option<&str>,
) -> Response {
    let given = Parameters::of_form(request);
    let hint = authorization.login_hint.clone().unwrap_or_default();
    let email = Field {
        kind: "email",
        optional: true,
        ..Field::text("email", "Email", "email")
    };
    let mut form = Form::to(&authorization.link_by("/oauth2/idpresponse", &provider.name))
        .field(&Field::text("sub", "Subject (sub)", "off").value(given.text("sub")))
        .field(&email.value(given.get("email").unwrap_or(&hint)));
    let asked = ["sub", "email", "email_verified"];
    let more = provider
        .mapping
        .values()
        .filter(|claim| !asked.contains(&claim.as_str()));
    for claim in more {
        form = form.field(&Field {
            optional: true,
            ..Field::text(claim, claim, "off").value(given.text(claim))
        });
    }
    let form = form.button("Go on").other_button("cancel", "Cancel");
    let title = format!("Sign in with {}", provider.name);
    Page::new(authorization, &title)
        .error(error)
        .text(
            "This page stands for the identity provider, so that the way there and back can be \
             tried. Say who you want to be.",
        )
        .form(form)
        .response(call, request)
}
