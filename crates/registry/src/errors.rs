//! Why the registrar's acts are refused: disaster mode and the merging of people.

kernel::catalog! {
    /// Not in force.
    DISASTER_NOT_IN_FORCE = "TSK-DIS-001", 403, "forbidden",
        cause: "この施設では、いま災害時モードになっていません。", "disaster mode is not in force for this facility";
        remedy: "マイナンバーカードか、資格確認書などの番号で確認してください。被災地の施設なのに使えないときは、運営主体の登録管理者に連絡してください。", "verify by My Number card or by number; if the facility is in the struck area, call the registrar";
        source: "peers A4, F51: disaster mode by area and period";
    /// The name of a declaration.
    DISASTER_NAME = "TSK-DIS-002", 422, "value",
        cause: "災害の名前が入力されていないか、長すぎます。", "the disaster has no name, or one that is too long";
        remedy: "患者さんと窓口に見える名前を、60文字以内で入力してください(例:令和6年能登半島地震)。", "give the name that patients and counters will read, 60 characters at most";
        source: "peers F51";
    /// The area of a declaration.
    DISASTER_AREA = "TSK-DIS-003", 422, "value",
        cause: "対象の地域が指定されていないか、存在しない都道府県・施設が含まれています。", "no area is given, or a prefecture or facility that does not exist";
        remedy: "都道府県を選ぶか、施設コード(10けた)を1行に1つずつ入力してください。", "choose prefectures, or give facility codes of ten digits, one a line";
        source: "peers F51: by area";
    /// The period of a declaration.
    DISASTER_PERIOD = "TSK-DIS-004", 422, "value",
        cause: "期間が正しくありません。終わりは、いまより後で、始まりから31日以内にしてください。", "the period is not valid: it must end after now and within 31 days of its beginning";
        remedy: "31日を超えて続けるときは、終わる前に延長してください。", "extend it before it ends when it has to last longer";
        source: "peers F51: by period, extended";
    /// A declaration that is over, or is none.
    DISASTER_UNKNOWN = "TSK-DIS-005", 404, "not-found",
        cause: "この災害時モードはないか、すでに終わっています。", "there is no such disaster mode, or it is over";
        remedy: "一覧で確認してください。終わったあとに必要なときは、新しく開始してください。", "look at the list; declare a new one when it is needed again";
        source: "peers F51";
    /// Only the operator of the platform keeps the register.
    OPERATOR_ONLY = "TSK-DIS-006", 403, "forbidden",
        cause: "この画面は、運営主体の登録管理者だけが使えます。", "only a registrar at the operator of the platform may do this";
        remedy: "運営主体の登録管理者に依頼してください。", "ask the operator's registrar";
        source: "peers A1, F51";
    /// One of the two numbers leads to nobody, or to several.
    MERGE_WHO = "TSK-MRG-001", 404, "not-found",
        cause: "入力された番号から、ひとりに決まりません。", "the number does not lead to one person";
        remedy: "保険者番号・記号・番号と、枝番か生年月日を見直してください。", "check the numbers, and give branch or date of birth";
        source: "peers A1";
    /// Both numbers lead to the same person.
    MERGE_SAME = "TSK-MRG-002", 409, "conflict",
        cause: "2つの番号は、すでに同じ方の登録です。", "both numbers lead to the same person already";
        remedy: "まとめる必要はありません。まとめを元に戻すときは、番号を1つだけ入力して探してください。", "nothing to do; to undo a merge look the person up by one number";
        source: "peers A1";
    /// One of them is part of a merge already.
    MERGE_CHAIN = "TSK-MRG-003", 409, "conflict",
        cause: "なくなる側の登録に、すでに別の登録がまとめられています。", "the registration to be merged has another merged into it";
        remedy: "先にそのまとめを元に戻すか、残す側と入れ替えてください。", "undo that merge first, or keep the other of the two";
        source: "decision 0023: a merge is one step deep";
    /// They are not one person's.
    MERGE_OTHER_PERSON = "TSK-MRG-004", 422, "business-rule",
        cause: "生年月日・性別・氏名が、同じ方の登録とはいえません。", "birth, sex and names do not belong to one person";
        remedy: "番号を見直してください。登録の誤りのときは、先に保険者に訂正を依頼してください。", "check the numbers; when a registration is wrong, have the insurer correct it first";
        source: "peers A1: two people must never become one by mistake";
    /// No reason.
    MERGE_REASON = "TSK-MRG-005", 422, "required",
        cause: "理由が入力されていないか、長すぎます。", "the reason is missing or too long";
        remedy: "まとめる(元に戻す)理由を200文字以内で入力してください。ご本人にも見えます。", "say why in 200 characters; the person reads it too";
        source: "identity-security AUD-01";
    /// There is no such merge.
    MERGE_UNKNOWN = "TSK-MRG-006", 404, "not-found",
        cause: "このまとめはないか、すでに元に戻されています。", "there is no such merge, or it was undone";
        remedy: "番号を1つ入力して、いまの状態を確かめてください。", "look the person up by one number";
        source: "peers A1";
    /// A coverage of the merged registration cannot be taken back.
    MERGE_WITHDRAW = "TSK-MRG-007", 409, "conflict",
        cause: "この資格は、まとめられたもう一方の登録のものなので、取り消せません。", "the coverage belongs to the registration that was merged, and cannot be taken back";
        remedy: "運営主体の登録管理者に、まとめを元に戻してから取り消すよう連絡してください。", "have the registrar undo the merge first";
        source: "decision 0023: what was merged is not changed";
}
