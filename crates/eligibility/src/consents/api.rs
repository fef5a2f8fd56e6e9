//! The receipt for a record system.

use kernel::{Refusal, id::ConsentId};
use store::Stop;
use web::{Answer, Request};

use super::paper;
use crate::{codes::errors, model::VisitId, ops};

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    let id = request.id_param("visit", VisitId::parse)?;
    let number = request.id_param("consent", ConsentId::parse)?;
    let facility = request.facility()?;
    let origin = request.app().origin.clone();
    let signed = request
        .read(move |call| {
            let visit = ops::visit(call, facility, id)?;
            call.open(visit.person)?;
            let found = paper::receipt(call, visit.person, Some(facility), number, &origin)?;
            found.ok_or_else(|| Stop::from(&errors::RECEIPT_ABSENT))
        })
        .await?;
    Ok(Answer::json(200, &paper::wire(&signed)))
}
