//! Our rules about profiles, each with its id and how to mend a breach.

use fhir::path::Path;
use kernel::{Finding, catalog::shorten};

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its stable id, such as `PROFILE-FIXED`.
    pub id: &'static str,
    /// How to mend it, in Japanese.
    pub ja: &'static str,
    /// How to mend it, in English.
    pub en: &'static str,
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $ja:literal, $en:literal;)+) => {
        $($(#[$doc])* pub(crate) const $name: Rule = Rule { id: $id, ja: $ja, en: $en };)+
        /// Every rule, for the catalogue of errors.
        pub static RULES: &[Rule] = &[$($name),+];
    };
}

rules! {
    MIN = "PROFILE-CARDINALITY-MIN", "プロファイルで必須の要素が足りません。追加してください。", "the profile requires more of this element; add it";
    MAX = "PROFILE-CARDINALITY-MAX", "プロファイルで許される数より多い要素です。減らしてください。", "the profile allows fewer of this element; remove what is too much";
    TYPE = "PROFILE-TYPE", "プロファイルで許される型・リソースにしてください。", "use a type that the profile allows here";
    FIXED = "PROFILE-FIXED", "プロファイルで固定された値にしてください。", "write the value that the profile fixes";
    PATTERN = "PROFILE-PATTERN", "プロファイルで決められた値を含めてください。", "include the value that the profile demands";
    BINDING = "PROFILE-BINDING", "プロファイルの必須の値セットにあるコードを使ってください。", "use a code of the value set that the profile requires";
    SLICE_CLOSED = "PROFILE-SLICE-CLOSED", "プロファイルが決めた種類のどれにも当たらない要素です。取り除くか直してください。", "this item is of none of the kinds that the profile allows; remove or correct it";
    SLICE_ORDER = "PROFILE-SLICE-ORDER", "プロファイルが決めた順序に並べてください。", "put the items into the order that the profile gives";
    REFERENCE = "PROFILE-REFERENCE-TARGET", "参照先を、プロファイルで許される種類・プロファイルのリソースにしてください。", "refer to a resource of a type and profile that is allowed here";
    CONFORMS = "PROFILE-CONFORMS", "ここで求められるプロファイルのどれにも合っていません。", "this fits none of the profiles that are demanded here";
    WRONG_TYPE = "PROFILE-RESOURCE-TYPE", "このプロファイルは別の型のものです。meta.profileを直してください。", "the profile is for another type; correct meta.profile";
    CONTAINED_UNUSED = "dom-3", "containedのリソースは、どこかから「#id」で参照してください。", "refer to each contained resource by #id";
    FINDINGS_MAX = "PROFILE-FINDINGS-MAX", "指摘が多いため以降は省きました。直してからもう一度確認してください。", "there are more problems than listed; mend these and check again";
    INVARIANT = "PROFILE-INVARIANT", "プロファイルの条件を満たすように直してください。", "meet the condition of the profile";
    UNKNOWN = "PROFILE-UNKNOWN", "このプロファイルのパッケージが読み込まれていないため、確認できませんでした。", "not checked: no loaded package has this profile";
    BROKEN = "PROFILE-BROKEN", "このプロファイルの定義は読み取れないため、確認できませんでした。", "not checked: the profile's definition cannot be used";
    BINDING_UNCHECKED = "PROFILE-BINDING-UNCHECKED", "値セットまたはコード体系の全体が手元にないため、コードを確認できませんでした。", "not checked: the value set or its code system is not complete here";
    SLICE_UNCHECKED = "PROFILE-SLICE-UNCHECKED", "要素を種類に分ける条件が読み取れないため、確認できませんでした。", "not checked: what tells the kinds apart cannot be evaluated";
    EXTENSION_UNKNOWN = "PROFILE-EXTENSION-UNKNOWN", "この拡張の定義が読み込まれていないため、確認できませんでした。", "not checked: no loaded package defines this extension";
    INVARIANT_UNCHECKED = "PROFILE-INVARIANT-UNCHECKED", "プロファイルの条件を評価できないため、確認できませんでした。", "not checked: the condition cannot be evaluated";
}

impl Rule {
    /// A breach at a place. `hint` is a technical word (a slice, a value) put behind both
    /// remedies.
    pub(crate) fn finding(self, path: &Path<'_>, found: &str, hint: &str) -> Finding {
        let with_hint = |remedy: &str| match hint {
            "" => remedy.to_owned(),
            hint => format!("{remedy} ({})", shorten(hint)),
        };
        Finding {
            path: path.to_string(),
            rule: self.id.to_owned(),
            found: shorten(found),
            remedy_ja: with_hint(self.ja),
            remedy_en: with_hint(self.en),
        }
    }
}
