//! Random events, calls, answers, delays and reloads in two tabs, and a storage that others write to. The world holds every input to the law: nothing
//! panics, whoever waits is answered, no secret is seen, no step is a dead end, every move is in
//! the table.

use std::collections::BTreeSet;

use cognito_flow::{EventType, Outcome, StepName};
use serde_json::{Value, json};

use crate::support::*;

const WORLDS: u64 = 300;
const ACTIONS: u32 = 80;

#[test]
fn no_order_of_events_answers_and_delays_breaks_the_law() {
    let mut reached = BTreeSet::new();
    for seed in 0..WORLDS {
        let mut dice = Dice(seed);
        let first = some_world(&mut dice);
        let second = first.new_tab();
        let mut tabs = [first, second];
        for _ in 0..ACTIONS {
            // The second one does something now and then, between whatever the first one does.
            let at = usize::from(dice.roll(4) == 0);
            act(&mut tabs, at, &mut dice);
        }
        // Left alone, whatever is under way comes to an end.
        pass(&mut tabs, HOUR);
        for world in &mut tabs {
            world.network.under_way.clear();
            world.pass_without_answers(HOUR);
            assert_eq!(world.snapshot()["busy"], Value::Null, "seed {seed}");
            assert!(!world.is_asked(), "seed {seed}: a call waits for ever");
            let steps = world.seen.iter().map(|seen| seen["step"].as_str().unwrap());
            reached.extend(steps.map(str::to_owned));
        }
    }
    assert_eq!(
        reached.len(),
        StepName::ALL.len(),
        "the dice reach every step: {reached:?}"
    );
}

fn some_world(dice: &mut Dice) -> World {
    let redirect = json!({ "domain": "auth.example.com", "redirectUri": "https://app.example/",
        "signOutUri": "https://app.example/" });
    let options = json!({
        "redirect": redirect,
        "signInWith": dice.pick(vec!["password", "srp", "choice", "choice", "custom", "customAfterSrp"]),
        "sessionSeconds": dice.pick(vec![180, 900]),
        "verify": {
            "skippable": dice.roll(2) == 0,
            "when": dice.pick(vec!["always", "afterSignUp", "never"]),
        },
    });
    let mut world = World::scripted_with(options);
    world.clock.jitter = dice.pick(vec![0.0, 0.5, 0.999]);
    world
}

fn act(tabs: &mut [World; 2], at: usize, dice: &mut Dice) {
    let world = &mut tabs[at];
    match dice.roll(20) {
        0..=6 => {
            let _ = world.start(some_event(dice));
        }
        7..=13 => answer(world, dice),
        15 if dice.roll(8) == 0 => world.come_back(dice.pick(vec![
            json!({}),
            json!({ "error": "access_denied", "description": "No." }),
        ])),
        14 if !world.prompts.is_empty() => match dice.roll(3) {
            0 => world.refuse(dice.pick(vec!["NotAllowedError", "SecurityError", ""])),
            1 => world.give(&json!([])),
            _ => world.give(&assertion()),
        },
        14 | 15 => {
            let (name, arguments) = some_call(dice);
            let _ = world.start_call(name, arguments);
        }
        16 => {
            let long = [1.0, 250.0, 16.0 * SECOND, MINUTE, 11.0 * MINUTE, 2.0 * HOUR];
            pass(tabs, dice.pick(long.into()));
        }
        17 => world.clock.wall += dice.pick(vec![-DAY, MINUTE, DAY]),
        18 => match dice.roll(4) {
            0 => world.reload(),
            1 => disturb(world, dice),
            _ => world.notice_storage(),
        },
        _ if dice.roll(2) == 0 => world.idle(),
        _ => world.wake(),
    }
}

fn pass(tabs: &mut [World; 2], ms: f64) {
    for world in tabs {
        world.pass_without_answers(ms);
    }
}

/// Somebody else writes to the storage, or clears it; the tab finds out some time or other.
fn disturb(world: &mut World, dice: &mut Dice) {
    let storage = world.storage.clone().unwrap();
    let mut record = world.record();
    if record.is_object() && dice.roll(2) == 0 {
        let (member, value) = dice.pick(vec![
            ("id", json!("another")),
            ("version", json!(1)),
            ("endpoint", json!("https://elsewhere.example/")),
            ("client", json!("another0client")),
            ("expiresAt", json!(-1)),
            ("lifetime", json!(1e300)),
            ("accessToken", Value::Null),
            ("attributes", json!([])),
        ]);
        record[member] = value;
        storage.set_session(Some(record.to_string()));
        return;
    }
    match dice.roll(4) {
        0 => storage.set_session(Some("garbage".into())),
        1 => storage.set_devices(Some("{}".into())),
        _ => {
            storage.set_session(None);
            storage.set_devices(None);
        }
    }
}

fn some_event(dice: &mut Dice) -> Value {
    match dice.pick(EventType::ALL.to_vec()) {
        EventType::SignUp => sign_up(phone_and_email()),
        EventType::ConfirmSignUp if dice.roll(2) == 0 => confirm("123456"),
        EventType::ConfirmSignUp => {
            json!({ "type": "confirmSignUp", "code": "123456", "username": USER })
        }
        EventType::SignIn => {
            let mut event = dice.pick(vec![
                sign_in(),
                begin(),
                prefer("email"),
                prefer("password"),
                prefer("passkey"),
                offer(),
            ]);
            event["remember"] = (dice.roll(4) > 0).into();
            event
        }
        EventType::SelectFactor if dice.roll(3) == 0 => select_password(),
        EventType::SelectFactor => {
            select(dice.pick(vec!["password", "sms", "email", "totp", "passkey"]))
        }
        EventType::SubmitPassword => give_password(PASSWORD),
        EventType::SubmitCode => submit("123456"),
        EventType::SetNewPassword => {
            json!({ "type": "setNewPassword", "password": OTHER_PASSWORD })
        }
        EventType::VerifyAttribute => json!({ "type": "verifyAttribute", "attribute": "email" }),
        EventType::ForgotPassword => forgot(),
        EventType::ResetPassword => reset("123456"),
        EventType::SetUpEmail => json!({ "type": "setUpEmail", "email": EMAIL }),
        EventType::AnswerChallenge => crate::support::answer("12"),
        EventType::SignOut => json!({ "type": "signOut", "everywhere": dice.roll(2) == 0 }),
        kind => event(kind.as_str()),
    }
}

fn some_call(dice: &mut Dice) -> (&'static str, Value) {
    dice.pick(vec![
        ("session", json!({})),
        ("session", json!({ "refresh": true })),
        ("factors", json!({})),
        ("sessions", json!({})),
        ("endSession", json!({ "id": "tkn1" })),
        ("devices", json!({})),
        ("rememberDevice", json!({})),
        ("forgetDevice", json!({})),
        ("mfaPreference", json!({})),
        ("setMfaPreference", json!({ "preference": { "sms": "on" } })),
        ("startTotp", json!({})),
        ("confirmTotp", json!({ "code": "123456" })),
        (
            "confirmTotp",
            json!({ "code": "123456", "as": "off", "deviceName": "Phone" }),
        ),
        (
            "updateAttributes",
            json!({ "attributes": { "email": "new@example.com" } }),
        ),
        ("deleteAttributes", json!({ "names": ["email"] })),
        (
            "changePassword",
            json!({ "current": PASSWORD, "next": OTHER_PASSWORD }),
        ),
        ("deleteUser", json!({})),
        ("createPasskey", json!({})),
        ("passkeys", json!({})),
        ("deletePasskey", json!({ "id": "YWxpY2U" })),
    ])
}

/// Answers one of the requests under way, mostly with something that could follow it.
fn answer(world: &mut World, dice: &mut Dice) {
    world.look_at_locks();
    if world.network.under_way.is_empty() {
        return;
    }
    let at = dice.roll(world.network.under_way.len());
    let pending = world.network.under_way.remove(at).unwrap();
    let fault = match dice.roll(3) {
        0 => some_fault(dice),
        _ => some_success(pending.operation, dice),
    };
    match fault {
        Fault::Answer(answer) => world.answer_with(pending.id, answer),
        Fault::NotSent => world.reply(pending.id, Outcome::NotSent),
        _ => world.reply(pending.id, Outcome::Lost),
    }
}

fn some_success(operation: &str, dice: &mut Dice) -> Fault {
    let number = dice.roll(9) as u32 + 1;
    match operation {
        "SignUp" => dice.pick(vec![signed_up(), ok(json!({ "UserConfirmed": true }))]),
        "InitiateAuth" | "RespondToAuthChallenge" | "GetTokensFromRefreshToken" => dice.pick(vec![
            tokens(number),
            tokens_with_device(number),
            refreshed(number),
            sms_challenge(),
            select_challenge(),
            passkey_first(),
            challenge("WEB_AUTHN", passkey_parameters()),
            password_challenge(),
            sms_first(),
            email_first(),
            first_factor("SELECT_CHALLENGE", json!({}), json!(["PASSWORD"])),
            new_password_challenge(),
            custom_challenge(),
            device_asked(),
            device_proof_asked(),
            set_up(&["SOFTWARE_TOKEN_MFA"]),
            set_up(&["EMAIL_OTP"]),
            set_up(&["SMS_MFA"]),
            set_up(&["EMAIL_OTP", "SOFTWARE_TOKEN_MFA"]),
            select_mfa(&["SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA"]),
            challenge("SOFTWARE_TOKEN_MFA", json!({})),
            challenge(
                "PASSWORD_VERIFIER",
                json!({
                    "USER_ID_FOR_SRP": USER, "SALT": "9a3b5c7d", "SRP_B": "5".repeat(768),
                    "SECRET_BLOCK": "c2VjcmV0LWJsb2Nr",
                }),
            ),
        ]),
        "GetUser" => dice.pick(vec![
            verified_user(),
            unverified_user(),
            user(phone_and_email()),
        ]),
        "UpdateUserAttributes" => dice.pick(vec![
            done(),
            ok(json!({ "CodeDeliveryDetailsList": [{
            "DeliveryMedium": "EMAIL", "Destination": "n***@e***", "AttributeName": "email",
        }] })),
        ]),
        "AssociateSoftwareToken" => associated(number),
        "VerifySoftwareToken" => dice.pick(vec![
            totp_verified(number),
            ok(json!({ "Status": "ERROR", "Session": session(number) })),
        ]),
        "ConfirmDevice" => ok(json!({ "UserConfirmationNecessary": dice.roll(2) == 0 })),
        "/oauth2/token" => {
            let mut set = token_set(number);
            set["Username"] = USER.into();
            let tokens = json!({ "AuthenticationResult": set });
            ok(dice.pick(vec![tokens.clone(), tokens, json!({})]))
        }
        "StartWebAuthnRegistration" => {
            ok(json!({ "CredentialCreationOptions": { "rp": { "id": "shop.example.com" } } }))
        }
        "ListWebAuthnCredentials" => {
            let next = dice.pick(vec![Value::Null, json!("more")]);
            ok(
                json!({ "Credentials": [{ "CredentialId": "YWxpY2U", "CreatedAt": 1 }], "NextToken": next }),
            )
        }
        "ListDevices" => {
            ok(json!({ "Devices": [{ "DeviceKey": DEVICE_KEY, "DeviceCreateDate": 1 }] }))
        }
        "ConfirmSignUp" | "VerifyUserAttribute" | "ConfirmForgotPassword" => done(),
        _ => dice.pick(vec![email_sent(), done()]),
    }
}

fn some_fault(dice: &mut Dice) -> Fault {
    dice.pick(vec![
        Fault::NotSent,
        Fault::Lost,
        throttled(),
        too_many(),
        unreadable(200),
        unreadable(503),
        expired_session(),
        dead_access_token(),
        refused("NotAuthorizedException", "Incorrect username or password."),
        refused("NotAuthorizedException", "Refresh Token has been revoked"),
        refused("NotAuthorizedException", "User is disabled."),
        refused(
            "NotAuthorizedException",
            "User cannot be confirmed. Current status is CONFIRMED",
        ),
        refused("InvalidParameterException", "User is already confirmed."),
        refused("UserNotConfirmedException", "User is not confirmed."),
        refused("PasswordResetRequiredException", "Password reset required"),
        refused("CodeMismatchException", "Invalid code"),
        refused("ExpiredCodeException", "Expired"),
        refused("LimitExceededException", "Limit"),
        refused("UserNotFoundException", "No such user"),
        refused("ResourceNotFoundException", "Device does not exist."),
        refused("ForbiddenException", "Forbidden"),
        refused("WebAuthnChallengeNotFoundException", "No such challenge"),
        unreadable(202),
        empty(200),
        refused("NobodyKnowsThisException", ""),
    ])
}
