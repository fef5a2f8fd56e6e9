use std::collections::BTreeMap;

use kernel::code::{FacilityCode, InsurerKind, InsurerNumber};
use kernel::time::JstDate;

use super::clins::{self, Author, BundleKind};
use super::*;

const SEED: u64 = 20_261_122;

fn on() -> JstDate {
    JstDate::new(2026, 11, 22).expect("a date")
}

fn town(size: u64) -> Population {
    Population::new(SEED, size, on())
}

fn kind(coverage: &Coverage) -> InsurerKind {
    coverage.insurer.number.kind()
}

#[test]
fn the_same_number_gives_the_same_lives_in_any_order_and_size() {
    let forward: Vec<Life> = town(300).iter().collect();
    let large = town(1_000_000);
    for index in (0..300_u64).rev() {
        let at = usize::try_from(index).expect("small");
        assert_eq!(forward[at], large.person(index), "{index}");
    }
    assert_eq!(town(1000).facilities(), town(1000).facilities());
    let other = Population::new(SEED + 1, 300, on());
    assert!(
        other
            .iter()
            .zip(&forward)
            .filter(|(a, b)| a.name == b.name)
            .count()
            < 30
    );
}

#[test]
fn a_life_far_away_is_made_without_those_before_it() {
    let life = town(1_000_000).person(999_999);
    assert_eq!(life.index, 999_999);
    assert_eq!(std::mem::size_of::<Population>(), 24);
}

#[test]
fn every_code_of_two_thousand_lives_has_its_check_digit() {
    for life in town(2000).iter() {
        assert!(!life.coverages.is_empty(), "{}", life.index);
        for coverage in &life.coverages {
            let number = coverage.insurer.number.as_str();
            assert!(InsurerNumber::parse(number).is_ok(), "{number}");
            assert!(!matches!(
                kind(coverage),
                InsurerKind::Other | InsurerKind::Seamen
            ));
            if kind(coverage) == InsurerKind::PublicAssistance {
                assert_eq!(coverage.number.as_str().len(), 7);
                assert!(kernel::code::has_check_digit(coverage.number.as_str()));
            }
        }
    }
}

#[test]
fn people_of_75_and_more_are_always_late_elderly_and_others_never() {
    for life in town(4000).iter() {
        let late = kind(life.coverage_last().expect("covered")) == InsurerKind::LateElderly;
        assert_eq!(life.age_on(on()) >= 75, late, "{}", life.index);
    }
}

#[test]
fn ages_and_insurers_are_spread_as_in_japan() {
    let (mut old, mut late, mut assisted, mut children) = (0, 0, 0, 0);
    let size = 20_000;
    for life in town(size).iter() {
        let age = life.age_on(on());
        assert!((0..=105).contains(&age), "{age}");
        old += u64::from(age >= 65);
        late += u64::from(age >= 75);
        children += u64::from(age < 15);
        let last = life.coverage_last().expect("covered");
        assisted += u64::from(kind(last) == InsurerKind::PublicAssistance);
    }
    let permille = |count: u64| count * 1000 / size;
    assert!(
        (270..=310).contains(&permille(old)),
        "65+: {}",
        permille(old)
    );
    assert!(
        (130..=190).contains(&permille(late)),
        "75+: {}",
        permille(late)
    );
    assert!(
        (90..=150).contains(&permille(children)),
        "0-14: {}",
        permille(children)
    );
    assert!(
        (10..=22).contains(&permille(assisted)),
        "assisted: {}",
        permille(assisted)
    );
}

#[test]
fn a_household_shares_name_address_and_insurance_but_no_branch_number() {
    let lives: Vec<Life> = town(3000).iter().collect();
    let mut sizes = BTreeMap::new();
    for household in lives.chunk_by(|a, b| a.household.first == b.household.first) {
        let head = &household[0];
        assert!((1..=5).contains(&household.len()));
        *sizes.entry(household.len()).or_insert(0) += 1;
        let mut identities = Vec::new();
        for (position, life) in household.iter().enumerate() {
            let at = u64::try_from(position).expect("small");
            assert_eq!(life.index, head.index + at);
            assert_eq!(life.name.family, head.name.family);
            assert_eq!(life.address, head.address);
            if life.household.relation == Relation::Child {
                let mother = household
                    .iter()
                    .filter(|l| l.household.relation != Relation::Child);
                assert!(mother.clone().all(|m| m.birth.plus_years(16) <= life.birth));
            }
            identities.push(clins::member_id(life.coverage_last().expect("covered")));
        }
        let shared: Vec<&Coverage> = household
            .iter()
            .filter_map(Life::coverage_last)
            .filter(|c| c.branch.is_some())
            .collect();
        assert!(
            shared
                .windows(2)
                .all(|w| w[0].number == w[1].number && w[0].symbol == w[1].symbol)
        );
        let own = |c: &&Coverage| c.standing == Standing::Insured;
        assert!(shared.is_empty() || shared.iter().any(own));
        identities.sort_unstable();
        identities.dedup();
        assert_eq!(identities.len(), household.len());
    }
    assert_eq!(sizes.len(), 5, "{sizes:?}");
}

#[test]
fn coverages_never_overlap_and_an_ended_one_says_why() {
    let (mut changed, mut lapsed, mut gaps, mut died) = (0, 0, 0, 0);
    for life in town(4000).iter() {
        for pair in life.coverages.windows(2) {
            assert!(!pair[0].period.overlaps(&pair[1].period), "{}", life.index);
            assert!(pair[0].period.from() < pair[1].period.from());
            changed += 1;
            gaps += u32::from(pair[0].period.until() < Some(pair[1].period.from()));
        }
        for coverage in &life.coverages {
            assert_eq!(coverage.loss.is_some(), coverage.period.until().is_some());
            assert!(coverage.period.from() >= life.birth);
            if let Some(ceiling) = coverage.ceiling {
                assert!(ceiling.from <= ceiling.last, "{}", life.index);
            }
        }
        let last = life.coverage_last().expect("covered");
        assert_eq!(last.loss == Some(LossReason::Death), life.death.is_some());
        died += u32::from(life.death.is_some());
        lapsed += u32::from(last.loss == Some(LossReason::Other));
        assert_eq!(last.loss.is_none(), life.coverage_on(on()).is_some());
    }
    assert!(
        changed > 200 && lapsed > 10 && gaps > 10 && died > 3,
        "{changed} {lapsed} {gaps} {died}"
    );
}

#[test]
fn copay_follows_age() {
    let birth = |text: &str| JstDate::parse(text).expect("a date");
    let copay = |born: &str, income, at: &str| {
        super::copay::tenths(InsurerKind::KyokaiKenpo, birth(born), income, birth(at))
    };
    // Born on 1 April one is six on 31 March already; born on 2 April a year later.
    assert_eq!(copay("2019-04-01", 50, "2025-03-31"), 2);
    assert_eq!(copay("2019-04-01", 50, "2025-04-01"), 3);
    assert_eq!(copay("2019-04-02", 50, "2026-03-31"), 2);
    assert_eq!(copay("2019-04-02", 50, "2026-04-01"), 3);
    // From the month after the 70th birthday; born on the first, from that day on.
    assert_eq!(copay("1956-05-20", 50, "2026-05-31"), 3);
    assert_eq!(copay("1956-05-20", 50, "2026-06-01"), 2);
    assert_eq!(copay("1956-06-01", 50, "2026-06-01"), 2);
    assert_eq!(copay("1956-05-20", 95, "2026-06-01"), 3);
}

#[test]
fn some_twins_are_told_apart_only_by_their_branch_number() {
    let lives: Vec<Life> = town(5000).iter().collect();
    let twins = |pair: &&[Life]| {
        let (a, b) = (&pair[0], &pair[1]);
        let assisted = b.coverages.iter().any(|c| c.branch.is_none());
        a.household.first == b.household.first
            && a.birth == b.birth
            && b.household.relation == Relation::Child
            && !assisted
    };
    let found: Vec<&[Life]> = lives.windows(2).filter(twins).collect();
    assert!(found.len() >= 3, "{}", found.len());
    for pair in found {
        let [a, b] = [&pair[0], &pair[1]].map(|l| l.coverage_last().expect("covered"));
        assert_eq!((&a.number, &a.symbol), (&b.number, &b.symbol));
        assert_ne!(a.branch, b.branch);
    }
}

#[test]
fn records_lie_between_birth_and_the_day_in_order_of_time() {
    let (mut reports, mut coded, mut hidden) = (0, 0, 0);
    for life in town(4000).iter() {
        let end = life.death.unwrap_or(on());
        for pair in life.reports.windows(2) {
            assert!(pair[0].issued < pair[1].collected);
        }
        for report in &life.reports {
            reports += 1;
            assert!(report.collected.jst_date() >= life.birth);
            assert!(report.issued.jst_date() <= end);
            assert!(report.results.iter().all(|r| match r.value {
                LabValue::Quantity(value) => value.unscaled > 0 && !r.item.infection,
                LabValue::Coded(_) => r.item.infection,
            }));
        }
        coded += life.infections().count();
        assert!(life.conditions.is_sorted_by_key(|c| c.onset));
        for condition in &life.conditions {
            assert!(condition.onset >= life.birth && condition.onset <= end);
            assert!(
                condition
                    .abatement
                    .is_none_or(|a| a > condition.onset && a <= end)
            );
            hidden += u32::from(condition.uninformed);
        }
        assert!(life.conditions.iter().filter(|c| c.main).count() <= 1);
        for allergy in &life.allergies {
            assert!(allergy.onset >= life.birth && allergy.recorded <= end);
        }
        let allergic = life.allergies.iter().any(|a| a.allergen.penicillin);
        assert!(!(allergic && life.medicines.iter().any(|m| m.drug.penicillin)));
    }
    assert!(reports > 2000 && coded > 500, "{reports} {coded}");
    assert!(hidden > 0);
}

#[test]
fn laboratory_values_follow_illness() {
    let mean = |ill: bool, item: &tables::LabItem, disease: &tables::Disease| {
        let (mut sum, mut count) = (0_i64, 0_i64);
        for life in town(3000).iter() {
            if life.conditions.iter().any(|c| c.disease == disease) != ill {
                continue;
            }
            for result in life.reports.iter().flat_map(|r| &r.results) {
                if let (true, LabValue::Quantity(value)) = (result.item == item, result.value) {
                    sum += i64::from(value.unscaled);
                    count += 1;
                }
            }
        }
        sum / count.max(1)
    };
    assert!(mean(true, &items::HBA1C, &tables::DIABETES) >= 65);
    assert!(mean(false, &items::HBA1C, &tables::DIABETES) <= 58);
    assert!((280..500).contains(&mean(true, &items::EGFR, &tables::KIDNEY_G3B)));
    assert!((430..620).contains(&mean(true, &items::EGFR, &tables::KIDNEY_G3A)));
    assert!(mean(true, &items::HB, &tables::IRON_DEFICIENCY) < 120);
}

#[test]
fn facilities_scale_slowly_and_their_codes_are_valid_and_unique() {
    let all = town(1000).facilities();
    let count = |all: &[Facility], kind| all.iter().filter(|f| f.kind == kind).count();
    assert_eq!(count(&all, FacilityKind::Hospital), 3);
    assert_eq!(count(&all, FacilityKind::Clinic), 12);
    assert_eq!(count(&all, FacilityKind::Dental), 3);
    assert_eq!(count(&all, FacilityKind::Pharmacy), 6);
    let nation = town(1_000_000).facilities();
    assert_eq!(nation.len(), 369);
    let mut codes = BTreeMap::new();
    let mut logins = BTreeMap::new();
    for facility in nation.iter().chain(&demo::facilities()) {
        assert!(FacilityCode::parse(facility.code.as_str()).is_ok());
        assert!(
            codes
                .insert(facility.code.clone(), &facility.name)
                .is_none()
        );
        assert!(facility.staff.iter().any(|s| s.role == Role::Admin));
        for member in &facility.staff {
            assert!(logins.insert(member.login.clone(), ()).is_none());
        }
    }
}

#[test]
fn a_life_is_treated_by_a_hospital_of_its_city() {
    for size in [1000, 30_000, 1_000_000] {
        let population = town(size);
        let facilities = population.facilities();
        for index in (0..size).step_by(997) {
            let hospital = &facilities[population.hospital_of(&population.person(index))];
            assert_eq!(hospital.kind, FacilityKind::Hospital);
            let home = places::city_at(population.person(index).household.first / CITY_SIZE);
            assert_eq!(hospital.address.city, home.name);
        }
    }
}

#[test]
fn letters_that_break_programs_occur() {
    let names: String = town(2000).iter().map(|l| l.name.full()).collect();
    for letter in ['髙', '﨑', '𠮷'] {
        assert!(names.contains(letter), "{letter}");
    }
}

#[test]
fn a_decimal_keeps_every_digit() {
    let text = |unscaled, scale| Decimal { unscaled, scale }.to_string();
    assert_eq!(text(60, 1), "6.0");
    assert_eq!(text(5, 2), "0.05");
    assert_eq!(text(142, 0), "142");
    assert_eq!(text(-105, 2), "-1.05");
}

fn bundles_of(population: &Population, life: &Life) -> Vec<clins::Bundle> {
    let facilities = population.facilities();
    let author = Author::of(&facilities[population.hospital_of(life)]).expect("a doctor");
    clins::all(life, &author, on().start().plus_hours(17))
}

#[test]
fn clins_bundles_are_the_same_bytes_each_time() {
    let population = town(40);
    for life in population.iter() {
        assert_eq!(
            bundles_of(&population, &life),
            bundles_of(&population, &life)
        );
    }
    assert_eq!(demo::bundles(on()), demo::bundles(on()));
}

#[test]
fn clins_bundles_have_the_required_parts() {
    let population = town(150);
    let mut kinds = BTreeMap::new();
    let mut all: Vec<clins::Bundle> = demo::bundles(on());
    for life in population.iter() {
        all.extend(bundles_of(&population, &life));
    }
    for bundle in &all {
        check_bundle(bundle);
        *kinds.entry(bundle.kind.as_str()).or_insert(0) += 1;
    }
    assert_eq!(kinds.len(), 3, "{kinds:?}");
}

fn check_bundle(bundle: &clins::Bundle) {
    let json: serde_json::Value = serde_json::from_slice(&bundle.json).expect("JSON");
    assert_eq!(json["type"], "collection");
    assert_eq!(json["meta"]["tag"][0]["code"], bundle.kind.as_str());
    let identifier = json["identifier"]["value"].as_str().expect("an identifier");
    let parts: Vec<&str> = identifier.split('^').collect();
    let [institution, year, number] = parts[..] else {
        panic!("{identifier}");
    };
    assert!(institution.len() == 10 && matches!(&institution[2..3], "1" | "2" | "3"));
    assert!(("2020".."2040").contains(&year), "{year}");
    assert!(
        number.len() <= 36
            && number
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-')
    );
    let timestamp = json["timestamp"].as_str().expect("a timestamp");
    assert!(
        timestamp.ends_with("+09:00") && timestamp.len() == 29,
        "{timestamp}"
    );
    let entries = json["entry"].as_array().expect("entries");
    assert_eq!(entries.len(), bundle.entries + 1);
    assert_eq!(entries[0]["resource"]["resourceType"], "Patient");
    let mut urls: Vec<&str> = entries
        .iter()
        .filter_map(|e| e["fullUrl"].as_str())
        .collect();
    urls.sort_unstable();
    urls.dedup();
    assert_eq!(urls.len(), entries.len());
    for entry in &entries[1..] {
        let resource = &entry["resource"];
        assert_eq!(resource["resourceType"], bundle.kind.as_str());
        assert_eq!(
            resource["extension"][0]["valueIdentifier"]["value"],
            institution
        );
        assert_eq!(resource["contained"][0]["resourceType"], "Encounter");
        assert_eq!(resource["contained"][1]["resourceType"], "Practitioner");
        let subject = match bundle.kind {
            BundleKind::AllergyIntolerance => &resource["patient"],
            _ => &resource["subject"],
        };
        assert_eq!(subject["reference"], entries[0]["fullUrl"]);
        for coding in resource["code"]["coding"].as_array().expect("codings") {
            assert!(coding["system"].is_string() && coding["display"].is_string());
        }
    }
}

#[test]
fn the_patient_of_the_demonstration_has_her_story() {
    let her = demo::patient(on());
    assert_eq!(her.age_on(on()), 68);
    assert_eq!(
        kind(her.coverage_on(on()).expect("covered")),
        InsurerKind::NationalHealth
    );
    assert_eq!(her.coverage_last().expect("covered").copay_tenths, 3);
    assert_eq!(her.conditions.iter().filter(|c| c.uninformed).count(), 1);
    let high = |a: &&Allergy| a.criticality == Criticality::High;
    assert!(
        her.allergies
            .iter()
            .find(high)
            .expect("one")
            .allergen
            .penicillin
    );
    assert_eq!(her.reports.len(), 9);
    assert!(
        her.infections()
            .all(|(_, r)| r.value == LabValue::Coded(Finding::Negative))
    );
    assert_eq!(demo::bundles(on()).len(), 11);
    let family = demo::family(on());
    assert_eq!(
        kind(family[1].coverage_last().expect("covered")),
        InsurerKind::LateElderly
    );
    assert_eq!(family[4].birth, family[5].birth);
    for life in &family {
        assert!(life.coverage_on(on()).is_some());
        assert!(
            life.coverages
                .windows(2)
                .all(|w| !w[0].period.overlaps(&w[1].period))
        );
    }
}

/// Rows of a reference file, or a printed skip.
fn reference(path: &str) -> Option<String> {
    let path = format!("{}/../../../shared/data/{path}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        eprintln!("SKIPPED: comparison with the official table ({path} is absent)");
    }
    text
}

#[test]
fn allergens_are_those_of_the_official_table() {
    let Some(table) = reference("jfagy/JFAGY_20250401V2.csv") else {
        return;
    };
    for allergen in tables::ALLERGENS {
        let food = matches!(
            allergen.kind,
            tables::AllergenKind::Food | tables::AllergenKind::Environment
        );
        let row = format!(",{},{},", allergen.code, allergen.display);
        assert!(!food || table.contains(&row), "{row}");
    }
}

#[test]
fn laboratory_items_are_those_of_the_official_table() {
    let Some(table) = reference("lab/lab43_codes.csv") else {
        return;
    };
    for item in items::QUANTITIES.iter().filter(|i| i.display.is_some()) {
        let row = table
            .lines()
            .find(|line| line.contains(item.jlac10) && line.contains(item.unit));
        assert!(row.is_some(), "{} {}", item.name, item.unit);
    }
    let text = reference(
        "clins/compiled-1.5.3/CodeSystem-jp-clins-codesystem-JLAC10-infectionlabo-cs.json",
    );
    let Some(text) = text else {
        return;
    };
    for item in items::INFECTIONS {
        assert!(text.contains(item.jlac10), "{}", item.name);
        assert!(
            text.contains(item.display.expect("all have one")),
            "{}",
            item.name
        );
    }
}

#[test]
fn the_registration_rules_accept_the_bundles_of_three_hundred_lives() {
    let population = town(300);
    let mut all = demo::bundles(on());
    for life in population.iter() {
        all.extend(bundles_of(&population, &life));
    }
    for bundle in &all {
        let document = fhir::json::Document::parse(&bundle.json).expect("JSON");
        let checked = fhir::clins::Bundle::check(&document);
        let text = String::from_utf8_lossy(&bundle.json);
        let checked = checked.unwrap_or_else(|findings| panic!("{findings:#?} {text}"));
        assert!(!checked.is_deletion());
        // Not every drug allergy is a dangerous one: the only warning that lives deserve.
        assert!(
            checked.warnings.iter().all(|w| w.rule == "R2011"),
            "{:#?}",
            checked.warnings
        );
    }
}

#[test]
fn the_rules_of_documents_accept_letters_summaries_and_reports_without_a_word() {
    let population = town(40);
    let facilities = population.facilities();
    let mut judged = 0;
    for life in population.iter() {
        let author = Author::of(&facilities[population.hospital_of(&life)]).expect("a doctor");
        let paper = clins::letters::Paper {
            life: &life,
            author,
            serial: "P-1",
            version: "1",
            sent: on().start().plus_hours(17),
        };
        let to = ("1319876543", "みなと病院");
        let documents = [
            paper.referral(to, &[]),
            paper.discharge(),
            paper.plan("毎日30分ほど歩きましょう。"),
            paper.checkup(),
        ];
        for json in documents.into_iter().flatten() {
            let text = json.to_string();
            let document = fhir::json::Document::parse(text.as_bytes()).expect("JSON");
            let checked = fhir::clins::document::check(&document, on());
            assert!(checked.is_accepted(), "{:#?} {text}", checked.refusals);
            assert_eq!(checked.warnings, [], "{text}");
            judged += 1;
        }
    }
    assert!(judged > 60, "{judged}");
}
