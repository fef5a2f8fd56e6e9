//! Forms, their buttons, and links that look like buttons.

use maud::{Markup, html};

use super::Lang;

/// Name of the hidden field that carries the session's CSRF token.
pub const CSRF_FIELD: &str = "csrf";

/// How strongly a button speaks. One primary button a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// The expected next step.
    #[default]
    Primary,
    /// Another possible step.
    Secondary,
    /// A step that withdraws, deletes or breaks a glass.
    Danger,
    /// A step of little weight, drawn as a link.
    Quiet,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Primary => "btn btn-primary",
            Self::Secondary => "btn btn-secondary",
            Self::Danger => "btn btn-danger",
            Self::Quiet => "btn btn-quiet",
        }
    }
}

/// A submit button.
#[must_use]
pub fn submit(label: &str, tone: Tone) -> Markup {
    html! { button type="submit" class=(tone.class()) { (label) } }
}

/// A submit button that sends `name=value`, for a form with more than one way on.
#[must_use]
pub fn submit_with(label: &str, tone: Tone, name: &str, value: &str) -> Markup {
    html! { button type="submit" class=(tone.class()) name=(name) value=(value) { (label) } }
}

/// A link that looks like a button; for going somewhere, never for changing something.
#[must_use]
pub fn button_link(href: &str, label: &str, tone: Tone) -> Markup {
    html! { a class=(tone.class()) href=(href) { (label) } }
}

/// A row of buttons, the first one first in the reading order.
#[must_use]
pub fn actions(buttons: &[Markup]) -> Markup {
    html! { div.actions { @for button in buttons { (button) } } }
}

/// The hidden field of the CSRF token.
#[must_use]
pub fn csrf(token: &str) -> Markup {
    hidden(CSRF_FIELD, token)
}

/// A hidden field.
#[must_use]
pub fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

/// A form that posts to `action`, with its CSRF token.
///
/// The browser's own checks are off: the server answers with its error summary, whose
/// words are ours and which every browser and screen reader presents alike.
#[must_use]
pub fn form(action: &str, csrf_token: &str, body: &Markup) -> Markup {
    html! {
        form.form method="post" action=(action) novalidate accept-charset="utf-8" data-once {
            (csrf(csrf_token))
            (body)
        }
    }
}

/// The same for a form with a file in it.
#[must_use]
pub fn file_form(action: &str, csrf_token: &str, body: &Markup) -> Markup {
    html! {
        form.form method="post" action=(action) enctype="multipart/form-data" novalidate
            accept-charset="utf-8" data-once {
            (csrf(csrf_token))
            (body)
        }
    }
}

/// A form of one button, for a table's row or a list: it posts `fields` and the token.
#[must_use]
pub fn post_button(
    action: &str,
    csrf_token: &str,
    fields: &[(&str, &str)],
    label: &str,
    tone: Tone,
) -> Markup {
    html! {
        form.inline-form method="post" action=(action) data-once {
            (csrf(csrf_token))
            @for (name, value) in fields { (hidden(name, value)) }
            (submit(label, tone))
        }
    }
}

/// A value to hand on, such as a request's number, with a copy button where scripts run.
#[must_use]
pub fn copyable(lang: Lang, value: &str) -> Markup {
    html! {
        span.copyable {
            code { (value) }
            button.btn.btn-quiet type="button" hidden data-copy=(value)
                data-done=(lang.pick("コピーしました", "Copied")) {
                (lang.pick("コピー", "Copy"))
            }
            span.vh role="status" {}
        }
    }
}

/// A button that prints the page; it appears only where scripts run.
#[must_use]
pub fn print_button(lang: Lang) -> Markup {
    html! {
        button.btn.btn-secondary type="button" hidden data-print {
            (lang.pick("この画面を印刷する", "Print this page"))
        }
    }
}
