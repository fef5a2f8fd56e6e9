//! The papers that go with the code: READMEs, module headings, migrations for both engines,
//! and a reason beside each dependency.

use std::collections::BTreeSet;

use super::Complaint;
use super::tree::Tree;

/// The two engines; each has the same migrations by name.
const ENGINES: [&str; 2] = ["sqlite", "postgres"];

/// Every crate says in a README what it is.
pub fn readme(tree: &Tree) -> Vec<Complaint> {
    let mut found = Vec::new();
    for room in tree.rooms() {
        let path = format!("crates/{room}/README.md");
        if tree
            .get(&path)
            .is_none_or(|file| file.text.trim().is_empty())
        {
            let text =
                "every crate has a README.md: what it is, its source, its tables, its routes";
            found.push(Complaint::new(&path, 0, "readme", text));
        }
    }
    found
}

/// Every module begins with `//!`: what it is, why, and the rule's source.
pub fn headings(tree: &Tree) -> Vec<Complaint> {
    let missing = tree.rust.iter().filter(|file| {
        let heading = file.first_line.strip_prefix("//!").unwrap_or_default();
        !file.is_test && heading.trim().is_empty()
    });
    missing
        .map(|file| {
            let text = "the first line of a module is `//! …`: what it is, why, and its source";
            Complaint::new(&file.path, 1, "heading", text)
        })
        .collect()
}

/// Every migration exists for both engines, numbered from 1 without a gap.
pub fn migrations(tree: &Tree) -> Vec<Complaint> {
    let mut found = Vec::new();
    for room in tree.rooms() {
        let folder = format!("crates/{room}/migrations/");
        let mut names = BTreeSet::new();
        for file in &tree.files {
            let Some(inner) = file.path.strip_prefix(&folder) else {
                continue;
            };
            match inner.split_once('/') {
                Some((engine, name)) if ENGINES.contains(&engine) && !name.contains('/') => {
                    names.insert(name);
                }
                _ => {
                    let text = "migrations stand in migrations/sqlite and migrations/postgres";
                    found.push(Complaint::new(&file.path, 0, "migration", text));
                }
            }
        }
        for (index, name) in names.iter().enumerate() {
            for engine in ENGINES {
                let path = format!("{folder}{engine}/{name}");
                if tree.get(&path).is_none() {
                    let text = "this migration is missing for this engine";
                    found.push(Complaint::new(&path, 0, "migration", text));
                }
            }
            if !name.starts_with(&format!("{:04}_", index + 1)) || !name.ends_with(".sql") {
                let text = format!("migration {} of this crate is not named so", index + 1);
                found.push(Complaint::new(
                    &format!("{folder}*/{name}"),
                    0,
                    "migration",
                    text,
                ));
            }
        }
    }
    found
}

/// Every outside dependency of the workspace says why it is there.
pub fn reasons(tree: &Tree) -> Vec<Complaint> {
    let Some(file) = tree.get("Cargo.toml") else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut inside = false;
    // The dependency that is being read, with whether it needs a reason still.
    let mut open: Option<(usize, &str)> = None;
    let close = |open: &mut Option<(usize, &str)>, found: &mut Vec<Complaint>| {
        if let Some((line, name)) = open.take() {
            let text = format!("`{name}` has no `# reason` beside it");
            found.push(Complaint::new(&file.path, line, "reason", text));
        }
    };
    for (number, line) in file.text.lines().enumerate() {
        let starts_entry = line.starts_with(|c: char| c.is_ascii_alphanumeric());
        if starts_entry || line.starts_with('[') {
            close(&mut open, &mut found);
        }
        if line.starts_with('[') {
            inside = line.trim() == "[workspace.dependencies]";
        } else if inside && starts_entry && !line.contains("path = ") {
            let name = line.split(['=', '.', ' ']).next().unwrap_or_default();
            open = Some((number + 1, name));
        }
        let reason = line.rsplit_once("# ").map(|(_, reason)| reason.trim());
        if reason.is_some_and(|reason| !reason.is_empty()) && !line.starts_with('#') {
            open = None;
        }
    }
    close(&mut open, &mut found);
    found
}

/// Every crate takes the workspace's lints, and versions live in the root alone.
pub fn manifests(tree: &Tree) -> Vec<Complaint> {
    let mut found = Vec::new();
    for room in tree.rooms() {
        let path = format!("crates/{room}/Cargo.toml");
        let Some(Ok(manifest)) = tree.get(&path).map(|file| file.text.parse::<toml::Table>())
        else {
            continue;
        };
        let from_root = |value: Option<&toml::Value>| {
            let inner = value.and_then(|value| value.get("workspace"));
            inner.and_then(toml::Value::as_bool) == Some(true)
        };
        if !from_root(manifest.get("lints")) {
            let text = "`[lints] workspace = true` is missing";
            found.push(Complaint::new(&path, 0, "manifest", text));
        }
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let entries = manifest.get(section).and_then(toml::Value::as_table);
            for (name, value) in entries.into_iter().flatten() {
                if !from_root(Some(value)) {
                    let text = format!("`{name}` in {section}: write `{name}.workspace = true`");
                    found.push(Complaint::new(&path, 0, "manifest", text));
                }
            }
        }
    }
    found
}
