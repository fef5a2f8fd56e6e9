//! A referral letter: sent with the patient's oral consent, opened, answered, and in her history.

use anyhow::{Context, ensure};
use fhir::clins::{MemberId, MemberKind};
use kernel::id::DocumentId;
use letters::letter::{Addressee, DEPARTMENTS, Letter, Part, Patient as About, Writer};
use peers::{http::Reply, patient::Patient};
use registry::model::Sex;
use testkit::population::clins::{Author, letters::Paper, member_id};

use super::{Journey, Teller, Told, told};
use crate::town::{LETTER_DOCTOR, PATIENT_CARD};

/// What the clinic answers.
const ANSWER: &str = "診察しました。当院で経過をみて、結果をあらためてお知らせいたします。";

impl Journey<'_> {
    /// The letter's whole way; it, and the clinic's own that waits for a consent.
    pub(super) async fn letters(&self, teller: &mut Teller) -> anyhow::Result<(String, String)> {
        let letter = self.send_letter().await?;
        let mut doctor = self.log_in(LETTER_DOCTOR).await?;
        let page = format!("/letters/{letter}");
        let list = doctor.get("/letters").await?.expect(200)?;
        teller.step(arrived(&list, &letter));
        let closed = doctor.get(&page).await?.expect(200)?;
        let open = format!("{page}/open");
        doctor.submit(&closed, &open, &[]).await?.expect(303)?;
        let read = doctor.get(&page).await?.expect(200)?;
        teller.step(read_well(&read));
        let answer = [("how", "reply"), ("text", ANSWER)];
        let action = format!("{page}/answer");
        let form = doctor.get(&action).await?.expect(200)?;
        doctor.submit(&form, &action, &answer).await?.expect(303)?;
        teller.step(self.closed(&letter).await);
        teller.step(self.in_her_history().await);
        Ok((letter, self.write_back().await?))
    }

    /// The clinic asks the hospital for an examination; the patient has yet to consent.
    async fn write_back(&self) -> anyhow::Result<String> {
        let draft = DocumentId::from_bytes([7; 16]);
        let purpose = "心エコー検査をお願いいたします。";
        let letter = self.own_letter(draft, purpose, DEPARTMENTS.get(1).copied())?;
        let reply = self
            .clinic()?
            .register(&letters::letter::bundle(&letter))
            .await?;
        place_of(&reply.expect(201)?)
    }

    /// A letter of the clinic's to the hospital.
    pub(super) fn own_letter(
        &self,
        draft: DocumentId,
        purpose: &str,
        department: Option<(&'static str, &'static str)>,
    ) -> anyhow::Result<Letter> {
        let person = &self.story.patient;
        let coverage = person
            .coverage_last()
            .context("the patient is not insured")?;
        let member = MemberId::parse(MemberKind::Insurance, &member_id(coverage));
        let [clinic, hospital] = [&self.town.clinic, &self.town.hospital];
        Ok(Letter {
            draft,
            at: self.app.gate.now(),
            from: Writer {
                code: clinic.code.clone(),
                name: clinic.name.clone(),
                doctor: "診療所 花子".to_owned(),
            },
            to: Addressee {
                code: hospital.code.clone(),
                name: hospital.name.clone(),
                department,
                doctor: String::new(),
            },
            patient: About {
                member: member.context("no member identifier")?,
                name: format!("{} {}", person.name.family, person.name.given),
                kana: format!("{} {}", person.name.family_kana, person.name.given_kana),
                birth: person.birth,
                sex: Sex::Female,
                post_code: person.address.post_code.replace('-', ""),
                address: person.address.line(),
            },
            purpose: purpose.to_owned(),
            problems: "労作時の息切れ".to_owned(),
            illness: "2週間前から、階段で息切れがあります。安静時の症状はありません。".to_owned(),
            parts: vec![(
                Part::Plan,
                "検査の後は、当院で継続して診療いたします。".to_owned(),
            )],
            allergies: Vec::new(),
            files: Vec::new(),
        })
    }

    async fn send_letter(&self) -> anyhow::Result<String> {
        let author = Author::of(&self.story.hospital).context("the hospital has no doctor")?;
        let now = self.app.gate.now();
        let paper = Paper {
            life: &self.story.patient,
            author,
            serial: "demo-referral-1",
            version: "1",
            sent: now,
        };
        let clinic = &self.town.clinic;
        let document = paper.referral((&clinic.code, &clinic.name), &[]);
        let document = serde_json::to_vec(&document.context("the patient is not insured")?)?;
        let path = format!("/fhir/Bundle/$register?consent={now}");
        let kind = "application/fhir+json";
        let hospital = self.hospital()?;
        let sent = hospital.post(&path, kind, &document).await?.expect(201)?;
        place_of(&sent)
    }

    /// The hospital sees receipt and answer.
    async fn closed(&self, letter: &str) -> Told {
        let path = format!("/api/v1/letters/sent/{letter}");
        let reply = self.hospital()?.get(&path).await?.expect(200)?.text();
        ensure!(reply.contains(ANSWER), "the sender lacks the answer");
        told(
            "病院に「開封」と返事が届き、紹介のやりとりが閉じました。",
            "the hospital has the receipt and the answer: the loop is closed",
        )
    }

    async fn in_her_history(&self) -> Told {
        let mut patient = Patient::new(self.base, self.base)?;
        let mut card = self.virtual_card(PATIENT_CARD)?;
        patient
            .log_in(&mut card, "1234", "pin")
            .await?
            .expect(201)?;
        let history = patient.history().await?.expect(200)?.text();
        for event in ["letter-desk.open", "letter-desk.read", "letter-desk.answer"] {
            ensure!(history.contains(event), "her history lacks {event}");
        }
        told(
            "患者さんの履歴に、だれが紹介状を開き、読み、返事をしたかが残りました。",
            "the patient's history says who opened, read and answered the letter",
        )
    }
}

/// The letter that an answer to a registration names.
pub(super) fn place_of(reply: &Reply) -> anyhow::Result<String> {
    let place = reply.location().context("the answer names no letter")?;
    Ok(place.rsplit('/').next().unwrap_or_default().to_owned())
}

fn arrived(list: &Reply, letter: &str) -> Told {
    ensure!(list.text().contains(letter), "the letter did not arrive");
    told(
        "病院が、患者さんの口頭の同意を添えて紹介状を送り、診療所に届きました。",
        "a hospital's referral letter, sent with the patient's oral consent, is in the clinic's inbox",
    )
}

fn read_well(read: &Reply) -> Told {
    let text = read.text();
    ensure!(text.contains("診療情報提供書"), "the letter cannot be read");
    ensure!(
        text.contains("SHA-256"),
        "the page does not say which bytes it shows"
    );
    told(
        "医師が紹介状を開くと、病院に開封の知らせが届きます。画面の下には元のデータのハッシュが付いています。",
        "the doctor opens it, which tells the hospital; the page carries the hash of the data that it shows",
    )
}
