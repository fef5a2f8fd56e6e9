//! The operations of the FHIR loads, for the floor below them: on the patients and results
//! that the generator made, whose ids it left in the folder.

use std::{fs, path::Path};

use access::Gate;
use anyhow::{Context, anyhow};
use fhir_server::{
    draft::Draft,
    ops::{self, Partition},
    search::Query,
};
use peers::bench::fhir::{IDS_FILE, Ids, made};
use store::{
    Call, Stop,
    caller::{Home, Purpose},
};

use super::PREPARE;
use crate::town;

/// Results of one transaction.
const TRANSACTION: u64 = 20;

/// What the operations are about.
pub(super) struct Records {
    home: Home,
    ids: Ids,
}

impl Records {
    /// Of a folder in which the generator has made them.
    ///
    /// # Errors
    /// When it has not.
    pub(super) fn of(folder: &Path, home: Home) -> anyhow::Result<Self> {
        let bytes = fs::read(folder.join(IDS_FILE)).context("no results were made")?;
        let ids: Ids = serde_json::from_slice(&bytes)?;
        anyhow::ensure!(
            !ids.patients.is_empty() && !ids.observations.is_empty(),
            "no results were made"
        );
        Ok(Self { home, ids })
    }

    fn one(all: &[String], spread: usize) -> anyhow::Result<String> {
        let one = all.get(spread % all.len().max(1));
        one.cloned().context("an id")
    }

    /// Carries out operation number `spread` of a load.
    ///
    /// # Errors
    /// When it is refused.
    pub(super) fn run(&self, gate: &Gate, kind: &str, spread: usize) -> anyhow::Result<()> {
        let intent = gate.intent(town::system_of(&self.home), Purpose::Treatment, &PREPARE);
        let home = self.home.clone();
        let own = move |call: &Call<'_>| Partition::of(call, &home, "");
        let patient = Self::one(&self.ids.patients, spread)?;
        let number = u64::try_from(spread)?;
        let done = match kind {
            "fhir-read" => {
                let id = Self::one(&self.ids.observations, spread)?;
                gate.read(intent, move |call| {
                    let own = own(call)?;
                    ops::read(call, &own, "Observation", &id).map(drop)
                })
            }
            "fhir-search" => {
                let code = made::code(number);
                let pair = |name: &str, value: String| (name.to_owned(), value);
                let pairs = [
                    pair("patient", format!("Patient/{patient}")),
                    pair("code", format!("http://loinc.org|{code}")),
                ];
                let query = Query::parse("Observation", &pairs, "");
                let query = query.map_err(|refusal| anyhow!("{refusal}"))?;
                gate.read(intent, move |call| {
                    let own = own(call)?;
                    ops::search(call, &own, &query).map(drop)
                })
            }
            _ => {
                let count = if kind == "fhir-transaction" {
                    TRANSACTION
                } else {
                    1
                };
                let drafts = (0..count)
                    .map(|nth| {
                        let text = made::observation(&patient, nth, number.wrapping_add(nth));
                        let draft = Draft::read("Observation", text.as_bytes());
                        let draft = draft.map_err(|refusal| anyhow!("{refusal}"))?;
                        let packed = ops::packed(&draft);
                        Ok((draft, packed))
                    })
                    .collect::<anyhow::Result<Vec<_>>>()?;
                gate.write(intent, move |call| {
                    let own = own(call)?;
                    for (draft, packed) in &drafts {
                        ops::create(call, &own, draft, packed, None)?;
                    }
                    Ok::<(), Stop>(())
                })
            }
        };
        done.wait().map_err(|stop| anyhow!("{stop:?}"))
    }
}
