//! From the command line to a server that runs, and to its end.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::app::{App, router};
use super::args::Args;
use super::clock::Clock;
use super::cors::AllowedOrigins;
use super::description::Description;
use super::keeper::Keeper;
use super::{banner, log, serve};
use crate::{Options, Pool, Randomness, SeededRandomness, SigningKey};

/// Runs the server until it is told to stop (SIGINT or SIGTERM).
///
/// # Errors
/// When it cannot start; the sentence says why.
pub fn run(args: Args) -> Result<(), StartError> {
    log::start(args.log);
    let runtime = Runtime::new().map_err(|error| StartError(format!("no threads: {error}")))?;
    runtime.block_on(serve_until_stopped(args))
}

/// Why the server did not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartError(String);

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}

async fn serve_until_stopped(args: Args) -> Result<(), StartError> {
    let cannot_listen = |error| StartError(format!("cannot listen at {}: {error}", args.listen));
    let listener = TcpListener::bind(args.listen)
        .await
        .map_err(cannot_listen)?;
    let address = listener.local_addr().map_err(cannot_listen)?;
    let endpoint = args
        .endpoint
        .clone()
        .unwrap_or_else(|| format!("http://{address}"));
    let key = signing_key(&args)?;
    let control = args.control || address.ip().is_loopback();
    let mut pool = Pool::new(Options {
        issuer: args.issuer.clone().unwrap_or_else(|| endpoint.clone()),
        endpoint: endpoint.clone(),
        key,
        strict_sms: args.strict_sms,
        guide_2017: args.guide_2017,
        control,
        requests_per_second: args.requests_per_second,
        ..Options::new(&args.region)
    });
    let clock = args.clock.map_or(Clock::System, Clock::Standing);
    let mut randomness = randomness(args.seed);
    let mut text = format!("cognito-pool listens at http://{address}\n");
    for (source, description) in descriptions(&args)? {
        let created = description
            .create(&mut pool, clock.now(), randomness.as_mut())
            .map_err(|why| StartError(format!("{source}: {why}")))?;
        text.push_str(&banner::lines(&endpoint, &args.region, &created));
    }
    text.push_str("\nReady. Ctrl-C stops it.\n");
    let keeper = Keeper::start(pool, clock, randomness)
        .map_err(|error| StartError(format!("no thread for the pool: {error}")))?;

    let (stop, stopping) = watch::channel(false);
    let app = router(App {
        keeper,
        control,
        local_only: !args.control,
        allowed_origins: AllowedOrigins(args.allow_origins.into()),
        client_timeout: args.client_timeout,
        stopping: stopping.clone(),
    });
    // Whoever started the server may have closed its end; it runs all the same.
    let _ = io::stdout()
        .write_all(text.as_bytes())
        .and_then(|()| io::stdout().flush());
    tokio::spawn(async move {
        told_to_stop().await;
        tracing::info!("stopping");
        stop.send_replace(true);
        // Whoever asks twice does not want to wait.
        told_to_stop().await;
        std::process::exit(130);
    });
    serve::serve(listener, app, args.client_timeout, stopping).await;
    Ok(())
}

/// What is to be created, each with the name of where it was described.
fn descriptions(args: &Args) -> Result<Vec<(String, Description)>, StartError> {
    if args.pools.is_empty() {
        let built_in = Description::built_in(&args.region);
        return Ok(vec![("the built-in pool".to_owned(), built_in)]);
    }
    let read = |path: &std::path::PathBuf| {
        let source = path.display().to_string();
        let wrong = |why: String| StartError(format!("{source}: {why}"));
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let description = Description::parse(path, &text).map_err(wrong)?;
        Ok((source, description))
    };
    args.pools.iter().map(read).collect()
}

/// The key that signs tokens: from its file, or made, which takes a while and is not waited for
/// unless it is to be written.
fn signing_key(args: &Args) -> Result<SigningKey, StartError> {
    match &args.key {
        Some(path) if path.exists() => {
            let wrong = |why: String| StartError(format!("{}: {why}", path.display()));
            let pem = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
            SigningKey::from_pem(&pem).map_err(|error| wrong(error.to_string()))
        }
        None if args.seed.is_some() => Ok(SigningKey::development()),
        path => {
            let key = SigningKey::generate_beside(system_randomness)
                .map_err(|error| StartError(format!("no thread for the key: {error}")))?;
            if let Some(path) = path {
                write_key(path, &key)
                    .map_err(|error| StartError(format!("{}: {error}", path.display())))?;
            }
            Ok(key)
        }
    }
}

/// Writes a key where only its owner can read it.
fn write_key(path: &Path, key: &SigningKey) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let pem = key.to_pem().map_err(io::Error::other)?;
    options.open(path)?.write_all(pem.as_bytes())
}

fn randomness(seed: Option<u64>) -> Box<dyn Randomness + Send> {
    match seed {
        Some(seed) => Box::new(SeededRandomness::new(seed)),
        None => Box::new(system_randomness),
    }
}

/// The operating system's generator. Without it nothing can be kept secret, so the server ends.
fn system_randomness(bytes: &mut [u8]) {
    if let Err(error) = getrandom::fill(bytes) {
        tracing::error!(%error, "the system has no randomness");
        std::process::abort();
    }
}

/// Waits for SIGINT or, where there is such a thing, SIGTERM.
async fn told_to_stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<Option<()>>();
    tokio::select! {
        () = interrupt => {}
        _ = terminate => {}
    }
}
