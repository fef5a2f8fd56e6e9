//! Why the counter cannot say whether somebody is insured, each with what to do next.

kernel::catalog! {
    /// No platform was set.
    NO_UPSTREAM = "TSK-OFF-021", 404, "not-found",
        cause: "この機器には、接続先のプラットフォームが設定されていません。", "this program was started without --upstream";
        remedy: "ふだんの受付の画面(/reception)を使ってください。施設の機器として使うときは、--upstream を付けて起動します。", "use /reception; start with --upstream to make this a clinic's node";
        source: "peers A11";
    /// The platform does not take this system.
    REGISTRATION = "TSK-OFF-022", 403, "security",
        cause: "プラットフォームが、この施設のシステムの登録を受け付けません。", "the platform does not take this system for a registered one";
        remedy: "資格確認書などの写しをとり、管理者に、登録と鍵の期限・機器の時計の確認を依頼してください。", "take a copy of the paper certificate; have registration, key and clock looked at";
        source: "identity-security OA-09";
    /// There is no copy.
    NO_COPY = "TSK-OFF-023", 409, "not-found",
        cause: "回線が切れており、この機器には控えがまだありません。", "the line is cut, and there is no copy yet";
        remedy: "資格確認書などの写しをとり、回線が戻ってから資格を確認して請求してください。", "take a copy of the paper certificate; verify and bill when the line is back";
        source: "peers A11";
    /// Nobody in the copy has the number.
    NUMBER_NOT_HELD = "TSK-OFF-024", 404, "not-found",
        cause: "回線が切れており、この番号の方は控えにありません。", "the line is cut, and nobody in the copy has this number";
        remedy: "資格確認書などの写しをとってください。回線が戻ると自動で確認し、結果を「違いの一覧」に出します。", "take a copy of the certificate; it is verified when the line is back, and the result listed";
        source: "peers A11";
    /// Nobody in the copy has the name.
    NAME_NOT_HELD = "TSK-OFF-025", 404, "not-found",
        cause: "この氏名(カナ)と生年月日の方は、控えにありません。", "nobody in the copy has this name (kana) and date of birth";
        remedy: "カナと生年月日を見直すか、資格確認書などの番号で確認してください。", "check both, or verify by the number on the certificate";
        source: "peers A11; identity-security BG-02: no browsing";
    /// Several in the copy have the name.
    NAME_SEVERAL = "TSK-OFF-026", 409, "multiple-matches",
        cause: "同じ氏名(カナ)と生年月日の方が、控えに複数います。", "several people in the copy have this name and date of birth";
        remedy: "資格確認書などの番号で確認してください。", "verify by the number on the certificate";
        source: "peers A11; identity-security BG-02: no browsing";
    /// The kana name is missing.
    KANA = "TSK-OFF-027", 422, "value",
        cause: "氏名(カナ)が正しくありません。", "the name in kana is missing or too long";
        remedy: "氏名をカナで、80文字以内で入力してください。", "give the name in kana, 80 characters at most";
        source: "peers A11";
    /// The facility is not founded here.
    NO_FACILITY = "TSK-OFF-028", 409, "not-found",
        cause: "接続先の設定にある施設が、この機器に登録されていません。", "the facility of the upstream file is not founded on this machine";
        remedy: "tasuki facility found で、同じ施設コードの施設をこの機器に登録してください。", "found it here with tasuki facility found, under the same code";
        source: "peers A11";
    /// The platform's answer cannot be read.
    ANSWER = "TSK-OFF-029", 503, "exception",
        cause: "プラットフォームの返事を読み取れませんでした。", "the platform's answer cannot be read";
        remedy: "もう一度お試しください。続くときは、資格確認書などの写しをとり、管理者に連絡してください。", "try again; if it lasts, take a copy of the certificate and tell the administrator";
        source: "peers A11";
    /// Not an act of this facility.
    ACT = "TSK-OFF-030", 404, "not-found",
        cause: "この確認の記録は見つかりません。", "there is no such act";
        remedy: "「違いの一覧」を開き直してください。", "open the list of differences again";
        source: "identity-security AUTHZ-04";
}
