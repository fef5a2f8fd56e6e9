//! Why a request to the FHIR server is not done.

kernel::catalog! {
    /// The JSON cannot be read.
    JSON = "TSK-FHR-001", 400, "structure",
        cause: "送信されたリソース(JSON)を読み取れませんでした。", "the resource is not JSON that can be read without doubt";
        remedy: "示された位置を直して、もう一度送信してください。", "mend the place that is named and send it again";
        source: "RFC 8259; HL7 FHIR R4 json.html";
    /// The resource breaks a rule.
    RESOURCE = "TSK-FHR-002", 422, "invalid",
        cause: "リソースが規則に合っていないため、何も保存しませんでした。", "the resource breaks a rule, so nothing was stored";
        remedy: "示されたすべての箇所を直して、もう一度送信してください。", "mend every place that is named and send it again";
        source: "HL7 FHIR R4 http.html#create; JP-CLINS 1.5.3";
    /// No such type, or one that is not kept here.
    TYPE = "TSK-FHR-003", 404, "not-supported",
        cause: "この種類のリソースは、ここでは扱っていません。", "resources of this type are not kept here";
        remedy: "扱う種類は GET /fhir/metadata で確かめてください。文書の登録は POST /fhir/Bundle/$register です。", "see GET /fhir/metadata for the types that are; documents are registered by POST /fhir/Bundle/$register";
        source: "HL7 FHIR R4 http.html#create (404 for a type that is not supported)";
    /// No such resource.
    ABSENT = "TSK-FHR-004", 404, "not-found",
        cause: "該当するリソースがありません。", "there is no such resource";
        remedy: "自施設がこのサーバーから受け取ったidを使っているか確認してください。", "use an id that your own facility was given by this server";
        source: "identity-security AUTHZ-04: no difference between absent and forbidden";
    /// It was deleted.
    GONE = "TSK-FHR-005", 410, "deleted",
        cause: "このリソースは削除されています。", "this resource was deleted";
        remedy: "以前の版は _history から読むことができます。", "earlier versions can be read through _history";
        source: "HL7 FHIR R4 http.html#read";
    /// Another version is current.
    VERSION = "TSK-FHR-006", 412, "conflict",
        cause: "指定された版は最新ではないため、変更しませんでした。", "the version that is named is not the current one, so nothing was changed";
        remedy: "最新の版を読み直し、変更を加えてからそのETagをIf-Matchに付けて送信してください。", "read the current version, make the change again and send its ETag in If-Match";
        source: "HL7 FHIR R4 http.html#concurrency";
    /// The resource names no patient.
    NO_PATIENT = "TSK-FHR-007", 422, "required",
        cause: "リソースがどの患者さんのものか分かりません。", "the resource names no patient";
        remedy: "subject や patient に、自施設の患者さんを Patient/{id} の形で指定してください。", "name a patient of your facility as Patient/{id} in subject or patient";
        source: "design section 2 (the person is the unit); HL7 FHIR R4 compartmentdefinition-patient.html";
    /// The resource names two patients.
    TWO_PATIENTS = "TSK-FHR-008", 422, "business-rule",
        cause: "一つのリソースに二人の患者さんが指定されています。", "the resource names two different patients";
        remedy: "患者さんごとに分けて送信してください。", "send one resource for each patient";
        source: "design section 2 (the person is the unit)";
    /// The named patient is not there.
    PATIENT_UNKNOWN = "TSK-FHR-009", 422, "not-found",
        cause: "指定された患者さんは、自施設の記録にいません。", "the patient that is named is not in your facility's records";
        remedy: "先に POST /fhir/Patient で患者さんを登録し、返されたidを使ってください。", "create the patient by POST /fhir/Patient first and use the id that is given";
        source: "design section 2 (own partition)";
    /// The Patient carries no identity.
    IDENTITY_MISSING = "TSK-FHR-010", 422, "required",
        cause: "患者さんの被保険者個人識別子または生年月日がありません。", "the Patient carries no member identifier or no date of birth";
        remedy: "資格確認で得た被保険者個人識別子を identifier に、生年月日を birthDate に入れてください。", "put the member identifier from eligibility verification into identifier and the date of birth into birthDate";
        source: "clins-documents R1012, R1013; design section 2";
    /// Nobody fits.
    IDENTITY_NOBODY = "TSK-FHR-011", 422, "not-found",
        cause: "被保険者個人識別子に当てはまる方が見つかりません。", "nobody has this member identifier";
        remedy: "資格確認で得た保険者番号・記号・番号・枝番を使ってください。", "use insurer number, symbol, number and branch as eligibility verification gives them";
        source: "clins-documents R1012, R1013";
    /// More than one person fits.
    IDENTITY_SEVERAL = "TSK-FHR-012", 422, "multiple-matches",
        cause: "被保険者個人識別子に当てはまる方が複数います。", "more than one person fits the member identifiers";
        remedy: "枝番(2けた)を含む、一人の方の識別子だけを使ってください。", "give the identifiers of one person, with the branch number";
        source: "clins-documents R1013";
    /// Another date of birth.
    IDENTITY_OTHER = "TSK-FHR-013", 422, "conflict",
        cause: "生年月日が、被保険者個人識別子の方と一致しません。", "the date of birth is not that of the member";
        remedy: "別の患者さんの情報でないか確認し、正しい識別子で送信してください。", "make sure that it is the right patient and send the right identifier";
        source: "identity-security section 5: wrong patient";
    /// The Patient is there already.
    PATIENT_EXISTS = "TSK-FHR-014", 409, "duplicate",
        cause: "この患者さんは、自施設の記録にすでにいます。", "your facility's records have this patient already";
        remedy: "示された Patient を読み、必要なら PUT で更新してください。", "read the Patient that is named, and update it by PUT if needed";
        source: "design section 2: one Patient a person a facility";
    /// Only JSON is spoken.
    FORMAT = "TSK-FHR-015", 406, "not-supported",
        cause: "このサーバーはJSONだけを扱います。", "this server speaks JSON only";
        remedy: "Accept または _format に application/fhir+json を指定してください。", "ask for application/fhir+json in Accept or _format";
        source: "HL7 FHIR R4 http.html#mime-type; decision: JSON always, XML only with a well-kept library";
    /// The body's id is not the address's.
    ID = "TSK-FHR-016", 400, "value",
        cause: "本文の種類またはidが、アドレスのものと一致しません。", "type or id of the body is not that of the address";
        remedy: "本文の resourceType と id を、アドレスと同じにしてください。", "give the body the resourceType and id of the address";
        source: "HL7 FHIR R4 http.html#update";
    /// Ids are the server's.
    UPDATE_ABSENT = "TSK-FHR-017", 405, "not-supported",
        cause: "更新するリソースがありません。idはこのサーバーが決めるため、PUTでは作成できません。", "there is nothing to update: ids are given by the server, so PUT does not create";
        remedy: "POSTで作成し、返されたidを使ってください。", "create by POST and use the id that is given";
        source: "HL7 FHIR R4 http.html#upsert (405 where clients may not choose ids)";
    /// The search names no patient.
    SEARCH_NO_PATIENT = "TSK-FHR-018", 400, "required",
        cause: "患者さんを指定しない検索はできません。複数の患者さんをまたぐ検索は用意していません。", "a search must name its patient: there is no search across patients";
        remedy: "patient=Patient/{id} を加えてください。患者さんのidは POST /fhir/Patient/_search に識別子を送って調べられます。", "add patient=Patient/{id}; find the id by POST /fhir/Patient/_search with an identifier";
        source: "design section 2: no clinical search across people";
    /// Unknown parameter.
    SEARCH_PARAMETER = "TSK-FHR-019", 400, "not-supported",
        cause: "この種類のリソースにない検索条件です。無視せずお断りします。", "resources of this type have no such search parameter; it is refused, not ignored";
        remedy: "GET /fhir/metadata にある条件だけを使ってください。", "use only the parameters in GET /fhir/metadata";
        source: "HL7 FHIR R4 search.html#errors (handling=strict)";
    /// Unknown modifier.
    SEARCH_MODIFIER = "TSK-FHR-020", 400, "not-supported",
        cause: "この検索条件には使えない修飾子または接頭辞です。", "this modifier or prefix does not fit this search parameter";
        remedy: "条件の型に合う修飾子だけを使ってください。", "use only modifiers that fit the type of the parameter";
        source: "HL7 FHIR R4 search.html#modifiers (servers shall reject what they do not support)";
    /// A value of the wrong form.
    SEARCH_VALUE = "TSK-FHR-021", 400, "value",
        cause: "検索条件の値の形が正しくありません。", "the value of a search parameter is not of the right form";
        remedy: "条件の型に合う値にしてください。", "give a value of the form that the type of the parameter has";
        source: "HL7 FHIR R4 search.html#ptypes";
    /// A person's number in the address.
    SEARCH_ADDRESS = "TSK-FHR-022", 400, "security",
        cause: "患者さんの番号はアドレスに書けません。アドレスは途中の機器の記録に残ります。", "a patient's number does not belong into an address, which logs on the way keep";
        remedy: "POST /fhir/Patient/_search の本文(フォーム)に identifier を入れてください。", "send identifier in the form of POST /fhir/Patient/_search";
        source: "identity-security AUTHZ-04; HL7 FHIR R4 search.html (POST keeps parameters out of logs)";
    /// A search for a Patient needs an identifier.
    SEARCH_IDENTIFIER = "TSK-FHR-023", 400, "required",
        cause: "患者さんの検索には、識別子が必要です。氏名などでの一覧はできません。", "a search for a Patient needs an exact identifier; there is no browsing by name";
        remedy: "identifier=system|value を一つ、POST /fhir/Patient/_search で送ってください。", "send one identifier=system|value by POST /fhir/Patient/_search";
        source: "design section 2: exact identifier look-up is a POST";
    /// Too much to search in.
    SEARCH_BOUND = "TSK-FHR-024", 422, "too-costly",
        cause: "対象が多すぎるため、検索を中止しました。", "there is too much to search in";
        remedy: "リソースの種類を一つに絞って検索してください。", "search one type of resource at a time";
        source: "design: bounds on every list";
    /// The link is not one of ours.
    CURSOR = "TSK-FHR-025", 400, "value",
        cause: "続きのリンクが正しくありません。", "this is no link to a next page that was given for this search";
        remedy: "検索を最初からやり直し、返されたnextリンクをそのまま使ってください。", "begin the search again and follow its next link as it is";
        source: "HL7 FHIR R4 http.html#paging (links are opaque)";
    /// A condition meets several.
    SEVERAL = "TSK-FHR-026", 412, "multiple-matches",
        cause: "条件に当てはまるリソースが複数あるため、何もしませんでした。", "the condition is met by several resources, so nothing was done";
        remedy: "一つに決まる条件にしてください。", "give a condition that one resource meets";
        source: "HL7 FHIR R4 http.html#ccreate, #cond-update";
    /// No condition, or a malformed one.
    CONDITION = "TSK-FHR-027", 400, "value",
        cause: "条件(If-Match、If-None-Exist、検索条件)の形が正しくありません。", "a condition (If-Match, If-None-Exist or the search) is malformed or missing";
        remedy: "If-Matchは W/\"1\" の形、If-None-Existは検索条件の形で書いてください。", "write If-Match as W/\"1\" and If-None-Exist as search parameters";
        source: "HL7 FHIR R4 http.html#concurrency, #ccreate";
    /// The patch cannot be read.
    PATCH = "TSK-FHR-028", 400, "structure",
        cause: "変更の指示(JSON Patch)の形が正しくありません。", "the patch is malformed";
        remedy: "示された手順を、RFC 6902の形に直してください。", "write the step that is named as RFC 6902 says";
        source: "RFC 6902; HL7 FHIR R4 http.html#patch";
    /// The patch does not apply.
    PATCH_FAILS = "TSK-FHR-029", 422, "processing",
        cause: "変更の指示を適用できないため、何も変更しませんでした。", "a step of the patch cannot be done, so nothing was changed";
        remedy: "最新の版を読み直し、示された手順を直してください。", "read the current version and mend the step that is named";
        source: "RFC 6902 section 5 (error handling)";
    /// The shared record is changed otherwise.
    SHARED = "TSK-FHR-030", 405, "not-supported",
        cause: "共有された診療情報は、RESTの書き込みでは変更できません。", "the shared record is not changed by REST writes";
        remedy: "登録・差し替えは POST /fhir/Bundle/$register、削除は POST /fhir/Bundle/$delete を使ってください。自施設の記録は /fhir/{type} で、そこからの公開は POST /fhir/$publish です。", "register or replace by POST /fhir/Bundle/$register, delete by POST /fhir/Bundle/$delete; your own facility's records are at /fhir/{type}, and POST /fhir/$publish publishes from them";
        source: "clins-documents section b; design section 2 (two partitions)";
    /// The Bundle is malformed.
    BUNDLE = "TSK-FHR-031", 400, "structure",
        cause: "まとめて送信されたもの(Bundle)の形が正しくないため、何も行いませんでした。", "the batch or transaction is malformed, so nothing was done";
        remedy: "type を batch か transaction にし、各entryに request.method と request.url を入れてください。", "set type to batch or transaction and give each entry request.method and request.url";
        source: "HL7 FHIR R4 http.html#transaction";
    /// A transaction about two people.
    BUNDLE_PEOPLE = "TSK-FHR-032", 422, "business-rule",
        cause: "一つのトランザクションで二人の患者さんの記録は変更できません。", "a transaction changes the records of one patient only";
        remedy: "患者さんごとにトランザクションを分けるか、batchで送信してください。", "send one transaction for each patient, or a batch";
        source: "design section 5: no cross-person transactions";
    /// A reference inside the Bundle leads nowhere.
    BUNDLE_REFERENCE = "TSK-FHR-033", 422, "not-found",
        cause: "トランザクション内の参照先が見つからないか、一つに決まりません。", "a reference inside the transaction leads to no entry, or its condition to no single resource";
        remedy: "参照先のentryのfullUrl(urn:uuid:…)と同じ値にしてください。", "use the fullUrl (urn:uuid:…) of an entry of this transaction";
        source: "HL7 FHIR R4 http.html#trules";
    /// The patient's records are still there.
    PATIENT_IN_USE = "TSK-FHR-034", 409, "business-rule",
        cause: "この患者さんの記録が残っているため、Patientを削除できません。", "the Patient cannot be deleted while resources of this patient remain";
        remedy: "先に患者さんのほかのリソースを削除してください。", "delete the patient's other resources first";
        source: "HL7 FHIR R4 http.html#delete (409 where referential integrity is kept)";
    /// The person of a resource stays.
    OTHER_PATIENT = "TSK-FHR-035", 422, "business-rule",
        cause: "更新で、リソースの患者さんを別の方に変えることはできません。", "an update cannot move a resource to another patient";
        remedy: "誤った患者さんの記録は削除し、正しい患者さんに新しく作成してください。", "delete what stands under the wrong patient and create it anew under the right one";
        source: "identity-security section 5: wrong patient; design section 2";
    /// The search names two patients.
    SEARCH_TWO_PATIENTS = "TSK-FHR-036", 400, "business-rule",
        cause: "一つの検索で二人の患者さんを指定することはできません。", "a search names one patient only";
        remedy: "患者さんごとに分けて検索してください。", "search for each patient on their own";
        source: "design section 2: no clinical search across people";
    /// Too much comes along.
    SEARCH_INCLUDED = "TSK-FHR-037", 422, "too-costly",
        cause: "一緒に返すリソースが多すぎるため、検索を中止しました。一部だけを返すことはしません。", "too many resources come along with this page; a part of them is not answered";
        remedy: "_count を小さくするか、_include・_revinclude を減らして、その種類を別に検索してください。", "ask for smaller pages by _count, or leave out _include and _revinclude and search that type by itself";
        source: "HL7 FHIR R4 search.html#include; design: bounds on every list";
}
