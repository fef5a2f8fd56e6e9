//! How a person was identified: one line for each way in.

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
    8;
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
    /// By four attributes in a disaster, confirmed by a question: nothing was shown.
    Disaster = "disaster", "災害時の確認", "four attributes in a disaster", false;
    /// By the code on the screen of the person's own pages.
    PortalScreen = "portal_screen", "ご本人の画面の番号", "code on the person's own screen", true;
    /// From the facility's own copy while the line was cut, told afterwards.
    Offline = "offline", "控え(回線が切れていた間)", "own copy while the line was cut", false;
}
