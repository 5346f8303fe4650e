//! Whence a request comes, as far as it says so: what the record of a session tells of it.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::wire::Request;

/// Where the server writes down who is at the other end of the connection.
pub(crate) const ADDRESS: &str = "x-forwarded-for";

/// What `User-Agent` has in it, in the order in which one hides the others, and what that is called.
const BROWSERS: [(&str, &str); 7] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: [(&str, &str); 8] = [
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("X11", "Linux"),
    ("Linux", "Linux"),
];
/// The most characters that are kept of a program's name.
const LONGEST: usize = 64;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Caller {
    device: Option<String>,
    address: Option<IpAddr>,
}

impl Caller {
    pub(crate) fn of(request: &Request) -> Self {
        let address = request.header(ADDRESS).and_then(|it| it.parse().ok());
        let device = request.header("user-agent").and_then(device);
        Self { device, address }
    }

    /// The members of a session's record, none where nothing is known.
    pub(crate) fn describe(&self, session: &mut Map<String, Value>) {
        if let Some(device) = &self.device {
            session.insert("DeviceType".into(), device.as_str().into());
        }
        if let Some(address) = self.address {
            session.insert("LastIPAddress".into(), address.to_string().into());
        }
    }
}

/// `Firefox, Windows`; of what is no browser its own name.
fn device(agent: &str) -> Option<String> {
    let named = |names: &[(&str, &'static str)]| {
        let found = names.iter().find(|(mark, _)| agent.contains(mark));
        found.map(|(_, name)| *name)
    };
    match (named(&BROWSERS), named(&SYSTEMS)) {
        (Some(browser), Some(system)) => Some(format!("{browser}, {system}")),
        (Some(browser), None) => Some(browser.into()),
        (None, _) => {
            let name = agent.split(['/', ' ']).next().unwrap_or_default();
            (!name.is_empty()).then(|| name.chars().take(LONGEST).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_told_with_its_system_and_a_program_by_its_name() {
        for (agent, expected) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
                "Chrome, Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                "Edge, Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
                "Safari, iOS",
            ),
            (
                "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
                "Chrome, Android",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox, macOS",
            ),
            ("Boto3/1.44.8 md/Botocore#1.44.8 ua/2.1 os/linux", "Boto3"),
        ] {
            assert_eq!(device(agent).as_deref(), Some(expected));
        }
        assert_eq!(device(""), None);
        assert_eq!(device(&"x".repeat(9000)).map(|it| it.len()), Some(LONGEST));
    }
}
