//! Names of entries and documents by which people hide them and speak of them: keyed hashes, so
//! that a table of names says nothing.

use store::Call;

use crate::model::{Item, Keys, What};

/// Under which name a document of an institution is known.
pub(crate) fn document_key(call: &Call<'_>, institution: &str, identifier: &str) -> [u8; 32] {
    call.directory_key("record-document", &[institution, identifier])
}

/// Under which names an entry of a document is known; `document` is that of its document.
pub(crate) fn keys(call: &Call<'_>, item: &Item, document: [u8; 32]) -> Keys {
    let from = item.provenance.institution.as_str();
    let on;
    let about = match &item.what {
        What::Condition(c) => [c.code.as_deref().unwrap_or(&c.name), ""],
        What::Allergy(a) => [a.code.as_deref().unwrap_or(&a.substance), &a.substance],
        What::Lab(l) => {
            on = l.on.to_string();
            [l.key.as_str(), on.as_str()]
        }
        What::Prescription(p) => {
            on = p.on.to_string();
            [p.medicine.as_str(), on.as_str()]
        }
    };
    let [name, more] = about;
    let word = item.category.word();
    let content = call.directory_key("record-content", &[from, word, name, more]);
    let entry = match item.identifier.as_str() {
        "" => content,
        own => call.directory_key("record-entry", &[from, word, own]),
    };
    Keys {
        entry,
        content,
        document,
    }
}
