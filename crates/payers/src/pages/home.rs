//! How the own insurer numbers stand: last load, files, findings, outage.

use access::policy::Action;
use kernel::{Refusal, time::Timestamp};
use maud::{Markup, html};
use registry::model::Insurer;
use web::{
    Answer, Request,
    ui::{self, Field, Lang, Level, Tone},
};

use super::{frame, number};
use crate::{
    errors,
    model::{File, FileState, Finding, FindingId, PairKind},
    ops,
};

/// What the console shows of one insurer number.
struct Stand {
    insurer: Insurer,
    files: Vec<File>,
    findings: Vec<Finding>,
}

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    console(&request, None).await
}

/// The console, with what was refused above it.
pub(super) async fn console(
    request: &Request,
    why: Option<(&str, &Refusal)>,
) -> Result<Answer, Refusal> {
    let facility = request.facility()?;
    let stands = request
        .read(move |call| {
            let all = ops::all(call, facility, Action::Read)?;
            all.into_iter()
                .map(|insurer| {
                    Ok(Stand {
                        files: ops::file::list(call, facility, &insurer.number)?,
                        findings: ops::findings(call, facility, &insurer.number)?,
                        insurer,
                    })
                })
                .collect::<Result<Vec<Stand>, store::Stop>>()
        })
        .await?;
    let lang = request.lang();
    let body = html! {
        @if let Some((heading, why)) = why { (frame::refused(lang, heading, why)) }
        @for stand in &stands { (one(request, stand)) }
    };
    let title = lang.pick("資格の登録の状況", "What you have loaded");
    Ok(frame::page(request, title, &[], why.is_some(), body))
}

fn one(request: &Request, stand: &Stand) -> Markup {
    let lang = request.lang();
    let number = stand.insurer.number.as_str();
    let heading = format!("{} ({number})", stand.insurer.name);
    let left = html! {
        (state(request, &stand.insurer))
        (upload(request, &stand.insurer))
    };
    let right = html! {
        (findings(request, stand))
        (files(lang, stand))
    };
    let body = ui::columns(&[left, right]);
    ui::section(&format!("insurer-{number}"), &heading, &body)
}

fn when(lang: Lang, at: Timestamp) -> String {
    lang.pick(&at.jst_japanese(), &at.jst_minute()).to_owned()
}

fn state(request: &Request, insurer: &Insurer) -> Markup {
    let lang = request.lang();
    let due = ops::next_due(insurer);
    let is_overdue = due.is_none_or(|due| due < request.at());
    let (label, words, is_down, tone) = if insurer.down_since.is_some() {
        (
            lang.pick("復旧したことを知らせる", "Say that all is well again"),
            lang.pick(
                "窓口の資格確認には「保険者のシステムが止まっているため、最後に届いた情報による仮の回答です」と表示されています。",
                "Counters see provisional answers.",
            ),
            "no",
            Tone::Primary,
        )
    } else {
        (
            lang.pick("障害・停止を知らせる", "Say that our systems are down"),
            lang.pick(
                "異動を送れない間に押すと、窓口の資格確認が「仮の回答」になります。",
                "While you cannot load changes, counters get provisional answers.",
            ),
            "yes",
            Tone::Secondary,
        )
    };
    html! {
        @if let Some(since) = insurer.down_since {
            (ui::notice(lang, Level::Warning,
                lang.pick("障害・停止をお知らせ中です", "You said that your systems are down"),
                &html! { p { (lang.pick("開始: ", "Since ")) (when(lang, since)) } }))
        }
        @if is_overdue {
            (ui::notice(lang, Level::Warning,
                lang.pick("登録の期日を過ぎています", "A load is overdue"),
                &html! { p { (lang.pick(
                    "異動がない日も、項目名の行だけのファイルを送ってください。",
                    "With nothing to report, send a file with its first line alone.")) } }))
        }
        dl.facts {
            div.fact { dt { (lang.pick("前回の登録", "Last load")) }
                dd { @match insurer.loaded_at {
                    Some(at) => (when(lang, at)),
                    None => (lang.pick("まだありません", "never")),
                } } }
            div.fact { dt { (lang.pick("次回の期日", "Next due")) }
                dd { @match due {
                    Some(at) => (when(lang, at)),
                    None => (lang.pick("今日", "today")),
                } } }
        }
        p { (words) }
        (ui::post_button("/insurer/outage", &request.csrf(),
            &[("insurer", insurer.number.as_str()), ("is_down", is_down)], label, tone))
    }
}

fn upload(request: &Request, insurer: &Insurer) -> Markup {
    let lang = request.lang();
    let id = format!("file-{}", insurer.number.as_str());
    let field = Field {
        lang,
        name: &id,
        label: lang.pick("異動のファイル(CSV)", "File of changes (CSV)"),
        hint: Some(lang.pick(
            "UTF-8またはShift_JIS、200,000行・64MBまで。1行目は項目名です。",
            "UTF-8 or Shift_JIS, at most 200,000 lines and 64 MB; the first line names the items.",
        )),
        required: true,
        ..Field::default()
    };
    let fields = html! {
        (ui::hidden("insurer", insurer.number.as_str()))
        (ui::file_field(&field, ".csv,text/csv"))
        (ui::actions(&[ui::submit(lang.pick("ファイルを送る", "Send the file"), Tone::Primary)]))
    };
    html! {
        (ui::file_form("/insurer/files", &request.csrf(), &fields))
        details {
            summary { (lang.pick("項目名の一覧", "Names of the items")) }
            dl.facts {
                @for (name, ja, form) in crate::wire::ITEMS {
                    div.fact { dt { (ja) " " code { (name) } } dd { (form) } }
                }
            }
        }
    }
}

const fn column(label: &str) -> ui::Column<'_> {
    ui::Column {
        label,
        numeric: false,
    }
}

fn files(lang: Lang, stand: &Stand) -> Markup {
    let columns = [
        column(lang.pick("受け付け", "Received")),
        ui::Column {
            label: lang.pick("行数", "Lines"),
            numeric: true,
        },
        column(lang.pick("状態", "State")),
    ];
    let number = stand.insurer.number.as_str();
    let rows: Vec<Vec<Markup>> = stand
        .files
        .iter()
        .map(|file| {
            let href = format!("/insurer/{number}/files/{}", file.id.to_hex());
            vec![
                html! { a href=(href) { (when(lang, file.at)) } },
                html! { (file.lines) },
                html! { (words_of(lang, file.state)) },
            ]
        })
        .collect();
    ui::data_table(&ui::Table {
        id: &format!("files-{number}"),
        caption: lang.pick("受け付けたファイル", "Files taken in"),
        columns: &columns,
        rows: &rows,
        empty: lang.pick("まだありません。", "None yet."),
    })
}

pub(super) const fn words_of(lang: Lang, state: FileState) -> &'static str {
    match state {
        FileState::Receiving => {
            lang.pick("受信の途中(もう一度送ってください)", "cut off: send again")
        }
        FileState::Waiting => lang.pick("登録中", "being worked"),
        FileState::Done => lang.pick("完了", "done"),
    }
}

fn findings(request: &Request, stand: &Stand) -> Markup {
    let lang = request.lang();
    let columns = [
        column(lang.pick("内容", "What")),
        column(lang.pick("加入者", "Member")),
        column(lang.pick("相手の保険者", "Whom to ask")),
        column(lang.pick("対応", "Settle")),
    ];
    let number = stand.insurer.number.as_str();
    let rows: Vec<Vec<Markup>> = stand
        .findings
        .iter()
        .map(|one| {
            let id = one.id.to_hex();
            let what = match one.kind {
                PairKind::Overlap => lang.pick("資格の重なり", "Overlap"),
                PairKind::Gap => lang.pick("資格のない期間", "Gap"),
            };
            let last = one.period.until().map(|day| day.plus_days(-1).to_string());
            let days = format!("{} 〜 {}", one.period.from(), last.unwrap_or_default());
            vec![
                html! { strong { (what) } br; (days) },
                html! { (one.symbol) " " (one.number) @if !one.branch.is_empty() { "-" (one.branch) } },
                html! { (one.other_name) br; small { (one.other_number) } },
                ui::post_button("/insurer/findings", &request.csrf(),
                    &[("insurer", number), ("finding", &id)],
                    lang.pick("確認済みにする", "Settled"), Tone::Secondary),
            ]
        })
        .collect();
    html! {
        (ui::data_table(&ui::Table {
            id: &format!("findings-{number}"),
            caption: lang.pick("確認が必要な資格", "To be looked into"),
            columns: &columns,
            rows: &rows,
            empty: lang.pick("重なりや空白はありません。", "No overlaps and no gaps."),
        }))
        @if !rows.is_empty() {
            p { (lang.pick(
                "日付が正しいかを確かめ、必要なら相手の保険者に連絡してください。異動が登録されると、自動で一覧から消えます。",
                "Check the dates, and ask the other insurer if need be. A finding goes by itself once a change mends it.")) }
        }
    }
}

pub(super) async fn outage(request: Request) -> Result<Answer, Refusal> {
    let form = request.form()?;
    let (number, facility) = (number(&form)?, request.facility()?);
    let is_down = form.text("is_down") == "yes";
    request
        .write(move |call| ops::say_down(call, facility, &number, is_down))
        .await?;
    Ok(Answer::see_other("/insurer"))
}

pub(super) async fn settle(request: Request) -> Result<Answer, Refusal> {
    let form = request.form()?;
    let (number, facility) = (number(&form)?, request.facility()?);
    let id = FindingId::parse(form.text("finding"));
    let id = id.ok_or(Refusal::new(&errors::FINDING_ABSENT))?;
    let settled = request
        .write(move |call| ops::settle(call, facility, &number, id))
        .await;
    match settled {
        Ok(()) => Ok(Answer::see_other("/insurer")),
        Err(why) if why.entry == &errors::FINDING_ABSENT => {
            let lang = request.lang();
            let heading = lang.pick("確認済みにできませんでした", "Not settled");
            Ok(console(&request, Some((heading, &why)))
                .await?
                .with_status(why.entry.status))
        }
        Err(why) => Err(why),
    }
}
