//! People for whom an identity provider vouches.

use cognito_pool::Triggers;
use serde_json::{Value, json};

use super::browser::{Browser, Heard, asking, client, exchange, local, with};
use crate::common::{EMAIL, Local, PASSWORD, POOL, attribute, claims};

/// Signs in by Google; leaves the browser at the callback.
fn by_google(local: &mut Local, browser: &mut Browser, changes: &[(&str, &str)], sub: &str) {
    let mut all = vec![("identity_provider", "Google")];
    all.extend(changes);
    browser.go(local, &asking(&all));
    assert!(
        browser.html.contains("Sign in with Google"),
        "{}",
        browser.html
    );
    browser.submit(local, &[("sub", sub), ("email", EMAIL)]);
}

#[test]
fn a_person_of_google_is_a_user_of_the_pool() {
    let mut local = local();
    let mut browser = Browser::default();
    let all = "openid profile aws.cognito.signin.user.admin";
    by_google(&mut local, &mut browser, &[("scope", all)], "1234");
    let (_, tokens) = exchange(&mut local, &browser.code());
    let id = claims(&tokens["id_token"]);
    assert_eq!(id["cognito:username"], "Google_1234");
    assert_eq!(id["cognito:groups"], json!([format!("{POOL}_Google")]));
    assert_eq!(
        (&id["email"], &id["email_verified"]),
        (&json!(EMAIL), &json!(false))
    );
    let identity = &id["identities"][0];
    assert_eq!(
        (&identity["userId"], &identity["providerName"]),
        (&json!("1234"), &json!("Google"))
    );
    assert_eq!(identity["providerType"], "Google");
    let user = local.ok(
        "AdminGetUser",
        json!({ "UserPoolId": POOL, "Username": "Google_1234" }),
    );
    assert_eq!(user["UserStatus"], "EXTERNAL_PROVIDER");
    let identities: Value = serde_json::from_str(&attribute(&user, "identities").unwrap()).unwrap();
    assert_eq!(identities, id["identities"]);
    let me = local.ok("GetUser", json!({ "AccessToken": tokens["access_token"] }));
    assert_eq!(me["Username"], "Google_1234");
    // The second time it is the same user, and a new address is taken over.
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[("identity_provider", "Google")]));
    browser.submit(&mut local, &[("sub", "1234"), ("email", "new@example.com")]);
    let (_, tokens) = exchange(&mut local, &browser.code());
    let again = claims(&tokens["id_token"]);
    assert_eq!(
        (&again["sub"], &again["email"]),
        (&id["sub"], &json!("new@example.com"))
    );
}

#[test]
fn there_is_no_password_to_it() {
    let mut local = local();
    let mut browser = Browser::default();
    by_google(&mut local, &mut browser, &[], "1234");
    browser.code();
    let refused = local.initiate("Google_1234", PASSWORD).unwrap_err();
    assert_eq!(refused.0, "NotAuthorizedException");
    let forgot = json!({ "ClientId": "app", "Username": "Google_1234" });
    assert_eq!(
        local.err("ForgotPassword", forgot),
        "NotAuthorizedException"
    );
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[]));
    browser.sign_in(&mut local, "Google_1234", "");
    assert_eq!(browser.status, 400);
    let named = json!({ "UserPoolId": POOL, "Username": "Google_1234" });
    // Unless an administrator gives one: then both ways are open.
    let mut given = named.clone();
    given["Password"] = json!(PASSWORD);
    given["Permanent"] = json!(true);
    local.ok("AdminSetUserPassword", given);
    local.initiate("Google_1234", PASSWORD).unwrap();
    by_google(&mut local, &mut browser, &[], "1234");
    browser.code();
    let mut browser = Browser::default();
    local.ok("AdminDisableUser", named);
    by_google(&mut local, &mut browser, &[], "1234");
    assert_eq!(
        browser.returned("error").as_deref(),
        Some("invalid_request")
    );
    assert_eq!(
        browser.returned("error_description").as_deref(),
        Some("User is disabled.")
    );
}

#[test]
fn the_way_to_a_provider() {
    let mut local = local();
    let mut browser = Browser::default();
    // By the button of the page.
    browser.go(&mut local, &asking(&[]));
    browser.follow(&mut local, "Continue with Google");
    browser.submit(&mut local, &[("sub", "1"), ("email", "")]);
    browser.code();
    // The browser knows whose person it is.
    browser.go(
        &mut local,
        &asking(&[("identity_provider", "Google"), ("prompt", "none")]),
    );
    browser.code();
    browser.go(
        &mut local,
        &asking(&[("identity_provider", "COGNITO"), ("prompt", "none")]),
    );
    assert_eq!(browser.returned("error").as_deref(), Some("login_required"));
    // By an identifier.
    local.ok(
        "UpdateIdentityProvider",
        json!({ "UserPoolId": POOL, "ProviderName": "Google",
        "IdpIdentifiers": ["example.com"] }),
    );
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[("idp_identifier", "example.com")]));
    assert!(browser.html.contains("Sign in with Google"));
    // At once, where there is no other.
    let mut one = client();
    one["SupportedIdentityProviders"] = json!(["Google"]);
    let mut local = with(json!({ "Clients": [one] }));
    browser.go(&mut local, &asking(&[]));
    assert!(browser.html.contains("Sign in with Google"));
    browser.go(
        &mut local,
        &asking(&[]).replace("/oauth2/authorize", "/login"),
    );
    assert!(!browser.html.contains("name=\"password\""));
    browser.go(
        &mut local,
        &asking(&[]).replace("/oauth2/authorize", "/forgotPassword"),
    );
    assert_eq!(browser.status, 400);
}

#[test]
fn the_person_may_turn_back_or_err() {
    let mut local = local();
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[("identity_provider", "Google")]));
    browser.submit(&mut local, &[("sub", "two words"), ("email", EMAIL)]);
    assert_eq!(browser.status, 400);
    assert!(browser.html.contains("sub must be a word"));
    browser.submit(&mut local, &[("sub", ""), ("email", "")]);
    assert_eq!(browser.status, 400);
    browser.submit(&mut local, &[("sub", ""), ("action", "cancel")]);
    assert_eq!(browser.returned("error").as_deref(), Some("access_denied"));
    assert_eq!(browser.returned("state").as_deref(), Some("a state/+"));
    let none = local.err(
        "AdminGetUser",
        json!({ "UserPoolId": POOL, "Username": "Google_two" }),
    );
    assert_eq!(none, "UserNotFoundException");
    // A form of elsewhere makes nobody.
    let (action, _) = {
        browser.go(&mut local, &asking(&[("identity_provider", "Google")]));
        browser.form("sub")
    };
    let response = Browser::default().send(&mut local, "POST", &action, "sub=9&email=");
    assert!(response.header("location").is_none());
    let none = local.err(
        "AdminGetUser",
        json!({ "UserPoolId": POOL, "Username": "Google_9" }),
    );
    assert_eq!(none, "UserNotFoundException");
}

#[test]
fn attributes_come_over_as_they_are_mapped() {
    let mut local = local();
    local.ok(
        "UpdateIdentityProvider",
        json!({ "UserPoolId": POOL, "ProviderName": "Google",
        "AttributeMapping": { "email": "email", "email_verified": "email_verified",
            "given_name": "first" } }),
    );
    let mut browser = Browser::default();
    browser.go(
        &mut local,
        &asking(&[("identity_provider", "Google"), ("scope", "openid profile")]),
    );
    browser.submit(
        &mut local,
        &[("sub", "1"), ("email", EMAIL), ("first", "Ada")],
    );
    let (_, tokens) = exchange(&mut local, &browser.code());
    let id = claims(&tokens["id_token"]);
    assert_eq!(
        (&id["given_name"], &id["email_verified"]),
        (&json!("Ada"), &json!(true))
    );
}

#[test]
fn an_app_may_refuse_who_comes_for_the_first_time() {
    struct No;
    impl Triggers for No {
        fn call(&mut self, name: &str, event: &Value) -> Result<Option<Value>, String> {
            assert_eq!(event["triggerSource"], "PreSignUp_ExternalProvider");
            Err(format!("{name} knows nobody like that"))
        }
    }
    let mut local = local();
    local.pool.set_triggers(Box::new(No));
    let mut browser = Browser::default();
    by_google(&mut local, &mut browser, &[], "1");
    assert_eq!(
        browser.returned("error").as_deref(),
        Some("invalid_request")
    );
    let why = browser.returned("error_description").unwrap();
    assert!(why.contains("PreSignUp failed with error"), "{why}");
    let none = local.err(
        "AdminGetUser",
        json!({ "UserPoolId": POOL, "Username": "Google_1" }),
    );
    assert_eq!(none, "UserNotFoundException");
}

// The developer guide's table of the trigger sources of federated users; in aws-amplify/amplify-js#5885
// it is seen that PostAuthentication does not run the first time, and does the second.
#[test]
fn functions_hear_of_a_person_who_comes_first_and_who_comes_again() {
    let mut local = local();
    let heard = Heard::default();
    local.pool.set_triggers(Box::new(heard.clone()));
    let first = [
        "PreSignUp_ExternalProvider",
        "PostConfirmation_ConfirmSignUp",
    ];
    let again = [
        "PreAuthentication_Authentication",
        "PostAuthentication_Authentication",
    ];
    for expected in [first, again, again] {
        let mut browser = Browser::default();
        by_google(&mut local, &mut browser, &[], "1");
        let code = browser.code();
        assert_eq!(heard.sources(), expected);
        exchange(&mut local, &code);
        let sources = heard.sources();
        assert_eq!(sources, ["TokenGeneration_HostedAuth"]);
        // Whom the browser knows goes on without signing in.
        browser.go(&mut local, &asking(&[]));
        browser.code();
        assert!(heard.sources().is_empty());
    }
    for name in ["PreAuthentication", "PostAuthentication"] {
        local
            .pool
            .set_triggers(Box::new(Heard::refusing(name, "not now")));
        let mut browser = Browser::default();
        by_google(&mut local, &mut browser, &[], "1");
        let why = browser.returned("error_description").unwrap();
        assert_eq!(why, format!("{name} failed with error not now."));
    }
}

#[test]
fn nobody_takes_the_place_of_a_user_of_the_pool() {
    let mut local = local();
    local.confirmed("Google_1");
    let mut browser = Browser::default();
    by_google(&mut local, &mut browser, &[], "1");
    assert_eq!(
        browser.returned("error").as_deref(),
        Some("invalid_request")
    );
    let why = browser.returned("error_description").unwrap();
    assert_eq!(why, "Already found an entry for username Google_1");
}

#[test]
fn what_a_provider_says_must_fit_the_schema() {
    let schema = json!([{ "Name": "email", "AttributeDataType": "String", "Required": true }]);
    let mut local = with(json!({ "Schema": schema }));
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[("identity_provider", "Google")]));
    for (email, why) in [
        ("", "attributes required: [email]"),
        ("nobody", "Invalid email"),
    ] {
        browser.submit(&mut local, &[("sub", "1"), ("email", email)]);
        assert_eq!(browser.status, 400);
        assert!(browser.html.contains(why), "{}", browser.html);
    }
    browser.submit(&mut local, &[("sub", "1"), ("email", EMAIL)]);
    browser.code();
    // Nobody says of themselves that somebody vouches for them.
    let forged = json!({ "ClientId": "app", "Username": "mallory", "Password": PASSWORD,
        "UserAttributes": [{ "Name": "email", "Value": EMAIL },
            { "Name": "identities", "Value": "[]" }] });
    assert_eq!(local.err("SignUp", forged), "InvalidParameterException");
}
