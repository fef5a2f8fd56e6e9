//! A browser in a hostile town: every text from outside is an attack, and none of them may run.
//!
//! Source: identity-security section 5, T16.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::clients::keys;
use super::{Case, Outcome, Town};
use crate::program::Program;
use crate::webdriver::{Browser, Screen};
use crate::{run, setup};

/// In the order in which they run.
pub const CASES: [Case; 2] = [
    Case {
        name: "chromium in a hostile town",
        limit: Duration::from_secs(90),
        act: hostile,
    },
    Case {
        name: "chromium with a virtual authenticator",
        limit: Duration::from_secs(40),
        act: passkey,
    },
];

/// How long a page may take to become another.
const PAGE_LIMIT: Duration = Duration::from_secs(10);

const DESK: Screen = Screen {
    width: 1280,
    height: 800,
    scale: 1,
    mobile: false,
};

/// What no page of ours has and an attack would bring.
const FOREIGN: &str = "Array.from(document.querySelectorAll('script:not([src]), iframe, \
    object, embed, base, video, animate, template, math, details[ontoggle], [onerror], [onload], \
    [onfocus], [onmouseover], [onbegin], [ontoggle], [style], [srcdoc], \
    a[href^=\"javascript\"], [src^=\"http\"], [action^=\"http\"], link[href^=\"http\"], \
    meta[http-equiv=\"refresh\"]')).map((e) => e.outerHTML.slice(0, 100))";

/// Pages that show attacks as the texts that they are: fewer mean that nothing was tried.
const PAGES_SHOWING_MIN: usize = 6;

/// An address that counts who comes, and gives everybody the same answer.
struct Trap {
    address: String,
    caught: Arc<AtomicUsize>,
}

impl Trap {
    fn set(page: String) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        let caught = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&caught);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                let length = page.len();
                let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\n\
                    connection: close\r\ncontent-length: ";
                // Whoever goes away before the answer has come all the same.
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(format!("{head}{length}\r\n\r\n{page}").as_bytes());
            }
        });
        Ok(Self { address, caught })
    }

    fn caught(&self) -> usize {
        self.caught.load(Ordering::SeqCst)
    }
}

/// What attacks did on a page, and whether it shows one as text.
fn damage(browser: &Browser, address: &str) -> Result<(Vec<String>, bool)> {
    let mut wrong = Vec::new();
    let mut shows = false;
    let looked = (|| -> Result<()> {
        browser.open(address)?;
        if browser.evaluate("window.name")?.as_str() == Some("taken") {
            wrong.push("a script ran".to_owned());
        }
        let foreign = browser.evaluate(FOREIGN)?;
        let foreign = foreign.as_array().into_iter().flatten();
        wrong.extend(foreign.filter_map(|e| e.as_str().map(|e| format!("holds {e}"))));
        let text = browser.evaluate("document.body.innerText.includes('<script>')")?;
        shows = text == Value::Bool(true);
        let complaints = browser.console_errors()?.into_iter();
        wrong.extend(complaints.filter(|error| {
            error.contains("Content Security Policy") || error.contains("violates")
        }));
        // It outlives the page.
        browser.evaluate("window.name = ''").map(drop)
    })();
    if let Err(error) = looked {
        // An open dialog makes every command fail, and is closed by that.
        let error = format!("{error:#}");
        ensure!(error.contains("alert"), "{address}: {error}");
        wrong.push(error);
    }
    Ok((wrong, shows))
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// What a browser needs and this machine lacks, if anything.
fn lacks() -> Option<Outcome> {
    let is_there = setup::has_browser() && run::on_path("chromedriver").is_some();
    let what = "chromium or chromium-driver is absent";
    (!is_there).then(|| Outcome::Absent(what.to_owned()))
}

fn hostile(town: &Town) -> Result<Outcome> {
    if let Some(absent) = lacks() {
        return Ok(absent);
    }
    let trap = Trap::set(String::new())?;
    let words = ["hostile", "--elsewhere", &trap.address];
    let build = ["--example", "hostile"];
    let program = Program::start(town.root, &town.scratch, &build, &words)?;
    let ready: Value = serde_json::from_slice(&std::fs::read(&program.ready_file)?)?;
    let base = ready.get("base").and_then(Value::as_str).context("base")?;
    let list = |name: &str| ready.get(name).and_then(Value::as_array);
    let (shots, attacks) = (list("shots").context("shots")?, list("attacks"));
    let attacks: Vec<&str> = attacks
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let browser = Browser::start(&town.scratch)?;
    browser.resize(DESK)?;
    let mut wrong = Vec::new();
    let mut showing = 0;
    for shot in shots {
        let text = |name: &str| shot.get(name).and_then(Value::as_str);
        let path = text("path").context("a page without a path")?;
        browser.set_cookie(base, text("cookie"))?;
        let (found, shows) = damage(&browser, &format!("{base}{path}"))?;
        let name = text("name").unwrap_or_default();
        wrong.extend(found.iter().map(|what| format!("{name}: {what}")));
        showing += usize::from(shows);
    }
    if showing < PAGES_SHOWING_MIN {
        wrong.push(format!("only {showing} pages showed an attack as text"));
    }
    // In the address and in headers; the last cookie is still there, or none.
    ensure!(attacks.len() >= 30, "{} attacks", attacks.len());
    for attack in &attacks {
        let said = encoded(attack);
        let headers = json!({ "headers": { "Referer": attack, "X-Forwarded-Host": attack } });
        browser.devtools("Network.enable", json!({}))?;
        browser.devtools("Network.setExtraHTTPHeaders", headers)?;
        for path in [
            format!("/login?lang={said}&{said}={said}"),
            format!("/portal/login?start={said}&ended={said}"),
            format!("/nowhere/{said}"),
        ] {
            let (found, _) = damage(&browser, &format!("{base}{path}"))?;
            wrong.extend(
                found
                    .iter()
                    .map(|what| format!("{attack} in {path}: {what}")),
            );
        }
    }
    if trap.caught() > 0 {
        wrong.push(format!("{} requests went elsewhere", trap.caught()));
    }
    drop(browser);
    wrong.extend(unarmed(town, &attacks)?);
    Ok(Outcome::of(wrong))
}

/// The same attacks on a page that writes them as they are: all three signs must be seen there,
/// else none would have been seen above.
fn unarmed(town: &Town, attacks: &[&str]) -> Result<Option<String>> {
    let elsewhere = Trap::set(String::new())?;
    let bodies = attacks
        .iter()
        .filter(|attack| !attack.starts_with("</") && !attack.starts_with("<meta"));
    let scripts: Vec<&str> = bodies.copied().collect();
    let image = format!("<img src=http://{}/2>", elsewhere.address);
    let page = format!("<!doctype html><body>{image}{}", scripts.join("\n"));
    let naive = Trap::set(page)?;
    let browser = Browser::start(&town.scratch)?;
    let (found, _) = damage(&browser, &format!("http://{}/", naive.address))?;
    let is_seen = !found.is_empty() && elsewhere.caught() > 0;
    Ok((!is_seen).then(|| format!("attacks on a page without a defence were not seen: {found:?}")))
}

/// A doctor adds a passkey and logs in with it; nobody does whom the authenticator has not made
/// sure of.
fn passkey(town: &Town) -> Result<Outcome> {
    if let Some(absent) = lacks() {
        return Ok(absent);
    }
    let node = match &town.pins.node {
        Ok(node) => node,
        Err(why) => return Ok(Outcome::Absent(why.clone())),
    };
    let public = keys(town, node)?;
    let public = public.to_str().context("a folder that is no text")?;
    let words = ["clients", "--by-name", "--keys", public];
    let build = ["--example", "clients"];
    let program = Program::start(town.root, &town.scratch, &build, &words)?;
    let ready: Value = serde_json::from_slice(&std::fs::read(&program.ready_file)?)?;
    let word = |name: &str| ready.get(name).and_then(Value::as_str).context("a word");
    let (base, password) = (word("base")?, word("password")?);
    let browser = Browser::start(&town.scratch)?;
    browser.resize(DESK)?;
    let authenticator = browser.add_authenticator()?;
    let mut wrong = Vec::new();
    browser.set_cookie(base, Some(word("doctor")?))?;
    browser.open(&format!("{base}/account/factors"))?;
    browser.evaluate("document.querySelector('#field-label').value = '診察室の端末'")?;
    press(&browser, "/account/factors")?;
    browser.open(&format!("{base}/account"))?;
    let listed = "document.querySelector('#factor-list').innerText.includes('診察室の端末')";
    if browser.evaluate(listed)? != Value::Bool(true) {
        wrong.push("the new passkey is not in the list".to_owned());
    }
    // Whoever found the machine is not its user, and does not come in; its user does.
    for (is_verified, wanted) in [(false, "/login/code"), (true, "/")] {
        half_way(&browser, base, password)?;
        browser.set_user_verified(&authenticator, is_verified)?;
        press(&browser, "/login/code")?;
        let path = browser.evaluate("location.pathname")?;
        let is_in = path.as_str() != Some("/login/code");
        if is_in != is_verified {
            wrong.push(format!(
                "user known: {is_verified}, led to {path}, not {wanted}"
            ));
        }
    }
    Ok(Outcome::of(wrong))
}

/// The log-in up to its second factor, with no cookie of before.
fn half_way(browser: &Browser, base: &str, password: &str) -> Result<()> {
    browser.set_cookie(base, None)?;
    browser.open(&format!("{base}/login"))?;
    let password = Value::from(password);
    browser.evaluate(&format!(
        "document.querySelector('#field-login').value = 'doctor'; \
         document.querySelector('#field-password').value = {password}; \
         document.querySelector('#field-password').form.requestSubmit()"
    ))?;
    await_path(browser, |path| path == "/login/code")
        .context("name and password did not lead to the second factor")
}

/// Presses the passkey's button on the page of this path, and waits until the page has become
/// another or has said why not.
fn press(browser: &Browser, path: &str) -> Result<()> {
    browser.evaluate(
        "window.pressed = true; document.querySelector('#passkey-button').hidden ? \
         Promise.reject('no button') : document.querySelector('#passkey-button').click()",
    )?;
    let begun = Instant::now();
    let settled = "!window.pressed || (document.querySelector('#passkey-status')?.innerText.trim() \
        .length > 0 && !document.querySelector('#passkey-button').disabled)";
    while begun.elapsed() < PAGE_LIMIT {
        // Between two pages there is nobody to ask.
        if matches!(browser.evaluate(settled), Ok(Value::Bool(true))) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    anyhow::bail!("{path}: the passkey's button led nowhere")
}

fn await_path(browser: &Browser, is_wanted: impl Fn(&str) -> bool) -> Result<()> {
    let begun = Instant::now();
    let mut last = Value::Null;
    while begun.elapsed() < PAGE_LIMIT {
        if let Ok(path) = browser.evaluate("location.pathname") {
            if path.as_str().is_some_and(&is_wanted) {
                return Ok(());
            }
            last = path;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    anyhow::bail!("still at {last}")
}
