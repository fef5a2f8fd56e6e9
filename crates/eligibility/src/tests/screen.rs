//! The code on a person's screen, when neither card nor phone can be read.

use std::thread;

use kernel::{Secret, id::SessionId};
use store::{
    Stop,
    caller::{Actor, Caller},
};

use super::*;
use crate::phones::ops as phones;

const SCREEN_CHECKS: &str = "/api/v1/eligibility/screen-checks";

fn issue_as(town: &Town, actor: Actor) -> Result<Secret<String>, Stop> {
    let caller = Caller::new(actor);
    town.world
        .run(caller, Purpose::OwnAccess, phones::issue_code)
}

fn patient(person: PersonId) -> Actor {
    Actor::Patient {
        person,
        session: SessionId::from_bytes([3; 16]),
    }
}

fn issue(town: &Town, person: PersonId) -> String {
    let code = issue_as(town, patient(person));
    code.unwrap_or_else(|stop| panic!("{stop:?}"))
        .reveal()
        .clone()
}

fn show(town: &Town, code: &str) -> Reply {
    town.world
        .post(&town.system, SCREEN_CHECKS, &json!({ "code": code }))
}

/// A code of the same form that is nobody's.
fn other_than(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:08}", (number + 1) % 100_000_000)
}

#[test]
fn a_code_is_answered_as_a_card_is_and_opens_the_choice_of_consent() {
    let town = town();
    let person = town.people[SAWAKO];
    let code = issue(&town, person);
    let before = town.world.records();
    let reply = show(&town, &format!("{} {}", &code[..4], &code[4..]));
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(town.world.records(), before + 1);
    assert_eq!(reply.json()["name"], "橘 佐和子");
    assert_eq!(reply.json()["method"], "portal_screen");
    let visit = reply.json()["visit"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/visits/{visit}/consents");
    let chosen = json!({"categories": ["allergies"]});
    let reply = town.world.post(&town.system, &path, &chosen);
    assert_eq!(reply.status, 201, "{}", reply.text());
    let seen = town.world.set_up(move |call| {
        let looks = access::history::page(call, person, i64::MAX)?;
        Ok(looks.into_iter().any(|look| {
            look.entry.record.event == "eligibility.screen"
                && look.entry.record.detail("method") == Some("portal_screen")
        }))
    });
    assert!(seen, "the check is on the person's history");
}

#[test]
fn wrong_used_late_and_replaced_codes_get_one_answer() {
    let town = town();
    let person = town.people[SAWAKO];
    let mut answers = Vec::new();
    let mut refused = |reply: Reply| {
        assert_eq!(reply.status, 422, "{}", reply.text());
        assert_is_problem(&reply);
        let mut json = reply.json();
        json["request_id"] = Value::Null;
        answers.push(json);
    };
    let used = issue(&town, person);
    assert_eq!(show(&town, &used).status, 200);
    refused(show(&town, &used));
    let replaced = issue(&town, person);
    let current = issue(&town, person);
    refused(show(&town, &replaced));
    assert_eq!(show(&town, &current).status, 200);
    let late = issue(&town, person);
    town.world.clock.advance(300);
    let before = town.world.records();
    let _renewed = town.world.get(&town.system, "/api/v1/access/decisions");
    let after_token = town.world.records();
    assert!(after_token > before);
    refused(show(&town, &late));
    assert_eq!(town.world.records(), after_token + 1);
    let wrong = other_than(&issue(&town, person));
    refused(show(&town, &wrong));
    assert_eq!(answers.len(), 4);
    assert_eq!(answers[0]["code"], "TSK-PHN-030");
    assert!(answers.iter().all(|one| *one == answers[0]));
    // A wrong code opens nobody.
    let looks = town.world.set_up(move |call| {
        let looks = access::history::page(call, person, i64::MAX)?;
        let refused = |look: &access::history::Look| look.entry.record.refused.is_some();
        Ok(looks.iter().filter(|look| refused(look)).count())
    });
    assert_eq!(looks, 0);
}

#[test]
fn a_code_lives_five_minutes() {
    let town = town();
    let code = issue(&town, town.people[SAWAKO]);
    town.world.clock.advance(299);
    assert_eq!(show(&town, &code).status, 200);
}

#[test]
fn of_fifty_parallel_uses_of_a_code_exactly_one_succeeds() {
    let town = town();
    let code = issue(&town, town.people[SAWAKO]);
    let replies: Vec<Reply> = thread::scope(|scope| {
        let uses: Vec<_> = (0..50)
            .map(|_| scope.spawn(|| show(&town, &code)))
            .collect();
        uses.into_iter().map(|u| u.join().unwrap()).collect()
    });
    let good = replies.iter().filter(|r| r.status == 200).count();
    assert_eq!(good, 1);
    assert!(
        replies
            .iter()
            .all(|r| r.status == 200 || ["TSK-PHN-030", "TSK-PHN-031"].contains(&&*r.code()))
    );
    assert_eq!(town.visits().len(), 1);
}

#[test]
fn whoever_guesses_codes_is_slowed_down_and_a_good_one_forgives() {
    let town = town();
    let person = town.people[SAWAKO];
    let code = issue(&town, person);
    let wrong = other_than(&code);
    for _ in 0..4 {
        assert_eq!(show(&town, &wrong).code(), "TSK-PHN-030");
    }
    let before = town.world.records();
    let waits = show(&town, &code);
    assert_eq!((waits.status, waits.code().as_str()), (429, "TSK-PHN-031"));
    assert_eq!(town.world.records(), before + 1);
    // Another account of the same facility is not kept waiting by it.
    let clerk = town.staff(Role::Clerk);
    let page = town
        .world
        .submit(&clerk, "/reception/screen-code", &[("code", &wrong)]);
    assert_eq!((page.status, page.code().as_str()), (422, "TSK-PHN-030"));
    town.world.clock.advance(2);
    assert_eq!(show(&town, &code).status, 200);
    assert_eq!(show(&town, &code).code(), "TSK-PHN-030");
    assert_eq!(show(&town, &issue(&town, person)).status, 200);
}

#[test]
fn what_is_no_code_is_told_with_its_place_and_counts_as_no_guess() {
    let town = town();
    for typed in ["", "1234", "１２３４５６７", "abcdefgh", "123456789"] {
        let before = town.world.records();
        let reply = show(&town, typed);
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (422, "TSK-PHN-032"),
            "{typed}"
        );
        assert_eq!(reply.json()["findings"][0]["path"], "code");
        assert_eq!(town.world.records(), before + 1);
    }
    assert_eq!(town.visits().len(), 0);
    let code = issue(&town, town.people[SAWAKO]);
    assert_eq!(show(&town, &code).status, 200);
}

#[test]
fn a_code_of_somebody_whose_coverage_lapsed_is_used_up_all_the_same() {
    let town = town();
    let code = issue(&town, *town.people.last().unwrap());
    let before = town.world.records();
    assert_eq!(show(&town, &code).code(), "TSK-ELG-005");
    assert_eq!(town.world.records(), before + 1);
    assert_eq!(town.visits().len(), 0);
    assert_eq!(show(&town, &code).code(), "TSK-PHN-030");
}

#[test]
fn a_proxy_gets_no_code() {
    let town = town();
    let actor = Actor::Proxy {
        person: town.people[SAWAKO],
        proxy: town.people[TAKASHI],
        name: "家族".to_owned(),
        session: SessionId::from_bytes([3; 16]),
    };
    // The gate asks for the relation first; the operation refuses on its own as well.
    let refused = issue_as(&town, actor);
    assert!(matches!(refused, Err(Stop::Refused(_))));
}

#[test]
fn the_counter_types_the_code_on_a_page_of_its_own() {
    let town = town();
    let clerk = town.staff(Role::Clerk);
    let reception = town.world.get(&clerk, "/reception").text();
    assert!(reception.contains("href=\"/reception/screen-code\""));
    let page = town.world.get(&clerk, "/reception/screen-code");
    assert_eq!(page.status, 200, "{}", page.text());
    let code = issue(&town, town.people[SAWAKO]);
    let reply = town
        .world
        .submit(&clerk, "/reception/screen-code", &[("code", &code)]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let result = town.world.get(&clerk, reply.header("location")).text();
    assert!(result.contains("橘 佐和子") && result.contains("/consent\""));
    let list = town.world.get(&clerk, "/reception").text();
    assert!(list.contains("ご本人の画面の番号"));
}
