//! `cargo xtask test`: everything, in stages, each with its time and its verdict.
//!
//! A failed stage does not stop the next one: a run tells all that it can. What the machine
//! lacks is skipped aloud and counted, so that a green run never hides what it did not do.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::report::{Report, TestLines, Verdict};
use crate::{card_reader, foreign, pages, run, setup, suites, tidy};

/// No stage takes longer on two cores, a first build included.
const STAGE_LIMIT: Duration = Duration::from_secs(45 * 60);

/// The demo's own journey, without its build.
const DEMO_LIMIT: Duration = Duration::from_secs(5 * 60);

/// A run over all stages.
struct Run {
    root: PathBuf,
    scratch: PathBuf,
    offline: bool,
    only: Option<String>,
    report: Report,
}

/// Runs all stages; the last line says how many passed, failed and were skipped.
///
/// # Errors
/// When not even the folder for logs can be made; a stage that cannot run is a failed stage.
pub fn run(root: &Path, offline: bool, only: Option<String>) -> Result<ExitCode> {
    let begun = Instant::now();
    let scratch = run::scratch(root)?;
    let report = Report::default();
    let mut all = Run {
        root: root.to_path_buf(),
        scratch,
        offline,
        only,
        report,
    };
    all.stage("set-up", |run| {
        setup::run(&run.root, run.offline, &mut run.report)
    });
    all.stage("formats", formats);
    all.stage("lints", lints);
    all.stage("house rules", |run| Ok(house_rules(&run.root)));
    all.stage("tests", tests);
    all.stage("tests on PostgreSQL", tests_on_postgres);
    all.stage("demo", demo);
    all.stage("pages", |run| match kept_from(run) {
        Some(why) => Ok(Verdict::Skipped(why)),
        None => pages::check(&run.root, &run.scratch, &mut run.report),
    });
    // Before the towns of others: it counts its seconds.
    all.stage("card reader (PC/SC)", |run| {
        let case = case_of(run);
        card_reader::check(&run.root, &run.scratch, &case, &mut run.report)
    });
    all.stage("foreign peers", |run| {
        let case = case_of(run);
        foreign::check(&run.root, &run.scratch, run.offline, &case, &mut run.report)
    });
    Ok(close(&all.report, begun.elapsed()))
}

/// The case that is asked for: what stands after the slash of `--only`.
fn case_of(run: &Run) -> String {
    let case = run.only.as_deref().and_then(|only| only.split_once('/'));
    case.map_or("", |(_, case)| case).to_owned()
}

fn close(report: &Report, took: Duration) -> ExitCode {
    println!("\n== summary, after {}", run::spoken(took));
    // In another form than where it happened, so that nobody counts a skip twice.
    for (what, times) in &report.skips {
        println!("   skipped {times}×: {what}");
    }
    for failure in &report.failures {
        println!("   failed: {failure}");
    }
    println!("{}", report.summary());
    if report.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

impl Run {
    fn stage(&mut self, name: &str, act: impl FnOnce(&mut Self) -> Result<Verdict>) {
        println!("\n== {name}");
        let wanted = self.only.as_deref().map(|only| only.split('/').next());
        if wanted.is_some_and(|stage| !name.contains(stage.unwrap_or_default())) {
            println!("-- {name}: not asked for");
            return;
        }
        let begun = Instant::now();
        let verdict = act(self).unwrap_or_else(|error| Verdict::Failed(format!("{error:#}")));
        let took = run::spoken(begun.elapsed());
        match verdict {
            Verdict::Passed => {
                self.report.passed += 1;
                println!("-- {name}: passed in {took}");
            }
            Verdict::Counted(0) => println!("-- {name}: passed in {took}"),
            Verdict::Counted(failed) => println!("-- {name}: {failed} FAILED in {took}"),
            Verdict::Failed(why) => {
                println!("-- {name}: FAILED in {took}: {why}");
                self.report.fail(format!("{name}: {why}"));
            }
            Verdict::Skipped(what) => {
                println!("SKIPPED: {what}");
                println!("-- {name}: skipped in {took}");
                self.report.skip(&what);
            }
        }
    }

    /// Runs a command, shows its lines as far as `show` wants them, keeps all of them in a log.
    fn logged(
        &self,
        log: &str,
        command: &mut Command,
        limit: Duration,
        mut show: impl FnMut(&str) -> bool,
    ) -> Result<Verdict> {
        let path = self.scratch.join(format!("{log}.log"));
        let mut file = File::create(&path).with_context(|| format!("making {}", path.display()))?;
        let mut unwritten = None;
        let ended = run::stream(command, limit, |line| {
            if show(line) {
                println!("{line}");
            }
            if let Err(error) = writeln!(file, "{line}") {
                unwritten = Some(error);
            }
        })?;
        if let Some(error) = unwritten {
            println!("{} is not complete: {error}", path.display());
        }
        Ok(match ended {
            None => Verdict::Passed,
            Some(why) => Verdict::Failed(format!("{why}, see {}", path.display())),
        })
    }
}

fn formats(run: &mut Run) -> Result<Verdict> {
    if !setup::has_component(&run.root, "fmt") {
        return Ok(Verdict::Skipped("formats (rustfmt is absent)".to_owned()));
    }
    let mut command = run::cargo(&run.root);
    command.args(["fmt", "--all", "--check"]);
    run.logged("formats", &mut command, STAGE_LIMIT, |_| true)
}

fn lints(run: &mut Run) -> Result<Verdict> {
    if !setup::has_component(&run.root, "clippy") {
        return Ok(Verdict::Skipped("lints (clippy is absent)".to_owned()));
    }
    let mut command = run::cargo(&run.root);
    command.args(["clippy", "--workspace", "--all-targets"]);
    command.args(features()).args(["--", "-D", "warnings"]);
    run.logged("lints", &mut command, STAGE_LIMIT, |_| true)
}

/// With card readers, where their library is; without them the demo is built in any case.
fn features() -> &'static [&'static str] {
    if card_reader::has_library() {
        &["--features", "tasuki/pcsc"]
    } else {
        &[]
    }
}

fn house_rules(root: &Path) -> Verdict {
    let complaints = tidy::check(root);
    for complaint in &complaints {
        println!("{complaint}");
    }
    match complaints.len() {
        0 => Verdict::Passed,
        count => Verdict::Failed(format!("{count} complaints")),
    }
}

/// All tests of the workspace; each counts. A run that fails without a failed test (something
/// did not compile) counts as one failure.
fn tests(run: &mut Run) -> Result<Verdict> {
    let mut command = run::cargo(&run.root);
    command.args(["test", "--workspace", "--no-fail-fast"]);
    command.args(features()).args(["--", "--show-output"]);
    // Without it the test that wants it says so, and is counted as skipped.
    match suites::fhir_cases(&run.scratch, run.offline) {
        Ok(folder) => {
            command.env("TASUKI_FHIR_TEST_CASES", folder);
        }
        Err(why) => println!("no FHIR test cases: {why}"),
    }
    counted(run, "tests", &mut command)
}

/// Runs tests and takes each into the sum.
fn counted(run: &mut Run, log: &str, command: &mut Command) -> Result<Verdict> {
    let mut lines = TestLines::default();
    let verdict = run.logged(log, command, STAGE_LIMIT, |line| lines.take(line))?;
    run.report.passed += lines.passed;
    run.report.failed += lines.failed;
    run.report
        .failures
        .extend(lines.failures.iter().map(|name| format!("test {name}")));
    run.report.failures.extend(lines.panics);
    for skip in &lines.skips {
        run.report.skip(skip);
    }
    match verdict {
        Verdict::Failed(why) if lines.failed == 0 => Ok(Verdict::Failed(why)),
        _ => Ok(Verdict::Counted(lines.failed)),
    }
}

/// The crates whose tests stand in worlds, each with a database of its own.
const WORLDS: &[&str] = &[
    "accounts",
    "counter",
    "equipment",
    "masters",
    "oauth",
    "payers",
    "register",
    "subsidy",
    "registry",
    "access",
    "web",
    "eligibility",
    "records",
    "fhir_server",
    "chart",
    "letters",
    "portal",
];
/// A world has at most six connections, and a server a hundred.
const WORLDS_AT_ONCE: usize = 12;

/// The services' tests once more, on the second engine.
fn tests_on_postgres(run: &mut Run) -> Result<Verdict> {
    let Some(server) = Server::start(&run.root)? else {
        return Ok(Verdict::Skipped(
            "tests on PostgreSQL (PostgreSQL is not installed)".to_owned(),
        ));
    };
    let at_once = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let at_once = at_once.min(WORLDS_AT_ONCE).to_string();
    let mut failed = 0;
    for test in world_tests(run)? {
        let mut command = Command::new(&test.program);
        command
            .current_dir(&test.folder)
            .env("CARGO_MANIFEST_DIR", &test.folder)
            .env("TASUKI_TEST_DATABASE_URL", &server.url)
            .args(["--show-output", "--test-threads", &at_once]);
        match counted(run, &format!("postgres-{}", test.name), &mut command)? {
            Verdict::Counted(count) => failed += count,
            other => return Ok(other),
        }
    }
    Ok(Verdict::Counted(failed))
}

/// A program of tests, as cargo has built it.
struct TestProgram {
    name: String,
    program: PathBuf,
    folder: PathBuf,
}

/// The tests of [`WORLDS`], out of the build of the whole workspace: built by themselves, they
/// would want their dependencies with other features, and all of it once more.
fn world_tests(run: &Run) -> Result<Vec<TestProgram>> {
    let mut command = run::cargo(&run.root);
    command.args(["test", "--workspace", "--no-run", "--message-format=json"]);
    command.args(features());
    let mut found = Vec::new();
    let built = run.logged("tests-built", &mut command, STAGE_LIMIT, |line| {
        found.extend(world_test(line));
        false
    })?;
    match built {
        Verdict::Failed(why) => anyhow::bail!(why),
        _ if found.len() < WORLDS.len() => anyhow::bail!("cargo names {} tests only", found.len()),
        _ => Ok(found),
    }
}

fn world_test(line: &str) -> Option<TestProgram> {
    let message: serde_json::Value = serde_json::from_str(line).ok()?;
    let is_test = message.pointer("/profile/test")?.as_bool()?;
    let program = PathBuf::from(message.get("executable")?.as_str()?);
    let folder = Path::new(message.get("manifest_path")?.as_str()?).parent()?;
    let krate = folder.file_name()?.to_str()?;
    let target = message.pointer("/target/name")?.as_str()?;
    (is_test && WORLDS.contains(&krate)).then(|| TestProgram {
        name: format!("{krate}-{target}"),
        program,
        folder: folder.to_path_buf(),
    })
}

/// A PostgreSQL server of testkit's; it ends when its standard input does.
struct Server {
    url: String,
    child: Child,
}

impl Server {
    /// `None` when PostgreSQL is not installed.
    fn start(root: &Path) -> Result<Option<Self>> {
        let mut command = run::cargo(root);
        command
            .args(["run", "--quiet", "--package", "testkit"])
            .args(["--features", "postgres", "--example", "server"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().context("starting a PostgreSQL server")?;
        let mut url = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut url)?;
        }
        let url = url.trim().to_owned();
        if url.is_empty() {
            let status = child.wait()?;
            anyhow::ensure!(status.success(), "the PostgreSQL server did not start");
            return Ok(None);
        }
        Ok(Some(Self { url, child }))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its standard input is closed before the wait; then it stops by itself.
        let _ended = self.child.wait();
    }
}

/// What keeps a stage that needs the whole program from running, if anything.
fn kept_from(run: &Run) -> Option<String> {
    let name = "the program's own journey and pages";
    if run.offline {
        return Some(format!("{name} (--offline)"));
    }
    let absent = !run.root.join("crates/tasuki/Cargo.toml").is_file();
    absent.then(|| format!("{name} (crates/tasuki is absent)"))
}

/// The seeded town's journey; its exit says whether it held. On the development profile, which
/// the tests have built already: a release build would cost a fresh machine six minutes more.
fn demo(run: &mut Run) -> Result<Verdict> {
    if let Some(why) = kept_from(run) {
        return Ok(Verdict::Skipped(why));
    }
    let mut build = run::cargo(&run.root);
    build.args(["build", "--package", "tasuki"]);
    let built = run.logged("demo-build", &mut build, STAGE_LIMIT, |_| true)?;
    if !matches!(built, Verdict::Passed) {
        return Ok(built);
    }
    // As a newcomer types it: this holds only if the workspace's default member is the program.
    let mut command = run::cargo(&run.root);
    command.args(["run", "--quiet", "--", "demo", "--exit"]);
    run.logged("demo", &mut command, DEMO_LIMIT, |_| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_programs_of_tests_of_the_named_crates_are_taken() {
        let line = |krate: &str, test: bool, program: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","manifest_path":"/w/crates/{krate}/Cargo.toml","target":{{"name":"it"}},"profile":{{"test":{test}}},"executable":{program}}}"#
            )
        };
        let found = world_test(&line("web", true, r#""/t/it-1""#)).expect("a test");
        assert_eq!(found.name, "web-it");
        assert_eq!(found.program, Path::new("/t/it-1"));
        assert_eq!(found.folder, Path::new("/w/crates/web"));
        assert!(world_test(&line("web", true, "null")).is_none());
        assert!(world_test(&line("web", false, r#""/t/web""#)).is_none());
        assert!(world_test(&line("tasuki", true, r#""/t/it-2""#)).is_none());
        assert!(world_test("   Compiling web").is_none());
    }
}
