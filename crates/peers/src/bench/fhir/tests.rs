//! The parts of the FHIR benchmark that need no server of ours, and a small peer.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use serde_json::Value;

use super::{FhirLoad, Options, made, run, target::Base};

#[test]
fn a_result_has_about_as_many_bytes_as_in_the_published_comparison() {
    for turn in 0..2 {
        let text = made::observation("0123456789abcdef0123456789abcdef", turn, 12_345);
        let json: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(json["resourceType"], "Observation");
        assert!((650..850).contains(&text.len()), "{}", text.len());
    }
}

#[test]
fn a_transaction_creates_as_many_results_under_different_addresses() {
    let text = made::transaction("p", 3, 20);
    let json: Value = serde_json::from_str(&text).expect("JSON");
    let entries = json["entry"].as_array().expect("entries");
    let mut urls: Vec<&str> = entries
        .iter()
        .filter_map(|entry| entry["fullUrl"].as_str())
        .collect();
    urls.sort_unstable();
    urls.dedup();
    assert_eq!(urls.len(), 20);
}

#[test]
fn a_line_of_insured_numbers_is_a_member_with_eight_digits_of_the_insurer() {
    let member = made::Member::parse("138057,12,345,01,1980-04-01").expect("a line");
    assert_eq!(member.value, "00138057:12:345:01");
    assert_eq!(member.birth, "1980-04-01");
    assert!(made::Member::parse("138057,12").is_none());
}

#[test]
fn a_base_has_host_and_path() {
    let base = Base::parse("http://localhost:8080/fhir/").expect("a base");
    assert_eq!(
        (base.host.as_str(), base.path.as_str()),
        ("localhost:8080", "/fhir")
    );
    assert_eq!(Base::parse("http://h").expect("a base").host, "h:80");
    for bad in ["https://x/fhir", "http://", "http://h/fhir?x=1"] {
        assert!(Base::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn only_an_answer_with_what_was_asked_for_counts() {
    let found = br#"{"entry":[{"fullUrl":"x/Observation/1"}]}"#;
    assert!(FhirLoad::Search.is_right(200, found));
    assert!(!FhirLoad::Search.is_right(200, br#"{"resourceType":"Bundle","total":0}"#));
    assert!(!FhirLoad::Create.is_right(200, b""));
    assert!(FhirLoad::Transaction.is_right(200, br#"{"status":"201 Created"}"#));
    assert!(!FhirLoad::Transaction.is_right(200, br#"{"status":"400"}"#));
}

/// A peer that answers each request, whatever it asks; how many it answered.
fn peer() -> (String, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}/r4", listener.local_addr().expect("an address"));
    let count = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&count);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, counted) = (stream.expect("a connection"), Arc::clone(&counted));
            thread::spawn(move || serve(&stream, &counted));
        }
    });
    (base, count)
}

fn serve(stream: &TcpStream, count: &AtomicU64) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut first, mut length) = (String::new(), 0);
        reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
        let mut is_known = false;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            is_known |= line == "x-key: secret";
            if let Some(rest) = line.strip_prefix("content-length:") {
                length = rest.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let number = count.fetch_add(1, Ordering::SeqCst);
        let (status, answer) = match first.split(' ').next() {
            _ if !is_known => (401, String::new()),
            Some("POST") if first.contains("/r4 ") => {
                (200, r#"{"response":{"status":"201 Created"}}"#.to_owned())
            }
            Some("POST") => (201, format!(r#"{{"id":"n{number}"}}"#)),
            _ => (200, r#"{"fullUrl":"Observation/1"}"#.to_owned()),
        };
        let length = answer.len();
        let head = format!("HTTP/1.1 {status} OK\r\ncontent-length: {length}\r\n\r\n");
        let mut stream = stream;
        stream.write_all((head + &answer).as_bytes()).ok()?;
    }
}

fn options(base: String, key: &str) -> Options {
    Options {
        program: PathBuf::new(),
        base: Some(base),
        headers: vec![("x-key".to_owned(), kernel::Secret::new(key.to_owned()))],
        client: None,
        callers: vec![2],
        seconds: 0,
        patients: 3,
        observations: 7,
        data_folder: None,
        process: None,
        database_url: None,
        json: true,
        only: vec!["create".to_owned()],
    }
}

#[test]
fn any_server_can_be_driven_and_one_that_refuses_is_named() {
    let (base, count) = peer();
    let why = run(&options(base.clone(), "wrong")).expect_err("refused");
    assert!(format!("{why:#}").contains("401"), "{why:#}");
    let before = count.load(Ordering::SeqCst);
    let mut measured = options(base, "secret");
    measured.seconds = 1;
    let rows = run(&measured).expect("measured");
    let [row] = rows.as_slice() else {
        panic!("{} rows", rows.len());
    };
    assert_eq!(row.name, "fhir-create");
    assert!(row.calls > 0 && row.errors == 0 && row.floor.is_none());
    assert!(count.load(Ordering::SeqCst) > before + 10);
}
