//! Role × permission: one table, default deny.
//!
//! Source: identity-security AUTHZ-01 (rights by occupation and kind of information, least
//! privilege; administrators see no clinical data).

use store::caller::Role;

/// What a route asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Open to everyone: log-in pages, health, public metadata, assets.
    Public,
    /// Verify eligibility and see the answer.
    CheckEligibility,
    /// Record the choice of a patient who is present.
    RecordConsent,
    /// See shared clinical information, within the patient's consent.
    ViewShared,
    /// Register, replace and delete the own facility's documents in the shared record.
    RegisterRecords,
    /// Validate a document without storing it.
    ValidateRecords,
    /// See one's own data and history, withdraw one's own consent.
    OwnData,
    /// End one's session and see one's own start page.
    OwnSession,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 8] = [
        Self::Public,
        Self::CheckEligibility,
        Self::RecordConsent,
        Self::ViewShared,
        Self::RegisterRecords,
        Self::ValidateRecords,
        Self::OwnData,
        Self::OwnSession,
    ];

    /// The word in documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::CheckEligibility => "check-eligibility",
            Self::RecordConsent => "record-consent",
            Self::ViewShared => "view-shared",
            Self::RegisterRecords => "register-records",
            Self::ValidateRecords => "validate-records",
            Self::OwnData => "own-data",
            Self::OwnSession => "own-session",
        }
    }
}

/// May a caller of this role do this?
#[must_use]
pub const fn allows(role: Role, permission: Permission) -> bool {
    use Permission as P;
    match role {
        Role::Doctor | Role::Dentist | Role::Pharmacist | Role::Nurse => matches!(
            permission,
            P::Public | P::CheckEligibility | P::RecordConsent | P::ViewShared | P::OwnSession
        ),
        Role::Clerk => matches!(
            permission,
            P::Public | P::CheckEligibility | P::RecordConsent | P::OwnSession
        ),
        Role::Administrator => matches!(permission, P::Public | P::OwnSession),
        Role::System => matches!(
            permission,
            P::Public
                | P::CheckEligibility
                | P::RecordConsent
                | P::RegisterRecords
                | P::ValidateRecords
        ),
        Role::Patient => matches!(permission, P::Public | P::OwnData | P::OwnSession),
        Role::Job | Role::Anonymous => matches!(permission, P::Public),
    }
}
