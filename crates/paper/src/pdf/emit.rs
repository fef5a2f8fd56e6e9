//! Writing: what was set becomes the bytes of a PDF/UA-1 file.

use std::num::NonZeroU16;

use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, SpanTag, TableHeaderScope, Tag,
    TagGroup, TagKind, TagTree,
};
use krilla::{Document, SerializeSettings};

use super::face::Face;
use super::flow::{Branch, Mark, Op, Role, Set, Twig, What};
use super::{MARGIN, PAGE};
use crate::sheet::Sheet;

/// Writes the file.
///
/// # Errors
/// What the writer says.
pub(super) fn write(sheet: &Sheet, face: &Face, set: Set) -> Result<Vec<u8>, String> {
    let configuration = ConfigurationBuilder::new()
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| format!("{error:?}"))?;
    let mut document = Document::new_with(SerializeSettings {
        configuration,
        ..SerializeSettings::default()
    });
    document.set_metadata(
        Metadata::new()
            .title(sheet.title.clone())
            .language("ja".to_owned())
            .creator("tasuki".to_owned())
            .document_id(sheet.origin.line()),
    );
    let mut places: Vec<Option<Identifier>> = vec![None; set.leaves];
    for ops in &set.pages {
        let settings = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or("the size of a page")?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        for op in ops {
            draw(&mut surface, op, face, &mut places)?;
        }
        surface.finish();
        page.finish();
    }
    document.set_outline(outline(&set.marks));
    let mut tree = TagTree::new().with_lang(Some("ja".to_owned()));
    for twig in set.tree {
        if let Twig::Branch(branch) = twig {
            tree.push(group(branch, &places));
        }
    }
    document.set_tag_tree(tree);
    document.finish().map_err(|error| format!("{error:?}"))
}

fn fill(shade: u8) -> Fill {
    Fill {
        paint: rgb::Color::new(shade, shade, shade).into(),
        opacity: NormalizedF32::ONE,
        rule: krilla::paint::FillRule::default(),
    }
}

fn draw(
    surface: &mut Surface<'_>,
    op: &Op,
    face: &Face,
    places: &mut [Option<Identifier>],
) -> Result<(), String> {
    match op {
        Op::Text {
            x,
            y,
            style,
            text,
            glyphs,
            what,
        } => {
            let tag = match what {
                What::Leaf(_) => ContentTag::Span(SpanTag::empty()),
                What::Repeated => artifact(ArtifactType::PaginationOther),
                What::Head => artifact(ArtifactType::Header),
                What::Foot => artifact(ArtifactType::Footer),
            };
            let identifier = surface.start_tagged(tag);
            if let What::Leaf(leaf) = what
                && let Some(place) = places.get_mut(*leaf)
            {
                *place = Some(identifier);
            }
            surface.set_fill(Some(fill(20)));
            // One font is enough: what is heavier is drawn with a thin edge around it.
            surface.set_stroke(style.is_heavy.then(|| Stroke {
                paint: rgb::Color::new(20, 20, 20).into(),
                width: style.size / 40.0,
                ..Stroke::default()
            }));
            let start = Point::from_xy(*x, *y);
            surface.draw_glyphs(start, glyphs, face.font.clone(), text, style.size, false);
            surface.end_tagged();
        }
        Op::Rule { x, y, wide } => shape(surface, (*x, *y, *wide, 0.5), 130)?,
        Op::Shade { x, y, wide, high } => shape(surface, (*x, *y, *wide, *high), 236)?,
    }
    Ok(())
}

fn artifact(kind: ArtifactType) -> ContentTag<'static> {
    ContentTag::Artifact(Artifact::with_kind(kind))
}

fn shape(
    surface: &mut Surface<'_>,
    (x, y, wide, high): (f32, f32, f32, f32),
    shade: u8,
) -> Result<(), String> {
    let rect = Rect::from_xywh(x, y, wide, high).ok_or("the size of a line")?;
    let mut path = PathBuilder::new();
    path.push_rect(rect);
    let path = path.finish().ok_or("the shape of a line")?;
    surface.start_tagged(artifact(ArtifactType::Layout));
    surface.set_fill(Some(fill(shade)));
    surface.set_stroke(None);
    surface.draw_path(&path);
    surface.end_tagged();
    Ok(())
}

fn group(branch: Branch, places: &[Option<Identifier>]) -> TagGroup {
    let tag: TagKind = match branch.role {
        Role::Part => Tag::Section.into(),
        Role::Heading(level, text) => Tag::Hn(
            NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN),
            Some(text),
        )
        .into(),
        Role::Paragraph => Tag::P.into(),
        Role::List(true) => Tag::L(ListNumbering::Decimal).into(),
        Role::List(false) => Tag::L(ListNumbering::Disc).into(),
        Role::Item => Tag::LI.into(),
        Role::Mark => Tag::Lbl.into(),
        Role::Body => Tag::LBody.into(),
        Role::Table => Tag::Table.into(),
        Role::Caption => Tag::Caption.into(),
        Role::Head => Tag::THead.into(),
        Role::Rows => Tag::TBody.into(),
        Role::Row => Tag::TR.into(),
        Role::OfColumn => Tag::TH(TableHeaderScope::Column).into(),
        Role::OfRow => Tag::TH(TableHeaderScope::Row).into(),
        Role::Cell => Tag::TD.into(),
    };
    let mut group = TagGroup::new(tag);
    for twig in branch.twigs {
        match twig {
            Twig::Branch(branch) => group.push(self::group(branch, places)),
            Twig::Leaf(leaf) => {
                if let Some(Some(place)) = places.get(leaf) {
                    group.push(*place);
                }
            }
        }
    }
    group
}

/// Bookmarks: the title, below it the parts, below them the parts of parts.
fn outline(marks: &[Mark]) -> Outline {
    let node = |mark: &Mark| {
        let place = Point::from_xy(MARGIN, (mark.y - 4.0).max(0.0));
        OutlineNode::new(mark.heading.clone(), XyzDestination::new(mark.page, place))
    };
    let mut outline = Outline::new();
    let mut marks = marks.iter().filter(|mark| mark.level <= 3).peekable();
    while let Some(mark) = marks.next() {
        let mut part = node(mark);
        if mark.level == 2 {
            while let Some(inner) = marks.next_if(|inner| inner.level > 2) {
                part.push_child(node(inner));
            }
        }
        outline.push_child(part);
    }
    outline
}
