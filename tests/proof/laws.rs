//! What each state, and each move to it, is held to, beyond what the world holds every input to.

use cognito_flow::EventType;
use serde_json::{Value, json};

use crate::{
    moves::{Came, Move},
    support::{PASSWORD, USER, World, event},
};

/// Calls that send a message, or use up a code or a session: never sent again by the machine where it
/// cannot know what became of them.
const ONCE: [&str; 9] = [
    "SignUp",
    "ConfirmSignUp",
    "ResendConfirmationCode",
    "ForgotPassword",
    "ConfirmForgotPassword",
    "InitiateAuth",
    "RespondToAuthChallenge",
    "GetUserAttributeVerificationCode",
    "VerifyUserAttribute",
];

/// Errors after which nobody can say what the pool did.
const UNKNOWN: [&str; 3] = ["outcomeUnknown", "timeout", "server"];

/// What the search knows of a state besides the state itself.
#[derive(Clone)]
pub(crate) struct Known {
    /// How many more requests may go wrong.
    pub(crate) faults: u32,
    /// The password that is right.
    password: Option<String>,
    /// The event under way, the step that it began in, what the pool then knew, and whether anything went
    /// wrong since.
    event: Option<Started>,
    /// Requests of which nobody knows what became, since the person's last event.
    unsure: Vec<(&'static str, Value)>,
}

#[derive(Clone)]
struct Started {
    kind: String,
    from: Value,
    facts: Value,
    lost: bool,
}

impl Known {
    pub(crate) fn new(faults: u32) -> Self {
        Self {
            faults,
            password: Some(PASSWORD.into()),
            event: None,
            unsure: Vec::new(),
        }
    }

    pub(crate) fn folded(&self) -> Value {
        let event = self.event.as_ref();
        json!([
            self.faults,
            self.password,
            event.map(|event| json!([event.kind, event.from["step"], event.facts, event.lost])),
            self.unsure
                .iter()
                .map(|(name, _)| *name)
                .collect::<Vec<_>>(),
        ])
    }

    /// Takes in what happened; what law is broken, if one is.
    pub(crate) fn follow(
        &mut self,
        before: &World,
        did: &Move,
        after: &World,
        pool: &Value,
    ) -> Result<(), String> {
        self.learn(before, did, after);
        if let Move::Reply(at, Came::Answer(answer)) = did
            && answer.status == 200
        {
            self.learn_password(&before.network.under_way[*at].body);
        }
        self.is_never_sent_twice(before, after)?;
        refreshes_once(after)?;
        if let Move::Event(event) = did {
            self.event = Some(Started {
                kind: event["type"].as_str().unwrap().into(),
                from: before.snapshot(),
                facts: self.facts(pool),
                lost: false,
            });
        }
        if matches!(did, Move::Reload) {
            self.event = None;
            restored(before, after)?;
        }
        if after.snapshot()["busy"].is_null()
            && let Some(event) = self.event.take()
        {
            self.is_true(&event, after, pool)?;
        }
        Ok(())
    }

    fn learn(&mut self, before: &World, did: &Move, after: &World) {
        match did {
            Move::Event(_) | Move::Reload => self.unsure.clear(),
            Move::Reply(at, came) => {
                let request = &before.network.under_way[*at];
                let lost = match came {
                    Came::Answer(answer) => answer.status >= 500 || answer.body.is_none(),
                    Came::Lost => true,
                    Came::NotSent => false,
                };
                if lost {
                    self.lose(request.operation, &request.body);
                }
            }
            // What has no answer in time is given up.
            Move::Wait => {
                let waits = |id| {
                    after
                        .network
                        .under_way
                        .iter()
                        .any(|request| request.id == id)
                };
                for request in &before.network.under_way {
                    if !waits(request.id) {
                        self.lose(request.operation, &request.body);
                    }
                }
            }
            Move::Call(..) => {}
        }
    }

    fn lose(&mut self, operation: &'static str, body: &Value) {
        if let Some(event) = &mut self.event {
            event.lost = true;
        }
        if ONCE.contains(&operation) && !may_be_repeated(operation, body) {
            self.unsure.push((operation, body.clone()));
        }
    }

    fn learn_password(&mut self, request: &Value) {
        let given = [
            &request["Password"],
            &request["ChallengeResponses"]["NEW_PASSWORD"],
        ];
        if let Some(password) = given.into_iter().find_map(Value::as_str) {
            self.password = Some(password.into());
        }
    }

    fn is_never_sent_twice(&mut self, before: &World, after: &World) -> Result<(), String> {
        let ids: Vec<_> = before
            .network
            .under_way
            .iter()
            .map(|request| request.id)
            .collect();
        for request in &after.network.under_way {
            let is_new = !ids.contains(&request.id);
            let again =
                |(name, body): &(&str, Value)| *name == request.operation && *body == request.body;
            if is_new && self.unsure.iter().any(again) {
                return Err(format!("{} is sent again by itself", request.operation));
            }
        }
        Ok(())
    }

    /// What of a person the pool would tell an administrator.
    fn facts(&self, pool: &Value) -> Value {
        let users = pool["pools"].as_object().unwrap().values().next().unwrap();
        let user = &users["users"][USER];
        let flag = |name: &str| user["attributes"][name].clone();
        json!({
            "status": user["status"],
            "email": flag("email_verified"),
            "phone_number": flag("phone_number_verified"),
            "password": self.password,
        })
    }

    /// What the person was told is what the pool did.
    fn is_true(&self, event: &Started, after: &World, pool: &Value) -> Result<(), String> {
        let facts = self.facts(pool);
        let told = after.snapshot();
        let error = after.error();
        // Who signs out everywhere does not wait for the tries that follow a failed one.
        if error == "outcomeUnknown" && !event.lost && event.kind != "signOut" {
            return Err("the outcome is said to be unknown, and nothing was lost".into());
        }
        let same =
            told["step"] == event.from["step"] && told["attribute"] == event.from["attribute"];
        if !error.is_empty() {
            let is_known = !UNKNOWN.contains(&error.as_str()) && !event.lost;
            return match is_known && same && facts != event.facts {
                true => Err(format!(
                    "told {error}, but the pool went from {} to {facts}",
                    event.facts
                )),
                false => Ok(()),
            };
        }
        let holds = match event.kind.as_str() {
            "signUp" => !facts["status"].is_null(),
            "confirmSignUp" => facts["status"] == "CONFIRMED",
            "submitCode" if event.from["step"] == "verifyAttribute" => {
                let attribute = event.from["attribute"].as_str().unwrap();
                facts[attribute] == "true"
            }
            "resetPassword" | "setNewPassword" => {
                facts["password"] == crate::support::OTHER_PASSWORD
            }
            _ => true,
        };
        // A step that time ended under an event took nothing of it.
        match holds {
            true => Ok(()),
            false => Err(format!(
                "told that {} was done, but the pool has {facts}",
                event.kind
            )),
        }
    }
}

fn is_refresh(operation: &str, body: &Value) -> bool {
    operation == "GetTokensFromRefreshToken" || body["AuthFlow"] == "REFRESH_TOKEN_AUTH"
}

/// Openings without a code that is preferred, and refreshing.
fn may_be_repeated(operation: &str, body: &Value) -> bool {
    let preferred = body["AuthParameters"]["PREFERRED_CHALLENGE"]
        .as_str()
        .unwrap_or_default();
    let opens_choice = body["AuthFlow"] == "USER_AUTH"
        && body["Session"].is_null()
        && !preferred.ends_with("_OTP");
    opens_choice || is_refresh(operation, body)
}

/// However many wait, the tokens are refreshed once at a time.
fn refreshes_once(after: &World) -> Result<(), String> {
    let refreshing = (after.network.under_way.iter())
        .filter(|request| is_refresh(request.operation, &request.body))
        .count();
    match refreshing {
        0 | 1 => Ok(()),
        more => Err(format!("{more} refreshes at a time")),
    }
}

/// What is shown after a reload is what was shown before, where nothing was under way.
fn restored(before: &World, after: &World) -> Result<(), String> {
    let (mut was, mut is) = (before.snapshot(), after.snapshot());
    // The secret of an authenticator is not kept: enrolling begins anew.
    let anew = was["step"] == "setUpTotp";
    if before.storage.is_none() || !was["busy"].is_null() || anew {
        return Ok(());
    }
    for snapshot in [&mut was, &mut is] {
        let members = snapshot.as_object_mut().unwrap();
        // An error belongs to what was just done; and nothing is kept of who is signed out.
        members.remove("error");
        // The password is not kept either, without which the pool sends no other code for a sign-in.
        if members["step"] == "signedOut" {
            members.remove("username");
        }
        members.remove("canResend");
    }
    match was == is {
        true => Ok(()),
        false => Err(format!("left as {was}, restored as {is}")),
    }
}

/// From every state the person comes to an end by what they can do: wait, and leave.
pub(crate) fn can_be_left(world: &mut World) -> Result<(), String> {
    for _ in 0..4 {
        world.run();
        let (step, accepts) = (world.step(), world.flow.accepts(EventType::Cancel));
        match step.as_str() {
            "signedIn" | "signedOut" => return Ok(()),
            _ if accepts => world
                .start(event("cancel"))
                .map_err(|error| error.to_string())?,
            _ => return Err(format!("there is no way out of {step}")),
        }
    }
    Err("leaving leads in a circle".into())
}
