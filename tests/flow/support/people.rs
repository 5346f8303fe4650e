//! Two people who share a browser, and what the pool knows of them. Answers are scripted; the number
//! of a token set tells whose it is.

use serde_json::{Value, json};

use super::{
    ACCESS_TOKEN, EMAIL, Fault, PASSWORD, REFRESH_TOKEN, USER, World, event, ok, tokens, user,
};

pub(crate) const OTHER: &str = "bob";
pub(crate) const OTHER_EMAIL: &str = "bob@example.com";

pub(crate) fn access_token(number: u32) -> String {
    ACCESS_TOKEN.replace('1', &number.to_string())
}

pub(crate) fn refresh_token(number: u32) -> String {
    REFRESH_TOKEN.replace('1', &number.to_string())
}

/// `GetUser` of the other one.
pub(crate) fn other_user() -> Fault {
    ok(json!({ "Username": OTHER, "UserAttributes": [
        { "Name": "sub", "Value": "sub-of-bob" },
        { "Name": "email", "Value": OTHER_EMAIL },
        { "Name": "email_verified", "Value": "true" },
    ] }))
}

/// A device that the pool would like to track comes with the tokens.
pub(crate) fn tokens_with_device(number: u32) -> Fault {
    let mut set = super::token_set(number);
    set["NewDeviceMetadata"] =
        json!({ "DeviceKey": DEVICE_KEY, "DeviceGroupKey": DEVICE_GROUP_KEY });
    ok(json!({ "AuthenticationResult": set, "ChallengeParameters": {} }))
}

pub(crate) const DEVICE_KEY: &str = "eu-west-1_0f8fad5b-d9cb-469f-a165-70867728950e";
pub(crate) const DEVICE_GROUP_KEY: &str = "-wwEWcGy2";

/// `DEVICE_SRP_AUTH`.
pub(crate) fn device_asked() -> Fault {
    let parameters = json!({ "USERNAME": USER, "DEVICE_KEY": DEVICE_KEY });
    super::challenge("DEVICE_SRP_AUTH", parameters)
}

/// The parameters of `DEVICE_PASSWORD_VERIFIER`.
pub(crate) fn device_verifier() -> Value {
    json!({
        "USERNAME": USER, "DEVICE_KEY": DEVICE_KEY, "SALT": "9a3b5c7d1e2f40516273849505162738",
        "SRP_B": "5".repeat(768), "SECRET_BLOCK": "c2VjcmV0LWJsb2NrLW9mLXRoZS1wb29s",
    })
}

pub(crate) fn device_proof_asked() -> Fault {
    super::challenge("DEVICE_PASSWORD_VERIFIER", device_verifier())
}

/// An access token that is a JWT with these claims, as the real ones are.
pub(crate) fn jwt(claims: &Value) -> String {
    let part = |value: &Value| base64(value.to_string().as_bytes(), true);
    format!(
        "{}.{}.c2lnbmF0dXJl",
        part(&json!({ "alg": "RS256" })),
        part(claims)
    )
}

/// Base64 of RFC 4648, in its padded form or in the one for addresses.
pub(crate) fn base64(bytes: &[u8], for_urls: bool) -> String {
    let mut alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').collect();
    alphabet.extend(if for_urls { ['-', '_'] } else { ['+', '/'] });
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let at = |place: usize| u32::from(*chunk.get(place).unwrap_or(&0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            if digit <= chunk.len() {
                text.push(alphabet[(bits >> (18 - 6 * digit) & 63) as usize]);
            } else if !for_urls {
                text.push('=');
            }
        }
    }
    text
}

/// A scripted world where people sign in by choice, at what the pool answers to a name alone.
pub(crate) fn choosing(first: Fault) -> World {
    let mut world = World::scripted_with(json!({ "signInWith": "choice" }));
    world.expect("InitiateAuth", first);
    world.send(super::begin());
    world.sent();
    world
}

/// A scripted world in which the browser asks alice for a passkey.
pub(crate) fn asked_for_passkey() -> World {
    let mut world = World::scripted_with(json!({ "signInWith": "choice" }));
    world.expect("InitiateAuth", super::passkey_first());
    world.start(super::begin()).unwrap();
    world.answer_all();
    world
}

/// The same, after she has closed the browser's prompt.
pub(crate) fn at_passkey() -> World {
    let mut world = asked_for_passkey();
    world.refuse("NotAllowedError");
    world.sent();
    world
}

/// What the browser gives, as the machine takes it.
pub(crate) fn assertion() -> Value {
    json!({
        "id": "YWxpY2U", "rawId": "YWxpY2U", "type": "public-key", "clientExtensionResults": {},
        "response": {
            "clientDataJSON": "e30", "authenticatorData": "YQ", "signature": "cHJvb2Ytb2Ytd29yaw",
            "userHandle": "YWxpY2U",
        },
    })
}

/// Alice, signed in, with nothing left to be done.
pub(crate) fn alice() -> World {
    alice_with(json!({}))
}

pub(crate) fn alice_with(options: Value) -> World {
    let mut world = World::scripted_with(options);
    world.sign_in_as(USER, tokens(1), alices_attributes());
    world
}

/// A browser in which alice has signed in by password on a device that is known now, and out again.
pub(crate) fn alice_known() -> World {
    let mut world = World::scripted();
    world.become_known();
    world
}

/// Alice, asked for the code that verifies her email address.
pub(crate) fn alice_verifying() -> World {
    let mut world = World::scripted();
    world
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", super::unverified_user())
        .expect("GetUserAttributeVerificationCode", super::email_sent());
    assert_eq!(world.send(super::sign_in())["step"], "verifyAttribute");
    world.sent();
    world
}

pub(crate) fn alices_attributes() -> Fault {
    user(json!({ "sub": "sub-of-alice", "email": EMAIL, "email_verified": "true" }))
}

impl World {
    /// Signs in by scripted answers.
    pub(crate) fn sign_in_as(&mut self, name: &str, tokens: Fault, attributes: Fault) {
        self.expect("InitiateAuth", tokens)
            .expect("GetUser", attributes);
        let event = json!({ "type": "signIn", "username": name, "password": PASSWORD });
        assert_eq!(self.send(event)["step"], "signedIn");
        self.sent();
    }

    /// Signs alice in on a device that the pool tracks, and out again.
    pub(crate) fn become_known(&mut self) {
        self.expect("InitiateAuth", tokens_with_device(1))
            .expect("ConfirmDevice", super::done())
            .expect("GetUser", alices_attributes());
        let event = json!({ "type": "signIn", "username": USER, "password": PASSWORD });
        assert_eq!(self.send(event)["device"], "remembered");
        self.leave();
    }

    /// Signs out, and the pool hears of it.
    pub(crate) fn leave(&mut self) {
        self.expect("RevokeToken", super::done());
        assert_eq!(self.send(event("signOut"))["step"], "signedOut");
        self.sent();
    }

    /// The session record, as it stands in the storage.
    pub(crate) fn record(&self) -> Value {
        let record = self.storage.as_ref().unwrap().session();
        record.map_or(Value::Null, |record| {
            serde_json::from_str(&record).unwrap_or_default()
        })
    }

    /// What a call was answered, which was not what it asked for.
    #[track_caller]
    pub(crate) fn refusal(&mut self, ticket: u32) -> String {
        let answer = self.answer(ticket).expect("the call is answered");
        answer.unwrap_err().code.as_str().into()
    }
}

/// What happens to the session in another tab.
pub(crate) const CHANGES: [Change; 3] = [Change::SomebodyElse, Change::SignedOut, Change::Anew];

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Change {
    /// Somebody else signs in.
    SomebodyElse,
    /// Alice signs out.
    SignedOut,
    /// Alice signs in anew.
    Anew,
}

/// Makes the change in this tab.
pub(crate) fn change_in(tab: &mut World, change: Change) {
    tab.leave();
    match change {
        Change::SomebodyElse => tab.sign_in_as(OTHER, tokens(5), other_user()),
        Change::Anew => tab.sign_in_as(USER, tokens(5), alices_attributes()),
        Change::SignedOut => {}
    }
}

/// What a base64 text of either form holds.
pub(crate) fn from_base64(text: &str) -> Vec<u8> {
    let digits = text.trim_end_matches('=').bytes().map(|byte| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        other => panic!("no base64: {other}"),
    });
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for digit in digits {
        (bits, held) = (bits << 6 | u32::from(digit), held + 6);
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}
