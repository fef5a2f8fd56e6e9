//! The categories of shared information (共有情報の区分).

/// What a person can agree to show (共有情報の区分).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// 傷病名.
    Conditions,
    /// アレルギー(薬剤以外).
    Allergies,
    /// 薬剤禁忌・薬剤アレルギー.
    Contraindications,
    /// 検査.
    Laboratory,
    /// 感染症.
    Infections,
    /// 薬剤情報, as claims tell.
    Medications,
    /// 診療情報, as claims tell.
    CareHistory,
    /// 手術情報.
    Surgery,
    /// 特定健診等.
    Checkups,
    /// 電子処方箋の処方・調剤情報.
    Prescriptions,
}

impl Category {
    /// Every category, in the order in which a doctor wants them.
    pub const ALL: [Self; 10] = [
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

    /// What facilities share from their records (電子カルテ情報共有): one choice at the counter.
    pub const SHARED: [Self; 5] = [
        Self::Allergies,
        Self::Contraindications,
        Self::Conditions,
        Self::Infections,
        Self::Laboratory,
    ];

    /// The word in API and tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Conditions => "conditions",
            Self::Allergies => "allergies",
            Self::Contraindications => "contraindications",
            Self::Laboratory => "laboratory",
            Self::Infections => "infections",
            Self::Medications => "medications",
            Self::CareHistory => "care-history",
            Self::Surgery => "surgery",
            Self::Checkups => "checkups",
            Self::Prescriptions => "prescriptions",
        }
    }

    /// From the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.word() == word)
    }

    /// For people.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::Conditions => "傷病名",
            Self::Allergies => "アレルギー",
            Self::Contraindications => "薬剤禁忌",
            Self::Laboratory => "検査結果",
            Self::Infections => "感染症",
            Self::Medications => "薬剤情報",
            Self::CareHistory => "診療情報",
            Self::Surgery => "手術情報",
            Self::Checkups => "健診情報",
            Self::Prescriptions => "処方・調剤情報",
        }
    }

    /// For people, in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Conditions => "Conditions",
            Self::Allergies => "Allergies",
            Self::Contraindications => "Drug contraindications",
            Self::Laboratory => "Laboratory results",
            Self::Infections => "Infections",
            Self::Medications => "Medicines",
            Self::CareHistory => "Care history",
            Self::Surgery => "Operations",
            Self::Checkups => "Health checkups",
            Self::Prescriptions => "Prescriptions and dispensing",
        }
    }

    /// What it covers, for the person who chooses.
    #[must_use]
    pub const fn explanation_ja(self) -> &'static str {
        match self {
            Self::Conditions => "これまでに診断された病気やけがの名前",
            Self::Allergies => "食べ物や花粉などのアレルギー",
            Self::Contraindications => "使うと危険のあるお薬、お薬のアレルギー",
            Self::Laboratory => "血液検査や尿検査などの結果",
            Self::Infections => "肝炎ウイルスなどの感染症の検査結果",
            Self::Medications => "これまでに処方されたお薬の名前と量",
            Self::CareHistory => "受診した医療機関と、受けた診療の内容",
            Self::Surgery => "これまでに受けた手術の名前と時期",
            Self::Checkups => "特定健診など、健康診断の結果",
            Self::Prescriptions => "電子処方箋で出されたお薬と、薬局で受け取ったお薬",
        }
    }
}
