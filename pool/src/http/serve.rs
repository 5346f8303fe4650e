//! The loop that takes connections, and its limits.
//!
//! `axum::serve` offers no limit on how slowly or how long a request's head may come, so the
//! connections are driven by hyper directly.

use std::time::Duration;

use axum::{Extension, Router};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

/// How many connections may be open at once; more wait to be accepted.
const MAX_CONNECTIONS: usize = 512;
/// The most that a request's head may hold, in bytes: line and headers.
const MAX_HEAD: usize = 32 * 1024;
/// How many headers a request may have.
const MAX_HEADERS: usize = 100;
/// How long open requests have once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Serves `app` at `listener` until `stopping` turns true, then lets open requests finish.
pub(super) async fn serve(
    listener: TcpListener,
    app: Router,
    client_timeout: Duration,
    mut stopping: watch::Receiver<bool>,
) {
    let connections = std::sync::Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(client_timeout)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .half_close(false);
    loop {
        let accepted = async {
            let permit = connections.clone().acquire_owned().await.ok()?;
            Some((permit, listener.accept().await))
        };
        let (permit, stream, peer) = tokio::select! {
            accepted = accepted => match accepted {
                Some((permit, Ok((stream, peer)))) => (permit, stream, peer),
                // Out of file descriptors, most likely: wait for some to be given back.
                Some((_, Err(error))) => {
                    tracing::warn!(%error, "cannot accept");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
                None => break,
            },
            _ = stopping.wait_for(|stopping| *stopping) => break,
        };
        // Small replies, each waited for: Nagle's algorithm would only hold them back.
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(app.clone().layer(Extension(peer)));
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // A client that breaks off or is too slow is its own affair.
            let _ = connection.await;
            drop(permit);
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
