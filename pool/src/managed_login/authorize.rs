//! `/oauth2/authorize`: what an app asks for, and the code that it is given.

use std::collections::BTreeSet;

use base64ct::{Base64UrlUnpadded, Encoding};

use super::parameters::{Parameters, app_at};
use super::state::{Browser, Grant};
use super::{Answer, cookies, page};
use crate::call::{App, Call, Who};
use crate::error::{Refusal, no_such_user};
use crate::randomness::Draw;
use crate::settings::{OAuthSettings, OWN_USERS};
use crate::state::fingerprint;
use crate::wire::{Request, Response};

/// How long a code is good.
const CODE_LIFETIME: u64 = 5 * 60 * 1000;

/// Scopes that say what is told about a person, and mean nothing where nothing is told.
const OF_ID_TOKEN: [&str; 3] = ["email", "phone", "profile"];

/// What an app asks for, checked.
#[derive(Clone)]
pub(super) struct Authorization {
    pub(super) app: App,
    pub(super) oauth: OAuthSettings,
    pub(super) redirect_uri: String,
    pub(super) scopes: BTreeSet<String>,
    pub(super) state: Option<String>,
    nonce: Option<String>,
    code_challenge: Option<String>,
    prompts: BTreeSet<String>,
    max_age: Option<u64>,
    /// The identity provider that the app names, `COGNITO` among them.
    provider: Option<String>,
    pub(super) login_hint: Option<String>,
    /// The whole query, for the forms and links of the pages.
    pub(super) query: Parameters,
}

/// Why an app is not given what it asks for.
pub(super) enum Fault {
    /// Nobody can be told but the person: the client or where to go back to is wrong.
    Page(&'static str),
    /// The app is told.
    Callback(Box<Callback>),
}

/// An error for the app.
pub(super) struct Callback {
    redirect_uri: String,
    state: Option<String>,
    error: &'static str,
    description: String,
}

impl Fault {
    pub(super) fn response(&self) -> Response {
        match self {
            Self::Page(why) => page::failure(400, why),
            Self::Callback(callback) => callback.response(),
        }
    }
}

impl Callback {
    fn response(&self) -> Response {
        let parameters = Parameters::default()
            .with("error", self.error)
            .with("error_description", &self.description);
        back(&self.redirect_uri, parameters, self.state.as_deref())
    }
}

impl Authorization {
    /// Reads and checks what the query asks for.
    pub(super) fn read(call: &Call<'_>, request: &Request) -> Result<Self, Fault> {
        let query = Parameters::of_query(request);
        let app = query.get("client_id");
        let app = app
            .and_then(|id| app_at(call, request, id))
            .ok_or(Fault::Page(
                "There is no such app at this address. (invalid_client: client_id, or a user pool \
             without a domain)",
            ))?;
        let oauth = app.client_settings().oauth;
        if !oauth.enabled {
            return Err(Fault::Page(
                "This app does not use these pages. (unauthorized_client: \
                 AllowedOAuthFlowsUserPoolClient)",
            ));
        }
        let given = query.get("redirect_uri").map(String::from);
        let redirect_uri = given
            .or_else(|| oauth.default_redirect_uri.clone())
            .filter(|uri| oauth.callback_urls.contains(uri))
            .ok_or(Fault::Page(
                "The app wants to go on at an address that it may not. (redirect_mismatch: \
                 redirect_uri)",
            ))?;
        let mut authorization = Self {
            app,
            oauth,
            redirect_uri,
            scopes: BTreeSet::new(),
            state: query.get("state").map(String::from),
            nonce: query.get("nonce").map(String::from),
            code_challenge: None,
            prompts: (query.text("prompt").split(' '))
                .filter(|prompt| !prompt.is_empty())
                .map(String::from)
                .collect(),
            max_age: None,
            provider: None,
            login_hint: query.get("login_hint").map(String::from),
            query: query.clone(),
        };
        match authorization.complete(call, &query) {
            Ok(()) => Ok(authorization),
            Err((error, description)) => Err(authorization.fault(error, description)),
        }
    }

    /// The checks whose outcome the app may know.
    fn complete(
        &mut self,
        call: &Call<'_>,
        query: &Parameters,
    ) -> Result<(), (&'static str, String)> {
        let invalid = |why: &str| ("invalid_request", why.to_owned());
        if query.repeats() {
            return Err(invalid("A parameter is there twice."));
        }
        match query.get("response_type") {
            Some("code") if self.oauth.allows("code") => {}
            Some("code") => {
                let why = "The app client may not use the authorization code grant.";
                return Err(("unauthorized_client", why.into()));
            }
            Some("token") => {
                let why = "Only response_type=code is served here.";
                return Err(("unsupported_response_type", why.into()));
            }
            _ => return Err(invalid("response_type must be code.")),
        }
        self.code_challenge = read_challenge(query)?;
        self.scopes = self.read_scopes(call, query)?;
        let known = |prompt: &String| {
            ["none", "login", "select_account", "consent"].contains(&prompt.as_str())
        };
        if !self.prompts.iter().all(known)
            || (self.prompts.contains("none") && self.prompts.len() > 1)
        {
            return Err(invalid("prompt is not one that is known, or not alone."));
        }
        if let Some(age) = query.get("max_age") {
            self.max_age = Some(
                age.parse()
                    .map_err(|_| invalid("max_age is not a number."))?,
            );
        }
        self.provider = self.read_provider(call, query)?;
        Ok(())
    }

    fn read_scopes(
        &self,
        call: &Call<'_>,
        query: &Parameters,
    ) -> Result<BTreeSet<String>, (&'static str, String)> {
        let asked = query
            .text("scope")
            .split(' ')
            .filter(|scope| !scope.is_empty());
        let asked: BTreeSet<String> = asked.map(String::from).collect();
        let invalid = |scope: &str| ("invalid_scope", format!("Not a scope of this app: {scope}"));
        let exists = |scope: &str| {
            !scope.contains('/')
                || (call.pool(&self.app.pool_id))
                    .is_ok_and(|pool| pool.managed_login.has_scope(scope))
        };
        let allowed = &self.oauth.scopes;
        if asked.is_empty() {
            return Ok(allowed
                .iter()
                .filter(|scope| exists(scope))
                .cloned()
                .collect());
        }
        if let Some(unknown) =
            (asked.iter()).find(|scope| !allowed.contains(scope) || !exists(scope))
        {
            return Err(invalid(unknown));
        }
        let needs_openid = asked
            .iter()
            .any(|scope| OF_ID_TOKEN.contains(&scope.as_str()));
        if needs_openid && !asked.contains("openid") {
            let why = "email, phone and profile need openid beside them.";
            return Err(("invalid_scope", why.into()));
        }
        Ok(asked)
    }

    fn read_provider(
        &self,
        call: &Call<'_>,
        query: &Parameters,
    ) -> Result<Option<String>, (&'static str, String)> {
        let invalid = |why: &str| ("invalid_request", why.to_owned());
        let pool = call.pool(&self.app.pool_id);
        let pool = pool.map_err(|refusal| ("server_error", refusal.message))?;
        let named = match (query.get("identity_provider"), query.get("idp_identifier")) {
            (Some(name), _) => Some(name.to_owned()),
            (None, Some(identifier)) => {
                let found = pool.managed_login.provider_for(identifier);
                let found = found.ok_or_else(|| invalid("idp_identifier is not known."))?;
                Some(found.name.clone())
            }
            (None, None) => None,
        };
        let exists =
            |name: &String| name == OWN_USERS || pool.managed_login.providers.contains_key(name);
        match named {
            Some(name) if self.oauth.supports(&name) && exists(&name) => Ok(Some(name)),
            Some(_) => Err(invalid(
                "The app client does not support this identity provider.",
            )),
            None => Ok(None),
        }
    }

    pub(super) fn fault(&self, error: &'static str, description: impl Into<String>) -> Fault {
        Fault::Callback(Box::new(Callback {
            redirect_uri: self.redirect_uri.clone(),
            state: self.state.clone(),
            error,
            description: description.into(),
        }))
    }

    /// Whether people may sign in as users of the pool itself, with a password.
    pub(super) fn own_users(&self) -> bool {
        self.oauth.supports(OWN_USERS)
            && self
                .provider
                .as_deref()
                .is_none_or(|name| name == OWN_USERS)
    }

    /// The identity providers to choose from.
    pub(super) fn providers(&self, call: &Call<'_>) -> Vec<String> {
        let Ok(pool) = call.pool(&self.app.pool_id) else {
            return Vec::new();
        };
        let known = &pool.managed_login.providers;
        let providers = self.oauth.providers.iter();
        providers
            .filter(|name| known.contains_key(name))
            .cloned()
            .collect()
    }

    /// The identity provider that the person is to be sent to at once.
    pub(super) fn only_provider(&self, call: &Call<'_>) -> Option<String> {
        match &self.provider {
            Some(name) if name == OWN_USERS => None,
            Some(name) => Some(name.clone()),
            None if self.oauth.supports(OWN_USERS) => None,
            None => match self.providers(call).as_slice() {
                [only] => Some(only.clone()),
                _ => None,
            },
        }
    }

    /// Who has signed in by this browser, if that is whom the app wants, and it does not want them
    /// to sign in again.
    pub(super) fn known(&self, call: &Call<'_>, request: &Request) -> Option<Browser> {
        cookies::signed_in(call, request, &self.app)
            .filter(|browser| !self.prompts.contains("login") && self.accepts(call.now, browser))
    }

    fn accepts(&self, now: u64, browser: &Browser) -> bool {
        let provider = browser.provider.as_deref().unwrap_or(OWN_USERS);
        let age = now.saturating_sub(browser.auth_time) / 1000;
        self.oauth.supports(provider)
            && self
                .provider
                .as_deref()
                .is_none_or(|wanted| wanted == provider)
            && self.max_age.is_none_or(|most| age <= most)
    }

    /// The path with what the app asked for.
    pub(super) fn link(&self, path: &str) -> String {
        format!("{path}?{}", self.query.encoded())
    }

    /// The path with the app's wish, by a provider.
    pub(super) fn link_by(&self, path: &str, provider: &str) -> String {
        let query = self
            .query
            .clone()
            .without(&["identity_provider", "idp_identifier"]);
        format!(
            "{path}?{}",
            query.with("identity_provider", provider).encoded()
        )
    }

    /// A code for the user: back to the app.
    pub(super) fn give_code(&self, call: &mut Call<'_>, user: &str, auth_time: u64) -> Answer {
        let now = call.now;
        let code = call.randomness.uuid();
        let users = &call.pool(&self.app.pool_id)?.users;
        let sub = users.get(user).ok_or_else(no_such_user)?.sub().to_owned();
        let grant = Grant {
            client_id: self.app.client_id().into(),
            user: user.into(),
            sub,
            redirect_uri: self.redirect_uri.clone(),
            scopes: self.scopes.clone(),
            code_challenge: self.code_challenge.clone(),
            nonce: self.nonce.clone(),
            auth_time,
            expires: now.saturating_add(CODE_LIFETIME),
        };
        let codes = &mut call.pool_mut(&self.app.pool_id)?.managed_login.codes;
        codes.insert(fingerprint(&code), grant);
        let parameters = Parameters::default().with("code", &code);
        Ok(back(&self.redirect_uri, parameters, self.state.as_deref()))
    }

    /// Somebody has just signed in: the browser is told, and the app.
    pub(super) fn signed_in(
        &self,
        call: &mut Call<'_>,
        who: &Who,
        provider: Option<&str>,
    ) -> Answer {
        let cookie = cookies::remember(call, &self.app, &who.key, provider)?;
        let now = call.now;
        let response = self.give_code(call, &who.key, now)?;
        Ok(page::with_cookie(response, cookie))
    }
}

/// The page that a refused form came from, once more, with what the person typed.
pub(super) fn once_more(
    call: &mut Call<'_>,
    request: &Request,
    page: impl FnOnce(&mut Call<'_>, &Authorization, &Parameters) -> Response,
) -> Response {
    match Authorization::read(call, request) {
        Ok(authorization) => page(call, &authorization, &Parameters::of_form(request)),
        Err(fault) => fault.response(),
    }
}

pub(super) fn authorize(call: &mut Call<'_>, request: &Request) -> Answer {
    let authorization = match Authorization::read(call, request) {
        Ok(authorization) => authorization,
        Err(fault) => return Ok(fault.response()),
    };
    let browser = authorization.known(call, request);
    let asks = |prompt: &str| authorization.prompts.contains(prompt);
    match browser {
        Some(browser) if !asks("select_account") => {
            return authorization.give_code(call, &browser.user, browser.auth_time);
        }
        _ if asks("none") => {
            let fault = authorization.fault("login_required", "Nobody has signed in here.");
            return Ok(fault.response());
        }
        _ => {}
    }
    let to = match authorization.only_provider(call) {
        Some(provider) => authorization.link_by("/idp", &provider),
        None => authorization.link("/login"),
    };
    Ok(page::redirect(&to))
}

/// What nobody foresaw.
pub(super) fn refused(_: &mut Call<'_>, _: &Request, refusal: &Refusal) -> Response {
    page::failure(400, &refusal.message)
}

fn read_challenge(query: &Parameters) -> Result<Option<String>, (&'static str, String)> {
    let invalid = |why: &str| ("invalid_request", why.to_owned());
    match (
        query.get("code_challenge"),
        query.get("code_challenge_method"),
    ) {
        (None, None) => Ok(None),
        (Some(challenge), Some("S256")) => {
            let hash = Base64UrlUnpadded::decode_vec(challenge);
            if hash.is_ok_and(|hash| hash.len() == 32) {
                Ok(Some(challenge.into()))
            } else {
                Err(invalid("code_challenge is not a hash of S256."))
            }
        }
        (Some(_), None) => Err(invalid("code_challenge needs code_challenge_method=S256.")),
        (None, Some("S256")) => Err(invalid("code_challenge is missing.")),
        (_, Some(_)) => Err(invalid("code challenge method not supported")),
    }
}

/// Back to the app.
fn back(redirect_uri: &str, parameters: Parameters, state: Option<&str>) -> Response {
    let parameters = match state {
        Some(state) => parameters.with("state", state),
        None => parameters,
    };
    let joint = if redirect_uri.contains('?') { '&' } else { '?' };
    page::redirect(&format!("{redirect_uri}{joint}{}", parameters.encoded()))
}
