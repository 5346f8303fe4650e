//! Fresh claims: what the tokens say of the user is as new as what the page has done or asked for.

use serde_json::{Value, json};

use crate::support::*;

fn refresh() -> Value {
    json!({ "refresh": true })
}

/// Sends so many asks for fresh tokens at once.
fn ask(world: &mut World, times: usize) -> Vec<u32> {
    (0..times)
        .map(|_| world.start_call("session", refresh()).unwrap())
        .collect()
}

#[track_caller]
fn assert_given(world: &mut World, tickets: Vec<u32>, number: u32) {
    for ticket in tickets {
        let given = world.answer(ticket).expect("an answer").unwrap();
        assert_eq!(given["accessToken"], access_token(number));
    }
}

#[test]
fn fresh_tokens_are_fetched_whatever_the_time() {
    let mut world = alice();
    world.expect("InitiateAuth", refreshed(2));
    let given = world.call("session", refresh()).unwrap();
    assert_eq!(given["accessToken"], access_token(2));
    assert_eq!(given["idToken"], ID_TOKEN.replace('1', "2"));
    assert_eq!(world.sent(), ["InitiateAuth REFRESH_TOKEN_AUTH"]);
    assert_eq!(world.session().unwrap()["accessToken"], access_token(2));
    world.call("session", json!({ "refresh": false })).unwrap();
    assert!(world.sent().is_empty());
}

#[test]
fn twenty_callers_share_one_refresh() {
    let mut world = alice();
    let tickets = ask(&mut world, 20);
    world.expect("InitiateAuth", refreshed(2));
    world.run();
    assert_eq!(world.sent(), ["InitiateAuth REFRESH_TOKEN_AUTH"]);
    assert_given(&mut world, tickets, 2);
}

#[test]
fn twenty_more_who_ask_while_it_is_under_way_share_one_more() {
    let mut world = alice();
    let first = ask(&mut world, 20);
    world.look_at_locks();
    assert_eq!(world.network.under_way.len(), 1);
    let later = ask(&mut world, 20);
    world
        .expect("InitiateAuth", refreshed(2))
        .expect("InitiateAuth", refreshed(3));
    world.run();
    assert_eq!(world.sent(), ["InitiateAuth REFRESH_TOKEN_AUTH"; 2]);
    assert_given(&mut world, first, 2);
    assert_given(&mut world, later, 3);
}

#[test]
fn whoever_takes_what_there_is_does_not_wait_for_those_who_want_fresh_ones() {
    let mut world = alice();
    ask(&mut world, 1);
    let ticket = world.start_call("session", json!({})).unwrap();
    let given = world.answer(ticket).expect("at once").unwrap();
    assert_eq!(given["accessToken"], ACCESS_TOKEN);
}

#[test]
fn fresh_tokens_that_cannot_be_had_are_an_error_and_not_the_old_ones() {
    for Told { fault, code } in [
        told(|| Fault::NotSent, "offline"),
        told(throttled, "throttled"),
        told(|| unreadable(503), "server"),
        told(|| unreadable(403), "blocked"),
    ] {
        let mut world = alice();
        for _ in 0..3 {
            world.expect("InitiateAuth", fault());
        }
        let error = world.call("session", refresh()).unwrap_err();
        assert_eq!(error.code.as_str(), code);
        assert_eq!(world.step(), "signedIn", "{code}");
        assert_eq!(world.session().unwrap()["accessToken"], ACCESS_TOKEN);
    }
}

#[test]
fn nobody_who_is_signed_out_gets_fresh_tokens() {
    let mut world = World::scripted();
    let error = world.call("session", refresh()).unwrap_err();
    assert_eq!(error.code.as_str(), "notAccepted");
    let error = world.call("session", json!({ "refresh": "yes" }));
    assert_eq!(error.unwrap_err().code.as_str(), "malformed");
}

/// Alice after she has changed something that her tokens say.
fn changed() -> Vec<(&'static str, World)> {
    let mut updated = alice();
    updated
        .expect("UpdateUserAttributes", done())
        .expect("GetUser", alices_attributes());
    let attributes = json!({ "attributes": { "nickname": "Al" } });
    updated.call("updateAttributes", attributes).unwrap();

    let mut deleted = alice();
    deleted.expect("DeleteUserAttributes", done());
    let names = json!({ "names": ["nickname"] });
    deleted.call("deleteAttributes", names).unwrap();

    let mut verified = alice_verifying();
    verified.expect("VerifyUserAttribute", done());
    assert_eq!(verified.send(submit("123456"))["step"], "signedIn");

    let mut worlds = vec![
        ("updateAttributes", updated),
        ("deleteAttributes", deleted),
        ("a verified attribute", verified),
    ];
    for (_, world) in &mut worlds {
        world.sent();
    }
    worlds
}

#[test]
fn what_has_changed_of_the_user_is_in_the_next_tokens() {
    for (what, mut world) in changed() {
        world.expect("InitiateAuth", refreshed(2));
        assert_eq!(
            world.session().unwrap()["accessToken"],
            access_token(2),
            "{what}"
        );
        assert_eq!(world.sent(), ["InitiateAuth REFRESH_TOKEN_AUTH"]);
        assert_eq!(world.session().unwrap()["accessToken"], access_token(2));
        assert!(world.sent().is_empty(), "{what}: once is enough");
    }
}

#[test]
fn what_has_changed_of_the_user_is_in_the_next_tokens_after_a_reload() {
    for (what, mut world) in changed() {
        world.reload();
        world.expect("InitiateAuth", refreshed(2));
        assert_eq!(
            world.session().unwrap()["accessToken"],
            access_token(2),
            "{what}"
        );
        world.reload();
        world.session().unwrap();
        assert_eq!(world.sent().len(), 1, "{what}: once is enough");
    }
}

#[test]
fn what_has_changed_of_the_user_is_in_the_next_tokens_of_another_tab() {
    for (what, mut world) in changed() {
        let mut other = world.new_tab();
        // One that was there before is told of the record.
        other.expect("InitiateAuth", refreshed(2));
        let given = other.session().unwrap();
        assert_eq!(given["accessToken"], access_token(2), "{what}");
        // The first tab takes over what the other one got.
        assert_eq!(world.session().unwrap()["accessToken"], access_token(2));
        assert!(world.sent().is_empty(), "{what}");
    }
}

#[test]
fn a_tab_that_was_open_before_the_change_does_not_give_the_old_claims() {
    let mut first = alice();
    let mut second = first.new_tab();
    first.expect("DeleteUserAttributes", done());
    let names = json!({ "names": ["nickname"] });
    first.call("deleteAttributes", names).unwrap();
    second.expect("InitiateAuth", refreshed(2));
    assert_eq!(second.session().unwrap()["accessToken"], access_token(2));
}

#[test]
fn a_refused_change_does_not_make_the_tokens_stale() {
    let mut world = alice();
    world.expect(
        "UpdateUserAttributes",
        refused("InvalidParameterException", "Invalid email address format."),
    );
    let attributes = json!({ "attributes": { "email": "no" } });
    assert!(world.call("updateAttributes", attributes).is_err());
    world.sent();
    assert_eq!(world.session().unwrap()["accessToken"], ACCESS_TOKEN);
    assert!(world.sent().is_empty());
}

#[test]
fn a_change_whose_answer_was_lost_may_have_been_made() {
    for (name, arguments, operation) in [
        (
            "updateAttributes",
            json!({ "attributes": { "nickname": "Al" } }),
            "UpdateUserAttributes",
        ),
        (
            "deleteAttributes",
            json!({ "names": ["nickname"] }),
            "DeleteUserAttributes",
        ),
    ] {
        let mut world = alice();
        world.expect(operation, Fault::Lost);
        let error = world.call(name, arguments).unwrap_err();
        assert_eq!(error.code.as_str(), "outcomeUnknown");
        world.expect("InitiateAuth", refreshed(2));
        assert_eq!(
            world.session().unwrap()["accessToken"],
            access_token(2),
            "{name}"
        );
    }
}

#[test]
fn a_refresh_that_was_sent_before_the_change_does_not_count_for_after_it() {
    let mut world = alice();
    let before = ask(&mut world, 1);
    world.look_at_locks();
    let refresh = world.network.under_way.pop_front().unwrap();
    world.expect("DeleteUserAttributes", done());
    let names = json!({ "names": ["nickname"] });
    let change = world.start_call("deleteAttributes", names).unwrap();
    world.answer_all();
    assert!(world.answer(change).unwrap().is_ok());
    let mut old = token_set(2);
    old.as_object_mut().unwrap().remove("RefreshToken");
    world.answer_late(refresh.id, json!({ "AuthenticationResult": old }));
    assert_given(&mut world, before, 2);
    // What the pool put into those tokens may be from before.
    world.expect("InitiateAuth", refreshed(3));
    assert_eq!(world.session().unwrap()["accessToken"], access_token(3));
}

#[test]
fn whoever_asks_after_the_change_does_not_get_what_was_asked_for_before_it() {
    let mut world = alice();
    ask(&mut world, 1);
    world.look_at_locks();
    let refresh = world.network.under_way.pop_front().unwrap();
    world.expect("DeleteUserAttributes", done());
    let names = json!({ "names": ["nickname"] });
    world.start_call("deleteAttributes", names).unwrap();
    world.answer_all();
    let after = world.start_call("session", json!({})).unwrap();
    let mut old = token_set(2);
    old.as_object_mut().unwrap().remove("RefreshToken");
    world.expect("InitiateAuth", refreshed(3));
    world.answer_late(refresh.id, json!({ "AuthenticationResult": old }));
    world.run();
    assert_given(&mut world, vec![after], 3);
}

#[test]
fn a_code_given_while_a_refresh_is_on_its_way_after_a_change_is_not_sent_once_the_person_has_left()
{
    let mut world = World::scripted();
    world
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", unverified_user())
        .expect("GetUserAttributeVerificationCode", email_sent());
    world.send(sign_in());
    world.pass(58.0 * MINUTE + 50.0 * SECOND);
    ask(&mut world, 1);
    world.look_at_locks();
    let refresh = world.network.under_way.pop_front().unwrap();
    world.expect("DeleteUserAttributes", done());
    let names = json!({ "names": ["nickname"] });
    world.start_call("deleteAttributes", names).unwrap();
    world.answer_all();
    // Now the tokens are old enough that the code has to wait for new ones.
    world.pass_without_answers(11.0 * SECOND);
    world.sent();
    world.start(submit("123456")).unwrap();
    world.start(event("cancel")).unwrap();
    assert_eq!(world.step(), "signedIn");
    world.answer_late(refresh.id, json!({ "AuthenticationResult": token_set(2) }));
    world.answer_all();
    assert!(world.sent().is_empty(), "nothing is sent for who has left");
    assert_eq!(world.step(), "signedIn");
}

#[test]
fn a_refresh_that_failed_after_a_change_is_tried_again_by_the_next_who_asks() {
    let faults: [(fn() -> Fault, u32); 2] = [(|| Fault::NotSent, 3), (|| ok(json!({})), 1)];
    for (fault, times) in faults {
        for (what, mut world) in changed() {
            for _ in 0..times {
                world.expect("InitiateAuth", fault());
            }
            let _ = world.session();
            assert_eq!(world.step(), "signedIn", "{what}");
            world.expect("InitiateAuth", refreshed(2));
            assert_eq!(
                world.session().unwrap()["accessToken"],
                access_token(2),
                "{what}"
            );
        }
    }
}

#[test]
fn against_the_pool_a_verified_address_is_verified_in_the_next_id_token() {
    let pool = LocalPool::new();
    let attributes = json!({ "email": EMAIL, "email_verified": "false", "nickname": "Al" });
    pool.add_user(USER, PASSWORD, attributes, Clock::new().wall);
    let mut world = World::with(&pool);
    world.send(sign_in());
    assert_eq!(claim(&mut world, "email_verified"), json!(false));
    world.send(submit(&pool.code()));
    assert_eq!(world.snapshot()["unverified"], json!([]));
    assert_eq!(claim(&mut world, "email_verified"), json!(true));
    let changed = json!({ "attributes": { "nickname": "Ally" } });
    world.call("updateAttributes", changed).unwrap();
    assert_eq!(claim(&mut world, "nickname"), "Ally");
    pool.admin(
        "CreateGroup",
        json!({ "GroupName": "staff" }),
        world.clock.wall,
    );
    let join = json!({ "Username": USER, "GroupName": "staff" });
    pool.admin("AdminAddUserToGroup", join, world.clock.wall);
    world.call("session", refresh()).unwrap();
    assert_eq!(claim(&mut world, "cognito:groups"), json!(["staff"]));
}

/// A claim of the ID token that the page is given.
fn claim(world: &mut World, name: &str) -> Value {
    let session = world.session().unwrap();
    let token = session["idToken"].as_str().unwrap();
    let payload = from_base64(token.split('.').nth(1).unwrap());
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    claims[name].clone()
}
