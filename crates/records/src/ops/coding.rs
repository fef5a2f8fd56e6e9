//! What the masters say about the codes of a document: the sender mends it, nobody waits for it.

use kernel::Finding;
use masters::{allergen, lab};
use store::{Call, Stop};

use crate::{
    errors,
    model::{Checked, Item, Lab, Standard, What},
};

/// Allergens whose code is not in the master, or is used no more.
///
/// # Errors
/// [`store::StoreError`].
pub(super) fn warnings(call: &Call<'_>, checked: &Checked) -> Result<Vec<Finding>, Stop> {
    let mut found = Vec::new();
    for (index, item) in checked.items.iter().enumerate() {
        let What::Allergy(allergy) = &item.what else {
            continue;
        };
        // Drugs are coded by the drug masters, which are not among these.
        let is_listed = |code: &&String| code.starts_with("J9") || code.starts_with("D9");
        let Some(code) = allergy.code.as_ref().filter(is_listed) else {
            continue;
        };
        let entry = match allergen::standing(call, code, call.at().jst_date())? {
            allergen::Standing::Unknown => &errors::ALLERGEN_UNKNOWN,
            allergen::Standing::Ended(_) => &errors::ALLERGEN_ENDED,
            allergen::Standing::Current(_) | allergen::Standing::NotLoaded => continue,
        };
        let place = index.saturating_add(1);
        found.push(Finding {
            path: format!("Bundle.entry[{place}].resource.code.coding"),
            rule: entry.code.to_owned(),
            found: code.clone(),
            remedy_ja: entry.remedy.ja.to_owned(),
            remedy_en: entry.remedy.en.to_owned(),
        });
    }
    Ok(found)
}

/// A code that says only that there is none needs words of its own.
pub(super) fn dummy_without_words(code: &str, text: &str, display: Option<&str>) -> bool {
    let text = text.trim();
    let says_nothing =
        text.is_empty() || Some(text) == display.map(str::trim) || text.contains("ダミーコード");
    allergen::DUMMIES.contains(&code) && says_nothing
}

/// Puts results under their item and in its one unit, as far as that can be said exactly.
///
/// # Errors
/// [`store::StoreError`].
pub(super) fn unite(call: &Call<'_>, items: &mut [Item]) -> Result<(), Stop> {
    for item in items {
        let What::Lab(lab) = &mut item.what else {
            continue;
        };
        if lab::by_name(&lab.key).is_none()
            && let Some(code) = &lab.code
            && let Some(pair) = lab::pairs(call, code, lab.on)?.into_iter().next()
        {
            lab.key = pair.item;
        }
        lab.standard = standard(lab);
    }
    Ok(())
}

/// A result in its item's unit. A range that cannot be converted leaves the result as it was
/// sent: a curve never stands beside another's range.
fn standard(lab: &Lab) -> Option<Standard> {
    let on = lab.on.to_string();
    let convert = |number: &str| lab::convert(&lab.key, number, &lab.unit, &on);
    let both = |text: &Option<String>| match text {
        Some(text) => convert(text).map(|c| Some(c.number)),
        None => Some(None),
    };
    let (low, high) = (both(&lab.low)?, both(&lab.high)?);
    let bare = lab.value.trim_start_matches(['<', '>', '=']);
    let sign = lab.value.strip_suffix(bare).unwrap_or_default();
    let number = convert(lab.number.as_deref().unwrap_or(bare))?;
    Some(Standard {
        value: format!("{sign}{}", number.number),
        number: lab.number.is_some().then(|| number.number.clone()),
        unit: number.unit.to_owned(),
        low,
        high,
        is_converted: number.is_converted,
    })
}
