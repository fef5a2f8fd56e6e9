//! How a facility begins: the operator founds it with its first administrators.
//!
//! Source: identity-security AUTHZ-02, section 3.2.

use access::{Gate, password};
use accounts::ops::Opening;
use anyhow::{Context, anyhow, bail};
use kernel::{Secret, code::FacilityCode, id::FacilityId};
use registry::{
    model::{Facility, FacilityKind},
    ops as register,
};
use serde::{Deserialize, Serialize};
use store::{
    Stop, SystemRng,
    caller::{Event, Role},
};

use crate::control::{Tell, refused};

static FOUND: Event = Event {
    code: "facility.found",
    ja: "施設の開設(運用者)",
    en: "facility founded by the operator",
};
/// Facilities read at once.
const PAGE: i64 = 200;

/// What is asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Asked {
    /// A facility is to begin.
    Found {
        /// Ten digits.
        code: String,
        /// Its name.
        name: String,
        /// A word of [`FacilityKind`].
        kind: String,
        /// Each `NAME:LOG-IN`.
        administrators: Vec<String>,
    },
    /// Which there are.
    List {},
}

/// A facility and its administrators (name, log-in name) as they were given.
type Beginning = (FacilityCode, String, FacilityKind, Vec<(String, String)>);

/// Judges what was given, before anything is opened or made.
///
/// # Errors
/// What is malformed, with what to do.
pub fn check(asked: &Asked) -> anyhow::Result<()> {
    match asked {
        Asked::Found { .. } => beginning(asked).map(|_| ()),
        Asked::List {} => Ok(()),
    }
}

fn beginning(asked: &Asked) -> anyhow::Result<Beginning> {
    let Asked::Found {
        code,
        name,
        kind,
        administrators,
    } = asked
    else {
        bail!("nothing is to be founded");
    };
    let code = FacilityCode::parse(code).map_err(|_| anyhow!(
        "医療機関コードは、都道府県番号と点数表番号で始まり、検証番号で終わる10けたの数字です / the code is ten digits: prefecture, fee table, number, check digit"
    ))?;
    let kind = FacilityKind::parse(kind).with_context(|| {
        let words = FacilityKind::ALL.map(FacilityKind::word).join(", ");
        format!("種類は次のいずれかです / the kind is one of: {words}")
    })?;
    let name = name.trim().to_owned();
    anyhow::ensure!(
        !name.is_empty() && name.chars().count() <= 200 && !name.chars().any(char::is_control),
        "施設の名前を書いてください / give the facility's name"
    );
    let mut people = Vec::new();
    for text in administrators {
        let (name, login) = text.rsplit_once(':').context(
            "--administrator は「姓 名:ログイン名」の形で書いてください / write --administrator as NAME:LOG-IN",
        )?;
        people.push((name.trim().to_owned(), login.trim().to_owned()));
    }
    anyhow::ensure!(
        people.len() >= 2,
        "{} → {} / {} → {}",
        accounts::errors::TWO_FIRST.cause.ja,
        accounts::errors::TWO_FIRST.remedy.ja,
        accounts::errors::TWO_FIRST.cause.en,
        accounts::errors::TWO_FIRST.remedy.en
    );
    Ok((code, name, kind, people))
}

/// Does what is asked.
///
/// # Errors
/// Why it could not be done.
pub fn perform(gate: &Gate, asked: &Asked, tell: Tell<'_>) -> anyhow::Result<()> {
    match asked {
        Asked::Found { .. } => found(gate, beginning(asked)?, tell),
        Asked::List {} => list(gate, tell),
    }
}

fn found(gate: &Gate, (code, name, kind, people): Beginning, tell: Tell<'_>) -> anyhow::Result<()> {
    let mut openings = Vec::new();
    let mut shown = Vec::new();
    for (person, login) in people {
        let initial = password::initial(&SystemRng);
        let hash = gate
            .typed(Secret::new(initial.reveal().clone()))
            .hash(&SystemRng)
            .context("not enough memory to hash a password")?;
        shown.push((login.clone(), initial));
        openings.push(Opening {
            name: person,
            login,
            role: Role::Administrator,
            last_day: None,
            password: hash,
            reason: FOUND.ja.to_owned(),
        });
    }
    let intent = gate.job_intent("operator", &FOUND);
    let done = gate.write(intent, move |call| {
        let facility = Facility {
            id: FacilityId::random(call.rng()),
            prefecture: code.as_str().chars().take(2).collect(),
            code: code.clone(),
            name: name.clone(),
            kind,
        };
        accounts::ops::found(call, &facility, &openings)
    });
    done.wait().map_err(with_remedy)?;
    tell(
        "施設を開設しました。初期パスワードは、いま一度だけ表示します。ご本人が最初のログインで変更し、確認コードを登録します。",
        "the facility is founded; initial passwords are shown this once, and changed at the first log-in, which registers the second factor",
    );
    for (login, initial) in shown {
        tell(
            &format!("{login} の初期パスワード: {}", initial.reveal()),
            &format!("  (initial password of {login})"),
        );
    }
    Ok(())
}

fn with_remedy(stop: Stop) -> anyhow::Error {
    match stop {
        Stop::Refused(refusal) => {
            let (cause, remedy) = (&refusal.entry.cause, &refusal.entry.remedy);
            anyhow!(
                "{} → {} / {} → {}",
                cause.ja,
                remedy.ja,
                cause.en,
                remedy.en
            )
        }
        failed @ Stop::Failed(_) => refused(failed),
    }
}

fn list(gate: &Gate, tell: Tell<'_>) -> anyhow::Result<()> {
    let mut after = String::new();
    loop {
        let from = after.clone();
        let page = gate.look_up(move |call| Ok(register::facilities(call, &from, PAGE)?));
        let page = page.wait().map_err(refused)?;
        let Some(last) = page.last() else {
            break;
        };
        after = last.code.as_str().to_owned();
        for one in &page {
            let words = format!("{} {} {}", one.code.as_str(), one.kind.word(), one.name);
            tell(&words, &format!("  {}", one.id.to_hex()));
        }
    }
    if after.is_empty() {
        tell("施設はまだありません。", "no facility yet");
    }
    Ok(())
}
