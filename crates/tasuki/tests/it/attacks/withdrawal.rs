//! T02: a consent that is withdrawn between two requests of one doctor, on connections that
//! stay open.

use access::session;

use super::wire::Sandbox;

#[test]
fn a_consent_withdrawn_between_two_requests_closes_the_second_on_the_same_connection() {
    let sandbox = Sandbox::start("withdrawal");
    let doctor = format!("cookie: tasuki_session={}\r\n", sandbox.session("record"));
    let token = sandbox.session("portal-consents");
    let patient = format!("cookie: tasuki_session={token}\r\n");
    let record = sandbox.path("record");
    let mut desk = sandbox.open();
    let seen = desk.ask("GET", &record, &doctor, "");
    assert_eq!(seen.status, 200, "{}", seen.body);
    let head = seen.head.to_ascii_lowercase();
    assert!(head.contains("cache-control: no-store"), "{head}");
    let mut home = sandbox.open();
    let consents = home.ask("GET", "/portal/consents", &patient, "");
    let facility = consents.body.split("name=\"facility\" value=\"").nth(1);
    let facility = &facility.expect("a facility with a button")[..32];
    let form = format!("facility={facility}&csrf={}", session::form_token(&token));
    let kind = "content-type: application/x-www-form-urlencoded\r\n";
    let withdrawn = home.ask(
        "POST",
        "/portal/consents/withdraw",
        &format!("{patient}{kind}"),
        &form,
    );
    assert_eq!(withdrawn.status, 303, "{}", withdrawn.body);
    for again in 0..3 {
        let closed = desk.ask("GET", &record, &doctor, "");
        assert_eq!(closed.status, 403, "look {again}");
        assert!(closed.body.contains("TSK-CNS-003"), "{}", closed.body);
    }
    // Nothing of the first answer can be had by asking for it conditionally or in parts.
    for trick in [
        "if-none-match: *\r\n",
        "if-modified-since: Thu, 01 Jan 1970 00:00:00 GMT\r\n",
        "range: bytes=0-\r\n",
        "cache-control: only-if-cached\r\n",
        "purpose: prefetch\r\n",
    ] {
        let closed = desk.ask("GET", &record, &format!("{doctor}{trick}"), "");
        assert_eq!(closed.status, 403, "{trick}");
    }
}
