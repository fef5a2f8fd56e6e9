//! OA-06: authorization codes.

use testkit::population::Population;
use url::Url;

use super::*;

pub(super) const VERIFIER: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";

pub(super) fn query(app: &Registered, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let challenge = crate::api::challenge(VERIFIER);
    let id = app.client.id.to_hex();
    let mut all: Vec<(String, String)> = [
        ("response_type", "code"),
        ("client_id", &id),
        ("redirect_uri", REDIRECT),
        ("scope", "patient/*.rs openid fhirUser launch/patient"),
        ("state", "st&te=1"),
        ("nonce", "n-1"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    for (name, value) in changes {
        all.retain(|(n, _)| n != name);
        if !value.is_empty() {
            all.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    all
}

fn address(fields: &[(String, String)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    format!("/oauth/authorize?{query}")
}

pub(super) fn led_back(reply: &Reply) -> std::collections::BTreeMap<String, String> {
    assert_eq!(reply.status, 303, "{}", reply.text());
    let url = Url::parse(reply.header("location")).expect("an address");
    assert!(
        url.as_str()
            .starts_with("https://app.example/back?from=tasuki&")
    );
    url.query_pairs().into_owned().collect()
}

const SCOPES: &str = "patient/*.rs user/*.rs openid fhirUser launch/patient";

pub(super) fn patient(place: &Place) -> As {
    let today = place.world.app.gate.now().jst_date();
    let person = place.world.person(&Population::new(1, 1, today).person(0));
    place.world.patient(person)
}

pub(super) fn approve(
    place: &Place,
    who: &As,
    fields: &[(String, String)],
    decision: &str,
) -> Reply {
    let mut all: Vec<(&str, &str)> = fields
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    all.push(("decision", decision));
    place.world.submit(who, "/oauth/authorize", &all)
}

fn code(place: &Place, app: &Registered, who: &As) -> String {
    let back = led_back(&approve(place, who, &query(app, &[]), "approve"));
    assert_eq!(back["state"], "st&te=1");
    assert_eq!(back["iss"], ORIGIN);
    back["code"].clone()
}

pub(super) fn exchange(
    place: &Place,
    app: &Registered,
    code: &str,
    verifier: &str,
    jti: &str,
) -> Reply {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", verifier),
    ];
    place.signed("/oauth/token", &place.assertion(app, jti), &fields)
}

#[test]
fn a_patient_approves_and_the_app_reads_their_record_and_nothing_else() {
    let place = place();
    let (app, who) = (place.app(SCOPES), patient(&place));
    let asked = place.world.get(&who, &address(&query(&app, &[])));
    assert_eq!(asked.status, 200, "{}", asked.text());
    assert!(asked.text().contains("レセコン") && asked.text().contains("https://app.example"));
    let policy = asked.header("content-security-policy");
    assert!(
        policy.contains("form-action 'self' https://app.example"),
        "{policy}"
    );
    let reply = exchange(&place, &app, &code(&place, &app, &who), VERIFIER, "1");
    assert_eq!(reply.status, 200, "{}", reply.text());
    let answer = json_of(&reply);
    assert_eq!(
        answer["scope"],
        "patient/*.rs openid fhirUser launch/patient"
    );
    assert_eq!(answer["expires_in"], 300);
    let token = As::System(word(&reply, "access_token"));
    assert_eq!(place.world.get(&token, "/api/v1/portal/record").status, 200);
    // Only what is registered for programs, and no page.
    assert_ne!(place.world.get(&token, "/portal/consents").status, 200);
    let checks = place
        .world
        .post(&token, "/fhir/Bundle/$document", &json!({}));
    assert_eq!(checks.status, 403);
    check_id_token(&place, &app, &answer);
}

/// The ID token holds under the published key and says what it should.
fn check_id_token(place: &Place, app: &Registered, answer: &Value) {
    use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
    let keys = json_of(&place.world.get(&As::Nobody, "/oauth/jwks"));
    let key = &keys["keys"][0];
    let id_token = answer["id_token"].as_str().expect("an ID token");
    let (message, signature) = id_token.rsplit_once('.').expect("three parts");
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64url");
    let number = |name: &str| decode(key[name].as_str().expect("a number"));
    let public = RsaPublicKeyComponents {
        n: number("n"),
        e: number("e"),
    };
    public
        .verify(
            &RSA_PKCS1_2048_8192_SHA256,
            message.as_bytes(),
            &decode(signature),
        )
        .expect("the signature holds");
    let claims = message.split_once('.').expect("two parts").1;
    let claims: Value = serde_json::from_slice(&decode(claims)).expect("claims");
    assert_eq!(claims["iss"], ORIGIN);
    assert_eq!(claims["aud"], app.client.id.to_hex());
    assert_eq!(claims["nonce"], "n-1");
    assert_eq!(claims["sub"], answer["patient"]);
    let subject = claims["sub"].as_str().expect("a subject");
    // A name of this app's alone, in the form of an address: nothing is served there.
    assert_eq!(
        claims["fhirUser"],
        format!("{ORIGIN}/fhir/Patient/{subject}")
    );
}

#[test]
fn a_code_is_good_once_and_its_second_use_revokes_the_token() {
    let place = place();
    let (app, who) = (place.app(SCOPES), patient(&place));
    let code = code(&place, &app, &who);
    let first = exchange(&place, &app, &code, VERIFIER, "1");
    let token = As::System(word(&first, "access_token"));
    assert_eq!(place.world.get(&token, "/api/v1/portal/record").status, 200);
    let again = exchange(&place, &app, &code, VERIFIER, "2");
    assert_eq!(error(&again), (400, "invalid_grant".to_owned()));
    assert_eq!(place.world.get(&token, "/api/v1/portal/record").status, 401);
}

#[test]
fn a_code_needs_its_verifier_its_client_and_its_minute() {
    let place = place();
    let (app, who) = (place.app(SCOPES), patient(&place));
    let no = (400, "invalid_grant".to_owned());
    let stolen = code(&place, &app, &who);
    let wrong = VERIFIER.to_uppercase();
    assert_eq!(error(&exchange(&place, &app, &stolen, &wrong, "1")), no);
    assert_eq!(
        error(&exchange(&place, &app, &stolen, VERIFIER, "2")),
        no,
        "used up"
    );
    let other = place.app(SCOPES);
    let theirs = code(&place, &app, &who);
    assert_eq!(error(&exchange(&place, &other, &theirs, VERIFIER, "3")), no);
    assert_eq!(exchange(&place, &app, &theirs, VERIFIER, "4").status, 200);
    let late = code(&place, &app, &who);
    place.world.clock.advance(60);
    assert_eq!(error(&exchange(&place, &app, &late, VERIFIER, "5")), no);
}

#[test]
fn a_return_address_that_is_not_registered_letter_by_letter_is_never_led_to() {
    let place = place();
    let (app, who) = (place.app(SCOPES), patient(&place));
    let longer = format!("{REDIRECT}&x=1");
    for redirect in [
        "https://evil.example/",
        "https://app.example/back",
        "https://app.example/back/?from=tasuki",
        "https://APP.example/back?from=tasuki",
        &longer,
        "",
    ] {
        let fields = query(&app, &[("redirect_uri", redirect)]);
        let reply = place.world.get(&who, &address(&fields));
        assert_eq!(
            (reply.status, reply.header("location")),
            (400, ""),
            "{redirect}"
        );
        assert!(reply.text().contains("TSK-OAU-007"));
        let reply = approve(&place, &who, &fields, "approve");
        assert_eq!(
            (reply.status, reply.header("location")),
            (400, ""),
            "{redirect}"
        );
    }
    let fields = query(&app, &[("client_id", &"0".repeat(32))]);
    assert_eq!(place.world.get(&who, &address(&fields)).status, 400);
}

#[test]
fn what_is_wrong_with_the_request_goes_back_to_the_registered_address() {
    let place = place();
    let (app, who) = (place.app(SCOPES), patient(&place));
    for (change, value, word) in [
        ("response_type", "token", "unsupported_response_type"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("scope", "system/Bundle.c", "invalid_scope"),
        ("scope", "patient/*.cruds", "invalid_scope"),
        ("aud", "https://other.example/fhir", "invalid_request"),
        ("request", "x", "request_not_supported"),
    ] {
        let fields = query(&app, &[(change, value)]);
        let back = led_back(&place.world.get(&who, &address(&fields)));
        assert_eq!(back["error"], word, "{change}={value}");
        assert_eq!(back["state"], "st&te=1");
        assert_eq!(back["iss"], ORIGIN);
        assert!(!back.contains_key("code"));
    }
    let back = led_back(&approve(&place, &who, &query(&app, &[]), "deny"));
    assert_eq!(back["error"], "access_denied");
}

#[test]
fn whoever_is_not_logged_in_logs_in_first_and_a_form_from_elsewhere_approves_nothing() {
    let place = place();
    let app = place.app(SCOPES);
    let here = address(&query(&app, &[]));
    let reply = place.world.get(&As::Nobody, &here);
    assert_eq!(reply.status, 200);
    assert!(reply.text().contains("/portal/login") && !reply.text().contains("approve"));
    assert!(
        reply
            .header("set-cookie")
            .starts_with("tasuki_next=/oauth/authorize?")
    );
    let reply = approve(&place, &As::Nobody, &query(&app, &[]), "approve");
    assert_eq!((reply.status, reply.header("location")), (401, ""));
    let who = patient(&place);
    let body = address(&query(&app, &[("decision", "approve")]));
    let body = body.split_once('?').expect("a query").1.as_bytes().to_vec();
    let kind = FORM[0].1;
    let reply = place
        .world
        .send(&who, "POST", "/oauth/authorize", kind, body);
    assert_eq!(reply.status, 403);
    assert!(reply.text().contains("TSK-ACC-005"), "{}", reply.text());
    assert_eq!(reply.header("location"), "");
}

#[test]
fn a_member_of_staff_hands_on_what_staff_may_and_no_more_than_their_role() {
    let place = place();
    let app = place.app(SCOPES);
    let clerk = place.world.staff(&place.clinic, store::caller::Role::Clerk);
    let back = led_back(&approve(
        &place,
        &clerk,
        &query(&app, &[("scope", "user/*.rs")]),
        "approve",
    ));
    let reply = exchange(&place, &app, &back["code"], VERIFIER, "1");
    assert_eq!(json_of(&reply)["scope"], "user/*.rs");
    let token = As::System(word(&reply, "access_token"));
    let path = format!("/api/v1/visits/{}/summary", "0".repeat(32));
    assert_eq!(
        place.world.get(&token, &path).status,
        403,
        "a clerk sees no summary"
    );
    let fields = query(&app, &[("scope", "patient/*.rs")]);
    let reply = approve(&place, &clerk, &fields, "approve");
    assert_eq!((reply.status, reply.header("location")), (403, ""));
}

#[test]
fn the_name_of_a_user_stays_for_one_app_and_differs_between_two() {
    let place = place();
    let who = patient(&place);
    let (app, other) = (place.app(SCOPES), place.app(SCOPES));
    let name = |app: &Registered, jti: &str| {
        let reply = exchange(&place, app, &code(&place, app, &who), VERIFIER, jti);
        let claims = word(&reply, "id_token");
        let claims = claims.split('.').nth(1).expect("claims");
        let claims = URL_SAFE_NO_PAD.decode(claims).expect("base64url");
        let claims: Value = serde_json::from_slice(&claims).expect("JSON");
        claims["fhirUser"].as_str().expect("fhirUser").to_owned()
    };
    let first = name(&app, "1");
    assert!(
        first.starts_with(&format!("{ORIGIN}/fhir/Patient/")),
        "{first}"
    );
    assert_eq!(name(&app, "2"), first);
    assert_ne!(name(&other, "3"), first);
    let path = first.strip_prefix(ORIGIN).expect("our own");
    assert_eq!(place.world.get(&who, path).status, 404);
}

#[test]
fn who_acts_for_somebody_else_lets_no_app_in() {
    let place = place();
    let today = place.world.app.gate.now().jst_date();
    let people = Population::new(1, 20, today);
    let mut adults = (0..20)
        .map(|number| people.person(number))
        .filter(|life| life.birth.age_on(today) >= access::proxy::ADULT_AGE)
        .map(|life| place.world.person(&life));
    let (subject, proxy) = (adults.next().expect("one"), adults.next().expect("two"));
    let scope = access::proxy::Scope::full();
    let who = place.world.proxy(subject, proxy, &scope);
    let app = place.app(SCOPES);
    let fields = query(&app, &[]);
    let replies = [
        place.world.get(&who, &address(&fields)),
        approve(&place, &who, &fields, "approve"),
    ];
    for reply in replies {
        assert_eq!((reply.status, reply.header("location")), (403, ""));
        assert!(reply.text().contains("TSK-OAU-011"), "{}", reply.text());
        assert!(reply.text().contains("家族・代理"));
    }
}

#[test]
fn an_app_of_a_doctor_reads_the_summary_that_the_doctor_may_read() {
    let place = place();
    let world = &place.world;
    let on = world.app.gate.now().jst_date();
    let life = testkit::population::demo::patient(on);
    let person = world.person(&life);
    let coverage = life.coverages.last().expect("insured");
    let number = json!({
        "insurer_number": coverage.insurer.number.as_str(),
        "symbol": coverage.symbol.as_str(),
        "number": coverage.number.as_str(),
        "birth_date": life.birth.to_string(),
    });
    let system = world.system(&place.clinic);
    let check = world.post(&system, "/api/v1/eligibility/checks", &number);
    assert_eq!(check.status, 200, "{}", check.text());
    let path = format!("/api/v1/visits/{}/summary", word(&check, "visit"));
    let doctor = world.staff(&place.clinic, store::caller::Role::Doctor);
    let app = place.app(SCOPES);
    let token = |jti: &str| {
        let fields = query(&app, &[("scope", "user/*.rs")]);
        let back = led_back(&approve(&place, &doctor, &fields, "approve"));
        let reply = exchange(&place, &app, &back["code"], VERIFIER, jti);
        As::System(word(&reply, "access_token"))
    };
    let before = token("1");
    assert_eq!(world.get(&before, &path).status, 403, "no consent yet");
    let facility = place.clinic.id;
    world.set_up(move |call| {
        access::consent::give(
            call,
            person,
            facility,
            &access::consent::Category::ALL,
            "pin",
        )?;
        Ok(())
    });
    let read = world.get(&before, &path);
    assert_eq!(read.status, 200, "{}", read.text());
    assert_eq!(json_of(&read), json_of(&world.get(&doctor, &path)));
    // With another scope the same doctor's app reads nothing.
    let record = world.get(&before, "/api/v1/portal/record");
    assert_eq!(record.status, 403);
}
