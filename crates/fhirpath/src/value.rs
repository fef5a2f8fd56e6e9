//! What expressions yield: elements of a document, and values of the language.

use std::borrow::Cow;

use fhir::json::{Kind, Node};
use fhir::schema::{ElementChild, ElementType, PrimitiveKind};
use rust_decimal::Decimal;

use crate::moment::{Moment, MomentKind};
use crate::quantity::Quantity;
use crate::types::{SystemType, TypeName};

/// Items in order; "nothing" is a collection without items.
pub type Collection<'a> = Vec<Value<'a>>;

/// One item.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// An element or resource of a document.
    Element(Element<'a>),
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number with its precision.
    Decimal(Decimal),
    /// Text.
    Text(Cow<'a, str>),
    /// Date, date with time, or time of day.
    Moment(Moment),
    /// A number with its unit.
    Quantity(Quantity<'a>),
    /// What `type()` tells: namespace and name.
    Type(&'static str, &'static str),
}

/// A view into a document with its type from the definitions.
#[derive(Clone, Copy, Debug)]
pub struct Element<'a> {
    pub(crate) node: Option<Node<'a>>,
    pub(crate) twin: Option<Node<'a>>,
    pub(crate) ty: Option<ElementType>,
}

impl<'a> Element<'a> {
    /// A resource; its type is that of its `resourceType`.
    #[must_use]
    pub fn resource(node: Node<'a>) -> Self {
        let ty = node.str("resourceType").and_then(ElementType::resource);
        Self::new(node, ty)
    }

    /// An element of a known type, or of a type that nobody knows.
    #[must_use]
    pub const fn new(node: Node<'a>, ty: Option<ElementType>) -> Self {
        Self {
            node: Some(node),
            twin: None,
            ty,
        }
    }

    /// A primitive with its `_name` member: either may be absent, not both.
    #[must_use]
    pub const fn primitive(
        node: Option<Node<'a>>,
        twin: Option<Node<'a>>,
        ty: Option<ElementType>,
    ) -> Self {
        Self { node, twin, ty }
    }

    /// The JSON; `None` for a primitive that has extensions only, and for a resource that is
    /// merely referred to.
    #[must_use]
    pub const fn node(&self) -> Option<Node<'a>> {
        self.node
    }

    /// The type, as far as the definitions tell.
    #[must_use]
    pub const fn ty(&self) -> Option<ElementType> {
        self.ty
    }

    /// The name of the type: `Patient`, `HumanName`, `code`, `BackboneElement`.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        self.ty.map_or("Element", ElementType::name)
    }

    /// Is it a resource?
    #[must_use]
    pub fn is_resource(&self) -> bool {
        self.ty.is_some_and(ElementType::is_resource)
    }

    /// Calls `each` with the elements below under `name`: each with its JSON name (empty where
    /// no type is known), its place in a list, and itself. `false` when the type has none such.
    pub fn each_child(
        &self,
        name: &str,
        each: &mut impl FnMut(&'static str, Option<usize>, Self),
    ) -> bool {
        let Some(ty) = self.ty else {
            if let Some(value) = self.node.and_then(|node| node.get(name)) {
                spread(Some(value), None, None, &mut |at, item| each("", at, item));
            }
            return true;
        };
        if ty.is_primitive() {
            let child = ElementType::named("Element").and_then(|element| element.child(name));
            if let Some(child) = child {
                let value = self.twin.and_then(|twin| twin.get(name));
                let name = child.json_name();
                spread(value, None, Some(child.ty()), &mut |at, item| {
                    each(name, at, item)
                });
            }
            return child.is_some();
        }
        if let Some(child) = ty.child(name).filter(|child| !child.is_choice()) {
            let name = child.json_name();
            self.spread_child(name, child.ty(), &mut |at, item| each(name, at, item));
            return true;
        }
        if !ty.has_choice(name) {
            return false;
        }
        let Some(node) = self.node else { return true };
        let mut last = "";
        for (key, _) in node.entries() {
            let bare = key.strip_prefix('_').unwrap_or(key);
            let child = bare
                .starts_with(name)
                .then(|| ty.child(bare))
                .flatten()
                .filter(|child| child.is_choice() && child.element() == name);
            if let Some(child) = child
                && child.json_name() != last
            {
                last = child.json_name();
                self.spread_child(last, child.ty(), &mut |at, item| each(last, at, item));
            }
        }
        true
    }

    fn spread_child(
        &self,
        name: &str,
        ty: ElementType,
        each: &mut impl FnMut(Option<usize>, Self),
    ) {
        let Some(node) = self.node else { return };
        let value = node.get(name);
        if ty.is_primitive() {
            spread(value, twin_of(node, name), Some(ty), each);
        } else {
            spread(value, None, Some(ty), each);
        }
    }

    /// As [`Element::each_child`], without a word on whether the type has such elements: quick
    /// where there are none.
    pub fn each_present(
        &self,
        name: &str,
        each: &mut impl FnMut(&'static str, Option<usize>, Self),
    ) {
        let node = match self.ty {
            Some(ty) if ty.is_primitive() => self.twin,
            _ => self.node,
        };
        let is_there = node.is_some_and(|node| {
            node.entries()
                .any(|(key, _)| key.strip_prefix('_').unwrap_or(key).starts_with(name))
        });
        if is_there {
            self.each_child(name, each);
        }
    }

    /// All elements below, in the document's order.
    pub(crate) fn each_of_all(&self, each: &mut impl FnMut(Self)) {
        let Some(ty) = self.ty else {
            for (_, value) in self.node.into_iter().flat_map(Node::entries) {
                spread(Some(value), None, None, &mut |_, item| each(item));
            }
            return;
        };
        if ty.is_primitive() {
            let element = ElementType::named("Element");
            for (key, value) in self.twin.into_iter().flat_map(Node::entries) {
                let child = element.and_then(|element| element.child(key));
                let ty = child.map(ElementChild::ty);
                spread(Some(value), None, ty, &mut |_, item| each(item));
            }
            return;
        }
        let Some(node) = self.node else { return };
        for (key, value) in node.entries() {
            if let Some(bare) = key.strip_prefix('_') {
                if node.get(bare).is_none()
                    && let Some(child) = ty.child(bare)
                {
                    spread(None, Some(value), Some(child.ty()), &mut |_, item| {
                        each(item)
                    });
                }
            } else if let Some(child) = ty.child(key) {
                self.spread_child(key, child.ty(), &mut |_, item| each(item));
            }
        }
    }

    /// The value of a primitive as one of the language.
    pub(crate) fn system(&self) -> Option<Value<'a>> {
        let node = self.node?;
        let kind = match self.ty {
            Some(ty) => match ty.primitive() {
                Some(kind) => kind,
                None if ty.is_a("Quantity") => {
                    return Quantity::of_element(node).map(Value::Quantity);
                }
                None => return None,
            },
            None => PrimitiveKind::Text,
        };
        match node.kind() {
            Kind::Bool => node.as_bool().map(Value::Boolean),
            Kind::Number => number(node.as_number_text()?, kind == PrimitiveKind::Decimal),
            Kind::String => {
                let text = node.as_str()?;
                let moment = match kind {
                    PrimitiveKind::Date => Moment::parse(text, MomentKind::Date),
                    PrimitiveKind::DateTime => Moment::parse(text, MomentKind::DateTime),
                    PrimitiveKind::Time => Moment::parse(text, MomentKind::Time),
                    _ => None,
                };
                Some(moment.map_or(Value::Text(Cow::Borrowed(text)), Value::Moment))
            }
            _ => None,
        }
    }
}

/// The `_name` member of a primitive.
fn twin_of<'a>(node: Node<'a>, name: &str) -> Option<Node<'a>> {
    node.entries()
        .find(|(key, _)| key.strip_prefix('_') == Some(name))
        .map(|(_, value)| value)
}

fn number<'a>(text: &str, decimal: bool) -> Option<Value<'a>> {
    if !decimal && let Ok(whole) = text.parse() {
        return Some(Value::Integer(whole));
    }
    Decimal::from_str_exact(text)
        .or_else(|_| Decimal::from_scientific(text))
        .ok()
        .map(Value::Decimal)
}

/// The items of a list with those of its twin, or the one value.
fn spread<'a>(
    value: Option<Node<'a>>,
    twin: Option<Node<'a>>,
    ty: Option<ElementType>,
    each: &mut impl FnMut(Option<usize>, Element<'a>),
) {
    let one = |value: Option<Node<'a>>, twin: Option<Node<'a>>| {
        let value = value.filter(|value| !value.is_null());
        let twin = twin.filter(|twin| !twin.is_null());
        if value.is_none() && twin.is_none() {
            return None;
        }
        Some(match value {
            Some(value) if ty.is_some_and(|ty| ty == ElementType::any_resource()) => {
                Element::resource(value)
            }
            value => Element {
                node: value,
                twin,
                ty,
            },
        })
    };
    let is_list = value.or(twin).is_some_and(Node::is_array);
    if !is_list {
        if let Some(element) = one(value, twin) {
            each(None, element);
        }
        return;
    }
    let mut values = value.into_iter().flat_map(Node::items);
    let mut twins = twin.into_iter().flat_map(Node::items);
    for at in 0_usize.. {
        let (value, twin) = (values.next(), twins.next());
        if value.is_none() && twin.is_none() {
            return;
        }
        if let Some(element) = one(value, twin) {
            each(Some(at), element);
        }
    }
}

impl<'a> Value<'a> {
    /// The element, if it is one.
    #[must_use]
    pub const fn element(&self) -> Option<Element<'a>> {
        match self {
            Self::Element(element) => Some(*element),
            _ => None,
        }
    }

    /// The value of the language: of a primitive element its value, of a `Quantity` element
    /// the quantity; `None` for any other element.
    #[must_use]
    pub fn system(&self) -> Option<Self> {
        match self {
            Self::Element(element) => element.system(),
            Self::Type(..) => None,
            other => Some(other.clone()),
        }
    }

    /// The text, if it is a string or a primitive element written as one.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Element(element) => {
                let primitive = element.ty.is_none_or(ElementType::is_primitive);
                let text = element.node.filter(|_| primitive)?.as_str()?;
                Some(Cow::Borrowed(text))
            }
            _ => None,
        }
    }

    /// Namespace and name of the type.
    #[must_use]
    pub fn type_name(&self) -> (&'static str, &'static str) {
        match self {
            Self::Element(element) => ("FHIR", element.type_name()),
            Self::Type(..) => ("System", "SimpleTypeInfo"),
            other => (
                "System",
                other.system_type().map_or("Any", SystemType::name),
            ),
        }
    }

    pub(crate) const fn system_type(&self) -> Option<SystemType> {
        Some(match self {
            Self::Boolean(_) => SystemType::Boolean,
            Self::Integer(_) => SystemType::Integer,
            Self::Decimal(_) => SystemType::Decimal,
            Self::Text(_) => SystemType::String,
            Self::Quantity(_) => SystemType::Quantity,
            Self::Moment(moment) => match moment.kind() {
                MomentKind::Date => SystemType::Date,
                MomentKind::DateTime => SystemType::DateTime,
                MomentKind::Time => SystemType::Time,
            },
            Self::Element(_) | Self::Type(..) => return None,
        })
    }

    pub(crate) fn is_of(&self, name: &TypeName) -> bool {
        match self {
            Self::Element(element) => element.ty.is_some_and(|ty| name.has_fhir(ty)),
            other => other.system_type().is_some_and(|ty| name.has_system(ty)),
        }
    }

    /// As `as` and `ofType` choose.
    pub(crate) fn is_picked_by(&self, name: &TypeName) -> bool {
        match self {
            Self::Element(element) => element.ty.is_some_and(|ty| name.picks_fhir(ty)),
            _ => self.is_of(name),
        }
    }
}
