//! `tasuki demo`: a seeded town, one patient's journey, then a sandbox that keeps serving.

mod shots;

use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::Args;
use kernel::time::Clock;
use peers::oauth::Credentials;
use serde::Serialize;
use signing::testpki::TestPki;
use store::caller::Home;

use crate::{
    control::Control,
    figures,
    jobs::Jobs,
    journey::{Journey, Lang, Teller},
    leave::{self, Signals},
    program::{self, DemoClock},
    storage::{Server, Storage},
    story::{self, EXAMPLES, Story},
    telemetry, time_sync,
    town::{self, PASSWORD, PATIENT_CARD, Town},
};

const BANNER: &str = "デモ環境です。ここに登場する人は実在しません。";

/// How the demonstration runs.
#[derive(Args)]
pub struct Options {
    /// Stop after the journey; the exit status says whether every step held.
    #[arg(long)]
    pub exit: bool,
    /// Language of the telling.
    #[arg(long, value_enum, default_value = "ja")]
    pub lang: Lang,
    /// Folder of published JP-CLINS examples; without it, those in
    /// `../shared/data/clins/examples` when that is there, else our own.
    #[arg(long)]
    pub examples: Option<PathBuf>,
    /// People in the town.
    #[arg(long, default_value_t = 1_000)]
    pub people: u64,
    /// Where to listen; loopback only.
    #[arg(long, default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Tell nothing, serve only.
    #[arg(long)]
    pub serve_only: bool,
    /// Allow every caller so many times the usual rates: for whoever attacks the sandbox.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub rates_times: u32,
    /// When ready, write the address and the pages to look at into this file, as JSON.
    #[arg(long)]
    pub ready_file: Option<PathBuf>,
    /// A server for the data.
    #[command(flatten)]
    pub server: Server,
    /// Seconds for which requests are still taken after the program was told to end.
    #[arg(long, default_value_t = 0)]
    pub drain_seconds: u64,
    /// What is told to whoever watches.
    #[command(flatten)]
    pub watch: telemetry::Watch,
}

/// A data folder that goes with the demonstration.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "the demonstration's folder is left behind");
        }
    }
}

fn choose(options: &Options, clock: &DemoClock) -> anyhow::Result<Story> {
    let now = clock.now();
    let folder = match &options.examples {
        Some(folder) => folder.clone(),
        None => PathBuf::from(EXAMPLES),
    };
    if folder.is_dir() {
        return story::published(&folder, now)
            .with_context(|| format!("the examples in {} cannot be used", folder.display()));
    }
    anyhow::ensure!(
        options.examples.is_none(),
        "there is no folder {}",
        folder.display()
    );
    Ok(story::own(now.jst_date()))
}

/// Runs the demonstration; `true` when every step held.
///
/// # Errors
/// When it cannot begin or go on.
pub async fn run(options: Options) -> anyhow::Result<bool> {
    anyhow::ensure!(
        options.listen.ip().is_loopback(),
        "the demonstration listens on loopback only; give 127.0.0.1:PORT"
    );
    let mut teller = Teller::new(options.lang, options.serve_only);
    let clock = Arc::new(DemoClock::default());
    let story = choose(&options, &clock)?;
    let folder = std::env::temp_dir().join(format!("tasuki-demo-{}", std::process::id()));
    let folder = Folder(folder);
    let pki = TestPki::new()?;
    let begin = Instant::now();
    let storage = Storage::new(folder.0.clone(), options.server.clone());
    let gate = storage.open_with(Arc::<DemoClock>::clone(&clock))?;
    let town = town::build(&gate, &pki, options.people, &story)?;
    let trust = program::test_trust(&pki, clock.now())?;
    let running = program::listen(gate, trust, options.listen, Some(BANNER)).await?;
    running.app.rates.allow(options.rates_times);
    running.app.health.remark(time_sync::check(false));
    let metrics = figures::listen(options.watch.metrics, &running.app, &folder.0).await?;
    let jobs = Jobs::start(&running.app)?;
    let control = Control::start(&folder.0, &running.app, None)?;
    greet(&teller, town.people, begin.elapsed().as_millis());
    let journey = Journey {
        app: &running.app,
        base: &running.base,
        clock: &clock,
        pki: &pki,
        town: &town,
        story: &story,
        storage: &storage,
    };
    let left = journey.go(&mut teller).await?;
    clock.reset();
    let held = teller.all_held();
    if options.serve_only {
        println!("{}", running.base);
    }
    say_whether_it_held(&teller, held);
    say_metrics(&teller, metrics.as_ref());
    let mut signals = Signals::listen()?;
    let mut beside = Vec::new();
    if !options.exit {
        let more = journey.beside().await?;
        write_keys(&town, &folder.0)?;
        say_log_ins(&teller, &running.base, &town, &folder.0);
        if let Some(file) = &options.ready_file {
            let shots = shots::listed(&running, &town, &story, &left, &more)?;
            write_ready(file, &running.base, &town, shots)?;
        }
        let app = Arc::clone(&running.app);
        beside.push(tokio::spawn(renew_daily(app, pki)));
        signals.next().await;
    }
    let drain = Duration::from_secs(options.drain_seconds);
    leave::in_order(
        running,
        leave::AtWork {
            jobs,
            control: Some(control),
            keeper: None,
        },
        metrics,
        beside,
        drain,
        signals,
    )
    .await?;
    Ok(held)
}

fn greet(teller: &Teller, people: u64, ms: u128) {
    teller.say(
        &format!("襷 tasuki のデモを始めます。{people}人の町を{ms}ミリ秒で用意しました。"),
        &format!("tasuki demo: a town of {people} people, made in {ms} ms"),
    );
}

fn say_metrics(teller: &Teller, metrics: Option<&figures::Listener>) {
    let Some(page) = metrics.map(|metrics| &metrics.page) else {
        return;
    };
    teller.say(
        &format!("  監視用の数値: {page}"),
        &format!("  metrics: {page}"),
    );
}

fn say_whether_it_held(teller: &Teller, held: bool) {
    if held {
        teller.say("すべての手順が確認できました。", "every step held.");
    } else {
        teller.say(
            "確認できなかった手順があります。",
            "some steps did not hold.",
        );
    }
}

/// The test authority's revocation list is good for a day.
async fn renew_daily(app: Arc<web::App>, pki: TestPki) {
    const HOURS: u64 = 12;
    loop {
        tokio::time::sleep(std::time::Duration::from_secs(HOURS * 3_600)).await;
        match program::test_crls(&pki, app.gate.now()) {
            Ok(crls) => app.trust.renew(crls),
            Err(error) => tracing::error!(%error, "no new revocation list"),
        }
    }
}

/// The two record systems, and where their private keys lie.
fn systems<'t>(town: &'t Town, folder: &Path) -> [(&'t Home, &'t Credentials, PathBuf); 2] {
    [
        (&town.clinic, &town.clinic_system, folder.join("clinic.pem")),
        (
            &town.hospital,
            &town.hospital_system,
            folder.join("hospital.pem"),
        ),
    ]
}

/// Leaves the private keys where whoever plays with the sandbox can use them.
fn write_keys(town: &Town, folder: &Path) -> anyhow::Result<()> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt};
    for (_, system, path) in systems(town, folder) {
        let mut options = fs::OpenOptions::new();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(system.key.to_text().reveal().as_bytes())?;
    }
    Ok(())
}

fn say_log_ins(teller: &Teller, base: &str, town: &Town, folder: &Path) {
    teller.say(
        "\nこのまま動かし続けます(終了は Ctrl-C)。",
        "\nStill serving (Ctrl-C ends).",
    );
    teller.say(
        &format!("  職員の画面: {base}/login"),
        &format!("  staff pages: {base}/login"),
    );
    teller.say(
        &format!("  ご本人の画面: {base}/portal/login"),
        &format!("  patient's portal: {base}/portal/login"),
    );
    teller.say(
        &format!("  API: {base}/openapi.json  エラーの一覧: {base}/errors.json"),
        &format!("  API: {base}/openapi.json  error catalogue: {base}/errors.json"),
    );
    teller.say(
        &format!(
            "  {} のログイン名(パスワードは共通で {PASSWORD}):",
            town.clinic.name
        ),
        &format!(
            "  log-in names at {} (password {PASSWORD}):",
            town.clinic.name
        ),
    );
    for log_in in &town.log_ins {
        let line = format!("    {}  {} {}", log_in.login, log_in.role.ja(), log_in.name);
        teller.say(&line, &line);
    }
    for (home, system, file) in systems(town, folder) {
        let (name, client, file) = (&home.name, &system.client, file.display());
        let command =
            format!("cargo run --release -- token --server {base} --client {client} --key {file}");
        teller.say(
            &format!("  {name} のAPIトークン(5分間有効)は別の端末で: {command}"),
            &format!(
                "  an API token of {name}, good for 5 minutes, in another terminal: {command}"
            ),
        );
    }
    let data = folder.display();
    teller.say(
        &format!(
            "  運用担当者のコマンド(tasuki ca、client、proxy、settings)は --data {data} を付けて"
        ),
        &format!(
            "  an operator's commands (tasuki ca, client, proxy, settings): with --data {data}"
        ),
    );
    teller.say(
        "  確認コードは別の端末で: cargo run --release -- code ログイン名",
        "  one-time codes, in another terminal: cargo run --release -- code LOGIN-NAME",
    );
    teller.say(
        &format!("  患者さんのカードで署名: cargo run --release -- vcard sign --number {PATIENT_CARD} --pin 1234 --text '表示された文字列'"),
        &format!("  the patient's card: cargo run --release -- vcard sign --number {PATIENT_CARD} --pin 1234 --text 'TEXT SHOWN'"),
    );
}

#[derive(Serialize)]
struct Ready<'a> {
    base: &'a str,
    clinic: Registered<'a>,
    hospital: Registered<'a>,
    shots: Vec<Shot>,
}

/// A record system as its operator knows it.
#[derive(Serialize)]
struct Registered<'a> {
    /// The facility's ten-digit code.
    facility: &'a str,
    client: &'a str,
    key: String,
}

impl<'a> Registered<'a> {
    fn of(home: &'a Home, system: &'a Credentials) -> Self {
        Self {
            facility: &home.code,
            client: &system.client,
            key: system.key.to_text().reveal().clone(),
        }
    }
}

#[derive(Serialize)]
struct Shot {
    name: &'static str,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cookie: Option<String>,
    /// What is typed into the page's form by the fields' names, before it is sent.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    fill: BTreeMap<&'static str, String>,
    /// The button that sends it, as `name=value`; the form's first without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    press: Option<&'static str>,
}

fn write_ready(file: &Path, base: &str, town: &Town, shots: Vec<Shot>) -> anyhow::Result<()> {
    let part = file.with_extension("part");
    let ready = Ready {
        base,
        clinic: Registered::of(&town.clinic, &town.clinic_system),
        hospital: Registered::of(&town.hospital, &town.hospital_system),
        shots,
    };
    fs::write(&part, serde_json::to_vec(&ready)?)?;
    Ok(fs::rename(part, file)?)
}
