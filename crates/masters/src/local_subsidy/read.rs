//! Reading the published table.

use std::collections::BTreeMap;

use kernel::{Text, code::half_width, money::Yen};

use super::{Burden, Scheme, Way};
use crate::fault::Fault;

/// Columns of the table up to and with the prefecture's sheet name; what follows them is the
/// prefecture's own sheet.
const PREFECTURE: usize = 1;
const NUMBER: usize = 3;
const LAW: usize = 4;
const NAME: usize = 5;
/// From here on a sheet may be shifted by one.
const AGES: usize = 11;
const INCOME: usize = 16;
const OUTPATIENT: usize = 17;
const INPATIENT: usize = 27;
/// What stands in the column behind the ages: yen a point.
const UNIT_PRICE: &str = "10";
/// Columns of a whole row.
const COLUMNS: usize = 38;
/// Most a day or a visit that makes sense; what is larger are several cells run into one.
const YEN_MAX: i64 = 1_000_000;
/// Lines of a table that are looked at.
const LINES_MAX: usize = 100_000;

/// What a table holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// The schemes, in the order of the table.
    pub schemes: Vec<Scheme>,
    /// Lines that are numbers without a scheme (未使用) or repeat the heading.
    pub empty: u64,
    /// Lines that could not be taken.
    pub faults: Vec<Fault>,
    /// Prefectures on whose sheets the ages stand one column later.
    pub shifted: Vec<u8>,
}

struct Line {
    number: u64,
    cells: Vec<String>,
}

/// Reads the published table as CSV in UTF-8.
#[must_use]
pub fn read(bytes: &[u8]) -> Read {
    let mut out = Read::default();
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let mut rows: BTreeMap<(u8, String), i64> = BTreeMap::new();
    for record in reader.records().take(LINES_MAX) {
        let record = match record {
            Ok(record) => record,
            Err(fault) => {
                let line = fault.position().map_or(0, csv::Position::line);
                out.fault(line, 0, "", NO_CSV);
                continue;
            }
        };
        let line = Line {
            number: record.position().map_or(0, csv::Position::line),
            cells: record.iter().map(|c| half_width(c.trim())).collect(),
        };
        match line.scheme() {
            Ok(Some(mut scheme)) => {
                let key = (scheme.prefecture, scheme.number.clone());
                let row = rows.entry(key).or_default();
                *row += 1;
                scheme.row = *row;
                if line.is_shifted() && !out.shifted.contains(&scheme.prefecture) {
                    out.shifted.push(scheme.prefecture);
                }
                out.schemes.push(scheme);
            }
            Ok(None) => out.empty += 1,
            Err((column, why)) => {
                let found = line.cell(column).to_owned();
                out.fault(line.number, column + 1, &found, why);
            }
        }
    }
    out
}

impl Read {
    fn fault(&mut self, line: u64, column: usize, found: &str, why: Text) {
        self.faults.push(Fault {
            line,
            column,
            found: found.chars().take(40).collect(),
            why,
        });
    }
}

impl Line {
    fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    /// Do the ages stand one column later?
    fn is_shifted(&self) -> bool {
        match self.cell(AGES + 1) {
            "" => self.cell(AGES).is_empty() && self.cell(AGES + 2) == UNIT_PRICE,
            text => text.contains('-'),
        }
    }

    /// `None` for a line without a scheme.
    fn scheme(&self) -> Result<Option<Scheme>, (usize, Text)> {
        let number = self.cell(NUMBER);
        if number.contains("保険番号") || self.cell(NAME) == "未使用" {
            return Ok(None);
        }
        if self.cells.len() != COLUMNS {
            return Err((0, NO_COLUMNS));
        }
        let prefecture = self.cell(PREFECTURE).parse().ok();
        let prefecture = prefecture
            .filter(|code| (1..=47).contains(code))
            .ok_or((PREFECTURE, NO_PREFECTURE))?;
        let ages_at = AGES + usize::from(self.is_shifted());
        // A sheet whose ages come later may have no income at all: then the rest is in place.
        let later = self.is_shifted() && Way::from_code(self.cell(OUTPATIENT)).is_none();
        let shift = usize::from(later);
        let income = match self.cell(INCOME + shift) {
            "0" => "",
            _ if self.is_shifted() && !later => "",
            other => other,
        };
        if number.len() != 3 || !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err((NUMBER, NO_NUMBER));
        }
        // A leading zero gets lost on the way through a spreadsheet.
        let law = format!("{:0>2}", self.cell(LAW));
        if law.len() != 2 || !law.bytes().all(|b| b.is_ascii_digit()) {
            return Err((LAW, NO_LAW));
        }
        Ok(Some(Scheme {
            prefecture,
            number: number.to_owned(),
            row: 0,
            law,
            name: self.cell(NAME).to_owned(),
            ages: ages(self.cell(ages_at)).ok_or((ages_at, NO_AGES))?,
            income: income.to_owned(),
            outpatient: self.burden(OUTPATIENT + shift, 6)?,
            inpatient: self.burden(INPATIENT + shift, 6)?,
        }))
    }

    /// The cells of a burden: way, percent, a visit, most a visit, most a day, times a day,
    /// most a month.
    fn burden(&self, first: usize, month: usize) -> Result<Burden, (usize, Text)> {
        let way = Way::from_code(self.cell(first)).ok_or((first, NO_WAY))?;
        let percent = match self.cell(first + 1) {
            "" | "0" => None,
            text => Some(
                text.parse()
                    .ok()
                    .filter(|percent| *percent <= 100)
                    .ok_or((first + 1, NO_PERCENT))?,
            ),
        };
        let yen = |column: usize| match self.cell(column) {
            "" | "0" => Ok(None),
            text => {
                let yen = text.parse().ok().filter(|yen| (1..=YEN_MAX).contains(yen));
                yen.map(|yen| Some(Yen::new(yen))).ok_or((column, NO_YEN))
            }
        };
        Ok(Burden {
            way,
            percent,
            visit: yen(first + 2)?,
            visit_max: yen(first + 3)?,
            day_max: yen(first + 4)?,
            month_max: yen(first + month)?,
        })
    }
}

/// `0-18`; everybody when the cell is empty or says 0 to 999. `None` when it is no range.
#[expect(
    clippy::option_option,
    reason = "no range at all is another thing than a range that holds everybody"
)]
fn ages(text: &str) -> Option<Option<(u16, u16)>> {
    if text.is_empty() {
        return Some(None);
    }
    let (from, last) = text.split_once('-')?;
    let (from, last) = (from.trim().parse().ok()?, last.trim().parse().ok()?);
    (from <= last).then_some(Some((from, last)))
}

const NO_CSV: Text = Text {
    ja: "CSVとして読めません。引用符と文字コード(UTF-8)を確かめてください。",
    en: "not CSV: check the quotes and that it is UTF-8",
};
const NO_PREFECTURE: Text = Text {
    ja: "都道府県番号(1〜47)がありません。",
    en: "no prefecture from 1 to 47",
};
const NO_COLUMNS: Text = Text {
    ja: "列の数が38ではありません。",
    en: "not 38 columns",
};
const NO_NUMBER: Text = Text {
    ja: "保険番号が3けたの数字ではありません。",
    en: "the number is not three digits",
};
const NO_LAW: Text = Text {
    ja: "法別番号が2けたの数字ではありません。",
    en: "the law number is not two digits",
};
const NO_AGES: Text = Text {
    ja: "年齢が「開始-終了」の形ではありません。",
    en: "the ages are not FROM-LAST",
};
const NO_WAY: Text = Text {
    ja: "負担区分が0〜3ではありません。",
    en: "the way of payment is not 0 to 3",
};
const NO_PERCENT: Text = Text {
    ja: "負担割合が0〜100ではありません。",
    en: "the share is not 0 to 100",
};
const NO_YEN: Text = Text {
    ja: "金額が1〜1,000,000円ではありません。複数の金額が1つの欄に入っていないか確かめてください。",
    en: "the amount is not 1 to 1,000,000 yen; several amounts may stand in one cell",
};
