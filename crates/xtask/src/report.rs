//! Counting: what libtest's output says, and the sum over all stages.

use std::collections::BTreeMap;

/// How a stage ended.
#[derive(Debug)]
pub enum Verdict {
    /// It held.
    Passed,
    /// It did not; the text says why.
    Failed(String),
    /// Its parts are in the sum already: how many of them failed.
    Counted(usize),
    /// It could not run here; the text says what is missing.
    Skipped(String),
}

/// The sum so far.
#[derive(Debug, Default)]
pub struct Report {
    /// Tests and stages that passed.
    pub passed: usize,
    /// Tests and stages that failed.
    pub failed: usize,
    /// What failed, one line each.
    pub failures: Vec<String>,
    /// What was skipped and how often.
    pub skips: BTreeMap<String, usize>,
}

impl Report {
    /// Notes one skip.
    pub fn skip(&mut self, what: &str) {
        *self.skips.entry(what.to_owned()).or_default() += 1;
    }

    /// Notes one failure.
    pub fn fail(&mut self, what: impl Into<String>) {
        self.failed += 1;
        self.failures.push(what.into());
    }

    /// The closing line.
    pub fn summary(&self) -> String {
        let skipped: usize = self.skips.values().sum();
        format!(
            "{} passed, {} failed, {skipped} skipped",
            self.passed, self.failed
        )
    }
}

/// Lines of a panic that the summary repeats, and characters of each.
const PANIC_LINES: usize = 4;
const PANIC_CHARS: usize = 300;

/// Reads the lines of `cargo test -- --show-output` as they come.
#[derive(Debug, Default)]
pub struct TestLines {
    /// The sum of the `test result:` lines.
    pub passed: usize,
    /// The same, and crates' tests that did not compile are not among them.
    pub failed: usize,
    /// Names of failed tests.
    pub failures: Vec<String>,
    /// What tests said they could not do here, and tests that were ignored.
    pub skips: Vec<String>,
    /// Where failed tests panicked, and with which words.
    pub panics: Vec<String>,
    /// Lines of a panic still to come.
    more: usize,
    /// Within the outputs of successful tests, which are not worth showing.
    quiet: bool,
}

impl TestLines {
    /// Takes one line; says whether it is worth showing.
    pub fn take(&mut self, line: &str) -> bool {
        self.listen(line);
        if let Some(what) = line.strip_prefix("SKIPPED:") {
            self.skips.push(what.trim().to_owned());
            return true;
        }
        match line {
            "successes:" => self.quiet = true,
            "failures:" => self.quiet = false,
            _ => {}
        }
        if let Some(result) = line.strip_prefix("test result:") {
            self.quiet = false;
            self.sum(result);
            return true;
        }
        if let Some(test) = line.strip_prefix("test ") {
            if let Some(name) = test.strip_suffix(" ... FAILED") {
                self.failures.push(name.to_owned());
            }
            return !test.ends_with(" ... ok");
        }
        !self.quiet && !line.is_empty()
    }

    /// Keeps the place and the first words of a failed test's panic, for whoever reads the
    /// summary alone.
    fn listen(&mut self, line: &str) {
        if !self.quiet && line.starts_with("thread '") && line.contains(" panicked at ") {
            self.more = PANIC_LINES;
        }
        if self.more > 0 && !line.is_empty() {
            self.more -= 1;
            let words: String = line.chars().take(PANIC_CHARS).collect();
            self.panics.push(format!("   {words}"));
        }
    }

    /// Reads ` ok. 3 passed; 0 failed; 1 ignored; …`.
    fn sum(&mut self, result: &str) {
        for part in result.split([';', '.']) {
            let mut words = part.split_whitespace();
            let count: Option<usize> = words.next().and_then(|word| word.parse().ok());
            match (count, words.next()) {
                (Some(count), Some("passed")) => self.passed += count,
                (Some(count), Some("failed")) => self.failed += count,
                (Some(count), Some("ignored")) => {
                    self.skips
                        .extend((0..count).map(|_| "an ignored test".to_owned()));
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "\
running 3 tests
test a ... ok
test b ... FAILED

successes:

---- a stdout ----
some words of a
thread 'a' (11) panicked at src/lib.rs:1:1: as it should
SKIPPED: published cases (data/cases.csv is absent)

successes:
    a

failures:

---- b stdout ----
thread 'b' (12) panicked at src/lib.rs:3:5:
assertion failed: left == right

failures:
    b

test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.05s
     Running unittests src/lib.rs
test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s
";

    #[test]
    fn tests_are_summed_over_all_binaries() {
        let mut lines = TestLines::default();
        let shown: Vec<&str> = OUTPUT.lines().filter(|line| lines.take(line)).collect();
        assert_eq!((lines.passed, lines.failed), (13, 1));
        assert_eq!(lines.failures, ["b"]);
        assert_eq!(
            lines.skips,
            [
                "published cases (data/cases.csv is absent)",
                "an ignored test"
            ]
        );
        assert!(shown.contains(&"assertion failed: left == right"));
        assert!(
            lines.panics[1].contains("assertion failed"),
            "{:?}",
            lines.panics
        );
        assert!(!shown.contains(&"some words of a"));
        assert!(!shown.contains(&"test a ... ok"));
    }

    #[test]
    fn the_closing_line_sums_tests_stages_and_skips() {
        let mut report = Report {
            passed: 3,
            ..Report::default()
        };
        report.skip("a browser");
        report.skip("a browser");
        report.fail("lints");
        assert_eq!(report.summary(), "3 passed, 1 failed, 2 skipped");
    }
}
