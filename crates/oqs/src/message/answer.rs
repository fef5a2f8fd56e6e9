//! What is told of a person (資格確認結果).

use kernel::{code::FacilityCode, time::JstDate};

use crate::{
    codes::{
        Applies, Card, Consent, Designated, Disease, Inconsistent, LimitCertificate, LimitChanged,
        LimitClass, LimitConsent, Loss, Preschool, Relation, Sex, Ticket, Treatment, Use,
    },
    leaf::{InsurerText, Moment, Month, Ratio, Text, Yen},
    record::record,
};

record! {
    /// 高齢受給者証情報.
    ElderlyCertificate {
        /// 交付年月日.
        issued: leaf JstDate = "ElderlyRecipientCertificateDate";
        /// 有効開始年月日.
        from: leaf JstDate = "ElderlyRecipientValidStartDate";
        /// 有効終了年月日: the last day.
        to: leaf JstDate = "ElderlyRecipientValidEndDate";
        /// 一部負担金割合.
        ratio: leaf Ratio = "ElderlyRecipientContributionRatio";
    }
}

record! {
    /// 限度額適用認定証関連情報.
    LimitCertificateInfo {
        /// 区分: which certificate.
        certificate: leaf LimitCertificate = "LimitApplicationCertificateClassification";
        /// 適用区分: the class of the limit.
        class: leaf LimitClass = "LimitApplicationCertificateClassificationFlag";
        /// 交付年月日.
        issued: leaf JstDate = "LimitApplicationCertificateDate";
        /// 有効開始年月日.
        from: leaf JstDate = "LimitApplicationCertificateValidStartDate";
        /// 有効終了年月日: the last day.
        to: leaf JstDate = "LimitApplicationCertificateValidEndDate";
        /// 長期入院該当年月日.
        long_term_from: leaf JstDate = "LimitApplicationCertificateLongTermDate";
    }
}

record! {
    /// 特定疾病療養受療証情報.
    SpecificDisease {
        /// 認定疾病区分.
        disease: leaf Disease = "SpecificDiseasesDiseaseCategory";
        /// 交付年月日.
        issued: leaf JstDate = "SpecificDiseasesCertificateDate";
        /// 有効開始年月日.
        from: leaf JstDate = "SpecificDiseasesValidStartDate";
        /// 有効終了年月日: the last day.
        to: leaf JstDate = "SpecificDiseasesValidEndDate";
        /// 自己負担限度額.
        self_pay: leaf Yen = "SpecificDiseasesSelfPay";
    }
}

impl SpecificDisease {
    pub(crate) const ELEMENT: &str = "SpecificDiseasesCertificateInfo";
}

record! {
    /// 医療券・調剤券情報, for 医療扶助.
    MedicalTicket {
        /// 医療券・調剤券別.
        ticket: leaf Ticket = "TicketType";
        /// 有効開始年月日.
        from: leaf JstDate = "MedicalTicketValidDate";
        /// 有効終了年月日: the last day.
        to: leaf JstDate = "MedicalTicketExpirationDate";
        /// 交付番号.
        issue_number: leaf Text = "IssueNumber";
        /// 診療年月.
        month: leaf Month = "MedicalTreatmentMonth";
        /// 指定医療機関コード.
        designated_code: leaf FacilityCode = "DesignatedMedicalInstitutionCode";
        /// 指定医療機関確認フラグ.
        designated: leaf Designated = "DesignatedMedicalInstitutionFlag";
        /// 指定医療機関名.
        designated_name: leaf Text = "DesignatedMedicalInstitutionName";
        /// 処方箋発行元医療機関コード.
        prescriber_code: leaf FacilityCode = "PrescriptionIssuerMedicalInstitutionCode";
        /// 処方箋発行元医療機関名.
        prescriber_name: leaf Text = "PrescriptionIssuerMedicalInstitutionName";
        /// 傷病名1.
        injury_1: leaf Text = "InjuryName1";
        /// 傷病名2.
        injury_2: leaf Text = "InjuryName2";
        /// 傷病名3.
        injury_3: leaf Text = "InjuryName3";
        /// 診療別.
        treatment: leaf Treatment = "MedicalTreatmentType";
        /// 本人支払額.
        self_pay: leaf Yen = "SelfPayAmount";
        /// 地区担当員名.
        district_contact: leaf Text = "DistrictContactName";
        /// 取扱担当者名.
        handling_contact: leaf Text = "HandlingContactName";
        /// 単独・併用別.
        combined: leaf Use = "SingleOrCombinedUse";
        /// 社会保険状況.
        social_insurance: leaf Applies = "StatusOfSocialInsurance";
        /// 社会保険状況の整合性フラグ.
        inconsistent: leaf Inconsistent = "ConsistencyFlag";
        /// 感染症法第37条の2の該当状況; the layout's own spelling.
        infection: leaf Applies = "StatusOfInfecton";
        /// 後期高齢者医療の該当状況.
        late_elderly: leaf Applies = "StatusOfElderlyMedicalCare";
        /// 都道府県費の該当状況.
        prefectural: leaf Applies = "StatusOfPrefecturalExpenses";
        /// 備考1.
        remark_1: leaf Text = "Remarks1";
        /// 備考2.
        remark_2: leaf Text = "Remarks2";
        /// 備考3.
        remark_3: leaf Text = "Remarks3";
    }
}

impl MedicalTicket {
    pub(crate) const ELEMENT: &str = "MedicalTicketInfo";
}

record! {
    /// What is told of a person (資格確認結果).
    Answer {
        /// 被保険者証区分.
        card: leaf Card = "InsuredCardClassification";
        /// 保険者番号.
        insurer_number: leaf InsurerText = "InsurerNumber";
        /// 被保険者証記号.
        symbol: leaf Text = "InsuredCardSymbol";
        /// 被保険者証番号.
        number: leaf Text = "InsuredIdentificationNumber";
        /// 被保険者証枝番.
        branch: leaf Text = "InsuredBranchNumber";
        /// 本人・家族の別.
        relation: leaf Relation = "PersonalFamilyClassification";
        /// 被保険者氏名(世帯主氏名).
        insured_name: leaf Text = "InsuredName";
        /// 氏名.
        name: leaf Text = "Name";
        /// 氏名(その他): the name that the person goes by.
        other_name: leaf Text = "NameOfOther";
        /// 氏名カナ.
        kana: leaf Text = "NameKana";
        /// 氏名カナ(その他).
        other_kana: leaf Text = "NameOfOtherKana";
        /// 性別1: by the register.
        sex: leaf Sex = "Sex1";
        /// 性別2: as the certificate shows it, where that differs.
        shown_sex: leaf Sex = "Sex2";
        /// 生年月日.
        birthdate: leaf JstDate = "Birthdate";
        /// 住所.
        address: leaf Text = "Address";
        /// 郵便番号, `123-4567`.
        post_code: leaf Text = "PostNumber";
        /// 資格取得年月日.
        qualified_on: leaf JstDate = "QualificationDate";
        /// 資格喪失年月日.
        disqualified_on: leaf JstDate = "DisqualificationDate";
        /// 被保険者証交付年月日.
        card_issued: leaf JstDate = "InsuredCertificateIssuanceDate";
        /// 被保険者証有効開始年月日.
        card_from: leaf JstDate = "InsuredCardValidDate";
        /// 被保険者証有効終了年月日: the last day.
        card_to: leaf JstDate = "InsuredCardExpirationDate";
        /// 被保険者証一部負担金割合.
        ratio: leaf Ratio = "InsuredPartialContributionRatio";
        /// 未就学区分.
        preschool: leaf Preschool = "PreschoolClassification";
        /// 資格喪失事由.
        loss: leaf Loss = "ReasonOfLoss";
        /// 保険者名称.
        insurer_name: leaf Text = "InsurerName";
        /// 高齢受給者証情報.
        elderly: node ElderlyCertificate = "ElderlyRecipientCertificateInfo";
        /// 限度額適用認定証提供同意フラグ.
        limit_consent: leaf LimitConsent = "LimitApplicationCertificateRelatedConsFlg";
        /// 限度額適用認定証提供同意日時.
        limit_consent_at: leaf Moment = "LimitApplicationCertificateRelatedConsTime";
        /// 限度額適用認定証関連情報.
        limit: node LimitCertificateInfo = "LimitApplicationCertificateRelatedInfo";
        /// 限度額適用認定証情報変更有無, in bulk answers.
        limit_changed: leaf LimitChanged = "LimitApplicationCertificateChanged";
        /// 特定疾病療養受療証提供同意フラグ.
        disease_consent: leaf Consent = "SpecificDiseasesCertificateRelatedConsFlg";
        /// 特定疾病療養受療証提供同意日時.
        disease_consent_at: leaf Moment = "SpecificDiseasesCertificateRelatedConsTime";
        /// 特定疾病療養受療証情報リスト.
        diseases: list SpecificDisease = "SpecificDiseasesCertificateList";
        /// 医療扶助資格確認結果リスト.
        tickets: list MedicalTicket = "PublicExpenseResultList";
        /// 特定健診情報閲覧同意フラグ.
        checkup_consent: leaf Consent = "SpecificHealthCheckupsInfoConsFlg";
        /// 特定健診情報閲覧同意日時.
        checkup_consent_at: leaf Moment = "SpecificHealthCheckupsInfoConsTime";
        /// 特定健診情報閲覧有効期限.
        checkup_until: leaf Moment = "SpecificHealthCheckupsInfoAvailableTime";
        /// 薬剤情報閲覧同意フラグ.
        medicines_consent: leaf Consent = "PharmacistsInfoConsFlg";
        /// 薬剤情報閲覧同意日時.
        medicines_consent_at: leaf Moment = "PharmacistsInfoConsTime";
        /// 薬剤情報閲覧有効期限.
        medicines_until: leaf Moment = "PharmacistsInfoAvailableTime";
        /// 診療情報閲覧同意フラグ.
        care_consent: leaf Consent = "DiagnosisInfoConsFlg";
        /// 診療情報閲覧同意日時.
        care_consent_at: leaf Moment = "DiagnosisInfoConsTime";
        /// 診療情報閲覧有効期限.
        care_until: leaf Moment = "DiagnosisInfoAvailableTime";
        /// 手術情報閲覧同意フラグ.
        surgery_consent: leaf Consent = "OperationInfoConsFlg";
        /// 手術情報閲覧同意日時.
        surgery_consent_at: leaf Moment = "OperationInfoConsTime";
        /// 手術情報閲覧有効期限.
        surgery_until: leaf Moment = "OperationInfoAvailableTime";
    }
}

impl Answer {
    pub(crate) const ELEMENT: &str = "ResultOfQualificationConfirmation";
}
