//! The laboratory items of the synthetic lives.
//!
//! Source: JLAC10, units and names from the table of the 43 and 5 items (JP-CLINS 1.5,
//! 2024-09-30); reference ranges are the common ones of JCCLS (共用基準範囲, 2022).

use super::tables::{LabItem, Specimen};

macro_rules! items {
    ($($id:ident $local:literal $name:literal $jlac:literal $display:expr, $unit:literal $scale:literal
       $specimen:ident ($ml:literal $mh:literal) ($fl:literal $fh:literal);)*) => {
        $(
            #[doc = $name]
            pub static $id: LabItem = LabItem {
                local: $local, name: $name, jlac10: $jlac, display: $display, infection: false,
                unit: $unit, scale: $scale, range_male: ($ml, $mh), range_female: ($fl, $fh),
                specimen: Specimen::$specimen,
            };
        )*
        /// The quantitative items, in the order of the form.
        pub static QUANTITIES: &[&LabItem] = &[$(&$id),*];
    };
}

items! {
    TP "L0101" "総蛋白" "3A010000002327101" Some("TP"), "g/dL" 1 Serum (66 81) (66 81);
    ALB "L0102" "アルブミン" "3A015000002327101" Some("ALB"), "g/dL" 1 Serum (41 51) (41 51);
    AST "L0103" "AST" "3B035000002327201" Some("AST"), "U/L" 0 Serum (13 30) (13 30);
    ALT "L0104" "ALT" "3B045000002327201" Some("ALT"), "U/L" 0 Serum (10 42) (7 23);
    LD "L0105" "LD" "3B050000002327201" Some("LD"), "U/L" 0 Serum (124 222) (124 222);
    GGT "L0106" "γ-GT" "3B090000002327101" Some("GGT"), "U/L" 0 Serum (13 64) (9 32);
    CRE "L0107" "クレアチニン" "3C015000002327101" Some("Cre"), "mg/dL" 2 Serum (65 107) (46 79);
    EGFR "L0108" "eGFR" "8A065000002391901" None, "mL/min/1.73m2" 1 Serum (600 1500) (600 1500);
    UA "L0109" "尿酸" "3C020000002327101" Some("UA"), "mg/dL" 1 Serum (37 78) (26 55);
    BUN "L0110" "尿素窒素" "3C025000002327201" Some("BUN"), "mg/dL" 1 Serum (80 200) (80 200);
    GLUCOSE "L0111" "随時血糖" "3D010129902327201" Some("BS"), "mg/dL" 0 Serum (73 139) (73 139);
    HBA1C "L0112" "HbA1c(NGSP)" "3D046000001906202" Some("HbA1c-NGSP"), "%" 1 WholeBlood (49 60) (49 60);
    TG "L0113" "中性脂肪" "3F015000002327101" Some("TG"), "mg/dL" 0 Serum (40 149) (30 149);
    HDL "L0114" "HDLコレステロール" "3F070000002327101" Some("HDL-C"), "mg/dL" 0 Serum (40 90) (40 103);
    LDL "L0115" "LDLコレステロール" "3F077000002327101" Some("LDL-C"), "mg/dL" 0 Serum (65 139) (65 139);
    NA "L0116" "ナトリウム" "3H010000002326101" Some("Na"), "mmol/L" 0 Serum (138 145) (138 145);
    K "L0117" "カリウム" "3H015000002326101" Some("K"), "mmol/L" 1 Serum (36 48) (36 48);
    CL "L0118" "クロール" "3H020000002326101" Some("Cl"), "mmol/L" 0 Serum (101 108) (101 108);
    CRP "L0119" "CRP" "5C070000002306201" Some("CRP"), "mg/dL" 2 Serum (0 14) (0 14);
    WBC "L0201" "白血球数" "2A990000001930952" Some("WBC"), "X10*2/μL" 0 WholeBlood (33 86) (33 86);
    RBC "L0202" "赤血球数" "2A990000001930951" Some("RBC"), "X10*4/μL" 0 WholeBlood (435 555) (386 492);
    HB "L0203" "ヘモグロビン" "2A990000001930953" Some("Hb"), "g/dL" 1 WholeBlood (137 168) (116 148);
    PLT "L0204" "血小板数" "2A990000001930955" Some("PLT"), "X10*4/μL" 1 WholeBlood (158 348) (158 348);
}

macro_rules! infections {
    ($($id:ident $local:literal $name:literal $jlac:literal $display:literal;)*) => {
        $(
            #[doc = $name]
            pub static $id: LabItem = LabItem {
                local: $local, name: $name, jlac10: $jlac, display: Some($display), infection: true,
                unit: "", scale: 0, range_male: (0, 0), range_female: (0, 0),
                specimen: Specimen::Serum,
            };
        )*
        /// The five infection items, in the order of the form.
        pub static INFECTIONS: &[&LabItem] = &[$(&$id),*];
    };
}

infections! {
    HBS_ANTIGEN "L0301" "HBs抗原" "5F016141002305211" "HBs抗原(判定)";
    HCV_ANTIBODY "L0302" "HCV抗体" "5F360148702305211" "HCV抗体(判定)";
    SYPHILIS_STS "L0303" "梅毒STS" "5E074135202306211" "梅毒STS(判定)";
    SYPHILIS_TP "L0304" "梅毒TP抗体" "5E075135102310311" "梅毒TP抗体(定性)";
    HIV_SCREEN "L0305" "HIV抗原・抗体" "5F560155002305211" "HIV-1+2抗体・p24抗原(判定)";
}
