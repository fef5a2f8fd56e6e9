//! Making a My Number card sign, over any transport of the myna-card crate.
//!
//! A PIN stays in force until another application is selected, even over a warm reset, so
//! every way out of these functions selects the card manager; a caller on real hardware opens
//! the reader exclusively.
//! Source: identity-security 1.3; for PIN-less use 1.5 (our stand-in, test profile only).

use kernel::{Entry, Refusal};
use myna_card::ap::DEFAULT_DF;
use myna_card::ap::jpki::{JpkiAp, SignatureScheme};
use myna_card::apdu::Command;
use myna_card::transport::Transmit;
use myna_card::{Card, Error, Pin, Retries};

use crate::key::{Algorithm, sha256, sha384};
use crate::path;
use crate::vcard::{TERMINAL_P1_P2, digest_info_sha256};

/// What the card said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardAnswer {
    /// 利用者証明用電子証明書, DER; not checked yet.
    pub certificate_der: Vec<u8>,
    /// The signature over the message.
    pub signature: Vec<u8>,
    /// How it was made.
    pub algorithm: Algorithm,
}

/// A terminal that can prove to a card that it is registered.
pub trait TerminalProof {
    /// Its card-verifiable certificate.
    fn certificate(&self) -> &[u8];
    /// Its signature over the card's challenge; `None` when it cannot sign.
    fn sign(&self, challenge: &[u8]) -> Option<Vec<u8>>;
}

/// Why the card did not sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// The PIN is wrong.
    #[error("the PIN is wrong, {tries_left} tries are left")]
    PinWrong {
        /// Tries left, at least one.
        tries_left: u8,
    },
    /// The PIN is blocked; only the municipal office can help.
    #[error("the PIN is blocked")]
    PinBlocked,
    /// Not four digits; nothing was sent, no try was spent.
    #[error("the PIN must be four digits")]
    PinFormat,
    /// There is no reader.
    #[error("there is no card reader")]
    NoReader,
    /// There is no card, or it was taken away.
    #[error("there is no card on the reader")]
    CardRemoved,
    /// A card, but no My Number card.
    #[error("this is not a My Number card")]
    NotMyNumberCard,
    /// The card carries no authentication certificate.
    #[error("the card has no authentication certificate")]
    NoCertificate,
    /// The card does not accept this terminal, or wants a PIN.
    #[error("the card does not accept this terminal without a PIN")]
    TerminalRefused,
    /// The card's answer makes no sense.
    #[error("the card cannot be read")]
    Unreadable,
    /// The reader is there and fails.
    #[error("the card reader does not work")]
    ReaderFault,
    /// Another program holds the card.
    #[error("the card reader is in use by another program")]
    ReaderBusy,
    /// The service through which readers are reached does not run.
    #[error("the card service (PC/SC) does not run")]
    NoService,
    /// There is something on the reader that does not answer to power.
    #[error("the card does not answer")]
    CardSilent,
}

kernel::catalog! {
    /// [`CardError::PinWrong`].
    PIN_WRONG = "TSK-CRD-001", 403, "login",
        cause: "暗証番号が違います。", "the PIN is wrong";
        remedy: "残り回数を確かめて、利用者証明用の4桁の暗証番号を入れ直してください。わからないときは顔認証か番号の入力で確認してください。", "mind the tries left and enter the four-digit PIN again; if unknown, use face matching or type the number";
        source: "identity-security 1.3";
    /// [`CardError::PinBlocked`].
    PIN_BLOCKED = "TSK-CRD-002", 403, "login",
        cause: "暗証番号がロックされています。", "the PIN is blocked";
        remedy: "市区町村の窓口またはコンビニで初期化が必要です。今日は顔認証か番号の入力、または資格確認書で確認してください。", "it is reset at the municipal office; today use face matching, type the number, or use the paper certificate";
        source: "identity-security 1.3";
    /// [`CardError::PinFormat`].
    PIN_FORMAT = "TSK-CRD-003", 400, "value",
        cause: "暗証番号は数字4桁です。", "the PIN is four digits";
        remedy: "数字4桁を入れてください。回数は減っていません。", "enter four digits; no try was spent";
        source: "identity-security 1.2";
    /// [`CardError::NoReader`].
    NO_READER = "TSK-CRD-004", 422, "transient",
        cause: "カードリーダーが見つかりません。", "there is no card reader";
        remedy: "カードリーダーの電源と接続を確かめてください。急ぐときは番号の入力で確認してください。", "check the reader's power and cable; if urgent, type the number";
        source: "identity-security 1.7";
    /// [`CardError::CardRemoved`].
    CARD_REMOVED = "TSK-CRD-005", 422, "incomplete",
        cause: "カードがありません。途中で外れた可能性があります。", "there is no card, or it was taken away too early";
        remedy: "カードを置き、完了の表示が出るまで動かさないでください。", "place the card and leave it until it says done";
        source: "identity-security 1.3";
    /// [`CardError::NotMyNumberCard`].
    NOT_MY_NUMBER_CARD = "TSK-CRD-006", 422, "not-supported",
        cause: "マイナンバーカードではありません。", "this is not a My Number card";
        remedy: "マイナンバーカードを置いてください。お持ちでなければ番号の入力または資格確認書で確認してください。", "place the My Number card; without one, type the number or use the paper certificate";
        source: "identity-security 1.2";
    /// [`CardError::NoCertificate`].
    NO_CERTIFICATE = "TSK-CRD-007", 422, "not-found",
        cause: "カードに利用者証明用電子証明書が入っていません。", "the card has no authentication certificate";
        remedy: "市区町村の窓口で電子証明書の発行が必要です。今日は番号の入力または資格確認書で確認してください。", "it is issued at the municipal office; today type the number or use the paper certificate";
        source: "identity-security 1.2 (EF 0008)";
    /// [`CardError::TerminalRefused`].
    TERMINAL_REFUSED = "TSK-CRD-008", 403, "security",
        cause: "この端末では暗証番号なしでカードを使えません。", "this terminal may not use the card without a PIN";
        remedy: "暗証番号を入れるか、番号の入力で確認してください。端末の登録をシステム管理者に確かめてください。", "enter the PIN or type the number; ask the administrator about the terminal's registration";
        source: "identity-security 1.5";
    /// [`CardError::Unreadable`].
    UNREADABLE = "TSK-CRD-009", 422, "processing",
        cause: "カードを読み取れませんでした。", "the card cannot be read";
        remedy: "カードを置き直してもう一度お試しください。続くときはカードの故障が考えられます。番号の入力または資格確認書で確認してください。", "place the card again; if it persists the card may be broken: type the number or use the paper certificate";
        source: "identity-security 1.3";
    /// [`CardError::ReaderFault`].
    READER_FAULT = "TSK-CRD-010", 422, "exception",
        cause: "カードリーダーが正しく動いていません。", "the card reader does not work";
        remedy: "カードを外し、カードリーダーの電源を入れ直してから、もう一度カードを置いてください。続くときは「つながりを調べる」で状態を確かめ、今日は番号の入力または資格確認書で確認してください。", "take the card away, switch the reader off and on, and place the card again; if it persists, run the diagnosis, and today type the number or use the paper certificate";
        source: "peers report 46; identity-security 1.7";
    /// [`CardError::ReaderBusy`].
    READER_BUSY = "TSK-CRD-011", 422, "transient",
        cause: "カードリーダーをほかのプログラムが使っています。", "another program uses the card reader";
        remedy: "ほかの受付画面や確定申告などのプログラムを閉じてから、もう一度お試しください。", "close other programs that use cards, and try again";
        source: "identity-security 1.3: exclusive sharing";
    /// [`CardError::NoService`].
    NO_SERVICE = "TSK-CRD-012", 422, "transient",
        cause: "カードリーダーを動かすサービス(PC/SC)が止まっています。", "the card service (PC/SC) does not run";
        remedy: "この端末を再起動してください。続くときはシステム管理者に連絡し、今日は番号の入力で確認してください。", "restart this terminal; if it persists, call the administrator, and today type the number";
        source: "identity-security 1.7";
    /// [`CardError::CardSilent`].
    CARD_SILENT = "TSK-CRD-013", 422, "processing",
        cause: "カードが応答しません。", "the card does not answer";
        remedy: "カードの表裏と向き、重ねて置いたカードや財布がないかを確かめて、置き直してください。続くときはカードの故障が考えられます。番号の入力または資格確認書で確認してください。", "check which side is up and that no other card lies with it, and place it again; if it persists the card may be broken: type the number or use the paper certificate";
        source: "identity-security 1.7";
}

impl CardError {
    /// The catalogue entry of this reason.
    #[must_use]
    pub const fn entry(self) -> &'static Entry {
        match self {
            Self::PinWrong { .. } => &PIN_WRONG,
            Self::PinBlocked => &PIN_BLOCKED,
            Self::PinFormat => &PIN_FORMAT,
            Self::NoReader => &NO_READER,
            Self::CardRemoved => &CARD_REMOVED,
            Self::NotMyNumberCard => &NOT_MY_NUMBER_CARD,
            Self::NoCertificate => &NO_CERTIFICATE,
            Self::TerminalRefused => &TERMINAL_REFUSED,
            Self::Unreadable => &UNREADABLE,
            Self::ReaderFault => &READER_FAULT,
            Self::ReaderBusy => &READER_BUSY,
            Self::NoService => &NO_SERVICE,
            Self::CardSilent => &CARD_SILENT,
        }
    }

    fn from_card(error: &Error) -> Self {
        match error {
            Error::PinIncorrect { retries: Some(n) } => Self::PinWrong { tries_left: *n },
            Error::PinBlocked => Self::PinBlocked,
            Error::InvalidPin(_) => Self::PinFormat,
            Error::NoReader | Error::ReaderNotFound(_) => Self::NoReader,
            Error::ShortResponse(_) => Self::CardRemoved,
            Error::Status(status) if status.value() == 0x6982 => Self::TerminalRefused,
            _ => Self::Unreadable,
        }
    }
}

impl From<CardError> for Refusal {
    fn from(error: CardError) -> Self {
        Self::new(error.entry())
    }
}

fn card_error(error: Error) -> CardError {
    CardError::from_card(&error)
}

/// Tries left on the authentication PIN, without spending one; 0 is blocked, `None` when the
/// card does not say.
///
/// # Errors
/// [`CardError`] when there is no My Number card.
pub fn pin_tries(card: &mut impl Transmit) -> Result<Option<u8>, CardError> {
    in_jpki(card, |jpki| {
        jpki.auth_pin_retries()
            .map(Retries::count)
            .map_err(card_error)
    })
}

/// Reads the certificate and signs `message` after the four-digit PIN.
///
/// Right for the plastic card, both phones and the next card: which one answers is read
/// from the token information, how it signs from its certificate.
///
/// # Errors
/// [`CardError`]; a wrong PIN spends a try, a malformed one does not.
pub fn sign_challenge(
    card: &mut impl Transmit,
    pin: &str,
    message: &[u8],
) -> Result<CardAnswer, CardError> {
    let pin = Pin::numeric(pin)
        .ok()
        .filter(|pin| pin.len() == 4)
        .ok_or(CardError::PinFormat)?;
    in_jpki(card, |jpki| {
        // A phone shows its certificate only after the PIN; a card without certificate is
        // told apart before a try is spent.
        check_certificate(jpki)?;
        jpki.verify_auth_pin(&pin).map_err(card_error)?;
        read_and_sign(jpki, message)
    })
}

/// Reads the certificate and signs `message` on the word of a registered terminal, without a
/// PIN (face matching or staff's visual check happen before).
///
/// # Errors
/// [`CardError::TerminalRefused`] when the card does not accept the terminal.
pub fn sign_challenge_at_terminal(
    card: &mut impl Transmit,
    terminal: &impl TerminalProof,
    message: &[u8],
) -> Result<CardAnswer, CardError> {
    in_jpki(card, |jpki| {
        check_certificate(jpki)?;
        let refused = |error| match card_error(error) {
            gone @ (CardError::CardRemoved | CardError::NoReader) => gone,
            _ => CardError::TerminalRefused,
        };
        let (p1, p2) = TERMINAL_P1_P2;
        let certificate = terminal.certificate();
        let show = Command::with_data(0x80, 0xa2, p1, p2, certificate);
        jpki.card().call_ok(&show).map_err(refused)?;
        let challenge = jpki.card().get_challenge(16).map_err(refused)?;
        let proof = terminal
            .sign(&challenge)
            .ok_or(CardError::TerminalRefused)?;
        let prove = Command::with_data(0x00, 0x82, 0, 0, proof);
        jpki.card().call_ok(&prove).map_err(refused)?;
        read_and_sign(jpki, message)
    })
}

/// Runs `work` in the JPKI application and leaves it again, whatever happened.
fn in_jpki<T: Transmit, R>(
    transport: &mut T,
    work: impl FnOnce(&mut JpkiAp<'_, &mut T>) -> Result<R, CardError>,
) -> Result<R, CardError> {
    let mut card = Card::new(transport);
    let result = match JpkiAp::select(&mut card) {
        Ok(mut jpki) => work(&mut jpki),
        Err(Error::Status(_)) => Err(CardError::NotMyNumberCard),
        Err(error) => Err(card_error(error)),
    };
    // The outcome is decided; a card that is gone by now has lost its security state anyway.
    let _left = card.select_df(&DEFAULT_DF);
    result
}

fn check_certificate<T: Transmit>(jpki: &mut JpkiAp<'_, T>) -> Result<(), CardError> {
    let carried = jpki.read_certificate_availability().map_err(card_error)?;
    if carried.has_auth_certificate() {
        Ok(())
    } else {
        Err(CardError::NoCertificate)
    }
}

fn read_and_sign<T: Transmit>(
    jpki: &mut JpkiAp<'_, T>,
    message: &[u8],
) -> Result<CardAnswer, CardError> {
    let certificate_der = jpki.read_auth_certificate_der().map_err(card_error)?;
    let algorithm = path::algorithm_of(&certificate_der).ok_or(CardError::Unreadable)?;
    let input = match algorithm {
        Algorithm::EcdsaP384Sha384 => sha384(message),
        _ => digest_info_sha256(&sha256(message)),
    };
    let signature = jpki
        .sign_with_auth_key(SignatureScheme::Verbatim, &input)
        .map_err(card_error)?;
    Ok(CardAnswer {
        certificate_der,
        signature,
        algorithm,
    })
}
