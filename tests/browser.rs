//! The browser host in a real browser: fetch, storage, locks, timers, and being called again from
//! inside its own callbacks. (What the machine does with it all is tested natively.)
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
// A callback that looks at its own tab only ever borrows it as well.
#![allow(clippy::await_holding_refcell_ref)]

use std::{cell::RefCell, rc::Rc};

use cognito_flow::{Host as MachineHost, Machine};
use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const PASSWORD: &str = "correct horse battery";
const SIGN_IN: &str = r#"{"type":"signIn","username":"ann","password":"correct horse battery"}"#;

#[wasm_bindgen(module = "/js/host.js")]
extern "C" {
    /// The browser's side of one flow.
    type Host;

    #[wasm_bindgen(catch, js_name = openHost)]
    fn open_host(machine: &JsValue, options: &JsValue, changed: &Function)
    -> Result<Host, JsValue>;
    #[wasm_bindgen(method)]
    fn snapshot(this: &Host) -> JsValue;
    #[wasm_bindgen(method)]
    fn accepts(this: &Host, name: &str) -> bool;
    #[wasm_bindgen(method)]
    fn send(this: &Host, event: JsValue) -> Promise;
    #[wasm_bindgen(method)]
    fn ask(this: &Host, name: &str, arguments: JsValue) -> Promise;
    #[wasm_bindgen(method)]
    fn dispose(this: &Host);
}

// What host.js imports is copied beside it only if it is named here.
#[wasm_bindgen(module = "/js/copies.js")]
extern "C" {
    #[wasm_bindgen(js_name = openCopies)]
    fn _copies(name: &str) -> JsValue;
}
#[wasm_bindgen(module = "/js/error.js")]
extern "C" {
    #[wasm_bindgen(js_name = malformedOption)]
    fn _error(name: &str, expected: &str) -> JsValue;
}
#[wasm_bindgen(module = "/js/json.js")]
extern "C" {
    #[wasm_bindgen(js_name = objectText)]
    fn _json(text: &str) -> JsValue;
}
#[wasm_bindgen(module = "/js/lock.js")]
extern "C" {
    #[wasm_bindgen(js_name = openLock)]
    fn _lock(name: &str) -> JsValue;
}
#[wasm_bindgen(module = "/js/network.js")]
extern "C" {
    #[wasm_bindgen(js_name = openNetwork)]
    fn _network(given: &JsValue) -> JsValue;
}
#[wasm_bindgen(module = "/js/storage.js")]
extern "C" {
    #[wasm_bindgen(js_name = openStorage)]
    fn _storage(choice: &JsValue) -> JsValue;
}
#[wasm_bindgen(module = "/js/turns.js")]
extern "C" {
    #[wasm_bindgen(js_name = openTurns)]
    fn _turns(machine: &JsValue) -> JsValue;
}

#[wasm_bindgen(inline_js = r#"
export const asClass = (make) => function (...parts) { return make(...parts); };
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const tokens = (n) => ({ AuthenticationResult: { AccessToken: "access-" + n, IdToken: "id-" + n,
  RefreshToken: n === 0 ? "refresh" : undefined, ExpiresIn: n === 0 ? 1 : 3600 } });
const replies = {
  mfa: () => ({ ChallengeName: "SMS_MFA", Session: "session-string-of-the-pool", ChallengeParameters: {
    CODE_DELIVERY_DELIVERY_MEDIUM: "SMS", CODE_DELIVERY_DESTINATION: "+*******1234", USER_ID_FOR_SRP: "ann" } }),
  tokens: () => tokens(0),
  user: () => ({ Username: "ann", UserAttributes: [{ Name: "sub", Value: "1" }] }),
};
// A fetch by script: what each operation is answered with, in order; the last one stays.
export function scripted(script) {
  const calls = [];
  let refreshes = 0;
  const fetch = (url, init) => {
    const operation = init.headers["x-amz-target"].split(".")[1];
    const body = JSON.parse(init.body);
    calls.push({ operation, body, signal: init.signal, url });
    const steps = script[operation] ?? [];
    const step = steps.length > 1 ? steps.shift() : steps[0] ?? "user";
    if (step === "throw") throw new TypeError("no");
    if (step === "reject") return Promise.reject(new TypeError("Failed to fetch"));
    if (step === "hang") return new Promise((_, reject) => {
      init.signal.addEventListener("abort", () => reject(init.signal.reason));
    });
    if (step === "broken") return Promise.resolve(new Response(new ReadableStream({
      start(controller) { controller.error(new TypeError("reset")); } })));
    if (step === "huge") return Promise.resolve(new Response("\"" + "x".repeat(10_000_000) + "\""));
    if (step === "html") return Promise.resolve(new Response("<html>", { status: 502 }));
    if (step === "refresh") return sleep(30).then(() => new Response(JSON.stringify(tokens(++refreshes))));
    return Promise.resolve(new Response(JSON.stringify(replies[step]())));
  };
  fetch.calls = calls;
  return fetch;
}
export const callCount = (fetch, operation) =>
  fetch.calls.filter((call) => call.operation === operation).length;
export const wasAborted = (fetch, index) => fetch.calls[index].signal.aborted;
export function withoutLocks(yes) {
  if (yes) Object.defineProperty(navigator, "locks", { value: undefined, configurable: true });
  else delete navigator.locks;
}
export function ownStorage(works) {
  const map = new Map();
  const check = () => { if (!works) throw new Error("QuotaExceededError"); };
  return { map, getItem: (k) => map.get(k) ?? null, setItem: (k, v) => { check(); map.set(k, v); },
    removeItem: (k) => map.delete(k) };
}
export const everythingStored = () => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]);
export const clearStored = () => { localStorage.clear(); sessionStorage.clear(); };
export function ageRecord(ms) {
  for (const [key, text] of Object.entries({ ...sessionStorage })) {
    const record = JSON.parse(text);
    record.expiresAt -= ms;
    sessionStorage.setItem(key, JSON.stringify(record));
  }
}
"#)]
extern "C" {
    #[wasm_bindgen(js_name = asClass)]
    fn as_class(make: &JsValue) -> JsValue;
    fn sleep(ms: u32) -> Promise;
    fn scripted(script: &JsValue) -> Function;
    #[wasm_bindgen(js_name = callCount)]
    fn call_count(fetch: &Function, operation: &str) -> u32;
    #[wasm_bindgen(js_name = wasAborted)]
    fn was_aborted(fetch: &Function, index: u32) -> bool;
    #[wasm_bindgen(js_name = withoutLocks)]
    fn without_locks(yes: bool);
    #[wasm_bindgen(js_name = ownStorage)]
    fn own_storage(works: bool) -> JsValue;
    #[wasm_bindgen(js_name = everythingStored)]
    fn everything_stored() -> String;
    #[wasm_bindgen(js_name = clearStored)]
    fn clear_stored();
    #[wasm_bindgen(js_name = ageRecord)]
    fn age_record(ms: f64);
}

fn json(text: &str) -> JsValue {
    JSON::parse(text).unwrap()
}

fn get(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &name.into()).unwrap()
}

fn text(value: &JsValue, name: &str) -> String {
    get(value, name).as_string().unwrap_or_default()
}

fn code(error: &JsValue) -> String {
    assert!(error.is_instance_of::<js_sys::Error>(), "{error:?}");
    text(error, "code")
}

/// A host, its scripted network, and a callback that does nothing.
struct Tab {
    host: Host,
    fetch: Function,
}

impl Tab {
    fn open(script: &str, storage: JsValue) -> Self {
        Self::with(script, storage, Function::new_no_args(""))
    }

    fn with(script: &str, storage: JsValue, changed: Function) -> Self {
        let fetch = scripted(&json(script));
        let host = open_host(&machine(), &options(&fetch, storage), &changed).unwrap();
        Self { host, fetch }
    }

    async fn send(&self, event: &str) -> JsValue {
        JsFuture::from(self.host.send(json(event))).await.unwrap()
    }

    async fn settled(&self) -> JsValue {
        for _ in 0..400 {
            let snapshot = self.host.snapshot();
            if get(&snapshot, "busy").is_null() {
                return snapshot;
            }
            pause(5).await;
        }
        panic!("still busy: {:?}", self.host.snapshot());
    }

    async fn sign_in(&self) -> JsValue {
        self.send(SIGN_IN).await
    }

    fn session(&self) -> Promise {
        self.host.ask("session", Object::new().into())
    }
}

fn function(closure: &Closure<dyn FnMut()>) -> Function {
    closure.as_ref().unchecked_ref::<Function>().clone()
}

fn options(fetch: &Function, storage: JsValue) -> JsValue {
    let options = json(
        r#"{"userPoolId":"eu-west-1_AbCdEfGhI","clientId":"client","signInWith":"password","timeoutMs":300}"#,
    );
    Reflect::set(&options, &"fetch".into(), fetch).unwrap();
    Reflect::set(&options, &"storage".into(), &storage).unwrap();
    options
}

/// The module's class, as JavaScript makes one of it.
fn machine() -> JsValue {
    let make =
        Closure::<dyn FnMut(JsValue, JsValue) -> JsValue>::new(|host: JsValue, clock: JsValue| {
            let host: MachineHost = host.unchecked_into();
            Machine::new(host, clock.unchecked_into()).into()
        });
    as_class(&make.into_js_value())
}

async fn pause(ms: u32) {
    JsFuture::from(sleep(ms)).await.unwrap();
}

const MFA: &str =
    r#"{"InitiateAuth":["mfa"],"RespondToAuthChallenge":["tokens"],"GetUser":["user"]}"#;
const SHORT_TOKENS: &str = r#"{"InitiateAuth":["tokens","refresh"],"GetUser":["user"]}"#;

#[wasm_bindgen_test]
async fn a_snapshot_is_a_plain_object_with_nulls() {
    let tab = Tab::open(MFA, "memory".into());
    let snapshot = tab.sign_in().await;
    assert_eq!(text(&snapshot, "step"), "mfaCode");
    assert!(get(&snapshot, "error").is_null());
    let delivery = get(&snapshot, "delivery");
    assert_eq!(text(&delivery, "destination"), "+*******1234");
    assert!(get(&delivery, "attribute").is_null());
    assert!(get(&snapshot, "expiresAt").as_f64().unwrap() > js_sys::Date::now());
}

#[wasm_bindgen_test]
async fn sending_inside_the_callback_is_legal() {
    let tab: Rc<RefCell<Option<Tab>>> = Rc::default();
    let inner = Rc::clone(&tab);
    let codes = Array::new();
    let seen = codes.clone();
    let refused = Closure::<dyn FnMut(JsValue)>::new(move |error| {
        seen.push(&code(&error).into());
    });
    let changed = Closure::<dyn FnMut()>::new(move || {
        let inner = inner.borrow();
        let Some(tab) = inner.as_ref() else { return };
        let _ = (tab.host)
            .send(json(r#"{"type":"submitCode","code":"1"}"#))
            .catch(&refused);
    });
    *tab.borrow_mut() = Some(Tab::with(MFA, "memory".into(), function(&changed)));
    let borrowed = tab.borrow();
    let tab = borrowed.as_ref().unwrap();
    let sending = tab.host.send(json(SIGN_IN));
    pause(100).await;
    JsFuture::from(sending).await.unwrap();
    assert_eq!(text(&tab.settled().await, "step"), "signedIn");
    // While the first event was worked on, the callback's was refused as it says.
    assert!(codes.includes(&"busy".into(), 0), "{codes:?}");
}

#[wasm_bindgen_test]
async fn disposing_inside_the_callback_aborts_and_drops_what_comes_late() {
    let tab: Rc<RefCell<Option<Tab>>> = Rc::default();
    let inner = Rc::clone(&tab);
    let changed = Closure::<dyn FnMut()>::new(move || {
        if let Some(tab) = inner.borrow().as_ref() {
            tab.host.dispose();
        }
    });
    let opened = Tab::with(MFA, "memory".into(), function(&changed));
    *tab.borrow_mut() = Some(opened);
    let borrowed = tab.borrow();
    let tab = borrowed.as_ref().unwrap();
    let refused = JsFuture::from(tab.host.send(json(SIGN_IN)))
        .await
        .unwrap_err();
    assert_eq!(code(&refused), "disposed");
    // What was to be sent had not been yet.
    assert_eq!(call_count(&tab.fetch, "InitiateAuth"), 0);
    pause(20).await;
    let again = JsFuture::from(tab.host.send(json(SIGN_IN))).await;
    assert_eq!(code(&again.unwrap_err()), "disposed");
    assert!(!tab.host.accepts("signIn"));
    assert_eq!(
        code(&JsFuture::from(tab.session()).await.unwrap_err()),
        "disposed"
    );
}

#[wasm_bindgen_test]
async fn disposing_while_a_request_is_under_way_aborts_it() {
    let tab = Tab::open(r#"{"InitiateAuth":["hang"]}"#, "memory".into());
    let sending = tab.host.send(json(SIGN_IN));
    tab.host.dispose();
    assert!(was_aborted(&tab.fetch, 0));
    let refused = JsFuture::from(sending).await.unwrap_err();
    assert_eq!(code(&refused), "disposed");
}

#[wasm_bindgen_test]
async fn errors_of_fetch_are_told_apart() {
    for (step, expected) in [
        ("throw", "offline"),
        ("reject", "outcomeUnknown"),
        ("broken", "outcomeUnknown"),
        ("hang", "outcomeUnknown"),
        ("huge", "server"),
        ("html", "server"),
    ] {
        let tab = Tab::open(
            &format!(r#"{{"InitiateAuth":["{step}"]}}"#),
            "memory".into(),
        );
        let snapshot = tab.sign_in().await;
        assert_eq!(text(&snapshot, "step"), "signedOut", "{step}");
        assert_eq!(text(&get(&snapshot, "error"), "code"), expected, "{step}");
        assert_eq!(call_count(&tab.fetch, "InitiateAuth"), 1, "{step}");
        assert_eq!(was_aborted(&tab.fetch, 0), step == "hang", "{step}");
        assert!(!String::from(JSON::stringify(&snapshot).unwrap()).contains(PASSWORD));
    }
}

#[wasm_bindgen_test]
async fn a_pending_challenge_survives_a_reload_without_the_password() {
    clear_stored();
    let tab = Tab::open(MFA, "session".into());
    let before = tab.sign_in().await;
    let stored = everything_stored();
    assert!(stored.contains("session-string-of-the-pool") && !stored.contains(PASSWORD));
    tab.host.dispose();

    let reloaded = Tab::open(MFA, "session".into());
    let after = reloaded.settled().await;
    for name in ["step", "username", "medium"] {
        assert_eq!(text(&before, name), text(&after, name));
    }
    assert_eq!(get(&after, "canResend"), JsValue::FALSE);
    let snapshot = reloaded
        .send(r#"{"type":"submitCode","code":"123456"}"#)
        .await;
    assert_eq!(text(&snapshot, "step"), "signedIn");
    assert!(!everything_stored().contains("session-string-of-the-pool"));
    clear_stored();
}

#[wasm_bindgen_test]
async fn resuming_after_its_time_is_over_leads_back_to_signing_in() {
    clear_stored();
    Tab::open(MFA, "session".into()).sign_in().await;
    age_record(200_000.0);
    let snapshot = Tab::open(MFA, "session".into()).settled().await;
    assert_eq!(text(&snapshot, "step"), "signedOut");
    assert_eq!(text(&snapshot, "username"), "ann");
    assert_eq!(text(&get(&snapshot, "error"), "code"), "challengeExpired");
    clear_stored();
}

#[wasm_bindgen_test]
async fn each_storage_keeps_the_session_where_it_says() {
    for (kind, local, session) in [
        ("memory", false, false),
        ("session", false, true),
        ("local", true, false),
    ] {
        clear_stored();
        Tab::open(SHORT_TOKENS, kind.into()).sign_in().await;
        let stored = json(&everything_stored());
        let has = |index| {
            let area = Reflect::get_u32(&stored, index).unwrap();
            String::from(JSON::stringify(&area).unwrap()).contains("access-0")
        };
        assert_eq!((has(0), has(1)), (local, session), "{kind}");
    }
    clear_stored();
    let own = own_storage(true);
    Tab::open(SHORT_TOKENS, own.clone()).sign_in().await;
    let restored = Tab::open(SHORT_TOKENS, own);
    assert_eq!(text(&restored.host.snapshot(), "step"), "signedIn");
    assert!(!everything_stored().contains("access-0"));
}

#[wasm_bindgen_test]
async fn a_storage_that_takes_nothing_is_like_memory() {
    let tab = Tab::open(SHORT_TOKENS, own_storage(false));
    assert_eq!(text(&tab.sign_in().await, "step"), "signedIn");
    pause(600).await;
    let session = JsFuture::from(tab.session()).await.unwrap();
    assert_eq!(text(&session, "accessToken"), "access-1");
}

#[wasm_bindgen_test]
async fn two_tabs_refresh_once_with_web_locks() {
    refresh_in_two_tabs("local".into()).await;
    clear_stored();
}

#[wasm_bindgen_test]
async fn two_tabs_refresh_once_with_a_guard_in_the_storage() {
    without_locks(true);
    refresh_in_two_tabs(own_storage(true)).await;
    without_locks(false);
}

async fn refresh_in_two_tabs(storage: JsValue) {
    clear_stored();
    let one = Tab::open(SHORT_TOKENS, storage.clone());
    one.sign_in().await;
    let two = Tab::open(
        r#"{"InitiateAuth":["refresh"],"GetUser":["user"]}"#,
        storage,
    );
    assert_eq!(text(&two.host.snapshot(), "step"), "signedIn");
    pause(600).await;
    let all = Array::of4(
        &one.session(),
        &two.session(),
        &one.session(),
        &two.session(),
    );
    let sessions: Array = JsFuture::from(Promise::all(&all))
        .await
        .unwrap()
        .unchecked_into();
    for session in sessions.iter() {
        assert_eq!(text(&session, "accessToken"), "access-1");
    }
    let refreshes =
        call_count(&one.fetch, "InitiateAuth") - 1 + call_count(&two.fetch, "InitiateAuth");
    assert_eq!(refreshes, 1);
}

#[wasm_bindgen_test]
async fn two_flows_side_by_side_share_nothing() {
    let (one, two) = (
        Tab::open(MFA, "memory".into()),
        Tab::open(MFA, "memory".into()),
    );
    one.sign_in().await;
    assert_eq!(text(&one.host.snapshot(), "step"), "mfaCode");
    assert_eq!(text(&two.host.snapshot(), "step"), "signedOut");
    one.host.dispose();
    assert_eq!(text(&two.sign_in().await, "step"), "mfaCode");
}

#[wasm_bindgen_test]
fn a_malformed_option_is_named() {
    let fetch = scripted(&json("{}"));
    for (name, value) in [
        ("userPoolId", json("7")),
        ("clientId", JsValue::UNDEFINED),
        ("fetch", json("\"x\"")),
        ("storage", json("\"disk\"")),
        ("storage", json("{}")),
        ("timeoutMs", json("-1")),
        ("verify", json("[]")),
        ("endpoint", json("\"ftp://x\"")),
    ] {
        let options = options(&fetch, "memory".into());
        Reflect::set(&options, &name.into(), &value).unwrap();
        let changed = Function::new_no_args("");
        let Err(error) = open_host(&machine(), &options, &changed) else {
            panic!("{name} was taken");
        };
        assert_eq!(code(&error), "malformed");
        assert!(
            text(&error, "message").contains(&format!("`{name}`")),
            "{name}"
        );
    }
    for wrong in [JsValue::NULL, JsValue::UNDEFINED, json("1"), json("[]")] {
        let host = open_host(&machine(), &wrong, &Function::new_no_args(""));
        assert_eq!(code(&host.err().unwrap()), "malformed");
    }
}

#[wasm_bindgen_test]
async fn two_events_at_once_are_refused_and_change_nothing() {
    let tab = Tab::open(r#"{"InitiateAuth":["hang"]}"#, "memory".into());
    let first = tab.host.send(json(SIGN_IN));
    let second = JsFuture::from(tab.host.send(json(SIGN_IN))).await;
    assert_eq!(code(&second.unwrap_err()), "busy");
    assert_eq!(text(&tab.host.snapshot(), "busy"), "signIn");
    assert_eq!(call_count(&tab.fetch, "InitiateAuth"), 1);
    let left = tab.send(r#"{"type":"cancel"}"#).await;
    assert!(was_aborted(&tab.fetch, 0));
    assert!(get(&left, "busy").is_null());
    assert_eq!(JsFuture::from(first).await.unwrap(), left);
}
