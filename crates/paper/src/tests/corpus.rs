use std::path::{Path, PathBuf};

use fhir::clins::document::{self, DocumentKind};
use fhir::json::Document;

use super::printing::{FACE, extracted};
use crate::compose::{self, day, value};
use crate::html::article;
use crate::pdf::print;
use crate::sheet::{Block, Digest, Section, Sheet};

fn shared(path: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")).join(path)
}

/// Every published document whose facts can be read, with its name.
fn published() -> Vec<(String, Document)> {
    let mut found = Vec::new();
    for folder in [
        "clins/examples",
        "clins/compiled-1.5.3",
        "echeckup/compiled-1.5.0",
        "emunicipal/samples",
    ] {
        let Ok(list) = std::fs::read_dir(shared(folder)) else {
            eprintln!("SKIPPED: published documents ({folder} is absent)");
            continue;
        };
        let mut files: Vec<PathBuf> = list.filter_map(|f| Some(f.ok()?.path())).collect();
        files.sort();
        for file in files
            .iter()
            .filter(|f| f.extension().is_some_and(|e| e == "json"))
        {
            let bytes = std::fs::read(file).expect("a file");
            if let Ok(document) = Document::parse(&bytes)
                && document::facts(&document).is_some()
            {
                found.push((file.display().to_string(), document));
            }
        }
    }
    found
}

fn sheet(document: &Document) -> Sheet {
    compose::sheet(document, &document::facts(document).expect("facts"))
}

fn headings(sections: &[Section]) -> Vec<&str> {
    sections.iter().map(|s| s.heading.as_str()).collect()
}

#[test]
fn every_published_document_becomes_a_page_and_a_print_that_say_the_same() {
    let mut kinds = Vec::new();
    for (name, document) in published() {
        let sheet = sheet(&document);
        kinds.push(DocumentKind::of(document.root()));
        assert!(
            !sheet.sections.is_empty() && sheet.patient.len() >= 3,
            "{name}"
        );
        let html = article(&sheet).into_string();
        let digest = Digest::of(document.source().as_bytes()).to_string();
        assert!(html.contains(&digest), "{name}");
        let Some(face) = FACE.as_ref() else { continue };
        let printed = print(&sheet, face).unwrap_or_else(|why| panic!("{name}: {why:?}"));
        let Some(text) = extracted(&printed.bytes) else {
            continue;
        };
        assert!(text.contains(&digest), "{name}");
        let plain = |text: &str| -> String { text.split_whitespace().collect() };
        for section in sheet
            .sections
            .iter()
            .flat_map(|s| std::iter::once(s).chain(&s.parts))
        {
            assert!(
                text.contains(&plain(&section.heading)),
                "{name}: {}",
                section.heading
            );
            for block in &section.blocks {
                if let Block::Paragraph(words) = block {
                    assert!(text.contains(&plain(words)), "{name}: {words} in {text}");
                }
            }
        }
    }
    if !kinds.is_empty() {
        for kind in [
            DocumentKind::Referral,
            DocumentKind::CarePlan,
            DocumentKind::Checkup,
        ] {
            assert!(kinds.contains(&Some(kind)), "{kind:?}");
        }
    }
}

#[test]
fn the_published_referral_letter_is_set_as_its_author_meant_it() {
    let file = shared("clins/compiled-1.5.3/Bundle-Bundle-CLINS-Referral-Example-01.json");
    let Ok(bytes) = std::fs::read(&file) else {
        eprintln!(
            "SKIPPED: the published referral letter ({} is absent)",
            file.display()
        );
        return;
    };
    let document = Document::parse(&bytes).expect("JSON");
    let sheet = sheet(&document);
    assert_eq!(sheet.title, "診療情報提供書");
    assert_eq!(sheet.marks, ["外来文書"]);
    assert_eq!(sheet.head[0].label, "紹介先");
    assert!(
        sheet.head[0]
            .value
            .starts_with("東京第一テスト病院\n循環器内科 野口 英世丸 先生"),
        "{}",
        sheet.head[0].value
    );
    assert!(
        sheet.head[1]
            .value
            .starts_with("港診療所\n眼科 大河内 勘三郎\n")
    );
    assert_eq!(sheet.patient[0].value, "牧野 爛漫（マキノ ランマン）");
    assert_eq!(
        headings(&sheet.sections),
        [
            "紹介目的",
            "傷病名・主訴",
            "現病歴",
            "既往歴",
            "アレルギー・不耐性反応",
            "家族歴",
            "身体所見",
            "感染症情報",
            "臨床経過",
            "添付ファイル",
        ]
    );
    let html = article(&sheet).into_string();
    // What stands in a note alone is shown: the reaction to iodine.
    assert!(html.contains("ポビドンヨード含嗽後に嘔吐と全身に発疹"));
    assert!(html.contains("上腹部圧痛あり、その他特に所見なし。"));
    assert!(
        html.contains("2022年6月9日")
            && html.contains("2022年5月")
            && html.contains("<td>2018年</td>")
    );
    assert!(html.contains("この文書には入っていません"));
}

#[test]
fn a_checkup_shows_its_data_once_although_the_narrative_repeats_it() {
    let file = shared("echeckup/compiled-1.5.0/Bundle-Bundle-eCheckupReport-Sample-01.json");
    let Ok(bytes) = std::fs::read(&file) else {
        eprintln!(
            "SKIPPED: the published checkup report ({} is absent)",
            file.display()
        );
        return;
    };
    let sheet = sheet(&Document::parse(&bytes).expect("JSON"));
    let html = article(&sheet).into_string();
    assert_eq!(html.matches("162.3").count(), 1, "{html}");
    assert!(
        html.contains("<th scope=\"row\">身長</th><td>162.3 cm</td>"),
        "{html}"
    );
    assert_eq!(sheet.title, "健康診断結果のお知らせ");
    assert!(sheet.marks.contains(&"健診結果報告書".to_owned()));
}

#[test]
fn dates_are_told_as_exactly_as_they_were_sent() {
    for (sent, told) in [
        ("2026-05-01", "2026年5月1日"),
        ("2026-05", "2026年5月"),
        ("2026", "2026年"),
        ("2026-05-01T10:00:00+09:00", "2026年5月1日 10時00分"),
        ("春ごろ", "春ごろ"),
    ] {
        assert_eq!(day(sent), told);
    }
}

#[test]
fn a_bound_is_told_in_words() {
    let told = |comparator: &str| {
        value(&fhir::clins::Value::Quantity {
            comparator: Some(comparator.to_owned()),
            number: "0.10".to_owned(),
            unit: Some("mg/dL".to_owned()),
        })
    };
    assert_eq!(told("<"), "0.10 mg/dL 未満");
    assert_eq!(told(">="), "0.10 mg/dL 以上");
    assert_eq!(
        value(&fhir::clins::Value::Other(
            "{\"low\":{\"value\":1.50,\"unit\":\"g\"}}".to_owned()
        )),
        "1.50 g"
    );
}

#[test]
fn a_care_plan_stands_first_and_says_since_when_it_holds() {
    let file = shared("clins/compiled-1.5.3/Bundle-Bundle-CLINS-PCS-Example-01.json");
    let Ok(bytes) = std::fs::read(&file) else {
        eprintln!(
            "SKIPPED: the published care plan ({} is absent)",
            file.display()
        );
        return;
    };
    let sheet = sheet(&Document::parse(&bytes).expect("JSON"));
    assert!(sheet.marks.is_empty(), "the title again: {:?}", sheet.marks);
    assert_eq!(
        sheet.patient[1].value,
        "1930年6月28日（昭和5年6月28日、作成時94歳）"
    );
    let blocks = &sheet.sections[0].blocks;
    assert_eq!(blocks[0], Block::Heading("療養計画".to_owned()));
    assert!(matches!(&blocks[1], Block::Paragraph(text) if text.starts_with("高血圧について")));
    assert_eq!(
        blocks[2],
        Block::Paragraph("期間：2024年7月7日から".to_owned())
    );
    assert!(matches!(&blocks[3], Block::Table(table) if table.rows.len() == 2));
}
