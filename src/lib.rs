//! Signing up and signing in against Amazon Cognito user pools, as one typed state machine.
//!
//! # The law of the machine
//!
//! ```text
//!         Input (event | ask | reply | wake)       Effect (send | save | erase | lock | answer)
//!  page ───────────────────────────────▶  Flow  ────────────────────────────────▶  host
//!                                           │
//!                                           └──▶ Snapshot (what the person sees)
//! ```
//!
//! - [`Flow::handle`] takes one input and a [`Moment`], moves to the next step and queues
//!   effects. The host then drains [`Flow::poll_effect`], shows [`Flow::snapshot`], and arms one
//!   timer for [`Flow::deadline`].
//! - Nothing but the browser host reads a clock, draws randomness, touches a JS value or awaits.
//!   Time and randomness come in with the moment, the network as replies, so the whole client
//!   runs in a native test.
//! - Every effect that is answered has an id; a reply with an unknown or stale id is ignored, and
//!   a spurious wake changes nothing.
//! - What the server refuses is data in the snapshot. What the caller must not do is a typed
//!   error returned to the caller, and changes nothing.
//! - No step is a dead end: from each one the person can go on, ask for another code, or leave.
#![deny(unsafe_code)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

extern crate alloc;

// Natively it is tested alone, by Miri too.
#[cfg(any(target_arch = "wasm32", test))]
mod allocator;
mod ask;
#[cfg(target_arch = "wasm32")]
mod browser;
mod config;
mod effect;
mod error;
mod event;
mod fields;
mod flow;
mod json;
mod protocol;
mod secret;
mod snapshot;
pub mod srp;
mod text;
mod time;

pub use ask::{Ask, FactorSetting};
#[cfg(target_arch = "wasm32")]
pub use browser::{Host, Machine};
pub use config::{Config, Redirect, SignInWith, Verify, VerifyWhen};
pub use effect::{Effect, Request, Slot, Wanted};
pub use error::{Code, Details, FlowError};
pub use event::{Event, EventType, TypedCode};
pub use fields::{Fields, Pairs};
pub use flow::{Body, Flow, Given, Input, Outcome, StepName, Stored};
#[cfg(not(target_arch = "wasm32"))]
pub use flow::{Transition, transitions};
pub use secret::{Secret, Text};
pub use snapshot::{Attribute, Attributes, Choice, Medium};
pub use time::{Moment, Randomness};
