//! The loop that takes connections, and its limits.
//!
//! `axum::serve` offers no limit on how slowly or how long a request's head may come, so the
//! connections are driven by hyper directly.

use std::time::{Duration, Instant};

use axum::Router;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::connections::Connections;

/// The most that a request's head may hold, in bytes: line and headers.
const MAX_HEAD: usize = 32 * 1024;
/// How many headers a request may have.
const MAX_HEADERS: usize = 100;
/// How often the log says so.
const WARNED_EVERY: Duration = Duration::from_secs(1);
/// How long open requests have once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Serves `app` at `listener` until `stopping` turns true, then lets open requests finish.
pub(super) async fn serve(
    listener: TcpListener,
    app: Router,
    client_timeout: Duration,
    mut stopping: watch::Receiver<bool>,
) {
    let connections = Connections::new();
    let graceful = GracefulShutdown::new();
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(client_timeout)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        // A client that has said all it wants to say may still want the answer.
        .half_close(true);
    let mut warned = None;
    loop {
        let accepted = async {
            connections.room().await;
            listener.accept().await
        };
        let (stream, peer) = tokio::select! {
            accepted = accepted => match accepted {
                Ok(accepted) => accepted,
                // Out of file descriptors, most likely: some are given back.
                Err(error) => {
                    if warned.is_none_or(|at: Instant| at.elapsed() > WARNED_EVERY) {
                        tracing::warn!(%error, "cannot accept");
                        warned = Some(Instant::now());
                    }
                    let given = connections.give_back();
                    let _ = tokio::time::timeout(Duration::from_millis(20), given).await;
                    continue;
                }
            },
            _ = stopping.wait_for(|stopping| *stopping) => break,
        };
        // Small replies, each waited for: Nagle's algorithm would only hold them back.
        let _ = stream.set_nodelay(true);
        let connection = connections.opened();
        let handed = connection.clone();
        let app = TowerToHyperService::new(app.clone());
        let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(handed.clone());
            request.extensions_mut().insert(peer);
            app.call(request)
        });
        let served = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // A client that breaks off or is too slow is its own affair.
            tokio::select! {
                _ = served => {}
                () = connection.closed() => {}
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(GRACE, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not end in time");
    }
}
