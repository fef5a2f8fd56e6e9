//! The narrative: a `div` of XHTML with formatting only, nothing that acts.
//!
//! Checked: one `div` in the XHTML namespace, balanced tags, elements and attributes of the
//! allowed list, no processing instructions, declarations or comments that could hide markup.
//! Source: FHIR R4 2.4.0 (txt-1, txt-2).

const ELEMENTS: [&str; 58] = [
    "a",
    "abbr",
    "acronym",
    "b",
    "big",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "del",
    "kbd",
    "li",
    "map",
    "area",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
];

const ATTRIBUTES: [&str; 55] = [
    "abbr",
    "accesskey",
    "align",
    "alt",
    "axis",
    "bgcolor",
    "border",
    "cellhalign",
    "cellpadding",
    "cellspacing",
    "cellvalign",
    "char",
    "charoff",
    "charset",
    "cite",
    "class",
    "colspan",
    "compact",
    "coords",
    "dir",
    "frame",
    "headers",
    "height",
    "href",
    "hreflang",
    "hspace",
    "id",
    "lang",
    "longdesc",
    "name",
    "nowrap",
    "rel",
    "rev",
    "rowspan",
    "rules",
    "scope",
    "shape",
    "span",
    "src",
    "start",
    "style",
    "summary",
    "tabindex",
    "target",
    "title",
    "type",
    "usemap",
    "valign",
    "value",
    "vspace",
    "width",
    "xml:lang",
    "xmlns",
    "noshade",
    "clear",
];

/// What is wrong with the narrative `text`, `None` when it is acceptable.
pub(super) fn problem(text: &str) -> Option<String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text.trim();
    if !rest.starts_with("<div") {
        return Some("does not begin with <div".to_owned());
    }
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        if open.is_empty() && !before.trim().is_empty() {
            return Some("text outside the div".to_owned());
        }
        rest = match step(tag, &mut open) {
            Ok(rest) => rest,
            Err(problem) => return Some(problem),
        };
        if open.is_empty() {
            let tail = rest.trim();
            return (!tail.is_empty()).then(|| "something follows the div".to_owned());
        }
    }
    Some(format!("<{}> is not closed", open.last().unwrap_or(&"div")))
}

/// Reads one tag or comment; gives what follows it.
fn step<'a>(tag: &'a str, open: &mut Vec<&'a str>) -> Result<&'a str, String> {
    if let Some(comment) = tag.strip_prefix("<!--") {
        return match comment.find("-->") {
            Some(end) => Ok(comment.get(end + 3..).unwrap_or_default()),
            None => Err("a comment is not closed".to_owned()),
        };
    }
    if let Some(closing) = tag.strip_prefix("</") {
        let (name, rest) = closing.split_once('>').ok_or("a tag is not closed")?;
        return match open.pop() {
            Some(last) if last == name.trim_end() => Ok(rest),
            _ => Err(format!("</{}> closes nothing", short(name))),
        };
    }
    let body = tag.strip_prefix('<').unwrap_or_default();
    let end = body
        .find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/'))
        .ok_or("a tag is not closed")?;
    let (name, mut rest) = body.split_at(end);
    if !ELEMENTS.contains(&name) {
        return Err(format!("<{}> is not allowed", short(name)));
    }
    let mut has_namespace = false;
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix("/>") {
            return Ok(after);
        }
        if let Some(after) = rest.strip_prefix('>') {
            if open.is_empty() && !has_namespace {
                return Err("xmlns is missing".to_owned());
            }
            open.push(name);
            return Ok(after);
        }
        let (attribute, value, after) = attribute(rest)?;
        if !ATTRIBUTES.contains(&attribute) {
            return Err(format!("attribute {} is not allowed", short(attribute)));
        }
        let scheme = value.trim_start().to_ascii_lowercase();
        if scheme.starts_with("javascript:") || scheme.starts_with("vbscript:") {
            return Err("a link that runs a script".to_owned());
        }
        if attribute == "xmlns" {
            if value != "http://www.w3.org/1999/xhtml" {
                return Err("xmlns is not XHTML's".to_owned());
            }
            has_namespace = true;
        }
        rest = after;
    }
}

fn attribute(rest: &str) -> Result<(&str, &str, &str), String> {
    let (name, tail) = rest.split_once('=').ok_or("a tag is not closed")?;
    let tail = tail.trim_start();
    let quote = tail
        .chars()
        .next()
        .filter(|c| matches!(c, '"' | '\''))
        .ok_or("an attribute without quotes")?;
    let (value, after) = tail
        .get(1..)
        .and_then(|t| t.split_once(quote))
        .ok_or("an attribute is not closed")?;
    Ok((name.trim(), value, after))
}

fn short(text: &str) -> String {
    text.chars().take(32).collect()
}
