//! Taking a body in: of the kind that the route takes, of a bounded size, in a bounded time.

use std::time::Duration;

use axum::{
    body::{Body as HttpBody, Bytes},
    http::{HeaderMap, header},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use kernel::Refusal;

use crate::{Body, Face, Route, errors};

/// How long a document may take, and how long any smaller body.
const DOCUMENT_SECONDS_MAX: u64 = 30;
const BODY_SECONDS_MAX: u64 = 10;
/// How long a file may take: the largest in this time needs 5 Mbit/s.
const FILE_SECONDS_MAX: u64 = 120;

/// Refuses what is of another kind.
pub(crate) fn check_content_type(route: &Route, headers: &HeaderMap) -> Result<(), Refusal> {
    let given = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = given.split(';').next().unwrap_or_default().trim();
    let kind = kind.to_ascii_lowercase();
    let fits = match route.body {
        Body::None => true,
        Body::Form => kind == "application/x-www-form-urlencoded",
        // A FHIR program sends everything under FHIR's own name.
        Body::Json if route.face == Face::Fhir => {
            matches!(kind.as_str(), "application/json" | "application/fhir+json")
        }
        Body::Json => kind == "application/json",
        Body::Fhir => matches!(kind.as_str(), "application/fhir+json" | "application/json"),
        Body::Patch => matches!(
            kind.as_str(),
            "application/json-patch+json"
                | "application/merge-patch+json"
                | "application/fhir+json"
                | "application/json"
        ),
        Body::Xml => matches!(kind.as_str(), "application/xml" | "text/xml"),
        Body::File => kind == file_kind(route.face),
        Body::Files => kind == "multipart/form-data",
    };
    if fits {
        Ok(())
    } else {
        let wanted = match route.body {
            Body::None => "",
            Body::Form => "application/x-www-form-urlencoded",
            Body::Json => "application/json",
            Body::Fhir => "application/fhir+json",
            Body::Patch => "application/json-patch+json",
            Body::Xml => "application/xml",
            Body::File => file_kind(route.face),
            Body::Files => "multipart/form-data",
        };
        let mut refusal = Refusal::at(&errors::CONTENT_TYPE, "Content-Type", given);
        for finding in &mut refusal.findings {
            finding.remedy_ja = format!("{wanted} で送信してください。");
            finding.remedy_en = format!("send {wanted}");
        }
        Err(refusal)
    }
}

/// A program sends the file itself, a browser a form with the file in it.
const fn file_kind(face: Face) -> &'static str {
    match face {
        Face::Page | Face::Portal => "multipart/form-data",
        Face::Api | Face::Fhir => "text/csv",
    }
}

/// Reads a body, or gives up.
pub(crate) async fn read_body(body: HttpBody, kind: Body) -> Result<Bytes, Refusal> {
    if kind == Body::None {
        return Ok(Bytes::new());
    }
    let limited = Limited::new(body, kind.bytes_max());
    let limit = Duration::from_secs(match kind {
        Body::Fhir | Body::Files => DOCUMENT_SECONDS_MAX,
        Body::None | Body::Form | Body::Json | Body::Patch | Body::Xml => BODY_SECONDS_MAX,
        Body::File => FILE_SECONDS_MAX,
    });
    match tokio::time::timeout(limit, limited.collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            let found = format!("> {}", kind.bytes_max());
            Err(Refusal::at(&errors::BODY_TOO_LARGE, "body", &found))
        }
        Ok(Err(_)) | Err(_) => Err(Refusal::new(&errors::BODY_BROKEN)),
    }
}
