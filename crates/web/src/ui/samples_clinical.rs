//! Sample pages of the clinical desks: results of an eligibility check, consent, a patient.

use maud::{Markup, html};

use super::samples::{day, staff_nav, staff_page};
use super::{
    Caution, CautionKind, Cautions, Choice, Choices, ConditionLine, Fact, LabCell, LabMatrix,
    LabRow, Lang, Level, Mark, Page, PersonStrip, Reference, Signal, Tag, TagTone, Tone, Trend,
    TrendPoint, Verdict, Who, actions, button_link, cautions, checkbox_cards, columns, conditions,
    copyable, facts, form, lab_matrix, notice, page, person_strip, provenance, section, sparkline,
    steps, submit, tag, trend, verdict,
};

const DOCTOR: Who<'static> = Who {
    name: "佐藤 健一",
    facility: "みなと総合病院 救急科",
    role: "医師",
    csrf: "sample-token",
};

/// The clinical samples.
pub(super) fn samples() -> Vec<(&'static str, Markup)> {
    vec![
        ("eligibility-green", eligibility(&GREEN)),
        ("eligibility-yellow", eligibility(&YELLOW)),
        ("eligibility-red", eligibility(&RED)),
        ("consent", consent()),
        ("patient", patient(true)),
        ("patient-unknown", patient(false)),
    ]
}

const GREEN: Verdict<'static> = Verdict {
    lang: Lang::Ja,
    signal: Signal::Green,
    heading: "保険の資格は有効です。",
    reason: "2026年11月22日の時点で、協会けんぽ 東京支部の被保険者です。",
    next: "そのまま受付を進めてください。窓口での負担は3割です。",
    code: None,
};

const YELLOW: Verdict<'static> = Verdict {
    lang: Lang::Ja,
    signal: Signal::Yellow,
    heading: "資格が変わった可能性があります。",
    reason: "前の保険の資格は10月31日に終わり、新しい保険の登録がまだ届いていません。",
    next: "お手元の資格確認書を見せていただき、新しい保険者番号で確認してください。",
    code: Some("TSK-ELG-007"),
};

const RED: Verdict<'static> = Verdict {
    lang: Lang::Ja,
    signal: Signal::Red,
    heading: "該当する資格が見つかりません。",
    reason: "入力された記号・番号と生年月日の組み合わせは登録されていません。",
    next: "番号と生年月日を読み合わせ、違っていれば入力し直してください。",
    code: Some("TSK-ELG-003"),
};

fn eligibility(result: &Verdict<'_>) -> Markup {
    let nav = staff_nav("受付・資格確認");
    let good = result.signal == Signal::Green;
    let body = html! {
        (verdict(result))
        @if good {
            (columns(&[
                facts("受診される方", &[
                    Fact { label: "氏名", value: html! { "佐々木 和子（ササキ カズコ）" } },
                    Fact { label: "生年月日", value: html! { "昭和31年3月14日（70歳）" } },
                    Fact { label: "性別", value: html! { "女性" } },
                ]),
                facts("保険", &[
                    Fact { label: "保険者", value: html! { "協会けんぽ 東京支部" } },
                    Fact { label: "記号・番号", value: html! { "1234・567（枝番 00）" } },
                    Fact { label: "負担割合", value: html! { "3割" } },
                    Fact { label: "限度額区分", value: html! { "区分ウ" } },
                    Fact { label: "受付番号", value: copyable(Lang::Ja, "2026112200101") },
                ]),
            ]))
            (actions(&[button_link("/consent", "情報提供の同意へ進む", Tone::Primary), button_link("/reception", "次の方を受け付ける", Tone::Secondary)]))
        } @else {
            (actions(&[button_link("/reception", "入力し直す", Tone::Primary), button_link("/reception/manual", "資格確認書の写しで受け付ける", Tone::Secondary)]))
        }
    };
    page(&staff_page("資格確認の結果", &nav, body))
}

fn consent() -> Markup {
    let nav = staff_nav("受付・資格確認");
    let body = html! {
        (steps(Lang::Ja, &["資格確認", "情報提供の同意", "受付完了"], 1))
        (form("/consent", "sample-token", &html! {
            (checkbox_cards(&Choices {
                name: "category", legend: "さくら内科クリニックに見せてもよい情報を選んでください。",
                hint: Some("選ばなくても診療は受けられます。同意はいつでも取り消せます。"),
                options: &[
                    Choice { value: "medication", label: "お薬の情報", description: Some("これまでに処方・調剤された薬です。飲み合わせの確認に使います。"), checked: true },
                    Choice { value: "allergy", label: "アレルギー・薬剤禁忌", description: Some("使ってはいけない薬や、アレルギーの記録です。"), checked: true },
                    Choice { value: "condition", label: "傷病名・感染症・検査結果", description: Some("ほかの医療機関で登録された病名や検査の値です。"), checked: false },
                    Choice { value: "checkup", label: "健診の結果", description: Some("特定健診や後期高齢者健診の結果です。"), checked: false },
                ], ..Choices::default()
            }))
            (actions(&[submit("選んだ情報の提供に同意する", Tone::Primary), button_link("/reception/done", "同意せずに進む", Tone::Secondary)]))
        }))
    };
    page(&staff_page("情報提供の同意", &nav, body))
}

fn patient(known: bool) -> Markup {
    let nav = staff_nav("患者情報");
    let body = html! {
        (person_strip(&PersonStrip {
            lang: Lang::Ja, name: "佐々木 和子", kana: "ササキ カズコ", sex: "女性",
            birth: day(1956, 3, 14), today: day(2026, 11, 22), insured: Some("協会けんぽ 東京支部・3割"),
        }))
        @if known {
            (cautions(Lang::Ja, &Cautions::Listed(&listed())))
            (section("conditions", "傷病名", &condition_list()))
            (section("labs", "検査結果の推移", &html! {
                (labs("labs-table", false))
                (columns(&curves()))
            }))
        } @else {
            (cautions(Lang::Ja, &Cautions::NotRecorded))
            (cautions_again())
        }
        (section("more", "情報の範囲", &notice(Lang::Ja, Level::Info, "お薬の情報は、ご本人の同意がないため表示していません。", &html! {
            p { "必要な場合は、ご本人に説明のうえ同意をお取りください。" }
        })))
    };
    page(&Page {
        quiet_heading: true,
        who: Some(&DOCTOR),
        environment_banner: None,
        ..staff_page("患者情報", &nav, body)
    })
}

fn cautions_again() -> Markup {
    html! {
        (section("tags", "表示の種類", &html! {
            p {
                (tag(&Tag { label: "通常", tone: TagTone::Neutral })) " "
                (tag(&Tag { label: "確認済み", tone: TagTone::Success })) " "
                (tag(&Tag::undelivered(Lang::Ja)))
            }
        }))
    }
}

fn listed() -> Vec<Caution<'static>> {
    vec![
        Caution {
            kind: CautionKind::Allergy,
            substance: "ペニシリン系抗菌薬",
            reaction: Some("アナフィラキシー（2019年）"),
            high_risk: true,
            tags: &[],
            provenance: provenance(Lang::Ja, "みなと総合病院", Some("救急科"), day(2019, 8, 2)),
        },
        Caution {
            kind: CautionKind::DrugContraindication,
            substance: "アスピリン",
            reaction: Some("喘息発作の既往"),
            high_risk: false,
            tags: &[],
            provenance: provenance(Lang::Ja, "さくら内科クリニック", None, day(2026, 5, 1)),
        },
    ]
}

fn condition_list() -> Markup {
    const BOTH: &[Tag<'static>] = &[Tag::long_term(Lang::Ja), Tag::uninformed(Lang::Ja)];
    const LONG: &[Tag<'static>] = &[Tag::long_term(Lang::Ja)];
    conditions(
        Lang::Ja,
        &[
            ConditionLine {
                name: "2型糖尿病",
                since: Some(day(2014, 4, 10)),
                status: "治療中",
                tags: LONG,
                provenance: provenance(
                    Lang::Ja,
                    "さくら内科クリニック",
                    Some("内科"),
                    day(2026, 5, 1),
                ),
            },
            ConditionLine {
                name: "早期胃癌の疑い",
                since: None,
                status: "精査中",
                tags: BOTH,
                provenance: provenance(
                    Lang::Ja,
                    "みなと総合病院",
                    Some("消化器内科"),
                    day(2026, 11, 4),
                ),
            },
        ],
    )
}

const fn cell(text: &'static str, mark: Mark) -> Option<LabCell<'static>> {
    Some(LabCell { text, mark })
}

const fn fine(text: &'static str) -> Option<LabCell<'static>> {
    cell(text, Mark::None)
}

/// Item, unit, range, results from the oldest to the newest, and their scaled values.
type LabSample = (
    &'static str,
    &'static str,
    &'static str,
    [Option<LabCell<'static>>; 5],
    &'static [i64],
);

const LABS: [LabSample; 4] = [
    (
        "HbA1c",
        "%",
        "4.6〜6.2",
        [
            cell("7.8", Mark::High),
            cell("7.4", Mark::High),
            cell("7.1", Mark::High),
            cell("6.6", Mark::High),
            fine("6.1"),
        ],
        &[78, 74, 71, 66, 61],
    ),
    (
        "クレアチニン",
        "mg/dL",
        "0.46〜0.79",
        [
            fine("0.71"),
            None,
            fine("0.74"),
            fine("0.78"),
            cell("0.85", Mark::High),
        ],
        &[71, 74, 78, 85],
    ),
    (
        "ヘモグロビン",
        "g/dL",
        "11.6〜14.8",
        [
            fine("12.9"),
            fine("12.4"),
            fine("11.8"),
            cell("11.2", Mark::Low),
            cell("10.4", Mark::Low),
        ],
        &[129, 124, 118, 112, 104],
    ),
    (
        "尿蛋白",
        "",
        "（−）",
        [
            fine("（−）"),
            None,
            None,
            cell("（＋）", Mark::Abnormal),
            cell("（＋）", Mark::Abnormal),
        ],
        &[0, 1, 1],
    ),
];

/// The laboratory sample, for a doctor or, in plain words and the newest first, for the
/// patient: the newest is what they look for on a small screen.
pub(super) fn labs(id: &str, plain: bool) -> Markup {
    let mut dates = [
        day(2025, 11, 10),
        day(2026, 2, 9),
        day(2026, 5, 1),
        day(2026, 8, 3),
        day(2026, 11, 4),
    ];
    let mut rows = LABS.map(|(item, unit, reference, cells, values)| LabRow {
        item,
        unit,
        reference,
        source: "",
        cells: cells.to_vec(),
        spark: Some(sparkline(values, &format!("{item}の推移（古い順）"))),
    });
    if plain {
        dates.reverse();
        rows.iter_mut().for_each(|row| row.cells.reverse());
    }
    lab_matrix(&LabMatrix {
        lang: Lang::Ja,
        id,
        caption: "血液・尿検査（2025年11月〜2026年11月）",
        dates: &dates,
        rows: &rows,
        plain,
    })
}

/// The two curves of the samples.
pub(super) fn curves() -> Vec<Markup> {
    let points = |values: &[((i16, i8, i8), i64)]| -> Vec<TrendPoint> {
        values
            .iter()
            .map(|((y, m, d), value)| TrendPoint {
                date: day(*y, *m, *d),
                value: *value,
            })
            .collect()
    };
    let a1c = points(&[
        ((2025, 11, 10), 78),
        ((2026, 2, 9), 74),
        ((2026, 5, 1), 71),
        ((2026, 8, 3), 66),
        ((2026, 11, 4), 61),
    ]);
    let hb = points(&[
        ((2025, 11, 10), 129),
        ((2026, 2, 9), 124),
        ((2026, 5, 1), 118),
        ((2026, 8, 3), 112),
        ((2026, 11, 4), 104),
    ]);
    let base = Trend {
        lang: Lang::Ja,
        id: "trend-a1c",
        title: "HbA1c（NGSP）",
        unit: "%",
        decimals: 1,
        points: &a1c,
        sources: &[],
        reference: Reference {
            low: Some(46),
            high: Some(62),
        },
    };
    let blood = Trend {
        id: "trend-hb",
        title: "ヘモグロビン",
        unit: "g/dL",
        points: &hb,
        sources: &[],
        reference: Reference {
            low: Some(116),
            high: Some(148),
        },
        ..base
    };
    vec![trend(&base), trend(&blood)]
}
