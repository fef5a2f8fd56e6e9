//! What is known becomes lights: pure rules, one for each step.
//!
//! Source: peers reports 46 and 47; identity-security AUD-03 and NET-01.

use kernel::{Text, time::Timestamp};

use super::{
    errors,
    model::{Finding, Light, Line, Reader, Step},
};

/// Hours after which a terminal's silence is worth a look.
pub const SILENT_HOURS: i64 = 24;
/// Milliseconds above which an answer is slow.
pub const SLOW_MS: u64 = 2_000;
/// Certificates named in one finding.
const NAMED_MAX: usize = 5;
const DAY_SECONDS: i64 = 24 * 3_600;

/// The readers of a facility: the worst that was said within a day counts.
#[must_use]
pub fn reader(readers: &[Reader], at: Timestamp) -> Finding {
    let heard = |reader: &&Reader| at < reader.reported_at.plus_hours(SILENT_HOURS);
    let particulars = readers
        .iter()
        .filter(heard)
        .filter(|reader| reader.state.light() != Light::Green)
        .take(NAMED_MAX)
        .map(|reader| {
            let (name, state) = (&reader.terminal, reader.state.text());
            Line {
                ja: format!("{name}: {}({}から)", state.ja, reader.since.jst_minute()),
                en: format!("{name}: {} since {}", state.en, reader.since.jst_minute()),
            }
        });
    let (step, particulars) = (Step::Reader, particulars.collect());
    if readers.is_empty() {
        return Finding::of(step, Light::Yellow, &errors::READER_SILENT, particulars);
    }
    let worst = readers
        .iter()
        .filter(heard)
        .max_by_key(|reader| reader.state);
    let Some(worst) = worst else {
        return Finding::of(step, Light::Yellow, &errors::READER_STALE, particulars);
    };
    match worst.state.entry() {
        Some(entry) => Finding::of(step, worst.state.light(), entry, particulars),
        None => Finding::good(
            step,
            Text {
                ja: "カードリーダーは正しく動いています。",
                en: "the card readers work",
            },
            particulars,
        ),
    }
}

/// How the caller came here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// By TLS.
    pub is_encrypted: bool,
    /// With a certificate of the ledger.
    pub has_certificate: bool,
    /// Has the facility terminals with certificates that hold?
    pub certificates_exist: bool,
}

/// The line: that the request arrived shows that it stands; how it came is looked at.
#[must_use]
pub fn line(way: Way) -> Finding {
    let words = |ja, en| Text { ja, en };
    match way {
        Way {
            is_encrypted: false,
            ..
        } => Finding::of(Step::Line, Light::Yellow, &errors::LINE_PLAIN, Vec::new()),
        Way {
            has_certificate: false,
            certificates_exist: true,
            ..
        } => Finding::of(
            Step::Line,
            Light::Yellow,
            &errors::LINE_WITHOUT_CERTIFICATE,
            Vec::new(),
        ),
        Way {
            has_certificate: true,
            ..
        } => Finding::good(
            Step::Line,
            words(
                "暗号化した回線で届いており、端末も証明書で確かめました。",
                "it arrived encrypted, and the terminal is known by its certificate",
            ),
            Vec::new(),
        ),
        Way { .. } => Finding::good(
            Step::Line,
            words("暗号化した回線で届いています。", "it arrived encrypted"),
            Vec::new(),
        ),
    }
}

/// A certificate in use: of a terminal, or this server's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Whose, for people.
    pub name: String,
    /// First instant at which it no longer holds.
    pub ends_at: Timestamp,
}

/// The certificates: the one that ends first counts. The newest of each name is given.
#[must_use]
pub fn certificate(endings: &[Ending], at: Timestamp) -> Finding {
    let mut endings: Vec<&Ending> = endings.iter().collect();
    endings.sort_by_key(|ending| ending.ends_at);
    let particulars = endings.iter().take(NAMED_MAX).map(|ending| {
        let (name, day) = (&ending.name, ending.ends_at.jst_date());
        match days_left(ending.ends_at, at) {
            Some(days) => Line {
                ja: format!("{name}: あと{days}日({}まで)", day.japanese()),
                en: format!("{name}: {days} days left, until {day}"),
            },
            None => Line {
                ja: format!("{name}: {}に期限が切れました", day.japanese()),
                en: format!("{name}: ended on {day}"),
            },
        }
    });
    let (step, particulars) = (Step::Certificate, particulars.collect());
    let Some(first) = endings.first() else {
        return Finding::good(
            step,
            Text {
                ja: "期限を確かめる証明書は登録されていません。",
                en: "no certificate is registered whose end could be near",
            },
            particulars,
        );
    };
    let (light, entry) = match days_left(first.ends_at, at) {
        None => (Light::Red, &errors::CERTIFICATE_ENDED),
        Some(..=7) => (Light::Red, &errors::CERTIFICATE_ENDS_IN_7_DAYS),
        Some(..=30) => (Light::Yellow, &errors::CERTIFICATE_ENDS_IN_30_DAYS),
        Some(..=60) => (Light::Yellow, &errors::CERTIFICATE_ENDS_IN_60_DAYS),
        Some(_) => {
            let reason = Text {
                ja: "証明書の期限は、すべて60日より先です。",
                en: "no certificate ends within 60 days",
            };
            return Finding::good(step, reason, particulars);
        }
    };
    Finding::of(step, light, entry, particulars)
}

/// Whole days until `end`, the running one not counted; `None` when it has passed.
fn days_left(end: Timestamp, at: Timestamp) -> Option<i64> {
    (at < end).then(|| (end.seconds() - at.seconds()).div_euclid(DAY_SECONDS))
}

/// What the server says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// Is it as it should be?
    pub is_good: bool,
    /// Can no work be done without it?
    pub is_needed: bool,
    /// What is so.
    pub words: Text,
}

/// The server: the store, the seals, the clock.
#[must_use]
pub fn server(said: &[Said], sealed_at: Option<Timestamp>) -> Finding {
    let faults = said.iter().filter(|said| !said.is_good);
    let mut particulars: Vec<Line> = faults.clone().map(|said| said_line(said.words)).collect();
    if let Some(at) = sealed_at {
        particulars.push(Line {
            ja: format!("記録を最後に封印した時刻: {}", at.jst_minute()),
            en: format!("records last sealed: {}", at.jst_minute()),
        });
    }
    let step = Step::Server;
    match faults.map(|said| said.is_needed).max() {
        Some(true) => Finding::of(step, Light::Red, &errors::SERVER_NOT_READY, particulars),
        Some(false) => Finding::of(step, Light::Yellow, &errors::SERVER_REMARK, particulars),
        None => Finding::good(
            step,
            Text {
                ja: "サーバは正しく動いています。",
                en: "the server works",
            },
            particulars,
        ),
    }
}

fn said_line(words: Text) -> Line {
    Line {
        ja: words.ja.to_owned(),
        en: words.en.to_owned(),
    }
}

/// The answer of a trial check for somebody who cannot exist: `code` is that of the refusal
/// that came, none when somebody was found; `expected` is that of "nobody has this number".
#[must_use]
pub fn answer(code: Option<&str>, expected: &str, ms: u64) -> Finding {
    let came = code.unwrap_or("200");
    let particulars = vec![Line {
        ja: format!("答え {came}・{ms}ミリ秒"),
        en: format!("answer {came} in {ms} ms"),
    }];
    let step = Step::Answer;
    if code != Some(expected) {
        return Finding::of(step, Light::Red, &errors::ANSWER_WRONG, particulars);
    }
    if ms > SLOW_MS {
        return Finding::of(step, Light::Yellow, &errors::ANSWER_SLOW, particulars);
    }
    Finding::good(
        step,
        Text {
            ja: "試しの資格確認に、正しい答えが返りました。",
            en: "a trial check was answered as it must be",
        },
        particulars,
    )
}
