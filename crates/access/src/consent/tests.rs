//! Precedence, as a table and as laws.

use kernel::{
    id::{ConsentId, FacilityId},
    time::Timestamp,
};
use proptest::prelude::*;
use store::caller::Purpose;

use super::{
    Act, By, Category, Entry, HOURS, STANDING_DAYS, Scope, Source, Standing, granted, in_force,
    rule::{is_closed_by, is_taken_back},
    standing, standing_until,
};
use crate::errors;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros((1_795_309_200 + seconds) * 1_000_000)
}

fn here() -> FacilityId {
    FacilityId::from_bytes([1; 16])
}

fn there() -> FacilityId {
    FacilityId::from_bytes([2; 16])
}

const fn scope(facility: FacilityId, category: Category) -> Scope {
    Scope {
        facility,
        category,
        purpose: Purpose::Treatment,
    }
}

fn lab() -> Scope {
    scope(here(), Category::Laboratory)
}

fn entry(act: Act, source: Source, when: i64, until: Option<i64>) -> Entry {
    Entry {
        number: 0,
        facility: here(),
        category: Category::Laboratory,
        purpose: Purpose::Treatment,
        act,
        source,
        method: "pin".to_owned(),
        by: By::Patient,
        at: at(when),
        expires_at: until.map(at),
        id: ConsentId::from_bytes([9; 16]),
    }
}

/// A choice at a visit that opens.
fn opened(when: i64) -> Entry {
    entry(Act::Given, Source::Visit, when, Some(when + HOURS * HOUR))
}

/// A choice at a visit that leaves it out.
fn left_out(when: i64) -> Entry {
    entry(Act::Refused, Source::Visit, when, Some(when + HOURS * HOUR))
}

/// A standing choice.
fn always(when: i64, until: i64) -> Entry {
    entry(Act::Given, Source::Standing, when, Some(until))
}

/// A standing choice that leaves it out of the one before.
fn no_more(when: i64) -> Entry {
    entry(Act::Refused, Source::Standing, when, Some(when + DAY))
}

fn taken_back(when: i64) -> Entry {
    entry(Act::Withdrawn, Source::Patient, when, None)
}

/// Numbers them in this order.
fn ledger(entries: Vec<Entry>) -> Vec<Entry> {
    let numbered = (1..).zip(entries);
    numbered
        .map(|(number, entry)| Entry { number, ..entry })
        .collect()
}

fn words(found: Standing) -> String {
    match found {
        Standing::Given { until, source, .. } => format!("{} until {until}", source.word()),
        Standing::Never => "never".to_owned(),
        Standing::Expired => "expired".to_owned(),
        Standing::Withdrawn => "withdrawn".to_owned(),
    }
}

fn visit_until(until: i64) -> String {
    format!("visit until {}", at(until))
}

fn standing_to(until: i64) -> String {
    format!("standing until {}", at(until))
}

fn is(word: &str) -> String {
    word.to_owned()
}

/// What it is about, what the ledger holds in its order, when somebody looks, what holds.
type Case = (&'static str, Vec<Entry>, i64, String);

fn check(cases: Vec<Case>) {
    for (name, entries, now, expected) in cases {
        let ledger = ledger(entries);
        assert_eq!(words(standing(&ledger, lab(), at(now))), expected, "{name}");
        let mut shuffled = ledger.clone();
        shuffled.reverse();
        let read = standing(&shuffled, lab(), at(now));
        assert_eq!(words(read), expected, "{name}, read in another order");
        for other in [
            scope(there(), Category::Laboratory),
            scope(here(), Category::Allergies),
            Scope {
                purpose: Purpose::Emergency,
                ..lab()
            },
        ] {
            let elsewhere = standing(&ledger, other, at(now));
            assert_eq!(elsewhere, Standing::Never, "{name}, in another scope");
        }
    }
}

#[test]
fn the_choice_of_a_visit_holds_for_a_day_until_a_newer_one() {
    check(vec![
        ("nothing", vec![], 0, is("never")),
        ("this instant", vec![opened(0)], 0, visit_until(DAY)),
        (
            "the last second",
            vec![opened(0)],
            DAY - 1,
            visit_until(DAY),
        ),
        ("exactly 24 hours", vec![opened(0)], DAY, is("expired")),
        ("not given yet", vec![opened(10)], 9, is("never")),
        (
            "renewed",
            vec![opened(0), opened(100)],
            DAY,
            visit_until(DAY + 100),
        ),
        (
            "left out of a newer choice",
            vec![opened(0), left_out(10)],
            10,
            is("withdrawn"),
        ),
        (
            "left out, then chosen in the same instant",
            vec![opened(0), left_out(0), opened(0)],
            0,
            visit_until(DAY),
        ),
        (
            "chosen, then left out in the same instant",
            vec![opened(0), left_out(0)],
            0,
            is("withdrawn"),
        ),
    ]);
}

#[test]
fn a_withdrawal_beats_everything_older_whatever_the_clock_says() {
    let year = 365 * DAY;
    check(vec![
        (
            "withdrawn",
            vec![opened(0), taken_back(5)],
            5,
            is("withdrawn"),
        ),
        (
            "by a clock that was ahead",
            vec![opened(0), taken_back(5)],
            4,
            is("withdrawn"),
        ),
        (
            "by a clock that was set back",
            vec![opened(100), taken_back(5)],
            200,
            is("withdrawn"),
        ),
        (
            "in the same instant",
            vec![opened(7), taken_back(7)],
            7,
            is("withdrawn"),
        ),
        (
            "and still a day later",
            vec![opened(0), taken_back(5)],
            DAY,
            is("withdrawn"),
        ),
        (
            "a standing choice",
            vec![always(0, year), taken_back(5)],
            6,
            is("withdrawn"),
        ),
        (
            "visit and standing choice together",
            vec![always(0, year), opened(1), taken_back(2)],
            3,
            is("withdrawn"),
        ),
        (
            "given again by card",
            vec![opened(0), taken_back(5), opened(6)],
            6,
            visit_until(DAY + 6),
        ),
        (
            "given again in the instant of the withdrawal",
            vec![opened(5), taken_back(5), opened(5)],
            5,
            visit_until(DAY + 5),
        ),
        (
            "a new visit does not bring the standing choice back",
            vec![always(0, year), taken_back(5), opened(6)],
            DAY + 6,
            is("expired"),
        ),
        (
            "a new standing choice",
            vec![opened(0), taken_back(5), always(6, year)],
            DAY,
            standing_to(year),
        ),
    ]);
}

#[test]
fn the_visits_choice_comes_before_a_standing_one_and_ends_before_it() {
    let year = 365 * DAY;
    check(vec![
        (
            "a standing choice",
            vec![always(0, year)],
            40 * DAY,
            standing_to(year),
        ),
        (
            "its last second",
            vec![always(0, year)],
            year - 1,
            standing_to(year),
        ),
        ("its end", vec![always(0, year)], year, is("expired")),
        (
            "a visit that leaves it out closes it",
            vec![always(0, year), left_out(DAY)],
            DAY + HOUR,
            is("withdrawn"),
        ),
        (
            "for the time of that visit",
            vec![always(0, year), left_out(DAY)],
            2 * DAY,
            standing_to(year),
        ),
        (
            "also while the clock is set back",
            vec![always(0, year), left_out(DAY)],
            HOUR,
            is("withdrawn"),
        ),
        (
            "a newer standing choice is not closed by an older visit",
            vec![always(0, year), left_out(DAY), always(DAY + 1, year)],
            DAY + 1,
            standing_to(year),
        ),
        (
            "both open: the longer one says until when",
            vec![always(0, year), opened(10)],
            10,
            standing_to(year),
        ),
        (
            "the visit outlasts the standing choice",
            vec![always(0, HOUR), opened(10)],
            2 * HOUR,
            visit_until(DAY + 10),
        ),
        (
            "a standing choice that leaves it out replaces the one before",
            vec![always(0, year), no_more(10)],
            10,
            is("withdrawn"),
        ),
        (
            "and leaves the visit alone",
            vec![opened(0), always(1, year), no_more(10)],
            10,
            visit_until(DAY),
        ),
    ]);
}

#[test]
fn the_reason_for_nothing_is_the_strongest_one() {
    let of = |category, entry: Entry| Entry { category, ..entry };
    let ended = of(Category::Conditions, opened(-2 * DAY));
    let closed = [
        of(Category::Allergies, opened(-10)),
        of(Category::Allergies, taken_back(-5)),
    ];
    let open = opened(-10);
    let code = |entries: &[&Entry]| {
        let entries = entries.iter().map(|entry| (*entry).clone()).collect();
        granted(&ledger(entries), here(), Purpose::Treatment, at(0)).map_err(|e| e.code)
    };
    assert_eq!(code(&[]), Err(errors::CONSENT_NONE.code));
    assert_eq!(code(&[&ended]), Err(errors::CONSENT_EXPIRED.code));
    assert_eq!(
        code(&[&ended, &closed[0], &closed[1]]),
        Err(errors::CONSENT_WITHDRAWN.code)
    );
    assert_eq!(
        code(&[&ended, &closed[0], &closed[1], &open]),
        Ok(vec![(Category::Laboratory, at(-10 + DAY))])
    );
}

#[test]
fn a_standing_choice_ends_within_a_year() {
    let year = STANDING_DAYS * DAY;
    assert_eq!(standing_until(at(0), None), Ok(at(year)));
    for (until, fits) in [
        (1, true),
        (year, true),
        (0, false),
        (-1, false),
        (year + 1, false),
    ] {
        let found = standing_until(at(0), Some(at(until)));
        assert_eq!(found.is_ok(), fits, "{until}");
    }
}

#[test]
fn a_card_that_was_shown_before_a_withdrawal_speaks_no_more_whatever_the_clock_says() {
    let cases: [(&str, Vec<Entry>, i64, bool); 6] = [
        ("nothing was", vec![opened(0)], 0, false),
        ("after the card", vec![opened(0), taken_back(5)], 4, true),
        ("in its instant", vec![opened(0), taken_back(5)], 5, true),
        ("before the card", vec![opened(0), taken_back(5)], 6, false),
        (
            "by a clock set back behind the card",
            vec![opened(10), taken_back(5)],
            10,
            true,
        ),
        (
            "left out is not taken back",
            vec![opened(0), left_out(5)],
            0,
            false,
        ),
    ];
    for (name, entries, since, expected) in cases {
        let ledger = ledger(entries);
        assert_eq!(
            is_taken_back(&ledger, here(), at(since)),
            expected,
            "{name}"
        );
        assert!(!is_taken_back(&ledger, there(), at(since)), "{name}");
    }
}

#[test]
fn no_statement_changes_or_removes_an_entry() {
    let schema = crate::schema();
    let touching: Vec<String> = schema
        .statements
        .iter()
        .map(|statement| {
            statement
                .postgres()
                .split_ascii_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        })
        .filter(|sql| sql.contains("consent"))
        .collect();
    assert_eq!(touching.len(), 2, "{touching:?}");
    for sql in touching {
        assert!(
            sql.contains("consent_entry"),
            "the old table is in use: {sql}"
        );
        let adds = sql.starts_with("INSERT INTO consent_entry") && !sql.contains("CONFLICT");
        assert!(adds || sql.starts_with("SELECT"), "{sql}");
    }
}

fn an_entry() -> impl Strategy<Value = Entry> {
    (
        0..3_usize,
        0..3_usize,
        -200_000..200_000_i64,
        1..300_000_i64,
        any::<bool>(),
    )
        .prop_map(|(act, source, when, lasts, is_here)| {
            let act = Act::ALL[act];
            let until = (act != Act::Withdrawn).then_some(when + lasts);
            let mut entry = entry(act, Source::ALL[source], when, until);
            entry.facility = if is_here { here() } else { there() };
            entry
        })
}

fn a_ledger() -> impl Strategy<Value = Vec<Entry>> {
    proptest::collection::vec(an_entry(), 0..12).prop_map(ledger)
}

proptest! {
    #[test]
    fn what_is_given_was_given_here_and_neither_ended_nor_was_taken_back(
        ledger in a_ledger(),
        now in -300_000..300_000_i64,
    ) {
        if let Standing::Given { until, .. } = standing(&ledger, lab(), at(now)) {
            prop_assert!(at(now) < until);
            let source = ledger.iter().find(|entry| {
                let newer = |other: &&Entry| {
                    other.number > entry.number
                        && other.facility == here()
                        && other.act == Act::Withdrawn
                };
                entry.act == Act::Given
                    && entry.facility == here()
                    && entry.at <= at(now)
                    && entry.expires_at == Some(until)
                    && !ledger.iter().any(|other| newer(&other))
            });
            prop_assert!(source.is_some());
        }
    }

    #[test]
    fn a_withdrawal_at_the_end_leaves_nothing_at_any_instant(
        ledger in a_ledger(),
        when in -300_000..300_000_i64,
        now in -900_000..900_000_i64,
    ) {
        let mut ledger = ledger;
        let number = i64::try_from(ledger.len()).unwrap_or(0) + 1;
        ledger.push(Entry { number, ..taken_back(when) });
        prop_assert_eq!(standing(&ledger, lab(), at(now)), Standing::Withdrawn);
        prop_assert!(granted(&ledger, here(), Purpose::Treatment, at(now)).is_err());
        prop_assert!(!in_force(&ledger, lab(), at(now)).any());
    }

    #[test]
    fn what_is_left_out_of_a_visit_is_closed_for_its_time(
        ledger in a_ledger(),
        when in -300_000..300_000_i64,
        after in 0..DAY,
    ) {
        let mut ledger = ledger;
        let number = i64::try_from(ledger.len()).unwrap_or(0) + 1;
        ledger.push(Entry { number, ..left_out(when) });
        prop_assert_eq!(standing(&ledger, lab(), at(when + after)), Standing::Withdrawn);
    }

    #[test]
    fn what_is_open_has_something_to_close(ledger in a_ledger(), now in -300_000..300_000_i64) {
        if matches!(standing(&ledger, lab(), at(now)), Standing::Given { .. }) {
            // A clock that was set back may hide what is newer; nothing newer hides it here.
            let is_calm = ledger.iter().all(|entry| entry.at <= at(now));
            prop_assert!(!is_calm || in_force(&ledger, lab(), at(now)).any());
        }
    }

    #[test]
    fn what_happens_elsewhere_changes_nothing_here(
        ledger in a_ledger(),
        now in -300_000..300_000_i64,
    ) {
        let mine: Vec<Entry> = ledger.iter().filter(|e| e.facility == here()).cloned().collect();
        for category in Category::ALL {
            let scope = scope(here(), category);
            prop_assert_eq!(standing(&ledger, scope, at(now)), standing(&mine, scope, at(now)));
        }
    }
}

#[test]
fn of_two_merged_registrations_the_less_holds_until_the_person_chooses_anew() {
    let merged_at = 3 * HOUR;
    for (name, own, theirs, closed) in [
        (
            "nothing is known of the other",
            vec![opened(0)],
            vec![],
            false,
        ),
        ("both gave", vec![opened(0)], vec![opened(HOUR)], false),
        (
            "the other's ran out",
            vec![opened(0)],
            vec![opened(-9 * DAY)],
            false,
        ),
        (
            "the other never gave",
            vec![opened(0)],
            vec![left_out(HOUR)],
            true,
        ),
        (
            "the other gave no more",
            vec![opened(0)],
            vec![always(0, DAY), no_more(HOUR)],
            true,
        ),
        (
            "the other took it back",
            vec![opened(0)],
            vec![opened(0), taken_back(HOUR)],
            true,
        ),
        (
            "given before the merge",
            vec![opened(2 * HOUR)],
            vec![opened(0), taken_back(HOUR)],
            true,
        ),
        (
            "given anew since",
            vec![opened(4 * HOUR)],
            vec![opened(0), taken_back(HOUR)],
            false,
        ),
        (
            "refused anew since",
            vec![left_out(4 * HOUR)],
            vec![taken_back(HOUR)],
            true,
        ),
    ] {
        let (own, theirs) = (ledger(own), ledger(theirs));
        let found = is_closed_by(&own, &theirs, lab(), at(merged_at));
        assert_eq!(found, closed, "{name}");
    }
}

#[test]
fn home_cares_consent_goes_on_until_it_ends_or_is_taken_back_and_no_visit_stops_it() {
    use super::{Continuing, continuing};

    let year = STANDING_DAYS * DAY;
    let home = |when: i64| entry(Act::Given, Source::HomeCare, when, Some(when + year));
    let until = |end: i64| Continuing::Until(at(end));
    let cases = [
        ("nothing", vec![], DAY, Continuing::Never),
        ("a visit alone", vec![opened(0)], HOUR, Continuing::Never),
        (
            "always, not at home",
            vec![always(0, year)],
            HOUR,
            Continuing::Never,
        ),
        ("home care", vec![home(0)], year - 1, until(year)),
        ("its end", vec![home(0)], year, Continuing::Ended),
        (
            "a visit leaves it out",
            vec![home(0), left_out(DAY)],
            DAY + HOUR,
            until(year),
        ),
        (
            "a visit's day is longer than what is left",
            vec![home(0), opened(year - HOUR)],
            year - 1,
            until(year),
        ),
        (
            "taken back",
            vec![home(0), taken_back(DAY)],
            DAY,
            Continuing::Withdrawn,
        ),
        (
            "taken back, then a visit",
            vec![home(0), taken_back(DAY), opened(2 * DAY)],
            2 * DAY,
            Continuing::Withdrawn,
        ),
        (
            "another standing choice instead",
            vec![home(0), always(DAY, year)],
            2 * DAY,
            Continuing::Withdrawn,
        ),
        (
            "given anew",
            vec![home(0), taken_back(DAY), home(2 * DAY)],
            3 * DAY,
            until(2 * DAY + year),
        ),
        ("not begun", vec![home(DAY)], HOUR, Continuing::Never),
    ];
    for (name, entries, when, wanted) in cases {
        let ledger = ledger(entries);
        let found = continuing(&ledger, here(), Purpose::Treatment, at(when));
        assert_eq!(found, wanted, "{name}");
        let elsewhere = continuing(&ledger, there(), Purpose::Treatment, at(when));
        assert_eq!(elsewhere, Continuing::Never, "{name}");
    }
}

mod receipts {
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::super::{
        By, Category, Source,
        receipt::{Facility, Fault, Receipt, masked, verify},
    };
    use kernel::{id::ConsentId, time::Timestamp};
    use store::caller::Purpose;

    fn signer(seed: u8) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a key")
    }

    fn paper(receipt: &Receipt, key: &Ed25519KeyPair) -> String {
        let text = receipt.text();
        let signature = URL_SAFE_NO_PAD.encode(key.sign(text.as_bytes()));
        format!("{text}\nsignature {signature}")
    }

    fn receipts() -> impl Strategy<Value = Receipt> {
        let categories = proptest::sample::subsequence(Category::ALL.to_vec(), 0..=10);
        let instant = (0_i64..4_000_000_000_000_000).prop_map(Timestamp::from_micros);
        let kind = prop_oneof![Just(Source::Standing), Just(Source::HomeCare)];
        let standing = proptest::option::of((kind, instant.clone()));
        (
            any::<[u8; 16]>(),
            "[一-龠ぁ-ん]{1,4} [一-龠]〇{0,3}",
            "[一-龠ァ-ヶa-zA-Z0-9]{1,12}",
            categories,
            (instant.clone(), proptest::option::of(instant), standing),
        )
            .prop_map(
                |(number, who, name, categories, (from, until, standing))| Receipt {
                    number: ConsentId::from_bytes(number),
                    who,
                    facility: Facility {
                        code: "1310000001".to_owned(),
                        name,
                    },
                    categories,
                    purpose: Purpose::Treatment,
                    from,
                    until,
                    standing,
                    method: "pin".to_owned(),
                    by: By::Patient,
                    undo: "https://tasuki.example/portal/consents".to_owned(),
                },
            )
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(receipt in receipts()) {
            let key = signer(7);
            let read = verify(key.public_key().as_ref(), &paper(&receipt, &key));
            prop_assert_eq!(read, Ok(receipt));
        }

        #[test]
        fn no_changed_added_or_missing_character_passes(
            receipt in receipts(),
            place in any::<proptest::sample::Index>(),
            other in any::<char>(),
            act in 0_u8..3,
        ) {
            let key = signer(7);
            let whole: Vec<char> = paper(&receipt, &key).chars().collect();
            let at = place.index(whole.len());
            let mut changed = whole.clone();
            match act {
                0 => changed[at] = other,
                1 => changed.insert(at, other),
                _ => { changed.remove(at); }
            }
            prop_assume!(changed != whole);
            let text: String = changed.into_iter().collect();
            prop_assert!(verify(key.public_key().as_ref(), &text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_single_character_of_one_receipt_counts() {
        let key = signer(7);
        let receipt = Receipt {
            number: ConsentId::from_bytes([9; 16]),
            who: masked("橘 佐和子"),
            facility: Facility {
                code: "1310000001".to_owned(),
                name: "みどり診療所".to_owned(),
            },
            categories: vec![Category::Medications],
            purpose: Purpose::Treatment,
            from: Timestamp::from_micros(1_795_309_200_000_000),
            until: Some(Timestamp::from_micros(1_795_395_600_000_000)),
            standing: None,
            method: "pin".to_owned(),
            by: By::Patient,
            undo: "https://tasuki.example/portal/consents".to_owned(),
        };
        let whole: Vec<char> = paper(&receipt, &key).chars().collect();
        let public = key.public_key().as_ref().to_vec();
        for at in 0..whole.len() {
            for other in ['0', 'A', ' ', '\n', '〇', '-'] {
                let mut changed = whole.clone();
                changed[at] = other;
                let text: String = changed.iter().collect();
                let is_same = changed == whole;
                assert_eq!(verify(&public, &text).is_ok(), is_same, "{at} {other:?}");
            }
        }
        let other = signer(8);
        let text: String = whole.iter().collect();
        assert_eq!(
            verify(other.public_key().as_ref(), &text),
            Err(Fault::Signature)
        );
        assert_eq!(verify(&public, &format!("{text}\n")), Err(Fault::Form));
        assert_eq!(verify(&public, ""), Err(Fault::Form));
        assert_eq!(verify(&[], &text), Err(Fault::Signature));
    }

    #[test]
    fn a_name_on_paper_hides_all_but_the_first_character_of_the_given_name() {
        for (name, shown) in [
            ("橘 佐和子", "橘 佐〇〇"),
            ("橘　髙志", "橘 髙〇"),
            ("ANNA MARIA SMITH", "ANNA M〇〇〇〇 S〇〇〇〇"),
            ("王", "王"),
            ("佐和子", "佐〇〇"),
            ("", ""),
        ] {
            assert_eq!(masked(name), shown);
        }
    }
}
