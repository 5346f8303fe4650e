//! The service in a page: bindings without a decision of their own.

use js_sys::{Array, Function, JSON, Object, Reflect};
use serde_json::Value;
use wasm_bindgen::prelude::*;

use crate::{Options, Pool, Request, Triggers};

/// A [`Pool`] whose randomness is the browser's.
#[wasm_bindgen]
#[derive(Debug)]
pub struct LocalPool {
    pool: Pool,
}

#[wasm_bindgen]
impl LocalPool {
    /// A service with `options` (JSON: `region`, `issuer`, `endpoint`, `strictSms`, `guide2017`,
    /// `control`, `requestsPerSecond`, each optional) as `saved` has it, or a new one.
    ///
    /// # Errors
    /// When the options are not JSON or `saved` is not a saved state.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str, saved: Option<String>) -> Result<LocalPool, JsError> {
        let options = read_options(options).map_err(|error| JsError::new(&error))?;
        let pool = match saved {
            Some(saved) => {
                Pool::restore(options, &saved).map_err(|error| JsError::new(&error.to_string()))?
            }
            None => Pool::new(options),
        };
        Ok(Self { pool })
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
        let reply = self
            .pool
            .handle(&request, milliseconds(now_ms), &mut from_browser);
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
        set(
            &out,
            "body",
            &JsValue::from_str(&String::from_utf8_lossy(&reply.body)),
        )?;
        Ok(out.into())
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
            .create_user_pool(&description, milliseconds(now_ms), &mut from_browser)
            .map_err(|error| JsError::new(&error.to_string()))?;
        let out = serde_json::json!({
            "userPoolId": created.user_pool_id,
            "clientIds": created.client_ids,
        });
        JSON::parse(&out.to_string()).map_err(|_| JsError::new("no reply"))
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

fn read_options(text: &str) -> Result<Options, String> {
    let given: Value = serde_json::from_str(text).map_err(|_| "the options are not JSON")?;
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
