//! Passkeys of who is signed in: made, listed, deleted, and turned on as a second factor.

use cognito_flow::Wanted;
use serde_json::{Value, json};

use crate::support::*;

const ID: &str = "Q3JlZGVudGlhbC1vZi1hbGljZQ";
const RELYING_PARTY: &str = "shop.example.com";

fn creation() -> Value {
    json!({
        "rp": { "id": RELYING_PARTY, "name": "The shop" },
        "user": { "id": "YWxpY2U", "name": USER, "displayName": USER },
        "challenge": "Y2hhbGxlbmdlLW9mLXRoZS1wb29s",
        "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }, { "type": "public-key", "alg": -257 }],
        "timeout": 180_000,
        "excludeCredentials": [{ "type": "public-key", "id": "b2xk", "transports": ["internal"] }],
        "authenticatorSelection": { "requireResidentKey": true, "residentKey": "required" },
    })
}

fn begun() -> Fault {
    ok(json!({ "CredentialCreationOptions": creation() }))
}

fn made() -> Value {
    json!({
        "id": ID, "rawId": ID, "type": "public-key", "clientExtensionResults": {},
        "authenticatorAttachment": "platform",
        "response": { "clientDataJSON": "e30", "attestationObject": "o2M", "transports": ["internal"] },
    })
}

/// Alice, whose browser asks for the passkey that she wants to make.
fn alice_making_one() -> (World, u32) {
    let mut world = alice();
    world.expect("StartWebAuthnRegistration", begun());
    let ticket = world.start_call("createPasskey", json!({})).unwrap();
    world.answer_all();
    (world, ticket)
}

fn forgotten(relying_party: Option<&str>) -> Vec<(Option<String>, String)> {
    vec![(relying_party.map(Into::into), ID.into())]
}

#[test]
fn a_passkey_is_made_by_the_browser_and_confirmed_by_the_pool() {
    let (mut world, ticket) = alice_making_one();
    let begin = world.body_of("StartWebAuthnRegistration");
    assert_eq!(begin, json!({ "AccessToken": ACCESS_TOKEN }));
    let prompt = &world.prompts[0];
    assert_eq!(prompt.wanted, Wanted::Create);
    assert_eq!(prompt.options, creation());
    world.expect("CompleteWebAuthnRegistration", empty(200));
    world.give(&made());
    world.run();
    let body = world.body_of("CompleteWebAuthnRegistration");
    assert_eq!(
        body,
        json!({ "AccessToken": ACCESS_TOKEN, "Credential": made() })
    );
    assert_eq!(world.answer(ticket), Some(Ok(Value::Null)));
    assert!(world.forgotten.is_empty());
    assert_eq!(world.step(), "signedIn");
}

#[test]
fn each_end_of_the_prompt_is_told_apart() {
    let ends = [
        ("NotAllowedError", "passkeyFailed", "refused"),
        ("AbortError", "passkeyFailed", "stopped"),
        ("InvalidStateError", "passkeyFailed", "already"),
        ("SecurityError", "passkeyUnsupported", "not for this site"),
        ("NotSupportedError", "passkeyUnsupported", "cannot use"),
        ("", "passkeyUnsupported", "cannot use"),
        ("options", "server", "cannot be used"),
        ("ConstraintError", "passkeyFailed", "Try again"),
        ("TypeError", "passkeyFailed", "Try again"),
    ];
    for (exception, code, words) in ends {
        let (mut world, ticket) = alice_making_one();
        world.refuse(exception);
        let error = world.answer(ticket).unwrap().unwrap_err();
        assert_eq!(error.code.as_str(), code, "{exception}");
        assert!(error.message().contains(words), "{exception}: {error}");
        world.run();
        assert!(
            !world
                .sent()
                .contains(&"CompleteWebAuthnRegistration".into())
        );
        assert_eq!(world.snapshot()["error"], Value::Null);
    }
}

#[test]
fn what_is_no_credential_is_not_sent() {
    for credential in [json!(null), json!("x"), json!([1]), json!(7)] {
        let (mut world, ticket) = alice_making_one();
        world.give(&credential);
        assert_eq!(world.refusal(ticket), "passkeyFailed");
        assert_eq!(world.sent(), ["StartWebAuthnRegistration"]);
    }
}

#[test]
fn options_that_are_none_ask_nobody() {
    for options in [json!(null), json!("{}"), json!([]), json!(1)] {
        let mut world = alice();
        let begun = ok(json!({ "CredentialCreationOptions": options }));
        world.expect("StartWebAuthnRegistration", begun);
        let answer = world.call("createPasskey", json!({}));
        assert_eq!(answer.unwrap_err().code.as_str(), "server");
        assert!(world.prompts.is_empty());
    }
}

#[test]
fn a_lost_confirmation_is_not_repeated_and_the_passkey_stays_in_the_browser() {
    for fault in [Fault::Lost, Fault::Silence] {
        let (mut world, ticket) = alice_making_one();
        world.expect("CompleteWebAuthnRegistration", fault);
        world.give(&made());
        world.run();
        assert_eq!(world.refusal(ticket), "outcomeUnknown");
        assert_eq!(
            world.sent(),
            ["StartWebAuthnRegistration", "CompleteWebAuthnRegistration"]
        );
        assert!(world.forgotten.is_empty(), "the pool may know it");
    }
}

#[test]
fn a_beginning_that_was_lost_is_repeated() {
    let mut world = alice();
    world
        .expect("StartWebAuthnRegistration", Fault::Lost)
        .expect("StartWebAuthnRegistration", status(500, json!({})))
        .expect("StartWebAuthnRegistration", begun());
    world.start_call("createPasskey", json!({})).unwrap();
    while world.prompts.is_empty() {
        world.answer_all();
        if world.prompts.is_empty() {
            world.run_until_sent();
        }
    }
    assert_eq!(world.sent(), ["StartWebAuthnRegistration"; 3]);
}

#[test]
fn what_the_pool_refuses_is_said_in_its_words_and_the_browser_forgets_it() {
    let exceptions = [
        ("WebAuthnChallengeNotFoundException", "passkeyFailed"),
        ("WebAuthnClientMismatchException", "passkeyFailed"),
        ("WebAuthnCredentialNotSupportedException", "passkeyFailed"),
        ("WebAuthnOriginNotAllowedException", "passkeyFailed"),
        ("WebAuthnRelyingPartyMismatchException", "passkeyFailed"),
        ("WebAuthnNotEnabledException", "passkeyUnsupported"),
        ("LimitExceededException", "attemptLimit"),
    ];
    for (exception, code) in exceptions {
        let (mut world, ticket) = alice_making_one();
        let words = "The words of the pool.";
        world.expect("CompleteWebAuthnRegistration", refused(exception, words));
        world.give(&made());
        world.run();
        let error = world.answer(ticket).unwrap().unwrap_err();
        assert_eq!(error.code.as_str(), code);
        assert_eq!(error.server.as_deref(), Some(exception));
        assert_eq!(error.message() == words, code != "attemptLimit", "{error}");
        assert_eq!(world.forgotten, forgotten(Some(RELYING_PARTY)));
    }
    for exception in [
        "WebAuthnNotEnabledException",
        "WebAuthnConfigurationMissingException",
    ] {
        let mut world = alice();
        world.expect("StartWebAuthnRegistration", refused(exception, "Not here."));
        let error = world.call("createPasskey", json!({})).unwrap_err();
        assert_eq!(error.code.as_str(), "passkeyUnsupported");
        assert_eq!(error.message(), "Not here.");
        assert!(world.prompts.is_empty() && world.forgotten.is_empty());
    }
}

#[test]
fn tokens_that_ran_out_while_the_person_looked_for_a_key_are_refreshed() {
    let mut world = alice();
    world.pass_without_answers(58.0 * MINUTE);
    world.expect("StartWebAuthnRegistration", begun());
    let ticket = world.start_call("createPasskey", json!({})).unwrap();
    world.answer_all();
    world.pass_without_answers(150.0 * SECOND);
    world
        .expect("InitiateAuth", refreshed(2))
        .expect("CompleteWebAuthnRegistration", done());
    world.give(&made());
    world.run();
    assert_eq!(world.answer(ticket), Some(Ok(Value::Null)));
    let body = world.body_of("CompleteWebAuthnRegistration");
    assert_eq!(body["AccessToken"], access_token(2).as_str());
}

#[test]
fn whatever_else_is_asked_for_ends_the_prompt() {
    // Another passkey.
    let (mut world, first) = alice_making_one();
    let stale = world.prompts[0].id;
    world.expect("StartWebAuthnRegistration", begun());
    let second = world.start_call("createPasskey", json!({})).unwrap();
    world.answer_all();
    assert_eq!(world.refusal(first), "passkeyFailed");
    world.give_to(stale, &made());
    assert!(
        !world
            .sent()
            .contains(&"CompleteWebAuthnRegistration".into())
    );
    world.expect("CompleteWebAuthnRegistration", done());
    world.give(&made());
    world.run();
    assert_eq!(world.answer(second), Some(Ok(Value::Null)));

    // An event.
    let (mut world, ticket) = alice_making_one();
    world.expect("GetUserAttributeVerificationCode", email_sent());
    world.send(json!({ "type": "verifyAttribute", "attribute": "email" }));
    assert_eq!(world.refusal(ticket), "passkeyFailed");
    assert!(world.prompts.is_empty());

    // What is no event, or refused, ends nothing.
    let (mut world, _) = alice_making_one();
    assert!(world.start(sign_in()).is_err());
    world.start_call("session", json!({})).unwrap();
    assert_eq!(world.prompts.len(), 1);

    let (mut world, ticket) = alice_making_one();
    world.leave();
    assert_eq!(world.refusal(ticket), "passkeyFailed");
    assert!(world.prompts.is_empty());
}

#[test]
fn a_prompt_belongs_to_the_session_that_it_was_begun_in() {
    for change in CHANGES {
        let (mut world, ticket) = alice_making_one();
        let stale = world.prompts[0].id;
        let mut tab = world.new_tab();
        change_in(&mut tab, change);
        world.notice_storage();
        assert_eq!(world.refusal(ticket), "challengeSpent", "{change:?}");
        assert!(world.prompts.is_empty());
        world.sent();
        world.give_to(stale, &made());
        assert!(world.sent().is_empty(), "nothing is done for another one");
    }
}

#[test]
fn a_credential_counts_once() {
    let (mut world, ticket) = alice_making_one();
    let id = world.prompts[0].id;
    world.expect("CompleteWebAuthnRegistration", done());
    world.give_to(id + 100, &made());
    world.give(&made());
    world.give_to(id, &made());
    world.run();
    assert_eq!(world.answer(ticket), Some(Ok(Value::Null)));
    assert_eq!(
        world.sent(),
        ["StartWebAuthnRegistration", "CompleteWebAuthnRegistration"]
    );
}

#[test]
fn a_prompt_that_nobody_answers_ends_with_the_challenge() {
    let (mut world, ticket) = alice_making_one();
    world.pass_without_answers(3.0 * MINUTE - 1.0);
    assert!(world.answer(ticket).is_none());
    world.pass_without_answers(2.0);
    assert_eq!(world.refusal(ticket), "passkeyFailed");
    assert!(world.prompts.is_empty(), "the browser asks no more");
}

fn passkey(id: &str, created: f64) -> Value {
    json!({
        "CredentialId": id, "FriendlyCredentialName": format!("Key {id}"), "CreatedAt": created,
        "RelyingPartyId": RELYING_PARTY, "AuthenticatorAttachment": "platform",
        "AuthenticatorTransports": ["internal", "hybrid"],
    })
}

#[test]
fn all_pages_of_the_list_are_read() {
    let mut world = alice();
    world
        .expect(
            "ListWebAuthnCredentials",
            ok(json!({ "Credentials": [passkey("a", 1_700_000_000.5)], "NextToken": "page 2" })),
        )
        .expect("ListWebAuthnCredentials", Fault::Lost)
        .expect(
            "ListWebAuthnCredentials",
            ok(json!({ "Credentials": [
                { "CredentialId": "b" },
                { "CreatedAt": 1, "FriendlyCredentialName": "no id" },
            ] })),
        );
    let list = world.call("passkeys", json!({})).unwrap();
    assert_eq!(
        list,
        json!([
            { "id": "a", "name": "Key a", "createdAt": 1_700_000_000_500.0, "transports": ["internal", "hybrid"] },
            { "id": "b", "name": null, "createdAt": null, "transports": [] },
        ])
    );
    let bodies: Vec<_> = world
        .network
        .log
        .iter()
        .map(|(_, body)| body.clone())
        .collect();
    assert_eq!(
        bodies,
        [
            json!({ "AccessToken": ACCESS_TOKEN }),
            json!({ "AccessToken": ACCESS_TOKEN, "NextToken": "page 2" }),
            json!({ "AccessToken": ACCESS_TOKEN, "NextToken": "page 2" }),
        ]
    );
    world.expect("ListWebAuthnCredentials", ok(json!({ "Credentials": [] })));
    assert_eq!(world.call("passkeys", json!({})).unwrap(), json!([]));
}

#[test]
fn a_list_without_end_is_none() {
    let mut world = alice();
    for _ in 0..100 {
        let page = json!({ "Credentials": [], "NextToken": "and so on" });
        world.expect("ListWebAuthnCredentials", ok(page));
    }
    let answer = world.call("passkeys", json!({}));
    assert_eq!(answer.unwrap_err().code.as_str(), "server");
    assert_eq!(world.sent().len(), 64);
}

#[test]
fn a_list_that_the_session_changes_under_is_nobodys() {
    for change in CHANGES {
        let mut world = alice();
        let page = json!({ "Credentials": [passkey("a", 1.0)], "NextToken": "page 2" });
        world
            .expect("ListWebAuthnCredentials", ok(page))
            .expect("ListWebAuthnCredentials", Fault::Silence);
        let ticket = world.start_call("passkeys", json!({})).unwrap();
        world.answer_all();
        let mut tab = world.new_tab();
        change_in(&mut tab, change);
        world.notice_storage();
        assert_eq!(world.refusal(ticket), "challengeSpent", "{change:?}");
    }
}

#[test]
fn a_deleted_passkey_is_forgotten_by_the_browser_too() {
    let mut world = alice();
    world.expect("DeleteWebAuthnCredential", empty(200));
    assert_eq!(
        world.call("deletePasskey", json!({ "id": ID })),
        Ok(Value::Null)
    );
    let body = world.body_of("DeleteWebAuthnCredential");
    assert_eq!(
        body,
        json!({ "AccessToken": ACCESS_TOKEN, "CredentialId": ID })
    );
    assert_eq!(
        world.forgotten,
        forgotten(None),
        "of this page's site, then"
    );

    // The list says whose they are.
    let list = json!({ "Credentials": [passkey(ID, 1.0)] });
    world
        .expect("ListWebAuthnCredentials", ok(list))
        .expect("DeleteWebAuthnCredential", done());
    world.call("passkeys", json!({})).unwrap();
    world.forgotten.clear();
    world.call("deletePasskey", json!({ "id": ID })).unwrap();
    assert_eq!(world.forgotten, forgotten(Some(RELYING_PARTY)));
}

#[test]
fn a_passkey_that_the_pool_knows_no_longer_is_forgotten_by_the_browser() {
    let mut world = alice();
    let unknown = refused("ResourceNotFoundException", "No such credential.");
    world.expect("DeleteWebAuthnCredential", unknown);
    let error = world
        .call("deletePasskey", json!({ "id": ID }))
        .unwrap_err();
    assert_eq!(error.code.as_str(), "invalidParameter");
    assert_eq!(world.forgotten, forgotten(None));

    for (fault, code, sent) in [
        (Fault::Lost, "outcomeUnknown", 1),
        (
            refused("InvalidParameterException", "No."),
            "invalidParameter",
            1,
        ),
        (status(500, json!({})), "server", 1),
    ] {
        let mut world = alice();
        world.expect("DeleteWebAuthnCredential", fault);
        let error = world
            .call("deletePasskey", json!({ "id": ID }))
            .unwrap_err();
        assert_eq!(error.code.as_str(), code);
        assert_eq!(world.sent().len(), sent);
        assert!(
            world.forgotten.is_empty(),
            "{code}: the pool may know it still"
        );
    }
}

#[test]
fn a_passkey_is_turned_on_as_a_second_factor_but_never_preferred() {
    let mut world = alice();
    world.expect("SetUserMFAPreference", done());
    let preference = json!({ "passkey": "on", "totp": "preferred" });
    world
        .call("setMfaPreference", json!({ "preference": preference }))
        .unwrap();
    assert_eq!(
        world.body_of("SetUserMFAPreference"),
        json!({
            "AccessToken": ACCESS_TOKEN,
            "WebAuthnMfaSettings": { "Enabled": true },
            "SoftwareTokenMfaSettings": { "Enabled": true, "PreferredMfa": true },
        })
    );
    for preference in [
        json!({ "passkey": "preferred" }),
        json!({ "password": "on" }),
    ] {
        let answer = world.call("setMfaPreference", json!({ "preference": preference }));
        assert_eq!(answer.unwrap_err().code.as_str(), "malformed");
    }
}

#[test]
fn who_is_not_signed_in_has_no_passkeys() {
    let mut world = World::scripted();
    for (name, arguments) in [
        ("createPasskey", json!({})),
        ("passkeys", json!({})),
        ("deletePasskey", json!({ "id": ID })),
    ] {
        let error = world.call(name, arguments).unwrap_err();
        assert_eq!(error.code.as_str(), "notAccepted");
    }
    for id in [json!({}), json!({ "id": 7 }), json!({ "id": null })] {
        let error = world.call("deletePasskey", id).unwrap_err();
        assert_eq!(error.code.as_str(), "malformed");
    }
    assert!(world.sent().is_empty());
}
