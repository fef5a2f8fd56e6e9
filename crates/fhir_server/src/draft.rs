//! A resource that somebody sends: read, judged whole, and the facts that rules need.
//!
//! CPU work only; no store, no lock.

use fhir::{
    clins::{self, MemberId, MemberKind, system},
    json::{Document, Kind, Node},
    path::Path,
};
use kernel::{Refusal, time::JstDate};

use crate::{codes::Codes, errors, model, splice};

/// Most identifiers of a Patient that lead to it.
const IDENTIFIERS_MAX: usize = 32;

/// What of a Patient says who it is.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// Its member identifiers.
    pub members: Vec<MemberId>,
    /// Its date of birth.
    pub birth: Option<JstDate>,
    /// System and value of every identifier, by which the facility finds it again.
    pub identifiers: Vec<(String, String)>,
}

/// A valid resource that is not kept yet.
#[derive(Clone)]
pub struct Draft {
    /// Its type.
    pub kind: String,
    /// The id in the body, if there is one.
    pub id: Option<String>,
    /// Every different reference to a Patient in it, in order of appearance.
    pub patients: Vec<String>,
    /// Every reference to anything else, as far as it may be on this server.
    pub others: Vec<String>,
    /// Of a Patient.
    pub identity: Option<Identity>,
    /// By which codes it is found.
    pub(crate) codes: Codes,
    /// The text as received.
    pub text: String,
}

impl std::fmt::Debug for Draft {
    /// Never shows content.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Draft({}, {} bytes)", self.kind, self.text.len())
    }
}

/// Reads JSON.
///
/// # Errors
/// [`errors::JSON`] with the place.
pub fn parse(bytes: &[u8]) -> Result<Document, Refusal> {
    Document::parse(bytes).map_err(|error| Refusal::with(&errors::JSON, vec![error.finding()]))
}

impl Draft {
    /// Reads and judges the body of a request for a resource of type `kind`.
    ///
    /// # Errors
    /// [`errors::JSON`], [`errors::TYPE`], [`errors::ID`] for another type,
    /// [`errors::RESOURCE`] with every finding.
    pub fn read(kind: &str, bytes: &[u8]) -> Result<Self, Refusal> {
        if !model::is_kept(kind) {
            return Err(Refusal::at(&errors::TYPE, "type", kind));
        }
        let document = parse(bytes)?;
        let root = document.root();
        let named = root.str("resourceType");
        if let Some(named) = named.filter(|named| *named != kind && model::is_kept(named)) {
            return Err(Refusal::at(&errors::ID, "resourceType", named));
        }
        let mut draft = Self::judge(root, kind)?;
        if splice::is_plain(document.source()) {
            document.source().clone_into(&mut draft.text);
        } else {
            draft.text = root.to_compact();
        }
        Ok(draft)
    }

    /// Judges a resource that stands at `place`; its text is still to be given.
    ///
    /// # Errors
    /// [`errors::RESOURCE`] with every finding.
    pub fn judge(root: Node<'_>, place: &str) -> Result<Self, Refusal> {
        let checked = clins::check_resource(root, &Path::root(place));
        if !checked.is_accepted() {
            return Err(Refusal::with(&errors::RESOURCE, checked.refusals));
        }
        let kind = root.str("resourceType").unwrap_or_default().to_owned();
        let mut found = References::default();
        let identity = (kind == "Patient").then(|| identity(root));
        if identity.is_none() {
            found.collect(root);
        }
        Ok(Self {
            id: root.str("id").map(str::to_owned),
            codes: Codes::of(&kind, root),
            kind,
            patients: found.patients,
            others: found.others,
            identity,
            text: String::new(),
        })
    }
}

/// Every different reference, wherever it stands.
#[derive(Default)]
struct References {
    patients: Vec<String>,
    others: Vec<String>,
}

impl References {
    fn collect(&mut self, node: Node<'_>) {
        match node.kind() {
            Kind::Object => {
                for (key, value) in node.entries() {
                    match value.as_str() {
                        Some(text) if key == "reference" => self.add(text),
                        _ => self.collect(value),
                    }
                }
            }
            Kind::Array => node.items().for_each(|item| self.collect(item)),
            _ => {}
        }
    }

    fn add(&mut self, text: &str) {
        let list = if names_patient(text) {
            &mut self.patients
        } else if text.starts_with(['#']) || text.starts_with("urn:") {
            return;
        } else {
            &mut self.others
        };
        if !list.iter().any(|one| one == text) {
            list.push(text.to_owned());
        }
    }
}

fn names_patient(reference: &str) -> bool {
    reference.starts_with("Patient/") || reference.contains("/Patient/")
}

/// The id in a reference to a Patient of this server, relative or absolute; a version behind
/// it does not matter.
#[must_use]
pub fn patient_id<'r>(reference: &'r str, origin: &str) -> Option<&'r str> {
    let own = reference
        .strip_prefix(origin)
        .and_then(|rest| rest.strip_prefix("/fhir/"))
        .unwrap_or(reference);
    let id = own.strip_prefix("Patient/")?;
    Some(id.split('/').next().unwrap_or(id))
}

/// Type and id of a reference to this server, relative or absolute.
#[must_use]
pub fn local_reference<'r>(reference: &'r str, origin: &str) -> Option<(&'r str, &'r str)> {
    let own = reference
        .strip_prefix(origin)
        .and_then(|rest| rest.strip_prefix("/fhir/"))
        .unwrap_or(reference);
    let (kind, rest) = own.split_once('/')?;
    Some((kind, rest.split('/').next().unwrap_or(rest)))
}

fn identity(root: Node<'_>) -> Identity {
    let mut identity = Identity {
        birth: root.str("birthDate").and_then(JstDate::parse),
        ..Identity::default()
    };
    for one in root.list("identifier").take(IDENTIFIERS_MAX) {
        let (Some(place), Some(value)) = (one.str("system"), one.str("value")) else {
            continue;
        };
        let place = system::canonical(place);
        identity
            .identifiers
            .push((place.to_owned(), value.to_owned()));
        if let Some(kind) = member_kind(place)
            && let Some(member) = MemberId::parse(kind, value)
        {
            identity.members.push(member);
        }
    }
    identity
}

/// Which register a system of identifiers is, if it is one of members.
#[must_use]
pub fn member_kind(place: &str) -> Option<MemberKind> {
    match system::canonical(place) {
        system::ID_MEMBER => Some(MemberKind::Insurance),
        system::ID_PUBLIC_MEMBER => Some(MemberKind::PublicAssistance),
        _ => None,
    }
}
