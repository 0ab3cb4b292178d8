//! Runs the fault battery on the engine that `TEST_ENGINE` names: `cargo run -p tests --bin battery -- T2 [--count N]
//! [--seed S]`, or `all`, or `ci`, which is what every change must pass. Prints one line of JSON a run, and adds it to
//! the file that `BATTERY_LOG` names. Exit code 1 when one of them is red.
//!
//! `battery verdict` reads that file: exit code 1 when a run of `ci`, of either engine, is red or missing there.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::disallowed_methods, reason = "a tool for developers")]

use std::{
    error::Error,
    fs::{OpenOptions, read_to_string},
    io::Write,
    process::ExitCode,
};

use tests::{
    Value,
    battery::{self, Report},
    database::{Engine, engine},
};

/// One run of the battery.
struct Run {
    /// Its name; a name with `-` is for what happens without a guard.
    id: &'static str,
    /// Where it runs: on SQLite, on PostgreSQL.
    on: (bool, bool),
    /// How often by default.
    count: u64,
    /// How often with every change, on SQLite and on PostgreSQL; 0 for not at all.
    ci: (u64, u64),
    run: fn(u64, u64) -> Report,
}

const BOTH: (bool, bool) = (true, true);
const SQLITE: (bool, bool) = (true, false);
const POSTGRES: (bool, bool) = (false, true);

const RUNS: [Run; 22] = [
    Run { id: "T1", on: BOTH, count: 1_800, ci: (0, 0), run: battery::steady },
    Run { id: "T2", on: BOTH, count: 1_000, ci: (50, 50), run: battery::killed },
    Run { id: "T5", on: SQLITE, count: 20, ci: (3, 0), run: battery::full_disk },
    Run {
        id: "T5-",
        on: SQLITE,
        count: 1,
        ci: (1, 0),
        run: |n, seed| battery::full_disk_without(&["tidied"], n, seed),
    },
    Run { id: "T6", on: SQLITE, count: 1, ci: (1, 0), run: battery::unwritable },
    // About a minute in CI: a lock is held for a while, a connection is gone at once.
    Run { id: "T7", on: BOTH, count: 6_000, ci: (250, 600), run: battery::disturbed },
    Run { id: "T8", on: POSTGRES, count: 20, ci: (0, 2), run: battery::crashed },
    Run { id: "T9", on: POSTGRES, count: 60, ci: (0, 0), run: battery::silent },
    Run {
        id: "T9-",
        on: POSTGRES,
        count: 6,
        ci: (0, 0),
        run: |n, seed| battery::silent_without(&["watched"], n, seed),
    },
    Run { id: "T10", on: BOTH, count: 20_000, ci: (2_000, 2_000), run: battery::cancelled },
    Run {
        id: "T10-",
        on: POSTGRES,
        count: 2_000,
        ci: (0, 0),
        run: |n, seed| battery::cancelled_without(&["detached", "tidied"], n, seed),
    },
    Run { id: "T11", on: BOTH, count: 20, ci: (5, 5), run: battery::together },
    Run { id: "T14", on: BOTH, count: 1, ci: (0, 0), run: battery::astray },
    Run { id: "T15", on: SQLITE, count: 1_000, ci: (1_000, 0), run: battery::slow },
    Run { id: "T16", on: BOTH, count: 10_000, ci: (1_000, 0), run: battery::listened_to },
    Run { id: "T17", on: BOTH, count: 20, ci: (2, 2), run: battery::malformed },
    Run { id: "T21", on: BOTH, count: 20, ci: (2, 2), run: battery::stopped },
    Run { id: "T26", on: BOTH, count: 3, ci: (1, 1), run: battery::broken_off },
    Run { id: "T27", on: BOTH, count: 50, ci: (10, 10), run: battery::repeated },
    Run { id: "T29", on: BOTH, count: 100_000, ci: (1_000, 1_000), run: battery::discussed },
    Run { id: "T34", on: BOTH, count: 500, ci: (500, 500), run: battery::overloaded },
    Run { id: "T36", on: BOTH, count: 1_000, ci: (0, 0), run: battery::lectured },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((wanted, count, seed)) = read(&arguments) else {
        let ids: Vec<&str> = RUNS.iter().map(|run| run.id).collect();
        eprintln!("usage: battery verdict|ci|all|{} [--count N] [--seed S]", ids.join("|"));
        return ExitCode::from(2);
    };
    let green = if wanted == "verdict" { verdict() } else { runs(wanted, count, seed) };
    match green {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("battery: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all that were wanted are green.
fn runs(wanted: &str, count: Option<u64>, seed: u64) -> Result<bool, Box<dyn Error>> {
    let mut green = true;
    for run in &RUNS {
        let (here, ci) = if engine() == Engine::Postgres { (run.on.1, run.ci.1) } else { (run.on.0, run.ci.0) };
        let by_default = if wanted == "ci" { ci } else { run.count };
        if wanted != run.id && !(here && by_default > 0 && matches!(wanted, "all" | "ci")) {
            continue;
        }
        let report = (run.run)(count.unwrap_or(by_default), seed);
        let line = report.line();
        println!("{line}");
        if let Ok(log) = std::env::var("BATTERY_LOG") {
            writeln!(OpenOptions::new().create(true).append(true).open(log)?, "{line}")?;
        }
        green &= report.is_green();
    }
    Ok(green)
}

/// Whether the log has every run of `ci`, and all of them green.
fn verdict() -> Result<bool, Box<dyn Error>> {
    let log = read_to_string(std::env::var("BATTERY_LOG").map_err(|_| "BATTERY_LOG names no file")?)?;
    let lines = log.lines().map(serde_json::from_str::<Value>).collect::<Result<Vec<_>, _>>()?;
    let mut whole = true;
    for run in &RUNS {
        for (engine, _) in [("sqlite", run.ci.0), ("postgres", run.ci.1)].into_iter().filter(|(_, often)| *often > 0) {
            let (id, left_out) = (run.id.trim_end_matches('-'), run.id.ends_with('-'));
            let of_run = |line: &&Value| {
                line["id"] == id && line["engine"] == engine && (line["without"] != tests::json!([])) == left_out
            };
            let found =
                lines.iter().rev().find(of_run).map_or("missing", |line| line["verdict"].as_str().unwrap_or(""));
            println!("{:4} {engine:8} {found}", run.id);
            whole &= found == "green";
        }
    }
    Ok(whole)
}

/// Which run, how often, from which seed.
fn read(arguments: &[String]) -> Option<(&str, Option<u64>, u64)> {
    let (wanted, options) = arguments.split_first()?;
    let known = matches!(wanted.as_str(), "verdict" | "ci" | "all") || RUNS.iter().any(|run| run.id == wanted);
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
