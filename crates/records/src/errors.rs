//! Why a document is not taken or a record not shown.

kernel::catalog! {
    /// The JSON cannot be read.
    JSON = "TSK-REC-001", 400, "structure",
        cause: "送信された文書(JSON)を読み取れませんでした。", "the document is not JSON that can be read without doubt";
        remedy: "示された位置を直して、文書全体をもう一度送信してください。", "mend the place that is named and send the whole document again";
        source: "RFC 8259; HL7 FHIR R4 json.html";
    /// The document breaks a rule of R4 or JP-CLINS.
    DOCUMENT = "TSK-REC-002", 422, "invalid",
        cause: "文書が規則に合っていないため、全体を受け付けませんでした。", "the document breaks a rule, so nothing of it was taken";
        remedy: "示されたすべての箇所を直して、文書全体をもう一度送信してください。", "mend every place that is named and send the whole document again";
        source: "JP-CLINS 1.5.3; HL7 FHIR R4";
    /// The sender is not the institution in the document.
    INSTITUTION = "TSK-REC-003", 403, "forbidden",
        cause: "文書の医療機関コードが、送信した医療機関と一致しません。", "the institution in the document is not the sender's";
        remedy: "自院の医療機関コードで作成した文書を送信してください。", "send documents with your own institution number";
        source: "identity-security OA-07; clins-documents R2152, R1021";
    /// The patient is not known.
    PATIENT_UNKNOWN = "TSK-REC-004", 422, "not-found",
        cause: "文書の被保険者個人識別子に当てはまる方が見つかりません。", "nobody has the member identifier in the document";
        remedy: "資格確認で得た保険者番号・記号・番号・枝番を使ってください。", "use insurer number, symbol, number and branch as eligibility verification gives them";
        source: "clins-documents R1012, R1013";
    /// More than one person fits.
    PATIENT_SEVERAL = "TSK-REC-005", 422, "multiple-matches",
        cause: "文書の被保険者個人識別子に当てはまる方が複数います。", "more than one person fits the member identifier";
        remedy: "枝番(2けた)を含めた識別子を使ってください。", "give the identifier with its branch number";
        source: "clins-documents R1013";
    /// The patient's date of birth is another's.
    PATIENT_OTHER = "TSK-REC-006", 422, "conflict",
        cause: "文書の生年月日が、被保険者個人識別子の方と一致しません。", "the date of birth in the document is not that of the member";
        remedy: "別の患者さんの文書でないか確認し、正しい識別子で送信してください。", "make sure that it is the right patient and send the right identifier";
        source: "identity-security section 5: wrong patient";
    /// No such Bundle.
    BUNDLE_UNKNOWN = "TSK-REC-007", 404, "not-found",
        cause: "削除する文書が見つかりません。", "there is no document with this identifier for this member";
        remedy: "登録したときの識別子と被保険者個人識別子を指定してください。", "give identifier and member identifier exactly as registered";
        source: "clins-documents section b: delete by three parameters";
    /// The delete command is malformed.
    COMMAND = "TSK-REC-008", 422, "value",
        cause: "削除の指定が正しくありません。", "the delete command is malformed";
        remedy: "被保険者個人識別子と、文書の識別子(system、value)を指定してください。", "give member, system and value";
        source: "clins-documents section b: delete by three parameters";
    /// No such entry in what the caller can see.
    ENTRY_UNKNOWN = "TSK-REC-009", 404, "not-found",
        cause: "指定された情報が見つかりません。差し替えられたか、保存期間が過ぎた可能性があります。", "there is no such entry: it may have been replaced, or its time is over";
        remedy: "一覧を開き直して、もう一度選んでください。", "open the list again and choose from it";
        source: "clins-documents section b: replacement, retention";
    /// More is hidden than anybody has.
    HIDDEN_TOO_MANY = "TSK-REC-010", 409, "too-costly",
        cause: "見せない設定にできる情報の数(5,000件)に達しています。", "as many entries are hidden as can be: 5,000";
        remedy: "不要になった設定を解除してから、もう一度選んでください。", "show some of them again first";
        source: "design section 5: every list has a limit";
    /// What cannot be confirmed or retired.
    ENTRY_FIXED = "TSK-REC-011", 422, "business-rule",
        cause: "検査結果と処方は、その日の記録なので、確認や「該当しない」の対象になりません。", "results and prescriptions are records of their day and are neither confirmed nor retired";
        remedy: "傷病名・アレルギー・薬剤禁忌を選んでください。誤りは登録した医療機関に連絡してください。", "choose a condition, an allergy or a contraindication; tell the sender of a mistake";
        source: "peers D: entries that nobody looks at again";
    /// No reason, or one that cannot be kept.
    REASON = "TSK-REC-012", 422, "value",
        cause: "「現在は該当しない」とする理由がないか、200文字を超えています。", "the reason is missing, or longer than 200 characters";
        remedy: "理由を200文字以内で書いてください。", "give a reason of at most 200 characters";
        source: "peers D: entries that nobody looks at again";
    /// An allergen's code that is in no master.
    ALLERGEN_UNKNOWN = "TSK-REC-013", 422, "code-invalid",
        cause: "アレルゲンのコードがマスターにありません。登録はしましたが、他の医療機関で探せないことがあります。", "the allergen's code is not in the master; it was taken, but others may not find it";
        remedy: "JFAGYのコード表で確かめてください。当てはまるものがなければ、ダミーコードと名称で送ってください。", "look it up in the JFAGY table; if nothing fits, send the dummy code with a name";
        source: "JFAGY 2025-04-01";
    /// An allergen's code that is used no more.
    ALLERGEN_ENDED = "TSK-REC-014", 422, "code-invalid",
        cause: "アレルゲンのコードは廃止されています。登録はしました。", "the allergen's code is used no more; it was taken";
        remedy: "JFAGYのコード表で、後継のコードに替えてください。", "replace it by its successor in the JFAGY table";
        source: "JFAGY 2025-04-01, ENDDATE";
    /// A dummy code without words.
    ALLERGEN_DUMMY = "TSK-REC-015", 422, "required",
        cause: "アレルゲンのダミーコードに、名称(code.text)が付いていません。", "a dummy allergen code came without a name of its own";
        remedy: "アレルゲンの名称を code.text に書いてください。", "write the allergen's name into code.text";
        source: "clins-documents section b, AllergyIntolerance: dummy codes need text";
    /// The document says nobody's number, so it can be judged and not kept.
    PERSON_MISSING = "TSK-REC-017", 422, "required",
        cause: "文書の形は正しいのですが、どなたの、どの医療機関の文書か分からないため登録できません。", "the document is well formed, but it does not say whose it is, or which institution's";
        remedy: "Patient.identifier に被保険者個人識別子を入れるか、Coverage に保険者番号・記号・番号・枝番を入れ、custodian か author に医療機関番号を入れてください。", "put the member identifier into Patient.identifier or insurer, symbol, number and branch into Coverage, and the institution number into custodian or author";
        source: "clins-documents R1012, R1013, R1021";
    /// A condition of the validation that is not understood.
    VALIDATE_PARAMETER = "TSK-REC-018", 400, "not-supported",
        cause: "検証の条件が分かりません。無視せずお断りします。", "a parameter of the validation is not understood; it is refused, not ignored";
        remedy: "使えるのは on(検証する日。2026-11-22 の形)です。", "use on, the day whose rules hold, as 2026-11-22";
        source: "HL7 FHIR R4 operation-resource-validate.html";
    /// What was to be published breaks a rule.
    PUBLISH = "TSK-REC-020", 422, "invalid",
        cause: "公開しようとした診療記録が規則に合っていないため、何も登録しませんでした。", "the records to be published break a rule, so nothing was registered";
        remedy: "示されたすべてのリソースを自施設の記録(/fhir)で直してから、もう一度公開してください。", "mend every resource that is named in your own records (/fhir), then publish again";
        source: "design section 2 (own partition, publishing); JP-CLINS 1.5.3";
    /// A parameter of publishing that is not understood.
    PUBLISH_PARAMETER = "TSK-REC-021", 400, "value",
        cause: "公開の指定(Parameters)が正しくありません。", "the parameters of publishing are not as they should be";
        remedy: "patient(Patient/{id})を1つ、必要なら encounter、type(AllergyIntolerance・Condition・Observation)、resource を指定してください。処方は診療情報提供書か退院時サマリーで送ります。", "give patient (Patient/{id}) once and, if need be, encounter, type (AllergyIntolerance, Condition, Observation) and resource; prescriptions are sent in referral letters and discharge summaries";
        source: "design section 2 (own partition, publishing); clins-documents section b";
    /// Something is named that the partition does not have.
    PUBLISH_ABSENT = "TSK-REC-022", 422, "not-found",
        cause: "公開するように指定されたリソースが、この患者さんの自施設の記録にありません。", "a resource to be published is not in your facility's records of this patient";
        remedy: "自施設の記録にあるidを指定してください。削除した情報を取り下げるには、残りを公開し直すか POST /fhir/Bundle/$delete を使います。", "name ids of your own records; to withdraw what was deleted publish the rest again, or use POST /fhir/Bundle/$delete";
        source: "identity-security AUTHZ-04: no difference between absent and forbidden";
    /// Nothing is there to publish.
    PUBLISH_NOTHING = "TSK-REC-023", 422, "not-found",
        cause: "公開できる情報が、この患者さんの自施設の記録にありません。", "your facility's records of this patient hold nothing to publish";
        remedy: "アレルギー・傷病名・検査結果を自施設の記録(/fhir)に登録するか、resource で指定してください。", "create allergies, conditions or results in your own records (/fhir), or name them by resource";
        source: "design section 2 (own partition, publishing)";
    /// Too much at once.
    PUBLISH_BOUND = "TSK-REC-024", 422, "too-costly",
        cause: "一度に公開できる数(2,000件、検査は400日分)を超えています。", "no more than 2,000 resources, or the results of 400 days, are published at once";
        remedy: "type、encounter、resource で分けて公開してください。", "publish in parts, by type, encounter or resource";
        source: "design section 4: bounds on every list";
    /// The records changed between reading and registering.
    PUBLISH_CHANGED = "TSK-REC-025", 409, "conflict",
        cause: "公開の途中で自施設の記録が変わったため、何も登録しませんでした。", "the own records changed while they were being published, so nothing was registered";
        remedy: "そのままもう一度公開してください。", "publish again";
        source: "design section 2 (own partition, publishing)";
    /// A reference that cannot go along.
    PUBLISH_REFERENCE = "TSK-REC-026", 422, "business-rule",
        cause: "公開した情報に、一緒に公開できないリソースへの参照がありました。参照先の種類だけを残して登録しました。", "a published resource refers to one that cannot go along; it was registered with the type of that alone";
        remedy: "参照先を伝える必要があるときは、参照に display を書いて公開し直してください。", "if it matters, give the reference a display and publish again";
        source: "clins-documents section b: visits, doctors, specimens and orders are contained";
    /// A published Bundle of which nothing is left.
    PUBLISH_LEFT = "TSK-REC-027", 422, "business-rule",
        cause: "以前に公開した情報のうち、自施設の記録に1件も残っていないものが、まだ登録されています。", "something published before is still registered, though nothing of it is left in your own records";
        remedy: "取り下げるには、この識別子と被保険者個人識別子を POST /fhir/Bundle/$delete に送ってください。", "to withdraw it, send this identifier and the member identifier to POST /fhir/Bundle/$delete";
        source: "clins-documents section b: delete by three parameters";
}
