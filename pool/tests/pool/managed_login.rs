//! Managed login: the OAuth endpoints and the pages at which people sign in.

mod authorize;
mod browser;
mod factors;
mod federation;
mod login;
mod settings;
mod tokens;
