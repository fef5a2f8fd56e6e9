//! One's own data (わたしの情報): what facilities have registered, without what a doctor has
//! not told or delivered yet (`records::ops::own` leaves it out).

use access::{consent::Category, policy::Permission};
use kernel::{Refusal, Text, time::JstDate};
use maud::{Markup, html};
use records::{
    labs,
    model::{Item, OwnView},
    show,
};
use store::caller::Purpose;
use web::{
    Answer, Body, Face, Method, Request, Route, handler,
    ui::{self, Lang},
};

use crate::{
    events,
    frame::{self, Tab},
    words,
};

pub mod hiding;

/// Curves on the page.
const CURVES: usize = 6;
/// What the page has sections for.
const SHOWN: [Category; 6] = [
    Category::Contraindications,
    Category::Allergies,
    Category::Conditions,
    Category::Infections,
    Category::Prescriptions,
    Category::Laboratory,
];

/// Routes of one's own data.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut routes = hiding::routes();
    routes.push(Route {
        method: Method::Get,
        path: "/portal/record",
        face: Face::Portal,
        permission: Permission::OwnData,
        event: &events::RECORD,
        purpose: Purpose::OwnAccess,
        body: Body::None,
        summary: Text {
            ja: "わたしの情報",
            en: "own shared record",
        },
        handler: handler!(page),
    });
    routes
}

async fn page(request: Request) -> Result<Answer, Refusal> {
    let me = frame::me(&request)?;
    let (profile, own) = request
        .read(move |call| {
            let own = records::ops::own(call, me)?;
            Ok((registry::ops::profile(call, me)?, own))
        })
        .await?;
    let lang = request.lang();
    let title = Tab::Record.label(lang);
    let documents = frame::link(lang, crate::documents::PATH);
    let choice = hiding::Choice::new(&request);
    let body = html! {
        p { a href=(documents) { (lang.pick(
            "紹介状・退院時サマリー・健診の結果などの文書を見る",
            "See referral letters, discharge summaries and checkup reports")) } }
        (content(lang, &own, Some(&choice)))
    };
    Ok(frame::portal_page(
        &request,
        &profile.name,
        title,
        Tab::Record,
        body,
    ))
}

/// The page's body: the sections of the categories that may be seen, and no other, because an
/// empty one would say that nothing is registered.
#[must_use]
pub fn content(lang: Lang, own: &OwnView, choice: Option<&hiding::Choice>) -> Markup {
    let more = |item: &Item| choice.map_or_else(|| html! {}, |choice| choice.of(item));
    let sees = |category: Category| own.categories.contains(&category);
    let sees_cautions = sees(Category::Contraindications) || sees(Category::Allergies);
    let of = |wanted: Category| -> Vec<Item> {
        own.items
            .iter()
            .filter(|item| item.category == wanted)
            .cloned()
            .collect()
    };
    let (conditions, infections) = (of(Category::Conditions), of(Category::Infections));
    let (laboratory, prescriptions) = (of(Category::Laboratory), of(Category::Prescriptions));
    let table = |id, caption, items: &[Item]| labs::table(lang, id, caption, items, true);
    html! {
        (advice(lang))
        (left_out(lang, own))
        @if choice.is_some() { (hiding::advice(lang)) }
        @if sees_cautions {
        (cautions(lang, &[of(Category::Contraindications), of(Category::Allergies)].concat(), &more))
        }
        @if sees(Category::Conditions) {
        (ui::section("conditions", lang.pick("病名(傷病名)", "Conditions"),
            &some_or_none(lang, &conditions, || show::conditions(lang, &conditions, &more))))
        }
        @if sees(Category::Infections) {
        (ui::section("infections", lang.pick("感染症の検査", "Infections"),
            &some_or_none(lang, &infections, || html! {
                (table("infection-table", lang.pick("感染症の検査結果", "Infection tests"), &infections))
                (sources(lang, &infections))
            })))
        }
        @if sees(Category::Prescriptions) {
        (ui::section("prescriptions", lang.pick("お薬の処方", "Prescriptions"),
            &some_or_none(lang, &prescriptions, || show::prescriptions(lang, "prescription-table", &prescriptions))))
        }
        @if sees(Category::Laboratory) {
        (ui::section("laboratory", lang.pick("検査結果", "Laboratory results"),
            &some_or_none(lang, &laboratory, || html! {
                (table("lab-table", lang.pick("検査結果の推移(新しい順)", "Results, newest first"), &laboratory))
                (labs::curves(lang, "trend", &laboratory, CURVES))
                (sources(lang, &laboratory))
            })))
        }
        @if let Some(choice) = choice { (choice.reports(&own.items)) }
        p { (lang.pick(
            "医療機関での説明のあとに表示される情報があります。ここにない情報は、受診した医療機関におたずねください。",
            "Some information appears only after your doctor has explained it. Please ask the facility about what is not here.")) }
    }
}

/// What a proxy may not see, by name.
fn left_out(lang: Lang, own: &OwnView) -> Markup {
    let hidden: Vec<&str> = SHOWN
        .into_iter()
        .filter(|category| !own.categories.contains(category))
        .map(|category| words::category(lang, category))
        .collect();
    if hidden.is_empty() {
        return html! {};
    }
    let names = hidden.join(lang.pick("、", ", "));
    let heading = lang.pick(
        "任されていない情報は表示していません",
        "What is outside your scope is not shown",
    );
    ui::notice(lang, ui::Level::Warning, heading, &html! { p { (names) } })
}

fn advice(lang: Lang) -> Markup {
    ui::notice(
        lang,
        ui::Level::Info,
        lang.pick(
            "医師の診察や説明に代わるものではありません",
            "This does not replace your doctor",
        ),
        &html! { p { (lang.pick(
        "医療機関が登録した情報をそのまま表示しています。気になることがあるときや、お薬・治療を変えたいときは、ご自分で判断せず、必ず主治医にご相談ください。",
        "What you see is what facilities have registered. Please ask your doctor before you change any medicine or treatment.")) } },
    )
}

fn some_or_none(lang: Lang, items: &[Item], show: impl FnOnce() -> Markup) -> Markup {
    if items.is_empty() {
        return html! { p { (lang.pick(
        "登録された情報はありません。記録がないことは、病気などがないことを示すものではありません。",
        "Nothing is registered. That does not mean that there is nothing.")) } };
    }
    show()
}

/// Allergies and contraindications, the gravest first.
fn cautions(lang: Lang, items: &[Item], more: show::More<'_>) -> Markup {
    let mut listed = show::caution_lines(lang, items, more);
    listed.sort_by_key(|caution| !caution.high_risk);
    if !listed.is_empty() {
        return ui::cautions(lang, &ui::Cautions::Listed(&listed));
    }
    let heading = lang.pick("アレルギー・薬剤禁忌", "Allergies and contraindications");
    let body = html! { p { (lang.pick(
    "登録された情報はありません。「アレルギーがない」という意味ではありません。心当たりがあるときは、受診のときに必ずお伝えください。",
    "Nothing is registered. That does not mean \"none\": please tell your doctor of any allergy you know.")) } };
    ui::section("cautions", heading, &body)
}

/// Which facilities the items come from, each registration day once.
fn sources(lang: Lang, items: &[Item]) -> Markup {
    let mut from: Vec<(JstDate, &str, Option<&str>)> = items
        .iter()
        .map(|item| {
            let origin = &item.provenance;
            (
                origin.registered_at.jst_date(),
                origin.facility.as_str(),
                origin.department.as_deref(),
            )
        })
        .collect();
    from.sort_unstable();
    from.dedup();
    html! {
        @for (on, facility, department) in from.iter().rev() {
            (ui::provenance(lang, facility, *department, *on))
        }
    }
}
