//! Why a file was not taken, each with what its sender does next.

kernel::catalog! {
    /// No such file is taken.
    FILE_NAME = "TSK-OQS-001", 404, "not-found",
        cause: "この名前のファイルは受け付けていません。", "no file of this name is taken";
        remedy: "OQSsiquc01req_(1件)、OQSmuquc01req_(一括)、OQSmuquc02req_(一括の結果)で始まり、半角英数字と - _ で64文字以内の識別子と .xml が続く名前にしてください。", "use OQSsiquc01req_, OQSmuquc01req_ or OQSmuquc02req_, then 1 to 64 letters, digits, hyphens or underscores, then .xml";
        source: "eligibility-eprescription section e: Files";
    /// A published kind of file that this server does not take.
    KIND = "TSK-OQS-002", 404, "not-supported",
        cause: "この種類のファイルは、このサーバーでは受け付けていません。", "files of this kind are not taken here";
        remedy: "1件の資格確認(OQSsiquc01req)か一括の資格確認(OQSmuquc01req)を使ってください。", "use the single check (OQSsiquc01req) or the bulk check (OQSmuquc01req)";
        source: "eligibility-eprescription section e: Files";
    /// The file cannot be read.
    FILE = "TSK-OQS-003", 422, "structure",
        cause: "ファイルの内容が仕様に合っていません。", "the file does not fit the layout";
        remedy: "示した箇所をすべて直してから、もう一度送信してください。直せないときは、電子カルテなどのシステム会社に連絡してください。", "mend every place that is named and send the file again";
        source: "eligibility-eprescription section e: Request";
    /// The file is another facility's.
    OTHER_FACILITY = "TSK-OQS-004", 403, "forbidden",
        cause: "ファイルの医療機関コードが、送信した施設のものではありません。", "the file's medical institution code is not the sender's";
        remedy: "電子カルテなどの設定で、医療機関コード(10けた)を見直してください。", "check the ten-digit medical institution code in your system's settings";
        source: "eligibility-eprescription section e: MedicalInstitutionCode";
    /// Too many people for one file, or none.
    LINES = "TSK-OQS-005", 422, "too-long",
        cause: "一括照会の件数は1件以上500件以下です。", "a bulk file asks about 1 to 500 people";
        remedy: "ファイルを500件ごとに分けて送信してください。", "split the file into files of at most 500 people";
        source: "issue 5: batch check of 500 bookings";
    /// Too many results wait.
    WAITING = "TSK-OQS-006", 429, "throttled",
        cause: "この施設の一括照会の結果が、保管できる数に達しています。", "this facility has as many bulk results as are kept";
        remedy: "明日以降にもう一度送信してください。結果は7日間で削除されます。急ぐときは1件ずつ確認してください。", "send it again tomorrow, for results are kept seven days; check one by one what cannot wait";
        source: "house rule: every store of answers is bounded";
    /// There is no such reception.
    RECEPTION = "TSK-OQS-007", 404, "not-found",
        cause: "この受付番号の一括照会は見つからないか、7日を過ぎて削除されています。", "there is no such reception, or it is older than seven days";
        remedy: "受付番号を見直してください。見つからないときは、一括照会をもう一度送信してください。", "check the reception number, or send the bulk file again";
        source: "eligibility-eprescription section e: ReceptionNumber";
    /// The visit did not begin by card, or was yesterday.
    NO_CARD = "TSK-OQS-008", 422, "business-rule",
        cause: "この受付は、24時間以内のマイナンバーカード(スマートフォンを含む)による確認ではありません。", "the visit was not begun by card or phone within 24 hours";
        remedy: "カードリーダーで、もう一度マイナンバーカードを確認してください。番号で確認したときは、OQSsiquc01req のファイルを送信してください。", "read the My Number card again, or send OQSsiquc01req when you check by number";
        source: "eligibility-eprescription section e: OQSsiquc01res_face";
    /// An encoding that files do not have.
    ENCODING = "TSK-OQS-009", 422, "value",
        cause: "文字コードの指定が正しくありません。", "the encoding is neither UTF-8 nor Shift_JIS";
        remedy: "encoding には UTF-8 または Shift_JIS を指定してください。", "give encoding=UTF-8 or encoding=Shift_JIS";
        source: "OQSCD 005 (文字コード識別)";
    /// The sender's system could not carry a character of the number.
    UNREADABLE = "TSK-OQS-010", 422, "value",
        cause: "記号・番号に、送信元のシステムで表せなかった文字(●)があります。", "symbol or number holds a character that the sender's system could not carry (●)";
        remedy: "資格確認書などの記号・番号を入力し直すか、UTF-8のファイルで送信してください。マイナンバーカードでも確認できます。", "type symbol and number anew as printed, send the file in UTF-8, or use the My Number card";
        source: "peers report 46–49: unreadable characters";
}
