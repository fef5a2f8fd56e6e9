//! The Bundle of a search or a history.
//!
//! Source: FHIR R4 bundle.html#searchset, #history; http.html#paging.

use form_urlencoded::Serializer;
use kernel::time::Timestamp;

use super::{Page, Query, Shape, Total};
use crate::model::Resource;

/// Why an entry is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It was found.
    Match,
    /// It comes along.
    Include,
    /// It is a version in a history.
    History,
}

/// An entry.
pub struct Listed<'r> {
    /// The resource.
    pub resource: &'r Resource,
    /// Why.
    pub mode: Mode,
}

/// A link of a Bundle: relation and address.
pub type Link = (&'static str, String);

/// The links of a page: itself, and the next with `cursor`.
#[must_use]
pub fn links(
    address: &str,
    pairs: &[(String, String)],
    own: Option<&str>,
    cursor: Option<&str>,
) -> Vec<Link> {
    let with = |page: Option<&str>| {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(pairs);
        if let Some(page) = page {
            query.append_pair("_page", page);
        }
        match query.finish().as_str() {
            "" => address.to_owned(),
            query => format!("{address}?{query}"),
        }
    };
    let mut links = vec![("self", with(own))];
    if let Some(cursor) = cursor {
        links.push(("next", with(Some(cursor))));
    }
    links
}

/// The Bundle of a page of a search.
#[must_use]
pub fn bundle(
    query: &Query,
    page: &Page,
    links: &[Link],
    (base, at): (&str, Timestamp),
) -> Vec<u8> {
    let total =
        (query.total == Total::Accurate || query.shape == Shape::Count).then_some(page.total);
    let mut listed = Vec::new();
    if query.shape != Shape::Count {
        let found = page.matches.iter().map(|resource| (resource, Mode::Match));
        let along = page
            .included
            .iter()
            .map(|resource| (resource, Mode::Include));
        listed.extend(
            found
                .chain(along)
                .map(|(resource, mode)| Listed { resource, mode }),
        );
    }
    write("searchset", &listed, total, links, (base, at, &query.shape))
}

/// Any Bundle of resources as they are kept.
pub(crate) fn write(
    kind: &str,
    entries: &[Listed<'_>],
    total: Option<usize>,
    links: &[Link],
    (base, at, shape): (&str, Timestamp, &Shape),
) -> Vec<u8> {
    let bytes: usize = entries
        .iter()
        .map(|one| one.resource.text.len() + 420)
        .sum();
    let mut out = String::with_capacity(bytes + 512);
    out.push_str("{\"resourceType\":\"Bundle\",\"type\":\"");
    out.push_str(kind);
    out.push_str("\",\"meta\":{\"lastUpdated\":\"");
    out.push_str(&at.to_string());
    out.push_str("\"}");
    if let Some(total) = total {
        out.push_str(&format!(",\"total\":{total}"));
    }
    out.push_str(",\"link\":[");
    for (place, (relation, address)) in links.iter().enumerate() {
        let comma = if place == 0 { "" } else { "," };
        // Addresses are percent-encoded: there is nothing to escape.
        out.push_str(&format!(
            "{comma}{{\"relation\":\"{relation}\",\"url\":\"{address}\"}}"
        ));
    }
    out.push(']');
    if !entries.is_empty() {
        out.push_str(",\"entry\":[");
        for (place, one) in entries.iter().enumerate() {
            if place > 0 {
                out.push(',');
            }
            entry(&mut out, one, base, shape);
        }
        out.push(']');
    }
    out.push('}');
    out.into_bytes()
}

fn entry(out: &mut String, one: &Listed<'_>, base: &str, shape: &Shape) {
    let resource = one.resource;
    let reference = resource.reference();
    out.push_str("{\"fullUrl\":\"");
    out.push_str(base);
    out.push_str(&reference);
    out.push('"');
    if !resource.is_deleted {
        out.push_str(",\"resource\":");
        shape.render_into(resource, out);
    }
    match one.mode {
        Mode::Match => out.push_str(",\"search\":{\"mode\":\"match\"}"),
        Mode::Include => out.push_str(",\"search\":{\"mode\":\"include\"}"),
        Mode::History => {
            let (method, status) = match (resource.is_deleted, resource.version) {
                (true, _) => ("DELETE", "204"),
                (false, 1) => ("POST", "201"),
                (false, _) => ("PUT", "200"),
            };
            let url = if method == "POST" {
                &resource.kind
            } else {
                &reference
            };
            out.push_str(&format!(
                ",\"request\":{{\"method\":\"{method}\",\"url\":\"{url}\"}},\
                 \"response\":{{\"status\":\"{status}\",\"etag\":\"W/\\\"{}\\\"\",\"lastModified\":\"{}\"}}",
                resource.version, resource.at
            ));
        }
    }
    out.push('}');
}
