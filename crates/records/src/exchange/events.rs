//! The audit events of letters.

use store::caller::Event;

/// The addressee looked at its list.
pub static INBOX: Event = Event {
    code: "letters.inbox",
    ja: "届いた診療文書の一覧の表示",
    en: "letters received listed",
};
/// The addressee opened a letter.
pub static OPEN: Event = Event {
    code: "letters.open",
    ja: "診療文書の開封",
    en: "letter opened",
};
/// The addressee read a letter.
pub static READ: Event = Event {
    code: "letters.read",
    ja: "診療文書の閲覧",
    en: "letter read",
};
/// A file in a letter was taken out.
pub static FILE: Event = Event {
    code: "letters.file",
    ja: "診療文書の添付ファイルの取得",
    en: "file in a letter fetched",
};
/// The addressee answered.
pub static ANSWER: Event = Event {
    code: "letters.answer",
    ja: "診療文書への返書",
    en: "letter answered",
};
/// The sender looked at its list.
pub static SENT: Event = Event {
    code: "letters.sent",
    ja: "送った診療文書の一覧の表示",
    en: "letters sent listed",
};
/// The sender read its own letter.
pub static OWN: Event = Event {
    code: "letters.own",
    ja: "送った診療文書の確認",
    en: "own letter read back",
};
/// The patient's consent went on record.
pub static CONSENT: Event = Event {
    code: "letters.consent",
    ja: "診療文書を渡すことへの口頭の同意の登録",
    en: "oral consent to a letter recorded",
};
/// The patient took the consent back.
pub static WITHDRAW: Event = Event {
    code: "letters.withdraw",
    ja: "診療文書を渡すことへの同意の撤回",
    en: "consent to a letter withdrawn",
};
/// A document travels with a letter.
pub static ENCLOSE: Event = Event {
    code: "letters.enclose",
    ja: "診療文書に添える文書の登録",
    en: "document enclosed in a letter",
};
/// Somebody looked at what is still open.
pub static LOOPS: Event = Event {
    code: "letters.loops",
    ja: "返事を待っている診療文書の一覧の表示",
    en: "open letters listed",
};
/// An insurer looked at its list.
pub static CHECKUPS: Event = Event {
    code: "letters.checkups",
    ja: "加入者の健診結果報告書の一覧の表示",
    en: "checkup reports listed",
};
/// An insurer read a report.
pub static CHECKUP: Event = Event {
    code: "letters.checkup",
    ja: "保険者による健診結果報告書の閲覧",
    en: "checkup report read by the insurer",
};
