//! Choosing from a list: radio cards, checkbox cards and a drop-down list.

use maud::{Markup, html};

use super::field::{described_by, frame, hint_and_error, requirement};
use super::{Field, Lang, field_id};

/// One thing to choose.
#[derive(Clone, Copy, Debug, Default)]
pub struct Choice<'a> {
    /// The value sent.
    pub value: &'a str,
    /// What it is called.
    pub label: &'a str,
    /// What choosing it means, one or two sentences.
    pub description: Option<&'a str>,
    /// Is it chosen at first?
    pub checked: bool,
}

/// A group of choices under one question.
#[derive(Clone, Copy, Debug, Default)]
pub struct Choices<'a> {
    /// The language of the words 必須 and 任意.
    pub lang: Lang,
    /// The form field's name, the same for all choices.
    pub name: &'a str,
    /// The question.
    pub legend: &'a str,
    /// One line of help below the question.
    pub hint: Option<&'a str>,
    /// What is wrong, after a failed submission.
    pub error: Option<&'a str>,
    /// Must something be chosen?
    pub required: bool,
    /// The choices, in order.
    pub options: &'a [Choice<'a>],
}

/// One of several, as large cards.
#[must_use]
pub fn radio_cards(choices: &Choices<'_>) -> Markup {
    cards(choices, "radio")
}

/// Any of several, as large cards; for consent, one card a category of information.
#[must_use]
pub fn checkbox_cards(choices: &Choices<'_>) -> Markup {
    cards(choices, "checkbox")
}

fn cards(choices: &Choices<'_>, input_type: &str) -> Markup {
    let Choices { name, error, .. } = *choices;
    let radio = input_type == "radio";
    html! {
        fieldset.choices.field-wrong[error.is_some()]
            aria-describedby=[described_by(name, choices.hint.is_some(), error.is_some())] {
            legend.label {
                (choices.legend)
                @if radio || choices.required { (requirement(choices.lang, choices.required)) }
            }
            (hint_and_error(choices.lang, name, choices.hint, error))
            div.choice-list {
                @for (nth, choice) in choices.options.iter().enumerate() {
                    (card(choices, choice, input_type, &choice_id(name, nth)))
                }
            }
        }
    }
}

/// The first choice carries the field's own id, so that the error summary leads to it.
fn choice_id(name: &str, nth: usize) -> String {
    if nth == 0 {
        field_id(name)
    } else {
        format!("{}-{}", field_id(name), nth.saturating_add(1))
    }
}

fn card(choices: &Choices<'_>, choice: &Choice<'_>, input_type: &str, id: &str) -> Markup {
    let radio = input_type == "radio";
    let more = choice.description.map(|_| format!("{id}-more"));
    html! {
        div.choice {
            input id=(id) type=(input_type) name=(choices.name) value=(choice.value)
                checked[choice.checked] required[radio && choices.required]
                aria-describedby=[more.as_deref()]
                aria-invalid=[(!radio && choices.error.is_some()).then_some("true")];
            label for=(id) {
                span.choice-label { (choice.label) }
                @if let (Some(text), Some(more)) = (choice.description, more.as_deref()) {
                    span.choice-more id=(more) { (text) }
                }
            }
        }
    }
}

/// One of many, as a drop-down list. The first line says to choose, unless one is checked.
#[must_use]
pub fn select_field(field: &Field<'_>, options: &[Choice<'_>]) -> Markup {
    let chosen = options.iter().any(|o| o.checked);
    let select = html! {
        select id=(field_id(field.name)) name=(field.name) class=(field.width.class())
            required[field.required] autocomplete=[field.autocomplete]
            aria-invalid=[field.error.is_some().then_some("true")]
            aria-describedby=[described_by(field.name, field.hint.is_some(), field.error.is_some())]
            autofocus[field.autofocus] {
            @if !chosen || !field.required {
                option value="" selected[!chosen] { (field.lang.pick("選択してください", "Choose one")) }
            }
            @for option in options {
                option value=(option.value) selected[option.checked] { (option.label) }
            }
        }
    };
    frame(field, &html! { div.select { (select) } })
}
