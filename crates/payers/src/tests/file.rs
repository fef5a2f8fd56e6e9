//! Files: taken in, worked off, read back.

use serde_json::json;

use super::*;
use crate::{csv, work};

const HEAD: &str =
    "change,symbol,number,branch,name,kana,birth_date,sex,from,relation,copay,until,loss_reason";

/// Each has a date of birth of their own: nobody looks like anybody else.
fn birth(number: i32) -> String {
    day("1985-06-15").plus_days(number).to_string()
}

fn acquired(number: i32) -> String {
    let birth = birth(number);
    format!("acquired,12,{number},00,佐藤 花子,サトウ ハナコ,{birth},2,2026-04-01,1,3,,")
}

fn lost(number: i32, until: &str) -> String {
    let birth = birth(number);
    format!("lost,12,{number},00,,,{birth},,,,,{until},03")
}

impl Town {
    fn send_file(&self, text: &[u8]) -> Reply {
        let path = format!("/api/v1/insurers/{UNION}/files");
        self.world
            .send(&self.union_system, "POST", &path, "text/csv", text.to_vec())
    }

    fn work(&self) {
        let gate = &self.world.app.gate;
        while work::round(gate, &|| false).expect("a round") {}
    }

    /// The address of the file that was taken in.
    fn taken(&self, text: &str) -> String {
        let reply = self.send_file(text.as_bytes());
        assert_eq!(reply.status, 202, "{}", reply.text());
        reply.json()["progress"]
            .as_str()
            .expect("an address")
            .to_owned()
    }

    fn get(&self, path: &str) -> Value {
        let reply = self.world.get(&self.union_system, path);
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()
    }

    /// Line, result and codes of each line.
    fn results(&self, file: &str) -> Vec<(i64, String, Vec<String>)> {
        let all = self.get(&format!("{file}/results"));
        let all = all["results"].as_array().expect("a list").clone();
        all.iter()
            .map(|one| {
                let found = one["findings"].as_array().expect("a list").iter();
                let codes = found.filter_map(|f| f["code"].as_str().map(str::to_owned));
                (
                    one["line"].as_i64().expect("a number"),
                    one["result"].as_str().expect("a word").to_owned(),
                    codes.collect(),
                )
            })
            .collect()
    }
}

#[test]
fn every_line_gets_its_result_and_a_wrong_one_spoils_no_other() {
    let town = town();
    let lines = [
        HEAD.to_owned(),
        acquired(1),
        "acquired,12,2,00,開いた引用符,\"サトウ,1985-06-15,2,2026-04-01,1,3,,".to_owned(),
        acquired(3),
        String::new(),
        acquired(4).replace(&birth(4), "1985-13-15"),
        lost(1, "2026-10-01"),
        lost(99, "2026-10-01"),
        acquired(3),
    ];
    let file = town.taken(&lines.join("\r\n"));
    let before = town.get(&file);
    assert_eq!(
        (&before["state"], &before["lines"]),
        (&json!("waiting"), &json!(7))
    );
    assert_eq!(before["lines_done"], 0);
    town.work();
    let line = |number: i64, word: &str, codes: &[&str]| {
        let codes = codes.iter().map(|code| (*code).to_owned()).collect();
        (number, word.to_owned(), codes)
    };
    let expected: Vec<(i64, String, Vec<String>)> = vec![
        line(2, "accepted", &[]),
        line(3, "refused", &["TSK-PAY-018"]),
        line(4, "accepted", &[]),
        line(6, "refused", &["TSK-PAY-014"]),
        line(7, "accepted", &[]),
        line(8, "refused", &["TSK-PAY-003"]),
        line(9, "unchanged", &[]),
    ];
    assert_eq!(town.results(&file), expected);
    let after = town.get(&file);
    assert_eq!(after["state"], "done");
    let counts = ["lines_done", "accepted", "warned", "unchanged", "refused"];
    let counts = counts.map(|name| after[name].as_i64().expect("a count"));
    assert_eq!(counts, [7, 3, 0, 1, 3]);
    let refused = town.get(&format!("{file}/results?only=refused&count=2"));
    assert_eq!(refused["results"].as_array().map(Vec::len), Some(2));
    assert_eq!(refused["next_after"], 6);
}

#[test]
fn lines_of_one_household_are_done_in_the_order_of_the_file() {
    let town = town();
    let mut lines = vec![HEAD.to_owned()];
    for number in 0..40 {
        lines.push(acquired(number));
        lines.push(lost(number, "2026-05-01"));
    }
    // And once more, far from the first.
    for number in 0..40 {
        let again = acquired(number).replace("2026-04-01", "2026-05-01");
        lines.push(again);
    }
    let file = town.taken(&lines.join("\n"));
    town.work();
    let after = town.get(&file);
    assert_eq!(
        (&after["accepted"], &after["refused"]),
        (&json!(120), &json!(0))
    );
}

#[test]
fn a_file_that_was_cut_off_in_its_work_goes_on_behind_what_is_done() {
    let town = town();
    let lines: Vec<String> = (0..600).map(acquired).collect();
    let file = town.taken(&format!("{HEAD}\n{}", lines.join("\n")));
    // Stopped before the second part.
    let looks = std::cell::Cell::new(0);
    let is_stopping = || {
        looks.set(looks.get() + 1);
        looks.get() > 1
    };
    assert!(work::round(&town.world.app.gate, &is_stopping).expect("a round"));
    let half = town.get(&file);
    assert_eq!(half["state"], "waiting");
    assert_eq!(half["lines_done"], 256);
    town.work();
    let whole = town.get(&file);
    assert_eq!(
        (&whole["state"], &whole["accepted"]),
        (&json!("done"), &json!(600))
    );
    assert_eq!(whole["unchanged"], 0);
}

#[test]
fn the_same_file_sent_again_while_it_waits_is_the_same_file() {
    let town = town();
    let text = format!("{HEAD}\n{}", acquired(1));
    assert_eq!(town.taken(&text), town.taken(&text));
    town.work();
    let again = town.taken(&text);
    town.work();
    assert_eq!(town.get(&again)["unchanged"], 1);
}

#[test]
fn a_file_without_lines_says_that_nothing_changed_and_that_the_insurer_has_loaded() {
    let town = town();
    town.world.clock.advance(48 * 3_600);
    let file = town.taken(HEAD);
    let overdue = |town: &Town| town.get("/api/v1/insurers")["insurers"][0]["is_overdue"].clone();
    assert_eq!(overdue(&town), true);
    town.work();
    assert_eq!(town.get(&file)["state"], "done");
    assert_eq!(overdue(&town), false);
}

#[test]
fn shift_jis_and_japanese_names_of_items_are_read() {
    let town = town();
    let head = "異動区分,記号,番号,枝番,氏名,カナ氏名,生年月日,性別,資格取得年月日,本人・家族の別,負担割合";
    let line = "取得,１２,３４５６,0,髙橋 ～花子,\"タカハシ ハナコ\",19850615,2,20260401,本人,3";
    let text = format!("{head}\r\n{line}\r\n");
    let (bytes, _, failed) = encoding_rs::SHIFT_JIS.encode(&text);
    assert!(!failed);
    let reply = town.send_file(&bytes);
    assert_eq!(reply.status, 202, "{}", reply.text());
    town.work();
    assert_eq!(town.held(UNION, "3456").0.name, "髙橋 ～花子");
}

#[test]
fn a_character_that_cannot_be_read_is_found_in_its_line() {
    let town = town();
    let mut bytes = encoding_rs::SHIFT_JIS
        .encode(&format!("{HEAD}\n{}\n", acquired(1)))
        .0
        .into_owned();
    let second = encoding_rs::SHIFT_JIS.encode(&acquired(2)).0.into_owned();
    let kana = encoding_rs::SHIFT_JIS.encode("サトウ").0.into_owned();
    let at = second
        .windows(kana.len())
        .position(|w| w == kana)
        .expect("kana");
    let mut broken = second;
    broken[at] = 0xfd;
    bytes.extend(broken);
    let reply = town.send_file(&bytes);
    let file = reply.json()["progress"]
        .as_str()
        .expect("an address")
        .to_owned();
    town.work();
    let results = town.results(&file);
    assert_eq!(results[0].1, "accepted");
    assert_eq!(
        (&results[1].1, &results[1].2[0]),
        (&"refused".to_owned(), &"TSK-PAY-017".to_owned())
    );
}

#[test]
fn a_file_that_cannot_be_one_is_refused_as_a_whole() {
    let town = town();
    assert_eq!(town.send_file(b"").code(), "TSK-PAY-050");
    assert_eq!(town.send_file(b"\n \n").code(), "TSK-PAY-050");
    let unknown = town.send_file(b"change,number,birth_date,prefecture\n");
    assert_eq!(unknown.code(), "TSK-PAY-051");
    assert_eq!(unknown.json()["findings"][0]["found"], "prefecture");
    assert_eq!(
        town.send_file(b"change,number\n").json()["findings"][0]["found"],
        "birth_date"
    );
    assert_eq!(
        town.send_file(b"change,number,birth_date,change\n").status,
        422
    );
    let long = format!("{HEAD}\n{}", "x\n".repeat(csv::LINES_MAX + 1));
    assert_eq!(town.send_file(long.as_bytes()).code(), "TSK-PAY-052");
    let path = format!("/api/v1/insurers/{UNION}/files");
    let json = town.world.post(&town.union_system, &path, &json!({}));
    assert_eq!(json.status, 415);
    let foreign = format!("/api/v1/insurers/{KYOKAI}/files");
    let reply = town.world.send(
        &town.union_system,
        "POST",
        &foreign,
        "text/csv",
        HEAD.into(),
    );
    assert_eq!(reply.code(), "TSK-PAY-001");
}

#[test]
fn a_file_and_its_results_are_the_facilitys_own() {
    let town = town();
    let file = town.taken(&format!("{HEAD}\n{}", acquired(1)));
    town.work();
    let foreign = file.replace(UNION, KYOKAI);
    let reply = town.world.get(&town.kyokai_system, &foreign);
    assert_eq!(
        (reply.status, reply.code()),
        (404, "TSK-PAY-053".to_owned())
    );
    let reply = town
        .world
        .get(&town.kyokai_system, &format!("{foreign}/results"));
    assert_eq!(reply.code(), "TSK-PAY-053");
    assert_eq!(
        town.world.get(&town.kyokai_system, &file).code(),
        "TSK-PAY-001"
    );
}

#[test]
fn each_line_stands_in_the_persons_history_in_the_senders_name() {
    let town = town();
    town.taken(&format!("{HEAD}\n{}", acquired(1)));
    town.work();
    let Found::One(person) = town.found(UNION, "1", "00") else {
        panic!("nobody");
    };
    let history = town.world.set_up(move |call| {
        call.open(person)?;
        Ok(call.history(store::audit::Subject::Person(person), i64::MAX, 10)?)
    });
    let lines = history
        .iter()
        .filter(|one| one.record.event == "intake.line");
    let lines: Vec<String> = lines
        .map(|one| serde_json::to_string(&one.record).expect("a record"))
        .collect();
    assert_eq!(lines.len(), 1);
    assert!(
        lines[0].contains("\"g\":\"ひかり健康保険組合\""),
        "{}",
        lines[0]
    );
}

#[test]
fn results_are_saved_as_a_sheet_and_kept_for_ninety_days() {
    let town = town();
    let file = town.taken(&format!("{HEAD}\n{}\n=cmd,2\n", acquired(1)));
    town.work();
    let sheet = town
        .world
        .get(&town.union_system, &format!("{file}/results.csv"));
    let text = sheet.text();
    assert!(text.starts_with("\u{feff}\"行\",\"結果\""), "{text}");
    assert_eq!(text.lines().count(), 3);
    assert!(text.contains("TSK-PAY-018"));
    town.world.clock.advance(91 * 24 * 3_600);
    town.work();
    let gone = town.world.get(&town.union_system, &file);
    assert_eq!(gone.code(), "TSK-PAY-053");
    // What it did stays.
    assert_eq!(town.held(UNION, "1").1.len(), 1);
}

#[test]
fn cells_are_read_as_they_were_written() {
    let cases: &[(&str, Option<&[&str]>)] = &[
        ("a,b", Some(&["a", "b"])),
        ("", Some(&[""])),
        ("a,", Some(&["a", ""])),
        ("\"a,b\",c", Some(&["a,b", "c"])),
        ("\"a\"\"b\"", Some(&["a\"b"])),
        ("\"\",x", Some(&["", "x"])),
        ("\"a", None),
        ("a\"b", None),
        ("\"a\"b", None),
    ];
    for (line, cells) in cases {
        let read = csv::cells(line);
        let read: Option<Vec<&str>> = read
            .as_ref()
            .map(|all| all.iter().map(String::as_str).collect());
        assert_eq!(read.as_deref(), *cells, "{line}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        failure_persistence: None, ..proptest::prelude::ProptestConfig::default()
    })]

    /// What was written cell by cell is read back as it was.
    #[test]
    fn any_cells_come_back(cells in proptest::collection::vec("[^=+\\-@\\t\\r\\n＝＋－＠][^\\r\\n]{0,12}", 1..6)) {
        let line: Vec<String> = cells.iter().map(|text| csv::cell(text)).collect();
        proptest::prop_assert_eq!(csv::cells(&line.join(",")), Some(cells));
    }
}
