//! The drug that letters order: one prescription of fourteen days.
//!
//! Source: JP-CLINS 1.5 (JP_MedicationRequest_eCS).

use serde_json::{Value, json};

use super::super::{EN_REPRESENTATION, instant};
use super::{INSTITUTION, Paper, RESOURCE_ID};

fn tablets(n: i64) -> Value {
    const UNIT: &str = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationUnitMERIT9Code";
    json!({ "value": n, "code": "TAB", "system": UNIT, "unit": "錠" })
}

fn days(n: i64) -> Value {
    json!({ "value": n, "code": "d", "system": "http://unitsofmeasure.org", "unit": "日" })
}

/// One tablet after breakfast.
fn dosage(day: &str) -> Value {
    json!({
        "extension": [{
            "url": "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_MedicationDosage_PeriodOfUse",
            "valuePeriod": { "start": day },
        }],
        "text": "1日1回朝食後",
        "timing": {
            "repeat": { "boundsDuration": days(14) },
            "code": {
                "coding": [{
                    "system": "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationUsage_ePrescription",
                    "code": "1011000400000000", "display": "１日１回朝食後　服用",
                }],
                "text": "1日1回朝食後",
            },
        },
        "doseAndRate": [{
            "type": { "coding": [{
                "system": "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationIngredientStrengthStrengthType",
                "code": "1", "display": "製剤量",
            }] },
            "doseQuantity": tablets(1),
        }],
    })
}

impl Paper<'_> {
    pub(super) fn medication(&self, patient: &str) -> Value {
        json!({
            "resourceType": "MedicationRequest",
            "meta": self.meta("JP_MedicationRequest_eCS"),
            "contained": self.ordered_by(),
            "extension": [
                {
                    "url": "http://jpfhir.jp/fhir/clins/Extension/StructureDefinition/JP_eCS_InstitutionNumber",
                    "valueIdentifier": { "system": INSTITUTION, "value": self.author.institution() },
                },
                {
                    "url": "http://jpfhir.jp/fhir/eCS/Extension/StructureDefinition/JP_eCS_Department",
                    "valueCodeableConcept": { "coding": [{
                        "system": "http://jami.jp/SS-MIX2/CodeSystem/ClinicalDepartment",
                        "code": "01", "display": "内科",
                    }] },
                },
            ],
            "identifier": [
                { "system": "http://jpfhir.jp/fhir/core/mhlw/IdSystem/Medication-RPGroupNumber", "value": "1" },
                { "system": "http://jpfhir.jp/fhir/core/mhlw/IdSystem/MedicationAdministrationIndex", "value": "1" },
                { "system": RESOURCE_ID, "value": format!("{}-rx1", self.serial) },
            ],
            "status": "completed",
            "intent": "order",
            "medicationCodeableConcept": {
                "coding": [{
                    "system": "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code",
                    "code": "2149001F1019", "display": "ためし錠5mg",
                }],
                "text": "ためし錠5mg",
            },
            "subject": { "reference": patient },
            "encounter": { "reference": "#encounter" },
            "authoredOn": instant(self.sent),
            "requester": { "reference": "#doctor" },
            "dosageInstruction": [dosage(&self.sent.jst_date().to_string())],
            "dispenseRequest": { "quantity": tablets(14), "expectedSupplyDuration": days(14) },
        })
    }

    /// The visit and the doctor behind the order, contained in it.
    fn ordered_by(&self) -> Value {
        let doctor = &self.author.doctor.name;
        json!([
            {
                "resourceType": "Encounter", "id": "encounter", "status": "finished",
                "identifier": self.identified("enc"),
                "class": {
                    "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                    "code": "AMB", "display": "外来",
                },
            },
            {
                "resourceType": "Practitioner", "id": "doctor",
                "name": [{
                    "extension": [{ "url": EN_REPRESENTATION, "valueCode": "IDE" }],
                    "text": doctor.full(), "family": doctor.family, "given": [doctor.given],
                }],
            },
        ])
    }
}
