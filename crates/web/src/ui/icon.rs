//! Icons drawn as inline SVG. They are decoration: each stands beside its words.
//! The three signal shapes differ in outline, so that they are told apart without colour.

use maud::{Markup, html};

/// Which icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// A check mark in a circle: good.
    Check,
    /// An exclamation mark in a triangle: look again.
    Caution,
    /// A cross in an octagon: no.
    Stop,
    /// An `i` in a circle.
    Info,
    /// A person.
    Person,
    /// A card.
    Card,
    /// A document with lines.
    Document,
    /// A clock.
    Clock,
    /// A padlock.
    Lock,
    /// A capsule.
    Medication,
    /// A line that rises and falls.
    Graph,
    /// A hand that gives consent: a page with a check mark.
    Consent,
}

/// The icon, hidden from assistive technology.
#[must_use]
pub fn icon(icon: Icon) -> Markup {
    let (fill, line) = paths(icon);
    html! {
        svg.icon viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false" {
            @if !fill.is_empty() { path fill="currentColor" d=(fill) {} }
            @if !line.is_empty() {
                path.icon-line[!fill.is_empty()] d=(line) fill="none"
                    stroke="currentColor" stroke-width="2"
                    stroke-linecap="round" stroke-linejoin="round" {}
            }
        }
    }
}

/// The filled outline and the line drawn upon it (white) or alone (in the text's colour).
const fn paths(icon: Icon) -> (&'static str, &'static str) {
    match icon {
        Icon::Check => (
            "M12 1a11 11 0 1 0 0 22a11 11 0 0 0 0-22z",
            "M6.8 12.4l3.6 3.6l7-7.6",
        ),
        Icon::Caution => (
            "M12 1.8L0.9 21.2a0.9 0.9 0 0 0 0.8 1.3h20.6a0.9 0.9 0 0 0 0.8-1.3z",
            "M12 8.6v6M12 18.4v0.1",
        ),
        Icon::Stop => (
            "M7.5 1h9L23 7.5v9L16.5 23h-9L1 16.5v-9z",
            "M8 8l8 8M16 8l-8 8",
        ),
        Icon::Info => (
            "M12 1a11 11 0 1 0 0 22a11 11 0 0 0 0-22z",
            "M12 11v6.4M12 6.9v0.1",
        ),
        Icon::Person => (
            "",
            "M12 12a4.5 4.5 0 1 0 0-9a4.5 4.5 0 0 0 0 9zM3.5 21c0-4.5 4-6 8.5-6s8.5 1.5 8.5 6",
        ),
        Icon::Card => ("", "M2.5 5h19v14h-19zM2.5 10h19M6 15h5"),
        Icon::Document => ("", "M5 2.5h10l4.5 4.5v14.5H5zM9 11h7M9 15h7"),
        Icon::Clock => (
            "",
            "M12 2.5a9.5 9.5 0 1 0 0 19a9.5 9.5 0 0 0 0-19zM12 7v5.5l3.5 2",
        ),
        Icon::Lock => ("", "M5 10.5h14v11H5zM8 10.5V7a4 4 0 0 1 8 0v3.5M12 15v2.5"),
        Icon::Medication => (
            "",
            "M4.6 19.4a4.9 4.9 0 0 1 0-7l7.8-7.8a4.9 4.9 0 0 1 7 7l-7.8 7.8a4.9 4.9 0 0 1-7 0zM8.5 8.5l7 7",
        ),
        Icon::Graph => ("", "M3 3v18h18M7 15l4-5l4 3l5-7"),
        Icon::Consent => ("", "M5 2.5h14v19H5zM8.5 12l2.5 2.7l4.8-5.4"),
    }
}
