//! How an embedded statement is planned.

use rusqlite::StatementStatus;

use super::folder;
use crate::link::Link;

#[test]
fn a_statement_with_a_given_limit_is_planned_once_for_all_its_runs() {
    let folder = folder("plan");
    std::fs::create_dir_all(&folder).expect("a folder");
    let link = Link::embedded(&folder.join("plan.db")).expect("a database");
    let connection = link.sqlite().expect("embedded");
    connection
        .execute_batch("CREATE TABLE one (id INTEGER PRIMARY KEY, at INTEGER NOT NULL)")
        .expect("a table");
    let mut statement = connection
        .prepare("SELECT id FROM one WHERE id > ?1 ORDER BY at LIMIT ?2")
        .expect("prepared");
    for limit in [3, 4, 5] {
        let mut rows = statement.query([0, limit]).expect("asked");
        assert!(rows.next().expect("answered").is_none());
    }
    assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    drop(statement);
    drop(link);
    std::fs::remove_dir_all(&folder).expect("removed");
}
