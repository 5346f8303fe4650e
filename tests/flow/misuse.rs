//! What the caller must not do: each is refused with a typed error, and nothing changes.

use cognito_flow::{Ask, Config, Event, EventType, FlowError, StepName, transitions};
use serde_json::{Value, json};

use crate::support::*;

/// A world in each step.
fn world_in(step: StepName) -> World {
    // With all options that events need.
    let redirect = json!({ "domain": "auth.example.com", "redirectUri": "https://app.example/" });
    let mut world = World::scripted_with(json!({ "redirect": redirect }));
    match step {
        StepName::SignedOut => {}
        StepName::ConfirmSignUp => {
            world.expect("SignUp", signed_up());
            world.send(sign_up(phone_and_email()));
            world.pass(30.0 * SECOND);
        }
        StepName::MfaCode => {
            world.expect("InitiateAuth", sms_challenge());
            world.send(sign_in());
            world.pass(30.0 * SECOND);
        }
        StepName::CustomChallenge => {
            world.expect("InitiateAuth", custom_challenge());
            world.send(sign_in());
        }
        StepName::SetUpTotp => {
            world
                .expect("InitiateAuth", set_up(&["SOFTWARE_TOKEN_MFA"]))
                .expect("AssociateSoftwareToken", associated(2));
            world.send(sign_in());
        }
        StepName::SetUpEmail => {
            world.expect("InitiateAuth", set_up(&["EMAIL_OTP"]));
            world.send(sign_in());
        }
        StepName::NewPassword => {
            world.expect("InitiateAuth", new_password_challenge());
            world.send(sign_in());
        }
        StepName::VerifyAttribute => {
            world
                .expect("InitiateAuth", tokens(1))
                .expect("GetUser", unverified_user())
                .expect("GetUserAttributeVerificationCode", email_sent());
            world.send(sign_in());
            world.pass(30.0 * SECOND);
        }
        StepName::ResetPassword => {
            world.expect("ForgotPassword", email_sent());
            world.send(forgot());
            world.pass(30.0 * SECOND);
        }
        StepName::SignedIn => {
            world
                .expect("InitiateAuth", tokens(1))
                .expect("GetUser", verified_user());
            world.send(sign_in());
        }
        StepName::SelectFactor => world = choosing(select_challenge()),
        StepName::Password => world = choosing(password_challenge()),
        StepName::Passkey => world = at_passkey(),
        StepName::SignInCode => {
            world = choosing(sms_first());
            world.pass(30.0 * SECOND);
        }
    }
    assert_eq!(world.step(), step.as_str());
    world
}

/// Everything that a refused input must leave as it was.
fn everything(
    world: &mut World,
) -> (
    Value,
    u32,
    Option<f64>,
    Option<String>,
    Option<String>,
    usize,
) {
    (
        world.snapshot(),
        world.flow.revision(),
        world.flow.deadline(),
        world.pending.clone(),
        world.storage.as_ref().unwrap().session(),
        world.network.log.len() + world.network.under_way.len(),
    )
}

#[track_caller]
fn assert_refused(world: &mut World, event: Value, code: &str) -> FlowError {
    let before = everything(world);
    let error = world.start(event).unwrap_err();
    assert_eq!(error.code.as_str(), code);
    assert_eq!(everything(world), before, "a refused event changes nothing");
    error
}

#[test]
fn an_event_that_the_step_does_not_accept_changes_nothing() {
    for step in StepName::ALL {
        for kind in EventType::ALL {
            let mut world = world_in(step);
            let known = transitions().any(|row| row.from == step && row.event == kind);
            assert_eq!(world.flow.accepts(kind), known, "{step:?} {kind:?}");
            if !known {
                assert_refused(&mut world, sample(kind), "notAccepted");
            }
        }
    }
}

#[test]
fn what_the_step_accepts_begins_at_once() {
    for row in transitions() {
        let mut world = world_in(row.from);
        let revision = world.flow.revision();
        world.start(sample(row.event)).unwrap();
        if row.event == EventType::SignInWithRedirect {
            assert_eq!(world.left_for.len(), 1);
            continue;
        }
        assert_ne!(
            world.flow.revision(),
            revision,
            "{:?} {:?}",
            row.from,
            row.event
        );
    }
}

#[test]
fn while_an_event_is_worked_on_no_other_is_taken() {
    for row in transitions() {
        let mut world = world_in(row.from);
        world.start(sample(row.event)).unwrap();
        if world.snapshot()["busy"].is_null() {
            continue;
        }
        for kind in EventType::ALL {
            if !world.flow.accepts(kind) {
                assert_refused(&mut world, sample(kind), "busy");
            } else {
                // The browser's prompt ends with whatever else the person does.
                let prompting = !world.prompts.is_empty();
                assert!(kind == EventType::Cancel || prompting, "{kind:?}");
            }
        }
    }
}

#[test]
fn whatever_is_worked_on_in_a_form_can_be_left() {
    for row in transitions() {
        let mut world = world_in(row.from);
        world.start(sample(row.event)).unwrap();
        let busy = !world.snapshot()["busy"].is_null();
        let can_leave = row.from != StepName::SignedIn && row.event != EventType::SignOut;
        if busy && can_leave {
            let left = world.send(event("cancel"));
            assert_eq!(left["busy"], Value::Null);
            assert_eq!(left["error"], Value::Null);
            assert!(
                world.network.under_way.is_empty(),
                "what is under way is given up"
            );
        }
    }
}

#[test]
fn a_code_asked_for_in_the_cool_down_is_refused_with_its_end() {
    for step in [
        StepName::ConfirmSignUp,
        StepName::VerifyAttribute,
        StepName::ResetPassword,
    ] {
        let mut world = world_in(step);
        let sends = [
            "ResendConfirmationCode",
            "GetUserAttributeVerificationCode",
            "ForgotPassword",
        ];
        for operation in sends {
            world.expect(operation, email_sent());
        }
        world.send(event("resendCode"));
        let end = world.clock.wall + 30.0 * SECOND;
        world.pass(SECOND);
        let error = assert_refused(&mut world, event("resendCode"), "notAccepted");
        assert_eq!(error.retry_at, Some(end));
        assert_eq!(world.snapshot()["resendAt"], json!(end));
        world.clock.pass(29.0 * SECOND);
        world.start(event("resendCode")).unwrap();
    }
}

#[test]
fn confirming_from_signed_out_needs_a_name_unless_one_was_used() {
    let mut world = World::scripted();
    let error = assert_refused(&mut world, confirm("123456"), "malformed");
    assert!(error.message().contains("`username`"), "{error}");
    world
        .expect("InitiateAuth", Fault::NotSent)
        .expect("ConfirmSignUp", done());
    world.send(sign_in());
    world.send(confirm("123456"));
    assert_eq!(world.body_of("ConfirmSignUp")["Username"], USER);
}

#[test]
fn a_malformed_event_names_the_member() {
    let long = json!({ "type": "signUp", "username": USER, "password": PASSWORD });
    let with = |member: &str, value: Value| {
        let mut event = long.clone();
        event[member] = value;
        event
    };
    let cases = [
        (json!({}), "type"),
        (json!({ "type": 7 }), "type"),
        (json!({ "type": "signin" }), "type"),
        (json!({ "type": "constructor" }), "type"),
        (
            json!({ "type": "signUp", "password": PASSWORD }),
            "username",
        ),
        (with("username", json!(null)), "username"),
        (with("username", json!(["alice"])), "username"),
        (with("password", json!(12_345_678)), "password"),
        (with("attributes", json!("email")), "attributes"),
        (with("attributes", json!(["email"])), "attributes"),
        (with("attributes", json!({ "email": null })), "attributes"),
        (with("attributes", json!({ "email": 7 })), "attributes"),
        (json!({ "type": "confirmSignUp", "username": USER }), "code"),
        (json!({ "type": "confirmSignUp", "code": 123_456 }), "code"),
        (
            json!({ "type": "confirmSignUp", "code": "123456", "username": 7 }),
            "username",
        ),
        (
            json!({ "type": "signIn", "password": PASSWORD }),
            "username",
        ),
        (
            json!({ "type": "signIn", "username": USER, "password": 7 }),
            "password",
        ),
        (
            json!({ "type": "signIn", "username": USER, "preferred": "totp" }),
            "preferred",
        ),
        (
            json!({ "type": "signIn", "username": USER, "autofill": "yes" }),
            "autofill",
        ),
        (
            json!({ "type": "signIn", "username": USER, "remember": 1 }),
            "remember",
        ),
        (json!({ "type": "selectFactor" }), "choice"),
        (
            json!({ "type": "selectFactor", "choice": "magic" }),
            "choice",
        ),
        (
            json!({ "type": "selectFactor", "choice": "password", "password": 1 }),
            "password",
        ),
        (json!({ "type": "submitPassword" }), "password"),
        (json!({ "type": "answerChallenge" }), "answer"),
        (json!({ "type": "setUpEmail", "email": [] }), "email"),
        (
            json!({ "type": "signInWithRedirect", "provider": 1 }),
            "provider",
        ),
        (
            json!({ "type": "signInWithRedirect", "state": {} }),
            "state",
        ),
        (
            json!({ "type": "signIn", "username": {}, "password": PASSWORD }),
            "username",
        ),
        (json!({ "type": "submitCode" }), "code"),
        (json!({ "type": "submitCode", "code": 123_456 }), "code"),
        (json!({ "type": "setNewPassword" }), "password"),
        (
            json!({ "type": "setNewPassword", "password": PASSWORD, "attributes": 1 }),
            "attributes",
        ),
        (json!({ "type": "verifyAttribute" }), "attribute"),
        (
            json!({ "type": "verifyAttribute", "attribute": "address" }),
            "attribute",
        ),
        (json!({ "type": "forgotPassword" }), "username"),
        (
            json!({ "type": "resetPassword", "password": PASSWORD }),
            "code",
        ),
        (
            json!({ "type": "resetPassword", "code": "123456" }),
            "password",
        ),
        (
            json!({ "type": "signOut", "everywhere": "yes" }),
            "everywhere",
        ),
    ];
    for (event, member) in cases {
        let error = Event::read(&event.to_string()).unwrap_err();
        assert_eq!(error.code.as_str(), "malformed", "{event}");
        assert!(
            error.message().contains(&format!("`{member}`")),
            "{event}: {error}"
        );
    }
}

#[test]
fn a_sign_in_that_proves_a_password_cannot_begin_without_one() {
    let mut world = World::scripted();
    let event = json!({ "type": "signIn", "username": USER });
    let error = assert_refused(&mut world, event, "malformed");
    assert!(error.message().contains("`password`"), "{error}");
}

#[test]
fn what_is_no_object_at_all_is_malformed() {
    for event in [
        json!(null),
        json!("signIn"),
        json!([{ "type": "cancel" }]),
        json!(7),
    ] {
        assert_eq!(
            Event::read(&event.to_string()).unwrap_err().code.as_str(),
            "malformed"
        );
    }
}

#[test]
fn members_that_an_event_does_not_have_are_ignored() {
    let event = json!({ "type": "cancel", "code": 7, "__proto__": {} });
    assert!(Event::read(&event.to_string()).is_ok());
}

#[test]
fn malformed_options_name_the_member() {
    let good = json!({ "userPoolId": "eu-west-1_AbCdEfGhI", "clientId": "client" });
    assert!(Config::read(&good.to_string()).is_ok());
    let cases = [
        ("userPoolId", json!(null)),
        ("userPoolId", json!("")),
        ("userPoolId", json!("eu-west-1")),
        ("userPoolId", json!("_AbCdEfGhI")),
        ("userPoolId", json!("eu-west-1_")),
        ("userPoolId", json!("eu-west-1_Abc/../x")),
        ("userPoolId", json!("evil.example/_AbCdEfGhI")),
        ("userPoolId", json!(format!("eu-west-1_{}", "A".repeat(46)))),
        ("clientId", json!(null)),
        ("clientId", json!("")),
        ("clientId", json!(7)),
        ("endpoint", json!(7)),
        ("endpoint", json!("javascript:alert(1)")),
        ("signInWith", json!("magic")),
        ("signInWith", json!(true)),
        ("verify", json!("always")),
        ("sessionSeconds", json!("180")),
        ("sessionSeconds", json!(0)),
        ("sessionSeconds", json!(-1)),
        ("timeoutMs", json!(0)),
        ("timeoutMs", json!([])),
        ("clientMetadata", json!("a=b")),
        ("clientMetadata", json!({ "a": 1 })),
    ];
    for (member, value) in cases {
        assert_malformed_option(&good, member, member, value);
    }
    for (member, value) in [
        ("attributes", json!("email")),
        ("attributes", json!(["address"])),
        ("attributes", json!([7])),
        ("skippable", json!("yes")),
        ("when", json!("sometimes")),
        ("when", json!(7)),
    ] {
        assert_malformed_option(&good, "verify", member, json!({ member: value }));
    }
}

#[track_caller]
fn assert_malformed_option(good: &Value, place: &str, member: &str, value: Value) {
    let mut options = good.clone();
    options[place] = value;
    let error = Config::read(&options.to_string()).unwrap_err();
    assert_eq!(error.code.as_str(), "malformed", "{options}");
    assert!(
        error.message().contains(&format!("`{member}`")),
        "{options}: {error}"
    );
}

#[test]
fn the_endpoint_follows_from_the_region() {
    for (pool, endpoint) in [
        (
            "eu-west-1_AbCdEfGhI",
            "https://cognito-idp.eu-west-1.amazonaws.com/",
        ),
        (
            "us-gov-west-1_AbCdEfGhI",
            "https://cognito-idp.us-gov-west-1.amazonaws.com/",
        ),
        (
            "cn-north-1_AbCdEfGhI",
            "https://cognito-idp.cn-north-1.amazonaws.com.cn/",
        ),
        (
            "eusc-de-east-1_AbCdEfGhI",
            "https://cognito-idp.eusc-de-east-1.amazonaws.eu/",
        ),
    ] {
        let options = json!({ "userPoolId": pool, "clientId": "client" });
        assert_eq!(
            Config::read(&options.to_string()).unwrap().endpoint,
            endpoint
        );
    }
}

#[test]
fn malformed_calls_name_the_argument() {
    for (name, arguments, member) in [
        ("setMfaPreference", json!({}), "preference"),
        (
            "setMfaPreference",
            json!({ "preference": { "sms": "yes" } }),
            "preference",
        ),
        (
            "setMfaPreference",
            json!({ "preference": { "fax": "on" } }),
            "preference",
        ),
        (
            "setMfaPreference",
            json!({ "preference": { "sms": true } }),
            "preference",
        ),
        ("confirmTotp", json!({}), "code"),
        ("confirmTotp", json!({ "code": 123_456 }), "code"),
        ("confirmTotp", json!({ "code": "1", "as": "yes" }), "as"),
        (
            "confirmTotp",
            json!({ "code": "1", "deviceName": 7 }),
            "deviceName",
        ),
        ("updateAttributes", json!({}), "attributes"),
        (
            "updateAttributes",
            json!({ "attributes": { "email": 7 } }),
            "attributes",
        ),
        ("deleteAttributes", json!({}), "names"),
        ("deleteAttributes", json!({ "names": "email" }), "names"),
        ("deleteAttributes", json!({ "names": [7] }), "names"),
        ("changePassword", json!({ "next": PASSWORD }), "current"),
        (
            "changePassword",
            json!({ "current": PASSWORD, "next": 7 }),
            "next",
        ),
    ] {
        let error = Ask::read(name, &arguments.to_string()).unwrap_err();
        assert_eq!(error.code.as_str(), "malformed", "{name} {arguments}");
        assert!(
            error.message().contains(&format!("`{member}`")),
            "{name} {arguments}: {error}"
        );
    }
    assert_eq!(
        Ask::read("unheardOf", &json!({}).to_string())
            .unwrap_err()
            .code
            .as_str(),
        "malformed"
    );
}

#[test]
fn replies_that_nobody_waits_for_are_ignored() {
    for step in StepName::ALL {
        let mut world = world_in(step);
        let before = everything(&mut world);
        for id in 0..50 {
            world.reply(id, cognito_flow::Outcome::Lost);
            world.answer_late(id, json!({ "AuthenticationResult": token_set(2) }));
        }
        assert_eq!(everything(&mut world), before);
    }
}
