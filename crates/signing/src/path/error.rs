//! Why a certificate is refused: one variant a reason, one catalogue entry a variant.
//!
//! Causes and remedies are read by a nurse at the counter with the patient in front of her:
//! they say what to do next, so that care goes on by number or by the paper 資格確認書.

use kernel::time::Timestamp;
use kernel::{Entry, Refusal};

/// Why a certificate was revoked.
///
/// Source: RFC 5280, section 5.3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationReason {
    /// No reason stated.
    Unspecified,
    /// The private key is no longer the holder's alone.
    KeyCompromise,
    /// The authority's key is compromised.
    CaCompromise,
    /// The holder's particulars changed.
    AffiliationChanged,
    /// A newer certificate replaced it.
    Superseded,
    /// No longer needed, such as a card handed back.
    CessationOfOperation,
    /// Suspended for now (一時停止), such as a card reported lost.
    CertificateHold,
    /// A right was withdrawn.
    PrivilegeWithdrawn,
}

impl RevocationReason {
    /// From the code of a revocation list.
    #[must_use]
    pub const fn from_code(code: u8) -> Self {
        match code {
            1 => Self::KeyCompromise,
            2 | 10 => Self::CaCompromise,
            3 => Self::AffiliationChanged,
            4 => Self::Superseded,
            5 => Self::CessationOfOperation,
            6 => Self::CertificateHold,
            9 => Self::PrivilegeWithdrawn,
            _ => Self::Unspecified,
        }
    }

    /// The code in a revocation list.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Unspecified => 0,
            Self::KeyCompromise => 1,
            Self::CaCompromise => 2,
            Self::AffiliationChanged => 3,
            Self::Superseded => 4,
            Self::CessationOfOperation => 5,
            Self::CertificateHold => 6,
            Self::PrivilegeWithdrawn => 9,
        }
    }
}

/// Why a certificate, or a revocation list, is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Not DER, not an X.509 v3 certificate, too large, or an extension given twice.
    #[error("the certificate cannot be read")]
    Malformed,
    /// The certificate's time is over; `until` is its last second.
    #[error("the certificate expired at {until}")]
    Expired {
        /// Its last second.
        until: Timestamp,
    },
    /// The certificate's time has not come.
    #[error("the certificate is not valid before {from}")]
    NotYetValid {
        /// Its first second.
        from: Timestamp,
    },
    /// No trusted authority has the key that the certificate names as its issuer's.
    #[error("the issuer is not trusted")]
    UntrustedIssuer,
    /// The issuer's key did not make the signature.
    #[error("the signature does not verify")]
    BadSignature,
    /// Issuer name and issuer's subject name differ.
    #[error("the issuer's name does not match")]
    NameMismatch,
    /// Policy or authority is for another purpose, such as signing instead of authentication.
    #[error("the certificate is for another purpose")]
    WrongPurpose,
    /// The key usage does not allow the purpose.
    #[error("the key usage does not allow this")]
    WrongKeyUsage,
    /// The certificate is revoked or suspended.
    #[error("the certificate was revoked at {at}")]
    Revoked {
        /// Since when.
        at: Timestamp,
        /// Why.
        reason: RevocationReason,
    },
    /// An authority between certificate and anchor is revoked.
    #[error("an issuing authority is revoked")]
    IssuerRevoked,
    /// There is no revocation list that covers the certificate: refused, fail closed.
    #[error("no revocation list covers the certificate")]
    CrlMissing,
    /// The revocation list is too old: refused outside of disaster mode.
    #[error("the revocation list is stale since {since}")]
    CrlStale {
        /// Since when.
        since: Timestamp,
    },
    /// A revocation list that is malformed, or not signed by the authority it names.
    #[error("the revocation list is not genuine")]
    CrlNotGenuine,
    /// A critical extension that we do not understand.
    #[error("unknown critical extension {oid}")]
    UnknownCritical {
        /// Its object identifier.
        oid: String,
    },
    /// The issuer is no authority.
    #[error("the issuer is not a certificate authority")]
    NotACa,
    /// An authority's own certificate was shown as a person's.
    #[error("an authority's certificate cannot be used by a person")]
    CaAsEndEntity,
    /// More authorities than allowed stand between certificate and anchor.
    #[error("the certification path is too long")]
    PathTooLong,
    /// An authority's certificate is not valid at this time.
    #[error("an issuing authority's certificate is not valid at this time")]
    IssuerNotValid,
    /// An RSA key below 2,048 bits.
    #[error("an RSA key of {bits} bits is too weak")]
    WeakKey {
        /// Bits of the modulus.
        bits: usize,
    },
    /// Signed with MD5, SHA-1 or SHA-224.
    #[error("the signature algorithm is too weak")]
    WeakAlgorithm,
    /// A key or signature algorithm outside of the accepted list.
    #[error("the algorithm is not supported")]
    UnsupportedAlgorithm,
}

kernel::catalog! {
    /// [`PathError::Malformed`].
    MALFORMED = "TSK-CRT-001", 400, "invalid",
        cause: "電子証明書を読み取れませんでした。", "the certificate cannot be read";
        remedy: "カードを置き直してもう一度お試しください。続くときは資格を番号の入力で確認してください。", "place the card again; if it persists, check eligibility by typing the number";
        source: "RFC 5280, section 4.1";
    /// [`PathError::Expired`].
    EXPIRED = "TSK-CRT-002", 403, "expired",
        cause: "電子証明書の有効期限が切れています。", "the certificate has expired";
        remedy: "市区町村の窓口で更新が必要です。資格は番号の入力または資格確認書で確認してください。", "it is renewed at the municipal office; check eligibility by typing the number or from the paper certificate";
        source: "RFC 5280, section 4.1.2.5; 公的個人認証法 第24条";
    /// [`PathError::NotYetValid`].
    NOT_YET_VALID = "TSK-CRT-003", 403, "security",
        cause: "電子証明書の有効期間がまだ始まっていません。", "the certificate is not valid yet";
        remedy: "端末の日時が正しいか確かめてください。正しいときは有効期間の開始後にお使いください。", "check the terminal's clock; if it is right, use the card once its time has come";
        source: "RFC 5280, section 4.1.2.5";
    /// [`PathError::UntrustedIssuer`].
    UNTRUSTED_ISSUER = "TSK-CRT-004", 403, "security",
        cause: "認められた認証局が発行した電子証明書ではありません。", "no trusted authority issued this certificate";
        remedy: "マイナンバーカードかどうか確かめてください。資格は番号の入力または資格確認書で確認してください。", "make sure that it is a My Number card; check eligibility by typing the number or from the paper certificate";
        source: "RFC 5280, section 6.1; identity-security T07";
    /// [`PathError::BadSignature`].
    BAD_SIGNATURE = "TSK-CRT-005", 403, "security",
        cause: "電子証明書の署名が正しくありません。偽造または破損のおそれがあります。", "the certificate's signature is wrong: forged or damaged";
        remedy: "このカードは使わず、ほかの本人確認書類で確認してください。施設の責任者に知らせてください。", "do not use this card; identify the person by other documents and tell the facility's responsible person";
        source: "RFC 5280, section 6.1.3";
    /// [`PathError::NameMismatch`].
    NAME_MISMATCH = "TSK-CRT-006", 403, "security",
        cause: "電子証明書の発行者名が認証局の名前と一致しません。", "the issuer's name is not the authority's";
        remedy: "このカードは使わず、ほかの本人確認書類で確認してください。施設の責任者に知らせてください。", "do not use this card; identify the person by other documents and tell the facility's responsible person";
        source: "RFC 5280, section 6.1.3 (a)(4)";
    /// [`PathError::WrongPurpose`].
    WRONG_PURPOSE = "TSK-CRT-007", 403, "security",
        cause: "この用途の電子証明書ではありません。", "the certificate is for another purpose";
        remedy: "本人確認には利用者証明用電子証明書(4桁の暗証番号)、署名には署名用電子証明書をお使いください。", "use the authentication certificate (four-digit PIN) to identify, the signing certificate to sign";
        source: "JPKI certificate policies 1.2.392.200149.8.5.1; HPKI 1.2.392.100495.1.5.1";
    /// [`PathError::WrongKeyUsage`].
    WRONG_KEY_USAGE = "TSK-CRT-008", 403, "security",
        cause: "電子証明書の鍵をこの用途に使うことは許されていません。", "the certificate's key usage does not allow this";
        remedy: "このカードは使わず、資格は番号の入力または資格確認書で確認してください。", "do not use this card; check eligibility by typing the number or from the paper certificate";
        source: "RFC 5280, section 4.2.1.3";
    /// [`PathError::Revoked`].
    REVOKED = "TSK-CRT-009", 403, "security",
        cause: "電子証明書は失効しています。", "the certificate has been revoked";
        remedy: "新しいカードがあればそちらをお使いください。なければ市区町村の窓口で手続きが必要です。資格は番号の入力または資格確認書で確認してください。", "use the newer card if there is one, else the municipal office helps; check eligibility by typing the number or from the paper certificate";
        source: "RFC 5280, section 6.3; identity-security T08";
    /// [`PathError::IssuerRevoked`].
    ISSUER_REVOKED = "TSK-CRT-010", 403, "security",
        cause: "電子証明書を発行した認証局が失効しています。", "the issuing authority is revoked";
        remedy: "カードでの確認はできません。資格は番号の入力または資格確認書で確認し、システム管理者に連絡してください。", "cards cannot be used; check eligibility by typing the number or from the paper certificate, and call the administrator";
        source: "RFC 5280, section 6.3";
    /// [`PathError::CrlMissing`].
    CRL_MISSING = "TSK-CRT-011", 422, "transient",
        cause: "失効しているかどうかを確かめられません(失効情報がありません)。", "whether it is revoked cannot be checked: there is no revocation list";
        remedy: "しばらくしてもう一度お試しください。急ぐときは資格を番号の入力で確認し、システム管理者に連絡してください。", "try again shortly; if urgent, check eligibility by typing the number, and call the administrator";
        source: "identity-security T08 (fail closed)";
    /// [`PathError::CrlStale`].
    CRL_STALE = "TSK-CRT-012", 422, "transient",
        cause: "失効情報が古いため、電子証明書を確かめられません。", "the revocation list is too old";
        remedy: "しばらくしてもう一度お試しください。急ぐときは資格を番号の入力で確認し、システム管理者に連絡してください。災害時は災害時モードを使います。", "try again shortly; if urgent, check eligibility by typing the number, and call the administrator; in a disaster use disaster mode";
        source: "RFC 5280, section 6.3.3; identity-security T08";
    /// [`PathError::CrlNotGenuine`].
    CRL_NOT_GENUINE = "TSK-CRT-013", 422, "security",
        cause: "失効情報が壊れているか、認証局の署名ではありません。", "the revocation list is damaged or not signed by the authority";
        remedy: "失効情報を取り直してください。それまでは前の失効情報が使われます。", "fetch the list again; the earlier one stays in use until then";
        source: "RFC 5280, section 6.3.3 (g)";
    /// [`PathError::UnknownCritical`].
    UNKNOWN_CRITICAL = "TSK-CRT-014", 403, "security",
        cause: "電子証明書に、この仕組みが理解できない必須項目があります。", "the certificate has a critical extension that is not understood";
        remedy: "このカードは使わず、資格は番号の入力または資格確認書で確認し、システム管理者に連絡してください。", "do not use this card; check eligibility by typing the number or from the paper certificate, and call the administrator";
        source: "RFC 5280, section 4.2";
    /// [`PathError::NotACa`].
    NOT_A_CA = "TSK-CRT-015", 403, "security",
        cause: "電子証明書の発行者は認証局ではありません。", "the issuer is not an authority";
        remedy: "このカードは使わず、ほかの本人確認書類で確認してください。施設の責任者に知らせてください。", "do not use this card; identify the person by other documents and tell the facility's responsible person";
        source: "RFC 5280, section 6.1.4 (k)";
    /// [`PathError::CaAsEndEntity`].
    CA_AS_END_ENTITY = "TSK-CRT-016", 403, "security",
        cause: "認証局の電子証明書が本人のものとして示されました。", "an authority's certificate was shown as a person's";
        remedy: "このカードは使わず、ほかの本人確認書類で確認してください。施設の責任者に知らせてください。", "do not use this card; identify the person by other documents and tell the facility's responsible person";
        source: "identity-security T07";
    /// [`PathError::PathTooLong`].
    PATH_TOO_LONG = "TSK-CRT-017", 403, "security",
        cause: "電子証明書から認証局までの経路が長すぎます。", "the certification path is too long";
        remedy: "このカードは使わず、資格は番号の入力または資格確認書で確認し、システム管理者に連絡してください。", "do not use this card; check eligibility by typing the number or from the paper certificate, and call the administrator";
        source: "RFC 5280, section 4.2.1.9";
    /// [`PathError::IssuerNotValid`].
    ISSUER_NOT_VALID = "TSK-CRT-018", 403, "expired",
        cause: "電子証明書を発行した認証局の証明書が有効期間外です。", "the issuing authority's certificate is not valid at this time";
        remedy: "カードでの確認はできません。資格は番号の入力または資格確認書で確認し、システム管理者に連絡してください。", "cards cannot be used; check eligibility by typing the number or from the paper certificate, and call the administrator";
        source: "RFC 5280, section 6.1.3 (a)(2)";
    /// [`PathError::WeakKey`].
    WEAK_KEY = "TSK-CRT-019", 403, "security",
        cause: "電子証明書の鍵の強度が足りません。", "the certificate's key is too weak";
        remedy: "このカードは使わず、市区町村の窓口で更新してください。資格は番号の入力または資格確認書で確認してください。", "do not use this card, have it renewed at the municipal office; check eligibility by typing the number or from the paper certificate";
        source: "CRYPTREC LS-0001 (RSA 2048 以上)";
    /// [`PathError::WeakAlgorithm`].
    WEAK_ALGORITHM = "TSK-CRT-020", 403, "security",
        cause: "電子証明書の署名方式は安全ではなくなっています。", "the certificate's signature algorithm is no longer safe";
        remedy: "このカードは使わず、市区町村の窓口で更新してください。資格は番号の入力または資格確認書で確認してください。", "do not use this card, have it renewed at the municipal office; check eligibility by typing the number or from the paper certificate";
        source: "CRYPTREC LS-0001 (SHA-1, MD5 は使わない)";
    /// [`PathError::UnsupportedAlgorithm`].
    UNSUPPORTED_ALGORITHM = "TSK-CRT-021", 403, "not-supported",
        cause: "電子証明書の暗号方式に対応していません。", "the certificate's algorithm is not supported";
        remedy: "資格は番号の入力または資格確認書で確認し、システム管理者に連絡してください。", "check eligibility by typing the number or from the paper certificate, and call the administrator";
        source: "signing::key";
}

impl PathError {
    /// The catalogue entry of this reason.
    #[must_use]
    pub const fn entry(&self) -> &'static Entry {
        match self {
            Self::Malformed => &MALFORMED,
            Self::Expired { .. } => &EXPIRED,
            Self::NotYetValid { .. } => &NOT_YET_VALID,
            Self::UntrustedIssuer => &UNTRUSTED_ISSUER,
            Self::BadSignature => &BAD_SIGNATURE,
            Self::NameMismatch => &NAME_MISMATCH,
            Self::WrongPurpose => &WRONG_PURPOSE,
            Self::WrongKeyUsage => &WRONG_KEY_USAGE,
            Self::Revoked { .. } => &REVOKED,
            Self::IssuerRevoked => &ISSUER_REVOKED,
            Self::CrlMissing => &CRL_MISSING,
            Self::CrlStale { .. } => &CRL_STALE,
            Self::CrlNotGenuine => &CRL_NOT_GENUINE,
            Self::UnknownCritical { .. } => &UNKNOWN_CRITICAL,
            Self::NotACa => &NOT_A_CA,
            Self::CaAsEndEntity => &CA_AS_END_ENTITY,
            Self::PathTooLong => &PATH_TOO_LONG,
            Self::IssuerNotValid => &ISSUER_NOT_VALID,
            Self::WeakKey { .. } => &WEAK_KEY,
            Self::WeakAlgorithm => &WEAK_ALGORITHM,
            Self::UnsupportedAlgorithm => &UNSUPPORTED_ALGORITHM,
        }
    }
}

impl From<PathError> for Refusal {
    fn from(error: PathError) -> Self {
        Self::new(error.entry())
    }
}
