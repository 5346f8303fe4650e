//! Calling the functions that an app has put into a flow.
//!
//! The events are those of the developer guide, "Customizing user pool workflows with Lambda triggers".

use serde_json::{Map, Value, json};

use super::{App, Call, Who};
use crate::error::{Refusal, bad_trigger_response, trigger_refused, unexpected_trigger};
use crate::settings::PoolSettings;
use crate::triggers::remote::Said;

/// What the events of administrators' operations have for an app client.
const NO_CLIENT: &str = "CLIENT_ID_NOT_APPLICABLE";

/// The function that is asked before a sign-in, and why: for all of them the same.
pub(crate) const PRE_AUTHENTICATION: (&str, &str) =
    ("PreAuthentication", "PreAuthentication_Authentication");
const POST_AUTHENTICATION: (&str, &str) =
    ("PostAuthentication", "PostAuthentication_Authentication");

impl Call<'_> {
    /// Tells a function of what has happened: it may refuse, and has nothing to answer.
    pub(crate) fn tell(
        &mut self,
        name: &str,
        source: &str,
        who: &Who,
        more: Value,
    ) -> Result<(), Refusal> {
        self.trigger(name, source, who, more).map(drop)
    }

    /// Tells PostConfirmation of a user. Who is confirmed stays so, whatever it says.
    pub(crate) fn tell_confirmed(&mut self, who: &Who, source: &str) -> Result<(), Refusal> {
        let source = format!("PostConfirmation_{source}");
        let metadata = json!({ "clientMetadata": self.metadata });
        self.tell("PostConfirmation", &source, who, metadata)
            .map_err(Refusal::keeping_changes)
    }

    /// Asks PreAuthentication of a user who is there. It sees `ClientMetadata` as validation data, as
    /// the API model says of InitiateAuth.
    pub(crate) fn tell_before(&mut self, who: &Who) -> Result<(), Refusal> {
        let (name, source) = PRE_AUTHENTICATION;
        let more = json!({ "validationData": self.metadata, "userNotFound": false });
        self.tell(name, source, who, more)
    }

    /// Tells PostAuthentication that nothing is missing any more.
    pub(crate) fn tell_after(
        &mut self,
        who: &Who,
        new_device: bool,
        metadata: &Value,
    ) -> Result<(), Refusal> {
        let (name, source) = POST_AUTHENTICATION;
        let more = json!({ "newDeviceUsed": new_device, "clientMetadata": metadata });
        self.tell(name, source, who, more)
    }

    /// Whether there is a function of that name, as far as one can tell without calling it.
    pub(crate) fn has_function(&self, name: &str, app: &App) -> bool {
        self.remote.place(name, &app.settings).is_some() || self.triggers.has(name)
    }

    /// Calls a function about a user; gives the `response` part of its event.
    pub(crate) fn trigger(
        &mut self,
        name: &str,
        source: &str,
        who: &Who,
        mut request: Value,
    ) -> Result<Option<Value>, Refusal> {
        let user = self.user(who)?;
        let mut attributes: Map<String, Value> = (user.attributes.iter())
            .map(|(name, value)| (name.to_owned(), json!(value)))
            .collect();
        if name == "PreSignUp" {
            // Who is not there yet has no id.
            attributes.remove("sub");
        } else {
            attributes.insert("cognito:user_status".into(), json!(user.status.name()));
        }
        let username = user.username.clone();
        if let Some(members) = request.as_object_mut() {
            members.insert("userAttributes".into(), attributes.into());
        }
        self.function(name, source, &who.app, &username, request)
    }

    /// The same about somebody who need not be a user.
    pub(crate) fn function(
        &mut self,
        name: &str,
        source: &str,
        app: &App,
        username: &str,
        mut request: Value,
    ) -> Result<Option<Value>, Refusal> {
        let place = self.remote.place(name, &app.settings);
        // Functions of the library have seen version 2 since before there was another.
        let default = if place.is_some() { "1" } else { "2" };
        let version = match name {
            "PreTokenGeneration" => token_version(&app.settings).unwrap_or(default),
            _ => "1",
        };
        if let Some(members) = request.as_object_mut() {
            let optional =
                |name: &str| matches!(name, "clientMetadata" | "password" | "validationData");
            members.retain(|name, member| !member.is_null() || !optional(name));
            if name == "PreTokenGeneration" && version == "1" {
                // The access token, which has them, is not shown.
                members.remove("scopes");
            }
        }
        let client = match app.client_id() {
            "" => NO_CLIENT,
            id => id,
        };
        let event = json!({
            "version": version,
            "triggerSource": source,
            "region": app.region(),
            "userPoolId": app.pool_id,
            "userName": username,
            "callerContext": { "awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client },
            "request": request,
            "response": empty_response(name, version),
        });
        let answer = match place {
            None => self
                .triggers
                .call(name, &event)
                .map_err(|words| threw(name, &words))?,
            Some(place) => match self.remote.ask(name, place, &event) {
                // Whatever becomes of this, the request is taken back and run again.
                None => return Err(unexpected_trigger("The function is yet to answer.")),
                Some(said) => Some(heard(name, said)?),
            },
        };
        let Some(event) = answer else {
            return Ok(None);
        };
        match event.get("response") {
            Some(response @ Value::Object(_)) => Ok(Some(response.clone())),
            _ => Err(bad_trigger_response("Unrecognizable lambda output")),
        }
    }
}

/// The response that a function is to fill in: in the events of AWS its members are there.
fn empty_response(name: &str, version: &str) -> Value {
    match name {
        "PreSignUp" => json!({
            "autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false,
        }),
        "PreTokenGeneration" if version == "1" => json!({ "claimsOverrideDetails": null }),
        "PreTokenGeneration" => json!({ "claimsAndScopeOverrideDetails": null }),
        "CustomMessage" => json!({
            "smsMessage": null, "emailMessage": null, "emailSubject": null,
        }),
        "DefineAuthChallenge" => json!({
            "challengeName": null, "issueTokens": null, "failAuthentication": null,
        }),
        "CreateAuthChallenge" => json!({
            "publicChallengeParameters": null, "privateChallengeParameters": null,
            "challengeMetadata": null,
        }),
        "VerifyAuthChallengeResponse" => json!({ "answerCorrect": null }),
        "UserMigration" => json!({
            "userAttributes": null, "finalUserStatus": null, "messageAction": null,
            "desiredDeliveryMediums": null, "forceAliasCreation": null, "enableSMSMFA": null,
        }),
        _ => json!({}),
    }
}

/// The event that came back, or why there is none, in the words of Cognito
/// (furaiev/amazon-cognito-identity-dart-2#204 has those of a function that does not answer).
fn heard(name: &str, said: Said) -> Result<Value, Refusal> {
    let failed =
        |why: &str| unexpected_trigger(format!("{name} invocation failed due to error {why}."));
    match said {
        Said::Event(event) => Ok(event),
        Said::Threw(words) => Err(threw(name, &words)),
        Said::Garbage => Err(bad_trigger_response("Unrecognizable lambda output")),
        Said::NotRun(why) => Err(failed(&why)),
        Said::Nothing => Err(failed("Socket timeout while invoking Lambda function")),
    }
}

fn threw(name: &str, words: &str) -> Refusal {
    trigger_refused(format!("{name} failed with error {words}."))
}

/// The version of the event that a pool asks for, if it says so.
fn token_version(settings: &PoolSettings) -> Option<&'static str> {
    let config = settings.other.get("LambdaConfig")?;
    let version = |config: &Value| match config.get("LambdaVersion")?.as_str()? {
        "V2_0" => Some("2"),
        "V3_0" => Some("3"),
        _ => Some("1"),
    };
    match config.get("PreTokenGenerationConfig") {
        Some(config) => version(config).or(Some("1")),
        None => config.get("PreTokenGeneration").map(|_| "1"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn why_there_is_no_answer_is_said_in_words() {
        let event = json!({ "response": {} });
        assert_eq!(
            heard("PreSignUp", Said::Event(event.clone())).unwrap(),
            event
        );
        for (said, name, words) in [
            (
                Said::Threw("no".to_owned()),
                "UserLambdaValidationException",
                "PreSignUp failed with error no.",
            ),
            (
                Said::Garbage,
                "InvalidLambdaResponseException",
                "Unrecognizable lambda output",
            ),
            (
                Said::NotRun("TooManyInvocations".to_owned()),
                "UnexpectedLambdaException",
                "PreSignUp invocation failed due to error TooManyInvocations.",
            ),
            (
                Said::Nothing,
                "UnexpectedLambdaException",
                "PreSignUp invocation failed due to error Socket timeout while invoking Lambda function.",
            ),
        ] {
            let refusal = heard("PreSignUp", said).unwrap_err();
            assert_eq!((refusal.name, refusal.message.as_str()), (name, words));
        }
    }
}
