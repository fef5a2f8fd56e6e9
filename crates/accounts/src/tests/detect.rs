//! What stands out in a week, and how well seeded behavior is found.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{
    id::StaffId,
    time::{JstDate, Timestamp},
};
use store::note::PatientTag;

use crate::rules::detect::{Arrival, DAY_MAX, Deed, Evidence, Kind, findings};

/// A Monday, 0 o'clock in Japan.
fn week() -> Timestamp {
    JstDate::parse("2026-11-16").unwrap().start()
}

fn staff(number: u8) -> StaffId {
    StaffId::from_bytes([number; 16])
}

fn tag(number: u32) -> PatientTag {
    PatientTag::from_bytes(u64::from(number).to_be_bytes())
}

/// `day` and `minute` from the week's beginning.
fn at(day: i64, minute: i64) -> Timestamp {
    week().plus_hours(day * 24).plus_seconds(minute * 60)
}

fn look(who: u8, patient: u32, when: Timestamp) -> Deed {
    Deed {
        at: when,
        staff: staff(who),
        patient: Some(tag(patient)),
        refused: false,
    }
}

fn came(patient: u32, surname: &str, when: Timestamp) -> Arrival {
    Arrival {
        at: when,
        patient: tag(patient),
        surname: surname.to_owned(),
    }
}

/// A clinic in which nothing stands out: each of `people` sees the same patients on five days
/// a week for five weeks, all of whom came that morning.
fn quiet(people: u8, patients: u32) -> Evidence {
    let mut evidence = Evidence::default();
    for who in 1..=people {
        evidence.surnames.insert(staff(who), format!("職員{who}"));
        for day in (-28..7).filter(|day: &i64| day.rem_euclid(7) < 5) {
            for nth in 0..patients {
                let number = u32::try_from(day + 28).unwrap() * 1000 + nth;
                let when = at(day, 9 * 60 + i64::from(nth));
                evidence.arrivals.push(came(number, "患者", when));
                evidence.deeds.push(look(who, number, when));
            }
        }
    }
    evidence
}

fn kinds(evidence: &Evidence) -> Vec<(StaffId, Kind, usize)> {
    findings(evidence, week())
        .into_iter()
        .map(|f| (f.staff, f.kind, f.count))
        .collect()
}

#[test]
fn an_ordinary_week_raises_nothing() {
    assert_eq!(kinds(&quiet(4, 12)), []);
}

#[test]
fn a_look_at_night_stands_out_unless_nights_are_usual() {
    for (minute, expected) in [
        (21 * 60 + 59, 0),
        (22 * 60, 1),
        (23 * 60 + 59, 1),
        (5 * 60 + 59, 1),
        (6 * 60, 0),
    ] {
        let mut evidence = quiet(1, 5);
        evidence.arrivals.push(came(9, "患者", at(1, 0)));
        evidence.deeds.push(look(1, 9, at(1, minute)));
        let odd = kinds(&evidence)
            .into_iter()
            .filter(|f| f.1 == Kind::OddHours);
        assert_eq!(odd.count(), expected, "{minute}");
        // Two nights in the weeks before: night work is this person's work.
        evidence.deeds.push(look(1, 8, at(-7, 23 * 60)));
        evidence.deeds.push(look(1, 8, at(-14, 23 * 60)));
        assert_eq!(kinds(&evidence), []);
    }
}

#[test]
fn a_night_that_passes_midnight_is_one_night() {
    let mut evidence = quiet(1, 5);
    evidence.arrivals.push(came(9, "患者", at(1, 0)));
    evidence.deeds.push(look(1, 9, at(1, 23 * 60)));
    evidence.deeds.push(look(1, 8, at(-7, 23 * 60)));
    evidence.deeds.push(look(1, 8, at(-6, 60)));
    assert_eq!(kinds(&evidence), [(staff(1), Kind::OddHours, 1)]);
}

#[test]
fn far_more_patients_than_usual_stand_out() {
    // 8 a day are usual: 24 are three times as many, 25 are more.
    for (extra, expected) in [(16, vec![]), (17, vec![(staff(1), Kind::Volume, 25)])] {
        let mut evidence = quiet(1, 8);
        for nth in 0..extra {
            evidence
                .arrivals
                .push(came(900_000 + nth, "患者", at(2, 10 * 60)));
            evidence.deeds.push(look(1, 900_000 + nth, at(2, 11 * 60)));
        }
        assert_eq!(kinds(&evidence), expected);
    }
    // Somebody new has no usual day: only the bound for everybody counts.
    for (patients, expected) in [(DAY_MAX, 0), (DAY_MAX + 1, 1)] {
        let mut evidence = Evidence::default();
        for nth in 0..u32::try_from(patients).unwrap() {
            evidence.arrivals.push(came(nth, "患者", at(2, 9 * 60)));
            evidence.deeds.push(look(1, nth, at(2, 10 * 60)));
        }
        assert_eq!(kinds(&evidence).len(), expected);
    }
}

#[test]
fn a_patient_of_the_same_surname_stands_out() {
    let mut evidence = quiet(2, 5);
    evidence.arrivals.push(came(9, "職員1", at(1, 9 * 60)));
    evidence.deeds.push(look(1, 9, at(1, 10 * 60)));
    evidence.deeds.push(look(2, 9, at(1, 10 * 60)));
    assert_eq!(kinds(&evidence), [(staff(1), Kind::Namesake, 1)]);
}

#[test]
fn five_refusals_within_ten_minutes_stand_out() {
    for (step_seconds, expected) in [(150, 1), (151, 0)] {
        let mut evidence = quiet(1, 5);
        for nth in 0..5 {
            evidence.deeds.push(Deed {
                at: at(3, 600).plus_seconds(nth * step_seconds),
                staff: staff(1),
                patient: None,
                refused: true,
            });
        }
        assert_eq!(kinds(&evidence).len(), expected, "{step_seconds}");
    }
}

#[test]
fn three_patients_without_a_visit_stand_out() {
    for (patients, expected) in [(2, 0), (3, 1)] {
        let mut evidence = quiet(1, 5);
        for nth in 0..patients {
            // Whoever came eight days ago is no reason to look today.
            evidence.arrivals.push(came(700 + nth, "患者", at(-6, 600)));
            evidence.deeds.push(look(1, 700 + nth, at(2, 600)));
        }
        assert_eq!(kinds(&evidence).len(), expected);
    }
}

#[test]
fn what_was_done_after_the_week_is_for_the_next_review() {
    let mut evidence = quiet(1, 5);
    evidence.deeds.push(look(1, 9, at(7, 60)));
    assert_eq!(kinds(&evidence), []);
}

/// A small generator of its own, so that the week is the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// AUD-04: forty people, five weeks, eight snoopers among them.
#[test]
fn seeded_snoopers_are_found_and_few_others() {
    const SURNAMES: [&str; 60] = [
        "佐藤",
        "鈴木",
        "高橋",
        "田中",
        "伊藤",
        "渡辺",
        "山本",
        "中村",
        "小林",
        "加藤",
        "吉田",
        "山田",
        "佐々木",
        "山口",
        "松本",
        "井上",
        "木村",
        "林",
        "斎藤",
        "清水",
        "山崎",
        "森",
        "池田",
        "橋本",
        "阿部",
        "石川",
        "山下",
        "中島",
        "石井",
        "小川",
        "前田",
        "岡田",
        "長谷川",
        "藤田",
        "後藤",
        "近藤",
        "村上",
        "遠藤",
        "青木",
        "坂本",
        "斉藤",
        "福田",
        "太田",
        "西村",
        "藤井",
        "岡本",
        "藤原",
        "金子",
        "三浦",
        "中野",
        "中川",
        "原田",
        "松田",
        "竹内",
        "小野",
        "田村",
        "中山",
        "和田",
        "石田",
        "森田",
    ];
    let mut dice = Dice(20_261_122);
    let mut evidence = Evidence::default();
    let mut patient = 0_u32;
    for who in 1..=40_u8 {
        let own = SURNAMES[usize::from(who)];
        evidence.surnames.insert(staff(who), own.to_owned());
        // Every fifth works at night, at all hours of it.
        let night = who % 5 == 0;
        for day in (-28..7).filter(|day: &i64| day.rem_euclid(7) < 5) {
            for _ in 0..6 + dice.below(10) {
                patient += 1;
                let surname = SURNAMES[usize::try_from(dice.below(60)).unwrap()];
                let hour = if night {
                    22 + dice.below(7)
                } else {
                    8 + dice.below(10)
                };
                let when = at(day, i64::try_from(hour * 60 + dice.below(60)).unwrap());
                // Colleagues see a namesake for a person; here and there nobody does.
                if surname == own && dice.below(10) > 0 {
                    continue;
                }
                evidence
                    .arrivals
                    .push(came(patient, surname, when.plus_seconds(-600)));
                let refused = dice.below(40) == 0;
                evidence.deeds.push(Deed {
                    refused,
                    ..look(who, patient, when)
                });
            }
        }
    }
    let seeded: BTreeMap<u8, Kind> = [
        (1, Kind::OddHours),
        (2, Kind::OddHours),
        (3, Kind::Volume),
        (4, Kind::Volume),
        (6, Kind::Namesake),
        (7, Kind::Refusals),
        (8, Kind::NoVisit),
        (9, Kind::NoVisit),
    ]
    .into();
    for (who, kind) in &seeded {
        for nth in 0..60_u32 {
            let number = 1_000_000 + u32::from(*who) * 1000 + nth;
            let when = at(3, 12 * 60 + i64::from(nth));
            let arrival = |surname| came(number, surname, at(3, 8 * 60));
            match kind {
                Kind::OddHours if nth < 2 => {
                    evidence.arrivals.push(came(number, "患者", at(3, 8 * 60)));
                    evidence
                        .deeds
                        .push(look(*who, number, at(4, 120 + i64::from(nth))));
                }
                Kind::Volume => {
                    evidence.arrivals.push(arrival("患者"));
                    evidence.deeds.push(look(*who, number, when));
                }
                Kind::Namesake if nth == 0 => {
                    evidence.arrivals.push(arrival(SURNAMES[usize::from(*who)]));
                    evidence.deeds.push(look(*who, number, when));
                }
                Kind::Refusals if nth < 8 => evidence.deeds.push(Deed {
                    refused: true,
                    patient: None,
                    ..look(*who, number, when)
                }),
                Kind::NoVisit if nth < 4 => evidence.deeds.push(look(*who, number, when)),
                _ => {}
            }
        }
    }
    let found: BTreeSet<(StaffId, Kind)> = findings(&evidence, week())
        .into_iter()
        .map(|f| (f.staff, f.kind))
        .collect();
    let wanted: BTreeSet<(StaffId, Kind)> = seeded
        .iter()
        .map(|(who, kind)| (staff(*who), *kind))
        .collect();
    let hits = found.intersection(&wanted).count();
    assert_eq!(hits, wanted.len(), "recall: {wanted:?} in {found:?}");
    let precision_percent = hits * 100 / found.len();
    assert!(precision_percent >= 50, "{precision_percent} %: {found:?}");
}
