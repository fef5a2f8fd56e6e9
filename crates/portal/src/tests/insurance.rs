//! A person's card and phone: registered, cancelled, changed, lost; and the screen that they
//! show at a counter.

use std::thread;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kernel::{id::PersonId, time::JstDate};
use registry::{model::Medium, ops as people};
use serde_json::{Value, json};
use signing::testpki::{CardCredential, Phone};
use store::caller::Home;
use testkit::{
    World,
    population::{Life, demo},
    seed,
    world::{As, Reply},
};

use super::walk::session;

const CARD: u64 = 911;
const REGISTRATION: &str = "/portal/insurance/registration";
const REGISTER: &str = "/portal/insurance/register";
const CANCEL: &str = "/portal/insurance/cancel";
const PHONE: &str = "/portal/insurance/phone";
const PHONE_CARD: &str = "/portal/insurance/phone/card";
const PHONE_END: &str = "/portal/insurance/phone/end";
const CODE: &str = "/portal/insurance/code";

/// One person with a card that says who they are, registered as insurance card or not.
struct Town {
    world: World,
    life: Life,
    person: PersonId,
    clinic: Home,
}

fn town_of(life: Life) -> Town {
    let world = World::new(vec![
        eligibility::service(),
        fhir_server::service(),
        records::service(),
        crate::service(),
    ]);
    let person = world.person(&life);
    let clinic = world.facility("1310000001", "みどり診療所");
    let town = Town {
        world,
        life,
        person,
        clinic,
    };
    town.issue(person, CARD);
    town
}

fn today() -> JstDate {
    JstDate::parse("2026-11-22").expect("a day")
}

fn town() -> Town {
    town_of(demo::patient(today()))
}

impl Town {
    /// The authority gives a person card `number`.
    fn issue(&self, person: PersonId, number: u64) {
        let card = self.card(number);
        let now = self.world.app.gate.now();
        let verified = self.world.app.trust.card(&card.certificate_der, now);
        let key = verified.expect("a good card").card_key();
        let tied = self
            .world
            .set_up(move |call| people::note_issued(call, person, key.reveal(), Medium::Card));
        assert!(tied);
    }

    fn card(&self, number: u64) -> CardCredential {
        self.world.card(number)
    }

    fn phone(&self, kind: Phone, number: u64) -> CardCredential {
        let (from, until) = seed::card_validity(self.world.app.gate.now());
        let phone = self.world.pki.phone_for(kind, number, from, until);
        phone.expect("a phone")
    }

    fn log_in(&self, credential: &CardCredential, method: &str) -> Reply {
        let begun = self
            .world
            .post(&As::Nobody, "/api/v1/portal/challenges", &json!({}));
        let challenge = begun.json();
        let signed = sign(credential, challenge["text"].as_str().expect("a text"));
        let body = json!({
            "challenge": challenge["challenge"],
            "certificate": signed.0,
            "signature": signed.1,
            "auth_method": method,
        });
        self.world
            .post(&As::Nobody, "/api/v1/portal/sessions", &body)
    }

    /// The person's session, opened by their card.
    fn me(&self) -> As {
        let reply = self.log_in(&self.card(CARD), "pin");
        assert_eq!(reply.status, 201, "{}", reply.text());
        session(&reply)
    }

    fn standing(&self, me: &As) -> Value {
        let reply = self.world.get(me, "/api/v1/portal/insurance");
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()
    }

    /// A page with a challenge: which, and its text.
    fn asked(&self, page: &Reply) -> (String, String) {
        assert_eq!(page.status, 200, "{}", page.text());
        let page = page.text();
        let between = |from: &str, to: &str| {
            let rest = page.split_once(from).expect(from).1;
            rest.split_once(to).expect(to).0.to_owned()
        };
        (
            between("name=\"challenge\" value=\"", "\""),
            between("id=\"challenge-text\">", "</code>"),
        )
    }

    fn send(
        &self,
        me: &As,
        path: &str,
        (challenge, text): &(String, String),
        credential: &CardCredential,
        more: &[(&str, &str)],
    ) -> Reply {
        let (certificate, signature) = sign(credential, text);
        let mut fields = vec![
            ("challenge", challenge.as_str()),
            ("certificate", &certificate),
            ("signature", &signature),
        ];
        fields.extend(more);
        self.world.submit(me, path, &fields)
    }

    fn register(&self, me: &As, credential: &CardCredential) -> Reply {
        let asked = self.asked(&self.world.get(me, REGISTER));
        self.send(me, REGISTER, &asked, credential, &[])
    }

    fn registered(&self) -> As {
        let me = self.me();
        let reply = self.register(&me, &self.card(CARD));
        assert_eq!(reply.status, 303, "{}", reply.text());
        me
    }

    /// Both steps with the person's card; the answer to the second.
    fn enroll(&self, me: &As, phone: &CardCredential, more: &[(&str, &str)]) -> Reply {
        let asked = self.ask_phone(me);
        let mut fields = vec![("label", "わたしのスマホ")];
        fields.extend(more);
        self.send(me, PHONE, &asked, phone, &fields)
    }

    /// The first step, well done: the phone's challenge.
    fn ask_phone(&self, me: &As) -> (String, String) {
        let asked = self.asked(&self.world.get(me, PHONE));
        let card = self.card(CARD);
        self.asked(&self.send(me, PHONE_CARD, &asked, &card, &[]))
    }

    /// What a counter is told of a card or phone.
    fn at_counter(&self, credential: &CardCredential, method: &str) -> Reply {
        let system = self.world.system(&self.clinic);
        let begun = self.world.post(
            &system,
            "/api/v1/eligibility/challenges",
            &json!({"terminal": "reader-1"}),
        );
        let challenge = begun.json();
        let signed = sign(credential, challenge["text"].as_str().expect("a text"));
        let body = json!({
            "challenge": challenge["challenge"],
            "certificate": signed.0,
            "signature": signed.1,
            "terminal": "reader-1",
            "auth_method": method,
        });
        self.world
            .post(&system, "/api/v1/eligibility/card-checks", &body)
    }

    /// Refused with this status and code, with one record of it, and everything stands as it stood.
    fn assert_refused(&self, me: &As, status: u16, code: &str, send: impl FnOnce() -> Reply) {
        let stood = self.standing(me);
        let before = self.refusals().len();
        let reply = send();
        assert_eq!((reply.status, reply.code().as_str()), (status, code));
        assert_eq!(self.standing(me), stood, "{code}");
        let refused = self.refusals();
        assert_eq!(refused.len(), before + 1, "{code}");
        assert_eq!(refused.first().map(String::as_str), Some(code));
    }

    /// Codes of the refusals on the person's history, newest first.
    fn refusals(&self) -> Vec<String> {
        let person = self.person;
        self.world.set_up(move |call| {
            let looks = access::history::page(call, person, i64::MAX)?;
            let refused = looks.into_iter();
            Ok(refused
                .filter_map(|look| look.entry.record.refused)
                .collect())
        })
    }
}

fn sign(credential: &CardCredential, text: &str) -> (String, String) {
    let algorithm = credential.key.algorithm().expect("a card's key");
    let signature = credential.sign(algorithm, text.as_bytes());
    (
        STANDARD.encode(&credential.certificate_der),
        STANDARD.encode(signature.expect("it signs")),
    )
}

#[test]
fn a_person_registers_their_card_cancels_and_registers_again() {
    let town = town();
    let card = town.card(CARD);
    assert_eq!(town.at_counter(&card, "pin").code(), "TSK-PHN-001");
    let me = town.me();
    let page = town.world.get(&me, REGISTRATION).text();
    assert!(page.contains("まだ済んでいません") && page.contains(REGISTER));
    let reply = town.register(&me, &card);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let page = town.world.get(&me, reply.header("location")).text();
    assert!(page.contains("健康保険証として使えるようになりました"));
    assert_eq!(town.at_counter(&card, "pin").status, 200);
    let again = town.register(&me, &card);
    assert_eq!((again.status, again.code().as_str()), (409, "TSK-PHN-004"));
    let reply = town.world.submit(&me, CANCEL, &[]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    assert_eq!(town.at_counter(&card, "pin").code(), "TSK-PHN-002");
    let page = town.world.get(&me, reply.header("location")).text();
    assert!(page.contains("資格確認書") && page.contains("取り消されています"));
    town.assert_refused(&me, 409, "TSK-PHN-007", || {
        town.world.submit(&me, CANCEL, &[])
    });
    // The card still says who they are, and opens the portal.
    let me = town.registered();
    assert_eq!(town.at_counter(&card, "pin").status, 200);
    let standing = town.standing(&me);
    let times = standing["registrations"].as_array().expect("times");
    assert_eq!(times.len(), 2);
    assert!(times[0]["until"].is_string() && times[1]["until"].is_null());
    let history = town.world.get(&me, "/portal/history").text();
    for words in ["健康保険証利用登録の取り消し", "健康保険証利用登録"] {
        assert!(history.contains(words), "{words}");
    }
}

#[test]
fn only_ones_own_card_registers_and_each_signature_is_worth_one_use() {
    let town = town();
    let me = town.me();
    let neighbour = demo::family(today()).remove(1);
    town.issue(town.world.person(&neighbour), CARD + 1);
    let ask = || town.asked(&town.world.get(&me, REGISTER));
    for (credential, status, code) in [
        (town.card(CARD + 1), 403, "TSK-PHN-005"),
        (town.card(CARD + 2), 404, "TSK-ACC-025"),
        (town.phone(Phone::Android, CARD), 422, "TSK-PHN-023"),
    ] {
        let asked = ask();
        town.assert_refused(&me, status, code, || {
            town.send(&me, REGISTER, &asked, &credential, &[])
        });
    }
    let asked = ask();
    let card = town.card(CARD);
    let bad = [("challenge", "x"), ("certificate", ""), ("signature", "")];
    town.assert_refused(&me, 422, "TSK-ELG-027", || {
        town.world.submit(&me, REGISTER, &bad)
    });
    // A log-in's challenge registers nothing.
    let login = town
        .world
        .post(&As::Nobody, "/api/v1/portal/challenges", &json!({}));
    let login = login.json();
    let word = |name: &str| login[name].as_str().expect("a word").to_owned();
    let login = (word("challenge"), word("text"));
    town.assert_refused(&me, 422, "TSK-ACC-023", || {
        town.send(&me, REGISTER, &login, &card, &[])
    });
    let late = ask();
    town.world.clock.advance(120);
    town.assert_refused(&me, 422, "TSK-ACC-022", || {
        town.send(&me, REGISTER, &late, &card, &[])
    });
    assert_eq!(
        town.send(&me, REGISTER, &asked, &card, &[]).code(),
        "TSK-ACC-022"
    );
    let asked = ask();
    let replies: Vec<Reply> = thread::scope(|scope| {
        let uses: Vec<_> = (0..50)
            .map(|_| scope.spawn(|| town.send(&me, REGISTER, &asked, &card, &[])))
            .collect();
        uses.into_iter()
            .map(|u| u.join().expect("it ran"))
            .collect()
    });
    let good = replies.iter().filter(|r| r.status == 303).count();
    let used = replies.iter().filter(|r| r.code() == "TSK-ACC-021").count();
    assert_eq!((good, used), (1, 49));
    assert_eq!(
        town.standing(&me)["registrations"].as_array().map(Vec::len),
        Some(1)
    );
}

#[test]
fn a_phone_is_enrolled_by_card_and_phone_and_shown_at_the_counter() {
    let town = town();
    let me = town.me();
    // The card has to be registered first.
    town.assert_refused(&me, 409, "TSK-PHN-027", || town.world.get(&me, PHONE));
    let me = town.registered();
    let phone = town.phone(Phone::Android, CARD);
    assert_eq!(
        town.at_counter(&phone, "phone_biometric").code(),
        "TSK-ACC-025"
    );
    let reply = town.enroll(&me, &phone, &[]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let found = town.at_counter(&phone, "phone_biometric");
    assert_eq!(found.json()["name"], town.life.name.full());
    assert_eq!(found.json()["method"], "phone_biometric");
    let page = town.world.get(&me, reply.header("location")).text();
    assert!(page.contains("わたしのスマホ") && page.contains("Androidスマートフォン"));
    // It opens the portal as well, as a phone and as nothing else.
    assert_eq!(town.log_in(&phone, "pin").code(), "TSK-PHN-010");
    let by_card = town.log_in(&town.card(CARD), "phone_biometric");
    assert_eq!(by_card.code(), "TSK-PHN-010");
    assert_eq!(town.log_in(&phone, "phone_biometric").status, 201);
}

#[test]
fn one_person_has_one_phone_and_a_new_one_ends_the_old() {
    let town = town();
    let me = town.registered();
    let (old, new) = (
        town.phone(Phone::Android, CARD),
        town.phone(Phone::Iphone, CARD),
    );
    assert_eq!(town.enroll(&me, &old, &[]).status, 303);
    let asked = town.ask_phone(&me);
    town.assert_refused(&me, 409, "TSK-PHN-021", || {
        town.send(&me, PHONE, &asked, &new, &[("label", "新しい")])
    });
    town.world.clock.advance(60);
    // The refused answer is used up; the change is asked for with a new one.
    assert_eq!(
        town.send(&me, PHONE, &asked, &new, &[("label", "新しい")])
            .code(),
        "TSK-ACC-021"
    );
    let change = [("replaces", "replaces")];
    assert_eq!(town.enroll(&me, &new, &change).status, 303);
    assert_eq!(
        town.at_counter(&old, "phone_biometric").code(),
        "TSK-PHN-003"
    );
    assert_eq!(town.log_in(&old, "phone_biometric").code(), "TSK-PHN-003");
    assert_eq!(town.at_counter(&new, "phone_biometric").status, 200);
    let page = town.world.get(&me, REGISTRATION).text();
    assert!(page.contains("使えなくなりました") && page.contains("機種変更"));
    // The same phone again is no change; the old one can come back, and ends the new.
    let asked = town.ask_phone(&me);
    town.assert_refused(&me, 409, "TSK-PHN-024", || {
        town.send(&me, PHONE, &asked, &new, &[("label", "同じ"), change[0]])
    });
    assert_eq!(town.enroll(&me, &old, &change).status, 303);
    assert_eq!(
        town.at_counter(&new, "phone_biometric").code(),
        "TSK-PHN-003"
    );
    let standing = town.standing(&me);
    let phones: Vec<(&str, &str)> = standing["certificates"]
        .as_array()
        .expect("certificates")
        .iter()
        .map(|one| {
            let word = |name: &str| one[name].as_str().unwrap_or_default();
            (word("medium"), word("end_reason"))
        })
        .collect();
    assert_eq!(
        phones,
        [
            ("card", ""),
            ("android", "replaced"),
            ("iphone", "replaced"),
            ("android", "")
        ]
    );
}

#[test]
fn a_lost_phone_is_ended_with_the_card_and_opens_nothing_any_more() {
    let town = town();
    let me = town.registered();
    let phone = town.phone(Phone::Iphone, CARD);
    town.assert_refused(&me, 409, "TSK-PHN-025", || {
        town.world.submit(&me, PHONE_END, &[("reason", "lost")])
    });
    assert_eq!(town.enroll(&me, &phone, &[]).status, 303);
    for reason in ["", "renewed", "replaced", "x"] {
        town.assert_refused(&me, 422, "TSK-PHN-028", || {
            town.world.submit(&me, PHONE_END, &[("reason", reason)])
        });
    }
    let reply = town.world.submit(&me, PHONE_END, &[("reason", "lost")]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    assert_eq!(
        town.at_counter(&phone, "phone_biometric").code(),
        "TSK-PHN-003"
    );
    assert_eq!(town.log_in(&phone, "phone_biometric").code(), "TSK-PHN-003");
    let standing = town.standing(&me);
    assert_eq!(standing["certificates"][1]["end_reason"], "lost");
    assert_eq!(town.at_counter(&town.card(CARD), "pin").status, 200);
}

#[test]
fn a_phone_of_a_person_of_fourteen_waits_for_their_birthday() {
    let mut life = demo::patient(today());
    life.birth = JstDate::parse("2011-11-23").expect("a day");
    let town = town_of(life);
    let me = town.registered();
    let page = town.world.get(&me, REGISTRATION).text();
    assert!(
        page.contains("15歳の誕生日から") && !page.contains("href=\"/portal/insurance/phone\"")
    );
    town.assert_refused(&me, 403, "TSK-PHN-020", || town.world.get(&me, PHONE));
    // Also when somebody sends the second step without the first.
    let phone = town.phone(Phone::Android, CARD);
    let asked = ("0".repeat(32), "x".to_owned());
    town.assert_refused(&me, 422, "TSK-ACC-020", || {
        town.send(&me, PHONE, &asked, &phone, &[("label", "a")])
    });
    // At midnight in Japan they are fifteen.
    town.world.clock.advance(14 * 3600);
    let crls = town.world.pki.crl_store(town.world.app.gate.now(), &[]);
    town.world.app.trust.renew(crls.expect("lists"));
    let me = town.me();
    assert_eq!(town.enroll(&me, &phone, &[]).status, 303);
}

#[test]
fn both_steps_of_an_enrollment_belong_together_and_to_one_person() {
    let town = town();
    let me = town.registered();
    let phone = town.phone(Phone::Android, CARD);
    // The first step by anything but the own card.
    let neighbour = demo::family(today()).remove(1);
    let other = town.world.person(&neighbour);
    town.issue(other, CARD + 1);
    let theirs = town.card(CARD + 1);
    let ask = || town.asked(&town.world.get(&me, PHONE));
    for (credential, status, code) in [(&theirs, 403, "TSK-PHN-005"), (&phone, 422, "TSK-PHN-023")]
    {
        let asked = ask();
        town.assert_refused(&me, status, code, || {
            town.send(&me, PHONE_CARD, &asked, credential, &[])
        });
    }
    // The first challenge is no answer to the second step, nor the second to the first.
    let first = ask();
    town.assert_refused(&me, 422, "TSK-ACC-023", || {
        town.send(&me, PHONE, &first, &phone, &[("label", "a")])
    });
    let second = town.ask_phone(&me);
    let card = town.card(CARD);
    town.assert_refused(&me, 422, "TSK-ACC-023", || {
        town.send(&me, PHONE_CARD, &second, &card, &[])
    });
    // A card signs no second step.
    town.assert_refused(&me, 422, "TSK-PHN-022", || {
        town.send(&me, PHONE, &second, &card, &[("label", "a")])
    });
    for label in ["", " ", &"あ".repeat(41)] {
        town.assert_refused(&me, 422, "TSK-PHN-026", || {
            town.send(&me, PHONE, &second, &phone, &[("label", label)])
        });
    }
    // In another person's session the second challenge is worth nothing.
    let stranger = town.world.patient(other);
    let reply = town.send(&stranger, PHONE, &second, &phone, &[("label", "a")]);
    assert_eq!((reply.status, reply.code().as_str()), (422, "TSK-ACC-023"));
    assert_eq!(
        town.send(&me, PHONE, &second, &phone, &[("label", "a")])
            .status,
        303
    );
    // Nor can the phone be enrolled by anybody else, now or later.
    let theirs_too = || {
        let begun = town.world.get(&stranger, PHONE);
        assert_eq!(begun.code(), "TSK-PHN-027");
    };
    theirs_too();
    assert!(
        town.world
            .set_up(move |call| people::register_use(call, other))
    );
    let asked = town.asked(&town.world.get(&stranger, PHONE));
    let asked = town.asked(&town.send(&stranger, PHONE_CARD, &asked, &theirs, &[]));
    let reply = town.send(&stranger, PHONE, &asked, &phone, &[("label", "a")]);
    assert_eq!((reply.status, reply.code().as_str()), (409, "TSK-PHN-024"));
    assert_eq!(
        town.at_counter(&phone, "phone_biometric").json()["name"],
        town.life.name.full()
    );
}

#[test]
fn of_fifty_parallel_enrollments_with_one_challenge_exactly_one_succeeds() {
    let town = town();
    let me = town.registered();
    let first = town.asked(&town.world.get(&me, PHONE));
    let (card, phone) = (town.card(CARD), town.phone(Phone::Android, CARD));
    let fifty = |path: &str, asked: &(String, String), credential: &CardCredential| {
        let send = || town.send(&me, path, asked, credential, &[("label", "a")]);
        thread::scope(|scope| {
            let uses: Vec<_> = (0..50).map(|_| scope.spawn(send)).collect();
            let replies = uses.into_iter().map(|u| u.join().expect("it ran"));
            replies.collect::<Vec<Reply>>()
        })
    };
    let replies = fifty(PHONE_CARD, &first, &card);
    let (good, rest): (Vec<&Reply>, Vec<&Reply>) =
        replies.iter().partition(|reply| reply.status == 200);
    assert_eq!(good.len(), 1);
    assert!(rest.iter().all(|reply| reply.code() == "TSK-ACC-021"));
    let second = town.asked(good[0]);
    let replies = fifty(PHONE, &second, &phone);
    let good = replies.iter().filter(|r| r.status == 303).count();
    let used = replies.iter().filter(|r| r.code() == "TSK-ACC-021").count();
    assert_eq!((good, used), (1, 49));
    assert_eq!(
        town.standing(&me)["certificates"].as_array().map(Vec::len),
        Some(2)
    );
}

#[test]
fn the_screen_shows_the_coverage_and_a_code_that_the_counter_takes() {
    let town = town();
    let me = town.registered();
    let page = town.world.get(&me, "/portal/insurance").text();
    let coverage = town.life.coverage_on(today()).expect("insured");
    for words in [
        town.life.name.full().as_str(),
        coverage.insurer.number.as_str(),
        coverage.number.as_str(),
        "限度額区分",
        "この情報の時点",
    ] {
        assert!(page.contains(words), "{words} is missing");
    }
    let reply = town.world.submit(&me, CODE, &[]);
    assert_eq!(reply.status, 200, "{}", reply.text());
    let page = reply.text();
    let code = page
        .split_once("verdict-word\">")
        .and_then(|(_, rest)| rest.split_once('<'))
        .expect("a code")
        .0
        .to_owned();
    assert_eq!(code.len(), 9, "{code}");
    let system = town.world.system(&town.clinic);
    let found = town.world.post(
        &system,
        "/api/v1/eligibility/screen-checks",
        &json!({ "code": code }),
    );
    assert_eq!(
        found.json()["name"],
        town.life.name.full(),
        "{}",
        found.text()
    );
    let history = town.world.get(&me, "/portal/history").text();
    assert!(history.contains("保険の資格の確認(あなたの画面の番号)"));
    assert!(!history.contains(&code.replace(' ', "")));
}

#[test]
fn a_proxy_sees_how_things_stand_and_changes_nothing() {
    let town = town();
    let me = town.registered();
    let adult = demo::family(today())
        .into_iter()
        .find(|life| life.name.given == "美穂")
        .expect("an adult");
    let adult = town.world.person(&adult);
    let scope = access::proxy::Scope::full();
    let proxy = town.world.proxy(town.person, adult, &scope);
    let page = town.world.get(&proxy, REGISTRATION);
    assert_eq!(page.status, 200, "{}", page.text());
    let page = page.text();
    assert!(page.contains("ご本人のカードでログインしたときだけ"));
    assert!(!page.contains(CANCEL));
    let screen = town.world.get(&proxy, "/portal/insurance").text();
    assert!(!screen.contains("/portal/insurance/code"));
    for path in [REGISTER, PHONE] {
        town.assert_refused(&me, 403, "TSK-PHN-006", || town.world.get(&proxy, path));
    }
    let end: &[(&str, &str)] = &[("reason", "lost")];
    for (path, fields) in [(CANCEL, &[][..]), (CODE, &[][..]), (PHONE_END, end)] {
        town.assert_refused(&me, 403, "TSK-PHN-006", || {
            town.world.submit(&proxy, path, fields)
        });
    }
}
