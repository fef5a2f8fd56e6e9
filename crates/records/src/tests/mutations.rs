//! Documents changed at random, always in the same way: any is answered, none breaks anything,
//! and none that misses a required element is taken.

use serde_json::{Value, json};
use web::ui::Lang;

use super::{Ward, bytes};
use crate::{labs, model::Item, show};

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(count.max(1)).expect("fits")).expect("fits")
    }
}

/// Every place in a document, as JSON pointers.
fn pointers(value: &Value) -> Vec<String> {
    fn walk(value: &Value, at: &str, out: &mut Vec<String>) {
        let children: Vec<(String, &Value)> = match value {
            Value::Object(members) => members.iter().map(|(k, v)| (k.clone(), v)).collect(),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .map(|(i, v)| (i.to_string(), v))
                .collect(),
            _ => Vec::new(),
        };
        for (key, child) in children {
            let here = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
            walk(child, &here, out);
            out.push(here);
        }
    }
    let mut out = Vec::new();
    walk(value, "", &mut out);
    out
}

fn remove(json: &mut Value, pointer: &str) {
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    match json.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.shift_remove(key);
        }
        Some(Value::Array(items)) => {
            items.remove(key.parse().expect("an index"));
        }
        _ => panic!("no {pointer}"),
    }
}

/// One change, as bytes.
fn mutate(good: &Value, places: &[String], dice: &mut Dice) -> Vec<u8> {
    let mut json = good.clone();
    let place = &places[dice.below(places.len())];
    match dice.below(8) {
        0 => remove(&mut json, place),
        1 => {
            let (parent, _) = place.rsplit_once('/').expect("a pointer");
            let copy = json.pointer(place).expect("there").clone();
            if let Some(Value::Array(items)) = json.pointer_mut(parent) {
                items.push(copy);
            }
        }
        2 => {
            let others = [
                json!(null),
                json!(true),
                json!(1.5),
                json!(""),
                json!("x"),
                json!([]),
                json!({}),
                json!([[]]),
                json!({"a": null}),
                json!(1e300),
                json!(-0.0),
                json!("\u{202e}あ"),
                json!("<script>"),
            ];
            let other = others[dice.below(others.len())].clone();
            *json.pointer_mut(place).expect("there") = other;
        }
        3 => {
            let other = &places[dice.below(places.len())];
            let (one, two) = (json.pointer(place).cloned(), json.pointer(other).cloned());
            if let (Some(Value::String(one)), Some(Value::String(two))) = (one, two) {
                *json.pointer_mut(place).expect("there") = Value::String(two);
                *json.pointer_mut(other).expect("there") = Value::String(one);
            }
        }
        4 => {
            if let Some(Value::String(text)) = json.pointer_mut(place) {
                *text = text.repeat(1 + dice.below(200));
            }
        }
        _ => {}
    }
    let mut text = bytes(&json);
    let at = dice.below(text.len());
    match dice.below(16) {
        0 => text.truncate(at),
        1 => text[at] = u8::try_from(dice.roll() & 0xff).expect("a byte"),
        2 => text[at] ^= 1 << dice.below(8),
        3 => text.insert(at, u8::try_from(dice.roll() & 0xff).expect("a byte")),
        4 => {
            let end = (at + dice.below(60)).min(text.len());
            let part = text[at..end].to_vec();
            text.splice(at..at, part);
        }
        _ => {}
    }
    text
}

/// Whatever was taken can be shown in either language.
fn render(items: &[Item]) {
    for lang in [Lang::Ja, Lang::En] {
        let shown = [
            labs::table(lang, "t", "表", items, lang == Lang::Ja),
            labs::curves(lang, "c", items, usize::MAX),
            show::conditions(lang, items, &show::nothing),
        ];
        assert!(shown.iter().all(|html| !html.0.contains("<script")));
        let _cautions = show::caution_lines(lang, items, &show::nothing);
    }
}

#[test]
fn any_change_is_answered_and_nothing_breaks() {
    const ROUNDS: u64 = 200;
    let ward = Ward::new();
    let before = ward.world.records();
    let (mut taken, mut looks) = (0, 0);
    for kind in ["Condition", "AllergyIntolerance", "Observation"] {
        let good = ward.json(kind);
        let places = pointers(&good);
        for round in 0..ROUNDS {
            let mut dice = Dice(round);
            let body = mutate(&good, &places, &mut dice);
            let reply = ward.register(&body);
            let shown = String::from_utf8_lossy(&body);
            assert!(
                reply.status < 500,
                "{kind} {round}: {} for {shown}",
                reply.text()
            );
            if reply.status < 300 {
                taken += 1;
                looks += 1;
                render(&ward.kept_of(ward.person));
            }
        }
    }
    assert!(taken > 20, "some changes are harmless: {taken}");
    assert_eq!(ward.world.records(), before + 3 * ROUNDS + looks);
}

/// What may never be missing, by kind; `*` stands for any index.
const REQUIRED: [(&str, &[&str]); 3] = [
    (
        "Condition",
        &[
            "/entry/*/resource/verificationStatus",
            "/entry/*/resource/clinicalStatus",
            "/entry/*/resource/category",
            "/entry/*/resource/code",
            "/entry/*/resource/code/text",
            "/entry/*/resource/code/coding",
            "/entry/*/resource/subject",
            "/entry/*/resource/encounter",
            "/entry/*/resource/onsetDateTime",
            "/entry/*/resource/contained",
        ],
    ),
    (
        "AllergyIntolerance",
        &[
            "/entry/*/resource/code",
            "/entry/*/resource/code/text",
            "/entry/*/resource/code/coding",
            "/entry/*/resource/patient",
        ],
    ),
    (
        "Observation",
        &[
            "/entry/*/resource/status",
            "/entry/*/resource/category",
            "/entry/*/resource/code",
            "/entry/*/resource/code/text",
            "/entry/*/resource/code/coding",
            "/entry/*/resource/code/coding/*/system",
            "/entry/*/resource/code/coding/*/code",
            "/entry/*/resource/subject",
            "/entry/*/resource/encounter",
            "/entry/*/resource/performer",
            "/entry/*/resource/specimen",
            "/entry/*/resource/contained",
            "/entry/*/resource/effectiveDateTime",
        ],
    ),
];

const REQUIRED_OF_ALL: &[&str] = &[
    "/resourceType",
    "/meta",
    "/meta/profile",
    "/meta/lastUpdated",
    "/meta/tag",
    "/identifier",
    "/identifier/system",
    "/identifier/value",
    "/type",
    "/timestamp",
    "/entry",
    "/entry/*/fullUrl",
    "/entry/*/resource",
    "/entry/*/resource/resourceType",
    "/entry/*/resource/meta",
    "/entry/*/resource/meta/profile",
    "/entry/*/resource/meta/lastUpdated",
    "/entry/*/resource/identifier",
    "/entry/*/resource/extension",
];

const REQUIRED_OF_PATIENT: &[&str] = &[
    "/entry/0/resource/name",
    "/entry/0/resource/gender",
    "/entry/0/resource/birthDate",
    "/entry/0/resource/address",
];

fn fits(pointer: &str, pattern: &str) -> bool {
    let (a, b): (Vec<&str>, Vec<&str>) =
        (pointer.split('/').collect(), pattern.split('/').collect());
    a.len() == b.len()
        && a.iter()
            .zip(&b)
            .all(|(x, y)| x == y || *y == "*" && x.parse::<usize>().is_ok())
}

#[test]
fn nothing_that_misses_a_required_element_is_taken() {
    let ward = Ward::new();
    for (kind, own) in REQUIRED {
        let mut good = ward.json(kind);
        good["entry"].as_array_mut().expect("entries").truncate(3);
        let lists = [own, REQUIRED_OF_ALL, REQUIRED_OF_PATIENT];
        let mut used = std::collections::BTreeSet::new();
        for pointer in pointers(&good) {
            let of_patient = pointer.starts_with("/entry/0/");
            let pattern = lists
                .iter()
                .flat_map(|list| list.iter())
                .find(|p| fits(&pointer, p));
            let Some(pattern) = pattern else { continue };
            used.insert(*pattern);
            let mut json = good.clone();
            remove(&mut json, &pointer);
            let reply = ward.register_json(&json);
            assert!(
                (400..500).contains(&reply.status),
                "{kind} without {pointer} ({of_patient}): {}",
                reply.text()
            );
        }
        for pattern in lists.iter().flat_map(|list| list.iter()) {
            assert!(used.contains(pattern), "{kind} has {pattern}");
        }
    }
    assert!(ward.kept().is_empty());
}
