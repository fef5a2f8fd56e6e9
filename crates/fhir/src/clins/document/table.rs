//! The sections of each document as data.
//!
//! Source: JP_Composition_eReferral, _eDischargeSummary, _ePCS (JP-CLINS 1.5.3) and
//! _eCheckupGeneral (1.5.0): slices of `Composition.section`; CodeSystem `document-section`.

use super::DocumentKind;

/// One kind of section.
#[derive(Debug)]
pub(super) struct Spec {
    /// Its codes; a second one is the same section in the list of common sections.
    pub codes: &'static [&'static str],
    /// Its fixed title; empty when free.
    pub title: &'static str,
    /// Names that the code may have in a checkup report, where one must be given. In the
    /// documents of JP-CLINS the name is the title and `セクション`.
    pub displays: &'static [&'static str],
    /// How often: at least, at most.
    pub count: (usize, usize),
    /// May it have text?
    pub text: bool,
    /// How many entries: at least, at most.
    pub entries: (usize, usize),
    /// Resource types that its entries refer to; empty when free.
    pub types: &'static [&'static str],
    /// Sections inside it; empty when none may be.
    pub inner: &'static [Spec],
}

const MANY: usize = usize::MAX;

const fn spec(
    codes: &'static [&'static str],
    title: &'static str,
    count: (usize, usize),
    entries: (usize, usize),
    types: &'static [&'static str],
) -> Spec {
    Spec {
        codes,
        title,
        displays: &[],
        count,
        text: true,
        entries,
        types,
        inner: &[],
    }
}

/// A section that must be there once.
const fn must(
    codes: &'static [&'static str],
    title: &'static str,
    entries: (usize, usize),
    types: &'static [&'static str],
) -> Spec {
    spec(codes, title, (1, 1), entries, types)
}

/// A section that may be there once.
const fn may(
    codes: &'static [&'static str],
    title: &'static str,
    types: &'static [&'static str],
) -> Spec {
    spec(codes, title, (0, 1), (0, MANY), types)
}

const ALLERGY: Spec = may(&["510"], "アレルギー・不耐性反応", &["AllergyIntolerance"]);
const IMMUNIZATION: Spec = may(&["530"], "予防接種歴", &["Immunization"]);
const DEVICE: Spec = may(&["810"], "医療機器", &["DeviceUseStatement"]);
const DIRECTIVE: Spec = may(&["410"], "事前指示", &["Consent"]);
const RESEARCH: Spec = may(&["830"], "臨床研究参加", &["ResearchSubject"]);
const CDA: Spec = spec(&["200"], "CDA参照", (0, 1), (1, 1), &["DocumentReference"]);
const ATTACHMENT: Spec = spec(
    &["210"],
    "添付情報",
    (0, MANY),
    (1, MANY),
    &["DocumentReference", "Bundle"],
);

/// Inside the structured section of a referral letter.
const REFERRAL_INNER: &[Spec] = &[
    must(&["950"], "紹介目的", (0, 1), &["Encounter"]),
    must(&["340"], "傷病名・主訴", (0, MANY), &["Condition"]),
    must(&["360"], "現病歴", (0, MANY), &["Condition"]),
    may(&["370"], "既往歴", &["Condition"]),
    ALLERGY,
    may(&["550"], "家族歴", &["FamilyMemberHistory"]),
    may(&["610"], "身体所見", &["Observation"]),
    may(&["520"], "感染症情報", &["Observation"]),
    may(&["640"], "社会歴・生活習慣", &["Observation"]),
    IMMUNIZATION,
    may(&["730"], "手術", &["Procedure"]),
    may(&["740"], "輸血歴", &["Procedure"]),
    may(&["720"], "処置", &["Procedure"]),
    may(&["430"], "投薬指示", &["MedicationRequest"]),
    may(
        &["620"],
        "検査結果",
        &["Observation", "ImagingStudy", "DiagnosticReport"],
    ),
    may(&["330"], "臨床経過", &["DocumentReference"]),
    may(&["420"], "診療方針指示", &["CarePlan"]),
    DEVICE,
    DIRECTIVE,
    RESEARCH,
];

const REFERRAL: &[Spec] = &[
    must(&["910"], "紹介先情報", (1, 3), &[]),
    must(&["920"], "紹介元情報", (1, 3), &[]),
    CDA,
    Spec {
        inner: REFERRAL_INNER,
        ..spec(&["300"], "構造情報", (0, 1), (0, MANY), &[])
    },
    ATTACHMENT,
    spec(
        &["220"],
        "備考・連絡情報",
        (0, MANY),
        (0, 1),
        &["DocumentReference"],
    ),
    Spec {
        text: false,
        ..spec(
            &["230"],
            "PDF",
            (0, MANY),
            (1, MANY),
            &["DocumentReference"],
        )
    },
];

/// Inside the structured section of a discharge summary. The code system lists 360, 370, 550
/// and 640 as common codes where the profile says 362, 372, 552 and 642: both are taken.
const DISCHARGE_INNER: &[Spec] = &[
    must(&["322"], "入院時詳細", (1, 1), &["Encounter"]),
    must(&["342"], "入院時診断", (0, MANY), &["Condition"]),
    ALLERGY,
    must(&["352"], "主訴", (0, MANY), &["Condition"]),
    must(&["312"], "入院理由", (0, 1), &["Encounter"]),
    must(&["362", "360"], "現病歴", (0, MANY), &["Condition"]),
    may(&["372", "370"], "既往歴", &["Condition"]),
    may(&["432"], "入院時服薬", &["MedicationRequest"]),
    may(&["642", "640"], "社会歴・生活習慣", &["Observation"]),
    may(&["612"], "入院時身体所見", &["Observation"]),
    may(&["552", "550"], "家族歴", &["FamilyMemberHistory"]),
    must(&["333"], "入院中経過", (1, MANY), &["DocumentReference"]),
    must(&["324"], "退院時詳細", (1, 1), &["Encounter"]),
    must(&["344"], "退院時診断", (1, MANY), &["Condition"]),
    must(
        &["444"],
        "退院時投薬指示",
        (0, MANY),
        &["MedicationRequest"],
    ),
    must(&["424"], "退院時方針指示", (0, MANY), &["CarePlan"]),
    may(&["614"], "退院時身体所見", &["Observation"]),
    may(&["713"], "入院中治療", &["Procedure"]),
    may(
        &["623"],
        "入院中検査結果",
        &["Observation", "ImagingStudy", "DiagnosticReport", "Bundle"],
    ),
    DEVICE,
    IMMUNIZATION,
    DIRECTIVE,
    RESEARCH,
];

const DISCHARGE: &[Spec] = &[
    CDA,
    Spec {
        text: false,
        inner: DISCHARGE_INNER,
        ..spec(&["300"], "構造情報", (0, 1), (0, MANY), &[])
    },
    ATTACHMENT,
    spec(
        &["230"],
        "PDF",
        (0, MANY),
        (1, MANY),
        &["DocumentReference"],
    ),
];

/// The guide's text has exactly one section, its profile at most one: the text says what the
/// document is for.
const CARE_PLAN: &[Spec] = &[must(
    &["422"],
    "計画サマリー",
    (2, MANY),
    &["CarePlan", "Condition"],
)];

const fn results(code: &'static [&'static str], displays: &'static [&'static str]) -> Spec {
    Spec {
        displays,
        ..spec(code, "", (0, 1), (1, MANY), &["Observation", "Coverage"])
    }
}

const fn answers(code: &'static [&'static str], displays: &'static [&'static str]) -> Spec {
    Spec {
        displays,
        ..spec(code, "", (0, 1), (1, MANY), &["Observation"])
    }
}

const FILES: &[&str] = &["DocumentReference", "DiagnosticReport", "Media"];

/// The profile and the code system name the codes 0107. and 0108. differently: both are taken.
const CHECKUP: &[Spec] = &[
    results(&["01011"], &["特定健診検査結果セクション"]),
    answers(&["01012"], &["特定健診問診結果セクション"]),
    answers(&["01990"], &["任意追加項目セクション"]),
    results(&["01021"], &["広域連合保健事業検査結果セクション"]),
    answers(&["01022"], &["広域連合保健事業問診結果セクション"]),
    results(&["01031"], &["事業者健診検査結果セクション"]),
    answers(&["01032"], &["事業者健診問診結果セクション"]),
    results(&["01041"], &["学校職員健診検査結果セクション"]),
    answers(&["01042"], &["学校職員健診問診結果セクション"]),
    results(
        &["01071"],
        &[
            "その他健診検査結果セクション",
            "保険者以外が行う特定健診等に相当する健診検査結果セクション",
        ],
    ),
    answers(
        &["01072"],
        &[
            "その他健診問診結果セクション",
            "保険者以外が行う特定健診等に相当する健診問診結果セクション",
        ],
    ),
    results(
        &["01081"],
        &[
            "保険者の実施するその他健診検査結果セクション",
            "保険者が実施する特定健診等以外の健診検査結果セクション",
        ],
    ),
    answers(
        &["01082"],
        &[
            "保険者の実施するその他健診問診結果セクション",
            "保険者が実施する特定健診等以外の健診問診結果セクション",
        ],
    ),
    results(&["01910"], &["検査結果セクション"]),
    answers(&["01920"], &["問診結果セクション"]),
    Spec {
        displays: &["添付書類セクション"],
        ..spec(&["01995"], "", (0, 1), (1, MANY), FILES)
    },
];

/// The municipal guide has the sections of results and answers, and 01990 for files.
const MUNICIPAL: &[Spec] = &[
    spec(
        &["01910"],
        "",
        (0, 1),
        (0, MANY),
        &["Observation", "Coverage"],
    ),
    spec(&["01920"], "", (0, 1), (0, MANY), &["Observation"]),
    spec(&["01990"], "", (0, 1), (1, MANY), FILES),
];

/// The outermost sections of a document.
pub(super) const fn sections(kind: DocumentKind) -> &'static [Spec] {
    match kind {
        DocumentKind::Referral => REFERRAL,
        DocumentKind::Discharge => DISCHARGE,
        DocumentKind::CarePlan => CARE_PLAN,
        DocumentKind::Checkup => CHECKUP,
        DocumentKind::MunicipalCheckup => MUNICIPAL,
    }
}

/// May a section of the code stand in the document although no place is defined for it?
///
/// The slices of referral letter and discharge summary are open to the other codes of their
/// value set; that of the discharge summary names the codes of the referral letter.
pub(super) fn is_open(kind: DocumentKind, code: &str) -> bool {
    let knows = |specs: &[Spec]| {
        specs.iter().any(|s| {
            s.codes.contains(&code) || s.inner.iter().any(|inner| inner.codes.contains(&code))
        })
    };
    match kind {
        DocumentKind::Referral => knows(REFERRAL),
        DocumentKind::Discharge => knows(DISCHARGE) || knows(REFERRAL),
        _ => false,
    }
}
