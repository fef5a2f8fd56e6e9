//! How fast resources are validated, and what a large Bundle costs.
//!
//! `cargo run --release -p fhir --example validate` prints resources a second on one core and
//! the time and peak memory of a Bundle of 10,000 entries, with half and double of it beside:
//! the time must grow with the count and no faster.

use std::error::Error;
use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

use fhir::{clins, json::Document, path::Path};

const INSTITUTION: &str = r#"{"url":"http://jpfhir.jp/fhir/clins/Extension/StructureDefinition/JP_eCS_InstitutionNumber","valueIdentifier":{"system":"http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no","value":"1312345678"}}"#;
const PATIENT: &str = r#"{"resourceType":"Patient","meta":{"lastUpdated":"2025-01-02T03:04:05+09:00","profile":["http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Patient_eCS"]},"identifier":[{"system":"http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID","value":"01130012:12:34:02"}],"name":[{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation","valueCode":"IDE"}],"text":"見本 花","family":"見本","given":["花"]}],"gender":"female","birthDate":"1980-04-05","address":[{"text":"東京都","city":"港区","state":"東京都"}]}"#;

/// A small result of about 0.7 kB: R4 and what JP Core asks of it.
fn small() -> String {
    r##"{"resourceType":"Observation","id":"o1","meta":{"profile":["http://jpfhir.jp/fhir/core/StructureDefinition/JP_Observation_LabResult"]},"identifier":[{"system":"urn:example:results","value":"o-1"}],"status":"final","category":[{"coding":[{"system":"http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS","code":"laboratory"}]}],"code":{"coding":[{"system":"http://medis.or.jp/CodeSystem/master-JLAC10-17digits","code":"3A015000002327101"}],"text":"アルブミン"},"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2025-01-02T09:00:00+09:00","valueQuantity":{"value":3.50,"unit":"g/dL"},"specimen":{"display":"血清"},"referenceRange":[{"low":{"value":4.10},"high":{"value":5.1}}]}"##.to_owned()
}

/// A result as JP-CLINS asks for it inside a Bundle: contained encounter, doctor, specimen.
fn result(number: usize) -> String {
    format!(
        r##"{{"resourceType":"Observation","meta":{{"lastUpdated":"2025-01-02T03:04:05.678+09:00","profile":["http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Observation_LabResult_eCS"]}},"contained":[{{"resourceType":"Encounter","id":"enc","meta":{{"profile":["http://jpfhir.jp/fhir/core/StructureDefinition/JP_Encounter"]}},"status":"finished","class":{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"}}}},{{"resourceType":"Practitioner","id":"doc","name":[{{"text":"佐藤 花"}}]}},{{"resourceType":"Specimen","id":"spe","type":{{"text":"血清"}}}}],"extension":[{INSTITUTION},{{"url":"http://jpfhir.jp/fhir/eCS/Extension/StructureDefinition/JP_eCS_Department","valueCodeableConcept":{{"coding":[{{"system":"http://jami.jp/SS-MIX2/CodeSystem/ClinicalDepartment","code":"01"}}],"text":"内科"}}}}],"identifier":[{{"system":"http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier","value":"o-{number}"}}],"status":"final","category":[{{"coding":[{{"system":"http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS","code":"laboratory"}}]}}],"code":{{"coding":[{{"system":"http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_ObsLabResult_LocalCode_CS","code":"L1","display":"アルブミン"}},{{"system":"http://jpfhir.jp/fhir/clins/CodeSystem/JLAC10/JP_CLINS_ObsLabResult_CoreLabo_CS","code":"3A015000002327101","display":"ALB"}}],"text":"アルブミン"}},"subject":{{"reference":"urn:uuid:00000000-0000-4000-8000-000000000000"}},"encounter":{{"reference":"#enc"}},"effectiveDateTime":"2025-01-02T09:00:00+09:00","performer":[{{"reference":"#doc"}}],"valueQuantity":{{"value":3.50,"unit":"g/dL"}},"specimen":{{"reference":"#spe"}}}}"##
    )
}

/// A Bundle of the patient and `count - 1` results.
fn bundle(count: usize) -> String {
    let entries: Vec<String> = std::iter::once(PATIENT.to_owned())
        .chain((1..count).map(result))
        .enumerate()
        .map(|(i, resource)| {
            format!(
                r#"{{"fullUrl":"urn:uuid:00000000-0000-4000-8000-{i:012}","resource":{resource}}}"#
            )
        })
        .collect();
    format!(
        r#"{{"resourceType":"Bundle","meta":{{"lastUpdated":"2025-01-02T03:04:05.678+09:00","profile":["http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_CLINS"],"tag":[{{"system":"http://jpfhir.jp/fhir/clins/CodeSystem/BundleResourceType_CS","code":"Observation"}}]}},"identifier":{{"system":"http://jpfhir.jp/fhir/clins/bundle-identifier","value":"1312345678^2025^abc-1"}},"type":"collection","timestamp":"2025-01-02T03:04:05.678+09:00","entry":[{}]}}"#,
        entries.join(",")
    )
}

/// Reads and checks `text` again and again for two seconds; resources a second.
fn rate(text: &str) -> Result<u128, Box<dyn Error>> {
    let path = Path::root("Observation");
    let checked = clins::check_resource(Document::parse(text.as_bytes())?.root(), &path);
    if !checked.is_accepted() {
        return Err(format!("refused: {:?}", checked.refusals).into());
    }
    let (begin, mut count) = (Instant::now(), 0_u128);
    while begin.elapsed() < Duration::from_secs(2) {
        for _ in 0..100 {
            let doc = Document::parse(black_box(text).as_bytes())?;
            black_box(clins::check_resource(doc.root(), &path));
        }
        count += 100;
    }
    Ok(count * 1_000_000 / begin.elapsed().as_micros().max(1))
}

/// The most memory that this process ever held, as the system tells it.
fn peak() -> String {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
            Some(line.replace("VmHWM:", "").trim().to_owned())
        })
        .unwrap_or_else(|| "unknown".to_owned())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    for (name, text) in [("R4", small()), ("R4 + JP-CLINS", result(1))] {
        let (rate, bytes) = (rate(&text)?, text.len());
        writeln!(out, "{name}: {rate} resources/s of {bytes} bytes, one core")?;
    }
    for count in [1_250, 2_500, 5_000, 10_000] {
        let text = bundle(count);
        let begin = Instant::now();
        let doc = Document::parse(text.as_bytes())?;
        let read = begin.elapsed();
        let bundle = clins::Bundle::check(&doc).map_err(|list| format!("refused: {list:?}"))?;
        let (all, entries) = (begin.elapsed(), bundle.entries.len());
        writeln!(
            out,
            "{count} entries ({entries} facts, {} kB): read {} ms, in all {} ms, peak {}",
            text.len() / 1000,
            read.as_millis(),
            all.as_millis(),
            peak(),
        )?;
    }
    Ok(())
}
