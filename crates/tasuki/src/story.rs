//! Whose journey is told: with the published JP-CLINS examples at hand their patient's, else
//! one written by us.

use std::{fs, path::Path};

use anyhow::Context;
use kernel::{
    code::{BranchNumber, FacilityCode, InsuredPersonNumber, InsuredPersonSymbol, InsurerNumber},
    time::{JstDate, Timestamp},
};
use serde_json::{Value, json};
use testkit::population::{self, Facility, Life, clins, demo};

/// The published examples, seen from the folder in which the program is started.
pub const EXAMPLES: &str = "../shared/data/clins/examples";

const BUNDLE: &str = "Bundle-Bundle-CLINS-Observations-Example-01.json";
const PUBLISHED_HOSPITAL: &str = "1318814790";

/// A patient, her hospital, and what its record system sends.
pub struct Story {
    /// The patient.
    pub patient: Life,
    /// The hospital.
    pub hospital: Facility,
    /// Documents to register, in order.
    pub documents: Vec<Vec<u8>>,
    /// Names of conditions that she has not been told of.
    pub untold: Vec<String>,
    /// How many documents or resources are the published ones; 0 for our own story.
    pub published: usize,
    /// Files that must be refused: name and bytes of a Bundle around each.
    pub wrong: Vec<(String, Vec<u8>)>,
}

/// Our own story.
#[must_use]
pub fn own(today: JstDate) -> Story {
    let patient = demo::patient(today);
    Story {
        untold: patient
            .conditions
            .iter()
            .filter(|c| c.uninformed)
            .map(|c| c.disease.name.to_owned())
            .collect(),
        hospital: demo::hospital(),
        documents: demo::bundles(today).into_iter().map(|b| b.json).collect(),
        patient,
        published: 0,
        wrong: Vec::new(),
    }
}

/// The story of the published examples' patient: their Bundle of laboratory results as it
/// is; Bundles around their single conditions and allergies; infections and a course of
/// results over time, of which none are published, by us.
///
/// # Errors
/// When a file is there but cannot be read.
pub fn published(folder: &Path, now: Timestamp) -> anyhow::Result<Story> {
    let today = now.jst_date();
    let bytes = fs::read(folder.join(BUNDLE)).context("the published Bundle")?;
    let bundle: Value = serde_json::from_slice(&bytes)?;
    let patient_entry = bundle
        .pointer("/entry/0")
        .context("the published Bundle has no patient")?
        .clone();
    let mut hospital = demo::hospital();
    hospital.code = FacilityCode::from_register(PUBLISHED_HOSPITAL)?;
    "公表例記念病院".clone_into(&mut hospital.name);
    let patient = life(&patient_entry, today)?;
    let mut documents = vec![bytes];
    let mut untold = Vec::new();
    let mut count = 1;
    for kind in ["Condition", "AllergyIntolerance"] {
        let resources = resources(folder, kind)?;
        count += resources.len();
        untold.extend(resources.iter().filter_map(untold_name));
        documents.push(wrap(&patient_entry, kind, resources, now)?);
    }
    documents.extend(reports(&patient, &hospital));
    Ok(Story {
        patient,
        hospital,
        documents,
        untold,
        published: count,
        wrong: wrong(folder, &patient_entry, now)?,
    })
}

/// The published patient as a life: name, birth and number from the document, the rest ours.
fn life(entry: &Value, today: JstDate) -> anyhow::Result<Life> {
    let mut life = demo::patient(today);
    let text = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str);
    life.name = population::Name {
        family: "牧野",
        given: "爛漫",
        family_kana: "マキノ",
        given_kana: "ランマン",
    };
    anyhow::ensure!(
        text("/resource/name/0/text") == Some(&life.name.full()),
        "the published patient has another name than expected"
    );
    life.birth = text("/resource/birthDate")
        .and_then(JstDate::parse)
        .context("the published patient has no birth date")?;
    let member = entry
        .pointer("/resource/identifier")
        .and_then(Value::as_array)
        .and_then(|all| {
            all.iter().find(|i| {
                i.get("system")
                    .and_then(Value::as_str)
                    .is_some_and(|s| s.ends_with("JP_Insurance_memberID"))
            })
        })
        .and_then(|i| i.get("value"))
        .and_then(Value::as_str)
        .context("the published patient has no member identifier")?;
    let mut parts = member.split(':');
    let mut part = || parts.next().unwrap_or_default();
    let coverage = life.coverages.last_mut().context("no coverage")?;
    coverage.insurer.number = InsurerNumber::from_register(part())?;
    coverage.symbol = InsuredPersonSymbol::parse(part())?;
    coverage.number = InsuredPersonNumber::parse(part())?;
    coverage.branch = Some(BranchNumber::parse(part())?);
    // Born in 1930: one tenth, and the ceiling class that goes with it.
    coverage.copay_tenths = 1;
    if let Some(ceiling) = &mut coverage.ceiling {
        ceiling.class = "B10";
    }
    Ok(life)
}

/// Single published resources of a kind that carry all that a CLINS Bundle asks.
fn resources(folder: &Path, kind: &str) -> anyhow::Result<Vec<Value>> {
    let mut files: Vec<_> = fs::read_dir(folder)?
        .filter_map(|file| file.ok().map(|f| f.path()))
        .filter(|path| {
            let name = path
                .file_name()
                .and_then(|n| n.to_str())
                .unwrap_or_default();
            name.starts_with(&format!("{kind}-Example"))
        })
        .collect();
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let value: Value = serde_json::from_slice(&fs::read(file)?)?;
        let has_institution = value
            .get("extension")
            .and_then(Value::as_array)
            .is_some_and(|all| {
                all.iter().any(|e| {
                    e.get("url")
                        .and_then(Value::as_str)
                        .is_some_and(|u| u.ends_with("JP_eCS_InstitutionNumber"))
                })
            });
        if has_institution {
            found.push(value);
        }
    }
    Ok(found)
}

fn untold_name(resource: &Value) -> Option<String> {
    let tags = resource.pointer("/meta/tag")?.as_array()?;
    let untold = tags
        .iter()
        .any(|t| t.get("code").and_then(Value::as_str) == Some("UNINFORMED"));
    let name = resource.pointer("/code/text")?.as_str()?;
    untold.then(|| name.to_owned())
}

/// A Bundle around single resources: only the reference to the patient is set to the
/// Bundle's own patient.
fn wrap(
    patient: &Value,
    kind: &str,
    resources: Vec<Value>,
    now: Timestamp,
) -> anyhow::Result<Vec<u8>> {
    let url = patient.get("fullUrl").cloned().unwrap_or_default();
    let reference = json!({ "reference": url });
    let key = if kind == "AllergyIntolerance" {
        "patient"
    } else {
        "subject"
    };
    let mut entries = vec![patient.clone()];
    for (index, mut resource) in resources.into_iter().enumerate() {
        if let Some(map) = resource.as_object_mut() {
            map.insert(key.to_owned(), reference.clone());
        }
        entries.push(json!({
            "fullUrl": format!("urn:uuid:00000000-0000-4000-8000-{:012}", index + 1),
            "resource": resource,
        }));
    }
    let year = now.jst_date().year();
    let stamp = format!("{}T09:00:00.000+09:00", now.jst_date());
    let bundle = json!({
        "resourceType": "Bundle",
        "meta": {
            "lastUpdated": stamp,
            "profile": ["http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_CLINS"],
            "tag": [{
                "system": "http://jpfhir.jp/fhir/clins/CodeSystem/BundleResourceType_CS",
                "code": kind,
            }],
        },
        "identifier": {
            "system": "http://jpfhir.jp/fhir/clins/bundle-identifier",
            "value": format!("{PUBLISHED_HOSPITAL}^{year}^demo-{kind}"),
        },
        "type": "collection",
        "timestamp": stamp,
        "entry": entries,
    });
    Ok(serde_json::to_vec(&bundle)?)
}

/// Our own laboratory reports, as the published patient's hospital would send them.
fn reports(patient: &Life, hospital: &Facility) -> Vec<Vec<u8>> {
    let Some(author) = clins::Author::of(hospital) else {
        return Vec::new();
    };
    let reports = patient.reports.iter();
    reports
        .filter_map(|report| clins::lab_report(patient, &author, report))
        .map(|bundle| bundle.json)
        .collect()
}

/// A Bundle around each published file that must be refused.
fn wrong(folder: &Path, patient: &Value, now: Timestamp) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let mut out = Vec::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        let name = path
            .file_name()
            .and_then(|n| n.to_str())
            .unwrap_or_default();
        if name.contains("ErrorExample") {
            let resource: Value = serde_json::from_slice(&fs::read(&path)?)?;
            let bundle = wrap(patient, "Observation", vec![resource], now)?;
            out.push((name.to_owned(), bundle));
        }
    }
    out.sort();
    Ok(out)
}
