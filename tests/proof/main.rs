//! Every state that a person, a network and a clock can bring the shipped machine to, against the
//! shipped pool: a search over all orders of what can happen, breadth first, and laws that each state
//! is held to.
//!
//! The search is our own. A model checker asks for states that can be copied and compared; the
//! machine's cannot (its secrets are not to be copied), so a state is the way to it: the inputs of the
//! machine, the pool's answers among them, which are repeated at will and always lead to the same.
//!
//! `cargo test --test proof` runs the small bounds; `npm run proof` the large ones.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

/// What is shared with the tests of the flow, which use all of it.
#[allow(dead_code, unused_imports)]
#[path = "../flow"]
mod flow {
    pub(crate) mod support;
}
use flow::support;

mod fold;
mod laws;
mod moves;
mod search;
mod story;

use cognito_flow::EventType;
use serde_json::{Value, json};

use search::{Bounds, Setting};
use support::{Clock, EMAIL, LocalPool, PASSWORD, PHONE, USER};

/// People who come with an account; the sign-up and the forgotten password have settings of their own.
const WITH_ACCOUNT: &[EventType] = &[
    EventType::SignUp,
    EventType::ConfirmSignUp,
    EventType::ForgotPassword,
];

/// Alice, with both contacts verified, in a pool with these settings.
fn alice_in(settings: Value, client: Value) -> LocalPool {
    let pool = LocalPool::with(settings, client);
    let attributes = json!({
        "phone_number": PHONE, "phone_number_verified": "true",
        "email": EMAIL, "email_verified": "true",
    });
    pool.add_user(USER, PASSWORD, attributes, Clock::new().wall);
    pool
}

fn by_password(name: &'static str, pool: LocalPool) -> Setting {
    Setting {
        name,
        pool,
        options: json!({ "signInWith": "password" }),
        storage: true,
        without: WITH_ACCOUNT,
        reaches: &["signedIn", "signedOut"],
    }
}

#[test]
fn a_sign_up_ends_with_both_contacts_verified() {
    Setting {
        without: &[EventType::ForgotPassword],
        reaches: &["confirmSignUp", "verifyAttribute", "signedIn"],
        ..by_password("a sign-up", LocalPool::new())
    }
    .prove(Bounds::of_environment());
}

#[test]
fn a_code_by_sms_is_the_second_factor() {
    let required = json!({ "MfaConfig": { "MfaConfiguration": "ON", "SmsMfaConfiguration": {
        "SmsConfiguration": support::sms_configuration() } },
        "Schema": [{ "Name": "phone_number", "Required": true }] });
    Setting {
        reaches: &["mfaCode", "signedIn"],
        ..by_password("a code by SMS", alice_in(required, json!({})))
    }
    .prove(Bounds::of_environment());
}

#[test]
fn an_authenticator_app_is_set_up_in_the_sign_in() {
    let required = json!({ "MfaConfig": { "MfaConfiguration": "ON",
        "SoftwareTokenMfaConfiguration": { "Enabled": true } } });
    Setting {
        reaches: &["setUpTotp", "mfaCode", "signedIn"],
        ..by_password("an authenticator app", alice_in(required, json!({})))
    }
    .prove(Bounds::of_environment());
}

#[test]
fn a_temporary_password_is_replaced() {
    let pool = LocalPool::new();
    let invited = json!({ "Username": USER, "TemporaryPassword": PASSWORD, "MessageAction": "SUPPRESS",
        "UserAttributes": [{ "Name": "email", "Value": EMAIL }] });
    pool.admin("AdminCreateUser", invited, Clock::new().wall);
    Setting {
        reaches: &["newPassword", "verifyAttribute", "signedIn"],
        ..by_password("a temporary password", pool)
    }
    .prove(Bounds::of_environment());
}

#[test]
fn a_forgotten_password_is_replaced() {
    Setting {
        without: &[EventType::SignUp, EventType::ConfirmSignUp],
        reaches: &["resetPassword", "signedIn"],
        ..by_password("a forgotten password", alice_in(json!({}), json!({})))
    }
    .prove(Bounds::of_environment());
}

#[test]
fn tokens_are_refreshed_where_each_refresh_token_is_good_once() {
    let rotating = json!({
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
        "RefreshTokenRotation": { "Feature": "ENABLED", "RetryGracePeriodSeconds": 0 },
    });
    by_password("rotating tokens", alice_in(json!({}), rotating)).prove(Bounds::of_environment());
}

#[test]
fn a_person_chooses_with_what_to_begin() {
    let factors = json!(["PASSWORD", "EMAIL_OTP", "SMS_OTP"]);
    let pool = alice_in(
        json!({ "Policies": { "SignInPolicy": { "AllowedFirstAuthFactors": factors } } }),
        json!({ "ExplicitAuthFlows": ["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"] }),
    );
    Setting {
        options: json!({ "signInWith": "choice" }),
        // Each way would repeat its proof, at a tenth of a second.
        without: &[EventType::SubmitPassword],
        reaches: &["selectFactor", "signInCode", "password", "signedIn"],
        ..by_password("the choice of a factor", pool)
    }
    .prove(Bounds::of_environment());
}

#[test]
fn nothing_is_kept_over_a_reload() {
    Setting {
        storage: false,
        ..by_password("without a storage", alice_in(json!({}), json!({})))
    }
    .prove(Bounds::of_environment());
}
