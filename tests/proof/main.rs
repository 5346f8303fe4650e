//! Every state that a person, a network, a clock and another tab can bring the shipped machine to, against
//! the shipped pool: a search over all orders of what can happen, breadth first, and laws that each state
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

mod browser;
mod domain;
mod fold;
mod laws;
mod moves;
mod planted;
mod report;
mod script;
mod search;
mod settings;
mod story;

use std::path::PathBuf;

use search::Bounds;
use serde_json::Value;

#[test]
fn a_sign_up_ends_signed_in() {
    settings::sign_up().prove(Bounds::of_environment());
}

#[test]
fn both_contacts_are_verified_after_a_sign_up() {
    settings::verification().prove(Bounds::of_environment());
}

#[test]
fn who_has_no_password_signs_up() {
    settings::sign_up_without_password().prove(Bounds::of_environment());
}

#[test]
fn a_code_by_sms_is_the_second_factor() {
    settings::sms_code().prove(Bounds::of_environment());
}

#[test]
fn an_authenticator_app_is_set_up_in_the_sign_in() {
    settings::authenticator_app().prove(Bounds::of_environment());
}

#[test]
fn either_of_two_factors_is_set_up() {
    settings::set_up_of_either().prove(Bounds::of_environment());
}

#[test]
fn a_temporary_password_is_replaced() {
    settings::temporary_password().prove(Bounds::of_environment());
}

#[test]
fn a_forgotten_password_is_replaced() {
    settings::forgotten_password().prove(Bounds::of_environment());
}

#[test]
fn each_refresh_token_is_good_once() {
    settings::rotation().prove(Bounds::of_environment());
}

#[test]
fn a_person_chooses_with_what_to_begin() {
    settings::choice().prove(Bounds::of_environment());
}

#[test]
fn nothing_is_kept_over_a_reload() {
    settings::without_storage().prove(Bounds::of_environment());
}

#[test]
fn a_password_is_proven() {
    settings::srp().prove(Bounds::of_environment());
}

#[test]
fn a_known_device_stands_for_the_code() {
    settings::tracked_device().prove(Bounds::of_environment());
}

#[test]
fn a_device_is_remembered_where_the_person_says_so() {
    settings::device_asked_for().prove(Bounds::of_environment());
}

#[test]
fn an_app_asks_for_what_it_likes() {
    settings::custom_challenge().prove(Bounds::of_environment());
}

#[test]
fn an_app_asks_for_more_than_a_password() {
    settings::custom_after_srp().prove(Bounds::of_environment());
}

#[test]
fn a_passkey_is_given_or_not() {
    settings::passkey().prove(Bounds::of_environment());
}

#[test]
fn a_signed_in_person_changes_the_account() {
    settings::account().prove(Bounds::of_environment());
}

#[test]
fn an_administrator_does_something_meanwhile() {
    settings::administrator().prove(Bounds::of_environment());
}

#[test]
fn two_tabs_share_tokens_that_are_good_once() {
    settings::two_tabs().prove(Bounds::of_environment());
}

#[test]
fn two_tabs_ask_for_codes() {
    settings::two_tabs_with_codes().prove(Bounds::of_environment());
}

#[test]
fn two_people_share_a_browser() {
    settings::two_people().prove(Bounds::of_environment());
}

#[test]
fn an_email_address_is_somebody_elses() {
    settings::anothers_email().prove(Bounds::of_environment());
}

#[test]
fn no_contact_is_verified() {
    settings::unverified_contact().prove(Bounds::of_environment());
}

#[test]
fn nothing_is_left_to_spend() {
    settings::nothing_left_to_spend().prove(Bounds::of_environment());
}

#[test]
fn a_sign_up_is_never_told_its_code() {
    settings::sign_up_without_message().prove(Bounds::of_environment());
}

#[test]
fn the_role_for_sms_is_not_trusted() {
    settings::role_without_trust().prove(Bounds::of_environment());
}

#[test]
fn a_password_is_wrong_over_and_over() {
    settings::wrong_passwords().prove(Bounds::of_environment());
}

#[test]
fn a_person_signs_in_on_another_page() {
    settings::redirect().prove(Bounds::of_environment());
}

/// Far deeper than the searches go: `PROOF_WALKS=1000 cargo test --test proof at_random`.
#[test]
fn whatever_happens_at_random_breaks_no_law() {
    settings::all().for_each(|setting| setting.walk());
}

#[test]
fn a_story_that_was_told_happens_once_more() {
    settings::named("a code by SMS").happens(
        r#"[
            { "event": { "type": "signIn", "username": "alice", "password": "Correct-Horse-9" } },
            { "reply": 0, "came": "answered" },
            { "event": { "type": "submitCode", "code": "{latest}" } },
            { "reply": 0, "came": "done and lost" },
            { "reload": true },
            { "event": { "type": "signIn", "username": "alice", "password": "Correct-Horse-9" } },
            { "reply": 0, "came": "throttled" },
            { "wait": true }
        ]"#,
    );
}

/// What the demo plays, and the package in a browser is held to (tests/e2e/page/stories.test.mjs), is what
/// happens here. `PROOF_STORIES=tests/proof/stories cargo test --test proof that_the_demo_plays` writes what
/// is told and seen anew, from what was done: of a new story that is enough, with its setting. Without the
/// name of this test, each search keeps the deepest way that it went.
#[test]
fn the_stories_that_the_demo_plays_happen() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/proof/stories");
    let anew = std::env::var_os("PROOF_STORIES").map(PathBuf::from);
    let mut played = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let story: Value = serde_json::from_str(&text).unwrap();
        let setting = settings::named(story["setting"].as_str().unwrap());
        let lines = story["lines"].as_array().unwrap();
        let did = lines.iter().map(|line| line["did"].clone()).collect();
        let seen: Vec<_> = lines.iter().map(|line| line["seen"].clone()).collect();
        let came = setting.plays(did, anew.as_deref().map(|folder| (folder, name)));
        assert!(
            came == seen || anew.is_some(),
            "{name}: {came:?}, and not {seen:?}"
        );
        played += 1;
    }
    assert!(played > 10);
}

/// What the search has found before it was mended.
#[test]
fn an_authenticator_app_is_verified_once_whatever_comes_after() {
    settings::named("an authenticator app").happens(
        r#"[
            { "event": { "type": "signIn", "username": "alice", "password": "Correct-Horse-9" } },
            { "reply": 0, "came": "answered" },
            { "reply": 0, "came": "answered" },
            { "event": { "type": "submitCode", "code": "{latest}" } },
            { "reply": 0, "came": "answered" },
            { "reply": 0, "came": "never sent" },
            { "event": { "type": "submitCode", "code": "{latest}" } },
            { "reply": 0, "came": "answered" },
            { "reply": 0, "came": "answered" },
            { "event": { "type": "signOut", "everywhere": true } }
        ]"#,
    );
}
