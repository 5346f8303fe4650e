//! What is in the file at the start, and what is made.

use std::fs;

use serde_json::{Value, json};

use crate::program::{Server, TempDir, failing};
use crate::{CLIENT, POOL, create, users};

fn keys(server: &Server) -> Value {
    server.get(&format!("/{POOL}/.well-known/jwks.json")).json()
}

fn pools(server: &Server) -> Vec<String> {
    let list = server
        .call("ListUserPools", &json!({ "MaxResults": 60 }))
        .json();
    let pools = list["UserPools"].as_array().unwrap().iter();
    pools.map(|it| it["Id"].as_str().unwrap().into()).collect()
}

#[test]
fn everything_is_as_it_was() {
    let folder = TempDir::new("kept");
    let file = folder.path().join("kept.db");
    let file = file.to_str().unwrap();
    let sign_up = json!({
        "ClientId": CLIENT, "Username": "jane", "Password": crate::PASSWORD,
        "UserAttributes": [{ "Name": "email", "Value": "jane@example.org" }],
    });
    let (outbox, spent, now) = {
        let mut server = Server::start(&["--data", file]);
        assert_eq!(server.call("SignUp", &sign_up).status, 200);
        let clock = br#"{"advanceSeconds":3600}"#;
        server.request("POST", "/_pool/clock", &[], clock);
        let now = server.request("POST", "/_pool/clock", &[], br#"{"advanceSeconds":0}"#);
        let outbox = server.get("/_pool/outbox").json();
        let spent = server.get("/_pool/spending").json();
        server.signal("TERM");
        assert!(server.wait().success());
        (outbox, spent, now.json()["now"].as_u64().unwrap())
    };
    let server = Server::start(&["--data", file]);
    assert_eq!(server.get("/_pool/outbox").json(), outbox);
    assert_eq!(server.get("/_pool/spending").json(), spent);
    let clock = server.request("POST", "/_pool/clock", &[], br#"{"advanceSeconds":0}"#);
    assert!(clock.json()["now"].as_u64().unwrap() >= now);
    // The code that was sent before is good.
    let code = outbox[0]["code"].as_str().unwrap();
    let confirm = json!({ "ClientId": CLIENT, "Username": "jane", "ConfirmationCode": code });
    assert_eq!(server.call("ConfirmSignUp", &confirm).status, 200);
    // A seed draws other bytes than at the first start.
    assert!(create(&server, "john"));
    let subs: Vec<_> = users(&server)
        .into_values()
        .map(|it| crate::attribute(&it, "sub"))
        .collect();
    assert_ne!(subs[0], subs[1]);
}

#[test]
fn pools_are_made_where_they_are_not_there_yet() {
    let folder = TempDir::new("kept");
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (file, named, known) = (path("kept.db"), path("named.json"), path("known.json"));
    fs::write(
        &named,
        r#"{"PoolName":"by name","Clients":[{"ClientName":"a"}]}"#,
    )
    .unwrap();
    fs::write(&known, r#"{"PoolName":"other","Id":"eu-west-1_Known"}"#).unwrap();
    let built_in = Server::start(&["--data", &file]);
    assert_eq!(pools(&built_in), [POOL]);
    assert!(create(&built_in, "jane"));
    drop(built_in);
    let args = ["--data", &file, "--pool", &named, "--pool", &known];
    let first = Server::start(&args);
    let made = pools(&first);
    assert_eq!(made.len(), 3);
    let greeting: Vec<_> = first
        .greeting()
        .lines()
        .skip(1)
        .map(str::to_owned)
        .collect();
    drop(first);
    let second = Server::start(&args);
    assert_eq!(pools(&second), made);
    // The same ids are said, with another port.
    let ids = |line: &&str| line.starts_with("user pool") || line.starts_with("app client");
    let said: Vec<_> = second.greeting().lines().skip(1).filter(ids).collect();
    let before: Vec<_> = greeting.iter().map(String::as_str).filter(ids).collect();
    assert_eq!(said, before);
    assert!(users(&second).contains_key("jane"));
}

#[test]
fn the_spend_limit_of_the_command_line_is_kept() {
    let folder = TempDir::new("kept");
    let file = folder.path().join("kept.db");
    let file = file.to_str().unwrap();
    let limit = |args: &[&str]| {
        let server = Server::start(&[&["--data", file], args].concat());
        server.get("/_pool/spending").json()["limitMicroUsd"].clone()
    };
    assert_eq!(limit(&[]), 1_000_000);
    assert_eq!(limit(&["--sms-limit", "20"]), 20_000_000);
    assert_eq!(limit(&[]), 20_000_000);
    assert_eq!(limit(&["--sms-limit", "0.50"]), 500_000);
    assert_eq!(limit(&[]), 500_000);
}

#[test]
fn the_key_is_kept_unless_another_file_is_named() {
    let folder = TempDir::new("kept");
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (file, pem) = (path("kept.db"), path("key.pem"));
    let start = || Server::start(&["--without-seed", "--data", &file]);
    let kept = keys(&start());
    assert_ne!(kept["keys"][0]["kid"], "development-only-not-a-secret");
    assert_eq!(keys(&start()), kept);
    let other = keys(&Server::start(&["--data", &file, "--key", &pem]));
    assert_ne!(other, kept);
    assert_eq!(
        keys(&Server::start(&["--data", &file, "--key", &pem])),
        other
    );
    assert_eq!(keys(&start()), kept);
}

/// The key is made beside the server; whoever has seen it, sees it again.
#[cfg(unix)]
#[test]
fn a_new_key_that_was_seen_survives_a_crash() {
    for _ in 0..3 {
        let folder = TempDir::new("kept");
        let file = folder.path().join("kept.db");
        let start = || Server::start(&["--without-seed", "--data", file.to_str().unwrap()]);
        let mut server = start();
        let seen = keys(&server);
        server.signal("KILL");
        server.wait();
        assert_eq!(keys(&start()), seen);
        assert_eq!(seen["keys"].as_array().unwrap().len(), 1);
    }
}

#[cfg(unix)]
#[test]
fn only_its_owner_may_read_it_and_an_empty_file_is_a_new_one() {
    use std::os::unix::fs::PermissionsExt;

    let folder = TempDir::new("kept");
    for name in ["new.db", "empty.db"] {
        let file = folder.path().join(name);
        if name == "empty.db" {
            fs::write(&file, "").unwrap();
        }
        let server = Server::start(&["--data", file.to_str().unwrap()]);
        assert!(create(&server, "jane"));
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let mut left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|it| it.unwrap().file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["empty.db", "new.db"]);
}

#[test]
fn one_server_at_a_time() {
    let folder = TempDir::new("kept");
    let file = folder.path().join("kept.db");
    let file = file.to_str().unwrap();
    let _server = Server::start(&["--data", file]);
    let (code, complaint) = failing(&["--data", file]);
    assert_eq!(code, Some(1));
    assert!(complaint.contains("in use"), "{complaint}");
}
