//! What people type and paste, and what of it is sent; which addresses they are asked to verify; when
//! another code may be asked for.

use serde_json::{Value, json};

use crate::support::*;

/// An event that carries a code: where it is given, and where in the request it stands.
struct Place {
    at: fn() -> World,
    operation: &'static str,
    pointer: &'static str,
    event: fn(&str) -> Value,
}

const PLACES: [Place; 4] = [
    Place {
        at: || {
            let mut world = World::scripted();
            world.expect("SignUp", signed_up());
            world.send(sign_up(json!({})));
            world
        },
        operation: "ConfirmSignUp",
        pointer: "/ConfirmationCode",
        event: confirm,
    },
    Place {
        at: || {
            let mut world = World::scripted();
            world.expect("InitiateAuth", sms_challenge());
            world.send(sign_in());
            world
        },
        operation: "RespondToAuthChallenge",
        pointer: "/ChallengeResponses/SMS_MFA_CODE",
        event: submit,
    },
    Place {
        at: alice_verifying,
        operation: "VerifyUserAttribute",
        pointer: "/Code",
        event: submit,
    },
    Place {
        at: || {
            let mut world = World::scripted();
            world.expect("ForgotPassword", email_sent());
            world.send(forgot());
            world
        },
        operation: "ConfirmForgotPassword",
        pointer: "/ConfirmationCode",
        event: reset,
    },
];

#[test]
fn the_digits_are_found_in_whatever_was_typed_or_pasted_for_each_code() {
    for (typed, sent) in [
        ("123456", "123456"),
        (" 123456\n", "123456"),
        ("123 456", "123456"),
        ("12 34 56", "123456"),
        ("1 2 3 4 5 6", "123456"),
        ("123-456", "123456"),
        ("123\u{2013}456", "123456"),
        ("１２３４５６", "123456"),
        ("１２３－４５６", "123456"),
        ("\u{feff}123456", "123456"),
        ("\u{202a}123456\u{202c}", "123456"),
        ("123\u{200b}456", "123456"),
        ("123\u{a0}456", "123456"),
        ("Your code is 654321.", "654321"),
        (
            "Your verification code is 654321. It is good for 3 minutes.",
            "654321",
        ),
        ("654321 is your code", "654321"),
        ("Code:654321", "654321"),
        ("コードは654321です。", "654321"),
        ("認証コード：６５４３２１", "654321"),
        ("<#> 654321", "654321"),
        ("12345678", "12345678"),
    ] {
        for place in &PLACES {
            let mut world = (place.at)();
            world.expect(place.operation, Fault::Silence);
            world.start((place.event)(typed)).unwrap();
            let body = world.body_of(place.operation);
            let found = body.pointer(place.pointer).unwrap();
            assert_eq!(found, sent, "{} {typed:?}", place.operation);
        }
    }
}

#[test]
fn blanks_around_a_user_name_go_wherever_it_is_typed() {
    for typed in [
        " alice",
        "alice ",
        "\talice\n",
        "\u{a0}alice\u{3000}",
        "  alice  ",
    ] {
        let events = [
            (
                "SignUp",
                json!({ "type": "signUp", "username": typed, "password": PASSWORD }),
                "/Username",
            ),
            (
                "InitiateAuth",
                json!({ "type": "signIn", "username": typed, "password": PASSWORD }),
                "/AuthParameters/USERNAME",
            ),
            (
                "ForgotPassword",
                json!({ "type": "forgotPassword", "username": typed }),
                "/Username",
            ),
            (
                "ConfirmSignUp",
                json!({ "type": "confirmSignUp", "code": "123456", "username": typed }),
                "/Username",
            ),
        ];
        for (operation, event, place) in events {
            let mut world = World::scripted();
            world.expect(operation, Fault::NotSent);
            world.send(event);
            let body = world.body_of(operation);
            assert_eq!(body.pointer(place).unwrap(), USER, "{operation} {typed:?}");
        }
    }
}

#[test]
fn a_name_with_a_blank_inside_is_sent_as_it_is() {
    let mut world = World::scripted();
    world.expect("InitiateAuth", Fault::NotSent);
    world.send(json!({ "type": "signIn", "username": " al  ice ", "password": PASSWORD }));
    let body = world.body_of("InitiateAuth");
    assert_eq!(body["AuthParameters"]["USERNAME"], "al  ice");
}

#[test]
fn whoever_typed_a_blank_at_the_sign_up_is_signed_in_after_the_confirmation() {
    let pool = LocalPool::new();
    let mut world = World::with(&pool);
    world.send(
        json!({ "type": "signUp", "username": "alice ", "password": PASSWORD,
        "attributes": { "email": EMAIL } }),
    );
    assert_eq!(world.send(confirm(&pool.code()))["step"], "signedIn");
    assert_eq!(world.snapshot()["username"], USER);
}

#[test]
fn a_password_with_a_blank_at_an_end_is_sent_as_typed() {
    for password in [
        " Correct-Horse-9",
        "Correct-Horse-9 ",
        "\u{3000}Correct-Horse-9",
        "Correct-Horse-9\n",
    ] {
        let mut world = World::scripted();
        world.expect("InitiateAuth", Fault::NotSent);
        world.send(json!({ "type": "signIn", "username": USER, "password": password }));
        assert_eq!(
            world.body_of("InitiateAuth")["AuthParameters"]["PASSWORD"],
            password
        );
        let mut world = World::scripted();
        world.expect("SignUp", Fault::NotSent);
        world.send(json!({ "type": "signUp", "username": USER, "password": password }));
        assert_eq!(world.body_of("SignUp")["Password"], password);
        let mut world = alice();
        world.expect("ChangePassword", done());
        let passwords = json!({ "current": password, "next": password });
        world.call("changePassword", passwords).unwrap();
        let body = world.body_of("ChangePassword");
        assert_eq!(body["PreviousPassword"], password);
        assert_eq!(body["ProposedPassword"], password);
    }
}

#[test]
fn a_wrong_password_with_a_blank_at_an_end_says_so_and_one_without_does_not() {
    let plain = "Wrong user name or password.";
    let pool = LocalPool::new();
    pool.add_user(USER, PASSWORD, json!({}), Clock::new().wall);
    for (password, has_blank) in [
        ("Correct-Horse-9 ", true),
        (" Correct-Horse-9", true),
        ("Correct-Horse-9\t", true),
        ("Correct-Horse-8", false),
        ("Correct Horse 9", false),
    ] {
        let event = json!({ "type": "signIn", "username": USER, "password": password });
        // By SRP, against the pool; and as it is, by script.
        let mut by_srp = World::with(&pool);
        let mut plainly = World::scripted();
        plainly.expect(
            "InitiateAuth",
            refused("NotAuthorizedException", "Incorrect username or password."),
        );
        for world in [&mut by_srp, &mut plainly] {
            let error = world.send(event.clone())["error"].clone();
            assert_eq!(error["code"], "wrongCredentials");
            let says = error["message"].as_str().unwrap().contains("blank");
            assert_eq!(says, has_blank, "{password:?}");
            assert_eq!(error["message"] == plain, !has_blank);
        }
        let mut world = alice();
        world.expect(
            "ChangePassword",
            refused("NotAuthorizedException", "Incorrect username or password."),
        );
        let passwords = json!({ "current": password, "next": OTHER_PASSWORD });
        let error = world.call("changePassword", passwords).unwrap_err();
        assert_eq!(error.message().contains("blank"), has_blank, "{password:?}");
    }
}

#[test]
fn an_authenticators_code_that_was_used_before_says_to_wait_for_the_next() {
    let mut world = World::scripted();
    let words = "Your software token has already been used once.";
    world
        .expect("InitiateAuth", challenge("SOFTWARE_TOKEN_MFA", json!({})))
        .expect(
            "RespondToAuthChallenge",
            refused("ExpiredCodeException", words),
        )
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", verified_user());
    world.send(sign_in());
    let snapshot = world.send(submit("123456"));
    assert_eq!(snapshot["step"], "mfaCode");
    assert_eq!(snapshot["error"]["code"], "codeExpired");
    let message = snapshot["error"]["message"].as_str().unwrap();
    assert!(message.contains("next"), "{message}");
    assert!(!message.contains("another"), "there is none: {message}");
    assert_eq!(world.send(submit("654321"))["step"], "signedIn");
    // A code that was sent and is too old is another matter.
    let mut world = alice_verifying();
    world.expect(
        "VerifyUserAttribute",
        refused("ExpiredCodeException", "Invalid code provided"),
    );
    let snapshot = world.send(submit("123456"));
    assert!(
        snapshot["error"]["message"]
            .as_str()
            .unwrap()
            .contains("another")
    );
}

#[test]
fn an_attribute_that_is_not_a_string_is_named() {
    for value in [json!(7), json!(true), json!(null), json!(["a"]), json!({})] {
        let attributes = json!({ "nickname": "Al", "custom:age": value });
        let choice =
            json!({ "type": "setNewPassword", "password": PASSWORD, "attributes": attributes });
        for event in [sign_up(attributes.clone()), choice] {
            let error = World::scripted().start(event).unwrap_err();
            assert_eq!(error.code.as_str(), "malformed");
            assert!(error.message().contains("`custom:age`"), "{error}");
            assert!(error.message().contains("`attributes`"), "{error}");
        }
        let error = alice().call("updateAttributes", json!({ "attributes": attributes }));
        let error = error.unwrap_err();
        assert!(error.message().contains("`custom:age`"), "{error}");
    }
}

#[test]
fn an_address_of_which_the_client_may_not_read_whether_it_is_verified_is_listed_and_gets_no_message()
 {
    for (attributes, unverified) in [
        (json!({ "email": EMAIL }), json!(["email"])),
        (json!({ "phone_number": PHONE }), json!(["phone_number"])),
        (phone_and_email(), json!(["phone_number", "email"])),
        (
            json!({ "email": EMAIL, "email_verified": "true", "phone_number": PHONE }),
            json!(["phone_number"]),
        ),
    ] {
        for when in ["always", "afterSignUp", "never"] {
            let mut world = World::scripted_with(json!({ "verify": { "when": when } }));
            world
                .expect("InitiateAuth", tokens(1))
                .expect("GetUser", user(attributes.clone()));
            let snapshot = world.send(sign_in());
            assert_eq!(snapshot["step"], "signedIn", "{attributes} {when}");
            assert_eq!(snapshot["unverified"], unverified, "{attributes} {when}");
            assert_eq!(snapshot["error"], Value::Null);
            assert_eq!(world.sent().len(), 2, "no message is sent");
        }
    }
}

#[test]
fn the_address_that_is_known_not_to_be_verified_still_gets_one() {
    let mut world = World::scripted();
    let attributes = json!({ "email": EMAIL, "email_verified": "false", "phone_number": PHONE });
    world
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", user(attributes))
        .expect("GetUserAttributeVerificationCode", email_sent());
    let snapshot = world.send(sign_in());
    assert_eq!(snapshot["step"], "verifyAttribute");
    assert_eq!(snapshot["attribute"], "email");
    assert_eq!(
        snapshot["remaining"],
        json!([]),
        "nothing is known of the phone"
    );
}

#[test]
fn whoever_asks_for_it_can_verify_what_is_not_known_to_be_unverified() {
    let mut world = World::scripted();
    world.sign_in_as(USER, tokens(1), user(json!({ "email": EMAIL })));
    world
        .expect("GetUserAttributeVerificationCode", email_sent())
        .expect("VerifyUserAttribute", done());
    world.send(json!({ "type": "verifyAttribute", "attribute": "email" }));
    let snapshot = world.send(submit("123456"));
    assert_eq!(snapshot["step"], "signedIn");
    assert_eq!(snapshot["unverified"], json!([]));
}

#[test]
fn another_code_of_a_second_factor_has_a_cool_down_and_says_when_it_ends() {
    let by_email = || {
        challenge(
            "EMAIL_OTP",
            json!({ "CODE_DELIVERY_DESTINATION": "a***@e***" }),
        )
    };
    for sent in [sms_challenge as fn() -> Fault, by_email] {
        let mut world = World::scripted();
        world.expect("InitiateAuth", sent());
        let snapshot = world.send(sign_in());
        let end = world.clock.wall + 30.0 * SECOND;
        assert_eq!(snapshot["canResend"], true);
        assert_eq!(snapshot["resendAt"], json!(end));
        world.pass(10.0 * SECOND);
        world.sent();
        let error = world.start(event("resendCode")).unwrap_err();
        assert_eq!(error.code.as_str(), "notAccepted");
        assert_eq!(error.retry_at, Some(end));
        assert!(error.message().contains("20 s"), "{error}");
        assert!(world.sent().is_empty(), "no message is paid for");
        // The right time is taken though the timer is late.
        world.clock.pass(20.0 * SECOND);
        world.expect("InitiateAuth", sent());
        let snapshot = world.send(event("resendCode"));
        assert_eq!(
            snapshot["resendAt"],
            json!(end + 30.0 * SECOND),
            "and begins anew"
        );
        world.pass(30.0 * SECOND);
        assert_eq!(world.snapshot()["resendAt"], Value::Null);
    }
}

#[test]
fn a_wrong_code_does_not_begin_the_cool_down_anew() {
    let mut world = World::scripted();
    world.expect("InitiateAuth", sms_challenge()).expect(
        "RespondToAuthChallenge",
        refused("CodeMismatchException", "Invalid code"),
    );
    let before = world.send(sign_in())["resendAt"].clone();
    world.pass(SECOND);
    assert_eq!(world.send(submit("123456"))["resendAt"], before);
}

#[test]
fn another_code_that_could_not_be_sent_leaves_the_first_as_it_was() {
    let mut world = World::scripted();
    world.expect("InitiateAuth", sms_challenge());
    let before = world.send(sign_in());
    world.pass(30.0 * SECOND);
    world.expect("InitiateAuth", Fault::NotSent);
    let after = world.send(event("resendCode"));
    assert_eq!(after["error"]["code"], "offline");
    assert_eq!(after["expiresAt"], before["expiresAt"]);
    assert_eq!(after["resendAt"], Value::Null, "nothing was sent: at once");
}
