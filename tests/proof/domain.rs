//! The pool's own pages, and what the host does to get there and back (js/redirect.js): the address it
//! leaves for, the code it comes back with, and the requests of the domain.

use cognito_pool::{Request, Response, percent_encoded};
use serde_json::{Value, json};

use crate::support::{Answer, LocalPool, PASSWORD, USER};

pub(crate) const CALLBACK: &str = "https://app.example/back";
const SCOPES: [&str; 2] = ["openid", "aws.cognito.signin.user.admin"];

/// What is said to the machine of whoever came back with an error.
pub(crate) const DENIED: &str = "access_denied";

/// The pool's part.
pub(crate) fn pool_settings() -> Value {
    json!({ "Domain": "demo" })
}

pub(crate) fn client_settings() -> Value {
    json!({
        "CallbackURLs": [CALLBACK], "AllowedOAuthFlows": ["code"], "AllowedOAuthScopes": SCOPES,
        "AllowedOAuthFlowsUserPoolClient": true, "SupportedIdentityProviders": ["COGNITO"],
    })
}

/// The flow's part.
pub(crate) fn options() -> Value {
    json!({ "domain": "demo.example.com", "redirectUri": CALLBACK, "scopes": SCOPES })
}

/// Whether a request is one of the domain's.
pub(crate) fn is_of_domain(operation: &str) -> bool {
    operation.starts_with('/')
}

/// Alice signs in on the pool's page, and is sent back with a code.
pub(crate) fn sign_in(pool: &LocalPool, left_for: &Value, wall: f64) -> String {
    let hash = left_for["hash"].as_str().unwrap();
    let challenge = hash.replace('+', "-").replace('/', "_").replace('=', "");
    let scope = SCOPES.join(" ");
    let parameters = encoded(&[
        ("response_type", "code"),
        ("client_id", &pool.client_id),
        ("redirect_uri", CALLBACK),
        ("scope", &scope),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    let mut page = Page {
        pool,
        wall,
        cookies: Vec::new(),
    };
    let asked = page.get(&format!("/oauth2/authorize?{parameters}"));
    let form = page.get(asked.header("location").unwrap());
    let html = String::from_utf8(form.body).unwrap();
    let action = attribute(&html, "<form ", "action");
    let token = attribute(&html, "name=\"_csrf\"", "value");
    let fields = [
        ("_csrf", token.as_str()),
        ("username", USER),
        ("password", PASSWORD),
    ];
    let back = page.send("POST", &action, &encoded(&fields));
    let to = back.header("location").expect("alice may sign in there");
    assert!(to.starts_with(CALLBACK), "{to}");
    Request::get(to).query("code").unwrap()
}

/// What comes for a request of the domain: for the code and verifier of whoever is back, or for what is
/// in its body.
pub(crate) fn answer(
    pool: &LocalPool,
    body: &Value,
    back: Option<&(String, String)>,
    wall: f64,
) -> Answer {
    let mut form = vec![("client_id", pool.client_id.as_str())];
    if let Some(token) = body["RefreshToken"].as_str() {
        form.extend([("grant_type", "refresh_token"), ("refresh_token", token)]);
    } else {
        let (code, verifier) = back.unwrap();
        form.extend([
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", verifier),
            ("redirect_uri", CALLBACK),
        ]);
    }
    let response = Page {
        pool,
        wall,
        cookies: Vec::new(),
    }
    .send("POST", "/oauth2/token", &encoded(&form));
    let told = response.json();
    if response.status != 200 {
        return Answer {
            status: response.status,
            error_type: told["error"].as_str().map(str::to_owned),
            body: Some(json!({})),
        };
    }
    let mut result = json!({
        "AccessToken": told["access_token"], "IdToken": told["id_token"],
        "ExpiresIn": told["expires_in"], "Username": USER,
    });
    if told["refresh_token"].is_string() {
        result["RefreshToken"] = told["refresh_token"].clone();
    }
    Answer {
        status: 200,
        error_type: None,
        body: Some(json!({ "AuthenticationResult": result })),
    }
}

/// A browser's view of the pool's pages: cookies and forms.
struct Page<'a> {
    pool: &'a LocalPool,
    wall: f64,
    cookies: Vec<String>,
}

impl Page<'_> {
    fn get(&mut self, path: &str) -> Response {
        self.send("GET", path, "")
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> Response {
        let form = "application/x-www-form-urlencoded";
        let request = Request {
            method: method.into(),
            path: path.into(),
            headers: vec![
                ("Content-Type".into(), form.into()),
                ("Cookie".into(), self.cookies.join("; ")),
            ],
            body: body.as_bytes().to_vec(),
        };
        let response = self.pool.handle(&request, self.wall);
        let set = response
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie");
        let pairs = set.filter_map(|(_, cookie)| cookie.split(';').next());
        self.cookies.extend(pairs.map(str::to_owned));
        response
    }
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{name}={}", percent_encoded(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// An attribute of the first tag that has these letters.
fn attribute(html: &str, tag: &str, name: &str) -> String {
    let (_, rest) = html.split_once(tag).expect("the page has the form");
    let (_, rest) = rest.split_once(&format!("{name}=\"")).unwrap();
    let (value, _) = rest.split_once('"').unwrap();
    value.replace("&amp;", "&")
}
