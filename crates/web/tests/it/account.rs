//! Passwords and factors over an account's life: initial password, change, history, lock-out,
//! dormancy, substitute code, card.

use access::{factor, password, session, substitute};
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::{Secret, id::StaffId};
use store::caller::{Actor, Caller};

use super::{login::*, *};

const NEW: &str = "kvwq7-hxpz2-mjtr9";

fn account(place: &Place) -> staff::Account {
    let found = place.world.set_up(|call| Ok(staff::find(call, LOGIN)?));
    found.expect("an account")
}

fn doctor(place: &Place) -> As {
    let half = waiting(place);
    As::Browser(token(&second(place, &half, &code(place, 0))))
}

fn change(place: &Place, who: &As, current: &str, new: &str) -> Reply {
    let fields = [("current", current), ("password", new), ("again", new)];
    place.world.submit(who, "/account/password", &fields)
}

#[test]
fn an_initial_password_opens_nothing_but_its_own_change() {
    let place = hired();
    let (facility, id) = account(&place).place();
    place
        .world
        .set_up(move |call| Ok(staff::set_initial_password(call, facility, id, hash())?));
    let half = waiting(&place);
    let reply = second(&place, &half, &code(&place, 0));
    assert_eq!(
        (reply.status, reply.header("location")),
        (303, "/account/password")
    );
    let who = As::Browser(token(&reply));
    for path in ["/", "/account", "/account/confirm"] {
        assert_eq!(
            place.world.get(&who, path).header("location"),
            "/account/password"
        );
    }
    let told = place.world.get(&who, "/api/probe");
    assert_eq!(status_and_code(&told), is(403, "TSK-ACC-042"));
    assert_eq!(
        place.world.submit(&who, "/probe", &[]).code(),
        "TSK-ACC-042"
    );
    let page = place.world.get(&who, "/account/password").text();
    assert!(page.contains("ご自分のパスワードを決めてください"));
    // The initial one again is none of one's own.
    let reply = change(&place, &who, PASSWORD, PASSWORD);
    assert_eq!(
        (reply.status, reply.code()),
        (422, "TSK-ACC-007".to_owned())
    );
    assert!(reply.text().contains("以前に使ったパスワード"));
    let reply = change(&place, &who, PASSWORD, NEW);
    assert_eq!(
        (reply.status, reply.header("location")),
        (303, "/account"),
        "{}",
        reply.text()
    );
    let full = As::Browser(token(&reply));
    assert_eq!(place.world.get(&full, "/").text(), "doctor");
    assert_eq!(place.world.get(&who, "/").header("location"), "/login");
    assert_eq!(first(&place, LOGIN, PASSWORD).status, 401);
    assert_eq!(first(&place, LOGIN, NEW).status, 303);
}

#[test]
fn an_account_without_a_second_factor_opens_nothing_until_it_has_one() {
    let place = place();
    let facility = place.clinic.id;
    place.world.set_up(move |call| {
        let id = StaffId::random(call.rng());
        let none = Secret::new(Vec::new());
        let hash = hash().to_owned();
        let mut account = staff::Account::new(facility, id, "新人", Role::Nurse, hash, none);
        account.must_change = true;
        Ok(staff::hire(call, LOGIN, &account)?)
    });
    let reply = first(&place, LOGIN, PASSWORD);
    assert_eq!(reply.header("location"), "/account/password");
    let who = As::Browser(token(&reply));
    assert_eq!(
        place.world.get(&who, "/").header("location"),
        "/account/password"
    );
    let who = As::Browser(token(&change(&place, &who, PASSWORD, NEW)));
    assert_eq!(
        place.world.get(&who, "/").header("location"),
        "/account/password"
    );
    let reply = place.world.get(&who, "/account/password");
    assert_eq!(reply.header("location"), "/account/factors");
    let page = place.world.get(&who, "/account/factors").text();
    assert!(page.contains("otpauth://totp/tasuki:") && page.contains("id=\"app-secret\""));
    let secret = page
        .split("id=\"app-secret\">")
        .nth(1)
        .and_then(|rest| rest.split('<').next())
        .expect("a secret")
        .replace(' ', "");
    let totp = staff::totp(&base32(&secret)).expect("a secret");
    let now = u64::try_from(place.world.app.gate.now().seconds()).expect("after 1970");
    let wrong = [("code", "000000")];
    assert_eq!(
        place
            .world
            .submit(&who, "/account/factors/app", &wrong)
            .status,
        422
    );
    let code = totp.generate(now).to_string();
    let reply = place
        .world
        .submit(&who, "/account/factors/app", &[("code", &code)]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let full = As::Browser(token(&reply));
    assert_eq!(place.world.get(&full, "/").text(), "nurse");
    // From here on the password alone opens nothing, and the code is used up.
    let half = first(&place, LOGIN, NEW);
    assert_eq!(half.header("location"), "/login/code");
    assert_eq!(second(&place, &token(&half), &code).code(), "TSK-ACC-002");
}

fn base32(text: &str) -> Vec<u8> {
    let mut bits = 0_u64;
    let (mut count, mut out) = (0, Vec::new());
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            other => other - b'2' + 26,
        };
        bits = bits << 5 | u64::from(value);
        count += 5;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 0xff).expect("a byte"));
        }
    }
    out
}

#[test]
fn a_new_password_is_told_everything_that_is_wrong_with_it() {
    let place = hired();
    let who = doctor(&place);
    let reply = change(&place, &who, PASSWORD, "みどり診療所1234");
    assert_eq!(reply.status, 422);
    for words in ["施設の名前", "並び", "短すぎます"] {
        assert!(reply.text().contains(words), "{words}");
    }
    assert!(!reply.text().contains("みどり診療所1234"));
    let fields = [("current", PASSWORD), ("password", NEW), ("again", "other")];
    let reply = place.world.submit(&who, "/account/password", &fields);
    assert!(reply.status == 422 && reply.text().contains("2回の入力"));
    let (reply, records) = place.records_of(|_| change(&place, &who, "wrong", NEW));
    assert_eq!(
        (reply.status, reply.code(), records),
        (422, "TSK-ACC-002".to_owned(), 1)
    );
    assert_eq!(account(&place).failures, 1);
    assert_eq!(first(&place, LOGIN, PASSWORD).status, 303);
}

#[test]
fn none_of_the_last_twenty_four_passwords_is_taken_again() {
    let place = hired();
    let (facility, id) = account(&place).place();
    let mut set = |nth: i32| {
        place.world.clock.advance(30);
        place.world.set_up(move |call| {
            let typed = password::Typed::of(call, Secret::new(format!("{NEW}-{nth}")));
            let hash = typed.hash(call.rng()).expect("memory");
            Ok(staff::set_initial_password(call, facility, id, &hash)?)
        })
    };
    assert!((0..24).all(&mut set));
    let half = token(&first(&place, LOGIN, &format!("{NEW}-23")));
    let who = As::Browser(token(&second(&place, &half, &code(&place, 0))));
    for former in [0, 11, 23] {
        let reply = change(
            &place,
            &who,
            &format!("{NEW}-23"),
            &format!("{NEW}-{former}"),
        );
        assert_eq!(
            (reply.status, reply.code()),
            (422, "TSK-ACC-007".to_owned())
        );
        assert!(reply.text().contains("以前に使ったパスワード"), "{former}");
    }
    // The twenty-fifth from the end may come again: but for that, it is good.
    assert_eq!(change(&place, &who, &format!("{NEW}-23"), NEW).status, 303);
    let kept = place.world.set_up(move |call| {
        let account = staff::account(call, facility, id)?.expect("an account");
        Ok(staff::former_passwords(call, &account)?.len())
    });
    assert_eq!(kept, 24);
}

#[test]
fn a_hash_without_pepper_is_made_anew_at_the_log_in() {
    let place = hired();
    assert!(password::is_stale(&account(&place).password));
    let before = place.world.app.passwords.computed();
    assert_eq!(first(&place, LOGIN, "wrong").status, 401);
    assert_eq!(place.world.app.passwords.computed() - before, 1);
    assert_eq!(first(&place, LOGIN, PASSWORD).status, 303);
    let stored = account(&place).password;
    assert!(stored.starts_with("argon2id-p1$") && !password::is_stale(&stored));
    let before = place.world.app.passwords.computed();
    assert_eq!(first(&place, LOGIN, PASSWORD).status, 303);
    assert_eq!(place.world.app.passwords.computed() - before, 1);
}

/// Every way in which an account may be closed is told like a name that nobody has, after as
/// much work: hashes are counted, not timed.
#[test]
fn locked_ended_and_sleeping_accounts_cost_and_answer_as_an_unknown_name_does() {
    let place = hired();
    let cost = |login: &str, password: &str| {
        let before = place.world.app.passwords.computed();
        let (reply, records) = place.records_of(|_| first(&place, login, password));
        (
            bare(&reply),
            records,
            place.world.app.passwords.computed() - before,
        )
    };
    let unknown = cost("nobody", PASSWORD);
    assert_eq!((unknown.0.0, unknown.1, unknown.2), (401, 1, 1));
    // Dormant.
    place.world.clock.advance(90 * 86_400);
    assert_eq!(cost(LOGIN, PASSWORD), unknown);
    assert_eq!(cost(LOGIN, "wrong"), unknown);
    let (facility, id) = account(&place).place();
    place
        .world
        .set_up(move |call| Ok(staff::wake(call, facility, id)?));
    let half = waiting(&place);
    assert_eq!(second(&place, &half, &code(&place, 0)).status, 303);
    // Locked.
    for _ in 0..5 {
        assert_eq!(cost(LOGIN, "wrong"), unknown);
    }
    assert_eq!(cost(LOGIN, PASSWORD), unknown);
    place.world.clock.advance(15 * 60);
    // Ended.
    place.world.set_up(move |call| {
        let at = call.at();
        Ok(staff::set_end(call, facility, id, Some(at))?)
    });
    assert_eq!(cost(LOGIN, PASSWORD), unknown);
    assert_eq!(cost(LOGIN, "wrong"), unknown);
}

#[test]
fn a_lock_is_on_the_facilitys_record() {
    let place = hired();
    for _ in 0..5 {
        assert_eq!(first(&place, LOGIN, "wrong").status, 401);
    }
    let facility = place.clinic.id;
    let last = place.world.set_up(move |call| {
        let subject = store::audit::Subject::Facility(facility);
        Ok(call.history(subject, i64::MAX, 1)?)
    });
    let record = serde_json::to_string(&last[0].record).expect("a record");
    assert!(
        record.contains("locked-minutes") && record.contains("staff.password"),
        "{record}"
    );
    assert!(record.contains("TSK-ACC-002"), "{record}");
}

#[test]
fn guesses_at_one_name_from_one_address_wait_longer_each_time() {
    let place = hired();
    // Nobody has this name: it waits all the same, and is answered alike.
    for _ in 0..8 {
        assert_eq!(first(&place, "nobody", "wrong").status, 401);
    }
    // A new account of that name is opened: from this address even its right password waits.
    let home = place.clinic.clone();
    place.world.set_up(move |call| {
        testkit::seed::account(call, &home, "nobody", "新人", Role::Clerk, hash())
    });
    assert_eq!(first(&place, "nobody", PASSWORD).status, 401);
    place.world.clock.advance(31);
    assert_eq!(first(&place, "nobody", PASSWORD).status, 401);
    place.world.clock.advance(1);
    assert_eq!(first(&place, "nobody", PASSWORD).status, 303);
}

fn administrator(place: &Place, nth: u8) -> Caller {
    Caller::new(Actor::Staff {
        staff: StaffId::from_bytes([nth; 16]),
        role: Role::Administrator,
        name: format!("管理者{nth}"),
        home: place.clinic.clone(),
        session: kernel::id::SessionId::from_bytes([nth; 16]),
    })
}

#[test]
fn a_substitute_code_is_issued_by_two_and_good_for_eight_hours() {
    let place = hired();
    let id = account(&place).staff;
    let run = |nth,
               op: fn(
        &mut store::Call<'_>,
        StaffId,
        kernel::id::SubstituteId,
    ) -> Result<String, store::Stop>,
               which| {
        place.world.run(
            administrator(&place, nth),
            Purpose::Operation,
            move |call| op(call, id, which),
        )
    };
    let none = kernel::id::SubstituteId::from_bytes([0; 16]);
    let asked = run(
        1,
        |call, id, _| Ok(substitute::propose(call, id, "携帯電話の故障")?.to_hex()),
        none,
    );
    let which = kernel::id::SubstituteId::parse(&asked.expect("a request")).expect("an id");
    let approve = |nth| {
        run(
            nth,
            |call, _, which| Ok(substitute::approve(call, which)?.reveal().clone()),
            which,
        )
    };
    let refused = |answer: Result<String, store::Stop>| match answer {
        Err(store::Stop::Refused(refusal)) => refusal.entry.code,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(approve(1)), "TSK-ACC-048");
    let typed = approve(2).expect("a code");
    assert_eq!(refused(approve(3)), "TSK-ACC-047");
    let own = Caller::new(Actor::Staff {
        staff: id,
        role: Role::Doctor,
        name: String::new(),
        home: place.clinic.clone(),
        session: kernel::id::SessionId::from_bytes([9; 16]),
    });
    let asked = place.world.run(own, Purpose::Operation, move |call| {
        substitute::propose(call, id, "x")
    });
    assert_eq!(refused(asked.map(|id| id.to_hex())), "TSK-ACC-048");

    let log_in = |typed: &str| {
        let half = As::Browser(waiting(&place));
        let page = place.world.get(&half, "/login/substitute");
        assert!(page.status == 200 && page.text().contains("代替コード"));
        place
            .world
            .submit(&half, "/login/code", &[("substitute", typed)])
    };
    assert_eq!(log_in("AAAA-BBBB-CCCC").code(), "TSK-ACC-002");
    for typed in [typed.clone(), typed.to_lowercase().replace('-', " ")] {
        let reply = log_in(&typed);
        assert_eq!(reply.status, 303, "{}", reply.text());
        assert_eq!(
            place.world.get(&As::Browser(token(&reply)), "/").text(),
            "doctor"
        );
    }
    // Another account's code it is not.
    let _clerk = place.world.account(&place.clinic, Role::Clerk, hash());
    let half = As::Browser(token(&first(&place, "clerk@1310000001", PASSWORD)));
    let reply = place
        .world
        .submit(&half, "/login/code", &[("substitute", &typed)]);
    assert_eq!(reply.code(), "TSK-ACC-002");
    // Its use is in the record of the log-in, and in the list.
    let facility = place.clinic.id;
    let (list, history) = place.world.set_up(move |call| {
        let subject = store::audit::Subject::Facility(facility);
        Ok((
            substitute::list(call, facility)?,
            call.history(subject, i64::MAX, 30)?,
        ))
    });
    assert!(list[0].used_at.is_some() && list[0].reason == "携帯電話の故障");
    let records: Vec<String> = history
        .iter()
        .map(|entry| serde_json::to_string(&entry.record).expect("a record"))
        .collect();
    assert!(
        records
            .iter()
            .any(|r| r.contains("staff.login") && r.contains("substitute"))
    );
    assert!(records.iter().all(|r| !r.contains(&typed)));
    place.world.clock.advance(8 * 3600 - 1);
    assert_eq!(log_in(&typed).status, 303);
    place.world.clock.advance(1);
    assert_eq!(log_in(&typed).code(), "TSK-ACC-002");
}

#[test]
fn the_last_second_factor_stays() {
    let place = hired();
    let who = doctor(&place);
    let reply = place
        .world
        .submit(&who, "/account/factors/remove", &[("id", "app")]);
    assert_eq!(status_and_code(&reply), is(409, "TSK-ACC-045"));
    assert!(account(&place).has_app());
}

fn challenge_of(page: &str) -> (String, String) {
    let cut = |from: &str, to: &str| {
        let rest = page.split(from).nth(1).expect("a challenge");
        rest.split(to).next().expect("its end").to_owned()
    };
    (
        cut("name=\"challenge\" value=\"", "\""),
        cut("id=\"challenge-text\">", "</code>"),
    )
}

fn card_fields(place: &Place, page: &Reply, number: u64) -> [(&'static str, String); 3] {
    assert_eq!(page.status, 200, "{}", page.text());
    let (challenge, text) = challenge_of(&page.text());
    let card = place.world.card(number);
    let signature = card
        .sign(signing::key::Algorithm::RsaPkcs1Sha256, text.as_bytes())
        .expect("a signature");
    [
        ("challenge", challenge),
        ("certificate", STANDARD.encode(&card.certificate_der)),
        ("signature", STANDARD.encode(signature)),
    ]
}

#[test]
fn a_card_that_was_registered_is_a_second_factor() {
    let place = hired();
    let who = doctor(&place);
    let page = place.world.get(&who, "/account/factors/card");
    let fields = card_fields(&place, &page, 7);
    let fields = fields.each_ref().map(|(k, v)| (*k, v.as_str()));
    let added = place.world.submit(&who, "/account/factors/card", &fields);
    assert_eq!(
        (added.status, added.header("location")),
        (303, "/account"),
        "{}",
        added.text()
    );
    let (facility, id) = account(&place).place();
    let kinds = place.world.set_up(move |call| {
        let factors = factor::list(call, facility, id)?;
        Ok(factors.into_iter().map(|f| f.kind).collect::<Vec<_>>())
    });
    assert_eq!(kinds, [factor::Kind::Card]);
    for (number, good) in [(7, true), (8, false)] {
        let half = As::Browser(waiting(&place));
        let fields = card_fields(&place, &place.world.get(&half, "/login/card"), number);
        let fields = fields.each_ref().map(|(k, v)| (*k, v.as_str()));
        let reply = place.world.submit(&half, "/login/code", &fields);
        assert_eq!(reply.status == 303, good, "{number}: {}", reply.text());
        // The same signature again, or in another log-in, opens nothing.
        let other = As::Browser(waiting(&place));
        let reply = place.world.submit(&other, "/login/code", &fields);
        assert_eq!(reply.code(), "TSK-ACC-002");
    }
    let sessions = place
        .world
        .set_up(move |call| Ok(session::list(call, facility, id)?.len()));
    assert_eq!(sessions, 1);
}
