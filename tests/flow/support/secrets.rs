//! What must not be seen, and where it is looked for.

use serde_json::Value;

/// Members of events, requests and replies whose values are secrets.
const SECRET_MEMBERS: [&str; 24] = [
    "password",
    "Password",
    "code",
    "answer",
    "current",
    "next",
    "Code",
    "ConfirmationCode",
    "Session",
    "SecretCode",
    "UserCode",
    "AccessToken",
    "IdToken",
    "RefreshToken",
    "SECRET_BLOCK",
    "PASSWORD",
    "PreviousPassword",
    "ProposedPassword",
    "NEW_PASSWORD",
    "SMS_MFA_CODE",
    "verifier",
    "SMS_OTP_CODE",
    "EMAIL_OTP_CODE",
    "CREDENTIAL",
];

/// Every secret that went through a world, in either direction.
#[derive(Default)]
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    /// Learns the secrets of an event, a request or a reply.
    pub(crate) fn learn(&mut self, value: &Value) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    match value.as_str() {
                        Some(text) if SECRET_MEMBERS.contains(&name.as_str()) => self.keep(text),
                        _ => self.learn(value),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn(item)),
            _ => {}
        }
    }

    /// Learns what is shown to the person once, and is kept nowhere.
    pub(crate) fn learn_shown_once(&mut self, reply: &Value) {
        if let Some(secret) = reply["SecretCode"].as_str() {
            self.keep(secret);
        }
    }

    fn keep(&mut self, text: &str) {
        if text.len() >= 4 && !self.0.iter().any(|known| known == text) {
            self.0.push(text.into());
        }
    }

    /// Fails when one of them is in the text. A code of six digits can be a part of a number by
    /// chance; so it counts only as a word of its own.
    pub(crate) fn check_absent(&self, place: &str, text: &str) {
        for secret in &self.0 {
            let seen = if secret.len() > 8 {
                text.contains(secret)
            } else {
                text.split(|c: char| !c.is_alphanumeric())
                    .any(|word| word == secret)
            };
            assert!(!seen, "a secret is in {place}");
        }
    }
}

#[test]
#[should_panic(expected = "a secret is in a snapshot")]
fn a_code_that_leaks_is_found() {
    let mut secrets = Secrets::default();
    secrets.learn(&serde_json::json!({ "type": "submitCode", "code": "123456" }));
    secrets.check_absent("a snapshot", "the time is 91234567");
    secrets.check_absent("a snapshot", "the code 123456 is wrong");
}
