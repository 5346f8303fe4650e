//! Ended by `kill -9` under load, again and again.
//!
//! `npm test` does it a few times. `COGNITO_POOL_KILLS=50 cargo test --release -p cognito-pool --test
//! kept -- crash` does it fifty times.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::program::{Server, TempDir};
use crate::{CLIENT, PASSWORD, POOL, attribute, users};

const THREADS: usize = 6;

/// What a client was answered.
#[derive(Default)]
struct Answered {
    /// The value that was set last and answered, and the one that was asked for last.
    values: BTreeMap<String, (u32, u32)>,
    refresh_tokens: Vec<String>,
}

#[test]
fn nothing_that_was_answered_is_lost() {
    let kills: u32 = match std::env::var("COGNITO_POOL_KILLS") {
        Ok(number) => number.parse().unwrap(),
        Err(_) => 4,
    };
    let folder = TempDir::new("kept");
    let file = folder.path().join("kept.db");
    let file = file.to_str().unwrap();
    let mut all = Answered::default();
    let mut sent = 0;
    for round in 0..kills {
        let mut server = Server::start(&["--data", file]);
        check(&server, &mut all, sent);
        let stop = AtomicBool::new(false);
        let address = server.address();
        let answered = std::thread::scope(|scope| {
            let stop = &stop;
            let clients: Vec<_> = (0..THREADS)
                .map(|client| scope.spawn(move || load(address, round, client, stop)))
                .collect();
            // Somewhere else in a transaction each time.
            std::thread::sleep(Duration::from_millis(400 + u64::from(round * 37 % 200)));
            server.signal("KILL");
            server.wait();
            stop.store(true, Ordering::Relaxed);
            clients
                .into_iter()
                .map(|client| client.join().unwrap())
                .collect::<Vec<_>>()
        });
        for client in answered {
            sent = all.values.len() + client.values.len();
            all.values.extend(client.values);
            all.refresh_tokens.extend(client.refresh_tokens);
        }
    }
    assert!(all.values.len() > 20 && !all.refresh_tokens.is_empty());
    let began = Instant::now();
    let server = Server::start(&["--data", file]);
    let opened = began.elapsed();
    check(&server, &mut all, sent);
    let size = std::fs::metadata(file).unwrap().len();
    println!(
        "{kills} kills, {} users, {} sign-ins: all there; {} kB, opened in {opened:?}",
        all.values.len(),
        all.refresh_tokens.len(),
        size / 1024,
    );
}

/// One client: makes users, changes them, signs them in, until the server is gone.
fn load(address: SocketAddr, round: u32, client: usize, stop: &AtomicBool) -> Answered {
    let mut answered = Answered::default();
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let name = format!("user-{round}-{client}-{number}");
        let user = json!({ "UserPoolId": POOL, "Username": name });
        let with = |more: Value| {
            let mut input = user.clone();
            let members = input.as_object_mut().unwrap();
            members.extend(more.as_object().unwrap().clone());
            input
        };
        let created = with(json!({
            "MessageAction": "SUPPRESS",
            "UserAttributes": [{ "Name": "nickname", "Value": "0" }],
        }));
        if try_call(address, "AdminCreateUser", &created).is_none() {
            break;
        }
        let values = answered.values.entry(name.clone()).or_default();
        for value in 1..4 {
            values.1 = value;
            let attributes = json!([{ "Name": "nickname", "Value": value.to_string() }]);
            let input = with(json!({ "UserAttributes": attributes }));
            match try_call(address, "AdminUpdateUserAttributes", &input) {
                Some(_) => values.0 = value,
                None => return answered,
            }
        }
        let password = with(json!({ "Password": PASSWORD, "Permanent": true }));
        let signing_in = json!({
            "ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": { "USERNAME": name, "PASSWORD": PASSWORD },
        });
        let tokens = try_call(address, "AdminSetUserPassword", &password)
            .and_then(|_| try_call(address, "InitiateAuth", &signing_in));
        match tokens {
            Some(reply) => {
                let token = &reply["AuthenticationResult"]["RefreshToken"];
                answered.refresh_tokens.push(token.as_str().unwrap().into());
            }
            None => break,
        }
    }
    answered
}

/// Everything that was answered is there, and of what was not answered all or nothing.
fn check(server: &Server, all: &mut Answered, sent: usize) {
    let users = users(server);
    for (name, (answered, asked)) in &mut all.values {
        let there = users.get(name).unwrap_or_else(|| panic!("{name} is lost"));
        let value: u32 = attribute(there, "nickname").unwrap().parse().unwrap();
        assert!(
            (*answered..=*asked).contains(&value),
            "{name}: {value}, answered {answered}, asked {asked}"
        );
        (*answered, *asked) = (value, value);
    }
    // At most one user of each client was made and not answered.
    assert!(users.len() >= sent);
    for token in all.refresh_tokens.iter().rev().take(20) {
        let input = json!({
            "ClientId": CLIENT, "AuthFlow": "REFRESH_TOKEN_AUTH",
            "AuthParameters": { "REFRESH_TOKEN": token },
        });
        let reply = server.call("InitiateAuth", &input);
        assert_eq!(reply.status, 200, "{:?}", reply.json());
    }
}

/// The reply to an operation, if it succeeded and the server was there to send it.
fn try_call(address: SocketAddr, operation: &str, input: &Value) -> Option<Value> {
    let body = input.to_string();
    let mut stream = TcpStream::connect(address).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let head = format!(
        "POST / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: application/x-amz-json-1.1\r\n\
         x-amz-target: AWSCognitoIdentityProviderService.{operation}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).ok()?;
    let text = String::from_utf8(reply).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    if !head.starts_with("HTTP/1.1 200 ") {
        assert!(!head.starts_with("HTTP/1.1 "), "{operation}: {text}");
        return None;
    }
    // A reply that was cut off is none.
    serde_json::from_str(body).ok()
}
