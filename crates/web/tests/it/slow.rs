//! Slow and flooding clients, through sockets; rates, through the router.

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use web::{
    peer::Showed,
    serve::{Entrance, Stopper, serve},
};

use super::*;

fn counter() -> Service {
    let open = |purpose, method, path, body| Route {
        permission: Permission::Public,
        purpose,
        ..route(method, path, Face::Api, body, handler!(page))
    };
    let mut service = probe();
    service.routes.extend([
        open(
            Purpose::Treatment,
            Method::Get,
            "/api/open/{visit}",
            Body::None,
        ),
        open(Purpose::Treatment, Method::Post, "/api/try", Body::Json),
        open(
            Purpose::Emergency,
            Method::Post,
            "/api/emergency",
            Body::Json,
        ),
    ]);
    service
}

/// Serves plainly while `work` runs.
fn while_serving<F: Future>(
    world: &World,
    work: impl FnOnce(std::net::SocketAddr) -> F,
) -> F::Output {
    let router = web::router(&world.app);
    let entrance = Entrance {
        app: Some(Arc::clone(&world.app)),
        ..Entrance::default()
    };
    block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let stopper = Stopper::default();
        let server = tokio::spawn(serve(listener, router, stopper.clone(), entrance));
        let found = work(address).await;
        stopper.stop();
        server.await.expect("ended").expect("in order");
        found
    })
}

/// Sends `text` on a connection of its own; the answer's first line.
async fn said(address: std::net::SocketAddr, text: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("let in");
    // A server that refuses early may have closed before all was sent.
    let _early = stream.write_all(text.as_bytes()).await;
    let mut answer = Vec::new();
    let _reset = stream.read_to_end(&mut answer).await;
    let text = String::from_utf8_lossy(&answer).into_owned();
    text.lines().next().unwrap_or_default().to_owned()
}

const PROBE_TEXT: &str = "GET /api/open/1 HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n";

#[test]
fn two_hundred_who_hold_their_connections_keep_nobody_from_an_answer() {
    let world = World::new(vec![counter()]);
    while_serving(&world, |address| async move {
        let starts = [
            // Headers that never end, a body that never comes, and nothing at all.
            "GET /api/open/1 HTTP/1.1\r\nhost: t\r\nx-slow: 1\r\n",
            "POST /api/try HTTP/1.1\r\nhost: t\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{",
            "",
        ];
        let mut held = Vec::new();
        for number in 0..200 {
            let mut stream = TcpStream::connect(address).await.expect("let in");
            let start = starts[number % starts.len()];
            stream.write_all(start.as_bytes()).await.expect("sent");
            held.push(stream);
        }
        let answer = tokio::time::timeout(Duration::from_secs(5), said(address, PROBE_TEXT)).await;
        assert_eq!(answer.expect("in time"), "HTTP/1.1 200 OK");
    });
    let seen = world.app.seen.collect();
    let all: Vec<_> = seen.iter().map(|s| (s.showed, s.connections)).collect();
    assert_eq!(all, [(Showed::Nothing, 201)]);
}

#[test]
fn header_floods_and_long_lines_are_refused_before_they_are_read_whole() {
    let world = World::new(vec![counter()]);
    let flood = |count: usize, size: usize| {
        let line = format!("x-flood: {}\r\n", "a".repeat(size));
        PROBE_TEXT.replace("host: t\r\n", &format!("host: t\r\n{}", line.repeat(count)))
    };
    let table = [
        (flood(98, 1), "HTTP/1.1 200 OK"),
        (
            flood(101, 1),
            "HTTP/1.1 431 Request Header Fields Too Large",
        ),
        (
            flood(1, 80_000),
            "HTTP/1.1 431 Request Header Fields Too Large",
        ),
        (
            PROBE_TEXT.replace("/1 ", &format!("/1?{} ", "a".repeat(5_000))),
            "HTTP/1.1 414 URI Too Long",
        ),
        (
            PROBE_TEXT.replace("HTTP/1.1", "HTTP/9"),
            "HTTP/1.1 400 Bad Request",
        ),
    ];
    while_serving(&world, |address| async move {
        for (text, wanted) in table {
            let head = text.get(..60).unwrap_or_default().to_owned();
            assert_eq!(said(address, &text).await, wanted, "{head}");
        }
    });
}

#[test]
fn who_asks_too_often_is_told_how_long_to_wait_and_fills_no_disk() {
    let world = World::new(vec![counter()]);
    let before = world.records();
    let body = empty();
    let first = world.post(&As::Nobody, "/api/try", &body);
    assert_eq!(first.status, 200);
    let left = |reply: &Reply| {
        ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"]
            .map(|name| reply.header(name).to_owned())
    };
    assert_eq!(left(&first), ["300", "299", "1"].map(str::to_owned));
    for _ in 1..300 {
        assert_eq!(world.post(&As::Nobody, "/api/try", &body).status, 200);
    }
    for _ in 0..50 {
        let reply = world.post(&As::Nobody, "/api/try", &body);
        assert_eq!(status_and_code(&reply), is(429, "TSK-WEB-011"));
        assert_eq!(reply.header("retry-after"), "1");
    }
    assert_eq!(world.records() - before, 1, "one for the whole minute");
    // A second later there are five more; looking has a bucket of its own.
    world.clock.advance(1);
    assert_eq!(world.post(&As::Nobody, "/api/try", &body).status, 200);
    assert_eq!(world.get(&As::Nobody, "/api/open/1").status, 200);
    let text = operation::scrape(&world);
    assert!(
        text.contains("tasuki_http_throttled_total{by=\"attempt\"} 50"),
        "{text}"
    );
}

#[test]
fn an_emergency_is_never_throttled() {
    let world = World::new(vec![counter()]);
    for _ in 0..300 {
        assert_eq!(world.post(&As::Nobody, "/api/try", &empty()).status, 200);
    }
    assert_eq!(world.post(&As::Nobody, "/api/try", &empty()).status, 429);
    for _ in 0..400 {
        let reply = world.post(&As::Nobody, "/api/emergency", &empty());
        assert_eq!((reply.status, reply.header("ratelimit-limit")), (200, ""));
    }
}

#[test]
fn guessed_tokens_and_addresses_are_counted_as_nobodys() {
    let world = World::new(vec![counter()]);
    let guess = As::System("guessed".to_owned());
    let mut statuses = std::collections::BTreeMap::new();
    for _ in 0..1_210 {
        *statuses
            .entry(world.get(&guess, "/api/probe").status)
            .or_insert(0) += 1;
    }
    assert_eq!(
        statuses.into_iter().collect::<Vec<_>>(),
        [(401, 1_200), (429, 10)]
    );
    assert_eq!(world.get(&As::Nobody, "/nowhere").status, 429);
}

#[test]
fn one_client_reading_one_visit_over_and_over_is_stopped_before_it_is_stopped_altogether() {
    let world = World::new(vec![counter()]);
    let clinic = world.facility("1310000001", "みどり診療所");
    let system = world.system(&clinic);
    let read = |visit: &str| world.get(&system, &format!("/api/open/{visit}"));
    for _ in 0..300 {
        assert_eq!(read("1").status, 200);
    }
    assert_eq!(read("1").status, 429);
    let other = read("2");
    assert_eq!(
        (other.status, other.header("ratelimit-remaining")),
        (200, "299")
    );
}

#[test]
fn a_method_that_is_not_there_is_answered_with_those_that_are() {
    let world = World::new(vec![counter()]);
    for method in ["TRACE", "PUT", "PATCH", "DELETE", "BREW", "OPTIONS"] {
        let reply = world.send(&As::Nobody, method, "/api/probe", "", Vec::new());
        assert_eq!(status_and_code(&reply), is(405, "TSK-WEB-002"), "{method}");
        let mut allowed: Vec<&str> = reply.header("allow").split(',').collect();
        allowed.sort_unstable();
        assert_eq!(allowed, ["GET", "HEAD", "POST"], "{method}");
    }
}
