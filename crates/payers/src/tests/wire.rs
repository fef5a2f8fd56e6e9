//! Every item that is missing or malformed is found, with its own code.

use super::*;

#[test]
fn each_fault_is_found_at_its_item() {
    let town = town();
    let cases: &[(&str, &str, &str)] = &[
        ("change", "moved", "TSK-PAY-010"),
        ("change", "", "TSK-PAY-016"),
        ("number", "", "TSK-PAY-016"),
        ("number", "123456789012345678901", "TSK-PAY-012"),
        ("symbol", "1:2", "TSK-PAY-012"),
        ("branch", "123", "TSK-PAY-012"),
        ("name", "", "TSK-PAY-016"),
        ("kana", "\u{7}", "TSK-PAY-013"),
        ("post_code", "12-34", "TSK-PAY-013"),
        ("birth_date", "昭和60年", "TSK-PAY-014"),
        ("from", "2026-02-30", "TSK-PAY-014"),
        ("until", "2026-03-01", "TSK-PAY-020"),
        ("sex", "9", "TSK-PAY-015"),
        ("relation", "3", "TSK-PAY-015"),
        ("copay", "4", "TSK-PAY-015"),
        ("card_kind", "A", "TSK-PAY-015"),
        ("loss_reason", "04", "TSK-PAY-015"),
        ("ceiling_class", "C01", "TSK-PAY-015"),
        ("reference", "123", "TSK-PAY-005"),
        ("address", "丁\u{fffd}", "TSK-PAY-017"),
    ];
    for (item, value, code) in cases {
        let reply = town.union(&with(member(), &[(item, value)]));
        let found = codes(&reply);
        assert_eq!(reply.status, 422, "{item} {value}: {}", reply.text());
        assert!(found.contains(&(*code).to_owned()), "{item}: {found:?}");
        let paths = reply.json()["findings"].clone();
        assert!(paths.to_string().contains(item), "{item}: {paths}");
    }
}

#[test]
fn half_a_certificate_and_half_a_key_are_none() {
    let town = town();
    for (item, value, missing) in [
        ("ceiling_last", "2027-07-31", "ceiling_from"),
        ("ceiling_kind", "01", "ceiling_class"),
        ("elderly_copay", "2", "elderly_from"),
        ("dialysis_yen", "10000", "dialysis_from"),
        ("card_last", "2027-07-31", "card_from"),
        ("old_branch", "01", "old_number"),
        ("previous_number", "1111", "previous_insurer_number"),
    ] {
        let reply = town.union(&with(member(), &[(item, value)]));
        assert_eq!(reply.code(), "TSK-PAY-016", "{item}");
        assert_eq!(reply.json()["findings"][0]["path"], missing);
    }
    let bad = [("dialysis_from", "2026-08-01"), ("dialysis_yen", "-1")];
    assert_eq!(town.union(&with(member(), &bad)).code(), "TSK-PAY-015");
}

#[test]
fn all_faults_of_a_change_come_back_together() {
    let town = town();
    let reply = town.union(&with(
        member(),
        &[("sex", "x"), ("copay", "x"), ("from", "x")],
    ));
    assert_eq!(codes(&reply).len(), 3, "{}", reply.text());
}

#[test]
fn an_unknown_item_is_no_json_of_ours() {
    let town = town();
    assert_eq!(
        town.union(&with(member(), &[("prefecture", "13")])).status,
        400
    );
}

#[test]
fn the_list_of_items_names_each_in_both_languages_once() {
    let town = town();
    let items = town
        .world
        .get(&town.union_system, "/api/v1/insurers/items")
        .json();
    let items = items["items"].as_array().expect("a list").clone();
    let mut names: Vec<&str> = items
        .iter()
        .flat_map(|one| [one["item"].as_str(), one["ja"].as_str()])
        .flatten()
        .collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}
