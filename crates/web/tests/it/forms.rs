//! A form comes from our own page, of this session, or is refused.

use super::*;

const FORM: &str = "application/x-www-form-urlencoded";

fn post(place: &Place, who: &As, headers: &[(&str, &str)], body: &str) -> (Reply, u64) {
    let mut all = vec![("content-type", FORM), ("host", "tasuki.test")];
    all.extend_from_slice(headers);
    place.records_of(|w| w.send_with(who, "POST", "/probe", &all, body.as_bytes().to_vec()))
}

fn csrf(who: &As) -> String {
    match who {
        As::Browser(token) => format!("csrf={}", access::session::form_token(token)),
        _ => String::new(),
    }
}

#[test]
fn a_form_needs_the_token_of_its_session() {
    let place = place();
    let (doctor, clerk) = (place.staff(Role::Doctor), place.staff(Role::Clerk));
    let good = csrf(&doctor);
    assert_eq!(
        post(&place, &doctor, &[], &format!("{good}&x=1")).0.text(),
        r#"["1"]"#
    );
    let As::Browser(token) = &doctor else { return };
    let bad = [
        String::new(),
        "csrf=".to_owned(),
        "csrf=0".to_owned(),
        csrf(&clerk),
        format!("csrf={token}"),
        format!("x={}", good.replace("csrf=", "")),
        format!("csrf=0&{good}"),
        good.to_uppercase(),
        "csrf=%FF%FE".to_owned(),
    ];
    for body in bad {
        let (reply, records) = post(&place, &doctor, &[], &body);
        assert_eq!(
            (status_and_code(&reply), records),
            (is(403, "TSK-ACC-005"), 1),
            "{body}"
        );
    }
}

#[test]
fn a_form_from_elsewhere_is_refused() {
    let place = place();
    let doctor = place.staff(Role::Doctor);
    let good = csrf(&doctor);
    let from = |headers: &[(&str, &str)]| {
        let (reply, records) = post(&place, &doctor, headers, &good);
        (reply.status, reply.code(), records)
    };
    let forged = || (403, "TSK-ACC-005".to_owned(), 1);
    assert_eq!(from(&[("origin", "http://tasuki.test")]).0, 200);
    for origin in [
        "http://evil.test",
        "http://tasuki.test.evil.test",
        "http://tasuki.test:8080",
        "null",
        "",
        "tasuki.test",
        "http://",
    ] {
        assert_eq!(from(&[("origin", origin)]), forged(), "{origin}");
    }
    assert_eq!(from(&[("sec-fetch-site", "cross-site")]), forged());
    assert_eq!(from(&[("sec-fetch-site", "same-origin")]).0, 200);
    // Without a host there is nothing that an origin could be equal to.
    for origin in ["null", "http://tasuki.test"] {
        let headers = [("content-type", FORM), ("origin", origin)];
        let body = good.clone().into_bytes();
        let reply = place
            .world
            .send_with(&doctor, "POST", "/probe", &headers, body);
        assert_eq!(reply.code(), "TSK-ACC-005", "{origin}");
    }
    // The same holds for the log-in itself.
    let headers = [
        ("content-type", FORM),
        ("host", "tasuki.test"),
        ("origin", "http://evil.test"),
    ];
    let reply = place
        .world
        .send_with(&As::Nobody, "POST", "/login", &headers, b"login=a".to_vec());
    assert_eq!(reply.code(), "TSK-ACC-005");
}

#[test]
fn odd_octets_in_a_form_are_text_or_refused_but_never_an_error_of_ours() {
    let place = place();
    let doctor = place.staff(Role::Doctor);
    let good = csrf(&doctor);
    for odd in [
        "x=%FF",
        "x=%",
        "x=%zz",
        "&&&=&x",
        "x=%00",
        "x=%F0%9F%98%80",
        "x=a%0d%0aSet-Cookie:%20a=b",
    ] {
        let (reply, _) = post(&place, &doctor, &[], &format!("{good}&{odd}"));
        assert_eq!(reply.status, 200, "{odd}");
        assert_eq!(reply.header("set-cookie"), "");
    }
    let raw = [good.as_bytes(), b"&x=\xff\xfe\x00"].concat();
    let headers = [("content-type", FORM)];
    assert_eq!(
        place
            .world
            .send_with(&doctor, "POST", "/probe", &headers, raw)
            .status,
        200
    );
    let many = format!("{good}{}", "&x=1".repeat(199));
    assert_eq!(post(&place, &doctor, &[], &many).0.status, 200);
    let (reply, records) = post(&place, &doctor, &[], &format!("{many}&x=1"));
    assert_eq!(
        (status_and_code(&reply), records),
        (is(400, "TSK-WEB-007"), 1)
    );
}
