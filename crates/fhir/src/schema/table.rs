//! The R4 definitions as a table, decoded once from `r4.bin`.
//!
//! Format (numbers are seven-bit groups, least first): `R4T1`; strings (count, then length and
//! bytes of each, sorted); code sets (count; systems: string, codes: strings); frames (count;
//! path, is-resource, elements: name, flags choice/many/min, set + 1 or 0, types). A type below
//! 32 is a primitive in the order of [`Primitive`], or 20 for any resource; from 32 on it is
//! a frame. A frame is a type or an element with children of its own.

use std::sync::OnceLock;

use super::invariant::{self, Invariant};
use super::primitive::Primitive;

static BYTES: &[u8] = include_bytes!("r4.bin");
const FRAME_BASE: usize = 32;
const ANY_RESOURCE: usize = 20;

/// The type of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Primitive(Primitive),
    Resource,
    Frame(usize),
}

/// An element under its JSON name (`valueString`, not `value[x]`).
#[derive(Debug)]
pub(super) struct Child {
    pub name: &'static str,
    /// Which element of the definition it is: types of one choice share it.
    pub group: usize,
    pub many: bool,
    pub ty: Type,
    pub set: Option<usize>,
}

/// An element of the definition.
#[derive(Debug)]
pub(super) struct Group {
    pub name: &'static str,
    pub choice: bool,
    pub required: bool,
}

#[derive(Debug)]
pub(super) struct Frame {
    pub path: &'static str,
    pub resource: bool,
    /// Sorted by name.
    pub children: Vec<Child>,
    pub groups: Vec<Group>,
    pub invariants: Vec<&'static Invariant>,
}

impl Frame {
    pub fn child(&self, name: &str) -> Option<&Child> {
        let at = self
            .children
            .binary_search_by(|child| child.name.cmp(name))
            .ok()?;
        self.children.get(at)
    }
}

/// The codes of a required binding: systems, each with its sorted codes.
#[derive(Debug)]
pub(super) struct Set {
    systems: Vec<(&'static str, Vec<&'static str>)>,
}

impl Set {
    pub fn has_code(&self, code: &str) -> bool {
        self.systems
            .iter()
            .any(|(_, codes)| codes.binary_search(&code).is_ok())
    }

    pub fn has(&self, system: &str, code: &str) -> bool {
        self.systems
            .iter()
            .any(|(s, codes)| *s == system && codes.binary_search(&code).is_ok())
    }

    /// A few codes, for the remedy.
    pub fn sample(&self) -> String {
        let all: Vec<&str> = self
            .systems
            .iter()
            .flat_map(|(_, codes)| codes.iter().copied())
            .collect();
        let mut shown: String = all.iter().take(12).copied().collect::<Vec<_>>().join(" | ");
        if all.len() > 12 {
            shown.push_str(" | …");
        }
        shown
    }
}

#[derive(Debug)]
pub(super) struct Table {
    frames: Vec<Frame>,
    sets: Vec<Set>,
    /// Sorted by name.
    resources: Vec<(&'static str, usize)>,
    pub element: usize,
    pub extension: usize,
    pub reference: usize,
    pub coding: usize,
    pub codeable_concept: usize,
}

impl Table {
    pub fn frame(&self, index: usize) -> Option<&Frame> {
        self.frames.get(index)
    }

    pub fn set(&self, index: usize) -> Option<&Set> {
        self.sets.get(index)
    }

    pub fn resource(&self, name: &str) -> Option<&Frame> {
        self.frame(self.resource_index(name)?)
    }

    pub fn resource_index(&self, name: &str) -> Option<usize> {
        let at = self
            .resources
            .binary_search_by(|(known, _)| (*known).cmp(name))
            .ok()?;
        Some(self.resources.get(at)?.1)
    }

    /// The frame of a type or of an element with children of its own.
    pub fn frame_index(&self, path: &str) -> Option<usize> {
        self.frames.iter().position(|frame| frame.path == path)
    }

    pub fn resource_names(&self) -> impl Iterator<Item = &'static str> {
        self.resources.iter().map(|(name, _)| *name)
    }

    #[cfg(test)]
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }
}

/// The table; decoded at the first call (about a millisecond).
#[expect(
    clippy::expect_used,
    reason = "the bytes are part of the program and every test decodes them"
)]
pub(super) fn get() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| decode(BYTES).expect("the built-in R4 table is whole"))
}

struct Cursor {
    bytes: &'static [u8],
}

impl Cursor {
    fn number(&mut self) -> Option<usize> {
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let (first, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            number |= usize::from(first & 0x7F) << shift;
            if first & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn text(&mut self) -> Option<&'static str> {
        let length = self.number()?;
        let (text, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        std::str::from_utf8(text).ok()
    }

    fn string(&mut self, strings: &[&'static str]) -> Option<&'static str> {
        strings.get(self.number()?).copied()
    }

    fn set(&mut self, strings: &[&'static str]) -> Option<Set> {
        let mut systems = Vec::new();
        for _ in 0..self.number()? {
            let system = self.string(strings)?;
            let count = self.number()?;
            let codes: Option<Vec<_>> = (0..count).map(|_| self.string(strings)).collect();
            let mut codes = codes?;
            codes.sort_unstable();
            systems.push((system, codes));
        }
        Some(Set { systems })
    }

    fn frame(&mut self, strings: &[&'static str]) -> Option<RawFrame> {
        let path = self.string(strings)?;
        let resource = self.number()? == 1;
        let mut elements = Vec::new();
        for _ in 0..self.number()? {
            let name = self.string(strings)?;
            let flags = self.number()?;
            let set = self.number()?.checked_sub(1);
            let count = self.number()?;
            let types: Option<Vec<usize>> = (0..count).map(|_| self.number()).collect();
            elements.push(RawElement {
                name,
                flags,
                set,
                types: types?,
            });
        }
        Some(RawFrame {
            path,
            resource,
            elements,
        })
    }
}

struct RawElement {
    name: &'static str,
    flags: usize,
    set: Option<usize>,
    types: Vec<usize>,
}

struct RawFrame {
    path: &'static str,
    resource: bool,
    elements: Vec<RawElement>,
}

fn decode(bytes: &'static [u8]) -> Option<Table> {
    let mut cursor = Cursor {
        bytes: bytes.strip_prefix(b"R4T1")?,
    };
    let count = cursor.number()?;
    let strings: Option<Vec<_>> = (0..count).map(|_| cursor.text()).collect();
    let strings = strings?;
    let count = cursor.number()?;
    let sets: Option<Vec<_>> = (0..count).map(|_| cursor.set(&strings)).collect();
    let count = cursor.number()?;
    let raw: Option<Vec<_>> = (0..count).map(|_| cursor.frame(&strings)).collect();
    let raw = raw?;
    if !cursor.bytes.is_empty() {
        return None;
    }
    let paths: Vec<&'static str> = raw.iter().map(|frame| frame.path).collect();
    let at = |path: &str| paths.iter().position(|p| *p == path);
    let frames: Option<Vec<_>> = raw.iter().map(|frame| build(frame, &paths)).collect();
    let frames = frames?;
    let mut resources: Vec<_> = frames
        .iter()
        .enumerate()
        .filter(|(_, frame)| frame.resource)
        .map(|(i, frame)| (frame.path, i))
        .collect();
    resources.sort_unstable();
    Some(Table {
        element: at("Element")?,
        extension: at("Extension")?,
        reference: at("Reference")?,
        coding: at("Coding")?,
        codeable_concept: at("CodeableConcept")?,
        frames,
        sets: sets?,
        resources,
    })
}

fn build(raw: &RawFrame, paths: &[&'static str]) -> Option<Frame> {
    let mut children = Vec::new();
    let mut groups = Vec::new();
    for (group, element) in raw.elements.iter().enumerate() {
        let choice = element.flags & 1 != 0;
        for number in &element.types {
            let mut ty = ty(*number)?;
            if raw.resource && element.name == "id" {
                ty = Type::Primitive(Primitive::Id);
            }
            let name = if choice {
                choice_name(element.name, ty, paths)?
            } else {
                element.name
            };
            children.push(Child {
                name,
                group,
                many: element.flags & 2 != 0,
                ty,
                set: element.set,
            });
        }
        groups.push(Group {
            name: element.name,
            choice,
            required: element.flags & 4 != 0,
        });
    }
    children.sort_unstable_by_key(|child| child.name);
    Some(Frame {
        path: raw.path,
        resource: raw.resource,
        children,
        groups,
        invariants: invariant::ALL
            .iter()
            .filter(|i| i.path == raw.path)
            .collect(),
    })
}

fn ty(number: usize) -> Option<Type> {
    match number {
        ANY_RESOURCE => Some(Type::Resource),
        n if n >= FRAME_BASE => Some(Type::Frame(n - FRAME_BASE)),
        n => Primitive::ALL.get(n).map(|p| Type::Primitive(*p)),
    }
}

/// `value` and `dateTime` make `valueDateTime`. Kept for the life of the program.
fn choice_name(stem: &str, ty: Type, paths: &[&'static str]) -> Option<&'static str> {
    let type_name = match ty {
        Type::Primitive(primitive) => primitive.name(),
        Type::Frame(index) => paths.get(index).copied()?,
        Type::Resource => "Resource",
    };
    let mut characters = type_name.chars();
    let first = characters.next()?.to_ascii_uppercase();
    let name = format!("{stem}{first}{}", characters.as_str());
    Some(Box::leak(name.into_boxed_str()))
}
