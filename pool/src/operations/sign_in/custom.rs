//! CUSTOM_AUTH: three functions of the app define, create and check the challenges.
//!
//! Where the request says `SRP_A`, DefineAuthChallenge hears of that first, and asks for the proof by
//! naming PASSWORD_VERIFIER: the developer guide's "Define Auth challenge Lambda trigger".

use serde_json::{Map, Value, json};

use super::context::{Next, SignIn, Step};
use super::password;
use crate::call::Input;
use crate::error::{Refusal, invalid_parameter, unexpected_trigger, wrong_credentials};
use crate::operations::challenges::invalid_session;
use crate::operations::claims::Occasion;
use crate::state::Expects;

pub(super) fn begin(sign_in: &mut SignIn<'_, '_>) -> Step {
    if !sign_in
        .call
        .has_function("DefineAuthChallenge", sign_in.app())
    {
        return Err(not_configured());
    }
    match sign_in.given("CHALLENGE_NAME") {
        Some("SRP_A") => {
            sign_in.required("SRP_A")?;
            if !sign_in.app().prevents_user_existence_errors() {
                sign_in.known()?;
            }
            return Ok(Next::Custom(vec![passed("SRP_A")]));
        }
        Some(other) => {
            return Err(invalid_parameter(format!(
                "CHALLENGE_NAME {other} is not supported: SRP_A or none."
            )));
        }
        None => {}
    }
    sign_in.known()?;
    sign_in.check_state()?;
    sign_in.check_device()?;
    Ok(Next::Custom(Vec::new()))
}

pub(super) fn answer(sign_in: &mut SignIn<'_, '_>) -> Step {
    let Expects::Custom {
        private,
        mut history,
    } = sign_in.open(sign_in.input.text("Session"))?
    else {
        return Err(invalid_session());
    };
    let given = sign_in.required("ANSWER")?;
    sign_in.check_state()?;
    sign_in.spend()?;
    sign_in.take_device_key();
    let request = json!({
        "privateChallengeParameters": private,
        "challengeAnswer": given,
        "clientMetadata": metadata(sign_in),
        "userNotFound": false,
    });
    let verdict = function(sign_in, "VerifyAuthChallengeResponse", request)?;
    if let Some(Value::Object(last)) = history.last_mut() {
        let right = json!(verdict.flag("answerCorrect"));
        last.insert("challengeResult".into(), right);
    }
    sign_in.let_changes_stay();
    Ok(Next::Custom(history))
}

/// Asks DefineAuthChallenge what comes next, and CreateAuthChallenge for its content.
pub(super) fn next(sign_in: &mut SignIn<'_, '_>, mut history: Vec<Value>) -> Step {
    let request = json!({
        "session": history,
        "clientMetadata": metadata(sign_in),
        "userNotFound": sign_in.user().is_none(),
    });
    let verdict = function(sign_in, "DefineAuthChallenge", request)?;
    if verdict.flag("failAuthentication") {
        return Err(wrong_credentials());
    }
    let proof_may_follow = history == [passed("SRP_A")];
    let name = verdict.text("challengeName");
    let demands_proof = proof_may_follow && matches!(name, "PASSWORD_VERIFIER" | "SRP_A");
    if demands_proof && !verdict.flag("issueTokens") {
        let srp_a = sign_in.required("SRP_A")?;
        return password::demand_proof(sign_in, srp_a, Expects::CustomProof);
    }
    // Nobody is asked anything else, and whoever is goes on only in a state to.
    sign_in.known()?;
    if proof_may_follow {
        sign_in.check_state()?;
        sign_in.check_device()?;
    }
    if verdict.flag("issueTokens") {
        return Ok(Next::Tokens);
    }
    if name != "CUSTOM_CHALLENGE" {
        return Err(unexpected_trigger(
            "DefineAuthChallenge must name CUSTOM_CHALLENGE (or PASSWORD_VERIFIER after SRP_A alone), \
             issue tokens or fail.",
        ));
    }
    let request = json!({
        "challengeName": name,
        "session": history,
        "clientMetadata": metadata(sign_in),
        "userNotFound": false,
    });
    let created = function(sign_in, "CreateAuthChallenge", request)?;
    let mut shown: Map<String, Value> = created
        .get("publicChallengeParameters")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    shown.insert("USERNAME".into(), json!(sign_in.somebody()?.username));
    let private = created
        .get("privateChallengeParameters")
        .cloned()
        .unwrap_or_default();
    history.push(json!({
        "challengeName": name,
        "challengeMetadata": created.optional("challengeMetadata"),
    }));
    sign_in.ask(name, shown, Expects::Custom { private, history })
}

/// The entry in a session's history of a challenge that was answered rightly.
pub(super) fn passed(name: &str) -> Value {
    json!({ "challengeName": name, "challengeResult": true, "challengeMetadata": null })
}

/// What the three functions see of `ClientMetadata`: that of RespondToAuthChallenge alone, as the API
/// model has it.
fn metadata(sign_in: &SignIn<'_, '_>) -> Value {
    let passes = Occasion::passes_metadata(sign_in.call.operation);
    let given = sign_in.input.get("ClientMetadata").filter(|_| passes);
    given.cloned().unwrap_or_default()
}

/// Apps match these words: with Amplify, a sign-in without a password goes this way.
fn not_configured() -> Refusal {
    invalid_parameter("Custom auth lambda trigger is not configured for the user pool.")
}

/// Calls a function that this flow cannot do without.
fn function(sign_in: &mut SignIn<'_, '_>, name: &str, request: Value) -> Result<Value, Refusal> {
    let source = format!("{name}_Authentication");
    let who = &sign_in.who;
    let response = if sign_in.user().is_some() {
        sign_in.call.trigger(name, &source, who, request)?
    } else {
        let mut request = request;
        if let Some(members) = request.as_object_mut() {
            members.insert("userAttributes".into(), json!({}));
        }
        let called = sign_in.name;
        sign_in
            .call
            .function(name, &source, &who.app, called, request)?
    };
    response.ok_or_else(not_configured)
}
