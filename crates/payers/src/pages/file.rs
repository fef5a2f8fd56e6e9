//! A file: taken in from a form, followed, and its results.

use kernel::{Refusal, code::InsurerNumber};
use maud::{Markup, html};
use web::{
    Answer, Request,
    ui::{self, Lang, Tone},
};

use super::{form::label, frame, home, number};
use crate::{
    api, errors,
    model::{File, FileId, FileState, LineResult, Tally},
    ops::{self, file::Line},
};

/// Results on one page.
const SHOWN: i64 = 50;
/// Seconds after which a page about a file under way asks again.
const AGAIN_SECONDS: &str = "5";

pub(super) async fn receive(request: Request) -> Result<Answer, Refusal> {
    let number = number(&request.form()?)?;
    match api::take_in(&request, &number).await {
        Ok(file) => Ok(Answer::see_other(&format!(
            "/insurer/{}/files/{}",
            number.as_str(),
            file.id.to_hex()
        ))),
        Err(why) if is_of_the_file(&why) => {
            request.note_refusal(why.entry).await;
            let lang = request.lang();
            let heading = lang.pick(
                "ファイルを受け付けられませんでした",
                "The file was not taken",
            );
            let page = home::console(&request, Some((heading, &why))).await?;
            Ok(page.with_status(why.entry.status))
        }
        Err(why) => Err(why),
    }
}

fn is_of_the_file(why: &Refusal) -> bool {
    [
        &errors::FILE_EMPTY,
        &errors::FILE_HEADER,
        &errors::FILE_LINES,
    ]
    .contains(&why.entry)
}

fn whose(request: &Request) -> Result<(InsurerNumber, Option<FileId>), Refusal> {
    let number = api::insurer(request)?;
    let id = FileId::parse(request.param("file"));
    Ok((number, id))
}

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    let (number, id) = whose(&request)?;
    let facility = request.facility()?;
    let after = request.query("after").and_then(|text| text.parse().ok());
    let after: i64 = after.unwrap_or(0);
    let only = request.query("only").and_then(LineResult::parse);
    let own = number.clone();
    let (file, tally, lines) = request
        .read(move |call| {
            let (file, tally) = ops::file::find(call, facility, &own, id)?;
            let page = (after, only, SHOWN);
            let lines = ops::file::lines(call, facility, &own, id, page)?;
            Ok((file, tally, lines))
        })
        .await?;
    let lang = request.lang();
    let here = format!("/insurer/{}/files/{}", number.as_str(), file.id.to_hex());
    let body = html! {
        (progress(lang, &file, tally, &here))
        (results(lang, &here, only, &lines))
    };
    let title = lang.pick("ファイルの結果", "A file and its results");
    let crumbs = [
        ui::Crumb {
            href: Some("/insurer"),
            label: lang.pick("登録の状況", "Console"),
        },
        ui::Crumb {
            href: None,
            label: title,
        },
    ];
    let page = frame::page(&request, title, &crumbs, false, body);
    Ok(match file.state {
        FileState::Waiting => page.with_header(http::header::REFRESH, AGAIN_SECONDS),
        _ => page,
    })
}

fn progress(lang: Lang, file: &File, tally: Tally, here: &str) -> Markup {
    let count = |count: i64| u64::try_from(count).unwrap_or(0);
    let facts = [
        (LineResult::Accepted, tally.accepted),
        (LineResult::Warned, tally.warned),
        (LineResult::Unchanged, tally.unchanged),
        (LineResult::Refused, tally.refused),
    ];
    html! {
        (ui::progress(lang, "progress", home::words_of(lang, file.state),
            count(tally.done()), count(file.lines)))
        dl.facts {
            @for (result, count) in facts {
                div.fact {
                    dt { (words(lang, result)) }
                    dd { a href={ (here) "?only=" (result.word()) } {
                        (count) (lang.pick("行", " lines")) } }
                }
            }
        }
        @if file.state == FileState::Waiting {
            p { (lang.pick("この画面は5秒ごとに新しくなります。閉じても登録は続きます。",
                "This page renews itself every 5 seconds; the work goes on without it.")) }
        }
        (ui::actions(&[
            ui::button_link(here, lang.pick("最新の状態にする", "Refresh"), Tone::Secondary),
            ui::button_link(&format!("{here}/results.csv"),
                lang.pick("結果をCSVで保存する", "Save the results as CSV"), Tone::Secondary),
        ]))
    }
}

const fn words(lang: Lang, result: LineResult) -> &'static str {
    lang.pick(result.ja(), result.word())
}

fn results(lang: Lang, here: &str, only: Option<LineResult>, lines: &[Line]) -> Markup {
    let column = |label, numeric| ui::Column { label, numeric };
    let columns = [
        column(lang.pick("行", "Line"), true),
        column(lang.pick("結果", "Result"), false),
        column(
            lang.pick("理由と次の手順", "Why, and what to do next"),
            false,
        ),
    ];
    let rows: Vec<Vec<Markup>> = lines.iter().map(|line| row(lang, line)).collect();
    let last = lines.last().map_or(0, |line| line.line);
    let is_full = i64::try_from(lines.len()) == Ok(SHOWN);
    let filter = only.map_or_else(String::new, |only| format!("&only={}", only.word()));
    html! {
        @if only.is_some() {
            p { a href=(here) { (lang.pick("すべての行を表示する", "Show every line")) } }
        }
        (ui::data_table(&ui::Table {
            id: "results",
            caption: lang.pick("行ごとの結果", "What came of each line"),
            columns: &columns,
            rows: &rows,
            empty: lang.pick("表示する行はありません。", "No lines."),
        }))
        @if is_full {
            (ui::actions(&[ui::button_link(&format!("{here}?after={last}{filter}"),
                lang.pick("次の50行", "Next 50 lines"), Tone::Secondary)]))
        }
    }
}

fn row(lang: Lang, line: &Line) -> Vec<Markup> {
    let why = html! {
        @for (entry, item, found) in &line.found {
            p {
                @if !item.is_empty() { strong { (label(lang, item)) } }
                @if !found.is_empty() { " " code { (found) } }
                @if !item.is_empty() { br; }
                (lang.text(&entry.cause)) br;
                (lang.text(&entry.remedy)) " " small { (entry.code) }
            }
        }
    };
    vec![
        html! { (line.line) },
        html! { (words(lang, line.result)) },
        why,
    ]
}

pub(super) async fn csv(request: Request) -> Result<Answer, Refusal> {
    let (number, id) = whose(&request)?;
    api::results_csv(&request, &number, id).await
}
