//! OA-09: registering clients and their keys.

use super::*;

fn admin(place: &Place) -> As {
    place
        .world
        .staff(&place.clinic, store::caller::Role::Administrator)
}

fn jwk(key: &ClientKey) -> String {
    key.public().expect("public").to_string()
}

fn listed(place: &Place) -> Vec<(Client, Vec<client::Key>)> {
    let facility = place.clinic.id;
    place
        .world
        .set_up(move |call| Ok(client::list(call, facility)?))
}

#[test]
fn an_administrator_registers_a_system_that_gets_a_token() {
    let place = place();
    let key = ClientKey::generate().expect("a key");
    let fields = [
        ("name", "外来電子カルテ"),
        ("kind", "backend"),
        ("scopes", "system/Bundle.c\ntasuki/eligibility"),
        ("key", &jwk(&key)),
    ];
    let reply = place
        .world
        .submit(&admin(&place), "/office/clients", &fields);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let (client, _) = listed(&place).pop().expect("a client");
    let page = place.world.get(&admin2(&place), "/office/clients").text();
    assert!(page.contains("外来電子カルテ") && page.contains(&client.id.to_hex()));
    let registered = Registered { client, key };
    place.token(&registered, "1", "tasuki/eligibility");
}

/// Somebody who may look and not change.
fn admin2(place: &Place) -> As {
    place
        .world
        .staff(&place.clinic, store::caller::Role::SafetyOfficer)
}

#[test]
fn nobody_but_an_administrator_registers() {
    let place = place();
    for role in store::caller::Role::STAFF {
        if role == store::caller::Role::Administrator {
            continue;
        }
        let who = place.world.staff(&place.clinic, role);
        let reply = place
            .world
            .submit(&who, "/office/clients", &[("name", "x")]);
        assert_eq!(reply.status, 403, "{role:?}");
    }
    assert!(listed(&place).is_empty());
}

#[test]
fn what_does_not_fit_together_is_not_registered() {
    let place = place();
    let key = ClientKey::generate().expect("a key");
    let jwk = jwk(&key);
    let private = jwk.replacen('{', "{\"d\":\"AA\",", 1);
    let rows: [(&str, &str, &str, &str, &str); 9] = [
        ("no key", "backend", "system/Bundle.c", "", ""),
        ("person's scope", "backend", "patient/*.rs", "", &jwk),
        (
            "system's scope",
            "app",
            "system/Bundle.c",
            "https://a.example/",
            &jwk,
        ),
        ("no return address", "app", "patient/*.rs", "", &jwk),
        (
            "without TLS",
            "app",
            "patient/*.rs",
            "http://a.example/",
            &jwk,
        ),
        (
            "with a fragment",
            "app",
            "patient/*.rs",
            "https://a.example/#x",
            &jwk,
        ),
        (
            "a script",
            "app",
            "patient/*.rs",
            "javascript:alert(1)",
            &jwk,
        ),
        ("a private key", "backend", "system/Bundle.c", "", &private),
        ("unknown scope", "backend", "system/Bundle.write", "", &jwk),
    ];
    let admin = admin(&place);
    for (name, kind, scopes, redirects, key) in rows {
        let fields = [
            ("name", name),
            ("kind", kind),
            ("scopes", scopes),
            ("redirects", redirects),
            ("key", key),
        ];
        let reply = place.world.submit(&admin, "/office/clients", &fields);
        assert_eq!(reply.status, 422, "{name}: {}", reply.text());
        assert!(!reply.text().contains("\"d\""), "{name}");
    }
    assert!(listed(&place).is_empty());
}

#[test]
fn two_keys_overlap_a_third_waits_and_each_ends_within_a_year() {
    let place = place();
    let mut system = place.backend("tasuki/eligibility");
    let admin = admin(&place);
    let path = format!("/office/clients/{}/keys", system.client.id.to_hex());
    let (second, third) = (
        ClientKey::generate().expect("a key"),
        ClientKey::generate().expect("a key"),
    );
    let add = |key: &ClientKey| {
        place
            .world
            .submit(&admin, &path, &[("key", &jwk(key))])
            .status
    };
    assert_eq!(add(&second), 303);
    assert_eq!(add(&third), 422);
    place.token(&system, "old", "");
    let first = std::mem::replace(&mut system.key, second);
    place.token(&system, "new", "");
    let kid = first.public().expect("public")["kid"]
        .as_str()
        .expect("kid")
        .to_owned();
    let end = format!("{path}/end");
    assert_eq!(
        place.world.submit(&admin, &end, &[("kid", &kid)]).status,
        303
    );
    assert_eq!(add(&third), 303);
    let second = std::mem::replace(&mut system.key, first);
    let reply = place.ask_token(&place.assertion(&system, "ended"), "");
    assert_eq!(error(&reply).0, 401);
    system.key = second;
    place.world.clock.advance(365 * 86_400 - 1);
    place.token(&system, "last", "");
    place.world.clock.advance(1);
    let reply = place.ask_token(&place.assertion(&system, "late"), "");
    assert_eq!(error(&reply).0, 401);
}

#[test]
fn a_change_asks_for_the_second_factor_again_after_five_minutes() {
    let place = place();
    let system = place.backend("tasuki/eligibility");
    let admin = admin(&place);
    let id = system.client.id.to_hex();
    let kid = listed(&place)[0].1[0].public.kid().to_owned();
    let added = jwk(&ClientKey::generate().expect("a key"));
    let changes: [(String, Vec<(&str, &str)>); 4] = [
        (
            "/office/clients".to_owned(),
            vec![
                ("name", "x"),
                ("kind", "backend"),
                ("scopes", "system/Bundle.c"),
                ("key", &added),
            ],
        ),
        (format!("/office/clients/{id}/keys"), vec![("key", &added)]),
        (
            format!("/office/clients/{id}/keys/end"),
            vec![("kid", &kid)],
        ),
        (format!("/office/clients/{id}/end"), vec![]),
    ];
    place.world.clock.advance(access::session::FRESH_SECONDS);
    let before = listed(&place);
    for (path, fields) in &changes {
        let reply = place.world.submit(&admin, path, fields);
        assert_eq!(reply.status, 303, "{path}: {}", reply.text());
        let to = reply.header("location");
        assert!(to.starts_with("/account/confirm"), "{path}: {to}");
    }
    assert!(listed(&place) == before, "nothing was stored");
}
