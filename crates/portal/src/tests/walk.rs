//! One walk through the desk, through the router, as a person with a card.

use access::consent::{self, Category};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use kernel::id::PersonId;
use serde_json::{Value, json};
use signing::key::Algorithm;
use store::caller::{Home, Role};
use testkit::{
    World,
    population::{Life, demo},
    world::{As, Reply},
};

pub(super) const CARD: u64 = 4711;
pub(super) const PATHS: [&str; 9] = [
    "/portal",
    "/portal/insurance",
    "/portal/insurance/registration",
    "/portal/record",
    "/portal/history",
    "/portal/consents",
    "/api/v1/portal/record",
    "/api/v1/portal/history",
    "/api/v1/portal/insurance",
];

pub(super) struct Town {
    pub(super) world: World,
    pub(super) life: Life,
    pub(super) person: PersonId,
    pub(super) hospital: Home,
}

impl Town {
    pub(super) fn new() -> Self {
        let world = World::new(vec![
            eligibility::service(),
            fhir_server::service(),
            records::service(),
            crate::service(),
        ]);
        let on = world.app.gate.now().jst_date();
        let life = demo::patient(on);
        let person = world.person(&life);
        world.give_card(person, CARD);
        let hospital = world.set_up(|call| testkit::seed::facility(call, &demo::hospital()));
        let system = world.system(&hospital);
        for bundle in demo::bundles(on) {
            let sent = world.post_fhir(&system, "/fhir/Bundle/$register", &bundle.json);
            assert!(sent.status < 300, "{}", sent.text());
        }
        Self {
            world,
            life,
            person,
            hospital,
        }
    }

    pub(super) fn challenge(&self) -> Value {
        let begun = self
            .world
            .post(&As::Nobody, "/api/v1/portal/challenges", &json!({}));
        assert_eq!(begun.status, 201, "{}", begun.text());
        begun.json()
    }

    /// Certificate and signature of card `number` over a challenge's text.
    pub(super) fn sign(&self, number: u64, text: &str) -> (String, String) {
        let card = self.world.card(number);
        let signature = card
            .sign(Algorithm::RsaPkcs1Sha256, text.as_bytes())
            .expect("the card signs");
        (
            STANDARD.encode(&card.certificate_der),
            STANDARD.encode(signature),
        )
    }

    pub(super) fn answer(&self, challenge: &Value, number: u64, method: &str) -> Reply {
        let text = challenge["text"].as_str().expect("a text");
        let (certificate, signature) = self.sign(number, text);
        let body = json!({
            "challenge": challenge["challenge"],
            "certificate": certificate,
            "signature": signature,
            "auth_method": method,
        });
        self.world
            .post(&As::Nobody, "/api/v1/portal/sessions", &body)
    }

    pub(super) fn log_in(&self) -> As {
        let reply = self.answer(&self.challenge(), CARD, "pin");
        assert_eq!(reply.status, 201, "{}", reply.text());
        session(&reply)
    }

    pub(super) fn consent(&self) {
        let (person, facility) = (self.person, self.hospital.id);
        self.world
            .set_up(move |call| consent::give(call, person, facility, &Category::ALL, "pin"));
    }
}

pub(super) fn session(reply: &Reply) -> As {
    let cookie = reply.header("set-cookie");
    let token = cookie
        .strip_prefix("tasuki_session=")
        .and_then(|rest| rest.split(';').next())
        .expect("a session cookie");
    As::Browser(token.to_owned())
}

#[test]
fn a_person_logs_in_by_card_and_reads_every_page() {
    let town = Town::new();
    let me = town.log_in();
    for path in PATHS {
        let page = town.world.get(&me, path);
        assert_eq!(page.status, 200, "{path}: {}", page.text());
        let text = page.text();
        let title = text.split("</title>").next().unwrap_or_default();
        assert!(
            path.starts_with("/api") || !title.contains(&town.life.name.full()),
            "{path}: the title holds a name"
        );
        let english = town.world.get(&me, &format!("{path}?lang=en"));
        assert_eq!(english.status, 200, "{path}");
    }
    let home = town.world.get(&me, "/portal").text();
    assert!(home.contains(&town.life.name.full()) && home.contains("窓口での負担"));
    let record = town.world.get(&me, "/api/v1/portal/record").json();
    assert!(
        record["items"]
            .as_array()
            .is_some_and(|items| !items.is_empty())
    );
    let history = town.world.get(&me, "/api/v1/portal/history").json();
    let events: Vec<&str> = history["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .filter_map(|line| line["event"].as_str())
        .collect();
    for event in ["portal.login", "portal.home", "records.register"] {
        assert!(events.contains(&event), "{event} is not in {events:?}");
    }
}

#[test]
fn what_a_doctor_has_not_told_the_person_yet_shows_nowhere() {
    let town = Town::new();
    let me = town.log_in();
    let hidden: Vec<&str> = town
        .life
        .conditions
        .iter()
        .filter(|condition| condition.uninformed)
        .map(|condition| condition.disease.name)
        .collect();
    assert!(!hidden.is_empty(), "the story has such a condition");
    for path in PATHS {
        let text = town.world.get(&me, path).text();
        for name in &hidden {
            assert!(!text.contains(name), "{name} shows at {path}");
        }
        assert!(
            !text.contains("未告知") && !text.contains("entries"),
            "{path}"
        );
    }
}

#[test]
fn a_challenge_is_good_once_for_two_minutes_and_with_the_pin_only() {
    let town = Town::new();
    let challenge = town.challenge();
    assert_eq!(town.answer(&challenge, CARD, "face").code(), "TSK-ACC-026");
    assert_eq!(town.answer(&challenge, CARD, "pin").status, 201);
    assert_eq!(town.answer(&challenge, CARD, "pin").code(), "TSK-ACC-021");
    let late = town.challenge();
    town.world.clock.advance(120);
    assert_eq!(town.answer(&late, CARD, "pin").code(), "TSK-ACC-022");
    let stranger = town.answer(&town.challenge(), CARD + 1, "pin");
    assert_eq!(stranger.code(), "TSK-ACC-025");
}

#[test]
fn the_form_hands_over_without_javascript() {
    let town = Town::new();
    let nobody = As::Nobody;
    assert_eq!(town.world.get(&nobody, "/portal/login").status, 200);
    let page = town.world.get(&nobody, "/portal/login?start=1").text();
    let between = |from: &str, to: &str| -> String {
        let (_, rest) = page.split_once(from).expect(from);
        rest.split(to).next().unwrap_or_default().to_owned()
    };
    let text = between("id=\"challenge-text\">", "</code>");
    let id = between("name=\"challenge\" value=\"", "\"");
    let (certificate, signature) = town.sign(CARD, &text);
    let fields = |signature| {
        [
            ("challenge", id.as_str()),
            ("certificate", certificate.as_str()),
            ("signature", signature),
        ]
    };
    let wrong = STANDARD.encode([1; 256]);
    let refused = town.world.submit(&nobody, "/portal/login", &fields(&wrong));
    assert_eq!(refused.status, 403);
    assert!(
        refused
            .text()
            .contains("カードの署名を確かめられませんでした。")
    );
    let empty = town.world.submit(&nobody, "/portal/login", &[]);
    assert_eq!((empty.status, empty.code().as_str()), (422, "TSK-ELG-027"));
    let done = town
        .world
        .submit(&nobody, "/portal/login", &fields(&signature));
    assert_eq!((done.status, done.header("location")), (303, "/portal"));
    assert_eq!(town.world.get(&session(&done), "/portal").status, 200);
}

#[test]
fn a_withdrawn_consent_is_gone_at_once_and_on_the_history() {
    let town = Town::new();
    town.consent();
    let me = town.log_in();
    let name = &town.hospital.name;
    assert!(
        town.world
            .get(&me, "/portal/consents")
            .text()
            .contains(name)
    );
    let facility = town.hospital.id.to_hex();
    let path = "/portal/consents/withdraw";
    let done = town.world.submit(&me, path, &[("facility", &facility)]);
    assert_eq!(
        (done.status, done.header("location")),
        (303, "/portal/consents?done=1")
    );
    let after = town.world.get(&me, "/portal/consents?done=1").text();
    assert!(after.contains("同意を取り消しました。") && !after.contains("への同意を取り消す"));
    assert!(after.contains("いま、あなたの情報を見られる施設はありません"));
    let history = town.world.get(&me, "/portal/history").text();
    assert!(history.contains("同意の取り消し") && history.contains(name));
    let unknown = town.world.submit(&me, path, &[("facility", "zz")]);
    assert_eq!(unknown.code(), "TSK-WEB-009");
}

#[test]
fn a_proof_is_unsealed_at_first_and_holds_once_it_is_sealed() {
    let town = Town::new();
    let me = town.log_in();
    let proof = |seq: i64| town.world.get(&me, &format!("/portal/history/{seq}/proof"));
    let early = proof(1);
    assert_eq!(early.json()["sealed"], false);
    assert_eq!(
        early.header("content-disposition"),
        "attachment; filename=\"tasuki-proof-1.json\""
    );
    // Shown in spite of that, it is nobody's page and can do nothing.
    assert_eq!(
        early.header("content-security-policy"),
        "sandbox; default-src 'none'"
    );
    assert_eq!(early.header("x-content-type-options"), "nosniff");
    town.world.app.gate.seal().expect("it seals");
    let sealed = proof(2).json();
    assert!(super::holds(&sealed), "{sealed}");
    assert_eq!(sealed["previous_hash"], early.json()["record_hash"]);
    assert_eq!(proof(9_999).code(), "TSK-WEB-009");
    assert_eq!(proof(0).code(), "TSK-WEB-009");
}

#[test]
fn nobody_else_reads_a_persons_pages() {
    let town = Town::new();
    let doctor = town.world.staff(&town.hospital, Role::Doctor);
    let system = town.world.system(&town.hospital);
    for path in PATHS {
        let nobody = town.world.get(&As::Nobody, path);
        let is_api = path.starts_with("/api");
        let expected = if is_api { 401 } else { 303 };
        assert_eq!(nobody.status, expected, "{path}");
        assert_eq!(town.world.get(&doctor, path).status, 403, "{path}");
        let by_system = town.world.get(&system, path);
        assert!(matches!(by_system.status, 303 | 403), "{path}");
    }
    assert_eq!(
        town.world.get(&doctor, "/portal/history/1/proof").code(),
        "TSK-ACC-003"
    );
}

#[test]
fn after_ten_idle_minutes_the_person_logs_in_again_and_is_told_so() {
    let town = Town::new();
    let me = town.log_in();
    town.world.clock.advance(600);
    let away = town.world.get(&me, "/portal");
    assert_eq!(
        (away.status, away.header("location")),
        (303, "/portal/login?ended=1")
    );
    let page = town.world.get(&As::Nobody, "/portal/login?ended=1").text();
    assert!(page.contains("しばらく操作がなかったため、ログアウトしました。"));
}

#[test]
fn the_person_lets_a_facility_they_know_see_it_every_time_and_takes_a_part_back() {
    let town = Town::new();
    let me = town.log_in();
    let facility = town.hospital.id.to_hex();
    let (give, withdraw) = ("/portal/consents/standing", "/portal/consents/withdraw");
    let fields = |facility: &str, category: &str, kind: &str, days: &str| {
        let fields = [
            ("facility", facility),
            ("category", category),
            ("kind", kind),
            ("days", days),
        ];
        town.world.submit(&me, give, &fields)
    };
    // The hospital has sent documents, so it is on the history; the other is a stranger.
    let stranger = town
        .world
        .facility("1310000033", "知らない医院")
        .id
        .to_hex();
    let unknown = fields(&stranger, "laboratory", "standing", "365");
    let absent = fields(&"0".repeat(32), "laboratory", "standing", "365");
    assert_eq!(
        (unknown.code(), unknown.status),
        (absent.code(), absent.status)
    );
    assert_eq!(unknown.code(), "TSK-WEB-009");
    for (category, kind, days, code) in [
        ("", "standing", "365", "TSK-CNS-004"),
        ("everything", "standing", "365", "TSK-CNS-004"),
        ("laboratory", "visit", "365", "TSK-CNS-007"),
        ("laboratory", "standing", "366", "TSK-CNS-007"),
    ] {
        assert_eq!(
            fields(&facility, category, kind, days).code(),
            code,
            "{kind} {days}"
        );
    }
    let both = [
        ("facility", facility.as_str()),
        ("category", "laboratory"),
        ("category", "allergies"),
        ("kind", "home-care"),
        ("days", "91"),
    ];
    let done = town.world.submit(&me, give, &both);
    assert_eq!(
        (done.status, done.header("location")),
        (303, "/portal/consents?done=standing")
    );
    let page = town.world.get(&me, "/portal/consents?done=standing").text();
    for words in [
        "「次回からも見せる」を登録しました。",
        "在宅での診療",
        "ご本人のページ",
        "「検査結果」だけ取り消す",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let part = [("facility", facility.as_str()), ("category", "laboratory")];
    assert_eq!(town.world.submit(&me, withdraw, &part).status, 303);
    let (person, id) = (town.person, town.hospital.id);
    let open = town.world.set_up(move |call| {
        call.open(person)?;
        let ledger = consent::ledger(call, person)?;
        let at = call.at();
        Ok(consent::granted(&ledger, id, store::caller::Purpose::Treatment, at).ok())
    });
    let open: Vec<Category> = open.into_iter().flatten().map(|(c, _)| c).collect();
    assert_eq!(open, [Category::Allergies]);
    let odd = [("facility", facility.as_str()), ("category", "all")];
    assert_eq!(town.world.submit(&me, withdraw, &odd).code(), "TSK-CNS-004");
    let history = town.world.get(&me, "/portal/history").text();
    assert!(history.contains("次回からも見せる同意の登録"));
    // The ledger shows both acts.
    let page = town.world.get(&me, "/portal/consents").text();
    assert!(page.contains("取り消し") && page.contains("これまでの同意と取り消し"));
}
