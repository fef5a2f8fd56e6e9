//! What came of changes and files, as JSON.

use kernel::{Entry, time::Timestamp};
use serde_json::{Value, json};

use crate::{
    model::{File, Finding, Outcome, Tally},
    ops::file::Line,
};

fn found(entry: &'static Entry, item: &str, text: &str) -> Value {
    json!({
        "code": entry.code, "item": item, "found": text,
        "cause_ja": entry.cause.ja, "cause_en": entry.cause.en,
        "remedy_ja": entry.remedy.ja, "remedy_en": entry.remedy.en,
    })
}

pub(super) fn outcome(outcome: &Outcome) -> Value {
    let all = outcome.found.iter();
    let findings: Vec<Value> = all
        .map(|one| found(one.entry, one.path, &one.found))
        .collect();
    json!({
        "result": outcome.result.word(),
        "reference": outcome.reference.map(|reference| reference.to_hex()),
        "findings": findings,
    })
}

pub(super) fn line(line: &Line) -> Value {
    let all = line.found.iter();
    let findings: Vec<Value> = all
        .map(|(entry, item, text)| found(entry, item, text))
        .collect();
    json!({
        "line": line.line,
        "result": line.result.word(),
        "reference": line.reference,
        "findings": findings,
    })
}

pub(super) fn file(file: &File, tally: Option<Tally>) -> Value {
    let mut value = json!({
        "file": file.id.to_hex(),
        "insurer_number": file.insurer.as_str(),
        "received_at": file.at.to_string(),
        "state": file.state.word(),
        "lines": file.lines,
        "done_at": at(file.done_at),
    });
    if let (Some(tally), Some(map)) = (tally, value.as_object_mut()) {
        map.insert("lines_done".to_owned(), tally.done().into());
        map.insert("accepted".to_owned(), tally.accepted.into());
        map.insert("warned".to_owned(), tally.warned.into());
        map.insert("unchanged".to_owned(), tally.unchanged.into());
        map.insert("refused".to_owned(), tally.refused.into());
    }
    value
}

pub(super) fn at(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

pub(super) fn finding(finding: &Finding) -> Value {
    let until = finding.period.until().map(|day| day.to_string());
    let entry = finding.kind.entry();
    json!({
        "finding": finding.id.to_hex(),
        "kind": finding.kind.word(),
        "found_at": finding.at.to_string(),
        "from": finding.period.from().to_string(),
        "until": until,
        "symbol": finding.symbol,
        "number": finding.number,
        "branch": finding.branch,
        "other_insurer_number": finding.other_number,
        "other_insurer_name": finding.other_name,
        "code": entry.code,
        "remedy_ja": entry.remedy.ja,
        "remedy_en": entry.remedy.en,
    })
}
