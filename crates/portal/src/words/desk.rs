//! The words of what happens with letters and other documents on the pages of facilities and
//! insurers.

use super::{Words, act, look};

/// Events of the desk of letters.
pub static DESK: &[Words] = &[
    look(
        "letter-desk.inbox",
        "届いた紹介状の一覧の表示",
        "Letters received listed",
        "紹介状の一覧",
        "letters received",
    ),
    look(
        "letter-desk.sent",
        "送った文書の一覧の表示",
        "Documents sent listed",
        "送った文書の一覧",
        "documents sent",
    ),
    act(
        "letter-desk.open",
        "紹介先の施設が紹介状を開きました",
        "Your letter was opened by the facility it was sent to",
    ),
    look(
        "letter-desk.read",
        "届いた紹介状の閲覧",
        "Letter read",
        "あなたの紹介状",
        "your referral letter",
    ),
    act(
        "letter-desk.answer",
        "紹介先の施設が紹介状に返事をしました",
        "Your letter was answered",
    ),
    look(
        "letter-desk.write",
        "紹介状の作成のための閲覧",
        "Information seen to write a letter",
        "紹介状に書く情報",
        "information for a letter",
    ),
    act(
        "letter-desk.send",
        "紹介状が送られました",
        "A referral letter about you was sent",
    ),
    look(
        "letter-desk.own",
        "送った施設による文書の確認",
        "Document read back by the facility that sent it",
        "その施設が送った文書",
        "a document that the facility sent",
    ),
    act(
        "letter-desk.consent",
        "紹介状を送ることへの口頭の同意の登録",
        "Your oral consent to a letter was recorded",
    ),
    act(
        "letter-desk.cancel",
        "送られた文書の取り消し、または元に戻す操作",
        "A document was taken back, or put back",
    ),
    look(
        "letter-desk.checkups",
        "保険者による健診結果報告書の一覧の表示",
        "Checkup reports listed by an insurer",
        "健診結果報告書の一覧",
        "checkup reports",
    ),
    look(
        "letter-desk.checkup",
        "保険者による健診結果報告書の閲覧",
        "Checkup report read by your insurer",
        "あなたの健診結果報告書",
        "your checkup report",
    ),
    act(
        "letter-desk.validate",
        "文書の形式の確認",
        "Document checked",
    ),
];
