//! The codes by which a patient's resources are found without opening all of them.
//!
//! A patient has thousands of results and a search wants three. So the codes of some parameters
//! are kept beside each resource, as keyed hashes; a search by one of them opens what has that
//! code and holds only this against the whole question. The hash is under the person's own key:
//! it says that two resources of one person share a code, never which, and nothing once the
//! key is destroyed.
//!
//! Source: FHIR R4 search.html#token.

use fhir::{
    json::{Document, Node},
    search::{codes, param},
};

use crate::search::Clause;

/// The parameters whose codes are kept, the most telling first. One more needs a migration that
/// marks every resource as one that any code may find, as the first did.
const PARAMS: [&str; 4] = ["identifier", "code", "type", "category"];
/// Most codes that are kept of one resource; one with more is found by any.
const CODES_MAX: usize = 32;

/// What is kept of a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Codes {
    /// Parameter and code, each pair once.
    These(Vec<(&'static str, String)>),
    /// Any code may find it.
    #[default]
    Any,
}

impl Codes {
    /// Of nothing.
    pub const fn none() -> Self {
        Self::These(Vec::new())
    }

    /// Of a resource.
    pub fn of(kind: &str, root: Node<'_>) -> Self {
        let mut all = Vec::new();
        for name in PARAMS {
            let Some(param) = param(kind, name) else {
                continue;
            };
            let some = codes(param, root).into_iter();
            all.extend(some.map(|code| (name, code.to_owned())));
        }
        if all.len() > CODES_MAX {
            return Self::Any;
        }
        Self::These(all)
    }

    /// Of a resource's text.
    pub fn of_text(kind: &str, text: &str) -> Self {
        match Document::parse(text.as_bytes()) {
            Ok(document) => Self::of(kind, document.root()),
            Err(_) => Self::Any,
        }
    }
}

/// By which parameter and codes the resources of a search are found; `None` when each has to be
/// looked at.
pub(crate) fn asked(clauses: &[Clause]) -> Option<(&'static str, Vec<&str>)> {
    PARAMS.into_iter().find_map(|name| {
        let mut codes = clauses.iter().filter_map(|clause| match clause {
            Clause::Says(criterion) if criterion.param().code == name => criterion.codes(),
            _ => None,
        });
        codes.next().map(|codes| (name, codes))
    })
}
