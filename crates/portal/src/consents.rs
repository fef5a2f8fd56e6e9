//! Consent (同意) as the person sees it: which facility may see what until when, and the
//! way to take it back.

use access::{
    consent::{self, Category, Consent},
    policy::{Action, Class, Permission},
    proxy,
};
use kernel::{Refusal, Text, id::FacilityId, time::Timestamp};
use maud::{Markup, html};
use registry::ops as people;
use store::caller::{Event, Purpose};
use web::{
    Answer, Body, Face, Method, Request, Route,
    errors::NO_SUCH,
    handler,
    route::Reply,
    ui::{self, Lang, Tone},
};

use crate::{
    events,
    frame::{self, Tab},
    words,
};

const WITHDRAW: &str = "/portal/consents/withdraw";

/// Routes of consent.
#[must_use]
pub fn routes() -> Vec<Route> {
    let route =
        |method, path, event: &'static Event, body, summary, handler: fn(Request) -> Reply| Route {
            method,
            path,
            face: Face::Portal,
            permission: match method {
                Method::Get => Permission::OwnData,
                _ => Permission::OwnChoice,
            },
            event,
            purpose: Purpose::OwnAccess,
            body,
            summary,
            handler,
        };
    vec![
        route(
            Method::Get,
            "/portal/consents",
            &events::CONSENTS,
            Body::None,
            Text {
                ja: "同意の一覧",
                en: "own consents",
            },
            handler!(page),
        ),
        route(
            Method::Post,
            WITHDRAW,
            &events::WITHDRAW,
            Body::Form,
            Text {
                ja: "同意の取り消し",
                en: "withdraw consent from a facility",
            },
            handler!(withdraw),
        ),
    ]
}

/// What one facility may see now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Which facility.
    pub facility: FacilityId,
    /// What.
    pub categories: Vec<Category>,
    /// First instant at which none of it may be seen any more.
    pub until: Timestamp,
}

/// Who may see what at `at`, by the ledger; the consent that ends last first.
#[must_use]
pub fn open(ledger: &[Consent], at: Timestamp) -> Vec<Open> {
    let mut facilities: Vec<FacilityId> = ledger.iter().map(|c| c.facility).collect();
    facilities.sort_unstable();
    facilities.dedup();
    let mut open: Vec<Open> = facilities
        .into_iter()
        .filter_map(|facility| {
            let granted = consent::granted(ledger, facility, at).ok()?;
            Some(Open {
                facility,
                until: granted.iter().map(|(_, until)| *until).max()?,
                categories: granted.into_iter().map(|(category, _)| category).collect(),
            })
        })
        .collect();
    open.sort_by_key(|one| std::cmp::Reverse(one.until));
    open
}

async fn page(request: Request) -> Result<Answer, Refusal> {
    let me = frame::me(&request)?;
    let (profile, open) = request
        .read(move |call| {
            proxy::require(call, Class::Consent, Action::Read)?;
            call.open(me)?;
            let ledger = consent::ledger(call, me)?;
            let mut named = Vec::new();
            for one in open(&ledger, call.at()) {
                let facility = people::facility_by_id(call, one.facility)?;
                named.push((facility.map(|f| f.name).unwrap_or_default(), one));
            }
            Ok((people::profile(call, me)?, named))
        })
        .await?;
    let lang = request.lang();
    let csrf = request.csrf();
    let is_done = request.query("done").is_some();
    let body = html! {
        @if is_done {
            (ui::notice(lang, ui::Level::Success, lang.pick("同意を取り消しました。", "Your consent is withdrawn."), &html! {
                p { (lang.pick(
                    "いまからその施設は、あなたの共有された情報を見ることができません。すでに見た記録は履歴に残ります。",
                    "From now on that facility cannot see your shared data. What it saw before stays in the history.")) }
            }))
        }
        p { (lang.pick(
            "診察のときなどにカードで同意すると、その施設は24時間だけ、選んだ情報を見ることができます。同意はいつでも取り消せます。",
            "When you consent with your card, that facility may see what you chose for 24 hours. You can withdraw at any time.")) }
        (list(lang, &csrf, &open))
    };
    let title = Tab::Consents.label(lang);
    Ok(frame::portal_page(
        &request,
        &profile.name,
        title,
        Tab::Consents,
        body,
    ))
}

/// The facilities, each with its button.
#[must_use]
pub fn list(lang: Lang, csrf: &str, open: &[(String, Open)]) -> Markup {
    if open.is_empty() {
        return ui::empty(
            lang.pick(
                "いま、あなたの情報を見られる施設はありません",
                "No facility may see your data now",
            ),
            lang.pick(
                "受診のときにカードで同意すると、ここに表示されます。",
                "Consents that you give with your card appear here.",
            ),
            None,
        );
    }
    let action = frame::link(lang, WITHDRAW);
    html! {
        @for (nth, (name, one)) in open.iter().enumerate() {
            @let name = if name.is_empty() { lang.pick("名前を確認できない施設", "A facility without a name") } else { name };
            @let label = match lang {
                Lang::Ja => format!("「{name}」への同意を取り消す"),
                Lang::En => format!("Withdraw consent from {name}"),
            };
            (ui::section(&format!("facility-{nth}"), name, &html! {
                dl.facts {
                    div {
                        dt { (lang.pick("見せている情報", "May see")) }
                        dd { (names(lang, &one.categories)) }
                    }
                    div {
                        dt { (lang.pick("いつまで", "Until")) }
                        dd { time datetime=(one.until) { (frame::instant(lang, one.until)) } }
                    }
                }
                (ui::post_button(&action, csrf, &[("facility", &one.facility.to_hex())], &label, Tone::Danger))
            }))
        }
    }
}

fn names(lang: Lang, categories: &[Category]) -> String {
    let words: Vec<&str> = categories
        .iter()
        .map(|category| words::category(lang, *category))
        .collect();
    words.join(lang.pick("、", ", "))
}

async fn withdraw(request: Request) -> Result<Answer, Refusal> {
    let me = frame::me(&request)?;
    let form = request.form()?;
    let facility = FacilityId::parse(form.text("facility"));
    request
        .write(move |call| {
            proxy::require(call, Class::Consent, Action::Write)?;
            let known = match facility {
                Some(id) => people::facility_by_id(call, id)?,
                None => None,
            };
            let known = known.ok_or_else(|| Refusal::new(&NO_SUCH))?;
            call.detail("facility", known.name);
            consent::withdraw(call, me, known.id)
        })
        .await?;
    let lang = request.lang();
    Ok(Answer::see_other(&frame::link(
        lang,
        "/portal/consents?done=1",
    )))
}
