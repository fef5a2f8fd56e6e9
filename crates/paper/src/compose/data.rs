//! Entries of a document as tables and lines.

use fhir::clins::document::{DocumentFacts, DocumentResult, Placed, Prescription};
use fhir::clins::{Allergy, Condition, Flags};
use fhir::json::{Document, Node};

use super::words::{self, day};
use crate::narrative;
use crate::sheet::{Block, Item, List, Table, clean};

/// The entries at these places, each kind together, in the order of the document.
pub(super) fn blocks(document: &Document, facts: &DocumentFacts, places: &[usize]) -> Vec<Block> {
    let entries: Vec<Node<'_>> = document.root().list("entry").collect();
    let resource = |at: usize| entries.get(at).and_then(|entry| entry.get("resource"));
    let notes = |at: usize| resource(at).map(notes_of).unwrap_or_default();
    let mut blocks = plans(facts, places);
    let conditions = here(&facts.conditions, places);
    if !conditions.is_empty() {
        let rows = conditions
            .iter()
            .map(|c| condition(c, &notes(c.index)))
            .collect();
        blocks.push(table(&["傷病名", "時期", "状態", "備考"], rows));
    }
    let allergies = here(&facts.allergies, places);
    if !allergies.is_empty() {
        let rows = allergies
            .iter()
            .map(|a| allergy(a, &notes(a.index)))
            .collect();
        blocks.push(table(&["原因", "症状", "状態", "備考"], rows));
    }
    let prescriptions = here(&facts.prescriptions, places);
    if !prescriptions.is_empty() {
        let rows = prescriptions.iter().map(|p| prescription(p)).collect();
        blocks.push(table(&["薬剤", "用法・用量", "日数・総量", "備考"], rows));
    }
    let results = here(&facts.results, places);
    if !results.is_empty() {
        blocks.extend(self::results(facts, &results));
    }
    let known: Vec<usize> = conditions
        .iter()
        .map(|x| x.index)
        .chain(allergies.iter().map(|x| x.index))
        .chain(prescriptions.iter().map(|x| x.index))
        .chain(results.iter().map(|x| x.index))
        .chain(here(&facts.care_plans, places).iter().map(|x| x.index))
        .collect();
    let others: Vec<Item> = places
        .iter()
        .filter(|at| !known.contains(at))
        .filter_map(|at| other(*at, resource(*at)?, facts))
        .map(|text| Item { text, inner: None })
        .collect();
    if !others.is_empty() {
        blocks.push(Block::List(List {
            is_numbered: false,
            items: others,
        }));
    }
    blocks.retain(|block| !matches!(block, Block::Paragraph(text) if text.is_empty()));
    blocks
}

/// What was agreed to do.
fn plans(facts: &DocumentFacts, places: &[usize]) -> Vec<Block> {
    let mut blocks = Vec::new();
    for plan in here(&facts.care_plans, places) {
        let plan = &plan.facts;
        let title = plan.title.as_deref().map(clean).unwrap_or_default();
        if !title.is_empty() {
            blocks.push(Block::Heading(title));
        }
        let text = plan.description.as_deref().map(clean);
        blocks.push(Block::Paragraph(text.unwrap_or_default()));
        let when = match (plan.start.as_deref().map(day), plan.end.as_deref().map(day)) {
            (Some(start), None) => format!("{start}から"),
            (start, end) => words::between(&start.unwrap_or_default(), &end.unwrap_or_default()),
        };
        if !when.is_empty() {
            blocks.push(Block::Paragraph(format!("期間：{when}")));
        }
    }
    blocks
}

fn here<'f, T>(all: &'f [Placed<T>], places: &[usize]) -> Vec<&'f Placed<T>> {
    all.iter()
        .filter(|placed| places.contains(&placed.index))
        .collect()
}

/// A table whose empty columns are left out; the first column names the row.
fn table(columns: &[&str], rows: Vec<Vec<String>>) -> Block {
    let kept: Vec<usize> = (0..columns.len())
        .filter(|nth| {
            *nth == 0
                || rows
                    .iter()
                    .any(|row| row.get(*nth).is_some_and(|c| !c.is_empty()))
        })
        .collect();
    let pick = |row: &[String]| -> Vec<String> {
        kept.iter()
            .map(|nth| row.get(*nth).cloned().unwrap_or_default())
            .collect()
    };
    let columns: Vec<String> = columns.iter().map(|c| (*c).to_owned()).collect();
    Block::Table(Table {
        caption: String::new(),
        columns: pick(&columns),
        has_row_headings: true,
        rows: rows.iter().map(|row| pick(row)).collect(),
    })
}

/// What the doctor decided about the entry.
fn flags(flags: Flags) -> Vec<String> {
    [
        (flags.uninformed, "未告知（患者さんには伝えていません）"),
        (flags.undelivered, "未提供"),
        (flags.long_term, "長期保管"),
    ]
    .into_iter()
    .filter(|(is, _)| *is)
    .map(|(_, text)| text.to_owned())
    .collect()
}

fn notes_of(resource: Node<'_>) -> Vec<String> {
    resource
        .list("note")
        .filter_map(|note| note.str("text"))
        .map(clean)
        .collect()
}

fn joined(parts: Vec<String>) -> String {
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}

fn condition(placed: &Placed<Condition>, notes: &[String]) -> Vec<String> {
    let facts = &placed.facts;
    let mut name = clean(&facts.text);
    if facts.is_main {
        name.push_str("（主傷病）");
    }
    let when = words::between(
        &facts.onset.as_deref().map(day).unwrap_or_default(),
        &facts.abatement.as_deref().map(day).unwrap_or_default(),
    );
    let doubt = match facts.verification_status.as_str() {
        "confirmed" | "" => "",
        "entered-in-error" => "誤って登録（無効）",
        "refuted" => "否定",
        _ => "疑い・未確定",
    };
    let status = joined(vec![
        status(facts.clinical_status.as_deref()),
        doubt.to_owned(),
    ]);
    let mut remarks = flags(placed.flags);
    remarks.extend(notes.iter().cloned());
    vec![name, when, status, joined(remarks)]
}

fn status(code: Option<&str>) -> String {
    match code {
        Some("active") => "治療中・継続",
        Some("recurrence" | "relapse") => "再発",
        Some("inactive") => "落ち着いている",
        Some("remission") => "寛解",
        Some("resolved") => "治癒",
        _ => "",
    }
    .to_owned()
}

fn allergy(placed: &Placed<Allergy>, notes: &[String]) -> Vec<String> {
    let facts = &placed.facts;
    let doubt = match facts.verification_status.as_deref() {
        Some("unconfirmed") => "未確認",
        Some("refuted") => "否定",
        Some("entered-in-error") => "誤って登録（無効）",
        _ => "",
    };
    let now = match facts.clinical_status.as_deref() {
        Some("inactive" | "resolved") => "過去",
        _ => "",
    };
    let grave = if facts.criticality.as_deref() == Some("high") {
        "重い反応のおそれ"
    } else {
        ""
    };
    let mut remarks = flags(placed.flags);
    remarks.extend(
        facts
            .onset
            .as_deref()
            .map(|onset| format!("発症 {}", day(onset))),
    );
    remarks.extend(notes.iter().cloned());
    vec![
        clean(&facts.text),
        clean(&facts.reactions.join("、")),
        joined([grave, now, doubt].map(str::to_owned).to_vec()),
        joined(remarks),
    ]
}

fn prescription(placed: &Placed<Prescription>) -> Vec<String> {
    let facts = &placed.facts;
    let mut usage = vec![clean(&facts.usage)];
    usage.extend(
        facts
            .dose
            .as_ref()
            .map(|dose| format!("1回 {}", words::quantity(dose))),
    );
    usage.extend(
        facts
            .daily
            .as_ref()
            .map(|daily| format!("1日 {}", words::quantity(daily))),
    );
    if facts.as_needed {
        usage.push("頓用".to_owned());
    }
    let amount = vec![
        facts.days.as_ref().map(words::quantity).unwrap_or_default(),
        facts
            .total
            .as_ref()
            .map(|total| format!("総量 {}", words::quantity(total)))
            .unwrap_or_default(),
    ];
    let mut remarks = flags(placed.flags);
    remarks.extend(
        facts
            .start
            .as_deref()
            .map(|start| format!("開始 {}", day(start))),
    );
    remarks.extend(facts.notes.iter().map(|note| clean(note)));
    let mut name = clean(&facts.text);
    if !facts.rp.is_empty() {
        name = format!("Rp{} {name}", facts.rp);
    }
    vec![name, joined(usage), joined(amount), joined(remarks)]
}

fn results(facts: &DocumentFacts, results: &[&Placed<DocumentResult>]) -> Vec<Block> {
    let mut rows = Vec::new();
    for placed in results {
        rows.push(result(&placed.facts, ""));
        for (item, value) in &placed.facts.components {
            rows.push(vec![format!("　{}", clean(item)), words::value(value)]);
        }
        // Members stand below their group, unless the section names them itself.
        for member in &placed.facts.members {
            let named = results.iter().any(|other| other.index == *member);
            let found = facts.results.iter().find(|r| r.index == *member && !named);
            rows.extend(found.map(|member| result(&member.facts, "　")));
        }
    }
    for row in &mut rows {
        row.resize(6, String::new());
    }
    vec![table(
        &["項目", "結果", "基準範囲", "判定", "検査日", "備考"],
        rows,
    )]
}

fn result(facts: &DocumentResult, indent: &str) -> Vec<String> {
    let mut shown = words::value(&facts.value);
    if shown.is_empty() {
        shown = facts
            .data_absent_reason
            .as_deref()
            .map(clean)
            .unwrap_or_default();
    }
    let ranges: Vec<String> = facts.ranges.iter().map(words::range).collect();
    let judged: Vec<String> = facts
        .interpretations
        .iter()
        .map(|code| words::judgement(code).map_or_else(|| clean(code), str::to_owned))
        .collect();
    let mut remarks: Vec<String> = facts.notes.iter().map(|note| clean(note)).collect();
    match facts.status.as_str() {
        "preliminary" | "registered" => remarks.push("暫定の結果".to_owned()),
        "cancelled" | "entered-in-error" => remarks.push("取り消された結果（無効）".to_owned()),
        _ => {}
    }
    let name = clean(&facts.text);
    let name = if name.is_empty() {
        let code = facts.codes.first();
        code.map(|c| c.display.clone().unwrap_or_else(|| c.code.clone()))
            .unwrap_or_default()
    } else {
        name
    };
    vec![
        format!("{indent}{name}"),
        shown,
        ranges.join("\n"),
        judged.join("、"),
        facts.effective.as_deref().map(day).unwrap_or_default(),
        joined(remarks),
    ]
}

/// Any other entry in one line: what it is called, what it says, when.
fn other(at: usize, resource: Node<'_>, facts: &DocumentFacts) -> Option<String> {
    let kind = resource.str("resourceType").unwrap_or_default();
    if matches!(
        kind,
        "Practitioner" | "PractitionerRole" | "Organization" | "Patient" | "Specimen"
    ) {
        return None;
    }
    let files: Vec<String> = facts
        .attachments
        .iter()
        .enumerate()
        .filter(|(_, file)| file.index == at)
        .map(|(nth, file)| {
            format!(
                "添付ファイル{}：{}",
                nth.saturating_add(1),
                words::file(file)
            )
        })
        .collect();
    if !files.is_empty() {
        return Some(files.join("\n"));
    }
    let mut parts: Vec<String> = Vec::new();
    let concept = |node: Node<'_>| {
        let coded = node
            .list("coding")
            .find_map(|c| c.str("display").or_else(|| c.str("code")));
        node.str("text").or(coded).map(clean)
    };
    for key in ["code", "vaccineCode", "type", "relationship", "scope"] {
        parts.extend(resource.get(key).and_then(concept));
    }
    for key in ["reasonCode", "condition", "provision", "conclusionCode"] {
        let of = |node: Node<'_>| concept(node).or_else(|| node.get("code").and_then(concept));
        parts.extend(resource.list(key).filter_map(of));
    }
    for key in ["description", "title", "conclusion"] {
        parts.extend(resource.str(key).map(clean));
    }
    for key in [
        "performedDateTime",
        "occurrenceDateTime",
        "date",
        "recordedDate",
    ] {
        parts.extend(resource.str(key).map(day));
    }
    parts.extend(notes_of(resource));
    if parts.is_empty() {
        let narrative = resource.get("text").and_then(|t| t.str("div"))?;
        for block in narrative::blocks(narrative) {
            if let Block::Paragraph(text) | Block::Heading(text) = block {
                parts.push(text);
            }
        }
    }
    // A visit alone says nothing to a reader.
    if parts.is_empty() && kind == "Encounter" {
        return None;
    }
    if parts.is_empty() {
        return Some(format!(
            "{kind}：この画面では表示できない情報があります。元のデータでお確かめください。"
        ));
    }
    parts.dedup();
    Some(parts.join("　"))
}
