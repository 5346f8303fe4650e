//! From the command line to a server that runs, and to its end.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::{oneshot, watch};

use super::app::{App, router};
use super::args::Args;
use super::clock::Clock;
use super::cors::AllowedOrigins;
use super::keeper::Keeper;
use super::store::{Contents, Store, StoreError};
use super::writer::KeyKeeper;
use super::{log, serve};
use crate::banner;
use crate::description::Description;
use crate::tokens::KeyError;
use crate::triggers::remote::Callbacks;
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
    let kept = match &args.data {
        Some(path) => Some(Store::open(path).map_err(|error| StartError(error.to_string()))?),
        None => None,
    };
    let (key, new_key) = signing_key(&args, &kept)?;
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
    pool.set_callbacks(Callbacks {
        urls: args.triggers.clone(),
        lambda: args.lambda_endpoint.clone(),
    });
    let clock = args.clock.map_or(Clock::System, Clock::Standing);
    let (store, starts) = begin(&mut pool, kept)?;
    let mut randomness = randomness(args.seed, starts);
    let mut text = format!("cognito-pool listens at http://{address}\n");
    if control {
        text.push_str(&banner::window(&endpoint));
    }
    // All of them are looked for before any is made: two descriptions may have one name.
    let described = descriptions(&args)?;
    let found: Vec<_> = described.iter().map(|(_, it)| it.found(&pool)).collect();
    for ((source, description), found) in described.into_iter().zip(found) {
        let created = match found {
            Some(there) => there,
            None => description
                .create(&mut pool, clock.now(), randomness.as_mut())
                .map_err(|why| StartError(format!("{source}: {why}")))?,
        };
        text.push_str(&banner::lines(&endpoint, &args.region, &created));
    }
    if let Some(limit) = args.sms_limit {
        pool.account_mut().grant_monthly_spend(limit);
        pool.note_changes();
    }
    text.push_str("\nReady. Ctrl-C stops it.\n");
    let store = keep_first(&mut pool, store)?;
    let (gives_keeper, not_kept) = new_key.unzip();
    let keeper = Keeper::start(pool, store, gives_keeper, clock, randomness)
        .map_err(|error| StartError(format!("no thread for the pool: {error}")))?;

    let (stop, stopping) = watch::channel(false);
    let app = router(App {
        keeper: keeper.clone(),
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
    let stops = stop.clone();
    let key_failed = tokio::spawn(async move {
        // It ends with the thread that makes the key.
        let why = not_kept?.await.ok()?;
        stops.send_replace(true);
        Some(StartError(why.to_string()))
    });
    tokio::spawn(async move {
        told_to_stop().await;
        tracing::info!("stopping");
        stop.send_replace(true);
        // Whoever asks twice does not want to wait.
        told_to_stop().await;
        std::process::exit(130);
    });
    serve::serve(listener, app, args.client_timeout, stopping).await;
    keeper.close().await;
    match key_failed.await {
        Ok(Some(why)) => Err(why),
        _ => Ok(()),
    }
}

/// Takes what a file holds into the pool. Gives also how often it was opened before.
fn begin(
    pool: &mut Pool,
    kept: Option<(Store, Contents)>,
) -> Result<(Option<Store>, u64), StartError> {
    let Some((store, contents)) = kept else {
        return Ok((None, 0));
    };
    pool.begin_with(contents.rows)
        .map_err(|_| StartError(StoreError::other_rows().to_string()))?;
    Ok((Some(store), contents.starts))
}

/// Writes what was made at the start.
fn keep_first(pool: &mut Pool, store: Option<Store>) -> Result<Option<Store>, StartError> {
    let Some(mut store) = store else {
        return Ok(None);
    };
    let written = store.write(&pool.take_changes().unwrap_or_default());
    written.map_err(|error| StartError(error.to_string()))?;
    Ok(Some(store))
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

/// A key that is being made for the file of `--data`: where to say what keeps it, and why it could not.
type NewKey = (mpsc::Sender<KeyKeeper>, oneshot::Receiver<StoreError>);

/// The key that signs tokens: from its own file, from that of `--data`, or made, which takes a while
/// and is not waited for unless it is to have a file of its own.
fn signing_key(
    args: &Args,
    kept: &Option<(Store, Contents)>,
) -> Result<(SigningKey, Option<NewKey>), StartError> {
    let wrong =
        |path: &Path, why: &dyn std::fmt::Display| StartError(format!("{}: {why}", path.display()));
    let in_file = kept
        .as_ref()
        .and_then(|(_, contents)| contents.key.as_deref());
    let no_thread = |error| StartError(format!("no thread for the key: {error}"));
    let key = match (&args.key, &args.data, in_file) {
        (Some(path), ..) if path.exists() => {
            let pem = std::fs::read_to_string(path).map_err(|error| wrong(path, &error))?;
            SigningKey::from_pem(&pem).map_err(|error| wrong(path, &error))?
        }
        (None, Some(path), Some(pem)) => {
            SigningKey::from_pem(pem).map_err(|error| wrong(path, &error))?
        }
        (None, ..) if args.seed.is_some() => SigningKey::development(),
        (None, Some(_), None) => {
            let (gives_keeper, keeper) = mpsc::channel::<KeyKeeper>();
            let (says_why, not_kept) = oneshot::channel();
            let keep = move |pem| {
                // Where there is none, the server has not started.
                let keeper = keeper.recv().map_err(|_| KeyError::not_kept())?;
                keeper.keep(pem).map_err(|why| {
                    let _ = says_why.send(why);
                    KeyError::not_kept()
                })
            };
            let key = SigningKey::generate_beside(system_randomness, keep).map_err(no_thread)?;
            return Ok((key, Some((gives_keeper, not_kept))));
        }
        (path, ..) => {
            let key = SigningKey::generate_beside(system_randomness, |_| Ok(()));
            let key = key.map_err(no_thread)?;
            if let Some(path) = path {
                write_key(path, &key).map_err(|error| wrong(path, &error))?;
            }
            key
        }
    };
    Ok((key, None))
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

/// What was kept holds what was drawn before: the bytes of a second start are others.
fn randomness(seed: Option<u64>, starts: u64) -> Box<dyn Randomness + Send> {
    match seed {
        Some(seed) => Box::new(SeededRandomness::new(
            seed.wrapping_add(starts.wrapping_shl(32)),
        )),
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
