//! What is installed from npm and PyPI, in which version and why.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::run;

/// Time for one installer, downloads included.
const FETCH_LIMIT: Duration = Duration::from_secs(300);

/// Where something comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Npm,
    Pypi,
}

/// One foreign program.
struct Pin {
    from: From,
    name: &'static str,
    version: &'static str,
    /// Why this one.
    #[expect(dead_code, reason = "read by people")]
    why: &'static str,
}

const PINS: [Pin; 10] = [
    Pin {
        from: From::Npm,
        name: "oauth4webapi",
        version: "3.8.8",
        why: "strict low-level OAuth client: judges every answer against its standard",
    },
    Pin {
        from: From::Npm,
        name: "openid-client",
        version: "6.8.9",
        why: "the client that most vendors on Node use",
    },
    Pin {
        from: From::Npm,
        name: "jose",
        version: "6.2.17",
        why: "keys and assertions for the two above, the forged ones too",
    },
    Pin {
        from: From::Npm,
        name: "fhir-kit-client",
        version: "2.0.3",
        why: "the FHIR client that most vendors on Node use",
    },
    Pin {
        from: From::Npm,
        name: "fhirclient",
        version: "2.6.3",
        why: "the SMART on FHIR library for JavaScript",
    },
    Pin {
        from: From::Pypi,
        name: "fhirpy",
        version: "2.3.1",
        why: "the FHIR client that most vendors on Python use",
    },
    Pin {
        from: From::Pypi,
        name: "fhirclient",
        version: "4.4.0",
        why: "the SMART on FHIR library for Python, which types what it gets",
    },
    Pin {
        from: From::Pypi,
        name: "authlib",
        version: "1.9.9",
        why: "the client that most vendors on Python use",
    },
    Pin {
        from: From::Pypi,
        name: "schemathesis",
        version: "4.32.5",
        why: "makes requests from the OpenAPI document, right and wrong ones",
    },
    Pin {
        from: From::Pypi,
        name: "clinosim",
        version: "0.6.5",
        why: "makes a Japanese hospital's records in FHIR, which nobody of us wrote",
    },
];

/// What is there, or why it is not.
pub struct Installed {
    /// Node, with the packages of npm beside our scripts.
    pub node: Result<PathBuf, String>,
    /// Python of a virtual environment with the packages of PyPI.
    pub python: Result<PathBuf, String>,
}

/// Installs what is not there already in its version.
pub fn install(folder: &Path, offline: bool) -> Installed {
    let said = |result: Result<PathBuf>| result.map_err(|error| format!("{error:#}"));
    Installed {
        node: said(node(folder, offline)),
        python: said(python(folder, offline)),
    }
}

fn wanted(from: From, between: &str) -> Vec<String> {
    let pins = PINS.iter().filter(|pin| pin.from == from);
    pins.map(|pin| format!("{}{between}{}", pin.name, pin.version))
        .collect()
}

/// Whether a stamp says that exactly these are installed.
fn stamped(stamp: &Path, wanted: &[String]) -> bool {
    std::fs::read_to_string(stamp).is_ok_and(|text| text == wanted.join("\n"))
}

fn node(folder: &Path, offline: bool) -> Result<PathBuf> {
    let node = run::on_path("node");
    let node = node.ok_or_else(|| anyhow::anyhow!("node is absent"))?;
    let wanted = wanted(From::Npm, "@");
    let stamp = folder.join("npm.installed");
    if !stamped(&stamp, &wanted) {
        ensure!(!offline, "--offline");
        ensure!(run::on_path("npm").is_some(), "npm is absent");
        let mut command = Command::new("npm");
        command.args([
            "install",
            "--no-save",
            "--ignore-scripts",
            // fhirclient names some hundred of them, for telephones.
            "--omit=optional",
            "--no-audit",
            "--no-fund",
        ]);
        command.arg("--prefix").arg(folder).args(&wanted);
        fetch(&mut command, "npm install", folder)?;
        std::fs::write(&stamp, wanted.join("\n"))?;
    }
    Ok(node)
}

fn python(folder: &Path, offline: bool) -> Result<PathBuf> {
    let venv = folder.join("venv");
    let python = venv.join("bin/python");
    let wanted = wanted(From::Pypi, "==");
    let stamp = folder.join("pypi.installed");
    if !(stamped(&stamp, &wanted) && python.is_file()) {
        ensure!(!offline, "--offline");
        let mut command = Command::new("python3");
        command.args(["-m", "venv"]).arg(&venv);
        fetch(&mut command, "python3 -m venv", folder)?;
        let mut command = Command::new(&python);
        command.args(["-m", "pip", "install", "--quiet"]);
        fetch(command.args(&wanted), "pip install", folder)?;
        std::fs::write(&stamp, wanted.join("\n"))?;
    }
    Ok(python)
}

fn fetch(command: &mut Command, name: &str, folder: &Path) -> Result<()> {
    let mut last = String::new();
    let ended = run::stream(command.current_dir(folder), FETCH_LIMIT, |line| {
        line.clone_into(&mut last);
    })?;
    match ended {
        None => Ok(()),
        Some(why) => anyhow::bail!("{name}: {why}: {last}"),
    }
}
