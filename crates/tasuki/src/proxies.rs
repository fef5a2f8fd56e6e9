//! What an operator does about proxies, by documents: a parent of a child, a guardian.
//!
//! There is no desk of a municipality yet that would register these relations; until then an
//! operator does, who was shown the register's certificate and says which.
//!
//! Source: identity-security section 3.3.

use access::{
    Gate,
    proxy::{self, Kind, Registration, Scope},
};
use anyhow::{Context, bail};
use kernel::{
    id::{PersonId, RelationId},
    time::JstDate,
};
use serde::{Deserialize, Serialize};
use store::caller::Event;

use crate::control::{Tell, refused};

static REGISTER: Event = Event {
    code: "proxy.register",
    ja: "代理の登録",
    en: "proxy registered",
};
static LIST: Event = Event {
    code: "proxy.list",
    ja: "代理人の確認(運用者)",
    en: "proxies listed",
};
static END: Event = Event {
    code: "proxy.end",
    ja: "代理の終了",
    en: "relation ended",
};

/// What is asked; people are 32 hexadecimal digits.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Asked {
    /// Somebody is to act for a person.
    Register {
        /// For whom.
        person: String,
        /// Who acts.
        proxy: String,
        /// `parent`, `foster` or `guardian`.
        kind: String,
        /// Classes and `choose`, a space between; everything when absent.
        scope: Option<String>,
        /// The last day.
        until: Option<String>,
        /// What was shown.
        evidence: String,
        /// Who registers it.
        by: String,
    },
    /// A person's proxies.
    List {
        /// Whose.
        person: String,
    },
    /// A relation is to end.
    End {
        /// Whose.
        person: String,
        /// Which.
        relation: String,
    },
}

fn person(text: &str) -> anyhow::Result<PersonId> {
    PersonId::parse(text)
        .context("個人は32けたの16進数で指定します / a person is 32 hexadecimal digits")
}

/// Does what is asked.
///
/// # Errors
/// Why it could not be done.
pub fn perform(gate: &Gate, asked: &Asked, tell: Tell<'_>) -> anyhow::Result<()> {
    match asked {
        Asked::Register { .. } => register(gate, &registration(asked)?, tell),
        Asked::List { person: subject } => list(gate, person(subject)?, tell),
        Asked::End {
            person: subject,
            relation,
        } => end(gate, person(subject)?, relation, tell),
    }
}

fn registration(asked: &Asked) -> anyhow::Result<Registration> {
    let Asked::Register {
        person: subject,
        proxy,
        kind,
        scope,
        until,
        evidence,
        by,
    } = asked
    else {
        bail!("nothing is to be registered");
    };
    let kind = Kind::parse(kind)
        .filter(|kind| *kind != Kind::Family)
        .context("種類は parent・foster・guardian のいずれかです。ご家族は、ご本人がご自分のページで指名します / the kind is parent, foster or guardian; family is named by the person in the portal")?;
    let scope = match scope {
        Some(words) => Scope::parse(words).context("範囲が正しくありません / not a scope")?,
        None => Scope::full(),
    };
    let until = match until {
        Some(day) => {
            let day =
                JstDate::parse(day).context("日付は YYYY-MM-DD です / a date is YYYY-MM-DD")?;
            Some(day.plus_days(1).start())
        }
        None => None,
    };
    anyhow::ensure!(
        !evidence.trim().is_empty() && !by.trim().is_empty(),
        "確認した書類と登録した人を書いてください / say what was shown and who registers it"
    );
    Ok(Registration {
        subject: person(subject)?,
        proxy: person(proxy)?,
        kind,
        scope,
        until,
        evidence: evidence.clone(),
        by: by.clone(),
    })
}

fn register(gate: &Gate, new: &Registration, tell: Tell<'_>) -> anyhow::Result<()> {
    let new = new.clone();
    let intent = gate.job_intent("operator", &REGISTER);
    let done = gate.write(intent, move |call| proxy::register(call, &new));
    let id = done.wait().map_err(refused)?.to_hex();
    tell(
        &format!("代理を登録しました: {id}"),
        &format!("registered: {id}"),
    );
    Ok(())
}

fn list(gate: &Gate, subject: PersonId, tell: Tell<'_>) -> anyhow::Result<()> {
    let intent = gate.job_intent("operator", &LIST);
    let found = gate.read(intent, move |call| proxy::relations(call, subject));
    let (found, now) = (found.wait().map_err(refused)?, gate.now());
    if found.is_empty() {
        tell("代理人はいません。", "no proxies");
    }
    for (relation, remark) in found {
        let (ja, en) = match proxy::is_in_force(&relation, now) {
            true => ("有効", "in force"),
            false => ("終了", "ended"),
        };
        let line = |kind: &str, state: &str| {
            format!(
                "{} {state} {kind} {} – {} [{}] ({}; {})",
                relation.id.to_hex(),
                relation.from.jst_date(),
                relation.until.jst_date(),
                relation.scope.words(),
                remark.evidence,
                remark.by,
            )
        };
        tell(&line(relation.kind.ja(), ja), &line(relation.kind.en(), en));
    }
    Ok(())
}

fn end(gate: &Gate, subject: PersonId, relation: &str, tell: Tell<'_>) -> anyhow::Result<()> {
    let id = RelationId::parse(relation)
        .context("代理関係は32けたの16進数で指定します / a relation is 32 hexadecimal digits")?;
    let intent = gate.job_intent("operator", &END);
    let ended = gate.write(intent, move |call| {
        proxy::end_by_operator(call, subject, id)
    });
    if !ended.wait().map_err(refused)? {
        bail!("有効な代理関係がありません / no such relation is in force");
    }
    tell(
        "代理を終わりにしました。次の操作から見られません。",
        "ended: the next request is refused",
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Asked;
    use crate::control::Request;

    #[test]
    fn what_is_asked_of_a_running_program_arrives_as_it_was_sent() {
        let asked = Asked::Register {
            person: "0".repeat(32),
            proxy: "1".repeat(32),
            kind: "parent".to_owned(),
            scope: None,
            until: Some("2030-01-01".to_owned()),
            evidence: "戸籍全部事項証明書".to_owned(),
            by: "運用担当".to_owned(),
        };
        let text = serde_json::to_string(&Request::Proxy { asked }).expect("JSON");
        let back: Request = serde_json::from_str(&text).expect("a request");
        let Request::Proxy { asked } = back else {
            panic!("another request: {text}");
        };
        let new = super::registration(&asked).expect("it can be registered");
        assert_eq!(
            new.until,
            kernel::time::JstDate::parse("2030-01-02").map(|d| d.start())
        );
    }

    #[test]
    fn an_operator_names_no_family_and_says_what_was_shown() {
        let asked = |kind: &str, evidence: &str| Asked::Register {
            person: "0".repeat(32),
            proxy: "1".repeat(32),
            kind: kind.to_owned(),
            scope: Some("allergies".to_owned()),
            until: None,
            evidence: evidence.to_owned(),
            by: "運用担当".to_owned(),
        };
        assert!(super::registration(&asked("guardian", "登記事項証明書")).is_ok());
        assert!(super::registration(&asked("family", "手紙")).is_err());
        assert!(super::registration(&asked("parent", " ")).is_err());
    }
}
