//! The addresses of entries, and the patches inside them.

use fhir::json::Node;
use kernel::Refusal;

use super::bad;
use crate::{errors, model, patch::Patch};

/// Members of a Bundle, of its entries and of their requests. A member that is misspelled
/// would otherwise be a condition that is not asked, or a resource that is not kept.
const BUNDLE: [&str; 12] = [
    "resourceType",
    "id",
    "meta",
    "implicitRules",
    "language",
    "identifier",
    "type",
    "timestamp",
    "total",
    "link",
    "entry",
    "signature",
];
const ENTRY: [&str; 9] = [
    "id",
    "extension",
    "modifierExtension",
    "link",
    "fullUrl",
    "resource",
    "search",
    "request",
    "response",
];
const REQUEST: [&str; 9] = [
    "id",
    "extension",
    "modifierExtension",
    "method",
    "url",
    "ifNoneMatch",
    "ifModifiedSince",
    "ifMatch",
    "ifNoneExist",
];
/// What conditions and addresses are read from must be text.
const TEXTS: [&str; 6] = ["type", "fullUrl", "method", "url", "ifMatch", "ifNoneExist"];

fn check(node: Node<'_>, known: &[&str], place: &str) -> Result<(), Refusal> {
    if !node.is_object() {
        return Err(bad(&errors::BUNDLE, place, "an object"));
    }
    let mut wrong: Option<Refusal> = None;
    for (name, value) in node.entries() {
        let bare = name.strip_prefix('_').unwrap_or(name);
        let is_text = value.as_str().is_some() || !TEXTS.contains(&name);
        if known.contains(&bare) && is_text {
            continue;
        }
        let path = if place.is_empty() {
            name.to_owned()
        } else {
            format!("{place}.{name}")
        };
        let one = bad(&errors::BUNDLE, &path, if is_text { name } else { "" });
        match &mut wrong {
            Some(all) => all.findings.extend(one.findings),
            None => wrong = Some(one),
        }
    }
    wrong.map_or(Ok(()), Err)
}

/// The Bundle itself is of the form that R4 gives it.
///
/// # Errors
/// [`errors::BUNDLE`] with every member that is not.
pub(super) fn check_bundle(root: Node<'_>) -> Result<(), Refusal> {
    check(root, &BUNDLE, "Bundle")?;
    match root.get("entry") {
        Some(entry) if !entry.is_array() => Err(bad(&errors::BUNDLE, "Bundle.entry", "a list")),
        _ => Ok(()),
    }
}

/// An entry and its request are.
///
/// # Errors
/// [`errors::BUNDLE`] with every member that is not.
pub(super) fn check_entry(entry: Node<'_>) -> Result<(), Refusal> {
    check(entry, &ENTRY, "")?;
    match entry.get("request") {
        Some(request) => check(request, &REQUEST, "request"),
        None => Err(bad(&errors::BUNDLE, "request", "")),
    }
}

/// Type, id and version, or the condition, of an entry's address.
pub(super) struct Address {
    pub kind: String,
    pub id: Option<String>,
    pub version: Option<i64>,
    pub query: Option<Vec<(String, String)>>,
}

impl Address {
    pub fn parse(url: &str, origin: &str) -> Result<Self, Refusal> {
        let no = || bad(&errors::BUNDLE, "request.url", url);
        let base = format!("{origin}/fhir/");
        let own = url
            .strip_prefix(&base)
            .unwrap_or(url)
            .trim_start_matches('/');
        let (path, query) = match own.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (own, None),
        };
        let parts: Vec<&str> = path.split('/').collect();
        let (kind, id, version) = match parts.as_slice() {
            [kind] => (kind, None, None),
            [kind, id] => (kind, Some(*id), None),
            [kind, id, "_history", version] => (
                kind,
                Some(*id),
                Some(version.parse::<i64>().map_err(|_| no())?),
            ),
            _ => return Err(no()),
        };
        if !model::is_kept(kind) {
            return Err(bad(&errors::TYPE, "request.url", url));
        }
        let query = query.map(|query| {
            form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect::<Vec<_>>()
        });
        Ok(Self {
            kind: (*kind).to_owned(),
            id: id.map(str::to_owned),
            version,
            query,
        })
    }
}

/// A patch inside a Bundle: FHIRPath Patch, or a Binary with a JSON Patch in it.
pub(super) fn patch_of(node: Node<'_>) -> Result<Patch, Refusal> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let no = || {
        bad(
            &errors::PATCH,
            "resource",
            "Parameters, or a Binary with a JSON Patch",
        )
    };
    if node.str("resourceType") == Some("Parameters") {
        return Patch::read("application/fhir+json", node.to_compact().as_bytes());
    }
    let kind = node.str("contentType").unwrap_or_default();
    let is_patch = node.str("resourceType") == Some("Binary")
        && kind.split(';').next() == Some("application/json-patch+json");
    if !is_patch {
        return Err(no());
    }
    let data = node.str("data").ok_or_else(no)?;
    let bytes = STANDARD.decode(data).map_err(|_| no())?;
    Patch::parse(&bytes)
}
