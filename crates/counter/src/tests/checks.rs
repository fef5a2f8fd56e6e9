//! One form: the platform answers while the line holds, the copy while it is cut.

use super::*;

const CHECKED: &str = "eligibility.check";

#[test]
fn while_the_line_holds_the_platform_answers() {
    let pair = pair();
    let reply = pair.check(SAWAKO, "a");
    assert_eq!(reply.status, 200);
    let text = reply.text();
    assert!(
        text.contains("有効な資格です") && !text.contains("仮の回答"),
        "{text}"
    );
    assert_eq!(pair.times(SAWAKO, CHECKED), 1);
    // Its refusals come through with code and next step.
    let mut form = pair.form(SAWAKO, "b");
    form[5].1 = "77".to_owned();
    let reply = pair.submit(&form);
    assert_eq!((reply.status, reply.code().as_str()), (422, "TSK-ELG-002"));
    assert!(reply.text().contains("枝番"), "{}", reply.text());
}

#[test]
fn while_it_is_cut_the_copy_answers_and_says_so() {
    let pair = pair();
    pair.comes(SAWAKO);
    pair.fetched();
    for why in [
        Cut::Connection,
        Cut::Time,
        Cut::Name,
        Cut::Tls,
        Cut::Status(503),
        Cut::Form,
    ] {
        pair.pass(60);
        pair.cut(Some(why));
        let text = pair.check(SAWAKO, &format!("{why:?}")).text();
        assert!(
            text.contains("控えによる仮の回答") && text.contains("2026"),
            "{text}"
        );
        assert!(text.contains("3割") && text.contains("佐和子"), "{text}");
        assert!(!text.contains("有効な資格です"), "{text}");
    }
    pair.pass(5 * 3_600);
    let text = pair.check(SAWAKO, "later").text();
    assert!(text.contains("時点(5時間前)"), "{text}");
    let page = pair.clinic.get(&pair.clerk(), "/counter").text();
    assert!(
        page.contains("回線が切れています") && page.contains("7件"),
        "{page}"
    );
}

#[test]
fn a_line_that_was_found_cut_is_not_asked_again_for_twenty_seconds() {
    let pair = pair();
    pair.comes(SAWAKO);
    pair.fetched();
    pair.cut(Some(Cut::Time));
    let asked = || pair.lever.asked.lock().unwrap().len();
    let before = asked();
    for key in ["a", "b", "c"] {
        assert_eq!(pair.check(SAWAKO, key).status, 200);
    }
    assert_eq!(
        asked() - before,
        1,
        "nobody waits three seconds a second time"
    );
    pair.pass(21);
    let _ = pair.check(SAWAKO, "d");
    assert_eq!(asked() - before, 2);
}

#[test]
fn an_own_patient_is_found_by_kana_and_birth_and_nobody_by_one_of_them() {
    let pair = pair();
    pair.comes(SAWAKO);
    pair.fetched();
    let life = &pair.lives[SAWAKO];
    let ask = |kana: &str, (year, month, day): (i16, i8, i8), key: &str| {
        let fields = [
            ("way", "name".to_owned()),
            ("key", key.to_owned()),
            ("kana", kana.to_owned()),
            ("own_birth_era", "AD".to_owned()),
            ("own_birth_year", year.to_string()),
            ("own_birth_month", month.to_string()),
            ("own_birth_day", day.to_string()),
        ];
        pair.submit(&fields)
    };
    let kana = kana(life);
    let birth = (life.birth.year(), life.birth.month(), life.birth.day());
    // By line, the platform is asked with the number that the copy knows.
    let text = ask(&kana, birth, "a").text();
    assert!(text.contains("有効な資格です"), "{text}");
    pair.cut(Some(Cut::Connection));
    for typed in [
        kana.clone(),
        kana.replace(' ', ""),
        kana.replace(' ', "\u{3000}"),
    ] {
        let text = ask(&typed, birth, &typed).text();
        assert!(text.contains("控えによる仮の回答"), "{typed}: {text}");
    }
    let (family, _) = kana.split_once(' ').expect("two names");
    for (typed, birth) in [
        (family, birth),
        ("%", birth),
        (kana.as_str(), (birth.0, birth.1, birth.2 % 28 + 1)),
        (kana.as_str(), (birth.0 - 1, birth.1, birth.2)),
    ] {
        let reply = ask(typed, birth, "x");
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (404, "TSK-OFF-025"),
            "{typed}"
        );
        assert!(!reply.text().contains("佐和子"));
    }
    // Somebody of the platform who never came here.
    let twin = &pair.lives[TWIN];
    let theirs = (twin.birth.year(), twin.birth.month(), twin.birth.day());
    assert_eq!(ask(&super::kana(twin), theirs, "y").code(), "TSK-OFF-025");
    assert_eq!(ask("", birth, "z").code(), "TSK-OFF-027");
    assert_eq!(ask(&kana, (2000, 13, 1), "z").code(), "TSK-ELG-024");
}

#[test]
fn an_old_copy_is_not_used_and_says_what_to_do() {
    let pair = pair();
    pair.comes(SAWAKO);
    pair.fetched();
    pair.cut(Some(Cut::Connection));
    pair.pass(72 * 3_600 - 1);
    assert!(pair.check(SAWAKO, "a").text().contains("時点(71時間前)"));
    pair.pass(1);
    let text = pair.check(SAWAKO, "b").text();
    assert!(
        text.contains("TSK-CPY-015") && text.contains("写しをとり"),
        "{text}"
    );
    assert!(!text.contains("3割"), "{text}");
    // A clock that was set back shows: the copy would be of the future.
    pair.clinic.clock.advance(-73 * 3_600);
    let text = pair.check(SAWAKO, "c").text();
    assert!(
        text.contains("TSK-CPY-016") && !text.contains("3割"),
        "{text}"
    );
}

#[test]
fn without_a_copy_or_outside_it_the_number_is_noted_for_later() {
    let pair = pair();
    pair.cut(Some(Cut::Connection));
    let text = pair.check(SAWAKO, "a").text();
    assert!(
        text.contains("TSK-OFF-023") && text.contains("この確認は記録しました"),
        "{text}"
    );
    pair.cut(None);
    pair.comes(TAKASHI);
    pair.fetched();
    pair.cut(Some(Cut::Connection));
    let text = pair.check(SAWAKO, "b").text();
    assert!(
        text.contains("TSK-OFF-024") && text.contains("この確認は記録しました"),
        "{text}"
    );
}

#[test]
fn the_copy_tells_wrong_branch_and_lapsed_as_the_platform_does() {
    let pair = pair();
    pair.comes(SAWAKO);
    pair.change(SAWAKO, ChangeKind::Lost, |c| {
        let last = JstDate::parse("2026-11-20");
        c.period = kernel::time::Period::new(c.period.from(), last).expect("a period");
    });
    pair.fetched();
    pair.cut(Some(Cut::Connection));
    let text = pair.check(SAWAKO, "a").text();
    assert!(
        text.contains("TSK-ELG-005") && text.contains("佐和子"),
        "{text}"
    );
    let mut form = pair.form(SAWAKO, "b");
    form[5].1 = "77".to_owned();
    assert_eq!(pair.submit(&form).code(), "TSK-ELG-002");
    form[2].1 = "12".to_owned();
    assert_eq!(pair.submit(&form).code(), "TSK-ELG-020");
}

#[test]
fn whose_registration_was_ended_is_not_answered_from_the_copy() {
    let pair = pair();
    pair.comes(SAWAKO);
    pair.fetched();
    pair.cut(Some(Cut::Registration));
    for key in ["a", "b"] {
        let reply = pair.check(SAWAKO, key);
        assert_eq!((reply.status, reply.code().as_str()), (403, "TSK-OFF-022"));
        assert!(!reply.text().contains("3割"));
    }
    let page = pair.clinic.get(&pair.clerk(), "/counter").text();
    assert!(page.contains("登録を受け付けません"), "{page}");
}

#[test]
fn each_look_leaves_one_record_or_more_on_the_facilitys_chain() {
    let pair = pair();
    pair.comes(SAWAKO);
    pair.fetched();
    for cut in [None, Some(Cut::Connection), Some(Cut::Registration)] {
        pair.pass(60);
        pair.cut(cut);
        let before = pair.clinic.records();
        let _ = pair.check(SAWAKO, &format!("{cut:?}"));
        assert!(pair.clinic.records() > before, "{cut:?}");
    }
}
