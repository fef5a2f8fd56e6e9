//! Maintenance windows: planned, approved by a second administrator, ended, and reported.

use access::{
    errors as no, staff,
    window::{self, Plan, State, Window},
};
use kernel::{
    Refusal,
    id::{FacilityId, StaffId, WindowId},
    time::{JstDate, Timestamp},
};
use maud::{Markup, html};
use store::{Call, Stop, StoreError};
use web::{
    Answer, Request,
    ui::{self, Choice, Column, Field, Lang, Tone},
};

use super::frame::{failure, may_manage, moment, office_page, staff_id};
use crate::{
    errors,
    ops::support::{self, Report, Unmasking},
};

/// A window with the names of those who have to do with it.
struct Line {
    window: Window,
    vendor: String,
    asked_by: String,
    approved_by: String,
    /// Applications to unmask that wait.
    waiting: Vec<Unmasking>,
}

fn name_of(call: &Call<'_>, facility: FacilityId, id: StaffId) -> Result<String, StoreError> {
    let account = staff::account(call, facility, id)?;
    Ok(account.map_or_else(String::new, |account| account.name))
}

fn lines(call: &Call<'_>, facility: FacilityId) -> Result<Vec<Line>, StoreError> {
    let mut lines = Vec::new();
    for window in window::list(call, facility)? {
        let is_open = window.state(call.at()) == State::Open;
        let waiting = if is_open {
            support::waiting(call, facility, window.id)?
        } else {
            Vec::new()
        };
        lines.push(Line {
            vendor: name_of(call, facility, window.plan.staff)?,
            asked_by: name_of(call, facility, window.asked.by)?,
            approved_by: match window.approved {
                Some(act) => name_of(call, facility, act.by)?,
                None => String::new(),
            },
            window,
            waiting,
        });
    }
    Ok(lines)
}

pub(super) async fn list(request: Request) -> Result<Answer, Refusal> {
    shown(&request, None).await
}

async fn shown(request: &Request, why: Option<&Refusal>) -> Result<Answer, Refusal> {
    let facility = request.facility()?;
    let (lines, vendors) = request
        .read(move |call| Ok((lines(call, facility)?, window::vendors(call, facility)?)))
        .await?;
    let lang = request.lang();
    let body = html! {
        (failure(lang, why))
        @for line in &lines { (waiting(request, line)) }
        (table(request, &lines))
        @if may_manage(request) { (planning(request, &vendors)) }
    };
    let title = lang.pick("保守作業", "Maintenance");
    Ok(office_page(request, title, &[], body))
}

fn waiting(request: &Request, line: &Line) -> Markup {
    let lang = request.lang();
    let approve = lang.pick("30分だけ表示を許可する", "Allow for 30 minutes");
    html! {
        @for asked in &line.waiting {
            @let id = kernel::hex::encode(&asked.id);
            (ui::notice(lang, ui::Level::Warning, lang.pick("患者さんのお名前の表示が申請されています", "Vendor support asks to see a name"), &html! {
                p { (line.vendor) " — " (moment(asked.asked_at)) }
                p { (lang.pick("理由：", "Reason: ")) (asked.reason) }
                @if may_manage(request) {
                    (ui::post_button(&format!("/office/unmaskings/{id}/approve"), &request.csrf(), &[], approve, Tone::Secondary))
                }
            }))
        }
    }
}

fn table(request: &Request, lines: &[Line]) -> Markup {
    let lang = request.lang();
    let label = |label| Column {
        label,
        numeric: false,
    };
    let columns = [
        label(lang.pick("時間", "Time")),
        label(lang.pick("保守事業者", "Vendor")),
        label(lang.pick("理由と作業計画", "Why, and the plan")),
        label(lang.pick("登録・承認", "Asked, approved")),
        label(lang.pick("状態", "State")),
        label(lang.pick("操作", "What to do")),
    ];
    let rows: Vec<Vec<Markup>> = lines.iter().map(|line| row(request, line)).collect();
    ui::data_table(&ui::Table {
        id: "windows",
        caption: lang.pick("保守作業の予定と実績", "Maintenance windows"),
        columns: &columns,
        rows: &rows,
        empty: lang.pick("予定はありません。", "No windows yet."),
    })
}

fn row(request: &Request, line: &Line) -> Vec<Markup> {
    let lang = request.lang();
    let (window, plan) = (&line.window, &line.window.plan);
    let href = format!("/office/maintenance/{}", window.id.to_hex());
    let state = window.state(request.at());
    let words = match state {
        State::Asked => lang.pick("承認待ち", "waits for approval"),
        State::Approved => lang.pick("承認済み（開始前）", "approved"),
        State::Open => lang.pick("作業中", "open now"),
        State::Over => lang.pick("終了", "over"),
    };
    let is_own = staff_id(request).is_ok_and(|id| id == window.asked.by);
    let may = may_manage(request);
    let button = |path: &str, words, tone| {
        ui::post_button(&format!("{href}/{path}"), &request.csrf(), &[], words, tone)
    };
    vec![
        html! { (moment(plan.from)) " – " (moment(plan.until)) },
        html! { (line.vendor) },
        html! { (plan.why) br; (plan.plan) },
        html! { (line.asked_by) @if !line.approved_by.is_empty() { " → " (line.approved_by) } },
        html! { (words) },
        html! {
            @if may && state == State::Asked && !is_own {
                (button("approve", lang.pick("承認する", "Approve"), Tone::Secondary))
            }
            @if may && state == State::Asked && is_own {
                p { (lang.pick("別の管理者の承認を待っています。", "Another administrator has to approve it.")) }
            }
            @if may && state != State::Over {
                (button("end", lang.pick("終了させる", "End"), Tone::Danger))
            }
            @if matches!(state, State::Open | State::Over) {
                a href=(href) { (lang.pick("作業の報告", "Report")) }
            }
        },
    ]
}

fn planning(request: &Request, vendors: &[(StaffId, String)]) -> Markup {
    let lang = request.lang();
    let ids: Vec<String> = vendors.iter().map(|(id, _)| id.to_hex()).collect();
    let options: Vec<Choice<'_>> = ids
        .iter()
        .zip(vendors)
        .map(|(id, (_, name))| Choice {
            value: id,
            label: name,
            ..Choice::default()
        })
        .collect();
    let hours: Vec<String> = (1..=window::HOURS_MAX).map(|h| h.to_string()).collect();
    let lengths: Vec<Choice<'_>> = hours
        .iter()
        .map(|h| Choice {
            value: h,
            label: h,
            checked: h == "1",
            ..Choice::default()
        })
        .collect();
    let today = request.at().jst_date().to_string();
    let field = |name, label, hint, value| Field {
        lang,
        name,
        label,
        hint,
        value,
        required: true,
        max_length: Some(200),
        ..Field::default()
    };
    let fields = html! {
        (ui::select_field(&field("account", lang.pick("保守事業者のアカウント", "Vendor's account"), None, ""), &options))
        (ui::text_field(&field("why", lang.pick("理由", "Why"), None, "")))
        (ui::text_field(&field("plan", lang.pick("作業計画（または計画書の番号）", "Plan, or its number"), None, "")))
        (ui::text_field(&field("date", lang.pick("日付", "Date"), Some(lang.pick("例：2026-11-22", "Such as 2026-11-22")), &today)))
        (ui::text_field(&field("time", lang.pick("開始時刻", "From"), Some(lang.pick("例：09:30", "Such as 09:30")), "")))
        (ui::select_field(&field("hours", lang.pick("時間の長さ（時間）", "Hours"), None, ""), &lengths))
        (ui::actions(&[ui::submit(lang.pick("予定を登録する", "Ask for this window"), Tone::Primary)]))
    };
    let body = html! {
        @if vendors.is_empty() {
            p { (lang.pick(
                "保守事業者のアカウントがありません。先に、職員の管理で「保守事業者」のアカウントを作ってください。",
                "There is no vendor's account. Open one first.",
            )) }
        } @else {
            p { (lang.pick(
                "保守事業者は、別の管理者が承認した時間だけログインできます。患者さんのお名前は伏せて表示されます。",
                "The vendor is let in only while an approved window is open; names are masked.",
            )) }
            (ui::form("/office/maintenance", &request.csrf(), &fields))
        }
    };
    ui::section(
        "plan",
        lang.pick("新しい保守作業の予定", "A new window"),
        &body,
    )
}

/// The first and the last instant of a plan, from date, time and hours as typed.
fn times(date: &str, time: &str, hours: &str) -> Option<(Timestamp, Timestamp)> {
    let date = JstDate::parse(date)?;
    let from = Timestamp::parse(&format!("{date}T{time}:00+09:00"))?;
    let hours: i64 = hours
        .parse()
        .ok()
        .filter(|h| (1..=window::HOURS_MAX).contains(h))?;
    Some((from, from.plus_hours(hours)))
}

pub(super) async fn ask(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let (facility, by) = (request.facility()?, staff_id(&request)?);
    let form = request.form()?;
    let account = StaffId::parse(form.text("account"));
    let span = times(form.text("date"), form.text("time"), form.text("hours"));
    let (why, plan) = (form.text("why").to_owned(), form.text("plan").to_owned());
    let asked = request
        .write(move |call| {
            let (from, until) = span.ok_or(&errors::TIME_INVALID)?;
            let plan = Plan {
                staff: account.ok_or(&no::WINDOW_ACCOUNT)?,
                why: crate::ops::reason(&why)?,
                plan: crate::ops::reason(&plan)?,
                from,
                until,
            };
            window::ask(call, facility, by, &plan)
        })
        .await;
    again(&request, asked.map(|_| ())).await
}

/// Back to the list; what was typed wrong is said there.
async fn again(request: &Request, done: Result<(), Refusal>) -> Result<Answer, Refusal> {
    match done {
        Ok(()) => Ok(Answer::see_other("/office/maintenance")),
        Err(why) if matches!(why.entry.status, 409 | 422) => Ok(shown(request, Some(&why))
            .await?
            .with_status(why.entry.status)),
        Err(why) => Err(why),
    }
}

fn window_id(request: &Request) -> Result<WindowId, Refusal> {
    WindowId::parse(request.param("window")).ok_or_else(|| Refusal::new(&no::WINDOW_UNKNOWN))
}

pub(super) async fn approve(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let (facility, by, id) = (
        request.facility()?,
        staff_id(&request)?,
        window_id(&request)?,
    );
    let done = request
        .write(move |call| window::approve(call, facility, by, id))
        .await;
    again(&request, done.map(|_| ())).await
}

pub(super) async fn end(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let (facility, by, id) = (
        request.facility()?,
        staff_id(&request)?,
        window_id(&request)?,
    );
    let done = request
        .write(move |call| window::end(call, facility, by, id))
        .await;
    again(&request, done.map(|_| ())).await
}

pub(super) async fn unmask(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let (facility, by) = (request.facility()?, staff_id(&request)?);
    let id = kernel::hex::decode_array(request.param("unmasking"))
        .ok_or_else(|| Refusal::new(&errors::UNMASKING_UNKNOWN))?;
    request
        .write(move |call| support::approve(call, facility, by, &id))
        .await?;
    Ok(Answer::see_other("/office/maintenance"))
}

pub(super) async fn report(request: Request) -> Result<Answer, Refusal> {
    let (facility, id) = (request.facility()?, window_id(&request)?);
    let (report, names, vendor) = request
        .read(move |call| {
            let report = support::report(call, facility, id)?;
            let mut names = Vec::new();
            for unmasking in &report.unmaskings {
                // A visit is known to the counter for a day; the look itself stays on record.
                names.push(
                    match eligibility::ops::visit(call, facility, unmasking.visit) {
                        Ok(visit) => support::masked(&visit.name),
                        Err(Stop::Refused(_)) => "—".to_owned(),
                        Err(stop) => return Err(stop),
                    },
                );
            }
            let vendor = name_of(call, facility, report.window.plan.staff)?;
            Ok((report, names, vendor))
        })
        .await?;
    let lang = request.lang();
    let plan = &report.window.plan;
    let body = html! {
        p { (moment(plan.from)) " – " (moment(report.window.closes())) " " strong { (vendor) } }
        p { (plan.why) " — " (plan.plan) }
        @if report.is_cut {
            (ui::notice(lang, ui::Level::Warning, lang.pick("記録が多いため、一部だけを表示しています", "Too long: this is a part"), &html! {}))
        }
        (records(&request, &report))
        (looks(lang, &report, &names))
    };
    let title = lang.pick("保守作業の報告", "Report of a maintenance window");
    let crumbs = [
        ui::Crumb {
            href: Some("/office/maintenance"),
            label: lang.pick("保守作業", "Maintenance"),
        },
        ui::Crumb {
            href: None,
            label: title,
        },
    ];
    Ok(office_page(&request, title, &crumbs, body))
}

fn records(request: &Request, report: &Report) -> Markup {
    let lang = request.lang();
    let label = |label| Column {
        label,
        numeric: false,
    };
    let events: std::collections::BTreeMap<&str, &str> = request
        .app()
        .routes
        .iter()
        .map(|r| (r.event.code, lang.pick(r.event.ja, r.event.en)))
        .collect();
    let rows: Vec<Vec<Markup>> = report
        .records
        .iter()
        .map(|entry| {
            let record = &entry.record;
            let event = events.get(record.event.as_str()).copied();
            let details: Vec<String> = record
                .details
                .iter()
                .map(|(word, value)| format!("{word}: {value}"))
                .collect();
            vec![
                moment(entry.at),
                html! { (event.unwrap_or(&record.event)) },
                html! { (record.refused.as_deref().unwrap_or(lang.pick("実施", "done"))) },
                html! { small { (details.join(", ")) } },
                html! { (entry.seq) },
            ]
        })
        .collect();
    ui::data_table(&ui::Table {
        id: "records",
        caption: lang.pick(
            "したこと（監査証跡のとおり）",
            "What was done, as the audit log has it",
        ),
        columns: &[
            label(lang.pick("日時", "When")),
            label(lang.pick("操作", "What")),
            label(lang.pick("結果", "Outcome")),
            label(lang.pick("詳細", "Details")),
            label(lang.pick("証跡の番号", "Record")),
        ],
        rows: &rows,
        empty: lang.pick("操作はありませんでした。", "Nothing was done."),
    })
}

fn looks(lang: Lang, report: &Report, names: &[String]) -> Markup {
    let label = |label| Column {
        label,
        numeric: false,
    };
    let rows: Vec<Vec<Markup>> = report
        .unmaskings
        .iter()
        .zip(names)
        .map(|(unmasking, name)| {
            vec![
                html! { (name) },
                html! { (unmasking.reason) },
                moment(unmasking.asked_at),
                html! { @match unmasking.approved_at { Some(at) => (moment(at)), None => "—" } },
                html! { (unmasking.looks) },
                html! { @match unmasking.looked_at { Some(at) => (moment(at)), None => "—" } },
            ]
        })
        .collect();
    ui::data_table(&ui::Table {
        id: "looks",
        caption: lang.pick("名前を表示した患者さん", "Patients whose names were shown"),
        columns: &[
            label(lang.pick("患者さん", "Patient")),
            label(lang.pick("理由", "Reason")),
            label(lang.pick("申請", "Asked")),
            label(lang.pick("承認", "Approved")),
            label(lang.pick("表示回数", "Times shown")),
            label(lang.pick("最後の表示", "Last shown")),
        ],
        rows: &rows,
        empty: lang.pick("名前を表示した患者さんはいません。", "No name was shown."),
    })
}
