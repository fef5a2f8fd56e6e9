//! 資格が変わった方: what was answered then, what holds now, what to do.

use kernel::Refusal;
use maud::{Markup, html};
use registry::reliance::{self, Notice, Wanted};
use web::{
    Answer, Request,
    ui::{self, Lang, Tone},
};

use super::{api::set_done, rules::next_step};
use crate::{answer::pages::difference_list, pages::staff_page};

/// Notices shown of each kind.
const OPEN_MAX: i64 = 100;
const DONE_MAX: i64 = 20;

/// On the reception's page, while there is anything to do.
pub(crate) fn banner(lang: Lang, open: i64) -> Markup {
    let heading = match lang {
        Lang::Ja if open >= OPEN_MAX => format!("資格があとから変わった方が{OPEN_MAX}人以上います"),
        Lang::Ja => format!("資格があとから変わった方が{open}人います"),
        Lang::En => format!("{open} people's coverage was changed afterwards"),
    };
    let label = lang.pick("内容を見て対応する", "See what to do");
    html! {
        @if open > 0 {
            (ui::notice(lang, ui::Level::Warning, &heading, &html! {
                p { a href="/reception/notices" { (label) } }
            }))
        }
    }
}

pub(super) async fn list(request: Request) -> Result<Answer, Refusal> {
    let facility = request.facility()?;
    let (open, done) = request
        .read(move |call| {
            Ok((
                reliance::notices(call, facility, Wanted::Open, OPEN_MAX)?,
                reliance::notices(call, facility, Wanted::Done, DONE_MAX)?,
            ))
        })
        .await?;
    let lang = request.lang();
    let title = lang.pick("資格が変わった方", "Changed coverage");
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
        p { (lang.pick(
            "この施設で資格を確認したあとに、保険者が資格を変えた方です。請求を直し、終わったら「対応済みにする」を押してください。",
            "Coverage that an insurer changed after this facility had verified it. Mend the bills, then mark each as dealt with.")) }
        @if open.is_empty() {
            (ui::empty(
                lang.pick("対応が必要な方はいません", "Nothing to do"),
                lang.pick("資格があとから変わると、ここに表示されます。", "Changes appear here."),
                None,
            ))
        }
        @for notice in &open { (entry(&request, notice)) }
        @if !done.is_empty() {
            details {
                summary { (lang.pick("対応済みの方", "Dealt with")) }
                @for notice in &done { (entry(&request, notice)) }
            }
        }
    };
    Ok(staff_page(&request, title, &crumbs, false, body))
}

fn entry(request: &Request, notice: &Notice) -> Markup {
    let lang = request.lang();
    let (id, matter) = (notice.id.to_hex(), &notice.matter);
    let fact = |label, value: Markup| ui::Fact { label, value };
    let days = |(from, last)| {
        html! { (ui::date(lang, from)) @if from != last { " 〜 " (ui::date(lang, last)) } }
    };
    let now = html! {
        @if !matter.is_covered {
            strong { (lang.pick("この期間に有効な資格はありません。", "No coverage holds on these days.")) }
        } @else { (difference_list(lang, &matter.differences)) }
    };
    let rows = [
        fact(
            lang.pick("資格を確認した日", "Verified for"),
            days(matter.asked),
        ),
        fact(
            lang.pick("変わった期間", "Changed days"),
            days((matter.from, matter.last)),
        ),
        fact(lang.pick("変わったこと", "What changed"), now),
        fact(
            lang.pick("次にすること", "What to do next"),
            html! { (lang.text(&next_step(matter))) },
        ),
    ];
    let heading = format!("{}({}) {}", matter.name, matter.kana, matter.kind.ja());
    let action = format!("/reception/notices/{id}/done");
    let body = html! {
        p { small { (received(lang, notice)) " " (ui::age(lang, matter.birth, request.at().jst_date())) } }
        (ui::facts("", &rows))
        @if !notice.is_done {
            (ui::post_button(
                &action,
                &request.csrf(),
                &[],
                lang.pick("対応済みにする", "Mark as dealt with"),
                Tone::Secondary,
            ))
        }
    };
    ui::section(&format!("notice-{id}"), &heading, &body)
}

fn received(lang: Lang, notice: &Notice) -> String {
    let at = &notice.at;
    match lang {
        Lang::Ja => format!("{} に保険者が登録", at.jst_japanese()),
        Lang::En => format!("loaded {}", at.jst_minute()),
    }
}

pub(super) async fn done(request: Request) -> Result<Answer, Refusal> {
    set_done(&request).await?;
    Ok(Answer::see_other("/reception/notices"))
}
