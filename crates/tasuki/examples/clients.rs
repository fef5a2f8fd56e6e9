//! A town with registered clients, whose public keys come from a file: for other people's OAuth
//! libraries, which keep the private halves, in `cargo xtask test`.

use std::path::PathBuf;

use access::{
    client::{self, Kind, Terms},
    jwk::PublicKey,
    scope::Scopes,
    session::Whose,
};
use anyhow::Context;
use clap::Parser;
use serde_json::{Map, Value, json};
use store::caller::{Home, Role};
use tasuki::program::Running;
use testkit::{population::demo, seed};

mod place;

/// Where apps are led back to. Nothing listens there: the libraries read the address itself.
const CALLBACK: &str = "http://127.0.0.1:1/callback";

/// How to serve.
#[derive(Parser)]
struct Line {
    /// `clients`, the name under which the caller knows this program.
    #[expect(dead_code, reason = "read by the caller's log")]
    name: String,
    /// Public keys, JSON: a JSON Web Key a client.
    #[arg(long)]
    keys: PathBuf,
    /// When ready, write what a client's owner knows into this file, as JSON.
    #[arg(long)]
    ready_file: PathBuf,
}

/// The clients: name, what they are, what they may ask for.
const CLIENTS: [(&str, Kind, &str); 4] = [
    (
        "rs",
        Kind::Backend,
        "system/Bundle.crud tasuki/eligibility tasuki/consent",
    ),
    (
        "es",
        Kind::Backend,
        "system/Bundle.crud tasuki/eligibility tasuki/introspect",
    ),
    (
        "python",
        Kind::Backend,
        "tasuki/eligibility tasuki/introspect",
    ),
    (
        "app",
        Kind::App,
        "openid fhirUser launch/patient user/*.rs patient/*.rs",
    ),
];

fn register(running: &Running, home: &Home, keys: &Value) -> anyhow::Result<Map<String, Value>> {
    let mut registered = Map::new();
    for (name, kind, scopes) in CLIENTS {
        let key = keys.get(name).with_context(|| format!("no key {name}"))?;
        let key = PublicKey::parse(&key.to_string())?;
        let scopes_of = Scopes::parse(scopes).context("scopes")?;
        let facility = home.id;
        let client = place::write(running, move |call| {
            let ends_at = call.at().plus_hours(24);
            let is_app = kind == Kind::App;
            let terms = Terms {
                name: format!("外部の部品 {name}"),
                kind,
                scopes: scopes_of.clone(),
                redirects: Vec::from_iter(is_app.then(|| CALLBACK.to_owned())),
                networks: Vec::new(),
                certificates: Vec::new(),
                needs_certificate: false,
                ends_at,
            };
            client::register(call, facility, &terms, Some((&key, ends_at)))
        })?;
        let told = json!({ "client": client.id.to_hex(), "scope": scopes });
        registered.insert(name.to_owned(), told);
    }
    Ok(registered)
}

fn fill(running: &Running, keys: &Value) -> anyhow::Result<Value> {
    let today = running.app.gate.now().jst_date();
    let life = demo::patient(today);
    let enrolled = life.clone();
    let person = place::write(running, move |call| seed::person(call, &enrolled))?;
    let home = place::write(running, move |call| seed::facility(call, &demo::hospital()))?;
    let owned = home.clone();
    let staff = place::write(running, move |call| {
        seed::account(
            call,
            &owned,
            "doctor",
            "医師 一",
            Role::Doctor,
            "not a hash",
        )
    })?;
    let coverage = life.coverage_on(today).context("not insured")?;
    Ok(json!({
        "base": running.base,
        "clients": register(running, &home, keys)?,
        "callback": CALLBACK,
        "doctor": place::session_of(running, Whose::Staff(home.id, staff))?,
        "patient": place::session_of(running, Whose::Patient(person))?,
        "inquiry": {
            "insurer_number": coverage.insurer.number.as_str(),
            "symbol": coverage.symbol.as_str(),
            "number": coverage.number.as_str(),
            "branch": coverage.branch.as_ref().map(|branch| branch.as_str()),
            "birth_date": life.birth.to_string(),
        },
    }))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let line = Line::parse();
    let keys: Value = serde_json::from_slice(&std::fs::read(&line.keys)?)?;
    let (_folder, running) = place::empty("clients").await?;
    let ready = tokio::task::block_in_place(|| fill(&running, &keys))?;
    place::say_ready(&line.ready_file, &ready)?;
    running.server.await??;
    Ok(())
}
