//! The form of a change: the items of the API as fields, in groups.

use kernel::Refusal;
use maud::{Markup, html};
use registry::model::{CeilingClass, CertificateKind, Coverage, LossReason};
use web::ui::{self, Choice, Field, Lang};

use crate::wire::{self, WireChange};

/// Before the items of the form for a loss, which stands beside the one for a change.
pub(super) const LOST: &str = "lost-";

/// Items that are dates.
const DATES: [&str; 22] = [
    "birth_date",
    "from",
    "until",
    "issued_on",
    "card_from",
    "card_last",
    "ceiling_issued_on",
    "ceiling_from",
    "ceiling_last",
    "ceiling_long_term_from",
    "elderly_issued_on",
    "elderly_from",
    "elderly_last",
    "dialysis_issued_on",
    "dialysis_from",
    "dialysis_last",
    "haemophilia_issued_on",
    "haemophilia_from",
    "haemophilia_last",
    "hiv_issued_on",
    "hiv_from",
    "hiv_last",
];

/// An item's name for people.
pub(super) fn label(lang: Lang, item: &str) -> String {
    let place = wire::place_of(item).and_then(|place| wire::ITEMS.get(place));
    match (lang, place) {
        (Lang::Ja, Some((_, ja, _))) => (*ja).to_owned(),
        _ => item.replace('_', " "),
    }
}

/// Fields of these items, with what was typed and what was wrong with it. An item whose name
/// ends in `*` must be filled in.
pub(super) fn fields(
    lang: Lang,
    items: &[&str],
    typed: &WireChange,
    why: Option<&Refusal>,
) -> Markup {
    html! { @for item in items { (field(lang, item, typed, why)) } }
}

fn field(lang: Lang, item: &str, typed: &WireChange, why: Option<&Refusal>) -> Markup {
    let (name, required) = match item.strip_suffix('*') {
        Some(name) => (name, true),
        None => (item, false),
    };
    // Two forms of a page may ask for the same item: each field has an id of its own.
    let (id, name) = (name, name.strip_prefix(LOST).unwrap_or(name));
    let error = why.and_then(|why| why.findings.iter().find(|one| one.path == name));
    let error = error.map(|one| lang.pick(&one.remedy_ja, &one.remedy_en));
    let place = wire::place_of(name).and_then(|place| wire::ITEMS.get(place));
    let form = place.map_or("", |(_, _, form)| *form);
    let label = label(lang, name);
    let value = typed.get(name);
    let choices = choices(name);
    let is_date = DATES.contains(&name);
    let field = Field {
        lang,
        name: id,
        label: &label,
        hint: (lang == Lang::Ja && choices.is_empty() && !is_date && !form.is_empty())
            .then_some(form),
        error,
        value,
        required,
        width: ui::Width::Medium,
        ..Field::default()
    };
    if is_date {
        return ui::date_field(&field, None, None);
    }
    if choices.is_empty() {
        return ui::text_field(&field);
    }
    let choices: Vec<Choice<'_>> = choices
        .iter()
        .map(|(value_, label)| Choice {
            value: value_,
            label,
            checked: value_ == value,
            ..Choice::default()
        })
        .collect();
    ui::select_field(&field, &choices)
}

/// The values of an item that has a list of them.
fn choices(item: &str) -> Vec<(String, String)> {
    let pair = |code: &str, ja: &str| (code.to_owned(), format!("{code} {ja}"));
    match item {
        "sex" => vec![pair("1", "男性"), pair("2", "女性"), pair("3", "不明")],
        "relation" => vec![pair("1", "本人"), pair("2", "家族")],
        "copay" | "elderly_copay" => (0..=3).map(|n| pair(&n.to_string(), "割")).collect(),
        "loss_reason" => LossReason::ALL
            .iter()
            .map(|one| pair(one.code(), one.ja()))
            .collect(),
        "ceiling_class" => CeilingClass::ALL
            .iter()
            .map(|one| pair(one.code(), one.ja()))
            .collect(),
        "ceiling_kind" => CertificateKind::ALL
            .iter()
            .map(|one| pair(one.code(), one.ja()))
            .collect(),
        _ => Vec::new(),
    }
}

/// A coverage as the form shows it, to be changed.
pub(super) fn of_coverage(coverage: &Coverage) -> WireChange {
    let mut wire = WireChange::default();
    let mut set = |name: &str, value: &str| wire.set(name, value);
    let last = |until: Option<kernel::time::JstDate>| {
        until.map_or_else(String::new, |day| day.plus_days(-1).to_string())
    };
    set("symbol", coverage.symbol.as_str());
    set("number", coverage.person_number.as_str());
    set(
        "branch",
        coverage.branch.as_ref().map_or("", |b| b.as_str()),
    );
    set("from", &coverage.period.from().to_string());
    let until = coverage.period.until().map(|day| day.to_string());
    set("until", &until.unwrap_or_default());
    set("loss_reason", coverage.loss.map_or("", LossReason::code));
    set(
        "relation",
        if coverage.is_insured_person { "1" } else { "2" },
    );
    set(
        "insured_name",
        coverage.insured_name.as_deref().unwrap_or(""),
    );
    set("copay", &coverage.copay.get().to_string());
    set("card_kind", &coverage.card_kind);
    set("issued_on", &coverage.issued_on.to_string());
    if let Some(period) = coverage.card_period {
        set("card_from", &period.from().to_string());
        set("card_last", &last(period.until()));
    }
    if let Some(ceiling) = &coverage.ceiling {
        set("ceiling_class", ceiling.class.code());
        if let Some(one) = &ceiling.certificate {
            set("ceiling_kind", one.kind.code());
            set("ceiling_issued_on", &one.issued_on.to_string());
            set("ceiling_from", &one.period.from().to_string());
            set("ceiling_last", &last(one.period.until()));
            let long = one.long_term_from.map(|day| day.to_string());
            set("ceiling_long_term_from", &long.unwrap_or_default());
        }
    }
    if let Some(one) = &coverage.elderly {
        set("elderly_issued_on", &one.issued_on.to_string());
        set("elderly_from", &one.period.from().to_string());
        set("elderly_last", &last(one.period.until()));
        set("elderly_copay", &one.copay.get().to_string());
    }
    for one in &coverage.diseases {
        let name = match one.kind {
            registry::model::DiseaseKind::Dialysis => "dialysis",
            registry::model::DiseaseKind::Haemophilia => "haemophilia",
            registry::model::DiseaseKind::Hiv => "hiv",
        };
        set(&format!("{name}_issued_on"), &one.issued_on.to_string());
        set(&format!("{name}_from"), &one.period.from().to_string());
        set(&format!("{name}_last"), &last(one.period.until()));
        set(&format!("{name}_yen"), &one.self_pay.get().to_string());
    }
    wire
}
