//! Rights that take two people.

use super::*;

const ASK: [(&str, &str); 2] = [("right", "administrator"), ("why", "副院長に交代するため")];

/// The newest request on the page of whoever may decide on it.
fn request(clinic: &Clinic, by: StaffId) -> String {
    let page = clinic.page(by, "/office/rights");
    let id = page.split("action=\"/office/rights/").nth(1).unwrap();
    format!("/office/rights/{}", id.get(..32).unwrap())
}

fn decide(clinic: &Clinic, by: StaffId, path: &str, decision: &str) -> Reply {
    clinic
        .world
        .submit(&clinic.of(by), path, &[("decision", decision)])
}

#[test]
fn elevated_rights_take_two_people() {
    let clinic = clinic();
    for role in ["administrator", "safety-officer", "vendor-support"] {
        let alone = clinic.act(clinic.admin, clinic.clerk, "role", &[("role", role)]);
        refused(&alone, 409, "TSK-STF-007");
    }
    done(&clinic.act(clinic.admin, clinic.clerk, "grant", &ASK));
    assert_eq!(clinic.member(clinic.clerk).role, Role::Clerk);
    let path = request(&clinic, clinic.second);
    done(&decide(&clinic, clinic.second, &path, "approve"));
    assert_eq!(clinic.member(clinic.clerk).role, Role::Administrator);
    refused(
        &decide(&clinic, clinic.second, &path, "approve"),
        404,
        "TSK-STF-009",
    );
}

#[test]
fn nobody_approves_their_own_request_or_their_own_rights() {
    let clinic = clinic();
    done(&clinic.act(clinic.admin, clinic.clerk, "grant", &ASK));
    let path = request(&clinic, clinic.second);
    refused(
        &decide(&clinic, clinic.admin, &path, "approve"),
        403,
        "TSK-STF-008",
    );
    refused(
        &clinic.act(clinic.admin, clinic.admin, "grant", &ASK),
        403,
        "TSK-STF-005",
    );
    // Who is to get the rights is an administrator already, and would become safety officer.
    let fields = [("right", "safety-officer"), ("why", "兼任")];
    done(&clinic.act(clinic.admin, clinic.second, "grant", &fields));
    let own = clinic.page(clinic.admin, "/office/rights");
    let ids: Vec<&str> = own
        .split("action=\"/office/rights/")
        .skip(1)
        .map(|t| t.get(..32).unwrap())
        .collect();
    for id in ids {
        let reply = decide(
            &clinic,
            clinic.second,
            &format!("/office/rights/{id}"),
            "approve",
        );
        if format!("/office/rights/{id}") != path {
            refused(&reply, 403, "TSK-STF-008");
        }
    }
    assert_eq!(clinic.member(clinic.second).role, Role::Administrator);
}

#[test]
fn a_request_runs_out_after_seventy_two_hours() {
    for (seconds, status) in [(72 * 3600 - 1, 303), (72 * 3600, 404)] {
        let clinic = clinic();
        done(&clinic.act(clinic.admin, clinic.clerk, "grant", &ASK));
        let path = request(&clinic, clinic.second);
        clinic.world.clock.advance(seconds);
        assert_eq!(
            decide(&clinic, clinic.second, &path, "approve").status,
            status
        );
    }
}

#[test]
fn another_facilitys_request_looks_absent() {
    let clinic = clinic();
    let other = clinic.world.facility("1310000002", "あおば医院");
    let outside = hire(
        &clinic.world,
        &other,
        "x@1310000002",
        "余所 一",
        Role::Administrator,
    );
    done(&clinic.act(clinic.admin, clinic.clerk, "grant", &ASK));
    let path = request(&clinic, clinic.second);
    let facility = other.id;
    let outsider = As::Browser(clinic.world.set_up(move |call| {
        let token = session::begin(call, Whose::Staff(facility, outside), Stage::Full)?;
        Ok(token.reveal().clone())
    }));
    let there = clinic
        .world
        .submit(&outsider, &path, &[("decision", "approve")]);
    let nowhere = format!("/office/rights/{}", "0".repeat(32));
    let absent = clinic
        .world
        .submit(&outsider, &nowhere, &[("decision", "approve")]);
    refused(&there, 404, "TSK-STF-009");
    refused(&absent, 404, "TSK-STF-009");
    assert_eq!(clinic.member(clinic.clerk).role, Role::Clerk);
}

#[test]
fn a_declined_request_changes_nothing_and_the_asker_may_withdraw() {
    let clinic = clinic();
    for by in [clinic.second, clinic.admin] {
        done(&clinic.act(clinic.admin, clinic.clerk, "grant", &ASK));
        let path = request(&clinic, by);
        done(&decide(&clinic, by, &path, "decline"));
        assert_eq!(clinic.member(clinic.clerk).role, Role::Clerk);
        refused(
            &decide(&clinic, clinic.second, &path, "approve"),
            404,
            "TSK-STF-009",
        );
    }
}

#[test]
fn a_new_administrators_account_is_closed_until_it_is_approved() {
    let clinic = clinic();
    let fields = [
        ("name", "森 あおい"),
        ("login", "a.mori@1310000001"),
        ("role", "administrator"),
        ("last_day", "2027-03-31"),
        ("reason", "事務長の後任"),
    ];
    let reply = clinic
        .world
        .submit(&clinic.of(clinic.admin), "/office/accounts", &fields);
    assert_eq!(reply.status, 200, "{}", reply.text());
    let now = clinic.world.app.gate.now();
    let member = clinic.named("森 あおい").unwrap();
    assert!(!member.is_open(now));
    // Opening it again alone is no way around.
    refused(
        &clinic.act(clinic.admin, member.staff, "reopen", &[]),
        409,
        "TSK-STF-007",
    );
    let path = request(&clinic, clinic.second);
    done(&decide(&clinic, clinic.second, &path, "approve"));
    let member = clinic.named("森 あおい").unwrap();
    assert_eq!(
        member.ends_at,
        Some(JstDate::parse("2027-04-01").unwrap().start())
    );
}

#[test]
fn an_administrator_cannot_change_their_own_account() {
    let clinic = clinic();
    for (verb, fields) in [
        ("role", [("role", "clerk")]),
        ("end", [("when", "now")]),
        ("reopen", [("x", "y")]),
        ("password", [("x", "y")]),
        ("substitute", [("reason", "忘れた")]),
    ] {
        refused(
            &clinic.act(clinic.admin, clinic.admin, verb, &fields),
            403,
            "TSK-STF-005",
        );
    }
}

#[test]
fn an_administrator_who_stays_is_always_left() {
    let clinic = clinic();
    // The one who acts leaves in March; so the other has to stay.
    done(&clinic.act(
        clinic.second,
        clinic.admin,
        "end",
        &[("last_day", "2027-03-31")],
    ));
    for (verb, fields) in [
        ("end", [("when", "now")]),
        ("end", [("last_day", "2027-03-31")]),
        ("role", [("role", "clerk")]),
    ] {
        refused(
            &clinic.act(clinic.admin, clinic.second, verb, &fields),
            409,
            "TSK-STF-006",
        );
    }
    // With a third who stays, it is done.
    done(&clinic.act(clinic.admin, clinic.clerk, "grant", &ASK));
    let path = request(&clinic, clinic.second);
    done(&decide(&clinic, clinic.second, &path, "approve"));
    done(&clinic.act(clinic.admin, clinic.second, "end", &[("when", "now")]));
}

#[test]
fn the_history_names_who_asked_and_who_approved() {
    let clinic = clinic();
    done(&clinic.act(clinic.admin, clinic.clerk, "grant", &ASK));
    let path = request(&clinic, clinic.second);
    done(&decide(&clinic, clinic.second, &path, "approve"));
    done(&clinic.act(clinic.admin, clinic.clerk, "end", &[("when", "now")]));
    let facility = clinic.home.id;
    let lines = clinic
        .world
        .set_up(move |call| Ok(crate::store::entries(call, facility)?));
    let seen: Vec<_> = lines
        .iter()
        .map(|one| {
            (
                one.change.word(),
                one.role,
                one.staff,
                one.done_by.expect("a member of staff"),
                one.approved_by,
            )
        })
        .collect();
    let mut expected = vec![
        (
            "granted",
            Role::Administrator,
            clinic.clerk,
            clinic.admin,
            Some(clinic.second),
        ),
        (
            "ended",
            Role::Administrator,
            clinic.clerk,
            clinic.admin,
            None,
        ),
    ];
    // Both in the same second of a standing clock: their order is not told.
    let mut sorted = seen.clone();
    sorted.sort();
    expected.sort();
    assert_eq!(sorted, expected);
    let page = clinic.page(clinic.officer, "/office/rights");
    for name in ["外村 環", "内田 基", "安西 護"] {
        assert!(page.contains(name), "{name}");
    }
    assert!(page.contains("付与") && page.contains("終了"));
}

#[test]
fn of_two_administrators_who_end_each_other_one_stays() {
    let clinic = clinic();
    let (admin, second, home) = (clinic.admin, clinic.second, clinic.home.clone());
    let actor = |staff| {
        store::caller::Caller::new(store::caller::Actor::Staff {
            staff,
            role: Role::Administrator,
            name: String::new(),
            home: home.clone(),
            session: kernel::id::SessionId::from_bytes([1; 16]),
        })
    };
    static END: store::caller::Event = store::caller::Event {
        code: "test.end",
        ja: "終了",
        en: "ended",
    };
    let gate = &clinic.world.app.gate;
    let begin = |by: StaffId, leaving: StaffId| {
        let intent = gate.intent(actor(by), store::caller::Purpose::Operation, &END);
        gate.write(intent, move |call| {
            crate::ops::end(call, leaving, crate::ops::Ends::Now)
        })
    };
    // Both are under way before either has answered.
    let both = [begin(admin, second), begin(second, admin)];
    let answers: Vec<_> = both.into_iter().map(store::Pending::wait).collect();
    let is_last = |stop: &store::Stop| matches!(stop, store::Stop::Refused(why) if why.entry.code == "TSK-STF-006");
    let kept = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(kept, 1);
    assert!(answers.iter().filter_map(|a| a.as_ref().err()).all(is_last));
    let now = gate.now();
    let open = [admin, second].map(|staff| clinic.member(staff).is_open(now));
    assert_eq!(open.iter().filter(|is| **is).count(), 1);
}
