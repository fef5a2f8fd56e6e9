//! The monthly review of accounts and rights.

use kernel::Refusal;
use maud::{Markup, html};
use web::{
    Answer, Request, office,
    ui::{self, Column, Crumb, Field, Tone},
};

use super::words;
use crate::{model::SignOff, ops, roster::Member, rules::account::month};

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    let facility = request.facility()?;
    let (members, signed) = request
        .read(move |call| ops::sign_offs(call, facility))
        .await?;
    Ok(page(&request, &members, &signed, None))
}

pub(super) async fn sign(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let remark = request.form()?.text("remark").to_owned();
    match request
        .write(move |call| ops::sign_off_accounts(call, &remark))
        .await
    {
        Ok(()) => Ok(Answer::see_other("/office/accounts/review")),
        Err(why) if why.entry.status == 422 => {
            let facility = request.facility()?;
            let (members, signed) = request
                .look_up(move |call| ops::sign_offs(call, facility))
                .await?;
            Ok(page(&request, &members, &signed, Some(&why)).with_status(422))
        }
        Err(why) => Err(why),
    }
}

fn page(
    request: &Request,
    members: &[Member],
    signed: &[SignOff],
    why: Option<&Refusal>,
) -> Answer {
    let (lang, at) = (request.lang(), request.at());
    let title = lang.pick("月次の点検", "Monthly review");
    let this = month(at.jst_date());
    let done = signed.iter().any(|one| one.period == this);
    let body = html! {
        @if let Some(why) = why { (words::refused(lang, why)) }
        @if done {
            (ui::notice(lang, ui::Level::Success, lang.pick("今月の点検は記録済みです", "This month's review is signed off"), &html! {}))
        } @else {
            (ui::notice(lang, ui::Level::Warning, lang.pick("今月の点検がまだです", "This month's review is due"),
                &html! { p { (lang.pick(
                    "下の一覧で、職種と状態が正しいかを確かめ、退職した方や90日以上使っていない方を終了してから、記録してください。",
                    "Go through the list, end who has left or has not logged in for 90 days, then sign off.")) } }))
        }
        (table(request, members))
        @if words::manages(request) { (sign_form(request, why)) }
        (past(request, members, signed))
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

fn table(request: &Request, members: &[Member]) -> Markup {
    let (lang, at) = (request.lang(), request.at());
    let column = |label| Column {
        label,
        numeric: false,
    };
    let me = words::me(request);
    let mut open: Vec<&Member> = members.iter().filter(|m| m.is_open(at)).collect();
    // What needs a decision stands first.
    open.sort_by_key(|member| !member.is_dormant(at));
    let rows: Vec<Vec<Markup>> = open
        .iter()
        .map(|member| {
            let path = format!("/office/accounts/{}", member.staff.to_hex());
            let can_end = words::manages(request) && me != Some(member.staff) && member.is_dormant(at);
            vec![
                html! { a href=(path) { (member.name) } },
                html! { (words::role(lang, member.role)) },
                html! { (words::marks(lang, member, at)) },
                html! { @match member.last_login_at {
                    Some(last) => (words::instant(lang, last)),
                    None => (lang.pick("まだありません", "Never")),
                } },
                html! {
                    @if can_end {
                        (ui::post_button(&format!("{path}/end"), &request.csrf(), &[("when", "now")],
                            lang.pick("終了する", "End"), Tone::Danger))
                    } @else {
                        a href=(path) { (lang.pick("変更する", "Change")) }
                    }
                },
            ]
        })
        .collect();
    ui::data_table(&ui::Table {
        id: "review-table",
        caption: lang.pick("使えるアカウント", "Accounts that can be used"),
        columns: &[
            column(lang.pick("氏名", "Name")),
            column(lang.pick("職種", "Role")),
            column(lang.pick("状態", "State")),
            column(lang.pick("最後のログイン", "Last log-in")),
            column(lang.pick("操作", "Action")),
        ],
        rows: &rows,
        empty: lang.pick("ありません。", "None."),
    })
}

fn sign_form(request: &Request, why: Option<&Refusal>) -> Markup {
    let lang = request.lang();
    let error = words::field_error(lang, why, "remark");
    let fields = html! {
        (ui::text_area(&Field { lang, name: "remark", label: lang.pick("所見", "Remark"),
            hint: Some(lang.pick("確かめた結果。例：退職者1名を終了。ほかは問題なし。", "What was found, such as: one leaver ended, nothing else.")),
            error: error.as_deref(), required: true, max_length: Some(1000), ..Field::default() }, 3))
        (ui::actions(&[ui::submit(lang.pick("点検したことを記録する", "Sign off"), Tone::Primary)]))
    };
    ui::section(
        "sign",
        lang.pick("今月の点検を記録する", "Sign off this month"),
        &ui::form("/office/accounts/review", &request.csrf(), &fields),
    )
}

fn past(request: &Request, members: &[Member], signed: &[SignOff]) -> Markup {
    let lang = request.lang();
    signed_table(
        request,
        members,
        signed,
        lang.pick("年月", "Month"),
        lang.pick("アカウント数", "Accounts"),
    )
}

/// Past sign-offs, newest first.
pub(super) fn signed_table(
    request: &Request,
    members: &[Member],
    signed: &[SignOff],
    period: &str,
    count: &str,
) -> Markup {
    let lang = request.lang();
    let column = |label| Column {
        label,
        numeric: false,
    };
    let rows: Vec<Vec<Markup>> = signed
        .iter()
        .map(|one| {
            vec![
                html! { (one.period) },
                html! { (words::name_of(lang, members, one.staff)) br; small { (words::instant(lang, one.at)) } },
                html! { (one.count) },
                html! { (one.remark) },
            ]
        })
        .collect();
    let table = ui::data_table(&ui::Table {
        id: "signed-table",
        caption: lang.pick("新しい順", "Newest first"),
        columns: &[
            column(period),
            column(lang.pick("点検した方", "Reviewed by")),
            Column {
                label: count,
                numeric: true,
            },
            column(lang.pick("所見", "Remark")),
        ],
        rows: &rows,
        empty: lang.pick("まだありません。", "None yet."),
    });
    ui::section(
        "signed",
        lang.pick("これまでの点検", "Earlier reviews"),
        &table,
    )
}
