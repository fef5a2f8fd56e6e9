//! The allergens' master.

use kernel::time::JstDate;
use store::{Call, Owner, Row, StoreError};

use crate::allergen::Allergen;

store::statements! {
    Reference CLEAR = "DELETE FROM allergen WHERE level >= $1";
    Reference PUT = "INSERT INTO allergen
        (code, place, name, kana, english, level, is_main, from_day, until_day)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    Reference ONE = "SELECT code, place, name, kana, english, level, is_main, from_day, until_day
        FROM allergen WHERE code = $1";
    Reference SEARCH = "SELECT code, place, name, kana, english, level, is_main, from_day, until_day
        FROM allergen WHERE kana LIKE $1 ESCAPE '\\' OR name LIKE $2 ESCAPE '\\'
        ORDER BY place LIMIT $3";
}

pub(super) const TABLE: store::Table = store::Table {
    name: "allergen",
    owner: Owner::Reference,
};

const BAD: StoreError = StoreError::Corrupt("an allergen");

pub(crate) fn clear(call: &Call<'_>) -> Result<(), StoreError> {
    call.execute(&CLEAR, &[0.into()])?;
    Ok(())
}

pub(crate) fn put(call: &Call<'_>, one: &Allergen) -> Result<(), StoreError> {
    let [from, until] = [one.from, one.until].map(|day| day.map(|day| day.to_string()));
    let given = [
        (&one.code).into(),
        one.place.into(),
        (&one.name).into(),
        (&one.kana).into(),
        (&one.english).into(),
        one.level.into(),
        i64::from(one.is_main).into(),
        from.as_deref().into(),
        until.as_deref().into(),
    ];
    call.execute(&PUT, &given)?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Allergen, StoreError> {
    let day = |column: usize| match row.opt_text(column)? {
        Some(text) => JstDate::parse(&text).map(Some).ok_or(BAD),
        None => Ok(None),
    };
    Ok(Allergen {
        code: row.text(0)?,
        place: row.int(1)?,
        name: row.text(2)?,
        kana: row.text(3)?,
        english: row.text(4)?,
        level: row.int(5)?,
        is_main: row.flag(6)?,
        from: day(7)?,
        until: day(8)?,
    })
}

pub(crate) fn one(call: &Call<'_>, code: &str) -> Result<Option<Allergen>, StoreError> {
    call.row(&ONE, &[code.into()], read)
}

pub(crate) fn search(
    call: &Call<'_>,
    kana: &str,
    name: &str,
    limit: i64,
) -> Result<Vec<Allergen>, StoreError> {
    let [kana, name] = [kana, name].map(|text| {
        let plain = text.replace('\\', "\\\\").replace('%', "\\%");
        format!("%{}%", plain.replace('_', "\\_"))
    });
    let given = [(&kana).into(), (&name).into(), limit.into()];
    call.rows(&SEARCH, &given, read)
}
