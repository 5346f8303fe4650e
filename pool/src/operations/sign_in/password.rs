//! The password as the first factor: shown, or proved by SRP.

use base64ct::{Base64, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{Progress, after_first_factor, custom, required};
use crate::call::{App, Call, Found, Input};
use crate::error::{Outcome, Refusal, invalid_parameter, no_such_user, wrong_credentials};
use crate::randomness::{Draw, uuid_of};
use crate::srp::{Claim, Exchange, Verifier};
use crate::state::{Expects, UserPool};

/// Checks a password that was sent as it is.
pub(super) fn check(
    call: &mut Call<'_>,
    app: &App,
    name: &str,
    password: &str,
    device_key: Option<String>,
) -> Outcome {
    let Some(mut found) = call.find(app, name) else {
        if app.prevents_user_existence_errors() {
            // As much work as for a user that is there: the time must not tell either.
            made_up_verifier(call.pool(&app.pool_id)?, name).matches("", name, password);
        }
        return Err(unknown(app));
    };
    call.check_not_locked(&found.user)?;
    if !call.password_matches(app, &found.user, password) {
        return Err(call.wrong_password(app, &mut found));
    }
    after_first_factor(call, app, &mut found, Progress { device_key })
}

/// Answers SRP_A with salt and SRP_B.
pub(super) fn challenge(
    call: &mut Call<'_>,
    app: &App,
    name: &str,
    srp_a: &str,
    device_key: Option<String>,
) -> Outcome {
    demand_proof(
        call,
        app,
        name,
        srp_a,
        &Progress { device_key },
        Expects::Proof,
    )
}

/// The challenge PASSWORD_VERIFIER; `expects` says what follows on the proof.
pub(super) fn demand_proof(
    call: &mut Call<'_>,
    app: &App,
    name: &str,
    srp_a: &str,
    progress: &Progress,
    expects: fn(Exchange) -> Expects,
) -> Outcome {
    let proof = begin_proof(call, app, name, srp_a)?;
    let block = secret_block(call);
    let expects = expects(proof.exchange.clone());
    let block = call.remember_challenge(app, &proof.key, expects, progress, Some(block))?;
    Ok(json!({
        "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeParameters": proof.parameters(&block),
    }))
}

/// Checks the proof.
pub(super) fn verify(call: &mut Call<'_>, app: &App, username: &str, input: &Value) -> Outcome {
    let answer = |key: &str| input.entry("ChallengeResponses", key);
    let block = required(
        answer("PASSWORD_CLAIM_SECRET_BLOCK"),
        "PASSWORD_CLAIM_SECRET_BLOCK",
    )?;
    let signature = required(
        answer("PASSWORD_CLAIM_SIGNATURE"),
        "PASSWORD_CLAIM_SIGNATURE",
    )?;
    let timestamp = required(answer("TIMESTAMP"), "TIMESTAMP")?;
    check_timestamp(timestamp)?;
    let challenge = call.open_challenge(app, block, username)?;
    let (exchange, custom) = match &challenge.expects {
        Expects::Proof(exchange) => (exchange.clone(), false),
        Expects::CustomProof(exchange) => (exchange.clone(), true),
        _ => return Err(super::challenge::invalid_session()),
    };
    // One exchange allows one guess.
    call.spend(app, block);
    let Some(mut found) = call.find_key(app, &challenge.user) else {
        return Err(wrong_credentials().keeping_changes());
    };
    call.check_not_locked(&found.user)
        .map_err(Refusal::keeping_changes)?;
    let pool = app.short_name();
    let user = found.user.username.clone();
    let claim = Claim {
        pool,
        user: &user,
        secret_block: block,
        timestamp,
    };
    let proved = found
        .user
        .password
        .as_ref()
        .and_then(|verifier| exchange.proves(verifier, &claim, signature))
        .unwrap_or(false);
    if !proved {
        return Err(call.wrong_password(app, &mut found));
    }
    let device_key = answer("DEVICE_KEY")
        .map(String::from)
        .or(challenge.device_key);
    let progress = Progress { device_key };
    if custom {
        return custom::after_proof(call, app, &mut found, progress);
    }
    // The exchange is spent even when the user may not go on.
    after_first_factor(call, app, &mut found, progress).map_err(Refusal::keeping_changes)
}

/// The beginning of a proof, for a user that is there or one that is made up.
struct Proof {
    /// The user's key; of a made-up one a key that nobody has.
    key: String,
    user_id: String,
    salt: String,
    exchange: Exchange,
}

impl Proof {
    fn parameters(&self, block: &str) -> Map<String, Value> {
        [
            ("USER_ID_FOR_SRP", self.user_id.as_str()),
            ("USERNAME", self.user_id.as_str()),
            ("SALT", self.salt.as_str()),
            ("SRP_B", self.exchange.srp_b()),
            ("SECRET_BLOCK", block),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect()
    }
}

fn begin_proof(call: &mut Call<'_>, app: &App, name: &str, srp_a: &str) -> Result<Proof, Refusal> {
    let found = call.find(app, name);
    if found.is_none() && !app.prevents_user_existence_errors() {
        return Err(no_such_user());
    }
    if let Some(found) = &found {
        call.check_not_locked(&found.user)?;
    }
    let pool = call.pool(&app.pool_id)?;
    let (key, user_id, verifier) = match found {
        // Somebody without a password looks like anybody else, and cannot prove one.
        Some(Found { key, user }) => {
            let verifier = user
                .password
                .unwrap_or_else(|| made_up_verifier(pool, name));
            (key, user.username, verifier)
        }
        None => (
            nobody(name),
            made_up_id(pool, app, name),
            made_up_verifier(pool, name),
        ),
    };
    let secret: [u8; 32] = call.randomness.array();
    let exchange = Exchange::begin(srp_a, &verifier, &secret)
        .ok_or_else(|| invalid_parameter("SRP_A is not a valid public value."))?;
    Ok(Proof {
        key,
        user_id,
        salt: verifier.salt,
        exchange,
    })
}

/// A name for the exchange that doubles as its secret block.
pub(super) fn secret_block(call: &mut Call<'_>) -> String {
    Base64::encode_string(&call.randomness.array::<48>())
}

/// Who cannot sign in, in words that depend on whether names may be probed.
pub(super) fn unknown(app: &App) -> Refusal {
    if app.prevents_user_existence_errors() {
        wrong_credentials()
    } else {
        no_such_user()
    }
}

/// A key that no user has: names have no control characters.
pub(super) fn nobody(name: &str) -> String {
    format!("\u{0}{name}")
}

/// Whether a key is one of [`nobody`].
pub(super) fn is_nobody(key: &str) -> bool {
    key.starts_with('\u{0}')
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
