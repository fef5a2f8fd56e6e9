//! From a StructureDefinition's snapshot to a tree of rules.
//!
//! Only what goes beyond R4 itself becomes a rule: R4's own cardinalities, types and codes are
//! checked by `fhir::schema` already, and so are its invariants that it knows.
//!
//! Source: FHIR R4 5.3 (StructureDefinition), 2.26 (ElementDefinition), 5.1.0.7 (slicing).

mod slices;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use fhir::json::{Document, Node};
use fhir::schema::{self, ElementType};
use fhirpath::Expression;

pub use slices::{Expected, Openness, Place, Slicing, Test};

/// Elements of one snapshot at most.
const ELEMENTS_MAX: usize = 10_000;
/// Addresses of the types of R4 themselves.
pub const CORE: &str = "http://hl7.org/fhir/StructureDefinition/";
/// Conditions that `fhir::schema` checks under other ids, or as part of its walk.
const KNOWN: [&str; 6] = ["ele-1", "ext-1", "dom-2", "ref-1", "txt-1", "txt-2"];
/// Marks conditions that are only good practice.
const BEST_PRACTICE: &str =
    "http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice";

/// A profile, ready to check with.
#[derive(Debug)]
pub struct Profile {
    /// Its address.
    pub url: String,
    /// The type that it constrains.
    pub ty: String,
    /// The root's first, then in the order of the snapshot.
    pub rules: Vec<Rule>,
}

/// Where a rule lies in its profile; 0 is the root.
pub type At = usize;

/// What is demanded of one element.
#[derive(Debug, Default)]
pub struct Rule {
    /// The name in the definition, without `[x]`.
    pub name: String,
    /// The slice's name, else empty.
    pub slice: String,
    /// At least so many, when that is more than R4 itself demands.
    pub min: usize,
    /// At most so many, when that is less than R4 itself allows.
    pub max: Option<usize>,
    pub types: Vec<TypeRule>,
    pub fixed: Option<Document>,
    pub pattern: Option<Document>,
    /// The address of the value set that a code must be in.
    pub binding: Option<String>,
    pub invariants: Vec<Invariant>,
    pub children: Vec<At>,
    pub slices: Vec<At>,
    pub slicing: Option<Slicing>,
    /// What the children of this element are is said at another.
    pub content_of: Option<At>,
    /// May the element be of several types, so that which one it is has to be looked at?
    pub is_choice: bool,
    /// Nothing at all is demanded here or below: it need not be walked.
    pub idle: bool,
}

/// An allowed type.
#[derive(Debug, Default)]
pub struct TypeRule {
    /// Its name, such as `Quantity` or `Reference`.
    pub code: String,
    /// Profiles of which one must be met.
    pub profiles: Vec<String>,
    /// Profiles or types of which the target of a reference must be one.
    pub targets: Vec<String>,
}

/// A condition.
#[derive(Debug)]
pub struct Invariant {
    pub key: String,
    pub human: String,
    pub is_warning: bool,
    /// `None` when it cannot be read.
    pub expression: Option<Expression>,
    /// `dom-3` is checked by our own code: its expression takes quadratic time.
    pub is_dom_3: bool,
}

/// Compiles a snapshot; `None` when it cannot be used.
pub fn profile(root: Node<'_>) -> Option<Profile> {
    let elements = root.get("snapshot")?;
    let mut builder = Builder {
        rules: Vec::new(),
        by_id: BTreeMap::new(),
    };
    for (count, element) in elements.list("element").enumerate() {
        if count >= ELEMENTS_MAX {
            return None;
        }
        builder.add(element)?;
    }
    builder.link(elements);
    let mut rules = builder.rules;
    slices::prepare(&mut rules);
    settle(&mut rules, 0);
    (!rules.is_empty()).then_some(())?;
    Some(Profile {
        url: root.str("url")?.to_owned(),
        ty: root.str("type")?.to_owned(),
        rules,
    })
}

struct Builder {
    rules: Vec<Rule>,
    by_id: BTreeMap<String, At>,
}

impl Builder {
    /// Puts an element at its place, which its id tells: `Patient.identifier:no.system`.
    fn add(&mut self, element: Node<'_>) -> Option<()> {
        let id = element.str("id").or_else(|| element.str("path"))?;
        let at = self.rules.len();
        let Some((above, last)) = id.rsplit_once('.') else {
            (at == 0).then_some(())?;
            self.rules.push(rule(element, id, ""));
            self.by_id.insert(id.to_owned(), at);
            return Some(());
        };
        let parent = *self.by_id.get(above)?;
        let (name, slice) = last.split_once(':').unwrap_or((last, ""));
        self.rules.push(rule(element, name, slice));
        self.by_id.insert(id.to_owned(), at);
        if slice.is_empty() {
            self.rules.get_mut(parent)?.children.push(at);
            return Some(());
        }
        // A slice of a slice is written with a stroke; but some only have one in their names.
        let outer = slice.rsplit_once('/').and_then(|(outer, _)| {
            let id = format!("{above}.{name}:{outer}");
            self.by_id.get(&id)
        });
        let base = outer.or_else(|| self.by_id.get(&format!("{above}.{name}")));
        let base = base.and_then(|base| self.rules.get_mut(*base));
        match base {
            Some(base) => base.slices.push(at),
            // Sliced nowhere: then it is said of the element itself.
            None => self.rules.get_mut(parent)?.children.push(at),
        }
        Some(())
    }

    /// Finds the elements whose content others share.
    fn link(&mut self, elements: Node<'_>) {
        for (at, element) in elements.list("element").enumerate() {
            let shared = element
                .str("contentReference")
                .and_then(|r| r.split_once('#'));
            let target = shared.and_then(|(_, id)| self.by_id.get(id).copied());
            if let (Some(rule), Some(target)) = (self.rules.get_mut(at), target) {
                rule.content_of = Some(target);
            }
        }
    }
}

fn count(node: Option<Node<'_>>) -> Option<usize> {
    let node = node?;
    node.as_number_text()
        .or_else(|| node.as_str())?
        .parse()
        .ok()
}

fn rule(element: Node<'_>, name: &str, slice: &str) -> Rule {
    let base = element.get("base");
    let min = count(element.get("min")).unwrap_or(0);
    let max = count(element.get("max"));
    // A slice's bounds are its own; an element's are R4's unless they differ from its base.
    let base_min = base
        .and_then(|b| count(b.get("min")))
        .filter(|_| slice.is_empty());
    let base_max = base
        .map(|b| count(b.get("max")))
        .filter(|_| slice.is_empty());
    let value = |stem: &str| {
        let found = element.entries().find(|(key, _)| {
            let tail = key.strip_prefix(stem);
            tail.is_some_and(|t| t.starts_with(|c: char| c.is_ascii_uppercase()))
        });
        found.and_then(|(_, value)| Document::parse(value.to_compact().as_bytes()).ok())
    };
    Rule {
        name: name.strip_suffix("[x]").unwrap_or(name).to_owned(),
        slice: slice.to_owned(),
        min: if base_min.is_some_and(|base| base >= min) {
            0
        } else {
            min
        },
        max: max.filter(|_| base_max != Some(max)),
        types: element.list("type").map(type_rule).collect(),
        fixed: value("fixed"),
        pattern: value("pattern"),
        binding: binding(element),
        invariants: element.list("constraint").filter_map(invariant).collect(),
        slicing: element.get("slicing").map(Slicing::read),
        is_choice: name.ends_with("[x]") || matches!(name, "resource" | "contained"),
        ..Rule::default()
    }
}

fn type_rule(ty: Node<'_>) -> TypeRule {
    let texts = |key: &str| {
        let texts = ty.list(key).filter_map(Node::as_str);
        texts.map(str::to_owned).collect()
    };
    TypeRule {
        code: ty.str("code").unwrap_or_default().to_owned(),
        profiles: texts("profile"),
        targets: texts("targetProfile"),
    }
}

/// The required value set, unless it is R4's own, which R4's structure is checked with.
fn binding(element: Node<'_>) -> Option<String> {
    let binding = element.get("binding")?;
    if binding.str("strength") != Some("required") {
        return None;
    }
    let canonical = binding.str("valueSet")?;
    let path = element.get("base").and_then(|b| b.str("path"))?;
    let own = canonical.starts_with("http://hl7.org/fhir/ValueSet/") && has_codes(path);
    (!own).then(|| canonical.to_owned())
}

/// Does R4's structure know the codes of the element at this path?
fn has_codes(path: &str) -> bool {
    let Some((owner, name)) = path.rsplit_once('.') else {
        return false;
    };
    let stem = name.strip_suffix("[x]").unwrap_or(name);
    let owner = ElementType::named(owner);
    owner.is_some_and(|owner| {
        owner
            .children()
            .any(|child| child.element() == stem && child.has_required_codes())
    })
}

/// Keys of the conditions that R4's structure is checked with.
fn checked_by_schema(key: &str) -> bool {
    static KEYS: OnceLock<Vec<String>> = OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        let keys = schema::invariants().filter_map(|(id, _, _)| id.strip_prefix("R4-"));
        keys.map(str::to_ascii_lowercase).collect()
    });
    KNOWN.contains(&key) || keys.iter().any(|known| known == key)
}

fn invariant(constraint: Node<'_>) -> Option<Invariant> {
    let key = constraint.str("key")?;
    let practice = constraint
        .list("extension")
        .any(|extension| extension.str("url") == Some(BEST_PRACTICE));
    if checked_by_schema(key) || practice || key == "dom-6" {
        return None;
    }
    let source = constraint.str("expression");
    Some(Invariant {
        key: key.to_owned(),
        human: constraint.str("human").unwrap_or_default().to_owned(),
        is_warning: constraint.str("severity") == Some("warning"),
        expression: source.and_then(|source| Expression::parse(source).ok()),
        is_dom_3: key == "dom-3",
    })
}

/// Marks what need not be walked, from the leaves up.
fn settle(rules: &mut [Rule], at: At) {
    let Some(rule) = rules.get(at) else { return };
    let below: Vec<At> = rule.children.iter().chain(&rule.slices).copied().collect();
    for child in &below {
        settle(rules, *child);
    }
    let idle = below
        .iter()
        .all(|at| rules.get(*at).is_none_or(|rule| rule.idle));
    if let Some(rule) = rules.get_mut(at) {
        let plain = rule
            .types
            .iter()
            .all(|ty| ty.targets.is_empty() && ty.profiles.is_empty());
        rule.idle = idle
            && plain
            && rule.min == 0
            && rule.max.is_none()
            && rule.fixed.is_none()
            && rule.pattern.is_none()
            && rule.binding.is_none()
            && rule.invariants.is_empty()
            && rule.slicing.as_ref().is_none_or(Slicing::is_free)
            && rule.content_of.is_none()
            && !rule.is_choice;
    }
}
