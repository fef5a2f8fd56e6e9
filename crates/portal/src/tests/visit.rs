//! A visit code on the person's phone: the proof, the choice, the receipt, and what is refused.

use std::thread;

use access::consent::{self, Category};
use eligibility::{
    codes::{self, NewCode, model::Kind},
    consents, home,
    model::{CareClass, Method, VisitId},
    ops,
};
use kernel::id::FacilityId;
use registry::model::FacilityKind;
use serde_json::{Value, json};
use store::caller::{Home, Purpose, Role};
use testkit::world::{As, Reply};

use super::walk::{CARD, Town};

const PROOFS: &str = "/api/v1/visit-codes/proofs";
const CHALLENGES: &str = "/api/v1/visit-codes/challenges";
const NOBODY: As = As::Nobody;
const FORM: &str = "application/x-www-form-urlencoded";

/// A code of this facility: its digits.
fn code(town: &Town, facility: FacilityId, kind: Kind) -> String {
    town.world.set_up(move |call| {
        let new = NewCode {
            kind,
            booked: (kind == Kind::Online).then(|| call.at().plus_hours(1)),
            label: String::new(),
        };
        Ok(codes::make(call, facility, &new)?
            .digits
            .reveal()
            .to_owned())
    })
}

fn challenge(town: &Town, digits: &str) -> Value {
    let begun = town
        .world
        .post(&NOBODY, CHALLENGES, &json!({ "code": digits }));
    assert_eq!(begun.status, 201, "{}", begun.text());
    begun.json()
}

fn answer(town: &Town, digits: &str, challenge: &Value, card: u64) -> Value {
    let text = challenge["text"].as_str().expect("a text");
    let (certificate, signature) = town.sign(card, text);
    json!({
        "code": digits,
        "challenge": challenge["challenge"],
        "certificate": certificate,
        "signature": signature,
        "auth_method": "pin",
    })
}

fn prove(town: &Town, digits: &str) -> Reply {
    let challenge = challenge(town, digits);
    let body = answer(town, digits, &challenge, CARD);
    town.world.post(&NOBODY, PROOFS, &body)
}

/// The cookie as a browser sends it back.
fn cookie(reply: &Reply) -> String {
    let set = reply.header("set-cookie");
    assert!(
        set.starts_with("tasuki_visit=") && set.contains("; Path=/v; HttpOnly; SameSite=Strict")
    );
    set.split(';').next().expect("a cookie").to_owned()
}

fn get(town: &Town, cookie: &str, path: &str) -> Reply {
    let headers = [("cookie", cookie)];
    town.world
        .send_with(&NOBODY, "GET", path, &headers, Vec::new())
}

fn submit(town: &Town, cookie: &str, path: &str, body: &str) -> Reply {
    let headers = [("cookie", cookie), ("content-type", FORM)];
    town.world
        .send_with(&NOBODY, "POST", path, &headers, body.as_bytes().to_vec())
}

/// The form's token on a page.
fn token(page: &str) -> String {
    let rest = page
        .split("name=\"token\" value=\"")
        .nth(1)
        .expect("a token");
    rest.split('"').next().expect("its end").to_owned()
}

fn open_now(town: &Town) -> Vec<&'static str> {
    let (facility, person) = (town.hospital.id, town.person);
    town.world.set_up(move |call| {
        call.open(person)?;
        let ledger = consent::ledger(call, person)?;
        let open = consent::granted(&ledger, facility, Purpose::Treatment, call.at());
        let open = open.unwrap_or_default().into_iter();
        Ok(open.map(|(category, _)| category.word()).collect())
    })
}

fn visits(town: &Town, facility: FacilityId) -> Vec<(Method, CareClass)> {
    town.world.set_up(move |call| {
        let visits = ops::today(call, facility)?;
        Ok(visits.into_iter().map(|v| (v.method, v.care)).collect())
    })
}

#[test]
fn somebody_in_the_car_shows_by_phone_who_they_are_and_what_they_choose_is_open_and_no_more() {
    let town = Town::new();
    let digits = code(&town, town.hospital.id, Kind::InCar);
    let path = format!("/v/{digits}");
    // Who asks for what; the digits may be typed as well.
    let typed = town.world.submit(&NOBODY, "/v", &[("code", &digits)]);
    assert_eq!(
        (typed.status, typed.header("location")),
        (303, path.as_str())
    );
    let asked = town.world.get(&NOBODY, &path).text();
    assert!(asked.contains(&town.hospital.name) && asked.contains("お心当たりのないとき"));
    assert!(!asked.contains(&town.life.name.full()));
    // The card signs a text that names the facility and this code.
    let page = town.world.get(&NOBODY, &format!("{path}?start=1")).text();
    let text = page.split("id=\"challenge-text\">").nth(1).expect("a text");
    let text = text.split("</code>").next().expect("its end").to_owned();
    assert!(
        text.contains("\nvisit\n") && text.contains(&town.hospital.code),
        "{text}"
    );
    let id = page
        .split("name=\"challenge\" value=\"")
        .nth(1)
        .expect("an id");
    let id = id.split('"').next().expect("its end");
    let (certificate, signature) = town.sign(CARD, &text);
    let fields = [
        ("challenge", id),
        ("certificate", certificate.as_str()),
        ("signature", signature.as_str()),
    ];
    let proved = town.world.submit(&NOBODY, &path, &fields);
    let next = format!("{path}/consent");
    assert_eq!(
        (proved.status, proved.header("location")),
        (303, next.as_str()),
        "{}",
        proved.text()
    );
    let cookie = cookie(&proved);
    assert_eq!(
        visits(&town, town.hospital.id),
        [(Method::CodeInCar, CareClass::Outpatient)]
    );
    assert_eq!(open_now(&town), Vec::<&str>::new());
    // The counter sees it, and needs no script for that.
    let clerk = town.world.staff(&town.hospital, Role::Clerk);
    let list = town.world.get(&clerk, "/reception/codes").text();
    assert!(
        list.contains("確認できました") && list.contains("/visits/"),
        "{list}"
    );
    assert!(
        town.world
            .get(&clerk, "/reception")
            .text()
            .contains("来院コード(車内など)")
    );
    // The choice: the page, two boxes, the button.
    let page = get(&town, &cookie, &next).text();
    assert!(page.contains("すべて見せる") && page.contains(&town.life.name.full()));
    let body = format!(
        "token={}&standing=visit&choice=some&category=medications&part=allergies",
        token(&page)
    );
    let given = submit(&town, &cookie, &next, &body);
    assert_eq!(given.status, 303, "{}", given.text());
    assert_eq!(open_now(&town), ["allergies", "medications"]);
    let done = get(&town, &cookie, given.header("location")).text();
    let said = format!(
        "{}は、明日11月23日10時まで、お薬とアレルギーの情報を見られます。",
        town.hospital.name
    );
    assert!(done.contains(&said), "{done}");
    assert!(done.contains("同意の控え") && done.contains("来院コード(車内など)"));
    // It is in the person's history as their own.
    let me = town.world.patient(town.person);
    let history = town.world.get(&me, "/portal/history").text();
    for words in ["来院コードでの本人確認", "来院コードの画面での同意の登録"]
    {
        assert!(history.contains(words), "{words}");
    }
}

#[test]
fn of_fifty_parallel_uses_of_one_code_exactly_one_succeeds() {
    let town = Town::new();
    let digits = code(&town, town.hospital.id, Kind::Counter);
    let bodies: Vec<Value> = (0..50)
        .map(|_| {
            let challenge = challenge(&town, &digits);
            answer(&town, &digits, &challenge, CARD)
        })
        .collect();
    let replies: Vec<Reply> = thread::scope(|scope| {
        let uses: Vec<_> = bodies
            .iter()
            .map(|body| scope.spawn(|| town.world.post(&NOBODY, PROOFS, body)))
            .collect();
        uses.into_iter()
            .map(|one| one.join().expect("it ran"))
            .collect()
    });
    let good = replies.iter().filter(|r| r.status == 201).count();
    assert_eq!(good, 1);
    // The first few are told so; who goes on trying waits.
    let told = |code: &str| replies.iter().filter(|r| r.code() == code).count();
    assert_eq!(told("TSK-VIS-012") + told("TSK-VIS-013"), 49);
    assert!(told("TSK-VIS-012") >= 1);
    assert_eq!(visits(&town, town.hospital.id).len(), 1);
}

#[test]
fn a_code_ends_at_its_second() {
    for (seconds, wanted) in [(15 * 60 - 1, "201"), (15 * 60, "TSK-VIS-011")] {
        let town = Town::new();
        let digits = code(&town, town.hospital.id, Kind::InCar);
        town.world.clock.advance(15 * 60 - 60);
        let challenge = challenge(&town, &digits);
        town.world.clock.advance(seconds - (15 * 60 - 60));
        let body = answer(&town, &digits, &challenge, CARD);
        let reply = town.world.post(&NOBODY, PROOFS, &body);
        let found = match reply.status {
            201 => "201".to_owned(),
            _ => reply.code(),
        };
        assert_eq!(found, wanted);
        let page = town.world.get(&NOBODY, &format!("/v/{digits}"));
        let told = if wanted == "201" {
            "TSK-VIS-012"
        } else {
            "TSK-VIS-011"
        };
        assert_eq!(page.code(), told);
        assert!(!page.text().contains(&town.hospital.name));
    }
}

#[test]
fn a_signature_for_one_code_is_worth_nothing_for_another_and_at_no_other_door() {
    let town = Town::new();
    let other = town.world.facility("1310000019", "となり診療所");
    let one = code(&town, town.hospital.id, Kind::InCar);
    let same = code(&town, town.hospital.id, Kind::InCar);
    let theirs = code(&town, other.id, Kind::InCar);
    for wrong in [&same, &theirs] {
        let challenge = challenge(&town, &one);
        let body = answer(&town, wrong, &challenge, CARD);
        let reply = town.world.post(&NOBODY, PROOFS, &body);
        assert_eq!(reply.code(), "TSK-ACC-023", "{}", reply.text());
    }
    // A log-in's challenge opens no visit, and a visit's no portal.
    let login = town.challenge();
    let reply = town
        .world
        .post(&NOBODY, PROOFS, &answer(&town, &one, &login, CARD));
    assert_eq!(reply.code(), "TSK-ACC-023");
    let visit = challenge(&town, &one);
    let reply = town.answer(&visit, CARD, "pin");
    assert_eq!(reply.code(), "TSK-ACC-023");
    for method in [
        "face",
        "staff_visual",
        "number",
        "home_care",
        "visit_code_in_car",
    ] {
        let challenge = challenge(&town, &one);
        let mut body = answer(&town, &one, &challenge, CARD);
        body["auth_method"] = json!(method);
        assert_eq!(
            town.world.post(&NOBODY, PROOFS, &body).code(),
            "TSK-ACC-026",
            "{method}"
        );
    }
    assert!(visits(&town, town.hospital.id).is_empty());
    // After all that the code is still good, once.
    assert_eq!(prove(&town, &one).status, 201);
    assert_eq!(
        town.world.get(&NOBODY, &format!("/v/{one}")).code(),
        "TSK-VIS-012"
    );
}

#[test]
fn a_card_that_does_not_do_leaves_the_code_for_the_next_one() {
    let town = Town::new();
    let digits = code(&town, town.hospital.id, Kind::Counter);
    let begun = challenge(&town, &digits);
    let body = answer(&town, &digits, &begun, CARD + 1);
    let unknown = town.world.post(&NOBODY, PROOFS, &body);
    assert!(unknown.status >= 400, "{}", unknown.text());
    assert!(visits(&town, town.hospital.id).is_empty());
    // The challenge is used up, the code is not.
    assert_eq!(
        town.world.post(&NOBODY, PROOFS, &body).code(),
        "TSK-ACC-021"
    );
    assert_eq!(prove(&town, &digits).status, 201);
}

#[test]
fn wrong_codes_are_answered_alike_and_make_whoever_goes_on_wait() {
    let town = Town::new();
    let digits = code(&town, town.hospital.id, Kind::Counter);
    let wrong = |nth: u64| {
        format!(
            "/v/{:08}",
            (digits.parse::<u64>().expect("digits") + nth) % 100_000_000
        )
    };
    let mut pages = Vec::new();
    for nth in 1..=4 {
        let reply = town.world.get(&NOBODY, &wrong(nth));
        assert_eq!((reply.status, reply.code().as_str()), (404, "TSK-VIS-010"));
        pages.push(reply.text());
    }
    pages.dedup();
    assert_eq!(pages.len(), 1);
    // The fourth mistake made a wait of two seconds, for right codes as well.
    for path in [wrong(5), format!("/v/{digits}")] {
        let reply = town.world.get(&NOBODY, &path);
        assert_eq!((reply.status, reply.code().as_str()), (429, "TSK-VIS-013"));
    }
    town.world.clock.advance(2);
    assert_eq!(town.world.get(&NOBODY, &format!("/v/{digits}")).status, 200);
    for odd in [
        "1234567",
        "abcdefgh",
        "00000000000000000000000000000000",
        "%00",
    ] {
        let reply = town.world.get(&NOBODY, &format!("/v/{odd}"));
        assert_eq!(
            (reply.status, reply.header("location")),
            (303, "/v"),
            "{odd}"
        );
    }
    let typed = town.world.submit(&NOBODY, "/v", &[("code", "12")]);
    assert_eq!((typed.status, typed.code().as_str()), (404, "TSK-VIS-010"));
}

#[test]
fn only_the_phone_that_proved_goes_on_and_for_a_quarter_of_an_hour() {
    let town = Town::new();
    let digits = code(&town, town.hospital.id, Kind::Counter);
    let proved = prove(&town, &digits);
    let (mine, path) = (cookie(&proved), format!("/v/{digits}/consent"));
    let page = get(&town, &mine, &path).text();
    for stranger in ["", "tasuki_visit=", "tasuki_visit=0000", "tasuki_session=x"] {
        for reply in [
            get(&town, stranger, &path),
            get(&town, stranger, &format!("/v/{digits}/done")),
        ] {
            assert_eq!((reply.status, reply.code().as_str()), (403, "TSK-VIS-017"));
        }
    }
    // Another code's phone is a stranger too.
    let other = code(&town, town.hospital.id, Kind::Counter);
    let theirs = cookie(&prove(&town, &other));
    assert_eq!(get(&town, &theirs, &path).code(), "TSK-VIS-017");
    // A form from elsewhere lacks the token.
    for body in ["choice=all", "choice=all&token=0"] {
        assert_eq!(
            submit(&town, &mine, &path, body).code(),
            "TSK-ACC-005",
            "{body}"
        );
    }
    assert_eq!(open_now(&town), Vec::<&str>::new());
    town.world.clock.advance(15 * 60);
    let late = format!("choice=all&token={}", token(&page));
    assert_eq!(submit(&town, &mine, &path, &late).code(), "TSK-VIS-017");
    assert_eq!(open_now(&town), Vec::<&str>::new());
}

#[test]
fn an_online_consultation_and_a_home_visit_keep_their_class_of_care() {
    for (kind, method, care) in [
        (Kind::Online, Method::CodeOnline, CareClass::Online),
        (Kind::HomeVisit, Method::CodeHome, CareClass::HomeVisit),
    ] {
        let town = Town::new();
        let digits = code(&town, town.hospital.id, kind);
        let proved = prove(&town, &digits);
        assert_eq!(proved.status, 201, "{}", proved.text());
        assert_eq!(proved.json()["next"], format!("/v/{digits}/consent"));
        assert_eq!(visits(&town, town.hospital.id), [(method, care)]);
    }
}

#[test]
fn a_therapy_office_gets_eligibility_by_code_and_the_phone_offers_no_choice() {
    let town = Town::new();
    let office: Home = town
        .world
        .office(FacilityKind::TherapyOffice, 41, "あおぞら鍼灸院");
    let digits = code(&town, office.id, Kind::Counter);
    let mine = cookie(&prove(&town, &digits));
    let path = format!("/v/{digits}/consent");
    let page = get(&town, &mine, &path).text();
    assert!(page.contains("施術所には、保険の資格だけが伝わります。"));
    assert!(!page.contains("name=\"choice\""));
    let key = mine.strip_prefix("tasuki_visit=").expect("a key");
    let body = format!("choice=all&token={}", access::session::form_token(key));
    assert_eq!(submit(&town, &mine, &path, &body).code(), "TSK-CNS-009");
    assert_eq!(visits(&town, office.id).len(), 1);
}

#[test]
fn each_choice_has_its_receipt_in_the_portal_and_nobody_elses() {
    let town = Town::new();
    town.consent();
    let me = town.world.patient(town.person);
    let page = town.world.get(&me, "/portal/consents").text();
    let link = page
        .split("href=\"/portal/consents/")
        .nth(1)
        .expect("a link");
    let number = link.split('"').next().expect("its end").to_owned();
    let receipt = town.world.get(&me, &format!("/portal/consents/{number}"));
    assert!(receipt.text().contains("同意の控え") && receipt.text().contains(&number));
    let file = town
        .world
        .get(&me, &format!("/api/v1/portal/consents/{number}"));
    assert!(file.header("content-disposition").contains(&number));
    let key = town.world.set_up(|call| Ok(call.paper_key()));
    let read = consents::verify(&key, &file.text()).expect("valid");
    assert_eq!(read.categories, Category::ALL);
    assert!(read.facility.name == town.hospital.name && read.who.contains('〇'));
    let other = town
        .world
        .person(&testkit::population::demo::family(town.world.app.gate.now().jst_date())[1]);
    let stranger = town.world.patient(other);
    for path in ["/portal/consents", "/api/v1/portal/consents"] {
        for id in [number.as_str(), &"0".repeat(32)] {
            let reply = town.world.get(&stranger, &format!("{path}/{id}"));
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (404, "TSK-VIS-030"),
                "{path}"
            );
        }
    }
}

#[test]
fn what_is_taken_back_in_the_portal_ends_home_care_at_once() {
    let town = Town::new();
    let digits = code(&town, town.hospital.id, Kind::HomeVisit);
    let mine = cookie(&prove(&town, &digits));
    let path = format!("/v/{digits}/consent");
    let page = get(&town, &mine, &path).text();
    let body = format!("token={}&standing=home-care&choice=all", token(&page));
    assert_eq!(submit(&town, &mine, &path, &body).status, 303);
    let facility = town.hospital.id;
    let listed = || town.world.set_up(move |call| home::list(call, facility));
    assert_eq!(listed().len(), 1);
    let patient = listed()[0].id.to_hex();
    let system = town.world.system(&town.hospital);
    let check = || {
        let body = json!({ "patient": patient });
        town.world
            .post(&system, "/api/v1/eligibility/home-checks", &body)
    };
    let good = check();
    assert_eq!(good.status, 200, "{}", good.text());
    let visit = good.json()["visit"].as_str().and_then(VisitId::parse);
    assert!(visit.is_some());
    let me = town.world.patient(town.person);
    let id = facility.to_hex();
    let fields = [("facility", id.as_str())];
    let taken = town.world.submit(&me, "/portal/consents/withdraw", &fields);
    assert_eq!(taken.status, 303, "{}", taken.text());
    let refused = check();
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (403, "TSK-VIS-021")
    );
    assert!(listed().is_empty());
}
