//! The operator's part of the register: whose number it is, and the masters.

use std::fs;

use super::operator::{Folder, Program, tasuki};

const TOWN: &str = "1390000014";
const NUMBER: &str = "54136015";
const HEADING: &str = "file,pref_no,sheet,保険番号";

fn founded(data: &str) {
    tasuki(&[
        "facility",
        "found",
        "--data",
        data,
        "--code",
        TOWN,
        "--name",
        "みどり市",
        "--kind",
        "municipality",
        "--administrator",
        "佐藤 花子:hanako",
        "--administrator",
        "鈴木 一郎:ichiro",
    ])
    .well();
}

fn put<'a>(data: &'a str, number: &'a str, facility: &'a str) -> super::operator::Told {
    let words = ["insurer", "put", "--data", data, "--number", number];
    let more = ["--name", "難病", "--facility", facility];
    tasuki(&[&words[..], &more].concat())
}

#[test]
fn a_number_is_given_to_a_facility_that_is_there_while_the_program_serves_and_before() {
    let folder = Folder::new("register");
    let data = folder.at("data");
    founded(&data);
    put(&data, "54136016", TOWN).refused(&["check digit"]);
    put(&data, NUMBER, "1390000022").refused(&["tasuki facility found"]);
    let list = ["insurer", "list", "--data", &data, "--facility", TOWN];
    assert!(!tasuki(&list).well().contains(NUMBER));
    let program = Program::serve(&data, &[]);
    put(&data, NUMBER, TOWN).well();
    program.stop();
    let told = tasuki(&list).well();
    assert!(told.contains(NUMBER) && told.contains("難病"), "{told}");
}

#[test]
fn a_masters_file_is_taken_with_each_line_that_could_not_be_and_a_useless_one_changes_nothing() {
    let folder = Folder::new("masters");
    let data = folder.at("data");
    founded(&data);
    let file = folder.at("table.csv");
    let good =
        "x,13,s,180,80,名,7,0,2,2,3,0-15,10,2,0,0,0,1,10,0,0,0,0,14000,0,0,0,2,0,0,0,0,0,0,0,0,1,";
    let bad = good.replace("0-15", "15-0");
    fs::write(&file, format!("{HEADING}\n{good}\n{bad}\n")).expect("written");
    let day = ["--day", "2026-04-01"];
    let import = |file: &str| {
        let words = ["masters", "import", "--data", &data, "local-subsidy", file];
        tasuki(&[&words[..], &day].concat())
    };
    let told = import(&file).well();
    assert!(
        told.contains("3行 12列「15-0」") && told.contains("1行("),
        "{told}"
    );
    fs::write(&file, "nothing\n1,2\n").expect("written");
    import(&file).refused(&["no line can be taken"]);
    import(&folder.at("absent.csv")).refused(&["is not there"]);
    let list = tasuki(&["masters", "list", "--data", &data]).well();
    assert_eq!(
        list.matches("local-subsidy 2026-04-01 1行").count(),
        1,
        "{list}"
    );
}
