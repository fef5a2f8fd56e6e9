//! The patient's choice of what the facility may see.

use access::{
    consent::{self, Category, Source},
    errors as no,
};
use kernel::Refusal;
use maud::{Markup, html};
use web::{
    Answer, Request,
    ui::{self, Tone},
};

use super::{
    frame::{staff_page, visit_crumbs},
    look::{Seen, look, strip},
};
use crate::{api, model::VisitId, ops};

pub(super) async fn ask(request: Request) -> Result<Answer, Refusal> {
    let id = request.id_param("visit", VisitId::parse)?;
    let facility = request.facility()?;
    let seen = request.read(move |call| look(call, facility, id)).await?;
    let lang = request.lang();
    let title = lang.pick("診療情報の閲覧についての同意", "Consent");
    let href = format!("/visits/{}", id.to_hex());
    let crumbs = visit_crumbs(lang, &href, title);
    let body = html! {
        (strip(lang, &seen, request.at().jst_date()))
        @if seen.visit.is_present(request.at()) {
            (choice_form(&request, &seen))
        } @else {
            (ui::notice(lang, ui::Level::Warning, lang.text(&no::CONSENT_PRESENCE.cause), &html! {
                p { (lang.text(&no::CONSENT_PRESENCE.remedy)) }
                p { code { (no::CONSENT_PRESENCE.code) } }
            }))
        }
    };
    Ok(staff_page(&request, title, &crumbs, false, body))
}

fn choice_form(request: &Request, seen: &Seen) -> Markup {
    let lang = request.lang();
    let facility = request
        .caller()
        .home()
        .map_or("", |home| home.name.as_str());
    let options: Vec<ui::Choice<'_>> = Category::ALL
        .iter()
        .map(|c| ui::Choice {
            value: c.word(),
            label: lang.pick(c.ja(), c.en()),
            description: (lang == ui::Lang::Ja).then(|| c.explanation_ja()),
            checked: seen.open.contains(c),
        })
        .collect();
    let legend = match lang {
        ui::Lang::Ja => format!("「{facility}」に見せてもよい情報を選んでください"),
        ui::Lang::En => format!("Choose what {facility} may see"),
    };
    let cards = ui::checkbox_cards(&ui::Choices {
        lang,
        name: "category",
        legend: &legend,
        hint: Some(lang.pick(
            "同意は24時間で終わります(「次回からも」を選んだときは1年)。あとから「ご本人のページ」でいつでも取り消せます。",
            "The consent ends after 24 hours (a year when it is for every time). It can be withdrawn at any time in the portal.",
        )),
        options: &options,
        ..ui::Choices::default()
    });
    let always = ui::checkbox_cards(&ui::Choices {
        lang,
        name: "standing",
        legend: lang.pick("次回の受診", "The next visits"),
        options: &[ui::Choice {
            value: "standing",
            label: lang.pick(
                "次回からもこの施設に見せる",
                "Show it to this facility every time",
            ),
            description: Some(if seen.is_standing {
                lang.pick(
                    "いまも「次回からも見せる」になっています。選ぶと、いまから1年間に改まります。やめるときは「ご本人のページ」で取り消せます。",
                    "It already stands. Choose it to renew it for a year from now; it can be withdrawn in the portal.",
                )
            } else {
                lang.pick(
                    "1年間、受診のたびに選ばなくても、同意した情報をこの施設が見られます。いつでも取り消せます。",
                    "For a year this facility may see what is agreed to without asking again. It can be withdrawn at any time.",
                )
            }),
            checked: false,
        }],
        ..ui::Choices::default()
    });
    let fields = html! {
        (always)
        p { (ui::submit_with(lang.pick("すべてに同意する", "Agree to all"), Tone::Primary, "choice", "all")) }
        (cards)
        (ui::actions(&[
            ui::submit_with(lang.pick("選んだものに同意する", "Agree to what is chosen"), Tone::Secondary, "choice", "some"),
            ui::submit_with(lang.pick("どれにも同意しない", "Agree to nothing"), Tone::Quiet, "choice", "none"),
        ]))
    };
    let action = format!("/visits/{}/consent", seen.visit.id.to_hex());
    ui::form(&action, &request.csrf(), &fields)
}

pub(super) async fn give(request: Request) -> Result<Answer, Refusal> {
    let id = request.id_param("visit", VisitId::parse)?;
    let facility = request.facility()?;
    let form = request.form()?;
    let categories = match form.text("choice") {
        "all" => Category::ALL.to_vec(),
        "none" => Vec::new(),
        "some" => api::categories(&form.all("category"))?,
        other => return Err(Refusal::at(&no::CONSENT_CATEGORY, "choice", other)),
    };
    let standing = match form.text("standing") {
        "" => None,
        "standing" => {
            let until = consent::standing_until(request.at(), None).map_err(Refusal::new)?;
            Some((Source::Standing, until))
        }
        other => return Err(Refusal::at(&no::CONSENT_PERIOD, "standing", other)),
    };
    let chosen = ops::Chosen {
        standing,
        ..ops::Chosen::for_visit(&categories)
    };
    request
        .write(move |call| ops::choose(call, facility, id, &chosen))
        .await?;
    Ok(Answer::see_other(&format!("/visits/{}", id.to_hex())))
}
