//! The prescriptions of documents as FHIR resources, for the shared record's reading.
//!
//! A reader gets what the view shows of a prescription: the drug, how it is taken, who ordered it
//! and when. What a doctor wrote beside it (reasons, notes, narratives) belongs to the document,
//! which has readers of its own: a consent to prescriptions opens no diagnosis.
//!
//! Source: clins-documents section b (処方 is extracted from the two documents); FHIR R4
//! medicationrequest.html.

use fhir::{
    clins::document,
    json::{Document as Json, Kind, Node, Writer},
};
use store::{Call, Stop, StoreError};

use super::{common::text_of, retention::prescribed};
use crate::documents::{
    check,
    model::{Document, Prescribed},
};

/// A prescription of a document, and its resource.
pub(crate) struct Order {
    /// What the view makes an entry of.
    pub(crate) prescribed: Prescribed,
    /// The resource as JSON; its patient is `Patient/{patient}`.
    pub(crate) text: String,
}

/// Elements of a prescription that a reader of the shared record gets.
const SHOWN: [&str; 16] = [
    "resourceType",
    "meta",
    "language",
    "contained",
    "extension",
    "identifier",
    "status",
    "intent",
    "category",
    "medicationCodeableConcept",
    "subject",
    "encounter",
    "authoredOn",
    "requester",
    "dosageInstruction",
    "dispenseRequest",
];

/// Elements of the visit inside it: why the patient came is not among them.
const VISIT: [&str; 7] = [
    "resourceType",
    "id",
    "meta",
    "identifier",
    "status",
    "class",
    "period",
];

/// The prescriptions of one document in their order, with `patient` as the name of its patient.
///
/// # Errors
/// The store's.
pub(crate) fn orders(
    call: &Call<'_>,
    document: &Document,
    patient: &str,
) -> Result<Vec<Order>, Stop> {
    const BAD: StoreError = StoreError::Corrupt("a document's text");
    let text = text_of(call, document, document.version)?.ok_or(BAD)?;
    let json = Json::parse(&text).map_err(|_| BAD)?;
    let facts = document::facts(&json).ok_or(BAD)?;
    let inside = facts.attached.iter().filter_map(|(index, facts)| {
        let bundle = json.root().list("entry").nth(*index)?.get("resource")?;
        Some((bundle, facts))
    });
    let mut found = Vec::new();
    for (bundle, facts) in std::iter::once((json.root(), &facts)).chain(inside) {
        let reader = Reader { bundle, patient };
        for placed in &facts.prescriptions {
            let entry = bundle.list("entry").nth(placed.index);
            let Some(resource) = entry.and_then(|entry| entry.get("resource")) else {
                continue;
            };
            found.push(Order {
                prescribed: prescribed(document, check::drug(placed)),
                text: reader.shown(resource),
            });
        }
    }
    Ok(found)
}

/// Copies resources out of a Bundle for whoever sees nothing else of it.
struct Reader<'d> {
    bundle: Node<'d>,
    patient: &'d str,
}

impl<'d> Reader<'d> {
    fn shown(&self, resource: Node<'d>) -> String {
        let mut w = Writer::new();
        w.begin_object();
        for (name, value) in resource.entries() {
            match name {
                "contained" => {
                    let shown: Vec<Node<'d>> = value.items().filter(|one| is_shown(*one)).collect();
                    if !shown.is_empty() {
                        w.key(name).begin_array();
                        shown
                            .into_iter()
                            .for_each(|one| self.contained(one, &mut w));
                        w.end();
                    }
                }
                _ if SHOWN.contains(&name.trim_start_matches('_')) => {
                    self.copy(value, w.key(name));
                }
                _ => {}
            }
        }
        let bytes = w.finish();
        String::from_utf8(bytes).unwrap_or_default()
    }

    /// Who ordered it, and at which visit.
    fn contained(&self, resource: Node<'d>, w: &mut Writer) {
        if resource.str("resourceType") != Some("Encounter") {
            return self.copy(resource, w);
        }
        w.begin_object();
        for (name, value) in resource.entries().filter(|(name, _)| VISIT.contains(name)) {
            self.copy(value, w.key(name));
        }
        w.end();
    }

    fn copy(&self, node: Node<'d>, w: &mut Writer) {
        match node.kind() {
            Kind::Object => {
                w.begin_object();
                for (name, value) in node.entries() {
                    match value.as_str() {
                        Some(address) if name == "reference" => self.reference(node, address, w),
                        _ => self.copy(value, w.key(name)),
                    }
                }
                w.end();
            }
            Kind::Array => {
                w.begin_array();
                node.items().for_each(|one| self.copy(one, w));
                w.end();
            }
            _ => {
                w.node(node);
            }
        }
    }

    /// The patient as the reader knows them; of another entry of the Bundle, its type and name.
    fn reference(&self, of: Node<'d>, address: &str, w: &mut Writer) {
        let mut entries = self.bundle.list("entry");
        let entry = entries.find(|entry| entry.str("fullUrl") == Some(address));
        let target = entry.and_then(|entry| entry.get("resource"));
        let kind = target.and_then(|target| target.str("resourceType"));
        if kind == Some("Patient") {
            w.member_str("reference", &format!("Patient/{}", self.patient));
        } else if entry.is_none() && !address.starts_with("urn:") {
            w.member_str("reference", address);
        } else {
            if of.get("type").is_none() {
                w.member_opt("type", kind);
            }
            if of.get("display").is_none() {
                w.member_str("display", target.and_then(name).unwrap_or("文書を参照"));
            }
        }
    }
}

fn is_shown(contained: Node<'_>) -> bool {
    let kind = contained.str("resourceType").unwrap_or_default();
    [
        "Practitioner",
        "PractitionerRole",
        "Organization",
        "Encounter",
    ]
    .contains(&kind)
}

/// The name of a doctor or an institution.
fn name(resource: Node<'_>) -> Option<&str> {
    let of_person = || resource.list("name").find_map(|name| name.str("text"));
    resource.str("name").or_else(of_person)
}
