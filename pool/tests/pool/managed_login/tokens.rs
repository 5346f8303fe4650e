//! `/oauth2/token`, `/oauth2/userInfo`, `/oauth2/revoke`.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use cognito_pool::{Request, Triggers};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::browser::{
    Browser, CALLBACK, VERIFIER, asking, client, exchange, local, post, post_with, tokens, with,
};
use crate::common::{CLIENT, EMAIL, HOUR, Local, MINUTE, PASSWORD, PHONE, POOL, claims};

/// A code for alice.
fn code(local: &mut Local, changes: &[(&str, &str)]) -> String {
    let mut browser = Browser::default();
    browser.go(local, &asking(changes));
    browser.sign_in(local, "alice", PASSWORD);
    browser.code()
}

fn user_info(local: &mut Local, token: &Value) -> (u16, Value) {
    let mut request = Request::get("/oauth2/userInfo");
    let bearer = format!("Bearer {}", token.as_str().unwrap());
    request.headers.push(("authorization".into(), bearer));
    let response = local
        .pool
        .handle(&request, local.now, &mut local.randomness);
    (response.status, response.json())
}

fn error(answer: (u16, Value)) -> String {
    assert_eq!(answer.0, 400, "{answer:?}");
    answer.1["error"].as_str().unwrap().to_owned()
}

#[test]
fn a_code_becomes_tokens() {
    let mut local = local();
    local.confirmed("alice");
    let tokens = tokens(&mut local, &[("scope", "openid email notes/read")]);
    assert_eq!(
        (&tokens["token_type"], &tokens["expires_in"]),
        (&json!("Bearer"), &json!(3600))
    );
    let access = claims(&tokens["access_token"]);
    assert_eq!(access["scope"], "email notes/read openid");
    assert_eq!(
        (&access["version"], &access["client_id"]),
        (&json!(2), &json!(CLIENT))
    );
    let id = claims(&tokens["id_token"]);
    assert_eq!((&id["nonce"], &id["aud"]), (&json!("n-1"), &json!(CLIENT)));
    assert_eq!(id["sub"], access["sub"]);
    let hash = Sha256::digest(tokens["access_token"].as_str().unwrap());
    assert_eq!(id["at_hash"], Base64UrlUnpadded::encode_string(&hash[..16]));
    // email alone was asked for.
    assert_eq!(id["email"], EMAIL);
    assert!(id.get("phone_number").is_none());
    assert!(tokens["refresh_token"].is_string());
}

#[test]
fn scopes_say_what_is_told_and_done() {
    let mut local = local();
    local.confirmed("alice");
    // openid by itself tells everything, as profile does.
    for scope in ["openid", "openid profile"] {
        let id = claims(&tokens(&mut local, &[("scope", scope)])["id_token"]);
        assert_eq!(
            (&id["email"], &id["phone_number"]),
            (&json!(EMAIL), &json!(PHONE))
        );
    }
    // Without it there is no ID token.
    let without = tokens(&mut local, &[("scope", "notes/read")]);
    assert!(without.get("id_token").is_none());
    assert_eq!(claims(&without["access_token"])["scope"], "notes/read");
    let (status, refused) = user_info(&mut local, &without["access_token"]);
    assert_eq!((status, &refused["error"]), (401, &json!("invalid_token")));
    // The operations of the API want their own scope.
    let message = local.message("GetUser", json!({ "AccessToken": without["access_token"] }));
    assert_eq!(message, "Access Token does not have required scopes");
    let with = tokens(&mut local, &[("scope", "aws.cognito.signin.user.admin")]);
    local.ok("GetUser", json!({ "AccessToken": with["access_token"] }));
    // Nothing asked for is everything that the client may have.
    let all = tokens(&mut local, &[("scope", "")]);
    let scope = claims(&all["access_token"])["scope"].clone();
    assert_eq!(
        scope,
        "aws.cognito.signin.user.admin email notes/read openid phone profile"
    );
}

#[test]
fn a_code_is_good_once_and_for_five_minutes() {
    let mut local = local();
    local.confirmed("alice");
    let once = code(&mut local, &[]);
    assert_eq!(exchange(&mut local, &once).0, 200);
    assert_eq!(error(exchange(&mut local, &once)), "invalid_grant");
    let late = code(&mut local, &[]);
    local.advance(5 * MINUTE);
    assert_eq!(error(exchange(&mut local, &late)), "invalid_grant");
    let in_time = code(&mut local, &[]);
    local.advance(5 * MINUTE - 1);
    assert_eq!(exchange(&mut local, &in_time).0, 200);
    assert_eq!(error(exchange(&mut local, "made-up")), "invalid_grant");
}

#[test]
fn a_code_is_for_whom_it_was_given_to() {
    let mut second = client();
    second["ClientId"] = json!("second");
    let mut local = with(json!({ "Clients": [client(), second] }));
    local.confirmed("alice");
    let right = [
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let changed = |name: &str, value: &'static str| {
        let mut form = right.to_vec();
        form.retain(|(known, _)| *known != name);
        if !value.is_empty() {
            form.push((Box::leak(name.to_owned().into_boxed_str()), value));
        }
        form
    };
    let other = "another-verifier-of-forty-three-letters-or-more-01";
    for (form, expected, spends) in [
        (
            changed("redirect_uri", "http://localhost:8080/"),
            "invalid_grant",
            true,
        ),
        (
            changed("redirect_uri", "https://app.example.com/callback"),
            "invalid_grant",
            true,
        ),
        (changed("code_verifier", other), "invalid_grant", true),
        (changed("code_verifier", ""), "invalid_grant", true),
        (changed("code_verifier", "short"), "invalid_request", true),
        (changed("redirect_uri", ""), "invalid_request", false),
        (changed("grant_type", ""), "invalid_request", false),
        (
            changed("grant_type", "password"),
            "unsupported_grant_type",
            false,
        ),
        (changed("client_id", ""), "invalid_request", false),
        (changed("client_id", "nobody"), "invalid_client", false),
        (changed("client_id", "second"), "invalid_grant", false),
    ] {
        let code = code(&mut local, &[]);
        let mut with_code = form.clone();
        with_code.push(("code", &code));
        assert_eq!(
            error(post(&mut local, "/oauth2/token", &with_code)),
            expected,
            "{form:?}"
        );
        let status = exchange(&mut local, &code).0;
        assert_eq!(status, if spends { 400 } else { 200 }, "{form:?}");
    }
    // A verifier for a code that was asked for without one.
    let plain = code(
        &mut local,
        &[("code_challenge", ""), ("code_challenge_method", "")],
    );
    assert_eq!(error(exchange(&mut local, &plain)), "invalid_grant");
    let plain = code(
        &mut local,
        &[("code_challenge", ""), ("code_challenge_method", "")],
    );
    let mut form = changed("code_verifier", "");
    form.push(("code", &plain));
    assert_eq!(post(&mut local, "/oauth2/token", &form).0, 200);
    // Something twice, or not a form.
    let mut twice = right.to_vec();
    twice.extend([("code", "a"), ("code", "b")]);
    assert_eq!(
        error(post(&mut local, "/oauth2/token", &twice)),
        "invalid_request"
    );
    let mut request = Request::operation("x", &json!({ "grant_type": "refresh_token" }));
    request.path = "/oauth2/token".into();
    let response = local
        .pool
        .handle(&request, local.now, &mut local.randomness);
    assert_eq!(response.json()["error"], "invalid_request");
}

#[test]
fn refreshed_tokens_keep_their_scopes() {
    let mut local = local();
    local.confirmed("alice");
    let first = tokens(&mut local, &[("scope", "openid notes/read")]);
    let refresh = first["refresh_token"].as_str().unwrap();
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", CLIENT),
        ("refresh_token", refresh),
    ];
    local.advance(HOUR);
    let (status, next) = post(&mut local, "/oauth2/token", &form);
    assert_eq!(status, 200, "{next}");
    let access = claims(&next["access_token"]);
    assert_eq!(access["scope"], "notes/read openid");
    assert_eq!(
        access["auth_time"],
        claims(&first["access_token"])["auth_time"]
    );
    assert!(next.get("refresh_token").is_none());
    assert!(claims(&next["id_token"]).get("nonce").is_none());
    // By the API they are the same.
    let by_api = local.ok(
        "GetTokensFromRefreshToken",
        json!({ "ClientId": CLIENT, "RefreshToken": refresh }),
    );
    let by_api = &by_api["AuthenticationResult"];
    assert_eq!(claims(&by_api["AccessToken"])["scope"], "notes/read openid");
    let hash = Sha256::digest(by_api["AccessToken"].as_str().unwrap());
    assert_eq!(
        claims(&by_api["IdToken"])["at_hash"],
        Base64UrlUnpadded::encode_string(&hash[..16])
    );
    for (form, expected) in [
        (&form[..2], "invalid_request"),
        (
            &[form[0], form[1], ("refresh_token", "made-up")],
            "invalid_grant",
        ),
        (
            &[form[0], ("client_id", "nobody"), form[2]],
            "invalid_client",
        ),
    ] {
        assert_eq!(error(post(&mut local, "/oauth2/token", form)), expected);
    }
}

#[test]
fn refresh_tokens_rotate() {
    let mut one = client();
    one["ExplicitAuthFlows"] = json!(["ALLOW_USER_SRP_AUTH"]);
    one["RefreshTokenRotation"] = json!({ "Feature": "ENABLED", "RetryGracePeriodSeconds": 0 });
    let mut local = with(json!({ "Clients": [one] }));
    local.confirmed("alice");
    let first = tokens(&mut local, &[]);
    let form = |token: &Value| {
        let token = token.as_str().unwrap().to_owned();
        move |local: &mut Local| {
            let form = [
                ("grant_type", "refresh_token"),
                ("client_id", CLIENT),
                ("refresh_token", token.as_str()),
            ];
            post(local, "/oauth2/token", &form)
        }
    };
    let (status, second) = form(&first["refresh_token"])(&mut local);
    assert_eq!(status, 200);
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_eq!(
        error(form(&first["refresh_token"])(&mut local)),
        "invalid_grant"
    );
    // Somebody has a copy: the sign-in is over.
    assert_eq!(
        error(form(&second["refresh_token"])(&mut local)),
        "invalid_grant"
    );
}

#[test]
fn a_revoked_token_takes_the_others_with_it() {
    let mut second = client();
    second["ClientId"] = json!("second");
    let mut local = with(json!({ "Clients": [client(), second] }));
    local.confirmed("alice");
    let tokens = tokens(&mut local, &[]);
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let access = tokens["access_token"].as_str().unwrap();
    let path = "/oauth2/revoke";
    for (form, expected) in [
        (&[("client_id", CLIENT)] as &[_], "invalid_request"),
        (&[("token", refresh)], "invalid_request"),
        (
            &[("token", refresh), ("client_id", "nobody")],
            "invalid_client",
        ),
        (
            &[("token", refresh), ("client_id", "second")],
            "unauthorized_client",
        ),
        (
            &[("token", access), ("client_id", CLIENT)],
            "unsupported_token_type",
        ),
    ] {
        assert_eq!(error(post(&mut local, path, form)), expected);
    }
    assert_eq!(user_info(&mut local, &tokens["access_token"]).0, 200);
    let right = [("token", refresh), ("client_id", CLIENT)];
    assert_eq!(post(&mut local, path, &right).0, 200);
    assert_eq!(post(&mut local, path, &right).0, 200, "a second time too");
    assert_eq!(user_info(&mut local, &tokens["access_token"]).0, 401);
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", CLIENT),
        ("refresh_token", refresh),
    ];
    assert_eq!(
        error(post(&mut local, "/oauth2/token", &form)),
        "invalid_grant"
    );
}

#[test]
fn user_info_tells_what_the_scopes_let_it() {
    let mut local = local();
    local.confirmed("alice");
    let granted = tokens(&mut local, &[("scope", "openid phone")]);
    let (status, info) = user_info(&mut local, &granted["access_token"]);
    assert_eq!(status, 200);
    let expected = json!({ "sub": claims(&granted["id_token"])["sub"], "username": "alice",
        "phone_number": PHONE, "phone_number_verified": "true" });
    assert_eq!(info, expected);
    // Tokens of the API have no openid; an ID token is not for this; one that is over is over.
    let by_api = local.tokens("alice");
    for token in [&by_api["AccessToken"], &granted["id_token"]] {
        let (status, refused) = user_info(&mut local, token);
        assert_eq!((status, &refused["error"]), (401, &json!("invalid_token")));
    }
    let response = local.pool.handle(
        &Request::get("/oauth2/userInfo"),
        local.now,
        &mut local.randomness,
    );
    assert_eq!(
        (response.status, &response.json()["error"]),
        (400, &json!("invalid_request"))
    );
    assert!(
        response
            .header("www-authenticate")
            .unwrap()
            .starts_with("Bearer error=")
    );
    local.advance(HOUR);
    assert_eq!(user_info(&mut local, &granted["access_token"]).0, 401);
}

/// A client that calls in its own name.
fn machine() -> Value {
    json!({ "ClientId": "machine", "ClientSecret": "s3cret0000000000000000000",
        "AllowedOAuthFlows": ["client_credentials"], "AllowedOAuthScopes": ["notes/read"],
        "AllowedOAuthFlowsUserPoolClient": true })
}

#[test]
fn a_client_calls_in_its_own_name() {
    let mut local = with(json!({ "Clients": [client(), machine()] }));
    let secret = "s3cret0000000000000000000";
    let grant = ("grant_type", "client_credentials");
    let basic = |id: &str, secret: &str| {
        format!(
            "Basic {}",
            Base64::encode_string(format!("{id}:{secret}").as_bytes())
        )
    };
    let path = "/oauth2/token";
    let header = basic("machine", secret);
    let (status, tokens) = post_with(&mut local, path, &[grant], &[("Authorization", &header)]);
    assert_eq!(status, 200, "{tokens}");
    let access = claims(&tokens["access_token"]);
    assert_eq!(
        (&access["scope"], &access["sub"]),
        (&json!("notes/read"), &json!("machine"))
    );
    assert!(tokens.get("refresh_token").is_none() && tokens.get("id_token").is_none());
    let body = [
        grant,
        ("client_id", "machine"),
        ("client_secret", secret),
        ("scope", "notes/read"),
    ];
    assert_eq!(post(&mut local, path, &body).0, 200);
    // It is nobody's access token.
    let refused = local.err("GetUser", json!({ "AccessToken": tokens["access_token"] }));
    assert_eq!(refused, "NotAuthorizedException");
    for (form, header, expected) in [
        (vec![grant], basic("machine", "wrong"), "invalid_client"),
        (vec![grant], "Basic ?".to_owned(), "invalid_client"),
        (vec![grant], "Bearer x".to_owned(), "invalid_client"),
        (
            vec![grant, ("scope", "notes/write")],
            basic("machine", secret),
            "invalid_scope",
        ),
        (
            vec![grant, ("scope", "openid")],
            basic("machine", secret),
            "invalid_scope",
        ),
        (
            vec![grant, ("client_id", "app")],
            basic("machine", secret),
            "invalid_request",
        ),
        (
            vec![grant, ("client_secret", secret)],
            basic("machine", secret),
            "invalid_request",
        ),
        (
            vec![("grant_type", "refresh_token"), ("refresh_token", "x")],
            basic("machine", secret),
            "unauthorized_client",
        ),
    ] {
        let answer = post_with(&mut local, path, &form, &[("Authorization", &header)]);
        assert_eq!(error(answer), expected, "{form:?} {header}");
    }
    let public = [grant, ("client_id", CLIENT)];
    assert_eq!(
        error(post(&mut local, path, &public)),
        "unauthorized_client"
    );
    let unnamed = [grant, ("client_id", "machine")];
    assert_eq!(error(post(&mut local, path, &unnamed)), "invalid_client");
}

#[test]
fn a_function_changes_what_managed_login_gives() {
    struct More;
    impl Triggers for More {
        fn call(&mut self, name: &str, event: &Value) -> Result<Option<Value>, String> {
            if name != "PreTokenGeneration" {
                return Ok(None);
            }
            assert_eq!(event["triggerSource"], "TokenGeneration_HostedAuth");
            assert_eq!(event["request"]["scopes"], json!(["email", "openid"]));
            let mut event = event.clone();
            event["response"] = json!({ "claimsAndScopeOverrideDetails": {
                "accessTokenGeneration": { "scopesToAdd": ["more"], "scopesToSuppress": ["email"] } } });
            Ok(Some(event))
        }
    }
    let mut local = local();
    local.confirmed("alice");
    local.pool.set_triggers(Box::new(More));
    let tokens = tokens(&mut local, &[]);
    assert_eq!(claims(&tokens["access_token"])["scope"], "openid more");
}

#[test]
fn a_saved_state_goes_on() {
    let mut local = local();
    local.confirmed("alice");
    let code = code(&mut local, &[]);
    let saved = local.pool.save();
    local.pool = cognito_pool::Pool::restore(cognito_pool::Options::default(), &saved).unwrap();
    assert_eq!(exchange(&mut local, &code).0, 200);
}

#[test]
fn a_code_dies_with_its_user() {
    let mut local = local();
    local.confirmed("alice");
    let named = json!({ "UserPoolId": POOL, "Username": "alice" });
    let first = code(&mut local, &[]);
    let second = code(&mut local, &[]);
    let third = code(&mut local, &[]);
    local.ok("AdminDisableUser", named.clone());
    assert_eq!(error(exchange(&mut local, &first)), "invalid_grant");
    local.ok("AdminDeleteUser", named);
    assert_eq!(error(exchange(&mut local, &second)), "invalid_grant");
    // Whoever has the name next is somebody else.
    local.confirmed("alice");
    assert_eq!(error(exchange(&mut local, &third)), "invalid_grant");
}

/// The token endpoint takes the refresh tokens of the API, too, and gives what those were for.
#[test]
fn a_token_of_the_api_is_refreshed_at_the_domain() {
    let mut local = local();
    local.confirmed("alice");
    let by_api = local.tokens("alice");
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", CLIENT),
        ("refresh_token", by_api["RefreshToken"].as_str().unwrap()),
    ];
    let (status, fresh) = post(&mut local, "/oauth2/token", &form);
    assert_eq!(status, 200, "{fresh}");
    let access = claims(&fresh["access_token"]);
    assert_eq!(access["scope"], "aws.cognito.signin.user.admin");
    assert_eq!(claims(&fresh["id_token"])["sub"], access["sub"]);
    local.ok("GetUser", json!({ "AccessToken": fresh["access_token"] }));
}
