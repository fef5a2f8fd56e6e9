//! A mother looks for her child: by her own card, and on the child's history.

use access::proxy::{self, Kind};
use anyhow::{Context, ensure};
use kernel::id::PersonId;
use peers::patient::Patient;
use serde_json::Value;
use testkit::{population::Life, seed};

use super::{Journey, Teller, Told, refused, told};
use crate::{
    proxies::{self, Asked},
    town,
};

impl Journey<'_> {
    pub(super) async fn family(&self, teller: &mut Teller) -> anyhow::Result<()> {
        let today = self.app.gate.now().jst_date();
        let family: Vec<(u64, Life)> = town::family(self.story, today).collect();
        let one = |given: &str| {
            let found = family
                .iter()
                .find(|(_, life)| life.name.family == "橘" && life.name.given == given);
            found.with_context(|| format!("{given} is not in the family"))
        };
        let (mother, child) = (one("美穂")?, one("葵")?);
        let (mother_id, child_id) = (self.person(&mother.1)?, self.person(&child.1)?);
        self.operator(&Asked::Register {
            person: child_id.to_hex(),
            proxy: mother_id.to_hex(),
            kind: Kind::Parent.word().to_owned(),
            scope: None,
            until: None,
            evidence: "戸籍全部事項証明書".to_owned(),
            by: "デモの運用担当".to_owned(),
        })?;
        let relation = self.relation(child_id)?;
        let mut at_home = self.logged_in(mother.0).await?;
        teller.step(self.acts(&mut at_home, &relation, mother, child).await);
        self.operator(&Asked::End {
            person: child_id.to_hex(),
            relation,
        })?;
        let reply = at_home.record().await?;
        teller.step(refused(
            &reply,
            access::errors::PROXY_ENDED.code,
            "代理が終わったあとの閲覧",
            "a look after the relation had ended",
        ));
        Ok(())
    }

    fn operator(&self, asked: &Asked) -> anyhow::Result<()> {
        proxies::perform(&self.app.gate, asked, &mut |_, _| {})
    }

    fn person(&self, life: &Life) -> anyhow::Result<PersonId> {
        let life = life.clone();
        let found = self.app.gate.look_up(move |call| seed::find(call, &life));
        let found = found.wait().map_err(|stop| anyhow::anyhow!("{stop:?}"))?;
        found.context("a member of the family is not in the register")
    }

    fn relation(&self, subject: PersonId) -> anyhow::Result<String> {
        let gate = &self.app.gate;
        let intent = gate.job_intent("operator", &seed::SET_UP);
        let found = gate.read(intent, move |call| proxy::relations(call, subject));
        let found = found.wait().map_err(|stop| anyhow::anyhow!("{stop:?}"))?;
        let (relation, _) = found.first().context("no relation")?;
        Ok(relation.id.to_hex())
    }

    async fn logged_in(&self, card: u64) -> anyhow::Result<Patient> {
        let mut patient = Patient::new(self.base, self.base)?;
        let mut card = self.virtual_card(card)?;
        patient
            .log_in(&mut card, "1234", "pin")
            .await?
            .expect(201)?;
        Ok(patient)
    }

    async fn acts(
        &self,
        at_home: &mut Patient,
        relation: &str,
        mother: &(u64, Life),
        child: &(u64, Life),
    ) -> Told {
        let browser = at_home.browser();
        let page = browser.get("/portal/family").await?.expect(200)?;
        let fields = [("relation", relation)];
        let reply = browser.submit(&page, "/portal/family/act", &fields).await?;
        ensure!(reply.status == 303, "acting was answered {}", reply.status);
        let page = browser.get("/portal/record").await?.expect(200)?.text();
        let banner = format!("{}さんの代理として表示しています", child.1.name.full());
        ensure!(page.contains(&banner), "the page does not say for whom");
        let history = self
            .logged_in(child.0)
            .await?
            .history()
            .await?
            .expect(200)?;
        let json = history.json();
        let lines = json.get("lines").and_then(Value::as_array);
        let word = |line: &Value, key: &str| -> String {
            let word = line.get(key).and_then(Value::as_str);
            word.unwrap_or_default().to_owned()
        };
        let name = mother.1.name.full();
        let is_told = lines.context("no lines")?.iter().any(|line| {
            word(line, "role") == "proxy"
                && word(line, "event") == "portal.record"
                && word(line, "name").contains(&name)
        });
        ensure!(is_told, "the child's history does not tell of the mother");
        told(
            format!(
                "母親({name}さん)が自分のカードでログインし、子ども({}さん)の代理として情報を見ました。子どもの閲覧の履歴に「代理人 {name}(親権者)」と残りました。",
                child.1.name.full()
            ),
            "a mother logged in with her own card and looked for her child; the child's history names her as the proxy".to_owned(),
        )
    }
}
