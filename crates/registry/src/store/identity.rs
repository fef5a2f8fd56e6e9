//! SQL: the directory of attributes, and disaster mode.

use kernel::{
    id::{DisasterModeId, PersonId},
    time::{Period, Timestamp},
};
use store::{Call, Row, StoreError};

use crate::disaster::{Area, Mode};

store::statements! {
    Directory PUT_ATTRIBUTE = "INSERT INTO attribute_directory (key, person_id, name_tag)
        VALUES ($1, $2, $3) ON CONFLICT (key, person_id) DO UPDATE SET name_tag = excluded.name_tag";
    Directory DROP_ATTRIBUTE = "DELETE FROM attribute_directory WHERE key = $1 AND person_id = $2";
    Directory BY_ATTRIBUTE = "SELECT COALESCE(m.kept_id, a.person_id), a.name_tag
        FROM attribute_directory a LEFT JOIN merged_directory m ON m.person_key = a.person_id
        WHERE a.key = $1 ORDER BY a.key, a.person_id LIMIT $2";
    Reference PUT_MODE = "INSERT INTO disaster_mode
        (mode_id, name, areas, from_at, until_at, declared_at, declared_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (mode_id) DO UPDATE SET from_at = excluded.from_at,
        until_at = excluded.until_at";
    Reference MODE = "SELECT mode_id, name, areas, from_at, until_at, declared_at, declared_by
        FROM disaster_mode WHERE mode_id = $1";
    Reference MODES_AFTER = "SELECT mode_id, name, areas, from_at, until_at, declared_at,
        declared_by FROM disaster_mode WHERE until_at > $1
        ORDER BY until_at DESC, mode_id LIMIT $2";
}

/// Bytes of a directory key: enough that no two attributes meet by chance.
pub(crate) const KEY_LEN: usize = 16;
/// Bytes of a tag beside it.
pub(crate) const TAG_LEN: usize = 8;

/// One entry of the directory of attributes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AttributeHint {
    pub person: PersonId,
    pub name_tag: Vec<u8>,
}

pub(crate) fn put_attribute(
    call: &Call<'_>,
    key: &[u8; KEY_LEN],
    person: PersonId,
    name_tag: &[u8; TAG_LEN],
) -> Result<(), StoreError> {
    let values = [key.into(), person.as_bytes().into(), name_tag.into()];
    call.execute(&PUT_ATTRIBUTE, &values)?;
    Ok(())
}

pub(crate) fn drop_attribute(
    call: &Call<'_>,
    key: &[u8; KEY_LEN],
    person: PersonId,
) -> Result<(), StoreError> {
    call.execute(&DROP_ATTRIBUTE, &[key.into(), person.as_bytes().into()])?;
    Ok(())
}

/// Who has an attribute; who was merged into somebody is that somebody.
pub(crate) fn by_attribute(
    call: &Call<'_>,
    key: &[u8; KEY_LEN],
    limit: i64,
) -> Result<Vec<AttributeHint>, StoreError> {
    call.rows(&BY_ATTRIBUTE, &[key.into(), limit.into()], |row| {
        Ok(AttributeHint {
            person: PersonId::from_bytes(row.array(0)?),
            name_tag: row.blob(1)?,
        })
    })
}

pub(crate) fn put_mode(call: &Call<'_>, mode: &Mode) -> Result<(), StoreError> {
    let areas: Vec<String> = mode.areas.iter().map(Area::word).collect();
    call.execute(
        &PUT_MODE,
        &[
            mode.id.as_bytes().into(),
            (&mode.name).into(),
            (&areas.join(" ")).into(),
            mode.period.from().into(),
            mode.until().into(),
            mode.declared_at.into(),
            (&mode.declared_by).into(),
        ],
    )?;
    Ok(())
}

fn mode_of(row: &Row<'_>) -> Result<Mode, StoreError> {
    const BAD: StoreError = StoreError::Corrupt("a disaster mode");
    let areas = row.text(2)?;
    let areas: Option<Vec<Area>> = areas.split(' ').map(Area::parse).collect();
    Ok(Mode {
        id: DisasterModeId::from_bytes(row.array(0)?),
        name: row.text(1)?,
        areas: areas.ok_or(BAD)?,
        period: Period::new(row.at(3)?, Some(row.at(4)?)).ok_or(BAD)?,
        declared_at: row.at(5)?,
        declared_by: row.text(6)?,
    })
}

pub(crate) fn mode(call: &Call<'_>, id: DisasterModeId) -> Result<Option<Mode>, StoreError> {
    call.row(&MODE, &[id.as_bytes().into()], mode_of)
}

/// The modes that end after an instant, the last to end first.
pub(crate) fn modes_after(
    call: &Call<'_>,
    after: Timestamp,
    limit: i64,
) -> Result<Vec<Mode>, StoreError> {
    call.rows(&MODES_AFTER, &[after.into(), limit.into()], mode_of)
}
