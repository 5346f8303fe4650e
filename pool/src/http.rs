//! The pool behind an HTTP address: [axum] on tokio, for real clients on a developer's laptop and
//! in CI.
//!
//! One thread owns the [`Pool`](crate::Pool) and answers one request after the other
//! (`keeper`), so that a request is a transaction here too. With `--data` another one owns the file
//! (`store`, which says what is in it and why it is made so) and sends each reply once what it depends
//! on is durable (`writer`). Around it: limits on what a client may
//! send and how slowly (`serve`), CORS for browsers, and a log that holds no secret.

mod app;
mod args;
mod callback;
mod clock;
mod connections;
mod cors;
mod events;
mod keeper;
mod log;
mod reply;
mod serve;
mod start;
mod store;
mod writer;

pub use args::{Args, ArgsError, HELP};
pub use start::{StartError, run};
