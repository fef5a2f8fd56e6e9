//! What operators rely on: health, places for emergencies, metrics.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use store::caller::Caller;
use web::{
    health::{Check, Verdict},
    metrics::{Figures, Lane},
    serve::Crowded,
};

use super::*;

async fn at_once(_: Request) -> Result<Answer, Refusal> {
    Ok(Answer::text(200, "done"))
}

async fn never(_: Request) -> Result<Answer, Refusal> {
    std::future::pending().await
}

async fn out_of_order(_: Request) -> Result<Answer, Refusal> {
    Ok(Answer::text(500, "broken"))
}

/// A desk that takes ordinary work and emergencies.
fn desk() -> Service {
    let open = |purpose, path, handler| Route {
        permission: Permission::Public,
        purpose,
        ..route(Method::Get, path, Face::Api, Body::None, handler)
    };
    let (ordinary, emergency) = (Purpose::Treatment, Purpose::Emergency);
    let form = Route {
        permission: Permission::Public,
        purpose: emergency,
        ..route(
            Method::Post,
            "/api/emergency/form",
            Face::Api,
            Body::Form,
            handler!(at_once),
        )
    };
    Service {
        name: "desk",
        schema: None,
        routes: vec![
            open(ordinary, "/api/ordinary/{name}", handler!(at_once)),
            open(ordinary, "/api/ordinary/{name}/hangs", handler!(never)),
            open(ordinary, "/api/broken", handler!(out_of_order)),
            open(emergency, "/api/emergency", handler!(at_once)),
            open(emergency, "/api/emergency/hangs", handler!(never)),
            form,
        ],
        errors: Vec::new(),
    }
}

fn check_of(reply: &Reply, name: &str) -> Value {
    let json = reply.json();
    let checks = json["checks"].as_array().expect("checks").clone();
    let found = checks.into_iter().find(|check| check["name"] == name);
    found.unwrap_or_else(|| panic!("no check {name}: {json}"))
}

fn ready(world: &World) -> Reply {
    world.get(&As::Nobody, "/health/ready")
}

#[test]
fn a_program_that_takes_work_says_what_it_found() {
    let world = World::new(vec![desk()]);
    let reply = ready(&world);
    assert_eq!((reply.status, reply.header("retry-after")), (200, ""));
    assert_eq!(reply.json()["status"], "ready");
    for name in ["open", "store-answers", "store-keeps", "audit-sealed"] {
        let check = check_of(&reply, name);
        assert_eq!(check["ok"], true, "{check}");
        for words in ["words_ja", "words_en"] {
            assert!(
                !check[words].as_str().unwrap_or_default().is_empty(),
                "{check}"
            );
        }
    }
}

#[test]
fn a_store_that_hangs_makes_the_program_not_ready_in_time_and_leaves_it_alive() {
    let world = World::new(vec![desk()]);
    let (release, held) = mpsc::channel::<()>();
    let held = Arc::new(std::sync::Mutex::new(held));
    // The writer and every reader wait for something that does not come.
    let hang = |held: Arc<std::sync::Mutex<mpsc::Receiver<()>>>| {
        move |_: &mut store::Call<'_>| {
            let _ended = held.lock().map(|held| held.recv());
            Ok(())
        }
    };
    let gate = &world.app.gate;
    let job = || gate.job_intent("test", &PROBE);
    let mut waiting = vec![gate.write(job(), hang(Arc::clone(&held)))];
    // A reader takes up to eight at once: as many more that none is left with nothing to do.
    for _ in 0..32 {
        waiting.push(gate.look_up(hang(Arc::clone(&held))));
    }
    let begin = Instant::now();
    // Credentials would have to be looked up: health looks nobody up.
    for who in [
        As::Nobody,
        As::Browser("a-token".to_owned()),
        As::System("a-token".to_owned()),
    ] {
        let reply = world.get(&who, "/health/live");
        assert_eq!(
            (reply.status, &reply.json()["status"]),
            (200, &json!("live"))
        );
    }
    assert!(
        begin.elapsed() < Duration::from_secs(1),
        "{:?}",
        begin.elapsed()
    );
    let begin = Instant::now();
    let reply = world.get(&As::Browser("a-token".to_owned()), "/health/ready");
    assert!(
        begin.elapsed() < Duration::from_secs(4),
        "{:?}",
        begin.elapsed()
    );
    assert_eq!((reply.status, reply.header("retry-after")), (503, "5"));
    assert_eq!(reply.json()["status"], "not-ready");
    for (name, ok) in [
        ("open", true),
        ("store-answers", false),
        ("store-keeps", false),
    ] {
        assert_eq!(check_of(&reply, name)["ok"], ok, "{name}");
    }
    drop(release);
    for pending in waiting {
        pending.wait().expect("released");
    }
    assert_eq!(ready(&world).status, 200);
}

#[test]
fn a_program_that_leaves_is_alive_and_not_ready() {
    let world = World::new(vec![desk()]);
    world.app.health.stop();
    let reply = ready(&world);
    assert_eq!((reply.status, reply.header("retry-after")), (503, "5"));
    assert_eq!(reply.json()["status"], "stopping");
    assert_eq!(check_of(&reply, "open")["ok"], false);
    assert_eq!(world.get(&As::Nobody, "/health/live").status, 200);
    // Work in hand, and what still comes, is done all the same.
    assert_eq!(world.get(&As::Nobody, "/api/ordinary/work").status, 200);
}

#[test]
fn records_that_wait_too_long_for_their_seal_are_told() {
    let world = World::new(vec![desk()]);
    let _clinic = world.facility("1310000001", "みどり診療所");
    let sealed = |world: &World| check_of(&ready(world), "audit-sealed")["ok"] == true;
    // Where no sealer has started, none is late.
    world.clock.advance(3_600);
    assert!(sealed(&world));
    world.app.health.sealed(0, world.app.gate.now());
    world.clock.advance(300);
    assert!(sealed(&world));
    world.clock.advance(1);
    let reply = ready(&world);
    assert_eq!(reply.status, 503);
    assert_eq!(check_of(&reply, "audit-sealed")["ok"], false);
    let records = world.app.gate.seal().expect("sealed");
    world.app.health.sealed(records, world.app.gate.now());
    assert_eq!(ready(&world).status, 200);
    let (at, rounds, count) = world.app.health.sealing();
    let count = usize::try_from(count).expect("small");
    assert_eq!(
        (at, rounds, count),
        (Some(world.app.gate.now()), 1, records)
    );
}

#[test]
fn an_idle_program_proves_every_ten_seconds_that_it_keeps_what_is_written() {
    let world = World::new(vec![desk()]);
    let written = |world: &World| {
        let before = world.records();
        assert_eq!(check_of(&ready(world), "store-keeps")["ok"], true);
        world.records() - before
    };
    assert_eq!(written(&world), 1);
    for _ in 0..5 {
        assert_eq!(written(&world), 0);
    }
    world.clock.advance(10);
    assert_eq!(written(&world), 1);
    // What others commit meanwhile is proof enough.
    world.clock.advance(9);
    assert_eq!(written(&world), 0);
    world.set_up(|_| Ok(()));
    world.clock.advance(9);
    assert_eq!(written(&world), 0);
    // A clock that was set back proves nothing.
    world.clock.advance(-3_600);
    assert_eq!(written(&world), 1);
}

#[test]
fn a_check_of_the_installation_counts_and_has_two_seconds() {
    let bad = Verdict::bad("控えが遅れています。", "the backup is late");
    let cases: [(Check, &str); 3] = [
        (
            Check {
                name: "backup",
                ask: Arc::new(move |_| Box::pin(async move { bad })),
            },
            "the backup is late",
        ),
        (
            Check {
                name: "backup",
                ask: Arc::new(|_| Box::pin(std::future::pending())),
            },
            "no answer within 2 seconds",
        ),
        (
            Check {
                name: "backup",
                ask: Arc::new(|_| Box::pin(async { panic!("broken") })),
            },
            "the check broke off",
        ),
    ];
    for (check, words) in cases {
        let world = World::new(vec![desk()]);
        world.app.health.add(check);
        let reply = ready(&world);
        assert_eq!(reply.status, 503, "{words}");
        let check = check_of(&reply, "backup");
        assert_eq!(
            (&check["ok"], &check["words_en"]),
            (&json!(false), &json!(words))
        );
        assert_eq!(check_of(&reply, "store-answers")["ok"], true, "{words}");
    }
}

/// Requests through one router, which holds the places.
struct Crowd {
    router: axum::Router,
    hanging: tokio::task::JoinSet<()>,
}

impl Crowd {
    fn new(world: &World) -> Self {
        Self {
            router: web::router(&world.app),
            hanging: tokio::task::JoinSet::new(),
        }
    }

    fn request(path: &str, crowded: bool) -> axum::http::Request<axum::body::Body> {
        let mut request = axum::http::Request::get(path)
            .body(axum::body::Body::empty())
            .expect("a request");
        if crowded {
            request.extensions_mut().insert(Crowded);
        }
        request
    }

    async fn send(&self, path: &str, crowded: bool) -> (u16, String) {
        let request = Self::request(path, crowded);
        let reply = tower::ServiceExt::oneshot(self.router.clone(), request);
        let Ok(reply) = reply.await;
        let retry = reply.headers().get("retry-after");
        let retry = retry.and_then(|value| value.to_str().ok());
        (
            reply.status().as_u16(),
            retry.unwrap_or_default().to_owned(),
        )
    }

    /// Sends requests that hang until each has its place.
    async fn hang(&mut self, path: &'static str, count: usize) {
        for _ in 0..count {
            let (router, request) = (self.router.clone(), Self::request(path, false));
            self.hanging.spawn(async move {
                let Ok(_) = tower::ServiceExt::oneshot(router, request).await;
            });
        }
        for _ in 0..count {
            tokio::task::yield_now().await;
        }
    }
}

pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(work)
}

const BUSY: (u16, &str) = (429, "1");
const DONE: (u16, &str) = (200, "");

fn told((status, retry): &(u16, String)) -> (u16, &str) {
    (*status, retry)
}

#[test]
fn ordinary_work_that_takes_every_place_keeps_no_emergency_out() {
    let world = World::new(vec![desk()]);
    let mut crowd = Crowd::new(&world);
    block_on(async {
        crowd.hang("/api/ordinary/work/hangs", 1_023).await;
        assert_eq!(told(&crowd.send("/api/ordinary/work", false).await), DONE);
        crowd.hang("/api/ordinary/work/hangs", 1).await;
        assert_eq!(told(&crowd.send("/api/ordinary/work", false).await), BUSY);
        assert_eq!(told(&crowd.send("/api/emergency", false).await), DONE);
        assert_eq!(told(&crowd.send("/health/live", false).await), DONE);
        // Emergencies are bounded too, by places of their own.
        crowd.hang("/api/emergency/hangs", 256).await;
        assert_eq!(told(&crowd.send("/api/emergency", false).await), BUSY);
        let text = scrape(&world);
        for line in [
            "tasuki_http_in_flight{lane=\"ordinary\"} 1024",
            "tasuki_http_in_flight{lane=\"emergency\"} 256",
            "tasuki_http_shed_total{lane=\"ordinary\",place=\"request\"} 1",
            "tasuki_http_shed_total{lane=\"emergency\",place=\"request\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}: {text}");
        }
        // Whoever goes away gives the place back.
        crowd.hanging.shutdown().await;
        assert_eq!(told(&crowd.send("/api/ordinary/work", false).await), DONE);
        assert_eq!(told(&crowd.send("/api/emergency", false).await), DONE);
    });
    let text = scrape(&world);
    assert!(
        text.contains("tasuki_http_in_flight{lane=\"ordinary\"} 0"),
        "{text}"
    );
}

#[test]
fn emergencies_that_fill_their_reserve_take_ordinary_places() {
    let world = World::new(vec![desk()]);
    let mut crowd = Crowd::new(&world);
    block_on(async {
        crowd.hang("/api/emergency/hangs", 300).await;
        assert_eq!(told(&crowd.send("/api/emergency", false).await), DONE);
        assert_eq!(told(&crowd.send("/api/ordinary/work", false).await), DONE);
    });
}

#[test]
fn a_connection_of_the_reserve_takes_emergencies_and_health_alone() {
    let world = World::new(vec![desk()]);
    let crowd = Crowd::new(&world);
    block_on(async {
        for (path, answer) in [
            ("/api/emergency", DONE),
            ("/health/ready", DONE),
            ("/api/ordinary/work", BUSY),
            ("/nowhere", BUSY),
        ] {
            assert_eq!(told(&crowd.send(path, true).await), answer, "{path}");
        }
    });
}

/// A caller's ordinary bodies that never come leave room for an emergency's.
#[test]
fn bodies_of_ordinary_work_take_no_place_of_an_emergency() {
    let world = World::new(vec![desk()]);
    let router = web::router(&world.app);
    let send = |path: &str, body: axum::body::Body| {
        let request = axum::http::Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .expect("a request");
        tower::ServiceExt::oneshot(router.clone(), request)
    };
    block_on(async {
        let mut slow = tokio::task::JoinSet::new();
        for _ in 0..64 {
            slow.spawn(send("/login", axum::body::Body::new(super::funnel::Never)));
        }
        for _ in 0..512 {
            tokio::task::yield_now().await;
        }
        for (path, status) in [("/login", 429), ("/api/emergency/form", 200)] {
            let Ok(reply) = send(path, axum::body::Body::from("x=1")).await;
            assert_eq!(reply.status().as_u16(), status, "{path}");
        }
    });
}

fn figures(world: &World) -> Figures {
    let now = world.app.gate.now();
    Figures {
        commits: 40,
        operations: 100,
        reruns: 3,
        failures: 1,
        reconnects: 1,
        shed: 1,
        journal_gaps: 1,
        is_disk_low: true,
        queues: vec![(Lane::Ordinary, 7), (Lane::Emergency, 1)],
        wal_bytes: Some(4_096),
        seals: 2,
        sealed_records: 90,
        waiting_records: Some(10),
        unknown_peers: Some(2),
        waiting_notices: Some(4),
        notices_since: Some(now),
        sealed_at: Some(now),
        started_at: now,
        resident_bytes: Some(50 << 20),
        is_open: true,
    }
}

pub(crate) fn scrape(world: &World) -> String {
    world.app.metrics.text(&figures(world)).expect("text")
}

/// Names and values of a sample's labels.
fn labels(line: &str) -> Vec<(String, String)> {
    let Some((_, rest)) = line.split_once('{') else {
        return Vec::new();
    };
    let inside = rest.rsplit_once('}').expect("a label set").0;
    inside
        .split("\",")
        .map(|pair| {
            let (name, value) = pair.split_once("=\"").expect("a label");
            (name.to_owned(), value.trim_end_matches('"').to_owned())
        })
        .collect()
}

#[test]
fn every_metric_has_its_help_and_type_and_no_label_can_be_about_a_person() {
    let world = World::new(vec![desk()]);
    // What a caller may send, in every part of a request.
    for (who, path) in [
        (
            As::Nobody,
            "/api/ordinary/山田太郎?name=ヤマダ&number=12345678",
        ),
        (
            As::System("secret-token".to_owned()),
            "/api/ordinary/12345678",
        ),
        (As::Nobody, "/nowhere/山田太郎"),
        (As::Nobody, "/api/broken"),
    ] {
        let _reply = world.get(
            &who,
            &path
                .replace("山田太郎", "%E5%B1%B1")
                .replace("ヤマダ", "%E3"),
        );
    }
    let text = scrape(&world);
    assert!(text.ends_with("# EOF\n"), "{text}");
    let mut told: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("# ")) {
        let mut words = line.split(' ');
        let (kind, name) = (words.next().unwrap(), words.next().unwrap_or_default());
        told.entry(name).or_default().insert(kind);
    }
    let routes: BTreeSet<&str> = world.app.routes.iter().map(|route| route.path).collect();
    let mut seen = BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let name = line.split(['{', ' ']).next().unwrap();
        let family = ["_total", "_bucket", "_sum", "_count", "_info"]
            .iter()
            .find_map(|end| name.strip_suffix(end))
            .unwrap_or(name);
        let kinds = told
            .get(family)
            .unwrap_or_else(|| panic!("{line} is not declared"));
        assert_eq!(kinds, &BTreeSet::from(["HELP", "TYPE"]), "{line}");
        seen.insert(family);
        for (label, value) in labels(line) {
            let fits = match label.as_str() {
                "route" => routes.contains(value.as_str()) || value == "(none)",
                "method" => ["GET", "POST", "DELETE", "(any)"].contains(&value.as_str()),
                "status" => ["2xx", "3xx", "4xx", "5xx"].contains(&value.as_str()),
                "lane" => ["ordinary", "emergency"].contains(&value.as_str()),
                "place" => ["request", "body"].contains(&value.as_str()),
                "by" => web::rates::Kind::ALL
                    .iter()
                    .any(|kind| kind.word() == value),
                "version" => value == env!("CARGO_PKG_VERSION"),
                "le" => value == "+Inf" || value.parse::<f64>().is_ok(),
                _ => false,
            };
            assert!(fits, "{label}={value}: {line}");
        }
    }
    let golden: BTreeSet<&str> = METRICS.into_iter().collect();
    assert_eq!(seen, golden);
    for line in [
        "tasuki_http_requests_total{route=\"/api/ordinary/{name}\",method=\"GET\",status=\"2xx\"} 1",
        "tasuki_http_requests_total{route=\"/api/broken\",method=\"GET\",status=\"5xx\"} 1",
        "tasuki_http_requests_total{route=\"(none)\",method=\"(any)\",status=\"4xx\"} 1",
        "tasuki_http_request_duration_seconds_count{route=\"/api/ordinary/{name}\",method=\"GET\"} 2",
        "tasuki_store_batch_mean 2.5",
        "tasuki_store_queue_length{lane=\"emergency\"} 1",
        "tasuki_audit_waiting_records 10",
        "tasuki_open 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
}

/// Every metric that leaves; the list in `docs/operations/running.md` is the same.
const METRICS: [&str; 27] = [
    "process_resident_memory_bytes",
    "process_start_time_seconds",
    "tasuki_audit_last_seal_timestamp_seconds",
    "tasuki_audit_sealed_records",
    "tasuki_audit_seals",
    "tasuki_audit_waiting_records",
    "tasuki_backup_journal_gaps",
    "tasuki_build",
    "tasuki_http_in_flight",
    "tasuki_http_request_duration_seconds",
    "tasuki_http_requests",
    "tasuki_http_shed",
    "tasuki_http_throttled",
    "tasuki_oldest_notification_seconds",
    "tasuki_open",
    "tasuki_store_batch_mean",
    "tasuki_store_commits",
    "tasuki_store_disk_low",
    "tasuki_store_failures",
    "tasuki_store_operations",
    "tasuki_store_queue_length",
    "tasuki_store_reconnects",
    "tasuki_store_reruns",
    "tasuki_store_shed",
    "tasuki_store_wal_bytes",
    "tasuki_unknown_peers",
    "tasuki_waiting_notifications",
];

#[test]
fn the_operators_page_lists_every_metric() {
    let page = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/operations/running.md"
    );
    let page = std::fs::read_to_string(page).expect("the page");
    for name in METRICS {
        assert!(page.contains(&format!("`{name}")), "{name}");
    }
}

#[test]
fn what_is_not_known_is_left_out() {
    let world = World::new(vec![desk()]);
    let unknown = Figures {
        wal_bytes: None,
        waiting_records: None,
        unknown_peers: None,
        waiting_notices: None,
        notices_since: None,
        sealed_at: None,
        resident_bytes: None,
        queues: Vec::new(),
        commits: 0,
        operations: 0,
        ..figures(&world)
    };
    let text = world.app.metrics.text(&unknown).expect("text");
    for name in [
        "wal_bytes",
        "waiting_records",
        "unknown_peers",
        "notification",
        "last_seal",
        "resident",
    ] {
        assert!(!text.contains(name), "{name}");
    }
    assert!(text.contains("tasuki_store_batch_mean 0"), "{text}");
}

#[test]
fn the_metrics_page_is_one_address_and_tells_its_type() {
    let answer = |text: Option<&'static str>, path: &'static str| {
        block_on(async move {
            let router = web::metrics::router(move || async move { text.map(str::to_owned) });
            let Ok(reply) = tower::ServiceExt::oneshot(router, Crowd::request(path, false)).await;
            let kind = reply.headers().get("content-type").cloned();
            (reply.status().as_u16(), kind)
        })
    };
    let (status, kind) = answer(Some("# EOF\n"), "/metrics");
    assert_eq!(status, 200);
    assert_eq!(kind.expect("a type"), web::metrics::CONTENT_TYPE);
    assert_eq!(answer(None, "/metrics").0, 503);
    assert_eq!(answer(Some("# EOF\n"), "/").0, 404);
}

#[test]
fn an_emergency_is_recorded_as_one() {
    let word = Purpose::Emergency.word();
    assert_eq!(
        (word, Purpose::parse(word)),
        ("emergency", Some(Purpose::Emergency))
    );
    assert_eq!(Purpose::Emergency.ja(), "救急");
    let world = World::new(vec![desk()]);
    let nobody: Caller = world.app.gate.anonymous("local");
    let purpose = world.run(nobody, Purpose::Emergency, |call| Ok(call.purpose()));
    assert_eq!(purpose.expect("run"), Purpose::Emergency);
}

/// Sends a request on a connection; the whole answer's text, empty when the connection was
/// closed instead.
async fn exchange(stream: &mut tokio::net::TcpStream, path: &str) -> String {
    use tokio::io::AsyncWriteExt;
    let request = format!("GET {path} HTTP/1.1\r\nhost: t\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    heard(stream).await
}

async fn heard(stream: &mut tokio::net::TcpStream) -> String {
    use tokio::io::AsyncReadExt;
    let mut text = Vec::new();
    while !text.ends_with(b"done") {
        if stream.read_buf(&mut text).await.expect("no reset") == 0 {
            break;
        }
    }
    String::from_utf8(text).expect("UTF-8")
}

fn is_whole(answer: &str, closes: bool) {
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("done"),
        "{answer}"
    );
    assert_eq!(answer.contains("connection: close"), closes, "{answer}");
}

#[test]
fn a_server_that_leaves_finishes_what_is_in_hand_and_hears_whoever_has_knocked() {
    use tokio::{net::TcpListener, net::TcpStream, sync::Notify};
    let (began, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tell, wait) = (Arc::clone(&began), Arc::clone(&go_on));
    let long = move || {
        let (tell, wait) = (Arc::clone(&tell), Arc::clone(&wait));
        async move {
            tell.notify_one();
            wait.notified().await;
            "done"
        }
    };
    let router = axum::Router::new()
        .route("/", axum::routing::get(|| async { "done" }))
        .route("/long", axum::routing::get(long));
    block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let stopper = web::serve::Stopper::default();
        let entrance = web::serve::Entrance::default();
        let server = tokio::spawn(web::serve::serve(
            listener,
            router,
            stopper.clone(),
            entrance,
        ));
        let open = || async { TcpStream::connect(address).await.expect("let in") };
        let (mut resting, mut busy) = (open().await, open().await);
        is_whole(&exchange(&mut resting, "/").await, false);
        let working = tokio::spawn(async move { exchange(&mut busy, "/long").await });
        began.notified().await;
        stopper.drain();
        // Still let in, and asked to go elsewhere next time.
        let mut late = open().await;
        is_whole(&exchange(&mut late, "/").await, true);
        assert_eq!(heard(&mut late).await, "");
        let mut knocked = open().await;
        stopper.stop();
        // What came first does not come back.
        stopper.drain();
        is_whole(&exchange(&mut knocked, "/").await, true);
        assert_eq!(heard(&mut resting).await, "", "closed in order");
        assert!(
            TcpStream::connect(address).await.is_err(),
            "the door is shut"
        );
        assert!(!server.is_finished(), "something is in hand");
        go_on.notify_one();
        is_whole(&working.await.expect("an answer"), true);
        server.await.expect("ended").expect("in order");
    });
}
