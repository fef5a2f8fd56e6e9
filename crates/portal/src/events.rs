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
/// One's own documents.
pub static DOCUMENTS: Event = Event {
    code: "portal.documents",
    ja: "ご本人による文書の一覧の表示",
    en: "own documents listed",
};
/// One of one's own documents.
pub static DOCUMENT: Event = Event {
    code: "portal.document",
    ja: "ご本人による文書の閲覧",
    en: "own document read",
};
/// A file in one of them.
pub static DOCUMENT_FILE: Event = Event {
    code: "portal.document-file",
    ja: "ご本人による文書の添付ファイルの取得",
    en: "file in an own document taken",
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
/// The receipt of one's own choice.
pub static RECEIPT: Event = Event {
    code: "portal.receipt",
    ja: "ご本人による同意の控えの表示",
    en: "receipt of an own choice seen",
};
/// A visit code was opened on somebody's phone.
pub static VISIT_OPEN: Event = Event {
    code: "visit-code.open",
    ja: "来院コードの入力",
    en: "visit code opened",
};
/// Somebody showed by a visit code who they are.
pub static VISIT_PROVE: Event = Event {
    code: "visit-code.prove",
    ja: "来院コードでの本人確認",
    en: "identity shown by visit code",
};
/// What the phone shows that did so.
pub static VISIT_PHONE: Event = Event {
    code: "visit-code.phone",
    ja: "来院コードの画面の表示",
    en: "page of a visit code shown",
};
/// A choice on that phone.
pub static VISIT_CHOOSE: Event = Event {
    code: "visit-code.consent",
    ja: "来院コードの画面での同意の登録",
    en: "consent recorded on the phone of a visit code",
};
/// One's own proxies and charges.
pub static FAMILY: Event = Event {
    code: "portal.family",
    ja: "家族・代理の確認",
    en: "proxies seen",
};
/// The insurance page, and how one's card and phone stand.
pub static INSURANCE: Event = Event {
    code: "portal.insurance",
    ja: "ご本人による保険の資格と利用登録の確認",
    en: "own coverage and registration seen",
};
/// A code for the counter was shown.
pub static SCREEN_CODE: Event = Event {
    code: "portal.screen-code",
    ja: "受付に見せる番号の表示",
    en: "code for the counter shown",
};
/// The card was registered as insurance card.
pub static REGISTER: Event = Event {
    code: "insurance.register",
    ja: "ご本人による健康保険証利用登録",
    en: "card registered as insurance card",
};
/// The registration was cancelled.
pub static CANCEL: Event = Event {
    code: "insurance.cancel",
    ja: "健康保険証利用登録の取り消し",
    en: "registration as insurance card cancelled",
};
/// The enrollment of a phone began.
pub static PHONE_BEGIN: Event = Event {
    code: "phone.begin",
    ja: "スマートフォンの登録の開始",
    en: "enrollment of a phone begun",
};
/// A phone was enrolled.
pub static PHONE_ENROLL: Event = Event {
    code: "phone.enroll",
    ja: "スマートフォンの登録",
    en: "phone enrolled",
};
/// A phone was ended.
pub static PHONE_END: Event = Event {
    code: "phone.end",
    ja: "スマートフォンの利用の終了",
    en: "phone ended",
};
/// Somebody was invited to act.
pub static INVITE: Event = Event {
    code: "proxy.invite",
    ja: "代理人の招待",
    en: "proxy invited",
};
/// Invitations were taken back.
pub static UNINVITE: Event = Event {
    code: "proxy.uninvite",
    ja: "代理人の招待の取り消し",
    en: "invitations taken back",
};
/// An invitation was redeemed.
pub static REDEEM: Event = Event {
    code: "proxy.redeem",
    ja: "代理の引き受け",
    en: "invitation redeemed",
};
/// Acting for somebody began.
pub static ACT: Event = Event {
    code: "proxy.act",
    ja: "代理での表示の開始",
    en: "acting as a proxy begun",
};
/// Acting for somebody ended.
pub static LEAVE: Event = Event {
    code: "proxy.leave",
    ja: "代理での表示の終了",
    en: "acting as a proxy ended",
};
/// A relation was ended.
pub static END: Event = Event {
    code: "proxy.end",
    ja: "代理の終了",
    en: "relation ended",
};
