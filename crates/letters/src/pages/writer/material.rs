//! What a letter can be made of: the patient, their coverage, the addressee, and what the
//! patient shared.

use eligibility::model::VisitId;
use fhir::clins::{MemberId, MemberKind};
use kernel::{
    code::FacilityCode,
    id::DocumentId,
    time::{JstDate, Timestamp},
};
use maud::Markup;
use records::model::{Certainty, Item, What};
use registry::{
    merge,
    model::{Coverage, Facility, FacilityKind, Profile},
    ops as people,
};
use store::{Call, Stop, caller::Home};
use web::{Request, request::Form, ui};

use crate::letter::{Allergen, Patient};

/// Drugs that are offered to be named.
const DRUGS_MAX: usize = 50;

/// What a letter can be made of.
#[derive(Clone)]
pub(super) struct Material {
    /// A new draft's identifier.
    pub draft: DocumentId,
    /// The patient.
    pub profile: Profile,
    /// How insurers know them today; `None` when no coverage holds.
    pub member: Option<MemberId>,
    /// The addressee, once chosen.
    pub to: Option<Facility>,
    /// Did the patient consent to their shared record being seen here?
    pub is_shared: bool,
    /// Diagnoses that they shared.
    pub conditions: Vec<String>,
    /// Allergies that they shared.
    pub allergies: Vec<Allergen>,
    /// Drugs that the patient shared, and those that this facility prescribed in documents.
    pub drugs: Vec<String>,
    /// Today.
    pub today: JstDate,
}

/// Does a facility of this kind get letters?
pub(super) const fn receives(kind: FacilityKind) -> bool {
    matches!(
        kind,
        FacilityKind::Hospital | FacilityKind::Clinic | FacilityKind::Dental
    )
}

/// Loads it.
///
/// # Errors
/// `TSK-ELG-030` for a visit that is not the caller's; the store's.
pub(super) fn load(
    call: &mut Call<'_>,
    home: &Home,
    visit: VisitId,
    to: Option<&str>,
) -> Result<Material, Stop> {
    let visit = eligibility::ops::visit(call, home.id, visit)?;
    merge::open(call, visit.person)?;
    let profile = people::profile(call, visit.person)?;
    let today = call.at().jst_date();
    let member = member(&people::coverages(call, visit.person)?, today);
    let to = match to.and_then(|code| FacilityCode::from_register(code).ok()) {
        Some(code) => people::facility_by_code(call, &code)?,
        None => None,
    };
    // Without the patient's consent the letter is written without their shared record.
    let shared = match records::ops::shared(call, visit.person, home.id) {
        Ok(shared) => Some(shared.items),
        Err(Stop::Refused(_)) => None,
        Err(failed) => return Err(failed),
    };
    let items = shared.as_deref().unwrap_or_default();
    Ok(Material {
        draft: DocumentId::random(call.rng()),
        profile,
        member,
        to: to.filter(|one| receives(one.kind) && one.id != home.id),
        is_shared: shared.is_some(),
        conditions: conditions(items),
        allergies: allergies(items),
        drugs: drugs(call, home, &visit, items)?,
        today,
    })
}

fn member(coverages: &[Coverage], on: JstDate) -> Option<MemberId> {
    let held = coverages.iter().rev().find(|one| one.period.contains(on))?;
    let text = format!(
        "{:0>8}:{}:{}:{}",
        held.insurer_number.as_str(),
        held.symbol.as_str(),
        held.person_number.as_str(),
        held.branch.as_ref().map_or("", |branch| branch.as_str()),
    );
    MemberId::parse(MemberKind::Insurance, &text)
}

fn conditions(items: &[Item]) -> Vec<String> {
    let mut found = Vec::new();
    for item in items {
        let What::Condition(condition) = &item.what else {
            continue;
        };
        let doubt = match item.certainty {
            Certainty::Stated => "",
            Certainty::Unconfirmed => "の疑い",
            Certainty::Retracted => continue,
        };
        let since = condition
            .onset
            .map(|on| format!("（{}から）", on.japanese()));
        let main = if condition.is_main {
            "【主傷病】"
        } else {
            ""
        };
        let text = format!(
            "{main}{}{doubt}{}",
            condition.name,
            since.unwrap_or_default()
        );
        if !found.contains(&text) {
            found.push(text);
        }
    }
    found
}

fn allergies(items: &[Item]) -> Vec<Allergen> {
    let mut found = Vec::new();
    for item in items {
        let What::Allergy(allergy) = &item.what else {
            continue;
        };
        let allergen = Allergen {
            name: allergy.substance.clone(),
            code: allergy.code.clone(),
            is_drug: item.category == access::consent::Category::Contraindications,
            is_grave: allergy.high_risk,
        };
        if item.certainty != Certainty::Retracted && !found.contains(&allergen) {
            found.push(allergen);
        }
    }
    found
}

fn drugs(
    call: &Call<'_>,
    home: &Home,
    visit: &eligibility::model::Visit,
    items: &[Item],
) -> Result<Vec<String>, Stop> {
    let mut found: Vec<String> = Vec::new();
    for item in items {
        if let What::Prescription(one) = &item.what
            && found.len() < DRUGS_MAX
        {
            let text = format!("{} {}", one.medicine, one.usage).trim().to_owned();
            if !found.contains(&text) {
                found.push(text);
            }
        }
    }
    for one in records::documents::ops::prescriptions(call, visit.person)? {
        // What others prescribed is the patient's to share, through the shared record.
        if one.institution.1 != home.code || found.len() >= DRUGS_MAX {
            continue;
        }
        let text = format!("{} {}", one.drug.text, one.drug.usage)
            .trim()
            .to_owned();
        if !found.contains(&text) {
            found.push(text);
        }
    }
    Ok(found)
}

impl Material {
    /// What the form offered when it was opened, which was for the patient's treatment: what is
    /// sent is judged for another purpose, and nothing is looked up again.
    pub(super) fn offered(&mut self, form: &Form) {
        let all = |name: &str| -> Vec<String> {
            let values = form.all(name).into_iter().take(DRUGS_MAX);
            values.map(str::to_owned).collect()
        };
        self.is_shared = !form.text("offered").is_empty();
        self.conditions = all("offer_problem");
        self.drugs = all("offer_drug");
        let allergies = all("offer_allergy");
        self.allergies = allergies
            .iter()
            .filter_map(|one| Allergen::parse(one))
            .collect();
    }

    /// Who the letter is about, at the head of the page.
    pub(super) fn strip(&self, request: &Request) -> Markup {
        ui::person_strip(&ui::PersonStrip {
            lang: request.lang(),
            name: &self.profile.name,
            kana: &self.profile.kana,
            sex: self.profile.sex.ja(),
            birth: self.profile.birth,
            today: self.today,
            insured: None,
        })
    }

    /// The patient as the letter names them.
    pub(super) fn patient(&self) -> Option<Patient> {
        let profile = &self.profile;
        Some(Patient {
            member: self.member.clone()?,
            name: profile.name.clone(),
            kana: profile.kana.clone(),
            birth: profile.birth,
            sex: profile.sex,
            post_code: profile.post_code.clone(),
            address: profile.address.clone(),
        })
    }
}

impl Allergen {
    /// As one word in a form: `drug`, `grave`, code and name, a tab between.
    pub(super) fn word(&self) -> String {
        let mark = |is: bool| if is { "1" } else { "0" };
        let code = self.code.as_deref().unwrap_or_default();
        let (drug, grave) = (mark(self.is_drug), mark(self.is_grave));
        format!("{drug}\t{grave}\t{code}\t{}", self.name)
    }

    /// From its word.
    pub(super) fn parse(word: &str) -> Option<Self> {
        let mut parts = word.splitn(4, '\t');
        let (drug, grave, code) = (parts.next()?, parts.next()?, parts.next()?);
        let name = parts.next().filter(|name| !name.trim().is_empty())?;
        let is_code = code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        Some(Self {
            name: paper::sheet::clean(name),
            code: Some(code.to_owned()).filter(|code| is_code && !code.is_empty()),
            is_drug: drug == "1",
            is_grave: grave == "1",
        })
    }
}

/// The instant at which a letter is dated: to the second, as documents compare it.
pub(super) const fn dated(at: Timestamp) -> Timestamp {
    Timestamp::from_micros(at.seconds().saturating_mul(1_000_000))
}
