//! What a search asks of one parameter: its values read once, whatever they are held against.
//!
//! Source: FHIR R4 search.html#ptypes, #modifiers, #prefix, #escaping.

use super::{
    decimal::Decimal,
    instant::Span,
    normalized,
    table::{Kind, Param},
};
use crate::clins::system::canonical;

/// Most values of one parameter, a comma between.
const VALUES_MAX: usize = 100;

/// Why a parameter is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The modifier or prefix does not fit the parameter's type.
    Modifier,
    /// The value is not of the type's form.
    Value,
}

/// What stands behind the parameter's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Modifier {
    /// Nothing.
    None,
    /// `:missing`
    Missing,
    /// `:not`
    Not,
    /// `:text`
    Text,
    /// `:exact`
    Exact,
    /// `:contains`
    Contains,
    /// `:identifier`
    Identifier,
    /// `:above`
    Above,
    /// `:below`
    Below,
    /// `:of-type`
    OfType,
    /// `:Patient` and the like.
    Type(String),
}

impl Modifier {
    /// Understands what stands behind the colon, for a parameter of this type.
    fn parse(word: Option<&str>, param: &Param) -> Result<Self, Fault> {
        let Some(word) = word else {
            return Ok(Self::None);
        };
        let found = match (word, param.kind) {
            ("missing", kind) if kind != Kind::Composite => Self::Missing,
            ("not", Kind::Token) => Self::Not,
            ("text", Kind::Token) => Self::Text,
            ("of-type", Kind::Token) => Self::OfType,
            ("exact", Kind::String) => Self::Exact,
            ("contains", Kind::String) => Self::Contains,
            ("identifier", Kind::Reference) => Self::Identifier,
            ("above", Kind::Uri) => Self::Above,
            ("below", Kind::Uri) => Self::Below,
            (ty, Kind::Reference)
                if param.targets.iter().any(|t| *t == ty || *t == "*")
                    && crate::schema::is_resource_type(ty) =>
            {
                Self::Type(ty.to_owned())
            }
            _ => return Err(Fault::Modifier),
        };
        Ok(found)
    }
}

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prefix {
    Eq,
    Ne,
    Gt,
    Lt,
    Ge,
    Le,
    Sa,
    Eb,
    Ap,
}

impl Prefix {
    /// The prefix, and the value behind it.
    fn split(text: &str) -> (Self, &str) {
        const ALL: [(&str, Prefix); 9] = [
            ("eq", Prefix::Eq),
            ("ne", Prefix::Ne),
            ("gt", Prefix::Gt),
            ("lt", Prefix::Lt),
            ("ge", Prefix::Ge),
            ("le", Prefix::Le),
            ("sa", Prefix::Sa),
            ("eb", Prefix::Eb),
            ("ap", Prefix::Ap),
        ];
        let found = ALL
            .into_iter()
            .find_map(|(word, prefix)| Some((prefix, text.strip_prefix(word)?)));
        found.unwrap_or((Self::Eq, text))
    }
}

/// A unit that is asked for: any, one of a system, or one by either name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Any,
    Coded(String, String),
    Named(String),
}

/// One value.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    Missing(bool),
    /// System (`None`: any; empty: none at all) and code (`None`: any).
    Token(Option<String>, Option<String>),
    /// An identifier of a type: system and code of the type, then its value.
    OfType(String, String, String),
    Text(String),
    Date(Prefix, Span),
    Begins(String),
    Contains(String),
    Exact(String),
    /// Type (`None`: any) and the rest of the reference.
    Reference(Option<String>, String),
    /// An absolute address.
    Address(String),
    Quantity(Prefix, Decimal, Unit),
    Number(Prefix, Decimal),
    Uri(String),
    Above(String),
    Below(String),
    All(Vec<Wanted>),
}

/// A parameter and what is asked of it: one of the values.
#[derive(Clone, Debug)]
pub struct Criterion {
    pub(super) param: &'static Param,
    /// Nothing may meet it, instead of something.
    pub(super) is_not: bool,
    pub(super) values: Vec<Wanted>,
    pub(super) of_identifier: bool,
}

impl Criterion {
    /// Reads `value` as the parameter's type and the modifier say.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn parse(
        param: &'static Param,
        modifier: Option<&str>,
        value: &str,
    ) -> Result<Self, Fault> {
        let modifier = Modifier::parse(modifier, param)?;
        let values = split(value, ',');
        if values.is_empty() || values.len() > VALUES_MAX || values.iter().any(String::is_empty) {
            return Err(Fault::Value);
        }
        let values: Result<Vec<Wanted>, Fault> = values
            .iter()
            .map(|value| {
                if param.kind == Kind::Composite {
                    composite(param, value)
                } else {
                    wanted(param.kind, &modifier, value)
                }
            })
            .collect();
        Ok(Self {
            param,
            is_not: modifier == Modifier::Not,
            values: values?,
            of_identifier: modifier == Modifier::Identifier,
        })
    }

    /// Does it ask for references to Patients, each named by its id?
    #[must_use]
    pub fn names_patients(&self) -> bool {
        let leads = |wanted: &Wanted| match wanted {
            Wanted::Reference(Some(kind), _) => kind == "Patient",
            Wanted::Reference(None, _) => self.param.code == "patient",
            Wanted::Address(address) => address.contains("/Patient/"),
            _ => false,
        };
        !self.of_identifier && self.values.iter().all(leads)
    }

    /// The codes of which a resource must have one to meet this; `None` when something else
    /// than a code is asked for. What [`super::codes`] gives of a resource is of the same kind.
    #[must_use]
    pub fn codes(&self) -> Option<Vec<&str>> {
        if self.is_not || self.of_identifier || self.param.kind != Kind::Token {
            return None;
        }
        let mut codes = Vec::with_capacity(self.values.len());
        for wanted in &self.values {
            match wanted {
                Wanted::Token(_, Some(code)) => codes.push(code.as_str()),
                _ => return None,
            }
        }
        Some(codes)
    }

    /// The parameter.
    #[must_use]
    pub const fn param(&self) -> &'static Param {
        self.param
    }
}

/// Cuts at each `sign` that no backslash precedes; the parts keep their escapes.
fn split(text: &str, sign: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in text.chars() {
        if c == sign && !escaped {
            parts.push(String::new());
            continue;
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
        escaped = c == '\\' && !escaped;
    }
    parts
}

/// `\,` `\$` `\|` `\\` without the backslash.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => out.extend(characters.next()),
            c => out.push(c),
        }
    }
    out
}

fn composite(param: &Param, value: &str) -> Result<Wanted, Fault> {
    let parts = split(value, '$');
    if parts.len() != param.components.len() {
        return Err(Fault::Value);
    }
    let all: Result<Vec<Wanted>, Fault> = parts
        .iter()
        .zip(&param.components)
        .map(|(part, component)| wanted(component.kind, &Modifier::None, part))
        .collect();
    all.map(Wanted::All)
}

fn wanted(kind: Kind, modifier: &Modifier, value: &str) -> Result<Wanted, Fault> {
    if *modifier == Modifier::Missing {
        return match value {
            "true" => Ok(Wanted::Missing(true)),
            "false" => Ok(Wanted::Missing(false)),
            _ => Err(Fault::Value),
        };
    }
    match kind {
        Kind::Token => token(modifier, value),
        Kind::Date => {
            let (prefix, text) = Prefix::split(value);
            let span = Span::parse(text).ok_or(Fault::Value)?;
            Ok(Wanted::Date(prefix, span))
        }
        Kind::String => {
            let text = plain(value);
            Ok(match modifier {
                Modifier::Exact => Wanted::Exact(text),
                Modifier::Contains => Wanted::Contains(normalized(&text)),
                _ => Wanted::Begins(normalized(&text)),
            })
        }
        Kind::Reference if *modifier == Modifier::Identifier => token(&Modifier::None, value),
        Kind::Reference => Ok(reference(modifier, &plain(value))),
        Kind::Quantity => quantity(value),
        Kind::Number => {
            let (prefix, text) = Prefix::split(value);
            let number = Decimal::parse(text).ok_or(Fault::Value)?;
            Ok(Wanted::Number(prefix, number))
        }
        Kind::Uri => {
            let text = plain(value);
            Ok(match modifier {
                Modifier::Above => Wanted::Above(text),
                Modifier::Below => Wanted::Below(text),
                _ => Wanted::Uri(text),
            })
        }
        Kind::Composite | Kind::Special => Err(Fault::Modifier),
    }
}

fn token(modifier: &Modifier, value: &str) -> Result<Wanted, Fault> {
    if *modifier == Modifier::Text {
        return Ok(Wanted::Text(normalized(&plain(value))));
    }
    let parts: Vec<String> = split(value, '|').iter().map(|part| plain(part)).collect();
    match (modifier, parts.as_slice()) {
        (Modifier::OfType, [system, code, value]) if !code.is_empty() && !value.is_empty() => Ok(
            Wanted::OfType(canonical(system).to_owned(), code.clone(), value.clone()),
        ),
        (Modifier::OfType, _) => Err(Fault::Value),
        (_, [code]) => Ok(Wanted::Token(None, Some(code.clone()))),
        (_, [system, code]) if !(system.is_empty() && code.is_empty()) => Ok(Wanted::Token(
            Some(canonical(system).to_owned()),
            Some(code.clone()).filter(|code| !code.is_empty()),
        )),
        _ => Err(Fault::Value),
    }
}

fn reference(modifier: &Modifier, value: &str) -> Wanted {
    if value.contains("://") || value.starts_with("urn:") {
        return Wanted::Address(value.to_owned());
    }
    match (modifier, value.split_once('/')) {
        (Modifier::Type(ty), None) => Wanted::Reference(Some(ty.clone()), value.to_owned()),
        (_, Some((ty, id))) => Wanted::Reference(Some(ty.to_owned()), id.to_owned()),
        (_, None) => Wanted::Reference(None, value.to_owned()),
    }
}

fn quantity(value: &str) -> Result<Wanted, Fault> {
    let parts: Vec<String> = split(value, '|').iter().map(|part| plain(part)).collect();
    let (number, unit) = match parts.as_slice() {
        [number] => (number, Unit::Any),
        [number, system, code] if !code.is_empty() => {
            let unit = if system.is_empty() {
                Unit::Named(code.clone())
            } else {
                Unit::Coded(canonical(system).to_owned(), code.clone())
            };
            (number, unit)
        }
        _ => return Err(Fault::Value),
    };
    let (prefix, number) = Prefix::split(number);
    let number = Decimal::parse(number).ok_or(Fault::Value)?;
    Ok(Wanted::Quantity(prefix, number, unit))
}
