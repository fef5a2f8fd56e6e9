//! Makes `crates/fhir/src/search/r4.tsv` from the FHIR R4 core package: every search parameter
//! for each type, a line each.
//!
//! Columns: type, code, kind, expression, target types (a space between, `*` for any), components of a
//! composite (`code kind expression`, ` ;; ` between). Of an expression for many types only the
//! alternatives of the line's type are kept. Parameters without an expression, and those of
//! examples and of extensions that the core package only shows, are left out.
//!
//! Source: package `hl7.fhir.r4.core` 4.0.1 (CC0), SearchParameter.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{list, text};

/// A reference to more types than this may lead to any.
const TARGETS_MAX: usize = 100;
const OWN: &str = "http://hl7.org/fhir/SearchParameter/";

/// Reads the package `tgz` and writes the table to `out`.
///
/// # Errors
/// When the package cannot be read, or a composite names a parameter that it does not hold.
pub fn run(tgz: &Path, out: &Path) -> Result<()> {
    let parameters = read(tgz)?;
    ensure!(
        parameters.len() > 1_000,
        "only {} search parameters",
        parameters.len()
    );
    let mut lines = BTreeMap::new();
    for parameter in parameters.values() {
        for base in list(parameter, "base").filter_map(Value::as_str) {
            if let Some(line) = line(&parameters, parameter, base)? {
                let key = (base.to_owned(), text(parameter, "code").to_owned());
                let twice = lines.insert(key, line).is_some();
                ensure!(!twice, "{base} has {} twice", text(parameter, "code"));
            }
        }
    }
    let mut made = String::new();
    for ((base, code), line) in lines {
        writeln!(made, "{base}\t{code}\t{line}")?;
    }
    std::fs::write(out, made).with_context(|| format!("writing {}", out.display()))
}

/// Reads the package `tgz` and writes to `out`, for each resource type a line, the elements of
/// its summary and the mandatory ones.
///
/// # Errors
/// When the package cannot be read.
pub fn summaries(tgz: &Path, out: &Path) -> Result<()> {
    let mut lines = BTreeMap::new();
    for value in files(tgz, "StructureDefinition-")? {
        let is_type = text(&value, "kind") == "resource"
            && text(&value, "derivation") != "constraint"
            && value.get("abstract").and_then(Value::as_bool) != Some(true);
        if !is_type {
            continue;
        }
        let kind = text(&value, "type").to_owned();
        let elements = value
            .get("snapshot")
            .map(|snapshot| list(snapshot, "element"));
        let (mut summary, mut mandatory) = (Vec::new(), Vec::new());
        for element in elements.into_iter().flatten() {
            let path = text(element, "path").strip_prefix(kind.as_str());
            let Some(name) = path.and_then(|path| path.strip_prefix('.')) else {
                continue;
            };
            if name.contains('.') {
                continue;
            }
            let name = name.replace("[x]", "*");
            if element.get("isSummary").and_then(Value::as_bool) == Some(true) {
                summary.push(name.clone());
            }
            if element.get("min").and_then(Value::as_u64).unwrap_or(0) > 0 {
                mandatory.push(name);
            }
        }
        lines.insert(
            kind,
            format!("{}\t{}", summary.join(" "), mandatory.join(" ")),
        );
    }
    let mut made = String::new();
    for (kind, line) in lines {
        writeln!(made, "{kind}\t{line}")?;
    }
    std::fs::write(out, made).with_context(|| format!("writing {}", out.display()))
}

/// By canonical address.
fn read(tgz: &Path) -> Result<BTreeMap<String, Value>> {
    let own = files(tgz, "SearchParameter-")?
        .into_iter()
        .filter_map(|value| {
            let url = text(&value, "url").to_owned();
            let name = url.strip_prefix(OWN);
            // Examples of parameters, one of which has the name of a real one.
            let is_own = name
                .is_some_and(|name| !name.contains("extensions-") && !name.starts_with("example"));
            is_own.then_some((url, value))
        });
    Ok(own.collect())
}

/// The files of the package whose names begin so.
fn files(tgz: &Path, beginning: &str) -> Result<Vec<Value>> {
    let file = File::open(tgz).with_context(|| format!("opening {}", tgz.display()))?;
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    let mut found = Vec::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        let name = entry.path()?.to_string_lossy().into_owned();
        let file = name.rsplit('/').next().unwrap_or_default();
        if !file.starts_with(beginning) {
            continue;
        }
        let mut json = String::new();
        entry.read_to_string(&mut json)?;
        found.push(serde_json::from_str(&json).with_context(|| name.clone())?);
    }
    Ok(found)
}

fn line(all: &BTreeMap<String, Value>, parameter: &Value, base: &str) -> Result<Option<String>> {
    let whole = text(parameter, "expression");
    let kind = text(parameter, "type");
    let expression = of_type(whole, base);
    if expression.is_empty() || expression.contains(".extension('") {
        return Ok(None);
    }
    let mut targets: Vec<&str> = list(parameter, "target")
        .filter_map(Value::as_str)
        .collect();
    if targets.len() > TARGETS_MAX {
        targets = vec!["*"];
    }
    let mut components = Vec::new();
    for component in list(parameter, "component") {
        let url = text(component, "definition");
        let part = all
            .get(url)
            .with_context(|| format!("no parameter {url}"))?;
        let (code, kind) = (text(part, "code"), text(part, "type"));
        components.push(format!("{code} {kind} {}", text(component, "expression")));
    }
    Ok(Some(format!(
        "{kind}\t{expression}\t{}\t{}",
        targets.join(" "),
        components.join(" ;; ")
    )))
}

/// The alternatives that begin at this type.
fn of_type(expression: &str, base: &str) -> String {
    let alternatives = expression.split(" | ").map(str::trim);
    let own = alternatives.filter(|one| {
        let rest = one.trim_start_matches('(');
        rest.strip_prefix(base)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ' ']))
    });
    own.collect::<Vec<_>>().join(" | ")
}
