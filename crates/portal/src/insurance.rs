//! 保険証: the screen that a person shows at a counter, and what stands for their insurance card
//! (健康保険証利用登録, phones).
//!
//! Whatever binds or unbinds a card or phone is the person's own: a proxy sees how things
//! stand, as far as the relation reaches, and changes nothing. A phone is enrolled in two
//! steps, each with a challenge of its own: the card signs, then the phone.
//!
//! Source: identity-security 1.4 to 1.6; `eligibility::phones`.

use access::{
    challenge::{Answer as Signed, Challenge},
    policy::{Action, Class, Permission},
    proxy,
};
use eligibility::{
    api,
    phones::{errors as no, ops as phones, rules},
};
use kernel::{Refusal, Secret, Text, id::PersonId};
use registry::{
    model::{Coverage, EndReason, Profile},
    ops as people,
};
use serde::Serialize;
use store::{
    Call, Stop,
    caller::{Event, Purpose, Role},
};
use web::{Answer, Body, Face, Method, Request, Route, handler, request::Form, route::Reply};

use crate::{events, frame};

mod pages;
mod steps;

/// The screen for the counter.
const SCREEN: &str = "/portal/insurance";
/// How card and phone stand.
const REGISTRATION: &str = "/portal/insurance/registration";
const REGISTER: &str = "/portal/insurance/register";
const CANCEL: &str = "/portal/insurance/cancel";
const CODE: &str = "/portal/insurance/code";
const PHONE: &str = "/portal/insurance/phone";
const PHONE_CARD: &str = "/portal/insurance/phone/card";
const PHONE_END: &str = "/portal/insurance/phone/end";

type Serve = fn(Request) -> Reply;

const fn get(path: &'static str, event: &'static Event, summary: Text, handler: Serve) -> Route {
    Route {
        method: Method::Get,
        path,
        face: Face::Portal,
        permission: Permission::OwnData,
        event,
        purpose: Purpose::OwnAccess,
        body: Body::None,
        summary,
        handler,
    }
}

fn post(path: &'static str, event: &'static Event, summary: Text, handler: Serve) -> Route {
    Route {
        method: Method::Post,
        body: Body::Form,
        ..begin(path, event, summary, handler)
    }
}

/// Asking for a challenge begins a choice.
fn begin(path: &'static str, event: &'static Event, summary: Text, handler: Serve) -> Route {
    Route {
        permission: Permission::OwnChoice,
        ..get(path, event, summary, handler)
    }
}

const fn text(ja: &'static str, en: &'static str) -> Text {
    Text { ja, en }
}

/// Routes of the insurance pages.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut all = vec![
        get(
            SCREEN,
            &events::INSURANCE,
            text("資格情報の画面", "the screen for the counter"),
            handler!(screen),
        ),
        post(
            CODE,
            &events::SCREEN_CODE,
            text("受付に見せる番号の表示", "show a code for the counter"),
            handler!(show_code),
        ),
        get(
            REGISTRATION,
            &events::INSURANCE,
            text("保険証としての利用", "use as an insurance card"),
            handler!(registration),
        ),
        begin(
            REGISTER,
            &events::REGISTER,
            text("健康保険証利用登録の開始", "begin to register the card"),
            handler!(begin_register),
        ),
        post(
            REGISTER,
            &events::REGISTER,
            text("健康保険証利用登録", "register the card"),
            handler!(register),
        ),
        post(
            CANCEL,
            &events::CANCEL,
            text("健康保険証利用登録の取り消し", "cancel the registration"),
            handler!(cancel),
        ),
        Route {
            face: Face::Api,
            ..get(
                "/api/v1/portal/insurance",
                &events::INSURANCE,
                text(
                    "保険証としての利用(JSON)",
                    "use as an insurance card, as JSON",
                ),
                handler!(as_json),
            )
        },
    ];
    all.extend(phone_routes());
    all
}

fn phone_routes() -> Vec<Route> {
    vec![
        begin(
            PHONE,
            &events::PHONE_BEGIN,
            text("スマートフォンの登録の開始", "begin to enroll a phone"),
            handler!(begin_phone),
        ),
        post(
            PHONE_CARD,
            &events::PHONE_BEGIN,
            text(
                "スマートフォンの登録(カードの確認)",
                "enroll a phone: the card",
            ),
            handler!(phone_card),
        ),
        post(
            PHONE,
            &events::PHONE_ENROLL,
            text("スマートフォンの登録", "enroll a phone"),
            handler!(enroll_phone),
        ),
        post(
            PHONE_END,
            &events::PHONE_END,
            text("スマートフォンの利用の終了", "end a phone"),
            handler!(end_phone),
        ),
    ]
}

/// What both pages tell.
struct Seen {
    profile: Profile,
    coverages: Vec<Coverage>,
    standing: phones::Standing,
    /// Is this the person themself, who may change something?
    is_own: bool,
}

/// Opens the person, as far as the caller may see their coverage.
///
/// # Errors
/// `PROXY_SCOPE`; the store's.
fn see(call: &mut Call<'_>, me: PersonId) -> Result<Seen, Stop> {
    call.open(me)?;
    proxy::require(call, Class::Eligibility, Action::Read)?;
    Ok(Seen {
        profile: people::profile(call, me)?,
        coverages: people::coverages(call, me)?,
        standing: phones::standing(call, me)?,
        is_own: call.caller().role() == Role::Patient,
    })
}

async fn seen(request: &Request) -> Result<Seen, Refusal> {
    let me = frame::me(request)?;
    request.read(move |call| see(call, me)).await
}

/// What happened just before.
enum News<'a> {
    Nothing,
    Done(&'static str, &'static str),
    Refused(&'a Refusal),
}

async fn screen(request: Request) -> Result<Answer, Refusal> {
    let seen = seen(&request).await?;
    Ok(pages::screen(&request, &seen, None))
}

async fn show_code(request: Request) -> Result<Answer, Refusal> {
    let me = frame::me(&request)?;
    let (code, seen) = request
        .write(move |call| Ok((phones::issue_code(call)?, see(call, me)?)))
        .await?;
    Ok(pages::screen(&request, &seen, Some(&code)))
}

async fn registration(request: Request) -> Result<Answer, Refusal> {
    let seen = seen(&request).await?;
    let news = match request.query("done") {
        Some("registered") => News::Done(
            "健康保険証として使えるようになりました。",
            "Your card is now registered as your insurance card.",
        ),
        Some("cancelled") => News::Done(
            "利用登録を取り消しました。次の受診からは、資格確認書をお使いください。",
            "The registration is cancelled. From your next visit on, use the certificate of eligibility.",
        ),
        Some("phone") => News::Done(
            "スマートフォンを登録しました。受付の読み取り機にかざして使えます。",
            "Your phone is enrolled: hold it to the reader at the counter.",
        ),
        Some("ended") => News::Done(
            "スマートフォンの利用を終わりにしました。",
            "The phone has ended.",
        ),
        _ => News::Nothing,
    };
    Ok(pages::registration(&request, &seen, &news))
}

/// The page again, with what went wrong above it.
async fn refused(request: &Request, why: &Refusal) -> Result<Answer, Refusal> {
    if why.entry.status >= 500 {
        return Err(why.clone());
    }
    let seen = seen(request).await?;
    let page = pages::registration(request, &seen, &News::Refused(why));
    Ok(page.with_status(why.entry.status))
}

fn done(request: &Request, word: &str) -> Answer {
    let path = format!("{REGISTRATION}?done={word}");
    Answer::see_other(&frame::link(request.lang(), &path))
}

/// What the card or phone has signed, off a form. A pasted text may hold line breaks, which
/// base64 of a file often has.
fn signed(request: &Request, form: &Form) -> Result<Signed, Refusal> {
    let joined = |name: &str| -> String { form.text(name).split_whitespace().collect() };
    api::card_signature(
        request,
        form.text("challenge"),
        &joined("certificate"),
        &joined("signature"),
    )
}

/// Leaves the record of what never reached its operation.
async fn note<T>(request: &Request, why: Refusal) -> Result<T, Refusal>
where
    T: Send + 'static,
{
    let me = frame::me(request)?;
    request
        .write(move |call| {
            call.open(me)?;
            Err(Stop::Refused(why.clone()))
        })
        .await
}

/// A challenge for the card, and the person's name for the page.
async fn begin_card(
    request: &Request,
    purpose: &'static str,
) -> Result<(Challenge, String), Refusal> {
    let me = frame::me(request)?;
    request
        .write(move |call| {
            let challenge = phones::begin_card(call, purpose)?;
            Ok((challenge, people::profile(call, me)?.name))
        })
        .await
}

async fn begin_register(request: Request) -> Result<Answer, Refusal> {
    match begin_card(&request, phones::REGISTRATION).await {
        Ok((challenge, name)) => steps::register(&request, &name, &challenge),
        Err(why) => refused(&request, &why).await,
    }
}

async fn register(request: Request) -> Result<Answer, Refusal> {
    let origin = request.app().origin.clone();
    let outcome = match signed(&request, &request.form()?) {
        Ok(signed) => request
            .write(move |call| phones::register_own(call, &signed, &origin))
            .await
            .and_then(|inner| inner.map(drop)),
        Err(why) => note(&request, why).await,
    };
    match outcome {
        Ok(()) => Ok(done(&request, "registered")),
        Err(why) => refused(&request, &why).await,
    }
}

async fn cancel(request: Request) -> Result<Answer, Refusal> {
    match request.write(phones::cancel_own).await {
        Ok(()) => Ok(done(&request, "cancelled")),
        Err(why) => refused(&request, &why).await,
    }
}

async fn begin_phone(request: Request) -> Result<Answer, Refusal> {
    match begin_card(&request, phones::PHONE_CARD).await {
        Ok((challenge, name)) => steps::phone_card(&request, &name, &challenge),
        Err(why) => refused(&request, &why).await,
    }
}

async fn phone_card(request: Request) -> Result<Answer, Refusal> {
    let me = frame::me(&request)?;
    let origin = request.app().origin.clone();
    let outcome = match signed(&request, &request.form()?) {
        Ok(signed) => request
            .write(move |call| {
                let begun = phones::begin_phone(call, &signed, &origin)?;
                Ok((begun, see(call, me)?))
            })
            .await
            .and_then(|(begun, seen)| Ok((begun?, seen))),
        Err(why) => note(&request, why).await,
    };
    match outcome {
        Ok((challenge, seen)) => steps::phone(&request, &seen, &challenge),
        Err(why) => refused(&request, &why).await,
    }
}

fn wish(form: &Form) -> Result<phones::PhoneWish, Refusal> {
    let label = form.text("label");
    Ok(phones::PhoneWish {
        label: rules::label(label).ok_or_else(|| Refusal::at(&no::LABEL, "label", ""))?,
        replaces: form.text("replaces") == "replaces",
    })
}

async fn enroll_phone(request: Request) -> Result<Answer, Refusal> {
    let origin = request.app().origin.clone();
    let form = request.form()?;
    let parsed = wish(&form).and_then(|wish| Ok((signed(&request, &form)?, wish)));
    let outcome = match parsed {
        Ok((signed, wish)) => request
            .write(move |call| phones::enroll_phone(call, &signed, &origin, &wish))
            .await
            .and_then(|inner| inner),
        Err(why) => note(&request, why).await,
    };
    match outcome {
        Ok(()) => Ok(done(&request, "phone")),
        Err(why) => refused(&request, &why).await,
    }
}

async fn end_phone(request: Request) -> Result<Answer, Refusal> {
    let form = request.form()?;
    let outcome = match EndReason::from_code(form.text("reason")) {
        Some(reason @ (EndReason::Lost | EndReason::Removed)) => {
            request
                .write(move |call| phones::end_phone(call, reason))
                .await
        }
        _ => {
            let why = Refusal::at(&no::END_REASON, "reason", form.text("reason"));
            note(&request, why).await
        }
    };
    match outcome {
        Ok(()) => Ok(done(&request, "ended")),
        Err(why) => refused(&request, &why).await,
    }
}

#[derive(Serialize)]
struct WireStanding {
    registered_at: Option<String>,
    may_enroll_phone: bool,
    certificates: Vec<WireCertificate>,
    registrations: Vec<WireUse>,
}

#[derive(Serialize)]
struct WireCertificate {
    medium: &'static str,
    label: String,
    from: String,
    ended_at: Option<String>,
    end_reason: Option<&'static str>,
}

#[derive(Serialize)]
struct WireUse {
    from: String,
    until: Option<String>,
}

async fn as_json(request: Request) -> Result<Answer, Refusal> {
    let Seen { standing, .. } = seen(&request).await?;
    let today = request.at().jst_date();
    let certificates = standing.certificates.iter().map(|one| WireCertificate {
        medium: one.medium.code(),
        label: one.label.clone(),
        from: one.from.to_string(),
        ended_at: one.end.map(|(at, _)| at.to_string()),
        end_reason: one.end.map(|(_, reason)| reason.code()),
    });
    let registrations = standing.uses.iter().map(|one| WireUse {
        from: one.from.to_string(),
        until: one.until.map(|at| at.to_string()),
    });
    let wire = WireStanding {
        registered_at: standing.registered_at().map(|at| at.to_string()),
        may_enroll_phone: standing.is_of_age(today) && standing.registered_at().is_some(),
        certificates: certificates.collect(),
        registrations: registrations.collect(),
    };
    Ok(Answer::json(200, &wire))
}

/// `1234 5678`: easier to read out than eight digits in a row.
fn spaced(code: &Secret<String>) -> String {
    let (first, last) = code.reveal().split_at_checked(4).unwrap_or_default();
    format!("{first} {last}")
}
