//! Renders hard texts for a while and checks each: `cargo run -p tests --bin fuzz_rendering -- --seconds 60 [--seed S]`.
//! Prints one line of JSON; exit code 1 with the text, cut as short as it still fails, when something does not hold.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::panic,
    reason = "a tool for developers: it prints what it found"
)]

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
    time::{Duration, Instant},
};

use service::rendering::Renderer;
use tests::{json, rendering};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((seconds, seed)) = read(&arguments) else {
        eprintln!("usage: fuzz_rendering [--seconds N] [--seed S]");
        return ExitCode::from(2);
    };
    let (renderer, corpus) = (Renderer::new(1), rendering::corpus());
    let mut generator = rendering::Generator::new(seed);
    let (begin, mut texts, mut slowest) = (Instant::now(), 0_u64, Duration::ZERO);
    while begin.elapsed() < Duration::from_secs(seconds) {
        let text = generator.text(&corpus);
        let one = Instant::now();
        if let Err(reason) = check(&renderer, &text) {
            let short = shorten(&renderer, text);
            eprintln!("{reason}\n\nthe shortest text that fails:\n{short:?}\n{:?}", check(&renderer, &short));
            return ExitCode::FAILURE;
        }
        slowest = slowest.max(one.elapsed());
        texts += 1;
    }
    println!("{}", json!({ "seed": seed, "texts": texts, "seconds": seconds, "slowest_ms": slowest.as_millis() }));
    ExitCode::SUCCESS
}

fn check(renderer: &Renderer, text: &str) -> Result<(), String> {
    let checked = catch_unwind(AssertUnwindSafe(|| rendering::check(renderer, text)));
    checked.unwrap_or_else(|_| Err("it panicked".to_owned()))
}

/// Leaves out what can be left out.
fn shorten(renderer: &Renderer, text: String) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let mut size = chars.len() / 2;
    while size > 0 {
        let mut at = 0;
        while at < chars.len() {
            let mut fewer = chars.clone();
            fewer.drain(at..(at + size).min(chars.len()));
            if check(renderer, &fewer.iter().collect::<String>()).is_err() {
                chars = fewer;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
    chars.into_iter().collect()
}

fn read(arguments: &[String]) -> Option<(u64, u64)> {
    let (mut seconds, mut seed) = (60, 1);
    for pair in arguments.chunks(2) {
        match pair {
            [name, number] if name == "--seconds" => seconds = number.parse().ok()?,
            [name, number] if name == "--seed" => seed = number.parse().ok()?,
            _ => return None,
        }
    }
    Some((seconds, seed))
}
