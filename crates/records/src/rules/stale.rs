//! When a doctor is asked whether an old entry still holds (「いまも該当しますか」).
//!
//! Source: peers D (old allergy entries that nobody looks at again); no published figure exists:
//! the spans are the operator's, dated like every other rule.

use access::consent::Category;
use kernel::time::JstDate;

use super::retention::Span;
use crate::model::{Certainty, Item, Verdict, What};

/// One rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The first day on which it holds, `YYYY-MM-DD`.
    pub from: &'static str,
    /// For which information.
    pub category: Category,
    /// So long after it was registered or last confirmed.
    pub after: Span,
}

/// The rules, each category by its day.
pub const ASKS: &[Ask] = &[
    Ask {
        from: "2025-01-01",
        category: Category::Conditions,
        after: Span::Years(1),
    },
    Ask {
        from: "2025-01-01",
        category: Category::Allergies,
        after: Span::Years(2),
    },
    Ask {
        from: "2025-01-01",
        category: Category::Contraindications,
        after: Span::Years(2),
    },
];

/// May a doctor confirm or retire such an entry at all? A result is what was measured that day.
#[must_use]
pub fn is_askable(category: Category) -> bool {
    ASKS.iter().any(|ask| ask.category == category)
}

/// Was the entry neither registered nor confirmed for so long that it is asked about?
#[must_use]
pub fn is_stale(asks: &[Ask], item: &Item, today: JstDate) -> bool {
    let day = today.to_string();
    let in_force = asks
        .iter()
        .filter(|ask| ask.category == item.category && ask.from <= day.as_str())
        .max_by_key(|ask| ask.from);
    let Some(ask) = in_force else { return false };
    let status = match &item.what {
        What::Condition(condition) => condition.status.as_str(),
        What::Allergy(allergy) => allergy.status.as_str(),
        What::Lab(_) | What::Prescription(_) => return false,
    };
    let is_over = matches!(status, "inactive" | "resolved" | "remission");
    if is_over || item.certainty == Certainty::Retracted {
        return false;
    }
    let registered = item.provenance.registered_at.jst_date();
    let last = match &item.standing {
        Some(said) if said.verdict == Verdict::Retired => return false,
        Some(said) => registered.max(said.at.jst_date()),
        None => registered,
    };
    ask.after.end(last) <= today
}
