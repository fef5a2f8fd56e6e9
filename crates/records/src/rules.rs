//! Who sees what, and how long what is kept.

pub mod retention;
pub mod stale;

use crate::model::Flags;

pub use retention::kept;

/// Who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// The facility that registered the entry.
    Sender,
    /// Staff of another facility, within consent.
    Facility,
    /// The person themself.
    Patient,
}

/// May a viewer see an entry with these flags?
///
/// Source: clins-documents section b: UNINFORMED is hidden in the patient's portal while
/// facilities see it, marked; UNDELIVERED goes to neither. The sender knows what it sent.
#[must_use]
pub const fn is_visible(flags: Flags, viewer: Viewer) -> bool {
    match viewer {
        Viewer::Sender => true,
        Viewer::Facility => !flags.undelivered,
        Viewer::Patient => !flags.undelivered && !flags.uninformed,
    }
}
