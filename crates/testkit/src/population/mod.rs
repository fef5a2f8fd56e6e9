//! Coherent synthetic lives of people in Japan who do not exist.
//!
//! A population is a function: person `i` of seed `s` on a date is the same on every machine
//! and in every order, and nothing is kept between two people, so that a million need no more
//! memory than a thousand. Families share name, address and insurance; illness follows age,
//! laboratory values follow illness, medicines follow both. Names, cities and unions are
//! invented or drawn from common lists; code tables are the official ones.
//!
//! [`clins`] writes a life's JP-CLINS Bundles, [`demo`] holds the one family that was written
//! by hand for the demonstration.

pub mod clins;
mod copay;
pub mod demo;
mod digits;
mod facilities;
mod fixed;
mod household;
mod illness;
mod insurance;
pub mod items;
mod json;
mod labs;
mod model;
mod names;
mod places;
mod rng;
pub mod tables;
#[cfg(test)]
mod tests;

use kernel::time::JstDate;

pub use digits::office as office_code;
pub use facilities::{Facility, FacilityKind, Role, StaffMember};
pub use model::*;

use household::{Member, Sketch};
use illness::Person;
use names::{FAMILIES, MEN, WOMEN};
use places::City;
use rng::{Purpose, Rng};

/// People of one city, before the next city begins.
const CITY_SIZE: u64 = 20_000;
/// Households that moved here without re-registering, or are away from home.
const ELSEWHERE_PERMILLE: u32 = 40;
const CARD_HOLDERS_PERMILLE: u32 = 760;

/// A population of synthetic people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Population {
    seed: u64,
    size: u64,
    on: JstDate,
}

impl Population {
    /// `size` people of the number `seed` as they are on `on`. The size says only where to
    /// stop: it changes nobody's life. Dates from 2022 on are meant.
    #[must_use]
    pub const fn new(seed: u64, size: u64, on: JstDate) -> Self {
        Self { seed, size, on }
    }

    /// How many people.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The date on which the lives stand.
    #[must_use]
    pub const fn on(&self) -> JstDate {
        self.on
    }

    /// Person number `index`, from 0.
    #[must_use]
    pub fn person(&self, index: u64) -> Life {
        let household = household::of(self.seed, index, self.on);
        let position = usize::try_from(index.saturating_sub(household.first)).unwrap_or(0);
        let member = household.members.get(position).copied();
        let member = member.unwrap_or(Member {
            birth: self.on,
            sex: Sex::Female,
            relation: Relation::Head,
        });
        self.life(index, position, &household, member)
    }

    /// All people in order, made one by one.
    pub fn iter(&self) -> impl Iterator<Item = Life> + use<> {
        let population = *self;
        (0..population.size).map(move |index| population.person(index))
    }

    /// The facilities that serve the population, hospitals first: for a town of 1,000 three
    /// hospitals, twelve clinics, three dental clinics and six pharmacies; at most 369.
    #[must_use]
    pub fn facilities(&self) -> Vec<Facility> {
        facilities::all(self.seed, self.size)
    }

    /// The position, in [`Self::facilities`], of the hospital that treats `life`.
    #[must_use]
    pub fn hospital_of(&self, life: &Life) -> usize {
        facilities::hospital_of(
            life.household.first,
            life.household.first / CITY_SIZE,
            self.size,
        )
    }

    fn life(&self, index: u64, position: usize, household: &Sketch, member: Member) -> Life {
        let (address, family, city) = self.home(household);
        let mut rng = Rng::new(self.seed, Purpose::Person, index);
        let given = given_name(member.birth, member.sex, &mut rng);
        let death = self.death(&member, &mut rng);
        let person = Person {
            seed: self.seed,
            index,
            birth: member.birth,
            sex: member.sex,
            horizon: death.unwrap_or(self.on),
        };
        let allergies = illness::allergies(&person);
        let (conditions, medicines) = illness::of(&person, &allergies);
        let reports = labs::of(&person, &conditions);
        let plan = insurance::plan(self.seed, household, city, self.on);
        let who = insurance::Who {
            index,
            position,
            birth: member.birth,
            death,
        };
        Life {
            index,
            name: Name {
                family: family.0,
                family_kana: family.1,
                given: given.0,
                given_kana: given.1,
            },
            sex: member.sex,
            birth: member.birth,
            death,
            address,
            household: Household {
                first: household.first,
                members: u8::try_from(household.members.len()).unwrap_or(u8::MAX),
                relation: member.relation,
            },
            my_number_card: rng.chance(CARD_HOLDERS_PERMILLE),
            patient_number: format!("{:08}", digits::scattered(index, 100_000_000)),
            coverages: insurance::history(&plan, who, city, self.on),
            conditions,
            allergies,
            reports,
            medicines,
        }
    }

    /// What a household shares: address, family name, and the city of its registration.
    fn home(&self, household: &Sketch) -> (Address, (&'static str, &'static str), &'static City) {
        let mut rng = Rng::new(
            self.seed,
            Purpose::Facility,
            household.first.wrapping_add(1 << 40),
        );
        let home = household.first / CITY_SIZE;
        let away = rng.chance(ELSEWHERE_PERMILLE);
        let city = places::city_at(if away {
            home + 1 + u64::from(rng.below(14))
        } else {
            home
        });
        let family = *rng.pick(FAMILIES);
        (places::address(city, &mut rng), family, city)
    }

    /// Death within the last year; on purpose only of the old, whose place in the register
    /// outlives them by some weeks.
    fn death(&self, member: &Member, rng: &mut Rng) -> Option<JstDate> {
        let permille = match member.birth.age_on(self.on) {
            ..65 => 0,
            65..75 => 4,
            75..85 => 12,
            _ => 35,
        };
        let ago = rng.between(5, 300);
        let death = self.on.plus_days(-ago);
        (rng.chance(permille) && late_elderly_alike(member.birth, death, self.on)).then_some(death)
    }
}

/// The 75th birthday does not fall between the two days.
fn late_elderly_alike(birth: JstDate, death: JstDate, on: JstDate) -> bool {
    (birth.age_on(death) >= 75) == (birth.age_on(on) >= 75)
}

fn given_name(birth: JstDate, sex: Sex, rng: &mut Rng) -> (&'static str, &'static str) {
    let [old, middle, young] = match sex {
        Sex::Male => &MEN,
        Sex::Female => &WOMEN,
    };
    let names = match birth.year() {
        ..1960 => old,
        1960..1990 => middle,
        _ => young,
    };
    *rng.pick(names)
}
