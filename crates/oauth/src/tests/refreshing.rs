//! OA-01, RFC 6749 section 6: what renews an app's token while its user stays logged in.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{
    approving::{VERIFIER, approve, led_back, patient, query},
    *,
};

const ONLINE: &str = "patient/*.rs user/*.rs openid online_access";

fn renew_from(place: &Place, peer: Peer, app: &Registered, fields: &[(&str, &str)]) -> Reply {
    // Each assertion has a number of its own.
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let id = NUMBER.fetch_add(1, Ordering::Relaxed).to_string();
    let mut all = vec![("grant_type", "refresh_token")];
    all.extend(fields);
    place.signed_from(peer, "/oauth/token", &place.assertion(app, &id), &all)
}

fn renew(place: &Place, app: &Registered, refresh: &str) -> Reply {
    renew_from(place, Peer::default(), app, &[("refresh_token", refresh)])
}

/// The answer to a code that was approved for staying online.
fn begun_from(place: &Place, peer: Peer, app: &Registered, who: &As) -> Reply {
    let fields = query(app, &[("scope", "patient/*.rs openid online_access")]);
    let back = led_back(&approve(place, who, &fields, "approve"));
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", back["code"].as_str()),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    let assertion = place.assertion(app, &back["code"]);
    let reply = place.signed_from(peer, "/oauth/token", &assertion, &fields);
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply
}

fn begun(place: &Place, app: &Registered, who: &As) -> Reply {
    begun_from(place, Peer::default(), app, who)
}

fn reads(place: &Place, reply: &Reply) -> u16 {
    let token = As::System(word(reply, "access_token"));
    place.world.get(&token, "/api/v1/portal/record").status
}

fn is_over(reply: &Reply) -> bool {
    error(reply) == (400, "invalid_grant".to_owned())
}

#[test]
fn an_app_renews_its_token_and_each_renewal_gives_the_next() {
    let place = place();
    let (app, who) = (place.app(ONLINE), patient(&place));
    let mut reply = begun(&place, &app, &who);
    let subject = |reply: &Reply| {
        let text = word(reply, "id_token");
        let claims = text.split('.').nth(1).expect("claims");
        let bytes = URL_SAFE_NO_PAD.decode(claims).expect("base64url");
        let claims: Value = serde_json::from_slice(&bytes).expect("JSON");
        claims["sub"].as_str().expect("a subject").to_owned()
    };
    let first = subject(&reply);
    for _ in 0..3 {
        place.world.clock.advance(300);
        assert_eq!(reads(&place, &reply), 401);
        let old = word(&reply, "refresh_token");
        reply = renew(&place, &app, &old);
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(reads(&place, &reply), 200);
        assert_ne!(word(&reply, "refresh_token"), old);
        assert_eq!(json_of(&reply)["expires_in"], 300);
        assert_eq!(subject(&reply), first, "the same user under the same name");
    }
}

#[test]
fn a_refresh_token_that_comes_twice_ends_everything_from_that_approval() {
    let place = place();
    let (app, who) = (place.app(ONLINE), patient(&place));
    let other = begun(&place, &app, &who);
    let first = begun(&place, &app, &who);
    let old = word(&first, "refresh_token");
    let second = renew(&place, &app, &old);
    assert_eq!((reads(&place, &first), reads(&place, &second)), (200, 200));
    assert!(is_over(&renew(&place, &app, &old)));
    assert_eq!((reads(&place, &first), reads(&place, &second)), (401, 401));
    assert!(is_over(&renew(
        &place,
        &app,
        &word(&second, "refresh_token")
    )));
    // What was approved another time stays.
    assert_eq!(reads(&place, &other), 200);
    assert_eq!(
        renew(&place, &app, &word(&other, "refresh_token")).status,
        200
    );
}

#[test]
fn a_code_that_comes_twice_ends_what_renews_too() {
    let place = place();
    let (app, who) = (place.app(ONLINE), patient(&place));
    let fields = query(&app, &[("scope", "patient/*.rs online_access")]);
    let back = led_back(&approve(&place, &who, &fields, "approve"));
    let exchange = |jti| super::approving::exchange(&place, &app, &back["code"], VERIFIER, jti);
    let first = exchange("first");
    place.world.clock.advance(3_600);
    assert!(is_over(&exchange("again")));
    assert!(is_over(&renew(
        &place,
        &app,
        &word(&first, "refresh_token")
    )));
}

#[test]
fn only_an_app_whose_user_agreed_to_it_gets_a_refresh_token() {
    let place = place();
    let who = patient(&place);
    let app = place.app(ONLINE);
    let fields = query(&app, &[("scope", "patient/*.rs")]);
    let back = led_back(&approve(&place, &who, &fields, "approve"));
    let reply = super::approving::exchange(&place, &app, &back["code"], VERIFIER, "1");
    assert!(json_of(&reply).get("refresh_token").is_none());
    // A server acts for itself: it asks again, and may not renew what is another's.
    let refresh = word(&begun(&place, &app, &who), "refresh_token");
    let server = place.backend("system/Bundle.r");
    let reply = place.ask_token(&place.assertion(&server, "2"), "");
    assert!(json_of(&reply).get("refresh_token").is_none());
    assert_eq!(
        error(&renew(&place, &server, &refresh)).1,
        "unauthorized_client"
    );
    // Another app's is not this one's, and stays good for its own.
    assert!(is_over(&renew(&place, &place.app(ONLINE), &refresh)));
    assert_eq!(renew(&place, &app, &refresh).status, 200);
}

#[test]
fn a_renewal_narrows_and_never_widens() {
    let place = place();
    let (app, who) = (place.app(ONLINE), patient(&place));
    let refresh = word(&begun(&place, &app, &who), "refresh_token");
    let ask = |refresh: &str, scope: &str| {
        let fields = [("refresh_token", refresh), ("scope", scope)];
        renew_from(&place, Peer::default(), &app, &fields)
    };
    for wider in ["user/*.rs", "patient/*.cruds", "patient/*.rs launch", "x"] {
        assert_eq!(error(&ask(&refresh, wider)).1, "invalid_scope", "{wider}");
    }
    let narrow = ask(&refresh, "openid");
    assert_eq!(json_of(&narrow)["scope"], "openid", "{}", narrow.text());
    assert_eq!(reads(&place, &narrow), 403);
    let whole = ask(&word(&narrow, "refresh_token"), "");
    assert_eq!(reads(&place, &whole), 200);
}

#[test]
fn a_refresh_token_is_bound_to_the_certificate_that_got_it() {
    let place = place();
    let (app, who) = (place.app(ONLINE), patient(&place));
    let refresh = word(
        &begun_from(&place, shows(MINE), &app, &who),
        "refresh_token",
    );
    let fields = [("refresh_token", refresh.as_str())];
    for peer in [Peer::default(), shows(OTHER)] {
        assert!(is_over(&renew_from(&place, peer, &app, &fields)));
    }
    let reply = renew_from(&place, shows(MINE), &app, &fields);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reads(&place, &reply), 401, "the token is bound as well");
}

#[test]
fn a_refresh_token_ends_with_the_log_in_the_client_and_its_own_revocation() {
    let place = place();
    let app = place.app(ONLINE);
    let begin = || {
        let who = patient(&place);
        let refresh = word(&begun(&place, &app, &who), "refresh_token");
        (who, refresh)
    };
    let (who, refresh) = begin();
    let As::Browser(session) = who else {
        panic!("a browser");
    };
    place
        .world
        .set_up(move |call| Ok(access::session::end(call, &session)?));
    assert!(is_over(&renew(&place, &app, &refresh)), "logged out");

    let (_, refresh) = begin();
    let reply = renew(&place, &app, &refresh);
    let next = word(&reply, "refresh_token");
    let revoked = place.signed(
        "/oauth/revoke",
        &place.assertion(&app, "revoke"),
        &[("token", &next), ("token_type_hint", "refresh_token")],
    );
    assert_eq!(revoked.status, 200);
    assert_eq!(reads(&place, &reply), 401, "revoked with what renews it");
    assert!(is_over(&renew(&place, &app, &next)), "revoked");

    let (_, refresh) = begin();
    place.world.clock.advance(12 * 3_600);
    assert!(is_over(&renew(&place, &app, &refresh)), "twelve hours");

    let (_, refresh) = begin();
    let (facility, id) = (place.clinic.id, app.client.id);
    place
        .world
        .set_up(move |call| Ok(client::end(call, facility, id)?));
    assert_eq!(error(&renew(&place, &app, &refresh)).0, 401, "ended");
}

#[test]
fn refresh_tokens_are_kept_as_hashes_and_swept_when_over() {
    let place = place();
    let (app, who) = (place.app(ONLINE), patient(&place));
    let refresh = word(&begun(&place, &app, &who), "refresh_token");
    for entry in std::fs::read_dir(place.world.folder()).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            let bytes = std::fs::read(&path).expect("read");
            let found = bytes.windows(64).any(|part| part == refresh.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
    let sweep = || place.world.set_up(|call| Ok(access::token::sweep(call)?));
    place.world.clock.advance(12 * 3_600 - 1);
    assert_eq!(sweep(), 2, "the token and the assertion");
    place.world.clock.advance(61);
    assert_eq!(sweep(), 2, "the code and what renewed");
}
