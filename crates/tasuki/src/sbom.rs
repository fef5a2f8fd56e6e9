//! The list of components (SBOM): every crate of Cargo.lock, as CycloneDX.
//!
//! Source: identity-security SBOM-01; CycloneDX 1.5.

use anyhow::Context;
use serde::Deserialize;
use serde_json::json;

const LOCK: &str = include_str!("../../../Cargo.lock");

#[derive(Deserialize)]
struct Lock {
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    source: Option<String>,
    checksum: Option<String>,
}

/// The document, JSON.
///
/// # Errors
/// When Cargo.lock is not what Cargo writes.
pub fn document() -> anyhow::Result<String> {
    let lock: Lock = toml::from_str(LOCK).context("Cargo.lock cannot be read")?;
    let components: Vec<_> = lock
        .package
        .iter()
        .filter(|package| package.source.is_some())
        .map(|package| {
            let mut component = json!({
                "type": "library",
                "name": package.name,
                "version": package.version,
                "purl": format!("pkg:cargo/{}@{}", package.name, package.version),
            });
            if let (Some(map), Some(sum)) = (component.as_object_mut(), &package.checksum) {
                map.insert(
                    "hashes".to_owned(),
                    json!([{ "alg": "SHA-256", "content": sum }]),
                );
            }
            component
        })
        .collect();
    let document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": {
            "type": "application",
            "name": "tasuki",
            "version": env!("CARGO_PKG_VERSION"),
        } },
        "components": components,
    });
    Ok(serde_json::to_string_pretty(&document)?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{LOCK, document};

    #[test]
    fn the_list_of_components_equals_the_lock_file() {
        let text = document().expect("a document");
        let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let listed: BTreeSet<String> = document["components"]
            .as_array()
            .expect("components")
            .iter()
            .map(|c| format!("{} {}", c["name"], c["version"]).replace('"', ""))
            .collect();
        let lines: Vec<&str> = LOCK.lines().collect();
        let value = |line: &str| line.split('"').nth(1).unwrap_or_default().to_owned();
        let locked: BTreeSet<String> = lines
            .windows(3)
            .filter(|w| w[0].starts_with("name = ") && w[2].starts_with("source = "))
            .map(|w| format!("{} {}", value(w[0]), value(w[1])))
            .collect();
        assert!(locked.len() > 100);
        assert_eq!(listed, locked);
    }
}
