//! The table of search parameters, read once.

use std::{collections::BTreeMap, sync::OnceLock};

use super::path::Path;

static TEXT: &str = include_str!("r4.tsv");

/// The types of search parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A code, with or without its system.
    Token,
    /// A date, a time, or a period.
    Date,
    /// A text.
    String,
    /// Another resource.
    Reference,
    /// A number with a unit.
    Quantity,
    /// A number.
    Number,
    /// An address.
    Uri,
    /// Several at one place.
    Composite,
    /// Of its own form.
    Special,
}

impl Kind {
    /// The word of R4.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Date => "date",
            Self::String => "string",
            Self::Reference => "reference",
            Self::Quantity => "quantity",
            Self::Number => "number",
            Self::Uri => "uri",
            Self::Composite => "composite",
            Self::Special => "special",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        const ALL: [Kind; 9] = [
            Kind::Token,
            Kind::Date,
            Kind::String,
            Kind::Reference,
            Kind::Quantity,
            Kind::Number,
            Kind::Uri,
            Kind::Composite,
            Kind::Special,
        ];
        ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// One part of a composite.
#[derive(Debug)]
pub struct Component {
    /// The type of the part.
    pub kind: Kind,
    /// Where it is, from the composite's place.
    pub paths: Vec<Path>,
}

/// A search parameter of one type.
#[derive(Debug)]
pub struct Param {
    /// Its name in addresses.
    pub code: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Where its values are.
    pub paths: Vec<Path>,
    /// Of a reference: the types that it may lead to.
    pub targets: Vec<&'static str>,
    /// Of a composite.
    pub components: Vec<Component>,
}

type Table = BTreeMap<&'static str, BTreeMap<&'static str, Param>>;

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table::new();
        for line in TEXT.lines() {
            // A line that cannot be read is left out here, and fails a test.
            if let Some((base, param)) = read(line) {
                table.entry(base).or_default().insert(param.code, param);
            }
        }
        table
    })
}

pub(super) fn read(line: &'static str) -> Option<(&'static str, Param)> {
    let columns: Vec<&'static str> = line.split('\t').collect();
    let [base, code, kind, expression, targets, components] = columns.as_slice() else {
        return None;
    };
    let kind = Kind::parse(kind)?;
    let components = components
        .split(" ;; ")
        .filter(|part| !part.is_empty())
        .map(|part| {
            let mut words = part.splitn(3, ' ');
            let (_, kind) = (words.next()?, Kind::parse(words.next()?)?);
            let paths = Path::union(words.next()?, "")?;
            Some(Component { kind, paths })
        });
    let components: Option<Vec<Component>> = components.collect();
    let param = Param {
        code,
        kind,
        paths: Path::union(expression, base)?,
        targets: targets.split(' ').filter(|t| !t.is_empty()).collect(),
        components: components?,
    };
    Some((base, param))
}

static SUMMARIES: &str = include_str!("summary.tsv");

/// The elements of a type that its short forms have. A name with `*` behind it is a choice.
#[derive(Debug)]
pub struct Summary {
    /// Marked as part of the summary.
    pub summary: Vec<&'static str>,
    /// Required.
    pub mandatory: Vec<&'static str>,
}

impl Summary {
    /// Is the member `name` of a resource one of `elements`?
    #[must_use]
    pub fn has(elements: &[&str], name: &str) -> bool {
        let name = name.strip_prefix('_').unwrap_or(name);
        elements
            .iter()
            .any(|element| match element.strip_suffix('*') {
                Some(stem) => name.strip_prefix(stem).is_some_and(super::path::is_type),
                None => *element == name,
            })
    }
}

/// The elements of a type's short forms.
///
/// Source: FHIR R4 search.html#summary; StructureDefinition, `isSummary` and `min`.
#[must_use]
pub fn summary(kind: &str) -> Option<&'static Summary> {
    static TABLE: OnceLock<BTreeMap<&'static str, Summary>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let lines = SUMMARIES.lines().filter_map(|line| {
            let mut columns = line.split('\t');
            let kind = columns.next()?;
            let mut names = || {
                let text = columns.next()?;
                Some(text.split(' ').filter(|name| !name.is_empty()).collect())
            };
            let (summary, mandatory) = (names()?, names()?);
            Some((kind, Summary { summary, mandatory }))
        });
        lines.collect()
    });
    table.get(kind)
}

#[cfg(test)]
pub(super) fn lines() -> impl Iterator<Item = &'static str> {
    TEXT.lines()
}

/// The parameters of a type, those of every resource among them, by name.
pub fn of(kind: &str) -> impl Iterator<Item = &'static Param> {
    let bases = [kind, "DomainResource", "Resource"];
    let all = bases.into_iter().filter_map(|base| table().get(base));
    all.flat_map(BTreeMap::values)
        .collect::<Vec<_>>()
        .into_iter()
}

/// One parameter of a type.
#[must_use]
pub fn param(kind: &str, code: &str) -> Option<&'static Param> {
    let bases = [kind, "DomainResource", "Resource"];
    bases
        .into_iter()
        .find_map(|base| table().get(base)?.get(code))
}
