//! Files: taken in, followed, and read back line by line.

use kernel::{Refusal, code::InsurerNumber};
use serde_json::{Value, json};
use web::{Answer, Request};

use super::{answer, insurer};
use crate::{
    csv::{self, Sheet},
    model::{File, FileId, FileState, LineResult},
    ops::{self, file::Line},
    work,
};

/// Parts put away by one operation: some megabytes, so that others get in between.
const PARTS_AT_ONCE: usize = 64;
/// Results on one page, when nobody asks for another number.
const RESULTS: usize = 100;
/// Results read by one operation for a whole file of them.
const RESULTS_AT_ONCE: i64 = 20_000;

pub(super) async fn receive(request: Request) -> Result<Answer, Refusal> {
    let number = insurer(&request)?;
    let file = take_in(&request, &number).await?;
    let place = format!(
        "/api/v1/insurers/{}/files/{}",
        number.as_str(),
        file.id.to_hex()
    );
    let mut value = answer::file(&file, None);
    if let Some(map) = value.as_object_mut() {
        map.insert("progress".to_owned(), place.into());
    }
    Ok(Answer::json(202, &value))
}

/// Takes a request's file in: taken apart beside the threads that serve others, put away in
/// parts, then handed to the job. What was cut off on its way goes on when it is sent again.
pub(crate) async fn take_in(request: &Request, number: &InsurerNumber) -> Result<File, Refusal> {
    let facility = request.facility()?;
    let own = number.clone();
    let look = move |call: &mut store::Call<'_>| ops::check_own(call, facility, &own);
    request.look_up(look).await?;
    let bytes = request.body().clone();
    let (parts, lines, hash) = request
        .compute(move || {
            let hash = store::audit::sha256(&[&bytes]);
            let text = csv::text(&bytes);
            drop(bytes);
            let sheet = Sheet::read(&text)?;
            let parts = sheet.lines.chunks(work::PART_LINES);
            let parts: Vec<(i64, String)> = (0..)
                .zip(parts.map(|lines| work::part_text(sheet.head, lines)))
                .collect();
            Ok::<_, Refusal>((parts, sheet.lines.len(), hash))
        })
        .await??;
    let lines = i64::try_from(lines).unwrap_or(i64::MAX);
    let own = number.clone();
    let mut file = request
        .write(move |call| ops::file::begin(call, facility, &own, lines, &hash))
        .await?;
    if file.state != FileState::Receiving {
        return Ok(file);
    }
    let mut parts = parts.into_iter();
    loop {
        let some: Vec<(i64, String)> = parts.by_ref().take(PARTS_AT_ONCE).collect();
        if some.is_empty() {
            break;
        }
        let of = file.clone();
        request
            .write(move |call| ops::file::put_parts(call, &of, &some))
            .await?;
    }
    let of = file.clone();
    request
        .write(move |call| ops::file::is_whole(call, &of))
        .await?;
    file.state = FileState::Waiting;
    Ok(file)
}

pub(super) async fn list(request: Request) -> Result<Answer, Refusal> {
    let (number, facility) = (insurer(&request)?, request.facility()?);
    let files = request
        .read(move |call| ops::file::list(call, facility, &number))
        .await?;
    let files: Vec<Value> = files.iter().map(|file| answer::file(file, None)).collect();
    Ok(Answer::json(200, &json!({ "files": files })))
}

fn file_id(request: &Request) -> Option<FileId> {
    FileId::parse(request.param("file"))
}

pub(super) async fn progress(request: Request) -> Result<Answer, Refusal> {
    let (number, facility) = (insurer(&request)?, request.facility()?);
    let id = file_id(&request);
    let (file, tally) = request
        .read(move |call| ops::file::find(call, facility, &number, id))
        .await?;
    Ok(Answer::json(200, &answer::file(&file, Some(tally))))
}

pub(super) async fn results(request: Request) -> Result<Answer, Refusal> {
    let (number, facility) = (insurer(&request)?, request.facility()?);
    let id = file_id(&request);
    let after: i64 = request
        .query("after")
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let only = request.query("only").and_then(LineResult::parse);
    let size = i64::try_from(request.page_size(RESULTS)?).unwrap_or(1);
    let lines = request
        .read(move |call| {
            let page = (after, only, size);
            ops::file::lines(call, facility, &number, id, page)
        })
        .await?;
    let next = lines
        .last()
        .filter(|_| i64::try_from(lines.len()) == Ok(size))
        .map(|line| line.line);
    let lines: Vec<Value> = lines.iter().map(answer::line).collect();
    Ok(Answer::json(
        200,
        &json!({ "results": lines, "next_after": next }),
    ))
}

pub(super) async fn csv(request: Request) -> Result<Answer, Refusal> {
    let number = insurer(&request)?;
    let id = file_id(&request);
    results_csv(&request, &number, id).await
}

/// Every result of a file, a row for each finding.
pub(crate) async fn results_csv(
    request: &Request,
    number: &InsurerNumber,
    id: Option<FileId>,
) -> Result<Answer, Refusal> {
    let facility = request.facility()?;
    let head = [
        "行",
        "結果",
        "照会番号",
        "コード",
        "項目",
        "送られた値",
        "理由",
        "次の手順",
    ];
    let mut text = String::from('\u{feff}');
    text.push_str(&row(&head));
    let mut after = 0;
    loop {
        let own = number.clone();
        let lines = request
            .read(move |call| {
                let page = (after, None, RESULTS_AT_ONCE);
                ops::file::lines(call, facility, &own, id, page)
            })
            .await?;
        for line in &lines {
            rows(&mut text, line);
        }
        match lines.last() {
            Some(last) if i64::try_from(lines.len()) == Ok(RESULTS_AT_ONCE) => after = last.line,
            _ => break,
        }
    }
    let id = id.map(|id| id.to_hex()).unwrap_or_default();
    let name = format!("results-{id}.csv");
    let kind = "text/csv; charset=utf-8";
    Ok(Answer::file(kind, &name, text.into_bytes()))
}

fn rows(text: &mut String, line: &Line) {
    let (number, result) = (line.line.to_string(), line.result.ja());
    let reference = line.reference.as_deref().unwrap_or_default();
    if line.found.is_empty() {
        text.push_str(&row(&[&number, result, reference, "", "", "", "", ""]));
    }
    for (entry, item, found) in &line.found {
        text.push_str(&row(&[
            &number,
            result,
            reference,
            entry.code,
            item,
            found,
            entry.cause.ja,
            entry.remedy.ja,
        ]));
    }
}

fn row(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|text| csv::cell(text)).collect();
    format!("{}\r\n", cells.join(","))
}
