//! Which names, which roles, how long.

use kernel::time::JstDate;
use store::caller::Role;

use crate::rules::account::{is_elevated, is_shared_name, monday, month};

#[test]
fn a_name_of_a_post_is_no_account() {
    let shared = [
        "nurse",
        "Nurse1",
        "nurse-2a",
        "reception1",
        "reception1@1310000001",
        "RECEPTION_2",
        "admin",
        "共用",
        "共用端末",
        "受付",
        "受付1",
        "受付端末",
        "２階病棟",
        "看護師",
        "看護師全員",
        "薬剤師 2",
        "当直医共通",
        "ｎｕｒｓｅ",
        "staff.guest",
    ];
    for name in shared {
        assert!(is_shared_name(name), "{name}");
    }
    let personal = [
        "佐藤 花子",
        "看護 太郎",
        "受付 花子",
        "h.sato",
        "nurse.tanaka",
        "admin-suzuki@1310000001",
        "Anna Nurse",
        "10442",
        "外村 進",
        "医王 晴美",
        "病田 悟",
        "doctorow",
    ];
    for name in personal {
        assert!(!is_shared_name(name), "{name}");
    }
}

#[test]
fn administrators_safety_officers_and_vendors_are_elevated_and_nobody_else() {
    let elevated: Vec<Role> = Role::STAFF
        .into_iter()
        .filter(|r| is_elevated(*r))
        .collect();
    assert_eq!(
        elevated,
        [
            Role::Administrator,
            Role::SafetyOfficer,
            Role::VendorSupport
        ]
    );
}

#[test]
fn a_week_begins_on_monday_and_a_month_on_its_first() {
    let date = |text| JstDate::parse(text).unwrap();
    for (day, begins) in [
        ("2026-11-22", "2026-11-16"),
        ("2026-11-23", "2026-11-23"),
        ("2026-11-29", "2026-11-23"),
        ("2027-01-01", "2026-12-28"),
        ("1969-12-31", "1969-12-29"),
    ] {
        assert_eq!(monday(date(day)).to_string(), begins);
    }
    assert_eq!(month(date("2026-03-31")), "2026-03");
}
