//! Documents and Bundles changed at random, always in the same way: none of them makes the
//! check panic, and whatever it still accepts keeps every numbered rule, as a second, plain
//! reading of these rules says.

use super::{examples, today};
use crate::clins::document::{self, DocumentKind};
use crate::clins::{Bundle, tests as collections};
use crate::json::{Document, Node};

/// SplitMix64: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound.max(1)).expect("small")).expect("small")
    }
}

/// Values that surprise: wrong types, huge numbers, odd characters, nothing.
const ODD: [&str; 22] = [
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1e400",
    "1E-400",
    "99999999999999999999999999999999",
    "0.10000000000000000000000000000000000001",
    "\"\"",
    "\" \"",
    "\"\\u0000\"",
    "\"\\ud842\\udfb7\"",
    "\"\u{202e}\u{200f}𠮷\"",
    "\"ｶﾅ　全角\"",
    "\"urn:uuid:x\"",
    "\"#\"",
    "{}",
    "[]",
    "[[]]",
    "{\"a\":{\"b\":[null]}}",
    "\"1312345678^2026^\"",
];

/// What is done to one value.
enum Change {
    Drop,
    Put(String),
    Twice,
    Rename,
}

fn size(node: Node<'_>) -> usize {
    1 + node.items().map(size).sum::<usize>() + node.entries().map(|(_, v)| size(v)).sum::<usize>()
}

/// The compact text of the value number `wanted`, in document order.
fn nth(node: Node<'_>, left: &mut usize) -> Option<String> {
    if *left == 0 {
        return Some(node.to_compact());
    }
    *left -= 1;
    let mut items = node.items();
    let mut entries = node.entries().map(|(_, v)| v);
    items
        .find_map(|n| nth(n, left))
        .or_else(|| entries.find_map(|n| nth(n, left)))
}

/// Copies a document with one change at the value number `left`.
fn copy(node: Node<'_>, left: &mut Option<usize>, change: &Change, out: &mut String) {
    let open = if node.is_object() { '{' } else { '[' };
    let close = if node.is_object() { '}' } else { ']' };
    if !node.is_object() && !node.is_array() {
        return out.push_str(&node.to_compact());
    }
    out.push(open);
    let keyed: Vec<(Option<&str>, Node<'_>)> = if node.is_object() {
        node.entries().map(|(k, v)| (Some(k), v)).collect()
    } else {
        node.items().map(|v| (None, v)).collect()
    };
    let mut first = true;
    for (key, value) in keyed {
        let hit = *left == Some(0);
        *left = left.and_then(|n| n.checked_sub(1));
        let mut text = String::new();
        if hit {
            match change {
                Change::Drop => continue,
                Change::Put(with) => text.push_str(with),
                Change::Twice if key.is_none() => {
                    let one = value.to_compact();
                    text = format!("{one},{one}");
                }
                Change::Twice => text = format!("[{0},{0}]", value.to_compact()),
                Change::Rename => text.push_str(&value.to_compact()),
            }
        } else {
            copy(value, left, change, &mut text);
        }
        if !first {
            out.push(',');
        }
        first = false;
        if let Some(key) = key {
            let tail = if hit && matches!(change, Change::Rename) {
                "_"
            } else {
                ""
            };
            out.push_str(&format!("\"{key}{tail}\":"));
        }
        out.push_str(&text);
    }
    out.push(close);
}

fn mutated(doc: &Document, random: &mut Random) -> String {
    let total = size(doc.root()) - 1;
    let change = match random.below(10) {
        0..3 => Change::Drop,
        3..5 => Change::Put((*ODD.get(random.below(ODD.len())).expect("one")).to_owned()),
        5 => Change::Twice,
        6 => Change::Rename,
        7 => Change::Put(nth(doc.root(), &mut random.below(total)).unwrap_or_default()),
        // A string with one character more, less, or another.
        _ => {
            let mut at = random.below(total) + 1;
            let text = nth(doc.root(), &mut at).unwrap_or_default();
            let letters: Vec<char> = text.trim_matches('"').chars().collect();
            let place = random.below(letters.len());
            let with = ["", "x", "9", "^", "\u{3000}", ":"][random.below(6)];
            let changed: String = letters
                .iter()
                .enumerate()
                .map(|(i, c)| {
                    if i == place {
                        with.to_owned()
                    } else {
                        c.to_string()
                    }
                })
                .collect();
            Change::Put(format!("\"{}\"", changed.replace(['"', '\\'], "")))
        }
    };
    let mut out = String::new();
    copy(
        doc.root(),
        &mut Some(random.below(total)),
        &change,
        &mut out,
    );
    out
}

// ---- the second reading -----------------------------------------------------------------

fn is_institution(text: &str) -> bool {
    let b = text.as_bytes();
    b.len() == 10
        && b.iter().all(u8::is_ascii_digit)
        && b[0] <= b'4'
        && (b'1'..=b'3').contains(&b[2])
}

fn is_bundle_id(text: &str) -> bool {
    let parts: Vec<&str> = text.split('^').collect();
    parts.len() == 3
        && is_institution(parts[0])
        && (parts[1].starts_with("202") || parts[1].starts_with("203"))
        && parts[1].len() == 4
        && parts[1].bytes().all(|b| b.is_ascii_digit())
        && (1..=36).contains(&parts[2].len())
        && parts[2]
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn is_member(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    parts.len() == 4
        && parts[0].len() == 8
        && parts[0].bytes().all(|b| b.is_ascii_digit())
        && !parts[1].contains(char::is_whitespace)
        && !parts[2].contains(char::is_whitespace)
        && (parts[3].is_empty()
            || (parts[3].len() == 2 && parts[3].bytes().all(|b| b.is_ascii_digit())))
}

fn claims(resource: Node<'_>, name: &str) -> bool {
    resource.get("meta").is_some_and(|m| {
        m.list("profile").any(|p| {
            p.as_str()
                .is_some_and(|p| p.split('|').next().is_some_and(|p| p.ends_with(name)))
        })
    })
}

fn systems<'a>(node: Node<'a>, list: &str) -> Vec<&'a str> {
    node.list(list).filter_map(|c| c.str("system")).collect()
}

fn count(found: &[&str], wanted: &[&str]) -> usize {
    found
        .iter()
        .filter(|f| wanted.iter().any(|w| f.split('|').next() == Some(*w)))
        .count()
}

/// The numbered rules that a resource breaks.
fn broken(resource: Node<'_>, is_collection: bool) -> Vec<&'static str> {
    let mut out = Vec::new();
    let mut rule = |holds: bool, id: &'static str| {
        if !holds {
            out.push(id);
        }
    };
    let number = resource.list("extension").find(|e| {
        e.str("url")
            .is_some_and(|u| u.ends_with("JP_eCS_InstitutionNumber"))
    });
    let value = number
        .and_then(|e| e.get("valueIdentifier"))
        .and_then(|i| i.str("value"));
    rule(
        number.is_none() || value.is_some_and(is_institution),
        "R1021/R9012",
    );
    let codes = |key: &str| {
        resource
            .get(key)
            .map(|c| systems(c, "coding"))
            .unwrap_or_default()
    };
    match resource.str("resourceType").unwrap_or_default() {
        "Patient" => {
            let members: Vec<Node<'_>> = resource
                .list("identifier")
                .filter(|i| {
                    i.str("system")
                        == Some("http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID")
                })
                .collect();
            let is_public = systems(resource, "identifier")
                .iter()
                .any(|s| s.ends_with("JP_PublicPayer_memberID"));
            rule(
                members.len() == 1 || (members.is_empty() && is_public),
                "R1012",
            );
            rule(
                members
                    .iter()
                    .all(|m| m.str("value").is_some_and(is_member)),
                "R1013",
            );
            let locals: Vec<&str> = systems(resource, "identifier")
                .into_iter()
                .filter_map(|s| s.strip_prefix("urn:oid:1.2.392.100495.20.3.51."))
                .collect();
            let fits = |tail: &str| tail.strip_prefix('1').is_some_and(is_institution);
            rule(locals.len() <= 1 && locals.iter().all(|t| fits(t)), "R1010");
            let marked: Vec<Node<'_>> = resource
                .list("name")
                .filter(|n| systems_of_names(*n))
                .collect();
            rule(!marked.is_empty(), "R1112");
            rule(
                marked
                    .iter()
                    .all(|n| !n.str("text").unwrap_or_default().contains('\u{3000}')),
                "R1113",
            );
        }
        "MedicationRequest" => {
            let found = codes("medicationCodeableConcept");
            let one = |wanted: &[&str]| count(&found, wanted) == 1;
            rule(
                one(&[
                    "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code",
                    "urn:oid:1.2.392.100495.20.2.73",
                ]) || one(&[
                    "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationGeneralOrderCode",
                    "urn:oid:1.2.392.100495.20.2.81",
                ]) || one(&["http://jpfhir.jp/fhir/eCS/CodeSystem/MedicationCodeNocoded_CS"]),
                "R3010",
            );
            for dosage in resource.list("dosageInstruction") {
                let found = dosage
                    .get("timing")
                    .and_then(|t| t.get("code"))
                    .map(|c| systems(c, "coding"))
                    .unwrap_or_default();
                let usage = count(
                    &found,
                    &["http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationUsage_ePrescription"],
                );
                let dummy = count(
                    &found,
                    &["http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_MedicationUsage_Uncoded_CS"],
                );
                rule((usage > 0) != (dummy > 0), "R5020/R5021");
            }
        }
        "Observation" if claims(resource, "/JP_Observation_LabResult_eCS") => {
            let local = "http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_ObsLabResult_LocalCode_CS";
            rule(count(&codes("code"), &[local]) > 0, "R6021");
            rule(number.is_some(), "R901101");
        }
        _ => {}
    }
    if is_collection && resource.str("resourceType") != Some("Patient") {
        rule(number.is_some(), "R9011");
        let contained = |name: &str| {
            resource
                .list("contained")
                .any(|c| c.str("resourceType") == Some(name))
        };
        let local = |key: &str| {
            let target = resource.get(key).map(|r| r.items().next().unwrap_or(r));
            target
                .and_then(|r| r.str("reference"))
                .is_some_and(|r| r.starts_with('#'))
        };
        let kind = resource.str("resourceType").unwrap_or_default();
        if matches!(kind, "Condition" | "Observation") {
            rule(contained("Encounter"), "R9013");
            rule(local("encounter"), "R9016");
            rule(
                resource.list("extension").any(|e| {
                    e.str("url")
                        .is_some_and(|u| u.ends_with("JP_eCS_Department"))
                }),
                "R9014",
            );
        }
        rule(
            kind != "Condition" || resource.get("onsetDateTime").is_some(),
            "R9015",
        );
        rule(kind != "Observation" || contained("Practitioner"), "R9017");
        rule(kind != "Observation" || local("performer"), "R9019");
    }
    out
}

fn systems_of_names(name: Node<'_>) -> bool {
    name.list("extension").any(|e| {
        e.str("url") == Some("http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation")
            && matches!(e.str("valueCode"), Some("IDE" | "SYL"))
    })
}

/// The numbered rules that a whole Bundle breaks.
fn all_broken(root: Node<'_>) -> Vec<&'static str> {
    let is_collection = root.str("type") == Some("collection");
    let mut out = Vec::new();
    let identifier = root.get("identifier");
    let part = |key: &str| identifier.and_then(|i| i.str(key)).unwrap_or_default();
    if part("system") != "http://jpfhir.jp/fhir/clins/bundle-identifier" {
        out.push("R02151");
    }
    if !is_bundle_id(part("value")) {
        out.push("R2152");
    }
    let resources: Vec<Node<'_>> = root
        .list("entry")
        .filter_map(|e| e.get("resource"))
        .collect();
    let kinds: Vec<&str> = resources
        .iter()
        .filter_map(|r| r.str("resourceType"))
        .collect();
    if is_collection {
        if !claims(root, "/JP_Bundle_CLINS") {
            out.push("R0213");
        }
        let tags: Vec<&str> = root
            .get("meta")
            .into_iter()
            .flat_map(|m| m.list("tag"))
            .filter(|t| {
                t.str("system")
                    .is_some_and(|s| s.ends_with("BundleResourceType_CS"))
            })
            .filter_map(|t| t.str("code"))
            .collect();
        match tags.as_slice() {
            [one @ ("AllergyIntolerance" | "Condition" | "Observation")] => {
                if kinds.len() > 1 && !kinds.contains(one) {
                    out.push("R02143");
                }
            }
            _ => out.push("R02141/R02142"),
        }
        if kinds.first() != Some(&"Patient") {
            out.push("R0211");
        }
    } else if kinds.first() != Some(&"Composition") {
        out.push("first entry");
    }
    for resource in resources {
        out.extend(broken(resource, is_collection));
    }
    out
}

/// Changes `text` `rounds` times; how many of the changed ones are still accepted.
fn shake(name: &str, text: &str, rounds: usize, random: &mut Random) -> usize {
    let doc = Document::parse(text.as_bytes()).expect("JSON");
    let mut accepted = 0;
    for _ in 0..rounds {
        let changed = mutated(&doc, random);
        let Ok(doc) = Document::parse(changed.as_bytes()) else {
            continue;
        };
        let is_collection = doc.root().str("type") == Some("collection");
        let taken = if is_collection {
            Bundle::check(&doc).is_ok()
        } else {
            let checked = document::check(&doc, today());
            let facts = document::facts(&doc);
            let municipal = DocumentKind::of(doc.root()) == Some(DocumentKind::MunicipalCheckup);
            assert!(
                facts.is_some() || municipal || !checked.is_accepted(),
                "{name}: accepted without facts: {changed}"
            );
            checked.is_accepted()
        };
        if taken {
            accepted += 1;
            let found = all_broken(doc.root());
            assert!(
                found.is_empty(),
                "{name}: accepted, but breaks {found:?}: {changed}"
            );
        }
    }
    accepted
}

#[test]
fn no_change_makes_the_check_panic_or_accept_what_breaks_a_numbered_rule() {
    let mut random = Random(20_261_101);
    let mut bases: Vec<(&str, String)> = examples::all().into_iter().collect();
    bases.push(("conditions", collections::conditions()));
    bases.push(("allergies", collections::allergies()));
    bases.push(("results", collections::observations()));
    for (name, text) in &bases {
        assert!(
            all_broken(Document::parse(text.as_bytes()).expect("JSON").root()).is_empty(),
            "{name}"
        );
        let accepted = shake(name, text, 120, &mut random);
        // Some changes are harmless (a name, a phone), most are not.
        assert!((1..60).contains(&accepted), "{name}: {accepted} of 120");
    }
}

#[test]
fn no_change_of_a_published_municipal_report_makes_the_check_panic() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/emunicipal/samples/Bundle-example17.json");
    let Ok(bytes) = std::fs::read(&path) else {
        eprintln!("SKIPPED: municipal reports ({} is absent)", path.display());
        return;
    };
    let doc = Document::parse(&bytes).expect("JSON");
    let mut random = Random(17);
    for _ in 0..150 {
        if let Ok(changed) = Document::parse(mutated(&doc, &mut random).as_bytes()) {
            let checked = document::check(&changed, today());
            assert!(checked.is_accepted() || !checked.refusals.is_empty());
            let _ = document::facts(&changed);
        }
    }
}

#[test]
fn no_cut_and_no_flipped_byte_makes_the_reader_or_the_check_panic() {
    let mut random = Random(7);
    let text = examples::plan();
    for _ in 0..200 {
        let mut bytes = text.clone().into_bytes();
        let at = random.below(bytes.len());
        match random.below(3) {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << random.below(8),
            _ => bytes.insert(at, u8::try_from(random.below(256)).expect("a byte")),
        }
        if let Ok(doc) = Document::parse(&bytes) {
            let checked = document::check(&doc, today());
            let _ = document::facts(&doc);
            assert!(!checked.is_accepted() || all_broken(doc.root()).is_empty());
        }
    }
}
