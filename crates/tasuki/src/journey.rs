//! One patient's journey, told step by step, each step checked over real HTTP.

use std::{path::Path, sync::Arc};

use access::consent::Category;
use anyhow::{Context, bail, ensure};
use peers::{
    browser::Browser,
    card_terminal::{CardTerminal, Signed},
    http::Reply,
    patient::Patient,
    proof::verify_proof,
    record_system::RecordSystem,
};
use serde_json::Value;
use signing::{
    reader::CardError,
    testpki::TestPki,
    vcard::{Content, Profile, VirtualCard},
};
use testkit::seed;
use web::App;

use crate::{
    program::{DemoClock, test_crls},
    story::Story,
    town::{DAY_DOCTOR, NIGHT_DOCTOR, PASSWORD, PATIENT_CARD, Town},
};

/// The language in which the journey is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// Japanese.
    Ja,
    /// English.
    En,
}

/// Tells what happened; counts what did not hold.
pub struct Teller {
    lang: Lang,
    silent: bool,
    failed: usize,
}

impl Teller {
    /// A teller in a language; a silent one only counts.
    #[must_use]
    pub const fn new(lang: Lang, silent: bool) -> Self {
        Self {
            lang,
            silent,
            failed: 0,
        }
    }

    /// One line.
    pub fn say(&self, ja: &str, en: &str) {
        if !self.silent {
            println!("{}", if self.lang == Lang::Ja { ja } else { en });
        }
    }

    /// One step: told with ✓ when it held, with ✗ and the reason when it did not.
    pub fn step(&mut self, outcome: anyhow::Result<(String, String)>) {
        match outcome {
            Ok((ja, en)) => self.say(&format!("  ✓ {ja}"), &format!("  ✓ {en}")),
            Err(why) => {
                self.failed += 1;
                eprintln!("  ✗ {why:#}");
            }
        }
    }

    /// Did every step hold?
    #[must_use]
    pub const fn all_held(&self) -> bool {
        self.failed == 0
    }
}

/// What the journey goes through.
pub struct Journey<'a> {
    /// The program.
    pub app: &'a Arc<App>,
    /// Its address.
    pub base: &'a str,
    /// Its clock.
    pub clock: &'a DemoClock,
    /// The card maker.
    pub pki: &'a TestPki,
    /// The town.
    pub town: &'a Town,
    /// The story.
    pub story: &'a Story,
    /// The data folder.
    pub data: &'a Path,
}

type Told = anyhow::Result<(String, String)>;

fn told(ja: impl Into<String>, en: impl Into<String>) -> Told {
    Ok((ja.into(), en.into()))
}

impl Journey<'_> {
    /// Goes the whole way; the visit that it leaves behind.
    ///
    /// # Errors
    /// When a step fails without which the next cannot begin.
    pub async fn go(&self, teller: &mut Teller) -> anyhow::Result<String> {
        teller.say(
            "1. 病院の電子カルテが、患者さんの情報を登録します。",
            "1. A hospital's record system registers its patient's information.",
        );
        teller.step(self.register().await);
        teller.step(self.refuse_wrong().await);
        teller.say(
            "2. 患者さんが、はじめての診療所でマイナンバーカードを置きます。",
            "2. The patient puts her My Number card on the terminal of a clinic that has never seen her.",
        );
        let visit = self.card(teller).await?;
        teller.say(
            "3. 患者さんが、見せてもよい情報を選び、医師が確認します。",
            "3. The patient chooses what may be seen; the doctor looks.",
        );
        let mut doctor = self.consent(teller, &visit).await?;
        teller.say(
            "4. 患者さんが、ご本人のページで、自分の情報と「だれが見たか」を確認します。",
            "4. The patient opens the portal: her own data, and who looked.",
        );
        self.portal(teller, &visit, &mut doctor).await?;
        teller.say("5. 監査証跡を検証します。", "5. The audit log is verified.");
        teller.step(self.verify());
        teller.step(self.verify_edited());
        Ok(visit)
    }

    fn hospital(&self) -> anyhow::Result<RecordSystem> {
        RecordSystem::new(self.base, self.town.hospital_token.reveal())
    }

    fn clinic(&self) -> anyhow::Result<RecordSystem> {
        RecordSystem::new(self.base, self.town.clinic_token.reveal())
    }

    async fn register(&self) -> Told {
        let hospital = self.hospital()?;
        for document in &self.story.documents {
            hospital.register(document).await?.expect(201)?;
        }
        // The same document again replaces itself.
        let first = self.story.documents.first().context("no document")?;
        hospital.register(first).await?.expect(200)?;
        let count = self.story.documents.len();
        let (ja, en) = match self.story.published {
            0 => ("tasuki自作の文書".to_owned(), "written by us".to_owned()),
            n => (
                format!("うち公表されているJP-CLINSの例{n}件"),
                format!("{n} published JP-CLINS examples among them"),
            ),
        };
        told(
            format!(
                "{}がJP-CLINS文書を{count}件登録しました({ja})。R4の構造とJP-CLINSの規則を検査し、同じ文書の再送は差し替えになりました。",
                self.town.hospital.name
            ),
            format!(
                "{count} JP-CLINS Bundles registered ({en}): R4 structure and JP-CLINS rules checked; sending one again replaced it"
            ),
        )
    }

    /// A broken document is refused whole, with place and remedy.
    async fn refuse_wrong(&self) -> Told {
        let hospital = self.hospital()?;
        let first = self.story.documents.last().context("no document")?;
        let text = String::from_utf8(first.clone())?;
        let broken = text.replacen("\"collection\"", "\"batch\"", 1);
        let reply = hospital.register(broken.as_bytes()).await?.expect(422)?;
        let place = reply
            .word("/issue/1/expression/0")
            .context("the refusal names no place")?;
        for (name, bundle) in &self.story.wrong {
            let reply = hospital.register(bundle).await?;
            ensure!(reply.status == 422, "{name} was answered {}", reply.status);
        }
        let wrong = self.story.wrong.len();
        told(
            format!(
                "規則に合わない文書は全体を受け付けず、場所({place})と直し方を返しました。公表されているエラー例{wrong}件も拒否しました。"
            ),
            format!(
                "a broken document was refused whole, with the place ({place}) and the remedy; {wrong} published error examples were refused too"
            ),
        )
    }

    fn virtual_card(&self, number: u64) -> anyhow::Result<VirtualCard> {
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

    async fn card(&self, teller: &mut Teller) -> anyhow::Result<String> {
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

    async fn log_in(&self, login: &str) -> anyhow::Result<Browser> {
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

    async fn consent(&self, teller: &mut Teller, visit: &str) -> anyhow::Result<Browser> {
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

    async fn portal(
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
        Ok(())
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

    fn verify(&self) -> Told {
        let report = store::verify::verify(self.data, &mut |_| {})?
            .map_err(|fault| anyhow::anyhow!("{fault}"))?;
        told(
            format!(
                "監査証跡{}件がすべてつながり、封印{}個の署名も正しいことを確認しました(tasuki audit verify)。",
                report.records, report.seals
            ),
            format!(
                "tasuki audit verify: {} records are chained without a gap, {} seals hold",
                report.records, report.seals
            ),
        )
    }

    fn verify_edited(&self) -> Told {
        let copy = self.data.with_extension("copy");
        testkit::tamper::copy_folder(self.data, &copy)?;
        let (subject, seq) = testkit::tamper::edit_one_record(&copy)?;
        let outcome = store::verify::verify(&copy, &mut |_| {})?;
        std::fs::remove_dir_all(&copy)?;
        let Err(fault) = outcome else {
            bail!("the edited record was not found");
        };
        let named = fault.subject.map(|s| kernel::hex::encode(s.id()));
        ensure!(
            fault.seq == seq && named.as_deref() == Some(subject.as_str()),
            "another record was named: {fault}"
        );
        told(
            format!(
                "写しの1行をプログラムの外から書きかえると、検証がその行を名指ししました: {} seq={seq}。",
                fault.table
            ),
            format!(
                "after one row was edited behind the program's back in a copy, verify named it: {fault}"
            ),
        )
    }
}

/// A step that holds when the answer is this refusal.
fn refused(reply: &Reply, code: &str, ja: &str, en: &str) -> Told {
    let given = reply.code().unwrap_or_default();
    ensure!(
        given == code && (400..500).contains(&reply.status),
        "{en}: answered {} {given}, not {code}",
        reply.status
    );
    let cause = |key: &str| reply.word(key).unwrap_or_default();
    told(
        format!("{ja}は断りました({code} {})", cause("/cause_ja")),
        format!("{en} was refused ({code}: {})", cause("/cause_en")),
    )
}
