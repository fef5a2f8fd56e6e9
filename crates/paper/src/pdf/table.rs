//! Setting of tables: the widths of columns, rows over several pages, heads repeated.

use std::ops::Range;

use super::breaks;
use super::face::Shaped;
use super::flow::{Flow, MEASURE, baseline};
use super::model::{BODY, Branch, CELL, Role, SMALL, Style, Twig, What};
use crate::sheet::{Fact, Table};

/// White inside a cell, in points: at its sides, and above and below.
const PAD: (f32, f32) = (4.0, 2.5);
/// More columns than this do not fit on the paper: each row becomes lines of its own.
const COLUMNS_MAX: usize = 12;
/// From how many columns on letters are small.
const COLUMNS_SMALL: usize = 7;

/// A cell with its lines.
struct Cell {
    lines: Vec<(Shaped, Range<usize>)>,
    role: Role,
    style: Style,
    twigs: Vec<Twig>,
}

/// Facts as a table of two columns, whose rows are named by their first cell.
pub(super) fn facts(flow: &mut Flow<'_, '_>, facts: &[Fact]) -> Branch {
    let widest = facts
        .iter()
        .map(|fact| flow.ruler.shape(&fact.label).width(CELL.size))
        .fold(0.0_f32, f32::max);
    let first = (widest + PAD.0 * 2.0 + 2.0).clamp(72.0, MEASURE / 3.0);
    let widths = [first, MEASURE - first];
    let mut rows = Vec::new();
    for fact in facts {
        let texts = [fact.label.clone(), fact.value.clone()];
        rows.push(Twig::Branch(row(flow, &texts, &widths, CELL, true, None)));
    }
    flow.y += 4.0;
    Branch {
        role: Role::Table,
        twigs: vec![Twig::Branch(Branch {
            role: Role::Rows,
            twigs: rows,
        })],
    }
}

/// A table.
pub(super) fn set(flow: &mut Flow<'_, '_>, table: &Table) -> Branch {
    if table.width() > COLUMNS_MAX {
        return wide(flow, table);
    }
    let style = if table.width() >= COLUMNS_SMALL {
        SMALL
    } else {
        CELL
    };
    let mut twigs = Vec::new();
    if !table.caption.is_empty() {
        flow.need(BODY.lead * 3.0);
        let caption = flow.text(&table.caption, CELL.heavy(), 0.0, MEASURE);
        twigs.push(Twig::Branch(Branch {
            role: Role::Caption,
            twigs: caption,
        }));
    }
    let widths = widths(flow, table, style);
    let head = (!table.columns.is_empty()).then_some(table.columns.as_slice());
    if let Some(columns) = head {
        let row = head_row(flow, columns, &widths, style);
        twigs.push(Twig::Branch(Branch {
            role: Role::Head,
            twigs: vec![Twig::Branch(row)],
        }));
    }
    let mut rows = Vec::new();
    for texts in &table.rows {
        let named = table.has_row_headings;
        rows.push(Twig::Branch(row(flow, texts, &widths, style, named, head)));
    }
    if !rows.is_empty() {
        twigs.push(Twig::Branch(Branch {
            role: Role::Rows,
            twigs: rows,
        }));
    }
    flow.y += 5.0;
    Branch {
        role: Role::Table,
        twigs,
    }
}

/// A table with more columns than the paper has room for: one paragraph a row.
fn wide(flow: &mut Flow<'_, '_>, table: &Table) -> Branch {
    let mut twigs = Vec::new();
    for row in &table.rows {
        let cells: Vec<String> = row
            .iter()
            .enumerate()
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(nth, cell)| match table.columns.get(nth) {
                Some(name) if !name.is_empty() => format!("{name}：{cell}"),
                _ => cell.clone(),
            })
            .collect();
        let lines = flow.text(&cells.join("／"), CELL, 0.0, MEASURE);
        flow.y += 2.0;
        twigs.push(Twig::Branch(Branch {
            role: Role::Paragraph,
            twigs: lines,
        }));
    }
    Branch {
        role: Role::Part,
        twigs,
    }
}

/// As wide as what stands in them where there is room, else shared out by need.
fn widths(flow: &mut Flow<'_, '_>, table: &Table, style: Style) -> Vec<f32> {
    let mut wishes = vec![style.size * 2.0; table.width()];
    let all = std::iter::once(&table.columns).chain(&table.rows);
    for row in all {
        for (wish, cell) in wishes.iter_mut().zip(row) {
            for line in cell.split('\n') {
                let wide = flow.ruler.shape(line).width(style.size).min(MEASURE);
                *wish = wish.max(wide);
            }
        }
    }
    for wish in &mut wishes {
        *wish += PAD.0 * 2.0 + 1.0;
    }
    let sum: f32 = wishes.iter().sum();
    if sum <= MEASURE {
        let scale = MEASURE / sum.max(1.0);
        return wishes.iter().map(|wish| wish * scale).collect();
    }
    shared(&wishes, MEASURE)
}

/// Who needs no more than an equal part gets it whole, so that a date or a number stays on one
/// line; the others share what is left equally.
fn shared(wishes: &[f32], room: f32) -> Vec<f32> {
    let mut order: Vec<(usize, f32)> = wishes.iter().copied().enumerate().collect();
    order.sort_by(|one, other| one.1.total_cmp(&other.1));
    let mut widths = vec![0.0; wishes.len()];
    let count = u16::try_from(wishes.len()).unwrap_or(u16::MAX);
    let (mut left, mut parts) = (room, f32::from(count));
    for (nth, wish) in order {
        let wide = wish.min(left / parts.max(1.0));
        left -= wide;
        parts -= 1.0;
        if let Some(width) = widths.get_mut(nth) {
            *width = wide;
        }
    }
    widths
}

fn cells(
    flow: &mut Flow<'_, '_>,
    texts: &[String],
    widths: &[f32],
    style: Style,
    role: impl Fn(usize) -> Role,
) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (nth, (text, wide)) in texts.iter().zip(widths).enumerate() {
        // An empty heading would name nothing: it is a cell.
        let role = if text.is_empty() {
            Role::Cell
        } else {
            role(nth)
        };
        let style = if matches!(role, Role::Cell) {
            style
        } else {
            style.heavy()
        };
        let room = (wide - PAD.0 * 2.0).max(style.size) / style.size;
        let mut lines = Vec::new();
        for line in text.split('\n') {
            let line = if line.is_empty() { " " } else { line };
            let shaped = flow.ruler.shape(line);
            for range in breaks::lines(&shaped, room) {
                lines.push((shaped.clone(), range));
            }
        }
        cells.push(Cell {
            lines,
            role,
            style,
            twigs: Vec::new(),
        });
    }
    cells
}

fn head_row(flow: &mut Flow<'_, '_>, columns: &[String], widths: &[f32], style: Style) -> Branch {
    let mut cells = cells(flow, columns, widths, style, |_| Role::OfColumn);
    let high = height(&cells, style);
    // A head stays with the first lines below it.
    flow.need(high + style.lead * 2.0);
    flow.shade(0.0, MEASURE, flow.y, high);
    let count = lines_of(&cells);
    slice(flow, &mut cells, widths, 0..count, style, false);
    finish(cells)
}

/// One row; `named` says that its first cell names it, `head` is repeated on a new page.
fn row(
    flow: &mut Flow<'_, '_>,
    texts: &[String],
    widths: &[f32],
    style: Style,
    named: bool,
    head: Option<&[String]>,
) -> Branch {
    let mut cells = cells(flow, texts, widths, style, |nth| {
        if named && nth == 0 {
            Role::OfRow
        } else {
            Role::Cell
        }
    });
    let count = lines_of(&cells);
    let mut from = 0_usize;
    while from < count {
        let high = height_of(count.saturating_sub(from), style);
        let fits = high <= flow.room();
        if !fits {
            // What fits on a page of its own is not torn.
            let least = height_of(2, style);
            if high <= Flow::room_max() * 0.8 || flow.room() < least {
                turn(flow, widths, style, head);
            }
        }
        let mut lines = 0_usize;
        while from.saturating_add(lines) < count
            && (lines == 0 || height_of(lines.saturating_add(1), style) <= flow.room())
        {
            lines = lines.saturating_add(1);
        }
        let until = from.saturating_add(lines);
        slice(flow, &mut cells, widths, from..until, style, false);
        from = until;
    }
    finish(cells)
}

/// A new page, with the head of the table again.
fn turn(flow: &mut Flow<'_, '_>, widths: &[f32], style: Style, head: Option<&[String]>) {
    flow.turn();
    let Some(columns) = head else { return };
    let mut cells = cells(flow, columns, widths, style, |_| Role::OfColumn);
    let high = height(&cells, style);
    // A head as high as the page would leave no room for what it names.
    if high > Flow::room_max() / 3.0 {
        return;
    }
    flow.shade(0.0, MEASURE, flow.y, high);
    let count = lines_of(&cells);
    slice(flow, &mut cells, widths, 0..count, style, true);
}

/// Some lines of all cells of a row, at the present place.
fn slice(
    flow: &mut Flow<'_, '_>,
    cells: &mut [Cell],
    widths: &[f32],
    lines: Range<usize>,
    style: Style,
    is_repeated: bool,
) {
    let top = flow.y + PAD.1;
    let high = height_of(lines.len(), style);
    let mut x = 0.0_f32;
    for (cell, wide) in cells.iter_mut().zip(widths) {
        let mut y = top;
        let shown = cell.lines.iter().skip(lines.start).take(lines.len());
        for (shaped, range) in shown {
            let what = if is_repeated {
                What::Repeated
            } else {
                let leaf = flow.leaf();
                cell.twigs.push(Twig::Leaf(leaf));
                What::Leaf(leaf)
            };
            let at = super::MARGIN + x + PAD.0;
            flow.draw(
                shaped,
                range.clone(),
                cell.style,
                at,
                y + baseline(style),
                what,
            );
            y += style.lead;
        }
        x += wide;
    }
    flow.y += high;
    flow.rule(0.0, MEASURE, flow.y);
}

fn finish(cells: Vec<Cell>) -> Branch {
    Branch {
        role: Role::Row,
        twigs: cells
            .into_iter()
            .map(|cell| {
                Twig::Branch(Branch {
                    role: cell.role,
                    twigs: cell.twigs,
                })
            })
            .collect(),
    }
}

fn lines_of(cells: &[Cell]) -> usize {
    cells
        .iter()
        .map(|cell| cell.lines.len())
        .max()
        .unwrap_or_default()
}

fn height(cells: &[Cell], style: Style) -> f32 {
    height_of(lines_of(cells), style)
}

fn height_of(lines: usize, style: Style) -> f32 {
    let lines = u16::try_from(lines).unwrap_or(u16::MAX);
    f32::from(lines) * style.lead + PAD.1 * 2.0
}
