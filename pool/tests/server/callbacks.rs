//! Functions behind a URL and behind Lambda's Invoke: what they are sent, and whatever they may answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::program::{Server, TempDir};
use crate::{sign_in, sign_up};

const POOL: &str = "eu-west-1_LocalPool";

/// What a function was sent: the request line and the event.
type Called = (String, Value);

/// A program with functions: `answer` writes the whole reply, or nothing.
fn functions(
    answer: impl Fn(&Called, &mut TcpStream) + Send + Sync + 'static,
) -> (String, Receiver<Called>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (told, called) = mpsc::channel();
    let answer = std::sync::Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (told, answer, mut stream) = (told.clone(), answer.clone(), stream.unwrap());
            std::thread::spawn(move || {
                let call = read(&stream);
                let _ = told.send(call.clone());
                answer(&call, &mut stream);
            });
        }
    });
    (url, called)
}

fn read(stream: &TcpStream) -> Called {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (
        first.trim().to_owned(),
        serde_json::from_slice(&body).unwrap(),
    )
}

fn reply(stream: &mut TcpStream, status: u16, headers: &str, body: &[u8]) {
    let head = format!(
        "HTTP/1.1 {status} x\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    );
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body));
}

/// Answers that whoever signs up is confirmed.
fn confirm(stream: &mut TcpStream, event: &Value) {
    let answer = with_response(event, json!({ "autoConfirmUser": true }));
    reply(stream, 200, "", &answer);
}

/// The event with members of its response set.
fn with_response(event: &Value, response: Value) -> Vec<u8> {
    let mut event = event.clone();
    event["response"] = response;
    event.to_string().into_bytes()
}

#[test]
fn a_function_behind_a_url_decides() {
    let (url, called) = functions(|(_, event), stream| {
        let body = with_response(
            event,
            json!({ "autoConfirmUser": true, "autoVerifyEmail": true }),
        );
        reply(stream, 200, "", &body);
    });
    let server = Server::start(&["--trigger", &format!("PreSignUp={url}/hooks?a=b")]);
    let signed_up = server.call("SignUp", &sign_up("jane"));
    assert_eq!(signed_up.json()["UserConfirmed"], true, "{signed_up:?}");
    let (line, event) = called.recv().unwrap();
    assert_eq!(line, "POST /hooks?a=b HTTP/1.1");
    assert_eq!(event["userName"], "jane");
    assert_eq!(event["userPoolId"], POOL);
    // Asked once, though the request had two turns.
    assert!(called.try_recv().is_err());
    assert_eq!(server.call("InitiateAuth", &sign_in("jane")).status, 200);
}

#[test]
fn whatever_a_function_answers_is_said_in_the_words_of_cognito() {
    let (url, _called) = functions(|(_, event), stream| {
        let long = vec![b'x'; 1 << 20];
        match event["userName"].as_str().unwrap() {
            "threw" => reply(stream, 200, "", br#"{"errorMessage":"not you"}"#),
            "status" => reply(stream, 500, "", b"oh"),
            "says" => reply(stream, 502, "", br#"{"errorMessage":"no room"}"#),
            "away" => reply(stream, 302, "location: http://elsewhere.example/\r\n", b""),
            "garbage" => reply(stream, 200, "", b"<html>"),
            "nothing" => reply(stream, 200, "", b""),
            "megabyte" => reply(stream, 200, "", &long),
            "null" => reply(stream, 200, "", b"null"),
            "list" => reply(stream, 200, "", b"[]"),
            "broken" => reply(stream, 200, "content-length: 10\r\n", b"{"),
            other => panic!("{other}"),
        }
    });
    let server = Server::start(&["--trigger", &format!("PreSignUp={url}")]);
    let validation = "UserLambdaValidationException";
    let invalid = "InvalidLambdaResponseException";
    let odd = "Unrecognizable lambda output";
    for (name, error, message) in [
        ("threw", validation, "PreSignUp failed with error not you."),
        (
            "status",
            validation,
            "PreSignUp failed with error status 500.",
        ),
        ("says", validation, "PreSignUp failed with error no room."),
        (
            "away",
            validation,
            "PreSignUp failed with error status 302.",
        ),
        ("garbage", invalid, odd),
        ("nothing", invalid, odd),
        ("megabyte", invalid, odd),
        ("null", invalid, odd),
        ("list", invalid, odd),
    ] {
        let refused = server.call("SignUp", &sign_up(name));
        assert_eq!(refused.error(), Some(error), "{name}: {refused:?}");
        assert_eq!(refused.json()["message"], message, "{name}");
        // Nothing of it is left.
        let user = json!({ "UserPoolId": POOL, "Username": name });
        let there = server.call("AdminGetUser", &user);
        assert_eq!(there.error(), Some("UserNotFoundException"));
    }
    let refused = server.call("SignUp", &sign_up("broken"));
    assert_eq!(refused.status, 400, "{refused:?}");
    assert_eq!(server.get("/_pool/outbox").json(), json!([]));
}

#[test]
fn one_that_hangs_is_tried_three_times_and_holds_nobody_up() {
    let (url, called) = functions(|_, _| std::thread::sleep(Duration::from_secs(30)));
    let server = Server::start(&["--trigger", &format!("PreSignUp={url}")]);
    let (began, refused) = std::thread::scope(|scope| {
        let began = Instant::now();
        let waiting = scope.spawn(|| server.call("SignUp", &sign_up("jane")));
        called.recv().unwrap();
        // Somebody else, while the first one waits.
        let user = json!({ "UserPoolId": POOL, "Username": "bob" });
        let asked = Instant::now();
        let there = server.call("AdminGetUser", &user);
        assert_eq!(there.error(), Some("UserNotFoundException"));
        assert!(asked.elapsed() < Duration::from_secs(4));
        (began, waiting.join().unwrap())
    });
    assert_eq!(refused.error(), Some("UnexpectedLambdaException"));
    let words = "PreSignUp invocation failed due to error Socket timeout while invoking Lambda \
                 function.";
    assert_eq!(refused.json()["message"], words);
    assert!(began.elapsed() >= Duration::from_secs(15));
    assert_eq!(called.try_iter().count(), 2, "three in all");
}

#[test]
fn one_that_nobody_serves_does_not_answer() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let server = Server::start(&["--trigger", &format!("PreSignUp=http://{closed}")]);
    let refused = server.call("SignUp", &sign_up("jane"));
    assert_eq!(
        refused.error(),
        Some("UnexpectedLambdaException"),
        "{refused:?}"
    );
}

#[test]
fn a_function_may_call_the_pool_about_the_same_user() {
    let address: std::sync::Arc<std::sync::OnceLock<String>> = std::sync::Arc::default();
    let pool = address.clone();
    let (url, called) = functions(move |(_, event), stream| {
        // As a function on AWS would: it counts sign-ins in an attribute of the user.
        let attributes = &event["request"]["userAttributes"];
        let count: u32 = attributes["profile"]
            .as_str()
            .unwrap_or("0")
            .parse()
            .unwrap();
        let input = json!({ "UserPoolId": POOL, "Username": event["userName"], "UserAttributes":
            [{ "Name": "profile", "Value": (count + 1).to_string() }] });
        let body = input.to_string();
        let mut own = TcpStream::connect(pool.get().unwrap()).unwrap();
        let target = "AWSCognitoIdentityProviderService.AdminUpdateUserAttributes";
        let request = format!(
            "POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-amz-target: {target}\r\n\
             content-type: application/x-amz-json-1.1\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        own.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        own.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        reply(stream, 200, "", &with_response(event, json!({})));
    });
    let server = Server::start(&["--trigger", &format!("PostAuthentication={url}")]);
    address.set(server.address().to_string()).unwrap();
    assert_eq!(server.call("SignUp", &sign_up("jane")).status, 200);
    let jane = json!({ "UserPoolId": POOL, "Username": "jane" });
    assert_eq!(server.call("AdminConfirmSignUp", &jane).status, 200);
    for count in 1..=2 {
        let signed_in = server.call("InitiateAuth", &sign_in("jane"));
        assert_eq!(signed_in.status, 200, "{signed_in:?}");
        called.try_recv().unwrap();
        // Once for each sign-in, though the user changed under it.
        assert!(called.try_recv().is_err());
        let user = server.call("AdminGetUser", &jane).json();
        let counted = json!({ "Name": "profile", "Value": count.to_string() });
        assert!(
            user["UserAttributes"]
                .as_array()
                .unwrap()
                .contains(&counted),
            "{user}"
        );
    }
}

#[test]
fn a_client_that_leaves_has_asked_all_the_same() {
    let (go, wait) = mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let (url, called) = functions(move |(_, event), stream| {
        wait.lock().unwrap().recv().unwrap();
        confirm(stream, event);
    });
    let server = Server::start(&["--trigger", &format!("PreSignUp={url}")]);
    let body = sign_up("jane").to_string();
    let stream = server.open(&format!(
        "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-amz-json-1.1\r\n\
         x-amz-target: AWSCognitoIdentityProviderService.SignUp\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ));
    called.recv().unwrap();
    drop(stream);
    go.send(()).unwrap();
    let jane = json!({ "UserPoolId": POOL, "Username": "jane" });
    let began = Instant::now();
    while server.call("AdminGetUser", &jane).status != 200 {
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "the sign-up was lost"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn two_at_once_with_one_name_are_asked_about_and_one_wins() {
    let (url, called) = functions(|(_, event), stream| {
        std::thread::sleep(Duration::from_millis(200));
        confirm(stream, event);
    });
    let server = Server::start(&["--trigger", &format!("PreSignUp={url}")]);
    let replies = std::thread::scope(|scope| {
        let both = [0, 1].map(|_| scope.spawn(|| server.call("SignUp", &sign_up("jane")).status));
        both.map(|it| it.join().unwrap())
    });
    assert_eq!(
        replies.iter().filter(|status| **status == 200).count(),
        1,
        "{replies:?}"
    );
    assert!(called.try_iter().count() <= 2);
}

#[test]
fn an_arn_is_invoked_as_lambda_has_it_and_wins() {
    let (url, called) =
        functions(
            |(line, event), stream| match event["userName"].as_str().unwrap() {
                _ if line.contains("/other") => reply(stream, 500, "", b"not this one"),
                "threw" => {
                    let body = br#"{"errorType":"Error","errorMessage":"not you"}"#;
                    reply(stream, 200, "X-Amz-Function-Error: Unhandled\r\n", body);
                }
                "unknown" => {
                    let header = "x-amzn-ErrorType: ResourceNotFoundException\r\n";
                    reply(stream, 404, header, br#"{"Message":"Function not found"}"#);
                }
                _ => confirm(stream, event),
            },
        );
    let folder = TempDir::new("lambda");
    let arn = "arn:aws:lambda:eu-west-1:123456789012:function:sign-up";
    let description = json!({
        "Id": POOL, "PoolName": "lambda", "LambdaConfig": { "PreSignUp": arn },
        "Clients": [{ "ClientId": "local0client0000000000000", "ClientName": "app" }],
    });
    let file = folder.file("pool.json", &description.to_string());
    let trigger = format!("PreSignUp={url}/other");
    let args = ["--pool", &file, "--trigger", &trigger];
    let with_endpoint = [&args[..], &["--lambda-endpoint", &url]].concat();
    let server = Server::start(&with_endpoint);
    let signed_up = server.call("SignUp", &sign_up("jane"));
    assert_eq!(signed_up.json()["UserConfirmed"], true, "{signed_up:?}");
    let (line, _) = called.recv().unwrap();
    let encoded = "arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Asign-up";
    let expected = format!("POST /2015-03-31/functions/{encoded}/invocations HTTP/1.1");
    assert_eq!(line, expected);
    for (name, error, message) in [
        (
            "threw",
            "UserLambdaValidationException",
            "PreSignUp failed with error not you.",
        ),
        (
            "unknown",
            "UnexpectedLambdaException",
            "PreSignUp invocation failed due to error ResourceNotFoundException.",
        ),
    ] {
        let refused = server.call("SignUp", &sign_up(name));
        assert_eq!(refused.error(), Some(error), "{refused:?}");
        assert_eq!(refused.json()["message"], message);
    }
    // Without the endpoint the ARN is a name that nobody can call.
    let server = Server::start(&args);
    let refused = server.call("SignUp", &sign_up("jane"));
    let message = "PreSignUp failed with error status 500.";
    assert_eq!(refused.json()["message"], message);
}
