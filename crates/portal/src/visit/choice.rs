//! After the proof: the choice on the phone, and what came of it.

use access::{
    consent::{self, Category, Scope, Source, Standing},
    errors::FORM_FORGED,
    session::form_token,
};
use eligibility::{
    codes::{self, Phone, model::Digits},
    consents,
};
use kernel::Refusal;
use store::{Call, Stop, caller::Purpose};
use web::{Answer, Request};

use super::{digits, key, pages, to_type_in};
use crate::frame;

/// The field that ties a form to the phone's key.
pub(super) const TOKEN: &str = "token";

/// What the phone's person lets the facility see now.
pub(super) struct Now {
    pub(super) phone: Phone,
    pub(super) open: Vec<Category>,
    pub(super) standing: Option<Source>,
    pub(super) is_possible: bool,
}

fn look(call: &mut Call<'_>, digits: &Digits, key: &str) -> Result<Now, Stop> {
    let phone = codes::at_phone(call, digits, key)?;
    let facility = phone.invitation.facility;
    let ledger = consent::ledger(call, phone.visit.person)?;
    let mut open = Vec::new();
    let mut standing = None;
    for category in Category::ALL {
        let scope = Scope {
            facility,
            category,
            purpose: Purpose::Treatment,
        };
        if let Standing::Given { source, .. } = consent::standing(&ledger, scope, call.at()) {
            open.push(category);
            standing = standing.or((source != Source::Visit).then_some(source));
        }
    }
    Ok(Now {
        is_possible: consent::is_possible(call, facility)?,
        phone,
        open,
        standing,
    })
}

pub(super) async fn ask(request: Request) -> Result<Answer, Refusal> {
    let Some(digits) = digits(&request) else {
        return Ok(to_type_in(&request));
    };
    let (asked, key) = (digits.clone(), key(&request));
    let token = form_token(&key);
    let now = request.read(move |call| look(call, &asked, &key)).await?;
    Ok(pages::choice(&request, &digits, &now, &token))
}

pub(super) async fn give(request: Request) -> Result<Answer, Refusal> {
    let Some(digits) = digits(&request) else {
        return Ok(to_type_in(&request));
    };
    let (asked, key) = (digits.clone(), key(&request));
    let form = request.form()?;
    if form.text(TOKEN) != form_token(&key) {
        return Err(Refusal::new(&FORM_FORGED));
    }
    let chosen = consents::read(&form, request.at())?;
    request
        .write(move |call| codes::choose(call, &asked, &key, &chosen))
        .await?;
    let done = format!("{}/done", digits.path());
    Ok(Answer::see_other(&frame::link(request.lang(), &done)))
}

pub(super) async fn done(request: Request) -> Result<Answer, Refusal> {
    let Some(digits) = digits(&request) else {
        return Ok(to_type_in(&request));
    };
    let (asked, key) = (digits.clone(), key(&request));
    let origin = request.app().origin.clone();
    let (phone, signed) = request
        .read(move |call| codes::receipt(call, &asked, &key, &origin))
        .await?;
    Ok(pages::done(&request, &digits, &phone, signed.as_ref()))
}
