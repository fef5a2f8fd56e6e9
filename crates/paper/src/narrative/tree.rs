//! Reading XHTML into a tree. The reader is total: what is broken loses its markup, never its
//! text.

/// Tags inside one another; what lies deeper is read as text of the last level.
const DEPTH_MAX: usize = 32;

/// A node of the tree.
pub(super) enum Node {
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

/// The tree of `xhtml`.
pub(super) fn tree(xhtml: &str) -> Vec<Node> {
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
