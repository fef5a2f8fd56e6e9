//! What is wrong with a file: all of it, each with its place, its rule and how to mend it.

use kernel::{Finding, catalog::shorten};

/// Faults that are told; what lies beyond is counted.
pub const FAULTS_MAX: usize = 200;
/// Faults after which a file is read no further: it is no file of the exchange.
pub const COUNTED_MAX: u64 = 10_000;

macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident = $id:literal, $ja:literal, $en:literal;)+) => {
        /// A rule for files, by its number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule {
            $($(#[$doc])* $variant,)+
        }

        impl Rule {
            /// Every rule, in order.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Its number.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)+ }
            }

            /// How to mend a breach, in Japanese and English.
            #[must_use]
            pub const fn remedy(self) -> (&'static str, &'static str) {
                match self { $(Self::$variant => ($ja, $en),)+ }
            }
        }
    };
}

rules! {
    /// Too many bytes.
    Size = "OQS-X01", "ファイルを分割して、上限より小さくしてください。", "split the file: it is larger than allowed";
    /// An encoding that is not exchanged.
    Encoding = "OQS-X02", "XML宣言の文字コードは UTF-8 または Shift_JIS にしてください。", "declare UTF-8 or Shift_JIS";
    /// Bytes that the declared encoding has not.
    Bytes = "OQS-X03", "XML宣言のとおりの文字コードで保存してください。", "save the file in the encoding that it declares";
    /// Declaration and CharacterCodeIdentifier differ.
    CodeIdentifier = "OQS-X04", "CharacterCodeIdentifier(0:UTF-8、1:Shift_JIS)を、XML宣言の文字コードに合わせてください。", "make CharacterCodeIdentifier (0 UTF-8, 1 Shift_JIS) agree with the XML declaration";
    /// Not XML.
    Form = "OQS-X05", "整形式のXMLで送信してください。", "send well-formed XML";
    /// A document type.
    DocumentType = "OQS-X06", "DOCTYPE宣言を取り除いてください。", "leave out the document type";
    /// An entity other than the five.
    Entity = "OQS-X07", "実体参照は &lt; &gt; &amp; &apos; &quot; と文字参照だけを使ってください。", "use the five predefined entities and character references only";
    /// A processing instruction.
    Instruction = "OQS-X08", "処理命令と2つめのXML宣言を取り除いてください。", "leave out processing instructions";
    /// A comment or a CDATA section.
    Section = "OQS-X09", "コメントとCDATAセクションを取り除いてください。", "leave out comments and CDATA sections";
    /// An attribute or a namespace.
    Attribute = "OQS-X10", "属性と名前空間を取り除いてください。", "leave out attributes and namespaces";
    /// Nested too deeply.
    Depth = "OQS-X11", "要素の入れ子を16段以内にしてください。", "nest elements at most 16 deep";
    /// An item that is not of the layout.
    Unknown = "OQS-X12", "レイアウト仕様にない項目です。取り除くか、項目名を見直してください。", "the layout has no such item here";
    /// An item that is there twice.
    Repeated = "OQS-X13", "同じ項目は1回だけにしてください。", "give the item once";
    /// Text between items.
    StrayText = "OQS-X14", "項目の外にある文字を取り除いてください。", "remove the text between the items";
    /// An item inside a value.
    StrayElement = "OQS-X15", "この項目には値だけを入れてください。", "give a value here, no elements";
    /// An item that is needed.
    Missing = "OQS-X16", "必須の項目です。値を入れてください。", "the item is needed";
    /// A character that may not stand in an item.
    Character = "OQS-X17", "制御文字・外字・改行など、使えない文字を取り除いてください。", "remove control characters, private-use characters and line breaks";
    /// A value that is too long.
    Length = "OQS-X18", "値を1,000文字以内にしてください。", "give at most 1,000 characters";
    /// A value that the item cannot have.
    Value = "OQS-X19", "仕様書の形式とコードで値を入れてください。", "give a value in the layout's form: dates as YYYYMMDD, times as YYYYMMDDhhmmss, codes as listed";
    /// Too many entries.
    Count = "OQS-X20", "1ファイルの件数を上限以内にしてください。", "the file has more entries than allowed";
    /// More faults than are told.
    More = "OQS-X21", "ほかにも誤りがあります。示した誤りを直してから、もう一度送信してください。", "there are more faults: mend these first";
}

/// Every rule with how to mend a breach, in Japanese and English, for the catalogue of errors.
pub fn rules() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    Rule::ALL.iter().map(|rule| {
        let (ja, en) = rule.remedy();
        (rule.id(), ja, en)
    })
}

/// Faults found so far, in document order.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    told: Vec<Finding>,
    untold: u64,
}

impl Faults {
    /// Adds one: its place, its rule, and what was found there.
    pub(crate) fn add(&mut self, path: &str, rule: Rule, found: &str) {
        if self.told.len() >= FAULTS_MAX {
            self.untold += 1;
            return;
        }
        self.told.push(finding(path, rule, found));
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        u64::try_from(self.told.len())
            .unwrap_or(u64::MAX)
            .saturating_add(self.untold)
    }

    /// All of them, for the sender.
    pub(crate) fn into_findings(mut self) -> Vec<Finding> {
        if self.untold > 0 {
            let found = format!("+{}", self.untold);
            self.told.push(finding("/", Rule::More, &found));
        }
        self.told
    }
}

fn finding(path: &str, rule: Rule, found: &str) -> Finding {
    let (ja, en) = rule.remedy();
    Finding {
        path: shorten(path),
        rule: rule.id().to_owned(),
        found: shorten(found),
        remedy_ja: ja.to_owned(),
        remedy_en: en.to_owned(),
    }
}
