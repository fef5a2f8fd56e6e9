//! Other programs: found, run with a time limit, their lines handed on as they come.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How long a program may go on writing after it has ended (through its children).
const DRAIN: Duration = Duration::from_secs(5);

/// The workspace's root folder.
///
/// # Errors
/// When the tool runs outside its workspace.
pub fn root() -> Result<PathBuf> {
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = here
        .join("../..")
        .canonicalize()
        .context("the workspace is gone")?;
    if !root.join("crates/xtask/Cargo.toml").is_file() {
        bail!("{} is not this workspace", root.display());
    }
    Ok(root)
}

/// The folder for logs and downloads of these tools: `target/xtask`.
///
/// # Errors
/// When it cannot be made.
pub fn scratch(root: &Path) -> Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), PathBuf::from);
    let folder = root.join(target).join("xtask");
    std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    Ok(folder)
}

/// The cargo that runs us.
pub fn cargo(root: &Path) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root).env("CARGO_TERM_COLOR", "never");
    command
}

/// Where a program of this name lies, by `PATH`.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// Whether a program runs, takes these arguments and is content.
pub fn succeeds(program: &str, args: &[&str]) -> bool {
    let status = Command::new(program)
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

/// Runs a program to its end, hands on each line of both its outputs, and says how it ended:
/// `None` is success, else what was wrong. It is ended when `limit` has passed.
///
/// # Errors
/// When it cannot be started.
pub fn stream(
    command: &mut Command,
    limit: Duration,
    mut on_line: impl FnMut(&str),
) -> Result<Option<String>> {
    let name = command.get_program().to_string_lossy().into_owned();
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .with_context(|| format!("starting {name}"))?;
    let (sender, lines) = channel();
    if let Some(stdout) = child.stdout.take() {
        hand_on(stdout, sender.clone());
    }
    if let Some(stderr) = child.stderr.take() {
        hand_on(stderr, sender);
    }
    let begun = Instant::now();
    let mut ended: Option<Instant> = None;
    loop {
        match lines.recv_timeout(Duration::from_millis(200)) {
            Ok(line) => on_line(&line),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if ended.is_none() && child.try_wait()?.is_some() {
            ended = Some(Instant::now());
        }
        if ended.is_some_and(|at| at.elapsed() > DRAIN) {
            break;
        }
        if ended.is_none() && begun.elapsed() > limit {
            end(&mut child);
            return Ok(Some(format!(
                "ended after {} s without a result",
                limit.as_secs()
            )));
        }
    }
    let status = child.wait()?;
    Ok((!status.success()).then(|| format!("{status}")))
}

/// Reads lines of any bytes in a thread of its own.
fn hand_on(output: impl Read + Send + 'static, to: Sender<String>) {
    std::thread::spawn(move || {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        while output
            .read_until(b'\n', &mut line)
            .is_ok_and(|read| read > 0)
        {
            let text = String::from_utf8_lossy(&line);
            if to
                .send(text.trim_end_matches(['\n', '\r']).to_owned())
                .is_err()
            {
                return;
            }
            line.clear();
        }
    });
}

/// Ends a program that we started and waits until it is gone.
pub fn end(child: &mut Child) {
    // Both fail only when it has ended already, which is what is wanted.
    let _ = child.kill();
    let _ = child.wait();
}

/// `4.2 s` or `3 min 07 s`.
pub fn spoken(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        return format!("{seconds}.{} s", duration.subsec_millis() / 100);
    }
    format!("{} min {:02} s", seconds / 60, seconds % 60)
}
