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
}
