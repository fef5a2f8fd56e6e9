//! Files of the repository that are made by a program: written anew, or compared.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};

use crate::{codegen, run};

/// The table of FHIR R4's structure, read by the crate `fhir`.
const SCHEMA: &str = "crates/fhir/src/schema/r4.bin";

/// The table of R4's search parameters, read by the crate `fhir`.
const SEARCH: &str = "crates/fhir/src/search/r4.tsv";

/// The elements of each type's summary, read by the crate `fhir`.
const SUMMARY: &str = "crates/fhir/src/search/summary.tsv";

/// Where the package of FHIR R4 lies unless said otherwise, from the workspace's root.
const PACKAGE: &str = "../shared/data/fhir/hl7.fhir.r4.core-4.0.1-cleaned.tgz";

/// The page of all errors.
const ERRORS: &str = "docs/errors.md";

/// Makes the tables of schema and search from the FHIR package, or compares it.
///
/// # Errors
/// When the package is absent or not what it should be, or the compared table differs.
pub fn schema(root: &Path, package: Option<&Path>, check: bool) -> Result<()> {
    let package = package.map_or_else(|| root.join(PACKAGE), Path::to_path_buf);
    ensure!(
        package.is_file(),
        "{} is absent: get package hl7.fhir.r4.core 4.0.1 and name it with --fhir FILE.tgz",
        package.display()
    );
    let made = run::scratch(root)?.join("r4.bin");
    codegen::run(&package, &made)?;
    let by = "cargo xtask codegen";
    settle(&root.join(SCHEMA), &std::fs::read(&made)?, check, by)?;
    let made = run::scratch(root)?.join("r4.tsv");
    codegen::search::run(&package, &made)?;
    settle(&root.join(SEARCH), &std::fs::read(&made)?, check, by)?;
    let made = run::scratch(root)?.join("summary.tsv");
    codegen::search::summaries(&package, &made)?;
    settle(&root.join(SUMMARY), &std::fs::read(&made)?, check, by)
}

/// Makes the page of all errors from the program's catalogue, or compares it.
///
/// # Errors
/// When the program does not build or fails, or the compared page differs.
pub fn errors(root: &Path, check: bool) -> Result<()> {
    let mut command = run::cargo(root);
    command.args([
        "run",
        "--quiet",
        "--package",
        "tasuki",
        "--",
        "errors",
        "--markdown",
    ]);
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(
        output.status.success(),
        "tasuki errors --markdown: {}",
        output.status
    );
    ensure!(
        !output.stdout.is_empty(),
        "tasuki errors --markdown says nothing"
    );
    settle(
        &root.join(ERRORS),
        &output.stdout,
        check,
        "cargo xtask errors",
    )
}

/// Writes the file, or, when checking, says whether it is what was made.
fn settle(file: &Path, made: &[u8], check: bool, by: &str) -> Result<()> {
    let name = file.display();
    let old = std::fs::read(file).ok();
    if old.as_deref() == Some(made) {
        println!("{name}: up to date");
        return Ok(());
    }
    if check {
        bail!("{name} is not what `{by}` makes: run it and look at the difference");
    }
    std::fs::write(file, made).with_context(|| format!("writing {name}"))?;
    println!("{name}: written, {} bytes", made.len());
    Ok(())
}
