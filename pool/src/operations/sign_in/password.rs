//! The password as the first factor: shown, or proved by SRP.

use base64ct::{Base64, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::context::{Next, SignIn, Step};
use super::custom;
use crate::call::{App, Call, Input};
use crate::error::{Refusal, invalid_parameter, wrong_credentials};
use crate::operations::challenges::invalid_session;
use crate::operations::migration::Met;
use crate::randomness::{Draw, uuid_of};
use crate::srp::{Claim, Exchange, Verifier, Worked};
use crate::state::{Expects, UserPool};

/// Checks a password that was sent as it is.
pub(super) fn check(sign_in: &mut SignIn<'_, '_>, password: &str) -> Step {
    let name = sign_in.name;
    // UserMigration hears of every sign-in with a password, also where that was chosen: the developer
    // guide's "Migrate user Lambda trigger", which leaves out the ways without one.
    if sign_in.user().is_none() {
        let app = sign_in.app().clone();
        if let Some(who) = sign_in.call.migrate(&app, name, Met::SigningIn(password))? {
            // Once here, the user stays, whatever else this sign-in lacks.
            sign_in.let_changes_stay();
            sign_in.who = who;
        }
    }
    if let Err(unknown) = sign_in.known().map(drop) {
        if sign_in.app().prevents_user_existence_errors() {
            // As much work as for a user that is there: the time must not tell either.
            let pool = sign_in.call.pool(&sign_in.app().pool_id)?;
            made_up_verifier(pool, name).matches("", name, password, &Worked::Nothing);
        }
        return Err(unknown);
    }
    sign_in.call.check_not_locked(&sign_in.who)?;
    if !sign_in.call.password_matches(&sign_in.who, password)? {
        return Err(sign_in.call.wrong_password(&sign_in.who));
    }
    Ok(Next::FirstFactorGiven)
}

/// Answers SRP_A with salt and SRP_B.
pub(super) fn challenge(sign_in: &mut SignIn<'_, '_>, srp_a: &str) -> Step {
    demand_proof(sign_in, srp_a, Expects::Proof)
}

/// The same for a password that was chosen among the first factors: there the proof comes back with
/// a session. `choice` is the session by which it was chosen.
pub(super) fn chosen(sign_in: &mut SignIn<'_, '_>, srp_a: &str, choice: Option<&str>) -> Step {
    let session = sign_in.call.randomness.opaque();
    let choice = choice.map(String::from);
    let step = demand_proof(sign_in, srp_a, |exchange| Expects::ChosenProof {
        exchange,
        session: session.clone(),
        choice,
    });
    step.map(|next| match next {
        Next::Reply(mut reply) => {
            if let Some(members) = reply.as_object_mut() {
                members.insert("Session".into(), json!(session));
            }
            Next::Reply(reply)
        }
        other => other,
    })
}

/// The challenge PASSWORD_VERIFIER; `expects` says what follows on the proof.
pub(super) fn demand_proof(
    sign_in: &mut SignIn<'_, '_>,
    srp_a: &str,
    expects: impl FnOnce(Exchange) -> Expects,
) -> Step {
    let (user_id, verifier) = prover(sign_in)?;
    let secret: [u8; 32] = sign_in.call.randomness.array();
    let exchange = Exchange::begin(srp_a, &verifier, &secret)
        .ok_or_else(|| invalid_parameter("SRP_A is not a valid public value."))?;
    let block = secret_block(sign_in.call);
    let parameters: Map<String, Value> = [
        ("USER_ID_FOR_SRP", user_id.as_str()),
        ("USERNAME", user_id.as_str()),
        ("SALT", &verifier.salt_digits()),
        ("SRP_B", exchange.srp_b()),
        ("SECRET_BLOCK", block.as_str()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), json!(value)))
    .collect();
    sign_in.wait_under(block, expects(exchange))?;
    Ok(Next::Reply(json!({
        "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeParameters": parameters,
    })))
}

/// Checks the proof.
pub(super) fn verify(sign_in: &mut SignIn<'_, '_>) -> Step {
    let block = sign_in.required("PASSWORD_CLAIM_SECRET_BLOCK")?;
    let signature = sign_in.required("PASSWORD_CLAIM_SIGNATURE")?;
    let timestamp = sign_in.required("TIMESTAMP")?;
    check_timestamp(timestamp)?;
    let (exchange, custom, choice) = match sign_in.open(block)? {
        Expects::Proof(exchange) => (exchange, false, None),
        Expects::CustomProof(exchange) => (exchange, true, None),
        Expects::ChosenProof {
            exchange,
            session,
            choice,
        } if sign_in.input.text("Session") == session => (exchange, false, choice),
        _ => return Err(invalid_session()),
    };
    // Spent even when the proof is wrong, or the user may not go on.
    sign_in.spend_for_good()?;
    let Some(user) = sign_in.user() else {
        return Err(wrong(sign_in, choice, wrong_credentials()));
    };
    sign_in.call.check_not_locked(&sign_in.who)?;
    let claim = Claim {
        pool: sign_in.app().short_name(),
        user: &user.username,
        secret_block: block,
        timestamp,
    };
    let proved = user
        .password
        .as_ref()
        .and_then(|verifier| exchange.proves(verifier, &claim, signature, sign_in.call.worked))
        .unwrap_or(false);
    if !proved {
        let refusal = sign_in.call.wrong_password(&sign_in.who);
        return Err(wrong(sign_in, choice, refusal));
    }
    if let Some(choice) = choice {
        sign_in.call.spend_challenge(&sign_in.who.app, &choice)?;
    }
    sign_in.take_device_key();
    if !custom {
        return Ok(Next::FirstFactorGiven);
    }
    sign_in.check_state()?;
    sign_in.check_device()?;
    let history = ["SRP_A", "PASSWORD_VERIFIER"].map(custom::passed);
    Ok(Next::Custom(history.into()))
}

/// A wrong proof counts against the choice that led to it, whether or not there is such a user.
fn wrong(sign_in: &mut SignIn<'_, '_>, choice: Option<String>, refusal: Refusal) -> Refusal {
    match choice {
        Some(choice) => sign_in.wrong_answer_to(&choice, refusal),
        None => refusal,
    }
}

/// The user id and the verifier of who is to prove a password; made up, where nobody has the name.
fn prover(sign_in: &SignIn<'_, '_>) -> Result<(String, Verifier), Refusal> {
    let (app, name) = (sign_in.app(), sign_in.name);
    let pool = sign_in.call.pool(&app.pool_id)?;
    if sign_in.user().is_none() && app.prevents_user_existence_errors() {
        let id = made_up_id(pool, app, name);
        return Ok((id, made_up_verifier(pool, name)));
    }
    let user = sign_in.known()?;
    sign_in.call.check_not_locked(&sign_in.who)?;
    // Somebody without a password looks like anybody else, and cannot prove one.
    let verifier = user.password.clone();
    let verifier = verifier.unwrap_or_else(|| made_up_verifier(pool, name));
    Ok((user.username.clone().into(), verifier))
}

/// A name for the exchange that doubles as its secret block.
pub(super) fn secret_block(call: &mut Call<'_>) -> String {
    Base64::encode_string(&call.randomness.array::<48>())
}

/// The same for the same name whenever it is asked, as a real user's is.
fn made_up_verifier(pool: &UserPool, name: &str) -> Verifier {
    let name = pool.settings.comparable(name);
    let salt: Vec<u8> = derived(pool, "salt", &name).into_iter().take(16).collect();
    let mut verifier = Vec::new();
    for part in 0..12 {
        verifier.extend(derived(pool, &format!("verifier {part}"), &name));
    }
    Verifier::from_bytes(&salt, &verifier)
}

fn made_up_id(pool: &UserPool, app: &App, name: &str) -> String {
    if app.settings.username_attributes.is_empty() {
        return name.into();
    }
    let hash = derived(pool, "user id", &pool.settings.comparable(name));
    uuid_of(hash.first_chunk().copied().unwrap_or_default())
}

fn derived(pool: &UserPool, what: &str, name: &str) -> [u8; 32] {
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(pool.pepper.as_bytes()) else {
        return Sha256::digest(name).into();
    };
    mac.update(what.as_bytes());
    mac.update(&[0]);
    mac.update(name.as_bytes());
    mac.finalize().into_bytes().into()
}

/// `Mon Jan 2 15:04:05 UTC 2026`.
fn check_timestamp(timestamp: &str) -> Result<(), Refusal> {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut parts = timestamp.split(' ');
    let mut next = || parts.next().unwrap_or_default();
    let number = |text: &str, most: u32| text.parse::<u32>().is_ok_and(|number| number <= most);
    let fits = DAYS.contains(&next())
        && MONTHS.contains(&next())
        && number(next(), 31)
        && next().split(':').map(|part| number(part, 60)).eq([true; 3])
        && next() == "UTC"
        && number(next(), 9999);
    if fits && parts.next().is_none() {
        Ok(())
    } else {
        Err(invalid_parameter(
            "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.",
        ))
    }
}
