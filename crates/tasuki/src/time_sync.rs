//! Is the system's clock synchronized? An access log is worth as much as its clock.
//!
//! Asked of whoever keeps the clock: chrony, then systemd's timesyncd. Nobody's word is "not
//! known", which a real installation must not start with.
//!
//! Source: identity-security AUD-03 (more than one second away counts as not synchronized).

use std::{
    path::Path,
    process::Command,
    sync::{Arc, Mutex, PoisonError},
};

use kernel::time::Timestamp;
use web::health::{Asking, Check, Verdict};

/// Where systemd's timesyncd leaves its mark.
const TIMESYNCD_MARK: &str = "/run/systemd/timesync/synchronized";

/// What the keeper of the clock says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sync {
    /// Synchronized; by whom.
    Kept(&'static str),
    /// Known not to be, or more than a second away; by whose word.
    Adrift(&'static str),
    /// Nobody keeps it.
    Unknown,
}

/// Asks this machine.
#[must_use]
pub fn ask() -> Sync {
    if let Some(sync) = output("chronyc", &["-c", "tracking"]).and_then(|csv| chrony(&csv)) {
        return sync;
    }
    let property = ["show", "--property=NTPSynchronized", "--value"];
    match output("timedatectl", &property).as_deref().map(str::trim) {
        Some("yes") => Sync::Kept("timedatectl"),
        Some("no") => Sync::Adrift("timedatectl"),
        _ if Path::new(TIMESYNCD_MARK).exists() => Sync::Kept("systemd-timesyncd"),
        _ => Sync::Unknown,
    }
}

/// The clock, for whoever diagnoses; asked once a minute at most. `is_vouched`: somebody answers
/// for it where no program can tell.
#[must_use]
pub fn check(is_vouched: bool) -> Check {
    const SECONDS: i64 = 60;
    let last: Arc<Mutex<Option<(Timestamp, Verdict)>>> = Arc::default();
    let ask = move |app: Arc<web::App>| -> Asking {
        let last = Arc::clone(&last);
        Box::pin(async move {
            let now = app.gate.now();
            let held = *last.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((at, verdict)) = held
                && at <= now
                && now < at.plus_seconds(SECONDS)
            {
                return verdict;
            }
            let asked = tokio::task::spawn_blocking(ask).await;
            let verdict = verdict(&asked.unwrap_or(Sync::Unknown), is_vouched);
            *last.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, verdict));
            verdict
        })
    };
    Check {
        name: "clock",
        ask: Arc::new(ask),
    }
}

fn verdict(sync: &Sync, is_vouched: bool) -> Verdict {
    match (sync, is_vouched) {
        (Sync::Kept(_), _) => Verdict::good("時計は同期しています。", "the clock is synchronized"),
        (Sync::Unknown, true) => Verdict::good(
            "時計は、責任を持つ方が確かめています。",
            "somebody answers for the clock",
        ),
        (Sync::Unknown, false) => Verdict::bad(
            "サーバの時計が同期しているかを、確かめられません。",
            "nobody can tell whether the server's clock is synchronized",
        ),
        (Sync::Adrift(_), _) => Verdict::bad(
            "サーバの時計が同期していません。",
            "the server's clock is not synchronized",
        ),
    }
}

fn output(program: &str, words: &[&str]) -> Option<String> {
    let output = Command::new(program).args(words).output().ok()?;
    let is_done = output.status.success();
    is_done.then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// chrony's report: fourteen values, the fifth the distance in seconds, the last the state.
fn chrony(csv: &str) -> Option<Sync> {
    let values: Vec<&str> = csv.trim().split(',').collect();
    let (distance, state) = (values.get(4)?, values.get(13)?);
    let whole = distance.trim_start_matches(['-', '+']).split('.').next()?;
    let is_near = !whole.is_empty() && whole.bytes().all(|digit| digit == b'0');
    Some(if is_near && *state != "Not synchronised" {
        Sync::Kept("chrony")
    } else {
        Sync::Adrift("chrony")
    })
}

#[cfg(test)]
mod tests {
    use super::{Sync, chrony};

    fn report(distance: &str, state: &str) -> String {
        format!(
            "A29FC87B,ntp.nict.jp,2,1795309200.1,{distance},0.1,0.1,1.0,0.0,0.1,0.01,0.001,64.2,{state}\n"
        )
    }

    #[test]
    fn a_clock_more_than_a_second_away_or_without_a_source_is_adrift() {
        for (distance, state, kept) in [
            ("0.000012345", "Normal", true),
            ("-0.999999999", "Normal", true),
            ("0.0", "Insert second", true),
            ("1.000000000", "Normal", false),
            ("-12.5", "Normal", false),
            ("0.0", "Not synchronised", false),
            ("", "Normal", false),
        ] {
            let wanted = if kept {
                Sync::Kept("chrony")
            } else {
                Sync::Adrift("chrony")
            };
            assert_eq!(
                chrony(&report(distance, state)),
                Some(wanted),
                "{distance} {state}"
            );
        }
        assert_eq!(chrony("506 Cannot talk to daemon"), None);
    }
}
