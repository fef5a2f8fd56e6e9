//! The members of the family and what happened to them.

use kernel::code::InsurerKind;
use kernel::time::{JstDate, Period};

use super::super::copay;
use super::super::digits;
use super::super::fixed;
use super::super::items::*;
use super::super::model::*;
use super::super::tables::*;
use super::places::address;
use super::{INDEX_FIRST, day};

/// Place among incomes: a pensioners' household of ordinary means.
const INCOME: u32 = 40;
const VISITS: usize = 9;
const VISIT_DAYS: i32 = 91;
const LAST_VISIT_DAYS: i32 = 12;

/// The patient, her husband, their son, his wife and the twins.
#[must_use]
pub fn family(on: JstDate) -> Vec<Life> {
    vec![
        sawako(on),
        takashi(on),
        kenichi(on),
        miho(on),
        twin(on, 4),
        twin(on, 5),
    ]
}

/// Who somebody is, before their records.
struct Card {
    number: u64,
    given: (&'static str, &'static str),
    sex: Sex,
    birth: &'static str,
    home: (u64, u8, Relation),
}

fn life(card: &Card, address: Address, coverages: Vec<Coverage>) -> Life {
    let (first, members, relation) = card.home;
    Life {
        index: INDEX_FIRST + card.number,
        name: Name {
            family: "橘",
            family_kana: "タチバナ",
            given: card.given.0,
            given_kana: card.given.1,
        },
        sex: card.sex,
        birth: day(card.birth),
        death: None,
        address,
        household: Household {
            first: INDEX_FIRST + first,
            members,
            relation,
        },
        my_number_card: true,
        patient_number: format!("9000{:04}", card.number + 1),
        coverages,
        conditions: Vec::new(),
        allergies: Vec::new(),
        reports: Vec::new(),
        medicines: Vec::new(),
    }
}

/// One coverage of the story.
struct Cover<'a> {
    body: &'a str,
    insurer: &'a str,
    symbol: &'a str,
    number: &'a str,
    branch: Option<usize>,
    standing: Standing,
    from: &'a str,
    until: Option<&'a str>,
}

fn cover(it: &Cover<'_>, birth: &str, on: JstDate) -> Option<Coverage> {
    let number = digits::insurer(it.body);
    let (kind, birth, from) = (number.kind(), day(birth), day(it.from));
    let until = it.until.map(day);
    let at = until.map_or(on, |until| until.plus_days(-1));
    let ceiling = copay::ceiling(kind, birth, INCOME, from, at);
    let yearly = matches!(kind, InsurerKind::LateElderly | InsurerKind::NationalHealth);
    Some(Coverage {
        insurer: Insurer {
            number,
            name: it.insurer.to_owned(),
        },
        symbol: digits::symbol(it.symbol),
        number: digits::number(it.number),
        branch: it.branch.map(digits::branch),
        standing: it.standing,
        period: Period::new(from, until)?,
        loss: until.map(|_| LossReason::OtherCoverage),
        copay_tenths: copay::tenths(kind, birth, INCOME, at),
        ceiling,
        card: CardKind::Insured,
        issued: ceiling.filter(|_| yearly).map_or(from, |c| c.from),
        valid_until: ceiling.filter(|_| yearly).map(|c| c.last),
    })
}

/// The husband's company insurance, which ended with his retirement at 68.
const RETIRED: Cover<'static> = Cover {
    body: "0113001",
    insurer: "全国健康保険協会東京支部",
    symbol: "21730045",
    number: "318",
    branch: Some(1),
    standing: Standing::Dependent,
    from: "2005-04-01",
    until: Some("2018-04-01"),
};

const CITIZENS: Cover<'static> = Cover {
    body: "13913",
    insurer: "多摩川原市",
    symbol: "多摩",
    number: "00731958",
    branch: Some(0),
    standing: Standing::Insured,
    from: "2018-04-01",
    until: None,
};

const COMPANY: Cover<'static> = Cover {
    body: "0113001",
    insurer: "全国健康保険協会東京支部",
    symbol: "31120876",
    number: "5521",
    branch: Some(0),
    standing: Standing::Insured,
    from: "2016-10-01",
    until: None,
};

pub(super) fn sawako(on: JstDate) -> Life {
    let card = Card {
        number: 0,
        given: ("佐和子", "サワコ"),
        sex: Sex::Female,
        birth: "1958-04-12",
        home: (0, 2, Relation::Head),
    };
    let coverages = [&RETIRED, &CITIZENS];
    let coverages = coverages
        .iter()
        .filter_map(|it| cover(it, card.birth, on))
        .collect();
    let home = address("川端町", "3丁目14番5号", "190-0052");
    let found = on.plus_days(-24);
    Life {
        conditions: vec![
            condition(&HYPERTENSION, day("2009-06-10")),
            Condition {
                main: true,
                ..condition(&DIABETES, day("2014-09-03"))
            },
            condition(&DYSLIPIDEMIA, day("2014-09-03")),
            condition(&CATARACT, day("2022-05-18")),
            Condition {
                uninformed: true,
                long_term: true,
                ..condition(&PANCREATIC_CANCER, found)
            },
        ],
        allergies: vec![
            Allergy {
                criticality: Criticality::High,
                long_term: true,
                ..allergy(
                    &ALLERGEN_AMOXICILLIN,
                    day("2003-02-14"),
                    "内服20分後に全身の蕁麻疹と呼吸困難、アナフィラキシーとして入院",
                )
            },
            allergy(&ALLERGEN_CEDAR, day("1998-03-01"), "春先の鼻汁と目のかゆみ"),
            allergy(
                &ALLERGEN_SHRIMP,
                day("2011-08-06"),
                "摂取後に口腔内のかゆみ",
            ),
        ],
        medicines: [
            (&AMLODIPINE, &HYPERTENSION, day("2009-06-24")),
            (&METFORMIN, &DIABETES, day("2014-09-17")),
            (&SITAGLIPTIN, &DIABETES, on.plus_days(-720)),
            (&ROSUVASTATIN, &DYSLIPIDEMIA, on.plus_days(-720)),
        ]
        .into_iter()
        .filter_map(|(drug, disease, from)| medicine(drug, disease, from))
        .collect(),
        reports: (0..VISITS)
            .map(|visit| report(visit, on, day(card.birth)))
            .collect(),
        ..life(&card, home, coverages)
    }
}

/// Two years of quarterly visits, oldest first. Treatment works; then something else begins.
static VALUES: [(&LabItem, [i32; VISITS]); 18] = [
    (&TP, [72, 72, 71, 73, 72, 71, 70, 69, 68]),
    (&ALB, [43, 43, 42, 43, 42, 42, 41, 39, 37]),
    (&AST, [22, 21, 23, 22, 21, 22, 24, 31, 44]),
    (&ALT, [20, 19, 21, 20, 20, 21, 24, 36, 58]),
    (&GGT, [24, 23, 25, 24, 23, 25, 31, 58, 104]),
    (&CRE, [66, 67, 66, 68, 69, 69, 71, 72, 73]),
    (&UA, [47, 46, 48, 47, 47, 46, 45, 44, 43]),
    (&BUN, [148, 152, 147, 155, 158, 153, 161, 165, 168]),
    (&GLUCOSE, [186, 171, 158, 146, 139, 137, 148, 166, 189]),
    (&HBA1C, [82, 78, 73, 69, 67, 66, 68, 73, 79]),
    (&TG, [176, 158, 149, 142, 138, 135, 141, 132, 128]),
    (&HDL, [49, 50, 51, 52, 53, 53, 52, 50, 48]),
    (&LDL, [158, 131, 118, 109, 104, 102, 106, 103, 99]),
    (&NA, [141, 142, 141, 140, 141, 142, 141, 140, 139]),
    (&K, [42, 43, 42, 42, 43, 42, 42, 41, 41]),
    (&CRP, [5, 4, 6, 5, 5, 6, 9, 18, 42]),
    (&WBC, [58, 56, 61, 57, 55, 59, 62, 66, 71]),
    (&HB, [128, 127, 128, 126, 127, 126, 124, 121, 117]),
];

/// The visit before her cataract operation, at which the five infections were examined.
const SCREENED: usize = 3;

fn report(visit: usize, on: JstDate, birth: JstDate) -> LabReport {
    let back = i32::try_from(VISITS - 1 - visit).unwrap_or(0);
    let date = on.plus_days(-LAST_VISIT_DAYS - back * VISIT_DAYS);
    let quantity = |item: &'static LabItem, unscaled| LabResult {
        item,
        value: LabValue::Quantity(Decimal {
            unscaled,
            scale: item.scale,
        }),
    };
    let mut results = Vec::new();
    for (item, values) in &VALUES {
        let value = values.get(visit).copied().unwrap_or(0);
        results.push(quantity(item, value));
        if *item == &CRE {
            let egfr = fixed::egfr_tenths(value, birth.age_on(date), Sex::Female);
            results.push(quantity(&EGFR, egfr));
        }
    }
    if visit == SCREENED {
        results.extend(INFECTIONS.iter().map(|item| LabResult {
            item,
            value: LabValue::Coded(Finding::Negative),
        }));
    }
    let collected = date.start().plus_seconds(9 * 3600 + 20 * 60);
    LabReport {
        ordinal: u16::try_from(visit).unwrap_or(0),
        collected,
        issued: collected.plus_seconds(2 * 3600),
        results,
    }
}

fn takashi(on: JstDate) -> Life {
    let card = Card {
        number: 1,
        given: ("髙志", "タカシ"),
        sex: Sex::Male,
        birth: "1950-03-02",
        home: (0, 2, Relation::Spouse),
    };
    let coverages = [
        Cover {
            branch: Some(0),
            standing: Standing::Insured,
            ..RETIRED
        },
        Cover {
            branch: Some(1),
            until: Some("2025-03-02"),
            ..CITIZENS
        },
        Cover {
            body: "3913913",
            insurer: "東京都後期高齢者医療広域連合",
            symbol: "",
            number: "73195012",
            branch: None,
            standing: Standing::Insured,
            from: "2025-03-02",
            until: None,
        },
    ];
    let coverages = coverages
        .iter()
        .filter_map(|it| cover(it, card.birth, on))
        .collect();
    let home = address("川端町", "3丁目14番5号", "190-0052");
    Life {
        conditions: vec![
            condition(&HYPERTENSION, day("2004-11-22")),
            condition(&PROSTATE_HYPERPLASIA, day("2017-02-08")),
            Condition {
                main: true,
                ..condition(&ATRIAL_FIBRILLATION, day("2020-07-30"))
            },
        ],
        allergies: vec![Allergy {
            criticality: Criticality::High,
            long_term: true,
            ..allergy(
                &ALLERGEN_IODINE_CONTRAST,
                day("2015-10-05"),
                "造影CT後に血圧低下と全身の膨疹",
            )
        }],
        medicines: [
            (&OLMESARTAN, &HYPERTENSION, day("2004-12-06")),
            (&TAMSULOSIN, &PROSTATE_HYPERPLASIA, day("2017-02-08")),
            (&APIXABAN, &ATRIAL_FIBRILLATION, day("2020-07-30")),
        ]
        .into_iter()
        .filter_map(|(drug, disease, from)| medicine(drug, disease, from))
        .collect(),
        ..life(&card, home, coverages)
    }
}

fn son_home() -> Address {
    address("若葉台", "1丁目6番22号", "190-0067")
}

fn kenichi(on: JstDate) -> Life {
    let card = Card {
        number: 2,
        given: ("健一", "ケンイチ"),
        sex: Sex::Male,
        birth: "1982-07-19",
        home: (2, 4, Relation::Head),
    };
    let coverages = cover(&COMPANY, card.birth, on).into_iter().collect();
    Life {
        conditions: vec![Condition {
            main: true,
            ..condition(&HYPERURICEMIA, day("2021-04-16"))
        }],
        medicines: medicine(&FEBUXOSTAT, &HYPERURICEMIA, day("2021-04-16"))
            .into_iter()
            .collect(),
        ..life(&card, son_home(), coverages)
    }
}

fn miho(on: JstDate) -> Life {
    let card = Card {
        number: 3,
        given: ("美穂", "ミホ"),
        sex: Sex::Female,
        birth: "1984-11-03",
        home: (2, 4, Relation::Spouse),
    };
    let cover_of = Cover {
        branch: Some(1),
        standing: Standing::Dependent,
        ..COMPANY
    };
    life(
        &card,
        son_home(),
        cover(&cover_of, card.birth, on).into_iter().collect(),
    )
}

/// The twins, born on one day: number 4 is 葵, number 5 is 翠.
fn twin(on: JstDate, number: u64) -> Life {
    let elder = number == 4;
    let card = Card {
        number,
        given: if elder {
            ("葵", "アオイ")
        } else {
            ("翠", "ミドリ")
        },
        sex: Sex::Female,
        birth: "2018-05-05",
        home: (2, 4, Relation::Child),
    };
    let cover_of = Cover {
        branch: Some(if elder { 2 } else { 3 }),
        standing: Standing::Dependent,
        from: card.birth,
        ..COMPANY
    };
    let coverages = cover(&cover_of, card.birth, on).into_iter().collect();
    let allergies = if elder {
        vec![Allergy {
            criticality: Criticality::High,
            ..allergy(&ALLERGEN_EGG, day("2019-03-10"), "離乳食の卵で全身の蕁麻疹")
        }]
    } else {
        Vec::new()
    };
    Life {
        conditions: vec![condition(&ASTHMA, day("2022-10-12"))],
        allergies,
        ..life(&card, son_home(), coverages)
    }
}

const fn condition(disease: &'static Disease, onset: JstDate) -> Condition {
    Condition {
        disease,
        onset,
        abatement: None,
        recorded: onset,
        main: false,
        uninformed: false,
        undelivered: false,
        long_term: false,
    }
}

const fn allergy(allergen: &'static Allergen, onset: JstDate, reaction: &'static str) -> Allergy {
    Allergy {
        allergen,
        onset,
        recorded: onset,
        criticality: Criticality::Low,
        reaction,
        long_term: false,
    }
}

fn medicine(drug: &'static Drug, disease: &'static Disease, from: JstDate) -> Option<Medicine> {
    Some(Medicine {
        drug,
        disease,
        period: Period::new(from, None)?,
    })
}
