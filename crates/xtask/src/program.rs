//! The program as a process of its own, for stages that look at it from outside.
//!
//! It says itself when it is ready and what opens its doors: in a file that it is told the name
//! of (`--ready-file FILE`) and puts in its place as a whole.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::run;

/// Time for the seeded town to be ready.
const READY_LIMIT: Duration = Duration::from_secs(180);

/// The running program; it ends when this is dropped.
pub struct Program {
    child: Child,
    /// What it wrote when it was ready: JSON.
    pub ready_file: PathBuf,
}

impl Program {
    /// The seeded town on loopback, by `cargo run` with the words that choose the build:
    /// `--release`, `--example NAME` or none.
    ///
    /// # Errors
    /// When it does not build, ends by itself, or is not ready in time.
    pub fn start(root: &Path, scratch: &Path, build: &[&str], words: &[&str]) -> Result<Self> {
        let mut command = run::cargo(root);
        command.args(["build", "--quiet", "--package", "tasuki"]);
        let built = command.args(build).status()?;
        ensure!(built.success(), "the program does not build");
        let me = std::process::id();
        let name = words.first().copied().unwrap_or("program");
        let ready_file = scratch.join(format!("ready-{name}-{me}.json"));
        // A file of an earlier run must not be taken for an answer; mostly there is none.
        let _ = std::fs::remove_file(&ready_file);
        let log_path = scratch.join(format!("{name}-serve.log"));
        let log = File::create(&log_path)?;
        // Cargo replaces itself by the program, so the child is the program itself.
        let mut command = run::cargo(root);
        command.args(["run", "--quiet", "--package", "tasuki"]);
        command.args(build).arg("--").args(words);
        command.arg("--ready-file").arg(&ready_file);
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let mut program = Self {
            child: command.spawn()?,
            ready_file,
        };
        program
            .wait()
            .with_context(|| format!("see {}", log_path.display()))?;
        Ok(program)
    }

    /// Waits until the ready file is there.
    fn wait(&mut self) -> Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < READY_LIMIT {
            if self.ready_file.is_file() {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the program ended before it was ready: {status}");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!(
            "the program was not ready after {} s",
            READY_LIMIT.as_secs()
        )
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        run::end(&mut self.child);
        let _ = std::fs::remove_file(&self.ready_file);
    }
}
