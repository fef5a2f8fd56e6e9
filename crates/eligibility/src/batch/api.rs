//! A batch for record systems.

use kernel::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use web::{Answer, Request};

use super::{
    model::{Line, Urgency},
    ops, parse,
};
use crate::api::answer::WireAnswer;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireBatch {
    bookings: Vec<Value>,
}

#[derive(Serialize)]
struct WireResults {
    counts: WireCounts,
    results: Vec<WireLine>,
}

#[derive(Serialize, Default)]
struct WireCounts {
    confirmed: usize,
    changed: usize,
    provisional: usize,
    refused: usize,
}

#[derive(Serialize)]
struct WireLine {
    reference: String,
    /// `confirmed`, `changed`, `provisional` or `refused`.
    status: &'static str,
    #[serde(flatten)]
    outcome: WireOutcome,
}

#[derive(Serialize)]
#[serde(untagged)]
enum WireOutcome {
    Answer(Box<WireAnswer>),
    Refused {
        validity: Option<&'static str>,
        validity_ja: Option<&'static str>,
        code: &'static str,
        cause_ja: &'static str,
        remedy_ja: &'static str,
        cause_en: &'static str,
        remedy_en: &'static str,
        findings: Vec<WireFinding>,
    },
}

#[derive(Serialize)]
struct WireFinding {
    path: String,
    rule: String,
    found: String,
    remedy_ja: String,
    remedy_en: String,
}

impl WireCounts {
    fn of(lines: &[Line]) -> Self {
        let mut counts = Self::default();
        for line in lines {
            let count = match line.urgency() {
                Urgency::Refused => &mut counts.refused,
                Urgency::Provisional => &mut counts.provisional,
                Urgency::Changed => &mut counts.changed,
                Urgency::Plain => &mut counts.confirmed,
            };
            *count += 1;
        }
        counts
    }
}

impl From<Line> for WireLine {
    fn from(line: Line) -> Self {
        let status = line.urgency().word();
        let validity = line.validity();
        let outcome = match (line.outcome, line.on) {
            (Ok(held), on) => WireOutcome::Answer(Box::new(WireAnswer::new(
                &held.profile,
                &held.coverage,
                &held.reasons,
                &held.detail,
                on.unwrap_or_else(|| held.coverage.period.from()),
            ))),
            (Err(refusal), _) => WireOutcome::Refused {
                validity: validity.map(|one| one.code()),
                validity_ja: validity.map(|one| one.ja()),
                code: refusal.entry.code,
                cause_ja: refusal.entry.cause.ja,
                remedy_ja: refusal.entry.remedy.ja,
                cause_en: refusal.entry.cause.en,
                remedy_en: refusal.entry.remedy.en,
                findings: refusal
                    .findings
                    .into_iter()
                    .map(|one| WireFinding {
                        path: one.path,
                        rule: one.rule,
                        found: one.found,
                        remedy_ja: one.remedy_ja,
                        remedy_en: one.remedy_en,
                    })
                    .collect(),
            },
        };
        Self {
            reference: line.reference,
            status,
            outcome,
        }
    }
}

pub(super) async fn verify(request: Request) -> Result<Answer, Refusal> {
    let wire: WireBatch = request.json()?;
    let read = parse::objects(wire.bookings, request.at().jst_date());
    let lines = ops::all(&request, read).await?;
    let wire = WireResults {
        counts: WireCounts::of(&lines),
        results: lines.into_iter().map(Into::into).collect(),
    };
    Ok(Answer::json(200, &wire))
}
