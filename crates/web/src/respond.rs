//! Answers: pages, JSON, FHIR; and how a refusal looks in each.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use kernel::{Entry, Refusal, id::RequestId};
use maud::Markup;
use serde::Serialize;

use crate::{
    App, Face,
    ui::{self, Lang},
};

/// The session cookie's name. Over TLS its prefix makes browsers refuse it from any other
/// host of the domain and without TLS.
///
/// Source: identity-security section 3.2; RFC 6265bis section 4.1.3.
#[must_use]
pub const fn session_cookie(secure: bool) -> &'static str {
    if secure {
        "__Host-tasuki_session"
    } else {
        "tasuki_session"
    }
}

/// Remembers where a log-in was begun, and for how long. Only addresses with this beginning
/// are led on to: somebody else's cookie leads nowhere else.
const NEXT_COOKIE: &str = "tasuki_next";
const NEXT_SECONDS: u32 = 600;
const NEXT_PREFIX: &str = "/oauth/authorize?";

/// What leaves for the caller.
#[derive(Debug)]
pub struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: Vec<u8>,
    pub(crate) headers: Vec<(HeaderName, String)>,
    pub(crate) may_be_kept: bool,
}

impl Answer {
    fn new(status: u16, content_type: &'static str, body: Vec<u8>) -> Self {
        Self {
            status,
            content_type,
            body,
            headers: Vec::new(),
            may_be_kept: false,
        }
    }

    /// A page.
    #[must_use]
    pub fn page(markup: Markup) -> Self {
        Self::new(
            200,
            "text/html; charset=utf-8",
            markup.into_string().into_bytes(),
        )
    }

    /// Our own JSON.
    #[must_use]
    pub fn json<T: Serialize>(status: u16, value: &T) -> Self {
        // Wire structs have string keys and no failing parts, so this does not fail.
        let body = serde_json::to_vec(value).unwrap_or_default();
        Self::new(status, "application/json; charset=utf-8", body)
    }

    /// A FHIR document.
    #[must_use]
    pub fn fhir(status: u16, body: Vec<u8>) -> Self {
        Self::new(status, "application/fhir+json; charset=utf-8", body)
    }

    /// A file that never changes under its address.
    #[must_use]
    pub fn asset(content_type: &'static str, body: &'static str) -> Self {
        let mut answer = Self::new(200, content_type, body.as_bytes().to_vec());
        answer.may_be_kept = true;
        answer
    }

    /// A file to be kept, never shown in the browser; `name` is ASCII.
    #[must_use]
    pub fn file(content_type: &'static str, name: &str, body: Vec<u8>) -> Self {
        let attachment = format!("attachment; filename=\"{name}\"");
        Self::new(200, content_type, body).with_header(header::CONTENT_DISPOSITION, attachment)
    }

    /// A file that somebody else made, to be saved, of a type that its bytes were found to have:
    /// whatever it holds, it never acts as a page of ours.
    #[must_use]
    pub fn foreign(content_type: &'static str, name: &str, body: Vec<u8>) -> Self {
        Self::new(200, content_type, body).attachment(name)
    }

    /// Plain text.
    #[must_use]
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self::new(
            status,
            "text/plain; charset=utf-8",
            body.into().into_bytes(),
        )
    }

    /// Go there next (303).
    #[must_use]
    pub fn see_other(to: &str) -> Self {
        let mut answer = Self::text(303, "");
        answer.headers.push((header::LOCATION, to.to_owned()));
        answer
    }

    /// Sets the session cookie; an empty token removes it.
    #[must_use]
    pub fn with_session(mut self, token: &str, secure: bool) -> Self {
        let name = session_cookie(secure);
        let lasts = if token.is_empty() { "; Max-Age=0" } else { "" };
        let secure = if secure { "; Secure" } else { "" };
        self.headers.push((
            header::SET_COOKIE,
            format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict{secure}{lasts}"),
        ));
        self
    }

    /// Where a log-in leads that is begun from this page: an address of this server.
    #[must_use]
    pub fn with_next(mut self, path: &str, secure: bool) -> Self {
        let lasts = if path.is_empty() { 0 } else { NEXT_SECONDS };
        let secure = if secure { "; Secure" } else { "" };
        self.headers.push((
            header::SET_COOKIE,
            format!(
                "{NEXT_COOKIE}={path}; Path=/; HttpOnly; SameSite=Strict{secure}; Max-Age={lasts}"
            ),
        ));
        self
    }

    /// Does it lead to one of the pages on which a log-in ends? Then it leads on to where the
    /// log-in was begun.
    pub(crate) fn leading_on(mut self, headers: &HeaderMap, secure: bool) -> Self {
        let next = cookie(headers, NEXT_COOKIE).filter(|next| next.starts_with(NEXT_PREFIX));
        let Some(next) = next.map(str::to_owned) else {
            return self;
        };
        let mut leads_on = false;
        for (name, value) in &mut self.headers {
            if *name == header::LOCATION && matches!(value.as_str(), "/" | "/portal" | "/reception")
            {
                value.clone_from(&next);
                leads_on = true;
            }
        }
        if leads_on {
            self.with_next("", secure)
        } else {
            self
        }
    }

    /// As a file to be saved under this name (ASCII letters, digits, `.`, `-`, `_`), never
    /// shown: whatever it holds, it must not act as a page of ours.
    ///
    /// Source: identity-security T16; RFC 6266; CSP level 3, `sandbox`.
    #[must_use]
    pub fn attachment(self, name: &str) -> Self {
        let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let name: String = name.chars().filter(is_plain).collect();
        self.with_header(header::CONTENT_SECURITY_POLICY, FILE_POLICY)
            .with_header(
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"{name}\""),
            )
    }

    /// A page whose form may lead on to this origin: browsers hold the page's policy also
    /// against where an answer redirects to.
    #[must_use]
    pub fn with_form_target(self, origin: &str) -> Self {
        let policy = SECURITY.first().map_or("", |(_, value)| value);
        let policy = policy.replace(
            "form-action 'self'",
            &format!("form-action 'self' {origin}"),
        );
        self.with_header(header::CONTENT_SECURITY_POLICY, policy)
    }

    /// With this status.
    #[must_use]
    pub const fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// With one header more.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// A cookie's value.
#[must_use]
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

#[derive(Serialize)]
struct Problem<'a> {
    code: &'static str,
    status: u16,
    cause_ja: &'static str,
    remedy_ja: &'static str,
    cause_en: &'static str,
    remedy_en: &'static str,
    source: &'static str,
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_s: Option<u32>,
    findings: Vec<Place<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    path: &'a str,
    rule: &'a str,
    found: &'a str,
    remedy_ja: &'a str,
    remedy_en: &'a str,
}

/// A refusal as the caller can read it.
#[must_use]
pub(crate) fn refused(
    app: &App,
    face: Face,
    lang: Lang,
    refusal: &Refusal,
    request: RequestId,
) -> Answer {
    let entry = refusal.entry;
    let mut answer = match face {
        Face::Api => Answer::json(
            entry.status,
            &Problem {
                code: entry.code,
                status: entry.status,
                cause_ja: entry.cause.ja,
                remedy_ja: entry.remedy.ja,
                cause_en: entry.cause.en,
                remedy_en: entry.remedy.en,
                source: entry.source,
                request_id: request.to_hex(),
                retry_after_s: refusal.retry_after_s,
                findings: refusal
                    .findings
                    .iter()
                    .map(|f| Place {
                        path: &f.path,
                        rule: &f.rule,
                        found: &f.found,
                        remedy_ja: &f.remedy_ja,
                        remedy_en: &f.remedy_en,
                    })
                    .collect(),
            },
        ),
        Face::Fhir => Answer::fhir(
            entry.status,
            fhir::outcome::refusal(entry, &refusal.findings),
        ),
        Face::Page | Face::Portal => problem_page(app, face, lang, refusal, request),
    };
    if matches!(face, Face::Api | Face::Fhir)
        && let Some(challenge) = challenge(refusal)
    {
        answer = answer.with_header(header::WWW_AUTHENTICATE, challenge);
    }
    if let Some(seconds) = refusal.retry_after_s {
        answer = answer.with_header(header::RETRY_AFTER, seconds.to_string());
    }
    answer
}

/// What a program's library understands of a refused token.
///
/// Source: RFC 6750 section 3.
fn challenge(refusal: &Refusal) -> Option<&'static str> {
    let is = |entry: &'static Entry| std::ptr::eq(entry, refusal.entry);
    if is(&access::errors::CLIENT_UNKNOWN) || is(&access::errors::TOKEN_ELSEWHERE) {
        Some("Bearer error=\"invalid_token\"")
    } else if is(&access::errors::SCOPE_MISSING) {
        Some("Bearer error=\"insufficient_scope\"")
    } else if refusal.entry.status == 401 {
        Some("Bearer")
    } else {
        None
    }
}

fn problem_page(
    app: &App,
    face: Face,
    lang: Lang,
    refusal: &Refusal,
    request: RequestId,
) -> Answer {
    let (shell, home) = match face {
        Face::Portal => (ui::Shell::Portal, "/portal"),
        _ => (ui::Shell::Staff, "/"),
    };
    let page = ui::page(&ui::Page {
        lang,
        shell,
        title: lang.pick("操作を完了できませんでした", "This could not be done"),
        home_href: home,
        environment_banner: app.banner,
        body: ui::refusal(lang, refusal, &request.to_hex(), home),
        ..ui::Page::default()
    });
    Answer::page(page).with_status(refusal.entry.status)
}

/// Over TLS, browsers come back by TLS only for a year (RFC 6797).
pub(crate) const TLS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// What a file may do if a browser shows it all the same: nothing.
const FILE_POLICY: &str = "sandbox; default-src 'none'";

const SECURITY: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=()",
    ),
];

/// The HTTP response, with the headers that every answer carries.
#[must_use]
pub(crate) fn response(answer: Answer, request: RequestId) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(answer.content_type),
    );
    for (name, value) in SECURITY {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let keep = if answer.may_be_kept {
        "public, max-age=31536000, immutable"
    } else {
        "no-store"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    for (name, value) in answer.headers {
        let Ok(value) = HeaderValue::from_str(&value) else {
            continue;
        };
        if name == header::CONTENT_SECURITY_POLICY {
            headers.insert(name, value);
        } else {
            headers.append(name, value);
        }
    }
    if let Ok(id) = HeaderValue::from_str(&request.to_hex()) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}
