//! The receipt at the counter.

use kernel::{Refusal, id::ConsentId};
use maud::html;
use web::{
    Answer, Request,
    ui::{self, Tone},
};

use super::paper;
use crate::{
    codes::errors,
    model::VisitId,
    ops,
    pages::{staff_page, visit_crumbs},
};

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
            found.ok_or_else(|| store::Stop::from(&errors::RECEIPT_ABSENT))
        })
        .await?;
    let lang = request.lang();
    let title = lang.pick("同意を登録しました", "The choice is recorded");
    let href = format!("/visits/{}", id.to_hex());
    let crumbs = visit_crumbs(lang, &href, title);
    let back = lang.pick("資格確認の結果に戻る", "Back to the result");
    let again = lang.pick("選び直してもらう", "Choose again");
    let body = html! {
        (paper::paper(lang, &signed, request.at()))
        (ui::actions(&[
            ui::button_link(&href, back, Tone::Primary),
            ui::print_button(lang),
            ui::button_link(&format!("{href}/consent"), again, Tone::Quiet),
        ]))
    };
    Ok(staff_page(&request, title, &crumbs, false, body))
}
