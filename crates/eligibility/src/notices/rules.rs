//! What a facility does about a notice, and from where a program goes on asking.

use kernel::{Text, time::Timestamp};
use registry::{
    reliance::{Matter, NoticeId},
    terms::Field,
};

/// A change that began earlier than this has ended: an operation lasts seconds.
const SETTLED_SECONDS: i64 = 120;

/// What to do (返戻・請求の直し).
#[must_use]
pub fn next_step(matter: &Matter) -> Text {
    let changed = |fields: &[Field]| {
        matter
            .differences
            .iter()
            .any(|one| fields.contains(&one.field))
    };
    let (ja, en) = if !matter.is_covered {
        (
            "この期間の受診は、前の資格では請求できません。患者さんに新しい資格を確認してください。請求済みのものは取り下げを依頼し、新しい資格で請求し直してください。",
            "what fell into these days cannot be billed to this coverage: ask the patient for the new one, withdraw claims already sent, and bill again",
        )
    } else if changed(&[Field::Insurer, Field::Symbol, Field::Number, Field::Branch]) {
        (
            "カルテと会計の登録を新しい保険者・番号に直してください。請求済みのものは取り下げを依頼し、直してから請求し直してください。",
            "correct insurer and numbers in your systems, withdraw claims already sent, and bill again",
        )
    } else if changed(&[
        Field::Copay,
        Field::CeilingClass,
        Field::CeilingEnd,
        Field::ElderlyEnd,
        Field::Diseases,
    ]) {
        (
            "この期間の窓口負担を計算し直し、差額を患者さんと精算してください。請求済みのものは取り下げを依頼し、直してから請求し直してください。",
            "work out the copay of these days anew, settle the difference with the patient, withdraw claims already sent, and bill again",
        )
    } else {
        (
            "カルテと会計の登録を新しい内容に直してください。",
            "bring the record and billing systems up to date",
        )
    };
    Text { ja, en }
}

/// From where a program goes on: after the last of a full page; else behind what may still be
/// under way.
#[must_use]
pub fn next_cursor(
    after: NoticeId,
    last: Option<NoticeId>,
    is_full: bool,
    at: Timestamp,
) -> NoticeId {
    let reached = last.unwrap_or(after);
    if is_full {
        reached
    } else {
        reached.min(NoticeId::first_of(at.plus_seconds(-SETTLED_SECONDS)))
    }
}
