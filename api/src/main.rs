//! The `colloquium` program: serves, or does what the operator asks.

use std::{ffi::OsString, pin::pin, process::ExitCode};

use api::{
    admin,
    config::Config,
    demo, operator,
    signals::Signals,
    startup::{self, Application, DRAIN, StartError},
    state::Clock,
    telemetry::{self, traces::Traces},
};
use clap::{Parser, Subcommand};
use service::Db;
use tokio::{join, select, time::sleep};
use tracing::{info, warn};

/// The exit code for a configuration that cannot be used (`EX_CONFIG` of sysexits.h).
const BAD_CONFIG: u8 = 78;

/// Keep, read and discuss a class's conversations with AI. Without a command it serves.
#[derive(Parser)]
#[command(name = "colloquium", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve.
    Serve,
    /// Ask the server that runs with this configuration whether it is well.
    Health,
    /// Look at the configuration.
    #[command(subcommand)]
    Config(OfConfig),
    /// Look at the database's schema.
    #[command(subcommand)]
    Schema(OfSchema),
    /// Look after accounts.
    #[command(subcommand)]
    Admin(admin::Command),
    /// Fill an empty database with a class to look around in, and print its passwords.
    Demo,
}

#[derive(Subcommand)]
enum OfConfig {
    /// Check it as a start does, and open nothing: every mistake is a line, and the exit code 78.
    Check,
}

#[derive(Subcommand)]
enum OfSchema {
    /// Compare it with what this version works with: every difference is a line, and the exit code 1.
    Check,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let config = match Config::from_vars(variables()) {
        Ok(config) => config,
        Err(errors) => {
            errors.iter().for_each(|error| say(&format!("colloquium: {error}")));
            return ExitCode::from(BAD_CONFIG);
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    let code = runtime.block_on(async {
        match arguments.command.unwrap_or(Command::Serve) {
            Command::Serve => serve(&config).await,
            Command::Health => health(&config),
            Command::Config(OfConfig::Check) => {
                tell("ok");
                ExitCode::SUCCESS
            }
            Command::Schema(OfSchema::Check) => check_schema(&config).await,
            Command::Admin(command) => administer(&config, command).await,
            Command::Demo => show_around(&config).await,
        }
    });
    // Without waiting for what still computes: whoever asked twice to stop would wait for it.
    runtime.shutdown_background();
    code
}

/// The environment. A value that is not text is made one, so that it is refused like any other nonsense.
fn variables() -> impl Iterator<Item = (String, String)> {
    let text = |part: OsString| part.to_string_lossy().into_owned();
    std::env::vars_os().map(move |(key, value)| (text(key), text(value)))
}

async fn serve(config: &Config) -> ExitCode {
    let traces = match start_telemetry(config) {
        Ok(traces) => traces,
        Err(error) => return fail(&*error),
    };
    let mut signals = match Signals::listen() {
        Ok(signals) => signals,
        Err(error) => return fail(&error),
    };
    let application = select! {
        built = Application::build(config, Clock::system()) => match built {
            Ok(application) => application,
            Err(error) => return fail(&error),
        },
        signal = signals.next() => {
            info!(signal = signal.name(), "asked to stop before anything was served");
            return ExitCode::SUCCESS;
        }
    };
    say(&format!("Colloquium listens on http://{}", application.addr()));
    let (draining, server) = (application.draining(), application.handle());
    let mut running = pin!(application.run());
    let signal = select! {
        served = &mut running => return ended(served),
        signal = signals.next() => signal,
    };
    let stop = async {
        draining.begin();
        let notice = config.stop_notice;
        info!(signal = signal.name(), notice_s = notice.as_secs(), "asked to stop; not ready any more");
        sleep(notice).await;
        info!(within_s = DRAIN, "no new connections; requests under way may end");
        server.stop(true).await;
    };
    select! {
        (served, ()) = async { join!(running, stop) } => {
            traces.inspect(Traces::flush);
            ended(served)
        }
        second = signals.next() => {
            warn!(signal = second.name(), "asked again; stopping at once");
            ExitCode::from(second.exit_code())
        }
    }
}

fn start_telemetry(config: &Config) -> Result<Option<Traces>, Box<dyn std::error::Error>> {
    let traces = config.traces.as_ref().map(Traces::to).transpose()?;
    telemetry::start(config.log_format, telemetry::filter(config.log_filter.as_deref())?, traces.as_ref())?;
    telemetry::log_panics();
    Ok(traces)
}

fn ended(served: std::io::Result<()>) -> ExitCode {
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn health(config: &Config) -> ExitCode {
    match operator::health(config.bind) {
        Ok((well, said)) => {
            tell(&said);
            if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            say(&format!("colloquium: nobody answers at {}: {error}", config.bind));
            ExitCode::FAILURE
        }
    }
}

async fn check_schema(config: &Config) -> ExitCode {
    if config.database.is_memory() {
        return no_memory();
    }
    match migration::schema::drift(&config.database).await {
        Ok(differences) if differences.is_empty() => {
            tell("ok");
            ExitCode::SUCCESS
        }
        Ok(differences) => {
            differences.iter().for_each(|line| tell(line));
            ExitCode::FAILURE
        }
        Err(error) => fail(&error),
    }
}

/// The refusal of commands that look into a database.
fn no_memory() -> ExitCode {
    say("colloquium: this database is in memory and gone when the command ends; name the server's own DATABASE_URL");
    ExitCode::from(BAD_CONFIG)
}

async fn administer(config: &Config, command: admin::Command) -> ExitCode {
    on_database(config, startup::open_existing(config), async |db| {
        admin::run(db, config, &Clock::system(), command).await.map_err(|error| admin::explain(&error))
    })
    .await
}

async fn show_around(config: &Config) -> ExitCode {
    on_database(config, startup::open(config), async |db| {
        demo::run(db, config, &Clock::system()).await.map_err(|error| error.to_string())
    })
    .await
}

/// Does something to the server's database and says what came of it.
async fn on_database(
    config: &Config,
    opening: impl Future<Output = Result<Db, StartError>>,
    work: impl AsyncFnOnce(&Db) -> Result<String, String>,
) -> ExitCode {
    if config.database.is_memory() {
        return no_memory();
    }
    let db = match opening.await {
        Ok(db) => db,
        Err(error) => return fail(&error),
    };
    let done = work(&db).await;
    let closed = db.close().await;
    match done.and_then(|said| closed.map(|()| said).map_err(|error| error.to_string())) {
        Ok(said) => {
            tell(&said);
            ExitCode::SUCCESS
        }
        Err(error) => {
            say(&format!("colloquium: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn fail(error: &dyn std::error::Error) -> ExitCode {
    say(&format!("colloquium: {error}"));
    ExitCode::FAILURE
}

/// To the operator, beside the logs.
#[expect(clippy::print_stderr, reason = "the program's own voice, not a log")]
fn say(line: &str) {
    eprintln!("{line}");
}

/// The outcome a script reads.
#[expect(clippy::print_stdout, reason = "what the command was asked for")]
fn tell(line: &str) {
    println!("{line}");
}
