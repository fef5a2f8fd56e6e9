//! The key and its three shares.

use super::*;
use std::process::Command;

fn letters() -> (Identity, Vec<String>) {
    let identity = Identity::generate();
    let shares = identity.split().unwrap();
    (
        identity,
        shares.iter().map(|s| s.reveal().clone()).collect(),
    )
}

fn flaw(texts: &[&str]) -> (usize, ShareFlaw) {
    match Identity::from_shares(texts) {
        Err(BackupError::Share { which, flaw }) => (which, flaw),
        other => panic!("{other:?}"),
    }
}

#[test]
fn any_two_of_three_shares_give_the_key_back() {
    let (identity, l) = letters();
    let orders: [&[usize]; 7] = [
        &[0, 1],
        &[1, 0],
        &[0, 2],
        &[2, 0],
        &[1, 2],
        &[2, 1],
        &[2, 0, 1],
    ];
    for order in orders {
        let texts: Vec<&str> = order.iter().map(|i| l[*i].as_str()).collect();
        let found = Identity::from_shares(&texts).unwrap();
        assert_eq!(found.recipient(), identity.recipient(), "{order:?}");
        assert_eq!(found.to_file_text(), identity.to_file_text());
    }
}

#[test]
fn a_share_can_be_typed_in_with_spaces_and_in_lower_case() {
    let (identity, l) = letters();
    let typed: Vec<String> = l
        .iter()
        .map(|letter| {
            let line = letter.lines().last().unwrap();
            format!("  {}  ", line.to_lowercase().replace('-', " "))
        })
        .collect();
    let found = Identity::from_shares(&[&typed[0], &typed[2]]).unwrap();
    assert_eq!(found.recipient(), identity.recipient());
}

#[test]
fn one_share_is_not_enough_and_none_is_not_either() {
    let (_, l) = letters();
    for texts in [&[][..], &[l[1].as_str()][..]] {
        assert!(matches!(
            Identity::from_shares(texts),
            Err(BackupError::TooFewShares(n)) if n == texts.len()
        ));
    }
}

#[test]
fn a_share_given_twice_or_of_another_repository_is_told_by_its_place() {
    let (_, l) = letters();
    let (_, other) = letters();
    assert_eq!(flaw(&[&l[0], &l[0]]), (2, ShareFlaw::Repeated));
    assert_eq!(flaw(&[&l[0], &l[1], &l[0]]), (3, ShareFlaw::Repeated));
    assert_eq!(flaw(&[&l[0], &other[1]]), (2, ShareFlaw::OtherRepository));
    assert_eq!(
        flaw(&[&l[0], "my shopping list"]),
        (2, ShareFlaw::NotAShare)
    );
    assert_eq!(flaw(&["", &l[0]]), (1, ShareFlaw::NotAShare));
}

#[test]
fn every_mistyped_letter_of_a_share_is_noticed_and_the_share_named() {
    let (_, l) = letters();
    let line = l[1].lines().last().unwrap();
    let after_mark = line.find('-').unwrap();
    for (i, right) in line.char_indices().skip(after_mark) {
        if right == '-' {
            continue;
        }
        for wrong in ['0', 'F', 'G', 'O'] {
            if wrong == right {
                continue;
            }
            let mut typed = line.to_owned();
            typed.replace_range(i..=i, &wrong.to_string());
            assert_eq!(
                flaw(&[&l[0], &typed]),
                (2, ShareFlaw::Mistyped),
                "{i} {wrong}"
            );
        }
    }
    let cut = &line[..line.len() - 1];
    assert_eq!(flaw(&[cut, &l[0]]), (1, ShareFlaw::Mistyped));
}

#[test]
fn a_share_says_what_it_is_in_japanese_and_english() {
    let (identity, l) = letters();
    for (number, letter) in (1..).zip(&l) {
        assert!(letter.contains(&format!("分割片 {number}/3")), "{letter}");
        assert!(letter.contains(&format!("Share {number} of 3")), "{letter}");
        assert!(letter.contains(&identity.repository()));
    }
}

#[test]
fn keys_and_shares_never_show_in_debug_output() {
    let (identity, _) = letters();
    let shown = format!("{identity:?} {:?}", identity.split().unwrap());
    assert!(!shown.contains("AGE-SECRET"), "{shown}");
    assert!(!shown.contains("TASUKI1"), "{shown}");
}

#[test]
fn a_key_file_holds_exactly_one_age_identity() {
    let identity = Identity::generate();
    let text = identity.to_file_text();
    let folder = Folder::new();
    let path = folder.join("key.txt");
    fs::write(&path, text.reveal()).unwrap();
    let found = Identity::from_file(&path).unwrap();
    assert_eq!(found.recipient(), identity.recipient());
    let twice = format!("{0}{0}", text.reveal());
    for bad in ["", "# nothing\n", "AGE-SECRET-KEY-1", twice.as_str()] {
        assert!(matches!(
            Identity::from_file_text(bad),
            Err(BackupError::NotAnIdentity)
        ));
    }
}

#[test]
fn a_key_file_of_age_keygen_is_read_and_can_be_split() {
    let made = match Command::new("age-keygen").output() {
        Ok(made) if made.status.success() => made,
        _ => return skipped("a key by age-keygen", "age is not installed"),
    };
    let identity = Identity::from_file_text(&String::from_utf8(made.stdout).unwrap()).unwrap();
    let shares = identity.split().unwrap();
    let found = Identity::from_shares(&[shares[2].reveal(), shares[0].reveal()]).unwrap();
    assert_eq!(found.to_file_text(), identity.to_file_text());
}
