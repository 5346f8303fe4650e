//! With what a person can begin, and where they are signed in.

use serde_json::{Value, json};

use crate::support::*;

fn page(ids: &[&str], next: Option<&str>) -> Fault {
    let mut page = json!({ "Sessions": ids.iter().map(|id| session(id)).collect::<Vec<_>>() });
    if let Some(next) = next {
        page["NextToken"] = next.into();
    }
    ok(page)
}

fn session(id: &str) -> Value {
    json!({ "SessionId": id, "CreateDate": 1_700_000_000 })
}

fn ids(sessions: &Value) -> Vec<&str> {
    let sessions = sessions.as_array().unwrap().iter();
    sessions.map(|s| s["id"].as_str().unwrap()).collect()
}

#[test]
fn the_factors_that_begin_a_sign_in_have_the_names_of_the_events() {
    let mut world = alice();
    let all = ["PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"];
    let later = ["SOFTWARE_TOKEN", "PASSWORD_SRP", "SOMETHING_NEW", ""];
    let both: Vec<_> = all.into_iter().chain(later).collect();
    let reply = json!({ "Username": USER, "ConfiguredUserAuthFactors": both });
    world.expect("GetUserAuthFactors", ok(reply));
    assert_eq!(
        world.call("factors", json!({})).unwrap(),
        json!(["password", "email", "sms", "passkey"])
    );
    assert_eq!(
        world.body_of("GetUserAuthFactors"),
        json!({ "AccessToken": ACCESS_TOKEN })
    );
    for none in [
        json!({ "Username": USER }),
        json!({ "ConfiguredUserAuthFactors": [7] }),
    ] {
        world.expect("GetUserAuthFactors", ok(none));
        assert_eq!(world.call("factors", json!({})).unwrap(), json!([]));
    }
}

#[test]
fn a_session_is_told_with_what_the_pool_knows_of_it() {
    let mut world = alice();
    let reply = json!({ "Sessions": [
        {
            "SessionId": "tkn1", "SessionType": "TOKEN", "ClientId": "client1",
            "CreateDate": 1_700_000_000.5, "LastActiveDate": 1_700_000_060,
            "DeviceType": "Firefox on \"Linux\"", "LastIPAddress": "192.0.2.7",
            "LastLocation": { "City": "Lyon", "Country": "FR" }, "IsCurrentSession": true,
        },
        { "SessionId": "sso1", "CreateDate": 1, "LastLocation": { "City": "", "Country": "FR" } },
        { "SessionId": "sso2", "CreateDate": 2, "LastLocation": {}, "IsCurrentSession": "true" },
        // None of these is one.
        { "CreateDate": 3 },
        { "SessionId": 4, "CreateDate": 4 },
        { "SessionId": "tkn5" },
        { "SessionId": "tkn6", "CreateDate": "1700000000" },
    ] });
    world.expect("ListUserSessions", ok(reply));
    let sessions = world.call("sessions", json!({})).unwrap();
    assert_eq!(
        sessions[0],
        json!({
            "id": "tkn1", "clientId": "client1", "createdAt": 1_700_000_000_500.0,
            "lastActiveAt": 1_700_000_060_000.0, "deviceType": "Firefox on \"Linux\"",
            "ip": "192.0.2.7", "place": "Lyon, FR", "current": true,
        })
    );
    assert_eq!(sessions[1]["place"], "FR");
    assert_eq!(
        sessions[2],
        json!({
            "id": "sso2", "clientId": null, "createdAt": 2000.0, "lastActiveAt": null,
            "deviceType": null, "ip": null, "place": null, "current": false,
        })
    );
    assert_eq!(ids(&sessions), ["tkn1", "sso1", "sso2"]);
}

#[test]
fn all_pages_are_asked_for() {
    let mut world = alice();
    world
        .expect("ListUserSessions", page(&["tkn1", "tkn2"], Some("page 2")))
        .expect("ListUserSessions", page(&[], Some("page 3")))
        .expect("ListUserSessions", page(&["tkn3"], None));
    let sessions = world.call("sessions", json!({})).unwrap();
    assert_eq!(ids(&sessions), ["tkn1", "tkn2", "tkn3"]);
    assert_eq!(world.body_of("ListUserSessions")["NextToken"], "page 3");
    assert_eq!(world.sent(), ["ListUserSessions"; 3]);
}

#[test]
fn a_list_of_which_a_page_is_missing_is_no_list() {
    let mut world = alice();
    world
        .expect("ListUserSessions", page(&["tkn1"], Some("page 2")))
        .expect(
            "ListUserSessions",
            refused("InvalidParameterException", "Gone."),
        );
    let error = world.call("sessions", json!({})).unwrap_err();
    assert_eq!(error.code.as_str(), "invalidParameter");
    // The next one begins anew.
    world.expect("ListUserSessions", page(&["tkn2"], None));
    let sessions = world.call("sessions", json!({})).unwrap();
    assert_eq!(ids(&sessions), ["tkn2"]);
    assert_eq!(world.body_of("ListUserSessions").get("NextToken"), None);
}

#[test]
fn a_page_whose_token_is_dead_is_asked_for_with_the_next_one() {
    let mut world = alice();
    world
        .expect("ListUserSessions", page(&["tkn1"], Some("page 2")))
        .expect("ListUserSessions", dead_access_token())
        .expect("InitiateAuth", refreshed(2))
        .expect("ListUserSessions", page(&["tkn2"], None));
    let sessions = world.call("sessions", json!({})).unwrap();
    assert_eq!(ids(&sessions), ["tkn1", "tkn2"]);
    let body = world.body_of("ListUserSessions");
    assert_eq!(body["NextToken"], "page 2");
    assert_eq!(body["AccessToken"], access_token(2));
}

#[test]
fn pages_without_end_are_no_list() {
    let mut world = alice();
    for _ in 0..1000 {
        world.expect("ListUserSessions", page(&["tkn1"], Some("again")));
    }
    let error = world.call("sessions", json!({})).unwrap_err();
    assert_eq!(error.code.as_str(), "server");
    assert!(world.sent().len() < 100);
}

#[test]
fn whoever_signs_in_between_two_pages_is_told_nothing_of_the_other() {
    let mut first = alice();
    let mut second = first.new_tab();
    first.expect("ListUserSessions", page(&["tkn1"], Some("page 2")));
    let ticket = first.start_call("sessions", json!({})).unwrap();
    first.answer_next();
    assert_eq!(first.network.under_way.len(), 1, "the second page");
    change_in(&mut second, Change::SomebodyElse);
    first.notice_storage();
    assert_eq!(first.refusal(ticket), "challengeSpent");
    assert!(first.network.under_way.is_empty());
}

#[test]
fn a_session_is_ended_by_its_id_and_never_twice() {
    let mut world = alice();
    world.expect("RevokeUserSession", done());
    let id = json!({ "id": "tkn2" });
    assert_eq!(world.call("endSession", id.clone()).unwrap(), Value::Null);
    assert_eq!(
        world.body_of("RevokeUserSession"),
        json!({ "AccessToken": ACCESS_TOKEN, "SessionId": "tkn2" })
    );
    world.sent();
    world.expect("RevokeUserSession", Fault::Lost);
    let error = world.call("endSession", id).unwrap_err();
    assert_eq!(error.code.as_str(), "outcomeUnknown");
    assert_eq!(world.sent(), ["RevokeUserSession"]);
    let error = world.call("endSession", json!({})).unwrap_err();
    assert_eq!(error.code.as_str(), "malformed");
}

#[test]
fn against_a_pool_one_tab_ends_the_session_of_another_browser() {
    let tracked = json!({ "UserSessionTracking": "ENABLED", "TokenSession": { "MaxPerUser": 10 } });
    let pool = LocalPool::with(json!({ "SessionConfiguration": tracked }), json!({}));
    pool.add_user(USER, PASSWORD, json!({}), Clock::new().wall);
    let mut here = World::with(&pool);
    here.send(sign_in());
    let mut there = World::with(&pool);
    there.clock.source = 99;
    there.send(sign_in());
    assert_eq!(
        here.call("factors", json!({})).unwrap(),
        json!(["password"])
    );
    let sessions = here.call("sessions", json!({})).unwrap();
    assert_eq!(ids(&sessions).len(), 2);
    let other = sessions.as_array().unwrap().iter();
    let others: Vec<_> = other.filter(|s| s["current"] == false).collect();
    assert_eq!(others.len(), 1);
    here.call("endSession", json!({ "id": others[0]["id"] }))
        .unwrap();
    assert_eq!(here.step(), "signedIn");
    there.call("sessions", json!({})).unwrap_err();
    assert_eq!(there.step(), "signedOut");
    let left = here.call("sessions", json!({})).unwrap();
    assert_eq!(ids(&left).len(), 1);
}
