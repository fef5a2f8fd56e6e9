//! On what a certificate's key lives: a card or a phone.
//!
//! The server never asks the reader: whoever holds a reader could say anything. The
//! certificate's policies tell, which the authority has signed.
//! Source: identity-security 1.2 (three token types), 1.4 (policies).

use crate::key::Algorithm;

/// What carries a person's authentication key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Medium {
    /// The present plastic card.
    Card,
    /// スマホ用電子証明書 on Android.
    Android,
    /// The same on an iPhone.
    Iphone,
    /// The next card: a key on P-384.
    Next,
}

/// TEST PROFILE: the policy that stands beside the one of user authentication in the test
/// authorities' certificates for phones, .1 on Android and .2 on an iPhone. By which policies
/// the national authority tells its phones is not public; they belong here once it is. The
/// arc is the one that is kept for examples, so that it can be nobody's.
///
/// Source: RFC 5612 (enterprise number 32473); identity-security 1.4.
pub(crate) const TEST_ANDROID: &[u64] = &[1, 3, 6, 1, 4, 1, 32473, 1, 1];
/// See [`TEST_ANDROID`].
pub(crate) const TEST_IPHONE: &[u64] = &[1, 3, 6, 1, 4, 1, 32473, 1, 2];

impl Medium {
    /// By a certificate's policies and the algorithm of its key.
    pub(super) fn of(policies: &[Vec<u64>], algorithm: Algorithm) -> Self {
        let has = |policy: &[u64]| policies.iter().any(|one| one == policy);
        if has(TEST_ANDROID) {
            Self::Android
        } else if has(TEST_IPHONE) {
            Self::Iphone
        } else if algorithm == Algorithm::EcdsaP384Sha384 {
            Self::Next
        } else {
            Self::Card
        }
    }

    /// A phone?
    #[must_use]
    pub const fn is_phone(self) -> bool {
        matches!(self, Self::Android | Self::Iphone)
    }
}
