//! The resources of a CLINS Bundle: diagnosis, allergy, laboratory result, with the visit,
//! the doctor and the specimen that each contains.

use kernel::time::{JstDate, Timestamp};

use super::super::json::{Json, list, object};
use super::super::model::*;
use super::super::tables::*;
use super::{Draft, instant, name};

const RESOURCE_IDENTIFIER: &str = "http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier";
const INDICATION: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication";
const KEY_NUMBER: &str = "http://medis.or.jp/CodeSystem/master-disease-keyNumber";
const EXCHANGE_CODE: &str = "http://medis.or.jp/CodeSystem/master-disease-exCode";
const RECEIPT_CODE: &str = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/masterB-disease";
const TERMINOLOGY: &str = "http://terminology.hl7.org/CodeSystem/";
const JLAC10: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/JLAC10/";
/// Code list 1 positive, 2 negative.
const FINDING: &str = "urn:oid:1.2.392.200119.6.2100";

fn coding(system: impl Into<String>, code: &str, display: &str) -> Json {
    object! { "system": system.into(), "code": code, "display": display }
}

fn concept(system: impl Into<String>, code: &str, display: &str) -> Json {
    object! { "coding": list![coding(system, code, display)] }
}

fn profile(name: &str) -> String {
    format!("http://jpfhir.jp/fhir/eCS/StructureDefinition/{name}")
}

fn core_profile(name: &str) -> Json {
    object! { "profile": list![format!("http://jpfhir.jp/fhir/core/StructureDefinition/{name}")] }
}

fn reference(to: &str) -> Json {
    object! { "reference": to }
}

impl Draft<'_> {
    pub(super) fn meta(&self, name: &str, flags: &[(&str, &str)]) -> Json {
        let tags: Vec<Json> = flags
            .iter()
            .map(|(code, display)| coding(INDICATION, code, display))
            .collect();
        let meta = object! { "lastUpdated": self.sent.as_str(), "profile": list![profile(name)] };
        meta.with("tag", (!tags.is_empty()).then_some(Json::List(tags)))
    }

    /// What every resource of the three kinds begins with.
    fn head(
        &self,
        kind: &str,
        name: &str,
        flags: &[(&str, &str)],
        contained: Vec<Json>,
    ) -> Vec<(&'static str, Json)> {
        vec![
            ("resourceType", kind.into()),
            ("meta", self.meta(name, flags)),
            ("contained", contained.into()),
        ]
    }

    fn institution(&self) -> Json {
        object! {
            "url": "http://jpfhir.jp/fhir/clins/Extension/StructureDefinition/JP_eCS_InstitutionNumber",
            "valueIdentifier": object! {
                "system": "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no",
                "value": self.author.institution(),
            },
        }
    }

    fn resource_identifier(&self, nth: usize) -> Json {
        let value = format!("{}-{}-{}", self.author.institution(), self.number, nth + 1);
        list![object! { "system": RESOURCE_IDENTIFIER, "value": value }]
    }

    fn encounter(&self, on: JstDate) -> Json {
        let value = format!("{}-{}", self.life.patient_number, on.compact());
        object! {
            "resourceType": "Encounter",
            "id": "encounter",
            "meta": core_profile("JP_Encounter"),
            "identifier": list![object! { "system": RESOURCE_IDENTIFIER, "value": value }],
            "status": "finished",
            "class": coding(format!("{TERMINOLOGY}v3-ActCode"), "AMB", "外来"),
            "period": object! { "start": on.to_string(), "end": on.to_string() },
        }
    }

    fn practitioner(&self) -> Json {
        let system = format!(
            "urn:oid:1.2.392.100495.20.3.41.1{}",
            self.author.institution()
        );
        let doctor = self.author.doctor;
        object! {
            "resourceType": "Practitioner",
            "id": "practitioner",
            "meta": core_profile("JP_Practitioner"),
            "identifier": list![object! { "system": system, "value": doctor.local_id.as_str() }],
            "name": list![name("IDE", &doctor.name.full(), doctor.name.family, doctor.name.given)],
        }
    }

    pub(super) fn condition(&self, nth: usize, condition: &Condition) -> Json {
        let mut flags = Vec::new();
        let marks = [
            (condition.long_term, ("LTS", "長期保存")),
            (condition.uninformed, ("UNINFORMED", "未告知")),
            (condition.undelivered, ("UNDELIVERED", "未提供")),
        ];
        flags.extend(marks.iter().filter(|(set, _)| *set).map(|(_, flag)| *flag));
        let contained = vec![self.encounter(condition.recorded), self.practitioner()];
        let mut members = self.head("Condition", "JP_Condition_eCS", &flags, contained);
        let disease = condition.disease;
        let mut extensions = vec![self.institution(), department(disease.department)];
        if condition.main {
            extensions.push(object! {
                "url": "http://jpfhir.jp/fhir/eCS/Extension/StructureDefinition/JP_eCS_DiagnosisType",
                "valueCodeableConcept": concept(format!("{TERMINOLOGY}ex-diagnosistype"), "principal", "主病名"),
            });
        }
        let (status, display) = match condition.abatement {
            Some(_) => ("resolved", "Resolved"),
            None => ("active", "Active"),
        };
        members.extend([
            ("extension", extensions.into()),
            ("identifier", self.resource_identifier(nth)),
            (
                "clinicalStatus",
                concept(format!("{TERMINOLOGY}condition-clinical"), status, display),
            ),
            (
                "verificationStatus",
                concept(
                    format!("{TERMINOLOGY}condition-ver-status"),
                    "confirmed",
                    "Confirmed",
                ),
            ),
            (
                "category",
                list![concept(
                    format!("{TERMINOLOGY}condition-category"),
                    "encounter-diagnosis",
                    "Encounter Diagnosis"
                )],
            ),
            (
                "code",
                object! {
                    "coding": list![
                        coding(KEY_NUMBER, disease.key_number, disease.name),
                        coding(EXCHANGE_CODE, disease.exchange, disease.name),
                        coding(RECEIPT_CODE, disease.receipt, disease.name),
                    ],
                    "text": disease.name,
                },
            ),
            ("subject", reference(&self.patient)),
            ("encounter", reference("#encounter")),
            ("onsetDateTime", condition.onset.to_string().into()),
        ]);
        let abatement = condition.abatement.map(|day| Json::from(day.to_string()));
        Json::Object(members)
            .with("abatementDateTime", abatement)
            .with("recordedDate", Some(condition.recorded.to_string().into()))
            .with("recorder", Some(reference("#practitioner")))
    }

    pub(super) fn allergy(&self, nth: usize, allergy: &Allergy) -> Json {
        let flags: &[(&str, &str)] = if allergy.long_term {
            &[("LTS", "長期保存")]
        } else {
            &[]
        };
        let contained = vec![self.encounter(allergy.recorded), self.practitioner()];
        let mut members = self.head(
            "AllergyIntolerance",
            "JP_AllergyIntolerance_eCS",
            flags,
            contained,
        );
        let allergen = allergy.allergen;
        let (system, category) = match allergen.kind {
            AllergenKind::Food => ("JP_JfagyFoodAllergen_CS", "food"),
            AllergenKind::Environment => ("JP_JfagyNonFoodNonMedicationAllergen_CS", "environment"),
            AllergenKind::MedicationProduct => ("YCM/JP_JfagyMedicationAllergen_CS", "medication"),
            AllergenKind::MedicationIngredient => {
                ("GCM/JP_JfagyMedicationAllergen_CS", "medication")
            }
        };
        let system = format!("http://jpfhir.jp/fhir/core/CodeSystem/{system}");
        members.extend([
            ("extension", list![self.institution()]),
            ("identifier", self.resource_identifier(nth)),
            (
                "clinicalStatus",
                concept(
                    format!("{TERMINOLOGY}allergyintolerance-clinical"),
                    "active",
                    "Active",
                ),
            ),
            (
                "verificationStatus",
                concept(
                    format!("{TERMINOLOGY}allergyintolerance-verification"),
                    "confirmed",
                    "Confirmed",
                ),
            ),
            ("type", "allergy".into()),
            ("category", list![category]),
            ("criticality", allergy.criticality.fhir().into()),
            (
                "code",
                object! {
                    "coding": list![coding(system, allergen.code, allergen.display)],
                    "text": allergen.display,
                },
            ),
            ("patient", reference(&self.patient)),
            ("encounter", reference("#encounter")),
            ("onsetDateTime", allergy.onset.to_string().into()),
            ("recordedDate", allergy.recorded.to_string().into()),
            ("recorder", reference("#practitioner")),
            (
                "reaction",
                list![object! {
                    "manifestation": list![object! { "text": allergy.reaction }],
                }],
            ),
        ]);
        Json::Object(members)
    }

    pub(super) fn observation(&self, nth: usize, report: &LabReport, result: &LabResult) -> Json {
        let item = result.item;
        let contained = vec![
            self.encounter(report.collected.jst_date()),
            self.practitioner(),
            specimen(item.specimen, report.collected),
        ];
        let mut members = self.head(
            "Observation",
            "JP_Observation_LabResult_eCS",
            &[],
            contained,
        );
        let category = object! {
            "system": "http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS",
            "code": "laboratory",
        };
        members.extend([
            (
                "extension",
                list![self.institution(), department(&INTERNAL)],
            ),
            ("identifier", self.resource_identifier(nth)),
            ("status", "final".into()),
            ("category", list![object! { "coding": list![category] }]),
            ("code", item_code(item)),
            ("subject", reference(&self.patient)),
            ("encounter", reference("#encounter")),
            ("effectiveDateTime", instant(report.collected).into()),
            ("issued", instant(report.issued).into()),
            ("performer", list![reference("#practitioner")]),
        ]);
        let (value, interpretation) = match result.value {
            LabValue::Quantity(value) => (
                ("valueQuantity", quantity(value, item.unit)),
                flag(result, self.life.sex),
            ),
            LabValue::Coded(finding) => {
                let (system, display) = (FINDING, finding.display());
                let code = coding(system, finding.code(), display);
                let value = object! { "coding": list![code], "text": display };
                (("valueCodeableConcept", value), None)
            }
        };
        members.push(value);
        Json::Object(members)
            .with("interpretation", interpretation)
            .with("specimen", Some(reference("#specimen")))
            .with("referenceRange", range(result, self.life.sex))
    }
}

fn department(department: &Department) -> Json {
    object! {
        "url": "http://jpfhir.jp/fhir/eCS/Extension/StructureDefinition/JP_eCS_Department",
        "valueCodeableConcept": object! {
            "coding": list![coding("http://jami.jp/SS-MIX2/CodeSystem/ClinicalDepartment", department.code, department.name)],
            "text": department.name,
        },
    }
}

fn specimen(kind: Specimen, collected: Timestamp) -> Json {
    let system = "http://jpfhir.jp/fhir/core/CodeSystem/JP_ObservationSampleMaterialCode_CS";
    object! {
        "resourceType": "Specimen",
        "id": "specimen",
        "meta": core_profile("JP_Specimen"),
        "type": object! { "coding": list![coding(system, kind.code(), kind.name())], "text": kind.name() },
        "collection": object! { "collectedDateTime": instant(collected) },
    }
}

fn item_code(item: &LabItem) -> Json {
    let local = "http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_ObsLabResult_LocalCode_CS";
    let standard = match (item.display, item.infection) {
        (Some(display), true) => coding(
            format!("{JLAC10}JP_CLINS_ObsLabResult_InfectionLabo_CS"),
            item.jlac10,
            display,
        ),
        (Some(display), false) => coding(
            format!("{JLAC10}JP_CLINS_ObsLabResult_CoreLabo_CS"),
            item.jlac10,
            display,
        ),
        (None, _) => coding(
            "http://medis.or.jp/CodeSystem/master-JLAC10-17digits",
            item.jlac10,
            item.name,
        ),
    };
    object! {
        "coding": list![coding(local, item.local, item.name), standard],
        "text": item.name,
    }
}

fn quantity(value: Decimal, unit: &str) -> Json {
    object! { "value": Json::Number(value.to_string()), "unit": unit }
}

fn bounds(item: &LabItem, sex: Sex) -> (i32, i32) {
    match sex {
        Sex::Male => item.range_male,
        Sex::Female => item.range_female,
    }
}

fn range(result: &LabResult, sex: Sex) -> Option<Json> {
    let LabValue::Quantity(value) = result.value else {
        return None;
    };
    let (low, high) = bounds(result.item, sex);
    let side = |unscaled| {
        let scale = value.scale;
        quantity(Decimal { unscaled, scale }, result.item.unit)
    };
    Some(list![object! { "low": side(low), "high": side(high) }])
}

fn flag(result: &LabResult, sex: Sex) -> Option<Json> {
    let LabValue::Quantity(value) = result.value else {
        return None;
    };
    let (low, high) = bounds(result.item, sex);
    let (code, display) = match value.unscaled {
        below if below < low => ("L", "Low"),
        above if above > high => ("H", "High"),
        _ => ("N", "Normal"),
    };
    let system = format!("{TERMINOLOGY}v3-ObservationInterpretation");
    Some(list![concept(system, code, display)])
}
