//! Names of types: of the language itself, and of FHIR.
//!
//! Source: FHIRPath N1 4.2.3, 10 (types and reflection); FHIR R4 2.9.1.

use fhir::schema::{self, ElementType};

/// A type of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemType {
    Any,
    Boolean,
    Integer,
    Decimal,
    String,
    Date,
    DateTime,
    Time,
    Quantity,
}

impl SystemType {
    const ALL: [(&'static str, Self); 9] = [
        ("Any", Self::Any),
        ("Boolean", Self::Boolean),
        ("Integer", Self::Integer),
        ("Decimal", Self::Decimal),
        ("String", Self::String),
        ("Date", Self::Date),
        ("DateTime", Self::DateTime),
        ("Time", Self::Time),
        ("Quantity", Self::Quantity),
    ];

    pub fn name(self) -> &'static str {
        let found = Self::ALL.iter().find(|(_, ty)| *ty == self);
        found.map_or("Any", |(name, _)| name)
    }

    fn parse(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, ty)| *ty)
    }
}

/// The type that an expression names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeName {
    system: Option<SystemType>,
    fhir: Option<String>,
}

impl TypeName {
    /// `name` or `namespace.name`; `None` when there is no such type.
    pub fn parse(namespace: Option<&str>, name: &str) -> Option<Self> {
        let system = || SystemType::parse(name);
        let fhir = || schema::is_type(name).then(|| name.to_owned());
        let found = match namespace {
            // A type of FHIR is none of the language, and the other way round: not an error.
            Some("System") => Self {
                system: system(),
                fhir: None,
            },
            Some("FHIR") => Self {
                system: None,
                fhir: fhir(),
            },
            Some(_) => return None,
            None => Self {
                system: system(),
                fhir: fhir(),
            },
        };
        let known = found.system.is_some() || found.fhir.is_some() || schema::is_type(name);
        known.then_some(found)
    }

    /// Is a value of the language of this type?
    pub fn has_system(&self, ty: SystemType) -> bool {
        self.system == Some(ty) || self.system == Some(SystemType::Any)
    }

    /// Is an element of this type, or of a kind of it?
    pub fn has_fhir(&self, ty: ElementType) -> bool {
        self.fhir.as_deref().is_some_and(|name| ty.is_a(name))
    }

    /// As [`TypeName::has_fhir`], but a primitive must be of exactly this type: a `code` is no
    /// `string` to `as` and `ofType`.
    pub fn picks_fhir(&self, ty: ElementType) -> bool {
        let exact = self.fhir.as_deref() == Some(ty.name());
        exact || (!ty.is_primitive() && self.has_fhir(ty))
    }
}
