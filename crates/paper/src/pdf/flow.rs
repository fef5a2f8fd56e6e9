//! Setting: a sheet becomes pages of signs at their places, and a tree of what they mean.

use krilla::text::{GlyphId, KrillaGlyph};

use super::breaks;
use super::face::{Face, Ruler, Shaped};
use super::model::{
    BODY, Branch, INNER, LINE, Mark, Op, PART, Role, SMALL, Set, Style, TITLE, Twig, What,
};
use super::table;
use super::{FOOT, MARGIN, PAGE, PAGES_MAX};
use crate::sheet::{Block, Fact, List, Section, Sheet};

/// Width of the text, in points.
pub(super) const MEASURE: f32 = PAGE.0 - MARGIN - MARGIN;
/// Where the text of a page ends, in points from its top.
const BOTTOM: f32 = PAGE.1 - MARGIN - FOOT;

/// Sets a sheet.
pub(super) fn set(sheet: &Sheet, face: &Face) -> Set {
    let mut set = Set {
        pages: vec![Vec::new()],
        tree: Vec::new(),
        marks: Vec::new(),
        leaves: 0,
        missing: Vec::new(),
    };
    let Some(ruler) = face.ruler() else {
        return set;
    };
    let mut flow = Flow {
        ruler,
        set: &mut set,
        y: MARGIN,
    };
    flow.sheet(sheet);
    let missing = flow.remark_missing();
    flow.edges(sheet);
    set.missing = missing;
    set
}

/// The place where setting goes on.
pub(super) struct Flow<'s, 'f> {
    pub ruler: Ruler<'f>,
    set: &'s mut Set,
    /// From the top of the page, in points.
    pub y: f32,
}

impl Flow<'_, '_> {
    fn sheet(&mut self, sheet: &Sheet) {
        let title = self.heading(&sheet.title, 1, TITLE);
        self.grow(title);
        if !sheet.marks.is_empty() {
            let marks = self.paragraph(&sheet.marks.join("　"), BODY.heavy());
            self.grow(marks);
        }
        self.facts(&sheet.head);
        if !sheet.patient.is_empty() {
            self.y += 6.0;
            let heading = self.heading("患者", 2, PART);
            self.grow(heading);
            self.facts(&sheet.patient);
        }
        for section in &sheet.sections {
            let branch = self.part(section, 2);
            self.grow(branch);
        }
        if !sheet.origin.facts.is_empty() {
            self.y += 8.0;
            self.facts(&sheet.origin.facts);
        }
    }

    fn grow(&mut self, branch: Branch) {
        self.set.tree.push(Twig::Branch(branch));
    }

    fn facts(&mut self, facts: &[Fact]) {
        if !facts.is_empty() {
            let branch = table::facts(self, facts);
            self.grow(branch);
        }
    }

    fn part(&mut self, section: &Section, level: u16) -> Branch {
        self.y += if level == 2 { 8.0 } else { 4.0 };
        let style = if level == 2 { PART } else { INNER };
        let mut twigs = vec![Twig::Branch(self.heading(&section.heading, level, style))];
        for block in &section.blocks {
            twigs.push(Twig::Branch(self.block(block, level)));
        }
        for inner in &section.parts {
            twigs.push(Twig::Branch(
                self.part(inner, level.saturating_add(1).min(5)),
            ));
        }
        Branch {
            role: Role::Part,
            twigs,
        }
    }

    fn block(&mut self, block: &Block, level: u16) -> Branch {
        match block {
            Block::Paragraph(text) => {
                let branch = self.paragraph(text, BODY);
                self.y += 3.0;
                branch
            }
            Block::Heading(text) => self.heading(text, level.saturating_add(1).min(6), INNER),
            Block::Remark(text) => self.paragraph(text, SMALL),
            Block::List(list) => {
                let branch = self.list(list, 0.0);
                self.y += 3.0;
                branch
            }
            Block::Table(table) => table::set(self, table),
        }
    }

    fn heading(&mut self, text: &str, level: u16, style: Style) -> Branch {
        // A heading stays with at least two lines of what follows.
        self.need(style.lead + BODY.lead * 2.0);
        self.set.marks.push(Mark {
            heading: text.to_owned(),
            level,
            page: self.page(),
            y: self.y,
        });
        // The title stands in the middle, as on the forms on paper.
        let wide = self.ruler.shape(text).width(style.size);
        let x = if level == 1 {
            ((MEASURE - wide) / 2.0).max(0.0)
        } else {
            0.0
        };
        let twigs = self.text(text, style, x, MEASURE - x);
        if level <= 2 {
            self.rule(0.0, MEASURE, self.y - 1.0);
            self.y += 4.0;
        }
        Branch {
            role: Role::Heading(level, text.to_owned()),
            twigs,
        }
    }

    fn paragraph(&mut self, text: &str, style: Style) -> Branch {
        Branch {
            role: Role::Paragraph,
            twigs: self.text(text, style, 0.0, MEASURE),
        }
    }

    fn list(&mut self, list: &List, indent: f32) -> Branch {
        let mut items = Vec::new();
        // Deeper lists stand where there is still room for text.
        let x = indent.min(MEASURE / 2.0);
        for (nth, item) in list.items.iter().enumerate() {
            let mark = if list.is_numbered {
                format!("{}.", nth.saturating_add(1))
            } else {
                "・".to_owned()
            };
            self.need(BODY.lead);
            let shaped = self.ruler.shape(&mark);
            let gap = shaped.width(BODY.size).max(BODY.size) + 3.0;
            let lead = self.y;
            let page = self.page();
            let mark = self.line(&shaped, 0..shaped.clusters.len(), BODY, x);
            // The text begins on the line of its mark.
            if self.page() == page {
                self.y = lead;
            }
            let mut body = self.text(&item.text, BODY, x + gap, MEASURE - x - gap);
            if let Some(inner) = &item.inner {
                body.push(Twig::Branch(self.list(inner, x + gap)));
            }
            items.push(Twig::Branch(Branch {
                role: Role::Item,
                twigs: vec![
                    Twig::Branch(Branch {
                        role: Role::Mark,
                        twigs: vec![mark],
                    }),
                    Twig::Branch(Branch {
                        role: Role::Body,
                        twigs: body,
                    }),
                ],
            }));
        }
        Branch {
            role: Role::List(list.is_numbered),
            twigs: items,
        }
    }

    /// Text from `x` on, `wide` points wide; goes on to further pages.
    pub fn text(&mut self, text: &str, style: Style, x: f32, wide: f32) -> Vec<Twig> {
        let mut twigs = Vec::new();
        for line in text.split('\n') {
            let shaped = self.ruler.shape(line);
            if shaped.clusters.is_empty() {
                self.y += style.lead / 2.0;
                continue;
            }
            for range in breaks::lines(&shaped, wide / style.size) {
                self.need(style.lead);
                twigs.push(self.line(&shaped, range, style, x));
            }
        }
        if twigs.is_empty() {
            // A branch without any text would be lost, and a table its shape with it.
            let shaped = self.ruler.shape(" ");
            twigs.push(self.line(&shaped, 0..shaped.clusters.len(), style, x));
        }
        twigs
    }

    /// One line at the present place; goes to the next line.
    fn line(
        &mut self,
        shaped: &Shaped,
        range: std::ops::Range<usize>,
        style: Style,
        x: f32,
    ) -> Twig {
        let leaf = self.leaf();
        let y = self.y + baseline(style);
        self.draw(shaped, range, style, MARGIN + x, y, What::Leaf(leaf));
        self.y += style.lead;
        Twig::Leaf(leaf)
    }

    /// A new piece of text.
    pub fn leaf(&mut self) -> usize {
        let leaf = self.set.leaves;
        self.set.leaves = leaf.saturating_add(1);
        leaf
    }

    /// Draws some signs of a text at a place of the page.
    pub fn draw(
        &mut self,
        shaped: &Shaped,
        range: std::ops::Range<usize>,
        style: Style,
        x: f32,
        y: f32,
        what: What,
    ) {
        let page = self.page();
        let op = text_op(shaped, range, style, x, y, what);
        if let Some(ops) = self.set.pages.get_mut(page) {
            ops.push(op);
        }
    }

    /// A thin line, from `x` within the margins.
    pub fn rule(&mut self, x: f32, wide: f32, y: f32) {
        let x = MARGIN + x;
        self.push(Op::Rule { x, y, wide });
    }

    /// A shaded place, from `x` within the margins.
    pub fn shade(&mut self, x: f32, wide: f32, y: f32, high: f32) {
        let x = MARGIN + x;
        self.push(Op::Shade { x, y, wide, high });
    }

    fn push(&mut self, op: Op) {
        if let Some(ops) = self.set.pages.last_mut() {
            ops.push(op);
        }
    }

    fn page(&self) -> usize {
        self.set.pages.len().saturating_sub(1)
    }

    /// Room that is left on the page, in points.
    pub fn room(&self) -> f32 {
        BOTTOM - self.y
    }

    /// Room of a whole page, in points.
    pub fn room_max() -> f32 {
        BOTTOM - MARGIN
    }

    /// Goes to the next page when `high` points are no longer there.
    pub fn need(&mut self, high: f32) {
        if high > self.room() && self.y > MARGIN {
            self.turn();
        }
    }

    /// Goes to the next page.
    pub fn turn(&mut self) {
        // One page over the bound is enough to know that there are too many.
        if self.set.pages.len() <= PAGES_MAX {
            self.set.pages.push(Vec::new());
        }
        self.y = MARGIN;
    }

    /// Says which characters stand as 〓.
    fn remark_missing(&mut self) -> Vec<char> {
        let missing: Vec<char> = self.ruler.missing.iter().copied().collect();
        if missing.is_empty() {
            return missing;
        }
        let codes: Vec<String> = missing
            .iter()
            .take(100)
            .map(|c| format!("U+{:04X}", u32::from(*c)))
            .collect();
        let text = format!(
            "「〓」は、この印刷に使った字体にない文字です（{}）。画面または元のデータでお確かめください。",
            codes.join("、")
        );
        self.y += 8.0;
        let remark = self.paragraph(&text, SMALL);
        self.grow(remark);
        missing
    }

    /// The running heads and the feet, when the number of pages is known.
    fn edges(&mut self, sheet: &Sheet) {
        let count = self.set.pages.len();
        let who = sheet.patient.first().map(|fact| fact.value.as_str());
        let who = who
            .and_then(|who| who.split('\n').next())
            .unwrap_or_default();
        let head = self.ruler.shape(&format!("{}　{who}", sheet.title));
        let line = self.ruler.shape(&sheet.origin.line());
        let foot = MARGIN + Self::room_max() + FOOT;
        for nth in 0..count {
            let number = format!("{} / {count}", nth.saturating_add(1));
            let number = self.ruler.shape(&number);
            let mut ops = Vec::new();
            if nth > 0 {
                ops.push(text_op(
                    &head,
                    0..head.clusters.len(),
                    SMALL,
                    MARGIN,
                    MARGIN - 16.0,
                    What::Head,
                ));
            }
            let x = PAGE.0 - MARGIN - number.width(SMALL.size);
            ops.push(Op::Rule {
                x: MARGIN,
                y: foot - 10.0,
                wide: MEASURE,
            });
            ops.push(text_op(
                &number,
                0..number.clusters.len(),
                SMALL,
                x,
                foot,
                What::Foot,
            ));
            let room = (MEASURE - 50.0) / LINE.size;
            let mut y = foot;
            for range in breaks::lines(&line, room).into_iter().take(2) {
                ops.push(text_op(&line, range, LINE, MARGIN, y, What::Foot));
                y += LINE.lead;
            }
            if let Some(page) = self.set.pages.get_mut(nth) {
                page.extend(ops);
            }
        }
    }
}

/// From the top of a line to the line that letters stand on.
pub(super) fn baseline(style: Style) -> f32 {
    (style.lead - style.size) / 2.0 + style.size * 0.86
}

fn text_op(
    shaped: &Shaped,
    range: std::ops::Range<usize>,
    style: Style,
    x: f32,
    y: f32,
    what: What,
) -> Op {
    let signs = shaped.clusters.get(range).unwrap_or_default();
    let begin = signs.first().map_or(0, |sign| sign.text.start);
    let end = signs.last().map_or(begin, |sign| sign.text.end);
    let glyphs = signs
        .iter()
        .map(|sign| {
            let text = sign.text.start.saturating_sub(begin)..sign.text.end.saturating_sub(begin);
            KrillaGlyph::new(
                GlyphId::new(sign.glyph),
                sign.advance,
                0.0,
                0.0,
                0.0,
                text,
                None,
            )
        })
        .collect();
    Op::Text {
        x,
        y,
        style,
        text: shaped.text.get(begin..end).unwrap_or_default().to_owned(),
        glyphs,
        what,
    }
}
