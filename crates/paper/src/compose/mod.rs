//! A JP-CLINS document becomes a sheet.
//!
//! Each section says what its author wrote and, below, what stands in the data that it refers to.
//! A narrative that was generated from the data is left out where the data itself is shown.
//! Nothing of a document is lost silently: entries that no section refers to stand under a
//! heading of their own, and what this program cannot set is named.
//!
//! Source: JP-CLINS 1.5 (sections of the documents and what they hold); FHIR R4 2.4.0 (the
//! status of a narrative); form 40 of the notice on the fees for medical care (診療情報提供書).

mod compared;
mod data;
mod words;

use std::collections::BTreeSet;

use fhir::clins::document::{DocumentFacts, DocumentKind, Party, Section as Source};
use fhir::json::{Document, Node};

use crate::narrative;
use crate::sheet::{Block, Digest, Fact, Item, List, Origin, Section, Sheet, clean};
pub use compared::compared;
pub use words::{day, size, value};

/// Sections inside one another that are set.
const DEPTH_MAX: usize = 5;
/// The sections that say to whom and from whom: they stand at the head of the sheet.
const PARTIES: [&str; 2] = ["910", "920"];
/// The section that only holds the structured ones.
const STRUCTURED: &str = "300";

/// The document as a sheet. `document` is what `facts` were read from.
#[must_use]
pub fn sheet(document: &Document, facts: &DocumentFacts) -> Sheet {
    let mut reader = Reader {
        document,
        facts,
        shown: BTreeSet::new(),
    };
    let composition = document
        .root()
        .list("entry")
        .filter_map(|entry| entry.get("resource"))
        .find(|resource| resource.str("resourceType") == Some("Composition"));
    let nodes: Vec<Node<'_>> = composition
        .into_iter()
        .flat_map(|c| c.list("section"))
        .collect();
    let mut sections = reader.parts(&facts.sections, &nodes, 0);
    sections.extend(reader.rest());
    sections.extend(files(facts));
    Sheet {
        title: clean(&facts.title),
        marks: marks(facts),
        head: head(facts),
        patient: patient(facts),
        sections,
        origin: Origin {
            identifier: facts.identifier.value().to_owned(),
            version: Some(facts.version.clone()),
            digest: Some(Digest::of(document.source().as_bytes())),
            facts: Vec::new(),
        },
    }
}

fn marks(facts: &DocumentFacts) -> Vec<String> {
    let mut marks = Vec::new();
    // The same name with other brackets says nothing new.
    let plain = |text: &str| text.replace('（', "(").replace('）', ")");
    if plain(&facts.title) != plain(facts.kind.name_ja()) {
        marks.push(facts.kind.name_ja().to_owned());
    }
    let category = facts.category.as_ref().and_then(|c| c.display.clone());
    marks.extend(category.filter(|_| !matches!(facts.kind, DocumentKind::CarePlan)));
    marks
}

/// Who writes to whom, and about when.
fn head(facts: &DocumentFacts) -> Vec<Fact> {
    let mut head = Vec::new();
    let mut add = |label: &str, value: String| {
        if !value.is_empty() {
            head.push(Fact::new(label, value));
        }
    };
    let own = facts.referrer.as_ref().unwrap_or(&facts.author);
    if let Some(to) = &facts.addressee {
        add("紹介先", words::party(to, true));
        add("紹介元", words::party(own, false));
    } else if facts.kind.is_checkup() {
        add("健診機関", words::party(own, false));
    } else {
        add("作成", words::party(own, false));
    }
    if let Some(custodian) = facts.custodian.as_ref().filter(|c| differs(c, own)) {
        add("管理", words::party(custodian, false));
    }
    if let Some(event) = &facts.event {
        let start = event.start.as_deref().map(day).unwrap_or_default();
        let end = event.end.as_deref().map(day).unwrap_or_default();
        match facts.kind {
            DocumentKind::Referral => {}
            DocumentKind::Discharge => {
                add("入院", start);
                add("退院", end);
            }
            DocumentKind::CarePlan => add("期間", words::between(&start, &end)),
            DocumentKind::Checkup | DocumentKind::MunicipalCheckup => {
                add("受診日", words::between(&start, &end));
                let codes = event.codes.iter().filter_map(|c| c.display.clone());
                add("健診の種類", codes.collect::<Vec<_>>().join("、"));
            }
        }
    }
    add("作成日", day(&facts.date));
    head
}

fn differs(one: &Party, other: &Party) -> bool {
    one.name.is_some() && one.name != other.name
}

fn patient(facts: &DocumentFacts) -> Vec<Fact> {
    let patient = &facts.patient;
    let mut name = patient.name.clone();
    if let Some(kana) = patient.kana.as_ref().filter(|kana| **kana != name) {
        name = format!("{name}（{kana}）");
    }
    let mut list = vec![
        Fact::new("氏名", clean(&name)),
        Fact::new("生年月日", words::birth(&patient.birth_date, &facts.date)),
        Fact::new("性別", words::gender(&patient.gender)),
    ];
    if !patient.address.is_empty() {
        list.push(Fact::new("住所", clean(&patient.address)));
    }
    if let Some(number) = &patient.local_id {
        list.push(Fact::new("患者番号", clean(number)));
    }
    list
}

/// All files, with their numbers.
fn files(facts: &DocumentFacts) -> Option<Section> {
    if facts.attachments.is_empty() {
        return None;
    }
    let items = facts
        .attachments
        .iter()
        .map(|file| Item {
            text: words::file(file),
            inner: None,
        })
        .collect();
    Some(Section {
        heading: "添付ファイル".to_owned(),
        blocks: vec![Block::List(List {
            is_numbered: true,
            items,
        })],
        parts: Vec::new(),
    })
}

/// The data without lines that the author's own text already says, word for word.
fn unsaid(said: &[Block], data: Vec<Block>) -> Vec<Block> {
    let is_said = |item: &Item| {
        let same = |block: &Block| matches!(block, Block::Paragraph(text) if *text == item.text);
        item.inner.is_none() && said.iter().any(same)
    };
    let mut kept = Vec::new();
    for block in data {
        match block {
            Block::List(mut list) => {
                list.items.retain(|item| !is_said(item));
                kept.extend((!list.items.is_empty()).then_some(Block::List(list)));
            }
            other => kept.push(other),
        }
    }
    kept
}

struct Reader<'d> {
    document: &'d Document,
    facts: &'d DocumentFacts,
    /// Entries that stand somewhere on the sheet.
    shown: BTreeSet<usize>,
}

impl Reader<'_> {
    fn parts(&mut self, sections: &[Source], nodes: &[Node<'_>], depth: usize) -> Vec<Section> {
        let mut parts = Vec::new();
        for (nth, section) in sections.iter().enumerate() {
            let node = nodes.get(nth).copied();
            let inner: Vec<Node<'_>> = node.into_iter().flat_map(|n| n.list("section")).collect();
            let code = section.code.as_deref().unwrap_or_default();
            let is_party = PARTIES.contains(&code) && self.facts.addressee.is_some();
            if is_party {
                self.shown.extend(&section.entries);
                continue;
            }
            // The container alone says nothing: its parts stand in its place.
            if code == STRUCTURED && section.narrative.is_none() && section.entries.is_empty() {
                parts.extend(self.parts(&section.sections, &inner, depth));
                continue;
            }
            parts.push(self.part(section, node, &inner, depth));
        }
        parts
    }

    fn part(
        &mut self,
        section: &Source,
        node: Option<Node<'_>>,
        inner: &[Node<'_>],
        depth: usize,
    ) -> Section {
        let entries = &section.entries;
        let data = data::blocks(self.document, self.facts, entries);
        self.shown.extend(entries);
        let text = node.and_then(|n| n.get("text"));
        let is_generated = text.and_then(|t| t.str("status")) == Some("generated");
        let mut blocks = Vec::new();
        if let Some(narrative) = section
            .narrative
            .as_ref()
            .filter(|_| !is_generated || data.is_empty())
        {
            blocks.extend(narrative::blocks(narrative));
        }
        blocks.extend(unsaid(&blocks, data));
        let parts = if depth < DEPTH_MAX {
            self.parts(&section.sections, inner, depth.saturating_add(1))
        } else {
            Vec::new()
        };
        if blocks.is_empty() && parts.is_empty() {
            blocks.push(Block::Paragraph("記載はありません。".to_owned()));
        }
        let title = clean(&section.title).replace('\n', " ");
        Section {
            heading: if title.is_empty() {
                "(見出しなし)".to_owned()
            } else {
                title
            },
            blocks,
            parts,
        }
    }

    /// What no section refers to.
    fn rest(&self) -> Option<Section> {
        let about = [
            "Composition",
            "Patient",
            "Practitioner",
            "PractitionerRole",
            "Organization",
            "Encounter",
            "Coverage",
            "Specimen",
        ];
        let rest: Vec<usize> = self
            .document
            .root()
            .list("entry")
            .enumerate()
            .filter(|(at, entry)| {
                let kind = entry.get("resource").and_then(|r| r.str("resourceType"));
                !self.shown.contains(at) && !kind.is_some_and(|kind| about.contains(&kind))
            })
            .map(|(at, _)| at)
            .filter(|at| !self.is_member(*at))
            .collect();
        let blocks = data::blocks(self.document, self.facts, &rest);
        (!blocks.is_empty()).then(|| Section {
            heading: "その他の情報".to_owned(),
            blocks,
            parts: Vec::new(),
        })
    }

    /// Does it stand below the group that it is a member of?
    fn is_member(&self, at: usize) -> bool {
        let groups = self.facts.results.iter();
        groups
            .filter(|g| self.shown.contains(&g.index))
            .any(|g| g.facts.members.contains(&at))
    }
}
