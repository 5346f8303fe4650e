//! Clients with a secret.

use base64ct::{Base64, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::input::Input;
use super::{App, Call};
use crate::error::{Refusal, not_authorized};
use crate::state::Client;

impl Call<'_> {
    /// The app client that an unsigned operation names, its secret checked where it has one.
    pub(crate) fn app(&self, input: &Value, username: Option<&str>) -> Result<App, Refusal> {
        let app = self.app_of(input.text("ClientId"))?;
        let hash = input.optional("SecretHash");
        check_secret_hash(&app, username, hash)?;
        Ok(app)
    }
}

/// What proves the secret of an app's client, if it has one: for pages that sign in on its behalf.
pub(crate) fn secret_hash(app: &App, username: &str) -> Option<String> {
    let client = app.client.as_ref()?;
    let mac = mac(client, client.secret.as_ref()?, username)?;
    Some(Base64::encode_string(&mac.finalize().into_bytes()))
}

fn mac(client: &Client, secret: &str, username: &str) -> Option<Hmac<Sha256>> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(username.as_bytes());
    mac.update(client.id.as_bytes());
    Some(mac)
}

/// A client with a secret proves that it knows it: Base64 of HMAC-SHA-256 over user name and client
/// id.
pub(crate) fn check_secret_hash(
    app: &App,
    username: Option<&str>,
    hash: Option<&str>,
) -> Result<(), Refusal> {
    let Some(client) = &app.client else {
        return Ok(());
    };
    let Some(secret) = &client.secret else {
        return match hash {
            Some(_) => Err(not_authorized(format!(
                "Client {} is not configured for secret but secret was received",
                client.id
            ))),
            None => Ok(()),
        };
    };
    let Some(hash) = hash else {
        return Err(not_authorized(format!(
            "Client {} is configured with secret but SECRET_HASH was not received",
            client.id
        )));
    };
    let mismatch = || {
        not_authorized(format!(
            "SecretHash does not match for the client: {}",
            client.id
        ))
    };
    let hash = Base64::decode_vec(hash).map_err(|_| mismatch())?;
    let mac = mac(client, secret, username.unwrap_or_default()).ok_or_else(mismatch)?;
    mac.verify_slice(&hash).map_err(|_| mismatch())
}
