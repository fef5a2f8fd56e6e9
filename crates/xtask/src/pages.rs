//! Every page of the program in a real browser: nothing wider than the screen, nothing wrong in
//! the console, no barrier that axe-core finds; and pictures of them for the documentation.
//!
//! The program says itself which pages there are and which cookie lets one in, in the file that
//! it writes when it is ready (`tasuki demo --serve-only --ready-file FILE`):
//! `{"base": "http://127.0.0.1:PORT", "shots": [{"name", "path", "cookie", "fill", "press"}]}`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::program::Program;
use crate::report::{Report, Verdict};
use crate::run;
use crate::setup;
use crate::webdriver::{Browser, Screen};

/// Time for fetching axe-core.
const FETCH_LIMIT: Duration = Duration::from_secs(120);

/// Each page is looked at on a desk and on a phone.
const SCREENS: [Screen; 2] = [
    Screen {
        width: 1280,
        height: 800,
        scale: 1,
        mobile: false,
    },
    Screen {
        width: 360,
        height: 740,
        scale: 2,
        mobile: true,
    },
];

/// Asks axe-core for what breaks WCAG 2.2 AA; one line a rule, with the first places.
const AXE: &str = "axe.run(document, { runOnly: { type: 'tag', values: \
    ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] } }).then((r) => \
    r.violations.map((v) => v.id + ': ' + v.help + ' at ' + \
    v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(' | ')))";

/// What the program writes when it is ready.
#[derive(Debug, Deserialize)]
struct Ready {
    /// Its address, without a slash at the end.
    base: String,
    /// The pages worth a picture.
    shots: Vec<Shot>,
}

/// One page, as one person sees it.
#[derive(Debug, Deserialize)]
struct Shot {
    /// Name of the picture: lower-case letters, digits and hyphens.
    name: String,
    /// From the slash on.
    path: String,
    /// `name=value`, where the page is behind a log-in.
    #[serde(default)]
    cookie: Option<String>,
    /// Values for fields of the page's form, by name; the form is sent then, and what is looked
    /// at is the answer.
    #[serde(default)]
    fill: BTreeMap<String, String>,
    /// The button that sends it, as `name=value`; empty or absent for the form's first.
    #[serde(default)]
    press: Option<String>,
}

/// Pictures of every page into `out`, from the program or from one that is ready already.
///
/// # Errors
/// When a picture cannot be made, or a page is too wide or complains in the console.
pub fn shots(root: &Path, out: &Path, ready_file: Option<&Path>) -> Result<()> {
    let scratch = run::scratch(root)?;
    std::fs::create_dir_all(out).with_context(|| format!("making {}", out.display()))?;
    let program;
    let ready = match ready_file {
        Some(file) => read_ready(file)?,
        None => {
            program = town(root, &scratch)?;
            read_ready(&program.ready_file)?
        }
    };
    let browser = Browser::start(&scratch)?;
    let mut problems = Vec::new();
    for (shot, screen) in looks(&ready) {
        let name = format!("{}-{}", shot.name, screen.width);
        let seen = look(&browser, &ready, shot, screen, "")?;
        problems.extend(seen.iter().map(|problem| format!("{name}: {problem}")));
        let file = out.join(format!("{name}.png"));
        let picture = browser.picture(screen)?;
        std::fs::write(&file, &picture).with_context(|| format!("writing {}", file.display()))?;
        println!("{} ({} kB)", file.display(), picture.len() / 1000);
    }
    ensure!(
        problems.is_empty(),
        "{} problems:\n{}",
        problems.len(),
        problems.join("\n")
    );
    Ok(())
}

/// The stage of `cargo xtask test`: each look at a page counts as one test.
///
/// # Errors
/// When the program or the browser does not start.
pub fn check(root: &Path, scratch: &Path, report: &mut Report) -> Result<Verdict> {
    if !setup::has_browser() || run::on_path("chromedriver").is_none() {
        return Ok(Verdict::Skipped(
            "pages (chromium or chromium-driver is absent)".to_owned(),
        ));
    }
    let axe = match axe(scratch) {
        Ok(axe) => axe,
        Err(error) => {
            let what = format!("accessibility of the pages by axe-core ({error:#})");
            println!("SKIPPED: {what}");
            report.skip(&what);
            String::new()
        }
    };
    let program = town(root, scratch)?;
    let ready = read_ready(&program.ready_file)?;
    let browser = Browser::start(scratch)?;
    let mut failed = 0;
    for (shot, screen) in looks(&ready) {
        let problems = look(&browser, &ready, shot, screen, &axe)?;
        if problems.is_empty() {
            report.passed += 1;
            continue;
        }
        failed += 1;
        let name = format!("page {} at {}", shot.path, screen.width);
        problems
            .iter()
            .for_each(|problem| println!("{name}: {problem}"));
        report.fail(name);
    }
    Ok(Verdict::Counted(failed))
}

/// The program, serving its seeded town.
fn town(root: &Path, scratch: &Path) -> Result<Program> {
    let words = ["demo", "--serve-only", "--listen", "127.0.0.1:0"];
    Program::start(root, scratch, &[], &words)
}

fn looks(ready: &Ready) -> impl Iterator<Item = (&Shot, Screen)> {
    ready
        .shots
        .iter()
        .flat_map(|shot| SCREENS.into_iter().map(move |screen| (shot, screen)))
}

/// Opens a page and says what is wrong with it.
fn look(
    browser: &Browser,
    ready: &Ready,
    shot: &Shot,
    screen: Screen,
    axe: &str,
) -> Result<Vec<String>> {
    browser.resize(screen)?;
    browser.set_cookie(&ready.base, shot.cookie.as_deref())?;
    let address = format!("{}{}", ready.base, shot.path);
    browser
        .open(&address)
        .with_context(|| format!("opening {address}"))?;
    if !shot.fill.is_empty() {
        send(browser, shot).with_context(|| format!("sending the form of {address}"))?;
    }
    let mut problems = Vec::new();
    let path = browser.evaluate("location.pathname + location.search")?;
    // A form's answer may have dropped what stood behind the question mark.
    let short = |path: &str| path.split('?').next().map(str::to_owned);
    let is_there = match path.as_str() {
        Some(path) if shot.fill.is_empty() => path == shot.path,
        Some(path) => short(path) == short(&shot.path),
        None => false,
    };
    if !is_there {
        problems.push(format!("led away to {path}: is the cookie still valid?"));
    }
    let wide = browser.evaluate("document.scrollingElement.scrollWidth")?;
    if wide.as_u64().is_none_or(|wide| wide > screen.width) {
        problems.push(format!(
            "{wide} pixels wide on a screen of {}",
            screen.width
        ));
    }
    if !axe.is_empty() {
        browser.evaluate(&format!("{axe}; true"))?;
        let found = browser.evaluate(AXE)?;
        let found = found
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        problems.extend(found.map(|rule| format!("axe: {rule}")));
    }
    // Of a form that is sent to see its refusal the browser notes that the answer was one.
    let refusal = path.as_str().filter(|_| !shot.fill.is_empty()).map(|path| {
        let address = format!("{}{path}", ready.base);
        format!("{address} - Failed to load resource: the server responded with a status of 4")
    });
    let is_meant = |error: &String| refusal.as_ref().is_some_and(|it| error.starts_with(it));
    let errors = browser.console_errors()?;
    let unmeant = errors.iter().filter(|error| !is_meant(error));
    problems.extend(unmeant.map(|error| format!("console: {error}")));
    Ok(problems)
}

/// Fills in the form that has all the named fields, sends it by its button, and waits for the
/// answer in the same window.
fn send(browser: &Browser, shot: &Shot) -> Result<()> {
    let (fill, press) = (json!(shot.fill), json!(shot.press.as_deref().unwrap_or("")));
    let script = format!(
        "((fill, press) => {{ \
         const form = [...document.forms].find((f) => Object.keys(fill).every((n) => f.elements[n])); \
         for (const [name, value] of Object.entries(fill)) form.elements[name].value = value; \
         const [name, value] = press.split('='); \
         const button = form.querySelector(press ? `[name='${{name}}'][value='${{value}}']` \
             : '[type=submit]'); \
         button.removeAttribute('formtarget'); \
         document.documentElement.dataset.left = '1'; \
         button.click(); }})({fill}, {press})"
    );
    browser.evaluate(&script)?;
    browser.arrive()
}

fn read_ready(file: &Path) -> Result<Ready> {
    let text = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    let mut ready: Ready = serde_json::from_slice(&text)
        .with_context(|| format!("{} is not a ready file", file.display()))?;
    ready.base.truncate(ready.base.trim_end_matches('/').len());
    ensure!(!ready.shots.is_empty(), "the program lists no pages");
    for shot in &ready.shots {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        ensure!(
            !shot.name.is_empty() && shot.name.chars().all(plain),
            "the name {:?} is not of lower-case letters, digits and hyphens",
            shot.name
        );
        ensure!(
            shot.path.starts_with('/'),
            "the path {:?} begins without a slash",
            shot.path
        );
    }
    Ok(ready)
}

/// The script of axe-core, fetched once by npm.
fn axe(scratch: &Path) -> Result<String> {
    let folder = scratch.join("axe");
    let script = folder.join("node_modules/axe-core/axe.min.js");
    if !script.is_file() {
        ensure!(run::on_path("npm").is_some(), "npm is absent");
        std::fs::create_dir_all(&folder)?;
        let mut command = Command::new("npm");
        command.args([
            "install",
            "--no-save",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
        ]);
        command
            .arg("--prefix")
            .arg(&folder)
            .arg("axe-core@4")
            .current_dir(&folder);
        if let Some(why) = run::stream(&mut command, FETCH_LIMIT, |_| {})? {
            bail!("npm install axe-core: {why}");
        }
    }
    std::fs::read_to_string(&script).context("axe-core has no axe.min.js")
}
