//! Faults that are planted on purpose: a law that nothing can break says nothing. Each is found, and
//! by the law that is there for it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
};

use serde_json::{Value, json};

use crate::{
    browser::Browser,
    moves::{Act, Came, Move},
    search::{Bounds, Saved, Setting},
    settings,
    support::{Answer, Pending, World, jwt},
};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Planted {
    /// The pool says that it has confirmed somebody, and has not.
    NotDone,
    /// The pool has confirmed somebody, and says that the code is wrong.
    DoneThoughRefused,
    /// What was lost on its way is sent again.
    SentAgain,
    /// Each refresh is sent twice.
    RefreshedTwice,
    /// The page forgets at a reload what it was in the middle of.
    Forgotten,
    /// Whoever signs in is given the tokens of somebody else.
    AnothersTokens,
    /// The browser says that answers are lost which have come.
    AnswerDropped,
    /// The password is the name, which everybody sees.
    PasswordShown,
    /// No form can be left.
    NobodyLeaves,
    /// A request is given up by the page, and its answer is taken all the same.
    CountedTwice,
}

impl Planted {
    /// What goes wrong before the move.
    pub(crate) fn before(
        self,
        did: &mut Move,
        browser: &mut Browser,
        pool: &mut Rc<Saved>,
        was: &Rc<Saved>,
    ) {
        let tab = &mut browser.tabs[did.tab];
        match (self, &mut did.act) {
            (Self::NotDone, Act::Reply(at, _)) if is_confirmation(tab, *at) => {
                pool.clone_from(was);
            }
            (Self::DoneThoughRefused, Act::Reply(at, Came::Answer(answer)))
                if is_confirmation(tab, *at) && answer.status == 200 =>
            {
                *answer = Answer {
                    status: 400,
                    error_type: Some("CodeMismatchException".into()),
                    body: Some(json!({})),
                };
            }
            (Self::AnothersTokens, Act::Reply(_, Came::Answer(answer))) => {
                let result = answer.body.as_mut();
                let result = result.and_then(|body| body.get_mut("AuthenticationResult"));
                if let Some(Value::Object(result)) = result {
                    result.insert(
                        "AccessToken".into(),
                        jwt(&json!({ "username": "bob" })).into(),
                    );
                }
            }
            (Self::Forgotten, Act::Reload) => tab.pending = None,
            (Self::PasswordShown, Act::Event(event)) if event["type"] == "signIn" => {
                event["password"] = event["username"].clone();
            }
            _ => {}
        }
    }

    /// What goes wrong after it.
    pub(crate) fn after(self, did: &mut Move, before: &Browser, browser: &mut Browser) {
        let tab = &mut browser.tabs[did.tab];
        let under_way = &mut tab.network.under_way;
        match (self, &did.act) {
            (Self::SentAgain, Act::Reply(at, Came::Lost)) => {
                let mut again = before.tabs[did.tab].network.under_way[*at].clone();
                again.id = u32::MAX;
                under_way.push_back(again);
            }
            (Self::RefreshedTwice, _) => {
                let mut requests = under_way.iter();
                let refresh = |request: &&Pending| request.body["AuthFlow"] == "REFRESH_TOKEN_AUTH";
                if let Some(mut again) = requests.find(refresh).cloned() {
                    again.id = u32::MAX;
                    under_way.push_back(again);
                }
            }
            (Self::CountedTwice, Act::Call(..) | Act::Oversleep(_)) => under_way.clear(),
            // It was lost for the machine; the search takes it for an answer.
            (Self::AnswerDropped, Act::Reply(at, Came::Lost)) => {
                let answer = Answer {
                    status: 200,
                    error_type: None,
                    body: Some(json!({})),
                };
                did.act = Act::Reply(*at, Came::Answer(answer));
            }
            _ => {}
        }
    }
}

fn is_confirmation(tab: &World, at: usize) -> bool {
    tab.network.under_way[at].operation == "ConfirmSignUp"
}

/// The law that a search finds broken, where this fault is planted.
fn found(planted: Planted, setting: &Setting) -> String {
    let bounds = Bounds {
        states: 999,
        faults: 1,
    };
    let search = AssertUnwindSafe(|| drop(setting.search(bounds, Some(planted))));
    let story = catch_unwind(search).expect_err("nothing is found");
    let story = story.downcast::<String>().unwrap();
    story.lines().next().unwrap().into()
}

#[track_caller]
fn is_found(planted: Planted, setting: &Setting, law: &str) {
    let broken = found(planted, setting);
    assert!(broken.contains(law), "{broken}");
}

#[test]
fn a_pool_that_lies_is_found() {
    let sign_up = settings::sign_up();
    is_found(
        Planted::NotDone,
        &sign_up,
        "told that confirmSignUp was done",
    );
    is_found(
        Planted::DoneThoughRefused,
        &sign_up,
        "told codeMismatch, but the pool",
    );
}

#[test]
fn what_is_sent_twice_is_found() {
    is_found(
        Planted::SentAgain,
        &settings::sms_code(),
        "is sent again by itself",
    );
    is_found(
        Planted::RefreshedTwice,
        &settings::without_storage(),
        "under way twice",
    );
    is_found(
        Planted::CountedTwice,
        &settings::sms_code(),
        "comes once more counts once more",
    );
}

#[test]
fn what_is_lost_at_a_reload_is_found() {
    is_found(Planted::Forgotten, &settings::sms_code(), "restored as");
}

#[test]
fn tokens_of_somebody_else_are_found() {
    is_found(
        Planted::AnothersTokens,
        &settings::without_storage(),
        "tokens of \"bob\"",
    );
}

#[test]
fn a_secret_that_is_seen_is_found() {
    is_found(
        Planted::PasswordShown,
        &settings::sms_code(),
        "the flow broke its law",
    );
}

#[test]
fn a_form_that_cannot_be_left_is_found() {
    is_found(
        Planted::NobodyLeaves,
        &settings::sms_code(),
        "there is no way out of",
    );
}

#[test]
fn an_outcome_that_is_known_and_said_not_to_be_is_found() {
    is_found(
        Planted::AnswerDropped,
        &settings::sms_code(),
        "nothing was lost",
    );
}
