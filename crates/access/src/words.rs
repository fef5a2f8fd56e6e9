//! Enums whose variants are words of a file, of a table or of the API.

/// Makes an enum with `ALL`, `word`, `ja` and `parse`; with an English text behind each
/// Japanese one also `en`.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident[$count:literal] { $($(#[$item:meta])* $variant:ident = $word:literal, $ja:literal, $en:literal;)+ }) => {
        words! {
            $(#[$doc])*
            $name[$count] { $($(#[$item])* $variant = $word, $ja;)+ }
        }

        impl $name {
            /// For people, in English.
            #[must_use]
            pub const fn en(self) -> &'static str {
                match self {
                    $(Self::$variant => $en,)+
                }
            }
        }
    };
    ($(#[$doc:meta])* $name:ident[$count:literal] { $($(#[$item:meta])* $variant:ident = $word:literal, $ja:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$item])* $variant,)+
        }

        impl $name {
            /// Every one, in order.
            pub const ALL: [Self; $count] = [$(Self::$variant,)+];

            /// The word as it is written.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// For people.
            #[must_use]
            pub const fn ja(self) -> &'static str {
                match self {
                    $(Self::$variant => $ja,)+
                }
            }

            /// From the word.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|one| one.word() == word)
            }
        }
    };
}

pub(crate) use words;
