//! What is tried again, and what must not be.

use serde_json::{Value, json};

use crate::support::*;

/// One call, how to bring a world to it, and the event that makes it.
struct Case {
    operation: &'static str,
    prepare: fn() -> World,
    event: fn() -> Value,
    success: fn() -> Fault,
}

const SENDS_A_MESSAGE: [Case; 5] = [
    Case {
        operation: "SignUp",
        prepare: World::scripted,
        event: || sign_up(json!({})),
        success: signed_up,
    },
    Case {
        operation: "ResendConfirmationCode",
        prepare: || {
            let mut world = at_confirm_sign_up();
            world.pass(30.0 * SECOND);
            world
        },
        event: || event("resendCode"),
        success: email_sent,
    },
    Case {
        operation: "ForgotPassword",
        prepare: World::scripted,
        event: forgot,
        success: email_sent,
    },
    Case {
        operation: "GetUserAttributeVerificationCode",
        prepare: || {
            let mut world = World::scripted_with(json!({ "verify": { "when": "never" } }));
            world
                .expect("InitiateAuth", tokens(1))
                .expect("GetUser", unverified_user());
            world.send(sign_in());
            world
        },
        event: || json!({ "type": "verifyAttribute", "attribute": "email" }),
        success: email_sent,
    },
    Case {
        operation: "InitiateAuth",
        prepare: World::scripted,
        event: sign_in,
        success: sms_challenge,
    },
];

const USES_SOMETHING_UP: [Case; 11] = [
    Case {
        operation: "AssociateSoftwareToken",
        prepare: || {
            let mut world = World::scripted();
            let kinds = set_up(&["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"]);
            world.expect("InitiateAuth", kinds);
            world.send(sign_in());
            world
        },
        event: || select("totp"),
        success: || associated(2),
    },
    Case {
        operation: "RespondToAuthChallenge",
        prepare: || {
            let mut world = World::scripted();
            world.expect("InitiateAuth", select_mfa(&["SMS_MFA", "EMAIL_OTP"]));
            world.send(sign_in());
            world
        },
        event: || select("sms"),
        success: sms_challenge,
    },
    Case {
        operation: "AssociateSoftwareToken",
        prepare: || {
            let mut world = World::scripted();
            world.expect("InitiateAuth", set_up(&["SOFTWARE_TOKEN_MFA"]));
            world
        },
        event: sign_in,
        success: || associated(2),
    },
    Case {
        operation: "VerifySoftwareToken",
        prepare: || {
            let mut world = World::scripted();
            world
                .expect("InitiateAuth", set_up(&["SOFTWARE_TOKEN_MFA"]))
                .expect("AssociateSoftwareToken", associated(2))
                .expect("RespondToAuthChallenge", sms_challenge());
            world.send(sign_in());
            world
        },
        event: || submit("123456"),
        success: || totp_verified(3),
    },
    Case {
        operation: "RespondToAuthChallenge",
        prepare: || {
            let mut world = World::scripted();
            world.expect("InitiateAuth", set_up(&["EMAIL_OTP"]));
            world.send(sign_in());
            world
        },
        event: || json!({ "type": "setUpEmail", "email": EMAIL }),
        success: sms_challenge,
    },
    Case {
        operation: "RespondToAuthChallenge",
        prepare: || {
            let mut world = World::scripted();
            world.expect("InitiateAuth", custom_challenge());
            world.send(sign_in());
            world
        },
        event: || answer("12"),
        success: custom_challenge,
    },
    Case {
        operation: "RespondToAuthChallenge",
        prepare: at_mfa_code,
        event: || submit("123456"),
        success: sms_challenge,
    },
    Case {
        operation: "RespondToAuthChallenge",
        prepare: at_new_password,
        event: || json!({ "type": "setNewPassword", "password": OTHER_PASSWORD }),
        success: sms_challenge,
    },
    Case {
        operation: "ConfirmSignUp",
        prepare: || {
            let mut world = at_confirm_sign_up();
            // Without a password there is no sign-in after it.
            world.pass(10.0 * MINUTE);
            world
        },
        event: || confirm("123456"),
        success: done,
    },
    Case {
        operation: "ConfirmForgotPassword",
        prepare: || {
            let mut world = World::scripted();
            world.expect("ForgotPassword", email_sent());
            world.send(forgot());
            world
        },
        event: || reset("123456"),
        success: done,
    },
    Case {
        operation: "VerifyUserAttribute",
        prepare: || {
            let mut world = World::scripted();
            world
                .expect("InitiateAuth", tokens(1))
                .expect("GetUser", unverified_user())
                .expect("GetUserAttributeVerificationCode", email_sent());
            world.send(sign_in());
            world
        },
        event: || submit("123456"),
        success: done,
    },
];

fn at_confirm_sign_up() -> World {
    let mut world = World::scripted();
    world.expect("SignUp", signed_up());
    world.send(sign_up(phone_and_email()));
    world
}

fn at_mfa_code() -> World {
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

fn once_cases() -> impl Iterator<Item = &'static Case> {
    SENDS_A_MESSAGE.iter().chain(&USES_SOMETHING_UP)
}

fn tries(world: &mut World, operation: &str) -> usize {
    let sent = world.sent();
    sent.iter()
        .filter(|sent| sent.starts_with(operation))
        .count()
}

#[test]
fn what_sends_a_message_or_uses_something_up_is_repeated_when_throttled() {
    for case in once_cases() {
        let mut world = (case.prepare)();
        world.sent();
        world
            .expect(case.operation, throttled())
            .expect(case.operation, too_many())
            .expect(case.operation, (case.success)());
        world.send((case.event)());
        assert_eq!(world.error(), "", "{}", case.operation);
        assert_eq!(tries(&mut world, case.operation), 3, "{}", case.operation);
    }
}

#[test]
fn after_three_throttled_tries_the_person_is_told() {
    for case in once_cases() {
        let mut world = (case.prepare)();
        world.sent();
        for _ in 0..3 {
            world.expect(case.operation, throttled());
        }
        world.send((case.event)());
        assert_eq!(world.error(), "throttled", "{}", case.operation);
        assert_eq!(tries(&mut world, case.operation), 3, "{}", case.operation);
    }
}

#[test]
fn it_is_not_repeated_when_the_answer_was_lost() {
    for case in once_cases() {
        for fault in [|| Fault::Lost, || Fault::Silence] as [fn() -> Fault; 2] {
            let mut world = (case.prepare)();
            world.sent();
            world.expect(case.operation, fault());
            world.send((case.event)());
            assert_eq!(world.error(), "outcomeUnknown", "{}", case.operation);
            assert_eq!(tries(&mut world, case.operation), 1, "{}", case.operation);
        }
    }
}

#[test]
fn it_is_not_repeated_when_the_server_failed_or_nothing_could_be_sent() {
    for case in once_cases() {
        for (fault, code) in [
            (unreadable(503), "server"),
            (unreadable(200), "server"),
            (Fault::NotSent, "offline"),
        ] {
            let mut world = (case.prepare)();
            world.sent();
            world.expect(case.operation, fault);
            world.send((case.event)());
            assert_eq!(world.error(), code, "{}", case.operation);
            assert_eq!(tries(&mut world, case.operation), 1, "{}", case.operation);
        }
    }
}

#[test]
fn quotas_and_other_refusals_are_never_repeated() {
    for case in once_cases() {
        for name in [
            "LimitExceededException",
            "InvalidParameterException",
            "NobodyKnowsThisException",
        ] {
            let mut world = (case.prepare)();
            world.sent();
            world.expect(case.operation, refused(name, "No."));
            world.send((case.event)());
            assert_ne!(world.error(), "");
            assert_eq!(tries(&mut world, case.operation), 1, "{}", case.operation);
        }
    }
}

#[test]
fn reads_are_repeated_whatever_went_wrong_on_the_way() {
    let faults: [fn() -> Fault; 6] = [
        throttled,
        too_many,
        || unreadable(500),
        || Fault::Lost,
        || Fault::Silence,
        || Fault::NotSent,
    ];
    for fault in faults {
        let mut world = World::scripted();
        world
            .expect("InitiateAuth", tokens(1))
            .expect("GetUser", fault())
            .expect("GetUser", fault())
            .expect("GetUser", verified_user());
        world.send(sign_in());
        assert_eq!(
            (world.step().as_str(), world.error().as_str()),
            ("signedIn", "")
        );
        assert_eq!(tries(&mut world, "GetUser"), 3);
    }
}

#[test]
fn the_opening_of_srp_is_a_read() {
    let pool = LocalPool::new();
    let attributes = json!({ "email": EMAIL, "email_verified": "true" });
    pool.add_user(USER, PASSWORD, attributes, Clock::new().wall);
    let mut world = World::with(&pool);
    world
        .expect("InitiateAuth", Fault::AnswerLost)
        .expect("InitiateAuth", unreadable(502));
    assert_eq!(world.send(sign_in())["step"], "signedIn");
    assert_eq!(tries(&mut world, "InitiateAuth"), 3);
}

#[test]
fn the_proof_of_srp_is_sent_once() {
    let pool = LocalPool::new();
    pool.add_user(USER, PASSWORD, json!({}), Clock::new().wall);
    let mut world = World::with(&pool);
    world.expect("RespondToAuthChallenge", Fault::AnswerLost);
    world.send(sign_in());
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        ("signedOut", "outcomeUnknown")
    );
    assert_eq!(tries(&mut world, "RespondToAuthChallenge"), 1);
    assert_eq!(world.send(sign_in())["step"], "signedIn");
}

#[test]
fn refreshing_is_a_read_unless_the_pool_rotates() {
    let mut world = World::scripted();
    world
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", verified_user());
    world.send(sign_in());
    world.pass(HOUR);
    world.sent();
    world
        .expect("InitiateAuth", Fault::Lost)
        .expect("InitiateAuth", Fault::Silence)
        .expect("InitiateAuth", refreshed(2));
    assert!(world.session().is_ok());
    assert_eq!(tries(&mut world, "InitiateAuth"), 3);

    world.pass(HOUR);
    world
        .expect(
            "InitiateAuth",
            refused("NotAuthorizedException", "Refresh is not allowed"),
        )
        .expect("GetTokensFromRefreshToken", tokens(3));
    assert!(world.session().is_ok());
    world.pass(HOUR);
    world.sent();
    world.expect("GetTokensFromRefreshToken", Fault::Lost);
    assert_eq!(world.session().unwrap_err().code.as_str(), "outcomeUnknown");
    assert_eq!(world.sent(), ["GetTokensFromRefreshToken"]);
    assert_eq!(world.step(), "signedIn");
}

#[test]
fn the_waits_double_and_are_spread_by_the_jitter() {
    for (jitter, waits) in [
        (0.0, [0.0, 0.0]),
        (0.5, [100.0, 200.0]),
        (0.999, [199.8, 399.6]),
    ] {
        let mut world = World::scripted();
        world.clock.jitter = jitter;
        world
            .expect("InitiateAuth", throttled())
            .expect("InitiateAuth", throttled());
        world.start(sign_in()).unwrap();
        let mut began = world.clock.steady;
        for wait in waits {
            world.answer_next();
            world.run_until_sent();
            assert!(
                (world.clock.steady - began - wait).abs() < 0.001,
                "{jitter}"
            );
            began = world.clock.steady;
        }
    }
}

#[test]
fn after_a_lost_answer_to_a_sign_up_the_person_can_ask_for_a_code_at_once() {
    let pool = LocalPool::new();
    let mut world = World::with(&pool);
    world.expect("SignUp", Fault::AnswerLost);
    world.send(sign_up(json!({ "email": EMAIL })));
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        ("confirmSignUp", "outcomeUnknown")
    );
    assert_eq!(world.snapshot()["resendAt"], Value::Null);
    world.send(event("resendCode"));
    assert_eq!(world.send(confirm(&pool.code()))["step"], "signedIn");
}

#[test]
fn after_a_lost_answer_to_a_forgotten_password_the_code_may_be_there() {
    let pool = LocalPool::new();
    let attributes = json!({ "email": EMAIL, "email_verified": "true" });
    pool.add_user(USER, PASSWORD, attributes, Clock::new().wall);
    let mut world = World::with(&pool);
    world.expect("ForgotPassword", Fault::AnswerLost);
    world.send(forgot());
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        ("resetPassword", "outcomeUnknown")
    );
    assert_eq!(world.send(reset(&pool.code()))["step"], "signedOut");
}

#[test]
fn after_a_lost_confirmation_the_same_code_goes_on() {
    let pool = LocalPool::new();
    let mut world = World::with(&pool);
    world.send(sign_up(json!({ "email": EMAIL })));
    let code = pool.code();
    world.expect("ConfirmSignUp", Fault::AnswerLost);
    world.send(confirm(&code));
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        ("confirmSignUp", "outcomeUnknown")
    );
    assert_eq!(world.send(confirm(&code))["step"], "signedIn");
}

#[test]
fn after_a_lost_answer_to_a_second_factor_one_signs_in_again() {
    for (world, event) in [
        (at_mfa_code(), submit("123456")),
        (
            at_new_password(),
            json!({ "type": "setNewPassword", "password": OTHER_PASSWORD }),
        ),
    ] {
        let mut world = world;
        world.expect("RespondToAuthChallenge", Fault::Lost);
        world.send(event);
        assert_eq!(
            (world.step().as_str(), world.error().as_str()),
            ("signedOut", "outcomeUnknown")
        );
        assert_eq!(world.snapshot()["username"], USER);
    }
}
