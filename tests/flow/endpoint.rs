//! Where requests may go: no address that a browser takes for another one, and no session to an
//! endpoint that is not its own.

use cognito_flow::Config;
use serde_json::{Value, json};

use crate::support::*;

fn read(endpoint: &str) -> Result<Config, cognito_flow::FlowError> {
    let options = json!({
        "userPoolId": "eu-west-1_AbCdEfGhI", "clientId": "client", "endpoint": endpoint,
    });
    Config::read(&options.to_string())
}

#[test]
fn an_address_that_a_browser_takes_for_another_origin_is_refused() {
    for endpoint in [
        // Other hosts, written as if they were paths.
        "//evil.example",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "\\/evil.example/",
        "/\t/evil.example/",
        "/\n/evil.example/",
        "/\r/evil.example/",
        "\t//evil.example/",
        " //evil.example/",
        "\u{1}//evil.example/",
        // A name before the host is shown for the host.
        "https://cognito-idp.eu-west-1.amazonaws.com@evil.example/",
        "https://user:password@evil.example/",
        "https://user@localhost/",
        "http://127.0.0.1@evil.example/",
        "http://localhost:80@evil.example/",
        // What is no host at all.
        "",
        " ",
        "https://",
        "https:///",
        "https://?x",
        "https://#x",
        "https:evil.example",
        "https:/evil.example",
        "https:\\\\evil.example",
        "https://\tevil.example",
        "https://evil.example/\n",
        "evil.example",
        "./path",
        "path",
        "javascript:alert(1)",
        "data:application/json,{}",
        "blob:https://evil.example/x",
        "ftp://evil.example/",
        "ws://evil.example/",
        "file:///etc/passwd",
    ] {
        let error = read(endpoint).expect_err(endpoint);
        assert_eq!(error.code.as_str(), "malformed", "{endpoint:?}");
        assert!(error.message().contains("`endpoint`"), "{endpoint:?}");
    }
}

#[test]
fn plain_http_goes_to_this_machine_alone() {
    for endpoint in [
        "http://localhost",
        "http://localhost/",
        "http://localhost:9229/",
        "http://localhost:9229/pool?x#y",
        "http://pool.localhost:9229/",
        "http://127.0.0.1/",
        "http://127.0.0.1:9229/",
        "http://127.1.2.3/",
        "http://[::1]/",
        "http://[::1]:9229/",
    ] {
        let config = read(endpoint).expect(endpoint);
        assert_eq!(&*config.endpoint, endpoint);
    }
    for endpoint in [
        "http://cognito-idp.eu-west-1.amazonaws.com/",
        "http://evil.example/",
        "http://192.168.0.1/",
        "http://10.0.0.1/",
        "http://0.0.0.0/",
        "http://localhost.evil.example/",
        "http://evil-localhost/",
        "http://xlocalhost/",
        "http://.evil.example/localhost",
        "http://127.evil.example/",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1e.example/",
        "http://[::1].evil.example/",
        "http://[::1]evil.example/",
        "http://[::2]/",
        "http://evil.example?localhost",
        "http://evil.example#localhost",
        "http:///localhost",
        "http://",
    ] {
        let error = read(endpoint).expect_err(endpoint);
        assert_eq!(error.code.as_str(), "malformed", "{endpoint}");
    }
}

#[test]
fn https_and_a_path_of_the_pages_own_origin_are_taken_as_they_are() {
    for endpoint in [
        "https://cognito-idp.eu-west-1.amazonaws.com/",
        "https://cognito-idp.eu-west-1.api.aws/",
        "https://login.example.com",
        "https://login.example.com:8443/pool",
        "https://login.example.com/a@b",
        "/",
        "/pool",
        "/pool/?a=b#c",
        "/pool//of/ours",
    ] {
        assert_eq!(&*read(endpoint).expect(endpoint).endpoint, endpoint);
    }
}

/// A page whose address has somebody else's endpoint in it, in a browser where alice is signed in.
fn opened_with(endpoint: Value, storage: &Storage, pending: Option<String>) -> World {
    let options = json!({ "signInWith": "password", "endpoint": endpoint });
    World::new(None, options, Some(storage.clone()), pending)
}

#[test]
fn a_link_with_an_endpoint_of_somebody_elses_gets_nothing_of_the_session() {
    for at in [alice as fn() -> World, alice_verifying] {
        let world = at();
        let storage = world.storage.clone().unwrap();
        let (session, pending) = (storage.session(), world.pending.clone());
        let evil = json!("https://evil.example/");
        let mut page = opened_with(evil, &storage, pending.clone());
        assert_eq!(page.step(), "signedOut");
        assert_eq!(page.snapshot()["username"], Value::Null);
        page.pass(2.0 * HOUR);
        assert_eq!(page.session().unwrap_err().code.as_str(), "notAccepted");
        assert!(page.sent().is_empty(), "nothing goes there");
        // What another tab does to its record is no matter of this page.
        storage.set_session(
            session
                .as_ref()
                .map(|record| record.replace("1-ey", "2-ey")),
        );
        page.notice_storage();
        assert_eq!(page.step(), "signedOut");
        storage.set_session(session.clone());
        page.notice_storage();
        page.pass(HOUR);
        assert!(page.sent().is_empty());
        assert_eq!(storage.session(), session, "the record is untouched");
        assert_eq!(page.pending, pending, "and so is the step's");
        // Without the link everything is as it was.
        let back = World::new(
            None,
            json!({ "signInWith": "password" }),
            Some(storage),
            pending,
        );
        assert_eq!(back.snapshot(), world.snapshot());
    }
}

#[test]
fn a_step_kept_by_a_page_with_one_endpoint_is_not_answered_at_another() {
    let mut world = World::scripted();
    world.expect("InitiateAuth", sms_challenge());
    world.send(sign_in());
    let storage = world.storage.clone().unwrap();
    let page = opened_with(json!("/pool"), &storage, world.pending.clone());
    assert_eq!(page.step(), "signedOut");
    assert_eq!(page.pending, world.pending);
}

#[test]
fn the_devices_of_one_endpoint_are_not_told_to_another() {
    let mut world = World::scripted();
    world
        .expect("InitiateAuth", tokens_with_device(1))
        .expect(
            "ConfirmDevice",
            ok(json!({ "UserConfirmationNecessary": false })),
        )
        .expect("GetUser", alices_attributes());
    assert_eq!(world.send(sign_in())["device"], "remembered");
    let storage = world.storage.clone().unwrap();
    let devices = storage.devices();
    assert!(devices.is_some());
    let mut page = opened_with(json!("https://evil.example/"), &storage, None);
    page.pass(HOUR);
    page.notice_storage();
    assert_eq!(storage.devices(), devices, "the record is untouched");
    assert!(page.sent().is_empty());
}

#[test]
fn the_endpoint_is_part_of_each_record_even_where_it_follows_from_the_region() {
    let mut world = alice_verifying();
    let endpoint = "https://cognito-idp.eu-west-1.amazonaws.com/";
    assert_eq!(world.record()["endpoint"], endpoint);
    let pending: Value = serde_json::from_str(world.pending.as_ref().unwrap()).unwrap();
    assert_eq!(pending["endpoint"], endpoint);
    world.reload();
    assert_eq!(world.step(), "verifyAttribute");
    // Written out, it is the same one.
    let storage = world.storage.clone().unwrap();
    let page = opened_with(json!(endpoint), &storage, world.pending.clone());
    assert_eq!(page.snapshot(), world.snapshot());
}

#[test]
fn a_sign_out_in_the_page_with_another_endpoint_leaves_the_others_session() {
    let world = alice();
    let storage = world.storage.clone().unwrap();
    let session = storage.session();
    let mut page = opened_with(json!("https://other.example/"), &storage, None);
    // Nobody is signed in here, so nobody can sign out; leaving what was begun is no sign-out.
    page.expect("InitiateAuth", sms_challenge());
    page.send(sign_in());
    page.send(event("cancel"));
    page.pass(HOUR);
    assert_eq!(storage.session(), session);
}
