//! The words of the policy file: classes of information, actions, conditions.

use crate::{consent::Category, words::words};

words! {
    /// A class of information (情報区分).
    Class[18] {
        /// Who insures the person, on which terms.
        Eligibility = "eligibility", "資格";
        /// Allergies other than to drugs.
        Allergies = "allergies", "アレルギー";
        /// Drugs that are dangerous for the person.
        Contraindications = "contraindications", "薬剤禁忌";
        /// Names of diseases.
        Conditions = "conditions", "傷病名";
        /// Results on infections.
        Infections = "infections", "感染症";
        /// Laboratory results.
        Laboratory = "laboratory", "検査";
        /// Medicines, as claims tell (薬剤情報).
        Medications = "medications", "薬剤";
        /// Care received, as claims tell (診療情報).
        CareHistory = "care-history", "診療";
        /// Operations (手術情報).
        Surgery = "surgery", "手術";
        /// Specific health checkups (特定健診等).
        Checkups = "checkups", "健診";
        /// Prescriptions and dispensing (電子処方箋の処方・調剤情報).
        Prescriptions = "prescriptions", "処方・調剤";
        /// Referral letters, discharge summaries, care plans, checkup reports (診療文書).
        Documents = "documents", "診療文書";
        /// What the caller's own facility keeps of its patients (自施設の診療記録).
        OwnRecords = "own-records", "自施設の診療記録";
        /// The register of who is insured, entitled and who is who (資格の台帳).
        Register = "register", "資格の台帳";
        /// The person's choices.
        Consent = "consent", "同意";
        /// Who looked.
        AccessHistory = "access-history", "閲覧履歴";
        /// Staff accounts and their rights.
        Accounts = "accounts", "職員・権限";
        /// Terminals, servers, clients, certificates, connections.
        Equipment = "equipment", "機器・接続";
    }
}

impl Class {
    /// The classes that a patient's consent opens.
    pub const CLINICAL: [Self; 10] = [
        Self::Allergies,
        Self::Contraindications,
        Self::Conditions,
        Self::Infections,
        Self::Laboratory,
        Self::Medications,
        Self::CareHistory,
        Self::Surgery,
        Self::Checkups,
        Self::Prescriptions,
    ];

    /// The classes that facilities share from their records (電子カルテ情報共有).
    pub const SHARED: [Self; 5] = [
        Self::Allergies,
        Self::Contraindications,
        Self::Conditions,
        Self::Infections,
        Self::Laboratory,
    ];
}

impl From<Category> for Class {
    fn from(category: Category) -> Self {
        match category {
            Category::Allergies => Self::Allergies,
            Category::Contraindications => Self::Contraindications,
            Category::Conditions => Self::Conditions,
            Category::Infections => Self::Infections,
            Category::Laboratory => Self::Laboratory,
            Category::Medications => Self::Medications,
            Category::CareHistory => Self::CareHistory,
            Category::Surgery => Self::Surgery,
            Category::Checkups => Self::Checkups,
            Category::Prescriptions => Self::Prescriptions,
        }
    }
}

words! {
    /// What is done with information.
    Action[4] {
        /// See it.
        Read = "read", "見る";
        /// Add or change it.
        Write = "write", "登録・変更";
        /// Take it away.
        Delete = "delete", "削除・取消";
        /// Carry it out of the system.
        Export = "export", "持ち出し";
    }
}

words! {
    /// A condition of a rule.
    Need[12] {
        /// The patient has come to the caller's facility.
        Visit = "visit", "来院";
        /// The patient's consent for class, facility and purpose.
        Consent = "consent", "同意";
        /// The patient has shown their card at this visit.
        Presence = "presence", "カードの提示";
        /// What the caller's own facility sent or keeps.
        OwnFacility = "own-facility", "自施設";
        /// The caller's own information.
        Own = "own", "本人";
        /// A relation that is in force and covers the class.
        Proxy = "proxy", "代理の範囲";
        /// An approved maintenance window that is open.
        Window = "window", "承認された時間";
        /// Names and numbers are masked.
        Masked = "masked", "名前を伏せる";
        /// The second factor was shown within the last five minutes.
        Fresh = "fresh", "再認証";
        /// Somebody else approves it.
        SecondPerson = "second-person", "二人目の承認";
        /// Disaster mode is in force for the caller's facility.
        Disaster = "disaster", "災害時モード";
        /// The document is addressed to the caller's facility, and the patient's oral consent to
        /// that is on record.
        Addressed = "addressed", "宛先";
    }
}

impl Need {
    /// Its place in [`Need::ALL`].
    pub(super) const fn place(self) -> usize {
        match self {
            Self::Visit => 0,
            Self::Consent => 1,
            Self::Presence => 2,
            Self::OwnFacility => 3,
            Self::Own => 4,
            Self::Proxy => 5,
            Self::Window => 6,
            Self::Masked => 7,
            Self::Fresh => 8,
            Self::SecondPerson => 9,
            Self::Disaster => 10,
            Self::Addressed => 11,
        }
    }
}
