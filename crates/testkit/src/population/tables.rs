//! Code tables of the synthetic lives: the few diseases, drugs, allergens and laboratory
//! items that occur, with their official codes.
//!
//! Source: codes are facts of the published masters — 傷病名マスター (支払基金, 2025-06) with
//! 病名管理番号, 交換用コード and ICD-10 (2013); 医薬品マスター (支払基金, 2024-03) with YJ codes;
//! JFAGY allergen codes (2025-04); JLAC10 codes and item names of JP-CLINS 1.5.

/// A disease of the standard disease master.
#[derive(Debug, PartialEq, Eq)]
pub struct Disease {
    /// 病名管理番号, 8 digits.
    pub key_number: &'static str,
    /// 病名交換用コード, 4 characters.
    pub exchange: &'static str,
    /// 傷病名コード of electronic claims, 7 digits.
    pub receipt: &'static str,
    /// ICD-10 (2013), without a point.
    pub icd10: &'static str,
    /// Name.
    pub name: &'static str,
    /// The department that treats it.
    pub department: &'static Department,
}

/// A department (診療科) of the SS-MIX2 table.
#[derive(Debug, PartialEq, Eq)]
pub struct Department {
    /// Two-digit code.
    pub code: &'static str,
    /// Name.
    pub name: &'static str,
}

/// A medicine of the price list.
#[derive(Debug, PartialEq, Eq)]
pub struct Drug {
    /// YJ code, 12 characters.
    pub yj: &'static str,
    /// Name.
    pub name: &'static str,
    /// How much a day or a time.
    pub dose: &'static str,
    /// Usage (用法).
    pub usage: &'static str,
    /// A penicillin, which nobody allergic to it is given.
    pub penicillin: bool,
}

/// A substance that people are allergic to.
#[derive(Debug, PartialEq, Eq)]
pub struct Allergen {
    /// JFAGY code: three characters of kind and the body.
    pub code: &'static str,
    /// Its display.
    pub display: &'static str,
    /// Food, medicine, or another.
    pub kind: AllergenKind,
    /// A penicillin.
    pub penicillin: bool,
}

/// Which table an allergen is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AllergenKind {
    /// 食品.
    Food,
    /// 医薬品, one product (`YCM`).
    MedicationProduct,
    /// 医薬品, ingredient and strength (`GCM`).
    MedicationIngredient,
    /// 非食品・非医薬品.
    Environment,
}

/// A laboratory item.
#[derive(Debug, PartialEq, Eq)]
pub struct LabItem {
    /// Code in the hospital's own table.
    pub local: &'static str,
    /// Name in the hospital's own table.
    pub name: &'static str,
    /// JLAC10, 17 characters.
    pub jlac10: &'static str,
    /// Name of the item in the table of the 43 and 5 items; none for an item outside them.
    pub display: Option<&'static str>,
    /// One of the five infection items.
    pub infection: bool,
    /// Unit; empty for a coded result.
    pub unit: &'static str,
    /// Digits after the point.
    pub scale: u8,
    /// Reference range of men, unscaled, both ends inside.
    pub range_male: (i32, i32),
    /// Reference range of women.
    pub range_female: (i32, i32),
    /// What is examined.
    pub specimen: Specimen,
}

/// Material of an examination, table JP_ObservationSampleMaterialCode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Specimen {
    /// 血清.
    Serum,
    /// 全血(添加物入り).
    WholeBlood,
}

impl Specimen {
    /// Three-digit code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Serum => "023",
            Self::WholeBlood => "019",
        }
    }

    /// Name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Serum => "血清",
            Self::WholeBlood => "全血(添加物入り)",
        }
    }
}

macro_rules! departments {
    ($($id:ident $code:literal $name:literal;)*) => { $(
        #[doc = $name]
        pub static $id: Department = Department { code: $code, name: $name };
    )* };
}

departments! {
    INTERNAL "01" "内科";
    PSYCHIATRY "02" "精神科";
    NEUROLOGY "04" "神経内科";
    RESPIRATORY "05" "呼吸器科";
    GASTROENTEROLOGY "06" "消化器科";
    CARDIOLOGY "08" "循環器科";
    PEDIATRICS "09" "小児科";
    SURGERY "10" "外科";
    ORTHOPEDICS "11" "整形外科";
    DERMATOLOGY "19" "皮膚科";
    UROLOGY "20" "泌尿器科";
    GYNECOLOGY "25" "婦人科";
    OPHTHALMOLOGY "26" "眼科";
    OTOLARYNGOLOGY "27" "耳鼻咽喉科";
    NEPHROLOGY "48" "腎臓内科";
}

macro_rules! diseases {
    ($($id:ident $key:literal $exchange:literal $receipt:literal $icd:literal $name:literal $department:ident;)*) => {
        $(
            #[doc = $name]
            pub static $id: Disease = Disease {
                key_number: $key, exchange: $exchange, receipt: $receipt, icd10: $icd,
                name: $name, department: &$department,
            };
        )*
        /// All diseases that occur.
        pub static DISEASES: &[&Disease] = &[$(&$id),*];
    };
}

diseases! {
    HYPERTENSION "20061593" "UHGQ" "8833421" "I10" "高血圧症" CARDIOLOGY;
    DIABETES "20050020" "U23V" "2500015" "E11" "２型糖尿病" INTERNAL;
    DYSLIPIDEMIA "20091221" "L9HQ" "8844446" "E785" "脂質異常症" INTERNAL;
    ASTHMA "20057913" "VRVV" "4939008" "J459" "気管支喘息" RESPIRATORY;
    ATOPIC_DERMATITIS "20050860" "QTMA" "6918002" "L209" "アトピー性皮膚炎" DERMATOLOGY;
    KIDNEY_G3A "20098747" "NJ4J" "8847580" "N183" "慢性腎臓病ステージＧ３ａ" NEPHROLOGY;
    KIDNEY_G3B "20098580" "E5HV" "8847581" "N183" "慢性腎臓病ステージＧ３ｂ" NEPHROLOGY;
    ANGINA "20077956" "K8UH" "8841212" "I208" "労作性狭心症" CARDIOLOGY;
    ATRIAL_FIBRILLATION "20065610" "QE03" "4273006" "I489" "心房細動" CARDIOLOGY;
    HEART_FAILURE "20076499" "NJES" "4289018" "I509" "慢性心不全" CARDIOLOGY;
    OSTEOPOROSIS "20061958" "LRJN" "7330006" "M8199" "骨粗鬆症" ORTHOPEDICS;
    CATARACT "20055554" "BB6Q" "3661013" "H259" "加齢性白内障" OPHTHALMOLOGY;
    GLAUCOMA "20077777" "SQMM" "3659003" "H409" "緑内障" OPHTHALMOLOGY;
    GASTRIC_CANCER "20054178" "E48A" "1519006" "C169" "胃癌" GASTROENTEROLOGY;
    COLON_CANCER "20050367" "NKJP" "1533003" "C187" "Ｓ状結腸癌" SURGERY;
    BREAST_CANCER "20072471" "VT2A" "1749008" "C509" "乳癌" SURGERY;
    LUNG_CANCER "20073570" "LFJS" "1629006" "C349" "肺癌" RESPIRATORY;
    PROSTATE_CANCER "20068229" "SNFN" "1859003" "C61" "前立腺癌" UROLOGY;
    PANCREATIC_CANCER "20078952" "J4UN" "1579002" "C259" "膵癌" GASTROENTEROLOGY;
    DEPRESSION "20050465" "M84N" "2961003" "F329" "うつ病" PSYCHIATRY;
    INSOMNIA "20075175" "BTS4" "8839792" "G470" "不眠症" PSYCHIATRY;
    UPPER_RESPIRATORY "20058435" "HP8A" "4659007" "J069" "急性上気道炎" INTERNAL;
    INFLUENZA "20051158" "ES0L" "4871001" "J111" "インフルエンザ" INTERNAL;
    OTITIS_MEDIA "20058524" "SUN4" "3829027" "H669" "急性中耳炎" OTOLARYNGOLOGY;
    GASTROENTERITIS "20058206" "RFVR" "0091009" "A099" "急性胃腸炎" INTERNAL;
    CYSTITIS "20058676" "RRB8" "5950005" "N300" "急性膀胱炎" UROLOGY;
    SHINGLES "20069364" "KE2D" "0539013" "B029" "帯状疱疹" DERMATOLOGY;
    PNEUMONIA "20073542" "QT7C" "4860030" "J189" "肺炎" RESPIRATORY;
    POLLINOSIS "20055627" "EBHM" "4770002" "J301" "花粉症" OTOLARYNGOLOGY;
    KNEE_ARTHROSIS "20075847" "R09V" "7153018" "M171" "変形性膝関節症" ORTHOPEDICS;
    LUMBAGO "20061820" "FCR0" "8840829" "M5456" "腰痛症" ORTHOPEDICS;
    REFLUX "20058108" "RVUN" "5301002" "K210" "逆流性食道炎" GASTROENTEROLOGY;
    IRON_DEFICIENCY "20071355" "A4PH" "2809009" "D509" "鉄欠乏性貧血" INTERNAL;
    HYPERURICEMIA "20061658" "VTF4" "7906015" "E790" "高尿酸血症" INTERNAL;
    PROSTATE_HYPERPLASIA "20068243" "QSQL" "8836591" "N40" "前立腺肥大症" UROLOGY;
    DEMENTIA "20087316" "LMAR" "8842549" "G309" "アルツハイマー型認知症" NEUROLOGY;
    STROKE_SEQUELAE "20073150" "LNPR" "4389014" "I693" "脳梗塞後遺症" NEUROLOGY;
    FATTY_LIVER "20062894" "NHHN" "5718008" "K760" "脂肪肝" GASTROENTEROLOGY;
    HEPATITIS_C "20050137" "FARP" "0703025" "B182" "Ｃ型慢性肝炎" GASTROENTEROLOGY;
    HEPATITIS_B "20050102" "F3J7" "0703003" "B181" "Ｂ型慢性肝炎" GASTROENTEROLOGY;
    HYPOTHYROIDISM "20061326" "VA89" "8833504" "E039" "甲状腺機能低下症" INTERNAL;
    RHEUMATOID_ARTHRITIS "20085977" "RSAL" "8842106" "M0690" "関節リウマチ" ORTHOPEDICS;
    MIGRAINE "20075884" "DJ1F" "3469004" "G439" "片頭痛" NEUROLOGY;
    UTERINE_MYOMA "20062584" "M6VN" "2189004" "D259" "子宮筋腫" GYNECOLOGY;
    CONSTIPATION "20075903" "GCTH" "8840042" "K590" "便秘症" INTERNAL;
    HIV "20050197" "US7M" "0798002" "B24" "ＨＩＶ感染症" INTERNAL;
}

macro_rules! drugs {
    ($($id:ident $yj:literal $name:literal $dose:literal $usage:literal $($penicillin:ident)?;)*) => {
        $(
            #[doc = $name]
            pub static $id: Drug = Drug {
                yj: $yj, name: $name, dose: $dose, usage: $usage,
                penicillin: drugs!(@ $($penicillin)?),
            };
        )*
        /// All medicines that occur.
        pub static DRUGS: &[&Drug] = &[$(&$id),*];
    };
    (@) => { false };
    (@ penicillin) => { true };
}

drugs! {
    AMLODIPINE "2171022F2017" "アムロジピン錠５ｍｇ「ＮＳ」" "1錠" "1日1回 朝食後";
    OLMESARTAN "2149044F2012" "オルメサルタン錠２０ｍｇ「杏林」" "1錠" "1日1回 朝食後";
    AZILSARTAN "2149048F1022" "アジルバ錠２０ｍｇ" "1錠" "1日1回 朝食後";
    METFORMIN "3962002F2019" "メトホルミン塩酸塩錠２５０ｍｇＭＴ「トーワ」" "4錠" "1日2回 朝夕食後";
    SITAGLIPTIN "3969010F2030" "ジャヌビア錠５０ｍｇ" "1錠" "1日1回 朝食後";
    DAPAGLIFLOZIN "3969019F1027" "フォシーガ錠５ｍｇ" "1錠" "1日1回 朝食後";
    LINAGLIPTIN "3969014F1024" "トラゼンタ錠５ｍｇ" "1錠" "1日1回 朝食後";
    ROSUVASTATIN "2189017F1014" "ロスバスタチン錠２．５ｍｇ「杏林」" "1錠" "1日1回 夕食後";
    ATORVASTATIN "2189015F2054" "アトルバスタチン錠１０ｍｇ「サワイ」" "1錠" "1日1回 夕食後";
    BUDESONIDE_FORMOTEROL "2290801G2025" "シムビコートタービュヘイラー６０吸入" "1回2吸入" "1日2回 朝夕";
    MONTELUKAST "4490026F2016" "モンテルカスト錠１０ｍｇ「ＣＭＸ」" "1錠" "1日1回 就寝前";
    TACROLIMUS "2699709M1028" "プロトピック軟膏０．１％" "10g" "1日2回 患部に塗布";
    HEPARINOID "3339950M1137" "ヒルドイドソフト軟膏０．３％" "25g" "1日2回 患部に塗布";
    ISOSORBIDE "2171023F2011" "一硝酸イソソルビド錠２０ｍｇ「トーワ」" "2錠" "1日2回 朝夕食後";
    ASPIRIN "3399007H1013" "バイアスピリン錠１００ｍｇ" "1錠" "1日1回 朝食後";
    CLOPIDOGREL "3399008F2013" "クロピドグレル錠７５ｍｇ「杏林」" "1錠" "1日1回 朝食後";
    APIXABAN "3339004F2025" "エリキュース錠５ｍｇ" "2錠" "1日2回 朝夕食後";
    BISOPROLOL "2123016F1018" "ビソプロロールフマル酸塩錠２．５ｍｇ「トーワ」" "1錠" "1日1回 朝食後";
    FUROSEMIDE "2139005F1010" "フロセミド錠２０ｍｇ「ＪＧ」" "1錠" "1日1回 朝食後";
    ALENDRONATE "3999018F2010" "アレンドロン酸錠３５ｍｇ「トーワ」" "1錠" "週1回 起床時";
    ELDECALCITOL "3112006M2037" "エルデカルシトールカプセル０．７５μｇ「サワイ」" "1カプセル" "1日1回 朝食後";
    PIRENOXINE "1319706Q3043" "ピレノキシン懸濁性点眼液０．００５％「参天」" "1回1滴" "1日4回 両眼";
    LATANOPROST "1319739Q1010" "ラタノプロスト点眼液０．００５％「ＮＳ」" "1回1滴" "1日1回 就寝前 両眼";
    TEGAFUR "4229101M2030" "ティーエスワン配合カプセルＴ２５" "4カプセル" "1日2回 朝夕食後";
    ANASTROZOLE "4291010F1201" "アナストロゾール錠１ｍｇ「明治」" "1錠" "1日1回 朝食後";
    BICALUTAMIDE "4291009F1136" "ビカルタミド錠８０ｍｇ「サワイ」" "1錠" "1日1回 朝食後";
    SERTRALINE "1179046F2016" "セルトラリン錠５０ｍｇ「杏林」" "1錠" "1日1回 夕食後";
    ESCITALOPRAM "1179054F1073" "エスシタロプラム錠１０ｍｇ「トーワ」" "1錠" "1日1回 夕食後";
    SUVOREXANT "1190023F1024" "ベルソムラ錠１５ｍｇ" "1錠" "1日1回 就寝前";
    CARBOCISTEINE "2233002F2111" "カルボシステイン錠５００ｍｇ「トーワ」" "3錠" "1日3回 毎食後";
    ACETAMINOPHEN "1141007F1063" "カロナール錠２００" "6錠" "1日3回 毎食後";
    OSELTAMIVIR "6250021M1035" "オセルタミビルカプセル７５ｍｇ「サワイ」" "2カプセル" "1日2回 朝夕食後";
    AMOXICILLIN "6131001M2017" "アモキシシリンカプセル２５０ｍｇ「トーワ」" "3カプセル" "1日3回 毎食後" penicillin;
    CLARITHROMYCIN "6149003F2011" "クラリスロマイシン錠２００ｍｇ「ＥＭＥＣ」" "2錠" "1日2回 朝夕食後";
    LEVOFLOXACIN "6241013F3051" "レボフロキサシン錠５００ｍｇ「ＤＳＥＰ」" "1錠" "1日1回 朝食後";
    VALACICLOVIR "6250019F1160" "バラシクロビル錠５００ｍｇ「アメル」" "6錠" "1日3回 毎食後";
    FEXOFENADINE "4490023F1016" "フェキソフェナジン塩酸塩錠６０ｍｇ「杏林」" "2錠" "1日2回 朝夕食後";
    LOXOPROFEN "1149019F1560" "ロキソニン錠６０ｍｇ" "3錠" "1日3回 毎食後";
    VONOPRAZAN "2329030F1020" "タケキャブ錠１０ｍｇ" "1錠" "1日1回 朝食後";
    FERROUS_CITRATE "3222013F1157" "クエン酸第一鉄Ｎａ錠５０ｍｇ「サワイ」" "2錠" "1日1回 夕食後";
    FEBUXOSTAT "3949003F1023" "フェブリク錠１０ｍｇ" "1錠" "1日1回 朝食後";
    TAMSULOSIN "2590008F2120" "タムスロシン塩酸塩ＯＤ錠０．２ｍｇ「サワイ」" "1錠" "1日1回 朝食後";
    DONEPEZIL "1190012F2120" "ドネペジル塩酸塩錠５ｍｇ「アメル」" "1錠" "1日1回 朝食後";
    ENTECAVIR "6250029F1024" "バラクルード錠０．５ｍｇ" "1錠" "1日1回 空腹時";
    LEVOTHYROXINE "2431004F1056" "チラーヂンＳ錠５０μｇ" "1錠" "1日1回 朝食後";
    METHOTREXATE "3999016M1064" "メトトレキサートカプセル２ｍｇ「トーワ」" "3カプセル" "週1回 朝食後";
    SUMATRIPTAN "2160003F1111" "スマトリプタン錠５０ｍｇ「タカタ」" "1回1錠" "頭痛時";
    MAGNESIUM_OXIDE "2344009F2015" "酸化マグネシウム錠３３０ｍｇ「ヨシダ」" "3錠" "1日3回 毎食後";
    BICTEGRAVIR "6250117F1020" "ビクタルビ配合錠" "1錠" "1日1回 朝食後";
}

macro_rules! allergens {
    ($($id:ident $kind:ident $code:literal $display:literal $($penicillin:ident)?;)*) => {
        $(
            #[doc = $display]
            pub static $id: Allergen = Allergen {
                code: $code, display: $display, kind: AllergenKind::$kind,
                penicillin: drugs!(@ $($penicillin)?),
            };
        )*
        /// All allergens that occur.
        pub static ALLERGENS: &[&Allergen] = &[$(&$id),*];
    };
}

allergens! {
    ALLERGEN_AMOXICILLIN MedicationIngredient "GCM6131001M2ZZZ" "アモキシシリン水和物２５０ｍｇカプセル" penicillin;
    ALLERGEN_AMPICILLIN MedicationProduct "YCM6131400D2074" "ビクシリン注射用０．５ｇ" penicillin;
    ALLERGEN_IODINE_CONTRAST MedicationProduct "YCM7219412A3072" "イオパミロン注３００ ６１．２４％１００ｍＬ";
    ALLERGEN_LOXOPROFEN MedicationIngredient "GCM1149019F1ZZZ" "ロキソプロフェンナトリウム水和物６０ｍｇ錠";
    ALLERGEN_CEFAZOLIN MedicationIngredient "GCM6132401D3ZZZ" "セファゾリンナトリウム１ｇ注射用";
    ALLERGEN_EGG Food "J9FB13110000" "鶏卵";
    ALLERGEN_MILK Food "J9FB12110011" "牛乳";
    ALLERGEN_WHEAT Food "J9FA15000000" "小麦";
    ALLERGEN_BUCKWHEAT Food "J9FA19140000" "そば";
    ALLERGEN_PEANUT Food "J9FA21180000" "落花生";
    ALLERGEN_SHRIMP Food "J9FC15110000" "えび";
    ALLERGEN_MACKEREL Food "J9FC11310000" "さば";
    ALLERGEN_KIWI Food "J9FA32540000" "キウイフルーツ";
    ALLERGEN_CEDAR Environment "J9NK13320000" "スギ";
    ALLERGEN_HOUSE_DUST Environment "J9NM13110000" "ハウスダスト";
    ALLERGEN_CAT Environment "J9NJ12150000" "ネコ";
    ALLERGEN_WASP Environment "J9NL11140000" "スズメバチ";
    ALLERGEN_LATEX Environment "J9NP14110000" "ラテックス（天然ゴム）";
}
