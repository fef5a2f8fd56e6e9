//! Why a subsidy or a ticket is not taken, each with what the office does next.

kernel::catalog! {
    /// The payer's number is another office's.
    NOT_YOURS = "TSK-SUB-001", 403, "forbidden",
        cause: "この公費負担者番号は、ログインしている機関のものではありません。", "this payer's number is not the caller's office's";
        remedy: "公費負担者番号を見直してください。新しい番号のときは、運営主体に番号の登録を依頼してください。", "check the payer's number; a new one is registered by the operator";
        source: "健康保険法 205条の4; identity-security AUTHZ-04";
    /// The payer's number is malformed.
    PAYER = "TSK-SUB-002", 422, "value",
        cause: "公費負担者番号が正しくありません。", "the payer's number is malformed or its check digit is wrong";
        remedy: "公費負担者番号(8けた)を、受給者証のとおりに入力してください。", "give the eight digits as printed";
        source: "保険者番号等の設定要領 (公費負担者番号)";
    /// The recipient's number is malformed.
    RECIPIENT = "TSK-SUB-003", 422, "value",
        cause: "受給者番号が正しくありません。", "the recipient's number is malformed or its check digit is wrong";
        remedy: "受給者番号(7けた)を、受給者証のとおりに入力してください。", "give the seven digits as printed";
        source: "保険者番号等の設定要領 (受給者番号)";
    /// Nobody is found by the insured number.
    NOBODY = "TSK-SUB-004", 404, "not-found",
        cause: "医療保険の番号から、対象の方を見つけられません。", "nobody is found by the insured number";
        remedy: "保険者番号・記号・番号と、枝番または生年月日を見直してください。加入したばかりの方は、保険者の登録を待って、もう一度登録してください。", "check insurer, symbol, number and branch or date of birth; for a new member try again once the insurer has loaded them";
        source: "eligibility-eprescription section e";
    /// The days make no period.
    PERIOD = "TSK-SUB-005", 422, "value",
        cause: "有効期間が正しくありません。", "the period is malformed";
        remedy: "開始日と終了日を見直してください。終了日は開始日以降の日付にしてください。", "give YYYY-MM-DD, the last day not before the first";
        source: "受給者証の有効期間";
    /// Another entitlement under the same law holds in that time.
    OVERLAP = "TSK-SUB-006", 409, "conflict",
        cause: "同じ制度の資格が、この期間にすでに登録されています。", "an entitlement under the same scheme holds in that time already";
        remedy: "前の資格を終了してから、新しい資格を登録してください。", "end the earlier one first";
        source: "fees 2.4";
    /// The scheme is not in the master.
    SCHEME = "TSK-SUB-007", 422, "code-invalid",
        cause: "地方単独事業の制度番号が、マスターにありません。", "the local scheme is not in the master";
        remedy: "都道府県の制度番号(3けた)と所得区分を見直してください。新しい制度のときは、運営主体にマスターの更新を依頼してください。", "check the three digits and the income class, or have the master updated";
        source: "地方公費 parameter tables";
    /// A ticket holds within one month.
    MONTH = "TSK-SUB-008", 422, "business-rule",
        cause: "医療券・調剤券の期間が、1つの月に収まっていません。", "a ticket holds within one month";
        remedy: "月ごとに券を分けて登録してください。", "load one ticket a month";
        source: "生活保護法による医療扶助運営要領";
    /// A ticket is paid by a welfare office.
    TICKET_PAYER = "TSK-SUB-009", 422, "business-rule",
        cause: "医療券・調剤券の公費負担者番号は、12で始まる番号です。", "a ticket's payer has law number 12";
        remedy: "福祉事務所の公費負担者番号を入力してください。", "give the welfare office's number";
        source: "記載要領 法別番号 12";
    /// The facility on a ticket is unknown.
    FACILITY = "TSK-SUB-010", 422, "not-found",
        cause: "券に書かれた医療機関コードが見つかりません。", "the ticket's facility is not registered";
        remedy: "医療機関コード(10けた)を見直してください。", "check the ten digits";
        source: "生活保護法 49条 (指定医療機関)";
    /// An amount is malformed.
    AMOUNT = "TSK-SUB-011", 422, "value",
        cause: "金額が正しくありません。", "the amount is malformed";
        remedy: "0円から1,000,000円までの整数で入力してください。", "give whole yen from 0 to 1,000,000";
        source: "受給者証の自己負担上限額";
    /// Too many lines, or none.
    LINES = "TSK-SUB-012", 422, "too-costly",
        cause: "1回に登録できるのは1件から200件までです。", "one request carries 1 to 200 lines";
        remedy: "200件以内に分けて送ってください。", "send at most 200 lines at once";
        source: "design section 3 (bounded operations)";
    /// The recipient's number is somebody else's.
    OTHER_PERSON = "TSK-SUB-013", 409, "conflict",
        cause: "この受給者番号は、別の方に使われています。", "the recipient's number is in use for another person";
        remedy: "受給者番号と、対象の方の医療保険の番号を見直してください。", "check the recipient's number and the insured number";
        source: "fees 2.4";
    /// There is nothing to end.
    NONE = "TSK-SUB-014", 404, "not-found",
        cause: "終了する資格が見つかりません。", "there is no entitlement to end";
        remedy: "公費負担者番号と受給者番号を見直してください。すでに終了していないかも確かめてください。", "check both numbers, and whether it has ended already";
        source: "fees 2.4";
    /// A word is unknown or missing.
    WORD = "TSK-SUB-015", 422, "value",
        cause: "項目の値が正しくありません。", "a field is missing or its value is unknown";
        remedy: "項目の説明を見て、値を入力し直してください。", "see the field's description";
        source: "eligibility-eprescription section e";
    /// The insured number is malformed.
    INSURED = "TSK-SUB-016", 422, "value",
        cause: "医療保険の番号が正しくありません。", "the insured number is malformed";
        remedy: "保険者番号・番号と、枝番または生年月日を入力してください。", "give insurer number, number, and branch or date of birth";
        source: "eligibility-eprescription section e";
}
