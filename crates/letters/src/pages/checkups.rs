//! The checkup reports that an insurer gets.

use kernel::{Refusal, id::DocumentId};
use maud::html;
use records::{
    documents::model::Reading,
    exchange::{
        model::{After, Line, Side},
        ops,
    },
};
use web::{
    Answer, Request,
    ui::{self, Tone},
};

use super::frame;

/// Reports of one page.
const SHOWN: usize = 50;

pub(super) async fn list(request: Request) -> Result<Answer, Refusal> {
    let lang = request.lang();
    let home = request.home()?.clone();
    let after = request.query("after").and_then(After::parse);
    let list = request
        .read(move |call| ops::checkups(call, &home, after, SHOWN))
        .await?;
    let href = |line: &Line| format!("/insurer/checkups/{}", line.id.to_hex());
    let next = list.last().filter(|_| list.len() == SHOWN);
    let next = next.map(|line| {
        After {
            at: line.at,
            id: line.id,
        }
        .word()
    });
    let body = html! {
        p { (lang.pick(
            "加入者の健診結果報告書です。開くたびに、ご本人の閲覧の履歴に残ります。",
            "Checkup reports of your members. Each look is in the person's history.")) }
        @if list.is_empty() {
            (ui::empty(
                lang.pick("届いた健診結果報告書はありません", "No checkup reports"),
                lang.pick(
                    "健診機関が登録すると、ここに表示されます。",
                    "They appear here when an examining institution registers them."),
                None))
        } @else {
            (frame::letters(lang, &list, Side::Checkup, &href))
        }
        @if let Some(next) = next {
            (ui::actions(&[ui::button_link(&format!("/insurer/checkups?after={next}"),
                lang.pick("これより前のものを見る", "Older ones"), Tone::Secondary)]))
        }
    };
    let title = lang.pick("健診結果報告書", "Checkup reports");
    Ok(frame::page(&request, title, &[], false, body))
}

async fn read(request: &Request) -> Result<(DocumentId, Reading), Refusal> {
    let home = request.home()?.clone();
    let letter = request.id_param("letter", DocumentId::parse)?;
    let reading = request
        .read(move |call| ops::checkup(call, &home, letter))
        .await?;
    Ok((letter, reading))
}

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    let lang = request.lang();
    let (letter, reading) = read(&request).await?;
    let sheet = frame::sheet(&reading)?;
    let base = format!("/insurer/checkups/{}", letter.to_hex());
    let body = frame::reading(lang, &base, "", &sheet, &[]);
    let title = lang.pick("健診結果報告書", "Checkup report");
    let list = lang.pick("健診結果", "Checkups");
    let crumbs = frame::crumbs("/insurer/checkups", list, title);
    Ok(frame::page(&request, title, &crumbs, false, body))
}

pub(super) async fn pdf(request: Request) -> Result<Answer, Refusal> {
    let (_, reading) = read(&request).await?;
    frame::print(&request, frame::sheet(&reading)?).await
}
