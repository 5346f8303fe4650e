//! Functions that live elsewhere: behind a URL, or behind an endpoint that speaks Lambda's Invoke.
//!
//! The pool does no input or output, and a request is one transaction. So a request that needs the
//! answer of such a function is taken back whole and hands out a [`Question`]; whoever runs the pool
//! asks it, and gives the request once more together with what was [`Told`]. Requests of others are
//! answered meanwhile, and may change what this one finds: it is judged by what is there when it is
//! settled. Each point of a flow asks once, however often the request is run.

// The library alone asks nobody: it is the server, and Node's, that does.
#![cfg_attr(not(any(feature = "server", target_arch = "wasm32")), allow(dead_code))]

use std::collections::BTreeMap;

use serde_json::Value;

use crate::randomness::Randomness;
use crate::settings::PoolSettings;
use crate::wire::percent_encoded;

/// The functions that there are, by the names that `LambdaConfig` has for them.
#[cfg(all(feature = "server", not(target_arch = "wasm32")))]
pub(crate) const NAMES: [&str; 10] = [
    "PreSignUp",
    "PostConfirmation",
    "PreAuthentication",
    "PostAuthentication",
    "PreTokenGeneration",
    "CustomMessage",
    "UserMigration",
    "DefineAuthChallenge",
    "CreateAuthChallenge",
    "VerifyAuthChallengeResponse",
];

/// How many answers one request may need: more than any flow has points.
const MOST: usize = 32;

/// Where functions are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Callbacks {
    /// By name, for every user pool.
    pub(crate) urls: BTreeMap<String, String>,
    /// The endpoint of Lambda, for the ARNs of `LambdaConfig`.
    pub(crate) lambda: Option<String>,
}

/// What is to be sent to a function.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Question {
    /// The function's name.
    pub(crate) name: String,
    pub(crate) url: String,
    /// Whether the URL is Lambda's Invoke.
    pub(crate) invokes: bool,
    /// The event, as JSON: as secret as what the person typed.
    pub(crate) event: String,
    point: Point,
}

impl std::fmt::Debug for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Question")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A point of a flow: the function's name, why it is asked, the pool and the user.
type Point = [String; 4];

/// What came of a question.
#[derive(Clone)]
pub(crate) enum Said {
    /// JSON, the event with its `response`.
    Event(Value),
    /// The function threw; its words.
    Threw(String),
    /// Something that is not JSON.
    Garbage,
    /// The endpoint could not run the function; why, in a word.
    NotRun(String),
    /// Nothing, however often it was tried.
    Nothing,
}

impl Said {
    /// What a reply says. `error` is that of `X-Amz-Function-Error` or `X-Amzn-ErrorType`.
    pub(crate) fn of(question: &Question, status: u16, error: Option<&str>, body: &[u8]) -> Self {
        let json: Option<Value> = serde_json::from_slice(body).ok();
        let words = || {
            let words = json.as_ref()?.get("errorMessage")?;
            Some(
                words
                    .as_str()
                    .map_or_else(|| words.to_string(), str::to_owned),
            )
        };
        let succeeded = (200..300).contains(&status);
        if question.invokes && !succeeded {
            let name = error.and_then(|it| it.split(':').next());
            return Self::NotRun(name.map_or_else(|| format!("status {status}"), str::to_owned));
        }
        if let Some(words) = words() {
            return Self::Threw(words);
        }
        if !succeeded {
            return Self::Threw(format!("status {status}"));
        }
        if question.invokes
            && let Some(error) = error
        {
            return Self::Threw(error.to_owned());
        }
        json.map_or(Self::Garbage, Self::Event)
    }
}

/// What a request has heard from functions so far, and the bytes that it drew: it draws the same ones
/// when it is run again, so that what it asked about is what it does.
#[derive(Default)]
pub(crate) struct Told {
    answers: Vec<(Point, Said)>,
    pub(crate) drawn: Vec<u8>,
}

impl Told {
    pub(crate) fn hear(&mut self, question: Question, said: Said) {
        self.answers.push((question.point, said));
    }
}

/// A request that is to be given once more, with an answer.
pub(crate) struct Asked {
    pub(crate) question: Question,
    pub(crate) told: Told,
}

/// The functions elsewhere, as the request under way sees them.
#[derive(Default)]
pub(crate) struct Remote {
    callbacks: Callbacks,
    answers: Vec<(Point, Said)>,
    /// Which answers were used in this run.
    used: Vec<bool>,
    question: Option<Question>,
}

impl Remote {
    pub(crate) fn new(callbacks: Callbacks) -> Self {
        Self {
            callbacks,
            ..Self::default()
        }
    }

    /// Whether any function is elsewhere.
    pub(crate) fn is_used(&self) -> bool {
        !self.callbacks.urls.is_empty() || self.callbacks.lambda.is_some()
    }

    /// Begins with a request; gives the bytes that it drew before.
    pub(crate) fn begin(&mut self, told: Told) -> Vec<u8> {
        self.used = vec![false; told.answers.len()];
        self.answers = told.answers;
        self.question = None;
        told.drawn
    }

    /// What the request needs to know, if it cannot be settled.
    pub(crate) fn end(&mut self, drawn: Vec<u8>) -> Option<Asked> {
        let answers = std::mem::take(&mut self.answers);
        let question = self.question.take()?;
        let told = Told { answers, drawn };
        Some(Asked { question, told })
    }

    /// Whether the request is to be taken back, whatever came of it.
    pub(crate) fn waits(&self) -> bool {
        self.question.is_some()
    }

    /// Where the function of that name is for a pool, and whether that is Lambda's Invoke.
    pub(crate) fn place(&self, name: &str, settings: &PoolSettings) -> Option<(String, bool)> {
        if let (Some(endpoint), Some(arn)) = (&self.callbacks.lambda, lambda_arn(settings, name)) {
            let arn = percent_encoded(arn);
            let url = format!("{endpoint}/2015-03-31/functions/{arn}/invocations");
            return Some((url, true));
        }
        let url = self.callbacks.urls.get(name)?;
        Some((url.clone(), false))
    }

    /// What the function said; `None` when it is yet to be asked.
    pub(crate) fn ask(
        &mut self,
        name: &str,
        (url, invokes): (String, bool),
        event: &Value,
    ) -> Option<Said> {
        if self.question.is_some() {
            return None;
        }
        let [source, pool, user] = ["triggerSource", "userPoolId", "userName"].map(|member| {
            let text = event.get(member).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        });
        let point = [name.to_owned(), source, pool, user];
        for ((at, said), used) in self.answers.iter().zip(&mut self.used) {
            if *at == point && !*used {
                *used = true;
                return Some(said.clone());
            }
        }
        if self.answers.len() >= MOST {
            return Some(Said::NotRun("TooManyInvocations".to_owned()));
        }
        self.question = Some(Question {
            name: name.to_owned(),
            url,
            invokes,
            event: event.to_string(),
            point,
        });
        None
    }
}

/// Random bytes: those that were drawn before come first.
pub(crate) fn replayed<'a>(
    drawn: &'a mut Vec<u8>,
    source: &'a mut dyn Randomness,
) -> impl Randomness + 'a {
    let mut at = 0_usize;
    move |bytes: &mut [u8]| {
        let end = at.saturating_add(bytes.len());
        if let Some(missing) = end.checked_sub(drawn.len()) {
            let mut more = vec![0; missing];
            source.fill(&mut more);
            drawn.extend_from_slice(&more);
        }
        if let Some(again) = drawn.get(at..end) {
            bytes.copy_from_slice(again);
        }
        at = end;
    }
}

fn lambda_arn<'a>(settings: &'a PoolSettings, name: &str) -> Option<&'a str> {
    let config = settings.other.get("LambdaConfig")?;
    let configured = (name == "PreTokenGeneration")
        .then(|| config.get("PreTokenGenerationConfig")?.get("LambdaArn"))
        .flatten();
    configured.or_else(|| config.get(name))?.as_str()
}
