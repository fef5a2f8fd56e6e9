//! Receptions of bulk files, and what is found about one person.

use kernel::time::{JstDate, Timestamp};
use oqs::{
    codes::Segment,
    message::{BulkAnswer, BulkRequest},
};
use registry::model::{Coverage, Profile};

use crate::model::{Confirmed, Reason};

/// People in one bulk file.
pub const LINES_MAX: usize = 500;
/// Receptions that a facility may have.
pub const RECEPTIONS_MAX: i64 = 50;
/// Hours for which a result is kept.
pub const KEPT_HOURS: i64 = 7 * 24;

/// Identifier of a reception (受付番号).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceptionId([u8; 16]);

impl ReceptionId {
    /// A new one.
    pub fn random(rng: &dyn kernel::id::Rng) -> Self {
        let mut bytes = [0; 16];
        rng.fill(&mut bytes);
        Self(bytes)
    }

    /// As stored.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// From 32 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        kernel::hex::decode_array(text).map(Self)
    }

    /// As stored.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// 32 hexadecimal digits.
    pub fn to_hex(self) -> String {
        kernel::hex::encode(&self.0)
    }
}

/// A bulk file that was taken: what was asked, and what has been found so far.
#[derive(Clone, PartialEq, Eq)]
pub struct Reception {
    /// Identifier.
    pub id: ReceptionId,
    /// When it was taken.
    pub at: Timestamp,
    /// People asked about.
    pub lines: usize,
    /// People answered so far, the first ones of the file.
    pub done: usize,
    /// The question; nothing in it when all are answered.
    pub asked: BulkRequest,
    /// The answers so far.
    pub told: BulkAnswer,
}

impl Reception {
    /// Has everybody been answered?
    pub const fn is_ready(&self) -> bool {
        self.done >= self.lines
    }

    /// How it stands, in the words of the files.
    pub const fn segment(&self) -> Segment {
        if self.is_ready() {
            Segment::Done
        } else {
            Segment::Processing
        }
    }
}

/// What was found about one person.
#[derive(Clone, PartialEq, Eq)]
pub struct Told {
    /// For which date.
    pub on: JstDate,
    /// Who.
    pub profile: Profile,
    /// The coverage that holds.
    pub coverage: Coverage,
    /// Remarks.
    pub reasons: Vec<Reason>,
}

impl From<Confirmed> for Told {
    fn from(found: Confirmed) -> Self {
        Self {
            on: found.on,
            profile: found.profile,
            coverage: found.coverage,
            reasons: found.reasons,
        }
    }
}
