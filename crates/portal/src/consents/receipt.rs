//! The receipt of one's own choice, whenever it was made.

use access::{consent::receipt::Signed, policy::Action};
use eligibility::{codes::errors::RECEIPT_ABSENT, consents};
use kernel::{
    Refusal,
    id::{ConsentId, PersonId},
};
use maud::html;
use registry::ops as people;
use store::{Call, Stop};
use web::{
    Answer, Request,
    ui::{self, Tone},
};

use super::may;
use crate::frame::{self, Tab};

fn see(
    call: &mut Call<'_>,
    me: PersonId,
    number: ConsentId,
    origin: &str,
) -> Result<(String, Signed), Stop> {
    may(call, me, Action::Read)?;
    call.open(me)?;
    let found = consents::receipt(call, me, None, number, origin)?;
    let signed = found.ok_or_else(|| Stop::from(&RECEIPT_ABSENT))?;
    Ok((people::profile(call, me)?.name, signed))
}

async fn read(request: &Request) -> Result<(String, Signed), Refusal> {
    let me = frame::me(request)?;
    let number = request.id_param("consent", ConsentId::parse)?;
    let origin = request.app().origin.clone();
    request
        .read(move |call| see(call, me, number, &origin))
        .await
}

pub(super) async fn page(request: Request) -> Result<Answer, Refusal> {
    let (name, signed) = read(&request).await?;
    let lang = request.lang();
    let file = format!("/api/v1/portal/consents/{}", signed.receipt.number.to_hex());
    let back = frame::link(lang, "/portal/consents");
    let body = html! {
        (consents::paper(lang, &signed, request.at()))
        p { (lang.pick(
            "この控えは、選んだときの内容です。そのあとで取り消したかどうかは、「同意」の画面でわかります。",
            "This says what you chose then. Whether you took it back since stands on the page of consents.")) }
        (ui::actions(&[
            ui::button_link(&back, lang.pick("同意の画面に戻る", "Back to the consents"), Tone::Primary),
            ui::print_button(lang),
            ui::button_link(&file, lang.pick("データで保存する(JSON)", "Save as JSON"), Tone::Quiet),
        ]))
    };
    let title = lang.pick("同意の控え", "Receipt");
    Ok(frame::portal_page(
        &request,
        &name,
        title,
        Tab::Consents,
        body,
    ))
}

pub(super) async fn json(request: Request) -> Result<Answer, Refusal> {
    let (_, signed) = read(&request).await?;
    let name = format!("tasuki-consent-{}.json", signed.receipt.number.to_hex());
    Ok(Answer::json(200, &consents::wire(&signed)).attachment(&name))
}
