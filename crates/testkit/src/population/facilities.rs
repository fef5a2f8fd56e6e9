//! Hospitals, clinics, dental clinics and pharmacies with their staff.

use kernel::code::FacilityCode;

use super::CITY_SIZE;
use super::digits;
use super::model::{Address, Name, Sex};
use super::names::{FAMILIES, MEN, WOMEN};
use super::places;
use super::rng::{Purpose, Rng};
use super::tables::*;

const CITIES_MAX: u64 = 16;

/// A facility (医療機関).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facility {
    /// Medical institution code, 10 digits with a valid check digit.
    pub code: FacilityCode,
    /// What it is.
    pub kind: FacilityKind,
    /// Name.
    pub name: String,
    /// Departments; none for a pharmacy.
    pub departments: Vec<&'static Department>,
    /// Address.
    pub address: Address,
    /// Staff; always at least one of each role that the kind of facility has.
    pub staff: Vec<StaffMember>,
}

/// Kind of facility.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FacilityKind {
    /// 病院.
    Hospital,
    /// 診療所.
    Clinic,
    /// 歯科診療所.
    Dental,
    /// 薬局.
    Pharmacy,
}

impl FacilityKind {
    /// Fee table digit (点数表): 1 medical, 3 dental, 4 pharmacy.
    #[must_use]
    pub const fn fee_table(self) -> u8 {
        match self {
            Self::Hospital | Self::Clinic => 1,
            Self::Dental => 3,
            Self::Pharmacy => 4,
        }
    }
}

/// A member of staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffMember {
    /// What they do.
    pub role: Role,
    /// Name.
    pub name: Name,
    /// Log-in name, unique among all facilities: role, number, `-` and the facility's code.
    pub login: String,
    /// Number within the facility, such as `D001`.
    pub local_id: String,
}

/// Role of a member of staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// 医師・歯科医師.
    Doctor,
    /// 看護師.
    Nurse,
    /// 事務.
    Clerk,
    /// 薬剤師.
    Pharmacist,
    /// システム管理者.
    Admin,
}

impl Role {
    /// The word in log-in names.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Doctor => "doctor",
            Self::Nurse => "nurse",
            Self::Clerk => "clerk",
            Self::Pharmacist => "pharmacist",
            Self::Admin => "admin",
        }
    }

    const fn letter(self) -> char {
        match self {
            Self::Doctor => 'D',
            Self::Nurse => 'N',
            Self::Clerk => 'C',
            Self::Pharmacist => 'P',
            Self::Admin => 'A',
        }
    }
}

/// How many cities a population fills.
fn cities(size: u64) -> u64 {
    size.div_ceil(CITY_SIZE).clamp(1, CITIES_MAX)
}

/// Two hospitals a city and one more.
fn hospitals(size: u64) -> u64 {
    2 * cities(size) + 1
}

/// The hospital of a household: one of its city's.
pub(super) fn hospital_of(household: u64, city: u64, size: u64) -> usize {
    let cities = cities(size);
    let city = city % cities;
    // Hospital k stands in city k modulo the number of cities; city 0 has the odd one.
    let choices = if city == 0 { 3 } else { 2 };
    let at = city + cities * (digits::scattered(household, 1000) % choices);
    usize::try_from(at).unwrap_or(0)
}

pub(super) fn all(seed: u64, size: u64) -> Vec<Facility> {
    let cities = cities(size);
    let counts = [
        (FacilityKind::Hospital, hospitals(size)),
        (FacilityKind::Clinic, 12 * cities),
        (FacilityKind::Dental, 3 * cities),
        (FacilityKind::Pharmacy, 6 * cities),
    ];
    let mut all = Vec::new();
    for (kind, count) in counts {
        for nth in 0..count {
            all.push(facility(seed, kind, nth, cities));
        }
    }
    all
}

fn facility(seed: u64, kind: FacilityKind, nth: u64, cities: u64) -> Facility {
    let number =
        nth * 10 + u64::from(kind.fee_table()) + 5 * u64::from(kind == FacilityKind::Clinic);
    let mut rng = Rng::new(seed, Purpose::Facility, number);
    let city = places::city_at(nth % cities);
    let prefecture = city.prefecture_code;
    let code = digits::facility(&format!("{prefecture:02}{}{number:06}", kind.fee_table()));
    let departments = departments(kind, nth, &mut rng);
    let name = name(kind, nth / cities, city.name, &departments, &mut rng);
    let staff = staff(seed, kind, number, code.as_str());
    Facility {
        address: places::address(city, &mut rng),
        code,
        kind,
        name,
        departments,
        staff,
    }
}

static DENTAL: Department = Department {
    code: "90",
    name: "歯科",
};

fn departments(kind: FacilityKind, nth: u64, rng: &mut Rng) -> Vec<&'static Department> {
    static HOSPITAL: [&Department; 15] = [
        &INTERNAL,
        &PSYCHIATRY,
        &NEUROLOGY,
        &RESPIRATORY,
        &GASTROENTEROLOGY,
        &CARDIOLOGY,
        &PEDIATRICS,
        &SURGERY,
        &ORTHOPEDICS,
        &DERMATOLOGY,
        &UROLOGY,
        &GYNECOLOGY,
        &OPHTHALMOLOGY,
        &OTOLARYNGOLOGY,
        &NEPHROLOGY,
    ];
    static CLINIC: [&Department; 6] = [
        &INTERNAL,
        &PEDIATRICS,
        &ORTHOPEDICS,
        &DERMATOLOGY,
        &OPHTHALMOLOGY,
        &OTOLARYNGOLOGY,
    ];
    match kind {
        FacilityKind::Hospital => HOSPITAL.to_vec(),
        // The first clinic of all practices internal medicine.
        FacilityKind::Clinic if nth == 0 => vec![&INTERNAL, &PEDIATRICS],
        FacilityKind::Clinic => vec![*rng.pick(&CLINIC)],
        FacilityKind::Dental => vec![&DENTAL],
        FacilityKind::Pharmacy => Vec::new(),
    }
}

fn name(
    kind: FacilityKind,
    nth: u64,
    city: &str,
    departments: &[&Department],
    rng: &mut Rng,
) -> String {
    static HOSPITALS: [&str; 6] = [
        "総合病院",
        "中央病院",
        "記念病院",
        "赤松病院",
        "南病院",
        "市民病院",
    ];
    static PHARMACIES: [&str; 6] = [
        "さくら",
        "たんぽぽ",
        "みつば",
        "あけぼの",
        "ひなた",
        "すずらん",
    ];
    let owner = rng.pick(FAMILIES).0;
    let number = nth + 1;
    match kind {
        FacilityKind::Hospital => {
            let word = HOSPITALS
                .get(usize::try_from(nth % 6).unwrap_or(0))
                .unwrap_or(&"病院");
            format!("{city}{word}")
        }
        FacilityKind::Clinic => {
            let department = departments.first().map_or("内科", |d| d.name);
            format!("{owner}{department}医院")
        }
        FacilityKind::Dental => format!("{owner}歯科クリニック"),
        FacilityKind::Pharmacy => format!("{}薬局 {city}{number}号店", rng.pick(&PHARMACIES)),
    }
}

fn staff(seed: u64, kind: FacilityKind, number: u64, code: &str) -> Vec<StaffMember> {
    let mut rng = Rng::new(
        seed,
        Purpose::Staff,
        number * 10 + u64::from(kind.fee_table()),
    );
    let counts: &[(Role, u32)] = match kind {
        FacilityKind::Hospital => &[
            (Role::Doctor, 6),
            (Role::Nurse, 6),
            (Role::Clerk, 3),
            (Role::Pharmacist, 2),
            (Role::Admin, 1),
        ],
        FacilityKind::Clinic | FacilityKind::Dental => &[
            (Role::Doctor, 1),
            (Role::Nurse, 2),
            (Role::Clerk, 1),
            (Role::Admin, 1),
        ],
        FacilityKind::Pharmacy => &[(Role::Pharmacist, 2), (Role::Clerk, 1), (Role::Admin, 1)],
    };
    let mut all = Vec::new();
    for (role, count) in counts {
        for nth in 1..=*count {
            all.push(StaffMember {
                role: *role,
                name: person(&mut rng),
                login: format!("{}{nth}-{code}", role.word()),
                local_id: format!("{}{nth:03}", role.letter()),
            });
        }
    }
    all
}

fn person(rng: &mut Rng) -> Name {
    let sex = if rng.chance(500) {
        Sex::Male
    } else {
        Sex::Female
    };
    let [_, middle, young] = match sex {
        Sex::Male => &MEN,
        Sex::Female => &WOMEN,
    };
    let family = rng.pick(FAMILIES);
    let names = if rng.chance(700) { middle } else { young };
    let given = rng.pick(names);
    Name {
        family: family.0,
        family_kana: family.1,
        given: given.0,
        given_kana: given.1,
    }
}
