//! An author's XHTML narrative, reduced to paragraphs, lists and tables of plain text.
//!
//! Only what carries meaning in plain text is kept: paragraphs, line breaks, lists, tables,
//! headings. What would change a meaning when it is dropped is written out: a raised number
//! (10<sup>4</sup> is not 104), a struck-out text, a picture's alternative text. Links, styles,
//! classes, colours and pictures are not taken over. The reader is total: any input gives blocks.
//!
//! Source: FHIR R4 2.4.0 (the elements of a narrative).

use crate::sheet::{Block, Item, List, Table, clean};

/// Tags inside one another; what lies deeper is read as text of the last level.
const DEPTH_MAX: usize = 32;
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

/// A node of the tree.
enum Node {
    Text(String),
    Element {
        name: String,
        /// `alt` of a picture, `colspan` of a cell.
        note: String,
        children: Vec<Node>,
    },
}

/// Elements without content.
const VOID: [&str; 6] = ["br", "hr", "img", "col", "area", "wbr"];

fn tree(xhtml: &str) -> Vec<Node> {
    let mut open: Vec<(String, String, Vec<Node>)> = vec![Default::default()];
    let mut rest = xhtml;
    while !rest.is_empty() {
        let (text, tail) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        if !text.is_empty() {
            add(&mut open, Node::Text(decode(text)));
        }
        rest = if tail.is_empty() {
            tail
        } else {
            tag(tail, &mut open)
        };
    }
    while open.len() > 1 {
        close(&mut open);
    }
    open.pop().map(|(_, _, nodes)| nodes).unwrap_or_default()
}

fn add(open: &mut [(String, String, Vec<Node>)], node: Node) {
    if let Some((_, _, children)) = open.last_mut() {
        children.push(node);
    }
}

fn close(open: &mut Vec<(String, String, Vec<Node>)>) {
    if let Some((name, note, children)) = open.pop() {
        add(
            open,
            Node::Element {
                name,
                note,
                children,
            },
        );
    }
}

/// Reads one tag, comment or stray sign; gives what follows.
fn tag<'a>(tail: &'a str, open: &mut Vec<(String, String, Vec<Node>)>) -> &'a str {
    if let Some(comment) = tail.strip_prefix("<!--") {
        return comment.split_once("-->").map_or("", |(_, rest)| rest);
    }
    let Some((inside, rest)) = until_end(tail.get(1..).unwrap_or_default()) else {
        // A sign that opens nothing is text: `pH < 7`.
        add(open, Node::Text("<".to_owned()));
        return tail.get(1..).unwrap_or_default();
    };
    let is_name = |c: char| c.is_ascii_alphanumeric();
    if let Some(name) = inside.strip_prefix('/') {
        let name: String = name.chars().take_while(|c| is_name(*c)).collect();
        let known = open
            .iter()
            .skip(1)
            .any(|(n, _, _)| n.eq_ignore_ascii_case(&name));
        while known && open.len() > 1 {
            let done = open
                .last()
                .is_some_and(|(n, _, _)| n.eq_ignore_ascii_case(&name));
            close(open);
            if done {
                break;
            }
        }
        return rest;
    }
    let name: String = inside.chars().take_while(|c| is_name(*c)).collect();
    if name.is_empty() {
        if !inside.starts_with(['?', '!']) {
            add(open, Node::Text("<".to_owned()));
            return tail.get(1..).unwrap_or_default();
        }
        return rest;
    }
    let name = name.to_ascii_lowercase();
    let note = match name.as_str() {
        "img" => attribute(inside, "alt"),
        "td" | "th" => attribute(inside, "colspan"),
        _ => String::new(),
    };
    if VOID.contains(&name.as_str()) || inside.ends_with('/') {
        add(
            open,
            Node::Element {
                name,
                note,
                children: Vec::new(),
            },
        );
    } else if open.len() <= DEPTH_MAX {
        open.push((name, note, Vec::new()));
    }
    rest
}

/// Splits at the `>` that ends a tag: not one inside quotes.
fn until_end(text: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '>') => return Some((text.get(..at)?, text.get(at.saturating_add(1)..)?)),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, '<') => return None,
            _ => {}
        }
    }
    None
}

fn attribute(inside: &str, name: &str) -> String {
    let mut rest = inside;
    while let Some((before, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let Some(quote) = after.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            return String::new();
        };
        let Some((value, tail)) = after.get(1..).and_then(|v| v.split_once(quote)) else {
            return String::new();
        };
        let found = before.split_whitespace().next_back().unwrap_or_default();
        if found.eq_ignore_ascii_case(name) {
            return decode(value);
        }
        rest = tail;
    }
    String::new()
}

/// Named entities that occur in clinical text; the five of XML first.
const ENTITIES: [(&str, &str); 24] = [
    ("lt", "<"),
    ("gt", ">"),
    ("amp", "&"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", "\u{a0}"),
    ("deg", "°"),
    ("plusmn", "±"),
    ("micro", "µ"),
    ("times", "×"),
    ("divide", "÷"),
    ("le", "≤"),
    ("ge", "≥"),
    ("ne", "≠"),
    ("alpha", "α"),
    ("beta", "β"),
    ("gamma", "γ"),
    ("mu", "μ"),
    ("middot", "·"),
    ("hellip", "…"),
    ("ndash", "–"),
    ("mdash", "—"),
    ("sup2", "²"),
    ("sup3", "³"),
];

fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        match after.split_once(';').filter(|(name, _)| name.len() <= 10) {
            Some((name, tail)) if entity(name, &mut out) => rest = tail,
            _ => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str, out: &mut String) -> bool {
    if let Some(number) = name.strip_prefix('#') {
        let value = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => number.parse().ok(),
        };
        return value
            .and_then(char::from_u32)
            .map(|c| out.push(c))
            .is_some();
    }
    let known = ENTITIES.iter().find(|(entity, _)| *entity == name);
    known.map(|(_, text)| out.push_str(text)).is_some()
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
