//! What is answered at which path.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::StreamExt;
use serde_json::json;
use tokio::sync::watch;

use super::connections::Connection;
use super::cors::AllowedOrigins;
use super::keeper::Keeper;
use super::reply::error;
use super::{cors, events, log};
use crate::call::ADDRESS;
use crate::settings::is_this_machine;

/// The most that a request's body may hold, in bytes. The largest that an operation can need is
/// about a tenth of it.
const MAX_BODY: usize = 1 << 20;
/// The same of an import: some hundred thousand users.
const MAX_IMPORT: usize = 256 << 20;
/// How much of a body that is too long is read all the same, in bytes.
const MAX_READ: usize = 64 << 20;

/// What every handler needs.
#[derive(Clone)]
pub(super) struct App {
    pub(super) keeper: Keeper,
    /// Whether `/_pool/` is answered at all.
    pub(super) control: bool,
    /// Whether `/_pool/` is answered only under a name of this machine.
    pub(super) local_only: bool,
    /// Origins of elsewhere whose pages may do what pages of this machine may.
    pub(super) allowed_origins: AllowedOrigins,
    /// How long a client may take to send a body.
    pub(super) client_timeout: Duration,
    /// Turns true when the server is to stop.
    pub(super) stopping: watch::Receiver<bool>,
}

/// Everything that the server answers.
pub(super) fn router(app: App) -> Router {
    Router::new()
        .route(
            "/health",
            get(|| async { axum::Json(json!({ "status": "ok" })) }),
        )
        .route("/_pool/events", get(event_stream))
        .fallback(pool)
        .layer(middleware::from_fn_with_state(
            app.allowed_origins.clone(),
            cors::layer,
        ))
        .with_state(app)
}

async fn event_stream(
    State(app): State<App>,
    Extension(connection): Extension<Connection>,
    headers: HeaderMap,
) -> Response {
    if !app.answers_control(&headers) {
        return error(404, "NotFound", "").into_response();
    }
    events::stream(app.keeper, &headers, app.stopping, connection.stream())
}

/// Hands a request to the pool and its reply back.
async fn pool(
    State(app): State<App>,
    Extension(peer): Extension<SocketAddr>,
    Extension(connection): Extension<Connection>,
    request: Request,
) -> Response {
    let began = Instant::now();
    let (head, body) = request.into_parts();
    let mut request = crate::Request {
        method: head.method.as_str().to_owned(),
        path: head
            .uri
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned(),
        headers: (head.headers.iter())
            .map(|(name, value)| {
                (
                    name.as_str().to_owned(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect(),
        body: Vec::new(),
    };
    // Whatever a client says of its own address, the connection knows better.
    request.headers.retain(|(name, _)| name != ADDRESS);
    request
        .headers
        .push((ADDRESS.into(), peer.ip().to_string()));
    let subject = log::subject(&request);
    let reply = if request.path.starts_with("/_pool/") && !app.answers_control(&head.headers) {
        error(404, "NotFound", "")
    } else if !matches!(head.method, Method::GET | Method::HEAD | Method::POST) {
        error(405, "MethodNotAllowed", "")
    } else {
        let told = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
        let waits = told("expect").is_some_and(|it| it.eq_ignore_ascii_case("100-continue"));
        let length = told("content-length").and_then(|length| length.parse::<usize>().ok());
        let most = match request.path.as_str() {
            "/_pool/import" => MAX_IMPORT,
            _ => MAX_BODY,
        };
        let body = match length {
            // It is not sent before it was asked for.
            Some(length) if waits && length > most => Err(too_long(most)),
            _ => read(body, most, app.client_timeout).await,
        };
        match body {
            Ok(body) => {
                let _busy = connection.busy();
                request.body = body;
                app.keeper
                    .answer(request)
                    .await
                    .unwrap_or_else(|| error(503, "ServiceUnavailable", "The server is stopping."))
            }
            Err(refusal) => refusal,
        }
    };
    log::request(&subject, &reply, began.elapsed());
    reply.into_response()
}

impl App {
    fn answers_control(&self, headers: &HeaderMap) -> bool {
        let host = headers
            .get("host")
            .and_then(|host| host.to_str().ok())
            .unwrap_or_default();
        self.control && (!self.local_only || is_this_machine(host))
    }
}

/// The whole body, if it is not too long and does not take too long.
///
/// One that is too long is read on for a while: a client that is still sending when the connection
/// closes sees a broken pipe, and not why.
async fn read(body: Body, most: usize, timeout: Duration) -> Result<Vec<u8>, crate::Response> {
    let mut parts = body.into_data_stream();
    let reading = async {
        let (mut whole, mut length) = (Vec::new(), 0_usize);
        while let Some(part) = parts.next().await {
            let part = part.map_err(|_| broken())?;
            length = length.saturating_add(part.len());
            if length <= most {
                whole.extend_from_slice(&part);
            } else if length > most.max(MAX_READ) {
                break;
            }
        }
        if length > most {
            return Err(too_long(most));
        }
        Ok(whole)
    };
    tokio::time::timeout(timeout, reading)
        .await
        .unwrap_or_else(|_| {
            let why = "The body did not arrive in time.";
            Err(closing(error(408, "RequestTimeoutException", why)))
        })
}

fn too_long(most: usize) -> crate::Response {
    let name = "RequestEntityTooLargeException";
    let why = format!("The body is longer than {} MiB.", most >> 20);
    closing(error(413, name, &why))
}

fn broken() -> crate::Response {
    let why = "The body did not arrive whole.";
    closing(error(400, "SerializationException", why))
}

/// What comes next on the connection is not a request.
fn closing(mut reply: crate::Response) -> crate::Response {
    let header = ("connection".to_owned(), "close".to_owned());
    reply.headers.push(header);
    reply
}
