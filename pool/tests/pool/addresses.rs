//! Addresses of users: by which one can sign in, whose they are, and when a changed one counts.

use crate::common::*;
use serde_json::{Value, json};

const OTHER: &str = "other@example.org";

fn user(local: &mut Local, name: &str) -> Value {
    local.ok("AdminGetUser", of(name, json!({})))
}

fn email(local: &mut Local, name: &str) -> [Option<String>; 2] {
    let user = user(local, name);
    ["email", "email_verified"].map(|it| attribute(&user, it))
}

fn changes(tokens: &Value, attributes: &[(&str, &str)]) -> Value {
    json!({ "AccessToken": tokens["AccessToken"], "UserAttributes": pairs(attributes) })
}

fn verify(local: &mut Local, tokens: &Value, code: &str) -> Result<Value, Exception> {
    let input =
        json!({ "AccessToken": tokens["AccessToken"], "AttributeName": "email", "Code": code });
    local.call("VerifyUserAttribute", input)
}

/// Who signs in by that name, if anybody does.
fn who(local: &mut Local, name: &str) -> Option<String> {
    let reply = local.initiate(name, PASSWORD).ok()?;
    let user = local.user(&reply["AuthenticationResult"]);
    Some(user["Username"].as_str().unwrap().into())
}

/// Alice and Bob, of whom Alice signs in by her email too.
fn both(more: Value) -> (Local, Value, Value) {
    let mut local = Local::verifying(with(json!({ "AliasAttributes": ["email"] }), more));
    settled(
        &mut local,
        "alice",
        &[("email", EMAIL), ("email_verified", "true")],
    );
    settled(&mut local, "bob", &[]);
    let [alice, bob] = ["alice", "bob"].map(|name| local.tokens(name));
    assert_eq!(who(&mut local, EMAIL).as_deref(), Some("alice"));
    (local, alice, bob)
}

/// The guide, "Customizing sign-in attributes": an alias is one person's, once it is verified.
#[test]
fn a_changed_address_is_a_name_once_it_is_verified_and_the_old_one_is_free() {
    let (mut local, alice, bob) = both(json!({}));
    local.ok("UpdateUserAttributes", changes(&alice, &[("email", OTHER)]));
    assert_eq!(who(&mut local, EMAIL), None);
    assert_eq!(who(&mut local, OTHER), None);
    let code = local.code(OTHER);
    verify(&mut local, &alice, &code).unwrap();
    assert_eq!(who(&mut local, OTHER).as_deref(), Some("alice"));

    local.ok("UpdateUserAttributes", changes(&bob, &[("email", EMAIL)]));
    let code = local.code(EMAIL);
    verify(&mut local, &bob, &code).unwrap();
    assert_eq!(who(&mut local, EMAIL).as_deref(), Some("bob"));
}

#[test]
fn an_old_address_stays_a_name_until_the_new_one_is_verified_where_the_pool_says_so() {
    let keeping = json!({ "UserAttributeUpdateSettings":
        { "AttributesRequireVerificationBeforeUpdate": ["email"] } });
    let (mut local, alice, bob) = both(keeping);
    let told = local.ok("UpdateUserAttributes", changes(&alice, &[("email", OTHER)]));
    let details = &told["CodeDeliveryDetailsList"];
    assert_eq!(details[0]["AttributeName"], "email");
    assert_eq!(details.as_array().unwrap().len(), 1);
    assert_eq!(who(&mut local, EMAIL).as_deref(), Some("alice"));
    // A code that is asked for goes to the new address, which alone waits for one.
    let ask = json!({ "AccessToken": alice["AccessToken"], "AttributeName": "email" });
    local.ok("GetUserAttributeVerificationCode", ask);
    assert_eq!(local.outbox().last().unwrap()["to"], OTHER);
    let code = local.code(OTHER);
    verify(&mut local, &alice, &code).unwrap();
    assert_eq!(who(&mut local, OTHER).as_deref(), Some("alice"));
    assert_eq!(who(&mut local, EMAIL), None);

    local.ok("UpdateUserAttributes", changes(&bob, &[("email", EMAIL)]));
    let code = local.code(EMAIL);
    verify(&mut local, &bob, &code).unwrap();
    assert_eq!(who(&mut local, EMAIL).as_deref(), Some("bob"));

    // What is taken back waits for nothing; what is taken away is gone at once.
    local.ok(
        "UpdateUserAttributes",
        changes(&alice, &[("email", "third@example.org")]),
    );
    let code = local.code("third@example.org");
    local.ok("UpdateUserAttributes", changes(&alice, &[("email", OTHER)]));
    verify(&mut local, &alice, &code).unwrap();
    assert_eq!(
        email(&mut local, "alice"),
        [Some(OTHER.into()), Some("true".into())]
    );
    local.ok("UpdateUserAttributes", changes(&alice, &[("email", "")]));
    assert_eq!(email(&mut local, "alice"), [None, None]);
    // An administrator's word counts at once.
    let by_administrator = json!({ "UserAttributes": pairs(&[("email", OTHER)]) });
    local.ok("AdminUpdateUserAttributes", of("alice", by_administrator));
    assert_eq!(
        email(&mut local, "alice"),
        [Some(OTHER.into()), Some("false".into())]
    );
}

#[test]
fn what_is_said_again_changes_nothing() {
    let (mut local, alice, _) = both(json!({}));
    let told = local.ok("UpdateUserAttributes", changes(&alice, &[("email", EMAIL)]));
    assert_eq!(told["CodeDeliveryDetailsList"], json!([]));
    assert!(local.outbox().is_empty());
    assert_eq!(
        email(&mut local, "alice"),
        [Some(EMAIL.into()), Some("true".into())]
    );
    // Nor does verifying what is verified already.
    let ask = json!({ "AccessToken": alice["AccessToken"], "AttributeName": "email" });
    local.ok("GetUserAttributeVerificationCode", ask);
    let code = local.code(EMAIL);
    verify(&mut local, &alice, &code).unwrap();
    assert_eq!(who(&mut local, EMAIL).as_deref(), Some("alice"));
}

#[test]
fn an_address_that_somebody_else_signs_in_by_is_given_up_without_harm() {
    let (mut local, _, bob) = both(json!({}));
    local.ok("UpdateUserAttributes", changes(&bob, &[("email", EMAIL)]));
    let code = local.code(EMAIL);
    assert_eq!(
        verify(&mut local, &bob, &code).unwrap_err(),
        Exception(
            "AliasExistsException".into(),
            "An account with the given email already exists.".into()
        )
    );
    for given_up in [("email", OTHER), ("email", EMAIL)] {
        local.ok("UpdateUserAttributes", changes(&bob, &[given_up]));
        assert_eq!(who(&mut local, EMAIL).as_deref(), Some("alice"));
    }
    let gone = json!({ "AccessToken": bob["AccessToken"], "UserAttributeNames": ["email"] });
    local.ok("DeleteUserAttributes", gone);
    assert_eq!(who(&mut local, EMAIL).as_deref(), Some("alice"));
    local.ok("AdminDeleteUser", of("bob", json!({})));
    assert_eq!(who(&mut local, EMAIL).as_deref(), Some("alice"));
}

#[test]
fn a_deleted_address_is_no_name_and_its_code_no_proof() {
    let (mut local, alice, bob) = both(json!({}));
    let ask = json!({ "AccessToken": alice["AccessToken"], "AttributeName": "email" });
    local.ok("GetUserAttributeVerificationCode", ask);
    let code = local.code(EMAIL);
    let gone = json!({ "AccessToken": alice["AccessToken"], "UserAttributeNames": ["email"] });
    local.ok("DeleteUserAttributes", gone);
    assert_eq!(email(&mut local, "alice"), [None, None]);
    assert_eq!(who(&mut local, EMAIL), None);
    assert_eq!(
        verify(&mut local, &alice, &code).unwrap_err().0,
        "ExpiredCodeException"
    );
    local.ok("UpdateUserAttributes", changes(&bob, &[("email", EMAIL)]));
    let code = local.code(EMAIL);
    verify(&mut local, &bob, &code).unwrap();
    assert_eq!(who(&mut local, EMAIL).as_deref(), Some("bob"));
}

/// A code is good once, by a user who has the attribute.
#[test]
fn codes_are_for_the_two_addresses_that_a_user_has() {
    let (mut local, alice, bob) = both(json!({}));
    let ask = |tokens: &Value, name: &str| json!({ "AccessToken": tokens["AccessToken"], "AttributeName": name });
    let no = invalid("Invalid attribute: name cannot be verified.");
    assert_eq!(
        local.refused("GetUserAttributeVerificationCode", ask(&alice, "name")),
        no
    );
    let check = with(ask(&alice, "name"), json!({ "Code": "123456" }));
    assert_eq!(local.refused("VerifyUserAttribute", check), no);
    for name in ["email", "phone_number"] {
        assert_eq!(
            local.refused("GetUserAttributeVerificationCode", ask(&bob, name)),
            invalid(&format!("User does not have an attribute {name}."))
        );
    }
    // The code for one proves nothing of the other.
    local.ok(
        "UpdateUserAttributes",
        changes(&alice, &[("phone_number", PHONE)]),
    );
    let code = local.code(PHONE);
    assert_eq!(
        verify(&mut local, &alice, &code).unwrap_err().0,
        "ExpiredCodeException"
    );
    // Nor does another address make it worthless.
    local.ok("UpdateUserAttributes", changes(&alice, &[("email", OTHER)]));
    let phone = with(ask(&alice, "phone_number"), json!({ "Code": code }));
    local.ok("VerifyUserAttribute", phone);
    let alice = user(&mut local, "alice");
    let verified = attribute(&alice, "phone_number_verified");
    assert_eq!(verified.as_deref(), Some("true"));
}

/// [D] the guide's table: a code to verify an address lives for a day.
#[test]
fn a_code_for_an_address_lives_a_day() {
    let client = json!({ "ClientId": CLIENT, "AccessTokenValidity": 24,
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"] });
    let mut local = Local::verifying(json!({ "Clients": [client] }));
    settled(&mut local, "alice", &[("email", EMAIL)]);
    let tokens = local.tokens("alice");
    let ask = json!({ "AccessToken": tokens["AccessToken"], "AttributeName": "email" });
    local.ok("GetUserAttributeVerificationCode", ask.clone());
    let code = local.code(EMAIL);
    local.advance(DAY);
    let tokens = local.tokens("alice");
    assert_eq!(
        verify(&mut local, &tokens, &code).unwrap_err().0,
        "ExpiredCodeException"
    );
    local.ok(
        "GetUserAttributeVerificationCode",
        with(ask, json!({ "AccessToken": tokens["AccessToken"] })),
    );
    let code = local.code(EMAIL);
    local.advance(DAY - 1);
    verify(&mut local, &tokens, &code).unwrap();
}

/// One who has no preferred name has not the same one as others who have none.
#[test]
fn a_blank_name_is_nobodys() {
    let mut local = Local::verifying(json!({ "AliasAttributes": ["preferred_username"] }));
    for name in ["alice", "bob"] {
        settled(&mut local, name, &[("preferred_username", name)]);
    }
    let blank = json!({ "UserAttributes": pairs(&[("preferred_username", "")]) });
    for name in ["alice", "bob"] {
        local.ok("AdminUpdateUserAttributes", of(name, blank.clone()));
        assert_eq!(
            attribute(&user(&mut local, name), "preferred_username"),
            None
        );
    }
}

/// Where the address is the user name it is changed at once, and is one person's.
#[test]
fn an_address_that_is_the_user_name_is_changed_at_once() {
    let mut local = Local::verifying(json!({ "UsernameAttributes": ["email"] }));
    settled(&mut local, EMAIL, &[]);
    settled(&mut local, "bob@example.com", &[]);
    let tokens = local.tokens(EMAIL);
    let taken = local.refused(
        "UpdateUserAttributes",
        changes(&tokens, &[("email", "bob@example.com")]),
    );
    assert_eq!(taken.0, "AliasExistsException");
    local.ok(
        "UpdateUserAttributes",
        changes(&tokens, &[("email", OTHER)]),
    );
    assert!(who(&mut local, OTHER).is_some());
    assert_eq!(who(&mut local, EMAIL), None);
    let sign_up = json!({ "ClientId": CLIENT, "Username": EMAIL, "Password": PASSWORD });
    local.ok("SignUp", sign_up);
}

/// The guide, "Managing user existence error responses": a delivery is made up, and it looks like one.
#[test]
fn a_made_up_delivery_looks_like_a_real_one() {
    let hidden = json!([{ "ClientId": CLIENT, "PreventUserExistenceErrors": "ENABLED" }]);
    let forgot = |local: &mut Local, name: &str| {
        let input = json!({ "ClientId": CLIENT, "Username": name });
        local.ok("ForgotPassword", input)["CodeDeliveryDetails"].clone()
    };
    let mut local = Local::verifying(json!({ "Clients": hidden }));
    let mut seen = std::collections::BTreeSet::new();
    for name in ["anna", "bert", "carl", "dora", "emil"] {
        let told = forgot(&mut local, name);
        assert_eq!(told["AttributeName"], "phone_number");
        assert_eq!(told["DeliveryMedium"], "SMS");
        let destination = told["Destination"].as_str().unwrap();
        let digits = destination.strip_prefix("+*******").unwrap();
        assert_eq!(digits.len(), 4, "{destination}");
        assert!(
            digits.bytes().all(|it| it.is_ascii_digit()),
            "{destination}"
        );
        assert_eq!(forgot(&mut local, name), told);
        seen.insert(digits.to_owned());
    }
    assert_eq!(seen.len(), 5, "each has another phone");

    let by_email = json!({ "Clients": hidden, "AutoVerifiedAttributes": ["email"] });
    let mut local = Local::verifying(by_email);
    for (name, destination) in [("nobody", "n***@e***"), ("bob@site.org", "b***@s***")] {
        assert_eq!(
            forgot(&mut local, name),
            json!({ "AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": destination })
        );
    }
}

#[test]
fn a_sign_up_is_confirmed_by_the_address_that_there_is() {
    for (attributes, carrier) in [
        (vec![("email", EMAIL)], Some("email")),
        (vec![("phone_number", PHONE)], Some("phone_number")),
        (vec![], None),
    ] {
        let mut local = Local::verifying(json!({}));
        let reply = local.ok(
            "SignUp",
            json!({ "ClientId": CLIENT, "Username": "alice", "Password": PASSWORD,
                "UserAttributes": pairs(&attributes) }),
        );
        let told = reply.get("CodeDeliveryDetails");
        let told = told.map(|it| it["AttributeName"].as_str().unwrap());
        assert_eq!(told, carrier);
    }
}
