//! The shared record on one page: what is dangerous to overlook first, each line with where it
//! comes from, and beside an old line the question whether it still holds.

mod confirm;

use access::{
    consent::Category,
    policy::{Action, Class, Permission, Policy, Question},
};
use eligibility::{
    model::VisitId,
    pages::{staff_page, visit_crumbs},
};
use kernel::{
    Refusal, Text,
    time::{JstDate, Timestamp},
};
use maud::{Markup, html};
use records::{labs, model::Item, show};
use store::caller::Purpose;
use web::{
    Answer, Body, Face, Method, Request, Route, handler,
    ui::{self, Lang},
};

use crate::view;

/// Curves on the page.
const CURVES: usize = 4;

/// Routes of the doctor's pages.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        confirm::route(),
        Route {
            method: Method::Get,
            path: "/visits/{visit}/record",
            face: Face::Page,
            permission: Permission::ViewShared,
            event: &view::VIEW,
            purpose: Purpose::Treatment,
            body: Body::None,
            summary: Text {
                ja: "共有された診療情報",
                en: "shared record of a visiting patient",
            },
            handler: handler!(record),
        },
    ]
}

async fn record(request: Request) -> Result<Answer, Refusal> {
    let visit = request.id_param("visit", VisitId::parse)?;
    let facility = request.facility()?;
    let looked = request
        .read(move |call| view::look(call, facility, visit))
        .await;
    let lang = request.lang();
    let title = lang.pick("共有された診療情報", "Shared record");
    let href = format!("/visits/{}", visit.to_hex());
    let crumbs = visit_crumbs(lang, &href, title);
    match looked {
        Ok(look) => Ok(staff_page(
            &request,
            title,
            &crumbs,
            false,
            body(&request, &look, &href),
        )),
        Err(why) if why.entry.code.starts_with("TSK-CNS-") => {
            let status = why.entry.status;
            let body = no_consent(lang, &why, &href);
            Ok(staff_page(&request, title, &crumbs, true, body).with_status(status))
        }
        Err(why) => Err(why),
    }
}

fn no_consent(lang: Lang, why: &Refusal, href: &str) -> Markup {
    html! {
        (ui::verdict(&ui::Verdict {
            lang,
            signal: ui::Signal::Yellow,
            heading: lang.pick("共有された情報は表示できません", "The shared record is closed"),
            reason: lang.text(&why.entry.cause),
            next: lang.text(&why.entry.remedy),
            code: Some(why.entry.code),
        }))
        (ui::actions(&[ui::button_link(href, lang.pick("資格確認の結果に戻る", "Back"), ui::Tone::Primary)]))
    }
}

fn body(request: &Request, look: &view::Look, href: &str) -> Markup {
    let lang = request.lang();
    let asks = confirm::Asks::new(request, href);
    let ask = |item: &Item| asks.of(item);
    let today = request.at().jst_date();
    let of = |category: Category| -> Option<Vec<Item>> {
        look.shared
            .open
            .iter()
            .any(|(open, _)| *open == category)
            .then(|| {
                look.shared
                    .items
                    .iter()
                    .filter(|i| i.category == category)
                    .cloned()
                    .collect()
            })
    };
    // What the role never sees is left out: no consent would open it.
    let role = request.caller().role();
    let is_for = |class| {
        let question = Question {
            role,
            class,
            action: Action::Read,
            purpose: Purpose::Treatment,
        };
        Policy::own().rule(question).is_some()
    };
    html! {
        (ui::person_strip(&ui::PersonStrip {
            lang,
            name: &look.profile.name,
            kana: &look.profile.kana,
            sex: look.profile.sex.ja(),
            birth: look.profile.birth,
            today,
            insured: None,
        }))
        (cautions(lang, of(Category::Allergies), of(Category::Contraindications), &ask))
        (until(lang, &look.shared.open))
        (hidden(lang, &look.shared.hidden))
        (asks.heading(&look.shared.items))
        @if is_for(Class::Conditions) {
            (ui::section("conditions", lang.pick("傷病名", "Conditions"),
                &closed_or(lang, of(Category::Conditions), |items| show::conditions(lang, &items, &ask))))
        }
        (ui::section("infections", lang.pick("感染症", "Infections"),
            &closed_or(lang, of(Category::Infections), |items| html! {
                (labs::table(lang, "infection-table", lang.pick("感染症の検査結果", "Infection tests"), &items, false))
                (sources(lang, &items))
            })))
        @if is_for(Class::Prescriptions) {
            (ui::section("prescriptions", lang.pick("処方", "Prescriptions"),
                &closed_or(lang, of(Category::Prescriptions), |items| show::prescriptions(lang, "prescription-table", &items))))
        }
        (ui::section("laboratory", lang.pick("検査結果", "Laboratory results"),
            &closed_or(lang, of(Category::Laboratory), |items| html! {
                (labs::table(lang, "lab-table", lang.pick("検査結果の推移(新しい順)", "Results, newest first"), &items, false))
                (labs::curves(lang, "trend", &items, CURVES))
                (sources(lang, &items))
            })))
    }
}

fn until(lang: Lang, open: &[(Category, Timestamp)]) -> Markup {
    let Some(end) = open.iter().map(|(_, until)| *until).min() else {
        return html! {};
    };
    let names: Vec<&str> = open.iter().map(|(c, _)| name(lang, *c)).collect();
    let names = names.join(lang.pick("、", ", "));
    ui::notice(
        lang,
        ui::Level::Info,
        lang.pick(
            "患者さんの同意の範囲で表示しています",
            "Shown within the patient's consent",
        ),
        &html! { p { @match lang {
            Lang::Ja => { (names) "(" (end.jst_japanese()) "まで)。この閲覧は患者さんの履歴に残ります。" },
            Lang::En => { (names) " (until " (end.jst_minute()) "). This look is in the patient's history." },
        } } },
    )
}

/// A category's name for the reader.
const fn name(lang: Lang, category: Category) -> &'static str {
    lang.pick(category.ja(), category.en())
}

fn closed_or(
    lang: Lang,
    items: Option<Vec<Item>>,
    show: impl FnOnce(Vec<Item>) -> Markup,
) -> Markup {
    match items {
        None => html! { p { (lang.pick(
        "患者さんの同意がないため、表示していません。",
        "Not shown: the patient has not consented to this.")) } },
        Some(items) if items.is_empty() => html! { p { (lang.pick(
        "登録された情報はありません。記録がないことは、病気などがないことを示すものではありません。",
        "Nothing is registered. That does not mean that there is nothing.")) } },
        Some(items) => show(items),
    }
}

/// That the person keeps something to themself, and never what.
fn hidden(lang: Lang, hidden: &[(Category, usize)]) -> Markup {
    if hidden.is_empty() {
        return html! {};
    }
    let heading = lang.pick(
        "患者さんが見せない設定にした情報があります",
        "The patient keeps some information back",
    );
    let counts: Vec<String> = hidden
        .iter()
        .map(|(category, count)| match lang {
            Lang::Ja => format!("{} {count}件", name(lang, *category)),
            Lang::En => format!("{}: {count}", name(lang, *category)),
        })
        .collect();
    ui::notice(
        lang,
        ui::Level::Warning,
        heading,
        &html! { p { (counts.join(lang.pick("、", ", "))) (lang.pick(
        "。内容は表示できません。診療に必要なときは、患者さんに直接おたずねください。",
        ". What it is cannot be shown; please ask the patient if care needs it.")) } },
    )
}

fn cautions(
    lang: Lang,
    allergies: Option<Vec<Item>>,
    drugs: Option<Vec<Item>>,
    ask: show::More<'_>,
) -> Markup {
    let closed = [
        (allergies.is_none(), Category::Allergies),
        (drugs.is_none(), Category::Contraindications),
    ];
    let closed: Vec<&str> = closed
        .iter()
        .filter(|(c, _)| *c)
        .map(|(_, c)| name(lang, *c))
        .collect();
    if closed.len() == 2 {
        return ui::cautions(lang, &ui::Cautions::Withheld);
    }
    let items: Vec<Item> = [drugs, allergies].into_iter().flatten().flatten().collect();
    let mut listed = show::caution_lines(lang, &items, ask);
    // Stable: among equals, those that a doctor retired stay behind.
    listed.sort_by_key(|caution| !caution.high_risk);
    html! {
        @if listed.is_empty() {
            (ui::cautions(lang, &ui::Cautions::NotRecorded))
        } @else {
            (ui::cautions(lang, &ui::Cautions::Listed(&listed)))
        }
        @for name in closed {
            p { (name) (lang.pick(
                "は、患者さんの同意がないため表示していません。",
                " are not shown: the patient has not consented to this.")) }
        }
    }
}

fn sources(lang: Lang, items: &[Item]) -> Markup {
    let mut seen: Vec<(&str, JstDate)> = items
        .iter()
        .map(|i| {
            (
                i.provenance.facility.as_str(),
                i.provenance.registered_at.jst_date(),
            )
        })
        .collect();
    seen.sort_unstable();
    seen.dedup();
    html! {
        @for (facility, on) in seen { (ui::provenance(lang, facility, None, on)) }
    }
}
