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
        let mut faults = Faults::default();
        if root.str("resourceType") != Some("Parameters") {
            let found = root.str("resourceType").unwrap_or_default();
            faults.add(&errors::PUBLISH_PARAMETER, "resourceType", found);
        }
        let (mut patients, mut visits) = (Vec::new(), Vec::new());
        let (mut kinds, mut named) = (Vec::new(), Vec::new());
        for (place, one) in root.list("parameter").enumerate() {
            let path = format!("Parameters.parameter[{place}]");
            let found = one.str("name").unwrap_or_default();
            let reference = || reference(one, origin);
            let understood = match (found, reference()) {
                ("patient", Some(("Patient", id))) => {
                    patients.push(id.to_owned());
                    patients.len() == 1
                }
                ("encounter", Some(("Encounter", id))) => {
                    visits.push(id.to_owned());
                    visits.len() == 1
                }
                ("resource", Some((kind, id))) if Kind::parse(kind).is_some() => {
                    named.push((format!("{kind}/{id}"), path.clone()));
                    named.len() <= NAMED_MAX
                }
                ("type", None) => match Kind::parse(one.str("valueCode").unwrap_or_default()) {
                    Some(kind) => {
                        kinds.push(kind);
                        true
                    }
                    None => false,
                },
                _ => false,
            };
            if !understood {
                faults.add(&errors::PUBLISH_PARAMETER, &path, &one.to_compact());
            }
        }
        if patients.is_empty() {
            faults.add(
                &errors::PUBLISH_PARAMETER,
                "Parameters.parameter(patient)",
                "",
            );
        }
        let named_kind = |one: &str| Kind::parse(one.split('/').next().unwrap_or_default());
        if kinds.is_empty() {
            // Named resources ask for their own kinds alone, a visit for everything of it.
            let is_all = named.is_empty() || !visits.is_empty();
            let is_named =
                |kind: &Kind| named.iter().any(|(one, _)| named_kind(one) == Some(*kind));
            kinds.extend(KINDS.into_iter().filter(|kind| is_all || is_named(kind)));
        }
        for (one, path) in &named {
            if !named_kind(one).is_some_and(|kind| kinds.contains(&kind)) {
                faults.add(&errors::PUBLISH_PARAMETER, path, one);
            }
        }
        if let Some(refusal) = faults.refusal() {
            return Err(refusal);
        }
        Ok(Self {
            kinds: KINDS
                .into_iter()
                .filter(|kind| kinds.contains(kind))
                .collect(),
            patient: patients.pop().unwrap_or_default(),
            visit: visits.pop(),
            named,
        })
    }

    /// Is something chosen among the resources, so that the others stay as they are?
    pub(crate) fn is_choice(&self) -> bool {
        self.visit.is_some() || !self.named.is_empty()
    }
}

fn reference<'d>(parameter: Node<'d>, origin: &str) -> Option<(&'d str, &'d str)> {
    let address = parameter.get("valueReference")?.str("reference")?;
    local_reference(address, origin)
}
