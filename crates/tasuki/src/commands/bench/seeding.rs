//! A town to be measured: people, cards, and visits with records and consent.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufWriter, Write},
    path::Path,
    time::Instant,
};

use access::{
    Gate,
    consent::{self, Category},
};
use anyhow::{Context, anyhow};
use eligibility::model::Inquiry;
use kernel::{
    id::PersonId,
    time::{Clock, JstDate},
};
use signing::testpki::TestPki;
use store::caller::{Home, Purpose, Role};
use testkit::{
    population::{FacilityKind, Life, Population, clins},
    seed,
};

use super::{
    BUNDLES_MAX, CARDS_MAX, NUMBERS_MAX, PREPARE, Seeded, VISITS_MAX, bundles_path, cards_path,
    numbers_path, parse_line, population, seeded_path, visits_path, write,
};
use crate::{program::SystemClock, town};

pub(super) fn seed_folder(gate: &Gate, data: &Path, people: u64) -> anyhow::Result<Seeded> {
    let begin = Instant::now();
    town::mark(gate, "bench")?;
    let population = population(people);
    let facilities = population.facilities();
    let hash = town::password_hash()?;
    let of = |kind: FacilityKind| {
        let found = facilities.iter().find(|f| f.kind == kind);
        found.context("the town lacks a facility")
    };
    let (clinic, _) = town::found(gate, of(FacilityKind::Clinic)?, &hash)?;
    let (hospital, _) = town::found(gate, of(FacilityKind::Hospital)?, &hash)?;
    let home = clinic.clone();
    let doctor = write(gate, move |call| {
        seed::account(
            call,
            &home,
            "bench-doctor",
            "測定 医師",
            Role::Doctor,
            &hash,
        )
    })?;
    let mut first: BTreeMap<u64, PersonId> = BTreeMap::new();
    town::enroll(gate, &population, |index, id| {
        if index < CARDS_MAX.max(VISITS_MAX) {
            first.insert(index, id);
        }
    })?;
    write_numbers(&population, data)?;
    let pki = TestPki::new()?;
    let cards: Vec<(u64, PersonId)> = first
        .iter()
        .take(usize::try_from(CARDS_MAX)?)
        .map(|(index, id)| (index + 1, *id))
        .collect();
    town::give_cards(gate, &pki, &cards)?;
    let today = SystemClock.now().jst_date();
    let mut file = BufWriter::new(fs::File::create(cards_path(data))?);
    for (number, _) in &cards {
        if population.person(number - 1).coverage_on(today).is_some() {
            writeln!(file, "{number}")?;
        }
    }
    file.flush()?;
    let author = clins::Author::of(of(FacilityKind::Hospital)?).context("no doctor")?;
    seed_visits(
        gate,
        data,
        &population,
        &first,
        (&clinic, &hospital),
        &author,
    )?;
    let own = clins::Author::of(of(FacilityKind::Clinic)?).context("no doctor")?;
    write_bundles(data, &population, first.keys().copied(), &own)?;
    while gate.seal().map_err(|stop| anyhow!("{stop:?}"))? > 0 {}
    let system = town::record_system(gate, &clinic)?;
    let seeded = Seeded {
        people,
        seed_seconds: begin.elapsed().as_secs_f64(),
        client_key: system.key.to_text().reveal().clone(),
        client: system.client,
        facility: clinic.id.to_hex(),
        doctor: doctor.to_hex(),
        cards: u64::try_from(cards.len())?,
    };
    fs::write(seeded_path(data), serde_json::to_vec(&seeded)?)?;
    Ok(seeded)
}

/// The insured numbers of people whose coverage holds today.
fn write_numbers(population: &Population, data: &Path) -> anyhow::Result<()> {
    let today = SystemClock.now().jst_date();
    let mut file = BufWriter::new(fs::File::create(numbers_path(data))?);
    let step = population.size().div_ceil(NUMBERS_MAX).max(1);
    for index in (0..population.size()).step_by(usize::try_from(step)?) {
        if let Some(line) = number_line(&population.person(index), today) {
            writeln!(file, "{line}")?;
        }
    }
    Ok(file.flush()?)
}

fn number_line(life: &Life, today: JstDate) -> Option<String> {
    let coverage = life.coverage_on(today)?;
    // Twins without a branch number would be two matches.
    let branch = coverage.branch.as_ref()?;
    Some(format!(
        "{},{},{},{},{}",
        coverage.insurer.number.as_str(),
        coverage.symbol.as_str(),
        coverage.number.as_str(),
        branch.as_str(),
        life.birth
    ))
}

fn seed_visits(
    gate: &Gate,
    data: &Path,
    population: &Population,
    people: &BTreeMap<u64, PersonId>,
    (clinic, hospital): (&Home, &Home),
    author: &clins::Author<'_>,
) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let today = now.jst_date();
    let mut file = BufWriter::new(fs::File::create(visits_path(data))?);
    let mut made = 0;
    for (index, person) in people {
        if made >= VISITS_MAX {
            break;
        }
        let life = population.person(*index);
        let Some(inquiry) = inquiry(&life, today) else {
            continue;
        };
        let bundles = clins::all(&life, author, now);
        if bundles.is_empty() {
            continue;
        }
        for bundle in bundles {
            let checked =
                records::ops::check(&bundle.json).map_err(|refusal| anyhow!("{refusal:?}"))?;
            let home = hospital.clone();
            let caller = town::system_of(hospital);
            let intent = gate.intent(caller, Purpose::Registration, &PREPARE);
            let kept = gate.write(intent, move |call| {
                records::ops::register(call, &home, &checked)
            });
            kept.wait().map_err(|stop| anyhow!("{stop:?}"))?;
        }
        let (person, facility) = (*person, clinic.id);
        let visit = write(gate, move |call| {
            let confirmed = eligibility::ops::by_number(call, facility, &inquiry)?;
            consent::give(call, person, facility, &Category::ALL, "card")?;
            Ok(confirmed.visit)
        })?;
        writeln!(file, "{}", visit.to_hex())?;
        made += 1;
    }
    Ok(file.flush()?)
}

/// Bundles in the clinic's name, one a line behind its identifier and its number of resources.
fn write_bundles(
    data: &Path,
    population: &Population,
    people: impl Iterator<Item = u64>,
    author: &clins::Author<'_>,
) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let mut file = BufWriter::new(fs::File::create(bundles_path(data))?);
    let all = people.flat_map(|index| clins::all(&population.person(index), author, now));
    for bundle in all.take(BUNDLES_MAX) {
        let json = std::str::from_utf8(&bundle.json)?;
        anyhow::ensure!(!json.contains('\n'), "a Bundle of more than one line");
        writeln!(file, "{}\t{}\t{json}", bundle.identifier, bundle.entries)?;
    }
    Ok(file.flush()?)
}

fn inquiry(life: &Life, today: JstDate) -> Option<Inquiry> {
    parse_line(&number_line(life, today)?, today)
}
