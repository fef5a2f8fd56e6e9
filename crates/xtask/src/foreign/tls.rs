//! The way in by TLS, judged by others: `curl` with and without client certificates of the
//! installation's own authority, and `sslscan`.
//!
//! Source: identity-security NET-01, NET-02, OA-04, T09; RFC 8705.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::clients::keys;
use super::{Case, Outcome, Town};
use crate::program::Program;
use crate::run;

const LIMIT: Duration = Duration::from_secs(40);

/// In the order in which they run.
pub const CASES: [Case; 2] = [
    Case {
        name: "curl with client certificates",
        limit: LIMIT,
        act: curl,
    },
    Case {
        name: "sslscan",
        limit: LIMIT,
        act: sslscan,
    },
];

/// A town that is reached by TLS alone.
struct Guarded {
    _program: Program,
    ready: Value,
    base: String,
    folder: PathBuf,
}

impl Guarded {
    fn start(town: &Town, node: &Path) -> Result<Self> {
        let folder = town.scratch.join("tls");
        std::fs::create_dir_all(&folder)?;
        let public = keys(town, node)?;
        let path = |path: &Path| path.to_str().map(str::to_owned).context("no text");
        let (public, at) = (path(&public)?, path(&folder)?);
        let words = ["clients", "--keys", &public, "--tls", &at];
        let build = ["--example", "clients"];
        let program = Program::start(town.root, &town.scratch, &build, &words)?;
        let ready: Value = serde_json::from_slice(&std::fs::read(&program.ready_file)?)?;
        let base = ready.get("base").and_then(Value::as_str).context("base")?;
        let base = base.to_owned();
        Ok(Self {
            _program: program,
            ready,
            base,
            folder,
        })
    }

    /// `curl` that knows our root and shows this terminal's certificate, if any; the status (000
    /// when there was no answer) and the answer.
    fn curl(&self, town: &Town, shows: Option<&str>, words: &[&str]) -> Result<(String, String)> {
        let mut command = Command::new("curl");
        command.args(["--silent", "--show-error", "--max-time", "10"]);
        command.args(["--write-out", "\nSTATUS %{http_code}\n", "--cacert"]);
        command.arg(self.folder.join("root.pem"));
        if let Some(name) = shows {
            command.arg("--cert");
            command.arg(self.folder.join(format!("{name}.pem")));
            command.arg("--key");
            command.arg(self.folder.join(format!("{name}-key.pem")));
        }
        // A status of `curl` that is not success is told by its status line too.
        let (lines, _) = town.lines(command.args(words))?;
        let status = lines.iter().find_map(|line| line.strip_prefix("STATUS "));
        let body = lines.iter().filter(|line| !line.starts_with("STATUS "));
        let body: Vec<&str> = body.map(String::as_str).collect();
        Ok((status.unwrap_or_default().to_owned(), body.join("\n")))
    }
}

fn needs(town: &Town, tool: &str) -> Result<PathBuf, Outcome> {
    if run::on_path(tool).is_none() {
        return Err(Outcome::Absent(format!("Debian package {tool} is absent")));
    }
    town.pins.node.clone().map_err(Outcome::Absent)
}

/// A token that is bound to its certificate: good with it, and with nothing else.
fn curl(town: &Town) -> Result<Outcome> {
    let node = match needs(town, "curl") {
        Ok(node) => node,
        Err(absent) => return Ok(absent),
    };
    let guarded = Guarded::start(town, &node)?;
    stranger(town, &guarded.folder)?;
    let client = guarded.ready.pointer("/clients/bound/client");
    let client = client.and_then(Value::as_str).context("no bound client")?;
    let base = &guarded.base;
    let token_at = format!("{base}/oauth/token");
    let form = format!("grant_type=client_credentials&client_id={client}&scope=tasuki/eligibility");
    let mut wrong = Vec::new();
    let mut must = |status: &str, wanted: &[&str], what: &str| {
        wrong.extend(miss(status, wanted, what));
    };
    for (shows, what) in [
        (None, "a token without the certificate"),
        (Some("other"), "a token with another terminal's certificate"),
    ] {
        let (status, _) = guarded.curl(town, shows, &["--data", &form, &token_at])?;
        must(&status, &["401"], what);
    }
    let asked = guarded.curl(town, Some("terminal"), &["--data", &form, &token_at])?;
    must(&asked.0, &["200"], "a token with the certificate");
    let issued: Value = serde_json::from_str(&asked.1).unwrap_or_default();
    let token = issued.get("access_token").and_then(Value::as_str);
    let token = token.with_context(|| format!("no token: {}", asked.1))?;
    let checks = format!("{base}/api/v1/eligibility/checks");
    let bearer = format!("Authorization: Bearer {token}");
    let inquiry = guarded.ready.get("inquiry").context("no inquiry")?;
    let inquiry = inquiry.to_string();
    let json = "Content-Type: application/json";
    let check = [
        "--header", &bearer, "--header", json, "--data", &inquiry, &checks,
    ];
    for (shows, wanted, what) in [
        (Some("terminal"), "200", "the token with its certificate"),
        (None, "401", "the token without a certificate"),
        (Some("other"), "401", "the token with another certificate"),
        (
            Some("terminal"),
            "200",
            "the token with its certificate again",
        ),
        (
            Some("stranger"),
            "000",
            "a certificate of somebody else's authority",
        ),
    ] {
        let (status, _) = guarded.curl(town, shows, &check)?;
        must(&status, &[wanted], what);
    }
    let told = format!("client_id={client}&token={token}");
    let at = format!("{base}/oauth/introspect");
    let (_, body) = guarded.curl(town, Some("terminal"), &["--data", &told, &at])?;
    let is_bound = body.contains("\"x5t#S256\"") && body.contains("\"active\":true");
    must(
        if is_bound { "bound" } else { &body },
        &["bound"],
        "what introspection tells",
    );
    wrong.extend(versions(town, &guarded)?);
    Ok(Outcome::of(wrong))
}

/// What is wrong, if the status is none of those wanted.
fn miss(status: &str, wanted: &[&str], what: &str) -> Option<String> {
    (!wanted.contains(&status)).then(|| format!("{what}: {status} instead of {wanted:?}"))
}

/// TLS 1.3 and nothing older; plain HTTP not at all.
fn versions(town: &Town, guarded: &Guarded) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    let page = format!("{}/login", guarded.base);
    for (words, wanted, what) in [
        (["--tlsv1.3", &page], "200", "TLS 1.3"),
        (["--tls-max=1.2", &page], "000", "TLS 1.2"),
        (["--tls-max=1.1", &page], "000", "TLS 1.1"),
    ] {
        let words: Vec<&str> = words.iter().flat_map(|word| word.split('=')).collect();
        let (status, _) = guarded.curl(town, None, &words)?;
        wrong.extend(miss(&status, &[wanted], what));
    }
    let (status, _) = guarded.curl(town, None, &[&page.replacen("https", "http", 1)])?;
    wrong.extend(miss(
        &status,
        &["000", "400"],
        "plain HTTP at the same place",
    ));
    Ok(wrong)
}

/// A certificate that somebody made for themselves.
fn stranger(town: &Town, folder: &Path) -> Result<()> {
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt"]);
    command.args(["ec_paramgen_curve:P-384", "-nodes", "-days", "1"]);
    command.args(["-subj", "/CN=terminal", "-keyout"]);
    command.arg(folder.join("stranger-key.pem"));
    command.arg("-out").arg(folder.join("stranger.pem"));
    let (lines, ended) = town.lines(&mut command)?;
    ensure!(ended.is_none(), "openssl: {}", lines.join(" "));
    Ok(())
}

/// TLS 1.3 alone, with suites and groups that nobody calls weak.
fn sslscan(town: &Town) -> Result<Outcome> {
    let node = match needs(town, "sslscan") {
        Ok(node) => node,
        Err(absent) => return Ok(absent),
    };
    let guarded = Guarded::start(town, &node)?;
    let place = guarded.base.trim_start_matches("https://");
    let mut command = Command::new("sslscan");
    command.args(["--no-colour", "--show-certificate", place]);
    let (lines, ended) = town.lines(&mut command)?;
    ensure!(ended.is_none(), "it ended badly: {ended:?}");
    let mut wrong = Vec::new();
    let words =
        |line: &String| -> Vec<String> { line.split_whitespace().map(str::to_owned).collect() };
    let lines: Vec<Vec<String>> = lines.iter().map(words).collect();
    for (version, wanted) in [
        ("SSLv2", "disabled"),
        ("SSLv3", "disabled"),
        ("TLSv1.0", "disabled"),
        ("TLSv1.1", "disabled"),
        ("TLSv1.2", "disabled"),
        ("TLSv1.3", "enabled"),
    ] {
        let line = [version, wanted];
        if !lines.iter().any(|words| *words == line) {
            wrong.push(format!("{version} is not {wanted}"));
        }
    }
    let suites: Vec<&Vec<String>> = lines
        .iter()
        .filter(|words| {
            matches!(
                words.first().map(String::as_str),
                Some("Preferred" | "Accepted")
            )
        })
        .collect();
    if suites.is_empty() {
        wrong.push("no suite was seen".to_owned());
    }
    for suite in suites {
        let line = suite.join(" ");
        let is_strong = line.contains("TLSv1.3") && line.contains(" TLS_") && !line.contains("CBC");
        if !is_strong {
            wrong.push(line);
        }
    }
    Ok(Outcome::of(wrong))
}
