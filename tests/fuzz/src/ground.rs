//! The pool that each input meets: made once, and brought back to what it was then for each.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use cognito_pool::{Options, Pool, Request, Response, SeededRandomness};
use serde_json::{Value, json};

pub(crate) const POOL: &str = "eu-west-1_AbCdEfGhI";
pub(crate) const ROLE: &str = "arn:aws:iam::123456789012:role/sms";
const PASSWORD: &str = "Passw0rd!";
const NOW: u64 = 1_772_323_200_000;

static GROUND: LazyLock<(String, BTreeMap<&str, String>)> = LazyLock::new(prepare);

thread_local! {
    /// The pool that nobody uses now, and the snapshot to bring it back to: reading the saved text, with
    /// its RSA key, would take most of the time.
    static FREE: RefCell<Option<(Pool, String)>> = const { RefCell::new(None) };
}

/// A pool with alice, who is confirmed and signed in, bob, whom an administrator made, and carol, who
/// signed up.
pub(crate) struct Ground {
    /// There until it is given back.
    pool: Option<Pool>,
    randomness: SeededRandomness,
    /// The body that brings the pool back; none of a pool that is only made ready.
    back: Option<String>,
}

impl Ground {
    pub(crate) fn new() -> Self {
        let (pool, back) = FREE.take().unwrap_or_else(|| {
            let saved = Pool::restore(Options::default(), &GROUND.0);
            let mut pool = saved.expect("what was saved");
            let taken = asked(&mut pool, "/_pool/snapshot", String::new());
            (pool, taken.json().to_string())
        });
        Self {
            pool: Some(pool),
            randomness: SeededRandomness::new(7),
            back: Some(back),
        }
    }

    fn pool(&mut self) -> &mut Pool {
        self.pool.as_mut().expect("not given back yet")
    }

    /// The text with each `$NAME` in place of what the pool gave out when it was made.
    pub(crate) fn filled(text: &str) -> String {
        let mut filled = text.to_owned();
        for (name, value) in &GROUND.1 {
            if filled.contains('$') {
                filled = filled.replace(name, value);
            }
        }
        filled
    }

    /// What the pool gave out when it was made.
    pub(crate) fn given(name: &str) -> &'static str {
        GROUND.1.get(name).map_or("", String::as_str)
    }

    /// Whatever is asked is answered, and is nobody's fault here.
    pub(crate) fn send(&mut self, request: &Request) -> Response {
        let pool = self.pool.as_mut().expect("not given back yet");
        let response = pool.handle(request, NOW, &mut self.randomness);
        let not_built = response.error_name() == Some("NotImplemented");
        let is_fine = (200..500).contains(&response.status) || not_built;
        assert!(is_fine, "{}", response.status);
        response
    }

    /// Calls an operation: an error is one that the API declares.
    pub(crate) fn call(&mut self, name: &str, input: &Value) -> Value {
        self.post(name, input.to_string().into_bytes())
    }

    pub(crate) fn post(&mut self, name: &str, body: Vec<u8>) -> Value {
        let mut request = Request::operation(name, &Value::Null);
        request.body = body;
        let response = self.send(&request);
        let body = response.json();
        assert!(body.is_object(), "a reply is an object");
        if response.error_name() == Some("NotImplemented") {
            let is_built = cognito_pool::built_operations().any(|built| built == name);
            assert!(!is_built, "{name} is not built");
        } else if response.status != 200 {
            assert_eq!(response.status, 400);
            let error = body["__type"].as_str().expect("an error has a name");
            assert_eq!(response.error_name(), Some(error));
            let known = cognito_pool::built_operations().any(|built| built == name);
            let declared = cognito_pool::declares(name, error);
            let general = ["SerializationException", "UnknownOperationException"];
            assert!(
                declared || general.contains(&error) || !known,
                "{name}: {error}"
            );
        }
        body
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        if let (Some(mut pool), Some(back), false) =
            (self.pool.take(), self.back.take(), std::thread::panicking())
        {
            asked(&mut pool, "/_pool/restore", back.clone());
            FREE.set(Some((pool, back)));
        }
    }
}

/// What the developer's own part of the pool answers.
fn asked(pool: &mut Pool, path: &str, body: String) -> Response {
    let request = Request {
        method: "POST".into(),
        path: path.into(),
        headers: Vec::new(),
        body: body.into_bytes(),
    };
    let response = pool.handle(&request, NOW, &mut SeededRandomness::new(3));
    assert_eq!(response.status, 200, "{path}");
    response
}

fn prepare() -> (String, BTreeMap<&'static str, String>) {
    let mut ground = Ground {
        pool: Some(Pool::new(Options::default())),
        randomness: SeededRandomness::new(1),
        back: None,
    };
    let description = json!({
        "Id": POOL, "PoolName": "fuzz", "AliasAttributes": ["email"],
        "AutoVerifiedAttributes": ["email", "phone_number"],
        "SmsConfiguration": { "SnsCallerArn": ROLE, "ExternalId": "external" },
        "Policies": { "SignInPolicy": { "AllowedFirstAuthFactors":
            ["PASSWORD", "WEB_AUTHN", "EMAIL_OTP", "SMS_OTP"] } },
        "MfaConfig": {
            "MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": { "Enabled": true },
            "WebAuthnConfiguration": { "RelyingPartyId": "example.com" },
        },
        "DeviceConfiguration": { "DeviceOnlyRememberedOnUserPrompt": true },
        "Domain": "demo",
        "IdentityProviders": [{ "ProviderName": "Google", "ProviderType": "Google",
            "ProviderDetails": { "client_id": "x", "client_secret": "y",
                "authorize_scopes": "openid email" } }],
        "ResourceServers": [{ "Identifier": "notes", "Name": "Notes",
            "Scopes": [{ "ScopeName": "read", "ScopeDescription": "Read notes" }] }],
        "Clients": [{
            "ClientId": "app", "ClientName": "app",
            "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH",
                "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_AUTH", "ALLOW_CUSTOM_AUTH",
                "ALLOW_ADMIN_USER_PASSWORD_AUTH"],
            "CallbackURLs": ["https://app.example.com/callback"],
            "LogoutURLs": ["https://app.example.com/bye"], "AllowedOAuthFlows": ["code"],
            "AllowedOAuthScopes": ["openid", "email", "notes/read"],
            "AllowedOAuthFlowsUserPoolClient": true,
            "SupportedIdentityProviders": ["COGNITO", "Google"],
        }],
    });
    let mut randomness = SeededRandomness::new(2);
    let created = ground
        .pool()
        .create_user_pool(&description, NOW, &mut randomness);
    created.expect("a pool that may be made");

    for (name, number) in [("alice", "+12065550108"), ("carol", "+12065550109")] {
        ground.made(
            "SignUp",
            json!({ "ClientId": "app", "Username": name, "Password": PASSWORD,
            "UserAttributes": [
                { "Name": "email", "Value": format!("{name}@example.com") },
                { "Name": "phone_number", "Value": number } ] }),
        );
    }
    ground.made(
        "AdminConfirmSignUp",
        json!({ "UserPoolId": POOL, "Username": "alice" }),
    );
    ground.made(
        "AdminCreateUser",
        json!({ "UserPoolId": POOL, "Username": "bob",
        "TemporaryPassword": PASSWORD,
        "UserAttributes": [{ "Name": "email", "Value": "bob@example.com" }] }),
    );
    let start = |flow: &str, name: &str, more: Value| {
        let mut parameters = json!({ "USERNAME": name });
        parameters
            .as_object_mut()
            .expect("an object")
            .extend(more.as_object().cloned().unwrap_or_default());
        json!({ "ClientId": "app", "AuthFlow": flow, "AuthParameters": parameters })
    };
    let password = json!({ "PASSWORD": PASSWORD });
    let tokens = ground.made(
        "InitiateAuth",
        start("USER_PASSWORD_AUTH", "alice", password.clone()),
    );
    let tokens = &tokens["AuthenticationResult"];
    let access = tokens["AccessToken"].clone();
    let temporary = ground.made("InitiateAuth", start("USER_PASSWORD_AUTH", "bob", password));
    let proof = ground.made(
        "InitiateAuth",
        start("USER_SRP_AUTH", "alice", json!({ "SRP_A": "2" })),
    );
    let choice = ground.made("InitiateAuth", start("USER_AUTH", "alice", json!({})));
    let passkey = ground.made(
        "StartWebAuthnRegistration",
        json!({ "AccessToken": access }),
    );
    let outbox = ground.send(&Request::get("/_pool/outbox")).json();
    let code = outbox
        .as_array()
        .expect("a list")
        .iter()
        .rev()
        .find_map(|sent| sent["code"].as_str());

    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let parameters = &proof["ChallengeParameters"];
    let given = BTreeMap::from([
        ("$ACCESS", text(&access)),
        ("$REFRESH", text(&tokens["RefreshToken"])),
        ("$ID", text(&tokens["IdToken"])),
        ("$NEW", text(&temporary["Session"])),
        ("$CHOICE", text(&choice["Session"])),
        ("$BLOCK", text(&parameters["SECRET_BLOCK"])),
        ("$WHO", text(&parameters["USER_ID_FOR_SRP"])),
        (
            "$PASSKEY",
            text(&passkey["CredentialCreationOptions"]["challenge"]),
        ),
        ("$CODE", code.unwrap_or("000000").to_owned()),
    ]);
    (ground.pool().save(), given)
}

impl Ground {
    fn made(&mut self, name: &str, input: Value) -> Value {
        let reply = self.call(name, &input);
        assert!(reply["__type"].is_null(), "{name}: {reply}");
        reply
    }
}
