//! All SQL of access, a file a subject.

pub(crate) mod challenge;
pub(crate) mod client;
pub(crate) mod consent;
pub(crate) mod factor;
pub(crate) mod guess;
pub(crate) mod proxy;
pub(crate) mod refresh;
pub(crate) mod session;
pub(crate) mod staff;
pub(crate) mod substitute;
pub(crate) mod terminal;
pub(crate) mod token;
pub(crate) mod window;

use store::{Migration, Owner, Schema, Table};

const TABLES: &[Table] = &[
    Table {
        name: "staff_account",
        owner: Owner::Facility,
    },
    Table {
        name: "staff_login",
        owner: Owner::Directory,
    },
    Table {
        name: "client_token",
        owner: Owner::Directory,
    },
    Table {
        name: "terminal_certificate",
        owner: Owner::Directory,
    },
    Table {
        name: "maintenance_window",
        owner: Owner::Facility,
    },
    Table {
        name: "session",
        owner: Owner::Node,
    },
    Table {
        name: "card_challenge",
        owner: Owner::Node,
    },
    Table {
        name: "staff_password",
        owner: Owner::Facility,
    },
    Table {
        name: "staff_factor",
        owner: Owner::Facility,
    },
    Table {
        name: "staff_passkey",
        owner: Owner::Directory,
    },
    Table {
        name: "staff_substitute",
        owner: Owner::Facility,
    },
    Table {
        name: "login_delay",
        owner: Owner::Node,
    },
    Table {
        name: "passkey_ceremony",
        owner: Owner::Node,
    },
    Table {
        name: "consent",
        owner: Owner::Person,
    },
    Table {
        name: "consent_entry",
        owner: Owner::Person,
    },
    Table {
        name: "oauth_client",
        owner: Owner::Facility,
    },
    Table {
        name: "oauth_client_key",
        owner: Owner::Facility,
    },
    Table {
        name: "oauth_client_directory",
        owner: Owner::Directory,
    },
    Table {
        name: "oauth_token",
        owner: Owner::Node,
    },
    Table {
        name: "oauth_refresh",
        owner: Owner::Node,
    },
    Table {
        name: "oauth_code",
        owner: Owner::Node,
    },
    Table {
        name: "oauth_jti",
        owner: Owner::Node,
    },
    Table {
        name: "oauth_identity_key",
        owner: Owner::Node,
    },
    Table {
        name: "proxy_relation",
        owner: Owner::Person,
    },
    Table {
        name: "proxy_charge",
        owner: Owner::Person,
    },
    Table {
        name: "proxy_invitation",
        owner: Owner::Directory,
    },
    Table {
        name: "proxy_session",
        owner: Owner::Node,
    },
];

/// The storage of access.
#[must_use]
pub fn schema() -> Schema {
    Schema {
        service: "access",
        tables: TABLES,
        migrations: &[
            Migration {
                number: 1,
                name: "access",
                sqlite: include_str!("../migrations/sqlite/0001_access.sql"),
                postgres: include_str!("../migrations/postgres/0001_access.sql"),
            },
            Migration {
                number: 2,
                name: "ledger of consent",
                sqlite: include_str!("../migrations/sqlite/0002_consent_ledger.sql"),
                postgres: include_str!("../migrations/postgres/0002_consent_ledger.sql"),
            },
            Migration {
                number: 3,
                name: "staff: factors, passwords, sessions",
                sqlite: include_str!("../migrations/sqlite/0003_staff.sql"),
                postgres: include_str!("../migrations/postgres/0003_staff.sql"),
            },
            Migration {
                number: 4,
                name: "clients, keys, tokens",
                sqlite: include_str!("../migrations/sqlite/0004_clients.sql"),
                postgres: include_str!("../migrations/postgres/0004_clients.sql"),
            },
            Migration {
                number: 5,
                name: "proxies",
                sqlite: include_str!("../migrations/sqlite/0005_proxies.sql"),
                postgres: include_str!("../migrations/postgres/0005_proxies.sql"),
            },
            Migration {
                number: 6,
                name: "terminals",
                sqlite: include_str!("../migrations/sqlite/0006_terminals.sql"),
                postgres: include_str!("../migrations/postgres/0006_terminals.sql"),
            },
            Migration {
                number: 7,
                name: "maintenance",
                sqlite: include_str!("../migrations/sqlite/0007_maintenance.sql"),
                postgres: include_str!("../migrations/postgres/0007_maintenance.sql"),
            },
        ],
        statements: [
            staff::STATEMENTS,
            factor::STATEMENTS,
            substitute::STATEMENTS,
            guess::STATEMENTS,
            client::STATEMENTS,
            token::STATEMENTS,
            session::STATEMENTS,
            challenge::STATEMENTS,
            consent::STATEMENTS,
            terminal::STATEMENTS,
            window::STATEMENTS,
            proxy::STATEMENTS,
        ]
        .concat(),
    }
}
