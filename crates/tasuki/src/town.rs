//! A seeded town: facilities, staff, people, and what the sandbox's log-ins are.

pub mod counter;

use std::collections::VecDeque;

use access::{Gate, jwk::PublicKey};
use anyhow::{Context, anyhow};
use kernel::{id::PersonId, time::JstDate};
use peers::oauth::{ClientKey, Credentials};
use registry::{model::FacilityKind, ops as people};
use signing::testpki::TestPki;
use store::{
    Call, Pending, Stop,
    caller::{Caller, Event, Home, Role},
};
use testkit::{
    population::{self, Facility, Life, Population, demo},
    seed,
};

use crate::story::Story;

/// The password of every log-in of the sandbox.
pub const PASSWORD: &str = "tasuki-demo-2026";
/// The doctors of the journey. They are not among the log-ins told to people: a one-time
/// code is good once, and one of them logs in tomorrow.
pub const DAY_DOCTOR: &str = "journey-doctor";
/// See [`DAY_DOCTOR`]: who reads the letters.
pub const LETTER_DOCTOR: &str = "journey-letter-doctor";
/// See [`DAY_DOCTOR`].
pub const NIGHT_DOCTOR: &str = "journey-night-doctor";
/// The number of the town's offices in their codes.
const OFFICE: u32 = 1;
/// Writes under way at once while seeding.
const AHEAD: usize = 512;
/// The number of the demonstration patient's card.
pub const PATIENT_CARD: u64 = 1_000_001;

/// A log-in of the sandbox.
#[derive(Clone, Debug)]
pub struct LogIn {
    /// What.
    pub role: Role,
    /// Who.
    pub name: String,
    /// Log-in name.
    pub login: String,
}

/// A town.
pub struct Town {
    /// The hospital that has treated the patient.
    pub hospital: Home,
    /// The hospital's record system.
    pub hospital_system: Credentials,
    /// The clinic that has never seen the patient.
    pub clinic: Home,
    /// The clinic's record system, with its card terminal.
    pub clinic_system: Credentials,
    /// Log-ins at the clinic.
    pub log_ins: Vec<LogIn>,
    /// People in the register.
    pub people: u64,
}

/// Keeps a bounded number of writes under way.
struct Ahead<'g, T> {
    gate: &'g Gate,
    event: &'static Event,
    waiting: VecDeque<Pending<T>>,
}

impl<'g, T: Send + 'static> Ahead<'g, T> {
    const fn new(gate: &'g Gate, event: &'static Event) -> Self {
        Self {
            gate,
            event,
            waiting: VecDeque::new(),
        }
    }

    fn write<F>(&mut self, op: F) -> anyhow::Result<Option<T>>
    where
        F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
    {
        let intent = self.gate.job_intent("seed", self.event);
        self.waiting.push_back(self.gate.write(intent, op));
        if self.waiting.len() < AHEAD {
            return Ok(None);
        }
        self.next()
    }

    fn next(&mut self) -> anyhow::Result<Option<T>> {
        match self.waiting.pop_front() {
            Some(pending) => pending.wait().map(Some).map_err(|stop| anyhow!("{stop:?}")),
            None => Ok(None),
        }
    }
}

/// Enrols the people of a population, streaming; `note` gets each with its identifier.
///
/// # Errors
/// The store's.
pub fn enroll(
    gate: &Gate,
    population: &Population,
    mut note: impl FnMut(u64, PersonId),
) -> anyhow::Result<()> {
    let mut ahead = Ahead::new(gate, &seed::ENROLL);
    let mut index = 0;
    let mut done = |id: Option<PersonId>| {
        if let Some(id) = id {
            note(index, id);
            index += 1;
        }
    };
    for life in population.iter() {
        done(ahead.write(move |call| seed::person(call, &life))?);
    }
    while let Some(id) = ahead.next()? {
        done(Some(id));
    }
    Ok(())
}

/// Ties cards to people: card `number` to each.
///
/// # Errors
/// The store's, or the test authority's.
pub fn give_cards(gate: &Gate, pki: &TestPki, cards: &[(u64, PersonId)]) -> anyhow::Result<()> {
    let now = gate.now();
    let (anchors, crls) = (pki.trust_store()?, pki.crl_store(now, &[])?);
    let mut ahead = Ahead::new(gate, &seed::CARD);
    for (number, person) in cards.iter().copied() {
        let key = seed::card_key(pki, &anchors, &crls, number, now)?
            .context("a test card does not verify")?;
        ahead.write(move |call| people::register_card(call, person, key.reveal()))?;
    }
    while ahead.next()?.is_some() {}
    Ok(())
}

fn write<T, F>(gate: &Gate, event: &'static Event, op: F) -> anyhow::Result<T>
where
    T: Send + 'static,
    F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
{
    let intent = gate.job_intent("seed", event);
    gate.write(intent, op)
        .wait()
        .map_err(|stop| anyhow!("{stop:?}"))
}

/// Marks the folder as one for trying out: its log-ins are known to everybody.
///
/// # Errors
/// The store's.
pub fn mark(gate: &Gate, what: &'static str) -> anyhow::Result<()> {
    write(gate, &seed::SET_UP, move |call| {
        Ok(equipment::ops::note_sandbox(call, what)?)
    })
}

/// Founds a facility with its staff; all log-ins share one password.
///
/// # Errors
/// The store's.
pub fn found(gate: &Gate, facility: &Facility, hash: &str) -> anyhow::Result<(Home, Vec<LogIn>)> {
    let owned = facility.clone();
    let home = write(gate, &seed::SET_UP, move |call| {
        seed::facility(call, &owned)
    })?;
    let mut log_ins = Vec::new();
    for member in &facility.staff {
        let log_in = LogIn {
            role: seed::role(member.role),
            name: member.name.full(),
            login: member.login.clone(),
        };
        let (home, hash, one) = (home.clone(), hash.to_owned(), log_in.clone());
        write(gate, &seed::SET_UP, move |call| {
            seed::account(call, &home, &one.login, &one.name, one.role, &hash)
        })?;
        log_ins.push(log_in);
    }
    Ok((home, log_ins))
}

/// Registers a facility's record system under a new key.
///
/// # Errors
/// The store's.
pub fn record_system(gate: &Gate, home: &Home) -> anyhow::Result<Credentials> {
    let key = ClientKey::generate()?;
    let public = PublicKey::parse(&key.public()?.to_string())?;
    let home = home.clone();
    let client = write(gate, &seed::SET_UP, move |call| {
        seed::record_system(call, &home, Some(&public))
    })?;
    Ok(Credentials {
        client: client.id.to_hex(),
        key,
    })
}

/// A caller that is a facility's record system, for seeding its documents.
#[must_use]
pub fn system_of(home: &Home) -> Caller {
    Caller::new(store::caller::Actor::System {
        client: kernel::id::ClientId::from_bytes(*home.id.as_bytes()),
        name: format!("{} 電子カルテ", home.name),
        home: home.clone(),
    })
}

/// The hash of the sandbox's password.
///
/// # Errors
/// When memory is too short for hashing.
pub fn password_hash() -> anyhow::Result<String> {
    seed::password_hash(PASSWORD).context("not enough memory to hash a password")
}

/// The patient and the family of our own story, each with the number of their card.
pub fn family(story: &Story, today: JstDate) -> impl Iterator<Item = (u64, Life)> {
    let patient = story.patient.clone();
    let index = patient.index;
    let others = demo::family(today).into_iter();
    let others = others.filter(move |life| life.index != index);
    (PATIENT_CARD..).zip(std::iter::once(patient).chain(others))
}

/// Who else it takes to try what two people decide, reviews, and a vendor's maintenance.
fn second_people(gate: &Gate, home: &Home, hash: &str) -> anyhow::Result<Vec<LogIn>> {
    let people = [
        (Role::Administrator, "admin2", "森 由美"),
        (Role::SafetyOfficer, "safety1", "石井 和也"),
        (Role::VendorSupport, "vendor1", "小林 拓海"),
    ];
    let mut log_ins = Vec::new();
    for (role, word, name) in people {
        let log_in = LogIn {
            role,
            name: name.to_owned(),
            login: format!("{word}-{}", home.code),
        };
        let (home, hash, one) = (home.clone(), hash.to_owned(), log_in.clone());
        write(gate, &seed::SET_UP, move |call| {
            seed::account(call, &home, &one.login, &one.name, role, &hash)
        })?;
        log_ins.push(log_in);
    }
    Ok(log_ins)
}

/// Who stands behind the counters' answers, and those who ask without being a clinic: the
/// offices of the story's own city, each with one log-in.
fn offices(gate: &Gate, story: &Story, hash: &str) -> anyhow::Result<Vec<LogIn>> {
    let coverage = story.patient.coverage_last();
    let insurer = coverage
        .map(|coverage| coverage.insurer.clone())
        .context("the story's patient has no insurer")?;
    let offices = [
        (
            FacilityKind::Insurer,
            insurer.name.as_str(),
            Role::Insurer,
            "insurer1",
            "中村 結衣",
        ),
        (
            FacilityKind::Municipality,
            "多摩川原市役所 保健福祉課",
            Role::Municipality,
            "town1",
            "西田 誠",
        ),
        (
            FacilityKind::Operator,
            "医療情報基盤センター",
            Role::Registrar,
            "registrar1",
            "加藤 真理",
        ),
        (
            FacilityKind::NursingStation,
            "多摩川原訪問看護ステーション",
            Role::Nurse,
            "nurse1",
            "松本 綾",
        ),
        (
            FacilityKind::TherapyOffice,
            "多摩川原接骨院",
            Role::Therapist,
            "therapist1",
            "清水 健",
        ),
    ];
    let mut log_ins = Vec::new();
    for (kind, name, role, word, person) in offices {
        let (name, hash, person) = (name.to_owned(), hash.to_owned(), person.to_owned());
        let number = insurer.number.clone();
        let log_in = write(gate, &seed::SET_UP, move |call| {
            let home = seed::office(call, kind, OFFICE, &name)?;
            if kind == FacilityKind::Insurer {
                seed::insurer(call, number.clone(), &name, Some(home.id))?;
            }
            let login = format!("{word}-{}", home.code);
            seed::account(call, &home, &login, &person, role, &hash)?;
            Ok(LogIn {
                role,
                name: person.clone(),
                login,
            })
        })?;
        log_ins.push(log_in);
    }
    Ok(log_ins)
}

/// Builds the demonstration's town in an empty data folder.
///
/// # Errors
/// The store's.
pub fn build(gate: &Gate, pki: &TestPki, people: u64, story: &Story) -> anyhow::Result<Town> {
    mark(gate, "demo")?;
    let today: JstDate = gate.now().jst_date();
    let hash = password_hash()?;
    let population = Population::new(20_261_122, people, today);
    for facility in population.facilities() {
        found(gate, &facility, &hash)?;
    }
    let (hospital, _) = found(gate, &story.hospital, &hash)?;
    let clinic = demo::facilities()
        .into_iter()
        .find(|f| f.kind == population::FacilityKind::Clinic)
        .context("the story has no clinic")?;
    let (clinic, mut log_ins) = found(gate, &clinic, &hash)?;
    log_ins.extend(second_people(gate, &clinic, &hash)?);
    let relatives = family(story, today).map(|(_, life)| life);
    let lives: Vec<Life> = population.iter().chain(relatives).collect();
    write(gate, &seed::SET_UP, move |call| {
        seed::insurers(call, &lives)
    })?;
    log_ins.extend(offices(gate, story, &hash)?);
    for (login, name) in [
        (DAY_DOCTOR, "山口 恵"),
        (NIGHT_DOCTOR, "宮本 亮"),
        (LETTER_DOCTOR, "大島 潤"),
    ] {
        let (home, hash) = (clinic.clone(), hash.clone());
        write(gate, &seed::SET_UP, move |call| {
            seed::account(call, &home, login, name, Role::Doctor, &hash)
        })?;
    }
    let mut cards = Vec::new();
    enroll(gate, &population, |index, id| cards.push((index + 1, id)))?;
    for (number, life) in family(story, today) {
        let id = write(gate, &seed::ENROLL, move |call| seed::person(call, &life))?;
        cards.push((number, id));
    }
    give_cards(gate, pki, &cards)?;
    counter::furnish(gate, pki, &clinic, &cards)?;
    Ok(Town {
        hospital_system: record_system(gate, &hospital)?,
        clinic_system: record_system(gate, &clinic)?,
        hospital,
        clinic,
        log_ins,
        people: u64::try_from(cards.len())?,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_seeded_folder_is_marked_as_a_sandbox() {
        let world = testkit::World::new(vec![equipment::service()]);
        super::mark(&world.app.gate, "demo").expect("a mark");
        let mark = world.set_up(|call| Ok(equipment::ops::sandbox(call)?));
        assert_eq!(mark.map(|mark| mark.what).as_deref(), Some("demo"));
    }
}
