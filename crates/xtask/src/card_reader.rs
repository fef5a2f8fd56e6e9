//! Real PC/SC: Debian's `pcscd` with a virtual reader, our virtual cards on it, OpenSC's tools
//! and our own terminal before it.
//!
//! The virtual reader listens on every address of its machine, and `pcscd` has one fixed place
//! for its socket: so all of it runs in namespaces of its own (network, mounts, processes), where
//! nothing of this machine is touched and from which nothing is reached. This program runs itself
//! there (`card-reader-inside`); when it ends, however it ends, the kernel ends whatever it had
//! started.
//!
//! Source: identity-security 1.7.

pub mod inside;
mod journeys;
mod opensc;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::report::{Report, Verdict};
use crate::run;

/// The whole stage without its build, which it must not take.
const LIMIT: Duration = Duration::from_secs(90);

/// The driver of the virtual reader, as Debian has it.
pub const DRIVER: &str = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";

/// Programs that the stage needs.
const PROGRAMS: [&str; 8] = [
    "pcscd",
    "opensc-tool",
    "pkcs15-tool",
    "pkcs15-crypt",
    "pkcs11-tool",
    "openssl",
    "unshare",
    "ip",
];

/// The stage: every case whose name contains `only` counts.
///
/// # Errors
/// When the program does not build, or this one cannot be started again.
pub fn check(root: &Path, scratch: &Path, only: &str, report: &mut Report) -> Result<Verdict> {
    if let Some(why) = kept_from() {
        return Ok(Verdict::Skipped(format!("card reader (PC/SC) ({why})")));
    }
    let folder = scratch.join("card-reader");
    // What an earlier run left; mostly there is nothing.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("tmp"))?;
    let program = folder.join("tasuki");
    let built = build(root)?;
    std::fs::copy(&built, &program).with_context(|| format!("copying {}", built.display()))?;
    let mut command = Command::new("unshare");
    command.args(namespaces());
    command.arg(std::env::current_exe()?);
    command.arg("card-reader-inside").arg(&folder);
    command.arg(only).env("TMPDIR", folder.join("tmp"));
    let (mut failed, mut told) = (0, 0);
    let ended = run::stream(&mut command, LIMIT, |line| {
        println!("{line}");
        if line.starts_with("held: ") {
            report.passed += 1;
            told += 1;
        } else if let Some(name) = line.strip_prefix("broke: ") {
            report.fail(format!("card reader: {name}"));
            failed += 1;
            told += 1;
        }
    })?;
    // Everything is ended: what the town had there is of no more use.
    let _ = std::fs::remove_dir_all(folder.join("tmp"));
    if let Some(why) = ended {
        return Ok(Verdict::Failed(format!("{why}, see {}", folder.display())));
    }
    ensure!(told > 0 || !only.is_empty(), "no case ran");
    Ok(Verdict::Counted(failed))
}

/// Namespaces of network, mounts and processes, all ended together; without being root, in a
/// namespace of users.
fn namespaces() -> Vec<&'static str> {
    let mut words = vec!["--net", "--mount", "--pid", "--fork", "--kill-child"];
    words.push("--mount-proc");
    if !crate::setup::is_root() {
        words.push("--map-root-user");
    }
    words
}

/// What this machine lacks or does not allow, if anything.
fn kept_from() -> Option<String> {
    let mut lacking: Vec<&str> = PROGRAMS.to_vec();
    lacking.retain(|name| run::on_path(name).is_none());
    if !Path::new(DRIVER).is_file() {
        lacking.push("vsmartcard-vpcd");
    }
    if !has_library() {
        lacking.push("libpcsclite-dev");
    }
    if !lacking.is_empty() {
        return Some(format!("absent: {}", lacking.join(" ")));
    }
    let mut words = namespaces();
    words.extend(["sh", "-c", "ip link set lo up && mount -t tmpfs tmpfs /run"]);
    (!run::succeeds("unshare", &words))
        .then(|| "namespaces of one's own are not permitted here".to_owned())
}

/// Whether programs with card readers can be built here.
pub fn has_library() -> bool {
    run::succeeds("pkg-config", &["--exists", "libpcsclite"])
}

/// Builds the program with card readers; where it lies. The features of everything else are
/// those of the whole workspace, so that nothing else is built anew.
fn build(root: &Path) -> Result<PathBuf> {
    let mut command = run::cargo(root);
    command.args(["build", "--workspace", "--bin", "tasuki"]);
    command.args(["--features", "tasuki/pcsc", "--message-format=json"]);
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("building the program")?;
    ensure!(output.status.success(), "it does not build with readers");
    let lines = String::from_utf8_lossy(&output.stdout);
    let found = lines.lines().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_ours = message.pointer("/target/name")? == "tasuki";
        let program = message.get("executable")?.as_str()?;
        is_ours.then(|| PathBuf::from(program))
    });
    found.context("cargo does not say where the program lies")
}
