//! Why an operation, an export or a subscription is not done.

kernel::catalog! {
    /// An operation has no such parameter.
    PARAMETER = "TSK-FHR-050", 400, "not-supported",
        cause: "この操作にない条件です。無視せずお断りします。", "the operation has no such parameter; it is refused, not ignored";
        remedy: "GET /fhir/metadata と /openapi.json にある条件だけを使ってください。", "use only the parameters that the operation is documented with";
        source: "HL7 FHIR R4 operations.html (parameters are defined by the operation)";
    /// A parameter's value is not of the right form.
    VALUE = "TSK-FHR-051", 400, "value",
        cause: "条件の値の形が正しくありません。", "the value of a parameter is not of the right form";
        remedy: "示された条件を、型に合う値(日時は2026-11-22T09:00:00+09:00の形)にしてください。", "give the parameter that is named a value of its type (instants as 2026-11-22T09:00:00+09:00)";
        source: "HL7 FHIR R4 datatypes.html";
    /// A record is too large for one answer.
    BOUND = "TSK-FHR-052", 422, "too-costly",
        cause: "対象の記録が多すぎるため、一度に処理できません。", "the record is too large to be worked off in one go";
        remedy: "_type や _since で対象を絞るか、Patient/{id}/$export を使ってください。", "narrow it by _type or _since, or use Patient/{id}/$export";
        source: "design section 4: bounds on every list";
    /// Nothing to validate.
    VALIDATE_NOTHING = "TSK-FHR-053", 400, "required",
        cause: "検証するリソースがありません。", "there is no resource to validate";
        remedy: "リソースそのもの、または resource という名前の parameter を持つ Parameters を送ってください。", "send the resource itself, or Parameters with a parameter named resource";
        source: "HL7 FHIR R4 operation-resource-validate.html";
    /// A mode that validation does not have.
    VALIDATE_MODE = "TSK-FHR-054", 400, "not-supported",
        cause: "この検証の種類(mode)は扱っていません。", "this mode of validation is not supported";
        remedy: "mode は create か update にするか、省いてください。", "use create or update as mode, or none";
        source: "HL7 FHIR R4 valueset-resource-validation-mode.html";
    /// A profile that is not known.
    PROFILE = "TSK-FHR-055", 422, "not-found",
        cause: "指定されたプロファイルは、このサーバーにありません。", "the profile that is named is not known here";
        remedy: "JP-CLINSのプロファイルを指定するか、運用担当者に tasuki fhir load でパッケージの読み込みを依頼してください。", "name a profile of JP-CLINS, or ask the operator to load its package with tasuki fhir load";
        source: "HL7 FHIR R4 operation-resource-validate.html (profile)";
    /// No such export.
    EXPORT_ABSENT = "TSK-FHR-056", 404, "not-found",
        cause: "このエクスポートはないか、保存期間が終わりました。", "there is no such export, or its time is over";
        remedy: "もう一度 Patient/{id}/$export で開始してください。ファイルは完成から24時間で消えます。", "start again with Patient/{id}/$export; files are removed 24 hours after they are complete";
        source: "Bulk Data Access 2.0, Bulk Data Status Request";
    /// An export is asked for without the header.
    EXPORT_PREFER = "TSK-FHR-057", 400, "required",
        cause: "エクスポートは非同期でだけ行います。", "an export is done asynchronously only";
        remedy: "ヘッダー Prefer: respond-async を付けて送信してください。", "send the header Prefer: respond-async";
        source: "Bulk Data Access 2.0, Bulk Data Kick-off Request";
    /// Too many exports at once.
    EXPORT_MANY = "TSK-FHR-058", 429, "throttled",
        cause: "この施設のエクスポートが多すぎます。", "the facility has as many exports as it may have";
        remedy: "終わったエクスポートを DELETE で消すか、24時間待ってからお試しください。", "remove exports that you have fetched by DELETE, or wait until they end after 24 hours";
        source: "Bulk Data Access 2.0 (429); design section 4: bounds on every list";
    /// The subscription cannot be kept as it is.
    SUBSCRIPTION = "TSK-FHR-059", 422, "invalid",
        cause: "この通知の登録は受け付けられません。", "the subscription cannot be taken as it is";
        remedy: "示された箇所を直してください。通知先は rest-hook、内容は empty か id-only、条件はトピックのURIです。", "mend what is named: channel rest-hook, content empty or id-only, criteria the topic's address";
        source: "Subscriptions R5 Backport 1.1 (R4 Subscription)";
    /// The topic is not known.
    TOPIC = "TSK-FHR-060", 422, "not-found",
        cause: "このトピックはありません。", "there is no such topic";
        remedy: "criteria に urn:tasuki:topic:record-changed か urn:tasuki:topic:letter-arrived を指定してください。", "give urn:tasuki:topic:record-changed or urn:tasuki:topic:letter-arrived as criteria";
        source: "Subscriptions R5 Backport 1.1; SubscriptionTopic of this server";
    /// The operator has not allowed the address.
    ENDPOINT = "TSK-FHR-061", 403, "forbidden",
        cause: "この通知先は許可されていません。サーバーは、運用担当者が許可した宛先にだけ送信します。", "this endpoint is not allowed: the server sends to addresses that its operator allowed only";
        remedy: "運用担当者に tasuki subscription allow での許可を依頼してください。", "ask the operator to allow it with tasuki subscription allow";
        source: "identity-security T20: no request to an address that somebody gave";
    /// Too many subscriptions.
    SUBSCRIPTION_MANY = "TSK-FHR-062", 422, "too-costly",
        cause: "この施設の通知の登録が上限に達しています。", "the facility has as many subscriptions as it may have";
        remedy: "使っていない登録を DELETE で消してください。", "remove subscriptions that are not needed by DELETE";
        source: "design section 4: bounds on every list";
    /// No such subscription.
    SUBSCRIPTION_ABSENT = "TSK-FHR-063", 404, "not-found",
        cause: "この通知の登録はありません。", "there is no such subscription";
        remedy: "自施設で登録したidを使ってください。GET /fhir/Subscription で一覧できます。", "use an id of your own facility; GET /fhir/Subscription lists them";
        source: "identity-security AUTHZ-04: no difference between absent and forbidden";
    /// An export that could not be done.
    EXPORT_FAILED = "TSK-FHR-064", 422, "processing",
        cause: "エクスポートを完了できませんでした。", "the export could not be completed";
        remedy: "示された理由を確かめ、対象を絞って Patient/{id}/$export をやり直してください。", "see the reason that is given and begin again with Patient/{id}/$export, narrowed if need be";
        source: "Bulk Data Access 2.0, Response - Error Status";
}
