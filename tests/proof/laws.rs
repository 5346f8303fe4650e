//! What each state, and each move to it, is held to, beyond what the world holds every input to.

mod misuse;
mod truth;

use cognito_flow::EventType;
use serde_json::{Value, json};

use crate::{
    browser::Browser,
    domain::is_of_domain,
    moves::{Act, Came, Move},
    support::{PASSWORD, SECOND, Storage, USER, World, event, from_base64},
};

pub(crate) use misuse::changes_nothing;
use truth::Started;

/// Calls that send a message, or use up a code or a session: never sent again by the machine where it
/// cannot know what became of them.
const ONCE: [&str; 13] = [
    "SignUp",
    "ConfirmSignUp",
    "ResendConfirmationCode",
    "ForgotPassword",
    "ConfirmForgotPassword",
    "InitiateAuth",
    "RespondToAuthChallenge",
    "GetUserAttributeVerificationCode",
    "VerifyUserAttribute",
    "VerifySoftwareToken",
    "CompleteWebAuthnRegistration",
    "UpdateDeviceStatus",
    "/oauth2/token",
];

/// Said to whoever misuses the machine, and never seen by a person.
const MISUSE: [&str; 4] = ["notAccepted", "busy", "malformed", "disposed"];

/// What the search knows of a state besides the state itself.
#[derive(Clone)]
pub(crate) struct Known {
    /// How many more things may go wrong.
    pub(crate) faults: u32,
    /// The password of alice's that is right.
    password: Option<String>,
    tabs: Vec<OfTab>,
}

/// What it knows of one tab.
#[derive(Clone, Default)]
struct OfTab {
    /// The event under way.
    event: Option<Started>,
    /// The call under way.
    call: Option<Started>,
    /// Requests of which nobody knows what became, since the person's last event.
    unsure: Vec<(&'static str, Value)>,
    /// What was sent since then: how often a machine still tries is to be seen nowhere else.
    sent: Vec<&'static str>,
}

impl Known {
    pub(crate) fn new(faults: u32, tabs: usize) -> Self {
        Self {
            faults,
            password: Some(PASSWORD.into()),
            tabs: vec![OfTab::default(); tabs],
        }
    }

    pub(crate) fn folded(&self) -> Value {
        let tabs: Vec<_> = (self.tabs.iter())
            .map(|tab| {
                let started = |started: &Option<Started>| started.as_ref().map(Started::folded);
                let unsure: Vec<_> = tab.unsure.iter().map(|(name, _)| *name).collect();
                json!([started(&tab.event), started(&tab.call), unsure, tab.sent])
            })
            .collect();
        json!([self.faults, self.password, tabs])
    }

    /// Takes in what happened; what law is broken, if one is.
    pub(crate) fn follow(
        &mut self,
        before: &Browser,
        did: &Move,
        after: &mut Browser,
        pool: &Value,
    ) -> Result<(), String> {
        self.learn(before, did, after);
        let at = did.tab;
        self.is_never_sent_twice(before, after)?;
        refreshes_once(after)?;
        belongs_together(before, after)?;
        shows_known_codes(after)?;
        let shown = before.tabs[at].snapshot();
        let who = |named: &Value| {
            let names = [named, &shown].map(|it| it["username"].as_str());
            names
                .into_iter()
                .flatten()
                .next()
                .unwrap_or(USER)
                .to_owned()
        };
        let started =
            |kind: &str, who: &str, from| Started::new((kind, who), from, pool, &self.password);
        match &did.act {
            Act::Event(event) => {
                let kind = event["type"].as_str().unwrap();
                let mut event = started(kind, &who(event), shown.clone());
                event.lost = is_late(before, did);
                self.tabs[at].event = Some(event);
                self.disturb_each_other(at);
                // Who signs out, or in, ends at once what others have under way: `challengeSpent` says that
                // the session is over, and not what became of it.
                self.disturb_others(at);
            }
            Act::Call(name, arguments) => {
                let mut call = started(name, &who(&Value::Null), arguments.clone());
                call.lost = is_late(before, did);
                self.tabs[at].call = Some(call);
                self.disturb_each_other(at);
            }
            Act::Reload => {
                (self.tabs[at].event, self.tabs[at].call) = (None, None);
                restored(&before.tabs[at], &after.tabs[at])?;
            }
            Act::Reply(..)
            | Act::Passkey(_)
            | Act::Wait
            | Act::Oversleep(_)
            | Act::Notice
            | Act::Administrator(_)
            | Act::Return(_) => {}
        }
        self.judge(before, after, pool)?;
        counts_once(before, did, after)
    }

    /// What was told of what has now come to an end is true.
    fn judge(&mut self, before: &Browser, after: &Browser, pool: &Value) -> Result<(), String> {
        for at in 0..self.tabs.len() {
            let (was, is) = (&before.tabs[at], &after.tabs[at]);
            let tab = &mut self.tabs[at];
            if is.snapshot()["busy"].is_null()
                && let Some(event) = tab.event.take()
            {
                event.is_true(is, pool, &self.password)?;
            }
            for (ticket, answer) in is.answered() {
                let is_new = was.answered().all(|(known, _)| known != ticket);
                if is_new && let Some(call) = tab.call.take() {
                    let code = answer.as_ref().err().map(|error| error.code.as_str());
                    call.is_true_of_call(code, pool, &self.password)?;
                }
            }
        }
        Ok(())
    }

    fn learn(&mut self, before: &Browser, did: &Move, after: &Browser) {
        let world = &before.tabs[did.tab];
        match &did.act {
            Act::Event(_) | Act::Call(..) | Act::Reload | Act::Return(_) => {
                let tab = &mut self.tabs[did.tab];
                tab.unsure.clear();
                tab.sent.clear();
            }
            Act::Reply(at, came) => {
                let request = &world.network.under_way[*at];
                let lost = match came {
                    Came::Answer(answer) => answer.status >= 500 || answer.body.is_none(),
                    Came::Lost => true,
                    Came::NotSent => false,
                };
                if lost {
                    self.lose(did.tab, request.operation, &request.body);
                }
                if let Came::Answer(answer) = came
                    && answer.status == 200
                    && answer.body.is_some()
                {
                    self.learn_password(&request.body);
                    self.disturb_others(did.tab);
                }
            }
            Act::Administrator(_) => self.disturb_others(usize::MAX),
            Act::Wait | Act::Notice | Act::Oversleep(_) | Act::Passkey(_) => {}
        }
        // What has no answer in time is given up, with whatever input comes then.
        if !matches!(did.act, Act::Reload | Act::Return(_)) && is_late(before, did) {
            self.learn_of_time(before, did, after);
        }
        for (at, tab) in self.tabs.iter_mut().enumerate() {
            let before = before.tabs[at].network.log.len();
            let sent = after.tabs[at].network.log.iter().skip(before);
            tab.sent.extend(sent.map(|(name, _)| *name));
        }
    }

    fn learn_of_time(&mut self, before: &Browser, did: &Move, after: &Browser) {
        for at in 0..self.tabs.len() {
            let is_there = |id| {
                let mut under_way = after.tabs[at].network.under_way.iter();
                under_way.any(|request| request.id == id)
            };
            for (place, request) in before.tabs[at].network.under_way.iter().enumerate() {
                // With news the machine hears of the time, too, and only then of the answer: too late.
                let is_answered = matches!(did.act, Act::Reply(this, _) if (did.tab, this) == (at, place))
                    && !has_news(&before.tabs[at]);
                if !is_there(request.id) && !is_answered {
                    self.lose(at, request.operation, &request.body);
                }
            }
        }
    }

    fn lose(&mut self, at: usize, operation: &'static str, body: &Value) {
        let tab = &mut self.tabs[at];
        for started in [&mut tab.event, &mut tab.call].into_iter().flatten() {
            started.lost = true;
        }
        if ONCE.contains(&operation) && !may_be_repeated(operation, body) {
            tab.unsure.push((operation, body.clone()));
        }
    }

    /// Somebody else has changed something: what this tab was told need not be what is there now.
    fn disturb_others(&mut self, by: usize) {
        for (at, tab) in self.tabs.iter_mut().enumerate() {
            for started in [&mut tab.event, &mut tab.call].into_iter().flatten() {
                started.disturbed |= at != by;
            }
        }
    }

    /// A call's effects cannot be told from those of an event that is under way with it.
    fn disturb_each_other(&mut self, at: usize) {
        let tab = &mut self.tabs[at];
        if let (Some(event), Some(call)) = (&mut tab.event, &mut tab.call) {
            (event.disturbed, call.disturbed) = (true, true);
        }
    }

    fn learn_password(&mut self, request: &Value) {
        let given = [
            &request["Password"],
            &request["ProposedPassword"],
            &request["ChallengeResponses"]["NEW_PASSWORD"],
        ];
        if let Some(password) = given.into_iter().find_map(Value::as_str) {
            self.password = Some(password.into());
        }
    }

    fn is_never_sent_twice(&self, before: &Browser, after: &Browser) -> Result<(), String> {
        for at in 0..self.tabs.len() {
            let known: Vec<_> = (before.tabs[at].network.under_way.iter())
                .map(|request| request.id)
                .collect();
            for request in &after.tabs[at].network.under_way {
                let is_new = !known.contains(&request.id);
                let again = |(name, body): &(&str, Value)| {
                    *name == request.operation && *body == request.body
                };
                if is_new && self.tabs[at].unsure.iter().any(again) {
                    return Err(format!("{} is sent again by itself", request.operation));
                }
            }
        }
        Ok(())
    }
}

/// Whether time has passed that the machine does not know of, or does with this move.
fn is_late(before: &Browser, did: &Move) -> bool {
    let tabs = &before.tabs;
    let late = |tab: &World| {
        let deadline = tab.flow.deadline();
        deadline.is_some_and(|deadline| deadline <= tab.clock.steady)
    };
    matches!(did.act, Act::Wait) || tabs.iter().any(late)
}

fn is_refresh(operation: &str, body: &Value) -> bool {
    let of_domain = is_of_domain(operation) && body["RefreshToken"].is_string();
    of_domain
        || operation == "GetTokensFromRefreshToken"
        || body["AuthFlow"] == "REFRESH_TOKEN_AUTH"
}

/// Openings without a password that is sent or a code that is preferred, and refreshing.
fn may_be_repeated(operation: &str, body: &Value) -> bool {
    let preferred = body["AuthParameters"]["PREFERRED_CHALLENGE"]
        .as_str()
        .unwrap_or_default();
    let opens = ["USER_AUTH", "USER_SRP_AUTH", "CUSTOM_AUTH"];
    let opens = opens.iter().any(|flow| body["AuthFlow"] == *flow)
        && body["Session"].is_null()
        && !preferred.ends_with("_OTP");
    opens || is_refresh(operation, body)
}

/// However many wait, in whatever tabs, the tokens of a session are refreshed once at a time.
fn refreshes_once(after: &Browser) -> Result<(), String> {
    let under_way = (after.tabs.iter()).flat_map(|tab| &tab.network.under_way);
    let mut tokens: Vec<_> = under_way
        .filter(|request| is_refresh(request.operation, &request.body))
        .map(|request| {
            let of_flow = &request.body["AuthParameters"]["REFRESH_TOKEN"];
            let alone = &request.body["RefreshToken"];
            of_flow.as_str().or(alone.as_str()).unwrap().to_owned()
        })
        .collect();
    let all = tokens.len();
    tokens.sort();
    tokens.dedup();
    match tokens.len() == all {
        true => Ok(()),
        false => Err("the same refresh token is under way twice".into()),
    }
}

/// Whose tokens are kept, given and used is who is shown.
fn belongs_together(before: &Browser, after: &Browser) -> Result<(), String> {
    for (was, is) in before.tabs.iter().zip(&after.tabs) {
        let shown = is.snapshot();
        let record = is.known_record();
        if shown["step"] == "signedIn" && record["accessToken"].is_string() {
            let name = &shown["username"];
            for token in ["accessToken", "idToken"] {
                let owner = owner_of(&record[token]);
                if owner != *name {
                    return Err(format!("{name} is shown, and the {token} is {owner}'s"));
                }
            }
        }
        let asked = was.snapshot();
        for (ticket, answer) in is.answered() {
            let is_new = was.answered().all(|(known, _)| known != ticket);
            if let Ok(given) = answer
                && is_new
                && given["accessToken"].is_string()
                && asked["step"] == "signedIn"
            {
                let (owner, name) = (owner_of(&given["accessToken"]), &asked["username"]);
                if owner != *name {
                    return Err(format!("{name} was shown, and was given tokens of {owner}"));
                }
            }
        }
    }
    Ok(())
}

/// The user name that a token has.
fn owner_of(token: &Value) -> Value {
    let claims = token.as_str().unwrap().split('.').nth(1);
    let claims = claims.map(|part| serde_json::from_slice::<Value>(&from_base64(part)).unwrap());
    let claims = claims.unwrap_or_default();
    let names = ["username", "cognito:username"].map(|name| claims[name].clone());
    names.into_iter().find(Value::is_string).unwrap_or_default()
}

/// The codes of the declarations.
pub(crate) fn declared_codes() -> impl Iterator<Item = &'static str> {
    let declarations = include_str!("../../js/index.d.ts");
    let (_, codes) = declarations
        .split_once("export type FlowErrorCode =")
        .unwrap();
    let (codes, _) = codes.split_once(';').unwrap();
    codes.split('"').skip(1).step_by(2)
}

/// An error is one of those that are declared, and what a person sees is no misuse.
fn shows_known_codes(after: &Browser) -> Result<(), String> {
    for tab in &after.tabs {
        let seen = tab.error();
        if MISUSE.contains(&seen.as_str()) {
            return Err(format!("a person sees {seen}"));
        }
        let called = tab
            .answered()
            .filter_map(|(_, answer)| answer.as_ref().err());
        let called = called.map(|error| error.code.as_str().to_owned());
        for code in called.chain([seen].into_iter().filter(|code| !code.is_empty())) {
            if declared_codes().all(|declared| declared != code) {
                return Err(format!("{code} is not declared"));
            }
        }
    }
    Ok(())
}

/// An answer that comes a second time, or after its request was given up, changes nothing.
fn counts_once(before: &Browser, did: &Move, after: &mut Browser) -> Result<(), String> {
    for at in 0..after.tabs.len() {
        // What another tab has just written is not of the answer.
        after.tabs[at].notice_storage();
        let gone: Vec<_> = (before.tabs[at].network.under_way.iter())
            .map(|request| request.id)
            .filter(|id| {
                let mut there = after.tabs[at].network.under_way.iter();
                there.all(|request| request.id != *id)
            })
            .collect();
        for id in gone {
            let tab = &mut after.tabs[at];
            let was = (tab.snapshot(), tab.network.log.len(), tab.known_record());
            match &did.act {
                Act::Reply(_, Came::Answer(answer)) => tab.answer_with(id, answer.clone()),
                _ => tab.answer_late(id, json!({})),
            }
            let is = (tab.snapshot(), tab.network.log.len(), tab.known_record());
            if was != is {
                return Err("an answer that comes once more counts once more".into());
            }
        }
    }
    Ok(())
}

/// A tab that stands idle follows who has signed in in another one within this time.
const FOLLOWS_WITHIN: f64 = 5.0 * SECOND;

fn step(snapshot: &Value) -> &str {
    snapshot["step"].as_str().unwrap()
}

/// Whether another tab has written a session since this one last looked.
fn has_news(world: &World) -> bool {
    let kept = world.storage.as_ref().and_then(Storage::session);
    let kept = kept.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap());
    kept != world.known_record()
}

/// What is shown after a reload is what was shown before, where nothing was under way.
fn restored(before: &World, after: &World) -> Result<(), String> {
    let (mut was, mut is) = (before.snapshot(), after.snapshot());
    // The secret of an authenticator is not kept: enrolling begins anew. And what another tab has
    // done since is not known before the reload.
    let anew = was["step"] == "setUpTotp";
    if before.storage.is_none() || !was["busy"].is_null() || anew || has_news(before) {
        return Ok(());
    }
    // Somebody has signed in in another tab: a reload follows at once, who stands idle does soon.
    if !before.known_record().is_null() && !["signedIn", "verifyAttribute"].contains(&step(&was)) {
        let idle = was["step"] == "signedOut" && was["error"].is_null();
        let deadline = before.flow.deadline();
        let follows = deadline.is_some_and(|at| at <= before.clock.steady + FOLLOWS_WITHIN);
        return match step(&is) == "signedIn" && (follows || !idle) {
            true => Ok(()),
            false => Err(format!("left as {was}, restored as {is}")),
        };
    }
    // Time may have passed unseen: then it counts with the reload.
    if (before.flow.deadline()).is_some_and(|deadline| deadline <= before.clock.steady) {
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

/// From every state the person comes to an end by what they can do: wait, and leave. `can_leave` is
/// false where the search is to be shown that it would find out.
pub(crate) fn can_be_left(world: &mut World, can_leave: bool) -> Result<(), String> {
    for _ in 0..4 {
        world.run();
        let (step, accepts) = (world.step(), world.flow.accepts(EventType::Cancel));
        match step.as_str() {
            "signedIn" | "signedOut" => return Ok(()),
            _ if accepts && can_leave => world
                .start(event("cancel"))
                .map_err(|error| error.to_string())?,
            _ => return Err(format!("there is no way out of {step}")),
        }
    }
    Err("leaving leads in a circle".into())
}

/// Somebody, as the pool has them.
fn user<'a>(pool: &'a Value, name: &str) -> &'a Value {
    let pool = pool["pools"].as_object().unwrap().values().next().unwrap();
    &pool["users"][name]
}
