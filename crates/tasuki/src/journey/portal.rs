//! At home: the patient's own data, who looked, and taking a consent back.

use anyhow::{Context, ensure};
use peers::{browser::Browser, http::Reply, patient::Patient, proof::verify_proof};
use serde_json::Value;

use super::{Journey, Teller, Told, refused, told};
use crate::town::PATIENT_CARD;

impl Journey<'_> {
    pub(super) async fn portal(
        &self,
        teller: &mut Teller,
        visit: &str,
        doctor: &mut Browser,
    ) -> anyhow::Result<()> {
        let mut patient = Patient::new(self.base, self.base)?;
        let mut card = self.virtual_card(PATIENT_CARD)?;
        patient
            .log_in(&mut card, "1234", "pin")
            .await?
            .expect(201)?;
        let record = patient.record().await?.expect(200)?;
        teller.step(self.own_record(&record));
        self.app
            .gate
            .seal()
            .map_err(|stop| anyhow::anyhow!("{stop:?}"))?;
        let history = patient.history().await?.expect(200)?;
        teller.step(self.history(&mut patient, &history).await);
        teller.step(self.withdraw(&mut patient, visit, doctor).await);
        self.family(teller).await
    }

    fn own_record(&self, reply: &Reply) -> Told {
        let text = reply.text();
        let items = reply
            .json()
            .get("items")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        ensure!(items > 0, "the portal shows nothing");
        for untold in &self.story.untold {
            ensure!(!text.contains(untold.as_str()), "the portal shows {untold}");
        }
        ensure!(
            !self.story.untold.is_empty(),
            "the story has no untold diagnosis"
        );
        told(
            format!("ご本人のページには{items}件が表示され、未告知の診断は表示されません。"),
            format!("the portal shows {items} items; the diagnosis flagged 未告知 is not there"),
        )
    }

    async fn history(&self, patient: &mut Patient, reply: &Reply) -> Told {
        let json = reply.json();
        let lines = json
            .get("lines")
            .and_then(Value::as_array)
            .context("no lines")?;
        let clinic = &self.town.clinic.name;
        let by_clinic = lines
            .iter()
            .filter(|l| l.get("facility").and_then(Value::as_str) == Some(clinic))
            .count();
        ensure!(
            by_clinic >= 5,
            "the clinic's looks are missing: {by_clinic}"
        );
        let mut proven = 0;
        for line in lines {
            let seq = line
                .get("seq")
                .and_then(Value::as_u64)
                .context("no number")?;
            let proof = patient.proof(seq).await?.expect(200)?.json();
            // What is newer than the last seal says so: the looks at the history itself.
            if proof.get("sealed").and_then(Value::as_bool) == Some(true) {
                ensure!(
                    verify_proof(&proof),
                    "the proof of record {seq} does not hold"
                );
                proven += 1;
            }
        }
        ensure!(proven >= by_clinic, "only {proven} records have a proof");
        told(
            format!(
                "閲覧の履歴は{}行。いつ・どこで・だれが・何のために見たかが並び、封印された{proven}件の証明をすべて確かめました。",
                lines.len()
            ),
            format!(
                "{} lines of who looked, when and why; the proofs of {proven} sealed records all hold",
                lines.len()
            ),
        )
    }

    async fn withdraw(&self, patient: &mut Patient, visit: &str, doctor: &mut Browser) -> Told {
        let browser = patient.browser();
        let page = browser.get("/portal/consents").await?.expect(200)?;
        let fields = [("facility", self.town.clinic.id.to_hex())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let reply = browser
            .submit(&page, "/portal/consents/withdraw", &fields)
            .await?;
        ensure!(
            reply.status == 303,
            "the withdrawal was answered {}",
            reply.status
        );
        let reply = doctor
            .json(&format!("/api/v1/visits/{visit}/summary"))
            .await?;
        refused(
            &reply,
            "TSK-CNS-003",
            "患者さんが同意を取り消したあとの閲覧",
            "a look after the patient's withdrawal",
        )
    }
}
