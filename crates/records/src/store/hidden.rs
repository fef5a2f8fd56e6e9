//! What a person keeps to themself: entries and documents by their keys, never their content.

use std::collections::BTreeSet;

use kernel::id::PersonId;
use store::{Call, Owner, StoreError};

use crate::model::{Item, Keys};

store::statements! {
    Person PUT = "INSERT INTO record_hidden (person_id, entry_key, content_key, kind, since)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (person_id, entry_key) DO NOTHING";
    Person DROP = "DELETE FROM record_hidden
        WHERE person_id = $1 AND (entry_key = $2 OR content_key = $3)";
    Person ALL = "SELECT entry_key, content_key FROM record_hidden
        WHERE person_id = $1 ORDER BY since, entry_key LIMIT $2";
}

pub(super) const TABLE: store::Table = store::Table {
    name: "record_hidden",
    owner: Owner::Person,
};

/// Entries that one person may hide.
pub(crate) const HIDDEN_MAX: i64 = 5_000;

/// What is hidden.
#[derive(Default)]
pub(crate) struct Hidden(BTreeSet<[u8; 32]>);

impl Hidden {
    /// Is this one hidden: by itself, by what it says, or with its document?
    pub(crate) fn has(&self, item: &Item) -> bool {
        let Keys {
            entry,
            content,
            document,
        } = &item.keys;
        [entry, content, document]
            .into_iter()
            .any(|key| self.0.contains(key))
    }

    /// Is the whole document hidden?
    pub(crate) fn has_document(&self, item: &Item) -> bool {
        self.0.contains(&item.keys.document)
    }

    /// How many rows stand behind it, at least.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Hides an entry, or with `is_document` the document that holds it.
pub(crate) fn put(
    call: &Call<'_>,
    person: PersonId,
    keys: &Keys,
    is_document: bool,
) -> Result<(), StoreError> {
    let (entry, content, kind) = if is_document {
        (&keys.document, &keys.document, "document")
    } else {
        (&keys.entry, &keys.content, "entry")
    };
    let since = call.at();
    let given = [
        person.as_bytes().into(),
        entry.into(),
        content.into(),
        kind.into(),
        since.into(),
    ];
    call.execute(&PUT, &given)?;
    Ok(())
}

/// Shows again what was hidden.
pub(crate) fn drop(
    call: &Call<'_>,
    person: PersonId,
    keys: &Keys,
    is_document: bool,
) -> Result<usize, StoreError> {
    let (entry, content) = if is_document {
        (&keys.document, &keys.document)
    } else {
        (&keys.entry, &keys.content)
    };
    let given = [person.as_bytes().into(), entry.into(), content.into()];
    call.execute(&DROP, &given)
}

/// Adds what a person hides.
pub(crate) fn load(call: &Call<'_>, person: PersonId, into: &mut Hidden) -> Result<(), StoreError> {
    let given = [person.as_bytes().into(), HIDDEN_MAX.into()];
    let rows = call.rows(&ALL, &given, |row| {
        Ok([row.array::<32>(0)?, row.array::<32>(1)?])
    })?;
    into.0.extend(rows.into_iter().flatten());
    Ok(())
}
