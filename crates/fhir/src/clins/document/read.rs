//! The facts of a document, read without judging it: [`super::check`] does that.

use std::collections::BTreeMap;

use super::entries::Entries;
use super::facts::Department;
use super::{
    Attachment, CarePlan, DocumentFacts, DocumentKind, DocumentResult, Event, Party, Placed,
    Section, files,
};
use crate::clins::id::{BundleIdentifier, InstitutionNumber, MemberId, MemberKind};
use crate::clins::profile::{self, owned, text_at};
use crate::clins::{allergy, condition, observation, patient, report::Checked, system};
use crate::json::{Document, Node};
use crate::path::Path;

/// The facts of a document; `None` when something that they need is missing, which
/// [`super::check`] then names.
#[must_use]
pub fn facts(doc: &Document) -> Option<DocumentFacts> {
    of(doc.root())
}

fn of(root: Node<'_>) -> Option<DocumentFacts> {
    let kind = DocumentKind::of(root)?;
    let bundle = Entries::new(root);
    let (at, composition) = bundle
        .resources()
        .find(|(_, r)| is_type(*r, "Composition"))?;
    let sections: Vec<Section> = composition
        .list("section")
        .map(|s| bundle.section(s))
        .collect();
    let mut places = BTreeMap::new();
    for section in &sections {
        place(section, None, &mut places);
    }
    let (_, person) = bundle.resources().find(|(_, r)| is_type(*r, "Patient"))?;
    let authors: Vec<Node<'_>> = composition.list("author").collect();
    let custodian = composition
        .get("custodian")
        .map(|c| bundle.party(std::iter::once(c)));
    let author = bundle.party(authors.into_iter());
    let identifier = identifier(root, kind, &author, custodian.as_ref())?;
    let mut facts = DocumentFacts {
        kind,
        identifier,
        composition_id: text_at(composition, &["identifier", "value"])?.to_owned(),
        composition_url: bundle.url(at).to_owned(),
        version: version(composition)?,
        title: owned(composition, "title")?,
        date: owned(composition, "date")?,
        timestamp: owned(root, "timestamp")?,
        category: composition
            .list("category")
            .flat_map(|c| c.list("coding"))
            .next()
            .map(profile::coding),
        event: composition.list("event").next().map(event),
        patient: patient::read(person, bundle.covered())?,
        author,
        custodian,
        addressee: bundle.party_of(&sections, "910"),
        referrer: bundle.party_of(&sections, "920"),
        sections,
        attachments: Vec::new(),
        prescriptions: Vec::new(),
        conditions: Vec::new(),
        allergies: Vec::new(),
        results: Vec::new(),
        care_plans: Vec::new(),
        attached: Vec::new(),
    };
    bundle.sort_out(&mut facts, &places);
    Some(facts)
}

fn is_type(resource: Node<'_>, wanted: &str) -> bool {
    resource.str("resourceType") == Some(wanted)
}

fn version(composition: Node<'_>) -> Option<String> {
    composition
        .list("extension")
        .find(|e| e.str("url") == Some(system::EXT_VERSION))
        .and_then(|e| owned(e, "valueString"))
}

/// The Bundle's identifier. A municipal report is identified by a UUID; who gave it is then
/// the institution that keeps or wrote the report.
fn identifier(
    root: Node<'_>,
    kind: DocumentKind,
    author: &Party,
    custodian: Option<&Party>,
) -> Option<BundleIdentifier> {
    let name = text_at(root, &["identifier", "system"])?;
    let value = text_at(root, &["identifier", "value"])?;
    if kind == DocumentKind::MunicipalCheckup && name == system::ID_URI {
        let institution = custodian
            .and_then(|c| c.institution.as_ref())
            .or(author.institution.as_ref())?;
        return BundleIdentifier::municipal(value, institution.clone());
    }
    BundleIdentifier::parse(name, value)
}

fn event(node: Node<'_>) -> Event {
    let period = node.get("period");
    Event {
        codes: node.list("code").flat_map(profile::codings).collect(),
        text: node.list("code").find_map(|c| owned(c, "text")),
        start: period.and_then(|p| owned(p, "start")),
        end: period.and_then(|p| owned(p, "end")),
    }
}

/// In which section an entry stands first.
fn place(section: &Section, outer: Option<&str>, places: &mut BTreeMap<usize, String>) {
    let code = section.code.as_deref().or(outer);
    for index in &section.entries {
        if let Some(code) = code {
            places.entry(*index).or_insert_with(|| code.to_owned());
        }
    }
    for inner in &section.sections {
        place(inner, code, places);
    }
}

impl<'d> Entries<'d> {
    fn section(&self, node: Node<'d>) -> Section {
        let concept = node.get("code");
        Section {
            code: profile::first_code(node, "code"),
            title: owned(node, "title")
                .or_else(|| concept.and_then(profile::concept_text))
                .unwrap_or_default(),
            narrative: text_at(node, &["text", "div"]).map(str::to_owned),
            entries: node
                .list("entry")
                .filter_map(|reference| self.place(reference))
                .collect(),
            sections: node.list("section").map(|s| self.section(s)).collect(),
        }
    }

    /// The institution and the doctor in the section of `code`.
    fn party_of(&self, sections: &[Section], code: &str) -> Option<Party> {
        let section = sections.iter().find(|s| s.code.as_deref() == Some(code))?;
        let mut party = Party::default();
        for index in &section.entries {
            self.add(*index, &mut party);
        }
        Some(party)
    }

    /// The institution and the doctor behind references.
    fn party(&self, references: impl Iterator<Item = Node<'d>>) -> Party {
        let mut party = Party::default();
        for reference in references {
            match self.place(reference) {
                Some(index) => self.add(index, &mut party),
                None if reference.str("type") == Some("Organization") => {
                    party.name = party.name.take().or_else(|| owned(reference, "display"));
                }
                None => {
                    party.doctor = party.doctor.take().or_else(|| owned(reference, "display"));
                }
            }
        }
        party
    }

    /// Adds what the entry says; what is known already stays.
    fn add(&self, index: usize, party: &mut Party) {
        let Some(resource) = self.resource(index) else {
            return;
        };
        match resource.str("resourceType") {
            Some("Organization") => organization(resource, party),
            Some("Practitioner") => {
                party.doctor = party.doctor.take().or_else(|| doctor(resource));
            }
            Some("PractitionerRole") => {
                for key in ["practitioner", "organization"] {
                    let target = resource.get(key).and_then(|r| self.place(r));
                    // A role names no further role: that bounds the depth.
                    if let Some(target) = target
                        && !self
                            .resource(target)
                            .is_some_and(|r| is_type(r, "PractitionerRole"))
                    {
                        self.add(target, party);
                    }
                }
            }
            _ => {}
        }
    }

    /// The insured person that the first coverage of an insurer names, for reports whose
    /// patient carries no insured person's identifier.
    fn covered(&self) -> Option<MemberId> {
        self.resources()
            .filter(|(_, r)| is_type(*r, "Coverage"))
            .find_map(|(_, coverage)| {
                let part = |url: &str| {
                    coverage
                        .list("extension")
                        .find(|e| e.str("url") == Some(url))
                        .and_then(|e| e.str("valueString"))
                        .unwrap_or_default()
                };
                let payer = coverage.list("payor").find_map(|r| self.place(r))?;
                let insurer = self.resource(payer)?.list("identifier").find_map(|i| {
                    let is_insurer = system::same(i.str("system")?, system::ID_INSURER);
                    is_insurer.then(|| i.str("value")).flatten()
                })?;
                let text = format!(
                    "{insurer:0>8}:{}:{}:{}",
                    part(system::EXT_COVERAGE_SYMBOL),
                    part(system::EXT_COVERAGE_NUMBER),
                    part(system::EXT_COVERAGE_BRANCH)
                );
                MemberId::parse(MemberKind::Insurance, &text)
            })
    }

    /// Puts every resource into the list where it belongs.
    fn sort_out(&self, facts: &mut DocumentFacts, places: &BTreeMap<usize, String>) {
        for (index, resource) in self.resources() {
            let section = places.get(&index).cloned();
            match resource.str("resourceType") {
                Some("Condition") => {
                    let read = condition::read(resource);
                    facts
                        .conditions
                        .extend(read.map(|f| self.placed(index, resource, section, f)));
                }
                Some("AllergyIntolerance") => {
                    let read = allergy::read(resource);
                    facts
                        .allergies
                        .extend(read.map(|f| self.placed(index, resource, section, f)));
                }
                Some("Observation") => {
                    let read = self.result(resource);
                    facts
                        .results
                        .push(self.placed(index, resource, section, read));
                }
                Some("MedicationRequest") => {
                    let read = self.prescription(resource);
                    facts
                        .prescriptions
                        .push(self.placed(index, resource, section, read));
                }
                Some("CarePlan") => {
                    let read = care_plan(resource);
                    facts
                        .care_plans
                        .push(self.placed(index, resource, section, read));
                }
                Some("Bundle") if facts.kind == DocumentKind::Referral => {
                    facts.attached.extend(of(resource).map(|f| (index, f)));
                }
                _ => self.attachments(index, resource, section.as_deref(), facts),
            }
        }
    }

    fn placed<T>(
        &self,
        index: usize,
        resource: Node<'d>,
        section: Option<String>,
        facts: T,
    ) -> Placed<T> {
        let (path, mut out) = (Path::root("Resource"), Checked::default());
        let all = ["LTS", "UNINFORMED", "UNDELIVERED"];
        Placed {
            index,
            full_url: self.url(index).to_owned(),
            identifier: profile::resource_identifier(resource, &path, &mut out),
            institution: profile::institution(
                resource,
                &path,
                None,
                crate::clins::rule::R1021,
                &mut out,
            ),
            department: profile::department(resource, &path, None, &mut out),
            section,
            flags: profile::flags(resource, &all, &path, &mut out),
            facts,
        }
    }

    fn attachments(
        &self,
        index: usize,
        resource: Node<'d>,
        section: Option<&str>,
        facts: &mut DocumentFacts,
    ) {
        for (number, file) in files::of(resource).into_iter().enumerate() {
            facts.attachments.push(Attachment {
                index,
                full_url: self.url(index).to_owned(),
                number,
                content_type: owned(file.node, "contentType").unwrap_or_default(),
                title: owned(file.node, "title").or_else(|| owned(resource, "description")),
                format: file.format.map(str::to_owned),
                url: owned(file.node, "url"),
                base64_len: file.node.str("data").map_or(0, str::len),
                section: section.map(str::to_owned),
            });
        }
    }

    fn result(&self, node: Node<'d>) -> DocumentResult {
        let concept = node.get("code");
        let value = |n| observation::read_value(n).unwrap_or(crate::clins::Value::Absent);
        let name = |n: Node<'_>| {
            n.get("code")
                .and_then(profile::concept_text)
                .unwrap_or_default()
        };
        DocumentResult {
            status: owned(node, "status").unwrap_or_default(),
            categories: node
                .list("category")
                .flat_map(|c| c.list("coding"))
                .filter_map(|c| owned(c, "code"))
                .collect(),
            text: name(node),
            codes: concept.map(profile::codings).unwrap_or_default(),
            value: value(node),
            ranges: node
                .list("referenceRange")
                .map(observation::range)
                .collect(),
            interpretations: node
                .list("interpretation")
                .filter_map(|i| i.list("coding").find_map(|c| owned(c, "code")))
                .collect(),
            effective: owned(node, "effectiveDateTime")
                .or_else(|| owned(node, "effectiveInstant"))
                .or_else(|| text_at(node, &["effectivePeriod", "start"]).map(str::to_owned)),
            data_absent_reason: node.get("dataAbsentReason").and_then(profile::concept_text),
            members: node
                .list("hasMember")
                .filter_map(|r| self.place(r))
                .collect(),
            components: node
                .list("component")
                .map(|c| (name(c), value(c)))
                .collect(),
            notes: notes(node),
        }
    }
}

pub(super) fn notes(node: Node<'_>) -> Vec<String> {
    node.list("note").filter_map(|n| owned(n, "text")).collect()
}

pub(super) fn doctor(practitioner: Node<'_>) -> Option<String> {
    practitioner.list("name").find_map(|n| owned(n, "text"))
}

fn organization(node: Node<'_>, party: &mut Party) {
    if party.institution.is_none() {
        party.institution = institution_number(node);
    }
    party.name = party.name.take().or_else(|| owned(node, "name"));
    party.phone = party
        .phone
        .take()
        .or_else(|| node.list("telecom").find_map(|t| owned(t, "value")));
    party.address = party
        .address
        .take()
        .or_else(|| node.list("address").find_map(|a| owned(a, "text")));
    if party.department.is_none() {
        party.department = node
            .list("extension")
            .find(|e| {
                e.str("url")
                    .is_some_and(|u| system::EXT_DEPARTMENT.contains(&u))
            })
            .and_then(|e| e.get("valueCodeableConcept"))
            .and_then(|concept| {
                Some(Department {
                    code: concept.list("coding").find_map(|c| owned(c, "code")),
                    name: profile::concept_text(concept)?,
                })
            });
    }
}

/// The institution's number among its identifiers.
pub(super) fn institution_number(organization: Node<'_>) -> Option<InstitutionNumber> {
    organization.list("identifier").find_map(|i| {
        let name = i.str("system")?;
        let is_institution =
            system::same(name, system::ID_INSTITUTION) || name == system::ID_INSTITUTION_CHECKUP;
        is_institution
            .then(|| i.str("value").and_then(InstitutionNumber::parse))
            .flatten()
    })
}

fn care_plan(node: Node<'_>) -> CarePlan {
    let period = node.get("period");
    CarePlan {
        status: owned(node, "status").unwrap_or_default(),
        title: owned(node, "title"),
        description: owned(node, "description"),
        start: period.and_then(|p| owned(p, "start")),
        end: period.and_then(|p| owned(p, "end")),
        created: owned(node, "created"),
    }
}
