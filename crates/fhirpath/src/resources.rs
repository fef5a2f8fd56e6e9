//! Where references lead: inside a Bundle and to contained resources.
//!
//! Source: FHIR R4 2.36.4.1 (resolving references in Bundles), 2.26.3 (contained resources).

use std::collections::BTreeMap;

use fhir::json::Node;
use fhir::schema;

use crate::value::Element;

/// The resources of a document, by their addresses.
#[derive(Debug, Default)]
pub struct Resources<'a> {
    /// By `fullUrl`.
    by_url: BTreeMap<&'a str, Node<'a>>,
    /// By `Type/id` at the end of `fullUrl`, as far as it is one resource only.
    by_tail: BTreeMap<&'a str, Option<Node<'a>>>,
}

impl<'a> Resources<'a> {
    /// Those of a Bundle; of any other resource none but what it contains.
    #[must_use]
    pub fn of(root: Node<'a>) -> Self {
        let mut all = Self::default();
        if root.str("resourceType") != Some("Bundle") {
            return all;
        }
        for entry in root.list("entry") {
            let (Some(url), Some(resource)) = (entry.str("fullUrl"), entry.get("resource")) else {
                continue;
            };
            all.by_url.entry(url).or_insert(resource);
            if let Some(tail) = tail(url) {
                let same = all.by_tail.entry(tail).or_insert(Some(resource));
                if same.is_some_and(|first| first.str("id") != resource.str("id")) {
                    *same = None;
                }
            }
        }
        all
    }

    /// The resource that `reference` leads to from inside of `container`.
    #[must_use]
    pub fn find(&self, reference: &str, container: Option<Node<'a>>) -> Option<Node<'a>> {
        if let Some(id) = reference.strip_prefix('#') {
            let container = container?;
            if id.is_empty() {
                return Some(container);
            }
            return container
                .list("contained")
                .find(|c| c.str("id") == Some(id));
        }
        let bare = reference.split("/_history/").next().unwrap_or(reference);
        if let Some(found) = self.by_url.get(bare) {
            return Some(*found);
        }
        if bare.contains(':') {
            return None;
        }
        *self.by_tail.get(bare)?
    }
}

/// `Type/id` at the end of an address.
pub fn tail(url: &str) -> Option<&str> {
    let mut cuts = url.rmatch_indices('/');
    let (slash, _) = cuts.next()?;
    let start = cuts.next().map_or(0, |(at, _)| at + 1);
    let kind = url.get(start..slash)?;
    schema::is_resource_type(kind).then(|| url.get(start..))?
}

/// The type that a reference names, by its text or its `type`.
pub fn named_type<'a>(reference: &Element<'a>) -> Option<&'a str> {
    let node = reference.node()?;
    let text = node.as_str().or_else(|| node.str("reference"));
    let bare = text.and_then(|text| text.split("/_history/").next());
    let by_text = bare.and_then(tail).and_then(|tail| tail.split('/').next());
    by_text.or_else(|| node.str("type"))
}
