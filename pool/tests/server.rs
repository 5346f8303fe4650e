//! The program `cognito-pool`, started as a user would and spoken to over sockets.
#![cfg(feature = "server")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "server/callbacks.rs"]
mod callbacks;
#[path = "server/limits.rs"]
mod limits;
#[path = "server/origins.rs"]
mod origins;
#[path = "server/pages.rs"]
mod pages;
#[path = "server/program.rs"]
mod program;
#[path = "server/races.rs"]
mod races;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use program::{Reply, Server, TempDir};
use serde_json::{Value, json};

const PASSWORD: &str = "Correct-horse-7";
const PHONE: &str = "+12025550100";

fn sign_up(username: &str) -> Value {
    json!({
        "ClientId": "local0client0000000000000",
        "Username": username,
        "Password": PASSWORD,
        "UserAttributes": [
            { "Name": "email", "Value": "jane@example.org" },
            { "Name": "phone_number", "Value": PHONE },
        ],
    })
}

fn sign_in(username: &str) -> Value {
    json!({
        "ClientId": "local0client0000000000000",
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": username, "PASSWORD": PASSWORD },
    })
}

#[test]
fn says_where_it_is_and_stops_when_told_to() {
    let mut server = Server::start(&[]);
    for word in [
        server.url().as_str(),
        "eu-west-1_LocalPool",
        "local0client0000000000000",
        "boto3",
        "aws --endpoint-url",
        "Amplify.configure",
        "createFlow",
    ] {
        assert!(
            server.greeting().contains(word),
            "{word}: {}",
            server.greeting()
        );
    }
    assert_eq!(server.get("/health").json(), json!({ "status": "ok" }));
    server.signal("TERM");
    assert!(server.wait().success());
}

#[test]
fn the_window_for_people_loads_nothing_from_elsewhere_and_is_for_this_machine() {
    let server = Server::start(&[]);
    assert!(
        server
            .greeting()
            .contains(&format!("{}/_pool/ shows", server.url()))
    );
    let page = server.get("/_pool/");
    assert_eq!(page.status, 200);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self';"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"));
    for (part, kind) in [("window.css", "text/css"), ("window.js", "text/javascript")] {
        assert!(page.text().contains(&format!("\"/_pool/{part}\"")));
        let loaded = server.get(&format!("/_pool/{part}"));
        assert_eq!(loaded.status, 200);
        assert!(loaded.header("content-type").unwrap().starts_with(kind));
        assert!(
            !loaded.text().contains("://") || part == "window.js",
            "{part}"
        );
    }
    for path in ["/_pool/", "/_pool/window.js"] {
        let foreign = server.request("GET", path, &[("host", "pool.example")], b"");
        assert_eq!(foreign.status, 404, "{path}");
    }
    assert_eq!(server.request("POST", "/_pool/", &[], b"").status, 404);
}

#[test]
fn an_open_event_stream_does_not_keep_it_from_stopping() {
    let mut server = Server::start(&[]);
    let mut stream = server.open("GET /_pool/events HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let mut first = [0; 15];
    stream.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    let began = Instant::now();
    server.signal("INT");
    assert!(server.wait().success());
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_person_signs_up_and_in() {
    let server = Server::start(&[]);
    let reply = server.call("SignUp", &sign_up("jane"));
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(
        reply.json()["CodeDeliveryDetails"]["Destination"],
        json!("+*******0100")
    );
    let outbox = server.get("/_pool/outbox?to=%2B12025550100").json();
    let code = outbox[0]["code"].as_str().unwrap();
    let confirm = json!({
        "ClientId": "local0client0000000000000", "Username": "jane", "ConfirmationCode": code,
    });
    assert_eq!(server.call("ConfirmSignUp", &confirm).status, 200);
    let reply = server.call("InitiateAuth", &sign_in("jane"));
    assert!(
        reply.json()["AuthenticationResult"]["AccessToken"].is_string(),
        "{reply:?}"
    );
}

#[test]
fn a_session_has_the_address_of_the_connection_whatever_the_client_says() {
    let server = Server::start(&[]);
    let pools = server
        .call("ListUserPools", &json!({ "MaxResults": 1 }))
        .json();
    let pool = json!({ "UserPoolId": pools["UserPools"][0]["Id"] });
    let mut settings = pool.clone();
    settings["UserSessionTracking"] = json!("ENABLED");
    settings["TokenSession"] = json!({ "MaxPerUser": 2 });
    let tracked = server.call("SetUserPoolSessionConfiguration", &settings);
    assert_eq!(tracked.status, 200, "{tracked:?}");
    assert_eq!(server.call("SignUp", &sign_up("jane")).status, 200);
    let mut jane = pool;
    jane["Username"] = json!("jane");
    assert_eq!(server.call("AdminConfirmSignUp", &jane).status, 200);
    let headers = [
        ("content-type", "application/x-amz-json-1.1"),
        (
            "x-amz-target",
            "AWSCognitoIdentityProviderService.InitiateAuth",
        ),
        ("x-forwarded-for", "192.0.2.1"),
        ("user-agent", "curl/8.9.1"),
    ];
    let body = sign_in("jane").to_string();
    let reply = server.request("POST", "/", &headers, body.as_bytes());
    assert_eq!(reply.status, 200, "{reply:?}");
    let sessions = server.call("AdminListUserSessions", &jane).json();
    let session = &sessions["Sessions"][0];
    assert_eq!(session["LastIPAddress"], "127.0.0.1");
    assert_eq!(session["DeviceType"], "curl");
}

#[test]
fn bad_requests_are_refused_as_cognito_does() {
    let server = Server::start(&[]);
    let post = |target: &str, body: &[u8]| {
        let type_ = ("content-type", "application/x-amz-json-1.1");
        server.request("POST", "/", &[type_, ("x-amz-target", target)], body)
    };
    let prefix = "AWSCognitoIdentityProviderService";
    for (target, body, error) in [
        ("SignUp", &b"{"[..], "SerializationException"),
        ("SignUp", b"[]", "SerializationException"),
        ("SignUp", b"\xff\xfe", "SerializationException"),
        ("SignUp", b"", "SerializationException"),
        ("SignUp", b"{}", "InvalidParameterException"),
        ("NoSuchOperation", b"{}", "UnknownOperationException"),
    ] {
        let reply = post(&format!("{prefix}.{target}"), body);
        assert_eq!(reply.status, 400, "{target} {reply:?}");
        assert_eq!(
            reply.header("x-amzn-errortype"),
            Some(format!("{error}:").as_str())
        );
        assert_eq!(reply.json()["__type"], json!(error));
        assert!(reply.header("x-amzn-requestid").is_some());
        assert!(reply.header("date").is_some());
    }
    for target in [
        "",
        "x",
        "SignUp",
        "AWSCognitoIdentityProviderService",
        "a.b.c",
    ] {
        assert_eq!(post(target, b"{}").status, 400, "{target}");
    }
    for (method, path, status) in [
        ("GET", "/", 404),
        ("GET", "/nowhere/.well-known/jwks.json", 404),
        ("HEAD", "/health", 200),
        ("DELETE", "/", 405),
        ("PUT", "/_pool/outbox", 405),
        ("POST", "/", 400),
    ] {
        assert_eq!(
            server.request(method, path, &[], b"").status,
            status,
            "{method} {path}"
        );
    }
}

#[test]
fn what_is_not_http_ends_the_connection_and_nothing_else() {
    let server = Server::start(&[]);
    for garbage in [
        &b"\0\0\0\0\0\0\0\0\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ] {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(5)))
            .unwrap();
        stream.write_all(garbage).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut reply = Vec::new();
        // That the connection is reset is an answer too.
        let _ = stream.read_to_end(&mut reply);
        let reply = String::from_utf8_lossy(&reply).into_owned();
        assert!(
            reply.is_empty() || reply.starts_with("HTTP/1.1 4"),
            "{reply}"
        );
    }
    assert_eq!(server.get("/health").status, 200);
}

#[test]
fn a_request_has_limits() {
    let server = Server::start(&[]);
    let target = ("x-amz-target", "AWSCognitoIdentityProviderService.SignUp");
    let long = vec![b' '; (1 << 20) + 1];
    assert_eq!(server.request("POST", "/", &[target], &long).status, 413);
    let just_short_enough = &long[..1 << 20];
    let reply = server.request("POST", "/", &[target], just_short_enough);
    assert_eq!(
        (reply.status, reply.error()),
        (400, Some("SerializationException"))
    );
    let wide = "x".repeat(64 * 1024);
    assert_eq!(
        server
            .request("GET", "/health", &[("x", &wide)], b"")
            .status,
        431
    );
    let many: Vec<_> = (0..150).map(|_| ("x", "y")).collect();
    assert_eq!(server.request("GET", "/health", &many, b"").status, 431);
    assert_eq!(server.get("/health").status, 200);
}

#[test]
fn a_client_may_be_slow_only_for_so_long() {
    let server = Server::start(&["--client-timeout", "1"]);
    let began = Instant::now();
    let mut head = server.open("GET /health HTTP/1.1\r\nhost: ");
    let mut reply = String::new();
    let _ = head.read_to_string(&mut reply);
    assert!(!reply.starts_with("HTTP/1.1 2"), "{reply}");
    let body =
        "POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 9\r\n\r\n{";
    let mut body = server.open(body);
    let mut reply = String::new();
    body.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 408"), "{reply}");
    assert!(
        began.elapsed() < Duration::from_secs(8),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn many_at_once_are_all_answered() {
    let server = Server::start(&[]);
    std::thread::scope(|scope| {
        let users: Vec<_> = (0..24)
            .map(|at| {
                let server = &server;
                scope.spawn(move || server.call("SignUp", &sign_up(&format!("user{at}"))).status)
            })
            .collect();
        for user in users {
            assert_eq!(user.join().unwrap(), 200);
        }
    });
    assert_eq!(
        server.get("/_pool/outbox").json().as_array().unwrap().len(),
        24
    );
}

#[test]
fn events_follow_and_can_be_taken_up_again() {
    let server = Server::start(&[]);
    assert_eq!(server.call("SignUp", &sign_up("jane")).status, 200);
    let mut all = server.open("GET /_pool/events HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let begun = program::read_until(&mut all, "event: delivery");
    assert!(begun.contains("content-type: text/event-stream"), "{begun}");
    assert!(
        begun.contains("id: 1\n") && begun.contains(PHONE),
        "{begun}"
    );
    let resend = json!({ "ClientId": "local0client0000000000000", "Username": "jane" });
    assert_eq!(server.call("ResendConfirmationCode", &resend).status, 200);
    program::read_until(&mut all, "id: 4\n");
    let mut rest =
        server.open("GET /_pool/events HTTP/1.1\r\nhost: localhost\r\nlast-event-id: 3\r\n\r\n");
    let rest = program::read_until(&mut rest, "event: delivery");
    assert!(
        rest.contains("id: 4\n") && !rest.contains("id: 3\n"),
        "{rest}"
    );
}

#[test]
fn a_seed_and_a_standing_clock_make_replies_repeat() {
    let run = || {
        // The port is part of what tokens and links say.
        let server = Server::start(&[
            "--seed",
            "7",
            "--clock",
            "1795406706000",
            "--endpoint",
            "http://pool.test",
        ]);
        let mut replies = vec![server.call("SignUp", &sign_up("jane"))];
        let outbox = server.get("/_pool/outbox");
        let confirm = json!({
            "ClientId": "local0client0000000000000", "Username": "jane",
            "ConfirmationCode": outbox.json()[0]["code"],
        });
        replies.push(outbox);
        replies.push(server.call("ConfirmSignUp", &confirm));
        replies.push(server.call("InitiateAuth", &sign_in("jane")));
        let advance = server.request("POST", "/_pool/clock", &[], br#"{"advanceSeconds":60}"#);
        assert_eq!(advance.json(), json!({ "now": 1_795_406_766_000_u64 }));
        replies
            .into_iter()
            .map(|reply| reply.body)
            .collect::<Vec<_>>()
    };
    assert_eq!(run(), run());
}

#[test]
fn a_key_is_kept_where_it_is_told_to() {
    let folder = TempDir::new("key");
    let path = folder.path().join("key.pem");
    let path = path.to_str().unwrap();
    let jwks = || {
        let server = Server::start(&["--key", path]);
        server
            .get("/eu-west-1_LocalPool/.well-known/jwks.json")
            .json()
    };
    let first = jwks();
    assert_eq!(first["keys"][0]["alg"], json!("RS256"));
    assert_eq!(jwks(), first);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let development = Server::start(&["--seed", "1"]);
    let development = development
        .get("/eu-west-1_LocalPool/.well-known/jwks.json")
        .json();
    assert_ne!(development["keys"][0]["n"], first["keys"][0]["n"]);
}

#[test]
fn pools_come_from_files() {
    let folder = TempDir::new("pools");
    let toml = folder.file(
        "one.toml",
        "Id = 'us-east-1_One'\nPoolName = 'one'\n[[Clients]]\nClientId = 'clientone'\n",
    );
    let json = folder.file("two.json", r#"{"Id":"us-east-1_Two","PoolName":"two"}"#);
    let server = Server::start(&["--region", "us-east-1", "--pool", &toml, "--pool", &json]);
    for id in ["us-east-1_One", "us-east-1_Two", "clientone"] {
        assert!(server.greeting().contains(id), "{id}");
    }
    let path = "/us-east-1_Two/.well-known/openid-configuration";
    let issuer = server.get(path).json()["issuer"].clone();
    assert_eq!(issuer, json!(format!("{}/us-east-1_Two", server.url())));
}

#[test]
fn what_cannot_start_says_why() {
    let folder = TempDir::new("wrong");
    let no_name = folder.file("no-name.toml", "Id = 'eu-west-1_A'\n");
    let no_toml = folder.file("no-toml.toml", "this is not TOML");
    let no_key = folder.file("key.pem", "not a key");
    for (args, code, word) in [
        (
            vec!["--pool", &no_name],
            1,
            "no-name.toml: InvalidParameterException",
        ),
        (vec!["--pool", &no_toml], 1, "no-toml.toml"),
        (vec!["--pool", "/nowhere.toml"], 1, "/nowhere.toml"),
        (vec!["--key", &no_key], 1, "key.pem"),
        (vec!["--listen", "127.0.0.1:x"], 2, "--help"),
        (vec!["--what"], 2, "--what"),
    ] {
        let (status, error) = program::failing(&args);
        assert_eq!(status, Some(code), "{args:?}: {error}");
        assert!(error.contains(word), "{args:?}: {error}");
    }
}

#[test]
fn the_log_holds_no_secret() {
    for format in ["json", "text"] {
        let mut server = Server::start(&["--log", format]);
        server.call("SignUp", &sign_up("jane"));
        let code = server.get("/_pool/outbox").json()[0]["code"]
            .as_str()
            .unwrap()
            .to_owned();
        let confirm = json!({
            "ClientId": "local0client0000000000000", "Username": "jane", "ConfirmationCode": code,
        });
        server.call("ConfirmSignUp", &confirm);
        let reply = server.call("InitiateAuth", &sign_in("jane")).json();
        let token = reply["AuthenticationResult"]["AccessToken"]
            .as_str()
            .unwrap()
            .to_owned();
        let path = format!("/confirmUser?user_name=jane&confirmation_code={code}");
        assert_eq!(server.get(&path).status, 400);
        server.get(&format!("/{token}"));
        server.signal("TERM");
        assert!(server.wait().success());
        let log = server.log();
        for secret in [PASSWORD, &code, &token, PHONE, "jane"] {
            assert!(!log.contains(secret), "{secret} in {log}");
        }
        for what in ["SignUp", "InitiateAuth", "/confirmUser"] {
            assert!(log.contains(what), "{what} in {log}");
        }
        if format == "json" {
            for line in log.lines() {
                assert!(serde_json::from_str::<Value>(line).is_ok(), "{line}");
            }
        }
    }
}

#[test]
fn an_app_client_can_be_throttled() {
    let server = Server::start(&["--requests-per-second", "2", "--clock", "1795406706000"]);
    let names: Vec<_> = (0..3)
        .map(|_| {
            server
                .call("InitiateAuth", &sign_in("nobody"))
                .error()
                .map(str::to_owned)
        })
        .collect();
    let unknown = Some("UserNotFoundException".to_owned());
    assert_eq!(names[..2], [unknown.clone(), unknown]);
    assert_eq!(names[2].as_deref(), Some("TooManyRequestsException"));
}

#[test]
fn permission_and_money_over_the_wire() {
    let server = Server::start(&[]);
    let role = "arn:aws:iam::123456789012:role/sms";
    let create = json!({
        "PoolName": "p",
        "AutoVerifiedAttributes": ["phone_number"],
        "SmsConfiguration": { "SnsCallerArn": role, "ExternalId": "e-1" },
    });
    let refused = server.call("CreateUserPool", &create);
    assert_eq!(
        refused.error(),
        Some("InvalidSmsRoleTrustRelationshipException")
    );

    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": "cognito-idp.amazonaws.com" },
        "Action": "sts:AssumeRole", "Condition": { "StringEquals": { "sts:ExternalId": "e-1" } },
    }] });
    let made = server.query(&[
        ("Action", "CreateRole"),
        ("Version", "2010-05-08"),
        ("RoleName", "sms"),
        ("AssumeRolePolicyDocument", &trust.to_string()),
    ]);
    assert_eq!(made.status, 200, "{made:?}");
    assert!(
        made.text().contains(&format!("<Arn>{role}</Arn>")),
        "{made:?}"
    );
    let refused = server.call("CreateUserPool", &create);
    assert_eq!(refused.error(), Some("InvalidSmsRoleAccessPolicyException"));

    let attached = server.query(&[
        ("Action", "AttachRolePolicy"),
        ("Version", "2010-05-08"),
        ("RoleName", "sms"),
        ("PolicyArn", "arn:aws:iam::aws:policy/AmazonSNSFullAccess"),
    ]);
    assert_eq!(attached.status, 200, "{attached:?}");
    assert_eq!(server.call("CreateUserPool", &create).status, 200);
}

#[test]
fn the_limit_is_one_dollar_until_the_command_line_says_otherwise() {
    let limit = |args: &[&str]| {
        let server = Server::start(args);
        server.get("/_pool/spending").json()["limitMicroUsd"].clone()
    };
    assert_eq!(limit(&[]), 1_000_000);
    assert_eq!(limit(&["--sms-limit", "2.50"]), 2_500_000);
    let folder = TempDir::new("sms-limit");
    let described = |text: &str| folder.file("pool.toml", &format!("PoolName = 'p'\n{text}"));
    assert_eq!(limit(&["--pool", &described("")]), 1_000_000);
    let file = described("[Sms]\nMonthlySpendLimit = 20\n");
    assert_eq!(limit(&["--pool", &file]), 20_000_000);
    assert_eq!(limit(&["--pool", &file, "--sms-limit", "3"]), 3_000_000);
}

#[test]
fn over_the_limit_a_message_is_lost_or_in_strict_mode_refused() {
    let folder = TempDir::new("limit");
    let description = "Id = 'eu-west-1_LocalPool'\nPoolName = 'p'\n\
        AutoVerifiedAttributes = ['phone_number']\n\
        SmsConfiguration = { SnsCallerArn = 'arn:aws:iam::123456789012:role/sms' }\n\
        [Sms]\nMonthlySpendLimit = 0\n\
        [[Clients]]\nClientId = 'local0client0000000000000'\n";
    let file = folder.file("pool.toml", description);
    let silent = Server::start(&["--pool", &file]);
    assert_eq!(silent.call("SignUp", &sign_up("jane")).status, 200);
    assert_eq!(silent.get("/_pool/outbox").json(), json!([]));
    let deliveries = silent.get("/_pool/deliveries").json();
    assert_eq!(deliveries[0]["outcome"], json!("dropped"));
    assert_eq!(deliveries[0]["reason"], json!("No quota left for account"));
    assert_eq!(
        silent.get("/_pool/spending").json(),
        json!({ "monthToDateMicroUsd": 0, "limitMicroUsd": 0 })
    );
    let strict = Server::start(&["--pool", &file, "--strict-sms"]);
    let refused: Reply = strict.call("SignUp", &sign_up("jane"));
    assert_eq!(refused.error(), Some("CodeDeliveryFailureException"));
}
