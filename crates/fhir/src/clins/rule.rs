//! The rules, each with its published number or our own id, and how to mend a breach.
//!
//! Numbers are those of the constraints in the JP-CLINS profiles. Where the guide states a
//! requirement without a number the id begins with `CLINS-`.

use kernel::time::JstDate;

/// Year, month, day: a date that a constant can hold.
pub type Day = (i16, i8, i8);

/// A rule, its remedy, and when it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Published number, or our own id.
    pub id: &'static str,
    /// How to mend it, in Japanese.
    pub ja: &'static str,
    /// How to mend it, in English.
    pub en: &'static str,
    /// The first day on which it holds; `None`: it always did.
    pub from: Option<Day>,
    /// The first day on which it holds no longer; `None`: without end.
    pub until: Option<Day>,
}

/// How a rule stands to a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Force {
    /// It holds.
    Now,
    /// It will hold: worth a warning.
    Later,
    /// It holds no longer.
    Gone,
}

impl Rule {
    /// A rule without dates.
    pub(super) const fn always(id: &'static str, ja: &'static str, en: &'static str) -> Self {
        Self {
            id,
            ja,
            en,
            from: None,
            until: None,
        }
    }

    /// How the rule stands to `on`.
    pub(super) fn force(&self, on: JstDate) -> Force {
        let day = (on.year(), on.month(), on.day());
        match (self.from, self.until) {
            (Some(from), _) if day < from => Force::Later,
            (_, Some(until)) if day >= until => Force::Gone,
            _ => Force::Now,
        }
    }
}

/// A table of rules: constants by name, and `RULES` with all of them.
macro_rules! rules {
    ($( $name:ident = $id:literal, $ja:literal, $en:literal; )+) => {
        $( pub(in crate::clins) const $name: $crate::clins::Rule =
            $crate::clins::Rule::always($id, $ja, $en); )+
        /// Every rule of this table, for the catalogue of errors.
        pub const RULES: &[$crate::clins::Rule] = &[$($name),+];
    };
}
pub(super) use rules;

rules! {
    R0211 = "R0211", "entry の先頭を Patient にしてください。", "make Patient the first entry";
    R0212 = "R0212", "先頭の Patient の meta.profile に JP_Patient_eCS を書いてください。", "name JP_Patient_eCS in the patient's meta.profile";
    R0213 = "R0213", "Bundle の meta.profile に JP_Bundle_CLINS を書いてください。", "name JP_Bundle_CLINS in the Bundle's meta.profile";
    R02141 = "R02141", "meta.tag に、収納するリソース型(AllergyIntolerance・Condition・Observation)を書いてください。", "tag the Bundle with the resource type that it holds";
    R02142 = "R02142", "meta.tag のリソース型は AllergyIntolerance・Condition・Observation のうち1つだけにしてください。", "tag the Bundle with exactly one of AllergyIntolerance, Condition and Observation";
    R02143 = "R02143", "meta.tag のリソース型のリソースを1つ以上入れてください。", "send at least one resource of the tagged type";
    R02151 = "R02151", "Bundle.identifier.system を http://jpfhir.jp/fhir/clins/bundle-identifier にしてください。", "set Bundle.identifier.system to http://jpfhir.jp/fhir/clins/bundle-identifier";
    R2152 = "R2152", "Bundle.identifier.value を「医療機関番号10桁^西暦4桁^英数字とハイフン36文字以内」にしてください。", "write Bundle.identifier.value as institution number, ^, year, ^, at most 36 letters, digits or hyphens";
    R1010 = "R1010", "施設患者IDの system は urn:oid:1.2.392.100495.20.3.51.1 に医療機関番号10桁を続け、1つだけにしてください。", "give the local patient number once, its system ending in 1 and the ten digits of the institution";
    R1011 = "R1011", "施設患者IDの system の医療機関番号を、医療機関番号拡張と同じにしてください。", "use the same institution in the local patient number and the institution extension";
    R1012 = "R1012", "被保険者個人識別子(JP_Insurance_memberID)を1つだけ書いてください。", "give the insured person's identifier exactly once";
    R1013 = "R1013", "被保険者個人識別子を「保険者番号8桁:記号:番号:枝番2桁」にしてください。無い部分は空にし、コロンは残します。", "write the identifier as eight digits:symbol:number:branch; leave missing parts empty and keep the colons";
    R1021 = "R1021", "医療機関番号を「都道府県2桁・点数表1桁(1〜3)・7桁」の10桁にしてください。", "write the institution number in ten digits: prefecture, fee table 1 to 3, seven digits";
    R1090 = "R1090", "施設医師IDの system は urn:oid:1.2.392.100495.20.3.41.1 に医療機関番号10桁を続けてください。", "end the system of the local doctor number in 1 and the ten digits of the institution";
    R1113 = "R1113", "氏名の姓と名は半角空白で区切ってください。全角空白は使えません。", "separate the parts of the name with an ASCII space, not a full-width one";
    R2011 = "R2011", "医薬品アレルギーでは criticality を high にすることが推奨されています。", "criticality high is recommended for an allergy to a drug";
    R3010 = "R3010", "医薬品コードに YJコード・一般名処方コード・標準コードなし のいずれか1つを加えてください。", "add one of YJ code, general name code, or the code for no standard code";
    R5020 = "R5020", "用法コードに電子処方箋の用法コードかダミー用法コードのどちらかを書いてください。", "give either a usage code of electronic prescriptions or the dummy usage code";
    R5021 = "R5021", "電子処方箋の用法コードとダミー用法コードは同時に使えません。どちらかにしてください。", "give only one of the usage code and the dummy usage code";
    R6021 = "R6021", "検査項目コードに施設のローカルコード(JP_CLINS_ObsLabResult_LocalCode_CS)を加えてください。", "add the institution's own code of the item (JP_CLINS_ObsLabResult_LocalCode_CS)";
    R901101 = "R901101", "医療機関番号拡張(JP_eCS_InstitutionNumber)を加えてください。", "add the extension with the institution number";
    R9011 = "R9011", "Patient 以外のリソースに医療機関番号拡張(JP_eCS_InstitutionNumber)を加えてください。", "add the extension with the institution number to every resource but the patient";
    R9012 = "R9012", "医療機関番号拡張の値を正しい10桁にしてください。", "write the ten digits of the institution number in the extension";
    R9013C = "R9013C", "Condition の contained に JP_Encounter を入れてください。", "contain a JP_Encounter in the Condition";
    R9013O = "R9013O", "Observation の contained に JP_Encounter を入れてください。", "contain a JP_Encounter in the Observation";
    R9014C = "R9014C", "Condition に診療科拡張(JP_eCS_Department)を加えてください。", "add the extension with the department to the Condition";
    R9014O = "R9014O", "Observation に診療科拡張(JP_eCS_Department)を加えてください。", "add the extension with the department to the Observation";
    R9015C = "R9015C", "Condition の onsetDateTime を書いてください。", "give the Condition's onsetDateTime";
    R9016C = "R9016C", "Condition の encounter から contained の Encounter を参照してください。", "point from the Condition's encounter to the contained Encounter";
    R9016O = "R9016O", "Observation の encounter から contained の Encounter を参照してください。", "point from the Observation's encounter to the contained Encounter";
    R9017O = "R9017O", "Observation の contained に Practitioner を入れてください。", "contain a Practitioner in the Observation";
    R9019O = "R9019O", "Observation の performer から contained の Practitioner を参照してください。", "point from the Observation's performer to the contained Practitioner";
    BUNDLE = "CLINS-BUNDLE", "JP_Bundle_CLINS の Bundle を送ってください。", "send a Bundle of JP_Bundle_CLINS";
    BUNDLE_TYPE = "CLINS-BUNDLE-TYPE", "Bundle.type を collection にしてください。", "set Bundle.type to collection";
    ENTRIES_MAX = "CLINS-ENTRIES-MAX", "entry が多すぎます。1人の患者の1報告だけを送ってください。", "too many entries; send one report of one patient";
    ENTRY_ELEMENT = "CLINS-ENTRY-ELEMENT", "entry には fullUrl と resource だけを書いてください。", "give only fullUrl and resource in an entry";
    PATIENT_MISSING = "CLINS-PATIENT-MISSING", "Patient を1つ、entry の先頭に入れてください。", "put the one Patient first";
    PATIENT_COUNT = "CLINS-PATIENT-COUNT", "1つの Bundle に入れる Patient は1つだけにしてください。", "send one Patient in a Bundle";
    MIXED_TYPES = "CLINS-MIXED-TYPES", "Patient 以外の entry は、すべて meta.tag のリソース型にしてください。", "make every entry but the patient of the tagged type";
    TYPE_IGNORED = "CLINS-TYPE-IGNORED", "この種類のリソースは取り扱わず、登録しません。", "this type of resource is not processed and will not be registered";
    FULLURL = "CLINS-FULLURL", "fullUrl を urn:uuid: で始まるUUIDにしてください。", "write fullUrl as urn:uuid: and a UUID";
    FULLURL_DUPLICATE = "CLINS-FULLURL-DUPLICATE", "fullUrl を Bundle の中で重ならないようにしてください。", "make every fullUrl unique in the Bundle";
    REFERENCE = "CLINS-REFERENCE", "参照先を直してください。患者は Bundle 内の Patient の fullUrl、受診や医師は contained の「#id」で参照します。", "point to the Patient's fullUrl, or with #id to a contained resource";
    INSTITUTION_MISMATCH = "CLINS-INSTITUTION-MISMATCH", "医療機関番号を Bundle.identifier と同じにしてください。", "use the institution of Bundle.identifier";
    REQUIRED = "CLINS-REQUIRED", "JP-CLINSで必須の要素です。追加してください。", "this element is required by JP-CLINS; add it";
    PROFILE = "CLINS-PROFILE", "meta.profile に、この種類のリソースのJP-CLINSプロファイルを書いてください。", "name the JP-CLINS profile of this resource in meta.profile";
    TAG = "CLINS-TAG", "meta.tag には、このリソースに使えるフラグ(LTS など)だけを1回ずつ書いてください。", "use only the flags that this resource may have, each once";
    IDENTIFIER = "CLINS-IDENTIFIER", "resourceInstance-identifier の識別子を1つ書いてください。", "give exactly one identifier of the system resourceInstance-identifier";
    EXTENSION_TWICE = "CLINS-EXTENSION-TWICE", "この拡張は1つだけにしてください。", "give this extension once";
    NAME_WRITING = "CLINS-NAME-WRITING", "氏名に漢字(IDE)かカナ(SYL)の区別の拡張を付けてください。", "mark each name as ideographic (IDE) or kana (SYL)";
    CATEGORY = "CLINS-CATEGORY", "category を決められた値1つにしてください(傷病名は encounter-diagnosis、検査は laboratory)。", "give the one category that is fixed (encounter-diagnosis for conditions, laboratory for results)";
    STATUS = "CLINS-STATUS", "status・intent を決められた値にしてください。", "use the fixed value of status or intent";
    CLINICAL_STATUS = "CLINS-CLINICAL-STATUS", "clinicalStatus を書いてください(verificationStatus が entered-in-error のときを除く)。", "give clinicalStatus, unless verificationStatus is entered-in-error";
    CODE_SYSTEM_UNKNOWN = "CLINS-CODE-SYSTEM-UNKNOWN", "受け手が読めないコード体系です。JP-CLINSのコード体系を使ってください。", "use a code system of JP-CLINS; receivers cannot resolve this one";
    CONDITION_CODE = "CLINS-CONDITION-CODE", "病名管理番号(master-disease-keyNumber)のコードを加えてください。", "add a code of master-disease-keyNumber";
    ALLERGY_CODE = "CLINS-ALLERGY-CODE", "アレルゲンのコードをコード体系の書式にしてください(J9F…、J9N…、YCM…、GCM…ZZZ、ダミー)。", "write the allergen's code in the form of its code system";
    LAB_CODE = "CLINS-LAB-CODE", "検査項目に標準コード(43項目・感染症5項目・JLAC10・未標準化コード)を加えてください。", "add a standard code of the item, or the code for uncoded items";
    LAB_CODE_TWICE = "CLINS-LAB-CODE-TWICE", "検査項目コードは、コード体系ごとに1つだけにしてください。", "give one code of each code system for the item";
    LAB_VALUE = "CLINS-LAB-VALUE", "結果値か dataAbsentReason のどちらか一方を書いてください。", "give either a value or dataAbsentReason";
    TEXT_WIDTH = "CLINS-TEXT-WIDTH", "半角カナと全角空白は使わないでください。", "use neither half-width kana nor full-width spaces";
    FINDINGS_LEFT_OUT = "CLINS-FINDINGS-MAX", "指摘が多いため以降は省きました。直してからもう一度確認してください。", "there are more problems than listed; mend these and check again";
    MEMBER_WIDTH = "CLINS-MEMBER-WIDTH", "記号・番号は、それぞれ全角か半角に統一してください。", "write symbol and number each all in full-width or all in half-width";
}
