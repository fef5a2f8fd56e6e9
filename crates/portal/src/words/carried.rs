//! The words of what a facility does with a whole record of its own: read, summarized, carried
//! out; and of notifying its systems.

use super::{Words, act, look};

/// Their events.
pub static CARRIED: &[Words] = &[
    look(
        "fhir.everything",
        "医療機関が自院の診療記録すべてを見ました",
        "The facility's own record read as a whole",
        "その医療機関の診療記録",
        "that facility's own records",
    ),
    look(
        "fhir.summary",
        "医療機関が自院の診療記録から患者サマリーを作りました",
        "A patient summary made of the facility's own record",
        "その医療機関の診療記録",
        "that facility's own records",
    ),
    look(
        "fhir.export",
        "医療機関が自院の診療記録の持ち出しを始めました",
        "An export of the facility's own record begun",
        "その医療機関の診療記録",
        "that facility's own records",
    ),
    look(
        "fhir.export-write",
        "持ち出し用のファイルが作られました",
        "A file of an export written",
        "その医療機関の診療記録",
        "that facility's own records",
    ),
    look(
        "fhir.export-file",
        "持ち出し用のファイルが取り出されました",
        "A file of an export fetched",
        "その医療機関の診療記録",
        "that facility's own records",
    ),
    act(
        "fhir.export-cancel",
        "持ち出しを取り消し、ファイルを消しました",
        "An export cancelled, its files removed",
    ),
    act(
        "fhir.export-expire",
        "持ち出し用のファイルを期限により消しました(自動)",
        "Files of an export removed at the end of their time",
    ),
    act(
        "fhir.export-status",
        "持ち出しの状況を見ました",
        "An export looked at",
    ),
    act(
        "fhir.validate",
        "FHIRリソースを検証しました",
        "A FHIR resource validated",
    ),
    act("fhir.subscribe", "通知を登録しました", "Subscription made"),
    act(
        "fhir.subscription-change",
        "通知の登録を変えました",
        "Subscription changed",
    ),
    act(
        "fhir.subscription-end",
        "通知の登録を終えました",
        "Subscription ended",
    ),
    act(
        "fhir.subscription-look",
        "通知の状況を見ました",
        "Subscriptions looked at",
    ),
    act(
        "fhir.notify-begin",
        "通知に番号を付けました(自動)",
        "Notifications numbered",
    ),
    act(
        "fhir.notify",
        "施設のシステムに通知しました(自動)",
        "Facility's system notified",
    ),
    act(
        "fhir.notify-expire",
        "届かなかった通知を消しました(自動)",
        "Undelivered notifications removed",
    ),
    act(
        "fhir.endpoint-allow",
        "通知先を許可しました",
        "Endpoint of notifications allowed",
    ),
    act(
        "fhir.endpoint-deny",
        "通知先の許可を取り消しました",
        "Endpoint of notifications no longer allowed",
    ),
];
