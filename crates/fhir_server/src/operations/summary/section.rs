//! The sections of a summary: which resources belong into each.
//!
//! Source: IPS 2.0, Composition-uv-ips (LOINC codes of the sections; problems, allergies and
//! drugs are required); absent-unknown-uv-ips ("no information"); JP-CLINS retention of
//! prescriptions (100 days), whose status is always `completed`.

use fhir::json::Node;
use kernel::time::JstDate;

use crate::model::Resource;

/// Types that a summary reads.
pub(super) const TYPES: [&str; 9] = [
    "AllergyIntolerance",
    "CarePlan",
    "Condition",
    "DeviceUseStatement",
    "DiagnosticReport",
    "Immunization",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
];

/// Days for which a finished prescription still counts among a patient's drugs.
const PRESCRIBED_DAYS: i32 = 100;

/// A resource that may stand in the document.
pub(super) struct Item<'a> {
    pub resource: &'a Resource,
    pub root: Node<'a>,
    /// When it happened, as far as it says; empty sorts last.
    pub on: &'a str,
}

impl<'a> Item<'a> {
    pub(super) fn new(resource: &'a Resource, root: Node<'a>) -> Self {
        const DATES: [&str; 7] = [
            "effectiveDateTime",
            "onsetDateTime",
            "occurrenceDateTime",
            "authoredOn",
            "timingDateTime",
            "recordedDate",
            "recordedOn",
        ];
        let of_period = |name: &str| root.get(name).and_then(|period| period.str("start"));
        let on = DATES.iter().find_map(|name| root.str(name));
        let on = on
            .or_else(|| of_period("effectivePeriod"))
            .or_else(|| of_period("onsetPeriod"))
            .or_else(|| of_period("period"))
            .or_else(|| root.str("issued"));
        Self {
            resource,
            root,
            on: on.unwrap_or_default(),
        }
    }

    fn is(&self, kind: &str) -> bool {
        self.resource.kind == kind
    }

    fn status(&self) -> &'a str {
        self.root.str("status").unwrap_or_default()
    }

    /// One of the codes of a coded element.
    fn has_code(&self, element: &str, codes: &[&str]) -> bool {
        let coded = self.root.get(element);
        let codings = coded.into_iter().flat_map(|coded| coded.list("coding"));
        codings
            .filter_map(|coding| coding.str("code"))
            .any(|code| codes.contains(&code))
    }

    fn has_category(&self, codes: &[&str]) -> bool {
        let codings = self.root.list("category");
        codings
            .flat_map(|category| category.list("coding"))
            .filter_map(|coding| coding.str("code"))
            .any(|code| codes.contains(&code))
    }

    /// Neither taken back nor found to be wrong.
    fn is_believed(&self) -> bool {
        !self.has_code("verificationStatus", &["entered-in-error", "refuted"])
            && !matches!(self.status(), "entered-in-error" | "cancelled")
    }

    fn is_over(&self) -> bool {
        self.has_code("clinicalStatus", &["inactive", "remission", "resolved"])
    }

    fn is_drug_in_use(&self, today: JstDate) -> bool {
        let until = today.plus_days(-PRESCRIBED_DAYS);
        let day = self.on.get(..10).and_then(JstDate::parse);
        match self.status() {
            "active" | "on-hold" | "unknown" | "intended" => true,
            "completed" => day.is_some_and(|day| day >= until),
            _ => false,
        }
    }
}

/// What stands in a required section of which the facility keeps nothing.
pub(super) struct Nothing {
    pub kind: &'static str,
    pub code: &'static str,
    pub display: &'static str,
    pub ja: &'static str,
}

/// A section.
pub(super) struct Section {
    /// LOINC.
    pub code: &'static str,
    pub display: &'static str,
    pub title: &'static str,
    /// Of a section that is always there.
    pub nothing: Option<Nothing>,
    pub takes: fn(&Item<'_>, JstDate) -> bool,
}

/// The sections in the order of the document.
pub(super) static SECTIONS: [Section; 9] = [
    Section {
        code: "48765-2",
        display: "Allergies and adverse reactions Document",
        title: "アレルギー・不耐症 / Allergies and Intolerances",
        nothing: Some(Nothing {
            kind: "AllergyIntolerance",
            code: "no-allergy-info",
            display: "No information about allergies",
            ja: "アレルギーの情報はありません(無いことを確かめたものではありません)。",
        }),
        takes: |item, _| item.is("AllergyIntolerance") && item.is_believed(),
    },
    Section {
        code: "11450-4",
        display: "Problem list - Reported",
        title: "傷病名 / Problem List",
        nothing: Some(Nothing {
            kind: "Condition",
            code: "no-problem-info",
            display: "No information about problems",
            ja: "傷病名の情報はありません(無いことを確かめたものではありません)。",
        }),
        takes: |item, _| item.is("Condition") && item.is_believed() && !item.is_over(),
    },
    Section {
        code: "10160-0",
        display: "History of Medication use Narrative",
        title: "薬剤 / Medication Summary",
        nothing: Some(Nothing {
            kind: "MedicationStatement",
            code: "no-medication-info",
            display: "No information about medications",
            ja: "薬剤の情報はありません(無いことを確かめたものではありません)。",
        }),
        takes: |item, today| {
            (item.is("MedicationRequest") || item.is("MedicationStatement"))
                && item.is_drug_in_use(today)
        },
    },
    Section {
        code: "11369-6",
        display: "History of Immunization note",
        title: "予防接種 / Immunizations",
        nothing: None,
        takes: |item, _| item.is("Immunization") && item.status() == "completed",
    },
    Section {
        code: "30954-2",
        display: "Relevant diagnostic tests/laboratory data note",
        title: "検査結果 / Results",
        nothing: None,
        takes: |item, _| {
            let is_result = item.is("Observation")
                && item.has_category(&["laboratory", "imaging", "exam", "procedure"]);
            (is_result || item.is("DiagnosticReport"))
                && matches!(item.status(), "final" | "amended" | "corrected")
        },
    },
    Section {
        code: "8716-3",
        display: "Vital signs note",
        title: "バイタルサイン / Vital Signs",
        nothing: None,
        takes: |item, _| {
            item.is("Observation") && item.has_category(&["vital-signs"]) && item.is_believed()
        },
    },
    Section {
        code: "46264-8",
        display: "History of medical device use",
        title: "医療機器 / Medical Devices",
        nothing: None,
        takes: |item, _| item.is("DeviceUseStatement") && item.is_believed(),
    },
    Section {
        code: "11348-0",
        display: "History of Past illness note",
        title: "既往歴 / History of Past Problems",
        nothing: None,
        takes: |item, _| item.is("Condition") && item.is_believed() && item.is_over(),
    },
    Section {
        code: "18776-5",
        display: "Plan of care note",
        title: "療養計画 / Plan of Care",
        nothing: None,
        takes: |item, _| {
            item.is("CarePlan") && matches!(item.status(), "active" | "on-hold" | "draft")
        },
    },
];
