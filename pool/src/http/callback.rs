//! Asking functions behind a URL: a POST of the event as JSON, the reply the event with its response.
//!
//! By hyper's own client over plain HTTP: the functions are those of a developer's machine or of the
//! containers beside it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::http::{Uri, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::triggers::remote::{Question, Said};

/// How long a function has, and how often it is asked (the developer guide, "Customizing user pool
/// workflows with Lambda triggers").
const PATIENCE: Duration = Duration::from_secs(5);
const TRIES: u32 = 3;
/// The longest answer that is read, in bytes: what Lambda allows.
const LONGEST: usize = 6 << 20;
/// How many functions are asked at once. A client may leave, and its question stays.
const MOST: usize = 256;

/// Asks functions, not too many at a time.
#[derive(Clone)]
pub(super) struct Asker(Arc<Semaphore>);

impl Asker {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(MOST)))
    }

    /// What the function says, or that it does not.
    pub(super) async fn ask(&self, question: &Question) -> Said {
        let _turn = self.0.acquire().await;
        let began = Instant::now();
        let mut said = Said::Nothing;
        for _ in 0..TRIES {
            let tried = Instant::now();
            if let Ok(Ok(answer)) = timeout(PATIENCE, once(question)).await {
                said = answer;
                break;
            }
            // Who refuses the connection may be starting.
            tokio::time::sleep(Duration::from_millis(100).saturating_sub(tried.elapsed())).await;
        }
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        tracing::info!(
            what = question.name,
            outcome = outcome(&said),
            micros,
            "function"
        );
        said
    }
}

/// One word, with nothing of what the function said.
fn outcome(said: &Said) -> &'static str {
    match said {
        Said::Event(_) => "answered",
        Said::Threw(_) => "threw",
        Said::Garbage => "no JSON",
        Said::NotRun(_) => "not run",
        Said::Nothing => "no answer",
    }
}

/// Why there is no answer is of no use to anybody but in the log of a debugger.
struct NoAnswer;

impl<E: std::error::Error> From<E> for NoAnswer {
    fn from(_: E) -> Self {
        Self
    }
}

async fn once(question: &Question) -> Result<Said, NoAnswer> {
    let url: Uri = question.url.parse()?;
    let authority = url.authority().ok_or(NoAnswer)?;
    let host = authority.host().trim_matches(['[', ']']);
    let stream = TcpStream::connect((host, authority.port_u16().unwrap_or(80))).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let request = hyper::Request::post(path)
        .header(header::HOST, authority.as_str())
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json")
        .body(Body::from(question.event.clone()))?;
    let exchange = async {
        let reply = sender.send_request(request).await?;
        let status = reply.status().as_u16();
        let header = |name: &str| {
            let value = reply.headers().get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        let error = header("x-amz-function-error").or_else(|| header("x-amzn-errortype"));
        let body = to_bytes(Body::new(reply.into_body()), LONGEST).await;
        Ok::<_, hyper::Error>((status, error, body))
    };
    // The connection lives as long as the exchange.
    let (status, error, body) = tokio::select! {
        done = exchange => done?,
        _ = drive(connection) => return Err(NoAnswer),
    };
    // Longer than anybody may say, or broken off.
    let Ok(body) = body else {
        return Ok(Said::Garbage);
    };
    Ok(Said::of(question, status, error.as_deref(), &body))
}

/// Moves bytes for as long as it is polled; that the other side has closed is for the exchange to see.
async fn drive(connection: http1::Connection<TokioIo<TcpStream>, Body>) {
    if connection.await.is_ok() {
        std::future::pending::<()>().await;
    }
}
