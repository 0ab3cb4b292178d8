//! The server with guards left out, by name, so that tests can show what happens then; else as `colloquium` serves.

#![allow(clippy::print_stderr, reason = "the line that tests wait for")]

use std::{error::Error, process::ExitCode};

use api::{config::Config, startup::Application, state::Clock, telemetry};

fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("unguarded: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> Result<(), Box<dyn Error>> {
    let mut config = Config::from_vars(std::env::vars()).map_err(|errors| format!("{errors:?}"))?;
    for name in std::env::args().skip(1) {
        let guards = &mut config.guards;
        let guard = match name.as_str() {
            "detached" => &mut guards.detached,
            "tidied" => &mut guards.tidied,
            "in_turn" => &mut guards.in_turn,
            "retried" => &mut guards.retried,
            "watched" => &mut guards.watched,
            _ => return Err(format!("no guard is called {name}").into()),
        };
        *guard = false;
    }
    telemetry::start(config.log_format, telemetry::filter(config.log_filter.as_deref())?, None)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let application = Application::build(&config, Clock::system()).await?;
        eprintln!("Colloquium listens on http://{}", application.addr());
        application.run().await?;
        Ok(())
    })
}
