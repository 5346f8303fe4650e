//! What is answered at which path.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;
use tokio::sync::watch;

use super::keeper::Keeper;
use super::reply::error;
use super::{cors, events, log};
use crate::call::ADDRESS;
use crate::settings::is_this_machine;

/// The most that a request's body may hold, in bytes. The largest that an operation can need is
/// about a tenth of it.
const MAX_BODY: usize = 1 << 20;

/// What every handler needs.
#[derive(Clone)]
pub(super) struct App {
    pub(super) keeper: Keeper,
    /// Whether `/_pool/` is answered at all.
    pub(super) control: bool,
    /// Whether `/_pool/` is answered only under a name of this machine.
    pub(super) local_only: bool,
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
        .layer(middleware::from_fn(cors::layer))
        .with_state(app)
}

async fn event_stream(State(app): State<App>, headers: HeaderMap) -> Response {
    if !app.answers_control(&headers) {
        return error(404, "NotFound", "").into_response();
    }
    events::stream(app.keeper, &headers, app.stopping)
}

/// Hands a request to the pool and its reply back.
async fn pool(
    State(app): State<App>,
    Extension(peer): Extension<SocketAddr>,
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
        match read(body, app.client_timeout).await {
            Ok(body) => {
                request.body = body.into();
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
async fn read(body: Body, timeout: Duration) -> Result<Bytes, crate::Response> {
    match tokio::time::timeout(timeout, axum::body::to_bytes(body, MAX_BODY)).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(_)) => Err(error(
            413,
            "RequestEntityTooLargeException",
            "The body is longer than 1 MiB, or did not arrive whole.",
        )),
        Err(_) => Err(error(
            408,
            "RequestTimeoutException",
            "The body did not arrive in time.",
        )),
    }
}
