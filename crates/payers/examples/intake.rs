//! How long a file takes: `cargo run --release -p payers --example intake [LINES]` sends a file
//! of so many insured persons (100,000) through the router to a store on this disk, works it
//! off while asking for the progress as an insurer's system would, and then sends a second file
//! that changes every one of them.
//!
//! The figure to keep: 100,000 in at most 60 seconds.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a program for whoever measures: it says what it saw and stops at what it cannot do"
)]

use std::{
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use kernel::code::InsurerNumber;
use registry::model::FacilityKind;
use testkit::{World, seed, world::As};

const LINES: usize = 100_000;
const INSURER: &str = "06130011";
const HEAD: &str = "change,symbol,number,branch,name,kana,birth_date,sex,post_code,address,from,\
    relation,insured_name,copay,ceiling_class,ceiling_kind,ceiling_from,ceiling_last\n";

/// A given name in katakana that few share.
fn kana(nth: usize) -> String {
    const SYLLABLES: [char; 16] = [
        'ア', 'イ', 'カ', 'キ', 'サ', 'シ', 'タ', 'ナ', 'ニ', 'ハ', 'マ', 'ミ', 'ヤ', 'ユ', 'ラ',
        'リ',
    ];
    let mut rest = nth;
    let mut name = String::new();
    for _ in 0..5 {
        name.extend(SYLLABLES.get(rest % SYLLABLES.len()));
        rest /= SYLLABLES.len();
    }
    name
}

/// Households of four: number, branch and age of line `nth`.
fn line(text: &mut String, change: &str, nth: usize, class: &str) {
    let (household, branch) = (nth / 4, nth % 4);
    let year = if branch < 2 {
        1960 + household % 40
    } else {
        2010 + household % 12
    };
    let relation = if branch == 0 { "1" } else { "2" };
    let (family, given) = (kana(household / 8), kana(nth));
    writeln!(
        text,
        "{change},12,{household},{branch:02},佐藤 花子{nth},{family} {given},{year}-{:02}-{:02},\
         {},1000001,東京都千代田区千代田{}丁目1番1号,2026-04-01,{relation},,3,{class},01,\
         2026-08-01,2027-07-31",
        1 + household % 12,
        1 + nth % 28,
        1 + nth % 2,
        1 + nth % 9,
    )
    .expect("room for a line");
}

fn run(world: &World, system: &As, change: &str, class: &str, lines: usize) {
    let mut text = HEAD.to_owned();
    for nth in 0..lines {
        line(&mut text, change, nth, class);
    }
    let size = text.len();
    let begun = Instant::now();
    let path = format!("/api/v1/insurers/{INSURER}/files");
    let reply = world.send(system, "POST", &path, "text/csv", text.into_bytes());
    assert_eq!(reply.status, 202, "{}", reply.text());
    let taken = begun.elapsed();
    let place = reply.json()["progress"]
        .as_str()
        .expect("an address")
        .to_owned();
    let app = Arc::clone(&world.app);
    let is_done = Arc::new(AtomicBool::new(false));
    let done = Arc::clone(&is_done);
    let job = thread::spawn(move || {
        let outcome = payers::work::round(&app.gate, &|| false);
        done.store(true, Ordering::SeqCst);
        outcome.expect("a round");
    });
    while !is_done.load(Ordering::SeqCst) {
        thread::sleep(Duration::from_secs(2));
        let asked = Instant::now();
        let progress = world.get(system, &place).json();
        let (now, all) = (&progress["lines_done"], &progress["lines"]);
        println!(
            "  {now} of {all} (asked in {} ms)",
            asked.elapsed().as_millis()
        );
    }
    job.join().expect("the job");
    let whole = begun.elapsed();
    let end = world.get(system, &place).json();
    println!(
        "{change}: {lines} lines ({} kB) taken in {} ms, all done after {} ms: {}",
        size / 1000,
        taken.as_millis(),
        whole.as_millis(),
        end
    );
    assert_eq!(end["state"], "done");
    assert_eq!(end["refused"], 0);
}

fn main() {
    let lines = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let lines = lines.unwrap_or(LINES);
    let world = World::new(vec![payers::service()]);
    let home = world.office(FacilityKind::Insurer, 1, "ひかり健康保険組合");
    let owned = home.clone();
    let number = InsurerNumber::from_register(INSURER).expect("a number");
    world.set_up(move |call| seed::insurer(call, number.clone(), &owned.name, Some(owned.id)));
    let system = world.system_with(&home, "tasuki/register");
    run(&world, &system, "acquired", "A03", lines);
    run(&world, &system, "changed", "A04", lines);
}
