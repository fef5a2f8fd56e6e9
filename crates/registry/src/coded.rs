//! Enums whose variants are codes of the field.

/// An enum of codes with their names for people.
macro_rules! coded {
    ($(#[$meta:meta])* $name:ident[$count:literal] {
        $($(#[$doc:meta])* $variant:ident = $code:literal, $ja:literal;)+
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$doc])* $variant,)+
        }

        impl $name {
            /// Every one.
            pub const ALL: [Self; $count] = [$(Self::$variant,)+];

            /// The code on the wire and in tables.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// From the code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|one| one.code() == code)
            }

            /// For people.
            #[must_use]
            pub const fn ja(self) -> &'static str {
                match self {
                    $(Self::$variant => $ja,)+
                }
            }
        }
    };
}
