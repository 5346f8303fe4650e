//! Tokens: claims, lifetimes, refreshing, rotation, revocation, the well-known documents.

use crate::common::*;
use base64ct::{Base64, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

fn local() -> Local {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    local
}

fn refresh(token: &Value) -> Value {
    json!({ "ClientId": CLIENT, "AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": { "REFRESH_TOKEN": token } })
}

#[test]
fn the_claims_are_cognitos() {
    let mut local = local();
    for (name, precedence) in [("editors", 5), ("admins", 1)] {
        local.ok(
            "CreateGroup",
            json!({ "UserPoolId": POOL, "GroupName": name,
            "Precedence": precedence, "RoleArn": "arn:aws:iam::123456789012:role/group" }),
        );
        local.ok(
            "AdminAddUserToGroup",
            json!({ "UserPoolId": POOL, "Username": "alice",
            "GroupName": name }),
        );
    }
    let tokens = local.tokens("alice");
    let (access, id) = (claims(&tokens["AccessToken"]), claims(&tokens["IdToken"]));
    let issuer = format!("https://cognito-idp.eu-west-1.amazonaws.com/{POOL}");
    for token in [&access, &id] {
        assert_eq!(token["iss"], issuer);
        assert_eq!(token["cognito:groups"], json!(["admins", "editors"]));
        assert_eq!(token["iat"], local.now / 1000);
        assert_eq!(token["exp"], local.now / 1000 + 3600);
    }
    assert_eq!(
        (&access["token_use"], &id["token_use"]),
        (&json!("access"), &json!("id"))
    );
    assert_eq!(
        (&access["client_id"], &id["aud"]),
        (&json!(CLIENT), &json!(CLIENT))
    );
    assert_eq!(
        (&access["username"], &id["cognito:username"]),
        (&json!("alice"), &json!("alice"))
    );
    assert_eq!(access["scope"], "aws.cognito.signin.user.admin");
    assert_eq!(access["sub"], id["sub"]);
    assert_ne!(access["jti"], id["jti"]);
    assert_eq!(id["phone_number_verified"], true);
    assert_eq!(id["email"], EMAIL);
    assert!(access.get("email").is_none());
}

#[test]
fn the_documents_lead_from_the_issuer_to_the_key() {
    let mut local = local();
    let configuration = local.get(&format!("/{POOL}/.well-known/openid-configuration"));
    let issuer = format!("https://cognito-idp.eu-west-1.amazonaws.com/{POOL}");
    assert_eq!(configuration["issuer"], issuer);
    assert_eq!(
        configuration["jwks_uri"],
        format!("{issuer}/.well-known/jwks.json")
    );
    let keys = local.get(&format!("/{POOL}/.well-known/jwks.json"));
    assert_eq!(keys["keys"][0]["alg"], "RS256");
    assert_eq!(keys["keys"][0]["kid"], "development-only-not-a-secret");
    assert_eq!(
        local.get("/eu-west-1_unknown/.well-known/jwks.json")["message"],
        "Not found"
    );
}

/// As identity-js sends it from every browser that has no device.
#[test]
fn a_device_that_is_null_is_left_out() {
    let mut local = local();
    let tokens = local.tokens("alice");
    let mut request = refresh(&tokens["RefreshToken"]);
    request["AuthParameters"]["DEVICE_KEY"] = Value::Null;
    assert!(local.ok("InitiateAuth", request)["AuthenticationResult"]["AccessToken"].is_string());
}

#[test]
fn tokens_live_as_long_as_the_client_says() {
    let mut local = Local::verifying(json!({ "Clients": [{ "ClientId": CLIENT,
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        "AccessTokenValidity": 5, "IdTokenValidity": 10, "RefreshTokenValidity": 2,
        "TokenValidityUnits": { "AccessToken": "minutes", "IdToken": "minutes",
            "RefreshToken": "hours" } }] }));
    local.confirmed("alice");
    let tokens = local.tokens("alice");
    assert_eq!(tokens["ExpiresIn"], 300);
    local.advance(5 * MINUTE);
    let expired = local.message("GetUser", json!({ "AccessToken": tokens["AccessToken"] }));
    assert_eq!(expired, "Access Token has expired");
    local.ok("InitiateAuth", refresh(&tokens["RefreshToken"]));
    local.advance(2 * HOUR - 5 * MINUTE);
    let expired = local.message("InitiateAuth", refresh(&tokens["RefreshToken"]));
    assert_eq!(expired, "Refresh Token has expired");
}

#[test]
fn refreshing_keeps_the_sign_in_and_the_refresh_token() {
    let mut local = local();
    let tokens = local.tokens("alice");
    local.advance(HOUR);
    let reply = local.ok("InitiateAuth", refresh(&tokens["RefreshToken"]));
    let fresh = &reply["AuthenticationResult"];
    assert!(fresh.get("RefreshToken").is_none());
    let (old, new) = (
        claims(&tokens["AccessToken"]),
        claims(&fresh["AccessToken"]),
    );
    assert_eq!(old["auth_time"], new["auth_time"]);
    assert_eq!(old["origin_jti"], new["origin_jti"]);
    let nonsense = local.message("InitiateAuth", refresh(&json!("nonsense")));
    assert_eq!(nonsense, "Invalid Refresh Token.");
}

#[test]
fn a_rotated_refresh_token_used_twice_ends_the_sign_in() {
    let mut local = Local::verifying(json!({ "Clients": [{ "ClientId": CLIENT,
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
        "RefreshTokenRotation": { "Feature": "ENABLED", "RetryGracePeriodSeconds": 10 } }] }));
    local.confirmed("alice");
    let tokens = local.tokens("alice");
    let with = |token: &Value| json!({ "ClientId": CLIENT, "RefreshToken": token });
    let first = local.ok("GetTokensFromRefreshToken", with(&tokens["RefreshToken"]));
    let second = first["AuthenticationResult"]["RefreshToken"].clone();
    assert_ne!(second, tokens["RefreshToken"]);
    local.advance(9);
    let again = local.ok("GetTokensFromRefreshToken", with(&tokens["RefreshToken"]));
    assert!(again["AuthenticationResult"]["RefreshToken"].is_string());
    local.advance(1);
    assert_eq!(
        local.err("GetTokensFromRefreshToken", with(&tokens["RefreshToken"])),
        "RefreshTokenReuseException"
    );
    assert_eq!(
        local.message("GetTokensFromRefreshToken", with(&second)),
        "Refresh Token has been revoked"
    );
}

#[test]
fn revoking_a_refresh_token_ends_its_sign_in_alone() {
    let mut local = local();
    let (one, two) = (local.tokens("alice"), local.tokens("alice"));
    let revoke = |token: &Value| json!({ "ClientId": CLIENT, "Token": token });
    assert_eq!(
        local.err("RevokeToken", revoke(&one["AccessToken"])),
        "UnsupportedTokenTypeException"
    );
    local.ok("RevokeToken", revoke(&one["RefreshToken"]));
    local.ok("RevokeToken", revoke(&one["RefreshToken"]));
    let dead = local.message("GetUser", json!({ "AccessToken": one["AccessToken"] }));
    assert_eq!(dead, "Access Token has been revoked");
    assert_eq!(
        local.err("InitiateAuth", refresh(&one["RefreshToken"])),
        "NotAuthorizedException"
    );
    local.user(&two);
}

#[test]
fn signing_out_everywhere_ends_every_sign_in() {
    let mut local = local();
    let (one, two) = (local.tokens("alice"), local.tokens("alice"));
    local.ok(
        "GlobalSignOut",
        json!({ "AccessToken": one["AccessToken"] }),
    );
    for tokens in [one, two] {
        let get = json!({ "AccessToken": tokens["AccessToken"] });
        assert_eq!(local.err("GetUser", get), "NotAuthorizedException");
        let refresh = refresh(&tokens["RefreshToken"]);
        assert_eq!(local.err("InitiateAuth", refresh), "NotAuthorizedException");
    }
    local.tokens("alice");
}

#[test]
fn a_disabled_user_is_out() {
    let mut local = local();
    let tokens = local.tokens("alice");
    let admin = json!({ "UserPoolId": POOL, "Username": "alice" });
    local.ok("AdminDisableUser", admin.clone());
    let get = json!({ "AccessToken": tokens["AccessToken"] });
    assert_eq!(local.err("GetUser", get.clone()), "NotAuthorizedException");
    assert_eq!(
        local.initiate("alice", PASSWORD).unwrap_err().1,
        "User is disabled."
    );
    local.ok("AdminEnableUser", admin.clone());
    assert_eq!(local.err("GetUser", get), "NotAuthorizedException");
    let tokens = local.tokens("alice");
    local.ok(
        "DeleteUser",
        json!({ "AccessToken": tokens["AccessToken"] }),
    );
    assert_eq!(local.err("AdminGetUser", admin), "UserNotFoundException");
}

#[test]
fn only_access_tokens_of_this_service_are_taken() {
    let mut local = local();
    let tokens = local.tokens("alice");
    for token in [&tokens["IdToken"], &json!("a.b.c"), &tokens["RefreshToken"]] {
        assert_eq!(
            local.message("GetUser", json!({ "AccessToken": token })),
            "Invalid Access Token"
        );
    }
}

#[test]
fn what_a_client_may_not_read_it_is_not_told() {
    let mut local = Local::verifying(json!({ "Clients": [{ "ClientId": CLIENT,
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
        "ReadAttributes": ["email", "phone_number", "phone_number_verified"] }] }));
    local.confirmed("alice");
    let tokens = local.tokens("alice");
    let user = local.user(&tokens);
    let id = claims(&tokens["IdToken"]);
    // Said with the address or not at all: the flag is an attribute of its own.
    assert_eq!(attribute(&user, "email").as_deref(), Some(EMAIL));
    assert_eq!(attribute(&user, "email_verified"), None);
    assert_eq!(id["email"], EMAIL);
    assert!(id.get("email_verified").is_none());
    assert_eq!(
        attribute(&user, "phone_number_verified").as_deref(),
        Some("true")
    );
    assert_eq!(id["phone_number_verified"], true);
    assert!(attribute(&user, "sub").is_some());
    // An administrator sees all.
    let user = local.ok(
        "AdminGetUser",
        json!({ "UserPoolId": POOL, "Username": "alice" }),
    );
    assert_eq!(attribute(&user, "email_verified").as_deref(), Some("false"));
}

#[test]
fn a_token_is_renewed_or_revoked_with_the_apps_own_secret_alone() {
    const SECRET: &str = "correct1horse2battery3staple";
    let client = json!({ "ClientId": CLIENT, "ClientSecret": SECRET,
        "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH"] });
    let mut local = Local::verifying(json!({ "Clients": [client] }));
    settled(&mut local, "alice", &[]);
    let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(SECRET.as_bytes()).unwrap();
    let hash = Base64::encode_string(
        &mac.chain_update(format!("alice{CLIENT}"))
            .finalize()
            .into_bytes(),
    );
    let begin = json!({ "UserPoolId": POOL, "ClientId": CLIENT,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": "alice", "PASSWORD": PASSWORD, "SECRET_HASH": hash } });
    let tokens = local.ok("AdminInitiateAuth", begin)["AuthenticationResult"].clone();
    let given = |secret: Option<&str>| {
        let mut input = json!({ "ClientId": CLIENT, "Token": tokens["RefreshToken"] });
        if let Some(secret) = secret {
            input["ClientSecret"] = json!(secret);
        }
        input
    };
    for secret in [None, Some("another2secret3of4the5same6length")] {
        assert_ne!(local.call("RevokeToken", given(secret)), Ok(json!({})));
        local.user(&tokens);
    }
    local.ok("RevokeToken", given(Some(SECRET)));
    let get = json!({ "AccessToken": tokens["AccessToken"] });
    assert_eq!(
        local.message("GetUser", get),
        "Access Token has been revoked"
    );
}

#[test]
fn who_must_set_a_new_password_can_do_nothing_with_the_tokens_of_before() {
    let mut local = local();
    let tokens = local.tokens("alice");
    local.ok("AdminResetUserPassword", of("alice", json!({})));
    let get = json!({ "AccessToken": tokens["AccessToken"] });
    let required = "PasswordResetRequiredException";
    assert_eq!(local.err("GetUser", get), required);
    assert_eq!(
        local.err("InitiateAuth", refresh(&tokens["RefreshToken"])),
        required
    );
}

#[test]
fn enabling_who_is_enabled_ends_nothing() {
    let mut local = local();
    let tokens = local.tokens("alice");
    local.ok("AdminEnableUser", of("alice", json!({})));
    local.user(&tokens);
    local.ok("InitiateAuth", refresh(&tokens["RefreshToken"]));
}
