//! How items of the shared record look, for every desk alike.

use access::consent::Category;
use kernel::time::JstDate;
use maud::Markup;
use web::ui::{self, Lang};

use crate::model::{Certainty, Item, Provenance, What};

/// Where an item comes from, in one line.
#[must_use]
pub fn provenance(lang: Lang, from: &Provenance) -> Markup {
    ui::provenance(
        lang,
        &from.facility,
        from.department.as_deref(),
        from.registered_at.jst_date(),
    )
}

/// Allergies and contraindications as lines for [`ui::cautions`].
#[must_use]
pub fn caution_lines(lang: Lang, items: &[Item]) -> Vec<ui::Caution<'_>> {
    items
        .iter()
        .filter_map(|item| match &item.what {
            What::Allergy(allergy) => Some(ui::Caution {
                kind: if item.category == Category::Contraindications {
                    ui::CautionKind::DrugContraindication
                } else {
                    ui::CautionKind::Allergy
                },
                substance: &allergy.substance,
                reaction: allergy.reaction.as_deref(),
                high_risk: allergy.high_risk,
                tags: caution_tags(lang, item, &allergy.status),
                provenance: provenance(lang, &item.provenance),
            }),
            _ => None,
        })
        .collect()
}

/// The tags of a caution: one of few lists, made in advance because lines borrow them.
fn caution_tags(lang: Lang, item: &Item, status: &str) -> &'static [ui::Tag<'static>] {
    const fn lists(lang: Lang) -> [[ui::Tag<'static>; 3]; 2] {
        let (unsure, long) = (unconfirmed(lang), ui::Tag::long_term(lang));
        let past = ui::Tag {
            label: lang.pick("過去", "past"),
            tone: ui::TagTone::Neutral,
        };
        // Each combination is a run of neighbours in one of the two orders.
        [[past, unsure, long], [past, long, unsure]]
    }
    static JA: [[ui::Tag<'static>; 3]; 2] = lists(Lang::Ja);
    static EN: [[ui::Tag<'static>; 3]; 2] = lists(Lang::En);
    let [by_doubt, by_term] = match lang {
        Lang::Ja => &JA,
        Lang::En => &EN,
    };
    let is_past = matches!(status, "inactive" | "resolved");
    let is_unsure = item.certainty == Certainty::Unconfirmed;
    let run = match (is_past, is_unsure, item.flags.long_term) {
        (false, false, false) => return &[],
        (true, false, false) => by_doubt.get(..1),
        (true, true, false) => by_doubt.get(..2),
        (true, true, true) => by_doubt.get(..),
        (false, true, false) => by_doubt.get(1..2),
        (false, true, true) => by_doubt.get(1..),
        (true, false, true) => by_term.get(..2),
        (false, false, true) => by_term.get(1..2),
    };
    run.unwrap_or_default()
}

/// 疑い・未確定: told, but not yet sure.
const fn unconfirmed(lang: Lang) -> ui::Tag<'static> {
    ui::Tag {
        label: lang.pick("疑い・未確定", "unconfirmed"),
        tone: ui::TagTone::Caution,
    }
}

/// The list of conditions, the main and active ones first.
#[must_use]
pub fn conditions(lang: Lang, items: &[Item]) -> Markup {
    let mut found: Vec<_> = items
        .iter()
        .filter_map(|item| match &item.what {
            What::Condition(condition) => Some((item, condition)),
            _ => None,
        })
        .collect();
    found.sort_by_key(|(_, c)| (c.status != "active", !c.is_main, c.onset.map(days_back)));
    let tags: Vec<Vec<ui::Tag<'_>>> = found
        .iter()
        .map(|(item, condition)| {
            let main = ui::Tag {
                label: lang.pick("主傷病", "main"),
                tone: ui::TagTone::Info,
            };
            [
                (condition.is_main, main),
                (item.certainty == Certainty::Unconfirmed, unconfirmed(lang)),
                (item.flags.uninformed, ui::Tag::uninformed(lang)),
                (item.flags.long_term, ui::Tag::long_term(lang)),
            ]
            .into_iter()
            .filter_map(|(is, tag)| is.then_some(tag))
            .collect()
        })
        .collect();
    let lines: Vec<ui::ConditionLine<'_>> = found
        .iter()
        .zip(&tags)
        .map(|((item, condition), tags)| ui::ConditionLine {
            name: &condition.name,
            since: condition.onset,
            status: status(lang, &condition.status),
            tags,
            provenance: provenance(lang, &item.provenance),
        })
        .collect();
    ui::conditions(lang, &lines)
}

/// Later dates first.
fn days_back(date: JstDate) -> std::cmp::Reverse<JstDate> {
    std::cmp::Reverse(date)
}

fn status(lang: Lang, code: &str) -> &'static str {
    match code {
        "active" => lang.pick("治療中・継続", "active"),
        "recurrence" | "relapse" => lang.pick("再発", "recurrence"),
        "inactive" => lang.pick("落ち着いている", "inactive"),
        "remission" => lang.pick("寛解", "remission"),
        "resolved" => lang.pick("治癒", "resolved"),
        _ => lang.pick("状態の記載なし", "no status given"),
    }
}
