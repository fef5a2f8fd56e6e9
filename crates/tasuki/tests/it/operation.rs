//! The real program as its operator sees it: how it leaves, what it tells whom, and what it
//! never says.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, mpsc},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use peers::oauth::Credentials;
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(240);
const CALLERS: usize = 8;

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("tasuki-operation-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _absent = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn text(&self) -> &str {
        self.0.to_str().expect("UTF-8")
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).expect(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _left = fs::remove_dir_all(&self.0);
    }
}

/// The program, and what it said.
struct Program {
    child: Child,
    base: String,
    metrics: String,
    lines: mpsc::Receiver<String>,
    log: Option<JoinHandle<String>>,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

impl Program {
    fn spawn(args: &[&str], level: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tasuki"))
            .args(args)
            .env("RUST_LOG", level)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let out = child.stdout.take().expect("piped");
        let (said, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if said.send(line).is_err() {
                    break;
                }
            }
        });
        let mut err = child.stderr.take().expect("piped");
        let log = std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ended = err.read_to_end(&mut text);
            String::from_utf8(text).expect("UTF-8")
        });
        Self {
            child,
            base: String::new(),
            metrics: String::new(),
            lines,
            log: Some(log),
        }
    }

    /// `serve` on a data folder, ready.
    fn serve(data: &Folder, more: &[&str], level: &str) -> Self {
        let mut args = vec!["serve", "--test-pki", "--listen", "127.0.0.1:0", "--data"];
        args.push(data.text());
        args.extend(more);
        let mut program = Self::spawn(&args, level);
        program.base = program.line();
        if more.contains(&"--metrics") {
            program.metrics = program.line();
        }
        program
    }

    fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("a line")
    }

    fn address(&self) -> String {
        self.base.trim_start_matches("http://").to_owned()
    }

    fn terminate(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.expect("kill runs").success());
    }

    fn wait(&mut self) -> ExitStatus {
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().expect("a child of ours") {
                return status;
            }
            std::thread::park_timeout(Duration::from_millis(10));
        }
        panic!("the program did not end");
    }

    /// What it logged until its end.
    fn log(&mut self) -> String {
        let log = self.log.take().expect("read once");
        log.join().expect("read")
    }

    /// Names of its threads.
    fn threads(&self) -> Vec<String> {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id()));
        let names = tasks.into_iter().flatten().flatten();
        let name = |task: fs::DirEntry| fs::read_to_string(task.path().join("comm")).ok();
        names.filter_map(name).collect()
    }
}

/// A token from the program at `address`.
fn token(system: &Credentials, address: &str) -> String {
    let token = system
        .token_now(&format!("http://{address}"))
        .expect("a token");
    token.reveal().clone()
}

/// A seeded data folder; a record system in it, and insured numbers.
fn seeded(name: &str) -> (Folder, Credentials, Vec<Vec<String>>) {
    let folder = Folder::new(name);
    let ready = folder.0.join("ready.json");
    let args = ["bench-serve", "--seed-only", "--people", "40", "--data"];
    let done = Command::new(env!("CARGO_BIN_EXE_tasuki"))
        .args(args)
        .arg(&folder.0)
        .arg("--ready-file")
        .arg(ready)
        .status()
        .expect("the program runs");
    assert!(done.success());
    let seeded: Value = serde_json::from_str(&folder.read("bench-seed.json")).expect("JSON");
    let system = crate::operator::credentials(&seeded).expect("a client");
    let parts = |line: &str| line.split(',').map(str::to_owned).collect();
    let numbers = folder
        .read("bench-numbers.csv")
        .lines()
        .map(parts)
        .collect();
    (folder, system, numbers)
}

/// A whole answer.
#[derive(Debug)]
struct Answer {
    status: u16,
    closes: bool,
    body: String,
}

/// One connection, by hand: nothing is sent again behind the test's back.
struct Wire(BufReader<TcpStream>);

impl Wire {
    fn open(address: &str) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self(BufReader::new(stream)))
    }

    fn send(&mut self, method: &str, path: &str, headers: &str, body: &str) -> std::io::Result<()> {
        let length = body.len();
        let text = format!(
            "{method} {path} HTTP/1.1\r\nhost: t\r\n{headers}content-length: {length}\r\n\r\n{body}"
        );
        self.0.get_mut().write_all(text.as_bytes())
    }

    /// `None` when the other end closed before the first byte; an error when it broke off.
    fn answer(&mut self) -> std::io::Result<Option<Answer>> {
        let broken = |what: &str| std::io::Error::other(what.to_owned());
        let (mut status, mut length, mut closes) = (0, 0, false);
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line)? == 0 {
                return if status == 0 {
                    Ok(None)
                } else {
                    Err(broken("in the head"))
                };
            }
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(rest) = line.strip_prefix("http/1.1 ") {
                status = rest[..3].parse().map_err(|_| broken("a status"))?;
            } else if let Some(rest) = line.strip_prefix("content-length: ") {
                length = rest.parse().map_err(|_| broken("a length"))?;
            } else if line == "connection: close" {
                closes = true;
            } else if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        let body = String::from_utf8(body).map_err(|_| broken("a body"))?;
        Ok(Some(Answer {
            status,
            closes,
            body,
        }))
    }
}

fn ask(address: &str, path: &str, headers: &str) -> Answer {
    let mut wire = Wire::open(address).expect("a connection");
    wire.send("GET", path, headers, "").expect("sent");
    wire.answer().expect("whole").expect("an answer")
}

fn is_ready(program: &Program) -> u16 {
    ask(&program.address(), "/health/ready", "").status
}

/// How a caller under load fared.
#[derive(Default)]
struct Fared {
    /// Visits of whole answers.
    visits: Vec<String>,
    /// Connections that broke with a request in hand, after an earlier answer or in one.
    cut: Vec<String>,
    /// Answers that asked for the connection to be closed.
    closing: usize,
}

/// Checks eligibility without pause until nobody lets it in any more.
fn check_until_shut(address: &str, token: &str, numbers: &[Vec<String>]) -> Fared {
    let headers = format!("authorization: Bearer {token}\r\ncontent-type: application/json\r\n");
    let mut fared = Fared::default();
    let mut lines = numbers.iter().cycle();
    while let Ok(mut wire) = Wire::open(address) {
        for turn in 0.. {
            let line = lines.next().expect("numbers");
            let body = json!({
                "insurer_number": line[0], "symbol": line[1], "number": line[2], "branch": line[3],
            });
            let sent = wire.send(
                "POST",
                "/api/v1/eligibility/checks",
                &headers,
                &body.to_string(),
            );
            let answer = sent.and_then(|()| wire.answer());
            match answer {
                Ok(Some(answer)) if answer.status == 200 => {
                    let json: Value = serde_json::from_str(&answer.body).expect("whole JSON");
                    fared
                        .visits
                        .push(json["visit"].as_str().expect("a visit").to_owned());
                    if answer.closes {
                        fared.closing += 1;
                        break;
                    }
                }
                Ok(Some(other)) => panic!("{other:?}"),
                // A first request that came when the door was shutting was never taken on.
                Ok(None) | Err(_) if turn == 0 => break,
                Ok(None) => fared.cut.push("closed without an answer".to_owned()),
                Err(error) => fared.cut.push(error.to_string()),
            }
            if !fared.cut.is_empty() {
                return fared;
            }
        }
    }
    fared
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < PATIENCE, "{what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

#[test]
fn a_program_told_to_end_under_load_cuts_nobody_off_and_starts_again() {
    let (data, system, numbers) = seeded("leave");
    let more = ["--drain-seconds", "1", "--metrics", "127.0.0.1:0"];
    let mut program = Program::serve(&data, &more, "warn");
    let address = program.address();
    let token = token(&system, &address);
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (address, token, numbers) = (address.clone(), token.clone(), numbers.clone());
            std::thread::spawn(move || check_until_shut(&address, &token, &numbers))
        })
        .collect();
    // An idle connection is closed, and keeps nobody waiting.
    let mut idle = Wire::open(&address).expect("a connection");
    idle.send("GET", "/health/live", "", "").expect("sent");
    assert_eq!(
        idle.answer().expect("whole").expect("an answer").status,
        200
    );
    let page = program.metrics.trim_start_matches("http://");
    let scraped = page.strip_suffix("/metrics").expect("the page").to_owned();
    let route = "tasuki_http_requests_total{route=\"/api/v1/eligibility/checks\",method=\"POST\",status=\"2xx\"} ";
    let served = || {
        let text = ask(&scraped, "/metrics", "").body;
        let line = text.lines().find_map(|line| line.strip_prefix(route));
        line.and_then(|count| count.parse::<u64>().ok())
            .unwrap_or_default()
    };
    until("work is done", || served() > 200);
    let text = ask(&scraped, "/metrics", "").body;
    for name in [
        "tasuki_store_commits_total",
        "process_resident_memory_bytes",
        "tasuki_store_wal_bytes",
    ] {
        let value = text.lines().find_map(|line| line.strip_prefix(name));
        let value = value.and_then(|rest| rest.trim().parse::<f64>().ok());
        assert!(value.is_some_and(|value| value > 0.0), "{name}: {text}");
    }
    let traced = program
        .threads()
        .iter()
        .any(|name| name.starts_with("OpenTelemetry"));
    assert!(!traced, "no thread of an exporter that nobody asked for");
    assert_eq!(is_ready(&program), 200);
    program.terminate();
    until("not ready at once", || is_ready(&program) == 503);
    assert_eq!(ask(&address, "/health/live", "").status, 200);
    let fared: Vec<Fared> = callers
        .into_iter()
        .map(|caller| caller.join().expect("a caller"))
        .collect();
    assert!(program.wait().success());
    assert!(
        idle.answer().is_ok_and(|end| end.is_none()),
        "closed in order"
    );
    assert_eq!(program.log(), "");
    let cut: Vec<&String> = fared.iter().flat_map(|fared| &fared.cut).collect();
    assert!(cut.is_empty(), "{cut:?}");
    assert!(
        fared.iter().all(|fared| fared.closing > 0),
        "answers ask to close while draining"
    );
    // Folded back and sealed: what is left to seal is the last seal's own record.
    let wal = fs::metadata(data.0.join("tasuki.db-wal")).map_or(0, |file| file.len());
    assert_eq!(wal, 0);
    let report = store::verify::verify(&data.0, &mut |_| {})
        .expect("readable")
        .expect("whole");
    let visits: u64 = fared
        .iter()
        .map(|fared| u64::try_from(fared.visits.len()).expect("small"))
        .sum();
    assert!(
        visits > 200 && report.records > visits,
        "{visits} {report:?}"
    );
    assert!(report.records - report.sealed <= 16, "{report:?}");
    let mut again = Program::serve(&data, &["--drain-seconds", "0"], "warn");
    assert_eq!(is_ready(&again), 200);
    again.terminate();
    assert!(again.wait().success());
    assert_eq!(again.log(), "");
}

#[test]
fn a_second_signal_ends_the_program_at_once_and_loses_nothing() {
    let data = Folder::new("twice");
    let mut program = Program::serve(&data, &["--drain-seconds", "600"], "warn");
    assert_eq!(is_ready(&program), 200);
    program.terminate();
    until("the first signal is heard", || is_ready(&program) == 503);
    program.terminate();
    assert_eq!(program.wait().code(), Some(130));
    let mut again = Program::serve(&data, &["--drain-seconds", "0"], "warn");
    assert_eq!(is_ready(&again), 200);
    again.terminate();
    assert!(again.wait().success());
}

/// A collector that keeps what it gets.
fn collector() -> (String, Arc<Mutex<Vec<Value>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&kept);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut stream = BufReader::new(stream);
            loop {
                let (mut length, mut first) = (0, String::new());
                loop {
                    let mut line = String::new();
                    if stream.read_line(&mut line).unwrap_or_default() <= 2 {
                        break;
                    }
                    let line = line.trim_end().to_ascii_lowercase();
                    if let Some(rest) = line.strip_prefix("content-length:") {
                        length = rest.trim().parse().expect("a length");
                    }
                    if first.is_empty() {
                        first = line;
                    }
                }
                if first.is_empty() {
                    break;
                }
                assert_eq!(first, "post /v1/traces http/1.1");
                let mut body = vec![0; length];
                stream.read_exact(&mut body).expect("a body");
                keep.lock()
                    .expect("kept")
                    .push(serde_json::from_slice(&body).expect("JSON"));
                let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
                stream.get_mut().write_all(answer).expect("answered");
            }
        }
    });
    (format!("http://{address}"), kept)
}

fn spans(kept: &Mutex<Vec<Value>>) -> Vec<Value> {
    let kept = kept.lock().expect("kept");
    let lists = kept.iter().flat_map(|message| {
        let resource = &message["resourceSpans"][0];
        let names: Vec<&Value> = resource["resource"]["attributes"]
            .as_array()
            .expect("attributes")
            .iter()
            .collect();
        assert!(
            names
                .iter()
                .any(|pair| pair["value"]["stringValue"] == "tasuki"),
            "{message}"
        );
        resource["scopeSpans"][0]["spans"]
            .as_array()
            .expect("spans")
            .clone()
    });
    lists.collect()
}

fn attribute(span: &Value, name: &str) -> Value {
    let pairs = span["attributes"].as_array().expect("attributes");
    let pair = pairs.iter().find(|pair| pair["key"] == name);
    pair.map_or(Value::Null, |pair| pair["value"].clone())
}

#[test]
fn a_collector_gets_a_requests_spans_below_its_callers_and_nothing_about_people() {
    let (data, system, numbers) = seeded("traces");
    let (url, kept) = collector();
    let mut program = Program::serve(&data, &["--drain-seconds", "0", "--otlp", &url], "warn");
    let exporting = program
        .threads()
        .iter()
        .any(|name| name.starts_with("OpenTelemetry"));
    assert!(exporting, "{:?}", program.threads());
    let token = token(&system, &program.address());
    let headers = format!(
        "authorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"
    );
    let line = &numbers[0];
    let body = json!({
        "insurer_number": line[0], "symbol": line[1], "number": line[2], "branch": line[3],
    });
    let mut wire = Wire::open(&program.address()).expect("a connection");
    wire.send(
        "POST",
        "/api/v1/eligibility/checks",
        &headers,
        &body.to_string(),
    )
    .expect("sent");
    let answer = wire.answer().expect("whole").expect("an answer");
    assert_eq!(answer.status, 200);
    let visit: Value = serde_json::from_str(&answer.body).expect("JSON");
    let visit = visit["visit"].as_str().expect("a visit").to_owned();
    // A path and a query that name somebody; a caller who wants nothing kept.
    let _refused = ask(
        &program.address(),
        &format!("/visits/{visit}?name=planted"),
        "",
    );
    let unsampled = "traceparent: 00-00000000000000000000000000000abc-b7ad6b7169203331-00\r\n";
    let _unsampled = ask(&program.address(), "/login", unsampled);
    program.terminate();
    assert!(program.wait().success());
    assert_eq!(program.log(), "");
    let spans = spans(&kept);
    let request = spans
        .iter()
        .find(|span| span["name"] == "POST /api/v1/eligibility/checks");
    let request = request.unwrap_or_else(|| panic!("{spans:#?}"));
    assert_eq!(request["traceId"], "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(request["parentSpanId"], "b7ad6b7169203331");
    assert_eq!(
        (&request["kind"], &request["flags"]),
        (&json!(2), &json!(0x301))
    );
    for (name, value) in [
        (
            "http.route",
            json!({ "stringValue": "/api/v1/eligibility/checks" }),
        ),
        ("http.request.method", json!({ "stringValue": "POST" })),
        ("http.response.status_code", json!({ "intValue": "200" })),
    ] {
        assert_eq!(attribute(request, name), value, "{name}");
    }
    let number = attribute(request, "request.id");
    assert_eq!(
        number["stringValue"].as_str().map(str::len),
        Some(32),
        "{number}"
    );
    let waits: Vec<&Value> = spans
        .iter()
        .filter(|span| span["parentSpanId"] == request["spanId"])
        .collect();
    let names: Vec<&Value> = waits.iter().map(|span| &span["name"]).collect();
    assert_eq!(names, ["gate client", "gate write"]);
    let nanoseconds = |span: &Value, name: &str| {
        span[name]
            .as_str()
            .and_then(|text| text.parse::<u64>().ok())
            .expect("nanoseconds")
    };
    for span in &waits {
        assert_eq!(span["traceId"], request["traceId"]);
        assert!(
            nanoseconds(span, "startTimeUnixNano") >= nanoseconds(request, "startTimeUnixNano")
        );
        assert!(nanoseconds(span, "endTimeUnixNano") <= nanoseconds(request, "endTimeUnixNano"));
    }
    assert!(
        spans
            .iter()
            .any(|span| span["name"] == "GET /visits/{visit}"),
        "{spans:#?}"
    );
    let all = serde_json::to_string(&spans).expect("text");
    for planted in [
        &visit,
        &token,
        &line[0],
        "planted",
        "00000000000000000000000000000abc",
    ] {
        assert!(!all.contains(planted), "{planted}");
    }
    let known = [
        "http.request.method",
        "http.route",
        "http.response.status_code",
        "request.id",
        "gate.kind",
    ];
    for span in &spans {
        for pair in span["attributes"].as_array().expect("attributes") {
            assert!(
                known.contains(&pair["key"].as_str().expect("a name")),
                "{pair}"
            );
        }
    }
}

#[test]
fn a_collector_that_is_not_there_keeps_no_request_and_no_end_waiting() {
    let data = Folder::new("nowhere");
    let port = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address");
    let url = format!("http://{port}");
    let mut program = Program::serve(&data, &["--drain-seconds", "0", "--otlp", &url], "warn");
    assert_eq!(ask(&program.address(), "/login", "").status, 200);
    program.terminate();
    assert!(program.wait().success());
    let log = program.log();
    assert!(
        log.contains("spans cannot be sent to the collector"),
        "{log}"
    );
    let mut refused = Program::spawn(&["serve", "--otlp", "https://collector"], "warn");
    assert!(!refused.wait().success());
    assert!(refused.log().contains("--otlp takes http://HOST:PORT"));
}

/// Is it there as a word of its own?
fn holds(text: &str, word: &str) -> bool {
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
    text.match_indices(word).any(|(at, _)| {
        edge(text[..at].chars().next_back()) && edge(text[at + word.len()..].chars().next())
    })
}

/// What the demonstration knows of people, and what opens doors in it.
fn planted(ready: &Value) -> Vec<String> {
    let today = tasuki::program::SystemClock;
    let now = kernel::time::Clock::now(&today);
    let mut lives: Vec<_> = testkit::population::Population::new(20_261_122, 40, now.jst_date())
        .iter()
        .collect();
    let patient = match Path::new(tasuki::story::EXAMPLES) {
        folder if folder.is_dir() => tasuki::story::published(folder, now).expect("the story"),
        _ => tasuki::story::own(now.jst_date()),
    };
    lives.push(patient.patient);
    let mut words = vec![tasuki::town::PASSWORD.to_owned()];
    for life in &lives {
        let name = &life.name;
        let parts = [name.family, name.given, name.family_kana, name.given_kana];
        words.extend(parts.iter().map(|part| (*part).to_owned()));
        words.push(life.patient_number.clone());
        for coverage in &life.coverages {
            words.push(coverage.number.as_str().to_owned());
        }
    }
    // The card's PIN, and the patient's own card.
    words.push("1234".to_owned());
    words.push(tasuki::town::PATIENT_CARD.to_string());
    for system in ["clinic", "hospital"] {
        let key = ready[system]["key"].as_str().expect(system);
        words.extend(
            key.lines()
                .filter(|line| !line.starts_with("--"))
                .map(str::to_owned),
        );
    }
    for shot in ready["shots"].as_array().expect("shots") {
        let cookie = shot["cookie"]
            .as_str()
            .and_then(|cookie| cookie.split_once('='));
        words.extend(cookie.map(|(_, token)| token.to_owned()));
        let visit = shot["path"]
            .as_str()
            .and_then(|path| path.strip_prefix("/visits/"));
        words.extend(
            visit
                .and_then(|rest| rest.split('/').next())
                .map(str::to_owned),
        );
    }
    words.retain(|word| word.len() > 3);
    words.sort_unstable();
    words.dedup();
    words
}

#[test]
fn the_log_of_a_whole_journey_at_every_level_holds_nothing_about_anybody() {
    let folder = Folder::new("log");
    let ready_file = folder.0.join("ready.json");
    let args = [
        "demo",
        "--people",
        "40",
        "--access-log",
        "--ready-file",
        ready_file.to_str().expect("UTF-8"),
    ];
    let mut program = Program::spawn(&args, "trace");
    until("the demonstration is ready", || ready_file.is_file());
    let ready: Value = serde_json::from_str(&folder.read("ready.json")).expect("JSON");
    let base = ready["base"]
        .as_str()
        .expect("an address")
        .trim_start_matches("http://")
        .to_owned();
    // Every page, a wrong log-in, a name in path and query, a header that is none.
    for shot in ready["shots"].as_array().expect("shots") {
        let cookie = shot["cookie"]
            .as_str()
            .map(|cookie| format!("cookie: {cookie}\r\n"));
        let path = shot["path"].as_str().expect("a path");
        assert_eq!(
            ask(&base, path, &cookie.unwrap_or_default()).status,
            200,
            "{path}"
        );
    }
    let _refused = ask(
        &base,
        "/portal/PLANTED-PATH?name=PLANTED-QUERY",
        "x-name: PLANTED-HEADER\r\n",
    );
    let mut wire = Wire::open(&base).expect("a connection");
    let form = "login=PLANTED-LOGIN&password=PLANTED-PASSWORD";
    wire.send(
        "POST",
        "/login",
        "content-type: application/x-www-form-urlencoded\r\n",
        form,
    )
    .expect("sent");
    assert!(wire.answer().expect("whole").is_some());
    let mut broken = Wire::open(&base).expect("a connection");
    broken
        .0
        .get_mut()
        .write_all(b"PLANTED-LINE nonsense\r\n\r\n")
        .expect("sent");
    assert!(broken.answer().expect("whole").is_some());
    program.terminate();
    assert!(program.wait().success());
    let told: Vec<String> = program.lines.iter().collect();
    let told = told.join("\n");
    let log = program.log();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect();
    let access: Vec<&Value> = lines
        .iter()
        .filter(|line| line["target"] == "access_log")
        .collect();
    assert!(access.len() > 40, "{}", access.len());
    for line in &access {
        let fields = line["fields"].as_object().expect("fields");
        let mut names: Vec<&str> = fields.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "bytes", "message", "method", "ms", "request", "route", "status"
            ]
        );
    }
    // Times and numbers of requests are random digits of their own.
    let quiet: Vec<String> = lines
        .iter()
        .map(|line| {
            let mut line = line.clone();
            line.as_object_mut().expect("an object").remove("timestamp");
            if let Some(fields) = line["fields"].as_object_mut() {
                for figure in ["request", "ms", "bytes"] {
                    fields.remove(figure);
                }
            }
            line.to_string()
        })
        .collect();
    let quiet = quiet.join("\n");
    let words = planted(&ready);
    assert!(words.len() > 100, "{}", words.len());
    // What is told to people at the terminal shows that the search would find it.
    assert!(
        words.iter().filter(|word| holds(&told, word)).count() >= 4,
        "{told}"
    );
    let found: Vec<&String> = words.iter().filter(|word| holds(&quiet, word)).collect();
    assert!(found.is_empty(), "{found:?}");
    assert!(!quiet.contains("PLANTED"), "{quiet}");
    assert!(quiet.is_ascii(), "no word of Japanese, so no name");
    let libraries = ["hyper", "mio", "tokio", "tower", "h2"];
    let others: Vec<&Value> = lines
        .iter()
        .filter(|line| {
            libraries
                .iter()
                .any(|room| line["target"].as_str().is_some_and(|t| t.starts_with(room)))
        })
        .collect();
    assert!(others.is_empty(), "{others:?}");
}
