//! Runs the fault battery: `cargo run -p tests --bin battery -- T2 [--count N] [--seed S]`, or `all`, on the engine that
//! `TEST_ENGINE` names. Prints one line of JSON a run; exit code 1 when one of them is red.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a tool for developers: it prints what it measured")]

use std::process::ExitCode;

use tests::battery::{self, Report};

/// A run: its id, how often by default, and the function.
type Run = (&'static str, u64, fn(u64, u64) -> Report);

const RUNS: [Run; 8] = [
    ("T2", 50, battery::killed),
    ("T5", 5, battery::full_disk),
    ("T7", 300, battery::disturbed),
    ("T10", 2_000, battery::cancelled),
    ("T11", 5, battery::together),
    ("T15", 1_000, battery::slow),
    ("T17", 3, battery::malformed),
    ("T27", 20, battery::repeated),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((wanted, count, seed)) = read(&arguments) else {
        let ids: Vec<&str> = RUNS.iter().map(|(id, ..)| *id).collect();
        eprintln!("usage: battery all|{} [--count N] [--seed S]", ids.join("|"));
        return ExitCode::from(2);
    };
    let mut green = true;
    for (_, by_default, run) in RUNS.iter().filter(|(id, ..)| wanted == "all" || wanted == *id) {
        let report = run(count.unwrap_or(*by_default), seed);
        println!("{}", report.line());
        green &= report.broken.is_empty();
    }
    if green { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Which run, how often, from which seed.
fn read(arguments: &[String]) -> Option<(&str, Option<u64>, u64)> {
    let (wanted, options) = arguments.split_first()?;
    let known = wanted == "all" || RUNS.iter().any(|(id, ..)| id == wanted);
    let (mut count, mut seed) = (None, 1);
    for pair in options.chunks(2) {
        match pair {
            [name, number] if name == "--count" => count = Some(number.parse().ok()?),
            [name, number] if name == "--seed" => seed = number.parse().ok()?,
            _ => return None,
        }
    }
    known.then_some((wanted.as_str(), count, seed))
}
