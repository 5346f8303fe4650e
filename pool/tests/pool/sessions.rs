//! Sessions: recorded where the pool tracks them, listed, ended, limited.

use crate::common::*;
use serde_json::{Value, json};

#[test]
fn a_description_turns_tracking_on() {
    let tracked = json!({ "UserSessionTracking": "ENABLED" });
    let mut local = Local::verifying(json!({ "SessionConfiguration": tracked }));
    let config = local.ok(
        "GetUserPoolSessionConfiguration",
        json!({ "UserPoolId": POOL }),
    );
    assert_eq!(config["UserSessionTracking"], "ENABLED");
    assert_eq!(config["TokenSession"], json!({ "MaxPerUser": 20 }));
}

/// A pool that tracks sessions, so many for each user, with a confirmed alice.
fn tracking(most: u64) -> Local {
    let mut local = Local::verifying(json!({ "SessionConfiguration": {
        "UserSessionTracking": "ENABLED", "TokenSession": { "MaxPerUser": most } } }));
    local.confirmed("alice");
    local
}

fn list(local: &mut Local, tokens: &Value) -> Vec<Value> {
    let input = json!({ "AccessToken": tokens["AccessToken"] });
    let list = local.ok("ListUserSessions", input);
    list["Sessions"].as_array().unwrap().clone()
}

fn is_alive(local: &mut Local, tokens: &Value) -> bool {
    local
        .call("GetUser", json!({ "AccessToken": tokens["AccessToken"] }))
        .is_ok()
}

#[test]
fn sessions_are_listed_and_ended_one_by_one() {
    let mut local = tracking(20);
    let one = local.tokens("alice");
    local.advance(60);
    let two = local.tokens("alice");
    let sessions = list(&mut local, &one);
    assert_eq!(sessions.len(), 2);
    let is_current = |session: &&Value| session["IsCurrentSession"] == true;
    let current = sessions.iter().find(is_current).unwrap();
    let other = sessions.iter().find(|it| !is_current(it)).unwrap();
    assert_eq!(current["SessionType"], "TOKEN");
    assert_eq!(current["ClientId"], CLIENT);
    assert_eq!(
        other["CreateDate"].as_u64().unwrap(),
        current["CreateDate"].as_u64().unwrap() + 60
    );
    let named = |session: &Value| json!({ "AccessToken": one["AccessToken"], "SessionId": session["SessionId"] });
    assert_eq!(
        local.err("RevokeUserSession", named(current)),
        "InvalidParameterException",
        "one's own ends by RevokeToken"
    );
    local.ok("RevokeUserSession", named(other));
    assert!(is_alive(&mut local, &one));
    assert!(!is_alive(&mut local, &two));
    assert_eq!(list(&mut local, &one).len(), 1);
    assert_eq!(
        local.err("RevokeUserSession", named(other)),
        "ResourceNotFoundException"
    );
    local.ok(
        "RevokeToken",
        json!({ "ClientId": CLIENT, "Token": one["RefreshToken"] }),
    );
    let three = local.tokens("alice");
    assert_eq!(list(&mut local, &three).len(), 1);
}

#[test]
fn somebody_elses_session_is_not_found() {
    let mut local = tracking(20);
    let attributes = json!([{ "Name": "phone_number", "Value": "+12065550199" }]);
    local.ok(
        "SignUp",
        json!({ "ClientId": CLIENT, "Username": "bob", "Password": PASSWORD,
        "UserAttributes": attributes }),
    );
    let code = local.code("+12065550199");
    local.ok(
        "ConfirmSignUp",
        json!({ "ClientId": CLIENT, "Username": "bob", "ConfirmationCode": code }),
    );
    let (alice, bob) = (local.tokens("alice"), local.tokens("bob"));
    let his = list(&mut local, &bob)[0]["SessionId"].clone();
    assert_eq!(
        local.err(
            "RevokeUserSession",
            json!({ "AccessToken": alice["AccessToken"], "SessionId": his })
        ),
        "ResourceNotFoundException"
    );
    assert!(is_alive(&mut local, &bob));
}

#[test]
fn an_administrator_ends_a_session_too() {
    let mut local = tracking(20);
    let tokens = local.tokens("alice");
    let admin = json!({ "UserPoolId": POOL, "Username": "alice" });
    let list = local.ok("AdminListUserSessions", admin.clone());
    assert_eq!(list["Sessions"][0]["IsCurrentSession"], false);
    let mut end = admin;
    end["SessionId"] = list["Sessions"][0]["SessionId"].clone();
    local.ok("AdminRevokeUserSession", end);
    let get = json!({ "AccessToken": tokens["AccessToken"] });
    assert_eq!(
        local.message("GetUser", get),
        "Access Token has been revoked"
    );
}

#[test]
fn the_session_that_was_not_used_for_longest_makes_room() {
    let mut local = tracking(2);
    let one = local.tokens("alice");
    local.advance(1);
    let two = local.tokens("alice");
    local.advance(1);
    let refresh = json!({ "ClientId": CLIENT, "RefreshToken": one["RefreshToken"] });
    local.ok("GetTokensFromRefreshToken", refresh);
    let three = local.tokens("alice");
    assert!(is_alive(&mut local, &one), "it was used after the second");
    assert!(!is_alive(&mut local, &two));
    assert_eq!(list(&mut local, &three).len(), 2);
    // A lower limit ends nothing before the next sign-in.
    local.ok(
        "SetUserPoolSessionConfiguration",
        json!({ "UserPoolId": POOL, "UserSessionTracking": "ENABLED",
        "TokenSession": { "MaxPerUser": 1 } }),
    );
    assert!(is_alive(&mut local, &one));
    let four = local.tokens("alice");
    assert!(!is_alive(&mut local, &one) && !is_alive(&mut local, &three));
    assert!(is_alive(&mut local, &four));
}

#[test]
fn a_pool_tracks_nothing_unless_it_is_told_to() {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    let pool = json!({ "UserPoolId": POOL });
    assert_eq!(
        local.ok("GetUserPoolSessionConfiguration", pool.clone()),
        json!({ "UserPoolId": POOL, "UserSessionTracking": "DISABLED",
            "TokenSession": { "MaxPerUser": 20 } })
    );
    let before = local.tokens("alice");
    let access = json!({ "AccessToken": before["AccessToken"] });
    let admin = json!({ "UserPoolId": POOL, "Username": "alice" });
    for (operation, input) in [
        ("ListUserSessions", access),
        ("AdminListUserSessions", admin),
    ] {
        assert_eq!(local.err(operation, input), "InvalidParameterException");
    }
    let mut on = json!({ "UserPoolId": POOL, "UserSessionTracking": "ENABLED" });
    assert_eq!(
        local.err("SetUserPoolSessionConfiguration", on.clone()),
        "InvalidParameterException",
        "every member is required"
    );
    on["TokenSession"] = json!({ "MaxPerUser": 3 });
    assert_eq!(local.ok("SetUserPoolSessionConfiguration", on.clone()), on);
    assert_eq!(local.ok("GetUserPoolSessionConfiguration", pool), on);
    let after = local.tokens("alice");
    assert_eq!(list(&mut local, &before).len(), 1, "only what began since");
    assert_eq!(list(&mut local, &after)[0]["IsCurrentSession"], true);
}

/// A call as it comes from a place and a program.
fn call_from(local: &mut Local, operation: &str, input: &Value, headers: &[(&str, &str)]) -> Value {
    let mut request = cognito_pool::Request::operation(operation, input);
    for (name, value) in headers {
        request.headers.push(((*name).into(), (*value).into()));
    }
    let (now, randomness) = (local.now, &mut local.randomness);
    let response = local.pool.handle(&request, now, randomness);
    assert_eq!(response.status, 200);
    response.json()
}

#[test]
fn a_session_says_what_its_last_request_did_of_program_and_place() {
    let mut local = tracking(20);
    let firefox = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Firefox/140.0";
    let input = json!({ "ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": "alice", "PASSWORD": PASSWORD } });
    let from = [("user-agent", firefox), ("x-forwarded-for", "2001:db8::1")];
    let reply = call_from(&mut local, "InitiateAuth", &input, &from);
    let tokens = reply["AuthenticationResult"].clone();
    let session = list(&mut local, &tokens)[0].clone();
    assert_eq!(session["DeviceType"], "Firefox, macOS");
    assert_eq!(session["LastIPAddress"], "2001:db8::1");
    assert!(session.get("LastLocation").is_none());

    let refresh = json!({ "ClientId": CLIENT, "RefreshToken": tokens["RefreshToken"] });
    let from = [
        ("User-Agent", "Boto3/1.44.8 ua/2.1"),
        ("X-Forwarded-For", "192.0.2.7"),
    ];
    call_from(&mut local, "GetTokensFromRefreshToken", &refresh, &from);
    let session = list(&mut local, &tokens)[0].clone();
    assert_eq!(session["DeviceType"], "Boto3");
    assert_eq!(session["LastIPAddress"], "192.0.2.7");

    // What says nothing, or what is no address, leaves them out.
    let from = [("user-agent", ""), ("x-forwarded-for", "<script>")];
    call_from(&mut local, "GetTokensFromRefreshToken", &refresh, &from);
    let session = list(&mut local, &tokens)[0].clone();
    assert!(session.get("DeviceType").is_none() && session.get("LastIPAddress").is_none());
}

#[test]
fn a_session_is_over_when_its_refresh_token_is() {
    let client = json!({ "ClientId": CLIENT, "RefreshTokenValidity": 1,
        "TokenValidityUnits": { "RefreshToken": "hours" },
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"] });
    let mut local = Local::new(json!({ "Clients": [client],
        "SessionConfiguration": { "UserSessionTracking": "ENABLED" } }));
    settled(&mut local, "alice", &[]);
    local.tokens("alice");
    let mut sessions = |seconds: u64| {
        local.advance(seconds);
        let list = local.ok("AdminListUserSessions", of("alice", json!({})));
        let list = list["Sessions"].as_array().unwrap();
        let ids = list.iter().map(|it| it["SessionId"].clone());
        ids.collect::<Vec<_>>()
    };
    let [id] = sessions(HOUR - 1).try_into().unwrap();
    assert!(sessions(1).is_empty());
    let end = of("alice", json!({ "SessionId": id }));
    assert_eq!(
        local.err("AdminRevokeUserSession", end),
        "ResourceNotFoundException"
    );
}
