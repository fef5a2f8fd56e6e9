//! HL7's own validator as a judge beside ours: of every document that the town made for the
//! clients before it, and of the published example corpus.
//!
//! It works with the R4 definitions alone and without a terminology server, in a package cache
//! of its own. What it finds wrong in documents that we accept stands in
//! `crates/xtask/foreign/differences.toml` with the reason: a finding without a row breaks the
//! case, and so does a row without a finding.
//!
//! Source: HL7 FHIR R4 validation.html; shared/dependencies.md (how it is obtained).

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;

use super::{Case, Outcome, Town};
use crate::run;

/// Loading its definitions takes it most of the time.
const LIMIT: Duration = Duration::from_secs(180);

/// The case; after the clients, whose documents it judges.
pub const CASES: [Case; 1] = [Case {
    name: "official validator",
    limit: LIMIT,
    act: judged,
}];

/// The R4 definitions, beside the project.
const CORE: &str = "../shared/data/fhir/hl7.fhir.r4.core-4.0.1-cleaned.tgz";
/// The published examples.
const EXAMPLES: &str = "../shared/data/clins/examples";
/// Where the clients' scripts leave what the town made.
pub const MADE: &str = "made";

/// The validator is a library here, as the last version that carries its own command. Two
/// repositories that its own description names are not asked.
const POM: &str = r#"<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>tasuki</groupId><artifactId>judge</artifactId><version>1</version>
<repositories>
<repository><id>jitpack.io</id><url>file:///dev/null</url><releases><enabled>false</enabled></releases><snapshots><enabled>false</enabled></snapshots></repository>
<repository><id>github-releases</id><url>file:///dev/null</url><releases><enabled>false</enabled></releases><snapshots><enabled>false</enabled></snapshots></repository>
</repositories>
<dependencies>
<dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>org.hl7.fhir.validation</artifactId><version>6.4.4</version></dependency>
<dependency><groupId>org.fhir</groupId><artifactId>ucum</artifactId><version>1.0.8</version></dependency>
<dependency><groupId>com.squareup.okhttp3</groupId><artifactId>okhttp</artifactId><version>4.9.3</version></dependency>
<dependency><groupId>com.github.ben-manes.caffeine</groupId><artifactId>caffeine</artifactId><version>2.9.3</version></dependency>
</dependencies></project>
"#;
const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";

/// Packages that it wants to be there and that a judgement by R4 alone needs nothing of.
const EMPTY: [(&str, &str); 3] = [
    ("hl7.fhir.xver-extensions", "0.1.0"),
    ("hl7.terminology", "6.1.0"),
    ("hl7.fhir.uv.extensions", "5.1.0"),
];

/// One kind of finding that we do not share.
#[derive(Deserialize)]
struct Difference {
    /// Part of the judge's sentence.
    says: String,
    /// Why we accept it.
    reason: String,
}

#[derive(Deserialize)]
struct Differences {
    difference: Vec<Difference>,
}

fn judged(town: &Town) -> Result<Outcome> {
    for tool in ["java", "mvn"] {
        if run::on_path(tool).is_none() {
            return Ok(Outcome::Absent(format!("{tool} is absent")));
        }
    }
    let core = town.root.join(CORE);
    if !core.is_file() {
        return Ok(Outcome::Absent("the R4 definitions are absent".to_owned()));
    }
    let home = town.scratch.join("judge");
    if let Some(why) = obtain(town, &home)? {
        return Ok(Outcome::Absent(why));
    }
    packages(&home, &core)?;
    let (found, files) = findings(town, &home)?;
    let text = fs::read_to_string(town.root.join("crates/xtask/foreign/differences.toml"))?;
    let known: Differences = toml::from_str(&text).context("differences.toml")?;
    println!(
        "official validator: {files} documents, {} findings",
        found.len()
    );
    Ok(Outcome::of(compare(&known.difference, &found)))
}

/// Its libraries, unless they are there; why they cannot be had.
fn obtain(town: &Town, home: &Path) -> Result<Option<String>> {
    let stamp = home.join("lib.pom");
    if fs::read_to_string(&stamp).is_ok_and(|text| text == POM) {
        return Ok(None);
    }
    if town.offline {
        return Ok(Some("--offline".to_owned()));
    }
    fs::create_dir_all(home)?;
    fs::write(home.join("pom.xml"), POM)?;
    let mut command = Command::new("mvn");
    command.args(["--quiet", "--batch-mode", "--file"]);
    command.arg(home.join("pom.xml")).arg(COPY);
    command.arg(format!("-DoutputDirectory={}", home.join("lib").display()));
    let (lines, ended) = town.lines(&mut command)?;
    if ended.is_some() {
        let why = lines.iter().find(|line| line.contains("ERROR"));
        let why = why.cloned().unwrap_or_default();
        return Ok(Some(format!("its libraries cannot be fetched: {why}")));
    }
    fs::write(stamp, POM)?;
    Ok(None)
}

/// Lays its package cache: the definitions without the operations, of which the published
/// package has one twice, and without their index, which would still name them.
fn packages(home: &Path, core: &Path) -> Result<()> {
    let cache = home.join(".fhir/packages");
    for (name, version) in EMPTY {
        let folder = cache.join(format!("{name}#{version}/package"));
        fs::create_dir_all(&folder)?;
        let about = serde_json::json!({
            "name": name, "version": version, "fhirVersions": ["4.0.1"], "dependencies": {},
        });
        fs::write(folder.join("package.json"), about.to_string())?;
    }
    let folder = cache.join("hl7.fhir.r4.core#4.0.1");
    if folder.join("laid").is_file() {
        return Ok(());
    }
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(File::open(core)?));
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let name = path.file_name().map(|name| name.to_string_lossy());
        let name = name.unwrap_or_default();
        if !name.starts_with("OperationDefinition-") && !name.starts_with(".index") {
            entry.unpack_in(&folder)?;
        }
    }
    fs::write(folder.join("laid"), "")?;
    Ok(())
}

/// What it calls an error, as `file: sentence`, and how many documents it judged.
fn findings(town: &Town, home: &Path) -> Result<(Vec<String>, usize)> {
    let outcome = home.join("outcome.json");
    // That of an earlier run; mostly there is none.
    let _ = fs::remove_file(&outcome);
    let folders = [town.scratch.join(MADE), town.root.join(EXAMPLES)];
    let folders: Vec<PathBuf> = folders.into_iter().filter(|one| one.is_dir()).collect();
    ensure!(!folders.is_empty(), "there is nothing to be judged");
    let mut command = Command::new("java");
    command.arg("-Xmx2g");
    command.arg(format!("-Duser.home={}", home.display()));
    command.arg("-cp").arg(home.join("lib").join("*"));
    command.arg("org.hl7.fhir.validation.ValidatorCli");
    command.args(&folders);
    command.args(["-version", "4.0.1", "-tx", "n/a", "-output"]);
    let (lines, _) = town.lines(command.arg(&outcome))?;
    let text = fs::read_to_string(&outcome);
    let last = lines.last().cloned().unwrap_or_default();
    let text = text.with_context(|| format!("it gave no outcome: {last}"))?;
    let outcome: Value = serde_json::from_str(&text)?;
    let outcomes = outcomes(&outcome);
    let found = outcomes.iter().flat_map(|one| errors(one)).collect();
    Ok((found, outcomes.len()))
}

/// One document gives an outcome, several a Bundle of them.
fn outcomes(answer: &Value) -> Vec<&Value> {
    match answer.get("entry").and_then(Value::as_array) {
        Some(entries) => entries.iter().filter_map(|e| e.get("resource")).collect(),
        None => vec![answer],
    }
}

fn errors(outcome: &Value) -> Vec<String> {
    let extensions = outcome.get("extension").and_then(Value::as_array);
    let file = extensions.into_iter().flatten().find_map(|one| {
        let value = one.get("valueString")?.as_str()?;
        Path::new(value).file_name()?.to_str()
    });
    let file = file.unwrap_or("a document");
    let issues = outcome.get("issue").and_then(Value::as_array);
    let issues = issues.into_iter().flatten();
    issues
        .filter(|issue| {
            let severity = issue.get("severity").and_then(Value::as_str);
            matches!(severity, Some("error" | "fatal"))
        })
        .map(|issue| {
            let text = issue.pointer("/details/text").and_then(Value::as_str);
            let place = issue.pointer("/expression/0").and_then(Value::as_str);
            let (text, place) = (text.unwrap_or_default(), place.unwrap_or_default());
            format!("{file}: {place}: {text}")
        })
        .collect()
}

/// What is not known, and what is known and was not found.
fn compare(known: &[Difference], found: &[String]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for one in found {
        match known.iter().position(|row| one.contains(&row.says)) {
            Some(row) => {
                seen.insert(row);
            }
            None => wrong.push(format!("we accept what it refuses: {one}")),
        }
    }
    for (row, one) in known.iter().enumerate() {
        if !seen.contains(&row) {
            wrong.push(format!("it no longer says {:?} ({})", one.says, one.reason));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(says: &str) -> Difference {
        Difference {
            says: says.to_owned(),
            reason: "because".to_owned(),
        }
    }

    #[test]
    fn a_finding_without_a_row_and_a_row_without_a_finding_are_told() {
        let found = ["a.json: x: no such code".to_owned()];
        assert!(compare(&[row("no such code")], &found).is_empty());
        assert_eq!(compare(&[], &found).len(), 1);
        assert_eq!(
            compare(&[row("no such code"), row("other")], &found).len(),
            1
        );
    }

    #[test]
    fn errors_are_told_with_file_and_place_and_warnings_are_none() {
        let answer = serde_json::json!({ "entry": [{ "resource": {
            "extension": [{ "url": "x/file", "valueString": "/t/a.json" }],
            "issue": [
                { "severity": "warning", "details": { "text": "hm" } },
                { "severity": "error", "details": { "text": "no" }, "expression": ["Patient"] },
            ],
        } }] });
        let outcomes = outcomes(&answer);
        assert_eq!(errors(outcomes[0]), ["a.json: Patient: no"]);
    }

    #[test]
    fn every_committed_difference_has_its_reason() {
        let text = include_str!("../../foreign/differences.toml");
        let known: Differences = toml::from_str(text).unwrap();
        assert!(known.difference.iter().all(|one| one.reason.len() > 20));
    }
}
