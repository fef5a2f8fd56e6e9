//! One patient's journey, told step by step, each step checked over real HTTP.

mod beside;
mod clinic;
mod counter;
mod family;
mod letters;
mod portal;

use std::{io::Write as _, sync::Arc};

use anyhow::{Context, bail, ensure};
use kernel::time::{Clock, Timestamp};
use peers::{http::Reply, oauth::Credentials, record_system::RecordSystem};
use signing::testpki::TestPki;
use web::App;

pub use beside::Beside;

use crate::{
    program::{self, DemoClock},
    storage::Storage,
    story::Story,
    town::Town,
};

/// The language in which the journey is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
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
            let line = if self.lang == Lang::Ja { ja } else { en };
            // Whoever reads no further has seen enough; the exit status still says how it ended.
            let _closed = writeln!(std::io::stdout(), "{line}");
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
    /// Where data and keys are.
    pub storage: &'a Storage,
}

/// What the journey leaves behind, for whoever looks at its pages.
pub struct Left {
    /// The patient's visit at the clinic.
    pub visit: String,
    /// The letter that the clinic got, which is one of the patient's documents too.
    pub letter: String,
    /// The clinic's own letter, which waits for the patient's consent.
    pub sent: String,
}

/// The clock on the wall of the demonstration, the same for everybody in it.
struct Wall(Arc<App>);

impl Clock for Wall {
    fn now(&self) -> Timestamp {
        self.0.gate.now()
    }
}

type Told = anyhow::Result<(String, String)>;

fn told(ja: impl Into<String>, en: impl Into<String>) -> Told {
    Ok((ja.into(), en.into()))
}

impl Journey<'_> {
    /// Goes the whole way; what it leaves behind.
    ///
    /// # Errors
    /// When a step fails without which the next cannot begin.
    pub async fn go(&self, teller: &mut Teller) -> anyhow::Result<Left> {
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
        self.troubles(teller).await;
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
        teller.say(
            "5. 病院が紹介状を送り、診療所が返事をします。",
            "5. The hospital sends a referral letter, and the clinic answers it.",
        );
        let (letter, sent) = self.letters(teller).await?;
        teller.say("6. 監査証跡を検証します。", "6. The audit log is verified.");
        teller.step(self.verify());
        teller.step(self.verify_edited());
        Ok(Left {
            visit,
            letter,
            sent,
        })
    }

    fn hospital(&self) -> anyhow::Result<RecordSystem> {
        self.system(&self.town.hospital_system)
    }

    fn clinic(&self) -> anyhow::Result<RecordSystem> {
        self.system(&self.town.clinic_system)
    }

    /// A record system that gets its tokens by its own key, over the wire.
    fn system(&self, credentials: &Credentials) -> anyhow::Result<RecordSystem> {
        let clock = Arc::new(Wall(Arc::clone(self.app)));
        RecordSystem::of_client(self.base, credentials.clone(), clock)
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
        let (ja, en) = match self.story.wrong.len() {
            0 => (String::new(), String::new()),
            n => (
                format!("公表されているエラー例{n}件も拒否しました。"),
                format!("; published error examples refused: {n}"),
            ),
        };
        told(
            format!(
                "規則に合わない文書は全体を受け付けず、場所({place})と直し方を返しました。{ja}"
            ),
            format!(
                "a broken document was refused whole, with the place ({place}) and the remedy{en}"
            ),
        )
    }

    fn verify(&self) -> Told {
        let report = self
            .storage
            .with_link(|link| {
                Ok(store::verify::verify_link(
                    link,
                    &store::verify::Trust::default(),
                    &mut |_| {},
                )?)
            })?
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
        let copy = self.storage.data.with_extension("copy");
        std::fs::create_dir_all(&copy)?;
        let schemas = program::all_schemas();
        self.storage.with_link(|link| {
            let mut to = store::link::Link::embedded(&copy.join(store::engine::DATABASE))?;
            Ok(store::dump::transfer(link, &mut to, &schemas).map(drop)?)
        })?;
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
