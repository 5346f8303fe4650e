//! The command line.
//!
//! Read with `lexopt`: options without subcommands need neither derive macros nor the half
//! megabyte of a larger parser.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use axum::http::Uri;

use crate::money::MicroUsd;
use crate::triggers::remote::NAMES;

/// What `--help` prints.
pub const HELP: &str = "\
cognito-pool: a local Amazon Cognito user pool over HTTP, for development and tests.

Usage: cognito-pool [OPTIONS]

It answers Cognito's own protocol, so that SDKs, the AWS CLI, Amplify and Terraform need nothing but
its address. Without options there is one pool with optional MFA and one app client in memory; what
to paste into clients is printed at the start. No AWS signature is checked: whoever reaches it is
its administrator. http://127.0.0.1:9229/_pool/ shows users, messages and codes in a browser.

Where
  --listen ADDRESS     where to listen (127.0.0.1:9229; port 0 for a free one)
  --endpoint URL       where clients reach the server (http://ADDRESS)
  --issuer URL         the base of the tokens' issuer (the endpoint)
  --region REGION      the region that ids and ARNs begin with (eu-west-1)

What it holds
  --pool FILE          a user pool to create, described in TOML or JSON; may be repeated
                       (without it: one pool with optional MFA and one app client)
  --data FILE          keep everything in FILE, made if it is not there: users, codes, tokens, the
                       outbox, the clock. A request is answered once it is written (fsync). Pools
                       of --pool and the built-in one are made where FILE has none of that Id (or,
                       without an Id, that name). It is as secret as the users' data, and mode 0600
                       (without it: in memory)
  --key FILE           the RSA key that signs tokens, PKCS #8 PEM; made if it is not there
                       (without it: the key in --data, or a new one at every start)

For tests
  --seed NUMBER        random bytes that follow from NUMBER, and the development key: the same
                       requests give the same replies. For tests only
  --clock MS           a clock that stands at MS milliseconds since the epoch and moves by
                       POST /_pool/clock alone

Functions
  --trigger NAME=URL   call the function NAME (PreSignUp, PostConfirmation, PreAuthentication,
                       PostAuthentication, PreTokenGeneration, CustomMessage, UserMigration,
                       DefineAuthChallenge, CreateAuthChallenge, VerifyAuthChallengeResponse) of
                       every user pool by a POST of its event to URL (http://), which answers the
                       event with its response filled in; may be repeated
  --lambda-endpoint URL
                       call the functions whose ARNs are in a pool's LambdaConfig by Lambda's Invoke
                       at URL; they win over --trigger

Who may do what
  --control            answer /_pool/ (outbox with every code, clock) also beyond loopback
  --allow-origin ORIGIN
                       pages of ORIGIN (https://admin.example) may do what pages of this machine
                       may: call administrators' operations, IAM, SNS, Support and /_pool/; may
                       be repeated

How strict it is
  --sms-limit USD      what the account may spend on SMS in a month (1.00, as of a new account; what
                       --data has kept). A MonthlySpendLimit of --pool gives way to it
  --strict-sms         answer CodeDeliveryFailureException when an SMS was dropped
  --guide-2017         refuse required MFA at creation without a required email or phone number
  --requests-per-second N
                       throttle each app client to N requests a second
  --client-timeout S   seconds that a client may take to send a request (10)

Others
  --log FORMAT         text, json or off (text): a line for each request, to standard error, without
                       any secret
  --help, --version

Examples
  cognito-pool --pool pool.toml --data pool.db
  cognito-pool --listen 0.0.0.0:9229 --endpoint http://cognito:9229 --control
  cognito-pool --trigger PreSignUp=http://127.0.0.1:3000/pre-sign-up

Signals and exit codes
  SIGINT, SIGTERM      finish open requests and end (0); the second one ends at once (130)
  1                    it could not start; why is said on standard error
  2                    the command line is wrong
";

/// What the server was told on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Args {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Descriptions of user pools to create.
    pub pools: Vec<PathBuf>,
    /// Where everything is kept; in memory by default.
    pub data: Option<PathBuf>,
    /// The region of ids and ARNs.
    pub region: String,
    /// Where clients reach the server; `http://` and the address it listens at by default.
    pub endpoint: Option<String>,
    /// The base of the tokens' issuer; the endpoint by default.
    pub issuer: Option<String>,
    /// Where the signing key is kept.
    pub key: Option<PathBuf>,
    /// What random bytes follow from.
    pub seed: Option<u64>,
    /// Where the clock stands, in milliseconds since the epoch.
    pub clock: Option<u64>,
    /// Whether the control surface is answered beyond loopback.
    pub control: bool,
    /// Origins of elsewhere whose pages may do what pages of this machine may.
    pub allow_origins: Vec<String>,
    /// Where functions are, by the names of `LambdaConfig`.
    pub triggers: BTreeMap<String, String>,
    /// Where the functions of `LambdaConfig` are invoked.
    pub lambda_endpoint: Option<String>,
    /// What the account may spend on SMS in a month; as kept or described by default.
    pub sms_limit: Option<MicroUsd>,
    /// Whether a dropped SMS is an error.
    pub strict_sms: bool,
    /// Whether the rule of the guide of 2017 on required MFA holds.
    pub guide_2017: bool,
    /// How many requests an app client may make in a second.
    pub requests_per_second: Option<u32>,
    /// How long a client may take to send a request's head, and again its body.
    pub client_timeout: Duration,
    /// How the log is written.
    pub log: LogFormat,
}

/// How the log is written to standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// A line of `key=value`.
    Text,
    /// A line of JSON.
    Json,
    /// Not at all.
    Off,
}

impl Default for Args {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 9229)),
            pools: Vec::new(),
            data: None,
            region: "eu-west-1".to_owned(),
            endpoint: None,
            issuer: None,
            key: None,
            seed: None,
            clock: None,
            control: false,
            allow_origins: Vec::new(),
            triggers: BTreeMap::new(),
            lambda_endpoint: None,
            sms_limit: None,
            strict_sms: false,
            guide_2017: false,
            requests_per_second: None,
            client_timeout: Duration::from_secs(10),
            log: LogFormat::Text,
        }
    }
}

impl Args {
    /// Reads a command line, the program's name first.
    ///
    /// # Errors
    /// [`ArgsError::Help`] and [`ArgsError::Version`] when these were asked for, else what is wrong.
    pub fn parse(line: impl IntoIterator<Item = OsString>) -> Result<Self, ArgsError> {
        use lexopt::prelude::{Long, Short, ValueExt};

        let mut args = Self::default();
        let mut parser = lexopt::Parser::from_iter(line);
        while let Some(argument) = parser.next()? {
            match argument {
                Long("listen") => args.listen = parser.value()?.parse()?,
                Long("pool") => args.pools.push(parser.value()?.into()),
                Long("data") => args.data = Some(parser.value()?.into()),
                Long("region") => args.region = parser.value()?.string()?,
                Long("endpoint") => args.endpoint = Some(base_url(parser.value()?.string()?)?),
                Long("issuer") => args.issuer = Some(base_url(parser.value()?.string()?)?),
                Long("key") => args.key = Some(parser.value()?.into()),
                Long("seed") => args.seed = Some(parser.value()?.parse()?),
                Long("clock") => args.clock = Some(parser.value()?.parse()?),
                Long("control") => args.control = true,
                Long("allow-origin") => {
                    args.allow_origins.push(origin(parser.value()?.string()?)?);
                }
                Long("trigger") => {
                    let (name, url) = trigger(&parser.value()?.string()?)?;
                    args.triggers.insert(name, url);
                }
                Long("lambda-endpoint") => {
                    let url = base_url(parser.value()?.string()?)?;
                    args.lambda_endpoint = Some(plain_http("--lambda-endpoint", url)?);
                }
                Long("sms-limit") => args.sms_limit = Some(parser.value()?.parse()?),
                Long("strict-sms") => args.strict_sms = true,
                Long("guide-2017") => args.guide_2017 = true,
                Long("requests-per-second") => {
                    args.requests_per_second = Some(parser.value()?.parse()?);
                }
                Long("client-timeout") => {
                    // Bounded, so that no later sum of times can overflow.
                    let seconds: u32 = parser.value()?.parse()?;
                    args.client_timeout = Duration::from_secs(seconds.clamp(1, 3600).into());
                }
                Long("log") => {
                    args.log = match parser.value()?.string()?.as_str() {
                        "text" => LogFormat::Text,
                        "json" => LogFormat::Json,
                        "off" => LogFormat::Off,
                        other => {
                            return Err(ArgsError::Wrong(format!(
                                "--log is text, json or off, not '{other}'"
                            )));
                        }
                    };
                }
                Long("help") | Short('h') => return Err(ArgsError::Help),
                Long("version") | Short('V') => return Err(ArgsError::Version),
                _ => return Err(argument.unexpected().into()),
            }
        }
        Ok(args)
    }
}

/// Why there are no [`Args`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArgsError {
    /// Help was asked for.
    Help,
    /// The version was asked for.
    Version,
    /// The command line is wrong: this sentence says how.
    Wrong(String),
}

impl From<lexopt::Error> for ArgsError {
    fn from(error: lexopt::Error) -> Self {
        Self::Wrong(error.to_string())
    }
}

impl std::fmt::Display for ArgsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Help => f.write_str("help was asked for"),
            Self::Version => f.write_str("the version was asked for"),
            Self::Wrong(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for ArgsError {}

/// A URL that paths are appended to.
fn base_url(url: String) -> Result<String, ArgsError> {
    if url.starts_with("http://") || url.starts_with("https://") {
        return Ok(url.trim_end_matches('/').to_owned());
    }
    Err(ArgsError::Wrong(format!(
        "'{url}' does not begin with http:// or https://"
    )))
}

/// A function and where it is.
fn trigger(text: &str) -> Result<(String, String), ArgsError> {
    let (name, url) = text.split_once('=').unwrap_or((text, ""));
    if !NAMES.contains(&name) {
        return Err(ArgsError::Wrong(format!(
            "--trigger is NAME=URL, NAME one of {}, not '{text}'",
            NAMES.join(", ")
        )));
    }
    Ok((name.to_owned(), plain_http("--trigger", url.to_owned())?))
}

/// A URL that is called without TLS.
fn plain_http(option: &str, url: String) -> Result<String, ArgsError> {
    let parsed: Option<Uri> = url.parse().ok();
    let host = parsed.as_ref().and_then(|url| url.authority());
    let fits = host.is_some_and(|it| !it.host().is_empty() && !it.as_str().contains('@'));
    if !fits || !url.starts_with("http://") {
        return Err(ArgsError::Wrong(format!(
            "{option} takes a URL like http://127.0.0.1:3000/path, without TLS and password, not \
             '{url}'"
        )));
    }
    Ok(url)
}

/// An origin as browsers write it: scheme and host, no path. Not all of them at once: that would
/// make every website an administrator.
fn origin(text: String) -> Result<String, ArgsError> {
    let host = text.split_once("://").map_or("", |(_, host)| host);
    if host.is_empty() || host.contains(['/', '*', '?', '#', '@']) {
        return Err(ArgsError::Wrong(format!(
            "--allow-origin is an origin like https://admin.example, not '{text}'"
        )));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn parse(line: &str) -> Result<Args, ArgsError> {
        Args::parse(
            std::iter::once("cognito-pool")
                .chain(line.split_whitespace())
                .map(OsString::from),
        )
    }

    #[test]
    fn nothing_said_is_the_default() {
        assert_eq!(parse(""), Ok(Args::default()));
        assert!(Args::default().listen.ip().is_loopback());
    }

    #[test]
    fn everything_said() {
        let args = parse(
            "--listen [::1]:0 --pool a.toml --pool=b.json --data kept.db --region us-east-1 \
             --endpoint https://pool.example/ --issuer http://issuer --key key.pem --seed 7 \
             --clock 1000 --control --allow-origin https://a.example --sms-limit 2.50 --strict-sms \
             --trigger PreSignUp=http://[::1]:3000/a?b=c --lambda-endpoint http://lambda:9001/ \
             --guide-2017 --requests-per-second 5 --client-timeout 2 \
             --log json",
        );
        let expected = Args {
            listen: "[::1]:0".parse().unwrap(),
            pools: vec!["a.toml".into(), "b.json".into()],
            data: Some("kept.db".into()),
            region: "us-east-1".to_owned(),
            endpoint: Some("https://pool.example".to_owned()),
            issuer: Some("http://issuer".to_owned()),
            key: Some("key.pem".into()),
            seed: Some(7),
            clock: Some(1000),
            control: true,
            allow_origins: vec!["https://a.example".to_owned()],
            triggers: [("PreSignUp".to_owned(), "http://[::1]:3000/a?b=c".to_owned())].into(),
            lambda_endpoint: Some("http://lambda:9001".to_owned()),
            sms_limit: Some(MicroUsd::new(2_500_000)),
            strict_sms: true,
            guide_2017: true,
            requests_per_second: Some(5),
            client_timeout: Duration::from_secs(2),
            log: LogFormat::Json,
        };
        assert_eq!(args, Ok(expected));
    }

    #[test]
    fn mistakes_are_named() {
        for (line, word) in [
            ("--listen here", "here"),
            ("--seed x", "x"),
            ("--seed", "--seed"),
            ("--nonsense", "--nonsense"),
            ("stray", "stray"),
            ("--issuer example.org", "example.org"),
            ("--log loud", "loud"),
            ("--sms-limit -1", "-1"),
            ("--sms-limit 1,50", "1,50"),
            ("--sms-limit 0.0000001", "0.0000001"),
            ("--allow-origin *", "*"),
            ("--trigger PreSignUp", "--trigger"),
            ("--trigger PreSignup=http://a.example", "PostConfirmation"),
            ("--trigger PreSignUp=https://a.example", "https://a.example"),
            ("--trigger PreSignUp=http://", "http://"),
            ("--lambda-endpoint https://a.example", "https://a.example"),
            (
                "--lambda-endpoint http://me:secret@a.example",
                "without TLS",
            ),
            ("--allow-origin https://a.example/path", "/path"),
        ] {
            match parse(line) {
                Err(ArgsError::Wrong(what)) => assert!(what.contains(word), "{line}: {what}"),
                other => panic!("{line}: {other:?}"),
            }
        }
        assert_eq!(parse("--help"), Err(ArgsError::Help));
        assert_eq!(parse("-V"), Err(ArgsError::Version));
    }

    #[test]
    fn help_names_every_option_and_fits_a_terminal() {
        for option in [
            "listen",
            "pool",
            "region",
            "endpoint",
            "issuer",
            "key",
            "seed",
            "clock",
            "control",
            "allow-origin",
            "trigger",
            "lambda-endpoint",
            "data",
            "sms-limit",
            "strict-sms",
            "guide-2017",
            "requests-per-second",
            "client-timeout",
            "log",
            "help",
            "version",
        ] {
            assert!(HELP.contains(&format!("--{option}")), "{option}");
        }
        assert!(HELP.lines().all(|line| line.len() <= 100));
    }
}
