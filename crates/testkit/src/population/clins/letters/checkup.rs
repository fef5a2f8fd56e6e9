//! The report of a specific health checkup.
//!
//! Source: JP-CLINS 1.5 (JP_Bundle_eCheckupGeneral).

use serde_json::{Value, json};

use super::super::instant;
use super::{CLINS, INSTITUTION, Paper, set};

const CHECKUP: &str = "http://jpfhir.jp/fhir/eCheckup/StructureDefinition";

/// One result of a checkup.
#[derive(Clone, Copy, Debug)]
pub struct Measured<'a> {
    /// Code of the item, 17 digits.
    pub code: &'a str,
    /// Name of the item.
    pub name: &'a str,
    /// The number, as it is printed.
    pub value: &'a str,
    /// The unit, as it is printed and in UCUM.
    pub unit: (&'a str, &'a str),
    /// The lowest and the highest number of the reference range, and the judgement `H`, `L` or
    /// `N`; `None` for what has no range.
    pub judged: Option<(&'a str, &'a str, &'a str)>,
}

const HEIGHT: Measured<'static> = Measured {
    code: "9N001000000000001",
    name: "身長",
    value: "158",
    unit: ("cm", "cm"),
    judged: None,
};

/// A number as JSON, with the digits it has.
fn number(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or(Value::Null)
}

impl Paper<'_> {
    /// The report of a specific health checkup, with one result; nothing for a person who was
    /// never insured.
    #[must_use]
    pub fn checkup(&self) -> Option<Value> {
        self.checkup_of(&[HEIGHT])
    }

    /// The same with these results.
    #[must_use]
    pub fn checkup_of(&self, results: &[Measured<'_>]) -> Option<Value> {
        let (mut entries, patient) = self.entries()?;
        let doctor = &self.author.doctor.name;
        if let Some(first) = entries.all.first_mut()
            && let Some(meta) = first.pointer_mut("/resource/meta")
        {
            let profile = format!("{CLINS}/StructureDefinition/JP_Patient_eCheckupGeneral");
            set(meta, "profile", json!([profile]));
        }
        let mut author = self.practitioner(doctor.family, doctor.given);
        let meta = self.checkup_meta("JP_Practitioner_eCheckupGeneral");
        set(&mut author, "meta", meta);
        let author = entries.add(author);
        let organization = entries.add(self.examiner());
        let visit = entries.add(self.examination(&organization));
        let mut urls = Vec::new();
        for one in results {
            urls.push(entries.add(self.measured(&patient, one)));
        }
        let mut composition = self.checkup_composition(&visit);
        set(&mut composition, "subject", json!({ "reference": patient }));
        set(&mut composition, "encounter", json!({ "reference": visit }));
        set(
            &mut composition,
            "author",
            json!([{ "reference": author }, { "reference": organization }]),
        );
        set(
            &mut composition,
            "custodian",
            json!({ "reference": organization }),
        );
        set(
            &mut composition,
            "section",
            json!([{
                "title": "特定健診検査結果",
                "code": { "coding": [{
                    "system": "http://jpfhir.jp/fhir/eCheckup/CodeSystem/section-code",
                    "code": "01011", "display": "特定健診検査結果セクション",
                }] },
                "text": { "status": "generated", "div": told(results) },
                "entry": urls.iter().map(|url| json!({ "reference": url })).collect::<Vec<_>>(),
            }]),
        );
        Some(self.bundle("JP_Bundle_eCheckupGeneral", composition, entries))
    }

    fn checkup_meta(&self, profile: &str) -> Value {
        json!({ "lastUpdated": instant(self.sent), "profile": [format!("{CHECKUP}/{profile}")] })
    }

    fn examiner(&self) -> Value {
        let report = "http://jpfhir.jp/fhir/eCheckup/CodeSystem/report-organization-code";
        json!({
            "resourceType": "Organization",
            "meta": self.checkup_meta("JP_Organization_eCheckupGeneral"),
            "identifier": [{ "system": INSTITUTION, "value": self.author.institution() }],
            "type": [
                { "coding": [{ "system": report, "code": "exec-org" }] },
                { "coding": [{ "system": report, "code": "doc-org" }] },
            ],
            "name": self.author.facility.name,
            "telecom": [{ "system": "phone", "value": "03-0000-0000" }],
            "address": [{ "text": "東京都中央区1-2-3", "postalCode": "104-0000", "country": "JP" }],
        })
    }

    fn examination(&self, organization: &str) -> Value {
        let day = self.sent.jst_date().to_string();
        json!({
            "resourceType": "Encounter",
            "meta": self.checkup_meta("JP_Encounter_eCheckupGeneral"),
            "status": "finished",
            "class": {
                "system": "http://jpfhir.jp/fhir/eCheckup/CodeSystem/encounter-category",
                "code": "checkup", "display": "健診",
            },
            "period": { "start": day, "end": day },
            "serviceProvider": { "reference": organization },
        })
    }

    fn measured(&self, patient: &str, one: &Measured<'_>) -> Value {
        const UCUM: &str = "http://unitsofmeasure.org";
        const JUDGED: &str = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";
        let quantity = |value: &str| json!({ "value": number(value), "unit": one.unit.0, "system": UCUM, "code": one.unit.1 });
        let mut result = json!({
            "resourceType": "Observation",
            "meta": self.checkup_meta("JP_Observation_eCheckupGeneral"),
            "status": "final",
            "category": [{ "coding": [{
                "system": "http://jpfhir.jp/fhir/eCheckup/CodeSystem/observation-category",
                "code": "exam",
            }] }],
            "code": {
                "coding": [{ "system": "urn:oid:1.2.392.200119.6.1005", "code": one.code, "display": one.name }],
                "text": one.name,
            },
            "subject": { "reference": patient },
            "effectiveDateTime": self.sent.jst_date().to_string(),
            "valueQuantity": quantity(one.value),
        });
        if let Some((low, high, judged)) = one.judged {
            let range = json!([{ "low": quantity(low), "high": quantity(high) }]);
            set(&mut result, "referenceRange", range);
            let judged = json!([{ "coding": [{ "system": JUDGED, "code": judged }] }]);
            set(&mut result, "interpretation", judged);
        }
        result
    }

    fn checkup_composition(&self, visit: &str) -> Value {
        let day = self.sent.jst_date().to_string();
        let mut composition = self.composition(
            "eCheckup/StructureDefinition/JP_Composition_eCheckupGeneral|1",
            ("53576-5", "検診・健診報告書"),
            "10",
            "健康診断結果のお知らせ",
        );
        set(
            &mut composition,
            "category",
            json!([{ "coding": [{
                "system": "urn:oid:2.16.840.1.113883.2.2.1.6.1001", "code": "10", "display": "特定健診情報",
            }] }]),
        );
        set(
            &mut composition,
            "event",
            json!([{
                "code": [{ "coding": [{
                    "system": "urn:oid:1.2.392.200119.6.1002", "code": "010", "display": "特定健康診査",
                }] }],
                "period": { "start": day, "end": day },
                "detail": [{ "reference": visit }],
            }]),
        );
        composition
    }
}

/// The results in words, as a system generates them from the data.
fn told(results: &[Measured<'_>]) -> String {
    let words: Vec<String> = results
        .iter()
        .map(|one| format!("{} {} {}", one.name, one.value, one.unit.0))
        .collect();
    let words = words.join("、");
    format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{words}</div>")
}
