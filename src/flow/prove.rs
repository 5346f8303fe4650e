//! Challenges that the machine answers by itself.

pub(crate) mod password;
