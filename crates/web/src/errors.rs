//! Refusals of the funnel itself.

kernel::catalog! {
    /// No such address.
    NO_ROUTE = "TSK-WEB-001", 404, "not-found",
        cause: "お探しのページは見つかりませんでした。", "there is nothing at this address";
        remedy: "アドレスをお確かめのうえ、トップページからお進みください。", "check the address; /openapi.json lists those of the API";
        source: "design section 3";
    /// Wrong method.
    NO_METHOD = "TSK-WEB-002", 405, "not-supported",
        cause: "この操作方法には対応していません。", "this address does not take this method";
        remedy: "画面では、ボタンから操作してください。プログラムからは、/openapi.json にあるメソッドを使ってください。", "see /openapi.json for the methods of each address";
        source: "design section 3";
    /// Body too large.
    BODY_TOO_LARGE = "TSK-WEB-003", 413, "too-long",
        cause: "送信された内容が大きすぎます(上限10 MB)。", "the body is larger than this address takes (10 MB at most)";
        remedy: "内容を分けて送信してください。", "send it in parts";
        source: "clins-documents section b: one send is at most 10 MB";
    /// Body broken off.
    BODY_BROKEN = "TSK-WEB-004", 400, "incomplete",
        cause: "送信が途中で切れました。", "the body broke off or came too slowly";
        remedy: "通信を確かめて、もう一度送信してください。", "send the same request again";
        source: "design section 3";
    /// Wrong content type.
    CONTENT_TYPE = "TSK-WEB-005", 415, "not-supported",
        cause: "送信形式に対応していません。", "the content type is not taken here";
        remedy: "示された形式(Content-Type)で送信してください。", "send the content type that is named";
        source: "HL7 FHIR R4 http.html#mime-type";
    /// The JSON cannot be read.
    JSON_INVALID = "TSK-WEB-006", 400, "structure",
        cause: "送信されたJSONを読み取れませんでした。", "the JSON cannot be read, or a member is missing, unknown or of the wrong type";
        remedy: "示された箇所を直してください。", "mend the place that is named";
        source: "RFC 8259";
    /// The form cannot be read.
    FORM_INVALID = "TSK-WEB-007", 400, "structure",
        cause: "入力内容を読み取れませんでした。", "the form cannot be read";
        remedy: "画面を開き直して、もう一度入力してください。", "open the page again and send it once more";
        source: "design section 3";
    /// Too many at once.
    BUSY = "TSK-WEB-008", 429, "throttled",
        cause: "ただいま混み合っています。", "too many requests at once";
        remedy: "数秒おいて、もう一度お試しください。", "wait as Retry-After says and send the same request again";
        source: "design section 5: back-pressure";
    /// An identifier in the address is malformed: the same answer as for one that is absent.
    NO_SUCH = "TSK-WEB-009", 404, "not-found",
        cause: "該当する情報が見つかりません。", "there is no such thing, or it is not yours to see";
        remedy: "はじめの画面から選び直してください。", "start again from a list that you may see";
        source: "identity-security AUTHZ-04";
    /// The address is too long, or asks with too many parameters.
    ADDRESS_TOO_LONG = "TSK-WEB-010", 414, "too-long",
        cause: "アドレス(URL)が長すぎます。", "the address is too long (path 1,024 bytes, query 4,096 bytes, 50 parameters at most)";
        remedy: "はじめの画面から選び直してください。プログラムからは、条件を減らして送信してください。", "ask with fewer or shorter parameters";
        source: "identity-security T17; RFC 9110 section 15.5.15";
    /// One caller asks too often.
    TOO_FAST = "TSK-WEB-011", 429, "throttled",
        cause: "短い時間に操作が集中したため、しばらくお待ちいただいています。", "this caller asks more often than it may";
        remedy: "少し待ってから、もう一度お試しください。救急の閲覧は制限されません。", "wait as Retry-After says; RateLimit-Remaining tells how many are left. Emergencies are never throttled";
        source: "identity-security OA-10";
    /// A certificate of our own authority that the ledger does not know.
    CERTIFICATE_UNKNOWN = "TSK-WEB-012", 401, "login",
        cause: "この端末の証明書は、登録されていないか、使用を終了しています。", "the client certificate is not in the ledger of terminals, or has ended";
        remedy: "施設の管理者に、端末の登録と証明書の更新を依頼してください。", "have the facility's administrator register the terminal or renew its certificate";
        source: "identity-security NET-02";
    /// A terminal of one facility, a caller of another.
    TERMINAL_ELSEWHERE = "TSK-WEB-013", 403, "forbidden",
        cause: "この端末は、別の施設の端末として登録されています。", "the terminal's certificate belongs to another facility than the caller";
        remedy: "ご自分の施設に登録された端末からご利用ください。", "use a terminal that is registered for the caller's own facility";
        source: "identity-security NET-02";
    /// A page larger than allowed.
    PAGE_SIZE = "TSK-WEB-014", 400, "value",
        cause: "1回に表示できる件数は1〜100件です。", "a page holds 1 to 100 entries";
        remedy: "件数を1〜100の数字で指定し、続きは次のページで取得してください。", "give count as a number from 1 to 100 and follow the pages";
        source: "identity-security T17";
}
