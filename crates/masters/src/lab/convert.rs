//! A result in the one unit of its item, by exact decimals (単位の統一).
//!
//! Only what stands in the table is converted; a unit that is not there, or none, stays as it
//! was sent. Factors that are powers of ten change no digit. Factors by molar mass are exact to
//! the digits of the mass, and their result is rounded to three digits, as many as laboratories
//! state.
//!
//! Source: molar masses from IUPAC standard atomic weights (glucose 180.156, urea nitrogen
//! 28.0134, creatinine 113.12, cholesterol 386.65, bilirubin 584.66, urate 168.11 g/mol, calcium
//! 40.078); NGSP master equation (IFCC to NGSP): NGSP % = 0.09148 × mmol/mol + 2.152.

use super::by_name;

/// One line of the table: a number in `from`, times `times`, plus `plus`, is one in the item's
/// unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factor {
    /// From which day on it is used, `YYYY-MM-DD`.
    pub since: &'static str,
    /// The item (FHIR識別名).
    pub item: &'static str,
    /// The unit that was sent, as [`unit`] writes it.
    pub from: &'static str,
    /// The factor, a decimal.
    pub times: &'static str,
    /// What is added, a decimal.
    pub plus: &'static str,
}

const fn by(item: &'static str, from: &'static str, times: &'static str) -> Factor {
    Factor {
        since: "2024-09-30",
        item,
        from,
        times,
        plus: "0",
    }
}

/// The table. Conversions that depend on how a method counts (LogU, COI, hemoglobin in mmol) are
/// not in it.
#[rustfmt::skip]
pub const FACTORS: [Factor; 61] = [
    by("TP", "g/L", "0.1"),
    by("ALB", "g/L", "0.1"), by("ALB", "mg/dL", "0.001"),
    by("CK", "IU/L", "1"), by("AST", "IU/L", "1"), by("ALT", "IU/L", "1"), by("LD", "IU/L", "1"),
    by("ALP", "IU/L", "1"), by("GGT", "IU/L", "1"), by("ChE", "IU/L", "1"), by("AMY", "IU/L", "1"),
    by("Cre", "μmol/L", "0.011312"),
    by("Cys-C", "mg/dL", "10"),
    by("UA", "μmol/L", "0.016811"),
    by("BUN", "mmol/L", "2.80134"),
    by("BG", "mmol/L", "18.0156"), by("CBG", "mmol/L", "18.0156"), by("BS", "mmol/L", "18.0156"),
    by("BG", "g/L", "100"), by("CBG", "g/L", "100"), by("BS", "g/L", "100"),
    Factor { since: "2024-09-30", item: "HbA1c-NGSP", from: "mmol/mol", times: "0.09148", plus: "2.152" },
    by("T-CHO", "mmol/L", "38.665"), by("HDL-C", "mmol/L", "38.665"), by("LDL-C", "mmol/L", "38.665"),
    by("Na", "mEq/L", "1"), by("K", "mEq/L", "1"), by("Cl", "mEq/L", "1"),
    by("Ca", "mmol/L", "4.0078"), by("Ca", "mEq/L", "2.0039"),
    by("T-Bil", "μmol/L", "0.058466"), by("D-Bil", "μmol/L", "0.058466"),
    by("WBC", "10*3/μL", "10"), by("WBC", "10*9/L", "10"), by("WBC", "/μL", "0.01"), by("WBC", "10*4/μL", "100"),
    by("RBC", "10*6/μL", "100"), by("RBC", "10*12/L", "100"), by("RBC", "/μL", "0.0001"),
    by("Hb", "g/L", "0.1"),
    by("PLT", "10*3/μL", "0.1"), by("PLT", "10*9/L", "0.1"), by("PLT", "10*6/μL", "100"), by("PLT", "/μL", "0.0001"),
    by("DD", "ng/mL", "0.001"), by("DD", "μg/L", "0.001"), by("DD", "mg/L", "1"),
    by("U-TP-半定量", "mg/L", "0.1"), by("U-TP-半定量", "g/L", "100"),
    by("U-P/C", "mg/g・Cr", "0.001"), by("U-A/C", "g/g・Cr", "1000"),
    by("BNP", "ng/L", "1"),
    by("NT-proBNP", "ng/L", "1"), by("NT-proBNP", "pmol/L", "8.457"),
    by("CRP", "mg/L", "0.1"), by("CRP", "ng/L", "0.0000001"), by("CRP", "μg/mL", "0.1"),
    by("HBs抗体(定量)", "U/L", "1"), by("HBs抗体(定量)", "U/mL", "1000"), by("HBs抗体(定量)", "mIU/mL", "1"),
    by("梅毒TP抗体(定量)", "mU/mL", "0.001"),
];

/// A number in the item's unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Converted {
    /// The number.
    pub number: String,
    /// The item's unit.
    pub unit: &'static str,
    /// Is it another number, or only the same unit in another spelling?
    pub is_converted: bool,
}

/// Digits of a number that is converted.
const DIGITS_MAX: usize = 18;
/// Digits of a result by molar mass.
const DIGITS: usize = 3;

/// One spelling of a unit: half width, Greek mu, `L` for litre, powers as `10*3`.
#[must_use]
pub fn unit(text: &str) -> String {
    let narrow = kernel::code::half_width(text.trim());
    let mut plain: String = narrow
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '\u{b5}' => 'μ',
            '^' => '*',
            '×' | 'X' | 'x' => '~',
            '·' | '･' => '・',
            other => other,
        })
        .filter(|c| *c != '~')
        .collect();
    for (written, meant) in [
        ("10E", "10*"),
        ("10**", "10*"),
        ("umol", "μmol"),
        ("ug", "μg"),
        ("uL", "μL"),
        ("ul", "μL"),
        ("μl", "μL"),
        ("dl", "dL"),
        ("ml", "mL"),
        ("IU/l", "IU/L"),
        ("/l", "/L"),
        ("gCr", "g・Cr"),
        ("mmolHb", "mmol"),
    ] {
        plain = plain.replace(written, meant);
    }
    match plain.as_str() {
        "S" | "sec" | "秒" => "s".to_owned(),
        "万/μL" => "10*4/μL".to_owned(),
        "個/μL" => "/μL".to_owned(),
        _ => plain,
    }
}

/// A result of `item` in the item's one unit: `None` when the item is not known, its unit has
/// no line in the table on that day, or the number is none.
#[must_use]
pub fn convert(item: &str, number: &str, sent: &str, on: &str) -> Option<Converted> {
    let item = by_name(item).filter(|item| !item.unit.is_empty())?;
    let as_sent = || Converted {
        number: number.to_owned(),
        unit: item.unit,
        is_converted: false,
    };
    // Nearly every result comes so; respelling a unit costs more than all the rest.
    if sent == item.unit {
        return Some(as_sent());
    }
    let sent = unit(sent);
    if sent == unit(item.unit) {
        return Some(as_sent());
    }
    let factor = FACTORS
        .iter()
        .filter(|one| one.item == item.id && one.from == sent)
        .filter(|one| one.since <= on || one.since == FACTORS.first().map_or("", |f| f.since))
        .max_by_key(|one| one.since)?;
    let product = Exact::parse(number)?.times(Exact::parse(factor.times)?)?;
    let sum = product.plus(Exact::parse(factor.plus)?)?;
    let is_exact = Exact::parse(factor.times)?.is_power_of_ten();
    let rounded = if is_exact {
        sum
    } else {
        sum.round_half_up_to_digits(DIGITS)?
    };
    Some(Converted {
        number: rounded.text(),
        unit: item.unit,
        is_converted: true,
    })
}

/// `mantissa × 10^-scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Exact {
    mantissa: i128,
    scale: u32,
}

impl Exact {
    /// From plain decimal text: digits, at most one point, at most a minus before it.
    fn parse(text: &str) -> Option<Self> {
        let (sign, bare) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text),
        };
        let (whole, part) = bare.split_once('.').unwrap_or((bare, ""));
        let digits = format!("{whole}{part}");
        let is_plain = !whole.is_empty()
            && bare.ends_with(|c: char| c.is_ascii_digit())
            && digits.len() <= DIGITS_MAX
            && digits.bytes().all(|b| b.is_ascii_digit());
        let mantissa: i128 = digits.parse().ok().filter(|_| is_plain)?;
        Some(Self {
            mantissa: mantissa.checked_mul(sign)?,
            scale: u32::try_from(part.len()).ok()?,
        })
    }

    fn times(self, other: Self) -> Option<Self> {
        Some(Self {
            mantissa: self.mantissa.checked_mul(other.mantissa)?,
            scale: self.scale.checked_add(other.scale)?,
        })
    }

    fn plus(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let at = |one: Self| {
            let shift = 10_i128.checked_pow(scale.checked_sub(one.scale)?)?;
            one.mantissa.checked_mul(shift)
        };
        Some(Self {
            mantissa: at(self)?.checked_add(at(other)?)?,
            scale,
        })
    }

    fn is_power_of_ten(self) -> bool {
        let text = self.mantissa.to_string();
        text.trim_end_matches('0') == "1"
    }

    /// Source: house rule: a half away from zero, as laboratories round.
    fn round_half_up_to_digits(self, digits: usize) -> Option<Self> {
        let length = self.mantissa.unsigned_abs().to_string().len();
        let cut = u32::try_from(length.saturating_sub(digits)).ok()?;
        // Nothing before the point is ever rounded away.
        let cut = cut.min(self.scale);
        let unit = 10_i128.checked_pow(cut)?;
        let half = unit.checked_div(2)?.checked_mul(self.mantissa.signum())?;
        Some(Self {
            mantissa: self.mantissa.checked_add(half)?.checked_div(unit)?,
            scale: self.scale.checked_sub(cut)?,
        })
    }

    /// Without zeros at the end of the decimals.
    fn text(self) -> String {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = self.mantissa.unsigned_abs().to_string();
        let scale = usize::try_from(self.scale).unwrap_or(0);
        let padded = format!("{digits:0>width$}", width = scale.saturating_add(1));
        let (whole, part) = padded.split_at(padded.len().saturating_sub(scale));
        match part.trim_end_matches('0') {
            "" => format!("{sign}{whole}"),
            part => format!("{sign}{whole}.{part}"),
        }
    }
}
