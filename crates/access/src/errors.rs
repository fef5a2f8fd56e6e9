//! The refusals of log-in, sessions, factors, rights, challenges and consent.

kernel::catalog! {
    /// Nobody is logged in.
    LOGIN_REQUIRED = "TSK-ACC-001", 401, "login",
        cause: "ログインが必要です。", "you are not logged in";
        remedy: "ログインしてから、もう一度操作してください。", "log in, then try again";
        source: "identity-security AUTH-01";
    /// Log-in name, password or one-time code is wrong; which of them is not told.
    LOGIN_FAILED = "TSK-ACC-002", 401, "login",
        cause: "ログインできませんでした。ログイン名・パスワード・確認コードのいずれかが違います。", "log-in name, password or one-time code is wrong";
        remedy: "入力内容をお確かめください。5回続けて間違えると15分間ログインできなくなります。", "check what you typed; five failures in a row lock the account for 15 minutes";
        source: "identity-security AUTH-06";
    /// The caller may not do this.
    FORBIDDEN = "TSK-ACC-003", 403, "forbidden",
        cause: "この操作を行う権限がありません。", "you are not allowed to do this";
        remedy: "必要なときは、施設の管理者に権限を確認してください。", "ask your facility's administrator about your rights";
        source: "identity-security AUTHZ-01";
    /// The session was idle or too old.
    SESSION_ENDED = "TSK-ACC-004", 401, "expired",
        cause: "しばらく操作がなかったため、ログアウトしました。", "the session has ended";
        remedy: "もう一度ログインしてください。", "log in again";
        source: "identity-security SESS-01";
    /// A form without its token, or from another site.
    FORM_FORGED = "TSK-ACC-005", 403, "security",
        cause: "画面の有効期限が切れたか、別の画面から送信されました。", "the form is stale or came from another site";
        remedy: "画面を開き直してから、もう一度送信してください。", "open the page again and send the form from there";
        source: "identity-security section 3.2 (CSRF)";
    /// The token of a record system is unknown or has ended.
    CLIENT_UNKNOWN = "TSK-ACC-006", 401, "login",
        cause: "接続用トークンが正しくないか、期限(5分)が切れています。", "the access token is unknown, was revoked or has ended";
        remedy: "/oauth/token で新しいトークンを取得してください。", "get a new token from /oauth/token; it holds for 300 seconds";
        source: "identity-security OA-03; RFC 6750 section 3.1";
    /// Too weak a password.
    PASSWORD_WEAK = "TSK-ACC-007", 422, "value",
        cause: "パスワードが弱すぎます。", "the password is too weak";
        remedy: "示された点を直してください。英字・数字・記号を混ぜた8文字以上、または13文字以上が必要です。", "mend what is named; at least 8 characters mixing letters, digits and signs, or at least 13";
        source: "identity-security AUTH-03, 医療情報システムの安全管理に関するガイドライン 2025年度チェックリスト 2-⑦";

    /// The challenge is not there.
    CHALLENGE_UNKNOWN = "TSK-ACC-020", 422, "not-found",
        cause: "このカード確認は受け付けていません。", "no such challenge";
        remedy: "カードを置き直して、はじめからやり直してください。", "start again: ask for a new challenge";
        source: "identity-security section 1.6";
    /// The challenge was used before.
    CHALLENGE_USED = "TSK-ACC-021", 409, "duplicate",
        cause: "このカード確認はすでに使われています。", "the challenge has been used already";
        remedy: "カードを置き直して、はじめからやり直してください。", "ask for a new challenge; each is good once";
        source: "identity-security T05";
    /// The challenge is too old.
    CHALLENGE_LATE = "TSK-ACC-022", 422, "expired",
        cause: "カード確認の時間(2分)が過ぎました。", "the challenge is older than 120 seconds";
        remedy: "カードを置き直して、はじめからやり直してください。", "ask for a new challenge and answer within 120 seconds";
        source: "identity-security section 1.6";
    /// The challenge belongs to another terminal or purpose.
    CHALLENGE_ELSEWHERE = "TSK-ACC-023", 422, "security",
        cause: "別の端末または別の目的で始めたカード確認です。", "the challenge was issued to another terminal or for another purpose";
        remedy: "この端末で、はじめからやり直してください。", "ask for a new challenge from this terminal";
        source: "identity-security T05";
    /// The card belongs to nobody known here.
    CARD_UNKNOWN = "TSK-ACC-025", 404, "not-found",
        cause: "このカードは、健康保険証としての利用登録が確認できません。", "the card is not registered as an insurance card";
        remedy: "利用登録をご案内するか、被保険者番号で資格を確認してください。", "register the card, or verify eligibility by insured number";
        source: "eligibility-eprescription section e";
    /// A face or visual check from outside a facility's terminal.
    CARD_METHOD = "TSK-ACC-026", 403, "forbidden",
        cause: "この確認方法は、医療機関に登録された端末でだけ使えます。", "this way of unlocking the card is for registered terminals only";
        remedy: "暗証番号で確認してください。", "use the card with its PIN";
        source: "identity-security section 1.5";

    /// A token on a connection other than the one it is bound to.
    TOKEN_ELSEWHERE = "TSK-ACC-030", 401, "security",
        cause: "この接続用トークンは、別の証明書の接続に結び付いています。", "the access token is bound to another certificate";
        remedy: "トークンを取得したときと同じクライアント証明書で接続してください。", "connect with the client certificate with which the token was obtained";
        source: "identity-security OA-04, T09; RFC 8705 section 3";
    /// A client from a network that was not registered for it.
    NETWORK = "TSK-ACC-031", 403, "security",
        cause: "登録されていない接続元です。", "the client comes from a network that is not registered for it";
        remedy: "登録した回線から接続するか、施設の管理者に接続元の登録を依頼してください。", "connect from a registered network, or have the network registered";
        source: "identity-security NET-03";
    /// The role would allow it, but the token's scopes do not reach so far.
    SCOPE_MISSING = "TSK-ACC-032", 403, "forbidden",
        cause: "接続用トークンの範囲(scope)に、この操作が含まれていません。", "the access token's scopes do not cover this";
        remedy: "必要な scope を指定してトークンを取得し直してください。登録にない scope は、施設の管理者に追加を依頼してください。", "ask for a token with the scope; one that is not registered has to be added by the facility's administrator";
        source: "identity-security OA-05; RFC 6750 section 3.1";
    /// What is to be registered of a client does not fit together.
    CLIENT_TERMS = "TSK-ACC-033", 422, "value",
        cause: "連携システムの登録内容が正しくありません。", "the client cannot be registered like this";
        remedy: "名称・種類・scope・戻り先・証明書・期限(5年以内)をお確かめください。backend は system/ と tasuki/ の scope、app は patient/・user/ の scope と戻り先が要ります。鍵か証明書のどちらかは必ず要ります。", "check name, kind, scopes, redirect addresses, certificates and end (5 years at most): a backend has system/ and tasuki/ scopes, an app has patient/ or user/ scopes and a redirect address; a key or a certificate is needed";
        source: "identity-security OA-05, OA-09";
    /// A key that lasts too long, is there already, or is one too many.
    KEY_TERMS = "TSK-ACC-034", 422, "value",
        cause: "この公開鍵は登録できません。", "the key cannot be registered";
        remedy: "鍵の期限は1年以内、同時に有効な鍵は2本までです。kid が重複していないこともお確かめください。", "a key lasts one year at most, two may hold at the same time, and its kid must be new";
        source: "identity-security OA-09";
    /// No such client, or none any more.
    CLIENT_ABSENT = "TSK-ACC-035", 404, "not-found",
        cause: "この連携システムは登録されていません。", "no such client";
        remedy: "一覧から選び直してください。", "choose one of the list";
        source: "identity-security OA-09";
    /// The session is locked: nobody touched it for a while.
    REAUTH_REQUIRED = "TSK-ACC-040", 401, "login",
        cause: "しばらく操作がなかったため、画面を閉じています。", "reauth_required: the session is locked after a time without activity";
        remedy: "パスワードをもう一度入力すると、続きから操作できます。", "enter the password again at /lock to go on with the same session";
        source: "identity-security SESS-01; 安全管理ガイドライン 12.3.2";
    /// The second factor was shown too long ago for this.
    CONFIRM_REQUIRED = "TSK-ACC-041", 401, "login",
        cause: "大切な操作のため、もう一度ご本人の確認が必要です。", "confirm_required: this needs a second factor that was shown within the last five minutes";
        remedy: "本人確認の画面で確認してから、もう一度操作してください。", "show the second factor at /account/confirm, then do it again";
        source: "identity-security section 3.2 (step-up)";
    /// The initial password is still in use.
    PASSWORD_CHANGE = "TSK-ACC-042", 403, "forbidden",
        cause: "はじめのパスワードのままでは、ほかの操作はできません。", "the initial password must be changed first";
        remedy: "ご自分で決めたパスワードに変更してください。", "change the password at /account/password";
        source: "identity-security AUTH-04";
    /// The same account logged in elsewhere.
    SESSION_REPLACED = "TSK-ACC-043", 401, "expired",
        cause: "同じアカウントで別のログインがあったため、この画面のログインを終了しました。", "the session was closed because the same account logged in again";
        remedy: "ご自分のログインでないときは、すぐに施設の管理者に知らせてください。", "if that was not you, tell your administrator at once";
        source: "identity-security AUTH-08; 企画管理編 Q&A 企Q-44";
    /// A session that began on another terminal's connection.
    SESSION_ELSEWHERE = "TSK-ACC-044", 401, "security",
        cause: "別の端末で始めたログインは、この端末では使えません。", "the session is bound to the certificate of the terminal where it began";
        remedy: "この端末でログインしてください。", "log in at this terminal";
        source: "identity-security SESS-02";
    /// The only second factor cannot be removed.
    FACTOR_LAST = "TSK-ACC-045", 409, "business-rule",
        cause: "確認の方法がほかにないため、削除できません。", "the last second factor cannot be removed";
        remedy: "先に別の確認方法を登録してください。", "add another second factor first";
        source: "identity-security AUTH-02";
    /// A new second factor did not prove itself.
    FACTOR_REFUSED = "TSK-ACC-046", 422, "security",
        cause: "確認の方法を登録できませんでした。", "the new second factor did not prove itself, or belongs to an account already";
        remedy: "はじめからやり直してください。続くときは施設の管理者に連絡してください。", "start again; if it persists, ask your administrator";
        source: "identity-security AUTH-02; W3C WebAuthn Level 2 section 7.1";
    /// No such substitute code waits for approval.
    SUBSTITUTE_ABSENT = "TSK-ACC-047", 404, "not-found",
        cause: "承認を待っている代替コードの申請はありません。", "no such request for a substitute code is waiting";
        remedy: "申請の一覧を開き直してください。必要なときは、もう一度申請してください。", "open the list again, or ask for a new code";
        source: "identity-security AUTH-07";
    /// A substitute code needs two people beside its user.
    SUBSTITUTE_OWN = "TSK-ACC-048", 403, "forbidden",
        cause: "代替コードは、使う本人と、申請した人とは別の人が承認します。", "a substitute code is approved by somebody other than its user and the one who asked";
        remedy: "別の管理者に承認を依頼してください。", "ask another administrator to approve it";
        source: "identity-security AUTH-07 (two persons)";
    /// Vendor support outside an approved window.
    WINDOW_CLOSED = "TSK-ACC-060", 403, "forbidden",
        cause: "いまは、承認された保守作業の時間ではありません。", "no approved maintenance window is open now";
        remedy: "施設の管理者に、保守作業の予定の登録と承認を依頼してください。時間になると操作できます。", "ask the facility's administrators to plan and approve a maintenance window; you are let in while it is open";
        source: "identity-security MAINT-01; 2025年度チェックリスト 2-②";
    /// A window that cannot be planned so.
    WINDOW_SPAN = "TSK-ACC-061", 422, "value",
        cause: "保守作業の時間が正しくありません。", "the maintenance window's times do not fit";
        remedy: "終わりは始まりより後、これから先で、長さは8時間以内にしてください。", "end after the beginning and after now, and at most eight hours long";
        source: "identity-security MAINT-01";
    /// Not an account of a vendor.
    WINDOW_ACCOUNT = "TSK-ACC-062", 422, "value",
        cause: "保守事業者のアカウントではありません。", "this is not a vendor's account";
        remedy: "この施設の、有効な保守事業者のアカウントを選んでください。", "choose a vendor-support account of this facility that has not ended";
        source: "identity-security MAINT-01";
    /// There is no such window.
    WINDOW_UNKNOWN = "TSK-ACC-063", 404, "not-found",
        cause: "この保守作業の予定は見つかりません。", "no such maintenance window";
        remedy: "保守作業の一覧から選び直してください。", "choose from the list of maintenance windows";
        source: "identity-security AUTHZ-04: no difference between absent and forbidden";
    /// Approved by whoever asked.
    WINDOW_SAME_PERSON = "TSK-ACC-064", 409, "conflict",
        cause: "予定を登録した本人は承認できません。", "whoever asked for the window cannot approve it";
        remedy: "別の施設管理者に承認を依頼してください。", "ask another administrator of the facility";
        source: "identity-security MAINT-01, AUTHZ-03 (four eyes)";
    /// Approved or ended already, or over.
    WINDOW_SETTLED = "TSK-ACC-065", 409, "conflict",
        cause: "この保守作業は、すでに承認されているか、終わっています。", "the window has been approved already, or is over";
        remedy: "一覧で状態を確かめてください。必要なときは、新しい予定を登録してください。", "look at the list; plan a new window if one is needed";
        source: "identity-security MAINT-01";
    /// The relation is not in force any more.
    PROXY_ENDED = "TSK-ACC-070", 403, "forbidden",
        cause: "代理の期間が終わったか、代理が取り消されました。", "the relation by which you acted for this person has ended";
        remedy: "「家族・代理」の画面から、ご自分のページにお戻りください。", "go back to your own page by way of \"Family and proxies\"";
        source: "identity-security section 3.3: a relation with scope and expiry";
    /// The relation does not cover this.
    PROXY_SCOPE = "TSK-ACC-071", 403, "forbidden",
        cause: "この情報は、代理で任された範囲に入っていません。", "this is outside the scope of the relation";
        remedy: "必要なときは、ご本人に範囲を広げてもらってください。", "ask the person to widen the scope";
        source: "identity-security section 3.3";
    /// An invitation that is unknown, used or too old.
    PROXY_CODE = "TSK-ACC-072", 422, "not-found",
        cause: "この招待コードは使えません。", "the invitation code cannot be used";
        remedy: "コードを確かめてください。発行から7日が過ぎたものや、一度使ったものは使えません。ご本人に新しいコードをもらってください。", "check the code; it is good once and for seven days; ask the person for a new one";
        source: "identity-security section 3.3";
    /// A relation that cannot be: an age, a period or a pair that the rules exclude.
    PROXY_IMPOSSIBLE = "TSK-ACC-073", 422, "value",
        cause: "この代理関係は登録できません。", "this relation cannot be registered";
        remedy: "代理人は18歳以上の別の方で、親権者の代理はお子さんが18歳になるまで、ご家族の指名は15歳以上のご本人から1年以内に限ります。範囲を1つ以上選び、同じ方の代理が有効でないことを確かめてください。", "a proxy is another adult; a parent acts until the 18th birthday; a family member is named by a person of 15 or more, for a year at most; choose at least one class, and no relation of the same two people may be in force";
        source: "民法第4条・第818条・第824条 (成年は18歳); identity-security section 3.3";
    /// More relations or invitations than one person may have.
    PROXY_MANY = "TSK-ACC-074", 422, "value",
        cause: "代理人または招待コードの数が上限(10)に達しています。", "there are ten relations or invitations already";
        remedy: "使っていない代理や招待を終わりにしてから、もう一度お試しください。", "end what is not used, then try again";
        source: "house rule: limits on every list";

    /// No consent was given.
    CONSENT_NONE = "TSK-CNS-001", 403, "suppressed",
        cause: "患者さんの同意がないため、共有情報は表示できません。", "the patient has not consented";
        remedy: "受付のカードリーダーで、患者さんに同意を選んでいただいてください。", "ask the patient to choose consent at the card terminal";
        source: "identity-security CONS-01";
    /// The consent ran out.
    CONSENT_EXPIRED = "TSK-CNS-002", 403, "suppressed",
        cause: "同意の有効期間(24時間)が過ぎたため、共有情報は表示できません。", "the consent ran out after 24 hours";
        remedy: "来院時に、もう一度カードで同意を選んでいただいてください。", "ask the patient to consent again with the card";
        source: "eligibility-eprescription section e: viewing consent lasts 24 hours";
    /// The consent was withdrawn.
    CONSENT_WITHDRAWN = "TSK-CNS-003", 403, "suppressed",
        cause: "患者さんが同意を取り消したため、共有情報は表示できません。", "the patient has withdrawn the consent";
        remedy: "必要なときは、患者さんに理由を説明し、あらためて同意をお願いしてください。", "explain the need to the patient and ask again";
        source: "identity-security CONS-01";
    /// A consent without a category, or with an unknown one.
    CONSENT_CATEGORY = "TSK-CNS-004", 422, "value",
        cause: "同意の区分が正しくありません。", "an unknown consent category";
        remedy: "画面に示した区分から選んでください。", "use conditions, allergies, contraindications, laboratory or infections";
        source: "clins-documents section b; design section 2";
    /// A consent without the patient's presence.
    CONSENT_PRESENCE = "TSK-CNS-005", 403, "suppressed",
        cause: "カードで本人確認をしていないため、同意を登録できません。", "consent needs the patient's card";
        remedy: "マイナンバーカードで資格を確認してから、同意を選んでいただいてください。", "verify eligibility by card first";
        source: "identity-security section 1.6";
    /// The patient has taken the consent back since they showed their card.
    CONSENT_TAKEN_BACK = "TSK-CNS-006", 403, "suppressed",
        cause: "患者さんがご本人のページで同意を取り消したため、この受付では同意を登録できません。", "the patient has withdrawn the consent since this visit's card check";
        remedy: "必要なときは、理由を説明し、患者さんにもう一度カードで確認していただいてください。", "explain the need and ask the patient to show the card again";
        source: "identity-security CONS-01, section 1.6";
    /// A standing choice that would last too long, or has ended.
    CONSENT_PERIOD = "TSK-CNS-007", 422, "value",
        cause: "「次回からも見せる」期間が正しくありません。", "a standing consent ends after now and within 365 days";
        remedy: "終わりの日は、明日から1年先までの間で選んでください。", "choose an end date within the next 365 days";
        source: "identity-security CONS-01; docs/decisions/0016-consent-precedence.md";
    /// A purpose for which no consent is asked.
    CONSENT_PURPOSE = "TSK-CNS-008", 422, "value",
        cause: "この利用目的の同意は登録できません。", "consent is not recorded for this purpose";
        remedy: "利用目的には診療(treatment)を指定してください。", "use the purpose treatment";
        source: "identity-security CONS-01";

    /// A therapy office sees no clinical information, whatever anybody agrees to.
    CONSENT_THERAPY = "TSK-CNS-009", 403, "suppressed",
        cause: "施術所では、資格の確認だけができます。診療情報の閲覧の同意は登録できません。", "a therapy office verifies eligibility only: no consent to see clinical information can be recorded for it";
        remedy: "資格の確認結果だけで受付をお進めください。お薬や検査のことは、患者さんから直接うかがってください。", "go on with the result of the eligibility check, and ask the patient directly";
        source: "健康保険法 3条13項 (電子資格確認); 施術所等向け オンライン資格確認: 資格情報のみの取得";
}
