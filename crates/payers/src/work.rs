//! The job that works files off: some lines at a time, many operations under way at once, in
//! the order of the file for each household. It may be cut off anywhere: each line's result is
//! written with the line's change, and the next round begins behind what is there.
//!
//! Every line is done in the name of whoever sent the file, so that a person's history says
//! which insurer it was.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use access::Gate;
use kernel::Refusal;
use registry::{model::Insurer, ops as people};
use store::{
    Pending, Stop,
    caller::{Caller, Event, Purpose},
};

use crate::{
    csv, errors,
    model::{File, Found, LineResult, Outcome},
    ops::file as ops,
    store::file as table,
    wire::WireChange,
};

/// Audit event of a line of a file, in the history of the person that it is about.
pub static LINE: Event = Event {
    code: "intake.line",
    ja: "資格の登録(保険者のファイル)",
    en: "coverage loaded by the insurer's file",
};
static END: Event = Event {
    code: "intake.end",
    ja: "資格ファイルの処理の完了",
    en: "an insurer's file was worked off",
};
static SWEEP: Event = Event {
    code: "intake.sweep",
    ja: "古い資格ファイルの結果の削除",
    en: "results of old files removed",
};

/// Lines of one part of a file, as it is put away.
pub(crate) const PART_LINES: usize = 256;
/// Lines of one household in one operation.
const GROUP_LINES_MAX: usize = 16;
/// Lines under way at once: enough that a commit is worth its while, few enough that a
/// counter's check behind them does not wait noticeably.
const AHEAD_LINES: usize = 96;
/// Hours for which a file's results are kept: 90 days.
const KEEP_HOURS: i64 = 90 * 24;

/// Works off the file whose turn it is, if there is one, until it is done or `is_stopping`;
/// removes one file that is old. Was there anything to do?
///
/// # Errors
/// The store's; what was done stays done.
pub fn round(gate: &Gate, is_stopping: &dyn Fn() -> bool) -> Result<bool, Stop> {
    let before = gate.now().plus_hours(-KEEP_HOURS);
    let (next, old) = gate
        .look_up(move |call| Ok((table::next(call)?, table::old(call, before)?)))
        .wait()?;
    if let Some(old) = &old {
        let old = old.clone();
        let intent = gate.job_intent("intake", &SWEEP);
        gate.write(intent, move |call| Ok(table::remove(call, &old)?))
            .wait()?;
    }
    let Some(file) = next else {
        return Ok(old.is_some());
    };
    let shared = Arc::new(file);
    let file = Arc::clone(&shared);
    let (sender, own) = gate
        .look_up(move |call| {
            let sender = table::sender(call, &file)?;
            Ok((sender, people::insurer(call, &file.insurer)?))
        })
        .wait()?;
    let file = shared;
    let own = own.filter(|own| own.home == Some(file.facility));
    let mut ahead = Ahead {
        gate,
        sender,
        file: Arc::clone(&file),
        own: own.map(Arc::new),
        waiting: VecDeque::new(),
        keys: BTreeMap::new(),
        lines: 0,
    };
    let worked = parts(&mut ahead, is_stopping);
    // Whatever is under way ends before anybody looks again what is done.
    let settled = ahead.settle();
    if !worked? {
        return Ok(true);
    }
    settled?;
    let intent = gate.intent(ahead.sender.clone(), Purpose::Intake, &END);
    gate.write(intent, move |call| ops::finish(call, &file))
        .wait()?;
    Ok(true)
}

/// `false` when it was stopped.
fn parts(ahead: &mut Ahead<'_>, is_stopping: &dyn Fn() -> bool) -> Result<bool, Stop> {
    for number in 0.. {
        if is_stopping() {
            return Ok(false);
        }
        let file = Arc::clone(&ahead.file);
        let part = ahead
            .gate
            .look_up(move |call| {
                let Some(text) = table::part(call, &file, number)? else {
                    return Ok(None);
                };
                let all = numbered(&text);
                let lines = all.iter().map(|(line, _)| *line);
                let (first, last) = (lines.clone().min(), lines.max());
                let span = (first.unwrap_or(0) - 1, last.unwrap_or(0));
                let done = table::lines_done(call, &file, span.0, span.1)?;
                Ok(Some((text, done)))
            })
            .wait()?;
        let Some((text, done)) = part else {
            return Ok(true);
        };
        let done: BTreeSet<i64> = done.into_iter().collect();
        let places = text.lines().next().map(csv::places);
        let places = places.transpose().map_err(Stop::Refused)?;
        let places = places.unwrap_or_default();
        let lines = numbered(&text);
        let lines = lines.into_iter().filter(|(line, _)| !done.contains(line));
        let read = lines.map(|(line, text)| (line, ahead.read(&places, text)));
        for group in groups(read.collect()) {
            ahead.push(group)?;
        }
    }
    Ok(true)
}

/// A part as it is put away: the file's first line, then each line behind its number.
pub(crate) fn part_text(head: &str, lines: &[(i64, &str)]) -> String {
    let mut text = head.to_owned();
    for (number, line) in lines {
        text.push_str(&format!("\n{number}\t{line}"));
    }
    text
}

fn numbered(part: &str) -> Vec<(i64, &str)> {
    let lines = part.lines().skip(1);
    let numbered = lines.filter_map(|line| line.split_once('\t'));
    numbered
        .filter_map(|(number, line)| Some((number.parse().ok()?, line)))
        .collect()
}

/// Lines that stand one behind the other and are of one household.
fn groups(lines: Vec<ops::Read>) -> Vec<Vec<ops::Read>> {
    let mut groups: Vec<Vec<ops::Read>> = Vec::new();
    for line in lines {
        match groups.last_mut() {
            Some(group)
                if group.len() < GROUP_LINES_MAX
                    && group.last().map(household) == Some(household(&line)) =>
            {
                group.push(line);
            }
            _ => groups.push(vec![line]),
        }
    }
    groups
}

fn household(line: &ops::Read) -> Option<(&str, &str)> {
    let key = &line.1.as_ref().ok()?.key;
    Some((key.symbol.as_str(), key.number.as_str()))
}

/// What two groups must not have in common to be under way at once.
fn keys(group: &[ops::Read]) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for change in group.iter().filter_map(|line| line.1.as_ref().ok()) {
        for key in [Some(&change.key), change.old_key.as_ref()]
            .into_iter()
            .flatten()
        {
            keys.insert(format!("{}:{}", key.symbol.as_str(), key.number.as_str()));
        }
        if let Some((insurer, key)) = &change.previous {
            let (symbol, number) = (key.symbol.as_str(), key.number.as_str());
            keys.insert(format!("{}:{symbol}:{number}", insurer.as_str()));
        }
        if let Some(reference) = change.reference {
            keys.insert(reference.to_hex());
        }
    }
    keys
}

/// A group under way.
struct UnderWay {
    group: Arc<Vec<ops::Read>>,
    keys: BTreeSet<String>,
    pending: Pending<()>,
}

/// Keeps a bounded number of operations under way.
struct Ahead<'g> {
    gate: &'g Gate,
    sender: Caller,
    file: Arc<File>,
    own: Option<Arc<Insurer>>,
    waiting: VecDeque<UnderWay>,
    keys: BTreeMap<String, usize>,
    /// Lines under way.
    lines: usize,
}

impl Ahead<'_> {
    fn read(&self, places: &[usize], text: &str) -> Result<crate::model::Change, Vec<Found>> {
        let one = |entry| {
            vec![Found {
                entry,
                path: "",
                found: String::new(),
            }]
        };
        // The insurer was taken from the facility since the file came.
        let own = self.own.as_ref().ok_or_else(|| one(&errors::NOT_OWN))?;
        let cells = csv::cells(text).filter(|cells| cells.len() == places.len());
        let cells = cells.ok_or_else(|| one(&errors::COLUMNS))?;
        WireChange::from_cells(places, cells.into_iter()).parse(&own.number)
    }

    fn push(&mut self, group: Vec<ops::Read>) -> Result<(), Stop> {
        let keys = keys(&group);
        while self.lines >= AHEAD_LINES || keys.iter().any(|key| self.keys.contains_key(key)) {
            self.next()?;
        }
        self.lines += group.len();
        for key in &keys {
            *self.keys.entry(key.clone()).or_default() += 1;
        }
        let group = Arc::new(group);
        let pending = self.begin(Arc::clone(&group));
        self.waiting.push_back(UnderWay {
            group,
            keys,
            pending,
        });
        Ok(())
    }

    fn begin(&self, group: Arc<Vec<ops::Read>>) -> Pending<()> {
        let (file, own) = (Arc::clone(&self.file), self.own.clone());
        let intent = self
            .gate
            .intent(self.sender.clone(), Purpose::Intake, &LINE);
        self.gate.write(intent, move |call| match &own {
            Some(own) => ops::work(call, &file, own, &group),
            None => refuse(call, &file, &group, &errors::NOT_OWN),
        })
    }

    /// Waits for the operation that was begun first; does nothing when there is none.
    fn next(&mut self) -> Result<(), Stop> {
        let Some(first) = self.waiting.pop_front() else {
            return Ok(());
        };
        self.lines -= first.group.len();
        for key in first.keys {
            if let Some(count) = self.keys.get_mut(&key) {
                *count -= 1;
                if *count == 0 {
                    self.keys.remove(&key);
                }
            }
        }
        match first.pending.wait() {
            Err(Stop::Refused(refusal)) if is_of_the_line(&refusal) => {
                self.one_by_one(&first.group)
            }
            other => other,
        }
    }

    /// A group that was refused as a whole: each line by itself, so that the one that is
    /// refused spoils no other.
    fn one_by_one(&self, group: &[ops::Read]) -> Result<(), Stop> {
        for line in group {
            let alone = Arc::new(vec![line.clone()]);
            match self.begin(Arc::clone(&alone)).wait() {
                Err(Stop::Refused(refusal)) if is_of_the_line(&refusal) => {
                    let intent = self
                        .gate
                        .intent(self.sender.clone(), Purpose::Intake, &LINE);
                    let (file, entry) = (Arc::clone(&self.file), refusal.entry);
                    self.gate
                        .write(intent, move |call| refuse(call, &file, &alone, entry))
                        .wait()?;
                }
                other => other?,
            }
        }
        Ok(())
    }

    fn settle(&mut self) -> Result<(), Stop> {
        let mut outcome = Ok(());
        while !self.waiting.is_empty() {
            outcome = outcome.and(self.next());
        }
        outcome
    }
}

/// Is it the line's fault, and not that of a store that is full or away?
const fn is_of_the_line(refusal: &Refusal) -> bool {
    refusal.entry.status < 500 && refusal.entry.status != 429
}

fn refuse(
    call: &store::Call<'_>,
    file: &File,
    group: &[ops::Read],
    entry: &'static kernel::Entry,
) -> Result<(), Stop> {
    for (line, _) in group {
        let outcome = Outcome {
            result: LineResult::Refused,
            reference: None,
            found: vec![Found {
                entry,
                path: "",
                found: String::new(),
            }],
        };
        table::put_line(call, file, *line, &outcome)?;
    }
    Ok(())
}
