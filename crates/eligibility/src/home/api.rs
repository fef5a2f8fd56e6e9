//! JSON for record systems.

use kernel::Refusal;
use serde::{Deserialize, Serialize};
use web::{Answer, Request};

use super::{PatientId, ops};
use crate::{api::confirmed, codes::errors};

#[derive(Serialize)]
struct WirePatients {
    patients: Vec<WirePatient>,
}

#[derive(Serialize)]
struct WirePatient {
    patient: String,
    name: String,
    kana: String,
    since: String,
    until: String,
}

pub(super) async fn list(request: Request) -> Result<Answer, Refusal> {
    let facility = request.facility()?;
    let found = request.read(move |call| ops::list(call, facility)).await?;
    let patients = found.into_iter().map(|one| WirePatient {
        patient: one.id.to_hex(),
        name: one.name,
        kana: one.kana,
        since: one.since.to_string(),
        until: one.until.to_string(),
    });
    Ok(Answer::json(
        200,
        &WirePatients {
            patients: patients.collect(),
        },
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireCheck {
    patient: String,
}

pub(super) async fn check(request: Request) -> Result<Answer, Refusal> {
    let wire: WireCheck = request.json()?;
    let facility = request.facility()?;
    let patient = PatientId::parse(&wire.patient);
    let patient = patient.ok_or_else(|| Refusal::at(&errors::HOME_ABSENT, "patient", ""))?;
    let answer = request
        .write(move |call| ops::check(call, facility, patient))
        .await?;
    Ok(confirmed(&answer))
}
