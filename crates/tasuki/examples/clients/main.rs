//! A town with registered clients, whose public keys come from a file: for other people's OAuth
//! libraries, which keep the private halves, in `cargo xtask test`.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::Arc,
};

use access::{
    Gate,
    client::{self, Kind, Terms},
    consent::{self, Category},
    jwk::PublicKey,
    scope::Scopes,
    session::Whose,
};
use anyhow::Context;
use clap::Parser;
use equipment::{ca, model::Particulars, ops::ledger};
use fhir_server::subscriptions;
use kernel::{Secret, id::PersonId};
use registry::model::FacilityKind;
use serde_json::{Map, Value, json};
use store::caller::{Home, Role};
use tasuki::{
    jobs::Jobs,
    program::{SystemClock, Ways},
    town::PASSWORD,
};
use testkit::{
    population::{Coverage, Life, clins::member_id, demo},
    seed,
};
use web::tls::{self, Identity, Tls};

mod papers;
mod people;
#[path = "../place/mod.rs"]
mod place;

/// Where apps are led back to. Nothing listens there: the libraries read the address itself.
const CALLBACK: &str = "http://127.0.0.1:1/callback";

/// Whose certificate the server shows.
const HOST: &str = "127.0.0.1";

/// How to serve.
#[derive(Parser)]
struct Line {
    /// `clients`, the name under which the caller knows this program.
    name: String,
    /// Public keys, JSON: a JSON Web Key a client.
    #[arg(long)]
    keys: PathBuf,
    /// Serve by TLS; certificates and keys of the installation's own authority go here.
    #[arg(long)]
    tls: Option<PathBuf>,
    /// People to enrol, JSON: a list.
    #[arg(long)]
    people: Option<PathBuf>,
    /// Let browsers come to http://localhost: passkeys want the name of a host.
    #[arg(long)]
    by_name: bool,
    /// When ready, write what a client's owner knows into this file, as JSON.
    #[arg(long)]
    ready_file: PathBuf,
}

/// A record system at the letters' addressee.
const CLINIC: (&str, Kind, &str) = (
    "clinic",
    Kind::Backend,
    "system/Bundle.crud system/*.rs tasuki/eligibility tasuki/consent",
);

/// The clients: name, what they are, what they may ask for.
const CLIENTS: [(&str, Kind, &str); 4] = [
    (
        "rs",
        Kind::Backend,
        "system/Bundle.crud system/*.cruds tasuki/eligibility tasuki/consent",
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

fn register(
    gate: &Gate,
    home: &Home,
    clients: &[(&'static str, Kind, &'static str)],
    keys: &Value,
) -> anyhow::Result<Map<String, Value>> {
    let mut registered = Map::new();
    for &(name, kind, scopes) in clients {
        let key = keys.get(name).with_context(|| format!("no key {name}"))?;
        let key = PublicKey::parse(&key.to_string())?;
        let scopes_of = Scopes::parse(scopes).context("scopes")?;
        let facility = home.id;
        let client = place::write(gate, move |call| {
            let ends_at = call.at().plus_hours(24);
            let is_app = kind == Kind::App;
            let terms = Terms {
                name: format!("外部の部品 {name}"),
                kind,
                scopes: scopes_of.clone(),
                redirects: Vec::from_iter(is_app.then(|| CALLBACK.to_owned())),
                networks: kernel::net::Networks::default(),
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

fn fill(gate: &Gate, keys: &Value, tls: Option<&Path>) -> anyhow::Result<Value> {
    let today = gate.now().jst_date();
    let life = demo::patient(today);
    let enrolled = life.clone();
    let person = place::write(gate, move |call| seed::person(call, &enrolled))?;
    let home = place::write(gate, move |call| seed::facility(call, &demo::hospital()))?;
    let owned = home.clone();
    let hash = seed::password_hash(PASSWORD).context("not enough memory to hash a password")?;
    let own = hash.clone();
    let staff = place::write(gate, move |call| {
        seed::account(call, &owned, "doctor", "医師 一", Role::Doctor, &own)
    })?;
    let coverage = life.coverage_on(today).context("not insured")?;
    let mut clients = register(gate, &home, &CLIENTS, keys)?;
    let (more, clinic_doctor) = clinic(gate, person, &hash, keys)?;
    clients.extend(more);
    if let Some(folder) = tls {
        let thumbprint = certify(gate, &home, folder)?;
        clients.insert("bound".to_owned(), bound(gate, &home, thumbprint)?);
    }
    Ok(json!({
        "clients": clients,
        "callback": CALLBACK,
        "password": PASSWORD,
        "doctor": place::session_of(gate, Whose::Staff(home.id, staff))?,
        "patient": place::session_of(gate, Whose::Patient(person))?,
        "own_patient": own_patient(&life, coverage),
        "institution": home.code,
        "member": member_id(coverage),
        "documents": papers::papers(&life, gate.now())?,
        "clinic_doctor": clinic_doctor,
        "receiver": receiver(gate, &home)?,
        "inquiry": {
            "insurer_number": coverage.insurer.number.as_str(),
            "symbol": coverage.symbol.as_str(),
            "number": coverage.number.as_str(),
            "branch": coverage.branch.as_ref().map(|branch| branch.as_str()),
            "birth_date": life.birth.to_string(),
        },
    }))
}

/// The letters' addressee, to which the person has come: its system, and its doctor's session.
fn clinic(
    gate: &Gate,
    person: PersonId,
    hash: &str,
    keys: &Value,
) -> anyhow::Result<(Map<String, Value>, String)> {
    let hash = hash.to_owned();
    let (home, doctor) = place::write(gate, move |call| {
        let (code, name) = papers::TO;
        let home = seed::home(call, code, name, FacilityKind::Clinic)?;
        let doctor = seed::account(call, &home, "clinic", "医師 二", Role::Doctor, &hash)?;
        // She has shown her card there, and consented.
        consent::give(call, person, home.id, &Category::ALL, "pin")?;
        Ok((home, doctor))
    })?;
    let clients = register(gate, &home, &[CLINIC], keys)?;
    let session = place::session_of(gate, Whose::Staff(home.id, doctor))?;
    Ok((clients, session))
}

/// Where this machine's notifications may go: a port that was free a moment ago.
fn receiver(gate: &Gate, home: &Home) -> anyhow::Result<String> {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port();
    let url = format!("http://127.0.0.1:{port}/notifications");
    let (facility, allowed) = (home.id, url.clone());
    place::write(gate, move |call| {
        subscriptions::ops::allow(call, facility, &allowed, "")
    })?;
    Ok(url)
}

/// The person as a Patient that a hospital's system may create.
fn own_patient(life: &Life, coverage: &Coverage) -> Value {
    json!({
        "resourceType": "Patient",
        "identifier": [{
            "system": "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID",
            "value": member_id(coverage),
        }],
        "name": [{ "family": life.name.family, "given": [life.name.given] }],
        "birthDate": life.birth.to_string(),
    })
}

/// A server's certificate and two terminals', with their keys and the root; the thumbprint of
/// the first terminal's.
fn certify(gate: &Gate, home: &Home, folder: &Path) -> anyhow::Result<[u8; 32]> {
    let keep = |name: &str, text: &str| std::fs::write(folder.join(name), text);
    keep("root.pem", &place::write(gate, ca::init)?)?;
    let (key, request) = ca::new_request()?;
    let issued = place::write(gate, move |call| ca::issue_server(call, HOST, &request))?;
    keep("server-key.pem", key.reveal())?;
    keep("server.pem", &issued.pem)?;
    let mut first = None;
    for name in ["terminal", "other"] {
        let (key, request) = ca::new_request()?;
        let home = home.clone();
        let particulars = Particulars {
            label: name.to_owned(),
            responsible: "医療情報係".to_owned(),
            ..Particulars::default()
        };
        let issued = place::write(gate, move |call| {
            call.concerns(home.id);
            let item = ledger::register(
                call,
                home.id,
                equipment::model::Kind::Terminal,
                &particulars,
            )?;
            ledger::certify(call, home.id, &home.code, item, &request)
        })?;
        keep(&format!("{name}-key.pem"), key.reveal())?;
        keep(&format!("{name}.pem"), &issued.pem)?;
        first = first.or(Some(issued.thumbprint));
    }
    first.context("no terminal")
}

/// A client that is known by the terminal's certificate alone.
fn bound(gate: &Gate, home: &Home, thumbprint: [u8; 32]) -> anyhow::Result<Value> {
    let scope = "tasuki/eligibility tasuki/introspect";
    let scopes = Scopes::parse(scope).context("scopes")?;
    let facility = home.id;
    let client = place::write(gate, move |call| {
        let terms = Terms {
            name: "受付の端末".to_owned(),
            kind: Kind::Backend,
            scopes: scopes.clone(),
            redirects: Vec::new(),
            networks: kernel::net::Networks::default(),
            certificates: vec![thumbprint],
            needs_certificate: true,
            ends_at: call.at().plus_hours(24),
        };
        client::register(call, facility, &terms, None)
    })?;
    Ok(json!({ "client": client.id.to_hex(), "scope": scope }))
}

fn ways(folder: Option<&Path>) -> anyhow::Result<Ways> {
    let Some(folder) = folder else {
        return Ok(Ways::default());
    };
    let read = |name: &str| std::fs::read(folder.join(name));
    let identity = Identity {
        chain: read("server.pem")?,
        key: Secret::new(read("server-key.pem")?),
    };
    let roots = tls::certificates(&read("root.pem")?)?;
    let tls = Tls::new(&identity, &roots, Arc::new(SystemClock))?;
    Ok(Ways {
        tls: Some(Arc::new(tls)),
        ..Ways::default()
    })
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let line = Line::parse();
    let keys: Value = serde_json::from_slice(&std::fs::read(&line.keys)?)?;
    let town = place::empty(&line.name)?;
    let mut ready = fill(&town.gate, &keys, line.tls.as_deref())?;
    if let Some(people) = &line.people {
        people::enrol(&town.gate, people)?;
    }
    let mut ways = ways(line.tls.as_deref())?;
    let mut address: SocketAddr = "127.0.0.1:0".parse()?;
    if line.by_name {
        // The origin is told to the program before it listens, so a port is tried out first.
        address = TcpListener::bind(address)?.local_addr()?;
        ways.origin = Some(format!("http://localhost:{}", address.port()));
    }
    let origin = ways.origin.clone();
    let (running, _folder) = town.listen(address, ways).await?;
    if let Some(ready) = ready.as_object_mut() {
        let base = origin.unwrap_or_else(|| running.base.clone());
        ready.insert("base".to_owned(), base.into());
    }
    let _jobs = Jobs::start(&running.app)?;
    place::say_ready(&line.ready_file, &ready)?;
    running.server.await??;
    Ok(())
}
