//! A prescription as facts.

use super::entries::Entries;
use super::read::{doctor, notes};
use super::{Prescription, Quantity};
use crate::clins::profile::{self, owned, text_at};
use crate::clins::{observation, system};
use crate::json::Node;

impl<'d> Entries<'d> {
    /// One drug of a prescription.
    pub fn prescription(&self, node: Node<'d>) -> Prescription {
        let drug = node.get("medicationCodeableConcept");
        let dosage = node.list("dosageInstruction").next();
        let timing = dosage
            .and_then(|d| d.get("timing"))
            .and_then(|t| t.get("code"));
        let rates = dosage.and_then(|d| d.list("doseAndRate").next());
        let supply = node.get("dispenseRequest");
        let number_of = |wanted: &str| {
            node.list("identifier")
                .find(|i| system::same(i.str("system").unwrap_or_default(), wanted))
                .and_then(|i| owned(i, "value"))
                .unwrap_or_default()
        };
        let prescriber = node.get("requester").and_then(|r| {
            self.place(r)
                .and_then(|i| self.resource(i))
                .and_then(doctor)
                .or_else(|| profile::practitioner_name(node, r))
        });
        Prescription {
            rp: number_of(system::ID_RP_NUMBER),
            order: number_of(system::ID_RP_ORDER),
            text: drug.and_then(profile::concept_text).unwrap_or_default(),
            codes: drug.map(profile::codings).unwrap_or_default(),
            authored: owned(node, "authoredOn").unwrap_or_default(),
            start: dosage.and_then(start_of_use),
            usage: dosage.and_then(|d| owned(d, "text")).unwrap_or_default(),
            usage_codes: timing.map(profile::codings).unwrap_or_default(),
            as_needed: dosage.is_some_and(|d| {
                d.get("asNeededCodeableConcept").is_some()
                    || d.get("asNeededBoolean").and_then(Node::as_bool) == Some(true)
            }),
            dose: rates.and_then(|r| r.get("doseQuantity")).and_then(quantity),
            daily: rates
                .and_then(|r| r.get("rateRatio"))
                .and_then(|r| r.get("numerator"))
                .and_then(quantity),
            total: supply.and_then(|s| s.get("quantity")).and_then(quantity),
            days: supply
                .and_then(|s| s.get("expectedSupplyDuration"))
                .and_then(quantity),
            prescriber,
            notes: notes(node),
        }
    }
}

/// Since when a dosage applies.
fn start_of_use(dosage: Node<'_>) -> Option<String> {
    dosage
        .list("extension")
        .find(|e| e.str("url") == Some(system::EXT_PERIOD_OF_USE))
        .and_then(|e| text_at(e, &["valuePeriod", "start"]))
        .map(str::to_owned)
}

fn quantity(node: Node<'_>) -> Option<Quantity> {
    Some(Quantity {
        number: observation::number(node)?,
        unit: owned(node, "unit").or_else(|| owned(node, "code")),
    })
}
