//! Signing up: confirmation, the sign-in that follows, coming back later, other codes.

use serde_json::{Value, json};

use crate::support::*;

#[test]
fn a_sign_up_with_an_email_waits_for_the_code_sent_to_it() {
    let mut world = World::with(&LocalPool::new());
    let snapshot = world.send(sign_up(json!({ "email": EMAIL })));
    assert_eq!(
        snapshot,
        json!({
            "step": "confirmSignUp", "busy": null, "error": null, "username": USER,
            "delivery": { "medium": "email", "destination": "a***@e***", "attribute": "email" },
            "codeExpiresAt": world.clock.wall + DAY, "resendAt": world.clock.wall + 30.0 * SECOND,
        })
    );
}

#[test]
fn with_a_phone_number_too_the_code_goes_to_the_phone() {
    let mut world = World::with(&LocalPool::new());
    let snapshot = world.send(sign_up(phone_and_email()));
    assert_eq!(
        snapshot["delivery"],
        json!({
            "medium": "sms", "destination": "+*******1234", "attribute": "phone_number"
        })
    );
}

#[test]
fn the_right_code_confirms_and_signs_in_with_the_password_still_held() {
    let pool = LocalPool::new();
    let mut world = World::with(&pool);
    world.send(sign_up(json!({ "email": EMAIL })));
    let snapshot = world.send(confirm(&pool.code()));
    assert_eq!(snapshot["step"], "signedIn");
    assert_eq!(snapshot["username"], USER);
    assert_eq!(snapshot["unverified"], json!([]));
    assert_eq!(snapshot["attributes"]["email_verified"], "true");
    assert_eq!(snapshot["tokensExpireAt"], json!(world.clock.wall + HOUR));
}

#[test]
fn blanks_in_a_pasted_code_do_not_matter() {
    let pool = LocalPool::new();
    let mut world = World::with(&pool);
    world.send(sign_up(json!({ "email": EMAIL })));
    let code = pool.code();
    let typed = format!(" {} {}\n", &code[..3], &code[3..]);
    assert_eq!(world.send(confirm(&typed))["step"], "signedIn");
}

#[test]
fn a_wrong_code_stays_in_the_step_and_the_right_one_still_works() {
    let pool = LocalPool::new();
    let mut world = World::with(&pool);
    world.send(sign_up(json!({ "email": EMAIL })));
    let snapshot = world.send(confirm(&other_code(&pool.code())));
    assert_eq!(snapshot["step"], "confirmSignUp");
    assert_eq!(snapshot["error"]["code"], "codeMismatch");
    assert_eq!(world.send(confirm(&pool.code()))["step"], "signedIn");
}

#[test]
fn a_user_who_needs_no_confirmation_is_signed_in_at_once() {
    let mut world = World::scripted();
    world
        .expect(
            "SignUp",
            ok(json!({ "UserConfirmed": true, "UserSub": "sub" })),
        )
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", verified_user());
    assert_eq!(
        world.send(sign_up(json!({ "email": EMAIL })))["step"],
        "signedIn"
    );
}

#[test]
fn a_sign_up_without_any_contact_says_that_no_code_was_sent() {
    let mut world = World::with(&LocalPool::new());
    let snapshot = world.send(sign_up(json!({})));
    assert_eq!(snapshot["step"], "confirmSignUp");
    assert_eq!(snapshot["delivery"], Value::Null);
    assert_eq!(snapshot["codeExpiresAt"], Value::Null);
}

#[test]
fn coming_back_later_a_name_and_a_code_confirm() {
    let pool = LocalPool::new();
    World::with(&pool).send(sign_up(json!({ "email": EMAIL })));
    let mut world = World::with(&pool);
    let event = json!({ "type": "confirmSignUp", "code": pool.code(), "username": USER });
    let snapshot = world.send(event);
    assert_eq!(
        snapshot,
        json!({
            "step": "signedOut", "username": USER, "busy": null, "error": null
        })
    );
    assert_eq!(world.send(sign_in())["step"], "signedIn");
}

#[test]
fn coming_back_later_with_a_wrong_code_leads_to_where_another_can_be_asked_for() {
    let pool = LocalPool::new();
    World::with(&pool).send(sign_up(json!({ "email": EMAIL })));
    let mut world = World::with(&pool);
    let code = other_code(&pool.code());
    let snapshot = world.send(json!({ "type": "confirmSignUp", "code": code, "username": USER }));
    assert_eq!(snapshot["step"], "confirmSignUp");
    assert_eq!(snapshot["error"]["code"], "codeMismatch");
    assert_eq!(world.send(event("resendCode"))["error"], Value::Null);
    assert_eq!(world.send(confirm(&pool.code()))["step"], "signedOut");
}

#[test]
fn an_unconfirmed_user_who_signs_in_is_led_to_confirm_and_then_signed_in() {
    let pool = LocalPool::new();
    World::with(&pool).send(sign_up(json!({ "email": EMAIL })));
    let mut world = World::with(&pool);
    let snapshot = world.send(sign_in());
    assert_eq!(snapshot["step"], "confirmSignUp");
    assert_eq!(snapshot["error"]["code"], "userNotConfirmed");
    assert_eq!(
        snapshot["resendAt"],
        Value::Null,
        "a code may be asked for at once"
    );
    world.send(event("resendCode"));
    assert_eq!(world.send(confirm(&pool.code()))["step"], "signedIn");
}

#[test]
fn another_code_can_be_asked_for_when_the_cool_down_is_over() {
    let pool = LocalPool::new();
    let mut world = World::with(&pool);
    world.send(sign_up(json!({ "email": EMAIL })));
    let first = pool.code();
    world.pass(30.0 * SECOND);
    assert_eq!(world.snapshot()["resendAt"], Value::Null);
    let snapshot = world.send(event("resendCode"));
    assert_eq!(
        snapshot["resendAt"],
        json!(world.clock.wall + 30.0 * SECOND)
    );
    assert_eq!(snapshot["codeExpiresAt"], json!(world.clock.wall + DAY));
    assert_eq!(world.send(confirm(&first))["error"]["code"], "codeMismatch");
    assert_eq!(world.send(confirm(&pool.code()))["step"], "signedIn");
}

#[test]
fn a_sign_up_that_was_confirmed_elsewhere_goes_on_by_itself() {
    let pool = LocalPool::new();
    let mut world = World::with(&pool);
    world.send(sign_up(json!({ "email": EMAIL })));
    pool.admin(
        "AdminConfirmSignUp",
        json!({ "Username": USER }),
        world.clock.wall,
    );
    let mut verified = world.send(confirm("123456"));
    assert_eq!(verified["step"], "verifyAttribute");
    verified = world.send(event("skipVerification"));
    assert_eq!(verified["step"], "signedIn");
}

#[test]
fn asking_for_a_code_after_being_confirmed_elsewhere_signs_in() {
    let pool = LocalPool::new();
    let mut world = World::with_options(&pool, json!({ "verify": { "when": "never" } }));
    world.send(sign_up(json!({ "email": EMAIL })));
    pool.admin(
        "AdminConfirmSignUp",
        json!({ "Username": USER }),
        world.clock.wall,
    );
    world.pass(30.0 * SECOND);
    assert_eq!(world.send(event("resendCode"))["step"], "signedIn");
}

#[test]
fn the_password_is_forgotten_after_ten_minutes() {
    let pool = LocalPool::new();
    let mut world = World::with(&pool);
    world.send(sign_up(json!({ "email": EMAIL })));
    world.pass(10.0 * MINUTE);
    assert_eq!(world.send(confirm(&pool.code()))["step"], "signedOut");
}

#[test]
fn leaving_keeps_the_name_and_forgets_the_password() {
    let pool = LocalPool::new();
    let mut world = World::with(&pool);
    world.send(sign_up(json!({ "email": EMAIL })));
    let left = world.send(event("cancel"));
    assert_eq!(
        left,
        json!({
            "step": "signedOut", "username": USER, "busy": null, "error": null
        })
    );
    let code = pool.code();
    let back = json!({ "type": "confirmSignUp", "code": code, "username": USER });
    assert_eq!(world.send(back)["step"], "signedOut");
}

#[test]
fn a_name_that_is_taken_stays_in_the_form() {
    let pool = LocalPool::new();
    World::with(&pool).send(sign_up(json!({ "email": EMAIL })));
    let snapshot = World::with(&pool).send(sign_up(json!({ "email": EMAIL })));
    assert_eq!(snapshot["error"]["code"], "userExists");
    assert_eq!(snapshot["username"], USER);
}

#[test]
fn the_apps_metadata_goes_along_with_each_call_of_the_sign_up() {
    let pool = LocalPool::new();
    let metadata = json!({ "campaign": "spring" });
    let mut world = World::with_options(&pool, json!({ "clientMetadata": metadata }));
    world.send(sign_up(json!({ "email": EMAIL })));
    world.pass(MINUTE);
    world.send(event("resendCode"));
    world.send(confirm(&pool.code()));
    for operation in [
        "SignUp",
        "ResendConfirmationCode",
        "ConfirmSignUp",
        "InitiateAuth",
        "RespondToAuthChallenge",
    ] {
        assert_eq!(
            world.body_of(operation)["ClientMetadata"],
            metadata,
            "{operation}"
        );
    }
}
