//! An app and a browser without scripts: cookies, links, forms.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use base64ct::{Base64UrlUnpadded, Encoding};
use cognito_pool::{Request, Response, Triggers, percent_encoded};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::common::{CLIENT, Local};

pub(super) const CALLBACK: &str = "https://app.example.com/callback?from=pool";
pub(super) const GOODBYE: &str = "https://app.example.com/goodbye";
pub(super) const VERIFIER: &str = "a-verifier-of-forty-three-letters-or-more-0123456789";

/// A client that may use everything of managed login.
pub(super) fn client() -> Value {
    json!({
        "ClientId": CLIENT, "ClientName": "The App",
        "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_PASSWORD_AUTH"],
        "CallbackURLs": [CALLBACK, "http://localhost:8080/"], "LogoutURLs": [GOODBYE],
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid", "email", "phone", "profile", "notes/read",
            "aws.cognito.signin.user.admin"],
        "AllowedOAuthFlowsUserPoolClient": true,
        "SupportedIdentityProviders": ["COGNITO", "Google"],
    })
}

/// A pool with a domain, a provider, a resource server and that client.
pub(super) fn local() -> Local {
    with(json!({}))
}

pub(super) fn with(more: Value) -> Local {
    let description = crate::common::with(
        json!({
            "Domain": "demo",
            "IdentityProviders": [{ "ProviderName": "Google", "ProviderType": "Google",
                "ProviderDetails": { "client_id": "x", "client_secret": "y",
                    "authorize_scopes": "openid email" } }],
            "ResourceServers": [{ "Identifier": "notes", "Name": "Notes",
                "Scopes": [{ "ScopeName": "read", "ScopeDescription": "Read notes" }] }],
            "Clients": [client()],
        }),
        more,
    );
    Local::verifying(description)
}

/// What an app asks for, with changes: an empty value takes a parameter out.
pub(super) fn asking(changes: &[(&str, &str)]) -> String {
    let challenge = Base64UrlUnpadded::encode_string(&Sha256::digest(VERIFIER));
    let mut parameters: BTreeMap<&str, &str> = BTreeMap::from([
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", CALLBACK),
        ("scope", "openid email"),
        ("state", "a state/+"),
        ("nonce", "n-1"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ]);
    parameters.extend(changes.iter().copied());
    parameters.retain(|_, value| !value.is_empty());
    format!("/oauth2/authorize?{}", encoded(parameters))
}

pub(super) fn encoded<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pair = |(name, value)| format!("{}={}", percent_encoded(name), percent_encoded(value));
    pairs.into_iter().map(pair).collect::<Vec<_>>().join("&")
}

/// A browser: what it shows, and its cookies.
#[derive(Default)]
pub(super) struct Browser {
    pub(super) cookies: BTreeMap<String, String>,
    /// Sent with each request.
    pub(super) headers: Vec<(String, String)>,
    pub(super) html: String,
    pub(super) status: u16,
    /// Where the browser was led, away from the pool.
    pub(super) away: Option<String>,
}

impl Browser {
    /// Goes to an address of the pool, and on where it leads, until there is a page or the way
    /// leads elsewhere.
    pub(super) fn go(&mut self, local: &mut Local, path: &str) {
        let response = self.send(local, "GET", path, "");
        self.arrive(local, &response);
    }

    /// One request, with the cookies.
    pub(super) fn send(
        &mut self,
        local: &mut Local,
        method: &str,
        path: &str,
        body: &str,
    ) -> Response {
        let mut headers = self.headers.clone();
        let cookies: Vec<String> = (self.cookies.iter())
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        headers.push(("Cookie".into(), cookies.join("; ")));
        if method == "POST" {
            let form = "application/x-www-form-urlencoded";
            headers.push(("Content-Type".into(), form.into()));
        }
        let request = Request {
            method: method.into(),
            path: path.into(),
            headers,
            body: body.as_bytes().to_vec(),
        };
        let response = local
            .pool
            .handle(&request, local.now, &mut local.randomness);
        for (name, value) in &response.headers {
            if name == "set-cookie" {
                let (pair, attributes) = value.split_once(';').unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                assert!(attributes.contains("HttpOnly") && attributes.contains("SameSite=Lax"));
                if attributes.contains("Max-Age=0;") {
                    self.cookies.remove(name);
                } else {
                    self.cookies.insert(name.into(), value.into());
                }
            }
        }
        response
    }

    fn arrive(&mut self, local: &mut Local, response: &Response) {
        self.status = response.status;
        self.html = String::from_utf8(response.body.clone()).unwrap();
        self.away = None;
        if response.status == 303 {
            let to = response.header("location").unwrap().to_owned();
            if to.starts_with('/') {
                self.go(local, &to);
            } else {
                self.away = Some(to);
            }
            return;
        }
        check_page(response, &self.html);
    }

    /// Fills in the form that has the first of these fields, or else the first form, and sends it.
    pub(super) fn submit(&mut self, local: &mut Local, fields: &[(&str, &str)]) {
        let (action, hidden) = self.form(fields.first().map_or("", |(name, _)| name));
        let mut pairs: Vec<(&str, &str)> = (hidden.iter())
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        pairs.extend(fields);
        let response = self.send(local, "POST", &action, &encoded(pairs));
        self.arrive(local, &response);
    }

    /// Where a form is sent, and what is hidden in it.
    pub(super) fn form(&self, with: &str) -> (String, Vec<(String, String)>) {
        let forms = || self.html.split("<form ").skip(1);
        let has = |form: &&str| form.contains(&format!("name=\"{with}\""));
        let form = forms().find(has).or(forms().next());
        let form = form.unwrap_or_else(|| panic!("no form in {}", self.html));
        let form = form.split("</form>").next().unwrap();
        let action = attribute(form, "action");
        let inputs = form.split("<input ").skip(1);
        let hidden = inputs
            .filter(|input| input.starts_with("type=\"hidden\""))
            .map(|input| (attribute(input, "name"), attribute(input, "value")))
            .collect();
        (action, hidden)
    }

    /// Follows the link with that text.
    pub(super) fn follow(&mut self, local: &mut Local, text: &str) {
        let links = self.html.split("<a ").skip(1);
        let link = links
            .into_iter()
            .find(|link| link.contains(&format!(">{text}</a>")));
        let to = attribute(link.unwrap_or_else(|| panic!("no link {text}")), "href");
        self.go(local, &to);
    }

    /// A parameter of the address that the browser was led away to.
    pub(super) fn returned(&self, name: &str) -> Option<String> {
        let away = self.away.as_deref()?;
        Request::get(away).query(name)
    }

    /// The code of the callback.
    pub(super) fn code(&self) -> String {
        let code = self.returned("code");
        code.unwrap_or_else(|| panic!("no code: {:?} {}", self.away, self.html))
    }

    /// Signs in with a password.
    pub(super) fn sign_in(&mut self, local: &mut Local, username: &str, password: &str) {
        self.submit(local, &[("username", username), ("password", password)]);
    }
}

/// What every page promises.
fn check_page(response: &Response, html: &str) {
    let policy = response.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'self'; form-action 'self'"));
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"));
    assert_eq!(response.header("cache-control"), Some("no-store"));
    assert!(!html.contains("<script") && !html.contains("onclick=") && !html.contains("style="));
    assert!(html.contains("<html lang=\"en\">") && html.contains("<h1>"));
    for input in html.split("<input ").skip(1) {
        let is_labelled = input.starts_with("type=\"hidden\"")
            || input.starts_with("type=\"radio\"")
            || html.contains(&format!("<label for=\"{}\">", attribute(input, "id")));
        assert!(is_labelled, "{input}");
    }
}

fn attribute(tag: &str, name: &str) -> String {
    let (_, rest) = tag.split_once(&format!("{name}=\"")).unwrap();
    let value = rest.split('"').next().unwrap();
    let value = value.replace("&lt;", "<").replace("&gt;", ">");
    value
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

/// A request of a program: gives status and body.
pub(super) fn post(local: &mut Local, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
    post_with(local, path, form, &[])
}

pub(super) fn post_with(
    local: &mut Local,
    path: &str,
    form: &[(&str, &str)],
    headers: &[(&str, &str)],
) -> (u16, Value) {
    let kind = ("Content-Type", "application/x-www-form-urlencoded");
    let headers = headers.iter().chain([&kind]);
    let request = Request {
        method: "POST".into(),
        path: path.into(),
        headers: headers
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect(),
        body: encoded(form.iter().copied()).into_bytes(),
    };
    let response = local
        .pool
        .handle(&request, local.now, &mut local.randomness);
    (response.status, response.json())
}

/// A code for tokens.
pub(super) fn exchange(local: &mut Local, code: &str) -> (u16, Value) {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    post(local, "/oauth2/token", &form)
}

/// The whole way: signs in, and changes the code for tokens.
pub(super) fn tokens(local: &mut Local, changes: &[(&str, &str)]) -> Value {
    let mut browser = Browser::default();
    browser.go(local, &asking(changes));
    browser.sign_in(local, "alice", crate::common::PASSWORD);
    let (status, tokens) = exchange(local, &browser.code());
    assert_eq!(status, 200, "{tokens}");
    tokens
}

/// Writes down why functions are called; one may refuse, in its words.
#[derive(Clone, Default)]
pub(super) struct Heard {
    sources: Arc<Mutex<Vec<String>>>,
    refuses: Option<(&'static str, &'static str)>,
}

impl Heard {
    pub(super) fn refusing(name: &'static str, words: &'static str) -> Self {
        Self {
            refuses: Some((name, words)),
            ..Self::default()
        }
    }

    /// Why they were called since this was asked last.
    pub(super) fn sources(&self) -> Vec<String> {
        std::mem::take(&mut *self.sources.lock().unwrap())
    }
}

impl Triggers for Heard {
    fn call(&mut self, name: &str, event: &Value) -> Result<Option<Value>, String> {
        let source = event["triggerSource"].as_str().unwrap();
        self.sources.lock().unwrap().push(source.to_owned());
        match self.refuses {
            Some((refused, words)) if refused == name => Err(words.into()),
            _ => Ok((name != "UserMigration").then(|| event.clone())),
        }
    }
}
