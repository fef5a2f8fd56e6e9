//! Published test suites of others, fetched by their package manager into a folder below
//! `target`; without it, the tests that want one say that they are skipped.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::run;

/// HL7's test cases: the FHIRPath suite for R4 with its inputs is a part of them.
const CASES: &str = "org.hl7.fhir.testcases:fhir-test-cases:1.7.69";
/// What unpacks an artifact of Maven's registry.
const PLUGIN: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:unpack";
/// Where the part for R4 lies in it.
const PART: &str = "org/hl7/fhir/testcases/r4";
/// Fetching some 90 MB.
const LIMIT: Duration = Duration::from_secs(300);

/// The folder with HL7's test cases for R4, or why there is none.
pub fn fhir_cases(scratch: &Path, offline: bool) -> Result<PathBuf, String> {
    let whole = scratch.join("fhir-test-cases");
    let folder = whole.join(PART);
    let stamp = whole.join("installed");
    if std::fs::read_to_string(&stamp).is_ok_and(|text| text == CASES) {
        return Ok(folder);
    }
    let maven = run::on_path("mvn").ok_or("mvn is absent")?;
    std::fs::create_dir_all(&whole).map_err(|error| error.to_string())?;
    let mut command = Command::new(maven);
    command.args(["--quiet", "--batch-mode", PLUGIN]);
    if offline {
        command.arg("--offline");
    }
    command
        .arg(format!("-Dartifact={CASES}"))
        .arg(format!("-DoutputDirectory={}", whole.display()))
        .arg(format!(
            "-Dmdep.unpack.includes={PART}/*.xml,{PART}/*.json,{PART}/fhirpath/*"
        ))
        .current_dir(&whole);
    let mut last = String::new();
    let ended = run::stream(&mut command, LIMIT, |line| line.clone_into(&mut last));
    match ended {
        Ok(None) => {
            std::fs::write(&stamp, CASES).map_err(|error| error.to_string())?;
            Ok(folder)
        }
        Ok(Some(why)) => Err(format!("mvn: {why}: {last}")),
        Err(error) => Err(format!("mvn: {error:#}")),
    }
}
