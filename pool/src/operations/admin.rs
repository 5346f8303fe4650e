//! What administrators do to users.

pub(crate) mod attributes;
pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod password;
pub(crate) mod sign_up;
pub(crate) mod users;
