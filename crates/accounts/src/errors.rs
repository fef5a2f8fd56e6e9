//! Why an account is not changed, each with what to do next.

kernel::catalog! {
    /// The account is not there, or another facility's.
    ABSENT = "TSK-STF-001", 404, "not-found",
        cause: "この職員のアカウントは見つかりません。", "there is no such account";
        remedy: "職員の一覧から選び直してください。", "choose the account from the list";
        source: "identity-security AUTHZ-04: no difference between absent and another facility's";
    /// A name of a post, not of a person.
    SHARED_NAME = "TSK-STF-002", 422, "business-rule",
        cause: "共用のアカウントは作れません。", "an account belongs to one person";
        remedy: "「受付」「nurse1」のような役割の名前ではなく、使う方ご本人の氏名とログイン名を入力してください。", "give the person's own name and log-in name, not a post such as reception or nurse1";
        source: "identity-security AUTH-08; Q&A 企Q-44";
    /// A field is missing or malformed.
    FIELD = "TSK-STF-003", 422, "value",
        cause: "入力に不足または誤りがあります。", "a field is missing or malformed";
        remedy: "印の付いた欄を直してください。使える最後の日は今日か、それより後の日付です。", "mend the fields that are marked; the last day of use is today or later";
        source: "identity-security section 3.2";
    /// The log-in name is in use.
    LOGIN_TAKEN = "TSK-STF-004", 409, "duplicate",
        cause: "このログイン名はすでに使われています。", "the log-in name is taken";
        remedy: "別のログイン名を入力してください。", "choose another log-in name";
        source: "identity-security AUTH-08";
    /// One's own rights.
    OWN = "TSK-STF-005", 403, "forbidden",
        cause: "ご自分の権限は変更できません。", "nobody changes their own rights";
        remedy: "別の施設管理者に依頼してください。", "ask another administrator";
        source: "identity-security AUTHZ-02: four eyes";
    /// The last administrator.
    LAST = "TSK-STF-006", 409, "business-rule",
        cause: "施設管理者が一人もいなくなるため、この操作はできません。", "the facility would be left without an administrator";
        remedy: "先に別の方を施設管理者にしてください。", "make somebody else an administrator first";
        source: "identity-security AUTHZ-02";
    /// An elevated role takes two people.
    TWO_PEOPLE = "TSK-STF-007", 409, "business-rule",
        cause: "この権限は、一人では付けられません。", "this right is not given by one person alone";
        remedy: "申請し、もう一人の施設管理者に承認してもらってください。", "ask for it, and have another administrator approve it";
        source: "identity-security AUTHZ-02: single-person grant refused";
    /// Approving one's own request, or one's own promotion.
    SAME_PERSON = "TSK-STF-008", 403, "forbidden",
        cause: "申請した方と、権限を受ける方は、承認できません。", "who asked, and who is to get the rights, cannot approve";
        remedy: "別の施設管理者に承認を依頼してください。", "have another administrator approve it";
        source: "identity-security AUTHZ-02: four eyes";
    /// The request is not there, decided or too old.
    GRANT_ABSENT = "TSK-STF-009", 404, "not-found",
        cause: "この申請は見つからないか、すでに処理されたか、72時間を過ぎています。", "there is no such request, or it is decided, or older than 72 hours";
        remedy: "必要なときは、もう一度申請してください。", "ask again if it is still needed";
        source: "identity-security AUTHZ-02";
    /// Nothing to change.
    UNCHANGED = "TSK-STF-010", 409, "business-rule",
        cause: "アカウントはすでにその状態です。", "the account is like that already";
        remedy: "職員の一覧で、いまの状態を確認してください。", "look at the account in the list";
        source: "identity-security section 3.2";
    /// The account is closed.
    CLOSED = "TSK-STF-011", 409, "business-rule",
        cause: "このアカウントは終了しています。", "the account has ended";
        remedy: "続けて使うときは、先にアカウントを再開してください。", "open it again first";
        source: "identity-security AUTHZ-03";
    /// A review without a remark, or of a week that is not over.
    REVIEW = "TSK-STF-012", 422, "value",
        cause: "点検の記録に必要な所見がないか、期間が正しくありません。", "the sign-off lacks its remark, or its period is malformed";
        remedy: "所見を入力してください(問題がないときは「問題なし」)。点検できるのは、終わった週です。", "write a remark (nothing found, if so) on a week that is over";
        source: "identity-security AUD-04";
    /// The facility is there already.
    FACILITY_THERE = "TSK-STF-013", 409, "duplicate",
        cause: "この医療機関コードの施設は、すでに登録されています。", "a facility with this code is there already";
        remedy: "tasuki facility list で登録を確かめてください。職員の追加は、施設管理者が画面で行います。", "look at tasuki facility list; its administrators add staff on their pages";
        source: "identity-security AUTHZ-02";
    /// A facility needs two administrators.
    TWO_FIRST = "TSK-STF-014", 422, "business-rule",
        cause: "施設を始めるには、施設管理者が2人以上必要です。", "a facility begins with two administrators at least";
        remedy: "--administrator を、別々の方について2回以上指定してください。", "give --administrator twice or more, for different people";
        source: "identity-security AUTHZ-02: administrators' rights take two people";
}
