//! The diagnosis as JSON, and the terminals' reports.

use std::{sync::Arc, time::Instant};

use eligibility::api::WireInquiry;
use kernel::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::json;
use web::{Answer, Request, health};

use super::{
    errors,
    model::{Diagnosis, Finding, Reader, ReaderState},
    ops,
    rules::{self, Ending, Said, Way},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireReport {
    state: String,
}

#[derive(Serialize)]
struct WireReader<'a> {
    terminal: &'a str,
    state: &'static str,
    since: String,
    reported_at: String,
    ok_at: Option<String>,
}

impl<'a> WireReader<'a> {
    fn new(reader: &'a Reader) -> Self {
        Self {
            terminal: &reader.terminal,
            state: reader.state.word(),
            since: reader.since.to_string(),
            reported_at: reader.reported_at.to_string(),
            ok_at: reader.ok_at.map(|at| at.to_string()),
        }
    }
}

#[derive(Serialize)]
struct WireFinding<'a> {
    step: &'static str,
    light: &'static str,
    code: Option<&'static str>,
    reason_ja: &'static str,
    reason_en: &'static str,
    next_ja: Option<&'static str>,
    next_en: Option<&'static str>,
    particulars_ja: Vec<&'a str>,
    particulars_en: Vec<&'a str>,
}

impl<'a> WireFinding<'a> {
    fn new(finding: &'a Finding) -> Self {
        Self {
            step: finding.step.word(),
            light: finding.light.word(),
            code: finding.code,
            reason_ja: finding.reason.ja,
            reason_en: finding.reason.en,
            next_ja: finding.next.map(|next| next.ja),
            next_en: finding.next.map(|next| next.en),
            particulars_ja: finding.particulars.iter().map(|p| p.ja.as_str()).collect(),
            particulars_en: finding.particulars.iter().map(|p| p.en.as_str()).collect(),
        }
    }
}

#[derive(Serialize)]
struct WireDiagnosis<'a> {
    at: String,
    light: &'static str,
    steps: Vec<WireFinding<'a>>,
    readers: Vec<WireReader<'a>>,
    answer_ms: u64,
    call_name: &'a str,
    call_contact: &'a str,
}

pub(super) async fn report(request: Request) -> Result<Answer, Refusal> {
    let wire: WireReport = request.json()?;
    let state = ReaderState::parse(&wire.state)
        .ok_or_else(|| Refusal::at(&errors::STATE_UNKNOWN, "state", &wire.state))?;
    let facility = request.facility()?;
    let terminal = request.param("terminal").to_owned();
    let reader = request
        .write(move |call| ops::report(call, facility, &terminal, state))
        .await?;
    Ok(Answer::json(200, &json!(WireReader::new(&reader))))
}

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    let found = diagnose(&request).await?;
    let officer = found.officer.as_ref();
    let wire = WireDiagnosis {
        at: found.at.to_string(),
        light: found.worst().map_or("green", |worst| worst.light.word()),
        steps: found.findings.iter().map(WireFinding::new).collect(),
        readers: found.readers.iter().map(WireReader::new).collect(),
        answer_ms: found.answer_ms,
        call_name: officer.map_or("システム管理者", |officer| officer.name.as_str()),
        call_contact: officer.map_or("", |officer| officer.contact.as_str()),
    };
    Ok(Answer::json(200, &wire))
}

/// Looks at all five steps.
pub(super) async fn diagnose(request: &Request) -> Result<Diagnosis, Refusal> {
    let (app, at, facility) = (request.app(), request.at(), request.facility()?);
    // First what may be slow or stuck: each of the server's own checks has its two seconds.
    let said: Vec<Said> = health::look(app)
        .await
        .into_iter()
        .map(|found| Said {
            is_good: found.verdict.ok,
            is_needed: found.is_needed,
            words: found.verdict.words,
        })
        .collect();
    let (code, answer_ms) = trial(request).await;
    let known = request
        .read(move |call| Ok(ops::known(call, facility)?))
        .await?;
    let mut endings = known.endings;
    // What this server really shows counts; it may have got older ones of its own authority.
    match app.health.door_ends_at() {
        Some(ends_at) => endings.push(Ending {
            name: app.origin.clone(),
            ends_at,
        }),
        None => endings.extend(known.servers),
    }
    let way = Way {
        is_encrypted: app.is_secure(),
        has_certificate: request.peer().certificate.is_some(),
        certificates_exist: known.certificates_exist,
    };
    let (sealed_at, ..) = app.health.sealing();
    let expected = eligibility::errors::UNKNOWN_NUMBER.code;
    Ok(Diagnosis {
        at,
        findings: vec![
            rules::reader(&known.readers, at),
            rules::line(way),
            rules::certificate(&endings, at),
            rules::server(&said, sealed_at),
            rules::answer(code, expected, answer_ms),
        ],
        readers: known.readers,
        officer: known.officer,
        answer_ms,
    })
}

/// A check by number for somebody who cannot exist, the way that every check goes: the code of
/// its refusal, and how many milliseconds it took.
async fn trial(request: &Request) -> (Option<&'static str>, u64) {
    // A real insurer's number, with a symbol that no insurer gives.
    let inquiry = WireInquiry::new("01130012", "つながり確認", "0", "00");
    let begun = Instant::now();
    let outcome = match (inquiry.parse(request.at().jst_date()), request.facility()) {
        (Ok(inquiry), Ok(facility)) => {
            let inquiry = Arc::new(inquiry);
            request
                .write(move |call| {
                    eligibility::ops::by_number(call, facility, &inquiry).map(|_| ())
                })
                .await
        }
        (Err(refusal), _) | (_, Err(refusal)) => Err(refusal),
    };
    let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    (outcome.err().map(|refusal| refusal.entry.code), ms)
}
