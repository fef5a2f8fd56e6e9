//! The table of rates and the law of the buckets.

use kernel::{
    id::{ClientId, FacilityId, PersonId, SessionId},
    time::Timestamp,
};
use store::caller::{Home, Role};

use super::*;

const NOW: i64 = 1_795_309_200;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_micros(NOW * 1_000_000 + ms * 1_000)
}

fn rates() -> Rates {
    Rates::new(&Metrics::new())
}

fn home() -> Home {
    Home {
        id: FacilityId::from_bytes([1; 16]),
        code: "1310000001".to_owned(),
        name: "青空病院".to_owned(),
    }
}

fn system(number: u8) -> Caller {
    Caller::new(Actor::System {
        client: ClientId::from_bytes([number; 16]),
        name: "record system".to_owned(),
        home: home(),
    })
}

fn staff(number: u8) -> Caller {
    Caller::new(Actor::Staff {
        staff: kernel::id::StaffId::from_bytes([number; 16]),
        role: Role::Nurse,
        name: "看護師".to_owned(),
        home: home(),
        session: SessionId::from_bytes([number; 16]),
    })
}

fn patient(number: u8) -> Caller {
    Caller::new(Actor::Patient {
        person: PersonId::from_bytes([number; 16]),
        session: SessionId::from_bytes([number; 16]),
    })
}

fn nobody(client: &str) -> Caller {
    Caller::new(Actor::Anonymous {
        client: client.to_owned(),
    })
}

/// How many of `tries` pass at `at`.
fn passed(rates: &Rates, caller: &Caller, subject: Option<&str>, sends: bool, tries: i64) -> i64 {
    let all = (0..tries).filter(|_| rates.charge(caller, subject, sends, at(0)).is_ok());
    i64::try_from(all.count()).unwrap()
}

#[test]
fn each_kind_of_caller_has_its_own_bucket_of_the_size_in_the_table() {
    let table = [
        (Kind::Client, system(1), system(2), None, false),
        (Kind::ClientPerson, system(1), system(2), Some("v1"), false),
        (Kind::Staff, staff(1), staff(2), None, true),
        (Kind::Patient, patient(1), patient(2), None, false),
        (Kind::Address, nobody("a"), nobody("b"), None, false),
        (Kind::Attempt, nobody("a"), nobody("b"), None, true),
    ];
    assert_eq!(table.len(), Kind::ALL.len());
    for (kind, one, other, subject, sends) in table {
        let (rates, burst) = (rates(), kind.limit().burst);
        assert_eq!(
            passed(&rates, &one, subject, sends, burst + 5),
            burst,
            "{kind:?}"
        );
        assert_eq!(passed(&rates, &other, subject, sends, 1), 1, "{kind:?}");
    }
}

#[test]
fn a_bucket_fills_steadily_and_never_beyond_its_size() {
    let limit = Limit::new(3, 2);
    let mut full_at = 0;
    // At these milliseconds: passed, or how long to wait.
    let table = [
        (0, Ok(2)),
        (0, Ok(1)),
        (0, Ok(0)),
        (0, Err(500)),
        (499, Err(1)),
        (500, Ok(0)),
        (600, Err(400)),
        (1_500, Ok(1)),
        (60_000, Ok(2)),
        (60_000, Ok(1)),
        (60_000, Ok(0)),
        (60_000, Err(500)),
        // The clock is set back by an hour: nobody is locked out for an hour.
        (-3_540_000, Ok(2)),
        (-3_540_000, Ok(1)),
    ];
    for (place, (ms, wanted)) in table.into_iter().enumerate() {
        let now = at(ms).micros() * 1_000;
        let found = match limit.take(full_at, now) {
            Ok(next) => {
                full_at = next;
                Ok(limit.standing(next, now).remaining)
            }
            Err(wait) => Err(wait / 1_000_000),
        };
        assert_eq!(found, wanted, "line {place}");
    }
}

#[test]
fn who_must_wait_hears_for_how_long_and_leaves_one_record_a_minute() {
    let rates = rates();
    let caller = nobody("a");
    assert_eq!(passed(&rates, &caller, None, true, 300), 300);
    let refuse = |ms| match rates.charge(&caller, None, true, at(ms)) {
        Err(too_fast) => (too_fast.refusal.retry_after_s, too_fast.is_recorded),
        Ok(_) => panic!("it passed"),
    };
    assert_eq!(refuse(0), (Some(1), true));
    assert_eq!(refuse(10), (Some(1), false));
    for _ in 0..1_000 {
        assert!(!refuse(100).1);
    }
    let standing = rates.charge(&caller, None, true, at(1_000)).ok().flatten();
    let standing = standing.unwrap();
    assert_eq!(
        standing,
        Standing {
            limit: 300,
            remaining: 4,
            reset_s: 60
        }
    );
    // A minute later it is full again; emptied, it says so once more.
    for _ in 0..300 {
        assert!(rates.charge(&caller, None, true, at(61_000)).is_ok());
    }
    let again = rates.charge(&caller, None, true, at(61_000));
    assert!(again.is_err_and(|too_fast| too_fast.is_recorded));
}

#[test]
fn one_person_asked_for_too_often_keeps_the_client_from_nobody_else() {
    let rates = rates();
    let one = system(1);
    assert_eq!(passed(&rates, &one, Some("v1"), false, 400), 300);
    assert_eq!(passed(&rates, &one, Some("v2"), false, 100), 100);
    assert_eq!(passed(&rates, &one, None, false, 100), 100);
}

#[test]
fn the_operator_may_allow_a_multiple_of_everything() {
    let rates = rates();
    rates.allow(10);
    assert_eq!(passed(&rates, &system(1), Some("v1"), false, 3_100), 3_000);
    assert_eq!(passed(&rates, &staff(1), None, false, 6_100), 6_000);
    rates.allow(0);
    assert_eq!(passed(&rates, &staff(2), None, false, 700), 600);
}

#[test]
fn a_flood_of_addresses_takes_no_more_memory_and_frees_nobody_who_is_throttled() {
    let rates = rates();
    let loud = nobody("loud");
    assert_eq!(passed(&rates, &loud, None, true, 301), 300);
    for number in 0..BUCKETS_MAX + 10 {
        let one = nobody(&format!("{number}"));
        assert!(rates.charge(&one, None, true, at(0)).is_ok());
    }
    let place = Kind::ALL.iter().position(|k| *k == Kind::Attempt).unwrap();
    assert!(rates.buckets[place].map().len() <= BUCKETS_MAX);
    assert_eq!(passed(&rates, &loud, None, true, 1), 0);
}

#[test]
fn the_programs_own_jobs_are_not_counted() {
    let job = Caller::new(Actor::Job { name: "sealer" });
    assert!(
        rates()
            .charge(&job, None, true, at(0))
            .is_ok_and(|s| s.is_none())
    );
}
