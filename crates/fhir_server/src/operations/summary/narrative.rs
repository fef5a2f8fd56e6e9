//! The text of a section: a table that a person reads without a program for FHIR.
//!
//! Source: FHIR R4 narrative.html (the allowed elements of XHTML).

use fhir::json::Node;

use super::section::Item;

/// The table of a section's items.
pub(super) fn table(items: &[&Item<'_>]) -> String {
    let mut out = begin();
    out.push_str("<table><thead><tr><th>項目 / Item</th><th>日付 / Date</th>");
    out.push_str("<th>内容 / Details</th></tr></thead><tbody>");
    for item in items {
        out.push_str("<tr>");
        for cell in [name(item.root), item.on.to_owned(), details(item.root)] {
            out.push_str("<td>");
            escape(&mut out, &cell);
            out.push_str("</td>");
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    out
}

/// One sentence.
pub(super) fn sentence(ja: &str, en: &str) -> String {
    let mut out = begin();
    for text in [ja, en] {
        out.push_str("<p>");
        escape(&mut out, text);
        out.push_str("</p>");
    }
    out.push_str("</div>");
    out
}

fn begin() -> String {
    String::from(r#"<div xmlns="http://www.w3.org/1999/xhtml">"#)
}

fn escape(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
}

/// The words of a coded element: its text, or the first code that has words, or any code.
fn words(coded: Node<'_>) -> Option<&str> {
    let of = |name: &'static str| coded.list("coding").find_map(|coding| coding.str(name));
    coded
        .str("text")
        .or_else(|| of("display"))
        .or_else(|| of("code"))
}

fn name(root: Node<'_>) -> String {
    const NAMES: [&str; 5] = [
        "code",
        "medicationCodeableConcept",
        "vaccineCode",
        "title",
        "description",
    ];
    let found = NAMES.iter().find_map(|name| {
        let value = root.get(name)?;
        value.as_str().or_else(|| words(value))
    });
    let referred = || {
        let all = ["medicationReference", "device"];
        all.iter().find_map(|name| root.get(name)?.str("display"))
    };
    found.or_else(referred).unwrap_or("(名称なし)").to_owned()
}

/// What matters beside the name: a value, how to take it, how bad it is.
fn details(root: Node<'_>) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(value(root));
    for component in root.list("component") {
        let of = component.get("code").and_then(words).unwrap_or_default();
        parts.extend(value(component).map(|value| format!("{of} {value}")));
    }
    for dosage in root.list("dosageInstruction").chain(root.list("dosage")) {
        parts.extend(dosage.str("text").map(str::to_owned));
    }
    parts.extend(
        root.str("criticality")
            .map(|word| format!("criticality {word}")),
    );
    for reaction in root.list("reaction") {
        let seen = reaction.list("manifestation").filter_map(words);
        parts.extend(seen.map(str::to_owned));
    }
    parts.extend(root.str("conclusion").map(str::to_owned));
    if parts.is_empty() {
        let status = root.get("clinicalStatus").and_then(words);
        parts.extend(status.or_else(|| root.str("status")).map(str::to_owned));
    }
    parts.join("、")
}

fn value(root: Node<'_>) -> Option<String> {
    if let Some(quantity) = root.get("valueQuantity") {
        let number = quantity.get("value")?.as_number_text()?;
        let comparator = quantity.str("comparator").unwrap_or_default();
        let unit = quantity.str("unit").or_else(|| quantity.str("code"));
        return Some(format!("{comparator}{number} {}", unit.unwrap_or_default()));
    }
    if let Some(coded) = root.get("valueCodeableConcept") {
        return words(coded).map(str::to_owned);
    }
    if let Some(reason) = root.get("dataAbsentReason") {
        return words(reason).map(str::to_owned);
    }
    root.str("valueString").map(str::to_owned)
}
