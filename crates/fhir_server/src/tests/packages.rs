//! `$validate` with a package that an operator has loaded.

use std::sync::Arc;

use flate2::{Compression, write::GzEncoder};
use profiles::{Library, Package};
use serde_json::{Value, json};

use super::Ward;

/// A package with one profile: an observation has a method, and in the year from April 2027 a
/// device.
fn library() -> Library {
    let dated =
        "(today() >= @2027-04-01 and today() < @2028-04-01) implies %resource.device.exists()";
    let profile = json!({
        "resourceType": "StructureDefinition", "url": "http://x.jp/Method", "name": "Method",
        "status": "active", "kind": "resource", "abstract": false, "type": "Observation",
        "derivation": "constraint",
        "snapshot": { "element": [
            { "id": "Observation", "path": "Observation", "min": 0, "max": "*" },
            { "id": "Observation.method", "path": "Observation.method", "min": 1, "max": "1",
              "base": { "path": "Observation.method", "min": 0, "max": "1" },
              "constraint": [{ "key": "dated-1", "severity": "error", "human": "device", "expression": dated }] },
        ] },
    })
    .to_string();
    let packed = GzEncoder::new(Vec::new(), Compression::fast());
    let mut archive = tar::Builder::new(packed);
    let mut header = tar::Header::new_ustar();
    header.set_size(u64::try_from(profile.len()).expect("a small file"));
    header.set_mode(0o644);
    archive
        .append_data(
            &mut header,
            "package/StructureDefinition-Method.json",
            profile.as_bytes(),
        )
        .expect("a file");
    let bytes = archive.into_inner().expect("tar").finish().expect("gzip");
    let package = Package::read(&bytes, "method-1.0.0.tgz").expect("a package");
    let mut library = Library::new();
    library.add(package).expect("room");
    library
}

impl Ward {
    /// The rules that a validation names.
    fn rules(&self, path: &str, body: &Value) -> Vec<String> {
        let body = body.to_string().into_bytes();
        let reply = self.world.post_fhir(&self.system, path, &body);
        assert_eq!(reply.status, 200, "{path}");
        let outcome: Value = serde_json::from_slice(&reply.body).expect("JSON");
        let issues = outcome["issue"].as_array().cloned().unwrap_or_default();
        let rule = |issue: &Value| {
            let coding = &issue["details"]["coding"][0]["code"];
            coding.as_str().unwrap_or_default().to_owned()
        };
        issues.iter().map(rule).collect()
    }
}

#[test]
fn a_loaded_package_judges_beside_our_own_rules() {
    let ward = Ward::new();
    assert!(ward.world.app.tell(Arc::new(library())));
    let rules = |path: &str, body: &Value| ward.rules(path, body);
    let mut observation = json!({
        "resourceType": "Observation", "status": "final", "code": { "text": "x" },
    });
    assert_eq!(rules("/fhir/$validate", &observation), [""]);
    let asked = "/fhir/$validate?profile=http%3A%2F%2Fx.jp%2FMethod";
    assert_eq!(rules(asked, &observation), ["PROFILE-CARDINALITY-MIN"]);
    observation["meta"] = json!({ "profile": ["http://x.jp/Method|1.0.0"] });
    assert_eq!(
        rules("/fhir/$validate", &observation),
        ["PROFILE-CARDINALITY-MIN"]
    );
    observation["method"] = json!({ "text": "by hand" });
    assert_eq!(rules("/fhir/$validate", &observation), [""]);
}

#[test]
fn a_rule_that_is_not_yet_in_force_changes_the_verdict_on_its_first_day_only() {
    let ward = Ward::new();
    assert!(ward.world.app.tell(Arc::new(library())));
    let observation = json!({
        "resourceType": "Observation", "status": "final", "code": { "text": "x" },
        "method": { "text": "by hand" },
    });
    let asked = "/fhir/$validate?profile=http%3A%2F%2Fx.jp%2FMethod";
    assert_eq!(ward.rules(asked, &observation), [""], "today");
    for (on, rule) in [
        ("2027-03-31", ""),
        ("2027-04-01", "dated-1"),
        ("2028-03-31", "dated-1"),
        ("2028-04-01", ""),
    ] {
        let asked = format!("{asked}&on={on}");
        assert_eq!(ward.rules(&asked, &observation), [rule], "{on}");
    }
}
