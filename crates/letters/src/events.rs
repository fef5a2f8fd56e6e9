//! The audit events of this desk.

use store::caller::Event;

/// The list of letters that came in.
pub static INBOX: Event = Event {
    code: "letter-desk.inbox",
    ja: "届いた紹介状の一覧",
    en: "letters received listed",
};
/// The list of what was sent.
pub static SENT: Event = Event {
    code: "letter-desk.sent",
    ja: "送った文書の一覧",
    en: "documents sent listed",
};
/// A letter was opened.
pub static OPEN: Event = Event {
    code: "letter-desk.open",
    ja: "紹介状の開封",
    en: "letter opened",
};
/// A letter was read.
pub static READ: Event = Event {
    code: "letter-desk.read",
    ja: "届いた紹介状の閲覧",
    en: "letter read",
};
/// A letter was answered.
pub static ANSWER: Event = Event {
    code: "letter-desk.answer",
    ja: "紹介状への返事",
    en: "letter answered",
};
/// The form of a letter was opened for a patient.
pub static WRITE: Event = Event {
    code: "letter-desk.write",
    ja: "紹介状の作成",
    en: "letter being written",
};
/// A letter was sent.
pub static SEND: Event = Event {
    code: "letter-desk.send",
    ja: "紹介状の送信",
    en: "letter sent",
};
/// One's own document was read back.
pub static OWN: Event = Event {
    code: "letter-desk.own",
    ja: "自施設が送った文書の確認",
    en: "own document read back",
};
/// The patient's oral consent was recorded.
pub static CONSENT: Event = Event {
    code: "letter-desk.consent",
    ja: "紹介状についての口頭の同意の登録",
    en: "oral consent to a letter recorded",
};
/// A document was taken back, or a cancellation undone.
pub static CANCEL: Event = Event {
    code: "letter-desk.cancel",
    ja: "送った文書の取消、または元に戻す操作",
    en: "document taken back, or put back",
};
/// The insurer's list of checkup reports.
pub static CHECKUPS: Event = Event {
    code: "letter-desk.checkups",
    ja: "加入者の健診結果報告書の一覧",
    en: "members' checkup reports listed",
};
/// One of them.
pub static CHECKUP: Event = Event {
    code: "letter-desk.checkup",
    ja: "加入者の健診結果報告書の閲覧",
    en: "member's checkup report read",
};
/// A document was checked without being kept.
pub static VALIDATE: Event = Event {
    code: "letter-desk.validate",
    ja: "検証の画面での文書の検証",
    en: "document checked on the validator's page",
};
