//! Why a public subsidy's card leads to nothing.

kernel::catalog! {
    /// Payer's number, recipient's number or date of birth is wrong, or nobody has them.
    UNKNOWN = "TSK-SBC-020", 404, "not-found",
        cause: "この公費負担者番号・受給者番号・生年月日の方は見つかりません。", "nobody has this payer's number, recipient's number and date of birth";
        remedy: "受給者証の番号と生年月日を見直してください。交付されたばかりのときは、自治体の登録が済んでいないことがあります。医療保険の資格を先に確認してください。", "check the numbers and the date of birth; a new certificate may not have been loaded by the town yet: verify the health insurance first";
        source: "fees 2.4; OQSCD 006 validity 4 (該当なし)";
    /// The entitlement does not hold on that date.
    ENDED = "TSK-SBC-021", 422, "business-rule",
        cause: "この公費の資格は、確認した日には有効ではありません。", "the entitlement does not hold on that date";
        remedy: "新しい受給者証をお持ちでないか、患者さんに確認してください。お持ちでなければ、医療保険の資格で受付し、患者さんに自治体への確認をお願いしてください。", "ask for a newer certificate; without one go on with the health insurance, and let the patient ask the town";
        source: "fees 2.4";
    /// Payer's or recipient's number is malformed.
    NUMBERS = "TSK-SBC-022", 422, "value",
        cause: "公費負担者番号か受給者番号が正しくありません。", "a number is malformed or its check digit is wrong";
        remedy: "公費負担者番号(8けた)と受給者番号(7けた)を、受給者証のとおりに入力してください。", "give the eight and the seven digits as printed";
        source: "保険者番号等の設定要領";
}
