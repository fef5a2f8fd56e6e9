//! `$summary`: what the facility keeps of a patient as an International Patient Summary.
//!
//! A document of problems, allergies and drugs always, and of what else there is. Where the
//! facility keeps nothing, the document says "no information", which is not "none known": that
//! only a recorded resource says.
//!
//! Source: HL7 International Patient Summary 2.0, Composition-uv-ips; EN 17269.

mod document;
mod narrative;
mod section;

use kernel::{Refusal, hex, id::Rng, time::Timestamp};
use store::{Call, Stop, caller::Home};
use web::{Answer, Request};

use super::{
    asked, errors,
    record::{self, Filter},
};
use crate::{api::speech::check_format, model::Resource, ops::Partition};
use section::SECTIONS;

/// Most resources that are looked at.
const RESOURCES_MAX: usize = 5_000;

/// What was read for the document.
struct Source {
    origin: String,
    patient: Resource,
    resources: Vec<Resource>,
    /// The facility's own to which they refer.
    followed: Vec<Resource>,
    home: Home,
    at: Timestamp,
    names: Names,
}

/// Names of what is made for the document alone, random UUIDs.
struct Names {
    bundle: String,
    composition: String,
    author: String,
    /// Of what stands for "no information", one for each section.
    nothing: Vec<String>,
}

impl Names {
    fn new(rng: &dyn Rng) -> Self {
        Self {
            bundle: uuid(rng),
            composition: uuid(rng),
            author: uuid(rng),
            nothing: SECTIONS.iter().map(|_| uuid(rng)).collect(),
        }
    }
}

pub(super) async fn summary(request: Request) -> Result<Answer, Refusal> {
    check_format(&request)?;
    asked(&request, &[])?;
    let id = request.param("id").to_owned();
    let (home, origin) = (request.home()?.clone(), request.app().origin.clone());
    let source = request
        .read(move |call| {
            let own = Partition::of(call, &home, &origin)?;
            read(call, own, &home, &id)
        })
        .await?;
    let document = request.compute(move || document::write(&source)).await?;
    Ok(Answer::fhir(200, document))
}

fn read(call: &mut Call<'_>, own: Partition, home: &Home, id: &str) -> Result<Source, Stop> {
    let record = record::open(call, own, id)?;
    let filter = Filter {
        types: section::TYPES.map(str::to_owned).to_vec(),
        since: None,
    };
    let part = record.part(call, &filter, None, RESOURCES_MAX)?;
    if part.has_more {
        return Err(Stop::from(&errors::BOUND));
    }
    let followed = record.followed(call, &part.resources)?;
    Ok(Source {
        origin: record.own.origin,
        patient: record.patient,
        resources: part.resources,
        followed,
        home: home.clone(),
        at: call.at(),
        names: Names::new(call.rng()),
    })
}

/// A random UUID of version 4.
///
/// Source: RFC 9562 section 5.4.
fn uuid(rng: &dyn Rng) -> String {
    let mut bytes = [0; 16];
    rng.fill(&mut bytes);
    let bits = u128::from_be_bytes(bytes);
    let bits = bits & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let digits = hex::encode(&bits.to_be_bytes());
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    let parts = [
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32),
    ];
    parts.join("-")
}
