//! What can happen next.

use cognito_flow::{EventType, Outcome, Wanted};
use serde_json::{Value, json};

use crate::{
    browser::Browser,
    domain::DENIED,
    search::Setting,
    support::{
        Answer, Authenticator, EMAIL, OTHER_PASSWORD, PASSWORD, SECOND, USER, World, answer, begin,
        confirm, event, give_password, other_code, phone_and_email, prefer, select, submit, totp,
    },
};

/// One thing that happened in one of the tabs. Repeated in the same order, the same comes of it.
#[derive(Clone)]
pub(crate) struct Move {
    pub(crate) tab: usize,
    pub(crate) act: Act,
}

#[derive(Clone)]
pub(crate) enum Act {
    /// The person, or the page, asks for something.
    Event(Value),
    /// The page calls `session` or one of the `account` calls.
    Call(&'static str, Value),
    /// What came of the request that is the so-manieth under way.
    Reply(usize, Came),
    /// How the browser's prompt for a passkey ended: with a credential, or with the name of an error.
    Passkey(Result<Value, &'static str>),
    /// Nothing, until the time that a machine asked to be woken at.
    Wait,
    /// The same, and so much more; no machine is woken, as when a laptop slept.
    Oversleep(f64),
    /// The page is loaded anew.
    Reload,
    /// The person is back from the other page: with a code, which the search has got there, or with an error.
    Return(Result<String, &'static str>),
    /// The tab hears that the storage has changed.
    Notice,
    /// An administrator does something to alice; the pool has done it.
    Administrator(&'static str),
}

/// What comes of a request.
#[derive(Clone)]
pub(crate) enum Came {
    Answer(Answer),
    NotSent,
    Lost,
}

/// The browser's errors in place of a passkey: the person has closed the prompt, and it has none for this site.
pub(crate) const NO_PASSKEY: [&str; 2] = ["NotAllowedError", "NotSupportedError"];

/// The ways in which a request can go wrong before the pool hears of it, each with its name.
pub(crate) fn faults() -> Vec<(&'static str, Came)> {
    let answer = |status, error_type: Option<&str>, body| {
        Came::Answer(Answer {
            status,
            error_type: error_type.map(Into::into),
            body,
        })
    };
    vec![
        ("never sent", Came::NotSent),
        ("lost", Came::Lost),
        (
            "throttled",
            answer(400, Some("TooManyRequestsException"), Some(json!({}))),
        ),
        ("down", answer(503, None, None)),
        ("firewall", answer(403, None, None)),
        ("stranger", answer(200, None, None)),
    ]
}

impl Act {
    pub(crate) fn happen(&self, world: &mut World) -> bool {
        match self {
            Self::Event(event) => world.start(event.clone()).is_ok(),
            Self::Call(name, arguments) => world.start_call(name, arguments.clone()).is_ok(),
            Self::Reply(at, came) => {
                let request = world.network.under_way.remove(*at).unwrap();
                match came {
                    Came::Answer(answer) => world.answer_with(request.id, answer.clone()),
                    Came::NotSent => world.reply(request.id, Outcome::NotSent),
                    Came::Lost => world.reply(request.id, Outcome::Lost),
                }
                true
            }
            Self::Passkey(given) => {
                match given {
                    Ok(credential) => world.give(credential),
                    Err(name) => world.refuse(name),
                }
                true
            }
            Self::Reload => {
                world.reload();
                true
            }
            Self::Notice => {
                world.notice_storage();
                true
            }
            // Of all tabs, of none, or of more than the tab.
            Self::Wait | Self::Oversleep(_) | Self::Administrator(_) | Self::Return(_) => true,
        }
    }
}

/// The code that came last, and one that came before.
#[derive(Clone, Default)]
pub(crate) struct Codes {
    pub(crate) latest: Option<String>,
    pub(crate) earlier: Option<String>,
}

impl Codes {
    /// A right one, a stale one and a wrong one.
    fn all(&self) -> Vec<String> {
        let known = [&self.latest, &self.earlier].into_iter().flatten().cloned();
        known.chain([self.wrong()]).collect()
    }

    pub(crate) fn wrong(&self) -> String {
        let latest = self.latest.as_deref();
        latest.map_or_else(|| "000000".into(), other_code)
    }

    /// Those that are typed in this tab: of an authenticator app that is being set up, else of the
    /// messages.
    pub(crate) fn typed_in(&self, world: &World) -> Self {
        let shown = world.snapshot()["secret"].clone();
        let told = world.answered().find_map(|(_, answer)| {
            let answer = answer.as_ref().ok()?;
            answer.get("secret").cloned()
        });
        let of_app = totp_code(world, &shown).or_else(|| totp_code(world, &told?));
        match of_app {
            None => self.clone(),
            Some(code) => Self {
                latest: Some(code),
                earlier: self.latest.clone(),
            },
        }
    }
}

/// What can happen in this tab without the network.
pub(crate) fn asked(
    setting: &Setting,
    browser: &Browser,
    tab: usize,
    codes: &Codes,
    key: Option<&Authenticator>,
) -> Vec<Act> {
    let world = &browser.tabs[tab];
    let mut acts = events(setting, world, codes);
    if world.step() == "signedIn" && !world.is_asked() {
        acts.extend(calls(setting, world, codes));
    }
    if let Some(prompt) = world.prompts.first() {
        acts.extend(NO_PASSKEY.map(|name| Act::Passkey(Err(name))));
        let options = &prompt.options;
        let is_for_us = options["rpId"].is_string() || options["rp"]["id"].is_string();
        let given = key.filter(|_| is_for_us).map(|key| match prompt.wanted {
            Wanted::Create => key.create(options),
            Wanted::Get | Wanted::Offer => key.get(options),
        });
        acts.extend(given.map(|given| Act::Passkey(Ok(given))));
    }
    acts.push(Act::Reload);
    if browser.away[tab].is_some() {
        acts.push(Act::Return(Err(DENIED)));
    }
    if setting.tabs > 1 {
        acts.push(Act::Notice);
    }
    acts
}

/// Time, which is the same in all tabs.
pub(crate) fn times(browser: &Browser) -> Vec<Act> {
    match browser.deadline() {
        Some(_) => vec![Act::Wait, Act::Oversleep(-1.0), Act::Oversleep(SECOND)],
        None => vec![],
    }
}

fn events(setting: &Setting, world: &World, codes: &Codes) -> Vec<Act> {
    let snapshot = world.snapshot();
    let codes = codes.typed_in(world).all();
    let codes = codes.iter();
    let mut all = Vec::new();
    for kind in EventType::ALL {
        if !world.flow.accepts(kind) || setting.without.contains(&kind) {
            continue;
        }
        match kind {
            EventType::SignUp => {
                let mut event = json!({ "type": "signUp", "username": USER, "password": PASSWORD,
                    "attributes": phone_and_email() });
                if setting.without_password {
                    event.as_object_mut().unwrap().remove("password");
                }
                all.push(event);
            }
            EventType::SignIn => all.extend(sign_ins(setting, world)),
            EventType::ConfirmSignUp if world.step() == "signedOut" => all.extend(
                codes
                    .clone()
                    .map(|code| json!({ "type": "confirmSignUp", "code": code, "username": USER })),
            ),
            EventType::ConfirmSignUp => all.extend(codes.clone().map(|code| confirm(code))),
            EventType::SubmitCode => all.extend(codes.clone().map(|code| submit(code))),
            EventType::ForgotPassword => {
                all.push(json!({ "type": "forgotPassword", "username": USER }));
            }
            EventType::ResetPassword => {
                let reset = |password: &str| {
                    let password = password.to_owned();
                    move |code: &String| json!({ "type": "resetPassword", "code": code, "password": password })
                };
                all.extend(codes.clone().map(reset(OTHER_PASSWORD)));
                all.extend(codes.clone().take(1).map(reset("short")));
            }
            EventType::SetNewPassword => all.extend(
                [OTHER_PASSWORD, "short"]
                    .map(|password| json!({ "type": "setNewPassword", "password": password })),
            ),
            EventType::VerifyAttribute => all.extend(
                ["email", "phone_number"]
                    .map(|name| json!({ "type": "verifyAttribute", "attribute": name })),
            ),
            EventType::SignOut => all.extend(
                [false, true]
                    .map(|everywhere| json!({ "type": "signOut", "everywhere": everywhere })),
            ),
            EventType::ResendCode
            | EventType::SkipVerification
            | EventType::Cancel
            | EventType::UsePasskey
            | EventType::SignInWithRedirect => all.push(event(kind.as_str())),
            EventType::SelectFactor => {
                all.extend(offered(&snapshot).map(|choice| select(&choice)));
            }
            EventType::SubmitPassword => {
                all.extend([PASSWORD, OTHER_PASSWORD].map(give_password));
            }
            // Three and four are asked for: see the setting's functions.
            EventType::AnswerChallenge => all.extend(["6", "8", "throw"].map(answer)),
            EventType::SetUpEmail => all.extend(
                [EMAIL, "nowhere"].map(|email| json!({ "type": "setUpEmail", "email": email })),
            ),
        }
    }
    all.into_iter().map(Act::Event).collect()
}

fn sign_ins(setting: &Setting, world: &World) -> Vec<Value> {
    match world.option("signInWith").as_str().unwrap_or_default() {
        "choice" => {
            let mut all = vec![begin(), prefer("password"), prefer("email")];
            if setting.passkeys {
                all.push(prefer("passkey"));
                all.push(crate::support::offer());
            }
            all
        }
        "custom" => vec![begin()],
        _ => {
            let named = |name: &&'static str| {
                [PASSWORD, OTHER_PASSWORD].map(
                    |password| json!({ "type": "signIn", "username": name, "password": password }),
                )
            };
            setting.people.iter().flat_map(named).collect()
        }
    }
}

fn calls(setting: &Setting, world: &World, codes: &Codes) -> Vec<Act> {
    let mut all = vec![
        Act::Call("session", json!({})),
        Act::Call("session", json!({ "refresh": true })),
    ];
    for (name, arguments) in setting.calls {
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        all.push(Act::Call(name, read(arguments)));
        if *name == "startTotp" {
            let confirm = |code| Act::Call("confirmTotp", json!({ "code": code }));
            all.extend(codes.typed_in(world).all().into_iter().map(confirm));
        }
    }
    all
}

fn totp_code(world: &World, secret: &Value) -> Option<String> {
    let secret = secret.as_str()?;
    Some(totp(secret, world.clock.wall))
}

/// What a step lets the person choose among.
fn offered(snapshot: &Value) -> impl Iterator<Item = String> {
    let lists = ["choices", "alternatives"].map(|name| snapshot[name].as_array().cloned());
    let all = lists.into_iter().flatten().flatten();
    all.filter_map(|choice| choice.as_str().map(str::to_owned))
}
