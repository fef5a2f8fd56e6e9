//! Why no copy is made, why one is not believed, and why an act cannot be settled.

kernel::catalog! {
    /// The system is none that a copy is made for.
    NOT_ALLOWED = "TSK-CPY-001", 403, "forbidden",
        cause: "このシステムは、回線が切れたときのための控えを受け取る登録がされていません。", "this system is not registered for the copy for cut lines";
        remedy: "運用担当者に、控えの鍵(age1…)の登録(tasuki client copy)を依頼してください。", "have the operator register its key (tasuki client copy)";
        source: "peers A11; identity-security OA-09";
    /// The key is none.
    RECIPIENT = "TSK-CPY-002", 422, "value",
        cause: "控えの鍵の形式が正しくありません。", "this is no age X25519 recipient";
        remedy: "施設の機器で tasuki client key --copy を実行し、できた copy.pub をそのまま指定してください。", "give copy.pub as tasuki client key --copy wrote it";
        source: "age-encryption.org/v1, X25519 recipient";
    /// Another run began, or the pages are asked for out of order.
    OVERTAKEN = "TSK-CPY-003", 409, "conflict",
        cause: "控えの受け取りが途中で別の受け取りに替わりました。", "another copy was begun meanwhile, or a page was left out";
        remedy: "はじめのページから受け取り直してください。次の更新のときに自動で行われます。", "begin again with the first page; the next round does it by itself";
        source: "peers A11";
    /// The question for a page is malformed.
    QUESTION = "TSK-CPY-004", 422, "value",
        cause: "控えの受け取りの指定が正しくありません。", "run, page or held is malformed";
        remedy: "run は32けたの16進数、page は1以上、held は0以上の整数で指定してください。", "run is 32 hexadecimal digits, page 1 or more, held 0 or more";
        source: "peers A11";
    /// Too many acts, or none.
    BATCH = "TSK-CPY-005", 422, "value",
        cause: "一度に送れる確認は1件から50件までです。", "a batch holds 1 to 50 acts";
        remedy: "50件以下に分けて送ってください。", "send at most 50 at a time";
        source: "peers A11";
    /// An act is malformed.
    ACT = "TSK-CPY-006", 422, "value",
        cause: "控えによる確認の内容が正しくありません。", "the act is malformed";
        remedy: "患者さんの資格を、番号またはカードでもう一度確認してください。", "verify the person's eligibility again by number or card";
        source: "peers A11";
    /// The act's time is out of reach.
    ACT_TIME = "TSK-CPY-007", 422, "value",
        cause: "控えによる確認の日時が、受け付けられる範囲(過去45日以内)にありません。", "the act lies ahead, or more than 45 days back";
        remedy: "この施設の機器の時計を確かめ、患者さんの資格をもう一度確認してください。", "check the machine's clock and verify the person's eligibility again";
        source: "peers A11; report 39 (idempotent queue)";
    /// The key of another act.
    ACT_CHANGED = "TSK-CPY-008", 409, "duplicate",
        cause: "同じ番号で、内容の異なる確認がすでに届いています。", "another act has come under the same key";
        remedy: "患者さんの資格を、番号またはカードでもう一度確認してください。", "verify the person's eligibility again by number or card";
        source: "peers report 39 (idempotent queue)";
    /// The patient of the copy is not known any more.
    REFERENCE = "TSK-CPY-009", 404, "not-found",
        cause: "控えにあった患者さんの登録が、いまは見つかりません。", "the patient of the copy is not registered any more";
        remedy: "患者さんの資格を、番号またはカードでもう一度確認してください。", "verify the person's eligibility again by number or card";
        source: "peers A11";

    /// Not what the platform signed.
    FORGED = "TSK-CPY-011", 422, "security",
        cause: "届いた控えの署名が確かめられません。内容が変わっているか、別の相手から届いています。", "the copy is not what the platform signed";
        remedy: "前の控えをそのまま使います。続くときは、接続先の設定(platform_key)を運用担当者に確認してください。", "the copy before stays in use; if it lasts, check platform_key with the operator";
        source: "peers A11";
    /// Somebody else's.
    OTHERS = "TSK-CPY-012", 422, "security",
        cause: "届いた控えは、この施設のこのシステムのものではありません。", "the copy is another facility's, another system's or of another request";
        remedy: "前の控えをそのまま使います。接続先の設定(facility と client)を運用担当者に確認してください。", "the copy before stays in use; check facility and client in the file";
        source: "peers A11";
    /// Older than what is held.
    OLDER = "TSK-CPY-013", 422, "security",
        cause: "届いた控えは、いま持っている控えより古いものです。", "the copy is older than the one that is held";
        remedy: "前の控えをそのまま使います。続くときは運用担当者に連絡してください。", "the copy before stays in use; if it lasts, tell the operator";
        source: "peers A11 (no replay)";
    /// Encrypted to another key.
    UNREADABLE = "TSK-CPY-014", 422, "security",
        cause: "届いた控えを、この施設の鍵で開けません。", "the copy does not open with this facility's key";
        remedy: "鍵(copy.key)を作り直したときは、運用担当者に新しい鍵の登録を依頼してください。", "after a new key, have the operator register its public half";
        source: "age-encryption.org/v1";
    /// Too old to be used.
    EXPIRED = "TSK-CPY-015", 422, "expired",
        cause: "控えの有効期限(72時間)が過ぎたため、控えでは確認できません。", "the copy is older than 72 hours and is not used any more";
        remedy: "資格確認書などの写しをとり、回線が戻ってから資格を確認して請求してください。", "take a copy of the paper certificate; verify and bill when the line is back";
        source: "peers A11 (dated snapshot)";
    /// The clocks do not agree.
    CLOCK = "TSK-CPY-016", 422, "invalid",
        cause: "この機器の時計が合っていないため、控えの日付を確かめられません。", "this machine's clock does not agree with the copy's date";
        remedy: "機器の日付と時刻を正しく合わせてください。合うまでは、資格確認書などの写しをとってください。", "set date and time; until then take copies of paper certificates";
        source: "identity-security AUD-01 (clock)";
}
