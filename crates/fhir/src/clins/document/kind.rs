//! Which document it is.

use crate::clins::profile;
use crate::json::Node;

const MUNICIPAL: &str =
    "http://jpfhir.jp/fhir/eMunicipalCheckup/StructureDefinition/JP_Bundle_eMunicipalCheckup";

/// The kinds of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DocumentKind {
    /// 診療情報提供書.
    Referral,
    /// 退院時サマリー.
    Discharge,
    /// 患者サマリー(療養計画書).
    CarePlan,
    /// 健診結果報告書.
    Checkup,
    /// 自治体検診結果報告書: a checkup report of a municipality.
    MunicipalCheckup,
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Referral,
        Self::Discharge,
        Self::CarePlan,
        Self::Checkup,
        Self::MunicipalCheckup,
    ];

    /// Addresses of the Bundle's profile.
    pub(super) const fn bundle_profiles(self) -> &'static [&'static str] {
        match self {
            Self::Referral => {
                &["http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_eReferral"]
            }
            Self::Discharge => {
                &["http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_eDischargeSummary"]
            }
            Self::CarePlan => &["http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_ePCS"],
            Self::Checkup => &[
                "http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_eCheckupGeneral",
                "http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_Bundle_eCheckupGeneral",
            ],
            Self::MunicipalCheckup => &[MUNICIPAL],
        }
    }

    /// The kind that the Bundle's profile names, whatever its `|version`.
    #[must_use]
    pub fn of(bundle: Node<'_>) -> Option<Self> {
        let is_bundle = bundle.str("resourceType") == Some("Bundle");
        if !is_bundle {
            return None;
        }
        let exact = Self::ALL.into_iter().find(|kind| {
            kind.bundle_profiles()
                .iter()
                .any(|wanted| profile::has_profile(bundle, wanted))
        });
        exact.or_else(|| {
            // The municipal guide has a profile for each checkup: `…_511`, `…_571`.
            let is_one = bundle.get("meta")?.list("profile").any(|p| {
                p.as_str()
                    .and_then(|p| p.strip_prefix(MUNICIPAL))
                    .is_some_and(|tail| tail.starts_with('_'))
            });
            is_one.then_some(Self::MunicipalCheckup)
        })
    }

    /// Its Japanese name.
    #[must_use]
    pub const fn name_ja(self) -> &'static str {
        match self {
            Self::Referral => "診療情報提供書",
            Self::Discharge => "退院時サマリー",
            Self::CarePlan => "患者サマリー(療養計画書)",
            Self::Checkup => "健診結果報告書",
            Self::MunicipalCheckup => "自治体検診結果報告書",
        }
    }

    /// Its English name.
    #[must_use]
    pub const fn name_en(self) -> &'static str {
        match self {
            Self::Referral => "referral letter",
            Self::Discharge => "discharge summary",
            Self::CarePlan => "patient summary (care plan)",
            Self::Checkup => "checkup report",
            Self::MunicipalCheckup => "municipal checkup report",
        }
    }

    /// Is it a report of a checkup, of whatever organiser?
    #[must_use]
    pub const fn is_checkup(self) -> bool {
        matches!(self, Self::Checkup | Self::MunicipalCheckup)
    }
}
