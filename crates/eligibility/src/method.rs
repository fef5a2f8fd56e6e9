//! How a person was identified: one line for each way in.

use crate::care::CareClass;

/// A way's variant, its word in API and tables, its names for people, and whether it shows that
/// the person is there.
macro_rules! methods {
    ($count:literal; $($(#[$doc:meta])* $variant:ident = $word:literal, $ja:literal, $en:literal, $present:literal;)+) => {
        /// How the person was identified.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Method {
            $($(#[$doc])* $variant,)+
        }

        impl Method {
            /// Every way.
            pub const ALL: [Self; $count] = [$(Self::$variant,)+];

            /// The word in API and tables.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// From the word.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|one| one.word() == word)
            }

            /// For people.
            #[must_use]
            pub const fn ja(self) -> &'static str {
                match self {
                    $(Self::$variant => $ja,)+
                }
            }

            /// For people, in English.
            #[must_use]
            pub const fn en(self) -> &'static str {
                match self {
                    $(Self::$variant => $en,)+
                }
            }

            /// Does it show that the person is there?
            #[must_use]
            pub const fn shows_presence(self) -> bool {
                match self {
                    $(Self::$variant => $present,)+
                }
            }
        }
    };
}

methods! {
    14;
    /// By insured number: says nothing about who is at the counter.
    Number = "number", "番号の入力", "insured number", false;
    /// By card with PIN.
    CardPin = "pin", "カード(暗証番号)", "card with PIN", true;
    /// By card, face compared by the reader.
    CardFace = "face", "カード(顔認証)", "card with face recognition", true;
    /// By card, face compared by staff.
    CardVisual = "staff_visual", "カード(目視確認)", "card, compared by staff", true;
    /// By phone, unlocked by its holder.
    Phone = "phone_biometric", "スマートフォン", "phone", true;
    /// By a public subsidy's card (受給者証) and date of birth.
    SubsidyCard = "subsidy_card", "公費の受給者証", "public subsidy's card", false;
    /// By four attributes in a disaster, confirmed by a question: nothing was shown.
    Disaster = "disaster", "災害時の確認", "four attributes in a disaster", false;
    /// By the code on the screen of the person's own pages.
    PortalScreen = "portal_screen", "ご本人の画面の番号", "code on the person's own screen", true;
    /// By a visit code from the car (来院コード・車内).
    CodeInCar = "visit_code_in_car", "来院コード(車内など)", "visit code, from the car", true;
    /// By a visit code at home, to who visits them.
    CodeHome = "visit_code_home", "来院コード(訪問先)", "visit code, at home", true;
    /// By a visit code before an online consultation.
    CodeOnline = "visit_code_online", "来院コード(オンライン診療)", "visit code, online consultation", true;
    /// By a visit code at the counter.
    CodeCounter = "visit_code_counter", "来院コード(受付)", "visit code, at the counter", true;
    /// Without showing anything, by the continuing consent of home care (在宅の再照会).
    HomeCare = "home_care", "在宅の継続同意(カードなし)", "continuing consent of home care", false;
    /// From the facility's own copy while the line was cut, told afterwards.
    Offline = "offline", "控え(回線が切れていた間)", "own copy while the line was cut", false;
}

impl Method {
    /// Is it a way in which a card terminal identifies somebody?
    #[must_use]
    pub const fn is_at_terminal(self) -> bool {
        matches!(
            self,
            Self::CardPin | Self::CardFace | Self::CardVisual | Self::Phone
        )
    }

    /// Of which kind the care is that somebody came for in this way; `usual` is what it is at
    /// the facility when the way does not say.
    #[must_use]
    pub const fn care(self, usual: CareClass) -> CareClass {
        match self {
            Self::CodeHome | Self::HomeCare => CareClass::HomeVisit,
            Self::CodeOnline => CareClass::Online,
            Self::CodeInCar | Self::CodeCounter => CareClass::Outpatient,
            _ => usual,
        }
    }
}
