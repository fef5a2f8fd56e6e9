//! The tools of this workspace: tests, house rules, files made by programs, pictures.
//!
//! `cargo xtask …` runs them. They need no C library, so that they start on a machine that has
//! Rust and a linker only.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool speaks on its two outputs"
)]

mod card_reader;
mod codegen;
mod foreign;
mod made;
mod pages;
mod program;
mod report;
mod run;
mod setup;
mod suites;
mod test;
mod tidy;
mod torture;
mod webdriver;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

/// The command line.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "The tools of this workspace"
)]
struct Line {
    #[command(subcommand)]
    task: Task,
}

/// What can be done.
#[derive(Subcommand)]
enum Task {
    /// Everything: sets the machine up, then formats, lints, house rules, tests on both engines,
    /// demo, pages
    Test(TestArgs),
    /// The same as `test`
    Ci(TestArgs),
    /// The house rules that the compiler cannot hold
    Tidy,
    /// Makes the FHIR schema table from HL7's package
    Codegen {
        /// The package hl7.fhir.r4.core 4.0.1
        #[arg(long, value_name = "TGZ")]
        fhir: Option<PathBuf>,
        /// Compare only
        #[arg(long)]
        check: bool,
    },
    /// Pictures of every page at 1280 and 360 pixels
    Shots {
        /// The folder for the pictures
        #[arg(long, value_name = "DIR", default_value = "docs/screenshots")]
        out: PathBuf,
        /// Look at a program that runs already and wrote this file
        #[arg(long, value_name = "FILE")]
        ready_file: Option<PathBuf>,
    },
    /// Makes docs/errors.md from the program's catalogue
    Errors {
        /// Compare only
        #[arg(long)]
        check: bool,
    },
    /// Kills the program again and again: nothing acknowledged may be lost
    Torture(torture::TortureArgs),
    /// A part of `test`, in namespaces of its own
    #[command(hide = true)]
    CardReaderInside {
        /// Where the program lies, and where its tools work
        folder: PathBuf,
        /// Only the cases whose name contains this
        only: String,
    },
    /// Measures the release program; all arguments go to `tasuki bench`
    Bench {
        /// Handed on as they are
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
}

/// How to test.
#[derive(Args)]
struct TestArgs {
    /// Install nothing and skip, aloud, what needs the outside
    #[arg(long)]
    offline: bool,
    /// Only the stages whose name contains this; STAGE/CASE for one foreign peer
    #[arg(long, value_name = "WORDS")]
    only: Option<String>,
}

fn main() -> ExitCode {
    act(Line::parse().task).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn act(task: Task) -> Result<ExitCode> {
    let root = run::root()?;
    match task {
        Task::Test(args) | Task::Ci(args) => return test::run(&root, args.offline, args.only),
        Task::Tidy => return Ok(tidy(&root)),
        Task::Codegen { fhir, check } => made::schema(&root, fhir.as_deref(), check)?,
        Task::Shots { out, ready_file } => {
            pages::shots(&root, &root.join(out), ready_file.as_deref())?;
        }
        Task::Errors { check } => made::errors(&root, check)?,
        Task::Torture(args) => return torture::run(&root, &args),
        Task::CardReaderInside { folder, only } => card_reader::inside::run(&folder, &only)?,
        Task::Bench { args } => return bench(&root, &args),
    }
    Ok(ExitCode::SUCCESS)
}

fn tidy(root: &Path) -> ExitCode {
    let complaints = tidy::check(root);
    for complaint in &complaints {
        println!("{complaint}");
    }
    println!("{} complaints", complaints.len());
    if complaints.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn bench(root: &Path, args: &[OsString]) -> Result<ExitCode> {
    let mut command = run::cargo(root);
    command.args([
        "run",
        "--release",
        "--quiet",
        "--package",
        "tasuki",
        "--",
        "bench",
    ]);
    let status = command.args(args).status()?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(u8::MAX)))
}
