//! What vendor support sees: masked visits, equipment.

use eligibility::model::{Visit, VisitId};
use kernel::Refusal;
use maud::{Markup, html};
use web::{
    Answer, Request,
    ui::{self, Column, Field, Tone},
};

use super::{
    frame::{day, failure, moment, office_page, staff_id},
    ledger::remote,
};
use crate::{
    errors,
    ops::{
        ledger,
        support::{self, Unmasking},
    },
};

fn visit_id(request: &Request) -> Result<VisitId, Refusal> {
    VisitId::parse(request.param("visit")).ok_or_else(|| Refusal::new(&errors::VISIT_UNKNOWN))
}

pub(super) async fn visits(request: Request) -> Result<Answer, Refusal> {
    let (facility, staff) = (request.facility()?, staff_id(&request)?);
    let (visits, asked) = request
        .read(move |call| support::visits(call, facility, staff))
        .await?;
    let lang = request.lang();
    let rows: Vec<Vec<Markup>> = visits
        .iter()
        .map(|visit| {
            vec![
                html! { (visit.name) },
                moment(visit.at),
                html! { (lang.pick(visit.method.ja(), visit.method.en())) },
                standing(&request, visit, &asked),
            ]
        })
        .collect();
    let label = |label| Column {
        label,
        numeric: false,
    };
    let body = html! {
        p { (lang.pick(
            "患者さんのお名前は、はじめの1文字だけを表示しています。操作はすべて記録され、施設の管理者に報告されます。",
            "Only the first character of each name is shown. All you do is recorded and reported to the facility.",
        )) }
        (ui::data_table(&ui::Table {
            id: "visits",
            caption: lang.pick("きょうの受付", "Today's visits"),
            columns: &[
                label(lang.pick("お名前", "Name")),
                label(lang.pick("受付時刻", "When")),
                label(lang.pick("確認方法", "Method")),
                label(lang.pick("お名前の表示", "Unmasking")),
            ],
            rows: &rows,
            empty: lang.pick("きょうの受付はまだありません。", "No visits yet today."),
        }))
    };
    let title = lang.pick("受付（名前を伏せて表示）", "Visits (masked)");
    Ok(office_page(&request, title, &[], body))
}

fn standing(request: &Request, visit: &Visit, asked: &[Unmasking]) -> Markup {
    let lang = request.lang();
    let href = format!("/support/visits/{}", visit.id.to_hex());
    let own: Vec<&Unmasking> = asked.iter().filter(|u| u.visit == visit.id).collect();
    let shows = own.iter().any(|u| u.shows(request.at()));
    let waits = own.iter().any(|u| u.approved_at.is_none());
    html! {
        @if shows {
            a href=(href) { (lang.pick("表示する", "Show")) }
        } @else if waits {
            (lang.pick("承認を待っています", "waits for approval"))
        } @else {
            a href={ (href) "/unmask" } { (lang.pick("表示を申請する", "Ask to see it")) }
        }
    }
}

pub(super) async fn unmasked(request: Request) -> Result<Answer, Refusal> {
    let (facility, staff, id) = (
        request.facility()?,
        staff_id(&request)?,
        visit_id(&request)?,
    );
    let (visit, approved) = request
        .write(move |call| support::unmasked(call, facility, staff, id))
        .await?;
    let lang = request.lang();
    let body = html! {
        p { strong { (visit.name) } " （" (visit.kana) "）" }
        p { (lang.pick("受付時刻 ", "Visit at ")) (moment(visit.at)) }
        @if let Some(end) = approved.ends_at {
            p { (lang.pick("この表示は次の時刻に終わります：", "Shown until ")) (moment(end)) }
        }
    };
    let title = lang.pick("受付の表示（承認済み）", "Visit (approved)");
    Ok(office_page(&request, title, &crumbs(&request, title), body))
}

fn crumbs<'a>(request: &Request, title: &'a str) -> [ui::Crumb<'a>; 2] {
    [
        ui::Crumb {
            href: Some("/support/visits"),
            label: request
                .lang()
                .pick("受付（名前を伏せて表示）", "Visits (masked)"),
        },
        ui::Crumb {
            href: None,
            label: title,
        },
    ]
}

pub(super) async fn form(request: Request) -> Result<Answer, Refusal> {
    shown(&request, None).await
}

async fn shown(request: &Request, why: Option<&Refusal>) -> Result<Answer, Refusal> {
    let (facility, staff, id) = (request.facility()?, staff_id(request)?, visit_id(request)?);
    let visit = request
        .read(move |call| {
            let (visits, _) = support::visits(call, facility, staff)?;
            let found = visits.into_iter().find(|visit| visit.id == id);
            Ok(found.ok_or(&errors::VISIT_UNKNOWN)?)
        })
        .await?;
    let lang = request.lang();
    let reason = ui::text_field(&Field {
        lang,
        name: "reason",
        label: lang.pick("理由", "Reason"),
        hint: Some(lang.pick(
            "なぜお名前が必要かを、施設の管理者が判断できるように書いてください。",
            "Why you need the name, so that the administrator can decide.",
        )),
        required: true,
        max_length: Some(200),
        ..Field::default()
    });
    let fields = html! {
        (reason)
        (ui::actions(&[ui::submit(lang.pick("申請する", "Ask"), Tone::Primary)]))
    };
    let action = format!("/support/visits/{}/unmask", id.to_hex());
    let body = html! {
        (failure(lang, why))
        p { (visit.name) " — " (moment(visit.at)) }
        p { (lang.pick(
            "施設の管理者が承認すると、この受付だけを30分間表示できます。見たことは、患者さんご本人の閲覧の履歴に残ります。",
            "When an administrator approves, this visit alone is shown for 30 minutes. The look stands in the patient's own history.",
        )) }
        (ui::form(&action, &request.csrf(), &fields))
    };
    let title = lang.pick("お名前の表示を申請する", "Ask to see a name");
    Ok(office_page(request, title, &crumbs(request, title), body))
}

pub(super) async fn ask(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let (facility, staff, id) = (
        request.facility()?,
        staff_id(&request)?,
        visit_id(&request)?,
    );
    let why = request.form()?.text("reason").to_owned();
    let asked = request
        .write(move |call| support::ask(call, facility, staff, id, &why))
        .await;
    match asked {
        Ok(_) => Ok(Answer::see_other("/support/visits")),
        Err(why) if why.entry.code == errors::REASON_MISSING.code => {
            Ok(shown(&request, Some(&why))
                .await?
                .with_status(why.entry.status))
        }
        Err(why) => Err(why),
    }
}

pub(super) async fn equipment(request: Request) -> Result<Answer, Refusal> {
    let facility = request.facility()?;
    let items = request
        .read(move |call| {
            let mut items = ledger::list(call, facility)?;
            items.retain(|item| item.ended_at.is_none());
            call.detail("entries", items.len().to_string());
            Ok(items)
        })
        .await?;
    let lang = request.lang();
    let label = |label| Column {
        label,
        numeric: false,
    };
    let rows: Vec<Vec<Markup>> = items
        .iter()
        .map(|item| {
            let p = &item.particulars;
            vec![
                html! { (p.label) },
                html! { (lang.pick(item.kind.ja(), item.kind.en())) },
                html! { (p.place) },
                html! { (p.purpose) },
                remote(lang, p.is_maintained_remotely),
                html! { (p.networks) },
                day(lang, item.checked_at),
            ]
        })
        .collect();
    let title = lang.pick("機器台帳", "Equipment");
    let body = ui::data_table(&ui::Table {
        id: "equipment",
        caption: title,
        columns: &[
            label(lang.pick("名称", "Name")),
            label(lang.pick("種別", "Kind")),
            label(lang.pick("設置場所", "Place")),
            label(lang.pick("用途", "Purpose")),
            label(lang.pick("遠隔保守", "Remote maintenance")),
            label(lang.pick("接続元", "Networks")),
            label(lang.pick("最終点検日", "Last checked")),
        ],
        rows: &rows,
        empty: lang.pick("まだ登録されていません。", "Nothing is registered yet."),
    });
    Ok(office_page(&request, title, &[], body))
}
