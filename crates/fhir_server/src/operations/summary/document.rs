//! The document Bundle.
//!
//! Source: IPS 2.0, Bundle-uv-ips and Composition-uv-ips; FHIR R4 documents.html.

use fhir::{
    clins::system,
    json::{Document, Writer},
};

use super::{
    Source, narrative,
    section::{Item, Nothing, SECTIONS, Section},
};
use crate::model::Resource;

/// Most entries of one section, the latest ones.
const ENTRIES_MAX: usize = 100;
const PROFILES: &str = "http://hl7.org/fhir/uv/ips/StructureDefinition/";
const ABSENT: &str = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips";
const LOINC: &str = "http://loinc.org";

/// A section with what it holds.
struct Filled<'a> {
    section: &'static Section,
    items: Vec<&'a Item<'a>>,
    /// What stands for nothing, under its name.
    nothing: Option<(&'static Nothing, &'a str)>,
}

/// Writes the document.
pub(super) fn write(source: &Source) -> Vec<u8> {
    let parsed: Vec<(&Resource, Document)> = source
        .resources
        .iter()
        .filter_map(|one| Some((one, Document::parse(one.text.as_bytes()).ok()?)))
        .collect();
    let mut items: Vec<Item<'_>> = parsed
        .iter()
        .map(|(resource, document)| Item::new(resource, document.root()))
        .collect();
    items.sort_by(|a, b| b.on.cmp(a.on));
    let filled = fill(source, &items);
    let mut out = String::from("{\"resourceType\":\"Bundle\",");
    out.push_str(&head(source));
    out.push_str(",\"entry\":[");
    let name = |uuid: &str| format!("urn:uuid:{uuid}");
    let composition = composition(source, &filled);
    entry(&mut out, &name(&source.names.composition), &composition);
    let mut add = |place: String, text: String| {
        out.push(',');
        entry(&mut out, &place, &text);
    };
    add(place(source, &source.patient), source.patient.render());
    add(name(&source.names.author), author(source));
    let mut used: Vec<&str> = Vec::new();
    for section in &filled {
        if let Some((nothing, uuid)) = section.nothing {
            add(name(uuid), nothing_known(source, nothing, uuid));
        }
        for item in &section.items {
            if !used.contains(&item.resource.id.as_str()) {
                used.push(&item.resource.id);
                add(place(source, item.resource), item.resource.render());
            }
        }
    }
    for resource in &source.followed {
        add(place(source, resource), resource.render());
    }
    out.push_str("]}");
    out.into_bytes()
}

/// A resource's address in the document. What is made for the document alone refers by it: its
/// own name is no address against which `Patient/1` could be resolved.
///
/// Source: FHIR R4 bundle.html#references.
fn place(source: &Source, resource: &Resource) -> String {
    format!("{}/fhir/{}", source.origin, resource.reference())
}

fn fill<'a>(source: &'a Source, items: &'a [Item<'a>]) -> Vec<Filled<'a>> {
    let today = source.at.jst_date();
    let each = SECTIONS.iter().zip(&source.names.nothing);
    each.filter_map(|(section, name)| {
        let fitting = items.iter().filter(|item| (section.takes)(item, today));
        let items: Vec<&Item<'_>> = fitting.take(ENTRIES_MAX).collect();
        let nothing = section.nothing.as_ref().filter(|_| items.is_empty());
        let nothing = nothing.map(|nothing| (nothing, name.as_str()));
        (nothing.is_some() || !items.is_empty()).then_some(Filled {
            section,
            items,
            nothing,
        })
    })
    .collect()
}

fn entry(out: &mut String, place: &str, resource: &str) {
    out.push_str("{\"fullUrl\":\"");
    out.push_str(place);
    out.push_str("\",\"resource\":");
    out.push_str(resource);
    out.push('}');
}

/// The text of an object that was written.
fn text(w: Writer) -> String {
    String::from_utf8(w.finish()).unwrap_or_default()
}

/// The members of the Bundle before its entries, without braces.
fn head(source: &Source) -> String {
    let mut w = Writer::new();
    w.begin_object();
    w.member_str("id", &source.names.bundle);
    profile(&mut w, "Bundle-uv-ips");
    w.key("identifier").begin_object();
    w.member_str("system", "urn:ietf:rfc:3986");
    w.member_str("value", &format!("urn:uuid:{}", source.names.bundle));
    w.end();
    w.member_str("type", "document");
    w.member_str("timestamp", &source.at.to_string());
    let text = text(w);
    let inner = text.strip_prefix('{').and_then(|t| t.strip_suffix('}'));
    inner.unwrap_or_default().to_owned()
}

fn profile(w: &mut Writer, name: &str) {
    w.key("meta").begin_object();
    w.key("profile").begin_array();
    w.string(&format!("{PROFILES}{name}"));
    w.end().end();
}

fn coded(w: &mut Writer, key: &str, (system, code, display): (&str, &str, &str)) {
    w.key(key).begin_object();
    w.key("coding").begin_array().begin_object();
    w.member_str("system", system);
    w.member_str("code", code);
    w.member_str("display", display);
    w.end().end().end();
}

fn refer(w: &mut Writer, key: &str, to: &str) {
    w.key(key).begin_object();
    w.member_str("reference", to);
    w.end();
}

fn composition(source: &Source, filled: &[Filled<'_>]) -> String {
    let author = format!("urn:uuid:{}", source.names.author);
    let at = source.at.to_string();
    let mut w = Writer::new();
    w.begin_object();
    w.member_str("resourceType", "Composition");
    w.member_str("id", &source.names.composition);
    profile(&mut w, "Composition-uv-ips");
    w.member_str("status", "final");
    let kind = (LOINC, "60591-5", "Patient summary Document");
    coded(&mut w, "type", kind);
    refer(&mut w, "subject", &place(source, &source.patient));
    w.member_str("date", &at);
    w.key("author").begin_array().begin_object();
    w.member_str("reference", &author);
    w.end().end();
    w.member_str("title", "患者サマリー / International Patient Summary");
    w.member_str("confidentiality", "N");
    refer(&mut w, "custodian", &author);
    w.key("section").begin_array();
    for one in filled {
        w.begin_object();
        w.member_str("title", one.section.title);
        coded(
            &mut w,
            "code",
            (LOINC, one.section.code, one.section.display),
        );
        let words = match one.nothing {
            Some((nothing, _)) => narrative::sentence(nothing.ja, nothing.display),
            None => narrative::table(&one.items),
        };
        w.key("text").begin_object();
        w.member_str("status", "generated");
        w.member_str("div", &words);
        w.end();
        w.key("entry").begin_array();
        if let Some((_, uuid)) = one.nothing {
            w.begin_object();
            w.member_str("reference", &format!("urn:uuid:{uuid}"));
            w.end();
        }
        for item in &one.items {
            w.begin_object();
            w.member_str("reference", &place(source, item.resource));
            w.end();
        }
        w.end().end();
    }
    text(w)
}

/// The facility as who made the document.
fn author(source: &Source) -> String {
    let mut w = Writer::new();
    w.begin_object();
    w.member_str("resourceType", "Organization");
    w.member_str("id", &source.names.author);
    w.key("identifier").begin_array().begin_object();
    w.member_str("system", system::ID_INSTITUTION);
    w.member_str("value", &source.home.code);
    w.end().end();
    w.member_str("name", &source.home.name);
    text(w)
}

/// "No information", as a resource.
fn nothing_known(source: &Source, nothing: &Nothing, uuid: &str) -> String {
    let patient = place(source, &source.patient);
    let mut w = Writer::new();
    w.begin_object();
    w.member_str("resourceType", nothing.kind);
    w.member_str("id", uuid);
    profile(&mut w, &format!("{}-uv-ips", nothing.kind));
    let code = (ABSENT, nothing.code, nothing.display);
    let clinical = |w: &mut Writer, system: &str| {
        let system = format!("http://terminology.hl7.org/CodeSystem/{system}");
        coded(w, "clinicalStatus", (&system, "active", "Active"));
    };
    match nothing.kind {
        "AllergyIntolerance" => {
            clinical(&mut w, "allergyintolerance-clinical");
            coded(&mut w, "code", code);
            refer(&mut w, "patient", &patient);
        }
        "Condition" => {
            clinical(&mut w, "condition-clinical");
            coded(&mut w, "code", code);
            refer(&mut w, "subject", &patient);
        }
        _ => {
            w.member_str("status", "unknown");
            coded(&mut w, "medicationCodeableConcept", code);
            refer(&mut w, "subject", &patient);
            w.key("_effectiveDateTime").begin_object();
            w.key("extension").begin_array().begin_object();
            let url = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
            w.member_str("url", url);
            w.member_str("valueCode", "unknown");
            w.end().end().end();
        }
    }
    text(w)
}
