//! The benchmark's parts that need no server.

use super::{
    Row, is_chosen, loads, machine,
    row::{self, Floor, Machine},
    server::{Ready, Stats, last_json},
};

#[test]
fn processor_time_is_read_behind_a_name_with_brackets() {
    let stat = "7 (a) b)) S 1 7 7 0 -1 4194304 1 2 3 4 250 50 5 6 20 0 8 0 99 1 1";
    assert_eq!(machine::cpu_us(stat), Some(3_000_000));
    assert_eq!(machine::cpu_us("7 (x) S 1"), None);
    let usage = machine::usage("self").expect("this process");
    assert!(machine::rss_kb("self").expect("this process") > 0);
    assert_eq!(usage.since(&usage), machine::Usage::default());
}

#[test]
fn a_named_number_is_read_from_its_line() {
    let io = "rchar: 1\nread_bytes: 4096\nwrite_bytes: 0\n";
    assert_eq!(machine::field(io, "read_bytes:"), Some(4_096));
    assert_eq!(
        machine::field("VmRSS:\t   12345 kB\n", "VmRSS:"),
        Some(12_345)
    );
    assert_eq!(machine::field(io, "VmRSS:"), None);
}

#[test]
fn the_mean_batch_is_rounded_and_at_least_one() {
    let batch = |commits, operations| {
        Stats {
            commits,
            operations,
        }
        .batch()
    };
    assert_eq!(batch(10, 255), 26);
    assert_eq!(batch(10, 254), 25);
    assert_eq!(batch(10, 0), 1);
    assert_eq!(batch(0, 0), 1);
}

#[test]
fn the_last_line_of_an_output_is_its_result() {
    let stats: Stats =
        last_json(b"hello\n{\"commits\":2,\"operations\":5,\"reruns\":0}\n\n").expect("figures");
    assert_eq!((stats.commits, stats.operations), (2, 5));
    assert!(last_json::<Stats>(b"").is_err());
    assert!(last_json::<Stats>(b"hello").is_err());
}

#[test]
fn a_server_says_all_that_is_needed_when_it_is_ready() {
    let ready: Ready = last_json(
        br#"{"base":"http://127.0.0.1:8080","pid":7,"people":1000,"seed_seconds":1.5,
            "first_page_ms":80.25,"rss_mb_idle":30.5,"client":"c","client_key":"k",
            "staff_cookie":"tasuki_session=s","cards":10,"numbers_file":"/n","cards_file":"/c",
            "visits_file":"/v","bundles_file":"/b"}"#
            .map(|byte| if byte == b'\n' { b' ' } else { byte })
            .as_slice(),
    )
    .expect("ready");
    assert_eq!(
        ready.address().expect("an address").to_string(),
        "127.0.0.1:8080"
    );
}

#[test]
fn a_line_of_five_fields_is_an_insured_person() {
    let insured = loads::insured("06139463,12,345,01,1980-04-01").expect("a line");
    assert_eq!(
        (insured.symbol, insured.branch, insured.birth_date),
        ("12", "01", "1980-04-01")
    );
    let no_symbol = loads::insured("06139463,,345,01,1980-04-01").expect("a line");
    assert_eq!(no_symbol.symbol, "");
    assert!(loads::insured("06139463,12,345").is_none());
    assert!(loads::insured("1,2,3,4,5,6").is_none());
}

#[test]
fn loads_are_chosen_by_a_part_of_their_name() {
    let only = ["card".to_owned()];
    assert!(is_chosen("eligibility-card", &only));
    assert!(!is_chosen("summary", &only));
    assert!(is_chosen("summary", &[]));
}

fn row() -> Row {
    Row {
        name: "eligibility-number",
        people: 1_000,
        connections: 64,
        calls: 50_000,
        errors: 1,
        wrong: Some("422 TSK-ELG-001".to_owned()),
        calls_per_s: 5_000,
        full_p99_us: 20_000,
        rate: 500,
        p50_us: 1_500,
        p99_us: 9_250,
        max_us: 30_000,
        floor: Some(Floor {
            floor_per_s: 8_000.4,
            batch1_per_s: 150.6,
            wal_bytes_per_call: 12_000.0,
        }),
        stats: Stats {
            commits: 10,
            operations: 250,
        },
        cpu_us: 12_500_250,
        generator_cpu_us: 1_000_020,
        read_bytes: 0,
        answered: 50_001,
        rss_kb: 204_800,
        resources_per_s: None,
    }
}

#[test]
fn a_row_is_told_in_the_words_of_the_design() {
    let json = row().json();
    for (name, value) in [
        ("people", 1_000.0),
        ("calls_per_s", 5_000.0),
        ("p50_ms", 1.5),
        ("p99_ms", 9.25),
        ("floor_per_s", 8_000.0),
        ("ratio", 0.625),
        ("cpu_us_per_call", 250.0),
        ("rss_mb", 200.0),
    ] {
        assert_eq!(json[name].as_f64(), Some(value), "{name}");
    }
    assert_eq!(json["name"], "eligibility-number");
    let mut without = row();
    without.floor = None;
    assert!(without.json()["ratio"].is_null());
}

#[test]
fn the_table_has_a_line_for_each_load_and_says_what_went_wrong() {
    let machine = Machine {
        people: 1_000,
        seed_seconds: 1.0,
        first_page_ms: 80.0,
        rss_mb_idle: 30.0,
        fsync_us: 1_250,
        folder_bytes: 5_000_000,
    };
    let table = row::table(&machine.line(), &[row()]);
    assert!(table.contains("1000 people (5000 bytes each)"), "{table}");
    assert!(table.contains("fsync 1.25 ms"), "{table}");
    assert!(table.contains("0.62"), "{table}");
    assert!(table.ends_with("the first wrong answer was 422 TSK-ELG-001\n"));
    let mut registered = row();
    registered.resources_per_s = Some(1_234);
    let told = row::table(&machine.line(), &[registered]);
    assert!(told.contains("1234 resources a second"), "{told}");
    let widths: Vec<usize> = table.lines().skip(2).take(2).map(str::len).collect();
    assert_eq!(widths.first(), widths.last());
    assert_eq!(machine.json()["bytes_per_person"], 5_000);
}
