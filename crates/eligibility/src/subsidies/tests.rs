//! Tests: what pays in which order, the way in by a subsidy's card, and a ticket's facility.

use kernel::{
    code::{FacilityCode, RecipientNumber, SubsidyPayerNumber, check_digit},
    id::PersonId,
    money::Yen,
    time::{JstDate, Period},
};
use masters::local_subsidy::{self, Burden, Scheme, Way};
use registry::subsidy::{self, Entitlement, Ticket, TicketKind};
use serde_json::{Value, json};
use store::caller::{Home, Role};
use testkit::{
    World,
    population::{Life, demo},
    world::{As, Reply},
};

use super::burden_ja;

fn today() -> JstDate {
    JstDate::parse("2026-11-22").expect("a day")
}

fn checked(body: &str) -> String {
    let digits: Vec<u8> = body.bytes().map(|b| b - b'0').collect();
    format!("{body}{}", check_digit(&digits))
}

fn payer(law: &str) -> SubsidyPayerNumber {
    SubsidyPayerNumber::parse(&checked(&format!("{law}13601"))).expect("a payer")
}

fn recipient() -> RecipientNumber {
    RecipientNumber::parse(&checked("123456")).expect("a recipient")
}

fn burden(way: Way, percent: Option<u8>, month: Option<i64>) -> Burden {
    Burden {
        way,
        percent,
        visit: None,
        visit_max: None,
        day_max: None,
        month_max: month.map(Yen::new),
    }
}

struct Ward {
    world: World,
    home: Home,
    staff: As,
    life: Life,
    person: PersonId,
}

impl Ward {
    /// A person with a local subsidy (80) and one for an intractable disease (54), loaded in
    /// that order, and a ticket of this clinic.
    fn new() -> Self {
        let world = World::new(vec![crate::service()]);
        let home = world.facility("1310000001", "みどり診療所");
        let life = demo::patient(today());
        let person = world.person(&life);
        let code = FacilityCode::from_register("1310000001").expect("a code");
        world.set_up(move |call| {
            let scheme = Scheme {
                prefecture: 13,
                number: "180".to_owned(),
                row: 1,
                law: "80".to_owned(),
                name: "障".to_owned(),
                ages: None,
                income: String::new(),
                outpatient: burden(Way::Part, Some(10), Some(18_000)),
                inpatient: burden(Way::Nothing, None, None),
            };
            local_subsidy::import(call, &[scheme], today(), "aa")?;
            let year = Period::new(today(), Some(today().plus_years(1))).expect("a year");
            for (number, law, scheme) in [(1, "80", Some("180")), (2, "54", None)] {
                let held = Entitlement {
                    number,
                    period: year,
                    payer: payer(law),
                    recipient: recipient(),
                    name: format!("制度{law}"),
                    scheme: scheme.map(str::to_owned),
                    income: String::new(),
                    month_max: scheme.is_none().then(|| Yen::new(10_000)),
                    issued_on: today(),
                    loaded_at: call.at(),
                };
                subsidy::put_entitlement(call, person, &held)?;
            }
            let ticket = Ticket {
                number: 1,
                period: Period::new(today(), Some(today().plus_days(8))).expect("days"),
                kind: TicketKind::Medical,
                payer: payer("12"),
                recipient: recipient(),
                facility: code.clone(),
                self_pay: Yen::new(1_500),
                is_sole: false,
                loaded_at: call.at(),
            };
            subsidy::put_ticket(call, person, &ticket)?;
            Ok(())
        });
        let staff = world.staff(&home, Role::Clerk);
        Self {
            world,
            home,
            staff,
            life,
            person,
        }
    }

    fn check(&self, body: &Value) -> Reply {
        let system = self.world.system(&self.home);
        let path = "/api/v1/eligibility/subsidy-checks";
        self.world.post(&system, path, body)
    }

    fn card(&self, law: &str) -> Value {
        json!({
            "payer_number": payer(law).as_str(),
            "recipient_number": recipient().as_str(),
            "birth_date": self.life.birth.to_string(),
        })
    }
}

#[test]
fn subsidies_stand_in_the_answer_in_the_order_in_which_they_pay_each_with_its_burden() {
    let ward = Ward::new();
    let answer = ward.check(&ward.card("54"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    assert_eq!(answer["method"], json!("subsidy_card"));
    let order: Vec<&str> = answer["subsidies"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["law"].as_str())
        .collect();
    assert_eq!(order, ["54", "80"]);
    assert_eq!(answer["subsidies"][0]["month_max_yen"], json!(10_000));
    let local = &answer["subsidies"][1]["scheme"];
    assert_eq!(local["outpatient"]["ja"], json!("1割、1月18,000円まで"));
    assert_eq!(local["inpatient"]["ja"], json!("自己負担なし"));
    assert_eq!(answer["tickets"][0]["self_pay_yen"], json!(1_500));
    let visit = answer["visit"].as_str().expect("a visit");
    let page = ward
        .world
        .get(&ward.staff, &format!("/visits/{visit}"))
        .text();
    let (first, second) = (page.find("制度54"), page.find("制度80"));
    assert!(first.is_some() && first < second, "{page}");
    assert!(page.contains("1割、1月18,000円まで") && page.contains("医療券"));
}

#[test]
fn a_card_that_does_not_fit_is_told_from_one_that_ended_and_from_one_that_is_misread() {
    let ward = Ward::new();
    let with = |field: &str, value: &str| {
        let mut card = ward.card("54");
        card[field] = json!(value);
        card
    };
    let other = checked("654321");
    let cases = [
        (with("birth_date", "1990-01-01"), 404, "TSK-SBC-020", ""),
        (with("recipient_number", &other), 404, "TSK-SBC-020", ""),
        (with("on", "2026-11-21"), 422, "TSK-SBC-021", ""),
        (
            with("payer_number", "54136010"),
            422,
            "TSK-SBC-022",
            "payer_number",
        ),
        (with("birth_date", "昨日"), 422, "TSK-ELG-024", "birth_date"),
        (with("on", "1999-01-01"), 422, "TSK-ELG-026", "on"),
    ];
    for (card, status, code, path) in cases {
        let reply = ward.check(&card);
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (status, code),
            "{card}"
        );
        if !path.is_empty() {
            assert!(reply.text().contains(path), "{}", reply.text());
        }
    }
    let person = ward.person;
    let visits = ward.world.set_up(move |call| {
        call.open(person)?;
        crate::ops::today(
            call,
            call.caller().home().map_or_else(
                || kernel::id::FacilityId::from_bytes([0; 16]),
                |home| home.id,
            ),
        )
    });
    assert!(visits.is_empty(), "a refused check opens no visit");
}

#[test]
fn the_form_leads_to_the_result_and_says_beside_the_field_what_is_wrong() {
    let ward = Ward::new();
    let card = ward.card("80");
    let text = |name: &str| card[name].as_str().unwrap_or_default().to_owned();
    let (payer, recipient, birth) = (
        text("payer_number"),
        text("recipient_number"),
        text("birth_date"),
    );
    let send = |recipient: &str| {
        let fields = [
            ("payer_number", payer.as_str()),
            ("recipient_number", recipient),
            ("birth_date", birth.as_str()),
        ];
        ward.world
            .submit(&ward.staff, "/reception/subsidy", &fields)
    };
    let wrong = send("1");
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.text().contains("受給者番号(7けた)を"),
        "{}",
        wrong.text()
    );
    let done = send(&recipient);
    assert_eq!(done.status, 303);
    assert!(done.header("location").starts_with("/visits/"));
}

#[test]
fn a_burden_is_said_in_a_few_words() {
    let cases = [
        (burden(Way::NotCovered, None, None), "対象外"),
        (burden(Way::Nothing, None, None), "自己負担なし"),
        (burden(Way::Part, Some(5), None), "5%"),
        (burden(Way::Part, None, Some(2_000)), "1月2,000円まで"),
        (
            burden(Way::Part, None, None),
            "一部負担あり(額は受給者証を確認)",
        ),
    ];
    for (burden, words) in cases {
        assert_eq!(burden_ja(&burden), words);
    }
    let paid_back = burden_ja(&burden(Way::PaidBack, Some(100), None));
    assert!(paid_back.contains("償還払い"));
}
