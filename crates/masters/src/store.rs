//! All SQL of the masters.

use kernel::{
    money::Yen,
    time::{JstDate, Timestamp},
};
use store::{Call, Migration, Owner, Row, Schema, StoreError, Table, Value};

use crate::{
    edition::Edition,
    local_subsidy::{Burden, Scheme, Way},
};

pub(crate) mod allergen;
pub(crate) mod lab;

/// Rows of one prefecture or scheme that are looked at.
const ROWS_MAX: i64 = 500;

store::statements! {
    Reference PUT_EDITION = "INSERT INTO master_edition (master, day, sha256, rows_taken, at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (master, day) DO UPDATE SET
        sha256 = excluded.sha256, rows_taken = excluded.rows_taken, at = excluded.at";
    Reference EDITIONS = "SELECT master, day, sha256, rows_taken, at FROM master_edition
        ORDER BY master, day DESC";
    Reference CLEAR_SCHEMES = "DELETE FROM local_subsidy WHERE prefecture >= $1";
    Reference PUT_SCHEME = "INSERT INTO local_subsidy (prefecture, number, line, law, name,
        age_from, age_last, income, out_way, out_percent, out_visit, out_visit_max, out_day_max,
        out_month_max, in_way, in_percent, in_visit, in_visit_max, in_day_max, in_month_max)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
        $19, $20)";
    Reference SCHEME = "SELECT prefecture, number, line, law, name, age_from, age_last, income,
        out_way, out_percent, out_visit, out_visit_max, out_day_max, out_month_max, in_way,
        in_percent, in_visit, in_visit_max, in_day_max, in_month_max FROM local_subsidy
        WHERE prefecture = $1 AND number = $2 ORDER BY line LIMIT $3";
    Reference SCHEMES = "SELECT prefecture, number, line, law, name, age_from, age_last, income,
        out_way, out_percent, out_visit, out_visit_max, out_day_max, out_month_max, in_way,
        in_percent, in_visit, in_visit_max, in_day_max, in_month_max FROM local_subsidy
        WHERE prefecture = $1 ORDER BY number, line LIMIT $2";
}

/// The masters' storage.
#[must_use]
pub fn schema() -> Schema {
    const TABLES: &[Table] = &[
        Table {
            name: "master_edition",
            owner: Owner::Reference,
        },
        Table {
            name: "local_subsidy",
            owner: Owner::Reference,
        },
        lab::TABLE,
        allergen::TABLE,
    ];
    Schema {
        service: "masters",
        tables: TABLES,
        migrations: &[
            Migration {
                number: 1,
                name: "local_subsidy",
                sqlite: include_str!("../migrations/sqlite/0001_local_subsidy.sql"),
                postgres: include_str!("../migrations/postgres/0001_local_subsidy.sql"),
            },
            Migration {
                number: 2,
                name: "laboratory items and allergens",
                sqlite: include_str!("../migrations/sqlite/0002_lab_allergen.sql"),
                postgres: include_str!("../migrations/postgres/0002_lab_allergen.sql"),
            },
        ],
        statements: [STATEMENTS, lab::STATEMENTS, allergen::STATEMENTS].concat(),
    }
}

pub(crate) fn put_edition(call: &Call<'_>, edition: &Edition) -> Result<(), StoreError> {
    let day = edition.day.to_string();
    call.execute(
        &PUT_EDITION,
        &[
            (&edition.master).into(),
            (&day).into(),
            (&edition.sha256).into(),
            edition.rows.into(),
            edition.at.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn editions(call: &Call<'_>) -> Result<Vec<Edition>, StoreError> {
    call.rows(&EDITIONS, &[], |row| {
        Ok(Edition {
            master: row.text(0)?,
            day: JstDate::parse(&row.text(1)?).ok_or(StoreError::Corrupt("an edition's day"))?,
            sha256: row.text(2)?,
            rows: row.int(3)?,
            at: Timestamp::from_micros(row.at(4)?.micros()),
        })
    })
}

pub(crate) fn clear_schemes(call: &Call<'_>) -> Result<(), StoreError> {
    call.execute(&CLEAR_SCHEMES, &[0.into()])?;
    Ok(())
}

fn yen(yen: Option<Yen>) -> Value<'static> {
    yen.map(Yen::get).into()
}

pub(crate) fn put_scheme(call: &Call<'_>, scheme: &Scheme) -> Result<(), StoreError> {
    let (out, inn) = (&scheme.outpatient, &scheme.inpatient);
    let age = |age: u16| i64::from(age);
    call.execute(
        &PUT_SCHEME,
        &[
            i64::from(scheme.prefecture).into(),
            (&scheme.number).into(),
            scheme.row.into(),
            (&scheme.law).into(),
            (&scheme.name).into(),
            scheme.ages.map(|(from, _)| age(from)).into(),
            scheme.ages.map(|(_, last)| age(last)).into(),
            (&scheme.income).into(),
            out.way.code().into(),
            out.percent.map(i64::from).into(),
            yen(out.visit),
            yen(out.visit_max),
            yen(out.day_max),
            yen(out.month_max),
            inn.way.code().into(),
            inn.percent.map(i64::from).into(),
            yen(inn.visit),
            yen(inn.visit_max),
            yen(inn.day_max),
            yen(inn.month_max),
        ],
    )?;
    Ok(())
}

const CORRUPT: StoreError = StoreError::Corrupt("a local subsidy");

fn burden(row: &Row<'_>, first: usize) -> Result<Burden, StoreError> {
    let yen = |column: usize| Ok::<_, StoreError>(row.opt_int(first + column)?.map(Yen::new));
    Ok(Burden {
        way: Way::from_code(&row.text(first)?).ok_or(CORRUPT)?,
        percent: row
            .opt_int(first + 1)?
            .map(u8::try_from)
            .transpose()
            .map_err(|_| CORRUPT)?,
        visit: yen(2)?,
        visit_max: yen(3)?,
        day_max: yen(4)?,
        month_max: yen(5)?,
    })
}

fn read(row: &Row<'_>) -> Result<Scheme, StoreError> {
    let age = |column: usize| {
        let age = row.opt_int(column)?.map(u16::try_from);
        age.transpose().map_err(|_| CORRUPT)
    };
    Ok(Scheme {
        prefecture: u8::try_from(row.int(0)?).map_err(|_| CORRUPT)?,
        number: row.text(1)?,
        row: row.int(2)?,
        law: row.text(3)?,
        name: row.text(4)?,
        ages: age(5)?.zip(age(6)?),
        income: row.text(7)?,
        outpatient: burden(row, 8)?,
        inpatient: burden(row, 14)?,
    })
}

pub(crate) fn scheme(
    call: &Call<'_>,
    prefecture: u8,
    number: &str,
) -> Result<Vec<Scheme>, StoreError> {
    let given = [i64::from(prefecture).into(), number.into(), ROWS_MAX.into()];
    call.rows(&SCHEME, &given, read)
}

pub(crate) fn schemes(call: &Call<'_>, prefecture: u8) -> Result<Vec<Scheme>, StoreError> {
    call.rows(
        &SCHEMES,
        &[i64::from(prefecture).into(), ROWS_MAX.into()],
        read,
    )
}
