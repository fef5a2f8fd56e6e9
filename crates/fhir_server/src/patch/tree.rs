//! A document that can be changed: numbers keep their text, members their order.

use fhir::{
    json::{Kind, Node, Writer},
    search::Decimal,
};

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tree {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Tree {
    pub fn of(node: Node<'_>) -> Self {
        match node.kind() {
            Kind::Null => Self::Null,
            Kind::Bool => Self::Bool(node.as_bool().unwrap_or_default()),
            Kind::Number => Self::Number(node.as_number_text().unwrap_or_default().to_owned()),
            Kind::String => Self::Text(node.as_str().unwrap_or_default().to_owned()),
            Kind::Array => Self::List(node.items().map(Self::of).collect()),
            Kind::Object => {
                let members = node.entries();
                Self::Object(
                    members
                        .map(|(key, value)| (key.to_owned(), Self::of(value)))
                        .collect(),
                )
            }
        }
    }

    /// The value at a place.
    pub fn at(&self, place: &[String]) -> Option<&Self> {
        let Some((first, rest)) = place.split_first() else {
            return Some(self);
        };
        let inner = match self {
            Self::Object(members) => members.iter().find(|(key, _)| key == first).map(|(_, v)| v),
            Self::List(items) => items.get(index(first)?),
            _ => None,
        };
        inner?.at(rest)
    }

    /// The same, to be changed.
    pub fn at_mut(&mut self, place: &[String]) -> Option<&mut Self> {
        let Some((first, rest)) = place.split_first() else {
            return Some(self);
        };
        let inner = match self {
            Self::Object(members) => {
                let mut members = members.iter_mut();
                members.find(|(key, _)| key == first).map(|(_, v)| v)
            }
            Self::List(items) => items.get_mut(index(first)?),
            _ => None,
        };
        inner?.at_mut(rest)
    }

    /// Puts a value at a place: a member, or before an item of a list, `-` being its end.
    ///
    /// # Errors
    /// Why it cannot be put there.
    pub fn add(&mut self, place: &[String], value: Self) -> Result<(), String> {
        let Some((last, parents)) = place.split_last() else {
            *self = value;
            return Ok(());
        };
        let parent = self.at_mut(parents);
        match parent.ok_or_else(|| format!("nothing at /{}", parents.join("/")))? {
            Self::Object(members) => {
                match members.iter_mut().find(|(key, _)| key == last) {
                    Some((_, there)) => *there = value,
                    None => members.push((last.clone(), value)),
                }
                Ok(())
            }
            Self::List(items) => {
                let at = if last == "-" {
                    Some(items.len())
                } else {
                    index(last).filter(|at| *at <= items.len())
                };
                let at =
                    at.ok_or_else(|| format!("no place {last} in a list of {}", items.len()))?;
                items.insert(at, value);
                Ok(())
            }
            _ => Err(format!("no object or list at /{}", parents.join("/"))),
        }
    }

    /// How many levels of lists and objects it has, and about how many bytes.
    pub fn size(&self) -> (usize, usize) {
        let over = |inner: &mut dyn Iterator<Item = (usize, usize)>| {
            inner.fold((1, 2), |(depth, bytes): (usize, usize), (below, more)| {
                let depth = depth.max(below.saturating_add(1));
                (depth, bytes.saturating_add(more).saturating_add(1))
            })
        };
        match self {
            Self::Null | Self::Bool(_) => (0, 5),
            Self::Number(text) | Self::Text(text) => (0, text.len().saturating_add(2)),
            Self::List(items) => over(&mut items.iter().map(Self::size)),
            Self::Object(members) => over(&mut members.iter().map(|(key, value)| {
                let (depth, bytes) = value.size();
                (depth, bytes.saturating_add(key.len()).saturating_add(3))
            })),
        }
    }

    /// Takes the value at a place away.
    pub fn remove(&mut self, place: &[String]) -> Option<Self> {
        let (last, parents) = place.split_last()?;
        match self.at_mut(parents)? {
            Self::Object(members) => {
                let at = members.iter().position(|(key, _)| key == last)?;
                Some(members.remove(at).1)
            }
            Self::List(items) => {
                let at = index(last).filter(|at| *at < items.len())?;
                Some(items.remove(at))
            }
            _ => None,
        }
    }

    /// Equal as RFC 6902 says: numbers by value, objects whatever the order of their members.
    pub fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(one), Self::Number(other)) => {
                let same = Decimal::parse(one)
                    .zip(Decimal::parse(other))
                    .is_some_and(|(one, other)| one.compare(other).is_eq());
                one == other || same
            }
            (Self::List(one), Self::List(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(a, b)| a.equals(b))
            }
            (Self::Object(one), Self::Object(other)) => {
                let has = |(key, value): &(String, Self)| {
                    let mut others = other.iter();
                    others.any(|(k, v)| k == key && v.equals(value))
                };
                one.len() == other.len() && one.iter().all(has)
            }
            (one, other) => one == other,
        }
    }

    /// Takes over the members of `changes`; `null` takes a member away.
    ///
    /// Source: RFC 7396 section 2.
    pub fn merge(&mut self, changes: &Self) {
        let Self::Object(changes) = changes else {
            *self = changes.clone();
            return;
        };
        if !matches!(self, Self::Object(_)) {
            *self = Self::Object(Vec::new());
        }
        let Self::Object(members) = self else {
            return;
        };
        for (name, change) in changes {
            if *change == Self::Null {
                members.retain(|(key, _)| key != name);
                continue;
            }
            match members.iter_mut().find(|(key, _)| key == name) {
                Some((_, there)) => there.merge(change),
                None => {
                    let mut new = Self::Null;
                    new.merge(change);
                    members.push((name.clone(), new));
                }
            }
        }
    }

    /// Appends the value as JSON.
    pub fn write(&self, out: &mut String) {
        let mut writer = Writer::new();
        self.write_to(&mut writer);
        out.push_str(&String::from_utf8(writer.finish()).unwrap_or_default());
    }

    fn write_to(&self, writer: &mut Writer) {
        match self {
            Self::Null => {
                writer.null();
            }
            Self::Bool(value) => {
                writer.bool(*value);
            }
            Self::Number(text) => {
                writer.number_text(text);
            }
            Self::Text(text) => {
                writer.string(text);
            }
            Self::List(items) => {
                writer.begin_array();
                items.iter().for_each(|item| item.write_to(writer));
                writer.end();
            }
            Self::Object(members) => {
                writer.begin_object();
                for (key, value) in members {
                    writer.key(key);
                    value.write_to(writer);
                }
                writer.end();
            }
        }
    }
}

/// An index of a list: digits without a zero before them.
fn index(text: &str) -> Option<usize> {
    let is_index = text == "0" || !text.starts_with('0');
    let is_digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    (is_index && is_digits).then(|| text.parse().ok()).flatten()
}
