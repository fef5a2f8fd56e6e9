//! Codes of the field, each with one checked constructor.

use std::fmt;

/// Why a code was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Wrong length or a character that does not belong.
    #[error("wrong form")]
    Form,
    /// The last digit does not agree with the others.
    #[error("wrong check digit")]
    CheckDigit,
}

/// Check digit by weights 2, 1, 2, 1 … from the right, digits of each product added, ten's
/// complement of the sum.
///
/// Source: 診療報酬請求書等の記載要領 別添「保険者番号等の設定要領」(検証番号の算出).
#[must_use]
pub fn check_digit(digits: &[u8]) -> u8 {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| {
            let product = u32::from(*d) * if i % 2 == 0 { 2 } else { 1 };
            product / 10 + product % 10
        })
        .sum();
    u8::try_from((10 - sum % 10) % 10).unwrap_or(0)
}

fn digits(text: &str) -> Option<Vec<u8>> {
    text.bytes()
        .map(|b| b.is_ascii_digit().then(|| b - b'0'))
        .collect()
}

/// Do the digits of `text` end in their own check digit?
#[must_use]
pub fn has_check_digit(text: &str) -> bool {
    digits(text).is_some_and(|all| {
        all.split_last()
            .is_some_and(|(last, rest)| check_digit(rest) == *last)
    })
}

macro_rules! text_code {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The code as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

text_code! {
    /// Insurer's number (保険者番号): 8 digits, or 6 for National Health Insurance (国民健康保険).
    InsurerNumber
}

impl InsurerNumber {
    /// Checks length and check digit. Full-width digits are taken as digits.
    ///
    /// # Errors
    /// [`CodeError::Form`] unless 6 or 8 digits; [`CodeError::CheckDigit`].
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let text = half_width(text.trim());
        if !matches!(text.len(), 6 | 8) || digits(&text).is_none() {
            return Err(CodeError::Form);
        }
        // An 8-digit form of a 6-digit number is padded with zeros on the left.
        let bare = match text.strip_prefix("00") {
            Some(rest) if text.len() == 8 => rest.to_owned(),
            _ => text,
        };
        if has_check_digit(&bare) {
            Ok(Self(bare))
        } else {
            Err(CodeError::CheckDigit)
        }
    }

    /// A number as an insurer's register or a document has it: only its form is checked,
    /// for registers hold numbers that were given out with a wrong check digit.
    ///
    /// # Errors
    /// [`CodeError::Form`] unless 6 or 8 digits.
    pub fn from_register(text: &str) -> Result<Self, CodeError> {
        if !matches!(text.len(), 6 | 8) || digits(text).is_none() {
            return Err(CodeError::Form);
        }
        Ok(Self(match text.strip_prefix("00") {
            Some(rest) if text.len() == 8 => rest.to_owned(),
            _ => text.to_owned(),
        }))
    }

    /// Eight digits, padded with zeros on the left, as in JP-CLINS identifiers.
    #[must_use]
    pub fn padded(&self) -> String {
        format!("{:0>8}", self.0)
    }

    /// The kind of insurance, by the law number in the first two of eight digits.
    #[must_use]
    pub fn kind(&self) -> InsurerKind {
        if self.0.len() == 6 {
            return InsurerKind::NationalHealth;
        }
        match self.0.get(..2) {
            Some("01") => InsurerKind::KyokaiKenpo,
            Some("02") => InsurerKind::Seamen,
            Some("06" | "63") => InsurerKind::HealthUnion,
            Some("31" | "32" | "33" | "34" | "72" | "73" | "74" | "75") => InsurerKind::MutualAid,
            Some("39") => InsurerKind::LateElderly,
            Some("12") => InsurerKind::PublicAssistance,
            _ => InsurerKind::Other,
        }
    }
}

/// Kinds of insurer (保険者の種別), by 法別番号.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InsurerKind {
    /// 全国健康保険協会 (協会けんぽ), 01.
    KyokaiKenpo,
    /// 船員保険, 02.
    Seamen,
    /// 健康保険組合, 06 and 63.
    HealthUnion,
    /// 共済組合, 31 to 34 and 72 to 75.
    MutualAid,
    /// 国民健康保険, six digits.
    NationalHealth,
    /// 後期高齢者医療, 39.
    LateElderly,
    /// 生活保護 (医療扶助), 12.
    PublicAssistance,
    /// Any other.
    Other,
}

text_code! {
    /// Symbol on the insured person's card (被保険者証記号); normalized, may be empty.
    InsuredPersonSymbol
}

text_code! {
    /// Number on the insured person's card (被保険者証番号); normalized, never empty.
    InsuredPersonNumber
}

const SYMBOL_CHARS_MAX: usize = 20;

impl InsuredPersonSymbol {
    /// Normalizes width and removes spaces.
    ///
    /// # Errors
    /// [`CodeError::Form`] when longer than 20 characters or with a control character or colon.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        normalized(text).map(Self)
    }
}

impl InsuredPersonNumber {
    /// Normalizes width and removes spaces.
    ///
    /// # Errors
    /// [`CodeError::Form`] when empty, longer than 20 characters, or with a control character or colon.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        match normalized(text)? {
            text if text.is_empty() => Err(CodeError::Form),
            text => Ok(Self(text)),
        }
    }
}

fn normalized(text: &str) -> Result<String, CodeError> {
    let text: String = half_width(text)
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let bad = |c: char| c.is_control() || c == ':';
    if text.chars().count() > SYMBOL_CHARS_MAX || text.chars().any(bad) {
        return Err(CodeError::Form);
    }
    Ok(text)
}

text_code! {
    /// Branch number (枝番): two digits that tell the members of a household apart.
    BranchNumber
}

impl BranchNumber {
    /// Two digits; one digit is padded.
    ///
    /// # Errors
    /// [`CodeError::Form`] otherwise.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let text = half_width(text.trim());
        if !matches!(text.len(), 1 | 2) || digits(&text).is_none() {
            return Err(CodeError::Form);
        }
        Ok(Self(format!("{text:0>2}")))
    }
}

text_code! {
    /// Medical institution code (医療機関コード, 10 digits): prefecture 2, fee table 1
    /// (1 medical, 3 dental, 4 pharmacy, 6 home-visit nursing), 7 with check digit.
    FacilityCode
}

impl FacilityCode {
    /// Checks length, prefecture, fee table and check digit. Fee tables are 1 medical, 3 dental,
    /// 4 pharmacy, 6 visiting nurse; 5 and 7 to 9 are ours (operator, therapy office, insurer,
    /// municipality).
    ///
    /// # Errors
    /// [`CodeError::Form`] or [`CodeError::CheckDigit`].
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let text = half_width(text.trim());
        let all = digits(&text).ok_or(CodeError::Form)?;
        let [p1, p2, table, ..] = all.as_slice() else {
            return Err(CodeError::Form);
        };
        if all.len() != 10 || !(1..=47).contains(&(p1 * 10 + p2)) || !matches!(table, 1 | 3..=9) {
            return Err(CodeError::Form);
        }
        if has_check_digit(&text) {
            Ok(Self(text))
        } else {
            Err(CodeError::CheckDigit)
        }
    }
}

impl FacilityCode {
    /// A code as the official register has it: only its form is checked.
    ///
    /// # Errors
    /// [`CodeError::Form`] unless ten digits.
    pub fn from_register(text: &str) -> Result<Self, CodeError> {
        if text.len() != 10 || digits(text).is_none() {
            return Err(CodeError::Form);
        }
        Ok(Self(text.to_owned()))
    }
}

text_code! {
    /// Number of whoever pays a public subsidy (公費負担者番号): 法別番号 2, prefecture 2,
    /// executing office 3, check digit.
    SubsidyPayerNumber
}

impl SubsidyPayerNumber {
    /// Checks length and check digit. Full-width digits are taken as digits.
    ///
    /// # Errors
    /// [`CodeError::Form`] unless 8 digits; [`CodeError::CheckDigit`].
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        checked(text, 8).map(Self)
    }

    /// 法別番号: under which law or scheme it pays.
    #[must_use]
    pub fn law(&self) -> &str {
        self.0.get(..2).unwrap_or_default()
    }

    /// Two digits of the prefecture.
    #[must_use]
    pub fn prefecture(&self) -> &str {
        self.0.get(2..4).unwrap_or_default()
    }
}

text_code! {
    /// Recipient's number of a public subsidy (公費負担医療の受給者番号): 6 digits and a check
    /// digit.
    RecipientNumber
}

impl RecipientNumber {
    /// Checks length and check digit. Full-width digits are taken as digits.
    ///
    /// # Errors
    /// [`CodeError::Form`] unless 7 digits; [`CodeError::CheckDigit`].
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        checked(text, 7).map(Self)
    }
}

/// A number of so many digits, the last of which is its check digit.
fn checked(text: &str, length: usize) -> Result<String, CodeError> {
    let text = half_width(text.trim());
    if text.len() != length || digits(&text).is_none() {
        return Err(CodeError::Form);
    }
    if has_check_digit(&text) {
        Ok(text)
    } else {
        Err(CodeError::CheckDigit)
    }
}

/// Full-width digits, letters and signs as their half-width twins; all else unchanged.
#[must_use]
pub fn half_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => u32::from(c)
                .checked_sub(0xfee0)
                .and_then(char::from_u32)
                .unwrap_or(c),
            '\u{3000}' => ' ',
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn insurer_number_with_a_wrong_check_digit_is_refused() {
        // 東京都後期高齢者医療広域連合 千代田区 and 協会けんぽ 東京支部: published numbers.
        for good in ["39131016", "01130012", "138016", "00138016", "１３８０１６"] {
            assert!(InsurerNumber::parse(good).is_ok(), "{good}");
        }
        assert_eq!(InsurerNumber::parse("39131017"), Err(CodeError::CheckDigit));
        assert_eq!(InsurerNumber::parse("3913101"), Err(CodeError::Form));
    }

    #[test]
    fn symbol_and_number_are_compared_without_width_and_spaces() {
        let a = InsuredPersonNumber::parse("１２ ３４").expect("valid");
        assert_eq!(a, InsuredPersonNumber::parse("1234").expect("valid"));
        assert!(InsuredPersonNumber::parse(" ").is_err());
        assert!(InsuredPersonSymbol::parse("").is_ok());
    }

    #[test]
    fn facility_code_needs_prefecture_fee_table_and_check_digit() {
        let body = [1, 3, 1, 2, 3, 4, 5, 6, 7];
        let text: String = body.iter().map(ToString::to_string).collect();
        let good = format!("{text}{}", check_digit(&body));
        assert!(FacilityCode::parse(&good).is_ok());
        assert_eq!(FacilityCode::parse("4812345678"), Err(CodeError::Form));
        assert_eq!(FacilityCode::parse("1322345678"), Err(CodeError::Form));
    }
}
