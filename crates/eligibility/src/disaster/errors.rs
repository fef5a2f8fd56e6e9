//! Why somebody is not found or not confirmed in a disaster, each with the next step.

kernel::catalog! {
    /// Too little was said.
    TOO_FEW = "TSK-DSC-010", 422, "required",
        cause: "4つの情報(氏名・生年月日・性別・住所)のうち、3つ以上が必要です。生年月日は必ず入力してください。", "three of the four (name, birth, sex, home) are needed, birth among them";
        remedy: "カナ氏名はセイとメイの両方を入力してください。漢字の氏名だけで探すときは、性別と住所(市区町村か郵便番号)も入力してください。", "give both kana names; with the written name alone, give sex and home as well";
        source: "peers A4, F51: four attributes; never a list to browse";
    /// Nobody, or too many.
    NOT_NARROWED = "TSK-DSC-011", 404, "not-found",
        cause: "入力された情報では、どなたかを絞り込めません。", "what was given does not lead to one of few";
        remedy: "生年月日の元号、カナのつづり、住所(引っ越す前の住所も)を本人に聞き直してください。それでも絞り込めないときは、「資格未確認」として受け付け、後日確認してください。", "ask again for era of birth, spelling of the kana, and the former home; else accept as not yet verified and verify later";
        source: "peers A4: no difference between absent and too many";
    /// Place or reason is missing.
    WHY = "TSK-DSC-012", 422, "required",
        cause: "確認する場所と理由が選ばれていません。", "where and why it is asked has not been chosen";
        remedy: "場所と理由を1つずつ選んでください。", "choose one place and one reason";
        source: "peers F51; identity-security AUD-01 (reason of an exceptional access)";
    /// The search is over.
    SEARCH = "TSK-DSC-013", 404, "not-found",
        cause: "この検索はないか、すでに終わっています。", "there is no such search, or it is over";
        remedy: "もう一度、4つの情報から探してください。", "search again";
        source: "identity-security AUTHZ-04: no difference between absent and forbidden";
    /// A wrong answer.
    WRONG_ANSWER = "TSK-DSC-014", 422, "value",
        cause: "答えが登録内容と一致しません。", "the answer does not agree with the register";
        remedy: "候補が本人かどうかを確かめ、もう1回だけ答えを聞いてください。引っ越す前の番地が登録されていることがあります。", "make sure of the candidate and ask once more; the former house number may be registered";
        source: "peers A4: confirmed by a further attribute";
    /// A second wrong answer.
    LOCKED = "TSK-DSC-015", 403, "forbidden",
        cause: "答えが2回一致しなかったため、この検索を閉じました。", "two wrong answers closed this search";
        remedy: "身分証や家族の話で本人を確かめてから探し直すか、「資格未確認」として受け付け、後日確認してください。", "make sure who it is before searching again, or accept as not yet verified";
        source: "identity-security T19: guessing is bounded";
    /// Too many searches without an answer.
    SLOW_DOWN = "TSK-DSC-016", 429, "throttled",
        cause: "確認につながらない検索が続いたため、少し時間をおく必要があります。", "too many searches in a row came to nothing";
        remedy: "表示された時間だけ待つか、すでに出ている候補を本人に確かめてください。", "wait, or confirm a candidate that is shown already";
        source: "identity-security AUTH-06, T19";
    /// A malformed date of birth.
    BIRTH = "TSK-DSC-017", 422, "value",
        cause: "生年月日が正しくありません。", "the date of birth is missing or no date";
        remedy: "元号と年月日を入力してください。", "give the date of birth";
        source: "peers A4";
}
