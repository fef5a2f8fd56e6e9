//! One's own documents: listed, read without what was not told, their files taken.

use testkit::{
    population::{
        clins::{
            Author,
            letters::{File, Measured, Paper},
        },
        demo,
    },
    world::As,
};

use super::walk::Town;

const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

/// Registers a referral of the town's person; its page.
fn letter(town: &Town, serial: &str, is_plain: bool) -> String {
    let to = ("1310000017", "みなと総合病院");
    if serial == "P1" {
        let _addressee = town.world.facility(to.0, to.1);
    }
    let hospital = demo::hospital();
    let paper = Paper {
        life: &town.life,
        author: Author::of(&hospital).expect("a doctor"),
        serial,
        version: "1",
        sent: town.world.app.gate.now(),
    };
    let file = File {
        content_type: "image/png",
        title: "胸部写真",
        base64: PNG,
    };
    let mut json = paper.referral(to, &[file]).expect("an insured person");
    if is_plain {
        for entry in json["entry"].as_array_mut().expect("entries") {
            if let Some(meta) = entry["resource"]["meta"].as_object_mut() {
                meta.remove("tag");
            }
        }
    }
    let system = town.world.system(&town.hospital);
    let bytes = serde_json::to_vec(&json).expect("JSON");
    let sent = town
        .world
        .post_fhir(&system, "/fhir/Bundle/$register", &bytes);
    assert_eq!(sent.status, 201, "{}", sent.text());
    let id = sent
        .header("location")
        .rsplit('/')
        .next()
        .expect("an identifier")
        .to_owned();
    format!("/portal/documents/{id}")
}

#[test]
fn a_person_reads_their_documents_and_takes_the_files_out() {
    let town = Town::new();
    let me = town.log_in();
    let empty = town.world.get(&me, "/portal/documents").text();
    assert!(empty.contains("文書はありません"));
    let page = letter(&town, "P1", true);
    let list = town.world.get(&me, "/portal/documents").text();
    for words in [
        "診療情報提供書",
        "みなと総合病院",
        "同意待ち",
        page.as_str(),
    ] {
        assert!(list.contains(words), "{words}");
    }
    let read = town.world.get(&me, &page);
    assert_eq!(read.status, 200, "{}", read.text());
    for words in ["精査と加療をお願いします。", "胸部写真", "ためし錠5mg"] {
        assert!(read.text().contains(words), "{words}");
    }
    let file = town.world.get(&me, &format!("{page}/files/1"));
    assert_eq!(
        (file.status, file.header("content-type")),
        (200, "image/png")
    );
    assert!(file.header("content-disposition").starts_with("attachment"));
    assert!(file.header("content-security-policy").contains("sandbox"));
    assert_eq!(town.world.get(&me, &format!("{page}/files/2")).status, 404);
    let history = town.world.get(&me, "/portal/history").text();
    assert!(history.contains("わたしの文書の閲覧"));
    assert!(
        town.world
            .get(&me, "/portal/record")
            .text()
            .contains("/portal/documents")
    );
}

#[test]
fn what_was_not_told_is_not_in_the_document_either() {
    let town = Town::new();
    let me = town.log_in();
    let hidden: Vec<&str> = (town.life.conditions.iter())
        .filter(|condition| condition.uninformed)
        .map(|condition| condition.disease.name)
        .collect();
    assert!(!hidden.is_empty(), "the story has such a condition");
    let page = letter(&town, "P1", false);
    for path in ["/portal/documents", page.as_str()] {
        let text = town.world.get(&me, path).text();
        for name in &hidden {
            assert!(!text.contains(name), "{name} shows at {path}");
        }
        assert!(!text.contains("未告知"), "{path}");
    }
    assert_eq!(town.world.get(&me, &format!("{page}/files/1")).status, 404);
}

#[test]
fn nobody_else_reads_them_and_another_persons_document_is_absent() {
    let town = Town::new();
    let page = letter(&town, "P1", true);
    let other = demo::family(town.world.app.gate.now().jst_date())
        .pop()
        .expect("a family");
    let other = town.world.patient(town.world.person(&other));
    let absent = format!("/portal/documents/{}", "0".repeat(32));
    let essence = |path: &str| {
        let reply = town.world.get(&other, path);
        (reply.status, reply.code())
    };
    assert_eq!(essence(&page), essence(&absent));
    assert_eq!(essence(&page), (404, "TSK-REC-040".to_owned()));
    assert_eq!(town.world.get(&As::Nobody, &page).status, 303);
}

#[test]
fn a_checkup_stands_beside_the_last_one_and_the_one_before() {
    let town = Town::new();
    let me = town.log_in();
    let hospital = demo::hospital();
    let system = town.world.system(&town.hospital);
    let mut newest = String::new();
    for value in ["121", "126", "134", "142"] {
        let paper = Paper {
            life: &town.life,
            author: Author::of(&hospital).expect("a doctor"),
            serial: &format!("K{value}"),
            version: "1",
            sent: town.world.app.gate.now(),
        };
        let pressure = Measured {
            code: "9A751000000000001",
            name: "収縮期血圧(1回目)",
            value,
            unit: ("mmHg", "mm[Hg]"),
            judged: Some(("90", "129", "N")),
        };
        let json = paper.checkup_of(&[pressure]).expect("an insured person");
        let bytes = serde_json::to_vec(&json).expect("JSON");
        let sent = town
            .world
            .post_fhir(&system, "/fhir/Bundle/$register", &bytes);
        assert_eq!(sent.status, 201, "{}", sent.text());
        sent.header("location").clone_into(&mut newest);
        town.world.clock.advance(60);
    }
    let id = newest.rsplit('/').next().expect("an identifier");
    let page = town.world.get(&me, &format!("/portal/documents/{id}"));
    let page = page.text();
    let at = |words: &str| {
        let (before, _) = page
            .split_once(words)
            .unwrap_or_else(|| panic!("{words}: {page}"));
        before.len()
    };
    let order = [
        "今回</th>",
        "判定</th>",
        "前回<br>",
        "前々回<br>",
        "（mmHg）</th>",
        "<td>142</td>",
        "<td>134</td>",
        "<td>126</td>",
    ];
    let places: Vec<usize> = order.iter().map(|words| at(words)).collect();
    assert!(places.is_sorted(), "{places:?}: {page}");
    assert!(!page.contains("<td>121"), "only the last two: {page}");
}
