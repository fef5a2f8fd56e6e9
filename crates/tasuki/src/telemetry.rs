//! What is told to whoever watches: log lines, and spans behind a switch.
//!
//! Log lines are JSON on standard error, at the level that `RUST_LOG` names (`warn` unless
//! told). Our own crates may speak at any level, because they never say a name, a number, a
//! token or an address; whatever others wrote is held to warnings, because some libraries
//! print headers or the values of statements in their debug lines.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context;
use clap::Args;
use opentelemetry::{KeyValue, trace::TracerProvider};
use opentelemetry_sdk::{
    Resource,
    trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider},
};
use tracing::{Level, Metadata, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, filter_fn},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::otlp::Collector;

/// Most spans that wait to be sent; more are dropped, never waited for.
const SPANS_MAX: usize = 4_096;
/// Most spans in one message, and how often one is sent.
const BATCH_MAX: usize = 512;
const SEND_EVERY: Duration = Duration::from_secs(2);
/// How long the last message may take when the program ends.
const LAST_MAX: Duration = Duration::from_secs(5);

/// Whose debug lines are known to hold no personal data.
pub const OWN: [&str; 14] = [
    "access",
    "backup",
    "chart",
    "eligibility",
    "fhir",
    "kernel",
    "keystore",
    "lanes",
    "portal",
    "records",
    "registry",
    "signing",
    "store",
    "web",
];
/// The program itself.
const PROGRAM: &str = "tasuki";
/// Targets of the access log and of spans.
const ACCESS_LOG: &str = "access_log";
const SPAN: &str = "span";

/// What is told, and where.
#[derive(Args, Debug, Default)]
pub struct Options {
    /// Give metrics (OpenMetrics text) at http://ADDRESS/metrics, such as 127.0.0.1:9464.
    #[arg(long, value_name = "ADDRESS")]
    pub metrics: Option<SocketAddr>,
    /// Send traces to an OpenTelemetry collector (OTLP over HTTP, JSON), such as
    /// http://127.0.0.1:4318.
    #[arg(long, value_name = "URL")]
    pub otlp: Option<String>,
    /// One log line for each request: number, method, route, status, milliseconds, bytes.
    #[arg(long)]
    pub access_log: bool,
}

/// What runs until the end.
pub struct Telemetry {
    spans: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Sends what still waits; for at most five seconds. Not to be called from async code.
    pub fn finish(self) {
        if let Some(spans) = self.spans
            && let Err(error) = spans.shutdown_with_timeout(LAST_MAX)
        {
            tracing::warn!(%error, "the last spans could not be sent");
        }
    }
}

/// Starts telling; from here on a panic tells its place and no more. Without options (a command that serves nothing) there are log lines only.
///
/// # Errors
/// When the collector's address cannot be used, or somebody else already listens.
pub fn start(options: Option<&Options>) -> anyhow::Result<Telemetry> {
    let access_log = options.is_some_and(|options| options.access_log);
    let mut wanted = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    if access_log {
        wanted = wanted.add_directive(format!("{ACCESS_LOG}=info").parse()?);
    }
    let may_speak = filter_fn(move |line| may_be_logged(line, access_log))
        .with_max_level_hint(LevelFilter::TRACE);
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .with_writer(std::io::stderr)
        .with_filter(wanted.and(may_speak));
    let url = options.and_then(|options| options.otlp.as_deref());
    let spans = url.map(provider).transpose()?;
    let sent = spans.as_ref().map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer(PROGRAM))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(
                filter_fn(|line| line.is_span() && line.target() == SPAN)
                    .with_max_level_hint(LevelFilter::INFO),
            )
    });
    tracing_subscriber::registry()
        .with(lines)
        .with(sent)
        .try_init()
        .context("the log could not be started")?;
    std::panic::set_hook(Box::new(|panic| {
        // What a panic says may quote a name or a number: its place is enough to find it.
        let at = panic.location().map(ToString::to_string);
        tracing::error!(at, "a panic");
    }));
    Ok(Telemetry { spans })
}

fn may_be_logged(line: &Metadata<'_>, access_log: bool) -> bool {
    match line.target() {
        SPAN => false,
        ACCESS_LOG => access_log,
        target => {
            let room = target.split("::").next().unwrap_or_default();
            room == PROGRAM || OWN.contains(&room) || *line.level() <= Level::WARN
        }
    }
}

fn provider(url: &str) -> anyhow::Result<SdkTracerProvider> {
    let batches = BatchConfigBuilder::default()
        .with_max_queue_size(SPANS_MAX)
        .with_max_export_batch_size(BATCH_MAX)
        .with_scheduled_delay(SEND_EVERY)
        .build();
    let processor = BatchSpanProcessor::builder(Collector::new(url)?)
        .with_batch_config(batches)
        .build();
    // Named here, so that nothing of the machine's environment joins it.
    let resource = Resource::builder_empty()
        .with_attributes([
            KeyValue::new("service.name", PROGRAM),
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        ])
        .build();
    Ok(SdkTracerProvider::builder()
        .with_span_processor(processor)
        .with_resource(resource)
        .build())
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use super::*;

    #[test]
    fn each_crate_below_the_program_may_log_and_no_other() {
        let crates = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
        let tools = ["tasuki", "testkit", "peers", "xtask"];
        let rooms: BTreeSet<String> = fs::read_dir(crates)
            .expect("crates")
            .map(|room| {
                room.expect("a room")
                    .file_name()
                    .into_string()
                    .expect("UTF-8")
            })
            .filter(|room| !tools.contains(&room.as_str()))
            .collect();
        let own: BTreeSet<String> = OWN.iter().map(|room| (*room).to_owned()).collect();
        assert_eq!(own, rooms);
    }
}
