//! Notices for record systems.

use http::header::{ETAG, RETRY_AFTER};
use kernel::{Refusal, time::Timestamp};
use registry::reliance::{self, Notice, NoticeId, Wanted};
use serde::{Deserialize, Serialize};
use store::Stop;
use web::{Answer, Request, request::PAGE_MAX};

use super::rules::{next_cursor, next_step};
use crate::{api::answer::WireDifference, errors};

/// Seconds after which asking again makes sense: a change is told within a minute.
const AGAIN_SECONDS: &str = "60";

#[derive(Serialize)]
struct WireNotices {
    notices: Vec<WireNotice>,
    /// Not dealt with yet, 100 at most.
    open: i64,
    /// `after` of the next question.
    next: String,
    /// Are there more behind it now?
    more: bool,
}

#[derive(Serialize)]
struct WireNotice {
    id: String,
    at: String,
    done: bool,
    name: String,
    kana: String,
    birth_date: String,
    kind: &'static str,
    kind_ja: &'static str,
    /// The first and last day for which the facility asked.
    asked_from: String,
    asked_last: String,
    /// Of those, the first and last on which another answer holds now.
    changed_from: String,
    changed_last: String,
    /// Does any coverage hold on the first of them?
    covered: bool,
    differences: Vec<WireDifference>,
    visit: Option<String>,
    next_ja: &'static str,
    next_en: &'static str,
}

impl From<&Notice> for WireNotice {
    fn from(notice: &Notice) -> Self {
        let matter = &notice.matter;
        let next = next_step(matter);
        Self {
            id: notice.id.to_hex(),
            at: notice.at.to_string(),
            done: notice.is_done,
            name: matter.name.clone(),
            kana: matter.kana.clone(),
            birth_date: matter.birth.to_string(),
            kind: matter.kind.code(),
            kind_ja: matter.kind.ja(),
            asked_from: matter.asked.0.to_string(),
            asked_last: matter.asked.1.to_string(),
            changed_from: matter.from.to_string(),
            changed_last: matter.last.to_string(),
            covered: matter.is_covered,
            differences: matter.differences.iter().map(Into::into).collect(),
            visit: matter.visit.map(|visit| kernel::hex::encode(&visit)),
            next_ja: next.ja,
            next_en: next.en,
        }
    }
}

pub(super) async fn list(request: Request) -> Result<Answer, Refusal> {
    let facility = request.facility()?;
    let after = match request.query("after") {
        None | Some("") => NoticeId::first_of(Timestamp::from_micros(0)),
        Some(text) => NoticeId::parse(text)
            .ok_or_else(|| Refusal::at(&errors::NOTICE_CURSOR, "after", text))?,
    };
    let count = request.page_size(PAGE_MAX)?;
    let tag = |(newest, open): (Option<NoticeId>, i64)| {
        let newest = newest.map_or_else(String::new, |id| id.to_hex());
        format!("\"{newest}-{open}\"")
    };
    if let Some(known) = request.header("if-none-match") {
        let mark = request
            .look_up(move |call| Ok(reliance::mark_of(call, facility)?))
            .await?;
        let mark = tag(mark);
        if known == mark {
            let nothing_new = Answer::text(304, "").with_header(ETAG, mark);
            return Ok(nothing_new.with_header(RETRY_AFTER, AGAIN_SECONDS));
        }
    }
    let limit = i64::try_from(count).unwrap_or_default();
    let (mark, notices) = request
        .read(move |call| {
            let mark = reliance::mark_of(call, facility)?;
            let wanted = Wanted::After(after);
            Ok((mark, reliance::notices(call, facility, wanted, limit)?))
        })
        .await?;
    let last = notices.last().map(|notice| notice.id);
    let is_full = notices.len() >= count;
    let wire = WireNotices {
        notices: notices.iter().map(Into::into).collect(),
        open: mark.1,
        next: next_cursor(after, last, is_full, request.at()).to_hex(),
        more: is_full,
    };
    let answer = Answer::json(200, &wire).with_header(ETAG, tag(mark));
    Ok(if is_full {
        answer
    } else {
        answer.with_header(RETRY_AFTER, AGAIN_SECONDS)
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireDone {}

/// Marks a notice of the caller's facility as dealt with.
pub(super) async fn set_done(request: &Request) -> Result<(), Refusal> {
    let id = request.id_param("notice", NoticeId::parse)?;
    let facility = request.facility()?;
    request
        .write(move |call| match reliance::set_done(call, facility, id)? {
            true => Ok(()),
            false => Err(Stop::from(&errors::NOTICE)),
        })
        .await
}

pub(super) async fn done(request: Request) -> Result<Answer, Refusal> {
    let WireDone {} = request.json()?;
    set_done(&request).await?;
    Ok(Answer::json(200, &serde_json::json!({ "done": true })))
}
