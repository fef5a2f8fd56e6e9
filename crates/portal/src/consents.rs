//! Consent (同意) as the person sees it: which facility may see what until when and why, the
//! way to take it back, the way to let a facility see it every time, and all that was chosen.

use std::collections::{BTreeMap, btree_map};

use access::{
    consent::{self, Category, Entry, Scope, Source, Standing},
    errors as no, history,
    policy::{self, Action, Class, Facts, Permission},
};
use eligibility::home;
use kernel::{
    Refusal, Text,
    code::FacilityCode,
    id::{FacilityId, PersonId},
    time::Timestamp,
};
use maud::{Markup, html};
use registry::{model::FacilityKind, ops as people};
use store::{
    Call, Stop,
    audit::Subject,
    caller::{Event, Purpose},
};
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

mod ledger;
mod receipt;
mod standing;

const RECEIPT: Text = Text {
    ja: "同意の控え",
    en: "receipt of an own choice",
};
const WITHDRAW: &str = "/portal/consents/withdraw";
const STANDING: &str = "/portal/consents/standing";
/// Pages of the history in which a facility that the person visited is looked for.
const PAGES_MAX: usize = 10;
/// Entries of the ledger that are shown, the newest.
const SHOWN_MAX: usize = 100;

const OWN: Text = Text {
    ja: "同意の一覧",
    en: "own consents",
};

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
            OWN,
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
        route(
            Method::Post,
            STANDING,
            &events::STANDING,
            Body::Form,
            Text {
                ja: "次回からも見せる同意",
                en: "let a facility see one's data every time",
            },
            handler!(standing::give),
        ),
        route(
            Method::Get,
            "/portal/consents/{consent}",
            &events::RECEIPT,
            Body::None,
            RECEIPT,
            handler!(receipt::page),
        ),
        Route {
            face: Face::Api,
            ..route(
                Method::Get,
                "/api/v1/portal/consents/{consent}",
                &events::RECEIPT,
                Body::None,
                RECEIPT,
                handler!(receipt::json),
            )
        },
    ]
}

/// A category, the first instant at which it may no longer be seen, and the kind of choice
/// behind it.
pub type Term = (Category, Timestamp, Source);

/// What one facility may see now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Which facility.
    pub facility: FacilityId,
    /// What, each until when and by which kind of choice.
    pub categories: Vec<Term>,
    /// First instant at which none of it may be seen any more.
    pub until: Timestamp,
    /// How the person proved to be there at the newest of these choices.
    pub method: String,
}

/// Who may see what at `at`, by the ledger; the consent that ends last first.
#[must_use]
pub fn open(ledger: &[Entry], at: Timestamp) -> Vec<Open> {
    let mut facilities: Vec<FacilityId> = ledger.iter().map(|c| c.facility).collect();
    facilities.sort_unstable();
    facilities.dedup();
    let mut open: Vec<Open> = facilities
        .into_iter()
        .filter_map(|facility| of_facility(ledger, facility, at))
        .collect();
    open.sort_by_key(|one| std::cmp::Reverse(one.until));
    open
}

fn of_facility(ledger: &[Entry], facility: FacilityId, at: Timestamp) -> Option<Open> {
    let mut newest: Option<&Entry> = None;
    let mut categories = Vec::new();
    for category in Category::ALL {
        let scope = Scope {
            facility,
            category,
            purpose: Purpose::Treatment,
        };
        let Standing::Given { until, id, source } = consent::standing(ledger, scope, at) else {
            continue;
        };
        categories.push((category, until, source));
        let behind = ledger.iter().filter(|entry| entry.id == id);
        newest = newest.into_iter().chain(behind).max_by_key(|e| e.number);
    }
    Some(Open {
        facility,
        until: categories.iter().map(|(_, until, _)| *until).max()?,
        categories,
        method: newest?.method.clone(),
    })
}

struct Seen {
    name: String,
    open: Vec<(String, Open)>,
    /// Facilities that the person may let see their data every time, by name.
    known: BTreeMap<FacilityId, String>,
    ledger: Vec<Entry>,
}

fn see(call: &mut Call<'_>, me: PersonId) -> Result<Seen, Stop> {
    may(call, me, Action::Read)?;
    call.open(me)?;
    let ledger = consent::ledger(call, me)?;
    let known = known(call, me, &ledger)?;
    let name = |facility| known.get(&facility).cloned().unwrap_or_default();
    Ok(Seen {
        name: people::profile(call, me)?.name,
        open: open(&ledger, call.at())
            .into_iter()
            .map(|one| (name(one.facility), one))
            .collect(),
        known,
        ledger,
    })
}

/// The person may do this with their own consents, and whoever acts for them.
fn may(call: &Call<'_>, me: PersonId, action: Action) -> Result<(), Stop> {
    let facts = Facts::about(call, me, Class::Consent, action)?;
    policy::require(call, Class::Consent, action, facts)
}

/// The facilities of the ledger, and those that are on the newest pages of the history.
fn known(
    call: &mut Call<'_>,
    me: PersonId,
    ledger: &[Entry],
) -> Result<BTreeMap<FacilityId, String>, Stop> {
    let mut codes: Vec<String> = Vec::new();
    let mut below = i64::MAX;
    for _ in 0..PAGES_MAX {
        let entries = call.history(Subject::Person(me), below, history::PAGE_MAX)?;
        let Some(last) = entries.last() else { break };
        below = last.seq;
        let done = entries.into_iter().filter(|e| e.record.refused.is_none());
        codes.extend(done.map(|entry| entry.record.facility_code));
    }
    codes.sort_unstable();
    codes.dedup();
    let mut known = BTreeMap::new();
    for entry in ledger {
        if let btree_map::Entry::Vacant(place) = known.entry(entry.facility) {
            let facility = people::facility_by_id(call, entry.facility)?;
            place.insert(facility.map(|f| f.name).unwrap_or_default());
        }
    }
    for code in codes {
        let Ok(code) = FacilityCode::from_register(&code) else {
            continue;
        };
        let facility = people::facility_by_code(call, &code)?;
        // Whoever can be shown nothing is not offered.
        let facility = facility.filter(|one| one.kind != FacilityKind::TherapyOffice);
        if let Some(facility) = facility {
            known.insert(facility.id, facility.name);
        }
    }
    Ok(known)
}

async fn page(request: Request) -> Result<Answer, Refusal> {
    let me = frame::me(&request)?;
    let seen = request.read(move |call| see(call, me)).await?;
    let lang = request.lang();
    let csrf = request.csrf();
    let body = html! {
        (done(lang, request.query("done")))
        p { (lang.pick(
            "診察のときなどにカードで同意すると、その施設は24時間だけ、選んだ情報を見ることができます。「次回からも」を選んだときは、その終わりの日までです。どちらも、いつでも取り消せます。",
            "When you consent with your card, that facility may see what you chose for 24 hours, or until the day you named. You can withdraw at any time.")) }
        (list(lang, &csrf, &seen.open))
        (ui::section("standing", lang.pick("次回からも見せる施設を決める", "Let a facility see it every time"),
            &html! {
                p { (lang.pick(
                    "よく受診する施設や、在宅でお世話になっている施設に、毎回選ばなくても見せられます。",
                    "A facility that you often visit, or that cares for you at home, need not ask every time.")) }
                details {
                    summary { (lang.pick("施設・情報・期間を選ぶ", "Choose facility, information and time")) }
                    (standing::form(lang, &csrf, &seen.known))
                }
            }))
        (ui::section("ledger", lang.pick("これまでの同意と取り消し", "What you chose so far"),
            &ledger::shown(lang, &seen.ledger, &seen.known)))
    };
    let title = Tab::Consents.label(lang);
    Ok(frame::portal_page(
        &request,
        &seen.name,
        title,
        Tab::Consents,
        body,
    ))
}

fn done(lang: Lang, what: Option<&str>) -> Markup {
    let (heading, text) = match what {
        None => return Markup::default(),
        Some("standing") => (
            lang.pick("「次回からも見せる」を登録しました。", "Your choice is recorded."),
            lang.pick(
                "その施設は、終わりの日まで、選んだ情報を見ることができます。",
                "That facility may see what you chose until the day you named.",
            ),
        ),
        Some(_) => (
            lang.pick("同意を取り消しました。", "Your consent is withdrawn."),
            lang.pick(
                "いまからその施設は、取り消した情報を見ることができません。すでに見た記録は履歴に残ります。",
                "From now on that facility cannot see what you withdrew. What it saw before stays in the history.",
            ),
        ),
    };
    ui::notice(lang, ui::Level::Success, heading, &html! { p { (text) } })
}

/// The facilities, each with its buttons.
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
            @let name = ledger::named(lang, name);
            @let facility = one.facility.to_hex();
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
                        dd { (terms(lang, &one.categories)) }
                    }
                    div {
                        dt { (lang.pick("確認の方法", "Confirmed by")) }
                        dd { (ledger::method(lang, &one.method)) }
                    }
                }
                (ui::post_button(&action, csrf, &[("facility", &facility)], &label, Tone::Danger))
                @if one.categories.len() > 1 {
                    details {
                        summary { (lang.pick("一部の情報だけ取り消す", "Withdraw a part of it")) }
                        @for (category, _, _) in &one.categories {
                            @let word = words::category(lang, *category);
                            @let label = match lang {
                                Lang::Ja => format!("「{word}」だけ取り消す"),
                                Lang::En => format!("Withdraw {word} only"),
                            };
                            (ui::post_button(&action, csrf,
                                &[("facility", &facility), ("category", category.word())], &label, Tone::Secondary))
                        }
                    }
                }
            }))
        }
    }
}

fn names(lang: Lang, categories: &[Term]) -> String {
    let words: Vec<&str> = categories
        .iter()
        .map(|(category, _, _)| words::category(lang, *category))
        .collect();
    words.join(lang.pick("、", ", "))
}

/// Until when, a line for each end: one when all end together.
fn terms(lang: Lang, categories: &[Term]) -> Markup {
    let mut ends: BTreeMap<(Timestamp, Source), Vec<Term>> = BTreeMap::new();
    for one in categories {
        ends.entry((one.1, one.2)).or_default().push(*one);
    }
    html! {
        @for ((until, source), of) in &ends {
            p {
                time datetime=(until) { (frame::instant(lang, *until)) }
                " " (lang.pick("(", "(")) (lang.pick(source.ja(), source.en())) (lang.pick(")", ")"))
                @if ends.len() > 1 { " " (names(lang, of)) }
            }
        }
    }
}

async fn withdraw(request: Request) -> Result<Answer, Refusal> {
    let me = frame::me(&request)?;
    let form = request.form()?;
    let facility = FacilityId::parse(form.text("facility"));
    let category = match form.text("category") {
        "" => None,
        word => Some(category(word)?),
    };
    request
        .write(move |call| {
            may(call, me, Action::Delete)?;
            let known = match facility {
                Some(id) => people::facility_by_id(call, id)?,
                None => None,
            };
            let known = known.ok_or_else(|| Refusal::new(&NO_SUCH))?;
            call.detail("facility", known.name);
            if let Some(category) = category {
                call.detail("categories", category.word());
            }
            let count = consent::withdraw_from(call, me, known.id, category)?;
            home::sync(call, known.id, me)?;
            Ok(count)
        })
        .await?;
    let lang = request.lang();
    Ok(Answer::see_other(&frame::link(
        lang,
        "/portal/consents?done=1",
    )))
}

fn category(word: &str) -> Result<Category, Refusal> {
    Category::parse(word).ok_or_else(|| Refusal::at(&no::CONSENT_CATEGORY, "category", word))
}
