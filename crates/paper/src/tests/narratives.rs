use proptest::prelude::*;

use crate::narrative::blocks;
use crate::sheet::{Block, clean};

fn div(inside: &str) -> Vec<Block> {
    blocks(&format!(
        "<div xmlns=\"http://www.w3.org/1999/xhtml\">{inside}</div>"
    ))
}

fn text(inside: &str) -> String {
    match div(inside).as_slice() {
        [Block::Paragraph(text)] => text.clone(),
        other => panic!("one paragraph, not {other:?}"),
    }
}

#[test]
fn what_would_change_the_meaning_when_dropped_is_written_out() {
    assert_eq!(text("<p>菌量 10<sup>4</sup>/mL</p>"), "菌量 10⁴/mL");
    assert_eq!(text("<p>10<sup>n+1</sup></p>"), "10^n+1");
    assert_eq!(text("<p>H<sub>2</sub>O</p>"), "H2O");
    assert_eq!(
        text("<p>投与<del>する</del>しない</p>"),
        "投与〔取り消し：する〕しない"
    );
    assert_eq!(
        text("<p><img src=\"x\" alt=\"胸部\"/>を参照</p>"),
        "〔画像：胸部〕を参照"
    );
    assert_eq!(
        text("<p>pH &lt; 7 &amp; 発熱&#12290;</p>"),
        "pH < 7 & 発熱。"
    );
}

#[test]
fn white_space_of_the_source_is_one_space_and_a_break_is_a_line() {
    assert_eq!(
        text("<p>一行目<br/>二行目\n   続き</p>"),
        "一行目\n二行目 続き"
    );
    assert_eq!(text("<pre>a\n  b</pre>"), "a\n  b");
}

#[test]
fn markup_that_acts_is_not_taken_over() {
    let found =
        div("<script>alert(1)</script><p onclick=\"x()\"><a href=\"javascript:x\">見る</a></p>");
    assert_eq!(found, [Block::Paragraph("見る".to_owned())]);
    // What was escaped stays text, and is escaped again by the page.
    assert_eq!(text("<p>&lt;script&gt;</p>"), "<script>");
}

#[test]
fn a_table_keeps_its_headings_and_every_row_the_same_number_of_cells() {
    let found = div(
        "<table><caption>結果</caption><thead><tr><th>項目</th><th>値</th><th>単位</th></tr></thead>\
         <tbody><tr><th>Na</th><td>140</td></tr><tr><td colspan=\"2\">備考</td></tr></tbody></table>",
    );
    let [Block::Table(table)] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(table.caption, "結果");
    assert_eq!(table.columns, ["項目", "値", "単位"]);
    assert_eq!(table.rows, [["Na", "140", ""], ["備考", "", ""]]);
    assert!(table.has_row_headings);
}

#[test]
fn lists_inside_lists_stay_where_they_are() {
    let found = div("<ol><li>一<ul><li>い</li></ul></li><li>二</li></ol>");
    let [Block::List(list)] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert!(list.is_numbered);
    assert_eq!(list.items.len(), 2);
    let inner = list.items[0].inner.as_ref().expect("inner");
    assert!(!inner.is_numbered);
    assert_eq!(inner.items[0].text, "い");
}

#[test]
fn broken_markup_loses_no_text() {
    assert_eq!(text("<p>体温 < 37"), "体温 < 37");
    assert_eq!(div("<p><b>太字</p>の後").len(), 2);
}

#[test]
fn text_that_turns_the_direction_of_writing_is_set_straight() {
    assert_eq!(
        clean("投与\u{202e}しない\u{202c}\r\n\u{7}次\t"),
        "投与しない\n次"
    );
}

proptest! {
    #[test]
    fn any_input_gives_blocks(input in "\\PC{0,200}") {
        let _ = blocks(&input);
    }

    #[test]
    fn any_mixture_of_tags_gives_blocks_and_keeps_the_words(
        tags in prop::collection::vec(prop::sample::select(vec![
            "<p>", "</p>", "<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<ul>", "</ul>",
            "<li>", "</li>", "<br/>", "<sup>", "</sup>", "<div>", "</div>", "<!-- c -->", "<", ">", "&",
        ]), 0..40)
    ) {
        let inner: String = tags.concat();
        let _ = blocks(&format!("<div>{inner}</div>"));
    }

    #[test]
    fn paragraphs_of_plain_words_come_through_as_they_are(words in prop::collection::vec("[a-zあ-ん一-龠]{1,8}", 1..6)) {
        let inner: String = words.iter().map(|w| format!("<p>{w}</p>")).collect();
        let found = div(&inner);
        let expected: Vec<Block> = words.into_iter().map(Block::Paragraph).collect();
        prop_assert_eq!(found, expected);
    }
}
