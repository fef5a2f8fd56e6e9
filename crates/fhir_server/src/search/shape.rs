//! How much of a resource is shown: `_summary` and `_elements`.
//!
//! Source: FHIR R4 search.html#summary, #elements.

use fhir::search::{Summary, summary};

use crate::{model::Resource, splice};

/// What is shown of each resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// All of it.
    #[default]
    Whole,
    /// The elements marked so in the definitions.
    Summary,
    /// The narrative, and what is mandatory.
    Text,
    /// All but the narrative.
    Data,
    /// Nothing but how many there are.
    Count,
    /// These elements, and what is mandatory.
    Elements(Vec<String>),
}

impl Shape {
    /// Is something left out, so that the reader must not take it for the whole?
    #[must_use]
    pub const fn is_subset(&self) -> bool {
        !matches!(self, Self::Whole)
    }

    fn shows(&self, kind: &str, name: &str) -> bool {
        let of = summary(kind);
        let mandatory = || of.is_some_and(|of| Summary::has(&of.mandatory, name));
        match self {
            Self::Whole => true,
            Self::Summary => of.is_some_and(|of| Summary::has(&of.summary, name)),
            Self::Text => name == "text" || mandatory(),
            Self::Data => name != "text",
            Self::Count => false,
            Self::Elements(names) => {
                let bare = name.strip_prefix('_').unwrap_or(name);
                let is_named =
                    |one: &String| bare == one || Summary::has(&[format!("{one}*").as_str()], bare);
                names.iter().any(is_named) || mandatory()
            }
        }
    }

    /// Appends the resource in this shape.
    pub fn render_into(&self, resource: &Resource, out: &mut String) {
        if !self.is_subset() {
            return resource.render_into(out);
        }
        let updated = resource.at.to_string();
        let own = (resource.id.as_str(), resource.version, updated.as_str());
        let (kind, text) = (resource.kind.as_str(), resource.text.as_str());
        splice::with_meta_of(out, kind, text, own, Some(&|name| self.shows(kind, name)));
    }
}
