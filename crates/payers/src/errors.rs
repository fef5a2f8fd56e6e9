//! Why a change is not taken, and what is told of one that is: each with the insurer's next
//! step.
//!
//! `001` to `009` whom it is about, `010` to `019` how it is written, `020` to `039` what the
//! rules refuse, `040` to `049` what is taken and reported, from `050` files and findings.

kernel::catalog! {
    /// Not one of the caller's insurer numbers.
    NOT_OWN = "TSK-PAY-001", 404, "not-found",
        cause: "この保険者番号は、この施設の保険者番号ではありません。", "this insurer number is not one of this facility's";
        remedy: "保険者番号を見直してください。新しい保険者番号を使うときは、運営主体に登録を依頼してください。", "check the insurer number; a new one is registered by the operator";
        source: "健康保険法 205条の4: an insurer loads its own insured persons";
    /// The facility stands for no insurer.
    NO_INSURER = "TSK-PAY-002", 403, "forbidden",
        cause: "この施設は、保険者として登録されていません。", "this facility stands for no insurer";
        remedy: "保険者としての登録を、運営主体に依頼してください。", "ask the operator to register the facility as an insurer";
        source: "健康保険法 205条の4";
    /// The insurer has no such coverage.
    NO_MEMBER = "TSK-PAY-003", 404, "not-found",
        cause: "この記号・番号・枝番・生年月日の方の資格は、この保険者に登録されていません。", "this insurer has no coverage with this symbol, number, branch number and date of birth";
        remedy: "番号と生年月日を見直してください。まだ登録していない方は「取得」として送ってください。", "check the numbers and the date of birth; load a new member as acquired";
        source: "eligibility-eprescription section e";
    /// More than one person fits.
    SEVERAL = "TSK-PAY-004", 409, "multiple-matches",
        cause: "この記号・番号・生年月日に当てはまる方が複数います。", "more than one person has these numbers and this date of birth";
        remedy: "枝番か照会番号を付けて送ってください。", "give the branch number or the reference number";
        source: "OQSCD 006 validity 5 (複数該当)";
    /// The reference number is unknown.
    REFERENCE = "TSK-PAY-005", 422, "value",
        cause: "この照会番号は、この施設にお渡ししたものではありません。", "this reference number was not given to this facility";
        remedy: "照会番号を見直すか、空欄にして記号・番号・枝番と生年月日で送ってください。", "check it, or leave it empty and give numbers and date of birth";
        source: "identity-security BG-02: no browsing";
    /// The reference belongs to somebody born on another day.
    OTHER_BIRTH = "TSK-PAY-006", 422, "value",
        cause: "照会番号の方の生年月日と一致しません。", "the person of this reference number was born on another day";
        remedy: "別の方の照会番号でないか確かめてください。生年月日の登録が誤っているときは、運営主体の登録担当に連絡してください。", "check that it is the right person; a wrong date of birth is corrected by the operator's registrar";
        source: "peers A1: wrong links of people";
    /// The coverage is there already, with other terms.
    ACQUIRED_ALREADY = "TSK-PAY-007", 409, "duplicate",
        cause: "この方の資格は、同じ取得日ですでに登録されています(内容が異なります)。", "this coverage has been acquired already, on other terms";
        remedy: "内容を変えるときは「変更」、登録が誤っていたときは「訂正」として送ってください。", "send changed terms as changed, an error as corrected";
        source: "eligibility-eprescription section e";
    /// The coverage has ended already.
    LOST_ALREADY = "TSK-PAY-008", 409, "conflict",
        cause: "この資格は、すでに喪失として登録されています。", "this coverage has ended already";
        remedy: "喪失日や事由が誤っていたときは「訂正」、また加入したときは「取得」として送ってください。", "send a wrong end as corrected, a new coverage as acquired";
        source: "eligibility-eprescription section e";

    /// The kind of change is unknown.
    KIND = "TSK-PAY-010", 422, "value",
        cause: "異動区分が正しくありません。", "the kind of change is unknown";
        remedy: "取得・変更・喪失・訂正・取消のいずれかを指定してください。", "give acquired, changed, lost, corrected or withdrawn";
        source: "eligibility-eprescription section e";
    /// The payload names another insurer.
    INSURER_OTHER = "TSK-PAY-011", 422, "value",
        cause: "保険者番号が、送り先の保険者番号と異なります。", "the insurer number is not the one of the address";
        remedy: "保険者番号ごとに分けて送ってください。", "send each insurer number to its own address";
        source: "健康保険法 205条の4";
    /// A number is malformed.
    NUMBER = "TSK-PAY-012", 422, "value",
        cause: "記号・番号・枝番の形が正しくありません。", "symbol, number or branch number is malformed";
        remedy: "記号と番号は20文字以内、枝番は2けたの数字にしてください。", "symbol and number have at most 20 characters, the branch number two digits";
        source: "eligibility-eprescription section e";
    /// A text is malformed.
    TEXT = "TSK-PAY-013", 422, "value",
        cause: "氏名・カナ・住所などの文字が正しくありません。", "a name, kana or address is malformed";
        remedy: "制御文字を除き、100文字以内(住所は200文字以内)にしてください。郵便番号は7けたの数字です。", "no control characters, at most 100 characters (an address 200); the post code has seven digits";
        source: "eligibility-eprescription section e";
    /// A date is malformed.
    DATE = "TSK-PAY-014", 422, "value",
        cause: "日付が正しくありません。", "a date is malformed";
        remedy: "西暦でYYYY-MM-DDまたはYYYYMMDDの形にしてください。", "give YYYY-MM-DD or YYYYMMDD";
        source: "eligibility-eprescription section e";
    /// A value is none of its list's.
    CODE = "TSK-PAY-015", 422, "code-invalid",
        cause: "区分の値が、決められた一覧にありません。", "a code is not in its list";
        remedy: "項目の説明にある値から選んでください。", "choose one of the values that the description of the item lists";
        source: "OQSCD 007 to 013";
    /// A value is missing.
    REQUIRED = "TSK-PAY-016", 422, "required",
        cause: "必要な項目がありません。", "a needed item is missing";
        remedy: "この異動区分に必要な項目を入れてください。", "give every item that this kind of change needs";
        source: "eligibility-eprescription section e";
    /// Characters could not be read.
    UNREADABLE = "TSK-PAY-017", 422, "value",
        cause: "読めない文字が含まれています。", "there are characters that cannot be read";
        remedy: "ファイル全体をUTF-8またはShift_JIS(CP932)のどちらか一つで保存し、外字は代わりの文字にしてください。", "save the whole file in UTF-8 or Shift_JIS (CP932), and replace private characters";
        source: "peers reports 46–49: unreadable characters";
    /// A line has another number of columns than the first.
    COLUMNS = "TSK-PAY-018", 422, "structure",
        cause: "列の数が1行目と違うか、引用符が閉じていません。", "the line has another number of columns than the first, or an open quote";
        remedy: "この行の区切り(カンマ)と引用符を見直してください。", "check the commas and quotes of this line";
        source: "RFC 4180";

    /// The coverage ends before it begins.
    ENDS_BEFORE_BEGIN = "TSK-PAY-020", 422, "business-rule",
        cause: "喪失日(または有効期限)が、取得日(または開始日)より前か同じ日です。", "a period ends before or on the day on which it begins";
        remedy: "日付を見直してください。資格がはじめから無かったときは「取消」として送ってください。", "check the dates; a coverage that never was is withdrawn";
        source: "健康保険法 36条";
    /// The coverage begins before the person was born.
    BEFORE_BIRTH = "TSK-PAY-021", 422, "business-rule",
        cause: "取得日が生年月日より前です。", "the coverage begins before the date of birth";
        remedy: "取得日と生年月日を見直してください。", "check the first day of coverage and the date of birth";
        source: "健康保険法 35条";
    /// The coverage begins after the person died.
    AFTER_DEATH = "TSK-PAY-022", 422, "business-rule",
        cause: "死亡による喪失が登録されている方です。", "the death of this person has been registered";
        remedy: "別の方でないか確かめてください。死亡の登録が誤りのときは、登録した保険者が訂正するまでお待ちください。", "check that it is the right person; a wrong death is corrected by the insurer that registered it";
        source: "OQSCD 008 loss reason 01";
    /// The coverage begins or ends more than a year ahead.
    TOO_FAR = "TSK-PAY-023", 422, "business-rule",
        cause: "取得日または喪失日が1年より先です。", "the coverage begins or ends more than a year ahead";
        remedy: "日付を見直してください。1年以内になってから送ってください。", "check the date; send it when it is less than a year ahead";
        source: "eligibility-eprescription section e";
    /// Another member of the household has the branch number.
    BRANCH_TAKEN = "TSK-PAY-024", 409, "duplicate",
        cause: "この枝番は、同じ記号・番号の別の方が使っています。", "another person of this symbol and number has this branch number";
        remedy: "枝番を見直してください。同じ方の生年月日の誤りのときは、照会番号を付けて運営主体の登録担当に連絡してください。", "check the branch number; a wrong date of birth is corrected by the operator's registrar";
        source: "eligibility-eprescription section e: 枝番 is personal";
    /// The branch number is missing.
    BRANCH_MISSING = "TSK-PAY-025", 422, "required",
        cause: "枝番がありません。", "the branch number is missing";
        remedy: "2けたの枝番を付けてください(後期高齢者医療と医療扶助には枝番がありません)。", "give the two-digit branch number; only late-elderly insurance and public assistance have none";
        source: "eligibility-eprescription section e";
    /// No age for this certificate.
    ELDERLY_AGE = "TSK-PAY-026", 422, "business-rule",
        cause: "高齢受給者証の開始日が、70歳から74歳の間ではありません。", "the elderly certificate does not begin between the ages of 70 and 74";
        remedy: "生年月日と高齢受給者証の開始日を見直してください。70歳の誕生日の翌月1日(1日生まれは当月)からです。", "check the date of birth and the first day: it is the first of the month after the 70th birthday";
        source: "健康保険法 74条; 健康保険法施行規則 52条";
    /// The ceiling class belongs to another age.
    CEILING_AGE = "TSK-PAY-027", 422, "business-rule",
        cause: "限度額の適用区分が年齢に合いません。", "the ceiling class does not fit the age";
        remedy: "70歳未満はA01からA06、70歳以上と後期高齢者医療はB01からB10です。", "below 70 it is A01 to A06, from 70 and in late-elderly insurance B01 to B10";
        source: "OQSCD 012";
    /// A certificate does not lie in the coverage.
    CERTIFICATE_PERIOD = "TSK-PAY-028", 422, "business-rule",
        cause: "証の開始日が、資格のある期間の中にありません。", "a certificate does not begin within the coverage";
        remedy: "証の開始日と、資格の取得日・喪失日を見直してください。", "check the first day of the certificate against the coverage";
        source: "健康保険法施行規則 103条の2";
    /// The insurance has no dependents.
    NO_DEPENDENTS = "TSK-PAY-029", 422, "business-rule",
        cause: "後期高齢者医療と医療扶助には被扶養者がありません。", "late-elderly insurance and public assistance have no dependents";
        remedy: "本人・家族の別を「本人」にしてください。", "send the person as insured in their own right";
        source: "高齢者の医療の確保に関する法律 50条";
    /// The same insurer's coverage of that time is there.
    OVERLAP_OWN = "TSK-PAY-030", 409, "conflict",
        cause: "同じ保険者の別の資格と、期間が重なっています。", "another coverage by the same insurer covers some of these days";
        remedy: "前の資格を先に「喪失」とするか、日付を見直してください。", "end the earlier coverage first, or check the dates";
        source: "eligibility-eprescription section e";

    /// Taken: another insurer covers the same days.
    OVERLAP = "TSK-PAY-040", 422, "processing",
        cause: "ほかの保険者の資格と期間が重なっています(登録は済んでいます)。", "another insurer covers some of these days; the change was taken";
        remedy: "取得日を確かめてください。合っているときは、相手の保険者の喪失の登録を待つか、連絡してください。", "check the first day; if it is right, wait for the other insurer or get in touch";
        source: "健康保険法 3条: one coverage at a time; peers A";
    /// Taken: there are days without coverage.
    GAP = "TSK-PAY-041", 422, "processing",
        cause: "ほかの資格との間に、どの保険にも入っていない日があります(登録は済んでいます)。", "there are days without coverage; the change was taken";
        remedy: "取得日・喪失日を確かめてください。合っているときは「確認済み」にしてください。", "check the dates; if they are right, settle the finding";
        source: "国民健康保険法 5条: everybody is covered; peers A";
    /// Taken: somebody with the same name, date of birth and sex is there.
    POSSIBLE_DUPLICATE = "TSK-PAY-042", 422, "processing",
        cause: "カナ氏名・生年月日・性別が同じ方が、すでに登録されています。別の方として登録しました。", "somebody with the same kana, date of birth and sex is there; a new person was made";
        remedy: "前の保険者の番号がわかるときは、この登録を取り消し、番号を付けて送り直してください。わからないときは、運営主体の登録担当が確かめます。", "if the previous insurer's numbers are known, withdraw and send again with them; else the registrar looks into it";
        source: "peers A1: wrong links; never merged by guessing";
    /// Taken: nobody has the previous insurer's numbers.
    PREVIOUS_UNKNOWN = "TSK-PAY-043", 422, "processing",
        cause: "前の保険者の番号と生年月日に当てはまる方が1人に決まりません。新しい方として登録しました。", "no single person has the previous insurer's numbers and this date of birth; a new person was made";
        remedy: "前の保険者の番号を見直し、誤りのときは取り消して送り直してください。", "check the previous numbers; if they were wrong, withdraw and send again";
        source: "peers A1: never merged by guessing";
    /// Taken: the name was another.
    NAME_DIFFERS = "TSK-PAY-044", 422, "processing",
        cause: "カナ氏名または性別が、これまでの登録と異なります(新しい内容で登録しました)。", "kana or sex differ from what was known; the new ones were taken";
        remedy: "同じ方であることを確かめてください。別の方のときは取り消してください。", "check that it is the same person; if not, withdraw";
        source: "peers A1: wrong links";
    /// Taken: a dependent of nobody.
    NO_HOUSEHOLD = "TSK-PAY-045", 422, "processing",
        cause: "この記号・番号の被保険者本人が、まだ登録されていません。", "nobody of this symbol and number has been loaded yet";
        remedy: "本人の資格も送ってください。", "load the insured person, too";
        source: "健康保険法 3条7項";

    /// The file has no line.
    FILE_EMPTY = "TSK-PAY-050", 422, "required",
        cause: "ファイルが選ばれていないか、空です。", "no file was chosen, or it is empty";
        remedy: "1行目に項目名のあるCSVファイルを選んでください。異動がない日は項目名の行だけで送れます。", "choose a CSV file whose first line names the items; with nothing to report, send that line alone";
        source: "RFC 4180";
    /// The header names unknown or missing items.
    FILE_HEADER = "TSK-PAY-051", 422, "structure",
        cause: "1行目の項目名が正しくありません。", "the first line does not name the items";
        remedy: "項目名の一覧にある名前を使ってください。異動区分・番号・生年月日は必ず必要です。", "use the names of the list; change, number and birth_date are always needed";
        source: "RFC 4180";
    /// The file is too long.
    FILE_LINES = "TSK-PAY-052", 413, "too-long",
        cause: "ファイルの行数が200,000行を超えています。", "the file has more than 200,000 lines";
        remedy: "200,000行までに分けて送ってください。", "divide it into files of at most 200,000 lines";
        source: "design: every input is bounded";
    /// No such file.
    FILE_ABSENT = "TSK-PAY-053", 404, "not-found",
        cause: "このファイルは見つかりません。受け付けから90日を過ぎたものは表示できません。", "there is no such file; results are kept for 90 days";
        remedy: "受け付けたファイルの一覧から選び直してください。", "choose from the list of files";
        source: "identity-security AUTHZ-04";
    /// No such finding.
    FINDING_ABSENT = "TSK-PAY-054", 404, "not-found",
        cause: "この確認事項は見つからないか、すでに確認済みです。", "there is no such open finding";
        remedy: "確認事項の一覧を更新してください。", "refresh the list of findings";
        source: "identity-security AUTHZ-04";
}

/// What is told of a change that was taken.
const WARNINGS: [&str; 6] = [
    OVERLAP.code,
    GAP.code,
    POSSIBLE_DUPLICATE.code,
    PREVIOUS_UNKNOWN.code,
    NAME_DIFFERS.code,
    NO_HOUSEHOLD.code,
];

/// Is it told of a change that was taken?
#[must_use]
pub fn is_warning(entry: &kernel::Entry) -> bool {
    WARNINGS.contains(&entry.code)
}
