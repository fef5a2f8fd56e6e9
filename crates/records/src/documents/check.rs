//! Judging a document; no store, no lock.

use fhir::{
    clins::{
        document::{self, DocumentFacts, DocumentKind, Placed, Prescription},
        system,
    },
    json::Document,
};
use kernel::{Finding, Refusal, time::JstDate};

use super::{
    errors as no, files,
    model::{Card, Checked, Contents, Drug, Who},
};
use crate::{errors, model::Flags, ops::compressed};

/// Longest text of a card, in characters.
const TEXT_MAX: usize = 200;

/// Is it one of the documents, or means to be one?
#[must_use]
pub fn is_document(document: &Document) -> bool {
    let root = document.root();
    DocumentKind::of(root).is_some() || root.str("type") == Some("document")
}

/// Judges a document as the rules stand on `on`, and takes out what readers need. Every fault
/// is named at once, those of its files too.
///
/// # Errors
/// [`errors::DOCUMENT`] with every finding; where the files alone are at fault, the entry of
/// the first; [`errors::PERSON_MISSING`] for a good document that says nobody's number.
pub fn check(document: &Document, on: JstDate) -> Result<Checked, Refusal> {
    let verdict = document::check(document, on);
    let mut findings = verdict.refusals;
    let facts = document::facts(document);
    let mut files = Vec::new();
    let mut entry = (!findings.is_empty()).then_some(&errors::DOCUMENT);
    if let Some(facts) = &facts {
        match files::judge(document, facts) {
            Ok(found) => files = found,
            Err(faults) => {
                for (why, finding) in faults {
                    entry = entry.or(Some(why));
                    findings.push(finding);
                }
            }
        }
        if facts.kind == DocumentKind::Referral && institution(facts).is_none() {
            let refusal = Refusal::at(
                &no::ADDRESSEE_MISSING,
                "Bundle.entry[0].resource.section",
                "",
            );
            entry = entry.or(Some(&no::ADDRESSEE_MISSING));
            findings.extend(refusal.findings);
        }
    }
    match (facts, entry) {
        (Some(facts), None) => checked(document, &facts, files, verdict.warnings),
        (_, Some(entry)) => Err(Refusal::with(entry, findings)),
        // No rule of its kind asks for what registering needs.
        (None, None) => {
            let mut refusal = Refusal::at(&errors::PERSON_MISSING, "Patient.identifier", "");
            refusal.findings.extend(verdict.warnings);
            Err(refusal)
        }
    }
}

fn institution(facts: &DocumentFacts) -> Option<String> {
    let number = facts.addressee.as_ref()?.institution.as_ref()?;
    Some(number.as_str().to_owned())
}

fn checked(
    document: &Document,
    facts: &DocumentFacts,
    files: Vec<super::model::File>,
    warnings: Vec<Finding>,
) -> Result<Checked, Refusal> {
    let compressed = compressed(document.source())?;
    let has_prescriptions = matches!(facts.kind, DocumentKind::Referral | DocumentKind::Discharge);
    let prescriptions = if has_prescriptions {
        let inside = facts.attached.iter().map(|(_, facts)| facts);
        let all = std::iter::once(facts).chain(inside);
        all.flat_map(|one| one.prescriptions.iter())
            .map(drug)
            .collect()
    } else {
        Vec::new()
    };
    Ok(Checked {
        kind: facts.kind,
        member: facts.patient.member.clone(),
        identifier: facts.identifier.clone(),
        birth: JstDate::parse(&facts.patient.birth_date),
        card: Card {
            title: plain(&facts.title),
            written: facts.date.clone(),
            version: facts.version.clone(),
            author: Who::from(&facts.author),
            to: facts.addressee.as_ref().map(Who::from),
            files: files.len(),
        },
        addressee: (facts.kind == DocumentKind::Referral)
            .then(|| institution(facts))
            .flatten(),
        contents: Contents {
            prescriptions,
            files,
        },
        source: document.source().to_owned(),
        compressed,
        warnings,
    })
}

fn plain(text: &str) -> String {
    let plain = text.chars().filter(|c| !c.is_control());
    plain.take(TEXT_MAX).collect()
}

pub(crate) fn drug(placed: &Placed<Prescription>) -> Drug {
    let Prescription {
        rp,
        order,
        text,
        codes,
        authored,
        start,
        usage,
        usage_codes,
        as_needed,
        dose,
        daily,
        total,
        days,
        prescriber,
        notes: _,
    } = placed.facts.clone();
    Drug {
        identifier: placed.identifier.clone(),
        rp,
        order,
        text,
        codes,
        authored,
        start,
        usage,
        usage_codes,
        as_needed,
        dose,
        daily,
        total,
        days,
        prescriber,
        department: placed.department.clone(),
        flags: Flags {
            long_term: placed.flags.long_term,
            uninformed: placed.flags.uninformed,
            undelivered: placed.flags.undelivered,
        },
    }
}

/// The identifier's system of a municipal report, which is a UUID and names no institution.
#[must_use]
pub fn is_municipal_system(text: &str) -> bool {
    text == system::ID_URI
}
