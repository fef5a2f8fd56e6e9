//! The answer as the counter reads it: light, copay, ceilings, certificates, remarks; and the
//! history of coverage.

use kernel::{
    Refusal,
    time::{JstDate, Period},
};
use maud::{Markup, html};
use registry::{
    model::{CoverageChange, SpecificDisease},
    terms::{CardKind, Difference, Terms, differences},
    terms::{ceiling_on, class_on, diseases_on, elderly_on},
};
use web::{
    Answer, Request,
    ui::{self, Lang, Signal},
};

use super::{
    model::Held,
    ops::{self, History},
};
use crate::{
    model::VisitId,
    pages::{staff_page, visit_crumbs},
};

/// From the first to the last day; open at the end while it has none.
fn span(lang: Lang, period: &Period<JstDate>) -> String {
    let last = period.until().map(|until| until.plus_days(-1));
    let last = last.map_or_else(String::new, |day| ui::date_text(lang, day));
    format!("{} 〜 {last}", ui::date_text(lang, period.from()))
}

/// A coverage that holds: what the counter needs, in the order in which it needs it.
pub(crate) fn holds(lang: Lang, held: &Held, today: JstDate) -> Markup {
    let detail = &held.detail;
    let (signal, word) = match detail.freshness.provisional {
        None => (
            Signal::Green,
            lang.pick("有効な資格です。窓口負担は", "Valid. Copay:"),
        ),
        Some(_) => (
            Signal::Yellow,
            lang.pick("仮の回答です。窓口負担は", "Provisional. Copay:"),
        ),
    };
    let first = held.reasons.first();
    let goes_on = lang.pick(
        "このまま受付をお進めください。",
        "Go on with the reception.",
    );
    let next = first.and_then(|reason| reason.next());
    html! {
        (ui::verdict(&ui::Verdict {
            lang,
            signal,
            heading: &format!("{word} {}", detail.copay.ja()),
            reason: first.map_or("", |reason| lang.text(&reason.text())),
            next: next.map_or(goes_on, |next| lang.text(&next)),
            code: detail.freshness.provisional.map(|reason| reason.code()),
        }))
        (changed(lang, held))
        @for reason in held.reasons.iter().skip(1).filter(|reason| reason.next().is_none()) {
            (ui::notice(lang, ui::Level::Info, lang.text(&reason.text()), &html! {}))
        }
        (crate::subsidies::shown(lang, &held.detail.paying))
        (facts(lang, held, today))
    }
}

/// What is not as it was at the last visit, and what to do about it.
fn changed(lang: Lang, held: &Held) -> Markup {
    let Some(last) = held.detail.last_visit else {
        return html! {};
    };
    let reason = crate::model::Reason::Changed;
    let next = reason.next().map_or("", |next| lang.text(&next));
    html! {
        @if !held.detail.changes.is_empty() {
            (ui::notice(lang, ui::Level::Warning, lang.text(&reason.text()), &html! {
                p { (lang.pick("前回の受診：", "Last visit: ")) (ui::date(lang, last)) }
                (difference_list(lang, &held.detail.changes))
                p { (next) }
            }))
        }
    }
}

/// Each field that differs, as it was and as it is.
pub(crate) fn difference_list(lang: Lang, differences: &[Difference]) -> Markup {
    let nothing = lang.pick("なし", "none");
    let or_nothing = |text: &str| {
        if text.is_empty() {
            nothing.to_owned()
        } else {
            text.to_owned()
        }
    };
    html! {
        ul {
            @for one in differences {
                li {
                    (lang.pick(one.field.ja(), one.field.en())) (lang.pick("：", ": "))
                    (or_nothing(&one.was)) " → " strong { (or_nothing(&one.now)) }
                }
            }
        }
    }
}

fn facts(lang: Lang, held: &Held, today: JstDate) -> Markup {
    let coverage = &held.coverage;
    let fact = |label, value: String| ui::Fact {
        label,
        value: html! { (value) },
    };
    let branch = coverage.branch.as_ref().map_or("", |b| b.as_str());
    let relation = match (coverage.is_insured_person, &coverage.insured_name) {
        (true, _) => lang.pick("本人", "insured person").to_owned(),
        (false, None) => lang.pick("家族", "dependent").to_owned(),
        (false, Some(name)) => lang.pick("家族", "dependent of").to_owned() + &format!("({name})"),
    };
    let mut rows = certificates(lang, held, today);
    rows.push(fact(
        lang.pick("保険者", "Insurer"),
        format!(
            "{}({})",
            coverage.insurer_name,
            coverage.insurer_number.as_str()
        ),
    ));
    rows.push(fact(
        lang.pick("記号・番号・枝番", "Symbol, number, branch"),
        format!(
            "{}・{}・{branch}",
            coverage.symbol.as_str(),
            coverage.person_number.as_str()
        ),
    ));
    rows.push(fact(
        lang.pick("本人・家族", "Insured or dependent"),
        relation,
    ));
    let kind = CardKind::from_code(&coverage.card_kind);
    rows.push(fact(
        lang.pick("証の区分", "Card kind"),
        kind.map_or_else(|| coverage.card_kind.clone(), |kind| kind.ja().to_owned()),
    ));
    rows.push(fact(
        lang.pick("資格の期間", "Period"),
        span(lang, &coverage.period),
    ));
    rows.extend(freshness(lang, held));
    let heading = lang.pick("医療保険の資格", "Coverage");
    ui::section("coverage", heading, &ui::facts("", &rows))
}

/// What the person pays, and the certificates that hold.
fn certificates(lang: Lang, held: &Held, today: JstDate) -> Vec<ui::Fact<'static>> {
    let (coverage, detail) = (&held.coverage, &held.detail);
    let fact = |label, value: String| ui::Fact {
        label,
        value: html! { (value) },
    };
    let class = class_on(coverage, today).map_or_else(
        || lang.pick("届いていません", "not given").to_owned(),
        |class| format!("{}({})", class.ja(), class.code()),
    );
    let mut rows = vec![fact(
        lang.pick("負担割合", "Copay rate"),
        format!("{}({})", detail.copay.ja(), detail.basis.ja()),
    )];
    rows.push(fact(lang.pick("限度額区分", "Ceiling class"), class));
    if let Some(certificate) = ceiling_on(coverage, today) {
        rows.push(fact(certificate.kind.ja(), span(lang, &certificate.period)));
        if let Some(day) = certificate.long_term_from {
            let label = lang.pick("長期入院該当日", "Long hospitalisation from");
            rows.push(fact(label, ui::date_text(lang, day)));
        }
    }
    if let Some(elderly) = elderly_on(coverage, today) {
        let value = format!("{} {}", elderly.copay.ja(), span(lang, &elderly.period));
        rows.push(fact(
            lang.pick("高齢受給者証", "Elderly certificate"),
            value,
        ));
    }
    let disease = |one: &SpecificDisease| {
        let (name, most) = (one.kind.ja(), one.self_pay);
        format!("{name} 月{most}まで {}", span(lang, &one.period))
    };
    for one in diseases_on(coverage, today) {
        rows.push(fact(
            lang.pick("特定疾病療養受療証", "Specific disease"),
            disease(one),
        ));
    }
    rows
}

/// As of when this is known, and when it will be known anew.
fn freshness(lang: Lang, held: &Held) -> Vec<ui::Fact<'static>> {
    let freshness = &held.detail.freshness;
    let as_of = freshness.as_of.map_or_else(
        || lang.pick("不明", "unknown").to_owned(),
        |at| lang.pick(&at.jst_japanese(), &at.jst_minute()).to_owned(),
    );
    let due = freshness.next_update_due.map_or_else(
        || lang.pick("不明", "unknown").to_owned(),
        |day| ui::date_text(lang, day),
    );
    let fact = |label, value: String| ui::Fact {
        label,
        value: html! { (value) },
    };
    vec![
        fact(lang.pick("情報の時点", "Valid as of"), as_of),
        fact(lang.pick("次の更新の予定", "Next update due"), due),
    ]
}

/// The way from a result to the history of coverage.
pub(crate) fn history_link(lang: Lang, visit: VisitId) -> Markup {
    let href = format!("/visits/{}/coverages", visit.to_hex());
    let label = lang.pick("資格の履歴を見る", "See the history of coverage");
    html! { p { a href=(href) { (label) } } }
}

pub(super) async fn history(request: Request) -> Result<Answer, Refusal> {
    let id = request.id_param("visit", VisitId::parse)?;
    let facility = request.facility()?;
    let history = request
        .read(move |call| ops::history(call, facility, id))
        .await?;
    let lang = request.lang();
    let title = lang.pick("資格の履歴", "History of coverage");
    let href = format!("/visits/{}", id.to_hex());
    let profile = &history.profile;
    let body = html! {
        (ui::person_strip(&ui::PersonStrip {
            lang,
            name: &profile.name,
            kana: &profile.kana,
            sex: profile.sex.ja(),
            birth: profile.birth,
            today: request.at().jst_date(),
            insured: None,
        }))
        (coverage_table(lang, &history))
        (change_list(lang, &history))
    };
    let crumbs = visit_crumbs(lang, &href, title);
    Ok(staff_page(&request, title, &crumbs, false, body))
}

fn coverage_table(lang: Lang, history: &History) -> Markup {
    let column = |label| ui::Column {
        label,
        numeric: false,
    };
    let columns = [
        column(lang.pick("資格の期間", "Period")),
        column(lang.pick("保険者", "Insurer")),
        column(lang.pick("負担割合", "Copay rate")),
        column(lang.pick("終わった理由", "Why it ended")),
    ];
    // The newest is what is looked for.
    let rows: Vec<Vec<Markup>> = history
        .coverages
        .iter()
        .rev()
        .map(|one| {
            let loss = one.loss.map_or("", |loss| loss.ja());
            vec![
                html! { (span(lang, &one.period)) },
                html! { (one.insurer_name) br; small { (one.insurer_number.as_str()) } },
                html! { (one.copay.ja()) },
                html! { (loss) },
            ]
        })
        .collect();
    let table = ui::data_table(&ui::Table {
        id: "coverages",
        caption: lang.pick("この5年の資格", "Coverage of the last five years"),
        columns: &columns,
        rows: &rows,
        empty: lang.pick("資格の登録はありません。", "None."),
    });
    ui::section("coverages-section", lang.pick("資格", "Coverage"), &table)
}

/// What insurers changed afterwards, newest first.
fn change_list(lang: Lang, history: &History) -> Markup {
    let birth = history.profile.birth;
    let one = |change: &CoverageChange| {
        let on = change.after.period.from();
        let terms = |coverage| Terms::on(coverage, birth, on);
        let was = change.before.as_ref().map(terms);
        let now = terms(&change.after);
        let old = change
            .before
            .as_ref()
            .map(|before| span(lang, &before.period));
        let new = span(lang, &change.after.period);
        html! {
            li {
                strong { (change.kind.ja()) } " "
                (lang.pick(&change.at.jst_japanese(), &change.at.jst_minute())) " "
                (change.after.insurer_name)
                @if let Some(old) = old.filter(|old| *old != new) {
                    p { (lang.pick("資格の期間：", "Period: ")) (old) " → " strong { (new) } }
                }
                @if was.is_some() { (difference_list(lang, &differences(was.as_ref(), Some(&now)))) }
            }
        }
    };
    let body = html! {
        @if history.changes.is_empty() {
            p { (lang.pick("あとからの変更はありません。", "Nothing was changed afterwards.")) }
        } @else {
            ul { @for change in history.changes.iter().rev() { (one(change)) } }
        }
    };
    let heading = lang.pick("資格が後から変わった記録", "What was changed afterwards");
    ui::section("changes-section", heading, &body)
}
