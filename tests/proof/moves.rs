//! What can happen next.

use cognito_flow::{EventType, Outcome};
use serde_json::{Value, json};

use crate::support::{
    Answer, OTHER_PASSWORD, PASSWORD, USER, World, begin, confirm, event, forgot, give_password,
    other_code, phone_and_email, prefer, reset, select, sign_up, submit, totp,
};

/// One thing that happened to a flow. Repeated in the same order, the same comes of it.
#[derive(Clone)]
pub(crate) enum Move {
    /// The person, or the page, asks for something.
    Event(Value),
    /// The page calls `session` or one of the `account` calls.
    Call(&'static str, Value),
    /// What came of the request that is the so-manieth under way.
    Reply(usize, Came),
    /// Nothing, until the time that the machine asked to be woken at.
    Wait,
    /// The page is loaded anew.
    Reload,
}

/// What comes of a request.
#[derive(Clone)]
pub(crate) enum Came {
    Answer(Answer),
    NotSent,
    Lost,
}

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
        ("never left", Came::NotSent),
        ("was lost on its way", Came::Lost),
        (
            "was one too many for the pool",
            answer(400, Some("TooManyRequestsException"), Some(json!({}))),
        ),
        ("met a pool that is down", answer(503, None, None)),
        ("was answered by a stranger", answer(200, None, None)),
    ]
}

impl Move {
    /// Whether it was taken: misuse changes nothing.
    pub(crate) fn happen(&self, world: &mut World) -> bool {
        let taken = match self {
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
            Self::Wait => {
                let deadline = world.flow.deadline().unwrap();
                world.clock.pass_until_steady(deadline);
                world.wake();
                true
            }
            Self::Reload => {
                world.reload();
                true
            }
        };
        world.look_at_locks();
        taken
    }
}

/// What the person or the page can ask for in this state; `code` is the one that came last, `stale`
/// one that came before.
pub(crate) fn asked(
    world: &World,
    without: &[EventType],
    code: Option<&str>,
    stale: Option<&str>,
) -> Vec<Move> {
    let secret = world.snapshot()["secret"].as_str().map(str::to_owned);
    let of_app = secret.map(|secret| totp(&secret, world.clock.wall));
    let code = of_app.as_deref().or(code);
    let mut all = Vec::new();
    let codes = || {
        let wrong = code.map_or_else(|| "000000".into(), other_code);
        let known = [code, stale].into_iter().flatten().map(str::to_owned);
        known.chain([wrong])
    };
    for kind in EventType::ALL {
        if !world.flow.accepts(kind) || without.contains(&kind) {
            continue;
        }
        match kind {
            EventType::SignUp => all.push(sign_up(phone_and_email())),
            EventType::SignIn if world.step() == "signedOut" && chooses(world) => {
                all.extend([begin(), prefer("password"), prefer("email")]);
            }
            EventType::SignIn => all.extend([PASSWORD, OTHER_PASSWORD].map(
                |password| json!({ "type": "signIn", "username": USER, "password": password }),
            )),
            EventType::ConfirmSignUp if world.step() == "signedOut" => {
                let named =
                    |code| json!({ "type": "confirmSignUp", "code": code, "username": USER });
                all.extend(codes().map(named));
            }
            EventType::ConfirmSignUp => all.extend(codes().map(|code| confirm(&code))),
            EventType::SubmitCode => all.extend(codes().map(|code| submit(&code))),
            EventType::ForgotPassword => all.push(forgot()),
            EventType::ResetPassword => all.extend(codes().map(|code| reset(&code))),
            EventType::SetNewPassword => {
                all.push(json!({ "type": "setNewPassword", "password": OTHER_PASSWORD }));
            }
            EventType::VerifyAttribute => all.extend(
                ["email", "phone_number"]
                    .map(|name| json!({ "type": "verifyAttribute", "attribute": name })),
            ),
            EventType::SignOut => {
                let everywhere =
                    |everywhere: bool| json!({ "type": "signOut", "everywhere": everywhere });
                all.extend([false, true].map(everywhere));
            }
            EventType::ResendCode | EventType::SkipVerification | EventType::Cancel => {
                all.push(event(kind.as_str()));
            }
            EventType::SelectFactor => {
                all.extend(offered(&world.snapshot()).map(|choice| select(&choice)))
            }
            EventType::SubmitPassword => {
                all.extend([PASSWORD, OTHER_PASSWORD].map(give_password));
            }
            // The steps of these are not reached in the settings that are searched.
            EventType::UsePasskey
            | EventType::AnswerChallenge
            | EventType::SetUpEmail
            | EventType::SignInWithRedirect => {}
        }
    }
    let mut moves: Vec<_> = all.into_iter().map(Move::Event).collect();
    if world.step() == "signedIn" && !world.is_asked() {
        moves.push(Move::Call("session", json!({})));
        moves.push(Move::Call("session", json!({ "refresh": true })));
    }
    moves
}

/// Whether the flow leaves it to the pool with what a person begins.
fn chooses(world: &World) -> bool {
    world.option("signInWith") == "choice"
}

/// What a step lets the person choose among.
fn offered(snapshot: &Value) -> impl Iterator<Item = String> {
    let lists = ["choices", "alternatives"].map(|name| snapshot[name].as_array().cloned());
    let all = lists.into_iter().flatten().flatten();
    all.filter_map(|choice| choice.as_str().map(str::to_owned))
}
