//! The rules that need no store: passwords, rights, consent, sessions, challenges, codes.

use expect_test::expect;
use kernel::{
    id::{ChallengeId, ClientId, FacilityId, PersonId, Rng, SessionId, StaffId},
    time::{JstDate, Timestamp},
};
use proptest::prelude::*;
use store::caller::{Actor, Caller, Home, Purpose, Role};

use crate::{
    challenge::{self, Challenge},
    consent::Category,
    guess,
    password::{self, Context, Fault, judge},
    policy::{
        self, Action, Class, Decision, Facts, Need, Permission, Policy, PolicyError, Question,
    },
    session::{self, Origin, Rules, Stage, State, Stored, Whose},
    staff,
};

struct Sevens;
impl Rng for Sevens {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros((1_795_309_200 + seconds) * 1_000_000)
}

// Passwords.

#[test]
fn a_password_is_long_or_mixed_and_holds_nothing_that_is_easy_to_guess() {
    let context = Context {
        login: "s.suzuki@1310000001",
        name: "鈴木 真由美",
        kana: "スズキ マユミ",
        birth: JstDate::parse("1985-04-12"),
        words: &["みどり診療所", "1310000001", "Midori Clinic"],
    };
    let mut table = String::new();
    for (typed, alone) in [
        ("", false),
        ("k7!wq2x", false),
        ("k7!wq2xp", false),
        ("k7!wq2xp", true),
        ("kvwqhxpz", false),
        ("k7zwq2xpt9bf", false),
        ("kvwqhxpzmjtrn", false),
        ("kvwqhxpzmjtrn", true),
        ("correct horse battery", false),
        ("ひらがな12!?", false),
        ("pass word 1", false),
        ("Password123!", false),
        ("P@ssw0rd!", false),
        ("password2026password", false),
        ("Sakura!2026", false),
        ("himitsu-angou-1", false),
        ("k7!qwer-t9", false),
        ("k7!9876-tq", false),
        ("a1!a1!a1!a1!a1", false),
        ("kkkk7!wq2xp", false),
        ("!!!!!!!!!!!!!!!!", false),
        ("k7!suzuki-wq", false),
        ("k7!mayumi-wq", false),
        ("k7!まゆみ-wq", false),
        ("k7!鈴木-wq2x", false),
        ("k7!ＳＵＺＵＫＩ-wq", false),
        ("wq!19850412-k", false),
        ("wq!850412-kx", false),
        ("k7!midori-wq", false),
        ("wq1310000001!kx", false),
        ("k7!みどり診療所", false),
    ] {
        let verdict = match judge(typed, &context, !alone) {
            Ok(()) => "good".to_owned(),
            Err(faults) => {
                let words: Vec<&str> = faults.iter().map(|fault| fault.word()).collect();
                words.join(", ")
            }
        };
        let factor = if alone { " (alone)" } else { "" };
        table.push_str(&format!("{typed}{factor}: {verdict}\n"));
    }
    expect![[r#"
        : short
        k7!wq2x: short
        k7!wq2xp: good
        k7!wq2xp (alone): short-alone
        kvwqhxpz: short
        k7zwq2xpt9bf: short
        kvwqhxpzmjtrn: good
        kvwqhxpzmjtrn (alone): good
        correct horse battery: good
        ひらがな12!?: good
        pass word 1: common
        Password123!: common
        P@ssw0rd!: common
        password2026password: common
        Sakura!2026: common
        himitsu-angou-1: common
        k7!qwer-t9: row
        k7!9876-tq: row
        a1!a1!a1!a1!a1: repeated
        kkkk7!wq2xp: repeated
        !!!!!!!!!!!!!!!!: repeated
        k7!suzuki-wq: login, name
        k7!mayumi-wq: name
        k7!まゆみ-wq: name
        k7!鈴木-wq2x: name
        k7!ＳＵＺＵＫＩ-wq: login, name
        wq!19850412-k: birth
        wq!850412-kx: birth
        k7!midori-wq: facility
        wq1310000001!kx: login, facility, repeated
        k7!みどり診療所: facility
    "#]]
    .assert_eq(&table);
    let long = "kvwqhxpzmjtrn7".repeat(10);
    assert_eq!(judge(&long, &context, true), Err(vec![Fault::Long]));
}

#[test]
fn every_fault_says_in_both_languages_what_to_do() {
    let faults = [
        Fault::Short,
        Fault::ShortAlone,
        Fault::Long,
        Fault::Login,
        Fault::Name,
        Fault::Birth,
        Fault::Facility,
        Fault::Common,
        Fault::Row,
        Fault::Repeated,
        Fault::Reused,
    ];
    for fault in faults {
        let finding = fault.finding();
        assert!(finding.remedy_ja.ends_with('。') && !finding.remedy_ja.is_ascii());
        assert!(finding.remedy_en.is_ascii() && finding.found.is_empty());
    }
}

#[test]
fn an_initial_password_is_a_good_one() {
    let text = password::initial(&store::SystemRng);
    assert_eq!(judge(text.reveal(), &Context::default(), false), Ok(()));
    assert_ne!(text.reveal(), password::initial(&store::SystemRng).reveal());
}

#[test]
fn the_wait_doubles_with_each_failure_up_to_fifteen_minutes() {
    let waits: Vec<i64> = (0..16).map(guess::wait_seconds).collect();
    assert_eq!(
        waits,
        [
            0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900
        ]
    );
    assert_eq!(guess::wait_seconds(i64::MAX), 900);
}

#[test]
fn a_peppered_hash_fits_with_its_pepper_only_and_an_old_one_is_stale() {
    let typed = |key: u8| {
        let plain = kernel::Secret::new("kvwqhxpz".to_owned());
        password::Typed::with(plain, move |_, parts| {
            store::audit::sha256(&[&[key], parts[0].as_bytes()])
        })
    };
    let stored = typed(1).hash(&Sevens).unwrap();
    assert!(typed(1).fits(&stored) && !typed(2).fits(&stored));
    assert!(!password::fits("kvwqhxpz", &stored));
    assert!(!password::is_stale(&stored));
    let old = password::hash("kvwqhxpz", &Sevens).unwrap();
    assert!(typed(1).fits(&old) && password::is_stale(&old));
    let weak = stored.replace("$19456$2$", "$8192$2$");
    assert!(password::is_stale(&weak));
    assert!(!typed(1).fits(password::NOBODY));
}

#[test]
fn a_hash_holds_its_parameters_and_fits_one_password_only() {
    let stored = password::hash("正しい馬 電池 ホチキス", &Sevens).unwrap();
    let parts: Vec<&str> = stored.split('$').collect();
    assert_eq!(parts[0], "argon2id");
    assert!(parts[1].parse::<u32>().unwrap() >= 19_456);
    assert!(parts[2].parse::<u32>().unwrap() >= 2);
    assert_eq!(parts[3], "07".repeat(16));
    assert!(!stored.contains("馬"));
    assert!(password::fits("正しい馬 電池 ホチキス", &stored));
    assert!(!password::fits("正しい馬 電池 ホチキス ", &stored));
    assert!(!password::fits("", &stored));
    let salted = stored.replace(&"07".repeat(16), &"08".repeat(16));
    assert!(!password::fits("正しい馬 電池 ホチキス", &salted));
}

#[test]
fn a_stored_text_that_is_no_hash_fits_nothing() {
    for stored in [
        "",
        "not a hash",
        "argon2id$19456$2$07",
        "argon2id$x$2$07$07",
        "argon2id$19456$2$zz$07",
        "argon2id$0$0$0707070707070707$07",
        "argon2i$19456$2$0707070707070707$07",
    ] {
        assert!(!password::fits("", stored), "{stored}");
    }
}

#[test]
fn the_hash_for_nobody_costs_what_a_real_one_costs() {
    let plain = kernel::Secret::new("x".to_owned());
    let typed = password::Typed::with(plain, |_, _| [7; 32]);
    let real = typed.hash(&Sevens).unwrap();
    let cost = |stored: &str| -> Vec<String> {
        let parts: Vec<&str> = stored.split('$').collect();
        let lengths = [parts[3].len(), parts[4].len()].map(|n| n.to_string());
        [parts[0], parts[1], parts[2]]
            .iter()
            .map(|s| (*s).to_owned())
            .chain(lengths)
            .collect()
    };
    assert_eq!(cost(password::NOBODY), cost(&real));
    assert!(!typed.fits(password::NOBODY));
}

// Rights.

#[test]
fn rights_are_these_and_no_others() {
    let mut table = format!("{:14}", "");
    for permission in Permission::ALL {
        table.push_str(permission.word());
        table.push(' ');
    }
    table.truncate(table.trim_end().len());
    for role in Role::ALL {
        table.push_str(&format!("\n{:13}", role.word()));
        for permission in Permission::ALL {
            let mark = if policy::allows(role, permission) {
                "yes"
            } else {
                "-"
            };
            table.push_str(&format!(" {mark:<width$}", width = permission.word().len()));
        }
        table.truncate(table.trim_end().len());
    }
    table.push('\n');
    expect![[r#"
                      public check-eligibility record-consent view-shared confirm-records register-records publish-records send-documents read-documents see-checkups see-records keep-records export-records validate-records own-data own-choice own-session ask see-accounts manage-accounts see-equipment manage-equipment review-access support see-intake intake find-by-attributes keep-register
        doctor        yes    yes               yes            yes         yes             -                -               yes            yes            -            yes         yes          -              -                -        -          yes         yes -            -               -             -                -             -       -          -      yes                -
        dentist       yes    yes               yes            yes         yes             -                -               yes            yes            -            yes         yes          -              -                -        -          yes         yes -            -               -             -                -             -       -          -      yes                -
        pharmacist    yes    yes               yes            yes         -               -                -               -              -              -            -           -            -              -                -        -          yes         yes -            -               -             -                -             -       -          -      yes                -
        nurse         yes    yes               yes            yes         -               -                -               -              yes            -            yes         -            -              -                -        -          yes         yes -            -               -             -                -             -       -          -      yes                -
        technologist  yes    -                 -              yes         -               -                -               -              -              -            -           -            -              -                -        -          yes         yes -            -               -             -                -             -       -          -      -                  -
        therapist     yes    yes               -              -           -               -                -               -              -              -            -           -            -              -                -        -          yes         yes -            -               -             -                -             -       -          -      -                  -
        clerk         yes    yes               yes            -           -               -                -               -              -              -            -           -            -              -                -        -          yes         yes -            -               -             -                -             -       -          -      yes                -
        ambulance-crew yes    -                 -              -           -               -                -               -              -              -            -           -            -              -                -        -          yes         yes -            -               -             -                -             -       -          -      -                  -
        insurer       yes    -                 -              -           -               -                -               -              -              yes          -           -            -              -                -        -          yes         yes -            -               -             -                -             -       yes        yes    -                  -
        municipality  yes    -                 -              -           -               -                -               -              -              -            -           -            -              -                -        -          yes         yes -            -               -             -                -             -       yes        yes    -                  -
        registrar     yes    -                 -              -           -               -                -               -              -              -            -           -            -              -                -        -          yes         yes -            -               -             -                -             -       -          -      -                  yes
        administrator yes    -                 -              -           -               -                -               -              -              -            -           -            -              -                -        -          yes         yes yes          yes             yes           yes              -             -       -          -      -                  -
        safety-officer yes    -                 -              -           -               -                -               -              -              -            -           -            -              -                -        -          yes         yes yes          -               yes           -                yes           -       -          -      -                  -
        vendor-support yes    -                 -              -           -               -                -               -              -              -            -           -            -              -                -        -          yes         yes -            -               -             -                -             yes     -          -      -                  -
        system        yes    yes               yes            -           -               yes              yes             yes            yes            yes          yes         yes          yes            yes              -        -          -           yes -            -               -             -                -             -       yes        yes    -                  -
        patient       yes    -                 -              -           -               -                -               -              -              -            -           -            -              -                yes      yes        yes         yes -            -               -             -                -             -       -          -      -                  -
        proxy         yes    -                 -              -           -               -                -               -              -              -            -           -            -              -                yes      yes        yes         yes -            -               -             -                -             -       -          -      -                  -
        job           yes    -                 -              -           -               -                -               -              -              -            -           -            -              -                -        -          -           -   -            -               -             -                -             -       -          -      -                  -
        anonymous     yes    -                 -              -           -               -                -               -              -              -            -           -            -              -                -        -          -           -   -            -               -             -                -             -       -          -      -                  -
    "#]]
    .assert_eq(&table);
}

#[test]
fn the_policy_file_is_whole() {
    let policy = Policy::parse(include_str!("../policy.toml")).unwrap();
    assert_eq!(policy.rules().len(), Policy::own().rules().len());
    assert!(policy.rules().len() > 10);
}

#[test]
fn the_matrix_for_people_is_made_from_the_policy_file() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/security/matrix.md");
    let made = policy::matrix::markdown(Policy::own());
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path, &made).expect("written");
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == made,
        "docs/security/matrix.md is not what policy.toml says; UPDATE_EXPECT=1 makes it anew"
    );
    for role in Role::ALL {
        let calls_from_outside = !matches!(role, Role::Job | Role::Anonymous);
        assert_eq!(policy::matrix::ROLES.contains(&role), calls_from_outside);
        let has_rule = Policy::own()
            .rules()
            .iter()
            .any(|rule| rule.roles.contains(&role));
        assert!(calls_from_outside || !has_rule, "{role:?}");
    }
}

#[test]
fn a_right_is_the_meeting_of_scope_role_conditions_and_purpose() {
    let home = Home {
        id: here(),
        code: "1310000001".to_owned(),
        name: "みどり診療所".to_owned(),
    };
    let mut caller = Caller::new(Actor::System {
        client: ClientId::from_bytes([5; 16]),
        name: String::new(),
        home,
    });
    let registration = Purpose::Registration;
    let decide = |caller: &Caller, action, purpose, facts| {
        policy::decide(caller, Class::Conditions, action, purpose, facts)
    };
    let own = Facts::of(&caller);
    let permit = Decision::Permit { masked: false };
    // Role and purpose.
    assert_eq!(decide(&caller, Action::Write, registration, own), permit);
    let other = decide(&caller, Action::Write, Purpose::Treatment, own);
    assert_eq!(other, Decision::NoRule);
    // Conditions.
    let none = decide(&caller, Action::Write, registration, Facts::default());
    assert_eq!(none, Decision::Unmet(Need::OwnFacility));
    // Scope: it narrows, and never widens.
    for (scopes, write, delete) in [
        ("system/Bundle.cud", permit, permit),
        ("tasuki/eligibility", Decision::NoRule, Decision::NoRule),
        ("", Decision::NoRule, Decision::NoRule),
    ] {
        caller.scopes = Some(scopes.into());
        assert_eq!(
            decide(&caller, Action::Write, registration, own),
            write,
            "{scopes}"
        );
        assert_eq!(
            decide(&caller, Action::Delete, registration, own),
            delete,
            "{scopes}"
        );
        // What was registered is read back by the same permission.
        assert_eq!(
            decide(&caller, Action::Read, registration, own),
            write,
            "{scopes}"
        );
    }
    caller.scopes = Some("user/*.rs".into());
    let facts = own.with(Need::Visit, true).with(Need::Consent, true);
    let widened = decide(&caller, Action::Read, Purpose::Treatment, facts);
    assert_eq!(widened, Decision::NoRule);
}

#[test]
fn own_and_proxy_hold_for_that_person_alone_and_a_proxy_within_the_relation() {
    let (mine, theirs) = (PersonId::from_bytes([1; 16]), PersonId::from_bytes([2; 16]));
    let session = SessionId::from_bytes([3; 16]);
    let patient = Caller::new(Actor::Patient {
        person: mine,
        session,
    });
    let proxy = Caller::new(Actor::Proxy {
        person: mine,
        proxy: theirs,
        name: String::new(),
        session,
    });
    for (caller, person, own, acts) in [
        (&patient, mine, true, false),
        (&patient, theirs, false, false),
        (&proxy, mine, false, true),
        (&proxy, theirs, false, false),
    ] {
        let facts = Facts::of_person(caller, person, true);
        assert_eq!((facts.has(Need::Own), facts.has(Need::Proxy)), (own, acts));
        let outside = Facts::of_person(caller, person, false);
        assert_eq!(
            (outside.has(Need::Own), outside.has(Need::Proxy)),
            (own, false)
        );
        assert!(!facts.has(Need::OwnFacility));
    }
}

#[test]
fn a_policy_file_with_an_unknown_word_a_rule_without_effect_or_two_for_one_cell_is_refused() {
    let rule = |roles: &str, class: &str| {
        format!(
            "[[allow]]\nja=''\nen=''\nsource=''\nroles=[{roles}]\nclasses=['{class}']\n\
             actions=['read']\npurposes=['treatment']\n"
        )
    };
    let check = |text: &str| Policy::parse(text).unwrap_err();
    assert!(matches!(check("allow = 1"), PolicyError::Form(_)));
    assert!(matches!(
        check(&rule("'surgeon'", "conditions")),
        PolicyError::Word {
            rule: 1,
            kind: "role",
            ..
        }
    ));
    assert_eq!(
        check(&rule("", "conditions")),
        PolicyError::Empty { rule: 1 }
    );
    let twice = rule("'doctor'", "conditions") + &rule("'nurse', 'doctor'", "conditions");
    assert!(matches!(
        check(&twice),
        PolicyError::Twice {
            first: 1,
            second: 2,
            ..
        }
    ));
}

#[test]
fn nobody_without_a_log_in_and_no_administrator_comes_near_a_person() {
    for role in [
        Role::Anonymous,
        Role::Job,
        Role::Administrator,
        Role::SafetyOfficer,
    ] {
        for class in Class::CLINICAL
            .into_iter()
            .chain([Class::Eligibility, Class::Consent])
        {
            for (action, purpose) in Action::ALL
                .iter()
                .flat_map(|a| Purpose::ALL.map(|p| (*a, p)))
            {
                let question = Question {
                    role,
                    class,
                    action,
                    purpose,
                };
                assert_eq!(Policy::own().rule(question), None, "{question:?}");
            }
        }
    }
}

#[test]
fn every_category_has_its_word_and_its_explanation() {
    for category in Category::ALL {
        assert_eq!(Category::parse(category.word()), Some(category));
        assert!(!category.ja().is_empty() && !category.explanation_ja().is_empty());
    }
    for word in ["", "Conditions", "conditions ", "all"] {
        assert_eq!(Category::parse(word), None);
    }
}

proptest! {
    #[test]
    fn a_password_of_any_text_can_be_judged(typed in ".*", login in ".{0,20}") {
        let context = Context { login: &login, ..Context::default() };
        let _judged = judge(&typed, &context, true);
    }
}

fn here() -> FacilityId {
    FacilityId::from_bytes([1; 16])
}

// Sessions.

#[test]
fn a_staff_session_locks_when_idle_and_every_session_ends_at_its_last_instant() {
    let of = |stage, whose| Stored {
        id: SessionId::random(&Sevens),
        stage,
        whose,
        created_at: at(0),
        ends_at: at(12 * 3600),
        seen_at: at(0),
        proved_at: None,
        origin: Origin::default(),
    };
    let staff = Whose::Staff(here(), StaffId::from_bytes([3; 16]));
    let patient = Whose::Patient(PersonId::from_bytes([4; 16]));
    let (usual, short) = (Rules::default(), Rules::parse(5, true).unwrap());
    let cases = [
        (of(Stage::Full, staff), usual, 0, 15 * 60 - 1, State::Live),
        (of(Stage::Full, staff), usual, 0, 15 * 60, State::Locked),
        (of(Stage::Full, staff), short, 0, 5 * 60 - 1, State::Live),
        (of(Stage::Full, staff), short, 0, 5 * 60, State::Locked),
        (
            of(Stage::Full, staff),
            usual,
            12 * 3600 - 60,
            12 * 3600 - 1,
            State::Live,
        ),
        (
            of(Stage::Full, staff),
            usual,
            12 * 3600 - 60,
            12 * 3600,
            State::Ended,
        ),
        (of(Stage::Full, patient), usual, 0, 10 * 60 - 1, State::Live),
        (of(Stage::Full, patient), usual, 0, 10 * 60, State::Ended),
        (
            of(Stage::Password, staff),
            usual,
            0,
            5 * 60 - 1,
            State::Live,
        ),
        (of(Stage::Password, staff), usual, 0, 5 * 60, State::Ended),
        (
            of(Stage::MustChange, staff),
            usual,
            0,
            15 * 60,
            State::Ended,
        ),
        (of(Stage::Replaced, staff), usual, 0, 1, State::Ended),
    ];
    for (session, rules, seen, now, state) in cases {
        assert_eq!(
            session.state(at(seen), at(now), &rules),
            state,
            "{seen} {now}"
        );
    }
    for minutes in [4, 31, 0, -15] {
        assert_eq!(Rules::parse(minutes, true), None);
    }
}

#[test]
fn a_second_factor_is_fresh_for_five_minutes() {
    let mut session = Stored {
        id: SessionId::random(&Sevens),
        stage: Stage::Full,
        whose: Whose::Staff(here(), StaffId::from_bytes([3; 16])),
        created_at: at(0),
        ends_at: at(12 * 3600),
        seen_at: at(0),
        proved_at: Some(at(0)),
        origin: Origin::default(),
    };
    assert!(session.is_fresh(at(299)) && !session.is_fresh(at(300)));
    session.proved_at = None;
    assert!(!session.is_fresh(at(0)));
}

#[test]
fn a_form_token_is_not_the_session_and_not_its_hash() {
    let token = "ab".repeat(32);
    let form = session::form_token(&token);
    assert_eq!(form.len(), 64);
    assert_ne!(form, token);
    assert_ne!(form, kernel::hex::encode(&session::token_hash(&token)));
    assert_ne!(form, session::form_token("other"));
}

// Challenges and one-time codes.

#[test]
fn a_challenge_is_answered_once_in_time_from_its_place() {
    let challenge = Challenge {
        id: ChallengeId::random(&Sevens),
        nonce: [7; 32],
        terminal: "1310000001:a".to_owned(),
        purpose: "eligibility".to_owned(),
        issued_at: at(0),
    };
    let cases = [
        (None, "1310000001:a", "eligibility", 0, None),
        (None, "1310000001:a", "eligibility", 119, None),
        (
            None,
            "1310000001:a",
            "eligibility",
            120,
            Some("TSK-ACC-022"),
        ),
        (None, "1310000001:b", "eligibility", 0, Some("TSK-ACC-023")),
        (None, "1310000002:a", "eligibility", 0, Some("TSK-ACC-023")),
        (None, "1310000001:a", "portal", 0, Some("TSK-ACC-023")),
        (
            Some(at(1)),
            "1310000001:a",
            "eligibility",
            2,
            Some("TSK-ACC-021"),
        ),
        (Some(at(1)), "elsewhere", "portal", 999, Some("TSK-ACC-021")),
    ];
    for (used, terminal, purpose, now, code) in cases {
        let no = challenge::objection(&challenge, used, terminal, purpose, at(now));
        assert_eq!(no.map(|e| e.code), code, "{terminal} {purpose} {now}");
    }
    assert!(challenge.text("http://tasuki.test").is_some());
    assert!(challenge.text("http://tasuki.test\n").is_none());
}

#[test]
fn one_time_codes_are_those_of_rfc_6238() {
    // Appendix B, SHA-1, the last six of eight digits.
    let totp = staff::totp(b"12345678901234567890").unwrap();
    for (time, code) in [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (20_000_000_000, "353130"),
    ] {
        assert_eq!(totp.generate(time).to_string(), code);
    }
    assert!(staff::totp(b"short").is_none());
}

#[test]
fn an_account_sleeps_after_ninety_days_without_a_log_in() {
    let day = 86_400;
    let mut account = staff::Account::new(
        here(),
        StaffId::from_bytes([3; 16]),
        "",
        Role::Doctor,
        String::new(),
        kernel::Secret::new(Vec::new()),
    );
    assert!(!account.is_dormant(at(1_000 * day)));
    account.opened_at = Some(at(0));
    assert!(account.is_open(at(90 * day - 1)) && !account.is_open(at(90 * day)));
    account.last_login_at = Some(at(80 * day));
    assert!(account.is_open(at(170 * day - 1)) && !account.is_open(at(170 * day)));
}

#[test]
fn an_account_is_open_between_lock_and_end() {
    let account = staff::Account {
        locked_until: at(10),
        ends_at: Some(at(20)),
        ..staff::Account::new(
            here(),
            StaffId::from_bytes([3; 16]),
            "",
            Role::Doctor,
            String::new(),
            kernel::Secret::new(Vec::new()),
        )
    };
    for (now, open) in [(9, false), (10, true), (19, true), (20, false)] {
        assert_eq!(account.is_open(at(now)), open, "{now}");
    }
}
