//! The other ends against a small server of our own, which plays what each test needs.

use std::{
    convert::Infallible,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Bytes, body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use kernel::time::{JstDate, Timestamp};
use serde_json::{Value, json};
use signing::{
    reader::CardError,
    testpki::{Holder, TestPki},
    vcard::{Content, Profile, VirtualCard},
};
use tokio::net::TcpListener;

use crate::{
    browser::{Browser, one_time_code},
    card_terminal::CardTerminal,
    challenge::Distrust,
    load::{self, Plan, PreparedRequest},
    patient::Patient,
    record_system::{Insured, RecordSystem},
};

/// A request as the server saw it.
#[derive(Clone, Debug)]
struct Seen {
    line: String,
    cookie: String,
    authorization: String,
    body: String,
}

type Answer = (u16, Vec<(&'static str, String)>, String);
type Play = fn(&Seen) -> Answer;

struct Theatre {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Theatre {
    /// Serves on a thread of its own; it ends with the test.
    fn open(play: Play) -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        listener.set_nonblocking(true).expect("non-blocking");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(serve(listener, play, kept));
        });
        Self { address, seen }
    }

    fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("seen").clone()
    }
}

async fn serve(listener: std::net::TcpListener, play: Play, seen: Arc<Mutex<Vec<Seen>>>) {
    let listener = TcpListener::from_std(listener).expect("a listener");
    while let Ok((stream, _)) = listener.accept().await {
        let seen = Arc::clone(&seen);
        tokio::spawn(async move {
            let service = service_fn(|request| answer(request, play, Arc::clone(&seen)));
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service);
            connection.await.is_ok()
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    play: Play,
    seen: Arc<Mutex<Vec<Seen>>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let header = |name: &str| {
        let value = request.headers().get(name);
        let value = value.and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let (line, cookie, authorization) = (
        format!("{} {}", request.method(), request.uri()),
        header("cookie"),
        header("authorization"),
    );
    let body = request.into_body().collect().await.expect("a body");
    let one = Seen {
        line,
        cookie,
        authorization,
        body: String::from_utf8_lossy(&body.to_bytes()).into_owned(),
    };
    let (status, headers, body) = play(&one);
    seen.lock().expect("seen").push(one);
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    Ok(response
        .body(Full::new(Bytes::from(body)))
        .expect("a response"))
}

const SECRET: &[u8] = b"12345678901234567890";

fn log_in_play(seen: &Seen) -> Answer {
    let form = |action: &str, csrf: &str| {
        format!(
            r#"<form action="{action}"><input type="hidden" name="csrf" value="{csrf}"></form>"#
        )
    };
    let go = |to: &str, session: &str| {
        let cookie = format!("tasuki_session={session}; Path=/; HttpOnly");
        let headers = vec![("location", to.to_owned()), ("set-cookie", cookie)];
        (303, headers, String::new())
    };
    match (seen.line.as_str(), seen.cookie.as_str()) {
        ("GET /login", _) => (200, vec![], form("/login", "")),
        ("POST /login", _) if seen.body.contains("password=p+w") => go("/login/code", "half"),
        ("POST /login", _) => (401, vec![], form("/login", "")),
        ("GET /login/code", "tasuki_session=half") => (200, vec![], form("/login/code", "t0ken")),
        ("POST /login/code", "tasuki_session=half") => {
            let code = one_time_code(SECRET, 59).expect("a code");
            assert_eq!(seen.body, format!("csrf=t0ken&code={code}"));
            go("/", "full")
        }
        ("GET /", "tasuki_session=full") => (200, vec![], "welcome".to_owned()),
        _ => (404, vec![], String::new()),
    }
}

#[tokio::test]
async fn a_person_logs_in_through_both_pages_and_keeps_the_session() {
    let theatre = Theatre::open(log_in_play);
    let mut browser = Browser::new(&theatre.base()).expect("a base");
    let reply = browser.log_in("taro", "p w", SECRET, 59).await.expect("in");
    assert_eq!((reply.status, reply.location()), (303, Some("/")));
    let page = browser.follow(&reply).await.expect("a page");
    assert_eq!(page.text(), "welcome");
    assert_eq!(browser.cookie("tasuki_session"), Some("full"));
}

#[tokio::test]
async fn a_wrong_password_shows_its_page_and_a_missing_form_is_an_error() {
    let theatre = Theatre::open(log_in_play);
    let mut browser = Browser::new(&theatre.base()).expect("a base");
    let reply = browser.log_in("taro", "no", SECRET, 59).await.expect("in");
    assert_eq!(reply.status, 401);
    let error = browser.submit(&reply, "/elsewhere", &[]).await;
    assert!(error.is_err());
    assert!(browser.follow(&reply).await.is_err());
}

fn challenge(origin: &str, terminal: &str, purpose: &str) -> String {
    let nonce = STANDARD.encode([7; 32]);
    let at = "2026-11-22T09:00:00Z";
    json!({
        "challenge": "c1",
        "text": format!("tasuki-card-auth-v1\n{origin}\n{terminal}\n{purpose}\n{nonce}\n{at}"),
        "nonce": nonce,
        "origin": origin,
        "terminal": terminal,
        "purpose": purpose,
        "issued_at": at,
    })
    .to_string()
}

const ORIGIN: &str = "https://tasuki.example";

fn counter_play(seen: &Seen) -> Answer {
    assert_eq!(seen.authorization, "Bearer t");
    match seen.line.as_str() {
        "POST /api/v1/eligibility/challenges" => {
            let body = challenge(ORIGIN, "1310000001:desk-1", "eligibility");
            (201, vec![], body)
        }
        "POST /api/v1/eligibility/card-checks" => (200, vec![], r#"{"visit":"v"}"#.to_owned()),
        "POST /api/v1/eligibility/checks" => (422, vec![], r#"{"code":"TSK-ELG-001"}"#.to_owned()),
        "POST /fhir/Bundle/$register" => (201, vec![], "{}".to_owned()),
        _ => (404, vec![], String::new()),
    }
}

fn card(profile: Profile) -> VirtualCard {
    let pki = TestPki::new().expect("test keys");
    let at = Timestamp::parse("2026-11-22T09:00:00Z").expect("a time");
    let holder = Holder {
        name: "試験 花子".to_owned(),
        sex: '2',
        birth: JstDate::new(1980, 4, 1).expect("a date"),
        address: "試験県試験市".to_owned(),
    };
    let validity = (at.plus_hours(-24), at.plus_hours(24 * 365));
    let content = Content::for_person(&pki, profile, 5, holder, validity).expect("a card");
    VirtualCard::new(&pki, profile, &content)
}

fn terminal(theatre: &Theatre, name: &str) -> CardTerminal {
    let system = RecordSystem::new(&theatre.base(), "t").expect("a base");
    CardTerminal::new(system, ORIGIN, "1310000001", name)
}

#[tokio::test]
async fn a_card_on_the_terminal_is_checked_with_its_pin() {
    let theatre = Theatre::open(counter_play);
    let desk = terminal(&theatre, "desk-1");
    let mut card = card(Profile::Card);
    let reply = desk.present(&mut card, "1234").await.expect("a reply");
    assert_eq!(reply.word("/visit").as_deref(), Some("v"));
    let sent: Value = serde_json::from_str(&theatre.seen()[1].body).expect("JSON");
    assert_eq!(sent["challenge"], "c1");
    assert_eq!(sent["terminal"], "desk-1");
    assert_eq!(sent["auth_method"], "pin");
    let signature = STANDARD.decode(sent["signature"].as_str().expect("text"));
    assert_eq!(signature.expect("base64").len(), 256);
}

#[tokio::test]
async fn a_wrong_pin_sends_nothing_to_the_server() {
    let theatre = Theatre::open(counter_play);
    let desk = terminal(&theatre, "desk-1");
    let error = desk.present(&mut card(Profile::Card), "0000").await;
    let error = error.expect_err("a wrong PIN");
    assert_eq!(
        error.downcast_ref::<CardError>(),
        Some(&CardError::PinWrong { tries_left: 2 })
    );
    assert_eq!(theatre.seen().len(), 1);
}

#[tokio::test]
async fn a_terminal_does_not_sign_for_another_terminal() {
    let theatre = Theatre::open(counter_play);
    let desk = terminal(&theatre, "desk-2");
    let error = desk.present(&mut card(Profile::Card), "1234").await;
    let error = error.expect_err("another terminal");
    assert_eq!(
        error.downcast_ref::<Distrust>(),
        Some(&Distrust::Elsewhere("terminal"))
    );
    assert_eq!(theatre.seen().len(), 1);
}

#[tokio::test]
async fn a_record_system_sends_exact_bytes_and_reads_refusals() {
    let theatre = Theatre::open(counter_play);
    let system = RecordSystem::new(&theatre.base(), "t").expect("a base");
    let bundle = r#"{ "resourceType" : "Bundle" , "n": 1.0 }"#;
    let reply = system.register(bundle.as_bytes()).await.expect("a reply");
    assert_eq!(reply.status, 201);
    assert_eq!(theatre.seen()[0].body, bundle);
    let reply = system.check_by_number(&Insured::default()).await;
    let reply = reply.expect("a reply");
    assert_eq!(reply.code().as_deref(), Some("TSK-ELG-001"));
    assert!(reply.expect(200).is_err());
}

fn portal_play(seen: &Seen) -> Answer {
    match seen.line.as_str() {
        "POST /api/v1/portal/challenges" => {
            (201, vec![], challenge(ORIGIN, "portal", "portal-login"))
        }
        "POST /api/v1/portal/sessions" => {
            let cookie = "tasuki_session=mine; Path=/; HttpOnly".to_owned();
            (201, vec![("set-cookie", cookie)], "{}".to_owned())
        }
        line if seen.cookie == "tasuki_session=mine" => {
            (200, vec![], json!({ "line": line }).to_string())
        }
        _ => (401, vec![], String::new()),
    }
}

#[tokio::test]
async fn a_phone_logs_in_and_reads_its_own_data() {
    let theatre = Theatre::open(portal_play);
    let mut phone = Patient::new(&theatre.base(), ORIGIN).expect("a base");
    assert_eq!(phone.record().await.expect("a reply").status, 401);
    let mut card = card(Profile::Android);
    let reply = phone.log_in(&mut card, "1234", "phone_biometric").await;
    assert_eq!(reply.expect("a reply").status, 201);
    let line = phone.proof(7).await.expect("a reply").word("/line");
    assert_eq!(line.as_deref(), Some("GET /portal/history/7/proof"));
    let line = phone.history_below(9).await.expect("a reply").word("/line");
    assert_eq!(line.as_deref(), Some("GET /api/v1/portal/history?below=9"));
    let mut stranger = Patient::new(&theatre.base(), "https://other.example").expect("a base");
    let error = stranger.log_in(&mut card, "1234", "pin").await;
    assert_eq!(
        error.expect_err("another origin").downcast_ref(),
        Some(&Distrust::Elsewhere("origin"))
    );
}

fn load_play(seen: &Seen) -> Answer {
    let status = if seen.line.ends_with("/wrong") {
        422
    } else {
        200
    };
    (status, vec![], "x".repeat(40_000))
}

fn plan(theatre: &Theatre, connections: usize, rate: Option<u64>, count: u64) -> Plan {
    Plan {
        address: theatre.address,
        connections,
        rate,
        seconds: 20,
        count: Some(count),
    }
}

#[test]
fn a_closed_loop_makes_exactly_the_calls_and_counts_the_wrong_ones() {
    let theatre = Theatre::open(load_play);
    let host = theatre.address.to_string();
    let make = move |number: u64| {
        let path = if number % 10 == 3 { "/wrong" } else { "/right" };
        PreparedRequest::new("GET", path, &host, &[], b"")
    };
    let outcome = load::run(plan(&theatre, 8, None, 200), make, |status| status == 200);
    let outcome = outcome.expect("a run");
    assert_eq!((outcome.calls, outcome.errors), (180, 20));
    assert_eq!(outcome.latency.total(), 200);
    assert_eq!(theatre.seen().len(), 200);
    assert!(outcome.p50_us() <= outcome.p99_us() && outcome.p99_us() <= outcome.max_us());
    assert!(outcome.calls_per_s() > 0);
}

#[test]
fn on_a_schedule_a_stall_is_paid_by_every_call_that_had_to_wait() {
    let theatre = Theatre::open(load_play);
    let host = theatre.address.to_string();
    let make = move |number: u64| {
        // The first call holds the only connection for 40 ms.
        let begin = Instant::now();
        while number == 0 && begin.elapsed() < Duration::from_millis(40) {
            std::hint::spin_loop();
        }
        PreparedRequest::new("GET", "/right", &host, &[], b"")
    };
    let outcome = load::run(plan(&theatre, 1, Some(1_000), 10), make, |s| s == 200);
    let outcome = outcome.expect("a run");
    assert_eq!((outcome.calls, outcome.errors), (10, 0));
    // The last of ten was due after 9 ms and cannot have begun before 40.
    assert!(outcome.latency.quantile(1) >= 30_000, "{outcome:?}");
}

#[test]
fn a_server_that_is_not_there_is_an_error_of_every_connection() {
    let free = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = free.local_addr().expect("an address");
    drop(free);
    let plan = Plan {
        address,
        connections: 3,
        rate: None,
        seconds: 1,
        count: None,
    };
    let make = |_| PreparedRequest::new("GET", "/", "x", &[], b"");
    let outcome = load::run(plan, make, |_| true).expect("a run");
    assert_eq!((outcome.calls, outcome.errors), (0, 3));
}
