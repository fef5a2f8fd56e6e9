//! Spans for tracing: a request, and each wait at the gate inside it.
//!
//! Their target is `span`, so that the program can switch them off as a whole; then they cost
//! one look at an atomic. They carry words of the program's own tables and the request's
//! number, never a part of the path, a query, a header's value or a name.
//!
//! Source: W3C Trace Context (traceparent, version 00); OpenTelemetry semantic conventions
//! for HTTP spans.

use axum::http::HeaderMap;
use kernel::id::RequestId;
use opentelemetry::{
    Context,
    trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState},
};
use tracing::{Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// A request's span; a child of the span that its `traceparent` names.
pub(crate) fn request(method: &str, path: &str, id: RequestId, headers: &HeaderMap) -> Span {
    let span = tracing::info_span!(
        target: "span",
        "request",
        otel.name = %format_args!("{method} {path}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = path,
        http.response.status_code = Empty,
        request.id = %format_args!("{}", id.to_hex()),
    );
    if !span.is_disabled()
        && let Some(parent) = headers.get("traceparent")
        && let Some(parent) = parent.to_str().ok().and_then(parent_of)
    {
        let parent = Context::new().with_remote_span_context(parent);
        // It fails when nobody exports spans: then there is nothing to be a child of.
        let _exported = span.set_parent(parent).is_ok();
    }
    span
}

/// The answer left.
pub(crate) fn answered(span: &Span, status: u16) {
    if span.is_disabled() {
        return;
    }
    // As a signed number: the exporter writes any other kind as text.
    span.record("http.response.status_code", i64::from(status));
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// A wait at the gate: `client` or `session` (who calls), `look-up`, `read` or `write`.
pub(crate) fn gate(kind: &'static str) -> Span {
    tracing::info_span!(target: "span", "gate", otel.name = %format_args!("gate {kind}"), gate.kind = kind)
}

/// The caller's span, from a `traceparent`; nothing when it is not whole.
fn parent_of(header: &str) -> Option<SpanContext> {
    let mut parts = header.trim().split('-');
    let (version, trace, span, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, len: usize| {
        text.len() == len && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    // A later version may have more parts; version 00 has these, and ff is none.
    let is_whole = is_hex(version, 2)
        && version != "ff"
        && (version != "00" || parts.next().is_none())
        && is_hex(trace, 32)
        && is_hex(span, 16)
        && is_hex(flags, 2);
    if !is_whole {
        return None;
    }
    let flags = u8::from_str_radix(flags, 16).ok()?;
    let context = SpanContext::new(
        TraceId::from_hex(trace).ok()?,
        SpanId::from_hex(span).ok()?,
        TraceFlags::new(flags) & TraceFlags::SAMPLED,
        true,
        TraceState::NONE,
    );
    context.is_valid().then_some(context)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_whole_traceparent_is_the_parent() {
        for (header, sampled) in [
            (WHOLE.to_owned(), true),
            (WHOLE.replace("-01", "-00"), false),
            (WHOLE.replace("-01", "-ff"), true),
            (format!("cc{}-what-comes-later", &WHOLE[2..]), true),
        ] {
            let parent = parent_of(&header).expect("a parent");
            let trace = parent.trace_id().to_string();
            assert_eq!(trace, "0af7651916cd43dd8448eb211c80319c", "{header}");
            assert_eq!(parent.span_id().to_string(), "b7ad6b7169203331", "{header}");
            assert_eq!(
                (parent.is_remote(), parent.is_sampled()),
                (true, sampled),
                "{header}"
            );
        }
    }

    #[test]
    fn a_traceparent_that_is_not_whole_is_nobodys() {
        for header in [
            String::new(),
            WHOLE[..WHOLE.len() - 1].to_owned(),
            format!("{WHOLE}-00"),
            WHOLE.replace("00-", "ff-"),
            WHOLE.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32)),
            WHOLE.replace("b7ad6b7169203331", &"0".repeat(16)),
            WHOLE.to_uppercase(),
            WHOLE.replace('-', "_"),
            WHOLE.replace("b7ad", "b7あ"),
        ] {
            assert_eq!(parent_of(&header), None, "{header}");
        }
    }
}
