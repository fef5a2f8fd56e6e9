//! What the operator asks about peers that no ledger names: those of the whole installation,
//! and so also those that no facility's administrator sees, because nobody knows whose they are.
//!
//! Source: identity-security NET-02; checklist 2025 2-①.

use access::Gate;
use anyhow::Context;
use equipment::{
    model::{Alert, AlertId},
    ops::{self, watch},
};
use serde::{Deserialize, Serialize};
use store::caller::Event;

use crate::control::{Tell, refused};

static ALERTS: Event = Event {
    code: "equipment.alerts",
    ja: "接続の警告の確認(運用担当者)",
    en: "alerts about peers seen by the operator",
};
static SETTLED: Event = Event {
    code: "equipment.settle-alert",
    ja: "接続の警告への対応(運用担当者)",
    en: "alert about a peer settled by the operator",
};

/// What is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Asked {
    /// Which are open?
    List {},
    /// Settle one.
    Settle {
        /// The alert, 32 hexadecimal digits.
        alert: String,
        /// What was found.
        finding: String,
    },
}

/// Carries it out.
///
/// # Errors
/// Why it could not be done.
pub fn perform(gate: &Gate, asked: &Asked, tell: Tell<'_>) -> anyhow::Result<()> {
    match asked {
        Asked::List {} => list(gate, tell),
        Asked::Settle { alert, finding } => settle(gate, alert, finding, tell),
    }
}

fn list(gate: &Gate, tell: Tell<'_>) -> anyhow::Result<()> {
    let intent = gate.job_intent("operator", &ALERTS);
    let found = gate.read(intent, |call| {
        let mut lines = Vec::new();
        for alert in ops::open_alerts(call)? {
            let home = match alert.facility {
                Some(id) => registry::ops::facility_by_id(call, id)?,
                None => None,
            };
            let code = home.map_or_else(String::new, |home| home.code.as_str().to_owned());
            lines.push((alert, code));
        }
        Ok((lines, ops::count_open_alerts(call)?))
    });
    let (lines, count) = found.wait().map_err(refused)?;
    if count == 0 {
        tell("対応の済んでいない警告はありません。", "no open alerts");
    }
    for (alert, code) in &lines {
        let line = |why| line(alert, code, why);
        tell(&line(alert.why.ja()), &line(alert.why.en()));
    }
    let shown = u64::try_from(lines.len())?;
    if shown < count {
        tell(
            &format!("ほかに{}件あります。", count - shown),
            &format!("and {} more", count - shown),
        );
    }
    Ok(())
}

/// `ID FIRST–LAST ×TIMES ADDRESS WHO FACILITY: WHY`, a dash for what nobody knows.
fn line(alert: &Alert, facility: &str, why: &str) -> String {
    let or_dash = |text: &str| if text.is_empty() { "—" } else { text }.to_owned();
    format!(
        "{} {} – {} ×{} {} {} {}: {why}",
        kernel::hex::encode(&alert.id),
        alert.first_at.jst_minute(),
        alert.last_at.jst_minute(),
        alert.requests,
        or_dash(&alert.peer.address),
        or_dash(&alert.peer.who),
        or_dash(facility),
    )
}

fn settle(gate: &Gate, alert: &str, finding: &str, tell: Tell<'_>) -> anyhow::Result<()> {
    let id: AlertId = kernel::hex::decode_array(alert)
        .context("警告は32けたの16進数で指定します / an alert is 32 hexadecimal digits")?;
    let intent = gate.job_intent("operator", &SETTLED);
    let finding = finding.trim().to_owned();
    let settled = gate.write(intent, move |call| watch::settle(call, None, &id, &finding));
    settled.wait().map_err(refused)?;
    tell(
        "対応済みにしました。同じ接続がまた来れば、新しい警告になります。",
        "settled; the same peer coming again is a new alert",
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use equipment::ops::{self, watch};
    use testkit::World;
    use web::peer::Showed;

    use super::{Asked, perform};
    use crate::control::Request;

    fn ask(world: &World, asked: Asked) -> (bool, String) {
        // As it travels to a running program.
        let text = serde_json::to_string(&Request::Alerts { asked }).expect("JSON");
        let Ok(Request::Alerts { asked }) = serde_json::from_str(&text) else {
            panic!("another request: {text}");
        };
        let mut told = String::new();
        let mut tell = |ja: &str, en: &str| {
            told.push_str(&format!("{ja}\n{en}\n"));
        };
        let done = perform(&world.app.gate, &asked, &mut tell).is_ok();
        (done, told)
    }

    #[test]
    fn the_operator_lists_and_settles_an_alert_that_is_no_facilitys() {
        let world = World::new(vec![equipment::service()]);
        let (_, none) = ask(&world, Asked::List {});
        assert!(none.contains("no open alerts"), "{none}");
        let from = "192.0.2.7".parse().expect("an address");
        let seen = &world.app.seen;
        seen.note(from, Showed::Refused, world.app.gate.now());
        assert_eq!(watch::round(&world.app).expect("a round"), 1);
        let open = world.set_up(|call| Ok(ops::open_alerts(call)?));
        assert_eq!(open.first().map(|alert| alert.facility), Some(None));
        let (_, told) = ask(&world, Asked::List {});
        let alert = told.split(' ').next().unwrap_or_default().to_owned();
        assert!(told.contains("192.0.2.7") && alert.len() == 32, "{told}");
        let settle = |alert: &str, finding: &str| {
            let (alert, finding) = (alert.to_owned(), finding.to_owned());
            ask(&world, Asked::Settle { alert, finding }).0
        };
        for (id, finding) in [("x", "試験機"), (&alert, " "), (&"0".repeat(32), "試験機")] {
            assert!(!settle(id, finding), "{id} {finding}");
        }
        assert!(settle(&alert, "試験機の誤設定。直した"));
        assert!(!settle(&alert, "もう一度"), "it is settled");
        assert_eq!(world.set_up(|call| Ok(ops::count_open_alerts(call)?)), 0);
    }
}
