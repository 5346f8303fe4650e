//! ListUsers: filters, pages, and what of a user is shown.

use crate::common::*;
use serde_json::{Value, json};

fn list(local: &mut Local, more: Value) -> Result<Value, Exception> {
    local.call("ListUsers", with(json!({ "UserPoolId": POOL }), more))
}

fn found(local: &mut Local, filter: &str) -> Vec<String> {
    column(
        &list(local, json!({ "Filter": filter })).unwrap()["Users"],
        "Username",
    )
}

fn four() -> Local {
    let mut local = Local::new(json!({}));
    for (name, attributes) in [
        (
            "anna",
            vec![("email", "anna@example.com"), ("given_name", "Anna")],
        ),
        (
            "bert",
            vec![("email", "bert@example.org"), ("phone_number", PHONE)],
        ),
        (
            "carl",
            vec![("preferred_username", "ca\"rl"), ("given_name", "Carl's")],
        ),
        (
            "dora",
            vec![("name", "Dora"), ("family_name", "Doe"), ("given_name", "")],
        ),
    ] {
        made(&mut local, name, &attributes);
    }
    local.ok("AdminDisableUser", of("dora", json!({})));
    let more = json!({ "Password": PASSWORD, "Permanent": true });
    local.ok("AdminSetUserPassword", of("anna", more));
    local
}

/// The API reference, ListUsers: the attributes that one can search by, `=` and `^=`.
#[test]
fn each_attribute_that_can_be_searched_by_finds_its_users() {
    let mut local = four();
    let sub = attribute(&local.ok("AdminGetUser", of("carl", json!({}))), "sub").unwrap();
    for (filter, expected) in [
        ("username = \"anna\"", vec!["anna"]),
        ("username = \"ann\"", vec![]),
        ("username ^= \"ann\"", vec!["anna"]),
        ("email = \"anna@example.com\"", vec!["anna"]),
        ("email ^= \"anna@\"", vec!["anna"]),
        ("email ^= \"anna@example.com.\"", vec![]),
        ("phone_number = \"+12065550108\"", vec!["bert"]),
        ("phone_number ^= \"+1206\"", vec!["bert"]),
        ("name = \"Dora\"", vec!["dora"]),
        ("family_name = \"Doe\"", vec!["dora"]),
        ("given_name = \"Anna\"", vec!["anna"]),
        ("given_name ^= \"A\"", vec!["anna"]),
        ("preferred_username = \"ca\\\"rl\"", vec!["carl"]),
        ("given_name = 'Anna'", vec!["anna"]),
        ("\"given_name\"=\"Anna\"", vec!["anna"]),
        ("  given_name  ^=  \"Ann\"  ", vec!["anna"]),
        ("status = \"Enabled\"", vec!["anna", "bert", "carl"]),
        ("status = \"Disabled\"", vec!["dora"]),
        ("cognito:user_status = \"CONFIRMED\"", vec!["anna"]),
        (
            "cognito:user_status ^= \"force\"",
            vec!["bert", "carl", "dora"],
        ),
        (&format!("sub = \"{sub}\""), vec!["carl"]),
        (&format!("sub ^= \"{}\"", &sub[..9]), vec!["carl"]),
        // Who has none has an empty one.
        ("email = \"\"", vec!["carl", "dora"]),
        ("given_name = \"\"", vec!["bert", "dora"]),
        ("email ^= \"\"", vec!["anna", "bert", "carl", "dora"]),
    ] {
        assert_eq!(found(&mut local, filter), expected, "{filter}");
    }
    assert_eq!(found(&mut local, ""), ["anna", "bert", "carl", "dora"]);
    for (filter, words) in [
        ("nickname = \"x\"", "Invalid search attribute: nickname"),
        ("given_name = \"x'", "Error while parsing filter."),
        ("given_name = \"", "Error while parsing filter."),
        ("given_name = '", "Error while parsing filter."),
        (" = \"x\"", "Error while parsing filter."),
        ("given_name", "Error while parsing filter."),
    ] {
        assert_eq!(
            list(&mut local, json!({ "Filter": filter })).unwrap_err().1,
            words,
            "{filter}"
        );
    }
}

fn pages(local: &mut Local, more: Value) -> Vec<Vec<String>> {
    let input = with(json!({ "UserPoolId": POOL }), more);
    local.pages(("ListUsers", "Users", "Username"), input)
}

#[test]
fn users_are_listed_by_pages_whatever_they_are_searched_by() {
    let mut local = Local::new(json!({}));
    for name in ["anna", "bert", "carl"] {
        let email = format!("a.{name}@example.com");
        made(
            &mut local,
            name,
            &[("email", &email), ("given_name", "A"), ("family_name", "B")],
        );
    }
    for filter in [
        "",
        "given_name = \"A\"",
        "family_name ^= \"B\"",
        "email ^= \"a.\"",
        "cognito:user_status = \"FORCE_CHANGE_PASSWORD\"",
        "status ^= \"Enab\"",
    ] {
        let mut by = |limit: u64| pages(&mut local, json!({ "Filter": filter, "Limit": limit }));
        assert_eq!(by(1), [["anna"], ["bert"], ["carl"]], "{filter}");
        assert_eq!(by(2), [vec!["anna", "bert"], vec!["carl"]], "{filter}");
        assert_eq!(by(3), [["anna", "bert", "carl"]], "{filter}");
    }
}

/// A user name has any letters, a token does not; what no page has given is none.
#[test]
fn a_page_begins_after_any_name() {
    let mut local = Local::new(json!({}));
    let all = ["A+b", "z@x.y", "äöü", "日本"];
    for name in all {
        made(&mut local, name, &[]);
    }
    let seen = pages(&mut local, json!({ "Limit": 1 }));
    assert_eq!(seen.concat(), all);
    for token in ["x", "f", "fff", "ff", "g0"] {
        assert_eq!(
            list(&mut local, json!({ "PaginationToken": token }))
                .unwrap_err()
                .1,
            "Invalid pagination token.",
            "{token}"
        );
    }
}

#[test]
fn of_a_user_is_shown_what_is_asked_for() {
    let mut local = four();
    let asked = json!({ "Filter": "username = \"bert\"", "AttributesToGet": ["email"] });
    let reply = list(&mut local, asked).unwrap();
    let user = &reply["Users"][0];
    assert_eq!(user["Attributes"], pairs(&[("email", "bert@example.org")]));
    assert_eq!(
        (&user["Enabled"], &user["UserStatus"]),
        (&json!(true), &json!("FORCE_CHANGE_PASSWORD"))
    );
    assert_eq!(user["UserCreateDate"], 1_772_323_200);
    let dora = list(&mut local, json!({ "Filter": "username = \"dora\"" })).unwrap();
    assert_eq!(dora["Users"][0]["Enabled"], false);
}
