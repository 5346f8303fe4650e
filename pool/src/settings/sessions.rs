//! Whether a pool keeps records of who is signed in where.

use serde::{Deserialize, Serialize};

/// What `SetUserPoolSessionConfiguration` sets. As the API model has it, a pool that was never told
/// keeps no records, and would keep 20 for each user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SessionSettings {
    pub(crate) tracked: bool,
    pub(crate) most_per_user: usize,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            tracked: false,
            most_per_user: 20,
        }
    }
}
