//! Numbers with their check digits, built so that `kernel`'s checked constructors take them.

use kernel::code::{
    BranchNumber, FacilityCode, InsuredPersonNumber, InsuredPersonSymbol, InsurerNumber,
    check_digit,
};

/// `body` with its check digit behind it.
pub(super) fn with_check_digit(body: &str) -> String {
    let digits: Vec<u8> = body.bytes().map(|b| b.wrapping_sub(b'0')).collect();
    format!("{body}{}", check_digit(&digits))
}

#[expect(
    clippy::expect_used,
    reason = "a generator that builds a wrong code is itself wrong; tests build thousands"
)]
fn valid<T, E: std::fmt::Debug>(parsed: Result<T, E>) -> T {
    parsed.expect("generated codes carry their own check digit and keep to their form")
}

/// An insurer's number from all digits but the last.
pub(super) fn insurer(body: &str) -> InsurerNumber {
    valid(InsurerNumber::parse(&with_check_digit(body)))
}

/// A facility's code from all digits but the last.
pub(super) fn facility(body: &str) -> FacilityCode {
    valid(FacilityCode::parse(&with_check_digit(body)))
}

/// The code of an office in Tokyo, by the third digit of its code and a number below a million.
#[must_use]
pub fn office(table: u8, number: u32) -> FacilityCode {
    facility(&format!("13{table}{:06}", number % 1_000_000))
}

/// A symbol.
pub(super) fn symbol(text: &str) -> InsuredPersonSymbol {
    valid(InsuredPersonSymbol::parse(text))
}

/// A number.
pub(super) fn number(text: &str) -> InsuredPersonNumber {
    valid(InsuredPersonNumber::parse(text))
}

/// Branch number of the member at `position`, counted from 0.
pub(super) fn branch(position: usize) -> BranchNumber {
    valid(BranchNumber::parse(&format!("{:02}", position % 99 + 1)))
}

/// `index` scattered over `modulus` (a power of ten): different indices below the modulus
/// stay different, because the factor shares no divisor with ten.
pub(super) const fn scattered(index: u64, modulus: u64) -> u64 {
    index.wrapping_mul(7_368_787).wrapping_add(4_321_987) % modulus
}
