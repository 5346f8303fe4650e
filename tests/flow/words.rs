//! The pool's own words: which error they mean, what of them is shown, and what never is.

use serde_json::{Value, json};

use crate::support::*;

const POLICY: &str = "Password did not conform with policy: Password not long enough";

/// The operations that carry a new password.
const CARRY: [&str; 3] = ["SignUp", "RespondToAuthChallenge", "ConfirmForgotPassword"];

/// A world in which a new password can be given, so that this operation carries it.
fn before(operation: &str) -> World {
    let mut world = World::scripted();
    match operation {
        "SignUp" => {}
        "RespondToAuthChallenge" => {
            world.expect("InitiateAuth", new_password_challenge());
            world.send(sign_in());
        }
        _ => {
            world.expect("ForgotPassword", email_sent());
            world.send(forgot());
        }
    }
    world
}

fn event_with(operation: &str, password: &str) -> Value {
    match operation {
        "SignUp" => json!({ "type": "signUp", "username": USER, "password": password }),
        "RespondToAuthChallenge" => json!({ "type": "setNewPassword", "password": password }),
        _ => json!({ "type": "resetPassword", "code": "123456", "password": password }),
    }
}

/// What is shown of the pool's words about this password.
fn shown_of(operation: &str, password: &str, words: &str) -> String {
    let mut world = before(operation);
    world.expect(operation, refused("InvalidPasswordException", words));
    world.send(event_with(operation, password));
    assert_eq!(world.error(), "invalidPassword");
    world.snapshot()["error"]["message"]
        .as_str()
        .unwrap()
        .into()
}

#[test]
fn a_password_repeated_in_any_form_is_not_shown_and_the_rest_is() {
    for (password, repeated) in [
        ("Correct-Horse-9", "Correct-Horse-9"),
        ("Correct-Horse-9", "correct-horse-9"),
        ("Correct-Horse-9", "CORRECT-HORSE-9"),
        (" Correct-Horse-9 ", "Correct-Horse-9"),
        ("\tCorrect-Horse-9\n", "correct-horse-9"),
        ("Correct\"Horse\\9", "Correct\\\"Horse\\\\9"),
        ("Äpfel-Größe-99", "Äpfel-Größe-99"),
        ("名前パスワード", "名前パスワード"),
    ] {
        for operation in CARRY {
            let words = format!("{POLICY}: '{repeated}' has no symbol");
            let shown = shown_of(operation, password, &words);
            assert!(!shown.contains(repeated), "{operation}: {shown}");
            assert!(shown.starts_with(POLICY), "{operation}: {shown}");
            assert!(shown.ends_with("has no symbol"), "{operation}: {shown}");
        }
    }
}

#[test]
fn a_password_that_is_repeated_trimmed_and_escaped_at_once_is_not_shown() {
    for (password, repeated) in [
        (" Correct\"Horse9", "Correct\\\"Horse9"),
        ("Correct\\Horse9\t", "Correct\\\\Horse9"),
        ("Correct\tHorse-9", "Correct\\tHorse-9"),
        ("\u{a0}Correct-Horse-9\u{a0}", "Correct-Horse-9"),
        ("\u{3000}名前パスワード", "名前パスワード"),
    ] {
        let words = format!("{POLICY}: '{repeated}' has no symbol");
        let shown = shown_of("SignUp", password, &words);
        assert!(!shown.contains(repeated), "{shown}");
    }
}

#[test]
fn a_password_with_other_letters_than_english_ones_repeated_in_other_case_is_not_shown() {
    for repeated in ["äpfel-größe-99", "ÄPFEL-GRÖßE-99"] {
        let words = format!("{POLICY}: '{repeated}' has no symbol");
        let shown = shown_of("SignUp", "Äpfel-Größe-99", &words);
        assert!(!shown.contains(repeated), "{shown}");
    }
}

#[test]
fn the_words_about_a_short_common_or_empty_password_are_shown() {
    for password in ["", "a", "o", "no", "9", "pol", " "] {
        for operation in CARRY {
            let shown = shown_of(operation, password, POLICY);
            assert_eq!(shown, POLICY, "{operation} {password:?}");
        }
    }
    // Of one that is a word of the sentence, the sentence is left.
    let shown = shown_of("SignUp", "policy", POLICY);
    assert!(shown.contains("did not conform with"), "{shown}");
    assert!(shown.contains("not long enough"), "{shown}");
}

#[test]
fn the_words_about_an_empty_password_are_shown_where_the_pool_validates() {
    let words = "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must have length greater than or equal to 6";
    let mut world = World::scripted();
    world.expect("SignUp", refused("InvalidParameterException", words));
    world.send(event_with("SignUp", ""));
    assert_eq!(world.error(), "invalidPassword");
    assert_eq!(world.snapshot()["error"]["message"], words);
}

#[test]
fn a_code_as_it_was_typed_is_not_shown_nor_as_it_was_sent() {
    for (typed, repeated) in [
        ("123456", "123456"),
        ("123 456", "123 456"),
        ("123 456", "123456"),
        (" 123-456 ", "123-456"),
        ("１２３４５６", "１２３４５６"),
        ("Your code is 654321.", "654321"),
        ("ABCD-1234", "abcd1234"),
    ] {
        let words = format!("Code '{repeated}' is of the wrong kind");
        let mut confirming = World::scripted();
        confirming.expect("SignUp", signed_up()).expect(
            "ConfirmSignUp",
            refused("InvalidParameterException", &words),
        );
        confirming.send(sign_up(json!({})));
        confirming.send(confirm(typed));
        let mut answering = World::scripted();
        answering.expect("InitiateAuth", sms_challenge()).expect(
            "RespondToAuthChallenge",
            refused("InvalidParameterException", &words),
        );
        answering.send(sign_in());
        answering.send(submit(typed));
        let mut verifying = alice_verifying();
        verifying.expect(
            "VerifyUserAttribute",
            refused("InvalidParameterException", &words),
        );
        verifying.send(submit(typed));
        for world in [confirming, answering, verifying] {
            let message = world.snapshot()["error"]["message"].clone();
            let message = message.as_str().unwrap();
            assert!(!message.contains(repeated), "{typed}: {message}");
            assert!(message.ends_with("is of the wrong kind"), "{message}");
        }
    }
}

#[test]
fn both_passwords_of_a_change_and_a_token_are_not_shown() {
    let words = format!("'{PASSWORD}', '{OTHER_PASSWORD}', '{ACCESS_TOKEN}': no");
    let mut world = alice();
    world.expect(
        "ChangePassword",
        refused("InvalidParameterException", &words),
    );
    let passwords = json!({ "current": PASSWORD, "next": OTHER_PASSWORD });
    let error = world.call("changePassword", passwords).unwrap_err();
    for secret in [PASSWORD, OTHER_PASSWORD, ACCESS_TOKEN] {
        assert!(!error.message().contains(secret), "{error}");
    }
    assert!(error.message().ends_with(": no"), "{error}");
}

#[test]
fn words_are_cut_by_characters_and_never_inside_one() {
    for text in ["名", "é", "😀", "a"] {
        for length in [166, 167, 499, 500, 501, 2_000] {
            let words = text.repeat(length);
            let shown = shown_of("SignUp", PASSWORD, &words);
            assert_eq!(shown.chars().count(), length.min(500), "{text} {length}");
            assert!(words.starts_with(&shown));
        }
    }
}

#[test]
fn a_triggers_own_words_come_alone() {
    for trigger in [
        "PreSignUp",
        "PreAuthentication",
        "PostConfirmation",
        "CustomMessage",
        "UserMigration",
        "PreTokenGeneration",
    ] {
        for (said, shown) in [
            ("Only staff may sign up.", "Only staff may sign up."),
            ("Nur für Angestellte!", "Nur für Angestellte!"),
            ("社員のみ", "社員のみ"),
            ("Import failed with error 7", "Import failed with error 7"),
            ("Wait...", "Wait..."),
        ] {
            let words = format!("{trigger} failed with error {said}.");
            let mut world = World::scripted();
            world.expect("SignUp", refused("UserLambdaValidationException", &words));
            world.send(sign_up(json!({})));
            assert_eq!(world.error(), "invalidParameter");
            assert_eq!(world.snapshot()["error"]["message"], shown, "{words}");
        }
    }
}

#[test]
fn words_that_are_no_triggers_are_left_as_they_are() {
    for words in [
        "Attributes did not conform to the schema: shop: the check failed with error 7.",
        "Value failed with error 5.",
        "A sentence. And another.",
    ] {
        let mut world = World::scripted();
        world.expect("SignUp", refused("InvalidParameterException", words));
        world.send(sign_up(json!({})));
        assert_eq!(world.snapshot()["error"]["message"], words);
    }
}

#[test]
fn only_the_pools_words_for_a_wrong_password_are_a_wrong_password() {
    let own = [
        "Incorrect username or password.",
        "Incorrect username or password",
    ];
    let others = [
        "Temporary password has expired and must be reset by an administrator.",
        "Request not allowed due to security reasons.",
        "Unable to verify secret hash for client scripted0client",
        "Client scripted0client is configured with secret but SECRET_HASH was not received",
        "PreAuthentication refused this.",
        "Auth flow not enabled for this client",
        "User pool client does not exist or password auth is off",
        "",
    ];
    let cases = own
        .iter()
        .map(|words| (*words, "wrongCredentials"))
        .chain(others.iter().map(|words| (*words, "refused")));
    for (words, code) in cases {
        let refusal = || refused("NotAuthorizedException", words);
        let mut world = World::scripted();
        world.expect("InitiateAuth", refusal());
        world.send(sign_in());
        assert_eq!(
            (world.step(), world.error()),
            ("signedOut".into(), code.into()),
            "{words}"
        );
        let message = world.snapshot()["error"]["message"].clone();
        if code == "refused" && !words.is_empty() {
            assert_eq!(message, words, "the pool's words are shown");
        }
        let mut world = World::scripted();
        world
            .expect("InitiateAuth", sms_challenge())
            .expect("RespondToAuthChallenge", refusal());
        world.send(sign_in());
        world.send(submit("123456"));
        assert_eq!(
            (world.step(), world.error()),
            ("signedOut".into(), code.into()),
            "{words}"
        );
        let mut world = alice();
        world.expect("ChangePassword", refusal());
        let passwords = json!({ "current": "Wrong-9-wrong", "next": OTHER_PASSWORD });
        let error = world.call("changePassword", passwords).unwrap_err();
        assert_eq!(error.code.as_str(), code, "{words}");
        assert_eq!(world.step(), "signedIn");
    }
}

#[test]
fn an_attribute_is_named_by_its_whole_name_and_none_where_the_user_name_was_refused() {
    let schema = "Attributes did not conform to the schema: ";
    for (words, attribute) in [
        (
            format!("{schema}custom:store_name: Attribute does not exist in the schema.\n"),
            json!("custom:store_name"),
        ),
        (
            format!("{schema}custom:store-name: The attribute is required\n"),
            json!("custom:store-name"),
        ),
        (
            format!("{schema}dev:custom:store: too long"),
            json!("dev:custom:store"),
        ),
        (format!("{schema}custom:a.b: too long"), json!("custom:a.b")),
        (
            format!("{schema}phone_number: The attribute is required\n"),
            json!("phone_number"),
        ),
        (
            format!("{schema}birthdate: Invalid date: 12: 13\n"),
            json!("birthdate"),
        ),
        ("Invalid phone number format.".into(), json!("phone_number")),
        ("Invalid email address format.".into(), json!("email")),
        ("Username should be an email.".into(), Value::Null),
        ("Username should be a phone number.".into(), Value::Null),
        (
            "Username should be either an email or a phone number.".into(),
            Value::Null,
        ),
        (
            "Username cannot be of email format, since user pool is configured for email alias."
                .into(),
            Value::Null,
        ),
        (format!("{schema}<b>: no"), Value::Null),
        (format!("{schema}: no"), Value::Null),
    ] {
        let mut world = World::scripted();
        world.expect("SignUp", refused("InvalidParameterException", &words));
        world.send(sign_up(json!({})));
        assert_eq!(world.error(), "invalidParameter", "{words}");
        assert_eq!(world.snapshot()["error"]["attribute"], attribute, "{words}");
    }
}

#[test]
fn against_the_pool_a_custom_attribute_that_is_too_long_is_named_whole() {
    let schema = json!([{ "Name": "store_name", "AttributeDataType": "String",
        "StringAttributeConstraints": { "MinLength": "1", "MaxLength": "5" } }]);
    let pool = LocalPool::with(json!({ "Schema": schema }), json!({}));
    let mut world = World::with(&pool);
    world.send(sign_up(
        json!({ "email": EMAIL, "custom:store_name": "far too long" }),
    ));
    assert_eq!(world.error(), "invalidParameter");
    assert_eq!(world.snapshot()["error"]["attribute"], "custom:store_name");
}
