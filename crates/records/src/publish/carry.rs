//! A resource of the partition as an entry of a Bundle: its patient by the Bundle's address, its
//! visit, doctor and specimen inside it, the sender's number on it.
//!
//! What is copied keeps its digits and its order. Of what goes along only what says who, when and
//! from what is taken: why the patient came belongs to the visit.
//!
//! Source: clins-documents section b (JP_Bundle_CLINS: contained resources, institution number,
//! resource identifier); FHIR R4 references.html#contained.

use std::collections::BTreeMap;

use fhir::{
    clins::{Kind, system},
    json::{Document, Kind as Json, Node, Writer},
};
use fhir_server::{
    draft::local_reference,
    model::{self, Resource},
};

use super::material::Part;

/// What goes along inside a resource, and which elements of it.
const ALONG: [(&str, &[&str]); 6] = [
    (
        "Encounter",
        &["identifier", "status", "class", "subject", "period"],
    ),
    ("Practitioner", &["identifier", "name"]),
    (
        "PractitionerRole",
        &["identifier", "practitioner", "organization", "code"],
    ),
    ("Organization", &["identifier", "type", "name"]),
    (
        "Specimen",
        &["identifier", "status", "type", "subject", "collection"],
    ),
    (
        "ServiceRequest",
        &[
            "identifier",
            "status",
            "intent",
            "category",
            "code",
            "subject",
            "authoredOn",
            "requester",
        ],
    ),
];

/// Elements of the patient that the service takes.
const PATIENT: [&str; 10] = [
    "extension",
    "identifier",
    "active",
    "name",
    "gender",
    "birthDate",
    "deceasedBoolean",
    "deceasedDateTime",
    "address",
    "communication",
];

fn along(kind: &str) -> Option<&'static [&'static str]> {
    let found = ALONG.iter().find(|(known, _)| *known == kind);
    found.map(|(_, elements)| *elements)
}

/// Type and id of a reference to the own partition.
fn own<'d>(address: &'d str, origin: &str) -> Option<(&'d str, &'d str)> {
    local_reference(address, origin).filter(|(kind, _)| model::is_kept(kind))
}

/// The value of the sender's identifier of a resource: its own, or the id that it has in the
/// partition.
pub(crate) fn identifier<'d>(root: Node<'d>, resource: &'d Resource) -> &'d str {
    let mut named = root.list("identifier");
    let given = named.find(|one| one.str("system") == Some(system::ID_RESOURCE));
    given
        .and_then(|one| one.str("value"))
        .unwrap_or(&resource.id)
}

/// What goes along with a resource, as `Type/{id}`.
pub(crate) fn references(root: Node<'_>, origin: &str) -> Vec<String> {
    let mut found = Vec::new();
    collect(root, origin, &mut found);
    found
}

fn collect(node: Node<'_>, origin: &str, found: &mut Vec<String>) {
    match node.kind() {
        Json::Object => {
            for (name, value) in node.entries() {
                let target = value.as_str().and_then(|address| own(address, origin));
                match target {
                    Some((kind, id)) if name == "reference" && along(kind).is_some() => {
                        let reference = format!("{kind}/{id}");
                        if !found.contains(&reference) {
                            found.push(reference);
                        }
                    }
                    _ => collect(value, origin, found),
                }
            }
        }
        Json::Array => node.items().for_each(|item| collect(item, origin, found)),
        _ => {}
    }
}

/// Of what a Bundle's entry was made, for whoever is told of a fault in it.
#[derive(Default)]
pub(crate) struct Origin {
    /// `Condition/{id}`.
    pub whole: String,
    /// Of each contained resource the same, when it came from the partition.
    pub contained: Vec<Option<String>>,
    /// Where a reference stood that cannot go along.
    pub lost: Vec<String>,
}

/// Makes entries of one Bundle.
pub(crate) struct Carrier<'m> {
    /// What goes along.
    pub others: &'m BTreeMap<String, Part>,
    /// This server's.
    pub origin: &'m str,
    /// The sender's ten digits.
    pub institution: &'m str,
    /// The patient's address in the Bundle.
    pub patient: &'m str,
}

impl Carrier<'_> {
    /// Writes the patient.
    pub(crate) fn patient(&self, part: &Part, w: &mut Writer) -> Origin {
        let root = part.json.root();
        w.begin_object();
        w.member_str("resourceType", "Patient");
        self.meta(part, system::PROFILE_PATIENT, w);
        self.extensions(root, w);
        for (name, value) in root.entries() {
            let bare = name.trim_start_matches('_');
            if name != "extension" && PATIENT.contains(&bare) {
                w.key(name).node(value);
            }
        }
        w.end();
        Origin {
            whole: part.resource.reference(),
            ..Origin::default()
        }
    }

    /// Writes a resource of a kind.
    pub(crate) fn resource(&self, kind: Kind, part: &Part, w: &mut Writer) -> Origin {
        let root = part.json.root();
        let profile = match kind {
            Kind::Allergy => system::PROFILE_ALLERGY,
            Kind::Condition => system::PROFILE_CONDITION,
            Kind::Observation => system::PROFILE_OBSERVATION,
        };
        let mut copy = Copy {
            carrier: self,
            along: self.closure(root),
            lost: Vec::new(),
        };
        w.begin_object();
        w.member_str("resourceType", kind.resource_type());
        self.meta(part, profile, w);
        let contained = copy.contained(root, w);
        self.extensions(root, w);
        self.identifiers(part, w);
        for (name, value) in root.entries() {
            let is_done = matches!(
                name,
                "resourceType" | "id" | "meta" | "contained" | "extension" | "identifier"
            );
            if !is_done {
                copy.node(value, name, w.key(name));
            }
        }
        w.end();
        Origin {
            whole: part.resource.reference(),
            contained,
            lost: copy.lost,
        }
    }

    /// When it was last changed here, its profile and its flags.
    fn meta(&self, part: &Part, profile: &str, w: &mut Writer) {
        w.key("meta").begin_object();
        w.member_str("lastUpdated", &part.resource.at.to_string());
        w.key("profile").begin_array().string(profile).end();
        if let Some(tags) = part
            .json
            .root()
            .get("meta")
            .and_then(|meta| meta.get("tag"))
        {
            w.key("tag").node(tags);
        }
        w.end();
    }

    /// The sender's institution number beside what extensions there are.
    fn extensions(&self, root: Node<'_>, w: &mut Writer) {
        let url = |one: Node<'_>| one.str("url") == Some(system::EXT_INSTITUTION);
        w.key("extension").begin_array();
        for one in root.list("extension") {
            w.node(one);
        }
        if !root.list("extension").any(url) {
            w.begin_object();
            w.member_str("url", system::EXT_INSTITUTION);
            w.key("valueIdentifier").begin_object();
            w.member_str("system", system::ID_INSTITUTION);
            w.member_str("value", self.institution).end().end();
        }
        w.end();
    }

    /// The sender's identifier beside what identifiers there are.
    fn identifiers(&self, part: &Part, w: &mut Writer) {
        let root = part.json.root();
        let is_given = |one: Node<'_>| one.str("system") == Some(system::ID_RESOURCE);
        w.key("identifier").begin_array();
        for one in root.list("identifier") {
            w.node(one);
        }
        if !root.list("identifier").any(is_given) {
            w.begin_object();
            w.member_str("system", system::ID_RESOURCE);
            w.member_str("value", &part.resource.id).end();
        }
        w.end();
    }

    /// What goes along with a resource, in the order in which it is referred to.
    fn closure(&self, root: Node<'_>) -> Vec<String> {
        let mut found = references(root, self.origin);
        let mut at = 0;
        while let Some(reference) = found.get(at) {
            at += 1;
            let Some((part, elements)) = self.other(reference) else {
                continue;
            };
            let root = part.json.root();
            let shown = root.entries().filter(|(name, _)| elements.contains(name));
            let more: Vec<String> = shown
                .flat_map(|(_, value)| references(value, self.origin))
                .collect();
            for one in more {
                if !found.contains(&one) {
                    found.push(one);
                }
            }
        }
        found.retain(|reference| self.others.contains_key(reference));
        found
    }

    fn other(&self, reference: &str) -> Option<(&Part, &'static [&'static str])> {
        let part = self.others.get(reference)?;
        Some((part, along(&part.resource.kind)?))
    }
}

/// Copies one resource.
struct Copy<'c> {
    carrier: &'c Carrier<'c>,
    /// `Type/{id}` of what goes along; the place is its local id.
    along: Vec<String>,
    lost: Vec<String>,
}

impl Copy<'_> {
    /// What the resource contains, and what goes along.
    fn contained(&mut self, root: Node<'_>, w: &mut Writer) -> Vec<Option<String>> {
        let mut origins = Vec::new();
        if self.along.is_empty() && root.get("contained").is_none() {
            return origins;
        }
        w.key("contained").begin_array();
        for one in root.list("contained") {
            self.node(one, "contained", w);
            origins.push(None);
        }
        for (place, reference) in self.along.clone().into_iter().enumerate() {
            let carrier = self.carrier;
            let Some((part, elements)) = carrier.other(&reference) else {
                continue;
            };
            w.begin_object();
            w.member_str("resourceType", &part.resource.kind);
            w.member_str("id", &local(place));
            if part.resource.kind == "Encounter" {
                w.key("meta").begin_object();
                w.key("profile").begin_array();
                w.string(system::PROFILE_ENCOUNTER).end().end();
            }
            for (name, value) in part.json.root().entries() {
                if elements.contains(&name.trim_start_matches('_')) {
                    self.node(value, name, w.key(name));
                }
            }
            w.end();
            origins.push(Some(reference));
        }
        w.end();
        origins
    }

    fn node(&mut self, node: Node<'_>, place: &str, w: &mut Writer) {
        match node.kind() {
            Json::Object => {
                w.begin_object();
                for (name, value) in node.entries() {
                    match value.as_str() {
                        Some(address) if name == "reference" => {
                            self.reference(node, address, place, w);
                        }
                        _ => self.node(value, &format!("{place}.{name}"), w.key(name)),
                    }
                }
                w.end();
            }
            Json::Array => {
                w.begin_array();
                for (number, item) in node.items().enumerate() {
                    self.node(item, &format!("{place}[{number}]"), w);
                }
                w.end();
            }
            _ => {
                w.node(node);
            }
        }
    }

    /// The patient by the Bundle's address, what goes along by its local id. Anything else of the
    /// partition stays there: its type and name go along.
    fn reference(&mut self, of: Node<'_>, address: &str, place: &str, w: &mut Writer) {
        let Some((kind, id)) = own(address, self.carrier.origin) else {
            w.member_str("reference", address);
            return;
        };
        if kind == "Patient" {
            w.member_str("reference", self.carrier.patient);
            return;
        }
        let reference = format!("{kind}/{id}");
        if let Some(place) = self.along.iter().position(|one| *one == reference) {
            w.member_str("reference", &format!("#{}", local(place)));
            return;
        }
        if of.get("type").is_none() {
            w.member_str("type", kind);
        }
        self.lost.push(place.to_owned());
    }
}

fn local(place: usize) -> String {
    format!("own-{}", place + 1)
}

/// The entries of a Bundle as one text, to be compared.
pub(crate) fn entries(bundle: &Document) -> String {
    let entries = bundle.root().get("entry");
    entries.map(Node::to_compact).unwrap_or_default()
}
