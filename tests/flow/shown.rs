//! What the page shows, and what it shows after a reload: the same, in every step.

use cognito_flow::StepName;
use serde_json::{Value, json};

use crate::support::*;

/// A world at a step, by some way there. Nobody holds the password any more where that could show.
struct Way(&'static str, fn() -> World);

/// Each way that differs in what is shown. A new step does not compile without one.
fn ways(step: StepName) -> Vec<Way> {
    match step {
        StepName::SignedOut => vec![Way("at the beginning", World::scripted)],
        StepName::ConfirmSignUp => vec![
            Way("by SMS", || signing_up(signed_up())),
            Way("by email", || {
                signing_up(ok(json!({ "UserConfirmed": false,
                "CodeDeliveryDetails": { "DeliveryMedium": "EMAIL", "Destination": "a***@e***" } })))
            }),
            Way("without a message", || {
                signing_up(ok(json!({ "UserConfirmed": false })))
            }),
            Way("not knowing whether one was sent", || {
                signing_up(Fault::Lost)
            }),
            Way("after a sign-in that was not confirmed", || {
                signing_in(refused("UserNotConfirmedException", "No."))
            }),
            Way("after the cool-down", || {
                passed(signing_up(signed_up()), 31.0 * SECOND)
            }),
            Way("after the code has run out", || {
                passed(signing_up(signed_up()), DAY)
            }),
        ],
        StepName::MfaCode => vec![
            Way("by SMS", || signing_in(sms_challenge())),
            Way("by email", || {
                signing_in(challenge(
                    "EMAIL_OTP",
                    json!({
                "CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL",
                "CODE_DELIVERY_DESTINATION": "a***@e***", "USERNAME": "u-1" }),
                ))
            }),
            Way("by an authenticator", || {
                signing_in(challenge("SOFTWARE_TOKEN_MFA", json!({})))
            }),
            Way("with no word of where it went", || {
                signing_in(challenge("SMS_MFA", json!({})))
            }),
            Way("after the cool-down", || {
                passed(signing_in(sms_challenge()), 31.0 * SECOND)
            }),
            Way("after a sign-up", || {
                let mut world = signing_up(signed_up());
                world
                    .expect("ConfirmSignUp", done())
                    .expect("InitiateAuth", sms_challenge());
                world.send(confirm("123456"));
                world
            }),
            Way("after a first password", || {
                let mut world = signing_in(new_password_challenge());
                world.expect("RespondToAuthChallenge", sms_challenge());
                world.send(json!({ "type": "setNewPassword", "password": OTHER_PASSWORD }));
                world
            }),
        ],
        StepName::CustomChallenge => vec![
            Way("with a question", || signing_in(custom_challenge())),
            Way("with nothing public", || {
                signing_in(challenge("CUSTOM_CHALLENGE", json!({})))
            }),
            Way("with odd parameters", || {
                signing_in(challenge(
                    "CUSTOM_CHALLENGE",
                    json!({ "__proto__": "x", "2": "two", "1": "one", "é\"\\\u{1}": "名\u{2028}\t\"",
                        "empty": "", "list": ["x"] }),
                ))
            }),
            Way("in its second round", || {
                let mut world = signing_in(custom_challenge());
                world.expect("RespondToAuthChallenge", custom_challenge());
                world.send(answer("11"));
                world
            }),
        ],
        StepName::SetUpTotp => vec![
            Way("as the only kind", || {
                let mut world = World::scripted_with(json!({ "sessionSeconds": 900 }));
                world
                    .expect("InitiateAuth", set_up(&["SOFTWARE_TOKEN_MFA"]))
                    .expect("AssociateSoftwareToken", associated(2));
                world.send(sign_in());
                world
            }),
            Way("after a wrong code", || {
                let mut world = World::scripted_with(json!({ "issuer": "Ex & Co" }));
                world
                    .expect("InitiateAuth", set_up(&["SOFTWARE_TOKEN_MFA"]))
                    .expect("AssociateSoftwareToken", associated(2))
                    .expect(
                        "VerifySoftwareToken",
                        refused("EnableSoftwareTokenMFAException", "Code mismatch"),
                    );
                world.send(sign_in());
                world.send(submit("123456"));
                world
            }),
        ],
        StepName::SetUpEmail => vec![
            Way("as the only kind", || signing_in(set_up(&["EMAIL_OTP"]))),
            Way("after an address that is none", || {
                let mut world = signing_in(set_up(&["SMS_MFA", "EMAIL_OTP"]));
                let error = refused("InvalidParameterException", "Invalid email address format.");
                world.expect("RespondToAuthChallenge", error);
                world.send(json!({ "type": "setUpEmail", "email": "x" }));
                world
            }),
        ],
        StepName::NewPassword => vec![
            Way("with an attribute missing", || {
                signing_in(new_password_challenge())
            }),
            Way("with none missing", || {
                signing_in(challenge("NEW_PASSWORD_REQUIRED", json!({})))
            }),
            Way("with odd ones missing", || {
                signing_in(challenge(
                    "NEW_PASSWORD_REQUIRED",
                    json!({
                "requiredAttributes":
                    "[\"userAttributes.custom:a-b\",\"userAttributes.constructor\",\"plain\"]" }),
                ))
            }),
        ],
        StepName::VerifyAttribute => vec![
            Way("one that may be skipped", alice_verifying),
            Way("two that may not be skipped", || {
                let mut world = World::scripted_with(json!({ "verify": { "skippable": false } }));
                verifying(&mut world, email_sent());
                world
            }),
            Way("one that was asked for", || {
                let mut world = alice();
                world.expect("GetUserAttributeVerificationCode", email_sent());
                world.send(json!({ "type": "verifyAttribute", "attribute": "phone_number" }));
                world
            }),
            Way("one whose code was announced", || {
                let mut world = alice();
                world
                    .expect(
                        "UpdateUserAttributes",
                        ok(json!({ "CodeDeliveryDetailsList": [{
                    "DeliveryMedium": "EMAIL", "Destination": "n***@e***", "AttributeName": "email",
                }] })),
                    )
                    .expect("GetUser", unverified_user());
                let change = json!({ "attributes": { "email": "new@example.com" } });
                world.call("updateAttributes", change).unwrap();
                world.send(json!({ "type": "verifyAttribute", "attribute": "email" }));
                world
            }),
            Way("not knowing whether a code was sent", || {
                let mut world = World::scripted();
                verifying(&mut world, Fault::Lost);
                world
            }),
            Way("after the cool-down", || {
                passed(alice_verifying(), 31.0 * SECOND)
            }),
            Way("after the code has run out", || {
                passed(alice_verifying(), DAY)
            }),
        ],
        StepName::ResetPassword => vec![
            Way("by email", || forgetting(email_sent())),
            Way("without a message", || forgetting(done())),
            Way("not knowing whether one was sent", || {
                forgetting(Fault::Lost)
            }),
            Way("after a sign-in that needs it", || {
                signing_in(refused("PasswordResetRequiredException", "No."))
            }),
            Way("after the cool-down", || {
                passed(forgetting(email_sent()), 31.0 * SECOND)
            }),
            Way("after the code has run out", || {
                passed(forgetting(email_sent()), HOUR)
            }),
        ],
        StepName::SignedIn => vec![
            Way("with a verified address", alice),
            Way("with none", || with_user(user(json!({})))),
            Way("unverified and skipped", || {
                let mut world = alice_verifying();
                world.send(event("skipVerification"));
                world
            }),
            Way("with a phone that took part", || {
                let mut world = signing_in(sms_challenge());
                world.expect("RespondToAuthChallenge", tokens(1)).expect(
                    "GetUser",
                    user(json!({ "phone_number": PHONE, "phone_number_verified": "false" })),
                );
                world.send(submit("123456"));
                assert_eq!(world.snapshot()["unverified"], json!([]));
                world
            }),
            Way("with odd attributes", || {
                with_user(user(json!({
                "custom:é\"\\\u{1}": "名\u{2028}\t\"", "z": "", "a": "b", "__proto__": "x" })))
            }),
            Way("with a device that is remembered", || with_device(false)),
            Way("with a device that asks", || with_device(true)),
            Way("with an address that was changed", || {
                let mut world = alice();
                world
                    .expect("UpdateUserAttributes", done())
                    .expect("GetUser", unreadable(400));
                let change = json!({ "attributes": { "email": "new@example.com" } });
                world.call("updateAttributes", change).unwrap();
                assert_eq!(world.snapshot()["unverified"], json!(["email"]));
                world
            }),
            Way("with an attribute that was deleted", || {
                let mut world = alice();
                world.expect("DeleteUserAttributes", done());
                world
                    .call("deleteAttributes", json!({ "names": ["email"] }))
                    .unwrap();
                world
            }),
            Way("after a refresh", || {
                let mut world = passed(alice(), HOUR);
                world.expect("InitiateAuth", refreshed(2));
                world.session().unwrap();
                world
            }),
        ],
        StepName::SelectFactor => vec![
            Way("with all there is", || choosing(select_challenge())),
            Way("after a password that was wrong", || {
                let mut world = choosing(select_challenge());
                world.expect("RespondToAuthChallenge", wrong_credentials());
                world.send(select_password());
                assert_eq!(world.error(), "wrongCredentials");
                world
            }),
            Way("of the second factors", || {
                signing_in(select_mfa(&["SOFTWARE_TOKEN_MFA", "EMAIL_MFA", "SMS_MFA"]))
            }),
            Way("of what can be set up", || {
                signing_in(set_up(&["SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA"]))
            }),
        ],
        StepName::Password => vec![
            Way("asked for by the pool", || choosing(password_challenge())),
            Way("chosen", || {
                let mut world = choosing(select_challenge());
                world.send(select("password"));
                world
            }),
            Way("after one that was wrong", || {
                let mut world = choosing(password_challenge());
                world.expect("RespondToAuthChallenge", wrong_credentials());
                world.send(give_password(PASSWORD));
                assert_eq!(world.error(), "wrongCredentials");
                world
            }),
        ],
        StepName::Passkey => vec![
            Way("after the prompt was closed", at_passkey),
            Way("after a refusal", || {
                let mut world = asked_for_passkey();
                world.expect("RespondToAuthChallenge", wrong_credentials());
                world.give(&assertion());
                world.run();
                assert_eq!(world.error(), "wrongCredentials");
                world
            }),
            Way("as the second factor", || {
                let mut world = World::scripted();
                world.expect("InitiateAuth", challenge("WEB_AUTHN", passkey_parameters()));
                world.start(sign_in()).unwrap();
                world.answer_all();
                world.refuse("AbortError");
                world
            }),
        ],
        StepName::SignInCode => vec![
            Way("by SMS", || choosing(sms_first())),
            Way("by email", || choosing(email_first())),
            Way("with no other way", || {
                choosing(first_factor("SMS_OTP", json!({}), json!(["SMS_OTP"])))
            }),
            Way("after the cool-down", || {
                passed(choosing(sms_first()), 31.0 * SECOND)
            }),
        ],
    }
}

fn signing_up(fault: Fault) -> World {
    let mut world = World::scripted_with(json!({ "sessionSeconds": 900 }));
    world.expect("SignUp", fault);
    world.send(sign_up(phone_and_email()));
    world
}

fn signing_in(fault: Fault) -> World {
    let mut world = World::scripted_with(json!({ "sessionSeconds": 900 }));
    world.expect("InitiateAuth", fault);
    world.send(sign_in());
    world
}

fn forgetting(fault: Fault) -> World {
    let mut world = World::scripted();
    world.expect("ForgotPassword", fault);
    world.send(forgot());
    world
}

fn verifying(world: &mut World, fault: Fault) {
    let attributes = json!({ "email": EMAIL, "email_verified": "false",
        "phone_number": PHONE, "phone_number_verified": "false" });
    world
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", user(attributes))
        .expect("GetUserAttributeVerificationCode", fault);
    assert_eq!(world.send(sign_in())["step"], "verifyAttribute");
}

fn with_user(attributes: Fault) -> World {
    let mut world = World::scripted();
    world.sign_in_as(USER, tokens(1), attributes);
    world
}

fn with_device(asks: bool) -> World {
    let mut world = World::scripted();
    world
        .expect("InitiateAuth", tokens_with_device(1))
        .expect(
            "ConfirmDevice",
            ok(json!({ "UserConfirmationNecessary": asks })),
        )
        .expect("GetUser", alices_attributes());
    world.send(sign_in());
    world
}

/// Loads the page anew. The secret of an authenticator app was not kept: the pool is asked for
/// another one, which happens to be the same here.
fn reload(world: &mut World) {
    let anew = world.step() == "setUpTotp";
    if anew {
        world.expect("AssociateSoftwareToken", associated(3));
    }
    world.reload();
    let asked: &[&str] = if anew {
        &["AssociateSoftwareToken"]
    } else {
        &[]
    };
    world.run();
    assert_eq!(world.sent(), asked, "a reload asks for nothing else");
}

fn passed(mut world: World, ms: f64) -> World {
    world.pass(ms);
    world
}

/// What is shown of the person's step: an error is said once, unless time alone makes it so.
fn lasting(world: &World) -> Value {
    let mut shown = world.snapshot();
    if shown["error"]["code"] != "codeExpired" {
        shown["error"] = Value::Null;
    }
    shown
}

#[test]
fn in_every_step_the_same_is_shown_after_a_reload() {
    for step in StepName::ALL {
        for Way(way, at) in ways(step) {
            let mut world = at();
            assert_eq!(world.step(), step.as_str(), "{way}");
            // The password that another code would need is not kept over a reload.
            let mut before = lasting(&world);
            if step == StepName::MfaCode {
                before["canResend"] = json!(false);
            }
            world.sent();
            for times in ["once", "twice"] {
                reload(&mut world);
                assert_eq!(lasting(&world), before, "{step:?} {way}, {times}");
                assert!(world.round() <= 2.0, "the numbers of the forms begin anew");
            }
            world.pass(SECOND);
            assert!(
                world.sent().is_empty(),
                "{step:?} {way}: a reload asks for nothing"
            );
        }
    }
}

#[test]
fn where_nobody_holds_the_password_a_code_is_shown_the_same_to_the_last_member() {
    for Way(way, at) in ways(StepName::MfaCode) {
        let mut world = passed(at(), 10.0 * MINUTE);
        assert_eq!(world.step(), "mfaCode", "{way}");
        assert_eq!(world.snapshot()["canResend"], false, "{way}");
        let before = world.snapshot();
        world.reload();
        assert_eq!(world.snapshot(), before, "{way}");
    }
}

#[test]
fn in_every_step_the_same_is_possible_after_a_reload() {
    for step in StepName::ALL {
        for Way(way, at) in ways(step) {
            let mut world = at();
            let possible = |world: &World| -> Vec<_> {
                let all = cognito_flow::EventType::ALL.into_iter();
                all.filter(|kind| world.flow.accepts(*kind))
                    .map(|kind| kind.as_str())
                    .filter(|kind| step != StepName::MfaCode || *kind != "resendCode")
                    .collect()
            };
            let before = possible(&world);
            world.sent();
            reload(&mut world);
            assert_eq!(possible(&world), before, "{step:?} {way}");
        }
    }
}

#[test]
fn what_time_changes_it_changes_in_a_page_that_was_loaded_meanwhile_too() {
    for step in StepName::ALL {
        for Way(way, at) in ways(step) {
            for ms in [31.0 * SECOND, 16.0 * MINUTE, HOUR, DAY] {
                let mut stayed = at();
                let mut reloaded = at();
                reloaded.sent();
                reload(&mut reloaded);
                for world in [&mut stayed, &mut reloaded] {
                    world.pass(ms);
                }
                let [mut stayed, mut reloaded] = [stayed.snapshot(), reloaded.snapshot()];
                for shown in [&mut stayed, &mut reloaded] {
                    if shown.get("canResend").is_some() {
                        shown["canResend"] = json!(false);
                    }
                    // What was said before the reload is said once.
                    let code = shown["error"]["code"].clone();
                    if code != "codeExpired" && code != "challengeExpired" {
                        shown["error"] = Value::Null;
                    }
                }
                assert_eq!(reloaded, stayed, "{step:?} {way} after {ms} ms");
            }
        }
    }
}

#[test]
fn the_number_of_the_form_grows_with_each_new_one_and_with_nothing_else() {
    let mut world = World::scripted();
    let mut round = world.round();
    let mut grown = |world: &World| {
        let before = std::mem::replace(&mut round, world.round());
        world.round() - before
    };
    let wrong = "Incorrect username or password.";
    world.expect("InitiateAuth", refused("NotAuthorizedException", wrong));
    world.send(sign_in());
    assert_eq!(
        grown(&world),
        0.0,
        "a refused sign-in is tried again in the same form"
    );
    world.expect("InitiateAuth", sms_challenge());
    world.send(sign_in());
    assert!(grown(&world) > 0.0);
    world.expect(
        "RespondToAuthChallenge",
        refused("CodeMismatchException", "No"),
    );
    world.send(submit("123456"));
    assert_eq!(grown(&world), 0.0, "nor is a wrong code another form");
    world.pass(30.0 * SECOND);
    world.expect("InitiateAuth", sms_challenge());
    world.send(event("resendCode"));
    assert!(
        grown(&world) > 0.0,
        "two challenges of one step are two forms"
    );
    let unverified = json!({ "email": EMAIL, "email_verified": "false",
        "phone_number": PHONE, "phone_number_verified": "false" });
    world
        .expect("RespondToAuthChallenge", challenge("EMAIL_OTP", json!({})))
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", user(unverified))
        .expect("GetUserAttributeVerificationCode", email_sent());
    world.send(submit("123456"));
    assert!(grown(&world) > 0.0);
    world.send(submit("123456"));
    assert_eq!(world.step(), "verifyAttribute");
    assert!(grown(&world) > 0.0);
    world.expect(
        "VerifyUserAttribute",
        refused("CodeMismatchException", "No"),
    );
    world.send(submit("123456"));
    assert_eq!(grown(&world), 0.0);
    world.expect("VerifyUserAttribute", done());
    world.send(submit("123456"));
    assert_eq!(world.step(), "signedIn");
    assert!(grown(&world) > 0.0);
    world.expect("InitiateAuth", refreshed(2));
    world.call("session", json!({ "refresh": true })).unwrap();
    assert_eq!(grown(&world), 0.0);
    world.leave();
    assert!(grown(&world) > 0.0);
}

#[test]
fn an_attribute_that_is_new_is_not_news_a_second_time_when_the_pool_lists_it_elsewhere() {
    let mut world = alice();
    world.expect("UpdateUserAttributes", done()).expect(
        "GetUser",
        user(
            json!({ "nickname": "Al", "sub": "sub-of-alice", "email": EMAIL,
            "email_verified": "true" }),
        ),
    );
    let change = json!({ "attributes": { "nickname": "Al" } });
    world.call("updateAttributes", change).unwrap();
    assert_eq!(world.snapshot()["attributes"]["nickname"], "Al");
}
