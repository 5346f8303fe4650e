//! Passkeys of signed-in users: registered, listed, deleted.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};

use super::settings::pools::seconds;
use crate::call::{App, Bearer, Call, Input};
use crate::error::{
    Outcome, Refusal, invalid_parameter, limit_exceeded, nothing, resource_not_found,
    webauthn_challenge_not_found, webauthn_client_mismatch, webauthn_configuration_missing,
    webauthn_credential_not_supported, webauthn_not_enabled, webauthn_origin_not_allowed,
    webauthn_relying_party_mismatch,
};
use crate::randomness::Draw;
use crate::state::{Challenge, Expects, PASSKEY, Passkey, User};
use crate::webauthn::{self, ALGORITHMS, Ceremony, ClientData, Fault, RelyingParty};

/// As many as Cognito lets a user have.
const MOST: usize = 20;

pub(crate) fn start(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { who, .. } = call.bearer(input)?;
    let relying_party = for_registration(&who.app)?;
    if call.user(&who)?.more.passkeys.len() >= MOST {
        return Err(too_many());
    }
    let challenge = call.randomness.opaque();
    let user = call.user(&who)?;
    let name = shown_name(user);
    let options = json!({
        "challenge": challenge,
        "authenticatorSelection": {
            "requireResidentKey": true,
            "residentKey": "required",
            "userVerification": verification(&who.app),
        },
        "excludeCredentials": descriptors(user, relying_party.id),
        "pubKeyCredParams": ALGORITHMS.map(|alg| json!({ "type": "public-key", "alg": alg })),
        "rp": { "id": relying_party.id, "name": relying_party.id },
        "timeout": webauthn::LIFETIME,
        "user": {
            "id": user_handle(user),
            "name": name,
            "displayName": user.attribute("name").unwrap_or(name),
        },
    });
    let waiting = Challenge {
        client_id: who.app.client_id().into(),
        user: who.key.clone(),
        expires: call.now.saturating_add(webauthn::LIFETIME),
        tries: 0,
        used: false,
        device_key: None,
        expects: Expects::Registration,
    };
    call.keep_challenge(&who.app, challenge, waiting)?;
    Ok(json!({ "CredentialCreationOptions": options }))
}

pub(crate) fn complete(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { who, .. } = call.bearer(input)?;
    let relying_party = for_registration(&who.app)?;
    let credential = input.get("Credential").unwrap_or(&Value::Null);
    let client_data = ClientData::read(credential, Ceremony::Create).map_err(refusal)?;
    let not_found = || webauthn_challenge_not_found("Challenge not found.");
    let pool = call.pool(&who.app.pool_id)?;
    let waiting = pool.challenges.get(&client_data.challenge);
    let waiting = waiting
        .filter(|it| matches!(it.expects, Expects::Registration) && it.user == who.key)
        .ok_or_else(not_found)?;
    if waiting.used || call.now >= waiting.expires {
        return Err(not_found());
    }
    if waiting.client_id != who.app.client_id() {
        return Err(webauthn_client_mismatch(
            "The registration was started by another app client.",
        ));
    }
    // Whatever comes of it: a challenge is good once.
    call.spend_challenge(&who.app, &client_data.challenge)?;
    let made = webauthn::register(credential, &client_data, &relying_party)
        .map_err(|fault| refusal(fault).keeping_changes())?;
    let users = &call.pool(&who.app.pool_id)?.users;
    if users.with(PASSKEY, &made.id, None).next().is_some() {
        return Err(invalid_parameter("The credential is registered already.").keeping_changes());
    }
    if call.user(&who)?.more.passkeys.len() >= MOST {
        return Err(too_many().keeping_changes());
    }
    let passkey = Passkey {
        id: made.id,
        key: made.key,
        counter: made.counter,
        relying_party: relying_party.id.into(),
        attachment: attachment(credential),
        transports: transports(credential),
        created: call.now,
    };
    call.modify(&who)?.more.passkeys.push(passkey);
    Ok(nothing())
}

pub(crate) fn list(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { who, .. } = call.bearer(input)?;
    let most = input.get("MaxResults").and_then(Value::as_u64);
    let most = most.and_then(|most| usize::try_from(most).ok());
    let most = most.filter(|most| *most > 0).unwrap_or(MOST);
    let all = &call.user(&who)?.more.passkeys;
    let begin = match input.optional("NextToken") {
        None => 0,
        Some(last) => {
            let at = all.iter().position(|passkey| passkey.id == last);
            at.ok_or_else(|| invalid_parameter("Invalid NextToken."))? + 1
        }
    };
    let mut rest = all.iter().skip(begin);
    let page: Vec<&Passkey> = rest.by_ref().take(most).collect();
    let credentials: Vec<Value> = page.iter().map(|passkey| described(passkey)).collect();
    let mut out = json!({ "Credentials": credentials });
    if let (Some(last), Some(_), Some(members)) = (page.last(), rest.next(), out.as_object_mut()) {
        members.insert("NextToken".into(), json!(last.id));
    }
    Ok(out)
}

pub(crate) fn delete(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { who, .. } = call.bearer(input)?;
    let id = input.text("CredentialId");
    let passkeys = &mut call.modify(&who)?.more.passkeys;
    let before = passkeys.len();
    passkeys.retain(|passkey| passkey.id != id);
    if passkeys.len() == before {
        return Err(resource_not_found("Credential does not exist."));
    }
    Ok(nothing())
}

/// Whom the pool's passkeys are for, if it has been told.
pub(super) fn relying_party(app: &App) -> Option<RelyingParty<'_>> {
    let settings = app.mfa.webauthn.as_ref()?;
    Some(RelyingParty {
        id: settings.relying_party_id.as_deref()?,
        requires_verification: settings.verification() == "required",
    })
}

pub(super) fn verification(app: &App) -> &'static str {
    let settings = app.mfa.webauthn.clone();
    settings.unwrap_or_default().verification()
}

/// The user's passkeys for a relying party, as options name them.
pub(super) fn descriptors(user: &User, relying_party: &str) -> Vec<Value> {
    passkeys_for(user, relying_party)
        .map(|passkey| {
            json!({
                "type": "public-key", "id": passkey.id, "transports": passkey.transports,
            })
        })
        .collect()
}

/// Those that were registered before the relying party changed are good for nothing.
pub(super) fn passkeys_for<'a>(
    user: &'a User,
    relying_party: &str,
) -> impl Iterator<Item = &'a Passkey> {
    let all = user.more.passkeys.iter();
    all.filter(move |passkey| passkey.relying_party == relying_party)
}

/// What an authenticator knows the user by.
pub(super) fn user_handle(user: &User) -> String {
    Base64UrlUnpadded::encode_string(user.sub().as_bytes())
}

fn for_registration(app: &App) -> Result<RelyingParty<'_>, Refusal> {
    if !app.settings.allows_first_factor("WEB_AUTHN") {
        return Err(webauthn_not_enabled(
            "WEB_AUTHN is not enabled for the user pool.",
        ));
    }
    relying_party(app)
        .ok_or_else(|| webauthn_configuration_missing("The user pool has no relying party ID."))
}

/// The refusal of a registration, under the name that the API has for it.
fn refusal(fault: Fault) -> Refusal {
    let words = format!("Invalid credential: {}.", fault.words());
    match fault {
        Fault::Malformed(_) => invalid_parameter(words),
        Fault::Origin => webauthn_origin_not_allowed(words),
        Fault::RelyingParty => webauthn_relying_party_mismatch(words),
        Fault::NotSupported(_) | Fault::Signature(_) => webauthn_credential_not_supported(words),
    }
}

fn too_many() -> Refusal {
    limit_exceeded("The user has as many passkeys as there can be.")
}

/// What a key store shows: an address where the user name is made up.
fn shown_name(user: &User) -> &str {
    let is_made_up = *user.username == *user.sub();
    let address = user
        .attribute("email")
        .or_else(|| user.attribute("phone_number"));
    address.filter(|_| is_made_up).unwrap_or(&user.username)
}

fn attachment(credential: &Value) -> Option<String> {
    let given = credential.optional("authenticatorAttachment");
    let known = given.filter(|it| matches!(*it, "platform" | "cross-platform"));
    known.map(String::from)
}

/// Values that are not known (yet) are kept, as WebAuthn wants it; nonsense is not.
fn transports(credential: &Value) -> Vec<String> {
    let mut given = webauthn::response(credential).texts("transports");
    given.retain(|it| (1..=32).contains(&it.len()) && it.bytes().all(|b| b.is_ascii_graphic()));
    given.truncate(8);
    given
}

fn described(passkey: &Passkey) -> Value {
    let name = match passkey.attachment.as_deref() {
        Some("cross-platform") => "Security key",
        _ => "Passkey",
    };
    let mut out = json!({
        "CredentialId": passkey.id,
        "FriendlyCredentialName": name,
        "RelyingPartyId": passkey.relying_party,
        "AuthenticatorTransports": passkey.transports,
        "CreatedAt": seconds(passkey.created),
    });
    if let (Some(attachment), Some(members)) = (&passkey.attachment, out.as_object_mut()) {
        members.insert("AuthenticatorAttachment".into(), json!(attachment));
    }
    out
}
