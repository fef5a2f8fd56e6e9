//! HL7's own validator as a judge beside ours: of every kind of document that the platform
//! makes or hands out, and of every published file.
//!
//! One run judges them all, with the definitions of R4, JP Core, JP-CLINS and the checkup
//! report and without a terminology server, in a package cache of its own, while other cases
//! mostly wait. What each of the two says of each file stands in
//! `crates/xtask/foreign/judged.tsv`, and why they differ in `differences.toml`: another
//! verdict breaks the case, and so do a finding that no row explains and a row without a
//! finding. `UPDATE_EXPECT=1` renews the list; what changes in it is read.
//!
//! Source: HL7 FHIR R4 validation.html.

mod files;
mod packages;
mod verdict;

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use serde_json::Value;

use self::files::{Paper, files};
use self::verdict::{Differences, Judged};
use super::{Case, Outcome, Town};
use crate::run;

/// Loading the definitions, and some four hundred files.
const LIMIT: Duration = Duration::from_secs(240);

/// The case; it is begun after the clients and asked at the end of the stage.
pub const CASE: Case = Case {
    name: "official validator",
    limit: LIMIT,
    act: judged,
};

/// The validator at work.
pub struct Begun {
    papers: Vec<Paper>,
    outcome: std::path::PathBuf,
    since: Instant,
    at_work: JoinHandle<Result<Option<String>>>,
}

/// Lets the platform make its documents, lays them beside the published files, and starts the
/// validator; or says what is missing or went wrong.
pub fn begin(town: &Town) -> Result<Begun, Outcome> {
    let told = |error| Err(Outcome::Broke(vec![format!("{error:#}")]));
    begun(town).unwrap_or_else(told)
}

fn begun(town: &Town) -> Result<Result<Begun, Outcome>> {
    for tool in ["java", "mvn"] {
        if run::on_path(tool).is_none() {
            return Ok(Err(Outcome::Absent(format!("{tool} is absent"))));
        }
    }
    let home = town.scratch.join("judge");
    fs::create_dir_all(&home)?;
    if let Some(why) = packages::libraries(town, &home)? {
        return Ok(Err(Outcome::Absent(why)));
    }
    let Some(guides) = packages::lay(town.root, &home)? else {
        let why = "the published definitions are absent".to_owned();
        return Ok(Err(Outcome::Absent(why)));
    };
    match super::clients::documents(town)? {
        Outcome::Held => {}
        other => return Ok(Err(other)),
    }
    let (papers, folders) = files(town, &home)?;
    let outcome = home.join("outcome.json");
    // That of an earlier run; mostly there is none.
    let _ = fs::remove_file(&outcome);
    let mut command = Command::new("java");
    command.arg("-Xmx2g");
    command.arg(format!("-Duser.home={}", home.display()));
    command.arg("-cp").arg(home.join("lib").join("*"));
    command.arg("org.hl7.fhir.validation.ValidatorCli");
    command.args(&folders);
    command.args(["-version", "4.0.1", "-tx", "n/a"]);
    // R4 makes no display a reason to refuse.
    command.arg("-display-issues-are-warnings");
    for guide in &guides {
        command.arg("-ig").arg(guide);
    }
    command.arg("-output").arg(&outcome).current_dir(&home);
    let mut log = File::create(town.scratch.join("official-validator-at-work.log"))?;
    let at_work = std::thread::spawn(move || {
        run::stream(&mut command, LIMIT, |line| {
            // A line that the log has no place for is no reason to stop.
            let _ = writeln!(log, "{line}");
        })
    });
    Ok(Ok(Begun {
        papers,
        outcome,
        since: Instant::now(),
        at_work,
    }))
}

fn judged(town: &Town) -> Result<Outcome> {
    let begun = match town.judging.take() {
        Some(begun) => begun,
        None => begin(town),
    };
    let begun = match begun {
        Ok(begun) => begun,
        Err(outcome) => return Ok(outcome),
    };
    let ended = begun.at_work.join();
    let ended = ended.map_err(|_| anyhow!("the thread that waits for it ended"))??;
    let text = fs::read_to_string(&begun.outcome);
    let why = ended.unwrap_or_default();
    let text = text.with_context(|| format!("it gave no outcome: {why}"))?;
    let outcome: Value = serde_json::from_str(&text)?;
    println!(
        "official validator: {} files, {} after its start",
        begun.papers.len(),
        run::spoken(begun.since.elapsed())
    );
    let all = verdict::beside(&begun.papers, &outcome)?;
    settle(town.root, &all)
}

/// Holds what was found against the committed lists, or renews them.
fn settle(root: &Path, all: &[Judged]) -> Result<Outcome> {
    let folder = root.join("crates/xtask/foreign");
    let text = fs::read_to_string(folder.join("differences.toml"))?;
    let known: Differences = toml::from_str(&text).context("differences.toml")?;
    let (table, mut wrong) = verdict::explain(&known, all);
    let list = folder.join("judged.tsv");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&list, &table)?;
    }
    let listed = fs::read_to_string(&list).unwrap_or_default();
    wrong.extend(verdict::changed(&listed, &table));
    Ok(Outcome::of(wrong))
}
