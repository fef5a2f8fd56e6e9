//! The result of a check: traffic light, coverage, next steps.

use access::policy::{self, Permission};
use kernel::Refusal;
use kernel::time::JstDate;
use maud::{Markup, html};
use registry::model::{Coverage, Profile};
use web::{
    Answer, Request,
    ui::{self, Lang, Signal, Tone},
};

use super::{
    frame::{refused, staff_page},
    look::{Seen, gaiji, look, strip},
};
use crate::{errors, model::VisitId, rules};

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    let id = request.id_param("visit", VisitId::parse)?;
    let facility = request.facility()?;
    let seen = request.read(move |call| look(call, facility, id)).await?;
    let lang = request.lang();
    let today = request.at().jst_date();
    let title = lang.pick("資格確認の結果", "Eligibility result");
    let crumbs = [
        ui::Crumb {
            href: Some("/reception"),
            label: lang.pick("受付", "Reception"),
        },
        ui::Crumb {
            href: None,
            label: title,
        },
    ];
    let body = html! {
        (strip(lang, &seen, today))
        (gaiji(lang, &seen.profile))
        @match &seen.coverage {
            Some(coverage) => { (holds(lang, coverage, &seen.profile, today)) },
            None => { (refused(lang, &Refusal::new(&errors::LAPSED))) },
        }
        (next_steps(&request, &seen))
    };
    Ok(staff_page(&request, title, &crumbs, false, body))
}

fn holds(lang: Lang, coverage: &Coverage, profile: &Profile, today: JstDate) -> Markup {
    let reasons = rules::reasons(coverage, profile, today);
    let first = reasons
        .first()
        .map_or("", |r| lang.pick(r.text().ja, r.text().en));
    let ceiling = coverage.ceiling.as_ref().map_or_else(
        || lang.pick("届いていません", "not given").to_owned(),
        |c| format!("{}({})", c.class.ja(), c.class.code()),
    );
    let until = coverage
        .period
        .until()
        .map(|until| ui::date_text(lang, until.plus_days(-1)));
    let period = format!(
        "{} 〜 {}",
        ui::date_text(lang, coverage.period.from()),
        until.unwrap_or_default()
    );
    let fact = |label, value: &str| ui::Fact {
        label,
        value: html! { (value) },
    };
    let branch = coverage.branch.as_ref().map_or("", |b| b.as_str());
    html! {
        (ui::verdict(&ui::Verdict {
            lang,
            signal: Signal::Green,
            heading: &format!("{} {}", lang.pick("有効な資格です。窓口負担は", "Valid. Copay:"), coverage.copay.ja()),
            reason: first,
            next: lang.pick("このまま受付をお進めください。", "Go on with the reception."),
            code: None,
        }))
        @for reason in reasons.iter().skip(1) {
            (ui::notice(lang, ui::Level::Info, lang.pick(reason.text().ja, reason.text().en), &html! {}))
        }
        (ui::section("coverage", lang.pick("医療保険の資格", "Coverage"), &ui::facts("", &[
            fact(lang.pick("保険者", "Insurer"), &format!("{}({})", coverage.insurer_name, coverage.insurer_number.as_str())),
            fact(lang.pick("記号・番号・枝番", "Symbol, number, branch"),
                &format!("{}・{}・{branch}", coverage.symbol.as_str(), coverage.person_number.as_str())),
            fact(lang.pick("本人・家族", "Insured or dependent"),
                if coverage.is_insured_person { lang.pick("本人", "insured person") } else { lang.pick("家族", "dependent") }),
            fact(lang.pick("負担割合", "Copay rate"), &coverage.copay.ja()),
            fact(lang.pick("限度額区分", "Ceiling class"), &ceiling),
            fact(lang.pick("資格の期間", "Period"), &period),
        ])))
    }
}

fn next_steps(request: &Request, seen: &Seen) -> Markup {
    let lang = request.lang();
    let visit = seen.visit.id.to_hex();
    let may_view = policy::allows(request.caller().role(), Permission::ViewShared);
    let consent_href = format!("/visits/{visit}/consent");
    let view_href = format!("/visits/{visit}/record");
    let mut buttons = Vec::new();
    if may_view && !seen.open.is_empty() {
        let label = lang.pick("共有された診療情報を見る", "See shared information");
        buttons.push(ui::button_link(&view_href, label, Tone::Primary));
    }
    if seen.visit.is_present(request.at()) {
        let tone = if seen.open.is_empty() {
            Tone::Primary
        } else {
            Tone::Secondary
        };
        let label = lang.pick("患者さんに同意を選んでもらう", "Let the patient choose");
        buttons.push(ui::button_link(&consent_href, label, tone));
    }
    let body = html! {
        p {
            @if seen.open.is_empty() {
                (lang.pick("いまのところ、患者さんが閲覧に同意した情報はありません。", "The patient has consented to nothing yet."))
            } @else {
                (lang.pick("患者さんが閲覧に同意した情報:", "Consented: "))
                (seen.open.iter().map(|c| c.ja()).collect::<Vec<_>>().join("、"))
            }
        }
        @if seen.visit.method.shows_presence() && !seen.visit.is_present(request.at()) {
            p { (lang.pick(
                "カードの確認から24時間が過ぎたため、同意の登録はできません。必要なときは、もう一度カードで確認してください。",
                "Verified more than 24 hours ago: consent needs the patient's card again.")) }
        }
        @if !seen.visit.method.shows_presence() {
            p { (lang.pick(
                "カードを使わずに確認したため、同意の登録はできません。必要なときは、マイナンバーカードで確認してください。",
                "Verified without the card: consent needs the patient's card.")) }
        }
        (ui::actions(&buttons))
    };
    ui::section(
        "consent",
        lang.pick("診療情報の閲覧", "Shared information"),
        &body,
    )
}
