//! Why a document or a letter is not taken, not changed or not shown.

kernel::catalog! {
    /// The addressee has opened it.
    OPENED = "TSK-REC-030", 409, "conflict",
        cause: "紹介先の施設が開封しているため、この文書は差し替え・削除できません。", "the addressee has opened the document, so it can be neither replaced nor deleted";
        remedy: "内容を直すときは変更($change)、送るのをやめるときは取消($cancel)を使ってください。", "send a new version by $change, or take it back by $cancel";
        source: "clins-documents section b: 取消・変更; peers D31";
    /// It is cancelled.
    CANCELLED = "TSK-REC-031", 409, "conflict",
        cause: "この文書は取り消されています。", "the document is cancelled";
        remedy: "取消を元に戻す($undo)か、新しい識別子で登録してください。", "undo the cancellation by $undo, or register under another identifier";
        source: "clins-documents section b: 取消・取消UNDO";
    /// It is not cancelled.
    NOT_CANCELLED = "TSK-REC-032", 409, "conflict",
        cause: "この文書は取り消されていないため、取消を元に戻せません。", "the document is not cancelled, so there is nothing to undo";
        remedy: "取り消すときは $cancel を使ってください。", "to cancel it use $cancel";
        source: "clins-documents section b: 取消UNDO";
    /// It is addressed to nobody.
    NO_ADDRESSEE = "TSK-REC-033", 409, "business-rule",
        cause: "この文書には紹介先がありません。", "the document is addressed to nobody";
        remedy: "紹介先のある診療情報提供書を指定してください。", "name a referral letter with an addressee";
        source: "clins-documents section b: only 診療情報提供書 has an addressee";
    /// There is no consent to take back.
    CONSENT_MISSING = "TSK-REC-034", 409, "business-rule",
        cause: "患者さんの同意が登録されていないため、撤回できません。", "no consent is on record, so there is none to withdraw";
        remedy: "送るのをやめるときは取消($cancel)を使ってください。", "to take the letter back use $cancel";
        source: "peers D31; 口頭同意の記録";
    /// The consent was acted upon.
    CONSENT_USED = "TSK-REC-035", 409, "business-rule",
        cause: "紹介先の施設が開封したあとなので、同意を撤回できません。", "the addressee has opened the letter, so the consent cannot be withdrawn";
        remedy: "以後の閲覧を止めるときは取消($cancel)を使い、紹介先の施設にも連絡してください。", "cancel the letter by $cancel so that it is read no more, and tell the addressee";
        source: "peers D31; 口頭同意の撤回";
    /// It has not been opened.
    UNOPENED = "TSK-REC-036", 409, "business-rule",
        cause: "まだ開封していない文書です。", "the letter has not been opened";
        remedy: "先に開封(open)してください。開封すると、送った施設に開封の知らせが届きます。", "open it first; the sender is then told that it was opened";
        source: "peers D31: read receipt";
    /// It has been answered.
    ANSWERED = "TSK-REC-037", 409, "conflict",
        cause: "この文書には、すでに返書があります。", "the letter has been answered already";
        remedy: "続けて連絡するときは、新しい診療情報提供書を送ってください。", "to write again send a new referral letter";
        source: "peers D33: a reply closes the loop";
    /// The version is not later than what stands.
    VERSION = "TSK-REC-038", 409, "conflict",
        cause: "文書の版番号が、登録されている版より新しくありません。", "the document's version is not later than what is registered";
        remedy: "版番号(composition-clinicaldocument-versionNumber)を、登録されている版より大きくしてください。", "give a greater composition-clinicaldocument-versionNumber than the one that is registered";
        source: "clins-documents section b: versionNumber, 変更";
    /// There is no such document of this member.
    DOCUMENT_UNKNOWN = "TSK-REC-039", 404, "not-found",
        cause: "指定された文書は登録されていません。", "there is no document with this identifier for this member";
        remedy: "登録したときの識別子と被保険者個人識別子を指定してください。新しい文書は $register で登録します。", "give identifier and member identifier as registered; a new document is sent by $register";
        source: "clins-documents section b: keyed by institution, member and identifier";
    /// There is no such letter for the caller's facility.
    LETTER_UNKNOWN = "TSK-REC-040", 404, "not-found",
        cause: "該当する文書がありません。", "there is no such letter";
        remedy: "一覧を開き直し、表示されている文書を選んでください。", "open the list again and choose a letter that is in it";
        source: "identity-security AUTHZ-04: no difference between absent and forbidden";
    /// The sender took the letter back after it was opened.
    LETTER_CANCELLED = "TSK-REC-041", 410, "deleted",
        cause: "送った施設がこの文書を取り消しました。", "the sender has cancelled this letter";
        remedy: "内容が必要なときは、送った施設に問い合わせてください。", "ask the sender if you need it";
        source: "clins-documents section b: 取消";
    /// The addressee is no facility here.
    ADDRESSEE_UNKNOWN = "TSK-REC-042", 422, "not-found",
        cause: "紹介先の医療機関コードに当てはまる施設が、この基盤にありません。", "the addressed institution is not connected";
        remedy: "紹介先の医療機関コード(10けた)を確かめてください。つながっていない施設へは、印刷して渡してください。", "check the ten-digit number; hand the letter over on paper when the addressee is not connected";
        source: "clins-documents section b: 紹介先 910 is required";
    /// The addressee is the sender.
    ADDRESSEE_SELF = "TSK-REC-043", 422, "business-rule",
        cause: "紹介先が自院になっています。", "the letter is addressed to its own sender";
        remedy: "紹介先の医療機関コードを直してください。院内の紹介には、この仕組みは使えません。", "name another institution; referrals inside one institution do not go this way";
        source: "clins-documents section b: 紹介先 and 紹介元 are institutions";
    /// Another kind of document stands under the identifier.
    KIND_OTHER = "TSK-REC-044", 409, "conflict",
        cause: "同じ識別子で、別の種類の文書が登録されています。", "a document of another kind is registered under this identifier";
        remedy: "新しい識別子で登録してください。", "register it under another identifier";
        source: "clins-documents section b: Bundle.identifier";
    /// A declared type that is not taken.
    FILE_KIND = "TSK-REC-045", 422, "not-supported",
        cause: "添付ファイルの種類(contentType)は受け付けていません。", "the attachment's declared type is not taken";
        remedy: "PDF、JPEG、PNG、GIF、TIFF、DICOM、テキスト(UTF-8)、CDA(XML、UTF-8)のいずれかで添付してください。", "attach PDF, JPEG, PNG, GIF, TIFF, DICOM, plain text or CDA (XML), texts in UTF-8";
        source: "identity-security T16; clins-documents section b: attachments";
    /// The bytes are of another type than declared.
    FILE_TYPE = "TSK-REC-046", 422, "invalid",
        cause: "添付ファイルの中身が、申告された種類(contentType)と一致しません。", "the attachment's bytes are not of the declared type";
        remedy: "contentType をファイルの中身に合わせてください。", "declare the type that the file has";
        source: "identity-security T16";
    /// A kind of file that could do harm.
    FILE_DANGEROUS = "TSK-REC-047", 422, "not-supported",
        cause: "実行ファイル、書庫(ZIPなど)、HTML、SVGは添付できません。", "programs, archives, HTML and SVG are not taken as attachments";
        remedy: "PDFまたは画像に変換して添付してください。", "convert it to PDF or an image";
        source: "identity-security T16";
    /// Too many files.
    FILES_MANY = "TSK-REC-048", 422, "too-costly",
        cause: "添付ファイルは1回の送信につき20個までです。", "a document carries 20 files at most";
        remedy: "ファイルをまとめるか、分けて送信してください。", "join files, or send them in several documents";
        source: "clins-documents section b: 20 files";
    /// A file that cannot be read.
    FILE_UNREADABLE = "TSK-REC-049", 422, "invalid",
        cause: "添付ファイルを読み取れませんでした(空、途中で切れている、base64の誤り、文書の外にある、など)。", "the attachment cannot be read: it is empty, cut off, no base64, or not inside the document";
        remedy: "ファイルをbase64で文書の中に入れ、もう一度送信してください。", "put the file into the document as base64 and send it again";
        source: "HL7 FHIR R4 Attachment.data; clins-documents section b";
    /// The consent's time makes no sense.
    CONSENT_TIME = "TSK-REC-051", 422, "value",
        cause: "同意を得た日時が正しくありません(未来の日時、または1年以上前の日時です)。", "the time of the consent lies in the future or more than a year back";
        remedy: "患者さんから口頭で同意を得た日時を指定してください。", "give the time at which the patient consented";
        source: "peers D31; 口頭同意の記録";
    /// Nobody is named who obtained the consent.
    CONSENT_BY = "TSK-REC-052", 422, "required",
        cause: "同意を得た職員の名前がないか、長すぎます。", "the name of who obtained the consent is missing or too long";
        remedy: "口頭で同意を得た職員の名前を100字以内で入力してください。", "give the name of the member of staff, at most 100 characters";
        source: "peers D31; 口頭同意の記録";
    /// The answer lacks what its kind needs.
    ANSWER_TEXT = "TSK-REC-053", 422, "required",
        cause: "返書の本文または理由がないか、長すぎます。", "the text or reason of the answer is missing or too long";
        remedy: "返書は本文を、お断り・転送は理由を、4000字以内で入力してください。", "give a text for a reply, a reason for declining or forwarding, at most 4,000 characters";
        source: "peers D33";
    /// To whom it is forwarded is not known.
    FORWARD_UNKNOWN = "TSK-REC-054", 422, "not-found",
        cause: "転送先の医療機関コードに当てはまる施設が、この基盤にありません。", "the institution that it is forwarded to is not connected";
        remedy: "転送先の医療機関コード(10けた)を確かめてください。", "check the ten-digit number";
        source: "peers D33";
    /// What is enclosed is not the sender's document of the same person.
    ENCLOSURE = "TSK-REC-055", 422, "business-rule",
        cause: "添える文書が、自院が登録した同じ患者さんの文書ではないか、取り消されています。", "the enclosed document is not one of your own for the same person, or is cancelled";
        remedy: "自院が登録した退院時サマリーなどの識別子を指定してください。", "name a document, such as a discharge summary, that your institution registered for this person";
        source: "clins-documents section b: 退院時サマリー only as an attachment to 診療情報提供書";
    /// There is no such file in the document.
    FILE_UNKNOWN = "TSK-REC-056", 404, "not-found",
        cause: "該当する添付ファイルがありません。", "there is no such attachment";
        remedy: "文書を開き直し、表示されている添付ファイルを選んでください。", "open the document again and choose an attachment that is listed";
        source: "identity-security AUTHZ-04";
    /// Another addressee in a later version.
    ADDRESSEE_OTHER = "TSK-REC-057", 409, "conflict",
        cause: "開封されたあとに、紹介先を変えることはできません。", "the addressee cannot be changed after the letter was opened";
        remedy: "別の施設へは、新しい診療情報提供書を送ってください。", "send a new referral letter to the other institution";
        source: "peers D31";
    /// A list was asked for in words that do not exist.
    LIST_WORD = "TSK-REC-058", 400, "value",
        cause: "一覧の指定が正しくありません。", "the list is asked for with a word that does not exist";
        remedy: "state と after には、案内にある値を指定してください。", "give state and after as documented";
        source: "OpenAPI document";
    /// A reason that is missing or too long.
    REASON = "TSK-REC-059", 422, "required",
        cause: "取消の理由が長すぎます。", "the reason of the cancellation is too long";
        remedy: "理由は200字以内で入力してください。", "give at most 200 characters";
        source: "clins-documents section b: 取消";
    /// A letter without an addressee's institution.
    ADDRESSEE_MISSING = "TSK-REC-060", 422, "required",
        cause: "紹介先(910セクション)に医療機関コードがありません。", "the addressee (section 910) has no institution number";
        remedy: "紹介先の医療機関コード(10けた)を Organization.identifier に入れてください。", "put the addressee's ten-digit number into Organization.identifier";
        source: "clins-documents section b: addressee required";
    /// Only documents have versions.
    NOT_DOCUMENT = "TSK-REC-061", 422, "not-supported",
        cause: "変更($change)は、診療情報提供書・退院時サマリー・患者サマリー・健診結果報告書にだけ使えます。", "only the four documents are changed by $change";
        remedy: "傷病名・アレルギー・検査のBundleは、同じ識別子でもう一度 $register で送ると差し替わります。", "send a Bundle of conditions, allergies or results again by $register under the same identifier";
        source: "clins-documents section b: Replace/delete, 変更";
}
