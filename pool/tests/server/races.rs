//! Several clients at once on one user, with threads and sockets: one request is one transaction,
//! however much of its arithmetic is done beside that of others.

use std::sync::Barrier;

use serde_json::{Value, json};

use crate::program::{Reply, Server};
use crate::{PASSWORD, sign_in, sign_up};

const POOL: &str = "eu-west-1_LocalPool";
const CLIENT: &str = "local0client0000000000000";
const CLIENTS: usize = 16;

/// Everybody calls at the same time.
fn at_once(server: &Server, operation: &str, input: impl Fn(usize) -> Value + Sync) -> Vec<Reply> {
    let start = Barrier::new(CLIENTS);
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|at| {
                let (start, input) = (&start, &input);
                scope.spawn(move || {
                    let input = input(at);
                    start.wait();
                    server.call(operation, &input)
                })
            })
            .collect();
        let replies = clients.into_iter().map(|client| client.join().unwrap());
        replies.collect()
    })
}

fn winners(replies: &[Reply]) -> usize {
    assert!(
        replies
            .iter()
            .all(|reply| [200, 400].contains(&reply.status))
    );
    replies.iter().filter(|reply| reply.status == 200).count()
}

fn confirmed(server: &Server, name: &str) {
    assert_eq!(server.call("SignUp", &sign_up(name)).status, 200);
    let confirm = json!({ "UserPoolId": POOL, "Username": name });
    assert_eq!(server.call("AdminConfirmSignUp", &confirm).status, 200);
}

#[test]
fn of_many_who_use_the_same_thing_one_wins() {
    let server = Server::start(&[]);
    let signed_up = at_once(&server, "SignUp", |_| sign_up("jane"));
    assert_eq!(winners(&signed_up), 1);
    let outbox = server.get("/_pool/outbox").json();
    assert_eq!(outbox.as_array().unwrap().len(), 1);
    let code = outbox[0]["code"].clone();
    let confirm = json!({ "ClientId": CLIENT, "Username": "jane", "ConfirmationCode": code });
    let confirmed = at_once(&server, "ConfirmSignUp", |_| confirm.clone());
    assert_eq!(winners(&confirmed), 1);

    // A session is good once.
    let temporary = json!({ "UserPoolId": POOL, "Username": "jane", "Password": PASSWORD });
    assert_eq!(server.call("AdminSetUserPassword", &temporary).status, 200);
    let challenge = server.call("InitiateAuth", &sign_in("jane")).json();
    assert_eq!(challenge["ChallengeName"], "NEW_PASSWORD_REQUIRED");
    let answer = |at: usize| {
        json!({
            "ClientId": CLIENT,
            "ChallengeName": "NEW_PASSWORD_REQUIRED",
            "Session": challenge["Session"],
            "ChallengeResponses": { "USERNAME": "jane", "NEW_PASSWORD": format!("Password-{at}") },
        })
    };
    let answered = at_once(&server, "RespondToAuthChallenge", answer);
    assert_eq!(winners(&answered), 1);
    let winner = answered
        .iter()
        .position(|reply| reply.status == 200)
        .unwrap();
    let mut with_new = sign_in("jane");
    for at in 0..CLIENTS {
        with_new["AuthParameters"]["PASSWORD"] = json!(format!("Password-{at}"));
        let reply = server.call("InitiateAuth", &with_new);
        if at == winner {
            assert_eq!(reply.status, 200, "{reply:?}");
            break;
        }
        assert_eq!(reply.error(), Some("NotAuthorizedException"), "{reply:?}");
        // The lock after five wrong passwords is not what is tested here.
        let advance = server.request("POST", "/_pool/clock", &[], br#"{"advanceSeconds":1000}"#);
        assert_eq!(advance.status, 200);
    }
}

#[test]
fn wrong_passwords_at_once_are_all_counted() {
    let server = Server::start(&["--clock", "1795406706000"]);
    confirmed(&server, "jane");
    let mut wrong = sign_in("jane");
    wrong["AuthParameters"]["PASSWORD"] = json!("Wrong-horse-7");
    let replies = at_once(&server, "InitiateAuth", |_| wrong.clone());
    assert_eq!(winners(&replies), 0);
    let said = |words: &str| {
        let said = replies
            .iter()
            .filter(|reply| reply.json()["message"] == words);
        said.count()
    };
    assert_eq!(said("Incorrect username or password."), 5);
    assert_eq!(said("Password attempts exceeded"), CLIENTS - 5);
}

#[test]
fn a_password_that_changes_meanwhile_is_the_old_or_the_new_one() {
    let server = Server::start(&[]);
    confirmed(&server, "jane");
    let passwords = ["Correct-horse-7", "Another-horse-8"];
    let set = |at: usize| {
        let password = passwords[at % 2];
        json!({ "UserPoolId": POOL, "Username": "jane", "Password": password, "Permanent": true })
    };
    std::thread::scope(|scope| {
        scope.spawn(|| at_once(&server, "AdminSetUserPassword", set));
        for reply in at_once(&server, "InitiateAuth", |_| sign_in("jane")) {
            assert!([200, 400].contains(&reply.status), "{reply:?}");
        }
    });
    // In the end one of them is right and the other is not, and every sign-in has its tokens.
    let last = json!({
        "UserPoolId": POOL, "Username": "jane", "Password": passwords[1], "Permanent": true,
    });
    assert_eq!(server.call("AdminSetUserPassword", &last).status, 200);
    let old = server.call("InitiateAuth", &sign_in("jane"));
    assert_eq!(old.error(), Some("NotAuthorizedException"));
    let mut new = sign_in("jane");
    new["AuthParameters"]["PASSWORD"] = json!(passwords[1]);
    for reply in at_once(&server, "InitiateAuth", |_| new.clone()) {
        let token = reply.json()["AuthenticationResult"]["AccessToken"].clone();
        let user = server.call("GetUser", &json!({ "AccessToken": token }));
        assert_eq!(user.json()["Username"], "jane", "{reply:?}");
    }
}
