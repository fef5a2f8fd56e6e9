//! FHIRPath Patch: steps as a `Parameters` resource, turned into those of JSON Patch when the
//! document is there.
//!
//! A path is a type, then members, each with an index, `first()`, `last()` or
//! `where(member='value')` behind it. It must lead to one place; what goes beyond is refused.
//!
//! Source: FHIR R4 fhirpatch.html.

use fhir::{json::Node, search::Decimal};

use super::{Act, Pointer, Step, Wrong, tree::Tree};

/// One operation.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    kind: Kind,
    path: String,
}

#[derive(Clone, Debug)]
enum Kind {
    Add(String, Tree),
    Insert(usize, Tree),
    Delete,
    Replace(Tree),
    Move(usize, usize),
}

/// Reads one `parameter` named `operation`.
pub(super) fn operation(node: Node<'_>) -> Result<Operation, Wrong> {
    if node.str("name") != Some("operation") {
        return Err(("name", node.str("name").unwrap_or_default().to_owned()));
    }
    let part = |name: &str| {
        node.list("part")
            .find(|part| part.str("name") == Some(name))
    };
    let text = |name: &'static str, member: &str| {
        let found = part(name).and_then(|part| part.str(member));
        found.map(str::to_owned).ok_or((name, String::new()))
    };
    let number = |name: &'static str| {
        let found = part(name).and_then(|part| part.get("valueInteger"));
        let found = found.and_then(|value| value.as_number_text()?.parse().ok());
        found.ok_or((name, String::new()))
    };
    let value = || {
        part("value")
            .and_then(value_of)
            .ok_or(("value", String::new()))
    };
    let word = text("type", "valueCode")?;
    let kind = match word.as_str() {
        "add" => Kind::Add(text("name", "valueString")?, value()?),
        "insert" => Kind::Insert(number("index")?, value()?),
        "delete" => Kind::Delete,
        "replace" => Kind::Replace(value()?),
        "move" => Kind::Move(number("source")?, number("destination")?),
        other => return Err(("type", other.to_owned())),
    };
    Ok(Operation {
        kind,
        path: text("path", "valueString")?,
    })
}

/// `value[x]`, or an anonymous type as parts.
fn value_of(part: Node<'_>) -> Option<Tree> {
    let plain = part.entries().find(|(key, _)| key.starts_with("value"));
    if let Some((_, value)) = plain {
        return Some(Tree::of(value));
    }
    let mut members: Vec<(String, Tree)> = Vec::new();
    for inner in part.list("part") {
        members.push((inner.str("name")?.to_owned(), value_of(inner)?));
    }
    (!members.is_empty()).then_some(Tree::Object(members))
}

impl Operation {
    /// The same as a step of JSON Patch on this document; `None` when there is nothing to do.
    pub fn step(&self, tree: &Tree) -> Result<Option<Step>, Wrong> {
        let wrong = |why: String| ("path", why);
        let mut places = places(tree, &self.path).map_err(wrong)?;
        let is_delete = matches!(self.kind, Kind::Delete);
        if places.is_empty() && is_delete {
            return Ok(None);
        }
        let place = match (places.pop(), places.is_empty()) {
            (Some(place), true) => place,
            (None, _) => return Err(wrong(format!("nothing at {}", self.path))),
            (Some(_), false) => return Err(wrong(format!("several at {}", self.path))),
        };
        let behind = |last: String| {
            let mut place = place.clone();
            place.push(last);
            Pointer(place)
        };
        let (place, act) = match &self.kind {
            Kind::Add(name, value) => {
                let place = behind(name.clone());
                match tree.at(&place.0) {
                    // Onto the end of a list that is there, or of one that begins.
                    Some(Tree::List(_)) => {
                        let mut end = place.0;
                        end.push("-".to_owned());
                        (Pointer(end), Act::Add(value.clone()))
                    }
                    _ if is_list(tree, &place.0) => {
                        (place, Act::Add(Tree::List(vec![value.clone()])))
                    }
                    _ => (place, Act::Add(value.clone())),
                }
            }
            Kind::Insert(index, value) => (behind(index.to_string()), Act::Add(value.clone())),
            Kind::Delete => (Pointer(place), Act::Remove),
            Kind::Replace(value) => (Pointer(place), Act::Replace(value.clone())),
            Kind::Move(from, to) => (behind(to.to_string()), Act::Move(behind(from.to_string()))),
        };
        Ok(Some(Step { place, act }))
    }
}

/// Does this member of the resource repeat? Known for members of the resource itself; deeper
/// ones are what they are already.
fn is_list(tree: &Tree, place: &[String]) -> bool {
    let kind = tree.at(&["resourceType".to_owned()]);
    match (kind, place) {
        (Some(Tree::Text(kind)), [name]) => fhir::schema::repeats(kind, name),
        _ => false,
    }
}

/// The places that a path leads to: of a list, its items; at the end, the list as a whole.
fn places(tree: &Tree, path: &str) -> Result<Vec<Vec<String>>, String> {
    let bad = || format!("not understood: {path}");
    let mut steps = split(path).into_iter();
    let kind = steps.next().ok_or_else(bad)?;
    let own = tree.at(&["resourceType".to_owned()]);
    if own != Some(&Tree::Text(kind.clone())) {
        return Err(bad());
    }
    let mut found: Vec<Vec<String>> = vec![Vec::new()];
    for step in steps {
        let (name, index) = match step.split_once('[') {
            Some((name, index)) => {
                let index = index
                    .strip_suffix(']')
                    .and_then(|i| i.parse::<usize>().ok());
                (name.to_owned(), Some(index.ok_or_else(bad)?))
            }
            None => (step, None),
        };
        if let Some(inner) = name
            .strip_prefix("where(")
            .and_then(|n| n.strip_suffix(')'))
        {
            let (member, value) = equality(inner).ok_or_else(bad)?;
            found = items(tree, found);
            found.retain(|place| {
                let mut place = place.clone();
                place.push(member.clone());
                tree.at(&place).is_some_and(|there| there.equals(&value))
            });
        } else if name == "first()" {
            found = items(tree, found).into_iter().take(1).collect();
        } else if name == "last()" {
            found = items(tree, found).into_iter().last().into_iter().collect();
        } else if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(bad());
        } else {
            found = items(tree, found);
            for place in &mut found {
                place.push(name.clone());
            }
            found.retain(|place| tree.at(place).is_some());
        }
        if let Some(index) = index {
            found = items(tree, found).into_iter().skip(index).take(1).collect();
        }
    }
    Ok(found)
}

/// `member = 'text'`, `member = true` or `member = 1`. Anything else is not understood: a
/// condition that is read by halves would change what was not meant.
fn equality(text: &str) -> Option<(String, Tree)> {
    let (member, value) = text.split_once('=')?;
    let (member, value) = (member.trim(), value.trim());
    let is_name = !member.is_empty() && member.bytes().all(|b| b.is_ascii_alphanumeric());
    let quoted = value.strip_prefix('\'').and_then(|v| v.strip_suffix('\''));
    let value = match (value, quoted) {
        (_, Some(text)) if !text.contains(['\'', '\\']) => Tree::Text(text.to_owned()),
        ("true", _) => Tree::Bool(true),
        ("false", _) => Tree::Bool(false),
        (number, None) if Decimal::parse(number).is_some() => Tree::Number(number.to_owned()),
        _ => return None,
    };
    is_name.then(|| (member.to_owned(), value))
}

/// Lists as their items.
fn items(tree: &Tree, places: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for place in places {
        match tree.at(&place) {
            Some(Tree::List(items)) => all.extend((0..items.len()).map(|index| {
                let mut place = place.clone();
                place.push(index.to_string());
                place
            })),
            _ => all.push(place),
        }
    }
    all
}

/// At each dot outside brackets and quotes.
fn split(path: &str) -> Vec<String> {
    let (mut parts, mut depth, mut quoted) = (vec![String::new()], 0_usize, false);
    for c in path.chars() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if c == '.' && depth == 0 && !quoted {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}
