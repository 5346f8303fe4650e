//! The two cookies: one says who has signed in here lately, the other proves that a form is ours.

use super::state::Browser;
use crate::call::{App, Call};
use crate::error::{Refusal, no_such_user};
use crate::randomness::Draw;
use crate::state::{UserStatus, fingerprint};
use crate::wire::Request;

use super::parameters::{Parameters, is_from_here};

/// How long a browser is remembered: an hour, as in Cognito.
const SIGNED_IN: u64 = 60 * 60 * 1000;

const FORM_COOKIE: &str = "XSRF-TOKEN";

/// The hidden member of every form.
pub(super) const FORM_TOKEN: &str = "_csrf";

/// Who has signed in by this browser, if that still holds.
pub(super) fn signed_in(call: &Call<'_>, request: &Request, app: &App) -> Option<Browser> {
    let cookie = value(request, &name_for(app))?;
    let pool = call.pool(&app.pool_id).ok()?;
    let browser = pool.managed_login.browsers.get(&fingerprint(cookie))?;
    let user = pool.users.get(&browser.user)?;
    let may = user.enabled
        && user.sub() == browser.sub
        && matches!(
            user.status,
            UserStatus::Confirmed | UserStatus::ExternalProvider
        );
    (may && call.now < browser.expires).then(|| browser.clone())
}

/// Remembers that a user has signed in; gives the cookie's header.
pub(super) fn remember(
    call: &mut Call<'_>,
    app: &App,
    user: &str,
    provider: Option<&str>,
) -> Result<String, Refusal> {
    let now = call.now;
    let cookie = call.randomness.opaque();
    let pool = call.pool_mut(&app.pool_id)?;
    let sub = (pool.users.get(user).ok_or_else(no_such_user)?)
        .sub()
        .to_owned();
    let browsers = &mut pool.managed_login.browsers;
    let browser = Browser {
        user: user.into(),
        sub,
        provider: provider.map(String::from),
        auth_time: now,
        expires: now.saturating_add(SIGNED_IN),
    };
    browsers.insert(fingerprint(&cookie), browser);
    Ok(header(call, &name_for(app), &cookie, SIGNED_IN / 1000))
}

/// Forgets the browser; gives the header that takes the cookie back.
pub(super) fn forget(call: &mut Call<'_>, request: &Request, app: &App) -> Result<String, Refusal> {
    let name = name_for(app);
    if let Some(cookie) = value(request, &name) {
        let browsers = &mut call.pool_mut(&app.pool_id)?.managed_login.browsers;
        browsers.remove(&fingerprint(cookie));
    }
    Ok(header(call, &name, "", 0))
}

/// The token for a form of this browser, and the header of its cookie.
pub(super) fn form_token(call: &mut Call<'_>, request: &Request) -> (String, String) {
    let looks_ours = |token: &&str| {
        token.len() == 43
            && (token.bytes()).all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    let token = match value(request, FORM_COOKIE).filter(looks_ours) {
        Some(token) => token.to_owned(),
        None => call.randomness.opaque(),
    };
    let cookie = header(call, FORM_COOKIE, &token, SIGNED_IN / 1000);
    (token, cookie)
}

/// Whether a form was sent by a page of ours in this browser.
pub(super) fn is_our_form(request: &Request, form: &Parameters) -> bool {
    let (cookie, token) = (value(request, FORM_COOKIE), form.get(FORM_TOKEN));
    is_from_here(request)
        && cookie.is_some_and(|cookie| {
            token.is_some_and(|token| fingerprint(cookie) == fingerprint(token))
        })
}

/// A browser may know several pools at one address.
fn name_for(app: &App) -> String {
    format!("cognito-{}", app.short_name())
}

fn value<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let cookies = (request.headers.iter())
        .filter(|(header, _)| header.eq_ignore_ascii_case("cookie"))
        .flat_map(|(_, value)| value.split(';'));
    let mut pairs = cookies.filter_map(|cookie| cookie.trim().split_once('='));
    let (_, value) = pairs.find(|(known, _)| *known == name)?;
    Some(value)
}

fn header(call: &Call<'_>, name: &str, value: &str, seconds: u64) -> String {
    // Where the service is reached by http, a cookie for https alone would be lost.
    let secure = if call.options.endpoint.starts_with("https:") {
        "; Secure"
    } else {
        ""
    };
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}
