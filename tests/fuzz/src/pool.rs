//! The pool: whatever comes over HTTP is answered with no 5xx, no panic, and no error but a declared one.

use base64ct::{Base64UrlUnpadded, Encoding};
use cognito_pool::Request;
use serde_json::{Value, json};

use crate::ground::{Ground, POOL, ROLE};

/// Lines of an operation's name and its body; the answers are of one pool, in order.
pub(crate) fn operation(bytes: &[u8]) {
    let mut ground = Ground::new();
    for line in bytes.split(|byte| *byte == b'\n').take(8) {
        let (name, body) = match line.iter().position(|byte| *byte == b' ') {
            Some(at) => line.split_at(at),
            None => (line, &b""[..]),
        };
        let Ok(name) = std::str::from_utf8(name) else {
            continue;
        };
        let body = match std::str::from_utf8(body) {
            Ok(text) => Ground::filled(text).into_bytes(),
            Err(_) => body.to_vec(),
        };
        ground.post(name, body);
    }
}

/// The filter of `ListUsers`.
pub(crate) fn filter(bytes: &[u8]) {
    if let Ok(filter) = std::str::from_utf8(bytes) {
        let input = json!({ "UserPoolId": POOL, "Filter": filter });
        Ground::new().call("ListUsers", &input);
    }
}

/// A line each: the subject, the text of an SMS; the rest is the text of an email. All are sent.
pub(crate) fn template(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut parts = text.splitn(3, '\n');
    let mut next = || parts.next().unwrap_or_default();
    let (subject, sms, email) = (next(), next(), next());
    let mut ground = Ground::new();
    let templates = json!({
        "UserPoolId": POOL, "AutoVerifiedAttributes": ["email", "phone_number"],
        "SmsConfiguration": { "SnsCallerArn": ROLE, "ExternalId": "external" },
        "SmsVerificationMessage": sms, "SmsAuthenticationMessage": sms,
        "VerificationMessageTemplate": { "DefaultEmailOption": "CONFIRM_WITH_LINK",
            "EmailMessageByLink": email, "EmailSubjectByLink": subject,
            "EmailMessage": email, "EmailSubject": subject },
        "AdminCreateUserConfig": { "InviteMessageTemplate":
            { "SMSMessage": sms, "EmailMessage": email, "EmailSubject": subject } },
    });
    ground.call("UpdateUserPool", &templates);
    ground.call(
        "ResendConfirmationCode",
        &json!({ "ClientId": "app", "Username": "carol" }),
    );
    ground.call(
        "ForgotPassword",
        &json!({ "ClientId": "app", "Username": "alice" }),
    );
    ground.call(
        "AdminCreateUser",
        &json!({ "UserPoolId": POOL, "Username": "dave",
        "UserAttributes": [{ "Name": "email", "Value": "dave@example.com" }] }),
    );
    assert!(
        ground
            .send(&Request::get("/_pool/outbox"))
            .json()
            .is_array()
    );
}

/// The first line is a trust policy, the rest a permission; then Cognito tries to send by the role.
pub(crate) fn policy(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (trust, permission) = text.split_once('\n').unwrap_or((text, ""));
    let mut ground = Ground::new();
    for (action, name, document) in [
        ("UpdateAssumeRolePolicy", "PolicyDocument", trust),
        ("PutRolePolicy", "PolicyName=p&PolicyDocument", permission),
    ] {
        let document = cognito_pool::percent_encoded(document);
        let body = format!("Action={action}&Version=2010-05-08&RoleName=sms&{name}={document}");
        form(&mut ground, "/", body.into_bytes());
    }
    let user = json!({ "ClientId": "app", "Username": "carol" });
    ground.call("ResendConfirmationCode", &user);
    let settings = json!({ "UserPoolId": POOL, "MfaConfiguration": "OPTIONAL",
        "SmsMfaConfiguration": { "SmsConfiguration": { "SnsCallerArn": ROLE, "ExternalId": "external" } } });
    ground.call("SetUserPoolMfaConfig", &settings);
}

/// The bodies that IAM, SNS and Support take: a line `support NAME`, or any other, and the body.
pub(crate) fn account(bytes: &[u8]) {
    let mut ground = Ground::new();
    let at = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (first, body) = bytes.split_at(at);
    let first = String::from_utf8_lossy(first);
    match first.strip_prefix("support ") {
        Some(name) => {
            let mut request = Request::operation(name, &Value::Null);
            let target = format!("AWSSupport_20130415.{name}");
            request.headers = vec![("x-amz-target".into(), target)];
            request.body = body.to_vec();
            ground.send(&request);
        }
        None => form(&mut ground, "/", body.to_vec()),
    }
}

/// SRP at the pool, a line each: `SRP_A`, signature, secret block, timestamp. And what else a proof has.
pub(crate) fn proof(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let text = Ground::filled(text);
    let mut lines = text.split('\n');
    let mut next = || lines.next().unwrap_or_default();
    let (a, signature, block, timestamp) = (next(), next(), next(), next());
    let mut ground = Ground::new();
    let start = json!({ "ClientId": "app", "AuthFlow": "USER_SRP_AUTH",
        "AuthParameters": { "USERNAME": "alice", "SRP_A": a } });
    ground.call("InitiateAuth", &start);
    let answer = json!({ "ClientId": "app", "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": {
        "USERNAME": Ground::given("$WHO"), "PASSWORD_CLAIM_SIGNATURE": signature,
        "PASSWORD_CLAIM_SECRET_BLOCK": block, "TIMESTAMP": timestamp } });
    let answered = ground.call("RespondToAuthChallenge", &answer);
    assert!(
        answered["AuthenticationResult"].is_null(),
        "a proof without a password: {text}"
    );
}

/// An attestation object of a new passkey (CBOR), and the same bytes where a sign-in has its proof.
pub(crate) fn passkey(bytes: &[u8]) {
    let encoded = Base64UrlUnpadded::encode_string(bytes);
    let mut ground = Ground::new();
    let data = |kind: &str| {
        let data = json!({ "type": kind, "challenge": Ground::given("$PASSKEY"),
            "origin": "https://example.com", "crossOrigin": false });
        Base64UrlUnpadded::encode_string(data.to_string().as_bytes())
    };
    // Behind the header of an authenticator's data stands the id.
    let id = Base64UrlUnpadded::encode_string(&[1; 16]);
    let credential = json!({ "id": id, "rawId": id, "type": "public-key",
        "clientExtensionResults": {}, "response": { "clientDataJSON": data("webauthn.create"),
            "attestationObject": encoded, "transports": ["internal"] } });
    let access = Ground::given("$ACCESS");
    let input = json!({ "AccessToken": access, "Credential": credential });
    ground.call("CompleteWebAuthnRegistration", &input);
    let list = json!({ "AccessToken": access });
    ground.call("ListWebAuthnCredentials", &list);
    let answer = json!({ "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
        "response": { "clientDataJSON": data("webauthn.get"), "authenticatorData": encoded,
            "signature": encoded } });
    let chosen = json!({ "ClientId": "app", "ChallengeName": "SELECT_CHALLENGE",
        "Session": Ground::given("$CHOICE"),
        "ChallengeResponses": { "USERNAME": "alice", "ANSWER": "WEB_AUTHN" } });
    let asked = ground.call("RespondToAuthChallenge", &chosen);
    let respond = json!({ "ClientId": "app", "ChallengeName": "WEB_AUTHN", "Session": asked["Session"],
        "ChallengeResponses": { "USERNAME": "alice", "CREDENTIAL": answer.to_string() } });
    let answered = ground.call("RespondToAuthChallenge", &respond);
    assert!(
        answered["AuthenticationResult"].is_null(),
        "signed in without a passkey"
    );
}

/// Managed login: a line `METHOD path?query`, lines of headers, an empty line, a form.
pub(crate) fn oauth(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let text = Ground::filled(text);
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default();
    let (method, path) = first.split_once(' ').unwrap_or(("GET", first));
    let mut headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    if method == "POST" {
        headers.push((
            "content-type".into(),
            "application/x-www-form-urlencoded".into(),
        ));
    }
    // The clock and the outbox are the developer's own.
    if path.starts_with("/_pool") {
        return;
    }
    let response = Ground::new().send(&Request {
        method: method.into(),
        path: path.into(),
        headers,
        body: body.as_bytes().to_vec(),
    });
    for (name, value) in &response.headers {
        assert!(
            !value.contains(['\r', '\n']),
            "a header in a header: {name}"
        );
    }
}

fn form(ground: &mut Ground, path: &str, body: Vec<u8>) {
    ground.send(&Request {
        method: "POST".into(),
        path: path.into(),
        headers: vec![(
            "content-type".into(),
            "application/x-www-form-urlencoded".into(),
        )],
        body,
    });
}
