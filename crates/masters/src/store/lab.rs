//! The laboratory items' master: pairs of codes by edition.

use kernel::time::JstDate;
use store::{Call, Owner, StoreError};

use crate::lab::Pair;

store::statements! {
    Reference CLEAR = "DELETE FROM lab_item WHERE day = $1";
    Reference PUT = "INSERT INTO lab_item
        (day, line, kind, item, name, jlac10, jlac11, unit, specimen, method)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    Reference BEGUN = "SELECT day FROM lab_item WHERE day <= $1 ORDER BY day DESC LIMIT 1";
    Reference FIRST = "SELECT day FROM lab_item WHERE day >= $1 ORDER BY day LIMIT 1";
    Reference BY_JLAC10 = "SELECT line, kind, item, name, jlac10, jlac11, unit, specimen, method
        FROM lab_item WHERE jlac10 = $1 AND day = $2 ORDER BY line LIMIT $3";
    Reference BY_JLAC11 = "SELECT line, kind, item, name, jlac10, jlac11, unit, specimen, method
        FROM lab_item WHERE jlac11 = $1 AND day = $2 ORDER BY line LIMIT $3";
}

pub(super) const TABLE: store::Table = store::Table {
    name: "lab_item",
    owner: Owner::Reference,
};

/// Rows of one code that are read.
const ROWS_MAX: i64 = 500;

pub(crate) fn clear(call: &Call<'_>, day: JstDate) -> Result<(), StoreError> {
    let day = day.to_string();
    call.execute(&CLEAR, &[(&day).into()])?;
    Ok(())
}

pub(crate) fn put(call: &Call<'_>, day: JstDate, pair: &Pair) -> Result<(), StoreError> {
    let day = day.to_string();
    let given = [
        (&day).into(),
        pair.line.into(),
        (&pair.kind).into(),
        (&pair.item).into(),
        (&pair.name).into(),
        (&pair.jlac10).into(),
        (&pair.jlac11).into(),
        (&pair.unit).into(),
        (&pair.specimen).into(),
        (&pair.method).into(),
    ];
    call.execute(&PUT, &given)?;
    Ok(())
}

pub(crate) fn pairs(call: &Call<'_>, code: &str, on: JstDate) -> Result<Vec<Pair>, StoreError> {
    let on = on.to_string();
    let day = match call.row(&BEGUN, &[(&on).into()], |row| row.text(0))? {
        Some(day) => day,
        None => match call.row(&FIRST, &[(&on).into()], |row| row.text(0))? {
            Some(day) => day,
            None => return Ok(Vec::new()),
        },
    };
    let given = [code.into(), (&day).into(), ROWS_MAX.into()];
    let read = |row: &store::Row<'_>| {
        Ok(Pair {
            line: row.int(0)?,
            kind: row.text(1)?,
            item: row.text(2)?,
            name: row.text(3)?,
            jlac10: row.text(4)?,
            jlac11: row.text(5)?,
            unit: row.text(6)?,
            specimen: row.text(7)?,
            method: row.text(8)?,
        })
    };
    let found = call.rows(&BY_JLAC10, &given, read)?;
    if found.is_empty() {
        return call.rows(&BY_JLAC11, &given, read);
    }
    Ok(found)
}
