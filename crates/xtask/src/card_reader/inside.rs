//! In the private namespaces: the service with its reader, a town, and cards that come and go.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::{DRIVER, journeys, opensc};
use crate::run;

/// The port of the virtual reader.
const PORT: u16 = 0x8c7b;
/// Time for one tool.
const TOOL_LIMIT: Duration = Duration::from_secs(20);
/// Time for the town to be ready, and for the service to see what changed.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// One thing that must hold; what was wrong, a line each.
pub struct Case {
    pub name: &'static str,
    pub act: fn(&mut Desk) -> Result<Vec<String>>,
}

/// A program that is ended when this is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        run::end(&mut self.0);
    }
}

/// A card on the reader; it is taken away when this is dropped.
pub struct Card(Running);

/// What became of a card at the terminal.
pub struct Told {
    /// What the terminal said.
    pub line: String,
    /// Whether eligibility was confirmed.
    pub is_confirmed: bool,
}

/// The counter: service, town, and where the tools work.
pub struct Desk {
    folder: PathBuf,
    program: PathBuf,
    /// Where the town is: base address, facility's code, client.
    base: String,
    facility: String,
    client: String,
    service: Option<Running>,
    _town: Running,
}

/// All of it: `folder` holds the program; a line for each case on standard output.
///
/// # Errors
/// When the counter cannot be set up.
pub fn run(folder: &Path, only: &str) -> Result<()> {
    must("ip", &["link", "set", "lo", "up"])?;
    must("mount", &["-t", "tmpfs", "tmpfs", "/run"])?;
    fs::create_dir_all("/run/pcscd")?;
    let mut desk = Desk::open(folder)?;
    let cases = journeys::WITHOUT_READER
        .iter()
        .chain(&opensc::CASES)
        .chain(&journeys::CASES);
    for case in cases.filter(|case| case.name.contains(only)) {
        let begun = Instant::now();
        let wrong = match (case.act)(&mut desk) {
            Ok(wrong) => wrong,
            Err(error) => vec![format!("{error:#}")],
        };
        let took = run::spoken(begun.elapsed());
        for line in &wrong {
            println!("  {}: {line}", case.name);
        }
        let word = if wrong.is_empty() { "held" } else { "broke" };
        println!("{word}: {}, {took}", case.name);
    }
    Ok(())
}

fn must(program: &str, words: &[&str]) -> Result<()> {
    ensure!(
        run::succeeds(program, words),
        "{program} {}",
        words.join(" ")
    );
    Ok(())
}

impl Desk {
    fn open(folder: &Path) -> Result<Self> {
        let program = folder.join("tasuki");
        let ready_file = folder.join("ready.json");
        let log = File::create(folder.join("town.log"))?;
        let mut command = Command::new(&program);
        command.args(["demo", "--serve-only", "--people", "20"]);
        command.args(["--listen", "127.0.0.1:0", "--ready-file"]);
        command.arg(&ready_file).stdin(Stdio::null());
        command.stdout(log.try_clone()?).stderr(log);
        let mut town = Running(command.spawn().context("starting a town")?);
        until("the town is ready", || {
            if let Some(status) = town.0.try_wait()? {
                bail!("the town ended: {status}, see town.log");
            }
            Ok(ready_file.is_file())
        })?;
        let ready: Value = serde_json::from_slice(&fs::read(&ready_file)?)?;
        let word = |pointer: &str| {
            let word = ready.pointer(pointer).and_then(Value::as_str);
            word.map(str::to_owned)
                .with_context(|| format!("the ready file has no {pointer}"))
        };
        fs::write(folder.join("key.pem"), word("/clinic/key")?)?;
        Ok(Self {
            folder: folder.to_path_buf(),
            program,
            base: word("/base")?,
            facility: word("/clinic/facility")?,
            client: word("/clinic/client")?,
            service: None,
            _town: town,
        })
    }

    /// Starts the service, with the virtual reader or with none; ends the one before.
    pub fn start_service(&mut self, has_reader: bool) -> Result<()> {
        self.service = None;
        let readers = self.folder.join("readers");
        fs::create_dir_all(&readers)?;
        let file = readers.join("vpcd");
        if has_reader {
            let reader = format!(
                "FRIENDLYNAME \"Tasuki Virtual PCD\"\nDEVICENAME /dev/null:{PORT:#06X}\nLIBPATH {DRIVER}\nCHANNELID {PORT:#06X}\n"
            );
            fs::write(&file, reader.replace("0X", "0x"))?;
        } else if file.exists() {
            fs::remove_file(&file)?;
        }
        // Those of the service before, which was ended and could not clean up.
        for left in ["pcscd.pid", "pcscd.comm"] {
            let _ = fs::remove_file(Path::new("/run/pcscd").join(left));
        }
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("pcscd.log"))?;
        let mut command = Command::new("pcscd");
        command.args(["--foreground", "--config"]).arg(&readers);
        command.stdin(Stdio::null());
        command.stdout(log.try_clone()?).stderr(log);
        self.service = Some(Running(command.spawn().context("starting pcscd")?));
        until("the service is there", || {
            Ok(Path::new("/run/pcscd/pcscd.comm").exists())
        })
    }

    /// The service with the virtual reader, if it does not run yet.
    fn have_reader(&mut self) -> Result<()> {
        if self.service.is_none() || !self.folder.join("readers/vpcd").exists() {
            self.start_service(true)?;
        }
        Ok(())
    }

    /// Puts a card on the reader, once the one before is seen to be gone.
    pub fn lay(&mut self, profile: &str, number: u64, more: &[&str]) -> Result<Card> {
        self.have_reader()?;
        until("the reader is empty", || {
            Ok(!self.reader_list()?.contains("Yes"))
        })?;
        let mut command = Command::new(&self.program);
        command.args(["vcard", "serve", "--profile", profile]);
        command.args(["--number", &number.to_string()]).args(more);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut card = Running(command.spawn().context("starting a card")?);
        let mut line = String::new();
        if let Some(stdout) = card.0.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        ensure!(!line.is_empty(), "the card found no reader");
        until("the reader sees the card", || {
            Ok(self.reader_list()?.contains("Yes"))
        })?;
        Ok(Card(card))
    }

    fn reader_list(&self) -> Result<String> {
        Ok(self.tool("opensc-tool", &["-l"])?.0)
    }

    /// Runs a tool; what it wrote, and whether it was content.
    pub fn tool(&self, program: &str, words: &[&str]) -> Result<(String, bool)> {
        let mut command = Command::new(program);
        command.args(words).current_dir(&self.folder);
        let mut text = String::new();
        let ended = run::stream(&mut command, TOOL_LIMIT, |line| {
            text.push_str(line);
            text.push('\n');
        })?;
        let mut log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("tools.log"))?;
        writeln!(log, "== {program} {}\n{text}", words.join(" "))?;
        Ok((text, ended.is_none()))
    }

    /// A tool that must be content.
    pub fn content(&self, program: &str, words: &[&str]) -> Result<String> {
        let (text, is_content) = self.tool(program, words)?;
        ensure!(is_content, "{program} {}: {text}", words.join(" "));
        Ok(text)
    }

    /// Where a file of the tools lies.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn at_counter(&self, what: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.args([what, "--server", &self.base, "--client", &self.client]);
        command.args(["--facility", &self.facility, "--key"]);
        command.arg(self.folder.join("key.pem"));
        command
    }

    /// Our terminal at work, waiting for its PIN.
    pub fn terminal(&self, words: &[&str]) -> Result<Terminal> {
        let mut command = self.at_counter("terminal");
        command.args(words).stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let terminal = Running(command.spawn().context("starting a terminal")?);
        Ok(Terminal(terminal))
    }

    /// Our terminal with this PIN.
    pub fn present(&self, pin: &str, words: &[&str]) -> Result<Told> {
        self.terminal(words)?.enter(pin)
    }

    /// The diagnosis from the counter: what it wrote, and whether nothing is stuck.
    pub fn diagnose(&self, words: &[&str]) -> Result<(String, bool)> {
        let output = self.at_counter("diagnose").args(words).output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok((text, output.status.success()))
    }
}

/// A terminal that waits for a PIN; it ends when this is dropped.
pub struct Terminal(Running);

impl Terminal {
    /// Waits until it has the card and asks for the PIN.
    pub fn is_asking(&mut self) -> Result<bool> {
        let mut asked = String::new();
        if let Some(stderr) = self.0.0.stderr.take() {
            BufReader::new(stderr).read_line(&mut asked)?;
        }
        Ok(asked.contains("PIN"))
    }

    /// Enters the PIN, and hears what becomes of it.
    pub fn enter(mut self, pin: &str) -> Result<Told> {
        if let Some(mut stdin) = self.0.0.stdin.take() {
            // A terminal that has refused already listens no more.
            let _ = writeln!(stdin, "{pin}");
        }
        let mut said = String::new();
        if let Some(stdout) = self.0.0.stdout.take() {
            said.extend(BufReader::new(stdout).lines().map_while(Result::ok));
        }
        if let (true, Some(stderr)) = (said.is_empty(), self.0.0.stderr.take()) {
            said.extend(BufReader::new(stderr).lines().map_while(Result::ok));
        }
        let status = self.0.0.wait()?;
        Ok(Told {
            line: said,
            is_confirmed: status.success(),
        })
    }
}

impl Card {
    /// Is it still on the reader?
    pub fn lies(&mut self) -> Result<bool> {
        Ok(self.0.0.try_wait()?.is_none())
    }
}

/// Waits until something holds.
pub fn until(what: &str, mut holds: impl FnMut() -> Result<bool>) -> Result<()> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if holds()? {
            return Ok(());
        }
        std::thread::sleep(LOOK_AGAIN);
    }
    bail!("after {} s it is not so that {what}", PATIENCE.as_secs())
}
