//! A record is a list of items: one table gives its fields, its reader and its writer.

use crate::{cursor::Cursor, writer::Writer};

/// An item of a record, as a reader looks it up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    /// The element's name.
    pub(crate) element: &'static str,
    /// May it be there more than once?
    pub(crate) repeats: bool,
    /// Must it be there?
    pub(crate) is_needed: bool,
}

/// An element that holds items.
pub(crate) trait Record: Default {
    /// Its items, in the order in which they are written; 128 at most.
    const ITEMS: &'static [Item];

    /// Reads the element at the cursor into the item of this name.
    fn take(&mut self, element: &str, cursor: &mut Cursor<'_>);

    /// Writes every item that is there.
    fn put(&self, writer: &mut Writer);
}

/// Marks where a file states its own encoding: written by the writer, held against the XML
/// declaration by the reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp;

/// Makes a struct, its reader and its writer of one table. How an item stands in its record:
///
/// - `leaf`: a value, or none; `need`: the reader says when there is none
/// - `node`: a record, or none; `must`: a record that is always there
/// - `many`: records side by side; `list`: records inside an element of their own
/// - `stamp`: the file's encoding, written; `check`: only read
macro_rules! record {
    ($(#[$doc:meta])* $name:ident { $($(#[$item:meta])* $field:ident: $kind:ident $type:ty = $element:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Default, PartialEq, Eq)]
        pub struct $name {
            $($(#[$item])* pub $field: $crate::record::record!(@type $kind $type),)*
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }

        impl $crate::record::Record for $name {
            const ITEMS: &'static [$crate::record::Item] = &[$($crate::record::Item {
                element: $element,
                repeats: $crate::record::record!(@repeats $kind),
                is_needed: $crate::record::record!(@needed $kind),
            },)*];

            fn take(&mut self, element: &str, cursor: &mut $crate::cursor::Cursor<'_>) {
                match element {
                    $($element => $crate::record::record!(@take $kind $type, self.$field, cursor, $element),)*
                    _ => cursor.unknown(element),
                }
            }

            fn put(&self, writer: &mut $crate::writer::Writer) {
                $($crate::record::record!(@put $kind $type, self.$field, writer, $element);)*
            }
        }

        #[cfg(test)]
        impl $crate::tests::sample::Sample for $name {
            fn sample(source: &mut $crate::tests::sample::Source) -> Self {
                Self { $($field: $crate::record::record!(@sample $kind source),)* }
            }
        }
    };
    (@sample leaf $source:ident) => { $source.maybe() };
    (@sample need $source:ident) => { Some($source.one()) };
    (@sample node $source:ident) => { $source.maybe().map(Box::new) };
    (@sample must $source:ident) => { $source.one() };
    (@sample many $source:ident) => { $source.several() };
    (@sample list $source:ident) => { $source.several() };
    (@sample stamp $source:ident) => { $crate::record::Stamp };
    (@sample check $source:ident) => { $crate::record::Stamp };
    (@type leaf $type:ty) => { Option<$type> };
    (@type need $type:ty) => { Option<$type> };
    (@type node $type:ty) => { Option<Box<$type>> };
    (@type must $type:ty) => { $type };
    (@type many $type:ty) => { Vec<$type> };
    (@type list $type:ty) => { Vec<$type> };
    (@type stamp $type:ty) => { $type };
    (@type check $type:ty) => { $type };
    (@repeats many) => { true };
    (@repeats $kind:ident) => { false };
    (@needed need) => { true };
    (@needed must) => { true };
    (@needed $kind:ident) => { false };
    (@take leaf $type:ty, $field:expr, $cursor:ident, $element:literal) => { $field = $cursor.leaf($element, false) };
    (@take need $type:ty, $field:expr, $cursor:ident, $element:literal) => { $field = $cursor.leaf($element, true) };
    (@take node $type:ty, $field:expr, $cursor:ident, $element:literal) => { $field = Some(Box::new($cursor.record($element, None))) };
    (@take must $type:ty, $field:expr, $cursor:ident, $element:literal) => { $field = $cursor.record($element, None) };
    (@take many $type:ty, $field:expr, $cursor:ident, $element:literal) => { $cursor.push(&mut $field, $element) };
    (@take list $type:ty, $field:expr, $cursor:ident, $element:literal) => { $cursor.list(&mut $field, $element, <$type>::ELEMENT) };
    (@take stamp $type:ty, $field:expr, $cursor:ident, $element:literal) => { $cursor.stamp($element) };
    (@take check $type:ty, $field:expr, $cursor:ident, $element:literal) => { $cursor.stamp($element) };
    (@put leaf $type:ty, $field:expr, $writer:ident, $element:literal) => { $writer.leaf($element, $field.as_ref()) };
    (@put need $type:ty, $field:expr, $writer:ident, $element:literal) => { $writer.leaf($element, $field.as_ref()) };
    (@put node $type:ty, $field:expr, $writer:ident, $element:literal) => { if let Some(node) = &$field { $writer.record($element, None, &**node) } };
    (@put must $type:ty, $field:expr, $writer:ident, $element:literal) => { $writer.record($element, None, &$field) };
    (@put many $type:ty, $field:expr, $writer:ident, $element:literal) => { $writer.all($element, &$field) };
    (@put list $type:ty, $field:expr, $writer:ident, $element:literal) => { $writer.list($element, <$type>::ELEMENT, &$field) };
    (@put stamp $type:ty, $field:expr, $writer:ident, $element:literal) => { $writer.stamp($element) };
    (@put check $type:ty, $field:expr, $writer:ident, $element:literal) => { () };
}

pub(crate) use record;
