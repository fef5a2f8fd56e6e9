//! What the codes of qualitative results mean (定性・判定の値).
//!
//! Source: 電子カルテ情報共有サービス master table, draft of 2024-08-30, value lists; the edition
//! of 2024-09-30 leaves these columns empty.

const POSITIVE: &[(&str, &str)] = &[("1", "陽性"), ("2", "陰性")];
const GRADES: &[(&str, &str)] = &[
    ("1", "-"),
    ("2", "±"),
    ("3", "+"),
    ("4", "++"),
    ("5", "+++"),
];
const CLASSES: &[(&str, &str)] = &[
    ("1", "1+"),
    ("2", "2+"),
    ("3", "3+"),
    ("4", "4+"),
    ("5", "5+"),
    ("6", "6+"),
    ("7", "7+"),
];

/// The lists by item.
const LISTS: &[(&str, &[(&str, &str)])] = &[
    ("HBs抗原(定性)", POSITIVE),
    ("HBs抗体(定性)", POSITIVE),
    ("HCV抗体(定性)", POSITIVE),
    ("HCV核酸増幅検査(定性)", POSITIVE),
    ("HCV抗原検査(定性)", POSITIVE),
    ("HIV-1(ウイルスRNA定量判定)", POSITIVE),
    ("梅毒STS(定性)", POSITIVE),
    ("梅毒TP抗体(定性)", POSITIVE),
    ("DD-定性", &[("1", "+"), ("2", "-")]),
    ("CRP-class", CLASSES),
    ("U-TP", GRADES),
    ("U-Glu", GRADES),
    ("U-Bld", GRADES),
    (
        "血液型-ABO",
        &[("1", "A"), ("2", "B"), ("3", "AB"), ("4", "O")],
    ),
    ("血液型-Rh", &[("1", "+"), ("2", "-")]),
];

/// What a code means among the results of an item.
#[must_use]
pub fn value(item: &str, code: &str) -> Option<&'static str> {
    let (_, list) = LISTS.iter().find(|(name, _)| *name == item)?;
    list.iter()
        .find(|(known, _)| *known == code)
        .map(|(_, text)| *text)
}
