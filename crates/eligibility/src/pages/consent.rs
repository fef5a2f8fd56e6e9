//! The patient's choice of what the facility may see, at the counter.

use access::{consent, errors as no};
use kernel::Refusal;
use maud::html;
use web::{Answer, Request, ui};

use super::{
    frame::{staff_page, visit_crumbs},
    look::{look, strip},
};
use crate::{
    consents::{self, Chooser},
    model::VisitId,
    ops,
};

pub(super) async fn ask(request: Request) -> Result<Answer, Refusal> {
    let id = request.id_param("visit", VisitId::parse)?;
    let facility = request.facility()?;
    let seen = request.read(move |call| look(call, facility, id)).await?;
    let lang = request.lang();
    let title = lang.pick("診療情報の閲覧についての同意", "Consent");
    let href = format!("/visits/{}", id.to_hex());
    let crumbs = visit_crumbs(lang, &href, title);
    let objection = match (
        seen.is_consent_possible,
        seen.visit.is_present(request.at()),
    ) {
        (false, _) => Some(&no::CONSENT_THERAPY),
        (true, false) => Some(&no::CONSENT_PRESENCE),
        (true, true) => None,
    };
    let body = html! {
        (strip(lang, &seen, request.at().jst_date()))
        @match objection {
            None => (consents::chooser(&Chooser {
                lang,
                action: &format!("{href}/consent"),
                csrf: &request.csrf(),
                token: None,
                facility: request.caller().home().map_or("", |home| home.name.as_str()),
                open: &seen.open,
                standing: seen.standing,
                at: request.at(),
            })),
            Some(why) => (ui::notice(lang, ui::Level::Warning, lang.text(&why.cause), &html! {
                p { (lang.text(&why.remedy)) }
                p { code { (why.code) } }
            })),
        }
    };
    Ok(staff_page(&request, title, &crumbs, false, body))
}

pub(super) async fn give(request: Request) -> Result<Answer, Refusal> {
    let id = request.id_param("visit", VisitId::parse)?;
    let facility = request.facility()?;
    let chosen = consents::read(&request.form()?, request.at())?;
    let number = request
        .write(move |call| {
            let number = ops::choose(call, facility, id, &chosen)?;
            let visit = ops::visit(call, facility, id)?;
            // A choice of nothing where nothing was open leaves no entry, and has no receipt.
            let ledger = consent::ledger(call, visit.person)?;
            Ok(ledger
                .iter()
                .any(|entry| entry.id == number)
                .then_some(number))
        })
        .await?;
    let visit = id.to_hex();
    Ok(Answer::see_other(&match number {
        Some(number) => format!("/visits/{visit}/consents/{}", number.to_hex()),
        None => format!("/visits/{visit}?done=none"),
    }))
}
