//! What is kept: a resource in one of its versions.

use kernel::{id::PersonId, time::Timestamp};

use crate::{
    id::{Key, Owner},
    splice,
};

/// Types that a patient's record consists of: each resource names its patient.
///
/// Source: FHIR R4 compartmentdefinition-patient.html (types with a way to the patient, without
/// those that plan for many: Group, Schedule), and Binary, which holds a patient's attachment.
pub const PERSONAL: &[&str] = &[
    "Account",
    "AdverseEvent",
    "AllergyIntolerance",
    "Appointment",
    "AppointmentResponse",
    "AuditEvent",
    "Basic",
    "Binary",
    "BodyStructure",
    "CarePlan",
    "CareTeam",
    "ChargeItem",
    "Claim",
    "ClaimResponse",
    "ClinicalImpression",
    "Communication",
    "CommunicationRequest",
    "Composition",
    "Condition",
    "Consent",
    "Coverage",
    "CoverageEligibilityRequest",
    "CoverageEligibilityResponse",
    "DetectedIssue",
    "DeviceRequest",
    "DeviceUseStatement",
    "DiagnosticReport",
    "DocumentManifest",
    "DocumentReference",
    "Encounter",
    "EnrollmentRequest",
    "EpisodeOfCare",
    "ExplanationOfBenefit",
    "FamilyMemberHistory",
    "Flag",
    "Goal",
    "ImagingStudy",
    "Immunization",
    "ImmunizationEvaluation",
    "ImmunizationRecommendation",
    "Invoice",
    "List",
    "MeasureReport",
    "Media",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationRequest",
    "MedicationStatement",
    "MolecularSequence",
    "NutritionOrder",
    "Observation",
    "Patient",
    "Person",
    "Procedure",
    "Provenance",
    "QuestionnaireResponse",
    "RelatedPerson",
    "RequestGroup",
    "ResearchSubject",
    "RiskAssessment",
    "ServiceRequest",
    "Specimen",
    "SupplyDelivery",
    "SupplyRequest",
    "VisionPrescription",
];

/// Types that are not kept: messages, and what has a way of its own.
pub const NOT_KEPT: &[&str] = &["Bundle", "OperationOutcome", "Parameters", "Subscription"];

/// Must a resource of this type name a patient?
#[must_use]
pub fn is_personal(kind: &str) -> bool {
    PERSONAL.binary_search(&kind).is_ok()
}

/// Are resources of this type kept here at all?
#[must_use]
pub fn is_kept(kind: &str) -> bool {
    fhir::schema::is_resource_type(kind)
        && !NOT_KEPT.contains(&kind)
        && !matches!(kind, "Resource" | "DomainResource")
}

/// A resource in one of its versions.
#[derive(Clone)]
pub struct Resource {
    /// Its type: `Observation`.
    pub kind: String,
    /// Whose, and which.
    pub key: Key,
    /// Its logical id.
    pub id: String,
    /// 1, 2, …
    pub version: i64,
    /// When this version was written.
    pub at: Timestamp,
    /// Is this version a deletion? Then there is no text.
    pub is_deleted: bool,
    /// As received, to the byte; without the server's id and version.
    pub text: String,
}

impl std::fmt::Debug for Resource {
    /// Never shows content.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}/…/{} ({} bytes)",
            self.kind,
            self.version,
            self.text.len()
        )
    }
}

impl Resource {
    /// The person whose record it is in.
    #[must_use]
    pub const fn person(&self) -> Option<PersonId> {
        match self.key.owner {
            Owner::Person(person) => Some(person),
            Owner::Facility => None,
        }
    }

    /// `Observation/{id}`.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("{}/{}", self.kind, self.id)
    }

    /// `W/"1"`.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("W/\"{}\"", self.version)
    }

    /// As a reader gets it: with id, version and time.
    #[must_use]
    pub fn render(&self) -> String {
        let mut out = String::with_capacity(self.text.len() + 180);
        self.render_into(&mut out);
        out
    }

    /// Appends what [`Resource::render`] gives.
    pub fn render_into(&self, out: &mut String) {
        let updated = self.at.to_string();
        let own = (self.id.as_str(), self.version, updated.as_str());
        splice::with_meta(out, &self.kind, &self.text, own);
    }
}
