//! Headers, questions, receipts and the answers around the people.

use kernel::{code::FacilityCode, time::JstDate};

use super::{Answer, Limits, Message};
use crate::{
    codes::{LimitConsent, PrescriptionIssue, Reference, Segment, Setting, Status, Validity},
    leaf::{Count, Given, InsurerText, Moment, Month, Text},
    record::{Stamp, record},
};

record! {
    /// The header of a question.
    RequestHeader {
        /// 資格確認日.
        qualification_confirmation_date: leaf JstDate = "QualificationConfirmationDate";
        /// 医療機関コード, ten digits.
        medical_institution_code: need FacilityCode = "MedicalInstitutionCode";
        /// 任意のファイル識別子: comes back in the answer.
        arbitrary_file_identifier: leaf Text = "ArbitraryFileIdentifier";
        /// 文字コード識別; questions of the layout have none, but it may be there.
        character_code: check Stamp = "CharacterCodeIdentifier";
    }
}

record! {
    /// Who is asked about (資格確認照会用情報), as the facility gave it.
    SearchInfo {
        /// 保険者番号.
        insurer_number: leaf InsurerText = "InsurerNumber";
        /// 被保険者証記号.
        insured_card_symbol: leaf Text = "InsuredCardSymbol";
        /// 被保険者証番号.
        insured_identification_number: leaf Text = "InsuredIdentificationNumber";
        /// 被保険者証枝番.
        insured_branch_number: leaf Text = "InsuredBranchNumber";
        /// 生年月日.
        birthdate: leaf Given<JstDate> = "Birthdate";
        /// 限度額適用認定証提供同意フラグ.
        limit_consent: leaf Given<LimitConsent> = "LimitApplicationCertificateRelatedConsFlg";
        /// 任意の識別子: comes back with this person's result.
        arbitrary_identifier: leaf Text = "ArbitraryIdentifier";
    }
}

record! {
    /// The body of a question about one person.
    SingleRequestBody {
        /// Who.
        search: must SearchInfo = "QualificationConfirmSearchInfo";
    }
}

record! {
    /// A question about one person: `OQSsiquc01req`.
    SingleRequest {
        /// From whom, for which date.
        header: must RequestHeader = "MessageHeader";
        /// About whom.
        body: must SingleRequestBody = "MessageBody";
    }
}

impl Message for SingleRequest {
    const LIMITS: Limits = Limits::SINGLE;
}

record! {
    /// The header of an answer about one person.
    SingleResponseHeader {
        /// 処理実行日時.
        process_execution_time: leaf Moment = "ProcessExecutionTime";
        /// 資格確認日.
        qualification_confirmation_date: leaf JstDate = "QualificationConfirmationDate";
        /// 医療機関コード.
        medical_institution_code: leaf FacilityCode = "MedicalInstitutionCode";
        /// 任意のファイル識別子, as it came.
        arbitrary_file_identifier: leaf Text = "ArbitraryFileIdentifier";
        /// 照会区分.
        reference_classification: leaf Reference = "ReferenceClassification";
        /// 処理結果区分.
        segment_of_result: need Segment = "SegmentOfResult";
        /// エラーコード, when the file was not taken.
        error_code: leaf Text = "ErrorCode";
        /// エラーメッセージ.
        error_message: leaf Text = "ErrorMessage";
        /// 文字コード識別.
        character_code: stamp Stamp = "CharacterCodeIdentifier";
    }
}

record! {
    /// The body of an answer about one person.
    SingleResponseBody {
        /// What was asked, when it comes back.
        search: node SearchInfo = "QualificationConfirmSearchInfo";
        /// 処理結果状況.
        processing_result_status: leaf Status = "ProcessingResultStatus";
        /// 処理結果コード.
        processing_result_code: leaf Text = "ProcessingResultCode";
        /// 処理結果メッセージ: shown at the counter as it is.
        processing_result_message: leaf Text = "ProcessingResultMessage";
        /// 資格有効性.
        qualification_validity: leaf Validity = "QualificationValidity";
        /// 処方箋発行形態.
        prescription_issue_select: leaf PrescriptionIssue = "PrescriptionIssueSelect";
        /// 照会番号: the facility's own number for the person.
        reference_number: leaf Text = "ReferenceNumber";
        /// 資格確認結果リスト.
        results: list Answer = "ResultList";
    }
}

record! {
    /// An answer about one person: `OQSsiquc01res`, and `OQSsiquc01res_face` by card.
    SingleResponse {
        /// What became of the question.
        header: must SingleResponseHeader = "MessageHeader";
        /// The person's result; empty when the question was not taken.
        body: must SingleResponseBody = "MessageBody";
    }
}

impl Message for SingleResponse {
    const LIMITS: Limits = Limits::SINGLE;
}

record! {
    /// The body of a question about many.
    BulkRequestBody {
        /// About whom.
        searches: many SearchInfo = "QualificationConfirmSearchInfo";
    }
}

record! {
    /// A question about many people: `OQSmuquc01req`.
    BulkRequest {
        /// From whom, for which date.
        header: must RequestHeader = "MessageHeader";
        /// About whom.
        body: must BulkRequestBody = "MessageBody";
    }
}

impl Message for BulkRequest {
    const LIMITS: Limits = Limits::BULK;
}

record! {
    /// The header of a receipt.
    BulkReceiptHeader {
        /// 処理実行日時.
        process_execution_time: leaf Moment = "ProcessExecutionTime";
        /// 医療機関コード.
        medical_institution_code: leaf FacilityCode = "MedicalInstitutionCode";
        /// 任意のファイル識別子, as it came.
        arbitrary_file_identifier: leaf Text = "ArbitraryFileIdentifier";
        /// 処理結果区分.
        segment_of_result: leaf Segment = "SegmentOfResult";
        /// エラーコード, when the file was not taken.
        error_code: leaf Text = "ErrorCode";
        /// エラーメッセージ.
        error_message: leaf Text = "ErrorMessage";
        /// 文字コード識別.
        character_code: stamp Stamp = "CharacterCodeIdentifier";
    }
}

record! {
    /// The body of a receipt.
    BulkReceiptBody {
        /// 受付番号: with it the result is fetched.
        reception_number: leaf Text = "ReceptionNumber";
        /// 受付日時.
        reception_date_time: leaf Moment = "ReceptionDateTime";
    }
}

record! {
    /// The receipt of a question about many: `OQSmuquc01res`.
    BulkReceipt {
        /// What became of the file.
        header: must BulkReceiptHeader = "MessageHeader";
        /// The number of the reception.
        body: must BulkReceiptBody = "MessageBody";
    }
}

impl Message for BulkReceipt {
    const LIMITS: Limits = Limits::SINGLE;
}

record! {
    /// The header of a question for a result.
    FetchHeader {
        /// 医療機関コード.
        medical_institution_code: need FacilityCode = "MedicalInstitutionCode";
        /// 任意のファイル識別子.
        arbitrary_file_identifier: leaf Text = "ArbitraryFileIdentifier";
        /// 文字コード識別.
        character_code: check Stamp = "CharacterCodeIdentifier";
    }
}

record! {
    /// The body of a question for a result.
    BulkFetchBody {
        /// 受付番号.
        reception_number: need Text = "ReceptionNumber";
    }
}

record! {
    /// A question for the result of a bulk file: `OQSmuquc02req` and its like.
    BulkFetch {
        /// From whom.
        header: must FetchHeader = "MessageHeader";
        /// For which reception.
        body: must BulkFetchBody = "MessageBody";
    }
}

impl Message for BulkFetch {
    const LIMITS: Limits = Limits::SINGLE;
}

record! {
    /// The header of a bulk result.
    BulkAnswerHeader {
        /// 処理実行日時.
        process_execution_time: leaf Moment = "ProcessExecutionTime";
        /// 資格確認日.
        qualification_confirmation_date: leaf JstDate = "QualificationConfirmationDate";
        /// 医療機関コード.
        medical_institution_code: leaf FacilityCode = "MedicalInstitutionCode";
        /// 任意のファイル識別子, as it came.
        arbitrary_file_identifier: leaf Text = "ArbitraryFileIdentifier";
        /// 受付番号.
        reception_number: leaf Text = "ReceptionNumber";
        /// 処理結果区分.
        segment_of_result: need Segment = "SegmentOfResult";
        /// エラーコード, when there is no result.
        error_code: leaf Text = "ErrorCode";
        /// エラーメッセージ.
        error_message: leaf Text = "ErrorMessage";
        /// 処理結果件数.
        processed: leaf Count = "NumberOfProcessingResult";
        /// 正常処理件数.
        done: leaf Count = "NumberOfNormalProcessing";
        /// エラー件数.
        failed: leaf Count = "NumberOfError";
        /// 文字コード識別.
        character_code: stamp Stamp = "CharacterCodeIdentifier";
    }
}

record! {
    /// One person's result in a bulk file (一括照会単位).
    BulkUnit {
        /// What was asked.
        search: node SearchInfo = "QualificationConfirmSearchInfo";
        /// 処理結果状況.
        processing_result_status: leaf Status = "ProcessingResultStatus";
        /// 処理結果コード.
        processing_result_code: leaf Text = "ProcessingResultCode";
        /// 処理結果メッセージ.
        processing_result_message: leaf Text = "ProcessingResultMessage";
        /// 資格有効性.
        qualification_validity: leaf Validity = "QualificationValidity";
        /// 資格確認結果.
        result: node Answer = "ResultOfQualificationConfirmation";
        /// 照会番号.
        reference_number: leaf Text = "ReferenceNumber";
    }
}

record! {
    /// The body of a bulk result.
    BulkAnswerBody {
        /// One a person, in the order of the question.
        units: many BulkUnit = "BulkConfirmUnit";
    }
}

record! {
    /// The result of a bulk file: `OQSmuquc02res`.
    BulkAnswer {
        /// What became of the file, with figures.
        header: must BulkAnswerHeader = "MessageHeader";
        /// The people's results.
        body: must BulkAnswerBody = "MessageBody";
    }
}

impl Message for BulkAnswer {
    const LIMITS: Limits = Limits::BULK;
}

record! {
    /// Which people are asked about, by month or by days.
    RangeInfo {
        /// 診療年月, for 医療扶助.
        medical_treatment_month: leaf Month = "MedicalTreatmentMonth";
        /// First day of care.
        examination_from: leaf JstDate = "ExaminationDateFrom";
        /// Last day of care.
        examination_to: leaf JstDate = "ExaminationDateTo";
        /// First day of consent.
        consent_from: leaf JstDate = "ConsentDateFrom";
        /// Last day of consent.
        consent_to: leaf JstDate = "ConsentDateTo";
        /// 診療区分.
        medical_treatment_flag: leaf Setting = "MedicalTreatmentFlag";
    }
}

record! {
    /// The body of a question by month or days.
    RangeRequestBody {
        /// Which people.
        search: must RangeInfo = "QualificationConfirmSearchInfo";
    }
}

record! {
    /// A question about all who came in a time: `OQSmutic01req`, `OQSmuhvq01req`, `OQSmuonq01req`.
    RangeRequest {
        /// From whom.
        header: must FetchHeader = "MessageHeader";
        /// Which people.
        body: must RangeRequestBody = "MessageBody";
    }
}

impl Message for RangeRequest {
    const LIMITS: Limits = Limits::SINGLE;
}
