//! At the clinic: the card, the patient's choice, what the doctor sees.

use access::consent::Category;
use anyhow::{Context, bail, ensure};
use peers::{
    browser::Browser,
    card_terminal::{CardTerminal, Signed},
    http::Reply,
};
use serde_json::Value;
use signing::{
    reader::CardError,
    vcard::{Content, Profile, VirtualCard},
};
use testkit::seed;

use super::{Journey, Teller, Told, refused, told};
use crate::{
    program::test_crls,
    town::{DAY_DOCTOR, NIGHT_DOCTOR, PASSWORD, PATIENT_CARD},
};

impl Journey<'_> {
    pub(super) fn virtual_card(&self, number: u64) -> anyhow::Result<VirtualCard> {
        let patient = &self.story.patient;
        let holder = signing::testpki::Holder {
            name: patient.name.full(),
            sex: patient.sex.code().chars().next().unwrap_or('9'),
            birth: patient.birth,
            address: patient.address.line(),
        };
        let validity = seed::card_validity(self.app.gate.now());
        let content = Content::for_person(self.pki, Profile::Card, number, holder, validity)?;
        Ok(VirtualCard::new(self.pki, Profile::Card, &content))
    }

    fn terminal(&self) -> anyhow::Result<CardTerminal> {
        let code = &self.town.clinic.code;
        Ok(CardTerminal::new(
            self.clinic()?,
            self.base,
            code,
            "reader-1",
        ))
    }

    pub(super) async fn card(&self, teller: &mut Teller) -> anyhow::Result<String> {
        let terminal = self.terminal()?;
        let mut card = self.virtual_card(PATIENT_CARD)?;
        let answer = match terminal.sign(&mut card, "1234").await? {
            Signed::Ready(answer) => answer,
            Signed::Refused(reply) => bail!("no challenge: {}", reply.text()),
        };
        let reply = terminal.answer(&answer, "pin").await?.expect(200)?;
        let json = reply.json();
        let visit = reply.word("/visit").context("no visit")?;
        teller.step(self.eligibility(&json));
        let again = terminal.answer(&answer, "pin").await?;
        teller.step(refused(
            &again,
            "TSK-ACC-021",
            "同じ署名の再利用",
            "the same signature again",
        ));
        teller.step(self.wrong_pin(&terminal).await);
        let mut revoked = self.virtual_card(crate::program::REVOKED_CARD)?;
        let reply = terminal.present(&mut revoked, "1234").await?;
        teller.step(match reply.status {
            200..=299 => Err(anyhow::anyhow!("a revoked card was taken")),
            _ => told(
                format!(
                    "失効したカードは、理由を示して断りました({})。",
                    reply.code().unwrap_or_default()
                ),
                format!(
                    "a revoked card was refused with its reason ({})",
                    reply.code().unwrap_or_default()
                ),
            ),
        });
        Ok(visit)
    }

    fn eligibility(&self, json: &Value) -> Told {
        let word = |key: &str| json.get(key).and_then(Value::as_str).unwrap_or_default();
        ensure!(
            word("name") == self.story.patient.name.full(),
            "another person came out"
        );
        let copay = json
            .get("copay_tenths")
            .and_then(Value::as_u64)
            .context("no copay")?;
        let reasons: Vec<&str> = json
            .get("reasons")
            .and_then(Value::as_array)
            .map(|all| all.iter().filter_map(|r| r.get("code")?.as_str()).collect())
            .unwrap_or_default();
        let reasons = reasons.join("・");
        told(
            format!(
                "証明書の経路・ポリシー・期限・失効と署名を確認し、資格を返しました: {} {}・{}・枝番{}、{copay}割、限度額区分{}、理由{reasons}。",
                word("insurer_name"),
                word("symbol"),
                word("number"),
                word("branch"),
                word("ceiling_class"),
            ),
            format!(
                "certificate path, policy, dates, revocation and signature checked; eligibility: insurer {}, {} {} branch {}, copay {copay}0%, ceiling class {}, reasons {reasons}",
                word("insurer_number"),
                word("symbol"),
                word("number"),
                word("branch"),
                word("ceiling_class"),
            ),
        )
    }

    async fn wrong_pin(&self, terminal: &CardTerminal) -> Told {
        let mut card = self.virtual_card(PATIENT_CARD)?;
        match terminal.sign(&mut card, "9999").await {
            Ok(_) => bail!("the card signed with a wrong PIN"),
            Err(error) => match error.downcast_ref::<CardError>() {
                Some(CardError::PinWrong { tries_left }) => told(
                    format!("暗証番号を間違えると、カードは署名しません(残り{tries_left}回)。"),
                    format!("with a wrong PIN the card does not sign ({tries_left} tries left)"),
                ),
                _ => Err(error),
            },
        }
    }

    pub(super) async fn log_in(&self, login: &str) -> anyhow::Result<Browser> {
        let mut browser = Browser::new(self.base)?;
        let unix = u64::try_from(self.app.gate.now().seconds())?;
        let reply = browser
            .log_in(login, PASSWORD, &seed::totp_secret(login), unix)
            .await?;
        ensure!(
            reply.status == 303,
            "the log-in of {login} was answered {}",
            reply.status
        );
        Ok(browser)
    }

    pub(super) async fn consent(
        &self,
        teller: &mut Teller,
        visit: &str,
    ) -> anyhow::Result<Browser> {
        let mut doctor = self.log_in(DAY_DOCTOR).await?;
        let summary = format!("/api/v1/visits/{visit}/summary");
        let page = format!("/visits/{visit}/record");
        let reply = doctor.json(&summary).await?;
        teller.step(refused(
            &reply,
            "TSK-CNS-001",
            "同意の前の閲覧",
            "a look before consent",
        ));
        let terminal = self.terminal()?;
        let some = ["contraindications", "allergies", "laboratory"];
        terminal.choose(visit, &some).await?.expect(201)?;
        let reply = doctor.json(&summary).await?.expect(200)?;
        teller.step(self.sees(&reply, &some));
        let all = Category::ALL.map(Category::word);
        terminal.choose(visit, &all).await?.expect(201)?;
        let reply = doctor.json(&summary).await?.expect(200)?;
        teller.step(self.sees(&reply, &all));
        let html = doctor.get(&page).await?.expect(200)?.text();
        teller.step(self.page(&html));
        teller.step(self.after_a_day(visit).await);
        Ok(doctor)
    }

    /// Exactly the consented categories, as far as something is registered.
    fn sees(&self, reply: &Reply, wanted: &[&str]) -> Told {
        let json = reply.json();
        let items = json
            .get("items")
            .and_then(Value::as_array)
            .context("no items")?;
        let mut seen: Vec<&str> = items
            .iter()
            .filter_map(|item| item.get("category")?.as_str())
            .collect();
        seen.sort_unstable();
        seen.dedup();
        ensure!(
            seen.iter().all(|c| wanted.contains(c)),
            "seen without consent: {seen:?}"
        );
        ensure!(!seen.is_empty(), "nothing was seen");
        let has_provenance = items.iter().all(|item| {
            item.get("facility")
                .and_then(Value::as_str)
                .is_some_and(|f| !f.is_empty())
        });
        ensure!(has_provenance, "an item without provenance");
        let names: Vec<&str> = Category::ALL
            .iter()
            .filter(|c| seen.contains(&c.word()))
            .map(|c| c.ja())
            .collect();
        told(
            format!(
                "医師には同意のある区分だけ、{}件が登録元とともに見えました: {}。",
                items.len(),
                names.join("・")
            ),
            format!(
                "the doctor saw {} items with their provenance, of the consented categories only: {}",
                items.len(),
                seen.join(", ")
            ),
        )
    }

    fn page(&self, html: &str) -> Told {
        let name = self.story.patient.name.full();
        ensure!(html.contains(&name), "the page does not show the patient");
        for untold in &self.story.untold {
            ensure!(
                html.contains(untold.as_str()),
                "the doctor's page lacks {untold}"
            );
        }
        ensure!(
            html.contains("未告知"),
            "the doctor's page does not mark 未告知"
        );
        told(
            format!(
                "医師の画面では、患者さんに未告知の診断({})に印が付いています。",
                self.story.untold.join("・")
            ),
            "on the doctor's page the diagnosis that the patient has not been told of is marked"
                .to_owned(),
        )
    }

    /// The clock goes a day and an hour ahead, and back again.
    async fn after_a_day(&self, visit: &str) -> Told {
        self.clock.shift_hours(25);
        self.app
            .trust
            .renew(test_crls(self.pki, self.app.gate.now())?);
        let outcome = self.look_late(visit).await;
        self.clock.shift_hours(-25);
        self.app
            .trust
            .renew(test_crls(self.pki, self.app.gate.now())?);
        refused(
            &outcome?,
            "TSK-CNS-002",
            "25時間後の閲覧(時計を進めて確認)",
            "a look 25 hours later (clock moved)",
        )
    }

    async fn look_late(&self, visit: &str) -> anyhow::Result<Reply> {
        let mut doctor = self.log_in(NIGHT_DOCTOR).await?;
        doctor
            .json(&format!("/api/v1/visits/{visit}/summary"))
            .await
    }
}
