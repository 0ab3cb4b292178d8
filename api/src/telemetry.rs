//! Logs: structured, to standard error, human in development and JSON in production.

use std::io::{self, IsTerminal};

use tracing::Level;
use tracing_subscriber::{EnvFilter, filter::filter_fn, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::LogFormat;

/// Begins to log. What `RUST_LOG` says counts, `info` if it says nothing; what could print a secret never passes.
///
/// # Errors
/// When something logs already.
pub fn start(format: LogFormat, filter: Option<&str>) -> Result<(), tracing_subscriber::util::TryInitError> {
    let filter = EnvFilter::builder().parse_lossy(filter.unwrap_or("info,actix_server=warn"));
    // SeaORM notes the whole connection URL, password and all, in its spans at TRACE. A filter of its own, since in one
    // with the rest a longer target in RUST_LOG would win.
    let harmless = filter_fn(|metadata| !metadata.target().starts_with("sea_orm") || *metadata.level() <= Level::INFO);
    let registry = tracing_subscriber::registry().with(filter).with(harmless);
    match format {
        LogFormat::Text => registry
            .with(fmt::layer().with_target(false).with_ansi(io::stderr().is_terminal()).with_writer(io::stderr))
            .try_init(),
        LogFormat::Json => {
            let json = fmt::layer().json().flatten_event(true).with_current_span(true).with_span_list(false);
            registry.with(json.with_writer(io::stderr)).try_init()
        }
    }
}
