//! A change as it is written, in JSON and as a line of a file: the same items by the same
//! names, every one a text. Each fault is found with its item.
//!
//! Last days (`…_last`) are days on which the certificate still holds; `until` (資格喪失年月日) is
//! the first day without the coverage, as insurers write it.
//!
//! Source: eligibility-eprescription section e (items and code lists OQSCD 007 to 013).

mod read;

use kernel::code::InsurerNumber;
use registry::model::{
    Ceiling, CeilingCertificate, CeilingClass, CertificateKind, ChangeKind, DiseaseKind,
    ElderlyCertificate, LossReason, SpecificDisease,
};
use serde::Deserialize;

use crate::{
    errors,
    model::{Change, Found, MemberKey, Named, Reference, Terms},
};
use read::{
    Reading, card_kind, date, kind_of, number_of_insurer, post_code, rate, relation, sex, yen,
};

const TEXT_CHARS_MAX: usize = 100;
const ADDRESS_CHARS_MAX: usize = 200;
/// What stands where a character could not be read.
const UNREADABLE: char = '\u{fffd}';

/// The items: their names, the names that insurers' staff know them by, and what may stand
/// there; one struct and one list from one table.
macro_rules! items {
    ($($name:ident = $ja:literal, $about:literal;)+) => {
        /// A change as written.
        #[derive(Clone, Default, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct WireChange {
            $(#[doc = $ja] pub $name: String,)+
        }

        /// Name, Japanese name and form of each item.
        pub const ITEMS: &[(&str, &str, &str)] = &[$((stringify!($name), $ja, $about)),+];

        impl WireChange {
            /// The item at a place of [`ITEMS`].
            fn item(&mut self, nth: usize) -> Option<&mut String> {
                let mut at = 0;
                $(
                    if at == nth { return Some(&mut self.$name); }
                    at += 1;
                )+
                let _all = at;
                None
            }

            fn all(&self) -> impl Iterator<Item = (&'static str, &str)> {
                [$((stringify!($name), self.$name.as_str())),+].into_iter()
            }
        }
    };
}

items! {
    change = "異動区分", "acquired 取得, changed 変更, lost 喪失, corrected 訂正, withdrawn 取消";
    insurer_number = "保険者番号", "6けた・8けた。省略できます";
    symbol = "記号", "20文字以内";
    number = "番号", "20文字以内";
    branch = "枝番", "2けた";
    old_symbol = "旧記号", "記号・番号・枝番が変わるとき";
    old_number = "旧番号", "同上";
    old_branch = "旧枝番", "同上";
    reference = "照会番号", "32けたの英数字";
    previous_insurer_number = "前保険者番号", "わかるとき";
    previous_symbol = "前記号", "同上";
    previous_number = "前番号", "同上";
    previous_branch = "前枝番", "同上";
    name = "氏名", "姓と名の間に空白";
    kana = "カナ氏名", "カタカナ";
    birth_date = "生年月日", "YYYY-MM-DD";
    sex = "性別", "1 男, 2 女, 3 不明";
    post_code = "郵便番号", "7けた";
    address = "住所", "200文字以内";
    other_name = "氏名その他", "通称名など";
    from = "資格取得年月日", "YYYY-MM-DD";
    until = "資格喪失年月日", "YYYY-MM-DD(資格のない最初の日)";
    loss_reason = "資格喪失事由", "01 死亡, 02 生活保護受給, 03 他の資格を取得, 99 その他";
    relation = "本人・家族の別", "1 本人, 2 家族";
    insured_name = "被保険者氏名", "家族のとき";
    copay = "負担割合", "0から3(割)";
    card_kind = "被保険者証区分", "2けた(省略すると01)";
    issued_on = "交付年月日", "YYYY-MM-DD";
    card_from = "有効開始年月日", "YYYY-MM-DD";
    card_last = "有効終了年月日", "YYYY-MM-DD";
    ceiling_class = "限度額適用区分", "A01からA06, B01からB10";
    ceiling_kind = "限度額適用認定証区分", "01, 02, 03";
    ceiling_issued_on = "限度額証交付年月日", "YYYY-MM-DD";
    ceiling_from = "限度額証開始年月日", "YYYY-MM-DD";
    ceiling_last = "限度額証終了年月日", "YYYY-MM-DD";
    ceiling_long_term_from = "長期入院該当年月日", "YYYY-MM-DD";
    elderly_issued_on = "高齢受給者証交付年月日", "YYYY-MM-DD";
    elderly_from = "高齢受給者証開始年月日", "YYYY-MM-DD";
    elderly_last = "高齢受給者証終了年月日", "YYYY-MM-DD";
    elderly_copay = "高齢受給者証負担割合", "0から3(割)";
    dialysis_issued_on = "特定疾病1交付年月日", "人工腎臓";
    dialysis_from = "特定疾病1開始年月日", "YYYY-MM-DD";
    dialysis_last = "特定疾病1終了年月日", "YYYY-MM-DD";
    dialysis_yen = "特定疾病1自己負担限度額", "円";
    haemophilia_issued_on = "特定疾病2交付年月日", "血友病";
    haemophilia_from = "特定疾病2開始年月日", "YYYY-MM-DD";
    haemophilia_last = "特定疾病2終了年月日", "YYYY-MM-DD";
    haemophilia_yen = "特定疾病2自己負担限度額", "円";
    hiv_issued_on = "特定疾病3交付年月日", "HIV";
    hiv_from = "特定疾病3開始年月日", "YYYY-MM-DD";
    hiv_last = "特定疾病3終了年月日", "YYYY-MM-DD";
    hiv_yen = "特定疾病3自己負担限度額", "円";
}

/// The place of an item in [`ITEMS`], by either of its names.
#[must_use]
pub fn place_of(name: &str) -> Option<usize> {
    let name = name.trim();
    ITEMS
        .iter()
        .position(|(en, ja, _)| *en == name || *ja == name)
}

impl WireChange {
    /// From the cells of a line, each at its item's place.
    pub fn from_cells(places: &[usize], cells: impl Iterator<Item = String>) -> Self {
        let mut change = Self::default();
        for (place, cell) in places.iter().zip(cells) {
            if let Some(item) = change.item(*place) {
                *item = cell;
            }
        }
        change
    }

    /// An item by its name; empty when there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        let mut all = self.all();
        all.find(|(one, _)| *one == name)
            .map_or("", |(_, text)| text)
    }

    /// Sets an item by its name.
    pub fn set(&mut self, name: &str, value: &str) {
        if let Some(item) = place_of(name).and_then(|place| self.item(place)) {
            value.clone_into(item);
        }
    }

    /// The change, or every fault of it.
    ///
    /// # Errors
    /// What is missing or malformed, at least one.
    pub fn parse(&self, insurer: &InsurerNumber) -> Result<Change, Vec<Found>> {
        let mut read = Reading::default();
        for (path, text) in self.all() {
            if text.contains(UNREADABLE) {
                read.fault(&errors::UNREADABLE, path, text);
            }
        }
        let given = read.code("insurer_number", &self.insurer_number, number_of_insurer);
        if given.is_some_and(|given| given != *insurer) {
            read.fault(
                &errors::INSURER_OTHER,
                "insurer_number",
                &self.insurer_number,
            );
        }
        let kind = read.needed(&errors::KIND, "change", &self.change, kind_of);
        let key = self.key(&mut read);
        let old_key = read.key(
            ("old_symbol", "old_number", "old_branch"),
            (&self.old_symbol, &self.old_number, &self.old_branch),
        );
        if old_key.is_none() && !(self.old_symbol.is_empty() && self.old_branch.is_empty()) {
            read.require("old_number", &self.old_number);
        }
        let previous = self.previous(&mut read);
        let reference = read.optional(
            &errors::REFERENCE,
            "reference",
            &self.reference,
            Reference::parse,
        );
        let birth = read.needed(&errors::DATE, "birth_date", &self.birth_date, date);
        let named = self.named(&mut read, kind == Some(ChangeKind::Acquired));
        let states = !matches!(kind, None | Some(ChangeKind::Lost | ChangeKind::Withdrawn));
        let terms = if states { self.terms(&mut read) } else { None };
        let from = read.date("from", &self.from);
        let until = read.date("until", &self.until);
        let loss = read.optional(
            &errors::CODE,
            "loss_reason",
            &self.loss_reason,
            LossReason::from_code,
        );
        self.days(&mut read, kind);
        match (kind, key, birth) {
            (Some(kind), Some(key), Some(birth)) if read.0.is_empty() => Ok(Change {
                kind,
                key,
                old_key,
                reference,
                previous,
                birth,
                named,
                from,
                until,
                loss,
                terms,
            }),
            _ => Err(read.0),
        }
    }

    /// Which days a kind of change needs, and in which order they are.
    fn days(&self, read: &mut Reading, kind: Option<ChangeKind>) {
        let (from, until) = (date(self.from.trim()), date(self.until.trim()));
        if matches!(kind, Some(ChangeKind::Acquired | ChangeKind::Corrected)) {
            read.require("from", &self.from);
        }
        if kind == Some(ChangeKind::Lost) || !self.loss_reason.trim().is_empty() {
            read.require("until", &self.until);
        }
        if kind == Some(ChangeKind::Lost) {
            read.require("loss_reason", &self.loss_reason);
        }
        if let (Some(from), Some(until)) = (from, until)
            && until <= from
        {
            read.fault(&errors::ENDS_BEFORE_BEGIN, "until", &self.until);
        }
    }

    fn key(&self, read: &mut Reading) -> Option<MemberKey> {
        read.require("number", &self.number);
        read.key(
            ("symbol", "number", "branch"),
            (&self.symbol, &self.number, &self.branch),
        )
    }

    fn previous(&self, read: &mut Reading) -> Option<(InsurerNumber, MemberKey)> {
        let insurer = read.code(
            "previous_insurer_number",
            &self.previous_insurer_number,
            number_of_insurer,
        );
        let key = read.key(
            ("previous_symbol", "previous_number", "previous_branch"),
            (
                &self.previous_symbol,
                &self.previous_number,
                &self.previous_branch,
            ),
        );
        if insurer.is_some() && key.is_none() {
            read.require("previous_number", &self.previous_number);
        }
        if insurer.is_none() && key.is_some() {
            read.require("previous_insurer_number", &self.previous_insurer_number);
        }
        Some((insurer?, key?))
    }

    fn named(&self, read: &mut Reading, is_new: bool) -> Named {
        if is_new {
            read.require("name", &self.name);
            read.require("kana", &self.kana);
            read.require("sex", &self.sex);
        }
        Named {
            name: read.text("name", &self.name, TEXT_CHARS_MAX),
            kana: read.text("kana", &self.kana, TEXT_CHARS_MAX),
            sex: read.optional(&errors::CODE, "sex", &self.sex, sex),
            post_code: read.optional(&errors::TEXT, "post_code", &self.post_code, post_code),
            address: read.text("address", &self.address, ADDRESS_CHARS_MAX),
            other_name: read.text("other_name", &self.other_name, TEXT_CHARS_MAX),
        }
    }

    fn terms(&self, read: &mut Reading) -> Option<Terms> {
        let is_insured = read.needed(&errors::CODE, "relation", &self.relation, relation);
        let copay = read.needed(&errors::CODE, "copay", &self.copay, rate);
        let card_kind = if self.card_kind.trim().is_empty() {
            Some("01".to_owned())
        } else {
            read.optional(&errors::CODE, "card_kind", &self.card_kind, card_kind)
        };
        let issued_on = read.date("issued_on", &self.issued_on);
        let card_period = read.period(
            ("card_from", &self.card_from),
            ("card_last", &self.card_last),
        );
        let ceiling = self.ceiling(read);
        let elderly = self.elderly(read);
        let diseases = self.diseases(read);
        Some(Terms {
            is_insured_person: is_insured?,
            insured_name: read.text("insured_name", &self.insured_name, TEXT_CHARS_MAX),
            copay: copay?,
            card_kind: card_kind?,
            issued_on,
            card_period,
            ceiling,
            elderly,
            diseases,
        })
    }

    fn ceiling(&self, read: &mut Reading) -> Option<Ceiling> {
        let kind = read.optional(
            &errors::CODE,
            "ceiling_kind",
            &self.ceiling_kind,
            CertificateKind::from_code,
        );
        let period = read.period(
            ("ceiling_from", &self.ceiling_from),
            ("ceiling_last", &self.ceiling_last),
        );
        let issued_on = read.date("ceiling_issued_on", &self.ceiling_issued_on);
        let long_term_from = read.date("ceiling_long_term_from", &self.ceiling_long_term_from);
        if kind.is_some() {
            read.require("ceiling_class", &self.ceiling_class);
            read.require("ceiling_from", &self.ceiling_from);
        }
        if period.is_some() {
            read.require("ceiling_kind", &self.ceiling_kind);
        }
        let class = read.optional(
            &errors::CODE,
            "ceiling_class",
            &self.ceiling_class,
            CeilingClass::from_code,
        )?;
        let certificate = kind.zip(period).map(|(kind, period)| CeilingCertificate {
            kind,
            issued_on: issued_on.unwrap_or_else(|| period.from()),
            period,
            long_term_from,
        });
        Some(Ceiling { class, certificate })
    }

    fn elderly(&self, read: &mut Reading) -> Option<ElderlyCertificate> {
        let issued_on = read.date("elderly_issued_on", &self.elderly_issued_on);
        if !self.elderly_copay.trim().is_empty() {
            read.require("elderly_from", &self.elderly_from);
        }
        let period = read.period(
            ("elderly_from", &self.elderly_from),
            ("elderly_last", &self.elderly_last),
        )?;
        let copay = read.needed(&errors::CODE, "elderly_copay", &self.elderly_copay, rate)?;
        Some(ElderlyCertificate {
            issued_on: issued_on.unwrap_or_else(|| period.from()),
            period,
            copay,
        })
    }

    fn diseases(&self, read: &mut Reading) -> Vec<SpecificDisease> {
        let all = [
            (
                DiseaseKind::Dialysis,
                ("dialysis_issued_on", &self.dialysis_issued_on),
                ("dialysis_from", &self.dialysis_from),
                ("dialysis_last", &self.dialysis_last),
                ("dialysis_yen", &self.dialysis_yen),
            ),
            (
                DiseaseKind::Haemophilia,
                ("haemophilia_issued_on", &self.haemophilia_issued_on),
                ("haemophilia_from", &self.haemophilia_from),
                ("haemophilia_last", &self.haemophilia_last),
                ("haemophilia_yen", &self.haemophilia_yen),
            ),
            (
                DiseaseKind::Hiv,
                ("hiv_issued_on", &self.hiv_issued_on),
                ("hiv_from", &self.hiv_from),
                ("hiv_last", &self.hiv_last),
                ("hiv_yen", &self.hiv_yen),
            ),
        ];
        let mut diseases = Vec::new();
        for (kind, issued, from, last, yen_) in all {
            let issued_on = read.date(issued.0, issued.1);
            if !yen_.1.trim().is_empty() {
                read.require(from.0, from.1);
            }
            let Some(period) = read.period(from, last) else {
                continue;
            };
            if let Some(self_pay) = read.needed(&errors::CODE, yen_.0, yen_.1, yen) {
                diseases.push(SpecificDisease {
                    kind,
                    issued_on: issued_on.unwrap_or_else(|| period.from()),
                    period,
                    self_pay,
                });
            }
        }
        diseases
    }
}
