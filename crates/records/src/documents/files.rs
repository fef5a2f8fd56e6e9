//! The files in a document: each is what it claims to be, or the document is refused.
//!
//! Source: clins-documents section b (attachments, 20 files a send); identity-security T16.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use fhir::{
    clins::document::{self, ATTACHMENTS_MAX, Attachment, DocumentFacts},
    json::{Document, Node},
};
use kernel::{Entry, Finding, Refusal, catalog::shorten};

use super::{
    errors as no, image,
    model::File,
    sniff::{self, FileKind, Found},
};

/// Longest title that is kept, in characters.
const TITLE_MAX: usize = 100;

/// A Bundle, with its place when it stands inside another, and its facts.
type Part<'d> = (Option<usize>, Node<'d>, &'d DocumentFacts);

/// The document and those inside it.
fn parts<'d>(document: &'d Document, facts: &'d DocumentFacts) -> Vec<Part<'d>> {
    let root = document.root();
    let mut all = vec![(None, root, facts)];
    for (outer, facts) in &facts.attached {
        let entry = root.list("entry").nth(*outer);
        if let Some(inner) = entry.and_then(|entry| entry.get("resource")) {
            all.push((Some(*outer), inner, facts));
        }
    }
    all
}

/// A file's bytes, out of the Bundle in which it stands.
fn bytes(bundle: Node<'_>, attachment: &Attachment) -> Option<Vec<u8>> {
    let text = attachment.base64(bundle)?;
    // FHIR lets white space stand between the characters.
    let bare: String;
    let text = if text.contains(|c: char| c.is_ascii_whitespace()) {
        bare = text.split_ascii_whitespace().collect();
        &bare
    } else {
        text
    };
    STANDARD.decode(text).ok().filter(|bytes| !bytes.is_empty())
}

/// The bytes of a file that was judged, out of the bytes of its document.
#[must_use]
pub fn out_of(text: &[u8], file: &File) -> Option<Vec<u8>> {
    let document = Document::parse(text).ok()?;
    let facts = document::facts(&document)?;
    let (outer, index, number) = file.place;
    let parts = parts(&document, &facts);
    let (_, bundle, facts) = parts.into_iter().find(|part| part.0 == outer)?;
    let mut all = facts.attachments.iter();
    let found = all.find(|one| (one.index, one.number) == (index, number))?;
    bytes(bundle, found)
}

/// Judges every file of a document, and of the documents inside it.
///
/// # Errors
/// Every fault, each with its place: the entry that says what is the matter, and the finding.
pub fn judge(
    document: &Document,
    facts: &DocumentFacts,
) -> Result<Vec<File>, Vec<(&'static Entry, Finding)>> {
    let mut faults = Vec::new();
    let parts = parts(document, facts);
    let count: usize = parts.iter().map(|part| part.2.attachments.len()).sum();
    if count > ATTACHMENTS_MAX {
        faults.push(fault(&no::FILES_MANY, "Bundle.entry", &count.to_string()));
    }
    let mut files = Vec::new();
    for (outer, bundle, facts) in parts {
        // What only an address leads to is not inside: nothing is fetched, and readers see its
        // name in the document's text.
        let inside = facts.attachments.iter();
        let inside = inside.filter(|one| one.base64_len > 0 || one.url.is_none());
        for attachment in inside {
            match one(bundle, outer, attachment) {
                Ok(file) => files.push(file),
                Err((entry, found)) => {
                    faults.push(fault(entry, &path(outer, attachment), &found));
                }
            }
        }
    }
    if faults.is_empty() {
        Ok(files)
    } else {
        Err(faults)
    }
}

fn path(outer: Option<usize>, attachment: &Attachment) -> String {
    let outer = outer.map_or_else(String::new, |place| format!(".entry[{place}].resource"));
    let number = attachment.number.saturating_add(1);
    format!(
        "Bundle{outer}.entry[{}].resource (file {number})",
        attachment.index
    )
}

fn fault(entry: &'static Entry, path: &str, found: &str) -> (&'static Entry, Finding) {
    let refusal = Refusal::at(entry, path, found);
    let finding = refusal.findings.into_iter().next();
    (entry, finding.unwrap_or_else(|| bare(entry, path)))
}

fn bare(entry: &'static Entry, path: &str) -> Finding {
    Finding {
        path: path.to_owned(),
        rule: entry.code.to_owned(),
        found: String::new(),
        remedy_ja: entry.remedy.ja.to_owned(),
        remedy_en: entry.remedy.en.to_owned(),
    }
}

fn one(
    bundle: Node<'_>,
    outer: Option<usize>,
    attachment: &Attachment,
) -> Result<File, (&'static Entry, String)> {
    let claimed = &attachment.content_type;
    let Some(bytes) = bytes(bundle, attachment) else {
        return Err((&no::FILE_UNREADABLE, shorten(claimed)));
    };
    let found = sniff::sniff(&bytes);
    if let Found::Dangerous(what) = found {
        return Err((&no::FILE_DANGEROUS, what.to_owned()));
    }
    let Some(declared) = FileKind::declared(claimed) else {
        return Err((&no::FILE_KIND, shorten(claimed)));
    };
    match found {
        Found::Kind(kind) if kind == declared => Ok(File {
            place: (outer, attachment.index, attachment.number),
            kind,
            title: title(attachment),
            bytes: bytes.len(),
            is_shown: image::is_shown(kind, &bytes),
        }),
        Found::Kind(kind) => Err((&no::FILE_TYPE, kind.content_type().to_owned())),
        Found::Unknown | Found::Dangerous(_) => Err((&no::FILE_TYPE, "?".to_owned())),
    }
}

fn title(attachment: &Attachment) -> String {
    let text = attachment.title.as_deref().unwrap_or_default();
    let plain = text.chars().filter(|c| !c.is_control());
    plain.take(TITLE_MAX).collect()
}
