//! A person at the top of a page, and what must be known of them before anything else.
//!
//! Allergies and drug contraindications come first, and "nothing is recorded" is never
//! shown as "there is nothing".

use kernel::time::JstDate;
use maud::{Markup, html};

use super::{Icon, Lang, date, date_text, icon};

/// Who a page is about.
#[derive(Clone, Copy, Debug)]
pub struct PersonStrip<'a> {
    /// The language of the labels.
    pub lang: Lang,
    /// The name in kanji.
    pub name: &'a str,
    /// The name in kana; empty when not known.
    pub kana: &'a str,
    /// The sex in words: 男性, 女性.
    pub sex: &'a str,
    /// The date of birth.
    pub birth: JstDate,
    /// The date for which the age is told.
    pub today: JstDate,
    /// Insurer, symbol and number, in one line; already masked where it has to be.
    pub insured: Option<&'a str>,
}

/// The strip of a person. It stays in sight while a wide page is scrolled, so that
/// nobody reads the wrong chart.
#[must_use]
pub fn person_strip(person: &PersonStrip<'_>) -> Markup {
    let lang = person.lang;
    html! {
        section.person aria-label=(lang.pick("患者", "Patient")) {
            p.person-name {
                @if !person.kana.is_empty() { span.person-kana { (person.kana) } }
                span.person-kanji { (person.name) }
                span.person-title { (lang.pick("様", "")) }
            }
            dl.person-facts {
                div { dt { (lang.pick("性別", "Sex")) } dd { (person.sex) } }
                div {
                    dt { (lang.pick("生年月日", "Born")) }
                    dd {
                        time datetime=(person.birth) {
                            (person.birth.wareki())
                            (lang.pick("（", " (")) (person.birth.year())
                            (lang.pick("年）", ")"))
                        }
                    }
                }
                div {
                    dt { (lang.pick("年齢", "Age")) }
                    dd.person-age { (age(lang, person.birth, person.today)) }
                }
                @if let Some(insured) = person.insured {
                    div { dt { (lang.pick("資格", "Coverage")) } dd { (insured) } }
                }
            }
        }
    }
}

/// The age in words; with months below six years, because doses depend on it.
#[must_use]
pub fn age(lang: Lang, birth: JstDate, today: JstDate) -> String {
    const MONTHS_TOLD_BELOW_YEARS: i16 = 6;
    let years = birth.age_on(today);
    let short_month = i8::from(today.day() < birth.day());
    let months = i16::from(today.month()) - i16::from(birth.month()) - i16::from(short_month);
    let months = months.rem_euclid(12);
    match (lang, years < MONTHS_TOLD_BELOW_YEARS) {
        (Lang::Ja, false) => format!("{years}歳"),
        (Lang::Ja, true) => format!("{years}歳{months}か月"),
        (Lang::En, false) => format!("{years} years"),
        (Lang::En, true) => format!("{years} years {months} months"),
    }
}

/// How a tag looks; its words say the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TagTone {
    /// A plain fact.
    #[default]
    Neutral,
    /// Information.
    Info,
    /// Good.
    Success,
    /// To be regarded.
    Caution,
    /// Dangerous to overlook.
    Danger,
}

/// A short word about a thing: 長期, 未告知, 高リスク.
#[derive(Clone, Copy, Debug)]
pub struct Tag<'a> {
    /// The word.
    pub label: &'a str,
    /// How it looks.
    pub tone: TagTone,
}

impl Tag<'_> {
    /// 長期保管: kept for the long term.
    #[must_use]
    pub const fn long_term(lang: Lang) -> Tag<'static> {
        Tag {
            label: lang.pick("長期保管", "Long-term"),
            tone: TagTone::Info,
        }
    }

    /// 未告知: the patient has not been told; never shown to the patient.
    #[must_use]
    pub const fn uninformed(lang: Lang) -> Tag<'static> {
        Tag {
            label: lang.pick("未告知", "Patient not informed"),
            tone: TagTone::Caution,
        }
    }

    /// 未提供: not delivered to the patient's portal.
    #[must_use]
    pub const fn undelivered(lang: Lang) -> Tag<'static> {
        Tag {
            label: lang.pick("未提供", "Not delivered"),
            tone: TagTone::Caution,
        }
    }

    /// 高リスク: a grave reaction is to be expected.
    #[must_use]
    pub const fn high_risk(lang: Lang) -> Tag<'static> {
        Tag {
            label: lang.pick("高リスク", "High risk"),
            tone: TagTone::Danger,
        }
    }
}

/// A tag.
#[must_use]
pub fn tag(tag: &Tag<'_>) -> Markup {
    let class = match tag.tone {
        TagTone::Neutral => "tag",
        TagTone::Info => "tag tag-info",
        TagTone::Success => "tag tag-success",
        TagTone::Caution => "tag tag-caution",
        TagTone::Danger => "tag tag-danger",
    };
    html! { span class=(class) { (tag.label) } }
}

/// Several tags.
#[must_use]
pub fn tags(all: &[Tag<'_>]) -> Markup {
    html! { @for one in all { " " (tag(one)) } }
}

/// Where a record comes from: `○○病院 内科・2026年5月1日登録`.
#[must_use]
pub fn provenance(lang: Lang, facility: &str, department: Option<&str>, on: JstDate) -> Markup {
    html! {
        p.provenance {
            (facility)
            @if let Some(department) = department { " " (department) }
            @match lang {
                Lang::Ja => { "・" (date(lang, on)) "登録" },
                Lang::En => { ", recorded " (date(lang, on)) },
            }
        }
    }
}

/// Which kind of caution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CautionKind {
    /// アレルギー.
    Allergy,
    /// 薬剤禁忌.
    DrugContraindication,
}

/// One allergy or drug contraindication.
#[derive(Clone, Debug)]
pub struct Caution<'a> {
    /// Which kind.
    pub kind: CautionKind,
    /// The substance or drug.
    pub substance: &'a str,
    /// What happens, when known.
    pub reaction: Option<&'a str>,
    /// Is a grave reaction to be expected?
    pub high_risk: bool,
    /// More tags.
    pub tags: &'a [Tag<'a>],
    /// A line made by [`provenance`].
    pub provenance: Markup,
}

/// What is known of a person's allergies and contraindications.
#[derive(Clone, Copy, Debug)]
pub enum Cautions<'a> {
    /// These, gravest first.
    Listed(&'a [Caution<'a>]),
    /// It was asked, and there are none.
    NoneConfirmed,
    /// Nobody has recorded anything; there may be some.
    NotRecorded,
    /// The person has not consented to this facility's seeing them.
    Withheld,
}

/// The banner of allergies and contraindications: first on every clinical page.
#[must_use]
pub fn cautions(lang: Lang, known: &Cautions<'_>) -> Markup {
    let heading = lang.pick("アレルギー・薬剤禁忌", "Allergies and contraindications");
    let (class, shape, words) = match known {
        Cautions::Listed(_) => ("cautions cautions-some", Icon::Caution, ""),
        Cautions::NoneConfirmed => (
            "cautions cautions-none",
            Icon::Check,
            lang.pick("「なし」と確認されています。", "Confirmed: none known."),
        ),
        Cautions::NotRecorded => (
            "cautions cautions-unknown",
            Icon::Info,
            lang.pick(
                "登録がありません。「なし」という意味ではありません。ご本人に確認してください。",
                "Nothing is recorded. This does not mean \"none\": please ask the patient.",
            ),
        ),
        Cautions::Withheld => (
            "cautions cautions-unknown",
            Icon::Lock,
            lang.pick(
                "ご本人の同意がないため表示していません。ご本人に確認してください。",
                "Not shown, because the patient has not consented. Please ask the patient.",
            ),
        ),
    };
    html! {
        section class=(class) aria-labelledby="cautions" {
            h2 id="cautions" { (icon(shape)) (heading) }
            @if let Cautions::Listed(list) = known {
                ul { @for one in *list { li { (caution(lang, one)) } } }
            } @else {
                p { (words) }
            }
        }
    }
}

fn caution(lang: Lang, one: &Caution<'_>) -> Markup {
    let kind = match one.kind {
        CautionKind::Allergy => lang.pick("アレルギー", "Allergy"),
        CautionKind::DrugContraindication => lang.pick("薬剤禁忌", "Contraindicated"),
    };
    html! {
        p.caution-line {
            span.caution-kind { (kind) }
            " "
            strong.caution-substance { (one.substance) }
            @if let Some(reaction) = one.reaction { span.caution-reaction { (reaction) } }
            @if one.high_risk { " " (tag(&Tag::high_risk(lang))) }
            (tags(one.tags))
        }
        (one.provenance)
    }
}

/// One 傷病名.
#[derive(Clone, Debug)]
pub struct ConditionLine<'a> {
    /// The name.
    pub name: &'a str,
    /// Since when, when known.
    pub since: Option<JstDate>,
    /// In words: 治療中, 治癒.
    pub status: &'a str,
    /// Tags such as 長期保管 and 未告知.
    pub tags: &'a [Tag<'a>],
    /// A line made by [`provenance`].
    pub provenance: Markup,
}

/// The list of 傷病名.
#[must_use]
pub fn conditions(lang: Lang, lines: &[ConditionLine<'_>]) -> Markup {
    html! {
        ul.records {
            @for line in lines {
                li {
                    p.record-line {
                        strong.record-name { (line.name) }
                        span.record-status { (line.status) }
                        (tags(line.tags))
                    }
                    @if let Some(since) = line.since {
                        p.record-since {
                            (lang.pick("発症日 ", "Since ")) (date_text(lang, since))
                        }
                    }
                    (line.provenance)
                }
            }
        }
    }
}

/// One row of a description list.
#[derive(Clone, Debug)]
pub struct Fact<'a> {
    /// What it is.
    pub label: &'a str,
    /// Its value.
    pub value: Markup,
}

/// A card of labels and values; without a heading when that is empty.
#[must_use]
pub fn facts(heading: &str, rows: &[Fact<'_>]) -> Markup {
    html! {
        div.card {
            @if !heading.is_empty() { h3 { (heading) } }
            dl.facts {
                @for row in rows { div { dt { (row.label) } dd { (row.value) } } }
            }
        }
    }
}
