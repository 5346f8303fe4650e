//! What the pool says of an access token: dead ones are renewed once, a missing scope is no dead
//! token, and a user who is gone ends the session.

use serde_json::{Value, json};

use crate::support::*;

const NO_SCOPE: &str = "Access Token does not have required scopes";

fn without_scope() -> Fault {
    refused("NotAuthorizedException", NO_SCOPE)
}

/// What is asked of the account, and the operation that carries it out.
fn asks() -> Vec<(&'static str, Value, &'static str)> {
    let preference = json!({ "preference": { "sms": "on" } });
    let attributes = json!({ "attributes": { "nickname": "Al" } });
    let passwords = json!({ "current": PASSWORD, "next": OTHER_PASSWORD });
    vec![
        ("mfaPreference", json!({}), "GetUser"),
        ("setMfaPreference", preference, "SetUserMFAPreference"),
        ("updateAttributes", attributes, "UpdateUserAttributes"),
        (
            "deleteAttributes",
            json!({ "names": ["email"] }),
            "DeleteUserAttributes",
        ),
        ("changePassword", passwords, "ChangePassword"),
        ("deleteUser", json!({}), "DeleteUser"),
        ("factors", json!({}), "GetUserAuthFactors"),
        ("sessions", json!({}), "ListUserSessions"),
        ("endSession", json!({ "id": "tkn1" }), "RevokeUserSession"),
        ("devices", json!({}), "ListDevices"),
        ("forgetDevice", json!({ "key": DEVICE_KEY }), "ForgetDevice"),
    ]
}

fn success(operation: &str) -> Fault {
    match operation {
        "GetUser" => alices_attributes(),
        "ListDevices" => ok(json!({ "Devices": [] })),
        "ListUserSessions" => ok(json!({ "Sessions": [] })),
        "GetUserAuthFactors" => ok(json!({ "Username": USER })),
        _ => done(),
    }
}

/// Each of them, said of a token that will not live again.
fn dead_tokens() -> Vec<&'static str> {
    vec![
        "Access Token has expired",
        "Access Token has been revoked",
        "Invalid Access Token",
        "access token has expired",
    ]
}

#[test]
fn a_pool_that_withholds_the_scope_can_be_signed_in_to() {
    for options in [json!({}), json!({ "verify": { "when": "never" } })] {
        let mut world = World::scripted_with(options);
        world
            .expect("InitiateAuth", tokens(1))
            .expect("GetUser", without_scope());
        let snapshot = world.send(sign_in());
        assert_eq!(snapshot["step"], "signedIn");
        assert_eq!(snapshot["error"]["code"], "refused");
        assert_eq!(snapshot["error"]["message"], NO_SCOPE);
        assert_eq!(snapshot["error"]["server"], "NotAuthorizedException");
        let unknown = json!(["phone_number", "email"]);
        assert_eq!(
            snapshot["unverified"], unknown,
            "what is unknown is said to be unknown"
        );
        assert_eq!(snapshot["attributes"], json!({}));
        let requests = ["InitiateAuth USER_PASSWORD_AUTH", "GetUser"];
        assert_eq!(world.sent(), requests, "no refresh is tried");
        assert_eq!(world.session().unwrap()["accessToken"], ACCESS_TOKEN);
        world.pass(HOUR);
        world.expect("InitiateAuth", refreshed(2));
        assert_eq!(world.session().unwrap()["accessToken"], access_token(2));
        world.leave();
    }
}

#[test]
fn a_sign_in_with_a_code_ends_signed_in_without_the_scope_too() {
    let mut world = World::scripted();
    world
        .expect("InitiateAuth", sms_challenge())
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", without_scope());
    world.send(sign_in());
    world.send(submit("123456"));
    assert_eq!(
        (world.step(), world.error()),
        ("signedIn".into(), "refused".into())
    );
    let unverified = world.snapshot()["unverified"].clone();
    assert!(unverified.as_array().unwrap().contains(&json!("email")));
}

#[test]
fn a_call_without_the_scope_is_refused_and_the_session_stands() {
    for (name, arguments, operation) in asks() {
        let mut world = alice();
        world.expect(operation, without_scope());
        let error = world.call(name, arguments).unwrap_err();
        assert_eq!(error.code.as_str(), "refused", "{name}");
        assert_eq!(error.message(), NO_SCOPE, "{name}");
        assert_eq!(world.sent(), [operation], "{name}: no refresh is tried");
        assert_eq!(world.step(), "signedIn", "{name}");
        assert_eq!(world.session().unwrap()["accessToken"], ACCESS_TOKEN);
    }
}

#[test]
fn events_without_the_scope_are_refused_and_the_session_stands() {
    let mut world = alice();
    world.expect("GetUserAttributeVerificationCode", without_scope());
    world.send(json!({ "type": "verifyAttribute", "attribute": "email" }));
    assert_eq!(
        (world.step(), world.error()),
        ("signedIn".into(), "refused".into())
    );
    let mut world = alice_verifying();
    world.expect("VerifyUserAttribute", without_scope());
    world.send(submit("123456"));
    assert_eq!(
        (world.step(), world.error()),
        ("verifyAttribute".into(), "refused".into())
    );
    assert_eq!(world.sent(), ["VerifyUserAttribute"]);
}

#[test]
fn a_dead_token_is_renewed_and_the_call_repeated_once() {
    for words in dead_tokens() {
        for (name, arguments, operation) in asks() {
            let mut world = alice();
            world
                .expect(operation, refused("NotAuthorizedException", words))
                .expect("InitiateAuth", refreshed(2))
                .expect(operation, success(operation))
                .expect("GetUser", alices_attributes());
            assert!(world.call(name, arguments).is_ok(), "{name} {words}");
            let body = world.body_of(operation);
            assert_eq!(body["AccessToken"], access_token(2), "{name}");
            let repeated = [operation, "InitiateAuth REFRESH_TOKEN_AUTH", operation];
            assert_eq!(world.sent()[..3], repeated, "{name} {words}");
        }
    }
}

#[test]
fn a_renewed_token_that_is_dead_too_ends_the_session_and_is_not_tried_again() {
    for words in dead_tokens() {
        for (name, arguments, operation) in asks() {
            let mut world = alice();
            world
                .expect(operation, refused("NotAuthorizedException", words))
                .expect("InitiateAuth", refreshed(2))
                .expect(operation, refused("NotAuthorizedException", words));
            let error = world.call(name, arguments).unwrap_err();
            assert_eq!(error.code.as_str(), "challengeSpent", "{name} {words}");
            assert_eq!(world.step(), "signedOut");
            assert_eq!(world.error(), "challengeSpent");
            assert_eq!(world.storage.as_ref().unwrap().session(), None);
            assert_eq!(world.sent().len(), 3, "{name} {words}");
        }
    }
}

#[test]
fn a_dead_token_in_the_middle_of_a_sign_in_is_renewed() {
    let mut world = World::scripted();
    world
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", dead_access_token())
        .expect("InitiateAuth", refreshed(2))
        .expect("GetUser", verified_user());
    assert_eq!(world.send(sign_in())["error"], Value::Null);
    assert_eq!(world.session().unwrap()["accessToken"], access_token(2));
}

#[test]
fn many_calls_with_one_dead_token_refresh_once() {
    let mut world = alice();
    let tickets: Vec<_> = (0..5)
        .map(|_| world.start_call("mfaPreference", json!({})).unwrap())
        .collect();
    for _ in 0..5 {
        world.expect("GetUser", dead_access_token());
    }
    world.expect("InitiateAuth", refreshed(2));
    for _ in 0..5 {
        world.answer_next();
    }
    for _ in 0..5 {
        world.expect("GetUser", alices_attributes());
    }
    world.run();
    for ticket in tickets {
        assert!(world.answer(ticket).unwrap().is_ok());
    }
    let sent = world.sent();
    let refreshes = sent.iter().filter(|sent| sent.starts_with("InitiateAuth"));
    assert_eq!(refreshes.count(), 1, "{sent:?}");
}

#[test]
fn a_user_whom_an_administrator_deleted_is_signed_out_and_told_so() {
    for (name, arguments, operation) in asks() {
        let mut world = alice();
        world.expect(
            operation,
            refused("UserNotFoundException", "User does not exist."),
        );
        let error = world.call(name, arguments).unwrap_err();
        assert_eq!(error.code.as_str(), "challengeSpent", "{name}");
        assert_eq!(error.server.as_deref(), Some("UserNotFoundException"));
        assert_eq!(world.step(), "signedOut", "{name}");
        assert_eq!(world.error(), "challengeSpent", "{name}");
        assert_eq!(world.storage.as_ref().unwrap().session(), None);
        assert_eq!(world.sent(), [operation], "{name}: no refresh is tried");
    }
}

#[test]
fn a_user_deleted_while_verifying_is_signed_out() {
    for operation in ["VerifyUserAttribute", "GetUserAttributeVerificationCode"] {
        let mut world = alice_verifying();
        world.pass(MINUTE);
        world.expect(
            operation,
            refused("UserNotFoundException", "User does not exist."),
        );
        world.send(match operation {
            "VerifyUserAttribute" => submit("123456"),
            _ => event("resendCode"),
        });
        assert_eq!(world.step(), "signedOut", "{operation}");
        assert_eq!(world.error(), "challengeSpent", "{operation}");
        assert_eq!(world.pending, None);
    }
}

#[test]
fn a_user_deleted_between_the_password_and_what_follows_is_not_told_of_a_wrong_password() {
    let mut world = World::scripted();
    world.expect("InitiateAuth", tokens(1)).expect(
        "GetUser",
        refused("UserNotFoundException", "User does not exist."),
    );
    world.send(sign_in());
    assert_eq!(
        (world.step(), world.error()),
        ("signedOut".into(), "challengeSpent".into())
    );
}

#[test]
fn against_the_pool_a_deleted_user_is_signed_out() {
    let pool = LocalPool::new();
    pool.add_user(USER, PASSWORD, json!({}), Clock::new().wall);
    let mut world = World::with(&pool);
    world.send(sign_in());
    let delete = json!({ "Username": USER });
    pool.admin("AdminDeleteUser", delete, world.clock.wall);
    let error = world.call("mfaPreference", json!({})).unwrap_err();
    assert_eq!(error.code.as_str(), "challengeSpent");
    assert_eq!(world.step(), "signedOut");
}

#[test]
fn where_no_access_token_was_sent_an_unknown_user_is_no_wrong_password() {
    let unknown = || refused("UserNotFoundException", "User does not exist.");
    let mut world = World::scripted();
    world.expect("ForgotPassword", unknown());
    world.send(forgot());
    assert_eq!(
        (world.step(), world.error()),
        ("signedOut".into(), "invalidParameter".into())
    );
    let mut world = World::scripted();
    world.expect("ConfirmSignUp", unknown());
    world.send(json!({ "type": "confirmSignUp", "code": "123456", "username": USER }));
    assert_eq!(world.error(), "invalidParameter");
    let mut world = World::scripted();
    world.expect("SignUp", Fault::Lost);
    world.send(sign_up(json!({})));
    world.expect("ResendConfirmationCode", unknown());
    world.send(event("resendCode"));
    assert_eq!(world.error(), "invalidParameter");
    let mut world = World::scripted();
    world.expect("ForgotPassword", email_sent());
    world.send(forgot());
    world.expect("ConfirmForgotPassword", unknown());
    world.send(reset("123456"));
    assert_eq!(world.error(), "invalidParameter");
}

#[test]
fn a_call_that_says_nothing_new_of_the_user_leaves_the_tokens_as_they_are_when_its_answer_is_lost()
{
    let mut world = alice();
    world.expect("ChangePassword", Fault::Lost);
    let passwords = json!({ "current": PASSWORD, "next": "another-Passw0rd" });
    let lost = world.call("changePassword", passwords).unwrap_err();
    assert_eq!(lost.code.as_str(), "outcomeUnknown");
    world.sent();
    world.session().unwrap();
    assert_eq!(world.sent(), [""; 0]);
}
