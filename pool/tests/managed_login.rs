//! Managed login: the OAuth endpoints and the pages at which people sign in.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod common;

mod managed_login {
    mod authorize;
    mod browser;
    mod factors;
    mod federation;
    mod login;
    mod settings;
    mod tokens;
}
