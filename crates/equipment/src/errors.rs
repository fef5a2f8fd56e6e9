//! The refusals of ledgers, certificates, alerts and vendor support.

kernel::catalog! {
    /// The authority has not been made.
    NO_AUTHORITY = "TSK-EQP-001", 404, "not-found",
        cause: "この施設群の認証局は、まだ作られていません。", "this installation's certificate authority has not been made yet";
        remedy: "運用担当者が tasuki ca init を実行してください。", "the operator runs: tasuki ca init";
        source: "identity-security OA-04";
    /// The request for a certificate cannot be used.
    REQUEST_INVALID = "TSK-EQP-002", 422, "value",
        cause: "証明書の申請(CSR)を読み取れないか、署名が合いません。", "the certificate request (PKCS#10) cannot be read or its signature does not fit";
        remedy: "端末で作った申請の全文(BEGIN から END まで)を貼り付けてください。鍵は ECDSA P-256・P-384、Ed25519、RSA 2048ビット以上です。", "paste the whole request made on the terminal, BEGIN to END; keys: ECDSA P-256 or P-384, Ed25519, RSA of 2048 bits or more";
        source: "identity-security OA-04; RFC 2986; CRYPTREC LS-0003";
    /// Nothing of this name in the ledger.
    ITEM_UNKNOWN = "TSK-EQP-003", 404, "not-found",
        cause: "台帳にこの機器は見つかりません。", "no such entry in the ledger";
        remedy: "機器台帳の一覧から選び直してください。", "choose from the ledger";
        source: "identity-security AUTHZ-04: no difference between absent and forbidden";
    /// A field of the ledger does not fit.
    ITEM_INVALID = "TSK-EQP-004", 422, "value",
        cause: "台帳の入力内容に、足りないものか正しくないものがあります。", "an entry of the ledger is incomplete or does not fit";
        remedy: "名称と責任者は必ず入力してください。ネットワークは 192.0.2.0/24 の形で、各欄は200文字以内です。", "name and responsible person are needed; networks look like 192.0.2.0/24; at most 200 characters a field";
        source: "2025年度チェックリスト 2-①; identity-security ORG-01";
    /// The entry has ended.
    ITEM_ENDED = "TSK-EQP-005", 409, "conflict",
        cause: "この機器は、すでに台帳で終了しています。", "the entry has ended";
        remedy: "使い続けるときは、新しく登録してください。", "register it anew if it is still in use";
        source: "2025年度チェックリスト 2-①";
    /// No certificates for this kind.
    ITEM_WITHOUT_CERTIFICATE = "TSK-EQP-006", 422, "value",
        cause: "証明書を発行できるのは、端末とサーバだけです。", "only terminals and servers get certificates";
        remedy: "端末またはサーバとして登録してください。", "register it as a terminal or a server";
        source: "identity-security OA-04";
    /// No such certificate.
    CERTIFICATE_UNKNOWN = "TSK-EQP-007", 404, "not-found",
        cause: "この証明書は見つからないか、すでに失効しています。", "no such certificate, or it has ended";
        remedy: "機器のページで、証明書の一覧を確かめてください。", "look at the certificates on the equipment's page";
        source: "identity-security OA-04";
    /// No such alert.
    ALERT_UNKNOWN = "TSK-EQP-008", 404, "not-found",
        cause: "この警告は見つからないか、すでに対応済みです。", "no such alert, or it is settled";
        remedy: "機器台帳で、未対応の警告を確かめてください。", "look at the open alerts in the ledger";
        source: "identity-security ORG-01";
    /// A finding or a reason is missing.
    REASON_MISSING = "TSK-EQP-009", 422, "required",
        cause: "理由または確認した内容が入力されていません。", "the reason or the finding is missing";
        remedy: "あとから読む人に分かるように、200文字以内で入力してください。", "say it in up to 200 characters, for whoever reads it later";
        source: "identity-security MAINT-02, ORG-01";
    /// No safety officer's name.
    OFFICER_INVALID = "TSK-EQP-010", 422, "value",
        cause: "安全管理責任者の氏名または連絡先が入力されていません。", "the safety officer's name or contact is missing";
        remedy: "氏名と、休日でもつながる連絡先を入力してください。", "give a name and a contact that is reached at any time";
        source: "2025年度チェックリスト 1-①; identity-security ORG-01";
    /// Names are masked.
    MASKED = "TSK-EQP-011", 403, "suppressed",
        cause: "患者さんのお名前は伏せています。", "names are masked for vendor support";
        remedy: "必要なときは、理由を書いて表示を申請し、施設の管理者の承認を受けてください。", "ask with a reason, and wait for an administrator's approval";
        source: "identity-security MAINT-02; 2025年度チェックリスト 10②";
    /// No such application.
    UNMASKING_UNKNOWN = "TSK-EQP-012", 404, "not-found",
        cause: "この申請は見つからないか、すでに承認されているか、時間が過ぎています。", "no such application, or it is approved already or too late";
        remedy: "保守作業の一覧で状態を確かめてください。", "look at the list of maintenance windows";
        source: "identity-security MAINT-02";
    /// No such visit.
    VISIT_UNKNOWN = "TSK-EQP-013", 404, "not-found",
        cause: "この受付は、きょうの一覧に見つかりません。", "no such visit in today's list";
        remedy: "受付の一覧から選び直してください。", "choose from the list";
        source: "identity-security AUTHZ-04";
    /// The time could not be read.
    TIME_INVALID = "TSK-EQP-014", 422, "value",
        cause: "日付または時刻を読み取れません。", "the date or the time cannot be read";
        remedy: "日付は 2026-11-22、時刻は 09:30 の形で入力してください。", "write the date as 2026-11-22 and the time as 09:30";
        source: "identity-security MAINT-01";
    /// A name of a server that cannot be in a certificate.
    NAME_INVALID = "TSK-EQP-015", 422, "value",
        cause: "サーバの名前を証明書に入れられません。", "the server's name cannot stand in a certificate";
        remedy: "tasuki.example.jp のようなホスト名か、IPアドレスを指定してください。", "give a host name or an IP address";
        source: "RFC 5280 section 4.2.1.6";
    /// No facility has this code.
    FACILITY_UNKNOWN = "TSK-EQP-016", 404, "not-found",
        cause: "この医療機関コードの施設は登録されていません。", "no facility has this code";
        remedy: "10けたの医療機関コードを確かめてください。", "check the facility's ten-digit code";
        source: "identity-security OA-05";
}
