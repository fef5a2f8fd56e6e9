//! Client credentials, introspection, revocation, binding.

use std::net::IpAddr;

use super::*;

#[test]
fn the_metadata_names_every_endpoint_and_only_what_is_done() {
    let place = place();
    for path in [
        "/.well-known/smart-configuration",
        "/fhir/.well-known/smart-configuration",
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
    ] {
        let reply = place.world.get(&As::Nobody, path);
        assert_eq!(reply.status, 200, "{path}");
        let all = json_of(&reply);
        assert_eq!(all["issuer"], ORIGIN, "{path}");
        assert_eq!(all["token_endpoint"], format!("{ORIGIN}/oauth/token"));
        let algorithms = &all["token_endpoint_auth_signing_alg_values_supported"];
        assert_eq!(*algorithms, json!(["RS384", "ES384"]));
        let methods = &all["token_endpoint_auth_methods_supported"];
        assert_eq!(*methods, json!(["private_key_jwt", "tls_client_auth"]));
        let grants = json!(["client_credentials", "authorization_code", "refresh_token"]);
        assert_eq!(all["grant_types_supported"], grants);
        assert_eq!(all["code_challenge_methods_supported"], json!(["S256"]));
        assert_eq!(all["authorization_response_iss_parameter_supported"], true);
        for name in ["authorization_endpoint", "jwks_uri", "revocation_endpoint"] {
            assert!(all[name].as_str().is_some_and(|at| at.starts_with(ORIGIN)));
        }
    }
}

#[test]
fn a_signed_assertion_gets_a_token_that_opens_what_its_scope_names_for_300_seconds() {
    let place = place();
    let system = place.backend("system/Bundle.cr tasuki/eligibility");
    let reply = place.ask_token(&place.assertion(&system, "1"), "system/Bundle.r");
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("cache-control"), "no-store");
    let answer = json_of(&reply);
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_in"], 300);
    assert_eq!(answer["scope"], "system/Bundle.r");
    assert!(answer.get("refresh_token").is_none());
    let token = As::System(word(&reply, "access_token"));
    let open = |token: &As| {
        place
            .world
            .post(token, "/fhir/Bundle/$document", &json!({}))
            .status
    };
    assert_ne!(open(&token), 401);
    place.world.clock.advance(299);
    assert_ne!(open(&token), 401);
    place.world.clock.advance(1);
    assert_eq!(open(&token), 401);
}

#[test]
fn a_token_is_kept_as_its_hash_only() {
    let place = place();
    let system = place.backend("tasuki/eligibility");
    let token = place.token(&system, "1", "");
    assert_eq!(token.len(), 64);
    for entry in std::fs::read_dir(place.world.folder()).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            let bytes = std::fs::read(&path).expect("read");
            let holds = bytes.windows(token.len()).any(|w| w == token.as_bytes());
            assert!(!holds, "{}", path.display());
            let raw = kernel::hex::decode(&token).expect("hex");
            assert!(
                !bytes.windows(raw.len()).any(|w| w == raw),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn of_a_hundred_uses_of_one_assertion_at_once_exactly_one_succeeds() {
    let place = place();
    let system = place.backend("tasuki/eligibility");
    let id = system.client.id;
    let ends_at = place.world.app.gate.now().plus_seconds(300);
    let used = place.world.at_once(100, |_| {
        move |call: &mut store::Call<'_>| {
            Ok(access::token::use_assertion(call, id, "same", ends_at)?)
        }
    });
    let won = used.into_iter().filter(|used| matches!(used, Ok(true)));
    assert_eq!(won.count(), 1);
}

#[test]
fn an_assertion_is_good_once_and_a_new_one_is_good_again() {
    let place = place();
    let system = place.backend("tasuki/eligibility");
    let assertion = place.assertion(&system, "once");
    assert_eq!(place.ask_token(&assertion, "").status, 200);
    let again = place.ask_token(&assertion, "");
    assert_eq!(error(&again), (401, "invalid_client".to_owned()));
    assert_eq!(
        place.ask_token(&place.assertion(&system, "two"), "").status,
        200
    );
    assert_eq!(place.kept(), 4, "two tokens and two used assertions");
    assert_eq!(place.kept(), 0);
}

#[test]
fn what_is_asked_beyond_the_registration_is_refused_whole() {
    let place = place();
    let system = place.backend("system/Bundle.cr");
    for scope in [
        "system/Bundle.cu",
        "system/*.r",
        "system/Bundle.r tasuki/eligibility",
        "patient/*.rs",
        "tasuki/introspect",
        "system/Bundle.read",
        "openid",
    ] {
        let reply = place.ask_token(&place.assertion(&system, scope), scope);
        assert_eq!(error(&reply), (400, "invalid_scope".to_owned()), "{scope}");
    }
    assert_eq!(place.kept(), 0);
}

#[test]
fn errors_have_the_form_of_the_protocol() {
    let place = place();
    let system = place.backend("tasuki/eligibility");
    let sign = |jti: &str| place.assertion(&system, jti);
    let grant = |jti: &str, fields: &[(&str, &str)]| {
        error(&place.signed("/oauth/token", &sign(jti), fields))
    };
    let is = |status: u16, word: &str| (status, word.to_owned());
    assert_eq!(grant("a", &[]), is(400, "invalid_request"));
    let password = [("grant_type", "password")];
    assert_eq!(grant("b", &password), is(400, "unsupported_grant_type"));
    let code = [("grant_type", "authorization_code")];
    assert_eq!(grant("c", &code), is(400, "unauthorized_client"));
    let twice = [
        ("grant_type", "client_credentials"),
        ("grant_type", "client_credentials"),
    ];
    assert_eq!(grant("d", &twice), is(400, "invalid_request"));
    let bare = place.post("/oauth/token", &[("grant_type", "client_credentials")]);
    assert_eq!(error(&bare), is(401, "invalid_client"));
    assert!(word(&bare, "error_description").is_ascii());
    assert_eq!(word(&bare, "code"), "TSK-OAU-002");
}

#[test]
fn a_token_bound_to_a_certificate_opens_nothing_on_another_connection() {
    let place = place();
    let mut terms = terms(Kind::Backend, "system/Bundle.r", &place);
    terms.certificates = vec![MINE];
    terms.needs_certificate = true;
    let system = place.register(terms);
    let fields = [("grant_type", "client_credentials")];
    let ask = |peer: Peer, jti: &str| {
        place.signed_from(
            peer,
            "/oauth/token",
            &place.assertion(&system, jti),
            &fields,
        )
    };
    assert_eq!(error(&ask(Peer::default(), "a")).0, 401);
    assert_eq!(error(&ask(shows(OTHER), "b")).0, 401);
    let token = As::System(word(&ask(shows(MINE), "c"), "access_token"));
    let open = |peer: Peer| {
        let kind = [("content-type", "application/json")];
        let path = "/fhir/Bundle/$document";
        place
            .world
            .send_from(peer, &token, "POST", path, &kind, b"{}".to_vec())
    };
    // Both orders: the memory of the gate must not answer for another connection.
    assert_eq!(open(Peer::default()).status, 401);
    assert_ne!(open(shows(MINE)).status, 401);
    for peer in [Peer::default(), shows(OTHER)] {
        let reply = open(peer);
        assert_eq!(reply.status, 401);
        let challenge = reply.header("www-authenticate");
        assert_eq!(challenge, "Bearer error=\"invalid_token\"");
    }
}

#[test]
fn a_registered_certificate_alone_proves_its_client() {
    let place = place();
    let mut terms = terms(Kind::Backend, "tasuki/eligibility", &place);
    terms.certificates = vec![MINE];
    let system = place.register(terms);
    let id = system.client.id.to_hex();
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", id.as_str()),
    ];
    let ask = |peer| place.post_from(peer, "/oauth/token", &fields);
    assert_eq!(ask(Peer::default()).status, 401);
    assert_eq!(ask(shows(OTHER)).status, 401);
    assert_eq!(ask(shows(MINE)).status, 200);
}

#[test]
fn a_client_from_an_unregistered_network_is_refused_also_with_a_good_token() {
    let place = place();
    let mut terms = terms(Kind::Backend, "system/Bundle.r", &place);
    terms.networks = Networks::parse("203.0.113.0/24").expect("a network");
    let system = place.register(terms);
    let from = |text: &str| Peer {
        certificate: None,
        address: text.parse::<IpAddr>().ok(),
    };
    let fields = [("grant_type", "client_credentials")];
    let ask = |peer: Peer, jti: &str| {
        place.signed_from(
            peer,
            "/oauth/token",
            &place.assertion(&system, jti),
            &fields,
        )
    };
    assert_eq!(
        error(&ask(from("203.0.114.1"), "a")).1,
        "unauthorized_client"
    );
    let token = As::System(word(&ask(from("203.0.113.9"), "b"), "access_token"));
    let open = |peer: Peer| {
        let kind = [("content-type", "application/json")];
        let path = "/fhir/Bundle/$document";
        place
            .world
            .send_from(peer, &token, "POST", path, &kind, b"{}".to_vec())
            .code()
    };
    assert_ne!(open(from("203.0.113.9")), "TSK-ACC-031");
    assert_ne!(open(from("::ffff:203.0.113.9")), "TSK-ACC-031");
    assert_eq!(place.world.get(&token, "/openapi.json").status, 403);
}

#[test]
fn introspection_is_for_registered_nodes_and_revocation_stops_a_token_at_once() {
    let place = place();
    let (system, node) = (
        place.backend("system/Bundle.r"),
        place.backend("tasuki/introspect"),
    );
    let token = place.token(&system, "t", "");
    let tell = |of: &Registered, jti: &str, token: &str| {
        place.signed(
            "/oauth/introspect",
            &place.assertion(of, jti),
            &[("token", token)],
        )
    };
    let stranger = tell(&system, "i", &token);
    assert_eq!(error(&stranger).1, "unauthorized_client");
    let told = json_of(&tell(&node, "j", &token));
    assert_eq!(told["active"], true);
    assert_eq!(told["scope"], "system/Bundle.r");
    assert_eq!(told["client_id"], system.client.id.to_hex());
    assert_eq!(
        json_of(&tell(&node, "k", "nonsense")),
        json!({ "active": false })
    );
    // The gate has the token in its memory before it is revoked.
    let open = || {
        let holder = As::System(token.clone());
        place
            .world
            .post(&holder, "/fhir/Bundle/$document", &json!({}))
            .status
    };
    assert_ne!(open(), 401);
    let revoke = |of: &Registered, jti: &str| {
        place.signed(
            "/oauth/revoke",
            &place.assertion(of, jti),
            &[("token", &token)],
        )
    };
    // Somebody else's token is not theirs to revoke, and that is not told.
    assert_eq!(revoke(&node, "x").status, 200);
    assert_ne!(open(), 401);
    assert_eq!(revoke(&system, "y").status, 200);
    assert_eq!(open(), 401);
    assert_eq!(
        json_of(&tell(&node, "z", &token)),
        json!({ "active": false })
    );
}

#[test]
fn an_ended_client_and_its_tokens_stop_at_once() {
    let place = place();
    let system = place.backend("system/Bundle.r");
    let token = As::System(place.token(&system, "t", ""));
    let open = || {
        place
            .world
            .post(&token, "/fhir/Bundle/$document", &json!({}))
            .status
    };
    assert_ne!(open(), 401);
    let admin = place
        .world
        .staff(&place.clinic, store::caller::Role::Administrator);
    let path = format!("/office/clients/{}/end", system.client.id.to_hex());
    assert_eq!(place.world.submit(&admin, &path, &[]).status, 303);
    assert_eq!(open(), 401);
    let reply = place.ask_token(&place.assertion(&system, "u"), "");
    assert_eq!(error(&reply), (401, "invalid_client".to_owned()));
}
