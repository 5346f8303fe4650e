//! The local user pool as a program: see `cognito-pool --help`.
#![forbid(unsafe_code)]

use std::io::Write;
use std::process::ExitCode;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> ExitCode {
    use cognito_pool::http::{Args, ArgsError, HELP, run};

    let args = match Args::parse(std::env::args_os()) {
        Ok(args) => args,
        Err(ArgsError::Help) => return say(&mut std::io::stdout(), HELP, ExitCode::SUCCESS),
        Err(ArgsError::Version) => {
            let version = concat!("cognito-pool ", env!("CARGO_PKG_VERSION"));
            return say(&mut std::io::stdout(), version, ExitCode::SUCCESS);
        }
        Err(error) => {
            let text = format!("{error}\nTry --help.");
            return say(&mut std::io::stderr(), &text, ExitCode::from(2));
        }
    };
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => say(
            &mut std::io::stderr(),
            &error.to_string(),
            ExitCode::FAILURE,
        ),
    }
}

/// A module of wasm has no address to listen at: there the library is used alone.
#[cfg(target_arch = "wasm32")]
fn main() -> ExitCode {
    say(
        &mut std::io::stderr(),
        "cognito-pool does not run as wasm",
        ExitCode::FAILURE,
    )
}

/// Writes a line; that nobody reads it is no reason to end differently.
fn say(out: &mut dyn Write, text: &str, code: ExitCode) -> ExitCode {
    let _ = writeln!(out, "{}", text.trim_end());
    code
}
