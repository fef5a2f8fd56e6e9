//! The published examples of JP-CLINS, when they are there.

use std::{fs, path::Path};

use kernel::{
    code::{BranchNumber, InsuredPersonNumber, InsuredPersonSymbol, InsurerNumber},
    id::PersonId,
    time::{JstDate, Period},
};
use registry::model::{CopayRate, Coverage, Profile, Sex};
use serde_json::{Value, json};
use testkit::World;

use super::{Ward, bytes};

const FOLDER: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../shared/data/clins/examples"
);

/// The examples' names and texts; nothing, said aloud, when they are not there.
pub(super) fn examples(what: &str) -> Option<Vec<(String, Vec<u8>)>> {
    if !Path::new(FOLDER).is_dir() {
        eprintln!("SKIPPED: {what} ({FOLDER} is absent)");
        return None;
    }
    let mut all: Vec<(String, Vec<u8>)> = fs::read_dir(FOLDER)
        .expect("a folder")
        .map(|entry| {
            let entry = entry.expect("an entry");
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, fs::read(entry.path()).expect("a file"))
        })
        .collect();
    all.sort();
    Some(all)
}

/// The examples' patient, whose numbers have no true check digit.
fn enroll(world: &World) -> PersonId {
    enroll_as(world, "１８７", "01", "1930-06-28")
}

/// The patient of an example, by number, branch and date of birth.
pub(super) fn enroll_as(
    world: &World,
    number: &'static str,
    branch: &'static str,
    birth: &'static str,
) -> PersonId {
    world.set_up(move |call| {
        let person = PersonId::random(call.rng());
        let birth = JstDate::parse(birth).expect("a date");
        let profile = Profile {
            name: "例 患者".to_owned(),
            kana: "レイ カンジャ".to_owned(),
            sex: Sex::Unknown,
            birth,
            post_code: "1000001".to_owned(),
            address: "東京都".to_owned(),
            other_name: None,
            shown_sex: None,
        };
        let coverage = Coverage {
            number: 1,
            period: Period::new(birth, None).expect("a period"),
            insurer_number: InsurerNumber::from_register("00012345").expect("digits"),
            insurer_name: "例 保険者".to_owned(),
            symbol: InsuredPersonSymbol::parse("あいう").expect("a symbol"),
            person_number: InsuredPersonNumber::parse(number).expect("a number"),
            branch: Some(BranchNumber::parse(branch).expect("a branch")),
            is_insured_person: true,
            copay: CopayRate::tenths(1).expect("a rate"),
            ceiling: None,
            elderly: None,
            diseases: Vec::new(),
            card_kind: "01".to_owned(),
            issued_on: birth,
            card_period: None,
            insured_name: None,
            loss: None,
            loaded_at: None,
        };
        registry::ops::enroll(call, person, &profile, &[coverage])?;
        Ok(person)
    })
}

#[test]
fn the_published_report_is_valid_and_registered_for_its_patient() {
    let Some(all) = examples("the published report") else {
        return;
    };
    let mut reports = all
        .iter()
        .filter(|(name, _)| name.contains("CLINS-Observations"));
    let (_, report) = reports.next().expect("a report");
    let world = World::new(vec![fhir_server::service(), crate::service()]);
    let hospital = world.facility("1318814790", "例の病院");
    let system = world.system(&hospital);
    let valid = world.post_fhir(&system, "/fhir/Bundle/$validate", report);
    assert_eq!(valid.status, 200, "{}", valid.text());
    let early = world.post_fhir(&system, "/fhir/Bundle/$register", report);
    assert_eq!(early.code(), "TSK-REC-004");
    let _person = enroll(&world);
    for status in [201, 200] {
        let done = world.post_fhir(&system, "/fhir/Bundle/$register", report);
        assert_eq!(done.status, status, "{}", done.text());
    }
    let json: Value = serde_json::from_slice(report).expect("JSON");
    let target = json!({
        "member": "00012345:あいう:１８７:01",
        "system": json["identifier"]["system"],
        "value": json["identifier"]["value"],
    });
    let back = world.post(&system, "/fhir/Bundle/$document", &target);
    assert_eq!(&back.body, report);
}

#[test]
fn published_error_examples_are_refused_alone_and_in_a_document() {
    let Some(all) = examples("published error examples") else {
        return;
    };
    let wrong: Vec<_> = all
        .iter()
        .filter(|(name, _)| name.contains("ErrorExample"))
        .collect();
    assert!(!wrong.is_empty());
    let ward = Ward::new();
    let path = "/fhir/Bundle/$validate";
    for (name, text) in wrong {
        let alone = ward.world.post_fhir(&ward.system, path, text);
        assert_eq!(
            (alone.status, alone.code().as_str()),
            (422, "TSK-REC-002"),
            "{name}"
        );
        let resource: Value = serde_json::from_slice(text).expect("JSON");
        let mut bundle = ward.json("Condition");
        bundle["meta"]["tag"][0]["code"] = resource["resourceType"].clone();
        let entries = bundle["entry"].as_array_mut().expect("entries");
        entries.truncate(1);
        entries.push(json!({
            "fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000009",
            "resource": resource,
        }));
        let wrapped = ward.world.post_fhir(&ward.system, path, &bytes(&bundle));
        assert_eq!(wrapped.status, 422, "{name}: {}", wrapped.text());
    }
}

/// Templates of the municipal samples name these code systems by words.
const WORDS: [(&str, &str); 2] = [
    (
        "$jlac10_cs",
        "\"http://jpfhir.jp/fhir/eCheckup/CodeSystem/jlac10\"",
    ),
    (
        "$attachement-format",
        "\"http://jpfhir.jp/fhir/eCheckup/CodeSystem/attachement-format\"",
    ),
];

#[test]
fn the_published_municipal_reports_are_judged_as_their_names_say() {
    let folder = Path::new(FOLDER).join("../../emunicipal/samples");
    let Ok(files) = fs::read_dir(&folder) else {
        eprintln!(
            "SKIPPED: municipal reports ({} is absent)",
            folder.display()
        );
        return;
    };
    let ward = Ward::new();
    let (mut good, mut wrong) = (0, 0);
    for file in files {
        let file = file.expect("a file").path();
        let name = file
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if !name.starts_with("Bundle-") {
            continue;
        }
        let text = fs::read_to_string(&file).expect("text");
        let text = WORDS
            .iter()
            .fold(text, |text, (word, is)| text.replace(word, is));
        let path = "/fhir/Bundle/$validate";
        let reply = ward.world.post_fhir(&ward.system, path, text.as_bytes());
        if name.contains("-ng") {
            wrong += 1;
            assert_eq!(reply.status, 422, "{name}: {}", reply.text());
        } else {
            good += 1;
            assert_eq!(reply.status, 200, "{name}: {}", reply.text());
        }
        // Whatever is refused, it is said what is wrong and where.
        let path = "/fhir/Bundle/$register";
        let reply = ward.world.post_fhir(&ward.system, path, text.as_bytes());
        assert!(
            (400..500).contains(&reply.status),
            "{name}: {}",
            reply.text()
        );
        let told = reply.json()["issue"].as_array().expect("issues").len();
        assert!(told > 1, "{name}: {}", reply.text());
        // It has no insured person's number at all.
        if name == "Bundle-example18.json" {
            assert_eq!(reply.code(), "TSK-REC-017", "{}", reply.text());
        }
    }
    assert_eq!((good, wrong), (7, 13));
}
