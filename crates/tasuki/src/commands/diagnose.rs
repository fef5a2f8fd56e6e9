//! `tasuki diagnose`: where is it stuck, seen from the counter: reader → line → certificate →
//! server → answer, in one screen.
//!
//! The reader and the way to the server are looked at from here, the rest is what the server
//! says of itself (`GET /api/v1/diagnosis`). Source: peers report 47.

use std::time::Instant;

use clap::Args;
use peers::{card_terminal::reader_state, http::Reply};
use serde_json::Value;
use signing::reader::CardError;

use super::terminal::{Place, stand};

/// What is looked at.
#[derive(Args)]
pub struct Options {
    /// Which terminal of which facility.
    #[command(flatten)]
    pub place: Place,
    /// Look for a card reader on this machine, and report how it does.
    #[arg(long)]
    pub reader: bool,
}

/// One step on the screen.
struct Seen {
    light: String,
    ja: String,
    en: String,
    next: String,
}

impl Seen {
    fn new(light: &str, ja: &str, en: &str) -> Self {
        Self {
            light: light.to_owned(),
            ja: ja.to_owned(),
            en: en.to_owned(),
            next: String::new(),
        }
    }

    fn of_card(light: &str, error: CardError) -> Self {
        let entry = error.entry();
        Self {
            light: light.to_owned(),
            ja: format!("{} {}", entry.code, entry.cause.ja),
            en: entry.cause.en.to_owned(),
            next: format!("{} / {}", entry.remedy.ja, entry.remedy.en),
        }
    }

    fn of_server(step: &Value) -> Self {
        let word = |name: &str| step.get(name).and_then(Value::as_str).unwrap_or_default();
        let next = match (word("next_ja"), word("next_en")) {
            ("", _) => String::new(),
            (ja, en) => format!("{ja} / {en}"),
        };
        Self {
            light: word("light").to_owned(),
            ja: format!("{} {}", word("code"), word("reason_ja"))
                .trim()
                .to_owned(),
            en: word("reason_en").to_owned(),
            next,
        }
    }
}

/// Looks and tells; `false` when it is stuck somewhere.
///
/// # Errors
/// When the terminal's key cannot be read.
pub async fn run(options: Options) -> anyhow::Result<bool> {
    let terminal = stand(&options.place)?;
    let reader = options.reader.then(own_reader);
    if let Some(found) = &reader {
        let state = found
            .as_ref()
            .err()
            .copied()
            .map_or("ok", |error| reader_state(error).unwrap_or("ok"));
        // A reader without a card works, and only a card that was read says more than that;
        // whether the report arrives is the next step's matter.
        if state != "ok" {
            let _told = terminal.report(state).await;
        }
    }
    let begun = Instant::now();
    let reply = terminal.system().get("/api/v1/diagnosis").await;
    let ms = begun.elapsed().as_millis();
    let steps = [
        ("カードリーダー / reader", reader_step(reader, &reply)),
        ("回線 / line", line_step(&reply, ms)),
        ("証明書 / certificate", server_step(&reply, "certificate")),
        ("サーバ / server", server_step(&reply, "server")),
        ("応答 / answer", server_step(&reply, "answer")),
    ];
    for (name, seen) in &steps {
        let mark = match seen.light.as_str() {
            "green" => "○",
            "yellow" => "△",
            _ => "×",
        };
        println!("{mark} {name}: {} / {}", seen.ja, seen.en);
        if !seen.next.is_empty() {
            println!("  → {}", seen.next);
        }
    }
    let is_stuck = steps.iter().any(|(_, seen)| seen.light == "red");
    if is_stuck {
        tell_whom_to_call(&reply);
    }
    Ok(!is_stuck)
}

#[cfg(feature = "pcsc")]
fn own_reader() -> Result<Vec<String>, CardError> {
    peers::pcsc::Readers::reach()?.names()
}

#[cfg(not(feature = "pcsc"))]
const fn own_reader() -> Result<Vec<String>, CardError> {
    Err(CardError::NoService)
}

fn reader_step(own: Option<Result<Vec<String>, CardError>>, reply: &anyhow::Result<Reply>) -> Seen {
    match own {
        Some(Ok(names)) => {
            let names = names.join("、");
            let ja = format!("カードリーダーがあります({names})。");
            Seen::new("green", &ja, "there is a reader")
        }
        Some(Err(error)) => Seen::of_card("red", error),
        None => server_step(reply, "reader"),
    }
}

fn line_step(reply: &anyhow::Result<Reply>, ms: u128) -> Seen {
    match reply {
        Err(error) => Seen {
            light: "red".to_owned(),
            ja: "サーバに届きません。".to_owned(),
            en: format!("the server is not reached: {error:#}"),
            next: "ネットワークのケーブルとルーターの電源、サーバのアドレスを確かめてください。 / check cable, router and the server's address".to_owned(),
        },
        Ok(reply) if reply.status == 200 => Seen::new(
            "green",
            &format!("サーバに届き、{ms}ミリ秒で答えがありました。"),
            &format!("the server answered in {ms} ms"),
        ),
        Ok(reply) => Seen {
            light: "red".to_owned(),
            ja: format!(
                "サーバに届きましたが、断られました({} {})。",
                reply.code().unwrap_or_default(),
                reply.word("/cause_ja").unwrap_or_default()
            ),
            en: reply.word("/cause_en").unwrap_or_default(),
            next: reply.word("/remedy_ja").unwrap_or_default(),
        },
    }
}

fn server_step(reply: &anyhow::Result<Reply>, step: &str) -> Seen {
    let unknown = || Seen::new("yellow", "調べられませんでした。", "could not be looked at");
    let Ok(reply) = reply else {
        return unknown();
    };
    let json = reply.json();
    let steps = json.get("steps").and_then(Value::as_array);
    let found = steps
        .into_iter()
        .flatten()
        .find(|found| found.get("step").and_then(Value::as_str) == Some(step));
    found.map_or_else(unknown, Seen::of_server)
}

fn tell_whom_to_call(reply: &anyhow::Result<Reply>) {
    let word = |name| reply.as_ref().ok().and_then(|reply| reply.word(name));
    let name = word("/call_name").unwrap_or_else(|| "システム管理者".to_owned());
    let contact = word("/call_contact").unwrap_or_default();
    println!("連絡先 / call: {name} {contact}");
}
