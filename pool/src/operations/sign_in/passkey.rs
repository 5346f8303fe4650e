//! WEB_AUTHN: a passkey as the first factor, and with user verification as both.

use serde_json::{Map, Value, json};

use super::context::{Next, SignIn, Step};
use crate::call::{App, Input};
use crate::error::{Refusal, invalid_parameter, not_authorized};
use crate::operations::challenges::{expired_session, invalid_session};
use crate::operations::passkeys::{
    descriptors, passkeys_for, relying_party, user_handle, verification,
};
use crate::randomness::Draw;
use crate::state::{Expects, PasskeyChallenge, User};
use crate::webauthn::{self, Asserted, Ceremony, ClientData, Fault};

/// Whether the user has a passkey for the pool's relying party.
pub(super) fn is_possible(app: &App, user: &User) -> bool {
    app.settings.allows_first_factor("WEB_AUTHN")
        && relying_party(app).is_some_and(|it| passkeys_for(user, it.id).next().is_some())
}

/// The challenge WEB_AUTHN.
pub(super) fn ask(sign_in: &mut SignIn<'_, '_>) -> Step {
    let (challenge, parameters) = challenge(sign_in)?;
    sign_in.ask("WEB_AUTHN", parameters, Expects::Passkey(challenge))
}

/// A challenge to the user's passkeys, and the options for the browser.
pub(super) fn challenge(
    sign_in: &mut SignIn<'_, '_>,
) -> Result<(PasskeyChallenge, Map<String, Value>), Refusal> {
    let challenge = sign_in.call.randomness.opaque();
    let app = sign_in.app();
    let relying_party = relying_party(app).ok_or_else(invalid_session)?;
    let options = json!({
        "challenge": challenge,
        "timeout": webauthn::LIFETIME,
        "rpId": relying_party.id,
        "allowCredentials": descriptors(sign_in.somebody()?, relying_party.id),
        "userVerification": verification(app),
    });
    let mut parameters = Map::new();
    parameters.insert(
        "CREDENTIAL_REQUEST_OPTIONS".into(),
        json!(options.to_string()),
    );
    let expires = sign_in.call.now.saturating_add(webauthn::LIFETIME);
    Ok((PasskeyChallenge { challenge, expires }, parameters))
}

/// The answer to WEB_AUTHN.
pub(super) fn answer(sign_in: &mut SignIn<'_, '_>) -> Step {
    let Expects::Passkey(challenge) = sign_in.open(sign_in.input.text("Session"))? else {
        return Err(invalid_session());
    };
    let credential = sign_in.required("CREDENTIAL")?;
    verify(sign_in, &challenge, credential)
}

/// Checks an assertion. The challenge is spent by it, right or wrong.
pub(super) fn verify(
    sign_in: &mut SignIn<'_, '_>,
    challenge: &PasskeyChallenge,
    credential: &str,
) -> Step {
    let credential: Value = serde_json::from_str(credential)
        .map_err(|_| invalid_parameter("CREDENTIAL must be a JSON text."))?;
    let client_data = ClientData::read(&credential, Ceremony::Get).map_err(refusal)?;
    sign_in.spend_for_good()?;
    if sign_in.call.now >= challenge.expires {
        return Err(expired_session());
    }
    if client_data.challenge != challenge.challenge {
        return Err(refused("its challenge is another one"));
    }
    let id = webauthn::credential_id(&credential)
        .map_err(refusal)?
        .to_owned();
    let shown = check(sign_in, &credential, &client_data, &id)?;
    let user = sign_in.call.user_mut(&sign_in.who)?;
    let used = user
        .more
        .passkeys
        .iter_mut()
        .find(|passkey| passkey.id == id);
    if let Some(used) = used {
        used.counter = shown.counter;
    }
    let turned_off = user.more.mfa.passkey == Some(false);
    sign_in.take_device_key();
    if shown.verified && !turned_off && sign_in.app().mfa.passkey_is_multi_factor() {
        sign_in.check_state()?;
        return Ok(Next::Tokens);
    }
    Ok(Next::FirstFactorGiven)
}

fn check(
    sign_in: &SignIn<'_, '_>,
    credential: &Value,
    client_data: &ClientData,
    id: &str,
) -> Result<Asserted, Refusal> {
    let user = sign_in.somebody()?;
    let relying_party = relying_party(sign_in.app()).ok_or_else(invalid_session)?;
    let passkey = passkeys_for(user, relying_party.id).find(|passkey| passkey.id == id);
    let passkey = passkey.ok_or_else(|| refused("it is not registered for the user"))?;
    let handle = webauthn::response(credential).optional("userHandle");
    if handle.is_some_and(|handle| handle != user_handle(user)) {
        return Err(refused("it is somebody else's"));
    }
    webauthn::assert(
        credential,
        client_data,
        &relying_party,
        &passkey.key,
        passkey.counter,
    )
    .map_err(refusal)
}

/// The API declares none of its WebAuthn exceptions for signing in.
fn refusal(fault: Fault) -> Refusal {
    match fault {
        Fault::Malformed(words) => invalid_parameter(format!("Invalid CREDENTIAL: {words}.")),
        other => refused(other.words()),
    }
}

fn refused(words: &str) -> Refusal {
    not_authorized(format!("The passkey was refused: {words}."))
}
