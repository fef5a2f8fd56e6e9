//! Both renderings of sheets, judged by what they say and by foreign tools.

mod corpus;
mod narratives;
mod pages;
mod printing;

use crate::sheet::{Block, Digest, Fact, Item, List, Origin, Section, Sheet, Table};

/// A sheet with everything that a sheet can have.
fn everything() -> Sheet {
    let paragraph = |text: &str| Block::Paragraph(text.to_owned());
    let rows: Vec<Vec<String>> = (0..60)
        .map(|nth| {
            vec![
                format!("検査{nth}"),
                format!("{nth}.5 mg/dL"),
                "基準内".to_owned(),
            ]
        })
        .collect();
    Sheet {
        title: "診療情報提供書".to_owned(),
        marks: vec!["版1".to_owned()],
        head: vec![
            Fact::new("紹介先", "みなと病院 循環器内科\n港 太郎 先生"),
            Fact::new("紹介元", "花子クリニック"),
        ],
        patient: vec![
            Fact::new("氏名", "田中 太郎"),
            Fact::new("生年月日", "1950年1月2日"),
        ],
        sections: vec![
            Section {
                heading: "紹介目的".to_owned(),
                blocks: vec![paragraph(
                    "胸部の違和感について、ご高診をお願いいたします。",
                )],
                parts: Vec::new(),
            },
            Section {
                heading: "検査結果".to_owned(),
                blocks: vec![
                    Block::Table(Table {
                        caption: "血液検査".to_owned(),
                        columns: ["項目", "結果", "判定"].map(str::to_owned).to_vec(),
                        has_row_headings: true,
                        rows,
                    }),
                    Block::List(List {
                        is_numbered: true,
                        items: vec![Item {
                            text: "安静".to_owned(),
                            inner: Some(List {
                                is_numbered: false,
                                items: vec![Item {
                                    text: "二週間".to_owned(),
                                    inner: None,
                                }],
                            }),
                        }],
                    }),
                ],
                parts: vec![Section {
                    heading: "所見".to_owned(),
                    blocks: vec![
                        Block::Heading("小見出し".to_owned()),
                        paragraph("異常なし。"),
                    ],
                    parts: Vec::new(),
                }],
            },
        ],
        origin: Origin {
            identifier: "1312345678^2026^A-1".to_owned(),
            version: Some("1".to_owned()),
            digest: Some(Digest::of(b"abc")),
            facts: vec![Fact::new("登録", "2026年5月1日 10:00")],
        },
    }
}
