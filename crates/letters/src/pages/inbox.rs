//! Letters that came in: what is to be opened, what waits for an answer, and all of them.

use kernel::Refusal;
use maud::html;
use records::exchange::{
    model::{After, Line, Side},
    ops,
};
use web::{
    Answer, Request,
    ui::{self, Level, Tone},
};

use super::frame;

/// Letters of one page.
const SHOWN: usize = 20;

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    let lang = request.lang();
    let facility = request.facility()?;
    let after = request.query("after").and_then(After::parse);
    let (loops, list) = request
        .read(move |call| {
            let list = ops::inbox(call, facility, None, after, SHOWN)?;
            Ok((ops::loops(call, facility)?, list))
        })
        .await?;
    let href = |line: &Line| format!("/letters/{}", line.id.to_hex());
    let part = |id: &str, heading: &str, lines: &[Line]| {
        let heading = format!("{heading}（{}）", lines.len());
        ui::section(
            id,
            &heading,
            &frame::letters(lang, lines, Side::Received, &href),
        )
    };
    let next = list.last().filter(|_| list.len() == SHOWN);
    let next = next.map(|line| {
        After {
            at: line.at,
            id: line.id,
        }
        .word()
    });
    let body = html! {
        @if request.query("done").is_some() {
            (ui::notice(lang, Level::Success, lang.pick("返事を送りました", "The answer was sent"), &html! {}))
        }
        @if after.is_none() {
            @if loops.to_read.is_empty() && loops.to_answer.is_empty() {
                p { (lang.pick("新しく届いた紹介状はありません。", "No new letters.")) }
            }
            @if !loops.to_read.is_empty() {
                (part("to-read", lang.pick("まだ開いていない紹介状", "To be opened"), &loops.to_read))
            }
            @if !loops.to_answer.is_empty() {
                (part("to-answer", lang.pick("まだ返事をしていない紹介状", "To be answered"), &loops.to_answer))
            }
        }
        @if list.is_empty() {
            (ui::empty(
                lang.pick("届いた紹介状はありません", "Nothing has come in"),
                lang.pick(
                    "紹介状は、送り手の施設が患者さんの口頭の同意を登録すると、ここに届きます。",
                    "A letter comes in when its sender has recorded the patient's oral consent."),
                None))
        } @else {
            (ui::section("all", lang.pick("これまでに届いた紹介状（新しい順）", "All letters, newest first"),
                &frame::letters(lang, &list, Side::Received, &href)))
        }
        @if let Some(next) = next {
            (ui::actions(&[ui::button_link(&format!("/letters?after={next}"),
                lang.pick("これより前のものを見る", "Older ones"), Tone::Secondary)]))
        }
    };
    let title = lang.pick("届いた紹介状", "Letters received");
    Ok(frame::page(&request, title, &[], false, body))
}
