//! JSON Web Tokens (RFC 7519) signed with RS256, and the key behind them.

use std::sync::{Arc, LazyLock};

use base64ct::{Base64UrlUnpadded, Encoding};
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::randomness::{Randomness, RsaRandomness};

/// The RSA key that signs tokens.
#[derive(Clone)]
pub struct SigningKey {
    key: Option<Arc<RsaPrivateKey>>,
    id: String,
}

impl SigningKey {
    /// The key that comes with this crate. **Everybody has it**: it is for development only, and
    /// its key id says so.
    pub fn development() -> Self {
        // A test holds that the file can be read. Without a key nothing could be signed, and
        // `sign` says so.
        static KEY: LazyLock<Option<Arc<RsaPrivateKey>>> = LazyLock::new(|| {
            RsaPrivateKey::from_pkcs8_pem(include_str!("tokens/development-only.pem"))
                .ok()
                .map(Arc::new)
        });
        Self {
            key: KEY.clone(),
            id: "development-only-not-a-secret".into(),
        }
    }

    /// A fresh key of 2048 bits. `randomness` must be unpredictable.
    ///
    /// # Errors
    /// When the bytes given lead to no key.
    pub fn generate(randomness: &mut dyn Randomness) -> Result<Self, KeyError> {
        let key = RsaPrivateKey::new(&mut RsaRandomness(randomness), 2048)
            .map_err(|_| KeyError("no key could be made"))?;
        Ok(Self::from_key(key))
    }

    /// A key written by [`SigningKey::to_pem`], or any unencrypted PKCS #8 PEM of an RSA key.
    ///
    /// # Errors
    /// When it is not one.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        RsaPrivateKey::from_pkcs8_pem(pem)
            .map(Self::from_key)
            .map_err(|_| KeyError("not an unencrypted PKCS #8 PEM of an RSA key"))
    }

    /// The private key as PKCS #8 PEM. A secret, unless it is the development key.
    ///
    /// # Errors
    /// When the key cannot be encoded.
    pub fn to_pem(&self) -> Result<String, KeyError> {
        let pem = self
            .key
            .as_ref()
            .and_then(|key| key.to_pkcs8_pem(LineEnding::LF).ok());
        pem.map(|pem| pem.to_string())
            .ok_or(KeyError("the key cannot be encoded"))
    }

    /// The public key as a JSON Web Key Set (RFC 7517), as Cognito publishes it.
    pub(crate) fn jwks(&self) -> Value {
        let keys = self.key.iter().map(|key| {
            let (e, n) = public_parts(key);
            json!({ "alg": "RS256", "e": e, "kid": self.id, "kty": "RSA", "n": n, "use": "sig" })
        });
        json!({ "keys": keys.collect::<Vec<_>>() })
    }

    /// The compact form of `claims`. `None` when the key cannot sign, which a key of 2048 bits can.
    pub(crate) fn sign(&self, claims: &Value) -> Option<String> {
        let header = json!({ "kid": self.id, "alg": "RS256" });
        let signed = format!("{}.{}", part(&header), part(claims));
        let signature = self
            .key
            .as_ref()?
            .sign(scheme(), &Sha256::digest(&signed))
            .ok()?;
        Some(format!(
            "{signed}.{}",
            Base64UrlUnpadded::encode_string(&signature)
        ))
    }

    /// The claims of a token that this key signed.
    pub(crate) fn verify(&self, token: &str) -> Option<Value> {
        let (signed, signature) = token.rsplit_once('.')?;
        let signature = Base64UrlUnpadded::decode_vec(signature).ok()?;
        self.key
            .as_ref()?
            .to_public_key()
            .verify(scheme(), &Sha256::digest(signed), &signature)
            .ok()?;
        let (_, claims) = signed.split_once('.')?;
        serde_json::from_slice(&Base64UrlUnpadded::decode_vec(claims).ok()?).ok()
    }

    fn from_key(key: RsaPrivateKey) -> Self {
        // The thumbprint of RFC 7638 names the key.
        let (e, n) = public_parts(&key);
        let canonical = format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#);
        let id = Base64UrlUnpadded::encode_string(&Sha256::digest(canonical));
        Self {
            key: Some(Arc::new(key)),
            id,
        }
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Why there is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyError(&'static str);

impl std::fmt::Display for KeyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for KeyError {}

/// PKCS #1 v1.5 with the DigestInfo of SHA-256 (RFC 8017, section 9.2, note 1). Spelled out because
/// the RSA library speaks an older generation of the hash crates.
pub(crate) fn scheme() -> Pkcs1v15Sign {
    const DIGEST_INFO: [u8; 19] = [
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
        0x05, 0x00, 0x04, 0x20,
    ];
    Pkcs1v15Sign {
        hash_len: Some(32),
        prefix: Box::new(DIGEST_INFO),
    }
}

/// Exponent and modulus as a JSON Web Key has them.
fn public_parts(key: &RsaPrivateKey) -> (String, String) {
    let encoded = |number: &rsa::BigUint| Base64UrlUnpadded::encode_string(&number.to_bytes_be());
    (encoded(key.e()), encoded(key.n()))
}

fn part(json: &Value) -> String {
    Base64UrlUnpadded::encode_string(json.to_string().as_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::SeededRandomness;

    #[test]
    fn the_development_key_signs_and_says_what_it_is() {
        let key = SigningKey::development();
        let token = key.sign(&json!({ "sub": "x" })).unwrap();
        assert_eq!(key.verify(&token), Some(json!({ "sub": "x" })));
        assert_eq!(
            key.jwks()["keys"][0]["kid"],
            "development-only-not-a-secret"
        );
        assert_eq!(key.jwks()["keys"][0]["e"], "AQAB");
    }

    #[test]
    fn a_changed_token_is_not_accepted() {
        let key = SigningKey::development();
        let token = key.sign(&json!({ "sub": "x" })).unwrap();
        let other = part(&json!({ "sub": "y" }));
        let parts: Vec<&str> = token.split('.').collect();
        assert_eq!(
            key.verify(&format!("{}.{other}.{}", parts[0], parts[2])),
            None
        );
        for nonsense in ["", ".", "..", "a.b.c", "ä.ö.ü"] {
            assert_eq!(key.verify(nonsense), None);
        }
    }

    #[test]
    fn a_made_key_survives_being_written() {
        let made = SigningKey::generate(&mut SeededRandomness::new(3)).unwrap();
        let read = SigningKey::from_pem(&made.to_pem().unwrap()).unwrap();
        let token = made.sign(&json!({})).unwrap();
        assert_eq!(read.verify(&token), Some(json!({})));
        assert_eq!(SigningKey::development().verify(&token), None);
        assert!(SigningKey::from_pem("nothing").is_err());
    }
}
