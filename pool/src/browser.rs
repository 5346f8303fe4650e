//! The service in a page, and in Node behind its HTTP server: bindings without a decision of their own.

use std::collections::BTreeMap;

use js_sys::{Array, Function, JSON, Object, Reflect};
use serde_json::Value;
use wasm_bindgen::prelude::*;

use crate::banner;
use crate::description::Description;
use crate::service::Answered;
use crate::srp::Worked;
use crate::triggers::remote::{Asked, Callbacks, Said, Told};
use crate::{Created, Options, Pool, Randomness, Request, SeededRandomness, SigningKey, Triggers};

/// A [`Pool`] whose randomness is the browser's, or follows from a seed.
#[wasm_bindgen]
pub struct LocalPool {
    pool: Pool,
    randomness: Box<dyn Randomness>,
    /// Requests that wait for what a function says, by a number.
    asked: BTreeMap<u32, (Request, Box<Asked>)>,
    next: u32,
}

impl std::fmt::Debug for LocalPool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("LocalPool").field(&self.pool).finish()
    }
}

#[wasm_bindgen]
impl LocalPool {
    /// A service with `options` (JSON: `region`, `issuer`, `endpoint`, `strictSms`, `guide2017`,
    /// `control`, `requestsPerSecond`, `key` (PKCS #8 PEM), `seed`, and for [`LocalPool::answer`]
    /// `triggers` (URLs by the names of functions) and `lambdaEndpoint`; each optional) as `saved` has
    /// it, or a new one.
    ///
    /// # Errors
    /// When the options are not JSON or `saved` is not a saved state.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str, saved: Option<String>) -> Result<LocalPool, JsError> {
        let given: Value =
            serde_json::from_str(options).map_err(|_| JsError::new("the options are not JSON"))?;
        let options = read_options(&given).map_err(|error| JsError::new(&error))?;
        let mut pool = match saved {
            Some(saved) => {
                Pool::restore(options, &saved).map_err(|error| JsError::new(&error.to_string()))?
            }
            None => Pool::new(options),
        };
        pool.set_callbacks(read_callbacks(&given));
        let seed = given.get("seed").and_then(Value::as_u64);
        Ok(Self {
            pool,
            randomness: match seed {
                Some(seed) => Box::new(SeededRandomness::new(seed)),
                None => Box::new(from_browser),
            },
            asked: BTreeMap::new(),
            next: 0,
        })
    }

    /// Answers one request: `headers` is a JSON object; the reply is
    /// `{ status, headers: [[name, value], …], body }`: a name may be there twice.
    ///
    /// # Errors
    /// When `headers` is not a JSON object of strings.
    pub fn handle(
        &mut self,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
        now_ms: f64,
    ) -> Result<JsValue, JsError> {
        let headers: std::collections::BTreeMap<String, String> = serde_json::from_str(headers)
            .map_err(|_| JsError::new("headers must be an object of strings"))?;
        let request = Request {
            method: method.into(),
            path: path.into(),
            headers: headers.into_iter().collect(),
            body: body.as_bytes().to_vec(),
        };
        self.settle(request, now_ms, Told::default())
    }

    /// Answers a request that `handle` gave `{ asks: { id, name, url, event } }` for: with the status,
    /// the error header (`X-Amz-Function-Error` or `X-Amzn-ErrorType`) and the body of the reply to a
    /// POST of `event` to `url`, or without a status where there was none. Gives what `handle` gives.
    ///
    /// # Errors
    /// When no request of that id waits.
    pub fn answer(
        &mut self,
        id: u32,
        status: Option<u16>,
        error: Option<String>,
        body: &str,
        now_ms: f64,
    ) -> Result<JsValue, JsError> {
        let waiting = self.asked.remove(&id);
        let (request, asked) = waiting.ok_or_else(|| JsError::new("no request waits for that"))?;
        let Asked { question, mut told } = *asked;
        let said = match status {
            Some(status) => Said::of(&question, status, error.as_deref(), body.as_bytes()),
            None => Said::Nothing,
        };
        told.hear(question, said);
        self.settle(request, now_ms, told)
    }

    fn settle(&mut self, request: Request, now_ms: f64, told: Told) -> Result<JsValue, JsError> {
        let now = milliseconds(now_ms);
        let worked = Worked::Nothing;
        let settled = (self.pool).settle(&request, now, self.randomness.as_mut(), &worked, told);
        match settled {
            Ok(answered) => reply_of(answered),
            Err(asked) => {
                let question = serde_json::json!({
                    "id": self.next,
                    "name": asked.question.name,
                    "url": asked.question.url,
                    "event": asked.question.event,
                });
                self.asked.insert(self.next, (request, asked));
                self.next = self.next.wrapping_add(1);
                let asks =
                    JSON::parse(&question.to_string()).map_err(|_| JsError::new("no question"))?;
                let out = Object::new();
                set(&out, "asks", &asks)?;
                Ok(out.into())
            }
        }
    }

    /// Whether AWS takes an operation without a signature, so that pages of any origin may call it.
    #[wasm_bindgen(js_name = isUnsigned)]
    pub fn is_unsigned(operation: &str) -> bool {
        crate::is_unsigned(operation)
    }

    /// Makes the user pool of a file's description (JSON), or without one the built-in pool of the
    /// region: `{ userPoolId, clientIds, text }`, `text` being what to paste into clients of it.
    ///
    /// # Errors
    /// When the description is not JSON, or refused.
    #[wasm_bindgen(js_name = createDescribed)]
    pub fn create_described(
        &mut self,
        description: Option<String>,
        now_ms: f64,
    ) -> Result<JsValue, JsError> {
        let Options {
            region, endpoint, ..
        } = self.pool.options().clone();
        let described = match description {
            Some(text) => Description::of_json(&text).map_err(|why| JsError::new(&why))?,
            None => Description::built_in(&region),
        };
        let now = milliseconds(now_ms);
        let made = described.create(&mut self.pool, now, self.randomness.as_mut());
        let created = made.map_err(|why| JsError::new(&why))?;
        let text = banner::lines(&endpoint, &region, &created);
        created_as_js(&created, Some(&text))
    }

    /// The line that tells people of the window.
    #[wasm_bindgen(js_name = windowLine)]
    pub fn window_line(&self) -> String {
        banner::window(&self.pool.options().endpoint)
    }

    /// The entries of the log of messages after that number, as JSON: a list of
    /// `{ event: "message" | "delivery", … }`.
    pub fn events(&self, after: f64) -> String {
        let events = self.pool.events(milliseconds(after));
        serde_json::to_string(events).unwrap_or_default()
    }

    /// Makes a user pool and its clients from a JSON description; gives
    /// `{ userPoolId, clientIds }`.
    ///
    /// # Errors
    /// When the description is not JSON, or refused.
    #[wasm_bindgen(js_name = createUserPool)]
    pub fn create_user_pool(&mut self, description: &str, now_ms: f64) -> Result<JsValue, JsError> {
        let description: Value = serde_json::from_str(description)
            .map_err(|_| JsError::new("the description is not JSON"))?;
        let created = self
            .pool
            .create_user_pool(&description, milliseconds(now_ms), self.randomness.as_mut())
            .map_err(|error| JsError::new(&error.to_string()))?;
        created_as_js(&created, None)
    }

    /// Lets a JavaScript function `(name, event) => event | undefined` stand for the Lambda
    /// triggers; see [`Triggers`]. It is called while a request is answered and must not call the
    /// pool.
    #[wasm_bindgen(js_name = setTriggers)]
    pub fn set_triggers(&mut self, triggers: Function) {
        self.pool.set_triggers(Box::new(JsTriggers(triggers)));
    }

    /// Everything the service keeps, to be given to the constructor.
    pub fn save(&self) -> String {
        self.pool.save()
    }

    /// The number of the latest entry in the log of messages; it only grows.
    pub fn sequence(&self) -> f64 {
        u32::try_from(self.pool.sequence()).map_or(f64::MAX, f64::from)
    }
}

fn reply_of(answered: Answered) -> Result<JsValue, JsError> {
    let reply = answered.finish();
    let headers = Array::new();
    for (name, value) in &reply.headers {
        headers.push(&Array::of2(
            &JsValue::from_str(name),
            &JsValue::from_str(value),
        ));
    }
    let out = Object::new();
    set(&out, "status", &JsValue::from_f64(f64::from(reply.status)))?;
    set(&out, "headers", &headers)?;
    let body = String::from_utf8_lossy(&reply.body);
    set(&out, "body", &JsValue::from_str(&body))?;
    Ok(out.into())
}

fn created_as_js(created: &Created, text: Option<&str>) -> Result<JsValue, JsError> {
    let mut out = serde_json::json!({
        "userPoolId": created.user_pool_id,
        "clientIds": created.client_ids,
    });
    if let (Some(text), Some(members)) = (text, out.as_object_mut()) {
        members.insert("text".into(), text.into());
    }
    JSON::parse(&out.to_string()).map_err(|_| JsError::new("no reply"))
}

struct JsTriggers(Function);

impl Triggers for JsTriggers {
    fn call(&mut self, name: &str, event: &Value) -> Result<Option<Value>, String> {
        let event = JSON::parse(&event.to_string()).map_err(|_| "no event".to_owned())?;
        let answer = self
            .0
            .call2(&JsValue::NULL, &JsValue::from_str(name), &event)
            .map_err(|thrown| message_of(&thrown))?;
        if answer.is_undefined() || answer.is_null() {
            return Ok(None);
        }
        let text = JSON::stringify(&answer).map_err(|thrown| message_of(&thrown))?;
        serde_json::from_str(&String::from(text))
            .map(Some)
            .map_err(|error| error.to_string())
    }
}

fn message_of(thrown: &JsValue) -> String {
    Reflect::get(thrown, &JsValue::from_str("message"))
        .ok()
        .and_then(|message| message.as_string())
        .or_else(|| thrown.as_string())
        .unwrap_or_else(|| "an exception".into())
}

fn read_callbacks(given: &Value) -> Callbacks {
    let urls = given.get("triggers").and_then(Value::as_object);
    let urls = urls.into_iter().flatten();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Callbacks {
        urls: urls
            .filter_map(|(name, url)| Some((name.clone(), text(url)?)))
            .collect(),
        lambda: given.get("lambdaEndpoint").and_then(text),
    }
}

fn read_options(given: &Value) -> Result<Options, String> {
    let text = |name: &str| given.get(name).and_then(Value::as_str);
    let mut options = text("region").map_or_else(Options::default, Options::new);
    if let Some(issuer) = text("issuer") {
        options.issuer = issuer.into();
    }
    if let Some(endpoint) = text("endpoint") {
        options.endpoint = endpoint.into();
    }
    let flag = |name: &str| given.get(name).and_then(Value::as_bool);
    options.strict_sms = flag("strictSms").unwrap_or(options.strict_sms);
    options.guide_2017 = flag("guide2017").unwrap_or(options.guide_2017);
    options.control = flag("control").unwrap_or(options.control);
    let limit = given.get("requestsPerSecond").and_then(Value::as_u64);
    if let Some(pem) = text("key") {
        options.key = SigningKey::from_pem(pem).map_err(|error| error.to_string())?;
    }
    options.requests_per_second = limit.and_then(|limit| u32::try_from(limit).ok());
    Ok(options)
}

/// JavaScript's time, which is never negative here and well below 2^53.
fn milliseconds(now: f64) -> u64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    // `as` saturates, and gives 0 for what is not a number
    {
        now as u64
    }
}

fn from_browser(bytes: &mut [u8]) {
    // A browser without randomness has no `crypto`; it could not sign anybody in either.
    if getrandom::fill(bytes).is_err() {
        wasm_bindgen::throw_str("no randomness");
    }
}

fn set(object: &Object, name: &str, value: &JsValue) -> Result<(), JsError> {
    Reflect::set(object, &JsValue::from_str(name), value)
        .map(drop)
        .map_err(|_| JsError::new("the reply could not be written"))
}
