use super::everything;
use crate::html::article;
use crate::sheet::{Block, Section, Sheet};

#[test]
fn a_page_has_headings_in_order_and_tables_with_scope() {
    let html = article(&everything()).into_string();
    let at = |what: &str| {
        html.find(what)
            .unwrap_or_else(|| panic!("{what} is missing"))
    };
    assert!(at("<h2 id=\"sheet-title\">診療情報提供書</h2>") < at("<h3 id=\"sheet-patient\">"));
    assert!(at("<h3 id=\"sheet-1\">検査結果</h3>") < at("<h4 id=\"sheet-1-0\">所見</h4>"));
    assert!(at("<h4 id=\"sheet-1-0\">") < at("<h5>小見出し</h5>"));
    at("<caption>血液検査</caption>");
    at("<th scope=\"col\">項目</th>");
    at("<th scope=\"row\">検査0</th>");
    at("<ol><li>安静<ul><li>二週間</li></ul></li></ol>");
    at("みなと病院 循環器内科<br>港 太郎 先生");
}

#[test]
fn the_foot_names_identifier_version_and_digest() {
    let html = article(&everything()).into_string();
    let line = "1312345678^2026^A-1 版1 SHA-256 \
        ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert!(html.contains(line), "{html}");
}

#[test]
fn a_draft_says_that_it_is_one() {
    let html = article(&Sheet::default()).into_string();
    assert!(html.contains("下書き(未送信)"));
}

#[test]
fn text_of_a_document_cannot_become_markup() {
    let sheet = Sheet {
        title: "<b>題".to_owned(),
        sections: vec![Section {
            heading: "<script>".to_owned(),
            blocks: vec![Block::Paragraph("<img src=x onerror=y>".to_owned())],
            parts: Vec::new(),
        }],
        ..Sheet::default()
    };
    let html = article(&sheet).into_string();
    assert!(!html.contains("<script>") && !html.contains("<img") && !html.contains("<b>"));
    assert!(html.contains("&lt;script&gt;"));
}
