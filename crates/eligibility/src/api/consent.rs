//! The patient's choice, recorded by a terminal.

use access::{
    consent::{self, Category, HOURS, Source},
    errors as no,
};
use kernel::{
    Refusal,
    time::{JstDate, Timestamp},
};
use serde::{Deserialize, Serialize};
use store::caller::Purpose;
use web::{Answer, Request};

use crate::{model::VisitId, ops};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireConsent {
    categories: Vec<String>,
    /// For what; treatment when absent.
    purpose: Option<String>,
    /// Also at the next visits (次回からも).
    #[serde(default)]
    standing: bool,
    /// The same for a facility that cares for the patient at home (在宅).
    #[serde(default)]
    home_care: bool,
    /// Last day of the standing choice, YYYY-MM-DD; a year hence when absent.
    until: Option<String>,
}

impl WireConsent {
    fn parse(&self, at: Timestamp) -> Result<ops::Chosen, Refusal> {
        let purpose = match self.purpose.as_deref() {
            None => Purpose::Treatment,
            Some(word) => Purpose::parse(word)
                .filter(|purpose| consent::is_purpose(*purpose))
                .ok_or_else(|| Refusal::at(&no::CONSENT_PURPOSE, "purpose", word))?,
        };
        let kind = match (self.home_care, self.standing) {
            (true, _) => Some(Source::HomeCare),
            (false, true) => Some(Source::Standing),
            (false, false) => None,
        };
        let period = || {
            let found = self.until.as_deref().unwrap_or_default();
            Refusal::at(&no::CONSENT_PERIOD, "until", found)
        };
        let until = match (kind, self.until.as_deref()) {
            (None, Some(_)) => return Err(period()),
            (_, None) => None,
            (Some(_), Some(day)) => Some(end_of(day).ok_or_else(period)?),
        };
        let standing = kind.map(|kind| {
            let until = consent::standing_until(at, until).map_err(|_| period())?;
            Ok::<_, Refusal>((kind, until))
        });
        Ok(ops::Chosen {
            categories: categories(&self.categories)?,
            purpose,
            standing: standing.transpose()?,
        })
    }
}

/// The end of a day in Japan.
fn end_of(day: &str) -> Option<Timestamp> {
    Some(JstDate::parse(day)?.plus_days(1).start())
}

#[derive(Serialize)]
struct WireGiven {
    consent: String,
    categories: Vec<&'static str>,
    expires_at: String,
    /// End of the standing choice, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    standing_until: Option<String>,
}

/// The categories named by their words.
///
/// # Errors
/// `TSK-CNS-004` with the place of each unknown word.
pub fn categories<S: AsRef<str>>(words: &[S]) -> Result<Vec<Category>, Refusal> {
    let mut out = Vec::new();
    for (index, word) in words.iter().enumerate() {
        match Category::parse(word.as_ref()) {
            Some(category) if !out.contains(&category) => out.push(category),
            Some(_) => {}
            None => {
                let place = format!("categories[{index}]");
                return Err(Refusal::at(&no::CONSENT_CATEGORY, &place, word.as_ref()));
            }
        }
    }
    Ok(out)
}

pub(super) async fn give(request: Request) -> Result<Answer, Refusal> {
    let wire: WireConsent = request.json()?;
    let visit = request.id_param("visit", VisitId::parse)?;
    let chosen = wire.parse(request.at())?;
    let facility = request.facility()?;
    let words = chosen.categories.iter().map(|c| c.word()).collect();
    let standing_until = chosen.standing.map(|(_, until)| until.to_string());
    let id = request
        .write(move |call| ops::choose(call, facility, visit, &chosen))
        .await?;
    let expires_at = request.at().plus_hours(HOURS);
    Ok(Answer::json(
        201,
        &WireGiven {
            consent: id.to_hex(),
            categories: words,
            expires_at: expires_at.to_string(),
            standing_until,
        },
    ))
}
