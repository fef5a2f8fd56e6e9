//! The patient summary: what a patient and their doctor have agreed to do.
//!
//! Source: JP-CLINS 1.5 (JP_Bundle_ePCS).

use serde_json::{Value, json};

use super::{ECS, Paper, SECTIONS, set, signed, value};

impl Paper<'_> {
    /// A care plan for the patient's first two diagnoses; nothing for a person who was never
    /// insured, or has none.
    #[must_use]
    pub fn plan(&self, text: &str) -> Option<Value> {
        let (mut entries, patient) = self.entries()?;
        let doctor = &self.author.doctor.name;
        let author = entries.add(self.practitioner(doctor.family, doctor.given));
        let from = entries.add(self.sender());
        let visit = entries.add(self.encounter("visit", None));
        let mut urls = vec![entries.add(self.care_plan(&patient, text))];
        self.life.conditions.first()?;
        let told = self.life.conditions.iter().filter(|one| !one.uninformed);
        for (nth, condition) in told.take(2).enumerate() {
            let resource = value(&entries.draft.condition(nth, condition));
            urls.push(entries.add(resource));
        }
        let mut composition = self.composition(
            "ePCS/StructureDefinition/JP_Composition_ePCS|1",
            ("56447-6", "計画書"),
            "OUTPATIENT",
            "患者サマリー（療養計画書）",
        );
        signed(&mut composition, &patient, &visit, [&author, &from]);
        if let Some(members) = composition.as_object_mut() {
            members.remove("custodian");
        }
        let urls: Vec<Value> = urls.iter().map(|url| json!({ "reference": url })).collect();
        set(
            &mut composition,
            "section",
            json!([{
                "title": "計画サマリー",
                "code": { "coding": [{ "system": SECTIONS, "code": "422", "display": "計画サマリーセクション" }] },
                "entry": urls,
            }]),
        );
        Some(self.bundle("JP_Bundle_ePCS", composition, entries))
    }

    fn care_plan(&self, patient: &str, text: &str) -> Value {
        let day = self.sent.jst_date().to_string();
        let mut meta = self.meta("JP_CarePlan_ePCS");
        let profiles = ["JP_CarePlan_ePCS", "JP_CarePlan_eCS"].map(|name| format!("{ECS}/{name}"));
        set(&mut meta, "profile", json!(profiles));
        json!({
            "resourceType": "CarePlan",
            "meta": meta,
            "identifier": self.identified("plan"),
            "status": "active",
            "intent": "plan",
            "title": "療養計画",
            "category": [{ "coding": [{
                "system": "http://jpfhir.jp/fhir/CarePlan/CodeSystem/category",
                "code": "followup-plan", "display": "外来診療経過中プラン",
            }] }],
            "description": text,
            "subject": { "reference": patient },
            "period": { "start": day },
            "created": day,
        })
    }
}
