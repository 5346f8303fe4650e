//! Every error that the documentation names, brought about once.

use serde_json::{Value, json};

use crate::support::*;

/// A sign-in by password that meets this.
fn signing_in(fault: Fault) -> World {
    let mut world = World::scripted();
    world.expect("InitiateAuth", fault);
    world.send(sign_in());
    world
}

/// A sign-up that meets this.
fn signing_up(fault: Fault) -> World {
    let mut world = World::scripted();
    world.expect("SignUp", fault);
    world.send(sign_up(phone_and_email()));
    world
}

/// A code of a second factor that meets this.
fn answering(fault: Fault) -> World {
    let mut world = signing_in(sms_challenge());
    world.expect("RespondToAuthChallenge", fault);
    world.send(submit("123456"));
    world
}

#[track_caller]
fn assert_ends(world: &World, step: &str, error: &str) {
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        (step, error)
    );
}

#[test]
fn wrong_credentials() {
    let world = signing_in(refused(
        "NotAuthorizedException",
        "Incorrect username or password.",
    ));
    assert_ends(&world, "signedOut", "wrongCredentials");
    assert_eq!(
        world.snapshot()["error"]["server"],
        "NotAuthorizedException"
    );
    let world = signing_in(refused("UserNotFoundException", "User does not exist."));
    assert_ends(&world, "signedOut", "wrongCredentials");
}

#[test]
fn what_is_refused_for_another_reason_than_a_wrong_password_is_said_in_the_pools_own_words() {
    for words in [
        "Temporary password has expired and must be reset by an administrator.",
        "Request not allowed due to security reasons.",
        "Unable to verify secret hash for client scripted0client",
    ] {
        let world = signing_in(refused("NotAuthorizedException", words));
        assert_ends(&world, "signedOut", "refused");
        assert_eq!(world.snapshot()["error"]["message"], words);
    }
}

#[test]
fn code_mismatch() {
    let world = answering(refused(
        "CodeMismatchException",
        "Invalid code or auth state",
    ));
    assert_ends(&world, "mfaCode", "codeMismatch");
}

#[test]
fn code_expired() {
    let mut world = signing_up(signed_up());
    world.expect(
        "ConfirmSignUp",
        refused("ExpiredCodeException", "Invalid code provided"),
    );
    world.send(confirm("123456"));
    assert_ends(&world, "confirmSignUp", "codeExpired");
}

#[test]
fn challenge_expired() {
    let world = answering(expired_session());
    assert_ends(&world, "signedOut", "challengeExpired");
    assert_eq!(world.snapshot()["username"], USER);
}

#[test]
fn challenge_spent() {
    let world = answering(refused(
        "NotAuthorizedException",
        "Invalid session for the user, session can only be used once.",
    ));
    assert_ends(&world, "signedOut", "challengeSpent");
    let world = answering(refused(
        "NotAuthorizedException",
        "Invalid session for the user.",
    ));
    assert_ends(&world, "signedOut", "challengeSpent");
}

#[test]
fn user_exists() {
    let world = signing_up(refused("UsernameExistsException", "User already exists"));
    assert_ends(&world, "signedOut", "userExists");
}

#[test]
fn user_not_confirmed_leads_to_confirming() {
    let world = signing_in(refused(
        "UserNotConfirmedException",
        "User is not confirmed.",
    ));
    assert_ends(&world, "confirmSignUp", "userNotConfirmed");
    let world = answering(refused(
        "UserNotConfirmedException",
        "User is not confirmed.",
    ));
    assert_ends(&world, "confirmSignUp", "userNotConfirmed");
}

#[test]
fn password_reset_required_leads_to_resetting() {
    let world = signing_in(refused(
        "PasswordResetRequiredException",
        "Password reset required",
    ));
    assert_ends(&world, "resetPassword", "passwordResetRequired");
    let world = answering(refused(
        "PasswordResetRequiredException",
        "Password reset required",
    ));
    assert_ends(&world, "resetPassword", "passwordResetRequired");
}

#[test]
fn user_disabled() {
    let world = signing_in(refused("NotAuthorizedException", "User is disabled."));
    assert_ends(&world, "signedOut", "userDisabled");
    let world = answering(refused("NotAuthorizedException", "User is disabled."));
    assert_ends(&world, "signedOut", "userDisabled");
}

#[test]
fn invalid_password_says_what_the_policy_lacks() {
    let words = "Password did not conform with policy: Password not long enough";
    let world = signing_up(refused("InvalidPasswordException", words));
    assert_ends(&world, "signedOut", "invalidPassword");
    assert_eq!(world.snapshot()["error"]["message"], words);
    let world = signing_up(refused(
        "PasswordHistoryPolicyViolationException",
        "Password has previously been used",
    ));
    assert_ends(&world, "signedOut", "invalidPassword");
}

#[test]
fn words_of_the_pool_that_repeat_the_password_are_not_shown() {
    let words = format!("Value '{PASSWORD}' at 'password' failed to satisfy constraint");
    let world = signing_up(refused("InvalidParameterException", &words));
    assert_ends(&world, "signedOut", "invalidPassword");
    assert_ne!(world.snapshot()["error"]["message"], words.as_str());
}

#[test]
fn invalid_parameter_names_the_attribute() {
    for (words, attribute) in [
        ("Invalid phone number format.", json!("phone_number")),
        ("Invalid email address format.", json!("email")),
        (
            "Attributes did not conform to the schema: given_name: The attribute is required\n",
            json!("given_name"),
        ),
        ("Something else.", Value::Null),
    ] {
        let world = signing_up(refused("InvalidParameterException", words));
        assert_ends(&world, "signedOut", "invalidParameter");
        assert_eq!(world.snapshot()["error"]["attribute"], attribute);
    }
}

#[test]
fn a_refusal_of_the_apps_own_function_is_an_invalid_parameter_in_its_words() {
    // Cognito puts its own words before those of the function, and a full stop behind them.
    for (words, shown) in [
        (
            "PreSignUp failed with error Only staff may sign up.",
            "Only staff may sign up",
        ),
        (
            "PreSignUp failed with error Only staff may sign up..",
            "Only staff may sign up.",
        ),
    ] {
        let world = signing_up(refused("UserLambdaValidationException", words));
        assert_ends(&world, "signedOut", "invalidParameter");
        assert_eq!(world.snapshot()["error"]["message"], shown);
    }
}

#[test]
fn alias_exists() {
    let mut world = signing_up(signed_up());
    world.expect(
        "ConfirmSignUp",
        refused("AliasExistsException", "An account exists."),
    );
    world.send(confirm("123456"));
    assert_ends(&world, "confirmSignUp", "aliasExists");
}

#[test]
fn no_verified_contact() {
    let mut world = World::scripted();
    let words = "Cannot reset password for the user as there is no registered/verified email or phone_number";
    world.expect(
        "ForgotPassword",
        refused("InvalidParameterException", words),
    );
    world.send(forgot());
    assert_ends(&world, "signedOut", "noVerifiedContact");
}

#[test]
fn delivery_failed() {
    for name in [
        "CodeDeliveryFailureException",
        "InvalidEmailRoleAccessPolicyException",
    ] {
        let mut world = signing_up(refused(name, "Unable to deliver"));
        // The user is there: to sign up again would be to be told that the name is taken.
        assert_ends(&world, "confirmSignUp", "deliveryFailed");
        assert_eq!(world.snapshot()["delivery"], Value::Null);
        assert_eq!(world.snapshot()["resendAt"], Value::Null);
        world.expect("ResendConfirmationCode", email_sent());
        world.send(event("resendCode"));
        assert_ends(&world, "confirmSignUp", "");
        world.expect("ForgotPassword", refused(name, "Unable to deliver"));
        world.send(event("cancel"));
        world.send(forgot());
        assert_ends(&world, "signedOut", "deliveryFailed");
    }
}

#[test]
fn sms_not_configured() {
    for name in [
        "InvalidSmsRoleAccessPolicyException",
        "InvalidSmsRoleTrustRelationshipException",
    ] {
        let world = signing_up(refused(name, "Role"));
        assert_ends(&world, "signedOut", "smsNotConfigured");
        let world = signing_in(refused(name, "Role"));
        assert_ends(&world, "signedOut", "smsNotConfigured");
    }
}

#[test]
fn throttled_when_three_tries_were_not_enough() {
    let mut world = World::scripted();
    for fault in [throttled(), too_many(), throttled()] {
        world.expect("InitiateAuth", fault);
    }
    world.send(sign_in());
    assert_ends(&world, "signedOut", "throttled");
    assert_eq!(world.sent().len(), 3);
}

#[test]
fn attempt_limit() {
    let limit = || {
        refused(
            "LimitExceededException",
            "Attempt limit exceeded, please try after some time.",
        )
    };
    let mut world = World::scripted();
    world.expect("ForgotPassword", limit());
    world.send(forgot());
    assert_ends(&world, "signedOut", "attemptLimit");
    let world = signing_in(refused(
        "NotAuthorizedException",
        "Password attempts exceeded",
    ));
    assert_ends(&world, "signedOut", "attemptLimit");
    let mut world = signing_up(signed_up());
    world.expect(
        "ConfirmSignUp",
        refused("TooManyFailedAttemptsException", "Too many"),
    );
    world.send(confirm("123456"));
    assert_ends(&world, "confirmSignUp", "attemptLimit");
}

#[test]
fn offline() {
    let world = signing_in(Fault::NotSent);
    assert_ends(&world, "signedOut", "offline");
}

#[test]
fn timeout() {
    let mut world = World::scripted();
    world.expect("InitiateAuth", tokens(1));
    for _ in 0..3 {
        world.expect("GetUser", Fault::Silence);
    }
    world.send(sign_in());
    assert_ends(&world, "signedIn", "timeout");
}

#[test]
fn outcome_unknown() {
    let world = signing_in(Fault::Lost);
    assert_ends(&world, "signedOut", "outcomeUnknown");
}

#[test]
fn server() {
    let broken = [
        unreadable(500),
        unreadable(503),
        unreadable(200),
        unreadable(404),
        status(200, json!({})),
        status(
            500,
            json!({ "__type": "InternalErrorException", "message": "Oops" }),
        ),
        refused("NobodyKnowsThisException", "?"),
        status(400, json!({ "__type": "<script>alert(1)</script>" })),
        status(302, json!({})),
    ];
    for fault in broken {
        let world = signing_in(fault);
        assert_ends(&world, "signedOut", "server");
    }
}

#[test]
fn server_names_the_exception_or_challenge_that_is_not_known() {
    let world = signing_in(refused("NobodyKnowsThisException", "?"));
    assert_eq!(
        world.snapshot()["error"]["server"],
        "NobodyKnowsThisException"
    );
    // One that is the server's fault has a name, too.
    let body = json!({ "__type": "InternalErrorException", "message": "Oops" });
    let world = signing_in(status(500, body));
    assert_ends(&world, "signedOut", "server");
    assert_eq!(
        world.snapshot()["error"]["server"],
        "InternalErrorException"
    );
    let world = signing_in(challenge("NEW_ONE_2031", json!({})));
    assert_ends(&world, "signedOut", "server");
    assert_eq!(world.snapshot()["error"]["server"], "NEW_ONE_2031");
}

#[test]
fn the_exceptions_name_is_taken_from_the_header_first() {
    let mut world = World::scripted();
    world.start(sign_in()).unwrap();
    let id = world.network.under_way.pop_front().unwrap().id;
    let answer = Answer {
        status: 400,
        error_type: Some("UserNotConfirmedException:http://internal.amazon.com/".into()),
        body: Some(json!({ "__type": "UserNotFoundException", "message": "No." })),
    };
    world.answer_with(id, answer);
    assert_ends(&world, "confirmSignUp", "userNotConfirmed");
}

#[test]
fn an_error_goes_when_the_person_tries_again() {
    let mut world = signing_in(Fault::NotSent);
    world
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", verified_user());
    world.start(sign_in()).unwrap();
    assert_eq!(world.snapshot()["error"], Value::Null);
    world.run();
    assert_ends(&world, "signedIn", "");
}
