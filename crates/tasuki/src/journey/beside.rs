//! What lies in the sandbox beside the journey, so that its pages can be seen in every state:
//! letters that nobody has opened or answered, checkups of three years, a care plan, entries
//! that were registered long ago, a result of another facility.

use anyhow::Context;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use kernel::id::DocumentId;
use letters::letter::DEPARTMENTS;
use peers::{patient::Patient, record_system::RecordSystem};
use serde_json::{Value, json};
use testkit::population::{
    Allergy, Condition, Criticality, FacilityKind, LabReport, Life,
    clins::{
        self, Author,
        letters::{File, Measured, Paper},
    },
    demo,
    tables::{ALLERGEN_LATEX, ASTHMA},
};

use super::{Journey, letters::place_of};
use crate::town::PATIENT_CARD;

/// A strip of an electrocardiogram, drawn by us.
static STRIP: &[u8] = include_bytes!("strip.png");
const HOURS_OF_DAY: i64 = 24;
const DAYS_OF_YEAR: i64 = 365;
const ANSWER: &str = "拝見しました。心エコーでは、壁の動きも弁の働きも保たれていました。\n息切れの原因になる所見はありません。貴院での経過観察をお願いいたします。";
const PLAN: &str =
    "塩分は1日6g未満にします。\n毎日30分ほど歩きます。\n家で朝と夜に血圧をはかり、手帳に書きます。";

/// The documents, by their identifiers in addresses.
pub struct Beside {
    /// At the clinic, not opened: with a discharge summary and a picture.
    pub unopened: String,
    /// At the clinic, opened and not answered, with the same.
    pub opened: String,
    /// The summary that lies in it.
    pub summary: String,
    /// The clinic's own, which the hospital has not opened in four days.
    pub overdue: String,
    /// The clinic's own, answered.
    pub answered: String,
    /// The newest of three checkup reports.
    pub checkup: String,
    /// A care plan.
    pub plan: String,
    /// A document for the validator's page, and the same with mistakes.
    pub good: String,
    /// See `good`.
    pub wrong: String,
}

/// Items of a checkup: code, name, units, range, and the results of three years.
type Row = (
    &'static str,
    &'static str,
    (&'static str, &'static str),
    Option<(&'static str, &'static str)>,
    [(&'static str, &'static str); YEARS],
);
const YEARS: usize = 3;
const U_L: (&str, &str) = ("U/L", "U/L");
const MG_DL: (&str, &str) = ("mg/dL", "mg/dL");
const MM_HG: (&str, &str) = ("mmHg", "mm[Hg]");

/// Source of the codes: the item table of the specific health checkups (JLAC10, 17 digits).
static CHECKUPS: [Row; 9] = [
    (
        "9N006000000000001",
        "体重",
        ("kg", "kg"),
        None,
        [("53.8", ""), ("54.6", ""), ("55.9", "")],
    ),
    (
        "9N011000000000001",
        "BMI",
        ("kg/m2", "kg/m2"),
        Some(("18.5", "24.9")),
        [("21.6", "N"), ("21.9", "N"), ("22.4", "N")],
    ),
    (
        "9A751000000000001",
        "収縮期血圧(1回目)",
        MM_HG,
        Some(("90", "129")),
        [("126", "N"), ("134", "H"), ("142", "H")],
    ),
    (
        "9A761000000000001",
        "拡張期血圧(1回目)",
        MM_HG,
        Some(("50", "84")),
        [("78", "N"), ("82", "N"), ("86", "H")],
    ),
    (
        "3F070000002327101",
        "HDLコレステロール",
        MG_DL,
        Some(("40", "96")),
        [("52", "N"), ("53", "N"), ("48", "N")],
    ),
    (
        "3F077000002327101",
        "LDLコレステロール",
        MG_DL,
        Some(("70", "119")),
        [("104", "N"), ("112", "N"), ("121", "H")],
    ),
    (
        "3B035000002327201",
        "AST(GOT)",
        U_L,
        Some(("13", "30")),
        [("22", "N"), ("21", "N"), ("24", "N")],
    ),
    (
        "3B090000002327101",
        "γ-GT(γ-GTP)",
        U_L,
        Some(("9", "32")),
        [("24", "N"), ("25", "N"), ("31", "N")],
    ),
    (
        "3D046000001906202",
        "HbA1c(NGSP値)",
        ("%", "%"),
        Some(("4.6", "5.5")),
        [("5.4", "N"), ("5.6", "H"), ("5.9", "H")],
    ),
];

impl Journey<'_> {
    /// Leaves it, as if years had gone by; the clock stands where it stood.
    ///
    /// # Errors
    /// When something of it is refused.
    pub async fn beside(&self) -> anyhow::Result<Beside> {
        self.long_ago().await?;
        let mut checkup = String::new();
        for (nth, back) in (0..YEARS).zip((0_i64..3).rev()) {
            self.back(back * DAYS_OF_YEAR * HOURS_OF_DAY);
            checkup = self.checkup(nth).await?;
        }
        let (unopened, _) = self.with_summary("demo-referral-2").await?;
        let (opened, summary) = self.with_summary("demo-referral-3").await?;
        let good = self.for_the_validator()?;
        let beside = Beside {
            unopened,
            opened,
            summary,
            overdue: self.asked_four_days_ago().await?,
            answered: self.asked_and_answered().await?,
            checkup,
            plan: self.care_plan().await?,
            wrong: with_mistakes(&good),
            good,
        };
        self.hide_one().await?;
        let clinic = self.clinic()?;
        let open = format!("inbox/{}/open", beside.opened);
        tell(&clinic, &open, &json!({})).await?;
        if let Some(result) = self.result_of_the_clinic() {
            clinic.register(&result).await?.expect(201)?;
        }
        Ok(beside)
    }

    /// Sets the clock so many hours back from the system's.
    fn back(&self, hours: i64) {
        self.clock.reset();
        self.clock.shift_hours(-hours);
    }

    /// Three years ago the hospital registered what nobody has asked about since.
    async fn long_ago(&self) -> anyhow::Result<()> {
        self.back(3 * DAYS_OF_YEAR * HOURS_OF_DAY);
        let now = self.app.gate.now();
        let on = now.jst_date();
        let old = Life {
            patient_number: "90009001".to_owned(),
            conditions: vec![Condition {
                disease: &ASTHMA,
                onset: on.plus_days(-40),
                abatement: None,
                recorded: on,
                main: false,
                uninformed: false,
                undelivered: false,
                long_term: false,
            }],
            allergies: vec![Allergy {
                allergen: &ALLERGEN_LATEX,
                onset: on.plus_days(-40),
                recorded: on,
                criticality: Criticality::High,
                reaction: "手袋の着用後に、じんましん",
                long_term: false,
            }],
            ..self.story.patient.clone()
        };
        let author = self.author()?;
        let bundles = [
            clins::conditions(&old, &author, now),
            clins::allergies(&old, &author, now),
        ];
        let hospital = self.hospital()?;
        for bundle in bundles.into_iter().flatten() {
            hospital.register(&bundle.json).await?.expect(201)?;
        }
        self.clock.reset();
        Ok(())
    }

    fn author(&self) -> anyhow::Result<Author<'_>> {
        Author::of(&self.story.hospital).context("the hospital has no doctor")
    }

    /// The hospital registers a document of hers; where it lies.
    async fn filed(
        &self,
        serial: &str,
        query: &str,
        write: impl FnOnce(&Paper<'_>) -> Option<Value>,
    ) -> anyhow::Result<String> {
        let paper = Paper {
            life: &self.story.patient,
            author: self.author()?,
            serial,
            version: "1",
            sent: self.app.gate.now(),
        };
        let document = write(&paper).context("the patient is not insured")?;
        let path = format!("/fhir/Bundle/$register{query}");
        let (kind, document) = ("application/fhir+json", serde_json::to_vec(&document)?);
        let reply = self.hospital()?.post(&path, kind, &document).await?;
        place_of(&reply.expect(201)?)
    }

    async fn checkup(&self, nth: usize) -> anyhow::Result<String> {
        let results: Vec<Measured<'_>> = CHECKUPS
            .iter()
            .filter_map(|(code, name, unit, range, years)| {
                let (value, judged) = years.get(nth).copied()?;
                Some(Measured {
                    code,
                    name,
                    value,
                    unit: *unit,
                    judged: range.map(|(low, high)| (low, high, judged)),
                })
            })
            .collect();
        let serial = format!("demo-checkup-{nth}");
        self.filed(&serial, "", |paper| paper.checkup_of(&results))
            .await
    }

    async fn care_plan(&self) -> anyhow::Result<String> {
        self.filed("demo-plan-1", "", |paper| paper.plan(PLAN))
            .await
    }

    /// A letter to the clinic with a picture and a discharge summary, and that summary.
    async fn with_summary(&self, serial: &str) -> anyhow::Result<(String, String)> {
        let name = format!("{serial}-summary");
        let summary = self.filed(&name, "", |paper| paper.discharge()).await?;
        let strip = BASE64_STANDARD.encode(STRIP);
        let files = [File {
            content_type: "image/png",
            title: "心電図",
            base64: &strip,
        }];
        let to = (
            self.town.clinic.code.as_str(),
            self.town.clinic.name.as_str(),
        );
        let query = format!("?consent={}", self.app.gate.now());
        let write = |paper: &Paper<'_>| paper.referral(to, &files);
        let letter = self.filed(serial, &query, write).await?;
        let value = format!("{}^2026^{name}", self.town.hospital.code);
        let coverage = self.story.patient.coverage_last();
        let named = json!({
            "member": coverage.map(clins::member_id),
            "system": "http://jpfhir.jp/fhir/clins/bundle-identifier",
            "value": value,
        });
        let enclose = format!("sent/{letter}/enclose");
        tell(&self.hospital()?, &enclose, &named).await?;
        Ok((letter, summary))
    }

    async fn asked_four_days_ago(&self) -> anyhow::Result<String> {
        self.back(4 * HOURS_OF_DAY);
        let letter = self
            .ask("睡眠中の無呼吸の検査をお願いいたします。", [8; 16])
            .await?;
        self.clock.reset();
        Ok(letter)
    }

    async fn asked_and_answered(&self) -> anyhow::Result<String> {
        let letter = self
            .ask("心エコー検査をお願いいたします。", [9; 16])
            .await?;
        let hospital = self.hospital()?;
        tell(&hospital, &format!("inbox/{letter}/open"), &json!({})).await?;
        let words = json!({ "kind": "replied", "text": ANSWER });
        tell(&hospital, &format!("inbox/{letter}/answer"), &words).await?;
        Ok(letter)
    }

    /// The clinic asks the hospital, with the patient's oral consent.
    async fn ask(&self, purpose: &str, draft: [u8; 16]) -> anyhow::Result<String> {
        let draft = DocumentId::from_bytes(draft);
        let letter = self.own_letter(draft, purpose, DEPARTMENTS.get(1).copied())?;
        let path = format!("/fhir/Bundle/$register?consent={}", self.app.gate.now());
        let kind = "application/fhir+json";
        let document = letters::letter::bundle(&letter);
        let reply = self.clinic()?.post(&path, kind, &document).await?;
        place_of(&reply.expect(201)?)
    }

    fn for_the_validator(&self) -> anyhow::Result<String> {
        let draft = DocumentId::from_bytes([10; 16]);
        let letter = self.own_letter(draft, "精査をお願いいたします。", None)?;
        Ok(String::from_utf8(letters::letter::bundle(&letter))?)
    }

    /// The patient keeps one of her diagnoses to herself.
    async fn hide_one(&self) -> anyhow::Result<()> {
        let mut patient = Patient::new(self.base, self.base)?;
        let mut card = self.virtual_card(PATIENT_CARD)?;
        let logged = patient.log_in(&mut card, "1234", "pin").await?;
        logged.expect(201)?;
        let browser = patient.browser();
        let page = browser.get("/portal/record").await?.expect(200)?;
        let text = page.text();
        let entry = text
            .split_once("id=\"infections\"")
            .and_then(|(before, _)| before.rsplit_once("name=\"entry\" value=\""))
            .and_then(|(_, rest)| rest.split_once('"'))
            .map(|(entry, _)| entry)
            .context("she has no diagnosis that could be hidden")?;
        let fields = [("entry", entry), ("part", "entry")];
        let hidden = browser
            .submit(&page, "/portal/record/hide", &fields)
            .await?;
        hidden.expect(303).map(drop)
    }

    /// A result of today, as the clinic measured it.
    fn result_of_the_clinic(&self) -> Option<Vec<u8>> {
        let clinic = demo::facilities()
            .into_iter()
            .find(|one| one.kind == FacilityKind::Clinic)?;
        let author = Author::of(&clinic)?;
        let now = self.app.gate.now();
        let report = self.story.patient.reports.last()?;
        let report = LabReport {
            collected: now.plus_seconds(-7_200),
            issued: now.plus_seconds(-600),
            ..report.clone()
        };
        let bundle = clins::lab_report(&self.story.patient, &author, &report)?;
        Some(bundle.json)
    }
}

/// The same document as a system writes it that has the rules wrong in four places.
fn with_mistakes(good: &str) -> String {
    let mistakes = [
        ("\"final\"", "\"finished\""),
        ("\"female\"", "\"F\""),
        ("\"versionNumber\"", "\"version\""),
        ("57133-1", "57133-9"),
    ];
    let mut wrong = good.to_owned();
    for (right, mistake) in mistakes {
        wrong = wrong.replacen(right, mistake, 1);
    }
    wrong
}

/// Does something to a letter.
async fn tell(system: &RecordSystem, path: &str, body: &Value) -> anyhow::Result<()> {
    let path = format!("/api/v1/letters/{path}");
    let body = serde_json::to_vec(body)?;
    let reply = system.post(&path, "application/json", &body).await?;
    reply.expect(200).map(drop)
}
