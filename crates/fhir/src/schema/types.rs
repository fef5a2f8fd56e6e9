//! The types of elements, for whoever walks documents by the definitions: a path language,
//! profiles, a search index.
//!
//! Source: FHIR R4 (4.0.1) StructureDefinitions; 2.24 data types (which type is a kind of which).

use super::primitive::Primitive;
use super::table::{self, Child, Frame, Type};

/// What an element or a resource is by its definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ElementType(Type);

/// An element of a type, under its JSON name.
#[derive(Clone, Copy, Debug)]
pub struct ElementChild {
    child: &'static Child,
    owner: &'static Frame,
}

/// How a primitive's value is written and meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrimitiveKind {
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A number with its precision.
    Decimal,
    /// Year, month or day.
    Date,
    /// A date, or a day with time and zone; instants too.
    DateTime,
    /// A time of day.
    Time,
    /// Any other text.
    Text,
}

/// Resources that are no DomainResource.
const BARE_RESOURCES: [&str; 3] = ["Binary", "Bundle", "Parameters"];
/// Data types that are BackboneElements.
const BACKBONE_TYPES: [&str; 8] = [
    "Dosage",
    "ElementDefinition",
    "MarketingStatus",
    "Population",
    "ProdCharacteristic",
    "ProductShelfLife",
    "SubstanceAmount",
    "Timing",
];
/// Names that stand above others and have no table row of their own.
const ABSTRACT: [&str; 5] = [
    "Element",
    "BackboneElement",
    "Resource",
    "DomainResource",
    "Any",
];

impl ElementType {
    /// The type of a resource by its name.
    #[must_use]
    pub fn resource(name: &str) -> Option<Self> {
        Some(Self(Type::Frame(table::get().resource_index(name)?)))
    }

    /// A resource, data type or primitive by its name (`Patient`, `HumanName`, `code`), or an
    /// element with children of its own by its path (`Patient.contact`).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let primitive = Primitive::ALL.into_iter().find(|p| p.name() == name);
        primitive
            .map(|p| Self(Type::Primitive(p)))
            .or_else(|| Some(Self(Type::Frame(table::get().frame_index(name)?))))
    }

    /// Any resource: which one, its own `resourceType` says.
    #[must_use]
    pub const fn any_resource() -> Self {
        Self(Type::Resource)
    }

    fn frame(self) -> Option<&'static Frame> {
        match self.0 {
            Type::Frame(index) => table::get().frame(index),
            _ => None,
        }
    }

    /// The name: `Patient`, `HumanName`, `code`, `Patient.contact`; `Resource` for any.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self.0 {
            Type::Primitive(primitive) => primitive.name(),
            Type::Frame(_) => self.frame().map_or("Element", |frame| frame.path),
            Type::Resource => "Resource",
        }
    }

    /// The name of the type: as [`ElementType::path`], but for elements with children of their
    /// own `BackboneElement` (in resources) or `Element` (in data types).
    #[must_use]
    pub fn name(self) -> &'static str {
        let path = self.path();
        match path.split_once('.') {
            None => path,
            Some((owner, _)) if table::get().resource(owner).is_some() => "BackboneElement",
            Some(_) => "Element",
        }
    }

    /// Is it a primitive?
    #[must_use]
    pub const fn is_primitive(self) -> bool {
        matches!(self.0, Type::Primitive(_))
    }

    /// Is it a resource, known or any?
    #[must_use]
    pub fn is_resource(self) -> bool {
        self.0 == Type::Resource || self.frame().is_some_and(|frame| frame.resource)
    }

    /// How the value of a primitive is meant; `None` for all else.
    #[must_use]
    pub const fn primitive(self) -> Option<PrimitiveKind> {
        let Type::Primitive(primitive) = self.0 else {
            return None;
        };
        Some(match primitive {
            Primitive::Boolean => PrimitiveKind::Boolean,
            Primitive::Integer | Primitive::PositiveInt | Primitive::UnsignedInt => {
                PrimitiveKind::Integer
            }
            Primitive::Decimal => PrimitiveKind::Decimal,
            Primitive::Date => PrimitiveKind::Date,
            Primitive::DateTime | Primitive::Instant => PrimitiveKind::DateTime,
            Primitive::Time => PrimitiveKind::Time,
            _ => PrimitiveKind::Text,
        })
    }

    /// Has `text` (a string's content or a number's text) the form of this primitive?
    #[must_use]
    pub fn accepts(self, text: &str) -> bool {
        matches!(self.0, Type::Primitive(primitive) if primitive.accepts(text))
    }

    /// Is this type `name`, or a kind of it?
    #[must_use]
    pub fn is_a(self, name: &str) -> bool {
        if self.name() == name || self.path() == name {
            return true;
        }
        if let Some(frame) = self.frame().filter(|frame| frame.resource) {
            let domain = !BARE_RESOURCES.contains(&frame.path);
            return name == "Resource" || (domain && name == "DomainResource");
        }
        match (self.0, name) {
            (Type::Resource, _) => false,
            (_, "Element") => true,
            (Type::Primitive(primitive), _) => primitive.is_kind_of(name),
            (_, "BackboneElement") => BACKBONE_TYPES.contains(&self.path()),
            (_, "Quantity") => matches!(
                self.path(),
                "Age" | "Count" | "Distance" | "Duration" | "MoneyQuantity" | "SimpleQuantity"
            ),
            _ => false,
        }
    }

    /// The element with this JSON name (`valueString`, not `value`).
    #[must_use]
    pub fn child(self, json_name: &str) -> Option<ElementChild> {
        let owner = self.frame()?;
        let child = owner.child(json_name)?;
        Some(ElementChild { child, owner })
    }

    /// The choice element of this name (`value` for `value[x]`): its JSON names begin so.
    #[must_use]
    pub fn has_choice(self, name: &str) -> bool {
        self.frame()
            .is_some_and(|frame| frame.groups.iter().any(|g| g.choice && g.name == name))
    }

    /// All elements, sorted by their JSON names.
    pub fn children(self) -> impl Iterator<Item = ElementChild> {
        self.frame().into_iter().flat_map(|owner| {
            let children = owner.children.iter();
            children.map(move |child| ElementChild { child, owner })
        })
    }
}

impl ElementChild {
    /// The JSON name: `valueString`.
    #[must_use]
    pub const fn json_name(self) -> &'static str {
        self.child.name
    }

    /// The name in the definition, without `[x]`: `value`.
    #[must_use]
    pub fn element(self) -> &'static str {
        let group = self.owner.groups.get(self.child.group);
        group.map_or(self.child.name, |group| group.name)
    }

    /// Is it one type of a choice?
    #[must_use]
    pub fn is_choice(self) -> bool {
        let group = self.owner.groups.get(self.child.group);
        group.is_some_and(|group| group.choice)
    }

    /// Is its code checked against a required value set of R4?
    #[must_use]
    pub const fn has_required_codes(self) -> bool {
        self.child.set.is_some()
    }

    /// Is it a list?
    #[must_use]
    pub const fn is_list(self) -> bool {
        self.child.many
    }

    /// What it is.
    #[must_use]
    pub const fn ty(self) -> ElementType {
        ElementType(self.child.ty)
    }
}

/// Is `name` a type of R4, abstract ones included?
#[must_use]
pub fn is_type(name: &str) -> bool {
    ABSTRACT.contains(&name)
        || matches!(name, "MoneyQuantity" | "SimpleQuantity")
        || (!name.contains('.') && ElementType::named(name).is_some())
}

/// What is wrong with a narrative's XHTML; `None` when it is as R4 allows.
#[must_use]
pub fn xhtml_problem(text: &str) -> Option<String> {
    super::xhtml::problem(text)
}
