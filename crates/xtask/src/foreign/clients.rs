//! Clients of others: what they were written for must work, what is forged must not.
//!
//! They meet a town with registered clients (`crates/tasuki/examples/clients`); the private
//! keys are made for each run and never leave its folder.
//!
//! The FHIR clients walk through the own partition of a hospital (`fhir-steps.mjs`,
//! `fhir_steps.py`); a client is a handful of functions there. `clinosim`, which makes a whole
//! hospital's records, fills such a partition (`clinosim_load.py`).
//!
//! Source: identity-security OA-01 to OA-08, T10; HL7 FHIR R4 http.html.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::{Case, Outcome, Town, script};
use crate::program::Program;

/// Time for one library.
const LIMIT: Duration = Duration::from_secs(40);

/// In the order in which they run.
pub const CASES: [Case; 9] = [
    Case {
        name: "oauth4webapi",
        limit: LIMIT,
        act: |town| in_node(town, "oauth4webapi.mjs"),
    },
    Case {
        name: "openid-client",
        limit: LIMIT,
        act: |town| in_node(town, "openid-client.mjs"),
    },
    Case {
        name: "forged assertions by jose",
        limit: LIMIT,
        act: |town| in_node(town, "forged.mjs"),
    },
    Case {
        name: "authlib",
        limit: LIMIT,
        act: |town| in_python(town, "authlib_client.py"),
    },
    Case {
        name: "fhir-kit-client",
        limit: LIMIT,
        act: |town| in_node(town, "fhir-kit-client.mjs"),
    },
    Case {
        name: "fhirclient (npm)",
        limit: LIMIT,
        act: |town| in_node(town, "fhirclient.mjs"),
    },
    Case {
        name: "fhirpy",
        limit: LIMIT,
        act: |town| in_python(town, "fhirpy_client.py"),
    },
    Case {
        name: "fhirclient (PyPI)",
        limit: LIMIT,
        act: |town| in_python(town, "fhirclient_client.py"),
    },
    Case {
        name: "clinosim",
        limit: Duration::from_secs(120),
        act: clinosim,
    },
];

/// How many people clinosim's hospital has around it, for how long, and its number for chance:
/// some two dozen patients come, one of them to stay.
const CLINOSIM: [&str; 16] = [
    "simulate",
    "--country",
    "JP",
    "--population",
    "120",
    "--seed",
    "42",
    "--start",
    "2026-09-01",
    "--end",
    "2026-10-31",
    "--format",
    "fhir-r4",
    // Its own packages of codes are not published where it could be installed from.
    "--allow-legacy",
    "--output",
    "clinosim",
];

/// What several of the scripts share.
const SHARED: [&str; 3] = ["place.mjs", "fhir-steps.mjs", "fhir_steps.py"];

fn in_node(town: &Town, name: &str) -> Result<Outcome> {
    match &town.pins.node {
        Ok(node) => among_clients(town, node, node, name, &[]),
        Err(why) => Ok(Outcome::Absent(why.clone())),
    }
}

fn in_python(town: &Town, name: &str) -> Result<Outcome> {
    match (&town.pins.node, &town.pins.python) {
        // The keys are made by jose, for all.
        (Ok(node), Ok(python)) => among_clients(town, node, python, name, &[]),
        (Err(why), _) | (_, Err(why)) => Ok(Outcome::Absent(why.clone())),
    }
}

/// Lets the platform make and hand out every kind of document, for the official validator.
pub fn documents(town: &Town) -> Result<Outcome> {
    in_node(town, "documents.mjs")
}

/// Lets it make its hospital, tells the platform of its patients as their insurers would, and
/// loads their records.
fn clinosim(town: &Town) -> Result<Outcome> {
    let (node, python) = match (&town.pins.node, &town.pins.python) {
        (Ok(node), Ok(python)) => (node, python),
        (Err(why), _) | (_, Err(why)) => return Ok(Outcome::Absent(why.clone())),
    };
    let made = town.scratch.join("clinosim");
    // That of an earlier run; mostly there is none.
    let _ = std::fs::remove_dir_all(&made);
    let mut command = Command::new(python.with_file_name("clinosim"));
    let (lines, ended) = town.lines(command.args(CLINOSIM))?;
    ensure!(ended.is_none(), "it made nothing: {}", lines.join(" | "));
    let people = town.scratch.join("clinosim-people.json");
    let mut command = Command::new(python);
    command.arg(script(town, LOAD)?).arg("people").arg(&made);
    let (lines, ended) = town.lines(command.arg(&people))?;
    ensure!(ended.is_none(), "nobody was made: {}", lines.join(" | "));
    let people = people.to_str().context("a folder that is no text")?;
    among_clients(town, node, python, LOAD, &["--people", people])
}

/// Our script that loads it.
const LOAD: &str = "clinosim_load.py";

/// Makes keys, starts a town in which they are registered, and runs a script there.
fn among_clients(
    town: &Town,
    node: &Path,
    program: &Path,
    name: &str,
    more: &[&str],
) -> Result<Outcome> {
    for shared in SHARED {
        script(town, shared)?;
    }
    let public = keys(town, node)?;
    let public = public.to_str().context("a folder that is no text")?;
    let words = [&["clients", "--keys", public], more].concat();
    let build = ["--example", "clients"];
    let server = Program::start(town.root, &town.scratch, &build, &words)?;
    run_script(town, program, name, &server.ready_file)
}

/// Makes keys for the clients; the file with the public ones.
pub fn keys(town: &Town, node: &Path) -> Result<PathBuf> {
    let mut keys = Command::new(node);
    keys.arg(script(town, "keys.mjs")?).arg(&town.scratch);
    let (lines, ended) = town.lines(&mut keys)?;
    ensure!(ended.is_none(), "no keys were made: {}", lines.join(" "));
    Ok(town.scratch.join("public.json"))
}

/// Runs one of our scripts: each of its lines that begins with `wrong:` is one, and so is an
/// end that is no success. A last line `done N` says that it went to its end.
fn run_script(town: &Town, program: &Path, name: &str, ready: &Path) -> Result<Outcome> {
    let mut command = Command::new(program);
    command.arg(script(town, name)?).arg(ready);
    let (lines, ended) = town.lines(command.arg(&town.scratch))?;
    let wrong = lines.iter().filter(|line| line.starts_with("wrong: "));
    let mut wrong: Vec<String> = wrong.cloned().collect();
    if !lines.iter().any(|line| line.starts_with("done ")) {
        wrong.extend(lines.iter().rev().take(12).rev().cloned());
        wrong.push("it did not come to its end".to_owned());
    }
    wrong.extend(ended);
    Ok(Outcome::of(wrong))
}
