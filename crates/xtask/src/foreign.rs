//! Other people's clients and attack tools against the running program: each tool is one case
//! with its time, what is absent is skipped aloud, and the stage has an end.
//!
//! What npm and PyPI have lies in a folder below `target`, in the versions of [`PINS`]; what
//! Debian has comes by the set-up. Our own scripts for them lie in `crates/xtask/foreign`.

mod attackers;
mod browser;
mod clients;
mod judge;
mod pins;
mod tls;

use std::cell::Cell;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::program::Program;
use crate::report::{Report, Verdict};
use crate::run;

/// The whole stage, without installing and building.
const STAGE_LIMIT: Duration = Duration::from_secs(480);

/// How a case ended.
pub enum Outcome {
    /// It held.
    Held,
    /// It did not: what was wrong, a line each.
    Broke(Vec<String>),
    /// It could not be tried here: what is missing.
    Absent(String),
}

impl Outcome {
    /// Held, when nothing was wrong.
    fn of(wrong: Vec<String>) -> Self {
        if wrong.is_empty() {
            Self::Held
        } else {
            Self::Broke(wrong)
        }
    }
}

/// One tool at one task.
pub struct Case {
    name: &'static str,
    /// The longest that it may take.
    limit: Duration,
    act: fn(&Town) -> Result<Outcome>,
}

/// The program, and where a case works.
pub struct Town<'a> {
    root: &'a Path,
    /// Its address, without a slash at the end.
    base: String,
    /// What it wrote when it was ready.
    ready: Value,
    /// Logs and what the tools leave.
    scratch: PathBuf,
    pins: pins::Installed,
    offline: bool,
    name: &'static str,
    until: Instant,
    /// The official validator, once it is at work.
    judging: Cell<Option<Result<judge::Begun, Outcome>>>,
}

impl Town<'_> {
    /// A word of the ready file by its JSON pointer.
    fn word(&self, pointer: &str) -> Result<&str> {
        let word = self.ready.pointer(pointer).and_then(Value::as_str);
        word.with_context(|| format!("the ready file has no {pointer}"))
    }

    /// The cookie with which the page of this name is looked at.
    fn cookie(&self, page: &str) -> Result<&str> {
        let shots = self.ready.get("shots").and_then(Value::as_array);
        let shot = shots.into_iter().flatten().find(|shot| {
            let name = shot.get("name").and_then(Value::as_str);
            name == Some(page)
        });
        let cookie = shot.and_then(|shot| shot.get("cookie")?.as_str());
        cookie.with_context(|| format!("the ready file has no cookie for {page}"))
    }

    fn log(&self) -> PathBuf {
        let name = self.name.replace(' ', "-");
        self.scratch.join(format!("{name}.log"))
    }

    /// Runs a tool within the case's time; its lines, which a log keeps, and how it ended:
    /// `None` is success.
    fn lines(&self, command: &mut Command) -> Result<(Vec<String>, Option<String>)> {
        let path = self.log();
        let mut file = File::options().create(true).append(true).open(&path)?;
        let left = self.until.saturating_duration_since(Instant::now());
        let mut lines = Vec::new();
        // No tool asks a proxy for loopback.
        command
            .env("NO_PROXY", "127.0.0.1,localhost")
            .current_dir(&self.scratch);
        let ended = run::stream(command, left, |line| lines.push(line.to_owned()))?;
        for line in &lines {
            writeln!(file, "{line}")?;
        }
        Ok((lines, ended))
    }
}

/// The stage: every case whose name contains `only` counts.
///
/// # Errors
/// When the program does not start.
pub fn check(
    root: &Path,
    scratch: &Path,
    offline: bool,
    only: &str,
    report: &mut Report,
) -> Result<Verdict> {
    let scratch = scratch.join("foreign");
    std::fs::create_dir_all(&scratch)?;
    let pins = pins::install(&scratch, offline);
    let mut words = vec!["demo", "--serve-only", "--listen", "127.0.0.1:0"];
    // Else an attack tool meets little but the refusal of those who ask too often.
    words.extend(["--rates-times", "1000"]);
    let program = Program::start(root, &scratch, &[], &words)?;
    let ready: Value = serde_json::from_slice(&std::fs::read(&program.ready_file)?)?;
    let base = ready.get("base").and_then(Value::as_str);
    let base = base
        .context("the ready file has no base")?
        .trim_end_matches('/')
        .to_owned();
    let begun = Instant::now();
    let town = Town {
        root,
        base,
        ready,
        scratch,
        pins,
        offline,
        name: "",
        until: begun,
        judging: Cell::new(None),
    };
    let mut stage = Stage {
        town,
        only,
        end: begun + STAGE_LIMIT,
        failed: 0,
        report,
    };
    stage.run(&clients::CASES);
    // It works while others mostly wait.
    stage.begin_judging();
    stage.run(&tls::CASES);
    stage.run(&browser::CASES);
    stage.run(&attackers::CASES);
    stage.run(&[judge::CASE]);
    Ok(Verdict::Counted(stage.failed))
}

/// The stage as it goes on.
struct Stage<'a> {
    town: Town<'a>,
    /// What the name of a case that counts contains.
    only: &'a str,
    end: Instant,
    failed: usize,
    report: &'a mut Report,
}

impl Stage<'_> {
    fn run(&mut self, cases: &[Case]) {
        let only = self.only;
        for case in cases.iter().filter(|case| case.name.contains(only)) {
            let begun = self.enter(case);
            let outcome = if begun >= self.end {
                Err(anyhow::anyhow!("no time is left for it"))
            } else {
                (case.act)(&self.town)
            };
            self.failed += tell(case.name, outcome, begun.elapsed(), self.report);
        }
    }

    /// Gives a case its log and its time.
    fn enter(&mut self, case: &Case) -> Instant {
        let begun = Instant::now();
        self.town.name = case.name;
        self.town.until = self.end.min(begun + case.limit);
        // That of an earlier run; mostly there is none.
        let _ = std::fs::remove_file(self.town.log());
        begun
    }

    /// Starts the official validator beside what follows.
    fn begin_judging(&mut self) {
        if judge::CASE.name.contains(self.only) {
            let begun = self.enter(&judge::CASE);
            self.town.judging.set(Some(judge::begin(&self.town)));
            let took = run::spoken(begun.elapsed());
            println!("official validator: at work, after {took}");
        }
    }
}

/// Tells and counts one case; 1 when it failed.
fn tell(name: &str, outcome: Result<Outcome>, took: Duration, report: &mut Report) -> usize {
    let took = run::spoken(took);
    let wrong = match outcome {
        Ok(Outcome::Held) => {
            println!("{name}: held, {took}");
            report.passed += 1;
            return 0;
        }
        Ok(Outcome::Absent(why)) => {
            let what = format!("foreign peer {name} ({why})");
            println!("SKIPPED: {what}");
            report.skip(&what);
            return 0;
        }
        Ok(Outcome::Broke(wrong)) => wrong,
        Err(error) => vec![format!("{error:#}")],
    };
    println!("{name}: FAILED, {took}");
    for line in &wrong {
        println!("  {name}: {line}");
    }
    report.fail(format!("foreign peer {name}"));
    1
}

/// Our script for a tool, beside its libraries, where its language looks for them.
fn script(town: &Town, name: &str) -> Result<PathBuf> {
    let from = town.root.join("crates/xtask/foreign").join(name);
    let to = town.scratch.join(name);
    std::fs::copy(&from, &to).with_context(|| format!("copying {}", from.display()))?;
    Ok(to)
}

/// What was expected of a line that a tool did not write.
fn must_say(lines: &[String], words: &str) -> Result<()> {
    if lines.iter().any(|line| line.contains(words)) {
        return Ok(());
    }
    let last = lines.iter().rev().take(8).rev().cloned();
    bail!(
        "it never said {words:?}; its last words: {}",
        last.collect::<Vec<_>>().join(" | ")
    )
}
