//! `cargo xtask torture`: the long form of what `cargo test` shows shortly, that nothing
//! acknowledged is lost.
//!
//! It runs the very same tests of the program and only asks them for more kills: so there is
//! nothing here that could say yes when they say no.

use std::{
    fs::File,
    io::Read,
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use crate::run;

/// Variables that `crates/tasuki/tests/it/durability.rs` reads.
const KILLS: &str = "TASUKI_TORTURE_KILLS";
const SEED: &str = "TASUKI_TORTURE_SEED";

/// Five hundred kills and their last questions take a quarter of an hour on two cores.
const LIMIT: Duration = Duration::from_secs(4 * 3_600);

/// How the line of a test begins that tells its figures.
const FIGURES: &str = "figures: ";

/// How long, on what.
#[derive(Args)]
pub struct TortureArgs {
    /// Kills under load on each engine
    #[arg(long, default_value_t = 500)]
    kills: u64,
    /// Where the data lies
    #[arg(long, value_enum, default_value_t = Engines::Both)]
    engine: Engines,
    /// What everything random follows from, to have a run again
    #[arg(long)]
    seed: Option<u64>,
}

/// Which engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Engines {
    Sqlite,
    Postgres,
    Both,
}

impl Engines {
    /// Each torture with the test that does it.
    fn tests(self) -> Vec<(&'static str, &'static str)> {
        let all = [
            (
                Self::Sqlite,
                "SQLite",
                "durability::every_acknowledged_check_is_there_after_the_program_was_killed",
            ),
            (
                Self::Postgres,
                "PostgreSQL",
                "durability::every_acknowledged_check_is_there_after_program_or_server_was_killed",
            ),
            (
                Self::Postgres,
                "PostgreSQL, fail-over",
                "failover::with_the_primary_gone_nothing_is_lost_and_the_standby_serves_within_half_a_minute",
            ),
        ];
        all.iter()
            .filter(|(engine, _, _)| self == Self::Both || self == *engine)
            .map(|(_, name, test)| (*name, *test))
            .collect()
    }
}

/// What a run of one test told.
#[derive(Debug, Default)]
struct Told {
    figures: Option<String>,
    passed: bool,
    skipped: Option<String>,
}

impl Told {
    /// Takes in a line; whether it is worth showing.
    fn take(&mut self, line: &str) -> bool {
        if let Some(figures) = line.strip_prefix(FIGURES) {
            self.figures = Some(figures.to_owned());
        } else if line.starts_with("SKIPPED: ") {
            self.skipped = Some(line.to_owned());
        } else if line.starts_with("test result: ok. 1 passed;") {
            // With a name that no test has, none would pass, and none would fail.
            self.passed = true;
        }
        !line.trim_start().starts_with("Compiling")
    }

    /// What the table says of it; only figures of a passed test are a success.
    fn verdict(&self, ended: Option<&str>) -> Result<String, String> {
        match (ended, &self.skipped, &self.figures) {
            (Some(why), _, _) => Err(format!("FAILED: {why}")),
            (None, Some(skipped), _) => Err(format!("not shown: {skipped}")),
            (None, None, Some(figures)) if self.passed => Ok(figures.clone()),
            (None, None, _) => Err("FAILED: no such test ran".to_owned()),
        }
    }
}

/// Kills and kills; the exit says whether everything acknowledged was there on every engine.
///
/// # Errors
/// When the tests cannot be started.
pub fn run(root: &Path, args: &TortureArgs) -> Result<ExitCode> {
    let seed = args.seed.map_or_else(any_seed, Ok)?;
    let mut table = Vec::new();
    for (what, test) in args.engine.tests() {
        println!("== {what}: {} kills, seed {seed}", args.kills);
        let begun = Instant::now();
        let mut command = run::cargo(root);
        command
            .args(["test", "--package", "tasuki", "--test", "it", "--"])
            .args(["--exact", test, "--nocapture"])
            .env(KILLS, args.kills.to_string())
            .env(SEED, seed.to_string());
        let mut told = Told::default();
        let ended = run::stream(&mut command, LIMIT, |line| {
            if told.take(line) {
                println!("{line}");
            }
        })?;
        let took = run::spoken(begun.elapsed());
        table.push((what, took, told.verdict(ended.as_deref())));
    }
    println!("\n== torture, seed {seed}");
    for (what, took, verdict) in &table {
        let (Ok(words) | Err(words)) = verdict;
        println!("{what}, {took}: {words}");
    }
    if table.iter().all(|(_, _, verdict)| verdict.is_ok()) {
        Ok(ExitCode::SUCCESS)
    } else {
        Ok(ExitCode::FAILURE)
    }
}

/// Another one every time.
fn any_seed() -> Result<u64> {
    let mut bytes = [0; 4];
    File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut bytes))
        .context("no randomness for a seed; give one with --seed")?;
    Ok(u64::from(u32::from_ne_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(lines: &[&str]) -> Told {
        let mut told = Told::default();
        for line in lines {
            told.take(line);
        }
        told
    }

    #[test]
    fn only_figures_of_a_passed_test_are_a_success() {
        let figures = "figures: kills 8 under load, 1 while starting | lost 0";
        let passed = "test result: ok. 1 passed; 0 failed; 0 ignored";
        let nothing = "test result: ok. 0 passed; 0 failed; 0 ignored";
        let skip = "SKIPPED: kills on PostgreSQL (PostgreSQL is not installed)";
        assert_eq!(
            told(&[figures, passed]).verdict(None),
            Ok(figures.replace(FIGURES, ""))
        );
        for (lines, ended) in [
            (&[figures, passed][..], Some("it ended with 101")),
            (&[nothing], None),
            (&[figures, nothing], None),
            (&[skip, passed], None),
            (&[passed], None),
        ] {
            assert!(told(lines).verdict(ended).is_err(), "{lines:?}");
        }
    }

    #[test]
    fn every_named_test_is_there() {
        let root = run::root().expect("the workspace");
        let tests = root.join("crates/tasuki/tests/it");
        let read = |module: &str| {
            let file = tests.join(module).with_extension("rs");
            std::fs::read_to_string(file).expect("the tests")
        };
        let text = read("durability");
        assert!(text.contains(KILLS) && text.contains(SEED));
        for (_, test) in Engines::Both.tests() {
            let (module, name) = test.split_once("::").expect("its module");
            assert!(read(module).contains(&format!("fn {name}()")), "{name}");
        }
    }
}
