//! Who has elevated rights, what waits for a second person, and how it came.

use kernel::Refusal;
use maud::{Markup, html};
use web::{
    Answer, Request, office,
    ui::{self, Column, Crumb, Lang, Tone},
};

use super::words;
use crate::{
    model::{Change, Grant, GrantId},
    ops::{self, Rights},
    roster::Member,
    rules::account::{is_elevated, is_pending},
};

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    let rights = request.read(ops::rights).await?;
    Ok(page(&request, &rights))
}

pub(super) async fn decide(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let id = request.id_param("grant", GrantId::parse)?;
    let granted = match request.form()?.text("decision") {
        "approve" => Some(true),
        "decline" => Some(false),
        _ => None,
    };
    let facility = request.facility()?;
    let grant = request
        .write(move |call| ops::decide(call, id, granted))
        .await?;
    request.app().gate.forget_staff(facility, grant.staff);
    Ok(Answer::see_other("/office/rights"))
}

fn page(request: &Request, rights: &Rights) -> Answer {
    let lang = request.lang();
    let title = lang.pick("管理者の権限", "Rights of administrators");
    let at = request.at();
    let pending: Vec<&Grant> = rights.grants.iter().filter(|g| is_pending(g, at)).collect();
    let body = html! {
        (ui::section("pending", lang.pick("承認を待っている申請", "Waiting for approval"), &html! {
            @if pending.is_empty() {
                p { (lang.pick("承認を待っている申請はありません。", "Nothing waits.")) }
            }
            @for grant in &pending { (card(request, rights, grant)) }
        }))
        (words::substitutes(request, &rights.members, &rights.substitutes))
        (ui::section("holders", lang.pick("特別な権限を持つ方", "Who has elevated rights"), &holders(request, &rights.members)))
        (ui::section("history", lang.pick("権限の経過", "History"), &history(lang, rights)))
        (ui::section("requests", lang.pick("申請の結果", "What became of requests"), &outcomes(request, rights)))
    };
    office::page(
        request,
        title,
        &[Crumb {
            href: None,
            label: title,
        }],
        false,
        body,
    )
}

fn card(request: &Request, rights: &Rights, grant: &Grant) -> Markup {
    let lang = request.lang();
    let me = words::me(request);
    let name = |staff| words::name_of(lang, &rights.members, staff);
    let action = format!("/office/rights/{}", grant.id.to_hex());
    let button = |decision, label, tone| {
        ui::post_button(
            &action,
            &request.csrf(),
            &[("decision", decision)],
            label,
            tone,
        )
    };
    let manages = words::manages(request) && me != Some(grant.staff);
    let is_asker = me == Some(grant.asked_by);
    let buttons = [
        (!is_asker).then(|| button("approve", lang.pick("承認する", "Approve"), Tone::Primary)),
        Some(if is_asker {
            button(
                "decline",
                lang.pick("取り下げる", "Withdraw"),
                Tone::Secondary,
            )
        } else {
            button("decline", lang.pick("却下する", "Decline"), Tone::Secondary)
        }),
    ];
    let buttons: Vec<Markup> = buttons.into_iter().flatten().collect();
    html! {
        div.card {
            h3 { (name(grant.staff)) " → " (words::role(lang, grant.role)) }
            p { (lang.pick("理由：", "Reason: ")) (grant.reason) br;
                (lang.pick("申請：", "Asked by: ")) (name(grant.asked_by)) " (" (words::instant(lang, grant.asked_at)) ")" }
            @if is_asker {
                p { (lang.pick(
                    "ご自分の申請は承認できません。別の施設管理者に依頼してください。",
                    "You cannot approve your own request. Ask another administrator.")) }
            }
            @if manages { (ui::actions(&buttons)) }
        }
    }
}

const fn column(label: &str) -> Column<'_> {
    Column {
        label,
        numeric: false,
    }
}

fn holders(request: &Request, members: &[Member]) -> Markup {
    let (lang, at) = (request.lang(), request.at());
    let rows: Vec<Vec<Markup>> = members
        .iter()
        .filter(|member| is_elevated(member.role) && member.is_open(at))
        .map(|member| {
            vec![
                html! { a href={ "/office/accounts/" (member.staff.to_hex()) } { (member.name) } },
                html! { (words::role(lang, member.role)) },
                html! { @match member.last_login_at {
                    Some(last) => (words::instant(lang, last)),
                    None => (lang.pick("まだありません", "Never")),
                } },
            ]
        })
        .collect();
    ui::data_table(&ui::Table {
        id: "holders-table",
        caption: lang.pick(
            "施設管理者・安全管理責任者・保守事業者",
            "Administrators, safety officers, vendors",
        ),
        columns: &[
            column(lang.pick("氏名", "Name")),
            column(lang.pick("権限", "Right")),
            column(lang.pick("最後のログイン", "Last log-in")),
        ],
        rows: &rows,
        empty: lang.pick("いません。", "Nobody."),
    })
}

fn history(lang: Lang, rights: &Rights) -> Markup {
    let name = |staff| words::name_of(lang, &rights.members, staff);
    let rows: Vec<Vec<Markup>> = rights
        .history
        .iter()
        .map(|entry| {
            let change = match entry.change {
                Change::Granted => lang.pick("付与", "given"),
                Change::Ended => lang.pick("終了", "ended"),
            };
            vec![
                html! { (words::instant(lang, entry.at)) },
                html! { (name(entry.staff)) },
                html! { (words::role(lang, entry.role)) " " (change) },
                html! { @match entry.done_by { Some(by) => (name(by)), None => (lang.pick("運用者", "the operator")) } },
                html! { @match entry.approved_by { Some(by) => (name(by)), None => "—" } },
            ]
        })
        .collect();
    ui::data_table(&ui::Table {
        id: "history-table",
        caption: lang.pick(
            "新しい順。消すことはできません。",
            "Newest first; nothing is ever removed.",
        ),
        columns: &[
            column(lang.pick("日時", "When")),
            column(lang.pick("対象の方", "Whose")),
            column(lang.pick("権限", "Right")),
            column(lang.pick("申請・終了した方", "Asked for or ended by")),
            column(lang.pick("承認した方", "Approved by")),
        ],
        rows: &rows,
        empty: lang.pick("まだ変更はありません。", "No change yet."),
    })
}

fn outcomes(request: &Request, rights: &Rights) -> Markup {
    let (lang, at) = (request.lang(), request.at());
    let name = |staff| words::name_of(lang, &rights.members, staff);
    let rows: Vec<Vec<Markup>> = rights
        .grants
        .iter()
        .filter(|grant| !is_pending(grant, at))
        .map(|grant| {
            let outcome = match grant.decided {
                Some(decided) if decided.granted => {
                    html! { (lang.pick("承認：", "approved by ")) (name(decided.by)) }
                }
                Some(decided) => {
                    html! { (lang.pick("却下・取り下げ：", "declined by ")) (name(decided.by)) }
                }
                None => html! { (lang.pick("期限切れ(72時間)", "ran out after 72 hours")) },
            };
            vec![
                html! { (words::instant(lang, grant.asked_at)) },
                html! { (name(grant.staff)) " → " (words::role(lang, grant.role)) },
                html! { (name(grant.asked_by)) },
                outcome,
            ]
        })
        .collect();
    ui::data_table(&ui::Table {
        id: "requests-table",
        caption: lang.pick("新しい順", "Newest first"),
        columns: &[
            column(lang.pick("申請日時", "Asked")),
            column(lang.pick("内容", "What")),
            column(lang.pick("申請した方", "By")),
            column(lang.pick("結果", "Outcome")),
        ],
        rows: &rows,
        empty: lang.pick("まだありません。", "None yet."),
    })
}
