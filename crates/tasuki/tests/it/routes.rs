//! Every route of the assembled program: how it is declared, whom it refuses and in what
//! form, and that nothing about others can be learned from an answer.

use std::collections::{BTreeMap, BTreeSet};

use access::policy::{self, Permission};
use kernel::{hex, id::PersonId};
use serde_json::{Value, json};
use store::caller::{Home, Role};
use tasuki::program;
use testkit::{
    World,
    population::{Life, Population},
    rights,
    world::{As, Reply},
};
use web::{Body, Face, Method, Route};

/// What is open to everyone; each addition is a decision.
const PUBLIC: [&str; 44] = [
    "GET /.well-known/oauth-authorization-server",
    "GET /.well-known/openid-configuration",
    "GET /.well-known/smart-configuration",
    "GET /.well-known/tasuki-ca",
    "GET /.well-known/tasuki-seal-key",
    "GET /assets/…css",
    "GET /assets/…js",
    "GET /assets/…svg",
    "GET /errors.json",
    "GET /fhir/.well-known/smart-configuration",
    "GET /fhir/metadata",
    "GET /health/live",
    "GET /health/ready",
    "GET /lock",
    "GET /login",
    "GET /login/card",
    "GET /login/code",
    "GET /login/elsewhere",
    "GET /login/substitute",
    "GET /oauth/authorize",
    "GET /oauth/jwks",
    "GET /openapi.json",
    "GET /portal/login",
    "GET /v",
    "GET /v/{digits}",
    "GET /v/{digits}/consent",
    "GET /v/{digits}/done",
    "POST /api/v1/portal/challenges",
    "POST /api/v1/portal/sessions",
    "POST /api/v1/visit-codes/challenges",
    "POST /api/v1/visit-codes/proofs",
    "POST /lock",
    "POST /login",
    "POST /login/code",
    "POST /logout",
    "POST /passkey/options",
    "POST /oauth/authorize",
    "POST /oauth/introspect",
    "POST /oauth/revoke",
    "POST /oauth/token",
    "POST /portal/login",
    "POST /v",
    "POST /v/{digits}",
    "POST /v/{digits}/consent",
];

/// The number of an insurer that a facility stands for.
const INSURER: &str = "06130011";
/// So long is a record of each anonymous refusal apart from those of the minute before.
const APART_SECONDS: i64 = 61;

pub fn world() -> World {
    World::new(program::services())
}

#[test]
fn methods_and_paths_are_unique_and_described_in_both_languages() {
    let world = world();
    let mut seen = BTreeSet::new();
    for route in &world.app.routes {
        let name = route.name();
        assert!(seen.insert(name.clone()), "{name} is there twice");
        assert!(!route.summary.ja.trim().is_empty(), "{name}");
        assert!(!route.summary.en.trim().is_empty(), "{name}");
        assert!(!route.summary.ja.is_ascii(), "{name}: {}", route.summary.ja);
    }
}

/// An asset's name without the hash of its content.
fn stable(name: &str) -> String {
    match (name.strip_prefix("GET /assets/"), name.rsplit_once('.')) {
        (Some(_), Some((_, kind))) => format!("GET /assets/…{kind}"),
        _ => name.to_owned(),
    }
}

#[test]
fn all_but_the_listed_routes_need_a_permission() {
    let world = world();
    let public: BTreeSet<String> = world
        .app
        .routes
        .iter()
        .filter(|route| route.permission == Permission::Public)
        .map(|route| stable(&route.name()))
        .collect();
    let listed: BTreeSet<String> = PUBLIC.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(public, listed);
}

#[test]
fn events_have_a_code_of_two_words_and_one_text_each() {
    let world = world();
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let mut texts = BTreeMap::new();
    for route in &world.app.routes {
        let event = route.event;
        let fits = event
            .code
            .split_once('.')
            .is_some_and(|(a, b)| is_word(a) && is_word(b));
        assert!(fits, "{}: {}", route.name(), event.code);
        assert!(
            !event.ja.is_ascii() && !event.en.trim().is_empty(),
            "{}",
            event.code
        );
        let text = texts.entry(event.code).or_insert((event.ja, event.en));
        assert_eq!(*text, (event.ja, event.en), "{} has two texts", event.code);
    }
}

/// A body as its schema says, with `""` for each text.
fn by_schema(schema: &Value, only_required: bool) -> Value {
    let required = schema["required"].as_array().expect("a list");
    let all = schema["properties"].as_object().expect("members");
    let members = all
        .iter()
        .filter(|(name, _)| !only_required || required.iter().any(|one| one == name.as_str()));
    let filled = members.map(|(name, schema)| {
        let value = match schema["type"].as_str() {
            Some("boolean") => json!(false),
            Some("array") if schema["items"]["type"] == "object" => json!([{}]),
            Some("object") => json!({ "member": "", "system": "", "value": "" }),
            Some("array") => json!([""]),
            _ => json!(""),
        };
        (name.clone(), value)
    });
    Value::Object(filled.collect())
}

#[test]
fn the_openapi_document_says_what_each_body_holds() {
    let world = world();
    let facility = world.facility("1310000001", "みどり診療所");
    let scopes = "system/Bundle.crud tasuki/eligibility tasuki/consent tasuki/register";
    let system = world.system_with(&facility, scopes);
    let routes = world.app.routes.iter();
    let with_body: Vec<&Route> = routes
        .filter(|r| r.body == Body::Json && matches!(r.face, Face::Api | Face::Fhir))
        // What no program may do at all is refused before its body is read.
        .filter(|r| policy::allows(Role::System, r.permission))
        .collect();
    let named: BTreeSet<&str> = web::openapi::bodies::names().collect();
    assert!(with_body.len() >= 8);
    for route in with_body {
        let name = route.name();
        assert!(
            named.contains(name.as_str()),
            "{name}: web/src/openapi/bodies.rs"
        );
        let schema = web::openapi::bodies::schema(&name).expect("a schema");
        let path = filled(route, &"0".repeat(32));
        let not_read = |body: &Value| world.post(&system, &path, body).code() == "TSK-WEB-006";
        let (whole, least) = (by_schema(&schema, false), by_schema(&schema, true));
        assert!(!not_read(&whole), "{name}: {whole}");
        assert!(!not_read(&least), "{name}: {least}");
        let mut more = least.clone();
        more["nobody-knows-this"] = json!("");
        assert!(not_read(&more), "{name}: {more}");
        for member in least.as_object().expect("an object").keys() {
            let mut less = least.clone();
            less.as_object_mut().expect("an object").remove(member);
            assert!(not_read(&less), "{name} without {member}");
        }
    }
    let real: BTreeSet<String> = world.app.routes.iter().map(Route::name).collect();
    for name in named {
        assert!(real.contains(name), "{name} is no route");
    }
}

#[test]
fn no_page_holds_what_its_policy_forbids_and_every_answer_has_the_headers() {
    let world = world();
    let facility = world.facility("1310000001", "みどり診療所");
    let population = Population::new(7, 40, world.app.gate.now().jst_date());
    let person = world.person(&population.person(1));
    let mut callers = vec![As::Nobody, world.patient(person)];
    callers.extend(
        [Role::Doctor, Role::Clerk, Role::Administrator].map(|role| world.staff(&facility, role)),
    );
    let mut pages = 0;
    for route in world.app.routes.iter().filter(|r| r.method == Method::Get) {
        let parts = route
            .path
            .split('/')
            .map(|part| match part.starts_with('{') {
                true => "1",
                false => part,
            });
        let path = parts.collect::<Vec<_>>().join("/");
        for caller in &callers {
            let reply = world.get(caller, &path);
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("x-frame-options", "DENY"),
                ("referrer-policy", "no-referrer"),
                ("cross-origin-opener-policy", "same-origin"),
            ] {
                assert_eq!(reply.header(name), value, "{path} {name}");
            }
            let policy = reply.header("content-security-policy");
            assert!(!policy.contains("unsafe"), "{path}: {policy}");
            assert!(policy.contains("default-src"), "{path}: {policy}");
            if !reply.header("content-type").starts_with("text/html") {
                continue;
            }
            pages += 1;
            let text = reply.text();
            for tag in text.split('<').skip(1) {
                let tag = tag.split('>').next().unwrap_or_default();
                let forbidden = tag.split_whitespace().skip(1).any(|part| {
                    part.starts_with("style=")
                        || part.starts_with("on") && part.contains('=')
                        || part.contains("javascript:")
                });
                assert!(!forbidden && !tag.starts_with("style"), "{path}: <{tag}>");
                let is_script = tag == "script" || tag.starts_with("script ");
                assert!(
                    !is_script || tag.contains("src=\"/assets/"),
                    "{path}: <{tag}>"
                );
            }
        }
    }
    assert!(pages >= 30, "{pages}");
}

#[test]
fn the_openapi_document_lists_exactly_the_routes_for_programs() {
    let world = world();
    let reply = world.get(&As::Nobody, "/openapi.json");
    assert_eq!(reply.status, 200);
    let document = reply.json();
    let paths = document["paths"].as_object().expect("paths");
    let listed: BTreeSet<String> = paths
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().expect("methods");
            methods
                .keys()
                .map(move |m| format!("{} {path}", m.to_uppercase()))
        })
        .collect();
    let real: BTreeSet<String> = world
        .app
        .routes
        .iter()
        .filter(|route| matches!(route.face, Face::Api | Face::Fhir))
        .map(Route::name)
        .collect();
    assert_eq!(listed, real);
    for route in world
        .app
        .routes
        .iter()
        .filter(|r| matches!(r.face, Face::Api | Face::Fhir))
    {
        let operation = &paths[route.path][route.method.word().to_lowercase()];
        assert_eq!(
            operation["x-permission"],
            route.permission.word(),
            "{}",
            route.name()
        );
        let is_open = operation.get("security").is_none();
        assert_eq!(
            is_open,
            route.permission == Permission::Public,
            "{}",
            route.name()
        );
    }
}

/// The path with each part in braces replaced; a type of resource is always a real one.
pub fn filled(route: &Route, value: &str) -> String {
    let parts: Vec<&str> = route
        .path
        .split('/')
        .map(|part| match part {
            "{type}" => KIND,
            part if part.starts_with('{') => value,
            part => part,
        })
        .collect();
    let path = parts.join("/");
    if path.starts_with("/fhir/shared/") {
        // Whose shared record it is, a visit says.
        return format!("{path}?patient={}", "0".repeat(32));
    }
    path
}

/// A type of resource that a patient's records consist of.
const KIND: &str = "Observation";

/// An export that a system of a facility began: its id. The patient is in its records already.
fn export_of(world: &World, home: &Home, life: &Life) -> String {
    let system = world.system(home);
    let coverage = life
        .coverage_on(world.app.gate.now().jst_date())
        .expect("insured");
    let member = testkit::population::clins::member_id(coverage);
    let identifier =
        format!("http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID%7C{member}");
    let form = format!("identifier={}", identifier.replace(':', "%3A"));
    let kind = "application/x-www-form-urlencoded";
    let found = world.send(
        &system,
        "POST",
        "/fhir/Patient/_search",
        kind,
        form.into_bytes(),
    );
    let patient = found.json()["entry"][0]["resource"]["id"].clone();
    let path = format!("/fhir/Patient/{}/$export", patient.as_str().expect("an id"));
    let headers = [("prefer", "respond-async")];
    let begun = world.send_with(&system, "GET", &path, &headers, Vec::new());
    assert_eq!(begun.status, 202, "{}", begun.text());
    let place = begun.header("content-location");
    place.rsplit('/').next().expect("an id").to_owned()
}

/// A resource of a patient in the records of a facility, both made by its system: its id. The
/// patient is in the register already.
pub fn resource_of(world: &World, home: &Home, life: &Life) -> String {
    let system = world.system(home);
    let coverage = life
        .coverage_on(world.app.gate.now().jst_date())
        .expect("insured");
    let branch = coverage
        .branch
        .as_ref()
        .map_or("", |branch| branch.as_str());
    let insurer = format!("{:0>8}", coverage.insurer.number.as_str());
    let (symbol, number) = (coverage.symbol.as_str(), coverage.number.as_str());
    let create = |resource: &Value| {
        let kind = resource["resourceType"].as_str().expect("a type");
        let body = serde_json::to_vec(resource).expect("JSON");
        let reply = world.post_fhir(&system, &format!("/fhir/{kind}"), &body);
        assert_eq!(reply.status, 201, "{}", reply.text());
        reply.json()["id"].as_str().expect("an id").to_owned()
    };
    let patient = create(&json!({
        "resourceType": "Patient",
        "identifier": [{
            "system": "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID",
            "value": format!("{insurer}:{symbol}:{number}:{branch}"),
        }],
        "name": [{ "text": life.name.full() }],
        "birthDate": life.birth.to_string(),
    }));
    create(&json!({
        "resourceType": KIND,
        "status": "final",
        "code": { "text": life.name.full() },
        "subject": { "reference": format!("Patient/{patient}") },
    }))
}

fn send(world: &World, who: &As, route: &Route, path: &str) -> Reply {
    match (route.method, route.body) {
        (Method::Post, Body::Form) => world.submit(who, path, &[]),
        (Method::Post, Body::Fhir) => world.post_fhir(who, path, b"{}"),
        (Method::Post, Body::Files) => world.submit_files(who, path, &[], &[]),
        (Method::Post, Body::File | Body::None) => {
            world.send(who, "POST", path, "text/csv", Vec::new())
        }
        (Method::Post, _) => world.post(who, path, &json!({})),
        (method, _) => world.send(who, method.word(), path, "", Vec::new()),
    }
}

/// What is wrong with the form of a refusal.
fn misshapen(world: &World, route: &Route, reply: &Reply) -> Option<&'static str> {
    let code = reply.code();
    let Some(entry) = world.app.errors.iter().find(|entry| entry.code == code) else {
        return Some("carries no catalogued code");
    };
    if entry.status != reply.status {
        return Some("has another status than its entry");
    }
    let kind = reply.header("content-type");
    let body = reply.json();
    let fits = match route.face {
        Face::Api => {
            kind.starts_with("application/json")
                && body["cause_ja"] == entry.cause.ja
                && body["remedy_en"] == entry.remedy.en
                && body["request_id"] == reply.header("x-request-id")
        }
        Face::Fhir => {
            kind.starts_with("application/fhir+json")
                && body["resourceType"] == "OperationOutcome"
                && body["issue"][0]["severity"] == "error"
                && body["issue"][0]["code"] == entry.fhir
        }
        Face::Page | Face::Portal => {
            let text = reply.text();
            let told = text.contains(entry.remedy.ja) || text.contains(entry.remedy.en);
            kind.starts_with("text/html") && told
        }
    };
    (!fits).then_some("is not in the form of its face")
}

#[test]
fn nobody_enters_and_each_refusal_is_recorded_once_in_the_form_of_its_face() {
    let world = world();
    let mut found = Vec::new();
    let mut before = world.records();
    for route in world
        .app
        .routes
        .iter()
        .filter(|r| r.permission != Permission::Public)
    {
        world.clock.advance(APART_SECONDS);
        let path = filled(route, &"0".repeat(32));
        let reply = send(&world, &As::Nobody, route, &path);
        let after = world.records();
        let is_page = matches!(route.face, Face::Page | Face::Portal);
        let wrong = if is_page && route.method == Method::Get {
            let led = reply.status == 303 && reply.header("location").ends_with("/login");
            (!led).then_some("does not lead to the log-in page")
        } else if reply.status != 401 {
            Some("does not ask for a log-in")
        } else {
            misshapen(&world, route, &reply)
        };
        if let Some(wrong) = wrong {
            found.push(format!("{} {wrong}: {}", route.name(), reply.status));
        }
        if after != before + 1 {
            found.push(format!("{} left {} records", route.name(), after - before));
        }
        before = after;
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_role_does_what_is_not_its_own() {
    let world = world();
    let home = world.facility("1311234567", "第一診療所");
    let person = person(&world, 0);
    let found = rights::complaints(&world, &home, person);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn an_address_that_is_nowhere_is_refused_in_the_form_of_its_neighbours() {
    let world = world();
    for (path, kind) in [
        ("/nowhere", "text/html"),
        ("/portal/nowhere", "text/html"),
        ("/api/v1/nowhere", "application/json"),
        ("/fhir/no/such/address/at/all", "application/fhir+json"),
    ] {
        let reply = world.get(&As::Nobody, path);
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (404, "TSK-WEB-001"),
            "{path}"
        );
        assert!(reply.header("content-type").starts_with(kind), "{path}");
    }
}

pub fn person(world: &World, index: u64) -> PersonId {
    let population = Population::new(7, 40, world.app.gate.now().jst_date());
    world.person(&population.person(index))
}

/// Every kind of caller at one facility, and one person.
pub fn callers(world: &World, home: &Home, person: PersonId) -> Vec<(Role, As)> {
    let staff = Role::STAFF
        .into_iter()
        .map(|role| (role, world.staff(home, role)));
    let mut all = vec![(Role::Anonymous, As::Nobody)];
    all.extend(staff);
    all.push((Role::System, world.system(home)));
    all.push((Role::Patient, world.patient(person)));
    all
}

/// Somebody alive and insured, and one of another family.
pub fn two_lives(world: &World) -> (Life, Life) {
    let today = world.app.gate.now().jst_date();
    let population = Population::new(11, 400, today);
    let mut lives = population
        .iter()
        .filter(|life| life.death.is_none() && life.coverage_on(today).is_some());
    let first = lives.next().expect("somebody is insured");
    let other = |life: &Life| {
        life.name.family != first.name.family && life.address.line() != first.address.line()
    };
    let second = lives.find(other).expect("two families");
    (first, second)
}

/// A visit of a living, insured person at `home`: its identifier and who it is.
pub fn visit(world: &World, home: &Home) -> (String, PersonId) {
    let (life, _) = two_lives(world);
    let person = world.person(&life);
    (visit_of(world, home, &life), person)
}

/// A visit of somebody who is in the register.
pub fn visit_of(world: &World, home: &Home, life: &Life) -> String {
    let today = world.app.gate.now().jst_date();
    let coverage = life.coverage_on(today).expect("insured");
    let question = json!({
        "insurer_number": coverage.insurer.number.as_str(),
        "symbol": coverage.symbol.as_str(),
        "number": coverage.number.as_str(),
        "branch": coverage.branch.as_ref().map(|branch| branch.as_str()),
        "birth_date": life.birth.to_string(),
    });
    let reply = world.post(&world.system(home), "/api/v1/eligibility/checks", &question);
    assert_eq!(reply.status, 200, "{}", reply.text());
    let visit = reply.json()["visit"].as_str().map(str::to_owned);
    visit.expect("a visit")
}

fn gets(world: &World) -> Vec<Route> {
    let routes = world.app.routes.iter();
    routes
        .filter(|route| route.method == Method::Get)
        .copied()
        .collect()
}

/// What stands in for a part of a path: well-formed, malformed, hostile.
const PARTS: [&str; 9] = [
    "00000000000000000000000000000000",
    "7",
    "-1",
    "9223372036854775808",
    "%00",
    "%FF%FE",
    "..%2F..%2Fetc%2Fpasswd",
    "'%20OR%201=1--",
    "%E5%8F%97%E4%BB%98",
];
const QUERIES: [&str; 5] = [
    "",
    "?lang=en",
    "?lang=xx&below=-1&done=1&ended=1",
    "?below=99999999999999999999&start=1",
    "?%FF=%00&below=%E5%8F%97&=&&",
];

#[test]
fn no_get_by_anybody_breaks_the_program() {
    let world = world();
    let home = world.facility("1311234567", "第一診療所");
    let person = person(&world, 0);
    let (visit, _) = visit(&world, &home);
    let mut found = Vec::new();
    for (role, who) in callers(&world, &home, person) {
        for route in gets(&world) {
            let has_parts = route.path.contains('{');
            let parts = PARTS.into_iter().chain([visit.as_str()]);
            let parts: Vec<&str> = parts.take(if has_parts { usize::MAX } else { 1 }).collect();
            for (part, query) in parts.iter().flat_map(|p| QUERIES.map(|q| (p, q))) {
                let path = format!("{}{query}", filled(&route, part));
                let reply = world.get(&who, &path);
                let refused_badly =
                    reply.status >= 400 && misshapen(&world, &route, &reply).is_some();
                if reply.status >= 500 || refused_badly {
                    found.push(format!("{} GET {path}: {}", role.word(), reply.status));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// An answer without what the caller knows already: the request's number and the identifier
/// that was asked for.
pub fn essence(reply: &Reply, asked: &str) -> (u16, String, String) {
    let id = reply.header("x-request-id").to_owned();
    assert!(!id.is_empty(), "an answer without a request number");
    let body = reply.text().replace(&id, "REQUEST").replace(asked, "ASKED");
    (reply.status, reply.header("content-type").to_owned(), body)
}

/// What a facility keeps in its ledgers, by the word that stands for it in addresses.
fn equipment_of(world: &World, home: &Home) -> BTreeMap<&'static str, String> {
    use equipment::{ca, model::Kind, ops::ledger, ops::support, ops::watch};
    let vendor = world.account(home, Role::VendorSupport, "not a hash");
    let (facility, code) = (home.id, home.code.clone());
    let at = world.app.gate.now();
    let mut parts = world.set_up(move |call| {
        let particulars = equipment::model::Particulars {
            label: "受付1番".to_owned(),
            responsible: "事務長".to_owned(),
            ..equipment::model::Particulars::default()
        };
        let item = ledger::register(call, facility, Kind::Terminal, &particulars)?;
        let (_, request) = ca::new_request().expect("a request");
        let issued = ledger::certify(call, facility, &code, item, &request)?;
        let plan = access::window::Plan {
            staff: vendor,
            why: "点検".to_owned(),
            plan: "1".to_owned(),
            from: at,
            until: at.plus_hours(8),
        };
        let [asker, approver] = [[1; 16], [2; 16]].map(kernel::id::StaffId::from_bytes);
        let window = access::window::ask(call, facility, asker, &plan)?;
        access::window::approve(call, facility, approver, window)?;
        let visit = eligibility::ops::today(call, facility)?[0].id;
        let unmasking = support::ask(call, facility, vendor, visit, "確認")?;
        Ok(BTreeMap::from([
            ("item", item.to_hex()),
            ("serial", hex::encode(&issued.serial)),
            ("window", window.to_hex()),
            ("unmasking", hex::encode(&unmasking)),
        ]))
    });
    let caller = store::caller::Caller::new(store::caller::Actor::System {
        client: kernel::id::ClientId::from_bytes([3; 16]),
        name: "電子カルテ".to_owned(),
        home: home.clone(),
    });
    let address = "198.51.100.7".parse().expect("an address");
    world.app.seen.note_program(address, &caller, false, at);
    assert_eq!(watch::round(&world.app).expect("a round"), 1);
    let alerts = world.set_up(move |call| Ok(watch::alerts(call, facility)?));
    parts.insert("alert", hex::encode(&alerts[0].id));
    parts
}

/// What stands in for the parts of the paths of a facility's staff: an account, a request for
/// rights, a request for a substitute code.
fn staff_of(world: &World, home: &Home) -> BTreeMap<&'static str, String> {
    let asker = world.account(home, Role::Administrator, "not a hash");
    let clerk = world.account(home, Role::Clerk, "not a hash");
    let caller = store::caller::Caller::new(store::caller::Actor::Staff {
        staff: asker,
        role: Role::Administrator,
        name: "施設管理者".to_owned(),
        home: home.clone(),
        session: kernel::id::SessionId::from_bytes([1; 16]),
    });
    let ask = move |call: &mut store::Call<'_>| {
        Ok(BTreeMap::from([
            ("staff", clerk.to_hex()),
            (
                "grant",
                accounts::ops::ask(call, clerk, Role::Administrator, "交代")?.to_hex(),
            ),
            (
                "substitute",
                access::substitute::propose(call, clerk, "故障")?.to_hex(),
            ),
        ]))
    };
    world
        .run(caller, store::caller::Purpose::Operation, ask)
        .expect("asked")
}

/// A notice of changed coverage, after a check at the facility.
fn notice_of(world: &World, home: &Home) -> String {
    use registry::{model::ChangeKind, ops as people, reliance};
    let facility = home.id;
    let notices = world.set_up(move |call| {
        let visit = eligibility::ops::today(call, facility)?[0].person;
        call.open(visit)?;
        let mut coverage = people::coverages(call, visit)?.pop().expect("a coverage");
        coverage.is_insured_person = !coverage.is_insured_person;
        people::record_change(call, visit, ChangeKind::Corrected, &coverage)?;
        Ok(reliance::notices(
            call,
            facility,
            reliance::Wanted::Open,
            1,
        )?)
    });
    notices[0].id.to_hex()
}

/// What stands in for the parts of the paths of disaster mode: a declaration, a search.
fn crisis_of(world: &World, home: &Home) -> BTreeMap<&'static str, String> {
    use eligibility::disaster::{model, ops};
    let life = testkit::population::demo::patient(world.app.gate.now().jst_date());
    let (profile, facility) = (testkit::seed::profile(&life), home.id);
    world.set_up(move |call| {
        let declaration = registry::disaster::Declaration {
            name: "試験の災害".to_owned(),
            areas: registry::disaster::Area::parse("13").into_iter().collect(),
            from: call.at(),
            until: call.at().plus_hours(1),
        };
        let mode = registry::disaster::declare(call, &declaration)?;
        let person = kernel::id::PersonId::random(call.rng());
        registry::ops::enroll(call, person, &profile, &[])?;
        let (family, given) = profile.kana.split_once(' ').unwrap_or((&profile.kana, ""));
        let search = model::Search {
            said: registry::attributes::Attributes {
                family_kana: family.to_owned(),
                given_kana: given.to_owned(),
                name: String::new(),
                birth: profile.birth,
                sex: Some(profile.sex),
                post_code: String::new(),
                address: profile.address.clone(),
            },
            place: model::Place::Shelter,
            why: model::Why::Lost,
        };
        let found = ops::search(call, facility, &search)?.expect("a candidate");
        Ok(BTreeMap::from([
            ("mode", mode.id.to_hex()),
            ("search", found.id.to_hex()),
        ]))
    })
}

/// A visit code of the facility, and a choice of the first person who came to it.
fn codes_of(world: &World, home: &Home) -> BTreeMap<&'static str, String> {
    use eligibility::codes::{self, NewCode, model::Kind};
    let facility = home.id;
    world.set_up(move |call| {
        let new = NewCode {
            kind: Kind::Counter,
            booked: None,
            label: String::new(),
        };
        let code = codes::make(call, facility, &new)?;
        let person = eligibility::ops::today(call, facility)?[0].person;
        let all = access::consent::Category::ALL;
        let consent = access::consent::give(call, person, facility, &all, "pin")?;
        Ok(BTreeMap::from([
            ("code", code.id.to_hex()),
            ("consent", consent.to_hex()),
        ]))
    })
}

/// A referral letter that the facility sent, of somebody who has not come to anybody else.
fn letter_of(world: &World, home: &Home) -> String {
    use testkit::population::{
        clins::{Author, letters::Paper},
        demo,
    };
    let to = ("1310000017", "みなと総合病院");
    let _addressee = world.facility(to.0, to.1);
    let now = world.app.gate.now();
    let life = demo::family(now.jst_date()).pop().expect("a family");
    let _person = world.person(&life);
    let mut facility = demo::hospital();
    facility.code = kernel::code::FacilityCode::from_register(&home.code).expect("ten digits");
    let author = Author::of(&facility).expect("a doctor");
    let paper = Paper {
        life: &life,
        author,
        serial: "L1",
        version: "1",
        sent: now,
    };
    let letter = paper
        .referral(to, &[])
        .expect("an insured person")
        .to_string();
    let path = "/fhir/Bundle/$register";
    let sent = world.post_fhir(&world.system(home), path, letter.as_bytes());
    assert_eq!(sent.status, 201, "{}", sent.text());
    let place = sent.header("location").rsplit('/').next();
    place.expect("an identifier").to_owned()
}

/// Whatever stands for a part of a path at a facility, by its word: a new word is given its
/// owner here before its route is served.
fn parts_of(world: &World, home: &Home) -> BTreeMap<&'static str, String> {
    let owned = home.clone();
    let client = world.set_up(move |call| testkit::seed::record_system(call, &owned, None));
    let mut parts = equipment_of(world, home);
    parts.extend(staff_of(world, home));
    parts.extend(crisis_of(world, home));
    parts.insert("client", client.id.to_hex());
    parts.insert("notice", notice_of(world, home));
    let id = home.id;
    let number = kernel::code::InsurerNumber::from_register(INSURER).expect("a number");
    world.set_up(move |call| testkit::seed::insurer(call, number.clone(), "健保", Some(id)));
    parts.insert("insurer", INSURER.to_owned());
    parts.extend(codes_of(world, home));
    let letter = letter_of(world, home);
    parts.insert("document", letter.clone());
    parts.insert("letter", letter);
    let (life, _) = two_lives(world);
    parts.insert("id", resource_of(world, home, &life));
    parts.insert("export", export_of(world, home, &life));
    // A file's name is nobody's: an answer's is not taken.
    parts.insert("file", "OQSmuquc02res_1.xml".to_owned());
    parts
}

#[test]
fn what_is_anothers_looks_as_if_it_were_absent() {
    let world = world();
    let (mine, theirs) = (
        world.facility("1311234567", "第一診療所"),
        world.facility("1312345670", "第二診療所"),
    );
    let (visit, other) = visit(&world, &theirs);
    // The other person's history is long enough to have a number that the caller's lacks.
    let reader = world.patient(other);
    for _ in 0..60 {
        assert_eq!(world.get(&reader, "/portal").status, 200);
    }
    let person = person(&world, 0);
    let absent = hex::encode(&[7; 16]);
    let known = parts_of(&world, &theirs);
    // What any of these forms needs, so that nothing but the identifier is wrong.
    let key = peers::oauth::ClientKey::generate().and_then(|key| key.public());
    let key = key.expect("a key").to_string();
    let entry = "0".repeat(64);
    let fields = [
        ("choice", "all"),
        ("key", key.as_str()),
        ("entry", entry.as_str()),
        ("verdict", "confirmed"),
    ];
    let mut compared = 0;
    for (role, who) in callers(&world, &mine, person) {
        for route in world.app.routes.iter().filter(|r| r.path.contains('{')) {
            let mut words = route.path.split(['{', '}']).skip(1).step_by(2);
            let (foreign, absent) = match words.find(|word| *word != "type") {
                // A type of resource is nobody's.
                None => continue,
                Some("visit") => (visit.as_str(), absent.as_str()),
                Some("seq") => ("60", "999999"),
                // No identifier but a secret: whoever has the digits was given them.
                Some("digits") => continue,
                // A kind of resource is nobody's.
                Some("type") => continue,
                // A name that each facility gives to its own; nobody else's is looked up.
                Some("terminal") => continue,
                Some(part) if known.contains_key(part) => (known[part].as_str(), absent.as_str()),
                other => panic!("{}: whose is {other:?}?", route.name()),
            };
            // Their bucket fills again meanwhile.
            world.clock.advance(1);
            let answer = |id: &str| {
                let path = filled(route, id);
                let reply = match (route.method, route.body) {
                    (Method::Post, Body::Form) => world.submit(&who, &path, &fields),
                    (Method::Post, Body::Json) if path.ends_with("/consents") => {
                        world.post(&who, &path, &json!({ "categories": ["conditions"] }))
                    }
                    (Method::Post, Body::Json) if path.contains("/letters/") => {
                        let schema = web::openapi::bodies::schema(&route.name());
                        world.post(&who, &path, &by_schema(&schema.expect("a schema"), true))
                    }
                    (Method::Post, Body::Json) => world.post(&who, &path, &json!({})),
                    (Method::Post, Body::Xml) => world.send(
                        &who,
                        "POST",
                        &path,
                        "application/xml",
                        b"<XmlMsg/>".to_vec(),
                    ),
                    (Method::Post, Body::File | Body::None) => {
                        world.send(&who, "POST", &path, "text/csv", Vec::new())
                    }
                    (Method::Post, Body::Fhir) => world.post_fhir(&who, &path, b"{}"),
                    (Method::Put, Body::Fhir) => {
                        let kind = "application/fhir+json";
                        let resource = json!({
                            "resourceType": KIND, "id": id, "status": "final", "code": { "text": "1" },
                            "subject": { "reference": "Patient/1" },
                        });
                        let body = serde_json::to_vec(&resource).expect("JSON");
                        world.send(&who, "PUT", &path, kind, body)
                    }
                    (Method::Patch, _) => {
                        let kind = "application/json-patch+json";
                        world.send(&who, "PATCH", &path, kind, b"[]".to_vec())
                    }
                    (Method::Put | Method::Delete, _) => {
                        world.send(&who, route.method.word(), &path, "", Vec::new())
                    }
                    (Method::Post, Body::Files) => world.submit_files(&who, &path, &fields, &[]),
                    (Method::Get, _) => world.get(&who, &path),
                    _ => panic!("{}: what does it take?", route.name()),
                };
                essence(&reply, id)
            };
            let (first, second) = (answer(foreign), answer(absent));
            assert_eq!(first, second, "{} as {}", route.name(), role.word());
            // Past the funnel there is only "not found"; before it, the caller's own lack.
            let is_let_in = !matches!(first.0, 303 | 401 | 403);
            // What cannot be written is told so, whatever stands there.
            let is_absent = matches!(first.0, 404 | 405) && policy::allows(role, route.permission);
            assert!(
                !is_let_in || is_absent,
                "{} as {}: {first:?}",
                route.name(),
                role.word()
            );
            compared += usize::from(is_absent);
        }
    }
    assert!(
        compared > 10,
        "only {compared} answers came from behind the funnel"
    );
    // The owner of the visit does see it: so the comparison above compares something.
    let doctor = world.staff(&theirs, Role::Doctor);
    assert_eq!(world.get(&doctor, &format!("/visits/{visit}")).status, 200);
}

#[test]
fn what_is_open_answers_with_the_headers_that_keep_other_pages_out() {
    let world = world();
    // Before it is made there is no root certificate to give out.
    let _root = world.set_up(equipment::ca::init);
    for route in gets(&world)
        .iter()
        .filter(|r| r.permission == Permission::Public)
    {
        let reply = world.get(&As::Nobody, route.path);
        // Which app asks is missing here, and only that app could be told so.
        let is_asked_for_nobody = route.path == "/oauth/authorize" && reply.status == 400;
        assert!(
            reply.status < 400 || is_asked_for_nobody,
            "{}: {}",
            route.name(),
            reply.status
        );
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(reply.header(name), value, "{}", route.name());
        }
        let is_asset = route.path.starts_with("/assets/");
        assert_eq!(
            reply.header("cache-control") == "no-store",
            !is_asset,
            "{}",
            route.name()
        );
    }
    let catalogue: Value = world.get(&As::Nobody, "/errors.json").json();
    let served = catalogue.as_array().map(Vec::len);
    assert_eq!(served, Some(program::catalogue().len()));
}
