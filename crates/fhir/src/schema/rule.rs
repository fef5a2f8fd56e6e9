//! The rules of R4 structure, each with its id and remedy.

/// What is wrong with an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The definition has no such element here.
    UnknownElement,
    /// A required element is missing.
    CardinalityMin,
    /// A list where one value belongs.
    CardinalityMax,
    /// One value where a list belongs.
    Array,
    /// Two types of one choice element.
    Choice,
    /// The wrong kind of JSON value.
    Type,
    /// The value has not the form of its data type.
    Format,
    /// The code is not in the required value set.
    Binding,
    /// An empty object, list or string.
    Empty,
    /// `null` where it says nothing.
    Null,
    /// A `_name` member that does not fit its partner.
    Twin,
    /// Unknown or missing resource type.
    ResourceType,
    /// Narrative that is not the allowed XHTML.
    Xhtml,
    /// An extension needs either a value or extensions, not both (ext-1).
    Extension,
    /// A contained resource must not contain others (dom-2).
    Contained,
    /// Two contained resources of one id: `#id` would lead to either.
    ContainedTwice,
    /// A reference `#id` to nothing contained (ref-1).
    Reference,
    /// There are more findings than are listed.
    FindingsMax,
}

impl Rule {
    /// Every rule, for the catalogue of errors.
    pub const ALL: [Self; 18] = [
        Self::UnknownElement,
        Self::CardinalityMin,
        Self::CardinalityMax,
        Self::Array,
        Self::Choice,
        Self::Type,
        Self::Format,
        Self::Binding,
        Self::Empty,
        Self::Null,
        Self::Twin,
        Self::ResourceType,
        Self::Xhtml,
        Self::Extension,
        Self::Contained,
        Self::ContainedTwice,
        Self::Reference,
        Self::FindingsMax,
    ];

    /// The stable id, such as `R4-UNKNOWN-ELEMENT`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::UnknownElement => "R4-UNKNOWN-ELEMENT",
            Self::CardinalityMin => "R4-CARDINALITY-MIN",
            Self::CardinalityMax => "R4-CARDINALITY-MAX",
            Self::Array => "R4-ARRAY",
            Self::Choice => "R4-CHOICE",
            Self::Type => "R4-TYPE",
            Self::Format => "R4-FORMAT",
            Self::Binding => "R4-BINDING",
            Self::Empty => "R4-EMPTY",
            Self::Null => "R4-NULL",
            Self::Twin => "R4-TWIN",
            Self::ResourceType => "R4-RESOURCE-TYPE",
            Self::Xhtml => "R4-XHTML",
            Self::Extension => "R4-EXT-1",
            Self::Contained => "R4-DOM-2",
            Self::ContainedTwice => "R4-CONTAINED-ID",
            Self::Reference => "R4-REF-1",
            Self::FindingsMax => "R4-FINDINGS-MAX",
        }
    }

    /// How to mend it, in Japanese and English.
    #[must_use]
    pub const fn remedy(self) -> (&'static str, &'static str) {
        match self {
            Self::UnknownElement => (
                "FHIR R4の定義にない要素です。取り除くか、正しい要素名に直してください。",
                "R4 defines no such element here; remove it or correct its name",
            ),
            Self::CardinalityMin => (
                "必須の要素がありません。追加してください。",
                "this element is required; add it",
            ),
            Self::CardinalityMax => (
                "この要素は1つだけです。配列にせず値を1つ書いてください。",
                "this element does not repeat; write one value, not an array",
            ),
            Self::Array => (
                "この要素は繰り返し要素です。値が1つでも配列で書いてください。",
                "this element repeats; write an array even for one value",
            ),
            Self::Choice => (
                "選択型の要素は1つの型だけで書いてください。",
                "write this choice element with one type only",
            ),
            Self::Type => (
                "JSONの値の種類が違います。データ型に合わせてください。",
                "write the kind of JSON value that the data type requires",
            ),
            Self::Format => (
                "データ型の書式に合っていません。書式を直してください。",
                "write the value in the form of its data type",
            ),
            Self::Binding => (
                "必須の値セットにあるコードを使ってください。",
                "use a code of the required value set",
            ),
            Self::Empty => (
                "空のオブジェクト・配列・文字列は書けません。要素ごと省いてください。",
                "leave the element out instead of sending an empty object, array or string",
            ),
            Self::Null => (
                "nullは書けません。要素ごと省いてください。",
                "leave the element out instead of sending null",
            ),
            Self::Twin => (
                "「_」付き要素は対応する要素と同じ形(配列なら同じ個数)で、id か extension を書いてください。",
                "give the underscore member the shape of its partner, with id or extension",
            ),
            _ => self.remedy_of_resource(),
        }
    }

    /// The remedies of rules about whole resources and references.
    const fn remedy_of_resource(self) -> (&'static str, &'static str) {
        match self {
            Self::ResourceType => (
                "resourceTypeにFHIR R4のリソース型名を書いてください。",
                "name a resource type of R4 in resourceType",
            ),
            Self::Xhtml => (
                "text.divはXHTMLのdiv要素にし、使える要素・属性だけで書いてください。",
                "write text.div as an XHTML div with the allowed elements and attributes",
            ),
            Self::Extension => (
                "拡張には値か子の拡張のどちらか一方だけを書いてください。",
                "give the extension either a value or extensions, not both",
            ),
            Self::Contained => (
                "containedのリソースの中にcontainedは書けません。外側に移してください。",
                "move the resource to the outer contained list",
            ),
            Self::ContainedTwice => (
                "containedのリソースのidを、重ならないようにしてください。",
                "give each contained resource an id of its own",
            ),
            Self::Reference => (
                "「#id」の参照先をcontainedに入れてください。",
                "contain the resource that #id points to",
            ),
            _ => (
                "指摘が多いため以降は省きました。直してからもう一度確認してください。",
                "there are more problems than listed; mend these and check again",
            ),
        }
    }
}
