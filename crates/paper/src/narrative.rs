//! An author's XHTML narrative, reduced to paragraphs, lists and tables of plain text.
//!
//! Only what carries meaning in plain text is kept: paragraphs, line breaks, lists, tables,
//! headings. What would change a meaning when it is dropped is written out: a raised number
//! (10<sup>4</sup> is not 104), a struck-out text, a picture's alternative text. Links, styles,
//! classes, colours and pictures are not taken over. The reader is total: any input gives blocks.
//!
//! Source: FHIR R4 2.4.0 (the elements of a narrative).

mod tree;

use crate::sheet::{Block, Item, List, Table, clean};
use tree::{Node, tree};

/// Blocks of one narrative; what follows is left out with a remark.
const BLOCKS_MAX: usize = 2_000;
/// Columns of a table; what stands further right joins the last cell.
const COLUMNS_MAX: usize = 40;

/// The narrative `xhtml` as blocks.
#[must_use]
pub fn blocks(xhtml: &str) -> Vec<Block> {
    let tree = tree(xhtml);
    let mut out = Vec::new();
    let mut reader = Reader::default();
    reader.flow(&tree, &mut out);
    reader.flush(&mut out);
    if out.len() > BLOCKS_MAX {
        out.truncate(BLOCKS_MAX);
        out.push(Block::Remark(
            "長いため、以下は表示していません。".to_owned(),
        ));
    }
    out
}

/// Collects running text between blocks.
#[derive(Default)]
struct Reader {
    text: String,
}

impl Reader {
    fn flush(&mut self, out: &mut Vec<Block>) {
        let text = clean(&std::mem::take(&mut self.text));
        if !text.is_empty() {
            out.push(Block::Paragraph(text));
        }
    }

    fn flow(&mut self, nodes: &[Node], out: &mut Vec<Block>) {
        for node in nodes {
            let Node::Element { name, children, .. } = node else {
                inline(node, &mut self.text);
                continue;
            };
            match name.as_str() {
                "script" | "style" => {}
                "ul" | "ol" => {
                    self.flush(out);
                    let list = list(children, name == "ol");
                    if !list.items.is_empty() {
                        out.push(Block::List(list));
                    }
                }
                "table" => {
                    self.flush(out);
                    let table = table(children);
                    if !table.rows.is_empty() || !table.columns.is_empty() {
                        out.push(Block::Table(table));
                    }
                }
                "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                    self.flush(out);
                    let text = running(children);
                    if !text.is_empty() {
                        out.push(Block::Heading(text.replace('\n', " ")));
                    }
                }
                "pre" => {
                    self.flush(out);
                    let mut text = String::new();
                    verbatim(children, &mut text);
                    let text = clean(&text);
                    if !text.is_empty() {
                        out.push(Block::Paragraph(text));
                    }
                }
                "p" | "div" | "blockquote" | "dl" | "dd" | "dt" | "hr" => {
                    self.flush(out);
                    self.flow(children, out);
                    self.flush(out);
                }
                _ if holds_blocks(children) => self.flow(children, out),
                _ => inline(node, &mut self.text),
            }
        }
    }
}

const BLOCKS: [&str; 16] = [
    "p",
    "div",
    "ul",
    "ol",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "pre",
    "blockquote",
    "dl",
    "dd",
    "dt",
];

fn holds_blocks(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| match node {
        Node::Text(_) => false,
        Node::Element { name, children, .. } => {
            BLOCKS.contains(&name.as_str()) || holds_blocks(children)
        }
    })
}

/// Running text of a node; white space of the source is one space.
fn inline(node: &Node, out: &mut String) {
    match node {
        Node::Text(text) => spaced(text, out),
        Node::Element {
            name,
            note,
            children,
        } => {
            let mut inner = String::new();
            for child in children {
                inline(child, &mut inner);
            }
            match name.as_str() {
                "br" => out.push('\n'),
                "script" | "style" => {}
                "img" if note.trim().is_empty() => out.push_str("〔画像〕"),
                "img" => {
                    out.push_str("〔画像：");
                    spaced(note, out);
                    out.push('〕');
                }
                "sup" => out.push_str(&raised(&inner)),
                "del" | "s" | "strike" if !inner.trim().is_empty() => {
                    out.push_str("〔取り消し：");
                    out.push_str(inner.trim());
                    out.push('〕');
                }
                "q" => {
                    out.push('「');
                    out.push_str(&inner);
                    out.push('」');
                }
                "td" | "th" => {
                    out.push_str(&inner);
                    out.push(' ');
                }
                "li" | "p" | "div" | "tr" | "dt" | "dd" => {
                    if !out.is_empty() && !out.ends_with('\n') {
                        out.push('\n');
                    }
                    out.push_str(inner.trim());
                    out.push('\n');
                }
                _ => out.push_str(&inner),
            }
        }
    }
}

/// A raised number in the signs that Unicode has for it, anything else behind `^`.
fn raised(text: &str) -> String {
    const RAISED: &str = "0⁰1¹2²3³4⁴5⁵6⁶7⁷8⁸9⁹+⁺-⁻";
    let text = text.trim();
    let sign = |c: char| {
        let mut pairs = RAISED.chars();
        while let (Some(plain), Some(up)) = (pairs.next(), pairs.next()) {
            if plain == c {
                return Some(up);
            }
        }
        None
    };
    match text.chars().map(sign).collect::<Option<String>>() {
        Some(up) => up,
        None => format!("^{text}"),
    }
}

fn spaced(text: &str, out: &mut String) {
    for c in text.chars() {
        // The ideographic space and the unbreakable one are the author's own.
        if matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{0c}') {
            if !out.is_empty() && !out.ends_with([' ', '\n']) {
                out.push(' ');
            }
        } else {
            out.push(c);
        }
    }
}

fn verbatim(nodes: &[Node], out: &mut String) {
    for node in nodes {
        match node {
            Node::Text(text) => out.push_str(text),
            Node::Element { name, .. } if name == "br" => out.push('\n'),
            Node::Element { children, .. } => verbatim(children, out),
        }
    }
}

/// Text of nodes with their line breaks, blocks as lines.
fn running(nodes: &[Node]) -> String {
    let mut text = String::new();
    for node in nodes {
        inline(node, &mut text);
    }
    let lines: Vec<&str> = text.split('\n').map(str::trim).collect();
    clean(&lines.join("\n"))
}

fn list(nodes: &[Node], is_numbered: bool) -> List {
    let mut items: Vec<Item> = Vec::new();
    for node in nodes {
        let Node::Element { name, children, .. } = node else {
            continue;
        };
        if name != "li" {
            continue;
        }
        let is_list = |node: &&Node| matches!(node, Node::Element { name, .. } if matches!(name.as_str(), "ul" | "ol"));
        let mut text = String::new();
        children
            .iter()
            .filter(|n| !is_list(n))
            .for_each(|n| inline(n, &mut text));
        let mut inner: Option<List> = None;
        for node in children.iter().filter(is_list) {
            if let Node::Element { name, children, .. } = node {
                let more = list(children, name == "ol");
                match &mut inner {
                    Some(list) => list.items.extend(more.items),
                    None => inner = Some(more).filter(|l| !l.items.is_empty()),
                }
            }
        }
        let text = clean(&text);
        if !text.is_empty() || inner.is_some() {
            items.push(Item { text, inner });
        }
    }
    List { is_numbered, items }
}

fn table(nodes: &[Node]) -> Table {
    let mut table = Table::default();
    rows(nodes, &mut table, 0);
    let mut table = table.squared();
    table.has_row_headings &= table.width() > 1;
    table
}

fn rows(nodes: &[Node], table: &mut Table, depth: usize) {
    for node in nodes {
        let Node::Element { name, children, .. } = node else {
            continue;
        };
        match name.as_str() {
            "caption" => table.caption = running(children).replace('\n', " "),
            "tr" => row(children, table),
            "thead" | "tbody" | "tfoot" if depth == 0 => rows(children, table, 1),
            _ => {}
        }
    }
}

fn row(nodes: &[Node], table: &mut Table) {
    let mut cells: Vec<String> = Vec::new();
    let mut heads = 0_usize;
    let mut is_first_head = false;
    for node in nodes {
        let Node::Element {
            name,
            note,
            children,
        } = node
        else {
            continue;
        };
        if !matches!(name.as_str(), "td" | "th") {
            continue;
        }
        if name == "th" {
            heads = heads.saturating_add(1);
            is_first_head |= cells.is_empty();
        }
        let text = running(children);
        if cells.len() >= COLUMNS_MAX {
            if let Some(last) = cells.last_mut() {
                last.push(' ');
                last.push_str(&text);
            }
            continue;
        }
        cells.push(text);
        let span: usize = note.trim().parse().unwrap_or(1);
        let filled = cells.len().saturating_add(span.saturating_sub(1));
        cells.resize(filled.min(COLUMNS_MAX), String::new());
    }
    let all_heads = heads > 0 && cells.len() >= heads && heads == count_filled(nodes);
    if cells.iter().all(String::is_empty) {
        return;
    }
    if all_heads && table.columns.is_empty() && table.rows.is_empty() && cells.len() > 1 {
        table.columns = cells;
    } else {
        table.has_row_headings |= is_first_head;
        table.rows.push(cells);
    }
}

fn count_filled(nodes: &[Node]) -> usize {
    let is_cell = |node: &&Node| matches!(node, Node::Element { name, .. } if matches!(name.as_str(), "td" | "th"));
    nodes.iter().filter(is_cell).count()
}
