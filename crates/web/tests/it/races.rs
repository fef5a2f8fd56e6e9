//! Many tries at the same time: on a server they run beside each other, and what was read may
//! have changed before it is written.

use access::{
    factor::Proof,
    login::{self, Tried},
    session::{self, Origin, Rules, Stage, Whose},
    staff::{self, FAILURES_MAX, LOCK_MINUTES},
    token,
};
use kernel::id::StaffId;

use store::Stop;

use super::*;

const TRIES: usize = 50;
const LOGIN: &str = "doctor@1310000001";

fn account(place: &Place, staff: StaffId) -> staff::Account {
    let facility = place.clinic.id;
    let found = place
        .world
        .set_up(move |call| Ok(staff::account(call, facility, staff)?));
    found.expect("an account")
}

fn attempt(login: &str, fits: bool) -> Tried {
    Tried {
        login: login.to_owned(),
        client: "client".to_owned(),
        fits,
        rehash: None,
        origin: Origin::default(),
    }
}

#[test]
fn wrong_passwords_at_the_same_time_are_all_counted() {
    let few = usize::try_from(FAILURES_MAX - 1).expect("small");
    for (role, login) in [
        (Role::Doctor, LOGIN),
        (Role::Clerk, "clerk@1310000001"),
        (Role::Administrator, "administrator@1310000001"),
    ] {
        let place = place();
        let id = place.world.account(&place.clinic, role, "not a hash");
        let counted = place.world.at_once(few, |_| {
            move |call: &mut store::Call<'_>| login::first_factor(call, &attempt(login, false))
        });
        assert!(counted.iter().all(|tried| matches!(tried, Ok(Err(_)))));
        assert_eq!(account(&place, id).failures, FAILURES_MAX - 1);
    }
}

#[test]
fn many_wrong_passwords_at_the_same_time_lock_once() {
    let place = place();
    let id = place
        .world
        .account(&place.clinic, Role::Doctor, "not a hash");
    let tried = place.world.at_once(TRIES, |_| {
        |call: &mut store::Call<'_>| login::first_factor(call, &attempt(LOGIN, false))
    });
    assert!(tried.iter().all(|tried| matches!(tried, Ok(Err(_)))));
    let account = account(&place, id);
    let until = place.world.app.gate.now().plus_seconds(LOCK_MINUTES * 60);
    assert_eq!((account.failures, account.locked_until), (0, until));
    // From the lock on not even the right password opens anything.
    let right = place.world.at_once(TRIES, |_| {
        |call: &mut store::Call<'_>| login::first_factor(call, &attempt(LOGIN, true))
    });
    assert!(right.iter().all(|tried| matches!(tried, Ok(Err(_)))));
}

#[test]
fn one_waiting_log_in_opens_one_session_whatever_good_codes_come_at_once() {
    for steps in [[0, 0, 0], [-1, 0, 1]] {
        let place = place();
        let id = place
            .world
            .account(&place.clinic, Role::Doctor, "not a hash");
        let facility = place.clinic.id;
        let waiting = place.world.set_up(move |call| {
            let whose = Whose::Staff(facility, id);
            Ok(session::begin(call, whose, Stage::Password)?
                .reveal()
                .clone())
        });
        let now = place.world.app.gate.now().seconds();
        let codes = steps.map(|step: i64| {
            let totp = staff::totp(&testkit::seed::totp_secret(LOGIN)).expect("a secret");
            let time = u64::try_from(now + step * 30).expect("after 1970");
            totp.generate(time).to_string()
        });
        let tried = place.world.at_once(TRIES, |number| {
            let (waiting, code) = (waiting.clone(), codes[number % codes.len()].clone());
            move |call: &mut store::Call<'_>| {
                let proof = Proof::Code(code.clone());
                let (from, rules) = (Origin::default(), Rules::default());
                login::second_factor(call, &waiting, &proof, ("client", from), rules)
            }
        });
        let opened: Vec<String> = tried
            .into_iter()
            .filter_map(|tried| tried.expect("an answer").ok())
            .map(|begun| begun.token.reveal().clone())
            .collect();
        let [token] = opened.as_slice() else {
            panic!("{} sessions were opened", opened.len());
        };
        let (token, old) = (token.clone(), waiting.clone());
        let left = place.world.set_up(move |call| {
            let is_full = |found: Option<session::Stored>| found.map(|s| s.stage == Stage::Full);
            Ok((
                is_full(session::find(call, &token)?),
                is_full(session::find(call, &old)?),
            ))
        });
        assert_eq!(left, (Some(true), None));
    }
}

#[test]
fn a_session_is_ended_once_and_a_log_in_name_is_given_once() {
    let place = place();
    let id = place
        .world
        .account(&place.clinic, Role::Doctor, "not a hash");
    let facility = place.clinic.id;
    let token = place.world.set_up(move |call| {
        let whose = Whose::Staff(facility, id);
        Ok(session::begin(call, whose, Stage::Full)?.reveal().clone())
    });
    let ended = place.world.at_once(TRIES, |_| {
        let token = token.clone();
        move |call: &mut store::Call<'_>| Ok(session::end(call, &token)?)
    });
    let was_there = ended.iter().filter(|ended| matches!(ended, Ok(true)));
    assert_eq!(was_there.count(), 1);
    let home = place.clinic.clone();
    let hired = place.world.at_once(8, |_| {
        let home = home.clone();
        move |call: &mut store::Call<'_>| {
            testkit::seed::account(
                call,
                &home,
                "new@1310000001",
                "新人",
                Role::Clerk,
                "no hash",
            )
        }
    });
    assert_eq!(hired.iter().filter(|hired| hired.is_ok()).count(), 1);
}

#[test]
fn tokens_of_record_systems_do_not_meet() {
    let place = place();
    let home = place.clinic.clone();
    let client = place
        .world
        .set_up(move |call| testkit::seed::record_system(call, &home, None));
    let made = place.world.at_once(TRIES, |_| {
        let client = client.clone();
        move |call: &mut store::Call<'_>| {
            Ok(token::issue(call, &client, &client.terms.scopes, None)?)
        }
    });
    let tokens: std::collections::BTreeSet<String> = made
        .into_iter()
        .map(|made| made.expect("a token").reveal().clone())
        .collect();
    assert_eq!(tokens.len(), TRIES);
    let all = place.world.set_up(move |call| {
        tokens
            .iter()
            .map(|token| Ok(token::find(call, token)?.is_some()))
            .collect::<Result<Vec<bool>, Stop>>()
    });
    assert!(all.iter().all(|found| *found));
}
