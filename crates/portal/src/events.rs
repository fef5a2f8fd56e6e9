//! The audit events of this desk.

use store::caller::Event;

/// A log-in challenge was given out.
pub static CHALLENGE: Event = Event {
    code: "portal.challenge",
    ja: "ご本人のページへのログインの開始",
    en: "portal log-in begun",
};
/// Somebody logged in by card.
pub static LOGIN: Event = Event {
    code: "portal.login",
    ja: "ご本人のページへのログイン",
    en: "portal log-in by card",
};
/// The home page.
pub static HOME: Event = Event {
    code: "portal.home",
    ja: "ご本人のページの表示",
    en: "portal home shown",
};
/// One's own data.
pub static RECORD: Event = Event {
    code: "portal.record",
    ja: "ご本人による診療情報の閲覧",
    en: "own data seen",
};
/// One's own history.
pub static HISTORY: Event = Event {
    code: "portal.history",
    ja: "ご本人による閲覧履歴の確認",
    en: "own access history seen",
};
/// The proof of one record.
pub static PROOF: Event = Event {
    code: "portal.proof",
    ja: "閲覧履歴の証明データの取得",
    en: "proof of a record taken",
};
/// One's own consents.
pub static CONSENTS: Event = Event {
    code: "portal.consents",
    ja: "ご本人による同意の確認",
    en: "own consents seen",
};
/// A consent was taken back.
pub static WITHDRAW: Event = Event {
    code: "consent.withdraw",
    ja: "同意の取り消し",
    en: "consent withdrawn",
};
/// A facility may see one's data every time.
pub static STANDING: Event = Event {
    code: "consent.standing",
    ja: "次回からも見せる同意の登録",
    en: "standing consent recorded",
};
