//! What a diagnosis finds, and what is refused in a terminal's report.
//!
//! A finding stands inside an answer of 200; its own status says that work is kept back, for
//! whoever reads the catalogue. Findings about a reader and its card have the codes of `signing::reader` (`TSK-CRD-*`), the
//! same that the terminal shows.

kernel::catalog! {
    /// A word that is no state of a reader.
    STATE_UNKNOWN = "TSK-DIA-001", 422, "value",
        cause: "カードリーダーの状態を表す語ではありません。", "this is no state of a card reader";
        remedy: "ok、no-reader、reader-fault、reader-busy、no-service、card-removed、card-unreadable、other-card のどれかを送ってください。", "send one of: ok, no-reader, reader-fault, reader-busy, no-service, card-removed, card-unreadable, other-card";
        source: "peers report 46: reader fault";
    /// A name that no terminal can have.
    TERMINAL_INVALID = "TSK-DIA-002", 422, "value",
        cause: "端末の名前に使えない文字があるか、長すぎます。", "the terminal's name has characters that it may not have, or is too long";
        remedy: "英数字とハイフンで40文字以内にしてください。カードの確認に使う名前と同じものです。", "use up to 40 letters, digits and hyphens: the same name as in card checks";
        source: "identity-security 1.6";
    /// More terminals than a facility has.
    TERMINALS_TOO_MANY = "TSK-DIA-003", 409, "too-long",
        cause: "この施設の端末の数が上限(200台)に達しています。", "this facility has the largest number of terminals (200) already";
        remedy: "端末の名前を毎回変えずに、決まった名前で報告してください。使わなくなった端末は90日で一覧から消えます。", "report under a fixed name; terminals that are silent for 90 days leave the list";
        source: "design section 3: bounds on every list";
    /// No terminal has ever reported its reader.
    READER_SILENT = "TSK-DIA-010", 503, "informational",
        cause: "カードリーダーの状態が、まだ届いていません。", "no card reader has been reported yet";
        remedy: "受付の端末でカードを1枚読み取ると、ここに状態が表示されます。カードリーダーを使わない施設では、このままで問題ありません。", "read one card at a terminal, and its state is shown here; without card readers there is nothing to do";
        source: "peers report 47";
    /// The last report is older than a day.
    READER_STALE = "TSK-DIA-011", 503, "informational",
        cause: "カードリーダーの端末から、24時間以上連絡がありません。", "no terminal has reported its card reader for 24 hours";
        remedy: "端末の電源とネットワークのケーブルを確かめ、カードを1枚読み取ってください。", "check the terminal's power and network cable, and read one card";
        source: "peers report 47";
    /// The connection shows no certificate, though the facility has some.
    LINE_WITHOUT_CERTIFICATE = "TSK-DIA-020", 503, "informational",
        cause: "この端末は、施設に発行された証明書を示さずにつながっています。", "this terminal is connected without showing a certificate of the facility";
        remedy: "端末に証明書が入っているかを、システム管理者に確かめてください。受付の業務はこのまま続けられます。", "have the administrator look whether the certificate is installed on this terminal; work can go on";
        source: "identity-security NET-02, OA-04";
    /// The connection is not encrypted.
    LINE_PLAIN = "TSK-DIA-021", 503, "informational",
        cause: "暗号化していない経路でつながっています(このコンピュータの中だけで使えます)。", "the connection is not encrypted, which only works on this machine itself";
        remedy: "試用のときは、このままで問題ありません。実際の業務では、システム管理者に連絡してください。", "nothing to do in a trial; in real work call the administrator";
        source: "identity-security NET-01";
    /// A certificate ends within 60 days.
    CERTIFICATE_ENDS_IN_60_DAYS = "TSK-DIA-030", 503, "informational",
        cause: "60日以内に期限が切れる証明書があります。", "a certificate ends within 60 days";
        remedy: "システム管理者に、証明書の更新の予定を確かめてください。", "ask the administrator when it is renewed";
        source: "peers report 46: expired certificates";
    /// A certificate ends within 30 days.
    CERTIFICATE_ENDS_IN_30_DAYS = "TSK-DIA-031", 503, "informational",
        cause: "30日以内に期限が切れる証明書があります。", "a certificate ends within 30 days";
        remedy: "システム管理者に、今週中の更新を依頼してください。", "ask the administrator to renew it this week";
        source: "peers report 46: expired certificates";
    /// A certificate ends within seven days.
    CERTIFICATE_ENDS_IN_7_DAYS = "TSK-DIA-032", 503, "informational",
        cause: "7日以内に期限が切れる証明書があります。期限が過ぎると、資格を確認できなくなります。", "a certificate ends within 7 days; after that nothing can be verified";
        remedy: "きょうのうちにシステム管理者へ連絡し、証明書を更新してください。", "call the administrator today and have it renewed";
        source: "peers report 46: expired certificates";
    /// A certificate has ended without a successor.
    CERTIFICATE_ENDED = "TSK-DIA-033", 503, "informational",
        cause: "期限が切れた証明書があります。", "a certificate has ended";
        remedy: "すぐにシステム管理者へ連絡してください。証明書が有効な別の端末があれば、そちらで資格を確認できます。", "call the administrator at once; verify at another terminal whose certificate is valid";
        source: "peers report 46: expired certificates";
    /// The server is not fit for work.
    SERVER_NOT_READY = "TSK-DIA-040", 503, "informational",
        cause: "サーバが正しく動いていません。", "the server does not work as it should";
        remedy: "システム管理者に、下に表示した内容を伝えてください。復旧するまでは、資格確認書などを目で見て確認し、あとで確かめてください。", "tell the administrator what is shown below; meanwhile look at paper certificates and verify later";
        source: "identity-security AUD-04; peers report 47";
    /// The server works, with something that must be looked after.
    SERVER_REMARK = "TSK-DIA-041", 503, "informational",
        cause: "サーバは動いていますが、直すところがあります。", "the server works, but something needs care";
        remedy: "受付の業務は続けられます。下に表示した内容を、システム管理者に伝えてください。", "work can go on; tell the administrator what is shown below";
        source: "identity-security AUD-03: clock";
    /// The trial check was answered otherwise than it must be.
    ANSWER_WRONG = "TSK-DIA-050", 503, "informational",
        cause: "試しの資格確認に、正しい答えが返りませんでした。", "a trial check was not answered as it must be";
        remedy: "システム管理者に連絡してください。復旧するまでは、資格確認書などを目で見て確認し、あとで確かめてください。", "call the administrator; meanwhile look at paper certificates and verify later";
        source: "peers report 47";
    /// The answer came slowly.
    ANSWER_SLOW = "TSK-DIA-051", 503, "informational",
        cause: "試しの資格確認の答えに、2秒より長くかかりました。", "a trial check took longer than 2 seconds";
        remedy: "混み合っています。数分おいてからもう一度調べ、続くときはシステム管理者に連絡してください。", "it is busy: look again in some minutes, and call the administrator if it persists";
        source: "peers report 47; design section 5";
}
