//! The text of an entry's resource, with gaps where it refers to other entries.

use fhir::json::{Kind, Node};
use kernel::Refusal;

use super::{Gap, Reader, To, bad};
use crate::{api::condition_of, errors, model, search::Query};

/// Writes a resource in compact form and notes where its gaps are.
pub(super) struct Linked<'r> {
    pub reader: &'r Reader<'r>,
    pub out: String,
    pub gaps: Vec<Gap>,
    /// References, as sent, that lead to other entries.
    pub inner: Vec<String>,
    pub fault: Option<Refusal>,
}

impl Linked<'_> {
    pub fn write(&mut self, node: Node<'_>, key: &str) {
        match node.kind() {
            Kind::Object => {
                self.out.push('{');
                for (place, (name, value)) in node.entries().enumerate() {
                    // The structure was judged: names are plain.
                    self.out.push_str(if place == 0 { "\"" } else { ",\"" });
                    self.out.push_str(name);
                    self.out.push_str("\":");
                    self.write(value, name);
                }
                self.out.push('}');
            }
            Kind::Array => {
                self.out.push('[');
                for (place, item) in node.items().enumerate() {
                    if place > 0 {
                        self.out.push(',');
                    }
                    self.write(item, key);
                }
                self.out.push(']');
            }
            Kind::String => self.string(node, key),
            _ => self.out.push_str(&node.to_compact()),
        }
    }

    fn string(&mut self, node: Node<'_>, key: &str) {
        let text = node.as_str().unwrap_or_default();
        let from = self.out.len();
        self.out.push_str(&node.to_compact());
        let is_reference = key == "reference";
        let reader = self.reader;
        if let Some(entry) = reader.links.find(text, reader.base, is_reference) {
            let place = from + 1..self.out.len() - 1;
            let to = To::Entry(entry);
            if is_reference {
                self.inner.push(text.to_owned());
            }
            self.gaps.push(Gap {
                place,
                to,
                is_reference,
            });
        } else if key == "div" && text.contains("urn:") {
            self.inside(from);
        } else if is_reference && text.starts_with("urn:") {
            self.refuse(bad(&errors::BUNDLE_REFERENCE, "resource", text));
        } else if is_reference && is_conditional(text) {
            match self.condition(text) {
                Ok(query) => {
                    let place = from + 1..self.out.len() - 1;
                    let to = To::Where(Box::new(query));
                    self.gaps.push(Gap {
                        place,
                        to,
                        is_reference,
                    });
                }
                Err(refusal) => self.refuse(refusal),
            }
        }
    }

    /// Links of a narrative.
    fn inside(&mut self, from: usize) {
        let text = self.out.get(from..).unwrap_or_default();
        let mut found: Vec<Gap> = Vec::new();
        for (at, _) in text.match_indices("urn:") {
            let rest = text.get(at..).unwrap_or_default();
            // The whole of it: one address may begin with another.
            let length = rest.find(|c: char| !is_of_address(c)).unwrap_or(rest.len());
            // The end of a sentence is not part of it.
            let url = rest.get(..length).unwrap_or_default().trim_end_matches('.');
            if let Some(entry) = self.reader.links.0.get(url) {
                found.push(Gap {
                    place: from + at..from + at + url.len(),
                    to: To::Entry(*entry),
                    is_reference: false,
                });
            }
        }
        self.gaps.extend(found);
    }

    fn condition(&self, text: &str) -> Result<Query, Refusal> {
        let (kind, query) = text.split_once('?').unwrap_or((text, ""));
        if !model::is_kept(kind) {
            return Err(bad(&errors::BUNDLE_REFERENCE, "resource", text));
        }
        condition_of(query, kind, self.reader.origin)
    }

    fn refuse(&mut self, refusal: Refusal) {
        match &mut self.fault {
            Some(fault) => fault.findings.extend(refusal.findings),
            None => self.fault = Some(refusal),
        }
    }
}

/// Can it stand in a `urn:`?
fn is_of_address(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '.' | '_')
}

/// `Patient?identifier=…`
fn is_conditional(reference: &str) -> bool {
    let kind = reference.split_once('?').map(|(kind, _)| kind);
    kind.is_some_and(|kind| !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_alphabetic()))
}
