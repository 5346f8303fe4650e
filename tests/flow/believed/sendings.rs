//! Everything that is ever sent, by what the page does.

use serde_json::{Value, json};

use crate::support::*;

/// Everything that is ever sent: who sends it from where, and the answer that would be a success.
pub(super) struct Sending {
    pub(super) operation: &'static str,
    pub(super) from: fn() -> World,
    pub(super) what: Said,
    pub(super) success: fn() -> Fault,
}

/// What the page does.
pub(super) enum Said {
    Event(fn() -> Value),
    Ask(&'static str, fn() -> Value),
}

use Said::{Ask, Event};

impl Sending {
    /// The error that is told at once. A sign-out is tried again until the pool has heard of it, and
    /// meanwhile it is not known.
    pub(super) fn sooner(&self, code: &'static str) -> &'static str {
        match self.operation {
            "GlobalSignOut" => "outcomeUnknown",
            _ => code,
        }
    }
}

const fn event_of(
    operation: &'static str,
    from: fn() -> World,
    event: fn() -> Value,
    success: fn() -> Fault,
) -> Sending {
    let what = Event(event);
    Sending {
        operation,
        from,
        what,
        success,
    }
}

const fn ask_of(
    operation: &'static str,
    from: fn() -> World,
    name: &'static str,
    arguments: fn() -> Value,
    success: fn() -> Fault,
) -> Sending {
    let what = Ask(name, arguments);
    Sending {
        operation,
        from,
        what,
        success,
    }
}

fn confirming() -> World {
    let mut world = World::scripted();
    world.expect("SignUp", signed_up());
    world.send(sign_up(phone_and_email()));
    world.pass(MINUTE);
    world
}

fn at_code() -> World {
    let mut world = World::scripted();
    world.expect("InitiateAuth", sms_challenge());
    world.send(sign_in());
    world
}

fn at_new_password() -> World {
    let mut world = World::scripted();
    world.expect("InitiateAuth", new_password_challenge());
    world.send(sign_in());
    world
}

fn resetting() -> World {
    let mut world = World::scripted();
    world.expect("ForgotPassword", email_sent());
    world.send(forgot());
    world
}

fn with_device() -> World {
    let mut world = World::scripted();
    let confirmed = json!({ "UserConfirmationNecessary": true });
    world
        .expect("InitiateAuth", tokens_with_device(1))
        .expect("ConfirmDevice", ok(confirmed))
        .expect("GetUser", alices_attributes());
    assert_eq!(world.send(sign_in())["device"], "ask");
    world
}

fn verify_email() -> Value {
    json!({ "type": "verifyAttribute", "attribute": "email" })
}

const SENDINGS: [Sending; 24] = [
    event_of(
        "SignUp",
        World::scripted,
        || sign_up(json!({})),
        || ok(json!({ "UserConfirmed": false })),
    ),
    event_of("ConfirmSignUp", confirming, || confirm("123456"), done),
    event_of(
        "ResendConfirmationCode",
        confirming,
        || event("resendCode"),
        email_sent,
    ),
    event_of("InitiateAuth", World::scripted, sign_in, || tokens(1)),
    event_of(
        "RespondToAuthChallenge",
        at_code,
        || submit("123456"),
        || tokens(1),
    ),
    event_of(
        "RespondToAuthChallenge",
        at_new_password,
        || json!({ "type": "setNewPassword", "password": OTHER_PASSWORD }),
        || tokens(1),
    ),
    event_of("ForgotPassword", World::scripted, forgot, email_sent),
    event_of("ConfirmForgotPassword", resetting, || reset("123456"), done),
    event_of(
        "GetUserAttributeVerificationCode",
        alice,
        verify_email,
        email_sent,
    ),
    event_of(
        "VerifyUserAttribute",
        alice_verifying,
        || submit("123456"),
        done,
    ),
    ask_of(
        "GetUser",
        alice,
        "mfaPreference",
        || json!({}),
        verified_user,
    ),
    ask_of(
        "SetUserMFAPreference",
        alice,
        "setMfaPreference",
        || json!({ "preference": { "sms": "on" } }),
        done,
    ),
    ask_of(
        "AssociateSoftwareToken",
        alice,
        "startTotp",
        || json!({}),
        || ok(json!({ "SecretCode": TOTP_SECRET })),
    ),
    ask_of(
        "VerifySoftwareToken",
        alice,
        "confirmTotp",
        || json!({ "code": "123456", "as": "off" }),
        || ok(json!({ "Status": "SUCCESS" })),
    ),
    event_of(
        "VerifySoftwareToken",
        || {
            let mut world = World::scripted();
            world
                .expect("InitiateAuth", set_up(&["SOFTWARE_TOKEN_MFA"]))
                .expect("AssociateSoftwareToken", associated(2))
                .expect("RespondToAuthChallenge", sms_challenge());
            world.send(sign_in());
            world
        },
        || submit("123456"),
        || totp_verified(3),
    ),
    ask_of(
        "UpdateUserAttributes",
        alice,
        "updateAttributes",
        || json!({ "attributes": { "nickname": "Al" } }),
        done,
    ),
    ask_of(
        "DeleteUserAttributes",
        alice,
        "deleteAttributes",
        || json!({ "names": ["email"] }),
        done,
    ),
    ask_of(
        "ChangePassword",
        alice,
        "changePassword",
        || json!({ "current": PASSWORD, "next": OTHER_PASSWORD }),
        done,
    ),
    ask_of(
        "DeleteUser",
        alice,
        "deleteUser",
        || json!({}),
        || empty(200),
    ),
    ask_of(
        "UpdateDeviceStatus",
        with_device,
        "rememberDevice",
        || json!({}),
        done,
    ),
    ask_of(
        "GetUserAuthFactors",
        alice,
        "factors",
        || json!({}),
        || ok(json!({ "Username": USER })),
    ),
    ask_of(
        "ListUserSessions",
        alice,
        "sessions",
        || json!({}),
        || ok(json!({ "Sessions": [] })),
    ),
    ask_of(
        "RevokeUserSession",
        alice,
        "endSession",
        || json!({ "id": "tkn1" }),
        done,
    ),
    ask_of(
        "ListDevices",
        alice,
        "devices",
        || json!({}),
        || ok(json!({ "Devices": [] })),
    ),
];

/// More of them, which come later in a life.
const LATER: [Sending; 4] = [
    ask_of(
        "ForgetDevice",
        with_device,
        "forgetDevice",
        || json!({}),
        done,
    ),
    ask_of(
        "InitiateAuth",
        alice,
        "session",
        || json!({ "refresh": true }),
        || refreshed(2),
    ),
    ask_of(
        "GetTokensFromRefreshToken",
        || {
            let mut world = alice();
            // It was found out before that the pool rotates.
            world
                .expect("InitiateAuth", refused("NotAuthorizedException", "No."))
                .expect("GetTokensFromRefreshToken", tokens(2));
            world.call("session", json!({ "refresh": true })).unwrap();
            world
        },
        "session",
        || json!({ "refresh": true }),
        || tokens(3),
    ),
    event_of(
        "GlobalSignOut",
        alice,
        || json!({ "type": "signOut", "everywhere": true }),
        done,
    ),
];

pub(super) fn all() -> impl Iterator<Item = &'static Sending> {
    SENDINGS.iter().chain(&LATER)
}
