//! Logs: structured, to standard error, human in development and JSON in production.

use std::{
    io::{self, IsTerminal},
    panic::PanicHookInfo,
};

use tracing::{Level, error};
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
