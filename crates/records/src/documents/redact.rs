//! What each viewer gets of a document.
//!
//! A doctor marks a condition 未告知 (UNINFORMED: the patient has not been told; other hospitals
//! see it) or 未提供 (UNDELIVERED: neither hospitals nor the patient see it). Whoever may not
//! see an entry gets a text in which neither it nor its name stands anywhere.
//!
//! A narrative can name a disease in other words than the entry does. What a patient has not
//! been told must not reach them by a synonym, so where anything is withheld from the patient
//! they get the structured entries alone: no narratives, no notes, no files. A hospital to
//! which the doctor wrote a letter keeps the letter's words, but for those of the sections that
//! refer to the withheld entry. Nobody is told that something was left out: that there is
//! something would itself be told.
//!
//! Source: clins-documents section b (flags, tech manual draft p.24).

use std::collections::BTreeSet;

use fhir::{
    clins::system,
    json::{Document, Kind, Node, Writer},
};

/// Who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Who sent it.
    Sender,
    /// The facility to which it is addressed.
    Facility,
    /// The patient, or who acts for them.
    Patient,
    /// The insurer of a checkup report.
    Insurer,
}

impl Viewer {
    /// Is an entry with this flag kept from them?
    fn withholds(self, flag: &str) -> bool {
        match self {
            Self::Sender => false,
            Self::Facility => flag == "UNDELIVERED",
            Self::Patient | Self::Insurer => matches!(flag, "UNDELIVERED" | "UNINFORMED"),
        }
    }

    /// Do they get no words of the doctor's, once anything is withheld?
    const fn is_strict(self) -> bool {
        matches!(self, Self::Patient | Self::Insurer)
    }
}

/// Members that hold a doctor's own words, in which a disease could be named.
const WORDS: [&str; 8] = [
    "note",
    "description",
    "comment",
    "reasonCode",
    "reasonReference",
    "conclusion",
    "valueString",
    "presentedForm",
];

/// A document as one viewer gets it.
#[derive(Clone, Debug)]
pub struct Redacted {
    /// Its text: the very bytes that were sent where nothing is withheld.
    pub bytes: Vec<u8>,
    /// The entries whose files the viewer does not get, each behind the entry of the document
    /// inside the document in which it stands; `None` when they get no file at all.
    pub dropped: Option<BTreeSet<(Option<usize>, usize)>>,
}

/// Makes the text that `viewer` gets.
#[must_use]
pub fn redact(document: &Document, viewer: Viewer) -> Redacted {
    let mut cut = Cut {
        viewer,
        urls: BTreeSet::new(),
        names: Vec::new(),
    };
    let root = document.root();
    for entry in root.list("entry") {
        if let Some(resource) = entry.get("resource") {
            cut.look(resource, entry.str("fullUrl"));
        }
    }
    if cut.is_empty() {
        return Redacted {
            bytes: document.source().as_bytes().to_vec(),
            dropped: Some(BTreeSet::new()),
        };
    }
    let mut out = Writer::new();
    cut.copy(root, &mut out);
    Redacted {
        bytes: out.finish(),
        dropped: (!viewer.is_strict()).then(|| cut.dropped(root)),
    }
}

/// What is kept from a viewer.
struct Cut<'d> {
    viewer: Viewer,
    /// Addresses of the entries.
    urls: BTreeSet<&'d str>,
    /// Their names.
    names: Vec<&'d str>,
}

impl<'d> Cut<'d> {
    fn is_empty(&self) -> bool {
        self.urls.is_empty() && self.names.is_empty()
    }

    /// Notes a resource, or one inside it, that is kept from the viewer.
    fn look(&mut self, resource: Node<'d>, url: Option<&'d str>) {
        if self.is_withheld(resource) {
            self.urls.extend(url);
            // Something to withhold even where it has no name at all.
            self.urls.insert("");
            let code = resource.get("code");
            let text = code.and_then(|code| code.str("text"));
            let displays = code.into_iter().flat_map(|code| code.list("coding"));
            let displays = displays.filter_map(|coding| coding.str("display"));
            let names = text.into_iter().chain(displays).map(str::trim);
            self.names.extend(names.filter(|name| !name.is_empty()));
        }
        for inner in resource.list("contained") {
            self.look(inner, None);
        }
        // A document inside the document.
        for entry in resource.list("entry") {
            if let Some(inner) = entry.get("resource") {
                self.look(inner, entry.str("fullUrl"));
            }
        }
    }

    /// The entries that the viewer does not get.
    fn dropped(&self, root: Node<'d>) -> BTreeSet<(Option<usize>, usize)> {
        let mut found = BTreeSet::new();
        for (place, entry) in root.list("entry").enumerate() {
            if !self.keeps("entry", entry) {
                found.insert((None, place));
            }
            let inner = entry.get("resource").into_iter();
            let inner = inner.flat_map(|resource| resource.list("entry"));
            let gone = inner
                .enumerate()
                .filter(|(_, one)| !self.keeps("entry", *one));
            found.extend(gone.map(|(inside, _)| (Some(place), inside)));
        }
        found
    }

    /// Is it marked so that the viewer does not see it?
    fn is_withheld(&self, resource: Node<'d>) -> bool {
        let mut tags = resource
            .get("meta")
            .into_iter()
            .flat_map(|meta| meta.list("tag"));
        tags.any(|tag| {
            tag.str("system") == Some(system::TAG_FLAG)
                && tag
                    .str("code")
                    .is_some_and(|code| self.viewer.withholds(code))
        })
    }

    fn names_it(&self, text: &str) -> bool {
        self.names.iter().any(|name| text.contains(name))
    }

    /// Does anything in it point to what is withheld?
    fn points(&self, node: Node<'d>) -> bool {
        match node.kind() {
            Kind::String => {
                let text = node.as_str().unwrap_or_default();
                !text.is_empty() && self.urls.contains(text)
            }
            Kind::Array => node.items().any(|item| self.points(item)),
            Kind::Object => node.entries().any(|(_, value)| self.points(value)),
            _ => false,
        }
    }

    /// Does the viewer get this value, which stands under `key`?
    fn keeps(&self, key: &str, value: Node<'d>) -> bool {
        match value.kind() {
            Kind::String => !self.names_it(value.as_str().unwrap_or_default()),
            Kind::Array => value.is_empty() || value.items().any(|item| self.keeps(key, item)),
            Kind::Object => !self.drops(key, value),
            _ => true,
        }
    }

    fn drops(&self, key: &str, value: Node<'d>) -> bool {
        let inner = value.get("resource").unwrap_or(value);
        let is_reference = value
            .str("reference")
            .is_some_and(|url| self.urls.contains(url));
        if is_reference || self.is_withheld(inner) {
            return true;
        }
        let of_doctor = key == "text" && value.get("div").is_some();
        let is_file = value.get("contentType").is_some()
            || matches!(
                inner.str("resourceType"),
                Some("Binary" | "DocumentReference" | "Media")
            );
        self.viewer.is_strict() && (of_doctor || is_file)
    }

    /// Writes what the viewer gets of a value that is kept.
    fn copy(&self, node: Node<'d>, out: &mut Writer) {
        match node.kind() {
            Kind::Object => {
                // A section that refers to what is withheld speaks of it in its own words.
                let speaks = node.get("code").is_some()
                    && node.get("resourceType").is_none()
                    && node
                        .get("text")
                        .is_some_and(|text| text.get("div").is_some())
                    && self.points(node);
                out.begin_object();
                // The value of an extension is a code, a version or a number.
                let is_extension = node.get("url").is_some();
                for (key, value) in node.entries() {
                    let is_words = self.viewer.is_strict() && WORDS.contains(&key);
                    let is_kept = self.keeps(key, value) && (is_extension || !is_words);
                    if (key == "text" && speaks) || !is_kept {
                        continue;
                    }
                    out.key(key);
                    self.copy(value, out);
                }
                out.end();
            }
            Kind::Array => {
                out.begin_array();
                for item in node.items().filter(|item| self.keeps("", *item)) {
                    self.copy(item, out);
                }
                out.end();
            }
            _ => {
                out.node(node);
            }
        }
    }
}
