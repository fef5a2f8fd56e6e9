//! JSON: the same search for a record system in which a member of staff is logged in.

use kernel::{Refusal, time::JstDate};
use registry::{attributes::Attributes, model::Sex};
use serde::{Deserialize, Serialize};
use web::{Answer, Request};

use super::{
    errors,
    model::{Found, Place, Proof, Search, SearchId, Why},
    ops,
};
use crate::{api::confirmed, errors as no, rules};

/// What is typed or sent; each field is text, so that every fault has its place.
#[derive(Clone, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct WireSearch {
    /// セイ.
    pub family_kana: String,
    /// メイ.
    pub given_kana: String,
    /// The name as it is written.
    pub name: String,
    /// ISO date.
    pub birth_date: String,
    /// 1 male, 2 female; 3 or empty when it was not said.
    pub sex: String,
    /// Seven digits.
    pub post_code: String,
    /// Municipality at least.
    pub address: String,
    /// Word of [`Place`].
    pub place: String,
    /// Word of [`Why`].
    pub why: String,
}

/// Longest text of one field, in characters.
const TEXT_MAX: usize = 200;

impl WireSearch {
    /// The search.
    ///
    /// # Errors
    /// `TSK-DSC-010`, `TSK-DSC-012`, `TSK-DSC-017`, with the field.
    pub fn parse(&self, today: JstDate) -> Result<Search, Refusal> {
        let birth = JstDate::parse(self.birth_date.trim())
            .filter(|birth| *birth <= today)
            .ok_or_else(|| Refusal::at(&errors::BIRTH, "birth_date", &self.birth_date))?;
        let place = Place::parse(&self.place)
            .ok_or_else(|| Refusal::at(&errors::WHY, "place", &self.place))?;
        let why =
            Why::parse(&self.why).ok_or_else(|| Refusal::at(&errors::WHY, "why", &self.why))?;
        let sex = match self.sex.as_str() {
            "" | "3" => None,
            "1" => Some(Sex::Male),
            "2" => Some(Sex::Female),
            other => return Err(Refusal::at(&errors::TOO_FEW, "sex", other)),
        };
        let text = |text: &str| text.trim().chars().take(TEXT_MAX).collect::<String>();
        let said = Attributes {
            family_kana: text(&self.family_kana),
            given_kana: text(&self.given_kana),
            name: text(&self.name),
            birth,
            sex,
            post_code: text(&self.post_code),
            address: text(&self.address),
        };
        Ok(Search { said, place, why })
    }
}

#[derive(Serialize)]
struct WireFound {
    search: String,
    expires_at: String,
    candidates: Vec<WireCandidate>,
}

#[derive(Serialize)]
struct WireCandidate {
    candidate: usize,
    grade: &'static str,
    grade_ja: &'static str,
    agrees_ja: String,
    agrees_en: String,
    initials: String,
    age: i16,
    municipality: String,
}

fn found_answer(found: &Found) -> Answer {
    let candidates = (1..)
        .zip(&found.candidates)
        .map(|(number, (_, one))| WireCandidate {
            candidate: number,
            grade: one.grade.code(),
            grade_ja: one.grade.ja(),
            agrees_ja: one.agrees_ja.clone(),
            agrees_en: one.agrees_en.clone(),
            initials: one.initials.clone(),
            age: one.age,
            municipality: one.municipality.clone(),
        });
    Answer::json(
        200,
        &WireFound {
            search: found.id.to_hex(),
            expires_at: found
                .at
                .plus_seconds(super::model::SEARCH_MINUTES * 60)
                .to_string(),
            candidates: candidates.collect(),
        },
    )
}

pub(super) async fn search(request: Request) -> Result<Answer, Refusal> {
    let wire: WireSearch = request.json()?;
    let search = wire.parse(request.at().jst_date())?;
    let facility = request.facility()?;
    let found = request
        .write(move |call| ops::search(call, facility, &search))
        .await??;
    Ok(found_answer(&found))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireProof {
    candidate: usize,
    #[serde(default)]
    house_number: Option<String>,
    #[serde(default)]
    insurer_name: Option<String>,
    #[serde(default)]
    on: Option<String>,
}

pub(super) async fn confirm(request: Request) -> Result<Answer, Refusal> {
    let wire: WireProof = request.json()?;
    let id = request.id_param("search", SearchId::parse)?;
    let today = request.at().jst_date();
    let on = match wire.on.as_deref() {
        None => today,
        Some(text) => JstDate::parse(text)
            .filter(|on| rules::is_askable(*on, today))
            .ok_or_else(|| Refusal::at(&no::DATE, "on", text))?,
    };
    let proof = match (wire.house_number, wire.insurer_name) {
        (Some(house), None) => Proof::House(house),
        (None, Some(insurer)) => Proof::Insurer(insurer),
        _ => return Err(Refusal::at(&errors::WRONG_ANSWER, "house_number", "")),
    };
    let facility = request.facility()?;
    let number = wire.candidate;
    let answer = request
        .write(move |call| ops::confirm(call, facility, id, number, &proof, on))
        .await??;
    Ok(confirmed(&answer))
}
