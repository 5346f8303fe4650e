//! The time that the pool is given.

use std::time::{SystemTime, UNIX_EPOCH};

/// Where the time comes from. `POST /_pool/clock` adds to either inside the pool.
#[derive(Clone, Copy, Debug)]
pub(super) enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands still, in milliseconds since the epoch.
    Standing(u64),
}

impl Clock {
    /// Milliseconds since the epoch.
    pub(super) fn now(self) -> u64 {
        match self {
            // A clock before 1970 counts as 1970, one beyond 64 bits does not exist.
            Self::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| {
                    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
                }),
            Self::Standing(at) => at,
        }
    }
}
