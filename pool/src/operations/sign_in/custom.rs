//! CUSTOM_AUTH: three functions of the app define, create and check the challenges.

use serde_json::{Map, Value, json};

use super::challenge::invalid_session;
use super::{Progress, check_state, finish, password, required};
use crate::call::{App, Call, Found, Input};
use crate::error::{Outcome, Refusal, unexpected_trigger, wrong_credentials};
use crate::state::Expects;

pub(super) fn begin(
    call: &mut Call<'_>,
    app: &App,
    name: &str,
    srp_a: Option<&str>,
    device_key: Option<String>,
) -> Outcome {
    let progress = Progress { device_key };
    if let Some(srp_a) = srp_a {
        return password::demand_proof(call, app, name, srp_a, &progress, Expects::CustomProof);
    }
    let Some(mut found) = call.find(app, name) else {
        return Err(password::unknown(app));
    };
    check_state(call, &found)?;
    next(call, app, &mut found, Vec::new(), progress)
}

/// The password was proved; the functions decide what else.
pub(super) fn after_proof(
    call: &mut Call<'_>,
    app: &App,
    found: &mut Found,
    progress: Progress,
) -> Outcome {
    check_state(call, found)?;
    let history = vec![
        json!({ "challengeName": "SRP_A", "challengeResult": true }),
        json!({ "challengeName": "PASSWORD_VERIFIER", "challengeResult": true }),
    ];
    next(call, app, found, history, progress)
}

pub(super) fn answer(call: &mut Call<'_>, app: &App, username: &str, input: &Value) -> Outcome {
    let session = input.text("Session");
    let challenge = call.open_challenge(app, session, username)?;
    let Expects::Custom {
        private,
        mut history,
    } = challenge.expects.clone()
    else {
        return Err(invalid_session());
    };
    let given = required(input.entry("ChallengeResponses", "ANSWER"), "ANSWER")?;
    let (mut found, progress) = call.challenged(app, &challenge)?;
    check_state(call, &found)?;
    call.spend(app, session);
    let request = json!({
        "userAttributes": found.user.attributes,
        "privateChallengeParameters": private,
        "challengeAnswer": given,
        "clientMetadata": input.get("ClientMetadata").cloned().unwrap_or_default(),
        "userNotFound": false,
    });
    let source = "VerifyAuthChallengeResponse_Authentication";
    let verdict = function(
        call,
        "VerifyAuthChallengeResponse",
        source,
        app,
        &found,
        request,
    )?;
    if let Some(Value::Object(last)) = history.last_mut() {
        last.insert(
            "challengeResult".into(),
            json!(verdict.flag("answerCorrect")),
        );
    }
    next(call, app, &mut found, history, progress).map_err(Refusal::keeping_changes)
}

/// Asks DefineAuthChallenge what comes next, and CreateAuthChallenge for its content.
fn next(
    call: &mut Call<'_>,
    app: &App,
    found: &mut Found,
    mut history: Vec<Value>,
    progress: Progress,
) -> Outcome {
    let request = json!({
        "userAttributes": found.user.attributes,
        "session": history,
        "userNotFound": false,
    });
    let source = "DefineAuthChallenge_Authentication";
    let verdict = function(call, "DefineAuthChallenge", source, app, found, request)?;
    if verdict.flag("failAuthentication") {
        return Err(wrong_credentials());
    }
    if verdict.flag("issueTokens") {
        return finish(call, app, found, progress);
    }
    let name = verdict.text("challengeName");
    if name != "CUSTOM_CHALLENGE" {
        return Err(unexpected_trigger(
            "DefineAuthChallenge must name CUSTOM_CHALLENGE, issue tokens or fail.",
        ));
    }
    let request = json!({
        "userAttributes": found.user.attributes,
        "challengeName": name,
        "session": history,
        "userNotFound": false,
    });
    let source = "CreateAuthChallenge_Authentication";
    let created = function(call, "CreateAuthChallenge", source, app, found, request)?;
    let mut shown: Map<String, Value> = created
        .get("publicChallengeParameters")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    shown.insert("USERNAME".into(), json!(found.user.username));
    let private = created
        .get("privateChallengeParameters")
        .cloned()
        .unwrap_or_default();
    history.push(json!({
        "challengeName": name,
        "challengeMetadata": created.optional("challengeMetadata"),
    }));
    let expects = Expects::Custom { private, history };
    call.issue(app, &found.key, name, shown, expects, &progress)
}

fn function(
    call: &mut Call<'_>,
    name: &str,
    source: &str,
    app: &App,
    found: &Found,
    request: Value,
) -> Result<Value, Refusal> {
    call.trigger(name, source, app, &found.user, request)?
        .ok_or_else(|| unexpected_trigger(format!("{name} is not configured.")))
}
