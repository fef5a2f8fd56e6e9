//! The history of coverage as JSON.

use kernel::Refusal;
use registry::terms::{Terms, differences};
use serde::Serialize;
use web::{Answer, Request};

use super::ops::{self, History};
use crate::{
    api::answer::{WireCoverage, WireDifference},
    model::VisitId,
};

#[derive(Serialize)]
struct WireHistory {
    coverages: Vec<WireKept>,
    changes: Vec<WireChange>,
}

#[derive(Serialize)]
struct WireKept {
    coverage: i64,
    loaded_at: Option<String>,
    #[serde(flatten)]
    fields: WireCoverage,
}

#[derive(Serialize)]
struct WireChange {
    coverage: i64,
    at: String,
    kind: &'static str,
    kind_ja: &'static str,
    period_before: Option<WirePeriod>,
    period_after: WirePeriod,
    differences: Vec<WireDifference>,
}

#[derive(Serialize)]
struct WirePeriod {
    from: String,
    until: Option<String>,
}

impl WireHistory {
    fn new(history: &History) -> Self {
        let birth = history.profile.birth;
        let period = |one: &registry::model::Coverage| WirePeriod {
            from: one.period.from().to_string(),
            until: one.period.until().map(|day| day.to_string()),
        };
        let changes = history.changes.iter().map(|change| {
            let on = change.after.period.from();
            let terms = |one| Terms::on(one, birth, on);
            let was = change.before.as_ref().map(terms);
            let now = terms(&change.after);
            WireChange {
                coverage: change.after.number,
                at: change.at.to_string(),
                kind: change.kind.code(),
                kind_ja: change.kind.ja(),
                period_before: change.before.as_ref().map(period),
                period_after: period(&change.after),
                differences: differences(was.as_ref(), Some(&now))
                    .iter()
                    .map(Into::into)
                    .collect(),
            }
        });
        let coverages = history.coverages.iter().map(|one| WireKept {
            coverage: one.number,
            loaded_at: one.loaded_at.map(|at| at.to_string()),
            fields: one.into(),
        });
        Self {
            coverages: coverages.collect(),
            changes: changes.collect(),
        }
    }
}

pub(super) async fn history(request: Request) -> Result<Answer, Refusal> {
    let id = request.id_param("visit", VisitId::parse)?;
    let facility = request.facility()?;
    let history = request
        .read(move |call| ops::history(call, facility, id))
        .await?;
    Ok(Answer::json(200, &WireHistory::new(&history)))
}
