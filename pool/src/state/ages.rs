//! What time does to what is kept: see [`Ages`]. What is over stays for as long as its words are
//! told apart from those about something that never was.

use std::sync::Arc;

use super::{
    ASKED, Challenge, Client, ENABLED, EVENT, Expects, FOUND_BY, GROUP, Group, PASSKEY,
    RefreshToken, SIGN_INS, STATUS, SignedIn, User,
};
use crate::table::Ages;

const MINUTE: u64 = 60 * 1000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

impl Ages for Arc<Client> {}

impl Ages for Group {}

impl Ages for Challenge {
    fn entries(&self, tell: &mut dyn FnMut(&'static str, &str)) {
        tell(ASKED, &self.user);
    }

    fn due(&self) -> Option<u64> {
        // An exchange of SRP is large, and answered by the next request or never.
        let remembered = match self.expects {
            Expects::Proof(_)
            | Expects::CustomProof(_)
            | Expects::ChosenProof { .. }
            | Expects::DeviceProof(_) => MINUTE,
            _ => HOUR,
        };
        Some(self.expires.saturating_add(remembered))
    }
}

impl Ages for RefreshToken {
    fn due(&self) -> Option<u64> {
        Some(self.expires.saturating_add(DAY))
    }
}

impl Ages for SignedIn {
    fn entries(&self, tell: &mut dyn FnMut(&'static str, &str)) {
        tell(SIGN_INS, &format!("{}\0{:016x}", self.user, self.expires));
        tell(EVENT, &self.event_id);
    }

    fn due(&self) -> Option<u64> {
        Some(self.expires.saturating_add(DAY))
    }
}

impl Ages for User {
    fn tidy(&mut self) {
        self.more.tidy();
    }

    fn entries(&self, tell: &mut dyn FnMut(&'static str, &str)) {
        for attribute in FOUND_BY {
            if let Some(value) = self.attribute(attribute) {
                tell(attribute, value);
            }
        }
        tell(STATUS, self.status.name());
        tell(ENABLED, self.enabled_name());
        self.more.groups.iter().for_each(|group| tell(GROUP, group));
        let passkeys = self.more.passkeys.iter();
        passkeys.for_each(|passkey| tell(PASSKEY, &passkey.id));
    }

    fn due(&self) -> Option<u64> {
        let codes = self.more.codes.values().map(|code| code.expires);
        let attempts = self.more.attempts.values().map(|it| it.began + HOUR);
        codes.chain(attempts).min()
    }

    /// Codes that are too late are answered as if there were none, and attempts count for an hour.
    fn aged(&self, now: u64) -> Option<Self> {
        let mut left = self.clone();
        left.more.codes.retain(|_, code| now < code.expires);
        left.more.attempts.retain(|_, it| now < it.began + HOUR);
        Some(left)
    }
}
