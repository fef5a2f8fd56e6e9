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
use tracing::{Level, Metadata, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, filter_fn},
    layer::{Filter, SubscriberExt},
    registry::LookupSpan,
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
pub const OWN: &[&str] = &[
    "access",
    "accounts",
    "backup",
    "chart",
    "counter",
    "eligibility",
    "equipment",
    "fhir",
    "fhir_server",
    "fhirpath",
    "kernel",
    "keystore",
    "lanes",
    "letters",
    "masters",
    "oauth",
    "oqs",
    "paper",
    "payers",
    "portal",
    "profiles",
    "records",
    "register",
    "registry",
    "signing",
    "store",
    "subsidy",
    "web",
];
/// The program itself.
const PROGRAM: &str = "tasuki";
/// Targets of the access log and of spans.
const ACCESS_LOG: &str = "access_log";
const SPAN: &str = "span";

/// What is told, and where.
#[derive(Args, Debug, Default)]
pub struct Watch {
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

/// How the standard library says that a line could not be printed.
const UNWRITTEN: &str = "failed printing to stdout";

/// Starts telling; from here on a panic tells its place and no more. Without options (a command that serves nothing) there are log lines only.
///
/// # Errors
/// When the collector's address cannot be used, or somebody else already listens.
pub fn start(options: Option<&Watch>) -> anyhow::Result<Telemetry> {
    let access_log = options.is_some_and(|options| options.access_log);
    let wanted = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .with_writer(std::io::stderr)
        .with_filter(filter(wanted, access_log)?);
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
        let words = panic.payload().downcast_ref::<String>();
        match words.filter(|words| words.starts_with(UNWRITTEN)) {
            // Whoever reads no further (`| head`) has seen what they wanted.
            Some(words) if words.contains("Broken pipe") => std::process::exit(0),
            Some(_) => {
                eprintln!("tasuki: 出力先に書き込めません / the output could not be written");
                std::process::exit(1);
            }
            None => tracing::error!(at, "a panic"),
        }
    }));
    Ok(Telemetry { spans })
}

/// What of the wanted lines may be logged.
fn filter<S>(
    mut wanted: EnvFilter,
    access_log: bool,
) -> anyhow::Result<impl Filter<S> + Send + Sync + 'static>
where
    S: Subscriber + for<'s> LookupSpan<'s> + 'static,
{
    if access_log {
        wanted = wanted.add_directive(format!("{ACCESS_LOG}=info").parse()?);
    }
    let may_speak = filter_fn(move |line| may_be_logged(line, access_log))
        .with_max_level_hint(LevelFilter::TRACE);
    Ok(wanted.and(may_speak))
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
    use std::{
        collections::BTreeSet,
        fs,
        io::{self, Write},
        sync::{Arc, Mutex},
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("kept").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The messages that are logged of those below.
    fn logged(level: &str, access_log: bool) -> Vec<String> {
        let kept = Kept::default();
        let writer = kept.clone();
        let lines = tracing_subscriber::fmt::layer()
            .json()
            .with_writer(move || writer.clone())
            .with_filter(filter(EnvFilter::new(level), access_log).expect("a filter"));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), || {
            let _span = tracing::error_span!(target: "span", "a span", of = "nobody").entered();
            tracing::trace!(target: "store::engine", "our trace");
            tracing::warn!(target: "web", "our warning");
            tracing::debug!(target: "tokio_postgres::query", "their statement with its values");
            tracing::info!(target: "storehouse", "a name that begins like ours");
            tracing::warn!(target: "hyper::proto", "their warning");
            tracing::info!(target: "access_log", "answered");
        });
        let text = String::from_utf8(kept.0.lock().expect("kept").clone()).expect("UTF-8");
        let message = |line: &str| {
            let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
            assert!(!line.to_string().contains("nobody"), "{line}");
            line["fields"]["message"]
                .as_str()
                .expect("a message")
                .to_owned()
        };
        text.lines().map(message).collect()
    }

    #[test]
    fn lines_of_libraries_are_held_to_warnings_and_the_access_log_has_its_own_switch() {
        let (trace, ours, theirs) = ("our trace", "our warning", "their warning");
        assert_eq!(logged("trace", false), [trace, ours, theirs]);
        assert_eq!(
            logged("trace,tokio_postgres=debug", true),
            [trace, ours, theirs, "answered"]
        );
        assert_eq!(logged("warn", false), [ours, theirs]);
        assert_eq!(logged("warn", true), [ours, theirs, "answered"]);
        assert_eq!(logged("off", true), ["answered"]);
    }

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
