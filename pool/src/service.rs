//! The service: takes a request, runs its operation as one transaction, answers.

#[cfg(all(feature = "server", not(target_arch = "wasm32")))]
mod ahead;
#[cfg(test)]
mod growth;

#[cfg(all(feature = "server", not(target_arch = "wasm32")))]
pub(crate) use ahead::Ahead;
use serde_json::{Value, json};

use crate::aws::Account;
use crate::call::{Call, Caller};
use crate::control;
use crate::error::{Outcome, Refusal, internal_error};
use crate::facts;
use crate::managed_login;
use crate::messages::Event;
use crate::operations;
use crate::operations::settings::Created;
use crate::options::Options;
use crate::randomness::{Draw, Randomness};
use crate::snapshots::Snapshots;
use crate::srp::Worked;
#[cfg(all(feature = "server", not(target_arch = "wasm32")))]
use crate::state::{Change, Changes};
use crate::state::{State, VERSION};
use crate::tokens::{SigningKey, Unsigned};
use crate::transfer;
#[cfg(any(feature = "server", target_arch = "wasm32"))]
use crate::triggers::remote::Callbacks;
use crate::triggers::remote::{Asked, Remote, Told, replayed};
use crate::triggers::{NoTriggers, Triggers};
use crate::wire::{CONTENT_TYPE, Request, Response, operation_of};

/// A whole local service: user pools, app clients, users, an outbox, the account that pays for SMS.
pub struct Pool {
    options: Options,
    state: State,
    snapshots: Snapshots,
    triggers: Box<dyn Triggers>,
    /// Functions that are asked from outside.
    remote: Remote,
    /// The tokens that the present request's reply is still without.
    unsigned: Option<Unsigned>,
    /// Of the request under way.
    caller: Caller,
}

impl Pool {
    /// A service without any user pool.
    pub fn new(options: Options) -> Self {
        Self {
            options,
            state: State::new(),
            snapshots: Snapshots::default(),
            triggers: Box::new(NoTriggers),
            remote: Remote::default(),
            unsigned: None,
            caller: Caller::default(),
        }
    }

    /// A service as it was when `saved` was written by [`Pool::save`].
    ///
    /// # Errors
    /// When `saved` is not such a state, or one of another version.
    pub fn restore(options: Options, saved: &str) -> Result<Self, RestoreError> {
        let mut state: State = serde_json::from_str(saved).map_err(|_| RestoreError::Malformed)?;
        if state.version != VERSION {
            return Err(RestoreError::OtherVersion(state.version));
        }
        state.commit();
        Ok(Self {
            options,
            state,
            snapshots: Snapshots::default(),
            triggers: Box::new(NoTriggers),
            remote: Remote::default(),
            unsigned: None,
            caller: Caller::default(),
        })
    }

    /// Everything the service keeps, as JSON. It holds codes and password verifiers: as secret as
    /// the users' data.
    pub fn save(&self) -> String {
        // Serializing plain data to a string does not fail: its keys are strings.
        serde_json::to_string(&self.state).unwrap_or_default()
    }

    /// Forgets everything and begins with `rows` that were kept before, in the order of their keys.
    /// From now on settled changes are noted, to be [taken](Self::take_changes) and kept.
    ///
    /// # Errors
    /// When there is a row that is not one of this version.
    #[cfg(all(feature = "server", not(target_arch = "wasm32")))]
    pub fn begin_with(
        &mut self,
        rows: impl IntoIterator<Item = (String, Vec<u8>)>,
    ) -> Result<(), RestoreError> {
        let mut state = State::new();
        for (key, row) in rows {
            state.put(&key, &row).ok_or(RestoreError::Malformed)?;
        }
        state.log.replaces(&self.state.log);
        state.changes = Some(Changes::default());
        self.state = state;
        Ok(())
    }

    /// The rows that requests changed since they were last taken, in order; of the same key the last
    /// one counts. `None` of a service that did not [begin with rows](Self::begin_with).
    #[cfg(all(feature = "server", not(target_arch = "wasm32")))]
    pub fn take_changes(&mut self) -> Option<Vec<Change>> {
        self.state.changes.as_mut().map(Changes::take)
    }

    /// Notes what was changed outside any request, so that it is taken with what comes next.
    #[cfg(all(feature = "server", not(target_arch = "wasm32")))]
    pub(crate) fn note_changes(&mut self) {
        self.state.commit();
    }

    /// Takes back what a request did that ended nowhere.
    #[cfg(all(feature = "server", not(target_arch = "wasm32")))]
    pub(crate) fn give_up(&mut self) {
        self.state.roll_back();
    }

    /// Puts functions into the flows of all user pools.
    pub fn set_triggers(&mut self, triggers: Box<dyn Triggers>) {
        self.triggers = triggers;
    }

    /// Says where functions are that the pool cannot call itself: see [`Pool::settle`].
    #[cfg(any(feature = "server", target_arch = "wasm32"))]
    pub(crate) fn set_callbacks(&mut self, callbacks: Callbacks) {
        self.remote = Remote::new(callbacks);
    }

    /// What the service was started with.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The AWS account that sends the SMS.
    pub fn account(&self) -> &Account {
        self.state.account.get()
    }

    /// The AWS account, to add a role for SMS or to set prices without going through the wire.
    pub fn account_mut(&mut self) -> &mut Account {
        self.state.account.settled_mut()
    }

    /// The time of the service at `now`: `now`, and how far its clock was put forward.
    pub fn time(&self, now: u64) -> u64 {
        now.saturating_add(*self.state.clock_offset.get())
    }

    /// The number of the latest entry in the log of messages and deliveries; it only grows.
    pub fn sequence(&self) -> u64 {
        self.state.log.sequence()
    }

    /// The entries of the log after that number.
    pub fn events(&self, after: u64) -> &[Event] {
        self.state.log.after(after)
    }

    /// Answers one request at `now`, in milliseconds since the epoch.
    ///
    /// One request is one transaction: when it is refused, nothing has changed but what must, such
    /// as counted attempts.
    pub fn handle(
        &mut self,
        request: &Request,
        now: u64,
        randomness: &mut dyn Randomness,
    ) -> Response {
        match self.settle(request, now, randomness, &Worked::Nothing, Told::default()) {
            Ok(answered) => answered.finish(),
            Err(_) => internal_error("Nobody asks the functions of this pool.").response(),
        }
    }

    /// The same but for signing: what the request changes is settled when this is done, and the reply
    /// is finished without the pool. `worked` is what was worked out before.
    ///
    /// # Errors
    /// When a function is to be asked first: the request has changed nothing, and is to be given again
    /// with what was told.
    pub(crate) fn settle(
        &mut self,
        request: &Request,
        now: u64,
        randomness: &mut dyn Randomness,
        worked: &Worked,
        told: Told,
    ) -> Result<Answered, Box<Asked>> {
        let time = self.time(now);
        self.caller = Caller::of(request);
        self.state.sweep(time);
        let mut drawn = self.remote.begin(told);
        let mut response = if self.remote.is_used() {
            let mut replayed = replayed(&mut drawn, randomness);
            self.answer(request, now, time, &mut replayed, worked)
        } else {
            self.answer(request, now, time, randomness, worked)
        };
        let unsigned = self.unsigned.take();
        if let Some(asked) = self.remote.end(drawn) {
            return Err(Box::new(asked));
        }
        if response.header("x-amzn-requestid").is_none() {
            response
                .headers
                .push(("x-amzn-requestid".into(), randomness.uuid()));
        }
        Ok(Answered {
            response,
            unsigned: unsigned.map(|claims| (self.options.key.clone(), claims)),
        })
    }

    fn answer(
        &mut self,
        request: &Request,
        now: u64,
        time: u64,
        randomness: &mut dyn Randomness,
        worked: &Worked,
    ) -> Response {
        if let Some(handler) = managed_login::Handler::of(request) {
            return self.managed_login(&handler, request, time, randomness);
        }
        if Account::takes(request) {
            let account = self.state.account.get_mut();
            if let Some(response) = account.handle(request, time, randomness) {
                self.state.commit();
                return response;
            }
            self.state.account.roll_back();
        }
        if (request.method.as_str(), request.path_only()) == ("POST", "/_pool/import")
            && self.options.control
        {
            let worked = &Worked::Nothing;
            let done = self.transaction("CreateUserPool", time, randomness, worked, |call| {
                transfer::import(call, &request.body)
            });
            return match done {
                Ok(body) => Response::with_json(200, control::JSON, &body),
                Err(why) => {
                    Response::with_json(400, control::JSON, &json!({ "message": why.message }))
                }
            };
        }
        if (request.method.as_str(), request.path_only()) == ("GET", control::LINK) {
            let worked = &Worked::Nothing;
            let done = self.transaction("ConfirmSignUp", time, randomness, worked, |call| {
                control::confirm(call, request)
            });
            return control::confirmation(&done);
        }
        if request.method == "GET" || request.path_only().starts_with("/_pool/") {
            let response = control::answer(
                &self.options,
                &mut self.state,
                &mut self.snapshots,
                request,
                now,
                randomness,
            );
            self.state.commit();
            return response;
        }
        if request.method != "POST" {
            return Refusal::new("UnknownOperationException", "Only POST calls an operation.")
                .response();
        }
        let target = request.header("x-amz-target").unwrap_or_default();
        let outcome = match operation_of(target) {
            Some(name) => self.operation(name, request, time, randomness, worked),
            None => Err(Refusal::new("UnknownOperationException", "")),
        };
        match outcome {
            Ok(body) => Response::with_json(200, CONTENT_TYPE, &body),
            Err(refusal) => refusal.response(),
        }
    }

    /// What is refused is taken back before it is explained.
    fn managed_login(
        &mut self,
        handler: &managed_login::Handler,
        request: &Request,
        now: u64,
        randomness: &mut dyn Randomness,
    ) -> Response {
        let worked = &Worked::Nothing;
        let done = self.transaction(managed_login::OPERATION, now, randomness, worked, |call| {
            handler.act(call, request)
        });
        let explained = done.or_else(|refusal| {
            if self.remote.waits() {
                return Err(refusal);
            }
            self.transaction(managed_login::OPERATION, now, randomness, worked, |call| {
                Ok(handler.refuse(call, request, &refusal))
            })
        });
        explained.unwrap_or_else(|refusal: Refusal| refusal.response())
    }

    fn operation(
        &mut self,
        name: &str,
        request: &Request,
        now: u64,
        randomness: &mut dyn Randomness,
        worked: &Worked,
    ) -> Outcome {
        if !facts::has_operation(name) {
            return Err(Refusal::new("UnknownOperationException", ""));
        }
        let Some((name, handler)) = operations::find(name) else {
            return Err(Refusal::new(
                "NotImplemented",
                format!("This local user pool does not have the operation {name}."),
            ));
        };
        let input: Value = match serde_json::from_slice(&request.body) {
            Ok(input @ Value::Object(_)) => input,
            _ => {
                return Err(Refusal::new(
                    "SerializationException",
                    "The body is not JSON.",
                ));
            }
        };
        let input = facts::accepted(name, input)?;
        self.transaction(name, now, randomness, worked, |call| {
            call.scope = request.signed_region().map(String::from);
            call.metadata = input.get("ClientMetadata").cloned().unwrap_or_default();
            call.throttle(&input)?;
            handler(call, &input)
        })
        .map_err(|refusal| facts::as_declared(refusal, name))
    }

    /// Runs `work`; what it changed stays when it succeeds or its refusal says so.
    fn transaction<T>(
        &mut self,
        operation: &'static str,
        now: u64,
        randomness: &mut dyn Randomness,
        worked: &Worked,
        work: impl FnOnce(&mut Call<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut call = Call {
            state: &mut self.state,
            options: &self.options,
            triggers: self.triggers.as_mut(),
            remote: &mut self.remote,
            now,
            randomness,
            operation,
            worked,
            unsigned: None,
            scope: None,
            metadata: Value::Null,
            caller: self.caller.clone(),
        };
        let result = work(&mut call);
        self.unsigned = call.unsigned.filter(|_| result.is_ok());
        match &result {
            _ if self.remote.waits() => self.state.roll_back(),
            Err(refusal) if !refusal.keeps_changes => self.state.roll_back(),
            _ => self.state.commit(),
        }
        result
    }

    /// Creates a user pool with its app clients from one description, at `now` (milliseconds since
    /// the epoch): what `CreateUserPool` takes, and
    ///
    /// - `Id`: the pool's id (chosen at random when absent);
    /// - `MfaConfig`: what `SetUserPoolMfaConfig` takes, without `UserPoolId`;
    /// - `SessionConfiguration`: what `SetUserPoolSessionConfiguration` takes, without `UserPoolId`
    ///   and with an optional `TokenSession`;
    /// - `Clients`: a list of what `CreateUserPoolClient` takes, without `UserPoolId`, each with an
    ///   optional `ClientId` and, for a client with a secret, an optional `ClientSecret`;
    /// - `Domain`: a prefix, or what `CreateUserPoolDomain` takes;
    /// - `IdentityProviders`, `ResourceServers`: lists of what `CreateIdentityProvider` and
    ///   `CreateResourceServer` take, without `UserPoolId`.
    ///
    /// A role that `SmsConfiguration` names is made, as the console would, so that the SMS go out.
    ///
    /// # Errors
    /// When Cognito would refuse a part of it; then nothing was created.
    pub fn create_user_pool(
        &mut self,
        description: &Value,
        now: u64,
        randomness: &mut dyn Randomness,
    ) -> Result<Created, DescriptionError> {
        let time = self.time(now);
        let worked = &Worked::Nothing;
        let made = self.transaction("CreateUserPool", time, randomness, worked, |call| {
            operations::settings::create_described(call, description)
        });
        made.map_err(|refusal| DescriptionError(format!("{}: {}", refusal.name, refusal.message)))
    }

    /// The pool of that id or, where none is given, the first one of that name.
    #[cfg(all(feature = "server", not(target_arch = "wasm32")))]
    pub(crate) fn created(&self, id: Option<&str>, name: Option<&str>) -> Option<Created> {
        let mut pools = self.state.pools.values();
        let pool = pools.find(|pool| match id {
            Some(id) => pool.id == id,
            None => name.is_some_and(|name| pool.settings.name == name),
        })?;
        Some(Created {
            user_pool_id: pool.id.clone(),
            client_ids: pool.clients.values().map(|it| it.id.clone()).collect(),
        })
    }

    /// The ids of the user pools, in alphabetical order.
    pub fn user_pool_ids(&self) -> impl Iterator<Item = &str> {
        self.state.pools.keys().map(String::as_str)
    }

    /// The public keys of a pool as `/{pool}/.well-known/jwks.json` has them.
    pub fn jwks(&self) -> Value {
        self.options.key.jwks()
    }
}

/// A request that was answered, but for the signatures of its tokens.
pub(crate) struct Answered {
    pub(crate) response: Response,
    pub(crate) unsigned: Option<(SigningKey, Unsigned)>,
}

impl From<Response> for Answered {
    fn from(response: Response) -> Self {
        Self {
            response,
            unsigned: None,
        }
    }
}

impl Answered {
    /// The reply, its tokens signed.
    pub(crate) fn finish(self) -> Response {
        let signed = self.unsigned.as_ref();
        let signed = signed.map(|(key, claims)| (key.sign(&claims.access), key.sign(&claims.id)));
        match signed {
            Some((access, id)) => self.finish_with(access, id),
            None => self.response,
        }
    }

    /// The same with the signed tokens, access and ID.
    pub(crate) fn finish_with(self, access: Option<String>, id: Option<String>) -> Response {
        let (Some(access), Some(id)) = (access, id) else {
            return internal_error("The tokens could not be signed.").response();
        };
        let mut response = self.response;
        let mut body = response.json();
        if let Some(Value::Object(result)) = body.get_mut("AuthenticationResult") {
            result.insert("AccessToken".into(), access.into());
            result.insert("IdToken".into(), id.into());
        }
        response.body = body.to_string().into_bytes();
        response
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let pools: Vec<_> = self.user_pool_ids().collect();
        f.debug_struct("Pool")
            .field("pools", &pools)
            .finish_non_exhaustive()
    }
}

/// Why a description was refused: the exception's name and its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescriptionError(String);

impl std::fmt::Display for DescriptionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DescriptionError {}

/// Why a saved state was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestoreError {
    /// It is not a saved state.
    Malformed,
    /// It was written by another version, with this number.
    OtherVersion(u32),
}

impl std::fmt::Display for RestoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Malformed => f.write_str("not the saved state of a service"),
            Self::OtherVersion(version) => {
                write!(f, "a saved state of version {version}, not {VERSION}")
            }
        }
    }
}

impl std::error::Error for RestoreError {}
