//! What a route asks of its caller, and the cells of the policy behind it.

use store::caller::Purpose;

use super::words::{Action, Class};

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
    /// Confirm or retire entries of the shared record that were registered long ago.
    ConfirmRecords,
    /// Register, replace and delete the own facility's documents in the shared record.
    RegisterRecords,
    /// Publish to the shared record what the own facility keeps.
    PublishRecords,
    /// Send documents, record the patient's consent to them, take them back, answer them.
    SendDocuments,
    /// Read what is addressed to the caller's facility.
    ReadDocuments,
    /// Read the checkup reports of the people whom the caller's insurer insures.
    SeeCheckups,
    /// See the clinical records that the caller's own facility keeps.
    SeeRecords,
    /// Add to them, change them, take from them.
    KeepRecords,
    /// Carry out what the own facility keeps of one patient.
    ExportRecords,
    /// Validate a document without storing it.
    ValidateRecords,
    /// See one's own data and history.
    OwnData,
    /// Give and withdraw one's own consent, name a proxy.
    OwnChoice,
    /// End one's session and see one's own start page.
    OwnSession,
    /// Ask what one may do.
    Ask,
    /// See the facility's accounts.
    SeeAccounts,
    /// Open, change and close accounts of the facility.
    ManageAccounts,
    /// See the ledgers of terminals, clients and connections.
    SeeEquipment,
    /// Change those ledgers.
    ManageEquipment,
    /// Review what the facility's staff did.
    ReviewAccess,
    /// Help the facility inside an approved maintenance window.
    Support,
    /// See what the caller's own insurer or town has loaded (資格の登録).
    SeeIntake,
    /// Load coverage, subsidies and tickets of the caller's own insurer or town.
    Intake,
    /// Find a person by four attributes while disaster mode is in force.
    FindByAttributes,
    /// Join people who stand twice in the register, and declare disaster mode.
    KeepRegister,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 28] = [
        Self::Public,
        Self::CheckEligibility,
        Self::RecordConsent,
        Self::ViewShared,
        Self::ConfirmRecords,
        Self::RegisterRecords,
        Self::PublishRecords,
        Self::SendDocuments,
        Self::ReadDocuments,
        Self::SeeCheckups,
        Self::SeeRecords,
        Self::KeepRecords,
        Self::ExportRecords,
        Self::ValidateRecords,
        Self::OwnData,
        Self::OwnChoice,
        Self::OwnSession,
        Self::Ask,
        Self::SeeAccounts,
        Self::ManageAccounts,
        Self::SeeEquipment,
        Self::ManageEquipment,
        Self::ReviewAccess,
        Self::Support,
        Self::SeeIntake,
        Self::Intake,
        Self::FindByAttributes,
        Self::KeepRegister,
    ];

    /// The word in documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::CheckEligibility => "check-eligibility",
            Self::RecordConsent => "record-consent",
            Self::ViewShared => "view-shared",
            Self::ConfirmRecords => "confirm-records",
            Self::RegisterRecords => "register-records",
            Self::PublishRecords => "publish-records",
            Self::SendDocuments => "send-documents",
            Self::ReadDocuments => "read-documents",
            Self::SeeCheckups => "see-checkups",
            Self::SeeRecords => "see-records",
            Self::KeepRecords => "keep-records",
            Self::ExportRecords => "export-records",
            Self::ValidateRecords => "validate-records",
            Self::OwnData => "own-data",
            Self::OwnChoice => "own-choice",
            Self::OwnSession => "own-session",
            Self::Ask => "ask",
            Self::SeeAccounts => "see-accounts",
            Self::ManageAccounts => "manage-accounts",
            Self::SeeEquipment => "see-equipment",
            Self::ManageEquipment => "manage-equipment",
            Self::ReviewAccess => "review-access",
            Self::Support => "support",
            Self::SeeIntake => "see-intake",
            Self::Intake => "intake",
            Self::FindByAttributes => "find-by-attributes",
            Self::KeepRegister => "keep-register",
        }
    }

    /// The cells of the policy of which a caller needs one to come in.
    pub fn cells(self) -> impl Iterator<Item = (Class, Action, Purpose)> {
        let (classes, action, purpose): (&[Class], _, _) = match self {
            Self::Public | Self::OwnSession | Self::Ask => (&[], Action::Read, Purpose::Operation),
            Self::CheckEligibility => (&[Class::Eligibility], Action::Read, Purpose::Eligibility),
            Self::RecordConsent => (&[Class::Consent], Action::Write, Purpose::Eligibility),
            Self::ViewShared => (&Class::CLINICAL, Action::Read, Purpose::Treatment),
            Self::ConfirmRecords => (
                &[
                    Class::Allergies,
                    Class::Contraindications,
                    Class::Conditions,
                ],
                Action::Write,
                Purpose::Treatment,
            ),
            Self::RegisterRecords | Self::ValidateRecords => {
                (&Class::SHARED, Action::Write, Purpose::Registration)
            }
            Self::PublishRecords => (&[Class::OwnRecords], Action::Read, Purpose::Registration),
            Self::SendDocuments => (&[Class::Documents], Action::Write, Purpose::Registration),
            Self::ReadDocuments => (&[Class::Documents], Action::Read, Purpose::Treatment),
            Self::SeeCheckups => (&[Class::Checkups], Action::Read, Purpose::Intake),
            Self::SeeRecords => (&[Class::OwnRecords], Action::Read, Purpose::Treatment),
            Self::KeepRecords => (&[Class::OwnRecords], Action::Write, Purpose::Treatment),
            Self::ExportRecords => (&[Class::OwnRecords], Action::Export, Purpose::Treatment),
            Self::OwnData => (&Class::ALL, Action::Read, Purpose::OwnAccess),
            Self::OwnChoice => (&[Class::Consent], Action::Write, Purpose::OwnAccess),
            Self::SeeAccounts => (&[Class::Accounts], Action::Read, Purpose::Operation),
            Self::ManageAccounts => (&[Class::Accounts], Action::Write, Purpose::Operation),
            Self::SeeEquipment => (&[Class::Equipment], Action::Read, Purpose::Operation),
            Self::ManageEquipment => (&[Class::Equipment], Action::Write, Purpose::Operation),
            Self::ReviewAccess => (&[Class::AccessHistory], Action::Read, Purpose::Operation),
            Self::SeeIntake => (&[Class::Register], Action::Read, Purpose::Intake),
            Self::Intake => (&[Class::Register], Action::Write, Purpose::Intake),
            Self::FindByAttributes => (&[Class::Eligibility], Action::Read, Purpose::Disaster),
            Self::KeepRegister => (&[Class::Register], Action::Write, Purpose::Operation),
            Self::Support => (
                &[Class::Equipment, Class::Eligibility],
                Action::Read,
                Purpose::Support,
            ),
        };
        classes.iter().map(move |class| (*class, action, purpose))
    }
}
