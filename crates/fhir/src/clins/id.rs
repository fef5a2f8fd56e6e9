//! Identifiers of JP-CLINS, each with one checked constructor.

use std::fmt;

/// Institution number (医療機関番号): prefecture 2, fee table 1, number 7.
///
/// Rule R1021; `^[0-4][0-9][1-3][0-9]{7}$`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstitutionNumber(String);

impl InstitutionNumber {
    /// From its ten digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let ok = text.len() == 10
            && text.bytes().enumerate().all(|(i, b)| match i {
                0 => matches!(b, b'0'..=b'4'),
                2 => matches!(b, b'1'..=b'3'),
                _ => b.is_ascii_digit(),
            });
        ok.then(|| Self(text.to_owned()))
    }

    /// The ten digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for InstitutionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InstitutionNumber({})", self.0)
    }
}

/// Identifier of a Bundle: `institution^year^serial`. The same one replaces what was sent before.
///
/// Rule R2152; `^[0-4][0-9][1-3][0-9]{7}\^20[2-3][0-9]\^[A-Za-z0-9\-]{1,36}$`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BundleIdentifier {
    system: String,
    value: String,
    institution: InstitutionNumber,
}

impl BundleIdentifier {
    /// From system and value.
    #[must_use]
    pub fn parse(system: &str, value: &str) -> Option<Self> {
        let mut parts = value.split('^');
        let institution = InstitutionNumber::parse(parts.next()?)?;
        let year = parts.next()?.as_bytes();
        let serial = parts.next()?;
        let year_ok = matches!(year, [b'2', b'0', b'2' | b'3', b'0'..=b'9']);
        let serial_ok = (1..=36).contains(&serial.len())
            && serial
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-');
        (system == super::system::ID_BUNDLE && year_ok && serial_ok && parts.next().is_none()).then(
            || Self {
                system: system.to_owned(),
                value: value.to_owned(),
                institution,
            },
        )
    }

    /// The identifier of a municipal checkup report: a UUID, given by `institution`.
    ///
    /// The municipal guide identifies the Bundle by `urn:uuid:` and not by R2152's form.
    #[must_use]
    pub fn municipal(uuid: &str, institution: InstitutionNumber) -> Option<Self> {
        super::bundle::is_uuid(uuid).then(|| Self {
            system: super::system::ID_URI.to_owned(),
            value: uuid.to_owned(),
            institution,
        })
    }

    /// The identifier's system.
    #[must_use]
    pub fn system(&self) -> &str {
        &self.system
    }

    /// The identifier's value.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The institution that gave it.
    #[must_use]
    pub fn institution(&self) -> &InstitutionNumber {
        &self.institution
    }
}

/// Which register the person is identified in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MemberKind {
    /// 被保険者個人識別子.
    Insurance,
    /// 生活保護 (医療扶助): payer and recipient number.
    PublicAssistance,
}

/// The person as insurers know them (被保険者個人識別子): `insurer:symbol:number:branch`.
///
/// Rule R1013; missing parts are empty, the last colon stays.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MemberId {
    kind: MemberKind,
    text: String,
    insurer: String,
    symbol: String,
    number: String,
    branch: String,
}

impl MemberId {
    /// From the identifier's value.
    #[must_use]
    pub fn parse(kind: MemberKind, text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let [insurer, symbol, number, branch] = parts.as_slice() else {
            return None;
        };
        let digits = |part: &str, count: usize| {
            part.len() == count && part.bytes().all(|b| b.is_ascii_digit())
        };
        let no_space = |part: &str| !part.chars().any(|c| c.is_whitespace() || c == '^');
        let fits = digits(insurer, 8)
            && no_space(symbol)
            && no_space(number)
            && (branch.is_empty() || digits(branch, 2))
            && (kind == MemberKind::Insurance || digits(number, 7));
        fits.then(|| Self {
            kind,
            text: text.to_owned(),
            insurer: (*insurer).to_owned(),
            symbol: (*symbol).to_owned(),
            number: (*number).to_owned(),
            branch: (*branch).to_owned(),
        })
    }

    /// Which register.
    #[must_use]
    pub fn kind(&self) -> MemberKind {
        self.kind
    }

    /// The value as sent: part of the key under which a Bundle is replaced or deleted.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Insurer's number (or public payer's), eight digits with zeros on the left.
    #[must_use]
    pub fn insurer(&self) -> &str {
        &self.insurer
    }

    /// Symbol (記号); may be empty.
    #[must_use]
    pub fn symbol(&self) -> &str {
        &self.symbol
    }

    /// Number (番号); may be empty.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.number
    }

    /// Branch number (枝番), two digits or empty.
    #[must_use]
    pub fn branch(&self) -> &str {
        &self.branch
    }
}

impl fmt::Debug for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemberId(…)")
    }
}
