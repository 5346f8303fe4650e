//! What no client can make the server do: say too much, wait for others, lose an answer.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::program::{Reply, Server};

const POOL: &str = "eu-west-1_LocalPool";
const CLIENT: &str = "local0client0000000000000";

/// Node's client takes 8 KiB for a reply's head, its smallest limit among those that we know.
fn is_bounded(reply: &Reply, what: &str) {
    assert!(reply.head < 8_000, "{what}: a head of {}", reply.head);
    assert!(reply.body.len() < 64 * 1024, "{what}: {}", reply.body.len());
}

#[test]
fn words_of_a_request_are_cut_in_messages() {
    let server = Server::start(&[]);
    let long = "x".repeat(17_000);
    let wide = "\u{1}\"\\<&\u{20ac}".repeat(20_000);
    let attributes: Vec<_> = (0..20_000)
        .map(|at| json!({ "Name": format!("no such {at}"), "Value": "x" }))
        .collect();
    for long in [&long, &wide] {
        let filter = format!("{long} = \"x\"");
        for (operation, input) in [
            ("ListUsers", json!({ "UserPoolId": POOL, "Filter": filter })),
            ("ListUsers", json!({ "UserPoolId": long })),
            (
                "DescribeUserPool",
                json!({ "UserPoolId": format!("a_{long}") }),
            ),
            ("GetGroup", json!({ "UserPoolId": POOL, "GroupName": long })),
            (
                "InitiateAuth",
                json!({ "ClientId": CLIENT, "AuthFlow": long }),
            ),
            (
                "SignUp",
                json!({
                    "ClientId": CLIENT, "Username": "jane", "Password": "Correct-horse-7",
                    "UserAttributes": attributes,
                }),
            ),
            (
                "AdminUpdateUserAttributes",
                json!({
                    "UserPoolId": POOL, "Username": "jane",
                    "UserAttributes": [{ "Name": long, "Value": long }],
                }),
            ),
        ] {
            let reply = server.call(operation, &input);
            assert_eq!(reply.status, 400, "{operation}");
            assert!(!reply.json()["message"].as_str().unwrap().is_empty());
            is_bounded(&reply, operation);
        }
        for version in ["2010-05-08", "2010-03-31", long] {
            let action = server.query(&[("Action", long), ("Version", version)]);
            is_bounded(&action, "Action");
            let role = server.query(&[
                ("Action", "GetRole"),
                ("Version", version),
                ("RoleName", long),
            ]);
            is_bounded(&role, "GetRole");
        }
        let target = [("x-amz-target", "AWSSupport_20130415.DescribeCases")];
        let cases = json!({ "caseIdList": [long] }).to_string();
        let reply = server.request("POST", "/", &target, cases.as_bytes());
        assert_eq!(reply.status, 400);
        is_bounded(&reply, "DescribeCases");
    }
}

#[test]
fn messages_repeat_no_secret() {
    let server = Server::start(&[]);
    let secret = "S3cret with blanks ".repeat(8_000);
    for (operation, input) in [
        (
            "SignUp",
            json!({ "ClientId": CLIENT, "Username": "jane", "Password": secret }),
        ),
        (
            "InitiateAuth",
            json!({
                "ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": { "USERNAME": "jane", "PASSWORD": secret },
            }),
        ),
        (
            "RespondToAuthChallenge",
            json!({
                "ClientId": CLIENT, "ChallengeName": "NEW_PASSWORD_REQUIRED",
                "Session": secret, "ChallengeResponses": { "NEW_PASSWORD": secret },
            }),
        ),
        (
            "ConfirmSignUp",
            json!({ "ClientId": CLIENT, "Username": "jane", "ConfirmationCode": secret }),
        ),
        ("GetUser", json!({ "AccessToken": secret })),
        (
            "ChangePassword",
            json!({ "AccessToken": "x", "PreviousPassword": secret, "ProposedPassword": secret }),
        ),
    ] {
        let reply = server.call(operation, &input);
        assert_eq!(reply.status, 400, "{operation}");
        is_bounded(&reply, operation);
        assert!(!reply.text().contains("S3cret"), "{operation}: {reply:?}");
    }
}

#[test]
fn pages_of_managed_login_are_bounded_too() {
    let server = Server::start(&[]);
    let long = "x%22".repeat(4_000);
    for path in ["/login", "/oauth2/authorize", "/signup", "/logout", "/idp"] {
        let reply = server.get(&format!("{path}?client_id={CLIENT}&state={long}"));
        assert!((400..500).contains(&reply.status), "{path} {reply:?}");
        is_bounded(&reply, path);
    }
}

/// Sends `text`, closes the sending half and reads what comes.
fn half_closed(server: &Server, text: &str) -> String {
    let mut stream = server.open(text);
    stream.shutdown(Shutdown::Write).unwrap();
    let mut reply = String::new();
    let _ = stream.read_to_string(&mut reply);
    reply
}

#[test]
fn who_has_said_all_is_answered() {
    let server = Server::start(&[]);
    let head = "POST / HTTP/1.1\r\nhost: localhost\r\n\
                x-amz-target: AWSCognitoIdentityProviderService.SignUp\r\n";
    let whole = half_closed(&server, &format!("{head}content-length: 2\r\n\r\n{{}}"));
    assert!(whole.contains("InvalidParameterException"), "{whole}");
    let get = half_closed(&server, "GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n");
    assert!(get.starts_with("HTTP/1.1 200"), "{get}");
    // Less than was announced is no request.
    let half = half_closed(&server, &format!("{head}content-length: 9\r\n\r\n{{"));
    assert!(half.starts_with("HTTP/1.1 400"), "{half}");
    for chunk in [
        "zz\r\n{}\r\n0\r\n\r\n",
        "-1\r\n{}\r\n0\r\n\r\n",
        "2\r\n{}x\r\n0\r\n\r\n",
    ] {
        let chunked = format!("{head}transfer-encoding: chunked\r\n\r\n{chunk}");
        let mut stream = server.open(&chunked);
        let mut reply = String::new();
        let _ = stream.read_to_string(&mut reply);
        assert!(reply.starts_with("HTTP/1.1 400"), "{chunk}: {reply}");
    }
}

#[test]
fn a_request_has_one_host() {
    let server = Server::start(&[]);
    for path in ["/health", "/_pool/outbox", "/_pool/events", "/login"] {
        let text = format!(
            "GET {path} HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\n\
             connection: close\r\n\r\n"
        );
        let mut reply = String::new();
        let _ = server.open(&text).read_to_string(&mut reply);
        assert!(reply.starts_with("HTTP/1.1 400"), "{path}: {reply}");
    }
}

#[test]
fn whoever_sends_too_much_is_told_so() {
    let server = Server::start(&[]);
    // More than both sides' buffers hold, so that it is still being sent when it is refused.
    let long = vec![b' '; 24 << 20];
    let head = format!(
        "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n",
        long.len()
    );
    let mut stream = server.open(&head);
    stream.write_all(&long).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 413"), "{reply}");

    let mut stream = server.open(&head.replace("\r\n\r\n", "\r\nexpect: 100-continue\r\n\r\n"));
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 413"), "{reply}");
}

fn is_quick(server: &Server, what: &str) {
    // The machine that tests run on is not quiet: the fastest of a few tells.
    let fastest = (0..5)
        .map(|_| {
            let began = Instant::now();
            assert_eq!(server.get("/health").status, 200, "{what}");
            began.elapsed()
        })
        .min();
    assert!(
        fastest < Some(Duration::from_millis(100)),
        "{what}: {fastest:?}"
    );
}

#[test]
fn connections_without_use_shut_nobody_out() {
    let server = Server::start(&[]);
    let open = |text: &str, number: usize| -> Vec<TcpStream> {
        (0..number).map(|_| server.open(text)).collect()
    };
    let idle = open("", 700);
    is_quick(&server, "idle");
    let slow = open("POST / HTTP/1.1\r\nhost: local", 500);
    is_quick(&server, "half a head");
    let slower = open(
        "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n{",
        500,
    );
    is_quick(&server, "half a body");
    drop((idle, slow, slower));

    let events = "GET /_pool/events HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let begun = |stream: &mut TcpStream| {
        // A stream that lives says so every 15 s.
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let mut beginning = [0; 12];
        stream.read_exact(&mut beginning).unwrap();
        assert_eq!(&beginning, b"HTTP/1.1 200");
    };
    // They are the oldest: each has begun before another one is opened.
    let mut oldest = open(events, 44);
    oldest.iter_mut().for_each(begun);
    let mut others = open(events, 256);
    is_quick(&server, "streams");
    others.iter_mut().for_each(begun);
    // They made room for the last.
    for mut stream in oldest {
        stream.read_to_end(&mut Vec::new()).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn ten_thousand_connections_with_few_file_descriptors() {
    let server = Server::with_descriptors(64, &[]);
    // In portions, because the test itself has no more than a thousand or so.
    for portion in 0..100 {
        let idle: Vec<_> = (0..100)
            .map(|_| TcpStream::connect(server.address()))
            .collect();
        assert!(idle.iter().all(Result::is_ok), "{portion}");
        assert_eq!(server.get("/health").status, 200, "{portion}");
    }
    is_quick(&server, "afterwards");
}
