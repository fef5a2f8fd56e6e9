//! What is to be published, as a FHIR `Parameters`.
//!
//! Source: FHIR R4 parameters.html.

use fhir::{
    clins::Kind,
    json::{Document, Node},
};
use fhir_server::draft::local_reference;
use kernel::{Refusal, catalog::Faults};

use crate::errors;

/// Resources that one request may name.
const NAMED_MAX: usize = 1_000;

/// The kinds in the order of their Bundles: what is dangerous to overlook comes first.
const KINDS: [Kind; 3] = [Kind::Allergy, Kind::Condition, Kind::Observation];

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The id of the Patient.
    pub patient: String,
    /// The id of the Encounter of which everything is to be published.
    pub visit: Option<String>,
    /// Of which kinds.
    pub kinds: Vec<Kind>,
    /// Resources that are named, as `Condition/{id}`, each with its place in the request.
    pub named: Vec<(String, String)>,
}

impl Asked {
    /// Reads the body of a request; `origin` is this server's.
    ///
    /// # Errors
    /// [`errors::JSON`], [`errors::PUBLISH_PARAMETER`] with every fault.
    pub(crate) fn read(body: &[u8], origin: &str) -> Result<Self, Refusal> {
        let document = Document::parse(body)
            .map_err(|error| Refusal::with(&errors::JSON, vec![error.finding()]))?;
        let root = document.root();
        let mut found = Found::default();
        if root.str("resourceType") != Some("Parameters") {
            let kind = root.str("resourceType").unwrap_or_default();
            found.fault("resourceType", kind);
        }
        for (place, one) in root.list("parameter").enumerate() {
            let path = format!("Parameters.parameter[{place}]");
            if !found.take(one, &path, origin) {
                found.fault(&path, &one.to_compact());
            }
        }
        found.asked()
    }

    /// Is something chosen among the resources, so that the others stay as they are?
    pub(crate) fn is_choice(&self) -> bool {
        self.visit.is_some() || !self.named.is_empty()
    }
}

/// The parameters as they are read one by one.
#[derive(Default)]
struct Found {
    patients: Vec<String>,
    visits: Vec<String>,
    kinds: Vec<Kind>,
    named: Vec<(String, String)>,
    faults: Faults,
}

impl Found {
    fn fault(&mut self, path: &str, found: &str) {
        self.faults.add(&errors::PUBLISH_PARAMETER, path, found);
    }

    /// Takes one parameter; is it understood?
    fn take(&mut self, one: Node<'_>, path: &str, origin: &str) -> bool {
        match (one.str("name").unwrap_or_default(), reference(one, origin)) {
            ("patient", Some(("Patient", id))) => {
                self.patients.push(id.to_owned());
                self.patients.len() == 1
            }
            ("encounter", Some(("Encounter", id))) => {
                self.visits.push(id.to_owned());
                self.visits.len() == 1
            }
            ("resource", Some((kind, id))) if Kind::parse(kind).is_some() => {
                self.named.push((format!("{kind}/{id}"), path.to_owned()));
                self.named.len() <= NAMED_MAX
            }
            ("type", None) => {
                let kind = Kind::parse(one.str("valueCode").unwrap_or_default());
                self.kinds.extend(kind);
                kind.is_some()
            }
            _ => false,
        }
    }

    fn asked(mut self) -> Result<Asked, Refusal> {
        if self.patients.is_empty() {
            self.fault("Parameters.parameter(patient)", "");
        }
        let of = |one: &str| Kind::parse(one.split('/').next().unwrap_or_default());
        if self.kinds.is_empty() {
            // Named resources ask for their own kinds alone, a visit for everything of it.
            let is_all = self.named.is_empty() || !self.visits.is_empty();
            let is_named = |kind: &Kind| self.named.iter().any(|(one, _)| of(one) == Some(*kind));
            let kinds = KINDS.into_iter().filter(|kind| is_all || is_named(kind));
            self.kinds = kinds.collect();
        }
        for (one, path) in &self.named {
            if !of(one).is_some_and(|kind| self.kinds.contains(&kind)) {
                self.faults.add(&errors::PUBLISH_PARAMETER, path, one);
            }
        }
        if let Some(refusal) = self.faults.refusal() {
            return Err(refusal);
        }
        let kinds = KINDS.into_iter().filter(|kind| self.kinds.contains(kind));
        Ok(Asked {
            kinds: kinds.collect(),
            patient: self.patients.pop().unwrap_or_default(),
            visit: self.visits.pop(),
            named: self.named,
        })
    }
}

fn reference<'d>(parameter: Node<'d>, origin: &str) -> Option<(&'d str, &'d str)> {
    let address = parameter.get("valueReference")?.str("reference")?;
    local_reference(address, origin)
}
