//! Signing in: by SRP, by password, and what the pool asks for instead.

use serde_json::{Value, json};

use crate::support::*;

fn pool_with_alice() -> LocalPool {
    let pool = LocalPool::new();
    let verified = json!({ "email": EMAIL, "email_verified": "true" });
    pool.add_user(USER, PASSWORD, verified, Clock::new().wall);
    pool
}

#[test]
fn by_srp_the_password_is_proven_and_never_sent() {
    let mut world = World::with(&pool_with_alice());
    let snapshot = world.send(sign_in());
    assert_eq!(snapshot["step"], "signedIn");
    assert_eq!(snapshot["username"], USER);
    let log = std::mem::take(&mut world.network.log);
    assert!(
        log.iter()
            .all(|(_, body)| !body.to_string().contains(PASSWORD))
    );
    assert_eq!(log[1].1["ChallengeResponses"]["USERNAME"], USER);
}

#[test]
fn by_password_it_is_sent_once() {
    let pool = pool_with_alice();
    let mut world = World::with_options(&pool, json!({ "signInWith": "password" }));
    assert_eq!(world.send(sign_in())["step"], "signedIn");
    assert_eq!(world.sent(), ["InitiateAuth USER_PASSWORD_AUTH", "GetUser"]);
}

#[test]
fn a_wrong_password_keeps_the_name_in_the_form() {
    for options in [json!({}), json!({ "signInWith": "password" })] {
        let mut world = World::with_options(&pool_with_alice(), options);
        let wrong = json!({ "type": "signIn", "username": USER, "password": OTHER_PASSWORD });
        let snapshot = world.send(wrong);
        assert_eq!(snapshot["step"], "signedOut");
        assert_eq!(snapshot["username"], USER);
        assert_eq!(snapshot["error"]["code"], "wrongCredentials");
        assert_eq!(snapshot["error"]["server"], "NotAuthorizedException");
        assert_eq!(world.send(sign_in())["step"], "signedIn");
    }
}

#[test]
fn an_unknown_user_and_a_wrong_password_are_not_told_apart() {
    let hiding = json!({ "PreventUserExistenceErrors": "ENABLED" });
    let pool = LocalPool::with(json!({}), hiding);
    pool.add_user(USER, PASSWORD, json!({}), Clock::new().wall);
    let sign_in_as =
        |name: &str| json!({ "type": "signIn", "username": name, "password": "Wrong-9-wrong" });
    let unknown = World::with(&pool).send(sign_in_as("nobody"));
    let wrong = World::with(&pool).send(sign_in_as(USER));
    assert_eq!(unknown["error"], wrong["error"]);
}

#[test]
fn where_the_pool_tells_them_apart_the_person_is_not_told() {
    let mut world = World::with(&pool_with_alice());
    let event = json!({ "type": "signIn", "username": "nobody", "password": PASSWORD });
    assert_eq!(world.send(event)["error"]["code"], "wrongCredentials");
}

#[test]
fn by_an_alias_the_snapshot_keeps_what_the_person_typed() {
    let pool = LocalPool::with(json!({ "AliasAttributes": ["email"] }), json!({}));
    let verified = json!({ "email": EMAIL, "email_verified": "true" });
    pool.add_user(USER, PASSWORD, verified, Clock::new().wall);
    let mut world = World::with(&pool);
    let snapshot = world.send(json!({ "type": "signIn", "username": EMAIL, "password": PASSWORD }));
    assert_eq!(snapshot["step"], "signedIn");
    assert_eq!(snapshot["username"], EMAIL);
    assert_eq!(
        world.body_of("RespondToAuthChallenge")["ChallengeResponses"]["USERNAME"],
        USER
    );
}

#[test]
fn a_user_who_must_reset_is_led_to_reset_the_password() {
    let pool = pool_with_alice();
    pool.admin(
        "AdminResetUserPassword",
        json!({ "Username": USER }),
        Clock::new().wall,
    );
    let mut world = World::with(&pool);
    let snapshot = world.send(sign_in());
    assert_eq!(snapshot["step"], "resetPassword");
    assert_eq!(snapshot["error"]["code"], "passwordResetRequired");
    let snapshot = world.send(reset(&pool.code()));
    assert_eq!(snapshot["step"], "signedOut");
    assert_eq!(snapshot["error"], Value::Null);
    let event = json!({ "type": "signIn", "username": USER, "password": OTHER_PASSWORD });
    assert_eq!(world.send(event)["step"], "signedIn");
}

#[test]
fn a_disabled_user_is_told_so() {
    let pool = pool_with_alice();
    pool.admin(
        "AdminDisableUser",
        json!({ "Username": USER }),
        Clock::new().wall,
    );
    let snapshot = World::with(&pool).send(sign_in());
    assert_eq!(snapshot["step"], "signedOut");
    assert_eq!(snapshot["error"]["code"], "userDisabled");
}

#[test]
fn after_many_wrong_passwords_the_person_has_to_wait() {
    let mut world = World::with_options(&pool_with_alice(), json!({ "signInWith": "password" }));
    let wrong = || json!({ "type": "signIn", "username": USER, "password": OTHER_PASSWORD });
    for _ in 0..5 {
        world.send(wrong());
    }
    world.send(wrong());
    assert_eq!(world.error(), "attemptLimit");
    world.pass(HOUR);
    assert_eq!(world.send(sign_in())["step"], "signedIn");
}

#[test]
fn a_user_whom_an_administrator_made_chooses_a_password() {
    let pool = LocalPool::new();
    let input = json!({
        "Username": USER, "TemporaryPassword": PASSWORD, "MessageAction": "SUPPRESS",
        "UserAttributes": [{ "Name": "email", "Value": EMAIL },
                           { "Name": "email_verified", "Value": "true" }],
    });
    pool.admin("AdminCreateUser", input, Clock::new().wall);
    let mut world = World::with(&pool);
    let snapshot = world.send(sign_in());
    assert_eq!(
        snapshot,
        json!({
            "step": "newPassword", "busy": null, "error": null, "username": USER,
            "missingAttributes": [], "expiresAt": world.clock.wall + 3.0 * MINUTE,
        })
    );
    let plain = world.send(json!({ "type": "setNewPassword", "password": "short" }));
    assert_eq!(plain["step"], "newPassword");
    assert_eq!(plain["error"]["code"], "invalidPassword");
    let next = json!({ "type": "setNewPassword", "password": OTHER_PASSWORD });
    assert_eq!(world.send(next)["step"], "signedIn");
}

#[test]
fn attributes_that_are_missing_are_named_bare_and_sent_with_the_first_password() {
    let required = json!({ "Schema": [{ "Name": "given_name", "Required": true }] });
    let pool = LocalPool::with(required, json!({}));
    let input = json!({
        "Username": USER, "TemporaryPassword": PASSWORD, "MessageAction": "SUPPRESS",
    });
    pool.admin("AdminCreateUser", input, Clock::new().wall);
    let mut world = World::with(&pool);
    assert_eq!(
        world.send(sign_in())["missingAttributes"],
        json!(["given_name"])
    );
    let event = json!({
        "type": "setNewPassword", "password": OTHER_PASSWORD,
        "attributes": { "given_name": "Alice" },
    });
    let snapshot = world.send(event);
    assert_eq!(snapshot["step"], "signedIn");
    assert_eq!(snapshot["attributes"]["given_name"], "Alice");
}

#[test]
fn a_new_password_may_be_followed_by_a_second_factor() {
    let pool = LocalPool::with_sms_mfa();
    let input = json!({
        "Username": USER, "TemporaryPassword": PASSWORD, "MessageAction": "SUPPRESS",
        "UserAttributes": [{ "Name": "phone_number", "Value": PHONE }],
    });
    pool.admin("AdminCreateUser", input, Clock::new().wall);
    let mut world = World::with(&pool);
    assert_eq!(world.send(sign_in())["step"], "newPassword");
    let next = json!({ "type": "setNewPassword", "password": OTHER_PASSWORD });
    let snapshot = world.send(next);
    assert_eq!(snapshot["step"], "mfaCode");
    assert_eq!(snapshot["canResend"], true);
    assert_eq!(world.send(submit(&pool.code()))["step"], "signedIn");
}

#[test]
fn leaving_while_the_password_is_checked_forgets_the_answer() {
    let mut world = World::with(&pool_with_alice());
    world.start(sign_in()).unwrap();
    let left = world.send(event("cancel"));
    assert_eq!(left["step"], "signedOut");
    assert_eq!(left["username"], USER, "the name last used");
    assert!(
        world.network.under_way.is_empty(),
        "the request is given up"
    );
}

#[test]
fn leaving_just_before_the_end_revokes_the_tokens() {
    let pool = pool_with_alice();
    let mut world = World::with(&pool);
    world.start(sign_in()).unwrap();
    world.answer_next();
    world.answer_next();
    assert_eq!(world.snapshot()["busy"], "signIn");
    let left = world.send(event("cancel"));
    assert_eq!(left["step"], "signedOut");
    assert_eq!(left["username"], USER);
    world.answer_all();
    assert_eq!(world.sent().last().unwrap(), "RevokeToken");
    assert_eq!(world.storage.as_ref().unwrap().session(), None);
}
