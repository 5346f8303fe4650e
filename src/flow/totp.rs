//! What an authenticator app needs: the secret, and the address that a QR code holds. Both are shown
//! once, and kept nowhere.

use crate::{config::Config, fields::Fields, json::Object, protocol, secret::Secret, text};

/// A pool's secret has 52 characters of base32.
const LONGEST: usize = 256;

/// The secret of a reply to `AssociateSoftwareToken`.
pub(crate) fn secret(reply: Fields<'_>) -> Option<Secret> {
    let base32 = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'=';
    protocol::secret(reply, "SecretCode")
        .filter(|secret| secret.secret().len() <= LONGEST && secret.secret().bytes().all(base32))
}

/// Writes `secret` and `uri`.
pub(crate) fn show(secret: &Secret, account: &str, config: &Config, shown: &mut Object) {
    let secret = secret.secret();
    let (account, plain) = (
        text::percent_encoded(account),
        text::percent_encoded(secret),
    );
    let issuer = config.issuer.as_deref().unwrap_or_default();
    let issuer = text::percent_encoded(issuer);
    let uri = match issuer.as_str() {
        "" => text::concat(&["otpauth://totp/", &account, "?secret=", &plain]),
        issuer => text::concat(&[
            "otpauth://totp/",
            issuer,
            ":",
            &account,
            "?secret=",
            &plain,
            "&issuer=",
            issuer,
        ]),
    };
    shown.string("secret", secret).string("uri", &uri);
}
