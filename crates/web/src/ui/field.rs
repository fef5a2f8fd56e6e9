//! Form fields: label, hint, error and input, tied together by id.
//!
//! The id of a field is `field-NAME`; the error summary links to it.

use maud::{Markup, html};

use super::Lang;

/// How wide an input is drawn; the width hints at the expected length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Width {
    /// As wide as the form.
    #[default]
    Full,
    /// About 20 characters.
    Medium,
    /// About 8 characters.
    Short,
}

impl Width {
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Full => "input",
            Self::Medium => "input input-medium",
            Self::Short => "input input-short",
        }
    }
}

/// What all fields have in common.
#[derive(Clone, Copy, Debug, Default)]
pub struct Field<'a> {
    /// The language of the words 必須 and 任意.
    pub lang: Lang,
    /// The form field's name: letters, digits, `-` and `_`.
    pub name: &'a str,
    /// The visible label.
    pub label: &'a str,
    /// One line of help below the label.
    pub hint: Option<&'a str>,
    /// What is wrong and how to mend it, after a failed submission.
    pub error: Option<&'a str>,
    /// The value to show; never given back for passwords and one-time codes.
    pub value: &'a str,
    /// Must it be filled in? Shown as words beside the label.
    pub required: bool,
    /// The `autocomplete` token; `off` when none is given.
    pub autocomplete: Option<&'a str>,
    /// Most characters accepted.
    pub max_length: Option<u16>,
    /// How wide it is drawn.
    pub width: Width,
    /// Is this where typing starts? One field a page at most.
    pub autofocus: bool,
}

/// The id of the field called `name`.
#[must_use]
pub fn field_id(name: &str) -> String {
    format!("field-{name}")
}

/// The ids of hint and error, for `aria-describedby`.
pub(super) fn described_by(name: &str, hint: bool, error: bool) -> Option<String> {
    let id = field_id(name);
    match (hint, error) {
        (false, false) => None,
        (true, false) => Some(format!("{id}-hint")),
        (false, true) => Some(format!("{id}-error")),
        (true, true) => Some(format!("{id}-hint {id}-error")),
    }
}

/// 必須 or 任意, beside a label.
pub(super) fn requirement(lang: Lang, required: bool) -> Markup {
    html! {
        @if required {
            span.required { (lang.pick("※必須", "Required")) }
        } @else {
            span.optional { (lang.pick("任意", "Optional")) }
        }
    }
}

/// Hint and error lines of a field.
pub(super) fn hint_and_error(
    lang: Lang,
    name: &str,
    hint: Option<&str>,
    error: Option<&str>,
) -> Markup {
    let id = field_id(name);
    html! {
        @if let Some(hint) = hint { p.hint id={(id) "-hint"} { (hint) } }
        @if let Some(error) = error {
            p.error id={(id) "-error"} {
                span.error-word { (lang.pick("エラー：", "Error: ")) } (error)
            }
        }
    }
}

/// A field around `input`.
pub(super) fn frame(field: &Field<'_>, input: &Markup) -> Markup {
    html! {
        div.field.field-wrong[field.error.is_some()] {
            label.label for=(field_id(field.name)) {
                (field.label) (requirement(field.lang, field.required))
            }
            (hint_and_error(field.lang, field.name, field.hint, field.error))
            (input)
        }
    }
}

/// What differs between the kinds of one-line input.
struct Kind<'a> {
    input_type: &'a str,
    mode: Option<&'a str>,
    keep_value: bool,
    numeric: bool,
    autocomplete: &'a str,
}

fn input(field: &Field<'_>, kind: &Kind<'_>) -> Markup {
    let class = field.width.class();
    html! {
        input id=(field_id(field.name)) name=(field.name) type=(kind.input_type) class=(class)
            value=[kind.keep_value.then_some(field.value).filter(|v| !v.is_empty())]
            inputmode=[kind.mode] autocomplete=(field.autocomplete.unwrap_or(kind.autocomplete))
            maxlength=[field.max_length] required[field.required]
            aria-invalid=[field.error.is_some().then_some("true")]
            aria-describedby=[described_by(field.name, field.hint.is_some(), field.error.is_some())]
            autocapitalize="none" spellcheck="false"
            data-half-width[kind.numeric] autofocus[field.autofocus];
    }
}

/// A one-line text field.
#[must_use]
pub fn text_field(field: &Field<'_>) -> Markup {
    let kind = Kind {
        input_type: "text",
        mode: None,
        keep_value: true,
        numeric: false,
        autocomplete: "off",
    };
    frame(field, &input(field, &kind))
}

/// A code of digits, such as an insurer's number: the digits' keyboard, no spinner.
///
/// Full-width digits are turned into half-width ones where scripts run; the server
/// does the same (`kernel::code::half_width`).
#[must_use]
pub fn code_field(field: &Field<'_>) -> Markup {
    let kind = Kind {
        input_type: "text",
        mode: Some("numeric"),
        keep_value: true,
        numeric: true,
        autocomplete: "off",
    };
    frame(field, &input(field, &kind))
}

/// A quantity that may have a decimal point, with its unit in the label or hint.
#[must_use]
pub fn number_field(field: &Field<'_>) -> Markup {
    let kind = Kind {
        input_type: "text",
        mode: Some("decimal"),
        keep_value: true,
        numeric: true,
        autocomplete: "off",
    };
    frame(field, &input(field, &kind))
}

/// The password of someone who logs in. Pasting is allowed (WCAG 2.2, 3.3.8).
#[must_use]
pub fn password_field(field: &Field<'_>) -> Markup {
    secret_field(field, "current-password")
}

/// A password that is being chosen.
#[must_use]
pub fn new_password_field(field: &Field<'_>) -> Markup {
    secret_field(field, "new-password")
}

fn secret_field(field: &Field<'_>, autocomplete: &str) -> Markup {
    let kind = Kind {
        input_type: "password",
        mode: None,
        keep_value: false,
        numeric: false,
        autocomplete,
    };
    let id = field_id(field.name);
    let both = html! {
        div.input-row {
            (input(field, &kind))
            button.btn.btn-secondary type="button" hidden
                data-reveal=(id) aria-controls=(id) aria-pressed="false" {
                (field.lang.pick("表示", "Show"))
                span.vh { (field.lang.pick("（入力したパスワードを見せる）", " password")) }
            }
        }
    };
    frame(field, &both)
}

/// The six digits of an authenticator application or a letter.
#[must_use]
pub fn one_time_code_field(field: &Field<'_>) -> Markup {
    let kind = Kind {
        input_type: "text",
        mode: Some("numeric"),
        keep_value: false,
        numeric: true,
        autocomplete: "one-time-code",
    };
    html! { div.one-time { (frame(field, &input(field, &kind))) } }
}

/// A field of several lines.
#[must_use]
pub fn text_area(field: &Field<'_>, rows: u8) -> Markup {
    let area = html! {
        textarea.input id=(field_id(field.name)) name=(field.name) rows=(rows)
            maxlength=[field.max_length] required[field.required]
            aria-invalid=[field.error.is_some().then_some("true")]
            aria-describedby=[described_by(field.name, field.hint.is_some(), field.error.is_some())]
            autofocus[field.autofocus] { (field.value) }
    };
    frame(field, &area)
}

/// A file to be chosen, of these kinds; it is sent by [`super::file_form`] only.
#[must_use]
pub fn file_field(field: &Field<'_>, accept: &str) -> Markup {
    let input = html! {
        input.input id=(field_id(field.name)) name=(field.name) type="file" accept=(accept)
            required[field.required]
            aria-invalid=[field.error.is_some().then_some("true")]
            aria-describedby=[described_by(field.name, field.hint.is_some(), field.error.is_some())];
    };
    frame(field, &input)
}

/// One wrong field, for the summary.
#[derive(Clone, Copy, Debug)]
pub struct FieldError<'a> {
    /// The field's name.
    pub name: &'a str,
    /// The same sentence as at the field.
    pub message: &'a str,
}

/// The box at the top of a form that was refused; it takes the focus and links to each
/// wrong field. Nothing when there are no errors.
#[must_use]
pub fn error_summary(lang: Lang, errors: &[FieldError<'_>]) -> Markup {
    html! {
        @if !errors.is_empty() {
            div.error-summary role="alert" tabindex="-1" autofocus {
                h2 { (super::icon(super::Icon::Stop)) (summary_heading(lang, errors.len())) }
                ul {
                    @for error in errors {
                        li { a href={"#" (field_id(error.name))} { (error.message) } }
                    }
                }
            }
        }
    }
}

fn summary_heading(lang: Lang, count: usize) -> String {
    match (lang, count) {
        (Lang::Ja, _) => format!("入力内容をご確認ください（{count}件）"),
        (Lang::En, 1) => "There is 1 problem".to_owned(),
        (Lang::En, _) => format!("There are {count} problems"),
    }
}
