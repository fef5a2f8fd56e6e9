//! The part of FHIRPath that search expressions use.
//!
//! `Patient.name.given`, `(Observation.value as Quantity)`, `.as(Period)`, `.ofType(Reference)`,
//! `.where(system='phone')`, `.where(resolve() is Patient)`, `.where(hasExtension('…'))`,
//! `[0]`, and the one question of its own, `deceased.exists() and Patient.deceased != false`.

use crate::json::Node;

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Member(&'static str),
    As(&'static str),
    Index(usize),
    WhereEqual(&'static str, &'static str),
    WhereResolves(&'static str),
    WhereExtension(&'static str),
    /// Is there something that is not `false`?
    IsSo,
}

/// Steps from a resource (or from the place of a composite) to values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(Vec<Step>);

/// A value that was found, and the type that its name ends with when it is one of a choice:
/// `Quantity` of `valueQuantity`.
#[derive(Clone, Copy, Debug)]
pub struct Found<'d> {
    /// The value.
    pub node: Node<'d>,
    /// Of a choice; else empty.
    pub ty: &'d str,
    /// The answer to a question that has no value of its own.
    pub truth: Option<bool>,
}

impl<'d> Found<'d> {
    pub(super) const fn plain(node: Node<'d>) -> Self {
        Self {
            node,
            ty: "",
            truth: None,
        }
    }
}

impl Path {
    /// The alternatives of an expression that begins at `base` (nothing for a part of a
    /// composite).
    pub(super) fn union(expression: &'static str, base: &str) -> Option<Vec<Self>> {
        let alternatives = expression.split(" | ");
        alternatives
            .map(|one| Self::parse(one.trim(), base))
            .collect()
    }

    fn parse(text: &'static str, base: &str) -> Option<Self> {
        let mut steps = Vec::new();
        let mut rest = text;
        if let Some((before, _)) = text.split_once(".exists() and ") {
            let mut path = Self::parse(before, base)?;
            path.0.push(Step::IsSo);
            return Some(path);
        }
        if let Some(inner) = text.strip_prefix('(') {
            let (inner, after) = inner.split_once(')')?;
            let (path, ty) = inner.split_once(" as ")?;
            steps = Self::parse(path, base)?.0;
            steps.push(Step::As(ty));
            rest = after.strip_prefix('.').unwrap_or(after);
        } else if let Some((path, ty)) = text.split_once(" as ") {
            let mut path = Self::parse(path, base)?;
            path.0.push(Step::As(ty));
            return Some(path);
        } else if !base.is_empty() {
            rest = text.strip_prefix(base)?;
            rest = rest.strip_prefix('.').unwrap_or(rest);
        }
        // A part of a composite may mean the place itself.
        if rest == "$this" || rest == "%resource" {
            rest = "";
        }
        while !rest.is_empty() {
            let (step, after) = split_step(rest);
            parse_step(step, &mut steps)?;
            rest = after;
        }
        Some(Self(steps))
    }
}

/// The text up to the next dot outside brackets and quotes, and what comes after the dot.
fn split_step(text: &'static str) -> (&'static str, &'static str) {
    let (mut depth, mut quoted) = (0_usize, false);
    for (at, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            '.' if !quoted && depth == 0 => {
                let (step, after) = text.split_at(at);
                return (step, after.strip_prefix('.').unwrap_or_default());
            }
            _ => {}
        }
    }
    (text, "")
}

fn parse_step(step: &'static str, steps: &mut Vec<Step>) -> Option<()> {
    if let Some((name, argument)) = step.split_once('(') {
        let argument = argument.strip_suffix(')')?;
        steps.push(match name {
            "as" | "ofType" => Step::As(argument),
            "where" => condition(argument)?,
            _ => return None,
        });
        return Some(());
    }
    match step.split_once('[') {
        Some((name, index)) => {
            steps.push(Step::Member(name));
            steps.push(Step::Index(index.strip_suffix(']')?.parse().ok()?));
        }
        None => steps.push(Step::Member(step)),
    }
    Some(())
}

fn condition(text: &'static str) -> Option<Step> {
    if let Some(ty) = text.strip_prefix("resolve() is ") {
        return Some(Step::WhereResolves(ty));
    }
    if let Some(url) = text.strip_prefix("hasExtension('") {
        return Some(Step::WhereExtension(url.strip_suffix("')")?));
    }
    let (member, value) = text.split_once('=')?;
    let value = value.trim().strip_prefix('\'')?.strip_suffix('\'')?;
    Some(Step::WhereEqual(member.trim(), value))
}

/// What the paths lead to from `root`.
pub fn evaluate<'d>(paths: &[Path], root: Node<'d>) -> Vec<Found<'d>> {
    let mut all = Vec::new();
    for path in paths {
        let mut found = vec![Found::plain(root)];
        for step in &path.0 {
            found = take(step, &found);
        }
        all.extend(found);
    }
    all
}

fn take<'d>(step: &Step, from: &[Found<'d>]) -> Vec<Found<'d>> {
    let mut next = Vec::new();
    match step {
        Step::Member(name) => {
            for one in from {
                member(one.node, name, &mut next);
            }
        }
        Step::As(ty) => next.extend(from.iter().copied().filter(|one| is_of(one.ty, ty))),
        Step::Index(index) => next.extend(from.get(*index).copied()),
        Step::WhereEqual(name, value) => {
            let fits = |one: &Found<'_>| one.node.str(name) == Some(value);
            next.extend(from.iter().copied().filter(fits));
        }
        Step::WhereResolves(ty) => {
            next.extend(from.iter().copied().filter(|one| leads_to(one.node, ty)));
        }
        Step::WhereExtension(url) => {
            let fits = |one: &Found<'_>| {
                let mut all = one.node.list("extension");
                all.any(|extension| extension.str("url") == Some(url))
            };
            next.extend(from.iter().copied().filter(fits));
        }
        Step::IsSo => {
            let is_so = from.iter().any(|one| one.node.as_bool() != Some(false));
            if let Some(one) = from.first() {
                next.push(Found {
                    truth: Some(is_so),
                    ..*one
                });
            }
        }
    }
    next
}

/// The values of a member: itself, the items of a list, or whichever type of a choice is there.
fn member<'d>(node: Node<'d>, name: &str, next: &mut Vec<Found<'d>>) {
    let mut push = |value: Node<'d>, ty: &'d str| {
        let found = |node| Found {
            node,
            ty,
            truth: None,
        };
        if value.is_array() {
            next.extend(value.items().filter(|item| !item.is_null()).map(found));
        } else if !value.is_null() {
            next.push(found(value));
        }
    };
    for (key, value) in node.entries() {
        if key == name {
            return push(value, "");
        }
    }
    for (key, value) in node.entries() {
        if let Some(ty) = key.strip_prefix(name)
            && is_type(ty)
        {
            return push(value, ty);
        }
    }
}

/// The types that a choice element's name may end with.
///
/// Source: FHIR R4 datatypes.html#open.
pub(super) fn is_type(suffix: &str) -> bool {
    const TYPES: &[&str] = &[
        "Address",
        "Age",
        "Annotation",
        "Attachment",
        "Base64Binary",
        "Boolean",
        "Canonical",
        "Code",
        "CodeableConcept",
        "Coding",
        "ContactDetail",
        "ContactPoint",
        "Contributor",
        "Count",
        "DataRequirement",
        "Date",
        "DateTime",
        "Decimal",
        "Distance",
        "Dosage",
        "Duration",
        "Expression",
        "HumanName",
        "Id",
        "Identifier",
        "Instant",
        "Integer",
        "Markdown",
        "Meta",
        "Money",
        "Oid",
        "ParameterDefinition",
        "Period",
        "PositiveInt",
        "Quantity",
        "Range",
        "Ratio",
        "Reference",
        "RelatedArtifact",
        "SampledData",
        "Signature",
        "String",
        "Time",
        "Timing",
        "TriggerDefinition",
        "UnsignedInt",
        "Uri",
        "Url",
        "UsageContext",
        "Uuid",
    ];
    TYPES.binary_search(&suffix).is_ok()
}

/// `dateTime` is `DateTime` at the end of a name. What is no choice is of its own type.
fn is_of(found: &str, wanted: &str) -> bool {
    let mut characters = wanted.chars();
    let first = characters.next().map(|c| c.to_ascii_uppercase());
    found.is_empty()
        || first.is_some_and(|first| {
            found.starts_with(first) && found.get(1..) == Some(characters.as_str())
        })
}

/// Does a reference lead to a resource of this type, as far as it says?
fn leads_to(node: Node<'_>, ty: &str) -> bool {
    if node.str("type") == Some(ty) {
        return true;
    }
    let reference = node.str("reference").unwrap_or_default();
    let parts: Vec<&str> = reference.split('/').collect();
    let kind = match parts.as_slice() {
        [.., kind, _, "_history", _] | [.., kind, _] => kind,
        _ => return false,
    };
    *kind == ty
}
