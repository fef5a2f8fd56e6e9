//! What a publishing is made of: the resources of the own partition by Bundle, what they refer
//! to, and what is published already.

use std::collections::{BTreeMap, BTreeSet};

use fhir::{
    clins::{Kind, system},
    json::{Document, Node},
};
use fhir_server::{
    draft::local_reference,
    model::Resource,
    ops::{self as partition, Gathered, Partition},
};
use kernel::{Refusal, catalog::Faults, hex, id::PersonId, time::JstDate};
use store::{Call, Stop, StoreError, caller::Home};

use super::{asked::Asked, carry};
use crate::{errors, ops::date, store as table};

/// Resources that one request publishes at most.
const PUBLISHED_MAX: usize = 2_000;
/// Bundles of one request at most: more than the results of a year's days.
const BUNDLES_MAX: usize = 400;
/// Visits, doctors and specimens that go along at most.
const OTHERS_MAX: usize = 2_000;
/// Conditions that ended longer ago are not reported, results that are older not by themselves.
///
/// Source: clins-documents section b (unit of reporting; retention of results).
const ENDED_YEARS: i16 = 5;
const RESULT_YEARS: i16 = 1;
/// Longest document, as it is registered at most.
const BYTES_MAX: usize = 16 << 20;
const BAD: StoreError = StoreError::Corrupt("a resource");
const BAD_BUNDLE: StoreError = StoreError::Corrupt("a document");

/// A resource of the partition, read.
pub(crate) struct Part {
    /// As it is kept.
    pub resource: Resource,
    /// Its text.
    pub json: Document,
}

impl Part {
    fn read(resource: Resource) -> Result<Self, Stop> {
        let json = Document::parse(resource.text.as_bytes()).map_err(|_| BAD)?;
        Ok(Self { resource, json })
    }
}

/// What stands registered under a Bundle's identifier.
pub(crate) struct Standing {
    /// Under whom it lies.
    person: PersonId,
    member: [u8; 32],
    /// Its bytes as they are kept.
    compressed: Vec<u8>,
    /// The same, read.
    pub json: Document,
}

/// One Bundle in the making.
pub(crate) struct Unit {
    /// What it holds.
    pub kind: Kind,
    /// `institution^year^serial`.
    pub identifier: String,
    /// What the next one replaces.
    pub standing: Option<Standing>,
    /// What it is to hold.
    pub parts: Vec<Part>,
}

/// All that a publishing is made of.
pub(crate) struct Material {
    /// The Patient.
    pub patient: Part,
    /// The person, then whoever was merged into them.
    pub people: Vec<PersonId>,
    /// The Bundles.
    pub units: Vec<Unit>,
    /// What their resources refer to and take with them, by `Type/{id}`.
    pub others: BTreeMap<String, Part>,
    /// Identifiers of published Bundles of which nothing is left in the partition.
    pub left: Vec<String>,
    /// Resources that nobody named and that are not reported, as `Type/{id}`.
    pub out: Vec<String>,
}

/// Kind and day: what is one Bundle.
type Place = (Kind, String);

/// A registered Bundle of the caller's.
struct Known {
    person: PersonId,
    member: [u8; 32],
    identifier: String,
}

impl Material {
    /// Opens the patient, and gathers.
    ///
    /// # Errors
    /// [`errors::PUBLISH_ABSENT`] with everything that is named and not there,
    /// [`errors::PUBLISH_BOUND`], [`errors::PUBLISH_NOTHING`]; what the caller may not read; the
    /// store's.
    pub(crate) fn gather(
        call: &mut Call<'_>,
        home: &Home,
        origin: &str,
        asked: &Asked,
    ) -> Result<Self, Stop> {
        let own = Partition::of(call, home, origin)?;
        let types: Vec<&str> = asked
            .kinds
            .iter()
            .map(|kind| kind.resource_type())
            .collect();
        let Gathered {
            patient,
            people,
            resources,
        } = partition::gather(call, &own, &asked.patient, &types)?;
        check_named(call, &own, asked, (&people, &resources))?;
        let mut units: BTreeMap<Place, Vec<Part>> = BTreeMap::new();
        for resource in resources {
            let part = Part::read(resource)?;
            units.entry(place(&part)?).or_default().push(part);
        }
        let mut known = known(call, home, &people)?;
        let mut found = Self {
            patient: Part::read(patient)?,
            units: Vec::new(),
            others: BTreeMap::new(),
            left: Vec::new(),
            out: Vec::new(),
            people,
        };
        for (place, parts) in units {
            found.unit(call, home, (asked, origin), (place, parts), &mut known)?;
        }
        let stays = |serial: &String| {
            asked
                .kinds
                .iter()
                .any(|kind| serial.starts_with(stem(*kind)))
        };
        let left = known.into_iter().filter(|(serial, _)| stays(serial));
        found.left.extend(left.map(|(_, one)| one.identifier));
        let count: usize = found.units.iter().map(|unit| unit.parts.len()).sum();
        bound(count, PUBLISHED_MAX)?;
        bound(found.units.len(), BUNDLES_MAX)?;
        if count == 0 && found.left.is_empty() {
            return Err(Stop::from(&errors::PUBLISH_NOTHING));
        }
        found.follow(call, &own, origin)?;
        call.detail("resources", count.to_string());
        Ok(found)
    }

    /// Chooses what of a unit is in its Bundle.
    fn unit(
        &mut self,
        call: &Call<'_>,
        home: &Home,
        (asked, origin): (&Asked, &str),
        (place, parts): (Place, Vec<Part>),
        known: &mut BTreeMap<String, Known>,
    ) -> Result<(), Stop> {
        let person = self.people.first().copied().ok_or(BAD)?;
        let serial = serial(call, home, person, &place);
        let today = call.at().jst_date();
        let standing = known.remove(&serial);
        let identifier = match &standing {
            Some(known) => known.identifier.clone(),
            // The year of the first publishing stays: the identifier is what is replaced.
            None => format!("{}^{}^{serial}", home.code, today.year()),
        };
        let standing = standing
            .map(|known| read(call, known))
            .transpose()?
            .flatten();
        let published = standing
            .as_ref()
            .map(|one| names(&one.json))
            .unwrap_or_default();
        let is_named = |part: &Part| {
            let reference = part.resource.reference();
            asked.named.iter().any(|(one, _)| *one == reference)
                || asked.visit.is_some()
                    && visit(part.json.root(), origin) == asked.visit.as_deref()
        };
        if asked.is_choice() && !parts.iter().any(is_named) {
            return Ok(());
        }
        let mut chosen = Vec::new();
        for part in parts {
            let root = part.json.root();
            let is_in = if asked.is_choice() {
                let identifier = carry::identifier(root, &part.resource);
                is_named(&part) || published.contains(identifier)
            } else {
                is_reported(place.0, root, today)
            };
            if is_in {
                chosen.push(part);
            } else if !asked.is_choice() {
                self.out.push(part.resource.reference());
            }
        }
        match (chosen.is_empty(), &standing) {
            (true, Some(_)) => self.left.push(identifier),
            (true, None) => {}
            (false, _) => self.units.push(Unit {
                kind: place.0,
                identifier,
                standing,
                parts: chosen,
            }),
        }
        Ok(())
    }

    /// Reads what the resources refer to, and what that refers to.
    fn follow(&mut self, call: &mut Call<'_>, own: &Partition, origin: &str) -> Result<(), Stop> {
        let mut wanted: Vec<String> = Vec::new();
        for part in self.units.iter().flat_map(|unit| &unit.parts) {
            wanted.extend(carry::references(part.json.root(), origin));
        }
        while let Some(reference) = wanted.pop() {
            let (false, Some((kind, id))) = (
                self.others.contains_key(&reference),
                reference.split_once('/'),
            ) else {
                continue;
            };
            let found = partition::referred(call, own, &self.people, (kind, id))?;
            bound(self.others.len(), OTHERS_MAX)?;
            if let Some(resource) = found {
                let part = Part::read(resource)?;
                wanted.extend(carry::references(part.json.root(), origin));
                self.others.insert(reference, part);
            }
        }
        Ok(())
    }

    /// Does everything of which the Bundles were made still stand as it was read?
    ///
    /// # Errors
    /// What the caller may not read; the store's.
    pub(crate) fn still_stands(
        &self,
        call: &mut Call<'_>,
        home: &Home,
        origin: &str,
    ) -> Result<bool, Stop> {
        let own = Partition::of(call, home, origin)?;
        let parts = self.units.iter().flat_map(|unit| &unit.parts);
        let parts = parts.chain(self.others.values()).chain([&self.patient]);
        for Part { resource, .. } in parts {
            let place = (resource.kind.as_str(), resource.id.as_str());
            let now = partition::referred(call, &own, &self.people, place)?;
            if now.is_none_or(|now| now.version != resource.version) {
                return Ok(false);
            }
        }
        for unit in &self.units {
            let now = match &unit.standing {
                Some(was) => table::document(call, was.person, &was.member, &unit.identifier)?,
                None => None,
            };
            if now.as_ref() != unit.standing.as_ref().map(|was| &was.compressed) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// More than one request takes is refused with the number.
fn bound(count: usize, most: usize) -> Result<(), Stop> {
    if count <= most {
        return Ok(());
    }
    let found = format!("{count} > {most}");
    Err(Stop::Refused(Refusal::at(
        &errors::PUBLISH_BOUND,
        "Parameters",
        &found,
    )))
}

/// What is named must be there.
fn check_named(
    call: &mut Call<'_>,
    own: &Partition,
    asked: &Asked,
    (people, resources): (&[PersonId], &[Resource]),
) -> Result<(), Stop> {
    let mut faults = Faults::default();
    let there: BTreeSet<String> = resources.iter().map(Resource::reference).collect();
    for (reference, path) in &asked.named {
        if !there.contains(reference) {
            faults.add(&errors::PUBLISH_ABSENT, path, reference);
        }
    }
    if let Some(visit) = &asked.visit
        && partition::referred(call, own, people, ("Encounter", visit))?.is_none()
    {
        let path = "Parameters.parameter(encounter)";
        faults.add(&errors::PUBLISH_ABSENT, path, &format!("Encounter/{visit}"));
    }
    match faults.refusal() {
        Some(refusal) => Err(Stop::Refused(refusal)),
        None => Ok(()),
    }
}

/// Allergies are one Bundle, conditions one, results one a day.
fn place(part: &Part) -> Result<Place, Stop> {
    let root = part.json.root();
    let kind = Kind::parse(&part.resource.kind).ok_or(BAD)?;
    let day = match kind {
        Kind::Observation => taken(root).and_then(date).map(|day| day.to_string()),
        Kind::Allergy | Kind::Condition => None,
    };
    Ok((kind, day.unwrap_or_default()))
}

/// When a result's specimen was taken, as sent.
fn taken(root: Node<'_>) -> Option<&str> {
    let period = || root.get("effectivePeriod")?.str("start");
    root.str("effectiveDateTime")
        .or_else(|| root.str("effectiveInstant"))
        .or_else(period)
}

/// The id of the visit to which a resource belongs.
fn visit<'d>(root: Node<'d>, origin: &str) -> Option<&'d str> {
    let address = root.get("encounter")?.str("reference")?;
    let (kind, id) = local_reference(address, origin)?;
    (kind == "Encounter").then_some(id)
}

/// Is a resource reported when nobody names it? Results of the laboratory of the last year, and
/// diagnoses that last or ended within five years.
fn is_reported(kind: Kind, root: Node<'_>, today: JstDate) -> bool {
    let has = |code: &str| {
        let codings = root.list("category").flat_map(|one| one.list("coding"));
        codings
            .into_iter()
            .any(|coding| coding.str("code") == Some(code))
    };
    let since = |text: Option<&str>, years: i16| {
        let day = text.and_then(date);
        day.is_none_or(|day| day >= today.plus_years(-years))
    };
    match kind {
        Kind::Allergy => true,
        Kind::Condition => {
            let is_diagnosis = root.get("category").is_none() || has("encounter-diagnosis");
            is_diagnosis && since(root.str("abatementDateTime"), ENDED_YEARS)
        }
        Kind::Observation => has("laboratory") && since(taken(root), RESULT_YEARS),
    }
}

/// With which serials begin that are given here.
const fn stem(kind: Kind) -> &'static str {
    match kind {
        Kind::Allergy => "PA-",
        Kind::Condition => "PC-",
        Kind::Observation => "PO-",
    }
}

/// The same for the same patient, kind and day; it says nothing about them.
fn serial(call: &Call<'_>, home: &Home, person: PersonId, (kind, day): &Place) -> String {
    let (facility, person) = (home.id.to_hex(), hex::encode(person.as_bytes()));
    let parts: [&str; 4] = [&facility, &person, kind.resource_type(), day];
    let key = call.directory_key("published-bundle", &parts);
    let half = key.get(..16).unwrap_or_default();
    format!("{}{}", stem(*kind), hex::encode(half))
}

/// What the caller's facility has published of these people, by serial.
fn known(
    call: &Call<'_>,
    home: &Home,
    people: &[PersonId],
) -> Result<BTreeMap<String, Known>, StoreError> {
    let mut found = BTreeMap::new();
    for person in people {
        for bundle in table::bundles(call, *person, table::BUNDLES_MAX)? {
            let mut parts = bundle.identifier.split('^');
            let (institution, serial) = (parts.next(), parts.nth(1).unwrap_or_default());
            let is_ours = [Kind::Allergy, Kind::Condition, Kind::Observation]
                .into_iter()
                .any(|kind| serial.starts_with(stem(kind)));
            if institution == Some(home.code.as_str()) && is_ours {
                let known = Known {
                    person: *person,
                    member: bundle.member,
                    identifier: bundle.identifier.clone(),
                };
                found.entry(serial.to_owned()).or_insert(known);
            }
        }
    }
    Ok(found)
}

fn read(call: &Call<'_>, known: Known) -> Result<Option<Standing>, Stop> {
    let found = table::document(call, known.person, &known.member, &known.identifier)?;
    let Some(compressed) = found else {
        return Ok(None);
    };
    let bytes = zstd::bulk::decompress(&compressed, BYTES_MAX).map_err(|_| BAD_BUNDLE)?;
    let json = Document::parse(&bytes).map_err(|_| BAD_BUNDLE)?;
    Ok(Some(Standing {
        person: known.person,
        member: known.member,
        compressed,
        json,
    }))
}

/// The identifiers of a Bundle's resources.
fn names(bundle: &Document) -> BTreeSet<String> {
    let resources = bundle
        .root()
        .list("entry")
        .filter_map(|one| one.get("resource"));
    let identifiers = resources.flat_map(|one| one.list("identifier"));
    identifiers
        .filter(|one| one.str("system") == Some(system::ID_RESOURCE))
        .filter_map(|one| one.str("value").map(str::to_owned))
        .collect()
}
