//! The code lists (業務コード, OQSCD) of the items, each with its code and its Japanese word.
//!
//! Source: eligibility-eprescription section e, Codes (業務コード仕様).

/// A code list: its number and its rows of code and word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct List {
    /// Three digits of `OQSCD`.
    pub number: &'static str,
    /// Code and Japanese word, in order.
    pub rows: &'static [(&'static str, &'static str)],
}

/// Makes an enum of a code list, with `ALL`, `LIST`, `code`, `ja` and `parse`.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident $number:literal { $($(#[$item:meta])* $variant:ident = $code:literal, $ja:literal;)+ }) => {
        $(#[$doc])*
        #[doc = concat!("\n\nSource: OQSCD ", $number, ".")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$item])* $variant,)+
        }

        impl $name {
            /// Every one, in order.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];
            /// The list as a table.
            pub const LIST: $crate::codes::List = $crate::codes::List {
                number: $number,
                rows: &[$(($code, $ja),)+],
            };

            /// The code in the file.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// For people.
            #[must_use]
            pub const fn ja(self) -> &'static str {
                match self { $(Self::$variant => $ja,)+ }
            }

            /// From the code.
            #[must_use]
            pub fn parse(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }
        }

        impl $crate::leaf::Leaf for $name {
            fn parse(text: &str) -> Option<Self> {
                Self::parse(text)
            }

            fn text(&self) -> std::borrow::Cow<'_, str> {
                std::borrow::Cow::Borrowed(self.code())
            }
        }

        #[cfg(test)]
        impl $crate::tests::sample::Sample for $name {
            fn sample(source: &mut $crate::tests::sample::Source) -> Self {
                Self::ALL[source.below(Self::ALL.len())]
            }
        }
    };
}

pub(crate) use codes;

codes! {
    /// 限度額適用認定証提供同意フラグ.
    LimitConsent "001" {
        /// The person does not let the limit be shown.
        Withheld = "0", "未同意";
        /// The person lets the limit be shown.
        Given = "1", "同意";
    }
}
codes! {
    /// 照会区分: by what the person was identified.
    Reference "002" {
        /// By My Number card.
        Card = "1", "マイナンバーカード";
        /// By what is printed on the certificate of eligibility.
        InsuredNumber = "2", "被保険者証情報";
    }
}
codes! {
    /// 処理結果区分: what became of the file.
    Segment "003" {
        /// Done.
        Done = "1", "正常終了";
        /// Under way.
        Processing = "2", "処理中";
        /// Not done.
        Abnormal = "9", "異常終了";
    }
}
codes! {
    /// 処理結果状況: what became of one person's question.
    Status "004" {
        /// Answered.
        Done = "1", "正常終了";
        /// Not answered.
        Error = "2", "エラー";
    }
}
codes! {
    /// 資格有効性.
    Validity "006" {
        /// Valid.
        Valid = "1", "有効";
        /// Ended, or not begun.
        Invalid = "2", "無効";
        /// Ended; there is a newer one.
        InvalidReplaced = "3", "無効(新しい資格あり)";
        /// Nobody fits.
        NotFound = "4", "該当資格なし";
        /// More than one person fits.
        Several = "5", "複数該当";
        /// 医療扶助: valid, but this facility is not named.
        ValidUnregistered = "6", "有効(未登録)";
    }
}
codes! {
    /// 性別.
    Sex "007" {
        /// Male.
        Male = "1", "男";
        /// Female.
        Female = "2", "女";
        /// Not given.
        Unset = "3", "未設定";
    }
}
codes! {
    /// 資格喪失事由.
    Loss "008" {
        /// Died.
        Death = "01", "死亡";
        /// Public assistance began.
        PublicAssistance = "02", "生活保護受給開始";
        /// Another coverage began.
        OtherCoverage = "03", "医療保険等の資格取得";
        /// Any other.
        Other = "99", "その他";
    }
}
codes! {
    /// 本人・家族の別.
    Relation "009" {
        /// The insured person.
        Insured = "1", "本人";
        /// A dependent.
        Family = "2", "家族";
    }
}
codes! {
    /// 被保険者証区分.
    Card "010" {
        /// Ordinary.
        Ordinary = "01", "被保険者証(一般)";
        /// Retired.
        Retired = "02", "被保険者証(退職)";
        /// Short term.
        ShortTerm = "03", "短期被保険者証(一般)";
        /// Short term, retired.
        ShortTermRetired = "04", "短期被保険者証(退職)";
        /// 特別療養費: the person pays all and is paid back.
        SpecialCare = "05", "被保険者資格証明書(特別療養費支給対象者)";
        /// 特例退職.
        SpecialRetired = "06", "特例退職被保険者証";
        /// Self-defence forces.
        SelfDefence = "07", "自衛官診療証";
        /// 医療扶助.
        MedicalAssistance = "A1", "医療扶助";
    }
}
codes! {
    /// 限度額適用認定証区分: which certificate.
    LimitCertificate "011" {
        /// Limit.
        Limit = "01", "限度額適用認定証";
        /// Limit and reduced meals.
        LimitAndMeals = "02", "限度額適用・標準負担額減額認定証";
        /// Reduced meals.
        Meals = "03", "標準負担額減額認定証";
    }
}
codes! {
    /// 限度額適用認定証適用区分: the class of the limit.
    LimitClass "012" {
        /// ア.
        A01 = "A01", "ア";
        /// イ.
        A02 = "A02", "イ";
        /// ウ.
        A03 = "A03", "ウ";
        /// エ.
        A04 = "A04", "エ";
        /// オ.
        A05 = "A05", "オ";
        /// オ(境界層該当).
        A06 = "A06", "オ(境)";
        /// 現役並みⅢ.
        B01 = "B01", "現役並みⅢ";
        /// 現役並みⅡ.
        B02 = "B02", "現役並みⅡ";
        /// 現役並みⅠ.
        B03 = "B03", "現役並みⅠ";
        /// 一般 (70 to 74 years).
        B04 = "B04", "一般";
        /// 低所得Ⅱ.
        B05 = "B05", "低所得Ⅱ";
        /// 低所得Ⅰ.
        B06 = "B06", "低所得Ⅰ";
        /// 低所得Ⅰ(老福).
        B07 = "B07", "低所得Ⅰ(老福)";
        /// 低所得Ⅰ(境界層該当).
        B08 = "B08", "低所得Ⅰ(境)";
        /// 一般Ⅱ (late elderly).
        B09 = "B09", "一般Ⅱ";
        /// 一般Ⅰ (late elderly).
        B10 = "B10", "一般Ⅰ";
    }
}
codes! {
    /// 特定疾病療養受療証認定疾病区分.
    Disease "013" {
        /// Dialysis.
        Dialysis = "1", "人工透析を必要とする慢性腎不全";
        /// Haemophilia.
        Haemophilia = "2", "先天性血液凝固因子障害(第Ⅷ因子・第Ⅸ因子)";
        /// HIV through blood products.
        Hiv = "3", "血液凝固因子製剤の投与に起因するHIV感染症";
    }
}
codes! {
    /// 限度額適用認定証情報変更有無, in bulk answers.
    LimitChanged "014" {
        /// As it was.
        Same = "0", "変更なし";
        /// Changed, or not to be told.
        Changed = "1", "変更ありまたは判定不能";
    }
}
codes! {
    /// 未就学区分.
    Preschool "015" {
        /// Not yet at school: pays two tenths.
        Preschool = "1", "未就学該当";
    }
}
codes! {
    /// 同意区分.
    Consent "016" {
        /// None.
        None = "0", "同意なし";
        /// Given.
        Given = "1", "同意あり";
        /// Ran out.
        Expired = "2", "同意有効期限切れ";
        /// Could not be asked for.
        Unobtainable = "3", "同意取得困難";
    }
}
codes! {
    /// 処方箋発行形態.
    PrescriptionIssue "017" {
        /// Electronic.
        Electronic = "1", "電子処方箋";
        /// Paper.
        Paper = "2", "紙の処方箋";
    }
}
codes! {
    /// 医療券・調剤券別.
    Ticket "018" {
        /// For care.
        Care = "01", "医療券";
        /// For dispensing.
        Dispensing = "02", "調剤券";
    }
}
codes! {
    /// 診療別.
    Treatment "019" {
        /// In hospital.
        Inpatient = "01", "入院";
        /// Not in hospital.
        Outpatient = "02", "入院外";
        /// Dental.
        Dental = "03", "歯科";
        /// Dispensing.
        Dispensing = "04", "調剤";
        /// Home-visit nursing.
        HomeNursing = "05", "訪問看護";
    }
}
codes! {
    /// 単独・併用別.
    Use "020" {
        /// Alone.
        Single = "01", "単独";
        /// Beside another payer.
        Combined = "02", "併用";
    }
}
codes! {
    /// 社会保険状況, and with the same rows 感染症 (023), 後期高齢者医療 (024), 都道府県費 (025).
    Applies "021" {
        /// Yes.
        Yes = "01", "あり";
        /// No.
        No = "02", "なし";
    }
}
codes! {
    /// 社会保険状況の整合性フラグ.
    Inconsistent "022" {
        /// The two registers differ.
        Inconsistent = "1", "不整合あり";
    }
}
codes! {
    /// 指定医療機関確認フラグ.
    Designated "026" {
        /// The ticket names the facility that asks.
        Same = "0", "一致";
        /// It names another.
        Other = "1", "不一致";
    }
}
codes! {
    /// 診療区分.
    Setting "028" {
        /// At the counter.
        Outpatient = "1", "外来";
        /// At home.
        HomeVisit = "2", "訪問診療等";
        /// Online.
        Online = "3", "オンライン診療等";
        /// In an emergency.
        Emergency = "4", "救急時";
    }
}
codes! {
    /// 閲覧同意情報種別.
    Information "036" {
        /// 特定疾病療養受療証.
        SpecificDisease = "TSR", "特定疾病療養受療証情報";
        /// Checkups.
        Checkup = "TKK", "特定健診情報";
        /// Medicines.
        Medicines = "YZK", "薬剤・処方情報";
        /// Care: allergies and tests with it.
        Care = "SRJ", "診療・アレルギー等・検査情報";
        /// Surgery: diagnoses and infections with it.
        Surgery = "SHJ", "手術・傷病名・感染症情報";
    }
}
codes! {
    /// 情報要求パターン.
    Pattern "040" {
        /// Emergency summary.
        EmergencySummary = "1", "救急用サマリー";
        /// Everything for an emergency.
        EmergencyFull = "2", "救急用全量版";
        /// Both, with prescriptions.
        EmergencyAll = "3", "電子処方箋+救急用サマリー+救急用全量版";
        /// Medicines.
        Medicines = "4", "薬剤情報";
        /// Care and medicines.
        CareAndMedicines = "5", "診療・薬剤情報";
        /// Checkups.
        Checkup = "6", "特定健診情報";
    }
}
codes! {
    /// 二要素認証要素区分.
    Factor "041" {
        /// Known.
        Known = "1", "記憶";
        /// Of the body.
        Body = "2", "生体情報";
        /// Held.
        Held = "3", "物理媒体";
    }
}
codes! {
    /// 救急時閲覧権限有無.
    EmergencyRight "043" {
        /// None.
        None = "0", "権限なし";
        /// Held.
        Held = "1", "権限あり";
    }
}
codes! {
    /// 連携システムID.
    Linked "044" {
        /// Help with the cost of care.
        CostHelp = "01", "医療費助成";
        /// Mother and child.
        MaternalChild = "2", "母子保健";
        /// Vaccination.
        Immunization = "4", "予防接種";
        /// Care insurance.
        Care = "8", "介護保険";
    }
}

/// Every list of this crate, in order of its number.
pub const LISTS: &[List] = &[
    LimitConsent::LIST,
    Reference::LIST,
    Segment::LIST,
    Status::LIST,
    crate::CharacterCode::LIST,
    Validity::LIST,
    Sex::LIST,
    Loss::LIST,
    Relation::LIST,
    Card::LIST,
    LimitCertificate::LIST,
    LimitClass::LIST,
    Disease::LIST,
    LimitChanged::LIST,
    Preschool::LIST,
    Consent::LIST,
    PrescriptionIssue::LIST,
    Ticket::LIST,
    Treatment::LIST,
    Use::LIST,
    Applies::LIST,
    Inconsistent::LIST,
    Designated::LIST,
    Setting::LIST,
    Information::LIST,
    Pattern::LIST,
    Factor::LIST,
    EmergencyRight::LIST,
    Linked::LIST,
];
