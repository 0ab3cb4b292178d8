//! Measures one thing and prints one line of JSON: `cargo run --release -p tests --bin measure -- WHAT [NUMBERS]`.
//!
//! One program for all, since every build of the tests links it. The tests themselves judge no time: machines differ.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a tool for developers: it prints what it measured, or stops"
)]

mod browser_import;
mod import;
mod reading;
mod rendering;
mod server;

use std::process::ExitCode;

const USAGE: &str = "usage: measure WHAT
  import [CHATS MESSAGES BYTES]   one import, and how long reads beside it take
  browser-import                  the import page in Chromium, with a ZIP of 300 MB
  reading [MESSAGES BYTES MARKS]  the page of a conversation: the server's answer, until a browser can use it, and what
                                  each new mark costs it
  rendering [MESSAGES BYTES]      rendering the messages of a page, and reading what was kept";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((what, rest)) = arguments.split_first() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let line = match what.as_str() {
        "import" => import::measure(&Numbers(rest)),
        "browser-import" => browser_import::measure(),
        "reading" => reading::measure(&Numbers(rest)),
        "rendering" => rendering::measure(&Numbers(rest)),
        server::SERVE => {
            server::serve(rest.first().expect("a directory"));
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    println!("{line}");
    ExitCode::SUCCESS
}

/// The numbers behind what is measured.
struct Numbers<'a>(&'a [String]);

impl Numbers<'_> {
    fn get(&self, at: usize, otherwise: usize) -> usize {
        self.0.get(at).map_or(otherwise, |text| text.parse().expect("a number"))
    }
}

/// Milliseconds to a tenth.
fn milliseconds(time: std::time::Duration) -> f64 {
    (time.as_secs_f64() * 1e4).round() / 10.0
}

/// Seconds to a hundredth.
fn seconds(time: std::time::Duration) -> f64 {
    (time.as_secs_f64() * 100.0).round() / 100.0
}
