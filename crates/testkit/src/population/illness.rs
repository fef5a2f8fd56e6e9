//! Who falls ill of what, and what they take for it.
//!
//! Prevalences are rough numbers by age band after 患者調査 and 国民健康・栄養調査 (厚生労働省); they
//! are meant to look right on a ward, not to be cited.

use kernel::time::{JstDate, Period};

use super::model::{Allergy, Condition, Criticality, Medicine, Sex};
use super::rng::{Purpose, Rng};
use super::tables::*;

/// One line of the table: people in a thousand aged 0–14, 15–39, 40–64, 65–74, 75 and more.
struct Risk {
    disease: &'static Disease,
    only: Option<Sex>,
    permille: [u32; 5],
    course: Course,
    drugs: &'static [&'static Drug],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Course {
    /// Stays; begins at this age at the earliest.
    Chronic(i16),
    /// Stays, and is serious enough to be hidden from a patient now and then.
    Cancer,
    /// Over in a few days, within the last two years.
    Acute,
}

macro_rules! risks {
    ($($disease:ident [$($p:literal)*] $only:expr, $course:expr, [$($drug:ident)*];)*) => {
        static RISKS: &[Risk] = &[$(Risk {
            disease: &$disease, only: $only, permille: [$($p),*], course: $course,
            drugs: &[$(&$drug),*],
        }),*];
    };
}

use Course::{Acute, Cancer, Chronic};
const ALL: Option<Sex> = None;
const M: Option<Sex> = Some(Sex::Male);
const F: Option<Sex> = Some(Sex::Female);

risks! {
    PANCREATIC_CANCER [0 0 1 4 6] ALL, Cancer, [TEGAFUR];
    LUNG_CANCER [0 0 2 8 12] ALL, Cancer, [];
    GASTRIC_CANCER [0 0 2 9 14] ALL, Cancer, [TEGAFUR];
    COLON_CANCER [0 0 3 10 15] ALL, Cancer, [TEGAFUR];
    BREAST_CANCER [0 1 12 14 10] F, Cancer, [ANASTROZOLE];
    PROSTATE_CANCER [0 0 3 20 30] M, Cancer, [BICALUTAMIDE];
    DIABETES [0 5 80 160 170] ALL, Chronic(30), [METFORMIN SITAGLIPTIN DAPAGLIFLOZIN LINAGLIPTIN];
    HYPERTENSION [0 10 220 480 620] ALL, Chronic(30), [AMLODIPINE OLMESARTAN AZILSARTAN];
    HEART_FAILURE [0 0 5 25 90] ALL, Chronic(50), [FUROSEMIDE BISOPROLOL];
    ANGINA [0 0 12 45 80] ALL, Chronic(45), [ISOSORBIDE ASPIRIN];
    ATRIAL_FIBRILLATION [0 0 6 30 70] ALL, Chronic(45), [APIXABAN BISOPROLOL];
    STROKE_SEQUELAE [0 0 5 25 60] ALL, Chronic(50), [CLOPIDOGREL];
    DYSLIPIDEMIA [0 15 180 300 280] ALL, Chronic(28), [ROSUVASTATIN ATORVASTATIN];
    KIDNEY_G3B [0 0 4 20 60] ALL, Chronic(50), [OLMESARTAN];
    KIDNEY_G3A [0 1 15 60 110] ALL, Chronic(45), [];
    HYPERURICEMIA [0 15 90 100 90] M, Chronic(25), [FEBUXOSTAT];
    FATTY_LIVER [3 40 100 80 40] ALL, Chronic(20), [];
    HEPATITIS_C [0 1 3 6 9] ALL, Chronic(30), [];
    HEPATITIS_B [0 2 6 7 5] ALL, Chronic(20), [ENTECAVIR];
    HIV [0 1 1 0 0] M, Chronic(20), [BICTEGRAVIR];
    ASTHMA [60 45 40 45 50] ALL, Chronic(2), [BUDESONIDE_FORMOTEROL MONTELUKAST];
    ATOPIC_DERMATITIS [100 70 25 10 8] ALL, Chronic(0), [HEPARINOID TACROLIMUS];
    POLLINOSIS [130 220 200 120 60] ALL, Chronic(4), [FEXOFENADINE];
    DEPRESSION [1 30 40 25 25] ALL, Chronic(16), [SERTRALINE ESCITALOPRAM];
    INSOMNIA [0 20 50 90 130] ALL, Chronic(18), [SUVOREXANT];
    MIGRAINE [5 60 50 12 5] ALL, Chronic(12), [SUMATRIPTAN];
    HYPOTHYROIDISM [0 6 20 30 35] F, Chronic(20), [LEVOTHYROXINE];
    RHEUMATOID_ARTHRITIS [0 2 10 15 14] ALL, Chronic(25), [METHOTREXATE];
    IRON_DEFICIENCY [3 50 60 20 25] F, Chronic(12), [FERROUS_CITRATE];
    UTERINE_MYOMA [0 20 60 10 0] F, Chronic(22), [];
    PROSTATE_HYPERPLASIA [0 0 30 130 200] M, Chronic(50), [TAMSULOSIN];
    OSTEOPOROSIS [0 0 30 190 330] F, Chronic(50), [ALENDRONATE ELDECALCITOL];
    KNEE_ARTHROSIS [0 2 50 150 230] ALL, Chronic(45), [LOXOPROFEN];
    LUMBAGO [3 50 110 140 170] ALL, Chronic(18), [LOXOPROFEN];
    CATARACT [0 0 20 120 180] ALL, Chronic(50), [PIRENOXINE];
    GLAUCOMA [0 3 30 60 80] ALL, Chronic(38), [LATANOPROST];
    REFLUX [1 30 80 110 120] ALL, Chronic(20), [VONOPRAZAN];
    CONSTIPATION [10 20 30 70 150] ALL, Chronic(3), [MAGNESIUM_OXIDE];
    DEMENTIA [0 0 1 25 160] ALL, Chronic(62), [DONEPEZIL];
    UPPER_RESPIRATORY [500 220 160 120 100] ALL, Acute, [ACETAMINOPHEN CARBOCISTEINE];
    INFLUENZA [180 80 60 35 30] ALL, Acute, [OSELTAMIVIR];
    OTITIS_MEDIA [150 5 2 2 2] ALL, Acute, [AMOXICILLIN];
    GASTROENTERITIS [120 60 40 35 35] ALL, Acute, [];
    CYSTITIS [4 40 35 35 40] F, Acute, [LEVOFLOXACIN];
    SHINGLES [2 6 15 25 25] ALL, Acute, [VALACICLOVIR];
    PNEUMONIA [15 4 6 15 40] ALL, Acute, [LEVOFLOXACIN];
}

const ACUTE_WITHIN_DAYS: i32 = 700;

/// Who is asked about, and how far their life has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Person {
    pub(super) seed: u64,
    pub(super) index: u64,
    pub(super) birth: JstDate,
    pub(super) sex: Sex,
    /// The population's date, or the day of death before it.
    pub(super) horizon: JstDate,
}

impl Person {
    pub(super) fn age(&self) -> i16 {
        self.birth.age_on(self.horizon)
    }

    const fn stream(&self, purpose: Purpose) -> Rng {
        Rng::new(self.seed, purpose, self.index)
    }
}

/// The position of an age in the table's five bands.
const fn band(age: i16) -> usize {
    match age {
        ..15 => 0,
        15..40 => 1,
        40..65 => 2,
        65..75 => 3,
        _ => 4,
    }
}

/// Days from `from` to `to`, counted in the average year; enough to spread onsets.
fn days_between(from: JstDate, to: JstDate) -> i32 {
    let months = (i32::from(to.year()) - i32::from(from.year())) * 12 + i32::from(to.month())
        - i32::from(from.month());
    months * 30 + i32::from(to.day()) - i32::from(from.day())
}

/// The diagnoses of a person, oldest onset first, with their medicines.
pub(super) fn of(person: &Person, allergies: &[Allergy]) -> (Vec<Condition>, Vec<Medicine>) {
    let mut rng = person.stream(Purpose::Conditions);
    let mut medicine_rng = person.stream(Purpose::Medicines);
    let age = person.age();
    let (mut conditions, mut medicines) = (Vec::new(), Vec::new());
    let mut main_found = false;
    for risk in RISKS {
        if risk.only.is_some_and(|only| only != person.sex) {
            continue;
        }
        let base = risk.permille.get(band(age)).copied().unwrap_or(0);
        if base == 0 || !rng.chance(raised(risk.disease, base, &conditions)) {
            continue;
        }
        let Some(mut condition) = condition(risk, person, &mut rng) else {
            continue;
        };
        let chronic = risk.course != Acute;
        condition.main = chronic && !main_found;
        main_found |= chronic;
        medicines.extend(medicine(
            risk,
            &condition,
            person,
            allergies,
            &mut medicine_rng,
        ));
        conditions.push(condition);
    }
    conditions.sort_by_key(|c| c.onset);
    medicines.sort_by_key(|m| m.period.from());
    (conditions, medicines)
}

/// Illnesses that bring others with them. A kidney has one stage.
fn raised(disease: &Disease, base: u32, so_far: &[Condition]) -> u32 {
    let has = |other: &Disease| so_far.iter().any(|c| c.disease == other);
    if disease == &KIDNEY_G3A && has(&KIDNEY_G3B) {
        0
    } else if (disease == &KIDNEY_G3A || disease == &KIDNEY_G3B || disease == &DYSLIPIDEMIA)
        && (has(&DIABETES) || has(&HYPERTENSION))
    {
        base * 3 / 2
    } else if (disease == &ANGINA || disease == &HYPERTENSION) && has(&DIABETES) {
        base * 13 / 10
    } else {
        base
    }
}

fn condition(risk: &Risk, person: &Person, rng: &mut Rng) -> Option<Condition> {
    let lived = days_between(person.birth, person.horizon);
    let mut abatement = None;
    let onset = match risk.course {
        Acute => {
            let ago = rng.between(1, ACUTE_WITHIN_DAYS.min(lived));
            let onset = person.horizon.plus_days(-ago);
            let over = onset.plus_days(rng.between(4, 12));
            abatement = Some(over).filter(|over| *over < person.horizon);
            onset
        }
        Cancer => {
            let onset = person.horizon.plus_days(-rng.between(20, 2200));
            let cured = onset.plus_days(rng.between(300, 900));
            abatement = Some(cured).filter(|cured| *cured < person.horizon && rng.chance(400));
            onset
        }
        Chronic(age_min) => {
            let earliest = person.birth.plus_years(age_min);
            let span = days_between(earliest, person.horizon);
            if span < 60 {
                return None;
            }
            person.horizon.plus_days(-rng.between(30, span - 10))
        }
    };
    if onset < person.birth {
        return None;
    }
    let cancer = risk.course == Cancer && abatement.is_none();
    let lasting = risk.disease == &HEPATITIS_B || risk.disease == &HEPATITIS_C;
    let recorded = onset.plus_days(rng.between(0, 20)).min(person.horizon);
    Some(Condition {
        disease: risk.disease,
        onset,
        abatement,
        recorded,
        main: false,
        uninformed: cancer && person.age() >= 70 && rng.chance(120),
        undelivered: (risk.disease == &DEPRESSION || risk.disease == &HIV) && rng.chance(60),
        long_term: (risk.course == Cancer || lasting) && rng.chance(350),
    })
}

fn medicine(
    risk: &Risk,
    condition: &Condition,
    person: &Person,
    allergies: &[Allergy],
    rng: &mut Rng,
) -> Option<Medicine> {
    if condition.uninformed || (risk.course != Acute && rng.chance(180)) {
        return None;
    }
    let at = rng.below(u32::try_from(risk.drugs.len()).unwrap_or(0));
    let mut drug = *risk.drugs.get(usize::try_from(at).unwrap_or(0))?;
    if drug.penicillin && allergies.iter().any(|a| a.allergen.penicillin) {
        drug = &CLARITHROMYCIN;
    }
    let from = condition.recorded;
    let until = match risk.course {
        Acute => Some(from.plus_days(rng.between(4, 8))),
        _ => condition.abatement.filter(|end| *end > from),
    };
    // A medicine begun on the horizon itself would be prescribed by nobody in this life.
    let period = Period::new(from, until).filter(|_| from < person.horizon)?;
    Some(Medicine {
        drug,
        disease: risk.disease,
        period,
    })
}

/// An allergen, its share in a thousand of the five age bands, and what happened.
struct Sensitivity {
    allergen: &'static Allergen,
    permille: [u32; 5],
    high_permille: u32,
    reaction: &'static str,
}

macro_rules! sensitivities {
    ($($allergen:ident [$($p:literal)*] $high:literal $reaction:literal;)*) => {
        static SENSITIVITIES: &[Sensitivity] = &[$(Sensitivity {
            allergen: &$allergen, permille: [$($p),*], high_permille: $high, reaction: $reaction,
        }),*];
    };
}

sensitivities! {
    ALLERGEN_AMOXICILLIN [4 8 12 15 15] 600 "内服30分後に全身の膨疹と息苦しさ";
    ALLERGEN_AMPICILLIN [1 3 6 9 9] 800 "点滴中に血圧低下、アナフィラキシー";
    ALLERGEN_CEFAZOLIN [0 1 3 5 5] 600 "手術前の投与で全身紅斑";
    ALLERGEN_IODINE_CONTRAST [0 2 8 14 14] 700 "造影CT後に蕁麻疹と嘔吐";
    ALLERGEN_LOXOPROFEN [1 4 8 8 7] 400 "内服後に喘鳴";
    ALLERGEN_EGG [35 3 1 1 0] 250 "加熱不十分な卵で口周囲の発赤";
    ALLERGEN_MILK [18 2 1 0 0] 250 "飲用後に嘔吐と蕁麻疹";
    ALLERGEN_WHEAT [8 3 2 1 1] 300 "摂取後の運動で蕁麻疹";
    ALLERGEN_BUCKWHEAT [4 5 4 3 3] 500 "摂取後に喘鳴と咽頭違和感";
    ALLERGEN_PEANUT [10 4 1 0 0] 500 "少量で全身蕁麻疹";
    ALLERGEN_SHRIMP [5 12 10 6 4] 250 "摂取後に口腔内のかゆみ";
    ALLERGEN_MACKEREL [1 5 7 7 6] 150 "摂取3時間後に発疹";
    ALLERGEN_KIWI [6 8 5 2 1] 100 "食べると舌がしびれる";
    ALLERGEN_CEDAR [110 200 180 100 50] 0 "春先の鼻汁と目のかゆみ";
    ALLERGEN_HOUSE_DUST [80 70 40 20 15] 0 "掃除のときのくしゃみと鼻閉";
    ALLERGEN_CAT [15 20 12 5 3] 50 "接触後の目の充血";
    ALLERGEN_WASP [1 2 4 5 4] 700 "2回目の刺傷で意識消失";
    ALLERGEN_LATEX [1 3 3 2 1] 300 "ゴム手袋で接触部位の膨疹";
}

/// The allergies of a person.
pub(super) fn allergies(person: &Person) -> Vec<Allergy> {
    let mut rng = person.stream(Purpose::Allergies);
    let mut all = Vec::new();
    let lived = days_between(person.birth, person.horizon);
    for it in SENSITIVITIES {
        let permille = it.permille.get(band(person.age())).copied().unwrap_or(0);
        if !rng.chance(permille) || lived < 200 {
            continue;
        }
        let high = rng.chance(it.high_permille);
        let known = rng.chance(850);
        let onset = person
            .horizon
            .plus_days(-rng.between(30, (lived - 100).min(12_000)));
        let recorded = onset.plus_days(rng.between(0, 400)).min(person.horizon);
        all.push(Allergy {
            allergen: it.allergen,
            onset,
            recorded,
            criticality: match (high, known) {
                (true, _) => Criticality::High,
                (false, true) => Criticality::Low,
                (false, false) => Criticality::Unknown,
            },
            reaction: it.reaction,
            long_term: high && rng.chance(700),
        });
    }
    all
}
