//! A browser driven over WebDriver: only what looking at pages needs.
//!
//! `chromedriver` listens on a free port of this machine and speaks JSON over HTTP; its door
//! to the DevTools protocol gives exact widths and pictures of whole pages.
//! Source: W3C WebDriver (Recommendation 2018-06-05), Chrome DevTools Protocol.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::run;

/// The longest answer that is waited for.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);

/// How often it is asked whether the answer to a form has come, and what is waited between.
const ARRIVAL_TRIES_MAX: usize = 200;
const ARRIVAL_PAUSE: Duration = Duration::from_millis(50);

/// The largest answer that is read: a picture of a long page.
const ANSWER_BYTES_MAX: u64 = 64 << 20;

/// A page taller than this is cut off, in CSS pixels.
const HEIGHT_MAX: u64 = 5_000;

/// Lines of the driver before the one that names its port.
const GREETING_LINES_MAX: usize = 50;

/// How wide the window is, and whether it is a phone's.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    /// CSS pixels.
    pub width: u64,
    /// CSS pixels.
    pub height: u64,
    /// Device pixels to a CSS pixel.
    pub scale: u64,
    /// A phone: touch, and the page's own viewport.
    pub mobile: bool,
}

/// A running browser with one window; it ends when this is dropped.
pub struct Browser {
    driver: Child,
    session: String,
    agent: ureq::Agent,
    profile: PathBuf,
}

impl Browser {
    /// Starts a driver and a browser with a fresh profile below `scratch`.
    ///
    /// # Errors
    /// When either is absent or does not start.
    pub fn start(scratch: &Path) -> Result<Self> {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("starting chromedriver (Debian package chromium-driver)")?;
        let port = greeting(&mut driver);
        let profile = scratch.join(format!("profile-{}", driver.id()));
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(ANSWER_LIMIT))
            .proxy(None)
            .build()
            .new_agent();
        let mut browser = Self {
            driver,
            session: String::new(),
            agent,
            profile,
        };
        let base = format!("http://127.0.0.1:{}/session", port?);
        let answer = browser.post(&base, &capabilities(&browser.profile))?;
        let id = answer
            .get("sessionId")
            .and_then(Value::as_str)
            .context("no session")?;
        browser.session = format!("{base}/{id}");
        let zone = json!({ "timezoneId": "Asia/Tokyo" });
        browser.devtools("Emulation.setTimezoneOverride", zone)?;
        Ok(browser)
    }

    /// Takes on the size of a screen.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn resize(&self, screen: Screen) -> Result<()> {
        let Screen {
            width,
            height,
            scale,
            mobile,
        } = screen;
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": scale, "mobile": mobile
        });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)
            .map(drop)
    }

    /// Goes to an address and waits until it is loaded, its fonts included.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub fn open(&self, address: &str) -> Result<()> {
        self.command("url", &json!({ "url": address }))?;
        self.evaluate("document.fonts.ready.then(() => true)")
            .map(drop)
    }

    /// Waits until a page stands that is not marked as left (`data-left` on its root), its fonts
    /// included.
    ///
    /// # Errors
    /// When none comes.
    pub fn arrive(&self) -> Result<()> {
        for _ in 0..ARRIVAL_TRIES_MAX {
            // Between two pages there is nothing that could answer.
            let is_there = self.evaluate(
                "document.readyState === 'complete' && !document.documentElement.dataset.left \
                 && document.fonts.ready.then(() => true)",
            );
            if matches!(is_there, Ok(Value::Bool(true))) {
                return Ok(());
            }
            std::thread::sleep(ARRIVAL_PAUSE);
        }
        bail!("no page came")
    }

    /// Forgets all cookies and, where one is given as `name=value`, sets it for `base`.
    ///
    /// # Errors
    /// When it is not of that form, or the browser refuses it.
    pub fn set_cookie(&self, base: &str, cookie: Option<&str>) -> Result<()> {
        self.devtools("Network.clearBrowserCookies", json!({}))?;
        let Some(cookie) = cookie else {
            return Ok(());
        };
        let (name, value) = cookie.split_once('=').context("a cookie is `name=value`")?;
        let wanted = json!({ "url": base, "name": name, "value": value, "httpOnly": true });
        let answer = self.devtools("Network.setCookie", wanted)?;
        if answer.get("success").and_then(Value::as_bool) == Some(false) {
            bail!("the browser refuses the cookie {name}");
        }
        Ok(())
    }

    /// The value of an expression (or of its promise) in the page; no content policy stops it.
    ///
    /// # Errors
    /// When it throws.
    pub fn evaluate(&self, expression: &str) -> Result<Value> {
        let wanted =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let answer = self.devtools("Runtime.evaluate", wanted)?;
        if let Some(thrown) = answer.get("exceptionDetails") {
            bail!("the page threw: {thrown}");
        }
        Ok(answer
            .pointer("/result/value")
            .cloned()
            .unwrap_or(Value::Null))
    }

    /// Errors in the browser's console since they were last asked for.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub fn console_errors(&self) -> Result<Vec<String>> {
        let entries = self.command("se/log", &json!({ "type": "browser" }))?;
        let errors = entries
            .as_array()
            .into_iter()
            .flatten()
            .filter(|entry| entry.get("level").and_then(Value::as_str) == Some("SEVERE"));
        let message = |entry: &Value| {
            entry
                .get("message")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        Ok(errors.map(message).collect())
    }

    /// A PNG of the whole page, not only of what the window shows.
    ///
    /// # Errors
    /// When the browser cannot draw it.
    pub fn picture(&self, screen: Screen) -> Result<Vec<u8>> {
        let height = self.evaluate(
            "Math.ceil(Math.max(document.documentElement.scrollHeight, window.innerHeight))",
        )?;
        let height = height
            .as_u64()
            .context("the page has no height")?
            .min(HEIGHT_MAX);
        let clip = json!({ "x": 0, "y": 0, "width": screen.width, "height": height, "scale": 1 });
        let wanted = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let answer = self.devtools("Page.captureScreenshot", wanted)?;
        let data = answer
            .get("data")
            .and_then(Value::as_str)
            .context("no picture")?;
        BASE64_STANDARD
            .decode(data)
            .context("the picture is not base64")
    }

    /// Gives the browser an authenticator in software, as if it were built into the machine;
    /// its name. Source: W3C Web Authentication level 3, section 12.
    ///
    /// # Errors
    /// When the driver refuses it.
    pub fn add_authenticator(&self) -> Result<String> {
        let kind = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true,
        });
        let name = self.command("webauthn/authenticator", &kind)?;
        let name = name.as_str().context("an authenticator without a name")?;
        Ok(name.to_owned())
    }

    /// Says whether an authenticator knows its user from now on.
    ///
    /// # Errors
    /// When the driver refuses it.
    pub fn set_user_verified(&self, authenticator: &str, is_verified: bool) -> Result<()> {
        let path = format!("webauthn/authenticator/{authenticator}/uv");
        let verified = json!({ "isUserVerified": is_verified });
        self.command(&path, &verified).map(drop)
    }

    /// Gives an order of the `DevTools` protocol.
    ///
    /// # Errors
    /// When the browser refuses it.
    pub fn devtools(&self, name: &str, params: Value) -> Result<Value> {
        self.command(
            "goog/cdp/execute",
            &json!({ "cmd": name, "params": params }),
        )
        .with_context(|| name.to_owned())
    }

    fn command(&self, path: &str, body: &Value) -> Result<Value> {
        self.post(&format!("{}/{path}", self.session), body)
    }

    fn post(&self, address: &str, body: &Value) -> Result<Value> {
        let mut response = self.agent.post(address).send_json(body)?;
        let body = response.body_mut().with_config().limit(ANSWER_BYTES_MAX);
        let mut answer: Value = body.read_json()?;
        let value = answer.get_mut("value").map_or(Value::Null, Value::take);
        if !response.status().is_success() {
            let message = value
                .get("message")
                .and_then(Value::as_str)
                .unwrap_or_default();
            bail!("{}", message.lines().next().unwrap_or_default());
        }
        Ok(value)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            // The driver ends its browser with the session; without an answer it is ended below.
            let _ = self.agent.delete(&self.session).call();
        }
        run::end(&mut self.driver);
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

/// The port that the driver names when it is ready; what it says later is read and dropped.
fn greeting(driver: &mut Child) -> Result<u16> {
    let stdout = driver.stdout.take().context("the driver has no output")?;
    let mut lines = BufReader::new(stdout).lines();
    for _ in 0..GREETING_LINES_MAX {
        let Some(line) = lines.next() else {
            break;
        };
        let line = line?;
        if let Some((_, port)) = line.rsplit_once("started successfully on port ") {
            let port = port.trim_end_matches('.').parse()?;
            std::thread::spawn(move || lines.for_each(drop));
            return Ok(port);
        }
    }
    bail!("chromedriver did not say its port")
}

fn capabilities(profile: &Path) -> Value {
    let mut options = json!({
        "args": [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--no-proxy-server",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--force-prefers-reduced-motion",
            "--lang=ja",
            format!("--user-data-dir={}", profile.display()),
        ],
    });
    if let (Some(binary), Some(options)) = (run::on_path("chromium"), options.as_object_mut()) {
        options.insert("binary".to_owned(), json!(binary));
    }
    json!({ "capabilities": { "alwaysMatch": {
        "browserName": "chrome",
        "goog:chromeOptions": options,
        "goog:loggingPrefs": { "browser": "ALL" },
    } } })
}
