//! Limits, addresses, methods and headers: whatever comes, a catalogued answer leaves.

use super::*;

const JSON: &str = "application/json";
const FHIR: &str = "application/fhir+json";
const FORM: &str = "application/x-www-form-urlencoded";

fn assert_headers(reply: &Reply, name: &str) {
    for (header, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(reply.header(header), value, "{name}");
    }
    let policy = reply.header("content-security-policy");
    assert!(
        policy.contains("default-src 'self'") && !policy.contains("unsafe"),
        "{name}"
    );
    assert!(
        reply.header("permissions-policy").contains("camera=()"),
        "{name}"
    );
    assert_eq!(reply.header("x-request-id").len(), 32, "{name}");
    assert!(!reply.header("content-type").is_empty(), "{name}");
    assert_eq!(reply.header("server"), "", "{name}");
    let kept = name.contains("/assets/");
    assert_eq!(reply.header("cache-control") == "no-store", !kept, "{name}");
}

fn assert_is_problem(reply: &Reply) {
    let json = reply.json();
    for member in [
        "code",
        "cause_ja",
        "remedy_ja",
        "cause_en",
        "remedy_en",
        "source",
        "request_id",
    ] {
        assert!(
            !json[member].as_str().unwrap_or_default().is_empty(),
            "{member}: {json}"
        );
    }
    assert_eq!(json["status"], reply.status);
    assert_eq!(json["request_id"], reply.header("x-request-id"));
    assert!(json["findings"].is_array());
}

#[test]
fn every_answer_carries_its_number_and_the_headers_of_safety() {
    let place = place();
    let (doctor, system) = (place.staff(Role::Doctor), place.system());
    for route in &place.world.app.routes {
        for who in [&As::Nobody, &doctor, &system] {
            let method = route.method.word();
            let reply = place.world.send(who, method, route.path, "", Vec::new());
            assert_headers(&reply, &format!("{} {who:?}", route.name()));
        }
    }
    for (method, path) in [
        ("GET", "/nowhere"),
        ("PUT", "/login"),
        ("GET", "/api/%FF"),
        ("OPTIONS", "*"),
    ] {
        assert_headers(
            &place.world.send(&As::Nobody, method, path, "", Vec::new()),
            path,
        );
    }
}

#[test]
fn an_address_that_is_not_there_is_told_in_its_own_manner() {
    let place = place();
    for (path, kind) in [
        ("/nowhere", "text/html; charset=utf-8"),
        ("/api/nowhere", "application/json; charset=utf-8"),
        ("/fhir/Nothing", "application/fhir+json; charset=utf-8"),
        ("/portal/nowhere", "text/html; charset=utf-8"),
        ("//", "text/html; charset=utf-8"),
        ("/../etc/passwd", "text/html; charset=utf-8"),
        ("/%2e%2e/%00", "text/html; charset=utf-8"),
        ("/%FF%FE", "text/html; charset=utf-8"),
        ("/login/", "text/html; charset=utf-8"),
        ("/LOGIN", "text/html; charset=utf-8"),
    ] {
        let (reply, records) = place.records_of(|w| w.get(&As::Nobody, path));
        assert_eq!(
            (status_and_code(&reply), records),
            (is(404, "TSK-WEB-001"), 1),
            "{path}"
        );
        assert_eq!(reply.header("content-type"), kind, "{path}");
    }
}

#[test]
fn a_method_that_is_not_taken_is_refused_with_those_that_are() {
    let place = place();
    for method in [
        "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND",
    ] {
        place.world.clock.advance(10);
        let act = |w: &World| w.send(&As::Nobody, method, "/api/probe", "", Vec::new());
        let (reply, records) = place.records_of(act);
        assert_eq!(
            (status_and_code(&reply), records),
            (is(405, "TSK-WEB-002"), 1),
            "{method}"
        );
        let allowed = reply.header("allow");
        assert!(
            allowed.contains("GET") && allowed.contains("POST"),
            "{method}: {allowed}"
        );
        assert_is_problem(&reply);
    }
    let doctor = place.staff(Role::Doctor);
    let head = place.world.send(&doctor, "HEAD", "/", "", Vec::new());
    assert_eq!((head.status, head.body.len()), (200, 0));
    let head = place.world.send(&As::Nobody, "HEAD", "/", "", Vec::new());
    assert_eq!((head.status, head.header("location")), (303, "/login"));
    // Another method in a header changes nothing.
    let headers = [("x-http-method-override", "DELETE")];
    let reply = place
        .world
        .send_with(&doctor, "GET", "/", &headers, Vec::new());
    assert_eq!(reply.status, 200);
}

#[test]
fn a_body_of_another_type_is_refused() {
    let place = place();
    let system = place.system();
    let send = |path: &str, kind: &str| {
        place.records_of(|w| w.send(&system, "POST", path, kind, b"{}".to_vec()))
    };
    for kind in [JSON, "application/json; charset=utf-8", "Application/JSON"] {
        assert_eq!(send("/api/probe", kind).0.status, 200, "{kind}");
    }
    for kind in [
        "",
        "text/plain",
        FORM,
        FHIR,
        "application/jsonx",
        "json",
        "text/json",
    ] {
        let (reply, records) = send("/api/probe", kind);
        assert_eq!(
            (status_and_code(&reply), records),
            (is(415, "TSK-WEB-005"), 1),
            "{kind}"
        );
        assert_eq!(reply.json()["findings"][0]["path"], "Content-Type");
        assert_is_problem(&reply);
    }
    for kind in [JSON, FHIR] {
        assert_eq!(send("/fhir/probe", kind).0.status, 200, "{kind}");
    }
    let (reply, records) = send("/fhir/probe", "application/fhir+xml");
    assert_eq!(
        (status_and_code(&reply), records),
        (is(415, "TSK-WEB-005"), 1)
    );
    let doctor = place.staff(Role::Doctor);
    let reply = place
        .world
        .send(&doctor, "POST", "/probe", JSON, b"{}".to_vec());
    assert_eq!(reply.code(), "TSK-WEB-005");
}

#[test]
fn a_body_may_be_as_long_as_its_limit_and_no_longer() {
    let place = place();
    let system = place.system();
    let doctor = place.staff(Role::Doctor);
    let As::Browser(token) = &doctor else { return };
    let form = format!("csrf={}&x=", access::session::form_token(token)).into_bytes();
    for (who, path, kind, body, start) in [
        (&system, "/api/probe", JSON, Body::Json, b"{}".to_vec()),
        (&system, "/fhir/probe", FHIR, Body::Fhir, b"{}".to_vec()),
        (&doctor, "/probe", FORM, Body::Form, form),
    ] {
        let mut octets = start;
        octets.resize(body.bytes_max(), b' ');
        let reply = place.world.send(who, "POST", path, kind, octets.clone());
        assert_eq!(reply.status, 200, "{path}: {}", reply.code());
        octets.push(b' ');
        let (reply, records) = place.records_of(|w| w.send(who, "POST", path, kind, octets));
        assert_eq!(
            (status_and_code(&reply), records),
            (is(413, "TSK-WEB-003"), 1),
            "{path}"
        );
    }
    // Of somebody who may not send it, no body is read at all.
    let long = vec![b' '; Body::Json.bytes_max() + 1];
    let reply = place
        .world
        .send(&As::Nobody, "POST", "/api/probe", JSON, long);
    assert_eq!(reply.code(), "TSK-ACC-001");
}

#[test]
fn broken_json_is_named_by_line_and_column() {
    let place = place();
    let system = place.system();
    for (body, path) in [
        ("{\n  \"a\": 1,\n  \"b\" 2\n}", "line 3, column 7"),
        ("{\"a\":", "line 1, column 5"),
        ("", "line 1, column 0"),
        ("nonsense", "line 1, column 2"),
        ("{} {}", "line 1, column 4"),
        ("[1]", "line 1, column 1"),
    ] {
        let octets = body.as_bytes().to_vec();
        let (reply, records) =
            place.records_of(|w| w.send(&system, "POST", "/api/probe", JSON, octets));
        assert_eq!(
            (status_and_code(&reply), records),
            (is(400, "TSK-WEB-006"), 1),
            "{body}"
        );
        assert_eq!(reply.json()["findings"][0]["path"], path, "{body}");
        assert_is_problem(&reply);
    }
}

#[test]
fn an_address_longer_than_anybody_needs_is_refused() {
    let place = place();
    let doctor = place.staff(Role::Doctor);
    let fits = format!("/errors.json?{}{}", "a=b&".repeat(49), "c".repeat(3_900));
    assert_eq!(place.world.get(&doctor, &fits).status, 200);
    let long = format!("/api/{}", "x".repeat(1_020));
    let table = [
        format!("/errors.json?{}a=b", "a=b&".repeat(50)),
        format!("/errors.json?a={}", "b".repeat(4_095)),
    ];
    for path in table {
        let reply = place.world.get(&doctor, &path);
        assert_eq!(status_and_code(&reply), is(414, "TSK-WEB-010"));
    }
    let reply = place.world.get(&doctor, &long);
    assert_eq!(
        status_and_code(&reply),
        is(404, "TSK-WEB-001"),
        "no such address"
    );
}

#[test]
fn odd_queries_are_harmless() {
    let place = place();
    let doctor = place.staff(Role::Doctor);
    let odd = [
        "/?%FF=%FE",
        "/?lang=xx",
        "/?lang=en&lang=ja",
        "/?&&==&",
        "/?a=%00",
        "/?lang=%0d%0aX:1",
    ];
    for path in odd {
        let reply = place.world.get(&doctor, path);
        assert_eq!(
            (reply.status, reply.header("x")),
            (200, ""),
            "{}",
            &path[..path.len().min(40)]
        );
    }
    let reply = place
        .world
        .get(&As::Nobody, "/login?ended=%3Cscript%3E&lang=en");
    assert!(!reply.text().contains("<script>"));
}

#[test]
fn headers_from_outside_do_not_come_back() {
    let place = place();
    let headers = [
        ("x-request-id", "mine"),
        ("x-forwarded-for", "1.2.3.4"),
        ("x-forwarded-host", "evil.test"),
        ("host", "evil.test"),
        ("accept-language", "\u{ff}"),
    ];
    let reply = place
        .world
        .send_with(&As::Nobody, "GET", "/", &headers, Vec::new());
    assert_eq!((reply.status, reply.header("location")), (303, "/login"));
    assert_ne!(reply.header("x-request-id"), "mine");
    assert!(!format!("{reply:?}").contains("evil"));
}

#[test]
fn a_looping_client_fills_no_disk() {
    let place = place();
    let before = place.world.records();
    for round in 0..30 {
        let path = if round % 2 == 0 {
            "/api/probe"
        } else {
            "/nowhere"
        };
        assert!(place.world.get(&As::Nobody, path).status >= 400);
    }
    assert_eq!(place.world.records(), before + 20);
    // Somebody who is known is never lost in the crowd.
    let doctor = place.staff(Role::Doctor);
    let before = place.world.records();
    for _ in 0..25 {
        assert_eq!(place.world.get(&doctor, "/portal").status, 403);
    }
    assert_eq!(place.world.records(), before + 25);
    place.world.clock.advance(60);
    let before = place.world.records();
    let _refused = place.world.get(&As::Nobody, "/api/probe");
    assert_eq!(place.world.records(), before + 1);
}

/// A body that never comes.
pub struct Never;

impl hyper::body::Body for Never {
    type Data = axum::body::Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Self::Data>, Self::Error>>> {
        std::task::Poll::Pending
    }
}

#[test]
fn bodies_that_never_come_keep_nobody_else_out() {
    let place = place();
    let router = web::router(&place.world.app);
    let send = |method: &str, path: &str, body: axum::body::Body| {
        let request = axum::http::Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", FORM)
            .body(body)
            .unwrap();
        tower::ServiceExt::oneshot(router.clone(), request)
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let status = runtime.block_on(async {
        let mut slow = tokio::task::JoinSet::new();
        for _ in 0..1_100 {
            slow.spawn(send("POST", "/login", axum::body::Body::new(Never)));
        }
        for _ in 0..2_000 {
            tokio::task::yield_now().await;
        }
        let reply = send("GET", "/health/live", axum::body::Body::empty()).await;
        reply.map(|reply| reply.status().as_u16())
    });
    assert_eq!(status, Ok(200));
}

#[test]
fn what_is_open_is_open() {
    let place = place();
    for (path, kind, words) in [
        ("/health/live", "application/json", "live"),
        ("/health/ready", "application/json", "ready"),
        ("/openapi.json", "application/json", "\"openapi\":\"3.1.0\""),
        ("/errors.json", "application/json", "TSK-WEB-001"),
        ("/assets/tasuki.css", "text/css", "{"),
        ("/assets/tasuki.js", "text/javascript", "{"),
        ("/assets/tasuki.svg", "image/svg+xml", "<svg"),
    ] {
        let reply = place.world.get(&As::Nobody, path);
        assert_eq!(reply.status, 200, "{path}");
        assert!(reply.header("content-type").starts_with(kind), "{path}");
        assert!(reply.text().contains(words), "{path}");
    }
    let page = place.world.get(&As::Nobody, "/login").text();
    let icon = page
        .split("rel=\"icon\"")
        .nth(1)
        .and_then(|rest| rest.split('"').nth(3));
    assert!(
        icon.is_some_and(|href| place.world.get(&As::Nobody, href).status == 200),
        "{icon:?}"
    );
    // Programs' addresses are listed with what they need; pages are not.
    let document = place.world.get(&As::Nobody, "/openapi.json").json();
    let probe = &document["paths"]["/api/probe"]["post"];
    assert_eq!(probe["x-permission"], "check-eligibility");
    assert_eq!(probe["x-audit-event"], "probe.look");
    assert!(document["paths"]["/login"].is_null());
}

#[test]
fn every_route_refuses_whom_it_should() {
    let place = place();
    let life = testkit::population::demo::patient(place.world.app.gate.now().jst_date());
    let person = place.world.person(&life);
    let found = testkit::rights::complaints(&place.world, &place.clinic, person);
    assert!(found.is_empty(), "{found:#?}");
}
