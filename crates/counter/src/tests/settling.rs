//! What was done from the copy is settled once, whatever is lost on the way.

use super::*;

const SETTLE: &str = "eligibility.settle";

/// Somebody of the copy, checked while the line is cut; then it is back.
fn checked(pair: &Pair, who: usize, key: &str) {
    pair.cut(Some(Cut::Connection));
    assert!(pair.check(who, key).text().contains("仮の回答"));
    pair.cut(None);
}

fn ready() -> Pair {
    let pair = pair();
    pair.comes(SAWAKO);
    pair.comes(TAKASHI);
    pair.fetched();
    pair
}

#[test]
fn an_act_that_agrees_is_settled_without_a_difference() {
    let pair = ready();
    checked(&pair, SAWAKO, "a");
    assert!(pair.list().contains("照合待ち"));
    assert_eq!(pair.settle(), Settling::Done(1));
    let list = pair.list();
    assert!(
        list.contains("一致") && list.contains("対応が必要なものはありません"),
        "{list}"
    );
    assert_eq!((pair.offline_visits(), pair.times(SAWAKO, SETTLE)), (1, 1));
    assert_eq!(pair.settle(), Settling::Done(0));
    assert!(!pair.upstream().state().may_wait);
}

#[test]
fn what_has_changed_is_listed_with_what_to_do_until_it_is_dealt_with() {
    let pair = ready();
    pair.change(SAWAKO, ChangeKind::Changed, |c| c.copay = rate(2));
    assert!(matches!(pair.fetch(), Kept::Whole(_)));
    checked(&pair, SAWAKO, "a");
    checked(&pair, TAKASHI, "b");
    pair.change(SAWAKO, ChangeKind::Changed, |c| c.copay = rate(3));
    pair.change(TAKASHI, ChangeKind::Lost, |c| {
        c.period = kernel::time::Period::new(c.period.from(), Some(today())).expect("a period");
    });
    assert_eq!(pair.settle(), Settling::Done(2));
    let list = pair.list();
    let copay = "負担割合が2割から3割に変わっています。患者さんへの請求を直してください。";
    assert!(list.contains(copay), "{list}");
    assert!(
        list.contains("有効ではありませんでした(TSK-ELG-005"),
        "{list}"
    );
    let page = pair.clinic.get(&pair.clerk(), "/counter").text();
    assert!(page.contains("2件あります"), "{page}");
    let act = list
        .split("name=\"act\"")
        .nth(1)
        .and_then(|rest| rest.split('"').nth(1));
    let act = act.expect("a form").to_owned();
    let done = |act: &str| {
        pair.clinic
            .submit(&pair.clerk(), "/counter/differences", &[("act", act)])
    };
    assert_eq!(done(&act).status, 303);
    assert_eq!(done(&act).status, 303, "twice is no harm");
    let page = pair.clinic.get(&pair.clerk(), "/counter").text();
    assert!(page.contains("1件あります"), "{page}");
    for wrong in ["", "x", &"0".repeat(32)] {
        let reply = done(wrong);
        assert_eq!((reply.status, reply.code().as_str()), (404, "TSK-OFF-030"));
    }
}

#[test]
fn an_answer_lost_between_platform_and_clinic_doubles_nothing() {
    let pair = ready();
    checked(&pair, SAWAKO, "a");
    pair.change(SAWAKO, ChangeKind::Changed, |c| c.copay = rate(1));
    pair.lever.loses_answers.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        assert_eq!(pair.settle(), Settling::Cut(Cut::Time));
    }
    assert!(pair.list().contains("照合待ち"));
    // What the insurer does afterwards is no part of this act's answer.
    pair.change(SAWAKO, ChangeKind::Changed, |c| c.copay = rate(2));
    pair.lever.loses_answers.store(false, Ordering::SeqCst);
    assert_eq!(pair.settle(), Settling::Done(1));
    assert!(
        pair.list().contains("負担割合が3割から1割に"),
        "{}",
        pair.list()
    );
    assert_eq!((pair.offline_visits(), pair.times(SAWAKO, SETTLE)), (1, 1));
}

#[test]
fn a_form_sent_twice_is_one_act_and_a_changed_one_another() {
    let pair = ready();
    pair.cut(Some(Cut::Connection));
    let first = pair.check(SAWAKO, "a").text();
    assert!(first.contains("佐和子"));
    assert!(pair.check(SAWAKO, "a").text().contains("佐和子"));
    // Back in the browser, other numbers, sent again: another person's answer.
    let text = pair.check(TAKASHI, "a").text();
    assert!(!text.contains("佐和子"), "{text}");
    pair.cut(None);
    assert_eq!(pair.settle(), Settling::Done(2));
    assert_eq!(pair.offline_visits(), 2);
}

#[test]
fn somebody_outside_the_copy_is_verified_afterwards() {
    let pair = ready();
    pair.cut(Some(Cut::Connection));
    assert!(pair.check(TWIN, "a").text().contains("TSK-OFF-024"));
    let mut unknown = pair.form(TWIN, "b");
    unknown[4].1 = "99999999".to_owned();
    assert!(pair.submit(&unknown).text().contains("TSK-OFF-024"));
    pair.cut(None);
    assert_eq!(pair.settle(), Settling::Done(2));
    let list = pair.list();
    assert!(list.contains("受診した日の資格を確認できました"), "{list}");
    assert!(
        list.contains("見つかりません") && list.contains("TSK-ELG-001"),
        "{list}"
    );
    assert_eq!(pair.offline_visits(), 1);
    // The one whom nobody knows left no trace on anybody's chain.
    assert_eq!(pair.times(TWIN, SETTLE), 1);
}

#[test]
fn a_visit_from_the_copy_leads_to_no_consent() {
    let pair = ready();
    checked(&pair, SAWAKO, "a");
    assert_eq!(pair.settle(), Settling::Done(1));
    let facility = pair.at_platform.id;
    let visits = pair
        .platform
        .set_up(move |call| eligibility::ops::today(call, facility));
    let offline = eligibility::model::Method::Offline;
    let visit = visits
        .iter()
        .find(|visit| visit.method == offline)
        .expect("a visit");
    assert!(!visit.is_present(visit.at));
    let path = format!("/api/v1/visits/{}/consents", visit.id.to_hex());
    let reply = pair
        .platform
        .post(&pair.system, &path, &json!({ "categories": ["allergies"] }));
    assert_eq!(reply.code(), "TSK-CNS-005", "{}", reply.text());
}

#[test]
fn the_platform_takes_no_act_that_cannot_be() {
    let pair = ready();
    let path = "/api/v1/eligibility/settlements";
    let id = "ab".repeat(16);
    let number = json!({ "insurer_number": "", "number": "" });
    let at = |seconds: i64| pair.platform.app.gate.now().plus_seconds(seconds);
    let act = |seconds: i64| {
        let mut number = number.clone();
        let printed = printed(pair.lives[SAWAKO].coverage_last().expect("a coverage"));
        for name in ["insurer_number", "symbol", "number", "branch"] {
            number[name] = json!(printed[name].as_str().unwrap_or_default());
        }
        number["birth_date"] = json!(pair.lives[SAWAKO].birth.to_string());
        json!({
            "id": id, "at": at(seconds).to_string(), "on": at(seconds).jst_date().to_string(),
            "number": number,
        })
    };
    let send = |acts: Vec<Value>| {
        pair.platform
            .post(&pair.system, path, &json!({ "acts": acts }))
    };
    let code = |act: Value| {
        let reply = send(vec![act]);
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()["outcomes"][0]["code"]
            .as_str()
            .unwrap_or("none")
            .to_owned()
    };
    assert_eq!(send(vec![]).code(), "TSK-CPY-005");
    assert_eq!(send(vec![act(0); 51]).code(), "TSK-CPY-005");
    assert_eq!(code(act(601)), "TSK-CPY-007");
    assert_eq!(code(act(-46 * 86_400)), "TSK-CPY-007");
    let mut another_day = act(0);
    another_day["on"] = json!("2026-11-01");
    assert_eq!(code(another_day), "TSK-CPY-007");
    let mut stranger = act(0);
    stranger["number"] = Value::Null;
    stranger["reference"] = json!("00".repeat(16));
    assert_eq!(code(stranger), "TSK-CPY-009");
    for (member, value) in [
        ("id", json!("x")),
        ("at", json!("yesterday")),
        ("reference", json!("00".repeat(16))),
        ("number", json!({ "insurer_number": "1", "number": "1" })),
        ("nobody-knows-this", json!(1)),
    ] {
        let mut wrong = act(0);
        wrong[member] = value;
        assert_eq!(code(wrong), "TSK-CPY-006", "{member}");
    }
    assert_eq!(code(json!("no object")), "TSK-CPY-006");
    assert_eq!(pair.times(SAWAKO, SETTLE), 0);
    assert_eq!(code(act(-60)), "none");
    assert_eq!(code(act(-60)), "none", "the same again");
    assert_eq!(
        code(act(-120)),
        "TSK-CPY-008",
        "the same key for another act"
    );
    assert_eq!(pair.offline_visits(), 1);
}

#[test]
fn a_patient_of_another_facilitys_copy_is_nobody_here() {
    let pair = ready();
    let other = pair.platform.facility("1310000019", "ひがし医院");
    let theirs = pair.platform.system(&other);
    checked(&pair, SAWAKO, "a");
    assert_eq!(pair.settle(), Settling::Done(1));
    let asked = pair
        .lever
        .asked
        .lock()
        .unwrap()
        .last()
        .cloned()
        .expect("asked");
    let mut batch: Value = serde_json::from_slice(&asked.1).expect("JSON");
    batch["acts"][0]["id"] = json!("cd".repeat(16));
    let reply = pair.platform.post(&theirs, &asked.0, &batch);
    assert_eq!(reply.json()["outcomes"][0]["code"], "TSK-CPY-009");
}

#[test]
fn a_round_settles_first_and_renews_then_and_rests_while_the_line_is_cut() {
    let pair = ready();
    checked(&pair, SAWAKO, "a");
    let round = || ops::round(&pair.clinic.app, pair.upstream()).expect("a round");
    let asked = || -> Vec<String> {
        let asked = pair.lever.asked.lock().unwrap();
        asked.iter().map(|(path, _)| path.clone()).collect()
    };
    let before = asked().len();
    pair.cut(Some(Cut::Connection));
    pair.pass(60);
    round();
    round();
    assert_eq!(asked().len() - before, 1, "it rests for fifteen seconds");
    pair.pass(15 * 60);
    round();
    pair.cut(None);
    pair.pass(16);
    let before = asked().len() - 1;
    round();
    let paths = asked().split_off(before + 1);
    assert_eq!(
        paths,
        [
            "/api/v1/eligibility/settlements",
            "/api/v1/eligibility/copies"
        ]
    );
    pair.pass(60);
    round();
    assert_eq!(asked().len() - before, 3, "nothing is due");
    pair.pass(15 * 60);
    round();
    assert_eq!(asked().len() - before, 4);
}
