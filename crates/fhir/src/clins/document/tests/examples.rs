//! Our own documents, one of each kind, small and complete.

const ECS: &str = "http://jpfhir.jp/fhir/eCS/StructureDefinition/";
const CHECKUP: &str = "http://jpfhir.jp/fhir/eCheckup/StructureDefinition/";
const STAMP: &str = "2026-05-01T09:00:00.000+09:00";

/// The address of an entry: `urn:uuid:` and its number.
pub fn url(number: usize) -> String {
    format!("urn:uuid:00000000-0000-4000-8000-{number:012}")
}

fn meta(profile: &str) -> String {
    format!(r#""meta":{{"lastUpdated":"{STAMP}","profile":["{profile}|1.5"]}}"#)
}

fn own_id(value: &str) -> String {
    format!(
        r#""identifier":[{{"system":"http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier","value":"{value}"}}]"#
    )
}

fn subject() -> String {
    format!(r#""subject":{{"reference":"{}"}}"#, url(1))
}

fn patient(profile: &str) -> String {
    format!(
        r#"{{"resourceType":"Patient",{},"identifier":[{{"system":"urn:oid:1.2.392.100495.20.3.51.11312345678","value":"0042"}},{{"system":"http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID","value":"01130012:あい:１２３:02"}}],"name":[{{"extension":[{{"url":"http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation","valueCode":"IDE"}}],"text":"山田 桜","family":"山田","given":["桜"]}}],"gender":"female","birthDate":"1980-04-05","address":[{{"text":"東京都港区1-1"}}]}}"#,
        meta(profile)
    )
}

fn practitioner(profile: &str, name: &str) -> String {
    format!(
        r#"{{"resourceType":"Practitioner",{},"identifier":[{{"system":"urn:oid:1.2.392.100495.20.3.41.11312345678","value":"D9"}}],"name":[{{"text":"{name}"}}]}}"#,
        meta(profile)
    )
}

fn organization(number: &str, name: &str, department: &str) -> String {
    format!(
        r#"{{"resourceType":"Organization",{},"extension":[{{"url":"http://jpfhir.jp/fhir/eCS/Extension/StructureDefinition/JP_eCS_Department","valueCodeableConcept":{{"coding":[{{"system":"http://jami.jp/SS-MIX2/CodeSystem/ClinicalDepartment","code":"08","display":"{department}"}}]}}}}],"identifier":[{{"system":"http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no","value":"{number}"}}],"name":"{name}","telecom":[{{"system":"phone","value":"03-0000-0000"}}]}}"#,
        meta(&format!("{ECS}JP_Organization_eCS"))
    )
}

fn encounter(class: &str) -> String {
    format!(
        r#"{{"resourceType":"Encounter",{},{},"status":"finished","class":{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"{class}","display":"診療"}},"period":{{"start":"2026-04-20"}}}}"#,
        meta(&format!("{ECS}JP_Encounter_eCS")),
        own_id("e-1")
    )
}

fn condition(id: &str, text: &str) -> String {
    format!(
        r#"{{"resourceType":"Condition",{},{},"clinicalStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}}]}},"verificationStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed"}}]}},"category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"encounter-diagnosis"}}]}}],"code":{{"coding":[{{"system":"http://medis.or.jp/CodeSystem/master-disease-keyNumber","code":"20061234","display":"{text}"}}],"text":"{text}"}},{},"onsetDateTime":"2026-04"}}"#,
        meta(&format!("{ECS}JP_Condition_eCS")),
        own_id(id),
        subject()
    )
}

fn allergy() -> String {
    format!(
        r#"{{"resourceType":"AllergyIntolerance","meta":{{"lastUpdated":"{STAMP}","profile":["{ECS}JP_AllergyIntolerance_eCS"],"tag":[{{"system":"http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication","code":"LTS"}}]}},{},"clinicalStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}}]}},"category":["food"],"code":{{"coding":[{{"system":"http://jpfhir.jp/fhir/core/CodeSystem/JP_JfagyFoodAllergen_CS","code":"J9FC11310000","display":"さば"}}],"text":"さば"}},"patient":{{"reference":"{}"}}}}"#,
        own_id("a-1"),
        url(1)
    )
}

fn prescription() -> String {
    format!(
        r##"{{"resourceType":"MedicationRequest",{},"contained":[{{"resourceType":"Encounter","id":"visit","status":"finished","class":{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"}}}},{{"resourceType":"Practitioner","id":"doctor","name":[{{"text":"佐藤 花"}}]}}],"extension":[{{"url":"http://jpfhir.jp/fhir/clins/Extension/StructureDefinition/JP_eCS_InstitutionNumber","valueIdentifier":{{"system":"http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no","value":"1312345678"}}}},{{"url":"http://jpfhir.jp/fhir/eCS/Extension/StructureDefinition/JP_eCS_Department","valueCodeableConcept":{{"text":"内科"}}}}],"encounter":{{"reference":"#visit"}},"requester":{{"reference":"#doctor"}},"identifier":[{{"system":"http://jpfhir.jp/fhir/core/mhlw/IdSystem/Medication-RPGroupNumber","value":"1"}},{{"system":"urn:oid:1.2.392.100495.20.3.82","value":"2"}}],"status":"completed","intent":"order","medicationCodeableConcept":{{"coding":[{{"system":"urn:oid:1.2.392.100495.20.2.73","code":"2171022F1029","display":"アムロジピン錠"}}],"text":"アムロジピン錠2.5mg"}},{},"authoredOn":"2026-05-01","dosageInstruction":[{{"extension":[{{"url":"http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_MedicationDosage_PeriodOfUse","valuePeriod":{{"start":"2026-05-01"}}}}],"text":"朝食後","timing":{{"code":{{"coding":[{{"system":"http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationUsage_ePrescription","code":"1011000400000000","display":"朝食後"}}],"text":"朝食後"}}}},"doseAndRate":[{{"type":{{"coding":[{{"system":"http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationIngredientStrengthStrengthType","code":"1","display":"製剤量"}}]}},"doseQuantity":{{"value":1.0,"unit":"錠","system":"http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationUnitMERIT9Code","code":"TAB"}}}}]}}],"dispenseRequest":{{"quantity":{{"value":28,"unit":"錠","system":"http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationUnitMERIT9Code","code":"TAB"}},"expectedSupplyDuration":{{"value":28,"unit":"日","system":"http://unitsofmeasure.org","code":"d"}}}}}}"##,
        meta(&format!("{ECS}JP_MedicationRequest_eCS")),
        subject()
    )
}

fn file(title: &str) -> String {
    format!(
        r#"{{"resourceType":"DocumentReference",{},"status":"current","description":"{title}","content":[{{"attachment":{{"contentType":"application/pdf","data":"JVBERi0x","title":"{title}"}}}}]}}"#,
        meta(&format!("{ECS}JP_DocumentReference_eCS"))
    )
}

fn care_plan() -> String {
    format!(
        r#"{{"resourceType":"CarePlan",{},{},"status":"active","intent":"plan","title":"療養計画","category":[{{"coding":[{{"system":"http://jpfhir.jp/fhir/CarePlan/CodeSystem/category","code":"followup-plan"}}]}}],"description":"塩分を控える",{},"period":{{"start":"2026-05-01"}},"created":"2026-05-01"}}"#,
        meta(&format!("{ECS}JP_CarePlan_ePCS")),
        own_id("p-1"),
        subject()
    )
}

/// A section of `document-section`: code, title, text, entries, sections inside.
fn section(code: &str, title: &str, text: &str, entries: &[usize], inner: &[String]) -> String {
    let mut out = format!(
        r#"{{"title":"{title}","code":{{"coding":[{{"system":"http://jpfhir.jp/fhir/clins/CodeSystem/document-section","code":"{code}","display":"{title}セクション"}}]}}"#
    );
    if !text.is_empty() {
        out.push_str(&format!(
            r#","text":{{"status":"additional","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">{text}</div>"}}"#
        ));
    }
    if !entries.is_empty() {
        let list: Vec<String> = entries
            .iter()
            .map(|n| format!(r#"{{"reference":"{}"}}"#, url(*n)))
            .collect();
        out.push_str(&format!(r#","entry":[{}]"#, list.join(",")));
    }
    if !inner.is_empty() {
        out.push_str(&format!(r#","section":[{}]"#, inner.join(",")));
    }
    out.push('}');
    out
}

/// What all Compositions say, then `rest`.
fn composition(profile: &str, kind: &str, title: &str, rest: &str, sections: &[String]) -> String {
    format!(
        r#"{{"resourceType":"Composition",{},"extension":[{{"url":"http://hl7.org/fhir/StructureDefinition/composition-clinicaldocument-versionNumber","valueString":"1"}}],"identifier":{{"system":"http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier","value":"1312345678^2026^doc-1"}},"status":"final","type":{{"coding":[{{"system":"http://jpfhir.jp/fhir/Common/CodeSystem/doc-typecodes","code":"{kind}"}}]}},{},"date":"2026-05-01T09:00:00+09:00","title":"{title}",{rest},"section":[{}]}}"#,
        meta(profile),
        subject(),
        sections.join(",")
    )
}

fn bundle(profile: &str, serial: &str, resources: &[String]) -> String {
    let entries: Vec<String> = resources
        .iter()
        .enumerate()
        .map(|(i, r)| format!(r#"{{"fullUrl":"{}","resource":{r}}}"#, url(i)))
        .collect();
    format!(
        r#"{{"resourceType":"Bundle",{},"identifier":{{"system":"http://jpfhir.jp/fhir/clins/bundle-identifier","value":"1312345678^2026^{serial}"}},"type":"document","timestamp":"{STAMP}","entry":[{}]}}"#,
        meta(&format!(
            "http://jpfhir.jp/fhir/clins/StructureDefinition/{profile}"
        )),
        entries.join(",")
    )
}

fn clins_category(code: &str) -> String {
    format!(
        r#""category":[{{"coding":[{{"system":"http://jpfhir.jp/fhir/Common/CodeSystem/doc-subtypecodes","code":"{code}"}}]}}]"#
    )
}

fn people(doctor: usize, institution: usize) -> String {
    format!(
        r#""author":[{{"reference":"{}"}},{{"reference":"{}"}}]"#,
        url(doctor),
        url(institution)
    )
}

/// A referral letter: Composition 0, Patient 1, doctors 2 and 3, institutions 4 (from) and 5
/// (to), Encounter 6, Conditions 7 and 8, allergy 9, prescription 10, file 11, and `more`.
pub fn referral_with(more: &[String]) -> String {
    let ps = format!("{ECS}JP_Practitioner_eCS");
    let extra: Vec<usize> = (0..more.len()).map(|i| 12 + i).collect();
    let files: Vec<usize> = std::iter::once(11).chain(extra).collect();
    let sections = [
        section("910", "紹介先情報", "みなと病院", &[5, 3], &[]),
        section("920", "紹介元情報", "さくら診療所", &[4, 2], &[]),
        section(
            "300",
            "構造情報",
            "",
            &[],
            &[
                section("950", "紹介目的", "精査をお願いします", &[6], &[]),
                section("340", "傷病名・主訴", "高血圧症", &[7], &[]),
                section("360", "現病歴", "昨年から", &[8], &[]),
                section("510", "アレルギー・不耐性反応", "さば", &[9], &[]),
                section("430", "投薬指示", "", &[10], &[]),
            ],
        ),
        section("210", "添付情報", "", &files, &[]),
    ];
    let rest = format!(
        r#"{},{},"custodian":{{"reference":"{}"}},"event":[{{"code":[{{"text":"診療情報提供書発行"}}],"period":{{"start":"2026-05-01"}}}}]"#,
        clins_category("OUTPATIENT"),
        people(2, 4),
        url(4)
    );
    let head = composition(
        "http://jpfhir.jp/fhir/eReferral/StructureDefinition/JP_Composition_eReferral",
        "57133-1",
        "診療情報提供書",
        &rest,
        &sections,
    );
    let mut resources = vec![
        head,
        patient(&format!("{ECS}JP_Patient_eCS")),
        practitioner(&ps, "佐藤 花"),
        practitioner(&ps, "鈴木 海"),
        organization("1312345678", "さくら診療所", "内科"),
        organization("1319876543", "みなと病院", "循環器内科"),
        encounter("AMB"),
        condition("c-1", "高血圧症"),
        condition("c-2", "頭痛"),
        allergy(),
        prescription(),
        file("心電図"),
    ];
    resources.extend(more.iter().cloned());
    bundle("JP_Bundle_eReferral", "ref-1", &resources)
}

/// A referral letter.
pub fn referral() -> String {
    referral_with(&[])
}

/// A discharge summary: Encounter 4, Condition 5, prescription 6, file 7.
pub fn discharge() -> String {
    let inner = [
        section("322", "入院時詳細", "", &[4], &[]),
        section("342", "入院時診断", "肺炎", &[5], &[]),
        section("352", "主訴", "発熱", &[], &[]),
        section("312", "入院理由", "精査", &[], &[]),
        section("362", "現病歴", "三日前から", &[], &[]),
        section("333", "入院中経過", "良好", &[7], &[]),
        section("324", "退院時詳細", "", &[4], &[]),
        section("344", "退院時診断", "肺炎", &[5], &[]),
        section("444", "退院時投薬指示", "", &[6], &[]),
        section("424", "退院時方針指示", "外来で", &[], &[]),
    ];
    let sections = [section("300", "構造情報", "", &[], &inner)];
    let rest = format!(
        r#"{},{},"custodian":{{"reference":"{}"}},"encounter":{{"reference":"{}"}},"event":[{{"period":{{"start":"2026-04-20","end":"2026-04-30"}}}}]"#,
        clins_category("DISCHARGE"),
        people(2, 3),
        url(3),
        url(4)
    );
    let head = composition(
        "http://jpfhir.jp/fhir/eDischargeSummary/StructureDefinition/JP_Composition_eDischargeSummary",
        "18842-5",
        "退院時サマリー",
        &rest,
        &sections,
    );
    let resources = [
        head,
        patient(&format!("{ECS}JP_Patient_eCS")),
        practitioner(&format!("{ECS}JP_Practitioner_eCS"), "佐藤 花"),
        organization("1312345678", "さくら病院", "内科"),
        encounter("IMP"),
        condition("c-1", "肺炎"),
        prescription(),
        file("経過"),
    ];
    bundle("JP_Bundle_eDischargeSummary", "dis-1", &resources)
}

/// A care plan: Encounter 4, CarePlan 5, Condition 6.
pub fn plan() -> String {
    let sections = [section("422", "計画サマリー", "", &[5, 6], &[])];
    let rest = format!(
        r#"{},{},"encounter":{{"reference":"{}"}}"#,
        clins_category("OUTPATIENT"),
        people(2, 3),
        url(4)
    );
    let head = composition(
        "http://jpfhir.jp/fhir/ePCS/StructureDefinition/JP_Composition_ePCS",
        "56447-6",
        "患者サマリー（療養計画書）",
        &rest,
        &sections,
    );
    let resources = [
        head,
        patient(&format!("{ECS}JP_Patient_eCS")),
        practitioner(&format!("{ECS}JP_Practitioner_eCS"), "佐藤 花"),
        organization("1312345678", "さくら診療所", "内科"),
        encounter("AMB"),
        care_plan(),
        condition("c-1", "高血圧症"),
    ];
    bundle("JP_Bundle_ePCS", "pcs-1", &resources)
}

/// A checkup report: doctor 2, institution 3, Encounter 4, results 5 and 6.
pub fn checkup() -> String {
    let result = |code: &str, name: &str, value: &str| {
        format!(
            r#"{{"resourceType":"Observation",{},"status":"final","code":{{"coding":[{{"system":"urn:oid:1.2.392.200119.6.1005","code":"{code}","display":"{name}"}}]}},{},"effectiveDateTime":"2026-04-20",{value}}}"#,
            meta(&format!("{CHECKUP}JP_Observation_eCheckupGeneral")),
            subject()
        )
    };
    let part = |code: &str, title: &str, entry: usize| {
        section(code, title, "", &[entry], &[]).replace(
            "clins/CodeSystem/document-section",
            "eCheckup/CodeSystem/section-code",
        )
    };
    let rest = format!(
        r#""category":[{{"coding":[{{"system":"urn:oid:2.16.840.1.113883.2.2.1.6.1001","code":"10"}}]}}],{},"encounter":{{"reference":"{}"}},"event":[{{"code":[{{"coding":[{{"system":"urn:oid:1.2.392.200119.6.1002","code":"010"}}]}}],"period":{{"start":"2026-04-20"}}}}]"#,
        people(2, 3),
        url(4)
    );
    let head = composition(
        &format!("{CHECKUP}JP_Composition_eCheckupGeneral"),
        "53576-5",
        "健康診断結果のお知らせ",
        &rest,
        &[
            part("01011", "特定健診検査結果", 5),
            part("01012", "特定健診問診結果", 6),
        ],
    );
    let resources = [
        head,
        patient("http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Patient_eCheckupGeneral"),
        practitioner(
            &format!("{CHECKUP}JP_Practitioner_eCheckupGeneral"),
            "佐藤 花",
        ),
        format!(
            r#"{{"resourceType":"Organization",{},"identifier":[{{"system":"http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no","value":"1312345678"}}],"type":[{{"coding":[{{"system":"http://jpfhir.jp/fhir/eCheckup/CodeSystem/report-organization-code","code":"exec-org"}}]}}],"name":"さくら健診所"}}"#,
            meta(&format!("{CHECKUP}JP_Organization_eCheckupGeneral"))
        ),
        format!(
            r#"{{"resourceType":"Encounter",{},"status":"finished","class":{{"system":"http://jpfhir.jp/fhir/eCheckup/CodeSystem/encounter-category","code":"checkup","display":"健診"}},"period":{{"start":"2026-04-20","end":"2026-04-20"}},"serviceProvider":{{"reference":"{}"}}}}"#,
            meta(&format!("{CHECKUP}JP_Encounter_eCheckupGeneral")),
            url(3)
        ),
        result(
            "9N001000000000001",
            "身長",
            r#""valueQuantity":{"value":162.30,"unit":"cm","system":"http://unitsofmeasure.org","code":"cm"}"#,
        ),
        result(
            "9N796000000000011",
            "睡眠",
            r#""valueCodeableConcept":{"coding":[{"system":"urn:oid:1.2.392.200119.6.2003","code":"2","display":"いいえ"}]}"#,
        ),
    ];
    bundle("JP_Bundle_eCheckupGeneral", "chk-1", &resources)
}

/// One of each kind.
pub fn all() -> [(&'static str, String); 4] {
    [
        ("referral", referral()),
        ("discharge", discharge()),
        ("plan", plan()),
        ("checkup", checkup()),
    ]
}

/// One more file, for [`referral_with`].
pub fn another_file() -> String {
    file("画像")
}
