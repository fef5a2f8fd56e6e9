//! How items of the shared record look, for every desk alike.

use access::consent::Category;
use kernel::time::JstDate;
use maud::{Markup, html};
use web::ui::{self, Lang};

use crate::model::{Certainty, Item, Prescription, Provenance, Standing, Verdict, What};

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

/// Where an item comes from, and what was said of it since.
#[must_use]
pub fn origin(lang: Lang, item: &Item) -> Markup {
    html! {
        (provenance(lang, &item.provenance))
        @if item.flags.uninformed { (recorded(lang, item)) }
        @if let Some(said) = &item.standing { (standing(lang, said)) }
    }
}

/// On which day a doctor recorded what the patient has not been told (未告知).
fn recorded(lang: Lang, item: &Item) -> Markup {
    let registered = item.provenance.registered_at.jst_date();
    let on = match &item.what {
        What::Condition(condition) => condition.recorded.unwrap_or(registered),
        _ => registered,
    };
    html! { p.provenance {
        @match lang {
            Lang::Ja => { "患者さんには未告知です(" (ui::date(lang, on)) "に記録)" },
            Lang::En => { "The patient has not been informed (recorded " (ui::date(lang, on)) ")" },
        }
    } }
}

fn standing(lang: Lang, said: &Standing) -> Markup {
    let on = ui::date(lang, said.at.jst_date());
    html! { p.provenance {
        @match (said.verdict, lang) {
            (Verdict::Confirmed, Lang::Ja) => { (on) "に" (said.facility) "が確認" },
            (Verdict::Confirmed, Lang::En) => { "confirmed on " (on) " by " (said.facility) },
            (Verdict::Retired, Lang::Ja) => {
                strong { "「現在は該当しない」" } " " (on) "・" (said.facility) "・理由: " (said.reason)
            },
            (Verdict::Retired, Lang::En) => {
                strong { "No longer holds" } ", " (on) ", " (said.facility) ", because: " (said.reason)
            },
        }
    } }
}

/// Prescriptions, the newest first.
#[must_use]
pub fn prescriptions(lang: Lang, id: &str, items: &[Item]) -> Markup {
    let mut found: Vec<(&Item, &Prescription)> = items
        .iter()
        .filter_map(|item| match &item.what {
            What::Prescription(one) => Some((item, one)),
            _ => None,
        })
        .collect();
    found.sort_by_key(|(_, one)| std::cmp::Reverse(one.on));
    // A letter and a summary name the same order: it stands once. Twice in one document stays so.
    let mut seen: Vec<(&Item, &Prescription)> = Vec::new();
    found.retain(|(item, one)| {
        let is_again = seen.iter().any(|(before, order)| {
            order == one
                && before.provenance.institution == item.provenance.institution
                && before.keys.document != item.keys.document
        });
        seen.push((item, one));
        !is_again
    });
    let columns = [
        lang.pick("お薬", "Medicine"),
        lang.pick("処方日", "Prescribed"),
        lang.pick("用法", "Usage"),
        lang.pick("量・日数", "Amount"),
        lang.pick("登録", "From"),
    ];
    let columns = columns.map(|label| ui::Column {
        label,
        numeric: false,
    });
    let rows: Vec<Vec<Markup>> = found
        .iter()
        .map(|(item, one)| {
            vec![
                html! { (one.medicine) },
                ui::date(lang, one.on),
                html! { (one.usage) },
                html! { (one.amount) },
                origin(lang, item),
            ]
        })
        .collect();
    ui::data_table(&ui::Table {
        id,
        caption: lang.pick(
            "処方(文書から、新しい順)",
            "Prescriptions out of documents, newest first",
        ),
        columns: &columns,
        rows: &rows,
        empty: lang.pick("処方の登録はありません。", "No prescriptions."),
    })
}

/// What stands behind each line of a list, such as a button.
pub type More<'m> = &'m dyn Fn(&Item) -> Markup;

/// Nothing stands behind it.
#[must_use]
pub fn nothing(_: &Item) -> Markup {
    html! {}
}

/// Allergies and contraindications as lines for [`ui::cautions`], those that still hold first.
#[must_use]
pub fn caution_lines<'i>(lang: Lang, items: &'i [Item], more: More<'_>) -> Vec<ui::Caution<'i>> {
    let mut items: Vec<&Item> = items.iter().collect();
    items.sort_by_key(|item| is_retired(item));
    items
        .into_iter()
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
                provenance: html! { (origin(lang, item)) (more(item)) },
            }),
            _ => None,
        })
        .collect()
}

/// Did a doctor say that it no longer holds?
#[must_use]
pub fn is_retired(item: &Item) -> bool {
    let said = item.standing.as_ref();
    said.is_some_and(|said| said.verdict == Verdict::Retired)
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
pub fn conditions(lang: Lang, items: &[Item], more: More<'_>) -> Markup {
    let mut found: Vec<_> = items
        .iter()
        .filter_map(|item| match &item.what {
            What::Condition(condition) => Some((item, condition)),
            _ => None,
        })
        .collect();
    found.sort_by_key(|(item, c)| {
        let is_past = is_retired(item) || c.status != "active";
        (is_past, !c.is_main, c.onset.map(days_back))
    });
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
            provenance: html! { (origin(lang, item)) (more(item)) },
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
