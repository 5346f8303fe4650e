//! Snapshots, and a pool as JSON.

use std::time::Instant;

use crate::common::*;
use cognito_pool::{Options, Pool, Request, Response};
use serde_json::{Value, json};

impl Local {
    fn post(&mut self, path: &str, body: &Value) -> Response {
        let request = Request {
            method: "POST".into(),
            path: path.into(),
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
        };
        self.pool.handle(&request, self.now, &mut self.randomness)
    }

    fn create(&mut self, name: &str) {
        let input = json!({ "UserPoolId": POOL, "Username": name, "MessageAction": "SUPPRESS" });
        self.call("AdminCreateUser", input).unwrap();
    }

    fn names(&mut self) -> Vec<String> {
        let list = self
            .call("ListUsers", json!({ "UserPoolId": POOL }))
            .unwrap();
        let users = list["Users"].as_array().unwrap().iter();
        let mut names: Vec<_> = users
            .map(|it| it["Username"].as_str().unwrap().into())
            .collect();
        names.sort();
        names
    }
}

fn signed_up(local: &mut Local) {
    let input = json!({ "ClientId": CLIENT, "Username": "jane", "Password": PASSWORD,
        "UserAttributes": [{ "Name": "email", "Value": "jane@example.com" }] });
    local.call("SignUp", input).unwrap();
}

#[test]
fn a_snapshot_brings_everything_back_as_often_as_wanted() {
    let mut local = Local::verifying(json!({}));
    signed_up(&mut local);
    let before: Value = serde_json::from_str(&local.pool.save()).unwrap();
    let sequence = local.pool.sequence();
    let id = local.post("/_pool/snapshot", &json!({})).json()["id"].clone();
    for round in 0..3 {
        local.create(&format!("user-{round}"));
        let gone = json!({ "UserPoolId": POOL, "Username": "jane" });
        local.call("AdminDeleteUser", gone).unwrap();
        let description = json!({ "Id": "eu-west-1_Other", "PoolName": "other" });
        let (now, randomness) = (local.now, &mut local.randomness);
        local
            .pool
            .create_user_pool(&description, now, randomness)
            .unwrap();
        local.post("/_pool/clock", &json!({ "advanceSeconds": 3600 }));
        let again = json!({ "ClientId": CLIENT, "Username": "john", "Password": PASSWORD,
            "UserAttributes": [{ "Name": "email", "Value": "john@example.com" }] });
        local.call("SignUp", again).unwrap();
        let read = local.pool.sequence();
        assert!(read > sequence);

        assert_eq!(
            local.post("/_pool/restore", &json!({ "id": id })).status,
            200
        );
        let after: Value = serde_json::from_str(&local.pool.save()).unwrap();
        assert!(after == before, "round {round}");
        // Whoever follows the outbox misses nothing that comes now, and hears nothing twice.
        assert!(local.pool.events(read).is_empty());
        assert_eq!(local.pool.sequence(), read);
    }
    let input = json!({ "ClientId": CLIENT, "Username": "jane" });
    let read = local.pool.sequence();
    local.call("ResendConfirmationCode", input).unwrap();
    assert_eq!(local.pool.events(read).len(), 2);
}

#[test]
fn an_unknown_snapshot_changes_nothing() {
    let mut local = Local::verifying(json!({}));
    local.create("jane");
    for body in [
        json!({ "id": "x" }),
        json!({}),
        json!([]),
        json!({ "id": 7 }),
    ] {
        let reply = local.post("/_pool/restore", &body);
        assert_eq!(reply.status, 404, "{body}");
    }
    assert_eq!(local.names(), ["jane"]);
}

#[test]
fn what_is_over_is_swept() {
    let mut local = Local::verifying(json!({}));
    signed_up(&mut local);
    let confirm = json!({ "UserPoolId": POOL, "Username": "jane" });
    local.call("AdminConfirmSignUp", confirm).unwrap();
    let waiting = json!({ "ClientId": CLIENT, "Username": "john", "Password": PASSWORD,
        "UserAttributes": [{ "Name": "email", "Value": "john@example.com" }] });
    local.call("SignUp", waiting).unwrap();
    for _ in 0..5 {
        let password = json!({ "ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": { "USERNAME": "jane", "PASSWORD": PASSWORD } });
        local.call("InitiateAuth", password).unwrap();
        let srp = json!({ "ClientId": CLIENT, "AuthFlow": "USER_SRP_AUTH",
            "AuthParameters": { "USERNAME": "jane", "SRP_A": "a1b2c3" } });
        local.call("InitiateAuth", srp).unwrap();
    }
    let there = |local: &Local| {
        let saved: Value = serde_json::from_str(&local.pool.save()).unwrap();
        let pool = &saved["pools"][POOL];
        let of = |name: &str| pool[name].as_object().unwrap().len();
        let codes = pool["users"]["john"]["codes"].as_object().unwrap().len();
        [
            of("challenges"),
            of("refresh_tokens"),
            of("sign_ins"),
            codes,
        ]
    };
    // Those of the two sign-ups are remembered for longer than those of SRP.
    assert_eq!(there(&local), [7, 5, 5, 1]);
    local.advance(600);
    local.names();
    assert_eq!(there(&local), [2, 5, 5, 1]);
    local.advance(24 * 3600);
    local.names();
    assert_eq!(there(&local), [0, 5, 5, 0]);
    local.advance(31 * 24 * 3600);
    local.names();
    assert_eq!(there(&local), [0, 0, 0, 0]);
}

#[test]
fn a_pool_goes_over_as_json_and_nobody_has_to_begin_anew() {
    let mut local = Local::verifying(json!({ "AliasAttributes": ["email"], "Domain": "demo" }));
    let group = json!({ "UserPoolId": POOL, "GroupName": "admins", "Precedence": 1 });
    local.call("CreateGroup", group).unwrap();
    signed_up(&mut local);
    let code = json!(local.code("jane@example.com"));
    let confirm = json!({ "ClientId": CLIENT, "Username": "jane", "ConfirmationCode": code });
    local.call("ConfirmSignUp", confirm).unwrap();
    let join = json!({ "UserPoolId": POOL, "Username": "jane", "GroupName": "admins" });
    local.call("AdminAddUserToGroup", join).unwrap();
    let exported = local.get(&format!("/_pool/export?pool={POOL}"));
    assert!(!exported.to_string().contains(PASSWORD));
    assert!(!exported.to_string().contains(code.as_str().unwrap()));

    let mut other = Local::new(json!({ "Id": "eu-west-1_Other", "Clients": [] }));
    let reply = other.post("/_pool/import", &exported);
    assert_eq!(
        reply.json(),
        json!({ "id": POOL, "users": 1 }),
        "{:?}",
        reply.json()
    );
    // By the alias, with the password of before.
    let sign_in = json!({ "ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": "jane@example.com", "PASSWORD": PASSWORD } });
    let signed_in = other.call("InitiateAuth", sign_in).unwrap();
    assert!(signed_in["AuthenticationResult"]["AccessToken"].is_string());
    let groups = json!({ "UserPoolId": POOL, "Username": "jane" });
    let groups = other.call("AdminListGroupsForUser", groups).unwrap();
    assert_eq!(groups["Groups"][0]["GroupName"], "admins");
    assert_eq!(
        other.get(&format!("/_pool/export?pool={POOL}"))["pool"],
        exported["pool"]
    );
    // Once.
    let reply = other.post("/_pool/import", &exported);
    assert_eq!(reply.status, 400);
    // Verifiers hold the pool's name.
    let mut renamed = exported;
    renamed["id"] = json!("eu-west-1_Renamed");
    let reply =
        Local::new(json!({ "Id": "eu-west-1_X", "Clients": [] })).post("/_pool/import", &renamed);
    assert!(
        reply.json()["message"]
            .as_str()
            .unwrap()
            .contains("verifiers"),
        "{:?}",
        reply.json()
    );
}

#[test]
fn users_are_added_with_their_passwords_all_or_none() {
    let mut local = Local::new(json!({ "UsernameAttributes": ["email"] }));
    let users = json!([
        { "username": "1f0c", "password": PASSWORD,
          "attributes": { "email": "jane@example.com", "email_verified": "true" } },
        { "username": "2f0c", "attributes": { "email": "john@example.com" } },
    ]);
    let reply = local.post("/_pool/import", &json!({ "id": POOL, "users": users }));
    assert_eq!(reply.json(), json!({ "id": POOL, "users": 2 }));
    let sign_in = json!({ "ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": "jane@example.com", "PASSWORD": PASSWORD } });
    local.call("InitiateAuth", sign_in).unwrap();
    assert!(!local.pool.save().contains(PASSWORD));
    let before = local.names();
    for (wrong, words) in [
        (
            json!([{ "username": "ok" }, { "username": "1f0c" }]),
            "users[1]: A user",
        ),
        (json!([{ "username": "ok" }, {}]), "users[1]: username"),
        (
            json!([{ "username": "ok", "passwort": "x" }]),
            "member passwort",
        ),
        (
            json!([{ "username": "ok", "groups": ["none"] }]),
            "group none",
        ),
        (
            json!([{ "username": "ok", "attributes": { "nonsense": "x" } }]),
            "schema",
        ),
        (json!([{ "username": "ok", "enabled": "secret-7" }]), "type"),
        (
            json!([{ "username": "ok", "attributes": { "email": "jane@example.com" } }]),
            "exists",
        ),
        (json!("secret-7"), "not what an export gives"),
    ] {
        let reply = local.post("/_pool/import", &json!({ "id": POOL, "users": wrong }));
        let message = reply.json()["message"].as_str().unwrap().to_owned();
        assert_eq!(reply.status, 400);
        assert!(
            message.contains(words) && !message.contains("secret-7"),
            "{message}"
        );
        assert_eq!(local.names(), before);
    }
    let reply = local.post(
        "/_pool/import",
        &json!({ "id": "eu-west-1_None", "users": [] }),
    );
    assert_eq!(reply.status, 400);
}

#[test]
fn the_control_surface_can_be_off() {
    let mut local = Local::with_options(
        json!({}),
        Options {
            control: false,
            ..Options::default()
        },
    );
    for path in ["/_pool/import", "/_pool/snapshot", "/_pool/restore"] {
        assert_eq!(
            local.post(path, &json!({ "id": POOL, "users": [] })).status,
            404,
            "{path}"
        );
    }
}

/// By `cargo test --release -p cognito-pool --test pool -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
#[allow(clippy::print_stdout)]
fn how_long_it_takes_with_twenty_thousand_users() {
    let mut local = Local::new(json!({}));
    local.pool = Pool::new(Options::default());
    let mut from = Local::new(json!({}));
    signed_up(&mut from);
    let mut all = from.get(&format!("/_pool/export?pool={POOL}"));
    let one = all["users"][0].clone();
    let user = |number: u32| {
        let mut user = one.clone();
        user["username"] = json!(format!("user-{number}"));
        user["attributes"]["email"] = json!(format!("user-{number}@example.com"));
        user["attributes"].as_object_mut().unwrap().remove("sub");
        user
    };
    all["users"] = (0..20_000).map(user).collect();
    println!("{} MB", all.to_string().len() / 1_000_000);
    let timed = |what: &str, work: &mut dyn FnMut() -> Response| {
        let began = Instant::now();
        let reply = work();
        println!("{what}: {:?}", began.elapsed());
        assert_eq!(reply.status, 200);
        reply.json()
    };
    timed("import", &mut || local.post("/_pool/import", &all));
    timed("export", &mut || {
        let request = Request::get(&format!("/_pool/export?pool={POOL}"));
        local
            .pool
            .handle(&request, local.now, &mut local.randomness)
    });
    let id = timed("snapshot", &mut || {
        local.post("/_pool/snapshot", &json!({}))
    })["id"]
        .clone();
    local.create("one-more");
    timed("restore", &mut || {
        local.post("/_pool/restore", &json!({ "id": id }))
    });
}

/// After a pause more is over than one request takes away (512 rows); it counts for nothing all the same.
#[test]
fn what_is_over_and_not_swept_yet_counts_for_nothing() {
    let policy =
        json!({ "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"] } });
    let mut local = Local::verifying(json!({ "Policies": policy,
        "AutoVerifiedAttributes": ["email"] }));
    let names: Vec<String> = (0..514).map(|at| format!("user-{at:03}")).collect();
    let email = |name: &str| format!("{name}@example.com");
    let resend = |name: &str| json!({ "ClientId": CLIENT, "Username": name });
    for name in &names {
        let email = email(name);
        local.ok(
            "SignUp",
            json!({ "ClientId": CLIENT, "Username": name,
                "UserAttributes": pairs(&[("email", &email)]) }),
        );
        local.ok("ResendConfirmationCode", resend(name));
    }
    let [.., code_later, last] = names.as_slice() else {
        panic!("{}", names.len());
    };
    let code = local.code(&email(code_later));
    for _ in 0..4 {
        local.ok("ResendConfirmationCode", resend(last));
    }
    assert_eq!(
        local.err("ResendConfirmationCode", resend(last)),
        "LimitExceededException"
    );
    // Attempts count for an hour, codes are good for a day.
    local.advance(HOUR);
    local.ok("ResendConfirmationCode", resend(last));
    local.names();
    local.advance(DAY - HOUR);
    let confirm = json!({ "ClientId": CLIENT, "Username": code_later, "ConfirmationCode": code });
    assert_eq!(local.err("ConfirmSignUp", confirm), "ExpiredCodeException");
}
