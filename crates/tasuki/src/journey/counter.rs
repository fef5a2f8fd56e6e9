//! What a counter is told when it does not go well: a check that fails with its next step, and
//! one that is answered provisionally because the insurer cannot be reached.

use anyhow::{Context, anyhow, ensure};
use kernel::{code::InsurerNumber, time::Timestamp};
use peers::record_system::Insured;
use registry::ops as people;
use serde_json::Value;
use store::caller::Event;
use testkit::population::Life;

use super::{Journey, Teller, Told, told};

static OUTAGE: Event = Event {
    code: "intake.outage",
    ja: "保険者の障害・停止のお知らせ",
    en: "outage of an insurer announced",
};

impl Journey<'_> {
    pub(super) async fn troubles(&self, teller: &mut Teller) {
        teller.step(self.wrong_branch().await);
        teller.step(self.provisional().await);
    }

    /// Somebody of the town who can be asked for by number: the published patient's insurer has
    /// a number of the example alone, without its check digit.
    fn insured(&self) -> anyhow::Result<(Life, [String; 4])> {
        let today = self.app.gate.now().jst_date();
        crate::town::family(self.story, today)
            .find_map(|(_, life)| {
                let coverage = life.coverage_on(today)?;
                let number = coverage.insurer.number.as_str();
                InsurerNumber::parse(number).ok()?;
                let asked = [
                    number.to_owned(),
                    coverage.symbol.as_str().to_owned(),
                    coverage.number.as_str().to_owned(),
                    coverage.branch.as_ref()?.as_str().to_owned(),
                ];
                Some((life, asked))
            })
            .context("nobody of the town has an insurer's number and a branch")
    }

    /// The branch number is a relative's.
    async fn wrong_branch(&self) -> Told {
        let (_, [insurer, symbol, number, _]) = self.insured()?;
        let asked = Insured {
            insurer_number: &insurer,
            symbol: &symbol,
            number: &number,
            branch: "98",
            ..Insured::default()
        };
        let reply = self.clinic()?.check_by_number(&asked).await?.expect(422)?;
        let code = reply.code().unwrap_or_default();
        let (cause, remedy) = (reply.word("/cause_ja"), reply.word("/remedy_ja"));
        let cause = cause.context("the refusal has no reason")?;
        let remedy = remedy.context("the refusal has no next step")?;
        ensure!(code == "TSK-ELG-002", "answered {code}");
        told(
            format!(
                "番号で確認: 枝番が違うときは、理由と次の手順を返します({code} {cause}{remedy})"
            ),
            format!("by number with a wrong branch: refused with reason and next step ({code})"),
        )
    }

    /// The insurer says that its systems are down: the answer is given and says so.
    async fn provisional(&self) -> Told {
        let (life, [insurer, symbol, number, branch]) = self.insured()?;
        let birth = life.birth.to_string();
        let asked = Insured {
            insurer_number: &insurer,
            symbol: &symbol,
            number: &number,
            branch: &branch,
            birth_date: &birth,
            ..Insured::default()
        };
        self.outage(&insurer, true)?;
        let reply = self.clinic()?.check_by_number(&asked).await;
        self.outage(&insurer, false)?;
        let json = reply?.expect(200)?.json();
        ensure!(
            json.get("provisional").and_then(Value::as_bool) == Some(true),
            "the answer is not marked as provisional"
        );
        let word = |path: &str| {
            let found = json.pointer(path).and_then(Value::as_str);
            found.unwrap_or_default().to_owned()
        };
        let (code, text) = (word("/reasons/0/code"), word("/reasons/0/ja"));
        ensure!(code == "ELG-R05", "the first reason is {code}");
        let as_of = Timestamp::parse(&word("/as_of")).context("the answer says no time")?;
        told(
            format!(
                "保険者のシステムが止まっている間は、{}時点の仮の回答をします({code} {text})",
                as_of.jst_japanese()
            ),
            format!(
                "while the insurer is down the answer is provisional, as of {} JST ({code})",
                as_of.jst_minute()
            ),
        )
    }

    fn outage(&self, number: &str, is_down: bool) -> anyhow::Result<()> {
        let number = InsurerNumber::from_register(number).map_err(|why| anyhow!("{why}"))?;
        let intent = self.app.gate.job_intent("demo", &OUTAGE);
        let done = self.app.gate.write(intent, move |call| {
            if let Some(mut insurer) = people::insurer(call, &number)? {
                insurer.down_since = is_down.then(|| call.at());
                people::put_insurer(call, &insurer)?;
            }
            Ok(())
        });
        done.wait().map_err(|stop| anyhow!("{stop:?}"))
    }
}
