//! The `migration` program: applies, takes back and shows migrations.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use migration::{DatabaseUrl, DatabaseUrlError, MigrationError, schema};
use tracing_subscriber::EnvFilter;

/// Applies, takes back and shows the migrations of a Colloquium database.
///
/// DATABASE_URL says which database (or DATABASE_URL_FILE, a file that holds it); the default is the SQLite file
/// colloquium.db in COLLOQUIUM_DATA_DIR (./data).
#[derive(Parser)]
#[command(name = "migration", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Apply what is pending.
    Up {
        /// Stay afterwards until asked to stop, for a container whose health others wait for.
        #[arg(long)]
        stay: bool,
    },
    /// Take back the newest migrations.
    Down {
        /// How many.
        #[arg(short = 'n', default_value_t = 1)]
        steps: usize,
    },
    /// Show every migration and whether it is applied; changes nothing.
    Status,
    /// Say whether everything is applied, by exit code 0 or 1: the health of a container that migrates and stays.
    Check,
    /// Drop all tables with everything in them and build them anew; refused in production.
    Fresh,
    /// Print the schema document; needs no database.
    Schema,
}

/// What ends the program other than well.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("DATABASE_URL: {0}")]
    Url(#[from] DatabaseUrlError),
    #[error("DATABASE_URL_FILE: cannot read {}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("DATABASE_URL and DATABASE_URL_FILE are both set: keep one")]
    Both,
    #[error("{name} is not UTF-8 text")]
    Text { name: &'static str },
    #[error(transparent)]
    Migration(#[from] MigrationError),
    #[error("pending: {}; run `migration up`", .0.join(", "))]
    Pending(Vec<String>),
    #[error("cannot write, or wait for signals: {0}")]
    Output(#[from] io::Error),
}

impl Failure {
    /// 78 is `EX_CONFIG`: the settings are wrong, and starting again will not help.
    fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Migration(_) | Self::Pending(_) | Self::Output(_) => 1,
            Self::Url(_) | Self::File { .. } | Self::Both | Self::Text { .. } => 78,
        })
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
    match run(Arguments::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nobody is left to tell when even this cannot be written.
            writeln!(io::stderr(), "migration: {failure}").ok();
            failure.exit_code()
        }
    }
}

async fn run(command: Command) -> Result<(), Failure> {
    let mut out = io::stdout();
    match command {
        Command::Schema => write!(out, "{}", schema::current_document().await?)?,
        Command::Up { stay } => {
            // Taken over first: as the first process of a container a signal would not end it otherwise.
            let asked_to_stop = stay.then(stop).transpose()?;
            let applied = migration::up(&database()?).await?;
            if let Some(copy) = &applied.copy {
                writeln!(out, "copied the database of before to {}", copy.display())?;
            }
            tell(&mut out, "applied", &applied.migrations)?;
            if let Some(asked_to_stop) = asked_to_stop {
                asked_to_stop.await;
            }
        }
        Command::Check => {
            let all = migration::status(&database()?).await?;
            let pending: Vec<String> = all.into_iter().filter(|(_, applied)| !applied).map(|(name, _)| name).collect();
            if !pending.is_empty() {
                return Err(Failure::Pending(pending));
            }
            writeln!(out, "ok")?;
        }
        Command::Down { steps } => {
            tell(&mut out, "took back", &migration::down(&database()?, steps).await?.migrations)?;
        }
        Command::Fresh => {
            let production = variable("COLLOQUIUM_PROFILE")?
                .is_some_and(|profile| profile.trim().eq_ignore_ascii_case("production"));
            tell(&mut out, "applied", &migration::fresh(&database()?, production).await?.migrations)?;
        }
        Command::Status => {
            for (name, applied) in migration::status(&database()?).await? {
                writeln!(out, "{} {name}", if applied { "applied" } else { "pending" })?;
            }
        }
    }
    Ok(())
}

/// The signal by which service managers and people ask a program to stop.
#[cfg(unix)]
fn stop() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Elsewhere there is Ctrl+C.
#[cfg(not(unix))]
fn stop() -> io::Result<impl Future<Output = ()>> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}

fn tell(out: &mut impl Write, what: &str, migrations: &[String]) -> io::Result<()> {
    if migrations.is_empty() {
        writeln!(out, "nothing to do")?;
    }
    for name in migrations {
        writeln!(out, "{what} {name}")?;
    }
    Ok(())
}

fn database() -> Result<DatabaseUrl, Failure> {
    match (variable("DATABASE_URL")?, variable("DATABASE_URL_FILE")?) {
        (Some(_), Some(_)) => Err(Failure::Both),
        (Some(text), None) => Ok(text.parse()?),
        (None, Some(path)) => {
            let path = PathBuf::from(path);
            let text = std::fs::read_to_string(&path).map_err(|source| Failure::File { path, source })?;
            Ok(text.parse()?)
        }
        (None, None) => {
            let directory = variable("COLLOQUIUM_DATA_DIR")?.unwrap_or_else(|| "./data".to_owned());
            Ok(DatabaseUrl::file(PathBuf::from(directory).join("colloquium.db")))
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a program of its own, which reads its three settings here")]
fn variable(name: &'static str) -> Result<Option<String>, Failure> {
    match std::env::var(name) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(Failure::Text { name }),
    }
}
