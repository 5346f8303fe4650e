//! `/forgotPassword` and `/confirmForgotPassword`.

use serde_json::json;

use super::Answer;
use super::authorize::{Authorization, once_more};
use super::login::{self, NO_USERS, check_form};
use super::page::{Field, Form, Page};
use super::parameters::Parameters;
use super::sign_up::{name_label, named};
use crate::call::{Call, Input};
use crate::error::Refusal;
use crate::operations;
use crate::wire::{Request, Response};

pub(super) fn answer(call: &mut Call<'_>, request: &Request) -> Answer {
    let authorization = match Authorization::read(call, request) {
        Ok(authorization) => authorization,
        Err(fault) => return Ok(fault.response()),
    };
    if !authorization.own_users() {
        return Ok(super::page::failure(400, NO_USERS));
    }
    let form = Parameters::of_form(request);
    let username = form.text("username");
    if request.method == "GET" {
        return Ok(page(call, request, &authorization, username, None));
    }
    check_form(request, &form)?;
    let input = named(&authorization, username, json!({}));
    let sent = operations::run(call, "ForgotPassword", &input)?;
    let destination = sent
        .entry("CodeDeliveryDetails", "Destination")
        .unwrap_or_default();
    let news = format!("A code was sent to {destination}.");
    Ok(code_page(
        call,
        request,
        &authorization,
        username,
        &news,
        None,
    ))
}

pub(super) fn refused(call: &mut Call<'_>, request: &Request, refusal: &Refusal) -> Response {
    once_more(call, request, |call, authorization, form| {
        let (username, why) = (form.text("username"), Some(refusal.message.as_str()));
        page(call, request, authorization, username, why)
    })
}

pub(super) fn confirm(call: &mut Call<'_>, request: &Request) -> Answer {
    let authorization = match Authorization::read(call, request) {
        Ok(authorization) => authorization,
        Err(fault) => return Ok(fault.response()),
    };
    if !authorization.own_users() {
        return Ok(super::page::failure(400, NO_USERS));
    }
    let form = Parameters::of_form(request);
    check_form(request, &form)?;
    let username = form.text("username");
    let answer = json!({
        "ConfirmationCode": form.text("code").trim(),
        "Password": form.text("password"),
    });
    let input = named(&authorization, username, answer);
    operations::run(call, "ConfirmForgotPassword", &input)?;
    let notice = Some("Your password is changed. You can sign in now.");
    Ok(login::first_page_with(
        call,
        request,
        &authorization,
        username,
        None,
        notice,
    ))
}

pub(super) fn confirm_refused(
    call: &mut Call<'_>,
    request: &Request,
    refusal: &Refusal,
) -> Response {
    once_more(call, request, |call, authorization, form| {
        let (username, why) = (form.text("username"), Some(refusal.message.as_str()));
        code_page(call, request, authorization, username, "", why)
    })
}

/// Asks who forgot the password.
pub(super) fn page(
    call: &mut Call<'_>,
    request: &Request,
    authorization: &Authorization,
    username: &str,
    error: Option<&str>,
) -> Response {
    let name = Field::text("username", name_label(authorization), "username");
    let form = Form::to(&authorization.link("/forgotPassword"))
        .field(&name.value(username))
        .button("Send a code");
    Page::new(authorization, "Reset your password")
        .error(error)
        .form(form)
        .link(&authorization.link("/login"), "Back to signing in")
        .response(call, request)
}

fn code_page(
    call: &mut Call<'_>,
    request: &Request,
    authorization: &Authorization,
    username: &str,
    news: &str,
    error: Option<&str>,
) -> Response {
    let form = Form::to(&authorization.link("/confirmForgotPassword"))
        .hidden("username", username)
        .field(&Field::code("code", "Code"))
        .field(&Field::password("password", "New password", "new-password"))
        .button("Change password");
    Page::new(authorization, "Reset your password")
        .error(error)
        .text(news)
        .form(form)
        .link(&authorization.link("/forgotPassword"), "Send a new code")
        .response(call, request)
}
