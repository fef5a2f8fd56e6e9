//! What setting makes: signs at their places, and a tree of what they mean.

use krilla::text::KrillaGlyph;

/// A size of letters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// Letters, in points.
    pub size: f32,
    /// From one line to the next, in points.
    pub lead: f32,
    /// Is it set heavier?
    pub is_heavy: bool,
}

pub(super) const TITLE: Style = style(17.0, 25.0, true);
pub(super) const PART: Style = style(12.0, 19.0, true);
pub(super) const INNER: Style = style(10.5, 17.0, true);
pub(super) const BODY: Style = style(10.0, 16.0, false);
pub(super) const CELL: Style = style(9.0, 13.5, false);
pub(super) const SMALL: Style = style(7.5, 11.0, false);
pub(super) const LINE: Style = style(6.5, 8.5, false);

const fn style(size: f32, lead: f32, is_heavy: bool) -> Style {
    Style {
        size,
        lead,
        is_heavy,
    }
}

impl Style {
    pub const fn heavy(self) -> Self {
        Self {
            is_heavy: true,
            ..self
        }
    }
}

/// What is drawn.
pub(super) enum Op {
    /// Signs on one line.
    Text {
        x: f32,
        /// Of the line that they stand on.
        y: f32,
        style: Style,
        text: String,
        glyphs: Vec<KrillaGlyph>,
        what: What,
    },
    /// A thin line from left to right.
    Rule { x: f32, y: f32, wide: f32 },
    /// A shaded place.
    Shade {
        x: f32,
        y: f32,
        wide: f32,
        high: f32,
    },
}

/// What drawn text is.
#[derive(Clone, Copy)]
pub(super) enum What {
    /// A piece of the text, by its number.
    Leaf(usize),
    /// Something that only the paper needs: the repeated head of a table.
    Repeated,
    /// The running head.
    Head,
    /// The foot of the page.
    Foot,
}

/// What a part of the tree is.
#[derive(Clone, Debug)]
pub(super) enum Role {
    /// A part.
    Part,
    /// A heading of this level, 1 to 6, and its text.
    Heading(u16, String),
    /// A paragraph.
    Paragraph,
    /// A list; numbered?
    List(bool),
    /// An item.
    Item,
    /// The mark of an item.
    Mark,
    /// The text of an item.
    Body,
    /// A table.
    Table,
    /// Its caption.
    Caption,
    /// Its head.
    Head,
    /// Its body.
    Rows,
    /// A row.
    Row,
    /// The heading of a column.
    OfColumn,
    /// The heading of a row.
    OfRow,
    /// A cell.
    Cell,
}

/// A part of the tree.
pub(super) struct Branch {
    pub role: Role,
    pub twigs: Vec<Twig>,
}

/// What hangs on a branch.
pub(super) enum Twig {
    Branch(Branch),
    Leaf(usize),
}

/// A place that the bookmarks lead to.
pub(super) struct Mark {
    pub heading: String,
    pub level: u16,
    pub page: usize,
    pub y: f32,
}

/// A sheet that was set.
pub(super) struct Set {
    pub pages: Vec<Vec<Op>>,
    pub tree: Vec<Twig>,
    pub marks: Vec<Mark>,
    pub leaves: usize,
    pub missing: Vec<char>,
}
