//! RS256 by the fastest library that was built in: aws-lc on a machine, the crate `rsa` in a tab.
//! Both make the same bytes.

#[cfg(all(feature = "fast", not(target_arch = "wasm32")))]
pub(super) use fast::*;
#[cfg(not(all(feature = "fast", not(target_arch = "wasm32"))))]
pub(super) use plain::*;

mod plain {
    #![cfg_attr(
        all(feature = "fast", not(target_arch = "wasm32")),
        allow(dead_code, reason = "for keys that the fast library does not take")
    )]

    use rsa::{RsaPrivateKey, RsaPublicKey};
    use sha2::{Digest, Sha256};

    use crate::tokens::scheme;

    pub(in crate::tokens) struct Signer(RsaPublicKey);

    impl Signer {
        pub(in crate::tokens) fn of(key: &RsaPrivateKey) -> Self {
            Self(key.to_public_key())
        }

        pub(in crate::tokens) fn sign(&self, key: &RsaPrivateKey, text: &[u8]) -> Option<Vec<u8>> {
            key.sign(scheme(), &Sha256::digest(text)).ok()
        }

        pub(in crate::tokens) fn verify(
            &self,
            _: &RsaPrivateKey,
            text: &[u8],
            signature: &[u8],
        ) -> Option<()> {
            self.0
                .verify(scheme(), &Sha256::digest(text), signature)
                .ok()
        }
    }

    /// No key: the caller makes one from its own randomness.
    #[cfg(all(feature = "server", not(target_arch = "wasm32")))]
    pub(in crate::tokens) fn generated() -> Option<RsaPrivateKey> {
        None
    }
}

#[cfg(all(feature = "fast", not(target_arch = "wasm32")))]
mod fast {
    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::{
        KeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
    };
    use rsa::RsaPrivateKey;
    use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey};

    use super::plain;

    /// The library takes no keys below 2048 bits: those are left to the other one.
    pub(in crate::tokens) enum Signer {
        Fast(Box<(RsaKeyPair, ParsedPublicKey)>),
        Plain(plain::Signer),
    }

    impl Signer {
        pub(in crate::tokens) fn of(key: &RsaPrivateKey) -> Self {
            let pair = || {
                let pair = RsaKeyPair::from_pkcs8(key.to_pkcs8_der().ok()?.as_bytes()).ok()?;
                let public = pair.public_key().as_ref();
                let public = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public).ok()?;
                Some(Self::Fast(Box::new((pair, public))))
            };
            pair().unwrap_or_else(|| Self::Plain(plain::Signer::of(key)))
        }

        pub(in crate::tokens) fn sign(&self, key: &RsaPrivateKey, text: &[u8]) -> Option<Vec<u8>> {
            let pair = match self {
                Self::Fast(keys) => &keys.0,
                Self::Plain(plain) => return plain.sign(key, text),
            };
            let mut signature = vec![0; pair.public_modulus_len()];
            // The scheme has no randomness of its own; the library uses it to blind its timing.
            pair.sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                text,
                &mut signature,
            )
            .ok()?;
            Some(signature)
        }

        pub(in crate::tokens) fn verify(
            &self,
            key: &RsaPrivateKey,
            text: &[u8],
            signature: &[u8],
        ) -> Option<()> {
            match self {
                Self::Fast(keys) => keys.1.verify_sig(text, signature).ok(),
                Self::Plain(plain) => plain.verify(key, text, signature),
            }
        }
    }

    /// A key of 2048 bits from the operating system's randomness.
    #[cfg(feature = "server")]
    pub(in crate::tokens) fn generated() -> Option<RsaPrivateKey> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).ok()?;
        let der: Pkcs8V1Der<'_> = pair.as_der().ok()?;
        RsaPrivateKey::from_pkcs8_der(der.as_ref()).ok()
    }
}
