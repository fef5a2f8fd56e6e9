//! The weekly review of what the staff looked at.

use kernel::{Refusal, time::JstDate};
use maud::{Markup, html};
use web::{
    Answer, Request, office,
    ui::{self, Column, Crumb, Field, Tone},
};

use super::{review::signed_table, words};
use crate::{
    errors,
    ops::{self, Looks},
    rules::account::monday,
};

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    let week = match request.query("week") {
        None => last_week(&request),
        Some(text) => {
            JstDate::parse(text).ok_or_else(|| Refusal::at(&errors::REVIEW, "week", text))?
        }
    };
    let week = monday(week);
    let facility = request.facility()?;
    let looks = request
        .read(move |call| ops::week(call, facility, week))
        .await?;
    Ok(page(&request, &looks, None))
}

/// The last week that is over.
fn last_week(request: &Request) -> JstDate {
    monday(request.at().jst_date()).plus_days(-7)
}

pub(super) async fn sign(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let form = request.form()?;
    let text = form.text("week");
    let week = JstDate::parse(text).ok_or_else(|| Refusal::at(&errors::REVIEW, "week", text))?;
    let remark = form.text("remark").to_owned();
    match request
        .write(move |call| ops::sign_off_access(call, week, &remark))
        .await
    {
        Ok(()) => Ok(Answer::see_other(&format!(
            "/office/access-review?week={week}"
        ))),
        Err(why) if why.entry.status == 422 => {
            let facility = request.facility()?;
            let looks = request
                .look_up(move |call| ops::week(call, facility, monday(week)))
                .await?;
            Ok(page(&request, &looks, Some(&why)).with_status(422))
        }
        Err(why) => Err(why),
    }
}

fn page(request: &Request, looks: &Looks, why: Option<&Refusal>) -> Answer {
    let lang = request.lang();
    let title = lang.pick("閲覧の点検", "Review of access");
    let week = looks.week;
    let last = week.plus_days(6);
    let done = looks
        .signed
        .iter()
        .any(|one| one.period == week.to_string());
    let is_over = ops::week_is_over(week, request.at());
    let body = html! {
        @if let Some(why) = why { (words::refused(lang, why)) }
        p { strong { (ui::date(lang, week)) (lang.pick("から", " to ")) (ui::date(lang, last)) (lang.pick("まで", "")) }
            (lang.pick("：職員が患者さんの情報を開いた回数 ", ": looks by the staff ")) (looks.looks) (lang.pick("回", "")) }
        (ui::actions(&[
            ui::button_link(&format!("/office/access-review?week={}", week.plus_days(-7)), lang.pick("前の週", "Week before"), Tone::Secondary),
            ui::button_link(&format!("/office/access-review?week={}", week.plus_days(7)), lang.pick("次の週", "Week after"), Tone::Secondary)]))
        @if looks.truncated {
            (ui::notice(lang, ui::Level::Warning, lang.pick("件数が多いため、新しい50,000回までを点検しています", "Only the newest 50,000 looks are reviewed"), &html! {}))
        }
        (found(request, looks))
        @if done {
            (ui::notice(lang, ui::Level::Success, lang.pick("この週の点検は記録済みです", "This week's review is signed off"), &html! {}))
        } @else if is_over {
            (sign_form(request, week, why))
        } @else {
            p { (lang.pick("この週はまだ終わっていません。点検は週が終わってから記録します。", "The week is not over; it is signed off afterwards.")) }
        }
        (signed_table(request, &looks.members, &looks.signed, lang.pick("週の始まり", "Week of"), lang.pick("確かめた件数", "Findings")))
    };
    office::page(
        request,
        title,
        &[Crumb {
            href: None,
            label: title,
        }],
        why.is_some(),
        body,
    )
}

fn found(request: &Request, looks: &Looks) -> Markup {
    let lang = request.lang();
    let column = |label| Column {
        label,
        numeric: false,
    };
    let rows: Vec<Vec<Markup>> = looks
        .findings
        .iter()
        .map(|finding| {
            let member = looks.members.iter().find(|m| m.staff == finding.staff);
            vec![
                html! { (words::name_of(lang, &looks.members, finding.staff))
                    @if let Some(member) = member { br; small { (words::role(lang, member.role)) } } },
                html! { (lang.pick(finding.kind.ja(), finding.kind.en())) },
                html! { (finding.count) },
                html! { (words::instant(lang, finding.first))
                    @if finding.last != finding.first { br; (lang.pick("〜 ", "to ")) (words::instant(lang, finding.last)) } },
            ]
        })
        .collect();
    let table = ui::data_table(&ui::Table {
        id: "findings",
        caption: lang.pick(
            "目立つ閲覧(患者さんの名前は表示しません)",
            "What stands out (patients' names are not shown)",
        ),
        columns: &[
            column(lang.pick("職員", "Who")),
            column(lang.pick("内容", "What")),
            Column {
                label: lang.pick("人数・回数", "Count"),
                numeric: true,
            },
            column(lang.pick("いつ", "When")),
        ],
        rows: &rows,
        empty: lang.pick("目立つ閲覧はありませんでした。", "Nothing stands out."),
    });
    html! {
        (table)
        @if !looks.findings.is_empty() {
            p { (lang.pick(
                "目立つことは、不正を意味しません。当直や代わりの勤務など、理由がないか、まずご本人に確かめてください。",
                "That it stands out does not mean that it was wrong: ask the person first, there may be a reason.")) }
        }
    }
}

fn sign_form(request: &Request, week: JstDate, why: Option<&Refusal>) -> Markup {
    let lang = request.lang();
    let error = words::field_error(lang, why, "remark");
    let fields = html! {
        (ui::hidden("week", &week.to_string()))
        (ui::text_area(&Field { lang, name: "remark", label: lang.pick("所見", "Remark"),
            hint: Some(lang.pick("確かめた結果と、とった対応。例：夜間の閲覧は当直の交代によるもの。問題なし。", "What was found and done, such as: the looks at night were a swapped duty.")),
            error: error.as_deref(), required: true, max_length: Some(1000), ..Field::default() }, 3))
        (ui::actions(&[ui::submit(lang.pick("点検したことを記録する", "Sign off"), Tone::Primary)]))
    };
    ui::section(
        "sign",
        lang.pick("この週の点検を記録する", "Sign off this week"),
        &ui::form("/office/access-review", &request.csrf(), &fields),
    )
}
