//! Who may use whom: the tier of every edge between crates, and who may speak HTTP or async.
//!
//! The tiers are words, platform, services, desks, program. An edge points downwards only,
//! and two services never know each other.

use super::Complaint;
use super::tree::{TextFile, Tree};

/// Where a crate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
    /// Pure words; each crate uses only those of a lower step.
    Words(u8),
    /// Inside the platform each crate uses only those of a lower step.
    Platform(u8),
    /// A service.
    Service,
    /// A desk: what people sit at.
    Desk,
    /// The program and its tools.
    Program,
}

/// Every crate has its line; a new one is added here on purpose.
const ROOMS: &[(&str, Tier)] = &[
    ("kernel", Tier::Words(0)),
    ("fhir", Tier::Words(1)),
    ("fhirpath", Tier::Words(2)),
    ("profiles", Tier::Words(3)),
    ("oqs", Tier::Words(1)),
    ("lanes", Tier::Platform(0)),
    ("keystore", Tier::Platform(0)),
    ("signing", Tier::Platform(0)),
    ("paper", Tier::Platform(0)),
    ("store", Tier::Platform(1)),
    ("backup", Tier::Platform(2)),
    ("masters", Tier::Platform(2)),
    ("registry", Tier::Platform(2)),
    ("access", Tier::Platform(3)),
    ("web", Tier::Platform(4)),
    ("fhir_server", Tier::Platform(5)),
    ("eligibility", Tier::Service),
    ("payers", Tier::Service),
    ("records", Tier::Service),
    ("prescription", Tier::Service),
    ("fee", Tier::Service),
    ("immunization", Tier::Service),
    ("maternal_child", Tier::Service),
    ("screening", Tier::Service),
    ("subsidy", Tier::Service),
    ("care", Tier::Service),
    ("notification", Tier::Service),
    ("accounts", Tier::Desk),
    ("equipment", Tier::Desk),
    ("oauth", Tier::Desk),
    ("register", Tier::Desk),
    ("chart", Tier::Desk),
    ("counter", Tier::Desk),
    ("letters", Tier::Desk),
    ("pharmacy", Tier::Desk),
    ("portal", Tier::Desk),
    ("emergency", Tier::Desk),
    ("secondary_use", Tier::Desk),
    ("dashboard", Tier::Desk),
    ("tasuki", Tier::Program),
    ("testkit", Tier::Program),
    ("peers", Tier::Program),
    ("xtask", Tier::Program),
];

/// Outside crates that only some of ours may use, and who may.
const KEPT: &[(&[&str], &[&str], &str)] = &[
    (
        &["tokio", "async-std", "smol"],
        &["web", "tasuki", "peers", "testkit", "xtask"],
        "operations are synchronous; async lives in web and the program",
    ),
    (
        &["axum", "axum-extra", "hyper", "hyper-util", "tower-http"],
        &["web", "tasuki", "peers", "testkit"],
        "api and pages speak through web's own types",
    ),
];

/// A dependency as a crate's manifest states it.
struct Edge {
    to: String,
    line: usize,
    dev: bool,
}

/// The tier of every edge between our own crates.
pub fn edges(tree: &Tree) -> Vec<Complaint> {
    let mut found = Vec::new();
    let rooms = tree.rooms();
    for (file, from) in manifests(tree) {
        let Some(tier) = tier_of(from) else {
            let text = format!("`{from}` has no tier: add it to ROOMS in tidy/tiers.rs");
            found.push(Complaint::new(&file.path, 0, "tier", text));
            continue;
        };
        for edge in read_edges(file, &mut found) {
            let ours = rooms.contains(&edge.to.as_str());
            let Some(to) = tier_of(&edge.to).filter(|_| ours) else {
                continue;
            };
            if let Some(why) = forbids((from, tier), (&edge.to, to), edge.dev) {
                let text = format!("`{from}` may not use `{}`: {why}", edge.to);
                found.push(Complaint::new(&file.path, edge.line, "tier", text));
            }
        }
    }
    found
}

/// Outside crates that are kept to a few of ours.
pub fn outside(tree: &Tree) -> Vec<Complaint> {
    let mut found = Vec::new();
    for (file, from) in manifests(tree) {
        for edge in read_edges(file, &mut Vec::new()) {
            for (names, allowed, why) in KEPT {
                let kept = names.contains(&edge.to.as_str()) && !allowed.contains(&from);
                if kept && !edge.dev {
                    let text = format!("`{from}` may not use `{}`: {why}", edge.to);
                    found.push(Complaint::new(&file.path, edge.line, "kept", text));
                }
            }
        }
    }
    found
}

fn tier_of(room: &str) -> Option<Tier> {
    ROOMS
        .iter()
        .find(|(name, _)| *name == room)
        .map(|(_, tier)| *tier)
}

/// Why an edge is forbidden, if it is.
fn forbids(
    (from_name, from): (&str, Tier),
    (to_name, to): (&str, Tier),
    dev: bool,
) -> Option<&'static str> {
    match (from, to) {
        (Tier::Service, Tier::Service) => Some("services never know each other"),
        _ if dev => None,
        (Tier::Program, _) => None,
        (Tier::Desk, Tier::Desk) => Some("desks never know each other"),
        (Tier::Platform(_), Tier::Platform(_)) if from_name == "signing" => {
            Some("signing uses tier 0 only")
        }
        (Tier::Platform(step), Tier::Platform(_)) if to_name == "signing" => {
            (step < 3).then_some("only access and what stands above it use signing")
        }
        _ if to < from => None,
        _ => Some("an edge points to a lower tier only"),
    }
}

fn manifests(tree: &Tree) -> impl Iterator<Item = (&TextFile, &str)> {
    tree.rooms().into_iter().filter_map(|room| {
        let file = tree.get(&format!("crates/{room}/Cargo.toml"))?;
        Some((file, room))
    })
}

/// All dependencies of a manifest, those of single targets included.
fn read_edges(file: &TextFile, found: &mut Vec<Complaint>) -> Vec<Edge> {
    let manifest: toml::Table = match file.text.parse() {
        Ok(manifest) => manifest,
        Err(error) => {
            let text = format!("not readable as TOML: {}", error.message());
            found.push(Complaint::new(&file.path, 0, "tier", text));
            return Vec::new();
        }
    };
    let mut edges = collect(file, &manifest);
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    for table in targets.into_iter().flat_map(toml::Table::values) {
        edges.extend(table.as_table().into_iter().flat_map(|t| collect(file, t)));
    }
    edges
}

fn collect(file: &TextFile, table: &toml::Table) -> Vec<Edge> {
    let mut edges = Vec::new();
    let sections = [
        ("dependencies", false),
        ("build-dependencies", false),
        ("dev-dependencies", true),
    ];
    for (section, dev) in sections {
        let entries = table.get(section).and_then(toml::Value::as_table);
        for (key, value) in entries.into_iter().flatten() {
            let renamed = value.get("package").and_then(toml::Value::as_str);
            let to = renamed.unwrap_or(key).to_owned();
            let line = line_of(&file.text, section, key);
            edges.push(Edge { to, line, dev });
        }
    }
    edges
}

/// The line on which `key` stands below a heading that ends in `section]`; 0 when not found.
fn line_of(text: &str, section: &str, key: &str) -> usize {
    let mut inside = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(heading) = line.strip_prefix('[') {
            let name = heading
                .trim_end_matches(']')
                .rsplit('.')
                .next()
                .unwrap_or_default();
            inside = name == section;
        } else if inside
            && line
                .strip_prefix(key)
                .is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
        {
            return number + 1;
        }
    }
    0
}
