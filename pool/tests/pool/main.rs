//! The pool itself, through its public interface and with a clock of its own: one program, which is compiled
//! and linked once.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod common;

mod accepts;
mod addresses;
mod admin;
mod choice;
mod devices;
mod events;
mod factors;
mod functions;
mod groups;
mod invitations;
mod listing;
mod managed_login;
mod messages;
mod mfa;
mod migration;
mod passkey_sign_in;
mod passkeys;
mod pools;
mod properties;
mod recovery;
mod sessions;
mod settings;
mod shown;
mod sign_in;
mod sign_up;
#[cfg(feature = "server")]
mod snapshots;
mod tokens;
mod walks;
