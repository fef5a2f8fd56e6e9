//! The words of documents and letters.

use super::{Words, act, look};

/// Their events.
pub static LETTERS: &[Words] = &[
    act(
        "records.change",
        "診療文書の変更",
        "Document changed to a new version",
    ),
    act("records.cancel", "診療文書の取消", "Document cancelled"),
    act(
        "records.undo",
        "診療文書の取消の取り下げ",
        "Cancellation of a document undone",
    ),
    act(
        "letters.inbox",
        "届いた診療文書の一覧の表示",
        "List of received letters shown",
    ),
    act("letters.open", "診療文書の開封", "Letter opened"),
    look(
        "letters.read",
        "診療文書(紹介状など)の閲覧",
        "Letter about you read",
        "あなたの診療文書",
        "a document about you",
    ),
    look(
        "letters.file",
        "診療文書の添付ファイルの取得",
        "File in a letter about you fetched",
        "あなたの診療文書の添付ファイル",
        "a file in a document about you",
    ),
    act("letters.answer", "診療文書への返書", "Letter answered"),
    act(
        "letters.sent",
        "送った診療文書の一覧の表示",
        "List of sent letters shown",
    ),
    look(
        "letters.own",
        "送った施設による診療文書の確認",
        "Letter read by the facility that wrote it",
        "あなたの診療文書",
        "a document about you",
    ),
    act(
        "letters.consent",
        "診療文書を渡すことへの、あなたの口頭の同意の登録",
        "Your oral consent to a letter recorded",
    ),
    act(
        "letters.withdraw",
        "診療文書を渡すことへの同意の撤回の登録",
        "Withdrawal of your consent to a letter recorded",
    ),
    act(
        "letters.enclose",
        "診療文書に添える文書の登録",
        "Document enclosed in a letter",
    ),
    act(
        "letters.loops",
        "返事を待っている診療文書の一覧の表示",
        "List of open letters shown",
    ),
    act(
        "letters.checkups",
        "加入者の健診結果報告書の一覧の表示",
        "List of checkup reports shown",
    ),
    look(
        "letters.checkup",
        "保険者による健診結果報告書の閲覧",
        "Checkup report read by your insurer",
        "あなたの健診結果報告書",
        "your checkup report",
    ),
    look(
        "portal.documents",
        "わたしの文書の一覧の表示",
        "Your documents listed",
        "診療文書の一覧",
        "list of documents",
    ),
    look(
        "portal.document",
        "わたしの文書の閲覧",
        "Document read",
        "診療文書",
        "a document",
    ),
    look(
        "portal.document-file",
        "わたしの文書の添付ファイルの取得",
        "File in a document taken",
        "診療文書の添付ファイル",
        "a file in a document",
    ),
];
