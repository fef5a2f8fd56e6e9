//! Tables: a caption, scoped headers, and a region that scrolls sideways by keyboard.

use maud::{Markup, html};

/// One column.
#[derive(Clone, Copy, Debug)]
pub struct Column<'a> {
    /// Its heading.
    pub label: &'a str,
    /// Are its values numbers, set flush right?
    pub numeric: bool,
}

/// A table whose first column names its rows.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    /// Unique in the page.
    pub id: &'a str,
    /// What the table shows.
    pub caption: &'a str,
    /// The columns, the naming one first.
    pub columns: &'a [Column<'a>],
    /// The rows, each with as many cells as there are columns.
    pub rows: &'a [Vec<Markup>],
    /// What is said when there are no rows.
    pub empty: &'a str,
}

/// A region around a wide table; the keyboard reaches and scrolls it.
pub(super) fn scroll_region(caption_id: &str, table: &Markup) -> Markup {
    html! {
        div.scroll role="region" tabindex="0" aria-labelledby=(caption_id) { (table) }
    }
}

/// The table.
#[must_use]
pub fn data_table(table: &Table<'_>) -> Markup {
    let caption_id = format!("{}-caption", table.id);
    let inner = html! {
        table.table id=(table.id) {
            caption id=(caption_id) { (table.caption) }
            thead {
                tr {
                    @for column in table.columns {
                        th.num[column.numeric] scope="col" { (column.label) }
                    }
                }
            }
            tbody {
                @if table.rows.is_empty() {
                    tr { td.table-empty colspan=(table.columns.len()) { (table.empty) } }
                }
                @for row in table.rows { (data_row(table.columns, row)) }
            }
        }
    };
    scroll_region(&caption_id, &inner)
}

fn data_row(columns: &[Column<'_>], cells: &[Markup]) -> Markup {
    html! {
        tr {
            @for (nth, (column, cell)) in columns.iter().zip(cells).enumerate() {
                @if nth == 0 {
                    th scope="row" { (cell) }
                } @else {
                    td.num[column.numeric] { (cell) }
                }
            }
        }
    }
}
