//! A standing choice: the person lets a facility that they know see something every time.

use std::collections::BTreeMap;

use access::{
    consent::{self, Category, Choice, Source},
    errors as no,
    policy::Action,
};
use eligibility::home;
use kernel::{Refusal, id::FacilityId};
use maud::{Markup, html};
use store::caller::Purpose;
use web::{
    Answer, Request,
    errors::NO_SUCH,
    ui::{self, Lang, Tone},
};

use super::{STANDING, category, known, ledger, may};
use crate::{frame, words};

/// Days for which a standing choice can be made here.
const TERMS: [(i64, &str, &str); 3] = [
    (365, "1年間", "one year"),
    (182, "6か月間(182日)", "six months (182 days)"),
    (91, "3か月間(91日)", "three months (91 days)"),
];

/// The form.
pub(super) fn form(lang: Lang, csrf: &str, known: &BTreeMap<FacilityId, String>) -> Markup {
    if known.is_empty() {
        return html! { p { (lang.pick(
        "受診したことのある施設が、ここに表示されます。",
        "Facilities that you have visited appear here.")) } };
    }
    let facilities: Vec<(String, &str)> = known
        .iter()
        .map(|(id, name)| (id.to_hex(), ledger::named(lang, name)))
        .collect();
    let facilities: Vec<ui::Choice<'_>> = facilities
        .iter()
        .map(|(id, name)| choice(id, name, None, false))
        .collect();
    let categories: Vec<ui::Choice<'_>> = Category::ALL
        .iter()
        .map(|c| {
            let more = (lang == Lang::Ja).then(|| c.explanation_ja());
            choice(c.word(), words::category(lang, *c), more, false)
        })
        .collect();
    let days = TERMS.map(|(days, ja, en)| (days.to_string(), lang.pick(ja, en)));
    let terms: Vec<ui::Choice<'_>> = (0..)
        .zip(&days)
        .map(|(nth, (days, label))| choice(days, label, None, nth == 0))
        .collect();
    let choices = |name, legend, hint, options| ui::Choices {
        lang,
        name,
        legend,
        hint,
        required: true,
        options,
        ..ui::Choices::default()
    };
    let kinds = [Source::Standing, Source::HomeCare];
    let kinds = kinds.map(|kind| {
        let label = match kind {
            Source::HomeCare => lang.pick("在宅(訪問)の診療・看護のため", "for care at home"),
            _ => lang.pick("通院・入院のため", "for visits and stays"),
        };
        choice(kind.word(), label, None, kind == Source::Standing)
    });
    let fields = html! {
        (ui::radio_cards(&choices("facility", lang.pick("どの施設に", "Which facility"), None, &facilities)))
        (ui::checkbox_cards(&choices("category", lang.pick("見せる情報", "What it may see"), None, &categories)))
        (ui::radio_cards(&choices("kind", lang.pick("何のために", "What for"), None, &kinds)))
        (ui::radio_cards(&choices("days", lang.pick("いつまで", "For how long"), None, &terms)))
        (ui::submit_with(lang.pick("次回からも見せる", "Let it see this every time"), Tone::Primary, "give", "standing"))
    };
    ui::form(&frame::link(lang, STANDING), csrf, &fields)
}

const fn choice<'a>(
    value: &'a str,
    label: &'a str,
    description: Option<&'a str>,
    checked: bool,
) -> ui::Choice<'a> {
    ui::Choice {
        value,
        label,
        description,
        checked,
    }
}

/// The person lets a facility see something every time: one that they know.
pub(super) async fn give(request: Request) -> Result<Answer, Refusal> {
    let me = frame::me(&request)?;
    let form = request.form()?;
    let facility = FacilityId::parse(form.text("facility"));
    let mut categories = Vec::new();
    for word in form.all("category") {
        categories.push(category(word)?);
    }
    if categories.is_empty() {
        return Err(Refusal::at(&no::CONSENT_CATEGORY, "category", ""));
    }
    let kind = match Source::parse(form.text("kind")) {
        Some(kind @ (Source::Standing | Source::HomeCare)) => kind,
        _ => return Err(Refusal::at(&no::CONSENT_PERIOD, "kind", form.text("kind"))),
    };
    let days = form.text("days");
    let term = TERMS.iter().find(|(term, _, _)| term.to_string() == days);
    let (days, _, _) = term.ok_or_else(|| Refusal::at(&no::CONSENT_PERIOD, "days", days))?;
    let until = request.at().plus_hours(days * 24);
    request
        .write(move |call| {
            may(call, me, Action::Write)?;
            call.open(me)?;
            let ledger = consent::ledger(call, me)?;
            let known = known(call, me, &ledger)?;
            let one = facility.and_then(|id| Some((id, known.get(&id)?)));
            let (id, name) = one.ok_or_else(|| Refusal::new(&NO_SUCH))?;
            call.detail("facility", name.clone());
            let choice = Choice {
                facility: id,
                categories: categories.clone(),
                purpose: Purpose::Treatment,
                is_for_visit: false,
                standing: Some((kind, until)),
                method: consent::BY_PORTAL.to_owned(),
            };
            let id = consent::choose(call, me, &choice)?;
            home::sync(call, choice.facility, me)?;
            Ok(id)
        })
        .await?;
    let to = frame::link(request.lang(), "/portal/consents?done=standing");
    Ok(Answer::see_other(&to))
}
