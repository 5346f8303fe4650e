//! A local user pool that speaks Amazon Cognito's protocol.
//!
//! [`Pool`] is the whole service: any number of user pools and app clients, made by the same wire
//! operations as in Cognito. It does no input or output. [`Pool::handle`] takes a request, the time
//! and a source of random bytes, and gives the reply; the same inputs give the same bytes. What it
//! sends lands in an outbox.
//!
//! ```
//! use cognito_pool::{Options, Pool, Request, SeededRandomness};
//! use serde_json::json;
//!
//! let mut pool = Pool::new(Options::default());
//! let mut randomness = SeededRandomness::new(1);
//! let created = pool.create_user_pool(
//!     &json!({ "Id": "eu-west-1_AbCdEfGhI", "PoolName": "demo", "Clients": [{ "ClientName": "app" }] }),
//!     0,
//!     &mut randomness,
//! )?;
//! let request = Request::operation(
//!     "InitiateAuth",
//!     &json!({ "ClientId": created.client_ids[0], "AuthFlow": "USER_PASSWORD_AUTH" }),
//! );
//! assert_eq!(pool.handle(&request, 0, &mut randomness).status, 400);
//! # Ok::<(), cognito_pool::DescriptionError>(())
//! ```
#![forbid(unsafe_code)]

pub mod aws;
pub mod money;

#[cfg(all(feature = "server", not(target_arch = "wasm32")))]
pub mod http;

#[cfg(any(feature = "server", target_arch = "wasm32"))]
mod banner;
#[cfg(target_arch = "wasm32")]
pub mod browser;
mod call;
mod control;
mod delivery;
#[cfg(any(feature = "server", target_arch = "wasm32"))]
mod description;
mod error;
mod facts;
mod few;
mod managed_login;
mod messages;
mod operations;
mod options;
mod randomness;
mod service;
mod settings;
mod snapshots;
mod srp;
mod state;
mod table;
mod tokens;
mod totp;
mod transfer;
mod triggers;
mod webauthn;
mod wire;

pub use facts::{declares, is_unsigned, operations as api_operations};
pub use messages::{DeliveryOutcome, DeliveryRecord, Event, Medium, Message};
pub use operations::built_operations;
pub use operations::settings::Created;
pub use options::Options;
pub use randomness::{Randomness, SeededRandomness};
pub use service::{DescriptionError, Pool, RestoreError};
#[cfg(all(feature = "server", not(target_arch = "wasm32")))]
pub use state::Change;
pub use tokens::{KeyError, SigningKey};
pub use triggers::Triggers;
pub use wire::{CONTENT_TYPE, Request, Response, TARGET_PREFIX, percent_encoded};
