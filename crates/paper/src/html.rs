//! A sheet as part of a web page.

use maud::{Markup, html};

use crate::sheet::{Block, Fact, List, Section, Sheet, Table};

/// The sheet as an `article`. Its title is a heading of level 2 (the page's own is 1), parts are
/// of level 3, parts of parts of level 4.
#[must_use]
pub fn article(sheet: &Sheet) -> Markup {
    html! {
        article.sheet lang="ja" aria-labelledby="sheet-title" {
            header.sheet-head {
                h2 id="sheet-title" { (sheet.title) }
                @if !sheet.marks.is_empty() {
                    p.sheet-marks { @for mark in &sheet.marks { span.tag { (mark) } " " } }
                }
                (facts(&sheet.head))
            }
            @if !sheet.patient.is_empty() {
                section.sheet-patient aria-labelledby="sheet-patient" {
                    h3 id="sheet-patient" { "患者" }
                    (facts(&sheet.patient))
                }
            }
            @for (nth, section) in sheet.sections.iter().enumerate() {
                (part(section, &format!("sheet-{nth}"), 3))
            }
            footer.sheet-foot {
                @if !sheet.origin.facts.is_empty() { (facts(&sheet.origin.facts)) }
                p.sheet-line { (sheet.origin.line()) }
            }
        }
    }
}

fn facts(facts: &[Fact]) -> Markup {
    html! {
        @if !facts.is_empty() {
            dl.facts {
                @for fact in facts {
                    div { dt { (fact.label) } dd { (lines(&fact.value)) } }
                }
            }
        }
    }
}

fn part(section: &Section, id: &str, level: u8) -> Markup {
    html! {
        section.sheet-part aria-labelledby=(id) {
            @match level {
                3 => { h3 id=(id) { (section.heading) } }
                4 => { h4 id=(id) { (section.heading) } }
                _ => { h5 id=(id) { (section.heading) } }
            }
            @for block in &section.blocks { (self::block(block, level)) }
            @for (nth, inner) in section.parts.iter().enumerate() {
                (part(inner, &format!("{id}-{nth}"), level.saturating_add(1)))
            }
        }
    }
}

fn block(block: &Block, level: u8) -> Markup {
    html! {
        @match block {
            Block::Paragraph(text) => { p { (lines(text)) } }
            Block::Heading(text) => {
                @match level {
                    3 => { h4 { (text) } }
                    4 => { h5 { (text) } }
                    _ => { h6 { (text) } }
                }
            }
            Block::List(list) => { (self::list(list)) }
            Block::Table(table) => { (self::table(table)) }
            Block::Remark(text) => { p.sheet-remark { (lines(text)) } }
        }
    }
}

fn list(list: &List) -> Markup {
    let items = html! {
        @for item in &list.items {
            li { (lines(&item.text)) @if let Some(inner) = &item.inner { (self::list(inner)) } }
        }
    };
    html! {
        @if list.is_numbered { ol { (items) } } @else { ul { (items) } }
    }
}

fn table(table: &Table) -> Markup {
    html! {
        // What can be scrolled must be reachable by keyboard, and needs a name then.
        div.scroll tabindex="0" role="region"
            aria-label=(if table.caption.is_empty() { "表" } else { table.caption.as_str() }) {
            table.table {
                @if !table.caption.is_empty() { caption { (table.caption) } }
                @if !table.columns.is_empty() {
                    thead { tr {
                        @for column in &table.columns {
                            @if column.is_empty() { td {} } @else { th scope="col" { (lines(column)) } }
                        }
                    } }
                }
                tbody {
                    @for row in &table.rows {
                        tr {
                            @for (nth, cell) in row.iter().enumerate() {
                                @if nth == 0 && table.has_row_headings && !cell.is_empty() {
                                    th scope="row" { (lines(cell)) }
                                } @else {
                                    td { (lines(cell)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Text with its line breaks.
fn lines(text: &str) -> Markup {
    html! {
        @for (nth, line) in text.split('\n').enumerate() {
            @if nth > 0 { br; }
            (line)
        }
    }
}
