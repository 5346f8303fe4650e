//! JSON Web Tokens (RFC 7519) signed with RS256, and the key behind them.

mod signer;

use std::sync::{Arc, LazyLock, OnceLock};

use base64ct::{Base64UrlUnpadded, Encoding};
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::randomness::{Randomness, RsaRandomness};
use signer::Signer;

/// The claims of an access token and of the ID token beside it, before they are signed.
#[derive(Clone)]
pub(crate) struct Unsigned {
    pub(crate) access: Value,
    pub(crate) id: Value,
}

/// The RSA key that signs tokens. Clones are the same key.
#[derive(Clone)]
pub struct SigningKey(Arc<OnceLock<Result<Key, KeyError>>>);

/// A key that is there.
struct Key {
    rsa: RsaPrivateKey,
    id: String,
    /// Exponent and modulus as a JSON Web Key has them.
    e: String,
    n: String,
    signer: Signer,
}

impl SigningKey {
    /// The key that comes with this crate. **Everybody has it**: it is for development only, and
    /// its key id says so.
    pub fn development() -> Self {
        // A test holds that the file can be read. Without a key nothing could be signed, and
        // `sign` says so.
        static KEY: LazyLock<SigningKey> = LazyLock::new(|| {
            let pem = include_str!("tokens/development-only.pem");
            let id = "development-only-not-a-secret".to_owned();
            SigningKey::made(read_pem(pem).map(|rsa| Key::new(rsa, Some(id))))
        });
        KEY.clone()
    }

    /// A fresh key of 2048 bits. `randomness` must be unpredictable.
    ///
    /// # Errors
    /// When the bytes given lead to no key.
    pub fn generate(randomness: &mut dyn Randomness) -> Result<Self, KeyError> {
        RsaPrivateKey::new(&mut RsaRandomness(randomness), 2048)
            .map(Self::from_key)
            .map_err(|_| KeyError("no key could be made"))
    }

    /// A fresh key of 2048 bits from the operating system's randomness, made by another thread:
    /// whoever needs it before it is there waits for it. Nobody sees it, or what it signed, before
    /// `keep` was given its PEM and succeeded.
    ///
    /// # Errors
    /// When there is no such thread.
    #[cfg(all(feature = "server", not(target_arch = "wasm32")))]
    pub(crate) fn generate_beside(
        randomness: impl Randomness + Send + 'static,
        keep: impl FnOnce(String) -> Result<(), KeyError> + Send + 'static,
    ) -> std::io::Result<Self> {
        let key = Self(Arc::default());
        let made = key.clone();
        std::thread::Builder::new()
            .name("key".to_owned())
            .spawn(move || {
                // Should it panic, those who wait must be told all the same.
                let work = std::panic::AssertUnwindSafe(|| {
                    let rsa = generated(randomness)?;
                    keep(pem(&rsa)?)?;
                    Ok(rsa)
                });
                let result = std::panic::catch_unwind(work);
                let failed = KeyError("the key's thread failed");
                let key = result.unwrap_or(Err(failed)).map(|rsa| Key::new(rsa, None));
                // Nobody else makes it.
                let _ = made.0.set(key);
            })?;
        Ok(key)
    }

    /// A key written by [`SigningKey::to_pem`], or any unencrypted PKCS #8 PEM of an RSA key.
    ///
    /// # Errors
    /// When it is not one.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        read_pem(pem).map(Self::from_key)
    }

    /// The private key as PKCS #8 PEM. A secret, unless it is the development key.
    ///
    /// # Errors
    /// When the key cannot be encoded.
    pub fn to_pem(&self) -> Result<String, KeyError> {
        pem(&self.key()?.rsa)
    }

    /// The public key as a JSON Web Key Set (RFC 7517), as Cognito publishes it.
    pub(crate) fn jwks(&self) -> Value {
        let keys = self.key().into_iter().map(|Key { e, n, id, .. }| {
            json!({ "alg": "RS256", "e": e, "kid": id, "kty": "RSA", "n": n, "use": "sig" })
        });
        json!({ "keys": keys.collect::<Vec<_>>() })
    }

    /// The compact form of `claims`. `None` when the key cannot sign, which a key of 2048 bits can.
    pub(crate) fn sign(&self, claims: &Value) -> Option<String> {
        let key = self.key().ok()?;
        let header = json!({ "kid": key.id, "alg": "RS256" });
        let signed = format!("{}.{}", part(&header), part(claims));
        let signature = key.signer.sign(&key.rsa, signed.as_bytes())?;
        Some(format!(
            "{signed}.{}",
            Base64UrlUnpadded::encode_string(&signature)
        ))
    }

    /// The claims of a token that this key signed.
    pub(crate) fn verify(&self, token: &str) -> Option<Value> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (_, claims) = signed.split_once('.')?;
        let signature = Base64UrlUnpadded::decode_vec(signature).ok()?;
        // A key that is yet to be made has signed nothing.
        let key = self.0.get()?.as_ref().ok()?;
        key.signer.verify(&key.rsa, signed.as_bytes(), &signature)?;
        serde_json::from_slice(&Base64UrlUnpadded::decode_vec(claims).ok()?).ok()
    }

    /// The key, once it is there.
    fn key(&self) -> Result<&Key, KeyError> {
        self.0.wait().as_ref().map_err(|error| *error)
    }

    fn from_key(rsa: RsaPrivateKey) -> Self {
        Self::made(Ok(Key::new(rsa, None)))
    }

    fn made(key: Result<Key, KeyError>) -> Self {
        Self(Arc::new(OnceLock::from(key)))
    }
}

impl Key {
    /// Without an id of its own the thumbprint of RFC 7638 names the key.
    fn new(rsa: RsaPrivateKey, id: Option<String>) -> Self {
        let encoded =
            |number: &rsa::BigUint| Base64UrlUnpadded::encode_string(&number.to_bytes_be());
        let (e, n) = (encoded(rsa.e()), encoded(rsa.n()));
        let canonical = format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#);
        let thumbprint = || Base64UrlUnpadded::encode_string(&Sha256::digest(canonical));
        Self {
            id: id.unwrap_or_else(thumbprint),
            signer: Signer::of(&rsa),
            rsa,
            e,
            n,
        }
    }
}

fn pem(key: &RsaPrivateKey) -> Result<String, KeyError> {
    let pem = key.to_pkcs8_pem(LineEnding::LF);
    pem.map(|pem| pem.to_string())
        .map_err(|_| KeyError("the key cannot be encoded"))
}

fn read_pem(pem: &str) -> Result<RsaPrivateKey, KeyError> {
    RsaPrivateKey::from_pkcs8_pem(pem)
        .map_err(|_| KeyError("not an unencrypted PKCS #8 PEM of an RSA key"))
}

#[cfg(all(feature = "server", not(target_arch = "wasm32")))]
fn generated(mut randomness: impl Randomness) -> Result<RsaPrivateKey, KeyError> {
    if let Some(key) = signer::generated() {
        return Ok(key);
    }
    RsaPrivateKey::new(&mut RsaRandomness(&mut randomness), 2048)
        .map_err(|_| KeyError("no key could be made"))
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // One that is still being made is not waited for.
        let id = self.0.get().and_then(|key| Some(&key.as_ref().ok()?.id));
        f.debug_struct("SigningKey")
            .field("id", &id)
            .finish_non_exhaustive()
    }
}

/// Why there is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyError(&'static str);

impl KeyError {
    /// It was made, and then there was nowhere to keep it.
    #[cfg(all(feature = "server", not(target_arch = "wasm32")))]
    pub(crate) fn not_kept() -> Self {
        Self("the key cannot be kept")
    }
}

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
        // Its id, and nothing that is secret.
        let shown = r#"SigningKey { id: Some("development-only-not-a-secret"), .. }"#;
        assert_eq!(format!("{key:?}"), shown);
    }

    #[test]
    fn both_libraries_make_the_same_signature() {
        let made = SigningKey::development();
        let key = made.key().unwrap();
        let rust = key.rsa.sign(scheme(), &Sha256::digest("text")).unwrap();
        assert_eq!(key.signer.sign(&key.rsa, b"text"), Some(rust.clone()));
        assert!(key.signer.verify(&key.rsa, b"text", &rust).is_some());
        assert!(key.signer.verify(&key.rsa, b"other", &rust).is_none());
        assert!(key.signer.verify(&key.rsa, b"text", b"").is_none());
    }

    #[test]
    fn a_key_that_is_too_short_for_the_fast_library_still_signs() {
        let rsa = RsaPrivateKey::new(&mut RsaRandomness(&mut SeededRandomness::new(3)), 1024);
        let key = SigningKey::from_key(rsa.unwrap());
        let token = key.sign(&json!({ "sub": "x" })).unwrap();
        assert_eq!(key.verify(&token), Some(json!({ "sub": "x" })));
        let (signed, _) = token.rsplit_once('.').unwrap();
        assert_eq!(key.verify(&format!("{signed}.AAAA")), None);
    }

    /// Whatever randomness it is given.
    #[cfg(all(feature = "fast", feature = "server", not(target_arch = "wasm32")))]
    #[test]
    fn a_key_that_is_made_beside_is_the_operating_systems() {
        let [one, other] = [(); 2].map(|()| {
            let key = SigningKey::generate_beside(SeededRandomness::new(7), |_| Ok(()));
            key.unwrap().jwks()
        });
        assert_ne!(one, other);
    }

    #[cfg(all(feature = "server", not(target_arch = "wasm32")))]
    #[test]
    fn a_key_that_is_made_beside_is_waited_for() {
        let slow = |_: &mut [u8]| std::thread::sleep(std::time::Duration::from_millis(50));
        let mut seeded = SeededRandomness::new(4);
        let made = move |bytes: &mut [u8]| {
            slow(bytes);
            seeded.fill(bytes);
        };
        let key = SigningKey::generate_beside(made, |_| Ok(())).unwrap();
        let other = key.clone();
        let token = std::thread::spawn(move || other.sign(&json!({})).unwrap());
        assert_eq!(key.verify(&token.join().unwrap()), Some(json!({})));
    }

    #[cfg(all(feature = "server", not(target_arch = "wasm32")))]
    #[test]
    fn a_key_that_is_to_be_kept_is_seen_once_it_is() {
        let (gives, pems) = std::sync::mpsc::channel();
        let (goes_on, waits) = std::sync::mpsc::channel();
        let keep = move |pem| {
            gives.send(pem).unwrap();
            waits.recv().unwrap()
        };
        let key = SigningKey::generate_beside(SeededRandomness::new(5), keep).unwrap();
        let pem = pems.recv().unwrap();
        // Made, and not kept yet: nobody has it, and it is not waited for to refuse a token.
        let kept = SigningKey::from_pem(&pem).unwrap();
        let token = kept.sign(&json!({})).unwrap();
        assert_eq!(key.verify(&token), None);
        assert!(!format!("{key:?}").contains(&kept.key().unwrap().id));
        goes_on.send(Ok(())).unwrap();
        assert_eq!(key.jwks(), kept.jwks());
        assert_eq!(key.verify(&token), Some(json!({})));

        let not_kept = |_| Err(KeyError::not_kept());
        let key = SigningKey::generate_beside(SeededRandomness::new(6), not_kept).unwrap();
        assert_eq!(key.sign(&json!({})), None);
        assert_eq!(key.jwks(), json!({ "keys": [] }));
        assert_eq!(key.to_pem(), Err(KeyError::not_kept()));
        assert_eq!(KeyError::not_kept().to_string(), "the key cannot be kept");
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
