use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use super::everything;
use crate::pdf::{FONTS, Face, Unreadable, print};
use crate::sheet::{Block, Section, Sheet, Table};

/// The first font of the list that is on this machine.
pub(super) static FACE: LazyLock<Option<Face>> = LazyLock::new(|| {
    let face = FONTS
        .iter()
        .find_map(|path| Face::parse(std::fs::read(path).ok()?).ok());
    if face.is_none() {
        eprintln!(
            "SKIPPED: printing of documents (no Japanese font; Debian package fonts-noto-cjk)"
        );
    }
    face
});

fn paragraphs(texts: &[&str]) -> Sheet {
    Sheet {
        title: "題".to_owned(),
        sections: vec![Section {
            heading: "節".to_owned(),
            blocks: texts
                .iter()
                .map(|text| Block::Paragraph((*text).to_owned()))
                .collect(),
            parts: Vec::new(),
        }],
        ..Sheet::default()
    }
}

/// What a foreign program says about a file; `None` when it is absent.
fn ask(program: &str, words: &[&str], pdf: &[u8]) -> Option<(bool, String)> {
    let folder = std::env::temp_dir().join(format!(
        "paper-{}-{program}-{}",
        std::process::id(),
        pdf.len()
    ));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("a.pdf");
    std::fs::write(&file, pdf).expect("the file");
    let words: Vec<String> = words
        .iter()
        .map(|w| w.replace("FILE", &file.to_string_lossy()))
        .collect();
    let ran = Command::new(program)
        .args(&words)
        .stdin(Stdio::null())
        .output();
    std::fs::remove_dir_all(&folder).expect("the folder goes");
    match ran {
        Ok(ran) => Some((
            ran.status.success(),
            format!(
                "{}{}",
                String::from_utf8_lossy(&ran.stdout),
                String::from_utf8_lossy(&ran.stderr)
            ),
        )),
        Err(_) => {
            let _ = writeln!(
                std::io::stderr(),
                "SKIPPED: a look at PDFs with {program} (not installed)"
            );
            None
        }
    }
}

/// The text of a file in the order in which it was set, without its white space.
pub(super) fn extracted(pdf: &[u8]) -> Option<String> {
    let (ok, text) = ask("pdftotext", &["-raw", "-enc", "UTF-8", "FILE", "-"], pdf)?;
    assert!(ok, "{text}");
    Some(text.split_whitespace().collect())
}

#[test]
fn foreign_tools_find_nothing_wrong_and_a_tagged_japanese_document() {
    let Some(face) = FACE.as_ref() else { return };
    let printed = print(&everything(), face).expect("a PDF");
    assert!(printed.pages >= 2 && printed.missing.is_empty());
    if let Some((ok, said)) = ask("qpdf", &["--check", "FILE"], &printed.bytes) {
        assert!(
            ok && said.contains("No syntax or stream encoding errors"),
            "{said}"
        );
    }
    if let Some((ok, said)) = ask("pdfinfo", &["FILE"], &printed.bytes) {
        assert!(ok, "{said}");
        for line in [
            "診療情報提供書",
            "Tagged:          yes",
            "A4",
            "PDF version:     1.7",
        ] {
            assert!(said.contains(line), "{line}: {said}");
        }
        assert!(
            said.contains(&format!("Pages:           {}", printed.pages)),
            "{said}"
        );
    }
    if let Some((ok, said)) = ask("pdffonts", &["FILE"], &printed.bytes) {
        let lines: Vec<&str> = said.lines().skip(2).collect();
        assert!(ok && !lines.is_empty(), "{said}");
        // emb, sub, uni
        assert!(
            lines.iter().all(|line| line.contains("yes yes yes")),
            "{said}"
        );
    }
}

#[test]
fn the_structure_names_headings_lists_and_tables_in_reading_order() {
    let Some(face) = FACE.as_ref() else { return };
    let printed = print(&everything(), face).expect("a PDF");
    let Some((ok, said)) = ask("pdfinfo", &["-struct-text", "FILE"], &printed.bytes) else {
        return;
    };
    assert!(ok, "{said}");
    let mut from = 0;
    for part in [
        "H1",
        "診療情報提供書",
        "Table",
        "TH",
        "紹介先",
        "TD",
        "みなと病院",
        "H2",
        "患者",
        "Sect",
        "紹介目的",
        "Caption",
        "血液検査",
        "THead",
        "TH",
        "項目",
        "TBody",
        "検査0",
        "検査59",
        "LI",
        "Lbl",
        "LBody",
        "安静",
        "二週間",
        "H3",
        "所見",
        "H4",
        "小見出し",
    ] {
        let at = said[from..]
            .find(part)
            .unwrap_or_else(|| panic!("{part} after {from}: {said}"));
        from += at;
    }
    // The head that is repeated on the second page is no part of the text.
    assert_eq!(said.matches("\"項目\"").count(), 1, "{said}");
}

#[test]
fn every_word_of_the_sheet_is_on_the_paper_and_each_page_names_patient_and_digest() {
    let Some(face) = FACE.as_ref() else { return };
    let printed = print(&everything(), face).expect("a PDF");
    let Some(text) = extracted(&printed.bytes) else {
        return;
    };
    for words in [
        "みなと病院循環器内科",
        "港太郎先生",
        "胸部の違和感について、ご高診をお願いいたします。",
        "異常なし。",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    (0..60).for_each(|nth| {
        assert!(
            text.contains(&format!("検査{nth}{nth}.5mg/dL")),
            "row {nth}"
        )
    });
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(text.matches(digest).count(), printed.pages);
    for nth in 1..=printed.pages {
        assert!(text.contains(&format!("{nth}/{}", printed.pages)));
    }
    assert!(text.matches("田中太郎").count() >= printed.pages);
}

#[test]
fn bookmarks_lead_to_the_parts() {
    let Some(face) = FACE.as_ref() else { return };
    let printed = print(&everything(), face).expect("a PDF");
    let Some((ok, said)) = ask("mutool", &["show", "FILE", "outline"], &printed.bytes) else {
        return;
    };
    assert!(ok, "{said}");
    let at = |what: &str| said.find(what).unwrap_or_else(|| panic!("{what}: {said}"));
    assert!(at("紹介目的") < at("検査結果") && at("検査結果") < at("所見"));
}

#[test]
fn a_character_without_a_sign_stands_as_a_geta_and_is_named() {
    let Some(face) = FACE.as_ref() else { return };
    // A private number, which means something on its maker's machine only, and a lost script.
    let sheet = paragraphs(&["髙橋\u{e000}様 𒀀"]);
    let printed = print(&sheet, face).expect("a PDF");
    assert_eq!(printed.missing, ['\u{e000}', '𒀀']);
    let Some(text) = extracted(&printed.bytes) else {
        return;
    };
    assert!(text.contains("髙橋〓様〓"), "{text}");
    assert!(text.contains("U+E000、U+12000"), "{text}");
}

#[test]
fn ideographs_with_a_variation_selector_and_composed_kana_are_kept() {
    let Some(face) = FACE.as_ref() else { return };
    // 葛 with a selector; か with a separate mark; a compatibility ideograph stays itself.
    let printed = print(
        &paragraphs(&["葛\u{e0100}城 か\u{3099} \u{fa19}奈川"]),
        face,
    )
    .expect("a PDF");
    assert_eq!(printed.missing, []);
    let Some(text) = extracted(&printed.bytes) else {
        return;
    };
    assert!(text.contains("が\u{fa19}奈川"), "{text}");
    assert!(text.contains("葛"), "{text}");
}

#[test]
fn long_text_without_a_break_stays_within_the_page() {
    let Some(face) = FACE.as_ref() else { return };
    let long = "A".repeat(400);
    let kana = "あ、".repeat(300);
    let sheet = Sheet {
        sections: vec![Section {
            heading: "節".repeat(80),
            blocks: vec![
                Block::Paragraph(long.clone()),
                Block::Paragraph(kana.clone()),
                Block::Table(Table {
                    rows: vec![vec!["x".repeat(300), "い".repeat(3000), String::new()]],
                    ..Table::default()
                }),
                Block::Table(Table {
                    rows: vec![(0..30).map(|nth| format!("列{nth}")).collect()],
                    ..Table::default()
                }),
            ],
            parts: Vec::new(),
        }],
        ..paragraphs(&[])
    };
    let printed = print(&sheet, face).expect("a PDF");
    let Some(text) = extracted(&printed.bytes) else {
        return;
    };
    assert_eq!(text.matches('A').count(), 400 + text.matches("SHA").count());
    assert_eq!(text.matches('あ').count(), 300);
    assert_eq!(text.matches('い').count(), 3000);
    assert_eq!(text.matches('x').count(), 300);
    assert!(text.contains("列29"));
    let Some((ok, boxes)) = ask("pdftotext", &["-bbox", "FILE", "-"], &printed.bytes) else {
        return;
    };
    assert!(ok);
    let right = boxes
        .split("xMax=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next()?.parse::<f64>().ok())
        .fold(0.0, f64::max);
    assert!(right > 400.0 && right <= 595.28 - 50.0, "{right}");
}

#[test]
fn the_same_sheet_gives_the_same_file() {
    let Some(face) = FACE.as_ref() else { return };
    let sheet = paragraphs(&["同じ"]);
    let one = print(&sheet, face).expect("a PDF").bytes;
    assert_eq!(one, print(&sheet, face).expect("a PDF").bytes);
}

#[test]
fn a_file_that_is_no_japanese_font_is_refused() {
    assert_eq!(
        Face::parse(b"no font".to_vec()).err(),
        Some(Unreadable::NotAFont)
    );
    assert_eq!(Face::parse(Vec::new()).err(), Some(Unreadable::NotAFont));
}
