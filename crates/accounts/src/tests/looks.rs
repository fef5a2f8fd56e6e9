//! The weekly review of access, from real looks through the router.

use testkit::population::demo;

use super::*;

const PATH: &str = "/office/access-review";

/// The clerk verifies somebody of the demonstration's family by number.
fn check(clinic: &Clinic, who: StaffId, member: usize) -> Reply {
    let coverage = demo::family(today())[member]
        .coverage_on(today())
        .cloned()
        .unwrap();
    let branch = coverage
        .branch
        .as_ref()
        .map_or("", |branch| branch.as_str());
    let fields = [
        ("insurer_number", coverage.insurer.number.as_str()),
        ("symbol", coverage.symbol.as_str()),
        ("number", coverage.number.as_str()),
        ("branch", branch),
    ];
    clinic.world.submit(&clinic.of(who), "/reception", &fields)
}

fn with_family() -> Clinic {
    let clinic = clinic();
    for life in demo::family(today()) {
        let _person = clinic.world.person(&life);
    }
    clinic
}

fn notes(clinic: &Clinic) -> usize {
    let facility = clinic.home.id;
    let (from, until) = (
        today().plus_days(-30).start(),
        today().plus_days(30).start(),
    );
    clinic
        .world
        .set_up(move |call| Ok(call.notes(facility, from, until, 1_000)?.len()))
}

#[test]
fn each_look_by_staff_leaves_one_note_and_no_other_look_does() {
    let clinic = with_family();
    done(&check(&clinic, clinic.clerk, 0));
    assert_eq!(notes(&clinic), 1);
    // The record system's own checks are not the staff's.
    let system = clinic.world.system(&clinic.home);
    let coverage = demo::family(today())[0]
        .coverage_on(today())
        .cloned()
        .unwrap();
    let body = serde_json::json!({
        "insurer_number": coverage.insurer.number.as_str(),
        "symbol": coverage.symbol.as_str(),
        "number": coverage.number.as_str(),
        "branch": coverage.branch.as_ref().map(|branch| branch.as_str()),
    });
    let reply = clinic
        .world
        .post(&system, "/api/v1/eligibility/checks", &body);
    assert_eq!(reply.status, 200, "{}", reply.text());
    let _page = clinic.page(clinic.officer, PATH);
    assert_eq!(notes(&clinic), 1);
}

#[test]
fn a_note_names_the_patient_by_the_facilitys_own_pseudonym() {
    let clinic = with_family();
    let other = clinic.world.facility("1310000002", "あおば医院");
    let person = kernel::id::PersonId::from_bytes([7; 16]);
    let (here, there) = (clinic.home.id, other.id);
    let (one, again, elsewhere) = clinic.world.set_up(move |call| {
        Ok((
            call.patient_tag(here, person),
            call.patient_tag(here, person),
            call.patient_tag(there, person),
        ))
    });
    assert_eq!(one, again);
    assert_ne!(one, elsewhere);
    assert!(!one.to_hex().contains("0707"));
}

#[test]
fn the_safety_officer_sees_what_stands_out_and_no_patients_name() {
    let clinic = with_family();
    // 橘 みのり looks at 橘 佐和子.
    done(&check(&clinic, clinic.clerk, 0));
    clinic.days_pass(1);
    let page = clinic.page(clinic.officer, PATH);
    assert!(
        page.contains("橘 みのり") && page.contains("同じ姓の患者さんの閲覧"),
        "{page}"
    );
    assert!(!page.contains("佐和子"));
    refused(
        &clinic.world.get(&clinic.of(clinic.admin), PATH),
        403,
        "TSK-ACC-003",
    );
    refused(
        &clinic.world.get(&clinic.of(clinic.clerk), PATH),
        403,
        "TSK-ACC-003",
    );
}

#[test]
fn another_facilitys_looks_are_not_shown() {
    let clinic = with_family();
    let other = clinic.world.facility("1310000002", "あおば医院");
    let officer = hire(
        &clinic.world,
        &other,
        "x@1310000002",
        "余所 護",
        Role::SafetyOfficer,
    );
    done(&check(&clinic, clinic.clerk, 0));
    clinic.days_pass(1);
    let facility = other.id;
    let there = As::Browser(clinic.world.set_up(move |call| {
        let token = session::begin(call, Whose::Staff(facility, officer), Stage::Full)?;
        Ok(token.reveal().clone())
    }));
    let page = clinic.world.get(&there, PATH).text();
    assert!(page.contains("目立つ閲覧はありませんでした") && !page.contains("橘"));
}

#[test]
fn refusals_in_a_row_are_found_on_the_facilitys_chain() {
    let clinic = clinic();
    for _ in 0..5 {
        // Nobody of this family is enrolled here.
        assert_eq!(check(&clinic, clinic.clerk, 0).status, 404);
    }
    clinic.days_pass(1);
    let page = clinic.page(clinic.officer, PATH);
    assert!(page.contains("続けて拒否された操作"), "{page}");
}

#[test]
fn a_week_is_signed_off_once_it_is_over_with_a_remark() {
    let clinic = clinic();
    let week = [
        ("week", "2026-11-16"),
        ("remark", "問題なし。当直の交代を確認。"),
    ];
    let early = clinic.world.submit(&clinic.of(clinic.officer), PATH, &week);
    refused(&early, 422, "TSK-STF-012");
    clinic.days_pass(1);
    for fields in [
        [("week", "2026-11-16"), ("remark", "")],
        [("week", "2026-11-17"), ("remark", "x")],
        [("week", "last"), ("remark", "x")],
    ] {
        let reply = clinic
            .world
            .submit(&clinic.of(clinic.officer), PATH, &fields);
        refused(&reply, 422, "TSK-STF-012");
    }
    done(&clinic.world.submit(&clinic.of(clinic.officer), PATH, &week));
    let page = clinic.page(clinic.officer, PATH);
    assert!(page.contains("この週の点検は記録済みです") && page.contains("当直の交代を確認"));
    refused(
        &clinic.world.submit(&clinic.of(clinic.admin), PATH, &week),
        403,
        "TSK-ACC-003",
    );
}

#[test]
fn notes_go_when_a_week_is_signed_off_four_hundred_days_later() {
    let clinic = with_family();
    done(&check(&clinic, clinic.clerk, 0));
    let sign = |week: &str| {
        let fields = [("week", week), ("remark", "問題なし。")];
        done(
            &clinic
                .world
                .submit(&clinic.of(clinic.officer), PATH, &fields),
        );
    };
    clinic.days_pass(60);
    sign("2027-01-11");
    assert_eq!(notes(&clinic), 1);
    // 400 days before Monday 2028-01-03 is 2026-11-29, a week after the look.
    wake(&clinic);
    clinic.days_pass(360);
    wake(&clinic);
    sign("2028-01-03");
    assert_eq!(notes(&clinic), 0);
}

/// The safety officer logs in often enough.
fn wake(clinic: &Clinic) {
    let (facility, officer) = (clinic.home.id, clinic.officer);
    let _woken = clinic
        .world
        .set_up(move |call| Ok(access::staff::wake(call, facility, officer)?));
}
