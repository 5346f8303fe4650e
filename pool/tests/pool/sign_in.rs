//! Signing in: passwords, proofs, locks, sessions, choices.

use crate::common::*;
use serde_json::{Value, json};

#[test]
fn srp_proves_the_password() {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    let reply = local.srp("alice", PASSWORD).unwrap();
    let tokens = &reply["AuthenticationResult"];
    assert_eq!(tokens["TokenType"], "Bearer");
    assert_eq!(tokens["ExpiresIn"], 3600);
    assert_eq!(local.user(tokens)["Username"], "alice");
    let wrong = local.srp("alice", "Passw0rd?").unwrap_err();
    assert_eq!(
        wrong,
        Exception(
            "NotAuthorizedException".into(),
            "Incorrect username or password.".into()
        )
    );
}

#[test]
fn a_proof_is_taken_once_and_in_time() {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    let client = SrpClient::new(POOL);
    let start = json!({ "ClientId": CLIENT, "AuthFlow": "USER_SRP_AUTH",
        "AuthParameters": { "USERNAME": "alice", "SRP_A": client.srp_a() } });
    let challenge = local.ok("InitiateAuth", start.clone());
    let responses = client.answer(&challenge["ChallengeParameters"], PASSWORD);
    local
        .respond(&challenge, "alice", responses.clone())
        .unwrap();
    let replayed = local.respond(&challenge, "alice", responses).unwrap_err();
    assert_eq!(
        replayed.1,
        "Invalid session for the user, session can only be used once."
    );

    let challenge = local.ok("InitiateAuth", start);
    let responses = client.answer(&challenge["ChallengeParameters"], PASSWORD);
    local.advance(3 * MINUTE);
    let late = local.respond(&challenge, "alice", responses).unwrap_err();
    assert_eq!(late.1, "Invalid session for the user, session is expired.");
}

#[test]
fn wrong_passwords_lock_for_longer_and_longer() {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    for _ in 0..5 {
        assert_eq!(
            local.initiate("alice", "wrong").unwrap_err().1,
            "Incorrect username or password."
        );
    }
    let locked = local.initiate("alice", PASSWORD).unwrap_err();
    assert_eq!(
        locked,
        Exception(
            "NotAuthorizedException".into(),
            "Password attempts exceeded".into()
        )
    );
    assert_eq!(
        local.srp("alice", PASSWORD).unwrap_err().1,
        "Password attempts exceeded"
    );
    local.advance(1);
    assert_eq!(
        local.initiate("alice", "wrong").unwrap_err().1,
        "Incorrect username or password."
    );
    local.advance(1);
    assert_eq!(
        local.initiate("alice", PASSWORD).unwrap_err().1,
        "Password attempts exceeded"
    );
    local.advance(1);
    local.initiate("alice", PASSWORD).unwrap();
    for _ in 0..5 {
        assert_eq!(
            local.initiate("alice", "wrong").unwrap_err().1,
            "Incorrect username or password."
        );
    }
}

#[test]
fn unknown_users_look_like_known_ones_where_existence_is_hidden() {
    let hidden = json!({ "ClientId": CLIENT, "PreventUserExistenceErrors": "ENABLED",
        "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_AUTH"] });
    let mut local = Local::verifying(json!({ "Clients": [hidden] }));
    local.confirmed("alice");
    let client = SrpClient::new(POOL);
    let mut start = |name: &str| {
        local.ok(
            "InitiateAuth",
            json!({ "ClientId": CLIENT, "AuthFlow": "USER_SRP_AUTH",
            "AuthParameters": { "USERNAME": name, "SRP_A": client.srp_a() } }),
        )
    };
    let (known, unknown, again) = (start("alice"), start("nobody"), start("nobody"));
    let parameters = |reply: &Value| reply["ChallengeParameters"].as_object().unwrap().clone();
    let names = |reply: &Value| parameters(reply).keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&known), names(&unknown));
    assert_eq!(parameters(&unknown)["SALT"], parameters(&again)["SALT"]);
    assert_ne!(parameters(&unknown)["SALT"], parameters(&known)["SALT"]);
    assert_ne!(parameters(&unknown)["SRP_B"], parameters(&again)["SRP_B"]);
    assert_eq!(
        local.srp("nobody", PASSWORD).unwrap_err(),
        local.srp("alice", "wrong password").unwrap_err()
    );
    assert_eq!(
        local.initiate("nobody", PASSWORD).unwrap_err(),
        local.initiate("alice", "wrong password").unwrap_err()
    );
    let forgot = json!({ "ClientId": CLIENT, "Username": "nobody" });
    let made_up = local.ok("ForgotPassword", forgot.clone());
    assert_eq!(made_up, local.ok("ForgotPassword", forgot));
    assert_eq!(made_up["CodeDeliveryDetails"]["DeliveryMedium"], "SMS");
    let confirm = json!({ "ClientId": CLIENT, "Username": "nobody", "ConfirmationCode": "1",
        "Password": PASSWORD });
    assert_eq!(
        local.err("ConfirmForgotPassword", confirm),
        "ExpiredCodeException"
    );
    let choice = local.ok(
        "InitiateAuth",
        json!({ "ClientId": CLIENT, "AuthFlow": "USER_AUTH",
        "AuthParameters": { "USERNAME": "nobody" } }),
    );
    assert_eq!(choice["ChallengeName"], "SELECT_CHALLENGE");
}

#[test]
fn without_hiding_an_unknown_user_is_said_to_be() {
    let mut local = Local::verifying(json!({}));
    let refused = local.srp("nobody", PASSWORD).unwrap_err();
    assert_eq!(
        refused,
        Exception(
            "UserNotFoundException".into(),
            "User does not exist.".into()
        )
    );
    let forgot = json!({ "ClientId": CLIENT, "Username": "nobody" });
    assert_eq!(
        local.message("ForgotPassword", forgot),
        "Username/client id combination not found."
    );
}

#[test]
fn flows_must_be_enabled_and_parameters_given() {
    let mut local = Local::verifying(json!({ "Clients": [{ "ClientId": CLIENT }] }));
    local.confirmed("alice");
    let refused = local.initiate("alice", PASSWORD).unwrap_err();
    assert_eq!(
        refused.1,
        "USER_PASSWORD_AUTH flow not enabled for this client"
    );
    local.srp("alice", PASSWORD).unwrap();
    let incomplete = json!({ "ClientId": CLIENT, "AuthFlow": "USER_SRP_AUTH",
        "AuthParameters": { "USERNAME": "alice" } });
    assert_eq!(
        local.message("InitiateAuth", incomplete),
        "Missing required parameter SRP_A"
    );
    let zero = json!({ "ClientId": CLIENT, "AuthFlow": "USER_SRP_AUTH",
        "AuthParameters": { "USERNAME": "alice", "SRP_A": "0" } });
    assert_eq!(local.err("InitiateAuth", zero), "InvalidParameterException");
    let unknown = json!({ "ClientId": "unknown", "AuthFlow": "USER_SRP_AUTH" });
    assert_eq!(
        local.err("InitiateAuth", unknown),
        "ResourceNotFoundException"
    );
}

#[test]
fn a_client_with_a_secret_must_prove_it() {
    let client = json!({ "ClientId": CLIENT, "ClientSecret": "correct1horse2battery3staple",
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"] });
    let mut local = Local::verifying(json!({ "Clients": [client] }));
    let sign_up = |hash: Option<&str>| {
        let mut input = json!({ "ClientId": CLIENT, "Username": "alice", "Password": PASSWORD });
        if let Some(hash) = hash {
            input["SecretHash"] = json!(hash);
        }
        input
    };
    assert_eq!(local.err("SignUp", sign_up(None)), "NotAuthorizedException");
    assert_eq!(
        local.err("SignUp", sign_up(Some("AAAA"))),
        "NotAuthorizedException"
    );
    // printf 'aliceapp' | openssl dgst -sha256 -hmac correct1horse2battery3staple -binary | base64
    let hash = secret_hash("alice");
    local.ok("SignUp", sign_up(Some(&hash)));
    local.ok(
        "AdminConfirmSignUp",
        json!({ "UserPoolId": POOL, "Username": "alice" }),
    );
    assert_eq!(
        local.initiate("alice", PASSWORD).unwrap_err().0,
        "NotAuthorizedException"
    );
    let signed_in = local.ok(
        "InitiateAuth",
        json!({ "ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": "alice", "PASSWORD": PASSWORD, "SECRET_HASH": hash } }),
    );
    let refresh = |hash: &str| {
        json!({ "ClientId": CLIENT, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {
            "REFRESH_TOKEN": signed_in["AuthenticationResult"]["RefreshToken"], "SECRET_HASH": hash } })
    };
    local.ok("InitiateAuth", refresh(&hash));
    assert_eq!(
        local.err("InitiateAuth", refresh(&secret_hash("bob"))),
        "NotAuthorizedException"
    );
}

fn secret_hash(name: &str) -> String {
    use base64ct::{Base64, Encoding};
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac =
        <Hmac<sha2::Sha256> as KeyInit>::new_from_slice(b"correct1horse2battery3staple").unwrap();
    mac.update(format!("{name}{CLIENT}").as_bytes());
    Base64::encode_string(&mac.finalize().into_bytes())
}

#[test]
fn no_lock_is_longer_than_a_quarter_of_an_hour() {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    for _ in 0..20 {
        assert_eq!(
            local.initiate("alice", "wrong").unwrap_err().1,
            "Incorrect username or password."
        );
        local.advance(15 * MINUTE);
    }
    local.now -= 1;
    assert_eq!(
        local.initiate("alice", PASSWORD).unwrap_err().1,
        "Password attempts exceeded"
    );
    local.now += 1;
    local.initiate("alice", PASSWORD).unwrap();
}

/// As the clients of the service write it, in English: `Mon Jan 2 15:04:05 UTC 2026`.
#[test]
fn a_proof_says_when_it_was_made_in_one_form_alone() {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    let mut at = |timestamp: &str| {
        let proof = json!({ "ChallengeName": "PASSWORD_VERIFIER" });
        let answer = json!({ "PASSWORD_CLAIM_SECRET_BLOCK": "AAAA",
            "PASSWORD_CLAIM_SIGNATURE": "AAAA", "TIMESTAMP": timestamp });
        local.respond(&proof, "alice", answer).unwrap_err().1
    };
    for good in [
        "Mon Jan 2 15:04:05 UTC 2026",
        "Sun Dec 31 23:59:60 UTC 9999",
        "Sat Feb 29 00:00:00 UTC 2028",
    ] {
        assert_eq!(at(good), "Invalid session for the user.", "{good}");
    }
    for bad in [
        "2026-01-02T15:04:05Z",
        "Mo Jan 2 15:04:05 UTC 2026",
        "Mon Jän 2 15:04:05 UTC 2026",
        "Mon Jan 32 15:04:05 UTC 2026",
        "Mon Jan x 15:04:05 UTC 2026",
        "Mon Jan 2 61:04:05 UTC 2026",
        "Mon Jan 2 15:61:05 UTC 2026",
        "Mon Jan 2 15:04:61 UTC 2026",
        "Mon Jan 2 15:04 UTC 2026",
        "Mon Jan 2 15:04:05:06 UTC 2026",
        "Mon Jan 2 15:04:05 CET 2026",
        "Mon Jan 2 15:04:05 UTC 10000",
        "Mon Jan 2 15:04:05 UTC 2026 ",
        "Mon Jan 2 15:04:05 UTC 2026 more",
        "Mon Jan 2 15:04:05 UTC",
    ] {
        assert_eq!(
            at(bad),
            "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.",
            "{bad}"
        );
    }
}

/// The guide, "Managing user existence error responses": where the name is an address, the user name in
/// the challenge is a made-up id.
#[test]
fn an_unknown_address_has_an_id_as_a_known_one_has() {
    let hidden = json!([{ "ClientId": CLIENT, "PreventUserExistenceErrors": "ENABLED" }]);
    let mut local = Local::new(json!({ "Clients": hidden, "UsernameAttributes": ["email"],
        "UsernameConfiguration": { "CaseSensitive": false } }));
    settled(&mut local, EMAIL, &[]);
    let srp_a = SrpClient::new(POOL).srp_a();
    let mut id = |name: &str| {
        let reply = local.ok(
            "InitiateAuth",
            json!({ "ClientId": CLIENT, "AuthFlow": "USER_SRP_AUTH",
                "AuthParameters": { "USERNAME": name, "SRP_A": srp_a } }),
        );
        let parameters = &reply["ChallengeParameters"];
        let id = parameters["USER_ID_FOR_SRP"].as_str().unwrap();
        let salt = parameters["SALT"].as_str().unwrap();
        assert!(salt.len() >= 24, "sixteen bytes, or nearly so: {salt}");
        (id.to_owned(), salt.to_owned())
    };
    let shape = |id: &str| -> String {
        let kind = |c: char| if c == '-' { '-' } else { 'x' };
        id.chars().map(kind).collect()
    };
    let (known, unknown) = (id(EMAIL), id("nobody@example.com"));
    assert_eq!(shape(&known.0), shape(&unknown.0));
    assert_eq!(id("Nobody@Example.com"), unknown);
    assert_ne!(id("somebody@example.com").0, unknown.0);
    assert_ne!(id("somebody@example.com").1, unknown.1);
}

#[test]
fn a_client_without_a_secret_is_shown_none() {
    let mut local = Local::verifying(json!({}));
    let sign_up = json!({ "ClientId": CLIENT, "Username": "alice", "Password": PASSWORD,
        "SecretHash": secret_hash("alice") });
    assert_eq!(
        local.refused("SignUp", sign_up),
        Exception(
            "NotAuthorizedException".into(),
            format!("Client {CLIENT} is not configured for secret but secret was received")
        )
    );
    settled(&mut local, "alice", &[]);
    let tokens = local.tokens("alice");
    let words = format!("Client {CLIENT} is not configured for secret but secret was received");
    let hashed = json!({ "ClientId": CLIENT, "AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": { "REFRESH_TOKEN": tokens["RefreshToken"],
            "SECRET_HASH": secret_hash("alice") } });
    assert_eq!(local.message("InitiateAuth", hashed), words);
    let secret = json!({ "ClientId": CLIENT, "RefreshToken": tokens["RefreshToken"],
        "ClientSecret": "correct1horse2battery3staple" });
    assert_eq!(local.message("GetTokensFromRefreshToken", secret), words);
}

#[test]
fn a_refresh_token_is_the_apps_that_it_was_given_to() {
    let client = |id: &str| {
        json!({ "ClientId": id,
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"] })
    };
    let mut local = Local::new(json!({ "Clients": [client(CLIENT), client("other")] }));
    settled(&mut local, "alice", &[]);
    let tokens = local.tokens("alice");
    let by = |client: &str| {
        json!({ "ClientId": client, "AuthFlow": "REFRESH_TOKEN_AUTH",
            "AuthParameters": { "REFRESH_TOKEN": tokens["RefreshToken"] } })
    };
    assert_eq!(
        local.message("InitiateAuth", by("other")),
        "Invalid Refresh Token."
    );
    let revoke = json!({ "ClientId": "other", "Token": tokens["RefreshToken"] });
    assert_eq!(
        local.refused("RevokeToken", revoke),
        Exception("UnauthorizedException".into(), "Invalid client.".into())
    );
    local.ok("InitiateAuth", by(CLIENT));
    let unknown = json!({ "ClientId": "unknown", "Token": tokens["RefreshToken"] });
    assert_eq!(
        local.err("RevokeToken", unknown),
        "InvalidParameterException"
    );
    let never_given = json!({ "ClientId": CLIENT, "Token": "never-given" });
    local.ok("RevokeToken", never_given);
}

/// A token that nobody was given is refused for itself, not for the secret that comes with it.
#[test]
fn an_unknown_refresh_token_is_what_is_wrong() {
    let client = json!({ "ClientId": CLIENT, "ClientSecret": "correct1horse2battery3staple",
        "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_PASSWORD_AUTH"] });
    let mut local = Local::verifying(json!({ "Clients": [client] }));
    settled(&mut local, "alice", &[]);
    let refresh = |token: &Value, hash: Option<String>| {
        let mut parameters = json!({ "REFRESH_TOKEN": token });
        if let Some(hash) = hash {
            parameters["SECRET_HASH"] = json!(hash);
        }
        json!({ "ClientId": CLIENT, "AuthFlow": "REFRESH_TOKEN_AUTH",
            "AuthParameters": parameters })
    };
    let unknown = json!("never-given");
    assert_eq!(
        local.message(
            "InitiateAuth",
            refresh(&unknown, Some(secret_hash("alice")))
        ),
        "Invalid Refresh Token."
    );
    let missing =
        format!("Client {CLIENT} is configured with secret but SECRET_HASH was not received");
    assert_eq!(
        local.message("InitiateAuth", refresh(&unknown, None)),
        missing
    );
    let signed_in = local.ok(
        "InitiateAuth",
        json!({ "ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": { "USERNAME": "alice", "PASSWORD": PASSWORD,
                "SECRET_HASH": secret_hash("alice") } }),
    );
    let token = &signed_in["AuthenticationResult"]["RefreshToken"];
    assert_eq!(local.message("InitiateAuth", refresh(token, None)), missing);
    // By the user's id as well as by the name (the guide, "Using the refresh token").
    let user = local.ok("AdminGetUser", of("alice", json!({})));
    let sub = attribute(&user, "sub").unwrap();
    for name in ["alice", sub.as_str()] {
        local.ok("InitiateAuth", refresh(token, Some(secret_hash(name))));
    }
}
