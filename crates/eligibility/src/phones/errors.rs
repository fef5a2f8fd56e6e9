//! Why a card, a phone or a screen is not taken, each with the next step.

kernel::catalog! {
    /// The card is known, but was never registered as an insurance card.
    NOT_REGISTERED = "TSK-PHN-001", 422, "business-rule",
        cause: "このカードは、健康保険証としての利用登録がまだ済んでいません。", "the card has not been registered as an insurance card yet";
        remedy: "カードリーダーで、このまま利用登録ができます(4けたの暗証番号が必要です)。登録しないときは、資格確認書か番号で確認してください。", "register it now at the reader with its four-digit PIN, or use the certificate of eligibility or the number";
        source: "健康保険証利用登録; identity-security 1.4";
    /// The registration was cancelled.
    CANCELLED = "TSK-PHN-002", 422, "business-rule",
        cause: "このカードの健康保険証利用登録は、取り消されています。", "the registration as an insurance card was cancelled";
        remedy: "資格確認書を見せていただき、番号で確認してください。ご希望があれば、カードリーダーでもう一度利用登録ができます。", "ask for the certificate of eligibility and verify by number; it can be registered again at the reader if the person wishes";
        source: "健康保険証利用登録の解除 (資格確認書を交付)";
    /// The certificate was renewed, replaced, lost or removed.
    ENDED = "TSK-PHN-003", 422, "business-rule",
        cause: "この電子証明書は、新しいものに替わったか、利用を終えています。", "the certificate has been replaced or has ended";
        remedy: "新しいカード、または今お使いのスマートフォンで確認してください。お持ちでないときは、資格確認書か番号で確認してください。", "use the new card or the present phone, or verify by certificate of eligibility or number";
        source: "identity-security 1.4 (history of certificates)";
    /// It is registered already.
    ALREADY_REGISTERED = "TSK-PHN-004", 409, "duplicate",
        cause: "健康保険証としての利用登録は、すでに済んでいます。", "it is registered as an insurance card already";
        remedy: "そのまま受付や画面をお使いください。", "nothing needs to be done";
        source: "健康保険証利用登録";
    /// Another person's card.
    OTHERS_CARD = "TSK-PHN-005", 403, "security",
        cause: "ログインした方とは別の方のカードです。", "the card is not that of the person who is logged in";
        remedy: "ログインに使ったご本人のカードで、もう一度お試しください。", "use the card of the person who is logged in";
        source: "identity-security 1.6";
    /// A proxy cannot do this.
    NOT_BY_PROXY = "TSK-PHN-006", 403, "forbidden",
        cause: "この手続きは、代理ではできません。", "this cannot be done by a proxy";
        remedy: "ご本人のカードでログインして手続きしてください。お子さんのときは、お子さんのカードと暗証番号でログインしてください。", "log in with the person's own card; for a child, with the child's card and PIN";
        source: "identity-security 1.4, 3.3";
    /// There is no registration to cancel.
    NOTHING_TO_CANCEL = "TSK-PHN-007", 409, "conflict",
        cause: "取り消す利用登録がありません。", "there is no registration to cancel";
        remedy: "画面を開き直して、今の状態をお確かめください。", "open the page again and look at the present state";
        source: "健康保険証利用登録の解除";
    /// Registration needs the card with its PIN.
    PIN_ONLY = "TSK-PHN-008", 422, "value",
        cause: "利用登録は、カードと暗証番号で行います。", "the registration is made by card with its PIN";
        remedy: "マイナンバーカードを置き、4けたの暗証番号を入力していただいてください。", "place the card and let its holder enter the four-digit PIN";
        source: "健康保険証利用登録; identity-security 1.5";

    /// The way of unlocking does not belong to this medium.
    WRONG_MEDIUM = "TSK-PHN-010", 422, "security",
        cause: "確認方法とカード・スマートフォンの種類が合いません。", "the authentication method does not belong to this kind of certificate";
        remedy: "スマートフォンではスマートフォンの、カードでは暗証番号・顔認証・目視の確認を選び直してください。", "give phone_biometric with a phone's certificate; pin, face or staff_visual with a card's";
        source: "identity-security 1.5";
    /// A face or visual check from a terminal that is not in the ledger.
    TERMINAL_UNREGISTERED = "TSK-PHN-011", 403, "forbidden",
        cause: "顔認証と目視確認は、台帳に登録された端末でだけ使えます。", "face and visual checks are for terminals of the facility's ledger only";
        remedy: "暗証番号かスマートフォンで確認してください。端末の登録は、施設の管理者に依頼してください(機器の台帳)。", "use PIN or phone; have the administrator register the terminal in the ledger of equipment";
        source: "identity-security 1.5";
    /// The terminal's certificate or signature does not fit.
    TERMINAL_SIGNATURE = "TSK-PHN-012", 403, "security",
        cause: "端末の証明書か署名を確かめられませんでした。", "the terminal's certificate or its signature over the challenge is not good";
        remedy: "端末の時計と証明書の期限を確かめて、はじめからやり直してください。急ぐときは暗証番号で確認してください。", "sign the challenge's text with the key of the certificate in the ledger; if urgent, use the PIN";
        source: "identity-security 1.5, NET-02";

    /// The member of staff did not say that they compared.
    NOT_COMPARED = "TSK-PHN-013", 422, "required",
        cause: "顔写真を見比べたことの確認がありません。", "it was not stated that photo and person were compared";
        remedy: "カードの顔写真と患者さんを見比べて、確認の欄にチェックを入れてください。", "compare the photo with the person and tick the box";
        source: "identity-security 1.5 (staff_visual)";

    /// Too young for a phone.
    TOO_YOUNG = "TSK-PHN-020", 403, "business-rule",
        cause: "スマートフォンを保険証として使えるのは、15歳からです。", "a phone can be enrolled from 15 years of age";
        remedy: "マイナンバーカードか資格確認書をお使いください。", "use the card or the certificate of eligibility";
        source: "スマホ用電子証明書 (15歳以上)";
    /// Another phone is enrolled.
    OTHER_PHONE = "TSK-PHN-021", 409, "business-rule",
        cause: "すでに別のスマートフォンが登録されています。使えるのは1人1台です。", "another phone is enrolled; each person has one";
        remedy: "乗り換えるときは「機種変更」を選んで、もう一度登録してください。前のスマートフォンは使えなくなります。", "choose change of phone; the one before then ends";
        source: "スマホ用電子証明書 (1人1台)";
    /// Not a phone's certificate.
    NO_PHONE = "TSK-PHN-022", 422, "security",
        cause: "スマートフォンの電子証明書ではありません。", "this is not a phone's certificate";
        remedy: "登録するスマートフォンの画面の案内に沿って、もう一度お試しください。", "let the phone that is to be enrolled sign";
        source: "identity-security 1.2";
    /// Not a card's certificate.
    NO_CARD = "TSK-PHN-023", 422, "security",
        cause: "マイナンバーカードの電子証明書ではありません。", "this is not a card's certificate";
        remedy: "マイナンバーカードをかざして、もう一度お試しください。", "use the card itself";
        source: "identity-security 1.2";
    /// The phone is tied to somebody else, or to this person already.
    PHONE_TAKEN = "TSK-PHN-024", 409, "duplicate",
        cause: "このスマートフォンの電子証明書は、すでに登録されています。", "the phone's certificate is enrolled already";
        remedy: "お使いのスマートフォンのときは、そのままお使いになれます。譲り受けたものは、新しく電子証明書の発行を受けてから登録してください。", "if it is yours it works already; if it was somebody else's, have a new certificate issued on it first";
        source: "スマホ用電子証明書 (1人1台)";
    /// There is no phone to end.
    NO_SUCH_PHONE = "TSK-PHN-025", 409, "conflict",
        cause: "登録されているスマートフォンがありません。", "no phone is enrolled";
        remedy: "画面を開き直して、今の状態をお確かめください。", "open the page again and look at the present state";
        source: "identity-security 1.4";
    /// What the phone is called does not fit.
    LABEL = "TSK-PHN-026", 422, "value",
        cause: "スマートフォンの呼び名が正しくありません。", "the phone's name is empty or too long";
        remedy: "1文字から40文字までで入力してください。", "give 1 to 40 characters";
        source: "house rule: limits on every field";
    /// A phone needs the registration first.
    PHONE_BEFORE_USE = "TSK-PHN-027", 409, "business-rule",
        cause: "先に、健康保険証としての利用登録が必要です。", "the card has to be registered as an insurance card first";
        remedy: "「健康保険証として登録する」を済ませてから、スマートフォンを登録してください。", "register the card as insurance card, then enroll the phone";
        source: "健康保険証利用登録 (スマートフォンの利用にはカードの利用登録が必要)";
    /// Why a phone ends, in an unknown word.
    END_REASON = "TSK-PHN-028", 422, "value",
        cause: "利用をやめる理由の指定が正しくありません。", "unknown reason for ending a phone";
        remedy: "紛失・盗難か、利用をやめるのどちらかを選んでください。", "give lost or removed";
        source: "identity-security 1.4";

    /// A screen code that leads to nobody: wrong, used or too old; which, is not told.
    SCREEN_CODE = "TSK-PHN-030", 422, "not-found",
        cause: "この番号では確認できません。まちがいか、使用済みか、5分を過ぎています。", "the code is wrong, used, or older than five minutes";
        remedy: "患者さんの画面で新しい番号を表示していただき、入力し直してください。", "let the patient show a new code and type it";
        source: "identity-security 1.5, AUTHZ-04";
    /// Too many wrong codes.
    SCREEN_WAIT = "TSK-PHN-031", 429, "throttled",
        cause: "番号の入力が続けて合わなかったため、しばらく受け付けません。", "too many wrong codes in a row";
        remedy: "少し待ってから入力し直すか、カードまたは番号で確認してください。", "wait and try again, or verify by card or insured number";
        source: "identity-security AUTH-06, T19";
    /// Not eight digits.
    SCREEN_FORM = "TSK-PHN-032", 422, "value",
        cause: "画面の番号は、8けたの数字です。", "a screen code has eight digits";
        remedy: "患者さんの画面に表示された8けたの数字を入力してください。", "type the eight digits that the patient's screen shows";
        source: "house rule: the portal's fallback screen";
}
