//! The commands for whole databases.

/// All rows of all tables, but the book of migrations.
pub(super) const EMPTY: &str = "DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT quote_ident(tablename) FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'schema_migration'
    LOOP EXECUTE 'DELETE FROM ' || name; END LOOP; END $$";

pub(super) fn make(name: &str) -> String {
    format!("CREATE DATABASE {name}")
}

/// Also while somebody is in it, and when it is not there.
pub(super) fn remove(name: &str) -> String {
    format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")
}
