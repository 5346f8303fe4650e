//! What the tests share: a world around one flow, and what is said in it.

mod authenticator;
mod clock;
mod dice;
mod network;
mod people;
mod pool;
mod reply;
mod secrets;
mod storage;
mod totp;
mod transitions;
mod world;

pub(crate) use authenticator::Authenticator;
pub(crate) use clock::{Clock, DAY, HOUR, MINUTE, SECOND};
pub(crate) use dice::Dice;
#[allow(unused_imports)] // for tests/proof
pub(crate) use network::Pending;
pub(crate) use network::{Answer, Fault};
pub(crate) use people::*;
pub(crate) use pool::{LocalPool, merge, sms_configuration};
pub(crate) use reply::*;
pub(crate) use storage::Storage;
pub(crate) use totp::totp;
pub(crate) use world::World;

use cognito_flow::EventType;
use serde_json::{Value, json};

pub(crate) const USER: &str = "alice";
pub(crate) const PASSWORD: &str = "Correct-Horse-9";
pub(crate) const OTHER_PASSWORD: &str = "Battery-Staple-8";
pub(crate) const PHONE: &str = "+15555551234";
pub(crate) const EMAIL: &str = "alice@example.com";

pub(crate) fn sign_up(attributes: Value) -> Value {
    json!({ "type": "signUp", "username": USER, "password": PASSWORD, "attributes": attributes })
}

pub(crate) fn sign_in() -> Value {
    json!({ "type": "signIn", "username": USER, "password": PASSWORD })
}

/// Signs in with nothing but a name.
pub(crate) fn begin() -> Value {
    json!({ "type": "signIn", "username": USER })
}

pub(crate) fn prefer(factor: &str) -> Value {
    json!({ "type": "signIn", "username": USER, "preferred": factor })
}

/// A passkey, offered in the field for the name.
pub(crate) fn offer() -> Value {
    json!({ "type": "signIn", "username": USER, "preferred": "passkey", "autofill": true })
}

pub(crate) fn select(choice: &str) -> Value {
    json!({ "type": "selectFactor", "choice": choice })
}

pub(crate) fn select_password() -> Value {
    json!({ "type": "selectFactor", "choice": "password", "password": PASSWORD })
}

pub(crate) fn give_password(password: &str) -> Value {
    json!({ "type": "submitPassword", "password": password })
}

pub(crate) fn confirm(code: &str) -> Value {
    json!({ "type": "confirmSignUp", "code": code })
}

pub(crate) fn submit(code: &str) -> Value {
    json!({ "type": "submitCode", "code": code })
}

pub(crate) fn forgot() -> Value {
    json!({ "type": "forgotPassword", "username": USER })
}

pub(crate) fn reset(code: &str) -> Value {
    json!({ "type": "resetPassword", "code": code, "password": OTHER_PASSWORD })
}

pub(crate) fn answer(answer: &str) -> Value {
    json!({ "type": "answerChallenge", "answer": answer })
}

/// An event of which there is no more to say than its name.
pub(crate) fn event(kind: &str) -> Value {
    json!({ "type": kind })
}

pub(crate) fn phone_and_email() -> Value {
    json!({ "phone_number": PHONE, "email": EMAIL })
}

/// A wrong code, whatever the right one is.
pub(crate) fn other_code(code: &str) -> String {
    code.chars()
        .map(|digit| {
            if digit == '9' {
                '0'
            } else {
                (digit as u8 + 1) as char
            }
        })
        .collect()
}

/// A well-formed event of each kind.
pub(crate) fn sample(kind: EventType) -> Value {
    match kind {
        EventType::SignUp => sign_up(json!({ "email": EMAIL })),
        EventType::ConfirmSignUp => {
            json!({ "type": "confirmSignUp", "code": "123456", "username": USER })
        }
        EventType::SignIn => sign_in(),
        EventType::SubmitCode => submit("123456"),
        EventType::SetNewPassword => {
            json!({ "type": "setNewPassword", "password": OTHER_PASSWORD, "attributes": { "name": "A" } })
        }
        EventType::VerifyAttribute => json!({ "type": "verifyAttribute", "attribute": "email" }),
        EventType::ForgotPassword => forgot(),
        EventType::ResetPassword => reset("123456"),
        EventType::SignOut => json!({ "type": "signOut", "everywhere": true }),
        EventType::SelectFactor => json!({ "type": "selectFactor", "choice": "email" }),
        EventType::SubmitPassword => json!({ "type": "submitPassword", "password": PASSWORD }),
        EventType::AnswerChallenge => json!({ "type": "answerChallenge", "answer": "blue" }),
        EventType::SetUpEmail => json!({ "type": "setUpEmail", "email": EMAIL }),
        EventType::ResendCode
        | EventType::SkipVerification
        | EventType::Cancel
        | EventType::UsePasskey
        | EventType::SignInWithRedirect => event(kind.as_str()),
    }
}
