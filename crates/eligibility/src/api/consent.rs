//! The patient's choice, recorded by a terminal.

use access::{
    consent::{Category, HOURS},
    errors as no,
};
use kernel::Refusal;
use serde::{Deserialize, Serialize};
use web::{Answer, Request};

use crate::{model::VisitId, ops};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireConsent {
    categories: Vec<String>,
}

#[derive(Serialize)]
struct WireGiven {
    consent: String,
    categories: Vec<&'static str>,
    expires_at: String,
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
    let chosen = categories(&wire.categories)?;
    let facility = request.facility()?;
    let words = chosen.iter().map(|c| c.word()).collect();
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
        },
    ))
}
