//! The client machine, driven through its public interface alone: against the local user pool and
//! against scripted answers, with a virtual clock. One binary, so that it is linked once.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod support;

mod account;
mod ahead;
mod authorized;
mod believed;
mod choice;
mod claims;
mod custom;
mod device;
mod device_gone;
mod device_proof;
mod endpoint;
mod enrol;
mod enrol_email;
mod errors;
mod everywhere;
mod forgotten_password;
mod hostile;
mod metadata;
mod mfa;
mod misuse;
mod passkey_journeys;
mod passkey_offer;
mod passkey_sign_in;
mod passkeys;
mod planted;
mod printed;
mod random;
mod random_people;
mod redirect;
mod reload;
mod remember;
mod request_count;
mod retries;
mod select_mfa;
mod session;
mod sessions;
mod shown;
mod sign_in;
mod sign_out;
mod sign_up;
mod sign_up_session;
mod states;
mod tabs;
mod time;
mod typed;
mod verification;
mod whose_asks;
mod whose_events;
mod words;
