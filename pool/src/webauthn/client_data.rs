//! `clientDataJSON`: what the browser says of the page and the challenge, and where a page may be.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::Value;

use super::{Fault, bytes, response, sha256};

/// What a passkey is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ceremony {
    Create,
    Get,
}

impl Ceremony {
    fn name(self) -> &'static str {
        match self {
            Self::Create => "webauthn.create",
            Self::Get => "webauthn.get",
        }
    }
}

/// The client data of a credential.
#[derive(Clone, Debug)]
pub(crate) struct ClientData {
    /// As the pool sent it: base64url.
    pub(crate) challenge: String,
    origin: String,
    in_foreign_frame: bool,
    pub(super) hash: [u8; 32],
}

impl ClientData {
    pub(crate) fn read(credential: &Value, ceremony: Ceremony) -> Result<Self, Fault> {
        const WRONG: Fault = Fault::Malformed("clientDataJSON");
        let json = bytes(response(credential), "clientDataJSON")?;
        let data: Value = serde_json::from_slice(&json).map_err(|_| WRONG)?;
        let text = |name: &str| data.get(name).and_then(Value::as_str).ok_or(WRONG);
        if text("type")? != ceremony.name() {
            return Err(Fault::Malformed("it was made for something else"));
        }
        let challenge = text("challenge")?;
        Base64UrlUnpadded::decode_vec(challenge).map_err(|_| WRONG)?;
        Ok(Self {
            challenge: challenge.into(),
            origin: text("origin")?.into(),
            in_foreign_frame: data.get("crossOrigin") == Some(&Value::Bool(true)),
            hash: sha256(&json),
        })
    }

    pub(super) fn check_origin(&self, relying_party: &str) -> Result<(), Fault> {
        if self.in_foreign_frame || !is_allowed(&self.origin, relying_party) {
            return Err(Fault::Origin);
        }
        Ok(())
    }
}

/// `https` of the relying party and of its subdomains; where that is this very machine, any scheme
/// and port of it.
fn is_allowed(origin: &str, relying_party: &str) -> bool {
    let Some((scheme, rest)) = origin.split_once("://") else {
        return false;
    };
    let (host, port) = match rest.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (rest, None),
    };
    let within = host == relying_party
        || host
            .strip_suffix(relying_party)
            .is_some_and(|front| front.strip_suffix('.').is_some_and(is_domain));
    let is_here = relying_party == "localhost";
    let fits = match (scheme, port) {
        ("https", None) => true,
        ("http", None) => is_here,
        ("http" | "https", Some(port)) => is_here && port.parse::<u16>().is_ok(),
        _ => false,
    };
    within && fits
}

/// Whether a pool can have this relying party: a domain name, or this machine.
pub(crate) fn is_relying_party(id: &str) -> bool {
    let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    let last = id.rsplit('.').next().unwrap_or_default();
    id == "localhost" || (is_domain(id) && id.contains('.') && !is_number(last))
}

fn is_domain(name: &str) -> bool {
    name.split('.').all(|label| {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(fits)
            && !label.starts_with('-')
            && !label.ends_with('-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_the_relying_partys_or_is_not() {
        for (origin, relying_party, allowed) in [
            ("https://example.com", "example.com", true),
            ("https://app.eu.example.com", "example.com", true),
            ("http://example.com", "example.com", false),
            ("https://example.com:8443", "example.com", false),
            ("https://badexample.com", "example.com", false),
            ("https://.example.com", "example.com", false),
            ("https://example.com.evil.org", "example.com", false),
            ("https://evil.org/.example.com", "example.com", false),
            ("https://evil.org#.example.com", "example.com", false),
            ("https://user@example.com", "example.com", false),
            ("https://com", "example.com", false),
            ("https://example.com", "app.example.com", false),
            ("http://localhost", "localhost", true),
            ("http://localhost:3000", "localhost", true),
            ("https://app.localhost:3000", "localhost", true),
            ("http://localhost:99999", "localhost", false),
            ("http://localhost:", "localhost", false),
            ("http://localhost:3000", "example.com", false),
            ("http://127.0.0.1:3000", "localhost", false),
            ("android:apk-key-hash:x", "example.com", false),
            ("null", "localhost", false),
            ("", "localhost", false),
        ] {
            assert_eq!(is_allowed(origin, relying_party), allowed, "{origin}");
        }
    }

    #[test]
    fn a_relying_party_is_a_domain_or_this_machine() {
        for id in [
            "example.com",
            "localhost",
            "auth.example.co.uk",
            "xn--bcher-kva.example",
        ] {
            assert!(is_relying_party(id), "{id}");
        }
        for id in [
            "",
            "com",
            "https://example.com",
            "example.com:443",
            "Example.com",
            "127.0.0.1",
            "-a.example",
            "a..b",
            ".com",
            "example.com.",
        ] {
            assert!(!is_relying_party(id), "{id}");
        }
    }
}
