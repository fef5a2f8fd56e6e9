//! All SQL of equipment, a file a subject.

pub(crate) mod authority;
pub(crate) mod item;
pub(crate) mod officer;
pub(crate) mod peer;
pub(crate) mod reader;
pub(crate) mod sandbox;
pub(crate) mod unmasking;

use store::{Migration, Owner, Schema, Table};

/// The storage of equipment.
#[must_use]
pub fn schema() -> Schema {
    const fn table(name: &'static str, owner: Owner) -> Table {
        Table { name, owner }
    }
    const TABLES: &[Table] = &[
        table("equipment_authority", Owner::Node),
        table("equipment_server_certificate", Owner::Node),
        table("equipment_officer", Owner::Node),
        table("equipment_facility_officer", Owner::Facility),
        table("equipment_sandbox", Owner::Node),
        table("equipment_item", Owner::Facility),
        table("equipment_certificate", Owner::Facility),
        table("equipment_peer", Owner::Node),
        table("equipment_alert", Owner::Node),
        table("equipment_unmasking", Owner::Facility),
        table("equipment_reader", Owner::Facility),
    ];
    Schema {
        service: "equipment",
        tables: TABLES,
        migrations: &[
            Migration {
                number: 1,
                name: "equipment",
                sqlite: include_str!("../migrations/sqlite/0001_equipment.sql"),
                postgres: include_str!("../migrations/postgres/0001_equipment.sql"),
            },
            Migration {
                number: 2,
                name: "reader",
                sqlite: include_str!("../migrations/sqlite/0002_reader.sql"),
                postgres: include_str!("../migrations/postgres/0002_reader.sql"),
            },
        ],
        statements: [
            authority::STATEMENTS,
            item::STATEMENTS,
            officer::STATEMENTS,
            peer::STATEMENTS,
            reader::STATEMENTS,
            sandbox::STATEMENTS,
            unmasking::STATEMENTS,
        ]
        .concat(),
    }
}
