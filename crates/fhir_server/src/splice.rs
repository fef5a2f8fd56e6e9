//! A resource's text with the server's id, version and time in it, all else as it was sent.
//!
//! What was received is kept to the byte; what a reader gets has `id`, `meta.versionId` and
//! `meta.lastUpdated` of the server. The members between are copied, never written anew, so
//! that a number keeps its digits and a text its escapes.

use std::ops::Range;

/// Members of an object's text: name (as written, without quotes) and the place of the value.
///
/// The text must be one JSON object, which `fhir::json` has read before; anything else ends
/// the list early.
pub(crate) fn members(text: &str) -> Vec<(&str, Range<usize>)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let Some(mut at) = bytes.iter().position(|b| *b == b'{').map(|p| p + 1) else {
        return found;
    };
    loop {
        at = skip_space(bytes, at);
        if bytes.get(at) != Some(&b'"') {
            return found;
        }
        let name_end = after_string(bytes, at);
        let name = text.get(at + 1..name_end.saturating_sub(1));
        at = skip_space(bytes, name_end);
        at = skip_space(bytes, at + 1);
        let end = after_value(bytes, at);
        let Some(name) = name else { return found };
        found.push((name, at..end));
        at = skip_space(bytes, end);
        if bytes.get(at) != Some(&b',') {
            return found;
        }
        at += 1;
    }
}

fn skip_space(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let space = rest
        .iter()
        .position(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n'));
    from + space.unwrap_or(rest.len())
}

/// The place after the string that begins at `from`.
fn after_string(bytes: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn after_value(bytes: &[u8], from: usize) -> usize {
    match bytes.get(from) {
        Some(b'"') => after_string(bytes, from),
        Some(b'{' | b'[') => {
            let (mut at, mut depth) = (from, 0_usize);
            while let Some(byte) = bytes.get(at) {
                match byte {
                    b'"' => {
                        at = after_string(bytes, at);
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => {
                        depth = depth.saturating_sub(1);
                        if depth == 0 {
                            return at + 1;
                        }
                    }
                    _ => {}
                }
                at += 1;
            }
            bytes.len()
        }
        _ => {
            let rest = bytes.get(from..).unwrap_or_default();
            let end = rest
                .iter()
                .position(|b| matches!(b, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n'));
            from + end.unwrap_or(rest.len())
        }
    }
}

/// Does the text write a name that matters here with escapes? Then it is kept in plain form.
pub(crate) fn is_plain(text: &str) -> bool {
    let has_escape = |text: &str| members(text).iter().any(|(name, _)| name.contains('\\'));
    let meta = members(text)
        .into_iter()
        .find(|(name, _)| *name == "meta")
        .and_then(|(_, place)| text.get(place));
    !has_escape(text) && !meta.is_some_and(has_escape)
}

/// Appends the resource `text` of type `kind` with the server's members.
pub(crate) fn with_meta(out: &mut String, kind: &str, text: &str, own: (&str, i64, &str)) {
    with_meta_of(out, kind, text, own, None);
}

/// Says that not all of a resource is there.
///
/// Source: FHIR R4 resource.html#tag-subsetted.
const SUBSETTED: &str = "{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-ObservationValue\",\"code\":\"SUBSETTED\"}";

/// The same with those members only that `shows` names; it is then marked as a part.
pub(crate) fn with_meta_of(
    out: &mut String,
    kind: &str,
    text: &str,
    (id, version, updated): (&str, i64, &str),
    shows: Option<&dyn Fn(&str) -> bool>,
) {
    out.push_str("{\"resourceType\":\"");
    out.push_str(kind);
    out.push_str("\",\"id\":\"");
    out.push_str(id);
    out.push_str("\",\"meta\":{\"versionId\":\"");
    out.push_str(&version.to_string());
    out.push_str("\",\"lastUpdated\":\"");
    out.push_str(updated);
    out.push('"');
    let all = members(text);
    let meta = all.iter().find(|(name, _)| *name == "meta");
    let mut tags = shows.map(|_| "[]");
    if let Some(meta) = meta.and_then(|(_, place)| text.get(place.clone())) {
        for (name, place) in members(meta) {
            match (name, &mut tags) {
                ("versionId" | "lastUpdated", _) => {}
                ("tag", Some(tags)) => *tags = meta.get(place).unwrap_or("[]"),
                _ => member(out, name, meta.get(place)),
            }
        }
    }
    if let Some(tags) = tags {
        let inner = tags.trim_start_matches('[').trim_end_matches(']').trim();
        let comma = if inner.is_empty() { "" } else { "," };
        out.push_str(",\"tag\":[");
        out.push_str(inner);
        out.push_str(comma);
        out.push_str(SUBSETTED);
        out.push(']');
    }
    out.push('}');
    for (name, place) in all.iter().filter(|(name, _)| !is_own(name)) {
        if shows.is_none_or(|shows| shows(name)) {
            member(out, name, text.get(place.clone()));
        }
    }
    out.push('}');
}

fn is_own(name: &str) -> bool {
    matches!(name, "resourceType" | "id" | "meta")
}

fn member(out: &mut String, name: &str, value: Option<&str>) {
    out.push_str(",\"");
    out.push_str(name);
    out.push_str("\":");
    out.push_str(value.unwrap_or("null"));
}
