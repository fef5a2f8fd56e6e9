//! Why eligibility is not confirmed, each with the next step at the counter.

kernel::catalog! {
    /// Nobody has the number.
    UNKNOWN_NUMBER = "TSK-ELG-001", 404, "not-found",
        cause: "この保険者番号・記号・番号の方は見つかりません。", "nobody has this insurer number, symbol and number";
        remedy: "番号を見直してください。加入したばかりのときは、保険者の登録が済んでいないことがあります。マイナンバーカードでも確認できます。", "check the numbers; a new member may not have been loaded by the insurer yet; try the My Number card";
        source: "OQSCD 006 validity 4 (該当なし)";
    /// The branch number is another.
    WRONG_BRANCH = "TSK-ELG-002", 422, "value",
        cause: "番号は合っていますが、枝番が違います。", "the number is known, but not with this branch number";
        remedy: "資格確認書などの枝番(2けた)を見直してください。ご家族の枝番と取り違えていることがあります。", "check the two-digit branch number; it may be another family member's";
        source: "peers report 46–49: wrong branch";
    /// The date of birth is another.
    WRONG_BIRTH = "TSK-ELG-003", 422, "value",
        cause: "番号は合っていますが、生年月日が違います。", "the number is known, but not with this date of birth";
        remedy: "生年月日(元号)を見直してください。ご家族の番号で入力していることがあります。", "check the date of birth and its era; the number may be another family member's";
        source: "OQSCD 006 validity 4 (該当なし)";
    /// More than one person fits.
    SEVERAL = "TSK-ELG-004", 409, "multiple-matches",
        cause: "入力した内容に当てはまる方が複数います。", "more than one person fits";
        remedy: "枝番(2けた)と生年月日の両方を入力してください。", "give both the branch number and the date of birth";
        source: "OQSCD 006 validity 5 (複数該当)";
    /// Coverage has ended.
    LAPSED = "TSK-ELG-005", 422, "business-rule",
        cause: "この資格は、確認した日には有効ではありません。", "the coverage is not valid on that date";
        remedy: "新しい資格確認書などをお持ちでないか、患者さんに確認してください。手続き中のときは、加入先の保険者に確認してください。", "ask for a newer certificate of eligibility, or ask the insurer";
        source: "OQSCD 006 validity 2 (無効)";
    /// Coverage has ended and another has begun.
    LAPSED_REPLACED = "TSK-ELG-006", 422, "business-rule",
        cause: "この資格は終了しており、新しい資格があります。", "the coverage has ended and the person has a newer one";
        remedy: "マイナンバーカードで確認するか、新しい資格確認書の番号を入力してください。", "verify by My Number card, or type the number of the newer certificate";
        source: "OQSCD 006 validity 3 (無効・新資格あり)";
    /// Coverage has not begun.
    NOT_YET = "TSK-ELG-007", 422, "business-rule",
        cause: "この資格は、確認した日にはまだ始まっていません。", "the coverage begins after that date";
        remedy: "資格の開始日と受診日を確認してください。", "compare the date of the visit with the first day of coverage";
        source: "OQSCD 006 validity 2 (無効)";
    /// The person has never had coverage.
    NO_COVERAGE = "TSK-ELG-008", 422, "business-rule",
        cause: "この方の医療保険の資格が登録されていません。", "no coverage is known for this person";
        remedy: "加入先の保険者に登録状況を確認してください。", "ask the insurer whether the person has been registered";
        source: "OQSCD 006 validity 4 (該当なし)";
    /// A coverage ended lately, and the one after it has not been loaded.
    NOT_YET_LOADED = "TSK-ELG-009", 422, "business-rule",
        cause: "前の資格は終わりましたが、新しい資格がまだ届いていません。", "the coverage ended lately and the new insurer has not loaded the next one yet";
        remedy: "新しい資格確認書や資格情報のお知らせをお持ちでないか確認してください。お持ちでないときは、被保険者資格申立書を書いてもらい、後日もう一度確認してください。", "ask for the new certificate or notice; without one, take the patient's written statement (被保険者資格申立書) and verify again later";
        source: "OQSCD 006 validity 2 (無効); peers A 2; report 46: not yet loaded";
    /// Nobody has the number, and its insurer is behind.
    MAYBE_NOT_LOADED = "TSK-ELG-010", 404, "not-found",
        cause: "この番号の方は見つかりません。保険者の更新が遅れているか止まっているため、まだ登録されていない可能性があります。", "nobody has this number, but its insurer is late or cannot be reached, so it may not have been loaded yet";
        remedy: "番号を見直してください。合っているときは、資格確認書などの写しを控え、後日もう一度確認してください。マイナンバーカードでも確認できます。", "check the numbers; when they are right, keep a copy of the certificate and verify again later, or try the My Number card";
        source: "OQSCD 006 validity 4 (該当なし); peers A 2; report 46: not yet loaded";
    /// A batch without bookings, or with too many.
    BATCH_SIZE = "TSK-ELG-011", 422, "value",
        cause: "予約の件数が正しくありません。", "no bookings, or more than 500";
        remedy: "1件から500件までにしてください。501件からは、分けて送信してください。", "send 1 to 500 bookings; split what is more";
        source: "eligibility-eprescription section e (一括照会)";
    /// One booking cannot be read.
    BOOKING = "TSK-ELG-012", 422, "structure",
        cause: "この行を読み取れません。", "this booking cannot be read";
        remedy: "列の順番と数、引用符を見本と見比べてください。", "compare columns, names and quotes with the sample";
        source: "eligibility-eprescription section e (一括照会)";
    /// The booking's own reference is missing, too long, or there twice.
    BOOKING_REFERENCE = "TSK-ELG-013", 422, "value",
        cause: "予約番号がないか、長すぎるか、ほかの行と同じです。", "the booking's reference is missing, too long, or there twice";
        remedy: "行ごとに別の予約番号(40文字以内)を付けてください。", "give each booking a reference of its own, of at most 40 characters";
        source: "eligibility-eprescription section e: ArbitraryIdentifier";
    /// The notice is not there, or not this facility's.
    NOTICE = "TSK-ELG-014", 404, "not-found",
        cause: "この通知は見つかりません。", "there is no such notice";
        remedy: "「資格が変わった方」の一覧を開き直してください。", "read the list of notices again";
        source: "peers A 7";
    /// From where to go on is malformed.
    NOTICE_CURSOR = "TSK-ELG-015", 422, "value",
        cause: "続きを読む位置の指定が正しくありません。", "the place to go on from is malformed";
        remedy: "前の回答の next をそのまま指定するか、after を付けずに送信してください。", "give `after` as `next` was in the last answer, or leave it out";
        source: "peers A 7";
    /// A file of bookings in another encoding, or too large.
    BATCH_FILE = "TSK-ELG-016", 422, "structure",
        cause: "このファイルは読み取れません。", "this file cannot be read";
        remedy: "CSV(UTF-8 または Shift_JIS、256キロバイト以内)で書き出し直すか、一覧を貼り付けてください。", "write it anew as CSV in UTF-8 or Shift_JIS of at most 256 KiB, or paste the list";
        source: "eligibility-eprescription section e (一括照会)";

    /// The insurer number is malformed.
    INSURER_NUMBER = "TSK-ELG-020", 422, "value",
        cause: "保険者番号が正しくありません。", "the insurer number is malformed or its check digit is wrong";
        remedy: "保険者番号(6けたまたは8けた)を見直してください。", "give 6 or 8 digits as printed";
        source: "保険者番号等の設定要領 (検証番号)";
    /// The symbol is malformed.
    SYMBOL = "TSK-ELG-021", 422, "value",
        cause: "記号が正しくありません。", "the symbol is malformed";
        remedy: "記号を20文字以内で入力してください。記号がないときは空欄にしてください。", "give at most 20 characters; leave it empty when there is none";
        source: "eligibility-eprescription section e";
    /// The number is malformed.
    PERSON_NUMBER = "TSK-ELG-022", 422, "value",
        cause: "番号が正しくありません。", "the number is missing or malformed";
        remedy: "番号を20文字以内で入力してください。", "give 1 to 20 characters as printed";
        source: "eligibility-eprescription section e";
    /// The branch number is malformed.
    BRANCH = "TSK-ELG-023", 422, "value",
        cause: "枝番が正しくありません。", "the branch number is malformed";
        remedy: "枝番は2けたの数字で入力してください。わからないときは空欄にして生年月日を入力してください。", "give two digits, or leave it empty and give the date of birth";
        source: "eligibility-eprescription section e";
    /// The date of birth is malformed.
    BIRTH = "TSK-ELG-024", 422, "value",
        cause: "生年月日が正しくありません。", "the date of birth is malformed";
        remedy: "年・月・日を見直してください。", "give YYYY-MM-DD";
        source: "eligibility-eprescription section e";
    /// Branch number and date of birth are both missing.
    WHO = "TSK-ELG-025", 422, "required",
        cause: "枝番か生年月日のどちらかが必要です。", "the branch number or the date of birth is needed";
        remedy: "枝番(2けた)または生年月日を入力してください。", "give the branch number or the date of birth";
        source: "identity-security BG-02: no browsing";
    /// The date to verify for is malformed or out of reach.
    DATE = "TSK-ELG-026", 422, "value",
        cause: "確認日が正しくありません。", "the date to verify for is malformed or out of reach";
        remedy: "今日から5年前まで、または1か月先までの日付を入力してください。", "give YYYY-MM-DD within the last five years or the next 31 days";
        source: "eligibility-eprescription section e: QualificationConfirmationDate";
    /// The card's data is malformed.
    CARD_DATA = "TSK-ELG-027", 422, "value",
        cause: "カードから届いたデータの形式が正しくありません。", "certificate or signature is not base64, or an identifier is malformed";
        remedy: "カードを置き直して、はじめからやり直してください。", "send certificate (DER) and signature in base64, and the challenge's identifier as given";
        source: "identity-security section 1.6";
    /// The terminal's name is malformed.
    TERMINAL = "TSK-ELG-028", 422, "value",
        cause: "端末の名前が正しくありません。", "the terminal's name is malformed";
        remedy: "英数字とハイフンで40文字以内の名前を設定してください。", "use 1 to 40 letters, digits or hyphens";
        source: "identity-security section 1.6";
    /// The way of unlocking the card is unknown.
    METHOD = "TSK-ELG-029", 422, "value",
        cause: "カードの確認方法が正しくありません。", "the authentication method is unknown";
        remedy: "暗証番号・顔認証・目視確認・スマートフォンのいずれかを指定してください。", "give pin, face, staff_visual or phone_biometric";
        source: "identity-security section 1.5";
    /// The visit is not there, not this facility's, or over.
    VISIT = "TSK-ELG-030", 404, "not-found",
        cause: "この受付は見つからないか、1週間を過ぎて終了しています。", "there is no such visit, or it ended after a week";
        remedy: "もう一度、資格を確認してください。", "verify eligibility again";
        source: "identity-security AUTHZ-04";
    /// A question about rights in unknown words.
    QUESTION = "TSK-ELG-031", 422, "value",
        cause: "情報区分・操作・利用目的の指定が正しくありません。", "unknown class, action or purpose";
        remedy: "docs/security/matrix.md の語で、class・action・purpose を指定してください。", "give class, action and purpose in the words of docs/security/matrix.md";
        source: "identity-security AUTHZ-01";
}
