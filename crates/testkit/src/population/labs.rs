//! Laboratory results over the years: each item starts where the illness puts it, moves
//! slowly to where treatment takes it, and wavers a little at every visit.

use kernel::time::JstDate;

use super::fixed;
use super::illness::Person;
use super::items::*;
use super::model::{Condition, Decimal, Finding, LabReport, LabResult, LabValue, Sex};
use super::rng::{Purpose, Rng};
use super::tables::*;

const VISITS_MAX: usize = 21;

/// How one item runs: unscaled values, the state in eighths.
struct Track {
    item: &'static LabItem,
    state: i32,
    target: i32,
    wavering: i32,
}

impl Track {
    const fn new(item: &'static LabItem, start: i32, target: i32, wavering: i32) -> Self {
        Self {
            item,
            state: start * 8,
            target: target * 8,
            wavering,
        }
    }

    /// One visit later: a fifth of the way to the target, and a step of the random walk.
    fn step(&mut self, rng: &mut Rng) -> i32 {
        self.state += (self.target - self.state) / 5 + rng.noise(self.wavering * 4);
        (self.state / 8 + rng.noise(self.wavering)).max(1)
    }
}

/// What the diagnoses mean for the laboratory.
struct Picture {
    age: i16,
    sex: Sex,
    diabetes: bool,
    lipids: bool,
    kidney: i32,
    liver: bool,
    hepatitis: bool,
    uric: bool,
    iron: bool,
    cancer: bool,
    rheumatic: bool,
    followed: bool,
}

impl Picture {
    fn new(person: &Person, conditions: &[Condition]) -> Self {
        let has = |disease: &Disease| conditions.iter().any(|c| c.disease == disease);
        let cancer = conditions
            .iter()
            .any(|c| c.disease.icd10.starts_with('C') && c.abatement.is_none());
        let kidney = if has(&KIDNEY_G3B) {
            2
        } else {
            i32::from(has(&KIDNEY_G3A))
        };
        let (diabetes, lipids) = (has(&DIABETES), has(&DYSLIPIDEMIA));
        let hepatitis = has(&HEPATITIS_B) || has(&HEPATITIS_C);
        let (rheumatic, heart) = (has(&RHEUMATOID_ARTHRITIS), has(&HEART_FAILURE));
        Self {
            age: person.age(),
            sex: person.sex,
            diabetes,
            lipids,
            kidney,
            liver: has(&FATTY_LIVER),
            hepatitis,
            uric: has(&HYPERURICEMIA),
            iron: has(&IRON_DEFICIENCY),
            cancer,
            rheumatic,
            followed: diabetes
                || lipids
                || kidney > 0
                || hepatitis
                || cancer
                || rheumatic
                || heart
                || has(&HYPERTENSION)
                || has(&HIV),
        }
    }

    /// Rows of item, start, target and wavering; what is not listed is healthy.
    fn tracks(&self, rng: &mut Rng) -> Vec<Track> {
        let mut all = Vec::with_capacity(QUANTITIES.len());
        for item in QUANTITIES {
            let (low, high) = match self.sex {
                Sex::Male => item.range_male,
                Sex::Female => item.range_female,
            };
            let (middle, width) = ((low + high) / 2, high - low);
            let start = middle + rng.noise(width / 3);
            let wavering = (width / 20).max(1);
            all.push(match self.ill(item, rng) {
                Some((start, target)) => Track::new(item, start, target, wavering),
                None => Track::new(item, start, start, wavering),
            });
        }
        all
    }

    /// Start and target of an item that age or illness moves.
    fn ill(&self, item: &'static LabItem, rng: &mut Rng) -> Option<(i32, i32)> {
        if item == &HBA1C {
            return Some(self.hba1c(rng));
        }
        if item == &CRE {
            let egfr = match self.kidney {
                2 => rng.between(32, 43),
                1 => rng.between(47, 57),
                _ => {
                    let mean = 108 - i32::from(self.age.max(20) - 20) * 6 / 10;
                    (mean + rng.noise(14)).max(63)
                }
            };
            let start = fixed::creatinine_hundredths(egfr + 2, self.age, self.sex);
            let end = fixed::creatinine_hundredths(egfr, self.age, self.sex);
            return Some((start, end));
        }
        self.metabolic(item, rng).or_else(|| self.blood(item, rng))
    }

    fn hba1c(&self, rng: &mut Rng) -> (i32, i32) {
        if self.diabetes {
            (rng.between(66, 98), rng.between(61, 76))
        } else {
            let high = self.age >= 40 && rng.chance(120);
            let start = if high {
                rng.between(57, 62)
            } else {
                rng.between(50, 57)
            };
            (start, start)
        }
    }

    fn metabolic(&self, item: &'static LabItem, rng: &mut Rng) -> Option<(i32, i32)> {
        if item == &LDL && self.lipids {
            Some((rng.between(145, 200), rng.between(88, 122)))
        } else if item == &TG && (self.lipids || self.liver) {
            Some((rng.between(140, 290), rng.between(110, 180)))
        } else if item == &HDL && self.lipids {
            let start = rng.between(36, 60);
            Some((start, start + 3))
        } else if item == &ALT && (self.liver || self.hepatitis) {
            Some((rng.between(42, 92), rng.between(28, 50)))
        } else if item == &AST && (self.liver || self.hepatitis) {
            Some((rng.between(32, 64), rng.between(25, 40)))
        } else if item == &GGT && self.liver {
            Some((rng.between(60, 140), rng.between(45, 80)))
        } else if item == &UA && self.uric {
            Some((rng.between(76, 96), rng.between(54, 63)))
        } else if item == &BUN && self.kidney > 0 {
            let start = rng.between(190, 250) + self.kidney * 20;
            Some((start, start + 15))
        } else if item == &K && self.kidney == 2 {
            Some((rng.between(45, 50), rng.between(46, 52)))
        } else {
            None
        }
    }

    fn blood(&self, item: &'static LabItem, rng: &mut Rng) -> Option<(i32, i32)> {
        if item == &HB && self.iron {
            Some((rng.between(85, 108), rng.between(115, 125)))
        } else if item == &HB && self.cancer {
            Some((rng.between(112, 130), rng.between(98, 118)))
        } else if item == &HB && self.kidney == 2 {
            Some((rng.between(105, 122), rng.between(102, 118)))
        } else if item == &ALB && self.cancer {
            Some((rng.between(36, 40), rng.between(31, 37)))
        } else if item == &ALB && self.age >= 75 {
            let start = rng.between(37, 43);
            Some((start, start))
        } else if item == &CRP && self.cancer {
            Some((rng.between(20, 90), rng.between(40, 220)))
        } else if item == &CRP && self.rheumatic {
            Some((rng.between(60, 240), rng.between(10, 60)))
        } else {
            None
        }
    }
}

/// The reports of a person, oldest first.
pub(super) fn of(person: &Person, conditions: &[Condition]) -> Vec<LabReport> {
    let mut rng = Rng::new(person.seed, Purpose::Labs, person.index);
    let picture = Picture::new(person, conditions);
    let dates = visits(person, &picture, &mut rng);
    if dates.is_empty() {
        return Vec::new();
    }
    let mut tracks = picture.tracks(&mut rng);
    let screened = infections_at(person, conditions, dates.len());
    let mut reports = Vec::with_capacity(dates.len());
    for (ordinal, date) in dates.into_iter().enumerate() {
        let mut results = quantities(person, &picture, date, &mut tracks, &mut rng);
        if let Some((at, findings)) = &screened
            && *at == ordinal
        {
            let infections = INFECTIONS.iter().zip(findings);
            results.extend(infections.map(|(item, finding)| LabResult {
                item,
                value: LabValue::Coded(*finding),
            }));
        }
        let collected = date
            .start()
            .plus_seconds(i64::from(rng.between(30_600, 41_400)));
        let issued = collected.plus_seconds(i64::from(rng.between(3_600, 16_000)));
        reports.push(LabReport {
            ordinal: u16::try_from(ordinal).unwrap_or(u16::MAX),
            collected,
            issued,
            results,
        });
    }
    reports
}

/// Days of visits with a blood sample, oldest first.
fn visits(person: &Person, picture: &Picture, rng: &mut Rng) -> Vec<JstDate> {
    let (count, apart) = if picture.followed {
        (rng.between(4, 20), 91)
    } else {
        let permille = match picture.age {
            ..15 => 80,
            15..40 => 250,
            _ => 620,
        };
        let count = if rng.chance(permille) {
            rng.between(1, if picture.age < 40 { 2 } else { 5 })
        } else {
            0
        };
        (count, 365)
    };
    let earliest = person
        .birth
        .plus_years(1)
        .max(person.horizon.plus_years(-5));
    let mut dates = Vec::with_capacity(usize::try_from(count).unwrap_or(0).min(VISITS_MAX));
    let mut date = person.horizon.plus_days(-rng.between(3, 70));
    for _ in 0..count {
        if date < earliest {
            break;
        }
        dates.push(date);
        date = date.plus_days(-(apart + rng.noise(apart / 5)));
    }
    dates.reverse();
    dates
}

fn quantities(
    person: &Person,
    picture: &Picture,
    date: JstDate,
    tracks: &mut [Track],
    rng: &mut Rng,
) -> Vec<LabResult> {
    let mut results = Vec::with_capacity(tracks.len() + INFECTIONS.len());
    let (mut creatinine, mut hba1c, mut hemoglobin) = (0, 0, 0);
    for track in tracks {
        let item = track.item;
        let mut value = track.step(rng);
        if item == &CRE {
            creatinine = value;
        } else if item == &HBA1C {
            hba1c = value;
        } else if item == &HB {
            hemoglobin = value;
        } else if item == &EGFR {
            value = fixed::egfr_tenths(creatinine, person.birth.age_on(date), picture.sex);
        }
        results.push(LabResult {
            item,
            value: LabValue::Quantity(Decimal {
                unscaled: value,
                scale: item.scale,
            }),
        });
    }
    derive(&mut results, picture, hba1c, hemoglobin, rng);
    let adult = person.birth.age_on(date) >= 18;
    let sugar = picture.diabetes || picture.age >= 40;
    results.retain(|r| (r.item != &EGFR || adult) && (r.item != &HBA1C || sugar));
    results
}

/// Values that follow from others: sugar from HbA1c (about 28.7 × HbA1c − 46.7, Nathan 2008),
/// red cells from hemoglobin, which iron deficiency makes paler.
fn derive(
    results: &mut [LabResult],
    picture: &Picture,
    hba1c: i32,
    hemoglobin: i32,
    rng: &mut Rng,
) {
    for result in results {
        let LabValue::Quantity(decimal) = &mut result.value else {
            continue;
        };
        if result.item == &GLUCOSE {
            decimal.unscaled = (hba1c * 287 / 100 - 52 + rng.noise(18)).max(62);
        } else if result.item == &RBC {
            let per_gram = if picture.iron { 37 } else { 33 };
            decimal.unscaled = hemoglobin * per_gram / 10 + rng.noise(8);
        }
    }
}

/// At which visit the five infections were examined, and what was found.
fn infections_at(
    person: &Person,
    conditions: &[Condition],
    visits: usize,
) -> Option<(usize, [Finding; 5])> {
    let mut rng = Rng::new(person.seed, Purpose::Infections, person.index);
    let has = |disease: &Disease| conditions.iter().any(|c| c.disease == disease);
    let (b, c, hiv) = (has(&HEPATITIS_B), has(&HEPATITIS_C), has(&HIV));
    if person.age() < 18 || !(b || c || hiv || rng.chance(350)) {
        return None;
    }
    let visits = u32::try_from(visits).unwrap_or(1);
    let at = usize::try_from(rng.below(visits)).unwrap_or(0);
    let syphilis_past = rng.chance(9);
    let syphilis_active = syphilis_past && rng.chance(400);
    let finding = |positive: bool| {
        if positive {
            Finding::Positive
        } else {
            Finding::Negative
        }
    };
    let found = [b, c, syphilis_active, syphilis_past, hiv];
    Some((at, found.map(finding)))
}
