//! Spans over the wire: OTLP over HTTP as JSON, to one collector.
//!
//! The exporter's own crates would bring protocol buffers and nine crates more to write one
//! JSON document; this writes it, and sends it from the exporter's own thread.
//!
//! Source: OpenTelemetry Protocol 1.9, "OTLP/HTTP" and "JSON Protobuf Encoding" (identifiers
//! are hexadecimal, 64-bit numbers are strings, enums are numbers).

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::ensure;
use opentelemetry::{
    KeyValue, Value,
    trace::{SpanId, SpanKind, Status},
};
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    trace::{SpanData, SpanExporter},
};
use serde_json::{Value as Json, json};

const PATH: &str = "/v1/traces";
const SECONDS_MAX: u64 = 5;

/// The collector that spans are sent to.
#[derive(Debug)]
pub struct Collector {
    agent: ureq::Agent,
    url: String,
    resource: Vec<Json>,
    is_failing: AtomicBool,
}

impl Collector {
    /// The collector at `url`: its base (`http://127.0.0.1:4318`) or the whole address of its
    /// traces (`…/v1/traces`).
    ///
    /// # Errors
    /// When the address is not of that form.
    pub fn new(url: &str) -> anyhow::Result<Self> {
        ensure!(
            url.len() > "http://".len() && url.starts_with("http://"),
            "--otlp takes http://HOST:PORT; a collector on this machine can send on by TLS"
        );
        let base = url.trim_end_matches('/').trim_end_matches(PATH);
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(SECONDS_MAX)))
            .max_redirects(0)
            .proxy(None)
            .build()
            .into();
        Ok(Self {
            agent,
            url: format!("{base}{PATH}"),
            resource: Vec::new(),
            is_failing: AtomicBool::new(false),
        })
    }
}

impl SpanExporter for Collector {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let body = document(&self.resource, &batch).to_string();
        let sent = self
            .agent
            .post(&self.url)
            .content_type("application/json")
            .send(&body);
        let has_failed = self.is_failing.swap(sent.is_err(), Ordering::Relaxed);
        match sent {
            Ok(_) => Ok(()),
            Err(error) => {
                // Once for each time of trouble; spans are dropped, requests never wait.
                if !has_failed {
                    tracing::warn!(%error, "spans cannot be sent to the collector");
                }
                Err(OTelSdkError::InternalFailure(error.to_string()))
            }
        }
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource
            .iter()
            .map(|(key, value)| json!({ "key": key.as_str(), "value": any(value) }))
            .collect();
    }
}

/// An `ExportTraceServiceRequest`.
fn document(resource: &[Json], batch: &[SpanData]) -> Json {
    let spans: Vec<Json> = batch.iter().map(span).collect();
    json!({ "resourceSpans": [{
        "resource": { "attributes": resource },
        "scopeSpans": [{
            "scope": { "name": "tasuki", "version": env!("CARGO_PKG_VERSION") },
            "spans": spans,
        }],
    }] })
}

fn span(data: &SpanData) -> Json {
    let mut span = json!({
        "traceId": data.span_context.trace_id().to_string(),
        "spanId": data.span_context.span_id().to_string(),
        "flags": flags(data),
        "name": data.name,
        "kind": kind(&data.span_kind),
        "startTimeUnixNano": nanoseconds(data.start_time),
        "endTimeUnixNano": nanoseconds(data.end_time),
        "attributes": data.attributes.iter().map(attribute).collect::<Vec<_>>(),
        "droppedAttributesCount": data.dropped_attributes_count,
        "status": status(&data.status),
    });
    if data.parent_span_id != SpanId::INVALID
        && let Some(span) = span.as_object_mut()
    {
        let parent = Json::String(data.parent_span_id.to_string());
        span.insert("parentSpanId".to_owned(), parent);
    }
    span
}

/// W3C flags in the low byte; then: the parent's origin is known, and whether it is remote.
fn flags(data: &SpanData) -> u32 {
    let remote = if data.parent_span_is_remote {
        0x300
    } else {
        0x100
    };
    u32::from(data.span_context.trace_flags().to_u8()) | remote
}

fn kind(kind: &SpanKind) -> u8 {
    match kind {
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
        SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
    }
}

fn status(status: &Status) -> Json {
    match status {
        Status::Unset => json!({}),
        Status::Ok => json!({ "code": 1 }),
        Status::Error { .. } => json!({ "code": 2 }),
    }
}

fn nanoseconds(at: SystemTime) -> String {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_nanos().to_string()
}

fn attribute(pair: &KeyValue) -> Json {
    json!({ "key": pair.key.as_str(), "value": any(&pair.value) })
}

/// An `AnyValue`; what we set is text, a number or yes and no.
fn any(value: &Value) -> Json {
    match value {
        Value::Bool(yes) => json!({ "boolValue": yes }),
        Value::I64(number) => json!({ "intValue": number.to_string() }),
        Value::F64(number) => json!({ "doubleValue": number }),
        other => json!({ "stringValue": other.as_str() }),
    }
}
