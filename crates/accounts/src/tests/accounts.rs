//! Joiner, mover, leaver.

use super::*;

const NEW: [(&str, &str); 3] = [
    ("name", "森 あおい"),
    ("login", "a.mori@1310000001"),
    ("role", "nurse"),
];

#[test]
fn every_route_of_the_office_refuses_whom_it_should() {
    let clinic = clinic();
    let life = testkit::population::demo::family(today()).remove(0);
    let person = clinic.world.person(&life);
    let found = testkit::rights::complaints(&clinic.world, &clinic.home, person);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn administrators_begin_in_the_office_and_see_no_patients() {
    let clinic = clinic();
    for who in [clinic.admin, clinic.officer] {
        let start = clinic.world.get(&clinic.of(who), "/");
        assert_eq!((start.status, start.header("location")), (303, "/office"));
        refused(
            &clinic.world.get(&clinic.of(who), "/reception"),
            403,
            "TSK-ACC-003",
        );
    }
    assert!(
        clinic
            .page(clinic.admin, "/office")
            .contains("/office/accounts\"")
    );
    assert!(
        !clinic
            .page(clinic.admin, "/office")
            .contains("/office/access-review\"")
    );
    assert!(
        clinic
            .page(clinic.officer, "/office")
            .contains("/office/access-review\"")
    );
    let clerk = clinic.world.get(&clinic.of(clinic.clerk), "/");
    assert_eq!(clerk.header("location"), "/reception");
}

#[test]
fn a_joiner_gets_an_initial_password_that_is_shown_once() {
    let clinic = clinic();
    let reply = clinic
        .world
        .submit(&clinic.of(clinic.admin), "/office/accounts", &NEW);
    assert_eq!(reply.status, 200, "{}", reply.text());
    let text = reply.text();
    let initial = text
        .split("<code>")
        .nth(1)
        .and_then(|t| t.split("</code>").next())
        .unwrap();
    assert!(initial.len() >= 13, "{initial}");
    let member = clinic.named("森 あおい").unwrap();
    assert!(member.must_change && member.is_open(clinic.world.app.gate.now()));
    assert!(
        !clinic
            .page(clinic.admin, "/office/accounts")
            .contains(initial)
    );
    let shown = clinic.page(
        clinic.admin,
        &format!("/office/accounts/{}", member.staff.to_hex()),
    );
    assert!(!shown.contains(initial));
    assert_eq!(clinic.records()[2], ("accounts.open".to_owned(), None));
}

#[test]
fn an_account_has_one_owner_with_a_name() {
    let clinic = clinic();
    let cases = [
        ("name", "受付1", "TSK-STF-002"),
        ("login", "nurse", "TSK-STF-002"),
        ("login", "共用端末", "TSK-STF-002"),
        ("login", "two words", "TSK-STF-003"),
        ("name", "", "TSK-STF-003"),
        ("name", "12345", "TSK-STF-003"),
        ("role", "system", "TSK-STF-003"),
        ("last_day", "2026-11-21", "TSK-STF-003"),
        ("last_day", "tomorrow", "TSK-STF-003"),
        ("role", "administrator", "TSK-STF-003"),
    ];
    for (field, value, code) in cases {
        let mut fields: Vec<(&str, &str)> = NEW.into_iter().filter(|f| f.0 != field).collect();
        fields.push((field, value));
        let reply = clinic
            .world
            .submit(&clinic.of(clinic.admin), "/office/accounts", &fields);
        refused(&reply, 422, code);
        assert!(clinic.named("森 あおい").is_none());
    }
    let taken = [NEW[0], ("login", "UCHIDA@1310000001"), NEW[2]];
    let reply = clinic
        .world
        .submit(&clinic.of(clinic.admin), "/office/accounts", &taken);
    refused(&reply, 409, "TSK-STF-004");
}

#[test]
fn a_mover_loses_the_old_role_and_every_session() {
    let clinic = clinic();
    let before = clinic.of(clinic.clerk);
    assert_eq!(clinic.world.get(&before, "/reception").status, 200);
    done(&clinic.act(clinic.admin, clinic.clerk, "role", &[("role", "nurse")]));
    assert_eq!(clinic.member(clinic.clerk).role, Role::Nurse);
    // A page sends whoever is not logged in to the log-in.
    assert_ne!(clinic.world.get(&before, "/reception").status, 200);
    let again = clinic.act(clinic.admin, clinic.clerk, "role", &[("role", "nurse")]);
    refused(&again, 409, "TSK-STF-010");
}

#[test]
fn a_leaver_is_out_at_once() {
    let clinic = clinic();
    let session = clinic.of(clinic.clerk);
    assert_eq!(clinic.world.get(&session, "/reception").status, 200);
    done(&clinic.act(clinic.admin, clinic.clerk, "end", &[("when", "now")]));
    assert_ne!(clinic.world.get(&session, "/reception").status, 200);
    assert!(
        !clinic
            .member(clinic.clerk)
            .is_open(clinic.world.app.gate.now())
    );
    for verb in ["role", "end", "password"] {
        let reply = clinic.act(
            clinic.admin,
            clinic.clerk,
            verb,
            &[("role", "nurse"), ("when", "now")],
        );
        refused(&reply, 409, "TSK-STF-011");
    }
    let back = clinic.act(clinic.admin, clinic.clerk, "reopen", &[]);
    assert_eq!(back.status, 200, "{}", back.text());
    let member = clinic.member(clinic.clerk);
    assert!(member.must_change && member.is_open(clinic.world.app.gate.now()));
}

#[test]
fn an_account_ends_after_its_last_day() {
    let clinic = clinic();
    done(&clinic.act(
        clinic.admin,
        clinic.clerk,
        "end",
        &[("last_day", "2026-11-24")],
    ));
    // It is the 22nd, 10 o'clock: the 24th is the last day, to its end.
    clinic.world.clock.advance(2 * 86_400 + 14 * 3600 - 60);
    assert_eq!(
        clinic
            .world
            .get(&clinic.of(clinic.clerk), "/reception")
            .status,
        200
    );
    clinic.world.clock.advance(60);
    assert_ne!(
        clinic
            .world
            .get(&clinic.of(clinic.clerk), "/reception")
            .status,
        200
    );
    assert!(
        clinic
            .page(clinic.admin, "/office/accounts")
            .contains("終了")
    );
}

#[test]
fn an_end_date_can_be_taken_back() {
    let clinic = clinic();
    done(&clinic.act(
        clinic.admin,
        clinic.clerk,
        "end",
        &[("last_day", "2026-11-24")],
    ));
    done(&clinic.act(clinic.admin, clinic.clerk, "end", &[("last_day", "")]));
    assert_eq!(clinic.member(clinic.clerk).ends_at, None);
    let past = clinic.act(
        clinic.admin,
        clinic.clerk,
        "end",
        &[("last_day", "2026-11-21")],
    );
    refused(&past, 422, "TSK-STF-003");
}

#[test]
fn an_unused_account_stands_in_the_review_and_is_ended_there() {
    let clinic = clinic();
    assert!(
        !clinic
            .page(clinic.admin, "/office/accounts/review")
            .contains("90日以上未使用")
    );
    clinic.days_pass(89);
    assert!(
        !clinic
            .page(clinic.admin, "/office/accounts/review")
            .contains("90日以上未使用")
    );
    clinic.days_pass(1);
    let page = clinic.page(clinic.admin, "/office/accounts/review");
    assert!(page.contains("90日以上未使用"));
    let action = format!("/office/accounts/{}/end", clinic.clerk.to_hex());
    assert!(page.contains(&action));
    done(
        &clinic
            .world
            .submit(&clinic.of(clinic.admin), &action, &[("when", "now")]),
    );
    assert!(
        !clinic
            .page(clinic.admin, "/office/accounts/review")
            .contains(&action)
    );
}

#[test]
fn the_monthly_review_is_signed_off_with_a_remark() {
    let clinic = clinic();
    let path = "/office/accounts/review";
    assert!(
        clinic
            .page(clinic.admin, path)
            .contains("今月の点検がまだです")
    );
    let empty = clinic
        .world
        .submit(&clinic.of(clinic.admin), path, &[("remark", " ")]);
    refused(&empty, 422, "TSK-STF-012");
    done(&clinic.world.submit(
        &clinic.of(clinic.admin),
        path,
        &[("remark", "退職者なし。問題なし。")],
    ));
    let page = clinic.page(clinic.admin, path);
    assert!(page.contains("今月の点検は記録済みです") && page.contains("退職者なし。問題なし。"));
    clinic.days_pass(9);
    assert!(
        clinic
            .page(clinic.admin, path)
            .contains("今月の点検がまだです")
    );
    refused(
        &clinic
            .world
            .submit(&clinic.of(clinic.officer), path, &[("remark", "x")]),
        403,
        "TSK-ACC-003",
    );
}

#[test]
fn another_facilitys_account_looks_absent() {
    let clinic = clinic();
    let other = clinic.world.facility("1310000002", "あおば医院");
    let stranger = hire(
        &clinic.world,
        &other,
        "x@1310000002",
        "余所 一",
        Role::Clerk,
    );
    let nobody = StaffId::from_bytes([9; 16]);
    let admin = clinic.of(clinic.admin);
    for staff in [stranger, nobody] {
        let path = format!("/office/accounts/{}", staff.to_hex());
        refused(&clinic.world.get(&admin, &path), 404, "TSK-STF-001");
        for verb in ["role", "end", "reopen", "password", "grant", "substitute"] {
            let fields = [
                ("role", "nurse"),
                ("when", "now"),
                ("reason", "x"),
                ("right", "administrator"),
                ("why", "x"),
            ];
            let reply = clinic
                .world
                .submit(&admin, &format!("{path}/{verb}"), &fields);
            refused(&reply, 404, "TSK-STF-001");
        }
    }
    assert!(
        !clinic
            .page(clinic.admin, "/office/accounts")
            .contains("余所")
    );
}

#[test]
fn a_substitute_code_takes_two_people_and_is_shown_once() {
    let clinic = clinic();
    done(&clinic.act(
        clinic.admin,
        clinic.clerk,
        "substitute",
        &[("reason", "スマートフォンを忘れた")],
    ));
    let path = format!("/office/accounts/{}", clinic.clerk.to_hex());
    let own = clinic.page(clinic.admin, &path);
    assert!(
        own.contains("もう一人の施設管理者の承認を待っています")
            && !own.contains("/office/substitutes/")
    );
    let page = clinic.page(clinic.second, &path);
    let id = page
        .split("/office/substitutes/")
        .nth(1)
        .unwrap()
        .get(..32)
        .unwrap()
        .to_owned();
    let issue = format!("/office/substitutes/{id}");
    let same = clinic.world.submit(&clinic.of(clinic.admin), &issue, &[]);
    assert_eq!(same.status, 403, "{}", same.text());
    let code = clinic.world.submit(&clinic.of(clinic.second), &issue, &[]);
    assert_eq!(code.status, 200, "{}", code.text());
    assert!(code.text().contains("<code>"));
    let twice = clinic.world.submit(&clinic.of(clinic.second), &issue, &[]);
    assert_eq!(twice.status, 404, "{}", twice.text());
    let without = clinic.act(clinic.admin, clinic.clerk, "substitute", &[("reason", "")]);
    refused(&without, 422, "TSK-STF-003");
}

#[test]
fn every_act_leaves_one_record_of_its_own() {
    let clinic = clinic();
    type Act = (
        &'static str,
        &'static [(&'static str, &'static str)],
        &'static str,
    );
    let acts: [Act; 5] = [
        ("role", &[("role", "nurse")], "accounts.role"),
        ("end", &[("last_day", "2027-03-31")], "accounts.end"),
        ("password", &[], "accounts.password"),
        (
            "grant",
            &[("right", "safety-officer"), ("why", "後任")],
            "accounts.grant-ask",
        ),
        (
            "substitute",
            &[("reason", "故障")],
            "accounts.substitute-ask",
        ),
    ];
    for (verb, fields, event) in acts {
        let admin = clinic.of(clinic.admin);
        let before = clinic.world.records();
        let path = format!("/office/accounts/{}/{verb}", clinic.clerk.to_hex());
        let reply = clinic.world.submit(&admin, &path, fields);
        assert!(reply.status < 400, "{}", reply.text());
        assert_eq!(clinic.world.records(), before + 1, "{verb}");
        assert_eq!(clinic.records()[0], (event.to_owned(), None));
        let refused = clinic.world.submit(
            &admin,
            &path.replace(&clinic.clerk.to_hex(), &clinic.admin.to_hex()),
            fields,
        );
        assert_eq!(refused.code(), "TSK-STF-005", "{verb}");
    }
}

#[test]
fn changes_need_a_second_factor_of_the_last_five_minutes() {
    let clinic = clinic();
    let (admin, officer) = (clinic.of(clinic.admin), clinic.of(clinic.officer));
    clinic.world.clock.advance(6 * 60);
    let path = format!("/office/accounts/{}", clinic.clerk.to_hex());
    assert_eq!(clinic.world.get(&admin, &path).status, 200);
    let fields = [
        ("role", "administrator"),
        ("reason", "x"),
        ("when", "now"),
        ("remark", "x"),
    ];
    let paths = ["role", "end", "reopen", "password", "grant", "substitute"]
        .map(|verb| format!("{path}/{verb}"));
    let others = ["/office/accounts", "/office/accounts/review"].map(str::to_owned);
    let ids = ["rights", "substitutes"].map(|what| format!("/office/{what}/{}", "0".repeat(32)));
    for path in paths.iter().chain(&others).chain(&ids) {
        let reply = clinic.world.submit(&admin, path, &fields);
        assert_eq!(reply.status, 303, "{path}");
        assert!(
            reply.header("location").starts_with("/account/confirm"),
            "{path}"
        );
    }
    let week = [("week", "2026-11-09"), ("remark", "x")];
    let reply = clinic
        .world
        .submit(&officer, "/office/access-review", &week);
    assert!(reply.header("location").starts_with("/account/confirm"));
    let member = clinic.member(clinic.clerk);
    assert!(member.role == Role::Clerk && member.ends_at.is_none() && !member.must_change);
}

#[test]
fn a_dormant_account_is_woken_by_an_administrator_only() {
    let clinic = clinic();
    clinic.days_pass(90);
    assert!(
        clinic
            .member(clinic.clerk)
            .is_dormant(clinic.world.app.gate.now())
    );
    let reply = clinic.act(clinic.admin, clinic.clerk, "reopen", &[]);
    assert_eq!(reply.status, 200, "{}", reply.text());
    let member = clinic.member(clinic.clerk);
    assert!(!member.is_dormant(clinic.world.app.gate.now()) && member.must_change);
}
