//! `tasuki fhir`: the server's own validator on files, and the published packages it also uses.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Subcommand;
use fhir::json::Document;
use kernel::{
    Finding, Refusal,
    time::{Clock, JstDate},
};
use profiles::{Library, LoadError};

use crate::program::SystemClock;

/// What can be done with FHIR documents and packages.
#[derive(Subcommand)]
pub enum Command {
    /// Judge documents by the server's own rules and by packages; exit 0 only if all are valid.
    Validate {
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The day whose rules hold, YYYY-MM-DD; else today.
        #[arg(long)]
        on: Option<String>,
        /// Published FHIR packages (.tgz) to judge by.
        #[arg(long = "package", value_name = "FILE")]
        packages: Vec<PathBuf>,
        /// A data folder: the packages loaded there are used too.
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// One JSON object a file.
        #[arg(long)]
        json: bool,
    },
    /// Load a published FHIR package (.tgz) for the server's validator, whole or not at all.
    Load {
        /// The package.
        file: PathBuf,
        /// The data folder.
        #[arg(long, default_value = "tasuki-data")]
        data: PathBuf,
    },
    /// The packages that are loaded.
    List {
        /// The data folder.
        #[arg(long, default_value = "tasuki-data")]
        data: PathBuf,
    },
}

/// Runs one of the commands; `false` when a document is not valid.
///
/// # Errors
/// When a package cannot be used, a date is none, or standard output is closed.
pub fn run(command: Command) -> anyhow::Result<bool> {
    match command {
        Command::Validate {
            files,
            on,
            packages,
            data,
            json,
        } => {
            let on = match on {
                None => SystemClock.now().jst_date(),
                Some(text) => JstDate::parse(&text)
                    .with_context(|| format!("{text} は日付ではありません / is no date"))?,
            };
            let library = library(&packages, data.as_deref()).map_err(refused)?;
            validate(&files, &library, on, json)
        }
        Command::Load { file, data } => {
            anyhow::ensure!(
                data.is_dir(),
                "{0} がありません / {0} is not there",
                data.display()
            );
            let loaded = Library::store(&data, &file).map_err(refused)?;
            print(&loaded)?;
            Ok(true)
        }
        Command::List { data } => {
            for loaded in Library::load(&data).map_err(refused)?.loaded() {
                print(&loaded)?;
            }
            Ok(true)
        }
    }
}

fn library(packages: &[PathBuf], data: Option<&Path>) -> Result<Library, LoadError> {
    let mut library = match data {
        Some(data) => Library::load(data)?,
        None => Library::new(),
    };
    for package in packages {
        library.add_file(package)?;
    }
    Ok(library)
}

/// An error with its catalogue entry: what is the matter, where, and what to do.
fn refused(error: LoadError) -> anyhow::Error {
    let detail = error.to_string();
    let refusal = Refusal::from(error);
    let entry = refusal.entry;
    anyhow::anyhow!(
        "{}: {} / {} ({detail}) → {} / {}",
        entry.code,
        entry.cause.ja,
        entry.cause.en,
        entry.remedy.ja,
        entry.remedy.en
    )
}

fn print(loaded: &profiles::Loaded) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{}\t{}\tsha256:{}\tprofiles {}\tvalue sets {}\tcode systems {}",
        loaded.name,
        loaded.version,
        loaded.sha256,
        loaded.structures,
        loaded.value_sets,
        loaded.code_systems
    )?;
    for (name, version) in &loaded.missing {
        writeln!(
            out,
            "\t必要なパッケージがまだありません / needs a package that is not loaded\t{name}\t{version}"
        )?;
    }
    Ok(())
}

/// Judges each file; `true` when all are valid. A file that cannot be read is not.
fn validate(files: &[PathBuf], library: &Library, on: JstDate, json: bool) -> anyhow::Result<bool> {
    let mut out = std::io::stdout().lock();
    let mut all = true;
    for file in files {
        let bytes = match std::fs::read(file) {
            Ok(bytes) => bytes,
            Err(why) => {
                all = false;
                if json {
                    let line = serde_json::json!({
                        "file": file.display().to_string(),
                        "verdict": "unreadable",
                        "reason": why.to_string(),
                    });
                    writeln!(out, "{line}")?;
                } else {
                    writeln!(out, "UNREADABLE\t{}\t{why}", file.display())?;
                }
                continue;
            }
        };
        let (refusals, warnings) = judge(&bytes, library, on);
        all &= refusals.is_empty();
        if json {
            write_json(&mut out, file, on, &refusals, &warnings)?;
        } else {
            write_lines(&mut out, file, &refusals, &warnings)?;
        }
    }
    Ok(all)
}

fn judge(bytes: &[u8], library: &Library, on: JstDate) -> (Vec<Finding>, Vec<Finding>) {
    match Document::parse(bytes) {
        Ok(document) => {
            let checked = profiles::judge(&document, library, &[], on);
            (checked.refusals, checked.warnings)
        }
        Err(error) => (vec![error.finding()], Vec::new()),
    }
}

fn write_lines(
    out: &mut impl Write,
    file: &Path,
    refusals: &[Finding],
    warnings: &[Finding],
) -> std::io::Result<()> {
    let verdict = if refusals.is_empty() {
        "valid"
    } else {
        "INVALID"
    };
    writeln!(out, "{verdict}\t{}", file.display())?;
    for (kind, findings) in [("error", refusals), ("warning", warnings)] {
        for f in findings {
            writeln!(
                out,
                "\t{kind}\t{}\t{}\t{}\t{}\t{}",
                f.rule, f.path, f.found, f.remedy_ja, f.remedy_en
            )?;
        }
    }
    Ok(())
}

fn write_json(
    out: &mut impl Write,
    file: &Path,
    on: JstDate,
    refusals: &[Finding],
    warnings: &[Finding],
) -> std::io::Result<()> {
    let told = |severity: &'static str| {
        move |f: &Finding| {
            serde_json::json!({
                "severity": severity,
                "rule": f.rule,
                "path": f.path,
                "found": f.found,
                "remedy_ja": f.remedy_ja,
                "remedy_en": f.remedy_en,
            })
        }
    };
    let findings: Vec<serde_json::Value> = refusals
        .iter()
        .map(told("error"))
        .chain(warnings.iter().map(told("warning")))
        .collect();
    let line = serde_json::json!({
        "file": file.display().to_string(),
        "verdict": if refusals.is_empty() { "valid" } else { "invalid" },
        "on": on.to_string(),
        "findings": findings,
    });
    writeln!(out, "{line}")
}
