//! Value sets: is a code a member? Told only as far as code systems are complete.
//!
//! Source: FHIR R4 4.8 (CodeSystem: content, hierarchy, properties), 4.9.5 (compose), 4.9.8
//! (expansion).

use std::collections::{BTreeMap, BTreeSet};

use fhir::json::Node;

use crate::library::Library;

/// Value sets inside one another at most.
const DEPTH_MAX: usize = 16;
/// Concepts of one system or set at most.
const CONCEPTS_MAX: usize = 500_000;

/// All codes of a complete code system.
#[derive(Debug, Default)]
pub struct Codes {
    concepts: BTreeMap<String, Concept>,
    folds_case: bool,
}

#[derive(Debug, Default)]
struct Concept {
    parents: Vec<String>,
    properties: Vec<(String, String)>,
}

impl Codes {
    fn has(&self, code: &str) -> bool {
        self.concepts.contains_key(code)
            || (self.folds_case
                && self
                    .concepts
                    .keys()
                    .any(|known| known.eq_ignore_ascii_case(code)))
    }

    /// Is `code` below `top`? Walks up; a circle ends at the first code met twice.
    fn is_below(&self, code: &str, top: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![code];
        while let Some(at) = open.pop() {
            for parent in self.concepts.get(at).into_iter().flat_map(|c| &c.parents) {
                if parent == top {
                    return true;
                }
                if seen.insert(parent.as_str()) {
                    open.push(parent);
                }
            }
        }
        false
    }
}

/// A code system; `None` when it does not list all of its codes.
pub fn code_system(root: Node<'_>) -> Option<Codes> {
    if root.str("content") != Some("complete") {
        return None;
    }
    let mut codes = Codes {
        folds_case: root.get("caseSensitive").and_then(Node::as_bool) == Some(false),
        ..Codes::default()
    };
    concepts(root, None, &mut codes)?;
    Some(codes)
}

/// The concepts below; the reader has bounded their depth.
fn concepts(node: Node<'_>, parent: Option<&str>, codes: &mut Codes) -> Option<()> {
    for concept in node.list("concept") {
        let code = concept.str("code")?;
        let mut known = Concept {
            parents: parent.map(str::to_owned).into_iter().collect(),
            properties: Vec::new(),
        };
        for property in concept.list("property") {
            let name = property.str("code").unwrap_or_default();
            let value = property
                .entries()
                .find(|(key, _)| key.starts_with("value"))
                .map(|(_, value)| {
                    value
                        .as_str()
                        .map_or_else(|| value.to_compact(), str::to_owned)
                });
            let Some(value) = value else { continue };
            if matches!(name, "parent" | "subsumedBy") {
                known.parents.push(value);
            } else {
                known.properties.push((name.to_owned(), value));
            }
        }
        if codes.concepts.len() >= CONCEPTS_MAX {
            return None;
        }
        codes.concepts.insert(code.to_owned(), known);
        concepts(concept, Some(code), codes)?;
    }
    Some(())
}

/// What a value set is put together of.
#[derive(Debug, Default)]
pub struct ValueSet {
    includes: Vec<Part>,
    excludes: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    system: Option<String>,
    codes: Members,
    /// The code must be in each of these too.
    sets: Vec<String>,
}

#[derive(Debug)]
enum Members {
    /// These.
    Listed(BTreeSet<String>),
    /// All of the system at this address.
    All(String),
    /// The system is not complete here, or the filter is one that we do not know.
    Unknown,
    /// No system: only the sets decide.
    Sets,
}

/// Reads a value set.
pub fn value_set(library: &Library, root: Node<'_>) -> Option<ValueSet> {
    let Some(compose) = root.get("compose") else {
        return expansion(root.get("expansion")?);
    };
    let parts = |key: &str| {
        let parts = compose.list(key).map(|include| part(library, include));
        parts.collect::<Vec<Part>>()
    };
    Some(ValueSet {
        includes: parts("include"),
        excludes: parts("exclude"),
    })
}

/// The codes of an expansion, which must be the whole one.
fn expansion(expansion: Node<'_>) -> Option<ValueSet> {
    let mut by_system: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut open: Vec<Node<'_>> = expansion.list("contains").collect();
    let mut count = 0;
    while let Some(item) = open.pop() {
        open.extend(item.list("contains"));
        count += 1;
        if count > CONCEPTS_MAX {
            return None;
        }
        let is_abstract = item.get("abstract").and_then(Node::as_bool) == Some(true);
        if let (Some(system), Some(code), false) =
            (item.str("system"), item.str("code"), is_abstract)
        {
            by_system
                .entry(system.to_owned())
                .or_default()
                .insert(code.to_owned());
        }
    }
    let includes = by_system.into_iter().map(|(system, codes)| Part {
        system: Some(system),
        codes: Members::Listed(codes),
        sets: Vec::new(),
    });
    Some(ValueSet {
        includes: includes.collect(),
        excludes: Vec::new(),
    })
}

fn part(library: &Library, include: Node<'_>) -> Part {
    let sets = include.list("valueSet").filter_map(Node::as_str);
    let sets = sets.map(str::to_owned).collect();
    let Some(system) = include.str("system") else {
        return Part {
            system: None,
            codes: Members::Sets,
            sets,
        };
    };
    let canonical = match include.str("version") {
        Some(version) => format!("{system}|{version}"),
        None => system.to_owned(),
    };
    let codes = if include.get("concept").is_some() {
        let listed = include.list("concept").filter_map(|c| c.str("code"));
        Members::Listed(listed.map(str::to_owned).collect())
    } else {
        match (library.code_system(&canonical), include.get("filter")) {
            (None, _) => Members::Unknown,
            (Some(_), None) => Members::All(canonical),
            (Some(all), Some(filters)) => filtered(all, filters),
        }
    };
    Part {
        system: Some(system.to_owned()),
        codes,
        sets,
    }
}

/// The codes that meet all filters.
fn filtered(all: &Codes, filters: Node<'_>) -> Members {
    let mut left: BTreeSet<String> = all.concepts.keys().cloned().collect();
    for filter in filters.items() {
        let (Some(property), Some(op), Some(value)) = (
            filter.str("property"),
            filter.str("op"),
            filter.str("value"),
        ) else {
            return Members::Unknown;
        };
        let has = |code: &str, wanted: &str| {
            let properties = all
                .concepts
                .get(code)
                .into_iter()
                .flat_map(|c| &c.properties);
            properties
                .into_iter()
                .any(|(name, own)| name == property && own == wanted)
        };
        let hierarchy = matches!(property, "concept" | "code");
        match op {
            "is-a" if hierarchy => left.retain(|code| code == value || all.is_below(code, value)),
            "descendent-of" if hierarchy => left.retain(|code| all.is_below(code, value)),
            "is-not-a" if hierarchy => {
                left.retain(|code| code != value && !all.is_below(code, value));
            }
            "=" if property == "code" => left.retain(|code| code == value),
            "=" if hierarchy => return Members::Unknown,
            "=" => left.retain(|code| has(code, value)),
            "in" if property == "code" => left.retain(|code| value.split(',').any(|v| v == code)),
            "in" => left.retain(|code| value.split(',').any(|v| has(code, v))),
            "not-in" if !hierarchy => left.retain(|code| !value.split(',').any(|v| has(code, v))),
            _ => return Members::Unknown,
        }
    }
    Members::Listed(left)
}

impl ValueSet {
    /// Is the code a member? `system` is `None` for an element that has a code alone.
    /// `None`: that cannot be told here.
    pub fn has(&self, library: &Library, system: Option<&str>, code: &str) -> Option<bool> {
        self.has_within(library, system, code, 0)
    }

    fn has_within(
        &self,
        library: &Library,
        system: Option<&str>,
        code: &str,
        depth: usize,
    ) -> Option<bool> {
        if depth > DEPTH_MAX {
            return None;
        }
        let any = |parts: &[Part]| {
            let mut told = Some(false);
            for part in parts {
                match part.has(library, system, code, depth) {
                    Some(true) => return Some(true),
                    Some(false) => {}
                    None => told = None,
                }
            }
            told
        };
        match (any(&self.includes), any(&self.excludes)) {
            (Some(false), _) | (_, Some(true)) => Some(false),
            (Some(true), Some(false)) => Some(true),
            _ => None,
        }
    }
}

impl Part {
    fn has(
        &self,
        library: &Library,
        system: Option<&str>,
        code: &str,
        depth: usize,
    ) -> Option<bool> {
        let own = match (&self.system, system) {
            (Some(own), Some(system)) if own != system => return Some(false),
            _ => match &self.codes {
                Members::Listed(codes) => Some(codes.contains(code)),
                Members::All(system) => library.code_system(system).map(|all| all.has(code)),
                Members::Unknown => None,
                Members::Sets => Some(!self.sets.is_empty()),
            },
        };
        let mut told = own;
        for canonical in &self.sets {
            if told == Some(false) {
                return told;
            }
            let set = library.value_set(canonical);
            let inside = set.and_then(|set| set.has_within(library, system, code, depth + 1));
            told = match (told, inside) {
                (_, Some(false)) => Some(false),
                (told, Some(true)) => told,
                (_, None) => None,
            };
        }
        told
    }
}
