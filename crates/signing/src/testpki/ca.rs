//! The test authorities: names, keys, lifetimes and parts of revocation lists.
//!
//! Source: identity-security 1.4 (several authorities of one name) and 2.2 (HPKI).

use super::{build, keys};

/// The test authorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TestCa {
    /// User authentication, first generation, RSA.
    Auth1,
    /// User authentication, second generation, RSA, same subject name.
    Auth2,
    /// User authentication of the next card, P-384, same subject name.
    Auth3,
    /// Digital signature.
    Sign1,
    /// HPKI root.
    HpkiRoot,
    /// HPKI authority for signatures, below the root.
    HpkiSign,
    /// A stranger with the same subject name as the user authentication authorities; never
    /// trusted.
    Foreign,
}

impl TestCa {
    /// The trusted ones, each after its issuer.
    pub const TRUSTED: [Self; 6] = [
        Self::Auth1,
        Self::Auth2,
        Self::Auth3,
        Self::Sign1,
        Self::HpkiRoot,
        Self::HpkiSign,
    ];

    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Auth1,
        Self::Auth2,
        Self::Auth3,
        Self::Sign1,
        Self::HpkiRoot,
        Self::HpkiSign,
        Self::Foreign,
    ];

    pub(super) const fn key_file(self) -> (&'static str, &'static [u8]) {
        match self {
            Self::Auth1 => keys::AUTH_CA_1,
            Self::Auth2 => keys::AUTH_CA_2,
            Self::Auth3 => keys::AUTH_CA_3,
            Self::Sign1 => keys::SIGN_CA_1,
            Self::HpkiRoot => keys::HPKI_ROOT,
            Self::HpkiSign => keys::HPKI_SIGN_CA,
            Self::Foreign => keys::FOREIGN_CA,
        }
    }

    pub(super) fn name(self) -> Vec<u8> {
        const COUNTRY: u64 = 6;
        const ORGANIZATION: u64 = 10;
        const UNIT: u64 = 11;
        let jpki = |unit| {
            build::name(&[
                (COUNTRY, "JP"),
                (ORGANIZATION, "tasuki test JPKI"),
                (UNIT, unit),
                (UNIT, "Japan Agency for Local Authority Information Systems"),
            ])
        };
        let hpki = |unit| {
            build::name(&[
                (COUNTRY, "JP"),
                (ORGANIZATION, "tasuki test HPKI"),
                (UNIT, unit),
            ])
        };
        match self {
            Self::Auth1 | Self::Auth2 | Self::Auth3 | Self::Foreign => {
                jpki("JPKI for user authentication")
            }
            Self::Sign1 => jpki("JPKI for digital signature"),
            Self::HpkiRoot => hpki("tasuki test HPKI Root CA"),
            Self::HpkiSign => hpki("HPKI-01-TestSignCA-forNonRepudiation"),
        }
    }

    pub(super) const fn issuer(self) -> Self {
        match self {
            Self::HpkiSign => Self::HpkiRoot,
            other => other,
        }
    }

    pub(super) const fn years(self) -> (i16, i16) {
        match self {
            Self::Auth1 | Self::Foreign => (2019, 2039),
            Self::Auth2 | Self::Sign1 => (2023, 2043),
            Self::Auth3 => (2026, 2046),
            Self::HpkiRoot => (2014, 2044),
            Self::HpkiSign => (2015, 2035),
        }
    }

    /// The name of the part of the revocation list, for JPKI's partitioned lists.
    pub(super) fn crl_scope(self) -> Option<Vec<u8>> {
        let unit = match self {
            Self::Auth1 => "CRL user authentication 1",
            Self::Auth2 => "CRL user authentication 2",
            Self::Auth3 => "CRL user authentication 3",
            Self::Foreign => "CRL stranger",
            Self::Sign1 => "CRL digital signature 1",
            Self::HpkiRoot | Self::HpkiSign => return None,
        };
        let name = build::name(&[(6, "JP"), (10, "tasuki test JPKI"), (3, unit)]);
        Some(build::directory_name(&name))
    }
}
