//! Why a visit code, a check without the card, or a receipt is refused.

kernel::catalog! {
    /// No such code.
    CODE_UNKNOWN = "TSK-VIS-010", 404, "not-found",
        cause: "この来院コードは見つかりません。", "there is no such visit code";
        remedy: "8けたの数字を見直してください。合っているときは、受付に新しいコードを出してもらってください。", "check the eight digits; if they are right, ask the reception for a new code";
        source: "peers B (visit code); identity-security T19 (guessing)";
    /// The code's time is over.
    CODE_LATE = "TSK-VIS-011", 422, "expired",
        cause: "この来院コードの時間は過ぎています。", "the visit code's time is over";
        remedy: "受付に新しいコードを出してもらってください。", "ask the reception for a new code";
        source: "peers B (visit code)";
    /// The code was used.
    CODE_USED = "TSK-VIS-012", 409, "duplicate",
        cause: "この来院コードは、すでに使われています。", "the visit code has been used already";
        remedy: "ご本人の確認が済んでいるかどうか、受付に確かめてください。別の方のときは、新しいコードを出してもらってください。", "ask the reception whether you are verified already; each person needs a code of their own";
        source: "peers B (visit code); identity-security T05";
    /// Too many wrong codes from one address.
    CODE_WAIT = "TSK-VIS-013", 429, "throttled",
        cause: "コードの間違いが続いたため、しばらく入力を受け付けません。", "too many wrong codes came from here";
        remedy: "15分ほど待ってから、もう一度お試しください。お急ぎのときは、受付でカードをお使いください。", "wait up to 15 minutes, or use your card at the reception";
        source: "identity-security T19 (exponential delay per address)";
    /// An unknown kind of code.
    CODE_KIND = "TSK-VIS-014", 422, "value",
        cause: "来院コードの種類が正しくありません。", "an unknown kind of visit code";
        remedy: "種類(in-car、home-visit、online、counter)を選び直してください。", "use in-car, home-visit, online or counter";
        source: "OQSCD 028 (診療区分)";
    /// The booked time of an online consultation does not fit.
    CODE_BOOKED = "TSK-VIS-015", 422, "value",
        cause: "オンライン診療の予約日時が正しくありません。", "the booked time of the online consultation does not fit";
        remedy: "これから24時間以内の予約日時を入力してください。それより先の予約は、前日に作ってください。ほかの種類のコードには予約日時は要りません。", "give a time within the next 24 hours; other kinds of code take none";
        source: "peers B (visit code): a code lasts 24 hours at most";
    /// The mark of a code is too long.
    CODE_LABEL = "TSK-VIS-016", 422, "value",
        cause: "目印が長すぎるか、使えない文字があります。", "the mark is too long or holds a control character";
        remedy: "目印は20文字以内で入力してください。", "give at most 20 characters";
        source: "house rule: bounds on every text";
    /// The phone's page is over.
    PHONE_ENDED = "TSK-VIS-017", 403, "expired",
        cause: "この画面の時間(15分)が過ぎたか、別の端末で開いています。", "this page's fifteen minutes are over, or it is another device's";
        remedy: "ご本人の確認は済んでいます。情報を見せるかどうかは、受付で選ぶか、「ご本人のページ」で決められます。", "you are verified; choose at the reception, or in the portal";
        source: "identity-security SESS-01";
    /// The facility has no such code.
    CODE_ABSENT = "TSK-VIS-018", 404, "not-found",
        cause: "この来院コードは、この施設にはありません。", "this facility has no such visit code";
        remedy: "来院コードの一覧から選び直してください。", "choose from the list of visit codes";
        source: "identity-security AUTHZ-04: no difference between absent and forbidden";
    /// The facility has no such home-care patient.
    HOME_ABSENT = "TSK-VIS-020", 404, "not-found",
        cause: "この方は、この施設の在宅の患者さんの一覧にありません。", "this facility has no such home-care patient";
        remedy: "一覧から選び直してください。はじめての方は、訪問のときにカードかスマートフォンで確認し、在宅の同意を選んでいただいてください。", "choose from the list; a new patient is verified by card or phone at the visit and chooses the consent of home care";
        source: "identity-security AUTHZ-04; eligibility-eprescription section e (在宅)";
    /// The continuing consent was taken back.
    HOME_WITHDRAWN = "TSK-VIS-021", 403, "suppressed",
        cause: "この方は在宅の継続同意を取り消しているため、カードなしでは確認できません。", "the patient has withdrawn the continuing consent of home care";
        remedy: "次の訪問で、カードかスマートフォンで確認してください。続けるときは、在宅の同意をあらためて選んでいただいてください。", "verify by card or phone at the next visit, and ask for the consent anew";
        source: "identity-security CONS-01; eligibility-eprescription section e (在宅)";
    /// The continuing consent ran out.
    HOME_ENDED = "TSK-VIS-022", 403, "suppressed",
        cause: "この方の在宅の継続同意は期間が終わったため、カードなしでは確認できません。", "the continuing consent of home care has ended";
        remedy: "次の訪問で、カードかスマートフォンで確認し、在宅の同意をあらためて選んでいただいてください。", "verify by card or phone at the next visit, and ask for the consent anew";
        source: "identity-security CONS-01; eligibility-eprescription section e (在宅)";
    /// There is no such receipt.
    RECEIPT_ABSENT = "TSK-VIS-030", 404, "not-found",
        cause: "この同意の控えは見つかりません。", "there is no such receipt";
        remedy: "「ご本人のページ」の「同意」から選び直してください。", "choose from the list of consents in the portal";
        source: "identity-security AUTHZ-04: no difference between absent and forbidden";
}
