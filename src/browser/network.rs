//! Requests by `fetch`, and what came of them.

use std::{
    cell::RefCell,
    rc::{Rc, Weak},
};

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortController, Response};

use super::{Inner, fields::JsFields, has, malformed_option, member, once};
use crate::{
    effect::Request,
    error::FlowError,
    fields::Fields,
    flow::{Input, Outcome},
    text,
};

/// Cognito's replies are some kilobytes. What is longer is not parsed.
const LONGEST_BODY: u32 = 1_048_576;

pub(crate) struct Network {
    /// The app's own, or the browser's at the time of each call.
    fetch: Option<Function>,
    endpoint: String,
    requests: RefCell<Vec<(u32, Option<AbortController>)>>,
}

impl Network {
    pub(crate) fn read(options: &JsValue, endpoint: &str) -> Result<Self, FlowError> {
        let fetch = member(options, "fetch").dyn_into::<Function>().ok();
        if fetch.is_none() && has(options, "fetch") {
            return Err(malformed_option("fetch", "a function"));
        }
        Ok(Self {
            fetch,
            endpoint: endpoint.into(),
            requests: RefCell::default(),
        })
    }

    pub(crate) fn send(&self, inner: &Rc<Inner>, id: u32, request: &Request) {
        let controller = AbortController::new().ok();
        let init = init(request, controller.as_ref());
        self.requests.borrow_mut().push((id, controller));
        let own = self.fetch.clone();
        let fetch = own.or_else(|| member(&js_sys::global(), "fetch").dyn_into().ok());
        let sent = fetch
            .and_then(|fetch| fetch.call2(&JsValue::UNDEFINED, &self.url(), &init).ok())
            .map(|promise| Promise::resolve(&promise));
        let weak = Rc::downgrade(inner);
        let Some(promise) = sent else {
            // Not from here: the machine is still handing out effects.
            let failed = once(move |_: JsValue| reply(&weak, id, Outcome::NotSent));
            let _ = Promise::resolve(&JsValue::UNDEFINED).then(&failed);
            let _ = failed.into_js_value();
            return;
        };
        let rejected = weak.clone();
        let answered = once(move |response: JsValue| read(&weak, id, &response));
        let failed = once(move |error: JsValue| reply(&rejected, id, outcome(&error)));
        let _ = promise.then2(&answered, &failed);
        // Whichever is called frees itself; the other is freed when JS drops it.
        let _ = (answered.into_js_value(), failed.into_js_value());
    }

    pub(crate) fn abort(&self, id: u32) {
        if let Some(controller) = self.forget(id) {
            controller.abort();
        }
    }

    pub(crate) fn abort_all(&self) {
        for (_, controller) in self.requests.take() {
            if let Some(controller) = controller {
                controller.abort();
            }
        }
    }

    fn forget(&self, id: u32) -> Option<AbortController> {
        let mut requests = self.requests.borrow_mut();
        let position = requests.iter().position(|(own, _)| *own == id)?;
        requests.swap_remove(position).1
    }

    fn url(&self) -> JsValue {
        self.endpoint.as_str().into()
    }
}

fn init(request: &Request, controller: Option<&AbortController>) -> JsValue {
    let target = text::concat(&["AWSCognitoIdentityProviderService.", request.operation]);
    let headers = object(&[
        ("content-type", "application/x-amz-json-1.1".into()),
        ("x-amz-target", target.into()),
    ]);
    let mut members = vec![
        ("method", "POST".into()),
        ("headers", headers),
        ("body", request.body.secret().into()),
        ("credentials", "omit".into()),
        ("cache", "no-store".into()),
        ("redirect", "error".into()),
        ("referrerPolicy", "no-referrer".into()),
    ];
    if request.keepalive {
        members.push(("keepalive", true.into()));
    }
    if let Some(controller) = controller {
        members.push(("signal", controller.signal().into()));
    }
    object(&members)
}

fn object(members: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}

/// Reads the body of a response; the machine judges the rest.
fn read(weak: &Weak<Inner>, id: u32, response: &JsValue) {
    let response: &Response = response.unchecked_ref();
    let status = member(response, "status").as_f64().unwrap_or_default() as u16;
    let header = |name| {
        let headers = member(response, "headers");
        let get = member(&headers, "get").dyn_into::<Function>().ok()?;
        get.call1(&headers, &JsValue::from_str(name))
            .ok()?
            .as_string()
            .map(crate::secret::Text::from)
    };
    let error_type = header("x-amzn-ErrorType");
    let text = member(response, "text").dyn_into::<Function>().ok();
    let Some(text) = text.and_then(|text| text.call0(response).ok()) else {
        return reply(
            weak,
            id,
            Outcome::Answer {
                status,
                error_type,
                body: None,
            },
        );
    };
    let (weak, lost) = (weak.clone(), weak.clone());
    let whole = once(move |text: JsValue| {
        let text = text.dyn_into::<js_sys::JsString>().ok();
        let sane = text.filter(|text| text.length() <= LONGEST_BODY);
        let fields = sane.and_then(|text| {
            let text = String::from(text);
            // DeleteUser says yes with an empty body.
            JsFields::parse(if text.is_empty() { "{}" } else { &text })
        });
        let body = fields.as_ref().map(|fields| fields as &dyn Fields);
        reply(
            &weak,
            id,
            Outcome::Answer {
                status,
                error_type,
                body,
            },
        );
    });
    let broken = once(move |_: JsValue| reply(&lost, id, Outcome::Lost));
    let _ = Promise::resolve(&text).then2(&whole, &broken);
    let _ = (whole.into_js_value(), broken.into_js_value());
}

fn reply(weak: &Weak<Inner>, id: u32, outcome: Outcome<'_>) {
    if let Some(inner) = weak.upgrade() {
        inner.network.forget(id);
        // Only events are refused.
        let _ = inner.feed(Input::Reply { id, outcome });
    }
}

/// Tells "nothing was sent" from "the answer was lost", as far as anyone can: a browser says the
/// same of a refused connection and of one that broke, so what may have been sent counts as sent.
fn outcome(error: &JsValue) -> Outcome<'static> {
    let offline =
        member(&member(&js_sys::global(), "navigator"), "onLine").as_bool() == Some(false);
    // Node says more.
    let cause = member(&member(error, "cause"), "code").as_string();
    let unsent = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"];
    if offline || cause.is_some_and(|code| unsent.contains(&code.as_str())) {
        Outcome::NotSent
    } else {
        Outcome::Lost
    }
}
