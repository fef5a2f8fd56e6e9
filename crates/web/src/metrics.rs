//! What monitoring reads: counts and times of requests by route, and the figures of the
//! store, as OpenMetrics text.
//!
//! A label is a word out of this program's own tables (route template, method, class of
//! status, lane), never a value out of a request: no number, name or address can become one.
//! Each route's counters are looked up once, when the router is built; a request then costs
//! a few atomic additions.
//!
//! Source: OpenMetrics 1.0; Prometheus, "Metric and label naming".

use std::{fmt, sync::atomic::AtomicU64, time::Duration};

use axum::{
    Router,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing,
};
use kernel::time::Timestamp;
use prometheus_client::{
    encoding::{EncodeLabelSet, LabelSetEncoder, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::Registry,
};

use crate::Route;

/// The content type of OpenMetrics text.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds in seconds: an answer within 10 ms is the aim, 10 s the end of all patience.
const SECONDS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
/// Classes of status that leave, at the place of their first digit less two.
const CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];

/// A fast way for what cannot wait, and one for everything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// Everything else.
    Ordinary,
    /// 救急.
    Emergency,
}

impl Lane {
    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Emergency => "emergency",
        }
    }
}

/// Names and values of labels, all of them words of the program itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Labels<const N: usize>([(&'static str, &'static str); N]);

impl<const N: usize> EncodeLabelSet for Labels<N> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        self.0.encode(encoder)
    }
}

type Counters<const N: usize> = Family<Labels<N>, Counter>;
type Histograms<const N: usize> = Family<Labels<N>, Histogram, fn() -> Histogram>;

/// What is counted of requests.
pub struct Metrics {
    registry: Registry,
    answers: Counters<3>,
    seconds: Histograms<2>,
    in_hand: Family<Labels<1>, Gauge>,
    shed: Counters<2>,
    throttled: Counters<1>,
}

/// How often one kind of caller was told to wait.
pub(crate) type Throttled = Counter;

/// One route's counters.
#[derive(Clone)]
pub(crate) struct RouteMeter {
    answers: [Counter; CLASSES.len()],
    seconds: Histogram,
}

/// One lane's counters.
pub(crate) struct LaneMeter {
    /// Requests in hand.
    pub(crate) in_hand: Gauge,
    /// Turned away because every place was taken.
    pub(crate) shed_requests: Counter,
    /// Turned away because the caller's places for bodies were taken.
    pub(crate) shed_bodies: Counter,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::default();
        let answers = Counters::default();
        let seconds: Histograms<2> = Family::new_with_constructor(|| Histogram::new(SECONDS));
        let in_hand: Family<Labels<1>, Gauge> = Family::default();
        let shed = Counters::default();
        registry.register(
            "tasuki_http_requests",
            "Requests answered, by route template, method and class of status",
            answers.clone(),
        );
        registry.register(
            "tasuki_http_request_duration_seconds",
            "Seconds from a request's headers to its answer, by route template and method",
            seconds.clone(),
        );
        registry.register(
            "tasuki_http_in_flight",
            "Requests in hand, by lane",
            in_hand.clone(),
        );
        registry.register(
            "tasuki_http_shed",
            "Requests turned away with 429 because no place was free, by lane and kind of place",
            shed.clone(),
        );
        let throttled = Counters::default();
        registry.register(
            "tasuki_http_throttled",
            "Requests answered with 429 because their caller asks too often, by kind of caller",
            throttled.clone(),
        );
        Self {
            registry,
            answers,
            seconds,
            in_hand,
            shed,
            throttled,
        }
    }

    /// The counters of a route of the table.
    pub(crate) fn route(&self, route: &Route) -> RouteMeter {
        self.of(route.path, route.method.word())
    }

    /// The counters of whatever is not in the table.
    pub(crate) fn astray(&self) -> RouteMeter {
        self.of("(none)", "(any)")
    }

    fn of(&self, path: &'static str, method: &'static str) -> RouteMeter {
        let (route, method) = (("route", path), ("method", method));
        RouteMeter {
            answers: CLASSES.map(|class| {
                let labels = Labels([route, method, ("status", class)]);
                self.answers.get_or_create_owned(&labels)
            }),
            seconds: self.seconds.get_or_create_owned(&Labels([route, method])),
        }
    }

    pub(crate) fn lane(&self, lane: Lane) -> LaneMeter {
        let lane = ("lane", lane.word());
        let shed = |place| {
            let labels = Labels([lane, ("place", place)]);
            self.shed.get_or_create_owned(&labels)
        };
        LaneMeter {
            in_hand: self.in_hand.get_or_create_owned(&Labels([lane])),
            shed_requests: shed("request"),
            shed_bodies: shed("body"),
        }
    }

    /// The counter of one kind of caller that asks too often.
    pub(crate) fn throttled(&self, by: &'static str) -> Throttled {
        self.throttled.get_or_create_owned(&Labels([("by", by)]))
    }

    /// Everything as OpenMetrics text.
    ///
    /// # Errors
    /// Never in practice: text grows as it must.
    pub fn text(&self, figures: &Figures) -> Result<String, fmt::Error> {
        let mut out = String::new();
        text::encode_registry(&mut out, &self.registry)?;
        text::encode_registry(&mut out, &figures.registry())?;
        text::encode_eof(&mut out)?;
        Ok(out)
    }
}

impl RouteMeter {
    /// An answer left.
    pub(crate) fn answered(&self, status: u16, took: Duration) {
        let class = usize::from(status / 100).checked_sub(2);
        if let Some(answers) = class.and_then(|class| self.answers.get(class)) {
            answers.inc();
        }
        self.seconds.observe(took.as_secs_f64());
    }
}

/// What is read of the program at the moment of a scrape. What is not known is left out.
/// More figures: a field here, and its line in `registry`.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Commits of the store.
    pub commits: u64,
    /// Operations inside them.
    pub operations: u64,
    /// Reads that ran again because a person had changed meanwhile.
    pub reruns: u64,
    /// Transactions that the database did not keep.
    pub failures: u64,
    /// Connections to a database server that were made again.
    pub reconnects: u64,
    /// Operations turned away for load or a full disk.
    pub shed: u64,
    /// Entries of the backup's journal that nobody took.
    pub journal_gaps: u64,
    /// Is the disk full?
    pub is_disk_low: bool,
    /// Operations that wait, by lane.
    pub queues: Vec<(Lane, u64)>,
    /// Bytes of the write-ahead log.
    pub wal_bytes: Option<u64>,
    /// Rounds of sealing that sealed something.
    pub seals: u64,
    /// Records sealed in them.
    pub sealed_records: u64,
    /// Records that wait for their seal.
    pub waiting_records: Option<u64>,
    /// Alerts about peers that no ledger names and that nobody has settled.
    pub unknown_peers: Option<u64>,
    /// Notifications that wait for their receivers.
    pub waiting_notices: Option<u64>,
    /// Since when the oldest of them waits.
    pub notices_since: Option<Timestamp>,
    /// When sealing last ended well.
    pub sealed_at: Option<Timestamp>,
    /// When the program started.
    pub started_at: Timestamp,
    /// Resident memory of the process in bytes.
    pub resident_bytes: Option<u64>,
    /// Is work taken?
    pub is_open: bool,
}

impl Figures {
    fn registry(&self) -> Registry {
        let mut registry = Registry::default();
        self.store(&mut registry);
        self.audit(&mut registry);
        let resident = self.resident_bytes;
        gauge(
            &mut registry,
            "process_resident_memory_bytes",
            "Resident memory in bytes",
            resident,
        );
        let started = seconds(self.started_at);
        let help = "When the program started, in seconds since 1970";
        gauge(&mut registry, "process_start_time_seconds", help, started);
        let help = "1 while work is taken, 0 once the program is about to end";
        gauge(
            &mut registry,
            "tasuki_open",
            help,
            Some(u64::from(self.is_open)),
        );
        registry.register(
            "tasuki_build",
            "The program's version",
            Info::new(Labels([("version", env!("CARGO_PKG_VERSION"))])),
        );
        registry
    }

    fn store(&self, registry: &mut Registry) {
        counter(registry, "tasuki_store_commits", "Commits", self.commits);
        let help = "Operations inside the commits";
        counter(registry, "tasuki_store_operations", help, self.operations);
        let help = "Reads that ran again because a person had changed meanwhile";
        counter(registry, "tasuki_store_reruns", help, self.reruns);
        let help = "Transactions that the database did not keep";
        counter(registry, "tasuki_store_failures", help, self.failures);
        let help = "Connections to the database server that were made again";
        counter(registry, "tasuki_store_reconnects", help, self.reconnects);
        let help = "Operations turned away for load or a full disk";
        counter(registry, "tasuki_store_shed", help, self.shed);
        let help = "Entries of the backup's journal that nobody took";
        counter(
            registry,
            "tasuki_backup_journal_gaps",
            help,
            self.journal_gaps,
        );
        let help = "1 while the disk is full and only reading goes on";
        let low = u64::from(self.is_disk_low);
        gauge(registry, "tasuki_store_disk_low", help, Some(low));
        let mean = Gauge::<f64, AtomicU64>::default();
        mean.set(ratio(self.operations, self.commits));
        registry.register(
            "tasuki_store_batch_mean",
            "Operations to one commit, on average since the start",
            mean,
        );
        let queues: Family<Labels<1>, Gauge<u64, AtomicU64>> = Family::default();
        for (lane, length) in &self.queues {
            let labels = Labels([("lane", lane.word())]);
            queues.get_or_create(&labels).set(*length);
        }
        registry.register(
            "tasuki_store_queue_length",
            "Operations that wait for the writer, by lane",
            queues,
        );
        let help = "Open alerts about peers that no ledger names";
        gauge(registry, "tasuki_unknown_peers", help, self.unknown_peers);
        let help = "Notifications that wait for their receivers";
        gauge(
            registry,
            "tasuki_waiting_notifications",
            help,
            self.waiting_notices,
        );
        let help = "Unix time since which the oldest waiting notification waits";
        let since = self.notices_since.map(|at| at.seconds());
        let since = since.and_then(|seconds| u64::try_from(seconds).ok());
        gauge(registry, "tasuki_oldest_notification_seconds", help, since);
        let help = "Bytes of the write-ahead log";
        gauge(registry, "tasuki_store_wal_bytes", help, self.wal_bytes);
    }

    fn audit(&self, registry: &mut Registry) {
        let help = "Rounds of sealing that sealed something";
        counter(registry, "tasuki_audit_seals", help, self.seals);
        let help = "Audit records sealed";
        counter(
            registry,
            "tasuki_audit_sealed_records",
            help,
            self.sealed_records,
        );
        let help = "Audit records that wait for their seal";
        gauge(
            registry,
            "tasuki_audit_waiting_records",
            help,
            self.waiting_records,
        );
        let help = "When sealing last ended well (at first its start), in seconds since 1970";
        let at = self.sealed_at.and_then(seconds);
        gauge(
            registry,
            "tasuki_audit_last_seal_timestamp_seconds",
            help,
            at,
        );
    }
}

fn counter(registry: &mut Registry, name: &str, help: &str, value: u64) {
    let counter: Counter = Counter::default();
    counter.inc_by(value);
    registry.register(name, help, counter);
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: Option<u64>) {
    let Some(value) = value else { return };
    let gauge = Gauge::<u64, AtomicU64>::default();
    gauge.set(value);
    registry.register(name, help, gauge);
}

fn seconds(at: Timestamp) -> Option<u64> {
    u64::try_from(at.seconds()).ok()
}

/// A ratio for people's eyes; 0 of nothing.
fn ratio(part: u64, whole: u64) -> f64 {
    let float = |number: u64| u32::try_from(number).map_or(f64::from(u32::MAX), f64::from);
    // Beyond 32 bits both are scaled alike: the ratio stays right to nine digits.
    let shift = 32_u32.saturating_sub(part.max(whole).leading_zeros());
    let whole = float(whole >> shift);
    if whole > 0.0 {
        float(part >> shift) / whole
    } else {
        0.0
    }
}

/// The page that monitoring reads, alone on its listener: `GET /metrics`.
pub fn router<F, R>(text: F) -> Router
where
    F: Fn() -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Option<String>> + Send + 'static,
{
    let answer = move || {
        let text = text.clone();
        async move { page(text().await) }
    };
    Router::new().route("/metrics", routing::get(answer))
}

fn page(text: Option<String>) -> Response {
    const SAFE: (HeaderName, HeaderValue) = (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    match text {
        Some(text) => (
            [
                (header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE)),
                SAFE,
            ],
            text,
        )
            .into_response(),
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use axum::http::HeaderMap;
    use kernel::id::RequestId;

    use super::*;
    use crate::{places::Places, span};

    #[test]
    fn watching_a_request_costs_microseconds_at_most_when_nobody_traces() {
        const ROUND: u32 = 2_000;
        let metrics = Metrics::new();
        let (meter, places) = (metrics.of("/path", "GET"), Places::new(&metrics));
        let (id, headers) = (RequestId::random(&store::SystemRng), HeaderMap::new());
        let round = || {
            let begin = Instant::now();
            for _ in 0..ROUND {
                let began = Instant::now();
                let span = span::request("GET", "/path", id, &headers);
                let place = places.request(Lane::Ordinary);
                drop(span::gate("write"));
                drop(place);
                span::answered(&span, 200);
                meter.answered(200, began.elapsed());
            }
            begin.elapsed() / ROUND
        };
        // The best of many rounds: what others do on this machine does not count.
        let best = (0..50).map(|_| round()).min().unwrap_or_default();
        println!("{} ns", best.as_nanos());
        assert!(best < Duration::from_micros(5), "{best:?}");
    }

    #[test]
    fn a_ratio_is_right_for_small_and_for_great_numbers() {
        for (part, whole, wanted) in [
            (0, 0, 0.0),
            (7, 0, 0.0),
            (100, 40, 2.5),
            (u64::MAX, u64::MAX, 1.0),
            (3 << 40, 2 << 40, 1.5),
        ] {
            assert!((ratio(part, whole) - wanted).abs() < 1e-6, "{part}/{whole}");
        }
    }
}
