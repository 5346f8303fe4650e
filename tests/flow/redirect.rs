//! Signing in on another page: leaving, coming back, and what becomes of the session.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::*;

pub(crate) const TOKEN: &str = "/oauth2/token";

fn options() -> Value {
    json!({ "redirect": {
        "domain": "auth.example.com", "redirectUri": "https://app.example/back",
        "signOutUri": "https://app.example/",
    } })
}

pub(crate) fn world() -> World {
    World::scripted_with(options())
}

pub(crate) fn back() -> Value {
    json!({})
}

/// The reply of `/oauth2/token`, as the host hands it over.
pub(crate) fn given(number: u32) -> Value {
    let mut set = token_set(number);
    set["Username"] = USER.into();
    json!({ "AuthenticationResult": set })
}

pub(crate) fn given_again(number: u32) -> Value {
    let mut set = token_set(number);
    set.as_object_mut().unwrap().remove("RefreshToken");
    json!({ "AuthenticationResult": set })
}

fn oauth_error(name: &str) -> Fault {
    refused(name, "")
}

/// Alice, who has come back from the other page.
pub(crate) fn alice_from(mut world: World) -> World {
    world
        .expect(TOKEN, ok(given(1)))
        .expect("GetUser", alices_attributes());
    world.come_back(back());
    world.run();
    assert_eq!(world.step(), "signedIn", "{}", world.snapshot());
    assert_eq!(world.error(), "");
    world.sent();
    world
}

fn leave(world: &mut World, more: Value) -> Value {
    let mut event = event("signInWithRedirect");
    merge(&mut event, more);
    let snapshot = world.send(event);
    assert_eq!(snapshot["busy"], Value::Null);
    assert_eq!(snapshot["error"], Value::Null);
    world.left_for.pop().expect("the page is left")
}

#[test]
fn leaving_takes_secrets_along_of_which_no_two_are_the_same() {
    let mut world = world();
    let parameters = json!({
        "provider": "Google", "idpIdentifier": "corp", "lang": "de", "loginHint": "a@b.c",
        "prompt": "login", "state": "{\"to\":\"/cart\"}",
    });
    let first = leave(&mut world, parameters);
    assert_eq!(
        first["parameters"],
        json!({
            "identity_provider": "Google", "idp_identifier": "corp", "lang": "de",
            "login_hint": "a@b.c", "prompt": "login",
        })
    );
    assert_eq!(first["state"], "{\"to\":\"/cart\"}");
    let second = leave(&mut world, json!({}));
    assert_eq!(second["parameters"], json!({}));
    assert_eq!(second["state"], Value::Null);
    let mut all = Vec::new();
    for to in [&first, &second] {
        let verifier = to["verifier"].as_str().unwrap();
        assert!((43..=128).contains(&verifier.len()), "RFC 7636");
        let hash = base64(&Sha256::digest(verifier), false);
        assert_eq!(to["hash"], hash.as_str());
        assert!(verifier.bytes().all(|byte| byte.is_ascii_hexdigit()));
        all.push(verifier.to_string());
    }
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 2);
    assert!(world.sent().is_empty(), "nothing is sent");
    assert_eq!(world.step(), "signedOut", "the form stays usable");
}

#[test]
fn without_the_option_there_is_nowhere_to_go() {
    let mut world = World::scripted();
    assert!(
        !world
            .flow
            .accepts(cognito_flow::EventType::SignInWithRedirect)
    );
    let error = world.start(event("signInWithRedirect")).unwrap_err();
    assert_eq!(error.code.as_str(), "notAccepted");
    assert!(world.left_for.is_empty());
}

#[test]
fn whoever_comes_back_is_busy_until_they_are_signed_in() {
    let mut world = world();
    world.come_back(back());
    assert_eq!(world.snapshot()["busy"], "signInWithRedirect");
    // The code is the host's to put in.
    assert_eq!(world.body_of(TOKEN), json!({}));
    world
        .expect(TOKEN, ok(given(1)))
        .expect("GetUser", alices_attributes());
    world.run();
    let snapshot = world.snapshot();
    assert_eq!(snapshot["step"], "signedIn");
    assert_eq!(snapshot["username"], USER);
    assert_eq!(snapshot["attributes"]["email"], EMAIL);
    assert_eq!(world.session().unwrap()["idToken"], ID_TOKEN);
    assert_eq!(world.sent(), [TOKEN, "GetUser"]);
}

#[test]
fn what_is_not_verified_is_asked_for_after_it_too() {
    let mut world = world();
    world
        .expect(TOKEN, ok(given(1)))
        .expect("GetUser", unverified_user())
        .expect("GetUserAttributeVerificationCode", email_sent());
    world.come_back(back());
    world.run();
    assert_eq!(world.step(), "verifyAttribute");
}

#[test]
fn tokens_that_are_not_for_this_sign_in_are_not_taken() {
    let without = |name: &str| {
        let mut reply = given(1);
        let set = reply["AuthenticationResult"].as_object_mut().unwrap();
        set.remove(name);
        reply
    };
    let with = |name: &str, value: Value| {
        let mut reply = given(1);
        reply["AuthenticationResult"][name] = value;
        reply
    };
    for reply in [
        without("Username"),
        with("Username", json!(7)),
        // Without the scope openid.
        without("IdToken"),
        without("AccessToken"),
        with("ExpiresIn", json!(-1)),
        json!({}),
        json!({ "AuthenticationResult": [] }),
    ] {
        let mut world = world();
        world.expect(TOKEN, ok(reply.clone()));
        world.come_back(back());
        world.run();
        assert_eq!(world.step(), "signedOut", "{reply}");
        assert_eq!(world.error(), "redirectFailed", "{reply}");
        assert_eq!(world.record(), Value::Null);
        assert_eq!(world.sent(), [TOKEN]);
    }
}

#[test]
fn what_went_wrong_on_the_other_page_is_said_in_its_words() {
    let mut world = world();
    let words = "PreSignUp failed with error Not from here.";
    world.come_back(json!({ "error": "access_denied", "description": words }));
    let error = &world.snapshot()["error"];
    assert_eq!(error["code"], "redirectFailed");
    assert_eq!(error["message"], words);
    assert_eq!(error["server"], "access_denied");
    assert!(world.sent().is_empty());
    // The next attempt begins clean.
    leave(&mut world, json!({}));
    for (with, message) in [
        (json!({ "error": "" }), None),
        (json!({ "error": "", "description": " " }), None),
        (json!({ "error": "<b>", "description": 7 }), None),
        (
            json!({ "error": "", "description": "x".repeat(9000) }),
            Some(500),
        ),
    ] {
        world.come_back(with.clone());
        let error = world.snapshot()["error"].clone();
        assert_eq!(error["code"], "redirectFailed", "{with}");
        assert_eq!(error.get("server"), None, "{with}");
        let length = error["message"].as_str().unwrap().len();
        assert!(message.map_or(length > 10, |m| m == length), "{with}");
    }
}

#[test]
fn a_code_that_is_refused_is_no_wrong_password() {
    for name in [
        "invalid_grant",
        "invalid_client",
        "unauthorized_client",
        "invalid_request",
    ] {
        let mut world = world();
        world.expect(TOKEN, oauth_error(name));
        world.come_back(back());
        world.run();
        assert_eq!(world.error(), "redirectFailed");
        assert_eq!(world.snapshot()["error"]["server"], name);
        assert_eq!(world.sent(), [TOKEN], "a code is good once");
    }
}

#[test]
fn a_code_is_never_sent_again_when_its_answer_is_lost() {
    for (fault, code, sent) in [
        (Fault::Lost, "outcomeUnknown", 1),
        (Fault::Silence, "outcomeUnknown", 1),
        (Fault::NotSent, "offline", 1),
        (unreadable(503), "server", 1),
        (unreadable(403), "blocked", 1),
    ] {
        let mut world = world();
        world.expect(TOKEN, fault);
        world.come_back(back());
        world.run();
        assert_eq!(
            (world.step().as_str(), world.error().as_str()),
            ("signedOut", code)
        );
        assert_eq!(world.sent().len(), sent);
    }
    let mut world = world();
    world.expect(TOKEN, too_many()).expect(TOKEN, ok(given(1)));
    world.expect("GetUser", alices_attributes());
    world.come_back(back());
    world.run();
    assert_eq!(
        world.step(),
        "signedIn",
        "what was throttled has done nothing"
    );
}

#[test]
fn whoever_comes_back_can_leave_and_a_late_answer_signs_nobody_in() {
    let mut world = world();
    world.come_back(back());
    let id = world.network.under_way.front().unwrap().id;
    world.start(event("cancel")).unwrap();
    assert_eq!(world.snapshot()["busy"], Value::Null);
    assert!(world.network.under_way.is_empty());
    world.answer_late(id, given(1));
    assert_eq!(world.step(), "signedOut");
    assert_eq!(world.record(), Value::Null);
}

#[test]
fn tokens_without_the_scope_make_a_session_without_attributes() {
    let mut world = world();
    world.expect(TOKEN, ok(given(1))).expect(
        "GetUser",
        refused(
            "NotAuthorizedException",
            "Access Token does not have required scopes",
        ),
    );
    world.come_back(back());
    world.run();
    let snapshot = world.snapshot();
    assert_eq!(snapshot["step"], "signedIn");
    assert_eq!(snapshot["error"]["code"], "refused");
    assert_eq!(snapshot["username"], USER);
    assert_eq!(snapshot["attributes"], json!({}));
    assert_eq!(snapshot["unverified"], json!(["phone_number", "email"]));
    assert_eq!(world.session().unwrap()["accessToken"], ACCESS_TOKEN);
}

#[test]
fn the_domain_refreshes_what_it_gave_after_a_reload_too() {
    let mut world = alice_from(world());
    for number in 2..5 {
        world.pass(HOUR);
        world.expect(TOKEN, ok(given_again(number)));
        let session = world.session().unwrap();
        assert_eq!(session["accessToken"], access_token(number));
        assert_eq!(
            world.body_of(TOKEN),
            json!({ "RefreshToken": REFRESH_TOKEN })
        );
        assert_eq!(world.sent(), [TOKEN]);
        world.reload();
        assert_eq!(world.step(), "signedIn");
    }
}

#[test]
fn a_domain_that_rotates_is_shown_each_token_once() {
    let mut world = alice_from(world());
    for number in 2..5 {
        world.pass(HOUR);
        world.expect(
            TOKEN,
            ok(json!({ "AuthenticationResult": token_set(number) })),
        );
        world.session().unwrap();
        assert_eq!(
            world.body_of(TOKEN)["RefreshToken"],
            refresh_token(number - 1)
        );
        world.sent();
    }
    world.pass(HOUR);
    world.expect(TOKEN, Fault::Lost);
    let error = world
        .call("session", json!({ "refresh": true }))
        .unwrap_err();
    assert_eq!(error.code.as_str(), "outcomeUnknown");
    assert_eq!(world.sent(), [TOKEN], "it may be spent");
}

#[test]
fn a_domain_that_does_not_refresh_leaves_it_to_the_api() {
    let no_auth = || {
        refused(
            "NotAuthorizedException",
            "Refresh token rotation is enabled",
        )
    };
    for rotates in [false, true] {
        let mut world = alice_from(world());
        world.pass(HOUR);
        world.expect(TOKEN, oauth_error("unauthorized_client"));
        match rotates {
            false => world.expect("InitiateAuth", refreshed(2)),
            true => world
                .expect("InitiateAuth", no_auth())
                .expect("GetTokensFromRefreshToken", tokens(2)),
        };
        let session = world.session().unwrap();
        assert_eq!(session["accessToken"], access_token(2));
    }
    // Refused all ways it is good for nothing.
    let mut world = alice_from(world());
    world.pass(HOUR);
    world
        .expect(TOKEN, oauth_error("unauthorized_client"))
        .expect("InitiateAuth", no_auth())
        .expect("GetTokensFromRefreshToken", no_auth());
    world.session().unwrap_err();
    assert_eq!(world.step(), "signedOut");
}

#[test]
fn without_the_option_the_api_refreshes_what_the_domain_gave() {
    let storage = Storage::default();
    let from = alice_from(World::new(None, options(), Some(storage.clone()), None));
    let wall = from.clock.wall;
    drop(from);
    let mut world = World::new(None, json!({}), Some(storage), None);
    assert_eq!(world.step(), "signedIn");
    world.clock.wall = wall;
    world.pass(HOUR);
    world.expect("InitiateAuth", refreshed(2));
    assert_eq!(world.session().unwrap()["accessToken"], access_token(2));
}

#[test]
fn a_grant_that_is_gone_ends_the_session_and_trouble_on_the_way_does_not() {
    let mut world = alice_from(world());
    world.pass(HOUR);
    world
        .expect(TOKEN, unreadable(500))
        .expect(TOKEN, unreadable(500))
        .expect(TOKEN, Fault::Lost);
    let error = world.session().unwrap_err();
    assert_eq!(error.code.as_str(), "offline");
    assert_eq!(world.step(), "signedIn");
    world.expect(TOKEN, oauth_error("invalid_grant"));
    let error = world.session().unwrap_err();
    assert_eq!(error.code.as_str(), "challengeSpent");
    assert_eq!(world.step(), "signedOut");
    assert_eq!(world.snapshot()["error"]["server"], "invalid_grant");
    assert_eq!(
        world.snapshot()["username"],
        Value::Null,
        "nobody typed a name"
    );
}

#[test]
fn signing_out_tells_the_pool_and_then_leaves_the_page() {
    let mut world = alice_from(world());
    world.start(event("signOut")).unwrap();
    assert!(world.left_for.is_empty(), "first the pool hears of it");
    world.expect("RevokeToken", done());
    world.run();
    assert_eq!(world.body_of("RevokeToken")["Token"], REFRESH_TOKEN);
    assert_eq!(world.left_for, [json!({})]);
    assert_eq!(world.step(), "signedOut");
    assert_eq!(world.record(), Value::Null);
}

#[test]
fn the_page_is_left_though_the_pool_does_not_answer() {
    let mut world = alice_from(world());
    world.start(event("signOut")).unwrap();
    world.pass_without_answers(3.0 * SECOND);
    assert_eq!(world.snapshot()["busy"], Value::Null);
    assert_eq!(world.left_for, [json!({})]);
    world.pass_without_answers(HOUR);
    assert_eq!(world.left_for.len(), 1, "once");
}

#[test]
fn signing_out_everywhere_leaves_the_page_whatever_comes_of_it() {
    for (fault, error) in [
        (done(), ""),
        (
            refused(
                "NotAuthorizedException",
                "Access Token does not have required scopes",
            ),
            "refused",
        ),
    ] {
        let mut world = alice_from(world());
        world
            .expect("GlobalSignOut", fault)
            .expect("RevokeToken", done());
        world.send(json!({ "type": "signOut", "everywhere": true }));
        assert_eq!(world.error(), error);
        assert_eq!(world.left_for, [json!({})]);
    }
    // By an access token that the domain has renewed.
    let mut world = alice_from(world());
    world.pass(2.0 * HOUR);
    world
        .expect(TOKEN, ok(given_again(2)))
        .expect("GlobalSignOut", done());
    world.send(json!({ "type": "signOut", "everywhere": true }));
    assert_eq!(
        world.body_of("GlobalSignOut")["AccessToken"],
        access_token(2)
    );
}

#[test]
fn a_session_that_did_not_come_from_there_does_not_leave_the_page() {
    let mut world = alice_with(options());
    world.pass(HOUR);
    world.expect("InitiateAuth", refreshed(2));
    world.session().unwrap();
    world.leave();
    assert!(world.left_for.is_empty());
    // Nor does one where the app does not want it.
    let mut options = options();
    options["redirect"]
        .as_object_mut()
        .unwrap()
        .remove("signOutUri");
    let mut world = alice_from(World::scripted_with(options));
    world.leave();
    assert!(world.left_for.is_empty());
}

#[test]
fn whoever_signed_in_meanwhile_stays_until_the_other_is_there() {
    let mut first = world();
    leave(&mut first, json!({}));
    let mut second = first.new_tab();
    second.sign_in_as(OTHER, tokens(5), other_user());
    first.reload();
    assert_eq!(first.snapshot()["username"], OTHER);
    // It fails: nothing of the other one's was touched.
    first.expect(TOKEN, oauth_error("invalid_grant"));
    first.come_back(back());
    assert_eq!(first.step(), "signedOut");
    first.run();
    assert_eq!(first.error(), "redirectFailed");
    assert_eq!(first.record()["username"], OTHER);
    first.reload();
    assert_eq!(first.snapshot()["username"], OTHER);
    // They leave it: the other one is there again.
    first.come_back(back());
    first.start(event("cancel")).unwrap();
    first.pass(SECOND);
    assert_eq!(first.snapshot()["username"], OTHER);
    // It succeeds: all tabs show the one who came last.
    let mut first = alice_from(first);
    assert_eq!(first.record()["username"], USER);
    second.notice_storage();
    assert_eq!(second.snapshot()["username"], USER);
    assert_eq!(first.session().unwrap()["accessToken"], ACCESS_TOKEN);
}

#[test]
fn an_error_that_comes_back_leaves_whoever_is_signed_in_as_they_are() {
    let mut world = alice_with(options());
    let round = world.round();
    world.come_back(json!({ "error": "login_required" }));
    assert_eq!(world.step(), "signedIn");
    assert_eq!(world.error(), "redirectFailed");
    assert_eq!(world.round(), round);
}

#[test]
fn what_was_asked_for_the_one_who_was_there_is_not_done_for_the_other() {
    let mut world = alice_with(options());
    let ticket = world.start_call("mfaPreference", json!({})).unwrap();
    world.come_back(back());
    assert_eq!(world.refusal(ticket), "challengeSpent");
    assert_eq!(world.network.under_way.len(), 1, "the code alone");
}

#[test]
fn a_step_that_was_kept_gives_way() {
    let mut world = world();
    world.expect("InitiateAuth", sms_challenge());
    world.send(sign_in());
    world.reload();
    assert_eq!(world.step(), "mfaCode");
    let mut world = alice_from(world);
    assert_eq!(world.pending, None);
    world.reload();
    assert_eq!(world.step(), "signedIn");
}

#[test]
fn while_a_code_is_on_its_way_no_other_is_taken() {
    let mut world = world();
    world.come_back(back());
    world.come_back(json!({ "error": "access_denied" }));
    assert_eq!(world.snapshot()["busy"], "signInWithRedirect");
    assert_eq!(world.sent(), [TOKEN]);
}
