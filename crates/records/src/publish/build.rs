//! The Bundles of a publishing, judged; and every breach told at the resource that has it.

use fhir::{
    clins::system,
    json::{Document, Writer},
};
use kernel::{Finding, Refusal, hex, time::Timestamp};
use store::audit::sha256;

use super::{
    carry::{self, Carrier, Origin},
    material::{Material, Unit},
};
use crate::{errors, model::Checked, ops};

/// A Bundle that is made and judged.
pub(crate) struct Made {
    /// The resource type that it holds.
    pub kind: &'static str,
    /// Its identifier.
    pub identifier: String,
    /// The resources of the partition that it holds, as `Type/{id}`.
    pub resources: Vec<String>,
    /// Is something registered under its identifier?
    pub replaces: bool,
    /// To be registered; `None` when the very same stands registered.
    pub checked: Option<Box<Checked>>,
}

/// Makes and judges all of them; the findings beside are advice.
///
/// # Errors
/// [`errors::PUBLISH`] with every breach in every Bundle.
pub(crate) fn make(
    material: &Material,
    (institution, origin): (&str, &str),
    at: Timestamp,
) -> Result<(Vec<Made>, Vec<Finding>), Refusal> {
    let (mut made, mut refusals, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    for unit in &material.units {
        let (bytes, origins) = bundle(material, unit, (institution, origin), at);
        let lost = origins.iter().flat_map(|one| {
            let told = |place: &String| {
                Refusal::at(
                    &errors::PUBLISH_REFERENCE,
                    &format!("{}.{place}", one.whole),
                    "",
                )
            };
            one.lost.iter().flat_map(move |place| told(place).findings)
        });
        let judged = Document::parse(&bytes)
            .map_err(|error| Refusal::with(&errors::JSON, vec![error.finding()]))
            .and_then(|json| Ok((ops::check_on(&json, at.jst_date())?, carry::entries(&json))));
        let (mut checked, entries) = match judged {
            Ok(checked) => checked,
            Err(refusal) => {
                refusals.extend(refusal.findings.into_iter().map(|one| tell(one, &origins)));
                continue;
            }
        };
        warnings.extend(lost);
        let advice = std::mem::take(&mut checked.warnings);
        warnings.extend(advice.into_iter().map(|one| tell(one, &origins)));
        let was = unit.standing.as_ref().map(|was| carry::entries(&was.json));
        let is_same = was.is_some_and(|was| was == entries);
        made.push(Made {
            kind: checked.kind,
            identifier: unit.identifier.clone(),
            resources: origins
                .iter()
                .skip(1)
                .map(|one| one.whole.clone())
                .collect(),
            replaces: unit.standing.is_some(),
            checked: (!is_same).then(|| Box::new(checked)),
        });
    }
    if refusals.is_empty() {
        once(&mut warnings);
        return Ok((made, warnings));
    }
    once(&mut refusals);
    Err(Refusal::with(&errors::PUBLISH, refusals))
}

/// A visit stands in many resources; what is wrong with it is told once.
fn once(findings: &mut Vec<Finding>) {
    let mut told: std::collections::BTreeSet<(String, String)> = std::collections::BTreeSet::new();
    findings.retain(|one| told.insert((one.path.clone(), one.rule.clone())));
}

/// The text of a Bundle, and of what each of its entries was made.
fn bundle(
    material: &Material,
    unit: &Unit,
    (institution, origin): (&str, &str),
    at: Timestamp,
) -> (Vec<u8>, Vec<Origin>) {
    let whose = &material.patient.resource;
    let patient = address(&unit.identifier, &whose.id);
    let carrier = Carrier {
        others: &material.others,
        origin,
        institution,
        patient: &patient,
    };
    let mut w = Writer::new();
    w.begin_object();
    w.member_str("resourceType", "Bundle");
    w.key("meta").begin_object();
    w.member_str("lastUpdated", &at.to_string());
    w.key("profile").begin_array();
    w.string(system::PROFILE_BUNDLE).end();
    w.key("tag").begin_array().begin_object();
    w.member_str("system", system::TAG_KIND);
    w.member_str("code", unit.kind.resource_type());
    w.end().end().end();
    w.key("identifier").begin_object();
    w.member_str("system", system::ID_BUNDLE);
    w.member_str("value", &unit.identifier).end();
    w.member_str("type", "collection");
    w.member_str("timestamp", &at.to_string());
    w.key("entry").begin_array();
    let mut origins = Vec::new();
    w.begin_object()
        .member_str("fullUrl", &patient)
        .key("resource");
    origins.push(carrier.patient(&material.patient, &mut w));
    w.end();
    for part in &unit.parts {
        let url = address(&unit.identifier, &part.resource.id);
        w.begin_object().member_str("fullUrl", &url).key("resource");
        origins.push(carrier.resource(unit.kind, part, &mut w));
        w.end();
    }
    (w.finish(), origins)
}

/// The address of an entry: the same each time, so that the same content is the same text.
fn address(bundle: &str, id: &str) -> String {
    let hash = sha256(&[b"published-entry", bundle.as_bytes(), b" ", id.as_bytes()]);
    let digits = hex::encode(&hash);
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    // The version and variant of a UUID of one's own making.
    format!(
        "urn:uuid:{}-{}-8{}-a{}-{}",
        part(0, 8),
        part(8, 12),
        part(13, 16),
        part(17, 20),
        part(20, 32)
    )
}

/// A finding of a Bundle at the resource of which its entry was made.
fn tell(mut finding: Finding, origins: &[Origin]) -> Finding {
    if let Some(path) = at_home(&finding.path, origins) {
        finding.path = path;
    }
    finding
}

/// `Bundle.entry[1].resource.contained[0].status` is `Encounter/{id}.status`.
fn at_home(path: &str, origins: &[Origin]) -> Option<String> {
    let (number, rest) = path.strip_prefix("Bundle.entry[")?.split_once(']')?;
    let origin = origins.get(number.parse::<usize>().ok()?)?;
    let rest = rest.strip_prefix(".resource").unwrap_or(rest);
    let inside = || {
        let (number, rest) = rest.strip_prefix(".contained[")?.split_once(']')?;
        let one = origin.contained.get(number.parse::<usize>().ok()?)?;
        Some(format!("{}{rest}", one.as_ref()?))
    };
    Some(inside().unwrap_or_else(|| format!("{}{rest}", origin.whole)))
}
