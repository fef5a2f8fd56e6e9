//! The form of the choice: all, none, or what is chosen among six kinds that a person
//! understands; for this visit, for every visit, or for care at home.
//!
//! From the visit to done it is three clicks: open the form, choose, send; two for all or
//! none. The shared record is one of the six and can be opened into its five parts.

use access::{
    consent::{self, Category, Source},
    errors as no,
};
use kernel::{Refusal, time::Timestamp};
use maud::{Markup, html};
use web::{
    request::Form,
    ui::{self, Lang, Tone},
};

use super::sentence::until_words;
use crate::{api, ops};

/// The value that stands for the five parts of the shared record.
const SHARED: &str = "shared";
/// The field's value for a choice that holds for this visit alone.
const VISIT: &str = "visit";

/// What the form is made of.
pub struct Chooser<'a> {
    /// The language.
    pub lang: Lang,
    /// Where it is sent.
    pub action: &'a str,
    /// The form token of the session.
    pub csrf: &'a str,
    /// A further hidden field, where there is no session.
    pub token: Option<(&'a str, &'a str)>,
    /// Who asks.
    pub facility: &'a str,
    /// What is open now, to begin with.
    pub open: &'a [Category],
    /// What stands now.
    pub standing: Option<Source>,
    /// Now.
    pub at: Timestamp,
}

/// The form.
#[must_use]
pub fn chooser(of: &Chooser<'_>) -> Markup {
    let lang = of.lang;
    let facility = of.facility;
    let lead = match lang {
        Lang::Ja => format!(
            "「{facility}」に、診療のために見せてもよい情報を決めてください。見せなくても、診療は受けられます。"
        ),
        Lang::En => format!(
            "Decide what {facility} may see for your treatment. You are treated also if you show nothing."
        ),
    };
    let fields = html! {
        @if let Some((name, value)) = of.token { (ui::hidden(name, value)) }
        p { (lead) }
        (terms(of))
        (ui::actions(&[
            ui::submit_with(lang.pick("すべて見せる", "Show everything"), Tone::Primary, "choice", "all"),
            ui::submit_with(lang.pick("何も見せない", "Show nothing"), Tone::Secondary, "choice", "none"),
        ]))
        (kinds(of))
        (parts(of))
        (ui::actions(&[
            ui::submit_with(lang.pick("選んだ情報だけ見せる", "Show what is chosen"), Tone::Primary, "choice", "some"),
        ]))
        p { (lang.pick(
            "あとから「ご本人のページ」でいつでも取り消せます。",
            "You can take it back in the portal at any time.")) }
    };
    ui::form(of.action, of.csrf, &fields)
}

/// For how long.
fn terms(of: &Chooser<'_>) -> Markup {
    let lang = of.lang;
    let visit = until_words(lang, of.at.plus_hours(consent::HOURS), of.at);
    let year = of.at.plus_hours(consent::STANDING_DAYS * 24);
    let year = until_words(lang, year, of.at);
    let until = |end: &str| match lang {
        Lang::Ja => format!("{end}まで"),
        Lang::En => format!("until {end}"),
    };
    let renewed = |kind: Source| match (of.standing == Some(kind), lang) {
        (false, _) => "",
        (true, Lang::Ja) => "。いまも、この同意があります",
        (true, Lang::En) => "; it stands now",
    };
    let texts = [
        until(&visit),
        format!("{}{}", until(&year), renewed(Source::Standing)),
        format!("{}{}", until(&year), renewed(Source::HomeCare)),
    ];
    let labels = [
        lang.pick("今回だけ", "This visit only"),
        lang.pick(
            "次回からも、この医療機関には同じ内容で",
            "Also at the next visits here",
        ),
        lang.pick(
            "在宅(訪問)の診療・看護の間、カードなしで",
            "For care at home, without the card",
        ),
    ];
    let values = [VISIT, Source::Standing.word(), Source::HomeCare.word()];
    let options: Vec<ui::Choice<'_>> = values
        .iter()
        .zip(labels)
        .zip(&texts)
        .map(|((value, label), text)| ui::Choice {
            value,
            label,
            description: Some(text),
            checked: *value == VISIT,
        })
        .collect();
    ui::radio_cards(&ui::Choices {
        lang,
        name: "standing",
        legend: lang.pick("いつまで", "For how long"),
        required: true,
        options: &options,
        ..ui::Choices::default()
    })
}

fn is_all_shared(open: &[Category]) -> bool {
    Category::SHARED.iter().all(|c| open.contains(c))
}

/// The six kinds.
fn kinds(of: &Chooser<'_>) -> Markup {
    let lang = of.lang;
    let alone = [
        (
            Category::Medications,
            ("お薬の情報", "Medicines"),
            (
                "これまでに処方されたお薬の名前と量",
                "Names and amounts of what was prescribed",
            ),
        ),
        (
            Category::CareHistory,
            ("診療の情報", "Past care"),
            (
                "受診した医療機関と、受けた診療の内容",
                "Where you were treated and how",
            ),
        ),
        (
            Category::Surgery,
            ("手術の情報", "Operations"),
            ("これまでに受けた手術の名前と時期", "Which and when"),
        ),
        (
            Category::Checkups,
            ("健診の情報", "Health checkups"),
            ("特定健診など、健康診断の結果", "Their results"),
        ),
        (
            Category::Prescriptions,
            ("電子処方箋の情報", "Prescriptions"),
            (
                "電子処方箋で出されたお薬と、薬局で受け取ったお薬",
                "What was prescribed and dispensed electronically",
            ),
        ),
    ];
    let mut options: Vec<ui::Choice<'_>> = alone
        .iter()
        .map(|(category, label, more)| ui::Choice {
            value: category.word(),
            label: lang.pick(label.0, label.1),
            description: Some(lang.pick(more.0, more.1)),
            checked: of.open.contains(category),
        })
        .collect();
    options.push(ui::Choice {
        value: SHARED,
        label: lang.pick("電子カルテの共有情報", "The shared record"),
        description: Some(lang.pick(
            "アレルギー、使えないお薬、病名、感染症、検査結果",
            "Allergies, unsafe medicines, conditions, infections, test results",
        )),
        checked: is_all_shared(of.open),
    });
    ui::checkbox_cards(&ui::Choices {
        lang,
        name: "category",
        legend: lang.pick("選んで見せる", "Choose what to show"),
        options: &options,
        ..ui::Choices::default()
    })
}

/// The shared record's five parts.
fn parts(of: &Chooser<'_>) -> Markup {
    let lang = of.lang;
    let is_whole = is_all_shared(of.open);
    let options: Vec<ui::Choice<'_>> = Category::SHARED
        .iter()
        .map(|c| ui::Choice {
            value: c.word(),
            label: lang.pick(c.ja(), c.en()),
            description: (lang == Lang::Ja).then(|| c.explanation_ja()),
            checked: !is_whole && of.open.contains(c),
        })
        .collect();
    let is_open = options.iter().any(|option| option.checked);
    html! {
        details open[is_open] {
            summary { (lang.pick("電子カルテの共有情報を、分けて選ぶ", "Choose parts of the shared record")) }
            (ui::checkbox_cards(&ui::Choices {
                lang,
                name: "part",
                legend: lang.pick("共有情報のうち見せるもの", "Which parts of the shared record"),
                hint: Some(lang.pick(
                    "上の「電子カルテの共有情報」を選ぶと、この5つをすべて見せます。",
                    "Choosing the shared record above shows all five.")),
                options: &options,
                ..ui::Choices::default()
            }))
        }
    }
}

/// What was chosen in the form.
///
/// # Errors
/// `TSK-CNS-004`, `TSK-CNS-007` for what the form does not offer.
pub fn read(form: &Form, at: Timestamp) -> Result<ops::Chosen, Refusal> {
    let categories = match form.text("choice") {
        "all" => Category::ALL.to_vec(),
        "none" => Vec::new(),
        "some" => some(form)?,
        other => return Err(Refusal::at(&no::CONSENT_CATEGORY, "choice", other)),
    };
    let standing = match form.text("standing") {
        "" | VISIT => None,
        word => match Source::parse(word) {
            Some(kind @ (Source::Standing | Source::HomeCare)) => {
                let until = consent::standing_until(at, None).map_err(Refusal::new)?;
                Some((kind, until))
            }
            _ => return Err(Refusal::at(&no::CONSENT_PERIOD, "standing", word)),
        },
    };
    Ok(ops::Chosen {
        standing,
        ..ops::Chosen::for_visit(&categories)
    })
}

fn some(form: &Form) -> Result<Vec<Category>, Refusal> {
    let named = form.all("category");
    let mut words: Vec<&str> = named.iter().copied().filter(|w| *w != SHARED).collect();
    words.extend(form.all("part"));
    let mut categories = api::categories(&words)?;
    if named.contains(&SHARED) {
        let missing = Category::SHARED.iter().filter(|c| !categories.contains(c));
        let missing: Vec<Category> = missing.copied().collect();
        categories.extend(missing);
    }
    Ok(categories)
}
