//! `$export`: one patient's record in the caller's own partition, as files of NDJSON.
//!
//! A kick-off is answered at once with where to look; a job writes one type after another, each
//! in an operation of its own and in the name of whoever asked, sealed under the person, and
//! the files are gone a day after they are complete. Only a facility's own system exports, and
//! each export stands in the person's history.
//!
//! Source: Bulk Data Access 2.0 (kick-off, status, manifest, delete), here for one patient: there
//! is no export across people (design, section 2).

mod api;
pub(crate) mod store;
pub mod work;

use kernel::{
    hex,
    id::{FacilityId, Rng},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

pub(crate) use api::routes;

/// Identifier of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExportId([u8; 16]);

impl ExportId {
    fn random(rng: &dyn Rng) -> Self {
        let mut bytes = [0; 16];
        rng.fill(&mut bytes);
        Self(bytes)
    }

    /// From 32 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        hex::decode_array(text).map(Self)
    }

    /// 32 hexadecimal digits.
    #[must_use]
    pub fn to_hex(self) -> String {
        hex::encode(&self.0)
    }
}

/// Where an export stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Its turn has not ended yet.
    Waiting,
    /// Its files are there.
    Done,
    /// It could not be done.
    Failed,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        let all = [Self::Waiting, Self::Done, Self::Failed];
        all.into_iter().find(|state| state.word() == word)
    }
}

/// An export as it is kept.
#[derive(Clone)]
struct Export {
    facility: FacilityId,
    id: ExportId,
    state: State,
    /// When it was asked for: what was written later is not in it.
    asked_at: Timestamp,
    /// Types that are written, of how many.
    done: i64,
    total: i64,
    body: Body,
}

/// What of an export is sealed.
#[derive(Clone, Serialize, Deserialize)]
struct Body {
    /// Id of the Patient.
    patient: String,
    /// Which types; none is all.
    types: Vec<String>,
    /// Written after, as an instant.
    since: Option<String>,
    /// The kick-off's address, which the manifest repeats.
    request: String,
    /// Who asked: client, and name.
    client: String,
    name: String,
    /// The facility's code and name.
    code: String,
    home: String,
    /// Files that are there: type and number of resources.
    files: Vec<(String, u64)>,
    /// Types that are still to be written.
    left: Vec<String>,
    /// What could not be done.
    trouble: Option<String>,
    /// Under whom the files lie, by the Patient's id.
    scopes: Option<String>,
}
