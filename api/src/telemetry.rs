//! Logs: structured, to standard error, human in development and JSON in production. Traces where a collector is named.

pub mod traces;

use std::{
    io::{self, IsTerminal},
    panic::PanicHookInfo,
};

use tracing::{Level, error};
use tracing_subscriber::{
    EnvFilter, filter::LevelFilter, filter::filter_fn, fmt, layer::SubscriberExt, util::SubscriberInitExt,
    util::TryInitError,
};

use self::traces::Traces;
use crate::config::LogFormat;

/// What is logged if `RUST_LOG` says nothing.
const USUAL: &str = "info,actix_server=warn";

/// Reads what `RUST_LOG` says.
///
/// # Errors
/// What is wrong with it.
pub fn filter(text: Option<&str>) -> Result<EnvFilter, String> {
    let text = text.unwrap_or(USUAL);
    // A word alone would be taken for a target, and a mistyped level for one that nothing has: silence.
    let alone = text.split(',').map(str::trim).filter(|word| !word.is_empty() && !word.contains(['=', '[']));
    for word in alone {
        if word.parse::<LevelFilter>().is_err() {
            return Err(format!("{word:?} is no level"));
        }
    }
    EnvFilter::builder().parse(text).map_err(|error| error.to_string())
}

/// Begins to log what passes `filter`; what could print a secret never does.
///
/// # Errors
/// When something logs already.
pub fn start(format: LogFormat, filter: EnvFilter, traces: Option<&Traces>) -> Result<(), TryInitError> {
    // SeaORM notes the whole connection URL, password and all, in its spans at TRACE. A filter of its own, since in one
    // with the rest a longer target in RUST_LOG would win.
    let harmless = filter_fn(|metadata| !metadata.target().starts_with("sea_orm") || *metadata.level() <= Level::INFO);
    let registry = tracing_subscriber::registry().with(filter).with(harmless).with(traces.map(Traces::layer));
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

/// Lets panics be logged like everything else.
pub fn log_panics() {
    std::panic::set_hook(Box::new(note_panic));
}

/// One line, in the span of the request it happened in. The place and not the text: `unwrap` and its like put into their
/// text what they found, which may be somebody's words.
fn note_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    error!(place, "panicked");
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex, PoisonError};

    use tracing::{info_span, subscriber::with_default};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_panic_is_logged_by_its_place_and_never_by_its_text() {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        let usual = std::panic::take_hook();
        log_panics();
        let panicked = with_default(subscriber, || {
            let span = info_span!("request", id = "the-one");
            span.in_scope(|| std::panic::catch_unwind(|| panic!("the words of {}", "Ana")))
        });
        std::panic::set_hook(usual);
        assert!(panicked.is_err());
        let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert_eq!(log.lines().count(), 1, "{log}");
        assert!(log.contains("panicked") && log.contains("the-one") && log.contains("telemetry.rs:"), "{log}");
        assert!(!log.contains("words") && !log.contains("Ana"), "{log}");
    }
}
