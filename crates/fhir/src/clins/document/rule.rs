//! The rules of the documents. `R…` are the published numbers; where a guide states a
//! requirement without one, as a profile's cardinality or value or in its text, the id begins
//! with `CLINS-`. The guides give no date from which any of them holds.

crate::clins::rule::rules! {
    DOCUMENT = "CLINS-DOCUMENT", "診療情報提供書・退院時サマリー・患者サマリー(療養計画書)・健診結果報告書・自治体検診結果報告書の Bundle を送り、meta.profile にその種類を書いてください。", "send the Bundle of a referral letter, discharge summary, care plan, checkup or municipal checkup report, and name its profile in meta.profile";
    TYPE = "CLINS-DOCUMENT-TYPE", "文書の Bundle.type を document にしてください。", "set the type of a document's Bundle to document";
    ENTRIES_MIN = "CLINS-ENTRIES-MIN", "entry が足りません。この文書に必要なリソースをすべて入れてください。", "too few entries; send every resource that this document needs";
    ENTRY_COUNT = "CLINS-ENTRY-COUNT", "このリソースの数を、この文書で決められた範囲にしてください。", "send as many resources of this type as this document asks for";
    ENTRY_ORDER = "CLINS-ENTRY-ORDER", "entry の順を Composition・Patient・Practitioner・Organization・Encounter・CarePlan・Condition にしてください。", "order the entries Composition, Patient, Practitioner, Organization, Encounter, CarePlan, Condition";
    COMPOSITION_FIRST = "CLINS-COMPOSITION-FIRST", "entry の先頭を Composition にし、1つだけ入れてください。", "make the one Composition the first entry";
    ADDRESS = "CLINS-ENTRY-ADDRESS", "fullUrl を urn:uuid: で始まるUUIDなどの絶対アドレスにし、Bundle の中で重ならないようにしてください。", "give every entry a fullUrl that is an absolute address, such as urn:uuid: and a UUID, and that no other entry has";
    UNRESOLVED = "CLINS-REFERENCE-UNRESOLVED", "参照先のリソースを Bundle に入れるか、参照を entry の fullUrl と同じにしてください。", "put the resource that is referred to into the Bundle, or write its entry's fullUrl";
    TARGET = "CLINS-REFERENCE-TARGET", "ここから参照できる種類のリソースを参照してください。", "refer to a resource of a type that this place allows";
    OTHER_PATIENT = "CLINS-REFERENCE-PATIENT", "患者の参照を、文書の Patient の fullUrl にしてください。", "point to the document's Patient by its fullUrl";
    VERSION = "CLINS-DOCUMENT-VERSION", "文書の版番号の拡張(composition-clinicaldocument-versionNumber)を1つ書いてください。", "give the extension with the document's version once";
    COMPOSITION_ID = "CLINS-COMPOSITION-ID", "Composition.identifier の値は「医療機関番号10桁^西暦4桁^32文字以内」が推奨されています。", "the form institution number, ^, year, ^, at most 32 characters is recommended for Composition.identifier";
    AUTHOR = "CLINS-DOCUMENT-AUTHOR", "作成者に、医師と医療機関の両方を書くことが推奨されています。", "naming both the doctor and the institution as authors is recommended";
    SECTION_MISSING = "CLINS-SECTION-MISSING", "この文書で必須のセクションを加えてください。", "add the section that this document requires";
    SECTION_TWICE = "CLINS-SECTION-TWICE", "このセクションは1つだけにしてください。", "give this section once";
    SECTION_CODE = "CLINS-SECTION-CODE", "セクションのコードを、この文書の document-section(健診は section-code)のコード1つにしてください。", "give the section one code of this document's section codes";
    SECTION_PLACE = "CLINS-SECTION-PLACE", "このセクションは、この場所では読まれないことがあります。", "this section may not be read at this place";
    SECTION_TITLE = "CLINS-SECTION-TITLE", "セクションの title を決められた文字列にしてください。", "use the fixed title of the section";
    SECTION_TEXT = "CLINS-SECTION-TEXT", "セクションの text は status を additional とし、置けない場所では省いてください。", "set the status of the section's text to additional, and leave the text out where none is allowed";
    SECTION_ELEMENT = "CLINS-SECTION-ELEMENT", "このセクションに置けない要素です。削除してください。", "this element is not allowed in this section; remove it";
    SECTION_ENTRIES = "CLINS-SECTION-ENTRIES", "このセクションの entry の数を、決められた範囲にしてください。", "give this section as many entries as it asks for";
    SECTION_BODY = "CLINS-SECTION-BODY", "CDA参照セクション(200)と構造情報セクション(300)は、どちらか一方だけにしてください。", "give either the CDA section (200) or the structured section (300), not both";
    ADDRESSEE = "CLINS-ADDRESSEE", "紹介先セクション(910)に、宛先の医療機関(Organization)を1つ入れてください。", "name the one institution that the letter is addressed to in section 910";
    NOT_ALLOWED = "CLINS-NOT-ALLOWED", "この文書では使えない要素です。削除してください。", "this element is not allowed in this document; remove it";
    TOO_MANY = "CLINS-TOO-MANY", "この要素の数を、決められた数までにしてください。", "give this element no more often than allowed";
    FIXED = "CLINS-FIXED", "決められた値にしてください。", "use the fixed value";
    ATTACHMENTS_MAX = "CLINS-ATTACHMENTS-MAX", "添付ファイルは1文書に20個までにしてください。", "attach at most 20 files to a document";
    ATTACHMENT = "CLINS-ATTACHMENT", "添付ファイルに contentType と data を書いてください。", "give contentType and data of the attached file";
    ATTACHMENT_OUTSIDE = "CLINS-ATTACHMENT-OUTSIDE", "文書の外にあるファイルは受け手が読めません。data に入れることが推奨されています。", "receivers cannot read a file outside the document; putting it into data is recommended";
    ATTACHMENT_NONE = "CLINS-ATTACHMENT-NONE", "健診結果報告書にファイルは添付できません。", "a checkup report carries no files";
    NESTED = "CLINS-NESTED", "文書の中に入れられる文書は、診療情報提供書に添付する退院時サマリーだけです。", "the only document inside a document is a discharge summary attached to a referral letter";
    ALLERGY_CATEGORY = "CLINS-ALLERGY-CATEGORY", "アレルギーの category に biologic は使えません。medication・food・environment を使ってください。", "do not use the category biologic of an allergy; use medication, food or environment";
    COMPLAINT = "CLINS-COMPLAINT", "傷病名・主訴セクション(340)には、傷病名か主訴を1つ以上 Condition で入れてください。", "name at least one condition or complaint as a Condition in section 340";
    R1112 = "R1112", "氏名に漢字(IDE)かカナ(SYL)の区別の拡張を付けてください。", "mark a name as ideographic (IDE) or kana (SYL)";
    MUNICIPAL_ITEM = "CLINS-MUNICIPAL-ITEM", "自治体検診の項目表にあるコードを使ってください。", "use a code of the item table of municipal checkups";
    MUNICIPAL_VALUE = "CLINS-MUNICIPAL-VALUE", "項目表で決められた名称・分類・値の型・コード表・単位にしてください。", "use the name, category, type of value, code list and unit that the item table gives";
    CHECKUP_STATUS = "CLINS-CHECKUP-STATUS", "未実施(cancelled)の項目は値を書かず dataAbsentReason を書き、それ以外は値を書いてください。", "give dataAbsentReason and no value for what was cancelled, and a value otherwise";
    MUNICIPAL_BODY = "CLINS-MUNICIPAL-BODY", "結果のセクションと添付書類セクション(01990)は、どちらか一方だけにしてください。", "give either the sections of results or the section of attachments (01990), not both";
    MUNICIPAL_ID = "CLINS-MUNICIPAL-ID", "識別子を決められた形(医療機関番号10桁、保険者番号8桁、施設患者IDのOIDなど)にしてください。", "write the identifier in its form: ten digits of an institution, eight of an insurer, or the system of local patient numbers";
}
