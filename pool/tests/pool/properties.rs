//! Whatever is asked, in whatever order and at whatever time, some things never happen.
//!
//! Each walk is made of a seed, which a failure names: the same seed walks the same way again.

use std::collections::{BTreeMap, BTreeSet};

use crate::common::*;
use cognito_pool::{Randomness, SeededRandomness};
use serde_json::{Value, json};

const NAMES: [&str; 3] = ["alice", "bob", "carol"];
const WALKS: u64 = 12;
const STEPS: usize = 150;

/// Chooses what to do next.
struct Dice(SeededRandomness);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        usize::try_from(u64::from_le_bytes(bytes) % n as u64).unwrap()
    }

    fn of<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        if list.is_empty() {
            None
        } else {
            list.get(self.below(list.len()))
        }
    }
}

/// What the walk has seen so far.
struct Walk {
    local: Local,
    dice: Dice,
    challenges: Vec<Value>,
    tokens: Vec<Value>,
    codes: Vec<String>,
    /// Codes that did something.
    used: BTreeSet<String>,
    /// When each code was sent, and the longest it may live.
    sent: BTreeMap<String, (u64, u64)>,
    /// Codes that were given back by anybody, for the attribute that carried them.
    returned: BTreeSet<(String, String)>,
    /// How often each operation succeeded.
    succeeded: BTreeMap<String, u32>,
    /// Messages read so far.
    seen_events: usize,
}

#[test]
fn invariants_hold_on_every_walk() {
    let mut succeeded = BTreeMap::<String, u32>::new();
    for seed in 0..WALKS {
        let mfa = ["OFF", "OPTIONAL", "ON"][usize::try_from(seed % 3).unwrap()];
        let local = Local::verifying(json!({
            "MfaConfiguration": mfa, "AliasAttributes": ["email"],
            "Schema": [{ "Name": "phone_number", "Required": true }],
        }));
        let mut walk = Walk {
            local,
            dice: Dice(SeededRandomness::new(seed)),
            challenges: Vec::new(),
            tokens: Vec::new(),
            codes: vec!["000000".into()],
            used: BTreeSet::new(),
            sent: BTreeMap::new(),
            returned: BTreeSet::new(),
            succeeded: BTreeMap::new(),
            seen_events: 0,
        };
        for step in 0..STEPS {
            let what = walk.step(mfa);
            walk.check(&format!("walk {seed}, step {step}: {what}"));
        }
        for (operation, times) in walk.succeeded {
            *succeeded.entry(operation).or_default() += times;
        }
    }
    // Walks that get nowhere would prove nothing.
    for operation in [
        "ConfirmSignUp",
        "RespondToAuthChallenge",
        "VerifyUserAttribute",
        "ConfirmForgotPassword",
        "SetUserMFAPreference",
    ] {
        assert!(
            succeeded.get(operation).is_some_and(|times| *times > 3),
            "{succeeded:?}"
        );
    }
}

impl Walk {
    fn step(&mut self, mfa: &str) -> &'static str {
        let name = *self.dice.of(&NAMES).unwrap();
        // Mostly what a person would do, often enough what nobody should.
        let latest = self
            .codes
            .last()
            .cloned()
            .filter(|_| self.dice.below(2) == 0);
        let code = latest.unwrap_or_else(|| self.dice.of(&self.codes.clone()).unwrap().clone());
        let token = self
            .dice
            .of(&self.tokens.clone())
            .cloned()
            .unwrap_or_default();
        let access = token["AccessToken"].as_str().unwrap_or("a.b.c").to_owned();
        match self.dice.below(14) {
            0 => {
                self.try_call(
                    "SignUp",
                    json!({ "ClientId": CLIENT, "Username": name,
                    "Password": PASSWORD, "UserAttributes": [
                        { "Name": "email", "Value": format!("{name}@example.com") },
                        { "Name": "phone_number", "Value": phone(name) } ] }),
                );
                "SignUp"
            }
            1 | 2 => {
                let input =
                    json!({ "ClientId": CLIENT, "Username": name, "ConfirmationCode": code });
                self.with_code("ConfirmSignUp", input, &code);
                "ConfirmSignUp"
            }
            3 => {
                let input = json!({ "ClientId": CLIENT, "Username": name });
                self.try_call("ResendConfirmationCode", input);
                "ResendConfirmationCode"
            }
            4 | 5 => {
                if let Some(reply) = self.try_call(
                    "InitiateAuth",
                    json!({ "ClientId": CLIENT,
                    "AuthFlow": "USER_PASSWORD_AUTH",
                    "AuthParameters": { "USERNAME": name, "PASSWORD": PASSWORD } }),
                ) {
                    if reply.get("AuthenticationResult").is_some() {
                        assert_ne!(mfa, "ON", "tokens for a password alone");
                        let admin = json!({ "UserPoolId": POOL, "Username": name });
                        let user = self.local.ok("AdminGetUser", admin);
                        assert!(
                            mfa == "OFF" || user.get("UserMFASettingList").is_none(),
                            "tokens for a password alone"
                        );
                        self.tokens.push(reply["AuthenticationResult"].clone());
                    } else {
                        self.challenges.push(reply);
                    }
                }
                "InitiateAuth"
            }
            6 | 7 => {
                let Some(challenge) = self.dice.of(&self.challenges.clone()).cloned() else {
                    return "nothing";
                };
                let theirs = challenge["ChallengeParameters"]["USER_ID_FOR_SRP"].as_str();
                let name = theirs.filter(|_| self.dice.below(4) > 0).unwrap_or(name);
                let input = json!({ "ClientId": CLIENT, "ChallengeName": challenge["ChallengeName"],
                    "Session": challenge["Session"],
                    "ChallengeResponses": { "USERNAME": name, "SMS_MFA_CODE": code } });
                if let Some(reply) = self.with_code("RespondToAuthChallenge", input, &code) {
                    self.tokens.push(reply["AuthenticationResult"].clone());
                }
                "RespondToAuthChallenge"
            }
            8 => {
                self.try_call(
                    "GetUserAttributeVerificationCode",
                    json!({ "AccessToken": access,
                    "AttributeName": "email" }),
                );
                "GetUserAttributeVerificationCode"
            }
            9 => {
                let input =
                    json!({ "AccessToken": access, "AttributeName": "email", "Code": code });
                self.with_code("VerifyUserAttribute", input, &code);
                "VerifyUserAttribute"
            }
            10 => {
                self.try_call(
                    "ForgotPassword",
                    json!({ "ClientId": CLIENT, "Username": name }),
                );
                "ForgotPassword"
            }
            11 => {
                let input = json!({ "ClientId": CLIENT, "Username": name,
                    "ConfirmationCode": code, "Password": PASSWORD });
                self.with_code("ConfirmForgotPassword", input, &code);
                "ConfirmForgotPassword"
            }
            12 => {
                let enabled = self.dice.below(2) == 0;
                self.try_call(
                    "SetUserMFAPreference",
                    json!({ "AccessToken": access,
                    "SMSMfaSettings": { "Enabled": enabled } }),
                );
                "SetUserMFAPreference"
            }
            _ => {
                let seconds = [1, 170, 190, HOUR, DAY][self.dice.below(5)];
                self.local.advance(seconds);
                "time"
            }
        }
    }

    fn try_call(&mut self, operation: &str, input: Value) -> Option<Value> {
        let reply = self.local.call(operation, input);
        *self.succeeded.entry(operation.into()).or_default() += u32::from(reply.is_ok());
        self.no_secret(operation, &format!("{reply:?}"));
        self.read_outbox();
        reply.ok()
    }

    /// A call that uses up `code` if it succeeds.
    fn with_code(&mut self, operation: &str, input: Value, code: &str) -> Option<Value> {
        let now = self.local.now;
        let reply = self.local.call(operation, input);
        *self.succeeded.entry(operation.into()).or_default() += u32::from(reply.is_ok());
        self.no_secret(operation, &format!("{reply:?}"));
        if reply.is_ok() {
            assert!(
                self.used.insert(code.to_owned()),
                "{operation} took a code twice"
            );
            let (at, life) = self
                .sent
                .get(code)
                .expect("a code that was never sent was taken");
            assert!(
                now < at + life * 1000,
                "{operation} took a code after its time"
            );
            let carrier = self
                .local
                .outbox()
                .into_iter()
                .find(|m| m["code"] == code)
                .unwrap();
            self.returned.insert((
                carrier["to"].as_str().unwrap().to_owned(),
                carrier["medium"].as_str().unwrap().to_owned(),
            ));
        }
        self.read_outbox();
        reply.ok()
    }

    fn read_outbox(&mut self) {
        let messages = self.local.outbox();
        for message in messages.iter().skip(self.seen_events) {
            let code = message["code"].as_str().unwrap().to_owned();
            let life = match message["kind"].as_str().unwrap() {
                "authentication" => 3 * MINUTE,
                "forgotPassword" => HOUR,
                _ => DAY,
            };
            self.sent
                .insert(code.clone(), (message["at"].as_u64().unwrap(), life));
            // The latest few are the ones worth trying.
            self.codes.push(code);
            if self.codes.len() > 4 {
                self.codes.remove(0);
            }
        }
        self.seen_events = messages.len();
        if self.challenges.len() > 4 {
            self.challenges.remove(0);
        }
        if self.tokens.len() > 3 {
            self.tokens.remove(0);
        }
    }

    /// No reply has a password, a code, or an address of anybody unmasked.
    fn no_secret(&self, operation: &str, reply: &str) {
        assert!(!reply.contains(PASSWORD), "{operation} told a password");
        for name in NAMES {
            assert!(
                !reply.contains(phone(name)),
                "{operation} told a phone number"
            );
            assert!(
                !reply.contains(&format!("{name}@")),
                "{operation} told an email"
            );
        }
        if !reply.contains("AccessToken") {
            for code in self.sent.keys() {
                assert!(!reply.contains(code.as_str()), "{operation} told a code");
            }
        }
    }

    fn check(&mut self, at: &str) {
        let spending = self.local.get("/_pool/spending");
        assert!(
            spending["monthToDateMicroUsd"].as_u64() <= spending["limitMicroUsd"].as_u64(),
            "{at}: spent more than the limit"
        );
        let users = self.local.ok("ListUsers", json!({ "UserPoolId": POOL }));
        for user in users["Users"].as_array().unwrap() {
            for (flag, value, medium) in [
                ("email_verified", "email", "email"),
                ("phone_number_verified", "phone_number", "sms"),
            ] {
                if attribute(user, flag).as_deref() == Some("true") {
                    let address = attribute(user, value).unwrap();
                    assert!(
                        self.returned.contains(&(address, medium.to_owned())),
                        "{at}: {value} is verified though no code came back"
                    );
                }
            }
        }
    }
}

fn phone(name: &str) -> &'static str {
    match name {
        "alice" => "+12065550101",
        "bob" => "+12065550102",
        _ => "+12065550103",
    }
}
