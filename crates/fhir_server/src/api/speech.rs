//! What requests ask of their answers (format, how much to return), and how a resource is
//! answered.
//!
//! Source: FHIR R4 http.html#mime-type, #ops (Prefer), #Last-Modified; RFC 9110 section 13.1.2.

use fhir::outcome::{self, Severity};
use http::header;
use kernel::{Refusal, time::Timestamp};
use web::{Answer, Request};

use crate::{errors, model::Resource, ops::Written};

/// How much of what was written is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Return {
    Minimal,
    Representation,
    Outcome,
}

impl Return {
    /// From `Prefer: return=…`; anything else is a representation.
    pub fn of(request: &Request) -> Self {
        let prefer = request.header("prefer").unwrap_or_default();
        let mut words = prefer.split([';', ',']).map(str::trim);
        match words.find_map(|word| word.strip_prefix("return=")) {
            Some("minimal") => Self::Minimal,
            Some("OperationOutcome") => Self::Outcome,
            _ => Self::Representation,
        }
    }
}

/// Only JSON is spoken: `_format` counts before `Accept`.
///
/// # Errors
/// [`errors::FORMAT`].
pub(crate) fn check_format(request: &Request) -> Result<(), Refusal> {
    if let Some(format) = request.query("_format") {
        return if is_json(format) {
            Ok(())
        } else {
            Err(Refusal::at(&errors::FORMAT, "_format", format))
        };
    }
    let accept = request.header("accept").unwrap_or_default();
    if accept.trim().is_empty() || accept.split(',').any(is_json) {
        return Ok(());
    }
    Err(Refusal::at(&errors::FORMAT, "Accept", accept))
}

fn is_json(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    matches!(
        kind,
        "*/*"
            | "application/*"
            | "json"
            | "application/json"
            | "application/fhir+json"
            // In an address a plus sign is a space.
            | "application/fhir json"
            | "application/json+fhir"
            | "text/json"
    )
}

/// `Sun, 22 Nov 2026 01:00:00 GMT`.
pub(crate) fn http_date(at: Timestamp) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let days = at.seconds().div_euclid(86_400);
    let day = usize::try_from(days.rem_euclid(7)).unwrap_or(0);
    let text = at.to_string();
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
    let month = part(5..7).parse::<usize>().unwrap_or(1).saturating_sub(1);
    format!(
        "{}, {} {} {} {} GMT",
        DAYS.get(day).copied().unwrap_or_default(),
        part(8..10),
        MONTHS.get(month).copied().unwrap_or_default(),
        part(0..4),
        part(11..19),
    )
}

/// A resource as a reader gets it; 304 when the reader has this version already.
pub(crate) fn shown(request: &Request, found: &Resource) -> Answer {
    let etag = found.etag();
    let known = request.header("if-none-match");
    // Compared weakly: `"1"` is the same version as `W/"1"`.
    let is_this = |one: &str| {
        let one = one.trim();
        one == "*" || one.strip_prefix("W/").unwrap_or(one) == etag.trim_start_matches("W/")
    };
    let answer = if known.is_some_and(|known| known.split(',').any(is_this)) {
        Answer::fhir(304, Vec::new())
    } else {
        Answer::fhir(200, found.render().into_bytes())
    };
    answer
        .with_header(header::ETAG, etag)
        .with_header(header::LAST_MODIFIED, http_date(found.at))
}

/// The answer to a write: `text` is what stands there now.
pub(crate) fn written(request: &Request, kind: &str, written: &Written, text: &str) -> Answer {
    let status = if written.is_created { 201 } else { 200 };
    let resource = Resource {
        kind: kind.to_owned(),
        key: written.key,
        id: written.id.clone(),
        version: written.version,
        at: written.at,
        is_deleted: false,
        text: String::new(),
    };
    let text = written.text.as_deref().unwrap_or(text);
    let body = match Return::of(request) {
        Return::Minimal => Vec::new(),
        Return::Outcome => outcome::findings(Severity::Information, &[]),
        Return::Representation => {
            let mut out = String::with_capacity(text.len() + 180);
            let updated = written.at.to_string();
            let own = (written.id.as_str(), written.version, updated.as_str());
            crate::splice::with_meta(&mut out, kind, text, own);
            out.into_bytes()
        }
    };
    let place = format!(
        "{}/fhir/{kind}/{}/_history/{}",
        request.app().origin,
        written.id,
        written.version
    );
    Answer::fhir(status, body)
        .with_header(header::ETAG, resource.etag())
        .with_header(header::LAST_MODIFIED, http_date(written.at))
        .with_header(header::LOCATION, place)
}
