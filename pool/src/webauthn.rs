//! Passkeys: what a browser hands over of an authenticator, checked as WebAuthn (Level 3, §7.1 and
//! §7.2) says. What is looked up, by challenge or by credential, is the operations' part.

mod authenticator_data;
mod client_data;
mod public_key;

use base64ct::{Base64UrlUnpadded, Encoding};
use ciborium::Value as Cbor;
use serde_json::Value;
use sha2::{Digest, Sha256};

use authenticator_data::AuthenticatorData;
pub(crate) use client_data::{Ceremony, ClientData, is_relying_party};
pub(crate) use public_key::{ALGORITHMS, PublicKey};

/// How long a challenge is good for, in milliseconds: the `timeout` of the options.
pub(crate) const LIFETIME: u64 = 3 * 60 * 1000;

/// Whom a passkey is for, and what the pool wants of it.
pub(crate) struct RelyingParty<'a> {
    pub(crate) id: &'a str,
    /// Whether the authenticator must have verified who holds it.
    pub(crate) requires_verification: bool,
}

/// Why a passkey is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is not what a browser hands over.
    Malformed(&'static str),
    /// Made on a page that is not the relying party's.
    Origin,
    /// Made for another relying party.
    RelyingParty,
    /// Nothing that the pool can rely on.
    NotSupported(&'static str),
    /// Not signed by the key that it names, or by a copy of it.
    Signature(&'static str),
}

impl Fault {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Malformed(words) | Self::NotSupported(words) | Self::Signature(words) => words,
            Self::Origin => "the page is not one of the relying party's",
            Self::RelyingParty => "it belongs to another relying party",
        }
    }
}

/// What is kept of a new passkey.
pub(crate) struct Registered {
    /// As the wire has it.
    pub(crate) id: String,
    pub(crate) key: PublicKey,
    pub(crate) counter: u32,
}

/// What a sign-in with a passkey showed.
pub(crate) struct Asserted {
    pub(crate) counter: u32,
    /// Whether the authenticator verified who holds it.
    pub(crate) verified: bool,
}

/// Checks a `RegistrationResponseJSON` whose challenge was found to be the pool's.
pub(crate) fn register(
    credential: &Value,
    client_data: &ClientData,
    relying_party: &RelyingParty<'_>,
) -> Result<Registered, Fault> {
    client_data.check_origin(relying_party.id)?;
    let id = credential_id(credential)?;
    let attestation = Attestation::read(&bytes(response(credential), "attestationObject")?)?;
    let data = AuthenticatorData::read(&attestation.authenticator_data)?;
    data.check(relying_party)?;
    let made = data
        .credential
        .ok_or(Fault::NotSupported("there is no credential in it"))?;
    if Base64UrlUnpadded::encode_string(&made.id) != id {
        return Err(Fault::Malformed("the ids differ"));
    }
    let key = PublicKey::read(&made.key)?;
    attestation.check(&key, client_data)?;
    Ok(Registered {
        id: id.into(),
        key,
        counter: data.counter,
    })
}

/// Checks an `AuthenticationResponseJSON`, whose challenge and key were found to be the user's.
/// `counter` is the last one seen of it.
pub(crate) fn assert(
    credential: &Value,
    client_data: &ClientData,
    relying_party: &RelyingParty<'_>,
    key: &PublicKey,
    counter: u32,
) -> Result<Asserted, Fault> {
    client_data.check_origin(relying_party.id)?;
    let authenticator_data = bytes(response(credential), "authenticatorData")?;
    let signature = bytes(response(credential), "signature")?;
    let data = AuthenticatorData::read(&authenticator_data)?;
    data.check(relying_party)?;
    let signed = [authenticator_data.as_slice(), &client_data.hash].concat();
    if !key.verifies(&signed, &signature) {
        return Err(Fault::Signature("the signature is not that of its key"));
    }
    // An authenticator that counts at all counts up; passkeys that are synchronized stay at zero.
    if (data.counter != 0 || counter != 0) && data.counter <= counter {
        return Err(Fault::Signature("its counter went back: it may be a copy"));
    }
    Ok(Asserted {
        counter: data.counter,
        verified: data.user_verified,
    })
}

/// The id of a credential, which stands in it twice.
pub(crate) fn credential_id(credential: &Value) -> Result<&str, Fault> {
    let text = |name: &str| credential.get(name).and_then(Value::as_str);
    let id = text("id").filter(|id| !id.is_empty());
    let id = id.ok_or(Fault::Malformed("it has no id"))?;
    if text("rawId") != Some(id) || text("type") != Some("public-key") {
        return Err(Fault::Malformed("id, rawId and type do not fit together"));
    }
    Ok(id)
}

/// The `response` of a credential.
pub(crate) fn response(credential: &Value) -> &Value {
    credential.get("response").unwrap_or(&Value::Null)
}

/// A member of `response`, decoded.
fn bytes(response: &Value, name: &'static str) -> Result<Vec<u8>, Fault> {
    let text = response.get(name).and_then(Value::as_str);
    text.and_then(|text| Base64UrlUnpadded::decode_vec(text).ok())
        .filter(|bytes| !bytes.is_empty())
        .ok_or(Fault::Malformed(name))
}

/// The attestation object, as far as it is read: the pool asks for none, so that it takes `none` and,
/// of authenticators that attest all the same, `packed`. Certificates are not judged.
struct Attestation {
    format: String,
    statement: Vec<(Cbor, Cbor)>,
    authenticator_data: Vec<u8>,
}

impl Attestation {
    fn read(bytes: &[u8]) -> Result<Self, Fault> {
        const WRONG: Fault = Fault::Malformed("attestationObject");
        let mut rest = bytes;
        let object: Cbor = ciborium::from_reader(&mut rest).map_err(|_| WRONG)?;
        let members = object.into_map().map_err(|_| WRONG)?;
        let mut format = None;
        let mut statement = None;
        let mut authenticator_data = None;
        for (name, value) in members {
            match name.as_text() {
                Some("fmt") => format = value.into_text().ok(),
                Some("attStmt") => statement = value.into_map().ok(),
                Some("authData") => authenticator_data = value.into_bytes().ok(),
                _ => {}
            }
        }
        match (format, statement, authenticator_data) {
            (Some(format), Some(statement), Some(authenticator_data)) if rest.is_empty() => {
                Ok(Self {
                    format,
                    statement,
                    authenticator_data,
                })
            }
            _ => Err(WRONG),
        }
    }

    fn check(&self, key: &PublicKey, client_data: &ClientData) -> Result<(), Fault> {
        const WRONG: Fault = Fault::NotSupported("its attestation does not hold");
        match self.format.as_str() {
            "none" if self.statement.is_empty() => Ok(()),
            "packed" => {
                let signature = self.member("sig").and_then(Cbor::as_bytes).ok_or(WRONG)?;
                let algorithm = self.member("alg").and_then(Cbor::as_integer).ok_or(WRONG)?;
                if let Some(certificates) = self.member("x5c") {
                    let list = certificates.as_array().filter(|list| !list.is_empty());
                    let all = list.is_some_and(|list| list.iter().all(Cbor::is_bytes));
                    return if all { Ok(()) } else { Err(WRONG) };
                }
                let signed = [self.authenticator_data.as_slice(), &client_data.hash].concat();
                let holds = algorithm == key.algorithm().into() && key.verifies(&signed, signature);
                if holds { Ok(()) } else { Err(WRONG) }
            }
            "none" => Err(WRONG),
            _ => Err(Fault::NotSupported("its attestation is none that is read")),
        }
    }

    fn member(&self, name: &str) -> Option<&Cbor> {
        let found = self
            .statement
            .iter()
            .find(|(key, _)| key.as_text() == Some(name));
        found.map(|(_, value)| value)
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
