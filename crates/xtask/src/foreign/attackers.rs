//! Attack tools: schemathesis with each role's rights, sqlmap on every parameter, slowhttptest.
//!
//! Source: identity-security section 5, T15, T18, T20.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::{Case, Outcome, Town, must_say};
use crate::run;

/// Seconds in which schemathesis makes requests for one role.
const FUZZ_SECONDS: &str = "8";

/// In the order in which they run.
pub const CASES: [Case; 8] = [
    Case {
        name: "schemathesis as nobody",
        limit: Duration::from_secs(40),
        act: |town| schemathesis(town, None),
    },
    Case {
        name: "schemathesis as a record system",
        limit: Duration::from_secs(40),
        act: |town| {
            let token = token(town)?;
            schemathesis(town, Some(&format!("Authorization: Bearer {token}")))
        },
    },
    Case {
        name: "schemathesis as a doctor",
        limit: Duration::from_secs(40),
        act: |town| {
            let cookie = town.cookie("reception")?;
            schemathesis(town, Some(&format!("Cookie: {cookie}")))
        },
    },
    Case {
        name: "schemathesis as a patient",
        limit: Duration::from_secs(40),
        act: |town| {
            let cookie = town.cookie("portal")?;
            schemathesis(town, Some(&format!("Cookie: {cookie}")))
        },
    },
    Case {
        name: "sqlmap",
        limit: Duration::from_secs(300),
        act: sqlmap,
    },
    Case {
        name: "slowhttptest with slow headers",
        limit: Duration::from_secs(30),
        act: |town| slow(town, &["-H", "-i", "2", "-t", "GET"]),
    },
    Case {
        name: "slowhttptest with slow bodies",
        limit: Duration::from_secs(30),
        act: |town| {
            let form = "application/x-www-form-urlencoded";
            slow(
                town,
                &["-B", "-i", "2", "-s", "4096", "-t", "POST", "-f", form],
            )
        },
    },
    Case {
        name: "slowhttptest with slow reading",
        limit: Duration::from_secs(30),
        act: |town| {
            slow(
                town,
                &[
                    "-X", "-k", "3", "-w", "1", "-y", "8", "-n", "1", "-z", "4", "-t", "GET",
                ],
            )
        },
    },
];

/// An access token of the clinic's record system, by the command that vendors are told.
fn token(town: &Town) -> Result<String> {
    let key = town.scratch.join("clinic-key.pem");
    std::fs::write(&key, town.word("/clinic/key")?)?;
    let mut command = run::cargo(town.root);
    command.args(["run", "--quiet", "--package", "tasuki", "--", "token"]);
    command.args(["--server", &town.base, "--client"]);
    command.arg(town.word("/clinic/client")?);
    command.arg("--key").arg(&key);
    let output = command.output()?;
    std::fs::remove_file(&key)?;
    let token = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    ensure!(
        output.status.success() && !token.is_empty(),
        "no token: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(token)
}

/// No 5xx and no method that the document does not know, whatever is sent.
fn schemathesis(town: &Town, header: Option<&str>) -> Result<Outcome> {
    let python = match &town.pins.python {
        Ok(python) => python,
        Err(why) => return Ok(Outcome::Absent(why.clone())),
    };
    let mut command = Command::new(python.with_file_name("schemathesis"));
    command
        .arg("run")
        .arg(format!("{}/openapi.json", town.base));
    if let Some(header) = header {
        command.args(["--header", header]);
    }
    command.args(["--checks", "not_a_server_error,unsupported_method"]);
    command.args([
        "--phases",
        "coverage,fuzzing",
        "--max-time",
        FUZZ_SECONDS,
        "--max-examples",
        "40",
    ]);
    // The same requests in every run, so that what was found is found again.
    command.args([
        "--seed",
        "20261122",
        "--no-shrink",
        "--request-timeout",
        "10",
    ]);
    let (lines, ended) = town.lines(&mut command)?;
    if let Some(why) = ended {
        let told = lines.iter().skip_while(|line| !line.contains("FAILURES"));
        let mut wrong: Vec<String> = told.take(40).cloned().collect();
        wrong.push(why);
        return Ok(Outcome::Broke(wrong));
    }
    must_say(&lines, " passed")?;
    // What was turned away was not tried.
    let untried = lines.iter().filter(|line| line.starts_with("Rate limited"));
    Ok(Outcome::of(untried.cloned().collect()))
}

/// Each parameter that a page or a program takes in its address, and the form of the log-in.
fn sqlmap(town: &Town) -> Result<Outcome> {
    if run::on_path("sqlmap").is_none() {
        return Ok(Outcome::Absent(
            "Debian package sqlmap is absent".to_owned(),
        ));
    }
    let patient = town.cookie("portal")?;
    let mut wrong = Vec::new();
    for (address, data, names) in [
        (
            "/portal/history?below=5&lang=en",
            "",
            &["below", "lang"][..],
        ),
        ("/portal/login?start=1&ended=1", "", &["start", "ended"]),
        ("/portal/consents?done=1", "", &["done"]),
        (
            "/login",
            "login=doctor&password=secret",
            &["login", "password"],
        ),
    ] {
        let mut command = Command::new("sqlmap");
        command.arg("-u").arg(format!("{}{address}", town.base));
        command.arg("--cookie").arg(patient);
        if !data.is_empty() {
            command.arg("--data").arg(data);
        }
        command.args(["--batch", "--level", "2", "--risk", "1", "--flush-session"]);
        command.args(["--technique", "BEUT", "--time-sec", "1", "--timeout", "5"]);
        command.args(["--retries", "0", "--disable-coloring", "--skip-waf"]);
        command.arg("-p").arg(names.join(","));
        command.arg("--output-dir").arg(town.scratch.join("sqlmap"));
        let (lines, ended) = town.lines(&mut command)?;
        wrong.extend(ended.map(|why| format!("{address}: {why}")));
        for name in names {
            // It says so of each parameter that it has tried with everything it knows.
            let verdict = format!("parameter '{name}' does not seem to be injectable");
            if !lines.iter().any(|line| line.contains(&verdict)) {
                let last = lines.iter().rev().take(4).rev().cloned();
                let last: Vec<String> = last.collect();
                wrong.push(format!("{address}: {name}: {}", last.join(" | ")));
            }
        }
    }
    Ok(Outcome::of(wrong))
}

/// Three hundred slow connections: a visitor is answered meanwhile, by the tool's own probe and
/// by ours.
fn slow(town: &Town, kind: &[&str]) -> Result<Outcome> {
    if run::on_path("slowhttptest").is_none() {
        return Ok(Outcome::Absent(
            "Debian package slowhttptest is absent".to_owned(),
        ));
    }
    let mut command = Command::new("slowhttptest");
    command.args(kind).args(["-c", "300", "-r", "200"]);
    command.args(["-l", "8", "-p", "3", "-u"]);
    command.arg(format!("{}/login", town.base));
    let probe = Probe::start(&town.base);
    let (lines, ended) = town.lines(&mut command)?;
    let answers = probe.stop();
    ensure!(ended.is_none(), "it ended badly: {ended:?}");
    must_say(&lines, "service available:")?;
    let mut wrong = Vec::new();
    let away = lines
        .iter()
        .filter(|line| line.contains("service available:") && !line.contains("YES"));
    wrong.extend(away.cloned());
    if answers.len() < 5 {
        wrong.push(format!("only {} probes were sent", answers.len()));
    }
    wrong.extend(answers.into_iter().filter_map(Result::err));
    Ok(Outcome::of(wrong))
}

/// A visitor who asks for the log-in page again and again.
struct Probe {
    ends: std::sync::mpsc::Sender<()>,
    asks: std::thread::JoinHandle<Vec<Result<(), String>>>,
}

impl Probe {
    fn start(base: &str) -> Self {
        /// An answer later than this is none.
        const PATIENCE: Duration = Duration::from_secs(2);
        let address = format!("{base}/login");
        let (ends, ended) = std::sync::mpsc::channel();
        let asks = std::thread::spawn(move || {
            let mut answers = Vec::new();
            while ended.recv_timeout(Duration::from_millis(500))
                == Err(std::sync::mpsc::RecvTimeoutError::Timeout)
            {
                // A new agent each time: a visitor has no connection yet.
                let config = ureq::Agent::config_builder()
                    .timeout_global(Some(PATIENCE))
                    .proxy(None);
                let begun = Instant::now();
                let answer = config.build().new_agent().get(&address).call();
                let late = begun.elapsed().as_millis();
                answers.push(match answer {
                    Ok(_) => Ok(()),
                    Err(error) => Err(format!("a visitor got no answer in {late} ms: {error}")),
                });
            }
            answers
        });
        Self { ends, asks }
    }

    fn stop(self) -> Vec<Result<(), String>> {
        // A probe that has ended by itself has no answers, which is told as too few.
        let _ = self.ends.send(());
        self.asks.join().unwrap_or_default()
    }
}
